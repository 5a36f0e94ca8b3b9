//! Files kept unchanged, by the SHA-256 of their content.
//!
//! A folder today, `ab/cd/abcd…`; the methods are asynchronous so that an S3 store can come
//! beside it without a change for the callers. Not here: who may read a file, what it is
//! called, when it may go (the rooms' tables say that).
//! Surprise: putting the same content twice is one file; a file that is there is whole,
//! because it is written beside, synced and then renamed.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{FileKind, Inbox};

/// What the database remembers of a stored file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileRef {
    /// SHA-256 of the content, 64 hexadecimal digits in lower case: its name in the store.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Real type by content.
    pub kind: FileKind,
}

/// Why the store could not do it. A fault, except [`StoreError::NotThere`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No file of that hash, or the text is not a hash at all.
    #[error("no such file in the store")]
    NotThere,
    /// The content no longer has the hash that it is kept under.
    #[error("stored file is damaged")]
    Damaged,
    /// The disk said no.
    #[error("{doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system answered.
        #[source]
        cause: std::io::Error,
    },
}

trait Doing<T> {
    fn doing(self, what: &'static str) -> Result<T, StoreError>;
}

impl<T> Doing<T> for std::io::Result<T> {
    fn doing(self, doing: &'static str) -> Result<T, StoreError> {
        self.map_err(|cause| StoreError::Io { doing, cause })
    }
}

/// The store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store(Arc<Backend>);

#[derive(Debug)]
enum Backend {
    Folder(PathBuf),
}

impl Store {
    /// Opens (and makes, when it is missing) a store in a folder. Leftovers of writes that
    /// a crash cut short are removed once they are a day old: an import may be writing
    /// beside a server that starts.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Store, StoreError> {
        let folder = folder.into();
        std::fs::create_dir_all(folder.join(UNFINISHED)).doing("making the file store")?;
        clear_leftovers(&folder.join(UNFINISHED)).doing("clearing unfinished files")?;
        Ok(Store(Arc::new(Backend::Folder(folder))))
    }

