//! What the room gives to the search index: a document, and each of its provisions.
//!
//! A document with numbered parts is found by its title, symbol and facts; its text is found part by
//! part. One without parts carries its text itself. Drafts and what is gone yield no entries.

use crate::document::{ARTICLE, Provision, pages_of, plain};
use crate::store::{self, Document};
use kernel::error::Result;
use search::{Entry, Kind};
use site::{Feed, FeedItem, Later, Site};

/// The word under which documents are announced and found.
pub(crate) const KIND: &str = "document";
/// The word of one provision of a document.
pub(crate) const PROVISION: &str = "provision";

/// The feed.
pub(crate) const FEED: Feed = Feed {
    kind: KIND,
    finds: &[KIND, PROVISION],
    load,
    list,
    seen: |site, reach, ids| {
        Box::pin(async move {
            let found = store::list_within_by_ids(&site, &ids, &reach).await?;
            Ok(found.into_iter().map(|one| one.id).collect())
        })
    },
};

fn load(site: Site, ids: Vec<String>) -> Later<'static, Result<Vec<FeedItem>>> {
    Box::pin(async move {
        let mut items = Vec::with_capacity(ids.len());
        for id in ids {
            let entries = entries(&site, &id).await?;
            items.push(FeedItem {
                subject_id: id,
                entries,
            });
        }
        Ok(items)
    })
}

fn list(site: Site, after: String, limit: i64) -> Later<'static, Result<Vec<String>>> {
    Box::pin(async move { store::list_ids_after(&site, &after, limit).await })
}

async fn entries(site: &Site, id: &str) -> Result<Vec<Entry>> {
    let Ok(parsed) = id.parse() else {
        return Ok(Vec::new());
    };
    let Some(document) = store::find(site, &parsed).await? else {
        return Ok(Vec::new());
    };
    if !document.is_published() {
        return Ok(Vec::new());
    }
    let provisions = store::list_provisions(site, id, 0, i64::MAX).await?;
    Ok(entries_of(&document, &provisions))
}

fn entries_of(document: &Document, provisions: &[Provision]) -> Vec<Entry> {
    let id = document.id.as_str();
    let weights: Vec<_> = provisions
        .iter()
        .map(|p| crate::document::Weight {
            level: p.level,
            chars: i64::try_from(p.body.len()).unwrap_or(i64::MAX),
        })
        .collect();
    let starts = pages_of(&weights);
    let has_parts = provisions.len() > 1
        || provisions
            .iter()
            .any(|p| p.level <= ARTICLE || !p.external_id.is_empty());
    let mut own = entry(document, Kind::of(KIND));
    own.id = id.to_owned();
    own.title = document.title.clone();
    own.context = document.topic.clone();
    own.external_id = some(&document.external_id);
    own.url = format!("/documents/{id}");
    let kind = citation::Kind::by_code(&document.kind)
        .map(citation::Kind::name)
        .unwrap_or_default();
    own.body = [kind, &document.symbol, &document.issuer_name]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ");
    let mut out = Vec::with_capacity(provisions.len() + 1);
    for (at, provision) in provisions.iter().enumerate() {
        let body = plain(&provision.body);
        if !has_parts {
            own.body.push('\n');
            own.body.push_str(&body);
            continue;
        }
        if body.is_empty() && provision.external_id.is_empty() {
            continue;
        }
        let page = starts.partition_point(|start| *start <= at);
        let mut one = entry(document, Kind::of(PROVISION));
        one.id = format!("{id}:{at}");
        one.parent_id = Some(id.to_owned());
        one.external_id = some(&provision.external_id);
        one.title = provision.title();
        one.context = if document.topic.is_empty() {
            document.title.clone()
        } else {
            document.topic.clone()
        };
        one.heading.clone_from(&provision.heading);
        one.body = body;
        one.url = address(id, page, &provision.anchor);
        out.push(one);
    }
    out.insert(0, own);
    out
}

/// Where a provision stands: the page of a long document, and the place on it.
pub(crate) fn address(id: &str, page: usize, anchor: &str) -> String {
    if page <= 1 {
        format!("/documents/{id}#{anchor}")
    } else {
        format!("/documents/{id}?part={page}#{anchor}")
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn entry(document: &Document, kind: Kind) -> Entry {
    Entry {
        id: String::new(),
        kind,
        parent_id: None,
        external_id: None,
        title: String::new(),
        context: String::new(),
        heading: String::new(),
        body: String::new(),
        symbol: some(&document.symbol),
        url: String::new(),
        audience: vec![document.audience.to_string()],
        also: Vec::new(),
        shown_on: some(&document.issued_on),
        language: document.language.clone(),
    }
}
