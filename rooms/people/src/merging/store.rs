//! Every statement of merging: pairs that seem one, aliases, what was said to be two.
//!
//! Functions here take what was already decided; each that writes a person asks the act (`store::holds`).
//! The rule that surprises: an alias is ended, never removed, and is the only row here that ever changes; when its
//! person is merged again it names the one that stays then, so that an old id is one step from the record.

use crate::access::Records;
use crate::fact::Placement;
use crate::ledger::store as ledger;
use crate::number;
use crate::store::{bump_epoch, fresh, holds, holds_unit, line_of};
use db::{Db, FromRow, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Cap, Day, MemberId, Role, UnitId, UnitPath, UnitRef};
use site::{Act, Operator, Proof, Site};

// Who is placed at a path or below it: without a placement of today or later, where they were last.
db::statements! {
    NAMESAKES = "with twice as (select name_fold, birth_on from people_member where merged_on = '' and \
        length(birth_on) = 10 group by name_fold, birth_on having count(*) > 1) select a.id as one, b.id as \
        other from twice t join people_member a on a.name_fold = t.name_fold and a.birth_on = t.birth_on and \
        a.merged_on = '' join people_member b on b.name_fold = t.name_fold and b.birth_on = t.birth_on and \
        b.merged_on = '' and b.id > a.id where exists (select 1 from people_placement p join people_unit u on \
        u.id = p.unit_id where p.member_id = a.id and u.path >= $1 and u.path < $2 and (p.to_on > $3 or not \
        exists (select 1 from people_placement l where l.member_id = p.member_id and l.to_on > p.to_on))) and \
        exists (select 1 from people_placement p join people_unit u on u.id = p.unit_id where p.member_id = \
        b.id and u.path >= $1 and u.path < $2 and (p.to_on > $3 or not exists (select 1 from people_placement \
        l where l.member_id = p.member_id and l.to_on > p.to_on))) and not exists (select 1 from \
        people_distinct d where d.taken_at = 0 and d.one_id in (a.id, b.id) and d.other_id in (a.id, b.id)) \
        order by a.name_fold, a.id, b.id limit 200";
    UNMATCHED = "select m.id, case when m.card_mac = '' then m.card_sealed else '' end, case when m.citizen_mac = '' \
        then m.citizen_sealed else '' end from people_member m where m.merged_on = '' and ((m.card_sealed <> \
        '' and m.card_mac = '') or (m.citizen_sealed <> '' and m.citizen_mac = '')) and exists (select 1 from \
        people_placement p join people_unit u on u.id = p.unit_id where p.member_id = m.id and u.path >= $1 \
        and u.path < $2 and (p.to_on > $3 or not exists (select 1 from people_placement l where l.member_id = \
        p.member_id and l.to_on > p.to_on))) order by m.id limit 500";
    HOLDER = "select m.id from people_member m where m.merged_on = '' and ((cast($4 as text) = 'card' and \
        m.card_mac = $5) or (cast($4 as text) = 'citizen' and m.citizen_mac = $5)) and exists (select 1 from \
        people_placement p join people_unit u on u.id = p.unit_id where p.member_id = m.id and u.path >= $1 \
        and u.path < $2 and (p.to_on > $3 or not exists (select 1 from people_placement l where l.member_id = \
        p.member_id and l.to_on > p.to_on)))";
    IS_DISTINCT = "select count(*) from people_distinct where taken_at = 0 and one_id in ($1, $2) and other_id in ($1, $2)";
    DISTINCTS = "select d.one_id, d.other_id, a.name as one_name, b.name as other_name, d.said_at, coalesce(s.name, \
        '') as said_by from people_distinct d join people_member a on a.id = d.one_id join people_member b on \
        b.id = d.other_id left join people_member s on s.id = d.said_by where d.taken_at = 0 and a.merged_on \
        = '' and b.merged_on = '' and exists (select 1 from people_placement p join people_unit u on u.id = \
        p.unit_id where p.member_id = a.id and u.path >= $1 and u.path < $2 and (p.to_on > $3 or not exists \
        (select 1 from people_placement l where l.member_id = p.member_id and l.to_on > p.to_on))) and exists \
        (select 1 from people_placement p join people_unit u on u.id = p.unit_id where p.member_id = b.id and \
        u.path >= $1 and u.path < $2 and (p.to_on > $3 or not exists (select 1 from people_placement l where \
        l.member_id = p.member_id and l.to_on > p.to_on))) order by d.said_at desc, d.id desc limit 200";
    SAY_DISTINCT = "insert into people_distinct (id, one_id, other_id, said_at, said_by) values ($1, $2, $3, $4, $5) \
        on conflict do nothing";
    TAKE_BACK = "update people_distinct set taken_at = $3, taken_by = $4 \
        where taken_at = 0 and one_id in ($1, $2) and other_id in ($1, $2)";
    SEEN = "select m.id, m.name, substr(m.birth_on, 1, 4) as birth_year, m.external_id, m.merged_on, \
        coalesce((select max(e.recorded_at) from people_member_event e where e.member_id = m.id), 0) as touched_at \
        from people_member m where m.id = $1";
    HOMES = "select p.id, p.unit_id, u.path, u.name, p.kind, p.from_on, p.to_on, p.prev_id, p.start_reason, u.dissolved_on from people_placement p \
        join people_unit u on u.id = p.unit_id where p.member_id = $1 and (p.to_on > $2 \
        or not exists (select 1 from people_placement l where l.member_id = p.member_id and l.to_on > p.to_on)) \
        order by p.kind, p.from_on, p.id";
    OWNER = "select member_id from people_placement where id = $1";
    PLACEMENT = "select p.id, p.unit_id, u.path, u.name, p.kind, p.from_on, p.to_on, p.prev_id, p.start_reason, u.dissolved_on \
        from people_placement p join people_unit u on u.id = p.unit_id where p.id = $1";
    // What was opened on the very day never was: the ledger has both lines.
    RETURNED = "select id from people_placement where prev_id = $1 and start_reason = 'back'";
    WITHDRAW = "delete from people_placement where id = $1 and from_on >= $2";
    REOPEN = "update people_placement set to_on = $2, end_reason = '', closed_by_event = '' where id = $1 and to_on >= $3";
    HOLDINGS = "select h.id, s.title, u.path, u.name from people_holding h \
        join people_position s on s.id = h.position_id join people_unit u on u.id = s.unit_id \
        where h.member_id = $1 and h.to_on > $2 order by s.rank, h.id";
    OTHER_GRANTS = "select g.id, g.role as title, u.path, u.name from people_grant g \
        join people_unit u on u.id = g.unit_id where g.member_id = $1 and g.revoked_at is null and g.to_on > $2 \
        and g.source <> 'position' order by g.id";
    END_OTHER_GRANTS = "update people_grant set to_on = case when from_on > $2 then from_on else $2 end \
        where member_id = $1 and revoked_at is null and to_on > $2 and source <> 'position'";
    LEDGER = "select count(*) from people_member_event where member_id = $1";
    MACS = "select card_sealed, card_mac, citizen_sealed, citizen_mac from people_member where id = $1";
    MARK = "update people_member set merged_on = $2, row_version = row_version + 1 where id = $1";
    TAKEN = "select count(*) from people_member where merged_on = '' and id <> $1 \
        and ((cast($2 as text) = 'card' and card_mac = $3) or (cast($2 as text) = 'citizen' and citizen_mac = $3))";
    BARE_CARD = "update people_member set card_mac = '' where id = $1";
    BARE_CITIZEN = "update people_member set citizen_mac = '' where id = $1";
    ALIAS_OF = "select id, old_id, member_id, merged_at, was_sealed from people_alias where old_id = $1 and ended_at = 0";
    ALIAS = "select id, old_id, member_id, merged_at, was_sealed from people_alias where id = $1 and ended_at = 0";
    ALIASES = "select a.id, m.name, m.external_id, a.merged_at, coalesce(b.name, '') as merged_by from people_alias a \
        join people_member m on m.id = a.old_id left join people_member b on b.id = a.merged_by \
        where a.member_id = $1 and a.ended_at = 0 order by a.merged_at desc, a.id";
    ADD_ALIAS = "insert into people_alias (id, old_id, member_id, approval_id, merged_at, merged_by, was_sealed) \
        values ($1, $2, $3, $4, $5, $6, $7)";
    END_ALIAS = "update people_alias set ended_at = $2, ended_by = $3, ended_approval_id = $4 \
        where id = $1 and ended_at = 0";
    OF_KEPT = "select id from people_alias where member_id = $1 and ended_at = 0 order by id";
    MOVE = "update people_alias set member_id = $2 where member_id = $1 and ended_at = 0";
    MOVE_BACK = "update people_alias set member_id = $3 where id = $1 and member_id = $2 and ended_at = 0";
    SEALED = "select id, was_sealed from people_alias where id > $1 order by id limit $2";
    SEAL_AGAIN = "update people_alias set was_sealed = $2 where id = $1";
    OLD_OF = "select old_id from people_alias where id = $1";
}

