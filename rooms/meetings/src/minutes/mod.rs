//! The third wing: what is left of a meeting on paper.
//!
//! The draft out of recorded facts, revisions of the text, the print page and the PDF. Not here: the facts
//! themselves (`hall`, `plan`), which this wing reads and never writes; letterhead and layout (`paper`, and
//! the crate `print`); a whole past meeting put on record at once (`record`, at the room's top, for it passes
//! through all wings). The rule that surprises: a save adds a revision and changes none; what is read follows the record (`current`).

mod current;
mod draft;
mod follow;
pub(crate) mod pages;
pub(crate) mod sections;
pub(crate) mod store;

pub(crate) use current::{Current, end, leads, recorded};
pub(crate) use draft::*;
