//! What somebody may do and why: each right with the post or grant that brings it, where, since when, until when, by whom.
//!
//! Read off the actor that the doorman would hand out today, so that nothing is told that would not open. Not here:
//! who may read it (`pages`), what a role brings (`kernel::cap`).

use super::store::{self, Behind};
use crate::{actor, page, roles, unit};
use kernel::error::Result;
use kernel::{Cap, Day, Grant, GrantScope, MemberId, Role};
use site::Site;
use web::Frame;

/// One grant in force, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// The post, or what the role is called: "Bí thư, Chi bộ 2".
    pub what: String,
    /// How far: "Trong tổ chức này".
    pub reach: String,
    /// Since when, until when.
    pub term: String,
    /// Given by whom, agreed to by whom; of a delegation who lends it.
    pub by: String,
    /// Whether it is lent.
    pub is_lent: bool,
    caps: Vec<Cap>,
}

/// A right with everything that brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// Its code.
    pub cap: &'static str,
    /// What it allows.
    pub what: String,
    /// Which of the sources bring it.
    pub by: Vec<Source>,
}

/// All that somebody may do today.
pub(crate) struct Rights {
    /// Their name.
    pub name: String,
    /// Each grant in force.
    pub sources: Vec<Source>,
    /// Each right that any of them brings, in the order of the table.
    pub held: Vec<Held>,
}

/// The rights of a member today.
///
/// # Errors
/// [`kernel::Error::NotFound`] for an unknown member.
pub(crate) async fn of(site: &Site, frame: &Frame, member: &MemberId) -> Result<Rights> {
    let today = site.clock.today();
    let actor = actor::read(site, member, today).await?;
    let ids: Vec<String> = (actor.grants.iter())
        .filter(|grant| grant.role != Role::Member)
        .map(|grant| grant.id.to_string())
        .collect();
    let behind = store::list_behind(&site.db, &ids).await?;
    let mut sources = Vec::new();
    for grant in actor.grants.iter().filter(|grant| grant.is_in_force(today)) {
        let back = behind.iter().find(|one| one.id == grant.id.as_str());
        sources.push(source(site, frame, grant, back).await?);
    }
    let held = Cap::ALL.iter().filter_map(|cap| {
        let by: Vec<Source> = (sources.iter())
            .filter(|source| source.caps.contains(cap))
            .cloned()
            .collect();
        (!by.is_empty()).then(|| Held {
            cap: cap.name(),
            what: frame.t(roles::cap(*cap)),
            by,
        })
    });
    Ok(Rights {
        held: held.collect(),
        name: actor.name,
        sources,
    })
}

async fn source(
    site: &Site,
    frame: &Frame,
    grant: &Grant,
    behind: Option<&Behind>,
) -> Result<Source> {
    let place = match (&grant.scope, behind) {
        (_, Some(behind)) => behind.unit_name.clone(),
        (GrantScope::Unit(unit) | GrantScope::Subtree(unit), None) => {
            unit::get(site, &unit.id).await?.name
        }
        (GrantScope::Instance, None) => String::new(),
    };
    let called = match behind {
        Some(behind) if !behind.title.is_empty() => behind.title.clone(),
        _ => frame.t(roles::name(grant.role)),
    };
    Ok(Source {
        what: match place.is_empty() {
            true => called,
            false => format!("{called}, {place}"),
        },
        reach: frame.t(match grant.scope {
            GrantScope::Unit(_) => "people-rights-reach-unit",
            GrantScope::Subtree(_) => "people-rights-reach-subtree",
            GrantScope::Instance => "people-rights-reach-instance",
        }),
        term: until(frame, grant.from_on, grant.to_on),
        by: given(frame, grant, behind),
        is_lent: grant.is_lent(),
        caps: (Cap::ALL.iter().copied())
            .filter(|cap| grant.caps().has(*cap))
            .collect(),
    })
}

fn until(frame: &Frame, from: Day, to: Day) -> String {
    match to == Day::OPEN {
        true => frame.t1("people-rights-open", "from", &from.vn()),
        false => page::term(frame, &from, &to),
    }
}

fn given(frame: &Frame, grant: &Grant, behind: Option<&Behind>) -> String {
    let Some(behind) = behind else {
        return frame.t("people-rights-by-placement");
    };
    if grant.is_lent() {
        return frame.t1("people-rights-by-lender", "name", behind.lender.as_str());
    }
    match (behind.giver.as_str(), behind.approver.as_str()) {
        ("", "") => frame.t("people-rights-by-operator"),
        (giver, "") => frame.t1("people-rights-by", "name", giver),
        ("", approver) => frame.t1("people-rights-by", "name", approver),
        (giver, approver) => frame.t2("people-rights-by-two", "name", giver, "second", approver),
    }
}
