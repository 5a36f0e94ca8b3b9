//! Transfers on their way: sent, taken up, sent back, taken back; who may take them up.
//!
//! What is true of a member is the placement; a row here says only what waits, and what became of it. Rights are asked
//! by `members::moving`.
//! The rule that surprises: a row ends once. Whoever comes second waits at the epoch and finds it ended.

use crate::access::Records;
use crate::fact::Placement;
use crate::ledger::store as ledger;
use crate::members::moving::{Letter, State, Wish};
use crate::store::{bump_epoch, fresh};
use db::{Db, FromRow, On, in_list, scope_condition, sql, sql_built};
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Cap, Day, MemberId, Role, Scope, UnitId, UnitPath, UnitRef};
use site::Act;

db::statements! {
    ADD = "insert into people_transfer (id, member_id, kind, from_unit, to_unit, home_id, letter_no, letter_on, \
        until_on, note, prepared_by, sent_at, sent_by, show_due, start_due) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    // Of a record that was merged the one is meant that stays.
    GET = "select t.id, m.id as member_id, m.name, m.status, t.kind, t.from_unit, f.name as from_name, f.path as from_path, \
        t.to_unit, u.name as to_name, u.path as to_path, u.address as to_address, u.founded_on, u.dissolved_on, \
        t.home_id, t.letter_no, t.letter_on, t.until_on, t.note, t.state, t.prepared_by, t.show_due, t.start_due, \
        t.starts_on, t.placement_id, t.reason, t.late_reason, coalesce(l.name, '') as late_by, coalesce(t.ended_at, 0) as ended_at \
        from people_transfer t left join people_alias a on a.old_id = t.member_id and a.ended_at = 0 \
        join people_member m on m.id = coalesce(a.member_id, t.member_id) left join people_member l on l.id = t.late_by \
        join people_unit f on f.id = t.from_unit join people_unit u on u.id = t.to_unit where t.id = $1";
    HOME = "select p.unit_id, u.path from people_placement p join people_unit u on u.id = p.unit_id \
        where p.member_id = $1 and p.kind = 'official' and p.from_on <= $2 and p.to_on > $2 order by p.id limit 1";
    OPEN_OF = "select id from people_transfer where member_id = $1 and state = 'sent'";
    // The one that waits, and else where they are for a time.
    LAST_OF = "select id from people_transfer where member_id in (select as_id from v_people_as where member_id = $1) and (state = 'sent' or (state = 'accepted' \
        and kind = 'temporary' and exists (select 1 from people_placement p where p.id = placement_id and p.to_on > $2))) \
        order by case when state = 'sent' then 0 else 1 end, sent_at desc limit 1";
    END = "update people_transfer set state = $2, ended_at = $3, ended_by = $4, reason = $5, starts_on = $6, \
        placement_id = $7 where id = $1 and state = 'sent'";
    LATE = "update people_transfer set late_reason = $2, late_by = $3 where id = $1 and state = 'sent'";
    SET_UNTIL = "update people_transfer set until_on = $2 where id = $1 and state = 'accepted'";
    SET_TERM = "update people_placement set to_on = $2, closed_by_event = $4 where id = $1 and to_on > $3";
    // A stay goes on under another row when a record is merged, taken apart, or a leaving is taken back.
    GOES_ON = "update people_transfer set placement_id = $2 where state = 'accepted' and (placement_id = $1 \
        or placement_id in (select id from people_placement where prev_id = $1))";
    OVERDUE = "select id, member_id from people_transfer where state = 'sent' \
        and (show_due < $1 or start_due < $1) order by id";
    IS_OF = "select count(*) from v_people_as where member_id = $1 and as_id = $2";
    NEXT_NUMBER = "insert into people_letter (unit_id, year, last_number) values ($1, $2, 1) \
        on conflict (unit_id, year) do update set last_number = people_letter.last_number + 1 returning last_number";
    LETTERS = "select t.member_id, m.name, t.letter_no, t.state from people_transfer t \
        join people_member m on m.id = t.member_id \
        where t.from_unit = $1 and t.letter_on >= $2 and t.letter_on < $3 and t.letter_no <> '' \
        union all select t.member_id, m.name, t.letter_no, t.state from people_outside t \
        join people_member m on m.id = t.member_id \
        where t.unit_id = $1 and t.way = 'out' and t.letter_on >= $2 and t.letter_on < $3 and t.letter_no <> ''";
    LIKELY = "select u.id, cast(coalesce(max(t.sent_at), 0) as bigint) as last from people_unit u \
        left join people_transfer t on t.to_unit = u.id and t.from_unit = $1 \
        where u.dissolved_on > $2 and u.id <> $1 and (t.id is not null \
        or u.parent_id = (select h.parent_id from people_unit h where h.id = $1)) \
        group by u.id, u.name_key order by 2 desc, u.name_key, u.id limit 60";
    ELSEWHERE = "select count(*) from people_placement where member_id = $1 and kind = 'temporary' \
        and from_on < $3 and to_on > $2";
}

