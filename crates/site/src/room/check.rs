//! What `sotay check` asks a room: is all that you keep as it should be?

use crate::{Later, Site};
use kernel::error::Result;

/// A question of `sotay check`.
#[derive(Clone, Copy)]
pub struct Check {
    /// What is looked at, in English for the operator: `units and members`.
    pub name: &'static str,
    /// What is wrong; nothing when all is well.
    pub run: fn(Site) -> Later<'static, Result<Vec<Finding>>>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What, naming the row; never personal data beyond an id.
    pub what: String,
    /// How to repair it.
    pub repair: String,
}
