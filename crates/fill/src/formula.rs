//! References in spreadsheet formulas: finding them and writing them elsewhere.
//!
//! Reads just enough to tell a reference from a text, a function, a sheet's name or a table's
//! column. Not here: what a reference becomes (`moves`), computing anything. Surprise: a single
//! cell alone in `SUM(…)` counts as a range of one, because that is what a person gets who sums a
//! list of one row in a template.

use std::fmt::Write as _;

/// Highest row and column of a sheet.
pub(crate) const LAST_ROW: u32 = 1_048_576;
const LAST_COLUMN: u32 = 16_384;

/// A row or column number, counted from 1, and whether a `$` holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) number: u32,
    pub(crate) is_held: bool,
}

/// A corner of a reference; a whole row has no column, a whole column no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Corner {
    pub(crate) column: Option<Part>,
    pub(crate) row: Option<Part>,
}

/// A reference: one cell, or two corners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) first: Corner,
    pub(crate) last: Option<Corner>,
}

/// Where a reference was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen<'a> {
    /// The sheet that it names.
    pub(crate) sheet: Option<&'a str>,
    /// Alone as an argument of a function that sums up.
    pub(crate) is_summed: bool,
}

/// A column as letters.
pub(crate) fn letters(mut column: u32) -> String {
    let mut out = Vec::new();
    while column > 0 {
        let rest = (column - 1) % 26;
        out.push(char::from(b'A' + u8::try_from(rest).unwrap_or(0)));
        column = (column - 1) / 26;
    }
    out.iter().rev().collect()
}

impl Corner {
    /// Reads `$A$1`, `A1`; with `alone`, also `A` or `5` for whole columns and rows.
    fn read(text: &str, alone: bool) -> Option<Corner> {
        let (column_held, rest) = strip_dollar(text);
        let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (column, rest) = rest.split_at_checked(length)?;
        let (row_held, digits) = strip_dollar(rest);
        if length > 3 || (row_held && digits.is_empty()) {
            return None;
        }
        let column = match column.bytes().fold(0_u32, |sum, b| {
            sum * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1
        }) {
            0 => None,
            number if number <= LAST_COLUMN => Some(Part {
                number,
                is_held: column_held,
            }),
            _ => return None,
        };
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let row = match digits {
            "" => None,
            _ if is_number && !digits.starts_with('0') => Some(Part {
                number: digits.parse().ok().filter(|n| *n <= LAST_ROW)?,
                is_held: row_held || (column.is_none() && column_held),
            }),
            _ => return None,
        };
        let whole = column.is_some() && row.is_some();
        (whole || (alone && (column.is_some() || row.is_some()))).then_some(Corner { column, row })
    }

    fn write(self, out: &mut String) {
        if let Some(column) = self.column {
            out.push_str(if column.is_held { "$" } else { "" });
            out.push_str(&letters(column.number));
        }
        if let Some(row) = self.row {
            out.push_str(if row.is_held { "$" } else { "" });
            // Writing to a string cannot fail.
            let _ = write!(out, "{}", row.number);
        }
    }
}

fn strip_dollar(text: &str) -> (bool, &str) {
    match text.strip_prefix('$') {
        Some(rest) => (true, rest),
        None => (false, text),
    }
}

impl Reference {
    /// A cell such as `B7`.
    pub(crate) fn cell(text: &str) -> Option<(u32, u32)> {
        let corner = Corner::read(text, false)?;
        Some((corner.column?.number, corner.row?.number))
    }

    pub(crate) fn write(self) -> String {
        let mut out = String::new();
        self.first.write(&mut out);
        if let Some(last) = self.last {
            out.push(':');
            last.write(&mut out);
        }
        out
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '?' | '\\')
}

/// The word at the start of the text.
fn word(text: &str) -> &str {
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or("")
}

const SUMMING: [&str; 12] = [
    "SUM",
    "COUNT",
    "COUNTA",
    "COUNTBLANK",
    "AVERAGE",
    "MIN",
    "MAX",
    "SUBTOTAL",
    "PRODUCT",
    "SUMIF",
    "COUNTIF",
    "AVERAGEIF",
];

