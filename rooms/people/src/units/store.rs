//! Every statement of units: what they are and were, the tree, adding, naming, moving, closing.
//!
//! Functions here take what was already decided: the rules are `units::tree`, rights are `access`. A change
//! raises the epoch first (`store::bump_epoch`), whose row makes two such changes wait for each other.
//! Who is placed in a unit is read here where the unit asks for it; nobody is placed here (`members`).
//! The rule that surprises: a path is derived from the parents, and every version keeps its own.

use crate::access::Records;
use crate::api::UnitRow as ApiUnit;
use crate::fact::UnitKind;
use crate::store::{bump_epoch, holds_unit};
use crate::units::unit::Unit;
use db::{Db, FromRow, On, scope_condition, sql, sql_built};
use kernel::error::{Error, Refusal, Result};
use kernel::fact::Kept;
use kernel::path::MAX_DEPTH;
use kernel::{Day, Scope, UnitId, UnitPath, UnitRef};
use site::Act;

db::statements! {
    GET = "select id, coalesce(parent_id, '') as parent_id, path, kind, code, name, cell_type, \
        address, founded_on, dissolved_on from people_unit where id = $1";
    GET_ON = "select u.id, coalesce(v.parent_id, '') as parent_id, v.path, v.kind, v.code, v.name, \
        u.cell_type, u.address, u.founded_on, u.dissolved_on \
        from people_unit u join people_unit_version v on v.unit_id = u.id \
        where u.id = $1 and v.from_on <= $2 and v.to_on > $2 and u.dissolved_on > $2";
    CHILDREN_ON = "select u.id, coalesce(v.parent_id, '') as parent_id, v.path, v.kind, v.code, \
        v.name, u.cell_type, u.address, u.founded_on, u.dissolved_on \
        from people_unit u join people_unit_version v on v.unit_id = u.id \
        where v.parent_id = $1 and v.from_on <= $2 and v.to_on > $2 and u.dissolved_on > $2 \
        order by u.name_key, u.id";
    // One person who stood there twice counts once, on earlier days too.
    COUNT_BELOW_ON = "select count(distinct coalesce(a.member_id, p.member_id)) from people_unit_version v \
        join v_people_stay p on p.unit_id = v.unit_id \
        left join v_people_alias a on a.old_id = p.member_id \
        where v.path >= $1 and v.path < $2 and v.from_on <= $3 and v.to_on > $3 \
        and p.kind = 'official' and p.from_on <= $3 and p.to_on > $3";
    ROOTS = "select id from people_unit where parent_id is null and dissolved_on > $1 order by name_key, id";
    FIRST_CELL = "select u.id from people_unit u where u.path >= $1 and u.path < $2 \
        and u.dissolved_on > $3 and u.kind in ('cell', 'base_cell', 'temporary_cell') order by u.path limit 1";
    FIRST_PEOPLED = "select u.id from people_unit u where u.path >= $1 and u.path < $2 \
        and u.dissolved_on > $3 and exists (select 1 from v_people_stay p where p.unit_id = u.id \
        and p.from_on <= $3 and p.to_on > $3) order by u.path limit 1";
    PATH = "select path from people_unit where id = $1";
    ADD = "insert into people_unit (id, parent_id, path, kind, code, external_id, name, \
        name_key, name_fold, cell_type, address, founded_on) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    ADD_VERSION = "insert into people_unit_version \
        (unit_id, from_on, parent_id, path, kind, code, name, decision_id) \
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    SET = "update people_unit set kind = $3, code = $4, external_id = $5, name = $6, name_key = $7, \
        name_fold = $8, cell_type = $9, address = $10, row_version = row_version + 1 where id = $1 and row_version = $2";
    SET_VERSION = "update people_unit_version set kind = $3, code = $4, name = $5 \
        where unit_id = $1 and from_on = $2 and to_on = '9999-12-31'";
    CLOSE_VERSION = "update people_unit_version set to_on = $2 \
        where unit_id = $1 and from_on < $2 and to_on = '9999-12-31'";
    REPEAT_VERSION = "insert into people_unit_version (unit_id, from_on, parent_id, path, kind, code, name) \
        select id, $2, parent_id, path, kind, code, name from people_unit where id = $1";
    ROW_VERSION = "select row_version from people_unit where id = $1";
    MORE = "select u.row_version, u.external_id, (select max(v.from_on) from people_unit_version v \
        where v.unit_id = u.id and v.to_on = '9999-12-31') as since from people_unit u where u.id = $1";
    NEWEST_BELOW = "select max(v.from_on) from people_unit_version v \
        where v.path >= $1 and v.path < $2 and v.to_on = '9999-12-31'";
    PATHS_BELOW = "select path from people_unit where path >= $1 and path < $2";
    NAMESAKE = "select id from people_unit where parent_id = $1 and name_fold = $2 \
        and dissolved_on > $3 order by id limit 1";
    MEMBERS = "select distinct m.id, m.name, m.name_key from v_people_stay p \
        join people_member m on m.id = p.member_id where p.unit_id = $1 and p.to_on > $2 \
        order by m.name_key, m.id limit 21";
    CHILDREN = "select id, name, name_key from people_unit where parent_id = $1 \
        and dissolved_on > $2 order by name_key, id limit 21";
    PLACE = "update people_unit set parent_id = $3, row_version = row_version + 1 \
        where id = $1 and row_version = $2";
    MOVE_PATHS = "update people_unit \
        set path = cast($1 as text) || substr(path, length(cast($2 as text)) + 1) where path >= $2 and path < $3";
    SAME_DAY = "update people_unit_version set \
        parent_id = (select u.parent_id from people_unit u where u.id = people_unit_version.unit_id), \
        path = (select u.path from people_unit u where u.id = people_unit_version.unit_id) \
        where to_on = '9999-12-31' and from_on = $3 \
        and unit_id in (select u.id from people_unit u where u.path >= $1 and u.path < $2)";
    CLOSE_BELOW = "update people_unit_version set to_on = $3 \
        where to_on = '9999-12-31' and from_on < $3 \
        and unit_id in (select u.id from people_unit u where u.path >= $1 and u.path < $2)";
    REPEAT_BELOW = "insert into people_unit_version (unit_id, from_on, parent_id, path, kind, code, name) \
        select u.id, $3, u.parent_id, u.path, u.kind, u.code, u.name from people_unit u \
        where u.path >= $1 and u.path < $2 and not exists (select 1 from people_unit_version v \
        where v.unit_id = u.id and v.to_on = '9999-12-31')";
    FOUNDED_FROM = "select coalesce((select max(v.to_on) from people_unit_version v \
        where v.unit_id = a.id and v.to_on <= $2 and v.path <> (select o.path from people_unit_version o \
        where o.unit_id = a.id and o.from_on <= $2 and o.to_on > $2)), a.founded_on) \
        from people_unit a where a.id = (select f.parent_id from people_unit_version f where f.unit_id = $1 and f.from_on = $2)";
    FOUNDED_ON = "select founded_on from people_unit where id = $1";
    FOUNDED_UNTIL = "select min(d.day) from ( \
        select from_on as day from people_placement where unit_id = $1 \
        union all select from_on from people_unit_version where parent_id = $1 \
        union all select h.from_on from people_holding h join people_position p on p.id = h.position_id where p.unit_id = $1 \
        union all select from_on from people_grant where unit_id = $1 \
        union all select from_on from people_unit_version where unit_id = $1 and from_on > $2) d";
    SET_FOUNDED = "update people_unit set founded_on = $3, row_version = row_version + 1 \
        where id = $1 and row_version = $2";
    SET_FIRST_VERSION = "update people_unit_version set from_on = $3 where unit_id = $1 and from_on = $2";
    TOWN = "select town from people_unit where id = $1";
    TOWN_OVER = "select town from people_unit where substr(cast($1 as text), 1, length(path)) = path \
        and town <> '' order by length(path) desc limit 1";
    SET_TOWN = "update people_unit set town = $2 where id = $1";
    DISSOLVE = "update people_unit set dissolved_on = $3, dissolve_reason = $4, \
        row_version = row_version + 1 where id = $1 and row_version = $2";
}

