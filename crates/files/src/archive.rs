//! Reading a ZIP archive that somebody else made.
//!
//! On top of the `zip` crate, for EPUB and DOCX: names that lead outside are refused, and
//! sizes are counted while inflating. Not here: writing archives, unpacking to disk by name
//! (nobody needs it). Runs inside the worker, but keeps its limits without it.
//! Surprise: declared sizes are never believed, and a total over all reads of one `Archive`
//! is kept, so ten thousand small entries are no way around.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufReader, Read, Seek, Write};
use std::path::Path;

use zip::ZipArchive;

/// How much an archive may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Number of entries, folders among them.
    pub entries: usize,
    /// Inflated bytes of one entry.
    pub entry_bytes: u64,
    /// Inflated bytes of all that is read from one [`Archive`].
    pub total_bytes: u64,
    /// Inflated bytes for one packed byte, looked at once an entry has passed
    /// [`RATIO_FROM_BYTES`].
    pub ratio: u64,
}

/// Below this size a high ratio is honest: an empty table packs a thousand to one.
pub const RATIO_FROM_BYTES: u64 = 4 << 20;

impl Default for ArchiveLimits {
    /// 20,000 entries, 128 MiB each, 1 GiB in all, 200 to 1. The largest honest book that
    /// we have met holds 6,000 entries and 300 MB; its text packs ten to one.
    fn default() -> Self {
        ArchiveLimits {
            entries: 20_000,
            entry_bytes: 128 << 20,
            total_bytes: 1 << 30,
            ratio: 200,
        }
    }
}

/// Why an archive, or one entry of it, is not read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveTrouble {
    /// It is not an archive, or a broken one.
    #[error("broken archive: {0}")]
    Broken(String),
    /// More entries than allowed.
    #[error("{0} entries are too many")]
    TooManyEntries(usize),
    /// A name that leads out of the archive.
    #[error("unsafe name {0:?}")]
    UnsafeName(String),
    /// More inflated bytes than allowed.
    #[error("{0:?} is too big")]
    TooBig(String),
    /// Packed too well to be honest.
    #[error("{0:?} inflates too far")]
    Bomb(String),
    /// Packed with a password or in a way that we do not know.
    #[error("{0:?} cannot be unpacked: {1}")]
    Unsupported(String, String),
    /// No entry of this name.
    #[error("no entry {0:?}")]
    Missing(String),
    /// The disk, or whatever the entry was written to.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl ArchiveTrouble {
    /// Key of the translated sentence.
    pub fn key(&self) -> &'static str {
        match self {
            ArchiveTrouble::Broken(_) => "files.archive.broken",
            ArchiveTrouble::TooManyEntries(_) => "files.archive.too_many_entries",
            ArchiveTrouble::UnsafeName(_) => "files.archive.unsafe_name",
            ArchiveTrouble::TooBig(_) => "files.archive.too_big",
            ArchiveTrouble::Bomb(_) => "files.archive.bomb",
            ArchiveTrouble::Unsupported(..) => "files.archive.unsupported",
            ArchiveTrouble::Missing(_) => "files.archive.missing",
            ArchiveTrouble::Io(_) => "files.archive.unreadable",
        }
    }
}

/// Something odd that does not stop reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveWarning {
    /// Two entries of one name; the last one is read, as unpackers do.
    Repeated(String),
    /// Two names that differ by case only, and would be one file on some machines.
    SameButForCase(String, String),
    /// A name that is not UTF-8; it is shown as code page 437, as the format has it.
    NameNotUtf8(String),
    /// Entries that share packed bytes.
    Overlapping,
}

impl ArchiveWarning {
    /// Key of the translated sentence.
    pub fn key(&self) -> &'static str {
        match self {
            ArchiveWarning::Repeated(_) => "files.archive.repeated",
            ArchiveWarning::SameButForCase(..) => "files.archive.same_but_for_case",
            ArchiveWarning::NameNotUtf8(_) => "files.archive.name_not_utf8",
            ArchiveWarning::Overlapping => "files.archive.overlapping",
        }
    }
}

