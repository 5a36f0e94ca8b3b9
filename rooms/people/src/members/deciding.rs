//! What one person prepares about one member's record and a second person decides: the parts that are the same for
//! another status, a leaving, its taking back and a transfer.
//!
//! Kept is the wish as JSON, with the version of the record it was made from and how often its member has moved; a
//! record that was changed since, or somebody who is elsewhere now, makes it stale. Not here: what is done with it (`restating`, `leaving`, `returning`, `moving`), a person who is only to be
//! added (`admitting`).
//! The rule that surprises: nobody agrees to what is about themselves, and whoever prepared it must still be allowed to.

use crate::access::Records;
use crate::fact::Placement;
use crate::members::store::leaving as places;
use crate::store::bump_epoch;
use crate::{actor, members::store};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, MemberId, UnitId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use site::four_eyes::{self, Approved, Change};
use site::{Act, Proof};
use std::sync::Arc;

/// Where the unit of a wish has to stand with its member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where {
    /// They belong to it.
    Home,
    /// They belong to it, or are there for a time.
    Here,
    /// Nowhere: they have left.
    Gone,
}

/// A wish about one member.
pub(crate) trait Prepared: Serialize + DeserializeOwned + Sync {
    /// The word of the approval.
    const KIND: &'static str;
    /// The side that agrees.
    const SIDE: &'static str = "one";
    /// Where its unit has to stand with the member, when it is prepared and when it is agreed to.
    const WHERE: Where = Where::Home;
    /// Whom it is about.
    fn member(&self) -> &MemberId;
    /// The unit over which somebody agrees.
    fn unit(&self) -> &UnitId;
}

/// A wish as it was kept.
///
/// # Errors
/// A fault when it is none.
pub(crate) fn read<W: Prepared>(payload: &serde_json::Value) -> Result<W> {
    serde_json::from_value(payload.clone()).map_err(Error::fault)
}

async fn of<P: Proof>(
    act: &mut Act<P>,
    member: &MemberId,
    version: i64,
) -> Result<Vec<(String, i64)>> {
    let moves = store::count_moves(act.on(), member).await?;
    Ok(vec![
        (format!("member {member}"), version),
        (format!("places {member}"), moves),
    ])
}

/// Whether a unit stands so with a member, behind the gate: nobody moves them meanwhile.
async fn is_there<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    unit: &UnitId,
    place: Where,
) -> Result<bool> {
    bump_epoch(act).await?;
    let today = act.now().day();
    let here = places::list_places(act.on(), member, today).await?;
    let is_at = |one: &places::Place| one.unit_id == *unit;
    // A damaged record that never had a place is reached through the unit that reaches it.
    let is_bare = here.is_empty() && store::count_moves(act.on(), member).await? == 0;
    let own = here.iter().find(|one| one.kind.is(Placement::Official));
    Ok(match place {
        Where::Gone => true,
        Where::Here => is_bare || here.iter().any(is_at),
        Where::Home => is_bare || own.map_or_else(|| here.iter().any(is_at), is_at),
    })
}

/// Refuses what is written about a member through a unit in which they are no more, behind the gate.
///
/// # Errors
/// Refused, with a way to the member.
pub(crate) async fn stays_there<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    unit: &UnitId,
    place: Where,
) -> Result<()> {
    match is_there(act, member, unit, place).await? {
        true => Ok(()),
        false => Err(refused(member, "people-moving-refused-moved")),
    }
}

/// Refuses a correction through a unit from which somebody moved to another one since the page was drawn; of who belongs
/// to none any more the unit of before may still correct what was wrong.
///
/// # Errors
/// Refused, with a way to the member.
pub(crate) async fn is_not_moved<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    unit: &UnitId,
) -> Result<()> {
    bump_epoch(act).await?;
    let today = act.now().day();
    let here = places::list_places(act.on(), member, today).await?;
    match here.is_empty() || here.iter().any(|one| one.unit_id == *unit) {
        true => Ok(()),
        false => Err(refused(member, "people-moving-refused-moved")),
    }
}

/// Keeps a wish for the second person, within the writer's act; `version` is the record's, as it will be when that act
/// ends.
///
/// # Errors
/// Refused when one of this kind waits for this member already, when the record was changed since it was read, or when
/// they are elsewhere by now.
pub(crate) async fn prepare<P: Records, W: Prepared>(
    act: &mut Act<P>,
    wish: &W,
    title: String,
    version: i64,
) -> Result<()> {
    if store::get_row_version(act, wish.member()).await? > version {
        return Err(refused(wish.member(), "people-refused-changed-meanwhile"));
    }
    let change = Change {
        kind: W::KIND,
        object_id: wish.member().to_string(),
        title,
        versions: of(act, wish.member(), version).await?,
        payload: serde_json::to_value(wish).map_err(Error::fault)?,
        sides: vec![approvals::Side {
            name: W::SIDE,
            unit: Some(wish.unit().clone()),
        }],
    };
    let prepared_from = change.versions.clone();
    four_eyes::prepare(act, change).await?;
    // What waits comes before the record; then the gate, and behind it whether all is still as it was read.
    stays_there(act, wish.member(), wish.unit(), W::WHERE).await?;
    let now = store::get_row_version(act, wish.member()).await?;
    if now > version || of(act, wish.member(), version).await? != prepared_from {
        return Err(refused(wish.member(), "people-refused-changed-meanwhile"));
    }
    Ok(())
}

/// The versions of today, to be compared with those of the day it was prepared; of somebody who is elsewhere by now
/// they are like none, so that what waits is stale. Asked behind the gate, which is held to the end of the act.
pub(crate) async fn versions<W: Prepared>(
    act: &mut Act<Approved>,
    payload: &serde_json::Value,
) -> Result<Vec<(String, i64)>> {
    let wish: W = read(payload)?;
    let is_there = is_there(act, wish.member(), wish.unit(), W::WHERE).await?;
    let version = store::get_row_version(act, wish.member()).await?;
    let mut all = of(act, wish.member(), version).await?;
    if !is_there {
        all.push((format!("elsewhere {}", wish.member()), 1));
    }
    Ok(all)
}

/// Where it is prepared anew: a page of that member.
pub(crate) fn again(payload: &serde_json::Value, page: &str) -> String {
    let member = payload.get("member").and_then(serde_json::Value::as_str);
    format!("/members/{}/{page}", member.unwrap_or_default())
}

/// A refusal that leads to the member's page.
pub(crate) fn refused(member: &MemberId, key: &'static str) -> Error {
    Refusal::new(key)
        .way_out(format!("/members/{member}"), "people-refused-changed-look")
        .into()
}

/// Whoever agrees.
///
/// # Errors
/// Refused when it is the one whom it is about.
pub(crate) async fn decider(act: &mut Act<Approved>, about: &MemberId) -> Result<Arc<Actor>> {
    let decides = act.right().actor().cloned().ok_or(Error::NotFound)?;
    if decides == *about {
        return Err(refused(about, "people-restating-refused-own"));
    }
    actor::load(&act.site().clone(), &decides).await
}
