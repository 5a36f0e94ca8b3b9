//! Every statement of posts: giving one with its grant, ending it, who holds what, who could hold or decide.
//!
//! Functions here take what was already decided: the rules are `post`, the second person `giving` and `taking`.
//! The rule that surprises: a post and its grant are written together and have the same days (R6); whatever
//! takes a right away raises the epoch itself.

use crate::access::Records;
use crate::fact::{Basis, EventKind, Status};
use crate::ledger::store as ledger;
use crate::member::PostView;
use crate::posts::post::Held;
use crate::roster::Post;
use crate::store::{Event, add_own_event, bump_epoch, fresh, holds_unit};
use crate::units::store::begins_within;
use db::{Db, FromRow, On, in_list, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Cap, Day, GrantId, MemberId, Role, UnitId, UnitPath};
use site::Act;

db::statements! {
    FREE_POSITION = "select p.id from people_position p where p.unit_id = $1 and p.title = $2 \
        and p.role = $3 and not exists (select 1 from people_holding h \
        where h.position_id = p.id and h.to_on > $4) order by p.rank, p.id limit 1";
    ADD_POSITION = "insert into people_position (id, unit_id, title, role, rank) values ($1, $2, $3, $4, $5)";
    ADD_HOLDING = "insert into people_holding (id, position_id, member_id, term_id, basis, \
        from_on, to_on) values ($1, $2, $3, $4, $5, $6, $7)";
    ADD_GRANT = "insert into people_grant (id, member_id, role, unit_id, scope, source, \
        source_id, from_on, to_on, prepared_by, approved_by, granted_at) \
        values ($1, $2, $3, $4, $5, 'position', $6, $7, $8, $9, $10, $11)";
    HOLDER = "select h.member_id, h.from_on, p.unit_id, p.title from people_holding h \
        join people_position p on p.id = h.position_id where h.id = $1";
    END_HOLDING = "update people_holding set to_on = $2, end_reason = $3 where id = $1 and to_on > $2";
    END_GRANTS = "update people_grant set to_on = $2 \
        where source = 'position' and source_id = $1 and to_on > $2";
    ENDED_SO = "select count(*) from people_holding where id = $1 and to_on = $2 and end_reason = $3";
    HELD = "select h.id, h.member_id, m.name, s.title, s.role, s.unit_id, u.path, h.from_on, \
        h.to_on from people_holding h join people_position s on s.id = h.position_id \
        join people_member m on m.id = h.member_id join people_unit u on u.id = s.unit_id \
        where h.id = $1 and s.unit_id = $2";
    HELD_ANYWHERE = "select h.id, h.member_id, m.name, s.title, s.role, s.unit_id, u.path, h.from_on, \
        h.to_on from people_holding h join people_position s on s.id = h.position_id \
        join people_member m on m.id = h.member_id join people_unit u on u.id = s.unit_id \
        where h.id = $1";
    DONE = "select count(*) from people_grant g join v_audit_event e on e.grant_id = g.id \
        where g.source = 'position' and g.source_id = $1";
    IN_SUBTREE = "select m.name, m.status from people_member m where m.id = $1 and m.merged_on = '' and (exists (\
        select 1 from v_people_stay p join people_unit u on u.id = p.unit_id \
        where p.member_id = m.id and u.path >= $2 and u.path < $3 and p.from_on <= $4 and p.to_on > $4) \
        or exists (select 1 from people_grant g join people_unit u on u.id = g.unit_id \
        where g.member_id = m.id and g.revoked_at is null and g.source = 'position' \
        and u.path >= $2 and u.path < $3 and g.from_on <= $4 and g.to_on > $4))";
    STATUS = "select status from people_member where id = $1 and merged_on = ''";
    HOLDS = "select count(*) from people_holding h join people_position s on s.id = h.position_id \
        where s.unit_id = $1 and h.member_id = $2 and s.role = $3 and s.title = $4 and h.to_on > $5";
    ROWS = "select m.row_version, u.row_version from people_member m, people_unit u \
        where m.id = $1 and u.id = $2";
    MADE = "select (select count(*) from v_audit_event where about_member_id = $1 and actor_id = $2 \
        and action in ('member.add', 'account.slip')) + (select count(*) from people_member_event \
        where member_id = $1 and recorded_by = $2 and kind = 'member_added')";
    GAVE = "select count(*) from people_grant where member_id = $1 and (prepared_by = $2 or approved_by = $2) \
        and role <> 'member' and revoked_at is null and to_on > $3";
    CANDIDATES = "select m.id, m.name, coalesce((select p.unit_id from v_people_stay p where p.member_id = m.id \
        and p.kind = 'official' and p.from_on <= $3 and p.to_on > $3 order by p.id limit 1), '') as unit_id, \
        coalesce((select u.name from v_people_stay p \
        join people_unit u on u.id = p.unit_id where p.member_id = m.id and p.kind = 'official' \
        and p.from_on <= $3 and p.to_on > $3 order by p.id limit 1), '') as unit_name \
        from people_member m where m.id in (select p.member_id from v_people_stay p \
        join people_unit u on u.id = p.unit_id where u.path >= $1 and u.path < $2 and p.from_on <= $3 \
        and p.to_on > $3 and p.kind = 'official' union select g.member_id from people_grant g \
        join people_unit u on u.id = g.unit_id where u.path >= $1 and u.path < $2 and g.from_on <= $3 \
        and g.to_on > $3 and g.revoked_at is null and g.source = 'position') \
        and m.merged_on = '' and m.id <> $4 and m.status in ('candidate', 'probationary', 'full', 'suspended') and m.name_fold like $5 \
        order by m.name_key, m.id limit 61";
    ROLE_BELOW = "select count(*) from people_grant g join people_unit u on u.id = g.unit_id \
        where u.path >= $1 and u.path < $2 and g.role = $4 and g.revoked_at is null \
        and g.from_on <= $3 and g.to_on > $3";
    OF_UNIT = "select h.id, h.member_id, m.name, s.title, s.role, s.rank, h.basis, h.from_on, h.to_on \
        from people_position s join people_holding h on h.position_id = s.id \
        join people_member m on m.id = h.member_id \
        where s.unit_id = $1 and h.from_on <= $2 and h.to_on > $2 order by s.rank, m.name_key, h.id";
    OF_MEMBER = "select h.id, s.title, s.role, s.unit_id, u.name as unit_name, h.from_on, h.to_on \
        from people_holding h join people_position s on s.id = h.position_id \
        join people_unit u on u.id = s.unit_id where h.from_on < h.to_on \
        and h.member_id in (select as_id from v_people_as where member_id = $1) \
        order by h.to_on desc, s.rank, h.id";
    OPEN_OF_UNIT = "select h.id, h.from_on from people_holding h \
        join people_position s on s.id = h.position_id where s.unit_id = $1 and h.to_on > $2 order by h.id";
    END_OTHER_GRANTS = "update people_grant set to_on = $2 where unit_id = $1 and to_on > $2 \
        and source <> 'position'";
}

