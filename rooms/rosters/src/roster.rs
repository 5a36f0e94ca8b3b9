//! A run of `import roster`: plan every row; then write in short transactions, so that nobody else
//! waits for it, or nothing when a row is bad.
//!
//! Not here: reading cells (`rows`), recognising people (`matching`), the statements (`people::many`,
//! `store`), taking back (`undo`). Surprise: the plan is made before the transactions; when somebody
//! changed people or units meanwhile (the epoch rose), it is made again, and what was written by
//! then is told as it was done.

use super::matching::{self, Known, Macs};
use super::rows::{self, Row};
use super::table::{self, Stop, Table};
use super::tree::{Tree, takes_members};
use super::{Line, Note, RosterOptions, Told};
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Cap, Day, MemberId, UnitId, UnitRef};
use people::access::{CanGive, Importing};
use people::fact::{EventKind, Status};
use people::known::LivingUnit;
use people::probation::Probation;
use people::store::{self, Event, NewMember, NewPlacement};
use people::{before, many};
use site::import::{Choice, Decision, Words};
use site::import::{Outcome, Progress};
use site::room::FieldChange;
use site::{Act, Level, Looked, May as _, Program, Site};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};
use web::Lang;

/// A plan is made so often when others write at the same time.
const TRIES: usize = 8;
/// What people sign in with (R4).
const LOGINS: &[&str] = &["phone", "email", "citizen", "external_id"];
/// People of one statement's round, between two looks at the watch.
const PART: usize = 50;
/// A transaction that has written for so long is ended: sign-in never waits for more than 100 ms.
const WRITES: Duration = Duration::from_millis(40);

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
    // What earlier tries have written, by line: the plan made anew finds it there already.
    let mut written: HashMap<usize, Outcome> = HashMap::new();
    for _ in 0..TRIES {
        let before = store::epoch(site.db.read()).await?;
        let plan = match plan(site, &table, &told.file, &hash, options).await {
            Ok(plan) => plan,
            Err(Stop::Fault(error)) => return Err(error),
            Err(Stop::Refused(note)) => {
                told.refusal = Some(note);
                return Ok(told);
            }
        };
        told.lines = plan.lines;
        for line in &mut told.lines {
            if let (Some(outcome), Outcome::Same) = (written.get(&line.line), line.outcome) {
                line.outcome = *outcome;
            }
        }
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
            give_posts(site, &mut told, options).await?;
            return Ok(told);
        }
        let mut writing = Writing {
            site,
            options,
            file: &told.file,
            hash: &hash,
            refused: told.refused(),
            epoch: before,
            written: &mut written,
        };
        match writing.write(plan.adds, plan.updates, progress).await? {
            Written::All => {
                give_posts(site, &mut told, options).await?;
                return Ok(told);
            }
            Written::Stopped => {
                told.is_stopped = true;
                told.lines.retain(|line| written.contains_key(&line.line));
                return Ok(told);
            }
            Written::Again => told.notes.truncate(notes_before),
        }
    }
    Err(Error::Busy { retry_s: 10 })
}

/// Gives the posts that the sender took, after everybody is written.
async fn give_posts(site: &Site, told: &mut Told, options: &RosterOptions) -> Result<()> {
    for line in &mut told.lines {
        if let (Some(post), Ok(member)) = (&mut line.post, line.id.parse()) {
            post.give(site, options, (&told.file, line.line), &member)
                .await?;
        }
    }
    Ok(())
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
    adds: Vec<Add>,
    updates: Vec<Update>,
}

/// A new person, and the line that names them.
struct Add {
    line: usize,
    id: MemberId,
    person: many::SealedPerson,
}

