//! A roll: a plain table to read, tick or sign, such as an attendance list.
//!
//! Head and lines in the middle, one table over as many pages as it takes, places to sign. Not an official
//! paper: it has no symbol and no recipients. Surprising rule: rows are numbered here, since the number of a row
//! on paper is nobody's fact.

use crate::official::{LaidRow, TableColumn, named, rows};
use crate::press::{self, Pdf, Template};
use crate::{Error, Layout, Result};
use kernel::Moment;
use serde::Serialize;

/// Most rows of a roll.
const MOST_ROWS: usize = 10_000;

/// A roll to print.
#[derive(Debug, Clone, PartialEq)]
pub struct Roll {
    /// Lines at the left above the title: units, from the highest; the last in bold.
    pub issuer: Vec<String>,
    /// Title, printed in capitals and bold.
    pub title: String,
    /// Lines below the title: day, place, how many.
    pub lines: Vec<String>,
    /// What stands above the row numbers, `TT`; no numbers where it is none.
    pub number_head: Option<String>,
    /// Columns from the left. A place to sign is a column with empty cells.
    pub columns: Vec<TableColumn>,
    /// Rows, each with one text a column.
    pub rows: Vec<Vec<String>>,
    /// Least height of a row in millimetres: 10 leaves room to sign, 0 is as high as its text.
    pub row_mm: f64,
    /// Across the sheet's long side.
    pub is_landscape: bool,
    /// Sentences below the table.
    pub notes: Vec<String>,
    /// Who signs below, from the left: post and name, both may be empty; at most three.
    pub signers: Vec<(String, String)>,
}

#[derive(Serialize)]
struct Laid<'a> {
    layout: &'a Layout,
    name: String,
    issuer: Vec<String>,
    title: String,
    lines: &'a [String],
    number_head: &'a Option<String>,
    columns: &'a [TableColumn],
    rows: Vec<LaidRow<'a>>,
    row_mm: f64,
    is_landscape: bool,
    notes: &'a [String],
    signers: &'a [(String, String)],
}

/// Sets a roll. `moment` becomes the day of the file. Call it off the threads that answer requests.
///
/// # Errors
/// [`Error::Layout`], [`Error::TooMuch`], [`Error::Row`] for input that cannot be set; [`Error::Typeset`],
/// [`Error::Pdf`] when the typesetter stops.
pub fn roll(roll: &Roll, layout: &Layout, moment: Moment) -> Result<Pdf> {
    layout.check()?;
    for (what, count, most) in [
        ("rows", roll.rows.len(), MOST_ROWS),
        ("signatures", roll.signers.len(), 3),
    ] {
        if count > most {
            return Err(Error::TooMuch { what, count, most });
        }
    }
    if !(0.0..=100.0).contains(&roll.row_mm) {
        return Err(Error::Layout {
            figure: "row_mm",
            value: roll.row_mm,
            least: 0.0,
            most: 100.0,
        });
    }
    let laid = Laid {
        layout,
        name: named([&roll.title, &layout.title, ""]),
        issuer: roll.issuer.iter().map(|line| line.to_uppercase()).collect(),
        title: roll.title.to_uppercase(),
        lines: &roll.lines,
        number_head: &roll.number_head,
        rows: rows(&roll.columns, &roll.rows)?,
        columns: &roll.columns,
        row_mm: roll.row_mm,
        is_landscape: roll.is_landscape,
        notes: &roll.notes,
        signers: &roll.signers,
    };
    press::run(Template::Roll, &laid, moment)
}
