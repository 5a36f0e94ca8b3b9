//! A run of `import units`: parents by code, external id or name, levels in any order.
//!
//! Not here: members (`roster`), restructuring: an import adds units and fills what is empty, it
//! moves and closes none. Surprise: a row may name a parent that stands further down the file.

use super::roster::{choice, decided, name_first};
use super::table::{self, Stop, Table};
use super::tree::{Known, Tree, Trouble, code_key, exact};
use super::{Line, Note, Told, UnitsOptions, values};
use intake::columns::Field;
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::path::MAX_DEPTH;
use kernel::{Cap, Day, UnitId};
use people::access::Importing;
use people::before;
use people::fact::UnitKind;
use people::store::{self, NewUnit, UnitChange};
use site::import::{Choice, Outcome, Progress};
use site::room::FieldChange;
use site::{Act, May as _, Site};
use std::collections::{HashMap, HashSet};
use std::path::Path;

pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "name",
        words: &[
            "tên tổ chức đảng",
            "tên đơn vị",
            "tên chi bộ",
            "tên đảng bộ",
            "tên",
            "tổ chức đảng",
            "đơn vị",
            "chi bộ",
            "tên tổ chức",
            "tên chi bộ đảng bộ",
            "tên đảng bộ chi bộ",
            "name",
            "unit",
        ],
        is_required: true,
    },
    Field {
        name: "code",
        words: &[
            "mã tổ chức đảng",
            "mã đơn vị",
            "mã chi bộ",
            "mã",
            "mã số",
            "mã tcđ",
            "mã tổ chức",
            "code",
        ],
        is_required: false,
    },
    Field {
        name: "external_id",
        words: &["mã ngoài", "mã hệ thống cũ", "external id", "id"],
        is_required: false,
    },
    Field {
        name: "parent",
        words: &[
            "trực thuộc",
            "cấp trên trực tiếp",
            "đơn vị cấp trên",
            "tổ chức đảng cấp trên",
            "cấp trên",
            "đảng bộ cấp trên",
            "thuộc",
            "mã cấp trên",
            "mã đơn vị cấp trên",
            "mã tổ chức đảng cấp trên",
            "mã tcđ cấp trên",
            "trực thuộc đảng bộ",
            "đảng bộ",
            "tổ chức đảng cấp trên trực tiếp",
            "parent",
            "parent code",
        ],
        is_required: false,
    },
    Field {
        name: "kind",
        words: &[
            "loại",
            "loại hình",
            "loại tổ chức đảng",
            "loại hình tổ chức đảng",
            "loại tổ chức",
            "cấp",
            "cấp tổ chức",
            "kind",
            "type",
        ],
        is_required: false,
    },
    Field {
        name: "cell_type",
        words: &[
            "loại chi bộ",
            "loại hình chi bộ",
            "khối",
            "lĩnh vực",
            "cell type",
        ],
        is_required: false,
    },
    Field {
        name: "address",
        words: &[
            "địa chỉ",
            "trụ sở",
            "nơi sinh hoạt",
            "địa điểm sinh hoạt",
            "address",
        ],
        is_required: false,
    },
    Field {
        name: "founded_on",
        words: &[
            "ngày thành lập",
            "thành lập ngày",
            "năm thành lập",
            "ngày lập",
            "founded",
        ],
        is_required: false,
    },
];

/// A row of the file.
struct Row {
    line: usize,
    name: String,
    code: String,
    external_id: String,
    parent: String,
    kind: Option<UnitKind>,
    cell_type: String,
    address: String,
    founded_on: Option<Day>,
    problem: Option<Note>,
    warnings: Vec<Note>,
}

/// The unit above a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Above {
    Root,
    Known(usize),
    Row(usize),
}

