//! What is known of whether documents still count.
//!
//! The texts end in a list of ids, so they are put together here. What it means is `standing`'s matter.

use crate::access::Writing;
use crate::standing::State;
use db::{in_list, sql, sql_built};
use kernel::Audience;
use kernel::error::Result;
use site::{Act, Proof, Site};

db::statements! {
    SAY = "insert into documents_standing (document_id, state, newer_symbol, note, set_on, set_by) \
        values ($1, $2, $3, $4, $5, $6) on conflict (document_id) do update set state = excluded.state, \
        newer_symbol = excluded.newer_symbol, note = excluded.note, set_on = excluded.set_on, set_by = excluded.set_by";
    HELD = "select count(*) from documents_document where symbol_key = $1";
    RELATE = "insert into documents_relation (from_id, symbol_key, symbol, relation) values ($1, $2, $3, $4) \
        on conflict (from_id, symbol_key) do update set symbol = excluded.symbol, relation = excluded.relation";
    RELATED = "select symbol, relation from documents_relation where from_id = $1 order by symbol_key";
    UNRELATE = "delete from documents_relation where from_id = $1";
    RELATED_IDS = "select d.id from documents_document d join documents_relation r on r.symbol_key = d.symbol_key \
        where r.from_id = $1 and d.symbol_key <> '' order by d.id";
    UNSAY = "delete from documents_standing where document_id = $1";
    RAISE = "update documents_document set row_version = row_version + 1 where id = $1";
}

const KNOWN: &str = "select d.id, d.kind, d.status_note, d.issued_on, d.effective_on, \
    coalesce(s.state, '') as set_state, coalesce(s.newer_symbol, '') as newer_symbol, coalesce(s.note, '') as note \
    from documents_document d left join documents_standing s on s.document_id = d.id where d.id in ";
const NEWER: &str = "select d.id as old_id, c.relation, n.id, n.symbol, n.issued_on, n.effective_on, n.audience \
    from documents_document d \
    join (select from_id, symbol_key, cited_on, relation from documents_citation where relation <> '' \
    union all select from_id, symbol_key, '' as cited_on, relation from documents_relation) c \
    on c.symbol_key = d.symbol_key and (c.cited_on = '' or c.cited_on = d.issued_on) \
    join documents_document n on n.id = c.from_id \
    left join v_people_unit du on du.id = d.unit_id left join v_people_unit nu on nu.id = n.unit_id \
    where n.state = 'published' and n.id <> d.id and d.symbol_key <> '' and n.issued_on >= d.issued_on \
    and d.issuer_fold <> '' and n.issuer_fold = d.issuer_fold \
    and (n.unit_id = '' or n.unit_id = d.unit_id or substr(du.path, 1, length(nu.path)) = nu.path) and d.id in ";

/// What one document says of itself, and what was said of it by hand.
#[derive(Debug, Clone, Default, db::FromRow)]
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) status_note: String,
    pub(crate) issued_on: String,
    pub(crate) effective_on: String,
    pub(crate) set_state: String,
    pub(crate) newer_symbol: String,
    pub(crate) note: String,
}

/// A newer document of the same body that says what becomes of an older one.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Newer {
    pub(crate) old_id: String,
    pub(crate) relation: String,
    pub(crate) id: String,
    pub(crate) symbol: String,
    pub(crate) issued_on: String,
    pub(crate) effective_on: String,
    #[sqlx(try_from = "String")]
    pub(crate) audience: Audience,
}

/// What is known of these.
pub(crate) async fn list(site: &Site, ids: &[String]) -> Result<Vec<Known>> {
    let text = format!("{KNOWN}{}", in_list(1, ids.len()));
    sql_built(text)
        .bind_all(ids.iter())
        .all(site.db.read())
        .await
}

/// What newer documents say of these, the newest first.
pub(crate) async fn list_newer(site: &Site, ids: &[String]) -> Result<Vec<Newer>> {
    let text = format!(
        "{NEWER}{} order by n.issued_on desc, n.id",
        in_list(1, ids.len())
    );
    sql_built(text)
        .bind_all(ids.iter())
        .all(site.db.read())
        .await
}

/// Whether a document of that symbol is here, within whosever reach, be it a draft.
pub(crate) async fn is_held(site: &Site, symbol_key: &str) -> Result<bool> {
    let held = sql(HELD).bind(symbol_key).count(site.db.read()).await?;
    Ok(held > 0)
}

/// What a person says of a document.
pub(crate) struct Said<'a> {
    pub(crate) state: State,
    pub(crate) newer_symbol: &'a str,
    pub(crate) note: &'a str,
}

/// Keeps what a document does with older papers, as whoever wrote it said, and announces those that are here.
pub(crate) async fn relate(
    act: &mut Act<Writing>,
    id: &str,
    relation: &str,
    symbols: &[String],
) -> Result<()> {
    super::holds(act, id).await?;
    for symbol in symbols {
        sql(RELATE)
            .bind(id)
            .bind(crate::document::symbol_key(symbol))
            .bind(symbol)
            .bind(relation)
            .run(act.on())
            .await?;
    }
    tell_related(act, id).await
}

/// What a document does with older papers, as whoever wrote it said: symbol and relation.
pub(crate) async fn list_related(site: &Site, id: &str) -> Result<Vec<(String, String)>> {
    sql(RELATED).bind(id).all(site.db.read()).await
}

/// Says anew what a document does with older papers; those of before are announced as well. No symbols: nothing.
pub(crate) async fn relate_anew(
    act: &mut Act<Writing>,
    id: &str,
    relation: &str,
    symbols: &[String],
) -> Result<()> {
    super::holds(act, id).await?;
    tell_related(act, id).await?;
    sql(UNRELATE).bind(id).run(act.on()).await?;
    relate(act, id, relation, symbols).await
}

/// The older papers that a document speaks of stand otherwise from now on: search hears it.
pub(crate) async fn tell_related<P: Proof>(act: &mut Act<P>, id: &str) -> Result<()> {
    let older: Vec<(String,)> = sql(RELATED_IDS).bind(id).all(act.on()).await?;
    for (older,) in older {
        act.changed(crate::feed::KIND, &older);
    }
    Ok(())
}

/// Forgets what was said of a document that goes, and what it said of others.
pub(crate) async fn unsay(act: &mut Act<Writing>, id: &str) -> Result<()> {
    super::holds(act, id).await?;
    sql(UNSAY).bind(id).run(act.on()).await?;
    sql(UNRELATE).bind(id).run(act.on()).await?;
    Ok(())
}

/// Keeps what is said of a document; nothing said: the texts and days decide again.
pub(crate) async fn say(act: &mut Act<Writing>, id: &str, said: Option<Said<'_>>) -> Result<()> {
    super::holds(act, id).await?;
    let (by, today) = (act.by().to_owned(), act.now().day());
    match said {
        None => sql(UNSAY).bind(id).run(act.on()).await?,
        Some(said) => {
            sql(SAY)
                .bind(id)
                .bind(said.state.word())
                .bind(said.newer_symbol)
                .bind(said.note)
                .bind(today)
                .bind(by)
                .run(act.on())
                .await?
        }
    };
    sql(RAISE).bind(id).run(act.on()).await?;
    act.changed(crate::feed::KIND, id);
    Ok(())
}
