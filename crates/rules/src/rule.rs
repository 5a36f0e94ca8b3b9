//! A rule as a row, and what a new row is made of.
//!
//! Two times: in force (`from_on` up to and without `to_on`) and known (`known_from_at` up to and
//! without `known_to_at`). Not here: choosing among rows (`choice`), statements (`store`).

use crate::name::is_name;
use crate::{Measure, RuleName, Value};
use kernel::error::{Error, Result};
use kernel::{Day, Moment};
use kernel::{Said, said};

/// The end of what is still known: the beginning of [`Day::OPEN`] in Vietnam. Also a default in the
/// migration, and a test compares them.
pub const OPEN_AT: Moment = Moment(253_402_189_200_000);

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// `room.what`.
    pub name: String,
    /// Which one of a family under one name (`full/official`, `base`, `40`); empty for a rule alone.
    pub variant: String,
    /// What the value is measured in.
    pub measure: Measure,
    /// The value.
    pub value: Value,
    /// The value as it was written.
    pub value_text: String,
    /// First day in force.
    pub from_on: Day,
    /// First day no longer in force; [`Day::OPEN`] while no end is known.
    pub to_on: Day,
    /// Known since; 0 for what came with the installation.
    pub known_from_at: Moment,
    /// Known until; [`OPEN_AT`] for what holds today.
    pub known_to_at: Moment,
    /// Number and letters of the source document; empty for a figure of ours.
    pub document: String,
    /// The document's date.
    pub document_on: Option<Day>,
    /// Article, clause, point of the document.
    pub clause: String,
    /// The rule set, office or person that brought the row.
    pub origin: String,
    /// What else must be said about it.
    pub note: String,
    /// Chosen first among rows of equal standing.
    pub is_preferred: bool,
    /// The day on which a person confirmed the row; `None` while it is unverified.
    pub verified_on: Option<Day>,
    /// Who confirmed it.
    pub verified_by: String,
    /// The paper that says it is right.
    pub verified_basis: String,
    /// The row that this one corrected; empty for a first one.
    pub replaces_id: String,
}

impl Rule {
    /// Whether it is in force on that day.
    pub fn holds_on(&self, on: Day) -> bool {
        self.from_on <= on && on < self.to_on
    }
    /// Whether it counted as verified by that moment (to the day); `None` asks for today's knowledge.
    pub fn is_verified(&self, known_at: Option<Moment>) -> bool {
        self.verified_on
            .is_some_and(|day| known_at.is_none_or(|at| day <= at.day()))
    }
    /// A table, read into a type of the room.
    pub fn table<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        let odd = |why: Said| Error::fault(said!("rule {} ({}): {}", self.id, self.name, why));
        match &self.value {
            Value::Table(text) => {
                serde_json::from_str(text).map_err(|cause| odd(Said::foreign(cause.to_string())))
            }
            _ => Err(odd(said!("not a table"))),
        }
    }
    /// Where it stands: `294-QĐ/TW 9.3.2 (26/5/2025)`; empty for a figure of ours.
    pub fn basis(&self) -> String {
        let mut out = self.document.clone();
        if !self.clause.is_empty() {
            out.push(' ');
            out.push_str(&self.clause);
        }
        if let Some(day) = self.document_on {
            out.push_str(&format!(" ({})", day.vn()));
        }
        out.trim().to_owned()
    }
    /// The source document as a symbol, for a link; `None` when it is not an official document.
    pub fn symbol(&self) -> Option<citation::Symbol> {
        citation::parse(&self.document)
    }
}

/// What a new row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// `room.what`.
    pub name: String,
    /// Which one of a family; empty for a rule alone.
    pub variant: String,
    /// What the value is measured in.
    pub measure: Measure,
    /// The value as it is written ([`Value::read`]).
    pub value: String,
    /// First day in force.
    pub from_on: Day,
    /// First day no longer in force.
    pub to_on: Day,
    /// Source document.
    pub document: String,
    /// Its date.
    pub document_on: Option<Day>,
    /// Clause.
    pub clause: String,
    /// The rule set, office or person that brings the row.
    pub origin: String,
    /// What else must be said.
    pub note: String,
    /// Chosen first among rows of equal standing.
    pub is_preferred: bool,
}

/// Why a new row cannot be kept. The sentence for the person is the page's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The name is not `room.what`.
    #[error("the name is not room.what")]
    Name,
    /// The value cannot be read as its measure says.
    #[error("the value is not one of its measure")]
    Value,
    /// It would end before it begins.
    #[error("it ends before it begins")]
    Period,
    /// Neither document nor origin says where it comes from.
    #[error("nothing says where it comes from")]
    Source,
    /// Rows of one name are measured alike: the other measure is told.
    #[error("other rows of that name are measured in {}", .0.name())]
    Measure(Measure),
}

