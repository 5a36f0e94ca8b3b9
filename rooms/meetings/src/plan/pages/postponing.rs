//! Putting a called meeting off: a new day and hour, the old one kept, everyone asked anew.

use crate::access::{self, CanChair};
use crate::plan::reach::{self, Reach};
use crate::plan::{LONGEST_TEXT, doubt, store};
use crate::state::{Facts, State as Stands, go};
use crate::words;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::error::Result;
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    date: String,
    time: String,
    reason: String,
    /// The doubts that were seen and waved through.
    sure: Vec<String>,
}

/// A day that was typed elsewhere.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Ask {
    date: String,
    time: String,
}

#[derive(Template)]
#[template(path = "meetings/postponing.html")]
struct Page {
    frame: Frame,
    form: FormState,
    meeting: crate::store::Meeting,
    long_day: String,
    asked: doubt::Asked,
    reach: Reach,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<CanChair> {
    let may = access::find(site, who, id).await?.into_chair()?;
    may.must_be_open()?;
    go(
        may.meeting.state,
        Stands::Called,
        &Facts {
            is_ahead: true,
            is_other_date: true,
            has_place: true,
            items: 1,
            ..Facts::default()
        },
    )?;
    if may.meeting.state == Stands::Draft {
        return Err(may.refuse("meetings-refused-step"));
    }
    Ok(may)
}

async fn draw(site: &Site, frame: &Frame, who: &Member, may: &CanChair, form: FormState) -> Answer {
    let meeting = may.meeting.clone();
    let reach = reach::of_invited(site, frame, who, (&meeting, "meetings.moved")).await?;
    let long_day = frame.long_day(&meeting.starts().day());
    let asked = doubt::Asked::of(frame, &form);
    frame.html_status(
        form.status(),
        &Page {
            frame: frame.clone(),
            form,
            meeting,
            long_day,
            asked,
            reach,
        },
    )
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(ask): Query<Ask>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let time = match ask.time.is_empty() {
        true => may.meeting.starts().clock_text(),
        false => ask.time,
    };
    let form = FormState::new().with("date", ask.date).with("time", time);
    draw(&site, &frame, &who, &may, form).await
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
    let fields = form.value;
    let mut state = FormState::typed(form.pairs);
    let (day, time) = (
        web::read_day_ahead(&fields.date, frame.today()),
        vietnamese::read_time(&fields.time),
    );
    let to = day
        .zip(time)
        .map(|(day, (hour, minute))| day.at(hour, minute));
    let (me, back) = (&who.actor.member, format!("/meetings/{}", meeting.id));
    if let Some(to) = to.filter(|to| *to == meeting.starts())
        && store::is_moved_by(&site.db, &meeting.id, to, fields.reason.trim(), me).await?
    {
        return Ok(see_other(back).into_response());
    }
    match to {
        _ if day.is_none() => {
            let trouble = web::day_trouble(&fields.date, "meetings-plan-date-missing");
            state.fail("date", trouble);
        }
        None => state.fail("time", "meetings-plan-time-missing"),
        Some(to) if to <= site.clock.now() => state.fail(
            "date",
            frame.t1("meetings-plan-date-past", "day", &to.day().vn()),
        ),
        Some(to) if to == meeting.starts() => state.fail("date", "meetings-refused-same-date"),
        Some(_) => {}
    }
    let reason = fields.reason.trim();
    if reason.chars().count() > LONGEST_TEXT {
        state.fail(
            "reason",
            frame.t1("meetings-plan-too-long", "n", LONGEST_TEXT as i64),
        );
    }
    if let Some(to) = to.filter(|_| state.is_good()) {
        let (own, of) = (Some(&meeting.id), (meeting.kind, to));
        let doubts = doubt::find(&site, &frame, &meeting.unit_id, own, of).await?;
        doubt::ask(doubts, &fields.sure, &mut state);
    }
    let Some(to) = to.filter(|_| state.is_good()) else {
        return draw(&site, &frame, &who, &may, state).await;
    };
    let title = words::moved_title(&site, meeting, to.day());
    let mut act = may.begin(&site, &frame, "meeting.postpone").await?;
    let by = &who.actor.member;
    if !store::postpone(&mut act, meeting, (to, &title), reason, by).await? {
        act.leave().await?;
        if store::is_moved_by(&site.db, &meeting.id, to, reason, me).await? {
            return Ok(see_other(back).into_response());
        }
        return Err(crate::store::changed(&meeting.id).into());
    }
    act.line()
        .reason(reason)
        .diff(&serde_json::json!({ "starts_at": [meeting.starts_at, to.0] }));
    crate::told::moved(&mut act, meeting, to, reason).await?;
    act.end().await?;
    let reach = reach::of_invited(&site, &frame, &who, (meeting, "meetings.moved")).await?;
    Ok(see_other(format!("/meetings/{}", meeting.id))
        .flash("meetings-done")
        .arg("said", &reach.after(&frame, "meetings-postponed-done"))
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{HOA, LAN, MINH};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_postponed_meeting_keeps_its_old_day_and_asks_anew() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            app.as_(HOA)
                .post(&format!("/meetings/{id}/answer"), &[("answer", "yes")])
                .await
                .expects(303);
            let path = format!("/meetings/{id}/postponing");
            app.as_(MINH)
                .post(&path, &[("date", "2026-11-30"), ("time", "20:00")])
                .await
                .expects(404);
            app.as_(LAN)
                .post(&path, &[("date", "2026-11-20"), ("time", "20:00")])
                .await
                .expects(422);
            app.as_(LAN)
                .post(&path, &[("date", "2026-11-27"), ("time", "19:30")])
                .await
                .expects(422);
            // Before and after, the same is said of who hears of it: here nobody has an address.
            let nobody = "Không có tin nào";
            let page = app.as_(LAN).get(&path).await.expects(200);
            let told = page.text("main");
            assert!(told.contains(nobody) && told.contains("2 người phải báo trực tiếp"));
            assert!(told.contains("Lương Thị Hoa"), "{told}");
            let moved = [
                ("date", "30/11/2026"),
                ("time", "20h"),
                ("reason", "Mất điện"),
            ];
            let reply = app.as_(LAN).post(&path, &moved).await.expects(303);
            let said = reply.header("set-cookie");
            // "Không có tin nào", as a cookie holds it; nowhere "báo cho chi bộ".
            assert!(said.contains("%20tin%20n%C3%A0o"), "{said}");
            assert!(!said.contains("cho%20chi"), "{said}");
            let page = app
                .as_(HOA)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            let when = page.text(".when");
            assert!(
                when.contains("30/11/2026") && when.contains("27/11/2026"),
                "{when}"
            );
            assert!(
                !page.has("input[name=answer][checked]"),
                "the answer was for the other day"
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_need_not_come_is_named_apart_and_not_among_those_to_be_told() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            app.is_exempt(MINH, true).await;
            let path = format!("/meetings/{id}/postponing");
            let page = app.as_(LAN).get(&path).await.expects(200);
            let told = page.text("main");
            for words in [
                "3 người: 2 được mời, 1 miễn",
                "1 người phải báo trực tiếp, không kể đồng chí",
            ] {
                assert!(told.contains(words), "{words} is not in {told}");
            }
            let free = page.text("#free");
            assert!(
                free.contains("Minh") && free.contains("miễn sinh hoạt"),
                "{free}"
            );
            assert!(!page.text("details.fold ul").contains("Minh"));
        })
        .await;
    }
}
