//! Many units, members and posts at once: for generated organisations and large imports.
//!
//! Writes the same rows as the pages do, a few hundred at a time, in the caller's transaction. The operator's alone:
//! nothing asks for whom the act was opened.
//! Not here: checking what is written (the caller made it), matching what is already there (`known`).

use crate::fact::{Basis, Placement, Status, UnitKind};
use crate::ledger::fold::About;
use crate::ledger::store as ledger;
use crate::number;
use crate::store::{NewMember, bump_epoch};
use db::{Column, Table, Value};
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Day, MemberId, Role, UnitId, UnitPath};
use site::{Act, Operator};
use std::collections::BTreeSet;

/// A unit to be written.
#[derive(Debug, Clone)]
pub struct BulkUnit {
    /// Its id.
    pub id: UnitId,
    /// Its parent; `None` for a root.
    pub parent: Option<UnitId>,
    /// Its path, ending in its id.
    pub path: UnitPath,
    /// What it is.
    pub kind: UnitKind,
    /// Official code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Type of a cell, for agenda templates.
    pub cell_type: String,
    /// First day.
    pub founded_on: Day,
}

/// A member to be written, with the official placement.
#[derive(Debug, Clone, Default)]
pub struct BulkMember {
    /// Its id; a fresh one is made when empty.
    pub id: Option<MemberId>,
    /// The organisation's own code.
    pub code: String,
    /// Full name.
    pub name: String,
    /// `female`, `male` or empty.
    pub sex: &'static str,
    /// Birth, `YYYY[-MM[-DD]]`.
    pub birth_on: String,
    /// What they are to the organisation.
    pub status: Status,
    /// Decision of admission.
    pub admission_decision_on: String,
    /// Ceremony.
    pub ceremony_on: String,
    /// Full membership.
    pub full_from_on: String,
    /// Exempt from meetings.
    pub is_exempt: bool,
    /// Has no telephone.
    pub is_phoneless: bool,
    /// Card number; sealed.
    pub card: String,
    /// Telephone; sealed.
    pub phone: String,
    /// Where placed.
    pub unit: Option<UnitId>,
    /// Since when.
    pub placed_from: Option<Day>,
    /// A temporary placement elsewhere, and since when.
    pub away_in: Option<(UnitId, Day)>,
}

/// A post, its holder and the right that comes with it (R6).
#[derive(Debug, Clone)]
pub struct BulkPost {
    /// Of which unit.
    pub unit: UnitId,
    /// Its title.
    pub title: String,
    /// The role it brings.
    pub role: Role,
    /// Sorts the committee.
    pub rank: i64,
    /// Who holds it.
    pub member: MemberId,
    /// How it was come by.
    pub basis: Basis,
    /// First day.
    pub from_on: Day,
}

fn text(value: impl ToString) -> Value {
    Value::Text(value.to_string())
}

/// Rows of one table, sent a few hundred at a time.
struct Rows {
    table: Table,
    waiting: Vec<Vec<Value>>,
}

impl Rows {
    /// `columns`: names, those that hold whole numbers marked with `#`.
    fn of(name: &str, columns: &str) -> Self {
        let columns = columns
            .split(' ')
            .map(|column| match column.strip_prefix('#') {
                Some(number) => (number.to_owned(), Column::Integer),
                None => (column.to_owned(), Column::Text),
            })
            .collect();
        Rows {
            table: Table {
                name: name.to_owned(),
                columns,
            },
            waiting: Vec::new(),
        }
    }
    async fn add(&mut self, act: &mut Act<Operator>, row: Vec<Value>) -> Result<()> {
        self.waiting.push(row);
        if self.waiting.len() >= 400 {
            self.send(act).await?;
        }
        Ok(())
    }
    async fn send(&mut self, act: &mut Act<Operator>) -> Result<()> {
        db::load(act.tx(), &self.table, std::mem::take(&mut self.waiting)).await
    }
}

