//! Taking up: the other side says from which day a member belongs there, and what that ends at home.
//!
//! Not here: sending (`sending`), sending back and everything both sides do (`moving`), the pages.
//! The rule that surprises: whoever prepared a transfer does not take it up while somebody else could; it is asked
//! again within the act.

use super::{State, at, places, store, tell_both};
use crate::access::Records;
use crate::fact::{Placement, Status};
use crate::members::store::moving::Transfer;
use crate::posts::post::{self, Held};
use crate::store::{NewPlacement, add_placement, bump_epoch, close_placement, end_holding};
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day, UnitRef};
use site::{Act, Proof, Right, Site};

/// Proof that a transfer may be taken up or sent back at its target.
#[derive(Debug, Clone)]
pub(crate) struct CanReceive {
    right: Right,
    transfer: String,
}

impl CanReceive {
    /// For whoever keeps records at the target, or agrees to what is kept there; never the member.
    pub(crate) fn of(actor: &Actor, transfer: &Transfer, on: Day) -> Result<CanReceive> {
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
    tell_both(act, &transfer, [text, text], "").await?;
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
fn ends_with_it(held: &Held, from: &UnitRef, to: &UnitRef) -> bool {
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
