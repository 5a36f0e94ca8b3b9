//! What hangs on the installation's key: every column that holds a sealed value or a keyed hash, and what
//! becomes of it when the key is changed (`sotay key rotate`, docs/decisions/0008-key-rotation.md).
//!
//! A test reads the schema and fails when such a column is claimed by no room. Not here: walking them
//! (`site::rekey`), the key file (`app`).

use crate::seal::{Keys, Spot};
use crate::{Act, Later, Operator, Site};
use kernel::error::Result;
use kernel::{Dice, Moment};

/// Columns of one table that hang on the key.
#[derive(Clone, Copy)]
pub struct OfKey {
    /// The table.
    pub table: &'static str,
    /// Its columns, for the test that looks for columns nobody claims.
    pub columns: &'static [&'static str],
    /// What becomes of them.
    pub fate: KeyFate,
}

/// What becomes of what hangs on the key.
#[derive(Clone, Copy)]
pub enum KeyFate {
    /// It is sealed anew, and keyed hashes of it are made anew.
    Sealed {
        /// At most so many rows behind that id, in the order of their ids.
        list: fn(Site, String, i64) -> Later<'static, Result<Vec<SealedRow>>>,
        /// Keeps one of them again.
        set: for<'a> fn(&'a mut Act<Operator>, &'a Again<'a>) -> Later<'a, Result<()>>,
    },
    /// A seal of the program's own, over nothing that anybody entered: sealed anew as the others, and counted with
    /// none of them.
    Own {
        /// As of [`KeyFate::Sealed`].
        list: fn(Site, String, i64) -> Later<'static, Result<Vec<SealedRow>>>,
        /// As of [`KeyFate::Sealed`].
        set: for<'a> fn(&'a mut Act<Operator>, &'a Again<'a>) -> Later<'a, Result<()>>,
    },
    /// A hash of something that we do not hold (a printed code): the key of before finds it until it ends.
    Waits {
        /// How many there are, and when the last of them ends.
        waits: fn(Site) -> Later<'static, Result<Waiting>>,
        /// Ends them all: whoever has the key of before could make use of them.
        end: for<'a> fn(&'a mut Act<Operator>) -> Later<'a, Result<u64>>,
    },
    /// Counts that begin anew; answers how many were dropped.
    Begins(for<'a> fn(&'a mut Act<Operator>) -> Later<'a, Result<u64>>),
    /// It was made of the key once and must stay the same: it is written down.
    Stays(for<'a> fn(&'a mut Act<Operator>) -> Later<'a, Result<()>>),
    /// Made with the key and never compared with it again.
    Nothing,
}

/// Things that only the key of before finds again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many there are.
    pub count: i64,
    /// When the last of them ends.
    pub until: Moment,
}

/// One row with sealed values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    /// Its id, which the operator may be told and by which rows are walked.
    pub id: String,
    /// Its sealed values; empty ones count as none.
    pub parts: Vec<Sealed>,
}

/// One sealed value, and what it was sealed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// For which row and column it opens.
    pub bound: Bound,
    /// As the database keeps it.
    pub text: String,
}

/// What a value was sealed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// For a row: [`Keys::seal_at`].
    Row {
        /// The table.
        table: &'static str,
        /// The word of the column.
        column: &'static str,
        /// The row.
        row: String,
    },
    /// For a column: [`Keys::seal`].
    Column(String),
}

impl Sealed {
    /// Opens it.
    ///
    /// # Errors
    /// A fault when no key of the ring opens it.
    pub fn open(&self, keys: &Keys) -> Result<String> {
        match &self.bound {
            Bound::Row { table, column, row } => {
                keys.open_at(Spot { table, column, row }, &self.text)
            }
            Bound::Column(column) => keys.open(column, &self.text),
        }
    }
    fn close(&self, plain: &str, keys: &Keys, dice: &Dice) -> Result<String> {
        match &self.bound {
            Bound::Row { table, column, row } => {
                keys.seal_at(Spot { table, column, row }, plain, dice)
            }
            Bound::Column(column) => keys.seal(column, plain, dice),
        }
    }
}

/// A row that is to be kept again, opened.
#[derive(Debug)]
pub struct Again<'a> {
    /// The row as it was read.
    pub row: &'a SealedRow,
    /// What its values say; none where no key opens one: that one stays as it is.
    pub plain: Vec<Option<String>>,
    /// The ring of before.
    pub from: &'a Keys,
    /// The key to be, with those of before.
    pub to: &'a Keys,
    /// Chance.
    pub dice: &'a Dice,
}

impl Again<'_> {
    /// A value sealed with the key to be; none for what stays as it is.
    ///
    /// # Errors
    /// A fault when sealing fails.
    pub fn sealed(&self, nth: usize) -> Result<Option<String>> {
        match (self.row.parts.get(nth), self.plain.get(nth)) {
            (Some(part), Some(Some(plain))) => part.close(plain, self.to, self.dice).map(Some),
            _ => Ok(None),
        }
    }
    /// The keyed hash of a value with the key to be; none for what stays as it is.
    pub fn mac(&self, nth: usize, column: &str) -> Option<String> {
        let plain = self.plain.get(nth)?.as_deref()?;
        Some(self.to.mac(column, plain))
    }
}
