//! Every statement of the library, named, with the rows they yield.
//!
//! A statement in parts has the visitor's audiences between them, which [`reaching`] numbers after the
//! other parameters: what a visitor may not see is not found, in the same statement.
//! Not here: what rows mean (`title`, `place`), drawing (`wall`, `pages`).

pub(crate) mod before;
mod edition;

pub(crate) use edition::{Prepared, plain, take_back, write};

use crate::access::{CanEdit, Reader, Shelves};
use crate::id::{ShelfId, TitleId};
use crate::place::Place;
use crate::shelf::NewShelf;
use db::{Stmt, in_list, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::{Audience, MemberId, UnitRef};
use site::{Act, Program, Proof, Site};
use std::collections::HashSet;

pub(crate) const SHELVES: &[&str] = &[
    "select id, slug, name, lead, version from library_shelf \
    where audience in ",
    " order by position, name_key, id",
];
pub(crate) const SHELF: &[&str] = &[
    "select id, slug, name, lead, version from library_shelf \
    where slug = $1 and audience in ",
    "",
];
db::statements! {
    pub(crate) ANY_SHELF = "select id, slug, name, lead, version from library_shelf where slug = $1";
    pub(crate) ADD_SHELF = "insert into library_shelf \
        (id, slug, name, name_key, lead, position, audience, version, created_at) \
        values ($1, $2, $3, $4, $5, $6, $7, 1, $8) on conflict (slug) do nothing";
    pub(crate) NEXT_POSITION = "select coalesce(max(position), 0) + 10 from library_shelf";
    pub(crate) RAISE_VERSION = "update library_shelf set version = version + 1 where id = $1";
    pub(crate) AUDIENCES = "select distinct audience from library_title where shelf_id = $1 order by audience";
    SHELF_FOR = "select id, audience from library_shelf where slug = $1";
    FOR = "select audience from library_shelf where id = $1";
    SHELF_OF = "select t.shelf_id, s.audience from library_title t join library_shelf s on s.id = t.shelf_id \
        where t.id = $1";
    UNIT = "select id, path from v_people_unit where id = $1";
    ROOTS = "select id, path from v_people_unit where parent_id is null order by path";
    pub(crate) PLACES_OF = "select t.title, p.section, p.fraction, p.at from library_place p \
        join library_title t on t.id = p.title_id where p.member_id = $1 order by p.at desc, t.id";
    pub(crate) SPINE = "select number, title, words, words_before, is_linear, is_filled \
        from library_section where title_id = $1 order by number";
    pub(crate) CONTENTS = "select toc_json from library_contents where title_id = $1";

    pub(crate) PLACE = "select section, fraction from library_place where member_id = $1 and title_id = $2";
    // What a person read under a record that was merged: copied, so that taking apart loses nothing.
    pub(crate) INHERIT_PLACES = "insert into library_place (member_id, title_id, section, fraction, at) \
        select cast($1 as text), p.title_id, p.section, p.fraction, p.at from library_place p where p.member_id = $2 \
        on conflict (member_id, title_id) do nothing";
    pub(crate) SET_PLACE = "insert into library_place (member_id, title_id, section, fraction, at) \
        values ($1, $2, $3, $4, $5) on conflict (member_id, title_id) \
        do update set section = excluded.section, fraction = excluded.fraction, at = excluded.at";
    pub(crate) BY_FILE = "select t.id, t.shelf_id, t.title, t.file_sha256 from library_edition e \
        join library_title t on t.id = e.title_id where e.file_sha256 = $1 order by t.added_at, t.id";
    pub(crate) BY_IDENTIFIER = "select id, title_fold, is_edited from library_title \
        where shelf_id = $1 and identifier = $2 order by added_at, id";
    pub(crate) BY_TEXT = "select id, title from library_title \
        where shelf_id = $1 and text_sha256 = $2 order by added_at, id limit 1";
    pub(crate) ADD_TITLE = "insert into library_title (id, shelf_id, identifier, title, title_key, title_fold, \
        subtitle, creators, creators_json, publisher, language, detected_language, published, subjects, rights, source, \
        file_sha256, file_bytes, file_kind, text_sha256, cover_rid, layout, words, sections, audience, is_edited, \
        row_version, added_at, changed_at, accessibility_json, description) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 'epub', $19, $20, $21, \
        $22, $23, $24, 0, 1, $25, $25, $26, $27)";
    /// A new edition: what the file says replaces what the file said, unless a person corrected it.
    pub(crate) SET_EDITION = "update library_title set \
        title = case when is_edited = 1 then title else $2 end, \
        title_key = case when is_edited = 1 then title_key else $3 end, \
        title_fold = case when is_edited = 1 then title_fold else $4 end, \
        subtitle = case when is_edited = 1 then subtitle else $5 end, \
        creators = case when is_edited = 1 then creators else $6 end, \
        creators_json = case when is_edited = 1 then creators_json else $7 end, \
        publisher = case when is_edited = 1 then publisher else $8 end, \
        language = $9, detected_language = $10, \
        published = case when is_edited = 1 then published else $11 end, \
        subjects = $12, rights = $13, source = $14, file_sha256 = $15, file_bytes = $16, text_sha256 = $17, \
        cover_rid = $18, layout = $19, words = $20, sections = $21, row_version = row_version + 1, changed_at = $22, \
        accessibility_json = $23, description = case when is_edited = 1 then description else $24 end where id = $1";
    pub(crate) ADD_EDITION = "insert into library_edition (title_id, file_sha256, file_bytes, file_name, added_at) \
        values ($1, $2, $3, $4, $5) on conflict (title_id, file_sha256) do nothing";
    pub(crate) ADD_SECTION = "insert into library_section (title_id, number, href, title, words, words_before, \
        is_linear, is_filled, language, direction, html, text) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    pub(crate) ADD_RESOURCE = "insert into library_resource (title_id, rid, href, media_type, sha256, file_bytes, is_served) \
        values ($1, $2, $3, $4, $5, $6, $7)";
    pub(crate) ADD_CONTENTS = "insert into library_contents (title_id, toc_json, pages_json) values ($1, $2, $3)";
    pub(crate) DROP_SECTIONS = "delete from library_section where title_id = $1";
    pub(crate) DROP_RESOURCES = "delete from library_resource where title_id = $1";
    pub(crate) DROP_CONTENTS = "delete from library_contents where title_id = $1";
    pub(crate) DROP_EDITIONS = "delete from library_edition where title_id = $1";
    /// Not while anybody keeps a place in it.
    pub(crate) HOLD_BARE = "update library_title set row_version = row_version where id = $1 \
        and row_version = bare_version and not exists (select 1 from library_place where title_id = $1)";
    pub(crate) DROP_TITLE = "delete from library_title where id = $1 and row_version = bare_version \
        and not exists (select 1 from library_place where title_id = $1)";
    pub(crate) BARE = "select title, shelf_id from library_title where id = $1";
    pub(crate) HREFS = "select number, href from library_section where title_id = $1 order by number";
    pub(crate) SECTION_WORDS = "select title, text from library_section where title_id = $1 and number = $2";
    pub(crate) PLACED_SECTIONS = "select distinct section from library_place where title_id = $1 order by section";
    pub(crate) MOVE_PLACES = "update library_place set section = $3, fraction = case when cast($4 as bigint) = 1 then fraction else 0 end \
        where title_id = $1 and section = $2";
    pub(crate) SETTLE_PLACES = "update library_place set section = 0 - section where title_id = $1 and section < 0";
    pub(crate) EDIT_TITLE = "update library_title set title = $2, title_key = $3, title_fold = $4, subtitle = $5, \
        creators = $6, publisher = $7, published = $8, description = $9, is_edited = 1, \
        row_version = row_version + 1, changed_at = $10 where id = $1 and row_version = $11";

    pub(crate) FEED_TITLES = "select t.id, t.title, t.subtitle, t.creators, t.subjects, t.description, \
        t.identifier, t.published, t.language, t.detected_language, t.audience, s.audience as shelf_audience \
        from library_title t join library_shelf s on s.id = t.shelf_id where t.id = $1";
    pub(crate) FEED_SECTIONS = "select number, title, text from library_section where title_id = $1 and words > 0 order by number";
    pub(crate) FEED_IDS = "select id from library_title where id > $1 order by id limit $2";
}

pub(crate) const CARDS_BY_TITLE: &[&str] = &[
    "select id, title, creators, cover_rid, row_version from library_title \
    where shelf_id = $1 and audience in ",
    " order by title_key, id limit $2 offset $3",
];
pub(crate) const CARDS_BY_AGE: &[&str] = &[
    "select id, title, creators, cover_rid, row_version from library_title \
    where shelf_id = $1 and audience in ",
    " order by added_at desc, id desc limit $2 offset $3",
];
pub(crate) const CARD: &[&str] = &[
    "select t.id, t.title, t.creators, t.cover_rid, t.row_version \
    from library_title t join library_shelf s on s.id = t.shelf_id where t.id = $1 and t.audience in ",
    " and s.audience in ",
    "",
];
pub(crate) const CARD_COUNT: &[&str] = &[
    "select count(*) from library_title where shelf_id = $1 and audience in ",
    "",
];

pub(crate) const TITLE: &[&str] = &[
    "select t.id, t.shelf_id, s.slug as shelf_slug, s.name as shelf_name, \
    t.identifier, t.title, t.subtitle, t.creators, t.creators_json, t.publisher, t.language, t.detected_language, t.published, \
    t.subjects, t.rights, t.source, t.file_bytes, t.cover_rid, t.layout, t.words, t.sections, \
    s.audience as shelf_audience, t.row_version, t.added_at, t.accessibility_json, t.description \
    from library_title t join library_shelf s on s.id = t.shelf_id \
    where t.id = $1 and t.audience in ",
    " and s.audience in ",
    "",
];
pub(crate) const SECTION: &[&str] = &[
    "select t.title as book_title, t.language as book_language, \
    t.detected_language, t.words as book_words, t.sections as book_sections, t.row_version, \
    x.title, x.words, x.words_before, x.is_linear, x.language, x.direction, x.html \
    from library_title t join library_shelf s on s.id = t.shelf_id \
    join library_section x on x.title_id = t.id \
    where t.id = $1 and x.number = $2 and t.audience in ",
    " and s.audience in ",
    "",
];
pub(crate) const RESOURCE: &[&str] = &[
    "select r.media_type, r.sha256, r.file_bytes, t.row_version \
    from library_title t join library_shelf s on s.id = t.shelf_id \
    join library_resource r on r.title_id = t.id \
    where t.id = $1 and r.rid = $2 and r.is_served = 1 and t.audience in ",
    " and s.audience in ",
    "",
];

pub(crate) const READING: &[&str] = &[
    "select t.id, s.slug as shelf_slug, t.title, t.creators, t.cover_rid, t.row_version, \
    t.words as book_words, t.sections as book_sections, p.section, p.fraction, \
    x.title as section_title, x.words, x.words_before \
    from library_place p join library_title t on t.id = p.title_id \
    join library_shelf s on s.id = t.shelf_id \
    join library_section x on x.title_id = p.title_id and x.number = p.section \
    where p.member_id = $1 and t.audience in ",
    " and s.audience in ",
    " order by p.at desc limit 4",
];

// Two steps over negative numbers, so that swapped sections do not run into each other.

pub(crate) const API_TITLES: &[&str] = &[
    "select t.id, s.slug as shelf_slug, t.identifier, t.title, t.subtitle, t.creators, \
    t.publisher, t.language, t.detected_language, t.published, t.words, t.sections, t.added_at \
    from library_title t join library_shelf s on s.id = t.shelf_id \
    where ($1 = '' or s.slug = $1) and t.audience in ",
    " and s.audience in ",
    " \
    order by t.title_key, t.id limit $2 offset $3",
];
pub(crate) const API_COUNT: &[&str] = &[
    "select count(*) from library_title t join library_shelf s on s.id = t.shelf_id \
    where ($1 = '' or s.slug = $1) and t.audience in ",
    " and s.audience in ",
    "",
];

/// Statements in parts.
#[cfg(test)]
pub(crate) const REACHING: &[&[&str]] = &[
    SHELVES,
    SHELF,
    CARDS_BY_TITLE,
    CARDS_BY_AGE,
    CARD_COUNT,
    TITLE,
    SECTION,
    RESOURCE,
    CARD,
    READING,
    API_TITLES,
    API_COUNT,
];

/// The text of a statement for so many tokens: the list stands between its parts.
pub(crate) fn spelled(parts: &[&str], tokens: usize) -> String {
    let own = parts.iter().map(|part| db::parameters(part)).max();
    parts.join(&in_list(own.unwrap_or(0) + 1, tokens))
}

/// A statement inside a reach: the tokens are bound by [`Reaching::within`], after everything else.
pub(crate) struct Reaching<'a> {
    stmt: Stmt,
    reach: &'a [String],
}

