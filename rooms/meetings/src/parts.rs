//! What this room shows elsewhere: the next meetings on a unit's page, one's own tasks on "Tôi", and what is
//! kept of a person for their export.
//!
//! Not here: those pages (`people`). Seen by the same right as the list of meetings (R10).

use crate::fact::TaskState;
use crate::{access, hall, plan, words};
use askama::Template;
use kernel::error::{Error, Result};
use kernel::{Day, MemberId, Moment, UnitRef};
use site::Site;
use site::room::{ExportPart, InHand, MemberPart, Merging, OwnList, Part, UnitPart};
use std::sync::Arc;
use web::{Frame, SignedIn};

/// Meetings on a unit's page.
const COMING: i64 = 3;

struct Line {
    to: String,
    margin: String,
    title: String,
    meta: String,
}

#[derive(Template)]
#[template(path = "meetings/_part.html")]
struct Drawn {
    id: &'static str,
    heading: String,
    lines: Vec<Line>,
}

impl Drawn {
    fn part(self, order: i64) -> Result<Option<Part>> {
        if self.lines.is_empty() {
            return Ok(None);
        }
        let html = self.render().map_err(Error::fault)?;
        Ok(Some(Part { order, html }))
    }
}

pub(crate) const ON_UNIT: UnitPart = UnitPart {
    name: "meetings",
    draw: |site, frame, who, unit| Box::pin(coming(site, frame, who, unit)),
};

pub(crate) const OF_MEMBER: MemberPart = MemberPart {
    name: "meetings",
    draw: Some(|site, frame, who| Box::pin(tasks(site, frame, who))),
    export: Some(|site, frame, member| Box::pin(export(site, frame, member))),
};

/// A merged record keeps its marks, its invitations and its tasks; where both of one person are asked for or marked,
/// that is said beforehand and stays as it is.
pub(crate) const MERGING: Merging = Merging {
    name: "meetings",
    both: Some(|site, frame, one, other| Box::pin(both(site, frame, one, other))),
    one: None,
    moves: None,
};

async fn both(site: Site, frame: Frame, one: MemberId, other: MemberId) -> Result<Vec<String>> {
    let found = hall::store::list_both(&site.db, &one, &other).await?;
    let said = |(title, starts_at): (String, i64)| {
        let day = Moment(starts_at).day().vn();
        frame.t2("meetings-both", "title", title.as_str(), "day", &day)
    };
    Ok(found.into_iter().map(said).collect())
}

async fn coming(
    site: Site,
    frame: Frame,
    who: Arc<SignedIn>,
    unit: UnitRef,
) -> Result<Option<Part>> {
    let today = site.clock.today();
    let mut scopes = access::reading_scopes(&who.actor, today).into_iter();
    if !scopes.any(|scope| scope.holds(&unit.path)) {
        return Ok(None);
    }
    let found = plan::store::list_coming(&site.db, &unit.id, today.start(), COMING).await?;
    let lines = found.into_iter().map(|line| {
        let starts = Moment(line.starts_at);
        Line {
            to: format!("/meetings/{}", line.id),
            margin: starts.day().vn_short(),
            meta: format!("{}, {}", words::hour(&frame, starts), line.place),
            title: line.title,
        }
    });
    Drawn {
        lines: lines.collect(),
        id: "meetings-coming",
        heading: frame.t("meetings-part-coming"),
    }
    .part(10)
}

async fn tasks(site: Site, frame: Frame, who: Arc<SignedIn>) -> Result<Option<Part>> {
    let found = hall::store::list_tasks_of(&site.db, &who.actor.member).await?;
    let open = found
        .into_iter()
        .filter(|task| task.state.is(TaskState::Open));
    let lines = open.map(|task| Line {
        to: format!("/meetings/{}", task.origin_id),
        margin: (task.due_on.parse::<Day>()).map_or_else(|_| String::new(), |day| day.vn_short()),
        meta: task.unit_name,
        title: task.title,
    });
    Drawn {
        lines: lines.collect(),
        id: "meetings-tasks",
        heading: frame.t("meetings-part-tasks"),
    }
    .part(10)
}

