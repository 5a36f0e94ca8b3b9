//! What a spreadsheet shows and its values do not tell: hidden rows, formulas without a result, zeros
//! that a format puts before a number, cells merged in an ODS.
//!
//! A second, lenient look at the parts of the file beside `calamine`. Not here: the values (`table`).
//! Surprise: what cannot be looked at is told as not looked at; it never refuses a table.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use calamine::Dimensions;
use files::{Archive, ArchiveLimits};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::table::Lost;
use crate::xml::{attribute, reference};

/// One part is at most so large: a million cells of XML.
const PART_BYTES: u64 = 256 << 20;
/// Places that are remembered of one sheet.
const PLACES: usize = 200_000;

/// What was seen in one sheet. Rows and columns count from 0.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// Rows that a filter or a hand hides.
    pub(crate) hidden: BTreeSet<u32>,
    /// Cells whose value is not there.
    pub(crate) lost: BTreeMap<(u32, u32), Lost>,
    /// Digits that a whole number is shown with at least.
    pub(crate) digits: BTreeMap<(u32, u32), usize>,
    /// Merged cells; those of XLSX are `calamine`'s.
    pub(crate) merged: Vec<Dimensions>,
}

impl Shown {
    fn lose(&mut self, place: (u32, u32), lost: Lost) {
        if self.lost.len() < PLACES {
            self.lost.insert(place, lost);
        }
    }
}

fn open(path: &Path) -> Option<Archive> {
    let limits = ArchiveLimits {
        entry_bytes: PART_BYTES,
        total_bytes: 3 * PART_BYTES,
        ..ArchiveLimits::default()
    };
    Archive::open(path, limits).ok() // the caller tells that nothing was looked at
}

/// A workbook whose parts are looked at one sheet at a time.
pub(crate) struct Workbook {
    archive: Archive,
    parts: HashMap<String, String>,
    /// By the number of a style: digits that its format shows at least.
    styles: Vec<usize>,
}

impl Workbook {
    /// Opens an XLSX or XLSM; `None` when its parts lie in no way that we know.
    pub(crate) fn open(path: &Path) -> Option<Workbook> {
        let mut archive = open(path)?;
        let book = archive.read("xl/workbook.xml").ok()?;
        let links = archive.read("xl/_rels/workbook.xml.rels").ok()?;
        let mut targets = HashMap::new();
        each(&links, "Relationship", |element| {
            let (id, target) = (attribute(element, "Id"), attribute(element, "Target"));
            targets.extend(id.zip(target));
        });
        let mut parts = HashMap::new();
        each(&book, "sheet", |element| {
            let name = attribute(element, "name").unwrap_or_default();
            if let Some(target) = attribute(element, "id").and_then(|id| targets.get(&id)) {
                let part = match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None => format!("xl/{target}"),
                };
                parts.insert(name, part);
            }
        });
        let styles = (archive.read("xl/styles.xml")).map_or_else(|_| Vec::new(), |it| styles(&it)); // without styles nothing is formatted
        Some(Workbook {
            archive,
            parts,
            styles,
        })
    }

    /// Looks at one sheet.
    pub(crate) fn sheet(&mut self, name: &str) -> Option<Shown> {
        let bytes = self.archive.read(self.parts.get(name)?).ok()?;
        let mut shown = Shown::default();
        // Before the first row; rows and cells without a place follow the one before.
        let mut at = (u32::MAX, u32::MAX);
        let mut formula: Option<bool> = None;
        let mut reader = Reader::from_reader(bytes.as_slice());
        let mut buffer = Vec::new();
        loop {
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(element) | Event::Empty(element)) => {
                    match element.local_name().as_ref() {
                        "row" => {
                            let row = attribute(&element, "r").and_then(|r| r.parse::<u32>().ok());
                            let next = at.0.wrapping_add(1);
                            at = (row.map_or(next, |row| row.saturating_sub(1)), u32::MAX);
                            if is_true(&element, "hidden") && shown.hidden.len() < PLACES {
                                shown.hidden.insert(at.0);
                            }
                        }
                        "c" => {
                            let place = attribute(&element, "r").as_deref().and_then(place);
                            at = place.unwrap_or((at.0, at.1.wrapping_add(1)));
                            formula = None;
                            let style = attribute(&element, "s").and_then(|s| s.parse().ok());
                            let digits = style.and_then(|style: usize| self.styles.get(style));
                            if let Some(digits) = digits.filter(|digits| **digits > 1)
                                && shown.digits.len() < PLACES
                            {
                                shown.digits.insert(at, *digits);
                            }
                        }
                        "f" => formula = Some(false),
                        "v" | "is" => formula = formula.map(|_| true),
                        _ => {}
                    }
                }
                Ok(Event::End(element))
                    if element.local_name().as_ref() == "c" && formula.take() == Some(false) =>
                {
                    shown.lose(at, Lost::NoResult);
                }
                Ok(Event::Eof) => return Some(shown),
                Err(_) => return None,
                _ => {}
            }
            buffer.clear();
        }
    }
}

