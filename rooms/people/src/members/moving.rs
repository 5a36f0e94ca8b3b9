//! A member moves to another unit of this handbook, for good or for a time: one side sends, the other takes up.
//!
//! The sender prepares and a second person of that side agrees where there is one (`member.transfer`); whoever keeps
//! records at the target takes it up with a day, or sends it back with a reason. Until then the member is counted at home.
//! Taken up, the old placement ends and the new one begins on the same day; posts of the old unit end. For a time: the
//! home placement stays (`official_away` is derived), and they are home again when the last day is over.
//! Not here: the pages, the letter (`pages::transfer_pdf`), moving to another house.
//! The rule that surprises: whoever takes up holds no right over the old unit. What the sending side gave is the
//! row of the transfer, so the act reaches this member and that unit, and nothing else of them.

use crate::access::{CanDraft, Records};
use crate::fact::{EventKind, Placement, Status};
use crate::members::deciding::{self, Prepared};
use crate::members::store::leaving as places;
use crate::members::store::moving::{self as store, Transfer};
use crate::members::store::outside;
use crate::members::{admitting, store as members};
use crate::posts::post::{self, Held};
use crate::store::{
    Event, NewPlacement, add_event, add_placement, bump_epoch, close_placement, end_holding,
};
use crate::{actor, member, unit};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Cap, Day, MemberId, UnitId, UnitRef};
use serde::{Deserialize, Serialize};
use site::four_eyes::{Approved, Seconds};
use site::room::{ApprovalKind, FieldChange, TodayPart, TodayTask};
use site::{Act, Proof, Right, Site};
use web::{Frame, SignedIn};

kernel::facts! {
    /// Where a transfer stands.
    pub(crate) enum State {
        /// Sent; the other side has not answered.
        Sent = "sent",
        /// Taken up.
        Accepted = "accepted",
        /// Sent back.
        Returned = "returned",
        /// Taken back by whoever sent it, or overtaken.
        Cancelled = "cancelled",
    }
}

impl State {
    /// Key of its words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            State::Sent => "people-moving-sent",
            State::Accepted => "people-moving-accepted",
            State::Returned => "people-moving-returned",
            State::Cancelled => "people-moving-cancelled",
        }
    }
}

rules::names! {
    /// Until when the letter is shown at the new unit, from its issue.
    pub(crate) SHOW: "people.transfer_show", WorkingDays;
    /// Until when they begin there, from the paper.
    pub(crate) START: "people.transfer_start", WorkingDays;
    /// The shortest absence for which a stay for a time is meant.
    pub(crate) LEAST: "people.temporary_least_months", Months;
    /// The longest one, for an absence (`away`) and for study (`study`).
    pub(crate) MOST: "people.temporary_most_months", Months;
}

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
/// The word of the notices.
pub(crate) const NOTICE: &str = "people.transfer";
/// Days for which a notice is carried out of the house.
const TOLD_DAYS: i64 = 14;

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

