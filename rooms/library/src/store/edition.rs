//! Writing an opened book into the tables, in one transaction: title, sections, resources, contents,
//! the announcement for search and the line of the audit log.
//!
//! Not here: deciding whether it is new (`import`), the files themselves (kept before this begins,
//! so nothing slow stands inside the transaction).

use super::{holds, holds_shelf};
use crate::access::Importing;
use crate::id::TitleId;
use books::Book;
use db::{Stmt, sql};
use files::FileRef;
use kernel::Audience;
use kernel::error::{Error, Result};
use site::Act;
use site::import::Back;
use std::borrow::Cow;
use std::collections::HashMap;

/// A book whose files are in the store.
pub(crate) struct Prepared {
    pub(crate) book: Book,
    pub(crate) file: FileRef,
    pub(crate) file_name: String,
    pub(crate) text_sha256: String,
    /// Pictures in the store, by resource id.
    pub(crate) served: HashMap<String, FileRef>,
}

/// Text as it may stand in both databases and on a page: NFC, without NUL, trimmed.
pub(crate) fn plain(text: &str) -> String {
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
pub(crate) async fn write(
    act: &mut Act<Importing>,
    shelf: &str,
    replaces: Option<&str>,
    audience: &Audience,
    from: &Prepared,
) -> Result<String> {
    holds_shelf(act, shelf).await?;
    let now = act.now();
    let id = match replaces {
        Some(id) => {
            set_edition(act, id, from).await?;
            id.to_owned()
        }
        None => {
            let id = TitleId::fresh(&act.site().clock, &act.site().dice).to_string();
            add_title(act, &id, shelf, audience, from).await?;
            id
        }
    };
    sql(super::ADD_EDITION)
        .bind(&id)
        .bind(&from.file.sha256)
        .bind(number(from.file.bytes))
        .bind(plain(&from.file_name))
        .bind(now)
        .run(act.on())
        .await?;
    add_parts(act, &id, from).await?;
    sql(super::RAISE_VERSION).bind(shelf).run(act.on()).await?;
    act.changed(crate::feed::KIND, &id);
    act.line()
        .object("title", &id)
        .diff(&serde_json::json!({ "title": plain(&from.book.title), "file": from.file.sha256 }));
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

/// Binds what the file says of the book, from its title to the number of its sections.
fn described(stmt: Stmt, from: &Prepared, facts: &Facts) -> Stmt {
    let book = &from.book;
    stmt.bind(&facts.title)
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
}

async fn set_edition(act: &mut Act<Importing>, id: &str, from: &Prepared) -> Result<()> {
    holds(act, id).await?;
    let now = act.now();
    let (book, facts) = (&from.book, facts(from)?);
    described(sql(super::SET_EDITION).bind(id), from, &facts)
        .bind(now)
        .bind(&facts.accessibility_json)
        .bind(some(&book.description))
        .run(act.on())
        .await?;
    let targets: Vec<Target<'_>> = book.sections.iter().map(Target::of).collect();
    move_places(act, id, &targets).await?;
    for drop in [
        super::DROP_SECTIONS,
        super::DROP_RESOURCES,
        super::DROP_CONTENTS,
    ] {
        sql(drop).bind(id).run(act.on()).await?;
    }
    Ok(())
}

async fn add_title(
    act: &mut Act<Importing>,
    id: &str,
    shelf: &str,
    audience: &Audience,
    from: &Prepared,
) -> Result<()> {
    holds_shelf(act, shelf).await?;
    let now = act.now();
    let (book, facts) = (&from.book, facts(from)?);
    let begun = sql(super::ADD_TITLE)
        .bind(id)
        .bind(shelf)
        .bind(plain(&book.identifier));
    described(begun, from, &facts)
        .bind(audience)
        .bind(now)
        .bind(&facts.accessibility_json)
        .bind(some(&book.description))
        .run(act.on())
        .await?;
    act.reaches(id);
    Ok(())
}

async fn add_parts(act: &mut Act<Importing>, id: &str, from: &Prepared) -> Result<()> {
    holds(act, id).await?;
    let mut words_before = 0_i64;
    for (index, section) in from.book.sections.iter().enumerate() {
        let words = number(section.words);
        sql(super::ADD_SECTION)
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
            .run(act.on())
            .await?;
        words_before = words_before.saturating_add(words);
    }
    for resource in &from.book.resources {
        let kept = from.served.get(&resource.id);
        sql(super::ADD_RESOURCE)
            .bind(id)
            .bind(plain(&resource.id))
            .bind(plain(&resource.href))
            .bind(plain(&resource.media_type))
            .bind(kept.map_or(resource.sha256.as_str(), |kept| kept.sha256.as_str()))
            .bind(number(kept.map_or(resource.bytes, |kept| kept.bytes)))
            .bind(i64::from(kept.is_some()))
            .run(act.on())
            .await?;
    }
    let toc = serde_json::to_string(&from.book.contents)
        .map_err(Error::fault)?
        .replace("\\u0000", "");
    let pages = serde_json::to_string(&from.book.page_list)
        .map_err(Error::fault)?
        .replace("\\u0000", "");
    sql(super::ADD_CONTENTS)
        .bind(id)
        .bind(toc)
        .bind(pages)
        .run(act.on())
        .await?;
    Ok(())
}

/// A new edition may have its sections in another order and its files under other names: readers stay
/// in the text that they read, else in the section that is called the same, else in the file of that
/// name; where all are gone, at the same number or the last one.
pub(super) async fn move_places(
    act: &mut Act<Importing>,
    id: &str,
    to: &[Target<'_>],
) -> Result<()> {
    holds(act, id).await?;
    let placed: Vec<(i64,)> = sql(super::PLACED_SECTIONS).bind(id).all(act.on()).await?;
    if placed.is_empty() {
        return Ok(());
    }
    let old: Vec<(i64, String)> = sql(super::HREFS).bind(id).all(act.on()).await?;
    let old: HashMap<i64, String> = old.into_iter().collect();
    let last = number(to.len()).max(1);
    for (section,) in placed {
        let words: Option<(String, String)> = sql(super::SECTION_WORDS)
            .bind(id)
            .bind(section)
            .maybe(act.on())
            .await?;
        let (title, text) = words.unwrap_or_default();
        let href = old.get(&section).map(String::as_str).unwrap_or_default();
        let found = place_in(to, href, &title, &text);
        let there = found.unwrap_or(section.clamp(1, last));
        sql(super::MOVE_PLACES)
            .bind(id)
            .bind(section)
            .bind(-there)
            .bind(i64::from(found.is_some()))
            .run(act.on())
            .await?;
    }
    sql(super::SETTLE_PLACES).bind(id).run(act.on()).await?;
    Ok(())
}

/// A section that a reader may be put in, as the tables keep it.
pub(super) struct Target<'a> {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) text: Cow<'a, str>,
}

impl Target<'_> {
    fn of(section: &books::Section) -> Target<'_> {
        Target {
            href: plain(&section.href),
            title: some(&section.title),
            text: if section.text.contains('\0') {
                Cow::Owned(section.text.replace('\0', ""))
            } else {
                Cow::Borrowed(&section.text)
            },
        }
    }
}

