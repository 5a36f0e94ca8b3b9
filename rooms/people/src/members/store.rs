//! Every statement of persons: the record, its numbers, placements, rosters, finding by name.
//!
//! Functions here take what was already decided; rights are `access` and `sight`. A change writes its line of the
//! ledger in the same transaction (`store::add_event`). Hundreds at once are `imports`, which writes the same rows.
//! Not here: what the program makes of a row (`member`, `roster`, `identity`), posts and their grants (`posts`).
//! The rule that surprises: whoever reads a record hands in the look that was written down, or an act.

pub(crate) mod beginning;
pub(crate) mod code;
pub(crate) mod correction;
pub(crate) mod leaving;
pub(crate) mod moving;
pub(crate) mod outside;
pub(crate) mod transfers;

use crate::access::Records;
use crate::fact::{EventKind, Placement, Status};
use crate::ledger::fold::About;
use crate::ledger::store as ledger;
use crate::member::{EventView, Look, PlacementView};
use crate::number;
use crate::roster::Former;
use crate::store::{Event, add_own_event, bump_epoch, fresh, holds, holds_unit, stays_added};
use crate::units::store::begins_within;
use db::{Db, FromRow, in_list, scope_condition, sql, sql_built};
use kernel::error::{Error, Refusal, Result};
use kernel::fact::Kept;
use kernel::{Day, MemberId, Moment, Scope, UnitId, UnitPath};
use site::{Act, Level, Looked, Operator, Program, Proof, Site};
use std::collections::BTreeSet;

