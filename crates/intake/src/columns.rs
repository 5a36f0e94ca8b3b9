//! Which column of a table holds what: the header row is found by its words, wherever it stands.
//!
//! Title rows above, merged cells, headers of two or three rows and a row of column numbers below
//! are the rule in official tables, not the exception. Pure: sheets in, a [`Layout`] out. What a
//! field means and which words name it is the caller's ([`Field`]); reading files is `table`.
//! Surprise: words are compared whole, never by "contains", because `Nơi cấp thẻ` is no `Thẻ`;
//! what is only near is offered as a hint and never taken.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Cell, Sheet};

/// What a table may have a column for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Our word for it, also the key of a mapping file.
    pub name: &'static str,
    /// Words that head such a column; marks, case and punctuation count for nothing. A header of
    /// two rows is written as one: `ngày sinh nam` for `Nam` below `Ngày sinh`.
    pub words: &'static [&'static str],
    /// Whether a table without it cannot be used.
    pub is_required: bool,
}

/// A header as it stands in the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Column, from 0.
    pub column: usize,
    /// Its words; those of two rows are joined with ` / `.
    pub text: String,
}

/// A required field without a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Name of the field.
    pub field: String,
    /// The words it is known by, best first, for the sentence.
    pub expected: String,
    /// The unknown header that looks most like it.
    pub nearest: Option<Header>,
}

/// Where the header stands and which column holds which field. Rows and columns count from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// First row of the header; `None` when only column letters of a mapping place the columns.
    pub header_row: Option<usize>,
    /// First row of data.
    pub first_row: usize,
    /// Field → its columns: several when one header is merged over them (`Họ và tên` over family
    /// and given name).
    pub columns: BTreeMap<String, Vec<usize>>,
    /// Headers that no field knows.
    pub unknown: Vec<Header>,
    /// Headers of fields that an earlier column already holds.
    pub repeated: Vec<Header>,
    /// Required fields without a column.
    pub missing: Vec<Missing>,
    /// The words above each column, as they stand there.
    pub titles: BTreeMap<usize, String>,
    /// Plain words of the header by column, to know it again further down.
    heads: BTreeMap<usize, BTreeSet<String>>,
}

/// A sheet that was not chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherSheet {
    /// Its name.
    pub name: String,
    /// Rows that hold anything.
    pub rows: usize,
    /// Whether it has a header with all required fields too, so that its rows may be missed.
    pub is_alike: bool,
    /// Whether a person would see it.
    pub is_hidden: bool,
}

/// The sheet that matches best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Index of the sheet.
    pub sheet: usize,
    /// Its columns.
    pub layout: Layout,
    /// The other sheets that hold anything.
    pub others: Vec<OtherSheet>,
}

/// Why no columns were found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnTrouble {
    /// No sheet holds anything.
    #[error("the table is empty")]
    Empty,
    /// No row looks like the header.
    #[error("no row with the words of a header")]
    NoHeader {
        /// The words that were looked for: those of the required fields.
        expected: Vec<String>,
        /// What looked most like one of them: row (from 0) and header.
        nearest: Option<(usize, Header)>,
    },
    /// A mapping names header words, or a column, that the table does not have.
    #[error("the mapping says {field} = {words:?}, which is not in the table")]
    NotInTable {
        /// The field.
        field: String,
        /// What the mapping says.
        words: String,
        /// The header that looks most like it.
        nearest: Option<Header>,
    },
}

/// Why a mapping file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingTrouble {
    /// It is not TOML.
    #[error("the mapping is not TOML: {0}")]
    NotToml(String),
    /// It names a field that there is not.
    #[error("the mapping names {field}, which is no field")]
    NoSuchField {
        /// What it names.
        field: String,
        /// The field that looks most like it.
        nearest: Option<&'static str>,
    },
    /// A value is neither words, a list of words nor a column number.
    #[error("the mapping of {field} is neither words, a list of words nor a column number")]
    BadValue {
        /// The field.
        field: String,
    },
}

/// What a person said about the columns. Empty: the words of the fields alone decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    fields: BTreeMap<String, Place>,
    first_row: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// Header words, or a column letter when no header has these words.
    Words(Vec<String>),
    /// From 0.
    Column(usize),
    /// The field is not read.
    Nowhere,
}

