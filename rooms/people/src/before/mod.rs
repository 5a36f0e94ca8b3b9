//! Records and units as they were before an import changed them, to be put back while nobody touched them.
//!
//! `rosters` takes the image before and after a change and keeps both, sealed, with its run
//! (`site::import::note_changed`); when the run is taken back, [`restore`] and [`restore_unit`] compare what
//! stands there with what the run left. Not here: taking back what an import added (`back`), undo of what a
//! person typed (the ledger).
//! The rule that surprises: the whole row is compared, not its version, since some fields are written without one.

mod store;

pub(crate) use store::STATEMENTS;
pub use store::{Image, UnitImage, image, image_of_unit, restore, restore_unit};
