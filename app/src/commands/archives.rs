//! `archives`: a folder of archives listed and pruned, one archive checked, a key for encrypted ones.
//!
//! None of it needs the handbook: it may run on the machine where archives are kept.

use super::Done;
use crate::backup::{self, Fitness, Kept, Retention};
use clap::Subcommand;
use kernel::error::{Doing, Error, Result};
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
            super::lists::print(&format!(
                "{}: whole. Made at {}, {rows} rows, {} files.\n",
                file.display(),
                manifest.made_at,
                manifest.files()
            ))?;
            let what = "Not in it, or damaged when it was made";
            Ok(super::keep::tell(what, &manifest.left_out))
        }
        Archives::NewKey { file } => {
            let public = backup::new_key(&file)?;
            super::lists::print(&format!("{public}\n"))?;
            eprintln!(
                "{} holds the secret key: without it no archive made for this public key opens. Keep it away \
                 from the server.\nFor every archive: recipient = \"{public}\" in [backup] of the settings; \
                 for one: sotay backup --for {public}",
                file.display()
            );
            Ok(Done::Good)
        }
    }
}

fn line(kept: &Kept) -> String {
    let name = kept.path.file_name().unwrap_or_default().to_string_lossy();
    let sealed = if kept.is_sealed { "encrypted" } else { "" };
    let (day, clock) = (kept.at.day(), kept.at.clock_text());
    let told = match kept.fitness {
        Fitness::Good => "",
        Fitness::Broken => "  NOT WHOLE",
        Fitness::Future => "  LATER THAN NOW",
    };
    format!("{day} {clock} {:>15} {sealed:9} {name}{told}", kept.bytes)
}

fn list(folder: &Path) -> Result<Done> {
    let all = backup::list(folder, crate::real::clock().now())?;
    let mut out: String = all.iter().map(|kept| line(kept) + "\n").collect();
    let bytes: u64 = all.iter().map(|kept| kept.bytes).sum();
    out.push_str(&format!("{} archives, {bytes} bytes\n", all.len()));
    super::lists::print(&out)
}

fn prune(folder: &Path, keep: Retention, dry_run: bool) -> Result<Done> {
    let all = backup::list(folder, crate::real::clock().now())?;
    let stays = backup::of_retention(&all, keep);
    let mut out = String::new();
    let mut gone = 0;
    for (kept, stays) in all.iter().zip(stays) {
        let word = match (kept.fitness, stays) {
            (Fitness::Good, true) => "keep  ",
            (Fitness::Good, false) => "remove",
            _ => "look  ",
        };
        out.push_str(&format!("{word} {}\n", line(kept)));
        if !stays {
            gone += 1;
            if !dry_run {
                std::fs::remove_file(&kept.path)
                    .map_err(Error::fault)
                    .doing(format!("removing {}", kept.path.display()))?;
            }
        }
    }
    let done = if dry_run {
        "would be removed"
    } else {
        "removed"
    };
    out.push_str(&format!("{} archives, {gone} {done}\n", all.len()));
    super::lists::print(&out)?;
    let odd = all.iter().filter(|kept| kept.fitness != Fitness::Good);
    let odd: Vec<String> = odd.map(|kept| kept.path.display().to_string()).collect();
    let what = "Not counted and not removed, since not whole or later than now; look at them";
    Ok(super::keep::tell(what, &odd))
}
