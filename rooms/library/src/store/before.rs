//! Titles as they were before a later file replaced them, to be put back while nobody touched them.
//!
//! An import keeps both images with its run (`site::import::note_changed`): the title as it stood, with its text,
//! and what it left. Not here: whether other rooms build on it (`Guard` of `title.remove`).
//! The rule that surprises: readers stay where they read, as when the new edition came; what an import left
//! counts as bare again after all that came later was taken back (`bare_version`).

use super::edition::{Target, move_places};
use super::holds;
use crate::access::Importing;
use db::sql;
use kernel::error::Result;
use serde::{Deserialize, Serialize};
use site::Act;
use site::import::{Back, Was};

db::statements! {
    FACTS = "select shelf_id, title, title_key, title_fold, subtitle, creators, creators_json, publisher, language, \
        detected_language, published, subjects, rights, source, file_sha256, file_bytes, text_sha256, cover_rid, layout, \
        words, sections, audience, is_edited, accessibility_json, description from library_title where id = $1";
    IS_BARE = "select count(*) from library_title where id = $1 and row_version = bare_version";
    IS_TAKEN = "select count(*) from library_title where shelf_id = $1 and file_sha256 = $2 and id <> $3";
    EDITIONS = "select file_sha256 from library_edition where title_id = $1 order by file_sha256";
    DROP_EDITION = "delete from library_edition where title_id = $1 and file_sha256 = $2";
    SECTIONS = "select number, href, title, words, words_before, is_linear, is_filled, language, direction, html, text \
        from library_section where title_id = $1 order by number";
    RESOURCES = "select rid, href, media_type, sha256, file_bytes, is_served from library_resource \
        where title_id = $1 order by rid";
    BOTH_CONTENTS = "select toc_json, pages_json from library_contents where title_id = $1";
    HOLD_ANY = "update library_title set row_version = row_version where id = $1";
    RESTORE = "update library_title set title = $2, title_key = $3, title_fold = $4, subtitle = $5, creators = $6, \
        creators_json = $7, publisher = $8, language = $9, detected_language = $10, published = $11, subjects = $12, \
        rights = $13, source = $14, file_sha256 = $15, file_bytes = $16, text_sha256 = $17, cover_rid = $18, \
        layout = $19, words = $20, sections = $21, accessibility_json = $22, description = $23, changed_at = $24, \
        row_version = row_version + 1, \
        bare_version = case when cast($25 as bigint) = 1 then row_version + 1 else bare_version end where id = $1";
}

/// What the row of a title says, as far as a file or a person changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, db::FromRow)]
struct Facts {
    shelf_id: String,
    title: String,
    title_key: String,
    title_fold: String,
    subtitle: String,
    creators: String,
    creators_json: String,
    publisher: String,
    language: String,
    detected_language: String,
    published: String,
    subjects: String,
    rights: String,
    source: String,
    file_sha256: String,
    file_bytes: i64,
    text_sha256: String,
    cover_rid: String,
    layout: String,
    words: i64,
    sections: i64,
    audience: String,
    is_edited: i64,
    accessibility_json: String,
    description: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, db::FromRow)]
struct Section {
    number: i64,
    href: String,
    title: String,
    words: i64,
    words_before: i64,
    is_linear: i64,
    is_filled: i64,
    language: String,
    direction: String,
    html: String,
    text: String,
}

/// Name, address, type, hash, size, whether it is served.
type Resource = (String, String, String, String, i64, i64);

/// A title at one moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Image {
    facts: Facts,
    editions: Vec<String>,
    is_bare: bool,
    /// These are empty in the image of what was left: the hash of the file is among the facts.
    sections: Vec<Section>,
    resources: Vec<Resource>,
    contents: Option<(String, String)>,
}

/// Takes the row of a title, so that nobody changes it until the act ends; answers whether it is there.
async fn hold(act: &mut Act<Importing>, id: &str) -> Result<bool> {
    holds(act, id).await?;
    Ok(sql(HOLD_ANY).bind(id).run(act.on()).await? == 1)
}

/// What stands there now, with its text; nobody changes it until the act ends.
pub(crate) async fn image(act: &mut Act<Importing>, id: &str) -> Result<Image> {
    hold(act, id).await?;
    Ok(Image {
        sections: sql(SECTIONS).bind(id).all(act.on()).await?,
        resources: sql(RESOURCES).bind(id).all(act.on()).await?,
        contents: sql(BOTH_CONTENTS).bind(id).maybe(act.on()).await?,
        ..left(act, id).await?
    })
}

