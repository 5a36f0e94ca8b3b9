//! The book: every row known at one moment, in memory, with the calendar. Looking up costs no statement.
//!
//! Pure. `handle` keeps the book of today's knowledge and reads it again when the tables have moved.

use crate::choice::{Found, choose, measured};
use crate::{Calendar, FirstDay, Reckoning, Rule, RuleName, TRIGGER_DAY_COUNTS};
use kernel::error::{Error, Result};
use kernel::{Day, Moment};
use kernel::{Said, said};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// All rules known at one moment, of every period.
#[derive(Debug, Clone, Default)]
pub struct Book {
    rows: HashMap<String, Vec<Arc<Rule>>>,
    calendar: Calendar,
    known_at: Option<Moment>,
}

impl Book {
    /// A book of those rows; all of them were known at `known_at` (`None`: now).
    pub fn new(
        rules: impl IntoIterator<Item = Rule>,
        calendar: Calendar,
        known_at: Option<Moment>,
    ) -> Self {
        let mut rows: HashMap<String, Vec<Arc<Rule>>> = HashMap::new();
        for rule in rules {
            rows.entry(rule.name.clone())
                .or_default()
                .push(Arc::new(rule));
        }
        Book {
            rows,
            calendar,
            known_at,
        }
    }
    /// Holidays and working days.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }
    /// Every row of a name, of every variant and period, in no order. For pages that list rules.
    pub fn list(&self, name: RuleName) -> &[Arc<Rule>] {
        self.rows
            .get(name.as_str())
            .map_or(&[], |rows| rows.as_slice())
    }
    /// Every row, in no order.
    pub fn list_all(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rows.values().flatten()
    }
    /// The value on that day, or `None` where no such rule is in force: the duty does not exist then.
    /// Measured otherwise than the name says is a fault.
    pub fn find(&self, name: RuleName, on: Day) -> Result<Option<Found>> {
        self.find_variant(name, "", on)
    }
    /// The same for one variant of a family.
    pub fn find_variant(&self, name: RuleName, variant: &str, on: Day) -> Result<Option<Found>> {
        let rows = self
            .list(name)
            .iter()
            .filter(|rule| rule.variant == variant);
        choose(rows, on, self.known_at)
            .map(|found| measured(found, name.measure()))
            .transpose()
    }
    /// The value on that day; a missing rule is a fault that names it.
    pub fn get(&self, name: RuleName, on: Day) -> Result<Found> {
        self.get_variant(name, "", on)
    }
    /// The same for one variant of a family.
    pub fn get_variant(&self, name: RuleName, variant: &str, on: Day) -> Result<Found> {
        self.find_variant(name, variant, on)?
            .ok_or_else(|| missing(name.as_str(), variant, on, self.known_at))
    }
    /// Every variant of a family on that day, by its word.
    pub fn variants(&self, name: RuleName, on: Day) -> Result<BTreeMap<String, Found>> {
        let mut rows: BTreeMap<&str, Vec<&Arc<Rule>>> = BTreeMap::new();
        for rule in self.list(name) {
            rows.entry(&rule.variant).or_default().push(rule);
        }
        let mut out = BTreeMap::new();
        for (variant, rows) in rows {
            if let Some(found) = choose(rows, on, self.known_at) {
                out.insert(variant.to_owned(), measured(found, name.measure())?);
            }
        }
        Ok(out)
    }
    /// Whether the day on which a period is set off counts, by the rule of that day.
    pub fn first_day(&self, on: Day) -> Result<FirstDay> {
        Ok(if self.get(TRIGGER_DAY_COUNTS, on)?.flag()? {
            FirstDay::Same
        } else {
            FirstDay::After
        })
    }
    /// The last day of the period that `start` sets off, by the rule in force on that day, counted as
    /// the rule about the first day says.
    pub fn reckon(&self, name: RuleName, variant: &str, start: Day) -> Result<Reckoning> {
        let found = self.get_variant(name, variant, start)?;
        self.calendar.reckon(start, found, self.first_day(start)?)
    }
}

/// A rule that its reader needs and that no row gives.
pub(crate) fn missing(name: &str, variant: &str, on: Day, known_at: Option<Moment>) -> Error {
    let name = match variant {
        "" => Said::verbatim(name),
        _ => said!("{} for {}", name, variant),
    };
    let on = match known_at {
        None => Said::verbatim(on.to_string()),
        Some(at) => said!("{}, as known at {}", on, at.rfc3339()),
    };
    Error::fault(said!("no rule {} is in force on {}", name, on))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Measure;
    use crate::choice::tests::row;

    const DECIDE: RuleName = RuleName::declared("votes.decide_days", Measure::WorkingDays);

    fn book() -> Book {
        let mut level = row("c", "90");
        level.variant = "centre".into();
        Book::new([row("a", "45"), level], Calendar::default(), None)
    }

    #[test]
    fn a_missing_rule_is_a_fault_that_names_it() {
        let (early, late) = (Day::of(2020, 1, 1).unwrap(), Day::of(2026, 1, 1).unwrap());
        assert_eq!(book().find(DECIDE, early).unwrap(), None);
        let told = book()
            .get_variant(DECIDE, "base", late)
            .unwrap_err()
            .log_text();
        assert_eq!(
            told,
            "no rule votes.decide_days for base is in force on 2026-01-01"
        );
        assert!(
            book().reckon(DECIDE, "", late).is_err(),
            "the rule about the first day is missing"
        );
    }
    #[test]
    fn variants_are_apart() {
        let late = Day::of(2026, 1, 1).unwrap();
        let all = book().variants(DECIDE, late).unwrap();
        let numbers: Vec<(&str, i64)> = all
            .iter()
            .map(|(variant, found)| (variant.as_str(), found.number().unwrap()))
            .collect();
        assert_eq!(numbers, [("", 45), ("centre", 90)]);
        let other = RuleName::declared("votes.decide_days", Measure::Days);
        assert!(book().get(other, late).is_err(), "working days are no days");
    }
}
