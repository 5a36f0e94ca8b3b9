//! Whoever chairs decides on an absence that was filed: with leave or not; and may decide anew, with a reason.
//!
//! A refusal and whatever changes a decision ask for a reason, which the member reads. What was decided, or asked
//! otherwise, since the page was drawn is shown first. During the meeting the decision goes straight into the roll,
//! unless the person came after all. The rule that surprises: neither reason is ever put into the log.

use crate::access::{self, CanChair};
use crate::fact::{AbsenceState, Mark};
use crate::hall::store::{self, Absence};
use crate::plan::LONGEST_TEXT;
use crate::plan::pages::show::decided;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use kernel::MemberId;
use kernel::error::{Error, Result};
use site::{Act, May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    decision: String,
    reason: String,
    /// What the page showed of the absence ([`Absence::mark`]).
    was: String,
}

impl Fields {
    fn state(&self) -> AbsenceState {
        match self.decision.as_str() {
            "accept" => AbsenceState::Accepted,
            _ => AbsenceState::Refused,
        }
    }
}

/// The absence as it stands, with the decision as it was typed.
#[derive(Template)]
#[template(path = "meetings/absence.html")]
struct Page {
    frame: Frame,
    form: FormState,
    meeting: crate::store::Meeting,
    absence: Absence,
    why: String,
    /// How it stands.
    stands: String,
    /// Whether it was refused: to agree now, why is asked as well.
    is_refused: bool,
    /// That it became so since the page was drawn; empty when it did not.
    meanwhile: String,
}

async fn draw(
    site: &Site,
    frame: &Frame,
    may: &CanChair,
    mut absence: Absence,
    form: FormState,
    is_seen: bool,
) -> Answer {
    let meeting = may.meeting.clone();
    let on = meeting.starts().day();
    let names = people::roster::names(site, &meeting.unit_id, on).await?;
    names.call(&absence.member_id, &mut absence.name);
    let by = absence.decided_name.as_str();
    let meanwhile = match (is_seen, by.is_empty()) {
        (true, _) => String::new(),
        (false, true) => frame.t("meetings-absence-meanwhile-asked"),
        (false, false) => frame.t1("meetings-absence-meanwhile", "by", by),
    };
    let status = match is_seen {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::CONFLICT,
    };
    let page = Page {
        why: frame.t(absence.why()),
        is_refused: absence.state.is(AbsenceState::Refused),
        stands: decided(frame, &absence.state, &absence.name),
        meanwhile,
        frame: frame.clone(),
        form,
        meeting,
        absence,
    };
    frame.html_status(status, &page)
}

/// What is wrong with the decision on an absence that stands so.
fn trouble(fields: &Fields, absence: &Absence, frame: &Frame, form: &mut FormState) {
    let reason = fields.reason.trim();
    let is_first = absence.state.is(AbsenceState::Filed);
    if !matches!(fields.decision.as_str(), "accept" | "refuse") {
        form.fail("reason", "meetings-absence-choose");
    } else if reason.is_empty() && !(is_first && fields.state() == AbsenceState::Accepted) {
        form.fail("reason", "meetings-absence-reason-missing");
    } else if reason.chars().count() > LONGEST_TEXT {
        let long = frame.t1("meetings-plan-too-long", "n", LONGEST_TEXT as i64);
        form.fail("reason", long);
    }
}

