//! A database of each earlier step is brought up to date and compared with a fresh one.
//!
//! Compared are columns, indexes, constraints and views, on SQLite and on PostgreSQL. Rows that
//! stood in it before must stand in it afterwards.

use super::*;
use kernel::{Clock, Day};
use std::collections::BTreeSet;

fn clock() -> Clock {
    Clock::by_hand(Day::of(2026, 11, 23).unwrap().at(19, 0))
}

/// An empty database and, on PostgreSQL, the server and name to drop it by.
struct Place {
    db: Db,
    _folder: tempfile::TempDir,
    server: Option<(Db, String)>,
}

impl Place {
    async fn sqlite() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let url = Url::File(folder.path().join("sotay.db"));
        Place {
            db: Db::open(&url, true, 1).await.unwrap(),
            _folder: folder,
            server: None,
        }
    }
    async fn postgres(name: &str) -> Place {
        let address = std::env::var("SOTAY_TEST_POSTGRES")
            .expect("SOTAY_TEST_POSTGRES names a server: run through scripts/postgres.sh");
        let server = Db::open(&Url::read(&address), false, 1).await.unwrap();
        let name = format!("sotay_schema_{}_{name}", std::process::id());
        server
            .maintain(format!("create database {name}"))
            .await
            .unwrap();
        let (head, _) = address.rsplit_once('/').unwrap();
        Place {
            db: Db::open(&Url::read(&format!("{head}/{name}")), false, 1)
                .await
                .unwrap(),
            _folder: tempfile::tempdir().unwrap(),
            server: Some((server, name)),
        }
    }
    async fn empty(engine: Engine, name: &str) -> Place {
        match engine {
            Engine::Sqlite => Place::sqlite().await,
            Engine::Postgres => Place::postgres(name).await,
        }
    }
    async fn leave(self) {
        self.db.close().await;
        if let Some((server, name)) = self.server {
            server
                .maintain(format!("drop database {name} with (force)"))
                .await
                .unwrap();
            server.close().await;
        }
    }
}

const SQLITE_SHAPE: &[&str] = &[
    "select m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || c.pk || ' ' || \
     coalesce(c.dflt_value, '-') from sqlite_master m join pragma_table_info(m.name) c \
     where m.type = 'table' and substr(m.name, 1, 7) <> 'sqlite_'",
    "select type || ' ' || name || ' ' || coalesce(sql, '-') from sqlite_master \
     where type <> 'table' and name not like 'sqlite_autoindex%'",
];
const POSTGRES_SHAPE: &[&str] = &[
    "select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || \
     coalesce(collation_name, '-') || ' ' || coalesce(column_default, '-') \
     from information_schema.columns where table_schema = current_schema()",
    "select indexdef from pg_indexes where schemaname = current_schema()",
    "select cast(conrelid as regclass) || ' ' || conname || ' ' || pg_get_constraintdef(oid) \
     from pg_constraint where connamespace = cast(current_schema() as regnamespace)",
    "select viewname || ' ' || definition from pg_views where schemaname = current_schema()",
];

async fn shape(db: &Db) -> BTreeSet<String> {
    // The first steps made no views; what is up to date has something of each kind.
    let is_whole = applied(db).await.unwrap().len() == MIGRATIONS.len();
    let texts = match db.engine() {
        Engine::Sqlite => SQLITE_SHAPE,
        Engine::Postgres => POSTGRES_SHAPE,
    };
    let mut out = BTreeSet::new();
    for text in texts {
        let rows: Vec<(String,)> = db::sql(text).all(db.read()).await.unwrap();
        assert!(!rows.is_empty() || !is_whole, "nothing to compare: {text}");
        out.extend(rows.into_iter().map(|(line,)| line));
    }
    out
}

fn assert_same(old: &BTreeSet<String>, fresh: &BTreeSet<String>, what: &str) {
    let lost: Vec<_> = fresh.difference(old).collect();
    let odd: Vec<_> = old.difference(fresh).collect();
    assert!(
        lost.is_empty() && odd.is_empty(),
        "{what}: missing {lost:#?}, too many {odd:#?}"
    );
}

/// Every place in the list that a database is brought up from in one go: each sixteenth, and the
/// newest eight, which are the ones that a living handbook stands at.
fn stands_at(nth: usize) -> bool {
    nth.is_multiple_of(16) || nth + 8 >= MIGRATIONS.len()
}

