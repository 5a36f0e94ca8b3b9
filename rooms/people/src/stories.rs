//! Stories over the whole room: statements on both databases, texts in both languages, R1 against an
//! oracle that walks parents through the real tables, R6 by date.

use crate::access::{CanDraft, CanGive, CanShape, Importing};
use crate::fact::EventKind;
use crate::store::{self, NewHolding, NewPlacement, NewUnit};
use kernel::cap::Reach;
use kernel::{Cap, MemberId, Role, UnitId, UnitRef};
use site::May as _;
use std::collections::HashMap;
use testkit::{LAN, THU, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_prepares_on_both_databases() {
    on_both(
        || vec![crate::room()],
        async |app| app.prepares(&crate::room().statements).await,
    )
    .await;
}

#[test]
fn both_languages_have_the_same_keys() {
    let room = crate::room();
    let texts =
        web::Texts::build(&[room.texts]).unwrap_or_else(|trouble| panic!("{}", trouble.join("\n")));
    assert_eq!(texts.keys(web::Lang::Vi), texts.keys(web::Lang::En));
}

/// R1: random trees and grants; what `Actor::allow` says is what a walk over the parents says.
#[tokio::test(flavor = "multi_thread")]
async fn rights_are_what_a_walk_over_the_parents_says() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let site = &app.site;
            let dice = kernel::Dice::seeded(11);
            let today = app.today();
            let lan: MemberId = "lan".parse().unwrap();
            let mut parents: HashMap<String, Option<String>> = HashMap::new();
            let mut act = app.act().await;
            let mut ids: Vec<String> = Vec::new();
            for nth in 0..24 {
                // Ids that sort oddly: capitals, dashes, prefixes of each other.
                let id = ["r", "R", "r-", "r0", "rA"][nth % 5].repeat(1 + nth / 5);
                let parent = (nth > 0).then(|| ids[dice.below(ids.len() as u64) as usize].clone());
                let above: Option<UnitId> = parent.as_ref().map(|id| id.parse().unwrap());
                let new = NewUnit::new(
                    id.parse().unwrap(),
                    above,
                    crate::fact::UnitKind::Cell,
                    &id,
                    "2020-01-01".parse().unwrap(),
                );
                store::add_unit(&mut act, &new).await.unwrap();
                parents.insert(id.clone(), parent);
                ids.push(id);
            }
            let mut held: Vec<(String, Role, i32, i32)> = Vec::new();
            for _ in 0..8 {
                let at = ids[dice.below(ids.len() as u64) as usize].clone();
                let role =
                    [Role::CellLead, Role::OrgOfficer, Role::CommitteeLead][dice.below(3) as usize];
                let (from, to) = (dice.below(3) as i32 - 1, 1 + dice.below(3) as i32);
                let post = NewHolding {
                    to_on: today.plus_days(to),
                    ..NewHolding::new(
                        &at.parse().unwrap(),
                        "x",
                        role,
                        10,
                        &lan,
                        today.plus_days(from),
                    )
                };
                store::add_position_holding(&mut act, &post).await.unwrap();
                held.push((at, role, from, to));
            }
            act.end().await.unwrap();
            assert_eq!(crate::check(site).await.unwrap(), []);
            let stands_in = |unit: &str, top: &str| {
                let mut at = Some(unit.to_owned());
                while let Some(id) = at {
                    if id == top {
                        return true;
                    }
                    at = parents[&id].clone();
                }
                false
            };
            for after in 0..4 {
                site.clock.set(today.plus_days(after).at(9, 0));
                let on = site.clock.today();
                let actor = crate::actor::load(site, &lan).await.unwrap();
                for id in &ids {
                    let unit = crate::unit::get_ref(site, &id.parse().unwrap())
                        .await
                        .unwrap();
                    for cap in [
                        Cap::MemberRead,
                        Cap::GrantGive,
                        Cap::MeetingPrepare,
                        Cap::IdentityWrite,
                        Cap::AuditRead,
                    ] {
                        let oracle = held.iter().any(|(at, role, from, to)| {
                            *from <= after
                                && after < *to
                                && role.caps().has(cap)
                                && if role.reach() == Reach::Unit {
                                    at == id
                                } else {
                                    stands_in(id, at)
                                }
                        });
                        assert_eq!(
                            actor.allow(cap, &unit, on),
                            oracle,
                            "day {after}, {id}, {}",
                            cap.name()
                        );
                        assert_eq!(actor.scope(cap, on).holds(&unit.path), oracle);
                    }
                }
            }
        },
    )
    .await;
}

