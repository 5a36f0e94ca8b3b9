//! Every statement of the room.
//!
//! Lists take the reader's reach as a list of tokens, so their text is put together here and nowhere
//! else; a test runs each on both databases. Who may read a single document is `access`'s matter.

pub(crate) mod anew;
pub(crate) mod before;
pub(crate) mod standing;

use crate::access::{CanPublish, Writing};
use crate::document::{Cited, Draft, Provision, Weight};
use crate::id::DocumentId;
use db::{in_list, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::{Audience, Day, UnitId, UnitPath, UnitRef};
use site::import::Back;
use site::{Act, Site};

macro_rules! columns {
    () => {
        "select d.id, d.external_id, d.symbol, d.symbol_key, d.kind, d.issuer_name, d.issuer_fold, d.unit_id, \
         coalesce(u.path, '') as unit_path, d.title, d.topic, d.issued_on, d.effective_on, d.place, d.source, \
         d.source_url, d.audience, d.language, d.state, d.file_sha, d.file_name, d.file_bytes, d.file_kind, \
         d.text_hash, d.pages, d.status_note, d.created_by, d.row_version, d.withdrawn_audience \
         from documents_document d left join v_people_unit u on u.id = d.unit_id"
    };
}

db::statements! {
    GET = concat!(columns!(), " where d.id = $1");
    BY_SYMBOL = concat!(
        columns!(),
        " where d.symbol_key = $1 order by d.issued_on desc, d.id"
    );
    BY_IDENTITY = concat!(columns!(), " where d.identity_key = $1");
    BY_FILE = "select document_id, name from documents_file where sha256 = $1 order by document_id limit 1";
    ADD = "insert into documents_document (id, identity_key, external_id, symbol, symbol_key, kind, \
        issuer_name, issuer_fold, unit_id, title, title_fold, topic, issued_on, effective_on, place, source, \
        source_url, audience, language, state, text_hash, pages, status_note, created_by, imported_at, changed_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
        $23, $24, $25, $25) on conflict (identity_key) do nothing";
    SENT = "select id from documents_document where identity_key = $1 and text_hash = $2 and title = $3 \
        and audience = $4 and state = $5 and created_by = $6 and unit_id = $7";
    SET = "update documents_document set identity_key = $2, symbol = $3, symbol_key = $4, kind = $5, \
        issuer_name = $6, issuer_fold = $7, title = $8, title_fold = $9, topic = $10, issued_on = $11, effective_on = $12, \
        place = $13, source_url = $14, text_hash = $15, pages = $16, status_note = $17, changed_at = $18, \
        row_version = row_version + 1 where id = $1";
    SET_STATE = "update documents_document set state = 'published', withdrawn_audience = '', changed_at = $2, \
        row_version = row_version + 1 where id = $1 and state = 'draft'";
    SET_AUDIENCE = "update documents_document set audience = $2 where id = $1";
    WITHDRAW = "update documents_document set state = 'draft', withdrawn_audience = audience, changed_at = $2, \
        row_version = row_version + 1 where id = $1 and state = 'published'";
    DRAFTS = "select count(*) from documents_document where id = $1 and state = 'draft'";
    HOLD = "update documents_document set row_version = row_version where id = $1 and row_version = $2";
    SET_FILE = "update documents_document set file_sha = $2, file_name = $3, file_bytes = $4, file_kind = $5 where id = $1";
    ADD_FILE = "insert into documents_file (document_id, sha256, name, bytes, kind, added_at) \
        values ($1, $2, $3, $4, $5, $6) on conflict (document_id, sha256) do nothing";
    PROVISIONS = "select level, label, heading, anchor, external_id, body, page from documents_provision \
        where document_id = $1 and position >= $2 and position < $3 order by position";
    HEADS = "select level, label, heading, anchor, cast(length(body) as bigint) as chars, \
        case when label = '' and heading = '' then substr(body, 1, 120) else '' end as begins \
        from documents_provision where document_id = $1 order by position";
    ADD_PROVISION = "insert into documents_provision (document_id, position, level, label, heading, anchor, \
        external_id, body, page) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    REMOVE_PROVISIONS = "delete from documents_provision where document_id = $1";
    ADD_CITATION = "insert into documents_citation (from_id, symbol_key, cited_on, times, relation) \
        values ($1, $2, $3, $4, $5)";
    REMOVE_CITATIONS = "delete from documents_citation where from_id = $1";
    TITLE = "select title from documents_document where id = $1";
    HOLD_BARE = "update documents_document set row_version = row_version where id = $1 and row_version = bare_version";
    REMOVE_FILES = "delete from documents_file where document_id = $1";
    REMOVE = "delete from documents_document where id = $1";
    UNIT_OF = "select d.unit_id, coalesce(u.path, '') from documents_document d \
        left join v_people_unit u on u.id = d.unit_id where d.id = $1";
    UNIT = "select id, path from v_people_unit where id = $1";
    IDS_AFTER = "select id from documents_document where id > $1 order by id limit $2";
    /// As other rooms read the view.
    CITED = "select document_id, symbol_key, title, issued_on, audience from v_documents_cited where symbol_key = $1";
}

