//! A statement with its arguments, counted before it is sent.
//!
//! A missing argument is NULL on SQLite and an error on PostgreSQL; one too many passes on both and
//! spoils PostgreSQL's cached statement. So [`Stmt`] counts `$n` and refuses any difference.
//! A row that cannot be read (an unknown word of a fact, an odd id) is named: table, keys, column, word.

use crate::pool::Via;
use crate::{Connection, IntoArg, On};
use kernel::error::{Error, Result};
use kernel::{Said, said};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AssertSqlSafe, FromRow, Row as _, SqlSafeStr as _, SqlStr};

/// The highest `$n` of a statement.
pub fn parameters(text: &str) -> usize {
    let mut highest = 0;
    let mut parts = text.split('$');
    parts.next();
    for part in parts {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        if let Ok(number) = digits.parse::<usize>() {
            highest = highest.max(number);
        }
    }
    highest
}

/// A statement being given its arguments.
#[must_use = "a statement does nothing until it is run"]
pub struct Stmt {
    text: SqlStr,
    args: AnyArguments,
    bound: usize,
    trouble: Option<sqlx::error::BoxDynError>,
}

/// Starts a statement of a room's `STATEMENTS`.
pub fn sql(text: &'static str) -> Stmt {
    Stmt {
        text: text.into_sql_str(),
        args: AnyArguments::default(),
        bound: 0,
        trouble: None,
    }
}

/// Starts a statement put together from named fragments of this program (lists, scopes, filters).
/// Never hand it a visitor's text: that is what parameters are for.
pub fn sql_built(text: String) -> Stmt {
    Stmt {
        text: AssertSqlSafe(text).into_sql_str(),
        args: AnyArguments::default(),
        bound: 0,
        trouble: None,
    }
}

impl Stmt {
    /// Binds the next parameter.
    pub fn bind(mut self, value: impl IntoArg) -> Self {
        self.bound += 1;
        if let Err(cause) = value.add_to(&mut self.args) {
            self.trouble.get_or_insert(cause);
        }
        self
    }
    /// Binds several parameters.
    pub fn bind_all<T: IntoArg>(self, values: impl IntoIterator<Item = T>) -> Self {
        values.into_iter().fold(self, Stmt::bind)
    }
    fn check(self) -> Result<(SqlStr, AnyArguments)> {
        if let Some(cause) = self.trouble {
            return Err(Error::fault(cause));
        }
        let wanted = parameters(self.text.as_str());
        if wanted != self.bound {
            return Err(Error::fault(said!(
                "a statement has {} parameters and was given {}: {}",
                wanted,
                self.bound,
                self.text.as_str()
            )));
        }
        Ok((self.text, self.args))
    }
    /// All rows.
    pub async fn all<'c, R>(self, on: impl On<'c>) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let (text, args) = self.check()?;
        let query = sqlx::query_with::<Any, _>(text.clone(), args);
        let rows = match on.via(text.as_str()) {
            Via::Pool(pool) => query.fetch_all(pool).await,
            Via::Connection(connection) => query.fetch_all(connection).await,
        }
        .map_err(crate::constraint::error)?;
        rows.iter().map(|row| read(text.as_str(), row)).collect()
    }
    /// The first row, if there is one.
    pub async fn maybe<'c, R>(self, on: impl On<'c>) -> Result<Option<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let (text, args) = self.check()?;
        let query = sqlx::query_with::<Any, _>(text.clone(), args);
        let row = match on.via(text.as_str()) {
            Via::Pool(pool) => query.fetch_optional(pool).await,
            Via::Connection(connection) => query.fetch_optional(connection).await,
        }
        .map_err(crate::constraint::error)?;
        row.map(|row| read(text.as_str(), &row)).transpose()
    }
    /// The first row, or [`Error::NotFound`].
    pub async fn one<'c, R>(self, on: impl On<'c>) -> Result<R>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        self.maybe(on).await?.ok_or(Error::NotFound)
    }
    /// The first column of the first row, an integer; 0 when there is no row.
    pub async fn count<'c>(self, on: impl On<'c>) -> Result<i64> {
        let row: Option<(i64,)> = self.maybe(on).await?;
        Ok(row.map_or(0, |(number,)| number))
    }
    /// All rows, which are this transaction's to change from now on: asked for before one statement over many rows,
    /// so that two of them wait for one another and never crosswise. They are taken one after the other as the
    /// question orders them, which is why it ends in `order by`. SQLite has one writer, so nothing is waited for.
    pub async fn hold_to_set<R>(self, on: &mut Connection) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        self.hold("for no key update", on).await
    }
    /// The same of rows that go.
    pub async fn hold_to_remove<R>(self, on: &mut Connection) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        self.hold("for update", on).await
    }
    /// The rows that nobody else has in hand, as [`Stmt::hold_to_remove`]: for what tidies up and never needs to
    /// wait. What is passed over is found the next time.
    pub async fn hold_idle<R>(self, on: &mut Connection) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        self.hold("for update skip locked", on).await
    }
    async fn hold<R>(self, how: &str, on: &mut Connection) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let (text, args) = self.check()?;
        let taking = format!("{} {how}", text.as_str());
        // What it takes is noted on both.
        let connection = match on.via(&taking) {
            Via::Connection(connection) => connection,
            Via::Pool(_) => return Err(Error::fault("rows are taken in a transaction")),
        };
        let asked = match connection.backend_name() {
            "PostgreSQL" => AssertSqlSafe(taking).into_sql_str(),
            _ => text,
        };
        let query = sqlx::query_with::<Any, _>(asked.clone(), args);
        let rows = query.fetch_all(connection).await;
        let rows = rows.map_err(crate::constraint::error)?;
        rows.iter().map(|row| read(asked.as_str(), row)).collect()
    }
    /// Runs it; answers how many rows were touched.
    pub async fn run<'c>(self, on: impl On<'c>) -> Result<u64> {
        let (text, args) = self.check()?;
        let via = on.via(text.as_str());
        let query = sqlx::query_with::<Any, _>(text, args);
        match via {
            Via::Pool(pool) => query.execute(pool).await,
            Via::Connection(connection) => query.execute(connection).await,
        }
        .map(|done| done.rows_affected())
        .map_err(crate::constraint::error)
    }
}

