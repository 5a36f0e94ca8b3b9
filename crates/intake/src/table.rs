//! Rows out of spreadsheets and separated values.
//!
//! XLSX, XLSM, XLSB, XLS, ODS through `calamine`, with a look at what the sheet shows (`shown`);
//! CSV and TSV with delimiter and encoding found out (`separated`). Not here: what a column means
//! (the rooms match headers). Surprise: cells are taken one by one where the format allows it, so two
//! cells at opposite corners of a sheet cost two cells, not seventeen thousand million.

use std::collections::BTreeMap;
use std::path::Path;

use calamine::{Data, Dimensions, ExcelDateTime, Reader};
use files::FileKind;
use serde::{Deserialize, Serialize};

use crate::blocks::{Warning, tidy};
use crate::shown::{self, Mask, Shown};
use crate::{Trouble, legacy_text, separated};

/// One cell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What it shows, NFC, tidied; numbers without thousands signs and with a decimal point.
    pub text: String,
    /// The day of a real date cell, `YYYY-MM-DD`, or day and time, `YYYY-MM-DDThh:mm:ss`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Whether it was typed for a font of the 1990s and has been converted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_legacy: bool,
    /// Whether the value stands in another cell and this one is merged with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_merged: bool,
    /// Why the cell is empty although something should stand there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<Lost>,
}

/// Why a cell has no value, or one that the sheet shows otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lost {
    /// It shows an error, such as `#REF!`.
    Error(String),
    /// It is a formula that was saved without its result.
    NoResult,
    /// Its value is there, and a format of this code, which is not read, shows more.
    Format(String),
}

/// One sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its name; empty for separated values.
    pub name: String,
    /// Rows from the first one of the sheet, so that row 0 is line 1 for a person. Each is
    /// as long as its last cell; trailing empty rows are left out.
    pub rows: Vec<Vec<Cell>>,
    /// Whether a person would see the sheet.
    pub is_hidden: bool,
    /// Rows that hold something and that a filter or a hand hides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden_rows: Vec<usize>,
    /// Separated values: cells of each row as they were parted, empty ones too. Empty for workbooks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub widths: Vec<usize>,
    /// Separated values: rows whose quotes stand wrongly, so that a cell may hold others; with the
    /// last line that each reaches to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub torn: BTreeMap<usize, usize>,
    /// What was odd.
    pub warnings: Vec<Warning>,
}

/// How much of a workbook is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableLimits {
    /// Sheets.
    pub sheets: usize,
    /// Rows of one sheet.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Cells with text, in all sheets together.
    pub cells: usize,
    /// Characters of one cell.
    pub cell_chars: usize,
    /// Bytes of a file of separated values.
    pub input_bytes: u64,
}

impl Default for TableLimits {
    /// 100 sheets, 200,000 rows, 500 columns, 2 million cells, 10,000 characters a cell,
    /// 64 MiB: a roster of a whole bloc (77,000 rows of 20 columns) passes.
    fn default() -> Self {
        TableLimits {
            sheets: 100,
            rows: 200_000,
            columns: 500,
            cells: 2_000_000,
            cell_chars: 10_000,
            input_bytes: 64 << 20,
        }
    }
}

/// Reads all sheets of a workbook, or the one table of a CSV or TSV file.
///
/// # Errors
/// A kind that is no table, a password, a broken file.
pub fn read_table(path: &Path, limits: &TableLimits) -> Result<Vec<Sheet>, Trouble> {
    let kind = FileKind::of_path(path).map_err(|e| Trouble::new("intake.refused.unreadable", e))?;
    let mut filling = Filling {
        limits: *limits,
        cells: 0,
        sheets: Vec::new(),
    };
    match kind {
        FileKind::Xlsx | FileKind::Xlsm => filling.xlsx(path)?,
        FileKind::Xlsb => filling.xlsb(path)?,
        FileKind::Xls => filling.xls(path)?,
        FileKind::Ods => filling.ods(path)?,
        FileKind::Text => filling.separated(path)?,
        FileKind::Empty => return Err(Trouble::new("intake.refused.empty", "0 bytes")),
        FileKind::OfficeEncrypted => {
            return Err(Trouble::new("intake.refused.encrypted", "Office file"));
        }
        FileKind::Html | FileKind::Xml => {
            return Err(Trouble::new("intake.refused.not_a_workbook", kind.as_str()));
        }
        other => return Err(Trouble::new("intake.refused.kind", other.as_str())),
    }
    Ok(filling.sheets)
}

