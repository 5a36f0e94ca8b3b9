//! What can go wrong. A search that finds nothing is an answer, not an error.
//!
//! All variants are faults of ours (style: "we must act"); callers add what they did.

/// A fault of the index.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine failed: disk full, unreadable file, broken segment.
    #[error("search index")]
    Engine(#[from] tantivy::TantivyError),
    /// The folder of the index could not be read or written.
    #[error("folder of the search index")]
    Folder(#[from] std::io::Error),
    /// Another process is writing to this index now; try again later.
    #[error("the search index is being written by another process")]
    Busy,
    /// A search stopped short: the index on disk is damaged; rebuild it (`reindex`).
    #[error("the search index is damaged")]
    Damaged,
}

/// Result with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;
