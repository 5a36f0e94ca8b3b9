//! Opening a called meeting by roll call: the roll can be marked, the numbers of the start are kept.
//!
//! Accepted absences stand in the roll from the beginning. A second press leads to the roll.

use crate::access;
use crate::fact::{AbsenceState, Mark, Taken};
use crate::hall::{roster, store};
use crate::state::{Facts, State as Stands, go};
use crate::told;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::Moment;
use kernel::error::Refusal;
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, see_other};

/// A meeting that begins so long before its hour is begun by mistake, more often than not.
const EARLY_MS: i64 = 60 * 60_000;

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    /// `early`: the question was answered; `back`: it was begun by mistake.
    #[serde(rename = "do")]
    act: String,
}

#[derive(Template)]
#[template(path = "meetings/opening.html")]
struct Page {
    frame: Frame,
    meeting: crate::store::Meeting,
    hour: String,
    now: String,
}

/// Asks before a meeting begins hours early.
pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let may = access::find(&site, &who, &id).await?.into_chair()?;
    let meeting = may.meeting.clone();
    if meeting.state != Stands::Called {
        return Ok(see_other(format!("/meetings/{}", meeting.id)).into_response());
    }
    frame.html(&Page {
        hour: crate::words::hour(&frame, meeting.starts()),
        now: crate::words::hour(&frame, site.clock.now()),
        frame: frame.clone(),
        meeting,
    })
}

fn is_early(meeting: &crate::store::Meeting, now: Moment) -> bool {
    meeting.starts().0 - now.0 > EARLY_MS
}

/// Takes a start back while nothing was marked or written; what the start itself marked is open again.
async fn take_back(site: &Site, frame: &Frame, who: &Member, may: access::CanChair) -> Answer {
    let meeting = &may.meeting.clone();
    let to = format!("/meetings/{}", meeting.id);
    if meeting.state == Stands::Called {
        return Ok(see_other(to)
            .flash("meetings-open-back-done")
            .into_response());
    }
    let touched = store::count_touched(&site.db, &meeting.id).await?;
    let facts = Facts {
        is_touched: touched > 0,
        ..Facts::default()
    };
    let to_the_roll = || -> kernel::Error {
        let touched = Refusal::new("meetings-refused-touched");
        let roll = format!("/meetings/{}/attendance", meeting.id);
        touched.way_out(roll, "meetings-roll-title").into()
    };
    if meeting.state == Stands::Running && touched > 0 {
        return Err(to_the_roll().into());
    }
    go(meeting.state, Stands::Called, &facts)?;
    let mut act = may.begin(site, frame, "meeting.unopen").await?;
    if !store::unopen(&mut act, &meeting.id).await? {
        act.leave().await?;
        if crate::store::came_to(site, &meeting.id, Stands::Called).await? {
            return Ok(see_other(to)
                .flash("meetings-open-back-done")
                .into_response());
        }
        return Err(crate::store::changed(&meeting.id).into());
    }
    // Held now: a tap that was faster is seen, and undoes this act.
    if store::count_touched_in(act.on(), &meeting.id).await? > 0 {
        return Err(to_the_roll().into());
    }
    let me = &who.actor.member;
    for marked in store::list_marks_in(act.on(), &meeting.id).await? {
        let now = act.now();
        store::mark(
            &mut act,
            &meeting.id,
            &marked.member_id,
            Mark::Open,
            me,
            now,
        )
        .await?;
    }
    if is_early(meeting, site.clock.now()) {
        told::began(&mut act, meeting, true).await?;
    }
    act.end().await?;
    Ok(see_other(to)
        .flash("meetings-open-back-done")
        .into_response())
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
    let to = format!("/meetings/{}/attendance", meeting.id);
    if form.value.act == "back" {
        return take_back(&site, &frame, &who, may).await;
    }
    if meeting.state == Stands::Running {
        return Ok(see_other(to).into_response());
    }
    may.must_be_open()?;
    if meeting.starts().day() > site.clock.today() {
        return Err(may.refuse("meetings-refused-too-early").into());
    }
    let is_early = is_early(meeting, site.clock.now());
    if is_early && form.value.act != "early" {
        return Ok(see_other(format!("/meetings/{}/opening", meeting.id)).into_response());
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
        act.leave().await?;
        if crate::store::came_to(&site, &meeting.id, Stands::Running).await? {
            return Ok(see_other(to).into_response());
        }
        return Err(crate::store::changed(&meeting.id).into());
    }
    if is_early {
        told::began(&mut act, meeting, false).await?;
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
    async fn a_start_hours_early_is_asked_and_one_by_mistake_is_taken_back() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let path = format!("/meetings/{id}/opening");
            let answer = format!("/meetings/{id}/answer");
            app.as_(HOA).post(&answer, &[("answer", "no")]).await.expects(303);
            let page = app.as_(LAN).get(&format!("/meetings/{id}")).await;
            let to = page.attributes("#absences form", "action").remove(0);
            app.as_(LAN).post(&to, &[("decision", "accept")]).await.expects(303);
            let day: kernel::Day = "2026-11-27".parse().unwrap();
            app.site.clock.set(day.at(9, 0));
            let to = app.as_(LAN).post(&path, &[]).await.expects(303);
            assert!(to.location().ends_with("/opening"), "{}", to.location());
            let asks = app.as_(LAN).get(&path).await.expects(200);
            assert!(asks.text(".lead").contains("19 giờ 30 phút"));
            let early = [("do", "early")];
            let to = app.as_(LAN).post(&path, &early).await.expects(303);
            assert!(to.location().ends_with("/attendance"));
            let back = [("do", "back")];
            let roll = app.as_(LAN).get(&to.location()).await.expects(200);
            assert!(roll.text("#back").contains("Bấm nhầm"), "the way back stands on the roll");
            let page = app.as_(LAN).get(&format!("/meetings/{id}")).await;
            assert!(page.has_button("Bấm nhầm, chưa họp"));
            let begun = "select count(*) from notices_notice where member_id = 'hoa' and text_key = 'meetings-told-begun'";
            assert_eq!(app.count(begun).await, 1, "who is invited would come too late");
            app.as_(MINH).post(&path, &back).await.expects(404);
            app.as_(LAN).post(&path, &back).await.expects(303);
            app.as_(LAN).post(&path, &back).await.expects(303); // pressed twice
            let open = "select count(*) from meetings_meeting where state = 'called' and started_at is null";
            assert_eq!(app.count(open).await, 1);
            let still = "select count(*) from notices_notice where member_id = 'hoa' and text_key = 'meetings-told-not-begun'";
            assert_eq!(app.count(still).await, 1);
            app.later(60_000);
            app.as_(HOA).post(&answer, &[("answer", "yes")]).await.expects(303);
            app.as_(LAN).post(&path, &early).await.expects(303);
            let excused = "select count(*) from meetings_attendance where state = 'excused'";
            assert_eq!(app.count(excused).await, 0, "Hoa comes after all");
            writes(&app, &id, "Biên bản đã viết").await;
            let refused = app.as_(LAN).post(&path, &back).await.expects(409);
            let ways = refused.attributes("main a", "href");
            assert!(ways.contains(&format!("/meetings/{id}/attendance")), "{ways:?}");
            let page = app.as_(LAN).get(&format!("/meetings/{id}")).await;
            assert!(!page.has_button("Bấm nhầm, chưa họp"));
            marks(&app, &id, "minh").await;
            let roll = app.as_(LAN).get(&format!("/meetings/{id}/attendance")).await;
            assert!(!roll.expects(200).has("#back"));
            app.as_(LAN).post(&path, &back).await.expects(409);
        })
        .await;
    }

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
