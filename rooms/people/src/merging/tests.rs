//! Stories of merging, on both databases: prepared, agreed, stale, refused, twice, crosswise, taken apart.

use crate::fact::Status;
use crate::store::{self, NewMember, NewPlacement};
use kernel::{Day, MemberId, Role};
use testkit::{HOA, LAN, MINH, THU, TUAN, TestApp, on_both};

pub(super) fn id(text: &str) -> MemberId {
    text.parse().unwrap()
}

/// A second record of Hoa in cell B: the same name and birth, a code, a card, an e-mail and a post of its own.
pub(super) async fn hoa_twice(app: &TestApp) {
    app.has_post(MINH, "Phó bí thư", Role::CommitteeLead, "committee")
        .await;
    let mut act = app.act().await;
    let hoa = id("hoa");
    store::set_external_id(&mut act, &hoa, "H1").await.unwrap();
    store::set_numbers(&mut act, &hoa, Some("012345678901"), None, None)
        .await
        .unwrap();
    let twin = NewMember {
        name: "Lương Thị Hoa".into(),
        birth_on: "1954-05-19".into(),
        external_id: "H2".into(),
        card: "999999999901".into(),
        citizen: "079154000417".into(),
        email: "hoa@example.vn".into(),
        home_town: "Cần Thơ".into(),
        status: kernel::fact::Kept::Known(Status::Full),
        ..NewMember::default()
    };
    let two = id("hoa-two");
    store::add_member_as(&mut act, &two, &twin).await.unwrap();
    let since: Day = "2020-01-01".parse().unwrap();
    let place = NewPlacement::official(&two, &"cell-b".parse().unwrap(), since);
    store::add_placement(&mut act, &place).await.unwrap();
    let post = store::NewHolding::new(
        &"cell-b".parse().unwrap(),
        "Chi ủy viên",
        Role::CellCommittee,
        30,
        &two,
        since,
    );
    store::add_position_holding(&mut act, &post).await.unwrap();
    act.end().await.unwrap();
}

/// Every choice of the page for Hoa, all from that record but those named otherwise.
pub(super) async fn choices(
    app: &TestApp,
    keep: &str,
    others: &[(&str, &str)],
) -> Vec<(String, String)> {
    let page = app
        .as_(THU)
        .get("/members/hoa/merging?with=hoa-two")
        .await
        .expects(200);
    let mut names = page.attributes("form[data-ask] input[type=radio]", "name");
    names.dedup();
    let mut all = vec![
        ("with".to_owned(), "hoa-two".to_owned()),
        ("reason".to_owned(), "Đã đối chiếu căn cước".to_owned()),
    ];
    for name in names {
        let other = others.iter().find(|(field, _)| *field == name);
        all.push((name, other.map_or(keep, |(_, from)| from).to_owned()));
    }
    all
}

pub(super) async fn prepares(app: &TestApp, keep: &str, others: &[(&str, &str)]) -> testkit::Reply {
    let typed = choices(app, keep, others).await;
    let typed: Vec<(&str, &str)> = (typed.iter())
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    app.as_(THU).post("/members/hoa/merging", &typed).await
}

pub(super) async fn agrees(app: &TestApp, who: &str) -> Result<usize, kernel::Error> {
    use site::four_eyes::{decide, list_open};
    let actor = crate::actor::load(&app.site, &id(who)).await.unwrap();
    let open = list_open(&app.site, &actor).await.unwrap();
    for one in &open {
        let yes = approvals::Decision::Approved;
        decide(
            &app.site,
            "test",
            &actor,
            &one.id,
            &one.payload_hash,
            yes,
            "",
        )
        .await?;
    }
    Ok(open.len())
}

pub(super) fn refusal(result: Result<usize, kernel::Error>) -> &'static str {
    match result {
        Err(kernel::Error::Refused(refusal)) => refusal.key,
        other => panic!("not refused: {other:?}"),
    }
}

const OPEN: &str =
    "select count(*) from people_placement where member_id = 'hoa-two' and to_on = '9999-12-31'";
pub(super) const MERGED: &str = "select count(*) from people_alias where old_id = 'hoa-two' and member_id = 'hoa' and ended_at = 0";

