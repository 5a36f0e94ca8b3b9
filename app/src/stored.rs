//! Which stored files the rows name, and whether they are there as they were.
//!
//! `check` tells it, `backup` refuses what is not whole. Which columns name files is what the rooms claim
//! (`site::room::OfFile`). Not here: how files are kept (`files::Store`).

use db::Snapshot;
use files::{Store, StoreError};
use kernel::error::{Error, Result};
use kernel::{Said, said};
use site::room::OfFile;
use std::collections::BTreeMap;

/// Hashes that rows name, each with the first column that names it: `news_article.photo_sha`.
pub(crate) type Named = BTreeMap<String, String>;

/// What a moment of the database names.
pub(crate) async fn named(moment: &mut Snapshot, columns: &[OfFile]) -> Result<Named> {
    let mut named = Named::new();
    for of in columns {
        for hash in moment.texts(of.hashes()).await? {
            named
                .entry(hash)
                .or_insert_with(|| format!("{}.{}", of.table, of.column));
        }
    }
    Ok(named)
}

/// What is wrong with one stored file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It is not there.
    Missing,
    /// Its content is not what its name says.
    Damaged,
    /// The disk did not give it.
    Unreadable(Said),
}

impl Wrong {
    /// A sentence about the file.
    pub(crate) fn of(&self, file: Said) -> Said {
        match self {
            Wrong::Missing => said!("{} is missing", file),
            Wrong::Damaged => said!("{} is damaged", file),
            Wrong::Unreadable(why) => said!("{} cannot be read: {}", file, why),
        }
    }
}

/// Looks for one file; with `read` its whole content is compared with its name.
pub(crate) async fn look(store: &Store, hash: &str, read: bool) -> Option<Wrong> {
    let found = if read {
        store.verify(hash).await
    } else {
        match store.exists(hash).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(StoreError::NotThere),
            Err(error) => Err(error),
        }
    };
    match found {
        Ok(()) => None,
        Err(StoreError::NotThere) => Some(Wrong::Missing),
        Err(StoreError::Damaged) => Some(Wrong::Damaged),
        Err(other) => Some(Wrong::Unreadable(Error::fault(other).said())),
    }
}
