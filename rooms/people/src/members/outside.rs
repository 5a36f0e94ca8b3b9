//! A member goes to a body of another house, or came from there with a paper.
//!
//! Going: the sender prepares and a second person of that side agrees where there is one (`member.depart`); the letter
//! goes out; the member is counted at home until somebody writes down that they arrived, with the day. Then placements,
//! posts and rights end, and the status stays what it is: they are a member elsewhere. Past its days it is shown as
//! overdue. Coming: the record begins with the paper (`admitting`). Not here: pages, transfers within (`moving`).
//! The rule that surprises: of the other house nothing is known, so the arrival is what the sender was told.

use crate::access::{CanDraft, Records};
use crate::fact::{EventKind, Placement, Status};
use crate::members::deciding::{self, Prepared, refused};
use crate::members::leaving::{self, line};
use crate::members::moving::{self, SHOW, START, State};
use crate::members::store as members;
use crate::members::store::leaving as places;
use crate::members::store::outside::{self as store, Outside};
use crate::posts::post;
use crate::store::{Event, add_event, bump_epoch};
use crate::{actor, member, unit};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Cap, Day, MemberId, UnitId};
use serde::{Deserialize, Serialize};
use site::four_eyes::Approved;
use site::room::{ApprovalKind, FieldChange};
use site::{Act, Proof, Site};
use web::Frame;

/// The word of the approval.
pub(crate) const KIND: &str = "member.depart";
/// Why placements and posts end.
pub(crate) const REASON: &str = "departure";
/// Days for which a notice is carried out of the house.
const TOLD_DAYS: i64 = 14;

/// Who is to go where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Departure {
    pub(crate) member: MemberId,
    pub(crate) from: UnitId,
    /// The entry of the directory; empty where it was typed.
    pub(crate) body: String,
    /// What the letter calls it.
    pub(crate) body_name: String,
    pub(crate) letter_no: String,
    pub(crate) letter_on: Day,
    pub(crate) note: String,
    pub(crate) row_version: i64,
    pub(crate) by: MemberId,
}

impl Departure {
    /// For the log.
    pub(crate) fn diff(&self) -> serde_json::Value {
        serde_json::json!({ "to": self.body_name, "letter_no": self.letter_no })
    }
}

impl Prepared for Departure {
    const KIND: &'static str = KIND;
    const SIDE: &'static str = "sender";
    fn member(&self) -> &MemberId {
        &self.member
    }
    fn unit(&self) -> &UnitId {
        &self.from
    }
}

/// From where somebody came, and by which paper.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Arrival {
    pub(crate) body: String,
    pub(crate) letter_no: String,
    pub(crate) letter_on: Day,
    pub(crate) by: MemberId,
}

fn at(one: &Outside, key: &'static str) -> Error {
    Refusal::new(key)
        .way_out(
            format!("/departures/{}", one.id),
            "people-refused-changed-look",
        )
        .into()
}

/// Sends it: from now on they are on the way.
///
/// # Errors
/// Refused when they are on the way already, when the record changed, when they are placed elsewhere by now.
pub(crate) async fn send<P: Records>(act: &mut Act<P>, wish: &Departure) -> Result<String> {
    let (site, today) = (act.site().clone(), act.now().day());
    let book = site.rules.book().await?;
    let show = book.reckon(SHOW, "", today)?.due.value;
    let start = book.reckon(START, "", today)?.due.value;
    bump_epoch(act).await?;
    if members::get_row_version(act, &wish.member).await? != wish.row_version {
        return Err(refused(&wish.member, "people-refused-changed-meanwhile"));
    }
    if places::get_stands(act, &wish.member)
        .await?
        .status
        .is(Status::Suspended)
    {
        return Err(refused(&wish.member, "people-moving-refused-suspended"));
    }
    if moving::is_on_the_way(act, &wish.member).await? {
        return Err(refused(&wish.member, "people-moving-refused-waits"));
    }
    let here = places::list_places(act.on(), &wish.member, today).await?;
    let home = here.iter().find(|place| {
        place.kind.is(Placement::Official) && place.unit_id == wish.from && place.to_on == Day::OPEN
    });
    let Some(home) = home else {
        return Err(refused(&wish.member, "people-moving-refused-moved"));
    };
    let mut wish = wish.clone();
    wish.letter_no = moving::number(
        act,
        &wish.from,
        &wish.member,
        &wish.letter_no,
        wish.letter_on,
    )
    .await?;
    let id = store::add(act, &wish, &home.id, [show, start]).await?;
    let told = notice(act, &id, "people-moving-told-member", "member");
    act.notify(told.arg("unit", &wish.body_name).to([wish.member.clone()]));
    Ok(id)
}

fn notice<P: Proof>(act: &Act<P>, id: &str, text: &'static str, what: &str) -> notices::New {
    let until = act.now().plus_ms(TOLD_DAYS * 86_400_000);
    let once = format!("{}/{id}/{what}", moving::NOTICE);
    notices::New::of(moving::NOTICE, once, text, "/me#transfer", until)
}

/// One of them, for whoever writes records where the member belongs or belonged.
///
/// # Errors
/// [`Error::NotFound`] for everybody else.
pub(crate) async fn see(site: &Site, who: &Actor, id: &str) -> Result<(Outside, CanDraft)> {
    if !kernel::id::is_id(id) {
        return Err(Error::NotFound);
    }
    let one = store::get(site.db.read(), id).await?;
    if who.member == one.member_id {
        return Err(Error::NotFound);
    }
    let today = site.clock.today();
    let may = CanDraft::of_member(who, &one.unit(), &one.member_id, today)?;
    Ok((one, may))
}

