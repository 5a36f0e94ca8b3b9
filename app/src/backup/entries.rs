//! The inside of an archive, read from front to end in bounded memory: names, sizes, hashes, manifest.
//!
//! An archive may come from anywhere. What it unpacks to is bounded by what it weighs, no name leads out
//! of its folder, the reader never believes a length that it is told. Not here: what becomes of an entry
//! (`read`), how one is made (`write`).
//! The rule that surprises: the tar reader's own long names are not followed, since they are read into
//! memory whole; no name of ours is long.

use super::{FORMAT, Listed, Manifest, sealed};
use kernel::error::{Doing, Error, Result};
use kernel::said;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Component, Path, PathBuf};

/// What an archive may unpack to: so much in any case, and so many times its own weight. Rows of a log
/// squeeze forty times, pictures not at all.
const FREE_BYTES: u64 = 1 << 30;
const TIMES: u64 = 200;
/// The key and the settings are small.
const SMALL_BYTES: u64 = 1 << 20;
/// What the manifest may say of one entry; the rest of it is small.
const LISTED_BYTES: u64 = 512;

/// Reads while hashing and counting.
pub(super) struct Hashing<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
}

impl<R: Read> Hashing<R> {
    pub(super) fn of(inner: R) -> Self {
        Hashing {
            inner,
            hash: Sha256::new(),
            bytes: 0,
        }
    }
    /// Size and hash of what was read.
    pub(super) fn listed(self) -> Listed {
        Listed {
            bytes: self.bytes,
            sha256: data_encoding::HEXLOWER.encode(&self.hash.finalize()),
        }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(into)?;
        if let Some(part) = into.get(..count) {
            self.hash.update(part);
            self.bytes += u64::try_from(count).unwrap_or(0);
        }
        Ok(count)
    }
}

/// Ends a stream that unpacks to more than it may.
struct Bounded<R> {
    inner: R,
    left: u64,
    most: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(into)?;
        self.left = (self
            .left
            .checked_sub(u64::try_from(count).unwrap_or(u64::MAX)))
        .ok_or_else(|| {
            std::io::Error::other(said!(
                "it unpacks to more than {} bytes: this is no archive of Sổ tay",
                self.most
            ))
        })?;
        Ok(count)
    }
}

/// Reads every entry of an archive and hands its content to `each`; answers the manifest, which agrees
/// with all that was read.
///
/// # Errors
/// When it is no archive, is damaged, or swells; and those of `each`.
pub(super) fn walk(
    from: &Path,
    keys: &sealed::Keys,
    mut each: impl FnMut(&str, &mut dyn Read) -> Result<()>,
) -> Result<Manifest> {
    let file = File::open(from)?;
    let most = FREE_BYTES.saturating_add(file.metadata()?.len().saturating_mul(TIMES));
    let plain = sealed::open(BufReader::new(file), keys)?;
    let bounded = Bounded {
        inner: zstd::Decoder::new(BufReader::new(plain))?,
        left: most,
        most,
    };
    let mut archive = tar::Archive::new(bounded);
    let mut seen: BTreeMap<String, Listed> = BTreeMap::new();
    let mut manifest: Option<Manifest> = None;
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let fits = most_of(&name, seen.len()).is_some_and(|most| entry.size() <= most);
        // Links, devices and folders are none of ours, whatever they are called.
        if !entry.header().entry_type().is_file() || !fits || manifest.is_some() {
            let named: String = name.chars().take(100).collect();
            return Err(Error::fault(said!(
                "this is no archive of Sổ tay: it holds {} of {} bytes",
                format!("{named:?}"),
                entry.size()
            )));
        }
        if name == "manifest.json" {
            manifest = Some(serde_json::from_reader(BufReader::new(entry)).map_err(Error::fault)?);
            continue;
        }
        if seen.contains_key(&name) {
            return Err(Error::fault(said!(
                "this is no archive of Sổ tay: it holds {} twice",
                name
            )));
        }
        let mut reader = Hashing::of(&mut entry);
        each(&name, &mut reader)?;
        seen.insert(name, reader.listed());
    }
    // To the very end: only there encryption says that nothing was cut off.
    std::io::copy(&mut archive.into_inner(), &mut std::io::sink())?;
    let manifest =
        manifest.ok_or_else(|| Error::fault("the archive is cut off: it has no manifest"))?;
    compare(&manifest, &seen)?;
    Ok(manifest)
}

