//! The third wing: what is left of a meeting on paper.
//!
//! The draft out of recorded facts, revisions of the text, the print page and the PDF. Not here: the facts
//! themselves (`hall`, `plan`), which this wing reads and never writes; letterhead and layout (`paper`, and
//! the crate `print`); a whole past meeting put on record at once (`record`, at the room's top, for it passes
//! through all wings). The rule that surprises: a save adds a revision and changes none.

mod draft;
pub(crate) mod pages;
pub(crate) mod store;

pub(crate) use draft::*;
