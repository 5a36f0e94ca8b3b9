//! One file per action; each reads from top to bottom: form, page, `get`, `post`.

pub(crate) mod edit;
pub(crate) mod list;