struct Filling {
    limits: TableLimits,
    cells: usize,
    sheets: Vec<Sheet>,
}

/// A sheet in the making: only cells that hold something.
#[derive(Default)]
struct Sparse {
    cells: BTreeMap<(u32, u32), Cell>,
    shown: Shown,
    widths: Vec<usize>,
    torn: BTreeMap<usize, usize>,
    warnings: Vec<Warning>,
}

impl Sparse {
    fn warn(&mut self, key: &str, detail: impl std::fmt::Display) {
        let key = format!("intake.warning.{key}");
        if !self.warnings.iter().any(|warning| warning.key == key) {
            let detail = detail.to_string();
            self.warnings.push(Warning { key, detail });
        }
    }
}

fn broken(e: impl std::fmt::Display) -> Trouble {
    let text = e.to_string();
    if text.contains("password") {
        Trouble::new("intake.refused.encrypted", text)
    } else {
        Trouble::new("intake.refused.broken", text)
    }
}

impl Filling {
    /// Whether another cell may be kept. Says once in the sheet why not.
    fn has_room(&mut self, sheet: &mut Sparse, row: u32, column: u32) -> bool {
        let fits = |place: u32, limit: usize| usize::try_from(place).is_ok_and(|p| p < limit);
        if !fits(row, self.limits.rows) {
            sheet.warn("rows_cut", self.limits.rows);
            false
        } else if !fits(column, self.limits.columns) {
            sheet.warn("columns_cut", self.limits.columns);
            false
        } else if self.cells >= self.limits.cells {
            sheet.warn("cells_cut", self.limits.cells);
            false
        } else {
            self.cells += 1;
            true
        }
    }

    fn put(&mut self, sheet: &mut Sparse, row: u32, column: u32, value: &Data) {
        let Some(mut cell) = cell_of(value) else {
            return;
        };
        if !cell.text.is_empty() && !vietnamese::has_ink(&cell.text) {
            return; // fillers alone are an empty cell
        }
        if !self.has_room(sheet, row, column) {
            return;
        }
        // With a sign of direction a cell would read otherwise than it is stored.
        if cell.text.contains(vietnamese::turns_text) {
            cell.text = cell.text.replace(vietnamese::turns_text, "");
        }
        if cell.text.chars().count() > self.limits.cell_chars {
            cell.text = cell.text.chars().take(self.limits.cell_chars).collect();
            sheet.warn("cell_cut", format!("row {}", u64::from(row) + 1));
        }
        sheet.cells.insert((row, column), cell);
    }

    fn merge(&mut self, sheet: &mut Sparse, merged: &[Dimensions]) {
        for area in merged {
            let Some(value) = sheet.cells.get(&area.start).cloned() else {
                continue;
            };
            for row in area.start.0..=area.end.0 {
                for column in area.start.1..=area.end.1 {
                    if (row, column) == area.start || sheet.cells.contains_key(&(row, column)) {
                        continue;
                    }
                    if !self.has_room(sheet, row, column) {
                        // Nothing further right fits; further down may not either.
                        break;
                    }
                    let cell = Cell {
                        is_merged: true,
                        ..value.clone()
                    };
                    sheet.cells.insert((row, column), cell);
                }
                if usize::try_from(row).is_ok_and(|row| row >= self.limits.rows)
                    || self.cells >= self.limits.cells
                {
                    break;
                }
            }
        }
    }

    /// Lays over the values what the sheet shows; `None` when nobody could look.
    fn lay(&mut self, sheet: &mut Sparse, shown: Option<Shown>) {
        let Some(shown) = shown else {
            sheet.warn("not_looked_at", "hidden rows, formats, formulas");
            return;
        };
        for (place, mask) in &shown.masks {
            let cell = sheet.cells.get_mut(place);
            let is_whole = |cell: &&mut Cell| {
                !cell.text.is_empty() && cell.text.bytes().all(|b| b.is_ascii_digit())
            };
            let Some(cell) = cell.filter(is_whole) else {
                continue;
            };
            match (mask.shown(&cell.text), &**mask) {
                (Some(text), _) => cell.text = tidy(&text),
                (None, Mask::Unread(code)) => cell.lost = Some(Lost::Format(code.clone())),
                (None, _) => {}
            }
        }
        for ((row, column), lost) in &shown.lost {
            let place = (*row, *column);
            if sheet.cells.contains_key(&place) || self.has_room(sheet, *row, *column) {
                let lost = Some(lost.clone());
                let cell = Cell {
                    lost,
                    ..Cell::default()
                };
                sheet.cells.insert(place, cell);
            }
        }
        self.merge(sheet, &shown.merged);
        sheet.shown = shown;
    }