/// Which of these titles a reach sees, by title and shelf.
pub(crate) async fn seen(site: &Site, reach: &[String], ids: &[String]) -> Result<HashSet<String>> {
    let text = format!(
        "select t.id from library_title t join library_shelf s on s.id = t.shelf_id where t.id in {} \
         and t.audience in {} and s.audience in {}",
        in_list(1, ids.len()),
        in_list(1 + ids.len(), reach.len()),
        in_list(1 + ids.len(), reach.len())
    );
    let asked = sql_built(text).bind_all(ids.iter()).bind_all(reach.iter());
    let rows: Vec<(String,)> = asked.all(site.db.read()).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Starts one of the statements in parts.
pub(crate) fn reaching<'a>(parts: &[&str], reach: &'a [String]) -> Reaching<'a> {
    Reaching {
        stmt: sql_built(spelled(parts, reach.len())),
        reach,
    }
}

impl Reaching<'_> {
    /// Binds the next parameter.
    pub(crate) fn bind(mut self, value: impl db::IntoArg) -> Self {
        self.stmt = self.stmt.bind(value);
        self
    }
    /// Binds the reach; the statement is complete.
    pub(crate) fn within(self) -> Stmt {
        self.stmt.bind_all(self.reach.iter())
    }
}

/// A shelf.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct ShelfRow {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) lead: String,
    pub(crate) version: i64,
}

