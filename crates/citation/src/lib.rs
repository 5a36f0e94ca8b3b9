//! Document symbols and references: reading them in a text, printing and comparing them.
//!
//! Pure; owns the shared words *kind*, *issuer*, *symbol*. Which document of ours a symbol means is the
//! business of `documents`; drawing links is the business of `web`. Surprising rule: numbers restart each
//! term, so a symbol alone is **not** an identity; number, kind, issuing unit and date together are.

pub mod describe;
pub mod find;
pub mod issuer;
pub mod kind;
pub mod link;
pub mod symbol;

pub use describe::{Described, Secrecy, Urgency, describe, secrecy_mark};
pub use find::{Citation, find, parse};
pub use issuer::Issuer;
pub use kind::Kind;
pub use link::{Piece, pieces, slug};
pub use symbol::{Symbol, System};
