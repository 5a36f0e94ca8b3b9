//! Rows of the directory.
//!
//! Rights are asked by [`super::CanKeep`]; names are found without their marks.

use super::CanKeep;
use crate::access::Records;
use crate::store::{bump_epoch, fresh, holds_unit};
use db::{Db, FromRow, On, in_list, sql, sql_built};
use kernel::error::Result;
use kernel::{Day, UnitId, UnitPath, UnitRef};
use site::Act;

const COLUMNS: &str = "b.id, b.name, b.keeper_id as kept_by, k.name as keeper, k.path as kept_path, b.unit_id, \
    coalesce(u.name, '') as unit_name, b.address, b.phone, b.hours, b.receiver, b.takes, b.is_public, b.from_on, b.to_on, \
    b.row_version from people_body b join people_unit k on k.id = b.keeper_id left join people_unit u on u.id = b.unit_id";

db::statements! {
    ADD = "insert into people_body (id, name, name_fold, name_key, keeper_id, unit_id, address, phone, hours, receiver, \
        takes, is_public, from_on, to_on, changed_at, changed_by) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    SET = "update people_body set name = $3, name_fold = $4, name_key = $5, unit_id = $6, address = $7, phone = $8, \
        hours = $9, receiver = $10, takes = $11, is_public = $12, from_on = $13, to_on = $14, changed_at = $15, \
        changed_by = $16, row_version = row_version + 1 where id = $1 and row_version = $2";
    ADDED = "select name, keeper_id from people_body where id = $1";
    ANY = "select count(*) from people_body";
    NAMED = "select id, path from people_unit where name_fold = $1 and dissolved_on > $2 and founded_on <= $2 \
        order by id limit 9";
}

/// What is said of one body.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Body {
    pub(crate) id: String,
    pub(crate) name: String,
    #[sqlx(try_from = "String")]
    pub(crate) kept_by: UnitId,
    /// The name of the unit that keeps the entry.
    pub(crate) keeper: String,
    #[sqlx(try_from = "String")]
    pub(crate) kept_path: UnitPath,
    /// The unit that it is; empty: outside the house.
    pub(crate) unit_id: String,
    pub(crate) unit_name: String,
    pub(crate) address: String,
    pub(crate) phone: String,
    pub(crate) hours: String,
    pub(crate) receiver: String,
    pub(crate) takes: String,
    is_public: i64,
    #[sqlx(try_from = "String")]
    pub(crate) from_on: Day,
    #[sqlx(try_from = "String")]
    pub(crate) to_on: Day,
    pub(crate) row_version: i64,
}

impl Body {
    /// Whether everybody reads it.
    pub(crate) fn is_public(&self) -> bool {
        self.is_public == 1
    }
    /// The unit that keeps it.
    pub(crate) fn kept(&self) -> UnitRef {
        UnitRef {
            id: self.kept_by.clone(),
            path: self.kept_path.clone(),
        }
    }
    /// The telephone as an address: figures only.
    pub(crate) fn tel(&self) -> String {
        (self.phone.chars())
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect()
    }
}

/// What is typed of one.
#[derive(Debug, Clone)]
pub(crate) struct New {
    pub(crate) name: String,
    pub(crate) unit_id: String,
    pub(crate) address: String,
    pub(crate) phone: String,
    pub(crate) hours: String,
    pub(crate) receiver: String,
    pub(crate) takes: String,
    pub(crate) is_public: bool,
    pub(crate) from_on: Day,
    pub(crate) to_on: Day,
}

/// An entry.
pub(crate) async fn find(db: &Db, id: &str) -> Result<Option<Body>> {
    let text = format!("select {COLUMNS} where b.id = $1");
    sql_built(text).bind(id).maybe(db.read()).await
}

/// Most entries shown at once.
pub(crate) const MOST: usize = 200;

/// Entries of that day whose name or address has these folded words; `is_public`: only those for everybody. One more
/// than is shown.
pub(crate) async fn list(db: &Db, folded: &str, on: Day, is_public: bool) -> Result<Vec<Body>> {
    let text = format!(
        "select {COLUMNS} where b.from_on <= $1 and b.to_on > $1 and b.is_public >= $2 and b.name_fold like $3 \
         order by b.name_key, b.id limit {}",
        MOST + 1
    );
    let asked = sql_built(text).bind(on).bind(i64::from(is_public));
    asked.bind(format!("%{folded}%")).all(db.read()).await
}