#[derive(FromRow)]
struct UnitRow {
    #[sqlx(try_from = "String")]
    id: UnitId,
    parent_id: String,
    #[sqlx(try_from = "String")]
    path: UnitPath,
    #[sqlx(try_from = "String")]
    kind: Kept<UnitKind>,
    code: String,
    name: String,
    cell_type: String,
    address: String,
    #[sqlx(try_from = "String")]
    founded_on: Day,
    #[sqlx(try_from = "String")]
    dissolved_on: Day,
}

impl From<UnitRow> for Unit {
    fn from(row: UnitRow) -> Unit {
        Unit {
            id: row.id,
            // Empty text is "no parent"; anything else came from an id column.
            parent_id: UnitId::try_from(row.parent_id).ok(),
            path: row.path,
            kind: row.kind,
            code: row.code,
            name: row.name,
            cell_type: row.cell_type,
            address: row.address,
            founded_on: row.founded_on,
            dissolved_on: row.dissolved_on,
        }
    }
}

/// A unit as it is today, dissolved ones too.
pub(crate) async fn get(db: &Db, id: &UnitId) -> Result<Unit> {
    let row: UnitRow = sql(GET).bind(id).one(db.read()).await?;
    Ok(row.into())
}

/// A unit as it was on a day.
pub(crate) async fn find_on(db: &Db, id: &UnitId, on: Day) -> Result<Option<Unit>> {
    let row: Option<UnitRow> = sql(GET_ON).bind(id).bind(on).maybe(db.read()).await?;
    Ok(row.map(Unit::from))
}

