//! The promises of the notices, each as a story on both databases.
//!
//! The mail server and the push service are these tests' own (`house.rs`); mails go through a real
//! connection, pushes are decrypted again with the device's key. The clock stands at 19:00 in
//! Vietnam until a story moves it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod both;
mod feed;
mod house;
mod mail;
mod push;
mod wishes;

use both::{App, on_both};
use house::actor;
use notices::{Channel, Endpoint, Notice};

async fn count(app: &App, text: &'static str) -> i64 {
    db::sql(text).count(app.db.read()).await.unwrap()
}
async fn waiting(app: &App, channel: Channel) -> i64 {
    let seen = notices::count_waiting(&app.db, channel).await.unwrap();
    seen.count
}
async fn unread(app: &App, who: &str) -> i64 {
    notices::count_unread(&app.db, &actor(who)).await.unwrap()
}
async fn newest(app: &App, who: &str) -> Notice {
    let mut all = notices::list(&app.db, &actor(who), None, 1).await.unwrap();
    all.remove(0)
}
async fn endpoints(app: &App, who: &str) -> Vec<Endpoint> {
    notices::list_endpoints(&app.db, &house::Backwards, &actor(who))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_understood_by_both_databases() {
    on_both(async |app| {
        for text in notices::STATEMENTS {
            if let Err(error) = app.db.prepare(text).await {
                panic!("{}", error.log_text());
            }
        }
    })
    .await;
}

#[test]
fn both_languages_have_the_same_keys() {
    let keys = |text: &'static str| -> Vec<&str> {
        text.lines()
            .filter_map(|line| line.split_once(" = "))
            .map(|(key, _)| key)
            .collect()
    };
    assert_eq!(keys(notices::TEXTS.0), keys(notices::TEXTS.1));
}
