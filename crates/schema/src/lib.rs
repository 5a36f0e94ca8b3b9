//! The tables: one numbered list of migrations and their runner.
//!
//! Forward only; a released file is never edited. Placeholders say the differences between the two
//! databases: `{{path}}` (text compared by bytes), `{{blob}}`, `{{keyed}}`, and blocks of lines for one of
//! them, `{{sqlite}}` or `{{postgres}}` to `{{end}}`. Only `app` and `testkit`
//! import this crate, so that a migration rebuilds nothing else.
//! Steps are applied by what the database has recorded, by name and in the order of the list: a step
//! that joins the list late, with a low number, still runs.
//! The rule that surprises: before a SQLite file is migrated, a copy of it is kept beside it.

pub mod order;

use db::{Db, Engine, Url};
use kernel::error::{Doing, Error, Result};
use kernel::said;
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
    7 "0007_notices",
    8 "0008_feed_trouble",
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
    70 "0070_uploads",
    72 "0072_invitation",
    73 "0073_materials",
    74 "0074_candidates",
    75 "0075_notices_unread",
    76 "0076_figures",
    77 "0077_import_was",
    78 "0078_import_way_out",
    85 "0085_account_in_use",
    86 "0086_account_left",
    87 "0087_audit_fixed",
    88 "0088_tails_gone",
    89 "0089_account_left_forms",
    90 "0090_audit_object",
    91 "0091_minutes_recorded",
    92 "0092_news_photos",
    93 "0093_documents_standing",
    94 "0094_absence_told",
    95 "0095_documents_cited",
    96 "0096_meetings_special",
    97 "0097_meetings_file",
    98 "0098_bare_version",
    99 "0099_slip_anew",
    100 "0100_slip_doubt",
    105 "0105_absence_decided",
    106 "0106_meetings_file_withdrawn",
    107 "0107_meetings_item_noted",
    108 "0108_meetings_found",
    110 "0110_documents_withdrawn",
    111 "0111_people_correction",
    112 "0112_people_unit_town",
    115 "0115_slip_doubt_alone",
    120 "0120_audit_chain",
    125 "0125_people_alias",
    130 "0130_people_leaving",
    131 "0131_people_transfer",
    140 "0140_documents_relation",
    145 "0145_people_letter",
    146 "0146_people_body",
    147 "0147_people_outside",
    150 "0150_people_statement",
    151 "0151_people_code",
    168 "0168_audit_replace",
    170 "0170_notices_security",
    180 "0180_people_handover",
    181 "0181_people_lent",
    187 "0187_people_stay",
    189 "0189_form_taken",
}

/// The SQL of a migration for one database.
pub fn render(text: &str, engine: Engine) -> String {
    let (path, blob, keyed) = match engine {
        Engine::Sqlite => ("text", "blob", " without rowid"),
        Engine::Postgres => ("text collate \"C\"", "bytea", ""),
    };
    of_engine(text, engine)
        .replace("{{path}}", path)
        .replace("{{blob}}", blob)
        .replace("{{keyed}}", keyed)
}

/// The lines of one database: what stands between `{{sqlite}}` or `{{postgres}}` and `{{end}}` is for that one.
fn of_engine(text: &str, engine: Engine) -> String {
    let mut out = String::with_capacity(text.len());
    let mut only = None;
    for line in text.lines() {
        match line.trim() {
            "{{sqlite}}" => only = Some(Engine::Sqlite),
            "{{postgres}}" => only = Some(Engine::Postgres),
            "{{end}}" => only = None,
            _ if only.is_none_or(|wanted| wanted == engine) => {
                out.push_str(line);
                out.push('\n');
            }
            _ => {}
        }
    }
    out
}

/// What a migration run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Migrated {
    /// Names of the steps applied now.
    pub applied: Vec<&'static str>,
    /// The copy kept of a SQLite file, when there was something to lose.
    pub kept: Option<PathBuf>,
}

const CREATE_LOG: &str = "create table if not exists schema_migration \
    (number bigint primary key, name text not null, applied_at bigint not null)";
const HAS_LOG_SQLITE: &str =
    "select count(*) from sqlite_master where type = 'table' and name = 'schema_migration'";
const HAS_LOG_POSTGRES: &str = "select count(*) from information_schema.tables \
    where table_schema = current_schema() and table_name = 'schema_migration'";
const APPLIED: &str = "select name from schema_migration order by number";
const IS_APPLIED: &str = "select count(*) from schema_migration where name = $1";
const LAST: &str = "select coalesce(max(number), 0) from schema_migration";
const NOTE: &str = "insert into schema_migration (number, name, applied_at) values ($1, $2, $3)";
/// Held until the transaction ends: a second process that starts at the same time waits. No lock of
/// the table, since two that make it at once collide in spite of `if not exists`.
const LOCK_POSTGRES: &str = "do $$ begin perform pg_advisory_xact_lock(7313); end $$";

