//! Stories of merging beside leaving, moving and what waits: on both databases.

use super::tests::{MERGED, agrees, hoa_twice, id, prepares, refusal};
use crate::fact::Placement;
use crate::members::returning;
use crate::members::store::{leaving as gone, moving};
use kernel::Day;
use kernel::fact::Kept;
use testkit::{HOA, LAN, THU, TestApp, on_both};

const A_DAY: i64 = 86_400_000;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

async fn status(app: &TestApp, member: &str) -> String {
    let row = crate::store::get_person(&app.site.db, &id(member)).await;
    row.unwrap().status.word().to_owned()
}

/// Where somebody is on the rosters of both cells today.
async fn placed(app: &TestApp, member: &str) -> Vec<&'static str> {
    let mut units = Vec::new();
    for unit in ["cell-a", "cell-b"] {
        let roll = crate::roster::list(&app.site, &unit.parse().unwrap(), app.today()).await;
        if roll
            .unwrap()
            .iter()
            .any(|one| one.member_id.as_str() == member)
        {
            units.push(unit);
        }
    }
    units
}

/// Thu records that somebody has left; a decision is agreed to by Minh.
async fn leaves(app: &TestApp, member: &str, how: &str, on: &str) {
    let (thu, path) = (app.as_(THU), format!("/members/{member}/leaving"));
    let page = thu.get(&path).await.expects(200);
    let version = page
        .attributes("input[name=row_version]", "value")
        .remove(0);
    let typed = [
        ("how", how),
        ("on", on),
        ("decision_no", "12-QĐ/ĐU"),
        ("decision_on", on),
        ("row_version", version.as_str()),
        ("read", "1"),
    ];
    thu.post(&path, &typed).await.expects(303);
    agrees(app, "minh").await.unwrap();
}

/// Thu takes a leaving back, Minh agrees.
async fn returns(app: &TestApp, member: &str) {
    let (thu, path) = (app.as_(THU), format!("/members/{member}/leaving/back"));
    let page = thu.get(&path).await.expects(200);
    let version = page
        .attributes("input[name=row_version]", "value")
        .remove(0);
    let typed = [("reason", "Ghi nhầm"), ("row_version", version.as_str())];
    thu.post(&path, &typed).await.expects(303);
    assert_eq!(agrees(app, "minh").await.unwrap(), 1);
}

/// Thu takes the last merging apart, Minh agrees.
async fn separates(app: &TestApp, kept: &str) {
    let thu = app.as_(THU);
    let page = thu.get(&format!("/members/{kept}")).await.expects(200);
    let to = page.attributes("#merged a", "href").pop().unwrap();
    let reason = [("reason", "Hai chị em họ")];
    thu.post(&to, &reason).await.expects(303);
    assert_eq!(agrees(app, "minh").await.unwrap(), 1);
}

