//! Changing the key: everything opens and is found at each moment, wherever it is broken off; two do not do it
//! at once, nor while somebody is at work.

use crate::config::Config;
use crate::house::{self, House, Make};
use crate::key::{self, Rotated, Stage, Wish};
use kernel::MemberId;
use kernel::error::{Error, Result};
use people::number::{self, CARD, CITIZEN, PHONE};
use site::{Keys, May as _, Operator};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use testkit::{TestApp, on_both};

const OLD: [u8; 32] = [9; 32];
const CODE: &str = "K7MD4QPX93TV";
const LAST: i64 = 9_999_999_999_999;

fn config(app: &TestApp, dir: &Path) -> Config {
    let text = match app.site.db.url() {
        db::Url::File(path) => format!("[database]\nurl = \"sqlite:{}\"\n", path.display()),
        db::Url::Server(url) => format!("[database]\nurl = \"{url}\"\n"),
    };
    let mut config = Config::from_text(&text, "test", |_| None).unwrap();
    config.dir = dir.to_path_buf();
    config
}

fn id(text: &str) -> MemberId {
    text.parse().unwrap()
}

/// Where what a member asked to be corrected is sealed.
const CORRECTION: site::seal::Spot<'static> = site::seal::Spot {
    table: "people_correction",
    column: "value",
    row: "c1",
};

/// One of each thing that hangs on the key, under the old one.
async fn fill(app: &TestApp, dir: &Path) {
    std::fs::write(dir.join("secret.key"), "09".repeat(32)).unwrap();
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(dir.join("secret.key"), private).unwrap();
    let (site, keys) = (&app.site, Keys::new(OLD));
    let mut act = Operator::at("test")
        .begin(site, "test", "test")
        .await
        .unwrap();
    act.tx().unwatched();
    let numbers = (
        Some("012345678901"),
        Some("079154000001"),
        Some("0901234567"),
    );
    people::store::set_numbers(&mut act, &id("lan"), numbers.0, numbers.1, numbers.2)
        .await
        .unwrap();
    people::store::set_unmatched(&mut act, &id("hoa"), "012345678901", "")
        .await
        .unwrap();
    act.end().await.unwrap();
    let seal = |column: &str, text: &str| keys.seal(column, text, &site.dice).unwrap();
    let was = keys
        .seal_at(
            site::seal::Spot {
                table: "import_made",
                column: "import_made.was",
                row: "run member lan",
            },
            "[1,2]",
            &site.dice,
        )
        .unwrap();
    let asked = keys.seal_at(CORRECTION, "Bùi Thị Lan", &site.dice).unwrap();
    let record = serde_json::json!({
        "unit": "cell-a", "record": seal("approvals_approval.member", "{\"name\":\"An\"}"),
        "from_on": "2026-11-01", "decision_no": "", "by": "lan",
    })
    .to_string();
    let rows: Vec<(&'static str, Vec<String>)> = vec![
        (
            "insert into account_account (id, member_id, login, phone_mac, created_at) \
             values ('acc', 'lan', 'lan1', $1, 1)",
            vec![keys.mac("account_account.phone_mac", "0901234567")],
        ),
        (
            "insert into account_slip (id, account_id, code_hash, issued_at, expires_at) \
             values ('slip', 'acc', $1, 1, 9999999999999)",
            vec![keys.mac("account_slip.code_hash", CODE)],
        ),
        (
            "insert into account_left (account_id, browser, page, action, sealed, expires_at) \
             values ('acc', $1, 'p', 'a', $2, 9999999999999)",
            vec![
                keys.mac("account_left.browser", "b"),
                seal("account_left acc", "typed"),
            ],
        ),
        (
            "insert into account_failure (key_mac, failures, last_at, free_at) values ($1, 3, 1, 1)",
            vec![keys.mac("account_failure.account", "lan1")],
        ),
        (
            "insert into notices_endpoint (id, member_id, channel, address_mac, address_sealed, keys_sealed, \
             language, created_at) values ('end', 'lan', 'push', $1, $2, $3, 'vi', 1)",
            vec![
                keys.mac("notices_endpoint.address", "https://push.example/1"),
                seal("notices_endpoint.address", "https://push.example/1"),
                seal("notices_endpoint.keys", "a b"),
            ],
        ),
        (
            "insert into notices_setting (name, value) values ('vapid_sealed', $1)",
            vec![seal("notices_setting.vapid", "vvv")],
        ),
        (
            "insert into import_made (run_id, kind, thing_id, was_sealed) values ('run', 'member', 'lan', $1)",
            vec![was],
        ),
        (
            "insert into people_correction (id, member_id, field, value_sealed, reason_sealed, made_at) \
             values ('c1', 'lan', 'name', $1, '', 1)",
            vec![asked],
        ),
        (
            "insert into approvals_approval (id, kind, title, payload_json, payload_hash, state, prepared_by, \
             prepared_at, expires_at) values ('appr', 'member.admit', 't', $1, $2, 'waiting', 'lan', 1, 9999999999999)",
            vec![record.clone(), approvals::hash_of(&record, "[]")],
        ),
    ];
    let mut act = Operator::at("test")
        .begin(site, "test", "test")
        .await
        .unwrap();
    act.tx().unwatched();
    for (text, values) in rows {
        db::sql(text)
            .bind_all(values)
            .run(act.on())
            .await
            .unwrap_or_else(|error| panic!("{text}: {}", error.log_text()));
    }
    act.end().await.unwrap();
}

