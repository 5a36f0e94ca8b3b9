//! Parts of pages that show one person or one unit: each room adds its own.
//!
//! The people room owns the pages and asks every room; a room draws its part with its own template.
//! The rule that surprises: a part that fails is a sentence in its place and a line in the log; the page
//! still comes. An export that fails is none: half of what is kept of a person is not what they asked for.

use crate::{Later, Site};
use kernel::error::Result;
use kernel::{MemberId, UnitRef};
use std::collections::BTreeMap;
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
pub type Export = fn(Site, Frame, MemberId) -> Later<'static, Result<ExportPart>>;
/// Draws a part of a unit's page for one visitor.
pub type DrawUnit = fn(Site, Frame, Arc<SignedIn>, UnitRef) -> Later<'static, Result<Option<Part>>>;

/// What a room keeps of one person.
#[derive(Debug, Clone, Default)]
pub struct ExportPart {
    /// For programs.
    pub json: serde_json::Value,
    /// For people, in the language of the page; an empty list is left out.
    pub lists: Vec<OwnList>,
}

/// A list of what is kept of a person, to be read by them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnList {
    /// What it lists: "Việc được giao".
    pub heading: String,
    /// What and how: a meeting and how they stood on its roll.
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

/// A part, or the sentence that stands for one that failed.
fn settled(frame: &Frame, name: &str, drawn: Result<Option<Part>>) -> Option<Part> {
    match drawn {
        Ok(part) => part,
        Err(error) => {
            let operation = frame.operation();
            tracing::error!(operation, part = name, "{}", error.log_text());
            let mut html = String::from("<p class=\"note\" data-is=\"warn\">");
            web::link::escape(&frame.t("web-part-failed"), &mut html);
            html.push_str("</p>");
            Some(Part {
                order: i64::MAX,
                html,
            })
        }
    }
}

impl super::Rooms {
    /// What the rooms show a member on their own page, in order.
    pub async fn draw_member(&self, site: &Site, frame: &Frame, who: &Arc<SignedIn>) -> Vec<Part> {
        let mut parts = Vec::new();
        for held in &self.member_parts {
            let Some(draw) = held.draw else { continue };
            let drawn = draw(site.clone(), frame.clone(), who.clone()).await;
            parts.extend(settled(frame, held.name, drawn));
        }
        parts.sort_by_key(|part| part.order);
        parts
    }
    /// What the rooms show this visitor on a unit's page, in order.
    pub async fn draw_unit(
        &self,
        site: &Site,
        frame: &Frame,
        who: &Arc<SignedIn>,
        unit: &UnitRef,
    ) -> Vec<Part> {
        let mut parts = Vec::new();
        for held in &self.unit_parts {
            let drawn = (held.draw)(site.clone(), frame.clone(), who.clone(), unit.clone()).await;
            parts.extend(settled(frame, held.name, drawn));
        }
        parts.sort_by_key(|part| part.order);
        parts
    }
    /// What the rooms keep of a person, by the room's word.
    ///
    /// # Errors
    /// When one of them fails.
    pub async fn export(
        &self,
        site: &Site,
        frame: &Frame,
        member: &MemberId,
    ) -> Result<BTreeMap<&'static str, ExportPart>> {
        let mut all = BTreeMap::new();
        for held in &self.member_parts {
            if let Some(export) = held.export {
                all.insert(
                    held.name,
                    export(site.clone(), frame.clone(), member.clone()).await?,
                );
            }
        }
        Ok(all)
    }
}
