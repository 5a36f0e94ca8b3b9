//! Leaving, death, and taking either back: the rows that end with somebody, and that they did.
//!
//! Who may and who agrees is asked by `members::leaving`. Everything of one person ends in one act with one line of
//! the ledger, whichever unit it belongs to: the act is asked for the person alone, whose record it is.
//! The rule that surprises: a post that had not begun yet keeps its first day and ends on it; it never was.

use crate::access::Records;
use crate::fact::{Placement, Status};
use crate::ledger::store as ledger;
use crate::members::leaving::{Ended, How, Leaving};
use crate::members::store::Stands;
use crate::posts::post::Held;
use crate::store::{bump_epoch, fresh, holds};
use db::{Db, FromRow, On, sql};
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Day, MemberId, UnitId, UnitPath};
use site::Act;

db::statements! {
    PLACES = "select p.id, p.unit_id, u.name as unit_name, p.kind, p.from_on, p.to_on \
        from people_placement p join people_unit u on u.id = p.unit_id \
        where p.member_id = $1 and p.to_on > $2 order by p.kind, p.from_on, p.id";
    POSTS = "select h.id, h.member_id, m.name, s.title, s.role, s.unit_id, u.path, h.from_on, h.to_on \
        from people_holding h join people_position s on s.id = h.position_id \
        join people_member m on m.id = h.member_id join people_unit u on u.id = s.unit_id \
        where h.member_id = $1 and h.to_on > $2 and h.from_on < h.to_on order by s.rank, h.id";
    WIDE = "select count(*) from people_grant where member_id = $1 and revoked_at is null and to_on > $2 \
        and (scope <> 'unit' or unit_id <> $3)";
    CORRECTIONS = "select id from people_correction where member_id = $1 and state = 'open' order by id";
    // One that begins that very day lasts for it.
    END_PLACES = "update people_placement set to_on = case when from_on = $2 then $5 else $2 end, end_reason = $3, \
        closed_by_event = $4 where member_id = $1 and from_on <= $2 and to_on > $2";
    END_POSTS = "update people_holding set to_on = case when from_on > $2 then from_on else $2 end, end_reason = $3 \
        where member_id = $1 and to_on > $2";
    END_GRANTS = "update people_grant set to_on = case when from_on > $2 then from_on else $2 end \
        where member_id = $1 and to_on > $2";
    ADD = "insert into people_leaving (id, member_id, unit_id, how, left_on, decision_no, decision_on, note, \
        was_status, was_from_on, ended_json, recorded_at, recorded_by, event_id) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    GONE = "select l.id, l.member_id, m.name, l.unit_id, u.path, u.name as unit_name, u.dissolved_on, l.how, l.left_on, \
        l.note, l.was_status, l.was_from_on, l.ended_json, l.event_id, m.row_version, m.exempt \
        from people_leaving l join people_member m on m.id = l.member_id join people_unit u on u.id = l.unit_id \
        where l.member_id = $1 and l.back_at = 0 and m.merged_on = ''";
    SET_BACK = "update people_leaving set back_at = $2, back_by = $3, back_event = $4 where id = $1 and back_at = 0";
    // A merging that ended it was taken apart; nothing when they have left anew.
    HOLDS_AGAIN = "update people_leaving set back_at = 0, back_by = '', back_event = '', \
        left_on = case when left_on > $2 then left_on else $2 end where id = $1 and back_at > 0 \
        and not exists (select 1 from people_leaving l where l.member_id = people_leaving.member_id and l.back_at = 0)";
    STANDS = "select status, status_from_on, exempt from people_member where id = $1";
    LIVING = "select count(*) from people_unit where id = $1 and dissolved_on > $2";
    ANY = "select count(*) from people_leaving";
    PLAIN = "select m.id, m.row_version from people_placement p join people_member m on m.id = p.member_id \
        where p.unit_id = $1 and p.kind = 'official' and p.from_on < $2 and p.to_on = '9999-12-31' and m.status = 'full' \
        and not exists (select 1 from people_holding h where h.member_id = m.id) \
        and not exists (select 1 from people_placement o where o.member_id = m.id and o.id <> p.id) \
        order by m.id desc limit 1";
    LEAD = "select h.member_id from people_holding h join people_position s on s.id = h.position_id \
        where s.unit_id = $1 and s.role in ('cell_lead', 'committee_lead') and h.from_on <= $2 and h.to_on > $2 order by s.rank, h.id limit 1";
    ENDED_ON = "select to_on from people_placement where id = $1";
    PLACE_AGAIN = "insert into people_placement (id, member_id, unit_id, kind, from_on, to_on, start_reason, \
        prev_id, opened_by_event) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
}