/// R6: a post ends by its date, a placement by being closed; nobody signs in again.
#[tokio::test(flavor = "multi_thread")]
async fn rights_end_by_date_and_by_hand_without_a_new_sign_in() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let site = &app.site;
            let today = app.today();
            let hoa: MemberId = "hoa".parse().unwrap();
            let cell = crate::unit::get_ref(site, &"cell-a".parse().unwrap())
                .await
                .unwrap();
            let may = async |cap| {
                crate::actor::load(site, &hoa)
                    .await
                    .unwrap()
                    .allow(cap, &cell, site.clock.today())
            };
            let mut act = app.act().await;
            let post = NewHolding {
                to_on: today.plus_days(2),
                ..NewHolding::new(
                    &cell.id,
                    "Chi ủy viên",
                    Role::CellCommittee,
                    30,
                    &hoa,
                    today.plus_days(1),
                )
            };
            store::add_position_holding(&mut act, &post).await.unwrap();
            act.end().await.unwrap();
            for (days, holds) in [(0, false), (1, true), (2, false)] {
                site.clock.set(today.plus_days(days).at(0, 0));
                assert_eq!(may(Cap::AttendanceMark).await, holds, "day {days}");
            }
            assert!(may(Cap::CheckinSelf).await);
            let mut act = app.act().await;
            store::close_placement(&mut act, "p-hoa", site.clock.today(), "transfer")
                .await
                .unwrap();
            act.end().await.unwrap();
            assert!(!may(Cap::CheckinSelf).await);
            let mut act = app.act().await;
            store::add_placement(
                &mut act,
                &NewPlacement::official(&hoa, &cell.id, site.clock.today()),
            )
            .await
            .unwrap();
            db::sql("update people_member set status = 'left' where id = 'hoa'")
                .run(act.on())
                .await
                .unwrap();
            store::bump_epoch(&mut act).await.unwrap();
            act.end().await.unwrap();
            assert!(
                !may(Cap::CheckinSelf).await,
                "who left has no rights, whatever is still open"
            );
        },
    )
    .await;
}

/// The page reads the founding day before the write: one put right in between counts.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_stands_in_a_unit_before_its_founding_even_when_that_day_moved_meanwhile() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let hoa = MemberId::try_from("hoa".to_owned()).unwrap();
            let cell = crate::unit::get(
                &app.site,
                &kernel::UnitId::try_from("cell-b".to_owned()).unwrap(),
            )
            .await
            .unwrap();
            let early = cell.founded_on.plus_days(-1);
            let said = |result: kernel::error::Result<String>| match result {
                Err(kernel::Error::Refused(refusal)) => refusal.key,
                other => panic!("{other:?}"),
            };
            let mut act = app.act().await;
            let place = NewPlacement {
                kind: crate::fact::Placement::Temporary,
                ..NewPlacement::official(&hoa, &cell.id, early)
            };
            let placed = store::add_placement(&mut act, &place).await;
            assert_eq!(said(placed), "people-refused-before-founding");
            act.leave().await.unwrap();
            let mut act = app.act().await;
            let post = NewHolding::new(
                &cell.id,
                "Chi ủy viên",
                Role::CellCommittee,
                30,
                &hoa,
                early,
            );
            let posted = store::add_position_holding(&mut act, &post).await;
            assert_eq!(said(posted), "people-refused-before-founding");
            act.leave().await.unwrap();
            let mut act = app.act().await;
            let place = NewPlacement {
                from_on: cell.founded_on,
                ..place
            };
            store::add_placement(&mut act, &place).await.unwrap();
            act.end().await.unwrap();
        },
    )
    .await;
}

