//! The fourth wing: many units and people at once, for lists from files and generated organisations.
//!
//! Everybody as a list is compared with them (`known`), hundreds of rows in one statement (`many`, `bulk`),
//! taking back what a run added (`back`) and changed (`before`). Not here: reading files and deciding who is who (the room `rosters`),
//! one person or unit by hand (`members`, `units`).
//! It writes the same rows as the other wings do one by one; a column that they gain is to be added here too.
//! The rule that surprises: each raises the epoch first, so an import and a page never write people at once.

pub mod back;
pub mod before;
pub mod bulk;
pub mod known;
pub mod many;
pub(crate) mod store;
