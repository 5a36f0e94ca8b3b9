//! Taking two records apart again: what returns, what stays as it was changed since, and the second person.
//!
//! Not here: doing it (`separating`).

use crate::access::CanMerge;
use crate::merging::joining::{self, Was};
use crate::merging::separating::{self, Separation};
use crate::page::{either, member_id};
use crate::sight::Level;
use crate::{member, merging::store};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Refusal, Result};
use kernel::{MemberId, Moment, UnitRef};
use site::room::FieldChange;
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(Template)]
#[template(path = "people/separation.html")]
struct Page {
    frame: Frame,
    form: FormState,
    id: String,
    alias: String,
    name: String,
    on: String,
    lines: Vec<FieldChange>,
    seconds: String,
    bar: String,
}

struct Found {
    alias: store::Alias,
    was: Was,
    over: UnitRef,
    may: CanMerge,
}

async fn find(site: &Site, who: &Member, id: &MemberId, alias: &str) -> Result<Found> {
    let today = site.clock.today();
    let old = store::find_alias(&site.db, alias).await?;
    let old = old
        .filter(|one| one.member_id == *id)
        .ok_or(Error::NotFound)?;
    let over = joining::over(site, id, &old.old_id, &[]).await?;
    let over = over.ok_or(Error::NotFound)?;
    CanMerge::of(&who.actor, &over, id, today)?;
    let (alias, was) = separating::find(site, id, alias).await?;
    // Where they go back to is asked as well.
    let over = joining::over(site, id, &old.old_id, &was.closed).await?;
    let over = over.ok_or(Error::NotFound)?;
    let may = CanMerge::of(&who.actor, &over, id, today)?;
    Ok(Found {
        alias,
        was,
        over,
        may,
    })
}

async fn draw(site: &Site, frame: &Frame, who: &Member, found: Found, form: FormState) -> Answer {
    let Found {
        alias, was, over, ..
    } = found;
    let (kept, old, me) = (&was.kept, &was.old, &who.actor.member);
    site::look(
        site,
        &who.actor,
        &[kept.clone(), old.clone()],
        Level::V2,
        "",
    )
    .await?;
    let seconds = joining::seconds(site, &over.path, (kept, old, me)).await?;
    let may = joining::may_change(site, &who.actor, [kept, old]).await?;
    let bar = match (may, seconds.is_empty()) {
        (false, _) => frame.t("people-merge-bar-identity"),
        (true, true) => frame.t("people-merge-bar-alone"),
        (true, false) => String::new(),
    };
    let page = Page {
        frame: frame.clone(),
        form,
        id: kept.to_string(),
        name: member::name(site, kept).await?,
        on: Moment(alias.merged_at).day().vn(),
        lines: separating::said(site, frame, &was).await?,
        alias: alias.id,
        seconds: either(frame, &seconds),
        bar,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path((id, alias)): Path<(String, String)>,
) -> Answer {
    let found = find(&site, &who, &member_id(&id)?, &alias).await?;
    draw(&site, &frame, &who, found, FormState::new()).await
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    reason: String,
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path((id, alias)): Path<(String, String)>,
    form: Form<Typed>,
) -> Answer {
    let found = find(&site, &who, &member_id(&id)?, &alias).await?;
    let mut state = FormState::typed(form.pairs);
    let reason = form.value.reason.trim().to_owned();
    state.fit("reason", 300);
    if reason.is_empty() {
        state.fail("reason", "people-separate-reason-missing");
    }
    if !state.is_good() {
        return draw(&site, &frame, &who, found, state).await;
    }
    let me = who.actor.member.clone();
    let (kept, old) = (found.was.kept.clone(), found.was.old.clone());
    let refused = |key| Refusal::new(key).way_out(format!("/members/{kept}"), "people-merge-look");
    if !joining::may_change(&site, &who.actor, [&kept, &old]).await? {
        return Err(refused("people-merge-bar-identity").into());
    }
    let seconds = joining::seconds(&site, &found.over.path, (&kept, &old, &me)).await?;
    if seconds.is_empty() {
        return Err(refused("people-merge-bar-alone").into());
    }
    let name = member::name(&site, &kept).await?;
    let title = frame.t1("people-separate-line", "name", name.as_str());
    let wish = Separation {
        alias: found.alias.id,
        kept: kept.clone(),
        old,
        reason,
        over: found.over.id,
        by: me,
    };
    let mut act = found
        .may
        .begin(&site, &frame, "member.separate_prepare")
        .await?;
    separating::prepare(&mut act, &wish, title).await?;
    act.line()
        .about(&wish.kept)
        .object("member", &wish.old)
        .reason(wish.reason.clone());
    act.end().await?;
    Ok(see_other("/approvals")
        .flash("people-separate-waits")
        .arg("names", &either(&frame, &seconds))
        .into_response())
}