/// The giver's page reads who may have the post before the write, and whoever dies or leaves in between is met there.
#[tokio::test(flavor = "multi_thread")]
async fn no_post_is_given_to_whoever_has_died_moved_or_become_another_record_meanwhile() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let (hoa, cell) = ("hoa".parse().unwrap(), "cell-a".parse().unwrap());
            let new = NewHolding::new(
                &cell,
                "Chi ủy viên",
                Role::CellCommittee,
                30,
                &hoa,
                app.today(),
            );
            for text in [
                "update people_member set status = 'deceased' where id = 'hoa'",
                "update people_member set merged_on = '2026-11-20' where id = 'hoa'",
                "update people_placement set unit_id = 'cell-b' where member_id = 'hoa'",
            ] {
                let here = app.again(vec![crate::room()]).await;
                here.sets(text).await;
                let may = CanGive::of(
                    &THU.actor(),
                    &crate::unit::get(&here.site, &cell)
                        .await
                        .unwrap()
                        .reference(),
                    here.today(),
                )
                .unwrap();
                let mut act = may
                    .begin(&here.site, "test", "position.give")
                    .await
                    .unwrap();
                match crate::giving::give(&mut act, &new).await {
                    Err(kernel::Error::Refused(refusal)) => {
                        assert_eq!(refusal.key, "people-giving-refused-past")
                    }
                    other => panic!("{text}: {other:?}"),
                }
                act.leave().await.unwrap();
                here.ends().await;
            }
        },
    )
    .await;
}

/// A list that is brought in and a person who edits meet: whoever comes second waits before their first row,
/// so that neither holds what the other wants next and nobody is undone.
#[tokio::test(flavor = "multi_thread")]
async fn two_who_write_the_same_people_in_opposite_order_both_come_through() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let (hoa, minh): (MemberId, MemberId) =
                ("hoa".parse().unwrap(), "minh".parse().unwrap());
            let begun = tokio::sync::Notify::new();
            let list = async {
                let mut act = app.act().await;
                store::set_numbers(&mut act, &hoa, None, None, Some("0912345678")).await?;
                begun.notify_one();
                // Long enough for the other to take what it would without the gate.
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                store::close_placement(&mut act, "p-minh", app.today(), "transfer").await?;
                store::set_numbers(&mut act, &minh, None, None, Some("0912345679")).await?;
                act.end().await.map(|_| ())
            };
            let edit = async {
                begun.notified().await;
                let mut act = app.act().await;
                store::set_numbers(&mut act, &minh, None, None, Some("0987654321")).await?;
                store::close_placement(&mut act, "p-hoa", app.today(), "transfer").await?;
                store::set_numbers(&mut act, &hoa, None, None, Some("0987654322")).await?;
                act.end().await.map(|_| ())
            };
            let (list, edit): (kernel::Result<()>, kernel::Result<()>) = tokio::join!(list, edit);
            assert!(list.is_ok(), "{list:?}");
            assert!(edit.is_ok(), "{edit:?}");
            let kept = "select count(*) from people_placement where to_on < '9999-12-31'";
            assert_eq!(app.count(kept).await, 2);
        },
    )
    .await;
}

/// Writes one row in an act of this proof, which does not end; answers whether it was refused as beyond.
macro_rules! is_beyond {
    ($app:ident, $may:expr, $write:expr) => {{
        let mut act = $may.begin(&$app.site, "test", "test").await.unwrap();
        let write: kernel::Result<()> = $write(&mut act).await;
        act.leave().await.unwrap();
        write.is_err_and(|error| site::Beyond::is(&error))
    }};
}

