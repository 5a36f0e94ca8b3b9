//! What a spreadsheet shows and its values do not tell: hidden rows, formulas without a result, zeros and letters
//! that a format puts around a number, cells merged in an ODS.
//!
//! A second, lenient look at the parts of the file beside `calamine`. Not here: the values (`table`).
//! Surprise: what cannot be looked at is told as not looked at; it never refuses a table.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::rc::Rc;

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
    /// How whole numbers are shown that are shown otherwise than they are.
    pub(crate) masks: BTreeMap<(u32, u32), Rc<Mask>>,
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

/// How a whole number is shown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mask {
    /// By the pieces of its format.
    Pieces(Vec<Piece>),
    /// As this text, which the file holds itself.
    Text(String),
    /// By a format that adds letters or zeros in a way that is not read here.
    Unread(String),
}

/// A piece of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// `0`: a digit, or a zero in its place.
    Zero,
    /// `#`: a digit, if there is one.
    Digit,
    /// `General`: all digits.
    All,
    /// Something that is always written.
    Sign(char),
}

impl Mask {
    /// What a number of these digits is shown as; None where that is not known.
    pub(crate) fn shown(&self, digits: &str) -> Option<String> {
        let pieces = match self {
            Mask::Text(text) => return Some(text.clone()),
            Mask::Unread(_) => return None,
            Mask::Pieces(pieces) => pieces,
        };
        let mut rest: Vec<char> = digits.chars().collect();
        let mut out: Vec<char> = Vec::new();
        let first = pieces
            .iter()
            .position(|piece| !matches!(piece, Piece::Sign(_)));
        for (at, piece) in pieces.iter().enumerate().rev() {
            match piece {
                Piece::Sign(sign) => out.push(*sign),
                Piece::Zero => out.push(rest.pop().unwrap_or('0')),
                Piece::Digit => out.extend(rest.pop()),
                Piece::All => out.extend(rest.drain(..).rev()),
            }
            // What has no place of its own stands before the first.
            if first == Some(at) {
                out.extend(rest.drain(..).rev());
            }
        }
        Some(out.iter().rev().collect())
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
    /// By the number of a style: how its format shows a whole number, where that is not as it is.
    styles: Vec<Option<Rc<Mask>>>,
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
                            // A row drawn up to nothing is as hidden as one that a filter hides.
                            let is_flat = attribute(&element, "ht").is_some_and(|it| is_zero(&it));
                            if (is_flat || is_true(&element, "hidden"))
                                && shown.hidden.len() < PLACES
                            {
                                shown.hidden.insert(at.0);
                            }
                        }
                        "c" => {
                            let place = attribute(&element, "r").as_deref().and_then(place);
                            at = place.unwrap_or((at.0, at.1.wrapping_add(1)));
                            formula = None;
                            let style = attribute(&element, "s").and_then(|s| s.parse().ok());
                            let mask = style.and_then(|style: usize| self.styles.get(style));
                            // Formats of numbers say nothing of a text.
                            let is_number =
                                matches!(attribute(&element, "t").as_deref(), None | Some("n"));
                            if let Some(Some(mask)) = mask.filter(|_| is_number)
                                && shown.masks.len() < PLACES
                            {
                                shown.masks.insert(at, Rc::clone(mask));
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

/// How each cell format shows a whole number; None for as it is.
fn styles(xml: &[u8]) -> Vec<Option<Rc<Mask>>> {
    let mut formats: HashMap<String, Rc<Mask>> = HashMap::new();
    each(xml, "numFmt", |element| {
        let (id, code) = (
            attribute(element, "numFmtId"),
            attribute(element, "formatCode"),
        );
        let mask = code.and_then(|code| mask(&code)).map(Rc::new);
        formats.extend(id.zip(mask));
    });
    // `xf` stands in other lists too: only those inside `cellXfs` count.
    let text = String::from_utf8_lossy(xml);
    let inside = (text.split_once("cellXfs"))
        .and_then(|(_, rest)| rest.split_once("cellXfs"))
        .map_or("", |(inside, _)| inside);
    let mut out = Vec::new();
    each(inside.as_bytes(), "xf", |element| {
        let format = attribute(element, "numFmtId").and_then(|id| formats.get(&id));
        out.push(format.cloned());
    });
    out
}

/// How the format of positive numbers shows a whole one; None where it is shown as it is, or only grouped, rounded
/// or with the signs of a currency.
fn mask(code: &str) -> Option<Mask> {
    let Some(pieces) = pieces(code) else {
        let unquoted: String = code.split('"').step_by(2).collect();
        let has_zeros = unquoted.contains("00") && !unquoted.contains('.');
        let has_letters = (code.split('"').skip(1).step_by(2))
            .any(|quoted| quoted.chars().any(char::is_alphanumeric));
        let is_day = unquoted.chars().any(|c| "dmyhsDMYHS".contains(c));
        let tells = !is_day && (has_zeros || has_letters);
        return tells.then(|| Mask::Unread(code.to_owned()));
    };
    let zeros = pieces.iter().filter(|piece| **piece == Piece::Zero).count();
    let has_letters = pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Sign(sign) if sign.is_alphanumeric()));
    (zeros > 1 || has_letters).then_some(Mask::Pieces(pieces))
}

/// The pieces of the first section of a format; None when it rounds, groups, reckons or asks.
fn pieces(code: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut chars = code.trim().chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '0' => pieces.push(Piece::Zero),
            '#' | '?' => pieces.push(Piece::Digit),
            '\\' => pieces.extend(chars.next().map(Piece::Sign)),
            // As wide as that sign, or filled with it: nothing to read.
            '_' | '*' => {
                chars.next();
            }
            '"' => loop {
                match chars.next()? {
                    '"' => break,
                    sign => pieces.push(Piece::Sign(sign)),
                }
            },
            '[' => {
                let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                if let Some(sign) = inside.strip_prefix('$') {
                    let sign = sign.split('-').next().unwrap_or_default();
                    pieces.extend(sign.chars().map(Piece::Sign));
                } else if !inside.starts_with("Color") && !inside.chars().all(char::is_alphabetic)
                    || matches!(inside.as_str(), "h" | "hh" | "m" | "mm" | "s" | "ss")
                {
                    return None; // a condition or hours that were reckoned; a word is a colour
                }
            }
            'G' | 'g' if chars.as_str().to_ascii_lowercase().starts_with("eneral") => {
                chars.by_ref().nth(5);
                pieces.push(Piece::All);
            }
            sign if " -+/():!&'~{}<>=^$₫€£¥".contains(sign) => pieces.push(Piece::Sign(sign)),
            _ => return None,
        }
    }
    let holds = pieces.iter().any(|piece| !matches!(piece, Piece::Sign(_)));
    holds.then_some(pieces)
}