db::statements! {
    ANYBODY = "select count(*) from people_member";
    NAME = "select name from people_member where id = $1";
    PLACED = "select m.name, coalesce(p.unit_id, '') as unit_id from people_member m left join people_placement p on p.member_id = m.id \
        where m.id = $1 order by p.from_on, p.id limit 1";
    // Nobody writes to somebody who is a member no more.
    EMAIL = "select case when status in ('left', 'struck_off', 'expelled', 'deceased') then '' else email end \
        from people_member where id = $1";
    RECORD = "select id, external_id, name, other_name, sex, birth_on, status, status_from_on, \
        admission_decision_on, ceremony_on, recognition_decision_on, full_from_on, exempt, phoneless, \
        card_sealed, citizen_sealed, phone_sealed, email, home_town, residence, source, row_version from people_member where id = $1";
    OWN_NUMBERS = "select card_sealed, citizen_sealed, phone_sealed from people_member where id = $1";
    // What stands under an old id of the person is theirs, until the day on which it was merged.
    PLACEMENTS = "select p.id, p.prev_id, p.start_reason, p.end_reason, p.unit_id, u.name as unit_name, p.kind, p.from_on, \
        case when m.merged_on <> '' and m.merged_on < p.to_on then m.merged_on else p.to_on end as to_on \
        from v_people_as w join people_member m on m.id = w.as_id join v_people_stay p on p.member_id = w.as_id \
        join people_unit u on u.id = p.unit_id where w.member_id = $1 and (m.merged_on = '' or m.merged_on > p.from_on) \
        order by to_on desc, p.kind, p.from_on desc, p.id";
    // That a place ended because its record was merged in is no event of the person's life.
    EVENTS = "select e.kind, e.effective_on, e.recorded_at, e.decision_no, \
        coalesce(u.name, '') as unit_name, coalesce(m.name, '') as recorder, \
        case when e.member_id <> $1 then 1 else 0 end as is_old \
        from v_people_as w join people_member o on o.id = w.as_id \
        join people_member_event e on e.member_id = w.as_id left join people_unit u on u.id = e.unit_id \
        left join people_member m on m.id = e.recorded_by \
        where w.member_id = $1 \
        and (o.merged_on = '' or e.kind <> 'placement_closed' or e.effective_on < o.merged_on) \
        order by e.effective_on desc, e.recorded_at desc, e.id desc limit 200";
    // Looks at a record that was merged in are looks at the person: one line an hour, as for one record.
    LOOKS = "select a.actor_id, a.actor_label, a.hour_at, a.level, a.purpose, cast(sum(a.reads) as bigint) as reads, \
        coalesce((select s.title from people_holding h join people_position s on s.id = h.position_id \
          where h.member_id = a.actor_id and h.from_on <= $2 and h.to_on > $2 \
          order by s.rank, s.id limit 1), '') as post \
        from audit_access a where a.about_member_id in (select as_id from v_people_as where member_id = $1) \
        and a.hour_at >= $3 \
        group by a.actor_id, a.actor_label, a.hour_at, a.level, a.purpose \
        order by a.hour_at desc, a.actor_label, a.level desc limit $4";
    ROSTER = "select m.id, m.name, m.name_key, m.status, m.status_from_on, m.ceremony_on, \
        m.full_from_on, m.exempt, m.phoneless, substr(m.birth_on, 1, 4) as birth_year, p.kind, \
        coalesce((with recursive before (id, unit_id, from_on, prev_id, start_reason) as (\
          select f.id, f.unit_id, f.from_on, f.prev_id, f.start_reason from people_placement f \
          where f.id = p.prev_id and f.unit_id = p.unit_id and p.start_reason in ('merged', 'separated', 'back') \
          union all select f.id, f.unit_id, f.from_on, f.prev_id, f.start_reason from people_placement f \
          join before b on f.id = b.prev_id and f.unit_id = b.unit_id \
          where b.start_reason in ('merged', 'separated', 'back')) select min(from_on) from before), p.from_on) as from_on, \
        case when p.kind = 'official' and exists (select 1 from v_people_stay away \
          where away.member_id = m.id and away.kind = 'temporary' and away.unit_id <> p.unit_id \
          and away.from_on <= $2 and away.to_on > $2) then 1 else 0 end as away, \
        coalesce((select s.title from people_holding h join people_position s on s.id = h.position_id \
          where h.member_id = m.id and s.unit_id = p.unit_id and h.from_on <= $2 and h.to_on > $2 \
          order by s.rank, s.id limit 1), '') as post, \
        coalesce(l.was_status, '') as was_status, coalesce(l.was_from_on, '') as was_from_on \
        from v_people_stay p join people_member m on m.id = p.member_id \
        left join people_leaving l on l.member_id = m.id and l.back_at = 0 and l.left_on > $2 \
        where p.unit_id = $1 and p.from_on <= $2 and p.to_on > $2 and (m.merged_on = '' or m.merged_on > $2) \
        order by m.name_key, m.id";
    LEFT = "select m.id, m.name, p.to_on from v_people_stay p \
        join people_member m on m.id = p.member_id \
        where p.unit_id = $1 and p.to_on <= $2 and p.to_on > $3 and m.merged_on = '' \
        and not exists (select 1 from v_people_stay again where again.member_id = m.id \
          and again.unit_id = p.unit_id and again.from_on <= $2 and again.to_on > $2) \
        order by p.to_on desc, m.name_key, m.id";
    CONTACTS = "select phone_sealed, email from people_member where id = $1";
    KNOWN_OF = "select name, other_name, birth_on, email, phone_sealed from people_member where id = $1";
    ADD_MEMBER = "insert into people_member (id, external_id, name, name_key, name_fold, \
        other_name, sex, birth_on, status, status_from_on, admission_decision_on, ceremony_on, \
        recognition_decision_on, full_from_on, exempt, phoneless, card_sealed, card_mac, \
        citizen_sealed, citizen_mac, phone_sealed, email, home_town, residence, \
        source) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
        $19, $20, $21, $22, $23, $24, $25)";
    SET_MEMBER = "update people_member set name = $3, name_key = $4, name_fold = $5, \
        other_name = $6, sex = $7, birth_on = $8, status = $9, status_from_on = $10, \
        admission_decision_on = $11, ceremony_on = $12, recognition_decision_on = $13, full_from_on = $14, \
        exempt = $15, phoneless = $16, email = $17, home_town = $18, residence = $19, \
        row_version = row_version + 1 where id = $1 and row_version = $2";
    SET_STATUS = "update people_member set status = $3, status_from_on = $4, exempt = $5, \
        row_version = row_version + 1 where id = $1 and row_version = $2";
    MOVES = "select (select count(*) from people_placement where member_id = $1) + (select count(*) \
        from people_placement where member_id = $1 and closed_by_event <> '')";
    ROW_VERSION = "select row_version from people_member where id = $1";
    SET_CARD = "update people_member set card_sealed = $2, card_mac = $3 where id = $1";
    SET_CITIZEN = "update people_member set citizen_sealed = $2, citizen_mac = $3 where id = $1";
    SET_PHONE = "update people_member set phone_sealed = $2 where id = $1";
    // Sealed before rows were bound in.
    UNBOUND = "select id, card_sealed, citizen_sealed, phone_sealed from people_member \
        where id > $2 and ((card_sealed <> '' and card_sealed not like '2.%') \
        or (citizen_sealed <> '' and citizen_sealed not like '2.%') \
        or (phone_sealed <> '' and phone_sealed not like '2.%')) order by id limit $1";
    SEALED = "select id, card_sealed, citizen_sealed, phone_sealed from people_member \
        where id > $2 and (card_sealed <> '' or citizen_sealed <> '' or phone_sealed <> '') order by id limit $1";
    REBIND = "update people_member set card_sealed = $2, citizen_sealed = $3, phone_sealed = $4 \
        where id = $1 and card_sealed = $5 and citizen_sealed = $6 and phone_sealed = $7";
    // Sealed anew with another key; a number that is not compared stays so.
    SEAL_AGAIN = "update people_member set card_sealed = coalesce(cast($2 as text), card_sealed), \
        card_mac = case when card_mac = '' then '' else coalesce(cast($3 as text), card_mac) end, \
        citizen_sealed = coalesce(cast($4 as text), citizen_sealed), \
        citizen_mac = case when citizen_mac = '' then '' else coalesce(cast($5 as text), citizen_mac) end, \
        phone_sealed = coalesce(cast($6 as text), phone_sealed) where id = $1";
    // Whose number is not compared, since another holds it too (`set_unmatched`).
    UNMATCHED = "select id, name from people_member where ((card_sealed <> '' and card_mac = '') \
        or (citizen_sealed <> '' and citizen_mac = '')) and merged_on = '' order by id";
    BY_CARD = "select id from people_member where card_mac = $1 and merged_on = ''";
    SAME_HERE = "select m.id from people_member m join people_placement p on p.member_id = m.id \
        where p.unit_id = $1 and p.from_on <= $4 and p.to_on > $4 and m.name_fold = $2 and m.birth_on = $3 \
        and m.merged_on = '' and m.id <> $5 order by m.id limit 1";
    BY_CITIZEN = "select id from people_member where citizen_mac = $1 and merged_on = ''";
    ADD_WORD = "insert into people_name_word (word, member_id) values ($1, $2) \
        on conflict (word, member_id) do nothing";
    REMOVE_WORDS = "delete from people_name_word where member_id = $1";
    ADD_PLACEMENT = "insert into people_placement (id, member_id, unit_id, kind, from_on, to_on, \
        start_reason, prev_id, opened_by_event) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    CLOSE_PLACEMENT = "update people_placement set to_on = $2, end_reason = $3, \
        closed_by_event = $4 where id = $1 and from_on < $2 and to_on > $2";
    PLACEMENT_MEMBER = "select member_id, unit_id from people_placement where id = $1";
    SET_EXTERNAL = "update people_member set external_id = $2 where id = $1";
}

/// Key of the sentence for whoever was slower.
const CHANGED: &str = "people-refused-changed-meanwhile";

fn seal(site: &Site, column: &str, of: &MemberId, value: &str) -> Result<String> {
    let spot = number::spot(column, of);
    site.keys.seal_at(spot, value, &site.dice)
}

/// Whether the handbook knows anybody yet.
pub(crate) async fn is_anybody(db: &Db) -> Result<bool> {
    Ok(sql(ANYBODY).count(db.read()).await? > 0)
}

/// The name of a member.
pub(crate) async fn get_name(db: &Db, id: &MemberId) -> Result<String> {
    let row: (String,) = sql(NAME).bind(id).one(db.read()).await?;
    Ok(row.0)
}