/// The units directly below on a day, by name.
pub(crate) async fn list_children_on(db: &Db, id: &UnitId, on: Day) -> Result<Vec<Unit>> {
    let rows: Vec<UnitRow> = sql(CHILDREN_ON).bind(id).bind(on).all(db.read()).await?;
    Ok(rows.into_iter().map(Unit::from).collect())
}

/// Official members at that path and below on a day, in the structure of that day.
pub(crate) async fn count_members_below(db: &Db, path: &UnitPath, on: Day) -> Result<i64> {
    let (low, high) = path.range();
    sql(COUNT_BELOW_ON)
        .bind(low)
        .bind(high)
        .bind(on)
        .count(db.read())
        .await
}

/// The living units without a unit above.
pub(crate) async fn list_roots(db: &Db, on: Day) -> Result<Vec<UnitId>> {
    let rows: Vec<(String,)> = sql(ROOTS).bind(on).all(db.read()).await?;
    rows.into_iter()
        .map(|(id,)| UnitId::try_from(id).map_err(Error::fault))
        .collect()
}

/// The first living cell at that path or below.
pub(crate) async fn find_first_cell(db: &Db, path: &UnitPath, on: Day) -> Result<Option<String>> {
    find_first(db, FIRST_CELL, path, on).await
}

/// The first living unit at that path or below in which somebody is placed.
pub(crate) async fn find_first_peopled(
    db: &Db,
    path: &UnitPath,
    on: Day,
) -> Result<Option<String>> {
    find_first(db, FIRST_PEOPLED, path, on).await
}

async fn find_first(
    db: &Db,
    text: &'static str,
    path: &UnitPath,
    on: Day,
) -> Result<Option<String>> {
    let (low, high) = path.range();
    let row: Option<(String,)> = sql(text)
        .bind(low)
        .bind(high)
        .bind(on)
        .maybe(db.read())
        .await?;
    Ok(row.map(|(id,)| id))
}

/// A unit found by its name.
#[derive(FromRow)]
pub(crate) struct FoundUnit {
    #[sqlx(try_from = "String")]
    pub id: UnitId,
    pub name: String,
    /// The name of the unit above; empty for a root.
    pub above: String,
}

/// Living units within the scope whose name has these folded words in it, at most forty.
pub(crate) async fn list_named(
    db: &Db,
    scope: &Scope,
    folded: &str,
    on: Day,
) -> Result<Vec<FoundUnit>> {
    let (within, bounds) = scope_condition(scope, "u.path", 3);
    let text = format!(
        "select u.id, u.name, coalesce(above.name, '') as above from people_unit u \
         left join people_unit above on above.id = u.parent_id \
         where u.name_fold like $1 and u.dissolved_on > $2 and {within} order by u.name_key, u.id limit 40"
    );
    sql_built(text)
        .bind(format!("%{folded}%"))
        .bind(on)
        .bind_all(bounds)
        .all(db.read())
        .await
}

/// Living units within one of the scopes behind that path, in the order of the tree.
pub(crate) async fn list_within(
    db: &Db,
    [read, own]: [&Scope; 2],
    after: &str,
    on: Day,
    limit: i64,
) -> Result<Vec<ApiUnit>> {
    let (read, read_bounds) = scope_condition(read, "path", 4);
    let (own, own_bounds) = scope_condition(own, "path", 4 + read_bounds.len());
    let text = format!(
        "select id, coalesce(parent_id, '') as parent_id, path, kind, code, name from people_unit \
         where path > $1 and dissolved_on > $2 and ({read} or {own}) order by path limit $3"
    );
    sql_built(text)
        .bind(after)
        .bind(on)
        .bind(limit)
        .bind_all(read_bounds)
        .bind_all(own_bounds)
        .all(db.read())
        .await
}

