//! Calling a meeting: from a draft to what every member of the unit sees and is asked about.
//!
//! Guards are `state`. Invites the roster of the meeting's day and publishes the papers.
//! A second press is not an error.

use super::plan_form;
use crate::access;
use crate::id::MeetingId;
use crate::state::{Facts, State as Stands, go};
use crate::store;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use db::Tx;
use kernel::error::Result;
use kernel::{Cap, Day, UnitId, UnitRef};
use site::{Audit, Site};
use web::{Answer, Form, Frame, Member, see_other};

/// Those of the papers that the visitor may open: a forged id is left out.
pub(crate) async fn papers_in_reach(
    site: &Site,
    who: &Member,
    ids: &[String],
) -> Result<Vec<String>> {
    let reach = plan_form::reach(who, site.clock.today());
    let found = store::find_papers(&site.db, &reach, ids).await?;
    Ok(found.into_iter().map(|paper| paper.document_id).collect())
}

/// Who is told: the roster of the day.
pub(crate) async fn invited(site: &Site, unit: &UnitId, on: Day) -> Result<Vec<String>> {
    Ok(plan_form::people(site, unit, on)
        .await?
        .into_iter()
        .map(|(id, _)| id)
        .collect())
}

/// Calls the draft, inside the caller's transaction. The caller has checked guards and right.
pub(crate) async fn call(
    tx: &mut Tx,
    site: &Site,
    frame: &Frame,
    who: &Member,
    unit: &UnitRef,
    id: &MeetingId,
    invited: &[String],
) -> Result<()> {
    if !store::set_state(tx, id, Stands::Draft, Stands::Called).await? {
        return Err(store::changed(id));
    }
    let now = site.clock.now();
    for member in invited {
        store::invite(tx, id, member, now).await?;
    }
    store::publish_papers(tx, id, now).await?;
    Audit::by(&who.actor, "meeting.call")
        .right(&who.actor, Cap::MeetingChair, unit, now.day())
        .object("meeting", id)
        .operation(frame.operation())
        .write(tx, &site.clock, &site.dice)
        .await
}

#[derive(serde::Deserialize)]
pub(crate) struct Nothing {}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let may = access::find(&site, &who, &id).await?.into_chair()?;
    let meeting = &may.meeting;
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
    let unit = meeting.unit();
    let invited = invited(&site, &unit.id, meeting.starts().day()).await?;
    let mut tx = site.db.begin().await?;
    call(&mut tx, &site, &frame, &who, &unit, &meeting.id, &invited).await?;
    site.db.commit(tx).await?;
    Ok(see_other(back)
        .flash("meetings-called-done")
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::pages::verbs::*;
    use testkit::{HOA, LAN, THU, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_called_meeting_is_seen_by_its_members_and_by_those_above() {
        testkit::on_both(rooms, async |app| {
            let id = plans(&app, LAN, &[("do", "save")]).await;
            let page = app
                .as_(LAN)
                .post_and_follow(&format!("/meetings/{id}/calling"), &[])
                .await;
            assert!(page.expects(200).text(".state").contains("Đã gửi"));
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
