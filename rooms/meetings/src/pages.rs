//! One file per action; each reads from top to bottom: form, page, `get`, `post`, tests.

pub(crate) mod absence;
pub(crate) mod answer;
pub(crate) mod attendance;
pub(crate) mod calling;
pub(crate) mod cancelling;
pub(crate) mod closing;
pub(crate) mod edit;
pub(crate) mod invitation_docx;
pub(crate) mod invitation_file;
pub(crate) mod list;
pub(crate) mod minutes;
pub(crate) mod minutes_pdf;
pub(crate) mod minutes_print;
pub(crate) mod new;
pub(crate) mod notes;
pub(crate) mod opening;
pub(crate) mod plan_form;
pub(crate) mod postponing;
pub(crate) mod print;
pub(crate) mod roll_pdf;
pub(crate) mod show;
#[cfg(test)]
pub(crate) mod verbs;
