//! What all wings share in the tables: the ledger, the epoch, all rights and places of one member on a day.
//!
//! Each wing has a store of its own (`units`, `members`, `posts`, `imports`); what other rooms write of units,
//! members and posts is named here once. Every write takes the act of a proof (`access::Records`), and writes its
//! line of the ledger (`people_member_event`) in the same transaction; the log line is the act's own.
//! The rule that surprises: every write raises the epoch first, once in an act ([`bump_epoch`]). Its one row is
//! the gate of this room: two who write here pass one by one and never wait for each other crosswise.

pub use crate::members::beginning::set_first_day;
pub use crate::members::store::{
    NewMember, NewPlacement, add_member, add_member_as, add_placement, close_placement,
    find_by_card, find_by_citizen, name_words, set_external_id, set_member, set_numbers,
    set_unmatched,
};
pub use crate::posts::store::{NewHolding, add_position_holding, end_holding};
pub use crate::units::store::{NewUnit, UnitChange, add_unit, set_unit};

use crate::access::Records;
use crate::fact::{EventKind, Placement, Status};
use db::{Db, FromRow, in_list, sql, sql_built};
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Day, GrantId, MemberId, UnitId, UnitPath, UnitRef};
use site::{Act, Proof};

db::statements! {
    PERSON = "select name, status, merged_on from people_member where id = $1";
    GRANTS = "select g.id, g.role, g.scope, g.source, g.caps_json, g.from_on, g.to_on, \
        g.unit_id, u.path from people_grant g join people_unit u on u.id = g.unit_id \
        where g.member_id = $1 and g.revoked_at is null and g.from_on <= $2 and g.to_on > $2 \
        and u.dissolved_on > $2 and (g.source <> 'delegation' or exists (\
        select 1 from people_grant p join people_unit pu on pu.id = p.unit_id \
        join people_member pm on pm.id = p.member_id where p.id = g.source_id and p.revoked_at is null \
        and p.source <> 'delegation' and p.role = g.role and p.from_on <= $2 and p.to_on > $2 \
        and pu.dissolved_on > $2 and pm.merged_on = '' \
        and pm.status in ('candidate', 'probationary', 'full', 'suspended') \
        and (p.unit_id = g.unit_id and (p.scope = g.scope or p.scope = 'subtree') \
        or p.scope = 'subtree' and g.scope <> 'instance' and substr(u.path, 1, length(pu.path)) = pu.path))) \
        order by g.id";
    PLACEMENTS = "select p.id, p.kind, p.from_on, p.to_on, p.unit_id, u.path \
        from v_people_stay p join people_unit u on u.id = p.unit_id \
        where p.member_id = $1 and p.from_on <= $2 and p.to_on > $2 and u.dissolved_on > $2 \
        order by p.kind, p.from_on, p.id";
    PLACES = "select p.unit_id, u.path, p.to_on, p.kind from v_people_stay p \
        join people_unit u on u.id = p.unit_id \
        where p.member_id = $1 and p.from_on <= $2 and p.to_on > $3 and exists (select 1 from people_member m \
        where m.id = p.member_id and m.merged_on = '') order by p.to_on desc, p.kind, p.id";
    WAS_HERE = "select count(*) from v_people_stay \
        where member_id = $1 and unit_id = $2 and from_on <= $3 and to_on > $4";
    HOLDS = "select h.id from people_holding h join people_position s on s.id = h.position_id \
        where h.member_id = $1 and s.unit_id = $2 and h.from_on <= $3 and h.to_on > $3";
    ADD_EVENT = "insert into people_member_event (id, member_id, kind, effective_on, recorded_at, \
        recorded_by, unit_id, decision_no, decision_on, payload_json, corrects_id, reason) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    // A line that its own act opened a moment ago.
    FILL_EVENT = "update people_member_event set member_id = $2, kind = $3, effective_on = $4, recorded_at = $5, \
        recorded_by = $6, unit_id = $7, decision_no = $8, decision_on = $9, payload_json = $10, corrects_id = $11, \
        reason = $12 where id = $1";
    PLACED = "select u.id, u.path from people_placement p join people_unit u on u.id = p.unit_id \
        where p.member_id = $1 and p.to_on > $2 order by u.id";
    UNIT = "select id, path from people_unit where id = $1";
    BUMP = "update people_epoch set value = value + 1 where name = 'grants'";
    EPOCH = "select value from people_epoch where name = 'grants'";
}

