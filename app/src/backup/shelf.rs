//! A folder of archives: which there are, and which may go.
//!
//! An archive's instant is in its name, so a folder can be listed without a key. Only names that
//! `sotay backup` gives are looked at: whatever else lies there is never touched. Not here: whether one is
//! whole (`entries::check`).
//! The rule that surprises: what cannot be an archive, or says that it was made after now, takes no good
//! one's place and is not thrown away either: somebody should look at it.

use super::{frame, sealed};
use kernel::error::{Doing, Error, Result};
use kernel::said;
use kernel::{Day, Moment};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const BEFORE: &str = "sotay-backup-";
const AFTER: &str = ".tar.zst";
const SEALED: &str = ".age";

/// The name of an archive that is made now.
pub(crate) fn name(now: Moment, is_sealed: bool) -> String {
    let sealed = if is_sealed { SEALED } else { "" };
    // File systems of other machines do not take a colon.
    let at: String = (now.rfc3339().chars())
        .map(|c| if c == ':' { '-' } else { c })
        .collect();
    format!("{BEFORE}{at}{AFTER}{sealed}")
}

/// The instant in a name that [`name`] made.
fn read(name: &str) -> Option<(Moment, bool)> {
    let is_sealed = name.ends_with(SEALED);
    let inside = name.strip_suffix(SEALED).unwrap_or(name);
    let at = inside.strip_prefix(BEFORE)?.strip_suffix(AFTER)?;
    let (day, clock) = at.split_once('T')?;
    let clock: Vec<&str> = clock.splitn(3, '-').collect();
    let moment = Moment::read(&format!("{day}T{}", clock.join(":")))?;
    Some((moment, is_sealed))
}

/// One archive of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Where it is.
    pub path: PathBuf,
    /// When it was made.
    pub at: Moment,
    /// Whether it is encrypted.
    pub is_sealed: bool,
    /// What it weighs.
    pub bytes: u64,
    /// Whether it may count when old ones are thrown away.
    pub fitness: Fitness,
}

/// Whether an archive of a folder can be one, as far as it is seen without a key and without unpacking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fitness {
    /// It begins as an archive does, and has its end; whether an encrypted one has, only its key tells.
    Good,
    /// It is empty, cut off, or something else.
    Broken,
    /// Its name says an instant that has not come: a clock was wrong, here or where it was made.
    Future,
    /// Somebody gave it a name of their own: it is listed by the day of the file, never counted, never removed.
    Renamed,
}

fn fitness(path: &Path, at: Moment, is_sealed: bool, now: Moment) -> Fitness {
    let is_good = if is_sealed {
        sealed::begins_there(path)
    } else {
        frame::is_whole(path)
    };
    match (is_good, at > now) {
        (false, _) => Fitness::Broken,
        (true, true) => Fitness::Future,
        (true, false) => Fitness::Good,
    }
}

/// The archives of a folder under names that somebody gave them, the newest file first. Only [`list`]'s are counted and
/// thrown away.
pub(crate) fn list_renamed(folder: &Path) -> Result<Vec<Kept>> {
    let doing = || said!("reading the folder {}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(Error::fault);
    let mut all = Vec::new();
    for entry in entries.doing(doing())? {
        let entry = entry.map_err(Error::fault).doing(doing())?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_sealed = name.ends_with(SEALED);
        let bare = name.strip_suffix(SEALED).unwrap_or(&name);
        let about = match entry.metadata() {
            // Somebody removed it a moment ago.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            about => about.map_err(Error::fault).doing(doing())?,
        };
        if read(&name).is_some() || !bare.ends_with(AFTER) || !about.is_file() {
            continue;
        }
        let path = entry.path();
        let is_one = match is_sealed {
            true => sealed::begins_there(&path),
            false => frame::is_whole(&path),
        };
        all.push(Kept {
            at: changed(&about),
            is_sealed,
            bytes: about.len(),
            fitness: match is_one {
                true => Fitness::Renamed,
                false => Fitness::Broken,
            },
            path,
        });
    }
    all.sort_by(|a, b| b.at.cmp(&a.at).then(a.path.cmp(&b.path)));
    Ok(all)
}

/// When a file was last written, as far as the disk knows.
fn changed(about: &std::fs::Metadata) -> Moment {
    let since = about.modified().ok().and_then(|at| {
        at.duration_since(std::time::UNIX_EPOCH).ok() // a disk without clock: the beginning of time
    });
    Moment(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0)))
}

