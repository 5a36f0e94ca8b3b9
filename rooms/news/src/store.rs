//! Every statement of the room and its rows.
//!
//! The portal reads only published articles (`state = 'published'` stands in the statement); drafts are
//! listed by scope. `admin_setting` belongs to `site::settings`; some names of it are the portal's.
//! Not here: who may call what (`access`).

pub(crate) mod photo;

use crate::access::{CanPublish, CanWithdraw, Keeps, Writes};
use crate::article::{self, Words};
use crate::counting::{Content, Due, Written};
use db::{in_list, scope_condition, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day, Moment, UnitId, UnitPath, UnitRef};
use site::{Act, Operator, Program, Proof, Site};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

macro_rules! whole {
    ($rest:literal) => {
        concat!(
            "select a.id, a.slug, a.unit_id, coalesce(u.path, '') as unit_path, coalesce(u.name, '') as unit_name, \
             a.section_id, s.slug as section_slug, s.name as section_name, a.title, a.lead, a.body_md, a.author, \
             a.source, a.photo_sha, a.photo_kind, a.photo_width, a.photo_height, a.photo_alt, a.photo_caption, \
             a.photo_credit, a.state, a.published_at, a.edited_at, a.edit_note, a.created_by, \
             a.changed_by, a.row_version \
             from news_article a join news_section s on s.id = a.section_id \
             left join v_people_unit u on u.id = a.unit_id ",
            $rest
        )
    };
}
macro_rules! story {
    ($rest:literal) => {
        concat!(
            "select a.id, a.slug, a.title, a.lead, a.author, s.name as section_name, a.photo_sha, \
             a.photo_width, a.published_at, a.edited_at from news_article a join news_section s on s.id = a.section_id ",
            $rest
        )
    };
}

db::statements! {
    BY_SLUG = whole!("where a.slug = $1 and a.state = 'published'");
    BY_ID = whole!("where a.id = $1");
    IS_GONE = "select count(*) from news_article where slug = $1 and state = 'draft' and published_at is not null";
    ANY_SLUG = whole!("where a.slug = $1");
    STORIES = story!(
        "where a.state = 'published' order by a.published_at desc, a.id desc limit $1 offset $2"
    );
    COUNT = "select count(*) from news_article where state = 'published'";
    SECTION_STORIES = story!(
        "where a.state = 'published' and a.section_id = $1 order by a.published_at desc, a.id desc limit $2 offset $3"
    );
    SECTION_COUNT = "select count(*) from news_article where state = 'published' and section_id = $1";
    SECTIONS = "select id, slug, name from news_section order by position, id";
    SECTION_ADD = "insert into news_section (id, slug, name, position) \
        values ($1, $2, $3, (select coalesce(max(position), 0) + 10 from news_section)) on conflict (slug) do nothing";
    SECTION_NAME = "update news_section set name = $2 where id = $1";
    SECTION_BY_SLUG = "select id, slug, name from news_section where slug = $1";
    DOCUMENTS = "select document_id, title, issued_on from v_documents_cited \
        where audience = 'public' order by issued_on desc, document_id desc limit 5";
    ADD = "insert into news_article (id, slug, unit_id, section_id, title, lead, body_md, author, source, \
        photo_alt, photo_caption, photo_credit, created_at, created_by, changed_by) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14) on conflict (id) do nothing";
    WRITER = "select created_by from news_article where id = $1";
    SET_WORDS = "update news_article set section_id = $1, title = $2, lead = $3, body_md = $4, author = $5, \
        source = $6, photo_alt = $7, photo_caption = $8, photo_credit = $9, slug = $10, edited_at = $11, edit_note = $12, \
        changed_by = $13, row_version = row_version + 1 where id = $14 and row_version = $15";
    SET_PHOTO = "update news_article set photo_sha = $1, photo_kind = $2, photo_width = $3, photo_height = $4, \
        changed_by = $5, row_version = row_version + 1 where id = $6";
    PUBLISH = "update news_article set state = 'published', published_at = coalesce(published_at, $1), \
        approved_by = $2, row_version = row_version + 1 where id = $3 and state = 'draft' and row_version = $4";
    PUBLISH_NEW = "update news_article set state = 'published', published_at = $1 where id = $2";
    WITHDRAW = "update news_article set state = 'draft', row_version = row_version + 1 \
        where id = $1 and state = 'published'";
    UNIT_OF = "select coalesce(a.unit_id, ''), coalesce(u.path, '') from news_article a \
        left join v_people_unit u on u.id = a.unit_id where a.id = $1";
    PATH = "select path from v_people_unit where id = $1";
    TOP_UNIT = "select id from v_people_unit where parent_id is null order by path limit 1";
    SETTINGS = "select name, value from v_setting \
        where name in ('portal.banner', 'portal.banner_text', 'portal.public_url', 'portal.contact', 'portal.privacy')";
    NAME_OF = "select name from v_people_name where member_id = $1";
    FEED_LIST = "select id from news_article where id > $1 and state = 'published' order by id limit $2";
    FEED_STATE = "select value from feed_counter where name = 'search'";
    ADD_HOUR = "insert into stats_hour (content_id, hour_at, views, visitors) values ($1, $2, $3, $4) \
        on conflict (content_id, hour_at) do update set views = stats_hour.views + excluded.views, \
        visitors = stats_hour.visitors + excluded.visitors";
    ADD_DAY = "insert into stats_site_day (day_on, views, visitors) values ($1, $2, $3) \
        on conflict (day_on) do update set views = stats_site_day.views + excluded.views, \
        visitors = stats_site_day.visitors + excluded.visitors";
    RESTARTED = "insert into stats_site_day (day_on, views, visitors, restarts) values ($1, 0, 0, 0) \
        on conflict (day_on) do update set restarts = stats_site_day.restarts + 1";
    ADD_TOTAL = "insert into stats_total (name, value) values ($1, $2) \
        on conflict (name) do update set value = stats_total.value + excluded.value returning value";
    DAY_VISITORS = "select visitors from stats_site_day where day_on = $1";
    WEEK_VISITORS = "select cast(coalesce(sum(visitors), 0) as bigint) from stats_site_day \
        where day_on >= $1 and day_on < $2";
    TOTAL = "select value from stats_total where name = $1";
}

