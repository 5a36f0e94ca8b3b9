//! What is broken in a database: pages of its file, and rows that name others which are not there.
//!
//! Only SQLite is asked: its file lies in our folder, and whoever opens it with another program switches
//! foreign keys off without knowing. A server looks after its files and its keys itself. Not here: what
//! rooms find wrong in their rows (`sotay check`).

use crate::{Db, Engine};
use kernel::error::Result;

const BROKEN: &str =
    "select integrity_check from pragma_integrity_check where integrity_check <> 'ok'";
const ORPHANS: &str = "select \"table\", parent, count(*), coalesce(min(rowid), 0) \
    from pragma_foreign_key_check group by \"table\", parent order by 1, 2";

/// Rows of one table that name rows of another which are not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// Whose rows they are.
    pub table: String,
    /// Where the missing ones should be.
    pub parent: String,
    /// How many.
    pub count: i64,
    /// The first of them by SQLite's number of rows; 0 where a table has none.
    pub first: i64,
}

impl Db {
    /// What SQLite finds broken in its file, at most a hundred sentences: reads the whole of it.
    ///
    /// # Errors
    /// When the file is so broken that SQLite cannot even look.
    pub async fn broken(&self) -> Result<Vec<String>> {
        if self.engine() == Engine::Postgres {
            return Ok(Vec::new());
        }
        let rows: Vec<(String,)> = crate::sql(BROKEN).all(self.read()).await?;
        Ok(rows.into_iter().map(|(told,)| told).collect())
    }

    /// Rows whose foreign key leads nowhere. A restore would refuse them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn orphans(&self) -> Result<Vec<Orphans>> {
        if self.engine() == Engine::Postgres {
            return Ok(Vec::new());
        }
        let rows: Vec<(String, String, i64, i64)> = crate::sql(ORPHANS).all(self.read()).await?;
        let told = |(table, parent, count, first)| Orphans {
            table,
            parent,
            count,
            first,
        };
        Ok(rows.into_iter().map(told).collect())
    }
}
