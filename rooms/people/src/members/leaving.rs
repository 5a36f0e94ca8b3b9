//! Somebody who is a member no more: died, left, was struck off or expelled.
//!
//! All that follows is one act with one line of the ledger: status, placements, posts and every other right, what
//! they said of their record and nobody answered. The rooms hear `member.left` (`account` ends sessions, tokens and
//! slips, `meetings` invitations, `bell` what goes out of the house). Not here: the form (`pages::leaving`), taking it back (`returning`).
//! Whoever is counted changes every base, so a second person agrees (R8) where there is one. A death is no
//! decision that anybody takes: it is recorded at once when nothing but the membership hangs on it, so that nobody calls the
//! dead to meetings; a post beyond the cell, or a right that the writer does not reach (R4), waits all the same.
//! The rule that surprises: of a decision one of the two people reaches every right that ends with it.

use crate::access::{CanDraft, Records};
use crate::fact::{EventKind, Placement, Status};
use crate::members::beginning;
use crate::members::correction::State;
use crate::members::deciding::{self, Prepared, Where, decider, refused};
use crate::members::store::leaving::{self as store, Gone, Place};
use crate::members::store::{self as members, Stands};
use crate::members::{admitting, moving, store::correction};
use crate::posts::post::{self, Held};
use crate::sight::{Level, MemberSight};
use crate::store::{Event, add_event, bump_epoch};
use crate::{actor, identity, member, unit, words};
use kernel::cap::Reach;
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Actor, Cap, Day, MemberId, UnitId, UnitRef};
use serde::{Deserialize, Serialize};
use site::four_eyes::{Approved, Seconds};
use site::room::{ApprovalKind, FieldChange};
use site::{Act, Site};
use web::Frame;

kernel::facts! {
    /// What happened.
    pub(crate) enum How {
        /// Died.
        Died = "died",
        /// Left by their own wish.
        Resigned = "resigned",
        /// Struck off the list.
        StruckOff = "struck_off",
        /// Expelled.
        Expelled = "expelled",
        /// The decision of admission was cancelled.
        Cancelled = "admission_cancelled",
    }
}

impl How {
    /// What they are then.
    pub(crate) fn status(self) -> Status {
        match self {
            How::Died => Status::Deceased,
            How::Resigned | How::Cancelled => Status::Left,
            How::StruckOff => Status::StruckOff,
            How::Expelled => Status::Expelled,
        }
    }
    /// Key of its words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            How::Died => "people-leaving-died",
            How::Resigned => "people-leaving-resigned",
            How::StruckOff => "people-leaving-struck-off",
            How::Expelled => "people-leaving-expelled",
            How::Cancelled => "people-leaving-cancelled",
        }
    }
    /// Whether there is a paper by which it was decided.
    pub(crate) fn is_decided(self) -> bool {
        self != How::Died
    }
}

/// Somebody who is to leave, as it is prepared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Leaving {
    /// Who.
    pub(crate) member: MemberId,
    /// The unit whose writer says so.
    pub(crate) unit: UnitId,
    /// The word of [`How`].
    pub(crate) how: String,
    /// The first day without them.
    pub(crate) on: Day,
    /// By which decision; empty for a death.
    pub(crate) decision_no: String,
    /// Of which day it is; empty for a death.
    pub(crate) decision_on: String,
    /// What else is to be known; may be empty.
    pub(crate) note: String,
    /// The record, as it was read.
    pub(crate) row_version: i64,
    /// Who prepared it.
    pub(crate) by: MemberId,
}

impl Leaving {
    fn how(&self) -> Result<How> {
        self.how.parse().map_err(Error::fault)
    }
}

/// A placement that ended with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WasPlaced {
    pub(crate) id: String,
    pub(crate) unit: UnitId,
    pub(crate) kind: String,
    /// Until when it would have held.
    pub(crate) to_on: Day,
}

/// A post that ended with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WasHeld {
    pub(crate) id: String,
    pub(crate) unit: UnitId,
    pub(crate) title: String,
}

/// All that ended with it: kept in the ledger and for taking back.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) placements: Vec<WasPlaced>,
    pub(crate) posts: Vec<WasHeld>,
    pub(crate) corrections: usize,
}

