//! Many new people at once: the same rows as `store::add_member` and `store::add_placement` write,
//! some hundred to a statement.
//!
//! For imports and generated data. Numbers are sealed before the transaction begins ([`seal`]), so
//! that the one writer of SQLite waits for SQL only. Surprise: the epoch is the caller's, once.

use crate::access::Records;
use crate::fact::{EventKind, Placement};
use crate::number;
use crate::store::{NewMember, name_words};
use db::{Stmt, sql_built};
use kernel::error::Result;
use kernel::{Day, MemberId, UnitId};
use site::{Act, Site};

const MEMBER: &str = "insert into people_member (id, external_id, name, name_key, name_fold, \
    other_name, sex, birth_on, status, status_from_on, admission_decision_on, ceremony_on, \
    recognition_decision_on, full_from_on, exempt, phoneless, card_sealed, card_mac, \
    citizen_sealed, citizen_mac, phone_sealed, email, home_town, residence, \
    source) values ";
const WORD: &str = "insert into people_name_word (word, member_id) values ";
const EVENT: &str = "insert into people_member_event (id, member_id, kind, effective_on, recorded_at, \
    recorded_by, unit_id, payload_json) values ";
const PLACEMENT: &str = "insert into people_placement (id, member_id, unit_id, kind, from_on, \
    start_reason, opened_by_event) values ";

/// People of one statement: 25 values each, far below what either database takes.
const AT_ONCE: usize = 100;

/// A person with the cell where they belong.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Their id.
    pub id: MemberId,
    /// What is kept of them.
    pub member: NewMember,
    /// Where they are officially placed.
    pub unit: UnitId,
    /// Since when.
    pub from_on: Day,
    /// Why the placement begins: `import`.
    pub reason: &'static str,
}

/// A person whose numbers are sealed: made by [`seal`].
#[derive(Debug, Clone)]
pub struct SealedPerson {
    person: NewPerson,
    sealed: [String; 5],
}

/// Seals the numbers of a person.
///
/// # Errors
/// A fault when sealing fails.
pub fn seal(site: &Site, mut person: NewPerson) -> Result<SealedPerson> {
    let (keys, dice) = (&site.keys, &site.dice);
    let member = &mut person.member;
    let card = number::digits(&std::mem::take(&mut member.card));
    let citizen = number::digits(&std::mem::take(&mut member.citizen));
    let phone = number::phone(&std::mem::take(&mut member.phone));
    let sealed = [
        keys.seal(number::CARD, &card, dice)?,
        keys.mac(number::CARD, &card),
        keys.seal(number::CITIZEN, &citizen, dice)?,
        keys.mac(number::CITIZEN, &citizen),
        keys.seal(number::PHONE, &phone, dice)?,
    ];
    member.name = vietnamese::nfc(member.name.trim());
    Ok(SealedPerson { person, sealed })
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

/// Adds people with their name words, placements and ledger lines. Raising the epoch is the
/// caller's.
///
/// # Errors
/// A broken constraint or a database that fails: then the transaction is to be dropped.
pub async fn add<P: Records>(act: &mut Act<P>, people: &[&SealedPerson]) -> Result<()> {
    let (now, by, dice) = (act.now(), act.by().to_owned(), act.site().dice.clone());
    let today = now.day();
    let fresh = || dice.uuid(now);
    for part in people.chunks(AT_ONCE) {
        let mut stmt = rows(MEMBER, 25, part.len());
        for SealedPerson { person, sealed } in part {
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

        let words: Vec<(String, &MemberId)> = part
            .iter()
            .flat_map(|sealed| {
                let person = &sealed.person;
                name_words(&person.member.name)
                    .into_iter()
                    .map(move |word| (word, &person.id))
            })
            .collect();
        for some in words.chunks(4 * AT_ONCE) {
            let stmt = some
                .iter()
                .fold(rows(WORD, 2, some.len()), |stmt, (word, id)| {
                    stmt.bind(word).bind(*id)
                });
            stmt.run(act.on()).await?;
        }

        let mut events = rows(EVENT, 8, 2 * part.len());
        let mut placements = rows(PLACEMENT, 7, part.len());
        for SealedPerson { person, .. } in part {
            let (placement, opened) = (fresh(), fresh());
            let added = serde_json::json!({ "source": person.member.source });
            let placed = serde_json::json!({ "placement": placement, "kind": Placement::Official.word(), "reason": person.reason });
            events = events
                .bind(fresh())
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
    }
    Ok(())
}
