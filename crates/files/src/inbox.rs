//! Files on their way in: what a person is sending, until it is taken or dropped.
//!
//! A folder for each upload, `ID/NAME`, readable by the owner alone and outside of the store, so that
//! a list of people is not kept among the files that are. A file grows by pieces, so a lost line costs
//! the last piece only. Not here: whose it is and what becomes of it (`uploads`).
//! The rule that surprises: a piece must begin where the file ends; a piece that was sent twice is
//! taken once.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};

/// Longest name of a file, in bytes; longer ones lose their middle.
const NAME_BYTES: usize = 120;

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// Kept; so many bytes are here now.
    Taken(u64),
    /// It does not begin where the file ends: go on from here.
    GoOnAt(u64),
    /// The file would be larger than allowed.
    TooBig,
}

/// The folder of files on their way in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Inbox(Arc<Held>);

#[derive(Debug)]
struct Held {
    folder: PathBuf,
    most_bytes: u64,
}

impl Inbox {
    /// An inbox in a folder that is made when it is missing. One upload may have `most_bytes` in all.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: impl Into<PathBuf>, most_bytes: u64) -> io::Result<Inbox> {
        let folder = folder.into();
        make_private(&folder)?;
        Ok(Inbox(Arc::new(Held { folder, most_bytes })))
    }

    /// What one upload may weigh, in bytes.
    pub fn most_bytes(&self) -> u64 {
        self.0.most_bytes
    }

    /// The folder of an upload.
    pub fn folder(&self, id: &str) -> PathBuf {
        self.0.folder.join(plain(id))
    }

    /// Where a file of an upload lies.
    pub fn path(&self, id: &str, name: &str) -> PathBuf {
        self.folder(id).join(name_of(name))
    }

    /// How much of a file is here.
    ///
    /// # Errors
    /// When the disk cannot tell.
    pub async fn size(&self, id: &str, name: &str) -> io::Result<u64> {
        match tokio::fs::metadata(self.path(id, name)).await {
            Ok(about) => Ok(about.len()),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(cause) => Err(cause),
        }
    }

    /// The files of an upload, by name, with their sizes.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn list(&self, id: &str) -> io::Result<Vec<(String, u64)>> {
        let mut files = Vec::new();
        let mut folder = match tokio::fs::read_dir(self.folder(id)).await {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(files),
            other => other?,
        };
        while let Some(entry) = folder.next_entry().await? {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.push((name, entry.metadata().await?.len()));
        }
        files.sort();
        Ok(files)
    }

    /// Adds a piece of a file that begins at `at`.
    ///
    /// # Errors
    /// When the disk fails; then what was there is still there.
    pub async fn add(&self, id: &str, name: &str, at: u64, bytes: &[u8]) -> io::Result<Piece> {
        let size = self.size(id, name).await?;
        if at != size {
            return Ok(Piece::GoOnAt(size));
        }
        let others: u64 = self.list(id).await?.iter().map(|(_, bytes)| bytes).sum();
        if others + bytes.len() as u64 > self.0.most_bytes {
            return Ok(Piece::TooBig);
        }
        tokio::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(self.folder(id))
            .await?;
        let mut file = tokio::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.path(id, name))
            .await?;
        // Two senders of one piece write the same bytes to the same place.
        file.seek(io::SeekFrom::Start(at)).await?;
        file.write_all(bytes).await?;
        file.flush().await?;
        Ok(Piece::Taken(at + bytes.len() as u64))
    }

    /// Removes an upload with all its files. Removing what is not there is success.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn remove(&self, id: &str) -> io::Result<()> {
        match tokio::fs::remove_dir_all(self.folder(id)).await {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Takes over what lies in an inbox at another place, which then goes. A file that is here already stays
    /// unless there is more of it there: two pieces of one file begin alike. Repeating goes on where it broke off.
    ///
    /// # Errors
    /// When a disk fails; then nothing is lost.
    pub fn adopt(&self, old: &Path) -> io::Result<()> {
        if !old.is_dir() {
            return Ok(());
        }
        for upload in std::fs::read_dir(old)? {
            let upload = upload?;
            if !upload.file_type()?.is_dir() {
                continue;
            }
            let own = self.0.folder.join(upload.file_name());
            make_private(&own)?;
            for file in std::fs::read_dir(upload.path())? {
                let file = file?;
                move_longer(&file.path(), &own.join(file.file_name()))?;
            }
            std::fs::remove_dir(upload.path())?;
        }
        std::fs::remove_dir(old)
    }

    /// The uploads that have a folder here.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn list_uploads(&self) -> io::Result<Vec<String>> {
        let mut ids = Vec::new();
        let mut folder = tokio::fs::read_dir(&self.0.folder).await?;
        while let Some(entry) = folder.next_entry().await? {
            ids.push(entry.file_name().to_string_lossy().into_owned());
        }
        Ok(ids)
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

/// Moves a file to where there is none or a shorter one, also to another disk; the shorter one goes.
fn move_longer(from: &Path, to: &Path) -> io::Result<()> {
    let there = std::fs::metadata(to).map(|about| about.len());
    if there.is_ok_and(|bytes| bytes >= from.metadata().map_or(0, |about| about.len())) {
        return std::fs::remove_file(from);
    }
    match std::fs::rename(from, to) {
        Err(cause) if cause.kind() == io::ErrorKind::CrossesDevices => {
            std::fs::copy(from, to)?;
            std::fs::remove_file(from)
        }
        other => other,
    }
}

/// An id as a name of a folder: what could leave the folder is left out.
fn plain(id: &str) -> String {
    let keeps = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let plain: String = id.chars().filter(keeps).take(80).collect();
    if plain.is_empty() { "_".into() } else { plain }
}

/// A name that a person's program sent, as the name of one file: no folders, no hidden files, nothing
/// that cannot be seen, at most 120 bytes with its ending kept.
pub fn name_of(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = vietnamese::nfc(last)
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    let clean = clean.trim().trim_start_matches('.');
    if clean.is_empty() {
        return "tep".to_owned();
    }
    if clean.len() <= NAME_BYTES {
        return clean.to_owned();
    }
    let (stem, ending) = match Path::new(clean).extension() {
        Some(ending) if ending.len() <= 12 => {
            let ending = format!(".{}", ending.to_string_lossy());
            (clean.strip_suffix(ending.as_str()).unwrap_or(clean), ending)
        }
        _ => (clean, String::new()),
    };
    let mut end = NAME_BYTES - ending.len();
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ending}", stem.get(..end).unwrap_or(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_grows_by_pieces_and_a_piece_sent_twice_is_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        let inbox = Inbox::open(folder.path().join("in"), 10).unwrap();
        assert_eq!(
            inbox.add("a", "x.csv", 0, b"Lan,").await.unwrap(),
            Piece::Taken(4)
        );
        assert_eq!(
            inbox.add("a", "x.csv", 0, b"Lan,").await.unwrap(),
            Piece::GoOnAt(4)
        );
        assert_eq!(
            inbox.add("a", "x.csv", 4, b"Hoa").await.unwrap(),
            Piece::Taken(7)
        );
        assert_eq!(
            inbox.add("a", "x.csv", 9, b"?").await.unwrap(),
            Piece::GoOnAt(7)
        );
        assert_eq!(
            inbox.add("a", "y.csv", 0, b"1234").await.unwrap(),
            Piece::TooBig
        );
        assert_eq!(std::fs::read(inbox.path("a", "x.csv")).unwrap(), b"Lan,Hoa");
        inbox.remove("a").await.unwrap();
        assert_eq!(inbox.list("a").await.unwrap(), vec![]);
    }

    #[test]
    fn a_name_never_leaves_its_folder() {
        assert_eq!(name_of("../../etc/passwd"), "passwd");
        assert_eq!(name_of("C:\\Users\\Lan\\danh sách.xlsx"), "danh sách.xlsx");
        assert_eq!(name_of("..."), "tep");
        assert_eq!(name_of(".htaccess"), "htaccess");
        assert_eq!(name_of("a\u{202e}xslx.exe\0"), "axslx.exe");
        let long = name_of(&format!("{}.xlsx", "ư".repeat(200)));
        assert!(
            long.len() <= NAME_BYTES && long.ends_with("ư.xlsx"),
            "{long}"
        );
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_on_the_machine_can_read_what_is_sent() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let inbox = Inbox::open(folder.path().join("in"), 10).unwrap();
        inbox.add("a", "x", 0, b"1").await.unwrap();
        let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(inbox.folder("a")), 0o700);
        assert_eq!(mode(inbox.path("a", "x")), 0o600);
    }

    #[tokio::test]
    async fn what_lies_in_an_older_inbox_is_taken_over_and_goes_on_from_there() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("old");
        let before = Inbox::open(&old, 100).unwrap();
        before.add("a", "x.csv", 0, b"Lan,1").await.unwrap();
        before.add("b", "y.csv", 0, b"Hoa").await.unwrap();
        before.add("c", "z.csv", 0, b"Minh").await.unwrap();
        let inbox = Inbox::open(folder.path().join("new"), 100).unwrap();
        // A copy that broke off, and one that has gone on here meanwhile.
        inbox.add("b", "y.csv", 0, b"H").await.unwrap();
        inbox.add("c", "z.csv", 0, b"Minh,2").await.unwrap();
        inbox.adopt(&old).unwrap();
        inbox.adopt(&old).unwrap();
        assert!(!old.exists());
        for (id, name, expected) in [
            ("a", "x.csv", "Lan,1"),
            ("b", "y.csv", "Hoa"),
            ("c", "z.csv", "Minh,2"),
        ] {
            let kept = std::fs::read_to_string(inbox.path(id, name)).unwrap();
            assert_eq!(kept, expected);
        }
        let more = inbox.add("a", "x.csv", 5, b"9").await.unwrap();
        assert_eq!(more, Piece::Taken(6));
    }
}
