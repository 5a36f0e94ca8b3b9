//! What a member sees of notices.

pub(crate) mod devices;
pub(crate) mod list;
pub(crate) mod settings;
