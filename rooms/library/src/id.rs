//! Ids of this room's own things.

db::ids! {
    /// A shelf of books.
    ShelfId;
    /// A title on a shelf.
    TitleId;
}