fn at(transfer: &Transfer, key: &'static str) -> Error {
    Refusal::new(key)
        .way_out(
            format!("/transfers/{}", transfer.id),
            "people-refused-changed-look",
        )
        .into()
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
    let show = book.reckon(SHOW, "", today)?.due.value;
    let start = book.reckon(START, "", today)?.due.value;
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
    wish.letter_no = number(act, &wish.from, &wish.letter_no, wish.letter_on).await?;
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
    act.notify(told.to(all.into_iter().map(|one| one.member_id)));
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

/// The number of a letter. Where none was typed the next one of the year is given now, as the letter is issued: what is
/// refused or taken back before that leaves no gap. One that was typed by hand is passed over.
pub(crate) async fn number<P: Records>(
    act: &mut Act<P>,
    unit: &UnitId,
    typed: &str,
    on: Day,
) -> Result<String> {
    if !typed.is_empty() {
        return Ok(typed.to_owned());
    }
    let texts = act.site().edge.texts.clone();
    loop {
        let next = store::next_number(act, unit, i64::from(on.year())).await?;
        let next = format!("{next:02}");
        let said = [("number", web::text::Arg::Text(&next))];
        let number = texts.with(web::Lang::Vi, "people-moving-number", &said);
        if !store::is_numbered(act.on(), unit, &number).await?
            && !outside::is_numbered(act.on(), unit, &number).await?
        {
            return Ok(number);
        }
    }
}

fn notice<P: Proof>(
    act: &Act<P>,
    id: &str,
    text: &'static str,
    to: &str,
    what: &str,
) -> notices::New {
    let until = act.now().plus_ms(TOLD_DAYS * 86_400_000);
    notices::New::of(NOTICE, format!("{NOTICE}/{id}/{what}"), text, to, until)
}

/// What the sending side's second person decides.
pub(crate) const MOVING: ApprovalKind = ApprovalKind {
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

/// Key of a kind of transfer.
pub(crate) fn word_of_kind(word: &str) -> &'static str {
    match word {
        "temporary" => "people-moving-temporary",
        _ => "people-moving-official",
    }
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

/// Proof that a transfer may be taken up or sent back at its target.
#[derive(Debug, Clone)]
pub(crate) struct CanReceive {
    right: Right,
    transfer: String,
}

impl CanReceive {
    fn of(actor: &Actor, transfer: &Transfer, on: Day) -> Result<CanReceive> {
        if actor.member == transfer.member_id {
            return Err(Error::NotFound);
        }
        let to = transfer.to();
        let right = Right::of(actor, Cap::MemberDraft, &to, on)
            .or_else(|_| Right::of(actor, Cap::MemberApprove, &to, on))?;
        Ok(CanReceive {
            right,
            transfer: transfer.id.clone(),
        })
    }
}

impl Proof for CanReceive {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("transfer", self.transfer.clone())
    }
}
impl Records for CanReceive {}

/// A transfer as one of the two sides sees it.
pub(crate) struct Seen {
    pub(crate) transfer: Transfer,
    /// Takes it back, prints the letter, changes a stay for a time.
    pub(crate) sends: Option<CanDraft>,
    /// Takes it up or sends it back.
    pub(crate) receives: Option<CanReceive>,
}

/// A transfer, for either side. One that has ended is seen as long as a former unit sees a record.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub(crate) async fn see(site: &Site, actor: &Actor, id: &str) -> Result<Seen> {
    if !kernel::id::is_id(id) {
        return Err(Error::NotFound);
    }
    let transfer = store::get(site.db.read(), id).await?;
    let today = site.clock.today();
    let since = today.plus_days(-crate::sight::former_days(site).await?);
    let lasts = transfer.is_staying(today);
    // A stay for a time is in the hands of the unit to which they belong now, which may have become another.
    let over = match lasts {
        true => store::find_home(site.db.read(), &transfer.member_id, today).await?,
        false => Some(transfer.from()),
    };
    let is_open = transfer.is_waiting() || lasts || transfer.ended_on() > since;
    let sends = over
        .filter(|_| is_open && actor.member != transfer.member_id)
        .and_then(|unit| CanDraft::of_member(actor, &unit, &transfer.member_id, today).ok());
    let receives = CanReceive::of(actor, &transfer, today).ok(); // no right is no part in it
    let receives = receives.filter(|_| is_open);
    if sends.is_none() && receives.is_none() {
        return Err(Error::NotFound);
    }
    Ok(Seen {
        transfer,
        sends,
        receives,
    })
}

/// The days on which it may begin: behind the first day at home, and behind that of a stay for a time at the target, not
/// before the paper, and not after today. Whoever came only today is taken up from tomorrow.
pub(crate) async fn days(site: &Site, transfer: &Transfer) -> Result<(Day, Day)> {
    let today = site.clock.today();
    let here = places::list_places(site.db.read(), &transfer.member_id, today).await?;
    Ok(days_of(transfer, &here, today))
}