// What follows ends in the reader's reach; the list of parameters is written behind it.
const FILTER: &str = "where state = 'published' and ($1 = '' or kind = $1) and ($2 = '' or substr(issued_on, 1, 4) = $2) \
    and ($3 = '' or issuer_fold = $3) and audience in ";
const CITED_BY: &str = "select d.id, d.symbol, d.kind, d.title, d.issued_on, d.issuer_name, \
    cast(sum(c.times) as bigint) as times from documents_citation c join documents_document d on d.id = c.from_id \
    where c.symbol_key = $1 and (c.cited_on = '' or $2 = '' or c.cited_on = $2) and d.id <> $3 \
    and d.state = 'published' and d.audience in ";
const WITHIN: &str = "select id, symbol, kind, title, issued_on, issuer_name, 0 as times from documents_document \
    where state = 'published' and";
const SINCE: &str = "select id, symbol, kind, title, issued_on, issuer_name, 0 as times from documents_document \
    where state = 'published' and issued_on >= $1 and issued_on <= $2 and audience in ";

kernel::facts! {
    /// Whether its audience finds a document.
    pub(crate) enum State {
        /// Only its writer and those who may publish it.
        Draft = "draft",
        /// Its audience.
        Published = "published",
    }
}

/// A document as it is kept.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Document {
    #[sqlx(try_from = "String")]
    pub(crate) id: DocumentId,
    pub(crate) external_id: String,
    pub(crate) symbol: String,
    pub(crate) symbol_key: String,
    pub(crate) kind: String,
    pub(crate) issuer_name: String,
    pub(crate) issuer_fold: String,
    pub(crate) unit_id: String,
    unit_path: String,
    pub(crate) title: String,
    pub(crate) topic: String,
    pub(crate) issued_on: String,
    pub(crate) effective_on: String,
    pub(crate) place: String,
    pub(crate) source: String,
    pub(crate) source_url: String,
    #[sqlx(try_from = "String")]
    pub(crate) audience: Audience,
    pub(crate) language: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: State,
    pub(crate) file_sha: String,
    pub(crate) file_name: String,
    pub(crate) file_bytes: i64,
    pub(crate) file_kind: String,
    pub(crate) text_hash: String,
    pub(crate) pages: i64,
    pub(crate) status_note: String,
    pub(crate) created_by: String,
    pub(crate) row_version: i64,
    withdrawn_audience: String,
}

impl Document {
    /// Whether it was out for one of these readers and was withdrawn.
    pub(crate) fn was_withdrawn_from(&self, reach: &[String]) -> bool {
        self.is_withdrawn() && reach.contains(&self.withdrawn_audience)
    }
    pub(crate) fn is_published(&self) -> bool {
        self.state == State::Published
    }
    /// Whether it was out and is no more.
    pub(crate) fn is_withdrawn(&self) -> bool {
        !self.is_published() && !self.withdrawn_audience.is_empty()
    }
    /// The unit to which it belongs, where that stands today.
    pub(crate) fn unit(&self) -> Option<UnitRef> {
        unit_ref(&self.unit_id, self.unit_path.clone())
    }
}