    /// The files on their way in: beside those that are kept, so that whoever shares the store shares them too.
    /// One upload may have `most_bytes` in all.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn inbox(&self, most_bytes: u64) -> Result<Inbox, StoreError> {
        let Backend::Folder(folder) = &*self.0;
        Inbox::open(folder.join(INBOX), most_bytes).doing("making the inbox")
    }

    /// Keeps these bytes.
    ///
    /// # Errors
    /// When the disk fails; then nothing is kept.
    pub async fn put_bytes(&self, bytes: impl Into<Vec<u8>>) -> Result<FileRef, StoreError> {
        let bytes = bytes.into();
        self.on_disk(move |folder| put(folder, &mut bytes.as_slice()))
            .await
    }

    /// Keeps a copy of a file on disk, in bounded memory. The file is left where it is.
    ///
    /// # Errors
    /// When it cannot be read, or the disk fails; then nothing is kept.
    pub async fn put_path(&self, path: &Path) -> Result<FileRef, StoreError> {
        let path = path.to_owned();
        self.on_disk(move |folder| {
            let mut file = std::fs::File::open(&path).doing("opening a file to keep")?;
            put(folder, &mut file)
        })
        .await
    }

    /// Where the content lies on this machine, for parsers and for sending. Whether it is
    /// there is [`Store::exists`]'s question.
    ///
    /// # Errors
    /// `NotThere` when the text is not a hash.
    pub fn path(&self, sha256: &str) -> Result<PathBuf, StoreError> {
        let Backend::Folder(folder) = &*self.0;
        place(folder, sha256)
    }

    /// Opens the content for reading.
    ///
    /// # Errors
    /// `NotThere`, or the disk's.
    pub async fn open_file(&self, sha256: &str) -> Result<tokio::fs::File, StoreError> {
        match tokio::fs::File::open(self.path(sha256)?).await {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Err(StoreError::NotThere),
            other => other.doing("opening a stored file"),
        }
    }

    /// Whether the content is there.
    ///
    /// # Errors
    /// When the disk cannot tell.
    pub async fn exists(&self, sha256: &str) -> Result<bool, StoreError> {
        match self.path(sha256) {
            Ok(path) => tokio::fs::try_exists(path)
                .await
                .doing("looking for a stored file"),
            Err(_) => Ok(false), // not a hash, so not there
        }
    }

    /// Removes the content. Removing what is not there is success.
    ///
    /// # Errors
    /// `NotThere` when the text is not a hash; the disk's.
    pub async fn remove(&self, sha256: &str) -> Result<(), StoreError> {
        match tokio::fs::remove_file(self.path(sha256)?).await {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(()),
            other => other.doing("removing a stored file"),
        }
    }

    /// Reads the whole content again and compares it with its hash: for `check` and for
    /// backups.
    ///
    /// # Errors
    /// `NotThere`, `Damaged`, or the disk's.
    pub async fn verify(&self, sha256: &str) -> Result<(), StoreError> {
        let expected = sha256.to_owned();
        self.on_disk(move |folder| {
            let path = place(folder, &expected)?;
            let mut file = match std::fs::File::open(path) {
                Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                    return Err(StoreError::NotThere);
                }
                other => other.doing("opening a stored file")?,
            };
            let mut hash = Sha256::new();
            std::io::copy(&mut file, &mut Hashing(&mut hash, std::io::sink()))
                .doing("reading a stored file")?;
            if hex(hash) == expected {
                Ok(())
            } else {
                Err(StoreError::Damaged)
            }
        })
        .await
    }

    /// The hashes of all that is kept, sorted; what is on its way in is not among them.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn hashes(&self) -> Result<Vec<String>, StoreError> {
        let Backend::Folder(folder) = &*self.0;
        let mut hashes = Vec::new();
        let mut open = vec![folder.clone()];
        while let Some(at) = open.pop() {
            for entry in std::fs::read_dir(&at).doing("reading a folder of the store")? {
                let entry = entry.doing("reading a folder of the store")?;
                let path = entry.path();
                let name = entry.file_name().to_string_lossy().into_owned();
                if path == folder.join(INBOX) {
                    continue; // none of ours, and lists of people
                }
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    open.push(path);
                } else if place(folder, &name).is_ok_and(|place| place == path) {
                    hashes.push(name);
                }
            }
        }
        hashes.sort();
        Ok(hashes)
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let backend = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || {
            let Backend::Folder(folder) = &*backend;
            work(folder)
        })
        .await
        .map_err(|cause| StoreError::Io {
            doing: "working on the file store",
            cause: std::io::Error::other(cause),
        })?
    }
}

/// Folder inside the store for files on their way in: same disk, so that a rename is enough.
const UNFINISHED: &str = "unfinished";
/// Where files on their way in lie, apart from those that are kept.
const INBOX: &str = "inbox";

/// A write takes minutes at most.
const LEFTOVER_AGE: std::time::Duration = std::time::Duration::from_hours(24);

fn clear_leftovers(folder: &Path) -> std::io::Result<()> {
    // The disk's own idea of now, so that no clock is needed and none can disagree.
    let now = tempfile::NamedTempFile::new_in(folder)?;
    let now = now.as_file().metadata()?.modified()?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(modified) = entry.metadata().and_then(|meta| meta.modified()) else {
            continue; // finished by another process in between
        };
        if now
            .duration_since(modified)
            .is_ok_and(|age| age > LEFTOVER_AGE)
        {
            // Another process may have cleared it first.
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

fn place(folder: &Path, sha256: &str) -> Result<PathBuf, StoreError> {
    let is_hash = sha256.len() == 64
        && sha256
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match (sha256.get(..2), sha256.get(2..4)) {
        (Some(first), Some(second)) if is_hash => Ok(folder.join(first).join(second).join(sha256)),
        _ => Err(StoreError::NotThere),
    }
}

fn put(folder: &Path, content: &mut impl Read) -> Result<FileRef, StoreError> {
    let mut new = tempfile::NamedTempFile::new_in(folder.join(UNFINISHED))
        .doing("making a file in the store")?;
    let mut hash = Sha256::new();
    let bytes = std::io::copy(content, &mut Hashing(&mut hash, new.as_file_mut()))
        .doing("writing a file into the store")?;
    let kind = FileKind::of_path(new.path()).doing("looking at a new file")?;
    let sha256 = hex(hash);
    let path = place(folder, &sha256)?;
    let kept = FileRef {
        sha256,
        bytes,
        kind,
    };
    // A shorter file under this name is what a failing disk left; it is written again.
    if std::fs::metadata(&path).is_ok_and(|there| there.len() == bytes) {
        return Ok(kept);
    }
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent).doing("making a folder in the store")?;
    new.as_file().sync_all().doing("writing a file to disk")?;
    new.persist(&path)
        .map_err(|e| e.error)
        .doing("putting a file in its place")?;
    // The rename itself must survive a power cut too.
    for folder in [Some(parent), parent.parent(), Some(folder)]
        .into_iter()
        .flatten()
    {
        std::fs::File::open(folder)
            .and_then(|open| open.sync_all())
            .doing("writing a folder to disk")?;
    }
    Ok(kept)
}

struct Hashing<'a, W>(&'a mut Sha256, W);

