//! Putting right since when somebody belongs to their unit: the day, and why.
//!
//! The rules are in `members::beginning`. For whoever says there that a member leaves. The rule that surprises: the form
//! says which day it was made of; where somebody else put it right meanwhile, it is asked again.

use super::sent::{self, NOTE, line};
use crate::access::CanDraft;
use crate::members::beginning;
use crate::members::store::beginning::Begun;
use crate::page::whole_day;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::MemberId;
use kernel::error::{Error, Result};
use site::{May as _, Site};
use web::{Answer, FieldTrouble, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    on: String,
    reason: String,
    /// The day that the form was made of.
    was: String,
}

#[derive(Template)]
#[template(path = "people/member_beginning.html")]
struct Page {
    frame: Frame,
    form: FormState,
    id: MemberId,
    name: String,
    begun: Begun,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<(sent::May, Begun)> {
    let may = sent::may(site, who, id).await?;
    let begun = beginning::find(site, &may.id).await?;
    let begun = begun.filter(|begun| !may.is_gone && begun.unit_id == may.home.id);
    Ok((may, begun.ok_or(Error::NotFound)?))
}

fn draw(frame: &Frame, may: sent::May, begun: Begun, form: FormState) -> Answer {
    let page = Page {
        frame: frame.clone(),
        id: may.id,
        name: may.name,
        begun,
        form,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (may, begun) = may(&site, &who, &id).await?;
    let form = FormState::new().with("on", begun.from_on.vn());
    draw(&frame, may, begun, form)
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (may, begun) = may(&site, &who, &id).await?;
    let mut state = FormState::typed(form.pairs);
    let (first, today) = (begun.first(), frame.today());
    let on = whole_day(&form.value.on, today).filter(|day| *day >= first && *day <= today);
    let on = on.filter(|day| crate::day::too_early("from_on", &day.to_string()).is_none());
    if form.value.was != begun.from_on.to_string() {
        let trouble = FieldTrouble::of("people-beginning-changed");
        state.fail("on", trouble.arg("day", begun.from_on.vn()));
    } else if on.is_none() {
        let trouble = FieldTrouble::of("people-leaving-on-odd");
        state.fail("on", trouble.arg("first", first.vn()));
    }
    state.fit("reason", NOTE);
    let reason = line(&form.value.reason);
    if reason.is_empty() {
        state.fail("reason", "people-beginning-reason-missing");
    }
    let (Some(on), true) = (on, state.is_good()) else {
        return draw(&frame, may, begun, state);
    };
    let proof = CanDraft::of_member(&who.actor, &may.home, &may.id, today)?;
    let mut act = proof.begin(&site, &frame, "placement.begin").await?;
    if !beginning::set_first_day(&mut act, &may.id, on, &reason).await? {
        act.leave().await?;
        let trouble = FieldTrouble::of("people-leaving-on-odd");
        state.fail("on", trouble.arg("first", first.vn()));
        return draw(&frame, may, begun, state);
    }
    act.line()
        .about(&may.id)
        .reason(&reason)
        .diff(&serde_json::json!({ "from_on": [begun.from_on, on] }));
    act.end().await?;
    Ok(see_other(format!("/members/{}", may.id))
        .flash("people-beginning-done")
        .arg("day", &on.vn())
        .into_response())
}
