//! The story of an upload, as its sender, as somebody else, and twice at once; on both databases.

use site::May as _;
use site::room::{Importer, Room};
use testkit::{Browser, HOA, LAN, Reply, THU, TestApp, on_both};

fn rooms() -> Vec<Room> {
    let rosters = rosters::room();
    let importers: Vec<Importer> = rosters.importers.clone();
    vec![people::room(), rosters, crate::room(&importers)]
}

fn rooms_with_files() -> Vec<Room> {
    let mut rooms = vec![rosters::room(), documents::room(), library::room()];
    let importers: Vec<Importer> = rooms
        .iter()
        .flat_map(|room| room.importers.clone())
        .collect();
    rooms.push(people::room());
    rooms.push(crate::room(&importers));
    rooms
}

const HERE: &str = "/units/cell-a/import";
const TWO: &str =
    "Mã đảng viên,Họ và tên,Ngày sinh\nM1,Đinh Văn Một,1/2/1960\nM2,Đinh Thị Hai,3/4/1961\n";
const ADDED: &str = "select count(*) from people_member where external_id in ('M1', 'M2', 'M3')";

async fn sends(browser: &Browser<'_>, text: &str) -> String {
    let file = [("files", "danh sách.csv", text.as_bytes())];
    let reply = browser.post_files(HERE, &file).await.expects(303);
    reply.location()
}

/// Sends a list and lets the dry run pass: the address of the preview.
async fn looks_at(app: &TestApp, text: &str) -> String {
    let to = sends(&app.as_(THU), text).await;
    app.works().await;
    to
}

async fn presses(app: &TestApp, to: &str, verb: &str, fields: &[(&str, &str)]) -> Reply {
    let reply = app.as_(THU).post(&format!("{to}/{verb}"), fields).await;
    app.works().await;
    reply
}