/// A title on a wall.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct CardRow {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) creators: String,
    pub(crate) cover_rid: String,
    pub(crate) row_version: i64,
}

/// A title with everything its page shows.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct TitleRow {
    pub(crate) id: String,
    pub(crate) shelf_id: String,
    pub(crate) shelf_slug: String,
    pub(crate) shelf_name: String,
    pub(crate) identifier: String,
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) creators: String,
    pub(crate) creators_json: String,
    pub(crate) publisher: String,
    pub(crate) language: String,
    pub(crate) detected_language: String,
    pub(crate) published: String,
    pub(crate) subjects: String,
    pub(crate) rights: String,
    pub(crate) source: String,
    pub(crate) file_bytes: i64,
    pub(crate) cover_rid: String,
    pub(crate) layout: String,
    pub(crate) words: i64,
    pub(crate) sections: i64,
    #[sqlx(try_from = "String")]
    pub(crate) shelf_audience: Audience,
    pub(crate) row_version: i64,
    pub(crate) added_at: i64,
    pub(crate) accessibility_json: String,
    pub(crate) description: String,
}

/// A section with what its page needs of the book.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct SectionRow {
    pub(crate) book_title: String,
    pub(crate) book_language: String,
    pub(crate) detected_language: String,
    pub(crate) book_words: i64,
    pub(crate) book_sections: i64,
    pub(crate) row_version: i64,
    pub(crate) title: String,
    pub(crate) words: i64,
    pub(crate) words_before: i64,
    pub(crate) is_linear: i64,
    pub(crate) language: String,
    pub(crate) direction: String,
    pub(crate) html: String,
}

