//! Choosing one row among those in force, and the trace that says how.
//!
//! The order: a verified row before an unverified one; then the preferred; then the one in force since
//! the later day; then the one known since later; then the later id, so that every process chooses alike.
//! The rule that surprises: a verified row silences unverified ones that say something else; they are
//! shown beside it, but the answer is not contested.

use crate::{Measure, Rule, Value};
use kernel::error::{Error, Result};
use kernel::{Day, Moment};
use kernel::{Said, said};
use std::cmp::Reverse;
use std::sync::Arc;

/// Why a row was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// No other was in force.
    Only,
    /// The only verified one.
    Verified,
    /// Marked as preferred among equals.
    Preferred,
    /// In force since the later day.
    LaterInForce,
    /// In force since the same day, known since later.
    LaterKnown,
    /// Nothing tells them apart: the later id.
    LaterRow,
}

/// What was found, and why it is the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The value.
    pub value: Value,
    /// Where it comes from.
    pub trace: Trace,
}

/// Which row gave the value, how it was chosen, what stands beside it. All that a page prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The day that was asked for.
    pub on: Day,
    /// The moment whose knowledge was asked for; `None` for today's.
    pub known_at: Option<Moment>,
    /// The row: clause, document, since when known.
    pub rule: Arc<Rule>,
    /// Whether a person had confirmed it by then.
    pub is_verified: bool,
    /// How it was chosen.
    pub choice: Choice,
    /// The other rows in force, in the order in which they would have been chosen.
    pub beside: Vec<Arc<Rule>>,
    /// Whether a row of equal standing (both verified, or none) says another value.
    pub is_contested: bool,
}

impl Found {
    /// The number of a value that is one.
    pub fn number(&self) -> Result<i64> {
        match self.value {
            Value::Number(number) => Ok(number),
            _ => Err(self.odd(said!("a number"))),
        }
    }
    /// The number as days or months for [`Day`], at most 100,000.
    pub fn span(&self) -> Result<i32> {
        let number = self.number()?;
        i32::try_from(number)
            .ok()
            .filter(|span| *span <= 100_000)
            .ok_or_else(|| self.odd(said!("a span of days or months")))
    }
    /// Numerator and denominator of a share.
    pub fn ratio(&self) -> Result<(i64, i64)> {
        match self.value {
            Value::Ratio { num, den } => Ok((num, den)),
            _ => Err(self.odd(said!("a share"))),
        }
    }
    /// Yes or no.
    pub fn flag(&self) -> Result<bool> {
        match self.value {
            Value::Flag(flag) => Ok(flag),
            _ => Err(self.odd(said!("yes or no"))),
        }
    }
    /// A table, read into a type of the room.
    pub fn table<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        self.trace.rule.table()
    }
    fn odd(&self, wanted: Said) -> Error {
        let rule = &self.trace.rule;
        Error::fault(said!(
            "rule {} ({}) is not {}: {}",
            rule.id,
            rule.name,
            wanted,
            format!("{:?}", rule.value_text)
        ))
    }
}

/// The answer among rows of one name and variant; rows not in force on the day are passed over.
/// `None` when none is in force.
pub(crate) fn choose<'a>(
    rows: impl IntoIterator<Item = &'a Arc<Rule>>,
    on: Day,
    known_at: Option<Moment>,
) -> Option<Found> {
    let mut rows: Vec<&Arc<Rule>> = rows.into_iter().filter(|rule| rule.holds_on(on)).collect();
    let verified = |rule: &Rule| rule.is_verified(known_at);
    rows.sort_by_key(|rule| {
        Reverse((
            verified(rule),
            rule.is_preferred,
            rule.from_on,
            rule.known_from_at,
            rule.id.clone(),
        ))
    });
    let (first, rest) = rows.split_first()?;
    let choice = match rest.first() {
        None => Choice::Only,
        Some(next) if verified(first) != verified(next) => Choice::Verified,
        Some(next) if first.is_preferred != next.is_preferred => Choice::Preferred,
        Some(next) if first.from_on != next.from_on => Choice::LaterInForce,
        Some(next) if first.known_from_at != next.known_from_at => Choice::LaterKnown,
        Some(_) => Choice::LaterRow,
    };
    let is_verified = verified(first);
    let is_contested = rest
        .iter()
        .any(|rule| verified(rule) == is_verified && rule.value != first.value);
    Some(Found {
        value: first.value.clone(),
        trace: Trace {
            on,
            known_at,
            rule: Arc::clone(first),
            is_verified,
            choice,
            beside: rest.iter().map(|rule| Arc::clone(rule)).collect(),
            is_contested,
        },
    })
}

