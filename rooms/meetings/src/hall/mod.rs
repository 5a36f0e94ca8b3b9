//! The second wing: who comes, and the hour itself.
//!
//! Answers and absences beforehand, the opening, the roll, what is said and given to do, the closing with its
//! numbers. Not here: agenda and invitation (`plan`), the written minutes (`minutes`), rights and states (the
//! room's top). The other wings read marks, numbers, notes and tasks through this wing's store; the roll is
//! counted in `roll` alone, so that page, numbers and minutes cannot differ.
//! The rule that surprises: facts freeze at the end, while notes and tasks stay open until the minutes are signed.

pub(crate) mod asked;
pub(crate) mod pages;
pub(crate) mod roll;
pub(crate) mod roster;
pub(crate) mod store;
pub(crate) mod tally;
pub(crate) mod unanswered;
pub(crate) mod vacant;