impl Mapping {
    /// Reads TOML: `field = "header words"`, `field = ["words", "or these"]`, `field = "C"`,
    /// `field = 3` (the third column), `field = ""` (leave it out), `first_row = 8` (the first
    /// line of data, for tables without a header).
    ///
    /// # Errors
    /// No TOML, an unknown field, a value of another kind.
    pub fn read(text: &str, fields: &[Field]) -> Result<Mapping, MappingTrouble> {
        let table: toml::Table = text
            .trim_start_matches('\u{feff}')
            .parse()
            .map_err(|e: toml::de::Error| MappingTrouble::NotToml(e.message().to_owned()))?;
        let mut mapping = Mapping::default();
        for (name, value) in table {
            let number = value
                .as_integer()
                .and_then(|n| usize::try_from(n).ok()) // negative: refused below
                .and_then(|n| n.checked_sub(1));
            let bad = || MappingTrouble::BadValue {
                field: name.clone(),
            };
            if name == "first_row" {
                mapping.first_row = Some(number.ok_or_else(bad)?);
                continue;
            }
            if !fields.iter().any(|field| field.name == name) {
                let nearest = fields
                    .iter()
                    .map(|field| (near(field.name, &name), field.name))
                    .filter(|(score, _)| *score >= 0.6)
                    .max_by(|a, b| a.0.total_cmp(&b.0))
                    .map(|(_, field)| field);
                return Err(MappingTrouble::NoSuchField {
                    field: name,
                    nearest,
                });
            }
            let place = match (&value, number) {
                (_, Some(column)) => Place::Column(column),
                (toml::Value::String(words), _) if words.trim().is_empty() => Place::Nowhere,
                (toml::Value::String(words), _) => Place::Words(vec![words.clone()]),
                (toml::Value::Array(list), _) if !list.is_empty() => {
                    let words: Option<Vec<String>> =
                        list.iter().map(|v| v.as_str().map(str::to_owned)).collect();
                    Place::Words(words.ok_or_else(bad)?)
                }
                _ => return Err(bad()),
            };
            mapping.fields.insert(name, place);
        }
        Ok(mapping)
    }

    fn has_fixed_columns(&self) -> bool {
        self.fields.values().any(|place| match place {
            Place::Column(_) => true,
            Place::Words(words) => words.iter().any(|word| column_of_letters(word).is_some()),
            Place::Nowhere => false,
        })
    }
}

/// Finds the sheet and the columns that match best.
///
/// # Errors
/// Nothing in any sheet, no row with header words, a mapping that does not fit.
pub fn find(sheets: &[Sheet], fields: &[Field], mapping: &Mapping) -> Result<Found, ColumnTrouble> {
    let mut filled = sheets
        .iter()
        .enumerate()
        .filter(|(_, sheet)| sheet.rows.iter().any(|row| !is_blank(row)))
        .peekable();
    if filled.peek().is_none() {
        return Err(ColumnTrouble::Empty);
    }
    let mut best: Option<(Rank, usize, Layout)> = None;
    let mut trouble: Option<ColumnTrouble> = None;
    let mut others = Vec::new();
    for (index, sheet) in filled {
        let (rank, is_alike) = match layout(sheet, fields, mapping) {
            Ok(layout) => {
                let rank = Rank {
                    has_all: layout.missing.is_empty(),
                    is_seen: !sheet.is_hidden,
                    columns: layout.columns.len(),
                };
                let is_alike = rank.has_all;
                if best.as_ref().is_none_or(|(other, ..)| rank > *other) {
                    best = Some((rank, index, layout));
                }
                (Some(rank), is_alike)
            }
            Err(found) => {
                // The most telling one is kept: a near header rather than none.
                let tells = |t: &ColumnTrouble| match t {
                    ColumnTrouble::NotInTable { .. } => 2,
                    ColumnTrouble::NoHeader { nearest, .. } => u8::from(nearest.is_some()),
                    ColumnTrouble::Empty => 0,
                };
                if trouble
                    .as_ref()
                    .is_none_or(|old| tells(&found) > tells(old))
                {
                    trouble = Some(found);
                }
                (None, false)
            }
        };
        others.push((
            index,
            OtherSheet {
                name: sheet.name.clone(),
                rows: sheet.rows.iter().filter(|row| !is_blank(row)).count(),
                is_alike: rank.is_some() && is_alike,
                is_hidden: sheet.is_hidden,
            },
        ));
    }
    match best {
        Some((_, sheet, layout)) => Ok(Found {
            sheet,
            layout,
            others: others
                .into_iter()
                .filter(|(index, _)| *index != sheet)
                .map(|(_, other)| other)
                .collect(),
        }),
        None => Err(trouble.unwrap_or(ColumnTrouble::Empty)),
    }
}

/// How well a sheet matches; earlier sheets win a tie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    has_all: bool,
    is_seen: bool,
    columns: usize,
}

/// The header is looked for in so many rows from the top; title pages are shorter.
const HEADER_WITHIN: usize = 200;
/// Rows that one header may have.
const HEADER_ROWS: usize = 3;
/// From here on two words are near enough for a hint.
const NEAR: f64 = 0.72;

