//! Who may give out activation slips, and the proof of it.
//!
//! A slip sets a new password, so it is a change of a login identity: `member_draft` over the
//! member's unit **and** rule R4, `identity_write` over every unit where the member holds a right.
//! A secretary gives slips to plain members; for anyone with a post the office above does.

use crate::store::{self, Person};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Cap, Day, MemberId, UnitId, UnitRef};
use site::Site;
use web::SignedIn;

/// Proof that a slip may be given to this person. Only this file makes one.
pub(crate) struct CanIssue {
    pub(crate) person: Person,
    pub(crate) unit: UnitRef,
    _proof: (),
}

/// Why not, for one person of a list.
pub(crate) enum May {
    Yes(Box<CanIssue>),
    /// R4: the office above has to do it.
    NotOverPosts(String),
}

/// R4: `held` are the units on which the member has, or will have, a right by grant.
fn may_change_identity(actor: &Actor, held: &[UnitRef], on: Day) -> bool {
    held.iter()
        .all(|unit| actor.allow(Cap::IdentityWrite, unit, on))
}

/// Looks the member up with the right to give them a slip: absent and out of reach are both not
/// found; a member with a post beyond the actor's reach is refused with a way out.
pub(crate) async fn can_issue(site: &Site, who: &SignedIn, member: &str) -> Result<CanIssue> {
    let member: MemberId = member.parse().map_err(|_| Error::NotFound)?;
    let (now, today) = (site.clock.now(), site.clock.today());
    let person = store::find_person(&site.db, &member, today, now)
        .await?
        .ok_or(Error::NotFound)?;
    let held = store::list_held(&site.db, &member, today).await?;
    let unit = person
        .unit()
        .or_else(|| held.first().cloned())
        .ok_or(Error::NotFound)?;
    if !who.actor.allow(Cap::MemberDraft, &unit, today) {
        return Err(Error::NotFound);
    }
    if !may_change_identity(&who.actor, &held, today) {
        let to = format!("/members/{member}");
        return Err(Refusal::new("account-slip-not-over-posts")
            .way_out(to, "account-slip-back")
            .into());
    }
    Ok(CanIssue {
        person,
        unit,
        _proof: (),
    })
}

/// The members of a unit with the answer for each, and the unit's name.
pub(crate) async fn can_issue_unit(
    site: &Site,
    who: &SignedIn,
    unit: &str,
) -> Result<(UnitRef, String, Vec<May>)> {
    let unit: UnitId = unit.parse().map_err(|_| Error::NotFound)?;
    let (now, today) = (site.clock.now(), site.clock.today());
    let (unit, name) = store::find_unit(&site.db, &unit, today)
        .await?
        .ok_or(Error::NotFound)?;
    if !who.actor.allow(Cap::MemberDraft, &unit, today) {
        return Err(Error::NotFound);
    }
    let mut answers = Vec::new();
    for person in store::list_people(&site.db, &unit.id, today, now).await? {
        let held = store::list_held(&site.db, &person.id, today).await?;
        answers.push(if may_change_identity(&who.actor, &held, today) {
            May::Yes(Box::new(CanIssue {
                person,
                unit: unit.clone(),
                _proof: (),
            }))
        } else {
            May::NotOverPosts(person.name)
        });
    }
    Ok((unit, name, answers))
}