/// The days on which they may have arrived: behind the first day at home, not before the paper, not after today.
pub(crate) async fn days(site: &Site, one: &Outside) -> Result<(Day, Day)> {
    let today = site.clock.today();
    let first = leaving::earliest(site, &one.member_id).await?;
    Ok((first.max(one.letter_on), today))
}

/// They arrived: from that day on they belong to the other house, and nothing of theirs stays open here.
///
/// # Errors
/// Refused when it has ended, when they have left or moved meanwhile, when nobody would govern a unit any more.
pub(crate) async fn arrive(act: &mut Act<CanDraft>, id: &str, on: Day) -> Result<Outside> {
    let today = act.now().day();
    bump_epoch(act).await?;
    let one = store::get(act.on(), id).await?;
    if !one.is_waiting() {
        return Err(at(&one, "people-moving-refused-ended"));
    }
    if crate::fact::is_gone(&one.status) {
        return Err(at(&one, "people-moving-refused-gone"));
    }
    if one.status.is(Status::Suspended) {
        return Err(at(&one, "people-moving-refused-suspended"));
    }
    let here = places::list_places(act.on(), &one.member_id, on).await?;
    let is_home = here
        .iter()
        .any(|place| place.id == one.home_id && place.to_on == Day::OPEN);
    let is_before = here.iter().any(|place| place.from_on >= on);
    if !is_home || is_before || on > today || on < one.letter_on {
        return Err(at(&one, "people-moving-refused-moved"));
    }
    let posts = places::list_posts(act.on(), &one.member_id, on).await?;
    for held in posts.iter().filter(|held| leaving::is_wide(held)) {
        if !post::stays_governed(act, held, today).await? {
            return Err(at(&one, "people-refused-last-lead"));
        }
    }
    let event = Event::new(&one.member_id, EventKind::PlacementClosed, on)
        .unit(&one.unit_id)
        .decision(&one.letter_no)
        .payload(serde_json::json!({
            "reason": REASON, "to": one.body_name,
            "placements": here.iter().map(|place| &place.id).collect::<Vec<_>>(),
            "posts": posts.iter().map(|held| &held.id).collect::<Vec<_>>(),
        }));
    let event = add_event(act, &event).await?;
    places::end_all(act, &one.member_id, on, (REASON, &event)).await?;
    if !store::end(act, &one, State::Accepted, "", &on.to_string()).await? {
        return Err(at(&one, "people-moving-refused-ended"));
    }
    let told = notice(act, id, "people-outside-told-arrived", "own");
    act.notify(told.arg("unit", &one.body_name).to([one.member_id.clone()]));
    Ok(one)
}

/// Takes it back, or keeps that the other house sent them back, with why.
///
/// # Errors
/// Refused when it has ended.
pub(crate) async fn end<P: Records>(
    act: &mut Act<P>,
    one: &Outside,
    to: State,
    reason: &str,
) -> Result<()> {
    if !store::end(act, one, to, reason, "").await? {
        return Err(at(one, "people-moving-refused-ended"));
    }
    let told = notice(act, &one.id, "people-outside-told-back", "own");
    act.notify(told.arg("unit", &one.body_name).to([one.member_id.clone()]));
    Ok(())
}

/// Why it is late.
///
/// # Errors
/// Refused when it has ended.
pub(crate) async fn explain(act: &mut Act<CanDraft>, one: &Outside, reason: &str) -> Result<()> {
    match store::set_late(act, one, reason).await? {
        true => Ok(()),
        false => Err(at(one, "people-moving-refused-ended")),
    }
}

/// What the second person decides.
pub(crate) const DEPARTING: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: KIND,
    text: "people-outside",
    decides: Cap::MemberApprove,
    about: site::room::about_member,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |act, payload| Box::pin(deciding::versions::<Departure>(act, payload)),
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload)),
    again: |payload| deciding::again(payload, "departure"),
};

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let wish: Departure = deciding::read(&payload)?;
    let ends = leaving::ends(&site, &wish.member).await?;
    let posts: Vec<&str> = ends.posts.iter().map(|held| held.title.as_str()).collect();
    let name = member::name(&site, &wish.member).await?;
    let from = unit::get(&site, &wish.from).await?.name;
    let fields = [
        ("people-admitting-who", name),
        ("people-moving-from", from),
        ("people-moving-to", wish.body_name.clone()),
        ("people-moving-letter-no", wish.letter_no.clone()),
        ("people-moving-letter-on", wish.letter_on.vn()),
        ("people-leaving-posts", posts.join("; ")),
        ("people-leaving-note", wish.note.clone()),
    ];
    let fields = fields.into_iter().filter(|(_, text)| !text.is_empty());
    Ok(fields.map(|(key, text)| line(&frame, key, text)).collect())
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value) -> Result<()> {
    let wish: Departure = deciding::read(payload)?;
    let decider = deciding::decider(act, &wish.member).await?;
    let site = act.site().clone();
    let here = unit::get(&site, &wish.from).await?;
    let by = actor::load(&site, &wish.by).await?;
    let may = CanDraft::of_member(&by, &here.reference(), &wish.member, act.now().day());
    // One of the two reaches every right that ends with it.
    let over = leaving::is_over(&site, &by, &wish.member).await?
        || leaving::is_over(&site, &decider, &wish.member).await?;
    if may.is_err() || !over {
        return Err(refused(&wish.member, "people-leaving-refused-rights"));
    }
    let id = send(act, &wish).await?;
    act.log("departure.send")
        .about(&wish.member)
        .object("departure", &id)
        .diff(&wish.diff());
    Ok(())
}

#[cfg(test)]
mod tests;