/// The archives of a folder, the newest first.
pub(crate) fn list(folder: &Path, now: Moment) -> Result<Vec<Kept>> {
    let doing = || said!("reading the folder {}", folder.display());
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)
        .map_err(Error::fault)
        .doing(doing())?
    {
        let entry = entry.map_err(Error::fault).doing(doing())?;
        let Some((at, is_sealed)) = read(&entry.file_name().to_string_lossy()) else {
            continue;
        };
        let about = match entry.metadata() {
            // Somebody removed it a moment ago.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            about => about.map_err(Error::fault).doing(doing())?,
        };
        if about.is_file() {
            let path = entry.path();
            let fitness = fitness(&path, at, is_sealed, now);
            all.push(Kept {
                path,
                at,
                is_sealed,
                bytes: about.len(),
                fitness,
            });
        }
    }
    all.sort_by(|a, b| b.at.cmp(&a.at).then(a.path.cmp(&b.path)));
    Ok(all)
}

/// How many archives are kept: the newest of each of so many days, weeks and months that have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retention {
    /// Days.
    pub days: usize,
    /// Weeks, from Monday.
    pub weeks: usize,
    /// Months.
    pub months: usize,
}

/// Which archives stay, in the order of the list. Only good ones are counted and only good ones go, the newest
/// of them never.
pub(crate) fn of_retention(all: &[Kept], keep: Retention) -> Vec<bool> {
    let is_good = |kept: &Kept| kept.fitness == Fitness::Good;
    let mut stays: Vec<bool> = all.iter().map(|kept| !is_good(kept)).collect();
    if let Some(newest) = all.iter().position(is_good)
        && let Some(stays) = stays.get_mut(newest)
    {
        *stays = true;
    }
    let week = |day: Day| day.week_start().to_string();
    let month = |day: Day| day.to_string().chars().take(7).collect::<String>();
    let kinds: [(usize, &dyn Fn(Day) -> String); 3] = [
        (keep.days, &|day| day.to_string()),
        (keep.weeks, &week),
        (keep.months, &month),
    ];
    for (most, span) in kinds {
        let mut met = BTreeSet::new();
        let good = all.iter().zip(&mut stays).filter(|(kept, _)| is_good(kept));
        for (kept, stays) in good {
            if met.len() < most && met.insert(span(kept.at.day())) {
                *stays = true;
            }
        }
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archives_name_tells_its_instant() {
        for (now, is_sealed) in [
            (Moment(1_795_000_000_123), false),
            (Moment(1_795_000_000_000), true),
        ] {
            assert_eq!(read(&name(now, is_sealed)), Some((now, is_sealed)));
        }
        for other in [
            "sotay-backup-old.tar.zst",
            "notes.txt",
            "sotay-backup-2026-01-01.tar.zst",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn an_archive_that_somebody_renamed_is_listed_and_never_counted() {
        let folder = tempfile::tempdir().unwrap();
        for other in [
            "truoc-khi-nang-cap.tar.zst",
            "notes.txt",
            "nam-2025.tar.zst.age",
        ] {
            std::fs::write(folder.path().join(other), "nothing").unwrap();
        }
        std::fs::write(
            folder.path().join(name(Moment(1_795_000_000_000), false)),
            "x",
        )
        .unwrap();
        let renamed = list_renamed(folder.path()).unwrap();
        let mut names: Vec<_> = (renamed.iter())
            .map(|kept| {
                kept.path
                    .file_name()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        assert_eq!(
            names,
            ["nam-2025.tar.zst.age", "truoc-khi-nang-cap.tar.zst"]
        );
        assert!(
            renamed.iter().all(|kept| kept.fitness == Fitness::Broken),
            "no archive inside"
        );
        assert_eq!(
            list(folder.path(), Moment(1_795_000_000_001))
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn of_each_day_week_and_month_the_newest_stays() {
        const HOUR_MS: i64 = 3_600_000;
        // Sunday 2026-11-22, 12:00 in Vietnam, and before it one every twelve hours for a hundred days.
        let newest = Day::of(2026, 11, 22).unwrap().at(12, 0);
        let all: Vec<Kept> = (0..200)
            .map(|nth| Kept {
                path: PathBuf::from(format!("{nth}")),
                at: newest.plus_ms(-12 * HOUR_MS * nth),
                is_sealed: false,
                bytes: 1,
                fitness: Fitness::Good,
            })
            .collect();
        let days = |days, weeks, months| -> Vec<String> {
            let stays = of_retention(
                &all,
                Retention {
                    days,
                    weeks,
                    months,
                },
            );
            let kept = all.iter().zip(stays).filter(|(_, stays)| *stays);
            kept.map(|(kept, _)| kept.at.day().to_string()).collect()
        };
        assert_eq!(days(0, 0, 0), ["2026-11-22"]);
        assert_eq!(days(2, 0, 0), ["2026-11-22", "2026-11-21"]);
        assert_eq!(days(1, 2, 0), ["2026-11-22", "2026-11-15"]);
        assert_eq!(days(1, 0, 3), ["2026-11-22", "2026-10-31", "2026-09-30"]);
        assert_eq!(days(0, 0, 99).len(), 4);
        assert_eq!(
            of_retention(
                &[],
                Retention {
                    days: 1,
                    weeks: 1,
                    months: 1
                }
            )
            .len(),
            0
        );
    }

    #[test]
    fn what_is_no_whole_archive_takes_no_good_ones_place() {
        let folder = tempfile::tempdir().unwrap();
        let noon = Day::of(2026, 11, 22).unwrap().at(12, 0);
        let good = zstd::encode_all(&b"rows"[..], 3).unwrap();
        let lay = |hours: i64, is_sealed, content: &[u8]| {
            let at = noon.plus_ms(hours * 3_600_000);
            std::fs::write(folder.path().join(name(at, is_sealed)), content).unwrap();
        };
        lay(-49, false, &good);
        lay(-25, false, &good);
        lay(-3, false, &good);
        // Later the same day: empty ones, one cut off, a page of a proxy; and one of a wrong clock.
        lay(-2, false, b"");
        lay(-2, true, b"");
        lay(-1, false, &good[..good.len() - 1]);
        lay(-1, true, b"<html>");
        lay(48, false, &good);
        let keep = |days| Retention {
            days,
            weeks: 0,
            months: 0,
        };
        let goes = |days| -> Vec<i64> {
            let all = list(folder.path(), noon).unwrap();
            assert_eq!(all.len(), 8);
            let stays = of_retention(&all, keep(days));
            let gone = all.iter().zip(stays).filter(|(_, stays)| !stays);
            gone.map(|(kept, _)| (kept.at.0 - noon.0) / 3_600_000)
                .collect()
        };
        assert_eq!(goes(0), [-25, -49], "the newest good one never goes");
        assert_eq!(goes(1), [-25, -49]);
        assert_eq!(goes(2), [-49]);
        assert_eq!(goes(3), [0_i64; 0]);
        // A good encrypted one, an hour later, does take its place.
        lay(-1, true, b"age-encryption.org/v1\n");
        assert_eq!(
            list(folder.path(), noon)
                .map(|all| of_retention(&all, keep(1))
                    .iter()
                    .filter(|stays| !**stays)
                    .count())
                .unwrap(),
            3
        );
    }
}
