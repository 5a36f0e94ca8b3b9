//! Tables for the office's spreadsheet: typed columns, a frozen head, text that stays text.
//!
//! Written by `rust_xlsxwriter`. Not here: filling an office's own workbook, and reading (`intake`). Surprising
//! rules: a text that begins like a formula is marked as text, so that it stays one when a clerk edits the cell
//! or saves the sheet as CSV; identity and telephone numbers are text, since a number loses its leading zeros;
//! days before 1900 are text, because the format knows none.

use crate::{Error, Result};
use kernel::{Day, Moment};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

/// Most rows of a sheet: the format's 1,048,576 less the head.
const MOST_ROWS: usize = 1_048_575;

/// Most columns of a sheet; the format takes 16,384, no list of ours comes near.
const MOST_COLUMNS: usize = 1_000;

/// Most letters of a cell, in UTF-16 units, by the format.
const MOST_LETTERS: usize = 32_767;

/// Most letters of a sheet's name, by the format.
const MOST_NAME_LETTERS: usize = 31;

/// The largest whole number that the format keeps exactly: numbers are binary floats there.
const MOST_EXACT: i64 = 1 << 53;

/// One sheet of a workbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Name on the tab; letters that the format forbids become spaces, and a second sheet of one name gets a
    /// number.
    pub name: String,
    /// Columns from the left.
    pub columns: Vec<Column>,
    /// Rows, each with one cell a column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What stands in the head.
    pub head: String,
    /// What its cells hold.
    pub kind: ColumnKind,
    /// Width in letters; from head and cells where it is none.
    pub width: Option<f64>,
}

/// What the cells of a column hold. Each may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A number with so many decimals.
    Number {
        /// 0 for whole numbers.
        decimals: u8,
    },
    /// A day, `05/01/2026`.
    Day,
    /// Yes (`x`) or no (empty).
    Tick,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text, as typed.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number with a fraction; rounded for showing only.
    Number(f64),
    /// A day.
    Day(Day),
    /// Yes or no.
    Tick(bool),
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Cell::Text(text.into())
    }
}

