//! What belongs to a unit and to a person: every column that names one, with what becomes of it; and every
//! column that names a stored file.
//!
//! Restructuring units, merging double persons, leaving, retention and deletion walk these lists, so a
//! table that is not on them would be left behind. A test reads the schema and fails when a column
//! names a unit or a person and no room claims it.

/// A column that names a file of the store by its SHA-256. A backup without it is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfFile {
    /// The table.
    pub table: &'static str,
    /// Its column with a hash, or with an empty text.
    pub column: &'static str,
    /// SQL that says which rows name a stored file; empty: all that name one at all.
    pub only: &'static str,
}

impl OfFile {
    /// A column of which every hash is a stored file.
    pub const fn of(table: &'static str, column: &'static str) -> Self {
        OfFile {
            table,
            column,
            only: "",
        }
    }
    /// Asks for the hashes, each once.
    pub fn hashes(&self) -> db::Stmt {
        crate::store::hashes(self.table, self.column, self.only)
    }
}

/// A column that names a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfUnit {
    /// The table.
    pub table: &'static str,
    /// Its column with a unit's id, or an audience.
    pub column: &'static str,
    /// What becomes of a row when the unit is merged, split or dissolved.
    pub fate: UnitFate,
}

/// What becomes of a row when its unit gives way to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitFate {
    /// It is history: it keeps naming the unit it belonged to, and is read through the lineage (R13).
    Stays,
    /// It goes on: the successor takes it over.
    Follows,
    /// It ends with the unit.
    Ends,
}

/// A column that names a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfPerson {
    /// The table.
    pub table: &'static str,
    /// Its column with a member's id.
    pub column: &'static str,
    /// What it is to the person.
    pub fate: PersonFate,
    /// Key of the words that say how many rows there are ("3 lần điểm danh", with `n`); empty for what a person is
    /// not told in numbers.
    pub text: &'static str,
}

impl OfPerson {
    /// Asks how many rows name that person.
    pub fn naming(&self, id: &str) -> db::Stmt {
        crate::store::naming(self.table, self.column, id)
    }
}

/// What a row is to the person it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonFate {
    /// Part of the organisation's record of the person: kept by the rules of retention, shown and
    /// exported to them; after a merge it is read through the alias.
    Record,
    /// The person's own: where they read, what they noted, how their page looks. Goes to the merged
    /// person, is exported, and is deleted with the account.
    Own,
    /// Says only that they did it (`changed_by`): stays as it is, the name is read from the person.
    Deed,
}
