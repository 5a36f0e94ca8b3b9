//! Every statement of many at once: everybody as lists are compared with them, hundreds of new rows, taking back.
//!
//! Functions here take what was already decided; recognising people is the room `rosters`. The rows are the same
//! as those of `members` and `units`. Most statements are built for as many values as there are.
//! Not here: generated organisations (`bulk`), which `db::load` writes from names of columns.
//! The rule that surprises: each raises the epoch first, as every write of this room (`store::bump_epoch`).

use crate::access::Records;
use crate::fact::{EventKind, Placement};
use crate::imports::known::{Clue, KnownMember, LivingUnit};
use crate::imports::many::{NewPerson, SealedPerson};
use crate::ledger::fold::About;
use crate::ledger::store as ledger;
use crate::number;
use crate::store::{bump_epoch, holds, holds_unit};
use db::{Db, Stmt, in_list, sql, sql_built};
use kernel::error::Result;
use kernel::{Day, MemberId, UnitId};
use site::Act;

db::statements! {
    LIVING = "select id, path, kind, code, external_id, name, name_fold, cell_type, address, \
        coalesce(parent_id, '') as parent_id, row_version from people_unit \
        where dissolved_on > $1 order by path";
    MEMBER_ROW = "select m.row_version, coalesce(min(p.unit_id), '') from people_member m \
        left join people_placement p on p.member_id = m.id where m.id = $1 group by m.row_version";
    UNIT_ROW = "select row_version from people_unit where id = $1";
    DROP_WORDS = "delete from people_name_word where member_id = $1";
    DROP_PLACEMENTS = "delete from people_placement where member_id = $1";
    DROP_EVENTS = "delete from people_member_event where member_id = $1";
    DROP_STATED = "delete from people_statement where member_id = $1";
    DROP_GRANTS = "delete from people_grant where member_id = $1";
    DROP_HOLDINGS = "delete from people_holding where member_id = $1";
    VOID_POSTS = "select count(*) from people_holding where member_id = $1 and to_on <= from_on \
        and not exists (select 1 from people_holding h where h.member_id = $1 and h.to_on > h.from_on)";
    DROP_MEMBER = "delete from people_member where id = $1";
    DROP_VERSIONS = "delete from people_unit_version where unit_id = $1";
    DROP_UNIT = "delete from people_unit where id = $1";
}

/// Values of one question.
const AT_ONCE: usize = 400;

/// The units that live on that day, parents first.
pub(crate) async fn list_living(db: &Db, on: Day) -> Result<Vec<LivingUnit>> {
    sql(LIVING).bind(on).all(db.read()).await
}

/// Everybody of whom one of the values is true. A record among them opens to a look only.
pub(crate) async fn list_known(
    db: &Db,
    clue: Clue,
    values: &[String],
    today: Day,
) -> Result<Vec<KnownMember>> {
    let mut found = Vec::new();
    let clues: &[(&str, &str)] = match clue {
        // Their code of this house, or one that they have or had in a list of others.
        Clue::ExternalId => &[
            ("c.external_id", ""),
            ("k.code", "join people_code k on k.member_id = c.id"),
        ],
        Clue::CardMac => &[("c.card_mac", "")],
        Clue::CitizenMac => &[("c.citizen_mac", "")],
        Clue::NameKey => &[("c.name_key", "")],
    };
    for (column, join) in clues {
        found.extend(list_by(db, (*column, *join), values, today).await?);
    }
    Ok(found)
}

async fn list_by(
    db: &Db,
    (column, join): (&str, &str),
    values: &[String],
    today: Day,
) -> Result<Vec<KnownMember>> {
    let mut found = Vec::new();
    for some in values.chunks(AT_ONCE) {
        let code = if join.is_empty() {
            "c.external_id"
        } else {
            "k.code"
        };
        let text = format!(
            "select m.id, m.external_id, m.name, m.other_name, m.sex, m.birth_on, m.status, m.status_from_on, \
             m.admission_decision_on, m.ceremony_on, m.recognition_decision_on, m.full_from_on, m.exempt, m.phoneless, \
             m.card_mac, m.card_sealed, m.citizen_mac, m.citizen_sealed, m.phone_sealed, m.email, m.home_town, \
             m.residence, m.source, m.row_version, coalesce(p.unit_id, '') as unit_id, \
             coalesce(case when p.prev_id = '' then p.from_on else '' end, '') as placed_from, \
             coalesce((select h.founded_on from people_unit h where h.id = p.unit_id), '') as founded_on, \
             coalesce((select max(o.to_on) from people_placement o where o.member_id = m.id and o.kind = 'official' \
             and o.to_on < '9999-12-31'), '') as placed_before, \
             case when exists (select 1 from people_grant g where g.member_id = m.id and g.revoked_at is null \
             and g.to_on > $1) then 1 else 0 end as holds_rights, \
             {code} as found_code, c.name as found_name, c.card_mac as found_card, c.citizen_mac as found_citizen \
             from people_member c {join} join v_people_as w on w.as_id = c.id \
             join people_member m on m.id = w.member_id and m.merged_on = '' left join people_placement p on p.member_id = m.id and p.kind = 'official' \
             and p.to_on = '9999-12-31' where {column} in {}",
            in_list(2, some.len())
        );
        let rows: Vec<KnownMember> = sql_built(text)
            .bind(today)
            .bind_all(some.iter())
            .all(db.read())
            .await?;
        found.extend(rows.into_iter().map(KnownMember::under_old));
    }
    Ok(found)
}

