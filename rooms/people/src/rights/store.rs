//! Every statement of explaining rights: the rows behind grants in force, who may come to a record; lending, terms
//! that end, handing over.
//!
//! Which grants are in force is told by the actor (`actor`), what each opens by `sight`; what may be lent by `lending`.

use super::lending::Lending;
use crate::access::Records;
use crate::store::{bump_epoch, holds_unit};
use db::{Db, FromRow, in_list, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::{Day, GrantId, MemberId, Role, Scope, UnitId, UnitPath};
use site::Act;
use site::room::{HandingOver, Passing};

db::statements! {
    FELLOWS = "select count(distinct p.member_id) from people_placement p join people_member m on m.id = p.member_id \
        where p.unit_id = $1 and p.from_on <= $2 and p.to_on > $2 and p.member_id <> $3 and m.merged_on = '' \
        and m.status in ('candidate', 'probationary', 'full', 'suspended')";
    // A post whose next holder stands already ends without anybody being asked for.
    ENDING = "select h.id, h.member_id, m.name, s.title, s.unit_id, u.name as unit_name, h.to_on, \
        coalesce((select o.id from people_handover o where o.holding_id = h.id), '') as handover \
        from people_holding h join people_position s on s.id = h.position_id \
        join people_unit u on u.id = s.unit_id join people_member m on m.id = h.member_id \
        where u.path >= $1 and u.path < $2 and u.dissolved_on > $5 and h.from_on < h.to_on and h.to_on > $3 and h.to_on <= $4 \
        and m.merged_on = '' and not exists (select 1 from people_holding n join people_position q \
        on q.id = n.position_id where q.unit_id = s.unit_id and q.role = s.role and n.id <> h.id and n.from_on < n.to_on \
        and n.from_on >= h.from_on and n.to_on > h.to_on and (q.id = s.id or q.title = s.title)) \
        order by h.to_on, u.path, s.rank, h.id limit 300";
    OPEN_ENDED = "select count(*) from people_holding h join people_position s on s.id = h.position_id \
        join people_unit u on u.id = s.unit_id where u.path >= $1 and u.path < $2 and h.from_on <= $3 \
        and h.to_on = '9999-12-31' and s.role <> 'member'";
    HANDOVER = "select o.to_id, f.name as from_name, t.name as to_name, o.lines_json, o.note, o.handed_at \
        from people_handover o join people_member f on f.id = o.from_id join people_member t on t.id = o.to_id \
        where o.holding_id = $1 and o.unit_id = $2";
    ADD_HANDOVER = "insert into people_handover (id, holding_id, unit_id, from_id, to_id, lines_json, note, handed_by, \
        handed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (holding_id) do nothing";
    LEND = "insert into people_grant (id, member_id, role, unit_id, scope, caps_json, source, source_id, from_on, to_on, \
        prepared_by, approved_by, granted_at) values ($1, $2, $3, $4, $5, $6, 'delegation', $7, $8, $9, $10, $11, $12)";
    LENT_SAME = "select count(*) from people_grant where source = 'delegation' and source_id = $1 and member_id = $2 \
        and unit_id = $3 and caps_json = $4 and from_on = $5 and to_on = $6 and revoked_at is null";
    LENT = "select g.id, g.member_id, m.name as name, l.id as lender_id, l.name as lender, g.role, u.name as unit_name, \
        g.caps_json, g.from_on, g.to_on, case when p.revoked_at is null and p.to_on > $2 then 0 else 1 end as is_dead \
        from people_grant g join people_grant p on p.id = g.source_id join people_member m on m.id = g.member_id \
        join people_member l on l.id = p.member_id join people_unit u on u.id = g.unit_id \
        where g.source = 'delegation' and g.revoked_at is null and g.to_on > $2 and (g.member_id = $1 or p.member_id = $1) \
        order by g.to_on, g.id";
    TAKE_BACK = "update people_grant set revoked_at = $2, to_on = case when to_on > $3 then \
        case when from_on > $3 then from_on else $3 end else to_on end where id = $1 and source = 'delegation' \
        and revoked_at is null and (member_id = $4 or source_id in (select id from people_grant where member_id = $4))";
}

/// What stands behind a grant: the post, and by whom.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Behind {
    pub id: String,
    /// Title of the post; empty when no post brings it.
    pub title: String,
    pub unit_name: String,
    /// Who gave it; empty where the operator or a list did.
    pub giver: String,
    /// Who agreed; empty where nobody had to.
    pub approver: String,
    /// Of a delegation: whose right it is.
    pub lender: String,
}

