//! Every statement of the rules.
//!
//! The tables only grow in meaning: the one thing that is set on a row is the end of its being known and,
//! once, its confirmation. Not here: choosing (`choice`), the copy in memory (`handle`).

use crate::rule::{Row, Rule};
use crate::{Calendar, Holiday, HolidayKind, New, OPEN_AT};
use db::{Db, Tx, in_list, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::said;
use kernel::{Day, Moment};

macro_rules! columns {
    () => {
        "id, name, variant, measure, value, from_on, to_on, known_from_at, known_to_at, document, \
         document_on, clause, origin, note, preferred, verified_on, verified_by, verified_basis, replaces_id"
    };
}

db::statements! {
    pub STATEMENTS;
    EPOCH = "select number from rules_epoch where id = 1";
    NEXT_EPOCH = "update rules_epoch set number = number + 1 where id = 1";
    KNOWN = concat!(
        "select ",
        columns!(),
        " from rules_rule where known_from_at <= $1 and known_to_at > $1"
    );
    IN_FORCE_ONE = concat!(
        "select ",
        columns!(),
        " from rules_rule where known_from_at <= $1 and known_to_at > $1 and from_on <= $2 and to_on > $2 \
         and name in ($3)"
    );
    HISTORY = concat!(
        "select ",
        columns!(),
        " from rules_rule where name = $1 and variant = $2 order by known_from_at, from_on, id"
    );
    OTHER_MEASURE = "select measure from rules_rule where name = $1 and measure <> $2 and known_to_at = $3 limit 1";
    ADD = "insert into rules_rule (id, name, variant, measure, value, from_on, to_on, known_from_at, \
        document, document_on, clause, origin, note, preferred, replaces_id, added_by) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
        on conflict (id) do nothing";
    /// A row that ends to be known never ends before it began to be.
    END = concat!(
        "update rules_rule set closed_by = $2, \
         known_to_at = case when known_from_at > $3 then known_from_at else $3 end \
         where id = $1 and known_to_at = $4 and from_on < $5 returning ",
        columns!()
    );
    VERIFY = "update rules_rule set verified_on = $2, verified_by = $3, verified_basis = $4 \
        where id = $1 and verified_on = '' and known_to_at = $5";

    HOLIDAYS = "select day_on, kind, name, document, origin from rules_holiday \
        where known_from_at <= $1 and known_to_at > $1";
    COMPLETE_YEARS = "select year from rules_holiday_year where complete = 1 and stated_at <= $1 order by year";
    /// Whether anything was ever said of a day, taken back or not.
    HAS_HOLIDAY = "select count(*) from rules_holiday where day_on = $1";
    END_HOLIDAY = "update rules_holiday set closed_by = $2, \
        known_to_at = case when known_from_at > $3 then known_from_at else $3 end \
        where day_on = $1 and known_to_at = $4";
    ADD_HOLIDAY = "insert into rules_holiday (id, day_on, kind, name, document, origin, known_from_at, added_by) \
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    STATE_YEAR = "insert into rules_holiday_year (year, complete, document, stated_by, stated_at) \
        values ($1, $2, $3, $4, $5) on conflict (year) do update set complete = excluded.complete, \
        document = excluded.document, stated_by = excluded.stated_by, stated_at = excluded.stated_at";
}

/// The names that are asked for follow as a list from parameter 3 on.
const IN_FORCE: &str = concat!(
    "select ",
    columns!(),
    " from rules_rule where known_from_at <= $1 and known_to_at > $1 and from_on <= $2 and to_on > $2 \
     and name in "
);

/// The moment whose knowledge is meant; the last instant that is still known for "now".
fn at(known_at: Option<Moment>) -> Moment {
    known_at.unwrap_or(OPEN_AT.plus_ms(-1))
}
fn read(rows: Vec<Row>) -> Result<Vec<Rule>> {
    rows.into_iter().map(Row::read).collect()
}

pub(crate) async fn epoch(db: &Db) -> Result<i64> {
    sql(EPOCH).count(db.read()).await
}
pub(crate) async fn list_known(db: &Db, known_at: Option<Moment>) -> Result<Vec<Rule>> {
    read(sql(KNOWN).bind(at(known_at)).all(db.read()).await?)
}
pub(crate) async fn list_in_force(
    db: &Db,
    names: &[&str],
    on: Day,
    known_at: Option<Moment>,
) -> Result<Vec<Rule>> {
    let text = format!("{IN_FORCE}{}", in_list(3, names.len()));
    read(
        sql_built(text)
            .bind(at(known_at))
            .bind(on)
            .bind_all(names.iter().copied())
            .all(db.read())
            .await?,
    )
}
pub(crate) async fn list_history(db: &Db, name: &str, variant: &str) -> Result<Vec<Rule>> {
    read(sql(HISTORY).bind(name).bind(variant).all(db.read()).await?)
}
pub(crate) async fn calendar(db: &Db, known_at: Option<Moment>) -> Result<Calendar> {
    let known = at(known_at);
    let rows: Vec<(String, String, String, String, String)> =
        sql(HOLIDAYS).bind(known).all(db.read()).await?;
    let mut days = Vec::with_capacity(rows.len());
    for (on, kind, name, document, origin) in rows {
        let odd = || {
            Error::fault(said!(
                "holiday {} of kind {}",
                format!("{on:?}"),
                format!("{kind:?}")
            ))
        };
        days.push(Holiday {
            on: on.parse().map_err(|_| odd())?,
            kind: HolidayKind::by_name(&kind).ok_or_else(odd)?,
            name,
            document,
            origin,
        });
    }
    let years: Vec<(i64,)> = sql(COMPLETE_YEARS).bind(known).all(db.read()).await?;
    let years = years
        .into_iter()
        .filter_map(|(year,)| i16::try_from(year).ok()); // no day lies in a year beyond
    Ok(Calendar::new(days, years))
}

/// Counts the epoch up; the row's lock also puts writers in a line.
pub(crate) async fn set_next_epoch(tx: &mut Tx) -> Result<()> {
    sql(NEXT_EPOCH).run(&mut **tx).await?;
    Ok(())
}
/// What else rows of that name are measured in, if anything.
pub(crate) async fn find_other_measure(tx: &mut Tx, new: &New) -> Result<Option<String>> {
    let row: Option<(String,)> = sql(OTHER_MEASURE)
        .bind(&new.name)
        .bind(new.measure.name())
        .bind(OPEN_AT)
        .maybe(&mut **tx)
        .await?;
    Ok(row.map(|(measure,)| measure))
}
/// Adds a row; answers false when that id is there already.
pub(crate) async fn add_rule(
    tx: &mut Tx,
    id: &str,
    new: &New,
    replaces: &str,
    who: &str,
    at: Moment,
) -> Result<bool> {
    let document_on = new.document_on.map_or_else(String::new, |d| d.to_string());
    let added = sql(ADD)
        .bind(id)
        .bind(&new.name)
        .bind(&new.variant)
        .bind(new.measure.name())
        .bind(new.value.trim())
        .bind(new.from_on)
        .bind(new.to_on)
        .bind(at)
        .bind(new.document.trim())
        .bind(document_on)
        .bind(new.clause.trim())
        .bind(new.origin.trim())
        .bind(new.note.trim())
        .bind(i64::from(new.is_preferred))
        .bind(replaces)
        .bind(who)
        .run(&mut **tx)
        .await?;
    Ok(added == 1)
}
/// Ends the knowing of a row in force before `until`; answers it, or `None` when there is none.
pub(crate) async fn end_rule(
    tx: &mut Tx,
    id: &str,
    until: Day,
    who: &str,
    at: Moment,
) -> Result<Option<Rule>> {
    let row: Option<Row> = sql(END)
        .bind(id)
        .bind(who)
        .bind(at)
        .bind(OPEN_AT)
        .bind(until)
        .maybe(&mut **tx)
        .await?;
    row.map(Row::read).transpose()
}
/// Confirms a row; answers false when it was confirmed before or is not known.
pub(crate) async fn set_verified(
    tx: &mut Tx,
    id: &str,
    on: Day,
    who: &str,
    basis: &str,
) -> Result<bool> {
    let touched = sql(VERIFY)
        .bind(id)
        .bind(on)
        .bind(who)
        .bind(basis.trim())
        .bind(OPEN_AT)
        .run(&mut **tx)
        .await?;
    Ok(touched == 1)
}
pub(crate) async fn has_holiday(tx: &mut Tx, on: Day) -> Result<bool> {
    let count = sql(HAS_HOLIDAY).bind(on).count(&mut **tx).await?;
    Ok(count > 0)
}
pub(crate) async fn end_holiday(tx: &mut Tx, on: Day, who: &str, at: Moment) -> Result<bool> {
    let touched = sql(END_HOLIDAY)
        .bind(on)
        .bind(who)
        .bind(at)
        .bind(OPEN_AT)
        .run(&mut **tx)
        .await?;
    Ok(touched == 1)
}
pub(crate) async fn add_holiday(
    tx: &mut Tx,
    id: &str,
    day: &Holiday,
    who: &str,
    at: Moment,
) -> Result<()> {
    sql(ADD_HOLIDAY)
        .bind(id)
        .bind(day.on)
        .bind(day.kind.name())
        .bind(&day.name)
        .bind(&day.document)
        .bind(&day.origin)
        .bind(at)
        .bind(who)
        .run(&mut **tx)
        .await?;
    Ok(())
}
pub(crate) async fn set_year(
    tx: &mut Tx,
    year: i16,
    is_complete: bool,
    document: &str,
    who: &str,
    at: Moment,
) -> Result<()> {
    sql(STATE_YEAR)
        .bind(i64::from(year))
        .bind(i64::from(is_complete))
        .bind(document)
        .bind(who)
        .bind(at)
        .run(&mut **tx)
        .await?;
    Ok(())
}