impl<W: Write> Write for Hashing<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.1.write(bytes)?;
        self.0.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.1.flush()
    }
}

fn hex(hash: Sha256) -> String {
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files_in(folder: &Path) -> usize {
        std::fs::read_dir(folder)
            .unwrap()
            .flatten()
            .map(|entry| {
                if entry.path().is_dir() {
                    files_in(&entry.path())
                } else {
                    1
                }
            })
            .sum()
    }

    #[tokio::test]
    async fn the_same_content_twice_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let first = store.put_bytes(&b"nghi quyet"[..]).await.unwrap();
        let copy = folder.path().join("unfinished/copy");
        std::fs::write(&copy, b"nghi quyet").unwrap();
        let second = store.put_path(&copy).await.unwrap();
        std::fs::remove_file(copy).unwrap();
        assert_eq!(first, second);
        assert_eq!(first.kind, FileKind::Text);
        assert_eq!(files_in(folder.path()), 1);
        assert!(store.exists(&first.sha256).await.unwrap());
        let read = std::fs::read(store.path(&first.sha256).unwrap()).unwrap();
        assert_eq!(read, b"nghi quyet");
        store.verify(&first.sha256).await.unwrap();
    }

    #[tokio::test]
    async fn a_name_that_is_not_a_hash_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for name in [
            "../../etc/passwd",
            "",
            "ab",
            &"A".repeat(64),
            &"é".repeat(32),
        ] {
            assert!(store.path(name).is_err(), "{name}");
            assert!(!store.exists(name).await.unwrap(), "{name}");
        }
    }

    #[tokio::test]
    async fn a_changed_file_is_found_damaged_and_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let kept = store.put_bytes(&b"whole"[..]).await.unwrap();
        std::fs::write(store.path(&kept.sha256).unwrap(), b"who").unwrap();
        let told = store.verify(&kept.sha256).await;
        assert!(matches!(told, Err(StoreError::Damaged)));
        store.put_bytes(&b"whole"[..]).await.unwrap();
        store.verify(&kept.sha256).await.unwrap();
    }

    #[tokio::test]
    async fn removing_twice_is_success() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let kept = store.put_bytes(&b"short"[..]).await.unwrap();
        store.remove(&kept.sha256).await.unwrap();
        store.remove(&kept.sha256).await.unwrap();
        assert!(!store.exists(&kept.sha256).await.unwrap());
        let told = store.open_file(&kept.sha256).await;
        assert!(matches!(told, Err(StoreError::NotThere)));
    }

    #[test]
    fn leftovers_of_a_crash_are_cleared_but_writes_under_way_are_not() {
        let folder = tempfile::tempdir().unwrap();
        Store::open(folder.path()).unwrap();
        let old = std::fs::File::create(folder.path().join("unfinished/old")).unwrap();
        old.set_modified(std::time::UNIX_EPOCH).unwrap();
        std::fs::write(folder.path().join("unfinished/new"), b"ne").unwrap();
        Store::open(folder.path()).unwrap();
        assert_eq!(files_in(folder.path()), 1);
    }
}
