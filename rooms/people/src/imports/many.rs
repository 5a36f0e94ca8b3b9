//! Many new people at once: the same rows as the wing `members` writes, some hundred to a statement.
//!
//! For imports and generated data. Numbers are sealed before the transaction begins ([`seal`]), so
//! that the one writer of SQLite waits for SQL only.

use crate::access::Records;
use crate::imports::store;
use crate::number;
use crate::store::{NewMember, name_words};
use kernel::error::Result;
use kernel::{Day, MemberId, UnitId};
use site::{Act, Site};

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
    /// Whether the card and the citizen number are kept apart: sealed, not compared, since somebody out of the
    /// writer's reach holds them too, and an answer would tell that.
    pub apart: [bool; 2],
}

/// A person whose numbers are sealed: made by [`seal`].
#[derive(Debug, Clone)]
pub struct SealedPerson {
    pub(super) person: NewPerson,
    pub(super) sealed: [String; 5],
}

/// Seals the numbers of a person.
///
/// # Errors
/// A fault when sealing fails.
pub fn seal(site: &Site, mut person: NewPerson) -> Result<SealedPerson> {
    let (keys, dice) = (&site.keys, &site.dice);
    let id = person.id.clone();
    let member = &mut person.member;
    let card = number::digits(&std::mem::take(&mut member.card));
    let citizen = number::digits(&std::mem::take(&mut member.citizen));
    let phone = number::phone(&std::mem::take(&mut member.phone));
    let mac = |column: &str, number: &str, is_apart: bool| match is_apart {
        true => String::new(),
        false => keys.mac(column, number),
    };
    let sealed = [
        keys.seal_at(number::spot(number::CARD, &id), &card, dice)?,
        mac(number::CARD, &card, person.apart[0]),
        keys.seal_at(number::spot(number::CITIZEN, &id), &citizen, dice)?,
        mac(number::CITIZEN, &citizen, person.apart[1]),
        keys.seal_at(number::spot(number::PHONE, &id), &phone, dice)?,
    ];
    member.name = vietnamese::nfc(member.name.trim());
    Ok(SealedPerson { person, sealed })
}

/// Adds people with their name words, placements and ledger lines.
///
/// # Errors
/// A broken constraint or a database that fails: then the transaction is to be dropped.
pub async fn add<P: Records>(act: &mut Act<P>, people: &[&SealedPerson]) -> Result<()> {
    for part in people.chunks(AT_ONCE) {
        store::add_members(act, part).await?;
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
            store::add_words(act, some).await?;
        }
        store::add_placements(act, part).await?;
    }
    Ok(())
}