/// Open tasks of somebody who leaves, where this visitor may read the unit's meetings.
pub(crate) async fn in_hand(
    site: &Site,
    frame: &Frame,
    who: &SignedIn,
    member: &MemberId,
) -> Result<Vec<InHand>> {
    let scopes = access::reading_scopes(&who.actor, site.clock.today());
    let found = hall::store::list_tasks_of(&site.db, member).await?;
    let open = found.into_iter().filter(|task| {
        task.state.is(TaskState::Open) && scopes.iter().any(|scope| scope.holds(&task.path))
    });
    let now = site.clock.now();
    let led = hall::store::list_led(&site.db, member, now).await?;
    let led = led
        .into_iter()
        .filter(|one| scopes.iter().any(|scope| scope.holds(&one.path)));
    let mut all: Vec<InHand> = led
        .map(|one| InHand {
            to: format!("/meetings/{}", one.id),
            meta: frame.t1(
                "meetings-in-hand-led",
                "day",
                &Moment(one.starts_at).day().vn(),
            ),
            goes_with: Some(one.unit_id),
            title: one.title,
        })
        .collect();
    let held = open.map(|task| InHand {
        goes_with: Some(task.unit_id.clone()),
        to: format!("/meetings/{}", task.origin_id),
        meta: match task.due_on.parse::<Day>() {
            Ok(day) => frame.t1("meetings-in-hand-due", "day", &day.vn()),
            Err(_) => task.unit_name,
        },
        title: task.title,
    });
    all.extend(held);
    Ok(all)
}