fn read<'r, R: FromRow<'r, AnyRow>>(text: &str, row: &'r AnyRow) -> Result<R> {
    R::from_row(row).map_err(|cause| {
        let sqlx::Error::ColumnDecode { index, source } = cause else {
            return crate::constraint::error(cause);
        };
        let column = index.replace('"', "");
        // What came of `try_from` says nothing by itself; columns read so hold facts, ids, days and paths.
        let why = match row.try_get::<String, _>(column.as_str()) {
            Ok(word) => said!("\"{}\" is not known", word),
            Err(_) => Said::foreign(source.to_string()),
        };
        let table = table_of(text, &column);
        Error::fault(said!("{} {}: {}: {}", table, keys(row), column, why))
    })
}

/// The keys of a row, as far as the statement asked for them: `id hoa`.
fn keys(row: &AnyRow) -> String {
    let columns = row.columns().iter().map(sqlx::Column::name);
    let keys = columns.filter(|name| *name == "id" || name.ends_with("_id"));
    let said = keys.filter_map(|name| {
        // A key that is null or a number is no name of a row.
        let value: String = row.try_get(name).ok()?;
        Some(format!("{name} {value}"))
    });
    said.take(2).collect::<Vec<_>>().join(", ")
}

/// Of which table a column is, as the statement names it: by its alias, else the first table.
fn table_of<'t>(text: &'t str, column: &str) -> &'t str {
    let words: Vec<&str> = text
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
        .filter(|word| !word.is_empty())
        .collect();
    let dotted = |word: &&&str| word.split_once('.').is_some_and(|(_, name)| name == column);
    let renamed = words.windows(3).find(|of| of[1] == "as" && of[2] == column);
    let alias = renamed
        .map(|of| of[0])
        .or_else(|| words.iter().find(dotted).copied())
        .and_then(|word| word.split_once('.'))
        .map(|(alias, _)| alias);
    let tables = || {
        words
            .windows(3)
            .filter(|of| of[0] == "from" || of[0] == "join")
    };
    tables()
        .find(|of| alias.is_some_and(|alias| of[2] == alias || of[1] == alias))
        .or_else(|| tables().next())
        .map_or("", |of| of[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_counted_by_the_highest_number() {
        assert_eq!(parameters("select 1"), 0);
        assert_eq!(parameters("a = $1 or b = $1 and c = $12"), 12);
    }
    #[test]
    fn the_table_of_a_column_is_found_by_its_alias() {
        let text = "select m.id, p.kind, u.path as unit_path from people_placement p \
            join people_member m on m.id = p.member_id join v_people_unit u on u.id = p.unit_id where 1 = 1";
        for (column, table) in [
            ("id", "people_member"),
            ("kind", "people_placement"),
            ("unit_path", "v_people_unit"),
            ("state", "people_placement"),
        ] {
            assert_eq!(table_of(text, column), table);
        }
        let plain = "select id, status from people_member where id = $1";
        assert_eq!(table_of(plain, "status"), "people_member");
    }
    #[test]
    fn a_missing_argument_is_refused_before_it_reaches_a_database() {
        assert!(sql("select $1, $2").bind(1_i64).check().is_err());
        assert!(sql("select $1").bind(1_i64).bind("two").check().is_err());
        assert!(sql("select $1").bind("one").check().is_ok());
    }
}