/// Two members, by id.
pub(crate) type Ids = (String, String);

/// Pairs of one folded name and one whole day of birth at that path or below, that nobody said to be two.
pub(crate) async fn list_namesakes(db: &Db, path: &UnitPath, today: Day) -> Result<Vec<Ids>> {
    let (low, high) = path.range();
    let rows = sql(NAMESAKES).bind(low).bind(high).bind(today);
    rows.all(db.read()).await
}

/// Numbers there that are kept without being compared: member, card, citizen id, sealed.
pub(crate) async fn list_apart(
    db: &Db,
    path: &UnitPath,
    today: Day,
) -> Result<Vec<(String, String, String)>> {
    let (low, high) = path.range();
    let rows = sql(UNMATCHED).bind(low).bind(high).bind(today);
    rows.all(db.read()).await
}

/// Who there holds the number of that hash.
pub(crate) async fn find_holder(
    db: &Db,
    path: &UnitPath,
    today: Day,
    (column, mac): (&str, &str),
) -> Result<Option<String>> {
    let (low, high) = path.range();
    let row = sql(HOLDER).bind(low).bind(high).bind(today);
    let row: Option<(String,)> = row.bind(column).bind(mac).maybe(db.read()).await?;
    Ok(row.map(|(id,)| id))
}