/// A served resource.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct ResourceRow {
    pub(crate) media_type: String,
    pub(crate) sha256: String,
    pub(crate) file_bytes: i64,
    pub(crate) row_version: i64,
}

/// A line of the spine.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct SpineRow {
    pub(crate) number: i64,
    pub(crate) title: String,
    pub(crate) words: i64,
    pub(crate) words_before: i64,
    pub(crate) is_linear: i64,
    pub(crate) is_filled: i64,
}

/// What a member is reading.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct ReadingRow {
    pub(crate) id: String,
    pub(crate) shelf_slug: String,
    pub(crate) title: String,
    pub(crate) creators: String,
    pub(crate) cover_rid: String,
    pub(crate) row_version: i64,
    pub(crate) book_words: i64,
    pub(crate) book_sections: i64,
    pub(crate) section: i64,
    pub(crate) fraction: i64,
    pub(crate) section_title: String,
    pub(crate) words: i64,
    pub(crate) words_before: i64,
}

/// A shelf, and for whom it is.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct ShelfFor {
    pub(crate) id: String,
    #[sqlx(try_from = "String")]
    pub(crate) audience: Audience,
}

/// For whom the shelf of that slug is.
pub(crate) async fn shelf_for(site: &Site, slug: &str) -> Result<ShelfFor> {
    sql(SHELF_FOR).bind(slug).one(site.db.read()).await
}

