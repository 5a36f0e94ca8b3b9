//! What search knows of the portal: published articles, for everyone. A draft is not in the index.

use crate::markdown;
use crate::store;
use kernel::Moment;
use kernel::error::Result;
use search::Kind;
use site::room::Later;
use site::{Feed, FeedItem, Site};
use std::collections::HashSet;

/// The word under which articles are announced.
pub(crate) const KIND: &str = "article";

/// The room's feed.
pub(crate) const FEED: Feed = Feed {
    kind: KIND,
    finds: &[KIND],
    load,
    list,
    seen: |site, _, ids| {
        Box::pin(async move {
            let mut out = HashSet::new();
            for id in ids {
                let found = store::find(&site, &id).await?; // what is out is for everyone
                out.extend(found.filter(store::Article::is_published).map(|_| id));
            }
            Ok(out)
        })
    },
};

fn load(site: Site, ids: Vec<String>) -> Later<'static, Result<Vec<FeedItem>>> {
    Box::pin(async move {
        let mut items = Vec::with_capacity(ids.len());
        for id in ids {
            let article = store::find(&site, &id)
                .await?
                .filter(store::Article::is_published);
            let entries = article.into_iter().map(|article| search::Entry {
                id: article.id.clone(),
                kind: Kind::of("article"),
                parent_id: None,
                external_id: None,
                title: article.title.clone(),
                context: article.section_name.clone(),
                heading: article.title.clone(),
                body: format!("{}\n{}", article.lead, markdown::plain(&article.body_md)),
                symbol: None,
                url: format!("/articles/{}", article.slug),
                audience: vec!["public".to_owned()],
                also: Vec::new(),
                shown_on: article.published_at.map(|at| Moment(at).day().to_string()),
                language: "vi".to_owned(),
            });
            items.push(FeedItem {
                entries: entries.collect(),
                subject_id: id,
            });
        }
        Ok(items)
    })
}

fn list(site: Site, after: String, limit: i64) -> Later<'static, Result<Vec<String>>> {
    Box::pin(async move { store::list_ids(&site, &after, limit).await })
}
