//! R1 to R13 of the governance reference where no page's own test shows them. `docs/rights.md` names, rule by rule,
//! every test that does.

use crate::fact::Placement;
use crate::sight;
use crate::store::{self, NewHolding, NewPlacement};
use kernel::cap::Reach;
use kernel::{Actor, Cap, Day, Grant, GrantScope, MemberId, Role, UnitRef};
use testkit::{ALL, HOA, LAN, THU, TestApp, on_both};

fn id(text: &str) -> MemberId {
    text.parse().unwrap()
}

fn unit(name: &str) -> UnitRef {
    UnitRef {
        id: name.parse().unwrap(),
        path: testkit::path_of(name),
    }
}

async fn may(app: &TestApp, who: &str, cap: Cap, at: &str) -> bool {
    let actor = crate::actor::load(&app.site, &id(who)).await.unwrap();
    actor.allow(cap, &unit(at), app.site.clock.today())
}

/// A row of a delegation as some program may have left it.
async fn lends(app: &TestApp, to: &str, from: &str, role: Role, at: (&str, Reach), caps: &[&str]) {
    let mut act = app.act().await;
    store::bump_epoch(&mut act).await.unwrap();
    db::sql(
        "insert into people_grant (id, member_id, role, unit_id, scope, caps_json, source, source_id, from_on, granted_at) \
         values ($1, $2, $3, $4, $5, $6, 'delegation', $7, '2026-11-01', 0)",
    )
    .bind(format!("lent-{to}-{}", at.0))
    .bind(to)
    .bind(role.name())
    .bind(at.0)
    .bind(at.1.name())
    .bind(serde_json::json!(caps).to_string())
    .bind(from)
    .run(act.on())
    .await
    .unwrap();
    act.end().await.unwrap();
}

/// R1: whatever is still open of a unit that is closed, its pages of writing are not there.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_to_a_closed_unit_by_whoever_governs_it() {
    on_both(
        || vec![crate::room()],
        async |app| {
            app.sets("update people_unit set dissolved_on = '2026-11-20' where id = 'cell-b'")
                .await;
            for page in [
                "units/new",
                "edit",
                "parent",
                "closing",
                "members/new",
                "positions/new",
            ] {
                let page = format!("/units/cell-b/{page}");
                app.as_(THU).get(&page).await.expects(404);
                app.as_(THU)
                    .post(&page, &[("name", "x")])
                    .await
                    .expects(404);
            }
        },
    )
    .await;
}

/// R7: what is lent ends with the right it was lent of, whichever way that ends.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_lent_dies_with_the_right_it_was_lent_of() {
    let lead = "g-lan-cell_lead-cell-a";
    for ends in [
        "update people_grant set revoked_at = 1 where id = 'g-lan-cell_lead-cell-a'",
        "update people_grant set to_on = '2026-11-23' where id = 'g-lan-cell_lead-cell-a'",
        "update people_grant set role = 'cell_committee' where id = 'g-lan-cell_lead-cell-a'",
        "update people_member set status = 'deceased' where id = 'lan'",
        "update people_member set merged_on = '2026-11-20' where id = 'lan'",
        "update people_unit set dissolved_on = '2026-11-23' where id = 'cell-a'",
    ] {
        on_both(
            || vec![crate::room()],
            async |app| {
                let at = ("cell-a", Reach::Unit);
                lends(&app, "hoa", lead, Role::CellLead, at, &["attendance_mark"]).await;
                assert!(may(&app, "hoa", Cap::AttendanceMark, "cell-a").await);
                app.sets(ends).await;
                assert!(
                    !may(&app, "hoa", Cap::AttendanceMark, "cell-a").await,
                    "{ends}"
                );
            },
        )
        .await;
    }
}

