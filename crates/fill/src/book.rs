//! Filling a workbook: cells, repeated rows, and everything that points at rows that move.
//!
//! Not here: reading a sheet (`sheet`), where rows go (`moves`). Surprises: a filled cell gets a
//! string of its own, so the list of shared strings stays as it was; remembered results of formulas
//! that may have changed are taken out and the program is asked to compute; when rows move, the
//! calculation chain goes, which every program makes again.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::{Data, Value};
use crate::formula::{LAST_ROW, Reference, letters, rewrite, shifted};
use crate::moves::{Copy, Moved, Moves};
use crate::package::{Package, rels_name};
use crate::report::{Field, Notes, Oddity, Report, Written};
use crate::runs::keep_underscores;
use crate::sheet::{Block, Cell, CellText, Content, Row, Sheet, Strings};
use crate::values::{Becomes, Spell, becomes};
use crate::xml::{Edit, Kind, Token, Xml, apply, escape};
use crate::{Options, Trouble};

/// What a cell of this style shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Day,
    Text,
    Other,
}

/// Most UTF-16 units of a cell; more, and the file does not open.
const CELL_UNITS: usize = 32_767;
/// Whole numbers past 15 digits would be rounded.
const LARGEST_EXACT: u64 = 999_999_999_999_999;

/// A workbook that can be filled many times.
#[derive(Debug)]
pub(crate) struct Book {
    part: String,
    xml: Xml,
    sheets: Vec<Sheet>,
    strings: Strings,
    formats: Vec<Format>,
    is_1904: bool,
    has_names: bool,
    pub(crate) odd: Vec<Oddity>,
}

/// Changed parts by name, and parts that go.
type Changes = (BTreeMap<String, String>, BTreeSet<String>);

impl Book {
    pub(crate) fn read(package: &Package) -> Result<Book, Trouble> {
        let part = package
            .of_kind("spreadsheetml.sheet.main+xml")
            .into_iter()
            .next()
            .ok_or_else(|| Trouble::WrongKind("no workbook".to_owned()))?;
        let xml = package.xml(&part)?;
        let links = package.links(&part)?;
        let target = |kind: &str| links.iter().find(|l| l.kind == kind).map(|l| &l.target);
        let mut odd = Vec::new();
        let strings = match target("sharedStrings").and_then(|name| package.find(name)) {
            Some(name) => Strings::read(name, package.xml(name)?),
            None => Strings::default(),
        };
        let formats = match target("styles").and_then(|name| package.find(name)) {
            Some(name) => formats(&package.xml(name)?),
            None => Vec::new(),
        };
        let mut sheets = Vec::new();
        let mut is_1904 = false;
        let mut has_names = false;
        for token in &xml.tokens {
            if !matches!(token.kind, Kind::Start | Kind::Empty) {
                continue;
            }
            match xml.local(*token) {
                "workbookPr" => {
                    is_1904 = xml
                        .value(*token, "date1904")
                        .is_some_and(|v| v == "1" || v == "true");
                }
                "definedName" => {
                    has_names |= xml
                        .value(*token, "name")
                        .is_some_and(|name| !name.starts_with("_xlnm."));
                }
                "sheet" => {
                    let id = xml.value(*token, "id").unwrap_or_default();
                    let link = links.iter().find(|l| l.id == id && l.kind == "worksheet");
                    let Some(name) = link.and_then(|link| package.find(&link.target)) else {
                        continue;
                    };
                    let title = xml.value(*token, "name").unwrap_or_default();
                    let mut sheet = Sheet::read(
                        title,
                        name.to_owned(),
                        package.xml(name)?,
                        &strings,
                        &mut odd,
                    );
                    sheet.find_dotted(&strings);
                    sheets.push(sheet);
                }
                _ => {}
            }
        }
        Ok(Book {
            part,
            xml,
            sheets,
            strings,
            formats,
            is_1904,
            has_names,
            odd,
        })
    }

    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut out = Notes::default();
        for sheet in &self.sheets {
            for cell in &sheet.cells {
                let Some(text) = sheet.text_of(cell, &self.strings) else {
                    continue;
                };
                for spot in &text.spots {
                    let place = sheet.place(cell.row, cell.column, spot.place.near.clone());
                    out.add(&spot.name, Written::Braces, place);
                }
            }
        }
        out.into_fields()
    }

    pub(crate) fn fill(
        &self,
        package: &Package,
        data: &Data,
        options: &Options,
        report: &mut Report,
    ) -> Result<Changes, Trouble> {
        let filling = Filling::new(self, package, data, options, options.keep_empty_rows)?;
        let changes = filling.run()?;
        if !filling.moves.iter().any(|moves| moves.lost.get()) {
            return Ok(changes);
        }
        // A total or a print area had nothing left but rows of an empty list: they stay.
        for sheet in &self.sheets {
            for block in sheet.blocks(data)? {
                if data.list(&block.list).is_some_and(<[_]>::is_empty) {
                    report.odd.push(Oddity::RowKept(block.list.clone()));
                }
            }
        }
        Filling::new(self, package, data, options, true)?.run()
    }
}