async fn state(app: &TestApp) -> String {
    let row: (String,) =
        db::sql("select state from uploads_upload order by made_at desc, id desc limit 1")
            .one(app.site.db.read())
            .await
            .unwrap();
    row.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_shown_before_it_is_written_and_can_be_taken_back() {
    on_both(rooms, async |app| {
        app.as_(THU).get(HERE).await.expects(200);
        let to = looks_at(&app, TWO).await;
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(page.body().contains("Đinh Thị Hai"), "{}", page.body());
        assert!(page.body().contains("03/04/1961") || page.body().contains("3/4/1961"));
        assert_eq!(app.count(ADDED).await, 0, "nothing is written yet");
        presses(&app, &to, "application", &[]).await.expects(303);
        assert_eq!(app.count(ADDED).await, 2);
        let page = app.as_(THU).get(&to).await.expects(200);
        assert_eq!(page.header("refresh"), "", "it has ended");
        let id = to.rsplit('/').next().unwrap();
        assert_eq!(
            app.site.inbox.list(id).await.unwrap(),
            vec![],
            "the list is not kept"
        );

        app.as_(THU).get(&format!("{to}/undo")).await.expects(200);
        presses(&app, &to, "undo", &[]).await.expects(303);
        assert_eq!(app.count(ADDED).await, 0);
        assert_eq!(state(&app).await, "undone");
        assert_eq!(people::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_in_a_list_is_ticked_by_its_sender_given_and_taken_back() {
    const LIST: &str =
        "Mã đảng viên,Họ và tên,Chức vụ\nM1,Đinh Văn Một,Phó bí thư\nM2,Đinh Thị Hai,Chi ủy viên\n";
    on_both(rooms, async |app| {
        let done = "select (select count(*) from people_holding h join people_member m on m.id = h.member_id \
            where m.external_id in ('M1', 'M2') and h.from_on < h.to_on) + (select count(*) from approvals_approval \
            where kind = 'position.give' and state = 'waiting')";
        let to = looks_at(&app, LIST).await;
        let page = app.as_(THU).get(&to).await.expects(200);
        let ticks = "#rows input[type=checkbox]";
        assert_eq!(page.attributes(ticks, "name"), ["row-2", "row-4"], "{}", page.body());
        assert_eq!(page.attributes(&format!("{ticks}[checked]"), "value"), ["take", "take"]);
        assert!(page.text("#rows").contains("Đề nghị giao: Phó bí thư"));
        // The second tick is taken out: a form sends the "leave" before it.
        let answers = [("kind", "proposed"), ("row-2", "leave"), ("row-2", "take"), ("row-4", "leave")];
        let kept = presses(&app, &to, "decisions", &answers).await.expects(303);
        assert!(kept.location().contains("show=proposed"));
        let page = app.as_(THU).get(&format!("{to}?show=proposed")).await.expects(200);
        assert_eq!(page.attributes(&format!("{ticks}[checked]"), "name"), ["row-2"]);
        presses(&app, &to, "application", &[]).await.expects(303);
        assert_eq!(app.count(ADDED).await, 2);
        assert_eq!(app.count(done).await, 1, "the one that was ticked");
        let page = app.as_(THU).get(&format!("{to}?show=proposed")).await.expects(200);
        assert!(page.text("#rows").contains("Không giao chức vụ này"), "{}", page.text("#rows"));
        presses(&app, &to, "undo", &[]).await.expects(303);
        assert_eq!(app.count(done).await, 0);
        assert_eq!(app.count(ADDED).await, 0);
        assert_eq!(people::check(&app.site).await.unwrap(), []);
    })
    .await;
}

/// The lists, by importers that take nothing back.
#[tokio::test(flavor = "multi_thread")]
async fn the_preview_speaks_the_language_of_the_page_it_was_sent_from() {
    const BAD: &str = "Mã đảng viên,Họ và tên,Giới tính\nM1,Đinh Thị Một,Nữ\nM2,,Nữ\n";
    on_both(rooms, async |app| {
        let cookies = |look: &str| format!("sotay_session={}; sotay_look={look}", THU.session());
        for (look, sex, told) in [
            ("en", "Female", "This row has no name."),
            ("vi", "Nữ", "Dòng này không có họ tên."),
        ] {
            let browser = app.as_(THU).header("cookie", &cookies(look));
            let to = sends(&browser, BAD).await;
            app.works().await;
            let page = browser.get(&to).await.expects(200);
            assert!(page.body().contains(told), "{}", page.body());
            let page = browser.get(&format!("{to}?show=added")).await.expects(200);
            assert!(page.body().contains(sex), "{}", page.body());
        }
    })
    .await;
}

fn rooms_for_good() -> Vec<Room> {
    let mut rosters = rosters::room();
    for importer in &mut rosters.importers {
        importer.undo = None;
    }
    let importers: Vec<Importer> = rosters.importers.clone();
    vec![people::room(), rosters, crate::room(&importers)]
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_can_be_taken_back_is_promised_to_be() {
    const PROMISE: &str = "vẫn có thể rút lại";
    on_both(rooms, async |app| {
        let to = looks_at(&app, TWO).await;
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(page.body().contains(PROMISE), "{}", page.body());
    })
    .await;
    on_both(rooms_for_good, async |app| {
        let to = looks_at(&app, TWO).await;
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(page.has(&format!("form[action='{to}/application']")));
        assert!(!page.body().contains(PROMISE), "{}", page.body());
        presses(&app, &to, "application", &[]).await.expects(303);
        assert_eq!(app.count(ADDED).await, 2);
        app.as_(THU).get(&format!("{to}/undo")).await.expects(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_something_was_built_on_stays_when_the_list_is_taken_back() {
    on_both(rooms, async |app| {
        let to = looks_at(&app, TWO).await;
        presses(&app, &to, "application", &[]).await.expects(303);
        let made: (String,) = db::sql("select id from people_member where external_id = 'M1'")
            .one(app.site.db.read())
            .await
            .unwrap();
        // The office corrects the record of one of them.
        let edit = app
            .as_(THU)
            .get(&format!("/members/{}/edit", made.0))
            .await
            .expects(200);
        let version = edit.attributes("[name=row_version]", "value").remove(0);
        let fields = [
            ("row_version", version.as_str()),
            ("name", "Đinh Văn Mốt"),
            ("sex", "male"),
            ("birth_on", "1/2/1960"),
            ("status", "full"),
        ];
        app.as_(THU)
            .post(&format!("/members/{}/edit", made.0), &fields)
            .await
            .expects(303);
        presses(&app, &to, "undo", &[]).await.expects(303);
        assert_eq!(app.count(ADDED).await, 1);
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(
            page.body().contains("Đinh Văn Mốt"),
            "who stays is named: {}",
            page.body()
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_row_is_decided_by_a_person_and_only_as_it_was_seen() {
    on_both(rooms, async |app| {
        let to = looks_at(&app, "Mã đảng viên,Họ và tên,Ngày sinh,Quê quán\nM1,Đinh Văn Một,1/2/1960,Làng Vân\n").await;
        presses(&app, &to, "application", &[]).await.expects(303);
        let changed = "Mã đảng viên,Họ và tên,Ngày sinh,Quê quán\nM1,Đinh Văn Một,1/2/1960,Làng Hạ\nM2,Đinh Thị Hai,3/4/1961,\n";
        let home = "select count(*) from people_member where home_town = 'Làng Hạ'";

        let to = looks_at(&app, changed).await;
        let page = app.as_(THU).get(&to).await.expects(200);
        assert_eq!(page.attributes("#rows input[type=radio]", "value"), ["keep", "take"]);
        // What the preview shows of a record was looked at, and whose it is reads it.
        let looks = "select count(*) from audit_access where actor_id = 'thu' and level = 'V2' \
            and purpose = 'Đối chiếu với danh sách gửi lên' \
            and about_member_id = (select id from people_member where external_id = 'M1')";
        assert_eq!(app.count(looks).await, 1);
        // Undecided and not told to leave it out: asked, nothing written.
        presses(&app, &to, "application", &[]).await.expects(422);
        assert_eq!(app.count(ADDED).await, 1);
        presses(&app, &to, "decisions", &[("row-1", "take")]).await.expects(303);
        presses(&app, &to, "application", &[]).await.expects(303);
        assert_eq!(app.count(ADDED).await, 2);
        assert_eq!(app.count(home).await, 1);

        // Seen, decided; but meanwhile the record says something else.
        let to = looks_at(&app, "Mã đảng viên,Họ và tên,Quê quán\nM1,Đinh Văn Một,Làng Thượng\n").await;
        presses(&app, &to, "decisions", &[("row-1", "take")]).await.expects(303);
        let other = looks_at(&app, "Mã đảng viên,Họ và tên,Quê quán\nM1,Đinh Văn Một,Làng Đông\n").await;
        presses(&app, &other, "decisions", &[("row-1", "take")]).await.expects(303);
        presses(&app, &other, "application", &[]).await.expects(303);
        presses(&app, &to, "application", &[]).await.expects(303);
        let east = "select count(*) from people_member where home_town = 'Làng Đông'";
        assert_eq!(app.count(east).await, 1, "what nobody saw is not overwritten");
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(page.has(".note[data-is=warn]"), "shown again: {}", page.body());
    })
    .await;
}

const HOMES: &str = "Mã đảng viên,Họ và tên,Ngày sinh,Quê quán\nM1,Đinh Văn Một,1/2/1960,Làng Vân\nM2,Đinh Thị Hai,3/4/1961,Làng Vân\n";

/// Two people were there; a second list gives both another home town and a code to the first's card.
async fn changes_two(app: &TestApp) -> String {
    let first = looks_at(app, HOMES).await;
    presses(app, &first, "application", &[]).await.expects(303);
    let list = HOMES
        .replace("Làng Vân", "Làng Hạ")
        .replace("Quê quán", "Quê quán,Số thẻ")
        .replace("Một,1/2/1960,Làng Hạ", "Mốt,1/2/1960,Làng Hạ,001060000001")
        .replace("1961,Làng Hạ", "1961,Làng Hạ,");
    let to = looks_at(app, &list).await;
    let answers = [("row-1", "take"), ("row-2", "take")];
    presses(app, &to, "decisions", &answers).await.expects(303);
    presses(app, &to, "application", &[]).await.expects(303);
    assert_eq!(lives_in(app, "Làng Hạ").await, 2);
    to
}

async fn lives_in(app: &TestApp, village: &str) -> i64 {
    let row: (i64,) = db::sql("select count(*) from people_member where home_town = $1")
        .bind(village)
        .one(app.site.db.read())
        .await
        .unwrap();
    row.0
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_changed_is_again_what_it_was_when_the_list_is_taken_back() {
    on_both(rooms, async |app| {
        let to = changes_two(&app).await;
        let images = "select count(*) from import_made where was_sealed <> ''";
        assert_eq!(app.count(images).await, 2);
        assert_eq!(
            app.count("select count(*) from import_made where was_sealed like '%ang%'").await,
            0,
            "what records hold is sealed"
        );
        let asked = app.as_(THU).get(&format!("{to}/undo")).await.expects(200);
        assert!(asked.text("main").contains("trở về như trước"));
        presses(&app, &to, "undo", &[]).await.expects(303);
        assert_eq!(lives_in(&app, "Làng Vân").await, 2);
        assert_eq!(lives_in(&app, "Làng Hạ").await, 0);
        let first = "select count(*) from people_member where external_id = 'M1' and name = 'Đinh Văn Một' \
            and name_fold = 'dinh van mot' and card_sealed = '' and card_mac = ''";
        assert_eq!(app.count(first).await, 1);
        let words = "select count(*) from people_name_word w join people_member m on m.id = w.member_id \
            where m.external_id = 'M1'";
        assert_eq!(app.count(words).await, 3);
        let told = "select count(*) from people_member_event where kind = 'member_restored'";
        assert_eq!(app.count(told).await, 2, "the ledger tells");
        assert_eq!(app.count(images).await, 0, "no image is left behind");
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(page.body().contains("Đã trả về như trước"), "{}", page.body());
        assert_eq!(people::check(&app.site).await.unwrap(), []);
        // Pressed again: it leads on, nothing more is done.
        presses(&app, &to, "undo", &[]).await.expects(303);
        assert_eq!(app.count(told).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changed_since_stays_as_they_left_it() {
    on_both(rooms, async |app| {
        let to = changes_two(&app).await;
        // One's telephone is written without a new version, the other is changed by a later list.
        let two: (String,) = db::sql("select id from people_member where external_id = 'M2'")
            .one(app.site.db.read())
            .await
            .unwrap();
        let by = people::access::Importing::by(None, "test", app.today()).unwrap();
        let mut act = by.begin(&app.site, "test", "test").await.unwrap();
        let phone = Some("0912345678");
        people::store::set_numbers(&mut act, &two.0.parse().unwrap(), None, None, phone)
            .await
            .unwrap();
        act.end().await.unwrap();
        let other =
            "Mã đảng viên,Họ và tên,Ngày sinh,Số thẻ\nM1,Đinh Văn Mốt,1/2/1960,001060000002\n";
        let later = looks_at(&app, other).await;
        presses(&app, &later, "decisions", &[("row-1", "take")])
            .await
            .expects(303);
        presses(&app, &later, "application", &[]).await.expects(303);
        presses(&app, &to, "undo", &[]).await.expects(303);
        assert_eq!(lives_in(&app, "Làng Hạ").await, 2);
        let page = app.as_(THU).get(&to).await.expects(200);
        for name in ["Đinh Văn Mốt", "Đinh Thị Hai"] {
            assert!(
                page.body().contains(name),
                "who stays is named: {}",
                page.body()
            );
        }
        // The later list is taken back first; then what stayed of the earlier one is free.
        presses(&app, &later, "undo", &[]).await.expects(303);
        app.as_(THU).get(&format!("{to}/undo")).await.expects(200);
        presses(&app, &to, "undo", &[]).await.expects(303);
        assert_eq!(lives_in(&app, "Làng Vân").await, 1);
    })
    .await;
}

const OLD_CONTACTS: &str =
    "select count(*) from people_member where external_id = 'M1' and email = 'cu@khoi.example'";
const NEW_CONTACTS: &str =
    "select count(*) from people_member where external_id = 'M1' and email = 'moi@khoi.example'";
const TOLD: &str = "select count(*) from notices_notice n join people_member m on m.id = n.member_id \
    where m.external_id = 'M1' and n.kind = 'contact.changed' and n.importance = 'urgent'";

/// One person was there; a second list gives them another e-mail and another telephone.
async fn changes_contacts(app: &TestApp) -> String {
    let head = "Mã đảng viên,Họ và tên,Ngày sinh,Email,Số điện thoại\n";
    let first = format!("{head}M1,Đinh Văn Một,1/2/1960,cu@khoi.example,0912345671\n");
    let first = looks_at(app, &first).await;
    presses(app, &first, "application", &[]).await.expects(303);
    assert_eq!(app.count(OLD_CONTACTS).await, 1);
    let to = format!("{head}M1,Đinh Văn Một,1/2/1960,moi@khoi.example,0912345672\n");
    let to = looks_at(app, &to).await;
    presses(app, &to, "decisions", &[("row-1", "take")])
        .await
        .expects(303);
    presses(app, &to, "application", &[]).await.expects(303);
    assert_eq!(app.count(NEW_CONTACTS).await, 1);
    to
}

async fn id_of_m1(app: &TestApp) -> kernel::MemberId {
    let row: (String,) = db::sql("select id from people_member where external_id = 'M1'")
        .one(app.site.db.read())
        .await
        .unwrap();
    row.0.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_list_gave_other_contacts_is_told_and_again_when_it_is_taken_back() {
    on_both(rooms, async |app| {
        let to = changes_contacts(&app).await;
        assert_eq!(app.count(TOLD).await, 1, "the list changed how they sign in");
        app.later(60_000);
        presses(&app, &to, "undo", &[]).await.expects(303);
        assert_eq!(app.count(OLD_CONTACTS).await, 1);
        assert_eq!(app.count(TOLD).await, 2, "so did taking it back");
        let line = "select count(*) from v_audit_event where action = 'roster.undo' and unit_id = 'cell-a' \
            and diff_json like '%\"phone\"%' and diff_json like '%\"email\"%' and diff_json not like '%\"name\"%'";
        assert_eq!(app.count(line).await, 1, "the log names unit and fields");
        let value = "select count(*) from v_audit_event where diff_json like '%khoi.example%' or diff_json like '%09123%'";
        assert_eq!(app.count(value).await, 0, "and no value");
        assert_eq!(people::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_a_list_back_changes_no_sign_in_beyond_the_senders_right() {
    on_both(rooms, async |app| {
        let to = changes_contacts(&app).await;
        // Meanwhile they got a post in another committee: R4 gives their contacts to an office over both.
        let other: kernel::UnitId = "cell-e".parse().unwrap();
        let until = app.today().plus_days(30);
        let holder = id_of_m1(&app).await;
        let role = kernel::Role::CellCommittee;
        let post =
            people::store::NewHolding::new(&other, "Chi ủy viên", role, 30, &holder, until);
        let mut act = app.act().await;
        people::store::add_position_holding(&mut act, &post)
            .await
            .unwrap();
        act.end().await.unwrap();
        presses(&app, &to, "undo", &[]).await.expects(303);
        assert_eq!(app.count(NEW_CONTACTS).await, 1, "it stays as it is");
        assert_eq!(app.count(TOLD).await, 1);
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(page.body().contains("Giữ lại"), "{}", page.body());
        let line = "select count(*) from v_audit_event where action = 'roster.undo' and about_member_id <> ''";
        assert_eq!(app.count(line).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_right_was_taken_away_meanwhile_takes_no_list_back() {
    on_both(rooms, async |app| {
        let to = changes_contacts(&app).await;
        // Pressed while the right still held; it is gone before the work begins.
        app.as_(THU)
            .post(&format!("{to}/undo"), &[])
            .await
            .expects(303);
        app.leaves_posts(THU).await;
        app.works().await;
        assert_eq!(app.count(NEW_CONTACTS).await, 1, "nothing went back");
        assert_eq!(app.count(TOLD).await, 1);
        // The page of a test is drawn with the rights that she began with.
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(page.body().contains("quyền hoặc nơi nhận đã thay đổi"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_somebody_else_has_by_now_is_not_given_back() {
    on_both(rooms, async |app| {
        let card = |number: &str| {
            format!("Mã đảng viên,Họ và tên,Ngày sinh,Số thẻ\nM1,Đinh Văn Một,1/2/1960,{number}\n")
        };
        let first = looks_at(&app, &card("001060000001")).await;
        presses(&app, &first, "application", &[]).await.expects(303);
        let to = looks_at(&app, &card("001060000002")).await;
        presses(&app, &to, "decisions", &[("row-1", "take")])
            .await
            .expects(303);
        presses(&app, &to, "application", &[]).await.expects(303);
        let list =
            "Mã đảng viên,Họ và tên,Ngày sinh,Số thẻ\nM2,Đinh Thị Hai,3/4/1961,001060000001\n";
        let second = looks_at(&app, list).await;
        presses(&app, &second, "application", &[])
            .await
            .expects(303);
        presses(&app, &to, "undo", &[]).await.expects(303);
        let row: (String,) = db::sql("select card_mac from people_member where external_id = 'M1'")
            .one(app.site.db.read())
            .await
            .unwrap();
        assert_eq!(row.0, app.site.keys.mac("card", "001060000002"));
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(page.body().contains("Giữ lại"), "{}", page.body());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namesake_is_another_person_or_the_same_by_a_persons_word() {
    on_both(rooms, async |app| {
        let first = looks_at(&app, "Họ và tên,Ngày sinh\nĐinh Văn Một,1/2/1960\n").await;
        presses(&app, &first, "application", &[]).await.expects(303);
        let count = "select count(*) from people_member where name = 'Đinh Văn Một'";
        let again = "Họ và tên,Ngày sinh,Quê quán\nĐinh Văn Một,1/2/1960,Làng Vân\n";
        let to = looks_at(&app, again).await;
        let page = app.as_(THU).get(&to).await.expects(200);
        assert_eq!(
            page.attributes("#rows input[type=radio]", "value"),
            ["new", "same"]
        );
        presses(&app, &to, "decisions", &[("row-1", "same")])
            .await
            .expects(303);
        presses(&app, &to, "application", &[]).await.expects(303);
        assert_eq!(app.count(count).await, 1);
        let home = "select count(*) from people_member where home_town = 'Làng Vân'";
        assert_eq!(app.count(home).await, 1);
        let to = looks_at(
            &app,
            "Họ và tên,Ngày sinh,Quê quán\nĐinh Văn Một,1/2/1960,Làng Hạ\n",
        )
        .await;
        presses(
            &app,
            &to,
            "decisions",
            &[("row-1", "new"), ("row-7", "new"), ("row-x", "new")],
        )
        .await
        .expects(303);
        presses(&app, &to, "application", &[]).await.expects(303);
        assert_eq!(app.count(count).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_or_presses_anything_of_it() {
    on_both(rooms, async |app| {
        let to = looks_at(&app, TWO).await;
        for who in [LAN, HOA] {
            for page in [to.clone(), format!("{to}/undo")] {
                app.as_(who).get(&page).await.expects(404);
            }
            for verb in [
                "application",
                "stop",
                "again",
                "removal",
                "undo",
                "decisions",
                "sent",
            ] {
                app.as_(who)
                    .post(&format!("{to}/{verb}"), &[])
                    .await
                    .expects(404);
            }
            let at = format!("{to}/piece?name=x.csv&at=0");
            app.as_(who).post_bytes(&at, b"x").await.expects(404);
            let list = app.as_(who).get("/uploads").await.expects(200);
            assert!(!list.body().contains("danh sách.csv"));
        }
        app.as_(HOA).get(HERE).await.expects(404);
        let file = [("files", "a.csv", TWO.as_bytes())];
        app.as_(HOA).post_files(HERE, &file).await.expects(404);
        let elsewhere = app.as_(THU).post_files("/units/cell-e/import", &file).await;
        elsewhere.expects(404);
        assert_eq!(app.count("select count(*) from uploads_upload").await, 1);
        app.works().await;
        assert_eq!(app.count(ADDED).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_right_meanwhile_writes_nothing() {
    on_both(rooms, async |app| {
        let to = looks_at(&app, TWO).await;
        app.as_(THU)
            .post(&format!("{to}/application"), &[])
            .await
            .expects(303);
        app.leaves_posts(THU).await;
        app.works().await;
        assert_eq!(app.count(ADDED).await, 0);
        assert_eq!(state(&app).await, "failed");
        // In office again she goes on where it was broken off.
        app.has_post(THU, "Cán bộ tổ chức", kernel::Role::OrgOfficer, "bloc")
            .await;
        presses(&app, &to, "again", &[]).await.expects(303);
        assert_eq!(app.count(ADDED).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_pressed_while_the_list_is_looked_at_asks_nobody_less() {
    on_both(rooms, async |app| {
        has_a_second(&app).await;
        let to = sends(&app.as_(THU), TWO).await;
        let early = presses(&app, &to, "application", &[]).await;
        early.expects(409);
        assert_eq!(state(&app).await, "ready");
        assert_eq!(app.count(ADDED).await, 0);
        // However it came to be queued, what needs two is not written for one.
        let thu = web::Member(app.signed_in(THU).into());
        let id = to.rsplit('/').next().unwrap();
        let held = crate::access::sender(&app.site, &thu, id).await.unwrap();
        let (upload, doing) = (held.upload.id.clone(), crate::upload::Doing::Apply);
        let mut act = site::May::begin(held, &app.site, "test", "upload.apply")
            .await
            .unwrap();
        let job = crate::store::queue(&mut act, &upload, doing).await.unwrap();
        let (from, during) = (doing.begins_at(), doing.during());
        let went = crate::store::go(
            &mut act,
            &upload,
            from,
            during,
            Some(doing),
            job.as_str(),
            "",
        );
        assert!(went.await.unwrap());
        act.end().await.unwrap();
        app.works().await;
        assert_eq!(app.count(ADDED).await, 0);
        assert_eq!(state(&app).await, "ready");
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(page.text("main").contains("cần người thứ hai đồng ý"));
        presses(&app, &to, "application", &[]).await.expects(303);
        agrees(&app, "minh").await.unwrap();
        assert_eq!(app.count(ADDED).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_to_what_cannot_be_done_any_more_is_refused_and_says_why() {
    on_both(rooms, async |app| {
        has_a_second(&app).await;
        let to = looks_at(&app, TWO).await;
        presses(&app, &to, "application", &[]).await.expects(303);
        app.leaves_posts(THU).await;
        let refused = agrees(&app, "minh").await.unwrap_err();
        assert!(
            matches!(&refused, kernel::Error::Refused(said) if said.key == "uploads-refused-second-sender"),
            "{refused:?}"
        );
        app.has_post(THU, "Cán bộ tổ chức", kernel::Role::OrgOfficer, "bloc")
            .await;
        // As after a restore: the archive carries the upload, not its files.
        let id = to.rsplit('/').next().unwrap();
        app.site.inbox.remove(id).await.unwrap();
        let refused = agrees(&app, "minh").await.unwrap_err();
        assert!(
            matches!(&refused, kernel::Error::Refused(said) if said.key == "uploads-refused-second-lost"),
            "{refused:?}"
        );
        let page = presses(&app, &to, "application", &[]).await.expects(409);
        assert!(page.text("main").contains("gửi lại tệp"));
        assert_eq!(app.count(ADDED).await, 0);
        presses(&app, &to, "removal", &[]).await.expects(303);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_pressed_twice_or_late_writes_once() {
    on_both(rooms, async |app| {
        let to = looks_at(&app, TWO).await;
        let thu = app.as_(THU);
        let at = format!("{to}/application");
        let (one, two) = tokio::join!(thu.post(&at, &[]), thu.post(&at, &[]));
        for reply in [one, two] {
            assert!(
                matches!(reply.status.as_u16(), 303 | 409),
                "{}",
                reply.status
            );
        }
        app.works().await;
        assert_eq!(app.count(ADDED).await, 2);
        let jobs = "select count(*) from jobs_job where kind = 'uploads.apply'";
        assert_eq!(app.count(jobs).await, 1);
        thu.post(&at, &[]).await.expects(303);
        thu.post(&format!("{to}/decisions"), &[("row-1", "take")])
            .await
            .expects(409);
        thu.post(&format!("{to}/removal"), &[]).await.expects(409);
        app.works().await;
        assert_eq!(app.count(ADDED).await, 2);
        assert_eq!(state(&app).await, "done");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_comes_in_pieces_over_a_bad_line() {
    on_both(rooms, async |app| {
        let thu = app.as_(THU);
        let size = TWO.len().to_string();
        let begin = [
            ("importer", "roster"),
            ("place", "cell-a"),
            ("name", "../ds.csv"),
            ("size", &size),
        ];
        let id = thu.post("/uploads/begin", &begin).await.expects(200).json()["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let to = format!("/uploads/{id}");
        let piece = |at: usize| format!("{to}/piece?name=ds.csv&at={at}");
        let bytes = TWO.as_bytes();
        assert_eq!(
            thu.post_bytes(&piece(0), &bytes[..30])
                .await
                .expects(200)
                .json()["at"],
            30
        );
        // Its answer was lost: sent again, it is told where to go on.
        assert_eq!(
            thu.post_bytes(&piece(0), &bytes[..30])
                .await
                .expects(200)
                .json()["at"],
            30
        );
        thu.post_bytes(&piece(30), &bytes[..bytes.len() - 1])
            .await
            .expects(409);
        thu.post(&format!("{to}/sent"), &[]).await.expects(409);
        let page = thu.get(&to).await.expects(200);
        assert!(page.has("form[data-upload-again]"));
        thu.post_raw(&piece(30), bytes[30..].to_vec())
            .await
            .expects(403);
        thu.post_bytes(&piece(30), &bytes[30..]).await.expects(200);
        thu.post(&format!("{to}/sent"), &[]).await.expects(303);
        thu.post(&format!("{to}/sent"), &[]).await.expects(303);
        app.works().await;
        presses(&app, &to, "application", &[]).await.expects(303);
        assert_eq!(app.count(ADDED).await, 2);
        thu.post_bytes(&piece(0), b"x").await.expects(409);
        let begin = [
            ("importer", "roster"),
            ("place", "cell-e"),
            ("name", "ds.csv"),
            ("size", "3"),
        ];
        thu.post("/uploads/begin", &begin).await.expects(404);
        let begin = [
            ("importer", "roster"),
            ("place", "cell-a"),
            ("name", "ds.exe"),
            ("size", "3"),
        ];
        thu.post("/uploads/begin", &begin).await.expects(422);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_leads_to_the_form_with_its_name_filled_in() {
    on_both(rooms, async |app| {
        let text = "Họ và tên,Ngày sinh,Số thẻ đảng viên,Ghi chú\n\
            Đinh Văn Một,30/2/1960,001060000001,miễn sinh hoạt\nĐinh Văn Hai,1961,001061000002,\n";
        let to = looks_at(&app, text).await;
        let page = app.as_(THU).get(&to).await.expects(200);
        let said = "Cột “Ghi chú” không được đọc: 1 dòng có nội dung, như “miễn sinh hoạt”.";
        assert!(page.body().contains(said), "{}", page.body());
        let page = app
            .as_(THU)
            .get(&format!("{to}?show=refused"))
            .await
            .expects(200);
        let ways = page.attributes("a[href*='/members/new?']", "href");
        assert_eq!(ways.len(), 1, "{}", page.body());
        assert!(
            !ways[0].contains("0600"),
            "no number in an address: {}",
            ways[0]
        );
        let form = app.as_(THU).get(&ways[0]).await.expects(200);
        assert_eq!(
            form.attributes("input[name=name]", "value"),
            ["Đinh Văn Một"]
        );
        app.as_(HOA).get(&ways[0]).await.expects(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_is_refused_with_a_sentence_and_leaves_nothing() {
    on_both(rooms, async |app| {
        let thu = app.as_(THU);
        let wrong: [&[(&str, &str, &[u8])]; 4] = [
            &[],
            &[("files", "a.exe", b"MZ")],
            &[("files", "a.csv", b"")],
            &[("files", "a.csv", b"x"), ("files", "b.exe", b"x")],
        ];
        for parts in wrong {
            let reply = thu.post_files(HERE, parts).await.expects(422);
            assert!(reply.has("#errors a"), "{}", reply.body());
        }
        let two: &[(&str, &str, &[u8])] = &[("files", "a.csv", b"x"), ("files", "a.csv", b"y")];
        thu.post_files(HERE, two).await.expects(422);
        thu.post(HERE, &[("files", "x")]).await.expects(403);
        let big = vec![b'x'; 5 << 20];
        thu.post_files(HERE, &[("files", "a.csv", &big)])
            .await
            .expects(413);
        assert_eq!(app.count("select count(*) from uploads_upload").await, 0);
        assert_eq!(
            app.site.inbox.list_uploads().await.unwrap(),
            Vec::<String>::new()
        );
        // What is no table at all is said on the preview, with a way to another file.
        let to = looks_at(&app, "chỉ có một dòng chữ").await;
        let page = thu.get(&to).await.expects(200);
        assert!(page.has(&format!("a[href='{HERE}']")), "{}", page.body());
        assert!(!page.has(&format!("form[action='{to}/application']")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stopped_goes_on_and_what_is_given_up_is_gone() {
    on_both(rooms, async |app| {
        let thu = app.as_(THU);
        let to = sends(&thu, TWO).await;
        assert_eq!(thu.get(&to).await.expects(200).header("refresh"), "2");
        thu.post(&format!("{to}/stop"), &[]).await.expects(303);
        app.works().await;
        assert_eq!(state(&app).await, "stopped");
        assert!(thu.get("/today").await.status == 404 || state(&app).await == "stopped");
        presses(&app, &to, "again", &[]).await.expects(303);
        assert_eq!(state(&app).await, "ready");
        presses(&app, &to, "removal", &[]).await.expects(303);
        presses(&app, &to, "removal", &[]).await.expects(303);
        assert_eq!(state(&app).await, "dropped");
        presses(&app, &to, "application", &[]).await.expects(409);
        assert_eq!(app.count(ADDED).await, 0);
        assert_eq!(
            app.site.inbox.list_uploads().await.unwrap(),
            Vec::<String>::new()
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_goes_on_with_is_dropped_and_later_forgotten() {
    on_both(rooms, async |app| {
        looks_at(&app, TWO).await;
        app.later(15 * 24 * 3_600_000);
        crate::run::tidy(&app.site).await.unwrap();
        assert_eq!(state(&app).await, "dropped");
        assert_eq!(
            app.site.inbox.list_uploads().await.unwrap(),
            Vec::<String>::new()
        );
        app.later(31 * 24 * 3_600_000);
        crate::run::tidy(&app.site).await.unwrap();
        assert_eq!(app.count("select count(*) from uploads_upload").await, 0);
        assert_eq!(app.count("select count(*) from uploads_entry").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_can_be_prepared() {
    on_both(rooms, async |app| {
        app.prepares(crate::store::STATEMENTS).await
    })
    .await;
}

/// Sends files to a form and lets the dry run pass: the address of the preview.
async fn sends_to(app: &TestApp, form: &str, parts: &[(&str, &str, &[u8])]) -> String {
    app.as_(THU).get(form).await.expects(200);
    let reply = app.as_(THU).post_files(form, parts).await.expects(303);
    app.works().await;
    reply.location()
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_shown_field_by_field_kept_and_taken_back() {
    on_both(rooms_with_files, async |app| {
        let text = "# Quy định về sinh hoạt chi bộ\n\nSố 12-QĐ/ĐU. Mỗi tháng một kỳ.\n";
        let other = "# Thông báo lịch họp\n\nHọp ngày 3.\n";
        let parts: &[(&str, &str, &[u8])] = &[
            ("audience", "", b"public"),
            ("files", "mot.md", text.as_bytes()),
            ("files", "hai.md", other.as_bytes()),
        ];
        let to = sends_to(&app, "/documents/import", parts).await;
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(
            page.body().contains("Thông báo lịch họp"),
            "{}",
            page.body()
        );
        let count = "select count(*) from documents_document where audience = 'public'";
        assert_eq!(app.count(count).await, 0);
        presses(&app, &to, "application", &[]).await.expects(303);
        assert_eq!(app.count(count).await, 2);
        presses(&app, &to, "undo", &[]).await.expects(303);
        assert_eq!(app.count(count).await, 0);
        assert_eq!(state(&app).await, "undone");
        // An audience that is not offered is none: the first offered one holds.
        let parts: &[(&str, &str, &[u8])] = &[
            ("audience", "", b"unit:bloc"),
            ("mapping", "", b"/etc/passwd"),
            ("files", "mot.md", text.as_bytes()),
        ];
        let to = sends_to(&app, "/documents/import", parts).await;
        presses(&app, &to, "application", &[]).await.expects(303);
        let members = "select count(*) from documents_document where audience = 'members'";
        assert_eq!(app.count(members).await, 1);
    })
    .await;
}

/// One document as a file, with a text of its own.
fn regulation(text: &str) -> String {
    format!(
        "+++\nsymbol = \"12-QĐ/ĐU\"\ntitle = \"Quy định về sinh hoạt\"\nissued_on = \"2026-01-05\"\n\
         issuer = \"Đảng ủy phường Thử\"\n+++\n# Quy định về sinh hoạt\n\n{text}\n"
    )
}

async fn brings_regulation(app: &TestApp, text: &str) -> String {
    let text = regulation(text);
    let parts: &[(&str, &str, &[u8])] = &[("files", "quy-dinh.md", text.as_bytes())];
    let to = sends_to(app, "/documents/import", parts).await;
    presses(app, &to, "application", &[]).await.expects(303);
    to
}

async fn says(app: &TestApp, text: &str) -> bool {
    let bodies: Vec<(String,)> = db::sql("select body from documents_provision order by position")
        .all(app.site.db.read())
        .await
        .unwrap();
    bodies.iter().any(|(body,)| body.contains(text))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_a_later_file_renewed_becomes_what_it_was_and_then_goes() {
    on_both(rooms_with_files, async |app| {
        const FILES: &str = "select count(*) from documents_file";
        let first = brings_regulation(&app, "Mỗi tháng một kỳ.").await;
        let second = brings_regulation(&app, "Mỗi tháng hai kỳ.").await;
        assert!(says(&app, "hai kỳ").await && !says(&app, "một kỳ").await);
        assert_eq!(app.count(FILES).await, 2);
        // The first is not the last: the document stays while the second stands.
        presses(&app, &first, "undo", &[]).await.expects(303);
        assert!(says(&app, "hai kỳ").await);
        presses(&app, &second, "undo", &[]).await.expects(303);
        assert!(says(&app, "một kỳ").await && !says(&app, "hai kỳ").await);
        assert_eq!(app.count(FILES).await, 1);
    })
    .await;
    on_both(rooms_with_files, async |app| {
        let first = brings_regulation(&app, "Mỗi tháng một kỳ.").await;
        let second = brings_regulation(&app, "Mỗi tháng hai kỳ.").await;
        presses(&app, &second, "undo", &[]).await.expects(303);
        presses(&app, &first, "undo", &[]).await.expects(303);
        let count = "select count(*) from documents_document";
        assert_eq!(app.count(count).await, 0, "bare again, so it goes");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn units_that_name_none_above_go_below_the_one_tree_of_the_sender() {
    on_both(rooms, async |app| {
        let before = app.count("select count(*) from people_unit").await;
        let list = "Tên tổ chức,Mã\nChi bộ Tổ dân phố 3,CB3\nĐảng bộ Khu phố Thử,\n";
        let file = [("files", "dv.csv", list.as_bytes())];
        let reply = app
            .as_(THU)
            .post_files("/units/import", &file)
            .await
            .expects(303);
        app.works().await;
        let to = reply.location();
        presses(&app, &to, "application", &[]).await.expects(303);
        let there =
            "select count(*) from people_unit where code = 'CB3' and parent_id = 'committee'";
        assert_eq!(app.count(there).await, 1);
        assert_eq!(
            app.count("select count(*) from people_unit").await,
            before + 1
        );
        app.as_(THU)
            .post(&format!("{to}/undo"), &[])
            .await
            .expects(303);
        app.works().await;
        assert_eq!(app.count("select count(*) from people_unit").await, before);
        assert_eq!(people::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_of_units_changed_is_again_what_it_was() {
    on_both(rooms, async |app| {
        let sends = async |list: &str| {
            let parts: [(&str, &str, &[u8]); 1] = [("files", "dv.csv", list.as_bytes())];
            sends_to(&app, "/units/import", &parts).await
        };
        let to = sends("Tên tổ chức,Mã\nChi bộ Tổ dân phố 3,CB3\n").await;
        presses(&app, &to, "application", &[]).await.expects(303);
        let says = "select count(*) from people_unit u join people_unit_version v on v.unit_id = u.id \
            and v.to_on = '9999-12-31' where u.code = 'CB3' and v.name = u.name and u.name = 'Chi bộ Tổ dân phố 3' \
            and u.address = ''";
        assert_eq!(app.count(says).await, 1);
        let list = "Tên tổ chức,Mã,Địa chỉ\nChi bộ Khu phố 3,CB3,Nhà văn hóa\n";
        // What differs is asked: what stands there may stay, what stood empty is filled.
        let kept = sends(list).await;
        let page = app.as_(THU).get(&kept).await.expects(200);
        assert_eq!(
            page.attributes("#rows input[type=radio]", "value"),
            ["keep", "take"]
        );
        presses(&app, &kept, "decisions", &[("row-1", "keep")]).await.expects(303);
        presses(&app, &kept, "application", &[]).await.expects(303);
        let filled = "select count(*) from people_unit where code = 'CB3' and address = 'Nhà văn hóa' \
            and name = 'Chi bộ Tổ dân phố 3'";
        assert_eq!(app.count(filled).await, 1);
        presses(&app, &kept, "undo", &[]).await.expects(303);
        assert_eq!(app.count(says).await, 1);

        let to = sends(list).await;
        presses(&app, &to, "decisions", &[("row-1", "take")]).await.expects(303);
        presses(&app, &to, "application", &[]).await.expects(303);
        assert_eq!(app.count(says).await, 0);
        presses(&app, &to, "undo", &[]).await.expects(303);
        assert_eq!(app.count(says).await, 1);
        let told = "select count(*) from v_audit_event where action = 'units.undo'";
        assert!(app.count(told).await > 0);
        assert_eq!(people::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_of_documents_is_taken_back_and_nothing_is_not_told_as_taken_back() {
    on_both(rooms_with_files, async |app| {
        let list = "Số ký hiệu,Trích yếu\n12-QĐ/ĐU,Về việc thử\n13-QĐ/ĐU,Về việc khác\n";
        let parts: &[(&str, &str, &[u8])] = &[("files", "so.csv", list.as_bytes())];
        let to = sends_to(&app, "/documents/import", parts).await;
        presses(&app, &to, "application", &[]).await.expects(303);
        let count = "select count(*) from documents_document";
        assert_eq!(app.count(count).await, 2);
        presses(&app, &to, "undo", &[]).await.expects(303);
        assert_eq!(app.count(count).await, 0);
        let again = sends_to(&app, "/documents/import", parts).await;
        presses(&app, &again, "undo", &[]).await.expects(409);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_whose_transaction_sqlite_undid_by_itself_is_thrown_away() {
    testkit::on_sqlite(rooms, async |app| {
        // What SQLite does by itself when the disk is full.
        let mut tx = app.site.db.begin().await.unwrap();
        db::sql("rollback").run(&mut *tx).await.unwrap();
        let ended = app.site.db.commit(tx).await;
        assert!(ended.is_err());
        app.has_email(THU, "x@khoi.example").await;
        let kept = "select count(*) from people_member where email = 'x@khoi.example'";
        assert_eq!(app.count(kept).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_while_a_form_is_read_leaves_no_files_behind() {
    testkit::on_sqlite(rooms, async |app| {
        let many = vec![b'x'; 3 << 20];
        let parts: &[(&str, &str, &[u8])] = &[("files", "a.csv", &many)];
        let thu = app.as_(THU);
        let form = thu.post_files(HERE, parts);
        // Gone before the answer: the future is dropped, as a closed socket does.
        let wait = std::time::Duration::from_millis(2);
        let _left = tokio::time::timeout(wait, form).await;
        app.works().await;
        for id in app.site.inbox.list_uploads().await.unwrap() {
            assert!(
                crate::store::is_needed(&app.site.db, &id).await.unwrap(),
                "{id}"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_moved_on_is_not_told_as_given_up() {
    on_both(rooms, async |app| {
        let to = sends(&app.as_(THU), TWO).await;
        let removal = format!("{to}/removal");
        app.as_(THU).post(&removal, &[]).await.expects(409);
        app.works().await;
        assert_eq!(state(&app).await, "ready");
        app.as_(THU).post(&removal, &[]).await.expects(303);
        app.as_(THU).post(&removal, &[]).await.expects(303);
    })
    .await;
}

/// Somebody says yes to the list that waits for them.
async fn agrees(app: &TestApp, who: &str) -> kernel::Result<site::four_eyes::Outcome> {
    use site::four_eyes::{decide, list_open};
    let actor = people::actor::load(&app.site, &who.parse().unwrap())
        .await
        .unwrap();
    let open = list_open(&app.site, &actor).await.unwrap();
    let one = open.first().ok_or(kernel::Error::NotFound)?;
    let (id, hash) = (&one.id, one.payload_hash.as_str());
    let yes = approvals::Decision::Approved;
    let outcome = decide(&app.site, "test", &actor, id, hash, yes, "").await;
    app.works().await;
    outcome
}

async fn has_a_second(app: &TestApp) {
    let lead = kernel::Role::CommitteeLead;
    app.has_post(testkit::MINH, "Bí thư", lead, "committee")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_waits_for_a_second_person_and_is_then_written_as_its_senders() {
    on_both(rooms, async |app| {
        has_a_second(&app).await;
        let to = looks_at(&app, TWO).await;
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(
            page.text("#second").contains("Trần Văn Minh"),
            "{}",
            page.body()
        );
        for _ in 0..2 {
            presses(&app, &to, "application", &[]).await.expects(303);
        }
        assert_eq!(app.count(ADDED).await, 0, "not before somebody agreed");
        let waiting = "select count(*) from approvals_approval where state = 'waiting'";
        assert_eq!(app.count(waiting).await, 1, "pressed twice it waits once");
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(page.text("#waits").contains("Trần Văn Minh"));
        assert!(!page.has(&format!("form[action='{to}/application']")));
        assert!(agrees(&app, "thu").await.is_err(), "not her own");
        agrees(&app, "minh").await.unwrap();
        assert_eq!(app.count(ADDED).await, 2);
        assert_eq!(state(&app).await, "done");
        let by =
            "select count(*) from audit_event where action = 'roster.import' and actor_id = 'thu'";
        assert_eq!(app.count(by).await, 1);
        assert_eq!(people::check(&app.site).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_removed_waits_for_nobody_any_more() {
    on_both(rooms, async |app| {
        has_a_second(&app).await;
        let to = looks_at(&app, TWO).await;
        presses(&app, &to, "application", &[]).await.expects(303);
        let waiting = "select count(*) from approvals_approval where state = 'waiting'";
        assert_eq!(app.count(waiting).await, 1);
        for _ in 0..2 {
            presses(&app, &to, "removal", &[]).await.expects(303);
        }
        assert_eq!(app.count(waiting).await, 0);
        let back = "select count(*) from approvals_approval where state = 'withdrawn'";
        assert_eq!(app.count(back).await, 1);
        assert!(agrees(&app, "minh").await.is_err(), "nothing waits");
        assert_eq!(app.count(ADDED).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_people_wrote_is_not_taken_back_by_one() {
    on_both(rooms, async |app| {
        has_a_second(&app).await;
        let to = looks_at(&app, TWO).await;
        presses(&app, &to, "application", &[]).await.expects(303);
        agrees(&app, "minh").await.unwrap();
        assert_eq!(app.count(ADDED).await, 2);
        let asks = app.as_(THU).get(&format!("{to}/undo")).await.expects(200);
        assert!(asks.text("#second").contains("Trần Văn Minh"));
        for _ in 0..2 {
            presses(&app, &to, "undo", &[]).await.expects(303);
        }
        assert_eq!(app.count(ADDED).await, 2, "not before somebody agreed");
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(page.text("#waits").contains("Trần Văn Minh"));
        assert!(!page.has(&format!("a[href='{to}/undo']")));
        assert!(agrees(&app, "thu").await.is_err(), "not her own");
        let id = to.rsplit('/').next().unwrap().parse().unwrap();
        let names = crate::second::going(&app.site, &id, 40).await.unwrap();
        assert_eq!(
            names,
            ["Đinh Thị Hai", "Đinh Văn Một"],
            "whoever agrees sees whom"
        );
        agrees(&app, "minh").await.unwrap();
        assert_eq!(app.count(ADDED).await, 0);
        assert_eq!(state(&app).await, "undone");
        assert!(
            agrees(&app, "minh").await.is_err(),
            "nothing waits any more"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_would_do_something_else_by_now_goes_back_to_its_preview() {
    on_both(rooms, async |app| {
        has_a_second(&app).await;
        let to = looks_at(&app, TWO).await;
        presses(&app, &to, "application", &[]).await.expects(303);
        // One of the two is in the handbook meanwhile, without a birth day.
        let mut act = app.act().await;
        let new = people::store::NewMember {
            external_id: "M1".into(),
            name: "Đinh Văn Một".into(),
            ..people::store::NewMember::default()
        };
        let id = people::store::add_member(&mut act, &new).await.unwrap();
        let place =
            people::store::NewPlacement::official(&id, &"cell-a".parse().unwrap(), app.today());
        people::store::add_placement(&mut act, &place)
            .await
            .unwrap();
        act.end().await.unwrap();
        // Told in one step: it went back, and to whom; never that it was agreed to.
        let back = agrees(&app, "minh").await;
        assert!(
            matches!(&back, Err(kernel::Error::Refused(why)) if why.key == "approvals-refused-stale"),
            "{back:?}"
        );
        let agreed = "select count(*) from approvals_approval where state = 'applied'";
        assert_eq!(app.count(agreed).await, 0);
        let told = "select count(*) from notices_notice where member_id = 'thu' \
            and text_key = 'approvals-told-stale'";
        assert_eq!(app.count(told).await, 1);
        assert_eq!(app.count(ADDED).await, 1, "nothing was written");
        assert_eq!(state(&app).await, "ready");
        let page = app.as_(THU).get(&to).await.expects(200);
        assert!(page.text("main").contains("Có chỗ đã thay đổi từ lúc đồng chí xem"));
        assert!(
            page.has(&format!("form[action='{to}/application']")),
            "{}",
            page.body()
        );
        presses(&app, &to, "application", &[]).await.expects(303);
        agrees(&app, "minh").await.unwrap();
        assert_eq!(app.count(ADDED).await, 2);
        assert_eq!(state(&app).await, "done");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_given_up_is_not_written_by_a_late_yes() {
    on_both(rooms, async |app| {
        has_a_second(&app).await;
        let to = looks_at(&app, TWO).await;
        presses(&app, &to, "application", &[]).await.expects(303);
        presses(&app, &to, "removal", &[]).await.expects(303);
        assert!(agrees(&app, "minh").await.is_err());
        assert_eq!(app.count(ADDED).await, 0);
        let taken = "select count(*) from approvals_approval where state = 'withdrawn'";
        assert_eq!(app.count(taken).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exemption_is_shown_before_anybody_agrees_and_a_list_of_nothing_is_not_sent() {
    on_both(rooms, async |app| {
        let to = looks_at(
            &app,
            "Mã đảng viên,Họ và tên,Quê quán\nM2,Đinh Thị Hai,Làng Vân\n",
        )
        .await;
        presses(&app, &to, "application", &[]).await.expects(303);
        has_a_second(&app).await;
        let to = looks_at(
            &app,
            "Mã đảng viên,Họ và tên,Miễn sinh hoạt\nM1,Đinh Văn Một,x\n",
        )
        .await;
        let page = app
            .as_(THU)
            .get(&format!("{to}?show=added"))
            .await
            .expects(200);
        assert!(
            page.text("#rows").contains("Miễn sinh hoạt: có"),
            "{}",
            page.text("#rows")
        );
        presses(&app, &to, "removal", &[]).await.expects(303);
        // Its one row waits for an answer: nothing would be written.
        let to = looks_at(
            &app,
            "Mã đảng viên,Họ và tên,Quê quán\nM2,Đinh Thị Hai,Làng Hạ\n",
        )
        .await;
        let skips = [("skip", "yes")];
        let refused = presses(&app, &to, "application", &skips).await.expects(422);
        assert!(refused.has("#e-skip"), "{}", refused.body());
        assert_eq!(
            app.count("select count(*) from approvals_approval").await,
            0
        );
    })
    .await;
}

/// Two servers of one handbook share the database and the store of files, and nothing else: whichever one a
/// request or a job comes to, an upload goes on.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_begun_at_one_server_is_continued_looked_at_and_written_at_another() {
    on_both(rooms, async |app| {
        let other = app.beside(rooms()).await;
        assert_ne!(app.folder.path(), other.folder.path());
        let (here, there) = (app.as_(THU), other.as_(THU));
        let size = TWO.len().to_string();
        let begin = [
            ("importer", "roster"),
            ("place", "cell-a"),
            ("name", "ds.csv"),
            ("size", &size),
        ];
        let begun = here.post("/uploads/begin", &begin).await.expects(200);
        let to = format!("/uploads/{}", begun.json()["id"].as_str().unwrap());
        let piece = |at: usize| format!("{to}/piece?name=ds.csv&at={at}");
        let bytes = TWO.as_bytes();
        here.post_bytes(&piece(0), &bytes[..30]).await.expects(200);
        // The other knows how far it came.
        let told = there.post_bytes(&piece(0), &bytes[..30]).await.expects(200);
        assert_eq!(told.json()["at"], 30);
        there
            .post_bytes(&piece(30), &bytes[30..])
            .await
            .expects(200);
        there.post(&format!("{to}/sent"), &[]).await.expects(303);
        other.works().await;
        for browser in [&here, &there] {
            let page = browser.get(&to).await.expects(200);
            assert!(page.body().contains("Đinh Văn Một"), "{}", page.body());
        }
        there
            .post(&format!("{to}/application"), &[])
            .await
            .expects(303);
        other.works().await;
        assert_eq!(app.count(ADDED).await, 2);
        // A whole form at one, all the rest at the other; and what is over lies nowhere.
        let more = TWO.replace("M2", "M3").replace("Hai", "Ba");
        let second = sends(&here, &more).await;
        other.works().await;
        there
            .post(&format!("{second}/application"), &[])
            .await
            .expects(303);
        other.works().await;
        assert_eq!(app.count(ADDED).await, 3);
        for server in [&app, &other] {
            assert_eq!(
                server.site.inbox.list_uploads().await.unwrap(),
                Vec::<String>::new()
            );
        }
        other.site.db.close().await;
    })
    .await;
}