/// A unit to be added.
#[derive(Debug, Clone)]
pub struct NewUnit {
    /// Its id, fresh or (for generated data) chosen.
    pub id: UnitId,
    /// The unit above; `None` for a root.
    pub parent: Option<UnitId>,
    /// What it is.
    pub kind: UnitKind,
    /// Official code; changes over time, never a key.
    pub code: String,
    /// Its id in the system that it came from.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Kind of cell, such as "thôn"; may be empty.
    pub cell_type: String,
    /// Where it meets; may be empty.
    pub address: String,
    /// First day.
    pub founded_on: Day,
    /// The decision; may be empty.
    pub decision_id: String,
}

impl NewUnit {
    /// A unit with the rest empty.
    pub fn new(
        id: UnitId,
        parent: Option<UnitId>,
        kind: UnitKind,
        name: &str,
        founded_on: Day,
    ) -> Self {
        NewUnit {
            id,
            parent,
            kind,
            code: String::new(),
            external_id: String::new(),
            name: name.to_owned(),
            cell_type: String::new(),
            address: String::new(),
            founded_on,
            decision_id: String::new(),
        }
    }
}

/// Adds a unit with its first version. A parent that is not there is [`Error::NotFound`]; deeper
/// than sixteen levels is refused.
pub async fn add_unit<P: Records>(act: &mut Act<P>, new: &NewUnit) -> Result<UnitRef> {
    bump_epoch(act).await?;
    let path = match &new.parent {
        None => {
            let path = UnitPath::root(&new.id);
            act.over(&UnitRef {
                id: new.id.clone(),
                path: path.clone(),
            })?;
            path
        }
        Some(parent) => {
            holds_unit(act, parent).await?;
            let above: (String,) = sql(PATH).bind(parent).one(act.on()).await?;
            let above = UnitPath::try_from(above.0).map_err(Error::fault)?;
            if above.depth() >= MAX_DEPTH {
                return Err(Refusal::new("people-refused-too-deep").into());
            }
            above.child(&new.id)
        }
    };
    act.reaches(&new.id);
    let name = vietnamese::nfc(new.name.trim());
    sql(ADD)
        .bind(&new.id)
        .bind(new.parent.as_ref())
        .bind(&path)
        .bind(new.kind.word())
        .bind(&new.code)
        .bind(&new.external_id)
        .bind(&name)
        .bind(vietnamese::sort_key(&name))
        .bind(vietnamese::fold(&name))
        .bind(&new.cell_type)
        .bind(&new.address)
        .bind(new.founded_on)
        .run(act.on())
        .await?;
    sql(ADD_VERSION)
        .bind(&new.id)
        .bind(new.founded_on)
        .bind(new.parent.as_ref())
        .bind(&path)
        .bind(new.kind.word())
        .bind(&new.code)
        .bind(&name)
        .bind(&new.decision_id)
        .run(act.on())
        .await?;
    Ok(UnitRef {
        id: new.id.clone(),
        path,
    })
}

/// The town that papers of this very unit name; empty where none was written.
pub(crate) async fn get_town(db: &Db, id: &UnitId) -> Result<String> {
    let (town,): (String,) = sql(TOWN).bind(id).one(db.read()).await?;
    Ok(town)
}

/// The town of the nearest unit at that path or above that has one.
pub(crate) async fn find_town(db: &Db, path: &UnitPath) -> Result<Option<String>> {
    let found: Option<(String,)> = sql(TOWN_OVER).bind(path).maybe(db.read()).await?;
    Ok(found.map(|(town,)| town))
}

/// Writes the town of a unit's papers; the version of the day is not touched, for papers of old days are not made anew.
pub(crate) async fn set_town<P: Records>(act: &mut Act<P>, id: &UnitId, town: &str) -> Result<()> {
    holds_unit(act, id).await?;
    sql(SET_TOWN).bind(id).bind(town).run(act.on()).await?;
    Ok(())
}

/// What a unit is to say from now on; its place in the tree stays.
#[derive(Debug, Clone)]
pub struct UnitChange {
    /// Which unit.
    pub id: UnitId,
    /// What was read before deciding: when somebody was faster, nothing is written.
    pub row_version: i64,
    /// What it is; a word that nobody knows may stay as it stands.
    pub kind: Kept<UnitKind>,
    /// Official code.
    pub code: String,
    /// Its id in the system that it came from.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Kind of cell; may be empty.
    pub cell_type: String,
    /// Where it meets; may be empty.
    pub address: String,
}