fn days_of(transfer: &Transfer, here: &[places::Place], today: Day) -> (Day, Day) {
    let ends = |place: &&places::Place| {
        place.id == transfer.home_id
            || !transfer.is_temporary() && place.unit_id == transfer.to().id
    };
    let since = (here.iter().filter(ends)).map(|place| place.from_on.plus_days(1));
    let first = (since.max().unwrap_or(transfer.letter_on))
        .max(transfer.letter_on)
        .max(transfer.founded_on);
    (first, today.max(first.min(today.plus_days(1))))
}

/// Why somebody who may take it up does not: they prepared it themselves, under whichever record, and others could.
/// Their names.
pub(crate) async fn others(site: &Site, actor: &Actor, transfer: &Transfer) -> Result<Vec<String>> {
    let (me, by) = (&actor.member, &transfer.prepared_by);
    if !store::is_of(site.db.read(), me, by).await? {
        return Ok(Vec::new());
    }
    let today = site.clock.today();
    let without = [me, by, &transfer.member_id];
    let all = store::list_receivers(site.db.read(), &transfer.to(), today, &without).await?;
    Ok(all.into_iter().map(|one| one.name).collect())
}

/// The same within the act, behind the gate of rights: somebody may have been given the post since the page was drawn.
async fn leaves_it_to_others(act: &mut Act<CanReceive>, transfer: &Transfer) -> Result<()> {
    let (today, by) = (act.now().day(), &transfer.prepared_by);
    let Some(me) = act.right().actor().cloned() else {
        return Ok(());
    };
    if !store::is_of(act.on(), &me, by).await? {
        return Ok(());
    }
    let without = [&me, by, &transfer.member_id];
    let others = store::list_receivers(act.on(), &transfer.to(), today, &without).await?;
    match others.is_empty() {
        true => Ok(()),
        false => Err(at(transfer, "people-moving-refused-own")),
    }
}

/// Takes it up: from that day on they belong there.
///
/// # Errors
/// Refused when it has ended, when the member has left or moved meanwhile, when the unit is closed, when whoever
/// takes it up prepared it and others could.
pub(crate) async fn accept(act: &mut Act<CanReceive>, id: &str, on: Day) -> Result<Transfer> {
    let today = act.now().day();
    bump_epoch(act).await?;
    let transfer = store::get(act.on(), id).await?;
    if !transfer.is_waiting() {
        return Err(at(&transfer, "people-moving-refused-ended"));
    }
    if crate::fact::is_gone(&transfer.status) {
        return Err(at(&transfer, "people-moving-refused-gone"));
    }
    if transfer.status.is(Status::Suspended) {
        return Err(at(&transfer, "people-moving-refused-suspended"));
    }
    if transfer.dissolved_on <= today {
        return Err(at(&transfer, "people-moving-refused-closed"));
    }
    leaves_it_to_others(act, &transfer).await?;
    let here = places::list_places(act.on(), &transfer.member_id, on).await?;
    let home = here.iter().find(|place| place.id == transfer.home_id);
    let is_home = home.is_some_and(|home| home.to_on == Day::OPEN);
    let (first, last) = days_of(&transfer, &here, today);
    if !is_home || !(first..=last).contains(&on) {
        return Err(at(&transfer, "people-moving-refused-moved"));
    }
    // Both sides have agreed by now: the row is what the sending side gave.
    act.reaches(&transfer.member_id);
    act.reaches(&transfer.from().id);
    let new = if transfer.is_temporary() {
        stays(act, &transfer, on).await?
    } else {
        moves(act, &transfer, &here, on).await?
    };
    let placement = add_placement(act, &new).await?;
    let starts_on = on.to_string();
    if !store::end(act, id, State::Accepted, "", (&starts_on, &placement)).await? {
        return Err(at(&transfer, "people-moving-refused-ended"));
    }
    let text = "people-moving-told-accepted";
    tell_both(act, &transfer, [text, text], "");
    Ok(transfer)
}