/// What stands behind these grants.
pub(crate) async fn list_behind(db: &Db, grants: &[String]) -> Result<Vec<Behind>> {
    if grants.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "select g.id, coalesce((select s.title from people_holding h join people_position s on s.id = h.position_id \
         where h.id = g.source_id), '') as title, u.name as unit_name, \
         coalesce((select p.name from people_member p where p.id = g.prepared_by), '') as giver, \
         coalesce((select p.name from people_member p where p.id = g.approved_by and g.approved_by <> g.prepared_by), '') \
         as approver, coalesce((select l.name from people_grant o join people_member l on l.id = o.member_id \
         where o.id = g.source_id and g.source = 'delegation'), '') as lender \
         from people_grant g join people_unit u on u.id = g.unit_id where g.id in {}",
        in_list(1, grants.len())
    );
    let grants = grants.iter().map(String::as_str);
    sql_built(text).bind_all(grants).all(db.read()).await
}

/// How many others belong to the unit that day.
pub(crate) async fn count_fellows(db: &Db, unit: &UnitId, on: Day, but: &MemberId) -> Result<i64> {
    let fellows = sql(FELLOWS).bind(unit).bind(on).bind(but);
    fellows.count(db.read()).await
}

/// Those with a grant of one of these roles over the path that day, by name; whether it holds is the actor's to say.
pub(crate) async fn list_over(
    db: &Db,
    path: &UnitPath,
    roles: &[Role],
    on: Day,
) -> Result<Vec<MemberId>> {
    let above: Vec<String> = path.ancestry().iter().map(ToString::to_string).collect();
    let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    let text = format!(
        "select distinct m.id, m.name_key from people_grant g join people_unit u on u.id = g.unit_id \
         join people_member m on m.id = g.member_id where g.revoked_at is null and g.from_on <= $1 and g.to_on > $1 \
         and g.role in {} and (g.scope = 'instance' or u.path in {}) order by m.name_key, m.id",
        in_list(2, roles.len()),
        in_list(2 + roles.len(), above.len())
    );
    let asked = sql_built(text).bind(on).bind_all(roles).bind_all(above);
    let rows: Vec<(String, String)> = asked.all(db.read()).await?;
    rows.into_iter()
        .map(|(id, _)| id.parse().map_err(Error::fault))
        .collect()
}

/// Somebody who holds a right, for a list.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Holder {
    pub id: String,
    pub name: String,
    /// A unit in which they hold it.
    pub unit_name: String,
}

/// People with a grant in force on units of the scope, by name, with these folded words in the
/// name: at most `most` and one.
pub(crate) async fn list_holders(
    db: &Db,
    scope: &Scope,
    on: Day,
    folded: &str,
    most: i64,
) -> Result<Vec<Holder>> {
    let (within, values) = db::scope_condition(scope, "u.path", 4);
    let text = format!(
        "select m.id, m.name, m.name_key, min(u.name) as unit_name from people_grant g \
         join people_unit u on u.id = g.unit_id join people_member m on m.id = g.member_id \
         where g.revoked_at is null and g.from_on <= $1 and g.to_on > $1 and m.merged_on = '' \
         and m.status in ('candidate', 'probationary', 'full', 'suspended') and m.name_fold like $2 and {within} \
         group by m.id, m.name, m.name_key order by m.name_key, m.id limit $3"
    );
    sql_built(text)
        .bind(on)
        .bind(format!("%{folded}%"))
        .bind(most + 1)
        .bind_all(values)
        .all(db.read())
        .await
}

/// A post whose term ends, or ended not long ago, and has no next holder.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Ending {
    pub id: String,
    pub member_id: String,
    pub name: String,
    pub title: String,
    #[sqlx(try_from = "String")]
    pub unit_id: UnitId,
    pub unit_name: String,
    #[sqlx(try_from = "String")]
    pub to_on: Day,
    /// The record of its handing over; empty while there is none.
    pub handover: String,
}

