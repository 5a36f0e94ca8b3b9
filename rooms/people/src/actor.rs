//! The grants of one member on one day, read from the tables.
//!
//! Positions, appointments and delegations come from `people_grant`; the `member` grant is derived
//! from each placement of the day. Not here: what a grant allows (`kernel::cap`), sessions (`account`).
//! The rule that surprises: whoever keeps an actor keeps it by the epoch and the day, so a post that
//! ended takes its rights away at the very next request, without signing in again (R6).

use crate::fact::{Placement, Status};
use db::sql;
use kernel::cap::{Caps, Reach};
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{
    Actor, Cap, Day, Grant, GrantId, GrantScope, MemberId, Role, UnitId, UnitPath, UnitRef,
};
use site::Site;
use std::sync::Arc;

const MEMBER: &str = "select name, status from people_member where id = $1";
const GRANTS: &str = "select g.id, g.role, g.scope, g.source, g.caps_json, g.from_on, g.to_on, \
    g.unit_id, u.path from people_grant g join people_unit u on u.id = g.unit_id \
    where g.member_id = $1 and g.revoked_at is null and g.from_on <= $2 and g.to_on > $2 \
    and u.dissolved_on > $2 and (g.source <> 'delegation' or exists (\
    select 1 from people_grant p where p.id = g.source_id and p.revoked_at is null \
    and p.source <> 'delegation' and p.role = g.role and p.from_on <= $2 and p.to_on > $2)) order by g.id";
const PLACEMENTS: &str = "select p.id, p.kind, p.from_on, p.to_on, p.unit_id, u.path \
    from people_placement p join people_unit u on u.id = p.unit_id \
    where p.member_id = $1 and p.from_on <= $2 and p.to_on > $2 and u.dissolved_on > $2 \
    order by p.kind, p.from_on, p.id";

/// Every statement of this module.
pub const STATEMENTS: &[&str] = &[MEMBER, GRANTS, PLACEMENTS];

/// What nobody can hand on (R7).
const NEVER_DELEGATED: [Cap; 6] = [
    Cap::MinutesSign,
    Cap::MemberApprove,
    Cap::RestructureApprove,
    Cap::EvaluationApprove,
    Cap::GrantApprove,
    Cap::GrantGive,
];

/// The member with every right in force today. [`kernel::Error::NotFound`] for an unknown member;
/// one who left, was struck off or expelled, or died has no rights at all. The doorman keeps it, by the epoch and the day.
pub async fn load(site: &Site, member: &MemberId) -> Result<Arc<Actor>> {
    read(site, member, site.clock.today()).await.map(Arc::new)
}

#[derive(db::FromRow)]
struct GrantRow {
    #[sqlx(try_from = "String")]
    id: GrantId,
    role: String,
    scope: String,
    source: String,
    caps_json: String,
    #[sqlx(try_from = "String")]
    from_on: Day,
    #[sqlx(try_from = "String")]
    to_on: Day,
    #[sqlx(try_from = "String")]
    unit_id: UnitId,
    #[sqlx(try_from = "String")]
    path: UnitPath,
}

#[derive(db::FromRow)]
struct MemberRow {
    name: String,
    #[sqlx(try_from = "String")]
    status: Kept<Status>,
}

#[derive(db::FromRow)]
struct PlacementRow {
    #[sqlx(try_from = "String")]
    id: GrantId,
    #[sqlx(try_from = "String")]
    kind: Kept<Placement>,
    #[sqlx(try_from = "String")]
    from_on: Day,
    #[sqlx(try_from = "String")]
    to_on: Day,
    #[sqlx(try_from = "String")]
    unit_id: UnitId,
    #[sqlx(try_from = "String")]
    path: UnitPath,
}

/// Reads an actor as of a day, past the cache.
pub(crate) async fn read(site: &Site, member: &MemberId, on: Day) -> Result<Actor> {
    let MemberRow { name, status } = sql(MEMBER).bind(member).one(site.db.read()).await?;
    let mut actor = Actor {
        member: member.clone(),
        name,
        home: None,
        grants: Vec::new(),
    };
    if crate::fact::is_gone(&status) {
        return Ok(actor);
    }
    let placements: Vec<PlacementRow> = sql(PLACEMENTS)
        .bind(member)
        .bind(on)
        .all(site.db.read())
        .await?;
    for row in placements {
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
    let grants: Vec<GrantRow> = sql(GRANTS)
        .bind(member)
        .bind(on)
        .all(site.db.read())
        .await?;
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
fn delegated(json: &str) -> Caps {
    // Unreadable: nothing is handed on.
    let names: Vec<String> = serde_json::from_str(json).unwrap_or_default();
    let caps: Vec<Cap> = names
        .iter()
        .filter_map(|name| Cap::by_name(name))
        .filter(|cap| !NEVER_DELEGATED.contains(cap))
        .collect();
    Caps::of(&caps)
}
