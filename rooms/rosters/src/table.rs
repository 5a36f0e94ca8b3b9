//! From a file to the sheet and the columns that matter, or a clear refusal.
//!
//! The file is opened in a child process (`site.worker`), so a hostile one costs itself only.
//! Surprise: a file that could not be read to its end is refused whole; half a roster is worse than
//! none.

use super::{Note, values};
use intake::columns::{self, ColumnTrouble, Field, Found, Layout, Mapping, MappingTrouble};
use intake::{Cell, JobArgs, Lost, Sheet};
use kernel::error::{Error, Result};
use site::Site;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// A sheet with its columns.
pub(super) struct Table {
    pub(super) sheet: Sheet,
    pub(super) layout: Layout,
    pub(super) notes: Vec<Note>,
}

/// Why a run ends before its rows.
pub(super) enum Stop {
    /// The file is not taken.
    Refused(Note),
    /// Something of ours failed.
    Fault(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Fault(error)
    }
}
impl From<Note> for Stop {
    fn from(note: Note) -> Self {
        Stop::Refused(note)
    }
}

/// Mapping files are short.
const MAPPING_BYTES: u64 = 64 << 10;

/// Opens a file and finds the columns of `fields`.
pub(super) async fn open(
    site: &Site,
    path: &Path,
    fields: &[Field],
    mapping: Option<&Path>,
) -> std::result::Result<Table, Stop> {
    let mapping = match mapping {
        Some(path) => read_mapping(path, fields)?,
        None => Mapping::default(),
    };
    let sheets = read(site, path).await?;
    let found =
        columns::find(&sheets, fields, &mapping).map_err(|trouble| told(&trouble, &sheets))?;
    let Found {
        sheet,
        mut layout,
        others,
    } = found;
    let mut notes = Vec::new();
    let mut sheets = sheets;
    let sheet = sheets.swap_remove(sheet);
    for warning in &sheet.warnings {
        match warning.key.as_str() {
            "intake.warning.rows_cut" | "intake.warning.cells_cut" => {
                return Err(Note::new("rosters-file-too-long")
                    .arg("limit", &warning.detail)
                    .into());
            }
            "intake.warning.broken_at" => {
                return Err(Note::new("rosters-file-broken-at").into());
            }
            "intake.warning.open_quote" => {
                return Err(Note::new("rosters-file-open-quote")
                    .arg("line", &warning.detail)
                    .into());
            }
            "intake.warning.not_looked_at" => notes.push(Note::new("rosters-file-not-looked-at")),
            "intake.warning.broken_characters" => {
                notes.push(
                    Note::new("rosters-file-broken-characters").arg("count", &warning.detail),
                );
            }
            "intake.warning.legacy_encoding" => notes.push(Note::new("rosters-file-legacy")),
            _ => notes.push(Note::new("rosters-file-odd").arg("detail", &warning.key)),
        }
    }
    for other in &others {
        let key = if other.is_alike {
            "rosters-sheet-alike"
        } else {
            "rosters-sheet-other"
        };
        notes.push(
            Note::new(key)
                .arg("name", &other.name)
                .arg("rows", other.rows),
        );
    }
    widen_name(&sheet, &mut layout);
    notes.extend(hidden(&sheet, &layout));
    notes.extend(unread(&sheet, &layout));
    for again in &layout.repeated {
        notes.push(Note::new("rosters-column-again").arg("header", short(&again.text)));
    }
    Ok(Table {
        sheet,
        layout,
        notes,
    })
}

impl Table {
    /// Why the row with that place cannot be trusted as it was cut; `None` when it can.
    pub(super) fn torn(&self, nth: usize) -> Option<Note> {
        if let Some(last) = self.sheet.torn.get(&nth) {
            return Some(Note::new("rosters-row-torn").arg("lines", lines(nth + 1, *last)));
        }
        let header = self.layout.header_row?;
        let width = |nth: usize| self.sheet.widths.get(nth).copied();
        let most = (header..self.layout.first_row).filter_map(width).max()?;
        let has = width(nth)?;
        let beyond = self.sheet.rows.get(nth)?.get(most..)?;
        let says = beyond.iter().any(|cell| !cell.text.is_empty());
        (says && has > most).then(|| {
            Note::new("rosters-row-wide")
                .arg("count", has)
                .arg("most", most)
        })
    }

    /// What a row shows in place of a value, in the columns that are read.
    pub(super) fn lost(&self, cells: &[Cell]) -> Vec<Note> {
        let mut notes = Vec::new();
        for column in self.layout.columns.values().flatten() {
            let title = self.layout.titles.get(column).cloned();
            let title = title.unwrap_or_else(|| columns::letters_of_column(*column));
            match cells.get(*column).and_then(|cell| cell.lost.as_ref()) {
                Some(Lost::Error(shown)) => notes.push(
                    Note::new("rosters-cell-error")
                        .arg("column", title)
                        .arg("shown", shown),
                ),
                Some(Lost::NoResult) => {
                    notes.push(Note::new("rosters-cell-no-result").arg("column", title));
                }
                Some(Lost::Format(code)) => notes.push(
                    Note::new("rosters-cell-format")
                        .arg("column", title)
                        .arg("shown", code),
                ),
                None => {}
            }
        }
        notes
    }
}