const OTHER_APPROVERS: &str = "select count(distinct g.member_id) from v_people_grant g \
    join v_people_unit u on u.id = g.unit_id where g.role = 'content_approver' \
    and g.from_on <= $1 and g.to_on > $1 and g.member_id <> $2 and u.path in ";

/// The name under which the visitors of all days are added up.
const ALL_VISITORS: &str = "visitors";
/// The same for views.
const ALL_VIEWS: &str = "views";

fn views_of(content_id: &str) -> String {
    format!("views:{content_id}")
}

kernel::facts! {
    /// Whether everyone reads an article.
    pub(crate) enum State {
        /// In the newsroom alone.
        Draft = "draft",
        /// On the portal.
        Published = "published",
    }
}

/// An article whole.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Article {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) unit_id: Option<String>,
    pub(crate) unit_path: String,
    pub(crate) unit_name: String,
    pub(crate) section_id: String,
    pub(crate) section_slug: String,
    pub(crate) section_name: String,
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) body_md: String,
    pub(crate) author: String,
    pub(crate) source: String,
    pub(crate) photo_sha: String,
    pub(crate) photo_kind: String,
    pub(crate) photo_width: i64,
    pub(crate) photo_height: i64,
    pub(crate) photo_alt: String,
    pub(crate) photo_caption: String,
    pub(crate) photo_credit: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: State,
    pub(crate) published_at: Option<i64>,
    pub(crate) edited_at: Option<i64>,
    pub(crate) edit_note: String,
    pub(crate) created_by: String,
    pub(crate) changed_by: String,
    pub(crate) row_version: i64,
}

impl Article {
    /// Whether everyone can read it.
    pub(crate) fn is_published(&self) -> bool {
        self.state == State::Published
    }
    /// What its writer typed.
    pub(crate) fn words(&self) -> Words {
        Words {
            section_id: self.section_id.clone(),
            title: self.title.clone(),
            lead: self.lead.clone(),
            body_md: self.body_md.clone(),
            author: self.author.clone(),
            source: self.source.clone(),
            photo_alt: self.photo_alt.clone(),
            photo_caption: self.photo_caption.clone(),
            photo_credit: self.photo_credit.clone(),
        }
    }
    /// Its first photo, as further ones are kept.
    pub(crate) fn photo(&self) -> photo::Photo {
        photo::Photo {
            id: String::new(),
            article_id: self.id.clone(),
            sha: self.photo_sha.clone(),
            kind: self.photo_kind.clone(),
            width: self.photo_width,
            height: self.photo_height,
            alt: self.photo_alt.clone(),
            caption: self.photo_caption.clone(),
            credit: self.photo_credit.clone(),
        }
    }
    /// The address of its photo, changing with the photo so that it may be kept for a year; empty
    /// without one.
    pub(crate) fn photo_url(&self) -> String {
        photo_url(&self.slug, &self.photo_sha)
    }
}

