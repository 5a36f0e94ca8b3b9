//! One sheet of a workbook: its rows, cells, fields and formulas, each with its bytes.
//!
//! Read once when a template is opened. Not here: filling and moving (`book`), references
//! (`formula`). Surprise: rows and cells may leave out their numbers, and then count on from the
//! one before.

use std::collections::BTreeMap;

use crate::Trouble;
use crate::data::Data;
use crate::formula::{LAST_ROW, Reference, letters};
use crate::name::Name;
use crate::report::{Area, Oddity, Place, near};
use crate::runs::{Line, Spot};
use crate::xml::{Kind, Space, Token, Xml};

/// A sheet as the workbook lists it.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) title: String,
    pub(crate) part: String,
    pub(crate) xml: Xml,
    pub(crate) rows: Vec<Row>,
    pub(crate) cells: Vec<Cell>,
    /// The strings that stand in this sheet itself.
    pub(crate) texts: Vec<CellText>,
    /// Names before the dot in each row that has any: numbers of `rows`.
    dotted: Vec<(usize, Vec<String>)>,
    /// The tokens of `sheetData`.
    pub(crate) inner: (usize, usize),
    /// Some cell has a formula; some formula looks beyond this sheet.
    pub(crate) has_formulas: bool,
    pub(crate) looks_out: bool,
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) number: u32,
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The value of its `r`.
    pub(crate) r: Option<(usize, usize)>,
    /// Its cells: from, to behind the last.
    pub(crate) cells: (usize, usize),
}

#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) column: u32,
    pub(crate) row: u32,
    pub(crate) token: Token,
    pub(crate) to: usize,
    pub(crate) r: Option<(usize, usize)>,
    pub(crate) content: Content,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Content {
    Other,
    /// Fields in a shared string, by its number in the list of strings.
    Shared(usize),
    /// Fields in a string of the cell's own, by its number in `texts`.
    Own(usize),
    /// A formula: the tokens of `f` and, when there is one, of its remembered value.
    Formula(usize, Option<usize>),
}

/// A string with fields.
#[derive(Debug)]
pub(crate) struct CellText {
    /// The bytes inside `si` or `is`.
    pub(crate) inside: (usize, usize),
    pub(crate) spots: Vec<Spot>,
    /// The whole string is this one field.
    pub(crate) single: Option<Name>,
    /// UTF-16 units of the string outside its fields.
    pub(crate) fixed_units: usize,
    pub(crate) line: String,
    /// Where each spot stands in `line`.
    pub(crate) ranges: Vec<(usize, usize)>,
    pub(crate) prefix: String,
}

/// Neighbouring rows that repeat for each item of a list: numbers of `rows`.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) list: String,
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// The string of `si` or `is` at the token, if it holds fields; what only looks like one goes
/// to `odd`.
pub(crate) fn cell_text(
    xml: &Xml,
    index: usize,
    place: &dyn Fn(String) -> Place,
    odd: &mut Vec<Oddity>,
) -> Option<CellText> {
    let token = xml.token(index)?;
    let mut line = Line::default();
    let mut text_element = None;
    let mut phonetic_until = 0;
    for at in index..token.pair {
        let child = xml.token(at)?;
        match child.kind {
            Kind::Start if xml.local(child) == "rPh" => phonetic_until = child.pair,
            Kind::Start if xml.local(child) == "t" && at >= phonetic_until => {
                text_element = Some(at);
            }
            Kind::End if xml.local(child) == "t" => text_element = None,
            Kind::Text | Kind::CData | Kind::Reference => {
                if let Some(element) = text_element {
                    line.add(xml, child, element);
                }
            }
            _ => {}
        }
    }
    if !line.text.contains("{{") {
        return None;
    }
    let found = line.fields(place, odd);
    let (first, last) = (found.first()?, found.last()?);
    let outside = |text: Option<&str>| text.is_some_and(|t| t.trim().is_empty());
    let single =
        (found.len() == 1 && outside(line.text.get(..first.0)) && outside(line.text.get(last.1..)))
            .then(|| first.2.clone());
    let ranges: Vec<(usize, usize)> = found.iter().map(|(a, b, _)| (*a, *b)).collect();
    let fields: usize = ranges
        .iter()
        .map(|(a, b)| {
            line.text
                .get(*a..*b)
                .map_or(0, |t| t.encode_utf16().count())
        })
        .sum();
    let spots = found
        .iter()
        .filter_map(|(start, end, name)| {
            let place = place(near(&line.text, *start));
            line.spot(xml, (*start, *end), name.clone(), place)
        })
        .collect();
    Some(CellText {
        inside: xml.inside(token),
        spots,
        single,
        ranges,
        fixed_units: line.text.encode_utf16().count() - fields,
        prefix: xml.prefix(token).to_owned(),
        line: line.text,
    })
}

