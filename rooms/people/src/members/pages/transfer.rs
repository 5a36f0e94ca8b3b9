//! A transfer on its way, for either side: taken up with a day, sent back with a reason, taken back; a stay for a
//! time ended earlier or prolonged.
//!
//! The rules are in `members::moving`. What the other side may see of the member before they belong there is the
//! name, where they come from, and the paper.

use crate::bodies::{self, Body};
use crate::members::moving::{self, Seen, State as Stands};
use crate::page::{either, whole_day};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::Day;
use kernel::error::Error;
use site::{May as _, Site};
use web::{Answer, FieldTrouble, Form, FormState, Frame, Member, Nothing, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    on: String,
    reason: String,
    until_on: String,
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Late {
    late_reason: String,
}

#[derive(Template)]
#[template(path = "people/transfer.html")]
struct Page {
    frame: Frame,
    form: FormState,
    seen: Seen,
    state: String,
    kind: String,
    is_late: bool,
    /// Who takes it up instead, when the visitor prepared it.
    others: String,
    /// Whether a stay for a time is going on.
    is_staying: bool,
    /// What the rules say of its length, where it is out of the common.
    length: String,
    /// Where papers are brought to.
    desks: Vec<Body>,
}

async fn draw(site: &Site, frame: &Frame, who: &Member, seen: Seen, form: FormState) -> Answer {
    let today = frame.today();
    let others = match seen.receives {
        Some(_) => moving::others(site, &who.actor, &seen.transfer).await?,
        None => Vec::new(),
    };
    let transfer = &seen.transfer;
    let state = transfer
        .state
        .known()
        .map_or("people-word-unread", Stands::text);
    let page = Page {
        length: moving::length(site, frame, transfer).await?,
        desks: bodies::of_unit(site, &transfer.to()).await?,
        state: frame.t(state),
        kind: frame.t(moving::word_of_kind(transfer.kind.word())),
        is_late: transfer.is_overdue(today),
        is_staying: transfer.state.is(Stands::Accepted)
            && transfer.until().is_some_and(|last| last >= today),
        others: either(frame, &others),
        frame: frame.clone(),
        form,
        seen,
    };
    frame.html_status(page.form.status(), &page)
}

fn filled(frame: &Frame, seen: &Seen) -> FormState {
    let until = seen.transfer.until();
    FormState::new()
        .with("on", frame.today().vn())
        .with("until_on", until.map_or_else(String::new, |day| day.vn()))
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let seen = moving::see(&site, &who.actor, &id).await?;
    let form = filled(&frame, &seen);
    draw(&site, &frame, &who, seen, form).await
}

pub(crate) async fn post_acceptance(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let seen = moving::see(&site, &who.actor, &id).await?;
    let proof = seen.receives.clone().ok_or(Error::NotFound)?;
    let mut state = FormState::typed(form.pairs);
    let others = moving::others(&site, &who.actor, &seen.transfer).await?;
    if !others.is_empty() {
        state.fail("on", "people-moving-refused-own");
    }
    let (first, last) = moving::days(&site, &seen.transfer).await?;
    let on: Option<Day> =
        whole_day(&form.value.on, frame.today()).filter(|day| *day >= first && *day <= last);
    if on.is_none() && seen.transfer.is_waiting() {
        state.fail(
            "on",
            FieldTrouble::of("people-leaving-on-odd").arg("first", first.vn()),
        );
    }
    // One that has ended is told as such, whatever was typed.
    let on = on.unwrap_or(last);
    if !state.is_good() {
        return draw(&site, &frame, &who, seen, state).await;
    }
    let mut act = proof.begin(&site, &frame, "transfer.accept").await?;
    let done = moving::accept(&mut act, &id, on).await?;
    act.line()
        .about(&done.member_id)
        .diff(&serde_json::json!({ "on": on, "from": done.from().id, "to": done.to().id }));
    act.end().await?;
    Ok(see_other(format!("/units/{}", done.to().id))
        .flash("people-moving-accepted-done")
        .arg("name", &done.name)
        .into_response())
}

fn reason(form: &Typed, state: &mut FormState, key: &'static str) -> String {
    let reason = form.reason.trim().to_owned();
    state.fit("reason", 300);
    if reason.is_empty() {
        state.fail("reason", key);
    }
    reason
}

pub(crate) async fn post_refusal(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let seen = moving::see(&site, &who.actor, &id).await?;
    let proof = seen.receives.clone().ok_or(Error::NotFound)?;
    let mut state = FormState::typed(form.pairs);
    let reason = reason(&form.value, &mut state, "people-moving-reason-missing");
    if !state.is_good() {
        return draw(&site, &frame, &who, seen, state).await;
    }
    let mut act = proof.begin(&site, &frame, "transfer.return").await?;
    moving::end(&mut act, &seen.transfer, Stands::Returned, &reason).await?;
    act.line().about(&seen.transfer.member_id).reason(reason);
    act.end().await?;
    Ok(see_other(format!("/transfers/{id}"))
        .flash("people-moving-returned-done")
        .into_response())
}

/// Why it is late: either side says it, the last word stands.
pub(crate) async fn post_lateness(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Late>,
) -> Answer {
    let seen = moving::see(&site, &who.actor, &id).await?;
    let mut state = FormState::typed(form.pairs);
    let reason = form.value.late_reason.trim().to_owned();
    state.fit("late_reason", 300);
    if reason.is_empty() {
        state.fail("late_reason", "people-transfers-late-missing");
    }
    if !state.is_good() {
        return draw(&site, &frame, &who, seen, state).await;
    }
    match (seen.sends.clone(), seen.receives.clone()) {
        (Some(proof), _) => {
            let mut act = proof.begin(&site, &frame, "transfer.explain").await?;
            moving::explain(&mut act, &seen.transfer, &reason).await?;
            act.line().object("transfer", &id).reason(reason);
            act.line().about(&seen.transfer.member_id);
            act.end().await?;
        }
        (None, Some(proof)) => {
            let mut act = proof.begin(&site, &frame, "transfer.explain").await?;
            moving::explain(&mut act, &seen.transfer, &reason).await?;
            act.line().about(&seen.transfer.member_id).reason(reason);
            act.end().await?;
        }
        (None, None) => return Err(Error::NotFound.into()),
    }
    Ok(see_other(format!("/transfers/{id}"))
        .flash("people-transfers-late-done")
        .into_response())
}

pub(crate) async fn post_cancellation(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let seen = moving::see(&site, &who.actor, &id).await?;
    let proof = seen.sends.clone().ok_or(Error::NotFound)?;
    let mut act = proof.begin(&site, &frame, "transfer.cancel").await?;
    moving::end(&mut act, &seen.transfer, Stands::Cancelled, "").await?;
    act.line()
        .about(&seen.transfer.member_id)
        .object("transfer", &id);
    act.end().await?;
    Ok(see_other(format!("/members/{}", seen.transfer.member_id))
        .flash("people-moving-cancelled-done")
        .into_response())
}

/// Another last day of a stay for a time: from today on, at most two years.
pub(crate) async fn post_term(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let seen = moving::see(&site, &who.actor, &id).await?;
    let proof = seen.sends.clone().ok_or(Error::NotFound)?;
    let mut state = FormState::typed(form.pairs);
    let today = frame.today();
    let last = whole_day(&form.value.until_on, today)
        .filter(|day| *day >= today && *day <= today.plus_days(731));
    let Some(last) = last else {
        state.fail("until_on", "people-moving-term-odd");
        return draw(&site, &frame, &who, seen, state).await;
    };
    let mut act = proof.begin(&site, &frame, "transfer.term").await?;
    moving::set_last_day(&mut act, &seen.transfer, last).await?;
    act.line()
        .about(&seen.transfer.member_id)
        .object("transfer", &id)
        .diff(&serde_json::json!({ "until_on": [seen.transfer.until_on, last] }));
    act.end().await?;
    Ok(see_other(format!("/transfers/{id}"))
        .flash("people-moving-term-done")
        .arg("day", &last.vn())
        .into_response())
}
