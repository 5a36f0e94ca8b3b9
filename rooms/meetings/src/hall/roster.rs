//! The roll of one meeting: the roster of its day with marks and standing.
//!
//! Joins what the people room publishes with the room's own marks; counting itself is `roll`.
//! The rule that surprises: who has a status and placement without a rule is shown, not counted and
//! may not vote, and the roll counts as unconfirmed.

use crate::fact::Mark;
use crate::hall::roll::{self, Counted, Counts, Sorted};
use crate::hall::store::{Marked, Task};
use crate::store::Meeting;
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Day, UnitId};
use people::fact::{Placement, Status};
use people::roster::Person;
use people::standing::Standing;
use site::Site;
use std::collections::{HashMap, HashSet};

/// One name with all that the page and the count need.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub person: Person,
    pub counted: Counted,
    /// Whether a person of the organisation confirmed the rule that was used.
    pub is_signed_off: bool,
    /// Something stands beside the name that nobody knows; it counts as not marked.
    pub has_odd_mark: bool,
}

/// The roll of a unit on a day without any mark, sorted the Vietnamese way, those away at the end.
pub(crate) async fn of(site: &Site, unit: &UnitId, on: Day) -> Result<Vec<Name>> {
    let people = people::roster::list(site, unit, on).await?;
    let rules = people::standing::of(site, on).await?;
    let mut roll = Vec::with_capacity(people.len());
    for person in people {
        let standing = person.standing(&rules);
        let counted = counted(
            &person.status,
            person.is_exempt,
            &person.placement,
            &standing,
        );
        roll.push(Name {
            person,
            counted,
            is_signed_off: standing.signed_off,
            has_odd_mark: false,
        });
    }
    roll.sort_by_key(|name| name.counted.is_away); // stable: the order of names stays
    Ok(roll)
}

/// What a person counts as, before anything stands beside the name.
pub(crate) fn counted(
    status: &Kept<Status>,
    is_exempt: bool,
    placement: &Kept<Placement>,
    standing: &Standing,
) -> Counted {
    let is_away = placement.is(Placement::OfficialAway);
    let is_official = is_away || placement.is(Placement::Official);
    Counted {
        is_full: is_official && status.is(Status::Full),
        is_probationary: is_official && status.is(Status::Probationary),
        is_guest: placement.is(Placement::Temporary),
        is_exempt,
        is_away,
        is_called: status.known().is_some_and(Status::is_called),
        lacks_rule: standing.is_missing,
        counts: match standing.counts {
            people::standing::Counts::Always => Counts::Always,
            people::standing::Counts::IfPresent => Counts::IfPresent,
            people::standing::Counts::Never => Counts::Never,
        },
        may_vote: standing.may_vote,
        mark: Mark::Open,
    }
}

/// Puts the marks beside the names.
pub(crate) fn mark(roll: &mut [Name], marks: Vec<Marked>) {
    let marks: HashMap<String, Marked> = marks
        .into_iter()
        .map(|mark| (mark.member_id.clone(), mark))
        .collect();
    let on_roll: HashSet<String> = (roll.iter())
        .map(|name| name.person.member_id.to_string())
        .collect();
    // Marked under a record that was merged since: the person's own mark, where there is no other.
    let elsewhere: HashMap<&str, &Marked> = (marks.values())
        .filter(|mark| !mark.read_as.is_empty() && !on_roll.contains(&mark.member_id))
        .map(|mark| (mark.read_as.as_str(), mark))
        .collect();
    for name in roll {
        let id = name.person.member_id.as_str();
        let mark = marks.get(id).or(elsewhere.get(id).copied());
        let known = mark.map(|mark| mark.state.known());
        name.has_odd_mark = known == Some(None);
        name.counted.mark = known.flatten().unwrap_or(Mark::Open);
    }
}

/// The roll of a meeting with its marks.
pub(crate) async fn marked(site: &Site, meeting: &Meeting) -> Result<Vec<Name>> {
    let mut roll = of(site, &meeting.unit_id, meeting.starts().day()).await?;
    mark(
        &mut roll,
        super::store::list_marks(&site.db, &meeting.id).await?,
    );
    Ok(roll)
}

/// Calls those who have a task as the roll of the meeting calls them.
pub(crate) async fn call_owners(site: &Site, meeting: &Meeting, tasks: &mut [Task]) -> Result<()> {
    let names = people::roster::names(site, &meeting.unit_id, meeting.starts().day()).await?;
    for task in tasks {
        names.call(&task.owner_id, &mut task.owner);
    }
    Ok(())
}

/// Chair and clerk as the roll calls them, two of one name told apart: for pages.
pub(crate) async fn call_leaders(site: &Site, meeting: &mut Meeting) -> Result<()> {
    let names = people::roster::names(site, &meeting.unit_id, meeting.starts().day()).await?;
    names.call(&meeting.chair_id, &mut meeting.chair_name);
    names.call(&meeting.clerk_id, &mut meeting.clerk_name);
    Ok(())
}