/// The e-mail address of a member; empty without one.
pub(crate) async fn get_email(db: &Db, id: &MemberId) -> Result<String> {
    let row: (String,) = sql(EMAIL).bind(id).one(db.read()).await?;
    Ok(row.0)
}

/// A record as the table holds it.
#[derive(FromRow)]
pub(crate) struct RecordRow {
    #[sqlx(try_from = "String")]
    pub id: MemberId,
    pub external_id: String,
    pub name: String,
    pub other_name: String,
    pub sex: String,
    pub birth_on: String,
    #[sqlx(try_from = "String")]
    pub status: Kept<Status>,
    pub status_from_on: String,
    pub admission_decision_on: String,
    pub ceremony_on: String,
    pub recognition_decision_on: String,
    pub full_from_on: String,
    pub exempt: i64,
    pub phoneless: i64,
    pub card_sealed: String,
    pub citizen_sealed: String,
    pub phone_sealed: String,
    pub email: String,
    pub home_town: String,
    pub residence: String,
    pub source: String,
    pub row_version: i64,
}

/// A record, for whoever had the look at it written down at that level; what of it the level shows is the
/// caller's (`member`). [`Error::NotFound`] when the look does not cover the person at that level.
pub(crate) async fn get_record(
    db: &Db,
    looked: &Looked,
    id: &MemberId,
    level: Level,
) -> Result<RecordRow> {
    if !looked.covers(id, level) {
        return Err(Error::NotFound);
    }
    sql(RECORD).bind(id).one(db.read()).await
}

/// Whose number is not compared, by id and name.
pub(crate) async fn list_unmatched(db: &Db) -> Result<Vec<(String, String)>> {
    sql(UNMATCHED).all(db.read()).await
}

/// Numbers that are kept and do not open with the key: member and column. None of them is told.
pub(crate) async fn list_closed(site: &Site) -> Result<Vec<(String, &'static str)>> {
    let (mut after, mut closed) = (String::new(), Vec::new());
    loop {
        let part = sql(SEALED).bind(AT_ONCE).bind(&after);
        let rows: Vec<(String, String, String, String)> = part.all(site.db.read()).await?;
        let Some((last, ..)) = rows.last() else {
            return Ok(closed);
        };
        after.clone_from(last);
        for (id, card, citizen, phone) in rows {
            let member = MemberId::try_from(id.clone()).map_err(Error::fault)?;
            let all = [
                (number::CARD, card),
                (number::CITIZEN, citizen),
                (number::PHONE, phone),
            ];
            for (column, sealed) in all {
                if site
                    .keys
                    .open_at(number::spot(column, &member), &sealed)
                    .is_err()
                {
                    closed.push((id.clone(), column));
                }
            }
        }
    }
}

/// Members whose numbers are opened together.
const AT_ONCE: i64 = 1_000;

/// The numbers of a person, sealed: card, citizen id, telephone.
pub(crate) async fn get_own_numbers(
    db: &Db,
    looked: &Looked,
    id: &MemberId,
) -> Result<(String, String, String)> {
    if !looked.covers(id, Level::V3) {
        return Err(Error::NotFound);
    }
    sql(OWN_NUMBERS).bind(id).one(db.read()).await
}

/// Every placement of a member, newest first.
pub(crate) async fn list_placements(db: &Db, id: &MemberId) -> Result<Vec<PlacementView>> {
    let rows: Vec<PlacedRow> = sql(PLACEMENTS).bind(id).all(db.read()).await?;
    Ok(whole(rows))
}

/// A placement with the row from which it goes on.
#[derive(Debug, Clone, FromRow)]
struct PlacedRow {
    id: String,
    prev_id: String,
    start_reason: String,
    end_reason: String,
    #[sqlx(flatten)]
    place: PlacementView,
}

/// Why rows begin that only carry on another: two records became one or two again, or a leaving was taken back.
const GOES_ON: [&str; 3] = ["merged", "separated", "back"];

/// Placements as somebody belonged there: rows that carry on another of the same unit are one with it, from its
/// first day; what a merging gave and its end took was never so.
fn whole(mut rows: Vec<PlacedRow>) -> Vec<PlacementView> {
    // What was taken back between a merging and its end is part of what never was.
    while let Some(nth) =
        (rows.iter()).position(|row| row.start_reason == "back" && row.end_reason == "separated")
    {
        let back = rows.remove(nth);
        if let Some(before) = rows.iter_mut().find(|row| row.id == back.prev_id) {
            before.end_reason = back.end_reason;
        }
    }
    rows.retain(|row| !(row.start_reason == "merged" && row.end_reason == "separated"));
    // The first of a chain reaches the last one by one: no order of the rows is asked for.
    while let Some((nth, first)) = rows.iter().enumerate().find_map(|(nth, row)| {
        let is_on = GOES_ON.contains(&row.start_reason.as_str()) && !row.prev_id.is_empty();
        let before = rows.iter().position(|first| {
            is_on
                && first.id != row.id
                && first.id == row.prev_id
                && first.place.unit_id == row.place.unit_id
                && first.place.kind == row.place.kind
        })?;
        Some((nth, before))
    }) {
        let before = rows[first].clone();
        let row = &mut rows[nth];
        row.place.from_on = before.place.from_on;
        (row.prev_id, row.start_reason) = (before.prev_id, before.start_reason);
        rows.remove(first);
    }
    let places = rows.into_iter().map(|row| row.place);
    places.filter(|place| place.from_on < place.to_on).collect()
}

/// The ledger of a member, newest first, at most two hundred lines.
pub(crate) async fn list_events(db: &Db, looked: &Looked, id: &MemberId) -> Result<Vec<EventView>> {
    if !looked.covers(id, Level::V2) {
        return Err(Error::NotFound);
    }
    sql(EVENTS).bind(id).all(db.read()).await
}

