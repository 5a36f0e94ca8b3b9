//! Pages of the room, one file an action.

pub(crate) mod edit;
pub(crate) mod file;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod publication;
pub(crate) mod replacement;
pub(crate) mod show;
pub(crate) mod standing;
pub(crate) mod unpublished;
pub(crate) mod withdrawal;

/// Letters of a title as somebody types it.
const TITLE_MOST: usize = 500;
