//! The installation's key: its file, which of its keys is in force, and putting everything under a new one.
//!
//! `secret.key` holds the key in its first line. While it is being changed, and as long as something waits that
//! only the key of before finds again, further lines hold those: `next HEX`, `before HEX`. Which of them is in
//! force says the fingerprint in the database alone, since that changes in the same transaction as every value
//! (docs/decisions/0008-key-rotation.md). Not here: what hangs on the key (`site::rekey`, the rooms).
//! The rule that surprises: a line `next` is never thrown away by anybody but `sotay key rotate`: the database
//! may be under it already.

use crate::alone::AtWork;
use kernel::error::{Doing, Error, Result};
use kernel::{Dice, Moment};
use kernel::{Said, said};
use site::rekey::{self, Found};
use site::{Keys, May as _, Operator, Site};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The setting by which a handbook knows its key again.
const FINGERPRINT: &str = "key.fingerprint";
/// The setting that says until when keys of before are believed.
const BEFORE_UNTIL: &str = "key.before_until";
/// So long a form that was drawn under the key of before is taken.
const FORMS_MS: i64 = 86_400_000;

/// How a key file begins that is being written; one that a kill left is removed by the next change.
const FRESH: &str = ".secret.key-";

type Secret = [u8; 32];

/// What stands in the key file.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ring {
    /// The key, unless a change was broken off after the database had taken the next.
    first: Secret,
    /// Keys that were made for a change, the newest first. The database may be under one of them already.
    next: Vec<Secret>,
    /// Keys of before, the newest first.
    before: Vec<Secret>,
}

impl Ring {
    fn of(first: Secret) -> Ring {
        Ring {
            first,
            next: Vec::new(),
            before: Vec::new(),
        }
    }
    fn text(&self) -> String {
        let hex = |secret: &Secret| data_encoding::HEXLOWER.encode(secret);
        let mut out = format!("{}\n", hex(&self.first));
        for secret in &self.next {
            out.push_str(&format!("next {}\n", hex(secret)));
        }
        for secret in &self.before {
            out.push_str(&format!("before {}\n", hex(secret)));
        }
        out
    }
    fn read(text: &str) -> Option<Ring> {
        let secret = |hex: &str| {
            let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).ok()?;
            Secret::try_from(bytes).ok()
        };
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let mut ring = Ring::of(secret(lines.next()?)?);
        for line in lines {
            match line.split_once(' ')? {
                ("next", hex) => ring.next.push(secret(hex)?),
                ("before", hex) => ring.before.push(secret(hex)?),
                _ => return None,
            }
        }
        Some(ring)
    }
    /// Reads the file; none when there is none.
    fn find(path: &Path) -> Result<Option<Ring>> {
        let text = match std::fs::read_to_string(path) {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            text => text
                .map_err(Error::fault)
                .doing(said!("reading {}", path.display()))?,
        };
        match Ring::read(&text) {
            Some(ring) => Ok(Some(ring)),
            None => Err(Error::fault(said!(
                "{} is damaged: put back the one of your backup",
                path.display()
            ))),
        }
    }
    /// Puts it in the place of the file, whole or not at all; readable by its owner alone.
    fn write(&self, path: &Path) -> Result<()> {
        // A link leads to the file that is meant.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().unwrap_or(Path::new("."));
        let write = || {
            // Under a name of its own: two may tidy at once.
            let mut fresh = tempfile::Builder::new().prefix(FRESH).tempfile_in(folder)?;
            fresh.write_all(self.text().as_bytes())?;
            fresh.as_file().sync_all()?;
            fresh.persist(&path)?;
            std::fs::File::open(folder)?.sync_all()
        };
        write()
            .map_err(|cause: std::io::Error| Error::fault(cause))
            .doing(said!("writing {}", path.display()))
    }
    /// Which of the keys this is the fingerprint of.
    fn known_as(&self, fingerprint: &str) -> Option<Secret> {
        let mut all = std::iter::once(&self.first)
            .chain(&self.next)
            .chain(&self.before);
        all.find(|secret| Keys::new(**secret).fingerprint() == fingerprint)
            .copied()
    }
}

/// The key file of an opened house.
pub(crate) struct Held {
    path: PathBuf,
    ring: Ring,
    /// The key in force, with those of before that are still believed.
    pub(crate) keys: Keys,
    /// Whether the database does not know it by a fingerprint yet.
    pub(crate) is_first: bool,
    secret: Secret,
    until: Moment,
}

