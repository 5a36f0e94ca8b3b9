//! A title as something that can stand on an agenda: offered and shown within the member's reach.

use crate::feed;
use crate::store::{self, CardRow};
use kernel::error::{Error, Result};
use site::Site;
use site::room::AgendaKind;
use site::room::agenda::Offer;
use std::sync::Arc;
use web::{SignedIn, Visitor};

/// The kind.
pub(crate) const KIND: AgendaKind = AgendaKind {
    kind: feed::KIND,
    icon: "book",
    text: "library-find",
    offer: |site, who, _, _, text, limit| Box::pin(offer(site, who, text, limit)),
    show: |site, who, _, ids| {
        Box::pin(async move {
            let reach = reach(&site, who);
            shown(&site, &reach, &ids).await
        })
    },
};

fn reach(site: &Site, who: Arc<SignedIn>) -> Vec<String> {
    let visitor = Visitor {
        signed_in: Some(who),
    };
    site::reach_of(&visitor, site.clock.today())
}

async fn offer(site: Site, who: Arc<SignedIn>, text: String, limit: i64) -> Result<Vec<Offer>> {
    let reach = reach(&site, who);
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut query = search::Query::new(text.trim(), search::Reach::of(reach.iter().cloned()));
    query.limit = usize::try_from(limit.clamp(1, 50)).unwrap_or(10);
    query.kinds = Some(vec![search::Kind::of(feed::KIND)]);
    let answer = site.index.find(query).await.map_err(Error::fault)?;
    let ids: Vec<String> = answer.hits.into_iter().map(|hit| hit.id).collect();
    shown(&site, &reach, &ids).await
}

async fn shown(site: &Site, reach: &[String], ids: &[String]) -> Result<Vec<Offer>> {
    let mut out = Vec::new();
    for id in ids {
        let row: Option<CardRow> = store::reaching(store::CARD, reach)
            .bind(id)
            .within()
            .maybe(site.db.read())
            .await?;
        out.extend(row.map(|row| Offer {
            to: format!("/library/titles/{}", row.id),
            id: row.id,
            label: row.title,
            meta: row.creators,
        }));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made;
    use testkit::{HOA, TUAN, UNIT_CELL_A, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_title_is_offered_only_to_whom_title_and_shelf_are_for() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let audience = format!("unit:{UNIT_CELL_A}");
                let book = made::two_chapters("urn:uuid:0001", "Chuyện kể ở tổ");
                let id = made::shelve_for(&app, "kho", &audience, &book).await;
                app.catch_up().await;
                let unit = || kernel::UnitRef {
                    id: UNIT_CELL_A.parse().unwrap(),
                    path: testkit::path_of(UNIT_CELL_A),
                };
                for (who, seen) in [(HOA, true), (TUAN, false)] {
                    let member = Arc::new(app.signed_in(who));
                    let text = "chuyện kể".to_owned();
                    let offers = (KIND.offer)(
                        app.site.clone(),
                        member.clone(),
                        web::Lang::Vi,
                        unit(),
                        text,
                        5,
                    )
                    .await;
                    assert_eq!(offers.unwrap().len(), usize::from(seen), "{}", who.name);
                    let found = (feed::FEED.seen)(
                        app.site.clone(),
                        reach(&app.site, member.clone()),
                        vec![id.clone()],
                    );
                    assert_eq!(
                        found.await.unwrap().len(),
                        usize::from(seen),
                        "{}",
                        who.name
                    );
                    let shown =
                        (KIND.show)(app.site.clone(), member, web::Lang::Vi, vec![id.clone()])
                            .await;
                    assert_eq!(shown.unwrap().len(), usize::from(seen), "{}", who.name);
                }
            },
        )
        .await;
    }
}