/// The kind that words or our own code name.
fn kind_of(text: &str) -> Option<UnitKind> {
    Some(match vietnamese::fold(text).as_str() {
        "root" | "trung uong" => UnitKind::Root,
        "province" | "dang bo tinh" | "dang bo thanh pho" | "dang bo truc thuoc trung uong" => {
            UnitKind::Province
        }
        "upper_body"
        | "dang bo cap tren truc tiep"
        | "dang bo cap tren truc tiep cua to chuc co so dang"
        | "dang bo cap tren co so"
        | "cap tren truc tiep co so"
        | "dang bo xa"
        | "dang bo phuong"
        | "dang bo dac khu"
        | "dang bo khoi"
        | "dang bo cap tren" => UnitKind::UpperBody,
        "base_body" | "dang bo co so" | "dang bo" | "dbcs" => UnitKind::BaseBody,
        "base_cell" | "chi bo co so" | "cbcs" => UnitKind::BaseCell,
        "department_body" | "dang bo bo phan" | "dbbp" => UnitKind::DepartmentBody,
        "sub_base_body" | "dang bo truc thuoc co so" | "dang bo truc thuoc dang uy co so" => {
            UnitKind::SubBaseBody
        }
        "cell" | "chi bo" | "chi bo truc thuoc" | "cb" | "cbtt" => UnitKind::Cell,
        "temporary_cell" | "chi bo sinh hoat tam thoi" | "chi bo tam thoi" => {
            UnitKind::TemporaryCell
        }
        "group" | "to dang" => UnitKind::Group,
        "office" | "ban" | "van phong" | "uy ban kiem tra" | "co quan tham muu" | "ban dang"
        | "ubkt" => UnitKind::Office,
        _ => return None,
    })
}

/// The kind that a name begins with: a guess that is told.
fn kind_by_name(name: &str) -> Option<UnitKind> {
    let fold = vietnamese::fold(name);
    [
        ("chi bo co so ", UnitKind::BaseCell),
        ("chi bo sinh hoat tam thoi", UnitKind::TemporaryCell),
        ("chi bo", UnitKind::Cell),
        ("dang bo bo phan", UnitKind::DepartmentBody),
        ("dang bo tinh ", UnitKind::Province),
        ("dang bo thanh pho ", UnitKind::Province),
        ("dang bo xa ", UnitKind::UpperBody),
        ("dang bo phuong ", UnitKind::UpperBody),
        ("dang bo dac khu ", UnitKind::UpperBody),
        ("dang bo khoi ", UnitKind::UpperBody),
        ("dang bo", UnitKind::BaseBody),
        ("to dang", UnitKind::Group),
        ("ban ", UnitKind::Office),
        ("van phong", UnitKind::Office),
        ("uy ban kiem tra", UnitKind::Office),
    ]
    .into_iter()
    .find(|(start, _)| fold.starts_with(start))
    .map(|(_, kind)| kind)
}

pub(super) async fn run(
    site: &Site,
    path: &Path,
    options: &UnitsOptions,
    progress: &mut dyn Progress,
) -> Result<Told> {
    let mut told = Told {
        file: table::name_of(path),
        kind: "unit",
        ..Told::default()
    };
    match attempt(site, path, options, progress, &mut told).await {
        Ok(()) => Ok(told),
        Err(Stop::Fault(error)) => Err(error),
        Err(Stop::Refused(note)) => {
            told.refusal = Some(note);
            Ok(told)
        }
    }
}

