//! What somebody may do and why, and who sees whom and why: read off the same grants that open the pages.
//!
//! `held` explains the rights of one person, `seers` who reaches one record. Not here: giving a post (`posts`), what a
//! role may do (`kernel::cap`), who looked (`members::member`).
//! The rule that surprises: nothing here reckons a right. `held` tells of an [`kernel::Actor`] that the doorman would
//! hand out, `seers` asks `sight` of everybody who may come, so that no page says what another does not do.

pub(crate) mod held;
pub(crate) mod pages;
#[cfg(test)]
mod reference;
pub(crate) mod seers;
pub(crate) mod store;