/// A post to be given.
#[derive(Debug, Clone)]
pub struct NewHolding {
    /// The unit of the post.
    pub unit: UnitId,
    /// What the post is called.
    pub title: String,
    /// What it brings; [`Role::Member`] for a title without rights.
    pub role: Role,
    /// Sorts the committee: the secretary has the lowest.
    pub rank: i64,
    /// Who holds it.
    pub member: MemberId,
    /// How it was come by.
    pub basis: Basis,
    /// First day.
    pub from_on: Day,
    /// First day on which it no longer holds; [`Day::OPEN`] for none.
    pub to_on: Day,
    /// Number of the decision; may be empty.
    pub decision_no: String,
}

impl NewHolding {
    /// An open, elected post.
    pub fn new(
        unit: &UnitId,
        title: &str,
        role: Role,
        rank: i64,
        member: &MemberId,
        from_on: Day,
    ) -> Self {
        NewHolding {
            unit: unit.clone(),
            title: title.to_owned(),
            role,
            rank,
            member: member.clone(),
            basis: Basis::Elected,
            from_on,
            to_on: Day::OPEN,
            decision_no: String::new(),
        }
    }
}

/// Gives a post with its grant (R6): both have the same days. Answers the holding's id. A vacant
/// position of the same title and role is taken before a new one is made.
pub async fn add_position_holding<P: Records>(
    act: &mut Act<P>,
    new: &NewHolding,
) -> Result<String> {
    holds_unit(act, &new.unit).await?;
    begins_within(act, &new.unit, new.from_on).await?;
    let free: Option<(String,)> = sql(FREE_POSITION)
        .bind(&new.unit)
        .bind(&new.title)
        .bind(new.role.name())
        .bind(new.from_on)
        .maybe(act.on())
        .await?;
    let position = match free {
        Some((id,)) => id,
        None => {
            let id = fresh(act);
            sql(ADD_POSITION)
                .bind(&id)
                .bind(&new.unit)
                .bind(&new.title)
                .bind(new.role.name())
                .bind(new.rank)
                .run(act.on())
                .await?;
            id
        }
    };
    let holding = fresh(act);
    let was = ledger::before_periods(act, &new.member).await?;
    sql(ADD_HOLDING)
        .bind(&holding)
        .bind(&position)
        .bind(&new.member)
        .bind("")
        .bind(new.basis.word())
        .bind(new.from_on)
        .bind(new.to_on)
        .run(act.on())
        .await?;
    if new.role != Role::Member {
        let giver = act.may().preparer().map(ToString::to_string);
        let giver = giver.unwrap_or_else(|| act.by().to_owned());
        sql(ADD_GRANT)
            .bind(GrantId::fresh(&act.site().clock, &act.site().dice))
            .bind(&new.member)
            .bind(new.role.name())
            .bind(&new.unit)
            .bind(new.role.reach().name())
            .bind(&holding)
            .bind(new.from_on)
            .bind(new.to_on)
            .bind(giver)
            .bind(act.by())
            .bind(act.now())
            .run(act.on())
            .await?;
    }
    let event = Event::new(&new.member, EventKind::PositionGiven, new.from_on)
        .unit(&new.unit)
        .decision(&new.decision_no)
        .payload(serde_json::json!({
            "holding": holding, "title": new.title, "role": new.role.name(), "to_on": new.to_on,
        }));
    let line = add_own_event(act, &event).await?;
    ledger::after_periods(act, was, &line).await?;
    Ok(holding)
}