/// One filling of one workbook.
struct Filling<'a> {
    book: &'a Book,
    package: &'a Package,
    data: &'a Data,
    options: &'a Options,
    keeps_empty: bool,
    /// Repeated rows and moves of each sheet.
    blocks: Vec<Vec<Block>>,
    moves: Vec<Moves>,
    is_still: bool,
}

impl<'a> Filling<'a> {
    fn new(
        book: &'a Book,
        package: &'a Package,
        data: &'a Data,
        options: &'a Options,
        keeps_empty: bool,
    ) -> Result<Filling<'a>, Trouble> {
        let mut filling = Filling {
            book,
            package,
            data,
            options,
            keeps_empty,
            blocks: Vec::new(),
            moves: Vec::new(),
            is_still: true,
        };
        for sheet in &book.sheets {
            let mut moved = Vec::new();
            let blocks = sheet.blocks(data)?;
            for block in &blocks {
                let (Some(first), Some(last)) =
                    (sheet.rows.get(block.first), sheet.rows.get(block.last))
                else {
                    continue;
                };
                let rows = last.number - first.number + 1;
                let copies = filling.copies(block);
                let total = u64::from(rows) * copies as u64 + u64::from(first.number);
                let too_many = || Trouble::TooBig(sheet.title.clone());
                if total > u64::from(LAST_ROW) {
                    return Err(too_many());
                }
                moved.push(Moved {
                    first: first.number,
                    rows,
                    copies: u32::try_from(copies).map_err(|_| too_many())?,
                });
            }
            let moves = Moves::new(moved);
            let last = sheet.rows.iter().map(|row| row.number).max().unwrap_or(0);
            if moves.last_row(last) > LAST_ROW {
                return Err(Trouble::TooBig(sheet.title.clone()));
            }
            filling.is_still &= moves.is_still();
            filling.blocks.push(blocks);
            filling.moves.push(moves);
        }
        Ok(filling)
    }

    /// How often the rows of a block will stand.
    fn copies(&self, block: &Block) -> usize {
        match self.data.list(&block.list) {
            None => 1,
            Some([]) => usize::from(self.keeps_empty),
            Some(items) => items.len(),
        }
    }

    fn run(&self) -> Result<Changes, Trouble> {
        let mut changed = BTreeMap::new();
        let mut dropped = BTreeSet::new();
        let mut sheets = Vec::new();
        for (index, sheet) in self.book.sheets.iter().enumerate() {
            self.can_move(index, sheet)?;
            sheets.push(self.sheet(index, sheet, false)?);
        }
        let any = sheets.iter().any(Option::is_some);
        if !any {
            return Ok((changed, dropped));
        }
        let mut has_formulas = false;
        for (index, sheet) in self.book.sheets.iter().enumerate() {
            let own = sheets.get_mut(index).and_then(Option::take);
            has_formulas |= sheet.has_formulas;
            // Results that were remembered may be wrong now.
            let is_stale =
                sheet.has_formulas && (own.is_some() || sheet.looks_out || self.book.has_names);
            let text = if is_stale {
                self.sheet(index, sheet, true)?
            } else {
                own
            };
            if let Some(text) = text {
                changed.insert(sheet.part.clone(), text);
            }
        }
        self.workbook(has_formulas, &mut changed)?;
        if !self.is_still {
            self.others(&mut changed, &mut dropped)?;
        }
        Ok((changed, dropped))
    }

    /// Refuses what would not follow rows that move.
    fn can_move(&self, index: usize, sheet: &Sheet) -> Result<(), Trouble> {
        let Some(moves) = self.moves.get(index).filter(|moves| !moves.is_still()) else {
            return Ok(());
        };
        let refuse = |why| {
            Err(Trouble::CannotMove {
                sheet: sheet.title.clone(),
                why,
            })
        };
        let from = moves.first().unwrap_or(LAST_ROW);
        for link in self.package.links(&sheet.part)? {
            match link.kind.as_str() {
                "pivotTable" => return refuse("pivot"),
                "oleObject" | "ctrlProp" | "control" => return refuse("control"),
                "comments" | "threadedComment" => {
                    let Some(part) = self.package.find(&link.target) else {
                        continue;
                    };
                    let xml = self.package.xml(part)?;
                    let below = xml.tokens.iter().any(|token| {
                        matches!(token.kind, Kind::Start | Kind::Empty)
                            && matches!(xml.local(*token), "comment" | "threadedComment")
                            && xml
                                .value(*token, "ref")
                                .and_then(|r| Reference::cell(&r))
                                .is_some_and(|(_, row)| row >= from)
                    });
                    if below {
                        return refuse("comments");
                    }
                }
                _ => {}
            }
        }
        for part in self.package.of_kind("pivotCacheDefinition+xml") {
            let xml = self.package.xml(&part)?;
            let here = xml.tokens.iter().any(|token| {
                matches!(token.kind, Kind::Start | Kind::Empty)
                    && xml.local(*token) == "worksheetSource"
                    && xml
                        .value(*token, "sheet")
                        .is_none_or(|name| name == sheet.title)
            });
            if here {
                return refuse("pivot");
            }
        }
        Ok(())
    }

    /// The moves of a sheet by its name, which is compared without case.
    fn moves_of(&self, name: &str) -> Option<&Moves> {
        let name = name.to_lowercase();
        self.book
            .sheets
            .iter()
            .position(|sheet| sheet.title.to_lowercase() == name)
            .and_then(|index| self.moves.get(index))
    }

    /// A formula as it reads after the moves, seen from a sheet (or from none) and, inside
    /// repeated rows, from one copy.
    fn moved(&self, formula: &str, home: Option<&Moves>, copy: Option<Copy>) -> String {
        rewrite(formula, &mut |seen, reference| {
            let (moves, copy) = match seen.sheet {
                Some(name) => {
                    let named = self.moves_of(name);
                    let own = named.zip(home).is_some_and(|(a, b)| std::ptr::eq(a, b));
                    (named, copy.filter(|_| own))
                }
                None => (home, copy),
            };
            match moves {
                Some(moves) => moves.reference(reference, copy, seen.is_summed),
                None => Some(reference),
            }
        })
    }

    /// Ranges such as a `sqref`, each spread over all copies.
    fn ranges(&self, text: &str, home: &Moves) -> String {
        rewrite(text, &mut |_, reference| {
            home.reference(reference, None, true)
        })
    }

    /// The new text of a sheet; none when nothing changes. With `is_stale`, remembered results
    /// of formulas are taken out.
    fn sheet(
        &self,
        index: usize,
        sheet: &Sheet,
        is_stale: bool,
    ) -> Result<Option<String>, Trouble> {
        let Some(moves) = self.moves.get(index) else {
            return Ok(None);
        };
        let shared = if self.is_still {
            BTreeMap::new()
        } else {
            shared_formulas(sheet)
        };
        let mut edits = Vec::new();
        let mut next = 0;
        for block in self.blocks.get(index).into_iter().flatten() {
            let items = self.data.list(&block.list).map_or(0, <[_]>::len);
            for row in sheet.rows.get(next..block.first).unwrap_or_default() {
                self.row(
                    sheet,
                    moves,
                    row,
                    None,
                    Spell::Once,
                    is_stale,
                    &shared,
                    &mut edits,
                )?;
            }
            next = block.last + 1;
            edits.push(self.repeated(sheet, moves, block, items, is_stale, &shared)?);
        }
        for row in sheet.rows.get(next..).unwrap_or_default() {
            self.row(
                sheet,
                moves,
                row,
                None,
                Spell::Once,
                is_stale,
                &shared,
                &mut edits,
            )?;
        }
        if !self.is_still {
            self.around(sheet, moves, &mut edits)?;
        }
        let text = apply(&sheet.xml.text, 0, sheet.xml.text.len(), edits)
            .ok_or_else(|| Trouble::Tangled(sheet.part.clone()))?;
        Ok((text != sheet.xml.text).then_some(text))
    }

    fn repeated(
        &self,
        sheet: &Sheet,
        moves: &Moves,
        block: &Block,
        items: usize,
        is_stale: bool,
        shared: &BTreeMap<String, (String, u32, u32)>,
    ) -> Result<Edit, Trouble> {
        let rows = sheet.rows.get(block.first..=block.last).unwrap_or_default();
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(Edit::new(0, 0, ""));
        };
        let mut out = String::new();
        for number in 0..self.copies(block) {
            let copy = Copy {
                first: first.number,
                rows: last.number - first.number + 1,
                number: u32::try_from(number).unwrap_or(u32::MAX),
            };
            let spell = match items {
                0 => Spell::Emptied,
                _ => Spell::Item(number),
            };
            let mut edits = Vec::new();
            for row in rows {
                self.row(
                    sheet,
                    moves,
                    row,
                    Some(copy),
                    spell,
                    is_stale,
                    shared,
                    &mut edits,
                )?;
            }
            let text = apply(&sheet.xml.text, first.from, last.to, edits)
                .ok_or_else(|| Trouble::Tangled(sheet.part.clone()))?;
            out.push_str(&text);
            if out.len() as u64 > self.package.limits.total_bytes {
                return Err(Trouble::TooBig(sheet.title.clone()));
            }
        }
        Ok(Edit::new(first.from, last.to, out))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one row has one home, one copy and one spell"
    )]
    fn row(
        &self,
        sheet: &Sheet,
        moves: &Moves,
        row: &Row,
        copy: Option<Copy>,
        spell: Spell,
        is_stale: bool,
        shared: &BTreeMap<String, (String, u32, u32)>,
        edits: &mut Vec<Edit>,
    ) -> Result<(), Trouble> {
        let number = match copy {
            Some(copy) => moves.row_in(row.number, copy),
            None => moves.row(row.number),
        };
        if let Some((from, to)) = row.r.filter(|_| number != row.number) {
            edits.push(Edit::new(from, to, number.to_string()));
        }
        for cell in sheet.cells_of(row) {
            if let Some(text) = sheet.text_of(cell, &self.book.strings)
                && let Some(new) = self.cell(sheet, cell, text, spell, number)?
            {
                edits.push(Edit::new(cell.token.from, cell.to, new));
                continue;
            }
            if let Some((from, to)) = cell.r.filter(|_| number != row.number) {
                edits.push(Edit::new(
                    from,
                    to,
                    format!("{}{number}", letters(cell.column)),
                ));
            }
            if let Content::Formula(formula, value) = cell.content {
                self.formula(
                    sheet,
                    moves,
                    cell,
                    (formula, value),
                    copy,
                    is_stale,
                    shared,
                    edits,
                )?;
            }
        }
        Ok(())
    }

    /// A cell with its fields filled; none when all of them stay.
    fn cell(
        &self,
        sheet: &Sheet,
        cell: &Cell,
        text: &CellText,
        spell: Spell,
        number: u32,
    ) -> Result<Option<String>, Trouble> {
        let become_of = |name| becomes(name, self.data, spell, self.options);
        let (open, end) = self.tag(sheet, cell, number);
        let p = sheet.xml.prefix(cell.token);
        let too_long = || Trouble::TooLong {
            sheet: sheet.title.clone(),
            cell: format!("{}{number}", letters(cell.column)),
        };
        if let Some(name) = &text.single {
            let Some(what) = become_of(name) else {
                return Ok(None);
            };
            match self.typed(&what, self.format(sheet, cell)) {
                Typed::Nothing => return Ok(Some(format!("{open}/>"))),
                Typed::Number(value) => {
                    return Ok(Some(format!("{open}><{p}v>{value}</{p}v>{end}")));
                }
                Typed::Text => {}
            }
        }
        let mut edits = Vec::new();
        let mut units = text.fixed_units;
        let mut plain = String::new();
        let mut behind = 0;
        for (spot, (start, end)) in text.spots.iter().zip(&text.ranges) {
            plain.push_str(text.line.get(behind..*start).unwrap_or(""));
            behind = *end;
            let Some(what) = become_of(&spot.name) else {
                let field = text.line.get(*start..*end).unwrap_or("");
                units += field.encode_utf16().count();
                plain.push_str(field);
                continue;
            };
            let value = what.text();
            units += value.encode_utf16().count();
            plain.push_str(&value);
            edits.extend(spot.cell_edits(&value));
        }
        plain.push_str(text.line.get(behind..).unwrap_or(""));
        if edits.is_empty() {
            return Ok(None);
        }
        if units > CELL_UNITS {
            return Err(too_long());
        }
        let source = match cell.content {
            Content::Own(_) => Some(&sheet.xml),
            _ => self.book.strings.xml.as_ref(),
        };
        let (from, to) = text.inside;
        let inner = if text.prefix == p {
            source
                .and_then(|xml| apply(&xml.text, from, to, edits))
                .ok_or_else(|| Trouble::Tangled(sheet.part.clone()))?
        } else {
            // The list of strings speaks with another prefix: its formatting cannot be carried over.
            let plain = escape(&keep_underscores(&plain));
            format!("<{p}t xml:space=\"preserve\">{plain}</{p}t>")
        };
        Ok(Some(format!(
            "{open} t=\"inlineStr\"><{p}is>{inner}</{p}is>{end}"
        )))
    }

    /// The start tag of a cell without its type and its closing, and the end tag.
    fn tag(&self, sheet: &Sheet, cell: &Cell, number: u32) -> (String, String) {
        let name = sheet.xml.name(cell.token);
        let mut open = format!("<{name}");
        for attribute in sheet.xml.attributes(cell.token) {
            let value = match attribute.name {
                "t" => continue,
                "r" => format!("{}{number}", letters(cell.column)),
                _ => sheet
                    .xml
                    .slice(attribute.from, attribute.to)
                    .replace('"', "&quot;"),
            };
            open.push_str(&format!(" {}=\"{value}\"", attribute.name));
        }
        (open, format!("</{name}>"))
    }

    fn format(&self, sheet: &Sheet, cell: &Cell) -> Format {
        sheet
            .xml
            .value(cell.token, "s")
            .and_then(|s| s.parse::<usize>().ok())
            .and_then(|s| self.book.formats.get(s))
            .copied()
            .unwrap_or(Format::Other)
    }

    /// How a value stands alone in a cell.
    fn typed(&self, what: &Becomes<'_>, format: Format) -> Typed {
        let whole = |number: i64| {
            if format == Format::Text || number.unsigned_abs() > LARGEST_EXACT {
                Typed::Text
            } else {
                Typed::Number(number.to_string())
            }
        };
        match what {
            Becomes::Blank => Typed::Nothing,
            Becomes::Ordinal(number) => whole(*number),
            Becomes::Value(Value::Whole(number)) => whole(*number),
            Becomes::Value(Value::Number(number))
                if number.is_finite() && format != Format::Text =>
            {
                Typed::Number(number.to_string())
            }
            Becomes::Value(Value::Number(_)) => Typed::Text,
            Becomes::Value(Value::Day(day)) if format == Format::Day => {
                match serial(*day, self.book.is_1904) {
                    Some(days) => Typed::Number(days.to_string()),
                    None => Typed::Text,
                }
            }
            Becomes::Value(Value::Day(_)) => Typed::Text,
            Becomes::Value(Value::Text(text)) if text.is_empty() => Typed::Nothing,
            Becomes::Value(Value::Text(_)) => Typed::Text,
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "as a row, and the two tokens of the formula"
    )]
    fn formula(
        &self,
        sheet: &Sheet,
        moves: &Moves,
        cell: &Cell,
        (formula, value): (usize, Option<usize>),
        copy: Option<Copy>,
        is_stale: bool,
        shared: &BTreeMap<String, (String, u32, u32)>,
        edits: &mut Vec<Edit>,
    ) -> Result<(), Trouble> {
        let Some(token) = sheet.xml.token(formula) else {
            return Ok(());
        };
        if is_stale {
            if let Some(value) = value.and_then(|value| sheet.xml.token(value)) {
                edits.push(Edit::new(value.from, sheet.xml.end_of(value), ""));
            }
            // Without a value there is nothing of that type.
            for attribute in sheet.xml.attributes(cell.token) {
                if attribute.name == "t" {
                    edits.push(Edit::new(attribute.tag_from, attribute.to + 1, ""));
                }
            }
        }
        if self.is_still {
            return Ok(());
        }
        let refuse = |why| {
            Err(Trouble::CannotMove {
                sheet: sheet.title.clone(),
                why,
            })
        };
        let kind = sheet.xml.value(token, "t").unwrap_or_default();
        let own = sheet.xml.text_of(formula);
        let p = sheet.xml.prefix(token);
        match kind.as_str() {
            "shared" => {
                let id = sheet.xml.value(token, "si").unwrap_or_default();
                let Some((master, row, column)) = shared.get(&id) else {
                    return Ok(());
                };
                let text = shifted(
                    master,
                    i64::from(cell.row) - i64::from(*row),
                    i64::from(cell.column) - i64::from(*column),
                );
                let text = escape(&self.moved(&text, Some(moves), copy));
                edits.push(Edit::new(
                    token.from,
                    sheet.xml.end_of(token),
                    format!("<{p}f>{text}</{p}f>"),
                ));
                return Ok(());
            }
            "dataTable" if !moves.is_still() => return refuse("data_table"),
            "array" => {
                if let Some(place) = sheet.xml.attributes(token).iter().find(|a| a.name == "ref") {
                    let old = sheet.xml.slice(place.from, place.to);
                    if copy.is_some() && old.contains(':') && !is_one_row(old) {
                        return refuse("array");
                    }
                    let new = self.moved(old, Some(moves), copy);
                    if new != old {
                        edits.push(Edit::new(place.from, place.to, new));
                    }
                }
            }
            _ => {}
        }
        let new = self.moved(&own, Some(moves), copy);
        if new != own {
            let (from, to) = sheet.xml.inside(token);
            edits.push(Edit::new(from, to, escape(&new)));
        }
        Ok(())
    }

    /// Everything of a sheet beside its cells that names rows.
    fn around(&self, sheet: &Sheet, moves: &Moves, edits: &mut Vec<Edit>) -> Result<(), Trouble> {
        let xml = &sheet.xml;
        let mut in_breaks = 0;
        for (at, token) in xml.tokens.iter().enumerate() {
            let inside = at > sheet.inner.0 && at < sheet.inner.1;
            if inside || !matches!(token.kind, Kind::Start | Kind::Empty) {
                continue;
            }
            match xml.local(*token) {
                "mergeCell" => {
                    self.merge(sheet, moves, *token, edits)?;
                    continue;
                }
                "mergeCells" => {
                    // The number is a hint that no program needs, and would be wrong.
                    for attribute in xml.attributes(*token) {
                        if attribute.name == "count" && !moves.is_still() {
                            edits.push(Edit::new(attribute.tag_from, attribute.to + 1, ""));
                        }
                    }
                }
                "rowBreaks" => in_breaks = token.pair,
                "brk" if at < in_breaks => {
                    for attribute in xml.attributes(*token) {
                        let old = xml.slice(attribute.from, attribute.to);
                        if let ("id", Ok(row)) = (attribute.name, old.parse::<u32>())
                            && row > 0
                        {
                            let new = moves.last_row(row).to_string();
                            edits.push(Edit::new(attribute.from, attribute.to, new));
                        }
                    }
                }
                "f" | "formula" | "formula1" | "formula2" => {
                    self.formula_text(xml, at, Some(moves), edits);
                }
                "sqref" => {
                    let old = xml.text_of(at);
                    let new = self.ranges(&old, moves);
                    if new != old {
                        let (from, to) = xml.inside(*token);
                        edits.push(Edit::new(from, to, new));
                    }
                }
                _ => {}
            }
            for attribute in xml.attributes(*token) {
                let old = xml.slice(attribute.from, attribute.to);
                let is_cursor = xml.local(*token) == "selection"
                    || matches!(attribute.name, "activeCell" | "topLeftCell");
                let new = match attribute.name {
                    // Where the cursor stood is not worth keeping a row for.
                    "sqref" | "activeCell" | "topLeftCell" if is_cursor => {
                        rewrite(old, &mut |_, mut reference| {
                            let corners = [Some(&mut reference.first), reference.last.as_mut()];
                            for corner in corners.into_iter().flatten() {
                                if let Some(row) = &mut corner.row {
                                    row.number = moves.row(row.number);
                                }
                            }
                            Some(reference)
                        })
                    }
                    "ref" | "sqref" => self.ranges(old, moves),
                    "location" => escape(&self.moved(&crate::xml::plain(old), Some(moves), None)),
                    _ => continue,
                };
                if new != old {
                    edits.push(Edit::new(attribute.from, attribute.to, new));
                }
            }
        }
        Ok(())
    }

    fn formula_text(&self, xml: &Xml, at: usize, home: Option<&Moves>, edits: &mut Vec<Edit>) {
        let Some(token) = xml.token(at) else { return };
        let old = xml.text_of(at);
        let new = self.moved(&old, home, None);
        if new != old {
            let (from, to) = xml.inside(token);
            edits.push(Edit::new(from, to, escape(&new)));
        }
    }

    /// Merged cells: copied with repeated rows, moved below them, grown around them.
    fn merge(
        &self,
        sheet: &Sheet,
        moves: &Moves,
        token: Token,
        edits: &mut Vec<Edit>,
    ) -> Result<(), Trouble> {
        let old = sheet.xml.value(token, "ref").unwrap_or_default();
        let Some((first, last)) = rows_of(&old) else {
            return Ok(());
        };
        let mut copies = None;
        for block in moves.touching(first, last) {
            let end = block.first + block.rows - 1;
            if first >= block.first && last <= end {
                copies = Some(*block);
            } else if first > block.first || last < end {
                return Err(Trouble::CannotMove {
                    sheet: sheet.title.clone(),
                    why: "merge",
                });
            }
        }
        let name = sheet.xml.name(token);
        let text = match copies {
            Some(block) => (0..block.copies)
                .map(|number| {
                    let copy = Copy {
                        first: block.first,
                        rows: block.rows,
                        number,
                    };
                    let new = self.moved(&old.replace('$', ""), Some(moves), Some(copy));
                    format!("<{name} ref=\"{new}\"/>")
                })
                .collect(),
            None => format!("<{name} ref=\"{}\"/>", self.ranges(&old, moves)),
        };
        edits.push(Edit::new(token.from, sheet.xml.end_of(token), text));
        Ok(())
    }

    /// The workbook itself: named ranges move, and programs are asked to compute.
    fn workbook(
        &self,
        has_formulas: bool,
        changed: &mut BTreeMap<String, String>,
    ) -> Result<(), Trouble> {
        let xml = &self.book.xml;
        let mut edits = Vec::new();
        let mut behind = None;
        let mut computes = None;
        for (at, token) in xml.tokens.iter().enumerate() {
            if !matches!(token.kind, Kind::Start | Kind::Empty) {
                continue;
            }
            match xml.local(*token) {
                "definedName" if !self.is_still => self.formula_text(xml, at, None, &mut edits),
                "sheets" | "functionGroups" | "externalReferences" | "definedNames" => {
                    behind = Some((xml.end_of(*token), xml.prefix(*token).to_owned()));
                }
                "calcPr" => computes = Some(*token),
                _ => {}
            }
        }
        if has_formulas {
            match (computes, behind) {
                (Some(token), _) => {
                    let attributes = xml.attributes(token);
                    match attributes.iter().find(|a| a.name == "fullCalcOnLoad") {
                        Some(there) => edits.push(Edit::new(there.from, there.to, "1")),
                        None => {
                            let at = token.from + 1 + xml.name(token).len();
                            edits.push(Edit::new(at, at, " fullCalcOnLoad=\"1\""));
                        }
                    }
                }
                (None, Some((at, p))) => {
                    edits.push(Edit::new(
                        at,
                        at,
                        format!("<{p}calcPr fullCalcOnLoad=\"1\"/>"),
                    ));
                }
                (None, None) => {}
            }
        }
        keep(&self.book.part, xml, edits, changed)
    }

    /// Parts beside sheets that name rows: charts, drawings, tables; and the calculation chain.
    fn others(
        &self,
        changed: &mut BTreeMap<String, String>,
        dropped: &mut BTreeSet<String>,
    ) -> Result<(), Trouble> {
        for part in self.package.of_kind("drawingml.chart+xml") {
            let xml = self.package.xml(&part)?;
            let mut edits = Vec::new();
            for (at, token) in xml.tokens.iter().enumerate() {
                if token.kind == Kind::Start && xml.local(*token) == "f" {
                    self.formula_text(&xml, at, None, &mut edits);
                }
            }
            keep(&part, &xml, edits, changed)?;
        }
        for (sheet, moves) in self.book.sheets.iter().zip(&self.moves) {
            if moves.is_still() {
                continue;
            }
            for link in self.package.links(&sheet.part)? {
                let Some(part) = self.package.find(&link.target) else {
                    continue;
                };
                match link.kind.as_str() {
                    "drawing" => self.drawing(part, moves, changed)?,
                    "table" => self.table(part, moves, changed)?,
                    _ => {}
                }
            }
        }
        for part in self.package.of_kind("spreadsheetml.calcChain+xml") {
            for list in ["[Content_Types].xml".to_owned(), rels_name(&self.book.part)] {
                let Some(list) = self.package.find(&list) else {
                    continue;
                };
                let xml = self.package.xml(list)?;
                let mut edits = Vec::new();
                for token in &xml.tokens {
                    let names = |attribute: &str, said: &str| {
                        xml.value(*token, attribute)
                            .is_some_and(|v| v.to_lowercase().ends_with(said))
                    };
                    let lower = part.to_lowercase();
                    let is_it = matches!(token.kind, Kind::Start | Kind::Empty)
                        && (names("PartName", &lower) || names("Type", "/calcchain"));
                    if is_it {
                        edits.push(Edit::new(token.from, xml.end_of(*token), ""));
                    }
                }
                keep(list, &xml, edits, changed)?;
            }
            dropped.insert(part);
        }
        Ok(())
    }

    /// Pictures and charts stand at rows counted from 0.
    fn drawing(
        &self,
        part: &str,
        moves: &Moves,
        changed: &mut BTreeMap<String, String>,
    ) -> Result<(), Trouble> {
        let xml = self.package.xml(part)?;
        let mut edits = Vec::new();
        for (at, token) in xml.tokens.iter().enumerate() {
            if token.kind != Kind::Start || xml.local(*token) != "row" {
                continue;
            }
            if let Ok(row) = xml.text_of(at).trim().parse::<u32>() {
                let (from, to) = xml.inside(*token);
                let new = moves.row(row.saturating_add(1)).saturating_sub(1);
                if new != row {
                    edits.push(Edit::new(from, to, new.to_string()));
                }
            }
        }
        keep(part, &xml, edits, changed)
    }

    fn table(
        &self,
        part: &str,
        moves: &Moves,
        changed: &mut BTreeMap<String, String>,
    ) -> Result<(), Trouble> {
        let xml = self.package.xml(part)?;
        let mut edits = Vec::new();
        for token in &xml.tokens {
            if !matches!(token.kind, Kind::Start | Kind::Empty) {
                continue;
            }
            for attribute in xml.attributes(*token) {
                if attribute.name == "ref" {
                    let old = xml.slice(attribute.from, attribute.to);
                    let new = self.ranges(old, moves);
                    if new != old {
                        edits.push(Edit::new(attribute.from, attribute.to, new));
                    }
                }
            }
        }
        keep(part, &xml, edits, changed)
    }
}

