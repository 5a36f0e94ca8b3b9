//! A run of `import roster`: plan every row, then write all of it in one transaction, or nothing.
//!
//! Not here: reading cells (`rows`), recognising people (`matching`), the statements (`people::many`,
//! `store`). Surprise: the plan is made before the transaction; when somebody changed people or
//! units meanwhile (the epoch rose), it is made again.

use super::matching::{self, Known, Macs};
use super::rows::{self, Row};
use super::table::{self, Stop, Table};
use super::tree::{Tree, takes_members};
use super::{Line, Note, RosterOptions, Told};
use kernel::error::{Error, Result};
use kernel::{Cap, Day, MemberId, UnitId};
use people::access::Importing;
use people::many;
use people::store::{self, Event, NewMember, NewPlacement};
use site::import::{Outcome, Progress};
use site::{Act, May as _, Site};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// A plan is made so often when others write at the same time.
const TRIES: usize = 3;
/// People of one step of writing, between two looks at whether to stop.
const PART: usize = 1_000;

pub(super) async fn run(
    site: &Site,
    path: &Path,
    options: &RosterOptions,
    progress: &mut dyn Progress,
) -> Result<Told> {
    let mut told = Told {
        file: table::name_of(path),
        kind: "member",
        ..Told::default()
    };
    let opened = table::open(site, path, rows::FIELDS, options.common.mapping.as_deref()).await;
    let mut table = match opened {
        Ok(table) => table,
        Err(Stop::Fault(error)) => return Err(error),
        Err(Stop::Refused(note)) => {
            told.refusal = Some(note);
            return Ok(told);
        }
    };
    told.notes.append(&mut table.notes);
    told.columns = columns(&table);
    let has_given = table.layout.has("given_name");
    if let Some(note) = table::missing(&table.layout, |field| field == "name" && has_given) {
        told.refusal = Some(note);
        return Ok(told);
    }
    // `Id` and `Name` head every kind of table; a roster says one thing more.
    let is_any_table = (table.layout.columns.keys())
        .all(|field| field == "name" || field == "external_id")
        && (table.layout.titles.values()).any(|title| vietnamese::fold(title) == "name");
    if is_any_table {
        told.refusal = Some(Note::new("rosters-no-header").arg("words", "họ và tên"));
        return Ok(told);
    }
    let hash = table::hash(path)?;
    progress.total(u64::try_from(table.layout.rows(&table.sheet).count()).unwrap_or(0));
    for _ in 0..TRIES {
        let before = store::epoch(site.db.read()).await?;
        let plan = match plan(site, &table, &hash, options).await {
            Ok(plan) => plan,
            Err(Stop::Fault(error)) => return Err(error),
            Err(Stop::Refused(note)) => {
                told.refusal = Some(note);
                return Ok(told);
            }
        };
        told.lines = plan.lines;
        let notes_before = told.notes.len();
        told.notes.extend(plan.notes);
        if options.common.dry_run {
            return Ok(told);
        }
        if told.refused() > 0 && !options.common.skip_bad {
            told.hold_back();
            return Ok(told);
        }
        if plan.adds.is_empty() && plan.updates.is_empty() {
            return Ok(told);
        }
        match write(
            site,
            options,
            &told,
            &hash,
            plan.adds,
            plan.updates,
            before,
            progress,
        )
        .await?
        {
            Written::All => return Ok(told),
            Written::Stopped => {
                told.is_stopped = true;
                told.lines.clear();
                return Ok(told);
            }
            Written::Again => told.notes.truncate(notes_before),
        }
    }
    Err(Error::Busy { retry_s: 10 })
}

fn columns(table: &Table) -> Vec<(String, Note)> {
    let mut columns: Vec<(usize, String, Note)> = table
        .layout
        .columns
        .iter()
        .filter_map(|(field, columns)| {
            let column = *columns.first()?;
            let title = table.layout.titles.get(&column).cloned();
            let title = title.unwrap_or_else(|| intake::columns::letters_of_column(column));
            Some((column, title, Note::new(rows::label(field))))
        })
        .collect();
    columns.sort_by_key(|(column, ..)| *column);
    columns
        .into_iter()
        .map(|(_, title, label)| (title, label))
        .collect()
}

struct Plan {
    lines: Vec<Line>,
    notes: Vec<Note>,
    adds: Vec<many::SealedPerson>,
    updates: Vec<Update>,
}

