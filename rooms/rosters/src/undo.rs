//! Taking back what a run did: people and units that it added and on whom nothing was built go, those that
//! it changed become what they were while they are as it left them.
//!
//! Not here: whether something was built (`people::back`), what they were (`people::before`), what a run
//! did (`site::import`).
//! What somebody signs in with goes back under R4, as it may be changed by hand (`people::identity`).
//! The rule that surprises: units go from below, so that a cell goes before the committee above it.

use crate::tree::Tree;
use kernel::error::{Error, Result};
use kernel::{Cap, MemberId, UnitId, UnitRef};
use people::access::Importing;
use people::appointing;
use people::store;
use people::{back, before};
use site::import::{Back, Made, Report};
use site::room::ImportWish;
use site::{May as _, Right, Site};

/// Things of one transaction.
const PART: usize = 20;

async fn reach(site: &Site, wish: &ImportWish) -> Result<Tree> {
    let today = site.clock.today();
    let scope = (wish.by.as_ref()).map(|actor| actor.scope(Cap::ImportPrepare, today));
    Tree::load(site, today, scope.as_ref()).await
}

/// Takes people back.
pub(crate) async fn people(site: Site, wish: ImportWish, made: Vec<Made>) -> Result<Report> {
    let tree = reach(&site, &wish).await?;
    let reaches = |unit: &str| tree.by_id(unit).is_some();
    let today = site.clock.today();
    let mut report = Report::default();
    // Posts go first: a person who has one stays.
    let is_post = |made: &Made| matches!(made.kind.as_str(), appointing::GIVEN | appointing::ASKED);
    let (posts, made): (Vec<Made>, Vec<Made>) = made.into_iter().partition(is_post);
    let reason = site.edge.texts.get(wish.lang, "rosters-post-undone");
    for made in posts {
        let Some(by) = &wish.by else { continue };
        let of = (made.kind.as_str(), made.id.as_str());
        let (back, name) = appointing::take_back(&site, &wish.operation, by, of, &reason).await?;
        report
            .entries
            .push(back.entry(&site, wish.lang, made, name));
    }
    for part in made.chunks(PART) {
        let by = Importing::by(wish.by.as_deref(), "import roster", today)?;
        let mut act = by.begin(&site, &wish.operation, "roster.undo").await?;
        store::bump_epoch(&mut act).await?;
        for made in part {
            let id: MemberId = made.id.parse().map_err(Error::fault)?;
            let name = people::member::name(&site, &id).await.unwrap_or_default(); // gone: nameless
            let home = match before::image(&mut act, &id).await {
                Err(Error::NotFound) => None,
                image => Some(image?.home().to_owned()),
            };
            let (back, fields) = match &made.was {
                Some(images) => {
                    let by = wish.by.as_deref();
                    before::restore(&mut act, &id, images, &reaches, by).await?
                }
                None => (back::person(&mut act, &id, &reaches).await?, Vec::new()),
            };
            if matches!(back, Back::Removed | Back::Restored) {
                let unit = home.and_then(|home| tree.at(tree.by_id(&home)?));
                let line = act.log("roster.undo").about(&id).object("member", &id);
                if !fields.is_empty() {
                    line.diff(&serde_json::json!({ "fields": fields }));
                }
                if let (Some(unit), Some(actor)) = (unit, &wish.by) {
                    let (id, path) = (unit.id.clone(), unit.path.clone());
                    let unit = UnitRef { id, path };
                    line.under(&Right::of(actor, Cap::ImportPrepare, &unit, today)?);
                }
            }
            report
                .entries
                .push(back.entry(&site, wish.lang, made.clone(), name));
        }
        act.end().await?;
    }
    Ok(report)
}

/// Takes units back.
pub(crate) async fn units(site: Site, wish: ImportWish, made: Vec<Made>) -> Result<Report> {
    let tree = reach(&site, &wish).await?;
    let reaches = |unit: &str| tree.by_id(unit).is_some();
    let depth = |id: &str| {
        let unit = tree.by_id(id).and_then(|nth| tree.at(nth));
        unit.map_or(0, |unit| unit.path.depth())
    };
    let mut made = made;
    made.sort_by_key(|made| std::cmp::Reverse(depth(&made.id)));
    let mut report = Report::default();
    for part in made.chunks(PART) {
        let by = Importing::by(wish.by.as_deref(), "import units", site.clock.today())?;
        let mut act = by.begin(&site, &wish.operation, "units.undo").await?;
        store::bump_epoch(&mut act).await?;
        for made in part {
            let id: UnitId = made.id.parse().map_err(Error::fault)?;
            let unit = tree.by_id(&made.id).and_then(|nth| tree.at(nth));
            let name = unit.map(|unit| unit.name.clone()).unwrap_or_default();
            let back = match &made.was {
                Some(images) => before::restore_unit(&mut act, &id, images, &reaches).await?,
                None => back::unit(&mut act, &id, &reaches).await?,
            };
            if matches!(back, Back::Removed | Back::Restored) {
                act.log("units.undo").object("unit", &id);
            }
            report
                .entries
                .push(back.entry(&site, wish.lang, made.clone(), name));
        }
        act.end().await?;
    }
    Ok(report)
}