/// What is written over a record.
struct Update {
    line: usize,
    id: MemberId,
    row_version: i64,
    now: NewMember,
    fields: Vec<&'static str>,
    numbers: [Option<String>; 3],
    /// Whether card and citizen number are held beyond the sender's reach.
    apart: [bool; 2],
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
        shown: Vec<FieldChange>,
    },
    /// A person decides: nothing is done before.
    Doubt {
        why: Note,
        shown: Vec<FieldChange>,
        choices: Vec<Choice>,
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
    file: &str,
    hash: &str,
    options: &RosterOptions,
) -> std::result::Result<Plan, Stop> {
    let today = site.clock.today();
    let words = &options.common.words(site);
    let scope = options
        .by
        .as_ref()
        .map(|actor| actor.scope(Cap::ImportPrepare, today));
    let mut tree = Tree::load(site, today, scope.as_ref()).await?;
    // All that the sender reaches, whatever the list is for.
    let within: HashSet<String> = tree.units.iter().map(|unit| unit.id.to_string()).collect();
    let mut fixed = None;
    if let Some(wanted) = &options.unit {
        let nth = tree
            .find(wanted)
            .map_err(|_| Note::new("rosters-option-unit").arg("unit", wanted))?;
        match tree.at(nth) {
            Some(unit) if takes_members(unit) => fixed = Some(nth),
            Some(unit) => {
                let top = unit.path.clone();
                tree = tree.below(&top);
            }
            None => {}
        }
    }
    let age = people::day::JoinAge::of(site).await?;
    let read = rows::read(table, &tree, fixed, (today, age));
    let mut rows = read.rows;
    if rows.is_empty() {
        return Err(Note::new("rosters-no-rows").into());
    }
    let macs: Vec<Macs> = rows.iter().map(|row| Macs::of(site, row)).collect();
    let twins = within_file(&mut rows);
    let mut people = matching::load(site, &rows, &macs).await?;
    if options.by.is_some() {
        people = people
            .keep(|known| known.unit_id.is_empty() || within.contains(known.unit_id.as_str()));
    }
    let looked = look(site, &tree, &people, &rows, &macs, options).await?;
    let mut fates: Vec<Fate> = Vec::with_capacity(rows.len());
    for (nth, (row, macs)) in rows.iter().zip(&macs).enumerate() {
        let fate = match (&row.problem, twins.get(&nth)) {
            (Some(problem), _) => Fate::Refused(problem.clone()),
            (None, Some(line)) => Fate::Duplicate { line: *line },
            (None, None) => {
                let decision = options.decided.get(&format!("{file}:{}", row.line));
                fate(site, &tree, &people, &looked, row, macs, options, decision)?
            }
        };
        fates.push(fate);
    }
    one_row_each(&rows, &mut fates);
    keep_sign_in(site, &mut fates, options).await?;
    let planned = rows.iter().zip(&macs).zip(&fates);
    let beyond = planned.filter(|((row, macs), fate)| {
        !matches!(fate, Fate::Refused(_)) && people.is_beyond(row, macs)
    });
    note_beyond(site, beyond.count(), options).await?;
    let mut notes = read.notes;
    notes.extend(missing_people(site, &tree, &rows, &fates).await?);
    let mut plan = Plan {
        lines: Vec::with_capacity(rows.len()),
        notes,
        adds: Vec::new(),
        updates: Vec::new(),
    };
    let undated = (rows.iter().zip(&fates))
        .filter(|(row, fate)| matches!(fate, Fate::Add { .. }) && row.placed_on.is_none())
        .count();
    if undated > 0 {
        let note = Note::new("rosters-placed-today").arg("count", undated);
        plan.notes.push(note);
    }
    let probation = people::probation::of(site, today).await?;
    let table_has_full = table.layout.has("full_from_on");
    let will_write = !options.common.dry_run;
    for ((mut row, macs), fate) in rows.into_iter().zip(&macs).zip(fates) {
        let apart = people.apart(macs);
        let unit = row.unit.and_then(|nth| tree.at(nth));
        let mut line = Line {
            line: row.line,
            outcome: Outcome::Refused,
            id: String::new(),
            message: None,
            warnings: Vec::new(),
            changes: Vec::new(),
            choices: Vec::new(),
            way_out: String::new(),
            post: None,
        };
        let source = format!("{}:{}", hash.get(..12).unwrap_or_default(), row.line);
        match fate {
            Fate::Refused(why) => {
                line.message = Some(why);
                if row.problem.is_some() {
                    line.way_out = way_out(&row, &tree, options, today);
                }
                if !row.member.name.is_empty() {
                    line.changes = name_first(words, &row.member.name, Vec::new());
                }
            }
            Fate::Doubt {
                why,
                shown,
                choices,
            } => {
                line.message = Some(why);
                line.changes = shown;
                line.choices = choices;
            }
            Fate::Duplicate { line: first } => {
                line.outcome = Outcome::Duplicate;
                line.message = Some(Note::new("rosters-twin").arg("line", first));
            }
            Fate::Same(id) => {
                line.outcome = Outcome::Same;
                line.id = id;
            }
            Fate::Add { unit } => {
                settle_status(&mut row, table_has_full, today, probation);
                line.outcome = Outcome::Added;
                let id = MemberId::fresh(&site.clock, &site.dice);
                if !will_write {
                    let shown = matching::shown_new(words, &row.member, row.member.status.known());
                    line.changes = name_first(words, &row.member.name, shown);
                    if let Some(unit) = tree.at(unit) {
                        let label = words.get("rosters-field-unit");
                        let (old, new) = (String::new(), unit.name.clone());
                        line.changes.push(FieldChange { label, old, new });
                    }
                }
                if let (true, Some(unit)) = (will_write, tree.at(unit)) {
                    line.id = id.to_string();
                    let mut member = row.member.clone();
                    member.source = source;
                    member.status_from_on = matching::status_from(&member);
                    let person = many::NewPerson {
                        id: id.clone(),
                        member,
                        unit: unit.id.clone(),
                        from_on: row.placed_on.unwrap_or(today),
                        reason: "import",
                        apart,
                    };
                    plan.adds.push(Add {
                        line: row.line,
                        id,
                        person: many::seal(site, person)?,
                    });
                }
            }
            Fate::Update {
                known,
                fields,
                place,
                message,
                shown,
            } => {
                line.outcome = Outcome::Updated;
                line.id = known.id.to_string();
                line.message = Some(message);
                line.changes = shown;
                let number =
                    |field: &str, value: &String| fields.contains(&field).then(|| value.clone());
                plan.updates.push(Update {
                    line: row.line,
                    id: known.id.clone(),
                    row_version: known.row_version,
                    now: matching::merged(&looked, &known, &row, &fields)?,
                    numbers: [
                        number("card", &row.member.card),
                        number("citizen", &row.member.citizen),
                        number("phone", &row.member.phone),
                    ],
                    external_id: number("external_id", &row.member.external_id),
                    apart,
                    unit: unit.filter(|_| place).map(|unit| unit.id.clone()),
                    from_on: row.placed_on.unwrap_or(today),
                    home: unit.map(|unit| unit.id.clone()),
                    source,
                    fields,
                });
            }
        }
        if !row.post.is_empty() && line.outcome != Outcome::Refused {
            let known = match line.outcome {
                Outcome::Added => None,
                _ => line.id.parse::<MemberId>().ok(), // every row but a new one has found somebody
            };
            let proposed = match (line.outcome, &known) {
                (Outcome::Duplicate, _) => None,
                _ => {
                    crate::posts::propose(site, options, words, unit, &row, known.as_ref()).await?
                }
            };
            if let Some(proposal) = proposed {
                row.warnings.push(proposal.note());
                line.post = Some(proposal);
            } else if !people.holds_rights(&line.id) {
                let note = Note::new("rosters-post-said").arg("post", &row.post);
                row.warnings.push(note);
                line.way_out = appointment(unit, &line.id, options, today);
            }
        }
        line.warnings = row.warnings;
        plan.lines.push(line);
    }
    Ok(plan)
}