impl Ended {
    fn of(places: &[Place], posts: &[Held], corrections: usize) -> Ended {
        let placed = places.iter().map(|place| WasPlaced {
            id: place.id.clone(),
            unit: place.unit_id.clone(),
            kind: place.kind.word().to_owned(),
            to_on: place.to_on,
        });
        let held = posts.iter().map(|post| WasHeld {
            id: post.id.clone(),
            unit: post.unit().id,
            title: post.title.clone(),
        });
        Ended {
            placements: placed.collect(),
            posts: held.collect(),
            corrections,
        }
    }
    /// As it was kept.
    pub(crate) fn read(gone: &Gone) -> Result<Ended> {
        serde_json::from_str(&gone.ended_json).map_err(Error::fault)
    }
}

/// What ends with somebody, before it is done.
#[derive(Debug, Clone)]
pub(crate) struct Ends {
    pub(crate) places: Vec<Place>,
    pub(crate) posts: Vec<Held>,
    pub(crate) corrections: usize,
}

/// What would end today.
pub(crate) async fn ends(site: &Site, member: &MemberId) -> Result<Ends> {
    let today = site.clock.today();
    Ok(Ends {
        places: store::list_places(site.db.read(), member, today).await?,
        posts: store::list_posts(site.db.read(), member, today).await?,
        corrections: store::list_corrections(site.db.read(), member).await?.len(),
    })
}

/// The unit through which this actor says that a member leaves or sends them on: their own one. Whoever only has them
/// for a time does not; where they have no own one (a damaged record) it is where they are reached.
///
/// # Errors
/// [`Error::NotFound`] for whoever may not.
pub(crate) async fn home_of(
    site: &Site,
    actor: &Actor,
    member: &MemberId,
    sight: &MemberSight,
) -> Result<UnitRef> {
    if !sight.may_draft || sight.level < Level::V2 {
        return Err(Error::NotFound);
    }
    let today = site.clock.today();
    let places = crate::store::list_placements(&site.db, member, today).await?;
    let own = places
        .into_iter()
        .find(|place| place.kind.is(Placement::Official));
    let home = own.map_or_else(
        || sight.unit.clone(),
        |place| UnitRef {
            id: place.unit_id,
            path: place.path,
        },
    );
    CanDraft::of_member(actor, &home, member, today)?;
    Ok(home)
}

/// The first day that a leaving may be dated to: as [`earliest`], but the day from which they belong to their unit goes
/// back with it, as far as it can.
pub(crate) async fn earliest_leaving(site: &Site, member: &MemberId) -> Result<Day> {
    let long_ago = Day::of(1900, 1, 1).unwrap_or(Day::OPEN);
    let begun = beginning::find(site, member).await?;
    let places = store::list_places(site.db.read(), member, long_ago).await?;
    let first = places.iter().map(|place| match &begun {
        Some(begun) if begun.id == place.id => begun.first().min(place.from_on),
        _ => place.from_on,
    });
    Ok(first.max().unwrap_or(long_ago))
}

/// The first day that it may be dated to: the one on which the last of the placements that are open then began, which
/// lasts for that day.
pub(crate) async fn earliest(site: &Site, member: &MemberId) -> Result<Day> {
    let long_ago = Day::of(1900, 1, 1).unwrap_or(Day::OPEN);
    let places = store::list_places(site.db.read(), member, long_ago).await?;
    Ok(latest_start(&places).unwrap_or(long_ago))
}

fn latest_start(places: &[Place]) -> Option<Day> {
    places.iter().map(|place| place.from_on).max()
}

/// Whether the writer reaches every right that hangs on the member (R4).
pub(crate) async fn is_over(site: &Site, actor: &Actor, member: &MemberId) -> Result<bool> {
    Ok(!identity::holds_rights(site, member).await?
        || identity::may_change(site, actor, member).await?)
}

/// How it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// At once.
    AtOnce,
    /// When one of these has agreed.
    Waits(Seconds),
    /// Not by this writer, and nobody else is there to agree.
    NotTheirs,
}

