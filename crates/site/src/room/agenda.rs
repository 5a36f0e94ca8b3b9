//! What can stand on an agenda, and what may hold up another room's act.
//!
//! The meetings room asks an [`AgendaKind`] what can be put on the table and how it is shown to one
//! visitor; a [`Guard`] lets a room say "not while a vote is open". Not here: agendas (`meetings`).

use crate::{Later, Site};
use kernel::UnitRef;
use kernel::error::Result;
use std::sync::Arc;
use web::{Lang, SignedIn};

/// A kind of thing that can be linked from a line of an agenda.
#[derive(Clone, Copy)]
pub struct AgendaKind {
    /// The word kept with the line: `document`.
    pub kind: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Key of its name: "Văn bản".
    pub text: &'static str,
    /// What this member may put on an agenda of that unit, best first, at most `limit`; `text` narrows.
    pub offer: OfferThings,
    /// How things are shown to this member; what they may not see is left out.
    pub show: ShowThings,
}

/// Offers things to one member, in the language they read, for an agenda of one unit: a text narrows, at most so
/// many.
pub type OfferThings =
    fn(Site, Arc<SignedIn>, Lang, UnitRef, String, i64) -> Later<'static, Result<Vec<Offer>>>;
/// Shows things of these ids to one member, in the language they read.
pub type ShowThings =
    fn(Site, Arc<SignedIn>, Lang, Vec<String>) -> Later<'static, Result<Vec<Offer>>>;

/// A thing that stands, or could stand, on an agenda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its id.
    pub id: String,
    /// What it is called: `12-QĐ/ĐU`.
    pub label: String,
    /// A quiet second line; may be empty.
    pub meta: String,
    /// Its page.
    pub to: String,
}

/// A reason of one room against an act of another.
#[derive(Clone, Copy)]
pub struct Guard {
    /// The act: `meeting.close`.
    pub act: &'static str,
    /// Refuses with a sentence and a way out, or lets it go on. Given the subject's id; of
    /// [`crate::four_eyes::AGREE`] a pair of members and an instant.
    pub refuse: fn(Site, String) -> Later<'static, Result<()>>,
}