fn unit_ref(id: &str, path: String) -> Option<UnitRef> {
    let id: UnitId = id.parse().ok()?; // no unit, no reference
    let path = UnitPath::try_from(path).ok()?; // likewise
    Some(UnitRef { id, path })
}

/// A line of a list.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) symbol: String,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) issued_on: String,
    pub(crate) issuer_name: String,
    pub(crate) times: i64,
}

/// A provision without its text, for the outline and for paging.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Head {
    pub(crate) level: i64,
    pub(crate) label: String,
    pub(crate) heading: String,
    pub(crate) anchor: String,
    pub(crate) chars: i64,
    /// The first words of a provision that has neither number nor heading.
    pub(crate) begins: String,
}

impl Head {
    pub(crate) fn weight(&self) -> Weight {
        Weight {
            level: self.level,
            chars: self.chars,
        }
    }
}

/// Who a new document belongs to and who may see it.
#[derive(Debug, Clone)]
pub(crate) struct Belongs {
    pub(crate) audience: Audience,
    /// Empty: the whole installation.
    pub(crate) unit_id: String,
    pub(crate) state: State,
}

/// A file that a document came as.
#[derive(Debug, Clone)]
pub(crate) struct FileRow {
    pub(crate) sha256: String,
    pub(crate) name: String,
    pub(crate) bytes: i64,
    pub(crate) kind: &'static str,
}

pub(crate) async fn find(site: &Site, id: &DocumentId) -> Result<Option<Document>> {
    sql(GET).bind(id).maybe(site.db.read()).await
}

pub(crate) async fn list_by_symbol(site: &Site, key: &str) -> Result<Vec<Document>> {
    sql(BY_SYMBOL).bind(key).all(site.db.read()).await
}

pub(crate) async fn find_by_identity(site: &Site, key: &str) -> Result<Option<Document>> {
    sql(BY_IDENTITY).bind(key).maybe(site.db.read()).await
}

/// The document that this person made of just this form: it was sent twice.
pub(crate) async fn find_sent(
    site: &Site,
    draft: &Draft,
    belongs: &Belongs,
    by: &kernel::MemberId,
) -> Result<Option<String>> {
    let row: Option<(String,)> = sql(SENT)
        .bind(draft.identity_key())
        .bind(draft.text_hash())
        .bind(&draft.title)
        .bind(&belongs.audience)
        .bind(belongs.state.word())
        .bind(by)
        .bind(&belongs.unit_id)
        .maybe(site.db.read())
        .await?;
    Ok(row.map(|(id,)| id))
}

/// The document that came as this file, and the file's name then.
pub(crate) async fn find_by_file(site: &Site, sha256: &str) -> Result<Option<(String, String)>> {
    sql(BY_FILE).bind(sha256).maybe(site.db.read()).await
}

pub(crate) async fn list_ids_after(site: &Site, after: &str, limit: i64) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = sql(IDS_AFTER)
        .bind(after)
        .bind(limit)
        .all(site.db.read())
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Provisions from one position up to before another.
pub(crate) async fn list_provisions(
    site: &Site,
    id: &str,
    from: i64,
    to: i64,
) -> Result<Vec<Provision>> {
    let asked = sql(PROVISIONS).bind(id).bind(from).bind(to);
    asked.all(site.db.read()).await
}

pub(crate) async fn list_heads(site: &Site, id: &DocumentId) -> Result<Vec<Head>> {
    sql(HEADS).bind(id).all(site.db.read()).await
}

/// Whether the act was opened for this document: every write of one asks. What is not there is nobody's.
///
/// # Errors
/// A fault whose cause is [`site::Beyond`] when it was not; nothing of the act is kept.
pub(crate) async fn holds<P: site::Proof>(act: &mut Act<P>, id: &str) -> Result<()> {
    if act.has_reached(id) {
        return Ok(());
    }
    let found: Option<(String, String)> = sql(UNIT_OF).bind(id).maybe(act.on()).await?;
    let Some((unit, path)) = found else {
        return Ok(());
    };
    match unit_ref(&unit, path) {
        Some(unit) => act.over(&unit)?,
        None => act.over_all()?,
    }
    act.reaches(id);
    Ok(())
}

