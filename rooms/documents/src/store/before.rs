//! Documents as they were before a later file renewed them, to be put back while nobody touched them.
//!
//! An import keeps both images with its run (`site::import::note_changed`): what stood there, with its text, and
//! what it left. Not here: whether other rooms build on it (`Guard` of `document.remove`).
//! The rule that surprises: what an import left counts as bare again after all that came later was taken back
//! (`bare_version`), so the file before can be taken back as well.

use super::holds;
use crate::access::Writing;
use crate::document::Provision;
use db::sql;
use kernel::error::Result;
use serde::{Deserialize, Serialize};
use site::Act;
use site::import::{Back, Was};

db::statements! {
    FACTS = "select identity_key, symbol, symbol_key, kind, issuer_name, issuer_fold, title, title_fold, topic, \
        issued_on, effective_on, place, source_url, text_hash, pages, status_note, audience, state, \
        file_sha, file_name, file_bytes, file_kind from documents_document where id = $1";
    IS_BARE = "select count(*) from documents_document where id = $1 and row_version = bare_version";
    IS_TAKEN = "select count(*) from documents_document where identity_key = $1 and id <> $2";
    STANDS = "select state, newer_symbol, note from documents_standing where document_id = $1";
    FILES = "select sha256 from documents_file where document_id = $1 order by sha256";
    DROP_FILE = "delete from documents_file where document_id = $1 and sha256 = $2";
    TEXT = "select level, label, heading, anchor, external_id, body, page from documents_provision \
        where document_id = $1 order by position";
    CITES = "select symbol_key, cited_on, times, relation from documents_citation where from_id = $1 \
        order by symbol_key, cited_on, relation";
    HOLD_ANY = "update documents_document set row_version = row_version where id = $1";
    STAYS_BARE = "update documents_document set bare_version = row_version where id = $1";
    RESTORE = "update documents_document set identity_key = $2, symbol = $3, symbol_key = $4, kind = $5, \
        issuer_name = $6, issuer_fold = $7, title = $8, title_fold = $9, topic = $10, issued_on = $11, \
        effective_on = $12, place = $13, source_url = $14, text_hash = $15, pages = $16, status_note = $17, \
        file_sha = $18, file_name = $19, file_bytes = $20, file_kind = $21, changed_at = $22, \
        row_version = row_version + 1, \
        bare_version = case when cast($23 as bigint) = 1 then row_version + 1 else bare_version end where id = $1";
}

/// What the row of a document says, as far as a file or a person changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, db::FromRow)]
struct Facts {
    identity_key: String,
    symbol: String,
    symbol_key: String,
    kind: String,
    issuer_name: String,
    issuer_fold: String,
    title: String,
    title_fold: String,
    topic: String,
    issued_on: String,
    effective_on: String,
    place: String,
    source_url: String,
    text_hash: String,
    pages: i64,
    status_note: String,
    audience: String,
    state: String,
    file_sha: String,
    file_name: String,
    file_bytes: i64,
    file_kind: String,
}

/// A document at one moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Image {
    facts: Facts,
    /// What was said by hand of whether it counts: state, newer symbol, note.
    stands: Option<(String, String, String)>,
    files: Vec<String>,
    is_bare: bool,
    /// Empty in the image of what was left: its hash is among the facts.
    text: Vec<Provision>,
    cites: Vec<(String, String, i64, String)>,
}

impl Image {
    /// Whether a document is still as a run left it.
    pub(crate) fn is_as(&self, left: &Image) -> bool {
        self.facts == left.facts && self.stands == left.stands && self.files == left.files
    }
}

/// Takes the row of a document, so that nobody changes it until the act ends; answers whether it is there.
async fn hold(act: &mut Act<Writing>, id: &str) -> Result<bool> {
    holds(act, id).await?;
    Ok(sql(HOLD_ANY).bind(id).run(act.on()).await? == 1)
}

