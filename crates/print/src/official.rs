//! The official paper: what it says, typed, and the one template that sets it.
//!
//! The parts follow domain reference 6.5 and decree 30/2020/NĐ-CP: issuer, symbol, place and day, kind and
//! abstract, text, recipients, signatures. Not here: who may sign, which kinds an issuer may use, numbering.
//! Surprising rules: an unknown number or day is a blank to write in; the text's end mark is set by the layout,
//! whatever the last paragraph ends with; a paper with a secrecy mark is refused.

use crate::press::{self, Pdf};
use crate::{Error, Layout, Result, Rich};
use citation::Symbol;
use kernel::{Day, Moment};
use serde::Serialize;

/// Most bytes of a line that must stand together: abstract, heading, name. They also go into the PDF's outline.
const MOST_LINE_BYTES: usize = 4_000;

/// An official paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Official {
    /// Who issues it.
    pub issuer: Issuer,
    /// Its symbol; a number 0 prints as a blank. Papers that are not registered have none.
    pub symbol: Option<Symbol>,
    /// Place of issue, `Hà Nội`.
    pub place: String,
    /// Day of issue.
    pub dated: Dated,
    /// Kind and abstract.
    pub title: Title,
    /// Plain marks at the left of the head, such as `KHẨN`; no secrecy marks.
    pub marks: Vec<String>,
    /// To whom it is sent (Kính gửi); may be empty.
    pub addressees: Vec<String>,
    /// The text.
    pub body: Vec<Block>,
    /// Who gets a copy (Nơi nhận); may be empty.
    pub recipients: Vec<String>,
    /// Who signs, from the left; at most three.
    pub signatures: Vec<Signature>,
}

/// Who issues a paper. Printed in capitals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issuer {
    /// The units above, from the highest; one line each.
    pub above: Vec<String>,
    /// The issuer itself.
    pub name: String,
}

/// The day of a paper, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dated {
    /// That day.
    On(Day),
    /// A day of this month, to be written in.
    InMonth {
        /// Year, 2026.
        year: i16,
        /// Month, 1 to 12.
        month: u8,
    },
    /// A day of this year; day and month to be written in.
    InYear(i16),
}

/// Kind and abstract of a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Title {
    /// A paper that names its kind, above the text.
    Named {
        /// Name of the kind, printed in capitals: `citation::Kind::name` or another (`Giấy mời`).
        kind: String,
        /// Abstract (trích yếu); may be empty.
        subject: String,
    },
    /// A letter (công văn): no kind, the abstract stands below the symbol.
    Letter {
        /// Abstract; may be empty.
        subject: String,
    },
}

/// How deep a heading stands. Levels may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Phần.
    Part,
    /// Chương.
    Chapter,
    /// Mục, or `I.` in papers without chapters.
    Section,
    /// Điều.
    Article,
    /// `1.` with a title of its own.
    Clause,
    /// `1.1.` with a title of its own.
    Point,
}

/// A piece of the text.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// What the paper is based on (căn cứ); each with its own punctuation.
    Bases(Vec<Rich>),
    /// A heading with its number: `Chương I`, `Điều 1.`, `1.`; the label may be empty.
    Heading {
        /// How deep.
        level: Level,
        /// The number with its word, as cited.
        label: String,
        /// The title; may be empty.
        text: String,
    },
    /// A paragraph with a first-line indent.
    Paragraph(Rich),
    /// A paragraph that begins with a number or sign: `1.`, `a)`, `-`.
    Item {
        /// The number or sign.
        mark: String,
        /// The text after it.
        text: Rich,
    },
    /// Lines in the middle, in bold: `QUYẾT NGHỊ:`.
    Centred(Vec<String>),
    /// A table with a head.
    Table(Table),
}

/// A table in a text. The head repeats on each page.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Columns from the left.
    pub columns: Vec<TableColumn>,
    /// Rows, each with one text a column.
    pub rows: Vec<Vec<String>>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableColumn {
    /// What stands in the head.
    pub head: String,
    /// Share of the width, beside those of the other columns.
    pub share: f64,
    /// Whether it stands in the middle (numbers, ticks).
    pub is_centred: bool,
}

/// In which capacity somebody signs. The words are the layout's ([`crate::SignWords`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capacity {
    /// As who they are.
    Holder,
    /// For a body (thay mặt).
    OnBehalf,
    /// By order of the head (thừa lệnh).
    ByOrder,
    /// A deputy for the head (ký thay).
    ForHead,
    /// By written power (thừa uỷ quyền).
    ByPower,
    /// Given the head's duties (quyền).
    Acting,
}