/// Whether it was opened for documents of this unit; an empty id is none.
async fn holds_unit(act: &mut Act<Writing>, unit: &str) -> Result<()> {
    if act.has_reached(unit) {
        return Ok(());
    }
    let found: Option<(String, String)> = sql(UNIT).bind(unit).maybe(act.on()).await?;
    match found.and_then(|(unit, path)| unit_ref(&unit, path)) {
        Some(unit) => act.over(&unit),
        None => act.over_all(),
    }
}

/// Adds a document with its text and citations (found before the act began), and announces it. `None`: one of
/// the same identity is there, and nothing was written.
pub(crate) async fn add(
    act: &mut Act<Writing>,
    draft: &Draft,
    cited: &[Cited],
    belongs: &Belongs,
) -> Result<Option<String>> {
    holds_unit(act, &belongs.unit_id).await?;
    let (now, by) = (act.now(), act.by().to_owned());
    let id = DocumentId::fresh(&act.site().clock, &act.site().dice).to_string();
    let added = sql(ADD)
        .bind(&id)
        .bind(draft.identity_key())
        .bind(&draft.external_id)
        .bind(&draft.symbol)
        .bind(draft.symbol_key())
        .bind(&draft.kind)
        .bind(&draft.issuer_name)
        .bind(vietnamese::fold(&draft.issuer_name))
        .bind(&belongs.unit_id)
        .bind(&draft.title)
        .bind(vietnamese::fold(&draft.title))
        .bind(&draft.topic)
        .bind(&draft.issued_on)
        .bind(&draft.effective_on)
        .bind(&draft.place)
        .bind(&draft.source)
        .bind(&draft.source_url)
        .bind(&belongs.audience)
        .bind(if draft.language.is_empty() {
            "vi"
        } else {
            &draft.language
        })
        .bind(belongs.state.word())
        .bind(draft.text_hash())
        .bind(draft.pages)
        .bind(&draft.status_note)
        .bind(by)
        .bind(now)
        .run(act.on())
        .await?;
    if added == 0 {
        return Ok(None);
    }
    act.reaches(&id);
    add_text(act, &id, draft, cited).await?;
    act.changed(crate::feed::KIND, &id);
    Ok(Some(id))
}

/// The title of a document; empty when it is not there.
pub(crate) async fn title(act: &mut Act<Writing>, id: &str) -> Result<String> {
    let row: Option<(String,)> = sql(TITLE).bind(id).maybe(act.on()).await?;
    Ok(row.map(|(title,)| title).unwrap_or_default())
}

/// Removes a document that nobody changed since it was added; answers its title.
pub(crate) async fn take_back(act: &mut Act<Writing>, id: &str) -> Result<(String, Back)> {
    let row: Option<(String,)> = sql(TITLE).bind(id).maybe(act.on()).await?;
    let Some((title,)) = row else {
        return Ok((String::new(), Back::Gone));
    };
    holds(act, id).await?;
    // Its own row first: whoever changes it meanwhile waits, and then finds nothing or is found here.
    if sql(HOLD_BARE).bind(id).run(act.on()).await? == 0 {
        return Ok((title, Back::Kept));
    }
    for text in [
        REMOVE_PROVISIONS,
        REMOVE_CITATIONS,
        REMOVE_FILES,
        anew::DONE,
    ] {
        sql(text).bind(id).run(act.on()).await?;
    }
    standing::unsay(act, id).await?;
    sql(REMOVE).bind(id).run(act.on()).await?;
    act.changed(crate::feed::KIND, id);
    Ok((title, Back::Removed))
}