/// Rewrites every reference of a formula (or of a list of ranges); one for which `change`
/// answers nothing becomes `#REF!`.
pub(crate) fn rewrite(
    formula: &str,
    change: &mut dyn FnMut(&Seen<'_>, Reference) -> Option<Reference>,
) -> String {
    let mut out = String::with_capacity(formula.len() + 8);
    let mut at = 0;
    let mut calls: Vec<bool> = Vec::new();
    while let Some(rest) = formula.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(c) = rest.chars().next() else { break };
        let length = match c {
            '"' => quoted(rest, '"'),
            '\'' => {
                let length = quoted(rest, '\'');
                let after = rest.get(length..).unwrap_or("");
                if after.starts_with('!') {
                    let name = rest.get(1..length.saturating_sub(1)).unwrap_or("");
                    let name = name.replace("''", "'");
                    out.push_str(rest.get(..=length).unwrap_or(""));
                    at += length + 1;
                    at += referred(formula, at, Some(&name), false, &mut out, change);
                    continue;
                }
                length
            }
            '[' => {
                // A table's column, or another workbook, whose sheets are not ours.
                let length = bracketed(rest);
                let after = rest.get(length..).unwrap_or("");
                let sheet = word(after).len();
                if after.get(sheet..).is_some_and(|a| a.starts_with('!')) {
                    length + sheet + 1 + reference_length(after.get(sheet + 1..).unwrap_or(""))
                } else {
                    length
                }
            }
            '(' => {
                let name = out
                    .rsplit(|c: char| !is_word(c))
                    .next()
                    .unwrap_or_default()
                    .to_uppercase();
                calls.push(SUMMING.contains(&name.as_str()));
                1
            }
            ')' => {
                calls.pop();
                1
            }
            c if is_word(c) => {
                let own = word(rest);
                let after = rest.get(own.len()..).unwrap_or("");
                if after.starts_with('!') {
                    out.push_str(own);
                    out.push('!');
                    let before = at;
                    at += own.len() + 1;
                    // `Một:Ba!A1` spans sheets and stays.
                    if formula.get(..before).is_some_and(|f| f.ends_with(':')) {
                        let length = reference_length(formula.get(at..).unwrap_or(""));
                        out.push_str(formula.get(at..at + length).unwrap_or(""));
                        at += length;
                        continue;
                    }
                    let summed = calls.last() == Some(&true);
                    at += referred(formula, at, Some(own), summed, &mut out, change);
                    continue;
                }
                let summed = calls.last() == Some(&true);
                at += referred(formula, at, None, summed, &mut out, change);
                continue;
            }
            c => c.len_utf8(),
        };
        let length = length.clamp(1, rest.len());
        let Some(taken) = rest.get(..length) else {
            break;
        };
        out.push_str(taken);
        at += length;
    }
    out
}

/// The length of a text in quotes at the start, doubled quotes inside it.
fn quoted(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(found) = text.get(at..).and_then(|t| t.find(quote)) {
        at += found + 1;
        if !text.get(at..).is_some_and(|t| t.starts_with(quote)) {
            return at;
        }
        at += 1;
    }
    text.len()
}