/// The roll, counted.
pub(crate) fn sort(roll: &[Name]) -> Sorted {
    roll::sort((roll.iter()).map(|name| (name.person.shown.clone(), name.counted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::verbs::{closes, opens, plans};
    use testkit::{HOA, LAN, TestApp};

    fn both() -> Vec<site::Room> {
        vec![people::room(), crate::room()]
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_of_one_name_are_told_apart_on_the_roll_in_tasks_and_in_calls() {
        testkit::on_both(both, async |app| {
            app.is_called(HOA, "Trần Văn Minh", "1987-01-02").await;
            let older = "Trần Văn Minh (Phó bí thư)";
            let younger = "Trần Văn Minh (A)";
            let id = plans(&app, LAN, &[("do", "call")]).await;
            let page = app.as_(LAN).get(&format!("/meetings/{id}")).await;
            let page = page.expects(200);
            let calls = page.text("#unanswered");
            assert!(calls.contains(older) && calls.contains(younger), "{calls}");
            let answer = format!("/meetings/{id}/answer");
            app.as_(HOA)
                .post(&answer, &[("answer", "no")])
                .await
                .expects(303);
            let told = "select count(*) from notices_notice where text_key = 'meetings-told-asked' \
                and text_args like '%Minh (A)%'";
            assert_eq!(
                app.count(told).await,
                1,
                "whoever chairs knows which of the two"
            );
            let page = app
                .as_(LAN)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            assert_eq!(page.all("#absences h3"), [younger]);
            let to = page.attributes("#absences form", "action").remove(0);
            app.as_(LAN)
                .post(&to, &[("decision", "accept")])
                .await
                .expects(303);
            let page = app
                .as_(LAN)
                .get(&format!("/meetings/{id}"))
                .await
                .expects(200);
            assert!(page.text("#absences").contains("đồng chí Minh (A) vắng"));
            opens(&app, LAN, &id).await;
            let at = format!("/meetings/{id}");
            let roll = app.as_(LAN).get(&format!("{at}/attendance")).await;
            let names = roll.expects(200).all(".roll .name");
            assert!(names.contains(&older.to_owned()) && names.contains(&younger.to_owned()));
            let closing = app
                .as_(LAN)
                .get(&format!("{at}/closing"))
                .await
                .expects(200);
            assert!(closing.text("main").contains(younger));
            let notes = format!("{at}/notes");
            let page = app.as_(LAN).get(&notes).await.expects(200);
            let once = page.attributes("input[name=task_once]", "value");
            let task = [
                ("task_once", once[0].as_str()),
                ("task_title", "Mượn xe đẩy"),
                ("task_owner", "hoa"),
                ("task_due", "2026-12-05"),
            ];
            app.as_(LAN).post(&notes, &task).await.expects(303);
            let page = app.as_(LAN).get(&notes).await.expects(200);
            assert!(page.text("main").contains(&format!("{younger}, ")));
            let closed = closes(&app, &id).await;
            let minutes = app
                .as_(LAN)
                .get(&format!("/meetings/{closed}/minutes"))
                .await;
            let text = minutes.expects(200).text("main");
            assert!(text.contains(younger), "{text}");
        })
        .await;
    }

    /// Hoa stands on the roll without counting; her page, her unit's page and those of the meeting are there.
    async fn hoa_has_no_rule(app: &TestApp, said: &str) {
        let unit: UnitId = "cell-a".parse().unwrap();
        let roll = of(&app.site, &unit, app.today()).await.unwrap();
        let hoa = (roll
            .iter()
            .find(|name| name.person.member_id.as_str() == "hoa"))
        .unwrap();
        assert!(
            hoa.counted.lacks_rule && hoa.counted.counts == Counts::Never && !hoa.counted.may_vote
        );
        let lan = app.as_(LAN);
        for (path, place) in [
            ("/units/cell-a", "#roster-rows"),
            ("/members/hoa", "#status"),
        ] {
            let page = lan.get(path).await.expects(200);
            let text = page.text(place).to_lowercase();
            assert!(text.contains(said), "{path}: {text}");
        }
        let id = crate::verbs::opened(app).await;
        let page = lan.get(&format!("/meetings/{id}/attendance")).await;
        assert!(page.expects(200).body().contains(said));
        lan.get(&format!("/meetings/{id}/closing"))
            .await
            .expects(200);
        crate::verbs::closes(app, &id).await;
        lan.get(&format!("/meetings/{id}/minutes"))
            .await
            .expects(200);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_person_without_a_rule_does_not_take_the_roll_away() {
        testkit::on_both(both, async |app| {
            app.has_status(HOA, "suspended").await;
            app.sets("delete from rules_rule where variant = 'suspended/official'")
                .await;
            hoa_has_no_rule(&app, "chưa có quy tắc").await;
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_person_with_an_odd_status_is_shown_and_named_by_the_check() {
        testkit::on_both(both, async |app| {
            app.sets("update people_member set status = 'fulll' where id = 'hoa'")
                .await;
            hoa_has_no_rule(&app, "chưa đọc được").await;
            let mut told = Vec::new();
            for check in people::room().checks.iter().chain(&crate::room().checks) {
                told.extend((check.run)(app.site.clone()).await.unwrap());
            }
            let mut told: Vec<String> = told.iter().map(|one| one.what.to_string()).collect();
            told.retain(|what| !what.contains("what the ledger says")); // set by hand
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(
                told[0].contains("people_member hoa: status \"fulll\""),
                "{told:?}"
            );
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_row_read_alone_with_an_odd_word_is_named_by_the_fault() {
        testkit::on_both(both, async |app| {
            let id = crate::verbs::opened(&app).await;
            let read = db::sql(
                "select m.id, 'x' as other_id, 'runing' as state, m.kind from meetings_meeting m where m.id = $1",
            );
            #[derive(Debug, db::FromRow)]
            struct Row {
                #[sqlx(try_from = "String")]
                #[allow(dead_code)]
                state: crate::state::State,
            }
            let odd = read.bind(&id).one::<Row>(app.site.db.read()).await.unwrap_err();
            let text = odd.log_text();
            for part in ["meetings_meeting", &id, "state", "\"runing\""] {
                assert!(text.contains(part), "{part} in {text}");
            }
        })
        .await;
    }
}