/// The form of a new member of the row's unit, its name filled in: for a row that cannot be read, where
/// whoever imports may add a person by hand. Nothing but the name goes into the address.
fn way_out(row: &Row, tree: &Tree, options: &RosterOptions, today: Day) -> String {
    let unit = row.unit.and_then(|nth| tree.at(nth));
    let (Some(unit), Some(actor)) = (unit, &options.by) else {
        return String::new();
    };
    let target = UnitRef {
        id: unit.id.clone(),
        path: unit.path.clone(),
    };
    if row.member.name.is_empty() || !actor.allow(Cap::MemberDraft, &target, today) {
        return String::new();
    }
    let name = web::link::query("name", &row.member.name);
    format!("/units/{}/members/new?{name}", unit.id)
}

/// The form that gives a post of the row's unit, for somebody who is in the handbook and whoever may
/// give posts there; the form asks for the title and the second person as always.
fn appointment(
    unit: Option<&LivingUnit>,
    member: &str,
    options: &RosterOptions,
    today: Day,
) -> String {
    let (Some(unit), Some(actor), false) = (unit, &options.by, member.is_empty()) else {
        return String::new();
    };
    let target = UnitRef {
        id: unit.id.clone(),
        path: unit.path.clone(),
    };
    if CanGive::of(actor, &target, today).is_err() {
        return String::new();
    }
    let member = web::link::query("member", member);
    format!("/units/{}/positions/new?{member}", unit.id)
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

/// Looks written down at once.
const LOOKS: usize = 200;

/// Has every look at a record written down before anything of it is shown: who stands in a list reads
/// who compared it. A command of the operator shows nothing in the handbook.
async fn look(
    site: &Site,
    tree: &Tree,
    people: &matching::People,
    rows: &[Row],
    macs: &[Macs],
    options: &RosterOptions,
) -> Result<Looked> {
    let about: BTreeSet<MemberId> = (rows.iter().zip(macs))
        .filter_map(|(row, macs)| {
            let unit = tree.at(row.unit?)?;
            Some(people.compared(row, macs, unit.id.as_str())?.id.clone())
        })
        .collect();
    let Some(actor) = &options.by else {
        return Ok(Looked::by_program(&Program::part("rosters"), about));
    };
    let purpose = site.edge.texts.get(Lang::Vi, "rosters-looked"); // kept in the log
    let about: Vec<MemberId> = about.into_iter().collect();
    let mut looked = Looked::own(actor);
    for some in about.chunks(LOOKS) {
        looked = looked.and(site::look(site, actor, some, Level::V2, &purpose).await?);
    }
    Ok(looked)
}

/// Whether what these fields hold is how somebody signs in, or proves by that it is them.
fn is_identity(fields: &[&str]) -> bool {
    (fields.iter()).any(|field| *field == "card" || LOGINS.contains(field))
}

/// A list changes how somebody signs in only where its sender could on the record's page (R4).
async fn keep_sign_in(site: &Site, fates: &mut [Fate], options: &RosterOptions) -> Result<()> {
    let Some(actor) = options.by.as_deref() else {
        return Ok(());
    };
    let touched = |fate: &Fate| match fate {
        Fate::Update { known, fields, .. } if is_identity(fields) => Some(known.id.clone()),
        _ => None,
    };
    let ids: Vec<MemberId> = fates.iter().filter_map(touched).collect();
    let may = people::identity::list_changeable(site, actor, &ids).await?;
    for fate in fates {
        if touched(fate).is_some_and(|id| !may.contains(&id)) {
            *fate = Fate::Refused(Note::new("rosters-login-beyond"));
        }
    }
    Ok(())
}

/// Rows whose code or number somebody beyond the sender's reach holds: nothing is said of it to the sender, the
/// numbers are written apart, and a line stands in the log.
async fn note_beyond(site: &Site, count: usize, options: &RosterOptions) -> Result<()> {
    let Some(actor) = options.by.as_deref().filter(|_| count > 0) else {
        return Ok(());
    };
    let by = Importing::by(Some(actor), "import roster", site.clock.today())?;
    let mut act = by.begin(site, "import", "roster.elsewhere").await?;
    act.line().diff(&serde_json::json!({ "rows": count }));
    act.end().await.map(|_| ())
}

#[allow(clippy::too_many_arguments)] // one row with all that is known of it
fn fate(
    site: &Site,
    tree: &Tree,
    people: &matching::People,
    looked: &Looked,
    row: &Row,
    macs: &Macs,
    options: &RosterOptions,
    decision: Option<&Decision>,
) -> Result<Fate> {
    let Some((nth, unit)) = row.unit.and_then(|nth| Some((nth, tree.at(nth)?))) else {
        return Ok(Fate::Refused(Note::new("rosters-unit-missing")));
    };
    let unit_id = unit.id.as_str();
    let words = &options.common.words(site);
    if people.is_of_several(row) {
        return Ok(Fate::Refused(Note::new("rosters-code-shared")));
    }
    let named = people.by_identifiers(row, macs);
    let known = match named.as_slice() {
        [] => {
            let namesakes = people.namesakes(row, macs, unit_id);
            let Some(first) = namesakes.first() else {
                return Ok(Fate::Add { unit: nth });
            };
            if let [only] = namesakes.as_slice()
                && only.unit_id == unit_id
                && matching::compare(site, words, looked, only, row, macs)?.is_none()
            {
                return Ok(Fate::Same(only.id.to_string()));
            }
            let there = tree.by_id(&first.unit_id).and_then(|nth| tree.at(nth));
            // Who has a code or a number is not asked for another: of two units, two records can become one.
            let is_here = namesakes.iter().all(|one| one.unit_id == unit_id);
            let why = match (there, is_here, row.has_identifier()) {
                (Some(there), true, false) => {
                    Note::new("rosters-namesake").arg("unit", &there.name)
                }
                (Some(there), true, true) => {
                    Note::new("rosters-namesake-coded").arg("unit", &there.name)
                }
                (Some(there), false, false) => {
                    Note::new("rosters-namesake-far").arg("unit", &there.name)
                }
                (Some(there), false, true) => {
                    Note::new("rosters-namesake-far-coded").arg("unit", &there.name)
                }
                (None, _, false) => Note::new("rosters-namesake-elsewhere"),
                (None, _, true) => Note::new("rosters-namesake-elsewhere-coded"),
            };
            let shown = matching::shown_new(words, &row.member, row.status);
            let shown = name_first(words, &row.member.name, shown);
            // Only who belongs to the same cell can be recognised by a person here.
            let same = match namesakes.as_slice() {
                [only] if only.unit_id == unit_id => Some(*only),
                _ => None,
            };
            let mut choices = vec![choice(words, "new")];
            choices.extend(same.map(|_| choice(words, "same")));
            match (decided(words, &why, &shown, &choices, decision), same) {
                (Some("new"), _) => return Ok(Fate::Add { unit: nth }),
                (Some("same"), Some(same)) => same,
                _ => {
                    return Ok(Fate::Doubt {
                        why,
                        shown,
                        choices,
                    });
                }
            }
        }
        [one] => *one,
        _ => return Ok(Fate::Refused(Note::new("rosters-identifiers-differ"))),
    };
    if !known.unit_id.is_empty() && known.unit_id != unit_id {
        // Within reach, and not below what the list is for. Nobody beyond the reach comes here.
        return Ok(Fate::Refused(
            match tree.by_id(&known.unit_id).and_then(|nth| tree.at(nth)) {
                Some(there) => Note::new("rosters-elsewhere").arg("unit", &there.name),
                None => Note::new("rosters-elsewhere-hidden"),
            },
        ));
    }
    let is_gone = people::fact::is_gone(&known.status);
    if known.unit_id.is_empty() && (is_gone || options.by.is_some()) {
        return Ok(Fate::Refused(Note::new("rosters-gone")));
    }
    if matching::is_another(known, row) {
        return Ok(Fate::Refused(Note::new("rosters-another")));
    }
    let mut difference = matching::compare(site, words, looked, known, row, macs)?;
    if options.by.is_some() && known.holds_rights == 1 {
        // What an office holder signs in with is not changed by a list (R4).
        let touches = difference
            .fills
            .iter()
            .chain(difference.changes.iter().map(|(field, _)| field))
            .any(|field| LOGINS.contains(field));
        if touches {
            return Ok(Fate::Refused(Note::new("rosters-login")));
        }
    }
    if !difference.changes.is_empty() && !options.accept_changes {
        let changes = (difference.changes.iter())
            .map(|(_, note)| note.clone())
            .collect();
        let why = Note::new("rosters-conflict").notes("changes", changes);
        let shown = name_first(words, &known.name, difference.shown());
        let choices = vec![choice(words, "keep"), choice(words, "take")];
        match decided(words, &why, &shown, &choices, decision) {
            Some("take") => {}
            Some("keep") => difference.keep(),
            _ => {
                return Ok(Fate::Doubt {
                    why,
                    shown,
                    choices,
                });
            }
        }
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
    let shown = name_first(words, &known.name, difference.shown());
    let mut fields = std::mem::take(&mut difference.fills);
    fields.extend(difference.changes.iter().map(|(field, _)| *field));
    Ok(Fate::Update {
        known: Box::new(known.clone()),
        fields,
        place,
        message: Note::new("rosters-updated").notes("changes", told),
        shown,
    })
}

pub(crate) fn choice(words: &Words, answer: &'static str) -> Choice {
    let key = match answer {
        "new" => "rosters-choice-new",
        "same" => "rosters-choice-same",
        "keep" => "rosters-choice-keep",
        _ => "rosters-choice-take",
    };
    Choice {
        answer,
        label: words.get(key),
    }
}

/// The answer that a person gave, if they saw what stands here now.
pub(crate) fn decided<'a>(
    words: &Words,
    why: &Note,
    shown: &[FieldChange],
    choices: &[Choice],
    decision: Option<&'a Decision>,
) -> Option<&'a str> {
    let decision = decision?;
    let is_offered = choices
        .iter()
        .any(|choice| choice.answer == decision.answer);
    let is_same = site::import::seen(&why.said(words), shown) == decision.seen;
    (is_offered && is_same).then_some(decision.answer.as_str())
}

