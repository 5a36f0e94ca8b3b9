//! Taking back that somebody died or left: the wrong person was meant. A second person agrees where there is one.
//!
//! The rules are in `members::leaving`. Posts are not given back by it: the page lists them, to be given anew.

use crate::members::admitting;
use crate::members::deciding;
use crate::members::leaving::Ended;
use crate::members::returning::{self, Back};
use crate::members::store::leaving::Gone;
use crate::page::{member_id, second};
use crate::{access::CanDraft, unit};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::Result;
use site::four_eyes::Seconds;
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    reason: String,
    row_version: i64,
}

#[derive(Template)]
#[template(path = "people/member_leaving_back.html")]
struct Page {
    frame: Frame,
    form: FormState,
    gone: Gone,
    how: String,
    was: String,
    posts: Vec<(String, String, String)>,
    seconds: String,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<(Gone, CanDraft, Seconds)> {
    let id = member_id(id)?;
    let (gone, may) = returning::gone_of(site, &who.actor, &id).await?;
    let seconds = admitting::waits_for(site, &gone.path, &who.actor.member, &[&id]).await?;
    Ok((gone, may, seconds))
}

async fn draw(
    site: &Site,
    frame: &Frame,
    (gone, seconds): (Gone, Seconds),
    form: FormState,
) -> Answer {
    let mut posts = Vec::new();
    for was in Ended::read(&gone)?.posts {
        let there = unit::get(site, &was.unit).await?.name;
        posts.push((was.title, there, was.unit.to_string()));
    }
    let how = gone.how.known().map(|how| frame.t(how.text()));
    let page = Page {
        how: how.unwrap_or_else(|| frame.t("people-word-unread")),
        was: frame.t(crate::words::status(&gone.was_status)),
        seconds: second(frame, &seconds),
        frame: frame.clone(),
        form,
        gone,
        posts,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (gone, _, seconds) = may(&site, &who, &id).await?;
    let form = FormState::new().with("row_version", gone.row_version.to_string());
    draw(&site, &frame, (gone, seconds), form).await
}

/// Letters of a reason.
const REASON: usize = 300;

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (gone, may, seconds) = may(&site, &who, &id).await?;
    let mut state = FormState::typed(form.pairs);
    let reason = form.value.reason.trim().to_owned();
    state.fit("reason", REASON);
    if reason.is_empty() {
        state.fail("reason", "people-leaving-back-reason-missing");
    }
    if !state.is_good() {
        return draw(&site, &frame, (gone, seconds), state).await;
    }
    let wish = Back {
        id: gone.id.clone(),
        member: gone.member_id.clone(),
        unit: gone.unit_id.clone(),
        reason,
        row_version: form.value.row_version,
        by: who.actor.member.clone(),
    };
    if !seconds.is_empty() {
        let title = frame.t1("people-leaving-back-line", "name", &gone.name);
        let mut act = may.begin(&site, &frame, "member.prepare").await?;
        deciding::prepare(&mut act, &wish, title, wish.row_version).await?;
        act.line().about(&gone.member_id).reason(wish.reason);
        act.end().await?;
        return Ok(see_other(format!("/units/{}", gone.unit_id))
            .flash("people-leaving-back-waits")
            .arg("names", &second(&frame, &seconds))
            .into_response());
    }
    let mut act = may.begin(&site, &frame, "member.return").await?;
    returning::take_back(&mut act, &wish).await?;
    act.line().about(&gone.member_id).reason(wish.reason);
    act.end().await?;
    Ok(see_other(format!("/members/{}", gone.member_id))
        .flash("people-leaving-back-done")
        .arg("name", &gone.name)
        .into_response())
}
