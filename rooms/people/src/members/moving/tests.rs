use super::{CanReceive, accept};
use crate::fact::Placement;
use crate::members::admitting::agrees;
use crate::members::store::moving as store;
use crate::store::{NewHolding, add_position_holding};
use kernel::error::Error;
use kernel::fact::Kept;
use kernel::{Day, Role};
use site::May as _;
use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, TestApp, on_both};

/// The committee over both cells takes up what the secretary has prepared.
const TAKES: testkit::Character = THU;

const PATH: &str = "/members/hoa/transfer";
const SEND: &[(&str, &str)] = &[
    ("to", "cell-b"),
    ("kind", "official"),
    ("letter_no", "05-GT/CB"),
    ("letter_on", "20/11/2026"),
    ("row_version", "1"),
];
const FOR_A_TIME: &[(&str, &str)] = &[
    ("to", "cell-b"),
    ("kind", "temporary"),
    ("letter_on", "20/11/2026"),
    ("until_on", "20/5/2027"),
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

/// Sent by the secretary, agreed by the committee.
async fn sent(app: &TestApp, with: &[(&str, &str)]) -> String {
    app.as_(LAN).post(PATH, with).await.expects(303);
    assert_eq!(agrees(app, "thu").await, 1);
    open(app).await
}

async fn there(app: &TestApp, unit: &str, on: &str) -> Option<Kept<Placement>> {
    let roll = crate::roster::list(&app.site, &unit.parse().unwrap(), day(on)).await;
    let hers = roll
        .unwrap()
        .into_iter()
        .find(|one| one.member_id.as_str() == "hoa");
    hers.map(|one| one.placement)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_moves_when_the_other_side_takes_them_up_without_gap_or_double() {
    on_both(|| vec![crate::room()], async |app| {
        let mut act = app.act().await;
        let post = NewHolding::new(&"cell-a".parse().unwrap(), "Chi ủy viên", Role::CellCommittee, 30, &"hoa".parse().unwrap(), day("2022-01-01"));
        add_position_holding(&mut act, &post).await.unwrap();
        act.end().await.unwrap();
        let lan = app.as_(LAN);
        let form = lan.get("/members/hoa/transfer?q=to+dan").await.expects(200);
        assert!(form.text("#follows .post").contains("Chi ủy viên") && form.text("#second").contains("Thu"));
        let id = sent(&app, SEND).await;
        let path = format!("/transfers/{id}");
        assert!(lan.get(PATH).await.expects(303).location().ends_with(&path));
        assert!(there(&app, "cell-b", "2026-11-23").await.is_none(), "counted at home until then");
        let page = app.as_(TAKES).get(&path).await.expects(200);
        assert!(page.text("dl").contains("05-GT/CB") && !page.body().contains("1954"), "a name and a paper, no record");
        app.as_(TAKES).post(&format!("{path}/acceptance"), &[("on", "24/11/2026")]).await.expects(422);
        app.as_(TAKES).post(&format!("{path}/acceptance"), &[("on", "19/11/2026")]).await.expects(422);
        app.as_(TAKES).post(&format!("{path}/acceptance"), ON).await.expects(303);
        let home = Some(Kept::Known(Placement::Official));
        assert_eq!(there(&app, "cell-a", "2026-11-21").await, home);
        assert_eq!(there(&app, "cell-b", "2026-11-21").await, None);
        assert_eq!(there(&app, "cell-a", "2026-11-22").await, None);
        assert_eq!(there(&app, "cell-b", "2026-11-22").await, home);
        let follows = "select count(*) from people_placement where member_id = 'hoa' and prev_id = 'p-hoa' and unit_id = 'cell-b'";
        assert_eq!(app.count(follows).await, 1);
        let posts = "select count(*) from people_holding where member_id = 'hoa' and to_on > '2026-11-22'";
        assert_eq!(app.count(posts).await, 0);
        let told = "select count(*) from notices_notice where kind = 'people.transfer' and member_id in ('hoa', 'lan')";
        assert_eq!(app.count(told).await, 3);
        app.as_(TAKES).post(&format!("{path}/acceptance"), ON).await.expects(409);
        lan.post(&format!("{path}/cancellation"), &[]).await.expects(409);
        assert_eq!(crate::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_for_a_time_keeps_the_home_and_ends_by_itself_earlier_or_later() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let id = sent(&app, FOR_A_TIME).await;
            let path = format!("/transfers/{id}");
            app.as_(TAKES)
                .post(&format!("{path}/acceptance"), ON)
                .await
                .expects(303);
            let away = Some(Kept::Known(Placement::OfficialAway));
            let guest = Some(Kept::Known(Placement::Temporary));
            assert_eq!(there(&app, "cell-a", "2026-11-23").await, away);
            assert_eq!(there(&app, "cell-b", "2027-05-20").await, guest);
            assert_eq!(there(&app, "cell-b", "2027-05-21").await, None);
            assert_eq!(
                there(&app, "cell-a", "2027-05-21").await,
                Some(Kept::Known(Placement::Official))
            );
            let lan = app.as_(LAN);
            assert!(lan.get(&path).await.expects(200).has("#f-until_on"));
            lan.post(&format!("{path}/term"), &[("until_on", "22/11/2026")])
                .await
                .expects(422);
            lan.post(&format!("{path}/term"), &[("until_on", "20/8/2027")])
                .await
                .expects(303);
            assert_eq!(there(&app, "cell-b", "2027-08-20").await, guest);
            lan.post(&format!("{path}/term"), &[("until_on", "23/11/2026")])
                .await
                .expects(303);
            assert_eq!(there(&app, "cell-b", "2026-11-24").await, None);
            assert_eq!(
                there(&app, "cell-a", "2026-11-24").await,
                Some(Kept::Known(Placement::Official))
            );
            app.as_(TUAN)
                .post(&format!("{path}/term"), &[("until_on", "20/8/2027")])
                .await
                .expects(404);
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_sent_back_with_a_reason_or_taken_back_and_then_may_be_sent_anew() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let id = sent(&app, SEND).await;
            let (takes, lan) = (app.as_(TAKES), app.as_(LAN));
            takes
                .post(&format!("/transfers/{id}/refusal"), &[("reason", " ")])
                .await
                .expects(422);
            takes
                .post(
                    &format!("/transfers/{id}/refusal"),
                    &[("reason", "Chưa nhận được giấy")],
                )
                .await
                .expects(303);
            assert_eq!(
                lan.get(&format!("/transfers/{id}"))
                    .await
                    .expects(200)
                    .text("#reason"),
                "Chưa nhận được giấy"
            );
            takes
                .post(&format!("/transfers/{id}/acceptance"), ON)
                .await
                .expects(409);
            let id = sent(&app, SEND).await;
            lan.post(&format!("/transfers/{id}/cancellation"), &[])
                .await
                .expects(303);
            lan.post(&format!("/transfers/{id}/cancellation"), &[])
                .await
                .expects(409);
            takes
                .post(&format!("/transfers/{id}/acceptance"), ON)
                .await
                .expects(409);
            takes
                .post(&format!("/transfers/{id}/refusal"), &[("reason", "x")])
                .await
                .expects(409);
            assert_eq!(there(&app, "cell-b", "2026-11-23").await, None);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_send_at_once_and_two_answer_at_once_and_one_of_them_is_told() {
    on_both(|| vec![crate::room()], async |app| {
        let (lan, thu) = (app.as_(LAN), app.as_(THU));
        let (one, other) = tokio::join!(thu.post(PATH, SEND), thu.post(PATH, FOR_A_TIME));
        let mut codes = [one.status.as_u16(), other.status.as_u16()];
        codes.sort_unstable();
        assert_eq!(codes, [303, 409]);
        assert_eq!(app.count("select count(*) from people_transfer").await, 1);
        let path = format!("/transfers/{}", open(&app).await);
        let (accept, cancel) = (format!("{path}/acceptance"), format!("{path}/cancellation"));
        let takes = app.as_(TAKES);
        let (one, other) = tokio::join!(takes.post(&accept, ON), lan.post(&cancel, &[]));
        let codes = [one.status.as_u16(), other.status.as_u16()];
        assert!(codes == [303, 409] || codes == [409, 303] || codes == [303, 404], "{codes:?}");
        let open = "select count(*) from people_placement where member_id = 'hoa' and kind = 'official' and to_on = '9999-12-31'";
        assert_eq!(app.count(open).await, 1);
        assert_eq!(crate::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_while_it_waits_is_told_and_nothing_moves() {
    on_both(|| vec![crate::room()], async |app| {
        let id = sent(&app, SEND).await;
        let (takes, path) = (app.as_(TAKES), format!("/transfers/{id}/acceptance"));
        // The unit is closed meanwhile.
        app.sets("update people_unit set dissolved_on = '2026-11-23' where id = 'cell-b'").await;
        let transfer = store::get(app.site.db.read(), &id).await.unwrap();
        let may = CanReceive::of(&TAKES.actor(), &transfer, app.today()).unwrap();
        let mut act = may.begin(&app.site, "test", "transfer.accept").await.unwrap();
        let late = accept(&mut act, &id, day("2026-11-22")).await;
        assert!(matches!(late, Err(Error::Refused(why)) if why.key == "people-moving-refused-closed"));
        act.leave().await.unwrap();
        app.sets("update people_unit set dissolved_on = '9999-12-31' where id = 'cell-b'").await;
        // A corrected name stops nothing; another placement does.
        app.sets("update people_member set row_version = 7 where id = 'hoa'").await;
        app.sets("update people_placement set to_on = '2027-01-01' where id = 'p-hoa'").await;
        takes.post(&path, ON).await.expects(409);
        app.sets("update people_placement set to_on = '9999-12-31' where id = 'p-hoa'").await;
        // She dies while it waits.
        let died = [("how", "died"), ("on", "20/11/2026"), ("row_version", "7"), ("read", "1")];
        app.as_(LAN).post("/members/hoa/leaving", &died).await.expects(303);
        takes.post(&path, ON).await.expects(409);
        assert_eq!(there(&app, "cell-b", "2026-11-23").await, None);
        assert_eq!(crate::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_second_person_of_the_sender_has_not_agreed_to_is_not_sent() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let lan = app.as_(LAN);
            lan.post(PATH, SEND).await.expects(303);
            // The same press again: it waits once.
            lan.post(PATH, SEND).await.expects(303);
            let waiting = "select count(*) from approvals_approval where state = 'waiting'";
            assert_eq!(app.count(waiting).await, 1);
            assert_eq!(app.count("select count(*) from people_transfer").await, 0);
            app.sets("update people_member set row_version = 2 where id = 'hoa'")
                .await;
            let thu = crate::actor::load(&app.site, &"thu".parse().unwrap())
                .await
                .unwrap();
            let waits = site::four_eyes::list_open(&app.site, &thu).await.unwrap();
            let (id, hash) = (&waits[0].id, waits[0].payload_hash.as_str());
            let yes = approvals::Decision::Approved;
            let late = site::four_eyes::decide(&app.site, "test", &thu, id, hash, yes, "").await;
            assert!(
                matches!(late, Err(Error::Refused(why)) if why.key == "approvals-refused-stale")
            );
            assert_eq!(app.count("select count(*) from people_transfer").await, 0);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sends_sees_or_takes_up_and_whoever_prepared_it_leaves_it_to_others() {
    on_both(|| vec![crate::room()], async |app| {
        for who in [HOA, MINH, TUAN, BINH] {
            app.as_(who).get(PATH).await.expects(404);
            app.as_(who).post(PATH, SEND).await.expects(404);
        }
        app.as_(LAN).post_forged(PATH, SEND).await.expects(403);
        app.as_(LAN).get("/members/lan/transfer").await.expects(404);
        // The committee sends alone: there is nobody beside it. It could take up itself, but Tuấn is there.
        let mut act = app.act().await;
        let post = NewHolding::new(&"cell-b".parse().unwrap(), "Bí thư", Role::CellLead, 10, &"tuan".parse().unwrap(), day("2022-01-01"));
        add_position_holding(&mut act, &post).await.unwrap();
        act.end().await.unwrap();
        let thu = app.as_(THU);
        thu.post(PATH, SEND).await.expects(303);
        let path = format!("/transfers/{}", open(&app).await);
        for who in [HOA, MINH, TUAN, BINH] {
            app.as_(who).get(&path).await.expects(404);
            for act in ["acceptance", "refusal", "cancellation", "term"] {
                let to = format!("{path}/{act}");
                app.as_(who).post(&to, &[("on", "22/11/2026"), ("reason", "x")]).await.expects(404);
            }
            app.as_(who).get(&format!("{path}/letter.pdf")).await.expects(404);
        }
        assert!(thu.get(&path).await.text("#others").contains("Đỗ Anh Tuấn"));
        thu.post(&format!("{path}/acceptance"), ON).await.expects(422);
        app.as_(LAN).post(&format!("{path}/acceptance"), ON).await.expects(404);
        app.as_(TAKES).post_forged(&format!("{path}/acceptance"), ON).await.expects(403);
        app.stranger().get(&path).await.expects(303);
        let told = "select count(*) from notices_notice where kind = 'people.transfer' and member_id = 'tuan'";
        assert_eq!(app.count(told).await, 1, "it is his turn");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn units_are_offered_by_name_and_people_are_not() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let lan = app.as_(LAN);
            let page = lan.get("/members/hoa/transfer?q=chi+bo").await.expects(200);
            let offered = page.attributes("#f-to option", "value");
            assert!(
                offered.contains(&"cell-b".to_owned()) && offered.contains(&"cell-e".to_owned()),
                "{offered:?}"
            );
            assert!(
                !offered.contains(&"cell-a".to_owned())
                    && !offered.contains(&"committee".to_owned()),
                "{offered:?}"
            );
            for name in ["Đỗ Anh Tuấn", "Lê Thanh Bình"] {
                assert!(!page.text("main").contains(name));
            }
            let page = lan.get("/members/hoa/transfer?q=tuan").await.expects(200);
            assert!(!page.has("#f-to option"), "a person's name finds no unit");
            for (typed, field) in [
                (("to", "committee"), "to"),
                (("to", "cell-a"), "to"),
                (("kind", "official_away"), "kind"),
                (("letter_on", "24/11/2026"), "letter_on"),
            ] {
                let mut wrong: Vec<_> = SEND
                    .iter()
                    .copied()
                    .filter(|(name, _)| *name != typed.0)
                    .collect();
                wrong.push(typed);
                let page = lan.post(PATH, &wrong).await.expects(422);
                assert!(page.has(&format!("#e-{field}")), "{typed:?}");
            }
            let mut endless: Vec<_> = FOR_A_TIME.to_vec();
            endless.retain(|(name, _)| *name != "until_on");
            assert!(
                lan.post(PATH, &endless)
                    .await
                    .expects(422)
                    .has("#e-until_on")
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_member_reads_where_it_stands_and_the_letter_has_two_slips_and_what_is_late_is_told() {
    on_both(
        || vec![crate::room()],
        async |app| {
            assert!(!app.as_(HOA).get("/me").await.has("#transfer"));
            let id = sent(&app, SEND).await;
            let own = app.as_(HOA).get("/me").await.expects(200);
            assert!(
                own.text("#transfer").contains("Phạm Minh Thu"),
                "whom to hand the letter to"
            );
            let file = app
                .as_(LAN)
                .get(&format!("/transfers/{id}/letter.pdf"))
                .await
                .expects(200);
            let text = pdf_extract::extract_text_from_mem(&file.bytes).unwrap();
            let text = vietnamese::nfc(&text.split_whitespace().collect::<Vec<_>>().join(" "));
            for words in ["Lương Thị Hoa", "05-GT/CB", "PHIẾU 1", "PHIẾU 2"] {
                assert!(text.contains(words), "{words} is not in {text}");
            }
            assert_eq!(crate::check(&app.site).await.unwrap(), []);
            app.sets("update people_transfer set show_due = '2026-11-20'")
                .await;
            assert!(
                app.as_(LAN)
                    .get(&format!("/transfers/{id}"))
                    .await
                    .has("#late")
            );
            let late = super::overdue(&app.site).await.unwrap();
            assert_eq!(late, [(id, "hoa".to_owned())]);
        },
    )
    .await;
}