/// Writes units, parents first.
pub async fn add_units(act: &mut Act<Operator>, units: &[BulkUnit]) -> Result<()> {
    bump_epoch(act).await?;
    let mut rows = Rows::of(
        "people_unit",
        "id parent_id path kind code name name_key name_fold cell_type founded_on",
    );
    let mut versions = Rows::of(
        "people_unit_version",
        "unit_id from_on parent_id path kind code name",
    );
    for unit in units {
        let parent = unit.parent.as_ref().map_or(Value::Null, text);
        rows.add(
            act,
            vec![
                text(&unit.id),
                parent.clone(),
                text(&unit.path),
                text(unit.kind),
                text(&unit.code),
                text(&unit.name),
                text(vietnamese::sort_key(&unit.name)),
                text(vietnamese::fold(&unit.name)),
                text(&unit.cell_type),
                text(unit.founded_on),
            ],
        )
        .await?;
        versions
            .add(
                act,
                vec![
                    text(&unit.id),
                    text(unit.founded_on),
                    parent,
                    text(&unit.path),
                    text(unit.kind),
                    text(&unit.code),
                    text(&unit.name),
                ],
            )
            .await?;
        // A child must not be sent before its parent: both tables keep the order of the list.
    }
    rows.send(act).await?;
    versions.send(act).await
}

/// Writes members with their name words and placements; answers their ids, in order.
pub async fn add_members(act: &mut Act<Operator>, members: &[BulkMember]) -> Result<Vec<MemberId>> {
    bump_epoch(act).await?;
    let site = act.site().clone();
    let (keys, clock, dice) = (&site.keys, &site.clock, &site.dice);
    let mut rows = Rows::of(
        "people_member",
        "id external_id name name_key name_fold sex birth_on status status_from_on \
         admission_decision_on ceremony_on full_from_on #exempt #phoneless card_sealed card_mac \
         phone_sealed source",
    );
    let mut words = Rows::of("people_name_word", "word member_id");
    let mut placements = Rows::of(
        "people_placement",
        "id member_id unit_id kind from_on start_reason",
    );
    let mut ids = Vec::with_capacity(members.len());
    // Name words and placements refer to members: they are sent after them.
    let mut word_rows = Vec::new();
    let mut placement_rows = Vec::new();
    let mut stated = Vec::new();
    for member in members {
        let id = member
            .id
            .clone()
            .unwrap_or_else(|| MemberId::fresh(clock, dice));
        let fold = vietnamese::fold(&member.name);
        let since = if member.status == Status::Full {
            &member.full_from_on
        } else {
            &member.ceremony_on
        };
        let card = keys.seal_at(number::spot(number::CARD, &id), &member.card, dice)?;
        let phone = keys.seal_at(number::spot(number::PHONE, &id), &member.phone, dice)?;
        let record = NewMember {
            external_id: member.code.clone(),
            sex: member.sex.to_owned(),
            birth_on: member.birth_on.clone(),
            status: Kept::Known(member.status),
            status_from_on: since.clone(),
            admission_decision_on: member.admission_decision_on.clone(),
            ceremony_on: member.ceremony_on.clone(),
            full_from_on: member.full_from_on.clone(),
            exempt: member.is_exempt,
            phoneless: member.is_phoneless,
            ..NewMember::default()
        };
        let sealed = [(number::CARD, card.as_str()), (number::PHONE, &phone)];
        let mut said = vec![(
            About::Record,
            ledger::of_new(&record.open(&member.name), &sealed),
        )];
        rows.add(
            act,
            vec![
                text(&id),
                text(&member.code),
                text(&member.name),
                text(vietnamese::name_key(&member.name)),
                text(&fold),
                text(member.sex),
                text(&member.birth_on),
                text(member.status),
                text(since),
                text(&member.admission_decision_on),
                text(&member.ceremony_on),
                text(&member.full_from_on),
                Value::Integer(i64::from(member.is_exempt)),
                Value::Integer(i64::from(member.is_phoneless)),
                text(card),
                text(keys.mac("card", &member.card)),
                text(phone),
                text("generated"),
            ],
        )
        .await?;
        let distinct: BTreeSet<&str> = fold.split(' ').filter(|word| !word.is_empty()).collect();
        word_rows.extend(distinct.into_iter().map(|word| vec![text(word), text(&id)]));
        let from = member.placed_from.unwrap_or_else(|| clock.today());
        let home = member
            .unit
            .as_ref()
            .map(|unit| (unit, Placement::Official, from));
        let away = member
            .away_in
            .as_ref()
            .map(|(unit, since)| (unit, Placement::Temporary, *since));
        for (unit, kind, since) in home.into_iter().chain(away) {
            let placement = dice.uuid(clock.now());
            let place = ledger::of_placement(
                &placement,
                &[
                    ("unit", unit.as_str()),
                    ("kind", kind.word()),
                    ("from_on", &since.to_string()),
                    ("to_on", &Day::OPEN.to_string()),
                    ("start_reason", "generated"),
                ],
            );
            said.push((About::Placement, place));
            placement_rows.push(vec![
                text(placement),
                text(&id),
                text(unit),
                text(kind),
                text(since),
                text("generated"),
            ]);
        }
        for ((about, said), seq) in said.into_iter().zip(1..) {
            let fresh = (dice.uuid(clock.now()), clock.now());
            stated.push(ledger::values(fresh, &id, (seq, "", about), &said)?);
        }
        ids.push(id);
    }
    rows.send(act).await?;
    ledger::load(act, stated).await?;
    for row in word_rows {
        words.add(act, row).await?;
    }
    words.send(act).await?;
    for row in placement_rows {
        placements.add(act, row).await?;
    }
    placements.send(act).await?;
    Ok(ids)
}

