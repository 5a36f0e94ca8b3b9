//! Who can open a member's record today, and why: through which unit, by which post, how much of it.
//!
//! Whoever holds a right over a unit of the member is asked for as `sight` would answer them at the page itself. Fellow
//! members of a unit are counted, not listed. Not here: who did look (`member::looks`).

use super::store;
use crate::sight::{self, Level};
use crate::{actor, page, roles, unit};
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day, Grant, MemberId, Role};
use site::Site;
use web::Frame;

/// Somebody who may open the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seer {
    pub member: MemberId,
    pub name: String,
    pub level: Level,
    /// Whether they may open the identity numbers, saying what for.
    pub may_unseal: bool,
    /// Whether they may write into it.
    pub may_draft: bool,
    /// Only because the member was there not long ago.
    pub is_former: bool,
    /// By which grants.
    pub why: Vec<Why>,
    /// Through which unit of the member.
    pub through: String,
}

/// A grant by which somebody sees what they see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Why {
    role: Role,
    title: String,
    unit: String,
    from_on: Day,
    to_on: Day,
    lender: Option<String>,
}

impl Why {
    /// "Bí thư, Chi bộ 2, từ 01/01/2020".
    pub(crate) fn words(&self, frame: &Frame) -> String {
        let called = match self.title.as_str() {
            "" => frame.t(roles::name(self.role)),
            title => title.to_owned(),
        };
        let term = page::term(frame, &self.from_on, &self.to_on);
        let line = format!("{called}, {}, {term}", self.unit);
        match &self.lender {
            None => line,
            Some(name) => format!(
                "{line}. {}",
                frame.t1("people-rights-by-lender", "name", name.as_str())
            ),
        }
    }
}

/// The others of a unit, who see names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fellows {
    pub unit: String,
    pub count: i64,
}

/// Everybody who can see something of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seers {
    /// By name, those who see most first.
    pub people: Vec<Seer>,
    pub fellows: Vec<Fellows>,
}

/// Roles that open something of a record beyond the name in one's own unit.
fn opening() -> Vec<Role> {
    let opens = [Cap::MemberNameRead, Cap::AttendanceMark, Cap::MemberRead];
    (Role::ALL.iter().copied())
        .filter(|role| *role != Role::Member && opens.iter().any(|cap| role.caps().has(*cap)))
        .collect()
}

/// Who can see the record of this member today.
///
/// # Errors
/// When the tables cannot be read.
pub(crate) async fn of(site: &Site, member: &MemberId) -> Result<Seers> {
    let today = site.clock.today();
    let since = today.plus_days(-sight::former_days(site).await?);
    let places = crate::store::list_places(&site.db, member, today, since).await?;
    let mut asked: Vec<MemberId> = Vec::new();
    let mut fellows: Vec<Fellows> = Vec::new();
    for place in &places {
        for one in store::list_over(&site.db, &place.path, &opening(), today).await? {
            if one != *member && !asked.contains(&one) {
                asked.push(one);
            }
        }
        let unit = unit::get(site, &place.unit_id).await?;
        if !fellows.iter().any(|known| known.unit == unit.name) {
            let count = store::count_fellows(&site.db, &unit.id, today, member).await?;
            fellows.push(Fellows {
                unit: unit.name,
                count,
            });
        }
    }
    fellows.retain(|one| one.count > 0);
    let mut people = Vec::new();
    for one in asked {
        let actor = actor::read(site, &one, today).await?;
        let seen = match sight::of_member(site, &actor, member).await {
            Ok(seen) => seen,
            // A grant that no longer holds, or of somebody who has left.
            Err(Error::NotFound) => continue,
            Err(error) => return Err(error),
        };
        let why = why(site, &actor, &seen).await?;
        if why.is_empty() {
            continue; // a fellow member, who is counted
        }
        people.push(Seer {
            member: one,
            name: actor.name.clone(),
            level: seen.level,
            may_unseal: seen.may_unseal,
            may_draft: seen.may_draft,
            is_former: seen.is_former,
            why,
            through: unit::get(site, &seen.unit.id).await?.name,
        });
    }
    people.sort_by_key(|one| std::cmp::Reverse((one.level, one.may_unseal)));
    Ok(Seers { people, fellows })
}

/// The grants by which somebody sees what they see.
async fn why(site: &Site, actor: &Actor, seen: &sight::MemberSight) -> Result<Vec<Why>> {
    let today = site.clock.today();
    let caps = [
        Cap::MemberNameRead,
        Cap::AttendanceMark,
        Cap::MemberRead,
        Cap::MemberSealedRead,
    ];
    let by: Vec<&Grant> = (actor.grants.iter())
        .filter(|grant| grant.role != Role::Member && grant.is_in_force(today))
        .filter(|grant| grant.covers(&seen.unit))
        .filter(|grant| caps.iter().any(|cap| grant.caps().has(*cap)))
        .collect();
    let ids: Vec<String> = by.iter().map(|grant| grant.id.to_string()).collect();
    let behind = store::list_behind(&site.db, &ids).await?;
    let mut all: Vec<Why> = Vec::new();
    for grant in by {
        let Some(back) = behind.iter().find(|one| one.id == grant.id.as_str()) else {
            continue;
        };
        let why = Why {
            role: grant.role,
            title: back.title.clone(),
            unit: back.unit_name.clone(),
            from_on: grant.from_on,
            to_on: grant.to_on,
            lender: grant.is_lent().then(|| back.lender.clone()),
        };
        // Two roles of one post are said once.
        let is_said = |known: &Why| {
            !why.title.is_empty() && (&known.title, &known.unit) == (&why.title, &why.unit)
        };
        if !all.iter().any(is_said) {
            all.push(why);
        }
    }
    Ok(all)
}