/// See [`Article::photo_url`].
pub(crate) fn photo_url(slug: &str, sha: &str) -> String {
    match sha.get(..12) {
        Some(head) => format!("/articles/{slug}/photo?v={head}"),
        None => String::new(),
    }
}

/// An article as a list shows it.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Story {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) author: String,
    pub(crate) section_name: String,
    pub(crate) photo_sha: String,
    pub(crate) photo_width: i64,
    pub(crate) published_at: Option<i64>,
    pub(crate) edited_at: Option<i64>,
}

/// A section of the portal.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
pub(crate) struct Section {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) name: String,
}

/// A document that everyone may read.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Paper {
    pub(crate) document_id: String,
    pub(crate) title: String,
    pub(crate) issued_on: String,
}

/// A line of the editors' list.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) section_name: String,
    pub(crate) state: String,
    pub(crate) at: i64,
    pub(crate) writer: String,
}

/// A published article by its address.
pub(crate) async fn find_published(site: &Site, slug: &str) -> Result<Option<Article>> {
    sql(BY_SLUG).bind(slug).maybe(site.db.read()).await
}
/// Whether an article stood at that address and was taken off.
pub(crate) async fn is_gone(site: &Site, slug: &str) -> Result<bool> {
    Ok(sql(IS_GONE).bind(slug).count(site.db.read()).await? > 0)
}
/// Any article by its id; the caller asks `access` what may be done.
pub(crate) async fn find(site: &Site, id: &str) -> Result<Option<Article>> {
    sql(BY_ID).bind(id).maybe(site.db.read()).await
}
/// Any article by its address: for imports.
pub(crate) async fn find_slug(site: &Site, slug: &str) -> Result<Option<Article>> {
    sql(ANY_SLUG).bind(slug).maybe(site.db.read()).await
}
/// Published articles, newest first.
pub(crate) async fn list_stories(
    site: &Site,
    section: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<Vec<Story>> {
    match section {
        None => {
            sql(STORIES)
                .bind(limit)
                .bind(offset)
                .all(site.db.read())
                .await
        }
        Some(id) => {
            sql(SECTION_STORIES)
                .bind(id)
                .bind(limit)
                .bind(offset)
                .all(site.db.read())
                .await
        }
    }
}
/// How many there are.
pub(crate) async fn count_stories(site: &Site, section: Option<&str>) -> Result<i64> {
    match section {
        None => sql(COUNT).count(site.db.read()).await,
        Some(id) => sql(SECTION_COUNT).bind(id).count(site.db.read()).await,
    }
}
/// All sections in their order.
pub(crate) async fn list_sections(site: &Site) -> Result<Vec<Section>> {
    sql(SECTIONS).all(site.db.read()).await
}
/// The newest documents for everyone.
pub(crate) async fn list_papers(site: &Site) -> Result<Vec<Paper>> {
    sql(DOCUMENTS).all(site.db.read()).await
}
/// Refuses an article for which the act was not opened: every write of one and of its photos asks. Of one that
/// belongs to no unit the proof itself is asked, which names it. What is not there is nobody's.
///
/// # Errors
/// A fault whose cause is [`site::Beyond`]; nothing of the act is kept.
pub(crate) async fn holds<P: Proof>(act: &mut Act<P>, id: &str) -> Result<()> {
    if act.has_reached(id) {
        return Ok(());
    }
    let found: Option<(String, String)> = sql(UNIT_OF).bind(id).maybe(act.on()).await?;
    let Some((unit, path)) = found else {
        return Ok(());
    };
    act.over_object("article", id)?;
    if !unit.is_empty() {
        act.over(&unit_ref(&unit, path)?)?;
    }
    act.reaches(id);
    Ok(())
}

/// The same of a unit, for an article that is not there yet.
///
/// # Errors
/// As [`holds`].
async fn holds_unit<P: Proof>(act: &mut Act<P>, unit: &str) -> Result<()> {
    let path: Option<(String,)> = sql(PATH).bind(unit).maybe(act.on()).await?;
    match path {
        Some((path,)) => act.over(&unit_ref(unit, path)?),
        None => act.over_all(),
    }
}

fn unit_ref(id: &str, path: String) -> Result<UnitRef> {
    Ok(UnitRef {
        id: id.parse().map_err(Error::fault)?,
        path: path.try_into().map_err(Error::fault)?,
    })
}

/// Calls a section by another name; its address stays. Sections are the portal's, not a unit's.
pub(crate) async fn set_section_name<P: Keeps>(
    act: &mut Act<P>,
    id: &str,
    name: &str,
) -> Result<()> {
    act.over_all()?;
    sql(SECTION_NAME).bind(id).bind(name).run(act.on()).await?;
    Ok(())
}
/// The section of that name, made when it is new.
pub(crate) async fn section_named<P: Keeps>(act: &mut Act<P>, name: &str) -> Result<Section> {
    act.over_all()?;
    let slug = article::slug(name);
    let id = act.site().dice.uuid(act.now());
    sql(SECTION_ADD)
        .bind(id)
        .bind(&slug)
        .bind(name)
        .run(act.on())
        .await?;
    sql(SECTION_BY_SLUG).bind(&slug).one(act.on()).await
}

/// Articles that the actor may write or publish, newest first.
pub(crate) async fn list_lines(
    site: &Site,
    actor: &Actor,
    on: Day,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Line>, i64)> {
    let column = "coalesce(u.path, '/')";
    let (write, mut values) = scope_condition(&actor.scope(Cap::ContentWrite, on), column, 1);
    let (publish, more) = scope_condition(
        &actor.scope(Cap::ContentPublish, on),
        column,
        1 + values.len(),
    );
    values.extend(more);
    let from = format!(
        "from news_article a join news_section s on s.id = a.section_id left join v_people_unit u on u.id = a.unit_id \
         left join v_people_name m on m.member_id = a.created_by where ({write} or {publish})"
    );
    let total = sql_built(format!("select count(*) {from}"))
        .bind_all(values.iter())
        .count(site.db.read())
        .await?;
    let at = values.len();
    let text = format!(
        "select a.id, a.title, s.name as section_name, a.state, coalesce(a.published_at, a.created_at) as at, \
         coalesce(m.name, a.author) as writer {from} order by case when a.state = 'draft' then 0 else 1 end, \
         coalesce(a.published_at, a.created_at) desc, a.id desc limit ${} offset ${}",
        at + 1,
        at + 2
    );
    let rows = sql_built(text)
        .bind_all(values.iter())
        .bind(limit)
        .bind(offset)
        .all(site.db.read())
        .await?;
    Ok((rows, total))
}

/// Drafts of others that this actor may publish and that were never out, the newest first.
pub(crate) async fn list_waiting(
    site: &Site,
    actor: &Actor,
    on: Day,
    limit: i64,
) -> Result<Vec<Line>> {
    let scope = actor.scope(Cap::ContentPublish, on);
    let (publish, values) = scope_condition(&scope, "coalesce(u.path, '/')", 3);
    let text = format!(
        "select a.id, a.title, s.name as section_name, a.state, a.created_at as at, coalesce(m.name, a.author) as writer \
         from news_article a join news_section s on s.id = a.section_id left join v_people_unit u on u.id = a.unit_id \
         left join v_people_name m on m.member_id = a.created_by \
         where a.state = 'draft' and a.published_at is null and a.created_by <> $1 and a.changed_by <> $1 \
         and {publish} order by a.created_at desc, a.id desc limit $2"
    );
    sql_built(text)
        .bind(&actor.member)
        .bind(limit)
        .bind_all(values.iter())
        .all(site.db.read())
        .await
}

/// What came of adding an article under an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// It is new.
    New,
    /// The same person added it before: the form was sent twice.
    Before,
    /// The id belongs to somebody else's.
    Taken,
}

