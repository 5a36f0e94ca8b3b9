//! The life of a meeting: which state may follow which, and what must be true for it.
//!
//! Pure. The table [`MOVES`] is the governance reference, section 5; `store` keeps the state,
//! the wings' `pages` ask [`go`] before they write. Not here: who may do it (`access`).
//! The rule that surprises: `called → called` is a move (postponing), and it keeps the old date.

use kernel::error::{Refusal, Result};

kernel::facts! {
    /// Where a meeting stands.
    pub(crate) enum State {
        /// Being prepared; only the unit's committee sees it.
        Draft = "draft",
        /// Sent to the members.
        Called = "called",
        /// The check-in by code is open, the meeting has not begun.
        Checkin = "checkin",
        /// In session.
        Running = "running",
        /// Closed: facts are frozen, minutes are being written.
        Ended = "ended",
        /// The minutes are signed.
        Archived = "archived",
        /// Called off.
        Cancelled = "cancelled",
    }
}

impl State {
    /// Whether the facts of the meeting can no longer change (rule R9 of the governance reference).
    pub(crate) fn is_closed(self) -> bool {
        matches!(self, State::Ended | State::Archived | State::Cancelled)
    }
    /// Whether only the committee sees it.
    pub(crate) fn is_draft(self) -> bool {
        self == State::Draft
    }
    /// Whether it was sent and nothing of it has begun.
    pub(crate) fn is_called(self) -> bool {
        self == State::Called
    }
    /// Whether it was held and its minutes are being written.
    pub(crate) fn is_ended(self) -> bool {
        self == State::Ended
    }
    /// Whether it was held and is over.
    pub(crate) fn is_held(self) -> bool {
        matches!(self, State::Ended | State::Archived)
    }
    /// Whether the meeting lies ahead and members may answer.
    pub(crate) fn is_coming(self) -> bool {
        matches!(self, State::Called | State::Checkin)
    }
    /// Whether it is going on.
    pub(crate) fn is_running(self) -> bool {
        self == State::Running
    }
}

/// What must be true for a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Date ahead, place and at least one line of the agenda.
    Ready,
    /// Another date, ahead.
    Moved,
    /// A reason was given.
    Reason,
    /// Chair and clerk are named.
    Named,
    /// The roll is called by name: a chair is named.
    RollCall,
    /// People in the room were counted.
    Headcount,
    /// Nothing was marked or written since it began.
    Untouched,
    /// No poll is open.
    NoPollOpen,
    /// The minutes are signed; only the program makes this move.
    Signed,
}

/// Every move there is: from, to, guard. All other pairs are refused.
pub(crate) const MOVES: &[(State, State, Guard)] = &[
    (State::Draft, State::Called, Guard::Ready),
    (State::Called, State::Called, Guard::Moved),
    (State::Draft, State::Cancelled, Guard::Reason),
    (State::Called, State::Cancelled, Guard::Reason),
    (State::Called, State::Checkin, Guard::Named),
    (State::Checkin, State::Running, Guard::Headcount),
    // Without codes the chair opens by roll call: the marks themselves are the count of heads.
    (State::Called, State::Running, Guard::RollCall),
    // Begun by mistake: hours early, or the wrong meeting.
    (State::Running, State::Called, Guard::Untouched),
    (State::Running, State::Ended, Guard::NoPollOpen),
    (State::Ended, State::Archived, Guard::Signed),
];

/// What a guard looks at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts {
    /// The new or planned start lies ahead.
    pub is_ahead: bool,
    /// The new start differs from the old one.
    pub is_other_date: bool,
    /// A place is written down.
    pub has_place: bool,
    /// Lines of the agenda.
    pub items: usize,
    /// A reason was given.
    pub has_reason: bool,
    /// A chair is named.
    pub has_chair: bool,
    /// A clerk is named.
    pub has_clerk: bool,
    /// People in the room were counted.
    pub has_headcount: bool,
    /// Something was marked or written since it began.
    pub is_touched: bool,
    /// Polls still open.
    pub open_polls: usize,
    /// The minutes are signed.
    pub is_signed: bool,
}

