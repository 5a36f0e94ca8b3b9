//! Stories of who goes to another house and who comes from there.

use crate::members::admitting::agrees;
use crate::members::store::outside as store;
use crate::store::{NewHolding, add_position_holding};
use kernel::{Day, Role};
use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, TestApp, on_both};

const PATH: &str = "/members/hoa/departure";
const SEND: &[(&str, &str)] = &[
    ("to_body", ""),
    ("body_name", "Đảng ủy phường Xa"),
    ("letter_on", "20/11/2026"),
    ("row_version", "1"),
];
const ON: &[(&str, &str)] = &[("on", "22/11/2026")];

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

async fn open(app: &TestApp) -> String {
    let hoa = "hoa".parse().unwrap();
    store::find_open(app.site.db.read(), &hoa)
        .await
        .unwrap()
        .unwrap()
}

async fn sent(app: &TestApp) -> String {
    app.as_(LAN).post(PATH, SEND).await.expects(303);
    assert_eq!(agrees(app, "thu").await, 1);
    open(app).await
}

async fn is_here(app: &TestApp, on: &str) -> bool {
    let roll = crate::roster::list(&app.site, &"cell-a".parse().unwrap(), day(on)).await;
    roll.unwrap()
        .iter()
        .any(|one| one.member_id.as_str() == "hoa")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_goes_to_another_house_and_leaves_the_list_when_they_arrived() {
    on_both(|| vec![crate::room()], async |app| {
        let mut act = app.act().await;
        let post = NewHolding::new(&"cell-a".parse().unwrap(), "Chi ủy viên", Role::CellCommittee, 30, &"hoa".parse().unwrap(), day("2022-01-01"));
        add_position_holding(&mut act, &post).await.unwrap();
        act.end().await.unwrap();
        let lan = app.as_(LAN);
        let form = lan.get(PATH).await.expects(200);
        assert!(form.text("#follows .post").contains("Chi ủy viên") && form.text("#second").contains("Thu"));
        lan.post(PATH, SEND).await.expects(303);
        let own = app.as_(HOA).get("/me").await.expects(200);
        assert!(own.text("#transfer [aria-current]").contains("Người thứ hai"), "whose turn it is");
        assert_eq!(agrees(&app, "thu").await, 1);
        let path = format!("/departures/{}", open(&app).await);
        assert!(lan.get(PATH).await.expects(303).location().ends_with(&path));
        assert!(lan.get("/members/hoa/transfer").await.expects(303).location().ends_with(&path));
        let own = app.as_(HOA).get("/me").await.expects(200);
        assert!(own.text("#transfer").contains("phường Xa") && own.text("#transfer [aria-current]").contains("nộp giấy"));
        let page = lan.get(&path).await.expects(200);
        assert!(page.text("dl").contains("01-GGT/CB"));
        let file = lan.get(&format!("{path}/letter.pdf")).await.expects(200);
        let text = pdf_extract::extract_text_from_mem(&file.bytes).unwrap();
        let text = vietnamese::nfc(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        assert!(text.contains("Đảng ủy phường Xa") && text.contains("01-GGT/CB"), "{text}");
        for odd in ["24/11/2026", "19/11/2026", "x"] {
            lan.post(&format!("{path}/arrival"), &[("on", odd)]).await.expects(422);
        }
        assert!(is_here(&app, "2026-11-23").await, "counted at home until then");
        lan.post(&format!("{path}/arrival"), ON).await.expects(303);
        assert!(is_here(&app, "2026-11-21").await && !is_here(&app, "2026-11-22").await);
        let open = "select count(*) from people_holding where member_id = 'hoa' and to_on > '2026-11-22'";
        assert_eq!(app.count(open).await, 0);
        assert_eq!(app.count("select count(*) from people_member where id = 'hoa' and status = 'full'").await, 1);
        assert!(lan.get(&path).await.text("#starts").contains("22/11/2026"));
        for act in ["arrival", "refusal", "cancellation", "lateness"] {
            let again = [("on", "22/11/2026"), ("reason", "x"), ("late_reason", "x")];
            lan.post(&format!("{path}/{act}"), &again).await.expects(409);
        }
        let list = lan.get("/units/cell-a/transfers").await.expects(200);
        assert!(list.text("#done").contains("Lương Thị Hoa") && list.text("#done").contains("phường Xa"));
        let json = app.as_(HOA).get("/me/record.json").await.expects(200).json();
        assert_eq!(json["transfers"][0]["to"], "Đảng ủy phường Xa");
        assert_eq!(json["transfers"][0]["starts_on"], "2026-11-22");
        assert!(crate::check::findings(&app.site).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_offers_bodies_outside_and_the_page_says_where_they_are() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let body = [
                ("name", "Đảng ủy xã Gần"),
                ("phone", "0240 111 222"),
                ("is_public", "0"),
                ("from_on", "01/01/2026"),
            ];
            app.as_(THU).post("/bodies/new", &body).await.expects(303);
            let page = app
                .as_(LAN)
                .get("/members/hoa/departure?q=xa+gan")
                .await
                .expects(200);
            let id = page.attributes("#f-to_body option", "value").pop().unwrap();
            let typed = [
                ("to_body", id.as_str()),
                ("letter_on", "20/11/2026"),
                ("row_version", "1"),
            ];
            app.as_(LAN).post(PATH, &typed).await.expects(303);
            assert_eq!(agrees(&app, "thu").await, 1);
            let page = app
                .as_(LAN)
                .get(&format!("/departures/{}", open(&app).await))
                .await
                .expects(200);
            assert!(
                page.text("h1").contains("xã Gần") && page.has("#desks a[href='tel:0240111222']")
            );
            assert!(
                app.as_(HOA)
                    .get("/me")
                    .await
                    .has("#desks a[href='tel:0240111222']")
            );
            for (field, typed) in [
                ("body_name", vec![("letter_on", "20/11/2026")]),
                ("letter_on", vec![("body_name", "x")]),
            ] {
                let page = app
                    .as_(LAN)
                    .post("/members/minh/departure", &typed)
                    .await
                    .expects(422);
                assert!(page.has(&format!("#e-{field}")));
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_sent_back_taken_back_or_overtaken_and_of_two_at_once_one_is_told() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let lan = app.as_(LAN);
            let path = format!("/departures/{}", sent(&app).await);
            lan.post(&format!("{path}/refusal"), &[("reason", " ")])
                .await
                .expects(422);
            lan.post(&format!("{path}/refusal"), &[("reason", "Không còn chỗ")])
                .await
                .expects(303);
            assert_eq!(lan.get(&path).await.text("#reason"), "Không còn chỗ");
            lan.post(&format!("{path}/cancellation"), &[])
                .await
                .expects(409);
            let path = format!("/departures/{}", sent(&app).await);
            let (arrival, cancellation) =
                (format!("{path}/arrival"), format!("{path}/cancellation"));
            let thu = app.as_(THU);
            let (one, other) = tokio::join!(lan.post(&arrival, ON), thu.post(&cancellation, &[]));
            let codes = [one.status.as_u16(), other.status.as_u16()];
            assert!(codes == [303, 409] || codes == [409, 303], "{codes:?}");
            assert_eq!(is_here(&app, "2026-11-23").await, codes[0] == 409);
            assert!(crate::check::findings(&app.site).await.unwrap().is_empty());
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_on_one_way_only_and_whoever_dies_is_on_none() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let thu = app.as_(THU);
            let within = [
                ("to", "cell-b"),
                ("kind", "official"),
                ("letter_on", "20/11/2026"),
                ("row_version", "1"),
            ];
            let (one, other) = tokio::join!(
                thu.post(PATH, SEND),
                thu.post("/members/hoa/transfer", &within)
            );
            let mut codes = [one.status.as_u16(), other.status.as_u16()];
            codes.sort_unstable();
            assert_eq!(codes, [303, 409]);
            let stale = [
                ("body_name", "x"),
                ("letter_on", "20/11/2026"),
                ("row_version", "7"),
            ];
            thu.post("/members/minh/departure", &stale)
                .await
                .expects(409);
            let (one, two) = tokio::join!(
                thu.post("/members/minh/departure", SEND),
                thu.post("/members/minh/departure", SEND)
            );
            let mut codes = [one.status.as_u16(), two.status.as_u16()];
            codes.sort_unstable();
            assert_eq!(codes, [303, 409]);
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
            let within =
                "select count(*) from people_transfer where member_id = 'hoa' and state = 'sent'";
            let out =
                "select count(*) from people_outside where member_id = 'hoa' and state = 'sent'";
            assert_eq!((app.count(within).await, app.count(out).await), (0, 0));
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_overdue_is_told_with_why_and_nobody_else_has_a_part_in_it() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let id = sent(&app).await;
            let (path, lan) = (format!("/departures/{id}"), app.as_(LAN));
            for who in [HOA, MINH, TUAN, BINH] {
                app.as_(who).get(PATH).await.expects(404);
                app.as_(who).post(PATH, SEND).await.expects(404);
                app.as_(who).get(&path).await.expects(404);
                app.as_(who)
                    .get(&format!("{path}/letter.pdf"))
                    .await
                    .expects(404);
                for act in ["arrival", "refusal", "cancellation", "lateness"] {
                    let typed = [("on", "22/11/2026"), ("reason", "x"), ("late_reason", "x")];
                    app.as_(who)
                        .post(&format!("{path}/{act}"), &typed)
                        .await
                        .expects(404);
                }
            }
            lan.post_forged(&format!("{path}/arrival"), ON)
                .await
                .expects(403);
            app.stranger().get(&path).await.expects(303);
            assert!(!lan.get(&path).await.has("#late"));
            app.sets("update people_outside set show_due = '2026-11-20'")
                .await;
            assert!(lan.get(&path).await.has("#late"));
            let list = lan
                .get("/units/cell-a/transfers?state=late")
                .await
                .expects(200);
            assert!(list.text("#late").contains("Chưa ai ghi vì sao"));
            assert_eq!(crate::check::findings(&app.site).await.unwrap().len(), 1);
            lan.post(&format!("{path}/lateness"), &[("late_reason", "")])
                .await
                .expects(422);
            lan.post(&format!("{path}/lateness"), &[("late_reason", "Nằm viện")])
                .await
                .expects(303);
            let list = lan
                .get("/units/cell-a/transfers?state=late")
                .await
                .expects(200);
            assert!(list.text("#late").contains("Nằm viện"));
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_from_another_house_begins_with_the_paper() {
    on_both(|| vec![crate::room()], async |app| {
        let lan = app.as_(LAN);
        let mut new = vec![
            ("name", "Trịnh Thị Mai"),
            ("status", "full"),
            ("from_on", "01/11/2026"),
            ("came_from", "Đảng ủy xã Gần"),
            ("came_no", "17-GGT/ĐU"),
        ];
        let to = "/units/cell-a/members/new";
        assert!(lan.post(to, &new).await.expects(422).has("#e-came_on"));
        new.push(("came_on", "25/10/2026"));
        lan.post(to, &new).await.expects(303);
        assert_eq!(app.count("select count(*) from people_outside").await, 0);
        assert_eq!(agrees(&app, "thu").await, 1);
        let row = "select count(*) from people_outside where way = 'in' and state = 'accepted' and starts_on = '2026-11-01' and letter_no = '17-GGT/ĐU' and prepared_by = 'lan'";
        assert_eq!(app.count(row).await, 1);
        let place = "select count(*) from people_placement where start_reason = '17-GGT/ĐU' and unit_id = 'cell-a'";
        assert_eq!(app.count(place).await, 1);
        let list = lan.get("/units/cell-a/transfers?way=in").await.expects(200);
        assert!(list.text("#done").contains("Trịnh Thị Mai"));
        let to = list.attributes("#done a", "href").remove(0);
        assert!(lan.get(&to).await.expects(200).text("h1").contains("xã Gần"));
        assert!(lan.get("/units/cell-a/transfers?way=out").await.has("#none"));
    })
    .await;
}
