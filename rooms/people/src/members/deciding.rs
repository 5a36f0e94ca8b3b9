//! What one person prepares about one member's record and a second person decides: the parts that are the same for
//! another status, a leaving, its taking back and a transfer.
//!
//! Kept is the wish as JSON, with the version of the record it was made from and how often its member has moved; a
//! record that was changed since, or somebody who is elsewhere now, makes it stale. Not here: what is done with it (`restating`, `leaving`, `returning`, `moving`), a person who is only to be
//! added (`admitting`).
//! The rule that surprises: nobody agrees to what is about themselves, and whoever prepared it must still be allowed to.

use crate::access::Records;
use crate::{actor, members::store};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, MemberId, UnitId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use site::four_eyes::{self, Approved, Change};
use site::{Act, Proof};
use std::sync::Arc;

/// A wish about one member.
pub(crate) trait Prepared: Serialize + DeserializeOwned + Sync {
    /// The word of the approval.
    const KIND: &'static str;
    /// The side that agrees.
    const SIDE: &'static str = "one";
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

/// Keeps a wish for the second person, within the writer's act; `version` is the record's, as it will be when that act
/// ends.
///
/// # Errors
/// Refused when one of this kind waits for this member already, or when the record was changed since it was read.
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
    four_eyes::prepare(act, change).await.map(|_| ())
}

/// The versions of today, to be compared with those of the day it was prepared.
pub(crate) async fn versions<W: Prepared>(
    act: &mut Act<Approved>,
    payload: &serde_json::Value,
) -> Result<Vec<(String, i64)>> {
    let wish: W = read(payload)?;
    let version = store::get_row_version(act, wish.member()).await?;
    of(act, wish.member(), version).await
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
