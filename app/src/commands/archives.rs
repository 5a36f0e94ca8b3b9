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
        } => {
            let keep = Retention {
                days,
                weeks,
                months,
            };
            prune(&folder, keep, dry_run)
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
    let end = said!("{} archives, {} bytes", all.len(), bytes);
    tongue::print(Said::list(all.iter().map(line).chain([end]), "\n"))?;
    Ok(Done::Good)
}

fn prune(folder: &Path, keep: Retention, dry_run: bool) -> Result<Done> {
    let all = backup::list(folder, crate::real::clock().now())?;
    let stays = backup::of_retention(&all, keep);
    let mut out = Vec::new();
    let mut gone = 0;
    for (kept, stays) in all.iter().zip(stays) {
        out.push(match (kept.fitness, stays) {
            (Fitness::Good, true) => said!("keep   {}", line(kept)),
            (Fitness::Good, false) => said!("remove {}", line(kept)),
            _ => said!("look   {}", line(kept)),
        });
        if !stays {
            gone += 1;
            if !dry_run {
                std::fs::remove_file(&kept.path)
                    .map_err(Error::fault)
                    .doing(said!("removing {}", kept.path.display()))?;
            }
        }
    }
    out.push(match dry_run {
        true => said!("{} archives, {} would be removed", all.len(), gone),
        false => said!("{} archives, {} removed", all.len(), gone),
    });
    tongue::print(Said::list(out, "\n"))?;
    let odd = all.iter().filter(|kept| kept.fitness != Fitness::Good);
    let odd: Vec<Said> = odd.map(|kept| said!("{}", kept.path.display())).collect();
    let what =
        said!("Not counted and not removed, since not whole or later than now; look at them");
    Ok(name_each(what, &odd))
}
