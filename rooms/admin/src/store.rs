//! Every statement of this room: state of the installation, reading the log.
//!
//! The log is written by `site::audit`, settings by `site::settings`, rules by the crate `rules`.

use db::{Db, Engine, in_list, sql, sql_built};
use kernel::Day;
use kernel::error::Result;

/// The condition of the log page: 1 and 2 bound the time. The actions and the names that are meant, if any
/// were asked for, follow as parameters from 3 on.
macro_rules! audit_where {
    () => {
        "from audit_event e where e.at >= $1 and e.at < $2"
    };
}

db::statements! {
    SETTING = "select value from admin_setting where name = $1";
    MIGRATIONS = "select number, name, applied_at from schema_migration order by number desc limit 1";
    MIGRATION_COUNT = "select count(*) from schema_migration";
    AUDIT_WEEK = "select count(*) as lines, coalesce(sum(case when action = 'access.denied' then 1 else 0 end), 0) as denied, \
        coalesce(sum(case when action = 'account.sign_in_failed' then 1 else 0 end), 0) as failed \
        from audit_event where at >= $1";
    AUDIT_ACTIONS = "select distinct action from audit_event order by action";
    AUDIT_LABELS = "select distinct actor_label from audit_event order by actor_label";
    AUDIT_COUNT = concat!("select count(*) ", audit_where!());
    AUDIT_LIST = concat!(
        "select e.at, e.actor_label, e.action, e.object_type, e.object_id, e.unit_id, e.about_member_id, \
         coalesce((select n.external_id from v_people_name n where n.member_id = e.about_member_id), '') as about_code, \
         e.reason, e.diff_json, e.request_id ",
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

/// What the log holds since an instant.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
pub(crate) struct Since {
    pub(crate) lines: i64,
    pub(crate) denied: i64,
    pub(crate) failed: i64,
}

/// Counts the lines since an instant.
pub(crate) async fn since(db: &Db, at: kernel::Moment) -> Result<Since> {
    sql(AUDIT_WEEK).bind(at).one(db.read()).await
}

/// What the log page asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Part of a name, marks ignored; empty for all.
    pub(crate) actor: String,
    /// Beginning of an action, or words for it; empty for all.
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
    /// Their code, which an auditor may read; empty when there is none.
    pub(crate) about_code: String,
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
    actions: Option<Vec<String>>,
    from_at: i64,
    until_at: i64,
}

/// Finds the names and actions that are meant; `words` says an action as the reader reads it. Labels and actions
/// are few beside lines, and folding happens in Rust.
pub(crate) async fn lines(db: &Db, asked: &Asked, words: impl Fn(&str) -> String) -> Result<Lines> {
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
    let action = vietnamese::fold(&asked.action);
    let actions = if action.trim().is_empty() {
        None
    } else {
        let all: Vec<(String,)> = sql(AUDIT_ACTIONS).all(db.read()).await?;
        let is_meant = |name: &String| {
            name.starts_with(&asked.action)
                || vietnamese::fold(&words(name)).contains(action.trim())
        };
        Some(
            all.into_iter()
                .map(|(name,)| name)
                .filter(is_meant)
                .collect(),
        )
    };
    let (from_at, until_at) = match asked.day {
        Some(day) => (day.start().0, day.plus_days(1).start().0),
        None => (0, i64::MAX),
    };
    Ok(Lines {
        is_too_wide,
        labels,
        actions,
        from_at,
        until_at,
    })
}

impl Lines {
    fn narrowed(&self, text: &str) -> String {
        let mut out = text.to_owned();
        let mut next = 3;
        let lists = [("action", &self.actions), ("actor_label", &self.labels)];
        for (column, meant) in lists {
            match meant {
                None => {}
                Some(meant) if meant.is_empty() => out.push_str(" and 1 = 0"),
                Some(meant) => {
                    out.push_str(&format!(
                        " and e.{column} in {}",
                        in_list(next, meant.len())
                    ));
                    next += meant.len();
                }
            }
        }
        out
    }
    fn meant(&self) -> impl Iterator<Item = &String> {
        let lists = [&self.actions, &self.labels];
        lists.into_iter().flatten().flatten()
    }
    /// How many.
    pub(crate) async fn count(&self, db: &Db) -> Result<i64> {
        sql_built(self.narrowed(AUDIT_COUNT))
            .bind(self.from_at)
            .bind(self.until_at)
            .bind_all(self.meant())
            .count(db.read())
            .await
    }
    /// Some of them, newest first.
    pub(crate) async fn list(&self, db: &Db, limit: i64, offset: i64) -> Result<Vec<Line>> {
        let next = 3 + self.meant().count();
        let text = format!(
            "{} order by e.at desc, e.id desc limit ${next} offset ${}",
            self.narrowed(AUDIT_LIST),
            next + 1
        );
        sql_built(text)
            .bind(self.from_at)
            .bind(self.until_at)
            .bind_all(self.meant())
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