/// Finds the columns of one sheet.
///
/// # Errors
/// No row with header words, a mapping that does not fit.
pub fn layout(sheet: &Sheet, fields: &[Field], mapping: &Mapping) -> Result<Layout, ColumnTrouble> {
    let words = Words::of(fields, mapping);
    let mut best: Option<(usize, usize, Vec<Head>)> = None;
    let mut best_score = 0;
    for start in 0..sheet.rows.len().min(HEADER_WITHIN) {
        if start > 0 && continues(sheet, start - 1, start) {
            continue; // the lower half of merged cells begins no header
        }
        for span in 1..=HEADER_ROWS {
            let Some(rows) = sheet.rows.get(start..start + span) else {
                break;
            };
            if rows
                .last()
                .is_none_or(|row| is_blank(row) || is_numbers(row))
            {
                break;
            }
            let heads = heads(rows, &words);
            let score = words.score(&heads);
            // Of equal headers the one of fewer rows: a title above is no part of it.
            let is_shorter = best.as_ref().is_some_and(|(_, old, _)| span < *old);
            if score > best_score || (score == best_score && is_shorter) {
                best_score = score;
                best = Some((start, span, heads));
            }
        }
    }
    let Some((start, mut span, heads)) = best.filter(|_| best_score >= words.least()) else {
        if mapping.has_fixed_columns() {
            return by_letters(sheet, fields, mapping);
        }
        return Err(
            not_in_table(sheet, mapping).unwrap_or_else(|| no_header(sheet, fields, &words))
        );
    };
    // A header cell merged downwards takes the rows below into the header.
    while span < HEADER_ROWS + 1 && continues(sheet, start, start + span) {
        span += 1;
    }
    let mut first_row = start + span;
    while sheet
        .rows
        .get(first_row)
        .is_some_and(|row| is_blank(row) || is_numbers(row))
    {
        first_row += 1;
    }
    if let Some(said) = mapping.first_row {
        first_row = said;
    }
    let mut found = Layout {
        header_row: Some(start),
        first_row,
        columns: BTreeMap::new(),
        unknown: Vec::new(),
        repeated: Vec::new(),
        missing: Vec::new(),
        titles: heads
            .iter()
            .map(|head| (head.column, head.text.clone()))
            .collect(),
        heads: heads
            .iter()
            .map(|head| (head.column, head.parts.iter().cloned().collect()))
            .collect(),
    };
    let mut fixed = BTreeMap::new();
    for (field, place) in &mapping.fields {
        let column = match place {
            Place::Column(column) => Some(*column),
            Place::Words(said) if !heads.iter().any(|head| head.field == Some(field)) => {
                match said.iter().find_map(|word| column_of_letters(word)) {
                    Some(column) => Some(column),
                    None => {
                        return Err(ColumnTrouble::NotInTable {
                            field: field.clone(),
                            words: said.join(", "),
                            nearest: nearest(said.iter().map(String::as_str), heads.iter()),
                        });
                    }
                }
            }
            _ => None,
        };
        if let Some(column) = column {
            fixed.insert(column, field.clone());
        }
    }
    for (column, field) in &fixed {
        found.columns.insert(field.clone(), vec![*column]);
    }
    for (nth, head) in heads.iter().enumerate() {
        if fixed.contains_key(&head.column) {
            continue;
        }
        let header = Header {
            column: head.column,
            text: head.text.clone(),
        };
        match head.field {
            None => found.unknown.push(header),
            Some(field) => match found.columns.get_mut(field) {
                None => {
                    found.columns.insert(field.to_owned(), vec![head.column]);
                }
                Some(columns) => {
                    let before = nth.checked_sub(1).and_then(|n| heads.get(n));
                    let is_part = head.is_merged
                        && before.is_some_and(|before| {
                            before.text == head.text && columns.last() == Some(&before.column)
                        });
                    if is_part {
                        columns.push(head.column);
                    } else {
                        found.repeated.push(header);
                    }
                }
            },
        }
    }
    found.missing = missing(
        fields,
        &found,
        heads.iter().filter(|head| head.field.is_none()),
    );
    Ok(found)
}