/// Name and status of a member.
#[derive(FromRow)]
pub(crate) struct PersonRow {
    pub name: String,
    #[sqlx(try_from = "String")]
    pub status: Kept<Status>,
    /// The day from which the record is read as another of the same person; empty while it stands for itself.
    pub merged_on: String,
}

/// Name and status of a member.
pub(crate) async fn get_person(db: &Db, member: &MemberId) -> Result<PersonRow> {
    sql(PERSON).bind(member).one(db.read()).await
}

/// Who did something, and when.
#[derive(FromRow)]
pub(crate) struct LastAct {
    pub at: i64,
    pub actor_id: String,
}

/// The newest of these acts on a thing; nothing when the log knows of none.
pub(crate) async fn find_last_act(
    db: &Db,
    kind: &str,
    id: &str,
    actions: &[&str],
) -> Result<Option<LastAct>> {
    let text = format!(
        "select at, actor_id from v_audit_event where object_type = $1 and object_id = $2 \
         and action in {} order by at desc, id desc limit 1",
        in_list(3, actions.len())
    );
    sql_built(text)
        .bind(kind)
        .bind(id)
        .bind_all(actions.iter().copied())
        .maybe(db.read())
        .await
}

/// A grant as the table holds it.
#[derive(FromRow)]
pub(crate) struct GrantRow {
    #[sqlx(try_from = "String")]
    pub id: GrantId,
    pub role: String,
    pub scope: String,
    pub source: String,
    pub caps_json: String,
    #[sqlx(try_from = "String")]
    pub from_on: Day,
    #[sqlx(try_from = "String")]
    pub to_on: Day,
    #[sqlx(try_from = "String")]
    pub unit_id: UnitId,
    #[sqlx(try_from = "String")]
    pub path: UnitPath,
}

/// The grants of a member in force on a day; delegations only while what they hand on is.
pub(crate) async fn list_grants(db: &Db, member: &MemberId, on: Day) -> Result<Vec<GrantRow>> {
    sql(GRANTS).bind(member).bind(on).all(db.read()).await
}

/// A placement as the right that is derived from it.
#[derive(FromRow)]
pub(crate) struct PlacementRow {
    #[sqlx(try_from = "String")]
    pub id: GrantId,
    #[sqlx(try_from = "String")]
    pub kind: Kept<Placement>,
    #[sqlx(try_from = "String")]
    pub from_on: Day,
    #[sqlx(try_from = "String")]
    pub to_on: Day,
    #[sqlx(try_from = "String")]
    pub unit_id: UnitId,
    #[sqlx(try_from = "String")]
    pub path: UnitPath,
}

/// The placements of a member on a day in units that live.
pub(crate) async fn list_placements(
    db: &Db,
    member: &MemberId,
    on: Day,
) -> Result<Vec<PlacementRow>> {
    sql(PLACEMENTS).bind(member).bind(on).all(db.read()).await
}

/// A unit where somebody is placed, or was not long ago.
#[derive(FromRow)]
pub(crate) struct Place {
    #[sqlx(try_from = "String")]
    pub unit_id: UnitId,
    #[sqlx(try_from = "String")]
    pub path: UnitPath,
    #[sqlx(try_from = "String")]
    pub to_on: Day,
    #[sqlx(try_from = "String")]
    pub kind: Kept<Placement>,
}

