//! A holder lends a named part of a right to somebody for a time (R7): the rules, before anything is written.
//!
//! Within the own reach and the own days, at most `people.delegation_days`; never what decides, signs or gives
//! ([`Cap::may_be_lent`]); never what was lent to the holder. It ends by itself, with its days or with the right it was
//! lent of: nobody has to remember it (`store::GRANTS`). What reaches beyond one unit, and what goes to somebody whom the
//! lender made, waits for a second person as a post does (`giving::waits_for`). Not here: the pages.

use super::{NOTICE, TOLD_DAYS, store};
use crate::access::Records;
use crate::posts::giving;
use crate::{actor, member, page, post, roles, unit};
use kernel::cap::Reach;
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Cap, Day, Grant, GrantScope, MemberId, Role, UnitId, UnitRef};
use serde::{Deserialize, Serialize};
use site::four_eyes::{self, Approved, Change};
use site::room::{ApprovalKind, FieldChange};
use site::{Act, Site};
use web::Frame;

rules::names! {
    /// Days for which a right is lent at most.
    pub DELEGATION_DAYS: "people.delegation_days", Days;
}

/// The word of the approval.
const KIND: &str = "delegation.give";

/// What is lent: of which right, to whom, which part, where, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lending {
    /// The grant it is lent of.
    pub grant: String,
    pub lender: MemberId,
    pub member: MemberId,
    pub unit: UnitId,
    /// Names of rights.
    pub caps: Vec<String>,
    pub from_on: Day,
    /// First day without it.
    pub to_on: Day,
    pub reason: String,
}

/// Why a right is not lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// To oneself.
    Oneself,
    /// Not one's own, not to be lent, or over.
    NotOwn,
    /// No right is named, or one that is never lent.
    NoPart,
    /// Outside the reach of the right.
    TooWide,
    /// Not after today, or the end not after the beginning.
    Days,
    /// It would last beyond this day: longer than the rule allows, or than the own right.
    TooLong(Day),
    /// The person is not placed in this unit or below it.
    NotOfThisUnit,
}

/// Rights of that grant that may be lent.
pub(crate) fn part_of(grant: &Grant) -> Vec<Cap> {
    (Cap::ALL.iter().copied())
        .filter(|cap| grant.caps().has(*cap) && cap.may_be_lent())
        .collect()
}

/// The grants of which somebody may lend a part today, each with its unit.
pub(crate) fn lendable(actor: &Actor, on: Day) -> Vec<(&Grant, &UnitRef)> {
    let own = actor
        .grants
        .iter()
        .filter(|grant| grant.is_in_force(on) && !grant.is_lent() && grant.role != Role::Member);
    let with_unit = own.filter_map(|grant| match &grant.scope {
        GrantScope::Unit(unit) | GrantScope::Subtree(unit) => Some((grant, unit)),
        // What reaches the whole house watches over all others, or runs it.
        GrantScope::Instance => None,
    });
    with_unit
        .filter(|(grant, _)| !part_of(grant).is_empty())
        .collect()
}

/// Checks what is to be lent; `own` is the lender as the tables say now. Answers the role and scope of the row.
pub(crate) async fn check(
    site: &Site,
    own: &Actor,
    wish: &Lending,
) -> Result<std::result::Result<(Role, &'static str), Refused>> {
    let today = site.clock.today();
    if wish.member == own.member {
        return Ok(Err(Refused::Oneself));
    }
    let all = lendable(own, today);
    let Some((grant, _)) = all
        .iter()
        .find(|(grant, _)| grant.id.as_str() == wish.grant)
    else {
        return Ok(Err(Refused::NotOwn));
    };
    let may = part_of(grant);
    let named: Vec<Option<Cap>> = wish.caps.iter().map(|name| Cap::by_name(name)).collect();
    if named.is_empty()
        || named
            .iter()
            .any(|cap| cap.is_none_or(|cap| !may.contains(&cap)))
    {
        return Ok(Err(Refused::NoPart));
    }
    let here = match unit::get(site, &wish.unit).await {
        Ok(unit) if unit.is_living(today) => unit.reference(),
        Ok(_) | Err(Error::NotFound) => return Ok(Err(Refused::TooWide)),
        Err(error) => return Err(error),
    };
    if !grant.covers(&here) {
        return Ok(Err(Refused::TooWide));
    }
    if wish.from_on < today || wish.from_on >= wish.to_on {
        return Ok(Err(Refused::Days));
    }
    let latest = wish
        .from_on
        .plus_days(most_days(site).await?)
        .min(grant.to_on);
    if wish.to_on > latest {
        return Ok(Err(Refused::TooLong(latest)));
    }
    if post::candidate(site, &here, &wish.member).await?.is_none() {
        return Ok(Err(Refused::NotOfThisUnit));
    }
    let scope = match grant.scope {
        GrantScope::Unit(_) => Reach::Unit,
        GrantScope::Subtree(_) | GrantScope::Instance => Reach::Subtree,
    };
    Ok(Ok((grant.role, scope.name())))
}