/// How a value stands alone in a cell.
enum Typed {
    Nothing,
    Number(String),
    Text,
}

fn keep(
    part: &str,
    xml: &Xml,
    edits: Vec<Edit>,
    changed: &mut BTreeMap<String, String>,
) -> Result<(), Trouble> {
    if edits.is_empty() {
        return Ok(());
    }
    let text = apply(&xml.text, 0, xml.text.len(), edits)
        .ok_or_else(|| Trouble::Tangled(part.to_owned()))?;
    if text != xml.text {
        changed.insert(part.to_owned(), text);
    }
    Ok(())
}

/// First and last row of a range such as `A1:B5`.
fn rows_of(range: &str) -> Option<(u32, u32)> {
    let mut found = None;
    rewrite(range, &mut |_, reference| {
        let first = reference.first.row.map(|row| row.number);
        let last = reference.last.and_then(|c| c.row).map(|row| row.number);
        found = first.map(|first| (first, last.unwrap_or(first)));
        Some(reference)
    });
    found
}

fn is_one_row(range: &str) -> bool {
    rows_of(range).is_some_and(|(first, last)| first == last)
}

/// Formulas that several cells share: text, row and column of the first, by number.
fn shared_formulas(sheet: &Sheet) -> BTreeMap<String, (String, u32, u32)> {
    let mut out = BTreeMap::new();
    for cell in &sheet.cells {
        let Content::Formula(formula, _) = cell.content else {
            continue;
        };
        let Some(token) = sheet.xml.token(formula) else {
            continue;
        };
        if sheet.xml.value(token, "t").as_deref() != Some("shared") {
            continue;
        }
        let text = sheet.xml.text_of(formula);
        if let (Some(id), false) = (sheet.xml.value(token, "si"), text.is_empty()) {
            out.insert(id, (text, cell.row, cell.column));
        }
    }
    out
}

