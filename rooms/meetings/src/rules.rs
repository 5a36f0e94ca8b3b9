//! Figures of the rules that this room reads, of one day.
//!
//! Not here: who counts and votes (`people::standing`), the rows and the look-up (the crate `rules`).
//! A duty without a rule in force does not exist: the task that would rest on it is not shown. A share
//! without a rule is a fault, since no count can do without it.

use ::rules::{Book, RuleName};
use kernel::Day;
use kernel::error::Result;
use site::Site;
use std::sync::Arc;

::rules::names! {
    /// The day of the month by which the regular meeting is held.
    pub(crate) REGULAR_DUE_DAY: "meetings.regular_due_day", DayOfMonth;
    /// Days before the month's end from which the next month's meeting is a task.
    pub(crate) PLAN_AHEAD_DAYS: "meetings.plan_ahead_days", Days;
    /// Days before a meeting by which its papers are there.
    pub(crate) PAPERS_DAYS: "meetings.papers_days", Days;
    /// Days after a meeting by which its minutes are there.
    pub(crate) MINUTES_DAYS: "meetings.minutes_days", Days;
    /// The share of those who count that a resolution must exceed.
    pub(crate) PASS_SHARE: "meetings.pass_share", Ratio;
}

/// The figures of one day.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    book: Arc<Book>,
    on: Day,
}

/// One figure.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// Days, or the day of the month, as the name says.
    pub value: i64,
    /// The paper it comes from; empty for a default of ours.
    pub basis: String,
    /// A person of the organisation has checked it.
    pub is_verified: bool,
}

impl Rules {
    /// The figure of that name, if a rule is in force.
    pub(crate) fn find(&self, name: RuleName) -> Result<Option<Rule>> {
        let Some(found) = self.book.find(name, self.on)? else {
            return Ok(None);
        };
        Ok(Some(Rule {
            value: found.number()?,
            basis: found.trace.rule.basis(),
            is_verified: found.trace.is_verified,
        }))
    }
    /// Numerator and denominator of the share that a resolution must exceed.
    pub(crate) fn pass_share(&self) -> Result<(i64, i64)> {
        self.book.get(PASS_SHARE, self.on)?.ratio()
    }
}

/// The figures in force on a day, as known now.
pub(crate) async fn of(site: &Site, on: Day) -> Result<Rules> {
    let book = site.rules.book().await?;
    Ok(Rules { book, on })
}