    fn finish(&mut self, name: String, is_hidden: bool, sheet: Sparse) {
        let hidden = sheet.shown.hidden;
        let mut hidden_rows: Vec<usize> = Vec::new();
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for ((row, column), cell) in sheet.cells {
            let is_unseen = hidden.contains(&row);
            let (Ok(row), Ok(column)) = (usize::try_from(row), usize::try_from(column)) else {
                continue; // no machine that we run on
            };
            if is_unseen && hidden_rows.last() != Some(&row) {
                hidden_rows.push(row);
            }
            if rows.len() <= row {
                rows.resize_with(row + 1, Vec::new);
            }
            if let Some(cells) = rows.get_mut(row) {
                cells.resize_with(column, Cell::default);
                cells.push(cell);
            }
        }
        self.sheets.push(Sheet {
            name: tidy(&name),
            rows,
            is_hidden,
            hidden_rows,
            widths: sheet.widths,
            torn: sheet.torn,
            warnings: sheet.warnings,
        });
    }

    fn names(&self, metadata: &[calamine::Sheet]) -> Vec<(String, bool)> {
        metadata
            .iter()
            .filter(|sheet| sheet.typ == calamine::SheetType::WorkSheet)
            .take(self.limits.sheets)
            .map(|sheet| {
                let is_hidden = sheet.visible != calamine::SheetVisible::Visible;
                (sheet.name.clone(), is_hidden)
            })
            .collect()
    }

