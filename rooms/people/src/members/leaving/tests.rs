use crate::members::admitting::agrees;
use kernel::fact::Kept;
use kernel::{Day, Role};
use site::May as _;
use site::four_eyes::{decide, list_open};
use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, TestApp, on_both};

const DIED: &[(&str, &str)] = &[
    ("how", "died"),
    ("on", "20/11/2026"),
    ("row_version", "1"),
    ("read", "1"),
];
const EXPELLED: &[(&str, &str)] = &[
    ("how", "expelled"),
    ("on", "20/11/2026"),
    ("decision_no", "12-QĐ/ĐU"),
    ("decision_on", "18/11/2026"),
    ("row_version", "1"),
    ("read", "1"),
];
const WRONG: &[(&str, &str)] = &[("reason", "Trùng họ tên"), ("row_version", "2")];

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

async fn status(app: &TestApp, member: &str) -> String {
    let id = member.parse().unwrap();
    let row = crate::store::get_person(&app.site.db, &id).await.unwrap();
    row.status.word().to_owned()
}

async fn on_roll(app: &TestApp, unit: &str, on: &str) -> Vec<(String, String)> {
    let unit = unit.parse().unwrap();
    let roll = crate::roster::list(&app.site, &unit, day(on))
        .await
        .unwrap();
    roll.into_iter()
        .map(|one| (one.member_id.to_string(), one.status.word().to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_is_recorded_at_once_and_earlier_days_stay_as_they_were() {
    on_both(|| vec![crate::room()], async |app| {
        let (lan, path) = (app.as_(LAN), "/members/hoa/leaving");
        let said = [("field", "birth"), ("value", "1955"), ("reason", "Giấy khai sinh")];
        app.as_(HOA).post("/me/corrections/new", &said).await;
        let open = "select count(*) from people_correction where member_id = 'hoa' and state = 'open'";
        let opened = app.count(open).await;
        assert!(lan.get("/members/hoa").await.has(&format!("a[href='{path}']")));
        let page = lan.get(path).await.expects(200);
        assert!(page.text("#follows").contains("không còn ở đó"));
        assert!(page.text("#second").contains("Phạm Minh Thu"), "a decision waits for her");
        assert_eq!(page.text("#follows").contains("báo sai"), opened == 1);
        lan.post(path, DIED).await.expects(303);
        assert_eq!(status(&app, "hoa").await, "deceased");
        assert_eq!(app.count(open).await, 0);
        let here = |all: Vec<(String, String)>| all.into_iter().find(|(id, _)| id == "hoa");
        assert_eq!(here(on_roll(&app, "cell-a", "2026-11-20").await), None);
        let before = here(on_roll(&app, "cell-a", "2026-11-19").await);
        assert_eq!(before, Some(("hoa".into(), "full".into())), "a member until then");
        let line = "select count(*) from people_member_event where member_id = 'hoa' and kind = 'member_left' \
            and effective_on = '2026-11-20' and payload_json like '%p-hoa%'";
        assert_eq!(app.count(line).await, 1);
        assert_eq!(app.count("select count(*) from people_member_event where member_id = 'hoa'").await, 1);
        assert_eq!(app.count("select count(*) from audit_event where action = 'member.leave' and about_member_id = 'hoa'").await, 1);
        assert!(crate::member::email(&app.site, &"hoa".parse().unwrap()).await.unwrap().is_empty());
        lan.post(path, DIED).await.expects(404);
        lan.get(path).await.expects(404);
        let page = lan.get("/members/hoa").await.expects(200);
        assert!(page.has("a[href='/members/hoa/leaving/back']"));
        assert_eq!(crate::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_beside_its_field() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let (lan, path) = (app.as_(LAN), "/members/hoa/leaving");
            for (of, typed, field) in [
                (EXPELLED, ("how", ""), "how"),
                (EXPELLED, ("on", "24/11/2026"), "on"),
                (EXPELLED, ("on", "31/12/2019"), "on"),
                (EXPELLED, ("decision_no", " "), "decision_no"),
                (EXPELLED, ("decision_on", "24/11/2026"), "decision_on"),
                (DIED, ("read", ""), "read"),
            ] {
                let changed: Vec<_> = (of.iter().copied())
                    .map(|(name, old)| (name, if name == typed.0 { typed.1 } else { old }))
                    .collect();
                let page = lan.post(path, &changed).await.expects(422);
                assert!(page.has(&format!("#e-{field}")), "{field} {typed:?}");
            }
            assert_eq!(status(&app, "hoa").await, "full");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_went_elsewhere_meanwhile_is_not_prepared_for_and_what_waits_of_them_is_stale() {
    on_both(|| vec![crate::room()], async |app| {
        let site = &app.site;
        let thu = crate::actor::load(site, &"thu".parse().unwrap()).await.unwrap();
        let here = crate::unit::get(site, &"cell-a".parse().unwrap()).await.unwrap().reference();
        let hoa: kernel::MemberId = "hoa".parse().unwrap();
        app.as_(LAN).post("/members/hoa/leaving", EXPELLED).await.expects(303);
        let open = list_open(site, &thu).await.unwrap();
        // Moved without a trace in the record: what waits is old, and says so.
        app.sets("update people_placement set unit_id = 'cell-b' where member_id = 'hoa'").await;
        let yes = approvals::Decision::Approved;
        let late = decide(site, "test", &thu, &open[0].id, &open[0].payload_hash, yes, "").await;
        assert!(matches!(late, Err(kernel::Error::Refused(why)) if why.key == "approvals-refused-stale"));
        assert_eq!(status(&app, "hoa").await, "full");
        // Read before they moved, prepared behind it: refused within the act.
        let today = site.clock.today();
        let wish = super::Leaving {
            member: hoa.clone(),
            unit: here.id.clone(),
            how: "expelled".into(),
            on: today,
            decision_no: "12-QĐ/ĐU".into(),
            decision_on: today.to_string(),
            note: String::new(),
            row_version: 1,
            by: "lan".parse().unwrap(),
        };
        let proof = crate::access::CanDraft::of_member(&thu, &here, &hoa, today).unwrap();
        for is_prepared in [true, false] {
            let mut act = proof.clone().begin(site, "test", "member.prepare").await.unwrap();
            let done = match is_prepared {
                true => crate::members::deciding::prepare(&mut act, &wish, "x".into(), 1).await,
                false => super::leave(&mut act, &wish).await,
            };
            assert!(matches!(done, Err(kernel::Error::Refused(why)) if why.key == "people-moving-refused-moved"));
        }
        assert_eq!(app.count("select count(*) from approvals_approval where state = 'waiting'").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_waits_once_for_a_second_person_and_grows_stale_with_the_record() {
    on_both(|| vec![crate::room()], async |app| {
        let (lan, path) = (app.as_(LAN), "/members/hoa/leaving");
        lan.post(path, EXPELLED).await.expects(303);
        assert_eq!(status(&app, "hoa").await, "full");
        // The same press again: it waits once.
        lan.post(path, EXPELLED).await.expects(303);
        let waiting = "select count(*) from approvals_approval where state = 'waiting'";
        assert_eq!(app.count(waiting).await, 1);
        let site = &app.site;
        let thu = crate::actor::load(site, &"thu".parse().unwrap()).await.unwrap();
        let open = list_open(site, &thu).await.unwrap();
        // Somebody edits the record meanwhile.
        app.sets("update people_member set row_version = 2 where id = 'hoa'").await;
        let yes = approvals::Decision::Approved;
        let late = decide(site, "test", &thu, &open[0].id, &open[0].payload_hash, yes, "").await;
        assert!(matches!(late, Err(kernel::Error::Refused(why)) if why.key == "approvals-refused-stale"));
        lan.post(path, EXPELLED).await.expects(409);
        assert!(list_open(site, &thu).await.unwrap().is_empty(), "an old page waits for nobody");
        lan.post(path, DIED).await.expects(409);
        let of_today = |typed: &[(&'static str, &'static str)]| {
            let mut fresh = typed.to_vec();
            fresh.retain(|(name, _)| *name != "row_version");
            fresh.push(("row_version", "2"));
            fresh
        };
        lan.post(path, &of_today(EXPELLED)).await.expects(303);
        lan.post(path, &of_today(DIED)).await.expects(303);
        let open = list_open(site, &thu).await.unwrap();
        let late = decide(site, "test", &thu, &open[0].id, &open[0].payload_hash, yes, "").await;
        assert!(late.is_err(), "died while it waited");
        assert_eq!(status(&app, "hoa").await, "deceased");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_and_rights_end_with_somebody_and_one_of_the_two_reaches_them() {
    on_both(|| vec![crate::room()], async |app| {
        let (lan, path) = (app.as_(LAN), "/members/minh/leaving");
        let page = lan.get(path).await.expects(200);
        assert!(page.text("#follows .post").contains("Phó bí thư"));
        // A right that she does not reach hangs on him: his death waits as well.
        lan.post(path, DIED).await.expects(303);
        assert_eq!(status(&app, "minh").await, "full");
        assert_eq!(agrees(&app, "thu").await, 1);
        assert_eq!(status(&app, "minh").await, "deceased");
        let rights = "select count(*) from people_grant where member_id = 'minh' and to_on > '2026-11-20'";
        assert_eq!(app.count(rights).await, 0);
        let posts = "select count(*) from people_holding where member_id = 'minh' and to_on = '2026-11-20' and end_reason = 'died'";
        assert_eq!(app.count(posts).await, 1);
        let minh = crate::actor::load(&app.site, &"minh".parse().unwrap()).await.unwrap();
        assert!(minh.grants.is_empty());
        assert_eq!(crate::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_governs_alone_is_expelled_though_they_may_have_died() {
    on_both(|| vec![crate::room()], async |app| {
        let mut wish = super::Leaving {
            member: "thu".parse().unwrap(),
            unit: "cell-b".parse().unwrap(),
            how: "expelled".into(),
            on: day("2026-11-20"),
            decision_no: "12-QĐ/ĐU".into(),
            decision_on: "2026-11-18".into(),
            note: String::new(),
            row_version: 1,
            by: "binh".parse().unwrap(),
        };
        let mut act = app.act().await;
        let alone = super::leave(&mut act, &wish).await;
        assert!(matches!(alone, Err(kernel::Error::Refused(why)) if why.key == "people-refused-last-lead"));
        act.leave().await.unwrap();
        wish.how = "died".into();
        let mut act = app.act().await;
        super::leave(&mut act, &wish).await.unwrap();
        act.end().await.unwrap();
        assert_eq!(status(&app, "thu").await, "deceased");
        assert_eq!(crate::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_taken_back_by_two_without_a_gap_and_the_ledger_keeps_both() {
    on_both(|| vec![crate::room()], async |app| {
        let (lan, path) = (app.as_(LAN), "/members/hoa/leaving/back");
        lan.get(path).await.expects(404);
        lan.post("/members/hoa/leaving", DIED).await.expects(303);
        let page = lan.get(path).await.expects(200);
        assert!(page.text("#follows").contains("20/11/2026") && page.text("#second").contains("Phạm Minh Thu"));
        lan.post(path, &[("reason", " "), ("row_version", "2")]).await.expects(422);
        lan.post(path, WRONG).await.expects(303);
        assert_eq!(status(&app, "hoa").await, "deceased");
        lan.post(path, WRONG).await.expects(303);
        assert_eq!(agrees(&app, "thu").await, 1);
        assert_eq!(status(&app, "hoa").await, "full");
        lan.get(path).await.expects(404);
        for on in ["2026-11-19", "2026-11-20", "2026-11-23"] {
            let roll = on_roll(&app, "cell-a", on).await;
            let hers: Vec<_> = roll.iter().filter(|(id, _)| id == "hoa").collect();
            assert_eq!(hers, [&("hoa".to_owned(), "full".to_owned())], "{on}");
        }
        let again = "select count(*) from people_placement where member_id = 'hoa' and prev_id = 'p-hoa' and from_on = '2026-11-20' and to_on = '9999-12-31'";
        assert_eq!(app.count(again).await, 1);
        let both = "select count(*) from people_member_event r join people_member_event l on l.id = r.corrects_id \
            where r.kind = 'member_returned' and l.kind = 'member_left' and r.member_id = 'hoa'";
        assert_eq!(app.count(both).await, 1);
        assert_eq!(crate::check(&app.site).await.unwrap(), []);
        // And once more, for good.
        let mut fresh = DIED.to_vec();
        fresh.retain(|(name, _)| *name != "row_version" && *name != "on");
        fresh.extend([("row_version", "3"), ("on", "22/11/2026")]);
        lan.post("/members/hoa/leaving", &fresh).await.expects(303);
        assert_eq!(status(&app, "hoa").await, "deceased");
        assert_eq!(crate::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_are_listed_to_be_given_anew_and_none_comes_back_by_itself() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let thu = app.as_(THU);
            thu.post("/members/minh/leaving", EXPELLED)
                .await
                .expects(303);
            let page = thu.get("/members/minh/leaving/back").await.expects(200);
            assert!(page.text("#posts").contains("Phó bí thư"));
            thu.post("/members/minh/leaving/back", WRONG)
                .await
                .expects(303);
            assert_eq!(status(&app, "minh").await, "full");
            let minh = crate::actor::load(&app.site, &"minh".parse().unwrap())
                .await
                .unwrap();
            let roles: Vec<Role> = minh.grants.iter().map(|grant| grant.role).collect();
            assert_eq!(roles, [Role::Member]);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_belongs_to_a_unit_again_or_whose_unit_is_closed_is_not_taken_back() {
    on_both(|| vec![crate::room()], async |app| {
        app.as_(LAN).post("/members/hoa/leaving", DIED).await.expects(303);
        app.as_(LAN).post("/members/hoa/leaving/back", WRONG).await.expects(303);
        let mut act = app.act().await;
        let place = crate::store::NewPlacement::official(&"hoa".parse().unwrap(), &"cell-b".parse().unwrap(), day("2026-11-22"));
        crate::store::add_placement(&mut act, &place).await.unwrap();
        act.end().await.unwrap();
        let site = &app.site;
        let thu = crate::actor::load(site, &"thu".parse().unwrap()).await.unwrap();
        let open = list_open(site, &thu).await.unwrap();
        let yes = approvals::Decision::Approved;
        let late = decide(site, "test", &thu, &open[0].id, &open[0].payload_hash, yes, "").await;
        assert!(matches!(late, Err(kernel::Error::Refused(why)) if why.key == "approvals-refused-stale"));
        assert_eq!(status(&app, "hoa").await, "deceased");
        let told: Vec<_> = crate::check(site).await.unwrap().into_iter().map(|alarm| alarm.what).collect();
        assert_eq!(told, ["somebody who is a member no more still belongs to a unit"]);
        app.sets("update people_unit set dissolved_on = '2026-11-23' where id = 'cell-a'").await;
        app.as_(LAN).get("/members/hoa/leaving/back").await.expects(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_says_deceased_and_still_belongs_to_a_unit_is_told_with_the_act_that_mends_it()
 {
    on_both(
        || vec![crate::room()],
        async |app| {
            app.sets("update people_member set status = 'deceased' where id = 'hoa'")
                .await;
            let found = crate::check::findings(&app.site).await.unwrap();
            let mut told: Vec<_> = found
                .iter()
                .map(|one| (one.what.to_string(), one.repair.to_string()))
                .collect();
            told.retain(|(what, _)| !what.contains("what the ledger says")); // set by hand
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(
                told[0].0.contains("hoa") && told[0].1.contains("/members/hoa/leaving"),
                "{told:?}"
            );
            app.as_(LAN)
                .post("/members/hoa/leaving", DIED)
                .await
                .expects(303);
            assert!(crate::check::findings(&app.site).await.unwrap().is_empty());
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_records_it_and_nobody_of_themselves() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let (path, back) = ("/members/hoa/leaving", "/members/hoa/leaving/back");
            for who in [HOA, MINH, TUAN, BINH] {
                app.as_(who).get(path).await.expects(404);
                app.as_(who).post(path, DIED).await.expects(404);
            }
            app.as_(LAN).get("/members/lan/leaving").await.expects(404);
            app.as_(LAN)
                .post("/members/lan/leaving", DIED)
                .await
                .expects(404);
            app.as_(LAN).post_forged(path, DIED).await.expects(403);
            app.as_(LAN).get("/members/tuan/leaving").await.expects(404);
            app.stranger().get(path).await.expects(303);
            app.as_(LAN).post(path, DIED).await.expects(303);
            for who in [HOA, MINH, TUAN, BINH] {
                app.as_(who).get(back).await.expects(404);
                app.as_(who).post(back, WRONG).await.expects(404);
            }
            app.as_(LAN).post_forged(back, WRONG).await.expects(403);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_record_it_at_once_one_does_and_the_other_is_told() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let (lan, thu, path) = (app.as_(LAN), app.as_(THU), "/members/hoa/leaving");
            let (one, other) = tokio::join!(lan.post(path, DIED), thu.post(path, EXPELLED));
            let mut codes = [one.status.as_u16(), other.status.as_u16()];
            codes.sort_unstable();
            assert!(codes == [303, 404] || codes == [303, 409], "{codes:?}");
            assert_eq!(
                app.count(
                    "select count(*) from people_leaving where member_id = 'hoa' and back_at = 0"
                )
                .await,
                1
            );
            assert_eq!(
                app.count("select count(*) from people_member_event where member_id = 'hoa'")
                    .await,
                1
            );
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_elsewhere_ends_as_well_whoever_keeps_that_unit() {
    on_both(|| vec![crate::room()], async |app| {
        let mut act = app.act().await;
        let place = crate::store::NewPlacement {
            kind: crate::fact::Placement::Temporary,
            to_on: day("2027-03-01"),
            ..crate::store::NewPlacement::official(&"hoa".parse().unwrap(), &"cell-e".parse().unwrap(), day("2026-09-01"))
        };
        crate::store::add_placement(&mut act, &place).await.unwrap();
        act.end().await.unwrap();
        app.as_(LAN).post("/members/hoa/leaving", DIED).await.expects(303);
        assert_eq!(app.count("select count(*) from people_placement where member_id = 'hoa' and to_on = '2026-11-20'").await, 2);
        assert_eq!(crate::check(&app.site).await.unwrap(), []);
        app.as_(LAN).post("/members/hoa/leaving/back", WRONG).await.expects(303);
        assert_eq!(agrees(&app, "thu").await, 1);
        let back = "select count(*) from people_placement where member_id = 'hoa' and from_on = '2026-11-20' \
            and (to_on = '9999-12-31' or (kind = 'temporary' and to_on = '2027-03-01'))";
        assert_eq!(app.count(back).await, 2);
        let roll = crate::roster::list(&app.site, &"cell-a".parse().unwrap(), app.today()).await.unwrap();
        let hoa = roll.iter().find(|one| one.member_id.as_str() == "hoa").unwrap();
        assert_eq!(hoa.placement, Kept::Known(crate::fact::Placement::OfficialAway));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_them_for_a_time_does_not_say_that_they_leave() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let mut act = app.act().await;
            let place = crate::store::NewPlacement {
                kind: crate::fact::Placement::Temporary,
                ..crate::store::NewPlacement::official(
                    &"tuan".parse().unwrap(),
                    &"cell-a".parse().unwrap(),
                    day("2026-09-01"),
                )
            };
            crate::store::add_placement(&mut act, &place).await.unwrap();
            act.end().await.unwrap();
            let lan = app.as_(LAN);
            let page = lan.get("/members/tuan").await.expects(200);
            for path in [
                "/members/tuan/edit",
                "/members/tuan/leaving",
                "/members/tuan/transfer",
            ] {
                assert!(!page.has(&format!("a[href='{path}']")));
                lan.get(path).await.expects(404);
                lan.post(path, DIED).await.expects(404);
                app.as_(THU).get(path).await.expects(200);
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_and_left_on_one_day_was_no_member_on_it() {
    on_both(|| vec![crate::room()], async |app| {
        let (lan, hoa) = (app.as_(LAN), app.as_(HOA));
        let came = "update people_placement set from_on = '2026-11-20' where id = 'p-minh'";
        app.sets(came).await;
        app.opens_ledger().await;
        let count = "#roster-rows tr";
        let before = hoa.get("/units/cell-a").await.expects(200).all(count).len();
        assert!(before > 1);
        assert!(on_roll(&app, "cell-a", "2026-11-20").await.iter().any(|(id, _)| id == "minh"));
        app.sets("delete from people_holding where member_id = 'minh'").await;
        app.sets("delete from people_grant where member_id = 'minh'").await;
        app.opens_ledger().await;
        lan.post("/members/minh/leaving", DIED).await.expects(303);
        let day = "select count(*) from people_placement where id = 'p-minh' and to_on = '2026-11-21'";
        assert_eq!(app.count(day).await, 1, "it has a day");
        assert_eq!(crate::check(&app.site).await.unwrap(), []);
        for on in ["2026-11-20", "2026-11-21"] {
            assert!(on_roll(&app, "cell-a", on).await.iter().all(|(id, _)| id != "minh"), "{on}");
        }
        let placed = "select count(*) from v_people_placement where member_id = 'minh' and from_on < to_on";
        assert_eq!(app.count(placed).await, 0);
        let after = hoa.get("/units/cell-a").await.expects(200).all(count).len();
        assert_eq!(after + 1, before);
        // Whoever was in the cell with them reads no more that they are a member.
        let page = hoa.get("/members/minh").await.expects(200);
        assert!(!page.text(".lead").contains("Đảng viên"), "{}", page.text(".lead"));
        let then = lan.get("/members/minh/history?on=20/11/2026").await.expects(200);
        assert!(!then.text("#then").contains("Tổ dân phố 1"), "{}", then.text("#then"));
        // Taken back they are there again, without a gap.
        let back: Vec<_> = WRONG.to_vec();
        lan.post("/members/minh/leaving/back", &back).await.expects(303);
        agrees(&app, "thu").await;
        for on in ["2026-11-20", "2026-11-21", "2026-11-23"] {
            assert!(on_roll(&app, "cell-a", on).await.iter().any(|(id, _)| id == "minh"), "{on}");
        }
        assert_eq!(crate::check(&app.site).await.unwrap(), []);
    })
    .await;
}
