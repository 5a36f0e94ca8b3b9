//! Setting up: migrated databases copied for each test, the site, the doorman of the tests.

use crate::characters::{ALL, UNITS, path_of};
use crate::{Browser, Character};
use kernel::{Clock, Day, Dice, Moment, Role, UnitPath};
use sha2::{Digest as _, Sha256};
use site::{Keys, Room, Site};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use web::visitor::Found;
use web::{Doorman, Edge, SignedIn};

/// A running handbook in memory, with the tree and the characters in its database.
pub struct TestApp {
    /// What handlers are handed.
    pub site: Site,
    /// The router, wrapped by the edge.
    pub router: axum::Router,
    /// The feeds of the rooms, to catch the index up.
    pub feeds: Vec<site::Feed>,
    /// What the rooms keep in memory for their pages.
    pub known: Vec<Arc<dyn std::any::Any + Send + Sync>>,
    paths: Paths,
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// The name of its database on the server of the tests; none for SQLite.
    database: Option<String>,
    /// A folder that lasts as long as the app.
    pub folder: tempfile::TempDir,
}

/// Runs the story on SQLite, then on PostgreSQL.
pub async fn on_both(rooms: impl Fn() -> Vec<Room>, story: impl AsyncFn(TestApp)) {
    on_sqlite(&rooms, &story).await;
    on_postgres(&rooms, &story, "").await;
}

/// Like [`on_both`], in a handbook that is reached at that address from outside.
pub async fn on_both_at(
    address: &'static str,
    rooms: impl Fn() -> Vec<Room>,
    story: impl AsyncFn(TestApp),
) {
    sqlite(&rooms, &story, address).await;
    on_postgres(&rooms, &story, address).await;
}

async fn on_postgres(
    rooms: &impl Fn() -> Vec<Room>,
    story: &impl AsyncFn(TestApp),
    address: &'static str,
) {
    eprintln!("— now on PostgreSQL");
    let (database, url) = postgres().await;
    let mut app = TestApp::open(&url, rooms(), "postgres", address).await;
    app.database = Some(database.clone());
    story(app).await;
    crate::order::demand(&sqlite_template().await).await;
    clean_up(&database).await;
}

/// Runs the story on SQLite alone: for what does not touch the database.
pub async fn on_sqlite(rooms: impl Fn() -> Vec<Room>, story: impl AsyncFn(TestApp)) {
    sqlite(&rooms, &story, "").await;
}