impl New {
    /// A rule of that name in force from that day on; the source is still to be said.
    pub fn of(name: RuleName, value: impl ToString, from_on: Day) -> Self {
        New {
            name: name.as_str().to_owned(),
            variant: String::new(),
            measure: name.measure(),
            value: value.to_string(),
            from_on,
            to_on: Day::OPEN,
            document: String::new(),
            document_on: None,
            clause: String::new(),
            origin: String::new(),
            note: String::new(),
            is_preferred: false,
        }
    }
    /// The same as a row, as the beginning of a correction.
    pub fn like(rule: &Rule) -> Self {
        New {
            name: rule.name.clone(),
            variant: rule.variant.clone(),
            measure: rule.measure,
            value: rule.value_text.clone(),
            from_on: rule.from_on,
            to_on: rule.to_on,
            document: rule.document.clone(),
            document_on: rule.document_on,
            clause: rule.clause.clone(),
            origin: rule.origin.clone(),
            note: rule.note.clone(),
            is_preferred: rule.is_preferred,
        }
    }
    /// Whether it can be kept, as far as it alone can tell.
    pub fn check(&self) -> std::result::Result<(), Trouble> {
        if !is_name(&self.name) {
            return Err(Trouble::Name);
        }
        if Value::read(self.measure, &self.value).is_err() {
            return Err(Trouble::Value);
        }
        if self.from_on >= self.to_on {
            return Err(Trouble::Period);
        }
        if self.origin.trim().is_empty() {
            return Err(Trouble::Source);
        }
        Ok(())
    }
}

/// The columns of a row, in the order of the `COLUMNS` of `store`.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) variant: String,
    pub(crate) measure: String,
    pub(crate) value: String,
    pub(crate) from_on: String,
    pub(crate) to_on: String,
    pub(crate) known_from_at: i64,
    pub(crate) known_to_at: i64,
    pub(crate) document: String,
    pub(crate) document_on: String,
    pub(crate) clause: String,
    pub(crate) origin: String,
    pub(crate) note: String,
    pub(crate) preferred: i64,
    pub(crate) verified_on: String,
    pub(crate) verified_by: String,
    pub(crate) verified_basis: String,
    pub(crate) replaces_id: String,
}

impl Row {
    /// Reads the row; what cannot be read is a fault that names it.
    pub(crate) fn read(self) -> Result<Rule> {
        let odd = |what: &str, held: &str| {
            Error::fault(said!(
                "rule {} ({}): {} {}",
                self.id,
                self.name,
                what,
                format!("{held:?}")
            ))
        };
        let day = |what: &str, held: &str| held.parse::<Day>().map_err(|_| odd(what, held));
        let maybe = |what: &str, held: &str| {
            if held.is_empty() {
                Ok(None)
            } else {
                day(what, held).map(Some)
            }
        };
        let measure =
            Measure::by_name(&self.measure).ok_or_else(|| odd("measure", &self.measure))?;
        let value = Value::read(measure, &self.value).map_err(|_| odd("value", &self.value))?;
        Ok(Rule {
            from_on: day("from_on", &self.from_on)?,
            to_on: day("to_on", &self.to_on)?,
            document_on: maybe("document_on", &self.document_on)?,
            verified_on: maybe("verified_on", &self.verified_on)?,
            known_from_at: Moment(self.known_from_at),
            known_to_at: Moment(self.known_to_at),
            is_preferred: self.preferred == 1,
            value_text: self.value,
            id: self.id,
            name: self.name,
            variant: self.variant,
            measure,
            value,
            document: self.document,
            clause: self.clause,
            origin: self.origin,
            note: self.note,
            verified_by: self.verified_by,
            verified_basis: self.verified_basis,
            replaces_id: self.replaces_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_is_the_beginning_of_the_last_day() {
        assert_eq!(OPEN_AT, Day::OPEN.start());
    }
    #[test]
    fn a_new_row_says_what_and_whence() {
        let day = Day::of(2026, 1, 1).unwrap();
        let good = New {
            origin: "văn phòng".into(),
            ..New::of(crate::TRIGGER_DAY_COUNTS, "no", day)
        };
        assert_eq!(good.check(), Ok(()));
        let bad = |change: fn(&mut New)| {
            let mut new = good.clone();
            change(&mut new);
            new.check()
        };
        assert_eq!(bad(|new| new.name = "rules".into()), Err(Trouble::Name));
        assert_eq!(bad(|new| new.value = "maybe".into()), Err(Trouble::Value));
        assert_eq!(bad(|new| new.to_on = new.from_on), Err(Trouble::Period));
        assert_eq!(bad(|new| new.origin = " ".into()), Err(Trouble::Source));
    }
}
