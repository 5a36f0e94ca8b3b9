//! What waits of two records when they become one: told beforehand, ended with the record that ends.
//!
//! A transfer that was sent, what a person said of their record and nobody answered, changes that wait for a second
//! person. Not here: posts and rights (`joining`), tasks and meetings, which are read for the record that stays.
//! The rule that surprises: what waits of the record that stays goes on, but for what stands on a row that the
//! merging changed: a transfer from a unit where they are no more, a change of the record as it was.

use crate::members::moving::{self, State};
use crate::members::store::{leaving, moving as store};
use approvals::Approval;
use kernel::error::{Error, Result};
use kernel::{Day, MemberId};
use site::four_eyes::{self, Approved};
use site::{Act, May as _, Program, Site};
use web::Frame;

/// Something that waits, with its page.
#[derive(Debug, Clone)]
pub(crate) struct Waits {
    /// What it is.
    pub(crate) text: String,
    /// Where it is seen to; empty where a merging alone ends it.
    pub(crate) to: String,
}

/// What waits of a record.
pub(crate) async fn list(site: &Site, frame: &Frame, member: &MemberId) -> Result<Vec<Waits>> {
    let mut all = Vec::new();
    if let Some(id) = store::find_open(site.db.read(), member).await? {
        let unit = store::get(site.db.read(), &id).await?.to_name;
        all.push(Waits {
            text: frame.t1("people-merge-waits-transfer", "unit", unit.as_str()),
            to: format!("/transfers/{id}"),
        });
    }
    let open = leaving::list_corrections(site.db.read(), member).await?;
    if !open.is_empty() {
        let n = i64::try_from(open.len()).unwrap_or(i64::MAX);
        all.push(Waits {
            text: frame.t1("people-merge-waits-corrections", "n", n),
            to: format!("/members/{member}#corrections"),
        });
    }
    let meant = |about: &[MemberId], one: &Approval| {
        about.contains(member) && one.kind != super::joining::KIND // one of those is being looked at
    };
    for approval in approvals_of(site, meant).await? {
        all.push(Waits {
            text: approval.title,
            to: String::new(), // not everybody who merges may see it
        });
    }
    Ok(all)
}

/// The same in words.
pub(crate) async fn said(site: &Site, frame: &Frame, member: &MemberId) -> Result<Vec<String>> {
    let all = list(site, frame, member).await?;
    Ok(all.into_iter().map(|one| one.text).collect())
}

/// Changes that wait for a second person and are about whom `is_meant` says.
async fn approvals_of(
    site: &Site,
    is_meant: impl Fn(&[MemberId], &Approval) -> bool,
) -> Result<Vec<Approval>> {
    let mut all = Vec::new();
    for kind in &site.rooms.approvals {
        for one in approvals::list_waiting(&site.db, kind.kind, site.clock.now()).await? {
            let Ok(payload) = one.payload() else {
                continue; // changed by other hands: whoever decides it is told
            };
            if is_meant(&(kind.about)(&payload), &one) {
                all.push(one);
            }
        }
    }
    Ok(all)
}

/// Kinds that are made from a record and its ledger as they stand.
const OF_RECORD: [&str; 6] = [
    "member.status",
    "member.leave",
    "member.return",
    "member.transfer",
    "member.merge",
    "member.separate",
];

/// Ends what waits of the record that ends, within the act that merges it; the person hears it under the one that
/// stays. What they said of their record goes on there (`correction::carry`).
pub(crate) async fn end(act: &mut Act<Approved>, old: &MemberId, kept: &MemberId) -> Result<()> {
    if let Some(id) = store::find_open(act.on(), old).await? {
        end_transfer(act, &id, kept).await?;
    }
    // Also on the way to another house.
    moving::overtake(act, old).await
}

/// Ends a transfer of the record that stays when the placement from which it was sent is over.
pub(crate) async fn end_homeless(act: &mut Act<Approved>, kept: &MemberId) -> Result<()> {
    let Some(id) = store::find_open(act.on(), kept).await? else {
        return Ok(());
    };
    let home = store::get(act.on(), &id).await?.home_id;
    let today = act.now().day();
    let places = leaving::list_places(act.on(), kept, today).await?;
    let is_home = |place: &leaving::Place| place.id == home && place.to_on == Day::OPEN;
    if !places.iter().any(is_home) {
        end_transfer(act, &id, kept).await?;
    }
    Ok(())
}

fn say(act: &Act<Approved>, key: &str) -> String {
    (act.site().edge.texts).get(web::Lang::Vi, key) // kept in the row
}

async fn end_transfer(act: &mut Act<Approved>, id: &str, whose: &MemberId) -> Result<()> {
    let mut transfer = store::get(act.on(), id).await?;
    transfer.member_id = whose.clone();
    let reason = say(act, "people-merge-transfer");
    moving::end(act, &transfer, State::Cancelled, &reason).await
}

/// After the merging: changes that wait and can be done no more are overtaken, so that nobody agrees in vain and who
/// prepared them hears it. Hearing it twice changes nothing.
pub(crate) async fn overtake(site: &Site, subject: &str) -> Result<()> {
    let (kept, old) = subject.split_once(' ').ok_or(Error::NotFound)?;
    let read = |id: &str| id.parse::<MemberId>().map_err(Error::fault);
    let (kept, old) = (read(kept)?, read(old)?);
    let alias = super::store::find_alias_of(&site.db, &old).await?;
    let Some(alias) = alias.filter(|alias| alias.member_id == kept) else {
        return Ok(()); // taken apart since
    };
    let meant = |about: &[MemberId], one: &Approval| {
        // Of the record that stays those alone that were made from what stood there before.
        let of_kept = about.contains(&kept) && OF_RECORD.contains(&one.kind.as_str());
        one.prepared_at <= alias.merged_at
            && (about.contains(&old) || one.prepared_by == old || of_kept)
    };
    let all = approvals_of(site, meant).await?;
    if all.is_empty() {
        return Ok(());
    }
    let mut act = Program::part("people.merged")
        .begin_unlogged(site, "people.merged", "people.merged")
        .await?;
    for one in &all {
        four_eyes::overtake(&mut act, one).await?;
    }
    act.end().await.map(|_| ())
}