/// Writes a document anew: its facts, and its text where the draft brings one, with what that cites.
/// Announces it.
pub(crate) async fn set(
    act: &mut Act<Writing>,
    id: &str,
    draft: &Draft,
    text_hash: &str,
    cited: Option<&[Cited]>,
) -> Result<()> {
    holds(act, id).await?;
    let now = act.now();
    sql(SET)
        .bind(id)
        .bind(draft.identity_key())
        .bind(&draft.symbol)
        .bind(draft.symbol_key())
        .bind(&draft.kind)
        .bind(&draft.issuer_name)
        .bind(vietnamese::fold(&draft.issuer_name))
        .bind(&draft.title)
        .bind(vietnamese::fold(&draft.title))
        .bind(&draft.topic)
        .bind(&draft.issued_on)
        .bind(&draft.effective_on)
        .bind(&draft.place)
        .bind(&draft.source_url)
        .bind(text_hash)
        .bind(draft.pages)
        .bind(&draft.status_note)
        .bind(now)
        .run(act.on())
        .await?;
    if let Some(cited) = cited {
        sql(REMOVE_PROVISIONS).bind(id).run(act.on()).await?;
        sql(REMOVE_CITATIONS).bind(id).run(act.on()).await?;
        add_text(act, id, draft, cited).await?;
    }
    act.changed(crate::feed::KIND, id);
    Ok(())
}

async fn add_text(act: &mut Act<Writing>, id: &str, draft: &Draft, cited: &[Cited]) -> Result<()> {
    add_provisions(act, id, &draft.provisions).await?;
    add_citations(act, id, cited).await
}

async fn add_provisions(act: &mut Act<Writing>, id: &str, provisions: &[Provision]) -> Result<()> {
    for (position, provision) in (0_i64..).zip(provisions) {
        sql(ADD_PROVISION)
            .bind(id)
            .bind(position)
            .bind(provision.level)
            .bind(&provision.label)
            .bind(&provision.heading)
            .bind(&provision.anchor)
            .bind(&provision.external_id)
            .bind(&provision.body)
            .bind(provision.page)
            .run(act.on())
            .await?;
    }
    Ok(())
}

async fn add_citations<P: site::Proof>(act: &mut Act<P>, id: &str, cited: &[Cited]) -> Result<()> {
    for cited in cited {
        sql(ADD_CITATION)
            .bind(id)
            .bind(&cited.key)
            .bind(&cited.day)
            .bind(cited.times)
            .bind(cited.relation)
            .run(act.on())
            .await?;
    }
    Ok(())
}

/// Notes the file that a document came as; it becomes the one that the page offers.
pub(crate) async fn set_file(act: &mut Act<Writing>, id: &str, file: &FileRow) -> Result<()> {
    holds(act, id).await?;
    let now = act.now();
    sql(SET_FILE)
        .bind(id)
        .bind(&file.sha256)
        .bind(&file.name)
        .bind(file.bytes)
        .bind(file.kind)
        .run(act.on())
        .await?;
    sql(ADD_FILE)
        .bind(id)
        .bind(&file.sha256)
        .bind(&file.name)
        .bind(file.bytes)
        .bind(file.kind)
        .bind(now)
        .run(act.on())
        .await?;
    Ok(())
}

/// Whether it is a draft at this moment.
pub(crate) async fn is_draft(act: &mut Act<CanPublish>) -> Result<bool> {
    let id = act.document.clone();
    Ok(sql(DRAFTS).bind(id).count(act.on()).await? == 1)
}

/// Publishes a draft; answers whether it was one.
pub(crate) async fn publish(act: &mut Act<CanPublish>) -> Result<bool> {
    let (id, now) = (act.document.clone(), act.now());
    holds(act, id.as_str()).await?;
    let changed = sql(SET_STATE).bind(&id).bind(now).run(act.on()).await?;
    act.changed(crate::feed::KIND, &id);
    Ok(changed == 1)
}

/// Takes a published document back to the drafts; answers whether it was out.
pub(crate) async fn withdraw(act: &mut Act<Writing>, id: &str) -> Result<bool> {
    holds(act, id).await?;
    let now = act.now();
    let changed = sql(WITHDRAW).bind(id).bind(now).run(act.on()).await?;
    act.changed(crate::feed::KIND, id);
    Ok(changed == 1)
}

