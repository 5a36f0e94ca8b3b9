//! The meetings that concern the visitor: the next one as a panel, coming and past ones as lists.
//!
//! Only meetings of units they belong to or may read (rule R10); drafts only where they prepare.

use crate::plan::store;
use crate::state::State as Stands;
use crate::{access, words};
use askama::Template;
use axum::extract::State;
use kernel::{Cap, Moment};
use site::Site;
use web::{Answer, Frame, Member};

struct Shown {
    id: String,
    title: String,
    day: String,
    year: String,
    long_day: String,
    hour: String,
    place: String,
    unit_name: String,
    left: String,
    badge: words::Badge,
}

#[derive(Template)]
#[template(path = "meetings/list.html")]
struct Page {
    frame: Frame,
    next: Option<Shown>,
    coming: Vec<Shown>,
    past: Vec<Shown>,
    may_plan: bool,
}

/// How far the lists look back and ahead, in milliseconds: two years.
const SPAN_MS: i64 = 2 * 366 * 86_400_000;

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let now = site.clock.now();
    let on = now.day();
    // A meeting belongs to "coming" until its day is over.
    let today = on.start();
    let all = access::reading_scopes(&who.actor, on);
    let drafts = who.actor.scope(Cap::MeetingPrepare, on);
    let show = |line: store::Line| {
        let starts = Moment(line.starts_at);
        let day = starts.day();
        Shown {
            day: day.vn_short(),
            year: day.year().to_string(),
            long_day: frame.long_day(&day),
            hour: words::hour(&frame, starts),
            left: words::days_left(&frame, day),
            badge: words::badge(&frame, line.state.known()),
            id: line.id,
            title: line.title,
            place: line.place,
            unit_name: line.unit_name,
        }
    };
    let ahead = store::list_meetings(
        &site.db,
        (today, now.plus_ms(SPAN_MS)),
        &all,
        &drafts,
        false,
        60,
    )
    .await?;
    let behind = store::list_meetings(
        &site.db,
        (now.plus_ms(-SPAN_MS), today),
        &all,
        &drafts,
        true,
        60,
    )
    .await?;
    // What ended today does not come any more; what runs past midnight has not ended.
    let is_over = |line: &store::Line| line.state.known().is_some_and(Stands::is_closed);
    let is_running = |line: &store::Line| line.state.is(Stands::Running);
    let (over, ahead): (Vec<_>, Vec<_>) = ahead.into_iter().partition(is_over);
    let (running, behind): (Vec<_>, Vec<_>) = behind.into_iter().partition(is_running);
    let ahead: Vec<store::Line> = running.into_iter().chain(ahead).collect();
    let next_at = ahead.iter().position(|line| {
        let state = line.state.known();
        state.is_some_and(|state| state.is_coming() || state.is_running())
    });
    let mut coming: Vec<Shown> = ahead.into_iter().map(show).collect();
    let next = next_at
        .filter(|at| *at < coming.len())
        .map(|at| coming.remove(at));
    let past = over.into_iter().rev().chain(behind).map(show).collect();
    let may_plan = !access::own_units(&who.actor, Cap::MeetingPrepare, on).is_empty();
    frame.html(&Page {
        frame: frame.clone(),
        next,
        coming,
        past,
        may_plan,
    })
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{BINH, HOA, LAN, THU, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn everyone_sees_the_meetings_of_their_own_units_only() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            for (who, sees) in [
                (LAN, true),
                (HOA, true),
                (THU, true),
                (TUAN, false),
                (BINH, false),
            ] {
                let page = app.as_(who).get("/meetings").await.expects(200);
                assert_eq!(page.body().contains(&id), sees, "{}", who.name);
            }
            assert!(
                app.as_(LAN)
                    .get("/meetings")
                    .await
                    .has_button("Lên lịch họp")
            );
            assert!(
                !app.as_(HOA)
                    .get("/meetings")
                    .await
                    .has_button("Lên lịch họp")
            );
            app.stranger().get("/meetings").await.expects(303);
            let page = app.as_(LAN).get("/meetings").await;
            assert!(page.has("#next") && !page.has("#past"));
            opens(&app, LAN, &id).await;
            closes(&app, &id).await;
            let page = app.as_(LAN).get("/meetings").await;
            assert!(page.has("#past a") && !page.has("#coming") && !page.has("#next"));
            app.later(6 * 86_400_000);
            assert!(app.as_(HOA).get("/meetings").await.has("#past a"));
        })
        .await;
    }
}
