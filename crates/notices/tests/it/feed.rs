//! Told once, kept with the change, listed for the member alone.

use crate::both::on_both;
use crate::house::{actor, called, email, tell};
use crate::{count, unread, waiting};
use kernel::MemberId;
use kernel::error::Error;
use notices::{Channel, New};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_kept_with_its_change_or_not_at_all_and_told_once() {
    on_both(async |app| {
        let mut tx = app.db.begin().await.unwrap();
        let new = called(&app, "k", &["lan"]);
        let told = notices::add(&mut tx, &app.clock, &app.dice, new).await;
        assert_eq!(told.unwrap(), 1);
        drop(tx);
        assert_eq!(unread(&app, "lan").await, 0);
        let told = tell(&app, called(&app, "k", &["lan", "minh", "lan"])).await;
        assert_eq!(told, 2);
        assert_eq!(tell(&app, called(&app, "k", &["lan", "hoa"])).await, 1);
        assert_eq!(unread(&app, "lan").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_announce_the_same_tell_it_once() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        let app = Arc::new(app);
        // Another opening of the same database stands for another process.
        let other = db::Db::open(app.db.url(), false, 4).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for nth in 0..12 {
            let app = app.clone();
            let db = if nth % 2 == 0 { &app.db } else { &other }.clone();
            tasks.spawn(async move {
                // In different orders, which must not lock up.
                let mut to = ["lan", "minh"];
                to.rotate_left(nth % 2);
                let mut tx = db.begin().await.unwrap();
                let new = called(&app, "k", &to);
                let told = notices::add(&mut tx, &app.clock, &app.dice, new).await;
                db.commit(tx).await.unwrap();
                told.unwrap()
            });
        }
        let told = tasks.join_all().await;
        assert_eq!(told.iter().sum::<u64>(), 2);
        assert_eq!(count(&app, "select count(*) from notices_notice").await, 2);
        assert_eq!(waiting(&app, Channel::Email).await, 1);
        other.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_is_paged_from_the_newest_and_nobody_elses() {
    on_both(async |app| {
        for nth in 0..5 {
            tell(&app, called(&app, &format!("k{nth}"), &["lan", "minh"])).await;
            app.clock.advance_ms(1_000);
        }
        let lan = actor("lan");
        let first = notices::list(&app.db, &lan, None, 3).await.unwrap();
        let last = &first[2].id;
        let rest = notices::list(&app.db, &lan, Some(last), 3).await.unwrap();
        assert_eq!((first.len(), rest.len()), (3, 2));
        assert!(first[0].created_at > first[2].created_at);
        assert!(first[2].created_at > rest[0].created_at);
        assert_eq!(first[0].args["chair"], "Nguyễn Thị Lan");
        // Another's notice is not found, whoever knows its id.
        let mut tx = app.db.begin().await.unwrap();
        let minh = actor("minh");
        let of_another = notices::read_one(&mut tx, &app.clock, &minh, &first[1].id).await;
        assert!(matches!(of_another, Err(Error::NotFound)));
        let link = notices::read_one(&mut tx, &app.clock, &lan, &first[1].id).await;
        assert_eq!(link.unwrap(), "/meetings/secret-meeting");
        app.db.commit(tx).await.unwrap();
        let read_at = app.clock.now();
        app.clock.advance_ms(1_000);
        let mut tx = app.db.begin().await.unwrap();
        notices::read_one(&mut tx, &app.clock, &lan, &first[1].id)
            .await
            .unwrap();
        // Up to the second newest, which is read already: the newest was not seen.
        let all = notices::read_all(&mut tx, &app.clock, &lan, &first[1].id).await;
        app.db.commit(tx).await.unwrap();
        assert_eq!(all.unwrap(), 3);
        let again = notices::list(&app.db, &lan, None, 2).await.unwrap();
        assert_eq!(again[0].read_at, None);
        assert_eq!(again[1].read_at, Some(read_at), "the first time is kept");
        assert_eq!(
            (unread(&app, "lan").await, unread(&app, "minh").await),
            (1, 5)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_leaves_the_handbook_is_a_fault() {
    on_both(async |app| {
        let mut tx = app.db.begin().await.unwrap();
        let until = app.clock.now().plus_ms(1);
        let new = New::of("a.b", "k", "a-b", "https://evil.example", until)
            .to(["lan".parse::<MemberId>().unwrap()]);
        let told = notices::add(&mut tx, &app.clock, &app.dice, new).await;
        assert!(told.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trimming_takes_what_expired_long_ago_with_its_sendings() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        tell(&app, called(&app, "old", &["lan"])).await;
        app.clock.advance_ms(400 * 86_400_000);
        tell(&app, called(&app, "young", &["lan"])).await;
        let before = app.clock.now().plus_ms(-365 * 86_400_000);
        let mut tx = app.db.begin().await.unwrap();
        assert_eq!(notices::trim(&mut tx, before, 100).await.unwrap(), 1);
        app.db.commit(tx).await.unwrap();
        assert_eq!(count(&app, "select count(*) from notices_notice").await, 1);
        assert_eq!(count(&app, "select count(*) from notices_out").await, 1);
    })
    .await;
}