/// How many are officially placed in these units now.
pub(crate) async fn count_placed(db: &Db, units: &[UnitId]) -> Result<i64> {
    let mut count = 0;
    for some in units.chunks(AT_ONCE) {
        let text = format!(
            "select count(*) from people_placement \
             where kind = 'official' and to_on = '9999-12-31' and unit_id in {}",
            in_list(1, some.len())
        );
        count += sql_built(text)
            .bind_all(some.iter())
            .count(db.read())
            .await?;
    }
    Ok(count)
}

/// `($1, $2), ($3, $4)` behind the head of an insert.
fn rows(head: &str, width: usize, count: usize) -> Stmt {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(head.len() + width * count * 6);
    text.push_str(head);
    for row in 0..count {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=width {
            let comma = if column == 1 { "" } else { ", " };
            // Writing to a String cannot fail.
            let _written = write!(text, "{comma}${}", row * width + column);
        }
        text.push(')');
    }
    sql_built(text)
}

/// Adds some people, 25 values each: far fewer people than either database takes values.
pub(crate) async fn add_members<P: Records>(
    act: &mut Act<P>,
    people: &[&SealedPerson],
) -> Result<()> {
    bump_epoch(act).await?;
    for SealedPerson { person, .. } in people {
        // Nobody's yet, but for the unit where they will be placed.
        holds_unit(act, &person.unit).await?;
        act.reaches(&person.id);
    }
    let head = "insert into people_member (id, external_id, name, name_key, name_fold, \
        other_name, sex, birth_on, status, status_from_on, admission_decision_on, ceremony_on, \
        recognition_decision_on, full_from_on, exempt, phoneless, card_sealed, card_mac, \
        citizen_sealed, citizen_mac, phone_sealed, email, home_town, residence, \
        source) values ";
    let mut stmt = rows(head, 25, people.len());
    for SealedPerson { person, sealed } in people {
        let NewPerson { id, member, .. } = person;
        stmt = stmt
            .bind(id)
            .bind(&member.external_id)
            .bind(&member.name)
            .bind(vietnamese::name_key(&member.name))
            .bind(vietnamese::fold(&member.name))
            .bind(&member.other_name)
            .bind(&member.sex)
            .bind(&member.birth_on)
            .bind(member.status.word())
            .bind(&member.status_from_on)
            .bind(&member.admission_decision_on)
            .bind(&member.ceremony_on)
            .bind(&member.recognition_decision_on)
            .bind(&member.full_from_on)
            .bind(i64::from(member.exempt))
            .bind(i64::from(member.phoneless))
            .bind_all(sealed.iter())
            .bind(&member.email)
            .bind(&member.home_town)
            .bind(&member.residence)
            .bind(&member.source);
    }
    stmt.run(act.on()).await?;
    Ok(())
}

/// Adds words of names, each with its member.
pub(crate) async fn add_words<P: Records>(
    act: &mut Act<P>,
    words: &[(String, &MemberId)],
) -> Result<()> {
    bump_epoch(act).await?;
    for (_, id) in words {
        holds(act, id).await?;
    }
    let head = "insert into people_name_word (word, member_id) values ";
    let stmt = (words.iter()).fold(rows(head, 2, words.len()), |stmt, (word, id)| {
        stmt.bind(word).bind(*id)
    });
    stmt.run(act.on()).await?;
    Ok(())
}

