//! One file per action; each reads from top to bottom: form, page, `get`, `post`, tests.

pub(crate) mod calling;
pub(crate) mod cancelling;
pub(crate) mod edit;
pub(crate) mod files;
pub(crate) mod ics;
pub(crate) mod invitation_docx;
pub(crate) mod invitation_file;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod plan_form;
pub(crate) mod postponing;
pub(crate) mod print;
pub(crate) mod show;
