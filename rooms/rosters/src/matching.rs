//! Whether a row is somebody whom we know: by external id, then by card or citizen number.
//!
//! Name and birth alone never decide (governance reference, section 11): they are a conflict that a
//! person looks at, unless the row says nothing that is not there already. Not here: writing.
//! Surprise: a date that only knows more (`1954` becomes `19/5/1954`) fills what was empty.

use super::Note;
use super::rows::{Row, label};
use super::tree::exact;
use kernel::Moment;
use kernel::error::Result;
use kernel::fact::Kept;
use people::fact::Status;
use people::known::Clue;
use people::number::{self, spot};
use people::store::NewMember;
use site::import::Words;
use site::room::FieldChange;
use site::{Looked, Site};
use std::collections::{BTreeSet, HashMap, HashSet};

pub(super) use people::known::KnownMember as Known;

/// Everybody whom some row may be.
#[derive(Debug, Default)]
pub(super) struct People {
    known: HashMap<String, Known>,
    by_external: HashMap<String, Vec<String>>,
    /// Codes of records that were merged into others, and those in lists of others, also ended ones: who bears or bore each.
    by_old_code: HashMap<String, Vec<String>>,
    /// The same of their numbers.
    by_old_mac: HashMap<String, String>,
    by_card: HashMap<String, String>,
    by_citizen: HashMap<String, String>,
    by_name: HashMap<String, Vec<String>>,
    /// The numbers and codes of whoever sits beyond the sender's reach: nothing is told of them.
    beyond: HashSet<String>,
}

/// The keyed hashes of a row's numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Macs {
    pub(super) card: String,
    pub(super) citizen: String,
}

impl Macs {
    pub(super) fn of(site: &Site, row: &Row) -> Macs {
        Macs {
            card: site.keys.mac(number::CARD, &row.member.card),
            citizen: site.keys.mac(number::CITIZEN, &row.member.citizen),
        }
    }
}

/// Whom the rows may be.
pub(super) async fn load(site: &Site, rows: &[Row], macs: &[Macs]) -> Result<People> {
    let mut found = People::default();
    let set = |values: Vec<String>| -> Vec<String> {
        let mut values: Vec<String> = values
            .into_iter()
            .filter(|value| !value.is_empty())
            .collect();
        values.sort();
        values.dedup();
        values
    };
    let questions = [
        (
            Clue::ExternalId,
            set(rows
                .iter()
                .map(|row| row.member.external_id.clone())
                .collect()),
        ),
        (
            Clue::CardMac,
            set(macs.iter().map(|mac| mac.card.clone()).collect()),
        ),
        (
            Clue::CitizenMac,
            set(macs.iter().map(|mac| mac.citizen.clone()).collect()),
        ),
        (
            Clue::NameKey,
            set(rows
                .iter()
                .map(|row| vietnamese::name_key(&row.member.name))
                .collect()),
        ),
    ];
    for (clue, values) in questions {
        for known in people::known::members(site, clue, &values).await? {
            found.add(known);
        }
    }
    Ok(found)
}

impl People {
    fn add(&mut self, known: Known) {
        let id = known.id.to_string();
        for code in &known.old_codes {
            let ids = self.by_old_code.entry(code.clone()).or_default();
            if !ids.contains(&id) {
                ids.push(id.clone());
            }
        }
        for mac in &known.old_macs {
            self.by_old_mac.insert(mac.clone(), id.clone());
        }
        for name in &known.old_names {
            let ids = self.by_name.entry(exact(name)).or_default();
            if !ids.contains(&id) {
                ids.push(id.clone());
            }
        }
        if let Some(held) = self.known.get_mut(&id) {
            held.also(&known);
            return;
        }
        if !known.external_id.is_empty() {
            self.by_external
                .entry(known.external_id.clone())
                .or_default()
                .push(id.clone());
        }
        if !known.card_mac.is_empty() {
            self.by_card.insert(known.card_mac.clone(), id.clone());
        }
        if !known.citizen_mac.is_empty() {
            self.by_citizen
                .insert(known.citizen_mac.clone(), id.clone());
        }
        let ids = self.by_name.entry(exact(&known.name)).or_default();
        if !ids.contains(&id) {
            ids.push(id.clone());
        }
        self.known.insert(id, known);
    }

