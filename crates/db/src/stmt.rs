//! A statement with its arguments, counted before it is sent.
//!
//! A missing argument is NULL on SQLite and an error on PostgreSQL; one too many passes on both and
//! spoils PostgreSQL's cached statement. So [`Stmt`] counts `$n` and refuses any difference.

use crate::IntoArg;
use kernel::error::{Error, Result};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AssertSqlSafe, Executor, FromRow, SqlSafeStr as _, SqlStr};

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
            return Err(Error::fault(format!(
                "a statement has {wanted} parameters and was given {}: {}",
                self.bound,
                self.text.as_str()
            )));
        }
        Ok((self.text, self.args))
    }
    /// All rows.
    pub async fn all<'c, R>(self, on: impl Executor<'c, Database = Any>) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let (text, args) = self.check()?;
        sqlx::query_as_with::<Any, R, _>(text, args)
            .fetch_all(on)
            .await
            .map_err(crate::constraint::error)
    }
    /// The first row, if there is one.
    pub async fn maybe<'c, R>(self, on: impl Executor<'c, Database = Any>) -> Result<Option<R>>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        let (text, args) = self.check()?;
        sqlx::query_as_with::<Any, R, _>(text, args)
            .fetch_optional(on)
            .await
            .map_err(crate::constraint::error)
    }
    /// The first row, or [`Error::NotFound`].
    pub async fn one<'c, R>(self, on: impl Executor<'c, Database = Any>) -> Result<R>
    where
        R: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
    {
        self.maybe(on).await?.ok_or(Error::NotFound)
    }
    /// The first column of the first row, an integer; 0 when there is no row.
    pub async fn count<'c>(self, on: impl Executor<'c, Database = Any>) -> Result<i64> {
        let row: Option<(i64,)> = self.maybe(on).await?;
        Ok(row.map_or(0, |(number,)| number))
    }
    /// Runs it; answers how many rows were touched.
    pub async fn run<'c>(self, on: impl Executor<'c, Database = Any>) -> Result<u64> {
        let (text, args) = self.check()?;
        sqlx::query_with::<Any, _>(text, args)
            .execute(on)
            .await
            .map(|done| done.rows_affected())
            .map_err(crate::constraint::error)
    }
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
    fn a_missing_argument_is_refused_before_it_reaches_a_database() {
        assert!(sql("select $1, $2").bind(1_i64).check().is_err());
        assert!(sql("select $1").bind(1_i64).bind("two").check().is_err());
        assert!(sql("select $1").bind("one").check().is_ok());
    }
}