/// Opens or closes a document to readers.
pub(crate) async fn set_audience(
    act: &mut Act<Writing>,
    id: &str,
    audience: &Audience,
) -> Result<()> {
    holds(act, id).await?;
    let stated = sql(SET_AUDIENCE).bind(id).bind(audience);
    stated.run(act.on()).await?;
    Ok(())
}

/// Begins a change of a document that was seen in that version; `false`: somebody else was faster. It is
/// the first statement of an act, and an update: whoever comes second waits for the row, then finds it newer.
pub(crate) async fn begin_change(act: &mut Act<Writing>, id: &str, seen: &str) -> Result<bool> {
    let Ok(seen) = seen.parse::<i64>() else {
        return Ok(false); // a form without a version is as old as can be
    };
    act.line().object("document", id);
    stands(act, id, seen).await
}

/// Takes the row of a document that was read in that version; `false`: it moved on since.
pub(crate) async fn stands<P: site::Proof>(
    act: &mut Act<P>,
    id: &str,
    version: i64,
) -> Result<bool> {
    holds(act, id).await?;
    Ok(sql(HOLD).bind(id).bind(version).run(act.on()).await? == 1)
}

/// What a list is narrowed to; an empty field narrows nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) kind: String,
    pub(crate) year: String,
    pub(crate) issuer_fold: String,
}

/// How many documents a reader finds.
pub(crate) async fn count(site: &Site, filter: &Filter, reach: &[String]) -> Result<i64> {
    let text = format!(
        "select count(*) from documents_document {FILTER}{}",
        in_list(4, reach.len())
    );
    bound(text, filter, reach).count(site.db.read()).await
}

/// A page of the list, newest first.
pub(crate) async fn list(
    site: &Site,
    filter: &Filter,
    reach: &[String],
    limit: i64,
    offset: i64,
) -> Result<Vec<Listed>> {
    let at = 4 + reach.len();
    let text = format!(
        "select id, symbol, kind, title, issued_on, issuer_name, 0 as times from documents_document \
         {FILTER}{} order by issued_on desc, id desc limit ${at} offset ${}",
        in_list(4, reach.len()),
        at + 1
    );
    bound(text, filter, reach)
        .bind(limit)
        .bind(offset)
        .all(site.db.read())
        .await
}

/// A value to narrow by, and how many documents have it.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) count: i64,
}

/// What can be narrowed by within reach: kinds, years or issuers. Each is counted among what the other
/// filters leave, so that a choice shows as many documents as it says.
pub(crate) async fn list_choices(
    site: &Site,
    what: Narrow,
    filter: &Filter,
    reach: &[String],
) -> Result<Vec<Choice>> {
    let mut others = filter.clone();
    match what {
        Narrow::Kind => others.kind.clear(),
        Narrow::Year => others.year.clear(),
        Narrow::Issuer => others.issuer_fold.clear(),
    }
    let (value, label, order) = match what {
        Narrow::Kind => ("kind", "kind", "count(*) desc, value"),
        Narrow::Year => (
            "substr(issued_on, 1, 4)",
            "substr(issued_on, 1, 4)",
            "value desc",
        ),
        Narrow::Issuer => ("issuer_fold", "min(issuer_name)", "count(*) desc, value"),
    };
    let text = format!(
        "select {value} as value, {label} as label, count(*) as count from documents_document \
         {FILTER}{} group by {value} order by {order} limit 60",
        in_list(4, reach.len())
    );
    let choices: Vec<Choice> = bound(text, &others, reach).all(site.db.read()).await?;
    Ok(choices
        .into_iter()
        .filter(|choice| !choice.value.is_empty())
        .collect())
}

/// By what a list can be narrowed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Narrow {
    Kind,
    Year,
    Issuer,
}

fn bound(text: String, filter: &Filter, reach: &[String]) -> db::Stmt {
    sql_built(text)
        .bind(&filter.kind)
        .bind(&filter.year)
        .bind(&filter.issuer_fold)
        .bind_all(reach.iter())
}