    fn xlsx(&mut self, path: &Path) -> Result<(), Trouble> {
        let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).map_err(broken)?;
        let mut look = shown::Workbook::open(path);
        for (name, is_hidden) in self.names(book.sheets_metadata()) {
            let mut sheet = Sparse::default();
            {
                let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
                loop {
                    match cells.next_cell() {
                        Ok(Some(cell)) => {
                            let (row, column) = cell.get_position();
                            let value = Data::from(cell.get_value().clone());
                            self.put(&mut sheet, row, column, &value);
                        }
                        Ok(None) => break,
                        Err(e) if sheet.cells.is_empty() => return Err(broken(e)),
                        Err(e) => {
                            sheet.warn("broken_at", e);
                            break;
                        }
                    }
                    if self.cells >= self.limits.cells {
                        sheet.warn("cells_cut", self.limits.cells);
                        break;
                    }
                }
            }
            let shown = look.as_mut().and_then(|look| look.sheet(&name));
            self.lay(&mut sheet, shown);
            match book.merge_cells_by_sheet_name(&name) {
                Ok(merged) => self.merge(&mut sheet, &merged),
                Err(e) => sheet.warn("merged_unreadable", e),
            }
            self.finish(name, is_hidden, sheet);
        }
        Ok(())
    }

    fn xlsb(&mut self, path: &Path) -> Result<(), Trouble> {
        let mut book: calamine::Xlsb<_> = calamine::open_workbook(path).map_err(broken)?;
        for (name, is_hidden) in self.names(book.sheets_metadata()) {
            let mut sheet = Sparse::default();
            let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
            loop {
                match cells.next_cell() {
                    Ok(Some(cell)) => {
                        let (row, column) = cell.get_position();
                        let value = Data::from(cell.get_value().clone());
                        self.put(&mut sheet, row, column, &value);
                    }
                    Ok(None) => break,
                    Err(e) if sheet.cells.is_empty() => return Err(broken(e)),
                    Err(e) => {
                        sheet.warn("broken_at", e);
                        break;
                    }
                }
                if self.cells >= self.limits.cells {
                    sheet.warn("cells_cut", self.limits.cells);
                    break;
                }
            }
            // The reader of this kind tells neither; whoever sends the file hears that.
            self.lay(&mut sheet, None);
            self.finish(name, is_hidden, sheet);
        }
        Ok(())
    }

    fn xls(&mut self, path: &Path) -> Result<(), Trouble> {
        let mut book: calamine::Xls<_> = calamine::open_workbook(path).map_err(broken)?;
        for (name, is_hidden) in self.names(book.sheets_metadata()) {
            let mut sheet = Sparse::default();
            let range = book.worksheet_range(&name).map_err(broken)?;
            self.range(&mut sheet, &range);
            if let Ok(merged) = book.merge_cells_by_sheet_name(&name) {
                self.merge(&mut sheet, &merged);
            }
            self.lay(&mut sheet, None); // as of XLSB
            self.finish(name, is_hidden, sheet);
        }
        Ok(())
    }

    fn ods(&mut self, path: &Path) -> Result<(), Trouble> {
        let mut book: calamine::Ods<_> = calamine::open_workbook(path).map_err(broken)?;
        let mut look = shown::of_ods(path);
        for (name, is_hidden) in self.names(book.sheets_metadata()) {
            let mut sheet = Sparse::default();
            let range = book.worksheet_range(&name).map_err(broken)?;
            self.range(&mut sheet, &range);
            let shown = look.as_mut().and_then(|look| look.remove(&name));
            self.lay(&mut sheet, shown);
            self.finish(name, is_hidden, sheet);
        }
        Ok(())
    }

    fn range(&mut self, sheet: &mut Sparse, range: &calamine::Range<Data>) {
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let place = |first: u32, step: usize| {
                u32::try_from(step).map_or(u32::MAX, |step| first.saturating_add(step))
            };
            self.put(
                sheet,
                place(first_row, row),
                place(first_column, column),
                value,
            );
            if self.cells >= self.limits.cells {
                sheet.warn("cells_cut", self.limits.cells);
                return;
            }
        }
    }

    fn separated(&mut self, path: &Path) -> Result<(), Trouble> {
        let limits = crate::Limits {
            input_bytes: self.limits.input_bytes,
            ..crate::Limits::default()
        };
        let bytes = crate::bytes_of(path, &limits)?;
        let decoded = legacy_text::decode(&bytes, None);
        let mut sheet = Sparse::default();
        if decoded.broken > 0 {
            sheet.warn("broken_characters", decoded.broken);
        }
        if matches!(decoded.encoding, "tcvn3" | "vni") {
            sheet.warn("legacy_encoding", decoded.encoding);
        }
        let mut text = decoded.text.as_str();
        let mut delimiter = None;
        // Excel's own way to say it.
        if let Some(after) = text.strip_prefix("sep=") {
            delimiter = after.chars().next();
            let end = after.find(['\r', '\n']).unwrap_or(after.len());
            text = after.get(end..).unwrap_or_default();
        }
        let delimiter = delimiter.unwrap_or_else(|| separated::delimiter_of(text));
        let read = separated::split(text, delimiter, usize::MAX);
        if let Some(line) = read.open_quote {
            sheet.warn("open_quote", line);
        }
        for record in read.records {
            // The line in the file, so that a person finds it; a record may span lines.
            let nth = record.line.saturating_sub(1);
            let row = u32::try_from(nth).unwrap_or(u32::MAX);
            if record.is_torn {
                sheet.torn.insert(nth, record.last_line);
            }
            if nth < self.limits.rows {
                sheet.widths.resize(nth, 0);
                sheet.widths.push(record.fields.len());
            }
            for (column, value) in record.fields.into_iter().enumerate() {
                let column = u32::try_from(column).unwrap_or(u32::MAX);
                self.put(&mut sheet, row, column, &Data::String(value));
            }
        }
        self.finish(String::new(), false, sheet);
        Ok(())
    }
}

fn cell_of(value: &Data) -> Option<Cell> {
    let text = match value {
        Data::Empty => return None,
        Data::String(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number_text(*number),
        Data::Bool(is_true) => if *is_true { "TRUE" } else { "FALSE" }.to_owned(),
        Data::Error(error) => return Some(lost(error.to_string())),
        Data::DurationIso(text) => text.clone(),
        Data::DateTimeIso(text) => {
            return Some(Cell {
                date: Some(text.chars().take(19).collect()),
                text: tidy(text),
                ..Cell::default()
            });
        }
        Data::DateTime(moment) => {
            let date = date_of(moment);
            return Some(Cell {
                text: date.clone().unwrap_or_else(|| number_text(moment.as_f64())),
                date,
                ..Cell::default()
            });
        }
    };
    let (text, was_legacy) = match vietnamese::repair(&text) {
        Some((repaired, _)) => (repaired, true),
        None => (text, false),
    };
    // The letters that only look like Đ come out of old files.
    let text = tidy(&vietnamese::true_letters(&parted(&text)));
    if is_error(&text) {
        return Some(lost(text));
    }
    (!text.is_empty()).then_some(Cell {
        text,
        was_legacy,
        ..Cell::default()
    })
}

/// What is not seen parts words: a zero-width space everywhere, joiners, soft hyphens and marks of the byte order
/// between letters, where nobody in Vietnamese means one word by them.
fn parted(text: &str) -> String {
    let is_unseen = |c: char| {
        matches!(
            c,
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
        )
    };
    if !text.contains(is_unseen) {
        return text.to_owned();
    }
    let text = vietnamese::nfc(text);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if !is_unseen(c) {
            out.push(c);
            continue;
        }
        let mut has_space = c == '\u{200b}';
        while let Some(next) = chars.next_if(|next| is_unseen(*next)) {
            has_space |= next == '\u{200b}';
        }
        let is_between = out.chars().next_back().is_some_and(char::is_alphabetic)
            && chars.peek().is_some_and(|next| next.is_alphabetic());
        if has_space || is_between {
            out.push(' ');
        }
    }
    out
}

