//! Who may give out activation slips, and the proof of it.
//!
//! A slip sets a password, so it is a change of a login identity: rule R4, which stands in
//! `people::identity::slips` alone. A secretary invites plain members who have never signed in; for
//! anyone else the office does. Not here: the rule, printing (`pages`).

use crate::slip;
use crate::store::{self, Person};
use kernel::error::{Error, Refusal, Result};
use kernel::{AccountId, Actor, Cap, Day, MemberId, Moment, UnitId, UnitRef};
use people::identity::{self, Slip};
use rules::RuleName;
use site::four_eyes;
use site::room::Guard;
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
    /// The unit by which it may.
    unit: UnitRef,
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

/// Whether whoever gave a slip could give it today: after it was printed its member may have got a post.
/// The operator always could; somebody whom the handbook does not know any more could not.
pub(crate) async fn still_may_give(site: &Site, issuer: &str, member: &MemberId) -> Result<bool> {
    if issuer.is_empty() || !identity::holds_rights(site, member).await? {
        return Ok(true);
    }
    let Ok(issuer) = issuer.parse::<MemberId>() else {
        return Ok(false);
    };
    match people::actor::load(site, &issuer).await {
        Ok(actor) => identity::is_over_rights(site, &actor, member).await,
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Two people who agree are two (R8): whoever let the other side in anew may be them, and so may a third person
/// who let both sides in; likewise whoever let a side in for the first time while the change waited. It goes on
/// backwards: who let the giver of that slip in before they gave it may stand behind both. They say no, or get a
/// slip from somebody else. A first slip from before says nothing, since in a new house one person lets everybody
/// in; nor does the operator's, nor one from before `account.slip_doubt_days`; where nobody else is free to agree,
/// nor one from before `account.slip_doubt_alone_days` (decision 10).
pub(crate) const TWO_ARE_TWO: [Guard; 2] = [
    Guard {
        act: four_eyes::AGREE,
        refuse: |site, subject| {
            Box::pin(async move { two_are_two(&site, &subject, slip::SLIP_DOUBT_DAYS).await })
        },
    },
    Guard {
        act: four_eyes::AGREE_ALONE,
        refuse: |site, subject| {
            Box::pin(async move { two_are_two(&site, &subject, slip::SLIP_DOUBT_ALONE_DAYS).await })
        },
    },
];

async fn two_are_two(site: &Site, subject: &str, doubt: RuleName) -> Result<()> {
    let mut words = subject.split(' ').map(str::to_owned);
    let mut member = || words.next().and_then(|id| id.parse::<MemberId>().ok());
    let (Some(prepared), Some(decides)) = (member(), member()) else {
        return Err(Error::NotFound);
    };
    let late = words.next().and_then(|at| at.parse().ok());
    let late = Moment(late.ok_or(Error::NotFound)?);
    let days = site.rules.get(doubt, site.clock.today()).await?.span()?;
    let Some(key) = not_two(site, &prepared, &decides, late, days).await? else {
        return Ok(());
    };
    // What only the order of things forbids is undone by preparing it once more.
    let again = not_two(site, &prepared, &decides, site.clock.now(), days).await?;
    let key = again.map_or("account-refused-agree-late", |_| key);
    Err(Refusal::new(key)
        .way_out("/approvals", "account-refused-agree-way")
        .into())
}

/// Why these two would not be two over something that was prepared at `late`.
async fn not_two(
    site: &Site,
    prepared: &MemberId,
    decides: &MemberId,
    late: Moment,
    days: i32,
) -> Result<Option<&'static str>> {
    let ours = behind(site, decides, late, days).await?;
    let theirs = behind(site, prepared, late, days).await?;
    Ok(if ours.contains(prepared) {
        Some("account-refused-agree")
    } else if theirs.contains(decides) {
        Some("account-refused-agree-theirs")
    } else if ours.iter().any(|giver| theirs.contains(giver)) {
        Some("account-refused-agree-third")
    } else {
        None
    })
}

/// Who may be the one that signs in as this member: who gave the slip by which the account stands open, who gave
/// that giver theirs, and so on back. A slip counts when it took the place of a password, or was used since `late`;
/// of a giver also the first.
async fn behind(site: &Site, member: &MemberId, late: Moment, days: i32) -> Result<Vec<MemberId>> {
    let now = site.clock.now();
    let since = now.day().plus_days(-days).start();
    let mut givers: Vec<MemberId> = Vec::new();
    let (mut of, mut at) = (member.clone(), now);
    while let Some(slip) = store::last_used(&site.db, &of, at).await? {
        // A first slip tells of whoever let a giver in, though not of whoever let everybody in.
        let tells = slip.is_anew() || slip.used_at() >= late || !givers.is_empty();
        let is_counted = slip.used_at() >= since && tells;
        let Some(giver) = slip.issued_by.parse().ok().filter(|_| is_counted) else {
            break;
        };
        // Two who let each other in by turns do not hide who stands behind them.
        if !givers.contains(&giver) {
            givers.push(giver.clone());
        }
        (of, at) = (giver, slip.issued_at().plus_ms(-1));
    }
    Ok(givers)
}

/// What a slip takes from its printer and its owner who are each other's second person (R8): said before it is made.
#[derive(Debug, Clone)]
pub(crate) struct Bars {
    /// For how many days neither agrees to what the other prepared; 0 for a first slip, which bars only what waits.
    pub(crate) days: i32,
    /// What waits for the owner of the slip and could not be agreed to any more.
    pub(crate) waiting: Vec<String>,
    /// Who else could print it.
    pub(crate) others: Vec<String>,
}

/// Whether a slip by this printer bars the two from agreeing to each other's changes, by the rule of [`TWO_ARE_TWO`].
pub(crate) async fn bars(site: &Site, who: &SignedIn, may: &CanIssue) -> Result<Option<Bars>> {
    let (me, member) = (&who.actor.member, &may.person.id);
    if !identity::holds_rights(site, member).await? {
        return Ok(None); // decides nothing, and prepares nothing that anybody decides
    }
    let now = site.clock.now();
    let mut waiting = Vec::new();
    for own in approvals::list_prepared_by(&site.db, me, 200).await? {
        if own.state != approvals::State::Waiting || own.expires_at <= now.0 {
            continue;
        }
        let steps = approvals::list_steps(&site.db, &own.id).await?;
        if four_eyes::could_agree(site, &own, &steps, member).await? {
            waiting.push(own.title);
        }
    }
    let days = match may.person.has_password {
        1 => {
            let rule = site.rules.get(slip::SLIP_DOUBT_DAYS, now.day()).await?;
            rule.span()?
        }
        _ if waiting.is_empty() => return Ok(None),
        _ => 0,
    };
    let path = &may.unit.path;
    let others = people::post::others_with(site, Cap::IdentityWrite, path, &[me, member]).await?;
    Ok(Some(Bars {
        days,
        waiting,
        others,
    }))
}

/// The proof that this person is given a slip, whatever R4 says: pages ask [`can_issue`].
pub(crate) fn proof(who: &SignedIn, person: &Person, unit: &UnitRef, on: Day) -> Result<CanIssue> {
    Ok(CanIssue {
        person: person.clone(),
        unit: unit.clone(),
        right: Right::of(&who.actor, Cap::MemberDraft, unit, on)?,
    })
}

/// Looks the member up with the right to give them a slip: absent and out of reach are both not
/// found; whoever is within reach and yet not theirs is refused with a way out.
pub(crate) async fn can_issue(site: &Site, who: &SignedIn, member: &str) -> Result<CanIssue> {
    let member: MemberId = member.parse().map_err(|_| Error::NotFound)?;
    let (now, today) = (site.clock.now(), site.clock.today());
    let mut person = store::find_person(&site.db, &member, today, now)
        .await?
        .ok_or(Error::NotFound)?;
    let answers = identity::slips(site, &who.actor, std::slice::from_ref(&member)).await?;
    let refused = match answers.into_iter().next() {
        Some(Slip::May(unit)) => {
            // Two of one name must not take each other's paper.
            let names = people::roster::names_for(site, &who.actor, &unit, today).await?;
            names.call(member.as_str(), &mut person.name);
            return proof(who, &person, &unit, today);
        }
        Some(Slip::Oneself) => Refusal::new("account-slip-oneself"),
        Some(Slip::NotOverRights) => Refusal::new("account-slip-not-over-posts"),
        Some(Slip::InUse(unit)) => {
            let not = [&who.actor.member, &member];
            let could =
                people::post::others_with(site, Cap::IdentityWrite, &unit.path, &not).await?;
            match could.is_empty() {
                true => Refusal::new("account-slip-in-use"),
                false => Refusal::new("account-slip-in-use-by").arg("names", could.join(", ")),
            }
        }
        Some(Slip::Giver(others)) => {
            Refusal::new("account-slip-giver").arg("names", others.join(", "))
        }
        Some(Slip::Hidden) | None => return Err(Error::NotFound),
    };
    let back = match refused.key {
        "account-slip-oneself" => "/me".to_owned(),
        _ => format!("/members/{member}"),
    };
    Err(refused.way_out(back, "account-slip-back").into())
}

/// Why somebody of a list gets no slip from this actor; none: they do.
pub(crate) struct Line {
    pub(crate) person: Person,
    pub(crate) may: Option<CanIssue>,
    /// The key of the reason; empty when they may.
    pub(crate) why: &'static str,
    /// What the slip would take from the two as each other's second person.
    pub(crate) bars: Option<Bars>,
}

/// The members of a unit with the answer for each, and the unit's name.
pub(crate) async fn can_issue_unit(
    site: &Site,
    who: &SignedIn,
    unit: &str,
) -> Result<(UnitRef, String, Vec<Line>)> {
    let unit: UnitId = unit.parse().map_err(|_| Error::NotFound)?;
    let (now, today) = (site.clock.now(), site.clock.today());
    let (unit, name) = store::find_unit(&site.db, &unit, today)
        .await?
        .ok_or(Error::NotFound)?;
    Right::of(&who.actor, Cap::MemberDraft, &unit, today)?;
    let mut people = store::list_people(&site.db, &unit.id, today, now).await?;
    let names = people::roster::names_for(site, &who.actor, &unit, today).await?;
    for one in &mut people {
        names.call(one.id.as_str(), &mut one.name);
    }
    let ids: Vec<MemberId> = people.iter().map(|person| person.id.clone()).collect();
    let answers = identity::slips(site, &who.actor, &ids).await?;
    let holding = identity::list_holding(site, &ids).await?;
    let mut lines = Vec::with_capacity(people.len());
    for (person, answer) in people.into_iter().zip(answers) {
        let (may, why) = match answer {
            Slip::May(unit) => (Some(proof(who, &person, &unit, today)?), ""),
            Slip::Oneself => (None, "account-slip-why-oneself"),
            Slip::InUse(_) => (None, "account-slip-why-in-use"),
            Slip::Giver(_) => (None, "account-slip-why-giver"),
            Slip::NotOverRights | Slip::Hidden => (None, "account-slip-why-posts"),
        };
        let bars = match &may {
            Some(may) if holding.contains(&person.id) => bars(site, who, may).await?,
            _ => None,
        };
        lines.push(Line {
            person,
            may,
            why,
            bars,
        });
    }
    Ok((unit, name, lines))
}
