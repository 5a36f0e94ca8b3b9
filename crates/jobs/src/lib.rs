//! Work that outlives its request: a queue in the database, a schedule, and the runner of both.
//!
//! A job is added in the transaction of the change that needs it, so both are kept or neither.
//! Not here: what a job does (each room's handlers), child processes for hostile files (`files`),
//! sentences (a room says `note` and `error` keys in words).
//! The rule that surprises: a job runs **at least** once. A handler must bear being called again;
//! [`Running::checkpoint_in`] lets its work and its place commit together.

mod queue;
mod runner;
mod running;
mod schedule;
mod store;

pub use queue::{
    Added, Filter, Job, JobId, New, State, Stop, add, again, count_by_state, find, get, list, stop,
    trim,
};
pub use runner::{Handler, Later, Runner, TRIM_KIND, Wake, trim_daily, trimming};
pub use running::Running;
pub use schedule::{Every, Schedule};
pub use store::STATEMENTS;