/// One entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name as stored, with `/` between folders; never absolute, never with `..`.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
    /// Length when packed.
    pub packed_bytes: u64,
    /// Length that the list claims. A hint for progress, never to be believed.
    pub claimed_bytes: u64,
    /// Whether the bytes are stored as they are.
    pub is_stored: bool,
    index: usize,
}

/// An opened archive.
pub struct Archive<R: Read + Seek = BufReader<File>> {
    zip: ZipArchive<R>,
    limits: ArchiveLimits,
    entries: Vec<Entry>,
    by_name: HashMap<String, usize>,
    warnings: Vec<ArchiveWarning>,
    total: u64,
}

impl<R: Read + Seek> std::fmt::Debug for Archive<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive")
            .field("entries", &self.entries.len())
            .field("total", &self.total)
            .finish()
    }
}

impl Archive {
    /// Opens an archive on disk.
    ///
    /// # Errors
    /// Broken, too many entries, or a name that leads outside: one such name refuses the
    /// whole, because nobody honest writes it.
    pub fn open(path: &Path, limits: ArchiveLimits) -> Result<Archive, ArchiveTrouble> {
        Archive::new(BufReader::new(File::open(path)?), limits)
    }
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an archive from any reader, such as bytes in memory.
    ///
    /// # Errors
    /// As [`Archive::open`].
    pub fn new(reader: R, limits: ArchiveLimits) -> Result<Archive<R>, ArchiveTrouble> {
        let mut zip = ZipArchive::new(reader).map_err(|e| ArchiveTrouble::Broken(e.to_string()))?;
        if zip.len() > limits.entries {
            return Err(ArchiveTrouble::TooManyEntries(zip.len()));
        }
        let mut archive_warnings = Vec::new();
        if zip.has_overlapping_files().unwrap_or(true) {
            archive_warnings.push(ArchiveWarning::Overlapping);
        }
        let mut archive = Archive {
            entries: Vec::with_capacity(zip.len()),
            by_name: HashMap::with_capacity(zip.len()),
            warnings: archive_warnings,
            limits,
            total: 0,
            zip,
        };
        archive.read_list()?;
        Ok(archive)
    }

    fn read_list(&mut self) -> Result<(), ArchiveTrouble> {
        let mut folded: BTreeMap<String, String> = BTreeMap::new();
        for index in 0..self.zip.len() {
            let file = self
                .zip
                .by_index_raw(index)
                .map_err(|e| ArchiveTrouble::Broken(e.to_string()))?;
            let name = match std::str::from_utf8(file.name_raw()) {
                Ok(name) => name.to_owned(),
                Err(_) => {
                    let name = from_437(file.name_raw());
                    self.warnings
                        .push(ArchiveWarning::NameNotUtf8(name.clone()));
                    name
                }
            };
            // Packed on Windows: its separators are folders as ours are.
            let name = name.replace('\\', "/");
            if leads_outside(&name) || file.is_symlink() {
                return Err(ArchiveTrouble::UnsafeName(name));
            }
            let entry = Entry {
                is_dir: file.is_dir(),
                packed_bytes: file.compressed_size(),
                claimed_bytes: file.size(),
                is_stored: file.compression() == zip::CompressionMethod::Stored,
                index,
                name: name.clone(),
            };
            match folded.insert(name.to_lowercase(), name.clone()) {
                Some(other) if other == name => {
                    self.warnings.push(ArchiveWarning::Repeated(name.clone()));
                }
                Some(other) => self
                    .warnings
                    .push(ArchiveWarning::SameButForCase(other, name.clone())),
                None => {}
            }
            self.by_name.insert(name, self.entries.len());
            self.entries.push(entry);
        }
        if self.zip.has_duplicate_names()
            && !self
                .warnings
                .iter()
                .any(|w| matches!(w, ArchiveWarning::Repeated(_)))
        {
            self.warnings.push(ArchiveWarning::Repeated(String::new()));
        }
        Ok(())
    }

    /// All entries in the order of the list.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What was odd.
    pub fn warnings(&self) -> &[ArchiveWarning] {
        &self.warnings
    }