/// Adds where these people are placed, with the two lines of the ledger that a new person gets.
pub(crate) async fn add_placements<P: Records>(
    act: &mut Act<P>,
    people: &[&SealedPerson],
) -> Result<()> {
    bump_epoch(act).await?;
    for SealedPerson { person, .. } in people {
        holds(act, &person.id).await?;
        holds_unit(act, &person.unit).await?;
    }
    let event_head = "insert into people_member_event (id, member_id, kind, effective_on, recorded_at, \
        recorded_by, unit_id, payload_json) values ";
    let head = "insert into people_placement (id, member_id, unit_id, kind, from_on, \
        start_reason, opened_by_event) values ";
    let (now, by, dice) = (act.now(), act.by().to_owned(), act.site().dice.clone());
    let today = now.day();
    let fresh = || dice.uuid(now);
    let mut events = rows(event_head, 8, 2 * people.len());
    let mut placements = rows(head, 7, people.len());
    let mut stated = Vec::with_capacity(2 * people.len());
    for SealedPerson { person, sealed } in people {
        let (placement, opened, line) = (fresh(), fresh(), fresh());
        let numbers = [
            (number::CARD, sealed[0].as_str()),
            (number::CITIZEN, &sealed[2]),
            (number::PHONE, &sealed[4]),
        ];
        let record = ledger::of_new(&person.member.open(&person.member.name), &numbers);
        let from_on = person.from_on.to_string();
        let place = ledger::of_placement(
            &placement,
            &[
                ("unit", person.unit.as_str()),
                ("kind", Placement::Official.word()),
                ("from_on", &from_on),
                ("to_on", &Day::OPEN.to_string()),
                ("start_reason", person.reason),
            ],
        );
        for (seq, line, about, said) in [
            (1, &line, About::Record, record),
            (2, &opened, About::Placement, place),
        ] {
            stated.push(ledger::values(
                (fresh(), now),
                &person.id,
                (seq, line, about),
                &said,
            )?);
        }
        let added = serde_json::json!({ "source": person.member.source });
        let placed = serde_json::json!({ "placement": placement, "kind": Placement::Official.word(), "reason": person.reason });
        events = events
            .bind(line)
            .bind(&person.id)
            .bind(EventKind::MemberAdded.word())
            .bind(today)
            .bind(now)
            .bind(&by)
            .bind("")
            .bind(added.to_string())
            .bind(&opened)
            .bind(&person.id)
            .bind(EventKind::PlacementOpened.word())
            .bind(person.from_on)
            .bind(now)
            .bind(&by)
            .bind(&person.unit)
            .bind(placed.to_string());
        placements = placements
            .bind(&placement)
            .bind(&person.id)
            .bind(&person.unit)
            .bind(Placement::Official.word())
            .bind(person.from_on)
            .bind(person.reason)
            .bind(&opened);
    }
    events.run(act.on()).await?;
    placements.run(act.on()).await?;
    ledger::load(act, stated).await
}

/// Version of a person's row and the unit where they are placed, empty for none; `None` when they are gone.
pub(crate) async fn find_person<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
) -> Result<Option<(i64, String)>> {
    sql(MEMBER_ROW).bind(id).maybe(act.on()).await
}

/// Version of a unit's row; `None` when it is gone.
pub(crate) async fn find_unit<P: Records>(act: &mut Act<P>, id: &UnitId) -> Result<Option<i64>> {
    let row: Option<(i64,)> = sql(UNIT_ROW).bind(id).maybe(act.on()).await?;
    Ok(row.map(|(version,)| version))
}

/// Whether all posts that somebody ever had ended on their first day, and there was one.
pub(crate) async fn has_void_post<P: Records>(act: &mut Act<P>, id: &MemberId) -> Result<bool> {
    Ok(sql(VOID_POSTS).bind(id).count(act.on()).await? > 0)
}

/// Takes a person out of the tables, with words, placements and ledger.
pub(crate) async fn remove_person<P: Records>(act: &mut Act<P>, id: &MemberId) -> Result<()> {
    bump_epoch(act).await?;
    holds(act, id).await?;
    for text in [
        DROP_WORDS,
        DROP_PLACEMENTS,
        DROP_GRANTS,
        DROP_HOLDINGS,
        DROP_STATED,
        DROP_EVENTS,
        DROP_MEMBER,
    ] {
        sql(text).bind(id).run(act.on()).await?;
    }
    Ok(())
}

/// Takes a unit out of the tables, with its versions.
pub(crate) async fn remove_unit<P: Records>(act: &mut Act<P>, id: &UnitId) -> Result<()> {
    bump_epoch(act).await?;
    holds_unit(act, id).await?;
    for text in [DROP_VERSIONS, DROP_UNIT] {
        sql(text).bind(id).run(act.on()).await?;
    }
    Ok(())
}