/// Ends a post and its grant on `on` (its first day without it), never before it began.
/// Answers whether anything changed: ending twice is no error.
pub async fn end_holding<P: Records>(
    act: &mut Act<P>,
    holding: &str,
    on: Day,
    reason: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    let (member, from_on, unit, title): (String, String, String, String) =
        sql(HOLDER).bind(holding).one(act.on()).await?;
    let member = MemberId::try_from(member).map_err(Error::fault)?;
    let unit = UnitId::try_from(unit).map_err(Error::fault)?;
    holds_unit(act, &unit).await?;
    let on = on.max(from_on.parse().map_err(Error::fault)?);
    let was = ledger::before_periods(act, &member).await?;
    let touched = sql(END_HOLDING)
        .bind(holding)
        .bind(on)
        .bind(reason)
        .run(act.on())
        .await?;
    sql(END_GRANTS).bind(holding).bind(on).run(act.on()).await?;
    if touched == 1 {
        let event = Event::new(&member, EventKind::PositionEnded, on)
            .unit(&unit)
            .payload(serde_json::json!({ "holding": holding, "title": title, "reason": reason }));
        let line = add_own_event(act, &event).await?;
        ledger::after_periods(act, was, &line).await?;
    }
    Ok(touched == 1)
}

/// A post wherever it is, whoever holds it; `None` when it is gone.
pub(crate) async fn find_held_anywhere(db: &Db, holding: &str) -> Result<Option<Held>> {
    sql(HELD_ANYWHERE).bind(holding).maybe(db.read()).await
}

/// How much was done by the right that this post brings.
pub(crate) async fn count_done<P: Records>(act: &mut Act<P>, holding: &str) -> Result<i64> {
    sql(DONE).bind(holding).count(act.on()).await
}

/// A post of this unit, whoever holds it.
pub(crate) async fn get_held(db: &Db, unit: &UnitId, holding: &str) -> Result<Held> {
    sql(HELD).bind(holding).bind(unit).one(db.read()).await
}

