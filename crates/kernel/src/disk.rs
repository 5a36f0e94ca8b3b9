//! How systems and databases say that a disk is full.
//!
//! The log tells it once a minute, a page answers "not now" instead of "our fault". Not here: making room.

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