/// Documents within reach that cite this one: by its symbol, undated or with its date.
pub(crate) async fn list_citing(
    site: &Site,
    document: &Document,
    reach: &[String],
) -> Result<Vec<Listed>> {
    if document.symbol_key.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "{CITED_BY}{} group by d.id, d.symbol, d.kind, d.title, d.issued_on, d.issuer_name \
         order by d.issued_on desc, d.id limit 100",
        in_list(4, reach.len())
    );
    let cited = sql_built(text)
        .bind(&document.symbol_key)
        .bind(&document.issued_on)
        .bind(&document.id);
    cited.bind_all(reach.iter()).all(site.db.read()).await
}

/// Documents of a symbol within reach, newest first.
pub(crate) async fn list_within_by_symbol(
    site: &Site,
    key: &str,
    reach: &[String],
    limit: i64,
) -> Result<Vec<Listed>> {
    let at = 2 + reach.len();
    let text = format!(
        "{WITHIN} symbol_key = $1 and audience in {} order by issued_on desc, id limit ${at}",
        in_list(2, reach.len())
    );
    sql_built(text)
        .bind(key)
        .bind_all(reach.iter())
        .bind(limit)
        .all(site.db.read())
        .await
}

/// Those of these documents that are within reach.
pub(crate) async fn list_within_by_ids(
    site: &Site,
    ids: &[String],
    reach: &[String],
) -> Result<Vec<Listed>> {
    let text = format!(
        "{WITHIN} id in {} and audience in {}",
        in_list(1, ids.len()),
        in_list(1 + ids.len(), reach.len())
    );
    sql_built(text)
        .bind_all(ids.iter())
        .bind_all(reach.iter())
        .all(site.db.read())
        .await
}

/// What is not out: never, or no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unpublished {
    /// It never was.
    Draft,
    /// It was withdrawn.
    Withdrawn,
}

/// A line of what is not out.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Hidden {
    pub(crate) id: String,
    pub(crate) symbol: String,
    pub(crate) title: String,
    pub(crate) changed_at: i64,
    /// Who wrote it; empty for what the operator brought in.
    pub(crate) writer: String,
}

/// What is not out and this member sees, as `access` says it of one document: as its writer or as who may
/// publish it. The last changed first, with how many there are in all.
pub(crate) async fn list_unpublished(
    site: &Site,
    actor: &kernel::Actor,
    on: Day,
    which: Unpublished,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Hidden>, i64)> {
    let scope = actor.scope(kernel::Cap::ContentPublish, on);
    let (publish, values) = db::scope_condition(&scope, "coalesce(u.path, '/')", 2);
    let of = match which {
        Unpublished::Draft => "=",
        Unpublished::Withdrawn => "<>",
    };
    let from = format!(
        "from documents_document d left join v_people_unit u on u.id = d.unit_id \
         left join v_people_name m on m.member_id = d.created_by \
         where d.state = 'draft' and d.withdrawn_audience {of} '' and (d.created_by = $1 or {publish})"
    );
    let total = sql_built(format!("select count(*) {from}"))
        .bind(&actor.member)
        .bind_all(values.iter())
        .count(site.db.read())
        .await?;
    let at = 2 + values.len();
    let text = format!(
        "select d.id, d.symbol, d.title, d.changed_at, coalesce(m.name, '') as writer {from} \
         order by d.changed_at desc, d.id desc limit ${at} offset ${}",
        at + 1
    );
    let rows = sql_built(text)
        .bind(&actor.member)
        .bind_all(values.iter())
        .bind(limit)
        .bind(offset)
        .all(site.db.read())
        .await?;
    Ok((rows, total))
}