/// What is written over a record.
struct Update {
    id: MemberId,
    row_version: i64,
    now: NewMember,
    fields: Vec<&'static str>,
    numbers: [Option<String>; 3],
    external_id: Option<String>,
    unit: Option<UnitId>,
    from_on: Day,
    home: Option<UnitId>,
    source: String,
}

/// What becomes of a row.
enum Fate {
    Add {
        unit: usize,
    },
    Update {
        known: Box<Known>,
        fields: Vec<&'static str>,
        place: bool,
        message: Note,
    },
    Same(String),
    Duplicate {
        line: usize,
    },
    Refused(Note),
}

async fn plan(
    site: &Site,
    table: &Table,
    hash: &str,
    options: &RosterOptions,
) -> std::result::Result<Plan, Stop> {
    let today = site.clock.today();
    let scope = options
        .by
        .as_ref()
        .map(|actor| actor.scope(Cap::ImportPrepare, today));
    let mut tree = Tree::load(site, today, scope.as_ref()).await?;
    let mut fixed = None;
    if let Some(wanted) = &options.unit {
        let nth = tree
            .find(wanted)
            .map_err(|_| Note::new("rosters-option-unit").arg("unit", wanted))?;
        match tree.at(nth) {
            Some(unit) if takes_members(&unit.kind) => fixed = Some(nth),
            Some(unit) => {
                let top = unit.path.clone();
                tree = tree.below(&top);
            }
            None => {}
        }
    }
    let read = rows::read(table, &tree, fixed, today);
    let mut rows = read.rows;
    if rows.is_empty() {
        return Err(Note::new("rosters-no-rows").into());
    }
    let macs: Vec<Macs> = rows.iter().map(|row| Macs::of(site, row)).collect();
    let twins = within_file(&mut rows);
    let people = matching::load(site, &rows, &macs).await?;
    let mut fates: Vec<Fate> = Vec::with_capacity(rows.len());
    for (nth, (row, macs)) in rows.iter().zip(&macs).enumerate() {
        let fate = match (&row.problem, twins.get(&nth)) {
            (Some(problem), _) => Fate::Refused(problem.clone()),
            (None, Some(line)) => Fate::Duplicate { line: *line },
            (None, None) => fate(site, &tree, &people, row, macs, options)?,
        };
        fates.push(fate);
    }
    one_row_each(&rows, &mut fates);
    let mut notes = read.notes;
    notes.extend(missing_people(site, &tree, &rows, &fates).await?);
    let mut plan = Plan {
        lines: Vec::with_capacity(rows.len()),
        notes,
        adds: Vec::new(),
        updates: Vec::new(),
    };
    let table_has_full = table.layout.has("full_from_on");
    let will_write = !options.common.dry_run;
    for (mut row, fate) in rows.into_iter().zip(fates) {
        let unit = row.unit.and_then(|nth| tree.at(nth));
        let mut line = Line {
            line: row.line,
            name: row.member.name.clone(),
            unit: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
            outcome: Outcome::Refused,
            id: String::new(),
            message: None,
            warnings: Vec::new(),
        };
        let source = format!("{}:{}", hash.get(..12).unwrap_or_default(), row.line);
        match fate {
            Fate::Refused(why) => line.message = Some(why),
            Fate::Duplicate { line: first } => {
                line.outcome = Outcome::Duplicate;
                line.message = Some(Note::new("rosters-twin").arg("line", first));
            }
            Fate::Same(id) => {
                line.outcome = Outcome::Same;
                line.id = id;
            }
            Fate::Add { unit } => {
                settle_status(&mut row, table_has_full, today);
                line.outcome = Outcome::Added;
                let id = MemberId::fresh(&site.clock, &site.dice);
                if let (true, Some(unit)) = (will_write, tree.at(unit)) {
                    line.id = id.to_string();
                    let mut member = row.member.clone();
                    member.source = source;
                    member.status_from_on = matching::status_from(&member);
                    plan.adds.push(many::seal(
                        site,
                        many::NewPerson {
                            id,
                            member,
                            unit: unit.id.clone(),
                            from_on: row.placed_on.unwrap_or(today),
                            reason: "import",
                        },
                    )?);
                }
            }
            Fate::Update {
                known,
                fields,
                place,
                message,
            } => {
                line.outcome = Outcome::Updated;
                line.id = known.id.to_string();
                line.message = Some(message);
                let number =
                    |field: &str, value: &String| fields.contains(&field).then(|| value.clone());
                plan.updates.push(Update {
                    id: known.id.clone(),
                    row_version: known.row_version,
                    now: matching::merged(&known, &row, &fields),
                    numbers: [
                        number("card", &row.member.card),
                        number("citizen", &row.member.citizen),
                        number("phone", &row.member.phone),
                    ],
                    external_id: number("external_id", &row.member.external_id),
                    unit: unit.filter(|_| place).map(|unit| unit.id.clone()),
                    from_on: row.placed_on.unwrap_or(today),
                    home: unit.map(|unit| unit.id.clone()),
                    source,
                    fields,
                });
            }
        }
        line.warnings = row.warnings;
        plan.lines.push(line);
    }
    Ok(plan)
}

