//! A fresh, migrated database of each engine for a story.
//!
//! Not `testkit`: that stands on `site`, which stands on this crate; a base crate's tests build
//! nothing that stands above it. As there, a missing PostgreSQL fails and is never skipped.

use kernel::{Clock, Day, Dice};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a story is handed.
pub(crate) struct App {
    pub(crate) db: db::Db,
    pub(crate) clock: Clock,
    pub(crate) dice: Dice,
}

async fn open(url: &db::Url) -> App {
    // Monday 23 November 2026, 19:00 in Vietnam.
    let clock = Clock::by_hand(Day::of(2026, 11, 23).unwrap().at(19, 0));
    let db = db::Db::open(url, true, 4).await.unwrap();
    schema::migrate(&db, &clock).await.unwrap();
    App {
        db,
        clock,
        dice: Dice::seeded(42),
    }
}

async fn on_server(server: &str, text: String) {
    use sqlx::Connection as _;
    let mut admin = sqlx::PgConnection::connect(server)
        .await
        .expect("the PostgreSQL of the tests answers");
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .execute(&mut admin)
        .await
        .unwrap();
    admin.close().await.unwrap();
}

/// Runs the story on SQLite, then on PostgreSQL. The database of a story that failed stays.
pub(crate) async fn on_both(story: impl AsyncFn(App)) {
    static NTH: AtomicU32 = AtomicU32::new(0);
    eprintln!("— on SQLite");
    let folder = tempfile::tempdir().unwrap();
    let file = db::Url::File(folder.path().join("sotay.db"));
    story(open(&file).await).await;
    eprintln!("— now on PostgreSQL");
    let server = std::env::var("SOTAY_TEST_POSTGRES")
        .expect("SOTAY_TEST_POSTGRES is not set: run scripts/postgres.sh cargo test -p notices");
    let nth = NTH.fetch_add(1, Ordering::Relaxed);
    let database = format!("sotay_notices_{}_{nth}", std::process::id());
    on_server(&server, format!("create database {database}")).await;
    let (head, _) = server
        .rsplit_once('/')
        .expect("the address names a database");
    let url = db::Url::Server(format!("{head}/{database}"));
    story(open(&url).await).await;
    on_server(&server, format!("drop database {database} with (force)")).await;
}
