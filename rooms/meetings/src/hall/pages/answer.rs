//! A member says whether they come; not coming files an absence, with a reason for the committee only.
//!
//! Whoever marks the roll records what somebody said on the telephone, once. The reason is never put into
//! the audit log. The same answer again changes nothing.

use crate::access::{self, Answers};
use crate::fact::{Category, Reply};
use crate::hall::store;
use crate::plan::LONGEST_TEXT;
use crate::plan::pages::show;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use kernel::MemberId;
use kernel::error::{Error, Result};
use site::{Act, May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct Fields {
    answer: String,
    category: String,
    note: String,
    back: String,
    /// Whose answer it is, when somebody records it for them.
    member: String,
}

/// What was answered, once it is read.
struct Given {
    is_coming: bool,
    category: Option<Category>,
    note: String,
}

fn read(frame: &Frame, fields: &Fields, state: &mut FormState) -> Given {
    let note = fields.note.trim();
    // A word that is no answer is none.
    let reply = fields.answer.parse().unwrap_or(Reply::Open);
    if reply == Reply::Open {
        state.fail("answer", "meetings-answer-missing");
    }
    if note.chars().count() > LONGEST_TEXT {
        let long = frame.t1("meetings-plan-too-long", "n", LONGEST_TEXT as i64);
        state.fail("note", long);
    }
    Given {
        is_coming: reply == Reply::Yes,
        // Nothing chosen is no reason, not another one.
        category: fields.category.parse().ok(),
        note: note.to_owned(),
    }
}

/// Keeps the answer of a member.
async fn keep<P: Answers>(
    act: &mut Act<P>,
    meeting: &crate::store::Meeting,
    (member, name): (&MemberId, &str),
    given: &Given,
) -> Result<()> {
    if !crate::store::hold(act, &meeting.id, meeting.state).await? {
        return Err(crate::store::changed(&meeting.id));
    }
    if given.is_coming {
        let now = act.now();
        store::answer_yes(act, &meeting.id, member, now).await?;
    } else {
        store::answer_no(act, &meeting.id, member, given.category, &given.note).await?;
        crate::told::asked(act, meeting, (member.as_str(), name))?;
    }
    act.line().about(member);
    Ok(())
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Answer {
    let seen = access::find(&site, &who, &id).await?;
    let fields = form.value;
    if !fields.member.is_empty() {
        return post_for(&site, &frame, seen, fields, form.pairs).await;
    }
    let may = seen.clone().into_answer()?;
    must_be_coming(&may)?;
    let mut state = FormState::typed(form.pairs);
    let given = read(&frame, &fields, &mut state);
    if !state.is_good() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show::draw(&site, &frame, &who, seen, status, state).await;
    }
    let meeting = &may.meeting.clone();
    let action = if given.is_coming {
        "meeting.accept"
    } else {
        "meeting.decline"
    };
    let mut act = may.begin(&site, &frame, action).await?;
    let me = (&who.actor.member, who.actor.name.as_str());
    keep(&mut act, meeting, me, &given).await?;
    act.end().await?;
    let back = if fields.back == "today" {
        "/today".to_owned()
    } else {
        format!("/meetings/{}", meeting.id)
    };
    let said = if given.is_coming {
        "meetings-answer-yes-done"
    } else {
        "meetings-answer-no-done"
    };
    Ok(see_other(back).flash(said).into_response())
}

fn must_be_coming(seen: &access::Seen) -> Result<()> {
    seen.must_be_open()?;
    if seen.meeting.state.is_coming() {
        Ok(())
    } else {
        Err(seen.refuse("meetings-refused-begun"))
    }
}

/// Records what somebody said on the telephone: by whoever marks the roll, of whoever was asked.
async fn post_for(
    site: &Site,
    frame: &Frame,
    seen: access::Seen,
    fields: Fields,
    pairs: Vec<(String, String)>,
) -> Answer {
    let may = seen.into_mark()?;
    must_be_coming(&may)?;
    let mut state = FormState::typed(pairs);
    let given = read(frame, &fields, &mut state);
    if !state.is_good() {
        let key = match state.is_bad("answer") {
            true => "meetings-answer-missing",
            false => "meetings-answer-note-long",
        };
        return Err(may.refuse(key).into());
    }
    let meeting = &may.meeting.clone();
    let asked = store::list_unanswered(&site.db, &meeting.id).await?;
    let done =
        see_other(format!("/meetings/{}#unanswered", meeting.id)).flash("meetings-answer-for-done");
    let Some((member, name)) = asked.into_iter().find(|(id, _)| *id == fields.member) else {
        // Answered meanwhile, perhaps by the person: that stands.
        let member: MemberId = fields.member.parse().map_err(|_| Error::NotFound)?;
        let held = store::find_answer(&site.db, &meeting.id, &member).await?;
        return match held {
            Some(_) => Ok(done.into_response()),
            None => Err(Error::NotFound.into()),
        };
    };
    let member: MemberId = member.parse().map_err(Error::fault)?;
    let action = if given.is_coming {
        "meeting.accept_for"
    } else {
        "meeting.decline_for"
    };
    let mut act = may.begin(site, frame, action).await?;
    keep(&mut act, meeting, (&member, &name), &given).await?;
    act.end().await?;
    Ok(done.into_response())
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
    #[tokio::test(flavor = "multi_thread")]
    async fn an_answer_given_on_the_telephone_is_recorded_by_who_marks_the_roll() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let meeting = format!("/meetings/{id}");
            let path = format!("{meeting}/answer");
            let page = app.as_(LAN).get(&meeting).await.expects(200);
            assert!(page.text("#unanswered").contains("Lương Thị Hoa"));
            assert!(
                !page.has("#unanswered a[href^='tel:']"),
                "not before it is asked for"
            );
            let looks = "select count(*) from audit_access where about_member_id = 'hoa'";
            assert_eq!(app.count(looks).await, 0);
            let page = app.as_(LAN).get(&format!("{meeting}?phones=1")).await;
            assert!(page.expects(200).text("#unanswered").contains("chưa có số"));
            assert_eq!(app.count(looks).await, 1, "a look is written down");
            // The deputy may not see numbers; whoever marks the roll records the answer.
            let page = app.as_(MINH).get(&format!("{meeting}?phones=1")).await;
            assert!(!page.expects(200).text("#unanswered").contains("chưa có số"));
            assert!(!app.as_(HOA).get(&meeting).await.has("#unanswered"));
            let hoa = [("member", "hoa"), ("answer", "no")];
            for who in [HOA, TUAN, THU, BINH] {
                app.as_(who).post(&path, &hoa).await.expects(404);
            }
            let nobody = [("member", "tuan"), ("answer", "no")];
            app.as_(MINH).post(&path, &nobody).await.expects(404);
            app.as_(MINH)
                .post(&path, &[("member", "hoa")])
                .await
                .expects(409);
            app.as_(MINH).post(&path, &hoa).await.expects(303);
            let yes = [("member", "hoa"), ("answer", "yes")];
            app.as_(MINH).post(&path, &yes).await.expects(303);
            let logged = "select count(*) from audit_event where action = 'meeting.decline_for' \
                and actor_id = 'minh' and about_member_id = 'hoa'";
            assert_eq!(app.count(logged).await, 1);
            let page = app.as_(LAN).get(&meeting).await.expects(200);
            assert!(!page.text("#unanswered").contains("Lương Thị Hoa"));
            // No reason is no reason.
            let absences = page.text("#absences");
            assert!(absences.contains("Chưa nói lý do") && !absences.contains("Lý do khác"));
        })
        .await;
    }
}