/// Refuses an answer that is measured otherwise than its reader thinks: 3 months are not 3 days.
pub(crate) fn measured(found: Found, measure: Measure) -> Result<Found> {
    let rule = &found.trace.rule;
    if rule.measure == measure {
        return Ok(found);
    }
    Err(Error::fault(said!(
        "rule {} ({}) is measured in {}, its reader wants {}",
        rule.id,
        rule.name,
        rule.measure.name(),
        measure.name()
    )))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::OPEN_AT;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }
    /// A row in force since 2025-07-01, known since the installation, unverified.
    pub(crate) fn row(id: &str, value: &str) -> Rule {
        Rule {
            id: id.into(),
            name: "votes.decide_days".into(),
            variant: String::new(),
            measure: Measure::WorkingDays,
            value: Value::read(Measure::WorkingDays, value).unwrap(),
            value_text: value.into(),
            from_on: day("2025-07-01"),
            to_on: Day::OPEN,
            known_from_at: Moment(0),
            known_to_at: OPEN_AT,
            document: "02-HD/BTCTU".into(),
            document_on: None,
            clause: String::new(),
            origin: "thử".into(),
            note: String::new(),
            is_preferred: false,
            verified_on: None,
            verified_by: String::new(),
            verified_basis: String::new(),
            replaces_id: String::new(),
        }
    }
    fn chosen(rows: Vec<Rule>) -> Found {
        let rows: Vec<Arc<Rule>> = rows.into_iter().map(Arc::new).collect();
        choose(&rows, day("2026-11-23"), None).unwrap()
    }

    #[test]
    fn two_unverified_rows_that_differ_stand_side_by_side_and_are_contested() {
        let found = chosen(vec![row("a", "15"), row("b", "45")]);
        assert_eq!(found.number().unwrap(), 45);
        assert_eq!(found.trace.choice, Choice::LaterRow);
        assert!(found.trace.is_contested && !found.trace.is_verified);
        assert_eq!(found.trace.beside[0].value, Value::Number(15));
        let agreed = chosen(vec![row("a", "45"), row("b", "45")]);
        assert!(
            !agreed.trace.is_contested,
            "the same value twice is no quarrel"
        );
    }
    #[test]
    fn preferred_then_later_in_force_then_later_known() {
        let with = |change: fn(&mut Rule)| {
            let mut other = row("a", "15");
            change(&mut other);
            chosen(vec![other, row("b", "45")])
        };
        let found = with(|rule| rule.is_preferred = true);
        assert_eq!(
            (found.number().unwrap(), found.trace.choice),
            (15, Choice::Preferred)
        );
        let found = with(|rule| rule.from_on = day("2026-01-01"));
        assert_eq!(
            (found.number().unwrap(), found.trace.choice),
            (15, Choice::LaterInForce)
        );
        let found = with(|rule| rule.known_from_at = Moment(5));
        assert_eq!(
            (found.number().unwrap(), found.trace.choice),
            (15, Choice::LaterKnown)
        );
        let found = with(|rule| rule.to_on = day("2026-01-01"));
        assert_eq!(
            (found.number().unwrap(), found.trace.choice),
            (45, Choice::Only)
        );
    }
    #[test]
    fn a_verified_row_wins_and_is_contested_only_by_a_verified_one() {
        let mut old = row("a", "15");
        old.verified_on = Some(day("2026-02-01"));
        let mut new = row("b", "45");
        new.is_preferred = true;
        let found = chosen(vec![old.clone(), new.clone()]);
        assert_eq!(
            (found.number().unwrap(), found.trace.choice),
            (15, Choice::Verified)
        );
        assert!(found.trace.is_verified && !found.trace.is_contested);
        assert_eq!(found.trace.beside.len(), 1);
        let rows = [Arc::new(old.clone()), Arc::new(new.clone())];
        let before = choose(&rows, day("2026-11-23"), Some(day("2026-01-31").start())).unwrap();
        assert_eq!(before.number().unwrap(), 45, "it was not yet verified then");
        new.verified_on = old.verified_on;
        assert!(chosen(vec![old, new]).trace.is_contested);
    }
    #[test]
    fn a_value_is_not_taken_for_another_kind() {
        let found = chosen(vec![row("a", "15")]);
        assert!(found.ratio().is_err() && found.flag().is_err() && found.table::<()>().is_err());
        assert!(measured(found.clone(), Measure::Days).is_err());
        assert!(measured(found, Measure::WorkingDays).is_ok());
    }
}