/// R7: neither further, nor wider, nor passed on, nor what nobody lends; a row that says otherwise gives nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_lent_reaches_no_further_and_is_not_passed_on() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let (lead, wide) = ("g-lan-cell_lead-cell-a", "g-thu-org_officer-committee");
            let every: Vec<&str> = Cap::ALL.iter().map(|cap| cap.name()).collect();
            // Beside the unit of the one who lends, and wider than the own reach.
            lends(
                &app,
                "tuan",
                lead,
                Role::CellLead,
                ("cell-b", Reach::Unit),
                &every,
            )
            .await;
            lends(
                &app,
                "minh",
                lead,
                Role::CellLead,
                ("cell-a", Reach::Subtree),
                &every,
            )
            .await;
            lends(
                &app,
                "binh",
                wide,
                Role::OrgOfficer,
                ("cell-e", Reach::Subtree),
                &every,
            )
            .await;
            assert!(!may(&app, "tuan", Cap::MeetingPrepare, "cell-b").await);
            assert!(!may(&app, "minh", Cap::MeetingChair, "cell-a").await);
            assert!(!may(&app, "binh", Cap::UnitDraft, "cell-e").await);
            // A part of a reach is lent as it stands.
            lends(
                &app,
                "hoa",
                wide,
                Role::OrgOfficer,
                ("cell-b", Reach::Subtree),
                &["unit_draft"],
            )
            .await;
            assert!(may(&app, "hoa", Cap::UnitDraft, "cell-b").await);
            assert!(!may(&app, "hoa", Cap::UnitDraft, "cell-a").await);
            assert!(
                !may(&app, "hoa", Cap::MemberDraft, "cell-b").await,
                "not named"
            );
            // A delegation of a delegation is none.
            lends(
                &app,
                "tuan",
                "lent-hoa-cell-b",
                Role::OrgOfficer,
                ("committee", Reach::Subtree),
                &["unit_draft"],
            )
            .await;
            assert!(!may(&app, "tuan", Cap::UnitDraft, "cell-b").await);
        },
    )
    .await;
    on_both(
        || vec![crate::room()],
        async |app| {
            let every: Vec<&str> = Cap::ALL.iter().map(|cap| cap.name()).collect();
            for (from, role) in [
                ("g-thu-committee_lead-committee", Role::CommitteeLead),
                ("g-thu-org_officer-committee", Role::OrgOfficer),
            ] {
                let at = (role.name(), Reach::Subtree);
                let to = if role == Role::OrgOfficer {
                    "hoa"
                } else {
                    "minh"
                };
                lends(&app, to, from, role, ("committee", at.1), &every).await;
            }
            for cap in Cap::ALL.iter().filter(|cap| !cap.may_be_lent()) {
                for who in ["hoa", "minh"] {
                    assert!(!may(&app, who, *cap, "committee").await, "{}", cap.name());
                }
            }
            assert!(may(&app, "hoa", Cap::MemberDraft, "cell-b").await);
            assert!(may(&app, "minh", Cap::TaskAssign, "cell-b").await);
        },
    )
    .await;
}

/// R3 and R7: a role is given by own rights alone. What was lent does not fill up what is missing for it.
#[test]
fn what_was_lent_is_not_handed_on_as_a_post() {
    let today: Day = "2026-11-23".parse().unwrap();
    let mut thu: Actor = THU.actor();
    let lent = Grant {
        id: "lent".parse().unwrap(),
        role: Role::FinanceOfficer,
        scope: GrantScope::Subtree(unit("committee")),
        from_on: today,
        to_on: Day::OPEN,
        subset: Some(Role::FinanceOfficer.caps()),
    };
    thu.grants.push(lent.clone());
    let offered = crate::post::givable(&thu, &unit("committee"), today);
    assert!(!offered.contains(&Role::FinanceOfficer), "{offered:?}");
    // Her own of the same would do.
    thu.grants.push(Grant {
        subset: None,
        ..lent
    });
    assert!(crate::post::givable(&thu, &unit("committee"), today).contains(&Role::FinanceOfficer));
}

/// R8: whoever was lent a right by the one who decides is no second person, not even over what that one prepared.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_lent_a_right_decides_nothing_in_the_others_place() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let site = &app.site;
            let every: Vec<&str> = Cap::ALL.iter().map(|cap| cap.name()).collect();
            let lead = "g-thu-committee_lead-committee";
            let at = ("committee", Reach::Subtree);
            lends(&app, "hoa", lead, Role::CommitteeLead, at, &every).await;
            for cap in [
                Cap::GrantApprove,
                Cap::MemberApprove,
                Cap::RestructureApprove,
            ] {
                let path = testkit::path_of("committee");
                let held = crate::post::holders(site, cap, &path).await.unwrap();
                assert!(
                    held.iter().all(|(who, _)| who.as_str() != "hoa"),
                    "{}",
                    cap.name()
                );
            }
            // A post that Lan is to get waits for one who holds the right: Hoa, who was lent all that may be, is
            // shown nothing of it.
            let minh = [
                ("title", "Bí thư đảng ủy"),
                ("role", "committee_lead"),
                ("member", "minh"),
                ("basis", "elected"),
                ("from_on", "23/11/2026"),
            ];
            app.as_(THU)
                .post("/units/committee/positions/new", &minh)
                .await
                .expects(303);
            let mut editor = minh;
            editor[1].1 = "content_editor";
            editor[2].1 = "lan";
            app.as_(THU)
                .post("/units/committee/positions/new", &editor)
                .await
                .expects(303);
            let open = async |who: &str| {
                let actor = crate::actor::load(site, &id(who)).await.unwrap();
                site::four_eyes::list_open(site, &actor)
                    .await
                    .unwrap()
                    .len()
            };
            assert_eq!(
                (open("minh").await, open("hoa").await, open("thu").await),
                (1, 0, 0)
            );
        },
    )
    .await;
}