/// A new draft. The address may be taken already: `news_article_slug`.
pub(crate) async fn add<P: Writes>(
    act: &mut Act<P>,
    id: &str,
    slug: &str,
    unit: Option<&str>,
    words: &Words,
    at: Moment,
) -> Result<Added> {
    if let Some(unit) = unit {
        holds_unit(act, unit).await?;
    }
    act.over_object("article", "")?; // opened to write a new one
    let by = act.by().to_owned();
    let added = sql(ADD)
        .bind(id)
        .bind(slug)
        .bind(unit)
        .bind(&words.section_id)
        .bind(&words.title)
        .bind(&words.lead)
        .bind(&words.body_md)
        .bind(&words.author)
        .bind(&words.source)
        .bind(&words.photo_alt)
        .bind(&words.photo_caption)
        .bind(&words.photo_credit)
        .bind(at)
        .bind(&by)
        .run(act.on())
        .await?;
    if added == 0 {
        let (writer,): (String,) = sql(WRITER).bind(id).one(act.on()).await?;
        return Ok(if writer == by {
            Added::Before
        } else {
            Added::Taken
        });
    }
    act.reaches(id);
    Ok(Added::New)
}

/// When and why a published text was changed.
pub(crate) struct Edit<'a> {
    pub(crate) at: Option<Moment>,
    pub(crate) note: &'a str,
}