/// Who looked at a member's record after that moment, newest first, with the post they have today.
pub(crate) async fn list_looks(
    db: &Db,
    id: &MemberId,
    today: Day,
    since: Moment,
    limit: i64,
) -> Result<Vec<Look>> {
    sql(LOOKS)
        .bind(id)
        .bind(today)
        .bind(since)
        .bind(limit)
        .all(db.read())
        .await
}

/// One line of a roster as the tables hold it.
#[derive(FromRow)]
pub(crate) struct RosterRow {
    #[sqlx(try_from = "String")]
    pub id: MemberId,
    pub name: String,
    pub name_key: String,
    #[sqlx(try_from = "String")]
    pub status: Kept<Status>,
    pub status_from_on: String,
    pub ceremony_on: String,
    pub full_from_on: String,
    pub exempt: i64,
    pub phoneless: i64,
    /// Only to tell two of one name apart.
    pub birth_year: String,
    #[sqlx(try_from = "String")]
    pub kind: Kept<Placement>,
    #[sqlx(try_from = "String")]
    pub from_on: Day,
    /// 1 while a temporary placement is open elsewhere.
    pub away: i64,
    pub post: String,
    /// What they were on that day when they have left since; empty for all others.
    pub was_status: String,
    /// Since when they were that.
    pub was_from_on: String,
}

impl RosterRow {
    /// Status and its day as they stood before somebody left who was still there on the day asked for.
    pub(crate) fn stood(&self) -> (Kept<Status>, &str) {
        if self.was_status.is_empty() {
            return (self.status.clone(), &self.status_from_on);
        }
        (Kept::from(self.was_status.clone()), &self.was_from_on)
    }
}

/// Who is placed in a unit on a day, by name.
pub(crate) async fn list_roster(db: &Db, unit: &UnitId, on: Day) -> Result<Vec<RosterRow>> {
    sql(ROSTER).bind(unit).bind(on).all(db.read()).await
}

/// Who left a unit after `since` and by `on`, newest first.
pub(crate) async fn list_former(
    db: &Db,
    unit: &UnitId,
    on: Day,
    since: Day,
) -> Result<Vec<Former>> {
    sql(LEFT)
        .bind(unit)
        .bind(on)
        .bind(since)
        .all(db.read())
        .await
}

/// Somebody found by name.
#[derive(FromRow)]
pub(crate) struct NamedRow {
    #[sqlx(try_from = "String")]
    pub id: MemberId,
    pub name: String,
    #[sqlx(try_from = "String")]
    pub unit_id: UnitId,
    #[sqlx(try_from = "String")]
    pub unit_path: UnitPath,
    pub unit_name: String,
    pub post: String,
    #[sqlx(try_from = "String")]
    pub status: Kept<Status>,
}

/// Which people are looked for by name or code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sought {
    /// Who is placed on that day.
    Here(Day),
    /// Who died or left, and was placed until a day after the second one.
    Gone(Day, Day),
}

impl Sought {
    /// Three days: placed by the first, longer than the second; posts are those of the third.
    fn days(self) -> [Day; 3] {
        match self {
            Sought::Here(on) => [on, on, on],
            Sought::Gone(on, since) => [on, since, on],
        }
    }
    /// What is asked of the status.
    fn condition(self) -> String {
        let words = Status::ALL.iter().filter(|status| status.is_gone());
        let words: Vec<String> = words.map(|status| format!("'{}'", status.word())).collect();
        let words = words.join(", ");
        match self {
            Sought::Here(_) => String::new(),
            Sought::Gone(..) => format!(" and m.status in ({words})"),
        }
    }
}

/// People placed within the scope on that day who have all `whole` words and one that begins with `last`; of them
/// those born in `year`, when it is asked.
pub(crate) async fn list_named(
    db: &Db,
    scope: &Scope,
    (whole, last): (&[&str], &str),
    year: Option<&str>,
    sought: Sought,
    limit: i64,
) -> Result<Vec<NamedRow>> {
    // Fixed parameters: 1 to 3 the days, 4 the limit, 5 and 6 the bounds of the unfinished word.
    let (within, bounds) = scope_condition(scope, "u.path", 7);
    let mut conditions = String::new();
    for nth in 0..whole.len() {
        conditions.push_str(&format!(
            " and exists (select 1 from people_name_word w{nth} where w{nth}.member_id = m.id \
             and w{nth}.word = ${})",
            7 + bounds.len() + nth
        ));
    }
    if year.is_some() {
        conditions.push_str(&format!(
            " and substr(m.birth_on, 1, 4) = ${}",
            7 + bounds.len() + whole.len()
        ));
    }
    let of_status = sought.condition();
    let statement = format!(
        "select m.id, m.name, u.id as unit_id, u.path as unit_path, u.name as unit_name, m.status, \
         coalesce((select s.title from people_holding h join people_position s on s.id = h.position_id \
           where h.member_id = m.id and h.from_on <= $3 and h.to_on > $3 \
           order by s.rank, s.id limit 1), '') as post \
         from people_name_word l join people_member m on m.id = l.member_id \
         join v_people_stay p on p.member_id = m.id and p.from_on <= $1 and p.to_on > $2 \
         join people_unit u on u.id = p.unit_id \
         where l.word >= $5 and l.word < $6 and m.merged_on = '' and {within}{conditions}{of_status} \
         order by m.name_key, m.id, p.kind, p.to_on desc limit $4"
    );
    sql_built(statement)
        .bind_all(sought.days())
        .bind(limit)
        .bind(last)
        .bind(format!("{last}\u{10ffff}"))
        .bind_all(bounds)
        .bind_all(whole.iter().copied())
        .bind_all(year)
        .all(db.read())
        .await
}

/// Years of birth, by member; those of whom none is known are left out.
pub(crate) async fn list_birth_years(db: &Db, ids: &[MemberId]) -> Result<Vec<(String, String)>> {
    let statement = format!(
        "select id, substr(birth_on, 1, 4) from people_member where birth_on <> '' and id in {}",
        db::in_list(1, ids.len())
    );
    sql_built(statement).bind_all(ids).all(db.read()).await
}