/// Refuses a title for which the act was not opened: every write of one and of its parts asks. A proof is about
/// one title, or about the shelf on which it stands. What is not there is nobody's.
///
/// # Errors
/// A fault whose cause is [`site::Beyond`]; nothing of the act is kept.
pub(crate) async fn holds<P: Proof>(act: &mut Act<P>, id: &str) -> Result<()> {
    if act.has_reached(id) {
        return Ok(());
    }
    let found: Option<(String, String)> = sql(SHELF_OF).bind(id).maybe(act.on()).await?;
    let Some((shelf, audience)) = found else {
        return Ok(());
    };
    match act.may().object() {
        ("title", _) => act.over_object("title", id)?,
        _ => act.over_object("shelf", &shelf)?,
    }
    holds_audience(act, &audience.parse().map_err(Error::fault)?).await?;
    act.reaches(id);
    Ok(())
}

/// The same of a shelf.
///
/// # Errors
/// As [`holds`].
pub(crate) async fn holds_shelf<P: Proof>(act: &mut Act<P>, id: &str) -> Result<()> {
    if act.has_reached(id) {
        return Ok(());
    }
    let found: Option<(String,)> = sql(FOR).bind(id).maybe(act.on()).await?;
    let Some((audience,)) = found else {
        return Ok(());
    };
    act.over_object("shelf", id)?;
    holds_audience(act, &audience.parse().map_err(Error::fault)?).await?;
    act.reaches(id);
    Ok(())
}

/// The same of what is addressed to an audience: it belongs to that unit, else to one above all others, as
/// `access` asks.
async fn holds_audience<P: Proof>(act: &mut Act<P>, audience: &Audience) -> Result<()> {
    let units: Vec<(String, String)> = match audience {
        Audience::Unit(unit) => sql(UNIT).bind(unit).all(act.on()).await?,
        Audience::Public | Audience::Members => sql(ROOTS).all(act.on()).await?,
    };
    let mut beyond = act.over_all(); // of no unit
    for (id, path) in units {
        if beyond.is_err() {
            beyond = act.over(&UnitRef {
                id: id.parse().map_err(Error::fault)?,
                path: path.try_into().map_err(Error::fault)?,
            });
        }
    }
    beyond
}

/// A place of a reader, for what they take home.
#[derive(db::FromRow)]
pub(crate) struct OwnPlace {
    pub(crate) title: String,
    pub(crate) section: i64,
    pub(crate) fraction: i64,
    pub(crate) at: i64,
}