async fn attempt(
    site: &Site,
    path: &Path,
    options: &UnitsOptions,
    progress: &mut dyn Progress,
    told: &mut Told,
) -> std::result::Result<(), Stop> {
    let mut table = table::open(site, path, FIELDS, options.common.mapping.as_deref()).await?;
    told.notes.append(&mut table.notes);
    if let Some(note) = table::missing(&table.layout, |_| false) {
        return Err(note.into());
    }
    let hash = table::hash(path)?;
    let today = site.clock.today();
    let scope = options
        .by
        .as_ref()
        .map(|actor| actor.scope(Cap::ImportPrepare, today));
    let before = store::epoch(site.db.read()).await?;
    let tree = Tree::load(site, today, scope.as_ref()).await?;
    let under = match &options.under {
        None => None,
        Some(wanted) => Some(
            tree.find(wanted)
                .map_err(|_| Note::new("rosters-option-unit").arg("unit", wanted))?,
        ),
    };
    let mut rows = read(&table, today);
    if rows.is_empty() {
        return Err(Note::new("rosters-no-rows").into());
    }
    progress.total(u64::try_from(rows.len()).unwrap_or(0));
    twice(&mut rows);
    let may_root = options.by.is_none() && tree.units.is_empty();
    // Who takes in from a page and reaches one tree means that tree; it is said at each row.
    let top = options.by.as_ref().and_then(|_| only_top(&tree));
    let above = parents(&mut rows, &tree, under, may_root, top);
    circles(&mut rows, &above, &tree);
    let misfits = below_cells(&mut rows, &above, &tree);
    let order = by_depth(&above);

    // From the top down: a row's parent is decided before the row.
    let mut ids: Vec<Option<UnitId>> = vec![None; rows.len()];
    let mut lines: Vec<Option<Line>> = (0..rows.len()).map(|_| None).collect();
    let mut adds: Vec<NewUnit> = Vec::new();
    let mut undated = 0_usize;
    let mut sets: Vec<(usize, usize, bool)> = Vec::new();
    for nth in order {
        let (Some(row), Some(place)) = (rows.get(nth), above.get(nth).copied().flatten()) else {
            continue;
        };
        let parent = match place {
            Above::Root => Ok(None),
            Above::Known(known) => Ok(tree.at(known).map(|unit| unit.id.clone())),
            Above::Row(other) => match ids.get(other).cloned().flatten() {
                Some(id) => Ok(Some(id)),
                None => Err(Note::new("rosters-parent-refused")
                    .arg("line", rows.get(other).map_or(0, |row| row.line))),
            },
        };
        let mut line = Line {
            line: row.line,
            outcome: Outcome::Refused,
            id: String::new(),
            message: None,
            warnings: row.warnings.clone(),
            changes: Vec::new(),
            choices: Vec::new(),
            way_out: String::new(),
            post: None,
        };
        let parent = match (&row.problem, parent) {
            (Some(problem), _) => Err(problem.clone()),
            (None, parent) => parent,
        };
        match parent.and_then(|parent| {
            let fate = decide(site, row, parent.as_ref(), &tree, options)?;
            // What is there already stays; what comes new is held to what the form asks.
            match fate {
                Fate::Add if misfits.contains(&nth) => Err(Note::new("rosters-kind-place")),
                Fate::Add if tree.is_taken(&row.code) || tree.is_taken(&row.external_id) => {
                    Err(Note::new("rosters-code-taken"))
                }
                fate => Ok((parent, fate)),
            }
        }) {
            Err(why) => line.message = Some(why),
            Ok((parent, Fate::Add)) => {
                let id = UnitId::fresh(&site.clock, &site.dice);
                let kind = row.kind.unwrap_or(UnitKind::Cell);
                let mut unit = NewUnit::new(
                    id.clone(),
                    parent,
                    kind,
                    &row.name,
                    row.founded_on.unwrap_or(today),
                );
                unit.code = row.code.clone();
                unit.external_id = row.external_id.clone();
                unit.cell_type = row.cell_type.clone();
                unit.address = row.address.clone();
                line.outcome = Outcome::Added;
                if !options.common.dry_run {
                    line.id = id.to_string();
                }
                if let Some(slot) = ids.get_mut(nth) {
                    *slot = Some(id);
                }
                adds.push(unit);
                undated += usize::from(row.founded_on.is_none());
            }
            Ok((
                _,
                Fate::Known {
                    unit,
                    mut changes,
                    shown,
                    fills,
                },
            )) => {
                let id = tree.at(unit).map(|unit| unit.id.clone());
                let said = format!("{}:{}", told.file, row.line);
                let settled = settle(site, options, &said, &changes, &shown);
                match settled {
                    Settled::Doubt(why, choices) => {
                        line.message = Some(why);
                        line.choices = choices;
                        line.changes = shown;
                    }
                    Settled::Keep | Settled::Take => {
                        let keeps = matches!(settled, Settled::Keep);
                        if keeps {
                            changes.clear();
                        } else {
                            line.changes = shown;
                        }
                        changes.extend(fills);
                        line.id = id.as_ref().map(ToString::to_string).unwrap_or_default();
                        line.outcome = Outcome::Same;
                        if !changes.is_empty() {
                            line.outcome = Outcome::Updated;
                            let note = Note::new("rosters-updated").notes("changes", changes);
                            line.message = Some(note);
                            sets.push((nth, unit, keeps));
                        }
                    }
                }
                if let Some(slot) = ids.get_mut(nth) {
                    *slot = id;
                }
            }
        }
        if let Some(slot) = lines.get_mut(nth) {
            *slot = Some(line);
        }
    }
    let words = options.common.words(site);
    told.lines = lines
        .into_iter()
        .zip(&rows)
        .map(|(line, row)| {
            let mut line = line.unwrap_or_else(|| Line {
                line: row.line,
                outcome: Outcome::Refused,
                id: String::new(),
                message: row.problem.clone(),
                warnings: row.warnings.clone(),
                changes: Vec::new(),
                choices: Vec::new(),
                way_out: String::new(),
                post: None,
            });
            // A row is known by the name that stands in it.
            if line.changes.is_empty() && !row.name.is_empty() {
                line.changes.push(FieldChange {
                    label: words.get("rosters-field-unit-name"),
                    old: String::new(),
                    new: row.name.clone(),
                });
            }
            line
        })
        .collect();
    if undated > 0 {
        let note = Note::new("rosters-founded-today").arg("count", undated);
        told.notes.push(note);
    }
    if options.common.dry_run || (adds.is_empty() && sets.is_empty()) {
        return Ok(());
    }
    if told.refused() > 0 && !options.common.skip_bad {
        told.hold_back();
        return Ok(());
    }
    if progress.is_stopped() {
        told.is_stopped = true;
        told.lines.clear();
        return Ok(());
    }
    let (mut epoch, mut written) = (before, 0);
    let (mut adds, mut sets) = (adds.as_slice(), sets.as_slice());
    while !adds.is_empty() || !sets.is_empty() {
        if progress.is_stopped() {
            // From the top down: what was written hangs together, and a next run finds it.
            told.is_stopped = true;
            told.lines.clear();
            return Ok(());
        }
        let by = Importing::by(options.by.as_deref(), "import units", today)?;
        let mut act = by.begin(site, "import", "units.import").await?;
        store::bump_epoch(&mut act).await?;
        if store::epoch(act.on()).await? != epoch + 1 {
            // Somebody changed units or people meanwhile: what was written is `same` the next time.
            return Err(Error::Busy { retry_s: 5 }.into());
        }
        let (some, rest) = adds.split_at(adds.len().min(PART));
        for unit in some {
            store::add_unit(&mut act, unit).await?;
        }
        let ids: Vec<String> = some.iter().map(|unit| unit.id.to_string()).collect();
        site::import::note_made(&mut act, options.run.as_deref(), "unit", &ids).await?;
        adds = rest;
        let (others, rest) = sets.split_at(if adds.is_empty() {
            sets.len().min(PART)
        } else {
            0
        });
        for (nth, unit, keeps) in others {
            if let (Some(row), Some(unit)) = (rows.get(*nth), tree.at(*unit)) {
                let run = options.run.as_deref();
                set(&mut act, run, row, unit, *keeps).await?;
            }
        }
        sets = rest;
        let diff = serde_json::json!({
            "file": told.file, "sha256": hash, "added": some.len(), "updated": others.len(),
            "refused": told.refused(), "accept_changes": options.accept_changes,
        });
        act.line().object("file", &hash).diff(&diff);
        act.end().await?;
        epoch += 1;
        written += some.len() + others.len();
        progress.written(written as u64);
    }
    Ok(())
}