/// The columns that a mapping places by letter or number in a table without a header.
fn by_letters(sheet: &Sheet, fields: &[Field], mapping: &Mapping) -> Result<Layout, ColumnTrouble> {
    let mut columns = BTreeMap::new();
    for (field, place) in &mapping.fields {
        match place {
            Place::Column(column) => {
                columns.insert(field.clone(), vec![*column]);
            }
            Place::Words(said) => match said.iter().find_map(|word| column_of_letters(word)) {
                Some(column) => {
                    columns.insert(field.clone(), vec![column]);
                }
                None => {
                    return Err(ColumnTrouble::NotInTable {
                        field: field.clone(),
                        words: said.join(", "),
                        nearest: None,
                    });
                }
            },
            Place::Nowhere => {}
        }
    }
    let first = sheet
        .rows
        .iter()
        .position(|row| !is_blank(row))
        .unwrap_or(0);
    let mut found = Layout {
        header_row: None,
        first_row: mapping.first_row.unwrap_or(first),
        columns,
        unknown: Vec::new(),
        repeated: Vec::new(),
        missing: Vec::new(),
        titles: BTreeMap::new(),
        heads: BTreeMap::new(),
    };
    found.missing = missing(fields, &found, std::iter::empty());
    Ok(found)
}

fn missing<'h>(
    fields: &[Field],
    found: &Layout,
    unknown: impl Iterator<Item = &'h Head<'h>> + Clone,
) -> Vec<Missing> {
    fields
        .iter()
        .filter(|field| field.is_required && !found.columns.contains_key(field.name))
        .map(|field| Missing {
            field: field.name.to_owned(),
            expected: field
                .words
                .first()
                .copied()
                .unwrap_or(field.name)
                .to_owned(),
            nearest: nearest(field.words.iter().copied(), unknown.clone()),
        })
        .collect()
}

fn nearest<'w, 'h>(
    words: impl Iterator<Item = &'w str>,
    heads: impl Iterator<Item = &'h Head<'h>> + Clone,
) -> Option<Header> {
    words
        .flat_map(|word| {
            let word = plain(word);
            heads.clone().map(move |head| {
                let score = head.parts.iter().map(|part| near(part, &word));
                (score.fold(0.0, f64::max), head)
            })
        })
        .filter(|(score, _)| *score >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, head)| Header {
            column: head.column,
            text: head.text.clone(),
        })
}

/// What a mapping asks for and no cell near the top says.
fn not_in_table(sheet: &Sheet, mapping: &Mapping) -> Option<ColumnTrouble> {
    let top = || sheet.rows.iter().take(HEADER_WITHIN).flatten();
    let said = mapping
        .fields
        .iter()
        .find_map(|(field, place)| match place {
            Place::Words(said)
                if !top().any(|cell| said.iter().any(|word| plain(word) == plain(&cell.text))) =>
            {
                Some((field, said))
            }
            _ => None,
        });
    said.map(|(field, said)| ColumnTrouble::NotInTable {
        field: field.clone(),
        words: said.join(", "),
        nearest: None,
    })
}

fn no_header(sheet: &Sheet, fields: &[Field], words: &Words) -> ColumnTrouble {
    let mut best: Option<(f64, usize, Header)> = None;
    for (row, cells) in sheet.rows.iter().enumerate().take(50) {
        for (column, cell) in cells.iter().enumerate().take(100) {
            let text = plain(&cell.text);
            if text.is_empty() || text.chars().count() > 60 {
                continue;
            }
            let score = words
                .by_words
                .iter()
                .filter(|(word, field)| words.required.contains(*field) && word.len() > 3)
                .map(|(word, _)| near(word, &text))
                .fold(0.0, f64::max);
            if score >= NEAR && best.as_ref().is_none_or(|(old, ..)| score > *old) {
                let text = cell.text.clone();
                best = Some((score, row, Header { column, text }));
            }
        }
    }
    let expected = fields
        .iter()
        .filter(|field| field.is_required)
        .map(|field| {
            field
                .words
                .first()
                .copied()
                .unwrap_or(field.name)
                .to_owned()
        })
        .collect();
    ColumnTrouble::NoHeader {
        expected,
        nearest: best.map(|(_, row, header)| (row, header)),
    }
}

/// Every known wording, made plain, with its field.
struct Words {
    by_words: BTreeMap<String, String>,
    required: BTreeSet<String>,
}

impl Words {
    fn of(fields: &[Field], mapping: &Mapping) -> Words {
        let mut by_words = BTreeMap::new();
        for field in fields {
            if !mapping.fields.contains_key(field.name) {
                for word in field.words {
                    // The first field that claims a wording keeps it: the caller's order decides.
                    by_words
                        .entry(plain(word))
                        .or_insert_with(|| field.name.to_owned());
                }
            }
        }
        // What the person said comes before what the fields know.
        for (field, place) in &mapping.fields {
            if let Place::Words(said) = place {
                by_words.extend(said.iter().map(|word| (plain(word), field.clone())));
            }
        }
        by_words.remove("");
        let required = fields
            .iter()
            .filter(|field| field.is_required)
            .map(|field| field.name.to_owned())
            .collect();
        Words { by_words, required }
    }

    /// The field of a header: its words with remarks in brackets, else without.
    fn field(&self, text: &str) -> Option<&str> {
        [plain(text), plain(&without_remarks(text))]
            .into_iter()
            .find_map(|words| self.by_words.get(&words))
            .map(String::as_str)
    }