/// What somebody is to the organisation, within the act that changes it.
pub(crate) async fn get_stands<P: Records>(act: &mut Act<P>, member: &MemberId) -> Result<Stands> {
    holds(act, member).await?;
    let (status, from_on, exempt): (String, String, i64) =
        sql(STANDS).bind(member).one(act.on()).await?;
    Ok(Stands {
        status: Kept::from(status),
        from_on,
        exempt: exempt == 1,
    })
}

/// Whether a unit lives on that day.
pub(crate) async fn is_living(on: impl On<'_>, unit: &UnitId, day: Day) -> Result<bool> {
    Ok(sql(LIVING).bind(unit).bind(day).count(on).await? > 0)
}

/// Where somebody belongs, with the unit.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Place {
    pub(crate) id: String,
    #[sqlx(try_from = "String")]
    pub(crate) unit_id: UnitId,
    pub(crate) unit_name: String,
    #[sqlx(try_from = "String")]
    pub(crate) kind: Kept<Placement>,
    #[sqlx(try_from = "String")]
    pub(crate) from_on: Day,
    #[sqlx(try_from = "String")]
    pub(crate) to_on: Day,
}

/// The placements of a member that hold after that day, their own unit first.
pub(crate) async fn list_places(
    on: impl On<'_>,
    member: &MemberId,
    day: Day,
) -> Result<Vec<Place>> {
    sql(PLACES).bind(member).bind(day).all(on).await
}

/// The posts of a member that hold after that day.
pub(crate) async fn list_posts(on: impl On<'_>, member: &MemberId, day: Day) -> Result<Vec<Held>> {
    sql(POSTS).bind(member).bind(day).all(on).await
}

/// How many rights of a member reach beyond that unit after that day.
pub(crate) async fn count_wide(
    on: impl On<'_>,
    member: &MemberId,
    day: Day,
    unit: &UnitId,
) -> Result<i64> {
    sql(WIDE).bind(member).bind(day).bind(unit).count(on).await
}

/// What a member said of the own record and nobody answered, by its ids.
pub(crate) async fn list_corrections(on: impl On<'_>, member: &MemberId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = sql(CORRECTIONS).bind(member).all(on).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Ends placements, posts and every other right of a member on that day.
pub(crate) async fn end_all<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    on: Day,
    (reason, event): (&str, &str),
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, member).await?;
    let was = ledger::before_periods(act, member).await?;
    let places = sql(END_PLACES).bind(member).bind(on);
    let places = places.bind(reason).bind(event).bind(on.plus_days(1));
    places.run(act.on()).await?;
    let posts = sql(END_POSTS).bind(member).bind(on).bind(reason);
    posts.run(act.on()).await?;
    sql(END_GRANTS).bind(member).bind(on).run(act.on()).await?;
    ledger::after_periods(act, was, event).await
}

/// Keeps that somebody has left.
pub(crate) async fn add<P: Records>(
    act: &mut Act<P>,
    new: &Leaving,
    (status, from_on): (&Kept<Status>, &str),
    ended: &Ended,
    event: &str,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, &new.member).await?;
    let (id, now, by) = (fresh(act), act.now(), act.by().to_owned());
    let ended = serde_json::to_string(ended).map_err(kernel::Error::fault)?;
    let added = sql(ADD).bind(&id).bind(&new.member).bind(&new.unit);
    let added = added.bind(&new.how).bind(new.on).bind(&new.decision_no);
    let added = added.bind(&new.decision_on).bind(&new.note);
    let added = added.bind(status.word()).bind(from_on).bind(ended);
    added.bind(now).bind(by).bind(event).run(act.on()).await?;
    Ok(())
}

