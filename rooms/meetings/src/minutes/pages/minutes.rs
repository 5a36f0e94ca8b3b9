//! Writing the minutes: filled from recorded facts, kept as revisions that are only ever added.
//!
//! A save without a change adds nothing; a save on an older revision is refused with everything
//! typed still in the box. Not here: circulation and signing (their own issue).

use crate::access::{self, CanWrite};
use crate::minutes;
use crate::minutes::store::{self, Revision};
use askama::Template;
use axum::extract::{Path, Query, State};
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
    /// Lines that would be written from what is recorded now and that the saved minutes do not have.
    missing: Vec<String>,
    /// Whether the saved minutes are older than the end of the meeting.
    is_before_end: bool,
}

/// Lines of one text that stand in the other nowhere.
fn missing(recorded: &str, body: &str) -> Vec<String> {
    let plain = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let held: std::collections::HashSet<String> = body.lines().map(plain).collect();
    let lines = recorded.lines().map(plain);
    lines
        .filter(|line| !line.is_empty() && !held.contains(line))
        .collect()
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<CanWrite> {
    let may = access::find(site, who, id).await?.into_write()?;
    may.must_be_writable()?;
    Ok(may)
}

async fn draw(
    site: &Site,
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
    // Minutes follow what is recorded after they were first saved: it is shown, never silently left out.
    let missing = match latest {
        Some(_) => missing(&minutes::draft(site, &may.meeting).await?, &body),
        None => Vec::new(),
    };
    let ended = may.meeting.ended_at.unwrap_or(i64::MIN);
    frame.html_status(
        status,
        &Page {
            frame: frame.clone(),
            form,
            meeting: may.meeting.clone(),
            number,
            body,
            kept,
            missing,
            is_before_end: latest.is_some_and(|revision| revision.at < ended),
        },
    )
}

/// `?anew=1`: the text as it is recorded now, in the box and not yet saved.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    anew: String,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let latest = store::find_revision(&site.db, &may.meeting.id).await?;
    let body = match &latest {
        Some(revision) if asked.anew.is_empty() => revision.body.clone(),
        _ => minutes::draft(&site, &may.meeting).await?,
    };
    draw(
        &site,
        &frame,
        &may,
        StatusCode::OK,
        FormState::new(),
        latest.as_ref(),
        body,
    )
    .await
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
            &site,
            &frame,
            &may,
            StatusCode::UNPROCESSABLE_ENTITY,
            state,
            latest.as_ref(),
            body,
        )
        .await;
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
        let of = ("meeting", meeting.id.as_str());
        let saved = people::saved::last(&site, &frame, &who, of, &["minutes.write"]).await?;
        state.changed(&present, "number", &saved);
        return draw(
            &site,
            &frame,
            &may,
            StatusCode::CONFLICT,
            state,
            latest.as_ref(),
            body,
        )
        .await;
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
    async fn what_is_recorded_after_the_first_save_is_shown_and_can_be_composed_anew() {
        testkit::on_both(rooms, async |app| {
            let id = closed(&app).await;
            let path = format!("/meetings/{id}/minutes");
            let draft = app.as_(LAN).get(&path).await.expects(200);
            assert!(!draft.has("#missing"), "nothing is saved yet");
            app.later(4 * 3_600_000);
            let mut act = app.act().await;
            let meeting = crate::store::get_in(act.on(), &id.parse().unwrap())
                .await
                .unwrap();
            act.leave().await.unwrap();
            let text = crate::minutes::draft(&app.site, &meeting).await.unwrap();
            app.as_(LAN)
                .post(&path, &[("number", "0"), ("body", &text)])
                .await
                .expects(303);
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert!(!page.has("#missing"), "all of it stands there");
            let item = "update meetings_item set summary = 'Mái hiên dột' where position = \
                (select min(position) from meetings_item)";
            app.sets(item).await;
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert!(
                page.all("#missing li")
                    .iter()
                    .any(|line| line.contains("Mái hiên dột"))
            );
            assert!(
                !page.text("textarea").contains("Mái hiên dột"),
                "nobody's words change"
            );
            assert!(!page.has("#missing[data-is=warn]"));
            app.sets("update meetings_revision set at = at - 86400000")
                .await;
            let page = app.as_(LAN).get(&path).await.expects(200);
            assert!(
                page.has("#missing[data-is=warn] details[open]"),
                "saved before the end"
            );
            let anew = app
                .as_(LAN)
                .get(&format!("{path}?anew=1"))
                .await
                .expects(200);
            assert!(anew.text("textarea").contains("Mái hiên dột") && !anew.has("#missing"));
            assert_eq!(app.count("select count(*) from meetings_revision").await, 1);
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
