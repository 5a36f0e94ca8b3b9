//! The first year that a day of a person may lie in: one answer for forms, lists and corrections.
//!
//! Beside it the least age of whoever joins, which is a rule and no constant ([`JoinAge`]): a birth too late is asked
//! about, not refused. Not here: how a day is read (`vietnamese::PartialDate`), whether it has come yet. Surprise: 1026 is a day that every
//! reader of dates takes, and a slip of the pen in every record.

use crate::fact::Status;
use kernel::Day;
use kernel::error::Result;
use kernel::fact::Kept;
use site::Site;

rules::names! {
    /// The least age of whoever is admitted.
    LEAST: "people.join_age_least", Years;
}

/// The least age of whoever joins, as the rules have it today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinAge {
    /// Years.
    pub least: i32,
    /// The clause that says so.
    pub basis: String,
}

impl JoinAge {
    /// As the rules have it today; none without a rule: then nothing is asked.
    ///
    /// # Errors
    /// Database faults.
    pub async fn of(site: &Site) -> Result<Option<JoinAge>> {
        let book = site.rules.book().await?;
        let Some(found) = book.find(LEAST, site.clock.today())? else {
            return Ok(None);
        };
        Ok(Some(JoinAge {
            least: i32::try_from(found.number()?).unwrap_or_default(),
            basis: found.trace.rule.basis(),
        }))
    }
    /// Whether somebody of that birth was too young on the first of these days, or is today where none is known. Days
    /// may be a month or a year; of a candidate only the days count.
    pub fn is_young(
        &self,
        birth: &str,
        status: &Kept<Status>,
        joined: &[&str],
        today: Day,
    ) -> bool {
        let today = today.to_string();
        let first = joined.iter().copied().filter(|day| !day.is_empty()).min();
        let is_in = status
            .known()
            .is_some_and(|status| status != Status::Candidate);
        let day = match (first, is_in) {
            (Some(day), _) => day,
            (None, true) => today.as_str(),
            (None, false) => return false,
        };
        let Some(year) = birth.get(..4).and_then(|year| year.parse::<i32>().ok()) else {
            return false; // no birth is known
        };
        let of_age = format!(
            "{}{}",
            year + self.least,
            birth.get(4..).unwrap_or_default()
        );
        let known = day.len().min(of_age.len());
        day.get(..known) < of_age.get(..known)
    }
}

/// Nobody who is alive was born before it, and of those who died nobody was a member in the handbook's time.
const BIRTH: u16 = 1900;
/// The Party was founded on 3 February 1930.
const PARTY: u16 = 1930;

/// The first year in which a day of that field may lie, if this one (whole, or only month or year) lies before it.
pub fn too_early(field: &str, date: &str) -> Option<u16> {
    let first = if field == "birth_on" { BIRTH } else { PARTY };
    let year: u16 = date.get(..4)?.parse().ok()?; // nothing was written, or no day
    (year < first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_too_young_when_every_day_that_is_known_says_so() {
        let age = JoinAge {
            least: 18,
            basis: String::new(),
        };
        let today = Day::of(2026, 11, 23).unwrap();
        let full = Kept::Known(Status::Full);
        for (birth, joined, wanted) in [
            ("2015-09-09", "", true),
            ("2008-11-23", "", false),
            ("2008-11-24", "", true),
            ("1980-05-01", "1998-04-30", true),
            ("1980-05-01", "1998-05", false),
            ("1980", "1998-01-01", false),
            ("1980", "1997", true),
            ("", "1997", false),
        ] {
            assert_eq!(
                age.is_young(birth, &full, &[joined, ""], today),
                wanted,
                "{birth} {joined}"
            );
        }
        let candidate = Kept::Known(Status::Candidate);
        assert!(!age.is_young("2015-09-09", &candidate, &[], today));
    }

    #[test]
    fn a_birth_begins_in_1900_and_the_party_in_1930() {
        for (field, date, wanted) in [
            ("birth_on", "1899-12-31", Some(1900)),
            ("birth_on", "1026", Some(1900)),
            ("birth_on", "1900", None),
            ("ceremony_on", "1929-12", Some(1930)),
            ("full_from_on", "1930-02-03", None),
            ("ceremony_on", "", None),
        ] {
            assert_eq!(too_early(field, date), wanted, "{field} {date}");
        }
    }
}
