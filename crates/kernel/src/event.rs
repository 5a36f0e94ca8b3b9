//! What rooms tell each other: a flat note that something happened, announced in the same transaction.
//!
//! Who listens is decided in `app`. Not here: the audit log, which says who did what to whom and
//! is read by people (`people::audit`).

use crate::{MemberId, Moment, UnitId};

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What, as noun.verb: `meeting.closed`.
    pub kind: &'static str,
    /// The id of the thing.
    pub subject: String,
    /// Who did it; `None` for the program itself.
    pub actor: Option<MemberId>,
    /// The unit concerned.
    pub unit: Option<UnitId>,
    /// When.
    pub at: Moment,
}