async fn stays(act: &mut Act<CanReceive>, transfer: &Transfer, on: Day) -> Result<NewPlacement> {
    let last = transfer.until().filter(|last| *last >= on);
    let last = last.ok_or_else(|| at(transfer, "people-moving-refused-over"))?;
    let to_on = last.plus_days(1);
    if store::is_elsewhere(act.on(), &transfer.member_id, on, to_on).await? {
        return Err(at(transfer, "people-moving-refused-elsewhere"));
    }
    Ok(NewPlacement {
        kind: Placement::Temporary,
        to_on,
        start_reason: transfer.letter_no.clone(),
        ..NewPlacement::official(&transfer.member_id, &transfer.to().id, on)
    })
}

/// Whether a post ends when its holder moves: it is one of the unit that they leave, or of one above it to which they do
/// not belong any more.
pub(crate) fn ends_with_it(held: &Held, from: &UnitRef, to: &UnitRef) -> bool {
    let unit = held.unit();
    from.path.is_within(&unit.path) && !to.path.is_within(&unit.path)
}

async fn moves(
    act: &mut Act<CanReceive>,
    transfer: &Transfer,
    here: &[places::Place],
    on: Day,
) -> Result<NewPlacement> {
    let to = transfer.to().id;
    for held in places::list_posts(act.on(), &transfer.member_id, on).await? {
        if !ends_with_it(&held, &transfer.from(), &transfer.to()) {
            continue;
        }
        if !post::stays_governed(act, &held, on).await? {
            return Err(at(transfer, "people-refused-last-lead"));
        }
        end_holding(act, &held.id, on, "transfer").await?;
    }
    // Where they were for a time they belong now.
    for place in here.iter().filter(|place| place.unit_id == to) {
        close_placement(act, &place.id, on, "transfer").await?;
    }
    if !close_placement(act, &transfer.home_id, on, "transfer").await? {
        return Err(at(transfer, "people-moving-refused-moved"));
    }
    Ok(NewPlacement {
        start_reason: transfer.letter_no.clone(),
        prev_id: transfer.home_id.clone(),
        ..NewPlacement::official(&transfer.member_id, &to, on)
    })
}

