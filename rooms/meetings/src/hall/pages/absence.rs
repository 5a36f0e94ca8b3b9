//! The chair decides on an absence that was filed: with leave or not.
//!
//! During the meeting the decision goes straight into the roll, unless the person came after all.

use crate::access;
use crate::fact::{AbsenceState, Mark};
use crate::hall::store;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::MemberId;
use kernel::error::Error;
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, see_other};

#[derive(serde::Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    decision: String,
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
    let is_accepted = form.value.decision == "accept";
    let (state, action) = if is_accepted {
        (AbsenceState::Accepted, "absence.accept")
    } else {
        (AbsenceState::Refused, "absence.refuse")
    };
    let now = site.clock.now();
    let mut act = may.begin(&site, &frame, action).await?;
    if !crate::store::hold(&mut act, &meeting.id, meeting.state).await? {
        return Err(crate::store::changed(&meeting.id).into());
    }
    // Read while the meeting is held: a tap of "present" that was faster stands.
    let marks = store::list_marks_in(act.on(), &meeting.id).await?;
    let filed = store::get_absence(act.on(), &meeting.id, &absence).await?;
    if store::decide(
        &mut act,
        &meeting.id,
        &absence,
        state,
        &who.actor.member,
        now,
    )
    .await?
    {
        let about: MemberId = filed
            .member_id
            .clone()
            .try_into()
            .map_err(|_| Error::NotFound)?;
        let came = marks
            .iter()
            .any(|one| one.member_id == filed.member_id && one.state.is(Mark::Present));
        if meeting.state.is_running() && !came {
            let mark = if is_accepted {
                Mark::Excused
            } else {
                Mark::Open
            };
            store::mark(
                &mut act,
                &meeting.id,
                &filed.member_id,
                mark,
                &who.actor.member,
                now,
            )
            .await?;
        }
        act.line().about(&about);
        crate::told::absence(&mut act, meeting, absence.as_str(), &about, is_accepted);
        act.end().await?;
    } else {
        act.leave().await?;
    }
    // The same decision twice is done; one on an absence that was taken back meanwhile is not.
    let said = if filed.state.is(AbsenceState::Withdrawn) {
        "meetings-absence-gone"
    } else {
        "meetings-absence-done"
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
                let lan = app.as_(LAN);
                let fields = [("decision", decision)];
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
}
