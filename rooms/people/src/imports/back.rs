//! Taking back people and units that an import added, while nothing was built on them.
//!
//! What the rooms claim of persons and units (`site.rooms.of_person`, `of_unit`) tells whether something
//! was: a placement, an attendance, an account, a document for a unit. Not here: who may, which run
//! added what (`rosters`, `uploads`), leaving and dissolving, which are history and stay.
//! The rule that surprises: a record that anybody has changed since stays.

use crate::access::Records;
use crate::imports::store;
use kernel::error::Result;
use kernel::{MemberId, UnitId};
use site::Act;
use site::import::Back;

/// Rows that an import itself makes for a person: table, column, at most so many.
const OF_PERSON: &[(&str, &str, i64)] = &[
    ("people_member", "id", 1),
    ("people_name_word", "member_id", i64::MAX),
    ("people_placement", "member_id", 1),
    ("people_member_event", "member_id", 2),
    ("people_statement", "member_id", 2),
];
/// Rows of a post that the same run gave and took back again: it ended on its first day.
const OF_POST: &[(&str, &str, i64)] = &[
    ("people_holding", "member_id", 1),
    ("people_grant", "member_id", 1),
    ("people_member_event", "member_id", 4),
    ("people_statement", "member_id", 6),
];
/// The same for a unit.
const OF_UNIT: &[(&str, &str, i64)] = &[
    ("people_unit", "id", 1),
    ("people_unit_version", "unit_id", 1),
];

fn is_bare(found: &[(&str, &str, i64)], own: &[(&str, &str, i64)]) -> bool {
    found.iter().all(|(table, column, count)| {
        own.iter()
            .any(|(t, c, most)| t == table && c == column && count <= most)
    })
}

/// Takes a person back. `reaches` says whether the actor may import into a unit.
///
/// # Errors
/// When the database fails.
pub async fn person<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    reaches: &(dyn Fn(&str) -> bool + Sync),
) -> Result<Back> {
    let row = store::find_person(act, id).await?;
    let Some((version, unit)) = row else {
        return Ok(Back::Gone);
    };
    let claims = act.site().rooms.of_person.clone();
    let found = site::import::count_of_person(act.on(), &claims, id.as_str()).await?;
    // Counted higher for those alone whose one post ended on its first day.
    let had_post = store::has_void_post(act, id).await?;
    let own: Vec<(&str, &str, i64)> = match had_post {
        true => [OF_POST, OF_PERSON].concat(),
        false => OF_PERSON.to_vec(),
    };
    if version != 1 || !reaches(&unit) || !is_bare(&found, &own) {
        return Ok(Back::Kept);
    }
    store::remove_person(act, id).await?;
    Ok(Back::Removed)
}

/// Takes a unit back, which must have no unit below it; see [`person`].
///
/// # Errors
/// When the database fails.
pub async fn unit<P: Records>(
    act: &mut Act<P>,
    id: &UnitId,
    reaches: &(dyn Fn(&str) -> bool + Sync),
) -> Result<Back> {
    let Some(version) = store::find_unit(act, id).await? else {
        return Ok(Back::Gone);
    };
    let claims = act.site().rooms.of_unit.clone();
    let found = site::import::count_of_unit(act.on(), &claims, id.as_str()).await?;
    if version != 1 || !reaches(id.as_str()) || !is_bare(&found, OF_UNIT) {
        return Ok(Back::Kept);
    }
    store::remove_unit(act, id).await?;
    Ok(Back::Removed)
}
