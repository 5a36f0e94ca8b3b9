//! Rules: figures of regulations as dated rows with their source, and days reckoned by them.
//!
//! A rule says a value, from when to when it is in force, since when we know it, from which clause of
//! which document, and whether a person has verified it. Rooms name the rules that they read with
//! [`names!`]; nothing falls back to a figure in code. Not here: pages, rights (an act of the caller
//! wraps each write), what a rule means (the room that reads it).
//! The rule that surprises: rows that contradict each other may stand side by side. The look-up chooses,
//! says in its [`Trace`] how it chose, and which others stand beside.

mod book;
mod calendar;
mod choice;
mod handle;
mod name;
mod rule;
pub mod seed;
mod store;
mod value;

pub use book::Book;
pub use calendar::{Calendar, FirstDay, Holiday, HolidayKind, Reckoned, Reckoning, Skipped, Why};
pub use choice::{Choice, Found, Trace};
pub use handle::{By, Rules, as_of, calendar_as_of, history, several};
pub use name::{Measure, RuleName};
pub use rule::{New, OPEN_AT, Rule, Trouble};
pub use store::STATEMENTS;
pub use value::{NotAValue, Value};

names! {
    /// Whether the day on which a period is set off is its first day. Data, since sources are silent.
    pub TRIGGER_DAY_COUNTS: "rules.trigger_day_counts", Flag;
}
