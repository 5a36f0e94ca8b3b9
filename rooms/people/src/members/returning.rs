//! That somebody died or left is taken back: the wrong person was meant.
//!
//! The other way round of `leaving`, which kept what ended. Not here: the form (`pages::leaving_back`).
//! The rule that surprises: it always waits where somebody is, gives no post back, and leaves no gap.

use crate::access::{CanDraft, Records};
use crate::fact::EventKind;
use crate::members::deciding::{self, Prepared, Where, decider, refused};
use crate::members::leaving::{Ended, How, line};
use crate::members::store::leaving::{self as store, Gone};
use crate::members::store::{self as members, Stands};
use crate::store::{Event, add_event, bump_epoch};
use crate::{actor, member, unit, words};
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Actor, Cap, MemberId, UnitId, UnitRef};
use serde::{Deserialize, Serialize};
use site::four_eyes::Approved;
use site::room::{ApprovalKind, FieldChange};
use site::{Act, Site};
use web::Frame;

/// The word of the approval.
const KIND: &str = "member.return";

/// Somebody who has left, for whoever may write records where they were: to take it back.
///
/// # Errors
/// [`Error::NotFound`] for everybody else, and when nobody left.
pub(crate) async fn gone_of(
    site: &Site,
    actor: &Actor,
    member: &MemberId,
) -> Result<(Gone, CanDraft)> {
    let gone = store::find(&site.db, member)
        .await?
        .ok_or(Error::NotFound)?;
    let today = site.clock.today();
    if *member == actor.member || gone.dissolved_on <= today {
        return Err(Error::NotFound);
    }
    let may = CanDraft::of_member(actor, &unit_of(&gone), member, today)?;
    Ok((gone, may))
}

/// The unit where they were.
pub(crate) fn unit_of(gone: &Gone) -> UnitRef {
    UnitRef {
        id: gone.unit_id.clone(),
        path: gone.path.clone(),
    }
}

/// That somebody has left, to be taken back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Back {
    /// The leaving.
    pub(crate) id: String,
    /// Who.
    pub(crate) member: MemberId,
    /// Where they were.
    pub(crate) unit: UnitId,
    /// Why it was wrong.
    pub(crate) reason: String,
    /// The record, as it was read.
    pub(crate) row_version: i64,
    /// Who prepared it.
    pub(crate) by: MemberId,
}

impl Prepared for Back {
    const KIND: &'static str = KIND;
    const WHERE: Where = Where::Gone;
    fn member(&self) -> &MemberId {
        &self.member
    }
    fn unit(&self) -> &UnitId {
        &self.unit
    }
}

/// They never left: status and placements are as they were from that day on, without a gap; posts are given anew
/// by whoever gives posts. The ledger keeps both lines.
///
/// # Errors
/// Refused when it was taken back or the record changed meanwhile, when they belong to a unit again, or when their
/// own unit is closed.
pub(crate) async fn take_back<P: Records>(act: &mut Act<P>, wish: &Back) -> Result<Ended> {
    bump_epoch(act).await?;
    let today = act.now().day();
    let gone = store::find_gone(act.on(), &wish.member).await?;
    let gone = gone.filter(|gone| gone.id == wish.id);
    let gone = gone.ok_or_else(|| refused(&wish.member, "people-leaving-back-refused-done"))?;
    let ended = Ended::read(&gone)?;
    let placed = store::list_places(act.on(), &wish.member, gone.left_on).await?;
    let is_new = |place: &store::Place| ended.placements.iter().all(|was| was.id != place.id);
    if placed.iter().any(is_new) {
        return Err(refused(&wish.member, "people-leaving-back-refused-placed"));
    }
    if gone.dissolved_on <= today {
        return Err(refused(&wish.member, "people-leaving-back-refused-unit"));
    }
    let to = Stands {
        status: gone.was_status.clone(),
        from_on: gone.was_from_on.clone(),
        exempt: gone.exempt == 1,
    };
    let event = Event::new(&wish.member, EventKind::MemberReturned, gone.left_on)
        .unit(&gone.unit_id)
        .corrects(&gone.event_id)
        .payload(serde_json::json!({ "reason": wish.reason, "placements": ended.placements }));
    members::set_status(act, &wish.member, wish.row_version, &to).await?;
    let event = add_event(act, &event).await?;
    for was in &ended.placements {
        // A stay for a time elsewhere that is over by now, or whose unit is closed, is not opened again.
        let living = store::is_living(act.on(), &was.unit, today).await?;
        if was.to_on > today && living {
            store::place_again(act, &gone, was, &event).await?;
        }
    }
    if !store::set_back(act, &gone, &event).await? {
        return Err(refused(&wish.member, "people-leaving-back-refused-done"));
    }
    Ok(ended)
}

/// The taking back that a second person decides.
pub(crate) const RETURNING: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: KIND,
    text: "people-leaving-back",
    decides: Cap::MemberApprove,
    about: site::room::about_member,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |act, payload| Box::pin(deciding::versions::<Back>(act, payload)),
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload)),
    again: |payload| deciding::again(payload, "leaving/back"),
};

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let wish = deciding::read::<Back>(&payload)?;
    let mut fields = vec![
        line(
            &frame,
            "people-admitting-who",
            member::name(&site, &wish.member).await?,
        ),
        line(
            &frame,
            "people-giving-unit",
            unit::get(&site, &wish.unit).await?.name,
        ),
    ];
    if let Some(gone) = store::find(&site.db, &wish.member).await? {
        let now = gone.how.known().map(How::status).map(Kept::Known);
        fields.push(FieldChange {
            label: frame.t("people-fact-status"),
            old: now.map_or_else(String::new, |status| frame.t(words::status(&status))),
            new: frame.t(words::status(&gone.was_status)),
        });
        fields.push(line(&frame, "people-leaving-back-from", gone.left_on.vn()));
    }
    fields.push(line(&frame, "people-leaving-back-reason", wish.reason));
    Ok(fields)
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value) -> Result<()> {
    let wish = deciding::read::<Back>(payload)?;
    decider(act, &wish.member).await?;
    let site = act.site().clone();
    let by = actor::load(&site, &wish.by).await?;
    if gone_of(&site, &by, &wish.member).await.is_err() {
        return Err(refused(&wish.member, "people-leaving-back-refused-done"));
    }
    take_back(act, &wish).await?;
    act.log("member.return")
        .about(&wish.member)
        .object("member", &wish.member)
        .reason(wish.reason.clone());
    Ok(())
}
