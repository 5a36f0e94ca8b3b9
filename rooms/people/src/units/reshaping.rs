//! A unit that moves or closes, when a second person has to agree (R8).
//!
//! As with posts (`giving`): where another holder of `restructure_approve` is, the change waits for
//! them; where there is none it is done at once. Not here: doing it (`tree`), the forms (`pages`).

use crate::access::Records;
use crate::unit::{self, Unit};
use crate::units::{store, tree};
use crate::{access::CanShape, actor, post};
use kernel::error::{Error, Refusal, Result};
use kernel::{Cap, Day, MemberId, UnitId, UnitPath};
use serde::{Deserialize, Serialize};
use site::four_eyes::{self, Approved, Change, Seconds};
use site::room::{ApprovalKind, FieldChange};
use site::{Act, Proof, Site};
use web::Frame;

const KIND: &str = "unit.reshape";

/// A unit that is to move or to close.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reshape {
    /// Which.
    pub(crate) unit: UnitId,
    /// As it was read.
    pub(crate) row_version: i64,
    /// Where it goes; nowhere: it closes.
    pub(crate) to: Option<UnitId>,
    /// From which day on.
    pub(crate) on: Day,
    /// The decision, or why.
    pub(crate) reason: String,
    /// Who prepared it.
    pub(crate) by: MemberId,
}

impl Reshape {
    fn read(json: &serde_json::Value) -> Result<Reshape> {
        serde_json::from_value(json.clone()).map_err(Error::fault)
    }
}

/// Who has to agree to a change below this unit; nobody: it is done at once.
pub(crate) async fn waits_for(site: &Site, above: &UnitPath, by: &MemberId) -> Result<Seconds> {
    post::seconds(site, Cap::RestructureApprove, above, by, &[]).await
}

/// The lowest unit above both.
pub(crate) fn common(one: &UnitPath, other: &UnitPath) -> UnitPath {
    one.ancestry()
        .into_iter()
        .rev()
        .find(|path| other.is_within(path))
        .unwrap_or_else(|| one.clone())
}

async fn versions<P: Proof>(act: &mut Act<P>, wish: &Reshape) -> Result<Vec<(String, i64)>> {
    let mut out = Vec::new();
    for id in std::iter::once(&wish.unit).chain(&wish.to) {
        let version = store::row_version(act.on(), id).await?;
        out.push((format!("unit {id}"), version));
    }
    Ok(out)
}

/// Keeps the change for the second person, within the act of the first.
///
/// # Errors
/// Refused when a change of the unit waits already, or when it was changed since it was read.
pub(crate) async fn prepare<P: Records>(
    act: &mut Act<P>,
    wish: &Reshape,
    title: String,
    above: &UnitPath,
) -> Result<()> {
    let versions = versions(act, wish).await?;
    if versions.first().map(|(_, version)| *version) != Some(wish.row_version) {
        return Err(tree::changed_meanwhile(&wish.unit));
    }
    let decides = above.ids().last().and_then(|id| id.parse().ok()); // a path is made of ids
    let change = Change {
        kind: KIND,
        object_id: wish.unit.to_string(),
        title,
        payload: serde_json::to_value(wish).map_err(Error::fault)?,
        versions,
        sides: vec![approvals::Side {
            name: "one",
            unit: decides,
        }],
    };
    four_eyes::prepare(act, change).await.map(|_| ())
}

/// The change that a second person decides.
pub(crate) const RESHAPING: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: KIND,
    text: "people-reshape",
    decides: Cap::RestructureApprove,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |act, payload| {
        Box::pin(async move {
            let wish = Reshape::read(payload)?;
            versions(act, &wish).await
        })
    },
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload)),
    again: |payload| {
        let unit = payload.get("unit").and_then(serde_json::Value::as_str);
        format!("/units/{}", unit.unwrap_or_default())
    },
    about: |_| Vec::new(),
};

async fn above_of(site: &Site, unit: &Unit) -> Result<Unit> {
    unit::get(site, unit.parent_id.as_ref().ok_or(Error::NotFound)?).await
}

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let wish = Reshape::read(&payload)?;
    let here = unit::get(&site, &wish.unit).await?;
    let field = |key: &str, old: String, new: String| FieldChange {
        label: frame.t(key),
        old,
        new,
    };
    let first = match &wish.to {
        Some(to) => field(
            "people-move-parent",
            above_of(&site, &here).await?.name,
            unit::get(&site, to).await?.name,
        ),
        None => field(
            "people-giving-unit",
            here.name.clone(),
            frame.t("people-closing-closed"),
        ),
    };
    Ok(vec![
        first,
        field("people-unit-form-from", String::new(), wish.on.vn()),
        field("people-reshape-reason", String::new(), wish.reason),
    ])
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value) -> Result<()> {
    let wish = Reshape::read(payload)?;
    let site = act.site().clone();
    let today = act.now().day();
    let here = unit::get(&site, &wish.unit).await?;
    let above = above_of(&site, &here).await?;
    // Whoever prepared it must still be allowed to.
    let by = actor::load(&site, &wish.by).await?;
    let mut places = vec![here.clone(), above];
    if let Some(to) = &wish.to {
        places.push(unit::get(&site, to).await?);
    }
    for place in &places {
        if CanShape::of(&by, Cap::RestructurePrepare, place, today).is_err() {
            return Err(Refusal::new("people-reshape-refused-by")
                .way_out(format!("/units/{}", here.id), "people-giving-refused-way")
                .into());
        }
    }
    match (&wish.to, places.last()) {
        (Some(_), Some(to)) => {
            if wish.on < tree::earliest_move(&site, &here, wish.on).await? {
                return Err(tree::changed_meanwhile(&here.id));
            }
            tree::move_unit(act, &here, wish.row_version, to, wish.on).await?;
        }
        _ => tree::close_unit(act, &here, wish.row_version, wish.on, &wish.reason).await?,
    }
    let done = if wish.to.is_some() {
        "unit.move"
    } else {
        "unit.close"
    };
    act.log(done)
        .object("unit", &here.id)
        .reason(wish.reason)
        .diff(&serde_json::json!({ "to": wish.to, "on": wish.on }));
    Ok(())
}