/// Whether a holding ended on that day for that reason.
pub(crate) async fn is_ended_so(db: &Db, holding: &str, on: Day, reason: &str) -> Result<bool> {
    let ended = sql(ENDED_SO).bind(holding).bind(on).bind(reason);
    Ok(ended.count(db.read()).await? > 0)
}

/// Somebody placed at that path or below on that day, or holding another post there.
#[derive(FromRow)]
pub(crate) struct Near {
    pub name: String,
    #[sqlx(try_from = "String")]
    pub status: Kept<Status>,
}

/// The member, if they are placed at that path or below on that day, or hold another post there.
pub(crate) async fn find_near(
    on: impl On<'_>,
    path: &UnitPath,
    member: &MemberId,
    day: Day,
) -> Result<Option<Near>> {
    let (low, high) = path.range();
    sql(IN_SUBTREE)
        .bind(member)
        .bind(low)
        .bind(high)
        .bind(day)
        .maybe(on)
        .await
}

/// Whether somebody is a member now, under this very record.
pub(crate) async fn is_member(on: impl On<'_>, member: &MemberId) -> Result<bool> {
    let row: Option<(String,)> = sql(STATUS).bind(member).maybe(on).await?;
    Ok(row.is_some_and(|(status,)| !crate::fact::is_gone(&Kept::from(status))))
}

/// Somebody to choose for a post.
#[derive(FromRow)]
pub(crate) struct Candidate {
    pub id: String,
    pub name: String,
    /// Where they are officially placed; may be empty.
    pub unit_id: String,
    /// Its name.
    pub unit_name: String,
}

/// Who could be given a post at that path, with these folded words in the name: at most sixty-one.
pub(crate) async fn list_candidates(
    db: &Db,
    path: &UnitPath,
    on: Day,
    but: &MemberId,
    folded: &str,
) -> Result<Vec<Candidate>> {
    let (low, high) = path.range();
    sql(CANDIDATES)
        .bind(low)
        .bind(high)
        .bind(on)
        .bind(but)
        .bind(format!("%{folded}%"))
        .all(db.read())
        .await
}

/// How many of the very same post the member holds on that day or later.
pub(crate) async fn count_same(on: impl On<'_>, new: &NewHolding) -> Result<i64> {
    sql(HOLDS)
        .bind(&new.unit)
        .bind(&new.member)
        .bind(new.role.name())
        .bind(&new.title)
        .bind(new.from_on)
        .count(on)
        .await
}

/// The numbers of changes of a member and a unit, to see whether somebody was faster.
pub(crate) async fn row_versions(
    on: impl On<'_>,
    member: &MemberId,
    unit: &UnitId,
) -> Result<(i64, i64)> {
    sql(ROWS).bind(member).bind(unit).one(on).await
}

/// How often `by` made what the member signs in with: the record itself, or a slip.
pub(crate) async fn count_made(db: &Db, member: &MemberId, by: &MemberId) -> Result<i64> {
    sql(MADE).bind(member).bind(by).count(db.read()).await
}

/// How many rights that the member holds after that day `by` gave, or was the second person for.
pub(crate) async fn count_given(db: &Db, member: &MemberId, by: &MemberId, on: Day) -> Result<i64> {
    sql(GAVE)
        .bind(member)
        .bind(by)
        .bind(on)
        .count(db.read())
        .await
}

/// How many hold that role at that path or below on that day.
pub(crate) async fn count_role_below(db: &Db, path: &UnitPath, on: Day, role: Role) -> Result<i64> {
    let (low, high) = path.range();
    sql(ROLE_BELOW)
        .bind(low)
        .bind(high)
        .bind(on)
        .bind(role.name())
        .count(db.read())
        .await
}

/// The posts of a unit on a day, the secretary first.
pub(crate) async fn list_of_unit(db: &Db, unit: &UnitId, on: Day) -> Result<Vec<Post>> {
    sql(OF_UNIT).bind(unit).bind(on).all(db.read()).await
}

/// The posts of a member, newest first.
pub(crate) async fn list_of_member(db: &Db, member: &MemberId) -> Result<Vec<PostView>> {
    sql(OF_MEMBER).bind(member).all(db.read()).await
}

