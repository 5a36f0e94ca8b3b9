//! One file per action; each reads from top to bottom: form, page, `get`, `post`, tests.

pub(crate) mod ending;
pub(crate) mod new;
