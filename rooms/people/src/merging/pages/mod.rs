//! The pages of merging: where two records seem one, comparing and choosing, taking apart again.

pub(crate) mod distinct;
pub(crate) mod duplicates;
pub(crate) mod merging;
pub(crate) mod separation;