/// A database that met every program of the past, one step more each time, and databases that
/// slept through many: all end as a fresh one is. Every step is also a place to stand at, so the
/// work grows with the list and not with its square.
async fn each_step_upgrades(engine: Engine) {
    let fresh = Place::empty(engine, "fresh").await;
    migrate(&fresh.db, &clock()).await.unwrap();
    let goal = shape(&fresh.db).await;
    fresh.leave().await;
    let faithful = Place::empty(engine, "faithful").await;
    for (nth, last) in MIGRATIONS.iter().enumerate() {
        // Each step at a moment of its own, by which its copy is called.
        let later = clock().now().plus_ms(i64::try_from(nth).unwrap());
        migrate_to(&faithful.db, &Clock::by_hand(later), &steps_to(last.number))
            .await
            .unwrap();
        assert_eq!(applied(&faithful.db).await.unwrap().len(), nth + 1);
        if !stands_at(nth) {
            continue;
        }
        let sleeper = Place::empty(engine, &format!("step{nth}")).await;
        migrate_to(&sleeper.db, &clock(), &steps_to(last.number))
            .await
            .unwrap();
        let met = shape(&sleeper.db).await;
        assert_same(&shape(&faithful.db).await, &met, last.name);
        let done = migrate(&sleeper.db, &clock()).await.unwrap();
        assert_eq!(done.applied.len(), MIGRATIONS.len() - nth - 1);
        assert_same(&shape(&sleeper.db).await, &goal, last.name);
        sleeper.leave().await;
    }
    assert_same(&shape(&faithful.db).await, &goal, "step by step");
    faithful.leave().await;
}

/// The list as it stood when its newest step was 40: 5, 6 and 9 came later, with lower numbers.
fn stood_at_40(step: &Migration) -> bool {
    step.number <= 40 && ![5, 6, 9].contains(&step.number)
}

async fn late_steps_run(engine: Engine) {
    let fresh = Place::empty(engine, "late_fresh").await;
    migrate(&fresh.db, &clock()).await.unwrap();
    let goal = shape(&fresh.db).await;
    fresh.leave().await;
    let old = Place::empty(engine, "late").await;
    migrate_where(&old.db, &clock(), stood_at_40).await.unwrap();
    assert_eq!(version(&old.db).await.unwrap(), 40);
    let mut tx = old.db.begin().await.unwrap();
    db::sql(
        "insert into people_unit (id, founded_on, path, kind, name, name_key, name_fold) \
         values ('u', '2020-01-01', '/u/', 'committee', 'Đảng bộ', 'x', 'dang bo')",
    )
    .run(&mut *tx)
    .await
    .unwrap();
    old.db.commit(tx).await.unwrap();
    let refused = demand_current(&old.db).await.unwrap_err().log_text();
    assert!(
        refused.contains("0005_jobs") && refused.contains("sotay migrate"),
        "{refused}"
    );
    let done = migrate(&old.db, &clock()).await.unwrap();
    assert_eq!(&done.applied[..2], ["0005_jobs", "0006_rules"]);
    assert_eq!(done.kept.is_some(), engine == Engine::Sqlite);
    assert_same(&shape(&old.db).await, &goal, "step 40 without 5, 6, 9");
    let units = db::sql("select count(*) from people_unit where id = 'u' and name = 'Đảng bộ'");
    assert_eq!(units.count(old.db.read()).await.unwrap(), 1);
    demand_current(&old.db).await.unwrap();
    assert_eq!(
        migrate(&old.db, &clock()).await.unwrap(),
        Migrated::default()
    );
    old.leave().await;
}