/// Writes what a unit says as of `today`; name, code and kind of earlier days stay in its versions.
///
/// # Errors
/// [`Error::Busy`] when somebody changed the unit since it was read.
pub async fn set_unit<P: Records>(act: &mut Act<P>, now: &UnitChange, today: Day) -> Result<()> {
    bump_epoch(act).await?;
    holds_unit(act, &now.id).await?;
    let touched = sql(SET)
        .bind(&now.id)
        .bind(now.row_version)
        .bind(now.kind.word())
        .bind(&now.code)
        .bind(&now.external_id)
        .bind(&now.name)
        .bind(vietnamese::sort_key(&now.name))
        .bind(vietnamese::fold(&now.name))
        .bind(&now.cell_type)
        .bind(&now.address)
        .run(act.on())
        .await?;
    if touched != 1 {
        return Err(Error::Busy { retry_s: 5 });
    }
    // A version that began today is overwritten: `[today, today)` would be empty.
    let same_day = sql(SET_VERSION)
        .bind(&now.id)
        .bind(today)
        .bind(now.kind.word())
        .bind(&now.code)
        .bind(&now.name)
        .run(act.on())
        .await?;
    if same_day == 0 {
        sql(CLOSE_VERSION)
            .bind(&now.id)
            .bind(today)
            .run(act.on())
            .await?;
        sql(REPEAT_VERSION)
            .bind(&now.id)
            .bind(today)
            .run(act.on())
            .await?;
    }
    Ok(())
}

/// The day on which a unit was founded, asked inside a write after the epoch was raised.
pub(crate) async fn founded_on(on: impl On<'_>, unit: &UnitId) -> Result<Day> {
    let (day,): (String,) = sql(FOUNDED_ON).bind(unit).one(on).await?;
    day.parse().map_err(Error::fault)
}

/// Raises the epoch and asks that a placement or a post of this unit begins no earlier than the unit: its day may have
/// been put right since the writer's page was read.
///
/// # Errors
/// Refused when it begins earlier.
pub(crate) async fn begins_within<P: Records>(
    act: &mut Act<P>,
    unit: &UnitId,
    from_on: Day,
) -> Result<()> {
    bump_epoch(act).await?;
    let founded = founded_on(act.on(), unit).await?;
    if from_on >= founded {
        return Ok(());
    }
    Err(Error::Refused(
        Refusal::new("people-refused-before-founding")
            .arg("day", founded.vn())
            .way_out(format!("/units/{unit}"), "people-refused-changed-look"),
    ))
}

/// The first day on which the unit below which this one was founded stood where it stood then.
pub(crate) async fn founded_from(on: impl On<'_>, unit: &UnitId, founded_on: Day) -> Result<Day> {
    let (day,): (String,) = sql(FOUNDED_FROM)
        .bind(unit)
        .bind(founded_on)
        .one(on)
        .await?;
    day.parse().map_err(Error::fault)
}

/// The first day on which something is kept of the unit beside its founding: somebody placed, a unit
/// below, a post, a right, another name.
pub(crate) async fn founded_until(
    on: impl On<'_>,
    unit: &UnitId,
    founded_on: Day,
) -> Result<Option<Day>> {
    let (day,): (Option<String>,) = sql(FOUNDED_UNTIL)
        .bind(unit)
        .bind(founded_on)
        .one(on)
        .await?;
    day.map(|day| day.parse().map_err(Error::fault)).transpose()
}

/// Corrects the day on which a unit was founded, and with it the first day of its first version; what was
/// read before is `row_version`. Whether the day is possible was asked before ([`founded_from`],
/// [`founded_until`]) in this act, after the epoch was raised.
///
/// # Errors
/// [`Error::Busy`] when somebody changed the unit since it was read.
pub(crate) async fn set_founded<P: Records>(
    act: &mut Act<P>,
    unit: &Unit,
    row_version: i64,
    founded_on: Day,
) -> Result<()> {
    bump_epoch(act).await?;
    holds_unit(act, &unit.id).await?;
    let touched = sql(SET_FOUNDED)
        .bind(&unit.id)
        .bind(row_version)
        .bind(founded_on)
        .run(act.on())
        .await?;
    if touched != 1 {
        return Err(Error::Busy { retry_s: 5 });
    }
    sql(SET_FIRST_VERSION)
        .bind(&unit.id)
        .bind(unit.founded_on)
        .bind(founded_on)
        .run(act.on())
        .await?;
    Ok(())
}