/// A transfer, with what its pages show.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Transfer {
    pub(crate) id: String,
    #[sqlx(try_from = "String")]
    pub(crate) member_id: MemberId,
    pub(crate) name: String,
    #[sqlx(try_from = "String")]
    pub(crate) status: Kept<crate::fact::Status>,
    #[sqlx(try_from = "String")]
    pub(crate) kind: Kept<Placement>,
    #[sqlx(try_from = "String")]
    from_unit: UnitId,
    pub(crate) from_name: String,
    #[sqlx(try_from = "String")]
    from_path: UnitPath,
    #[sqlx(try_from = "String")]
    to_unit: UnitId,
    pub(crate) to_name: String,
    #[sqlx(try_from = "String")]
    to_path: UnitPath,
    pub(crate) to_address: String,
    #[sqlx(try_from = "String")]
    pub(crate) founded_on: Day,
    #[sqlx(try_from = "String")]
    pub(crate) dissolved_on: Day,
    pub(crate) home_id: String,
    pub(crate) letter_no: String,
    #[sqlx(try_from = "String")]
    pub(crate) letter_on: Day,
    pub(crate) until_on: String,
    pub(crate) note: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: Kept<State>,
    #[sqlx(try_from = "String")]
    pub(crate) prepared_by: MemberId,
    #[sqlx(try_from = "String")]
    pub(crate) show_due: Day,
    #[sqlx(try_from = "String")]
    pub(crate) start_due: Day,
    pub(crate) starts_on: String,
    pub(crate) placement_id: String,
    pub(crate) reason: String,
    /// Why it waits past its days, and who said so; empty: nobody did.
    pub(crate) late_reason: String,
    pub(crate) late_by: String,
    /// When it was taken up, sent back or taken back; 0 while it waits.
    ended_at: i64,
}

impl Transfer {
    /// Where they come from.
    pub(crate) fn from(&self) -> UnitRef {
        UnitRef {
            id: self.from_unit.clone(),
            path: self.from_path.clone(),
        }
    }
    /// Where they go.
    pub(crate) fn to(&self) -> UnitRef {
        UnitRef {
            id: self.to_unit.clone(),
            path: self.to_path.clone(),
        }
    }
    /// Whether they come back by themselves.
    pub(crate) fn is_temporary(&self) -> bool {
        self.kind.is(Placement::Temporary)
    }
    /// The day on which it was taken up, sent back or taken back.
    pub(crate) fn ended_on(&self) -> Day {
        kernel::Moment(self.ended_at).day()
    }
    /// Whether they are there for a time that is not over.
    pub(crate) fn is_staying(&self, today: Day) -> bool {
        self.is_temporary()
            && self.state.is(State::Accepted)
            && self.until().is_some_and(|last| last >= today)
    }
    /// Whether it waits for the other side.
    pub(crate) fn is_waiting(&self) -> bool {
        self.state.is(State::Sent)
    }
    /// The last day of a stay for a time.
    pub(crate) fn until(&self) -> Option<Day> {
        self.until_on.parse().ok() // empty for one that stays
    }
    /// Whether the letter should have been shown by now, or the start made.
    pub(crate) fn is_overdue(&self, today: Day) -> bool {
        self.is_waiting() && (self.show_due < today || self.start_due < today)
    }
}

