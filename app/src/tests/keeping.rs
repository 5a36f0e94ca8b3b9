//! Backup under write load restores to equality, from each database into each; a damaged archive is
//! refused whole; a hostile file costs only the child that opened it.

use crate::backup;
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
        let told = backup::write(&app.site, &data, &archive, &Stop::default())
            .await
            .unwrap();
        stop.send(true).unwrap();
        let written = writer.await.unwrap();
        assert!(written > 0 && told.files == 1);
        let target = tempfile::tempdir().unwrap();
        let place = target.path().join("restored");
        backup::read(&config(&place), &archive)
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
        let again = backup::read(&config(&place), &archive).await.unwrap_err();
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
        backup::write(&app.site, &data, &archive, &Stop::default())
            .await
            .unwrap();
        let target = tempfile::tempdir().unwrap();
        let place = target.path().join("restored");
        backup::restore(&config(&place), &archive)
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
async fn a_damaged_archive_is_refused_whole() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let data = app.folder.path().to_path_buf();
        std::fs::write(data.join("secret.key"), "00".repeat(32)).unwrap();
        let archive = data.join("out.tar.zst");
        backup::write(&app.site, &data, &archive, &Stop::default())
            .await
            .unwrap();
        let good = std::fs::read(&archive).unwrap();
        let target = tempfile::tempdir().unwrap();
        for (nth, cut) in [good.len() / 2, good.len() - 10].into_iter().enumerate() {
            let bad = data.join(format!("bad-{nth}"));
            std::fs::write(&bad, &good[..cut]).unwrap();
            let place = target.path().join(format!("r{nth}"));
            assert!(backup::read(&config(&place), &bad).await.is_err());
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
            backup::read(&config(&target.path().join("inside").join("evil")), &path)
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
        backup::write(&app.site, &data, &archive, &Stop::default())
            .await
            .unwrap();
        let target = tempfile::tempdir().unwrap();
        let place = target.path().join("restored");
        backup::read(&config(&place), &archive)
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