async fn held_meetings_are_announced(engine: Engine) {
    let place = Place::empty(engine, "held").await;
    migrate_to(&place.db, &clock(), &steps_to(107))
        .await
        .unwrap();
    let mut tx = place.db.begin().await.unwrap();
    for text in [
        "insert into people_unit (id, founded_on, path, kind, name, name_key, name_fold) \
         values ('u', '2020-01-01', '/u/', 'cell', 'Chi bộ', 'x', 'chi bo')",
        "insert into meetings_meeting (id, unit_id, kind, title, state, starts_at, once_key, created_at) \
         values ('a', 'u', 'regular', 'Một', 'ended', 1, 'a', 1), ('b', 'u', 'regular', 'Hai', 'called', 1, 'b', 1), \
         ('c', 'u', 'regular', 'Ba', 'archived', 1, 'c', 1)",
        "insert into feed_change (seq, kind, subject_id) values (1, 'document', 'd')",
        "update feed_counter set value = 1 where name = 'search'",
    ] {
        db::sql(text).run(&mut *tx).await.unwrap();
    }
    place.db.commit(tx).await.unwrap();
    migrate(&place.db, &clock()).await.unwrap();
    let all = db::sql("select seq, kind, subject_id from feed_change order by seq");
    let all: Vec<(i64, String, String)> = all.all(place.db.read()).await.unwrap();
    let all: Vec<(i64, &str, &str)> = (all.iter())
        .map(|(seq, kind, id)| (*seq, kind.as_str(), id.as_str()))
        .collect();
    assert_eq!(all[1..], [(2, "meeting", "a"), (3, "meeting", "c")]);
    let last = db::sql("select value from feed_counter where name = 'search'");
    assert_eq!(last.count(place.db.read()).await.unwrap(), 3);
    place.leave().await;
}

async fn lines_of_before_are_counted_for_the_chain(engine: Engine) {
    let place = Place::empty(engine, "chain").await;
    migrate_to(&place.db, &clock(), &steps_to(111))
        .await
        .unwrap();
    let mut tx = place.db.begin().await.unwrap();
    db::sql("insert into audit_event (id, at, action) values ('a', 1, 'x'), ('b', 2, 'x')")
        .run(&mut *tx)
        .await
        .unwrap();
    place.db.commit(tx).await.unwrap();
    migrate(&place.db, &clock()).await.unwrap();
    let tip = db::sql("select old, seq from audit_tip where name = 'log' and sealed = ''");
    let tip: (i64, i64) = tip.one(place.db.read()).await.unwrap();
    assert_eq!(tip, (2, 0));
    let waiting =
        db::sql("select count(*) from audit_event where bound_seq = 0 and written_mac = ''");
    assert_eq!(waiting.count(place.db.read()).await.unwrap(), 2);
    place.leave().await;
}

async fn unknown_step_is_refused(engine: Engine) {
    let place = Place::empty(engine, "unknown").await;
    migrate(&place.db, &clock()).await.unwrap();
    let mut tx = place.db.begin().await.unwrap();
    db::sql(NOTE)
        .bind(9_999_i64)
        .bind("9999_of_tomorrow")
        .bind(0_i64)
        .run(&mut *tx)
        .await
        .unwrap();
    place.db.commit(tx).await.unwrap();
    let text = migrate(&place.db, &clock()).await.unwrap_err().log_text();
    assert!(
        text.contains("9999_of_tomorrow") && text.contains("newer program"),
        "{text}"
    );
    assert!(demand_current(&place.db).await.is_err());
    place.leave().await;
}

#[tokio::test]
async fn each_earlier_step_upgrades_to_what_a_fresh_database_is() {
    each_step_upgrades(Engine::Sqlite).await;
    each_step_upgrades(Engine::Postgres).await;
}

#[tokio::test]
async fn step_that_joins_the_list_late_still_runs_and_keeps_the_rows() {
    late_steps_run(Engine::Sqlite).await;
    late_steps_run(Engine::Postgres).await;
}

#[tokio::test]
async fn meetings_that_were_held_before_are_announced_to_the_search_once() {
    held_meetings_are_announced(Engine::Sqlite).await;
    held_meetings_are_announced(Engine::Postgres).await;
}

#[tokio::test]
async fn lines_of_the_log_from_before_are_counted_and_wait_to_be_bound() {
    lines_of_before_are_counted_for_the_chain(Engine::Sqlite).await;
    lines_of_before_are_counted_for_the_chain(Engine::Postgres).await;
}

#[tokio::test]
async fn database_that_a_newer_program_changed_is_refused() {
    unknown_step_is_refused(Engine::Sqlite).await;
    unknown_step_is_refused(Engine::Postgres).await;
}

#[tokio::test]
async fn two_processes_that_start_at_once_migrate_once() {
    let place = Place::postgres("twice").await;
    let other = Db::open(place.db.url(), false, 1).await.unwrap();
    let clock = clock();
    let (one, two) = tokio::join!(migrate(&place.db, &clock), migrate(&other, &clock));
    let done = one.unwrap().applied.len() + two.unwrap().applied.len();
    assert_eq!(done, MIGRATIONS.len());
    other.close().await;
    place.leave().await;
}