async fn sqlite(
    rooms: &impl Fn() -> Vec<Room>,
    story: &impl AsyncFn(TestApp),
    address: &'static str,
) {
    eprintln!("— on SQLite");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sotay.db");
    std::fs::copy(sqlite_template().await, &file).unwrap();
    story(TestApp::open(&db::Url::File(file), rooms(), "sqlite", address).await).await;
    crate::order::demand(&sqlite_template().await).await;
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The clock of every test starts here: Monday 23 November 2026, 19:00 in Vietnam.
fn start() -> Moment {
    Day::of(2026, 11, 23).unwrap().at(19, 0)
}

/// A key that this handbook had before (`sotay key rotate`), and whose slips, forms and browsers it still knows.
pub const BEFORE: [u8; 32] = [8; 32];

fn fingerprint() -> String {
    let mut hash = Sha256::new();
    for step in schema::MIGRATIONS {
        hash.update(step.name);
        hash.update(step.text);
    }
    hash.update(include_str!("characters.rs"));
    hash.update(include_str!("base.rs"));
    data_encoding::HEXLOWER.encode(&hash.finalize()[..6])
}

async fn fill(db: &db::Db) {
    let mut tx = db.begin().await.unwrap();
    tx.unwatched();
    for (id, parent, kind, name) in UNITS {
        let parent = (!parent.is_empty()).then_some(*parent);
        db::sql(
            "insert into people_unit (id, parent_id, path, kind, code, name, name_key, name_fold, founded_on) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, '2020-01-01')",
        )
        .bind(*id)
        .bind(parent)
        .bind(path_of(id))
        .bind(*kind)
        .bind(format!("T-{id}"))
        .bind(*name)
        .bind(vietnamese::sort_key(name))
        .bind(vietnamese::fold(name))
        .run(&mut *tx)
        .await
        .unwrap();
        db::sql(
            "insert into people_unit_version (unit_id, from_on, parent_id, path, kind, code, name) \
             values ($1, '2020-01-01', $2, $3, $4, $5, $6)",
        )
        .bind(*id)
        .bind(parent)
        .bind(path_of(id))
        .bind(*kind)
        .bind(format!("T-{id}"))
        .bind(*name)
        .run(&mut *tx)
        .await
        .unwrap();
    }
    for who in ALL {
        add_member(&mut tx, who).await;
    }
    db.commit(tx).await.unwrap();
}

async fn add_member(tx: &mut db::Tx, who: &Character) {
    db::sql(
        "insert into people_member (id, name, name_key, name_fold, birth_on, status, status_from_on, ceremony_on, full_from_on) \
         values ($1, $2, $3, $4, '1954-05-19', 'full', '1980-03-03', '1979-03-03', '1980-03-03')",
    )
    .bind(who.id)
    .bind(who.name)
    .bind(vietnamese::name_key(who.name))
    .bind(vietnamese::fold(who.name))
    .run(&mut **tx)
    .await
    .unwrap();
    let record = serde_json::json!({
        "name": who.name, "birth_on": "1954-05-19", "status": "full", "status_from_on": "1980-03-03",
        "ceremony_on": "1979-03-03", "full_from_on": "1980-03-03",
    });
    say(tx, who.id, ("record", ""), &record).await;
    let words: std::collections::BTreeSet<String> = vietnamese::fold(who.name)
        .split(' ')
        .map(str::to_owned)
        .collect();
    for word in words {
        db::sql("insert into people_name_word (word, member_id) values ($1, $2)")
            .bind(word)
            .bind(who.id)
            .run(&mut **tx)
            .await
            .unwrap();
    }
    db::sql(
        "insert into people_placement (id, member_id, unit_id, kind, from_on) \
         values ($1, $2, $3, 'official', '2020-01-01')",
    )
    .bind(format!("p-{}", who.id))
    .bind(who.id)
    .bind(who.unit)
    .run(&mut **tx)
    .await
    .unwrap();
    let place = serde_json::json!({
        "unit": who.unit, "kind": "official", "from_on": "2020-01-01", "to_on": "9999-12-31",
    });
    say(tx, who.id, ("placement", &format!("p-{}", who.id)), &place).await;
    let since = Day::of(2020, 1, 1).unwrap();
    for (nth, (role, unit)) in who.roles.iter().enumerate() {
        let post = Post {
            member: who.id,
            title: who.post,
            role: *role,
            unit,
            rank: 10 + i64::try_from(nth).unwrap(),
            since,
        };
        add_post(tx, &format!("{}-{nth}", who.id), &post).await;
    }
}

/// What the ledger states of a member (`people_statement`), as found when it began.
pub(crate) async fn say(
    tx: &mut db::Tx,
    member: &str,
    (about, subject): (&str, &str),
    said: &serde_json::Value,
) {
    let (mut plain, mut sealed) = (said.clone(), serde_json::json!({}));
    for field in ["card", "citizen", "phone"] {
        if let Some(value) = plain.as_object_mut().unwrap().remove(field) {
            sealed[field] = value;
        }
    }
    let sealed = match sealed.as_object().unwrap().is_empty() {
        true => String::new(),
        false => sealed.to_string(),
    };
    db::sql(
        "insert into people_statement (id, member_id, seq, about, subject_id, recorded_at, said_json, sealed_json) \
         select cast($1 as text) || '-' || cast(coalesce(max(seq), 0) + 1 as text), cast($1 as text), \
         coalesce(max(seq), 0) + 1, cast($2 as text), cast($3 as text), 0, cast($4 as text), cast($5 as text) \
         from people_statement where member_id = $1",
    )
    .bind(member)
    .bind(about)
    .bind(subject)
    .bind(plain.to_string())
    .bind(sealed)
    .run(&mut **tx)
    .await
    .unwrap();
}

/// A post of a unit and who holds it.
pub(crate) struct Post<'a> {
    pub(crate) member: &'a str,
    pub(crate) title: &'a str,
    pub(crate) role: Role,
    pub(crate) unit: &'a str,
    pub(crate) rank: i64,
    pub(crate) since: Day,
}