/// Where a section of the edition before stands among these, from 1.
fn place_in(to: &[Target<'_>], href: &str, title: &str, text: &str) -> Option<i64> {
    let only = |is: &dyn Fn(&Target<'_>) -> bool| {
        let mut found = (to.iter()).enumerate().filter(|(_, section)| is(section));
        let (first, other) = (found.next(), found.next());
        first
            .filter(|_| other.is_none())
            .map(|(index, _)| number(index + 1))
    };
    let is_text = |section: &Target<'_>| !text.is_empty() && section.text == text;
    let is_title = |section: &Target<'_>| !title.is_empty() && section.title == title;
    let is_file = |section: &Target<'_>| !href.is_empty() && section.href == href;
    only(&is_text)
        .or_else(|| only(&|section| is_file(section) && is_title(section)))
        .or_else(|| only(&is_title))
        .or_else(|| only(&is_file))
}

/// Removes a title on which nothing was built since it was added; answers its name. `may` is what
/// other rooms say.
pub(crate) async fn take_back(
    act: &mut Act<Importing>,
    id: &str,
    may: bool,
) -> Result<(String, Back)> {
    let row: Option<(String, String)> = sql(super::BARE).bind(id).maybe(act.on()).await?;
    let Some((title, shelf)) = row else {
        return Ok((String::new(), Back::Gone));
    };
    holds(act, id).await?;
    // Its own row first, before its parts.
    if !may || sql(super::HOLD_BARE).bind(id).run(act.on()).await? == 0 {
        return Ok((title, Back::Kept));
    }
    for text in [
        super::DROP_SECTIONS,
        super::DROP_RESOURCES,
        super::DROP_CONTENTS,
        super::DROP_EDITIONS,
    ] {
        sql(text).bind(id).run(act.on()).await?;
    }
    // The caller leaves the act when the title itself has to stay.
    if sql(super::DROP_TITLE).bind(id).run(act.on()).await? == 0 {
        return Ok((title, Back::Kept));
    }
    sql(super::RAISE_VERSION).bind(shelf).run(act.on()).await?;
    act.changed(crate::feed::KIND, id);
    act.line().object("title", id);
    Ok((title, Back::Removed))
}