/// A place to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// In which capacity.
    pub capacity: Capacity,
    /// The body or post that the capacity names, `BAN CHẤP HÀNH`; printed in capitals with the capacity's word.
    pub of: String,
    /// The signer's own post below it, `BÍ THƯ`; printed in capitals; may be empty.
    pub post: String,
    /// Full name; a blank to write in where it is empty.
    pub name: String,
    /// Whether there is a place for a seal. Cells have none (domain reference 6.5).
    pub is_sealed: bool,
}

/// Sets an official paper. `moment` becomes the day of the file. Takes milliseconds to seconds of computing: call
/// it off the threads that answer requests.
///
/// # Errors
/// [`Error::Layout`], [`Error::NoSignWord`], [`Error::Secret`], [`Error::TooMuch`], [`Error::Row`] for input that
/// cannot be set; [`Error::Typeset`], [`Error::Pdf`] when the typesetter stops.
pub fn official(paper: &Official, layout: &Layout, moment: Moment) -> Result<Pdf> {
    layout.check()?;
    if paper
        .marks
        .iter()
        .any(|mark| citation::secrecy_mark(&mark.to_uppercase()).is_some())
    {
        return Err(Error::Secret);
    }
    let set =
        |layout: &Layout| press::run(press::Template::Official, &Laid::of(paper, layout)?, moment);
    let made = set(layout)?;
    if made.pages != 2 {
        return Ok(made);
    }
    // A short paper whose last lines stand alone on a second sheet is set closer when that saves the sheet.
    let close = set(&layout.close())?;
    Ok(if close.pages == 1 { close } else { made })
}

/// The paper as the template reads it: all decisions made, all words found.
#[derive(Serialize)]
struct Laid<'a> {
    layout: &'a Layout,
    /// Title of the file.
    name: String,
    above: Vec<String>,
    issuer: String,
    /// Word, blank or not, and rest of the symbol.
    symbol: Option<(String, bool, String)>,
    /// Place and day in pieces; between two pieces a blank.
    dated: Vec<String>,
    kind: Option<String>,
    subject: &'a str,
    marks: &'a [String],
    addressees: Vec<String>,
    body: Vec<LaidBlock<'a>>,
    recipients: Vec<String>,
    signatures: Vec<LaidSignature<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum LaidBlock<'a> {
    Basis {
        text: Rich,
    },
    Heading {
        level: Level,
        /// Level in the outline, from 2, without gaps.
        depth: usize,
        label: String,
        text: String,
    },
    Paragraph {
        text: Rich,
    },
    Item {
        mark: &'a str,
        text: Rich,
    },
    Centred {
        lines: &'a [String],
    },
    Table {
        columns: &'a [TableColumn],
        rows: Vec<LaidRow<'a>>,
    },
}

/// A row of a table and whether it may be kept on one page.
#[derive(Serialize)]
pub(crate) struct LaidRow<'a> {
    pub(crate) is_whole: bool,
    pub(crate) cells: &'a [String],
}

#[derive(Serialize)]
struct LaidSignature<'a> {
    of: String,
    post: String,
    name: &'a str,
    is_sealed: bool,
}