/// What stands there now, without its text: what a run left.
pub(crate) async fn left(act: &mut Act<Importing>, id: &str) -> Result<Image> {
    let editions: Vec<(String,)> = sql(EDITIONS).bind(id).all(act.on()).await?;
    Ok(Image {
        facts: sql(FACTS).bind(id).one(act.on()).await?,
        editions: editions.into_iter().map(|(file,)| file).collect(),
        is_bare: sql(IS_BARE).bind(id).count(act.on()).await? == 1,
        sections: Vec::new(),
        resources: Vec::new(),
        contents: None,
    })
}

/// Makes a title what it was before a run replaced it, when it is still as the run left it; answers its
/// name. `may` is what other rooms say.
///
/// # Errors
/// When the database fails, or the image was sealed with another key.
pub(crate) async fn restore(
    act: &mut Act<Importing>,
    id: &str,
    was: &Was,
    may: bool,
) -> Result<(String, Back)> {
    holds(act, id).await?;
    let (was, left_so): (Image, Image) = was.open(&act.site().clone())?;
    if !hold(act, id).await? {
        return Ok((String::new(), Back::Gone));
    }
    let now = left(act, id).await?;
    let title = now.facts.title.clone();
    let is_as_left = now.facts == left_so.facts && now.editions == left_so.editions;
    let (shelf, file) = (&now.facts.shelf_id, &was.facts.file_sha256);
    let taken = sql(IS_TAKEN).bind(shelf).bind(file).bind(id);
    if !may || !is_as_left || taken.count(act.on()).await? > 0 {
        return Ok((title, Back::Kept));
    }
    write_facts(act, id, &was).await?;
    write_parts(act, id, &was).await?;
    for file in now
        .editions
        .iter()
        .filter(|file| !was.editions.contains(file))
    {
        sql(DROP_EDITION).bind(id).bind(file).run(act.on()).await?;
    }
    sql(super::RAISE_VERSION).bind(shelf).run(act.on()).await?;
    act.changed(crate::feed::KIND, id);
    act.line().object("title", id);
    Ok((title, Back::Restored))
}

async fn write_facts(act: &mut Act<Importing>, id: &str, was: &Image) -> Result<()> {
    holds(act, id).await?;
    let (now, facts) = (act.now(), &was.facts);
    sql(RESTORE)
        .bind(id)
        .bind(&facts.title)
        .bind(&facts.title_key)
        .bind(&facts.title_fold)
        .bind(&facts.subtitle)
        .bind(&facts.creators)
        .bind(&facts.creators_json)
        .bind(&facts.publisher)
        .bind(&facts.language)
        .bind(&facts.detected_language)
        .bind(&facts.published)
        .bind(&facts.subjects)
        .bind(&facts.rights)
        .bind(&facts.source)
        .bind(&facts.file_sha256)
        .bind(facts.file_bytes)
        .bind(&facts.text_sha256)
        .bind(&facts.cover_rid)
        .bind(&facts.layout)
        .bind(facts.words)
        .bind(facts.sections)
        .bind(&facts.accessibility_json)
        .bind(&facts.description)
        .bind(now)
        .bind(i64::from(was.is_bare))
        .run(act.on())
        .await?;
    Ok(())
}

async fn write_parts(act: &mut Act<Importing>, id: &str, was: &Image) -> Result<()> {
    holds(act, id).await?;
    let targets: Vec<Target<'_>> = (was.sections.iter())
        .map(|section| Target {
            href: section.href.clone(),
            title: section.title.clone(),
            text: section.text.as_str().into(),
        })
        .collect();
    move_places(act, id, &targets).await?;
    for text in [
        super::DROP_SECTIONS,
        super::DROP_RESOURCES,
        super::DROP_CONTENTS,
    ] {
        sql(text).bind(id).run(act.on()).await?;
    }
    for section in &was.sections {
        sql(super::ADD_SECTION)
            .bind(id)
            .bind(section.number)
            .bind(&section.href)
            .bind(&section.title)
            .bind(section.words)
            .bind(section.words_before)
            .bind(section.is_linear)
            .bind(section.is_filled)
            .bind(&section.language)
            .bind(&section.direction)
            .bind(&section.html)
            .bind(&section.text)
            .run(act.on())
            .await?;
    }
    for (rid, href, kind, sha256, bytes, is_served) in &was.resources {
        sql(super::ADD_RESOURCE)
            .bind(id)
            .bind(rid)
            .bind(href)
            .bind(kind)
            .bind(sha256)
            .bind(*bytes)
            .bind(*is_served)
            .run(act.on())
            .await?;
    }
    if let Some((toc, pages)) = &was.contents {
        sql(super::ADD_CONTENTS)
            .bind(id)
            .bind(toc)
            .bind(pages)
            .run(act.on())
            .await?;
    }
    Ok(())
}