/// Writes posts with holders and grants, and lets everyone's rights be read anew.
pub async fn add_posts(act: &mut Act<Operator>, posts: &[BulkPost]) -> Result<()> {
    bump_epoch(act).await?;
    let site = act.site().clone();
    let (clock, dice) = (&site.clock, &site.dice);
    let mut positions = Rows::of("people_position", "id unit_id title role #rank");
    let mut holdings = Rows::of("people_holding", "id position_id member_id basis from_on");
    let mut grants = Rows::of(
        "people_grant",
        "id member_id role unit_id scope source source_id from_on #granted_at",
    );
    let mut later = Vec::new();
    let mut stated = Vec::new();
    for post in posts {
        let (position, holding) = (dice.uuid(clock.now()), dice.uuid(clock.now()));
        positions
            .add(
                act,
                vec![
                    text(&position),
                    text(&post.unit),
                    text(&post.title),
                    text(post.role.name()),
                    Value::Integer(post.rank),
                ],
            )
            .await?;
        let held = ledger::of_placement(
            &holding,
            &[
                ("position", &position),
                ("basis", post.basis.word()),
                ("from_on", &post.from_on.to_string()),
                ("to_on", &Day::OPEN.to_string()),
            ],
        );
        stated.push((post.member.clone(), held));
        later.push((
            vec![
                text(&holding),
                text(&position),
                text(&post.member),
                text(post.basis),
                text(post.from_on),
            ],
            vec![
                text(dice.uuid(clock.now())),
                text(&post.member),
                text(post.role.name()),
                text(&post.unit),
                text(post.role.reach().name()),
                text("position"),
                text(&holding),
                text(post.from_on),
                Value::Integer(clock.now().0),
            ],
        ));
    }
    positions.send(act).await?;
    for (holding, grant) in later {
        holdings.add(act, holding).await?;
        grants.add(act, grant).await?;
    }
    holdings.send(act).await?;
    grants.send(act).await?;
    for (member, said) in stated {
        ledger::say(act, &member, ("", About::Holding), &said).await?;
    }
    Ok(())
}