/// Posts of a unit that are held after that day, each with the day on which it began.
pub(crate) async fn list_open(
    on: impl On<'_>,
    unit: &UnitId,
    day: Day,
) -> Result<Vec<(String, Day)>> {
    let rows: Vec<(String, String)> = sql(OPEN_OF_UNIT).bind(unit).bind(day).all(on).await?;
    rows.into_iter()
        .map(|(holding, from_on)| Ok((holding, from_on.parse().map_err(Error::fault)?)))
        .collect()
}

/// Ends the rights of a unit that no post brings.
pub(crate) async fn end_other_grants<P: Records>(
    act: &mut Act<P>,
    unit: &UnitId,
    on: Day,
) -> Result<()> {
    bump_epoch(act).await?;
    holds_unit(act, unit).await?;
    sql(END_OTHER_GRANTS)
        .bind(unit)
        .bind(on)
        .run(act.on())
        .await?;
    Ok(())
}

/// Whether another grant than that of this post reaches the path with that capability on that day.
pub(crate) async fn has_another<P: Records>(
    act: &mut Act<P>,
    holding: &str,
    path: &UnitPath,
    on: Day,
    cap: Cap,
) -> Result<bool> {
    let roles = roles_with(cap);
    let above = paths_above(path);
    let text = format!(
        "select count(*) from people_grant g join people_unit u on u.id = g.unit_id \
         join people_member m on m.id = g.member_id \
         where g.revoked_at is null and g.source <> 'delegation' and g.source_id <> $1 \
         and g.from_on <= $2 and g.to_on > $2 and m.status in ('candidate', 'probationary', 'full', 'suspended') \
         and u.dissolved_on > $2 and g.role in {} \
         and (g.scope = 'instance' or (g.scope = 'subtree' and u.path in {}))",
        in_list(3, roles.len()),
        in_list(3 + roles.len(), above.len())
    );
    let others = sql_built(text)
        .bind(holding)
        .bind(on)
        .bind_all(roles)
        .bind_all(above)
        .count(act.on())
        .await?;
    Ok(others > 0)
}

/// Those who hold a capability over the path on that day (none: over the whole installation), without some, by
/// name: at most fifty.
pub(crate) async fn list_holders(
    db: &Db,
    cap: Cap,
    path: Option<&UnitPath>,
    without: &[MemberId],
    on: Day,
) -> Result<Vec<(MemberId, String)>> {
    // No path is empty, and no member's id: the lists are never without a word.
    let (roles, mut above) = (roles_with(cap), path.map(paths_above).unwrap_or_default());
    let own = path.map_or("", UnitPath::as_str);
    above.push(String::new());
    let mut without: Vec<String> = without.iter().map(ToString::to_string).collect();
    without.push(String::new());
    let (of_above, of_without) = (3 + roles.len(), 3 + roles.len() + above.len());
    let text = format!(
        "select distinct m.id, m.name, m.name_key from people_grant g \
         join people_unit u on u.id = g.unit_id join people_member m on m.id = g.member_id \
         where g.revoked_at is null and g.source <> 'delegation' and g.from_on <= $1 and g.to_on > $1 \
         and m.status in ('candidate', 'probationary', 'full', 'suspended') and u.dissolved_on > $1 \
         and g.role in {} and (g.scope = 'instance' or (g.scope = 'unit' and u.path = $2) \
         or (g.scope = 'subtree' and u.path in {})) \
         and g.member_id not in {} order by m.name_key, m.id limit 50",
        in_list(3, roles.len()),
        in_list(of_above, above.len()),
        in_list(of_without, without.len())
    );
    let rows: Vec<(String, String, String)> = sql_built(text)
        .bind(on)
        .bind(own)
        .bind_all(roles)
        .bind_all(above)
        .bind_all(without)
        .all(db.read())
        .await?;
    let rows = rows.into_iter();
    rows.map(|(id, name, _)| Ok((id.parse().map_err(Error::fault)?, name)))
        .collect()
}

fn roles_with(cap: Cap) -> Vec<&'static str> {
    (Role::ALL.iter())
        .filter(|role| role.caps().has(cap))
        .map(|role| role.name())
        .collect()
}

fn paths_above(path: &UnitPath) -> Vec<String> {
    path.ancestry().iter().map(ToString::to_string).collect()
}
