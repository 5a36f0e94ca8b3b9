//! The sample file of an importer: the heads of its columns and two rows to be written over, as XLSX; or what it
//! hands out itself where it takes no table.
//!
//! Made by code from the importer's own list, so that it cannot part from what is read. It holds nobody's data; who may
//! take in nothing by the importer finds no file.

use crate::access;
use axum::extract::{Path, State};
use kernel::error::Error;
use site::Site;
use site::room::ImportColumn;
use web::{Answer, Frame, Member};

const MEDIA: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(name): Path<String>,
) -> Answer {
    let importer = access::importer(&site, &name)?;
    if !importer.may_somewhere(&who.actor, frame.today()) {
        return Err(Error::NotFound.into());
    }
    let words = frame.t("uploads-sample-word");
    let heading = frame.t(importer.text);
    if let Some((ending, media, made)) = importer.example {
        let bytes = site.press.run(made).await?;
        let file = web::file_name([words.as_str(), heading.as_str()], ending);
        return Ok(web::download(&file, media, bytes));
    }
    let table = importer.table.ok_or(Error::NotFound)?;
    let sheet = sheet(&words, &table());
    let moment = site.clock.now();
    let work = move || print::sheet(&[sheet], moment);
    let made = site.press.run(work).await?;
    let file = web::file_name([words.as_str(), heading.as_str()], "xlsx");
    Ok(web::download(&file, MEDIA, made.bytes))
}

/// The heads of the columns and two rows, to be written over.
pub(crate) fn sheet(name: &str, columns: &[ImportColumn]) -> print::Sheet {
    let shown = columns
        .iter()
        .filter_map(|one| Some((one.head(), one.sample?)));
    let (heads, cells): (Vec<String>, Vec<[&str; 2]>) = shown.unzip();
    let row = |nth: usize| {
        cells
            .iter()
            .map(|both| print::Cell::from(both[nth]))
            .collect()
    };
    print::Sheet {
        name: name.to_owned(),
        columns: (heads.into_iter())
            .map(|head| print::Column {
                head,
                kind: print::ColumnKind::Text,
                width: None,
            })
            .collect(),
        rows: vec![row(0), row(1)],
    }
}
