//! `archives`: a folder of archives listed and pruned, one archive checked, a key for encrypted ones.
//!
//! None of it needs the handbook: it may run on the machine where archives are kept.

use super::Done;
use super::keep::{name_each, name_lost};
use crate::backup::{self, Fitness, Kept, Retention};
use crate::tongue::{self, tell};
use clap::Subcommand;
use kernel::error::{Doing, Error, Result};
use kernel::{Said, said};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

/// What stands behind `sotay archives`.
#[derive(Subcommand)]
pub(super) enum Archives {
    /// List the archives of a folder, the newest first.
    List {
        /// The folder.
        #[arg(value_name = "DIR", default_value = ".")]
        folder: PathBuf,
    },
    /// Throw old archives of a folder away: the newest of each of the last days, weeks and months stays.
    Prune {
        /// The folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Of how many days that have one.
        #[arg(long, default_value_t = 7)]
        days: usize,
        /// Of how many weeks.
        #[arg(long, default_value_t = 5)]
        weeks: usize,
        /// Of how many months.
        #[arg(long, default_value_t = 12)]
        months: usize,
        /// Say what would go, remove nothing.
        #[arg(long)]
        dry_run: bool,
        /// Remove without asking: for schedules.
        #[arg(long, conflicts_with = "dry_run")]
        yes: bool,
    },
    /// Read a whole archive and compare it with what it says of itself.
    Check {
        /// The archive.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// File with the secret key of an encrypted archive.
        #[arg(long, value_name = "FILE")]
        identity: Option<PathBuf>,
    },
    /// Make a pair of keys: the secret one into FILE, the public one is printed.
    NewKey {
        /// The file; keep it away from the server, and a copy of it on paper.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

pub(super) async fn run(what: Archives) -> Result<Done> {
    match what {
        Archives::List { folder } => list(&folder),
        Archives::Prune {
            folder,
            days,
            weeks,
            months,
            dry_run,
            yes,
        } => {
            let keep = Retention {
                days,
                weeks,
                months,
            };
            let wish = match (dry_run, yes) {
                (true, _) => Wish::Look,
                (_, true) => Wish::Remove,
                _ => Wish::Ask,
            };
            prune(&folder, keep, wish, agrees)
        }
        Archives::Check { file, identity } => {
            let checked = tokio::task::spawn_blocking(move || {
                let manifest = backup::check(&file, identity.as_deref())?;
                Ok::<_, Error>((file, manifest))
            });
            let (file, manifest) = checked.await.map_err(Error::fault)??;
            let rows: u64 = manifest.rows.values().sum();
            tongue::print(said!(
                "{}: whole. Made at {}, {} rows, {} files.",
                file.display(),
                manifest.made_at,
                rows,
                manifest.files()
            ))?;
            Ok(name_lost(&manifest.left_out))
        }
        Archives::NewKey { file } => {
            let public = backup::new_key(&file)?;
            tongue::print_plain(&format!("{public}\n"))?;
            tell(said!(
                "{} holds the secret key: without it no archive made for this public key opens. Keep it away \
                 from the server.",
                file.display()
            ));
            tell(said!(
                "For every archive: recipient = \"{0}\" in [backup] of the settings; for one: sotay backup --for {0}",
                public
            ));
            Ok(Done::Good)
        }
    }
}

fn line(kept: &Kept) -> Said {
    let name = kept.path.file_name().unwrap_or_default().to_string_lossy();
    let (day, clock) = (kept.at.day(), kept.at.clock_text());
    let head = format!("{day} {clock} {:>15}", kept.bytes);
    let name = match kept.fitness {
        Fitness::Good => said!("{}", name),
        Fitness::Broken => said!("{}  NOT WHOLE", name),
        Fitness::Future => said!("{}  LATER THAN NOW", name),
        Fitness::Renamed => said!("{}  NAMED BY HAND: prune does not touch it", name),
    };
    match kept.is_sealed {
        true => said!("{} encrypted {}", head, name),
        false => said!("{}           {}", head, name),
    }
}

fn list(folder: &Path) -> Result<Done> {
    let mut all = backup::list(folder, crate::real::clock().now())?;
    all.extend(backup::list_renamed(folder)?);
    let bytes: u64 = all.iter().map(|kept| kept.bytes).sum();
    let end = said!("Archives: {}. Bytes: {}", all.len(), bytes);
    tongue::print(Said::list(all.iter().map(line).chain([end]), "\n"))?;
    Ok(Done::Good)
}

/// What is wanted of old archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// Only say which.
    Look,
    /// Say which, and ask the person at the terminal.
    Ask,
    /// Remove them.
    Remove,
}

/// Whether the person at the terminal says yes; none where nobody sits at one.
fn agrees(gone: usize) -> Result<Option<bool>> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    tongue::ask(said!("Remove {} of them for good? Type yes: ", gone));
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(Error::fault)?;
    Ok(Some(is_yes(&line)))
}