/// A finished workbook.
#[derive(Clone, PartialEq, Eq)]
pub struct Xlsx {
    /// The file.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Xlsx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Xlsx")
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

impl From<XlsxError> for Error {
    fn from(error: XlsxError) -> Self {
        Error::Xlsx(error.to_string())
    }
}

/// Whether a spreadsheet might read this text as a formula: at once in CSV, or when somebody edits the cell.
fn looks_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A name that the format accepts and that no earlier sheet has.
fn tab(name: &str, taken: &[String]) -> String {
    let allowed: String = vietnamese::nfc(name)
        .chars()
        .map(|c| {
            if c.is_control() || "[]:*?/\\".contains(c) {
                ' '
            } else {
                c
            }
        })
        .collect();
    // The format refuses an apostrophe at either end.
    let allowed = match allowed.trim_matches(['\'', ' ']) {
        "" => "1",
        allowed => allowed,
    };
    let cut = |most: usize| {
        let mut units = 0;
        let held: String = allowed
            .chars()
            .take_while(|c| {
                units += c.len_utf16();
                units <= most
            })
            .collect();
        held.trim_matches(['\'', ' ']).to_owned()
    };
    // Names are compared without case.
    let is_taken = |name: &str| {
        taken
            .iter()
            .any(|t| t.to_lowercase() == name.to_lowercase())
    };
    let mut name = cut(MOST_NAME_LETTERS);
    let mut number = 2;
    while is_taken(&name) {
        let tail = format!(" {number}");
        name = format!("{}{tail}", cut(MOST_NAME_LETTERS - tail.len()));
        number += 1;
    }
    name
}

/// The dresses of cells, made once a workbook.
struct Dress {
    head: Format,
    guarded_head: Format,
    text: Format,
    guarded: Format,
    day: Format,
    tick: Format,
}

fn number_format(decimals: u8) -> String {
    match decimals {
        0 => "#,##0".to_owned(),
        n => format!("#,##0.{}", "0".repeat(usize::from(n.min(10)))),
    }
}

/// Writes a workbook. Equal input and equal moment give equal bytes.
///
/// # Errors
/// [`Error::Row`], [`Error::Cell`], [`Error::TooMuch`] for input that does not fit; [`Error::Xlsx`] when the
/// writer stops.
pub fn sheet(sheets: &[Sheet], moment: Moment) -> Result<Xlsx> {
    let mut book = Workbook::new();
    let made_at = moment.0.div_euclid(1000);
    let made_at = ExcelDateTime::from_timestamp(made_at)?;
    book.set_properties(
        &DocProperties::new()
            .set_author("Sổ tay")
            .set_creation_datetime(&made_at),
    );
    let base = Format::new().set_align(FormatAlign::Top);
    let head = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_align(FormatAlign::Center)
        .set_border_bottom(FormatBorder::Thin);
    let dress = Dress {
        guarded_head: head.clone().set_quote_prefix(),
        head,
        text: base.clone().set_text_wrap(),
        guarded: base.clone().set_text_wrap().set_quote_prefix(),
        day: base.clone().set_num_format("dd/mm/yyyy"),
        tick: base.set_align(FormatAlign::Center),
    };
    let mut taken: Vec<String> = Vec::new();
    for one in sheets {
        let name = tab(&one.name, &taken);
        taken.push(name.clone());
        let on = book.add_worksheet();
        on.set_name(&name)?;
        fill(on, one, &dress)?;
    }
    Ok(Xlsx {
        bytes: book.save_to_buffer()?,
    })
}

fn fill(on: &mut Worksheet, sheet: &Sheet, dress: &Dress) -> Result<()> {
    for (what, count, most) in [
        ("rows", sheet.rows.len(), MOST_ROWS),
        ("columns", sheet.columns.len(), MOST_COLUMNS),
    ] {
        if count > most {
            return Err(Error::TooMuch { what, count, most });
        }
    }
    if sheet.columns.is_empty() {
        return Err(Error::Row {
            row: 0,
            cells: 0,
            columns: 0,
        });
    }
    let column_number = |i: usize| u16::try_from(i).unwrap_or(u16::MAX);
    let mut widths = Vec::with_capacity(sheet.columns.len());
    let mut kinds = Vec::with_capacity(sheet.columns.len());
    for (x, column) in sheet.columns.iter().enumerate() {
        let format = if looks_like_formula(&column.head) {
            &dress.guarded_head
        } else {
            &dress.head
        };
        text(on, 0, column_number(x), &column.head, format)?;
        widths.push(column.head.chars().count() + 2);
        kinds.push(match column.kind {
            ColumnKind::Text => dress.text.clone(),
            ColumnKind::Number { decimals } => Format::new()
                .set_align(FormatAlign::Top)
                .set_num_format(number_format(decimals)),
            ColumnKind::Day => dress.day.clone(),
            ColumnKind::Tick => dress.tick.clone(),
        });
    }
    for (i, cells) in sheet.rows.iter().enumerate() {
        if cells.len() != sheet.columns.len() {
            return Err(Error::Row {
                row: i,
                cells: cells.len(),
                columns: sheet.columns.len(),
            });
        }
        let row = u32::try_from(i + 1).unwrap_or(u32::MAX);
        for (x, (cell, column)) in cells.iter().zip(&sheet.columns).enumerate() {
            let at = column_number(x);
            let format = &kinds[x];
            let wide = match (column.kind, cell) {
                (_, Cell::Empty) => continue,
                (ColumnKind::Text, Cell::Text(held)) => {
                    let format = if looks_like_formula(held) {
                        &dress.guarded
                    } else {
                        format
                    };
                    text(on, row, at, held, format)?;
                    held.lines()
                        .map(|line| line.chars().count())
                        .max()
                        .unwrap_or(0)
                }
                (ColumnKind::Number { .. }, Cell::Whole(held))
                    if (-MOST_EXACT..=MOST_EXACT).contains(held) =>
                {
                    // Exact within the range just proven.
                    on.write_number_with_format(row, at, *held as f64, format)?;
                    held.to_string().len() * 4 / 3
                }
                (ColumnKind::Number { .. }, Cell::Number(held)) if held.is_finite() => {
                    on.write_number_with_format(row, at, *held, format)?;
                    format!("{held:.2}").len() * 4 / 3
                }
                (ColumnKind::Day, Cell::Day(day)) => {
                    match u16::try_from(day.year()) {
                        Ok(year) if (1900..=9999).contains(&year) => {
                            let day = ExcelDateTime::from_ymd(
                                year,
                                day.month().unsigned_abs(),
                                day.day().unsigned_abs(),
                            )?;
                            on.write_datetime_with_format(row, at, &day, format)?;
                        }
                        _ => text(on, row, at, &day.vn(), &dress.text)?,
                    }
                    10
                }
                (ColumnKind::Tick, Cell::Tick(held)) => {
                    if *held {
                        on.write_string_with_format(row, at, "x", format)?;
                    }
                    1
                }
                _ => return Err(Error::Cell { row: i, column: x }),
            };
            widths[x] = widths[x].max(wide + 2);
        }
    }
    for (x, column) in sheet.columns.iter().enumerate() {
        // A column wider than 60 letters is wrapped; the format takes 255 at most.
        let width = column.width.unwrap_or(widths[x].clamp(5, 60) as f64);
        on.set_column_width(column_number(x), width.clamp(1.0, 255.0))?;
    }
    on.set_freeze_panes(1, 0)?;
    let last_row = u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX);
    on.autofilter(0, 0, last_row, column_number(sheet.columns.len() - 1))?;
    on.set_repeat_rows(0, 0)?;
    // A4, as wide as one sheet, as many sheets as it takes.
    on.set_paper_size(9);
    on.set_print_fit_to_pages(1, 0);
    if widths.iter().sum::<usize>() > 95 {
        on.set_landscape();
    }
    Ok(())
}

fn text(on: &mut Worksheet, row: u32, at: u16, held: &str, format: &Format) -> Result<()> {
    let held = vietnamese::nfc(held);
    let letters = held.encode_utf16().count();
    if letters > MOST_LETTERS {
        return Err(Error::TooMuch {
            what: "cell",
            count: letters,
            most: MOST_LETTERS,
        });
    }
    on.write_string_with_format(row, at, held, format)?;
    Ok(())
}

#[cfg(test)]
mod tests;
