//! Every statement of this room: state of the installation, reading the log.
//!
//! The log is written by `site::audit`, settings by `site::settings`, rules by the crate `rules`.

use db::{Db, Engine, in_list, sql, sql_built};
use kernel::Day;
use kernel::error::Result;

/// The condition of the log page: 1 and 2 bound the time, 3 is the beginning of the action. The
/// names that are meant, if any were asked for, follow as parameters from 4 on.
macro_rules! audit_where {
    () => {
        "from audit_event where at >= $1 and at < $2 \
         and (cast($3 as text) = '' or substr(action, 1, length(cast($3 as text))) = cast($3 as text))"
    };
}

db::statements! {
    SETTING = "select value from admin_setting where name = $1";
    MIGRATIONS = "select number, name, applied_at from schema_migration order by number desc limit 1";
    MIGRATION_COUNT = "select count(*) from schema_migration";
    AUDIT_LABELS = "select distinct actor_label from audit_event order by actor_label";
    AUDIT_COUNT = concat!("select count(*) ", audit_where!());
    AUDIT_LIST = concat!(
        "select at, actor_label, action, object_type, object_id, unit_id, about_member_id, reason, \
         diff_json, request_id ",
        audit_where!()
    );
}

/// Setting in which the backup command leaves the instant of the last backup, in milliseconds.
pub(crate) const BACKUP_AT: &str = "backup.last_at";

/// Bytes that the database takes.
pub(crate) async fn database_bytes(db: &Db) -> Result<i64> {
    // Neither database knows the other's way to ask.
    let text = match db.engine() {
        Engine::Sqlite => {
            "select page_count * page_size from pragma_page_count(), pragma_page_size()"
        }
        Engine::Postgres => "select pg_database_size(current_database())",
    };
    sql(text).count(db.read()).await
}

/// The newest migration and how many there are.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
pub(crate) struct Step {
    pub(crate) number: i64,
    pub(crate) name: String,
    pub(crate) applied_at: i64,
}

pub(crate) async fn last_step(db: &Db) -> Result<(Option<Step>, i64)> {
    let step = sql(MIGRATIONS).maybe(db.read()).await?;
    Ok((step, sql(MIGRATION_COUNT).count(db.read()).await?))
}

/// The instant of the last backup, if one was ever noted.
pub(crate) async fn last_backup_at(db: &Db) -> Result<Option<kernel::Moment>> {
    let row: Option<(String,)> = sql(SETTING).bind(BACKUP_AT).maybe(db.read()).await?;
    Ok(row
        .and_then(|(value,)| value.parse().ok())
        .map(kernel::Moment))
}

/// What the log page asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Part of a name, marks ignored; empty for all.
    pub(crate) actor: String,
    /// Beginning of an action; empty for all.
    pub(crate) action: String,
    /// One day; `None` for all.
    pub(crate) day: Option<Day>,
}

/// A line of the log.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Line {
    pub(crate) at: i64,
    pub(crate) actor_label: String,
    pub(crate) action: String,
    pub(crate) object_type: String,
    pub(crate) object_id: String,
    pub(crate) unit_id: String,
    pub(crate) about_member_id: String,
    pub(crate) reason: String,
    pub(crate) diff_json: String,
    pub(crate) request_id: String,
}

/// Names taken into one question of the log; more than that and the question is too wide, which
/// the page says rather than leaving lines out in silence.
const MOST_LABELS: usize = 2_000;

/// Which lines are asked for, ready to be counted and listed.
pub(crate) struct Lines {
    /// More names are meant than one question takes: some lines are left out.
    pub(crate) is_too_wide: bool,
    labels: Option<Vec<String>>,
    from_at: i64,
    until_at: i64,
    action: String,
}

/// Finds the names that are meant. Labels are few beside lines, and folding happens in Rust.
pub(crate) async fn lines(db: &Db, asked: &Asked) -> Result<Lines> {
    let wanted = vietnamese::fold(&asked.actor);
    let mut is_too_wide = false;
    let labels = if wanted.trim().is_empty() {
        None
    } else {
        let all: Vec<(String,)> = sql(AUDIT_LABELS).all(db.read()).await?;
        let mut meant: Vec<String> = all
            .into_iter()
            .map(|(label,)| label)
            .filter(|label| vietnamese::fold(label).contains(wanted.trim()))
            .collect();
        is_too_wide = meant.len() > MOST_LABELS;
        meant.truncate(MOST_LABELS);
        Some(meant)
    };
    let (from_at, until_at) = match asked.day {
        Some(day) => (day.start().0, day.plus_days(1).start().0),
        None => (0, i64::MAX),
    };
    Ok(Lines {
        is_too_wide,
        labels,
        from_at,
        until_at,
        action: asked.action.clone(),
    })
}

impl Lines {
    fn with_names(&self, text: &str) -> String {
        match &self.labels {
            None => text.to_owned(),
            Some(labels) => format!("{text} and actor_label in {}", in_list(4, labels.len())),
        }
    }
    fn names(&self) -> &[String] {
        self.labels.as_deref().unwrap_or_default()
    }
    /// How many.
    pub(crate) async fn count(&self, db: &Db) -> Result<i64> {
        sql_built(self.with_names(AUDIT_COUNT))
            .bind(self.from_at)
            .bind(self.until_at)
            .bind(&self.action)
            .bind_all(self.names())
            .count(db.read())
            .await
    }
    /// Some of them, newest first.
    pub(crate) async fn list(&self, db: &Db, limit: i64, offset: i64) -> Result<Vec<Line>> {
        let next = 4 + self.names().len();
        let text = format!(
            "{} order by at desc, id desc limit ${next} offset ${}",
            self.with_names(AUDIT_LIST),
            next + 1
        );
        sql_built(text)
            .bind(self.from_at)
            .bind(self.until_at)
            .bind(&self.action)
            .bind_all(self.names())
            .bind(limit)
            .bind(offset)
            .all(db.read())
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::on_both;

    #[tokio::test(flavor = "multi_thread")]
    async fn every_statement_is_understood_by_both_databases() {
        on_both(
            || vec![crate::room()],
            async |app| app.prepares(STATEMENTS).await,
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_state_of_the_installation_can_be_read_on_both() {
        on_both(
            || vec![crate::room()],
            async |app| {
                assert!(database_bytes(&app.site.db).await.unwrap() > 4_096);
                let (step, count) = last_step(&app.site.db).await.unwrap();
                assert!(count >= 4 && step.unwrap().number >= 4);
                assert_eq!(last_backup_at(&app.site.db).await.unwrap(), None);
            },
        )
        .await;
    }
}