/// People placed within the scope on that day who have this code.
pub(crate) async fn list_coded(
    db: &Db,
    scope: &Scope,
    code: &str,
    sought: Sought,
) -> Result<Vec<NamedRow>> {
    let (within, bounds) = scope_condition(scope, "u.path", 7);
    let of_status = sought.condition();
    let statement = format!(
        "select m.id, m.name, u.id as unit_id, u.path as unit_path, u.name as unit_name, m.status, \
         coalesce((select s.title from people_holding h join people_position s on s.id = h.position_id \
           where h.member_id = m.id and h.from_on <= $3 and h.to_on > $3 \
           order by s.rank, s.id limit 1), '') as post \
         from people_member c join v_people_as w on w.as_id = c.id join people_member m on m.id = w.member_id \
         and m.merged_on = '' \
         join v_people_stay p on p.member_id = m.id and p.from_on <= $1 and p.to_on > $2 \
         join people_unit u on u.id = p.unit_id \
         where (c.external_id in ($4, $5) or c.id in (select k.member_id from people_code k where k.code_key = $6)) \
         and {within}{of_status} order by m.name_key, m.id, p.kind, p.to_on desc limit 20"
    );
    sql_built(statement)
        .bind_all(sought.days())
        .bind(code)
        .bind(code.to_uppercase())
        .bind(crate::known::code_key(code))
        .bind_all(bounds)
        .all(db.read())
        .await
}

/// A unit where somebody holds a right or is placed, now or later.
#[derive(FromRow)]
pub(crate) struct HeldRow {
    #[sqlx(try_from = "String")]
    pub member_id: MemberId,
    #[sqlx(try_from = "String")]
    pub unit_id: UnitId,
    #[sqlx(try_from = "String")]
    pub path: UnitPath,
    pub scope: String,
    /// 0 for a grant, 1 for the own cell of that day, 2 for any other placement.
    pub placed: i64,
}

/// Every grant and every placement of these members that holds after that day.
pub(crate) async fn list_held(db: &Db, members: &[MemberId], today: Day) -> Result<Vec<HeldRow>> {
    let (list, day) = (in_list(1, members.len()), members.len() + 1);
    let text = format!(
        "select g.member_id, g.unit_id, u.path, g.scope, 0 as placed from people_grant g \
         join people_unit u on u.id = g.unit_id \
         where g.member_id in {list} and g.revoked_at is null and g.to_on > ${day} \
         union all select p.member_id, p.unit_id, u.path, 'unit' as scope, \
         case when p.kind = 'official' and p.from_on <= ${day} then 1 else 2 end as placed \
         from v_people_stay p join people_unit u on u.id = p.unit_id \
         where p.member_id in {list} and p.to_on > ${day}"
    );
    sql_built(text)
        .bind_all(members)
        .bind(today)
        .all(db.read())
        .await
}

/// Which of these members have ever set a password.
pub(crate) async fn list_in_use(db: &Db, members: &[MemberId]) -> Result<Vec<MemberId>> {
    let text = format!(
        "select member_id from v_account_in_use where member_id in {}",
        in_list(1, members.len())
    );
    let rows: Vec<(String,)> = sql_built(text).bind_all(members).all(db.read()).await?;
    let ids = rows.into_iter().map(|(id,)| MemberId::try_from(id));
    ids.collect::<std::result::Result<_, _>>()
        .map_err(Error::fault)
}

/// Sealed telephone and e-mail of a member.
pub(crate) async fn get_contacts<P: Proof>(
    act: &mut Act<P>,
    member: &MemberId,
) -> Result<(String, String)> {
    holds(act, member).await?;
    sql(CONTACTS).bind(member).one(act.on()).await
}

/// Name, other name, birth, e-mail and sealed telephone of a member, to judge a password by; never shown.
pub(crate) async fn get_known_of(
    db: &Db,
    looked: &Looked,
    member: &MemberId,
) -> Result<(String, String, String, String, String)> {
    if !looked.covers(member, Level::V3) {
        return Err(Error::NotFound);
    }
    sql(KNOWN_OF).bind(member).one(db.read()).await
}

/// What is kept of a person. Days are ISO and may be a year or a month only; numbers are plain here
/// and sealed on their way into the table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewMember {
    /// Their id in the system that they came from; also a member code to sign in with.
    pub external_id: String,
    /// Full name.
    pub name: String,
    /// Other or former name.
    pub other_name: String,
    /// `female`, `male` or empty.
    pub sex: String,
    /// Birth.
    pub birth_on: String,
    /// What they are to the organisation; a word that nobody knows may stay as it stands.
    #[serde(serialize_with = "status_word", deserialize_with = "status_of")]
    pub status: Kept<Status>,
    /// Since when they have the status.
    pub status_from_on: String,
    /// The admission decision: party age counts from it.
    pub admission_decision_on: String,
    /// The ceremony: printed on the card.
    pub ceremony_on: String,
    /// The decision that recognised full membership.
    pub recognition_decision_on: String,
    /// Since when they are a full member, however late the paper.
    pub full_from_on: String,
    /// Exempt from meetings.
    pub exempt: bool,
    /// Has no telephone.
    pub phoneless: bool,
    /// Card number.
    pub card: String,
    /// Citizen id.
    pub citizen: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Home town.
    pub home_town: String,
    /// Residence.
    pub residence: String,
    /// Where this came from: a file and row, or empty when typed.
    pub source: String,
}

impl NewMember {
    /// The fields that are kept open, by the names of their columns, for the ledger.
    pub(crate) fn open<'a>(&'a self, name: &'a str) -> [(&'static str, &'a str); 16] {
        let yes = |is: bool| if is { "1" } else { "0" };
        [
            ("external_id", &self.external_id),
            ("name", name),
            ("other_name", &self.other_name),
            ("sex", &self.sex),
            ("birth_on", &self.birth_on),
            ("status", self.status.word()),
            ("status_from_on", &self.status_from_on),
            ("admission_decision_on", &self.admission_decision_on),
            ("ceremony_on", &self.ceremony_on),
            ("recognition_decision_on", &self.recognition_decision_on),
            ("full_from_on", &self.full_from_on),
            ("exempt", yes(self.exempt)),
            ("phoneless", yes(self.phoneless)),
            ("email", &self.email),
            ("home_town", &self.home_town),
            ("residence", &self.residence),
        ]
    }
}

