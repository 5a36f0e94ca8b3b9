//! A member says whether they come; not coming files an absence, with a reason for the committee only.
//!
//! The reason is never put into the audit log. The same answer again changes nothing.

use crate::access;
use crate::fact::{Category, Reply};
use crate::hall::store;
use crate::plan::LONGEST_TEXT;
use crate::plan::pages::show;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Fields {
    answer: String,
    category: String,
    note: String,
    back: String,
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Answer {
    let seen = access::find(&site, &who, &id).await?;
    let may = seen.clone().into_answer()?;
    may.must_be_open()?;
    if !may.meeting.state.is_coming() {
        return Err(may.refuse("meetings-refused-begun").into());
    }
    let fields = form.value;
    let mut state = FormState::typed(form.pairs);
    let note = fields.note.trim();
    // A word that is no answer is none.
    let reply = fields.answer.parse().unwrap_or(Reply::Open);
    if reply == Reply::Open {
        state.fail("answer", "meetings-answer-missing");
    }
    if note.chars().count() > LONGEST_TEXT {
        state.fail(
            "note",
            frame.t1("meetings-plan-too-long", "n", LONGEST_TEXT as i64),
        );
    }
    if !state.is_good() {
        return show::draw(
            &site,
            &frame,
            &who,
            seen,
            StatusCode::UNPROCESSABLE_ENTITY,
            state,
        )
        .await;
    }
    let category = fields.category.parse().unwrap_or(Category::Other);
    let meeting = &may.meeting.clone();
    let me = &who.actor.member;
    let coming = reply == Reply::Yes;
    let mut act = may
        .begin(
            &site,
            &frame,
            if coming {
                "meeting.accept"
            } else {
                "meeting.decline"
            },
        )
        .await?;
    if !crate::store::hold(&mut act, &meeting.id, meeting.state).await? {
        return Err(crate::store::changed(&meeting.id).into());
    }
    if coming {
        store::answer_yes(&mut act, &meeting.id, me, site.clock.now()).await?;
    } else {
        store::answer_no(&mut act, &meeting.id, me, category, note).await?;
        crate::told::asked(&mut act, meeting, &who.actor.name)?;
    }
    act.line().about(me);
    act.end().await?;
    let back = if fields.back == "today" {
        "/today".to_owned()
    } else {
        format!("/meetings/{}", meeting.id)
    };
    let said = if coming {
        "meetings-answer-yes-done"
    } else {
        "meetings-answer-no-done"
    };
    Ok(see_other(back).flash(said).into_response())
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_private_reason_is_read_by_the_cells_committee_and_by_nobody_above() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let reason = [("answer", "no"), ("category", "health"), ("note", "Đi khám mắt ở bệnh viện tỉnh")];
            let path = format!("/meetings/{id}/answer");
            app.as_(HOA).post(&path, &reason).await.expects(303);
            app.as_(HOA).post(&path, &reason).await.expects(303);
            assert_eq!(app.count("select count(*) from meetings_absence").await, 1);
            for (who, reads) in [(LAN, true), (MINH, true), (HOA, true), (THU, false)] {
                let mut all = String::new();
                for page in ["", "/print"] {
                    all += &app.as_(who).get(&format!("/meetings/{id}{page}")).await.expects(200).body();
                }
                all += &app.as_(who).get("/meetings").await.body();
                assert_eq!(all.contains("khám mắt"), reads, "{}", who.name);
            }
            for page in ["attendance", "closing", "notes", "minutes", "minutes/print", "edit"] {
                app.as_(THU).get(&format!("/meetings/{id}/{page}")).await.expects(404);
            }
            let logged = app.count("select count(*) from audit_event where diff_json like '%khám%' or reason like '%khám%'");
            assert_eq!(logged.await, 0);
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn coming_after_all_withdraws_the_absence() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}/answer");
            app.as_(HOA)
                .post(&path, &[("answer", "no"), ("note", "Bận")])
                .await
                .expects(303);
            app.as_(HOA)
                .post(&path, &[("answer", "yes"), ("back", "today")])
                .await
                .expects(303);
            assert!(
                !app.as_(LAN)
                    .get(&format!("/meetings/{id}"))
                    .await
                    .has("#absences")
            );
            assert!(
                app.as_(LAN)
                    .get(&format!("/meetings/{id}"))
                    .await
                    .body()
                    .contains("1 người sẽ đến")
            );
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn only_the_units_members_answer_and_only_before_it_begins() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}/answer");
            for who in [TUAN, THU, BINH] {
                app.as_(who)
                    .post(&path, &[("answer", "yes")])
                    .await
                    .expects(404);
            }
            app.as_(HOA)
                .post_forged(&path, &[("answer", "yes")])
                .await
                .expects(403);
            let page = app
                .as_(HOA)
                .post(&path, &[("note", "Tôi ốm")])
                .await
                .expects(422);
            assert!(
                page.text("textarea").contains("Tôi ốm"),
                "what was typed is kept"
            );
            opens(&app, LAN, &id).await;
            app.as_(HOA)
                .post(&path, &[("answer", "yes")])
                .await
                .expects(409);
        })
        .await;
    }
}