/// Changes an article's text; `false` when somebody changed it since it was read.
pub(crate) async fn set_words<P: Writes>(
    act: &mut Act<P>,
    held: &Article,
    slug: &str,
    words: &Words,
    edit: &Edit<'_>,
) -> Result<bool> {
    holds(act, &held.id).await?;
    let by = act.by().to_owned();
    let touched = sql(SET_WORDS)
        .bind(&words.section_id)
        .bind(&words.title)
        .bind(&words.lead)
        .bind(&words.body_md)
        .bind(&words.author)
        .bind(&words.source)
        .bind(&words.photo_alt)
        .bind(&words.photo_caption)
        .bind(&words.photo_credit)
        .bind(slug)
        .bind(edit.at)
        .bind(edit.note)
        .bind(by)
        .bind(&held.id)
        .bind(held.row_version)
        .run(act.on())
        .await?;
    Ok(touched == 1)
}

/// Puts a photo beside the text, or takes it away (empty hash).
pub(crate) async fn set_photo<P: Writes>(
    act: &mut Act<P>,
    id: &str,
    sha: &str,
    kind: &str,
    size: (i64, i64),
) -> Result<()> {
    holds(act, id).await?;
    let by = act.by().to_owned();
    sql(SET_PHOTO)
        .bind(sha)
        .bind(kind)
        .bind(size.0)
        .bind(size.1)
        .bind(by)
        .bind(id)
        .run(act.on())
        .await?;
    Ok(())
}

/// Publishes a draft as it was read; `false` when it changed since or is out already.
pub(crate) async fn publish(act: &mut Act<CanPublish>) -> Result<bool> {
    let (at, by) = (act.now(), act.by().to_owned());
    let article = act.held().article.clone();
    holds(act, &article.id).await?;
    let touched = sql(PUBLISH)
        .bind(at)
        .bind(by)
        .bind(&article.id)
        .bind(article.row_version)
        .run(act.on())
        .await?;
    Ok(touched == 1)
}

/// Publishes an article that came in as published.
pub(crate) async fn publish_new(act: &mut Act<Operator>, id: &str, at: Moment) -> Result<()> {
    holds(act, id).await?;
    sql(PUBLISH_NEW).bind(at).bind(id).run(act.on()).await?;
    Ok(())
}

/// Takes a published article back to the drafts.
pub(crate) async fn withdraw(act: &mut Act<CanWithdraw>) -> Result<bool> {
    let id = act.article().id.clone();
    holds(act, &id).await?;
    Ok(sql(WITHDRAW).bind(id).run(act.on()).await? == 1)
}

/// How many others may publish for that unit today.
pub(crate) async fn count_other_approvers(
    site: &Site,
    unit: Option<&UnitPath>,
    me: &str,
    on: Day,
) -> Result<i64> {
    let above = unit.map(UnitPath::ancestry).unwrap_or_default();
    let text = format!("{OTHER_APPROVERS}{}", in_list(3, above.len()));
    sql_built(text)
        .bind(on)
        .bind(me)
        .bind_all(above)
        .count(site.db.read())
        .await
}