/// Adds a post, who holds it, and the right that it brings; their ids end in `id`.
pub(crate) async fn add_post(tx: &mut db::Tx, id: &str, post: &Post<'_>) {
    let role = post.role;
    let (position, holding) = (format!("pos-{id}"), format!("h-{id}"));
    db::sql(
        "insert into people_position (id, unit_id, title, role, rank) values ($1, $2, $3, $4, $5)",
    )
    .bind(&position)
    .bind(post.unit)
    .bind(post.title)
    .bind(role.name())
    .bind(post.rank)
    .run(&mut **tx)
    .await
    .unwrap();
    db::sql(
        "insert into people_holding (id, position_id, member_id, basis, from_on) \
         values ($1, $2, $3, 'elected', $4)",
    )
    .bind(&holding)
    .bind(&position)
    .bind(post.member)
    .bind(post.since)
    .run(&mut **tx)
    .await
    .unwrap();
    let held = serde_json::json!({
        "position": position, "basis": "elected", "from_on": post.since.to_string(), "to_on": "9999-12-31",
    });
    say(tx, post.member, ("holding", &holding), &held).await;
    db::sql(
        "insert into people_grant (id, member_id, role, unit_id, scope, source, source_id, from_on, granted_at) \
         values ($1, $2, $3, $4, $5, 'position', $6, $7, 0)",
    )
    .bind(format!("g-{}-{}-{}", post.member, role.name(), post.unit))
    .bind(post.member)
    .bind(role.name())
    .bind(post.unit)
    .bind(role.reach().name())
    .bind(&holding)
    .bind(post.since)
    .run(&mut **tx)
    .await
    .unwrap();
}

async fn sqlite_template() -> PathBuf {
    static ONCE: tokio::sync::OnceCell<PathBuf> = tokio::sync::OnceCell::const_new();
    ONCE.get_or_init(|| async {
        let path = std::env::temp_dir().join(format!("sotay-test-{}.db", fingerprint()));
        if path.exists() {
            return path;
        }
        let folder = tempfile::tempdir().unwrap();
        let fresh = folder.path().join("template.db");
        let db = db::Db::open(&db::Url::File(fresh.clone()), true, 1)
            .await
            .unwrap();
        schema::migrate(&db, &Clock::by_hand(start()))
            .await
            .unwrap();
        fill(&db).await;
        db.close().await;
        // Copied beside the goal, then renamed: another process may be doing the same.
        let beside = path.with_extension(format!("{}.tmp", std::process::id()));
        std::fs::copy(&fresh, &beside).unwrap();
        std::fs::rename(&beside, &path).unwrap();
        path
    })
    .await
    .clone()
}

fn postgres_server() -> String {
    std::env::var("SOTAY_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!(
            "SOTAY_TEST_POSTGRES is not set. Run `make test`, which starts a PostgreSQL of its own, \
             or set it to an address such as postgres://user@127.0.0.1:5433/postgres"
        )
    })
}

fn with_database(server: &str, database: &str) -> String {
    let (head, _) = server
        .rsplit_once('/')
        .expect("SOTAY_TEST_POSTGRES names a database");
    format!("{head}/{database}")
}

async fn postgres() -> (String, db::Url) {
    use sqlx::Connection as _;
    let server = postgres_server();
    let template = format!("sotay_template_{}", fingerprint());
    let mut admin = sqlx::PgConnection::connect(&server)
        .await
        .expect("the PostgreSQL of the tests answers");
    sqlx::raw_sql("select pg_advisory_lock(7312)")
        .execute(&mut admin)
        .await
        .unwrap();
    let there: Option<(i32,)> = sqlx::query_as("select 1 from pg_database where datname = $1")
        .bind(&template)
        .fetch_optional(&mut admin)
        .await
        .unwrap();
    if there.is_none() {
        let building = format!("{template}_b");
        for text in [
            format!("drop database if exists {building}"),
            format!("create database {building}"),
        ] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(text))
                .execute(&mut admin)
                .await
                .unwrap();
        }
        let db = db::Db::open(&db::Url::Server(with_database(&server, &building)), true, 2)
            .await
            .unwrap();
        schema::migrate(&db, &Clock::by_hand(start()))
            .await
            .unwrap();
        fill(&db).await;
        db.close().await;
        let text = format!("alter database {building} rename to {template}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(text))
            .execute(&mut admin)
            .await
            .unwrap();
    }
    let made = copy_of(&mut admin, &server, &template).await;
    sqlx::raw_sql("select pg_advisory_unlock(7312)")
        .execute(&mut admin)
        .await
        .unwrap();
    admin.close().await.unwrap();
    made
}