/// Who gave a right and who agreed to it are both kept with it: neither prints the slip of whoever has it.
#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_two_gave_names_both() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let post = |role, member| {
                [
                    ("title", "Việc mới"),
                    ("role", role),
                    ("member", member),
                    ("basis", "elected"),
                    ("from_on", "23/11/2026"),
                ]
            };
            let to = "/units/committee/positions/new";
            app.as_(THU).post(to, &post("committee_lead", "minh")).await.expects(303);
            app.as_(THU).post(to, &post("content_editor", "lan")).await.expects(303);
            crate::members::admitting::agrees(&app, "minh").await;
            let both = "select count(*) from people_grant where member_id = 'lan' and role = 'content_editor' \
                and prepared_by = 'thu' and approved_by = 'minh'";
            assert_eq!(app.count(both).await, 1);
            let today = app.today();
            for who in ["thu", "minh"] {
                let (lan, who) = (id("lan"), id(who));
                let gave = crate::posts::store::count_given(&app.site.db, &lan, &who, today);
                assert_eq!(gave.await.unwrap(), 1, "{who}");
            }
        },
    )
    .await;
}

/// R10: what a list shows within a scope is what the same right opens one by one.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_scope_holds_the_rows_that_the_right_opens() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let on = app.today();
            let units: Vec<(String, String)> =
                db::sql("select id, path from people_unit order by path")
                    .all(app.site.db.read())
                    .await
                    .unwrap();
            for who in ALL {
                let actor = crate::actor::load(&app.site, &id(who.id)).await.unwrap();
                for cap in Cap::ALL {
                    let scope = actor.scope(*cap, on);
                    let (within, values) = db::scope_condition(&scope, "u.path", 1);
                    let text =
                        format!("select u.id from people_unit u where {within} order by u.path");
                    let asked = db::sql_built(text).bind_all(values);
                    let listed: Vec<(String,)> = asked.all(app.site.db.read()).await.unwrap();
                    let listed: Vec<String> = listed.into_iter().map(|(id,)| id).collect();
                    let allowed: Vec<String> = (units.iter())
                        .filter(|(id, _)| actor.allow(*cap, &unit(id), on))
                        .map(|(id, _)| id.clone())
                        .collect();
                    assert_eq!(listed, allowed, "{} {}", who.id, cap.name());
                }
            }
        },
    )
    .await;
}

/// R12: whoever may read numbers without names is shown no page on which people can be counted one by one.
#[tokio::test(flavor = "multi_thread")]
async fn who_reads_numbers_alone_is_shown_nobody_and_no_count_of_a_few() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let mut viewer = crate::actor::load(&app.site, &id("hoa"))
                .await
                .unwrap()
                .as_ref()
                .clone();
            viewer.grants = vec![Grant {
                id: "g".parse().unwrap(),
                role: Role::ReportViewer,
                scope: GrantScope::Subtree(unit("bloc")),
                from_on: "2020-01-01".parse().unwrap(),
                to_on: Day::OPEN,
                subset: None,
            }];
            viewer.member = id("nobody");
            for place in ["bloc", "committee", "cell-a", "cell-b"] {
                let seen = sight::of_unit(&app.site, &viewer, &place.parse().unwrap()).await;
                assert!(seen.is_err(), "{place}");
            }
            for who in ALL {
                assert!(
                    sight::of_member(&app.site, &viewer, &id(who.id))
                        .await
                        .is_err(),
                    "{}",
                    who.id
                );
            }
        },
    )
    .await;
}

/// R2 and R6 together: a placement that ends today takes the reach of the unit's posts away at once, but for reading.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_moved_is_written_by_the_new_unit_alone() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let today = app.today();
            let mut act = app.act().await;
            assert!(
                store::close_placement(&mut act, "p-hoa", today, "transfer")
                    .await
                    .unwrap()
            );
            let there = NewPlacement {
                kind: Placement::Official,
                ..NewPlacement::official(&id("hoa"), &"cell-b".parse().unwrap(), today)
            };
            store::add_placement(&mut act, &there).await.unwrap();
            let post = NewHolding::new(
                &"cell-b".parse().unwrap(),
                "Bí thư",
                Role::CellLead,
                10,
                &id("tuan"),
                today,
            );
            store::add_position_holding(&mut act, &post).await.unwrap();
            act.end().await.unwrap();
            let seen = async |who: &str| {
                let actor = crate::actor::load(&app.site, &id(who)).await.unwrap();
                sight::of_member(&app.site, &actor, &id("hoa"))
                    .await
                    .map(|sight| (sight.is_former, sight.may_draft))
                    .ok()
            };
            assert_eq!(seen(LAN.id).await, Some((true, false)));
            assert_eq!(seen("tuan").await, Some((false, true)));
            assert_eq!(
                seen(HOA.id).await,
                Some((false, false)),
                "nobody writes the own record"
            );
        },
    )
    .await;
}