fn lines(first: usize, last: usize) -> String {
    if last > first {
        format!("{first}–{last}")
    } else {
        first.to_string()
    }
}

/// `Họ và tên` over two columns whose second has no header of its own: it belongs to the name when its
/// cells are words as in names.
fn widen_name(sheet: &Sheet, layout: &mut Layout) {
    let is_split = layout.has("given_name") || layout.has("family_name");
    let Some([first]) = layout.columns.get("name").map(Vec::as_slice) else {
        return;
    };
    let next = first + 1;
    if is_split || layout.titles.contains_key(&next) || is_read(layout, next) {
        return;
    }
    let is_name = |text: &str| {
        text.split_whitespace().count() <= 4
            && (text.chars()).all(|c| c.is_alphabetic() || matches!(c, ' ' | '\'' | '’' | '-'))
    };
    let cells: Vec<&Cell> = (layout.rows(sheet))
        .filter_map(|(_, row)| row.get(next))
        .filter(|cell| !cell.text.is_empty())
        .collect();
    if !cells.is_empty() && cells.iter().all(|cell| is_name(&cell.text)) {
        let both = vec![next - 1, next];
        layout.columns.insert("name".to_owned(), both);
    }
}

fn is_read(layout: &Layout, column: usize) -> bool {
    layout
        .columns
        .values()
        .flatten()
        .any(|read| *read == column)
}

/// Rows that a filter hides are read all the same, and told.
fn hidden(sheet: &Sheet, layout: &Layout) -> Option<Note> {
    let rows = layout.rows(sheet).map(|(nth, _)| nth);
    let hidden: Vec<usize> = rows
        .filter(|nth| sheet.hidden_rows.binary_search(nth).is_ok())
        .collect();
    let more = if hidden.len() > 10 { ", …" } else { "" };
    let shown: Vec<String> = (hidden.iter().take(10))
        .map(|nth| (nth + 1).to_string())
        .collect();
    (!hidden.is_empty()).then(|| {
        Note::new("rosters-rows-hidden")
            .arg("count", hidden.len())
            .arg("lines", shown.join(", ") + more)
    })
}

/// Columns that are told one by one.
const UNREAD: usize = 30;
/// Values of an unread column that are shown.
const EXAMPLES: usize = 3;

/// Every column with something in it that is not read: what it is called, how much it holds and what.
fn unread(sheet: &Sheet, layout: &Layout) -> Vec<Note> {
    let width = sheet.rows.iter().map(Vec::len).max().unwrap_or(0);
    let rows: Vec<&[Cell]> = (layout.rows(sheet))
        .filter(|(nth, _)| !sheet.torn.contains_key(nth))
        .map(|(_, row)| row)
        .collect();
    let mut notes = Vec::new();
    for column in (0..width).filter(|column| !is_read(layout, *column)) {
        let title = layout.titles.get(&column);
        if title.is_some_and(|title| is_usual(title)) {
            continue;
        }
        let is_again = (layout.repeated.iter()).any(|header| header.column == column);
        let texts: Vec<&str> = (rows.iter())
            .filter_map(|row| row.get(column))
            .filter(|cell| !cell.is_merged)
            .map(|cell| cell.text.as_str())
            .filter(|text| !values::says_nothing(text))
            .collect();
        if texts.is_empty() || is_again {
            continue;
        }
        let mut examples: Vec<String> = Vec::new();
        for text in &texts {
            let example = format!("“{}”", values::veiled(text));
            if examples.len() < EXAMPLES && !examples.contains(&example) {
                examples.push(example);
            }
        }
        let letter = columns::letters_of_column(column);
        let note = match title {
            Some(title) => Note::new("rosters-column-unread").arg("header", short(title)),
            None => Note::new("rosters-column-nameless").arg("letter", letter),
        };
        notes.push(
            note.arg("count", texts.len())
                .arg("examples", examples.join(", ")),
        );
    }
    let more = notes.len().saturating_sub(UNREAD);
    notes.truncate(UNREAD);
    if more > 0 {
        notes.push(Note::new("rosters-columns-more").arg("count", more));
    }
    notes
}

/// Columns that every list has and nobody misses.
fn is_usual(header: &str) -> bool {
    matches!(
        vietnamese::fold(header).trim_matches(['.', ' ']),
        "stt" | "tt" | "so tt" | "so thu tu" | "no"
    )
}