    /// The entry of exactly this name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.by_name.get(name).and_then(|at| self.entries.get(*at))
    }

    /// The entry of this name whatever its case: some makers write `OEBPS` in the package
    /// and `oebps` in the list. An exact match comes first.
    pub fn entry_any_case(&self, name: &str) -> Option<&Entry> {
        self.entry(name).or_else(|| {
            let wanted = name.to_lowercase();
            self.entries
                .iter()
                .find(|entry| entry.name.to_lowercase() == wanted)
        })
    }

    /// The inflated bytes of one entry.
    ///
    /// # Errors
    /// Missing, unsupported, or past a limit.
    pub fn read(&mut self, name: &str) -> Result<Vec<u8>, ArchiveTrouble> {
        let mut bytes = Vec::new();
        self.copy(name, &mut bytes)?;
        Ok(bytes)
    }

    /// Inflates one entry into a writer in bounded memory; answers with its length.
    ///
    /// # Errors
    /// As [`Archive::read`]; what was written before a limit was met stays written.
    pub fn copy(&mut self, name: &str, to: &mut impl Write) -> Result<u64, ArchiveTrouble> {
        let entry = self
            .entry(name)
            .ok_or_else(|| ArchiveTrouble::Missing(name.to_owned()))?;
        let index = entry.index;
        let packed = entry.packed_bytes.max(1);
        let room = self.limits.total_bytes.saturating_sub(self.total);
        let mut file = self
            .zip
            .by_index(index)
            .map_err(|e| ArchiveTrouble::Unsupported(name.to_owned(), e.to_string()))?;
        let mut piece = vec![0_u8; 64 << 10];
        let mut length: u64 = 0;
        loop {
            let n = match file.read(&mut piece) {
                Ok(0) => break,
                Ok(n) => n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                // A bad checksum or broken packing is the archive's fault, not the disk's.
                Err(e) => return Err(ArchiveTrouble::Broken(format!("{name}: {e}"))),
            };
            length += u64::try_from(n).unwrap_or(u64::MAX);
            if length > RATIO_FROM_BYTES && length / packed > self.limits.ratio {
                return Err(ArchiveTrouble::Bomb(name.to_owned()));
            }
            if length > self.limits.entry_bytes || length > room {
                return Err(ArchiveTrouble::TooBig(name.to_owned()));
            }
            to.write_all(piece.get(..n).unwrap_or_default())?;
        }
        self.total = self.total.saturating_add(length);
        Ok(length)
    }
}

/// Absolute, upward, with a drive or a NUL.
fn leads_outside(name: &str) -> bool {
    name.starts_with('/')
        || name.contains('\0')
        || name.split('/').any(|part| part == "..")
        || (name.as_bytes().get(1) == Some(&b':')
            && name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic))
}