/// Entries that are over or not begun, of the units that this path is above of: for whoever keeps them.
pub(crate) async fn list_not_now(db: &Db, path: &UnitPath, on: Day) -> Result<Vec<Body>> {
    let (low, high) = path.range();
    let text = format!(
        "select {COLUMNS} where (b.from_on > $1 or b.to_on <= $1) and k.path >= $2 and k.path < $3 \
         order by b.to_on desc, b.name_key, b.id limit 50"
    );
    let asked = sql_built(text).bind(on).bind(low).bind(high);
    asked.all(db.read()).await
}

/// Entries of that day of some units.
pub(crate) async fn list_of_units(db: &Db, units: &[String], on: Day) -> Result<Vec<Body>> {
    if units.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "select {COLUMNS} where b.from_on <= $1 and b.to_on > $1 and b.unit_id in {} order by b.name_key, b.id",
        in_list(2, units.len())
    );
    let asked = sql_built(text).bind(on).bind_all(units.to_vec());
    asked.all(db.read()).await
}

/// Whether there is any entry: the demo asks.
pub(crate) async fn is_any(db: &Db) -> Result<bool> {
    Ok(sql(ANY).count(db.read()).await? > 0)
}

/// Living units of that name, its marks aside.
pub(crate) async fn list_named(on: impl On<'_>, name: &str, day: Day) -> Result<Vec<UnitRef>> {
    let rows = sql(NAMED).bind(vietnamese::fold(name)).bind(day);
    let rows: Vec<(String, String)> = rows.all(on).await?;
    let read = |(id, path)| {
        Ok(UnitRef {
            id: UnitId::try_from(id).map_err(kernel::Error::fault)?,
            path: UnitPath::try_from(path).map_err(kernel::Error::fault)?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Keeps a new entry; answers its id.
pub(crate) async fn add<P: Records>(
    act: &mut Act<P>,
    kept_by: &UnitId,
    new: &New,
) -> Result<String> {
    let id = fresh(act);
    add_as(act, &id, kept_by, new).await?;
    Ok(id)
}

/// Keeps a new entry under the id that was made of the form and its sender; nothing when that form has made it before.
/// Whatever else has that id leaves it a fresh one.
pub(crate) async fn add_once<P: Records>(
    act: &mut Act<P>,
    once: &str,
    kept_by: &UnitId,
    new: &New,
) -> Result<Option<String>> {
    // The same form sent twice at once waits here for the other.
    bump_epoch(act).await?;
    let added: Option<(String, String)> = sql(ADDED).bind(once).maybe(act.on()).await?;
    match added {
        None => {
            add_as(act, once, kept_by, new).await?;
            Ok(Some(once.to_owned()))
        }
        Some((name, keeper)) if name == new.name && keeper == kept_by.as_str() => Ok(None),
        Some(_) => add(act, kept_by, new).await.map(Some),
    }
}

async fn add_as<P: Records>(act: &mut Act<P>, id: &str, kept_by: &UnitId, new: &New) -> Result<()> {
    bump_epoch(act).await?;
    holds_unit(act, kept_by).await?;
    let (now, by) = (act.now(), act.by().to_owned());
    let added = sql(ADD).bind(id).bind(&new.name);
    let added = added.bind(vietnamese::fold(&new.name));
    let added = added.bind(vietnamese::sort_key(&new.name));
    let added = added.bind(kept_by).bind(&new.unit_id).bind(&new.address);
    let added = added.bind(&new.phone).bind(&new.hours).bind(&new.receiver);
    let added = added.bind(&new.takes).bind(i64::from(new.is_public));
    let added = added.bind(new.from_on).bind(new.to_on).bind(now).bind(by);
    added.run(act.on()).await?;
    Ok(())
}

/// Writes an entry over; `false`: somebody was there first.
pub(crate) async fn set(
    act: &mut Act<CanKeep>,
    body: &Body,
    version: i64,
    new: &New,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds_unit(act, &body.kept_by).await?;
    let (now, by) = (act.now(), act.by().to_owned());
    let set = sql(SET).bind(&body.id).bind(version).bind(&new.name);
    let set = set.bind(vietnamese::fold(&new.name));
    let set = set.bind(vietnamese::sort_key(&new.name));
    let set = set.bind(&new.unit_id).bind(&new.address).bind(&new.phone);
    let set = set.bind(&new.hours).bind(&new.receiver).bind(&new.takes);
    let set = set.bind(i64::from(new.is_public)).bind(new.from_on);
    let set = set.bind(new.to_on).bind(now).bind(by);
    Ok(set.run(act.on()).await? == 1)
}
