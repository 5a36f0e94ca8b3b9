//! What rooms tell each other: a flat note that something happened, kept with the change itself.
//!
//! An act tells ([`crate::Act::tell`]); rooms listen by contributing a [`Listener`]. Not here: the log
//! of who did what (`audit`), the search index (`feed`).

use crate::{Later, Site};
use kernel::error::Result;
use kernel::{MemberId, Moment, UnitId};
use serde::{Deserialize, Serialize};

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What, as noun.verb: `meeting.closed`.
    pub kind: String,
    /// The id of the thing.
    pub subject: String,
    /// Who did it; `None` for the program itself.
    pub actor: Option<MemberId>,
    /// The unit concerned.
    pub unit: Option<UnitId>,
    /// When.
    pub at: Moment,
}

/// A room that wants to hear of one kind of event. Heard after the commit, at least once, so hearing
/// twice must be as hearing once.
#[derive(Clone, Copy)]
pub struct Listener {
    /// Which: `meeting.closed`.
    pub kind: &'static str,
    /// The listener's own name, unique in its room: `notices`.
    pub name: &'static str,
    /// What it does.
    pub hear: fn(Site, Event) -> Later<'static, Result<()>>,
}