impl Held {
    /// Whether a change was broken off after the database had taken the next key.
    fn is_half(&self) -> bool {
        self.ring.next.contains(&self.secret)
    }
    /// Whether a change was begun and not ended.
    pub(crate) fn is_broken_off(&self) -> bool {
        !self.ring.next.is_empty()
    }
    /// Until when a key of before is believed, if one is.
    pub(crate) fn believed_until(&self, now: Moment) -> Option<Moment> {
        (self.until > now && !self.ring.before.is_empty()).then_some(self.until)
    }
    /// Every key of the file, the one in force first.
    fn all(&self) -> Keys {
        let ring = &self.ring;
        let others = std::iter::once(&ring.first)
            .chain(&ring.next)
            .chain(&ring.before);
        let others = others.filter(|secret| **secret != self.secret).copied();
        Keys::new(self.secret).with_before(others)
    }
    /// Throws keys of before away when nothing is found by them any more.
    pub(crate) fn tidy(&mut self, now: Moment) -> Result<()> {
        let ring = &self.ring;
        if self.is_broken_off() || ring.before.is_empty() || self.until > now {
            return Ok(());
        }
        let ring = Ring::of(self.secret);
        ring.write(&self.path)?;
        self.ring = ring;
        Ok(())
    }
}

fn way_out() -> Said {
    said!(
        "Put back the one of your backup: every archive of `sotay backup` holds it \
         (tar --zstd -xf ARCHIVE secret.key; of an encrypted one: age --decrypt -i SECRETKEY ARCHIVE | \
         tar --zstd -x secret.key), readable by the owner alone; or, when `sotay key rotate` ran on another \
         server of this handbook, the one of that server"
    )
}

/// The key of this handbook. One is made for a new handbook alone (`may_make`): in any other, numbers that were
/// sealed would never open again.
pub(crate) async fn open(
    database: &db::Db,
    may_make: bool,
    path: &Path,
    dice: &Dice,
    now: Moment,
) -> Result<Held> {
    let known = site::settings::find(database, FINGERPRINT).await?;
    let until = site::settings::find(database, BEFORE_UNTIL).await?;
    let until = Moment(until.and_then(|ms| ms.parse().ok()).unwrap_or(0));
    let is_first = known.is_none();
    let ring = match Ring::find(path)? {
        Some(ring) => ring,
        None if is_first && may_make && !people::member::is_anybody(database).await? => {
            make(path, dice)?
        }
        None => {
            return Err(Error::fault(said!(
                "{} is missing, and this handbook is not new. {}",
                path.display(),
                way_out()
            )));
        }
    };
    let secret = match known {
        None => Some(ring.first),
        Some(known) => ring.known_as(&known),
    };
    let secret = secret.ok_or_else(|| {
        Error::fault(said!(
            "{} is not the key of this handbook: the numbers that it sealed would not open. {}",
            path.display(),
            way_out()
        ))
    })?;
    let mut held = Held {
        path: path.to_owned(),
        keys: Keys::new(secret),
        ring,
        is_first,
        secret,
        until,
    };
    if until > now {
        held.keys = held.all();
    }
    Ok(held)
}

/// Keeps by what this handbook knows its key again.
pub(crate) async fn know(site: &Site) -> Result<()> {
    let mut act = site::Program::part("keys")
        .begin_unlogged(site, "start", FINGERPRINT)
        .await?;
    site::settings::set(&mut act, FINGERPRINT, &site.keys.fingerprint()).await?;
    act.end().await.map(|_| ())
}

/// Whether the database is still under that key.
pub(crate) async fn is_still(site: &Site) -> Result<bool> {
    let known = site::settings::find(&site.db, FINGERPRINT).await?;
    Ok(known.is_none_or(|known| known == site.keys.fingerprint()))
}

/// Makes the key of a new handbook; never writes over one.
fn make(path: &Path, dice: &Dice) -> Result<Ring> {
    let ring = Ring::of(dice.bytes());
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(Error::fault)
        .doing(said!("making {}", path.display()))?;
    file.write_all(ring.text().as_bytes())?;
    file.sync_all()?;
    Ok(ring)
}

/// How the key is to be changed.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Wish {
    /// The key is in other hands: nothing is believed that only it finds again.
    pub is_leaked: bool,
    /// What no key opens stays as it is.
    pub leaves_closed: bool,
}

/// What a change came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rotated {
    /// Everything is under a new key.
    Done(Found),
    /// One that was broken off had been done but for the file; now it is.
    Finished,
    /// Some values open with no key; nothing was changed.
    Closed(Found),
}

/// How far a change has come: a test ends it there as a kill would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The new key lies beside the old one.
    Prepared,
    /// Everything is written and nothing is kept yet.
    Written,
    /// The database is under the new key.
    Kept,
}

/// Says what a change would find; changes nothing.
pub(crate) async fn look(site: &Site, held: &Held, tick: rekey::Tick<'_>) -> Result<Found> {
    rekey::look(site, &held.all(), tick).await
}