fn status_word<S: serde::Serializer>(
    status: &Kept<Status>,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    to.serialize_str(status.word())
}

fn status_of<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> std::result::Result<Kept<Status>, D::Error> {
    <String as serde::Deserialize>::deserialize(from).map(Kept::from)
}

impl Default for NewMember {
    fn default() -> Self {
        let empty = String::new;
        NewMember {
            external_id: empty(),
            name: empty(),
            other_name: empty(),
            sex: empty(),
            birth_on: empty(),
            status: Kept::Known(Status::default()),
            status_from_on: empty(),
            admission_decision_on: empty(),
            ceremony_on: empty(),
            recognition_decision_on: empty(),
            full_from_on: empty(),
            exempt: false,
            phoneless: false,
            card: empty(),
            citizen: empty(),
            phone: empty(),
            email: empty(),
            home_town: empty(),
            residence: empty(),
            source: empty(),
        }
    }
}

/// The member who holds this card number.
pub async fn find_by_card(site: &Site, card: &str) -> Result<Option<MemberId>> {
    find_by_mac(
        site,
        BY_CARD,
        site.keys.mac(number::CARD, &number::digits(card)),
    )
    .await
}

/// Somebody else of that unit with this name and day of birth.
pub(crate) async fn find_same_here(
    db: &Db,
    unit: &UnitId,
    (name, birth_on): (&str, &str),
    (today, but): (Day, &str),
) -> Result<Option<MemberId>> {
    let row: Option<(String,)> = (sql(SAME_HERE).bind(unit).bind(vietnamese::fold(name)))
        .bind(birth_on)
        .bind(today)
        .bind(but)
        .maybe(db.read())
        .await?;
    row.map(|(id,)| MemberId::try_from(id).map_err(Error::fault))
        .transpose()
}

/// The member who has this citizen id.
pub async fn find_by_citizen(site: &Site, citizen: &str) -> Result<Option<MemberId>> {
    find_by_mac(
        site,
        BY_CITIZEN,
        site.keys.mac(number::CITIZEN, &number::digits(citizen)),
    )
    .await
}

async fn find_by_mac(site: &Site, text: &'static str, mac: String) -> Result<Option<MemberId>> {
    if mac.is_empty() {
        return Ok(None);
    }
    let row: Option<(String,)> = sql(text).bind(mac).maybe(site.db.read()).await?;
    row.map(|(id,)| MemberId::try_from(id))
        .transpose()
        .map_err(Error::fault)
}

/// Adds a person. A card or citizen number that another member holds breaks the constraint
/// `people_member_card_mac` or `people_member_citizen_mac`: see `db::broke`.
pub async fn add_member<P: Records>(act: &mut Act<P>, new: &NewMember) -> Result<MemberId> {
    let id = MemberId::fresh(&act.site().clock, &act.site().dice);
    add_member_as(act, &id, new).await?;
    Ok(id)
}

/// The name of whoever has this id, and the unit where they were placed first, or nothing. Asked under the epoch.
pub(crate) async fn find_placed<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
) -> Result<Option<(String, String)>> {
    sql(PLACED).bind(id).maybe(act.on()).await
}

/// Adds a person under a chosen id: generated data, `init`, and forms that name theirs.
pub async fn add_member_as<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    new: &NewMember,
) -> Result<()> {
    bump_epoch(act).await?;
    // Nobody's yet: where they are placed is asked when they are.
    act.reaches(id);
    let name = vietnamese::nfc(new.name.trim());
    let (card, citizen) = (number::digits(&new.card), number::digits(&new.citizen));
    let phone = number::phone(&new.phone);
    let sealed_card = seal(act.site(), number::CARD, id, &card)?;
    let sealed_citizen = seal(act.site(), number::CITIZEN, id, &citizen)?;
    let sealed_phone = seal(act.site(), number::PHONE, id, &phone)?;
    sql(ADD_MEMBER)
        .bind(id)
        .bind(&new.external_id)
        .bind(&name)
        .bind(vietnamese::name_key(&name))
        .bind(vietnamese::fold(&name))
        .bind(&new.other_name)
        .bind(&new.sex)
        .bind(&new.birth_on)
        .bind(new.status.word())
        .bind(&new.status_from_on)
        .bind(&new.admission_decision_on)
        .bind(&new.ceremony_on)
        .bind(&new.recognition_decision_on)
        .bind(&new.full_from_on)
        .bind(i64::from(new.exempt))
        .bind(i64::from(new.phoneless))
        .bind(&sealed_card)
        .bind(act.site().keys.mac(number::CARD, &card))
        .bind(&sealed_citizen)
        .bind(act.site().keys.mac(number::CITIZEN, &citizen))
        .bind(&sealed_phone)
        .bind(&new.email)
        .bind(&new.home_town)
        .bind(&new.residence)
        .bind(&new.source)
        .run(act.on())
        .await?;
    add_words(act, id, &name).await?;
    let event = Event::new(id, EventKind::MemberAdded, act.now().day())
        .payload(serde_json::json!({ "source": new.source }));
    let line = add_own_event(act, &event).await?;
    let sealed = [
        (number::CARD, sealed_card.as_str()),
        (number::CITIZEN, &sealed_citizen),
        (number::PHONE, &sealed_phone),
    ];
    let said = ledger::of_new(&new.open(&name), &sealed);
    ledger::say(act, id, (&line, About::Record), &said).await?;
    stays_added(act, id, &line);
    Ok(())
}

/// Makes a person found by the syllables of this name alone.
pub(crate) async fn set_words<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    name: &str,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, id).await?;
    sql(REMOVE_WORDS).bind(id).run(act.on()).await?;
    add_words(act, id, name).await
}

async fn add_words<P: Records>(act: &mut Act<P>, id: &MemberId, name: &str) -> Result<()> {
    for word in name_words(name) {
        sql(ADD_WORD).bind(word).bind(id).run(act.on()).await?;
    }
    Ok(())
}

