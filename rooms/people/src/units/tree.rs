//! Changing the tree by hand: a unit below another, its name, another place, its end. All dated.
//!
//! The rules before anything is written (`units::store`); posts end with their unit through the wing `posts`.
//! Not here: the second person (`reshaping`), lists of units (`rosters`), the forms (`pages`), merging, splitting.
//! The rule that surprises: versions of a whole subtree change when its top moves, so nothing may be
//! dated before the newest of them.

use crate::access::Records;
use crate::known;
use crate::posts::store as posts;
use crate::store;
use crate::unit::Unit;
use crate::units::store::{self as units, More};
use kernel::error::{Error, Refusal, Result};
use kernel::path::MAX_DEPTH;
use kernel::{Day, UnitId, UnitPath};
use site::{Act, Site};

/// How many days back a change may be dated (governance reference, 4).
const BACK_DAYS: i32 = 31;

/// What changing a unit needs to know beside the unit.
pub(crate) async fn more(site: &Site, id: &UnitId) -> Result<More> {
    units::get_more(&site.db, id).await
}

/// The first day to which a change of this unit alone may be dated.
pub(crate) fn earliest(more: &More, today: Day) -> Day {
    more.since.max(today.plus_days(-BACK_DAYS))
}

/// No unit is older than this; a slip of the pen is.
const OLDEST_YEAR: i16 = 1900;

/// The days between which the founding of a unit may be corrected: not before the unit above stood where it
/// stood then, not after anything that is kept of the unit.
pub(crate) async fn founding<P: Records>(
    act: &mut Act<P>,
    unit: &Unit,
    today: Day,
) -> Result<(Day, Day)> {
    // Its row makes who places somebody or moves a unit meanwhile wait.
    store::bump_epoch(act).await?;
    let first = match &unit.parent_id {
        Some(_) => units::founded_from(act.on(), &unit.id, unit.founded_on).await?,
        None => Day::of(OLDEST_YEAR, 1, 1).unwrap_or(unit.founded_on),
    };
    let last = units::founded_until(act.on(), &unit.id, unit.founded_on).await?;
    let last = last.map_or(today, |day| day.max(unit.founded_on).min(today));
    Ok((first.min(unit.founded_on), last))
}

/// The first day to which a move of the unit with all below may be dated.
pub(crate) async fn earliest_move(site: &Site, unit: &Unit, today: Day) -> Result<Day> {
    let newest = units::newest_below(&site.db, &unit.path).await?;
    Ok(newest.max(today.plus_days(-BACK_DAYS)))
}

/// The living unit that has this code already, spaces and dots not counted; `but` itself not either.
pub(crate) async fn code_holder(
    site: &Site,
    code: &str,
    but: Option<&UnitId>,
) -> Result<Option<known::LivingUnit>> {
    let key = known::code_key(code);
    if key.is_empty() {
        return Ok(None);
    }
    let units = known::living_units(site, site.clock.today()).await?;
    Ok(units
        .into_iter()
        .find(|unit| known::code_key(&unit.code) == key && Some(&unit.id) != but))
}

/// The living unit of that name directly below. Ask inside the write, after the epoch was raised.
pub(crate) async fn namesake<P: Records>(
    act: &mut Act<P>,
    parent: &UnitId,
    name: &str,
) -> Result<Option<UnitId>> {
    let today = act.now().day();
    units::find_namesake(act.on(), parent, &vietnamese::fold(name), today).await
}

/// Somebody was faster.
pub(crate) fn changed_meanwhile(unit: &UnitId) -> Error {
    Refusal::new("people-refused-unit-changed")
        .way_out(format!("/units/{unit}"), "people-refused-changed-look")
        .into()
}

/// Puts a unit with all below it under another from `on` on.
///
/// # Errors
/// Refused when the other stands below the unit, when it would stand too deep, when the unit was
/// changed since `row_version` was read.
pub(crate) async fn move_unit<P: Records>(
    act: &mut Act<P>,
    unit: &Unit,
    row_version: i64,
    below: &Unit,
    on: Day,
) -> Result<()> {
    if below.path.is_within(&unit.path) {
        return Err(Refusal::new("people-refused-below-itself")
            .way_out(format!("/units/{}/parent", unit.id), "people-move-again")
            .into());
    }
    // Its row makes two who change the tree at once wait for one another.
    store::bump_epoch(act).await?;
    if !units::place(act, &unit.id, row_version, &below.id).await? {
        return Err(changed_meanwhile(&unit.id));
    }
    let paths = units::list_paths_below(act.on(), &unit.path).await?;
    let deepest = (paths.iter().map(UnitPath::depth)).fold(unit.path.depth(), usize::max);
    if below.path.depth() + 1 + deepest - unit.path.depth() > MAX_DEPTH {
        return Err(Refusal::new("people-refused-too-deep")
            .way_out(format!("/units/{}", unit.id), "people-move-again")
            .into());
    }
    let new = below.path.child(&unit.id);
    units::move_paths(act, &unit.path, &new, on).await
}

/// What keeps a unit from being closed: people and units that are still there, as id and name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    /// Who belongs here on that day or later, at most twenty-one.
    pub(crate) members: Vec<(String, String)>,
    /// The units directly below, at most twenty-one.
    pub(crate) units: Vec<(String, String)>,
}

impl Kept {
    /// Whether nothing does.
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.units.is_empty()
    }
}

/// What keeps the unit from being closed on that day.
pub(crate) async fn kept(site: &Site, unit: &UnitId, on: Day) -> Result<Kept> {
    Ok(Kept {
        members: units::list_staying(site.db.read(), unit, on).await?,
        units: units::list_staying_units(site.db.read(), unit, on).await?,
    })
}

/// Closes a unit on `on`, its first day without it: posts and other rights of the unit end with it.
///
/// # Errors
/// Refused while members or units are there, or when the unit was changed since.
pub(crate) async fn close_unit<P: Records>(
    act: &mut Act<P>,
    unit: &Unit,
    row_version: i64,
    on: Day,
    reason: &str,
) -> Result<()> {
    store::bump_epoch(act).await?;
    let members = units::list_staying(act.on(), &unit.id, on).await?;
    let below = units::list_staying_units(act.on(), &unit.id, on).await?;
    if !members.is_empty() || !below.is_empty() {
        return Err(Refusal::new("people-refused-not-empty")
            .way_out(format!("/units/{}/closing", unit.id), "people-closing-what")
            .into());
    }
    for (holding, _) in posts::list_open(act.on(), &unit.id, on).await? {
        posts::end_holding(act, &holding, on, reason).await?;
    }
    posts::end_other_grants(act, &unit.id, on).await?;
    if !units::dissolve(act, &unit.id, row_version, on, reason).await? {
        return Err(changed_meanwhile(&unit.id));
    }
    Ok(())
}

/// The first day to which the end of this unit may be dated: not before its last post began.
pub(crate) async fn earliest_closing(site: &Site, unit: &Unit, today: Day) -> Result<Day> {
    let mut first = unit.founded_on.max(today.plus_days(-BACK_DAYS));
    let since = today.plus_days(-BACK_DAYS);
    for (_, from_on) in posts::list_open(site.db.read(), &unit.id, since).await? {
        first = first.max(from_on);
    }
    Ok(first)
}
