//! What the forms share by which a member goes away: sent to another unit, or a member no more.
//!
//! Not here: the forms (`leaving`, `transfer_new`). The rule that surprises: only where the member belongs is it asked
//! for; whoever has them for a time does neither.

use crate::fact::Status;
use crate::members::leaving;
use crate::page::member_id;
use crate::{member, sight};
use kernel::error::Result;
use kernel::{MemberId, UnitRef};
use site::{Level, Site};
use web::Member;

/// Letters of a number and of a note.
pub(super) const NUMBER: usize = 80;
pub(super) const NOTE: usize = 300;

/// Somebody of whom the visitor may say so.
pub(super) struct May {
    pub(super) id: MemberId,
    pub(super) name: String,
    pub(super) home: UnitRef,
    pub(super) row_version: i64,
    pub(super) is_gone: bool,
    /// Whether something is being looked into: they are sent nowhere meanwhile.
    pub(super) is_suspended: bool,
}

/// Who writes the record where the member belongs.
pub(super) async fn may(site: &Site, who: &Member, id: &str) -> Result<May> {
    let id = member_id(id)?;
    let sight = sight::of_member(site, &who.actor, &id).await?;
    let home = leaving::home_of(site, &who.actor, &id, &sight).await?;
    let looked = site::look(site, &who.actor, std::slice::from_ref(&id), Level::V2, "").await?;
    let (record, row_version) = member::to_correct(site, &looked, &id).await?;
    Ok(May {
        id,
        is_suspended: record.status.is(Status::Suspended),
        is_gone: crate::fact::is_gone(&record.status),
        name: record.name,
        home,
        row_version,
    })
}

/// What was typed, in one line.
pub(super) fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
