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
async fn a_number_of_a_letter_is_taken_once_in_a_unit_and_a_year_under_two_at_once_too() {
    on_both(
        || vec![crate::room()],
        async |app| {
            const MINH_TO: &str = "/members/minh/transfer";
            let thu = app.as_(THU);
            let (one, other) = tokio::join!(thu.post(PATH, SEND), thu.post(MINH_TO, SEND));
            let mut codes = [one.status.as_u16(), other.status.as_u16()];
            codes.sort_unstable();
            assert_eq!(codes[0], 303, "{codes:?}");
            assert!(matches!(codes[1], 409 | 422), "{codes:?}");
            let sent = "select count(*) from people_transfer where letter_no = '05-GT/CB'";
            assert_eq!(app.count(sent).await, 1);
            // Whoever comes later reads beside the field who has it, whatever way it is written; to another house as well.
            let (path, name) = match one.status.as_u16() {
                303 => ("/members/minh", "Hoa"),
                _ => ("/members/hoa", "Minh"),
            };
            let mut again = SEND.to_vec();
            again.retain(|(name, _)| *name != "letter_no");
            again.push(("letter_no", "05 - gt/cb"));
            let told = thu
                .post(&format!("{path}/transfer"), &again)
                .await
                .expects(422);
            assert!(
                told.text("#e-letter_no").contains(name),
                "{}",
                told.text("#e-letter_no")
            );
            again.push(("body_name", "Đảng ủy phường Xa"));
            let told = thu
                .post(&format!("{path}/departure"), &again)
                .await
                .expects(422);
            assert!(told.has("#e-letter_no"));
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_waits_for_a_second_person_is_taken_and_comes_back_with_its_own_letter() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let lan = app.as_(LAN);
            lan.post(PATH, SEND).await.expects(303);
            let told = lan.post("/members/minh/transfer", SEND).await.expects(422);
            assert!(told.text("#e-letter_no").contains("Hoa"));
            assert_eq!(agrees(&app, "thu").await, 1);
            let id = open(&app).await;
            lan.post(&format!("/transfers/{id}/cancellation"), &[])
                .await
                .expects(303);
            lan.post("/members/minh/transfer", SEND).await.expects(422);
            lan.post(PATH, SEND).await.expects(303);
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

/// A letter without a number that was typed: the handbook gives it.
const UNNUMBERED: &[(&str, &str)] = &[
    ("to", "cell-b"),
    ("kind", "official"),
    ("letter_on", "20/11/2026"),
    ("row_version", "1"),
];

async fn letters(app: &TestApp) -> Vec<String> {
    let rows = db::sql("select letter_no from people_transfer order by letter_no");
    let rows: Vec<(String,)> = rows.all(app.site.db.read()).await.unwrap();
    rows.into_iter().map(|(number,)| number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_has_its_number_when_it_is_issued_and_what_is_refused_leaves_no_gap() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let lan = app.as_(LAN);
            for decision in [approvals::Decision::Refused, approvals::Decision::Approved] {
                lan.post(PATH, UNNUMBERED).await.expects(303);
                assert_eq!(
                    app.count("select count(*) from people_letter").await,
                    0,
                    "nothing is issued yet"
                );
                let thu = crate::actor::load(&app.site, &"thu".parse().unwrap())
                    .await
                    .unwrap();
                let waits = site::four_eyes::list_open(&app.site, &thu).await.unwrap();
                let (id, hash) = (&waits[0].id, waits[0].payload_hash.as_str());
                let said = site::four_eyes::decide(
                    &app.site,
                    "test",
                    &thu,
                    id,
                    hash,
                    decision,
                    "Chưa đủ giấy",
                )
                .await;
                said.unwrap();
            }
            assert_eq!(letters(&app).await, ["01-GGT/CB"]);
            let id = open(&app).await;
            lan.post(&format!("/transfers/{id}/cancellation"), &[])
                .await
                .expects(303);
            // One that somebody numbered by hand is passed over; the next year begins anew.
            let mut by_hand = UNNUMBERED.to_vec();
            by_hand.push(("letter_no", "02-GGT/CB"));
            let id = sent(&app, &by_hand).await;
            lan.post(&format!("/transfers/{id}/cancellation"), &[])
                .await
                .expects(303);
            sent(&app, UNNUMBERED).await;
            assert_eq!(letters(&app).await, ["01-GGT/CB", "02-GGT/CB", "03-GGT/CB"]);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_letters_issued_at_once_never_have_one_number() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let thu = app.as_(THU);
            let to = |who: &str| format!("/members/{who}/transfer");
            let (hoa, minh, lan) = (to("hoa"), to("minh"), to("lan"));
            let (one, two, three) = tokio::join!(
                thu.post(&hoa, UNNUMBERED),
                thu.post(&minh, UNNUMBERED),
                thu.post(&lan, UNNUMBERED)
            );
            for reply in [one, two, three] {
                reply.expects(303);
            }
            assert_eq!(letters(&app).await, ["01-GGT/CB", "02-GGT/CB", "03-GGT/CB"]);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_prepared_it_is_told_within_the_act_that_somebody_else_takes_it_up() {
    on_both(|| vec![crate::room()], async |app| {
        let thu = app.as_(THU);
        thu.post(PATH, SEND).await.expects(303);
        let id = open(&app).await;
        let path = format!("/transfers/{id}/acceptance");
        // Nobody else could when the page was drawn; somebody is given the post before the act is at its rows.
        let mut act = app.act().await;
        let post = NewHolding::new(&"cell-b".parse().unwrap(), "Bí thư", Role::CellLead, 10, &"tuan".parse().unwrap(), day("2022-01-01"));
        add_position_holding(&mut act, &post).await.unwrap();
        let (late, ()) = tokio::join!(thu.post(&path, ON), async {
            tokio::time::sleep(std::time::Duration::from_millis(400)).await;
            act.end().await.unwrap();
        });
        late.expects(409);
        assert_eq!(there(&app, "cell-b", "2026-11-23").await, None);
        app.as_(TUAN).post(&path, ON).await.expects(404);
        // Under another record of theirs they are the same person.
        app.sets("update people_transfer set prepared_by = 'minh'").await;
        app.sets("insert into people_alias (id, old_id, member_id, merged_at, merged_by, approval_id, was_sealed) values ('a-1', 'minh', 'thu', 1, '', '', '')").await;
        let transfer = store::get(app.site.db.read(), &id).await.unwrap();
        let may = CanReceive::of(&THU.actor(), &transfer, app.today()).unwrap();
        let mut act = may.begin(&app.site, "test", "transfer.accept").await.unwrap();
        let own = accept(&mut act, &id, day("2026-11-22")).await;
        assert!(matches!(own, Err(Error::Refused(why)) if why.key == "people-moving-refused-own"));
        act.leave().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stay_that_is_too_short_or_too_long_is_told_with_the_clause_and_not_refused() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let thu = app.as_(THU);
            let form = thu.get(PATH).await.expects(200);
            assert!(
                form.body().contains("294-QĐ/TW 6.3.2"),
                "the form says which lengths the rules have"
            );
            for (until, told) in [
                ("20/12/2026", "Ngắn hơn 3 tháng"),
                ("20/5/2027", ""),
                ("18/11/2027", ""),
                ("19/11/2027", "Từ 12 tháng"),
                ("22/11/2028", "Quá 24 tháng"),
            ] {
                let mut typed = FOR_A_TIME.to_vec();
                typed.retain(|(name, _)| *name != "until_on");
                typed.push(("until_on", until));
                thu.post(PATH, &typed).await.expects(303);
                let path = format!("/transfers/{}", open(&app).await);
                let page = thu.get(&path).await.expects(200);
                assert_eq!(page.has("#length"), !told.is_empty(), "{until}");
                if !told.is_empty() {
                    let said = page.text("#length");
                    assert!(
                        said.contains(told) && said.contains("6.3.2"),
                        "{until}: {said}"
                    );
                }
                thu.post(&format!("{path}/cancellation"), &[])
                    .await
                    .expects(303);
            }
            // Who decides on the sending side reads it too.
            let mut short = FOR_A_TIME.to_vec();
            short.retain(|(name, _)| *name != "until_on");
            short.push(("until_on", "20/12/2026"));
            app.as_(LAN).post(PATH, &short).await.expects(303);
            let waits = "select count(*) from approvals_approval where state = 'waiting'";
            assert_eq!(app.count(waits).await, 1);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_suspended_goes_nowhere_and_is_told_so_at_every_step() {
    on_both(|| vec![crate::room()], async |app| {
        let (lan, thu) = (app.as_(LAN), app.as_(THU));
        lan.post(PATH, SEND).await.expects(303);
        app.sets("update people_member set status = 'suspended' where id = 'hoa'").await;
        let seconds = crate::actor::load(&app.site, &"thu".parse().unwrap()).await.unwrap();
        let waits = site::four_eyes::list_open(&app.site, &seconds).await.unwrap();
        let (id, hash) = (&waits[0].id, waits[0].payload_hash.as_str());
        let yes = approvals::Decision::Approved;
        let said = site::four_eyes::decide(&app.site, "test", &seconds, id, hash, yes, "").await;
        assert!(matches!(said, Err(Error::Refused(why)) if why.key == "people-moving-refused-suspended"));
        assert!(lan.post(PATH, SEND).await.expects(422).has("#e-to"));
        let out = [("body_name", "Đảng ủy phường Xa"), ("letter_on", "20/11/2026"), ("row_version", "1")];
        assert!(lan.post("/members/hoa/departure", &out).await.expects(422).has("#e-body_name"));
        app.sets("update people_member set status = 'full' where id = 'hoa'").await;
        assert_eq!(agrees(&app, "thu").await, 1);
        let path = format!("/transfers/{}/acceptance", open(&app).await);
        app.sets("update people_member set status = 'suspended' where id = 'hoa'").await;
        thu.post(&path, ON).await.expects(409);
        assert_eq!(there(&app, "cell-b", "2026-11-23").await, None);
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
            let offered = page.attributes("#f-to option", "value");
            assert_eq!(offered, [""], "a person's name finds no unit");
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

/// How often that member was told that.
async fn told(app: &TestApp, who: &str, text: &str) -> i64 {
    db::sql("select count(*) from notices_notice where member_id = $1 and text_key = $2")
        .bind(who)
        .bind(text)
        .count(app.site.db.read())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_offices_of_both_sides_are_told_what_becomes_of_a_transfer_and_the_member_page_says_whose_turn_it_is()
 {
    on_both(
        || vec![crate::room()],
        async |app| {
            let mut act = app.act().await;
            let post = NewHolding::new(
                &"cell-b".parse().unwrap(),
                "Bí thư",
                Role::CellLead,
                10,
                &"tuan".parse().unwrap(),
                day("2022-01-01"),
            );
            add_position_holding(&mut act, &post).await.unwrap();
            act.end().await.unwrap();
            app.has_post(MINH, "Phó bí thư", Role::CellLead, "cell-a")
                .await;
            // The secretary sends; the deputy hears of it too, as do those who take up.
            let path = format!("/transfers/{}", sent(&app, FOR_A_TIME).await);
            assert_eq!(told(&app, "minh", "people-moving-told-sent-on").await, 1);
            assert_eq!(told(&app, "tuan", "people-moving-told-sent").await, 1);
            assert_eq!(
                told(&app, "lan", "people-moving-told-sent-on").await,
                0,
                "who did it knows"
            );
            let page = app.as_(LAN).get("/members/hoa").await.expects(200);
            let way = page.text("[data-way]");
            assert!(
                way.contains("Đỗ Anh Tuấn") && way.contains("Chi bộ Tổ dân phố 2"),
                "{way}"
            );
            assert_eq!(
                page.attributes("[data-way] a", "href"),
                std::slice::from_ref(&path)
            );
            assert!(
                !app.as_(MINH)
                    .get("/members/hoa")
                    .await
                    .expects(200)
                    .has("[data-way]"),
                "a name is no part in it"
            );
            let (thu, why) = (app.as_(TAKES), [("reason", "Chưa có chỗ họp")]);
            thu.post(&format!("{path}/refusal"), &why)
                .await
                .expects(303);
            for who in ["lan", "minh", "tuan"] {
                assert_eq!(
                    told(&app, who, "people-moving-told-returned-why").await,
                    1,
                    "{who}"
                );
            }
            let path = format!("/transfers/{}", sent(&app, FOR_A_TIME).await);
            thu.post(&format!("{path}/acceptance"), ON)
                .await
                .expects(303);
            for who in ["lan", "minh", "tuan"] {
                assert_eq!(
                    told(&app, who, "people-moving-told-accepted").await,
                    1,
                    "{who}"
                );
            }
            let lan = app.as_(LAN);
            assert!(
                lan.get("/members/hoa")
                    .await
                    .expects(200)
                    .text("[data-way]")
                    .contains("20/5/2027")
            );
            lan.post(&format!("{path}/term"), &[("until_on", "20/8/2027")])
                .await
                .expects(303);
            assert_eq!(told(&app, "tuan", "people-moving-told-term").await, 1);
            assert_eq!(told(&app, "lan", "people-moving-told-term").await, 0);
            assert_eq!(told(&app, "hoa", "people-moving-told-term-own").await, 1);
            // One count: who belongs to a unit is counted there and in the list of the unit above alike; guests apart.
            let count = async |unit: &str| {
                let page = thu.get(&format!("/units/{unit}")).await.expects(200);
                page.text(".lead")
            };
            let (a, b) = (count("cell-a").await, count("cell-b").await);
            assert!(
                a.contains("3 đảng viên") && a.contains("1 đang sinh hoạt ở nơi khác"),
                "{a}"
            );
            assert!(b.contains("Thêm 1 người đến sinh hoạt tạm thời"), "{b}");
            let page = thu.get("/units/committee").await.expects(200);
            for (unit, said) in page
                .all("#children a")
                .iter()
                .zip(page.all("#children small"))
            {
                let lead = if unit.ends_with('1') { &a } else { &b };
                assert!(lead.contains(&said), "{unit}: {said} against {lead}");
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leaving_form_says_which_posts_somebody_else_must_agree_to_end() {
    on_both(
        || vec![crate::room()],
        async |app| {
            let lan = app.as_(LAN);
            assert!(
                !lan.get("/members/hoa/leaving")
                    .await
                    .expects(200)
                    .has("#wide")
            );
            app.has_post(HOA, "Phó bí thư", Role::CommitteeLead, "committee")
                .await;
            let wide = lan.get("/members/hoa/leaving").await.expects(200);
            let wide = wide.text("#wide");
            assert!(
                wide.contains("Phó bí thư") && wide.contains("Phạm Minh Thu"),
                "{wide}"
            );
            assert!(
                !app.as_(THU)
                    .get("/members/hoa/leaving")
                    .await
                    .expects(200)
                    .has("#wide")
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_offers_likely_cells_finds_one_by_short_words_and_keeps_what_was_typed() {
    on_both(
        || vec![crate::room()],
        async |app| {
            app.sets("update people_unit set code = 'BD-02' where id = 'cell-b'")
                .await;
            let lan = app.as_(LAN);
            let page = lan.get(PATH).await.expects(200);
            let offered = page.attributes("select[name=to] option", "value");
            assert_eq!(offered, ["", "cell-b"], "neighbours, and not the own cell");
            for q in ["tổ 2", "CB2", "bd-02"] {
                let typed = [
                    ("q", q),
                    ("do", "find"),
                    ("to", "cell-b"),
                    ("kind", "temporary"),
                    ("until_on", "20/5/2027"),
                    ("letter_no", "07-GGT/CB"),
                    ("letter_on", "20/11/2026"),
                    ("note", "Đi học"),
                    ("row_version", "1"),
                ];
                let page = lan.post(PATH, &typed).await.expects(200);
                let offered = page.attributes("select[name=to] option", "value");
                assert_eq!(offered, ["", "cell-b"], "{q}");
                assert_eq!(
                    page.attributes("select[name=to] option[selected]", "value"),
                    ["cell-b"]
                );
                let value = |field: &str| page.attributes(field, "value").remove(0);
                assert_eq!(value("#f-letter_no"), "07-GGT/CB");
                assert_eq!(value("#f-note"), "Đi học");
                assert_eq!(value("input[name=kind][checked]"), "temporary");
                assert_eq!(value("input[name=row_version]"), "1");
            }
            assert_eq!(app.count("select count(*) from people_transfer").await, 0);
            let none = [("q", "tổ 12"), ("do", "find"), ("row_version", "1")];
            assert!(lan.post(PATH, &none).await.expects(200).has("#none"));
        },
    )
    .await;
}
