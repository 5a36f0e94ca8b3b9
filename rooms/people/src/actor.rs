//! The grants of one member on one day, read from the tables.
//!
//! Positions, appointments and delegations come from `people_grant`; the `member` grant is derived
//! from each placement of the day. Not here: what a grant allows (`kernel::cap`), sessions (`account`).
//! The rule that surprises: whoever keeps an actor keeps it by the epoch and the day, so a post that
//! ended takes its rights away at the very next request, without signing in again (R6).

use crate::fact::Placement;
use crate::store::{self, GrantRow, PersonRow};
use kernel::cap::{Caps, Reach};
use kernel::error::Result;
use kernel::{Actor, Cap, Day, Grant, GrantScope, MemberId, Role, UnitRef};
use site::Site;
use std::sync::Arc;

/// The member with every right in force today. [`kernel::Error::NotFound`] for an unknown member;
/// one who left, was struck off or expelled, or died has no rights at all. The doorman keeps it, by the epoch and the day.
pub async fn load(site: &Site, member: &MemberId) -> Result<Arc<Actor>> {
    read(site, member, site.clock.today()).await.map(Arc::new)
}

/// Reads an actor as of a day, past the cache.
pub(crate) async fn read(site: &Site, member: &MemberId, on: Day) -> Result<Actor> {
    let PersonRow {
        name,
        status,
        merged_on,
    } = store::get_person(&site.db, member).await?;
    let mut actor = Actor {
        member: member.clone(),
        name,
        home: None,
        grants: Vec::new(),
    };
    // Who is read as another record holds nothing here, whatever rows are still open.
    if crate::fact::is_gone(&status) || !merged_on.is_empty() {
        return Ok(actor);
    }
    for row in store::list_placements(&site.db, member, on).await? {
        let unit = UnitRef {
            id: row.unit_id,
            path: row.path,
        };
        if row.kind.is(Placement::Official) && actor.home.is_none() {
            actor.home = Some(unit.clone());
        }
        actor.grants.push(Grant {
            id: row.id,
            role: Role::Member,
            scope: GrantScope::Unit(unit),
            from_on: row.from_on,
            to_on: row.to_on,
            subset: None,
        });
    }
    let grants = store::list_grants(&site.db, member, on).await?;
    actor.grants.extend(grants.into_iter().filter_map(to_grant));
    Ok(actor)
}

/// A row that this program does not understand gives no right.
fn to_grant(row: GrantRow) -> Option<Grant> {
    let (Some(role), Some(reach)) = (Role::by_name(&row.role), Reach::by_name(&row.scope)) else {
        tracing::warn!(grant.id = %row.id, "a grant of an unknown role or scope is passed over");
        return None;
    };
    let unit = UnitRef {
        id: row.unit_id,
        path: row.path,
    };
    let scope = match reach {
        Reach::Unit => GrantScope::Unit(unit),
        Reach::Subtree => GrantScope::Subtree(unit),
        Reach::Instance => GrantScope::Instance,
    };
    let subset = (row.source == "delegation").then(|| delegated(&row.caps_json));
    Some(Grant {
        id: row.id,
        role,
        scope,
        from_on: row.from_on,
        to_on: row.to_on,
        subset,
    })
}

/// The capabilities named in a delegation, less those that nobody can hand on.
pub(crate) fn delegated(json: &str) -> Caps {
    // Unreadable: nothing is handed on.
    let names: Vec<String> = serde_json::from_str(json).unwrap_or_default();
    let caps: Vec<Cap> = names
        .iter()
        .filter_map(|name| Cap::by_name(name))
        .filter(|cap| cap.may_be_lent())
        .collect();
    Caps::of(&caps)
}
