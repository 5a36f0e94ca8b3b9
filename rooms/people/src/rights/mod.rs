//! What somebody may do and why, and who sees whom and why: read off the same grants that open the pages.
//!
//! `held` explains the rights of one person, `seers` who reaches one record, `lending` hands a part of a right to
//! somebody for a time; pages of terms that end and of handing over stand beside. Not here: giving a post (`posts`),
//! what a role may do (`kernel::cap`), who looked (`members::member`).
//! The rule that surprises: no page here reckons a right. `held` tells of an [`kernel::Actor`] that the doorman would
//! hand out, `seers` asks `sight` of everybody who may come, so that no page says what another does not do.

pub(crate) mod held;
pub(crate) mod lending;
pub(crate) mod pages;
pub(crate) mod seers;
pub(crate) mod store;
#[cfg(test)]
mod tests;

/// The kind of notice: a right was lent or taken back, a post was handed over.
pub(crate) const NOTICE: &str = "people.rights";
/// Days for which such a notice is carried out of the house; inside it stays.
pub(crate) const TOLD_DAYS: i64 = 7;