/// "yes" in either language, with marks or without.
fn is_yes(line: &str) -> bool {
    matches!(vietnamese::fold(line.trim()).as_str(), "yes" | "co")
}

fn prune(
    folder: &Path,
    keep: Retention,
    wish: Wish,
    agrees: impl Fn(usize) -> Result<Option<bool>>,
) -> Result<Done> {
    let all = backup::list(folder, crate::real::clock().now())?;
    let stays = backup::of_retention(&all, keep);
    let mut out = Vec::new();
    let mut going: Vec<&Kept> = Vec::new();
    for (kept, stays) in all.iter().zip(stays) {
        out.push(match (kept.fitness, stays) {
            (Fitness::Good, true) => said!("keep   {}", line(kept)),
            (Fitness::Good, false) => said!("remove {}", line(kept)),
            _ => said!("look   {}", line(kept)),
        });
        if !stays {
            going.push(kept);
        }
    }
    out.push(match going.len() {
        0 => said!("Archives: {}. Nothing has to go", all.len()),
        gone => said!("Archives: {}. To be removed: {}", all.len(), gone),
    });
    tongue::print(Said::list(out, "\n"))?;
    if !going.is_empty() && wish != Wish::Look {
        let is_sure = match wish {
            Wish::Ask => agrees(going.len())?,
            _ => Some(true),
        };
        match is_sure {
            Some(true) => {}
            Some(false) => {
                tell(said!("Nothing was removed."));
                return Ok(Done::Good);
            }
            None => {
                return Ok(Done::WrongUse(said!(
                    "nothing was removed: at a terminal this command asks first; elsewhere it removes with --yes alone \
                     (--dry-run says what would go)"
                )));
            }
        }
        for kept in &going {
            match std::fs::remove_file(&kept.path) {
                // Somebody else prunes too: it is gone, as was wanted.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                done => done
                    .map_err(Error::fault)
                    .doing(said!("removing {}", kept.path.display()))?,
            }
        }
        tongue::print(said!("Archives: {}. Removed: {}", all.len(), going.len()))?;
    }
    let odd = all.iter().filter(|kept| kept.fitness != Fitness::Good);
    let odd: Vec<Said> = odd.map(|kept| said!("{}", kept.path.display())).collect();
    let what =
        said!("Not counted and not removed, since not whole or later than now; look at them");
    Ok(name_each(what, &odd))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_removed_before_somebody_said_yes() {
        let keep = Retention {
            days: 1,
            weeks: 0,
            months: 0,
        };
        let folder = tempfile::tempdir().unwrap();
        let now = crate::real::clock().now();
        for ago in [1, 2] {
            let name = backup::name(now.plus_ms(-ago * 86_400_000 * 2), true);
            std::fs::write(folder.path().join(name), "age-encryption.org/v1\n").unwrap();
        }
        let there = || std::fs::read_dir(folder.path()).unwrap().count();
        let prunes = |wish, answer| prune(folder.path(), keep, wish, |_| Ok(answer)).unwrap();
        prunes(Wish::Look, Some(true));
        assert_eq!(there(), 2, "only looked at");
        assert!(matches!(prunes(Wish::Ask, None), Done::WrongUse(_)));
        assert_eq!(there(), 2, "nobody sits at a terminal");
        assert!(matches!(prunes(Wish::Ask, Some(false)), Done::Good));
        assert_eq!(there(), 2, "not sure");
        prunes(Wish::Ask, Some(true));
        assert_eq!(there(), 1);
    }

    #[test]
    fn an_archive_that_another_prune_removed_meanwhile_is_removed() {
        let keep = Retention {
            days: 1,
            weeks: 0,
            months: 0,
        };
        let folder = tempfile::tempdir().unwrap();
        let now = crate::real::clock().now();
        for ago in [1, 2, 3] {
            let name = backup::name(now.plus_ms(-ago * 86_400_000 * 2), true);
            std::fs::write(folder.path().join(name), "age-encryption.org/v1\n").unwrap();
        }
        // The other one runs while this one asks.
        let other = |_| {
            prune(folder.path(), keep, Wish::Remove, |_| Ok(None))?;
            Ok(Some(true))
        };
        let done = prune(folder.path(), keep, Wish::Ask, other).unwrap();
        assert!(matches!(done, Done::Good));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn yes_is_said_in_either_language() {
        for line in ["yes\n", "co", " Có \n", "YES"] {
            assert!(is_yes(line), "{line}");
        }
        for line in ["", "n", "không", "y e s"] {
            assert!(!is_yes(line), "{line}");
        }
    }
}