/// Whether somebody said that these two are two people.
pub(crate) async fn is_distinct(db: &Db, one: &str, other: &str) -> Result<bool> {
    Ok(sql(IS_DISTINCT)
        .bind(one)
        .bind(other)
        .count(db.read())
        .await?
        > 0)
}

/// Two of whom somebody said so.
#[derive(Debug, FromRow)]
pub(crate) struct Distinct {
    pub one_id: String,
    pub other_id: String,
    pub one_name: String,
    pub other_name: String,
    pub said_at: i64,
    pub said_by: String,
}

/// All such pairs at that path or below.
pub(crate) async fn list_distincts(db: &Db, path: &UnitPath, today: Day) -> Result<Vec<Distinct>> {
    let (low, high) = path.range();
    let rows = sql(DISTINCTS).bind(low).bind(high).bind(today);
    rows.all(db.read()).await
}

/// Remembers that two records are two people. Repeating is harmless.
pub(crate) async fn say_distinct<P: Records>(
    act: &mut Act<P>,
    one: &MemberId,
    other: &MemberId,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, one).await?;
    holds(act, other).await?;
    // Stored in one order, so that a pair is there once.
    let (one, other) = if one.as_str() < other.as_str() {
        (one, other)
    } else {
        (other, one)
    };
    sql(SAY_DISTINCT)
        .bind(fresh(act))
        .bind(one)
        .bind(other)
        .bind(act.now())
        .bind(act.by())
        .run(act.on())
        .await?;
    Ok(())
}

/// Takes that back. Answers whether it stood.
pub(crate) async fn take_back<P: Records>(
    act: &mut Act<P>,
    one: &MemberId,
    other: &MemberId,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, one).await?;
    holds(act, other).await?;
    let by = act.by().to_owned();
    let taken = sql(TAKE_BACK)
        .bind(one)
        .bind(other)
        .bind(act.now())
        .bind(by);
    Ok(taken.run(act.on()).await? > 0)
}

/// What is shown of a record without a look at it.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Seen {
    #[sqlx(try_from = "String")]
    pub id: MemberId,
    pub name: String,
    /// Only to tell two of one name apart.
    pub birth_year: String,
    pub external_id: String,
    /// The day from which it is read as another; empty while it stands for itself.
    pub merged_on: String,
    /// When its ledger last got a line.
    pub touched_at: i64,
}

/// What is shown of a record without a look at it.
pub(crate) async fn find_seen(db: &Db, id: &str) -> Result<Option<Seen>> {
    sql(SEEN).bind(id).maybe(db.read()).await
}

