//! Taking back what a run did: books that it added go, those that it replaced become what they were, while
//! nothing was built on them.
//!
//! Other rooms say what was (`Guard` of `title.remove`); here: that nobody corrected it, and of a book
//! that goes, that nobody keeps a place in it. How many do is told to nobody. Not here: what they were
//! (`store::before`).
//! The rule that surprises: the file itself stays in the store, where it may be another title's as well.

use super::importer::by;
use crate::store::before::restore;
use crate::store::take_back;
use kernel::error::{Error, Result};
use site::import::{Back, Made, Report};
use site::room::ImportWish;
use site::{May as _, Site};

pub(super) async fn undo(site: Site, wish: ImportWish, made: Vec<Made>) -> Result<Report> {
    let mut report = Report::default();
    for made in made {
        let (by, _) = by(&site, &wish).await?;
        let may = match site.rooms.guard(&site, "title.remove", &made.id).await {
            Ok(()) => true,
            Err(Error::Refused(_)) => false,
            Err(error) => return Err(error),
        };
        let mut act = by.begin(&site, &wish.operation, "title.undo").await?;
        let (title, back) = match &made.was {
            Some(images) => restore(&mut act, &made.id, images, may).await?,
            None => take_back(&mut act, &made.id, may).await?,
        };
        if matches!(back, Back::Removed | Back::Restored) {
            act.end().await?;
        } else {
            act.leave().await?;
        }
        report
            .entries
            .push(back.entry(&site, wish.lang, made, title));
    }
    Ok(report)
}