/// Somebody who has left, as the act was kept.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Gone {
    pub(crate) id: String,
    #[sqlx(try_from = "String")]
    pub(crate) member_id: MemberId,
    pub(crate) name: String,
    #[sqlx(try_from = "String")]
    pub(crate) unit_id: UnitId,
    #[sqlx(try_from = "String")]
    pub(crate) path: UnitPath,
    pub(crate) unit_name: String,
    #[sqlx(try_from = "String")]
    pub(crate) dissolved_on: Day,
    #[sqlx(try_from = "String")]
    pub(crate) how: Kept<How>,
    #[sqlx(try_from = "String")]
    pub(crate) left_on: Day,
    pub(crate) note: String,
    #[sqlx(try_from = "String")]
    pub(crate) was_status: Kept<Status>,
    pub(crate) was_from_on: String,
    pub(crate) ended_json: String,
    pub(crate) event_id: String,
    pub(crate) row_version: i64,
    pub(crate) exempt: i64,
}

/// How somebody left, unless they did not, it was taken back, or their record is read as another: then that other's
/// leaving counts.
pub(crate) async fn find_gone(on: impl On<'_>, member: &MemberId) -> Result<Option<Gone>> {
    sql(GONE).bind(member).maybe(on).await
}

/// The same, outside an act.
pub(crate) async fn find(db: &Db, member: &MemberId) -> Result<Option<Gone>> {
    find_gone(db.read(), member).await
}

/// Whether anybody was ever recorded to have left: the demo asks.
pub(crate) async fn is_any(db: &Db) -> Result<bool> {
    Ok(sql(ANY).count(db.read()).await? > 0)
}

/// Somebody without a post who has belonged to the unit for two months, for the demo.
pub(crate) async fn find_plain(
    db: &Db,
    unit: &UnitId,
    today: Day,
) -> Result<Option<(MemberId, i64)>> {
    let asked = sql(PLAIN).bind(unit).bind(today.plus_days(-60));
    let row: Option<(String, i64)> = asked.maybe(db.read()).await?;
    let read = |(id, version)| Ok((MemberId::try_from(id).map_err(Error::fault)?, version));
    row.map(read).transpose()
}

/// Who leads a unit: of secretary and deputy the secretary.
pub(crate) async fn find_lead(db: &Db, unit: &UnitId, today: Day) -> Result<Option<MemberId>> {
    let row: Option<(String,)> = sql(LEAD).bind(unit).bind(today).maybe(db.read()).await?;
    let id = row.map(|(id,)| MemberId::try_from(id));
    id.transpose().map_err(Error::fault)
}

/// Says that a leaving was taken back; `false`: it had been.
pub(crate) async fn set_back<P: Records>(
    act: &mut Act<P>,
    gone: &Gone,
    event: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, &gone.member_id).await?;
    let (now, by) = (act.now(), act.by().to_owned());
    let back = sql(SET_BACK).bind(&gone.id).bind(now).bind(by).bind(event);
    Ok(back.run(act.on()).await? == 1)
}

/// A leaving that a merging ended holds again, since the merging was taken apart; `false`: they have left anew. Where
/// they were placed in between, it is from the day on which that ended: they were counted until then.
pub(crate) async fn holds_again<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    id: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, member).await?;
    let long_ago = Day::of(1900, 1, 1).unwrap_or(Day::OPEN);
    let places = list_places(act.on(), member, long_ago).await?;
    let last = places.into_iter().map(|place| place.to_on).max();
    let again = sql(HOLDS_AGAIN).bind(id).bind(last.unwrap_or(long_ago));
    Ok(again.run(act.on()).await? == 1)
}

/// Opens a placement anew on the day on which it was closed.
pub(crate) async fn place_again<P: Records>(
    act: &mut Act<P>,
    gone: &Gone,
    was: &crate::members::leaving::WasPlaced,
    event: &str,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, &gone.member_id).await?;
    let id = fresh(act);
    let stood = ledger::before_periods(act, &gone.member_id).await?;
    let (ended_on,): (String,) = sql(ENDED_ON).bind(&was.id).one(act.on()).await?;
    // What began on the day of the leaving lasted for it; what came after a merging in between did until its end.
    let from = ended_on.max(gone.left_on.to_string());
    let again = sql(PLACE_AGAIN).bind(&id).bind(&gone.member_id);
    let again = again.bind(&was.unit).bind(&was.kind).bind(from);
    let again = again.bind(was.to_on).bind("back").bind(&was.id).bind(event);
    again.run(act.on()).await?;
    ledger::after_periods(act, stood, event).await?;
    crate::members::store::moving::goes_on(act, &gone.member_id, (&was.id, &id)).await
}
