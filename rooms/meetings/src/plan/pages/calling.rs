//! Calling a meeting: from a draft to what every member of the unit sees and is asked about.
//!
//! Guards are `state`. Invites the roster of the meeting's day and publishes the papers.
//! A second press is not an error.

use super::plan_form;
use crate::access::{self, Calls};
use crate::id::MeetingId;
use crate::plan::reach::{self, Reach};
use crate::plan::{papers, store};
use crate::state::{Facts, State as Stands, go};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use kernel::{Day, UnitId};
use site::{Act, May as _, Site};
use web::{Answer, Form, Frame, Member, Nothing, see_other};

/// Those of the papers that the visitor may open: a forged id is left out.
pub(crate) async fn papers_in_reach(
    site: &Site,
    who: &Member,
    ids: &[String],
) -> Result<Vec<String>> {
    let found = papers::show(site, &who.0, web::Lang::Vi, ids).await?;
    Ok(found.into_iter().map(|paper| paper.word).collect())
}

/// Who is told: the roster of the day.
pub(crate) async fn invited(site: &Site, unit: &UnitId, on: Day) -> Result<Vec<String>> {
    Ok(plan_form::people(site, unit, on)
        .await?
        .into_iter()
        .map(|(id, _)| id)
        .collect())
}

/// Calls the draft, inside the caller's act. The caller has checked the guards.
///
/// # Errors
/// Refused when somebody was faster.
pub(crate) async fn call<P: Calls>(
    act: &mut Act<P>,
    id: &MeetingId,
    invited: &[String],
) -> Result<()> {
    if !crate::store::set_state(act, id, Stands::Draft, Stands::Called).await? {
        return Err(crate::store::changed(id));
    }
    let now = act.now();
    store::publish_papers(act, id, now).await?;
    for member in invited {
        store::invite(act, id, member, now).await?;
    }
    crate::told::called(act, id, invited).await?;
    act.tell("meeting.called", id);
    Ok(())
}

#[derive(Template)]
#[template(path = "meetings/calling.html")]
struct Page {
    frame: Frame,
    meeting: crate::store::Meeting,
    long_day: String,
    hour: String,
    reach: Reach,
}