impl Sheet {
    /// Reads a sheet, which points at `shared` strings.
    pub(crate) fn read(
        title: String,
        part: String,
        xml: Xml,
        shared: &Strings,
        odd: &mut Vec<Oddity>,
    ) -> Sheet {
        let mut sheet = Sheet {
            title,
            part,
            rows: Vec::new(),
            cells: Vec::new(),
            texts: Vec::new(),
            dotted: Vec::new(),
            inner: (0, 0),
            has_formulas: false,
            looks_out: false,
            xml,
        };
        let mut number: u32 = 0;
        let mut column: u32 = 0;
        let mut at = 0;
        while let Some(token) = sheet.xml.token(at) {
            at += 1;
            if !matches!(token.kind, Kind::Start | Kind::Empty) || token.space != Space::Sheet {
                continue;
            }
            match sheet.xml.local(token) {
                "sheetData" => sheet.inner = (at - 1, token.pair),
                "row" if at > sheet.inner.0 && at <= sheet.inner.1 => {
                    let said = sheet
                        .xml
                        .value(token, "r")
                        .and_then(|r| r.trim().parse().ok())
                        .filter(|r| *r <= LAST_ROW);
                    number = said.unwrap_or(number.saturating_add(1));
                    column = 0;
                    let cells = sheet.cells.len();
                    sheet.rows.push(Row {
                        number,
                        from: token.from,
                        to: sheet.xml.end_of(token),
                        r: sheet.own_number(token),
                        cells: (cells, cells),
                    });
                }
                "c" if at > sheet.inner.0 && at <= sheet.inner.1 => {
                    let said = sheet
                        .xml
                        .value(token, "r")
                        .and_then(|r| Reference::cell(&r));
                    column = said.map_or(column.saturating_add(1), |(column, _)| column);
                    let content = sheet.content(at - 1, token, number, column, shared, odd);
                    let r = sheet.own_number(token);
                    sheet.cells.push(Cell {
                        column,
                        row: number,
                        token,
                        to: sheet.xml.end_of(token),
                        r,
                        content,
                    });
                    let cells = sheet.cells.len();
                    if let Some(row) = sheet.rows.last_mut() {
                        row.cells.1 = cells;
                    }
                    at = token.pair.max(at);
                }
                _ => {}
            }
        }
        sheet
    }

    fn own_number(&self, token: Token) -> Option<(usize, usize)> {
        self.xml
            .attributes(token)
            .iter()
            .find(|a| a.name == "r")
            .map(|a| (a.from, a.to))
    }

    pub(crate) fn place(&self, row: u32, column: u32, near: String) -> Place {
        Place {
            part: self.part.clone(),
            area: Area::Sheet(self.title.clone()),
            cell: Some(format!("{}{row}", letters(column))),
            paragraph: None,
            is_in_row: true,
            near,
        }
    }

    fn content(
        &mut self,
        index: usize,
        token: Token,
        row: u32,
        column: u32,
        shared: &Strings,
        odd: &mut Vec<Oddity>,
    ) -> Content {
        let mut formula = None;
        let mut value = None;
        let mut own = None;
        let mut at = index + 1;
        while at < token.pair {
            let Some(child) = self.xml.token(at) else {
                break;
            };
            if matches!(child.kind, Kind::Start | Kind::Empty) {
                match self.xml.local(child) {
                    "f" => formula = Some(at),
                    "v" => value = Some(at),
                    "is" => own = Some(at),
                    _ => {}
                }
            }
            at = match child.kind {
                Kind::Start => child.pair + 1,
                _ => at + 1,
            };
        }
        if let Some(formula) = formula {
            self.has_formulas = true;
            let text = self.xml.text_of(formula);
            let upper = text.to_uppercase();
            self.looks_out |=
                text.contains(['!', '[']) || upper.contains("INDIRECT") || upper.contains("OFFSET");
            if text.contains("{{") {
                odd.push(Oddity::InFormula(self.place(row, column, near(&text, 0))));
            }
            return Content::Formula(formula, value);
        }
        let kind = self.xml.value(token, "t").unwrap_or_default();
        if let (Some(own), "inlineStr") = (own, kind.as_str()) {
            let place = |near| self.place(row, column, near);
            if let Some(text) = cell_text(&self.xml, own, &place, odd) {
                self.texts.push(text);
                return Content::Own(self.texts.len() - 1);
            }
        } else if let (Some(value), "s") = (value, kind.as_str())
            && let Ok(number) = self.xml.text_of(value).trim().parse()
        {
            for one in shared.odd.get(&number).into_iter().flatten() {
                let near = match one {
                    Oddity::NotAName(_, place) | Oddity::Unclosed(place) => place.near.clone(),
                    _ => String::new(),
                };
                odd.push(one.moved_to(self.place(row, column, near)));
            }
            if shared.get(number).is_some() {
                return Content::Shared(number);
            }
        }
        Content::Other
    }