/// Where a member is placed by `today`, or was after `since`; what lasts longest first.
pub(crate) async fn list_places(
    db: &Db,
    member: &MemberId,
    today: Day,
    since: Day,
) -> Result<Vec<Place>> {
    sql(PLACES)
        .bind(member)
        .bind(today)
        .bind(since)
        .all(db.read())
        .await
}

/// Whether a member is placed in the unit by `today`, or was after `since`.
pub(crate) async fn was_placed(
    db: &Db,
    member: &MemberId,
    unit: &UnitId,
    today: Day,
    since: Day,
) -> Result<bool> {
    let count = sql(WAS_HERE)
        .bind(member)
        .bind(unit)
        .bind(today)
        .bind(since)
        .count(db.read())
        .await?;
    Ok(count > 0)
}

/// Whether a member holds a post of the unit on that day.
pub(crate) async fn holds_post(db: &Db, member: &MemberId, unit: &UnitId, on: Day) -> Result<bool> {
    let held: Option<(String,)> = sql(HOLDS)
        .bind(member)
        .bind(unit)
        .bind(on)
        .maybe(db.read())
        .await?;
    Ok(held.is_some())
}

/// A fresh id for a row of this room.
pub(crate) fn fresh<P: Records>(act: &Act<P>) -> String {
    act.site().dice.uuid(act.now())
}

/// A line of the ledger, being filled.
#[derive(Debug, Clone)]
pub struct Event {
    member: MemberId,
    kind: EventKind,
    effective_on: Day,
    unit: String,
    decision_no: String,
    decision_on: String,
    payload: String,
    corrects: String,
    reason: String,
}

impl Event {
    /// Something that is true of a member from that day on.
    pub fn new(member: &MemberId, kind: EventKind, effective_on: Day) -> Self {
        Event {
            member: member.clone(),
            kind,
            effective_on,
            unit: String::new(),
            decision_no: String::new(),
            decision_on: String::new(),
            payload: String::new(),
            corrects: String::new(),
            reason: String::new(),
        }
    }
    /// In which unit.
    pub fn unit(mut self, unit: &UnitId) -> Self {
        self.unit = unit.to_string();
        self
    }
    /// By which decision.
    pub fn decision(mut self, number: &str) -> Self {
        self.decision_no = number.to_owned();
        self
    }
    /// Of which day the decision is; may be empty.
    pub(crate) fn decided_on(mut self, day: &str) -> Self {
        self.decision_on = day.to_owned();
        self
    }
    /// Which line it puts right.
    pub(crate) fn corrects(mut self, event: &str) -> Self {
        self.corrects = event.to_owned();
        self
    }
    /// Why, as somebody wrote it; may be empty.
    pub(crate) fn why(mut self, reason: &str) -> Self {
        self.reason = reason.to_owned();
        self
    }
    /// What else is to be kept; never sealed values.
    pub fn payload(mut self, json: serde_json::Value) -> Self {
        self.payload = json.to_string();
        self
    }
}

/// Under which the act keeps the line that a write opened before its caller wrote one.
const OPEN_LINE: &str = "people_member_event";
/// Under which it keeps the line by which it added somebody.
const ADDED_LINE: &str = "people_member";

/// Writes a line of the ledger; answers its id. What the act has changed of the record until then belongs to it.
pub async fn add_event<P: Records>(act: &mut Act<P>, event: &Event) -> Result<String> {
    match act.forget(OPEN_LINE, &event.member) {
        Some(open) => write_event(act, FILL_EVENT, open, event).await,
        None => add_own_event(act, event).await,
    }
}

/// Writes a line of its own: what the act has changed of the record waits for another.
pub(crate) async fn add_own_event<P: Records>(act: &mut Act<P>, event: &Event) -> Result<String> {
    let id = fresh(act);
    write_event(act, ADD_EVENT, id, event).await
}