/// `0`, `0cm`, `0.000in`.
fn is_zero(length: &str) -> bool {
    let figure = length.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    figure
        .trim()
        .parse::<f64>()
        .is_ok_and(|figure| figure.abs() < 0.000_1)
}

/// What an ODS shows of a whole number, where that is not the number alone: zeros before it, letters around it.
/// Groups of digits and signs of a currency are only how it looks.
fn ods_mask(value: &str, shown: &str) -> Option<Mask> {
    let whole = value.strip_suffix(".0").unwrap_or(value);
    let is_whole = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit());
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    let bare = digits.trim_start_matches('0');
    if !is_whole || bare != whole.trim_start_matches('0') || shown == whole {
        return None;
    }
    let has_letters = shown
        .chars()
        .any(|c| c.is_alphabetic() && !"đ₫".contains(c));
    (digits.len() > whole.len() || has_letters).then(|| Mask::Text(shown.to_owned()))
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
    /// Styles of rows that are drawn up to nothing, and the style that is being read.
    flat: BTreeSet<String>,
    style: String,
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
    value: String,
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
            "style" => self.style = attribute(element, "name").unwrap_or_default(),
            "table-row-properties"
                if attribute(element, "row-height").is_some_and(|height| is_zero(&height)) =>
            {
                self.flat.insert(self.style.clone());
            }
            "table-row" if !self.cell.is_open => {
                self.row_repeats = number("number-rows-repeated");
                self.column = 0;
                let is_flat = attribute(element, "style-name")
                    .is_some_and(|style| self.flat.contains(&style));
                let is_hidden = is_flat
                    || matches!(
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
                    value: attribute(element, "value").unwrap_or_default(),
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
                    && let Some(mask) = ods_mask(&cell.value, text)
                    && self.sheet().masks.len() < PLACES
                {
                    self.sheet().masks.insert(place, Rc::new(mask));
                }
            }
            "table-row" if !self.cell.is_open => {
                self.row = self.row.saturating_add(self.row_repeats);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: &str, digits: &str) -> Option<String> {
        mask(code)?.shown(digits)
    }

    #[test]
    fn a_number_is_shown_as_its_format_writes_it() {
        for (code, digits, wanted) in [
            ("0000", "12", "0012"),
            ("0000", "123456", "123456"),
            ("\"DV\"0000", "12", "DV0012"),
            ("[$-42A]0000;@", "12", "0012"),
            ("[Red]0000", "12", "0012"),
            ("\\D\\V0", "12", "DV12"),
            ("\"DV-\"General", "12", "DV-12"),
            ("00\".\"00", "123", "01.23"),
            ("000-0000", "12345", "001-2345"),
            ("0000_)", "7", "0007"),
            ("#\" tuổi\"", "41", "41 tuổi"),
        ] {
            assert_eq!(told(code, digits).as_deref(), Some(wanted), "{code}");
        }
        for code in [
            "0",
            "#,##0",
            "0.00",
            "#,##0 \"₫\"",
            "General",
            "dd/mm/yyyy",
            "0%",
            ";;;",
        ] {
            assert_eq!(mask(code), None, "{code}: the number is as it is");
        }
        for code in ["[<=999]0000;0", "\"DV\"#,##0"] {
            assert!(matches!(mask(code), Some(Mask::Unread(_))), "{code}");
        }
    }
}
