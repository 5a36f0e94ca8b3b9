//! Ids of this room's own things.

db::ids! {
    /// An article of the portal.
    ArticleId;
}
