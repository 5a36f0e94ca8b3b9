//! One file per action; each reads from top to bottom: form, page, `get`, `post`, tests.

pub(crate) mod absence;
pub(crate) mod answer;
pub(crate) mod attendance;
pub(crate) mod closing;
pub(crate) mod notes;
pub(crate) mod opening;
pub(crate) mod roll_pdf;