/// The names of the steps that the database has had, oldest number first; none for an empty one.
/// Writes nothing.
pub async fn applied(db: &Db) -> Result<Vec<String>> {
    let has_log = match db.engine() {
        Engine::Sqlite => HAS_LOG_SQLITE,
        Engine::Postgres => HAS_LOG_POSTGRES,
    };
    if db::sql(has_log).count(db.read()).await? == 0 {
        return Ok(Vec::new());
    }
    let rows: Vec<(String,)> = db::sql(APPLIED).all(db.read()).await?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

/// The number of the newest migration in the database; 0 for an empty one. An older step may still
/// be missing: [`due`] knows.
pub async fn version(db: &Db) -> Result<i64> {
    if applied(db).await?.is_empty() {
        return Ok(0);
    }
    db::sql(LAST).count(db.read()).await
}

/// The number of the newest migration that this program knows.
pub fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
}

/// The steps that the database has not had, in the order of the list. A fault when it has had one
/// that this program does not know: a newer program has been here.
pub async fn due(db: &Db) -> Result<Vec<&'static Migration>> {
    missing(&applied(db).await?)
}

fn missing(applied: &[String]) -> Result<Vec<&'static Migration>> {
    let unknown: Vec<&str> = applied
        .iter()
        .map(String::as_str)
        .filter(|name| MIGRATIONS.iter().all(|step| step.name != *name))
        .collect();
    if !unknown.is_empty() {
        return Err(Error::fault(said!(
            "the database has had steps that this program does not know ({}): use a newer program",
            unknown.join(", ")
        )));
    }
    Ok(MIGRATIONS
        .iter()
        .filter(|step| applied.iter().all(|name| name != step.name))
        .collect())
}

/// Refuses steps that this program does not know.
pub fn demand_known(steps: &[String]) -> Result<()> {
    missing(steps).map(|_| ())
}

/// Refuses a database that is not up to date: what every command does that does not migrate.
pub async fn demand_current(db: &Db) -> Result<()> {
    let due = due(db).await?;
    if due.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = due.iter().map(|step| step.name).collect();
    Err(Error::fault(said!(
        "the database is not up to date (missing: {}): run `sotay migrate` first",
        names.join(", ")
    )))
}

/// Brings the database up to date. A database newer than this program is refused.
pub async fn migrate(db: &Db, clock: &kernel::Clock) -> Result<Migrated> {
    migrate_where(db, clock, |_| true).await
}

/// Applies these steps and no other: what a restore does before it loads rows of a database that had
/// had them. A fault when this program does not know one.
pub async fn migrate_to(db: &Db, clock: &kernel::Clock, steps: &[String]) -> Result<Migrated> {
    missing(steps)?;
    migrate_where(db, clock, |step| steps.iter().any(|name| name == step.name)).await
}

/// The names of the steps up to a number, as archives told it that knew no names.
pub fn steps_to(number: i64) -> Vec<String> {
    (MIGRATIONS.iter())
        .filter(|step| step.number <= number)
        .map(|step| step.name.to_owned())
        .collect()
}

async fn migrate_where(
    db: &Db,
    clock: &kernel::Clock,
    wanted: impl Fn(&Migration) -> bool,
) -> Result<Migrated> {
    let had = applied(db).await?;
    let mut due = missing(&had)?;
    due.retain(|step| wanted(step));
    let mut kept = None;
    if let (false, false, Url::File(path)) = (due.is_empty(), had.is_empty(), db.url()) {
        let copy = path.with_extension(format!("before-{}-{}.db", newest(), clock.now().0));
        let quoted = copy.to_string_lossy().replace('\'', "''");
        db.maintain(format!("vacuum into '{quoted}'"))
            .await
            .doing("keeping a copy of the database")?;
        kept = Some(copy);
    }
    let mut tx = begin_alone(db).await?;
    db::sql(CREATE_LOG).run(&mut *tx).await?;
    db.commit(tx).await?;
    let mut applied = Vec::new();
    for step in due {
        if apply(db, clock, step).await? {
            applied.push(step.name);
        }
    }
    Ok(Migrated { applied, kept })
}

/// Begins a write while no other process migrates. SQLite has one writer anyway.
async fn begin_alone(db: &Db) -> Result<db::Tx> {
    let mut tx = db.begin_long().await?;
    if db.engine() == Engine::Postgres {
        db.script(&mut tx, LOCK_POSTGRES).await?;
    }
    Ok(tx)
}

/// Applies one step; false when another process has done so since.
async fn apply(db: &Db, clock: &kernel::Clock, step: &Migration) -> Result<bool> {
    let mut tx = begin_alone(db).await?;
    let there = db::sql(IS_APPLIED).bind(step.name).count(&mut *tx).await?;
    if there > 0 {
        return Ok(false);
    }
    db.script(&mut tx, &render(step.text, db.engine()))
        .await
        .doing(said!("migration {}", step.name))?;
    db::sql(NOTE)
        .bind(step.number)
        .bind(step.name)
        .bind(clock.now())
        .run(&mut *tx)
        .await?;
    db.commit(tx).await?;
    Ok(true)
}

#[cfg(test)]
mod upgrade;

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