async fn text(house: &House, text: &'static str) -> String {
    let row: (String,) = db::sql(text).one(house.site.db.read()).await.unwrap();
    row.0
}

/// Whether everything opens and is found, as whoever opens the house now can.
async fn all_is_there(config: &Config, has_slip: bool) -> House {
    let opened = house::open(config, Make::No).await;
    let house = opened.map_err(|error| error.log_text()).unwrap();
    let (site, keys) = (&house.site, &house.site.keys);
    let found = people::store::find_by_card(site, "012345678901").await;
    assert_eq!(found.unwrap(), Some(id("lan")), "by card");
    let found = people::store::find_by_citizen(site, "079154000001").await;
    assert_eq!(found.unwrap(), Some(id("lan")), "by citizen id");
    let present = keys.alone();
    for (column, sealed, plain) in [
        (
            CARD,
            "select card_sealed from people_member where id = 'lan'",
            "012345678901",
        ),
        (
            CITIZEN,
            "select citizen_sealed from people_member where id = 'lan'",
            "079154000001",
        ),
        (
            PHONE,
            "select phone_sealed from people_member where id = 'lan'",
            "0901234567",
        ),
    ] {
        let sealed = text(&house, sealed).await;
        let lan = id("lan");
        assert_eq!(
            present
                .open_at(number::spot(column, &lan), &sealed)
                .unwrap(),
            plain
        );
    }
    // A number that is compared with nobody's stays so.
    assert_eq!(
        text(
            &house,
            "select card_mac from people_member where id = 'hoa'"
        )
        .await,
        ""
    );
    let asked = text(&house, "select value_sealed from people_correction").await;
    assert_eq!(
        present.open_at(CORRECTION, &asked).unwrap(),
        "Bùi Thị Lan",
        "what a member asked to be corrected"
    );
    let phone = text(
        &house,
        "select phone_mac from account_account where id = 'acc'",
    )
    .await;
    assert_eq!(
        phone,
        present.mac("account_account.phone_mac", "0901234567")
    );
    for (column, sealed, plain) in [
        (
            "account_left acc",
            "select sealed from account_left",
            "typed",
        ),
        (
            "notices_endpoint.address",
            "select address_sealed from notices_endpoint",
            "https://push.example/1",
        ),
        (
            "notices_endpoint.keys",
            "select keys_sealed from notices_endpoint",
            "a b",
        ),
        (
            "notices_setting.vapid",
            "select value from notices_setting where name = 'vapid_sealed'",
            "vvv",
        ),
    ] {
        if column.starts_with("account_left") && !has_slip {
            continue;
        }
        let sealed = text(&house, sealed).await;
        assert_eq!(present.open(column, &sealed).unwrap(), plain);
    }
    let mac = text(&house, "select address_mac from notices_endpoint").await;
    assert_eq!(
        mac,
        present.mac("notices_endpoint.address", "https://push.example/1")
    );
    let waiting = approvals::list_waiting(&site.db, "member.admit", site.clock.now()).await;
    let payload = waiting.unwrap()[0].payload().unwrap(); // its fingerprint is right
    let record = payload["record"].as_str().unwrap();
    assert_eq!(
        present.open("approvals_approval.member", record).unwrap(),
        "{\"name\":\"An\"}"
    );
    let slip = text(
        &house,
        "select code_hash from account_slip where id = 'slip'",
    )
    .await;
    let is_found =
        (keys.each().iter()).any(|keys| keys.mac("account_slip.code_hash", CODE) == slip);
    assert_eq!(is_found, has_slip, "the printed slip");
    let found = key::look(site, &house.key, &mut |_| {}).await.unwrap();
    assert_eq!((found.before, found.closed.len()), (0, 0));
    // The log is under the key in force, and nothing of it is by another hand.
    site::chain::bind(site).await.unwrap();
    let asked = site::chain::Asked::default();
    let found = site::chain::verify(site, &asked, &mut |_, _| true).await;
    let found = found.unwrap();
    assert!(found.wrong == 0 && found.links > 0, "{:?}", found.flaws);
    house
}

