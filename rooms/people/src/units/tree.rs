//! Changing the tree by hand: a unit below another, its name, another place, its end. All dated.
//!
//! The rules before anything is written, and what is written where `store` has no word for it. Not
//! here: lists of units (`rosters`), the forms (`pages`), merging and splitting.
//! The rule that surprises: versions of a whole subtree change when its top moves, so nothing may be
//! dated before the newest of them.

use crate::access::Records;
use crate::known;
use crate::store;
use crate::unit::Unit;
use db::sql;
use kernel::error::{Error, Refusal, Result};
use kernel::path::MAX_DEPTH;
use kernel::{Day, UnitId, UnitPath};
use site::{Act, Site};

const MORE: &str = "select u.row_version, u.external_id, (select max(v.from_on) from people_unit_version v \
    where v.unit_id = u.id and v.to_on = '9999-12-31') as since from people_unit u where u.id = $1";
const NEWEST_BELOW: &str = "select max(v.from_on) from people_unit_version v \
    where v.path >= $1 and v.path < $2 and v.to_on = '9999-12-31'";
const DEEPEST: &str = "select path from people_unit where path >= $1 and path < $2";
const NAMESAKE: &str = "select id from people_unit where parent_id = $1 and name_fold = $2 \
    and dissolved_on > $3 order by id limit 1";
const MEMBERS: &str = "select distinct m.id, m.name, m.name_key from people_placement p \
    join people_member m on m.id = p.member_id where p.unit_id = $1 and p.to_on > $2 \
    order by m.name_key, m.id limit 21";
const CHILDREN: &str = "select id, name, name_key from people_unit where parent_id = $1 \
    and dissolved_on > $2 order by name_key, id limit 21";
const HOLDINGS: &str = "select h.id, h.from_on from people_holding h \
    join people_position s on s.id = h.position_id where s.unit_id = $1 and h.to_on > $2 order by h.id";
const PLACE: &str = "update people_unit set parent_id = $3, row_version = row_version + 1 \
    where id = $1 and row_version = $2";
const MOVE_PATHS: &str = "update people_unit \
    set path = cast($1 as text) || substr(path, length(cast($2 as text)) + 1) where path >= $2 and path < $3";
const SAME_DAY: &str = "update people_unit_version set \
    parent_id = (select u.parent_id from people_unit u where u.id = people_unit_version.unit_id), \
    path = (select u.path from people_unit u where u.id = people_unit_version.unit_id) \
    where to_on = '9999-12-31' and from_on = $3 \
    and unit_id in (select u.id from people_unit u where u.path >= $1 and u.path < $2)";
const CLOSE_BELOW: &str = "update people_unit_version set to_on = $3 \
    where to_on = '9999-12-31' and from_on < $3 \
    and unit_id in (select u.id from people_unit u where u.path >= $1 and u.path < $2)";
const REPEAT_BELOW: &str = "insert into people_unit_version (unit_id, from_on, parent_id, path, kind, code, name) \
    select u.id, $3, u.parent_id, u.path, u.kind, u.code, u.name from people_unit u \
    where u.path >= $1 and u.path < $2 and not exists (select 1 from people_unit_version v \
    where v.unit_id = u.id and v.to_on = '9999-12-31')";
const DISSOLVE: &str = "update people_unit set dissolved_on = $3, dissolve_reason = $4, \
    row_version = row_version + 1 where id = $1 and row_version = $2";
const END_GRANTS: &str = "update people_grant set to_on = $2 where unit_id = $1 and to_on > $2 \
    and source <> 'position'";

/// Every statement of this module.
pub(crate) const STATEMENTS: &[&str] = &[
    MORE,
    NEWEST_BELOW,
    DEEPEST,
    NAMESAKE,
    MEMBERS,
    CHILDREN,
    HOLDINGS,
    PLACE,
    MOVE_PATHS,
    SAME_DAY,
    CLOSE_BELOW,
    REPEAT_BELOW,
    DISSOLVE,
    END_GRANTS,
];

/// How many days back a change may be dated (governance reference, 4).
const BACK_DAYS: i32 = 31;

/// What changing a unit needs to know beside the unit.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct More {
    /// Sent with the form: when somebody was faster, nothing is written.
    pub(crate) row_version: i64,
    /// Its id in the system that it came from.
    pub(crate) external_id: String,
    /// Since when it is called as it is and stands where it stands.
    #[sqlx(try_from = "String")]
    pub(crate) since: Day,
}

