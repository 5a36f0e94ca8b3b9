//! Finding: the one index over documents, books and news, and the only crate that names
//! the search engine.
//!
//! The index is never the only copy: it can be thrown away and rebuilt from the database,
//! and does so itself when it is damaged or of another version. Persons are not in it
//! (they are searched in SQL, by right). The app feeds it from a numbered table and keeps
//! the last number here. Surprising: searching is plain CPU work; async callers use
//! [`Index::find`].

mod card;
mod clause;
mod entry;
mod error;
mod extract;
mod index;
mod judge;
mod layout;
mod query;
mod symbol;
mod words;

pub use entry::{Entry, Kind, split_heading};
pub use error::{Error, Result};
pub use index::{Index, Writer, WriterLimits};
pub use query::{Answer, Hit, Piece, Query, Reach};
