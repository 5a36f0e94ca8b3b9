//! Decisions on doubtful rows: one by one as shown on the page, or one answer for all that are alike.
//!
//! The rule that surprises: "for all" leaves alone what was decided already.

use super::changed;
use crate::access::sender;
use crate::store;
use crate::upload::{DOUBTFUL, PROPOSED, Stands};
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    /// `ANSWER CHOICES`: one answer for all rows with those choices.
    all: String,
    page: i64,
    /// The pile that is looked at.
    kind: String,
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Answer {
    let held = sender(&site, &who, &id).await?;
    let upload = held.upload.clone();
    if upload.state != Stands::Ready {
        return Err(changed(&upload.id).into());
    }
    let mut act = held.begin_unlogged(&site, &frame, "upload.decide").await?;
    // Held until the end, so that what is decided stands before it is written.
    let ready = [Stands::Ready];
    if !store::go(
        &mut act,
        &upload.id,
        &ready,
        Stands::Ready,
        None,
        &upload.job_id,
        "",
    )
    .await?
    {
        return Err(changed(&upload.id).into());
    }
    for (name, answer) in &form.pairs {
        if let Some(nth) = name.strip_prefix("row-").and_then(|nth| nth.parse().ok()) {
            store::decide(&mut act, nth, answer).await?;
        }
    }
    if let Some((answer, choices)) = form.value.all.split_once(' ') {
        let known = store::read_choices(choices).unwrap_or_default();
        if known.iter().any(|(word, _)| word == answer) {
            store::decide_all(&mut act, answer, choices).await?;
        }
    }
    act.end().await?;
    let page = form.value.page.max(1);
    let show = match form.value.kind.as_str() {
        PROPOSED => PROPOSED,
        _ => DOUBTFUL,
    };
    let to = format!("/uploads/{}?show={show}&page={page}#rows", upload.id);
    Ok(see_other(to).flash("uploads-decided").into_response())
}
