//! One file an action; what several of them share stands here.

pub(crate) mod library;
pub(crate) mod place;
pub(crate) mod reading;
pub(crate) mod resource;
pub(crate) mod section;
pub(crate) mod shelf;
pub(crate) mod shelf_new;
pub(crate) mod title;
pub(crate) mod title_edit;

use crate::id::TitleId;
use crate::store::{self, TitleRow, reaching};
use kernel::error::{Error, Result};
use kernel::{Cap, Day, UnitPath};
use site::Site;
use web::{Member, Visitor};

/// The member's audience tokens.
pub(crate) fn reach(who: &Member, on: Day) -> Vec<String> {
    site::reach_of(
        &Visitor {
            signed_in: Some(who.0.clone()),
        },
        on,
    )
}

/// An id of an address; anything else is not found.
pub(crate) fn title_id(text: &str) -> Result<TitleId> {
    text.parse().map_err(|_| Error::NotFound)
}

/// A title that the visitor may see: found and allowed in one statement.
pub(crate) async fn find_title(site: &Site, id: &TitleId, reach: &[String]) -> Result<TitleRow> {
    reaching(store::TITLE, reach)
        .bind(id)
        .within()
        .one(site.db.read())
        .await
}

/// Whether the member may write what is addressed to that audience: `content_write` at its unit, or at
/// the root for what all members see.
pub(crate) fn may_write(who: &Member, audience: &str, on: Day) -> bool {
    let scope = who.actor.scope(Cap::ContentWrite, on);
    let unit = match audience.strip_prefix("unit:") {
        Some(path) => UnitPath::try_from(path.to_owned()).ok(),
        None => who
            .actor
            .home
            .as_ref()
            .and_then(|home| home.path.ancestry().into_iter().min()),
    };
    unit.is_some_and(|unit| scope.holds(&unit))
}