/// The unit above all others, if there is one yet.
pub(crate) async fn find_top_unit(site: &Site) -> Result<Option<UnitId>> {
    let row: Option<(String,)> = sql(TOP_UNIT).maybe(site.db.read()).await?;
    Ok(row.and_then(|(id,)| id.parse().ok())) // an id of another shape cannot have been written
}

/// Names of units by their ids.
pub(crate) async fn unit_names(site: &Site, ids: &[String]) -> Result<Vec<(String, String)>> {
    let text = format!(
        "select id, name from v_people_unit where id in {} order by path",
        in_list(1, ids.len())
    );
    sql_built(text)
        .bind_all(ids.iter())
        .all(site.db.read())
        .await
}

/// A member's name; empty when there is none.
pub(crate) async fn name_of(site: &Site, member: &str) -> Result<String> {
    let row: Option<(String,)> = sql(NAME_OF).bind(member).maybe(site.db.read()).await?;
    Ok(row.map(|(name,)| name).unwrap_or_default())
}

/// The portal's settings.
pub(crate) async fn settings(site: &Site) -> Result<HashMap<String, String>> {
    let rows: Vec<(String, String)> = sql(SETTINGS).all(site.db.read()).await?;
    Ok(rows.into_iter().collect())
}

/// Ids of published articles after the given one.
pub(crate) async fn list_ids(site: &Site, after: &str, limit: i64) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = sql(FEED_LIST)
        .bind(after)
        .bind(limit)
        .all(site.db.read())
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The newest number of the search feed: it moves when an article or a document changes.
pub(crate) async fn feed_state(site: &Site) -> Result<i64> {
    sql(FEED_STATE).count(site.db.read()).await
}

/// Views of an article so far.
pub(crate) async fn count_views(site: &Site, content_id: &str) -> Result<i64> {
    sql(TOTAL)
        .bind(views_of(content_id))
        .count(site.db.read())
        .await
}

/// Views of several articles so far; those never read are left out.
pub(crate) async fn views_of_all(site: &Site, ids: &[String]) -> Result<HashMap<String, i64>> {
    let text = format!(
        "select name, value from stats_total where name in {}",
        in_list(1, ids.len())
    );
    let names = ids.iter().map(|id| views_of(id));
    let rows: Vec<(String, i64)> = sql_built(text).bind_all(names).all(site.db.read()).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("views:")?.to_owned(), value)))
        .collect())
}

/// Notes that the counters of a day began anew.
pub(crate) async fn restarted(act: &mut Act<Program>) -> Result<()> {
    let today = act.now().day();
    sql(RESTARTED).bind(today).run(act.on()).await?;
    Ok(())
}

/// Adds up what was counted. Answers the views of each content touched. Rows are taken by name, hour and day:
/// servers of one handbook write at the same moment.
pub(crate) async fn add_counts(
    act: &mut Act<Program>,
    due: &Due,
) -> Result<Vec<(Arc<Content>, i64)>> {
    let mut totals: BTreeMap<&str, (Arc<Content>, i64)> = BTreeMap::new();
    let mut hours: Vec<_> = due.hours.iter().collect();
    hours.sort_by_key(|(content, hour_at, _)| (content.id(), *hour_at));
    for (content, hour_at, tally) in hours {
        sql(ADD_HOUR)
            .bind(content.id())
            .bind(*hour_at)
            .bind(tally.views)
            .bind(tally.visitors)
            .run(act.on())
            .await?;
        totals
            .entry(content.id())
            .or_insert_with(|| (content.clone(), 0))
            .1 += tally.views;
    }
    let (mut views, mut visitors) = (0, 0);
    let mut days: Vec<_> = due.days.iter().collect();
    days.sort_by_key(|(day, _)| *day);
    for (day, tally) in days {
        sql(ADD_DAY)
            .bind(*day)
            .bind(tally.views)
            .bind(tally.visitors)
            .run(act.on())
            .await?;
        views += tally.views;
        visitors += tally.visitors;
    }
    let mut out = Vec::new();
    for (id, (content, views)) in totals {
        out.push((
            content,
            sql(ADD_TOTAL)
                .bind(views_of(id))
                .bind(views)
                .count(act.on())
                .await?,
        ));
    }
    for (name, value) in [(ALL_VIEWS, views), (ALL_VISITORS, visitors)] {
        sql(ADD_TOTAL)
            .bind(name)
            .bind(value)
            .count(act.on())
            .await?;
    }
    Ok(out)
}