/// Every place that this reader keeps.
pub(crate) async fn list_places_of(site: &Site, reader: &MemberId) -> Result<Vec<OwnPlace>> {
    sql(PLACES_OF).bind(reader).all(site.db.read()).await
}

/// Remembers the reader's own place.
pub(crate) async fn set_place(act: &mut Act<Reader>, title: &TitleId, place: Place) -> Result<()> {
    let (reader, now) = (act.by().to_owned(), act.now());
    sql(SET_PLACE)
        .bind(reader)
        .bind(title)
        .bind(place.section)
        .bind(place.fraction.clamp(0, 10_000))
        .bind(now)
        .run(act.on())
        .await?;
    Ok(())
}

/// Gives a person the places that they kept under a record which was merged, where they have none of their own.
pub(crate) async fn inherit_places(
    act: &mut Act<Program>,
    kept: &MemberId,
    old: &MemberId,
) -> Result<()> {
    let statement = sql(INHERIT_PLACES).bind(kept).bind(old);
    statement.run(act.on()).await?;
    Ok(())
}

/// Makes a shelf that is not there yet. Answers its row and whether it was made now.
pub(crate) async fn ensure_shelf<P: Shelves>(
    act: &mut Act<P>,
    new: &NewShelf,
    name: &str,
) -> Result<(ShelfRow, bool)> {
    holds_audience(act, &new.audience).await?;
    let now = act.now();
    let id = ShelfId::fresh(&act.site().clock, &act.site().dice);
    let position = sql(NEXT_POSITION).count(act.on()).await?;
    let made = sql(ADD_SHELF)
        .bind(id)
        .bind(&new.slug)
        .bind(name)
        .bind(vietnamese::sort_key(name))
        .bind(vietnamese::nfc(new.lead.trim()))
        .bind(position)
        .bind(&new.audience)
        .bind(now)
        .run(act.on())
        .await?;
    let row: ShelfRow = sql(ANY_SHELF).bind(&new.slug).one(act.on()).await?;
    if made > 0 {
        act.reaches(&row.id);
    }
    Ok((row, made > 0))
}

/// What a person says of a title.
pub(crate) struct Correction<'a> {
    pub(crate) title: &'a str,
    pub(crate) subtitle: &'a str,
    pub(crate) creators: &'a str,
    pub(crate) publisher: &'a str,
    pub(crate) published: &'a str,
    pub(crate) description: &'a str,
    /// The version that was corrected.
    pub(crate) version: i64,
}

