//! Sending: one side prepares a transfer, a second person of that side agrees where there is one, and the other side
//! is told.
//!
//! Not here: taking up (`taking`), what both sides see and what ends it (`moving`), the pages.
//! The rule that surprises: a letter without a number gets one as it is sent, not as it is prepared.

use super::{length_of, notice, places, store, word_of_kind};
use crate::access::{CanDraft, Records};
use crate::fact::{Placement, Status};
use crate::members::deciding::{self, Prepared};
use crate::members::store::outside;
use crate::members::{admitting, store as members};
use crate::store::bump_epoch;
use crate::{actor, member, unit};
use kernel::error::{Error, Refusal, Result};
use kernel::{Cap, Day, MemberId, UnitId, UnitRef};
use serde::{Deserialize, Serialize};
use site::four_eyes::{Approved, Seconds};
use site::room::{ApprovalKind, FieldChange};
use site::{Act, Site};
use web::Frame;

/// What is to be sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Wish {
    pub(crate) member: MemberId,
    pub(crate) from: UnitId,
    pub(crate) to: UnitId,
    /// The word of a [`Placement`] that is kept.
    pub(crate) kind: String,
    pub(crate) letter_no: String,
    pub(crate) letter_on: Day,
    /// The last day of a stay for a time; empty for one that stays.
    pub(crate) until_on: String,
    pub(crate) note: String,
    pub(crate) row_version: i64,
    pub(crate) by: MemberId,
}

impl Wish {
    /// For the log.
    pub(crate) fn diff(&self) -> serde_json::Value {
        serde_json::json!({ "to": self.to, "kind": self.kind, "letter_no": self.letter_no })
    }
}

/// The word of the approval.
const KIND: &str = "member.transfer";

impl Prepared for Wish {
    const KIND: &'static str = KIND;
    const SIDE: &'static str = "sender";
    fn member(&self) -> &MemberId {
        &self.member
    }
    fn unit(&self) -> &UnitId {
        &self.from
    }
}

/// Sends it: from now on it waits for the other side, who are told.
///
/// # Errors
/// Refused when one waits already, when the record changed, when they are placed elsewhere by now, when the target
/// is closed.
pub(crate) async fn send<P: Records>(act: &mut Act<P>, wish: &Wish) -> Result<String> {
    let (site, today) = (act.site().clone(), act.now().day());
    let there = unit::get(&site, &wish.to).await?;
    let book = site.rules.book().await?;
    let show = book.reckon(super::SHOW, "", today)?.due.value;
    let start = book.reckon(super::START, "", today)?.due.value;
    bump_epoch(act).await?;
    if members::get_row_version(act, &wish.member).await? != wish.row_version {
        return Err(deciding::refused(
            &wish.member,
            "people-refused-changed-meanwhile",
        ));
    }
    if places::get_stands(act, &wish.member)
        .await?
        .status
        .is(Status::Suspended)
    {
        return Err(deciding::refused(
            &wish.member,
            "people-moving-refused-suspended",
        ));
    }
    if is_on_the_way(act, &wish.member).await? {
        return Err(deciding::refused(
            &wish.member,
            "people-moving-refused-waits",
        ));
    }
    let here = places::list_places(act.on(), &wish.member, today).await?;
    let home = here.iter().find(|place| {
        place.kind.is(Placement::Official) && place.unit_id == wish.from && place.to_on == Day::OPEN
    });
    let Some(home) = home else {
        return Err(deciding::refused(
            &wish.member,
            "people-moving-refused-moved",
        ));
    };
    if !there.is_living(today) {
        return Err(deciding::refused(
            &wish.member,
            "people-moving-refused-closed",
        ));
    }
    let mut wish = wish.clone();
    wish.letter_no = number(
        act,
        &wish.from,
        &wish.member,
        &wish.letter_no,
        wish.letter_on,
    )
    .await?;
    let wish = &wish;
    let id = store::add(act, wish, &home.id, [show, start]).await?;
    let without = [&wish.member];
    let all = store::list_receivers(site.db.read(), &there.reference(), today, &without).await?;
    let name = members::get_name(&site.db, &wish.member).await?;
    let told = notice(
        act,
        &id,
        "people-moving-told-sent",
        &format!("/transfers/{id}"),
        "sent",
    );
    let told = told.arg("name", name).arg("unit", &there.name);
    act.notify(told.to(all.iter().map(|one| one.member_id.clone())));
    // The sending side hears of it too, whoever of it did it.
    let here = store::unit_of(act.on(), &wish.from).await?;
    let own = super::keepers(act, &here, &[&wish.member, &wish.by]).await?;
    let own = (own.into_iter()).filter(|one| all.iter().all(|told| told.member_id != *one));
    let own: Vec<MemberId> = own.collect();
    let told = notice(
        act,
        &id,
        "people-moving-told-sent-on",
        &format!("/transfers/{id}"),
        "sent",
    );
    let told = told.arg("name", members::get_name(&site.db, &wish.member).await?);
    act.notify(told.arg("unit", &there.name).to(own));
    let told = notice(
        act,
        &id,
        "people-moving-told-member",
        "/me#transfer",
        "member",
    );
    act.notify(told.arg("unit", &there.name).to([wish.member.clone()]));
    Ok(id)
}