impl<'a> Laid<'a> {
    fn of(paper: &'a Official, layout: &'a Layout) -> Result<Self> {
        if paper.signatures.len() > 3 {
            return Err(Error::TooMuch {
                what: "signatures",
                count: paper.signatures.len(),
                most: 3,
            });
        }
        let (kind, subject) = match &paper.title {
            Title::Named { kind, subject } => (Some(kind.to_uppercase()), subject.as_str()),
            Title::Letter { subject } => (None, subject.as_str()),
        };
        short("subject", subject)?;
        let symbol = paper.symbol.as_ref().map(|symbol| {
            (
                layout.number_word.clone(),
                symbol.number == 0,
                symbol.canonical(),
            )
        });
        let name = [
            kind.clone().unwrap_or_default(),
            paper
                .symbol
                .as_ref()
                .filter(|symbol| symbol.number > 0)
                .map(Symbol::canonical)
                .unwrap_or_default(),
            subject.to_owned(),
        ]
        .into_iter()
        .filter(|piece| !piece.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
        let signatures = paper
            .signatures
            .iter()
            .map(|signature| {
                short("name", &signature.name)?;
                let word = layout.sign_word(signature.capacity)?;
                Ok(LaidSignature {
                    of: format!("{word} {}", signature.of).trim().to_uppercase(),
                    post: signature.post.to_uppercase(),
                    name: &signature.name,
                    is_sealed: signature.is_sealed,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            layout,
            name: named([&name, &paper.issuer.name, &layout.title]),
            above: paper
                .issuer
                .above
                .iter()
                .map(|line| line.to_uppercase())
                .collect(),
            issuer: paper.issuer.name.to_uppercase(),
            symbol,
            dated: day_line(&paper.place, paper.dated),
            kind,
            subject,
            marks: &paper.marks,
            addressees: listed(&paper.addressees, ";"),
            body: blocks(&paper.body, layout)?,
            recipients: listed(&paper.recipients, &layout.recipients_separator),
            signatures,
        })
    }
}

/// `Hà Nội, ngày 05 tháng 01 năm 2026`: days below 10 and months 1 and 2 are padded (domain reference 6.5; decree
/// 30/2020/NĐ-CP, annex I, II.4b). Cut where a blank belongs.
fn day_line(place: &str, dated: Dated) -> Vec<String> {
    let month_text = |month: u8| match month {
        1 | 2 => format!("{month:02}"),
        _ => month.to_string(),
    };
    let lead = if place.is_empty() {
        "Ngày".to_owned()
    } else {
        format!("{place}, ngày")
    };
    match dated {
        Dated::On(day) => vec![format!(
            "{lead} {:02} tháng {} năm {}",
            day.day(),
            month_text(day.month().unsigned_abs()),
            day.year()
        )],
        Dated::InMonth { year, month } => {
            vec![lead, format!("tháng {} năm {year}", month_text(month))]
        }
        Dated::InYear(year) => vec![lead, "tháng".to_owned(), format!("năm {year}")],
    }
}

/// Each line with the separator, the last with a full stop; one that ends in a sign already keeps it.
fn listed(lines: &[String], separator: &str) -> Vec<String> {
    let last = lines.len().saturating_sub(1);
    lines
        .iter()
        .enumerate()
        .map(|(i, line)| {
            let line = line.trim_end();
            if line.ends_with([',', ';', '.']) {
                line.to_owned()
            } else if i == last {
                format!("{line}.")
            } else {
                format!("{line}{separator}")
            }
        })
        .collect()
}

/// The first that says something: a PDF for everybody must have a title.
pub(crate) fn named(candidates: [&str; 3]) -> String {
    candidates
        .into_iter()
        .map(str::trim)
        .find(|name| !name.is_empty())
        .unwrap_or("PDF")
        .to_owned()
}

fn short(what: &'static str, text: &str) -> Result<()> {
    if text.len() > MOST_LINE_BYTES {
        return Err(Error::TooMuch {
            what,
            count: text.len(),
            most: MOST_LINE_BYTES,
        });
    }
    Ok(())
}

/// The last text with the layout's end mark instead of its own full stop.
fn ended(text: &Rich, end_mark: &str) -> Rich {
    let mut text = text.clone();
    if let Some(run) = text.0.last_mut() {
        let bare = run.text.trim_end();
        let bare = bare.strip_suffix("./.").unwrap_or(bare);
        let bare = bare.strip_suffix('.').unwrap_or(bare);
        // “etc…”, a question or a closing quote ends by itself.
        if !bare.ends_with(['…', '?', '!', '.', ':', ';']) {
            run.text = format!("{bare}{end_mark}");
        }
    }
    text
}

fn blocks<'a>(body: &'a [Block], layout: &Layout) -> Result<Vec<LaidBlock<'a>>> {
    let mut laid = Vec::with_capacity(body.len());
    // Readers' programs want an outline without gaps, papers leave levels out.
    let mut open: Vec<Level> = Vec::new();
    for (i, block) in body.iter().enumerate() {
        let is_last = i + 1 == body.len();
        let text = |text: &Rich| {
            if is_last {
                ended(text, &layout.end_mark)
            } else {
                text.clone()
            }
        };
        match block {
            Block::Bases(bases) => laid.extend(bases.iter().map(|basis| LaidBlock::Basis {
                text: basis.clone(),
            })),
            Block::Heading {
                level,
                label,
                text: title,
            } => {
                short("heading", label)?;
                short("heading", title)?;
                if label.trim().is_empty() && title.trim().is_empty() {
                    continue;
                }
                while open.last().is_some_and(|above| above >= level) {
                    open.pop();
                }
                open.push(*level);
                let is_large = matches!(level, Level::Part | Level::Chapter);
                laid.push(LaidBlock::Heading {
                    level: *level,
                    depth: open.len() + 1,
                    label: if is_large && layout.label_capitals {
                        label.to_uppercase()
                    } else {
                        label.clone()
                    },
                    text: if is_large || (*level == Level::Section && layout.section_centred) {
                        title.to_uppercase()
                    } else {
                        title.clone()
                    },
                });
            }
            Block::Paragraph(rich) => laid.push(LaidBlock::Paragraph { text: text(rich) }),
            Block::Item { mark, text: rich } => laid.push(LaidBlock::Item {
                mark,
                text: text(rich),
            }),
            Block::Centred(lines) => laid.push(LaidBlock::Centred { lines }),
            Block::Table(table) => laid.push(LaidBlock::Table {
                columns: &table.columns,
                rows: rows(&table.columns, &table.rows)?,
            }),
        }
    }
    Ok(laid)
}

/// Longest text of a cell, in bytes, with which its row is kept on one page, if the cell had the whole width.
const WHOLE_CELL_BYTES: f64 = 600.0;

/// Most bytes in a column's head: it repeats on each page and must leave room there.
const MOST_HEAD_BYTES: usize = 200;

/// The rows of a table, each as wide as its head.
pub(crate) fn rows<'a>(
    columns: &[TableColumn],
    rows: &'a [Vec<String>],
) -> Result<Vec<LaidRow<'a>>> {
    if columns.is_empty() {
        return Err(Error::Row {
            row: 0,
            cells: 0,
            columns: 0,
        });
    }
    for column in columns {
        if column.head.len() > MOST_HEAD_BYTES {
            return Err(Error::TooMuch {
                what: "head",
                count: column.head.len(),
                most: MOST_HEAD_BYTES,
            });
        }
        if !(0.01..=1_000.0).contains(&column.share) {
            return Err(Error::Layout {
                figure: "share",
                value: column.share,
                least: 0.01,
                most: 1_000.0,
            });
        }
    }
    let width: f64 = columns.iter().map(|column| column.share).sum();
    rows.iter()
        .enumerate()
        .map(|(row, cells)| {
            if cells.len() != columns.len() {
                return Err(Error::Row {
                    row,
                    cells: cells.len(),
                    columns: columns.len(),
                });
            }
            Ok(LaidRow {
                is_whole: cells.iter().zip(columns).all(|(cell, column)| {
                    cell.len() as f64 * width / column.share <= WHOLE_CELL_BYTES
                }),
                cells,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_the_first_two_months_are_padded_and_unknown_ones_leave_a_blank() {
        let on =
            |year, month, day| day_line("Hà Nội", Dated::On(Day::of(year, month, day).unwrap()));
        assert_eq!(on(2026, 1, 5), ["Hà Nội, ngày 05 tháng 01 năm 2026"]);
        assert_eq!(on(2026, 3, 12), ["Hà Nội, ngày 12 tháng 3 năm 2026"]);
        assert_eq!(
            day_line(
                "Huế",
                Dated::InMonth {
                    year: 2026,
                    month: 2
                }
            ),
            ["Huế, ngày", "tháng 02 năm 2026"]
        );
        assert_eq!(
            day_line("Huế", Dated::InYear(2026)),
            ["Huế, ngày", "tháng", "năm 2026"]
        );
    }

    #[test]
    fn the_text_ends_as_the_layout_says() {
        let end = |text: &str, mark: &str| ended(&Rich::from(text), mark).0[0].text.clone();
        assert_eq!(end("đến chi bộ./.", "."), "đến chi bộ.");
        assert_eq!(end("đến chi bộ.", "./."), "đến chi bộ./.");
        assert_eq!(end("đến chi bộ", "."), "đến chi bộ.");
        assert_eq!(end("như sau:", "./."), "như sau:");
    }

    #[test]
    fn recipients_are_separated_and_end_with_a_full_stop() {
        let lines = ["- A".to_owned(), "- B;".to_owned(), "- Lưu".to_owned()];
        assert_eq!(listed(&lines, ","), ["- A,", "- B;", "- Lưu."]);
    }
}
