//! The third wing: posts of a unit, who holds them, and the rights that they bring.
//!
//! Which posts somebody may give (`post`), as somebody wishes to give one (`appointing`), on their way to somebody (`giving`), taken from somebody (`taking`).
//! Not here: what a right allows (`kernel::cap`), all rights of one member on a day (`actor`, at the top), what
//! a role is called (`words`). Units end posts through this wing's store; nobody else writes a grant but
//! `imports`, for generated organisations.
//! The rule that surprises: a post and its grant have the same days, so a right ends with the post, unasked.

pub mod appointing;
pub mod giving;
pub(crate) mod pages;
pub mod post;
pub(crate) mod store;
pub(crate) mod taking;