    /// One for each field that is named, three for a required one.
    fn score(&self, heads: &[Head]) -> usize {
        let named: BTreeSet<&str> = heads.iter().filter_map(|head| head.field).collect();
        let weight = |field: &&str| if self.required.contains(*field) { 3 } else { 1 };
        named.iter().map(weight).sum()
    }

    /// The score below which a row is no header: two fields, or a required one.
    fn least(&self) -> usize {
        2
    }
}

/// The header of one column.
struct Head<'w> {
    column: usize,
    text: String,
    parts: Vec<String>,
    field: Option<&'w str>,
    is_merged: bool,
}

/// The headers of the columns if these rows were the header.
fn heads<'w>(rows: &[Vec<Cell>], words: &'w Words) -> Vec<Head<'w>> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    // For each row the group that reaches over a column without merged cells (CSV, ODS): the text
    // to the left of an empty cell above a filled one.
    let mut reach: Vec<Option<&str>> = vec![None; rows.len()];
    let mut out = Vec::new();
    for column in 0..width {
        let mut texts: Vec<&str> = Vec::new();
        let mut is_merged = false;
        let mut is_in_group = false;
        for (nth, row) in rows.iter().enumerate() {
            let cell = row.get(column);
            let own = cell.map_or("", |cell| cell.text.as_str());
            let below = rows
                .get(nth + 1..)
                .is_some_and(|rest| rest.iter().any(|row| has_text(row, column)));
            let text = if own.is_empty() {
                let group = reach.get(nth).copied().flatten().unwrap_or("");
                if below { group } else { "" }
            } else {
                own
            };
            let next = row.get(column + 1);
            let next_is_below = rows
                .get(nth + 1..)
                .is_some_and(|rest| rest.iter().any(|row| has_text(row, column + 1)));
            let spreads = next.is_some_and(|cell| cell.is_merged && cell.text == text)
                || (next.is_none_or(|cell| cell.text.is_empty()) && next_is_below);
            is_merged |= cell.is_some_and(|cell| cell.is_merged);
            is_in_group |= below && !text.is_empty() && (own != text || spreads || is_merged);
            if let Some(slot) = reach.get_mut(nth) {
                *slot = (!text.is_empty() && (below || next_is_below)).then_some(text);
            }
            let is_remark = plain(&without_remarks(text)).is_empty() && nth > 0;
            if !text.is_empty() && !is_remark && texts.last() != Some(&text) {
                texts.push(text);
            }
        }
        let (Some(last), whole) = (texts.last(), texts.join(" ")) else {
            continue;
        };
        let field = words.field(&whole).or_else(|| {
            // Below a group a column may be named alone: `Thẻ đảng viên` over `Số thẻ`.
            (texts.len() > 1 && is_in_group)
                .then(|| words.field(last))
                .flatten()
        });
        let mut parts: Vec<String> = texts.iter().map(|text| plain(text)).collect();
        parts.push(plain(&whole));
        parts.dedup();
        out.push(Head {
            column,
            text: texts.join(" / "),
            parts,
            field,
            is_merged,
        });
    }
    out
}

/// Whether a row only continues cells of the header that are merged downwards.
fn continues(sheet: &Sheet, header: usize, row: usize) -> bool {
    let (Some(above), Some(row)) = (sheet.rows.get(header), sheet.rows.get(row)) else {
        return false;
    };
    row.iter().enumerate().any(|(column, cell)| {
        cell.is_merged
            && !cell.text.is_empty()
            && above.get(column).is_some_and(|head| head.text == cell.text)
            // merged downwards, not another stripe merged across
            && (column == 0 || row.get(column - 1).is_none_or(|left| left.text != cell.text))
    })
}

fn has_text(row: &[Cell], column: usize) -> bool {
    row.get(column).is_some_and(|cell| !cell.text.is_empty())
}

/// Whether a row holds nothing.
pub fn is_blank(row: &[Cell]) -> bool {
    row.iter().all(|cell| cell.text.is_empty())
}

/// Whether a row only numbers the columns: `1 2 3`, `(1) (2) (3)`, `A B 1 2`, `(4=2+3)`.
pub fn is_numbers(row: &[Cell]) -> bool {
    let mut numbers: Vec<u32> = Vec::new();
    let mut letters = 0_usize;
    for cell in row.iter().filter(|cell| !cell.text.is_empty()) {
        let text = cell.text.trim_matches(['(', ')', '[', ']', ' ']);
        let head = text.split('=').next().unwrap_or("").trim();
        if let Ok(number) = head.parse() {
            numbers.push(number);
        } else if numbers.is_empty()
            && head.len() == 1
            && head.as_bytes().iter().all(u8::is_ascii_uppercase)
        {
            letters += 1;
        } else {
            return false;
        }
    }
    let rises = numbers
        .windows(2)
        .all(|pair| matches!(pair, [a, b] if *b == a + 1));
    let starts = numbers.first().is_none_or(|first| *first <= 1);
    numbers.len() + letters >= 2 && rises && starts
}

