//! One file an action.

pub(crate) mod holders;
pub(crate) mod rights;
pub(crate) mod seers;