fn bracketed(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// The length of what reads as one reference at the start of the text.
fn reference_length(text: &str) -> usize {
    let first = word(text);
    match text.get(first.len()..).and_then(|t| t.strip_prefix(':')) {
        Some(after) if !first.is_empty() => first.len() + 1 + word(after).len(),
        _ => first.len(),
    }
}

/// Writes the reference at `at`, changed, or the word that is none; answers with its length.
fn referred(
    formula: &str,
    at: usize,
    sheet: Option<&str>,
    in_sum: bool,
    out: &mut String,
    change: &mut dyn FnMut(&Seen<'_>, Reference) -> Option<Reference>,
) -> usize {
    let rest = formula.get(at..).unwrap_or("");
    let own = word(rest);
    let after = rest.get(own.len()..).unwrap_or("");
    // A second corner counts when it is no function, no sheet and of the same shape.
    let second = after.strip_prefix(':').map(word).filter(|second| {
        let behind = after.get(1 + second.len()..).unwrap_or("");
        !second.is_empty() && !behind.starts_with(['(', '!'])
    });
    let pair = second.and_then(|second| {
        let first = Corner::read(own, true)?;
        let last = Corner::read(second, true)?;
        let same = first.row.is_some() == last.row.is_some()
            && first.column.is_some() == last.column.is_some();
        same.then_some((first, last, own.len() + 1 + second.len()))
    });
    let (reference, length) = match pair {
        Some((first, last, length)) => (
            Reference {
                first,
                last: Some(last),
            },
            length,
        ),
        None => match Corner::read(own, false) {
            Some(first) if !after.starts_with('(') => (Reference { first, last: None }, own.len()),
            _ => {
                out.push_str(own);
                return own.len();
            }
        },
    };
    let original = rest.get(..length).unwrap_or("");
    let behind = rest.get(length..).unwrap_or("").trim_start();
    let before = out
        .trim_end_matches(|c: char| is_word(c) || matches!(c, '!' | '\''))
        .trim_end();
    let is_summed = in_sum
        && (behind.is_empty() || behind.starts_with([')', ',', ';']))
        && before.ends_with(['(', ',', ';']);
    match change(&Seen { sheet, is_summed }, reference) {
        Some(new) if new == reference => out.push_str(original),
        Some(new) => out.push_str(&new.write()),
        None => out.push_str("#REF!"),
    }
    length
}

/// The formula as it reads in a cell so many rows and columns away; what leaves the sheet
/// becomes `#REF!`. This is how cells share one formula.
pub(crate) fn shifted(formula: &str, rows: i64, columns: i64) -> String {
    let moved = |part: Option<Part>, by: i64, last: u32| match part {
        None => Some(None),
        Some(part) if part.is_held => Some(Some(part)),
        Some(part) => {
            let number = u32::try_from(i64::from(part.number) + by).ok()?;
            (number >= 1 && number <= last).then_some(Some(Part {
                number,
                is_held: false,
            }))
        }
    };
    let corner = |corner: Corner| {
        Some(Corner {
            column: moved(corner.column, columns, LAST_COLUMN)?,
            row: moved(corner.row, rows, LAST_ROW)?,
        })
    };
    rewrite(formula, &mut |_, reference| {
        Some(Reference {
            first: corner(reference.first)?,
            last: match reference.last {
                Some(last) => Some(corner(last)?),
                None => None,
            },
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(formula: &str) -> Vec<String> {
        let mut out = Vec::new();
        let same = rewrite(formula, &mut |seen, reference| {
            out.push(format!(
                "{}{}{}",
                seen.sheet.map(|s| format!("{s}!")).unwrap_or_default(),
                reference.write(),
                if seen.is_summed { " summed" } else { "" }
            ));
            Some(reference)
        });
        assert_eq!(same, formula);
        out
    }

    #[test]
    fn references_are_told_from_everything_else() {
        assert_eq!(found("A1+$B$2*C$3"), ["A1", "$B$2", "C$3"]);
        assert_eq!(found("SUM(C5:C9)/2"), ["C5:C9 summed"]);
        assert_eq!(found("SUM( C5 ,D5)+D6"), ["C5 summed", "D5 summed", "D6"]);
        assert_eq!(found("SUM(C5*2)+SUM((C6))"), ["C5", "C6"]);
        assert_eq!(
            found("IF(A1=\"B2 \"\"C3\",LOG10(D4),E5)"),
            ["A1", "D4", "E5"]
        );
        assert_eq!(
            found("'Tháng 1''s'!A1+Danh_sách!B2"),
            ["Tháng 1's!A1", "Danh_sách!B2"]
        );
        assert_eq!(
            found("Bảng[[#This Row],[A1]]+[1]Khác!A1"),
            Vec::<String>::new()
        );
        assert_eq!(found("5:10+$A:$C+2.5+1E5+tax_2020"), ["5:10", "$A:$C"]);
        assert_eq!(found("Một:Ba!A1"), Vec::<String>::new());
        assert_eq!(found("XFE1+A1048577+A0"), Vec::<String>::new());
        assert_eq!(found("A1:INDEX(B:B,3)"), ["A1", "B:B"]);
        assert_eq!(found("SUM(S!C5)"), ["S!C5 summed"]);
    }

    #[test]
    fn a_shared_formula_reads_from_its_cell() {
        assert_eq!(shifted("A1+$B$2+C$3", 2, 1), "B3+$B$2+D$3");
        assert_eq!(shifted("A1", -1, 0), "#REF!");
    }

    #[test]
    fn columns_are_letters() {
        for (number, text) in [
            (1, "A"),
            (26, "Z"),
            (27, "AA"),
            (703, "AAA"),
            (16_384, "XFD"),
        ] {
            assert_eq!(letters(number), text);
            assert_eq!(Reference::cell(&format!("{text}7")), Some((number, 7)));
        }
    }

    #[test]
    fn no_formula_stops_the_reader() {
        for odd in [
            "\"", "'", "[", "((", "))", "$", "A1:", "!", "'a'!", "é'", "a!b!c!", "=+:A1", "[1]đ",
        ] {
            rewrite(odd, &mut |_, reference| Some(reference));
        }
    }
}