#[tokio::test(flavor = "multi_thread")]
async fn two_records_of_one_person_are_found_and_said_to_be_two_and_that_is_taken_back() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            let thu = app.as_(THU);
            let unit = thu.get("/units/committee").await.expects(200);
            assert!(unit.text("#same").contains('1'), "{}", unit.text("#same"));
            let list = thu.get("/units/committee/duplicates").await.expects(200);
            assert_eq!(list.all("#pairs li").len(), 1);
            assert!(
                !list.body().contains("1954-"),
                "a list is not a look at records"
            );
            // Of two trees nobody below the office over both learns anything.
            assert!(
                !app.as_(LAN)
                    .get("/units/cell-a")
                    .await
                    .expects(200)
                    .has("#same")
            );
            app.as_(LAN)
                .get("/units/cell-a/duplicates")
                .await
                .expects(404);
            let cell = thu.get("/units/cell-a/duplicates").await.expects(200);
            assert!(cell.has("#none"), "the other one is of another cell");
            for who in [LAN, HOA, TUAN] {
                app.as_(who)
                    .get("/members/hoa/merging?with=hoa-two")
                    .await
                    .expects(404);
                app.as_(who)
                    .post("/members/hoa/distinct/hoa-two", &[])
                    .await
                    .expects(404);
            }
            thu.post_forged("/members/hoa/distinct/hoa-two", &[])
                .await
                .expects(403);
            let from = [("unit", "committee")];
            thu.post("/members/hoa/distinct/hoa-two", &from)
                .await
                .expects(303);
            thu.post("/members/hoa-two/distinct/hoa", &from)
                .await
                .expects(303);
            let list = thu.get("/units/committee/duplicates").await.expects(200);
            assert_eq!(
                (list.all("#pairs li").len(), list.all("#distinct li").len()),
                (0, 1)
            );
            assert!(list.text("#distinct").contains(THU.name));
            thu.post("/members/hoa/distinct/hoa-two/withdrawal", &from)
                .await
                .expects(303);
            let list = thu.get("/units/committee/duplicates").await.expects(200);
            assert_eq!(list.all("#pairs li").len(), 1);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_numbers_that_are_kept_apart_show_to_the_office_over_both() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let mut act = app.act().await;
            store::set_numbers(&mut act, &id("hoa"), None, Some("079154000417"), None)
                .await
                .unwrap();
            store::set_unmatched(&mut act, &id("tuan"), "", "079154000417")
                .await
                .unwrap();
            act.end().await.unwrap();
            let list = app
                .as_(THU)
                .get("/units/committee/duplicates")
                .await
                .expects(200);
            assert_eq!(list.all("#pairs li").len(), 1);
            let cell = app
                .as_(THU)
                .get("/units/cell-b/duplicates")
                .await
                .expects(200);
            assert!(cell.has("#none"));
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_is_chosen_and_a_second_person_makes_one_of_two() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            let thu = app.as_(THU);
            let page = thu.get("/members/hoa/merging?with=hoa-two").await.expects(200);
            // Where both say something nothing is chosen beforehand; the only word is offered.
            assert!(page.has("input[name=f-email][value=hoa-two][checked]"));
            assert!(!page.has("input[name=f-card][checked]") && !page.has("input[name=keep][checked]"));
            let body = page.body();
            assert!(body.contains("8901") && !body.contains("012345678901"), "last figures alone");
            let looked = "select count(*) from audit_access where about_member_id in ('hoa', 'hoa-two') and level = 'V3'";
            assert_eq!(app.count(looked).await, 2);
            // Nothing chosen: everything is asked for, and what was typed stays.
            let bare = [("with", "hoa-two"), ("reason", "Đã đối chiếu")];
            let page = thu.post("/members/hoa/merging", &bare).await.expects(422);
            assert!(page.has("#e-keep") && page.has("#e-f-card") && page.has("#e-home"));
            let others = [("f-citizen", "hoa-two"), ("f-email", "hoa-two"), ("f-home_town", "hoa-two")];
            prepares(&app, "hoa", &others).await.expects(303);
            assert_eq!(app.count(MERGED).await, 0, "nothing is done before somebody agrees");
            prepares(&app, "hoa-two", &[]).await.expects(409);
            assert_eq!(agrees(&app, "thu").await.unwrap(), 0, "not whoever prepared it");
            assert_eq!(agrees(&app, "minh").await.unwrap(), 1);
            assert_eq!((app.count(MERGED).await, app.count(OPEN).await), (1, 0));
            let record = "select count(*) from people_member where id = 'hoa' and external_id = 'H1' \
                and email = 'hoa@example.vn' and home_town = 'Cần Thơ' and citizen_mac <> ''";
            assert_eq!(app.count(record).await, 1);
            // Its rights ended and nobody got them.
            let rights = "select count(*) from people_grant where unit_id = 'cell-b' and to_on = '9999-12-31' \
                and member_id in ('hoa', 'hoa-two')";
            assert_eq!(app.count(rights).await, 0);
            assert!(crate::actor::load(&app.site, &id("hoa-two")).await.unwrap().grants.is_empty());
            let ledger = "select count(*) from people_member_event where (member_id = 'hoa' and kind = 'merged_from') \
                or (member_id = 'hoa-two' and kind = 'merged_into')";
            assert_eq!(app.count(ledger).await, 2);
            // One of them in lists, searches and counts; the old address leads to the one that stays.
            assert_eq!(thu.get("/members/hoa-two").await.expects(303).location(), "/members/hoa");
            app.as_(LAN).get("/members/hoa-two").await.expects(404);
            let own = app.as_(HOA).get("/members/hoa-two").await.expects(303);
            assert_eq!(own.location(), "/me");
            app.as_(TUAN).get("/members/hoa-two").await.expects(404);
            let hits = crate::search::by_name(&app.site, &THU.actor(), "lương hoa", 9).await.unwrap();
            assert_eq!(hits.len(), 1);
            let by_code = crate::search::by_name(&app.site, &THU.actor(), "H2", 9).await.unwrap();
            assert_eq!(by_code[0].member_id.as_str(), "hoa");
            let roster = crate::roster::list(&app.site, &"cell-b".parse().unwrap(), app.today()).await.unwrap();
            assert!(roster.iter().all(|one| one.member_id.as_str() != "hoa-two"));
            let list = thu.get("/units/committee/duplicates").await.expects(200);
            assert!(list.has("#none"));
            // What stands under the old id is the person's own.
            let me = app.as_(HOA).get("/me/record.json").await.expects(200).json();
            assert!(me["placements"].as_array().unwrap().iter().any(|one| one["unit_id"] == "cell-b"));
            assert!(me["events"].as_array().unwrap().iter().any(|one| one["kind"] == "merged_into"));
            // A third person may have the number that was not taken over.
            let mut act = app.act().await;
            store::set_numbers(&mut act, &id("tuan"), Some("999999999901"), None, None).await.unwrap();
            act.end().await.unwrap();
            // Again, late and twice: there is one record.
            assert_eq!(prepares_late(&app).await.location(), "/members/hoa");
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
        },
    )
    .await;
}