/// Where below `place` an entry belongs.
///
/// # Errors
/// When no archive of ours holds such a name, or when it leads out of `place`. Whoever writes asks this,
/// whatever was asked before: a name from outside is never joined as it came.
pub(super) fn goal(place: &Path, name: &str) -> Result<PathBuf> {
    let is_plain = (Path::new(name).components()).all(|part| matches!(part, Component::Normal(_)));
    if most_of(name, 0).is_none() || !is_plain {
        let named: String = name.chars().take(100).collect();
        return Err(Error::fault(said!(
            "this is no archive of Sổ tay: it holds {}",
            format!("{named:?}")
        )));
    }
    Ok(place.join(name))
}

/// The bytes that an entry of this name may have; `None` for a name that no archive of ours holds: such a
/// one is refused even if it is empty.
fn most_of(name: &str, seen: usize) -> Option<u64> {
    let is_table = |name: &str| {
        name.strip_suffix(".jsonl").is_some_and(|table| {
            (1..=63).contains(&table.len())
                && table
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        })
    };
    // The content is compared with the manifest; the name must only lead into the store.
    let is_file = |inside: &str| {
        let parts: Vec<&str> = inside.split('/').collect();
        let is_hex = |part: &&str| {
            part.bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        matches!(parts[..], [a, b, hash] if a.len() == 2 && b.len() == 2 && hash.len() == 64)
            && parts.iter().all(is_hex)
    };
    if let Some(table) = name.strip_prefix("tables/") {
        return is_table(table).then_some(u64::MAX);
    }
    if let Some(file) = name.strip_prefix("files/") {
        return is_file(file).then_some(u64::MAX);
    }
    match name {
        "manifest.json" => {
            let listed = LISTED_BYTES.saturating_mul(u64::try_from(seen).unwrap_or(u64::MAX));
            Some(SMALL_BYTES.saturating_add(listed))
        }
        "secret.key" | "sotay.toml" => Some(SMALL_BYTES),
        _ => None,
    }
}

fn compare(manifest: &Manifest, seen: &BTreeMap<String, Listed>) -> Result<()> {
    if manifest.format != FORMAT {
        return Err(Error::fault(said!(
            "format {} of archives is not known here: use a newer program",
            manifest.format
        )));
    }
    if manifest.entries == *seen {
        return Ok(());
    }
    let wrong = (manifest.entries.iter()).find(|(name, listed)| seen.get(*name) != Some(listed));
    Err(Error::fault(match wrong {
        Some((name, _)) => said!("the archive is damaged at {}", name),
        None => said!("the archive is damaged: it holds what it does not list"),
    }))
}

/// Hands an entry's content on. What fails here is the archive; what `put` answers is said by whoever puts.
pub(super) fn copy(
    name: &str,
    content: &mut dyn Read,
    mut put: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let mut piece = vec![0_u8; 1 << 16];
    loop {
        let count = match content.read(&mut piece) {
            Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => continue,
            count => count
                .map_err(Error::fault)
                .doing(said!("the archive is cut off or damaged at {}", name))?,
        };
        match piece.get(..count) {
            Some([]) | None => return Ok(()),
            Some(part) => put(part)?,
        }
    }
}

/// Reads a whole archive and keeps nothing of it.
pub(crate) fn check(from: &Path, identity: Option<&Path>) -> Result<Manifest> {
    walk_dry(from, &sealed::Keys::read(identity)?)
}

/// See [`check`].
pub(super) fn walk_dry(from: &Path, keys: &sealed::Keys) -> Result<Manifest> {
    walk(from, keys, |name, content| copy(name, content, |_| Ok(())))
        .doing(said!("reading {}", from.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_below_the_place_or_nowhere() {
        let place = Path::new("/data/new");
        let hash = "ab".repeat(32);
        for good in ["secret.key", "sotay.toml", "tables/people_member.jsonl"] {
            assert_eq!(goal(place, good).unwrap(), place.join(good));
        }
        assert!(goal(place, &format!("files/ab/ab/{hash}")).is_ok());
        for bad in [
            "",
            ".",
            "/etc/passwd",
            "../secret.key",
            "./secret.key",
            "secret.key/",
            "/secret.key",
            "tables/../../a.jsonl",
            "tables//a.jsonl",
            "tables/A.jsonl",
            "tables/.jsonl",
            "files/../../evil",
            "files/ab/ab",
            "sotay.db",
        ] {
            assert!(goal(place, bad).is_err(), "{bad}");
        }
    }
}
