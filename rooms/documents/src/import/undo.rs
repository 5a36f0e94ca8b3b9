//! Taking back documents that a run added, while nothing was built on them.
//!
//! Other rooms say what was (`Guard` of `document.remove`: on an agenda); here: that nobody changed it
//! since. Not here: withdrawing a document, which is history and stays.
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
            Ok(()) => store::take_back(&mut act, &made.id).await?,
            Err(Error::Refused(_)) => {
                let title = store::title(&mut act, &made.id).await?;
                (title, Back::Kept)
            }
            Err(error) => return Err(error),
        };
        if back == Back::Removed {
            act.line().object("document", &made.id);
            act.end().await?;
        } else {
            act.leave().await?;
        }
        report.entries.push(back.entry(&site, made, title));
    }
    Ok(report)
}
