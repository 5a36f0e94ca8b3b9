//! How systems and databases say that a disk is full.
//!
//! The log tells it once a minute, a page answers "not now" instead of "our fault". Not here: making room.

use crate::Moment;
use std::sync::atomic::{AtomicI64, Ordering};

/// When a write was last refused for want of room: whoever watches the server hears of it at once.
#[derive(Debug, Default)]
pub struct Watch(AtomicI64);

impl Watch {
    /// A write was refused.
    pub fn note(&self, now: Moment) {
        self.0.fetch_max(now.0, Ordering::Relaxed);
    }
    /// The last time; before all times when never.
    pub fn last(&self) -> Moment {
        Moment(self.0.load(Ordering::Relaxed))
    }
}

/// Their words.
const FULL: [&str; 5] = [
    "disk is full",
    "No space left on device",
    "Disk quota exceeded",
    "could not extend file",
    "disk I/O error",
];

/// Whether what went wrong is that there is no room to write.
pub fn is_full(said: &str) -> bool {
    FULL.iter().any(|words| said.contains(words))
}
