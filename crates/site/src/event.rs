//! What rooms tell each other: a flat note that something happened, kept with the change itself.
//!
//! An act tells ([`crate::Act::tell`]); rooms listen by contributing a [`Listener`]. Not here: the log
//! of who did what (`audit`), the search index (`feed`).

use crate::{Later, Site};
use kernel::error::{Error, Result};
use kernel::said;
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
    /// The listener's own name, unique in the program: `notices.meetings`.
    pub name: &'static str,
    /// What it does.
    pub hear: fn(Site, Event) -> Later<'static, Result<()>>,
}

/// The kind of job that lets one listener hear one event.
const KIND: &str = "event.hear";

/// What such a job is told.
#[derive(Serialize, Deserialize)]
struct Told {
    listener: String,
    event: Event,
}

/// The jobs that let every listener of this event hear it; `number` names the event among others.
pub(crate) fn heard_by(site: &Site, event: &Event, number: &str) -> Vec<jobs::New> {
    (site.rooms.listens.iter())
        .filter(|listener| listener.kind == event.kind)
        .map(|listener| {
            let told = Told {
                listener: listener.name.to_owned(),
                event: event.clone(),
            };
            jobs::New::of(KIND, format!("{number} {}", listener.name))
                .subject(&event.subject)
                .payload(&told)
        })
        .collect()
}

/// Lets a listener hear; its room may have gone since, then nobody hears.
pub const HEARING: jobs::Handler<Site> = jobs::Handler::new(KIND, |site: Site, running| {
    Box::pin(async move {
        let told: Told = running.payload()?;
        let listener = (site.rooms.listens.iter())
            .find(|listener| listener.kind == told.event.kind && listener.name == told.listener);
        match listener {
            Some(listener) => (listener.hear)(site.clone(), told.event).await,
            None => Err(Error::fault(said!("nobody is called {}", told.listener))),
        }
    })
})
.at_once(2);
