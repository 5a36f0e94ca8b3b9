//! Parts of pages that show one person or one unit: each room adds its own.
//!
//! The people room owns the pages and asks every room; a room draws its part with its own template.

use crate::{Later, Site};
use kernel::MemberId;
use kernel::error::Result;
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
    pub draw: Option<fn(Site, Frame, Arc<SignedIn>) -> Later<'static, Result<Option<Part>>>>,
    /// What the room keeps of the person, for their export.
    pub export: Option<fn(Site, MemberId) -> Later<'static, Result<ExportPart>>>,
}

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
    pub draw:
        fn(Site, Frame, Arc<SignedIn>, kernel::UnitRef) -> Later<'static, Result<Option<Part>>>,
}