/// What stands there now, with its text; nobody changes it until the act ends.
pub(crate) async fn image(act: &mut Act<Writing>, id: &str) -> Result<Image> {
    hold(act, id).await?;
    let text = sql(TEXT).bind(id).all(act.on()).await?;
    let cites = sql(CITES).bind(id).all(act.on()).await?;
    Ok(Image {
        text,
        cites,
        ..left(act, id).await?
    })
}

/// What stands there now, without its text: what a run left.
pub(crate) async fn left(act: &mut Act<Writing>, id: &str) -> Result<Image> {
    let files: Vec<(String,)> = sql(FILES).bind(id).all(act.on()).await?;
    Ok(Image {
        facts: sql(FACTS).bind(id).one(act.on()).await?,
        stands: sql(STANDS).bind(id).maybe(act.on()).await?,
        files: files.into_iter().map(|(file,)| file).collect(),
        is_bare: sql(IS_BARE).bind(id).count(act.on()).await? == 1,
        text: Vec::new(),
        cites: Vec::new(),
    })
}

/// What a run added and now wrote once more is as bare as it was: taken back it goes.
pub(crate) async fn stays_bare(act: &mut Act<Writing>, id: &str, was: &Image) -> Result<()> {
    if was.is_bare {
        holds(act, id).await?;
        sql(STAYS_BARE).bind(id).run(act.on()).await?;
    }
    Ok(())
}

/// Makes a document what it was before a run renewed it, when it is still as the run left it and nobody else
/// is what it was; answers its title.
///
/// # Errors
/// When the database fails, or the image was sealed with another key.
pub(crate) async fn restore(act: &mut Act<Writing>, id: &str, was: &Was) -> Result<(String, Back)> {
    let (was, left_so): (Image, Image) = was.open(&act.site().clone())?;
    if !hold(act, id).await? {
        return Ok((String::new(), Back::Gone));
    }
    let now = left(act, id).await?;
    let title = now.facts.title.clone();
    let taken = sql(IS_TAKEN).bind(&was.facts.identity_key).bind(id);
    if !now.is_as(&left_so) || taken.count(act.on()).await? > 0 {
        return Ok((title, Back::Kept));
    }
    holds(act, id).await?;
    write(act, id, &was).await?;
    for file in now.files.iter().filter(|file| !was.files.contains(file)) {
        sql(DROP_FILE).bind(id).bind(file).run(act.on()).await?;
    }
    act.changed(crate::feed::KIND, id);
    Ok((title, Back::Restored))
}

async fn write(act: &mut Act<Writing>, id: &str, was: &Image) -> Result<()> {
    let (now, facts) = (act.now(), &was.facts);
    sql(RESTORE)
        .bind(id)
        .bind(&facts.identity_key)
        .bind(&facts.symbol)
        .bind(&facts.symbol_key)
        .bind(&facts.kind)
        .bind(&facts.issuer_name)
        .bind(&facts.issuer_fold)
        .bind(&facts.title)
        .bind(&facts.title_fold)
        .bind(&facts.topic)
        .bind(&facts.issued_on)
        .bind(&facts.effective_on)
        .bind(&facts.place)
        .bind(&facts.source_url)
        .bind(&facts.text_hash)
        .bind(facts.pages)
        .bind(&facts.status_note)
        .bind(&facts.file_sha)
        .bind(&facts.file_name)
        .bind(facts.file_bytes)
        .bind(&facts.file_kind)
        .bind(now)
        .bind(i64::from(was.is_bare))
        .run(act.on())
        .await?;
    for text in [super::REMOVE_PROVISIONS, super::REMOVE_CITATIONS] {
        sql(text).bind(id).run(act.on()).await?;
    }
    super::add_provisions(act, id, &was.text).await?;
    for (key, day, times, relation) in &was.cites {
        sql(super::ADD_CITATION)
            .bind(id)
            .bind(key)
            .bind(day)
            .bind(*times)
            .bind(relation)
            .run(act.on())
            .await?;
    }
    Ok(())
}
