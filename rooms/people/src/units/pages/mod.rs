//! One file per action; each reads from top to bottom: form, page, `get`, `post`, tests.

pub(crate) mod closing;
pub(crate) mod edit;
pub(crate) mod exporting;
pub(crate) mod form;
pub(crate) mod list;
pub(crate) mod members_xlsx;
pub(crate) mod moving;
pub(crate) mod new;
pub(crate) mod show;
pub(crate) mod transfers;
