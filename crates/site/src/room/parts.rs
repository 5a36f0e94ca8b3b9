//! Parts of pages that show one person or one unit: each room adds its own.
//!
//! The people room owns the pages and asks every room; a room draws its part with its own template.

use crate::{Later, Site};
use kernel::error::Result;
use kernel::{MemberId, UnitRef};
use std::sync::Arc;
use web::{Frame, SignedIn};

/// A drawn part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Sorts the parts.
    pub order: i64,
    /// HTML of the room's own template.
    pub html: String,
}

/// What a room adds to a member's own page, and to what they can take home.
#[derive(Clone)]
pub struct MemberPart {
    /// The room's word, the key in the export: `meetings`.
    pub name: &'static str,
    /// A part of the page "Tôi"; `None` when there is nothing to show.
    pub draw: Option<DrawOwn>,
    /// What the room keeps of the person, for their export.
    pub export: Option<Export>,
}

/// Draws a part of a member's own page.
pub type DrawOwn = fn(Site, Frame, Arc<SignedIn>) -> Later<'static, Result<Option<Part>>>;
/// Gathers what is kept of a person.
pub type Export = fn(Site, MemberId) -> Later<'static, Result<ExportPart>>;
/// Draws a part of a unit's page for one visitor.
pub type DrawUnit = fn(Site, Frame, Arc<SignedIn>, UnitRef) -> Later<'static, Result<Option<Part>>>;

/// What a room keeps of one person.
#[derive(Debug, Clone, Default)]
pub struct ExportPart {
    /// For programs.
    pub json: serde_json::Value,
    /// For people: headings and lines, in the person's language.
    pub lines: Vec<(String, String)>,
}

/// What a room adds to a unit's page.
#[derive(Clone)]
pub struct UnitPart {
    /// The room's word.
    pub name: &'static str,
    /// A part of the page for this visitor; `None` when there is nothing to show or they may not see it.
    pub draw: DrawUnit,
}