/// Units of one transaction: few enough that nobody waits long for it.
const PART: usize = 100;

fn read(table: &Table, today: Day) -> Vec<Row> {
    let mut rows = Vec::new();
    for (nth, cells) in table.layout.rows(&table.sheet) {
        let text = |field: &str| {
            let text = table.layout.text(cells, field);
            if values::says_nothing(&text) {
                String::new()
            } else {
                values::plain(&text)
            }
        };
        let mut row = Row {
            line: nth + 1,
            name: text("name"),
            code: text("code"),
            external_id: text("external_id"),
            parent: text("parent"),
            kind: None,
            cell_type: text("cell_type"),
            address: text("address"),
            founded_on: None,
            problem: None,
            warnings: Vec::new(),
        };
        if [&row.name, &row.code, &row.external_id, &row.parent]
            .iter()
            .all(|text| text.is_empty())
        {
            continue;
        }
        if cells.iter().any(|cell| cell.was_legacy) {
            row.warnings.push(Note::new("rosters-row-legacy"));
        }
        row.warnings.extend(table.lost(cells));
        row.problem = table.torn(nth);
        if !row.name.chars().any(char::is_alphabetic) || row.name.chars().count() > 200 {
            row.problem
                .get_or_insert(Note::new("rosters-unit-name-missing"));
        }
        let said = text("kind");
        match (kind_of(&said), kind_by_name(&row.name)) {
            (Some(kind), _) => row.kind = Some(kind),
            (None, _) if !said.is_empty() => {
                row.problem
                    .get_or_insert(Note::new("rosters-kind-odd").arg("text", &said));
            }
            (None, Some(kind)) => {
                row.kind = Some(kind);
                row.warnings
                    .push(Note::new("rosters-kind-by-name").key("kind", kind_key(kind)));
            }
            (None, None) => {
                row.problem.get_or_insert(Note::new("rosters-kind-missing"));
            }
        }
        if let Some(cell) = table.layout.cell(cells, "founded_on") {
            match values::date(cell, "rosters-field-founded") {
                Ok(Some(date)) if date.is_complete() => {
                    row.founded_on = date.to_string().parse().ok()
                }
                Ok(Some(_)) => row.warnings.push(Note::new("rosters-founded-unclear")),
                Ok(None) => {}
                Err(why) => {
                    row.problem.get_or_insert(why);
                }
            }
        }
        let whole = |field: &str| table.layout.text(cells, field).into_owned();
        if let Some(why) = values::too_long(FIELDS, whole) {
            row.problem.get_or_insert(why);
        }
        if site::import::is_sample(crate::sample::BODIES, text) {
            row.problem = Some(Note::new("rosters-sample-row"));
        }
        if row.founded_on.is_some_and(|day| day > today) {
            row.problem.get_or_insert(
                Note::new("rosters-date-future").key("field", "rosters-field-founded"),
            );
        }
        rows.push(row);
    }
    rows
}

