//! Opening a called meeting by roll call: the roll can be marked, the numbers of the start are kept.
//!
//! Accepted absences stand in the roll from the beginning. A second press leads to the roll.

use crate::access;
use crate::fact::{AbsenceState, Mark, Taken};
use crate::hall::{roster, store};
use crate::state::{Facts, State as Stands, go};
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, see_other};

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<web::Nothing>,
) -> Answer {
    let may = access::find(&site, &who, &id).await?.into_chair()?;
    let meeting = &may.meeting.clone();
    let to = format!("/meetings/{}/attendance", meeting.id);
    if meeting.state == Stands::Running {
        return Ok(see_other(to).into_response());
    }
    may.must_be_open()?;
    if meeting.starts().day() > site.clock.today() {
        return Err(may.refuse("meetings-refused-too-early").into());
    }
    go(
        meeting.state,
        Stands::Running,
        &Facts {
            has_chair: !meeting.chair_id.is_empty(),
            ..Facts::default()
        },
    )?;
    let mut roll = roster::of(&site, &meeting.unit_id, meeting.starts().day()).await?;
    let now = site.clock.now();
    let me = &who.actor.member;
    let mut act = may.begin(&site, &frame, "meeting.open").await?;
    if !store::open(&mut act, &meeting.id, now).await? {
        return Err(crate::store::changed(&meeting.id).into());
    }
    // Read once nobody can decide on one any more without seeing that the meeting is open.
    let accepted: Vec<String> = store::list_absences_in(act.on(), &meeting.id)
        .await?
        .into_iter()
        .filter(|absence| absence.state.is(AbsenceState::Accepted))
        .map(|absence| absence.member_id)
        .collect();
    for member in &accepted {
        store::mark(&mut act, &meeting.id, member, Mark::Excused, me, now).await?;
    }
    roster::mark(
        &mut roll,
        store::list_marks_in(act.on(), &meeting.id).await?,
    );
    let numbers = roster::sort(&roll).numbers();
    store::add_numbers(
        &mut act,
        &meeting.id,
        Taken::Start,
        &numbers,
        me.as_str(),
        now,
    )
    .await?;

    act.end().await?;
    Ok(see_other(to).flash("meetings-opened-done").into_response())
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{HOA, LAN, MINH, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_chair_opens_on_the_day_and_the_numbers_are_kept_once() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}/opening");
            app.as_(LAN).post(&path, &[]).await.expects(409);
            opens(&app, LAN, &id).await;
            app.as_(LAN).post(&path, &[]).await.expects(303);
            assert_eq!(
                app.count(
                    "select count(*) from meetings_numbers where moment = 'start' and vote_base = 3"
                )
                .await,
                1
            );
            for who in [MINH, HOA, TUAN] {
                app.as_(who).post(&path, &[]).await.expects(404);
            }
            app.as_(LAN).post_forged(&path, &[]).await.expects(403);
        })
        .await;
    }
}
