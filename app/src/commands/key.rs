//! `key rotate`: a new key for everything that is sealed.
//!
//! Says what it found and did. Not here: how it is done (`crate::key`), what hangs on the key (the rooms).

use super::Done;
use crate::config::Config;
use crate::house::{self, House, Make};
use crate::key::{self, Rotated, Wish};
use crate::progress::{Bar, Stop};
use crate::tongue::tell;
use clap::{Args, Subcommand};
use kernel::Moment;
use kernel::error::Result;
use kernel::said;
use site::rekey::Found;

/// The commands of `sotay key`.
#[derive(Subcommand)]
pub(super) enum Key {
    /// Seal everything anew with a new key; no server may be at work meanwhile.
    Rotate(Rotate),
}

/// Options of `sotay key rotate`.
#[derive(Args)]
pub(super) struct Rotate {
    /// Only say what would be done; may run beside a server.
    #[arg(long)]
    dry_run: bool,
    /// The key is in other hands: printed slips that nobody has used yet end, and nothing of the old key is kept.
    #[arg(long)]
    leaked: bool,
    /// Leave values that open with no key as they are.
    #[arg(long)]
    leave_unreadable: bool,
}

pub(super) async fn run(key: Key, config: &Config) -> Result<Done> {
    let Key::Rotate(options) = key;
    if options.dry_run {
        let house = house::open(config, Make::No).await?;
        let done = look(&house, &options).await;
        house.site.db.close().await;
        return done;
    }
    let Some(mut house) = house::open_alone(config).await? else {
        return Ok(Done::WrongUse(said!(
            "somebody is at work in this handbook (a server, a backup, another command): stop it, then run this \
             again. Nothing was changed; --dry-run works beside a server"
        )));
    };
    let done = rotate(&mut house, &options).await;
    house.site.db.close().await;
    done
}

/// Tells what there is; a change that was broken off is told as such.
async fn look(house: &House, options: &Rotate) -> Result<Done> {
    let mut bar = Bar::new(Stop::default());
    let found = key::look(&house.site, &house.key, &mut |done| {
        bar.tick(done, said!("rows"));
    })
    .await?;
    bar.finish();
    if house.key.is_broken_off() {
        tell(said!(
            "A change of the key was broken off; it will be brought to its end."
        ));
    }
    tell(said!(
        "Sealed values: {}, in {} rows, {} of them under a key of before. They would be sealed anew.",
        found.values,
        found.rows,
        found.before
    ));
    tell_waiting(&found, options.leaked);
    tell(said!("Nothing was changed."));
    if found.closed.is_empty() || options.leave_unreadable {
        Ok(Done::Good)
    } else {
        Ok(closed(&found))
    }
}

async fn rotate(house: &mut House, options: &Rotate) -> Result<Done> {
    let wish = Wish {
        is_leaked: options.leaked,
        leaves_closed: options.leave_unreadable,
    };
    let mut bar = Bar::new(Stop::default());
    let mut tick = |done, all| bar.far(done, all);
    let (site, alone) = (&house.site, &mut house.at_work);
    let done = key::rotate(site, &house.key, alone, wish, &mut tick, &mut |_| Ok(())).await?;
    bar.finish();
    match done {
        Rotated::Closed(found) => Ok(closed(&found)),
        Rotated::Finished => {
            tell(said!(
                "A change of the key that was broken off is at its end: everything is under the new key."
            ));
            tell_after();
            Ok(Done::Good)
        }
        Rotated::Done(found) => {
            tell(said!(
                "Sealed with a new key: {} values in {} rows.",
                found.values,
                found.rows
            ));
            tell_waiting(&found, options.leaked);
            tell_after();
            Ok(Done::Good)
        }
    }
}

fn tell_waiting(found: &Found, is_leaked: bool) {
    if found.waiting == 0 {
        return;
    }
    if is_leaked {
        tell(said!(
            "Printed slips and forms that wait for their person: {}. They end: print new slips.",
            found.waiting
        ));
    } else {
        tell(said!(
            "Printed slips and forms that wait for their person: {}. They go on; the old key is kept for them until {}.",
            found.waiting,
            last_day(found.until)
        ));
    }
}

/// The last instant belongs to the last day; the end itself to the day after.
fn last_day(until: Moment) -> String {
    until.plus_ms(-1).day().vn()
}

fn tell_after() {
    tell(said!(
        "Other servers of this handbook: copy secret.key to each before it starts. Archives made before open with \
         the old key that they hold: make a new one now (sotay backup), and throw the old ones away when the key \
         was in other hands."
    ));
}

/// Names what opens with no key.
fn closed(found: &Found) -> Done {
    const NAMED: usize = 20;
    tell(said!(
        "{} values open with no key; nothing was changed:",
        found.closed.len()
    ));
    for one in found.closed.iter().take(NAMED) {
        tell(said!("  {}", one));
    }
    if found.closed.len() > NAMED {
        tell(said!("  … and {} more", found.closed.len() - NAMED));
    }
    tell(said!(
        "Write those numbers again in the handbook, or bring back the key that they were sealed with; \
         --leave-unreadable leaves them as they are."
    ));
    Done::Refused
}
