//! The tables: one numbered list of migrations and their runner.
//!
//! Forward only; a released file is never edited. Placeholders say the differences between the two
//! databases: `{{path}}` (text compared by bytes), `{{blob}}`, `{{keyed}}`. Only `app` and `testkit`
//! import this crate, so that a migration rebuilds nothing else.
//! The rule that surprises: before a SQLite file is migrated, a copy of it is kept beside it.

use db::{Db, Engine, Url};
use kernel::error::{Doing, Error, Result};
use std::path::PathBuf;

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number, rising without gaps being required.
    pub number: i64,
    /// Its name.
    pub name: &'static str,
    /// Its SQL, with placeholders.
    pub text: &'static str,
}

macro_rules! migrations {
    ($($number:literal $file:literal),* $(,)?) => {
        /// Every migration, in order.
        pub const MIGRATIONS: &[Migration] = &[$(Migration {
            number: $number,
            name: $file,
            text: include_str!(concat!("../migrations/", $file, ".sql")),
        }),*];
    };
}

migrations! {
    1 "0001_people",
    2 "0002_account",
    3 "0003_audit",
    4 "0004_feed",
    5 "0005_jobs",
    6 "0006_rules",
    9 "0009_approvals",
    10 "0010_documents",
    20 "0020_library",
    30 "0030_meetings",
    40 "0040_news",
    50 "0050_audience",
    51 "0051_views",
    54 "0054_documents",
    60 "0060_rules_moved",
    61 "0061_standing",
}

/// The SQL of a migration for one database.
pub fn render(text: &str, engine: Engine) -> String {
    let (path, blob, keyed) = match engine {
        Engine::Sqlite => ("text", "blob", " without rowid"),
        Engine::Postgres => ("text collate \"C\"", "bytea", ""),
    };
    text.replace("{{path}}", path)
        .replace("{{blob}}", blob)
        .replace("{{keyed}}", keyed)
}

/// What a migration run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Names of the steps applied now.
    pub applied: Vec<&'static str>,
    /// The copy kept of a SQLite file, when there was something to lose.
    pub kept: Option<PathBuf>,
}

const CREATE_LOG: &str = "create table if not exists schema_migration \
    (number bigint primary key, name text not null, applied_at bigint not null)";
const LAST: &str = "select coalesce(max(number), 0) from schema_migration";
const NOTE: &str = "insert into schema_migration (number, name, applied_at) values ($1, $2, $3)";

/// The number of the newest migration in the database; 0 for an empty one.
pub async fn version(db: &Db) -> Result<i64> {
    let mut tx = db.begin().await?;
    db::sql(CREATE_LOG).run(&mut *tx).await?;
    let last = db::sql(LAST).count(&mut *tx).await?;
    db.commit(tx).await?;
    Ok(last)
}

/// The number of the newest migration that this program knows.
pub fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
}

/// Brings the database up to date. A database newer than this program is refused.
pub async fn migrate(db: &Db, clock: &kernel::Clock) -> Result<Migrated> {
    migrate_to(db, clock, newest()).await
}

/// Brings the database up to step `goal`: what a restore does before it loads rows of that step.
pub async fn migrate_to(db: &Db, clock: &kernel::Clock, goal: i64) -> Result<Migrated> {
    let last = version(db).await?;
    if last > newest() {
        return Err(Error::fault(format!(
            "the database is at step {last}, this program knows only {}: use a newer program",
            newest()
        )));
    }
    let due: Vec<&Migration> = MIGRATIONS
        .iter()
        .filter(|step| step.number > last && step.number <= goal)
        .collect();
    let mut kept = None;
    if let (false, true, Url::File(path)) = (due.is_empty(), last > 0, db.url()) {
        let copy = path.with_extension(format!("before-{}-{}.db", newest(), clock.now().0));
        let quoted = copy.to_string_lossy().replace('\'', "''");
        db.maintain(format!("vacuum into '{quoted}'"))
            .await
            .doing("keeping a copy of the database")?;
        kept = Some(copy);
    }
    let mut applied = Vec::new();
    for step in due {
        let mut tx = db.begin().await?;
        db.script(&mut tx, &render(step.text, db.engine()))
            .await
            .doing(format!("migration {}", step.name))?;
        db::sql(NOTE)
            .bind(step.number)
            .bind(step.name)
            .bind(clock.now())
            .run(&mut *tx)
            .await?;
        db.commit(tx).await?;
        applied.push(step.name);
    }
    Ok(Migrated { applied, kept })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise() {
        assert!(
            MIGRATIONS
                .windows(2)
                .all(|pair| pair[0].number < pair[1].number)
        );
    }
    #[test]
    fn no_column_has_a_type_that_any_cannot_read() {
        for step in MIGRATIONS {
            let code = step
                .text
                .lines()
                .map(|line| line.split("--").next().unwrap_or(""));
            let text = code.collect::<Vec<_>>().join("\n").to_lowercase();
            for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                let refused = [
                    "boolean",
                    "date",
                    "timestamp",
                    "timestamptz",
                    "numeric",
                    "decimal",
                    "serial",
                    "bigserial",
                ];
                assert!(!refused.contains(&word), "{}: {word}", step.name);
            }
        }
    }
}
