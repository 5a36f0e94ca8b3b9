//! The database: pools, reading, writing, statements with counted arguments, constraints by name.
//!
//! One SQL text serves SQLite and PostgreSQL (docs: STYLE.md, "Portable SQL"); what differs is said
//! here once: pragmas, the write transaction, names of broken constraints. Not here: tables
//! (`schema`) and statements (each room's `store.rs`).
//! The rule that surprises: SQLite has **one** writer connection; hold a [`Tx`] only for SQL, never
//! across a file, a hash or a network wait.

pub mod arg;
mod constraint;
mod damage;
mod list;
pub mod order;
mod pool;
mod snapshot;
mod statements;
mod stmt;

pub use arg::IntoArg;
pub use constraint::broke;
pub use damage::Orphans;
pub use list::{in_list, scope_condition};
pub use pool::{Connection, Db, Engine, Hold, On, Tx, Url};
pub use snapshot::{Column, Snapshot, Table, Value, empty, load, tables};
pub use sqlx::FromRow;
pub use stmt::{Stmt, parameters, sql, sql_built};
