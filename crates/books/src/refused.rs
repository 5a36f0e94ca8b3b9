//! Why a file is not taken as a book.
//!
//! Variants carry facts, no sentences for visitors: the room translates [`Refused::key`].
//! A flaw that still leaves a readable book is a [`crate::Warning`], not a refusal.

use serde::{Deserialize, Serialize};

/// A reason to turn a file away. `Display` is for logs and reports in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Refused {
    /// The file could not be read from disk.
    #[error("the file could not be read: {detail}")]
    Unreadable {
        /// What the system said.
        detail: String,
    },
    /// Not a ZIP archive, or one that is cut off.
    #[error("not an archive, or a damaged one: {detail}")]
    NotAnArchive {
        /// What the ZIP reader said.
        detail: String,
    },
    /// An archive, but of another kind than EPUB.
    #[error("the archive says it is not an EPUB: {detail}")]
    NotAnEpub {
        /// The media type found.
        detail: String,
    },
    /// A bound of [`crate::Limits`] was passed.
    #[error("too large: {what} is over {limit}")]
    TooLarge {
        /// The field of [`crate::Limits`].
        what: String,
        /// Its value.
        limit: u64,
    },
    /// An entry name that leads out of the archive.
    #[error("the archive has an entry that leads outside: {name}")]
    UnsafePath {
        /// The name, cut and escaped.
        name: String,
    },
    /// Two entries of one name: readers would disagree on what the book says.
    #[error("the archive has two entries of one name: {name}")]
    DuplicateEntry {
        /// The name, cut and escaped.
        name: String,
    },
    /// Content under a key that we do not have.
    #[error("the book is encrypted")]
    Encrypted,
    /// `META-INF/container.xml` is missing or names no package.
    #[error("the book has no container: {detail}")]
    NoContainer {
        /// What is wrong with it.
        detail: String,
    },
    /// The package document is missing or cannot be read.
    #[error("the book has no package document: {detail}")]
    NoPackage {
        /// What is wrong with it.
        detail: String,
    },
    /// No section that could be read.
    #[error("the book has nothing to read")]
    NothingToRead,
    /// A resource could not be written into the output folder. Our fault, not the book's.
    #[error("a resource could not be written: {detail}")]
    NotWritten {
        /// What the system said.
        detail: String,
    },
}

impl Refused {
    /// Key of the sentence that tells the visitor, such as `books.refused.too_large`.
    pub fn key(&self) -> &'static str {
        match self {
            Refused::Unreadable { .. } => "books.refused.unreadable",
            Refused::NotAnArchive { .. } => "books.refused.not_an_archive",
            Refused::NotAnEpub { .. } => "books.refused.not_an_epub",
            Refused::TooLarge { .. } => "books.refused.too_large",
            Refused::UnsafePath { .. } => "books.refused.unsafe_path",
            Refused::DuplicateEntry { .. } => "books.refused.duplicate_entry",
            Refused::Encrypted => "books.refused.encrypted",
            Refused::NoContainer { .. } => "books.refused.no_container",
            Refused::NoPackage { .. } => "books.refused.no_package",
            Refused::NothingToRead => "books.refused.nothing_to_read",
            Refused::NotWritten { .. } => "books.refused.not_written",
        }
    }
}

/// Shortens and escapes a foreign name so that it can stand in a report.
pub(crate) fn shown(name: &str) -> String {
    name.chars()
        .take(120)
        .flat_map(char::escape_debug)
        .collect()
}
