//! A document as something that can stand on an agenda.
//!
//! Offered and shown within the member's reach; by its symbol when the words are one, else as the
//! search box finds it. Not here: agendas (whichever room has them asks `site.rooms`).

use crate::standing::{Standing, State};
use crate::{feed, store, words};
use kernel::UnitRef;
use kernel::error::{Error, Result};
use site::room::AgendaKind;
use site::room::agenda::Offer;
use site::{Later, Site};
use std::sync::Arc;
use web::{Lang, SignedIn, Visitor};

/// The kind.
pub(crate) const KIND: AgendaKind = AgendaKind {
    kind: feed::KIND,
    icon: "doc",
    text: "documents-find",
    offer: |site, who, lang, _unit: UnitRef, text, limit| {
        Box::pin(offer(site, who, lang, text, limit))
    },
    show,
};

fn reach(site: &Site, who: Arc<SignedIn>) -> Vec<String> {
    let visitor = Visitor {
        signed_in: Some(who),
    };
    site::reach_of(&visitor, site.clock.today())
}

async fn offer(
    site: Site,
    who: Arc<SignedIn>,
    lang: Lang,
    text: String,
    limit: i64,
) -> Result<Vec<Offer>> {
    let reach = reach(&site, who);
    let text = text.trim();
    if text.is_empty() {
        let newest = store::list(&site, &store::Filter::default(), &reach, limit, 0).await?;
        return offers(&site, &reach, lang, newest).await;
    }
    if let Some(symbol) = citation::parse(text) {
        let found = store::list_within_by_symbol(&site, &symbol.key(), &reach, limit).await?;
        if !found.is_empty() {
            return offers(&site, &reach, lang, found).await;
        }
    }
    let mut query = search::Query::new(text, search::Reach::of(reach.iter().cloned()));
    query.limit = usize::try_from(limit.clamp(1, 50)).unwrap_or(10);
    query.kinds = Some(vec![search::Kind::of(feed::KIND)]);
    let answer = site.index.find(query).await.map_err(Error::fault)?;
    let ids: Vec<String> = answer.hits.into_iter().map(|hit| hit.id).collect();
    in_order(&site, &reach, lang, ids).await
}

fn show(
    site: Site,
    who: Arc<SignedIn>,
    lang: Lang,
    ids: Vec<String>,
) -> Later<'static, Result<Vec<Offer>>> {
    Box::pin(async move {
        let reach = reach(&site, who);
        in_order(&site, &reach, lang, ids).await
    })
}

async fn in_order(
    site: &Site,
    reach: &[String],
    lang: Lang,
    ids: Vec<String>,
) -> Result<Vec<Offer>> {
    let found = store::list_within_by_ids(site, &ids, reach).await?;
    let ordered = ids
        .iter()
        .filter_map(|id| found.iter().find(|one| one.id == *id).cloned());
    offers(site, reach, lang, ordered.collect()).await
}

/// Offers that say whether each still counts: a paper of a meeting that was replaced must look so.
async fn offers(
    site: &Site,
    reach: &[String],
    lang: Lang,
    found: Vec<store::Listed>,
) -> Result<Vec<Offer>> {
    let ids: Vec<String> = found.iter().map(|one| one.id.clone()).collect();
    let standing = crate::standing::of_all(site, &ids, reach).await?;
    Ok(found
        .iter()
        .map(|one| shown(site, lang, one, standing.get(&one.id)))
        .collect())
}

fn shown(site: &Site, lang: Lang, document: &store::Listed, standing: Option<&Standing>) -> Offer {
    let label = match (document.symbol.is_empty(), document.title.is_empty()) {
        (true, _) => document.title.clone(),
        (false, true) => document.symbol.clone(),
        (false, false) => format!("{}, {}", document.symbol, document.title),
    };
    let meta: Vec<String> = [
        words::kind_name(&document.kind).to_owned(),
        words::day(&document.issued_on),
        standing.map_or_else(String::new, |held| state_in_words(site, lang, held)),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect();
    Offer {
        id: document.id.clone(),
        label,
        meta: meta.join(", "),
        to: format!("/documents/{}", document.id),
    }
}

/// Whether it counts, in the reader's language: what it is called is Vietnamese in every language.
fn state_in_words(site: &Site, lang: Lang, standing: &Standing) -> String {
    let texts = &site.edge.texts;
    let words = if standing.state == State::Replaced && !standing.newer_symbol.is_empty() {
        let symbol = standing.newer_symbol.as_str().into();
        texts.with(
            lang,
            "documents-standing-replaced-by",
            &[("symbol", symbol)],
        )
    } else {
        texts.get(lang, standing.state.text())
    };
    words::inside(&words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::{HOA, TUAN, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_document_is_offered_by_symbol_and_by_words_within_reach() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let (rules, _) = crate::sample::both(&app).await;
                let front = "+++\nsymbol = \"03-NQ/CB\"\nissued_on = \"2026-11-21\"\ntitle = \"riêng của chi bộ A\"\naudience = \"unit:cell-a\"\n+++\nĐiều 1. Kín\nViệc của chi bộ.\n";
                let report =
                    crate::sample::import(&app, "own", &[("03.md", front)], "members").await;
                app.catch_up().await;
                let own = report.entries[0].id.clone();
                let unit = || kernel::UnitRef {
                    id: "cell-a".parse().unwrap(),
                    path: testkit::path_of("cell-a"),
                };
                let offered = async |who: testkit::Character, text: &str| -> Vec<String> {
                    let offers = (KIND.offer)(
                        app.site.clone(),
                        Arc::new(app.signed_in(who)),
                        Lang::Vi,
                        unit(),
                        text.to_owned(),
                        10,
                    );
                    offers.await.unwrap().into_iter().map(|one| one.id).collect()
                };
                assert_eq!(offered(HOA, "12-QĐ/ĐU").await, [rules.as_str()]);
                assert_eq!(offered(HOA, "nền nếp sinh hoạt").await[0], rules);
                assert_eq!(offered(HOA, "03-NQ/CB").await, [own.as_str()]);
                assert!(offered(TUAN, "03-NQ/CB").await.is_empty());
                assert_eq!(offered(HOA, "").await.len(), 3, "the newest, unasked");
                let shown = async |lang| {
                    let ids = vec![own.clone(), rules.clone(), "gone".into()];
                    let who = Arc::new(app.signed_in(TUAN));
                    (KIND.show)(app.site.clone(), who, lang, ids).await.unwrap()
                };
                let english = shown(Lang::En).await;
                assert_eq!(english[0].meta, "Quy định, 15/6/2026, in force");
                let shown = shown(Lang::Vi).await;
                assert_eq!(shown[0].meta, "Quy định, 15/6/2026, còn hiệu lực");
                let ids: Vec<_> = shown.into_iter().map(|one| one.id).collect();
                assert_eq!(ids, [rules], "what he may not see is left out");
            },
        )
        .await;
    }
}
