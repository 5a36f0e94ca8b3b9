//! Backup under write load restores to equality, from each database into each; a damaged archive is
//! refused whole; a hostile file costs only the child that opened it.

use crate::backup::{self, Recipients};
use crate::config::Config;
use crate::progress::Stop;
use site::May as _;
use std::collections::BTreeMap;
use std::path::Path;
use testkit::on_both;

fn config(dir: &Path) -> Config {
    let mut config = Config::from_text("", "test", |_| None).unwrap();
    config.dir = dir.to_path_buf();
    config
}

/// An archive there, whole and for everybody.
fn wish(to: &Path) -> backup::Wish {
    backup::Wish {
        to: to.to_path_buf(),
        settings: None,
        recipients: Recipients::default(),
        incomplete: false,
    }
}

/// Every row of every table, sorted.
async fn all_rows(db: &db::Db) -> BTreeMap<String, Vec<String>> {
    let mut out = BTreeMap::new();
    let mut moment = db::Snapshot::take(db).await.unwrap();
    for table in db::tables(db).await.unwrap() {
        let mut rows = Vec::new();
        moment
            .rows(&table, |row| {
                rows.push(format!("{row:?}"));
                Ok(())
            })
            .await
            .unwrap();
        rows.sort();
        out.insert(table.name, rows);
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_write_load_restores_to_equality() {
    on_both(crate::wiring::rooms, async |app| {
        let data = app.folder.path().to_path_buf();
        std::fs::write(data.join("secret.key"), "00".repeat(32)).unwrap();
        app.site
            .files
            .put_bytes(b"a stored file".to_vec())
            .await
            .unwrap();
        // Writers go on while the backup runs: pairs of rows, always in one transaction.
        let site = app.site.clone();
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let writer = tokio::spawn(async move {
            let mut written = 0;
            while !*stopped.borrow() {
                let mut act = site::Program::part("test")
                    .begin_unlogged(&site, "test", "test")
                    .await
                    .unwrap();
                for part in ["a", "b"] {
                    site::settings::set(
                        &mut act,
                        &format!("load.{written}.{part}"),
                        "x\n\"đ\u{1F33E}",
                    )
                    .await
                    .unwrap();
                }
                act.end().await.unwrap();
                written += 1;
                tokio::task::yield_now().await;
            }
            written
        });
        let archive = data.join("out.tar.zst");
        let told = backup::write(&app.site, &data, wish(&archive), &Stop::default())
            .await
            .unwrap();
        stop.send(true).unwrap();
        let written = writer.await.unwrap();
        assert!(written > 0 && told.files == 1);
        let target = tempfile::tempdir().unwrap();
        let place = target.path().join("restored");
        backup::read(&config(&place), &archive, None)
            .await
            .map_err(|e| e.log_text())
            .unwrap();
        let restored = db::Db::open(&db::Url::File(place.join("sotay.db")), false, 2)
            .await
            .unwrap();
        let there = all_rows(&restored).await;
        let here = all_rows(&app.site.db).await;
        for (table, rows) in &there {
            if table == "admin_setting" {
                // One moment: never half of a transaction.
                let halves = rows.iter().filter(|row| row.contains("load.")).count();
                assert_eq!(halves % 2, 0, "half a transaction is in the archive");
                assert!(rows.iter().all(|row| here[table].contains(row)));
            } else if table == "audit_event" {
                // The archive cannot hold the line that says it was made.
                let later: Vec<_> = (here[table].iter())
                    .filter(|row| !rows.contains(row))
                    .collect();
                assert!(rows.iter().all(|row| here[table].contains(row)));
                assert!(later.len() == 1 && later[0].contains("backup.done"));
            } else {
                assert_eq!(rows, &here[table], "{table}");
            }
        }
        assert_eq!(
            there.keys().collect::<Vec<_>>(),
            here.keys().collect::<Vec<_>>()
        );
        assert!(place.join("secret.key").exists());
        restored.close().await;
        let again = backup::read(&config(&place), &archive, None)
            .await
            .unwrap_err();
        assert!(
            again.log_text().contains("not empty"),
            "{}",
            again.log_text()
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_back_lets_nobody_in_by_an_old_session_token_or_slip() {
    testkit::on_both(crate::wiring::rooms, async |app| {
        let data = app.folder.path().to_path_buf();
        std::fs::write(data.join("secret.key"), "00".repeat(32)).unwrap();
        for text in [
            "insert into account_account (id, member_id, login, created_at) values ('acc', 'hoa', 'hoa', 1)",
            "insert into account_session (id, account_id, secret_hash, created_at, seen_at, expires_at) \
             values ('s', 'acc', 'h', 1, 1, 9999999999999)",
            "insert into account_token (id, account_id, name, secret_hash, scopes, created_at, expires_at) \
             values ('t', 'acc', 'x', 'h', 'me', 1, 9999999999999)",
            "insert into account_slip (id, account_id, code_hash, issued_at, expires_at) \
             values ('p', 'acc', 'h', 1, 9999999999999)",
            "delete from admin_setting where name = 'key.fingerprint'",
        ] {
            app.sets(text).await;
        }
        let archive = data.join("out.tar.zst");
        backup::write(&app.site, &data, wish(&archive), &Stop::default())
            .await
            .unwrap();
        let target = tempfile::tempdir().unwrap();
        let place = target.path().join("restored");
        backup::restore(&config(&place), &archive, None)
            .await
            .map_err(|e| e.log_text())
            .unwrap();
        let restored = db::Db::open(&db::Url::File(place.join("sotay.db")), false, 2)
            .await
            .unwrap();
        for alive in [
            "select count(*) from account_session where ended_at is null",
            "select count(*) from account_token where revoked_at is null",
            "select count(*) from account_slip where revoked_at is null",
        ] {
            assert_eq!(db::sql(alive).count(restored.read()).await.unwrap(), 0, "{alive}");
        }
        let told = "select count(*) from audit_event where action = 'account.end_everything'";
        assert_eq!(db::sql(told).count(restored.read()).await.unwrap(), 1);
        restored.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_goes_on_after_a_restore_and_heads_of_what_was_lost_are_not_found() {
    use site::chain::{Asked, Kept, bind, heads, verify};
    async fn told(site: &site::Site, kept: Vec<Kept>) -> String {
        let asked = Asked {
            kept,
            ..Asked::default()
        };
        let found = verify(site, &asked, &mut |_, _| true).await.unwrap();
        let told: Vec<String> = found.flaws.iter().map(ToString::to_string).collect();
        told.join("\n")
    }
    testkit::on_both(crate::wiring::rooms, async |app| {
        let data = app.folder.path().to_path_buf();
        std::fs::write(data.join("secret.key"), "09".repeat(32)).unwrap();
        app.sets("delete from admin_setting where name = 'key.fingerprint'")
            .await;
        let writes = async || {
            let act = site::Operator::at("test")
                .begin(&app.site, "test", "backup.done")
                .await;
            act.unwrap().end().await.unwrap();
        };
        writes().await;
        bind(&app.site).await.unwrap();
        let kept = heads(&app.site, None, None).await.unwrap();
        // Written, and in the archive before it was bound.
        writes().await;
        let archive = data.join("out.tar.zst");
        backup::write(&app.site, &data, wish(&archive), &Stop::default())
            .await
            .unwrap();
        writes().await;
        bind(&app.site).await.unwrap();
        let lost = heads(&app.site, None, None).await.unwrap();
        let target = tempfile::tempdir().unwrap();
        let place = target.path().join("restored");
        backup::restore(&config(&place), &archive, None)
            .await
            .map_err(|e| e.log_text())
            .unwrap();
        let house = crate::house::open(&config(&place), crate::house::Make::No).await;
        let house = house.map_err(|e| e.log_text()).unwrap();
        bind(&house.site).await.unwrap();
        assert_eq!(told(&house.site, kept).await, "");
        let said = told(&house.site, lost).await;
        assert!(
            said.contains("the head that was kept elsewhere") && said.lines().count() == 1,
            "{said}"
        );
        let restored =
            "select count(*) from audit_event where action = 'backup.restore' and bound_seq > 2";
        assert_eq!(
            db::sql(restored).count(house.site.db.read()).await.unwrap(),
            1
        );
        house.site.db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_archive_is_refused_whole() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let data = app.folder.path().to_path_buf();
        std::fs::write(data.join("secret.key"), "00".repeat(32)).unwrap();
        let archive = data.join("out.tar.zst");
        backup::write(&app.site, &data, wish(&archive), &Stop::default())
            .await
            .unwrap();
        let good = std::fs::read(&archive).unwrap();
        let target = tempfile::tempdir().unwrap();
        for (nth, cut) in [good.len() / 2, good.len() - 10].into_iter().enumerate() {
            let bad = data.join(format!("bad-{nth}"));
            std::fs::write(&bad, &good[..cut]).unwrap();
            let place = target.path().join(format!("r{nth}"));
            let error = backup::read(&config(&place), &bad, None).await.unwrap_err();
            let error = error.log_text();
            assert!(
                error.contains("nothing was restored") && !error.contains("writing"),
                "{error}"
            );
            assert!(
                !place.join("sotay.db").exists(),
                "nothing is written from a bad archive"
            );
        }
        // An archive that would write outside is refused.
        let mut evil = tar::Builder::new(zstd::Encoder::new(Vec::new(), 1).unwrap());
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..21].copy_from_slice(b"files/../../evil.file");
        header.set_size(1);
        header.set_mode(0o600);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_cksum();
        evil.append(&header, &b"x"[..]).unwrap();
        let bytes = evil.into_inner().unwrap().finish().unwrap();
        let path = data.join("evil");
        std::fs::write(&path, bytes).unwrap();
        assert!(
            backup::read(
                &config(&target.path().join("inside").join("evil")),
                &path,
                None
            )
            .await
            .is_err()
        );
        assert!(!target.path().join("evil.file").exists());
    })
    .await;
}

/// Takes the newest steps back, as if an older program had made the database.
async fn grows_old(app: &testkit::TestApp) {
    for text in [
        "drop view v_notices_unread",
        "delete from rules_rule where name = 'people.export_alone'",
        "delete from schema_migration where name in ('0075_notices_unread', '0076_figures')",
    ] {
        app.sets(text).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_an_older_program_comes_back_up_to_date_with_the_newer_rules() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let data = app.folder.path().to_path_buf();
        std::fs::write(data.join("secret.key"), "00".repeat(32)).unwrap();
        grows_old(&app).await;
        let archive = data.join("old.tar.zst");
        backup::write(&app.site, &data, wish(&archive), &Stop::default())
            .await
            .unwrap();
        let target = tempfile::tempdir().unwrap();
        let place = target.path().join("restored");
        backup::read(&config(&place), &archive, None)
            .await
            .map_err(|e| e.log_text())
            .unwrap();
        let restored = db::Db::open(&db::Url::File(place.join("sotay.db")), false, 2)
            .await
            .unwrap();
        schema::demand_current(&restored).await.unwrap();
        let count = async |text: &'static str| db::sql(text).count(restored.read()).await.unwrap();
        let one = "select count(*) from rules_rule where name = 'people.export_alone'";
        assert_eq!(count(one).await, 1);
        assert!(
            count("select count(*) from rules_rule").await > 100,
            "the whole set"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_refuses_a_database_that_is_not_up_to_date_and_changes_nothing() {
    use crate::house::{self, Make};
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let data = app.folder.path().to_path_buf();
        std::fs::write(data.join("secret.key"), "00".repeat(32)).unwrap();
        let config = config(&data);
        app.sets("delete from schema_migration where name = '0075_notices_unread'")
            .await;
        let text = format!("vacuum into '{}'", data.join("sotay.db").display());
        app.site.db.maintain(text).await.unwrap();
        let Err(error) = house::open(&config, Make::No).await else {
            panic!("a command opened an old database");
        };
        let said = error.log_text();
        assert!(
            said.contains("0075_notices_unread") && said.contains("sotay migrate"),
            "{said}"
        );
        let kept = db::Db::open(&config.database(), false, 1).await.unwrap();
        assert_eq!(schema::due(&kept).await.unwrap().len(), 1);
    })
    .await;
}

/// A new handbook of its own whose rows name one stored file; answers its hash.
async fn with_a_file(app: &testkit::TestApp) -> String {
    let data = app.folder.path();
    std::fs::write(data.join("secret.key"), "00".repeat(32)).unwrap();
    let kept = app.site.files.put_bytes(b"a form".to_vec()).await.unwrap();
    app.sets(
        "insert into meetings_invitation_file (unit_id, file_sha, file_name, set_at, set_by) \
         select min(id), 'HASH', 'a.docx', 0, '' from people_unit",
    )
    .await;
    let mut act = app.act().await;
    db::sql("update meetings_invitation_file set file_sha = $1")
        .bind(&kept.sha256)
        .run(act.on())
        .await
        .unwrap();
    act.end().await.unwrap();
    kept.sha256
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_would_lack_a_file_is_not_made_unless_that_is_wanted() {
    on_both(crate::wiring::rooms, async |app| {
        let data = app.folder.path().to_path_buf();
        let hash = with_a_file(&app).await;
        let archive = data.join("out.tar.zst");
        let make = async |incomplete| {
            let wish = backup::Wish {
                incomplete,
                ..wish(&archive)
            };
            backup::write(&app.site, &data, wish, &Stop::default()).await
        };
        let place = app.site.files.path(&hash).unwrap();
        for (content, told) in [(Some("another"), "is damaged"), (None, "is missing")] {
            std::fs::remove_file(&place).unwrap_or_default();
            if let Some(content) = content {
                std::fs::write(&place, content).unwrap();
            }
            let error = make(false).await.unwrap_err().log_text();
            let named = format!("{hash} of meetings_invitation_file.file_sha {told}");
            assert!(
                error.contains(&named) && error.contains("--incomplete"),
                "{error}"
            );
            assert!(!archive.exists());
            let made = make(true).await.map_err(|e| e.log_text()).unwrap();
            assert_eq!(made.left_out, [format!("file {named}")]);
            let target = tempfile::tempdir().unwrap();
            let back = backup::read(&config(&target.path().join("new")), &archive, None).await;
            let back = back.map_err(|e| e.log_text()).unwrap();
            assert_eq!(back.left_out, made.left_out);
            assert_eq!(back.missing.len(), usize::from(content.is_none()));
            std::fs::remove_file(&archive).unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_of_a_meeting_goes_into_the_archive_comes_back_and_is_missed() {
    on_both(crate::wiring::rooms, async |app| {
        let data = app.folder.path().to_path_buf();
        std::fs::write(data.join("secret.key"), "00".repeat(32)).unwrap();
        let lan = app.as_(testkit::LAN);
        let form = super::plan(&[("do", "call")]);
        let asks = lan.post("/meetings/new", &form).await.expects(303);
        let asks = asks.location();
        lan.post(&asks, &[]).await.expects(303);
        let meeting = asks.replace("/calling", "");
        let roll = lan.get(&format!("{meeting}/roll.pdf")).await.expects(200);
        let parts = [("file", "giấy.pdf", roll.bytes.as_slice())];
        let at = format!("{meeting}/files");
        lan.post_files(&at, &parts).await.expects(303);
        let file = app.site.files.put_bytes(roll.bytes.clone()).await.unwrap();
        let archive = data.join("out.tar.zst");
        let make = async || backup::write(&app.site, &data, wish(&archive), &Stop::default()).await;
        make().await.map_err(|e| e.log_text()).unwrap();
        let target = tempfile::tempdir().unwrap();
        let new = target.path().join("new");
        let back = backup::read(&config(&new), &archive, None).await;
        assert!(back.map_err(|e| e.log_text()).unwrap().missing.is_empty());
        let store = files::Store::open(new.join("files")).unwrap();
        let kept = std::fs::read(store.path(&file.sha256).unwrap()).unwrap();
        assert_eq!(kept, roll.bytes);
        std::fs::remove_file(&archive).unwrap();
        std::fs::remove_file(app.site.files.path(&file.sha256).unwrap()).unwrap();
        let error = make().await.unwrap_err().log_text();
        let named = format!("{} of meetings_file.file_sha is missing", file.sha256);
        assert!(error.contains(&named), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_archive_is_opened_by_its_key_alone() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let data = app.folder.path().to_path_buf();
        with_a_file(&app).await;
        let (ours, other) = (data.join("ours.key"), data.join("other.key"));
        let public = backup::new_key(&ours).unwrap();
        backup::new_key(&other).unwrap();
        let archive = data.join("out.tar.zst.age");
        let wish = backup::Wish {
            recipients: Recipients::read(&public).unwrap(),
            ..wish(&archive)
        };
        backup::write(&app.site, &data, wish, &Stop::default())
            .await
            .map_err(|e| e.log_text())
            .unwrap();
        let place = data.join("new");
        for (identity, told) in [(None, "--identity"), (Some(&*other), "not to a key of")] {
            let error = backup::read(&config(&place), &archive, identity)
                .await
                .unwrap_err()
                .log_text();
            assert!(error.contains(told), "{error}");
        }
        let back = backup::read(&config(&place), &archive, Some(&ours)).await;
        assert_eq!(back.map_err(|e| e.log_text()).unwrap().files, 1);
        assert!(Recipients::read("age1nobody").is_err());
        // Changed or cut off anywhere, it is not believed.
        let good = std::fs::read(&archive).unwrap();
        for at in [good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&archive, bad).unwrap();
            assert!(backup::check(&archive, Some(&ours)).is_err(), "{at}");
            std::fs::write(&archive, &good[..at]).unwrap();
            assert!(backup::check(&archive, Some(&ours)).is_err(), "{at}");
        }
    })
    .await;
}

/// Zeros without end. `std::io::repeat` writes them one by one where nothing is optimised.
struct Zeros;

impl std::io::Read for Zeros {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        into.fill(0);
        Ok(into.len())
    }
}

/// An archive with one entry whose header says this size and whose content is that many zeros.
fn of_zeros(to: &Path, kind: tar::EntryType, name: &str, bytes: u64) {
    use std::io::Read as _;
    let file = std::fs::File::create(to).unwrap();
    let mut archive = tar::Builder::new(zstd::Encoder::new(file, 1).unwrap());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(0o600);
    header.set_size(bytes);
    archive
        .append_data(&mut header, name, Zeros.take(bytes))
        .unwrap();
    archive.into_inner().unwrap().finish().unwrap();
}

/// An archive with one empty entry of exactly this name, and a manifest that lists it.
fn of_empty(to: &Path, kind: tar::EntryType, name: &str) {
    let mut archive = tar::Builder::new(zstd::Encoder::new(Vec::new(), 1).unwrap());
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let manifest = serde_json::json!({
        "format": 1, "version": "1", "made_at": "2026-01-01T00:00:00Z", "rows": {},
        "entries": { name: { "bytes": 0, "sha256": nothing } },
    });
    for (kind, name, content) in [
        (kind, name, String::new()),
        (
            tar::EntryType::Regular,
            "manifest.json",
            manifest.to_string(),
        ),
    ] {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(0o600);
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, content.as_bytes()).unwrap();
    }
    let bytes = archive.into_inner().unwrap().finish().unwrap();
    std::fs::write(to, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_entry_of_another_name_empties_no_file_of_the_machine() {
    use tar::EntryType;
    let folder = tempfile::tempdir().unwrap();
    let (archive, near) = (folder.path().join("evil"), folder.path().join("near.txt"));
    let victim = folder.path().join("victim.txt");
    std::fs::write(&victim, "alive").unwrap();
    for (kind, name) in [
        (EntryType::Regular, victim.to_str().unwrap()),
        (EntryType::Regular, "../../near.txt"),
        (EntryType::Regular, "../../victim.txt"),
        (EntryType::Regular, "tables/../../near.jsonl"),
        (EntryType::Regular, "files/../../near.txt"),
        (EntryType::Regular, "notes.txt"),
        (EntryType::Regular, "sotay.db"),
        (EntryType::Directory, "tables/a.jsonl"),
        (EntryType::Symlink, "secret.key"),
        (EntryType::Link, "secret.key"),
        (EntryType::Char, "secret.key"),
        (EntryType::Fifo, "secret.key"),
    ] {
        of_empty(&archive, kind, name);
        let error = backup::check(&archive, None).unwrap_err().log_text();
        assert!(error.contains("it holds"), "{name}: {error}");
        let place = folder.path().join("new");
        let error = backup::read(&config(&place), &archive, None).await;
        let error = error.unwrap_err().log_text();
        assert!(error.contains("nothing was restored"), "{name}: {error}");
        assert_eq!(
            std::fs::read_to_string(&victim).unwrap(),
            "alive",
            "{name}: what is there stays"
        );
        assert!(!near.exists() && !folder.path().join("near.jsonl").exists());
        assert!(!place.exists(), "{name}: a folder that it made itself goes");
        std::fs::create_dir(&place).unwrap();
        let again = backup::read(&config(&place), &archive, None).await;
        again.unwrap_err();
        assert_eq!(std::fs::read_dir(&place).unwrap().count(), 0, "{name}");
        std::fs::remove_dir(&place).unwrap(); // it was there before, so it stayed
    }
    // The same archive with a name of ours is read, so it is the name that was refused.
    of_empty(&archive, EntryType::Regular, "tables/a.jsonl");
    backup::check(&archive, None)
        .map_err(|e| e.log_text())
        .unwrap();
}

#[test]
fn a_small_archive_that_swells_is_refused_before_it_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("swells.tar.zst");
    let gigabyte = 1 << 30;
    for (kind, name, bytes, told) in [
        (
            tar::EntryType::Regular,
            "manifest.json",
            gigabyte,
            "it holds",
        ),
        (
            tar::EntryType::GNULongName,
            "tables/a.jsonl",
            gigabyte,
            "it holds",
        ),
        (
            tar::EntryType::XHeader,
            "tables/a.jsonl",
            gigabyte,
            "it holds",
        ),
        (tar::EntryType::Regular, "secret.key", gigabyte, "it holds"),
        (tar::EntryType::Regular, "files/a", 1, "it holds"),
        (
            tar::EntryType::Regular,
            "tables/a.jsonl",
            2 * gigabyte,
            "unpacks to more than",
        ),
    ] {
        of_zeros(&path, kind, name, bytes);
        assert!(std::fs::metadata(&path).unwrap().len() < 400_000);
        let error = backup::check(&path, None).unwrap_err().log_text();
        assert!(error.contains(told), "{name}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_takes_no_writes_is_not_ready_until_it_takes_them_again() {
    on_both(crate::wiring::rooms, async |app| {
        let stranger = app.stranger();
        let code = async || stranger.get("/readyz").await.status.as_u16();
        assert_eq!(code().await, 200);
        app.sets("alter table admin_setting rename to elsewhere")
            .await;
        assert_eq!(code().await, 200, "an answer holds for seconds");
        app.later(6_000);
        assert_eq!(code().await, 503);
        app.sets("alter table elsewhere rename to admin_setting")
            .await;
        app.later(6_000);
        assert_eq!(code().await, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_there_is_no_room_to_write_the_page_says_so_and_not_that_it_is_broken() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let thu = app.as_(testkit::THU);
        let body = "Đoạn hai. ".repeat(4_000);
        let fields = [
            ("section", "section-study"),
            ("title", "Lớp dạy dùng điện thoại"),
            ("body", body.as_str()),
            ("lead", "Hai mươi bác trên 60 tuổi."),
        ];
        // What was found a moment ago holds for seconds; a refused write goes before it.
        app.stranger().get("/readyz").await.expects(200);
        // No page more than there are now; a free page or two may take one article.
        app.sets("pragma max_page_count = 1").await;
        let mut last = thu.post("/news/new", &fields).await;
        for _ in 0..100 {
            if last.status != 303 {
                break;
            }
            last = thu.post("/news/new", &fields).await;
        }
        let last = last.expects(503);
        assert!(last.body().contains("hết chỗ ghi"), "{}", last.body());
        let stranger = app.stranger();
        let ready = stranger.get("/readyz").await;
        assert_eq!(ready.status, 503, "at the first refused write");
        app.sets("pragma max_page_count = 1000000").await;
        thu.post("/news/new", &fields).await.expects(303);
        app.later(6_000);
        stranger.get("/readyz").await.expects(200);
    })
    .await;
}