/// Refuses a transfer of which the act was opened for neither side.
async fn holds<P: Records>(act: &mut Act<P>, id: &str) -> Result<()> {
    let found = get(act.on(), id).await?;
    let (from, to) = (found.from(), found.to());
    let is_to = act.right().is_over(&to);
    act.over(if is_to { &to } else { &from })
}

/// Keeps what is sent; answers its id. A second one of the same member breaks `people_transfer_one`.
pub(crate) async fn add<P: Records>(
    act: &mut Act<P>,
    wish: &Wish,
    home: &str,
    [show, start]: [Day; 2],
) -> Result<String> {
    bump_epoch(act).await?;
    crate::store::holds(act, &wish.member).await?;
    let (id, now, by) = (fresh(act), act.now(), act.by().to_owned());
    let added = sql(ADD).bind(&id).bind(&wish.member).bind(&wish.kind);
    let added = added.bind(&wish.from).bind(&wish.to).bind(home);
    let added = added.bind(&wish.letter_no).bind(wish.letter_on);
    let added = added.bind(&wish.until_on).bind(&wish.note).bind(&wish.by);
    let added = added.bind(now).bind(by).bind(show).bind(start);
    added.run(act.on()).await?;
    Ok(id)
}

/// A transfer.
pub(crate) async fn get(on: impl On<'_>, id: &str) -> Result<Transfer> {
    sql(GET).bind(id).one(on).await
}

/// The one of a member that waits.
pub(crate) async fn find_open(on: impl On<'_>, member: &MemberId) -> Result<Option<String>> {
    let row: Option<(String,)> = sql(OPEN_OF).bind(member).maybe(on).await?;
    Ok(row.map(|(id,)| id))
}

/// The one of a member that waits or by which they are elsewhere for a time.
pub(crate) async fn find_last(db: &Db, member: &MemberId, on: Day) -> Result<Option<String>> {
    let asked = sql(LAST_OF).bind(member).bind(on);
    let row: Option<(String,)> = asked.maybe(db.read()).await?;
    Ok(row.map(|(id,)| id))
}

/// Ends one that waits; `false`: it had ended.
pub(crate) async fn end<P: Records>(
    act: &mut Act<P>,
    id: &str,
    to: State,
    reason: &str,
    (starts_on, placement): (&str, &str),
) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, id).await?;
    let (now, by) = (act.now(), act.by().to_owned());
    let ended = sql(END).bind(id).bind(to.word()).bind(now).bind(by);
    let ended = ended.bind(reason).bind(starts_on).bind(placement);
    Ok(ended.run(act.on()).await? == 1)
}

/// Whether an id is one under which that person is or was known.
pub(crate) async fn is_of(on: impl On<'_>, member: &MemberId, id: &MemberId) -> Result<bool> {
    Ok(sql(IS_OF).bind(member).bind(id).count(on).await? > 0)
}

/// The next number of letters that this unit issues in that year, within the act that issues one.
pub(crate) async fn next_number<P: Records>(
    act: &mut Act<P>,
    unit: &UnitId,
    year: i64,
) -> Result<i64> {
    bump_epoch(act).await?;
    crate::store::holds_unit(act, unit).await?;
    let (number,): (i64,) = sql(NEXT_NUMBER).bind(unit).bind(year).one(act.on()).await?;
    Ok(number)
}

