//! All tables as they stood at one moment, row by row: what a backup reads and a restore writes.
//!
//! The rows are said in a way that neither database owns, so an archive of SQLite can be restored
//! into PostgreSQL and the other way round. Not here: the archive itself (`app`).

use crate::{Db, Engine, Tx, sql, sql_built};
use futures_util::TryStreamExt as _;
use kernel::error::{Doing, Error, Result};
use kernel::said;
use sqlx::{Any, AssertSqlSafe, Row as _};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number with a point.
    Real,
    /// Bytes.
    Bytes,
}

/// A table and its columns, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<(String, Column)>,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a point.
    Real(f64),
    /// Bytes.
    Bytes(Vec<u8>),
}

const SQLITE_TABLES: &str = "select name from sqlite_master where type = 'table' \
    and substr(name, 1, 7) <> 'sqlite_' order by rowid";
const POSTGRES_TABLES: &str = "select cast(c.relname as text) from pg_class c \
    join pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = current_schema() and c.relkind = 'r' order by c.oid";
const SQLITE_COLUMNS: &str = "select name, type from pragma_table_info($1) order by cid";
const POSTGRES_COLUMNS: &str = "select cast(column_name as text), cast(data_type as text) \
    from information_schema.columns where table_schema = current_schema() and table_name = $1 \
    order by ordinal_position";

/// Every table, those that others refer to first, without the list of migrations.
pub async fn tables(db: &Db) -> Result<Vec<Table>> {
    let (list, columns) = match db.engine() {
        Engine::Sqlite => (SQLITE_TABLES, SQLITE_COLUMNS),
        Engine::Postgres => (POSTGRES_TABLES, POSTGRES_COLUMNS),
    };
    let names: Vec<(String,)> = sql(list).all(db.read()).await?;
    let mut out = Vec::new();
    for (name,) in names {
        if name == "schema_migration" {
            continue;
        }
        let rows: Vec<(String, String)> = sql(columns).bind(&name).all(db.read()).await?;
        let columns = rows
            .into_iter()
            .map(|(column, kind)| {
                let kind = match kind.to_lowercase().as_str() {
                    "text" => Column::Text,
                    "blob" | "bytea" => Column::Bytes,
                    "real" | "double precision" => Column::Real,
                    _ => Column::Integer,
                };
                (column, kind)
            })
            .collect();
        out.push(Table { name, columns });
    }
    Ok(out)
}

/// A moment of the database, held while it is read.
pub struct Snapshot {
    tx: sqlx::Transaction<'static, Any>,
}

impl Snapshot {
    /// Takes the moment. Writers go on beside it.
    pub async fn take(db: &Db) -> Result<Snapshot> {
        let begun = match db.engine() {
            Engine::Sqlite => db.read().begin_with("begin deferred").await,
            Engine::Postgres => {
                db.read()
                    .begin_with("begin isolation level repeatable read read only")
                    .await
            }
        };
        let mut tx = begun
            .map_err(Error::fault)
            .doing("taking a moment of the database")?;
        if db.engine() == Engine::Postgres {
            sqlx::raw_sql(crate::pool::SERVER_PATIENCE)
                .execute(&mut *tx)
                .await
                .map_err(crate::constraint::error)?;
        }
        // SQLite's moment begins with the first read.
        sql("select count(*) from schema_migration")
            .count(&mut *tx)
            .await?;
        Ok(Snapshot { tx })
    }

    /// The texts of a statement with one column.
    pub async fn texts(&mut self, stmt: crate::Stmt) -> Result<Vec<String>> {
        let rows: Vec<(String,)> = stmt.all(&mut *self.tx).await?;
        Ok(rows.into_iter().map(|(text,)| text).collect())
    }

    /// Hands every row of a table to `each`; parents stand before children where there is a path.
    pub async fn rows(
        &mut self,
        table: &Table,
        mut each: impl FnMut(Vec<Value>) -> Result<()>,
    ) -> Result<u64> {
        let names: Vec<&str> = table
            .columns
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let order = if names.contains(&"path") {
            " order by path"
        } else {
            ""
        };
        let text = format!("select {} from {}{order}", names.join(", "), table.name);
        let mut count = 0;
        let mut rows = sqlx::query::<Any>(AssertSqlSafe(text)).fetch(&mut *self.tx);
        while let Some(row) = rows.try_next().await.map_err(Error::fault)? {
            let mut values = Vec::with_capacity(table.columns.len());
            for (nth, (_, kind)) in table.columns.iter().enumerate() {
                let value = match kind {
                    Column::Text => row
                        .try_get::<Option<String>, _>(nth)
                        .map(|v| v.map(Value::Text)),
                    Column::Integer => row
                        .try_get::<Option<i64>, _>(nth)
                        .map(|v| v.map(Value::Integer)),
                    Column::Real => row
                        .try_get::<Option<f64>, _>(nth)
                        .map(|v| v.map(Value::Real)),
                    Column::Bytes => row
                        .try_get::<Option<Vec<u8>>, _>(nth)
                        .map(|v| v.map(Value::Bytes)),
                };
                values.push(
                    value
                        .map_err(Error::fault)
                        .doing(said!("reading {}", table.name))?
                        .unwrap_or(Value::Null),
                );
            }
            each(values)?;
            count += 1;
        }
        Ok(count)
    }
}

/// Takes every row out of a table, before those of an archive take their place.
pub async fn empty(tx: &mut Tx, table: &Table) -> Result<()> {
    let text = format!("delete from {}", table.name);
    sql_built(text).run(&mut **tx).await?;
    Ok(())
}

/// Writes rows into a table; every row has the table's columns in order.
pub async fn load(tx: &mut Tx, table: &Table, rows: Vec<Vec<Value>>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = table
        .columns
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let width = names.len();
    let groups: Vec<String> = (0..rows.len())
        .map(|nth| crate::in_list(1 + nth * width, width))
        .collect();
    let text = format!(
        "insert into {} ({}) values {}",
        table.name,
        names.join(", "),
        groups.join(", ")
    );
    let mut statement = sql_built(text);
    for row in rows {
        for (value, (_, kind)) in row.into_iter().zip(&table.columns) {
            statement = match (value, kind) {
                (Value::Text(text), _) => statement.bind(text),
                (Value::Integer(number), _) => statement.bind(number),
                (Value::Real(number), _) => statement.bind(number),
                (Value::Bytes(bytes), _) => statement.bind(bytes),
                (Value::Null, Column::Text) => statement.bind(None::<String>),
                (Value::Null, Column::Integer) => statement.bind(None::<i64>),
                (Value::Null, Column::Real) => statement.bind(None::<f64>),
                (Value::Null, Column::Bytes) => statement.bind(None::<Vec<u8>>),
            };
        }
    }
    statement
        .run(&mut **tx)
        .await
        .doing(said!("loading {}", table.name))?;
    Ok(())
}
