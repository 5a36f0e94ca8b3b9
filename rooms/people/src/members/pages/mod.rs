//! One file per action; each reads from top to bottom: form, page, `get`, `post`, tests.

pub(crate) mod beginning;
pub(crate) mod codes;
pub(crate) mod correction_answer;
pub(crate) mod correction_new;
pub(crate) mod departure;
pub(crate) mod departure_new;
pub(crate) mod edit;
pub(crate) mod form;
pub(crate) mod leaving;
pub(crate) mod leaving_back;
pub(crate) mod me;
pub(crate) mod new;
pub(crate) mod record_pdf;
mod sent;
pub(crate) mod show;
pub(crate) mod track;
pub(crate) mod transfer;
pub(crate) mod transfer_new;
pub(crate) mod transfer_pdf;
