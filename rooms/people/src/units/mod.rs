//! The first wing: units, the tree that they make, and how it changes.
//!
//! One unit on one day, what stands above and below it, adding, naming, moving, closing; the page of a unit
//! and the list of its members as a file. Not here: who belongs to a unit (`members`), who leads it (`posts`),
//! lists of units from files (`imports`, and the room `rosters`), who may see what (`sight`, at the top).
//! Closing a unit ends its posts through the wing `posts`; this wing writes no post and no placement.
//! The rule that surprises: what a unit was called and where it stood is dated, its id and address are not.

pub(crate) mod pages;
pub(crate) mod reshaping;
pub(crate) mod store;
pub(crate) mod tree;
pub mod unit;
pub(crate) mod workbook;