    /// Forgets whoever sits beyond the sender's reach, but for what a row may not be compared by.
    pub(super) fn keep(mut self, is_within: impl Fn(&Known) -> bool) -> People {
        let mut within = People::default();
        for (_, known) in self.known.drain() {
            if is_within(&known) {
                within.add(known);
                continue;
            }
            let clues = [&known.external_id, &known.card_mac, &known.citizen_mac];
            let old = known.old_codes.iter().chain(&known.old_macs);
            for clue in clues.into_iter().chain(old) {
                if !clue.is_empty() {
                    within.beyond.insert(clue.clone());
                }
            }
        }
        within
    }
    /// Whether the card and the citizen number of a row are held beyond the sender's reach.
    pub(super) fn apart(&self, macs: &Macs) -> [bool; 2] {
        [
            self.beyond.contains(&macs.card),
            self.beyond.contains(&macs.citizen),
        ]
    }
    /// Whether anything of a row is.
    pub(super) fn is_beyond(&self, row: &Row, macs: &Macs) -> bool {
        self.apart(macs).contains(&true) || self.beyond.contains(&row.member.external_id)
    }

    /// Whether that person holds a post with rights already.
    pub(super) fn holds_rights(&self, id: &str) -> bool {
        (self.known.get(id)).is_some_and(|known| known.holds_rights == 1)
    }

    /// Whom the identifiers of a row name: nobody, one, or (then something is wrong) several.
    pub(super) fn by_identifiers(&self, row: &Row, macs: &Macs) -> Vec<&Known> {
        let mut ids: BTreeSet<&String> = BTreeSet::new();
        ids.extend(
            self.by_external
                .get(&row.member.external_id)
                .into_iter()
                .flatten(),
        );
        ids.extend(
            (self.by_old_code.get(&row.member.external_id))
                .into_iter()
                .flatten(),
        );
        if ids.len() > 1 {
            // A code that several bear or bore says nothing alone: the name and the birth decide among them.
            ids.retain(|id| (self.known.get(*id)).is_some_and(|known| is_row(known, row)));
        }
        ids.extend(self.by_card.get(&macs.card));
        ids.extend(self.by_citizen.get(&macs.citizen));
        if ids.is_empty() {
            // A wrong number of before may be somebody else's right one: it counts with the name alone.
            let old = [&macs.card, &macs.citizen].into_iter();
            let old = old.filter_map(|mac| self.by_old_mac.get(mac));
            ids.extend(old.filter(|id| {
                (self.by_name.get(&row.name_key())).is_some_and(|named| named.contains(id))
            }));
        }
        ids.into_iter()
            .filter_map(|id| self.known.get(id))
            .collect()
    }

    /// Whether the code of a row is, or was, that of several people, and the row is by name and birth none of them, or
    /// more than one.
    pub(super) fn is_of_several(&self, row: &Row) -> bool {
        let code = &row.member.external_id;
        let all = [self.by_external.get(code), self.by_old_code.get(code)];
        let all: BTreeSet<&String> = all.into_iter().flatten().flatten().collect();
        let are_it = (all.iter())
            .filter(|id| (self.known.get(**id)).is_some_and(|known| is_row(known, row)));
        all.len() > 1 && are_it.count() != 1
    }

    /// Whose record a row is compared with, whatever becomes of it: it is shown then, or told to be equal.
    pub(super) fn compared(&self, row: &Row, macs: &Macs, unit_id: &str) -> Option<&Known> {
        let named = self.by_identifiers(row, macs);
        let (one, may_be_nowhere) = match named.as_slice() {
            [] => (*self.namesakes(row, macs, unit_id).first()?, false),
            [one] => (*one, true),
            _ => return None,
        };
        let is_here = one.unit_id == unit_id || (may_be_nowhere && one.unit_id.is_empty());
        is_here.then_some(one)
    }

