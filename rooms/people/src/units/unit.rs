//! Units: one, its place in the tree, its children; also as they were on an earlier day.
//!
//! `people_unit` is today, `people_unit_version` is every day. Functions that take no actor check no
//! right: the caller has. Not here: adding and changing units (`tree`, `units::store`), who may
//! read them (`sight`).
//! The rule that surprises: a unit's parent and name of an old day come from its version of that
//! day, while its page keeps the address of its id.

use crate::fact::UnitKind;
use crate::units::store;
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Actor, Cap, Day, Grant, GrantScope, UnitId, UnitPath, UnitRef};
use site::Site;

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// The unit above; `None` for a root.
    pub parent_id: Option<UnitId>,
    /// Where it stands.
    pub path: UnitPath,
    /// What it is.
    pub kind: Kept<UnitKind>,
    /// Official code; may be empty.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Kind of cell; may be empty.
    pub cell_type: String,
    /// Where it meets; may be empty.
    pub address: String,
    /// First day.
    pub founded_on: Day,
    /// First day on which it no longer exists; [`Day::OPEN`] for none.
    pub dissolved_on: Day,
}

impl Unit {
    /// What a permission question needs.
    pub fn reference(&self) -> UnitRef {
        UnitRef {
            id: self.id.clone(),
            path: self.path.clone(),
        }
    }
    /// Whether it exists on that day: only then may anything be written to it (R1).
    pub fn is_living(&self, on: Day) -> bool {
        self.founded_on <= on && on < self.dissolved_on
    }
}

/// A unit as it is today, dissolved ones too; [`Error::NotFound`] when there is none.
pub async fn get(site: &Site, id: &UnitId) -> Result<Unit> {
    store::get(&site.db, id).await
}

/// What a permission question needs of a unit.
pub async fn get_ref(site: &Site, id: &UnitId) -> Result<UnitRef> {
    Ok(get(site, id).await?.reference())
}

/// A unit as it was on a day; `None` when it did not exist then.
pub async fn find_on(site: &Site, id: &UnitId, on: Day) -> Result<Option<Unit>> {
    store::find_on(&site.db, id, on).await
}

/// The units directly below on a day, by name.
pub async fn children(site: &Site, id: &UnitId, on: Day) -> Result<Vec<Unit>> {
    store::list_children_on(&site.db, id, on).await
}

/// The units above on a day, the root first.
pub async fn ancestors(site: &Site, unit: &Unit, on: Day) -> Result<Vec<Unit>> {
    let mut out = Vec::new();
    for id in unit.path.ids().filter(|id| *id != unit.id.as_str()) {
        let id: UnitId = id.parse().map_err(Error::fault)?;
        if let Some(above) = find_on(site, &id, on).await? {
            out.push(above);
        }
    }
    Ok(out)
}

/// The town that papers of the unit at that path name before the day: its own, or that of the nearest unit above.
pub async fn find_town(site: &Site, path: &UnitPath) -> Result<Option<String>> {
    store::find_town(&site.db, path).await
}

/// Official members of the unit and everything below on a day, in the structure of that day.
pub async fn count_below(site: &Site, unit: &Unit, on: Day) -> Result<i64> {
    store::count_members_below(&site.db, &unit.path, on).await
}

/// Units that the actor may open and above which there is none that they may open.
pub(crate) async fn tops_of(site: &Site, actor: &Actor, on: Day) -> Result<Vec<Unit>> {
    let opens = |grant: &&Grant| {
        let caps = grant.caps();
        grant.is_in_force(on)
            && [Cap::UnitRead, Cap::MemberNameRead, Cap::UnitPublishedRead]
                .iter()
                .any(|cap| caps.has(*cap))
    };
    let mut ids: Vec<(UnitId, String)> = Vec::new();
    let mut below: Vec<UnitPath> = Vec::new();
    for grant in actor.grants.iter().filter(opens) {
        match &grant.scope {
            GrantScope::Instance => {
                for id in store::list_roots(&site.db, on).await? {
                    below.push(UnitPath::root(&id));
                    ids.push((id.clone(), UnitPath::root(&id).to_string()));
                }
            }
            GrantScope::Subtree(unit) => {
                below.push(unit.path.clone());
                ids.push((unit.id.clone(), unit.path.to_string()));
            }
            GrantScope::Unit(unit) => ids.push((unit.id.clone(), unit.path.to_string())),
        }
    }
    ids.sort_by(|a, b| a.1.cmp(&b.1));
    ids.dedup();
    let mut out = Vec::new();
    for (id, path) in ids {
        let covered = below
            .iter()
            .any(|top| top.as_str() != path && path.starts_with(top.as_str()));
        if !covered && let Some(unit) = find_on(site, &id, on).await? {
            out.push(unit);
        }
    }
    Ok(out)
}