/// Posts at that path and below that end after `since` and by `until`, and have no next holder: at most 300.
pub(crate) async fn list_ending(
    db: &Db,
    path: &UnitPath,
    (since, until, today): (Day, Day, Day),
) -> Result<Vec<Ending>> {
    let (low, high) = path.range();
    sql(ENDING)
        .bind(low)
        .bind(high)
        .bind(since)
        .bind(until)
        .bind(today)
        .all(db.read())
        .await
}

/// How many posts with rights have no last day written down.
pub(crate) async fn count_open_ended(db: &Db, path: &UnitPath, on: Day) -> Result<i64> {
    let (low, high) = path.range();
    let open = sql(OPEN_ENDED).bind(low).bind(high).bind(on);
    open.count(db.read()).await
}

/// A post that was handed over.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct HandoverRow {
    pub to_id: String,
    pub from_name: String,
    pub to_name: String,
    pub lines_json: String,
    pub note: String,
    pub handed_at: i64,
}

/// The record of a post that was handed over.
pub(crate) async fn find_handover(
    db: &Db,
    unit: &UnitId,
    holding: &str,
) -> Result<Option<HandoverRow>> {
    sql(HANDOVER)
        .bind(holding)
        .bind(unit)
        .maybe(db.read())
        .await
}

/// Keeps what was handed over; answers whether it is the first time.
pub(crate) async fn add_handover(
    act: &mut Act<HandingOver>,
    holding: &str,
    pass: &Passing,
    (lines, note): (&str, &str),
) -> Result<bool> {
    bump_epoch(act).await?;
    holds_unit(act, &pass.unit).await?;
    let id = act.site().dice.uuid(act.now());
    let added = sql(ADD_HANDOVER)
        .bind(&id)
        .bind(holding)
        .bind(&pass.unit)
        .bind(&pass.from)
        .bind(&pass.to)
        .bind(lines)
        .bind(note)
        .bind(act.by())
        .bind(act.now())
        .run(act.on())
        .await?;
    Ok(added == 1)
}

/// Lends a part of a right; `false` when the very same is lent already.
pub(crate) async fn lend<P: Records>(
    act: &mut Act<P>,
    wish: &Lending,
    (role, scope): (Role, &str),
) -> Result<bool> {
    bump_epoch(act).await?;
    holds_unit(act, &wish.unit).await?;
    let caps = serde_json::to_string(&wish.caps).map_err(Error::fault)?;
    let same = sql(LENT_SAME)
        .bind(&wish.grant)
        .bind(&wish.member)
        .bind(&wish.unit)
        .bind(&caps)
        .bind(wish.from_on)
        .bind(wish.to_on);
    if same.count(act.on()).await? > 0 {
        return Ok(false);
    }
    sql(LEND)
        .bind(GrantId::fresh(&act.site().clock, &act.site().dice))
        .bind(&wish.member)
        .bind(role.name())
        .bind(&wish.unit)
        .bind(scope)
        .bind(&caps)
        .bind(&wish.grant)
        .bind(wish.from_on)
        .bind(wish.to_on)
        .bind(&wish.lender)
        .bind(act.by())
        .bind(act.now())
        .run(act.on())
        .await?;
    Ok(true)
}

/// A right that is lent.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Lent {
    pub id: String,
    pub member_id: String,
    pub name: String,
    pub lender_id: String,
    pub lender: String,
    pub role: String,
    pub unit_name: String,
    pub caps_json: String,
    #[sqlx(try_from = "String")]
    pub from_on: Day,
    #[sqlx(try_from = "String")]
    pub to_on: Day,
    /// Whether the right it was lent of is over.
    pub is_dead: i64,
}

/// Rights that a member has lent or was lent, and that are not over; those that end first come first.
pub(crate) async fn list_lent(db: &Db, member: &MemberId, on: Day) -> Result<Vec<Lent>> {
    sql(LENT).bind(member).bind(on).all(db.read()).await
}

/// Ends a right that the actor has lent or was lent; answers whether there was one.
pub(crate) async fn take_back<P: Records>(act: &mut Act<P>, grant: &str) -> Result<bool> {
    bump_epoch(act).await?;
    let actor = act.right().actor().cloned().ok_or(Error::NotFound)?;
    crate::store::holds(act, &actor).await?;
    let taken = sql(TAKE_BACK)
        .bind(grant)
        .bind(act.now())
        .bind(act.now().day())
        .bind(&actor);
    Ok(taken.run(act.on()).await? == 1)
}
