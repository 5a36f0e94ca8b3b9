//! A post that is taken from somebody, when a second person has to agree (R8): the way back of `giving`.
//!
//! A post that reaches beyond one unit waits for another holder of `grant_approve`; the one who holds it
//! counts too, and their own wish to leave needs nobody. Else two people who watch each other would be one
//! as soon as the first of them ends the other. Where there is nobody else it ends at once. Not here:
//! which posts may be ended (`post`), the form (`pages::ending`).

use crate::access::Records;
use crate::post::{self, Held};
use crate::{actor, member, page, store};
use kernel::cap::Reach;
use kernel::error::{Error, Refusal, Result};
use kernel::{Cap, Day, MemberId, UnitId};
use serde::{Deserialize, Serialize};
use site::four_eyes::{self, Approved, Change, Seconds};
use site::room::{ApprovalKind, FieldChange};
use site::{Act, Site};
use web::Frame;

const KIND: &str = "position.end";

/// What a second person is shown, and what is then done.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Payload {
    unit: UnitId,
    holding: String,
    on: Day,
    reason: String,
    by: MemberId,
}

impl Payload {
    fn read(json: &serde_json::Value) -> Result<Payload> {
        serde_json::from_value(json.clone()).map_err(Error::fault)
    }
}

/// Who has to agree before this post ends; nobody: it ends at once.
pub(crate) async fn waits_for(site: &Site, held: &Held, by: &MemberId) -> Result<Seconds> {
    let is_wide = held.role().is_none_or(|role| role.reach() != Reach::Unit);
    if !is_wide || held.member_id == *by {
        return Ok(Seconds::default());
    }
    post::seconds(site, Cap::GrantApprove, &held.unit().path, by, &[]).await
}

/// Keeps the end for the second person, within the act of the first.
///
/// # Errors
/// Refused when the end of this post waits already.
pub(crate) async fn prepare<P: Records>(
    act: &mut Act<P>,
    held: &Held,
    on: Day,
    reason: &str,
) -> Result<()> {
    let by = act.right().actor().cloned();
    let payload = Payload {
        unit: held.unit().id,
        holding: held.id.clone(),
        on,
        reason: reason.to_owned(),
        by: by.ok_or_else(|| Error::fault("a person prepares the end of a post"))?,
    };
    let change = Change {
        kind: KIND,
        object_id: held.id.clone(),
        title: format!("{}: {}", held.name, held.title),
        // The post itself is looked up again when the second person agrees.
        versions: Vec::new(),
        payload: serde_json::to_value(&payload).map_err(Error::fault)?,
        sides: vec![approvals::Side {
            name: "one",
            unit: Some(payload.unit.clone()),
        }],
    };
    four_eyes::prepare(act, change).await.map(|_| ())
}

/// Ends the post, and says so in the act's line; `false` when nobody would govern the unit any more.
pub(crate) async fn end<P: Records>(
    act: &mut Act<P>,
    held: &Held,
    on: Day,
    reason: &str,
) -> Result<bool> {
    // Raises the epoch first: its row makes two people who do this at once wait for one another.
    store::bump_epoch(act).await?;
    if !post::stays_governed(act, held, on).await? {
        return Ok(false);
    }
    store::end_holding(act, &held.id, on, reason).await?;
    act.log(KIND)
        .about(&held.member_id)
        .object("holding", &held.id)
        .reason(reason)
        .diff(&serde_json::json!({ "title": held.title, "to_on": on }));
    Ok(true)
}

/// The change that a second person decides.
pub(crate) const TAKING: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: KIND,
    text: "people-taking",
    decides: Cap::GrantApprove,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |_, _| Box::pin(async { Ok(Vec::new()) }),
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload)),
    again: |payload| {
        let unit = payload.get("unit").and_then(serde_json::Value::as_str);
        format!("/units/{}", unit.unwrap_or_default())
    },
    about: |_| Vec::new(),
};

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let wish = Payload::read(&payload)?;
    let held = post::find_held(&site, &wish.unit, &wish.holding).await?;
    let field = |key: &str, old: String, new: String| FieldChange {
        label: frame.t(key),
        old,
        new,
    };
    Ok(vec![
        field(
            "people-post-member",
            String::new(),
            member::name(&site, &held.member_id).await?,
        ),
        field("people-post-title", String::new(), held.title.clone()),
        field(
            "people-giving-term",
            page::term(&frame, &held.from_on, &held.to_on),
            page::term(&frame, &held.from_on, &wish.on),
        ),
        field("people-taking-reason", String::new(), wish.reason),
    ])
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value) -> Result<()> {
    let wish = Payload::read(payload)?;
    let to = format!("/units/{}", wish.unit);
    let refused = |key| Refusal::new(key).way_out(&to, "people-giving-refused-way");
    let site = act.site().clone();
    let by = actor::load(&site, &wish.by).await?;
    let held = match post::find_endable(&site, &by, &wish.unit, &wish.holding).await {
        Ok(held) => held,
        Err(Error::NotFound) => return Err(refused("people-taking-refused-past").into()),
        Err(error) => return Err(error),
    };
    if !end(act, &held, wish.on, &wish.reason).await? {
        return Err(refused("people-refused-last-lead").into());
    }
    Ok(())
}