async fn export(site: Site, frame: Frame, member: MemberId) -> Result<ExportPart> {
    let tasks = hall::store::list_tasks_of(&site.db, &member).await?;
    let roll = hall::store::list_roll_of(&site.db, &member).await?;
    let json = serde_json::json!({
        "tasks": tasks.iter().map(|task| serde_json::json!({
            "title": task.title, "unit": task.unit_name, "due_on": task.due_on, "state": task.state.word(),
        })).collect::<Vec<_>>(),
        "attendance": roll.iter().map(|one| serde_json::json!({
            "meeting": one.title, "starts_at": Moment(one.starts_at).rfc3339(), "state": one.state.word(),
        })).collect::<Vec<_>>(),
    });
    let tasks = tasks.into_iter().map(|task| {
        let day = (task.due_on.parse::<Day>()).map_or_else(|_| String::new(), |day| day.vn());
        let state = words::task(&frame, task.state.known());
        (
            task.title,
            frame.t2("meetings-own-task", "day", &day, "state", &state),
        )
    });
    let stood = roll.into_iter().map(|one| {
        let day = Moment(one.starts_at).day().vn();
        let what = frame.t2("meetings-own-meeting", "title", &one.title, "day", &day);
        (what, words::mark(&frame, one.state.known()))
    });
    Ok(ExportPart {
        json,
        lists: vec![
            OwnList {
                heading: frame.t("meetings-part-tasks"),
                lines: tasks.collect(),
            },
            OwnList {
                heading: frame.t("meetings-own-roll"),
                lines: stood.collect(),
            },
        ],
    })
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use testkit::{HOA, LAN, MINH, THU, TUAN};

    fn both() -> Vec<site::Room> {
        vec![people::room(), crate::room()]
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_page_of_a_unit_shows_its_next_meetings_to_who_may_see_them() {
        testkit::on_both(both, async |app| {
            let id = plans(&app, LAN, &[("do", "save")]).await;
            let page = app.as_(LAN).get("/units/cell-a").await.expects(200);
            assert!(!page.has("#meetings-coming"), "a draft is not announced");
            app.as_(LAN)
                .post(&format!("/meetings/{id}/calling"), &[])
                .await
                .expects(303);
            for who in [LAN, HOA, THU] {
                let page = app.as_(who).get("/units/cell-a").await.expects(200);
                let to = page.attributes("#meetings-coming a", "href");
                assert_eq!(to, [format!("/meetings/{id}")]);
            }
            let page = app.as_(TUAN).get("/units/cell-b").await.expects(200);
            assert!(!page.has("#meetings-coming"));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn ones_own_tasks_and_attendance_stand_on_ones_page_and_in_ones_export() {
        testkit::on_both(both, async |app| {
            opened(&app).await;
            app.sets(
                "insert into meetings_task (id, unit_id, origin_id, title, owner_id, due_on, state, once_key) \
                 select 't', 'cell-a', id, 'Sửa mái', 'hoa', '2026-12-05', 'open', 'k' from meetings_meeting",
            )
            .await;
            app.sets(
                "insert into meetings_attendance (meeting_id, member_id, state, marked_by, marked_at) \
                 select id, 'hoa', 'present', 'lan', 1 from meetings_meeting",
            )
            .await;
            let page = app.as_(HOA).get("/me").await.expects(200);
            assert_eq!(page.all("#meetings-tasks a"), ["Sửa mái"]);
            assert!(!app.as_(LAN).get("/me").await.has("#meetings-tasks"));
            let mine = app.as_(HOA).get("/me/record.json").await.expects(200).json();
            assert_eq!(mine["rooms"]["meetings"]["tasks"][0]["title"], "Sửa mái");
            assert_eq!(mine["rooms"]["meetings"]["attendance"][0]["state"], "present");
            let hers = app.as_(LAN).get("/me/record.json").await.expects(200).json();
            assert_eq!(hers["rooms"]["meetings"]["tasks"], serde_json::json!([]));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_merged_record_was_to_chair_is_the_persons_and_what_was_held_keeps_who_did_it() {
        use people::store::{self, NewMember, NewPlacement};
        testkit::on_both(both, async |app| {
            app.has_post(MINH, "Phó bí thư", kernel::Role::CommitteeLead, "committee")
                .await;
            let twin: kernel::MemberId = "hoa-two".parse().unwrap();
            let mut act = app.act().await;
            let new = NewMember {
                name: "Lương Thị Hoa".into(),
                ..NewMember::default()
            };
            store::add_member_as(&mut act, &twin, &new).await.unwrap();
            let since = "2020-01-01".parse().unwrap();
            let place = NewPlacement::official(&twin, &"cell-b".parse().unwrap(), since);
            store::add_placement(&mut act, &place).await.unwrap();
            act.end().await.unwrap();
            let held = plans(&app, LAN, &[("do", "call")]).await;
            app.sets("update meetings_meeting set chair_id = 'hoa-two', clerk_id = 'hoa-two'")
                .await;
            // Nobody has merged them: it is another person's.
            crate::told::merged(&app.site, "hoa hoa-two").await.unwrap();
            let led =
                "select count(*) from meetings_meeting where chair_id = 'hoa' and clerk_id = 'hoa'";
            assert_eq!(app.count(led).await, 0);
            let thu = app.as_(THU);
            let page = thu
                .get("/members/hoa/merging?with=hoa-two")
                .await
                .expects(200);
            let mut names = page.attributes("form[data-ask] input[type=radio]", "name");
            names.dedup();
            let mut typed = vec![("with", "hoa-two"), ("reason", "Đã đối chiếu")];
            typed.extend(names.iter().map(|name| (name.as_str(), "hoa")));
            thu.post("/members/hoa/merging", &typed).await.expects(303);
            let minh = people::actor::load(&app.site, &"minh".parse().unwrap())
                .await
                .unwrap();
            let open = site::four_eyes::list_open(&app.site, &minh).await.unwrap();
            let (id, hash, yes) = (
                &open[0].id,
                open[0].payload_hash.as_str(),
                approvals::Decision::Approved,
            );
            let said = site::four_eyes::decide(&app.site, "test", &minh, id, hash, yes, "").await;
            said.unwrap();
            app.sets("update meetings_meeting set state = 'archived'")
                .await;
            crate::told::merged(&app.site, "hoa hoa-two").await.unwrap();
            assert_eq!(app.count(led).await, 0, "it was held");
            app.sets("update meetings_meeting set state = 'called'")
                .await;
            app.works().await;
            assert_eq!(app.count(led).await, 1);
            crate::told::merged(&app.site, "hoa hoa-two").await.unwrap();
            app.as_(HOA)
                .get(&format!("/meetings/{held}"))
                .await
                .expects(200);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn meetings_to_come_and_open_tasks_of_the_unit_go_to_the_next_holder_in_one_act() {
        testkit::on_both(both, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            app.sets("update meetings_meeting set chair_id = 'lan', clerk_id = 'hoa'")
                .await;
            for text in [
                "insert into meetings_task (id, unit_id, origin_id, title, owner_id, due_on, state, once_key) \
                 select 't1', 'cell-a', id, 'Sửa mái', 'lan', '2026-12-05', 'open', 'k1' from meetings_meeting",
                "insert into meetings_task (id, unit_id, origin_id, title, owner_id, due_on, state, once_key) \
                 select 't2', 'cell-a', id, 'Việc đã xong', 'lan', '2026-11-05', 'done', 'k2' from meetings_meeting",
                "insert into meetings_task (id, unit_id, origin_id, title, owner_id, due_on, state, once_key) \
                 select 't3', 'cell-b', id, 'Việc nơi khác', 'lan', '2026-12-05', 'open', 'k3' from meetings_meeting",
            ] {
                app.sets(text).await;
            }
            let path = "/units/cell-a/positions/h-lan-0/handover";
            let page = app.as_(THU).get(path).await.expects(200);
            assert!(!page.body().contains('⟦'), "{}", page.text("main"));
            let goes = page.attributes("#goes a", "href");
            assert_eq!(goes.len(), 2, "{}", page.text("#goes"));
            assert_eq!(goes[0], format!("/meetings/{id}"));
            assert!(page.text("#goes").contains("Sửa mái"));
            assert!(page.text("#stays").contains("Việc nơi khác"));
            let good = [("to", "minh"), ("read", "1")];
            app.as_(THU).post(path, &good).await.expects(303);
            for (moved, count) in [
                ("select count(*) from meetings_meeting where chair_id = 'minh' and clerk_id = 'hoa'", 1),
                ("select count(*) from meetings_task where id = 't1' and owner_id = 'minh'", 1),
                ("select count(*) from meetings_task where id in ('t2', 't3') and owner_id = 'lan'", 2),
            ] {
                assert_eq!(app.count(moved).await, count, "{moved}");
            }
            let page = app.as_(MINH).get(path).await;
            page.expects(404);
            let page = app.as_(THU).get(path).await.expects(200);
            assert!(page.text("#done").contains("Sửa mái"));
            app.as_(MINH).get(&format!("{path}.pdf")).await.expects(200);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_dies_is_invited_to_nothing_any_more_and_their_tasks_are_named_before() {
        testkit::on_both(both, async |app| {
            let id = plans(&app, LAN, &[("do", "call")]).await;
            app.sets(
                "insert into meetings_task (id, unit_id, origin_id, title, owner_id, due_on, state, once_key) \
                 select 't', 'cell-a', id, 'Sửa mái', 'hoa', '2026-12-05', 'open', 'k' from meetings_meeting",
            )
            .await;
            app.sets(
                "insert into meetings_absence (id, meeting_id, member_id, filed_at, state) \
                 select 'a', id, 'hoa', 1, 'filed' from meetings_meeting",
            )
            .await;
            let invited = "select count(*) from meetings_invitation where member_id = 'hoa'";
            assert_eq!(app.count(invited).await, 1);
            let page = app.as_(LAN).get("/members/hoa/leaving").await.expects(200);
            let to = page.attributes("#in-hand a", "href");
            assert_eq!(to, [format!("/meetings/{id}")]);
            let died = [
                ("how", "died"),
                ("on", "20/11/2026"),
                ("row_version", "1"),
                ("read", "1"),
            ];
            app.as_(LAN)
                .post("/members/hoa/leaving", &died)
                .await
                .expects(303);
            app.works().await;
            assert_eq!(app.count(invited).await, 0);
            let absent = "select count(*) from meetings_absence where member_id = 'hoa' and state <> 'withdrawn'";
            assert_eq!(app.count(absent).await, 0);
            let others = "select count(*) from meetings_invitation";
            assert_eq!(app.count(others).await, 2);
        })
        .await;
    }
}
