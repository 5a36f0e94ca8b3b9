//! What may be done to a meeting: look up and authorise in one step, hand out the proof.
//!
//! A meeting the visitor may not see is not found; an act they may not do is not found either (R1,
//! R2, R5 and R10 of the governance reference). Proofs can only be made here.
//! The rule that surprises: units above see a meeting once it was called, and never its drafts,
//! absences or reasons; the named clerk writes notes and minutes without any other right.

use crate::id::MeetingId;
use crate::state::State;
use crate::store::{self, Meeting};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Cap, Day, Scope, UnitId, UnitRef};
use site::{Operator, Proof, Right, Site};
use std::sync::Arc;
use web::Member;

/// A meeting that the visitor may see, with what else they may do.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The meeting.
    pub meeting: Meeting,
    /// Plans and changes it.
    pub may_prepare: bool,
    /// Calls, opens, closes, puts off, decides on absences.
    pub may_chair: bool,
    /// Marks the roll; sees private reasons.
    pub may_mark: bool,
    /// Writes notes and minutes.
    pub may_write: bool,
    /// Is on the unit's roll, so is asked whether they come.
    pub is_member: bool,
    /// Wants to see the telephones of those who have not answered.
    pub shows_phones: bool,
    actor: Arc<Actor>,
    on: Day,
}

/// Looks a meeting up for this visitor.
pub(crate) async fn find(site: &Site, who: &Member, id: &str) -> Result<Seen> {
    let id: MeetingId = id.parse().map_err(|_| Error::NotFound)?;
    let meeting = store::get_meeting(&site.db, &id).await?;
    let on = site.clock.today();
    let unit = meeting.unit();
    let actor: &Actor = &who.actor;
    let allow = |cap| actor.allow(cap, &unit, on);
    let is_living = meeting.dissolved_on > on.to_string();
    let may_prepare = allow(Cap::MeetingPrepare);
    let is_clerk = meeting.clerk_id == actor.member.as_str() && allow(Cap::UnitPublishedRead);
    let seen = Seen {
        may_prepare: may_prepare && is_living,
        may_chair: allow(Cap::MeetingChair) && is_living,
        may_mark: allow(Cap::AttendanceMark) && is_living,
        may_write: is_living && (is_clerk || (allow(Cap::MinutesDraftRead) && may_prepare)),
        is_member: allow(Cap::CheckinSelf),
        shows_phones: false,
        actor: Arc::clone(&who.actor),
        on,
        meeting,
    };
    let sees = match seen.meeting.state {
        State::Draft => may_prepare,
        State::Called
        | State::Checkin
        | State::Running
        | State::Ended
        | State::Archived
        | State::Cancelled => may_prepare || allow(Cap::UnitPublishedRead) || allow(Cap::UnitRead),
    };
    if sees { Ok(seen) } else { Err(Error::NotFound) }
}

macro_rules! proofs {
    ($($(#[$doc:meta])* $name:ident, $make:ident, $field:ident, $cap:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub(crate) struct $name {
            seen: Seen,
            right: Right,
        }
        impl std::ops::Deref for $name {
            type Target = Seen;
            fn deref(&self) -> &Seen {
                &self.seen
            }
        }
        impl Proof for $name {
            fn right(&self) -> &Right {
                &self.right
            }
            fn object(&self) -> (&'static str, String) {
                ("meeting", self.seen.meeting.id.to_string())
            }
        }
        impl Seen {
            $(#[$doc])*
            pub(crate) fn $make(self) -> Result<$name> {
                if !self.$field {
                    return Err(Error::NotFound);
                }
                let right = self.right(Cap::$cap)?;
                Ok($name { seen: self, right })
            }
        }
    )*};
}
proofs! {
    /// May plan and change.
    CanPrepare, into_prepare, may_prepare, MeetingPrepare;
    /// May call, open, close, put off, call off and decide.
    CanChair, into_chair, may_chair, MeetingChair;
    /// May mark the roll.
    CanMark, into_mark, may_mark, AttendanceMark;
    /// May write notes and minutes.
    CanWrite, into_write, may_write, MinutesDraftRead;
    /// May answer whether they come.
    CanAnswer, into_answer, is_member, CheckinSelf;
}

/// Whoever may plan: makes meetings, changes them, lays papers before them.
pub(crate) trait Plans: Proof {}
/// Whoever may call a meeting: from then on its members see it.
pub(crate) trait Calls: Proof {}
/// Whoever leads a meeting through its states and decides on absences.
pub(crate) trait Chairs: Proof {}
/// Whoever may mark the roll; a decision on an absence marks as well.
pub(crate) trait Marks: Proof {}
/// Whoever writes notes, tasks and minutes.
pub(crate) trait Writes: Proof {}
/// Whoever answers for themselves.
pub(crate) trait Answers: Proof {}

impl Plans for CanPrepare {}
impl Plans for CanPlan {}
impl Calls for CanChair {}
impl Chairs for CanChair {}
impl Marks for CanMark {}
impl Marks for CanChair {}
impl Writes for CanWrite {}
impl Answers for CanAnswer {}
/// An answer given on the telephone is recorded by whoever marks the roll.
impl Answers for CanMark {}

/// Who records what already happened: the operator, with all that a meeting takes.
impl Plans for Operator {}
impl Calls for Operator {}
impl Chairs for Operator {}
impl Marks for Operator {}
impl Writes for Operator {}
impl Answers for Operator {}

/// May plan in that unit.
#[derive(Debug, Clone)]
pub(crate) struct CanPlan {
    right: Right,
}

impl CanPlan {
    /// For a new meeting of that unit.
    pub(crate) fn of(actor: &Actor, unit: &UnitRef, on: Day) -> Result<CanPlan> {
        Ok(CanPlan {
            right: Right::of(actor, Cap::MeetingPrepare, unit, on)?,
        })
    }
}
impl Proof for CanPlan {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("meeting", String::new())
    }
}

