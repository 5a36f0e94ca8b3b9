//! The words that every other crate shares: ids, time, chance, who acts, what may be done, how it fails.
//!
//! Pure: no database, no web, no files. Anything here rebuilds everything above it, so it stays
//! small and boring. Neighbours: `db` turns these types into columns, `web` turns [`Error`] into pages.
//! The rule that surprises: nobody reads the clock or throws dice; both are handed in.

#[doc(hidden)]
pub use serde;

extern crate self as kernel;

pub mod actor;
pub mod audience;
pub mod cap;
pub mod dice;
pub mod disk;
pub mod error;
pub mod fact;
pub mod id;
pub mod path;
pub mod said;
pub mod time;

pub use actor::{Actor, Grant, GrantScope, Scope};
pub use audience::Audience;
pub use cap::{Cap, Role};
pub use dice::Dice;
pub use error::{Error, Fault, Refusal, Result};
pub use id::*;
pub use path::{UnitPath, UnitRef};
pub use said::Said;
pub use time::{Clock, Day, Moment};