/// The letters of this unit that are dated in that year, to units of this house and to others.
pub(crate) async fn list_letters(on: impl On<'_>, unit: &UnitId, year: i64) -> Result<Vec<Letter>> {
    let (from, to) = (format!("{year:04}-01-01"), format!("{:04}-01-01", year + 1));
    sql(LETTERS).bind(unit).bind(from).bind(to).all(on).await
}

/// The unit to which a member belongs on that day.
pub(crate) async fn find_home(
    on: impl On<'_>,
    member: &MemberId,
    day: Day,
) -> Result<Option<UnitRef>> {
    let row: Option<(String, String)> = sql(HOME).bind(member).bind(day).maybe(on).await?;
    row.map(crate::store::unit_ref).transpose()
}

/// Whether a member is elsewhere for a time between these days.
pub(crate) async fn is_elsewhere(
    on: impl On<'_>,
    member: &MemberId,
    from: Day,
    to: Day,
) -> Result<bool> {
    let there = sql(ELSEWHERE).bind(member).bind(from).bind(to);
    Ok(there.count(on).await? > 0)
}

/// Gives a stay for a time another end; `false`: it is over.
pub(crate) async fn set_term<P: Records>(
    act: &mut Act<P>,
    transfer: &Transfer,
    last: Day,
    event: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, &transfer.id).await?;
    let today = act.now().day();
    let was = ledger::before_periods(act, &transfer.member_id).await?;
    let set = sql(SET_TERM).bind(&transfer.placement_id);
    let set = set.bind(last.plus_days(1)).bind(today).bind(event);
    if set.run(act.on()).await? != 1 {
        return Ok(false);
    }
    ledger::after_periods(act, was, event).await?;
    let until = sql(SET_UNTIL).bind(&transfer.id).bind(last);
    until.run(act.on()).await?;
    Ok(true)
}

/// Keeps why one is late; `false`: it had ended.
pub(crate) async fn set_late<P: Records>(act: &mut Act<P>, id: &str, reason: &str) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, id).await?;
    let by = act.by().to_owned();
    let set = sql(LATE).bind(id).bind(reason).bind(by);
    Ok(set.run(act.on()).await? == 1)
}

/// A stay for a time goes on under another row of placements: who changes its last day changes that one.
pub(crate) async fn goes_on<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    (from, to): (&str, &str),
) -> Result<()> {
    bump_epoch(act).await?;
    crate::store::holds(act, member).await?;
    sql(GOES_ON).bind(from).bind(to).run(act.on()).await?;
    Ok(())
}

/// Those that wait past one of their days, with the member.
pub(crate) async fn list_overdue(db: &Db, on: Day) -> Result<Vec<(String, String)>> {
    sql(OVERDUE).bind(on).all(db.read()).await
}

fn receiving() -> Vec<&'static str> {
    let takes =
        |role: &&Role| role.caps().has(Cap::MemberDraft) || role.caps().has(Cap::MemberApprove);
    Role::ALL
        .iter()
        .filter(takes)
        .map(|role| role.name())
        .collect()
}

/// Whoever takes up a transfer at a unit.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Receiver {
    #[sqlx(try_from = "String")]
    pub(crate) member_id: MemberId,
    pub(crate) name: String,
    /// How deep in the tree the unit lies whose post brings it.
    pub(crate) deep: i64,
}

/// A unit as it stands now.
pub(crate) async fn unit_of(on: impl On<'_>, unit: &UnitId) -> Result<UnitRef> {
    let path = crate::store::path_of(on, unit).await?;
    Ok(UnitRef {
        id: unit.clone(),
        path,
    })
}