/// The number of changes of a unit, to see whether somebody was faster.
pub(crate) async fn row_version(on: impl On<'_>, id: &UnitId) -> Result<i64> {
    let (version,): (i64,) = sql(ROW_VERSION).bind(id).one(on).await?;
    Ok(version)
}

/// What changing a unit needs to know beside the unit.
#[derive(Debug, Clone, FromRow)]
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
pub(crate) async fn get_more(db: &Db, id: &UnitId) -> Result<More> {
    sql(MORE).bind(id).one(db.read()).await
}

/// The day of the newest version at that path and below.
pub(crate) async fn newest_below(db: &Db, path: &UnitPath) -> Result<Day> {
    let (low, high) = path.range();
    let (newest,): (String,) = sql(NEWEST_BELOW)
        .bind(low)
        .bind(high)
        .one(db.read())
        .await?;
    newest.parse().map_err(Error::fault)
}

/// The living unit of that folded name directly below.
pub(crate) async fn find_namesake(
    on: impl On<'_>,
    parent: &UnitId,
    folded: &str,
    today: Day,
) -> Result<Option<UnitId>> {
    let row: Option<(String,)> = sql(NAMESAKE)
        .bind(parent)
        .bind(folded)
        .bind(today)
        .maybe(on)
        .await?;
    row.map(|(id,)| UnitId::try_from(id))
        .transpose()
        .map_err(Error::fault)
}

/// Who belongs to the unit on that day or later, as id and name: at most twenty-one, by name.
pub(crate) async fn list_staying(
    on: impl On<'_>,
    unit: &UnitId,
    day: Day,
) -> Result<Vec<(String, String)>> {
    let rows: Vec<(String, String, String)> = sql(MEMBERS).bind(unit).bind(day).all(on).await?;
    Ok(rows.into_iter().map(|(id, name, _)| (id, name)).collect())
}

/// The units directly below that are there on that day or later: the same.
pub(crate) async fn list_staying_units(
    on: impl On<'_>,
    unit: &UnitId,
    day: Day,
) -> Result<Vec<(String, String)>> {
    let rows: Vec<(String, String, String)> = sql(CHILDREN).bind(unit).bind(day).all(on).await?;
    Ok(rows.into_iter().map(|(id, name, _)| (id, name)).collect())
}

/// Puts a unit below another; the paths follow with [`move_paths`]. Answers whether nobody was faster.
pub(crate) async fn place<P: Records>(
    act: &mut Act<P>,
    unit: &UnitId,
    row_version: i64,
    below: &UnitId,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds_unit(act, unit).await?;
    let placed = sql(PLACE)
        .bind(unit)
        .bind(row_version)
        .bind(below)
        .run(act.on())
        .await?;
    Ok(placed == 1)
}

/// The paths of a unit and of all below it.
pub(crate) async fn list_paths_below(on: impl On<'_>, path: &UnitPath) -> Result<Vec<UnitPath>> {
    let (low, high) = path.range();
    let rows: Vec<(String,)> = sql(PATHS_BELOW).bind(low).bind(high).all(on).await?;
    rows.into_iter()
        .map(|(path,)| UnitPath::try_from(path).map_err(Error::fault))
        .collect()
}

/// Gives a unit and all below it their new paths, with versions from `on` on.
pub(crate) async fn move_paths<P: Records>(
    act: &mut Act<P>,
    from: &UnitPath,
    to: &UnitPath,
    on: Day,
) -> Result<()> {
    bump_epoch(act).await?;
    if let Some(unit) = from.ids().last() {
        holds_unit(act, &unit.parse().map_err(Error::fault)?).await?;
    }
    let (low, high) = from.range();
    sql(MOVE_PATHS)
        .bind(to)
        .bind(low)
        .bind(high)
        .run(act.on())
        .await?;
    let (low, high) = to.range();
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

/// Ends a unit; what hangs on it is the caller's. Answers whether nobody was faster.
pub(crate) async fn dissolve<P: Records>(
    act: &mut Act<P>,
    unit: &UnitId,
    row_version: i64,
    on: Day,
    reason: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds_unit(act, unit).await?;
    let closed = sql(DISSOLVE)
        .bind(unit)
        .bind(row_version)
        .bind(on)
        .bind(reason)
        .run(act.on())
        .await?;
    Ok(closed == 1)
}
