//! One file a page.

pub(crate) mod audit;
pub(crate) mod home;
pub(crate) mod organisation;
pub(crate) mod permissions;
pub(crate) mod standing;