    /// The string of a cell, if it holds fields.
    pub(crate) fn text_of<'a>(&'a self, cell: &Cell, shared: &'a Strings) -> Option<&'a CellText> {
        match cell.content {
            Content::Shared(number) => shared.get(number),
            Content::Own(number) => self.texts.get(number),
            _ => None,
        }
    }

    pub(crate) fn cells_of(&self, row: &Row) -> &[Cell] {
        self.cells.get(row.cells.0..row.cells.1).unwrap_or_default()
    }

    /// Finds the rows with dotted names, which may be of a list.
    pub(crate) fn find_dotted(&mut self, shared: &Strings) {
        let mut dotted = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            let names: Vec<String> = self
                .cells_of(row)
                .iter()
                .filter_map(|cell| self.text_of(cell, shared))
                .flat_map(|text| &text.spots)
                .filter_map(|spot| spot.name.list.clone())
                .collect();
            if !names.is_empty() {
                dotted.push((index, names));
            }
        }
        self.dotted = dotted;
    }

    /// The rows that repeat for this data.
    pub(crate) fn blocks(&self, data: &Data) -> Result<Vec<Block>, Trouble> {
        let mut blocks: Vec<Block> = Vec::new();
        for (index, names) in &self.dotted {
            let mut lists = names.iter().filter(|list| data.list(list).is_some());
            let Some(list) = lists.next() else { continue };
            if let Some(other) = lists.find(|other| *other != list) {
                return Err(Trouble::TwoLists {
                    one: list.clone(),
                    other: other.clone(),
                });
            }
            let number = |at: usize| self.rows.get(at).map(|row| row.number);
            let follows = index
                .checked_sub(1)
                .and_then(number)
                .is_some_and(|before| number(*index) == Some(before + 1));
            match blocks.last_mut() {
                Some(block) if block.list == *list && block.last + 1 == *index && follows => {
                    block.last = *index;
                }
                _ => blocks.push(Block {
                    list: list.clone(),
                    first: *index,
                    last: *index,
                }),
            }
        }
        Ok(blocks)
    }
}

/// The list of shared strings: those that hold fields, by number, and what is odd about any.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    pub(crate) xml: Option<Xml>,
    texts: BTreeMap<usize, CellText>,
    odd: BTreeMap<usize, Vec<Oddity>>,
}

impl Strings {
    pub(crate) fn read(part: &str, xml: Xml) -> Strings {
        let mut texts = BTreeMap::new();
        let mut all_odd = BTreeMap::new();
        let mut number = 0;
        let mut at = 0;
        let place = |near| Place {
            part: part.to_owned(),
            area: Area::Sheet(String::new()),
            cell: None,
            paragraph: None,
            is_in_row: true,
            near,
        };
        while let Some(token) = xml.token(at) {
            at += 1;
            if !xml.opens(token, Space::Sheet, "si") {
                continue;
            }
            let mut odd = Vec::new();
            if let Some(text) = cell_text(&xml, at - 1, &place, &mut odd) {
                texts.insert(number, text);
            }
            if !odd.is_empty() {
                all_odd.insert(number, odd);
            }
            number += 1;
            at = token.pair.max(at);
        }
        Strings {
            xml: Some(xml),
            texts,
            odd: all_odd,
        }
    }

    pub(crate) fn get(&self, number: usize) -> Option<&CellText> {
        self.texts.get(&number)
    }
}