/// Whether a transfer of this member waits, within the house or to another one.
pub(crate) async fn is_on_the_way<P: Records>(act: &mut Act<P>, member: &MemberId) -> Result<bool> {
    Ok(store::find_open(act.on(), member).await?.is_some()
        || outside::find_open(act.on(), member).await?.is_some())
}

/// The number of a letter of that member. Where none was typed the next one of the year is given now, as the letter is
/// issued: what is refused or taken back before that leaves no gap. One that was typed by hand is passed over.
///
/// # Errors
/// Refused when another letter of this unit and year has the number that was typed.
pub(crate) async fn number<P: Records>(
    act: &mut Act<P>,
    unit: &UnitId,
    member: &MemberId,
    typed: &str,
    on: Day,
) -> Result<String> {
    // Behind the gate: of two at once the second one finds the first.
    bump_epoch(act).await?;
    let letters = letters(act.on(), unit, i64::from(on.year())).await?;
    if !typed.is_empty() {
        return match letters.iter().find(|one| one.bars(typed, member)) {
            None => Ok(typed.to_owned()),
            Some(one) => Err(Refusal::new("people-moving-refused-number")
                .arg("number", typed)
                .arg("name", &one.name)
                .way_out(format!("/members/{member}"), "people-refused-changed-look")
                .into()),
        };
    }
    let texts = act.site().edge.texts.clone();
    loop {
        let next = store::next_number(act, unit, i64::from(on.year())).await?;
        let next = format!("{next:02}");
        let said = [("number", web::text::Arg::Text(&next))];
        let number = texts.with(web::Lang::Vi, "people-moving-number", &said);
        if !letters.iter().any(|one| same(&one.letter_no, &number)) {
            return Ok(number);
        }
    }
}

/// Whether two numbers are one on paper: white and capitals say nothing.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        let ink = text.chars().filter(|c| !c.is_whitespace());
        ink.flat_map(char::to_uppercase).collect()
    };
    plain(one) == plain(other)
}

/// A letter of introduction that a unit has issued.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Letter {
    #[sqlx(try_from = "String")]
    member_id: MemberId,
    pub(crate) name: String,
    letter_no: String,
    state: String,
}

impl Letter {
    /// Whether it stands in the way of that number for that member: a paper that came back is sent with them again.
    fn bars(&self, typed: &str, member: &MemberId) -> bool {
        let is_over = matches!(self.state.as_str(), "returned" | "cancelled");
        same(&self.letter_no, typed) && !(is_over && self.member_id == *member)
    }
}

