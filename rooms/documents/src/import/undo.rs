//! Taking back what a run did: documents that it added go, those that it renewed become what they were, while
//! nothing was built on them.
//!
//! Other rooms say what was (`Guard` of `document.remove`: on an agenda); here: that nobody changed it
//! since. Not here: what they were (`store::before`), withdrawing a document, which is history and stays.
//! The rule that surprises: the file itself stays in the store, where it may be another's as well.

use super::importer::by;
use crate::store;
use kernel::error::{Error, Result};
use site::import::{Back, Made, Report};
use site::room::ImportWish;
use site::{May as _, Site};

pub(super) async fn undo(site: Site, wish: ImportWish, made: Vec<Made>) -> Result<Report> {
    let mut report = Report::default();
    for made in made {
        let mut act = by(&site, &wish)
            .await?
            .begin(&site, &wish.operation, "document.undo")
            .await?;
        let (title, back) = match site.rooms.guard(&site, "document.remove", &made.id).await {
            Ok(()) => match &made.was {
                Some(images) => store::before::restore(&mut act, &made.id, images).await?,
                None => store::take_back(&mut act, &made.id).await?,
            },
            Err(Error::Refused(_)) => {
                let title = store::title(&mut act, &made.id).await?;
                (title, Back::Kept)
            }
            Err(error) => return Err(error),
        };
        if matches!(back, Back::Removed | Back::Restored) {
            act.line().object("document", &made.id);
            act.end().await?;
        } else {
            act.leave().await?;
        }
        report.entries.push(back.entry(&site, made, title));
    }
    Ok(report)
}
