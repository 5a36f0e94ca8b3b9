//! Calling a meeting off, with a reason that its members read.

use crate::access::{self, CanChair};
use crate::plan::reach::{self, Reach};
use crate::plan::{LONGEST_TEXT, store};
use crate::state::{Facts, State as Stands, go};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::Result;
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    reason: String,
}

#[derive(Template)]
#[template(path = "meetings/cancelling.html")]
struct Page {
    frame: Frame,
    form: FormState,
    meeting: crate::store::Meeting,
    long_day: String,
    reach: Reach,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<CanChair> {
    let may = access::find(site, who, id).await?.into_chair()?;
    may.must_be_open()?;
    Ok(may)
}

async fn draw(site: &Site, frame: &Frame, who: &Member, may: &CanChair, form: FormState) -> Answer {
    let meeting = may.meeting.clone();
    let reach = reach::of_invited(site, frame, who, (&meeting, "meetings.cancelled")).await?;
    let long_day = frame.long_day(&meeting.starts().day());
    frame.html_status(
        form.status(),
        &Page {
            frame: frame.clone(),
            form,
            meeting,
            long_day,
            reach,
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
    go(
        may.meeting.state,
        Stands::Cancelled,
        &Facts {
            has_reason: true,
            ..Facts::default()
        },
    )?;
    draw(&site, &frame, &who, &may, FormState::new()).await
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Answer {
    let may = access::find(&site, &who, &id).await?.into_chair()?;
    let meeting = &may.meeting.clone();
    let done = |text: &str| {
        see_other(format!("/meetings/{}", meeting.id))
            .flash("meetings-done")
            .arg("said", text)
            .into_response()
    };
    // The same reason is the same press.
    let is_said = |held: &crate::store::Meeting, reason: &str| {
        held.state == Stands::Cancelled && held.cancel_reason == reason.trim()
    };
    if is_said(meeting, &form.value.reason) {
        return Ok(done(&frame.t("meetings-cancelled-again")));
    }
    may.must_be_open()?;
    go(
        meeting.state,
        Stands::Cancelled,
        &Facts {
            has_reason: true,
            ..Facts::default()
        },
    )?;
    let reason = form.value.reason.trim().to_owned();
    let mut state = FormState::typed(form.pairs);
    if reason.is_empty() {
        state.fail("reason", "meetings-cancel-reason-missing");
    } else if reason.chars().count() > LONGEST_TEXT {
        state.fail(
            "reason",
            frame.t1("meetings-plan-too-long", "n", LONGEST_TEXT as i64),
        );
    }
    if !state.is_good() {
        return draw(&site, &frame, &who, &may, state).await;
    }
    let mut act = may.begin(&site, &frame, "meeting.cancel").await?;
    if !store::cancel(&mut act, &meeting.id, meeting.state, &reason).await? {
        act.leave().await?;
        let now = crate::store::get_meeting(&site.db, &meeting.id).await?;
        if is_said(&now, &reason) {
            return Ok(done(&frame.t("meetings-cancelled-again")));
        }
        return Err(crate::store::changed(&meeting.id).into());
    }
    act.line().reason(&reason);
    crate::told::cancelled(&mut act, meeting, &reason).await?;
    act.end().await?;
    let reach = reach::of_invited(&site, &frame, &who, (meeting, "meetings.cancelled")).await?;
    Ok(done(&reach.after(&frame, "meetings-cancelled-done")))
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{HOA, LAN, MINH, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_meeting_is_called_off_with_a_reason_that_members_read() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}/cancelling");
            for who in [HOA, TUAN, MINH] {
                app.as_(who).get(&path).await.expects(404);
                app.as_(who)
                    .post(&path, &[("reason", "Bão")])
                    .await
                    .expects(404);
            }
            app.as_(LAN).get(&path).await.expects(200);
            app.as_(LAN)
                .post(&path, &[("reason", "  ")])
                .await
                .expects(422);
            app.as_(LAN)
                .post_forged(&path, &[("reason", "Bão")])
                .await
                .expects(403);
            app.as_(LAN)
                .post(&path, &[("reason", "Bão số 9")])
                .await
                .expects(303);
            assert!(
                app.as_(HOA)
                    .get(&format!("/meetings/{id}"))
                    .await
                    .expects(200)
                    .body()
                    .contains("Bão số 9")
            );
            for act in ["cancelling", "calling", "opening", "answer", "postponing"] {
                app.as_(LAN)
                    .post(&format!("/meetings/{id}/{act}"), &[("reason", "x")])
                    .await
                    .expects(409);
            }
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_act_that_is_pressed_twice_lands_where_it_did() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let to = |act: &str| format!("/meetings/{id}/{act}");
            let moved = [("date", "2026-11-30"), ("time", "20:00"), ("reason", "Bão")];
            let off = [("reason", "Bão to")];
            for (act, form) in [
                ("postponing", moved.as_slice()),
                ("cancelling", off.as_slice()),
            ] {
                let lan = app.as_(LAN);
                let path = to(act);
                let (one, two) = tokio::join!(lan.post(&path, form), lan.post(&path, form));
                assert_eq!(one.expects(303).location(), two.expects(303).location());
                lan.post(&path, form).await.expects(303);
            }
            for table in [
                "meetings_postponement",
                "meetings_meeting where state = 'cancelled'",
            ] {
                let count = format!("select count(*) from {table}");
                assert_eq!(app.count(count.leak()).await, 1, "{table}");
            }
            app.as_(LAN)
                .post(&to("cancelling"), &[("reason", "Lý do khác")])
                .await
                .expects(409);
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let noon = "2026-11-27".parse::<kernel::Day>().unwrap().at(12, 0);
            app.site.clock.set(noon);
            let path = format!("/meetings/{id}/opening");
            for act in ["early", "back"] {
                let (lan, form) = (app.as_(LAN), [("do", act)]);
                let (one, two) = tokio::join!(lan.post(&path, &form), lan.post(&path, &form));
                assert_eq!(one.expects(303).location(), two.expects(303).location());
            }
        })
        .await;
    }
}