/// Whose letter of this unit and year has that number already, among those that were issued and those that wait for a
/// second person; before anything is written.
pub(crate) async fn holder(
    site: &Site,
    unit: &UnitId,
    member: &MemberId,
    typed: &str,
    on: Day,
) -> Result<Option<String>> {
    if typed.is_empty() {
        return Ok(None);
    }
    let issued = letters(site.db.read(), unit, i64::from(on.year())).await?;
    if let Some(one) = issued.into_iter().find(|one| one.bars(typed, member)) {
        return Ok(Some(one.name));
    }
    for kind in [KIND, crate::members::outside::KIND] {
        for one in approvals::list_waiting(&site.db, kind, site.clock.now()).await? {
            let payload = one.payload()?;
            let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
            let is_of_year =
                (text("letter_on").parse()).is_ok_and(|day: Day| day.year() == on.year());
            let is_other = one.object_id != member.as_str();
            if is_other
                && is_of_year
                && text("from") == unit.as_str()
                && same(&text("letter_no"), typed)
            {
                let other: MemberId = one.object_id.parse().map_err(Error::fault)?;
                return Ok(Some(member::name(site, &other).await?));
            }
        }
    }
    Ok(None)
}

/// All letters of a unit in a year, to units of this house and to others.
async fn letters<'a>(on: impl db::On<'a>, unit: &UnitId, year: i64) -> Result<Vec<Letter>> {
    store::list_letters(on, unit, year).await
}

/// What the sending side's second person decides.
pub(crate) const MOVING: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: KIND,
    text: "people-moving",
    decides: Cap::MemberApprove,
    about: site::room::about_member,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |act, payload| Box::pin(deciding::versions::<Wish>(act, payload)),
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload)),
    again: |payload| deciding::again(payload, "transfer"),
};

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let wish = deciding::read::<Wish>(&payload)?;
    let from = unit::get(&site, &wish.from).await?.name;
    let to = unit::get(&site, &wish.to).await?.name;
    let length = match wish.until_on.parse() {
        Ok(last) => length_of(&site, &frame, wish.letter_on, last).await?,
        Err(_) => String::new(), // for good
    };
    let fields = [
        (
            "people-admitting-who",
            String::new(),
            member::name(&site, &wish.member).await?,
        ),
        ("people-giving-unit", from, to),
        (
            "people-moving-kind",
            String::new(),
            frame.t(word_of_kind(&wish.kind)),
        ),
        (
            "people-moving-until",
            String::new(),
            member::vn(&wish.until_on),
        ),
        ("people-moving-length", String::new(), length),
        (
            "people-moving-letter-no",
            String::new(),
            wish.letter_no.clone(),
        ),
        (
            "people-moving-letter-on",
            String::new(),
            wish.letter_on.vn(),
        ),
        ("people-leaving-note", String::new(), wish.note.clone()),
    ];
    let fields = fields.into_iter().filter(|(_, _, new)| !new.is_empty());
    Ok(fields
        .map(|(key, old, new)| FieldChange {
            label: frame.t(key),
            old,
            new,
        })
        .collect())
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value) -> Result<()> {
    let wish = deciding::read::<Wish>(payload)?;
    deciding::decider(act, &wish.member).await?;
    let site = act.site().clone();
    let here = unit::get(&site, &wish.from).await?;
    let by = actor::load(&site, &wish.by).await?;
    if CanDraft::of_member(&by, &here.reference(), &wish.member, act.now().day()).is_err() {
        return Err(deciding::refused(
            &wish.member,
            "people-admitting-refused-by",
        ));
    }
    let id = send(act, &wish).await?;
    act.log("transfer.send")
        .about(&wish.member)
        .object("transfer", &id)
        .diff(&wish.diff());
    Ok(())
}

/// Who agrees on the sending side; nobody: it is sent at once.
pub(crate) async fn waits_for(
    site: &Site,
    from: &UnitRef,
    by: &MemberId,
    member: &MemberId,
) -> Result<Seconds> {
    admitting::waits_for(site, &from.path, by, &[member]).await
}
