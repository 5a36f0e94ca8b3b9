//! The tree that the visitor may read, and one box that finds units and people by name.
//! Not here: a unit's own page (`show`). `/members` is the same page with the box filled.

use crate::unit::{self, Unit};
use crate::units::store::{self, FoundUnit};
use crate::{search, words};
use askama::Template;
use axum::extract::{Query, State};
use kernel::error::Result;
use kernel::{Actor, Cap};
use site::Site;
use site::room::importer::{self, ImportLink};
use web::{Answer, Frame, Member};

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

/// A unit of the tree, with those below it that are shown.
struct Node {
    unit: Unit,
    children: Vec<Unit>,
}

#[derive(Template)]
#[template(path = "people/units.html")]
struct Page {
    frame: Frame,
    q: String,
    people: Vec<search::PersonHit>,
    /// Who died or left, for whoever reads records.
    gone: Vec<search::PersonHit>,
    found: Vec<FoundUnit>,
    tree: Vec<Node>,
    import: Option<ImportLink>,
}

impl Page {
    fn kind(&self, unit: &Unit) -> String {
        self.frame.t(words::kind(&unit.kind))
    }
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Query(asked): Query<Asked>,
) -> Answer {
    let q = vietnamese::nfc(asked.q.trim())
        .chars()
        .take(120)
        .collect::<String>();
    let (people, gone, found) = if q.is_empty() {
        (Vec::new(), Vec::new(), Vec::new())
    } else {
        (
            search::by_name(&site, &who.actor, &q, 40).await?,
            search::gone_by_name(&site, &who.actor, &q, 20).await?,
            find_units(&site, &who.actor, &q).await?,
        )
    };
    let tree = tree(&site, &who.actor).await?;
    frame.html(&Page {
        frame: frame.clone(),
        q,
        people,
        gone,
        found,
        tree,
        import: importer::link(&site, &who.0, "/units/import", "").await,
    })
}

async fn find_units(site: &Site, actor: &Actor, q: &str) -> Result<Vec<FoundUnit>> {
    let on = site.clock.today();
    let cleaned: String = vietnamese::fold(q)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect();
    if cleaned.trim().is_empty() {
        return Ok(Vec::new());
    }
    let scope = actor.scope(Cap::UnitRead, on);
    store::list_named(&site.db, &scope, cleaned.trim(), on).await
}

/// The topmost units in reach, each with its children where those may be read.
async fn tree(site: &Site, actor: &Actor) -> Result<Vec<Node>> {
    let on = site.clock.today();
    let mut tops = Vec::new();
    for unit in unit::tops_of(site, actor, on).await? {
        let children = if actor.allow(Cap::UnitRead, &unit.reference(), on) {
            unit::children(site, &unit.id, on).await?
        } else {
            Vec::new()
        };
        tops.push(Node { unit, children });
    }
    Ok(tops)
}

#[cfg(test)]
mod tests {
    use testkit::{BINH, HOA, LAN, THU, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn everyone_sees_the_part_of_the_tree_that_is_theirs() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let units = async |who| {
                    app.as_(who)
                        .get("/units")
                        .await
                        .expects(200)
                        .attributes(".tree a", "href")
                };
                assert_eq!(units(HOA).await, ["/units/cell-a"]);
                assert_eq!(units(LAN).await, ["/units/cell-a"]);
                assert_eq!(
                    units(THU).await,
                    ["/units/committee", "/units/cell-a", "/units/cell-b"]
                );
                assert_eq!(
                    units(BINH).await,
                    ["/units/cell-b"],
                    "running the installation opens no unit"
                );
                let reply = app.stranger().get("/units").await.expects(303);
                assert!(reply.location().starts_with("/sign-in"));
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn one_box_finds_people_and_units_by_right() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let found = app.as_(THU).get("/units?q=luong+hoa").await.expects(200);
                assert_eq!(found.attributes("#people a", "href"), ["/members/hoa"]);
                let found = app.as_(THU).get("/members?q=to+dan+pho").await.expects(200);
                assert_eq!(
                    found.attributes("#found-units a", "href"),
                    ["/units/cell-a", "/units/cell-b"]
                );
                let found = app.as_(LAN).get("/units?q=to+dan+pho").await;
                assert_eq!(
                    found.attributes("#found-units a", "href"),
                    ["/units/cell-a"]
                );
                let none = app
                    .as_(HOA)
                    .get("/units?q=%25%3Cscript%3E")
                    .await
                    .expects(200);
                assert!(!none.has("#people a") && !none.body().contains("<script>"));
            },
        )
        .await;
    }
}