async fn closes(house: House) {
    house.site.db.close().await;
}

async fn rotate(
    config: &Config,
    wish: Wish,
    reached: &mut (dyn FnMut(Stage) -> Result<()> + Send),
) -> Result<Rotated> {
    let mut house = house::open_alone(config).await?.expect("nobody is at work");
    let (site, alone) = (&house.site, &mut house.at_work);
    let done = key::rotate(site, &house.key, alone, wish, &mut |_, _| {}, reached).await;
    closes(house).await;
    done
}

fn lines(dir: &Path) -> Vec<String> {
    let path = dir.join("secret.key");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_changed_and_everything_opens_at_each_moment_wherever_it_was_broken_off() {
    on_both(crate::wiring::rooms, async |app| {
        let folder = tempfile::tempdir().unwrap();
        let (dir, old) = (folder.path(), "09".repeat(32));
        fill(&app, dir).await;
        let config = config(&app, dir);
        closes(
            house::open(&config, Make::Upgrade)
                .await
                .map_err(|e| e.log_text())
                .unwrap(),
        )
        .await;
        closes(all_is_there(&config, true).await).await;
        let feed = {
            let house = house::open(&config, Make::No).await.unwrap();
            let key = house.site.keys.derive("atom feed");
            closes(house).await;
            format!("{:02x}{:02x}{:02x}{:02x}-", key[0], key[1], key[2], key[3])
        };
        for stage in [Stage::Prepared, Stage::Written, Stage::Kept] {
            let ended = rotate(
                &config,
                Wish::default(),
                &mut |reached| match reached == stage {
                    true => Err(Error::fault("killed")),
                    false => Ok(()),
                },
            )
            .await;
            assert!(ended.unwrap_err().log_text().contains("killed"));
            let kept = lines(dir);
            assert!(
                kept[0] == old && kept[1].starts_with("next ") && kept.len() == 2,
                "{stage:?}"
            );
            let house = all_is_there(&config, true).await;
            assert!(house.key.is_broken_off());
            let is_old = house.site.keys.fingerprint() == Keys::new(OLD).fingerprint();
            assert_eq!(is_old, stage != Stage::Kept, "{stage:?}");
            closes(house).await;
        }
        let next = lines(dir)[1].clone();
        // It had been done but for the file, and is not done once more.
        let again = rotate(&config, Wish::default(), &mut |_| Ok(()))
            .await
            .unwrap();
        assert_eq!(again, Rotated::Finished);
        let kept = lines(dir);
        assert_eq!(kept, [next.replace("next ", ""), format!("before {old}")]);
        let house = all_is_there(&config, true).await;
        assert!(!house.key.is_broken_off());
        assert!(house.key.believed_until(house.site.clock.now()).unwrap().0 == LAST);
        let sealed = text(
            &house,
            "select card_sealed from people_member where id = 'lan'",
        )
        .await;
        assert!(
            Keys::new(OLD)
                .open_at(number::spot(CARD, &id("lan")), &sealed)
                .is_err()
        );
        let count =
            async |text: &'static str| db::sql(text).count(house.site.db.read()).await.unwrap();
        assert_eq!(count("select count(*) from account_failure").await, 0);
        assert_eq!(
            count("select count(*) from audit_event where action = 'key.rotate'").await,
            1
        );
        let named = text(
            &house,
            "select value from admin_setting where name = 'portal.feed_id'",
        )
        .await;
        assert!(named.starts_with(&feed), "{named}");
        closes(house).await;

        // Once more: the slip of the first key still goes.
        let done = rotate(&config, Wish::default(), &mut |_| Ok(()))
            .await
            .unwrap();
        assert!(
            matches!(done, Rotated::Done(found) if found.waiting == 2 && found.closed.is_empty())
        );
        assert_eq!(lines(dir).len(), 3);
        closes(all_is_there(&config, true).await).await;
        // In other hands: what only the old ones find has ended, and they are gone.
        let leaked = Wish {
            is_leaked: true,
            ..Wish::default()
        };
        rotate(&config, leaked, &mut |_| Ok(())).await.unwrap();
        assert_eq!(lines(dir).len(), 1);
        let house = all_is_there(&config, false).await;
        let ended = "select count(*) from account_slip where revoked_at is not null";
        assert_eq!(db::sql(ended).count(house.site.db.read()).await.unwrap(), 1);
        closes(house).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_no_key_opens_stops_the_change_before_it_begins_or_stays_as_it_is() {
    on_both(crate::wiring::rooms, async |app| {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        fill(&app, dir).await;
        app.sets(
            "update people_member set citizen_sealed = 'AAAA', citizen_mac = 'm' where id = 'hoa'",
        )
        .await;
        let config = config(&app, dir);
        let before = lines(dir);
        let done = rotate(&config, Wish::default(), &mut |_| Ok(()))
            .await
            .unwrap();
        let Rotated::Closed(found) = done else {
            panic!("{done:?}")
        };
        assert_eq!(found.closed, ["people_member hoa"]);
        assert_eq!(lines(dir), before);
        let all_the_same = Wish {
            leaves_closed: true,
            ..Wish::default()
        };
        let done = rotate(&config, all_the_same, &mut |_| Ok(()))
            .await
            .unwrap();
        assert!(matches!(done, Rotated::Done(found) if found.closed.len() == 1));
        let house = house::open(&config, Make::No).await.unwrap();
        let kept: (String, String) =
            db::sql("select citizen_sealed, citizen_mac from people_member where id = 'hoa'")
                .one(house.site.db.read())
                .await
                .unwrap();
        assert_eq!(kept, ("AAAA".to_owned(), "m".to_owned()));
        let lan = people::store::find_by_card(&house.site, "012345678901").await;
        assert_eq!(lan.unwrap(), Some(id("lan")));
        closes(house).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_broken_off_and_is_run_again_for_a_lost_key_trusts_nothing_of_before() {
    on_both(crate::wiring::rooms, async |app| {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        fill(&app, dir).await;
        let config = config(&app, dir);
        let leaked = Wish {
            is_leaked: true,
            ..Wish::default()
        };
        for (stage, nth) in [(Stage::Prepared, 1), (Stage::Kept, 2)] {
            let mut end = |reached| match reached == stage {
                true => Err(Error::fault("killed")),
                false => Ok(()),
            };
            rotate(&config, Wish::default(), &mut end)
                .await
                .unwrap_err();
            let lying: Vec<String> = lines(dir);
            let done = rotate(&config, leaked, &mut |_| Ok(())).await.unwrap();
            assert!(matches!(done, Rotated::Done(_)), "{done:?}");
            let kept = lines(dir);
            assert_eq!(kept.len(), 1);
            assert!(
                lying.iter().all(|line| !line.contains(&kept[0])),
                "a key that lay there"
            );
            let house = all_is_there(&config, false).await;
            let told = "select count(*) from audit_event where action = 'key.rotate'";
            let count = db::sql(told).count(house.site.db.read()).await.unwrap();
            assert_eq!(count, if nth == 1 { 1 } else { 3 });
            closes(house).await;
        }
        // What a kill left of a file that was being written goes with the next change.
        std::fs::write(dir.join(".secret.key-abc"), "half").unwrap();
        rotate(&config, Wish::default(), &mut |_| Ok(()))
            .await
            .unwrap();
        assert!(!dir.join(".secret.key-abc").exists());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_at_work_stops_the_change_and_the_change_keeps_everybody_out() {
    on_both(crate::wiring::rooms, async |app| {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fill(&app, one.path()).await;
        std::fs::copy(
            one.path().join("secret.key"),
            other.path().join("secret.key"),
        )
        .unwrap();
        let here = config(&app, one.path());
        let there = config(&app, other.path());
        let mut places = vec![&here];
        // Another server of the same database, with a data folder of its own.
        if app.site.db.engine() == db::Engine::Postgres {
            places.push(&there);
        }
        for place in places {
            let working = house::open(place, Make::Upgrade)
                .await
                .map_err(|e| e.log_text())
                .unwrap();
            assert!(house::open_alone(&here).await.unwrap().is_none());
            let beside = house::open(&here, Make::No).await.unwrap();
            closes(beside).await;
            closes(working).await;
            let alone = house::open_alone(&here).await.unwrap().unwrap();
            let Err(refused) = house::open(place, Make::No).await else {
                panic!("somebody came in")
            };
            assert!(
                refused.log_text().contains("is being changed"),
                "{}",
                refused.log_text()
            );
            assert!(
                house::open_alone(place).await.unwrap().is_none(),
                "two at once"
            );
            closes(alone).await;
        }
        // A server that comes with the key of before is told where the new one is.
        rotate(&here, Wish::default(), &mut |_| Ok(()))
            .await
            .unwrap();
        let Err(refused) = house::open(&there, Make::No).await else {
            panic!("the key of before opened it")
        };
        let told = refused.log_text();
        assert!(
            told.contains("is not the key") && told.contains("another server"),
            "{told}"
        );
        std::fs::copy(
            one.path().join("secret.key"),
            other.path().join("secret.key"),
        )
        .unwrap();
        closes(all_is_there(&there, true).await).await;
        std::fs::remove_file(one.path().join("secret.key")).unwrap();
        assert!(house::open_alone(&here).await.is_err(), "no key is made");
        assert!(!one.path().join("secret.key").exists());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_was_drawn_under_the_key_of_before_is_taken_and_one_of_no_key_is_not() {
    on_both(crate::wiring::rooms, async |app| {
        let session = app.signed_in(testkit::LAN).session.unwrap();
        for (secret, code) in [(testkit::BEFORE, 303), ([5; 32], 403)] {
            let token = web::frame::token(&secret, session.as_str());
            let lan = app.as_(testkit::LAN);
            let fields = [
                ("csrf", token.as_str()),
                ("newest", "01930000-0000-7000-8000-000000000000"),
            ];
            lan.post_forged("/notices/read", &fields)
                .await
                .expects(code);
        }
    })
    .await;
}

/// Cuts the connection by which somebody shares the database, as what lies between may do.
async fn cut(app: &TestApp) {
    let text = "select count(pg_terminate_backend(l.pid)) from pg_locks l join pg_database d on d.oid = l.database \
        where l.locktype = 'advisory' and d.datname = current_database()";
    assert_eq!(db::sql(text).count(app.site.db.read()).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_share_was_cut_takes_it_again_and_stops_when_the_key_is_another() {
    let every = std::time::Duration::from_millis(50);
    on_both(crate::wiring::rooms, async |app| {
        if app.site.db.engine() != db::Engine::Postgres {
            return; // one folder, one file: its lock goes with the process alone
        }
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fill(&app, one.path()).await;
        std::fs::copy(
            one.path().join("secret.key"),
            other.path().join("secret.key"),
        )
        .unwrap();
        let here = config(&app, one.path());
        let there = config(&app, other.path());
        let mut serving = house::open(&here, Make::Upgrade)
            .await
            .map_err(|e| e.log_text())
            .unwrap();
        let site = serving.site.clone();
        cut(&app).await;
        // It works on, and keeps the change out again.
        let waited = tokio::time::timeout(every * 20, serving.at_work.lost(&site, every)).await;
        assert!(waited.is_err(), "{waited:?}");
        assert!(house::open_alone(&there).await.unwrap().is_none());
        // While it is without its share, somebody changes the key.
        cut(&app).await;
        let alone = house::open_alone(&there).await.unwrap().unwrap();
        let why = serving.at_work.lost(&site, every).await;
        let why = why.to_string();
        assert!(why.contains("is being changed"), "{why}");
        closes(alone).await;
        rotate(&there, Wish::default(), &mut |_| Ok(()))
            .await
            .unwrap();
        let why = serving.at_work.lost(&site, every).await;
        let why = why.to_string();
        assert!(why.contains("was changed elsewhere"), "{why}");
        closes(serving).await;
        // A change that is cut off itself keeps nothing.
        let key = lines(other.path())[0].clone();
        let mut alone = house::open_alone(&there).await.unwrap().unwrap();
        cut(&app).await;
        let (site, work) = (&alone.site, &mut alone.at_work);
        let done = key::rotate(
            site,
            &alone.key,
            work,
            Wish::default(),
            &mut |_, _| {},
            &mut |_| Ok(()),
        )
        .await;
        assert!(done.unwrap_err().log_text().contains("nothing was changed"));
        closes(alone).await;
        let house = all_is_there(&there, true).await;
        assert!(house.key.is_broken_off() && lines(other.path())[0] == key);
        closes(house).await;
    })
    .await;
}