    /// Who has the name and birth of a row and is not proven to be somebody else.
    pub(super) fn namesakes(&self, row: &Row, macs: &Macs, unit_id: &str) -> Vec<&Known> {
        let ids = self
            .by_name
            .get(&row.name_key())
            .map(Vec::as_slice)
            .unwrap_or_default();
        ids.iter()
            .filter_map(|id| self.known.get(id))
            .filter(|known| {
                let born = row.member.birth_on.as_str();
                // The same full day anywhere; what is known less exactly only in the same unit.
                known.is_born_on(born) || (known.unit_id == unit_id && known.may_be_born_on(born))
            })
            .filter(|known| {
                let differ =
                    |one: &str, other: &str| !one.is_empty() && !other.is_empty() && one != other;
                !differ(&known.citizen_mac, &macs.citizen)
                    && (known.is_coded(&row.member.external_id)
                        || !differ(&known.external_id, &row.member.external_id))
            })
            .collect()
    }
}

/// Whether a row has the name that somebody has or had under a record that was merged.
fn is_named(known: &Known, row: &Row) -> bool {
    let is_called = |name: &String| exact(name) == row.name_key();
    is_called(&known.name) || known.old_names.iter().any(is_called)
}

/// Whether a row is somebody by name and birth, the birth as far as both know it.
fn is_row(known: &Known, row: &Row) -> bool {
    is_named(known, row) && known.may_be_born_on(&row.member.birth_on)
}

/// Whether a row is somebody else than whom its code or number names: name and birth both differ. Where a code was given
/// by another list, or is one of before, another name has to have the birth that is known.
pub(super) fn is_another(known: &Known, row: &Row) -> bool {
    if is_named(known, row) {
        return false;
    }
    let born = row.member.birth_on.as_str();
    let code = row.member.external_id.as_str();
    let is_of_before = known.external_id != code && known.is_coded(code);
    !known.may_be_born_on(born) || (is_of_before && !known.is_born_as(born))
}