/// Tells who sent it and whom it is about, each in words of their own.
fn tell_both<P: Proof>(
    act: &mut Act<P>,
    transfer: &Transfer,
    [text, own]: [&'static str; 2],
    reason: &str,
) {
    let who = act.right().label().to_owned();
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    let to = format!("/transfers/{}", transfer.id);
    let told = notice(act, &transfer.id, text, &to, "ended");
    let told = told
        .arg("name", &transfer.name)
        .arg("unit", &transfer.to_name)
        .arg("by", &who)
        .arg("reason", reason);
    let by = transfer.prepared_by.clone();
    if act.by() != by.as_str() {
        act.notify(told.to([by]));
    }
    let told = notice(act, &transfer.id, own, "/me#transfer", "own");
    let told = told
        .arg("name", &transfer.name)
        .arg("unit", &transfer.to_name)
        .arg("by", who);
    act.notify(told.to([transfer.member_id.clone()]));
}

/// Ends one that waits otherwise than by taking it up, and says so to both.
///
/// # Errors
/// Refused when it has ended.
pub(crate) async fn end<P: Records>(
    act: &mut Act<P>,
    transfer: &Transfer,
    to: State,
    reason: &str,
) -> Result<()> {
    if !store::end(act, &transfer.id, to, reason, ("", "")).await? {
        return Err(at(transfer, "people-moving-refused-ended"));
    }
    let texts = match to {
        State::Returned if reason.trim().is_empty() => ["people-moving-told-returned-by"; 2],
        State::Returned => [
            "people-moving-told-returned-why",
            "people-moving-told-returned-by",
        ],
        _ => ["people-moving-told-cancelled-by"; 2],
    };
    tell_both(act, transfer, texts, reason);
    Ok(())
}

/// Why it is late, as one of the two sides says (294, 6.3.1: in writing).
///
/// # Errors
/// Refused when it has ended.
pub(crate) async fn explain<P: Records>(
    act: &mut Act<P>,
    transfer: &Transfer,
    reason: &str,
) -> Result<()> {
    match store::set_late(act, &transfer.id, reason).await? {
        true => Ok(()),
        false => Err(at(transfer, "people-moving-refused-ended")),
    }
}

/// Takes back what waits of somebody who leaves, within that act.
pub(crate) async fn overtake<P: Records>(act: &mut Act<P>, member: &MemberId) -> Result<()> {
    if let Some(id) = store::find_open(act.on(), member).await? {
        store::end(act, &id, State::Cancelled, "", ("", "")).await?;
    }
    if let Some(id) = outside::find_open(act.on(), member).await? {
        let one = outside::get(act.on(), &id).await?;
        outside::end(act, &one, State::Cancelled, "", "").await?;
    }
    Ok(())
}

/// Gives a stay for a time another last day: ended earlier, or prolonged.
///
/// # Errors
/// Refused when it is over, or when they are somewhere else by then.
pub(crate) async fn set_last_day(
    act: &mut Act<CanDraft>,
    transfer: &Transfer,
    last: Day,
) -> Result<()> {
    bump_epoch(act).await?;
    let old = transfer
        .until()
        .filter(|_| transfer.state.is(State::Accepted));
    let old = old.ok_or_else(|| at(transfer, "people-moving-refused-over"))?;
    // Where they belong may have become another unit since the page was drawn.
    let today = act.now().day();
    let home = store::find_home(act.on(), &transfer.member_id, today).await?;
    if home.map(|home| home.id) != act.right().unit().map(|unit| unit.id.clone()) {
        return Err(at(transfer, "people-moving-refused-moved"));
    }
    if last > old {
        let free = (old.plus_days(1), last.plus_days(1));
        if store::is_elsewhere(act.on(), &transfer.member_id, free.0, free.1).await? {
            return Err(at(transfer, "people-moving-refused-elsewhere"));
        }
    }
    let event = Event::new(
        &transfer.member_id,
        EventKind::PlacementSet,
        last.plus_days(1),
    )
    .unit(&transfer.from().id)
    .payload(serde_json::json!({
        "placement": transfer.placement_id, "until_on": [transfer.until_on, last],
    }));
    let event = add_event(act, &event).await?;
    if !store::set_term(act, transfer, last, &event).await? {
        return Err(at(transfer, "people-moving-refused-over"));
    }
    Ok(())
}

/// Who takes it up, three at most: for the member who brings the letter. Their telephones are their own and are not
/// told: no look at them would stand in their logs.
pub(crate) async fn hosts(site: &Site, to: &UnitRef, member: &MemberId) -> Result<Vec<String>> {
    let today = site.clock.today();
    let all = store::list_receivers(site.db.read(), to, today, &[member]).await?;
    Ok(all.into_iter().take(3).map(|one| one.name).collect())
}

/// Those that wait past their days: the transfer and its member.
pub(crate) async fn overdue(site: &Site) -> Result<Vec<(String, String)>> {
    let today = site.clock.today();
    let mut all = store::list_overdue(&site.db, today).await?;
    all.extend(outside::list_overdue(&site.db, today).await?);
    Ok(all)
}

/// What the rules say of the length of a stay for a time, where it is shorter or longer than they have it: a warning, for
/// the clause says for which absences a stay is meant, and not that another one is void.
pub(crate) async fn length(site: &Site, frame: &Frame, transfer: &Transfer) -> Result<String> {
    match transfer.until() {
        None => Ok(String::new()),
        Some(last) => {
            let first = transfer.starts_on.parse().unwrap_or(transfer.letter_on); // not begun: from the paper
            length_of(site, frame, first, last).await
        }
    }
}

/// Which lengths the rules have for a stay for a time, with the clause.
pub(crate) async fn length_hint(site: &Site, frame: &Frame) -> Result<String> {
    let (book, on) = (site.rules.book().await?, site.clock.today());
    let least = book.find(LEAST, on)?;
    let away = book.find_variant(MOST, "away", on)?;
    let study = book.find_variant(MOST, "study", on)?;
    let (Some(least), Some(away), Some(study)) = (least, away, study) else {
        return Ok(frame.t("people-moving-until-hint"));
    };
    let basis = least.trace.rule.basis();
    Ok(frame.tn(
        "people-moving-length-hint",
        &[
            ("least", i64::from(least.span()?).into()),
            ("away", i64::from(away.span()?).into()),
            ("study", i64::from(study.span()?).into()),
            ("basis", basis.as_str().into()),
        ],
    ))
}

/// The same of two days.
pub(crate) async fn length_of(site: &Site, frame: &Frame, first: Day, last: Day) -> Result<String> {
    let book = site.rules.book().await?;
    let on = site.clock.today();
    let after = last.plus_days(1);
    let say = |key: &str, found: &rules::Found| -> Result<String> {
        let months = i64::from(found.span()?);
        let basis = found.trace.rule.basis();
        Ok(frame.t2(key, "months", months, "basis", basis.as_str()))
    };
    if let Some(least) = book.find(LEAST, on)?
        && after < first.plus_months(least.span()?)
    {
        return say("people-moving-length-short", &least);
    }
    let study = book.find_variant(MOST, "study", on)?;
    if let Some(study) = &study
        && after > first.plus_months(study.span()?)
    {
        return say("people-moving-length-long", study);
    }
    match book.find_variant(MOST, "away", on)? {
        Some(away) if after >= first.plus_months(away.span()?) => {
            say("people-moving-length-study", &away)
        }
        _ => Ok(String::new()),
    }
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

/// Hôm nay: what waits to be taken up by this member, and what they sent and is overdue.
pub(crate) async fn part(site: &Site, frame: &Frame, who: &SignedIn) -> Result<TodayPart> {
    let mut part = TodayPart::default();
    let (today, me) = (frame.today(), &who.actor.member);
    let mut seen = Vec::new();
    for (cap, is_incoming) in [
        (Cap::MemberDraft, true),
        (Cap::MemberApprove, true),
        (Cap::MemberDraft, false),
    ] {
        let scope = who.actor.scope(cap, today);
        for line in store::list_waiting(&site.db, &scope, is_incoming, me).await? {
            let is_late = line.show_due < today || line.start_due < today;
            if seen.contains(&line.id) || !(is_incoming || is_late) {
                continue;
            }
            let to = format!("/transfers/{}", line.id);
            part.tasks
                .push(task(frame, &line, is_incoming, is_late, to));
            seen.push(line.id);
        }
    }
    let scope = who.actor.scope(Cap::MemberDraft, today);
    for line in outside::list_late(&site.db, &scope, today, me).await? {
        let to = format!("/departures/{}", line.id);
        part.tasks.push(task(frame, &line, false, true, to));
    }
    Ok(part)
}

fn task(
    frame: &Frame,
    line: &store::Line,
    is_incoming: bool,
    is_late: bool,
    to: String,
) -> TodayTask {
    let (title, why) = match is_incoming {
        true => ("people-moving-today", "people-moving-today-why"),
        false => ("people-moving-today-late", "people-moving-today-late-why"),
    };
    TodayTask {
        due_at: line.show_due.plus_days(1).start().0,
        minutes: 5,
        title: frame.t1(title, "name", line.name.as_str()),
        due: frame.t1("people-moving-due", "day", &line.show_due.vn()),
        due_state: if is_late { "bad" } else { "" },
        left: String::new(),
        why: frame.t1(why, "unit", line.from_name.as_str()),
        how: String::new(),
        action: frame.t("people-moving-today-go"),
        to,
    }
}

#[cfg(test)]
mod tests;
