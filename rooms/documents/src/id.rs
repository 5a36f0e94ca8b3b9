//! Ids of this room's own things.

db::ids! {
    /// An official document.
    DocumentId;
}
