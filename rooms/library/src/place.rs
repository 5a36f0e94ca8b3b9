//! Where a reader stopped. Theirs alone: every statement about places asks for the reader's own id.
//!
//! Not here: what a place means in words and minutes (`title::At`).
//! Opening a section remembers it without a script; the island then sends how far down it is.

use crate::access::Reader;
use crate::id::TitleId;
use crate::store::{self, ReadingRow, reaching};
use crate::title::{self, At};
use db::sql;
use kernel::error::{Error, Result};
use kernel::{MemberId, Moment};
use site::room::{ExportPart, OwnList};
use site::{May as _, Program, Site};
use web::{Frame, Member};

/// A place: section from 1, fraction of it in ten-thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, db::FromRow)]
pub(crate) struct Place {
    pub(crate) section: i64,
    pub(crate) fraction: i64,
}

/// The reader's own place in a title.
pub(crate) async fn find(site: &Site, reader: &MemberId, title: &TitleId) -> Result<Option<Place>> {
    sql(store::PLACE)
        .bind(reader)
        .bind(title)
        .maybe(site.db.read())
        .await
}

/// Remembers the reader's place.
pub(crate) async fn set(
    site: &Site,
    frame: &Frame,
    who: &Member,
    title: &TitleId,
    place: Place,
) -> Result<()> {
    let mut act = Reader::of(&who.actor)
        .begin_unlogged(site, frame, "place.keep")
        .await?;
    store::set_place(&mut act, title, place).await?;
    act.end().await.map(|_| ())
}

/// Heard when two records have become one: the person goes on reading where they stopped under either. Hearing it
/// twice changes nothing.
pub(crate) async fn inherit(site: &Site, subject: &str) -> Result<()> {
    let (kept, old) = subject.split_once(' ').ok_or(Error::NotFound)?;
    let read = |id: &str| id.parse::<MemberId>().map_err(Error::fault);
    let (kept, old) = (read(kept)?, read(old)?);
    let mut act = Program::part("library")
        .begin_unlogged(site, "library", "place.inherit")
        .await?;
    store::inherit_places(&mut act, &kept, &old).await?;
    act.end().await.map(|_| ())
}

/// A book that the reader has begun and not finished.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) title: String,
    pub(crate) url: String,
    pub(crate) cover: String,
    pub(crate) section_title: String,
    pub(crate) number: i64,
    pub(crate) minutes: i64,
    pub(crate) percent: i64,
}

/// The book that the reader opened last among those not read to the end.
pub(crate) async fn latest(
    site: &Site,
    reader: &MemberId,
    reach: &[String],
) -> Result<Option<Reading>> {
    let rows: Vec<ReadingRow> = reaching(store::READING, reach)
        .bind(reader)
        .within()
        .all(site.db.read())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (at(&row), row))
        .find(|(at, _)| title::percent(at) < 99)
        .map(|(at, row)| Reading {
            url: format!("/library/titles/{}/sections/{}", row.id, row.section),
            cover: crate::wall::cover(
                &row.id,
                &row.title,
                &row.creators,
                &row.cover_rid,
                row.row_version,
                &row.shelf_slug,
            ),
            section_title: row.section_title,
            number: row.section,
            minutes: at.section_minutes_left(),
            percent: title::percent(&at),
            title: row.title,
        }))
}

/// What the reader takes home: every title with the place kept in it.
pub(crate) async fn export(site: Site, frame: Frame, reader: MemberId) -> Result<ExportPart> {
    let places = store::list_places_of(&site, &reader).await?;
    let json = places
        .iter()
        .map(|place| {
            serde_json::json!({
                "title": place.title, "section": place.section,
                "fraction": place.fraction, "at": Moment(place.at).rfc3339(),
            })
        })
        .collect();
    let lines = places
        .into_iter()
        .map(|place| (place.title, Moment(place.at).day().vn()))
        .collect();
    let heading = frame.t("library-own-places");
    Ok(ExportPart {
        json,
        lists: vec![OwnList { heading, lines }],
    })
}

fn at(row: &ReadingRow) -> At {
    At {
        section: row.section,
        fraction: row.fraction,
        words: row.words,
        words_before: row.words_before,
        book_words: row.book_words,
        book_sections: row.book_sections,
    }
}