/// Who may take up transfers at that unit, those nearest to it first, without some: at most ten.
pub(crate) async fn list_receivers(
    at: impl On<'_>,
    unit: &UnitRef,
    on: Day,
    without: &[&MemberId],
) -> Result<Vec<Receiver>> {
    let roles = receiving();
    let above: Vec<String> = unit
        .path
        .ancestry()
        .iter()
        .map(ToString::to_string)
        .collect();
    let (of_roles, of_above) = (3, 3 + roles.len());
    let text = format!(
        "select m.id as member_id, m.name, cast(max(length(u.path)) as bigint) as deep from people_grant g \
         join people_unit u on u.id = g.unit_id join people_member m on m.id = g.member_id \
         where g.revoked_at is null and g.source <> 'delegation' and g.from_on <= $1 and g.to_on > $1 \
         and m.status in ('candidate', 'probationary', 'full', 'suspended') and u.dissolved_on > $1 \
         and (g.scope = 'instance' or u.id = $2 or (g.scope = 'subtree' and u.path in {})) and g.role in {} \
         and g.member_id not in {} group by m.id, m.name, m.name_key \
         order by max(length(u.path)) desc, m.name_key, m.id limit 10",
        in_list(of_above, above.len()),
        in_list(of_roles, roles.len()),
        in_list(of_above + above.len(), without.len())
    );
    let asked = sql_built(text).bind(on).bind(&unit.id);
    let asked = asked.bind_all(roles).bind_all(above);
    let without: Vec<String> = without.iter().map(ToString::to_string).collect();
    asked.bind_all(without).all(at).await
}

/// A transfer in a list.
#[derive(FromRow)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) from_name: String,
    #[sqlx(try_from = "String")]
    pub(crate) show_due: Day,
    #[sqlx(try_from = "String")]
    pub(crate) start_due: Day,
}

/// Those that wait and go to (or come from) units within the scope, the oldest first, at most five.
pub(crate) async fn list_waiting(
    db: &Db,
    scope: &Scope,
    is_incoming: bool,
    who: &MemberId,
) -> Result<Vec<Line>> {
    let column = if is_incoming { "u.path" } else { "f.path" };
    let (within, bounds) = scope_condition(scope, column, 2);
    let text = format!(
        "select t.id, m.name, f.name as from_name, t.show_due, t.start_due from people_transfer t \
         join people_member m on m.id = t.member_id join people_unit f on f.id = t.from_unit \
         join people_unit u on u.id = t.to_unit where t.state = 'sent' and t.member_id <> $1 and {within} \
         order by t.sent_at, t.id limit 5"
    );
    let asked = sql_built(text).bind(who).bind_all(bounds);
    asked.all(db.read()).await
}

/// A unit where people are placed, as anybody of the house may know it: its name, its code and what it is part of.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) code: String,
    pub(crate) above: String,
}

/// The most units that are looked through; a house of a province has fewer cells.
const UNITS: i64 = 20_000;

/// Living units that take members, by name, but one; no people.
pub(crate) async fn list_targets(db: &Db, on: Day, but: &UnitId) -> Result<Vec<Target>> {
    let kinds: Vec<&str> = (crate::fact::UnitKind::ALL.iter())
        .filter(|kind| kind.takes_members())
        .map(|kind| kind.word())
        .collect();
    let text = format!(
        "select u.id, u.name, case when u.code = '' then u.external_id else u.code end as code, \
         coalesce(a.name, '') as above from people_unit u \
         left join people_unit a on a.id = u.parent_id where u.dissolved_on > $1 \
         and u.founded_on <= $1 and u.id <> $2 and u.kind in {} order by u.name_key, u.id limit $3",
        in_list(4, kinds.len())
    );
    let asked = sql_built(text).bind(on).bind(but).bind(UNITS);
    asked.bind_all(kinds).all(db.read()).await
}

/// Those that are likely: where people of that unit went lately, and its neighbours under the same unit above. Their ids,
/// the likeliest first.
pub(crate) async fn list_likely(db: &Db, from: &UnitId, on: Day) -> Result<Vec<String>> {
    let asked = sql(LIKELY).bind(from).bind(on);
    let rows: Vec<(String, i64)> = asked.all(db.read()).await?;
    Ok(rows.into_iter().map(|(id, _)| id).collect())
}