/// How it is done for this writer; a death otherwise than a decision.
pub(crate) async fn way(
    site: &Site,
    writer: &Actor,
    at: &UnitRef,
    member: &MemberId,
    how: How,
) -> Result<Way> {
    let over = is_over(site, writer, member).await?;
    let today = site.clock.today();
    if how == How::Died
        && over
        && store::count_wide(site.db.read(), member, today, &at.id).await? == 0
    {
        return Ok(Way::AtOnce);
    }
    let seconds = admitting::waits_for(site, &at.path, &writer.member, &[member]).await?;
    Ok(match (seconds.is_empty(), over) {
        (false, _) => Way::Waits(seconds),
        (true, true) => Way::AtOnce,
        (true, false) => Way::NotTheirs,
    })
}

/// Whether somebody is a member no more, under the record that stays: what a room asks that hears of it late.
///
/// # Errors
/// Database faults.
pub async fn has_left(site: &Site, member: &MemberId) -> Result<bool> {
    let kept = crate::alias::find(site, member).await?;
    let person = crate::store::get_person(&site.db, kept.as_ref().unwrap_or(member)).await?;
    Ok(crate::fact::is_gone(&person.status))
}

impl Prepared for Leaving {
    const KIND: &'static str = KIND;
    fn member(&self) -> &MemberId {
        &self.member
    }
    fn unit(&self) -> &UnitId {
        &self.unit
    }
}

/// The word of the approval.
const KIND: &str = "member.leave";
/// What the rooms hear.
pub const LEFT: &str = "member.left";

/// Somebody leaves: everything of theirs ends within this act.
///
/// # Errors
/// Refused when the record was changed meanwhile, when a placement began later, or when nobody would govern a
/// unit any more (a death excepted: the dead govern nothing).
pub(crate) async fn leave<P: Records>(act: &mut Act<P>, wish: &Leaving) -> Result<()> {
    let (site, how, today) = (act.site().clone(), wish.how()?, act.now().day());
    // What waits of their status comes before the record, as for whoever decides it.
    let waiting = approvals::list_waiting(&site.db, "member.status", act.now()).await?;
    let now = act.now();
    for one in waiting
        .iter()
        .filter(|one| one.object_id == wish.member.as_str())
    {
        approvals::set_stale(act.tx(), &one.id, "", now).await?;
    }
    bump_epoch(act).await?;
    if store::find_gone(act.on(), &wish.member).await?.is_some() {
        return Err(gone_already(&wish.member));
    }
    // Before the record is read: of somebody who is elsewhere by now this act was not opened.
    deciding::stays_there(act, &wish.member, &wish.unit, Where::Home).await?;
    let stood = store::get_stands(act, &wish.member).await?;
    let to = Stands {
        status: Kept::Known(how.status()),
        from_on: wish.on.to_string(),
        exempt: stood.exempt,
    };
    let mut places = store::list_places(act.on(), &wish.member, wish.on).await?;
    let posts = store::list_posts(act.on(), &wish.member, wish.on).await?;
    if latest_start(&places).is_some_and(|first| wish.on < first) {
        // Nobody leaves before they came: the day of the list goes back, as the form has said.
        let why = site
            .edge
            .texts
            .get(web::Lang::Vi, "people-leaving-begins-why");
        if beginning::set_first_day(act, &wish.member, wish.on, &why).await? {
            places = store::list_places(act.on(), &wish.member, wish.on).await?;
        }
    }
    if latest_start(&places).is_some_and(|first| wish.on < first) {
        return Err(refused(&wish.member, "people-leaving-refused-day"));
    }
    members::set_status(act, &wish.member, wish.row_version, &to).await?;
    if how != How::Died {
        for held in posts.iter().filter(|held| is_wide(held)) {
            if !post::stays_governed(act, held, today).await? {
                return Err(refused(&wish.member, "people-refused-last-lead"));
            }
        }
    }
    let corrections = store::list_corrections(act.on(), &wish.member).await?;
    let ended = Ended::of(&places, &posts, corrections.len());
    let event = Event::new(&wish.member, EventKind::MemberLeft, wish.on)
        .unit(&wish.unit)
        .decision(&wish.decision_no)
        .decided_on(&wish.decision_on)
        .payload(serde_json::json!({
            "how": wish.how, "status": [stood.status.word(), to.status.word()],
            "status_from_on": [stood.from_on, to.from_on], "ended": ended,
        }));
    let event = add_event(act, &event).await?;
    store::end_all(act, &wish.member, wish.on, (how.word(), &event)).await?;
    moving::overtake(act, &wish.member).await?;
    store::add(act, wish, (&stood.status, &stood.from_on), &ended, &event).await?;
    let answer = site
        .edge
        .texts
        .get(web::Lang::Vi, "people-leaving-correction");
    for id in corrections {
        correction::end(act, &wish.member, &id, State::Declined, &answer).await?;
    }
    act.tell(LEFT, &wish.member);
    Ok(())
}

