//! Which constraint broke, said in one word on both databases.
//!
//! SQLite reports `table.column, table.column`, PostgreSQL the constraint's name. Indexes are
//! therefore named `table_column_column`, and a primary key answers to `table_pkey`.

use kernel::error::{Error, Fault};

/// What PostgreSQL answers when two met and this one was undone: serialization, deadlock.
const CLASHED: [&str; 2] = ["40001", "40P01"];
/// What it answers when somebody else was in the way and asking again later helps: lock not available,
/// cancelled by a time-out, shutting down, starting up.
const IN_THE_WAY: [&str; 5] = ["55P03", "57014", "57P01", "57P02", "57P03"];

/// Turns a database error into one of ours: pool exhausted, locked or out of reach is [`Error::Busy`], lost
/// to another transaction [`Error::Clash`], which the edge answers by doing the request once more.
pub(crate) fn error(cause: sqlx::Error) -> Error {
    match &cause {
        sqlx::Error::PoolTimedOut => Error::Busy { retry_s: 2 },
        // A server that went away, or what stands before it and has nobody to hand the line on to.
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
            tracing::warn!(cause = %cause, "the database does not answer");
            Error::Busy { retry_s: 2 }
        }
        sqlx::Error::Database(inner) if inner.message().contains("database is locked") => {
            Error::Busy { retry_s: 2 }
        }
        sqlx::Error::Database(inner)
            if inner
                .code()
                .is_some_and(|code| CLASHED.contains(&code.as_ref())) =>
        {
            Error::Clash
        }
        sqlx::Error::Database(inner)
            if inner
                .code()
                .is_some_and(|code| IN_THE_WAY.contains(&code.as_ref())) =>
        {
            Error::Busy { retry_s: 2 }
        }
        _ => Error::Fault(Fault::new(cause)),
    }
}

/// Whether `error` says that the unique constraint `key` was broken. `key` is
/// `table_column_column` (the index's name on PostgreSQL), or `table_pkey` with `pk_columns`.
pub fn broke(error: &Error, key: &str) -> bool {
    let Error::Fault(fault) = error else {
        return false;
    };
    let Some(sqlx::Error::Database(inner)) = fault.cause().downcast_ref::<sqlx::Error>() else {
        return false;
    };
    if !inner.is_unique_violation() {
        return false;
    }
    if let Some(name) = inner.constraint() {
        return name == key;
    }
    let message = inner.message();
    let Some((_, columns)) = message.split_once("constraint failed: ") else {
        return false;
    };
    let columns = columns.trim();
    if let Some(name) = columns
        .strip_prefix("index '")
        .and_then(|rest| rest.strip_suffix('\''))
    {
        return name == key;
    }
    let mut told = String::new();
    for (nth, column) in columns.split(", ").enumerate() {
        let Some((table, column)) = column.split_once('.') else {
            return false;
        };
        if nth == 0 {
            told.push_str(table);
        }
        told.push('_');
        told.push_str(column);
    }
    told == key
}
