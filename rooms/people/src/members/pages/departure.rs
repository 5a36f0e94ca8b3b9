//! A member on the way to a body of another house: arrived on a day, sent back or taken back, late and why; and by which
//! paper somebody came from there.
//!
//! The rules are in `members::outside`. For whoever writes records where the member belongs or belonged.

use crate::bodies::store::{self as bodies, Body};
use crate::members::moving::State as Stands;
use crate::members::outside;
use crate::members::store::outside::Outside;
use crate::page::whole_day;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::Day;
use site::{May as _, Site};
use web::{Answer, FieldTrouble, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    on: String,
    reason: String,
    late_reason: String,
}

#[derive(Template)]
#[template(path = "people/departure.html")]
struct Page {
    frame: Frame,
    form: FormState,
    one: Outside,
    state: String,
    is_late: bool,
    desk: Option<Body>,
}

impl Page {
    fn day(&self, text: &str) -> String {
        crate::member::vn(text)
    }
}

async fn draw(site: &Site, frame: &Frame, one: Outside, form: FormState) -> Answer {
    let state = match (one.way.as_str(), one.state.known()) {
        ("in", _) => "people-outside-came",
        (_, Some(Stands::Sent)) => "people-outside-sent",
        (_, Some(Stands::Accepted)) => "people-outside-arrived",
        (_, known) => known.map_or("people-word-unread", Stands::text),
    };
    let desk = match one.body_id.as_str() {
        "" => None,
        id => bodies::find(&site.db, id).await?,
    };
    let page = Page {
        state: frame.t(state),
        is_late: one.is_overdue(frame.today()),
        frame: frame.clone(),
        form,
        one,
        desk,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (one, _) = outside::see(&site, &who.actor, &id).await?;
    let form = FormState::new().with("on", frame.today().vn());
    draw(&site, &frame, one, form).await
}

pub(crate) async fn post_arrival(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (one, proof) = outside::see(&site, &who.actor, &id).await?;
    let mut state = FormState::typed(form.pairs);
    let (first, last) = outside::days(&site, &one).await?;
    let on: Option<Day> =
        whole_day(&form.value.on, frame.today()).filter(|day| *day >= first && *day <= last);
    if on.is_none() && one.is_waiting() {
        let odd = FieldTrouble::of("people-leaving-on-odd").arg("first", first.vn());
        state.fail("on", odd);
        return draw(&site, &frame, one, state).await;
    }
    let mut act = proof.begin(&site, &frame, "departure.arrive").await?;
    let done = outside::arrive(&mut act, &id, on.unwrap_or(last)).await?;
    act.line()
        .about(&done.member_id)
        .object("departure", &id)
        .diff(&serde_json::json!({ "on": on, "to": done.body_name }));
    act.end().await?;
    Ok(see_other(format!("/units/{}", done.unit_id))
        .flash("people-outside-arrived-done")
        .arg("name", &done.name)
        .into_response())
}

/// The other house sent them back; what it said stays.
pub(crate) async fn post_refusal(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (one, proof) = outside::see(&site, &who.actor, &id).await?;
    let mut state = FormState::typed(form.pairs);
    let reason = form.value.reason.trim().to_owned();
    state.fit("reason", 300);
    if reason.is_empty() {
        state.fail("reason", "people-outside-reason-missing");
    }
    if !state.is_good() {
        return draw(&site, &frame, one, state).await;
    }
    let mut act = proof.begin(&site, &frame, "departure.return").await?;
    outside::end(&mut act, &one, Stands::Returned, &reason).await?;
    act.line()
        .about(&one.member_id)
        .object("departure", &id)
        .reason(reason);
    act.end().await?;
    Ok(see_other(format!("/departures/{id}"))
        .flash("people-outside-back-done")
        .into_response())
}

pub(crate) async fn post_cancellation(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<web::Nothing>,
) -> Answer {
    let (one, proof) = outside::see(&site, &who.actor, &id).await?;
    let mut act = proof.begin(&site, &frame, "departure.cancel").await?;
    outside::end(&mut act, &one, Stands::Cancelled, "").await?;
    act.line().about(&one.member_id).object("departure", &id);
    act.end().await?;
    Ok(see_other(format!("/members/{}", one.member_id))
        .flash("people-moving-cancelled-done")
        .into_response())
}

/// Why it is late; the last word stands.
pub(crate) async fn post_lateness(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (one, proof) = outside::see(&site, &who.actor, &id).await?;
    let mut state = FormState::typed(form.pairs);
    let reason = form.value.late_reason.trim().to_owned();
    state.fit("late_reason", 300);
    if reason.is_empty() {
        state.fail("late_reason", "people-transfers-late-missing");
    }
    if !state.is_good() {
        return draw(&site, &frame, one, state).await;
    }
    let mut act = proof.begin(&site, &frame, "departure.explain").await?;
    outside::explain(&mut act, &one, &reason).await?;
    act.line()
        .about(&one.member_id)
        .object("departure", &id)
        .reason(reason);
    act.end().await?;
    Ok(see_other(format!("/departures/{id}"))
        .flash("people-transfers-late-done")
        .into_response())
}
