//! The index itself (thin for now).

use crate::{Answer, Entry, Query, Result};
use std::path::Path;
use std::sync::Arc;

/// The one index.
#[derive(Clone)]
pub struct Index {
    inner: Arc<()>,
}

impl Index {
    /// Opens or creates.
    pub fn open(_dir: &Path) -> Result<Index> {
        Index::in_memory()
    }
    /// In memory.
    pub fn in_memory() -> Result<Index> {
        Ok(Index { inner: Arc::new(()) })
    }
    /// Whether opening found an unusable index and started an empty one.
    #[must_use]
    pub fn was_reset(&self) -> bool {
        false
    }
    /// The single writer.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer {
            index: self.clone(),
        }
    }
    /// Searches; sync CPU work.
    pub fn search(&self, _query: &Query) -> Result<Answer> {
        Ok(Answer::default())
    }
    /// Searches off the async threads.
    pub async fn find(&self, query: Query) -> Result<Answer> {
        self.search(&query)
    }
}

/// Handle to the single writer.
#[derive(Clone)]
pub struct Writer {
    index: Index,
}

impl Writer {
    /// Adds or replaces.
    pub fn put(&self, _entry: &Entry) -> Result<()> {
        let _inner = &self.index.inner;
        Ok(())
    }
    /// Removes one.
    pub fn remove(&self, _id: &str) -> Result<()> {
        Ok(())
    }
    /// Removes all parts of a parent.
    pub fn remove_parent(&self, _parent_id: &str) -> Result<()> {
        Ok(())
    }
    /// Makes the changes visible and durable, with the number of the last one.
    pub fn commit(&self, _seq: u64) -> Result<()> {
        Ok(())
    }
    /// The number given to the last commit; 0 for an empty index.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        0
    }
}
