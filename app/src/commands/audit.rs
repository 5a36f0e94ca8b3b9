//! `audit heads`, `audit verify`: the chain over the log, for whoever keeps its heads elsewhere.
//!
//! Says what it found. Not here: how the log is bound and recomputed (`site::chain`), reading it (the room `admin`).
//! The rule that surprises: `heads` binds what waits and closes a day that is over, as a server would; `verify`
//! writes nothing.

use super::Done;
use crate::config::Config;
use crate::house::{self, House, Make};
use crate::progress::{Bar, Stop};
use crate::tongue::{self, tell};
use clap::{Args, Subcommand};
use kernel::error::{Doing as _, Error, Result};
use kernel::{Day, Said, said};
use site::chain::{self, Asked, Kept, Verified};
use std::path::{Path, PathBuf};

/// The commands of `sotay audit`.
#[derive(Subcommand)]
pub(super) enum Audit {
    /// Print a line for each day of the log: day, rows, hash. Kept elsewhere, they tell whether rows were cut off.
    Heads(Days),
    /// Recompute the log and name what was changed, removed, added or moved; ends with 3 when anything was.
    Verify(Verify),
}

/// Which days.
#[derive(Args)]
pub(super) struct Days {
    /// From that day on (default: the first).
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<String>,
    /// To the end of that day (default: now).
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<String>,
}

/// Options of `sotay audit verify`.
#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    days: Days,
    /// Lines of `sotay audit heads` that were kept elsewhere; - is what is piped in.
    #[arg(long, value_name = "FILE")]
    heads: Option<PathBuf>,
}

pub(super) async fn run(audit: Audit, config: &Config) -> Result<Done> {
    let (days, kept) = match &audit {
        Audit::Heads(days) => (days, None),
        Audit::Verify(options) => (&options.days, options.heads.as_deref()),
    };
    let (from, to) = match (read_day(days.from.as_ref()), read_day(days.to.as_ref())) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(why), _) | (_, Err(why)) => return Ok(Done::WrongUse(why)),
    };
    let kept = match kept.map(read_kept).transpose()? {
        Some(Err(why)) => return Ok(Done::WrongUse(why)),
        Some(Ok(kept)) => kept,
        None => Vec::new(),
    };
    let house = house::open(config, Make::No).await?;
    let done = match audit {
        Audit::Heads(_) => heads(&house, from, to).await,
        Audit::Verify(_) => verify(&house, &Asked { from, to, kept }).await,
    };
    house.site.db.close().await;
    done
}

fn read_day(text: Option<&String>) -> std::result::Result<Option<Day>, Said> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(day) => Ok(Some(day)),
        Err(_) => Err(said!("{} is no day; write it as 2026-11-23", text)),
    }
}

/// The heads of a file; empty lines and those that begin with # are passed over.
fn read_kept(file: &Path) -> Result<std::result::Result<Vec<Kept>, Said>> {
    let text = match file.to_str() {
        Some("-") => std::io::read_to_string(std::io::stdin()),
        _ => std::fs::read_to_string(file),
    };
    let text = text
        .map_err(Error::fault)
        .doing(said!("reading {}", file.display()))?;
    let mut kept = Vec::new();
    for (nth, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match Kept::read(line) {
            Some(head) => kept.push(head),
            None => {
                return Ok(Err(said!(
                    "{}, line {}: this is no line of `sotay audit heads`",
                    file.display(),
                    nth
                )));
            }
        }
    }
    Ok(Ok(kept))
}

async fn heads(house: &House, from: Option<Day>, to: Option<Day>) -> Result<Done> {
    chain::bind(&house.site).await?;
    let all = chain::heads(&house.site, from, to).await?;
    let lines: String = all.iter().map(|head| format!("{head}\n")).collect();
    tongue::print_plain(&lines)?;
    if all.is_empty() {
        tell(said!("The log has no rows of these days."));
    }
    Ok(Done::Good)
}

async fn verify(house: &House, asked: &Asked) -> Result<Done> {
    let stop = Stop::listen();
    let mut bar = Bar::new(stop.clone());
    let mut tick = |done, all| {
        bar.far(done, all);
        !stop.is_set()
    };
    let found = chain::verify(&house.site, asked, &mut tick).await?;
    bar.finish();
    for flaw in &found.flaws {
        tongue::print(flaw.clone())?;
    }
    let named = u64::try_from(found.flaws.len()).unwrap_or(0);
    if found.wrong > named {
        tongue::print(said!("… and {} more", found.wrong - named))?;
    }
    tell_of(&found);
    if let Some(day) = &found.stopped_on {
        tell(said!("Stopped within {0}: go on with --from {0}", day));
    }
    Ok(match (found.wrong, &found.stopped_on) {
        (0, None) => Done::Good,
        (0, Some(_)) => Done::Stopped,
        _ => Done::Refused,
    })
}

fn tell_of(found: &Verified) {
    tell(match found.wrong {
        0 => said!(
            "{} rows of the log recomputed: nothing is wrong.",
            found.links
        ),
        _ => said!(
            "{} rows of the log recomputed, {} things are wrong. Keep this answer, and the database as it is; what \
             the rows said stands in the archives of before.",
            found.links,
            found.wrong
        ),
    });
    if found.old > 0 {
        tell(said!(
            "{} of them are from before the log was a chain: bound as they were found.",
            found.old
        ));
    }
    if found.waiting > 0 {
        tell(said!(
            "{} more wait to be bound: a running server does it within seconds, `sotay audit heads` at once.",
            found.waiting
        ));
    }
}
