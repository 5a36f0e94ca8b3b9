//! Saying that two records are two people, and taking that back.
//!
//! Not here: where they are listed (`duplicates`).

use crate::merging::{same, store};
use crate::page::{member_id, unit_id};
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::Result;
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct From {
    /// The unit whose list was read; empty: the member's page.
    unit: String,
}

impl From {
    fn back(&self, member: &str) -> Result<String> {
        Ok(match self.unit.as_str() {
            "" => format!("/members/{}", member_id(member)?),
            unit => format!("/units/{}/duplicates", unit_id(unit)?),
        })
    }
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path((id, other)): Path<(String, String)>,
    form: Form<From>,
) -> Answer {
    let (one, other) = (member_id(&id)?, member_id(&other)?);
    let back = form.value.back(&id)?;
    let two = same::two(&site, &who.actor, &one, &other).await?;
    let mut act = two.may.begin(&site, &frame, "member.distinct").await?;
    store::say_distinct(&mut act, &one, &other).await?;
    act.line().about(&one).object("member", &other);
    act.end().await?;
    Ok(see_other(back)
        .flash("people-distinct-done")
        .into_response())
}

pub(crate) async fn post_withdrawal(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path((id, other)): Path<(String, String)>,
    form: Form<From>,
) -> Answer {
    let (one, other) = (member_id(&id)?, member_id(&other)?);
    let back = form.value.back(&id)?;
    let two = same::two(&site, &who.actor, &one, &other).await?;
    let mut act = two
        .may
        .begin(&site, &frame, "member.distinct_withdraw")
        .await?;
    if store::take_back(&mut act, &one, &other).await? {
        act.line().about(&one).object("member", &other);
        act.end().await?;
    } else {
        act.leave().await?; // somebody was faster: it is as they wish
    }
    Ok(see_other(back)
        .flash("people-distinct-back")
        .into_response())
}