/// What the database holds today.
pub(crate) async fn written(site: &Site, day: Day) -> Result<Written> {
    Ok(Written {
        day,
        today: sql(DAY_VISITORS).bind(day).count(site.db.read()).await?,
        week_before: sql(WEEK_VISITORS)
            .bind(day.week_start())
            .bind(day)
            .count(site.db.read())
            .await?,
        all: sql(TOTAL).bind(ALL_VISITORS).count(site.db.read()).await?,
    })
}

/// Whether an insert or update failed because the address is taken.
pub(crate) fn is_slug_taken(error: &Error) -> bool {
    db::broke(error, "news_article_slug")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{self, CanAdd, CanEdit};
    use crate::import::NewArticle;
    use crate::tests::{article, bring, draft};
    use site::May as _;
    use testkit::{THU, on_both, path_of};

    /// Writes in an act of this proof, which does not end; answers whether it was refused as beyond.
    macro_rules! is_beyond {
        ($app:ident, $may:expr, $write:expr) => {{
            let mut act = $may.begin(&$app.site, "test", "test").await.unwrap();
            let write: Result<()> = $write(&mut act).await;
            act.leave().await.unwrap();
            write.is_err_and(|error| site::Beyond::is(&error))
        }};
    }

    /// Thu writes for her committee: an act opened for one article of it writes neither the one beside it nor
    /// another office's.
    #[tokio::test(flavor = "multi_thread")]
    async fn an_act_opened_for_one_article_writes_no_other() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let own = draft(&app, "Một").await;
                let beside = draft(&app, "Hai").await;
                let other = NewArticle {
                    unit_id: Some("other".parse().unwrap()),
                    is_draft: true,
                    ..article("Ba", 20)
                };
                let other = bring(&app, &other).await.to_string();
                let who = web::Member(Arc::new(app.signed_in(THU)));
                let words = find(&app.site, &own).await.unwrap().unwrap().words();
                for (id, is_another) in [(&own, false), (&beside, true), (&other, true)] {
                    let held = find(&app.site, id).await.unwrap().unwrap();
                    let may = async || {
                        let may = access::find_editable(&app.site, &who, &own).await;
                        may.unwrap()
                    };
                    let edit = Edit { at: None, note: "" };
                    let refused = is_beyond!(app, may().await, async |act: &mut Act<CanEdit>| {
                        set_words(act, &held, "x", &words, &edit).await.map(|_| ())
                    });
                    assert_eq!(refused, is_another, "the text of {}", held.title);
                    let refused = is_beyond!(app, may().await, async |act: &mut Act<CanEdit>| {
                        set_photo(act, id, "", "", (0, 0)).await
                    });
                    assert_eq!(refused, is_another, "the photo of {}", held.title);
                    let refused = is_beyond!(app, may().await, async |act: &mut Act<CanEdit>| {
                        photo::begin_change(act).await?;
                        photo::remove(act, id, "x").await
                    });
                    assert_eq!(refused, is_another, "a further photo of {}", held.title);
                }
                let committee = kernel::UnitRef {
                    id: "committee".parse().unwrap(),
                    path: path_of("committee"),
                };
                for (unit, is_another) in [("committee", false), ("other", true), ("bloc", true)] {
                    let may = CanAdd::of(&who.actor, Some(&committee), app.site.clock.today());
                    let refused = is_beyond!(app, may.unwrap(), async |act: &mut Act<CanAdd>| {
                        let now = act.now();
                        add(act, "a", "a", Some(unit), &words, now).await.map(|_| ())
                    });
                    assert_eq!(refused, is_another, "an article of {unit}");
                }
                // By the pages it is not there, and nothing of it is written.
                for to in ["edit", "publishing", "withdrawal"] {
                    let sent = app.as_(THU).post(&format!("/news/{other}/{to}"), &[]).await;
                    sent.expects(404);
                }
                let as_it_was = "select count(*) from news_article where title = 'Ba' and changed_by = '' and state = 'draft'";
                assert_eq!(app.count(as_it_was).await, 1);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_statement_is_known_to_both_databases() {
        on_both(
            || vec![crate::room()],
            async |app| app.prepares(&crate::room().statements).await,
        )
        .await;
    }
}
