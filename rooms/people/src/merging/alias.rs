//! As whom an old id is read: the record into which it was merged, never further, since there are no chains.
//!
//! Not here: merging (`joining`), and taking apart (`separating`).

use crate::merging::store;
use crate::sight;
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, MemberId, UnitRef};
use site::Site;

/// What is told when two records have become one; its subject is the one that stays and the other, with a space between.
pub const MERGED: &str = "member.merged";

/// The record into which that one was merged; `None` while it stands for itself.
pub async fn find(site: &Site, id: &MemberId) -> Result<Option<MemberId>> {
    let alias = store::find_alias_of(&site.db, id).await?;
    Ok(alias.map(|alias| alias.member_id))
}

/// Where whoever asks for a merged record is led: to the one that stays, when they may read both. The old record is
/// reached through its last unit, however long ago that was.
pub(crate) async fn leads_to(
    site: &Site,
    actor: &Actor,
    old: &MemberId,
) -> Result<Option<MemberId>> {
    let Some(kept) = find(site, old).await? else {
        return Ok(None);
    };
    if kept == actor.member {
        return Ok(Some(kept));
    }
    sight::of_member(site, actor, &kept).await?;
    let today = site.clock.today();
    let places = store::list_homes(&site.db, old, today).await?;
    let may_read = places.iter().any(|place| {
        let unit: UnitRef = place.unit();
        [Cap::MemberNameRead, Cap::MemberRead]
            .into_iter()
            .any(|cap| actor.allow(cap, &unit, today))
    });
    if may_read {
        return Ok(Some(kept));
    }
    Err(Error::NotFound)
}