/// The syllables by which a name is found: lower case, without marks.
pub fn name_words(name: &str) -> BTreeSet<String> {
    vietnamese::fold(name)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Writes a corrected record over the old one. `row_version` is what the form was drawn with: when
/// somebody else was faster, nothing is written and the answer is a refusal. Numbers are set with
/// [`set_numbers`]. The ledger line is the caller's (`add_event`, after this), who knows why.
pub async fn set_member<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    row_version: i64,
    now: &NewMember,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, id).await?;
    let was = ledger::before(act, id).await?;
    let name = vietnamese::nfc(now.name.trim());
    let touched = sql(SET_MEMBER)
        .bind(id)
        .bind(row_version)
        .bind(&name)
        .bind(vietnamese::name_key(&name))
        .bind(vietnamese::fold(&name))
        .bind(&now.other_name)
        .bind(&now.sex)
        .bind(&now.birth_on)
        .bind(now.status.word())
        .bind(&now.status_from_on)
        .bind(&now.admission_decision_on)
        .bind(&now.ceremony_on)
        .bind(&now.recognition_decision_on)
        .bind(&now.full_from_on)
        .bind(i64::from(now.exempt))
        .bind(i64::from(now.phoneless))
        .bind(&now.email)
        .bind(&now.home_town)
        .bind(&now.residence)
        .run(act.on())
        .await?;
    if touched != 1 {
        return Err(changed(id));
    }
    set_words(act, id, &name).await?;
    ledger::after(act, was).await
}

/// What somebody is to the organisation: what a change of status touches (R8).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Stands {
    /// The status.
    #[serde(serialize_with = "status_word", deserialize_with = "status_of")]
    pub(crate) status: Kept<Status>,
    /// Since when.
    pub(crate) from_on: String,
    /// Exempt from meetings.
    pub(crate) exempt: bool,
}

impl Stands {
    /// What a record says.
    pub(crate) fn of(record: &NewMember) -> Stands {
        Stands {
            status: record.status.clone(),
            from_on: record.status_from_on.clone(),
            exempt: record.exempt,
        }
    }
    /// Writes it into a record.
    pub(crate) fn put(&self, record: &mut NewMember) {
        record.status = self.status.clone();
        record.status_from_on.clone_from(&self.from_on);
        record.exempt = self.exempt;
    }
}

/// Writes a decided status over the record as it was read. The ledger line is the caller's, after this.
///
/// # Errors
/// Refused when the record was changed meanwhile.
pub(crate) async fn set_status<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    row_version: i64,
    to: &Stands,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, id).await?;
    let was = ledger::before(act, id).await?;
    let touched = sql(SET_STATUS)
        .bind(id)
        .bind(row_version)
        .bind(to.status.word())
        .bind(&to.from_on)
        .bind(i64::from(to.exempt))
        .run(act.on())
        .await?;
    if touched != 1 {
        return Err(changed(id));
    }
    ledger::after(act, was).await
}

/// How often a member's placements were opened or closed: it only rises.
pub(crate) async fn count_moves(on: impl db::On<'_>, member: &MemberId) -> Result<i64> {
    sql(MOVES).bind(member).count(on).await
}

/// The number of changes of a record.
pub(crate) async fn get_row_version<P: Proof>(act: &mut Act<P>, id: &MemberId) -> Result<i64> {
    sql(ROW_VERSION).bind(id).count(act.on()).await
}

fn changed(id: &MemberId) -> Error {
    Refusal::new(CHANGED)
        .way_out(format!("/members/{id}"), "people-refused-changed-look")
        .into()
}

/// Whether somebody else was faster.
pub(crate) fn is_changed(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.key == CHANGED)
}

/// Sets sealed numbers; `None` leaves one as it is, an empty text removes it.
pub async fn set_numbers<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    card: Option<&str>,
    citizen: Option<&str>,
    phone: Option<&str>,
) -> Result<()> {
    if (card, citizen, phone) == (None, None, None) {
        return Ok(());
    }
    bump_epoch(act).await?;
    holds(act, id).await?;
    let was = ledger::before(act, id).await?;
    if let Some(card) = card.map(number::digits) {
        sql(SET_CARD)
            .bind(id)
            .bind(seal(act.site(), number::CARD, id, &card)?)
            .bind(act.site().keys.mac(number::CARD, &card))
            .run(act.on())
            .await?;
    }
    if let Some(citizen) = citizen.map(number::digits) {
        sql(SET_CITIZEN)
            .bind(id)
            .bind(seal(act.site(), number::CITIZEN, id, &citizen)?)
            .bind(act.site().keys.mac(number::CITIZEN, &citizen))
            .run(act.on())
            .await?;
    }
    if let Some(phone) = phone.map(number::phone) {
        sql(SET_PHONE)
            .bind(id)
            .bind(seal(act.site(), number::PHONE, id, &phone)?)
            .run(act.on())
            .await?;
    }
    ledger::after(act, was).await
}

/// Sets the id that a person has in the system that they came from.
pub async fn set_external_id<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    external: &str,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, id).await?;
    let was = ledger::before(act, id).await?;
    sql(SET_EXTERNAL)
        .bind(id)
        .bind(external)
        .run(act.on())
        .await?;
    ledger::after(act, was).await
}

/// Sets numbers that somebody beyond the writer's reach holds too: sealed as any other, but not found by
/// comparing. Which of the two is right is for the office over both; `sotay check` names them. Empty: none.
pub async fn set_unmatched<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    card: &str,
    citizen: &str,
) -> Result<()> {
    if card.is_empty() && citizen.is_empty() {
        return Ok(());
    }
    bump_epoch(act).await?;
    holds(act, id).await?;
    let was = ledger::before(act, id).await?;
    for (text, column, value) in [
        (SET_CARD, number::CARD, number::digits(card)),
        (SET_CITIZEN, number::CITIZEN, number::digits(citizen)),
    ] {
        if value.is_empty() {
            continue;
        }
        let sealed = seal(act.site(), column, id, &value)?;
        let statement = sql(text).bind(id).bind(sealed).bind("");
        statement.run(act.on()).await?;
        act.log("member.number_elsewhere").about(id);
    }
    ledger::after(act, was).await
}