impl Guard {
    /// The sentence that says what is missing; `None` when nothing is.
    pub(crate) fn missing(self, facts: &Facts) -> Option<&'static str> {
        let (good, key) = match self {
            Guard::Ready if !facts.is_ahead => (false, "meetings-refused-past"),
            Guard::Ready if !facts.has_place => (false, "meetings-refused-place"),
            Guard::Ready => (facts.items > 0, "meetings-refused-agenda"),
            Guard::Moved if !facts.is_ahead => (false, "meetings-refused-past"),
            Guard::Moved => (facts.is_other_date, "meetings-refused-same-date"),
            Guard::Reason => (facts.has_reason, "meetings-refused-reason"),
            Guard::Named => (facts.has_chair && facts.has_clerk, "meetings-refused-named"),
            Guard::RollCall => (facts.has_chair, "meetings-refused-chair"),
            Guard::Headcount => (facts.has_headcount, "meetings-refused-headcount"),
            Guard::Untouched => (!facts.is_touched, "meetings-refused-touched"),
            Guard::NoPollOpen => (facts.open_polls == 0, "meetings-refused-poll"),
            Guard::Signed => (facts.is_signed, "meetings-refused-unsigned"),
        };
        (!good).then_some(key)
    }
}

/// Whether the move exists and its guard is content.
pub(crate) fn go(from: State, to: State, facts: &Facts) -> Result<()> {
    let Some((_, _, guard)) = MOVES.iter().find(|(a, b, _)| *a == from && *b == to) else {
        let key = if from.is_closed() {
            "meetings-refused-closed"
        } else {
            "meetings-refused-step"
        };
        return Err(Refusal::new(key).into());
    };
    match guard.missing(facts) {
        Some(key) => Err(Refusal::new(key).into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_good() -> Facts {
        Facts {
            is_ahead: true,
            is_other_date: true,
            has_place: true,
            items: 3,
            has_reason: true,
            has_chair: true,
            has_clerk: true,
            has_headcount: true,
            is_touched: false,
            open_polls: 0,
            is_signed: true,
        }
    }

    #[test]
    fn of_all_pairs_only_the_listed_ones_are_moves() {
        use State::*;
        let allowed = [
            (Draft, Called),
            (Draft, Cancelled),
            (Called, Called),
            (Called, Cancelled),
            (Called, Checkin),
            (Called, Running),
            (Checkin, Running),
            (Running, Called),
            (Running, Ended),
            (Ended, Archived),
        ];
        for from in State::ALL.iter().copied() {
            for to in State::ALL.iter().copied() {
                let may = go(from, to, &all_good()).is_ok();
                assert_eq!(may, allowed.contains(&(from, to)), "{from:?} → {to:?}");
            }
        }
    }
    #[test]
    fn nothing_moves_without_what_its_guard_asks_for() {
        for (from, to, guard) in MOVES {
            let mut facts = all_good();
            match guard {
                Guard::Ready => facts.items = 0,
                Guard::Moved => facts.is_other_date = false,
                Guard::Reason => facts.has_reason = false,
                Guard::Named => facts.has_clerk = false,
                Guard::RollCall => facts.has_chair = false,
                Guard::Headcount => facts.has_headcount = false,
                Guard::Untouched => facts.is_touched = true,
                Guard::NoPollOpen => facts.open_polls = 1,
                Guard::Signed => facts.is_signed = false,
            }
            assert!(go(*from, *to, &facts).is_err(), "{from:?} → {to:?}");
        }
        let past = Facts {
            is_ahead: false,
            ..all_good()
        };
        assert!(go(State::Draft, State::Called, &past).is_err());
        assert!(go(State::Called, State::Called, &past).is_err());
        let nowhere = Facts {
            has_place: false,
            ..all_good()
        };
        assert!(go(State::Draft, State::Called, &nowhere).is_err());
    }
    #[test]
    fn words_and_states_are_one_to_one() {
        for state in State::ALL.iter().copied() {
            assert_eq!(State::try_from(state.word().to_owned()), Ok(state));
        }
        assert!(State::try_from("open".to_owned()).is_err());
    }
}
