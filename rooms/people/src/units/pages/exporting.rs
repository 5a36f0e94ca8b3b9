//! A long list of members that leaves the house: asked for here, with what for, and agreed to by a second person.
//!
//! More names than the rule `people.export_alone` allows go out when another holder of `member_approve` over
//! the unit has agreed; the file is then taken as always (`members_xlsx`) by who asked, until the approval
//! runs out. Where there is nobody else it goes out at once and the log says by whom.
//! The rule that surprises: a list that grew since needs to be asked for anew.

use super::show::Asked;
use crate::access::CanExport;
use crate::members::admitting;
use crate::page::{second, unit_id};
use crate::unit::Unit;
use crate::{roster, sight, unit};
use approvals::ApprovalId;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day, UnitId};
use serde::{Deserialize, Serialize};
use site::four_eyes::{self, Change, Seconds};
use site::room::{ApprovalKind, FieldChange};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

rules::names! {
    /// Most names that one person takes away alone (governance reference, four eyes).
    pub(crate) EXPORT_ALONE: "people.export_alone", Count;
}

/// The word of the approval.
const KIND: &str = "member.export";

/// Whether a list may go out.
pub(crate) enum Agreed {
    /// So few names, or nobody else there.
    Alone,
    /// A second person agreed.
    By(ApprovalId),
    /// More than so many wait for a second person.
    Waits(i64),
}

