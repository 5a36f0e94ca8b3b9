//! Writing an opened book into the tables, in one transaction: title, sections, resources, contents,
//! the announcement for search and the line of the audit log.
//!
//! Not here: deciding whether it is new (`import`), the files themselves (kept before this begins,
//! so nothing slow stands inside the transaction).

use crate::id::TitleId;
use crate::store;
use books::Book;
use db::{Tx, sql};
use files::FileRef;
use kernel::error::{Error, Result};
use site::{Audit, Site};
use std::collections::HashMap;

/// A book whose files are in the store.
pub(super) struct Prepared {
    pub(super) book: Book,
    pub(super) file: FileRef,
    pub(super) file_name: String,
    pub(super) text_sha256: String,
    /// Pictures in the store, by resource id.
    pub(super) served: HashMap<String, FileRef>,
}

/// Text as it may stand in both databases and on a page: NFC, without NUL, trimmed.
pub(super) fn plain(text: &str) -> String {
    vietnamese::nfc(text.replace('\0', "").trim())
}

fn some(text: &Option<String>) -> String {
    plain(text.as_deref().unwrap_or(""))
}

fn number(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

/// Authors for a line on a page: those who wrote it; whoever is named when nobody is called author.
fn creators(book: &Book) -> String {
    let wrote =
        |creator: &&books::Creator| creator.role.as_deref().is_none_or(|role| role == "aut");
    let mut names: Vec<&str> = book
        .creators
        .iter()
        .filter(wrote)
        .map(|creator| creator.name.as_str())
        .collect();
    if names.is_empty() {
        names = book
            .creators
            .iter()
            .map(|creator| creator.name.as_str())
            .collect();
    }
    plain(&names.join(", "))
}

/// Keeps a new title, or a new edition of `replaces`. Answers the title's id.
pub(super) async fn write(
    site: &Site,
    shelf: &str,
    replaces: Option<&str>,
    audience: &str,
    from: &Prepared,
) -> Result<String> {
    let now = site.clock.now();
    let mut tx = site.db.begin().await?;
    let id = match replaces {
        Some(id) => {
            set_edition(&mut tx, id, from, now).await?;
            id.to_owned()
        }
        None => {
            let id = TitleId::fresh(&site.clock, &site.dice).to_string();
            add_title(&mut tx, &id, shelf, audience, from, now).await?;
            id
        }
    };
    sql(store::ADD_EDITION)
        .bind(&id)
        .bind(&from.file.sha256)
        .bind(number(from.file.bytes))
        .bind(plain(&from.file_name))
        .bind(now)
        .run(&mut *tx)
        .await?;
    add_parts(&mut tx, &id, from).await?;
    sql(store::RAISE_VERSION).bind(shelf).run(&mut *tx).await?;
    site::feed::announce(&mut tx, "title", &id).await?;
    Audit::by_program(if replaces.is_some() {
        "title.replace"
    } else {
        "title.add"
    })
    .object("title", &id)
    .diff(
        serde_json::json!({ "title": plain(&from.book.title), "file": from.file.sha256 })
            .to_string(),
    )
    .write(&mut tx, &site.clock, &site.dice)
    .await?;
    site.db.commit(tx).await?;
    Ok(id)
}

/// What a title's row takes from its file.
struct Facts {
    title: String,
    creators_json: String,
    accessibility_json: String,
    subjects: String,
    cover: String,
    layout: &'static str,
}

fn facts(from: &Prepared) -> Result<Facts> {
    let book = &from.book;
    Ok(Facts {
        title: plain(&book.title),
        creators_json: serde_json::to_string(&book.creators)
            .map_err(Error::fault)?
            .replace("\\u0000", ""),
        accessibility_json: serde_json::to_string(&book.accessibility)
            .map_err(Error::fault)?
            .replace("\\u0000", ""),
        subjects: plain(&book.subjects.join(", ")),
        cover: book
            .cover
            .clone()
            .filter(|rid| from.served.contains_key(rid))
            .unwrap_or_default(),
        layout: match book.layout {
            books::Layout::Reflowable => "reflowable",
            books::Layout::Fixed => "fixed",
        },
    })
}

async fn set_edition(tx: &mut Tx, id: &str, from: &Prepared, now: kernel::Moment) -> Result<()> {
    let (book, facts) = (&from.book, facts(from)?);
    sql(store::SET_EDITION)
        .bind(id)
        .bind(&facts.title)
        .bind(vietnamese::sort_key(&facts.title))
        .bind(vietnamese::fold(&facts.title))
        .bind(some(&book.subtitle))
        .bind(creators(book))
        .bind(&facts.creators_json)
        .bind(some(&book.publisher))
        .bind(some(&book.language))
        .bind(some(&book.detected_language))
        .bind(some(&book.published))
        .bind(&facts.subjects)
        .bind(some(&book.rights))
        .bind(some(&book.source))
        .bind(&from.file.sha256)
        .bind(number(from.file.bytes))
        .bind(&from.text_sha256)
        .bind(&facts.cover)
        .bind(facts.layout)
        .bind(number(book.words))
        .bind(number(book.sections.len()))
        .bind(now)
        .bind(&facts.accessibility_json)
        .bind(some(&book.description))
        .run(&mut **tx)
        .await?;
    move_places(tx, id, book).await?;
    for drop in [
        store::DROP_SECTIONS,
        store::DROP_RESOURCES,
        store::DROP_CONTENTS,
    ] {
        sql(drop).bind(id).run(&mut **tx).await?;
    }
    Ok(())
}

async fn add_title(
    tx: &mut Tx,
    id: &str,
    shelf: &str,
    audience: &str,
    from: &Prepared,
    now: kernel::Moment,
) -> Result<()> {
    let (book, facts) = (&from.book, facts(from)?);
    sql(store::ADD_TITLE)
        .bind(id)
        .bind(shelf)
        .bind(plain(&book.identifier))
        .bind(&facts.title)
        .bind(vietnamese::sort_key(&facts.title))
        .bind(vietnamese::fold(&facts.title))
        .bind(some(&book.subtitle))
        .bind(creators(book))
        .bind(&facts.creators_json)
        .bind(some(&book.publisher))
        .bind(some(&book.language))
        .bind(some(&book.detected_language))
        .bind(some(&book.published))
        .bind(&facts.subjects)
        .bind(some(&book.rights))
        .bind(some(&book.source))
        .bind(&from.file.sha256)
        .bind(number(from.file.bytes))
        .bind(&from.text_sha256)
        .bind(&facts.cover)
        .bind(facts.layout)
        .bind(number(book.words))
        .bind(number(book.sections.len()))
        .bind(if audience.is_empty() {
            "members"
        } else {
            audience
        })
        .bind(now)
        .bind(&facts.accessibility_json)
        .bind(some(&book.description))
        .run(&mut **tx)
        .await?;
    Ok(())
}

async fn add_parts(tx: &mut Tx, id: &str, from: &Prepared) -> Result<()> {
    let mut words_before = 0_i64;
    for (index, section) in from.book.sections.iter().enumerate() {
        let words = number(section.words);
        sql(store::ADD_SECTION)
            .bind(id)
            .bind(number(index + 1))
            .bind(plain(&section.href))
            .bind(some(&section.title))
            .bind(words)
            .bind(words_before)
            .bind(i64::from(section.linear))
            .bind(i64::from(!section.html.is_empty()))
            .bind(some(&section.language))
            .bind(some(&section.direction))
            .bind(section.html.replace('\0', ""))
            .bind(section.text.replace('\0', ""))
            .run(&mut **tx)
            .await?;
        words_before = words_before.saturating_add(words);
    }
    for resource in &from.book.resources {
        let kept = from.served.get(&resource.id);
        sql(store::ADD_RESOURCE)
            .bind(id)
            .bind(plain(&resource.id))
            .bind(plain(&resource.href))
            .bind(plain(&resource.media_type))
            .bind(kept.map_or(resource.sha256.as_str(), |kept| kept.sha256.as_str()))
            .bind(number(kept.map_or(resource.bytes, |kept| kept.bytes)))
            .bind(i64::from(kept.is_some()))
            .run(&mut **tx)
            .await?;
    }
    let toc = serde_json::to_string(&from.book.contents)
        .map_err(Error::fault)?
        .replace("\\u0000", "");
    let pages = serde_json::to_string(&from.book.page_list)
        .map_err(Error::fault)?
        .replace("\\u0000", "");
    sql(store::ADD_CONTENTS)
        .bind(id)
        .bind(toc)
        .bind(pages)
        .run(&mut **tx)
        .await?;
    Ok(())
}

/// A new edition may have its sections in another order: readers stay at the section whose file has the
/// same name; where it is gone, at the same number or the last one.
async fn move_places(tx: &mut Tx, id: &str, book: &Book) -> Result<()> {
    let placed: Vec<(i64,)> = sql(store::PLACED_SECTIONS).bind(id).all(&mut **tx).await?;
    if placed.is_empty() {
        return Ok(());
    }
    let old: Vec<(i64, String)> = sql(store::HREFS).bind(id).all(&mut **tx).await?;
    let old: HashMap<i64, String> = old.into_iter().collect();
    let new: HashMap<String, i64> = book
        .sections
        .iter()
        .enumerate()
        .map(|(index, section)| (plain(&section.href), number(index + 1)))
        .collect();
    let last = number(book.sections.len()).max(1);
    for (section,) in placed {
        let found = old
            .get(&section)
            .filter(|href| !href.is_empty())
            .and_then(|href| new.get(href))
            .copied();
        let to = found.unwrap_or(section.clamp(1, last));
        sql(store::MOVE_PLACES)
            .bind(id)
            .bind(section)
            .bind(-to)
            .bind(i64::from(found.is_some()))
            .run(&mut **tx)
            .await?;
    }
    sql(store::SETTLE_PLACES).bind(id).run(&mut **tx).await?;
    Ok(())
}
