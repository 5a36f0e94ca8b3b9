//! One person who stands here twice: found, compared, made one by two people, taken apart again.
//!
//! `same` finds pairs, `record` compares them field by field, `joining` makes one of two, `separating` takes them
//! apart, `waiting` ends what is on its way, `alias` says as whom an old id is read. Not here: an account and what else belongs to other rooms
//! (`site::room::Merging`). The rule that surprises: no row changes its owner; the old id stands in ledgers, rolls and
//! logs for ever, and whoever lists what is somebody's asks `v_people_as`.

pub mod alias;
pub(crate) mod joining;
pub(crate) mod pages;
pub(crate) mod record;
pub(crate) mod same;
pub(crate) mod separating;
pub(crate) mod store;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod tests;
pub(crate) mod waiting;