/// Corrects a title; `false` when it was changed since it was read.
pub(crate) async fn correct(act: &mut Act<CanEdit>, new: &Correction<'_>) -> Result<bool> {
    let (id, shelf, now) = (act.id.clone(), act.row.shelf_id.clone(), act.now());
    holds(act, id.as_str()).await?;
    let changed = sql(EDIT_TITLE)
        .bind(&id)
        .bind(new.title)
        .bind(vietnamese::sort_key(new.title))
        .bind(vietnamese::fold(new.title))
        .bind(new.subtitle)
        .bind(new.creators)
        .bind(new.publisher)
        .bind(new.published)
        .bind(new.description)
        .bind(now)
        .bind(new.version)
        .run(act.on())
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    sql(RAISE_VERSION).bind(shelf).run(act.on()).await?;
    act.changed(crate::feed::KIND, &id);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{self, CanShelve, Importing};
    use crate::made;
    use site::May as _;
    use std::sync::Arc;
    use testkit::THU;

    #[tokio::test(flavor = "multi_thread")]
    async fn every_statement_is_understood_by_both_databases() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                app.prepares(&crate::room().statements).await;
                for parts in REACHING {
                    let spelled: &'static str = Box::leak(spelled(parts, 2).into_boxed_str());
                    app.prepares(&[spelled]).await;
                }
            },
        )
        .await;
    }

    /// Writes in an act of this proof, which does not end; answers whether it was refused as beyond.
    macro_rules! is_beyond {
        ($app:ident, $may:expr, $write:expr) => {{
            let mut act = $may.begin(&$app.site, "test", "test").await.unwrap();
            let write: Result<()> = $write(&mut act).await;
            act.leave().await.unwrap();
            write.is_err_and(|error| site::Beyond::is(&error))
        }};
    }

    /// Thu may write what is for her committee. One shelf is another's, one everybody's; and her right to bring
    /// books onto one shelf of hers is none onto the shelf beside it.
    #[tokio::test(flavor = "multi_thread")]
    async fn an_act_opened_for_one_shelf_writes_nothing_on_another() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let shelve = async |slug: &str, audience: &str, number: usize| {
                    let identifier = format!("urn:uuid:000{number}");
                    let book = made::plain(&identifier, slug, slug);
                    made::shelve_for(&app, slug, audience, &book).await
                };
                let own = shelve("kho", "unit:committee", 1).await;
                let all = [
                    ("kho", own.clone(), false),
                    (
                        "kho-ben",
                        shelve("kho-ben", "unit:committee", 2).await,
                        true,
                    ),
                    ("truong", shelve("truong", "unit:other", 3).await, true),
                    ("chung", shelve("chung", "members", 4).await, true),
                ];
                let who = web::Member(Arc::new(app.signed_in(THU)));
                let kho = shelf_for(&app.site, "kho").await.unwrap();
                for (slug, id, is_another) in &all {
                    let shelf = shelf_for(&app.site, slug).await.unwrap();
                    let may = || async {
                        let may = Importing::of(&app.site, &who.actor, &kho).await;
                        may.unwrap()
                    };
                    let refused = is_beyond!(app, may().await, async |act: &mut Act<Importing>| {
                        before::image(act, id).await.map(|_| ())
                    });
                    assert_eq!(refused, *is_another, "a new edition on {slug}");
                    let refused = is_beyond!(app, may().await, async |act: &mut Act<Importing>| {
                        take_back(act, id, true).await.map(|_| ())
                    });
                    assert_eq!(refused, *is_another, "taking back on {slug}");
                    let refused = is_beyond!(app, may().await, async |act: &mut Act<Importing>| {
                        holds_shelf(act, &shelf.id).await
                    });
                    assert_eq!(refused, *is_another, "a new title on {slug}");
                    let may = || async {
                        let may = access::can_edit(&app.site, &who, &own).await;
                        may.unwrap()
                    };
                    let refused = is_beyond!(app, may().await, async |act: &mut Act<CanEdit>| {
                        holds(act, id).await
                    });
                    assert_eq!(refused, *is_another, "a correction on {slug}");
                }
                let committee = "unit:committee".parse().unwrap();
                for (audience, is_another) in [
                    ("unit:committee", false),
                    ("unit:other", true),
                    ("public", true),
                ] {
                    let may = access::can_shelve(&app.site, &who, &committee).await;
                    let new = NewShelf {
                        slug: "moi".into(),
                        audience: audience.parse().unwrap(),
                        ..NewShelf::default()
                    };
                    let refused =
                        is_beyond!(app, may.unwrap(), async |act: &mut Act<CanShelve>| {
                            ensure_shelf(act, &new, "Mới").await.map(|_| ())
                        });
                    assert_eq!(refused, is_another, "a shelf for {audience}");
                }
                // By the pages: another's title is not there, everybody's is not hers to correct.
                let new = [("title", "Tên khác"), ("version", "1")];
                for (slug, id, _) in &all[2..] {
                    let to = format!("/library/titles/{id}");
                    let sent = app.as_(THU).post(&to, &new).await;
                    assert_eq!(sent.status, 404, "{slug}");
                }
                let count = "select count(*) from library_title where title = 'Tên khác'";
                assert_eq!(app.count(count).await, 0);
            },
        )
        .await;
    }

    #[test]
    fn the_reach_is_numbered_after_everything_else() {
        assert!(spelled(CARDS_BY_TITLE, 2).contains("audience in ($4, $5)"));
        assert!(
            spelled(SHELVES, 0).contains("audience in (null)"),
            "no reach, nothing found"
        );
    }
}