async fn prepares_late(app: &TestApp) -> testkit::Reply {
    let typed = [("with", "hoa-two"), ("keep", "hoa"), ("reason", "x")];
    app.as_(THU)
        .post("/members/hoa/merging", &typed)
        .await
        .expects(303)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_one_of_the_two_neither_prepares_nor_agrees() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            app.has_post(HOA, "Phó bí thư", Role::CommitteeLead, "committee")
                .await;
            // Who holds rights over both could change both; Thu is over them.
            prepares(&app, "hoa", &[]).await.expects(303);
            assert_eq!(
                refusal(agrees(&app, "hoa").await),
                "approvals-refused-about"
            );
            assert_eq!(app.count(MERGED).await, 0);
            assert_eq!(agrees(&app, "minh").await.unwrap(), 1);
            assert_eq!(app.count(MERGED).await, 1);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_changed_while_it_waited_sends_back_to_the_preview() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            prepares(&app, "hoa", &[]).await.expects(303);
            app.has_email(HOA, "moi@example.vn").await;
            assert_eq!(
                refusal(agrees(&app, "minh").await),
                "approvals-refused-stale"
            );
            assert_eq!((app.count(MERGED).await, app.count(OPEN).await), (0, 1));
            // A post that was given meanwhile is a change as well.
            prepares(&app, "hoa", &[]).await.expects(303);
            let mut act = app.act().await;
            let post = store::NewHolding::new(
                &"cell-b".parse().unwrap(),
                "Thủ quỹ",
                Role::Member,
                40,
                &id("hoa-two"),
                app.today(),
            );
            store::add_position_holding(&mut act, &post).await.unwrap();
            act.end().await.unwrap();
            assert_eq!(
                refusal(agrees(&app, "minh").await),
                "approvals-refused-stale"
            );
            assert_eq!(app.count(MERGED).await, 0);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_merges_that_cross_one_is_done_and_the_other_goes_back() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            prepares(&app, "hoa", &[]).await.expects(303);
            // The same two the other way round wait once.
            prepares(&app, "hoa-two", &[]).await.expects(409);
            // A third record with one of them does wait, and is stale as soon as the first is done.
            app.is_called(TUAN, "Lương Thị Hoa", "1954-05-19").await;
            let page = app
                .as_(THU)
                .get("/members/hoa/merging?with=tuan")
                .await
                .expects(200);
            let mut names = page.attributes("form[data-ask] input[type=radio]", "name");
            names.dedup();
            let mut typed = vec![("with", "tuan"), ("reason", "Đã đối chiếu")];
            typed.extend(names.iter().map(|name| (name.as_str(), "tuan")));
            app.as_(THU)
                .post("/members/hoa/merging", &typed)
                .await
                .expects(303);
            assert_eq!(
                refusal(agrees(&app, "minh").await),
                "approvals-refused-stale"
            );
            let all = "select count(*) from people_alias where ended_at = 0";
            assert_eq!(app.count(all).await, 1);
            assert_eq!(agrees(&app, "minh").await.unwrap(), 0);
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_agree_at_once_make_one_merging() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            app.has_post(TUAN, "Phó bí thư", Role::CommitteeLead, "committee")
                .await;
            prepares(&app, "hoa", &[]).await.expects(303);
            let (one, other) = tokio::join!(agrees(&app, "minh"), agrees(&app, "tuan"));
            let done = [&one, &other]
                .iter()
                .filter(|one| matches!(one, Ok(1)))
                .count();
            assert_eq!(done, 1, "{one:?} {other:?}");
            assert_eq!(app.count(MERGED).await, 1);
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_chains_and_the_last_merging_is_taken_apart_first() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            app.is_called(TUAN, "Lương Thị Hoa", "1954-05-19").await;
            // The second record is merged into the first, the first into a third.
            prepares(&app, "hoa", &[]).await.expects(303);
            agrees(&app, "minh").await.unwrap();
            let page = app
                .as_(THU)
                .get("/members/tuan/merging?with=hoa")
                .await
                .expects(200);
            let mut names = page.attributes("form[data-ask] input[type=radio]", "name");
            names.dedup();
            let mut typed = vec![("with", "hoa"), ("reason", "Đã đối chiếu")];
            typed.extend(names.iter().map(|name| (name.as_str(), "tuan")));
            app.as_(THU)
                .post("/members/tuan/merging", &typed)
                .await
                .expects(303);
            agrees(&app, "minh").await.unwrap();
            let straight =
                "select count(*) from people_alias where member_id = 'tuan' and ended_at = 0";
            assert_eq!(app.count(straight).await, 2);
            let from = app.as_(THU).get("/members/hoa-two").await.expects(303);
            assert_eq!(from.location(), "/members/tuan");
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
            let alias = async |old: &'static str| -> String {
                let found: (String,) =
                    db::sql("select id from people_alias where old_id = $1 and ended_at = 0")
                        .bind(old)
                        .one(app.site.db.read())
                        .await
                        .unwrap();
                found.0
            };
            let first = format!("/members/tuan/merges/{}/separation", alias("hoa-two").await);
            app.as_(THU).get(&first).await.expects(409);
            let last = format!("/members/tuan/merges/{}/separation", alias("hoa").await);
            app.as_(THU)
                .post(&last, &[("reason", "Hai người")])
                .await
                .expects(303);
            agrees(&app, "minh").await.unwrap();
            assert_eq!(
                app.count(MERGED).await,
                1,
                "the first merging is again what it was"
            );
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taken_apart_again_fields_and_places_return_where_nobody_changed_them() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            let others = [
                ("f-citizen", "hoa-two"),
                ("f-card", "hoa-two"),
                ("f-email", "hoa-two"),
                ("f-home_town", "hoa-two"),
                ("home", "hoa-two"),
            ];
            prepares(&app, "hoa", &others).await.expects(303);
            agrees(&app, "minh").await.unwrap();
            let in_b = "select count(*) from people_placement where member_id = 'hoa' and unit_id = 'cell-b' and to_on = '9999-12-31'";
            assert_eq!(app.count(in_b).await, 1);
            // What was changed since stays, and is said beforehand.
            app.has_email(HOA, "moi@example.vn").await;
            let thu = app.as_(THU);
            let page = thu.get("/members/hoa").await.expects(200);
            let to = page.attributes("#merged a", "href").pop().unwrap();
            let page = thu.get(&to).await.expects(200);
            assert!(page.text("#lines").contains("đã sửa sau khi ghép"));
            thu.post(&to, &[("reason", "")]).await.expects(422);
            for who in [LAN, HOA, TUAN] {
                app.as_(who).get(&to).await.expects(404);
            }
            thu.post(&to, &[("reason", "Hai người khác nhau")]).await.expects(303);
            assert_eq!(app.count(MERGED).await, 1, "two people here as well");
            assert_eq!(agrees(&app, "minh").await.unwrap(), 1);
            assert_eq!(app.count(MERGED).await, 0);
            let record = "select count(*) from people_member where id = 'hoa' and email = 'moi@example.vn' \
                and home_town <> 'Cần Thơ' and citizen_mac = '' and card_mac <> ''";
            assert_eq!(app.count(record).await, 1);
            let other = "select count(*) from people_member where id = 'hoa-two' and merged_on = '' \
                and citizen_mac <> '' and card_mac <> ''";
            assert_eq!(app.count(other).await, 1);
            assert_eq!(app.count(OPEN).await, 1);
            let in_a = "select count(*) from people_placement where member_id = 'hoa' and unit_id = 'cell-a' and to_on = '9999-12-31'";
            assert_eq!((app.count(in_a).await, app.count(in_b).await), (1, 0));
            let kept = "select count(*) from people_alias where old_id = 'hoa-two' and ended_at > 0";
            assert_eq!(app.count(kept).await, 1, "the alias ended and stays");
            thu.get("/members/hoa-two").await.expects(200);
            thu.get(&to).await.expects(404);
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_today_is_merged_on_the_same_day_and_taken_apart() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            app.sets(
                "update people_placement set from_on = '2026-11-23' where member_id = 'hoa-two'",
            )
            .await;
            app.opens_ledger().await;
            prepares(&app, "hoa", &[]).await.expects(303);
            agrees(&app, "minh").await.unwrap();
            let roster = crate::roster::list(&app.site, &"cell-b".parse().unwrap(), app.today())
                .await
                .unwrap();
            assert!(roster.iter().all(|one| one.member_id.as_str() != "hoa-two"));
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
            let page = app.as_(THU).get("/members/hoa").await.expects(200);
            let to = page.attributes("#merged a", "href").pop().unwrap();
            app.as_(THU)
                .post(&to, &[("reason", "Hai người khác nhau")])
                .await
                .expects(303);
            agrees(&app, "minh").await.unwrap();
            assert_eq!(app.count(OPEN).await, 1);
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_nobody_beside_them_is_told_so_and_nothing_waits() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            app.leaves_posts(MINH).await;
            let page = app
                .as_(THU)
                .get("/members/hoa/merging?with=hoa-two")
                .await
                .expects(200);
            assert!(page.has("#bar") && !page.has("form[data-ask] button"));
            prepares(&app, "hoa", &[]).await.expects(409);
            assert_eq!(
                app.count("select count(*) from approvals_approval").await,
                0
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_and_not_answered_goes_on_and_what_was_on_the_way_is_sent_anew() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            let mut act = app.act().await;
            for (member, field, value) in [
                ("hoa-two", "residence", "Ngõ 5"),
                ("hoa-two", "birth_on", "1955"),
                ("hoa", "birth_on", "1956"),
            ] {
                let field = field.parse().unwrap();
                let said = crate::members::store::correction::add(&mut act, &id(member), field, value, "x").await;
                said.unwrap();
            }
            act.end().await.unwrap();
            app.sets(
                "insert into people_outside (id, way, member_id, unit_id, body_name, letter_on, state, sent_at) \
                 values ('t', 'out', 'hoa-two', 'cell-b', 'Xa', '2026-11-20', 'sent', 1)",
            )
            .await;
            prepares(&app, "hoa", &[]).await.expects(303);
            agrees(&app, "minh").await.unwrap();
            assert_eq!(app.count(MERGED).await, 1);
            let said = crate::members::store::correction::list(&app.site, &id("hoa")).await.unwrap();
            let mut open: Vec<String> = said.into_iter().filter(|one| one.is_open()).map(|one| one.value).collect();
            open.sort();
            assert_eq!(open, ["1956", "Ngõ 5"], "of one place the word of the record that stays");
            let left = "select count(*) from people_correction where member_id = 'hoa-two' and state = 'open'";
            assert_eq!(app.count(left).await, 0);
            assert_eq!(app.count("select count(*) from people_outside where state = 'sent'").await, 0);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_of_aliases_is_named() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            prepares(&app, "hoa", &[]).await.expects(303);
            agrees(&app, "minh").await.unwrap();
            for (damage, told) in [
                ("update people_member set merged_on = '' where id = 'hoa-two'", "not there"),
                ("update people_alias set ended_at = 5", "nothing says into which"),
                ("update people_placement set to_on = '9999-12-31' where member_id = 'hoa-two'", "still placed"),
                (
                    "insert into people_alias (id, old_id, member_id, approval_id, merged_at, was_sealed) \
                     values ('x', 'hoa', 'lan', '', 1, '')",
                    "merged itself",
                ),
            ] {
                let before = crate::check(&app.site).await.unwrap();
                assert_eq!(before, []);
                let mut act = app.act().await;
                db::sql(damage).run(act.on()).await.unwrap();
                act.end().await.unwrap();
                let alarms = crate::check(&app.site).await.unwrap();
                assert!(alarms.iter().any(|alarm| alarm.what.contains(told)), "{damage}: {alarms:?}");
                for repair in [
                    "update people_member set merged_on = '2026-11-23' where id = 'hoa-two'",
                    "delete from people_alias where id = 'x'",
                    "update people_alias set ended_at = 0",
                    "update people_placement set to_on = '2026-11-23' where member_id = 'hoa-two'",
                ] {
                    let mut act = app.act().await;
                    db::sql(repair).run(act.on()).await.unwrap();
                    act.end().await.unwrap();
                }
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_records_of_one_person_are_not_two_people_where_two_must_agree() {
    on_both(
        || vec![crate::room()],
        async |app| {
            use site::four_eyes::{decide, list_open};
            hoa_twice(&app).await;
            prepares(&app, "hoa", &[]).await.expects(303);
            let minh = crate::actor::load(&app.site, &id("minh")).await.unwrap();
            let open = list_open(&app.site, &minh).await.unwrap();
            // Whoever prepared it turns out to be the second person.
            app.sets(
                "insert into people_alias (id, old_id, member_id, approval_id, merged_at, was_sealed) \
                 values ('x', 'thu', 'minh', '', 1, '')",
            )
            .await;
            assert_eq!(agrees(&app, "minh").await.unwrap(), 0);
            let yes = approvals::Decision::Approved;
            let (approval, hash) = (&open[0].id, open[0].payload_hash.as_str());
            let said = decide(&app.site, "test", &minh, approval, hash, yes, "").await;
            assert!(
                matches!(said, Err(kernel::Error::Refused(refusal)) if refusal.key == "approvals-refused-own")
            );
            assert_eq!(app.count(MERGED).await, 0);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_a_merged_record_is_read_as_of_a_day_and_can_be_ended() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            let thu = app.as_(THU);
            let of = |code: &'static str, on: &'static str| {
                [("scheme", "national"), ("code", code), ("from_on", on)]
            };
            thu.post("/members/hoa-two/codes", &of("79.0002", "01/3/2025"))
                .await
                .expects(303);
            prepares(&app, "hoa", &[]).await.expects(303);
            agrees(&app, "minh").await.unwrap();
            assert_eq!(app.count(MERGED).await, 1);
            let then = thu.get("/members/hoa/history?on=02/3/2025").await.expects(200);
            assert!(then.body().contains("79.0002"), "as of a day");
            let before = thu.get("/members/hoa/history?on=28/02/2025").await.expects(200);
            assert!(!before.text("#then").contains("79.0002"));
            // Nobody else is given it, and here it is known.
            let taken = thu.post("/members/minh/codes", &of("79.0002", "01/3/2025")).await;
            taken.expects(422);
            let same = thu.post("/members/hoa/codes", &of("79.0002", "01/4/2025")).await;
            same.expects(303);
            assert_eq!(app.count("select count(*) from people_code").await, 1);
            // A new one of the list ends it, and so does saying that there is none.
            thu.post("/members/hoa/codes", &of("79.0003", "01/5/2025"))
                .await
                .expects(303);
            let ended = "select count(*) from people_code where member_id = 'hoa-two' and to_on = '2025-05-01'";
            assert_eq!(app.count(ended).await, 1);
            thu.post("/members/hoa/codes", &of("", "01/6/2025"))
                .await
                .expects(303);
            let open = "select count(*) from people_code where to_on = '9999-12-31'";
            assert_eq!(app.count(open).await, 0);
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
        },
    )
    .await;
}
