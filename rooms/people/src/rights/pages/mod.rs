//! One file an action.

pub(crate) mod delegation_new;
pub(crate) mod delegations;
pub(crate) mod handover;
pub(crate) mod holders;
pub(crate) mod rights;
pub(crate) mod seers;
pub(crate) mod terms;