/// For how many days a right is lent at most.
pub(crate) async fn most_days(site: &Site) -> Result<i32> {
    let found = site.rules.get(DELEGATION_DAYS, site.clock.today()).await?;
    Ok(found.span()?.clamp(1, 366))
}

/// Lends it, within the act of the lender or of the second person, and tells whom it is lent to.
pub(crate) async fn give<P: Records>(
    act: &mut Act<P>,
    wish: &Lending,
    row: (Role, &'static str),
) -> Result<bool> {
    if !store::lend(act, wish, row).await? {
        return Ok(false);
    }
    let site = act.site().clone();
    let by = member::name(&site, &wish.lender).await?;
    tell(
        act,
        &wish.member,
        "people-notice-lent",
        "/me/delegations",
        &by,
    );
    act.log(KIND)
        .about(&wish.member)
        .object("delegation", &wish.grant)
        .reason(&wish.reason)
        .diff(&serde_json::json!({
            "caps": wish.caps, "unit": wish.unit, "from_on": wish.from_on, "to_on": wish.to_on,
        }));
    Ok(true)
}

/// Tells somebody that a right of theirs changed, and who did it.
pub(crate) fn tell<P: site::Proof>(
    act: &mut Act<P>,
    member: &MemberId,
    text: &'static str,
    to: &str,
    by: &str,
) {
    let once = format!("{NOTICE}/{member}/{}/{}", act.operation(), act.now().0);
    let until = act.now().plus_ms(TOLD_DAYS * 86_400_000);
    let told = notices::New::of(NOTICE, once, text, to, until);
    act.notify(told.arg("by", by).to([member.clone()]));
}

/// Keeps it for the second person, within the lender's act.
///
/// # Errors
/// Refused when the same waits already.
pub(crate) async fn prepare<P: Records>(
    act: &mut Act<P>,
    wish: &Lending,
    title: String,
) -> Result<()> {
    let change = Change {
        kind: KIND,
        object_id: format!("{} {} {}", wish.unit, wish.member, wish.grant),
        title,
        versions: giving::versions(act, &wish.member, &wish.unit).await?,
        payload: serde_json::to_value(wish).map_err(Error::fault)?,
        sides: vec![approvals::Side {
            name: "one",
            unit: Some(wish.unit.clone()),
        }],
    };
    four_eyes::prepare(act, change).await.map(|_| ())
}

fn read(json: &serde_json::Value) -> Result<Lending> {
    serde_json::from_value(json.clone()).map_err(Error::fault)
}

/// The change that a second person decides.
pub(crate) const LENDING: ApprovalKind = ApprovalKind {
    kind: KIND,
    text: "people-lending",
    is_later: false,
    decides: Cap::GrantApprove,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |act, payload| {
        Box::pin(async move {
            let wish = read(payload)?;
            giving::versions(act, &wish.member, &wish.unit).await
        })
    },
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload)),
    again: |_| "/me/delegations".to_owned(),
    about: site::room::about_member,
};

/// The rights that are named, in words.
pub(crate) fn words(frame: &Frame, caps: &[String]) -> String {
    let known = caps.iter().filter_map(|name| Cap::by_name(name));
    let words: Vec<String> = known.map(|cap| frame.t(roles::cap(cap))).collect();
    words.join("; ")
}

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let wish = read(&payload)?;
    let field = |key: &str, new: String| FieldChange {
        label: frame.t(key),
        old: String::new(),
        new,
    };
    Ok(vec![
        field(
            "people-lending-lender",
            member::name(&site, &wish.lender).await?,
        ),
        field(
            "people-lending-member",
            member::name(&site, &wish.member).await?,
        ),
        field("people-lending-caps", words(&frame, &wish.caps)),
        field(
            "people-lending-unit",
            unit::get(&site, &wish.unit).await?.name,
        ),
        field(
            "people-giving-term",
            page::term(&frame, &wish.from_on, &wish.to_on),
        ),
        field("people-lending-reason", wish.reason),
    ])
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value) -> Result<()> {
    let mut wish = read(payload)?;
    let refused = |key| Refusal::new(key).way_out("/approvals", "approvals-see-all");
    let actor = act.right().actor();
    if actor == Some(&wish.member) || actor == Some(&wish.lender) {
        return Err(refused("people-giving-refused-own").into());
    }
    let site = act.site().clone();
    // What waited over its first day begins today.
    wish.from_on = wish.from_on.max(site.clock.today());
    let own = actor::read(&site, &wish.lender, site.clock.today()).await?;
    match check(&site, &own, &wish).await? {
        Ok(row) => give(act, &wish, row).await.map(|_| ()),
        Err(_) => Err(refused("people-lending-refused-past").into()),
    }
}