/// A placement as merging needs it.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Home {
    pub id: String,
    #[sqlx(try_from = "String")]
    pub unit_id: UnitId,
    #[sqlx(try_from = "String")]
    pub path: UnitPath,
    pub name: String,
    #[sqlx(try_from = "String")]
    pub kind: Kept<Placement>,
    #[sqlx(try_from = "String")]
    pub from_on: Day,
    #[sqlx(try_from = "String")]
    pub to_on: Day,
    /// What it goes on from; empty for nothing.
    pub prev_id: String,
    /// Why it began.
    pub start_reason: String,
    #[sqlx(try_from = "String")]
    pub dissolved_on: Day,
}

impl Home {
    /// Its unit.
    pub(crate) fn unit(&self) -> UnitRef {
        UnitRef {
            id: self.unit_id.clone(),
            path: self.path.clone(),
        }
    }
    /// Whether it has not ended by that day.
    pub(crate) fn is_open(&self, today: Day) -> bool {
        self.to_on > today
    }
    /// The own unit.
    pub(crate) fn is_official(&self) -> bool {
        self.kind.is(Placement::Official)
    }
}

/// Where somebody is placed today or later; who is placed nowhere, where they were last.
pub(crate) async fn list_homes(db: &Db, member: &MemberId, today: Day) -> Result<Vec<Home>> {
    sql(HOMES).bind(member).bind(today).all(db.read()).await
}

/// The same within an act.
pub(crate) async fn homes<P: Proof>(act: &mut Act<P>, member: &MemberId) -> Result<Vec<Home>> {
    let today = act.now().day();
    sql(HOMES).bind(member).bind(today).all(act.on()).await
}

/// One placement, as it is read.
pub(crate) async fn find_placement(db: &Db, id: &str) -> Result<Home> {
    sql(PLACEMENT).bind(id).one(db.read()).await
}

/// One placement.
pub(crate) async fn get_placement<P: Proof>(act: &mut Act<P>, id: &str) -> Result<Home> {
    sql(PLACEMENT).bind(id).one(act.on()).await
}

/// One placement, unless it was taken back.
pub(crate) async fn find_placement_in<P: Proof>(
    act: &mut Act<P>,
    id: &str,
) -> Result<Option<Home>> {
    sql(PLACEMENT).bind(id).maybe(act.on()).await
}

/// One placement and whose it is.
pub(crate) async fn get_placement_of<P: Proof>(
    act: &mut Act<P>,
    id: &str,
) -> Result<(MemberId, Home)> {
    let (member,): (String,) = sql(OWNER).bind(id).one(act.on()).await?;
    let home = get_placement(act, id).await?;
    Ok((member.try_into().map_err(Error::fault)?, home))
}

/// The placement that carries one on since a leaving was taken back.
pub(crate) async fn find_returned<P: Proof>(act: &mut Act<P>, id: &str) -> Result<Option<String>> {
    let row: Option<(String,)> = sql(RETURNED).bind(id).maybe(act.on()).await?;
    Ok(row.map(|(id,)| id))
}

/// Takes back a placement that began today or later; `false`: it began before.
pub(crate) async fn withdraw<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    home: &Home,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds_unit(act, &home.unit_id).await?;
    let was = ledger::before_periods(act, member).await?;
    let today = act.now().day();
    let gone = sql(WITHDRAW).bind(&home.id).bind(today);
    let is_gone = gone.run(act.on()).await? == 1;
    if is_gone {
        let line = line_of(act, member).await?;
        ledger::after_periods(act, was, &line).await?;
    }
    Ok(is_gone)
}

/// Lets a placement that was closed today hold until that day again; `false`: it was closed before.
pub(crate) async fn reopen<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    home: &Home,
    end: Day,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds_unit(act, &home.unit_id).await?;
    let was = ledger::before_periods(act, member).await?;
    let today = act.now().day();
    let again = sql(REOPEN).bind(&home.id).bind(end).bind(today);
    let is_open = again.run(act.on()).await? == 1;
    if is_open {
        let line = line_of(act, member).await?;
        ledger::after_periods(act, was, &line).await?;
    }
    Ok(is_open)
}

/// Who keeps the records of that very unit, ten at most; rights from above are not asked.
pub(crate) async fn list_keepers(db: &Db, unit: &UnitId, on: Day) -> Result<Vec<MemberId>> {
    let roles: Vec<&str> = (Role::ALL.iter())
        .filter(|role| role.caps().has(Cap::MemberDraft))
        .map(|role| role.name())
        .collect();
    let text = format!(
        "select distinct g.member_id from people_grant g join people_member m on m.id = g.member_id \
         where g.unit_id = $1 and g.revoked_at is null and g.source <> 'delegation' and g.from_on <= $2 \
         and g.to_on > $2 and m.merged_on = '' and g.role in {} order by g.member_id limit 10",
        db::in_list(3, roles.len())
    );
    let rows = sql_built(text).bind(unit).bind(on).bind_all(roles);
    let rows: Vec<(String,)> = rows.all(db.read()).await?;
    let ids = rows.into_iter().map(|(id,)| MemberId::try_from(id));
    ids.collect::<std::result::Result<_, _>>()
        .map_err(Error::fault)
}