/// A copy of a database to which nobody is connected: its name and address.
async fn copy_of(admin: &mut sqlx::PgConnection, server: &str, from: &str) -> (String, db::Url) {
    let own: [u8; 8] = {
        let mut hash = Sha256::new();
        hash.update(format!(
            "{:?}{:?}",
            std::process::id(),
            std::time::Instant::now()
        ));
        hash.finalize()[..8].try_into().unwrap()
    };
    let database = format!("sotay_test_{}", data_encoding::HEXLOWER.encode(&own));
    // File by file: through the log it takes four times as long, and nothing here outlives a crash.
    let text = format!("create database {database} template {from} strategy file_copy");
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .execute(admin)
        .await
        .unwrap();
    let url = db::Url::Server(with_database(server, &database));
    (database, url)
}

/// Drops the database of a test that passed; one of a test that failed stays to be looked at.
pub async fn clean_up(database: &str) {
    use sqlx::Connection as _;
    let mut admin = sqlx::PgConnection::connect(&postgres_server())
        .await
        .unwrap();
    let text = format!("drop database if exists {database} with (force)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .execute(&mut admin)
        .await
        .unwrap();
}

/// Where units stand in one test; [`TestApp::moves`] changes it.
type Paths = Arc<RwLock<HashMap<String, UnitPath>>>;

/// The doorman of the tests: the secret `test-lan` is Lan.
struct TestDoorman(Paths);

fn find(secret: &str, paths: &Paths) -> Option<SignedIn> {
    let paths = paths.read().unwrap();
    let who = ALL.iter().find(|who| who.session() == secret)?;
    let unit_name = UNITS
        .iter()
        .find(|(id, ..)| *id == who.unit)
        .map_or("", |unit| unit.3);
    Some(SignedIn {
        actor: Arc::new(who.actor_in(|unit| paths[unit].clone())),
        account: who.id.parse().unwrap(),
        session: Some(who.id.parse().unwrap()),
        token_scopes: None,
        post: who.post.to_owned(),
        unit_name: unit_name.to_owned(),
        unread: 0,
        look: None,
    })
}

impl Doorman for TestDoorman {
    fn by_session<'a>(&'a self, secret: &'a str) -> Found<'a> {
        Box::pin(async move { Ok(find(secret, &self.0)) })
    }
    /// A token `test-lan:search+me` is Lan with these scopes.
    fn by_token<'a>(&'a self, token: &'a str) -> Found<'a> {
        Box::pin(async move {
            let Some((who, scopes)) = token.split_once(':') else {
                return Ok(None);
            };
            Ok(find(who, &self.0).map(|mut found| {
                found.session = None;
                found.token_scopes = Some(scopes.split('+').map(str::to_owned).collect());
                found
            }))
        })
    }
}

impl TestApp {
    async fn open(
        url: &db::Url,
        rooms: Vec<Room>,
        engine: &'static str,
        address: &'static str,
    ) -> Self {
        TestApp::open_with(url, rooms, engine, address, None).await
    }

    /// `store` is where files lie, when that is not a folder of its own.
    async fn open_with(
        url: &db::Url,
        rooms: Vec<Room>,
        engine: &'static str,
        address: &'static str,
        store: Option<PathBuf>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::by_hand(start());
        // Two servers throw other dice.
        let dice = Dice::seeded(if store.is_some() { 43 } else { 42 });
        let db = db::Db::open(url, false, 4).await.unwrap();
        let texts =
            site::serving::texts(&rooms).unwrap_or_else(|error| panic!("{}", error.log_text()));
        let paths = Paths::default();
        for (id, ..) in UNITS {
            paths.write().unwrap().insert((*id).to_owned(), path_of(id));
        }
        let edge = Arc::new(Edge {
            texts,
            doorman: Arc::new(TestDoorman(paths.clone())),
            clock: clock.clone(),
            dice: dice.clone(),
            secret: [7; 32],
            secrets_before: Arc::new([BEFORE]),
            https: false,
            public_url: web::PublicUrl::of_file(address),
            behind_proxy: false,
            places: site::Rooms::places(&rooms).into(),
            org: RwLock::default(),
            lost: Default::default(),
            refused: Default::default(),
            disk: Default::default(),
        });
        let mut jobs = files::Jobs::new();
        books::register(&mut jobs);
        files::sizes::register(&mut jobs);
        intake::register(&mut jobs);
        fill::register(&mut jobs);
        let files =
            files::Store::open(store.unwrap_or_else(|| folder.path().join("files"))).unwrap();
        let site = Site::new(site::Made {
            db,
            clock,
            dice,
            edge,
            inbox: files.inbox(4 << 20).unwrap(),
            files,
            mail: None,
            index: search::Index::in_memory().unwrap(),
            worker: files::Worker::in_process(jobs),
            keys: Keys::new([9; 32]).with_before([BEFORE]),
            rooms: site::Rooms::of(&rooms),
        });
        let feeds = (rooms.iter())
            .flat_map(|room| room.feeds.iter().copied())
            .collect();
        let known = (rooms.iter())
            .flat_map(|room| room.routes.known().iter().cloned())
            .collect();
        let router = site::serving::router(&site, rooms, 1 << 20).unwrap();
        TestApp {
            site,
            router,
            feeds,
            known,
            paths,
            engine,
            database: None,
            folder,
        }
    }

    /// The same handbook once more, with a database and files of its own from here on. On PostgreSQL the
    /// first one is closed by it and only its copies live on.
    pub async fn again(&self, rooms: Vec<Room>) -> TestApp {
        use sqlx::Connection as _;
        let app = if let Some(from) = &self.database {
            self.site.db.close().await;
            let server = postgres_server();
            let mut admin = sqlx::PgConnection::connect(&server).await.unwrap();
            let (database, url) = copy_of(&mut admin, &server, from).await;
            admin.close().await.unwrap();
            let mut app = TestApp::open(&url, rooms, self.engine, "").await;
            app.database = Some(database);
            app
        } else {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("sotay.db");
            let text = format!("vacuum into '{}'", file.display());
            self.site.db.maintain(text).await.unwrap();
            // The database lies in a folder of its own, which lasts as long as the program of the test.
            let _kept = folder.keep();
            TestApp::open(&db::Url::File(file), rooms, self.engine, "").await
        };
        app.site.clock.set(self.site.clock.now());
        copy(
            &self.folder.path().join("files"),
            &app.folder.path().join("files"),
        );
        app
    }
    /// A second server of the same handbook: same database, same store of files, all else of its own.
    pub async fn beside(&self, rooms: Vec<Room>) -> TestApp {
        let store = self.folder.path().join("files");
        let url = self.site.db.url().clone();
        let app = TestApp::open_with(&url, rooms, self.engine, "", Some(store)).await;
        app.site.clock.set(self.site.clock.now());
        app
    }
    /// Ends one that [`TestApp::again`] made: its database goes.
    pub async fn ends(self) {
        self.site.db.close().await;
        if let Some(database) = &self.database {
            clean_up(database).await;
        }
    }

    /// A browser in which this character is signed in.
    pub fn as_(&self, who: Character) -> Browser<'_> {
        Browser::new(self, Some(who))
    }
    /// What a handler would be told of this character, for functions that take a signed-in member.
    pub fn signed_in(&self, who: Character) -> SignedIn {
        find(&who.session(), &self.paths).unwrap()
    }
    /// What a room keeps in memory for its pages (`Routes::knowing`).
    pub fn known<T: Send + Sync + 'static>(&self) -> Arc<T> {
        let mut known = self.known.iter().cloned();
        known.find_map(|one| one.downcast().ok()).unwrap()
    }
    /// Moves a unit with all below it under another, in the tables and for whoever signs in.
    pub async fn moves(&self, unit: &str, under: &str) {
        let (old, new) = {
            let paths = self.paths.read().unwrap();
            (
                paths[unit].clone(),
                paths[under].child(&unit.parse().unwrap()),
            )
        };
        let (low, high) = old.range();
        let mut tx = self.site.db.begin().await.unwrap();
        tx.unwatched();
        for text in [
            "update people_unit set path = $1 || substr(path, length($2) + 1) where path >= $2 and path < $3",
            "update people_unit_version set path = $1 || substr(path, length($2) + 1) where path >= $2 and path < $3",
        ] {
            db::sql(text)
                .bind(&new)
                .bind(&low)
                .bind(&high)
                .run(&mut *tx)
                .await
                .unwrap();
        }
        for text in [
            "update people_unit set parent_id = $1 where id = $2",
            "update people_unit_version set parent_id = $1 where unit_id = $2",
        ] {
            db::sql(text)
                .bind(under)
                .bind(unit)
                .run(&mut *tx)
                .await
                .unwrap();
        }
        crate::verbs::raise_epoch(&mut tx).await;
        self.site.db.commit(tx).await.unwrap();
        for path in self.paths.write().unwrap().values_mut() {
            if path.is_within(&old) {
                let text = path.as_str().replacen(old.as_str(), new.as_str(), 1);
                *path = text.try_into().unwrap();
            }
        }
    }
    /// Begins a write of the test's own, past every room: `app.program("test")`.
    pub async fn act(&self) -> site::Act<site::Program> {
        use site::May as _;
        let mut act = site::Program::part("test")
            .begin_unlogged(&self.site, "test", "test")
            .await
            .unwrap();
        act.tx().unwatched();
        act
    }
    /// Runs a statement of the test's own, past every room.
    pub async fn sets(&self, text: &'static str) {
        let mut act = self.act().await;
        db::sql(text).run(act.on()).await.unwrap();
        act.end().await.unwrap();
    }
    /// Takes a row in a transaction of its own (`first`), lets the act begin and wait for it, then takes another
    /// (`second`). Had the act taken that one before it waited, PostgreSQL would undo one of the two. On SQLite,
    /// which has one writer, the act goes alone.
    pub async fn meets_crosswise<T>(
        &self,
        first: &'static str,
        second: &'static str,
        act: impl Future<Output = T>,
    ) -> T {
        const WAITING: &str = "select count(*) from pg_stat_activity \
            where datname = current_database() and wait_event_type = 'Lock'";
        if self.site.db.engine() == db::Engine::Sqlite {
            return act.await;
        }
        let mut other = self.act().await;
        db::sql(first).run(other.on()).await.unwrap();
        let beside = async {
            let mut tries = 0;
            while self.count(WAITING).await == 0 {
                tries += 1;
                assert!(tries < 500, "the act never waited");
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            db::sql(second).run(other.on()).await.unwrap();
            other.end().await.unwrap();
        };
        tokio::join!(act, beside).0
    }
    /// A browser of a passer-by.
    pub fn stranger(&self) -> Browser<'_> {
        Browser::new(self, None)
    }
    /// Brings the search index up to date.
    pub async fn catch_up(&self) {
        site::feed::catch_up(&self.site, &self.feeds).await.unwrap();
    }
    /// Moves the clock.
    pub fn later(&self, ms: i64) {
        self.site.clock.advance_ms(ms);
    }
    /// The present day of the test's clock.
    pub fn today(&self) -> Day {
        self.site.clock.today()
    }
    /// How many rows a count finds: `app.count("select count(*) from …")`.
    pub async fn count(&self, sql: &'static str) -> i64 {
        db::sql(sql).count(self.site.db.read()).await.unwrap()
    }
    /// Does the work that waits in the queue, until nothing is due.
    pub async fn works(&self) {
        while self.site.runner().run_due_once().await.unwrap() > 0 {}
    }
    /// Prepares every statement on this database.
    pub async fn prepares(&self, statements: &[&'static str]) {
        assert!(
            !statements.is_empty(),
            "a room with a store lists its statements"
        );
        for text in statements {
            if let Err(error) = self.site.db.prepare(text).await {
                panic!("on {}: {}", self.engine, error.log_text());
            }
        }
    }
}
