//! How long somebody is on probation, by dated rules.
//!
//! Not here: whether they are (their status and its dates). The rule that surprises: without a rule of
//! that day there is no figure, and nothing is guessed.

use kernel::Day;
use kernel::error::Result;
use site::Site;

rules::names! {
    /// Months from the admission ceremony to the recognition as a full member.
    pub MONTHS: "people.probation_months", Months;
    /// Months by which recognition may come later at most.
    pub MORE_MONTHS: "people.probation_more_months", Months;
}

/// The figures of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probation {
    /// Months from the ceremony.
    pub months: i32,
    /// Months by which recognition may be late; 0 without a rule.
    pub more_months: i32,
}

/// The figures in force on a day; none when no rule says how long probation is.
pub async fn of(site: &Site, on: Day) -> Result<Option<Probation>> {
    let book = site.rules.book().await?;
    let Some(months) = book.find(MONTHS, on)? else {
        return Ok(None);
    };
    let more = book.find(MORE_MONTHS, on)?;
    Ok(Some(Probation {
        months: months.span()?,
        more_months: more.map_or(Ok(0), |more| more.span())?,
    }))
}