/// The refusal for required columns that are not there; `None` when all are.
pub(super) fn missing(layout: &Layout, unless: impl Fn(&str) -> bool) -> Option<Note> {
    let missing = layout
        .missing
        .iter()
        .find(|missing| !unless(&missing.field))?;
    Some(match &missing.nearest {
        Some(near) => Note::new("rosters-column-missing-near")
            .arg("words", &missing.expected)
            .arg("near", &near.text)
            .arg("letter", columns::letters_of_column(near.column)),
        None => Note::new("rosters-column-missing").arg("words", &missing.expected),
    })
}

fn told(trouble: &ColumnTrouble, sheets: &[Sheet]) -> Note {
    match trouble {
        ColumnTrouble::Empty if sheets.is_empty() => Note::new("rosters-file-no-sheet"),
        ColumnTrouble::Empty => Note::new("rosters-file-empty"),
        ColumnTrouble::NoHeader {
            expected,
            nearest: None,
        } => Note::new("rosters-no-header").arg("words", expected.join(", ")),
        ColumnTrouble::NoHeader {
            expected,
            nearest: Some((row, near)),
        } => Note::new("rosters-no-header-near")
            .arg("words", expected.join(", "))
            .arg("near", short(&near.text))
            .arg("line", row + 1),
        ColumnTrouble::NotInTable {
            field,
            words,
            nearest,
        } => match nearest {
            None => Note::new("rosters-mapping-not-there")
                .arg("field", field)
                .arg("words", words),
            Some(near) => Note::new("rosters-mapping-near")
                .arg("field", field)
                .arg("words", words)
                .arg("near", short(&near.text)),
        },
    }
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

fn read_mapping(path: &Path, fields: &[Field]) -> std::result::Result<Mapping, Note> {
    let name = path.display().to_string();
    let unreadable = |detail: String| {
        Note::new("rosters-mapping-unreadable")
            .arg("file", &name)
            .arg("detail", detail)
    };
    let size = std::fs::metadata(path)
        .map_err(|e| unreadable(e.to_string()))?
        .len();
    if size > MAPPING_BYTES {
        return Err(unreadable(format!("{size} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
    Mapping::read(&text, fields).map_err(|trouble| match trouble {
        MappingTrouble::NotToml(detail) => unreadable(detail),
        MappingTrouble::NoSuchField { field, nearest } => Note::new("rosters-mapping-field")
            .arg("field", field)
            .arg("near", nearest.unwrap_or("—"))
            .arg(
                "all",
                fields
                    .iter()
                    .map(|field| field.name)
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
        MappingTrouble::BadValue { field } => {
            Note::new("rosters-mapping-value").arg("field", field)
        }
    })
}

async fn read(site: &Site, path: &Path) -> std::result::Result<Vec<Sheet>, Stop> {
    if !path.is_file() {
        return Err(Note::new("rosters-file-not-there").into());
    }
    // The process and a count: dice that were seeded alike would name one folder twice.
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let own = format!(
        "{}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let fresh = site.dice.uuid(site.clock.now());
    let folder = std::env::temp_dir().join(format!("sotay-import-{own}-{fresh}"));
    std::fs::create_dir(&folder).map_err(Error::from)?;
    let args = JobArgs {
        to_file: true,
        ..JobArgs::default()
    };
    let args = serde_json::to_value(args).map_err(Error::fault)?;
    let answer = site
        .worker
        .run(intake::TABLE_JOB, path, &folder, args)
        .await;
    let inside = folder.clone();
    let sheets = match answer {
        Ok(_) => tokio::task::spawn_blocking(move || intake::read_sheets(&inside)).await,
        Err(_) => Ok(Ok(Vec::new())),
    };
    if let Err(cause) = std::fs::remove_dir_all(&folder) {
        tracing::warn!(%cause, "a folder of an import could not be removed");
    }
    answer.map_err(|refusal| {
        if let files::worker::WorkerRefusal::Unavailable { detail } = &refusal {
            return Stop::Fault(Error::fault(detail.clone()));
        }
        let key = match refusal.key() {
            "intake.refused.empty" => "rosters-file-empty",
            "intake.refused.encrypted" => "rosters-file-encrypted",
            "intake.refused.kind" | "intake.refused.not_a_workbook" => "rosters-file-kind",
            "intake.refused.too_long" | "files.refused.too_big" => "rosters-file-too-big",
            "files.refused.too_slow" => "rosters-file-too-slow",
            _ => "rosters-file-broken",
        };
        tracing::info!(detail = refusal.detail(), "a table was refused");
        Stop::Refused(Note::new(key))
    })?;
    Ok(sheets.map_err(Error::fault)?.map_err(Error::from)?)
}

/// The hash of the file, for the audit log and as the source of each row.
pub(super) fn hash(path: &Path) -> Result<String> {
    use sha2::Digest as _;
    use std::io::Read as _;
    let mut file = std::fs::File::open(path)?;
    let mut hash = sha2::Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else {
            break;
        };
        hash.update(part);
    }
    Ok(data_encoding::HEXLOWER.encode(&hash.finalize()))
}

/// The file's name, for the report.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