/// For the log.
pub(crate) fn diff(wish: &Leaving) -> serde_json::Value {
    serde_json::json!({ "how": wish.how, "on": wish.on, "decision_no": wish.decision_no })
}

/// Whether a post reaches beyond one unit.
pub(crate) fn is_wide(held: &Held) -> bool {
    held.role().is_none_or(|role| role.reach() != Reach::Unit)
}

fn gone_already(member: &MemberId) -> Error {
    refused(member, "people-leaving-refused-already")
}

/// The change that a second person decides.
pub(crate) const LEAVING: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: KIND,
    text: "people-leaving",
    decides: Cap::MemberApprove,
    about: site::room::about_member,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |act, payload| Box::pin(deciding::versions::<Leaving>(act, payload)),
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload)),
    again: |payload| deciding::again(payload, "leaving"),
};

/// A line of what is shown to the second person.
pub(crate) fn line(frame: &Frame, key: &str, new: String) -> FieldChange {
    FieldChange {
        label: frame.t(key),
        old: String::new(),
        new,
    }
}

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let wish = deciding::read::<Leaving>(&payload)?;
    let how = wish.how()?;
    let ends = ends(&site, &wish.member).await?;
    let mut posts = Vec::new();
    for held in &ends.posts {
        let there = unit::get(&site, &held.unit().id).await?.name;
        posts.push(format!("{}, {there}", held.title));
    }
    let places: Vec<&str> = (ends.places.iter())
        .map(|place| place.unit_name.as_str())
        .collect();
    let name = member::name(&site, &wish.member).await?;
    let begun = beginning::find(&site, &wish.member).await?;
    let begins = begun.filter(|begun| begun.from_on > wish.on);
    let begins = begins.map_or_else(String::new, |begun| {
        let (unit, day) = (begun.unit_name.as_str(), begun.from_on.vn());
        frame.t2("people-leaving-begins", "unit", unit, "day", &day)
    });
    let fields = [
        ("people-admitting-who", name),
        ("people-beginning-on", begins),
        ("people-leaving-how", frame.t(how.text())),
        (
            "people-fact-status",
            frame.t(words::status(&Kept::Known(how.status()))),
        ),
        ("people-leaving-on", wish.on.vn()),
        ("people-form-decision", wish.decision_no.clone()),
        ("people-leaving-decision-on", member::vn(&wish.decision_on)),
        ("people-leaving-places", places.join("; ")),
        ("people-leaving-posts", posts.join("; ")),
        ("people-leaving-note", wish.note.clone()),
    ];
    let fields = fields.into_iter().filter(|(_, text)| !text.is_empty());
    Ok(fields.map(|(key, text)| line(&frame, key, text)).collect())
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value) -> Result<()> {
    let wish = deciding::read::<Leaving>(payload)?;
    let decider = decider(act, &wish.member).await?;
    let site = act.site().clone();
    let here = unit::get(&site, &wish.unit).await?;
    let by = actor::load(&site, &wish.by).await?;
    let may = CanDraft::of_member(&by, &here.reference(), &wish.member, act.now().day());
    // One of the two reaches every right that ends with it.
    let over =
        is_over(&site, &by, &wish.member).await? || is_over(&site, &decider, &wish.member).await?;
    if may.is_err() || !over {
        return Err(refused(&wish.member, "people-leaving-refused-rights"));
    }
    leave(act, &wish).await?;
    act.log("member.leave")
        .about(&wish.member)
        .object("member", &wish.member)
        .diff(&diff(&wish));
    Ok(())
}

#[cfg(test)]
mod tests;
