//! How much a book may cost before it is refused or cut.
//!
//! The numbers are generous against real books (the largest sample unpacks to 40 MB and has
//! 2,000 files) and small against bombs. They bound memory here; time and address space are
//! bounded once more by whoever starts the worker process.

use serde::{Deserialize, Serialize};

/// Upper bounds for one book. All sizes are in bytes after unpacking unless said otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Size of the archive itself.
    pub file_bytes: u64,
    /// Number of entries in the archive.
    pub entries: usize,
    /// All entries together.
    pub total_bytes: u64,
    /// One entry of any kind.
    pub entry_bytes: u64,
    /// One text entry that is parsed: package, navigation, section, SVG.
    pub markup_bytes: u64,
    /// Cleaned HTML of all sections together, which stays in memory until it is stored.
    pub html_bytes: u64,
    /// Unpacked size divided by packed size, for entries above one megabyte.
    pub ratio: u64,
    /// Depth of elements within one document.
    pub depth: usize,
    /// Elements and texts within one document.
    pub nodes: usize,
    /// Spine items.
    pub sections: usize,
    /// Entries in the table of contents, and in the page list.
    pub toc_entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file_bytes: 300 << 20,
            entries: 20_000,
            total_bytes: 600 << 20,
            entry_bytes: 200 << 20,
            markup_bytes: 16 << 20,
            html_bytes: 96 << 20,
            ratio: 300,
            depth: 256,
            nodes: 400_000,
            sections: 10_000,
            toc_entries: 20_000,
        }
    }
}
