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
use crate::fact::EventKind;
use crate::members::store::leaving as places;
use crate::members::store::moving::{self as store, Transfer};
use crate::members::store::outside;
use crate::store::{Event, add_event, bump_epoch};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Cap, Day, MemberId, UnitRef};
use site::room::{TodayPart, TodayTask};
use site::{Act, Proof, Site};
use web::{Frame, SignedIn};

mod sending;
mod taking;

pub(crate) use sending::{Letter, MOVING, Wish, holder, is_on_the_way, number, send, waits_for};
pub(crate) use taking::{CanReceive, accept, days, others};

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

/// The word of the notices.
pub(crate) const NOTICE: &str = "people.transfer";
/// Days for which a notice is carried out of the house.
const TOLD_DAYS: i64 = 14;

fn at(transfer: &Transfer, key: &'static str) -> Error {
    Refusal::new(key)
        .way_out(
            format!("/transfers/{}", transfer.id),
            "people-refused-changed-look",
        )
        .into()
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

/// Key of a kind of transfer.
pub(crate) fn word_of_kind(word: &str) -> &'static str {
    match word {
        "temporary" => "people-moving-temporary",
        _ => "people-moving-official",
    }
}

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

/// Who keeps the records of that unit: those nearest to it alone, without some.
async fn keepers<P: Proof>(
    act: &mut Act<P>,
    unit: &UnitRef,
    without: &[&MemberId],
) -> Result<Vec<MemberId>> {
    let (today, me) = (act.now().day(), act.by().to_owned());
    let all = store::list_receivers(act.on(), unit, today, without).await?;
    let nearest = all.iter().map(|one| one.deep).max();
    let all =
        (all.into_iter()).filter(|one| Some(one.deep) == nearest && one.member_id.as_str() != me);
    Ok(all.map(|one| one.member_id).collect())
}

/// The offices of both sides and whoever prepared it, without the one who acts.
async fn offices<P: Proof>(act: &mut Act<P>, transfer: &Transfer) -> Result<Vec<MemberId>> {
    let without = [&transfer.member_id];
    let mut all = keepers(act, &transfer.from(), &without).await?;
    all.extend(keepers(act, &transfer.to(), &without).await?);
    if act.by() != transfer.prepared_by.as_str() {
        all.push(transfer.prepared_by.clone());
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// Tells the offices of both sides and whom it is about, each in words of their own.
async fn tell_both<P: Proof>(
    act: &mut Act<P>,
    transfer: &Transfer,
    [text, own]: [&'static str; 2],
    reason: &str,
) -> Result<()> {
    let who = act.right().label().to_owned();
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    let to = format!("/transfers/{}", transfer.id);
    let told = notice(act, &transfer.id, text, &to, "ended");
    let told = told
        .arg("name", &transfer.name)
        .arg("unit", &transfer.to_name)
        .arg("by", &who)
        .arg("reason", reason);
    let offices = offices(act, transfer).await?;
    act.notify(told.to(offices));
    let told = notice(act, &transfer.id, own, "/me#transfer", "own");
    let told = told
        .arg("name", &transfer.name)
        .arg("unit", &transfer.to_name)
        .arg("by", who);
    act.notify(told.to([transfer.member_id.clone()]));
    Ok(())
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
    tell_both(act, transfer, texts, reason).await
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
    // Each change is told, and the same day once.
    let (to, what) = (
        format!("/transfers/{}", transfer.id),
        format!("term/{last}"),
    );
    for (text, to, whom) in [
        (
            "people-moving-told-term",
            to.as_str(),
            offices(act, transfer).await?,
        ),
        (
            "people-moving-told-term-own",
            "/me#transfer",
            vec![transfer.member_id.clone()],
        ),
    ] {
        let told = notice(act, &transfer.id, text, to, &what);
        let told = told
            .arg("name", &transfer.name)
            .arg("unit", &transfer.to_name);
        act.notify(told.arg("day", last.vn()).to(whom));
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