/// Keeps the decision: with the absence, in the roll of a meeting that is going on, and tells whoever asked.
async fn keep(
    act: &mut Act<CanChair>,
    held: &Absence,
    (state, reason): (AbsenceState, &str),
) -> Result<bool> {
    let meeting = act.meeting.clone();
    let by: MemberId = act.by().parse().map_err(Error::fault)?;
    // Read while the meeting is held: a tap of "present" that was faster stands.
    let marks = store::list_marks_in(act.on(), &meeting.id).await?;
    if !store::decide(act, &meeting.id, &held.id, (state, reason), &by).await? {
        return Ok(false);
    }
    let about: MemberId = (held.member_id.parse()).map_err(|_| Error::NotFound)?;
    let now = act.now();
    let mut marks = marks.iter();
    let stands = marks.find(|one| one.member_id == held.member_id);
    let is = |mark| stands.is_some_and(|one| one.state.is(mark));
    let mark = match state {
        _ if !meeting.state.is_running() || is(Mark::Present) => None,
        AbsenceState::Accepted => Some(Mark::Excused),
        _ if is(Mark::Excused) => Some(Mark::Open),
        _ => None,
    };
    if let Some(mark) = mark {
        store::mark(act, &meeting.id, &held.member_id, mark, &by, now).await?;
    }
    act.line().about(&about);
    crate::told::absence(
        act,
        &meeting,
        &held.id,
        &about,
        state == AbsenceState::Accepted,
        reason,
    );
    Ok(true)
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path((id, absence)): Path<(String, String)>,
    form: Form<Fields>,
) -> Answer {
    let may = access::find(&site, &who, &id).await?.into_chair()?;
    may.must_be_open()?;
    let meeting = &may.meeting.clone();
    let (fields, mut form) = (form.value, FormState::typed(form.pairs));
    let (state, reason) = (fields.state(), fields.reason.trim());
    let action = match state {
        AbsenceState::Accepted => "absence.accept",
        _ => "absence.refuse",
    };
    let mut act = may.begin(&site, &frame, action).await?;
    if !crate::store::hold(&mut act, &meeting.id, meeting.state).await? {
        return Err(crate::store::changed(&meeting.id).into());
    }
    let held = store::get_absence(act.on(), &meeting.id, &absence).await?;
    let is_gone = held.state.is(AbsenceState::Withdrawn);
    // The same decision twice is done.
    let is_same = held.state.is(state) && (reason.is_empty() || reason == held.decision_note);
    if is_gone || is_same {
        act.leave().await?;
    } else {
        let is_filed = held.state.is(AbsenceState::Filed);
        let is_seen = fields.was == held.mark() || (fields.was.is_empty() && is_filed);
        if is_seen {
            trouble(&fields, &held, &frame, &mut form);
        }
        if !is_seen || !form.is_good() {
            let may = act.leave().await?;
            return draw(&site, &frame, &may, held, form, is_seen).await;
        }
        if keep(&mut act, &held, (state, reason)).await? {
            act.end().await?;
        } else {
            act.leave().await?;
        }
    }
    // One on an absence that was taken back meanwhile is not done, and says so.
    let said = match is_gone {
        true => "meetings-absence-gone",
        false => "meetings-absence-done",
    };
    Ok(see_other(format!("/meetings/{}#absences", meeting.id))
        .flash(said)
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{HOA, LAN, MINH, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_decision_on_an_absence_that_was_taken_back_says_so() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let meeting = format!("/meetings/{id}");
            let answer = format!("{meeting}/answer");
            let hoa = app.as_(HOA);
            hoa.post(&answer, &[("answer", "no")]).await.expects(303);
            let page = app.as_(LAN).get(&meeting).await;
            let to = page.attributes("#absences form", "action").remove(0);
            hoa.post(&answer, &[("answer", "yes")]).await.expects(303);
            let accept = [("decision", "accept")];
            let told = app.as_(LAN).post(&to, &accept).await.expects(303);
            assert!(told.header("set-cookie").contains("meetings-absence-gone"));
            let kept = "select count(*) from meetings_absence where state = 'withdrawn'";
            assert_eq!(app.count(kept).await, 1);
        })
        .await;
    }

    const PRESENT: &str = "select count(*) from meetings_attendance \
        where member_id = 'hoa' and state = 'present'";

    #[tokio::test(flavor = "multi_thread")]
    async fn who_is_tapped_present_while_the_absence_is_decided_stays_present() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            app.as_(HOA)
                .post(&format!("/meetings/{id}/answer"), &[("answer", "no")])
                .await
                .expects(303);
            opens(&app, LAN, &id).await;
            let page = app.as_(LAN).get(&format!("/meetings/{id}")).await;
            let to = page.attributes("#absences form", "action").remove(0);
            for decision in ["accept", "refuse", "accept", "refuse"] {
                let page = app.as_(LAN).get(&format!("/meetings/{id}")).await;
                let was = page
                    .attributes("#absences input[name=was]", "value")
                    .remove(0);
                let lan = app.as_(LAN);
                let fields = [("decision", decision), ("reason", decision), ("was", &was)];
                let decided = lan.post(&to, &fields);
                let (_, reply) = tokio::join!(marks(&app, &id, "hoa"), decided);
                reply.expects(303);
                assert_eq!(app.count(PRESENT).await, 1, "{decision}");
            }
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_accepted_absence_stands_in_the_roll_when_it_opens() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            app.as_(HOA)
                .post(
                    &format!("/meetings/{id}/answer"),
                    &[("answer", "no"), ("note", "Ốm")],
                )
                .await
                .expects(303);
            let page = app.as_(LAN).get(&format!("/meetings/{id}")).await;
            let to = page.attributes("#absences form", "action").remove(0);
            for who in [MINH, HOA, TUAN] {
                app.as_(who)
                    .post(&to, &[("decision", "accept")])
                    .await
                    .expects(404);
            }
            app.as_(LAN)
                .post(&to, &[("decision", "accept")])
                .await
                .expects(303);
            app.as_(LAN)
                .post(&to, &[("decision", "accept")])
                .await
                .expects(303);
            assert_eq!(
                app.count("select count(*) from audit_event where action = 'absence.accept'")
                    .await,
                1
            );
            app.as_(LAN)
                .post(
                    &format!("/meetings/{id}/absences/other"),
                    &[("decision", "accept")],
                )
                .await
                .expects(404);
            opens(&app, LAN, &id).await;
            let roll = app
                .as_(LAN)
                .get(&format!("/meetings/{id}/attendance"))
                .await
                .expects(200);
            assert_eq!(roll.text("[data-tally=excused]"), "1");
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_refusal_asks_why_and_a_decision_can_be_changed_with_a_reason_that_the_member_reads()
    {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let meeting = format!("/meetings/{id}");
            let answer = format!("{meeting}/answer");
            app.as_(HOA).post(&answer, &[("answer", "no")]).await.expects(303);
            let page = app.as_(LAN).get(&meeting).await;
            let to = page.attributes("#absences form", "action").remove(0);
            let was = |page: &testkit::Reply| {
                page.attributes("#absences input[name=was], form input[name=was]", "value").remove(0)
            };
            let filed = was(&page);
            let refuse = [("decision", "refuse"), ("was", filed.as_str())];
            let asked = app.as_(LAN).post(&to, &refuse).await.expects(422);
            assert!(asked.text("#e-reason").contains("Ghi lý do"));
            let why = "Buổi này bầu chi ủy, mời đồng chí đến";
            let refuse = [("decision", "refuse"), ("reason", why), ("was", filed.as_str())];
            app.as_(LAN).post(&to, &refuse).await.expects(303);
            app.as_(LAN).post(&to, &refuse).await.expects(303); // pressed twice
            let page = app.as_(HOA).get(&meeting).await.expects(200);
            assert!(page.text("#answer").contains(why), "the member reads why");
            let told = "select count(*) from notices_notice where member_id = 'hoa' \
                and text_key = 'meetings-told-absence-refused-why'";
            assert_eq!(app.count(told).await, 1);
            // Another decision asks for a reason as well, and is the one that stands.
            let page = app.as_(LAN).get(&meeting).await;
            assert!(page.text("#absences").contains("Đổi ý kiến"));
            let refused = was(&page);
            let bare = [("decision", "accept"), ("was", refused.as_str())];
            app.as_(LAN).post(&to, &bare).await.expects(422);
            let over = [("decision", "accept"), ("reason", "Bí thư nghe gia đình nói lại"), ("was", refused.as_str())];
            for who in [MINH, HOA, TUAN] {
                app.as_(who).post(&to, &over).await.expects(404);
            }
            app.as_(LAN).post(&to, &over).await.expects(303);
            let page = app.as_(HOA).get(&meeting).await.expects(200);
            let read = page.text("#answer");
            assert!(read.contains("gia đình nói lại") && !read.contains(why), "{read}");
            let logged = app.count("select count(*) from audit_event where reason <> '' or diff_json like '%gia đình%'");
            assert_eq!(logged.await, 0, "reasons stay out of the log");
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_two_who_decide_at_once_the_second_sees_the_first_and_chooses_anew() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let meeting = format!("/meetings/{id}");
            let answer = format!("{meeting}/answer");
            app.as_(HOA)
                .post(&answer, &[("answer", "no")])
                .await
                .expects(303);
            let page = app.as_(LAN).get(&meeting).await;
            let to = page.attributes("#absences form", "action").remove(0);
            let was = page
                .attributes("#absences input[name=was]", "value")
                .remove(0);
            let refuse = [
                ("decision", "refuse"),
                ("reason", "Buổi này bầu chi ủy"),
                ("was", was.as_str()),
            ];
            let accept = [("decision", "accept"), ("was", was.as_str())];
            // Two windows, or two who may decide.
            app.as_(LAN).post(&to, &refuse).await.expects(303);
            let asked = app.as_(LAN).post(&to, &accept).await.expects(409);
            let said = asked.text("main");
            assert!(
                said.contains("Nguyễn Thị Lan") && said.contains("Buổi này bầu chi ủy"),
                "{said}"
            );
            let refused = "select count(*) from meetings_absence where state = 'refused'";
            assert_eq!(app.count(refused).await, 1, "the first decision stands");
            // What is asked otherwise meanwhile is seen first as well.
            let seen = asked.attributes("form input[name=was]", "value").remove(0);
            let other = [("answer", "no"), ("note", "Mẹ nằm viện")];
            app.as_(HOA).post(&answer, &other).await.expects(303);
            let over = [
                ("decision", "accept"),
                ("reason", "Đồng ý"),
                ("was", seen.as_str()),
            ];
            let asked = app.as_(LAN).post(&to, &over).await.expects(409);
            assert!(asked.text("main").contains("Mẹ nằm viện"));
            assert_eq!(asked.text("textarea"), "Đồng ý", "what was typed is kept");
            let seen = asked.attributes("form input[name=was]", "value").remove(0);
            let over = [("decision", "accept"), ("was", seen.as_str())];
            app.as_(LAN).post(&to, &over).await.expects(303);
        })
        .await;
    }
}
