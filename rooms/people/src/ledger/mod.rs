//! The record of a member in time: what each line of the ledger states, and what follows from all of them.
//!
//! `store` states it, `fold` reads it (pure), `compare` holds it against the tables, `history` shows it. Not here:
//! the lines themselves, which each wing writes (`store::add_event`).
//! The rule that surprises: the tables of members, placements and posts follow from the ledger; whoever writes them
//! says so here in the same act, and a test finds who does not (docs/decisions/0013-member-ledger.md).

pub(crate) mod compare;
pub(crate) mod fold;
pub(crate) mod history;
pub(crate) mod pages;
pub(crate) mod store;
#[cfg(test)]
mod tests;