fn lost(shown: String) -> Cell {
    Cell {
        lost: Some(Lost::Error(shown)),
        ..Cell::default()
    }
}

/// The words that spreadsheets show for a value that they could not work out.
fn is_error(text: &str) -> bool {
    const WORDS: [&str; 15] = [
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#BUSY!",
        "#GETTING_DATA",
    ];
    let is_word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    let is_numbered = text
        .get(..4)
        .is_some_and(|err| err.eq_ignore_ascii_case("err:"))
        && text
            .get(4..)
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    // A column too narrow for its date, copied as it was shown.
    let is_narrow = text.len() > 2 && text.bytes().all(|b| b == b'#');
    is_word || is_numbered || is_narrow
}

/// 15 digits are what a spreadsheet keeps; `0.1 + 0.2` shows as 0.3.
fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return format!("{number:.0}");
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    rounded.to_string()
}

/// Both epochs are known to the value itself. A bare time of day or a duration is no date.
fn date_of(moment: &ExcelDateTime) -> Option<String> {
    if !moment.is_datetime() || moment.as_f64() < 1.0 {
        return None;
    }
    // To the whole second: an hour that was reckoned (0.999999999) is the midnight that it stands for.
    let of = |value, is_1904| {
        let kind = calamine::ExcelDateTimeType::DateTime;
        ExcelDateTime::new(value, kind, is_1904).to_ymd_hms_milli()
    };
    let value = moment.as_f64();
    let is_1904 = of(value, false) != moment.to_ymd_hms_milli();
    let whole = (value * 86_400.0).round() / 86_400.0;
    let (year, month, day, hour, minute, second, milli) = of(whole, is_1904);
    // A day's fraction of whole seconds may miss its second by a thousandth.
    let second = (second + u8::from(milli > 500)).min(59);
    let is_day = (1..=12).contains(&month) && (1..=31).contains(&day) && (1..=9999).contains(&year);
    if !is_day {
        return None;
    }
    Some(if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn texts(sheet: &Sheet) -> Vec<Vec<&str>> {
        sheet
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| cell.text.as_str()).collect())
            .collect()
    }

    /// A workbook with one sheet of the given cells and merged areas.
    fn xlsx(cells: &str, after: &str, date1904: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut zip = zip::ZipWriter::new(file.reopen().unwrap());
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let parts = [
            (
                "[Content_Types].xml",
                "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"
                    .to_owned(),
            ),
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='r1' Type='{rel}/officeDocument' Target='xl/workbook.xml'/></Relationships>"
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns='{main}' xmlns:r='{rel}'>{date1904}<sheets><sheet name='Danh sách' sheetId='1' r:id='r1'/></sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='r1' Type='{rel}/worksheet' Target='worksheets/sheet1.xml'/><Relationship Id='r2' Type='{rel}/styles' Target='styles.xml'/></Relationships>"
                ),
            ),
            (
                "xl/styles.xml",
                format!(
                    "<styleSheet xmlns='{main}'><numFmts count='4'><numFmt numFmtId='164' formatCode='000000'/><numFmt numFmtId='165' formatCode='&quot;DV&quot;0000'/><numFmt numFmtId='166' formatCode='[$-42A]0000;@'/><numFmt numFmtId='167' formatCode='[&lt;=999]0000;0'/></numFmts><cellStyleXfs><xf numFmtId='164'/></cellStyleXfs><cellXfs count='6'><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='165'/><xf numFmtId='166'/><xf numFmtId='167'/></cellXfs></styleSheet>"
                ),
            ),
            (
                "xl/worksheets/sheet1.xml",
                format!(
                    "<worksheet xmlns='{main}'><sheetData>{cells}</sheetData>{after}</worksheet>"
                ),
            ),
        ];
        for (name, text) in parts {
            zip.start_file(name, zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        file
    }

    #[test]
    fn merged_cells_repeat_their_value_with_a_flag() {
        let cells = "<row r='1'><c r='A1' t='inlineStr'><is><t>Họ tên</t></is></c></row>\
                     <row r='2'><c r='B2'><v>1.5</v></c></row>";
        let after = "<mergeCells count='1'><mergeCell ref='A1:B1'/></mergeCells>";
        let sheets = read_table(xlsx(cells, after, "").path(), &TableLimits::default()).unwrap();
        assert_eq!(
            texts(&sheets[0]),
            [vec!["Họ tên", "Họ tên"], vec!["", "1.5"]]
        );
        assert!(!sheets[0].rows[0][0].is_merged);
        assert!(sheets[0].rows[0][1].is_merged);
    }

    #[test]
    fn real_dates_are_read_in_both_epochs() {
        let cells = "<row r='1'><c r='A1' s='1'><v>31000</v></c></row>";
        for (epoch, wanted) in [
            ("", "1984-11-14"),
            ("<workbookPr date1904='1'/>", "1988-11-15"),
        ] {
            let file = xlsx(cells, "", epoch);
            let sheets = read_table(file.path(), &TableLimits::default()).unwrap();
            assert_eq!(sheets[0].rows[0][0].date.as_deref(), Some(wanted));
        }
    }

    /// An ODS with one sheet of the given rows.
    fn ods(rows: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut zip = zip::ZipWriter::new(file.reopen().unwrap());
        let oasis = "urn:oasis:names:tc:opendocument:xmlns";
        let content = format!(
            "<office:document-content xmlns:office='{oasis}:office:1.0' xmlns:table='{oasis}:table:1.0' \
             xmlns:text='{oasis}:text:1.0' xmlns:style='{oasis}:style:1.0' xmlns:calcext='urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0'>\
             <office:body><office:spreadsheet><table:table table:name='Danh sách'>{rows}</table:table>\
             </office:spreadsheet></office:body></office:document-content>"
        );
        let manifest = format!("<manifest:manifest xmlns:manifest='{oasis}:manifest:1.0'/>");
        let kind = "application/vnd.oasis.opendocument.spreadsheet";
        for (name, text) in [
            ("mimetype", kind),
            ("META-INF/manifest.xml", &manifest),
            ("content.xml", &content),
        ] {
            let stored = zip::write::SimpleFileOptions::default()
                .compression_method(zip::CompressionMethod::Stored);
            zip.start_file(name, stored).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        file
    }

    fn only(path: &Path) -> Sheet {
        let mut sheets = read_table(path, &TableLimits::default()).unwrap();
        assert_eq!(sheets.len(), 1);
        sheets.remove(0)
    }

    #[test]
    fn a_workbook_tells_hidden_rows_formats_and_what_is_not_there() {
        let cells = "<row r='1'><c r='A1' s='2'><v>12</v></c><c r='B1'><f>NOW()</f></c>\
                     <c r='C1' t='e'><v>#REF!</v></c><c r='D1'><f>1+1</f><v>2</v></c></row>\
                     <row r='2' hidden='1'><c r='A2' s='2'><v>1234567</v></c></row>\
                     <row r='3' hidden='true'><c r='A3' t='inlineStr'><is><t>#n/a</t></is></c></row>\
                     <row r='5' hidden='1'/>";
        let sheet = only(xlsx(cells, "", "").path());
        assert_eq!(sheet.warnings, []);
        assert_eq!(sheet.hidden_rows, [1, 2]);
        assert_eq!(
            texts(&sheet),
            [vec!["000012", "", "", "2"], vec!["1234567"], vec![""]]
        );
        let lost: Vec<_> = sheet.rows[0].iter().map(|cell| cell.lost.clone()).collect();
        let error = |word: &str| Some(Lost::Error(word.to_owned()));
        assert_eq!(lost, [None, Some(Lost::NoResult), error("#REF!"), None]);
        assert_eq!(sheet.rows[2][0].lost, error("#n/a"));
    }

    #[test]
    fn letters_and_zeros_of_a_format_are_read_or_told_and_flat_rows_are_hidden() {
        let cells = "<row r='1'><c r='A1' s='3'><v>12</v></c><c r='B1' s='4'><v>12</v></c>\
                     <c r='C1' s='5'><v>12</v></c><c r='D1' s='3' t='inlineStr'><is><t>12</t></is></c></row>\
                     <row r='2' ht='0' customHeight='1'><c r='A2'><v>1</v></c></row>\
                     <row r='3' ht='15.75'><c r='A3'><v>2</v></c></row>";
        let sheet = only(xlsx(cells, "", "").path());
        assert_eq!(
            texts(&sheet),
            [vec!["DV0012", "0012", "12", "12"], vec!["1"], vec!["2"]]
        );
        let lost: Vec<_> = sheet.rows[0].iter().map(|cell| cell.lost.clone()).collect();
        let unread = Some(Lost::Format("[<=999]0000;0".to_owned()));
        assert_eq!(lost, [None, None, unread, None]);
        assert_eq!(sheet.hidden_rows, [1]);
        let cell = |value: &str, shown: &str| {
            format!(
                "<table:table-cell office:value-type='float' office:value='{value}'><text:p>{shown}</text:p></table:table-cell>"
            )
        };
        let rows = format!(
            "<table:table-row>{}{}{}{}</table:table-row>\
             <table:table-row table:style-name='ro2'>{}</table:table-row>",
            cell("12", "DV0012"),
            cell("1954", "1.954"),
            cell("12", "12 ₫"),
            cell("0.5", "050"),
            cell("3", "3")
        );
        let rows = format!("{FLAT}{rows}");
        let sheet = only(ods(&rows).path());
        assert_eq!(
            texts(&sheet),
            [vec!["DV0012", "1954", "12", "0.5"], vec!["3"]]
        );
        assert_eq!(sheet.hidden_rows, [1]);
    }

    /// A style of rows without height, where the reader of the file meets it before the rows.
    const FLAT: &str = "<style:style style:name='ro2' style:family='table-row'>\
        <style:table-row-properties style:row-height='0.000cm'/></style:style>";

    #[test]
    fn an_ods_tells_them_too_and_what_is_merged() {
        let rows = "<table:table-row><table:table-cell office:value-type='string' table:number-columns-spanned='2'>\
                    <text:p>Họ tên</text:p></table:table-cell><table:covered-table-cell/>\
                    <table:table-cell office:value-type='string'><text:p>Mã</text:p></table:table-cell></table:table-row>\
                    <table:table-row table:visibility='filter'>\
                    <table:table-cell office:value-type='string'><text:p>Trần Thị</text:p></table:table-cell>\
                    <table:table-cell office:value-type='string'><text:p>Bình</text:p></table:table-cell>\
                    <table:table-cell office:value-type='float' office:value='12'><text:p>0012</text:p></table:table-cell>\
                    </table:table-row>\
                    <table:table-row><table:table-cell table:formula='of:=[.A9]' office:value-type='string' \
                    office:string-value='' calcext:value-type='error'><text:p>#REF!</text:p></table:table-cell>\
                    <table:table-cell table:formula='of:=1+1'/>\
                    <table:table-cell office:value-type='float' office:value='7'><text:p>7</text:p></table:table-cell>\
                    </table:table-row>";
        let sheet = only(ods(rows).path());
        assert_eq!(sheet.warnings, []);
        assert_eq!(sheet.hidden_rows, [1]);
        assert_eq!(
            texts(&sheet),
            [
                vec!["Họ tên", "Họ tên", "Mã"],
                vec!["Trần Thị", "Bình", "0012"],
                vec!["", "", "7"]
            ]
        );
        assert!(sheet.rows[0][1].is_merged);
        assert_eq!(sheet.rows[2][0].lost, Some(Lost::Error("#REF!".to_owned())));
        assert_eq!(sheet.rows[2][1].lost, Some(Lost::NoResult));
    }

    #[test]
    fn an_hour_that_was_reckoned_is_the_midnight_that_it_stands_for() {
        let date = |value: &str| {
            let cells = format!("<row r='1'><c r='A1' s='1'><v>{value}</v></c></row>");
            only(xlsx(&cells, "", "").path()).rows[0][0].date.clone()
        };
        for midnight in ["19863", "19862.999999999", "19863.0000000001"] {
            assert_eq!(date(midnight).as_deref(), Some("1954-05-19"), "{midnight}");
        }
        let before = date("19862.99950231481");
        assert_eq!(before.as_deref(), Some("1954-05-18T23:59:17"));
        let noon = date("19863.5");
        assert_eq!(noon.as_deref(), Some("1954-05-19T12:00:00"));
    }

    #[test]
    fn torn_records_widths_and_open_quotes_are_told() {
        let text = "a,b\n1,\"x\",\n2, \"y\n";
        let sheet = only(file(text.as_bytes()).path());
        assert_eq!(sheet.widths, [2, 3, 2]);
        assert_eq!(sheet.torn, BTreeMap::from([(2, 3)]));
        let open = only(file("a,b\n1,2\n3,\"x\n4,y\n".as_bytes()).path());
        assert_eq!(open.warnings[0].key, "intake.warning.open_quote");
        assert_eq!(open.warnings[0].detail, "3");
    }

    #[test]
    fn unseen_spaces_and_other_letters_do_not_make_another_name() {
        let text = "Họ tên,Quê\nTrần\u{200b}Thị\u{200b} Bình\u{200b},\u{D0}ông Anh\n";
        let sheet = only(file(text.as_bytes()).path());
        assert_eq!(texts(&sheet)[1], ["Trần Thị Bình", "Đông Anh"]);
        for unseen in [
            "\u{200c}",
            "\u{200d}",
            "\u{2060}",
            "\u{feff}",
            "\u{ad}",
            "\u{200c}\u{200d}",
        ] {
            let text =
                format!("Họ tên,Mã\nTra\u{302}\u{300}n{unseen}Thị{unseen} Bình,00{unseen}12\n");
            let sheet = only(file(text.as_bytes()).path());
            assert_eq!(texts(&sheet)[1], ["Trần Thị Bình", "0012"], "{unseen:?}");
        }
        for word in ["#N/A", "Err:502", "#####", "#getting_data"] {
            assert!(is_error(word), "{word}");
        }
        for word in ["N/A", "#", "#1", "Err:", "##"] {
            assert!(!is_error(word), "{word}");
        }
    }

    #[test]
    fn two_cells_at_opposite_corners_cost_two_cells() {
        let cells = "<row r='1'><c r='A1'><v>1</v></c></row>\
                     <row r='1048576'><c r='XFD1048576'><v>2</v></c></row>";
        let sheets = read_table(xlsx(cells, "", "").path(), &TableLimits::default()).unwrap();
        assert_eq!(texts(&sheets[0]), [vec!["1"]]);
        assert_eq!(sheets[0].warnings[0].key, "intake.warning.rows_cut");
    }

    #[test]
    fn a_merged_area_as_large_as_the_sheet_is_cut_and_told() {
        let cells = "<row r='1'><c r='A1'><v>1</v></c></row>";
        let after = "<mergeCells><mergeCell ref='A1:XFD1048576'/></mergeCells>";
        let limits = TableLimits {
            cells: 1000,
            ..TableLimits::default()
        };
        let sheets = read_table(xlsx(cells, after, "").path(), &limits).unwrap();
        assert!(!sheets[0].warnings.is_empty());
        assert!(sheets[0].rows.iter().map(Vec::len).sum::<usize>() <= 1000);
    }

    #[test]
    fn separator_and_encoding_are_found_out() {
        for text in [
            "Họ tên;Năm\nLan, Minh;1950\n",
            "Họ tên\tNăm\nLan, Minh\t1950\n",
        ] {
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let marked = [&b"\xff\xfe"[..], &wide].concat();
            for bytes in [text.as_bytes(), &marked] {
                let sheets = read_table(file(bytes).path(), &TableLimits::default()).unwrap();
                let wanted = [vec!["Họ tên", "Năm"], vec!["Lan, Minh", "1950"]];
                assert_eq!(texts(&sheets[0]), wanted);
            }
        }
    }

    #[test]
    fn a_cell_in_an_old_font_is_converted_and_flagged() {
        let text = "Họ tên,Quê\nNguyÔn ThÞ Hång,Hà Nội\n";
        let sheets = read_table(file(text.as_bytes()).path(), &TableLimits::default()).unwrap();
        let row = &sheets[0].rows[1];
        assert_eq!(
            (row[0].text.as_str(), row[0].was_legacy),
            ("Nguyễn Thị Hồng", true)
        );
        assert_eq!((row[1].text.as_str(), row[1].was_legacy), ("Hà Nội", false));
    }

    #[test]
    fn numbers_show_as_a_spreadsheet_shows_them() {
        assert_eq!(number_text(0.1 + 0.2), "0.3");
        assert_eq!(number_text(12345678901.0), "12345678901");
        assert_eq!(number_text(-2.5), "-2.5");
    }
}
