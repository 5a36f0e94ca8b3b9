//! Who may give out activation slips, and the proof of it.
//!
//! A slip sets a new password, so it is a change of a login identity: `member_draft` over the
//! member's unit **and** rule R4, `identity_write` over every unit where the member holds a right.
//! A secretary gives slips to plain members; for anyone with a post the office above does.

use crate::store::{self, Person};
use kernel::error::{Error, Refusal, Result};
use kernel::{AccountId, Actor, Cap, Day, MemberId, UnitId, UnitRef};
use site::{Operator, Program, Proof, Right, Site};
use web::SignedIn;

/// Whoever may keep something of an account: its owner, who issues a slip, the operator, and the parts
/// of the program that open and close doors. Proofs for pages are made here alone.
pub(crate) trait Keeps: Proof {}
impl Keeps for Owner {}
impl Keeps for CanIssue {}
impl Keeps for Operator {}
impl Keeps for Program {}

/// The part of the program that lets people in: no log of acts speaks of it.
pub(crate) fn door() -> Program {
    Program::part("sign-in")
}

/// Proof that somebody acts on their own account.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    right: Right,
    /// The account.
    pub(crate) account: AccountId,
}

impl Owner {
    /// A signed-in member and their account.
    pub(crate) fn of(who: &SignedIn) -> Owner {
        Owner::known(&who.actor, &who.account)
    }
    /// Somebody who has just shown that the account is theirs: by a slip's code.
    pub(crate) fn known(actor: &Actor, account: &AccountId) -> Owner {
        Owner {
            right: Right::own(actor),
            account: account.clone(),
        }
    }
}

impl Proof for Owner {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("account", self.account.to_string())
    }
}

/// Proof that a slip may be given to this person.
#[derive(Debug, Clone)]
pub(crate) struct CanIssue {
    pub(crate) person: Person,
    right: Right,
}

impl Proof for CanIssue {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("account", String::new())
    }
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

/// Units over whose rights a slip of the member decides: where they hold one, and where one waits for a
/// second person.
async fn held_of(site: &Site, member: &MemberId, on: Day) -> Result<Vec<UnitRef>> {
    let mut held = store::list_held(&site.db, member, on).await?;
    held.extend(people::giving::waiting_units(site, member).await?);
    Ok(held)
}

/// Whether whoever gave a slip could give it today: after it was printed its member may have got a post.
/// The operator always could; somebody whom the handbook does not know any more could not.
pub(crate) async fn still_may_give(site: &Site, issuer: &str, member: &MemberId) -> Result<bool> {
    let today = site.clock.today();
    let held = held_of(site, member, today).await?;
    if issuer.is_empty() || held.is_empty() {
        return Ok(true);
    }
    let Ok(issuer) = issuer.parse::<MemberId>() else {
        return Ok(false);
    };
    match people::actor::load(site, &issuer).await {
        Ok(actor) => Ok(may_change_identity(&actor, &held, today)),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Looks the member up with the right to give them a slip: absent and out of reach are both not
/// found; a member with a post beyond the actor's reach is refused with a way out.
pub(crate) async fn can_issue(site: &Site, who: &SignedIn, member: &str) -> Result<CanIssue> {
    let member: MemberId = member.parse().map_err(|_| Error::NotFound)?;
    let (now, today) = (site.clock.now(), site.clock.today());
    let person = store::find_person(&site.db, &member, today, now)
        .await?
        .ok_or(Error::NotFound)?;
    let held = held_of(site, &member, today).await?;
    let unit = person
        .unit()
        .or_else(|| held.first().cloned())
        .ok_or(Error::NotFound)?;
    let right = Right::of(&who.actor, Cap::MemberDraft, &unit, today)?;
    if !may_change_identity(&who.actor, &held, today) {
        let to = format!("/members/{member}");
        return Err(Refusal::new("account-slip-not-over-posts")
            .way_out(to, "account-slip-back")
            .into());
    }
    let others = people::giving::slip_is_for(site, &who.actor.member, &member, &unit).await?;
    if !others.is_empty() {
        return Err(Refusal::new("account-slip-giver")
            .arg("names", others.join(", "))
            .way_out(format!("/members/{member}"), "account-slip-back")
            .into());
    }
    Ok(CanIssue { person, right })
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
    let right = Right::of(&who.actor, Cap::MemberDraft, &unit, today)?;
    let mut answers = Vec::new();
    for person in store::list_people(&site.db, &unit.id, today, now).await? {
        let held = held_of(site, &person.id, today).await?;
        let others =
            people::giving::slip_is_for(site, &who.actor.member, &person.id, &unit).await?;
        let may = others.is_empty() && may_change_identity(&who.actor, &held, today);
        answers.push(if may {
            May::Yes(Box::new(CanIssue {
                person,
                right: right.clone(),
            }))
        } else {
            May::NotOverPosts(person.name)
        });
    }
    Ok((unit, name, answers))
}
