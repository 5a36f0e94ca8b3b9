//! The fifth wing: "Nộp ở đâu", the directory of committees and offices that receive people and papers.
//!
//! One entry is what is said of one body from a day to a day: name, address, telephone to ring up, hours, who receives,
//! what they take. It is of a unit of the house, or of a body outside with none; it is shown to everybody or to members.
//! Kept by the office of a unit (`unit_draft` over it). Not here: transfers (`members`), which name an entry.
//! The rule that surprises: a unit without an entry has that of the nearest one above, where its papers go.

pub(crate) mod pages;
pub(crate) mod store;

pub(crate) use store::Body;

use crate::access::Records;
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Cap, Day, UnitRef};
use site::{Proof, Right, Site};

/// Where people and papers of a unit are brought to: its own entries, else those of the nearest unit above.
pub(crate) async fn of_unit(site: &Site, unit: &UnitRef) -> Result<Vec<Body>> {
    let today = site.clock.today();
    let ids: Vec<String> = unit.path.ids().map(str::to_owned).collect();
    let all = store::list_of_units(&site.db, &ids, today).await?;
    for id in ids.iter().rev() {
        let here: Vec<Body> = (all.iter())
            .filter(|body| body.unit_id == *id)
            .cloned()
            .collect();
        if !here.is_empty() {
            return Ok(here);
        }
    }
    Ok(Vec::new())
}

/// Proof that entries that a unit keeps may be written (`unit_draft`).
#[derive(Debug, Clone)]
pub(crate) struct CanKeep {
    right: Right,
    body: String,
}

impl CanKeep {
    /// For entries of that unit; `body` is the entry, empty for a new one.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the right.
    pub(crate) fn of(actor: &Actor, unit: &UnitRef, body: &str, on: Day) -> Result<CanKeep> {
        Ok(CanKeep {
            right: Right::of(actor, Cap::UnitDraft, unit, on)?,
            body: body.to_owned(),
        })
    }
}

impl Proof for CanKeep {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("body", self.body.clone())
    }
}
impl Records for CanKeep {}

/// Somebody was there first.
pub(crate) fn changed(id: &str) -> Error {
    Refusal::new("people-refused-changed-meanwhile")
        .way_out(format!("/bodies/{id}/edit"), "people-refused-changed-look")
        .into()
}

#[cfg(test)]
mod tests;
