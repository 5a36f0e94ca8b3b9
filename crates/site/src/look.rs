//! Looking at a person's record: written down first, then read with the proof.
//!
//! V2 and V3 of the governance reference (dates, contacts, decisions; identity numbers) are read by
//! store functions that take a [`Looked`], and only this module makes one, after the line that the
//! person can read under "Ai đã xem hồ sơ của tôi" stands in the database. Not here: who may look
//! (`people::sight`). The rule that surprises: one's own record needs no line, and a look that fails
//! afterwards stays written.

use crate::Site;
use crate::store::SEEN;
use db::{Tx, sql};
use kernel::error::{Doing as _, Result};
use kernel::{Actor, MemberId, Moment};
use std::collections::{BTreeMap, BTreeSet};

/// How much of a person is shown (governance reference, 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Name, post, unit.
    V0,
    /// Also status and flags.
    V1,
    /// Also dates, contacts, decisions. Each look is logged.
    V2,
    /// Also identity numbers, with a typed purpose. Each look is logged.
    V3,
}

impl Level {
    /// The word used in the log.
    pub fn name(self) -> &'static str {
        match self {
            Level::V0 => "V0",
            Level::V1 => "V1",
            Level::V2 => "V2",
            Level::V3 => "V3",
        }
    }
}

/// The proof that a look was written down: at which level, at whom.
#[derive(Debug, Clone)]
pub struct Looked {
    about: BTreeMap<MemberId, Level>,
    level: Level,
}

impl Looked {
    /// One's own record, at every level: nobody is told that they looked at themselves.
    pub fn own(actor: &Actor) -> Looked {
        Looked {
            level: Level::V3,
            about: BTreeMap::from([(actor.member.clone(), Level::V3)]),
        }
    }
    /// The program reads a record to work with it, not to show it: sealing anew, checking, exporting
    /// to the person. What is read so is handed to nobody.
    pub fn by_program(_part: &crate::Program, about: impl IntoIterator<Item = MemberId>) -> Looked {
        Looked {
            level: Level::V3,
            about: about.into_iter().map(|one| (one, Level::V3)).collect(),
        }
    }
    /// This look and another one.
    pub fn and(mut self, other: Looked) -> Looked {
        for (member, level) in other.about {
            let held = self.about.entry(member).or_insert(level);
            *held = level.max(*held);
        }
        self.level = self.level.max(other.level);
        self
    }
    /// The level that was written down.
    pub fn level(&self) -> Level {
        self.level
    }
    /// Whether the look covers that person at that level.
    pub fn covers(&self, member: &MemberId, level: Level) -> bool {
        level <= Level::V1 || self.about.get(member).is_some_and(|held| *held >= level)
    }
}

/// Writes the look down, then answers the proof. Below V2 nothing is written.
pub async fn look(
    site: &Site,
    actor: &Actor,
    about: &[MemberId],
    level: Level,
    purpose: &str,
) -> Result<Looked> {
    if level >= Level::V2 && about.iter().any(|member| *member != actor.member) {
        let mut tx = site.db.begin().await?;
        let looked = look_in(&mut tx, site.clock.now(), actor, about, level, purpose).await?;
        site.db.commit(tx).await?;
        return Ok(looked);
    }
    Ok(Looked {
        level,
        about: about.iter().map(|one| (one.clone(), level)).collect(),
    })
}

/// Like [`look`], within an act: `look_in(act.tx(), …)`. When the act is undone, so is the line, and
/// what was read must not leave the act.
pub async fn look_in(
    tx: &mut Tx,
    now: Moment,
    actor: &Actor,
    about: &[MemberId],
    level: Level,
    purpose: &str,
) -> Result<Looked> {
    if level >= Level::V2 {
        let hour = now.0.div_euclid(3_600_000) * 3_600_000;
        // In one order: two lists that one person opens at once wait at the first name they share.
        let about: BTreeSet<&MemberId> = about.iter().collect();
        for member in about.into_iter().filter(|member| **member != actor.member) {
            count(tx, hour, actor, member, level, purpose)
                .await
                .doing("writing down a look")?;
        }
    }
    Ok(Looked {
        level,
        about: about.iter().map(|one| (one.clone(), level)).collect(),
    })
}

/// Counts a look. An hour that is bound into the chain is counted no further: a look that comes so late, or after the
/// clock went back, stands in a row of its own, a thousandth of a second behind.
async fn count(
    tx: &mut Tx,
    hour: i64,
    actor: &Actor,
    member: &MemberId,
    level: Level,
    purpose: &str,
) -> Result<()> {
    let mut at = hour;
    loop {
        let counted = sql(SEEN)
            .bind(&actor.member)
            .bind(member)
            .bind(at)
            .bind(level.name())
            .bind(purpose)
            .bind(&actor.name)
            .run(&mut **tx)
            .await?;
        if counted > 0 {
            return Ok(());
        }
        at += 1;
    }
}
