//! The second wing: persons, what is kept of them, and where they belong.
//!
//! The record and what a level shows of it, sealed numbers, the roster of a unit on a day, finding by name, who
//! may change how somebody signs in; adding and correcting by hand, and what of it waits for a second person. Not here: what they may do (`posts`, `actor`),
//! hundreds at once (`imports`), what a status means at a meeting (`standing`), signing in (the room `account`).
//! The other wings ask here for names and rosters, and place nobody themselves but `imports`, which writes the
//! same rows.
//! The rule that surprises: from level V2 on a record is read only with a look that is written down.

pub(crate) mod admitting;
pub(crate) mod beginning;
pub(crate) mod binding;
pub(crate) mod correction;
pub(crate) mod deciding;
pub mod identity;
pub(crate) mod keyed;
pub(crate) mod leaving;
pub mod member;
pub(crate) mod moving;
pub mod number;
pub(crate) mod outside;
pub(crate) mod pages;
pub mod probation;
pub(crate) mod restating;
pub(crate) mod returning;
pub mod roster;
pub mod search;
pub(crate) mod store;
pub(crate) mod target;