/// An act is opened for a unit: a handler that took another id than it had checked writes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_act_opened_for_one_unit_writes_no_row_of_another() {
    on_both(
        || vec![crate::room()],
        async |app| {
            use site::Act;
            let today = app.today();
            let unit_ref = |unit: &str| UnitRef {
                id: unit.parse().unwrap(),
                path: testkit::path_of(unit),
            };
            let id = |text: &str| -> MemberId { text.parse().unwrap() };
            let lan = || CanDraft::of(&LAN.actor(), &unit_ref("cell-a"), today).unwrap();
            for (who, is_of_another) in [("hoa", false), ("tuan", true)] {
                let who = id(who);
                let refused = is_beyond!(app, lan(), async |act: &mut Act<CanDraft>| {
                    store::set_numbers(act, &who, None, None, Some("0912345678")).await
                });
                assert_eq!(refused, is_of_another, "numbers of {who}");
                let refused = is_beyond!(app, lan(), async |act: &mut Act<CanDraft>| {
                    store::set_external_id(act, &who, "A1").await
                });
                assert_eq!(refused, is_of_another, "code of {who}");
                let refused = is_beyond!(app, lan(), async |act: &mut Act<CanDraft>| {
                    let event = store::Event::new(&who, EventKind::MemberCorrected, today);
                    store::add_event(act, &event).await.map(|_| ())
                });
                assert_eq!(refused, is_of_another, "ledger of {who}");
                let refused = is_beyond!(app, lan(), async |act: &mut Act<CanDraft>| {
                    let ends = format!("p-{who}");
                    let ended = store::close_placement(act, &ends, today, "transfer").await;
                    ended.map(|_| ())
                });
                assert_eq!(refused, is_of_another, "placement of {who}");
            }
            // Neither is somebody of the own cell put into another.
            let refused = is_beyond!(app, lan(), async |act: &mut Act<CanDraft>| {
                let place = NewPlacement::official(&id("hoa"), &unit_ref("cell-b").id, today);
                store::add_placement(act, &place).await.map(|_| ())
            });
            assert!(refused, "a placement in another cell");
            // Posts, and the tree: below the unit for which the right was checked, not beside it.
            for (unit, is_of_another) in [("cell-a", false), ("cell-e", true)] {
                let may = CanGive::of(&THU.actor(), &unit_ref("committee"), today).unwrap();
                let refused = is_beyond!(app, may, async |act: &mut Act<CanGive>| {
                    let unit: UnitId = unit.parse().unwrap();
                    let new = NewHolding::new(
                        &unit,
                        "Chi ủy viên",
                        Role::CellCommittee,
                        30,
                        &id("hoa"),
                        today,
                    );
                    store::add_position_holding(act, &new).await.map(|_| ())
                });
                assert_eq!(refused, is_of_another, "a post of {unit}");
            }
            let here = crate::unit::get(&app.site, &unit_ref("cell-a").id)
                .await
                .unwrap();
            for (unit, is_of_another) in [("cell-a", false), ("cell-b", true)] {
                let may = CanShape::of(&THU.actor(), Cap::UnitDraft, &here, today).unwrap();
                let refused = is_beyond!(app, may, async |act: &mut Act<CanShape>| {
                    let name = "Chi bộ Khác";
                    let new = NewUnit::new(
                        UnitId::fresh(&app.site.clock, &app.site.dice),
                        Some(unit.parse().unwrap()),
                        crate::fact::UnitKind::Cell,
                        name,
                        today,
                    );
                    store::add_unit(act, &new).await.map(|_| ())
                });
                assert_eq!(refused, is_of_another, "a unit below {unit}");
            }
            // Who brings in lists reaches what their grants reach, the operator everything.
            for (by, is_of_another) in [(Some(THU.actor()), true), (None, false)] {
                let may = Importing::by(by.as_ref(), "test", today).unwrap();
                let refused = is_beyond!(app, may, async |act: &mut Act<Importing>| {
                    let new = store::NewMember {
                        name: "Đinh Văn Một".to_owned(),
                        ..Default::default()
                    };
                    let member = store::add_member(act, &new).await?;
                    let place = NewPlacement::official(&member, &unit_ref("cell-e").id, today);
                    store::add_placement(act, &place).await.map(|_| ())
                });
                assert_eq!(refused, is_of_another, "an import by {by:?}");
            }
        },
    )
    .await;
}