async fn is_sound(app: &TestApp) {
    assert_eq!(crate::check(&app.site).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_in_one_record_and_is_a_member_in_the_other_is_one_and_may_die_and_return() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            leaves(&app, "hoa", "expelled", "20/11/2026").await;
            assert_eq!(status(&app, "hoa").await, "expelled");
            prepares(&app, "hoa", &[("f-status", "hoa-two")])
                .await
                .expects(303);
            agrees(&app, "minh").await.unwrap();
            assert_eq!(status(&app, "hoa").await, "full");
            assert_eq!(placed(&app, "hoa").await, ["cell-b"]);
            assert!(
                gone::find(&app.site.db, &id("hoa"))
                    .await
                    .unwrap()
                    .is_none()
            );
            app.as_(THU)
                .get("/members/hoa/leaving/back")
                .await
                .expects(404);
            is_sound(&app).await;
            app.later(2 * A_DAY);
            leaves(&app, "hoa", "died", "24/11/2026").await;
            assert_eq!(status(&app, "hoa").await, "deceased");
            assert!(placed(&app, "hoa").await.is_empty());
            returns(&app, "hoa").await;
            assert_eq!(placed(&app, "hoa").await, ["cell-b"]);
            is_sound(&app).await;
            // Two people after all: the one is expelled as before, and that may be taken back.
            separates(&app, "hoa").await;
            assert_eq!(status(&app, "hoa").await, "expelled");
            assert_eq!(
                (placed(&app, "hoa").await, placed(&app, "hoa-two").await),
                (vec![], vec!["cell-b"])
            );
            returns(&app, "hoa").await;
            assert_eq!(placed(&app, "hoa").await, ["cell-a"]);
            is_sound(&app).await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_got_a_post_since_a_merging_ended_their_leaving_does_not_leave_again_by_its_end() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            leaves(&app, "hoa", "expelled", "20/11/2026").await;
            prepares(&app, "hoa", &[("f-status", "hoa-two")])
                .await
                .expects(303);
            agrees(&app, "minh").await.unwrap();
            app.has_post(HOA, "Chi ủy viên", kernel::Role::CellCommittee, "cell-b")
                .await;
            let thu = app.as_(THU);
            let page = thu.get("/members/hoa").await.expects(200);
            let to = page.attributes("#merged a", "href").pop().unwrap();
            let page = thu.get(&to).await.expects(200);
            assert!(page.text("#lines").contains("đã sửa sau khi ghép"));
            separates(&app, "hoa").await;
            assert_eq!(status(&app, "hoa").await, "full", "a person decides");
            is_sound(&app).await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_left_by_the_record_that_stays_is_placed_nowhere_and_may_return() {
    on_both(|| vec![crate::room()], async |app| {
        hoa_twice(&app).await;
        leaves(&app, "hoa", "expelled", "20/11/2026").await;
        prepares(&app, "hoa", &[]).await.expects(303);
        agrees(&app, "minh").await.unwrap();
        assert_eq!(status(&app, "hoa").await, "expelled");
        assert!(placed(&app, "hoa").await.is_empty() && placed(&app, "hoa-two").await.is_empty());
        let open = "select count(*) from people_placement where to_on = '9999-12-31' and member_id in ('hoa', 'hoa-two')";
        assert_eq!(app.count(open).await, 0);
        assert!(crate::has_left(&app.site, &id("hoa-two")).await.unwrap(), "the rooms hear it of either");
        is_sound(&app).await;
        returns(&app, "hoa").await;
        assert_eq!(placed(&app, "hoa").await, ["cell-a"]);
        separates(&app, "hoa").await;
        assert_eq!((placed(&app, "hoa").await, placed(&app, "hoa-two").await), (vec!["cell-a"], vec!["cell-b"]));
        is_sound(&app).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaving_goes_with_the_record_in_which_it_stands_and_is_not_taken_back_beside_it() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            leaves(&app, "hoa-two", "expelled", "20/11/2026").await;
            let page = prepares(&app, "hoa", &[("f-status", "hoa-two")])
                .await
                .expects(422);
            assert!(page.text("#e-f-status").contains("Chọn giữ hồ sơ ấy"));
            // Somebody is about to take it back when the record is merged.
            let thu = app.as_(THU);
            let page = thu.get("/members/hoa-two/leaving/back").await.expects(200);
            let version = page
                .attributes("input[name=row_version]", "value")
                .remove(0);
            prepares(&app, "hoa", &[]).await.expects(303);
            agrees(&app, "minh").await.unwrap();
            thu.get("/members/hoa-two/leaving/back").await.expects(404);
            let typed = [("reason", "Ghi nhầm"), ("row_version", version.as_str())];
            thu.post("/members/hoa-two/leaving/back", &typed)
                .await
                .expects(404);
            let wish = returning::Back {
                id: "none".into(),
                member: id("hoa-two"),
                unit: "cell-b".parse().unwrap(),
                reason: "Ghi nhầm".into(),
                row_version: 3,
                by: id("thu"),
            };
            let mut act = app.act().await;
            let back = returning::take_back(&mut act, &wish).await;
            assert_eq!(refusal(back.map(|_| 0)), "people-leaving-back-refused-done");
            act.leave().await.unwrap();
            assert_eq!(
                (
                    status(&app, "hoa").await.as_str(),
                    placed(&app, "hoa").await
                ),
                ("full", vec!["cell-a"])
            );
            is_sound(&app).await;
            separates(&app, "hoa").await;
            assert_eq!(status(&app, "hoa-two").await, "expelled");
            returns(&app, "hoa-two").await;
            assert_eq!(placed(&app, "hoa-two").await, ["cell-b"]);
            is_sound(&app).await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_died_after_the_merging_returns_to_no_unit_when_it_is_taken_apart() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            prepares(&app, "hoa", &[("home", "hoa-two")])
                .await
                .expects(303);
            agrees(&app, "minh").await.unwrap();
            assert_eq!(placed(&app, "hoa").await, ["cell-b"]);
            app.later(2 * A_DAY);
            leaves(&app, "hoa", "died", "25/11/2026").await;
            let thu = app.as_(THU);
            let page = thu.get("/members/hoa").await.expects(200);
            let to = page.attributes("#merged a", "href").pop().unwrap();
            let page = thu.get(&to).await.expects(200);
            assert!(page.text("#lines").contains("không trở lại nơi cũ"));
            separates(&app, "hoa").await;
            assert_eq!(status(&app, "hoa").await, "deceased");
            assert!(placed(&app, "hoa").await.is_empty());
            assert_eq!(placed(&app, "hoa-two").await, ["cell-b"]);
            is_sound(&app).await;
        },
    )
    .await;
}

const SENT: &str = "select count(*) from people_transfer where state = 'sent'";
const ASKED: &str = "select count(*) from people_correction where state = 'open'";
const WAITS: &str = "select count(*) from approvals_approval where state = 'waiting'";

/// The first record of Hoa is on its way to the other cell, for good or for a time.
async fn sends(app: &TestApp, kind: &str, until: &str) -> String {
    let typed = [
        ("to", "cell-b"),
        ("kind", kind),
        ("letter_no", "05-GT/CB"),
        ("letter_on", "20/11/2026"),
        ("until_on", until),
        ("row_version", "1"),
    ];
    app.as_(LAN)
        .post("/members/hoa/transfer", &typed)
        .await
        .expects(303);
    assert_eq!(agrees(app, "thu").await.unwrap(), 1);
    let found = moving::find_open(app.site.db.read(), &id("hoa")).await;
    found.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_of_the_record_that_ends_is_said_before_and_ends_with_it() {
    on_both(|| vec![crate::room()], async |app| {
        hoa_twice(&app).await;
        let transfer = sends(&app, "official", "").await;
        let said = [("field", "birth_on"), ("value", "1955"), ("reason", "Giấy khai sinh")];
        app.as_(HOA).post("/me/corrections/new", &said).await.expects(303);
        let expelled = [
            ("how", "expelled"),
            ("on", "20/11/2026"),
            ("decision_no", "12-QĐ/ĐU"),
            ("decision_on", "18/11/2026"),
            ("row_version", "1"),
            ("read", "1"),
        ];
        app.as_(LAN).post("/members/hoa/leaving", &expelled).await.expects(303);
        assert_eq!((app.count(SENT).await, app.count(ASKED).await, app.count(WAITS).await), (1, 1, 1));
        let page = app.as_(THU).get("/members/hoa/merging?with=hoa-two").await.expects(200);
        assert_eq!(page.all("#waits li").len(), 3, "{}", page.text("#waits"));
        assert!(page.has(&format!("#waits a[href='/transfers/{transfer}']")));
        prepares(&app, "hoa-two", &[]).await.expects(303);
        // The change that waits is no part of what Minh agrees to.
        let minh = crate::actor::load(&app.site, &id("minh")).await.unwrap();
        let open = site::four_eyes::list_open(&app.site, &minh).await.unwrap();
        let merge = open.iter().find(|one| one.kind == super::joining::KIND).unwrap();
        let yes = approvals::Decision::Approved;
        site::four_eyes::decide(&app.site, "test", &minh, &merge.id, &merge.payload_hash, yes, "")
            .await
            .unwrap();
        assert_eq!((app.count(SENT).await, app.count(ASKED).await), (0, 1), "what was said goes on");
        app.works().await;
        assert_eq!(app.count(WAITS).await, 0, "nobody agrees in vain");
        let stale = "select count(*) from notices_notice where member_id = 'lan' and kind = 'approval.refused'";
        assert_eq!(app.count(stale).await, 1, "whoever prepared it hears it");
        let told = "select count(*) from notices_notice where member_id = 'hoa-two' and kind in ('people.transfer', 'people.correction')";
        assert_eq!(app.count(told).await, 1, "the person hears it under the record that stays");
        is_sound(&app).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_of_the_record_that_stays_goes_on_unless_its_unit_changes() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            let transfer = sends(&app, "official", "").await;
            prepares(&app, "hoa", &[]).await.expects(303);
            agrees(&app, "minh").await.unwrap();
            assert_eq!(app.count(SENT).await, 1);
            let path = format!("/transfers/{transfer}/acceptance");
            app.as_(THU)
                .post(&path, &[("on", "23/11/2026")])
                .await
                .expects(303);
            assert_eq!(placed(&app, "hoa").await, ["cell-b"]);
            is_sound(&app).await;
        },
    )
    .await;
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            sends(&app, "official", "").await;
            prepares(&app, "hoa", &[("home", "hoa-two")])
                .await
                .expects(303);
            agrees(&app, "minh").await.unwrap();
            assert_eq!(app.count(SENT).await, 0);
            is_sound(&app).await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_for_a_time_goes_on_and_may_be_ended_after_a_merging_and_after_its_end() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            app.sets("update people_placement set unit_id = 'cell-a' where member_id = 'hoa-two'")
                .await;
            app.opens_ledger().await; // set by hand
            let transfer = sends(&app, "temporary", "20/5/2027").await;
            let path = format!("/transfers/{transfer}");
            let on = [("on", "22/11/2026")];
            app.as_(THU)
                .post(&format!("{path}/acceptance"), &on)
                .await
                .expects(303);
            prepares(&app, "hoa-two", &[]).await.expects(303);
            agrees(&app, "minh").await.unwrap();
            let guest = async |who: &str, on: &str| {
                let roll =
                    crate::roster::list(&app.site, &"cell-b".parse().unwrap(), day(on)).await;
                let there = roll
                    .unwrap()
                    .into_iter()
                    .find(|one| one.member_id.as_str() == who);
                there.is_some_and(|one| one.placement == Kept::Known(Placement::Temporary))
            };
            assert!(guest("hoa-two", "2027-05-20").await);
            let lan = app.as_(LAN);
            let page = lan.get(&path).await.expects(200);
            assert!(page.has("a[href='/members/hoa-two']") || page.has("#f-until_on"));
            let term = format!("{path}/term");
            lan.post(&term, &[("until_on", "20/3/2027")])
                .await
                .expects(303);
            assert!(guest("hoa-two", "2027-03-20").await && !guest("hoa-two", "2027-03-21").await);
            is_sound(&app).await;
            app.later(A_DAY);
            separates(&app, "hoa-two").await;
            assert!(guest("hoa", "2027-03-20").await && !guest("hoa", "2027-03-21").await);
            assert!(!guest("hoa-two", "2026-12-20").await);
            lan.post(&term, &[("until_on", "20/1/2027")])
                .await
                .expects(303);
            assert!(guest("hoa", "2027-01-20").await && !guest("hoa", "2027-01-21").await);
            is_sound(&app).await;
            // The same of a leaving that is taken back.
            app.later(2 * A_DAY);
            leaves(&app, "hoa", "expelled", "26/11/2026").await;
            returns(&app, "hoa").await;
            lan.post(&term, &[("until_on", "20/2/2027")])
                .await
                .expects(303);
            assert!(guest("hoa", "2027-02-20").await && !guest("hoa", "2027-02-21").await);
            is_sound(&app).await;
        },
    )
    .await;
}

/// Units with the first and the last day, as the record's page shows them.
async fn history(app: &TestApp, member: &str) -> Vec<(String, String, bool)> {
    let all = crate::member::placements(&app.site, &id(member))
        .await
        .unwrap();
    let line = |place: crate::member::PlacementView| {
        (
            place.unit_id.to_string(),
            place.from_on.to_string(),
            place.to_on == Day::OPEN,
        )
    };
    all.into_iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_went_on_keeps_its_true_first_day_and_what_never_was_is_not_told() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            let before = history(&app, "hoa").await;
            let since = |unit: &str, of: &[(String, String, bool)]| {
                let found = of.iter().find(|(id, _, _)| id == unit);
                found.map(|(_, from, is_open)| (from.clone(), *is_open))
            };
            for days in [0, 3] {
                prepares(&app, "hoa", &[("home", "hoa-two")])
                    .await
                    .expects(303);
                agrees(&app, "minh").await.unwrap();
                let merged = history(&app, "hoa").await;
                assert_eq!(
                    since("cell-b", &merged),
                    Some(("2020-01-01".into(), true)),
                    "{merged:?}"
                );
                assert_eq!(merged.len(), 2, "{merged:?}");
                let roll =
                    crate::roster::list(&app.site, &"cell-b".parse().unwrap(), app.today()).await;
                let hers = roll
                    .unwrap()
                    .into_iter()
                    .find(|one| one.member_id.as_str() == "hoa");
                assert_eq!(hers.unwrap().since, day("2020-01-01"));
                app.later(days * A_DAY);
                separates(&app, "hoa").await;
                // On the same day and days later: as it was before.
                assert_eq!(history(&app, "hoa").await, before);
                assert_eq!(
                    history(&app, "hoa-two").await,
                    [("cell-b".into(), "2020-01-01".into(), true)]
                );
                let (hoa, two) = (placed(&app, "hoa").await, placed(&app, "hoa-two").await);
                assert_eq!((hoa, two), (vec!["cell-a"], vec!["cell-b"]));
                is_sound(&app).await;
                app.later(A_DAY);
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_taken_apart_is_remembered_as_two_and_the_units_hear_of_both() {
    on_both(|| vec![crate::room()], async |app| {
        hoa_twice(&app).await;
        prepares(&app, "hoa", &[]).await.expects(303);
        agrees(&app, "minh").await.unwrap();
        assert_eq!(app.count(MERGED).await, 1);
        let told = "select count(*) from notices_notice where kind = 'people.merged_unit' and member_id = 'lan'";
        assert_eq!(app.count(told).await, 1, "the secretary of the cell");
        let done = "select count(*) from notices_notice where kind = 'people.merged_unit' and member_id in ('thu', 'minh')";
        assert_eq!(app.count(done).await, 0, "not whoever did it");
        separates(&app, "hoa").await;
        assert_eq!(app.count(told).await, 2);
        let list = app.as_(THU).get("/units/committee/duplicates").await.expects(200);
        assert_eq!((list.all("#pairs li").len(), list.all("#distinct li").len()), (0, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_two_of_one_name_apart_and_names_what_is_not_chosen() {
    on_both(
        || vec![crate::room()],
        async |app| {
            hoa_twice(&app).await;
            let thu = app.as_(THU);
            let page = thu
                .get("/members/hoa/merging?with=hoa-two")
                .await
                .expects(200);
            let keep = page.text("#f-keep");
            for word in ["H1", "H2", "Chi bộ Tổ dân phố 1", "Chi bộ Tổ dân phố 2"] {
                assert!(keep.contains(word), "{word}: {keep}");
            }
            let bare = [("with", "hoa-two"), ("reason", "Đã đối chiếu")];
            let page = thu.post("/members/hoa/merging", &bare).await.expects(422);
            assert!(page.text("#e-f-card").contains("Số thẻ đảng viên"));
            assert!(page.text("#e-keep").contains("Giữ hồ sơ nào"));
        },
    )
    .await;
}