/// Sealed numbers of members behind `after`: id, card, citizen id, telephone. For the change of the key, whose
/// walk opens them; none leaves it.
pub(crate) async fn list_sealed(
    site: &Site,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, String, String, String)>> {
    let rows = sql(SEALED).bind(limit).bind(after);
    rows.all(site.db.read()).await
}

/// Keeps the numbers of a member in another seal; none leaves a value as it is.
pub(crate) async fn seal_again(
    act: &mut Act<Operator>,
    id: &MemberId,
    card: (Option<String>, Option<String>),
    citizen: (Option<String>, Option<String>),
    phone: Option<String>,
) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, id).await?;
    sql(SEAL_AGAIN)
        .bind(id)
        .bind(card.0)
        .bind(card.1)
        .bind(citizen.0)
        .bind(citizen.1)
        .bind(phone)
        .run(act.on())
        .await?;
    Ok(())
}

/// Seals anew what of at most `limit` members behind `after` was sealed before rows were bound in; answers the
/// last of them, none when there was nobody. One whose value does not open stays as it is; somebody who was
/// changed meanwhile comes next time.
pub(crate) async fn bind_numbers(
    act: &mut Act<Program>,
    after: &str,
    limit: i64,
) -> Result<Option<String>> {
    let site = act.site().clone();
    let rows: Vec<(String, String, String, String)> =
        sql(UNBOUND).bind(limit).bind(after).all(act.on()).await?;
    let last = rows.last().map(|(id, ..)| id.clone());
    if last.is_some() {
        bump_epoch(act).await?;
    }
    for (id, card, citizen, phone) in rows {
        let member = MemberId::try_from(id).map_err(Error::fault)?;
        let anew = |column: &str, sealed: &str| {
            let plain = site.keys.open_at(number::spot(column, &member), sealed)?;
            seal(&site, column, &member, &plain)
        };
        let all = [
            anew(number::CARD, &card),
            anew(number::CITIZEN, &citizen),
            anew(number::PHONE, &phone),
        ];
        let [Ok(new_card), Ok(new_citizen), Ok(new_phone)] = all else {
            continue; // told where it is read, and by `sotay check`
        };
        holds(act, &member).await?;
        let statement = sql(REBIND).bind(&member).bind(new_card).bind(new_citizen);
        let statement = statement
            .bind(new_phone)
            .bind(card)
            .bind(citizen)
            .bind(phone);
        statement.run(act.on()).await?;
    }
    Ok(last)
}

/// A placement to be opened.
#[derive(Debug, Clone)]
pub struct NewPlacement {
    /// Who.
    pub member: MemberId,
    /// Where.
    pub unit: UnitId,
    /// One of [`Placement::KEPT`].
    pub kind: Placement,
    /// First day.
    pub from_on: Day,
    /// First day on which it no longer holds; [`Day::OPEN`] for none.
    pub to_on: Day,
    /// Why it begins; may be empty.
    pub start_reason: String,
    /// The placement that it follows; may be empty.
    pub prev_id: String,
}

impl NewPlacement {
    /// An open official placement.
    pub fn official(member: &MemberId, unit: &UnitId, from_on: Day) -> Self {
        NewPlacement {
            member: member.clone(),
            unit: unit.clone(),
            kind: Placement::Official,
            from_on,
            to_on: Day::OPEN,
            start_reason: String::new(),
            prev_id: String::new(),
        }
    }
}

/// Opens a placement; answers its id. A second open official one breaks the constraint
/// `people_placement_one`, said as `people_placement_member_id` by `db::broke` on SQLite; one that begins before its
/// unit is refused.
pub async fn add_placement<P: Records>(act: &mut Act<P>, new: &NewPlacement) -> Result<String> {
    holds(act, &new.member).await?;
    holds_unit(act, &new.unit).await?;
    begins_within(act, &new.unit, new.from_on).await?;
    let id = fresh(act);
    let event = Event::new(&new.member, EventKind::PlacementOpened, new.from_on)
        .unit(&new.unit)
        .payload(
            serde_json::json!({ "placement": id, "kind": new.kind.word(), "reason": new.start_reason }),
        );
    let event = add_own_event(act, &event).await?;
    let said = ledger::of_placement(
        &id,
        &[
            ("unit", new.unit.as_str()),
            ("kind", new.kind.word()),
            ("from_on", &new.from_on.to_string()),
            ("to_on", &new.to_on.to_string()),
            ("start_reason", &new.start_reason),
        ],
    );
    ledger::say(act, &new.member, (&event, About::Placement), &said).await?;
    sql(ADD_PLACEMENT)
        .bind(&id)
        .bind(&new.member)
        .bind(&new.unit)
        .bind(new.kind.word())
        .bind(new.from_on)
        .bind(new.to_on)
        .bind(&new.start_reason)
        .bind(&new.prev_id)
        .bind(event)
        .run(act.on())
        .await?;
    Ok(id)
}

/// Closes a placement on `on` (its first day without it). Answers whether anything changed.
pub async fn close_placement<P: Records>(
    act: &mut Act<P>,
    id: &str,
    on: Day,
    reason: &str,
) -> Result<bool> {
    let (member, unit): (String, String) = sql(PLACEMENT_MEMBER).bind(id).one(act.on()).await?;
    let member = MemberId::try_from(member).map_err(Error::fault)?;
    let unit = UnitId::try_from(unit).map_err(Error::fault)?;
    holds_unit(act, &unit).await?;
    let event = Event::new(&member, EventKind::PlacementClosed, on)
        .unit(&unit)
        .payload(serde_json::json!({ "placement": id, "reason": reason }));
    let event = add_own_event(act, &event).await?;
    let was = ledger::before_periods(act, &member).await?;
    let touched = sql(CLOSE_PLACEMENT)
        .bind(id)
        .bind(on)
        .bind(reason)
        .bind(&event)
        .run(act.on())
        .await?;
    ledger::after_periods(act, was, &event).await?;
    Ok(touched == 1)
}