fn is_true(element: &BytesStart<'_>, name: &str) -> bool {
    matches!(attribute(element, name).as_deref(), Some("1" | "true"))
}

/// `B12` → row 11, column 1.
fn place(text: &str) -> Option<(u32, u32)> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = text.split_at_checked(digits)?;
    let column = crate::columns::column_of_letters(letters)?;
    let row = row.parse::<u32>().ok()?.checked_sub(1)?;
    Some((row, u32::try_from(column).ok()?))
}

/// Calls back for each element of that name.
fn each(xml: &[u8], name: &str, mut call: impl FnMut(&BytesStart<'_>)) {
    let mut reader = Reader::from_reader(xml);
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element))
                if element.local_name().as_ref() == name =>
            {
                call(&element);
            }
            Ok(Event::Eof) | Err(_) => break, // what was read so far helps all the same
            _ => {}
        }
        buffer.clear();
    }
}

/// The digits of each cell format: 4 for `0000`, 0 for all others.
fn styles(xml: &[u8]) -> Vec<usize> {
    let mut formats: HashMap<String, usize> = HashMap::new();
    each(xml, "numFmt", |element| {
        let (id, code) = (
            attribute(element, "numFmtId"),
            attribute(element, "formatCode"),
        );
        let digits = code.map(|code| digits(&code));
        formats.extend(id.zip(digits));
    });
    // `xf` stands in other lists too: only those inside `cellXfs` count.
    let text = String::from_utf8_lossy(xml);
    let inside = (text.split_once("cellXfs"))
        .and_then(|(_, rest)| rest.split_once("cellXfs"))
        .map_or("", |(inside, _)| inside);
    let mut out = Vec::new();
    each(inside.as_bytes(), "xf", |element| {
        let format = attribute(element, "numFmtId").and_then(|id| formats.get(&id));
        out.push(format.copied().unwrap_or(0));
    });
    out
}

/// How many digits a format of zeros alone shows at least.
fn digits(code: &str) -> usize {
    let first = code.split(';').next().unwrap_or_default().trim();
    let is_zeros = first.bytes().all(|b| b == b'0');
    if is_zeros { first.len() } else { 0 }
}

/// Looks at all sheets of an ODS, by name; `None` when it cannot be read.
pub(crate) fn of_ods(path: &Path) -> Option<HashMap<String, Shown>> {
    let bytes = open(path)?.read("content.xml").ok()?;
    let mut look = OdsLook::default();
    let mut reader = Reader::from_reader(bytes.as_slice());
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => look.opened(&element),
            Ok(Event::Empty(element)) => {
                look.opened(&element);
                look.closed(element.local_name().as_ref());
            }
            Ok(Event::End(element)) => look.closed(element.local_name().as_ref()),
            Ok(Event::Text(text)) => look.text(&text.xml10_content()),
            Ok(Event::GeneralRef(part)) => look.text(&reference(&part)),
            Ok(Event::Eof) => return Some(look.sheets),
            Err(_) => return None,
            _ => {}
        }
        buffer.clear();
    }
}