/// Bytes shown in code page 437 well enough to name an entry: the format's default. Only
/// the letters that Western names use are mapped; the rest show as their number.
fn from_437(bytes: &[u8]) -> String {
    const HIGH: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»";
    bytes
        .iter()
        .map(|byte| match byte {
            0..0x80 => char::from(*byte).to_string(),
            high => HIGH
                .chars()
                .nth(usize::from(high - 0x80))
                .map_or_else(|| format!("~{high:02x}"), String::from),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn open(bytes: Vec<u8>) -> Result<Archive<Cursor<Vec<u8>>>, ArchiveTrouble> {
        Archive::new(Cursor::new(bytes), ArchiveLimits::default())
    }

    /// Replaces a name in the finished bytes: the writer refuses to make bad ones.
    fn renamed(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
        assert_eq!(from.len(), to.len());
        for at in 0..bytes.len() - from.len() {
            if bytes[at..].starts_with(from) {
                bytes[at..at + to.len()].copy_from_slice(to);
            }
        }
        bytes
    }

    #[test]
    fn entries_are_read_by_name() {
        let mut archive = open(zipped(&[("a/b.txt", b"noi dung"), ("c", b"")])).unwrap();
        assert_eq!(archive.read("a/b.txt").unwrap(), b"noi dung");
        assert_eq!(archive.entry_any_case("A/B.TXT").unwrap().name, "a/b.txt");
        assert!(matches!(archive.read("x"), Err(ArchiveTrouble::Missing(_))));
        assert!(archive.warnings().is_empty());
    }

    #[test]
    fn folders_as_windows_writes_them_are_folders() {
        let mut archive = open(zipped(&[("a\\b\\c.txt", b"noi dung")])).unwrap();
        assert_eq!(archive.read("a/b/c.txt").unwrap(), b"noi dung");
        let both = open(zipped(&[("a/b", b"1"), ("a\\b", b"2")])).unwrap();
        assert!(matches!(both.warnings(), [ArchiveWarning::Repeated(_)]));
    }

    #[test]
    fn names_that_lead_outside_refuse_the_whole() {
        for bad in [
            "\\evil",
            "C:\\evil_",
            "../evil",
            "a/../evi",
            "/etc/pas",
            "a\\..\\ev",
            "C:/evil_",
            "a\0bcdefg",
        ] {
            let plain = "~".repeat(bad.len());
            let bytes = renamed(zipped(&[(&plain, b"x")]), plain.as_bytes(), bad.as_bytes());
            let told = open(bytes);
            assert!(
                matches!(told, Err(ArchiveTrouble::UnsafeName(_))),
                "{bad:?} {told:?}"
            );
        }
    }

    #[test]
    fn a_bomb_is_stopped_while_it_inflates() {
        let zeros = vec![0_u8; 32 << 20];
        let mut archive = open(zipped(&[("bomb", &zeros)])).unwrap();
        assert!(matches!(archive.read("bomb"), Err(ArchiveTrouble::Bomb(_))));
    }

    #[test]
    fn a_size_that_lies_is_not_believed() {
        let honest = vec![7_u8; 300_000];
        let mut bytes = zipped(&[("file", &honest)]);
        let claimed = u32::try_from(honest.len()).unwrap().to_le_bytes();
        bytes = renamed(bytes, &claimed, &[1, 0, 0, 0]);
        let limits = ArchiveLimits {
            entry_bytes: 1000,
            ..ArchiveLimits::default()
        };
        let mut archive = Archive::new(Cursor::new(bytes), limits).unwrap();
        let told = archive.read("file");
        assert!(told.is_err(), "{told:?}");
    }

    #[test]
    fn the_total_counts_over_all_reads() {
        let limits = ArchiveLimits {
            total_bytes: 1500,
            ..ArchiveLimits::default()
        };
        let bytes = zipped(&[("one", &[1; 1000]), ("two", &[2; 1000])]);
        let mut archive = Archive::new(Cursor::new(bytes), limits).unwrap();
        archive.read("one").unwrap();
        assert!(matches!(
            archive.read("two"),
            Err(ArchiveTrouble::TooBig(_))
        ));
    }

    #[test]
    fn too_many_entries_are_refused_before_they_are_listed() {
        let limits = ArchiveLimits {
            entries: 1,
            ..ArchiveLimits::default()
        };
        let bytes = zipped(&[("one", b""), ("two", b"")]);
        let told = Archive::new(Cursor::new(bytes), limits);
        assert!(matches!(told, Err(ArchiveTrouble::TooManyEntries(2))));
    }

    #[test]
    fn names_that_differ_by_case_are_warned_of() {
        let archive = open(zipped(&[("Bia.jpg", b"a"), ("bia.jpg", b"b")])).unwrap();
        let wanted = ArchiveWarning::SameButForCase("Bia.jpg".into(), "bia.jpg".into());
        assert_eq!(archive.warnings(), [wanted]);
    }

    #[test]
    fn half_a_character_in_a_name_is_shown_and_warned_of() {
        // The first byte of "đ" without its second.
        let bytes = renamed(zipped(&[("ab1cd", b"x")]), b"ab1cd", b"ab\xc4cd");
        let mut archive = open(bytes).unwrap();
        assert!(matches!(
            archive.warnings(),
            [ArchiveWarning::NameNotUtf8(_)]
        ));
        let name = archive.entries()[0].name.clone();
        assert_eq!(archive.read(&name).unwrap(), b"x");
    }

    #[test]
    fn a_cut_archive_is_broken_and_nothing_worse() {
        let whole = zipped(&[("a", b"some text that is packed"), ("b", b"more")]);
        for cut in 0..whole.len() {
            if let Ok(mut archive) = open(whole[..cut].to_vec()) {
                archive.read("a").ok();
            }
        }
    }
}