/// Asks before everybody is told: who is, which way, and who has to be told by mouth.
pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let may = access::find(&site, &who, &id).await?.into_chair()?;
    let meeting = may.meeting.clone();
    if meeting.state != Stands::Draft {
        return Ok(see_other(format!("/meetings/{}", meeting.id)).into_response());
    }
    let starts = meeting.starts();
    let reach = reach::of_roster(&site, &frame, &who, (&meeting, "meetings.called")).await?;
    frame.html(&Page {
        long_day: frame.long_day(&starts.day()),
        hour: crate::words::hour(&frame, starts),
        reach,
        frame: frame.clone(),
        meeting,
    })
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let may = access::find(&site, &who, &id).await?.into_chair()?;
    let meeting = &may.meeting.clone();
    let back = format!("/meetings/{}", meeting.id);
    if meeting.state == Stands::Called {
        return Ok(see_other(back).into_response());
    }
    may.must_be_open()?;
    let facts = Facts {
        is_ahead: meeting.starts() > site.clock.now(),
        has_place: !meeting.place.trim().is_empty(),
        items: store::list_items(&site.db, &meeting.id).await?.len(),
        ..Facts::default()
    };
    go(meeting.state, Stands::Called, &facts)?;
    let invited = invited(&site, &meeting.unit_id, meeting.starts().day()).await?;
    let mut act = may.begin(&site, &frame, "meeting.call").await?;
    if let Err(error) = call(&mut act, &meeting.id, &invited).await {
        act.leave().await?;
        let is_done = matches!(error, Error::Refused(_))
            && crate::store::came_to(&site, &meeting.id, Stands::Called).await?;
        return match is_done {
            true => Ok(see_other(back).into_response()),
            false => Err(error.into()),
        };
    }
    act.end().await?;
    let reach = reach::of_invited(&site, &frame, &who, (meeting, "meetings.called")).await?;
    Ok(see_other(back)
        .flash("meetings-done")
        .arg("said", &reach.after(&frame, "meetings-called-done"))
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{HOA, LAN, MINH, THU, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn how_many_are_invited_is_said_the_same_before_and_after_and_adds_up_with_the_answers() {
        testkit::on_both(rooms, async |app| {
            app.is_exempt(HOA, true).await;
            let id = plans(&app, LAN, &[("do", "save")]).await;
            let calling = format!("/meetings/{id}/calling");
            let whole = "3 người: 2 được mời, 1 miễn.";
            let page = app.as_(LAN).get(&calling).await.expects(200);
            let lead = page.text(".lead");
            assert!(lead.contains("19 giờ 30 phút, Nhà văn hóa"), "{lead}");
            assert!(page.text("main").contains(whole), "{}", page.text("main"));
            app.as_(LAN).post(&calling, &[]).await.expects(303);
            let answer = format!("/meetings/{id}/answer");
            app.as_(MINH)
                .post(&answer, &[("answer", "no")])
                .await
                .expects(303);
            let says = async || {
                app.as_(LAN)
                    .get(&format!("/meetings/{id}"))
                    .await
                    .text("main")
            };
            let said = format!("{whole} 1 người sẽ đến, 1 báo vắng, 0 chưa trả lời.");
            assert!(says().await.contains(&said), "{}", says().await);
            app.as_(HOA)
                .post(&answer, &[("answer", "yes")])
                .await
                .expects(303);
            let more = format!("{said} 1 người không phải dự mà vẫn đến.");
            assert!(says().await.contains(&more), "{}", says().await);
            for page in ["postponing", "cancelling"] {
                let page = app.as_(LAN).get(&format!("/meetings/{id}/{page}")).await;
                assert!(page.expects(200).text("main").contains(whole));
            }
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_called_meeting_is_seen_by_its_members_and_by_those_above() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "save")]).await;
            let page = app
                .as_(LAN)
                .post_and_follow(&format!("/meetings/{id}/calling"), &[])
                .await;
            assert!(page.expects(200).text(".state").contains("Đã mời họp"));
            app.as_(LAN)
                .post(&format!("/meetings/{id}/calling"), &[])
                .await
                .expects(303);
            assert_eq!(
                app.count("select count(*) from audit_event where action = 'meeting.call'")
                    .await,
                1
            );
            assert_eq!(
                app.count("select count(*) from meetings_invitation").await,
                3
            );
            app.as_(HOA)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            app.as_(THU)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            app.as_(TUAN)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(404);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn who_is_invited_is_told_once_of_each_thing_and_who_did_it_is_not() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "save")]).await;
            let told = "select count(*) from notices_notice";
            assert_eq!(app.count(told).await, 0, "a draft tells nobody");
            let calling = format!("/meetings/{id}/calling");
            let lan = app.as_(LAN);
            let (one, two) = tokio::join!(lan.post(&calling, &[]), lan.post(&calling, &[]));
            for reply in [one, two] {
                assert!(matches!(reply.status.as_u16(), 303 | 409));
            }
            assert_eq!(app.count(told).await, 2, "Minh and Hoa, not Lan");
            app.as_(HOA)
                .post(&format!("/meetings/{id}/answer"), &[("answer", "no")])
                .await
                .expects(303);
            let page = app.as_(LAN).get(&format!("/meetings/{id}")).await;
            let to = page.attributes("#absences form", "action").remove(0);
            for _ in 0..2 {
                lan.post(&to, &[("decision", "accept")]).await.expects(303);
            }
            let hoa = "select count(*) from notices_notice where member_id = 'hoa'";
            assert_eq!(app.count(hoa).await, 2);
            // There, away, and there again: each move is told.
            for day in ["2026-11-28", "2026-11-29", "2026-11-28"] {
                let moved = [("date", day), ("time", "20:00"), ("reason", "Bão")];
                lan.post(&format!("/meetings/{id}/postponing"), &moved)
                    .await
                    .expects(303);
            }
            lan.post(
                &format!("/meetings/{id}/cancelling"),
                &[("reason", "Bão lớn")],
            )
            .await
            .expects(303);
            assert_eq!(app.count(hoa).await, 6);
            let why = "select count(*) from notices_notice where member_id = 'hoa' \
                and text_key like 'meetings-told-%-why' and text_args like '%Bão%'";
            assert_eq!(app.count(why).await, 4, "each with its reason");
            let minh =
                "select count(*) from notices_notice where member_id in ('tuan', 'thu')";
            assert_eq!(app.count(minh).await, 0);
            let asked = "select count(*) from notices_notice where member_id = 'lan' and kind = 'meetings.asked'";
            assert_eq!(app.count(asked).await, 1, "who chairs hears that somebody asks");
            let link = "select count(*) from notices_notice where link like '/meetings/%'";
            assert_eq!(app.count(link).await, 12);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn before_it_goes_out_the_page_says_whom_no_message_reaches() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "save")]).await;
            let calling = format!("/meetings/{id}/calling");
            let page = app.as_(LAN).get(&calling).await.expects(200);
            assert!(page.has_button("Gửi lịch họp"));
            let told = page.text("main");
            for words in [
                "3 người",
                "Không có tin nào đến tay ai",
                "2 người phải báo trực tiếp",
            ] {
                assert!(told.contains(words), "{words} is not in {told}");
            }
            assert!(told.contains("Hoa") && told.contains("Minh"), "{told}");
            assert_eq!(
                app.count("select count(*) from meetings_invitation").await,
                0
            );
            for who in [HOA, THU, TUAN, testkit::MINH] {
                app.as_(who).get(&calling).await.expects(404);
            }
            app.as_(LAN).post(&calling, &[]).await.expects(303);
            app.as_(LAN).get(&calling).await.expects(303);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_draft_whose_day_has_passed_is_not_called() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "save")]).await;
            app.later(10 * 86_400_000);
            app.as_(LAN)
                .post(&format!("/meetings/{id}/calling"), &[])
                .await
                .expects(409);
            app.as_(LAN)
                .post_forged(&format!("/meetings/{id}/calling"), &[])
                .await
                .expects(403);
        })
        .await;
    }
}