/// What the styles of a workbook show, by number.
fn formats(xml: &Xml) -> Vec<Format> {
    let mut codes: BTreeMap<u32, String> = BTreeMap::new();
    let mut out = Vec::new();
    let mut until = 0;
    for (at, token) in xml.tokens.iter().enumerate() {
        if !matches!(token.kind, Kind::Start | Kind::Empty) {
            continue;
        }
        let number = |name: &str| xml.value(*token, name).and_then(|v| v.parse::<u32>().ok());
        match xml.local(*token) {
            "numFmt" if out.is_empty() => {
                if let Some(id) = number("numFmtId") {
                    codes.insert(id, xml.value(*token, "formatCode").unwrap_or_default());
                }
            }
            "cellXfs" => until = token.pair,
            "xf" if at < until => {
                let id = number("numFmtId").unwrap_or(0);
                out.push(match (id, codes.get(&id)) {
                    (_, Some(code)) => format_of(code),
                    (49, None) => Format::Text,
                    (14..=22 | 27..=36 | 45..=47 | 50..=58, None) => Format::Day,
                    _ => Format::Other,
                });
            }
            _ => {}
        }
    }
    out
}

/// What a format code shows; texts in quotes and brackets do not count.
fn format_of(code: &str) -> Format {
    if code.trim() == "@" {
        return Format::Text;
    }
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => while chars.next().is_some_and(|c| c != '"') {},
            '[' => while chars.next().is_some_and(|c| c != ']') {},
            '\\' | '_' | '*' => {
                chars.next();
            }
            'd' | 'D' | 'y' | 'Y' => return Format::Day,
            'm' | 'M' if !code.contains(['0', '#']) => return Format::Day,
            _ => {}
        }
    }
    Format::Other
}

