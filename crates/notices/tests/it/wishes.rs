//! What members wish for: kinds and channels, quiet hours, and that both are asked when sending.

use crate::both::{App, on_both};
use crate::house::{Smtpd, actor, at, called, deliver, email, tell};
use crate::{newest, unread, waiting};
use notices::{Channel, Hours, Quiet, Settings, Wish};

async fn wish(app: &App, who: &str, kind: &str, is_wanted: bool) {
    let wish = Wish {
        kind: kind.to_owned(),
        channel: Channel::Email,
        is_wanted,
    };
    let mut tx = app.db.begin().await.unwrap();
    notices::set_wish(&mut tx, &actor(who), &wish)
        .await
        .unwrap();
    app.db.commit(tx).await.unwrap();
}
async fn quiet(app: &App, who: &str, quiet: Quiet) {
    let mut tx = app.db.begin().await.unwrap();
    notices::set_quiet(&mut tx, &actor(who), &quiet)
        .await
        .unwrap();
    app.db.commit(tx).await.unwrap();
}
async fn set(app: &App, settings: Settings) {
    let mut tx = app.db.begin().await.unwrap();
    notices::set_settings(&mut tx, &settings).await.unwrap();
    app.db.commit(tx).await.unwrap();
    assert_eq!(notices::get_settings(&app.db).await.unwrap(), settings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_for_a_kind_stands_above_the_wish_for_all_and_is_asked_again_when_sending() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        wish(&app, "lan", "", false).await;
        tell(&app, called(&app, "k1", &["lan"])).await;
        assert_eq!(waiting(&app, Channel::Email).await, 0);
        wish(&app, "lan", "meetings.called", true).await;
        tell(&app, called(&app, "k2", &["lan"])).await;
        assert_eq!(waiting(&app, Channel::Email).await, 1);
        // The mind is changed while it waits.
        wish(&app, "lan", "meetings.called", false).await;
        let server = Smtpd::start().await;
        let told = deliver(&app, Some(&server.way("")), None).await;
        assert_eq!((told.dropped, server.count()), (1, 0));
        let wishes = notices::list_wishes(&app.db, &actor("lan")).await.unwrap();
        assert_eq!(wishes.len(), 2);
        assert!(wishes.iter().all(|one| !one.is_wanted));
        // In the handbook everything is told.
        assert_eq!(unread(&app, "lan").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_wanted_by_default_goes_to_who_asked_for_it() {
    on_both(async |app| {
        let mut settings = notices::get_settings(&app.db).await.unwrap();
        assert_eq!(settings.quiet, Hours::read("21:00", "07:00").unwrap());
        settings.email_wanted = false;
        set(&app, settings).await;
        email(&app, "lan", "lan@example.vn").await;
        email(&app, "minh", "minh@example.vn").await;
        wish(&app, "minh", "", true).await;
        tell(&app, called(&app, "k", &["lan", "minh"])).await;
        let server = Smtpd::start().await;
        assert_eq!(deliver(&app, Some(&server.way("")), None).await.sent, 1);
        let taken = server.taken.lock().unwrap().join("");
        assert!(taken.contains("minh@example.vn"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_hold_back_until_the_morning_and_are_a_setting() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        let server = Smtpd::start().await;
        let way = server.way("");
        app.clock.set(at(&app, 21, 0));
        tell(&app, called(&app, "k", &["lan"])).await;
        let told = deliver(&app, Some(&way), None).await;
        assert_eq!((told.quiet, told.sent), (1, 0));
        let seen = notices::count_waiting(&app.db, Channel::Email).await;
        let morning = app.clock.now().day().plus_days(1).at(7, 0);
        assert_eq!(seen.unwrap().next_at, Some(morning));
        app.clock.set(morning.plus_ms(-1));
        let told = deliver(&app, Some(&way), None).await;
        assert_eq!((told.quiet, told.sent), (0, 0));
        app.clock.set(morning);
        assert_eq!(deliver(&app, Some(&way), None).await.sent, 1);
        // The operator moves the hours.
        let mut settings = notices::get_settings(&app.db).await.unwrap();
        settings.quiet = Hours::read("06:00", "09:00").unwrap();
        set(&app, settings).await;
        tell(&app, called(&app, "k2", &["lan"])).await;
        assert_eq!(deliver(&app, Some(&way), None).await.quiet, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_notice_passes_the_quiet_of_who_allows_it_only() {
    on_both(async |app| {
        for who in ["lan", "minh", "hoa"] {
            email(&app, who, &format!("{who}@example.vn")).await;
        }
        let allows = Quiet {
            hours: None,
            urgent_passes: true,
        };
        quiet(&app, "lan", allows).await;
        // Hoa is awake at night and has hours of her own.
        let own = Quiet {
            hours: Hours::read("12:00", "13:00"),
            urgent_passes: false,
        };
        quiet(&app, "hoa", own).await;
        for (who, kept) in [("hoa", own), ("minh", Quiet::default())] {
            let seen = notices::get_quiet(&app.db, &actor(who)).await.unwrap();
            assert_eq!(seen, kept);
        }
        app.clock.set(at(&app, 23, 0));
        tell(&app, called(&app, "k", &["lan", "minh", "hoa"]).urgent()).await;
        tell(&app, called(&app, "k2", &["lan"])).await;
        let server = Smtpd::start().await;
        let told = deliver(&app, Some(&server.way("")), None).await;
        assert_eq!((told.sent, told.quiet), (2, 2));
        let taken = server.taken.lock().unwrap().join("");
        assert!(taken.contains("<lan@") && taken.contains("<hoa@"));
        assert!(!taken.contains("<minh@"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_in_the_handbook_does_not_go_out() {
    on_both(async |app| {
        email(&app, "lan", "lan@example.vn").await;
        tell(&app, called(&app, "k", &["lan"])).await;
        let id = newest(&app, "lan").await.id;
        let mut tx = app.db.begin().await.unwrap();
        notices::read_one(&mut tx, &app.clock, &actor("lan"), &id)
            .await
            .unwrap();
        app.db.commit(tx).await.unwrap();
        let server = Smtpd::start().await;
        let told = deliver(&app, Some(&server.way("")), None).await;
        assert_eq!((told.dropped, server.count()), (1, 0));
    })
    .await;
}