/// What changing a unit needs to know beside the unit.
pub(crate) async fn more(site: &Site, id: &UnitId) -> Result<More> {
    sql(MORE).bind(id).one(site.db.read()).await
}

/// The first day to which a change of this unit alone may be dated.
pub(crate) fn earliest(more: &More, today: Day) -> Day {
    more.since.max(today.plus_days(-BACK_DAYS))
}

/// The first day to which a move of the unit with all below may be dated.
pub(crate) async fn earliest_move(site: &Site, unit: &Unit, today: Day) -> Result<Day> {
    let (low, high) = unit.path.range();
    let (newest,): (String,) = sql(NEWEST_BELOW)
        .bind(low)
        .bind(high)
        .one(site.db.read())
        .await?;
    let newest: Day = newest.parse().map_err(Error::fault)?;
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
    let row: Option<(String,)> = sql(NAMESAKE)
        .bind(parent)
        .bind(vietnamese::fold(name))
        .bind(today)
        .maybe(act.on())
        .await?;
    row.map(|(id,)| UnitId::try_from(id))
        .transpose()
        .map_err(Error::fault)
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
    let placed = sql(PLACE)
        .bind(&unit.id)
        .bind(row_version)
        .bind(&below.id)
        .run(act.on())
        .await?;
    if placed != 1 {
        return Err(changed_meanwhile(&unit.id));
    }
    let (low, high) = unit.path.range();
    let paths: Vec<(String,)> = sql(DEEPEST).bind(&low).bind(&high).all(act.on()).await?;
    let mut deepest = unit.path.depth();
    for (path,) in paths {
        deepest = deepest.max(UnitPath::try_from(path).map_err(Error::fault)?.depth());
    }
    if below.path.depth() + 1 + deepest - unit.path.depth() > MAX_DEPTH {
        return Err(Refusal::new("people-refused-too-deep")
            .way_out(format!("/units/{}", unit.id), "people-move-again")
            .into());
    }
    let new = below.path.child(&unit.id);
    sql(MOVE_PATHS)
        .bind(&new)
        .bind(&low)
        .bind(&high)
        .run(act.on())
        .await?;
    let (low, high) = new.range();
    for text in [SAME_DAY, CLOSE_BELOW, REPEAT_BELOW] {
        sql(text)
            .bind(&low)
            .bind(&high)
            .bind(on)
            .run(act.on())
            .await?;
    }
    Ok(())
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
    let named = async |text: &'static str| {
        let rows: Vec<(String, String, String)> =
            sql(text).bind(unit).bind(on).all(site.db.read()).await?;
        let rows = rows.into_iter().map(|(id, name, _)| (id, name));
        Ok::<_, Error>(rows.collect())
    };
    Ok(Kept {
        members: named(MEMBERS).await?,
        units: named(CHILDREN).await?,
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
    let members: Vec<(String, String, String)> =
        sql(MEMBERS).bind(&unit.id).bind(on).all(act.on()).await?;
    let units: Vec<(String, String, String)> =
        sql(CHILDREN).bind(&unit.id).bind(on).all(act.on()).await?;
    if !members.is_empty() || !units.is_empty() {
        return Err(Refusal::new("people-refused-not-empty")
            .way_out(format!("/units/{}/closing", unit.id), "people-closing-what")
            .into());
    }
    let holdings: Vec<(String, String)> =
        sql(HOLDINGS).bind(&unit.id).bind(on).all(act.on()).await?;
    for (holding, _) in holdings {
        store::end_holding(act, &holding, on, reason).await?;
    }
    sql(END_GRANTS)
        .bind(&unit.id)
        .bind(on)
        .run(act.on())
        .await?;
    let closed = sql(DISSOLVE)
        .bind(&unit.id)
        .bind(row_version)
        .bind(on)
        .bind(reason)
        .run(act.on())
        .await?;
    if closed != 1 {
        return Err(changed_meanwhile(&unit.id));
    }
    Ok(())
}

/// The first day to which the end of this unit may be dated: not before its last post began.
pub(crate) async fn earliest_closing(site: &Site, unit: &Unit, today: Day) -> Result<Day> {
    let mut first = unit.founded_on.max(today.plus_days(-BACK_DAYS));
    let holdings: Vec<(String, String)> = sql(HOLDINGS)
        .bind(&unit.id)
        .bind(today.plus_days(-BACK_DAYS))
        .all(site.db.read())
        .await?;
    for (_, from_on) in holdings {
        first = first.max(from_on.parse().map_err(Error::fault)?);
    }
    Ok(first)
}