#[derive(Default)]
struct OdsLook {
    sheets: HashMap<String, Shown>,
    name: String,
    row: u32,
    row_repeats: u32,
    column: u32,
    cell: OdsCell,
    /// How deep inside a remark or a drawing, whose text is not the cell's.
    beside: usize,
    is_text: bool,
}

/// The cell that is being read.
#[derive(Default)]
struct OdsCell {
    is_open: bool,
    kind: String,
    has_formula: bool,
    repeats: u32,
    text: String,
}

impl OdsLook {
    fn sheet(&mut self) -> &mut Shown {
        self.sheets.entry(self.name.clone()).or_default()
    }

    fn opened(&mut self, element: &BytesStart<'_>) {
        let number = |name: &str| {
            let number = attribute(element, name).and_then(|n| n.parse::<u32>().ok());
            number.unwrap_or(1).max(1)
        };
        match element.local_name().as_ref() {
            "table" if !self.cell.is_open => {
                self.name = attribute(element, "name").unwrap_or_default();
                (self.row, self.row_repeats, self.column) = (0, 0, 0);
            }
            "table-row" if !self.cell.is_open => {
                self.row_repeats = number("number-rows-repeated");
                self.column = 0;
                let is_hidden = matches!(
                    attribute(element, "visibility").as_deref(),
                    Some("collapse" | "filter")
                );
                let (first, last) = (
                    self.row,
                    self.row.saturating_add(self.row_repeats.min(1000)),
                );
                let shown = self.sheet();
                if is_hidden && shown.hidden.len() < PLACES {
                    shown.hidden.extend(first..last);
                }
            }
            "table-cell" | "covered-table-cell" if !self.cell.is_open => {
                let (columns, rows) = (
                    number("number-columns-spanned"),
                    number("number-rows-spanned"),
                );
                if columns > 1 || rows > 1 {
                    let end = (
                        self.row.saturating_add(rows - 1),
                        self.column.saturating_add(columns - 1),
                    );
                    let area = Dimensions::new((self.row, self.column), end);
                    let shown = self.sheet();
                    if shown.merged.len() < PLACES {
                        shown.merged.push(area);
                    }
                }
                // LibreOffice says "string" twice and knows better the second time: `error` wins.
                let mut kinds: Vec<String> = Vec::new();
                for it in element.attributes().with_checks(false).flatten() {
                    if it.key.local_name().as_ref() == "value-type" {
                        kinds.push(it.value.to_string());
                    }
                }
                let error = kinds.iter().find(|kind| *kind == "error");
                self.cell = OdsCell {
                    is_open: true,
                    kind: error.or(kinds.first()).cloned().unwrap_or_default(),
                    has_formula: attribute(element, "formula").is_some(),
                    repeats: number("number-columns-repeated"),
                    text: String::new(),
                };
            }
            "annotation" | "shapes" | "frame" if self.cell.is_open => self.beside += 1,
            "p" => self.is_text = self.cell.is_open && self.beside == 0,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.is_text {
            self.cell.text.push_str(text);
        }
    }

    fn closed(&mut self, name: &str) {
        match name {
            "annotation" | "shapes" | "frame" => self.beside = self.beside.saturating_sub(1),
            "p" => self.is_text = false,
            "table-cell" | "covered-table-cell" => {
                let cell = std::mem::take(&mut self.cell);
                let place = (self.row, self.column);
                self.column = self.column.saturating_add(cell.repeats.max(1));
                let text = cell.text.trim();
                if cell.kind == "error" {
                    self.sheet().lose(place, Lost::Error(text.to_owned()));
                } else if cell.has_formula && cell.kind.is_empty() && text.is_empty() {
                    self.sheet().lose(place, Lost::NoResult);
                } else if cell.kind == "float"
                    && text.len() > 1
                    && text.bytes().all(|b| b.is_ascii_digit())
                    && self.sheet().digits.len() < PLACES
                {
                    self.sheet().digits.insert(place, text.len());
                }
            }
            "table-row" if !self.cell.is_open => {
                self.row = self.row.saturating_add(self.row_repeats);
            }
            _ => {}
        }
    }
}