/// Drafts of others that this member may publish and that were never out, the oldest first.
pub(crate) async fn list_waiting(
    site: &Site,
    actor: &kernel::Actor,
    on: Day,
    limit: i64,
) -> Result<Vec<Hidden>> {
    let scope = actor.scope(kernel::Cap::ContentPublish, on);
    let (publish, values) = db::scope_condition(&scope, "coalesce(u.path, '/')", 3);
    let text = format!(
        "select d.id, d.symbol, d.title, d.changed_at, coalesce(m.name, '') as writer \
         from documents_document d left join v_people_unit u on u.id = d.unit_id \
         left join v_people_name m on m.member_id = d.created_by \
         where d.state = 'draft' and d.withdrawn_audience = '' and d.created_by <> $1 and {publish} \
         order by d.changed_at, d.id limit $2"
    );
    sql_built(text)
        .bind(&actor.member)
        .bind(limit)
        .bind_all(values.iter())
        .all(site.db.read())
        .await
}

/// Documents issued between two days (both included), newest first.
pub(crate) async fn list_issued(
    site: &Site,
    from: Day,
    to: Day,
    reach: &[String],
    limit: i64,
) -> Result<Vec<Listed>> {
    let at = 3 + reach.len();
    let text = format!(
        "{SINCE}{} order by issued_on desc, id desc limit ${at}",
        in_list(3, reach.len())
    );
    sql_built(text)
        .bind(from)
        .bind(to)
        .bind_all(reach.iter())
        .bind(limit)
        .all(site.db.read())
        .await
}

/// Symbols that a document cites.
#[cfg(test)]
pub(crate) async fn cited_keys(site: &Site, id: &str) -> Result<std::collections::HashSet<String>> {
    let rows: Vec<(String,)> = sql("select symbol_key from documents_citation where from_id = $1")
        .bind(id)
        .all(site.db.read())
        .await?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// Whether the identity of a document was taken in between.
pub(crate) fn is_taken(error: &Error) -> bool {
    db::broke(error, "documents_document_identity_key")
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::on_both;

    #[tokio::test(flavor = "multi_thread")]
    async fn every_statement_is_known_to_both_databases() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.prepares(&crate::room().statements).await;
                let reach = ["public".to_owned(), "members".to_owned()];
                let filter = Filter {
                    kind: "plan".into(),
                    year: "2026".into(),
                    issuer_fold: "x".into(),
                };
                for reach in [&reach[..], &[]] {
                    assert_eq!(count(&app.site, &filter, reach).await.unwrap(), 0);
                    assert!(
                        list(&app.site, &filter, reach, 10, 0)
                            .await
                            .unwrap()
                            .is_empty()
                    );
                    for what in [Narrow::Kind, Narrow::Year, Narrow::Issuer] {
                        assert!(
                            list_choices(&app.site, what, &filter, reach)
                                .await
                                .unwrap()
                                .is_empty()
                        );
                    }
                    assert!(
                        list_issued(&app.site, app.today(), app.today(), reach, 3)
                            .await
                            .unwrap()
                            .is_empty()
                    );
                }
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_document_keeps_its_text_its_citations_and_its_file() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let (rules, guidance) = crate::sample::both(&app).await;
                let kept = find(&app.site, &rules.parse().unwrap())
                    .await
                    .unwrap()
                    .unwrap();
                assert_eq!(
                    (kept.symbol_key.as_str(), kept.issued_on.as_str()),
                    ("12-qd-du", "2026-06-15")
                );
                assert_eq!(kept.title, "Quy định về nền nếp sinh hoạt chi bộ");
                assert_eq!(
                    (kept.file_name.as_str(), kept.file_kind.as_str()),
                    ("12.md", "text")
                );
                let labels: Vec<_> = list_provisions(&app.site, &rules, 0, 99)
                    .await
                    .unwrap()
                    .iter()
                    .map(Provision::title)
                    .collect();
                assert_eq!(
                    labels[1..],
                    [
                        "Chương I. Quy định chung",
                        "Điều 1. Phạm vi",
                        "Chương II. Sinh hoạt",
                        "Điều 2. Báo vắng"
                    ]
                );
                assert!(
                    cited_keys(&app.site, &guidance)
                        .await
                        .unwrap()
                        .contains("12-qd-du")
                );
                let reach = ["public".to_owned(), "members".to_owned()];
                let citing = list_citing(&app.site, &kept, &reach).await.unwrap();
                assert_eq!((citing.len(), citing[0].times), (1, 2));
            },
        )
        .await;
    }
}