/// Called with the number of rows done so far, and of all.
pub(crate) type Tick<'a> = &'a mut (dyn FnMut(u64, u64) + Send);

/// Puts everything under a new key. The caller is alone with the handbook, and still is before it is kept.
pub(crate) async fn rotate(
    site: &Site,
    held: &Held,
    alone: &mut AtWork,
    wish: Wish,
    tick: Tick<'_>,
    reached: &mut (dyn FnMut(Stage) -> Result<()> + Send),
) -> Result<Rotated> {
    let finished;
    let held = if held.is_half() {
        finished = finish(held, site.clock.now())?;
        if !wish.is_leaked {
            return Ok(Rotated::Finished);
        }
        &finished
    } else {
        held
    };
    let from = held.all();
    // What shows that the program wrote a line counts until the line is bound, by the key of now.
    site::chain::bind_with(site, &from).await?;
    let found = rekey::look(site, &from, &mut |_| {}).await?;
    if !found.closed.is_empty() && !wish.leaves_closed {
        return Ok(Rotated::Closed(found));
    }
    let all = found.rows;
    let mut prepared = held.ring.clone();
    // One that lies there stands in the archives made meanwhile: where the key was lost to somebody, it is none.
    let next = match prepared.next.first() {
        Some(lying) if !wish.is_leaked => *lying,
        _ => {
            prepared.next.insert(0, site.dice.bytes());
            prepared.next[0]
        }
    };
    prepared.write(&held.path)?;
    reached(Stage::Prepared)?;
    let before = from.each().into_iter().map(|keys| keys.secret());
    let to = Keys::new(next).with_before(before.filter(|secret| *secret != next));
    let mut act = Operator::at("key rotate")
        .begin(site, "key", "key.rotate")
        .await?;
    act.tx().unwatched(); // nobody else writes
    let mut done = |rows| tick(rows, all);
    let found = rekey::change(&mut act, &from, &to, wish.is_leaked, &mut done).await?;
    let now = site.clock.now();
    let until = match wish.is_leaked {
        true => Moment(0),
        false => found.until.max(now.plus_ms(FORMS_MS)),
    };
    site::settings::set(&mut act, FINGERPRINT, &to.fingerprint()).await?;
    site::settings::set(&mut act, BEFORE_UNTIL, &until.0.to_string()).await?;
    act.line().diff(&serde_json::json!({
        "rows": found.rows,
        "values": found.values,
        "closed": found.closed.len(),
        "leaked": wish.is_leaked,
    }));
    reached(Stage::Written)?;
    // Else a server may have begun meanwhile that knows the key of before alone.
    if !alone.is_held().await {
        return Err(Error::fault(
            "the connection that kept others out of the database was lost: nothing was changed, run this again",
        ));
    }
    act.end().await?;
    reached(Stage::Kept)?;
    let prepared = Held {
        path: held.path.clone(),
        ring: prepared,
        keys: to,
        is_first: false,
        secret: next,
        until,
    };
    finish(&prepared, now)?;
    Ok(Rotated::Done(found))
}

/// Makes the key that the database is under the first of the file.
fn finish(held: &Held, now: Moment) -> Result<Held> {
    let ring = &held.ring;
    let mut done = Ring::of(held.secret);
    if held.until > now {
        let before = std::iter::once(&ring.first).chain(&ring.before);
        done.before = before.filter(|old| **old != held.secret).copied().collect();
    }
    done.write(&held.path)?;
    sweep(&held.path)?;
    Ok(Held {
        path: held.path.clone(),
        ring: done,
        keys: held.keys.clone(),
        is_first: false,
        secret: held.secret,
        until: held.until,
    })
}

/// Removes what a kill left of key files that were being written.
fn sweep(path: &Path) -> Result<()> {
    let path = std::fs::canonicalize(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(FRESH) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_read_as_it_was_written_and_a_damaged_one_is_none() {
        let ring = Ring {
            first: [1; 32],
            next: vec![[2; 32], [5; 32]],
            before: vec![[3; 32], [4; 32]],
        };
        for ring in [ring, Ring::of([9; 32])] {
            assert!(Ring::read(&ring.text()) == Some(ring));
        }
        let hex = "00".repeat(32);
        assert!(Ring::read(&hex).is_some(), "one of old has no end of line");
        for bad in [
            String::new(),
            "00".repeat(31),
            format!("{hex}\nnext 00"),
            format!("{hex}\nother {hex}"),
            format!("{hex}\n{hex}"),
        ] {
            assert!(Ring::read(&bad).is_none(), "{bad}");
        }
    }
}