/// A sentence, and the value that no two rows may share.
type Key = (&'static str, fn(&Row) -> String);

/// Refuses rows of one number, marks rows that say the same twice. Answers row → line of its twin.
fn within_file(rows: &mut [Row]) -> HashMap<usize, usize> {
    let mut twins = HashMap::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (nth, row) in rows.iter().enumerate() {
        let member = &row.member;
        let tells_apart = [
            &member.external_id,
            &member.card,
            &member.citizen,
            &member.birth_on,
        ];
        if row.problem.is_some() || tells_apart.iter().all(|text| text.is_empty()) {
            continue;
        }
        let whole = format!("{member:?} {:?} {:?}", row.unit, row.placed_on);
        match seen.get(&whole) {
            Some(first) => {
                twins.insert(nth, *first);
            }
            None => {
                seen.insert(whole, row.line);
            }
        }
    }
    let mut refusals: Vec<(usize, Note)> = Vec::new();
    let keys: [Key; 3] = [
        ("rosters-twice-card", |row| row.member.card.clone()),
        ("rosters-twice-citizen", |row| row.member.citizen.clone()),
        ("rosters-twice-external", |row| {
            row.member.external_id.clone()
        }),
    ];
    for (key, value) in keys {
        for group in groups(rows, &twins, value) {
            for nth in &group {
                refusals.push((
                    *nth,
                    Note::new(key).arg("lines", lines_but(rows, &group, *nth)),
                ));
            }
        }
    }
    let by_name = |row: &Row| {
        let unit = if row.member.birth_on.len() == 10 {
            None
        } else {
            row.unit
        };
        format!("{}|{}|{unit:?}", row.name_key(), row.member.birth_on)
    };
    for group in groups(rows, &twins, by_name) {
        for nth in &group {
            let alike: Vec<usize> = group
                .iter()
                .copied()
                .filter(|other| {
                    other == nth || !matches!((rows.get(*nth), rows.get(*other)), (Some(one), Some(other)) if are_different(one, other))
                })
                .collect();
            if alike.len() > 1 {
                let note =
                    Note::new("rosters-twice-name").arg("lines", lines_but(rows, &alike, *nth));
                refusals.push((*nth, note));
            }
        }
    }
    for (nth, note) in refusals {
        if let Some(row) = rows.get_mut(nth) {
            row.refuse(note);
        }
    }
    twins
}

/// Whether numbers prove that two rows are two people.
fn are_different(one: &Row, other: &Row) -> bool {
    let differ = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && a != b;
    let (one, other) = (&one.member, &other.member);
    differ(&one.card, &other.card)
        || differ(&one.citizen, &other.citizen)
        || differ(&one.external_id, &other.external_id)
}

fn groups(
    rows: &[Row],
    twins: &HashMap<usize, usize>,
    key: impl Fn(&Row) -> String,
) -> Vec<Vec<usize>> {
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    for (nth, row) in rows.iter().enumerate() {
        let key = key(row);
        if !key.is_empty() && !row.member.name.is_empty() && !twins.contains_key(&nth) {
            by_key.entry(key).or_default().push(nth);
        }
    }
    by_key
        .into_values()
        .filter(|group| group.len() > 1)
        .collect()
}

fn lines_but(rows: &[Row], group: &[usize], but: usize) -> String {
    let lines: Vec<String> = group
        .iter()
        .filter(|nth| **nth != but)
        .filter_map(|nth| rows.get(*nth))
        .map(|row| row.line.to_string())
        .take(10)
        .collect();
    lines.join(", ")
}

fn fate(
    site: &Site,
    tree: &Tree,
    people: &matching::People,
    row: &Row,
    macs: &Macs,
    options: &RosterOptions,
) -> Result<Fate> {
    let Some((nth, unit)) = row.unit.and_then(|nth| Some((nth, tree.at(nth)?))) else {
        return Ok(Fate::Refused(Note::new("rosters-unit-missing")));
    };
    let unit_id = unit.id.as_str();
    let named = people.by_identifiers(row, macs);
    let known = match named.as_slice() {
        [] => {
            let namesakes = people.namesakes(row, macs, unit_id);
            let Some(first) = namesakes.first() else {
                return Ok(Fate::Add { unit: nth });
            };
            if let [only] = namesakes.as_slice()
                && only.unit_id == unit_id
                && matching::compare(site, only, row, macs)?.is_none()
            {
                return Ok(Fate::Same(only.id.to_string()));
            }
            return Ok(Fate::Refused(
                match tree.by_id(&first.unit_id).and_then(|nth| tree.at(nth)) {
                    Some(there) => Note::new("rosters-namesake").arg("unit", &there.name),
                    None => Note::new("rosters-namesake-elsewhere"),
                },
            ));
        }
        [one] => *one,
        _ => return Ok(Fate::Refused(Note::new("rosters-identifiers-differ"))),
    };
    if !known.unit_id.is_empty() && known.unit_id != unit_id {
        // Whoever sits beyond the importer's reach is not named.
        return Ok(Fate::Refused(
            match tree.by_id(&known.unit_id).and_then(|nth| tree.at(nth)) {
                Some(there) => Note::new("rosters-elsewhere").arg("unit", &there.name),
                None => Note::new("rosters-elsewhere-hidden"),
            },
        ));
    }
    let is_gone = matches!(known.status.as_str(), "left" | "deceased");
    if known.unit_id.is_empty() && (is_gone || options.by.is_some()) {
        return Ok(Fate::Refused(Note::new("rosters-gone")));
    }
    let mut difference = matching::compare(site, known, row, macs)?;
    let logins = ["phone", "email", "citizen", "external_id"];
    if options.by.is_some() && known.holds_rights == 1 {
        // What an office holder signs in with is not changed by a list (R4).
        let touches = difference
            .fills
            .iter()
            .chain(difference.changes.iter().map(|(field, _)| field))
            .any(|field| logins.contains(field));
        if touches {
            return Ok(Fate::Refused(Note::new("rosters-login")));
        }
    }
    if !difference.changes.is_empty() && !options.accept_changes {
        let changes = difference
            .changes
            .into_iter()
            .map(|(_, note)| note)
            .collect();
        return Ok(Fate::Refused(
            Note::new("rosters-conflict").notes("changes", changes),
        ));
    }
    let place = known.unit_id.is_empty();
    if difference.is_none() && !place {
        return Ok(Fate::Same(known.id.to_string()));
    }
    let mut told: Vec<Note> = difference
        .changes
        .iter()
        .map(|(_, note)| note.clone())
        .collect();
    told.extend(
        difference
            .fills
            .iter()
            .map(|field| Note::new("rosters-fill").key("field", rows::label(field))),
    );
    if place {
        told.push(Note::new("rosters-fill").key("field", "rosters-field-unit"));
    }
    let mut fields = std::mem::take(&mut difference.fills);
    fields.extend(difference.changes.iter().map(|(field, _)| *field));
    Ok(Fate::Update {
        known: Box::new(known.clone()),
        fields,
        place,
        message: Note::new("rosters-updated").notes("changes", told),
    })
}

/// Two rows that name one person by different numbers are both refused.
fn one_row_each(rows: &[Row], fates: &mut [Fate]) {
    let mut by_id: HashMap<String, Vec<usize>> = HashMap::new();
    for (nth, fate) in fates.iter().enumerate() {
        let id = match fate {
            Fate::Update { known, .. } => known.id.to_string(),
            Fate::Same(id) => id.clone(),
            _ => continue,
        };
        by_id.entry(id).or_default().push(nth);
    }
    for group in by_id.into_values().filter(|group| group.len() > 1) {
        for nth in &group {
            if let Some(fate) = fates.get_mut(*nth) {
                *fate = Fate::Refused(
                    Note::new("rosters-twice-person").arg("lines", lines_but(rows, &group, *nth)),
                );
            }
        }
    }
}

/// A new member's status where the file says none.
fn settle_status(row: &mut Row, table_has_full: bool, today: Day) {
    if !row.member.status.is_empty() {
        return;
    }
    let ceremony = vietnamese::read_date(&row.member.ceremony_on).ok(); // empty: not known
    let is_recent = ceremony.is_some_and(|date| {
        let (_, last) = date.span();
        last.to_string()
            .parse::<Day>()
            .is_ok_and(|last| last.plus_months(24) >= today)
    });
    if row.member.full_from_on.is_empty() && table_has_full && is_recent {
        row.member.status = "probationary".to_owned();
        row.warnings
            .push(Note::new("rosters-status-taken-probationary"));
    } else {
        row.member.status = "full".to_owned();
        if row.member.full_from_on.is_empty() {
            row.warnings.push(Note::new("rosters-status-taken-full"));
        }
    }
}

/// Who belongs to the units of the file and does not stand in it: told, never ended.
async fn missing_people(
    site: &Site,
    tree: &Tree,
    rows: &[Row],
    fates: &[Fate],
) -> Result<Option<Note>> {
    let units: HashSet<usize> = rows.iter().filter_map(|row| row.unit).collect();
    let ids: Vec<UnitId> = units
        .iter()
        .filter_map(|nth| tree.at(*nth))
        .map(|unit| unit.id.clone())
        .collect();
    let present = people::known::count_placed(site, &ids).await?;
    let found = fates
        .iter()
        .filter(|fate| matches!(fate, Fate::Same(_) | Fate::Update { .. }))
        .count();
    let absent = present - i64::try_from(found).unwrap_or(0);
    Ok((absent > 0).then(|| Note::new("rosters-absent").arg("count", absent)))
}

enum Written {
    All,
    Stopped,
    Again,
}

#[allow(clippy::too_many_arguments)] // one call; a struct would only rename the arguments
async fn write(
    site: &Site,
    options: &RosterOptions,
    told: &Told,
    hash: &str,
    adds: Vec<many::SealedPerson>,
    updates: Vec<Update>,
    before: i64,
    progress: &mut dyn Progress,
) -> Result<Written> {
    let by = Importing::by(options.by.as_deref(), "import roster", site.clock.today())?;
    let mut act = by.begin(site, "import", "roster.import").await?;
    // First of all, so that PostgreSQL lets imports pass one by one.
    store::bump_epoch(&mut act).await?;
    if store::epoch(act.on()).await? != before + 1 {
        return Ok(Written::Again);
    }
    for part in adds.chunks(PART) {
        if progress.is_stopped() {
            return Ok(Written::Stopped);
        }
        match many::add(&mut act, part).await {
            Err(error) if is_twice(&error) => return Ok(Written::Again),
            other => other?,
        }
    }
    for (nth, update) in updates.iter().enumerate() {
        if nth % PART == 0 && progress.is_stopped() {
            return Ok(Written::Stopped);
        }
        match set(&mut act, update).await {
            Err(error) if is_twice(&error) || matches!(error, Error::Refused(_)) => {
                return Ok(Written::Again);
            }
            other => other?,
        }
    }
    let count = |outcome| {
        told.lines
            .iter()
            .filter(|line| line.outcome == outcome)
            .count()
    };
    let diff = serde_json::json!({
        "file": told.file, "sha256": hash, "added": count(Outcome::Added), "updated": count(Outcome::Updated),
        "same": count(Outcome::Same), "refused": told.refused(), "accept_changes": options.accept_changes,
    });
    act.line().object("file", hash).diff(&diff);
    act.end().await?;
    Ok(Written::All)
}

/// Somebody added the same card, citizen id or placement a moment ago.
fn is_twice(error: &Error) -> bool {
    [
        "people_member_card_mac",
        "people_member_citizen_mac",
        "people_placement_one",
        "people_placement_member_id",
    ]
    .iter()
    .any(|key| db::broke(error, key))
}

async fn set(act: &mut Act<Importing>, update: &Update) -> Result<()> {
    let Update {
        id,
        numbers: [card, citizen, phone],
        fields,
        ..
    } = update;
    store::set_member(act, id, update.row_version, &update.now).await?;
    store::set_numbers(
        act,
        id,
        card.as_deref(),
        citizen.as_deref(),
        phone.as_deref(),
    )
    .await?;
    if let Some(external) = &update.external_id {
        store::set_external_id(act, id, external).await?;
    }
    if let Some(unit) = &update.unit {
        let mut placement = NewPlacement::official(id, unit, update.from_on);
        placement.start_reason = "import".to_owned();
        store::add_placement(act, &placement).await?;
    }
    let payload = matching::payload(fields, &update.source, act.now());
    let mut event = Event::new(id, "member_imported", act.now().day()).payload(payload.clone());
    if let Some(home) = &update.home {
        event = event.unit(home);
    }
    store::add_event(act, &event).await?;
    act.log("member.import")
        .about(id)
        .object("member", id)
        .diff(&payload);
    Ok(())
}
