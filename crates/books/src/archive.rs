//! The book's archive: `files::archive` with the habits of books on top.
//!
//! Entries are found by name in NFC (books made on a Mac store NFD, their links NFC) and,
//! failing that, without regard to case. Two entries of one name refuse the book: readers
//! would disagree on what it says. Limits are kept by `files`, which counts while inflating.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use files::archive::ArchiveWarning;
use files::{ArchiveLimits, ArchiveTrouble};

use crate::names::nfc;
use crate::refused::shown;
use crate::{Limits, Refused, Warning};

/// An opened archive.
pub(crate) struct Archive {
    inner: files::Archive,
    by_name: HashMap<String, String>,
    by_lower: HashMap<String, String>,
    limits: Limits,
}

/// Why one entry could not be read.
pub(crate) enum EntryTrouble {
    /// No entry of this name.
    Missing,
    /// Broken data, unknown compression, under a password, or larger than asked for.
    Damaged(String),
    /// A limit that ends the whole book.
    Stop(Refused),
}

impl Archive {
    /// Opens the file and checks names, counts and declared sizes.
    pub(crate) fn open(
        path: &Path,
        limits: &Limits,
        warnings: &mut Vec<Warning>,
    ) -> Result<Archive, Refused> {
        let length = std::fs::metadata(path)
            .map_err(|error| Refused::Unreadable {
                detail: error.to_string(),
            })?
            .len();
        if length > limits.file_bytes {
            return Err(too_large("file_bytes", limits.file_bytes));
        }
        let bounds = ArchiveLimits {
            entries: limits.entries,
            entry_bytes: limits.entry_bytes,
            total_bytes: limits.total_bytes,
            ratio: limits.ratio,
        };
        let inner = files::Archive::open(path, bounds).map_err(|error| match error {
            ArchiveTrouble::TooManyEntries(_) => too_large("entries", limits.entries as u64),
            ArchiveTrouble::UnsafeName(name) => Refused::UnsafePath { name: shown(&name) },
            ArchiveTrouble::Io(error) => Refused::Unreadable {
                detail: error.to_string(),
            },
            other => Refused::NotAnArchive {
                detail: shown(&other.to_string()),
            },
        })?;
        for odd in inner.warnings() {
            match odd {
                ArchiveWarning::Repeated(name) => {
                    return Err(Refused::DuplicateEntry { name: shown(name) });
                }
                ArchiveWarning::SameButForCase(one, other) => {
                    warnings.push(warning(
                        "archive.same_but_for_case",
                        &format!("{one}, {other}"),
                    ));
                }
                ArchiveWarning::NameNotUtf8(name) => {
                    warnings.push(warning("archive.name_not_utf8", name));
                }
                ArchiveWarning::Overlapping => warnings.push(warning("archive.overlapping", "")),
            }
        }
        let mut by_name = HashMap::new();
        let mut by_lower = HashMap::new();
        let mut claimed = 0_u64;
        for entry in inner.entries().iter().filter(|entry| !entry.is_dir) {
            claimed = claimed.saturating_add(entry.claimed_bytes);
            let name = nfc(&entry.name);
            by_lower
                .entry(name.to_lowercase())
                .or_insert_with(|| name.clone());
            if by_name.insert(name, entry.name.clone()).is_some() {
                let name = shown(&entry.name);
                return Err(Refused::DuplicateEntry { name });
            }
        }
        if claimed > limits.total_bytes {
            return Err(too_large("total_bytes", limits.total_bytes));
        }
        Ok(Archive {
            inner,
            by_name,
            by_lower,
            limits: limits.clone(),
        })
    }

    /// The path under which the archive has `name`, in NFC; itself unless the case differs.
    pub(crate) fn real_name(&self, name: &str) -> Option<&str> {
        if let Some((name, _)) = self.by_name.get_key_value(name) {
            return Some(name);
        }
        self.by_lower.get(&name.to_lowercase()).map(String::as_str)
    }

    /// Paths of all files, NFC, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Name of the archive's first entry, where `mimetype` belongs.
    pub(crate) fn first_name(&self) -> Option<&str> {
        self.inner
            .entries()
            .first()
            .map(|entry| entry.name.as_str())
    }

    /// Unpacks one entry of at most `cap` bytes.
    pub(crate) fn read(&mut self, name: &str, cap: u64) -> Result<Vec<u8>, EntryTrouble> {
        let mut out = Capped {
            bytes: Vec::new(),
            cap,
        };
        self.copy(name, &mut out)?;
        Ok(out.bytes)
    }

    /// Unpacks one entry into a writer, in bounded memory.
    pub(crate) fn copy(&mut self, name: &str, to: &mut impl Write) -> Result<u64, EntryTrouble> {
        let stored = self
            .real_name(name)
            .and_then(|name| self.by_name.get(name))
            .ok_or(EntryTrouble::Missing)?;
        self.inner.copy(stored, to).map_err(|error| match error {
            ArchiveTrouble::TooBig(_) => {
                EntryTrouble::Stop(too_large("total_bytes", self.limits.total_bytes))
            }
            ArchiveTrouble::Bomb(_) => EntryTrouble::Stop(too_large("ratio", self.limits.ratio)),
            other => EntryTrouble::Damaged(shown(&other.to_string())),
        })
    }
}

/// Memory that takes only so much.
struct Capped {
    bytes: Vec<u8>,
    cap: u64,
}

impl Write for Capped {
    fn write(&mut self, piece: &[u8]) -> std::io::Result<usize> {
        if (self.bytes.len() + piece.len()) as u64 > self.cap {
            return Err(std::io::Error::other(format!("over {} bytes", self.cap)));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn too_large(what: &str, limit: u64) -> Refused {
    Refused::TooLarge {
        what: what.to_owned(),
        limit,
    }
}

/// A warning whose detail is foreign text.
pub(crate) fn warning(key: &str, detail: &str) -> Warning {
    Warning {
        key: key.to_owned(),
        detail: shown(detail),
    }
}