impl Seen {
    /// The right by which it is done; that of the named clerk lies in the meeting itself.
    fn right(&self, cap: Cap) -> Result<Right> {
        let unit = self.meeting.unit();
        match Right::of(&self.actor, cap, &unit, self.on) {
            Err(_) if self.may_write && cap == Cap::MinutesDraftRead => {
                Ok(Right::by_object(&self.actor, "clerk", &unit))
            }
            other => other,
        }
    }
    /// Rule R9: the facts of a closed meeting do not change.
    pub(crate) fn must_be_open(&self) -> Result<()> {
        if self.meeting.state.is_closed() {
            Err(self.closed())
        } else {
            Ok(())
        }
    }
    /// Notes and minutes are written from the opening until the minutes are signed.
    pub(crate) fn must_be_writable(&self) -> Result<()> {
        match self.meeting.state {
            State::Running | State::Ended => Ok(()),
            State::Archived | State::Cancelled => Err(self.closed()),
            State::Draft | State::Called | State::Checkin => {
                Err(self.refuse("meetings-refused-not-begun"))
            }
        }
    }
    /// The refusal of a closed meeting, with the way to it.
    pub(crate) fn closed(&self) -> Error {
        self.refuse("meetings-refused-closed")
    }
    /// A refusal that leads back to the meeting.
    pub(crate) fn refuse(&self, key: &'static str) -> Error {
        Refusal::new(key)
            .way_out(
                format!("/meetings/{}", self.meeting.id),
                "meetings-see-meeting",
            )
            .into()
    }
}

/// May set the office's file for invitations of that unit: whoever leads its meetings.
#[derive(Debug, Clone)]
pub(crate) struct CanSetInvitation {
    right: Right,
    /// The unit.
    pub unit: people::unit::Unit,
}
impl Proof for CanSetInvitation {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("unit", self.unit.id.to_string())
    }
}

/// Looks the unit of that id up for whoever may set its invitation.
pub(crate) async fn set_invitation_of(
    site: &Site,
    who: &Member,
    id: &str,
) -> Result<CanSetInvitation> {
    let id: UnitId = id.parse().map_err(|_| Error::NotFound)?;
    let unit = people::unit::get(site, &id).await?;
    let on = site.clock.today();
    let right = Right::of(&who.actor, Cap::MeetingChair, &unit.reference(), on)?;
    if unit.is_living(on) {
        Ok(CanSetInvitation { right, unit })
    } else {
        Err(Error::NotFound)
    }
}

/// A unit in which the visitor may plan a meeting today.
pub(crate) async fn plan_in(site: &Site, who: &Member, unit: &str) -> Result<people::unit::Unit> {
    let on = site.clock.today();
    let id: UnitId = if unit.is_empty() {
        own_units(&who.actor, Cap::MeetingPrepare, on)
            .into_iter()
            .next()
            .ok_or(Error::NotFound)?
    } else {
        unit.parse().map_err(|_| Error::NotFound)?
    };
    let unit = people::unit::get(site, &id).await?;
    if who.actor.allow(Cap::MeetingPrepare, &unit.reference(), on) && unit.is_living(on) {
        Ok(unit)
    } else {
        Err(Error::NotFound)
    }
}

/// Units on which the actor holds a grant of their own with that capability.
pub(crate) fn own_units(actor: &Actor, cap: Cap, on: Day) -> Vec<UnitId> {
    let mut units: Vec<UnitId> = Vec::new();
    for grant in actor
        .grants
        .iter()
        .filter(|grant| grant.is_in_force(on) && grant.caps().has(cap))
    {
        if let kernel::GrantScope::Unit(unit) | kernel::GrantScope::Subtree(unit) = &grant.scope
            && !units.contains(&unit.id)
        {
            units.push(unit.id.clone());
        }
    }
    units
}

/// Where called meetings may be seen.
pub(crate) fn reading_scopes(actor: &Actor, on: Day) -> Vec<Scope> {
    [Cap::UnitPublishedRead, Cap::UnitRead]
        .into_iter()
        .map(|cap| actor.scope(cap, on))
        .collect()
}
