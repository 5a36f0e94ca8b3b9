//! A list of a unit as a workbook that leaves the house: set by the press, logged as an act, named by what it holds.
//!
//! Not here: what stands in it and how many names one person takes along (`pages::{members_xlsx, transfers, exporting}`).
//! The rule that surprises: it is logged when it was set, and before it is sent; a file that the press refused left nothing.

use crate::access::CanExport;
use print::Sheet;
use site::{May as _, Site};
use web::{Answer, Frame};

/// The media type of a workbook.
pub(crate) const MEDIA: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Sets the sheet, writes down that it was taken, and gives it under the name of those words.
pub(crate) async fn give(
    (site, frame): (&Site, &Frame),
    may: CanExport,
    sheet: Sheet,
    words: [&str; 3],
    said: &serde_json::Value,
) -> Answer {
    let moment = site.clock.now();
    let work = move || print::sheet(&[sheet], moment);
    let made = site.press.run(work).await?;
    let mut act = may.begin(site, frame, "unit.export").await?;
    act.line().diff(said);
    act.end().await?;
    Ok(web::download(
        &web::file_name(words, "xlsx"),
        MEDIA,
        made.bytes,
    ))
}