/// How alike two folded texts are, 0 to 1; from about 0.75 on a person would call it a slip.
pub fn likeness(a: &str, b: &str) -> f64 {
    near(a, b)
}

fn near(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(a, b).min(strsim::normalized_levenshtein(a, b) + 0.15)
}

/// The words alone: folded, punctuation and a number before them away.
fn plain(text: &str) -> String {
    let folded = vietnamese::fold(text);
    let mut words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    while words.len() > 1
        && words
            .first()
            .is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit()))
    {
        words.remove(0);
    }
    words.join(" ")
}

/// The text without what stands in brackets.
fn without_remarks(text: &str) -> String {
    let mut depth = 0_usize;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// `A` → 0, `AB` → 27; only capitals or small letters alone, at most `XFD`.
pub fn column_of_letters(text: &str) -> Option<usize> {
    let text = text.trim();
    if text.is_empty() || text.len() > 3 || !text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    let number = text.bytes().fold(0_usize, |sum, byte| {
        sum * 26 + usize::from(byte.to_ascii_uppercase() - b'A') + 1
    });
    (number <= 16_384).then(|| number - 1)
}

/// 0 → `A`, 27 → `AB`: how a person names a column.
pub fn letters_of_column(column: usize) -> String {
    let mut rest = column + 1;
    let mut out = Vec::new();
    while rest > 0 {
        rest -= 1;
        // below 26, so it fits
        out.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    out.iter().rev().collect()
}

impl Layout {
    /// The first cell of a field in a row that holds anything.
    pub fn cell<'r>(&self, row: &'r [Cell], field: &str) -> Option<&'r Cell> {
        self.columns
            .get(field)?
            .iter()
            .filter_map(|column| row.get(*column))
            .find(|cell| !cell.text.is_empty())
    }

    /// What a row says for a field; the parts of several columns joined with a space. Empty when
    /// the field has no column or the cell is empty.
    pub fn text<'r>(&self, row: &'r [Cell], field: &str) -> Cow<'r, str> {
        let Some(columns) = self.columns.get(field) else {
            return Cow::Borrowed("");
        };
        if let [column] = columns.as_slice() {
            return Cow::Borrowed(row.get(*column).map_or("", |cell| cell.text.as_str()));
        }
        let parts: Vec<&str> = columns
            .iter()
            .filter_map(|column| row.get(*column))
            .enumerate()
            .filter(|(nth, cell)| !cell.text.is_empty() && (*nth == 0 || !cell.is_merged))
            .map(|(_, cell)| cell.text.as_str())
            .collect();
        Cow::Owned(parts.join(" "))
    }

    /// Whether a field has a column.
    pub fn has(&self, field: &str) -> bool {
        self.columns.contains_key(field)
    }

    /// Whether a row below the header says nothing: blank, column numbers, or the header again at
    /// the top of a printed page.
    pub fn is_passed_over(&self, row: &[Cell]) -> bool {
        if is_blank(row) || is_numbers(row) {
            return true;
        }
        let mut again = 0;
        for (column, cell) in row.iter().enumerate() {
            if cell.text.is_empty() {
                continue;
            }
            let heads = self.heads.get(&column);
            if !heads.is_some_and(|heads| heads.contains(&plain(&cell.text))) {
                return false;
            }
            again += 1;
        }
        again >= 2
    }

    /// The rows of data with their places, those that say nothing left out.
    pub fn rows<'s>(&'s self, sheet: &'s Sheet) -> impl Iterator<Item = (usize, &'s [Cell])> {
        sheet
            .rows
            .iter()
            .enumerate()
            .skip(self.first_row)
            .map(|(nth, row)| (nth, row.as_slice()))
            .filter(|(_, row)| !self.is_passed_over(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        Field {
            name: "name",
            words: &["họ và tên", "họ tên"],
            is_required: true,
        },
        Field {
            name: "birth",
            words: &["ngày sinh", "ngày, tháng, năm sinh"],
            is_required: false,
        },
        Field {
            name: "birth_male",
            words: &["ngày tháng năm sinh nam", "năm sinh nam"],
            is_required: false,
        },
        Field {
            name: "birth_female",
            words: &["ngày tháng năm sinh nữ", "năm sinh nữ"],
            is_required: false,
        },
        Field {
            name: "card",
            words: &["số thẻ", "số thẻ đảng viên"],
            is_required: false,
        },
        Field {
            name: "unit",
            words: &["chi bộ", "đơn vị"],
            is_required: false,
        },
    ];

    /// Rows of cells parted by `|`; `^x` is a cell merged with another that says x.
    fn sheet(name: &str, rows: &[&str]) -> Sheet {
        let cell = |text: &str| Cell {
            text: text.trim().trim_start_matches('^').to_owned(),
            is_merged: text.trim().starts_with('^'),
            ..Cell::default()
        };
        Sheet {
            name: name.to_owned(),
            rows: rows
                .iter()
                .map(|row| row.split('|').map(cell).collect())
                .collect(),
            is_hidden: false,
            hidden_rows: Vec::new(),
            widths: Vec::new(),
            torn: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    fn place(rows: &[&str]) -> Layout {
        layout(&sheet("", rows), FIELDS, &Mapping::default()).unwrap()
    }

    fn at(layout: &Layout, field: &str) -> Vec<usize> {
        layout.columns.get(field).cloned().unwrap_or_default()
    }

    #[test]
    fn the_header_is_found_below_titles_and_above_column_numbers() {
        let found = place(&[
            "ĐẢNG BỘ MINH HỌA|^ĐẢNG BỘ MINH HỌA|^ĐẢNG BỘ MINH HỌA",
            "",
            "DANH SÁCH ĐẢNG VIÊN",
            "STT|HỌ VÀ TÊN|Ngày sinh (dd/mm/yyyy)|4. Số thẻ *|Ghi chú",
            "(1)|(2)|(3)|(4)|(5)",
            "1|Nguyễn Văn An|05/3/1954|012345678901|",
        ]);
        assert_eq!((found.header_row, found.first_row), (Some(3), 5));
        assert_eq!(at(&found, "name"), [1]);
        assert_eq!(at(&found, "birth"), [2]);
        assert_eq!(at(&found, "card"), [3]);
        let unknown: Vec<&str> = found.unknown.iter().map(|h| h.text.as_str()).collect();
        assert_eq!(unknown, ["STT", "Ghi chú"]);
        assert!(found.missing.is_empty());
    }

    #[test]
    fn two_rows_of_a_header_are_read_together() {
        let merged = place(&[
            "TT|Họ và tên|Ngày, tháng, năm sinh|^Ngày, tháng, năm sinh|Chi bộ",
            "^TT|^Họ và tên|Nam|Nữ|^Chi bộ",
            "1|2|3|4|5",
            "1|Trần Thị Bé||1960|Chi bộ 1",
        ]);
        let bare = place(&[
            "TT|Họ và tên|Ngày, tháng, năm sinh||Chi bộ",
            "||Nam|Nữ|",
            "1|Trần Thị Bé||1960|Chi bộ 1",
        ]);
        for (found, first) in [(merged, 3), (bare, 2)] {
            assert_eq!((found.header_row, found.first_row), (Some(0), first));
            assert_eq!(at(&found, "name"), [1]);
            assert_eq!(at(&found, "birth_male"), [2]);
            assert_eq!(at(&found, "birth_female"), [3]);
            assert_eq!(at(&found, "unit"), [4]);
            assert_eq!(at(&found, "birth"), Vec::<usize>::new());
        }
    }

    #[test]
    fn a_data_row_below_the_header_is_not_taken_into_it() {
        let found = place(&["Họ và tên|Ghi chú|Ngày sinh", "An|Chi bộ|1960"]);
        assert_eq!(found.first_row, 1);
        assert!(!found.has("unit"));
    }

    #[test]
    fn a_name_in_two_columns_below_one_header_is_joined() {
        let rows = ["TT|Họ và tên|^Họ và tên|Ngày sinh", "1|Nguyễn Văn|An|1960"];
        let found = place(&rows);
        assert_eq!(at(&found, "name"), [1, 2]);
        let sheet = sheet("", &rows);
        assert_eq!(found.text(&sheet.rows[1], "name"), "Nguyễn Văn An");
        assert_eq!(found.text(&sheet.rows[1], "birth"), "1960");
        assert_eq!(found.text(&sheet.rows[1], "card"), "");
    }

    #[test]
    fn what_is_only_near_is_a_hint() {
        let found = place(&["Ngày sinh|Họ và tem|Số thẻ", "1960|An|1"]);
        assert_eq!(found.missing.len(), 1);
        let missing = &found.missing[0];
        assert_eq!(
            (missing.field.as_str(), missing.expected.as_str()),
            ("name", "họ và tên")
        );
        assert_eq!(missing.nearest.as_ref().unwrap().text, "Họ và tem");
        let none = layout(
            &sheet("", &["a|b", "Họ và tem|c"]),
            FIELDS,
            &Mapping::default(),
        );
        let Err(ColumnTrouble::NoHeader { expected, nearest }) = none else {
            panic!("{none:?}");
        };
        assert_eq!(expected, ["họ và tên"]);
        let (row, header) = nearest.unwrap();
        assert_eq!(
            (row, header.column, header.text.as_str()),
            (1, 0, "Họ và tem")
        );
    }

    #[test]
    fn a_mapping_comes_before_our_words() {
        let rows = ["Họ và tên|Bí danh|X|TT", "An|Ba|012|9"];
        let read = |text: &str| {
            let mapping = Mapping::read(text, FIELDS).unwrap();
            layout(&sheet("", &rows), FIELDS, &mapping)
        };
        let by_words = read("name = 'bí danh'\ncard = 'X'\nunit = 'TT'").unwrap();
        assert_eq!(at(&by_words, "name"), [1]);
        assert_eq!(
            at(&by_words, "card"),
            [2],
            "header words before column letters"
        );
        assert_eq!(at(&by_words, "unit"), [3]);
        let by_place = read("card = 'C'\nbirth = 4\nname = ['no such', 'họ và tên']").unwrap();
        assert_eq!(at(&by_place, "card"), [2]);
        assert_eq!(at(&by_place, "birth"), [3]);
        assert_eq!(at(&by_place, "name"), [0]);
        let left_out = read("name = ''").unwrap_err();
        assert!(matches!(left_out, ColumnTrouble::NoHeader { .. }));
        let wrong = read("card = 'bi danhh'").unwrap_err();
        let ColumnTrouble::NotInTable { nearest, .. } = wrong else {
            panic!("{wrong:?}");
        };
        assert_eq!(nearest.unwrap().text, "Bí danh");
    }

    #[test]
    fn letters_place_the_columns_of_a_table_without_header() {
        let mapping = Mapping::read("name = 'B'\nfirst_row = 2", FIELDS).unwrap();
        let found = layout(&sheet("", &["x|y", "1|An"]), FIELDS, &mapping).unwrap();
        assert_eq!((found.header_row, found.first_row), (None, 1));
        assert_eq!(at(&found, "name"), [1]);
    }

    #[test]
    fn a_mapping_with_a_wrong_field_names_the_right_one() {
        let trouble = Mapping::read("nmae = 'x'", FIELDS).unwrap_err();
        assert_eq!(
            trouble,
            MappingTrouble::NoSuchField {
                field: "nmae".into(),
                nearest: Some("name")
            }
        );
        assert!(matches!(
            Mapping::read("name =", FIELDS),
            Err(MappingTrouble::NotToml(_))
        ));
        assert!(matches!(
            Mapping::read("name = 0", FIELDS),
            Err(MappingTrouble::BadValue { .. })
        ));
    }

    #[test]
    fn the_best_sheet_wins_and_the_others_are_told() {
        let mut hidden = sheet("cũ", &["Họ và tên|Ngày sinh|Số thẻ", "An|1960|1"]);
        hidden.is_hidden = true;
        let sheets = [
            sheet("bìa", &["Hướng dẫn"]),
            hidden,
            sheet("2026", &["Họ và tên|Ngày sinh", "An|1960"]),
            sheet("trống", &[""]),
        ];
        let found = find(&sheets, FIELDS, &Mapping::default()).unwrap();
        assert_eq!(found.sheet, 2);
        let others: Vec<(&str, bool)> = found
            .others
            .iter()
            .map(|o| (o.name.as_str(), o.is_alike))
            .collect();
        assert_eq!(others, [("bìa", false), ("cũ", true)]);
        assert_eq!(
            find(&sheets[3..], FIELDS, &Mapping::default()),
            Err(ColumnTrouble::Empty)
        );
    }

    #[test]
    fn headers_repeated_on_each_page_and_blank_rows_are_passed_over() {
        let sheet = sheet(
            "",
            &[
                "Họ và tên|Số thẻ",
                "An|1",
                "",
                "Họ và tên|Số thẻ",
                "1|2",
                "Bình|2",
            ],
        );
        let found = layout(&sheet, FIELDS, &Mapping::default()).unwrap();
        let rows: Vec<usize> = found.rows(&sheet).map(|(nth, _)| nth).collect();
        assert_eq!(rows, [1, 5]);
    }

    #[test]
    fn columns_have_letters() {
        for (letters, column) in [("A", 0), ("Z", 25), ("AA", 26), ("XFD", 16_383)] {
            assert_eq!(column_of_letters(letters), Some(column));
            assert_eq!(letters_of_column(column), letters);
        }
        assert_eq!(column_of_letters("XFE"), None);
        assert_eq!(column_of_letters("Họ"), None);
    }
}