impl Agreed {
    /// The approval, for the log.
    pub(crate) fn approval(&self) -> Option<&str> {
        match self {
            Agreed::By(id) => Some(id.as_str()),
            Agreed::Alone | Agreed::Waits(_) => None,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Payload {
    unit: UnitId,
    on: Day,
    names: i64,
    reason: String,
}

impl Payload {
    fn read(json: &serde_json::Value) -> Result<Payload> {
        serde_json::from_value(json.clone()).map_err(Error::fault)
    }
}

fn object(unit: &UnitId, on: Day, by: &Actor) -> String {
    format!("{unit} {on} {}", by.member)
}

/// Whether the list of that many names may be taken by this person now.
pub(crate) async fn agreed_by(
    site: &Site,
    by: &Actor,
    unit: &Unit,
    on: Day,
    names: usize,
) -> Result<Agreed> {
    let most = site
        .rules
        .get(EXPORT_ALONE, site.clock.today())
        .await?
        .number()?;
    let names = i64::try_from(names).unwrap_or(i64::MAX);
    if names <= most || seconds(site, unit, by).await?.is_empty() {
        return Ok(Agreed::Alone);
    }
    let object = object(&unit.id, on, by);
    let now = site.clock.now();
    let agreed = approvals::find_agreed(&site.db, KIND, &object, &by.member, now).await?;
    let Some(agreed) = agreed else {
        return Ok(Agreed::Waits(most));
    };
    if Payload::read(&agreed.payload()?)?.names < names {
        return Ok(Agreed::Waits(most));
    }
    Ok(Agreed::By(agreed.id))
}

/// Most names of a list that one person takes along alone, where this one has more and somebody else is there.
pub(crate) async fn too_many(
    site: &Site,
    by: &Actor,
    unit: &Unit,
    names: usize,
) -> Result<Option<i64>> {
    let most = site.rules.get(EXPORT_ALONE, site.clock.today()).await?;
    let most = most.number()?;
    let names = i64::try_from(names).unwrap_or(i64::MAX);
    let is_free = names <= most || seconds(site, unit, by).await?.is_empty();
    Ok((!is_free).then_some(most))
}

async fn seconds(site: &Site, unit: &Unit, by: &Actor) -> Result<Seconds> {
    admitting::waits_for(site, &unit.path, &by.member, &[]).await
}

#[derive(Template)]
#[template(path = "people/unit_export.html")]
struct Page {
    frame: Frame,
    form: FormState,
    unit: Unit,
    on: String,
    names: usize,
    seconds: String,
}

struct May {
    proof: CanExport,
    unit: Unit,
    on: Day,
    names: usize,
}

async fn may(site: &Site, who: &Member, id: &str, asked: &Asked) -> Result<May> {
    let sight = sight::of_unit(site, &who.actor, &unit_id(id)?).await?;
    let today = site.clock.today();
    let proof = CanExport::of(&who.actor, &sight.unit, today)?;
    let on = asked.day(&sight, today).ok_or(Error::NotFound)?;
    let unit = unit::find_on(site, &sight.unit.id, on).await?;
    let unit = unit.ok_or(Error::NotFound)?;
    let names = roster::list(site, &unit.id, on).await?.len();
    Ok(May {
        proof,
        unit,
        on,
        names,
    })
}

async fn draw(site: &Site, frame: &Frame, who: &Member, may: May, form: FormState) -> Answer {
    let seconds = seconds(site, &may.unit, &who.actor).await?;
    frame.html_status(
        form.status(),
        &Page {
            on: may.on.vn(),
            unit: may.unit,
            names: may.names,
            seconds: second(frame, &seconds),
            frame: frame.clone(),
            form,
        },
    )
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let may = may(&site, &who, &id, &asked).await?;
    draw(&site, &frame, &who, may, FormState::new()).await
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    reason: String,
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    form: Form<Typed>,
) -> Answer {
    let may = may(&site, &who, &id, &asked).await?;
    let mut state = FormState::typed(form.pairs);
    let reason = form.value.reason.trim().to_owned();
    state.fit("reason", 300);
    if reason.is_empty() {
        state.fail("reason", "people-export-reason-missing");
    }
    if !state.is_good() {
        return draw(&site, &frame, &who, may, state).await;
    }
    let back = see_other(format!("/units/{}", may.unit.id));
    let agreed = agreed_by(&site, &who.actor, &may.unit, may.on, may.names).await?;
    if !matches!(agreed, Agreed::Waits(_)) {
        return Ok(back.flash("people-export-free").into_response());
    }
    let names = i64::try_from(may.names).unwrap_or(i64::MAX);
    let title = frame.t2(
        "people-export-line",
        "unit",
        &may.unit.name,
        "n",
        &names.to_string(),
    );
    let payload = Payload {
        unit: may.unit.id.clone(),
        on: may.on,
        names,
        reason: reason.clone(),
    };
    let change = Change {
        kind: KIND,
        object_id: object(&may.unit.id, may.on, &who.actor),
        title,
        // Nothing is written: a list that grew is looked at when it is taken.
        versions: Vec::new(),
        payload: serde_json::to_value(&payload).map_err(Error::fault)?,
        sides: vec![approvals::Side {
            name: "one",
            unit: Some(may.unit.id.clone()),
        }],
    };
    let names = second(&frame, &seconds(&site, &may.unit, &who.actor).await?);
    let mut act = may
        .proof
        .begin(&site, &frame, "unit.export.prepare")
        .await?;
    four_eyes::prepare(&mut act, change).await?;
    act.line()
        .reason(reason)
        .diff(&serde_json::json!({ "names": payload.names, "on": payload.on }));
    act.end().await?;
    Ok(back
        .flash("people-export-waits")
        .arg("names", &names)
        .into_response())
}

/// What a second person agrees to: nothing is written then, the file may be taken.
pub(crate) const EXPORTING: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: KIND,
    text: "people-export",
    decides: Cap::MemberApprove,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |_, _| Box::pin(async { Ok(Vec::new()) }),
    still: None,
    apply: |_, _| Box::pin(async { Ok(()) }),
    again: |payload| {
        let unit = payload.get("unit").and_then(serde_json::Value::as_str);
        format!("/units/{}/export", unit.unwrap_or_default())
    },
    about: |_| Vec::new(),
};

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let wish = Payload::read(&payload)?;
    let unit = unit::get(&site, &wish.unit).await?.name;
    let fields = [
        ("people-giving-unit", unit),
        ("people-export-day", wish.on.vn()),
        ("people-export-names", wish.names.to_string()),
        ("people-export-reason", wish.reason),
    ];
    Ok(fields
        .into_iter()
        .map(|(key, new)| FieldChange {
            label: frame.t(key),
            old: String::new(),
            new,
        })
        .collect())
}