/// What a row would change in a record.
#[derive(Debug, Default)]
pub(super) struct Difference {
    /// Fields that were empty and get a value.
    pub(super) fills: Vec<&'static str>,
    /// Fields that hold another value, each with the sentence that shows both.
    pub(super) changes: Vec<(&'static str, Note)>,
    /// All of them as they are shown, numbers masked.
    shown: Vec<(&'static str, FieldChange)>,
}

impl Difference {
    pub(super) fn is_none(&self) -> bool {
        self.fills.is_empty() && self.changes.is_empty()
    }
    fn text(&mut self, words: &Words, field: &'static str, old: &str, new: &str, is_same: bool) {
        if new.is_empty() || is_same {
        } else if old.is_empty() {
            self.fill(words, field, "", shown(words, new));
        } else {
            self.change(words, field, shown(words, old), shown(words, new));
        }
    }
    fn fill(&mut self, words: &Words, field: &'static str, old: &str, new: String) {
        self.fills.push(field);
        self.show(words, field, old.to_owned(), new);
    }
    fn change(&mut self, words: &Words, field: &'static str, old: String, new: String) {
        let note = Note::new("rosters-change").key("field", label(field));
        let note = note.arg("old", &old).arg("new", &new);
        self.changes.push((field, note));
        self.show(words, field, old, new);
    }
    fn show(&mut self, words: &Words, field: &'static str, old: String, new: String) {
        let label = words.get(label(field));
        self.shown.push((field, FieldChange { label, old, new }));
    }
    /// Leaves what is there: only empty fields are filled.
    pub(super) fn keep(&mut self) {
        self.changes.clear();
        self.shown.retain(|(field, _)| self.fills.contains(field));
    }
    /// What is shown of it, field by field.
    pub(super) fn shown(&self) -> Vec<FieldChange> {
        let changes = self.shown.iter();
        changes.map(|(_, change)| change.clone()).collect()
    }
}

/// What a new person gets, field by field, numbers masked.
pub(super) fn shown_new(
    words: &Words,
    member: &NewMember,
    status: Option<Status>,
) -> Vec<FieldChange> {
    let mut all = Difference::default();
    for (field, value) in [
        ("birth_on", &member.birth_on),
        ("sex", &member.sex),
        ("external_id", &member.external_id),
        ("other_name", &member.other_name),
        ("admission_decision_on", &member.admission_decision_on),
        ("ceremony_on", &member.ceremony_on),
        ("recognition_decision_on", &member.recognition_decision_on),
        ("full_from_on", &member.full_from_on),
        ("email", &member.email),
        ("home_town", &member.home_town),
        ("residence", &member.residence),
    ] {
        all.text(words, field, "", value, false);
    }
    for (field, number) in [
        ("card", &member.card),
        ("citizen", &member.citizen),
        ("phone", &member.phone),
    ] {
        if !number.is_empty() {
            all.fill(words, field, "", masked(&site::seal::tail(number)));
        }
    }
    if let Some(status) = status {
        let status = words.get(status_key(status));
        all.fill(words, "status", "", status);
    }
    if member.exempt {
        let yes = words.get("rosters-yes");
        all.fill(words, "exempt", "", yes);
    }
    all.shown()
}

/// Dates the Vietnamese way, words of ours in the report's language, the rest as it is.
fn shown(words: &Words, text: &str) -> String {
    match text {
        "male" => words.get("rosters-male"),
        "female" => words.get("rosters-female"),
        _ => vietnamese::read_date(text)
            .map_or_else(|_| text.chars().take(80).collect(), |date| date.to_vn()),
    }
}

fn status_key(status: Status) -> &'static str {
    match status {
        Status::Full => "rosters-status-full",
        Status::Probationary => "rosters-status-probationary",
        Status::Suspended => "rosters-status-suspended",
        Status::Candidate => "rosters-status-candidate",
        Status::Deceased => "rosters-status-deceased",
        Status::Left => "rosters-status-left",
        Status::StruckOff => "rosters-status-struck-off",
        Status::Expelled => "rosters-status-expelled",
    }
}

/// Compares a row with a record, at which whoever sends the list has looked.
pub(super) fn compare(
    site: &Site,
    words: &Words,
    looked: &Looked,
    known: &Known,
    row: &Row,
    macs: &Macs,
) -> Result<Difference> {
    let record = known.record(looked)?;
    let mut out = Difference::default();
    let new = &row.member;
    // A list that still has the code or the name of a record that was merged says nothing new.
    let is_called = |name: &String| exact(name) == exact(&new.name);
    let is_named = is_called(&known.name) || known.old_names.iter().any(is_called);
    out.text(words, "name", &known.name, &new.name, is_named);
    let is_coded = known.is_coded(&new.external_id);
    let code = if is_coded {
        &known.external_id
    } else {
        &new.external_id
    };
    for (field, old, new) in [
        ("external_id", &known.external_id, code),
        ("other_name", &record.other_name, &new.other_name),
        ("sex", &record.sex, &new.sex),
        ("email", &record.email, &new.email),
        ("home_town", &record.home_town, &new.home_town),
        ("residence", &record.residence, &new.residence),
    ] {
        out.text(words, field, old, new, old == new);
    }
    for (field, old, new) in [
        ("birth_on", &record.birth_on, &new.birth_on),
        (
            "admission_decision_on",
            &record.admission_decision_on,
            &new.admission_decision_on,
        ),
        ("ceremony_on", &record.ceremony_on, &new.ceremony_on),
        (
            "recognition_decision_on",
            &record.recognition_decision_on,
            &new.recognition_decision_on,
        ),
        ("full_from_on", &record.full_from_on, &new.full_from_on),
    ] {
        if !old.is_empty() && new.starts_with(old.as_str()) && new != old {
            out.fill(words, field, &shown(words, old), shown(words, new));
        } else {
            // The file knows less than we do: no contradiction.
            out.text(words, field, old, new, old.starts_with(new.as_str()));
        }
    }
    if let Some(day) = row.placed_on
        && known.placed_from != day.to_string()
        && known.may_begin_on(day)
    {
        let (old, new) = (shown(words, &known.placed_from), day.vn());
        out.change(words, "placed_on", old, new);
    }
    let word = |key: &str| words.get(key);
    if let Some(new) = row.status.filter(|new| !known.status.is(*new)) {
        let old = (known.status.known()).map_or("rosters-status-unread", status_key);
        out.change(words, "status", word(old), word(status_key(new)));
    }
    if new.exempt && record.exempt == 0 {
        out.change(words, "exempt", word("rosters-no"), word("rosters-yes"));
    }
    for (field, old_mac, old_sealed, new_mac, number) in [
        (
            "card",
            &known.card_mac,
            &record.card_sealed,
            &macs.card,
            &new.card,
        ),
        (
            "citizen",
            &known.citizen_mac,
            &record.citizen_sealed,
            &macs.citizen,
            &new.citizen,
        ),
    ] {
        if new_mac.is_empty() || old_mac == new_mac || known.old_macs.contains(new_mac) {
        } else if old_mac.is_empty() {
            out.fill(words, field, "", masked(&site::seal::tail(number)));
        } else {
            let new = masked(&site::seal::tail(number));
            let old = site.keys.open_at(spot(field, &known.id), old_sealed)?;
            out.change(words, field, masked(&site::seal::tail(&old)), new);
        }
    }
    if !new.phone.is_empty() {
        let old = site
            .keys
            .open_at(spot(number::PHONE, &known.id), &record.phone_sealed)?;
        let shown = masked(&site::seal::tail(&new.phone));
        if old.is_empty() {
            out.fill(words, "phone", "", shown);
        } else if old != new.phone {
            let old = masked(&site::seal::tail(&old));
            out.change(words, "phone", old, shown);
        }
    }
    Ok(out)
}

fn masked(tail: &str) -> String {
    format!("••••{tail}")
}

/// The record with the fields of a row laid over it; fields not listed stay.
pub(super) fn merged(
    looked: &Looked,
    known: &Known,
    row: &Row,
    fields: &[&'static str],
) -> Result<NewMember> {
    let record = known.record(looked)?;
    let pick = |field: &str, old: &String, new: &String| {
        if fields.contains(&field) {
            new.clone()
        } else {
            old.clone()
        }
    };
    let new = &row.member;
    let status = match row.status {
        Some(new) if fields.contains(&"status") => Kept::Known(new),
        _ => known.status.clone(),
    };
    let mut merged = NewMember {
        external_id: pick("external_id", &known.external_id, &new.external_id),
        name: pick("name", &known.name, &new.name),
        other_name: pick("other_name", &record.other_name, &new.other_name),
        sex: pick("sex", &record.sex, &new.sex),
        birth_on: pick("birth_on", &record.birth_on, &new.birth_on),
        status_from_on: record.status_from_on.clone(),
        admission_decision_on: pick(
            "admission_decision_on",
            &record.admission_decision_on,
            &new.admission_decision_on,
        ),
        ceremony_on: pick("ceremony_on", &record.ceremony_on, &new.ceremony_on),
        recognition_decision_on: pick(
            "recognition_decision_on",
            &record.recognition_decision_on,
            &new.recognition_decision_on,
        ),
        full_from_on: pick("full_from_on", &record.full_from_on, &new.full_from_on),
        exempt: record.exempt == 1 || fields.contains(&"exempt"),
        phoneless: record.phoneless == 1,
        email: pick("email", &record.email, &new.email),
        home_town: pick("home_town", &record.home_town, &new.home_town),
        residence: pick("residence", &record.residence, &new.residence),
        source: record.source.clone(),
        status,
        ..NewMember::default()
    };
    if fields.contains(&"status") || merged.status_from_on.is_empty() {
        merged.status_from_on = status_from(&merged);
    }
    Ok(merged)
}

/// Since when the status holds, as far as the record says.
pub(super) fn status_from(member: &NewMember) -> String {
    match member.status.known() {
        Some(Status::Full) => member.full_from_on.clone(),
        Some(Status::Probationary) => member.ceremony_on.clone(),
        Some(
            Status::Candidate
            | Status::Suspended
            | Status::Left
            | Status::StruckOff
            | Status::Expelled
            | Status::Deceased,
        )
        | None => String::new(),
    }
}

/// Why a first day is put right, for the ledger: by which list.
pub(super) fn why<P: site::Proof>(act: &site::Act<P>, source: &str) -> String {
    let texts = act.site().edge.texts.clone();
    texts.with(
        web::Lang::Vi,
        "rosters-placed-why",
        &[("source", source.into())],
    )
}

/// Names of fields, for the ledger.
pub(super) fn payload(fields: &[&'static str], source: &str, at: Moment) -> serde_json::Value {
    serde_json::json!({ "fields": fields, "source": source, "at": at.0 })
}