/// Whether somebody else holds the number of that hash.
pub(crate) async fn is_taken<P: Proof>(
    act: &mut Act<P>,
    member: &MemberId,
    (column, mac): (&str, &str),
) -> Result<bool> {
    let taken = sql(TAKEN).bind(member).bind(column).bind(mac);
    Ok(taken.count(act.on()).await? > 0)
}

/// A post or another right that has not ended.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Held {
    pub id: String,
    pub title: String,
    #[sqlx(try_from = "String")]
    pub path: UnitPath,
    pub name: String,
}

/// Posts of a member that have not ended.
pub(crate) async fn list_holdings(db: &Db, member: &MemberId, today: Day) -> Result<Vec<Held>> {
    sql(HOLDINGS).bind(member).bind(today).all(db.read()).await
}

/// Rights of a member that no post brings and that have not ended; the title is the role.
pub(crate) async fn list_other_grants(db: &Db, member: &MemberId, today: Day) -> Result<Vec<Held>> {
    sql(OTHER_GRANTS)
        .bind(member)
        .bind(today)
        .all(db.read())
        .await
}

/// Ends rights of a member that no post brings.
pub(crate) async fn end_other_grants<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
) -> Result<u64> {
    bump_epoch(act).await?;
    holds(act, member).await?;
    let today = act.now().day();
    sql(END_OTHER_GRANTS)
        .bind(member)
        .bind(today)
        .run(act.on())
        .await
}

/// How many lines the ledger of a member has: what changes a record, a placement or a post adds one.
pub(crate) async fn count_ledger<P: Proof>(act: &mut Act<P>, member: &MemberId) -> Result<i64> {
    sql(LEDGER).bind(member).count(act.on()).await
}

/// The sealed card and citizen numbers with the hashes by which they are compared.
pub(crate) async fn macs<P: Proof>(
    act: &mut Act<P>,
    member: &MemberId,
) -> Result<[(String, String); 2]> {
    let row: (String, String, String, String) = sql(MACS).bind(member).one(act.on()).await?;
    Ok([(row.0, row.1), (row.2, row.3)])
}

/// From that day on the record is read as another; none: it stands for itself again. A number that somebody else
/// holds by then is not compared any more.
pub(crate) async fn mark<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    merged_on: Option<Day>,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, member).await?;
    let was = ledger::before(act, member).await?;
    if merged_on.is_none() {
        let [card, citizen] = macs(act, member).await?;
        for (column, mac, bare) in [
            (number::CARD, card.1, BARE_CARD),
            (number::CITIZEN, citizen.1, BARE_CITIZEN),
        ] {
            if !mac.is_empty() && is_taken(act, member, (column, &mac)).await? {
                sql(bare).bind(member).run(act.on()).await?;
                act.log("member.number_elsewhere").about(member);
            }
        }
    }
    let day = merged_on.map(|day| day.to_string()).unwrap_or_default();
    sql(MARK).bind(member).bind(day).run(act.on()).await?;
    ledger::after(act, was).await
}

/// An alias in force.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Alias {
    pub id: String,
    #[sqlx(try_from = "String")]
    pub old_id: MemberId,
    #[sqlx(try_from = "String")]
    pub member_id: MemberId,
    pub merged_at: i64,
    pub was_sealed: String,
}

/// The alias of an old id.
pub(crate) async fn find_alias_of(db: &Db, old: &MemberId) -> Result<Option<Alias>> {
    sql(ALIAS_OF).bind(old).maybe(db.read()).await
}

/// The alias of that id, while it is in force.
pub(crate) async fn find_alias(db: &Db, id: &str) -> Result<Option<Alias>> {
    sql(ALIAS).bind(id).maybe(db.read()).await
}

/// The same within an act.
pub(crate) async fn find_alias_in<P: Proof>(act: &mut Act<P>, id: &str) -> Result<Option<Alias>> {
    sql(ALIAS).bind(id).maybe(act.on()).await
}

