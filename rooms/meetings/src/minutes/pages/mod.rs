//! One file per action; each reads from top to bottom: form, page, `get`, `post`, tests.

pub(crate) mod minutes;
pub(crate) mod minutes_pdf;
pub(crate) mod minutes_print;