/// The number of a day; none before the count begins. The count of 1900 has a day too many in
/// February, so it is right from March on.
fn serial(day: jiff::civil::Date, is_1904: bool) -> Option<i32> {
    let (zero, first) = if is_1904 {
        (jiff::civil::date(1904, 1, 1), 0)
    } else {
        (jiff::civil::date(1899, 12, 30), 61)
    };
    let days = zero.until(day).ok()?.get_days();
    (days >= first).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_spreadsheets_do() {
        let day = jiff::civil::date(2026, 1, 31);
        assert_eq!(serial(day, false), Some(46_053));
        assert_eq!(serial(day, true), Some(46_053 - 1462));
        assert_eq!(serial(jiff::civil::date(1900, 3, 1), false), Some(61));
        assert_eq!(serial(jiff::civil::date(1890, 1, 1), false), None);
    }

    #[test]
    fn formats_of_days_are_told_from_numbers() {
        for day in ["dd/mm/yyyy", "mmm", "[$-42A]d \"tháng\" m", "yyyy\\-mm"] {
            assert_eq!(format_of(day), Format::Day, "{day}");
        }
        for other in ["#,##0 \"đồng\"", "0.00", "[Red]0", "General", "0\" ngày\""] {
            assert_eq!(format_of(other), Format::Other, "{other}");
        }
        assert_eq!(format_of("@"), Format::Text);
    }
}
