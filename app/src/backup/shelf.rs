//! A folder of archives: which there are, and which may go.
//!
//! An archive's instant is in its name, so a folder can be listed without a key. Only names that
//! `sotay backup` gives are looked at: whatever else lies there is never touched. Not here: whether one is
//! whole (`entries::check`).

use kernel::error::{Doing, Error, Result};
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
}

/// The archives of a folder, the newest first.
pub(crate) fn list(folder: &Path) -> Result<Vec<Kept>> {
    let doing = || format!("reading the folder {}", folder.display());
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)
        .map_err(Error::fault)
        .doing(doing())?
    {
        let entry = entry.map_err(Error::fault).doing(doing())?;
        let Some((at, is_sealed)) = read(&entry.file_name().to_string_lossy()) else {
            continue;
        };
        let about = entry.metadata().map_err(Error::fault).doing(doing())?;
        if about.is_file() {
            all.push(Kept {
                path: entry.path(),
                at,
                is_sealed,
                bytes: about.len(),
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

/// Which archives stay, in the order of the list; the newest always does.
pub(crate) fn of_retention(all: &[Kept], keep: Retention) -> Vec<bool> {
    let mut stays = vec![false; all.len()];
    if let Some(newest) = stays.first_mut() {
        *newest = true;
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
        for (kept, stays) in all.iter().zip(&mut stays) {
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
}
