//! One archive of everything (database, files, key, settings), made while the server runs; and back.
//!
//! A `.tar.zst`: `tables/NAME.jsonl` (first line the columns, then one row a line), `files/…`,
//! `secret.key`, `sotay.toml` if there is one, `manifest.json` last, with SHA-256 and size of every
//! entry; `.tar.zst.age` when it is encrypted. The rows are of one moment; files only grow, so every file
//! that a row names is there, or no archive is made. `write` makes one and reads it again, `read` brings
//! one back, `entries` is what both know of its inside, `rows` one line of a table, `sealed` the
//! encryption, `shelf` a folder of archives, `frame` whether one was cut off.
//! The rule that surprises: an archive fits both databases: SQLite moves to PostgreSQL this way.

mod entries;
mod frame;
mod read;
mod rows;
mod sealed;
mod shelf;
mod write;

pub(crate) use entries::check;
#[cfg(test)]
pub(crate) use read::read;
pub(crate) use read::restore;
pub(crate) use sealed::{Recipients, new_key};
pub(crate) use shelf::{Fitness, Kept, Retention, list, list_renamed, name, of_retention};
pub(crate) use write::{Wish, write};

use kernel::{Said, said};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an archive holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    version: String,
    /// The instant of its rows.
    pub made_at: String,
    /// The newest step's number: all that an archive told before it told the names.
    #[serde(default)]
    schema: i64,
    /// Names of the steps that the database had had.
    #[serde(default)]
    steps: Vec<String>,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    entries: BTreeMap<String, Listed>,
    /// What was missing or damaged when it was made all the same, in English; see [`lost`].
    #[serde(default)]
    pub left_out: Vec<String>,
}

impl Manifest {
    /// How many stored files it holds.
    pub(crate) fn files(&self) -> u64 {
        let files = self
            .entries
            .keys()
            .filter(|name| name.starts_with("files/"));
        u64::try_from(files.count()).unwrap_or(u64::MAX)
    }
}

#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Listed {
    bytes: u64,
    sha256: String,
}

/// What [`Manifest::left_out`] tells in English, to be said in a language.
pub(crate) fn lost(told: &str) -> Said {
    let read = |end: &str| {
        let inside = told.strip_prefix("file ")?.strip_suffix(end)?;
        inside.split_once(" of ")
    };
    match (read(" is missing"), read(" is damaged")) {
        (Some((hash, by)), _) => said!("file {} of {} is missing", hash, by),
        (_, Some((hash, by))) => said!("file {} of {} is damaged", hash, by),
        _ => Said::foreign(told),
    }
}

const FORMAT: u32 = 1;