/// What a line shows: whom it is about stands first.
pub(crate) fn name_first(
    words: &Words,
    name: &str,
    mut shown: Vec<FieldChange>,
) -> Vec<FieldChange> {
    let label = words.get("rosters-field-name");
    if !shown.iter().any(|change| change.label == label) {
        let (old, new) = (String::new(), name.to_owned());
        shown.insert(0, FieldChange { label, old, new });
    }
    shown
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
fn settle_status(row: &mut Row, table_has_full: bool, today: Day, probation: Option<Probation>) {
    if let Some(said) = row.status {
        row.member.status = Kept::Known(said);
        return;
    }
    let ceremony = vietnamese::read_date(&row.member.ceremony_on).ok(); // empty: not known
    let is_within = |months: i32| {
        ceremony.as_ref().is_some_and(|date| {
            let (_, last) = date.span();
            let last = last.to_string().parse::<Day>();
            last.is_ok_and(|last| last.plus_months(months) >= today)
        })
    };
    // Nobody is a full member within the months of probation, whatever columns the file has; where it has
    // one for the day and leaves it empty, recognition may be late.
    let is_recent = probation.is_some_and(|rule| {
        is_within(rule.months) || (table_has_full && is_within(rule.months + rule.more_months))
    });
    if row.member.full_from_on.is_empty() && is_recent {
        row.member.status = Kept::Known(Status::Probationary);
        row.warnings
            .push(Note::new("rosters-status-taken-probationary"));
    } else {
        row.member.status = Kept::Known(Status::Full);
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

/// A run while it writes.
struct Writing<'a> {
    site: &'a Site,
    options: &'a RosterOptions,
    file: &'a str,
    hash: &'a str,
    refused: usize,
    /// The epoch that the plan stands on; each of our own transactions raises it by one.
    epoch: i64,
    written: &'a mut HashMap<usize, Outcome>,
}

impl Writing<'_> {
    async fn write(
        &mut self,
        adds: Vec<Add>,
        updates: Vec<Update>,
        progress: &mut dyn Progress,
    ) -> Result<Written> {
        let (mut adds, mut updates) = (adds.as_slice(), updates.as_slice());
        while !adds.is_empty() || !updates.is_empty() {
            if progress.is_stopped() {
                return Ok(Written::Stopped);
            }
            match self.part(adds, updates).await? {
                None => return Ok(Written::Again),
                Some((added, updated)) => {
                    let (done, rest) = adds.split_at(added);
                    let lines = done.iter().map(|add| (add.line, Outcome::Added));
                    self.written.extend(lines);
                    adds = rest;
                    let (done, rest) = updates.split_at(updated);
                    let lines = done.iter().map(|update| (update.line, Outcome::Updated));
                    self.written.extend(lines);
                    updates = rest;
                    progress.written(self.written.len() as u64);
                }
            }
        }
        Ok(Written::All)
    }

    /// One transaction; answers how many of each it took, `None` when the plan is out of date.
    async fn part(&mut self, adds: &[Add], updates: &[Update]) -> Result<Option<(usize, usize)>> {
        let site = self.site;
        let by = self.options.by.as_deref();
        let by = Importing::by(by, "import roster", site.clock.today())?;
        let mut act = by.begin(site, "import", "roster.import").await?;
        let began = Instant::now();
        // First of all, so that PostgreSQL lets imports pass one by one.
        store::bump_epoch(&mut act).await?;
        if store::epoch(act.on()).await? != self.epoch + 1 {
            return Ok(None);
        }
        let (mut added, mut updated) = (0, 0);
        let run = self.options.run.as_deref();
        for part in adds.chunks(PART) {
            if added > 0 && began.elapsed() > WRITES {
                break;
            }
            let people: Vec<&many::SealedPerson> = part.iter().map(|add| &add.person).collect();
            match many::add(&mut act, &people).await {
                Err(error) if is_twice(&error) => return Ok(None),
                other => other?,
            }
            let ids: Vec<String> = part.iter().map(|add| add.id.to_string()).collect();
            site::import::note_made(&mut act, run, "member", &ids).await?;
            added += part.len();
        }
        if added == adds.len() {
            for update in updates {
                if added + updated > 0 && began.elapsed() > WRITES {
                    break;
                }
                match set(&mut act, run, update).await {
                    Err(error) if is_twice(&error) || matches!(error, Error::Refused(_)) => {
                        return Ok(None);
                    }
                    other => other?,
                }
                updated += 1;
            }
        }
        let diff = serde_json::json!({
            "file": self.file, "sha256": self.hash, "added": added, "updated": updated,
            "refused": self.refused, "accept_changes": self.options.accept_changes,
        });
        act.line().object("file", self.hash).diff(&diff);
        act.end().await?;
        self.epoch += 1;
        Ok(Some((added, updated)))
    }
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

async fn set(act: &mut Act<Importing>, run: Option<&str>, update: &Update) -> Result<()> {
    let Update {
        id,
        numbers: [card, citizen, phone],
        apart: [card_apart, citizen_apart],
        fields,
        ..
    } = update;
    let was = before::image(act, id).await?;
    let (_, old_email) = people::identity::contacts(act, id).await?;
    store::set_member(act, id, update.row_version, &update.now).await?;
    store::set_numbers(
        act,
        id,
        card.as_deref().filter(|_| !card_apart),
        citizen.as_deref().filter(|_| !citizen_apart),
        phone.as_deref(),
    )
    .await?;
    let held = |number: &Option<String>, is_apart: bool| match is_apart {
        true => number.clone().unwrap_or_default(),
        false => String::new(),
    };
    let (card, citizen) = (held(card, *card_apart), held(citizen, *citizen_apart));
    store::set_unmatched(act, id, &card, &citizen).await?;
    if let Some(external) = &update.external_id {
        store::set_external_id(act, id, external).await?;
    }
    if fields.contains(&"placed_on") {
        let why = matching::why(act, &update.source);
        store::set_first_day(act, id, update.from_on, &why).await?;
    }
    if let Some(unit) = &update.unit {
        let mut placement = NewPlacement::official(id, unit, update.from_on);
        placement.start_reason = "import".to_owned();
        store::add_placement(act, &placement).await?;
    }
    let left = before::image(act, id).await?;
    site::import::note_changed(act, run, ("member", id.as_str()), &was, &left).await?;
    let payload = matching::payload(fields, &update.source, act.now());
    let mut event =
        Event::new(id, EventKind::MemberImported, act.now().day()).payload(payload.clone());
    if let Some(home) = &update.home {
        event = event.unit(home);
    }
    store::add_event(act, &event).await?;
    act.log("member.import")
        .about(id)
        .object("member", id)
        .diff(&payload);
    if is_identity(fields) {
        people::identity::tell_owner(act, id, fields, &old_email)?;
    }
    Ok(())
}