fn kind_key(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Root => "rosters-kind-root",
        UnitKind::Province => "rosters-kind-province",
        UnitKind::UpperBody => "rosters-kind-upper-body",
        UnitKind::BaseBody => "rosters-kind-base-body",
        UnitKind::BaseCell => "rosters-kind-base-cell",
        UnitKind::DepartmentBody => "rosters-kind-department-body",
        UnitKind::SubBaseBody => "rosters-kind-sub-base-body",
        UnitKind::Cell => "rosters-kind-cell",
        UnitKind::TemporaryCell => "rosters-kind-temporary-cell",
        UnitKind::Group => "rosters-kind-group",
        UnitKind::Office => "rosters-kind-office",
    }
}

/// A sentence, and the value that no two rows may share.
type Key = (&'static str, fn(&Row) -> String);

/// Refuses rows of one code or external id, and of one name below one parent.
fn twice(rows: &mut [Row]) {
    let keys: [Key; 3] = [
        ("rosters-twice-code", |row| code_key(&row.code)),
        ("rosters-twice-external", |row| code_key(&row.external_id)),
        ("rosters-twice-unit", |row| {
            format!("{}|{}", exact(&row.name), exact(&row.parent))
        }),
    ];
    for (key, value) in keys {
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (nth, row) in rows.iter().enumerate() {
            let value = value(row);
            if !value.is_empty() {
                by_key.entry(value).or_default().push(nth);
            }
        }
        for group in by_key.into_values().filter(|group| group.len() > 1) {
            let lines: Vec<usize> = group
                .iter()
                .filter_map(|nth| rows.get(*nth))
                .map(|row| row.line)
                .collect();
            for nth in group {
                if let Some(row) = rows.get_mut(nth) {
                    let others: Vec<String> = lines
                        .iter()
                        .filter(|line| **line != row.line)
                        .map(ToString::to_string)
                        .take(10)
                        .collect();
                    row.problem
                        .get_or_insert(Note::new(key).arg("lines", others.join(", ")));
                }
            }
        }
    }
}

/// The parent of each row: among the rows first, then among the units that are there.
fn parents(
    rows: &mut [Row],
    tree: &Tree,
    under: Option<usize>,
    may_root: bool,
    top: Option<usize>,
) -> Vec<Option<Above>> {
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (nth, row) in rows.iter().enumerate() {
        let keys: HashSet<String> = [code_key(&row.code), code_key(&row.external_id)]
            .into_iter()
            .collect();
        for key in keys.into_iter().filter(|key| !key.is_empty()) {
            by_key.entry(key).or_default().push(nth);
        }
        by_name.entry(exact(&row.name)).or_default().push(nth);
    }
    let mut out = Vec::with_capacity(rows.len());
    for (nth, row) in rows.iter_mut().enumerate() {
        let found = if row.parent.is_empty() {
            match under {
                Some(unit) => Ok(Above::Known(unit)),
                // The row may be a unit that is there already, the root among them.
                None => match tree.find(if row.code.is_empty() {
                    &row.name
                } else {
                    &row.code
                }) {
                    Ok(known) => Ok(tree
                        .at(known)
                        .and_then(|unit| tree.by_id(&unit.parent_id))
                        .map_or(Above::Root, Above::Known)),
                    Err(_) if may_root => Ok(Above::Root),
                    Err(_) => match top.and_then(|top| Some((top, tree.at(top)?))) {
                        Some((top, unit)) => {
                            let told = Note::new("rosters-parent-taken").arg("unit", &unit.name);
                            row.warnings.push(told);
                            Ok(Above::Known(top))
                        }
                        None => Err(Note::new("rosters-parent-missing")),
                    },
                },
            }
        } else {
            let named = by_key
                .get(&code_key(&row.parent))
                .or_else(|| by_name.get(&exact(&row.parent)));
            match named.map(Vec::as_slice) {
                Some([one]) if *one == nth => Err(Note::new("rosters-parent-self")),
                Some([one]) => Ok(Above::Row(*one)),
                Some(several) if several.len() > 1 => Err(Note::new("rosters-unit-several")
                    .arg("unit", &row.parent)
                    .arg("count", several.len())),
                _ => tree
                    .find(&row.parent)
                    .map(Above::Known)
                    .map_err(|trouble| match trouble {
                        Trouble::Several { count } => Note::new("rosters-unit-several")
                            .arg("unit", &row.parent)
                            .arg("count", count),
                        Trouble::None { nearest } if nearest.is_empty() => {
                            Note::new("rosters-parent-none").arg("unit", &row.parent)
                        }
                        Trouble::None { nearest } => Note::new("rosters-parent-near")
                            .arg("unit", &row.parent)
                            .arg("near", nearest),
                    }),
            }
        };
        out.push(match found {
            Ok(above) => Some(above),
            Err(why) => {
                row.problem.get_or_insert(why);
                None
            }
        });
    }
    out
}

/// The one unit of the tree that has none above it there.
fn only_top(tree: &Tree) -> Option<usize> {
    let mut tops = (0..tree.units.len()).filter(|nth| {
        let unit = tree.at(*nth);
        unit.is_some_and(|unit| tree.by_id(&unit.parent_id).is_none())
    });
    let first = tops.next()?;
    tops.next().is_none().then_some(first)
}

/// Refuses rows whose parents lead back to them, and those that would stand too deep.
fn circles(rows: &mut [Row], above: &[Option<Above>], tree: &Tree) {
    for (nth, row) in rows.iter_mut().enumerate() {
        let mut at = nth;
        let mut depth = 1;
        loop {
            match above.get(at).copied().flatten() {
                Some(Above::Row(next)) if depth <= MAX_DEPTH => {
                    if next == nth {
                        row.problem
                            .get_or_insert(Note::new("rosters-parent-circle"));
                        break;
                    }
                    at = next;
                    depth += 1;
                }
                Some(Above::Known(unit)) => {
                    depth += tree.at(unit).map_or(0, |unit| unit.path.depth());
                    break;
                }
                Some(Above::Row(_)) => break,
                Some(Above::Root) | None => break,
            }
        }
        if depth > MAX_DEPTH {
            row.problem
                .get_or_insert(Note::new("rosters-parent-deep").arg("most", MAX_DEPTH));
        }
    }
}

/// Says so when a unit that is no group stands below a cell: mostly a slip in the column of parents. Gives the
/// places of the rows whose kind cannot stand where they are put.
fn below_cells(rows: &mut [Row], above: &[Option<Above>], tree: &Tree) -> HashSet<usize> {
    let mut misfits = HashSet::new();
    let kinds: Vec<Option<UnitKind>> = rows.iter().map(|row| row.kind).collect();
    let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    for (at, (row, above)) in rows.iter_mut().zip(above).enumerate() {
        let (kind, name) = match above {
            Some(Above::Known(nth)) => match tree.at(*nth) {
                Some(unit) => (unit.kind.known(), unit.name.clone()),
                None => continue,
            },
            Some(Above::Row(nth)) => (
                kinds.get(*nth).copied().flatten(),
                names.get(*nth).cloned().unwrap_or_default(),
            ),
            Some(Above::Root) | None => continue,
        };
        if kind.is_some_and(UnitKind::takes_members) && row.kind != Some(UnitKind::Group) {
            row.warnings
                .push(Note::new("rosters-parent-cell").arg("unit", name));
        } else if let (Some(above), Some(own)) = (kind, row.kind)
            && !own.fits_below(above)
        {
            misfits.insert(at);
        }
    }
    misfits
}

/// Rows so that each stands after its parent; those in circles are left out.
fn by_depth(above: &[Option<Above>]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(above.len());
    let mut below: HashMap<usize, Vec<usize>> = HashMap::new();
    for (nth, place) in above.iter().enumerate() {
        match place {
            Some(Above::Row(parent)) => below.entry(*parent).or_default().push(nth),
            // Without a parent it is refused, and those below it must hear so.
            _ => order.push(nth),
        }
    }
    let mut done = 0;
    while let Some(nth) = order.get(done).copied() {
        order.extend(below.remove(&nth).unwrap_or_default());
        done += 1;
    }
    order
}

/// What becomes of the values in which a file and a unit differ.
enum Settled {
    /// The unit's stay, what stood empty is filled.
    Keep,
    /// The file's are taken.
    Take,
    /// A person is to decide.
    Doubt(Note, Vec<Choice>),
}

fn settle(
    site: &Site,
    options: &UnitsOptions,
    source: &str,
    changes: &[Note],
    shown: &[FieldChange],
) -> Settled {
    if changes.is_empty() || options.accept_changes {
        return Settled::Take;
    }
    let why = Note::new("rosters-conflict").notes("changes", changes.to_vec());
    let words = &options.common.words(site);
    let choices = vec![choice(words, "keep"), choice(words, "take")];
    let decision = options.decided.get(source);
    match decided(words, &why, shown, &choices, decision) {
        Some("take") => Settled::Take,
        Some("keep") => Settled::Keep,
        _ => Settled::Doubt(why, choices),
    }
}

enum Fate {
    Add,
    Known {
        unit: usize,
        /// Where the file says something else, and how that is shown.
        changes: Vec<Note>,
        shown: Vec<FieldChange>,
        /// What stood empty.
        fills: Vec<Note>,
    },
}

/// New, there already, or refused.
fn decide(
    site: &Site,
    row: &Row,
    parent: Option<&UnitId>,
    tree: &Tree,
    options: &UnitsOptions,
) -> std::result::Result<Fate, Note> {
    let mut found: Option<usize> = None;
    for text in [&row.external_id, &row.code]
        .into_iter()
        .filter(|text| !text.is_empty())
    {
        match tree.find_by_key(text) {
            Ok(Some(unit)) if found.is_some_and(|other| other != unit) => {
                return Err(Note::new("rosters-identifiers-differ"));
            }
            Ok(Some(unit)) => found = Some(unit),
            Ok(None) => {}
            Err(count) => {
                return Err(Note::new("rosters-unit-several")
                    .arg("unit", text)
                    .arg("count", count));
            }
        }
    }
    if found.is_none() {
        let parent = parent.map(UnitId::as_str).unwrap_or_default();
        // Whose unit above lies out of reach stands on top here.
        let is_below = |unit: &Known| {
            unit.parent_id == parent || (parent.is_empty() && tree.by_id(&unit.parent_id).is_none())
        };
        found = (tree.units.iter())
            .position(|unit| is_below(unit) && exact(&unit.name) == exact(&row.name));
        if let Some(unit) = found.and_then(|nth| tree.at(nth)) {
            let differ = |one: &str, other: &str| {
                !one.is_empty() && !other.is_empty() && code_key(one) != code_key(other)
            };
            if differ(&unit.code, &row.code) || differ(&unit.external_id, &row.external_id) {
                return Err(Note::new("rosters-unit-namesake").arg("code", &unit.code));
            }
        }
    }
    let Some((nth, unit)) = found.and_then(|nth| Some((nth, tree.at(nth)?))) else {
        // Only an empty house gets a root from a list, and only by its operator.
        if parent.is_none() && !(options.by.is_none() && tree.units.is_empty()) {
            return Err(Note::new("rosters-parent-missing"));
        }
        return Ok(Fate::Add);
    };
    let stands_on_top = parent.is_none() && tree.by_id(&unit.parent_id).is_none();
    let parent = parent.map(UnitId::as_str).unwrap_or_default();
    if parent != unit.parent_id && !stands_on_top {
        return Err(Note::new("rosters-unit-moved"));
    }
    let words = &options.common.words(site);
    let mut fills = Vec::new();
    let mut changes = Vec::new();
    let mut shown = Vec::new();
    let mut show = |key: &str, old: String, new: String| {
        let label = words.get(key);
        shown.push(FieldChange { label, old, new });
    };
    for (key, old, new, is_same) in [
        (
            "rosters-field-unit-name",
            unit.name.as_str(),
            row.name.as_str(),
            exact(&unit.name) == exact(&row.name),
        ),
        (
            "rosters-field-code",
            &unit.code,
            &row.code,
            code_key(&unit.code) == code_key(&row.code),
        ),
        (
            "rosters-field-external",
            &unit.external_id,
            &row.external_id,
            unit.external_id == row.external_id,
        ),
        (
            "rosters-field-cell-type",
            &unit.cell_type,
            &row.cell_type,
            unit.cell_type == row.cell_type,
        ),
        (
            "rosters-field-address",
            &unit.address,
            &row.address,
            unit.address == row.address,
        ),
    ] {
        if new.is_empty() || is_same {
        } else if old.is_empty() {
            fills.push(Note::new("rosters-fill").key("field", key));
        } else {
            show(key, old.to_owned(), new.to_owned());
            changes.push(
                Note::new("rosters-change")
                    .key("field", key)
                    .arg("old", old)
                    .arg("new", new),
            );
        }
    }
    let kind_was_said = !row
        .warnings
        .iter()
        .any(|note| note.key == "rosters-kind-by-name");
    if let Some(kind) = row
        .kind
        .filter(|kind| kind_was_said && !unit.kind.is(*kind))
    {
        let old = unit.kind.known().map_or("rosters-status-unread", kind_key);
        show(
            "rosters-field-kind",
            words.get(old),
            words.get(kind_key(kind)),
        );
        let note = Note::new("rosters-change").key("field", "rosters-field-kind");
        changes.push(note.key("old", old).key("new", kind_key(kind)));
    }
    Ok(Fate::Known {
        unit: nth,
        changes,
        shown: name_first(words, &unit.name, shown),
        fills,
    })
}

async fn set(
    act: &mut Act<Importing>,
    run: Option<&str>,
    row: &Row,
    unit: &Known,
    keeps: bool,
) -> Result<()> {
    let or = |new: &str, old: &str| {
        if new.is_empty() || (keeps && !old.is_empty()) {
            old.to_owned()
        } else {
            new.to_owned()
        }
    };
    let kind_was_said = !row
        .warnings
        .iter()
        .any(|note| note.key == "rosters-kind-by-name");
    let kind = row
        .kind
        .filter(|_| kind_was_said && !keeps)
        .map_or_else(|| unit.kind.clone(), Kept::Known);
    let (name, code) = (or(&row.name, &unit.name), or(&row.code, &unit.code));
    let change = UnitChange {
        id: unit.id.clone(),
        row_version: unit.row_version,
        kind,
        code,
        external_id: or(&row.external_id, &unit.external_id),
        name,
        cell_type: or(&row.cell_type, &unit.cell_type),
        address: or(&row.address, &unit.address),
    };
    let was = before::image_of_unit(act, &unit.id).await?;
    let today = act.now().day();
    store::set_unit(act, &change, today).await?;
    let left = before::image_of_unit(act, &unit.id).await?;
    site::import::note_changed(act, run, ("unit", unit.id.as_str()), &was, &left).await
}
