//! What every import shares: options, the report (one entry a file or row), progress, stopping.
//!
//! An import is repeatable: what is already there is `same`, so running it again after a stop goes
//! on where it stopped. Not here: reading files (`intake`, `books`), writing rows (rooms).

use kernel::error::Result;
use std::path::{Path, PathBuf};

/// What became of one file or row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// New.
    Added,
    /// Was there, now different.
    Updated,
    /// Was there, equal.
    Same,
    /// The same content under another name.
    Duplicate,
    /// Not taken; the message says why.
    Refused,
}

impl Outcome {
    /// The word of the report.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Added => "added",
            Outcome::Updated => "updated",
            Outcome::Same => "same",
            Outcome::Duplicate => "duplicate",
            Outcome::Refused => "refused",
        }
    }
    /// Every outcome, in the order of the summary.
    pub const ALL: [Outcome; 5] = [
        Outcome::Added,
        Outcome::Updated,
        Outcome::Same,
        Outcome::Duplicate,
        Outcome::Refused,
    ];
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// File, or file and row: `roster.xlsx:12`.
    pub source: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Our id; empty when refused.
    pub id: String,
    /// What it is: `epub`, `pdf`, `member`, …
    pub kind: String,
    /// A sentence for the person, in Vietnamese; empty when all went well.
    pub message: String,
    /// Sentences about what was put right or left out.
    pub warnings: Vec<String>,
    /// Milliseconds it took.
    pub ms: u64,
}

/// How an import is to be done.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only say what would happen.
    pub dry_run: bool,
    /// Take the good rows of a file that has bad ones.
    pub skip_bad: bool,
    /// A mapping of columns (TOML: `field = "header words"`).
    pub mapping: Option<PathBuf>,
}

/// All that happened.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// One entry a file or row.
    pub entries: Vec<Entry>,
    /// Whether it was stopped before the end.
    pub stopped: bool,
}

impl Report {
    /// How many had that outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.outcome == outcome)
            .count()
    }
    /// Whether nothing was refused.
    pub fn is_clean(&self) -> bool {
        self.count(Outcome::Refused) == 0
    }
}

/// Told of what happens, asked whether to stop. The command line draws a bar; tests listen.
pub trait Progress: Send + Sync {
    /// How many files or rows there are, once it is known.
    fn total(&mut self, _total: u64) {}
    /// One more is done.
    fn step(&mut self, _entry: &Entry) {}
    /// Whether to stop after the present one.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Progress that nobody watches.
pub struct Quiet;
impl Progress for Quiet {}

/// Every file below a path (or the file itself), in the order of names; hidden ones left out.
/// Links are not followed, so a folder cannot lead out of itself.
pub fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut open = vec![path.to_path_buf()];
    while let Some(at) = open.pop() {
        let about = std::fs::symlink_metadata(&at)?;
        if about.is_dir() {
            let mut inside: Vec<PathBuf> = std::fs::read_dir(&at)?
                .map(|entry| entry.map(|e| e.path()))
                .collect::<std::io::Result<_>>()?;
            inside.retain(|path| {
                path.file_name()
                    .is_some_and(|name| !name.to_string_lossy().starts_with('.'))
            });
            inside.sort();
            open.extend(inside.into_iter().rev());
        } else if about.is_file() {
            out.push(at);
        }
    }
    Ok(out)
}