/// The line to which a change of that record belongs: the one that is open, or a new one, which the next
/// [`add_event`] of the act fills in.
pub(crate) async fn line_of<P: Records>(act: &mut Act<P>, member: &MemberId) -> Result<String> {
    for kept in [OPEN_LINE, ADDED_LINE] {
        if let Some(line) = act.remembers(kept, member) {
            return Ok(line.to_owned());
        }
    }
    let event = Event::new(member, EventKind::MemberCorrected, act.now().day());
    let id = add_own_event(act, &event).await?;
    act.remember(OPEN_LINE, member, id.clone());
    Ok(id)
}

/// What the act writes of somebody whom it has just added belongs to the line that says so.
pub(crate) fn stays_added<P: Records>(act: &mut Act<P>, member: &MemberId, line: &str) {
    act.remember(ADDED_LINE, member, line.to_owned());
}

async fn write_event<P: Records>(
    act: &mut Act<P>,
    text: &'static str,
    id: String,
    event: &Event,
) -> Result<String> {
    bump_epoch(act).await?;
    // What a unit gives or ends there is its own, wherever the person is placed.
    match event.unit.parse() {
        Ok(unit) => holds_unit(act, &unit).await?,
        Err(_) => holds(act, &event.member).await?,
    }
    sql(text)
        .bind(&id)
        .bind(&event.member)
        .bind(event.kind.word())
        .bind(event.effective_on)
        .bind(act.now())
        .bind(act.by())
        .bind(&event.unit)
        .bind(&event.decision_no)
        .bind(&event.decision_on)
        .bind(&event.payload)
        .bind(&event.corrects)
        .bind(&event.reason)
        .run(act.on())
        .await?;
    Ok(id)
}

/// Says that rights may have changed, once in an act: every actor is read again at its next request. Every
/// write of this room begins with it, so whoever writes units, members, posts waits here for the other.
pub async fn bump_epoch<P: Records>(act: &mut Act<P>) -> Result<()> {
    if act.is_first("people_epoch") {
        sql(BUMP).run(act.on()).await?;
    }
    Ok(())
}

pub(crate) fn unit_ref((id, path): (String, String)) -> Result<UnitRef> {
    Ok(UnitRef {
        id: UnitId::try_from(id).map_err(Error::fault)?,
        path: UnitPath::try_from(path).map_err(Error::fault)?,
    })
}

/// Refuses a person for whom the act was not opened; every read and write of a record within an act begins
/// so. Who was added a moment ago is the act's own.
///
/// # Errors
/// A fault whose cause is [`site::Beyond`].
pub(crate) async fn holds<P: Proof>(act: &mut Act<P>, member: &MemberId) -> Result<()> {
    if act.has_reached(member.as_str()) {
        return Ok(());
    }
    let today = act.now().day();
    let placed = sql(PLACED).bind(member).bind(today);
    let placed: Vec<(String, String)> = placed.all(act.on()).await?;
    let placed: Vec<UnitRef> = placed.into_iter().map(unit_ref).collect::<Result<_>>()?;
    act.over_person(member, &placed)
}

/// The same of a unit. One that is not there is [`Error::NotFound`].
pub(crate) async fn holds_unit<P: Proof>(act: &mut Act<P>, unit: &UnitId) -> Result<()> {
    if act.has_reached(unit.as_str()) {
        return Ok(());
    }
    let found = unit_ref(sql(UNIT).bind(unit).one(act.on()).await?)?;
    act.over(&found)
}

/// Where a unit stands now. One that is not there is [`Error::NotFound`].
pub(crate) async fn path_of(on: impl db::On<'_>, unit: &UnitId) -> Result<UnitPath> {
    Ok(unit_ref(sql(UNIT).bind(unit).one(on).await?)?.path)
}

/// The number that rises with every change of rights, placements or units.
pub async fn epoch(on: impl db::On<'_>) -> Result<i64> {
    sql(EPOCH).count(on).await
}