/// A record that was merged into another, to be listed.
#[derive(Debug, FromRow)]
pub(crate) struct Merged {
    pub id: String,
    pub name: String,
    pub external_id: String,
    pub merged_at: i64,
    pub merged_by: String,
}

/// What was merged into a record.
pub(crate) async fn list_merged(db: &Db, kept: &MemberId) -> Result<Vec<Merged>> {
    sql(ALIASES).bind(kept).all(db.read()).await
}

/// Says that an old id is read as another from now on.
pub(crate) async fn add_alias<P: Records>(
    act: &mut Act<P>,
    (id, approval): (&str, &str),
    (old, kept): (&MemberId, &MemberId),
    was_sealed: &str,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, old).await?;
    holds(act, kept).await?;
    let by = act.by().to_owned();
    sql(ADD_ALIAS)
        .bind(id)
        .bind(old)
        .bind(kept)
        .bind(approval)
        .bind(act.now())
        .bind(by)
        .bind(was_sealed)
        .run(act.on())
        .await?;
    Ok(())
}

/// Ends an alias. Answers whether it was in force.
pub(crate) async fn end_alias<P: Records>(
    act: &mut Act<P>,
    alias: &Alias,
    approval: &str,
) -> Result<bool> {
    bump_epoch(act).await?;
    holds(act, &alias.old_id).await?;
    holds(act, &alias.member_id).await?;
    let by = act.by().to_owned();
    let ended = sql(END_ALIAS).bind(&alias.id).bind(act.now()).bind(by);
    Ok(ended.bind(approval).run(act.on()).await? == 1)
}

/// Whatever was merged into the old record is read as the one that stays. Answers which aliases.
pub(crate) async fn move_aliases<P: Records>(
    act: &mut Act<P>,
    old: &MemberId,
    kept: &MemberId,
) -> Result<Vec<String>> {
    bump_epoch(act).await?;
    holds(act, old).await?;
    holds(act, kept).await?;
    let moved: Vec<(String,)> = sql(OF_KEPT).bind(old).all(act.on()).await?;
    sql(MOVE).bind(old).bind(kept).run(act.on()).await?;
    Ok(moved.into_iter().map(|(id,)| id).collect())
}

/// The way back of [`move_aliases`].
pub(crate) async fn move_back<P: Records>(
    act: &mut Act<P>,
    alias: &str,
    kept: &MemberId,
    old: &MemberId,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, old).await?;
    holds(act, kept).await?;
    let moved = sql(MOVE_BACK).bind(alias).bind(kept).bind(old);
    moved.run(act.on()).await?;
    Ok(())
}

/// What records were before they were merged, sealed, behind that alias: for the change of the key.
pub(crate) async fn list_sealed(site: &Site, after: &str, limit: i64) -> Result<Vec<Ids>> {
    let rows = sql(SEALED).bind(after).bind(limit);
    rows.all(site.db.read()).await
}

/// Keeps it in another seal.
pub(crate) async fn seal_again(act: &mut Act<Operator>, alias: &str, sealed: &str) -> Result<()> {
    bump_epoch(act).await?;
    let row: Option<(String,)> = sql(OLD_OF).bind(alias).maybe(act.on()).await?;
    let Some((old,)) = row else { return Ok(()) };
    holds(act, &old.parse().map_err(Error::fault)?).await?;
    sql(SEAL_AGAIN)
        .bind(alias)
        .bind(sealed)
        .run(act.on())
        .await?;
    Ok(())
}

/// Which of these members were merged since, each with the record as which it is read.
pub(crate) async fn list_read_as(db: &Db, members: &[&MemberId]) -> Result<Vec<Ids>> {
    let mut all = Vec::new();
    for some in members.chunks(400) {
        let text = format!(
            "select old_id, member_id from v_people_alias where old_id in {}",
            db::in_list(1, some.len())
        );
        let rows = sql_built(text).bind_all(some.iter().copied());
        all.extend(rows.all::<Ids>(db.read()).await?);
    }
    Ok(all)
}

/// Names of members, for the log and lists.
pub(crate) async fn list_seen(db: &Db, ids: &[String]) -> Result<Vec<Seen>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "select m.id, m.name, substr(m.birth_on, 1, 4) as birth_year, m.external_id, m.merged_on, \
         cast(0 as bigint) as touched_at from people_member m where m.id in {}",
        db::in_list(1, ids.len())
    );
    sql_built(text).bind_all(ids.iter()).all(db.read()).await
}
