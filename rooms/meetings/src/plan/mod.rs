//! The first wing: a meeting from the first idea until the day itself.
//!
//! Drafting from the last meeting and a template, calling with agenda and papers, the invitation on paper,
//! changing, putting off, calling off; the list of meetings and the page of one. Not here: who comes and
//! what is done at the meeting (`hall`), what is written of it (`minutes`), rights and states (the room's top).
//! The hall and the minutes read the agenda from this wing's store and never write a plan; this wing asks
//! the hall for answers and numbers, to show them only.
//! The rule that surprises: the plan freezes when the meeting ends, not when it begins.

mod agenda;
pub(crate) mod doubt;
pub(crate) mod invitation;
mod own;
pub(crate) mod pages;
pub(crate) mod papers;
pub(crate) mod reach;
pub(crate) mod store;
pub(crate) mod template;

pub(crate) use agenda::*;
