//! Writing the minutes: filled from recorded facts, kept as revisions that are only ever added.
//!
//! A save without a change adds nothing; a save on an older revision is refused with everything
//! typed still in the box. Not here: circulation and signing (their own issue).

use crate::access::{self, CanWrite};
use crate::minutes;
use crate::minutes::store::{self, Revision};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use kernel::Moment;
use kernel::error::Result;
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    number: i64,
    body: String,
}

/// Longest minutes, in characters.
const LONGEST: usize = 100_000;

#[derive(Template)]
#[template(path = "meetings/minutes.html")]
struct Page {
    frame: Frame,
    form: FormState,
    meeting: crate::store::Meeting,
    number: i64,
    body: String,
    kept: String,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<CanWrite> {
    let may = access::find(site, who, id).await?.into_write()?;
    may.must_be_writable()?;
    Ok(may)
}

fn draw(
    frame: &Frame,
    may: &CanWrite,
    status: StatusCode,
    form: FormState,
    latest: Option<&Revision>,
    body: String,
) -> Answer {
    let kept = latest.map_or_else(String::new, |revision| {
        let at = Moment(revision.at);
        frame.tn(
            "meetings-minutes-kept",
            &[
                ("n", revision.number.into()),
                ("name", (&revision.author).into()),
                ("day", (&at.day().vn()).into()),
                ("time", (&at.clock_text()).into()),
            ],
        )
    });
    let number = latest.map_or(0, |revision| revision.number);
    frame.html_status(
        status,
        &Page {
            frame: frame.clone(),
            form,
            meeting: may.meeting.clone(),
            number,
            body,
            kept,
        },
    )
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let latest = store::find_revision(&site.db, &may.meeting.id).await?;
    let body = match &latest {
        Some(revision) => revision.body.clone(),
        None => minutes::draft(&site, &may.meeting).await?,
    };
    draw(
        &frame,
        &may,
        StatusCode::OK,
        FormState::new(),
        latest.as_ref(),
        body,
    )
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let meeting = &may.meeting.clone();
    let body = minutes::settle(&form.value.body);
    let mut state = FormState::typed(form.pairs);
    if body.is_empty() {
        state.fail("body", "meetings-minutes-empty");
    } else if body.chars().count() > LONGEST {
        state.fail(
            "body",
            frame.t1("meetings-plan-too-long", "n", LONGEST as i64),
        );
    }
    if !state.is_good() {
        let latest = store::find_revision(&site.db, &meeting.id).await?;
        return draw(
            &frame,
            &may,
            StatusCode::UNPROCESSABLE_ENTITY,
            state,
            latest.as_ref(),
            body,
        );
    }
    let hash = minutes::hash(&body);
    let to = format!("/meetings/{}/minutes", meeting.id);
    let mut act = may.begin(&site, &frame, "minutes.write").await?;
    if !crate::store::hold(&mut act, &meeting.id, meeting.state).await? {
        return Err(crate::store::changed(&meeting.id).into());
    }
    let latest = store::find_revision_in(act.on(), &meeting.id).await?;
    if latest
        .as_ref()
        .is_some_and(|latest| latest.body_hash == hash)
    {
        return Ok(see_other(to).flash("meetings-minutes-same").into_response());
    }
    let number = latest.as_ref().map_or(0, |latest| latest.number);
    if number != form.value.number {
        let may = act.leave().await?;
        let theirs = latest.as_ref().map_or("", |latest| latest.body.as_str());
        let present = FormState::new()
            .with("body", theirs)
            .with("number", number.to_string());
        state.changed(&present, "number");
        return draw(
            &frame,
            &may,
            StatusCode::CONFLICT,
            state,
            latest.as_ref(),
            body,
        );
    }
    store::add_revision(
        &mut act,
        &meeting.id,
        number + 1,
        &body,
        &hash,
        &who.actor.member,
    )
    .await?;
    act.line()
        .diff(&serde_json::json!({ "revision": number + 1, "body_hash": hash }));
    act.end().await?;
    Ok(see_other(to).flash("meetings-minutes-done").into_response())
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_draft_holds_the_numbers_times_and_names() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let page = app
                .as_(LAN)
                .get(&format!("/meetings/{id}/minutes"))
                .await
                .expects(200);
            let text = page.text("textarea");
            for words in [
                "19 giờ 32",
                "21 giờ 06",
                "27/11/2026",
                "Tổng số: 3 người (3 chính thức).",
                "Danh sách 3 người: 2 có mặt, 1 vắng không lý do.",
                "Có mặt: 2 đồng chí (2 chính thức)",
                "Vắng không lý do: 1 (Lương Thị Hoa)",
                "Căn cứ biểu quyết 3: 3 đảng viên chính thức.",
                "Chủ trì: đồng chí Nguyễn Thị Lan",
                "1. Khai mạc",
            ] {
                assert!(text.contains(words), "{words} is not in {text}");
            }
            assert_eq!(
                app.count("select count(*) from meetings_revision").await,
                0,
                "looking writes nothing"
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn revisions_are_added_never_changed_and_an_unchanged_save_adds_none() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            app.as_(LAN)
                .post(&path, &[("number", "0"), ("body", "Biên bản một 🎉")])
                .await
                .expects(303);
            app.as_(LAN)
                .post(&path, &[("number", "0"), ("body", "Biên bản một 🎉  \r\n")])
                .await
                .expects(303);
            assert_eq!(app.count("select count(*) from meetings_revision").await, 1);
            let late = app
                .as_(MINH)
                .post(&path, &[("number", "0"), ("body", "Biên bản của Minh")])
                .await
                .expects(409);
            assert!(
                late.text("textarea").contains("của Minh"),
                "what was typed is kept"
            );
            assert_eq!(
                late.text("#t-body b"),
                "Biên bản một 🎉",
                "theirs beside it"
            );
            app.as_(MINH)
                .post(&path, &[("number", "1"), ("body", "Biên bản hai")])
                .await
                .expects(303);
            assert_eq!(app.count("select count(*) from meetings_revision").await, 2);
            app.as_(LAN)
                .post(&path, &[("number", "2"), ("body", " ")])
                .await
                .expects(422);
            let print = app
                .as_(LAN)
                .get(&format!("{path}/print"))
                .await
                .expects(200);
            assert!(print.text(".minutes").contains("Biên bản hai"));
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn drafts_of_minutes_stay_with_the_committee_and_the_named_clerk() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await; // the clerk is Minh
            let path = format!("/meetings/{id}/minutes");
            for who in [HOA, TUAN, THU, BINH] {
                app.as_(who).get(&path).await.expects(404);
                app.as_(who)
                    .get(&format!("{path}/print"))
                    .await
                    .expects(404);
                app.as_(who)
                    .post(&path, &[("body", "x")])
                    .await
                    .expects(404);
            }
            app.as_(LAN)
                .post_forged(&path, &[("body", "x")])
                .await
                .expects(403);
            let called = plans(
                &app,
                LAN,
                &[("date", "2026-12-25"), ("clerk", "hoa"), ("do", "call")],
            )
            .await;
            app.as_(HOA)
                .get(&format!("/meetings/{called}/minutes"))
                .await
                .expects(409);
            app.site
                .clock
                .set("2026-12-25".parse::<kernel::Day>().unwrap().at(19, 0));
            app.as_(LAN)
                .post(&format!("/meetings/{called}/opening"), &[])
                .await
                .expects(303);
            app.as_(HOA)
                .get(&format!("/meetings/{called}/minutes"))
                .await
                .expects(200);
            app.as_(HOA)
                .get(&format!("/meetings/{called}/attendance"))
                .await
                .expects(404);
        })
        .await;
    }
}
