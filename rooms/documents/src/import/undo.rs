//! Taking back what a run did: documents that it added go, those that it renewed become what they were, while
//! nothing was built on them.
//!
//! Other rooms say what was (`Guard` of `document.remove`: on an agenda); here: that nobody changed it
//! since. Not here: what they were (`store::before`), withdrawing a document, which is history and stays.
//! The rule that surprises: the file itself stays in the store, where it may be another's as well.

use super::importer::by;
use crate::access::{self, Writing};
use crate::store;
use kernel::error::{Error, Result};
use site::import::{Back, Made, Report};
use site::room::ImportWish;
use site::{May as _, Site};

pub(super) async fn undo(site: Site, wish: ImportWish, made: Vec<Made>) -> Result<Report> {
    let mut report = Report::default();
    for made in made {
        let Some(by) = right_over(&site, &wish, &made).await? else {
            let found = store::find(&site, &made.id.parse().map_err(Error::fault)?).await?;
            let title = found.map(|document| document.title).unwrap_or_default();
            report
                .entries
                .push(Back::Kept.entry(&site, wish.lang, made, title));
            continue;
        };
        let mut act = by.begin(&site, &wish.operation, "document.undo").await?;
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
        report
            .entries
            .push(back.entry(&site, wish.lang, made, title));
    }
    Ok(report)
}

/// The right by which a thing is taken back: the sender's over the unit into which it came, or over the document
/// that it renewed. `None`: they have lost it, and the document stays as it is.
async fn right_over(site: &Site, wish: &ImportWish, made: &Made) -> Result<Option<Writing>> {
    let id = made.id.parse().map_err(Error::fault)?;
    let right = match (&wish.by, &made.was, store::find(site, &id).await?) {
        (Some(actor), Some(_), Some(document)) => {
            access::renewing(actor, &document, site.clock.today())
        }
        _ => by(site, wish).await,
    };
    match right {
        Ok(right) => Ok(Some(right)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
