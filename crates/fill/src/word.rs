//! Fields and repeated rows of a Word document.
//!
//! Every part that holds text is cut into paragraphs once; what is found (braces, content controls,
//! merge fields, table rows with list fields) is kept as splices, and a filling applies them. Not
//! here: joining of runs (`runs`), the archive (`package`). Surprises: a merge field loses its field
//! and keeps its result, or "update fields" would take the value back; a control loses its binding,
//! or Word would put the stored value over it; a control around other fields is no field itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::Data;
use crate::name::Name;
use crate::package::Package;
use crate::report::{Area, Field, Notes, Oddity, Place, Report, Written, near};
use crate::runs::{Form, Line, Spot, keep_spaces};
use crate::values::Spell;
use crate::xml::{Edit, Kind, Space, Token, Xml, apply};
use crate::{Options, Trouble, values};
use files::office::reaches_out;

/// Content types of the parts that hold text, after `…wordprocessingml.`.
const PARTS: [(&str, Area); 5] = [
    ("wordprocessingml.document.main+xml", Area::Body),
    ("wordprocessingml.header+xml", Area::Header),
    ("wordprocessingml.footer+xml", Area::Footer),
    ("wordprocessingml.footnotes+xml", Area::Notes),
    ("wordprocessingml.endnotes+xml", Area::Notes),
];

/// A document that can be filled many times.
#[derive(Debug)]
pub(crate) struct Document {
    parts: Vec<Part>,
    pub(crate) odd: Vec<Oddity>,
}

#[derive(Debug)]
struct Part {
    name: String,
    xml: Xml,
    spots: Vec<Spot>,
    rows: Vec<Row>,
    /// The innermost row of each spot with a dotted name: numbers of `spots` and `rows`.
    homes: BTreeMap<usize, usize>,
    /// How many rows each table has, by the table's token.
    table_rows: BTreeMap<usize, usize>,
}

/// Neighbouring rows that repeat for each item of a list.
#[derive(Debug)]
struct Block<'a> {
    list: &'a String,
    table: usize,
    rows: usize,
    from: usize,
    to: usize,
    spots: Vec<&'a Spot>,
    /// What must not stand twice in a document, taken out of every copy but the first.
    unique: Vec<Edit>,
}

impl Document {
    pub(crate) fn read(package: &Package) -> Result<Document, Trouble> {
        let mut parts = Vec::new();
        let mut odd = Vec::new();
        for (kind, area) in PARTS {
            for name in package.of_kind(kind) {
                let xml = package.xml(&name)?;
                parts.push(Scan::new(&name, &area, xml).read(&mut odd)?);
            }
        }
        Ok(Document { parts, odd })
    }

    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut out = Notes::default();
        for spot in self.parts.iter().flat_map(|part| &part.spots) {
            out.add(&spot.name, spot.written, spot.place.clone());
        }
        out.into_fields()
    }

    /// The changed parts by name.
    pub(crate) fn fill(
        &self,
        data: &Data,
        options: &Options,
        most_bytes: u64,
        report: &mut Report,
    ) -> Result<BTreeMap<String, String>, Trouble> {
        let mut changed = BTreeMap::new();
        for part in &self.parts {
            let mut edits = Vec::new();
            let (blocks, free) = part.blocks(data)?;
            for spot in free {
                if let Some(text) = values::of(&spot.name, data, Spell::Once, options) {
                    edits.extend(spot.word_edits(&text));
                }
            }
            let hopes = part.last_hopes(&blocks, data);
            for block in &blocks {
                let items = data.list(block.list).map_or(0, <[_]>::len);
                let is_last = items == 0 && hopes.contains(&block.from);
                let must_stay = items == 0 && (options.keep_empty_rows || is_last);
                if must_stay && !options.keep_empty_rows {
                    report.odd.push(Oddity::RowKept(block.list.clone()));
                }
                edits.push(part.repeated(block, items, must_stay, data, options, most_bytes)?);
            }
            if edits.is_empty() {
                continue;
            }
            let text = apply(&part.xml.text, 0, part.xml.text.len(), edits)
                .ok_or_else(|| Trouble::Tangled(part.name.clone()))?;
            if text != part.xml.text {
                changed.insert(part.name.clone(), text);
            }
        }
        Ok(changed)
    }
}

impl Part {
    /// The rows that repeat for this data, and the spots that stand in none of them.
    fn blocks<'a>(&'a self, data: &Data) -> Result<(Vec<Block<'a>>, Vec<&'a Spot>), Trouble> {
        let mut wanted: BTreeMap<usize, &String> = BTreeMap::new();
        for (spot, row) in &self.homes {
            let list = self.spots.get(*spot).and_then(|s| s.name.list.as_ref());
            let Some(list) = list.filter(|list| data.list(list).is_some()) else {
                continue;
            };
            let known = *wanted.entry(*row).or_insert(list);
            if known != list {
                return Err(Trouble::TwoLists {
                    one: known.clone(),
                    other: list.clone(),
                });
            }
        }
        let mut blocks: Vec<Block<'a>> = Vec::new();
        for (row, list) in wanted {
            let Some(row) = self.rows.get(row) else {
                continue;
            };
            let unique = unique(&self.xml, row);
            if let Some(last) = blocks.last_mut()
                && last.table == row.table
                && last.list == list
                && last.to <= row.from
                && self.xml.slice(last.to, row.from).trim().is_empty()
            {
                last.to = row.to;
                last.rows += 1;
                last.unique.extend(unique);
                continue;
            }
            if blocks.last().is_some_and(|last| row.from < last.to) {
                return Err(Trouble::NestedRows(list.clone()));
            }
            blocks.push(Block {
                list,
                table: row.table,
                rows: 1,
                from: row.from,
                to: row.to,
                spots: Vec::new(),
                unique,
            });
        }
        let mut free = Vec::new();
        for spot in &self.spots {
            // Blocks stand in order and apart: the last that begins before the spot may hold it.
            let at = blocks.partition_point(|block| block.from <= spot.from);
            match at.checked_sub(1).and_then(|at| blocks.get_mut(at)) {
                Some(block) if spot.to <= block.to => block.spots.push(spot),
                _ => free.push(spot),
            }
        }
        Ok((blocks, free))
    }

    /// Where the blocks begin that stay because their table would lose its every row.
    fn last_hopes(&self, blocks: &[Block<'_>], data: &Data) -> BTreeSet<usize> {
        let mut going: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for block in blocks {
            if data.list(block.list).is_some_and(<[_]>::is_empty) {
                going.entry(block.table).or_insert((block.from, 0)).1 += block.rows;
            }
        }
        going
            .into_iter()
            .filter(|(table, (_, gone))| self.table_rows.get(table).is_some_and(|all| all <= gone))
            .map(|(_, (first, _))| first)
            .collect()
    }

    fn repeated(
        &self,
        block: &Block<'_>,
        items: usize,
        must_stay: bool,
        data: &Data,
        options: &Options,
        most_bytes: u64,
    ) -> Result<Edit, Trouble> {
        let mut out = String::new();
        let copies = if must_stay { 1 } else { items };
        for copy in 0..copies {
            let spell = match must_stay {
                true => Spell::Emptied,
                false => Spell::Item(copy),
            };
            let mut edits = Vec::new();
            for spot in &block.spots {
                if let Some(text) = values::of(&spot.name, data, spell, options) {
                    edits.extend(spot.word_edits(&text));
                }
            }
            if copy > 0 {
                edits = without(edits, &block.unique);
            }
            let row = apply(&self.xml.text, block.from, block.to, edits)
                .ok_or_else(|| Trouble::Tangled(self.name.clone()))?;
            out.push_str(&row);
            if out.len() as u64 > most_bytes {
                return Err(Trouble::TooBig(self.name.clone()));
            }
        }
        Ok(Edit::new(block.from, block.to, out))
    }
}

/// Adds removals that no other splice already covers.
fn without(mut edits: Vec<Edit>, unique: &[Edit]) -> Vec<Edit> {
    edits.sort();
    let mut more: Vec<Edit> = unique
        .iter()
        .filter(|u| {
            let at = edits.partition_point(|edit| edit.from <= u.from);
            let before = at.checked_sub(1).and_then(|at| edits.get(at));
            before.is_none_or(|edit| u.to > edit.to)
        })
        .cloned()
        .collect();
    edits.append(&mut more);
    edits
}

/// A complex field that is being read.
#[derive(Debug)]
struct Complex {
    instruction: String,
    paragraph: usize,
    in_result: bool,
    is_inside_instruction: bool,
    begin: Token,
    /// The marks and the instruction, which go when the field is filled.
    marks: Vec<(usize, usize)>,
    texts: Vec<usize>,
}

/// A field around text that is there: control or merge field.
#[derive(Debug)]
struct Around {
    name: Name,
    written: Written,
    place: Place,
    from: usize,
    to: usize,
    texts: Vec<usize>,
    /// Where the value goes when there is no text element.
    fallback: Option<(usize, usize, Form)>,
    fixed: Vec<Edit>,
    prefix: String,
}

#[derive(Debug)]
struct Row {
    from: usize,
    to: usize,
    table: usize,
    first: usize,
    last: usize,
    /// The row around it, for a table in a table.
    around: Option<usize>,
}

/// Reads one part.
struct Scan<'a> {
    part: &'a str,
    area: &'a Area,
    xml: Xml,
    spots: Vec<Spot>,
    around: Vec<Around>,
    rows: Vec<Row>,
    paragraphs: usize,
}

impl<'a> Scan<'a> {
    fn new(part: &'a str, area: &'a Area, xml: Xml) -> Scan<'a> {
        Scan {
            part,
            area,
            xml,
            spots: Vec::new(),
            around: Vec::new(),
            rows: Vec::new(),
            paragraphs: 0,
        }
    }

    fn place(&self, paragraph: usize, near: String) -> Place {
        Place {
            part: self.part.to_owned(),
            area: self.area.clone(),
            cell: None,
            paragraph: Some(paragraph),
            is_in_row: false,
            near,
        }
    }

    fn read(mut self, odd: &mut Vec<Oddity>) -> Result<Part, Trouble> {
        self.walk(odd)?;
        self.settle(odd);
        self.spots.sort_by_key(|spot| (spot.from, spot.to));
        if self
            .spots
            .windows(2)
            .any(|two| matches!(two, [a, b] if b.from < a.to))
        {
            return Err(Trouble::Tangled(self.part.to_owned()));
        }
        Ok(self.into_part())
    }

    /// Goes once over all tokens.
    fn walk(&mut self, odd: &mut Vec<Oddity>) -> Result<(), Trouble> {
        let mut lines: Vec<(usize, Line)> = Vec::new();
        let mut complex: Vec<Complex> = Vec::new();
        let mut tables: Vec<usize> = Vec::new();
        let mut open_rows: Vec<usize> = Vec::new();
        let mut text_element: Option<usize> = None;
        let mut instruction: Option<usize> = None;
        for index in 0..self.xml.tokens.len() {
            let Some(token) = self.xml.token(index) else {
                break;
            };
            let is_word = token.space == Space::Word;
            match token.kind {
                Kind::Text | Kind::CData | Kind::Reference => {
                    if let (Some(element), Some((_, line))) = (text_element, lines.last_mut()) {
                        line.add(&self.xml, token, element);
                    }
                }
                Kind::Start | Kind::Empty if is_word => {
                    let starts = token.kind == Kind::Start;
                    match self.xml.local(token) {
                        "p" => {
                            self.paragraphs += 1;
                            if starts {
                                lines.push((self.paragraphs, Line::default()));
                            }
                        }
                        "t" => {
                            text_element = starts.then_some(index);
                            if let Some(field) = complex.last_mut()
                                && field.in_result
                            {
                                field.texts.push(index);
                            }
                        }
                        "instrText" if starts => instruction = Some(index),
                        "br" | "tab" | "cr" | "sym" => {
                            if let Some((_, line)) = lines.last_mut() {
                                line.gap();
                            }
                        }
                        "fldChar" => {
                            let paragraph = lines.last().map_or(0, |(number, _)| *number);
                            self.field_mark(token, paragraph, &mut complex, odd)?;
                        }
                        "fldSimple" => {
                            let paragraph = lines.last().map_or(0, |(number, _)| *number);
                            self.simple_field(index, token, paragraph)?;
                        }
                        "sdt" if starts => self.control(index, token, odd),
                        "tbl" if starts => tables.push(index),
                        "tr" if starts => {
                            if let Some(table) = tables.last() {
                                let is_over = |row: &usize| {
                                    self.rows.get(*row).is_none_or(|r| r.to <= token.from)
                                };
                                while open_rows.last().is_some_and(is_over) {
                                    open_rows.pop();
                                }
                                let around = open_rows.last().copied();
                                open_rows.push(self.rows.len());
                                self.rows.push(Row {
                                    around,
                                    from: token.from,
                                    to: self.xml.end_of(token),
                                    table: *table,
                                    first: index,
                                    last: token.pair,
                                });
                            }
                        }
                        _ => {}
                    }
                }
                Kind::End if is_word => match self.xml.local(token) {
                    "p" => {
                        if let Some((number, line)) = lines.pop() {
                            self.line(number, &line, odd);
                        }
                    }
                    "t" => text_element = None,
                    "instrText" => {
                        if let (Some(start), Some(field)) = (instruction.take(), complex.last_mut())
                        {
                            field.instruction.push_str(&self.xml.text_of(start));
                            if let Some(start) = self.xml.token(start) {
                                field.marks.push((start.from, token.to));
                            }
                        }
                    }
                    "tbl" => {
                        tables.pop();
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(())
    }

    fn line(&mut self, number: usize, line: &Line, odd: &mut Vec<Oddity>) {
        if !line.text.contains("{{") {
            return;
        }
        let found = line.fields(&|near| self.place(number, near), odd);
        for (start, end, name) in found {
            let place = self.place(number, near(&line.text, start));
            if let Some(spot) = line.spot(&self.xml, (start, end), name, place) {
                self.spots.push(spot);
            }
        }
    }

    /// `w:fldChar`: begin, separate or end of a field in several runs.
    fn field_mark(
        &mut self,
        token: Token,
        paragraph: usize,
        complex: &mut Vec<Complex>,
        odd: &mut Vec<Oddity>,
    ) -> Result<(), Trouble> {
        let mark = (token.from, self.xml.end_of(token));
        match self.xml.value(token, "fldCharType").as_deref() {
            Some("begin") => {
                let is_inside_instruction = complex
                    .last()
                    .is_some_and(|f| !f.in_result || f.is_inside_instruction);
                complex.push(Complex {
                    instruction: String::new(),
                    paragraph,
                    in_result: false,
                    is_inside_instruction,
                    begin: token,
                    marks: vec![mark],
                    texts: Vec::new(),
                });
            }
            Some("separate") => {
                if let Some(field) = complex.last_mut() {
                    field.in_result = true;
                    field.marks.push(mark);
                }
            }
            Some("end") => {
                let Some(mut field) = complex.pop() else {
                    return Ok(());
                };
                field.marks.push(mark);
                // A field inside a result is also text of the outer result.
                if let Some(outer) = complex.last_mut()
                    && outer.in_result
                {
                    outer.texts.extend(&field.texts);
                }
                self.harmless(&field.instruction)?;
                let Some(name) = merge_field(&field.instruction) else {
                    return Ok(());
                };
                let place = self.place(field.paragraph, name.shown.clone());
                if field.is_inside_instruction || field.paragraph != paragraph {
                    odd.push(Oddity::MergeFieldTangled(name.shown, place));
                    return Ok(());
                }
                let mut marks = field.marks.into_iter();
                let begin = marks.next().unwrap_or(mark);
                let mut fixed: Vec<Edit> = marks.map(|(a, b)| Edit::new(a, b, "")).collect();
                if !field.texts.is_empty() {
                    fixed.push(Edit::new(begin.0, begin.1, ""));
                }
                self.around.push(Around {
                    name,
                    written: Written::MergeField,
                    place,
                    from: begin.0,
                    to: mark.1,
                    texts: field.texts,
                    fallback: Some((begin.0, begin.1, Form::Element)),
                    fixed,
                    prefix: self.xml.prefix(field.begin).to_owned(),
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// `w:fldSimple`: a field in one element.
    fn simple_field(
        &mut self,
        index: usize,
        token: Token,
        paragraph: usize,
    ) -> Result<(), Trouble> {
        let instruction = self.xml.value(token, "instr").unwrap_or_default();
        self.harmless(&instruction)?;
        let Some(name) = merge_field(&instruction) else {
            return Ok(());
        };
        let (from, to) = (token.from, self.xml.end_of(token));
        let texts = self.texts_in(index, token.pair);
        let fixed = match (texts.is_empty(), self.xml.inside(token)) {
            (true, _) => Vec::new(),
            (false, (inner, end)) => vec![Edit::new(from, inner, ""), Edit::new(end, to, "")],
        };
        self.around.push(Around {
            place: self.place(paragraph, name.shown.clone()),
            name,
            written: Written::MergeField,
            from,
            to,
            texts,
            fallback: Some((from, to, Form::Run)),
            fixed,
            prefix: self.xml.prefix(token).to_owned(),
        });
        Ok(())
    }

    /// Refuses fields that run commands or fetch something when the paper is opened.
    fn harmless(&self, instruction: &str) -> Result<(), Trouble> {
        let mut words = instruction.split_whitespace();
        let first = words.next().unwrap_or_default().to_uppercase();
        let mut far =
            || words.any(|word| reaches_out(&word.replace("\\\\", "\\").replace('"', "")));
        match first.as_str() {
            "DDE" | "DDEAUTO" => {}
            "INCLUDETEXT" | "INCLUDEPICTURE" | "INCLUDE" | "IMPORT" | "LINK" | "DATABASE"
                if far() => {}
            _ => return Ok(()),
        }
        Err(Trouble::ExternalLink {
            part: self.part.to_owned(),
            target: instruction.trim().to_owned(),
        })
    }

    /// The text elements between two tokens.
    fn texts_in(&self, first: usize, last: usize) -> Vec<usize> {
        (first..last)
            .filter(|at| {
                self.xml
                    .token(*at)
                    .is_some_and(|t| self.xml.opens(t, Space::Word, "t"))
            })
            .collect()
    }

    /// `w:sdt`: a content control is a field when it holds text and has a tag or title.
    fn control(&mut self, index: usize, token: Token, odd: &mut Vec<Oddity>) {
        let mut properties = None;
        let mut content = None;
        let mut at = index + 1;
        while at < token.pair {
            let Some(child) = self.xml.token(at) else {
                return;
            };
            if self.xml.opens(child, Space::Word, "sdtPr") {
                properties = Some((at, child));
            } else if self.xml.opens(child, Space::Word, "sdtContent") {
                content = Some((at, child));
            }
            at = match child.kind {
                Kind::Start => child.pair + 1,
                _ => at + 1,
            };
        }
        let (Some((first, properties)), Some((content_at, content))) = (properties, content) else {
            return;
        };
        let mut tag = None;
        let mut alias = None;
        let mut fixed = Vec::new();
        let mut has_placeholder = false;
        let mut at = first + 1;
        while at < properties.pair {
            let Some(child) = self.xml.token(at) else {
                return;
            };
            at = match child.kind {
                Kind::Start => child.pair + 1,
                _ => at + 1,
            };
            if !matches!(child.kind, Kind::Start | Kind::Empty) {
                continue;
            }
            match self.xml.local(child) {
                "tag" => tag = self.xml.value(child, "val"),
                "alias" => alias = self.xml.value(child, "val"),
                "showingPlcHdr" => {
                    has_placeholder = true;
                    fixed.push(Edit::new(child.from, self.xml.end_of(child), ""));
                }
                "dataBinding" => fixed.push(Edit::new(child.from, self.xml.end_of(child), "")),
                "docPartObj"
                | "docPartList"
                | "picture"
                | "group"
                | "checkbox"
                | "equation"
                | "citation"
                | "bibliography"
                | "repeatingSection"
                | "repeatingSectionItem" => {
                    return;
                }
                _ => {}
            }
        }
        // Tags that programs give to keep their own count.
        let is_counted = |name: &&String| !name.starts_with("goog_rdk_");
        let Some(name) = tag
            .as_ref()
            .filter(is_counted)
            .and_then(|tag| Name::read(tag))
            .or_else(|| alias.as_ref().and_then(|alias| Name::read(alias)))
        else {
            return;
        };
        if has_placeholder {
            // The grey of "click here to enter text" must not stay on the value.
            for at in content_at..content.pair {
                if let Some(child) = self.xml.token(at)
                    && self.xml.opens(child, Space::Word, "rStyle")
                {
                    fixed.push(Edit::new(child.from, self.xml.end_of(child), ""));
                }
            }
        }
        let texts = self.texts_in(content_at, content.pair);
        let fallback = self.place_in(content_at, content);
        let place = self.place(self.paragraphs.max(1), name.shown.clone());
        if texts.is_empty() && fallback.is_none() {
            odd.push(Oddity::NoPlaceInControl(name.shown, place));
            return;
        }
        self.around.push(Around {
            name,
            written: Written::Control,
            place,
            from: token.from,
            to: self.xml.end_of(token),
            texts,
            fallback,
            fixed,
            prefix: self.xml.prefix(token).to_owned(),
        });
    }

    /// Where text can be put into the content of a control that has none: its first run, or the
    /// end of its first paragraph.
    fn place_in(&self, first: usize, content: Token) -> Option<(usize, usize, Form)> {
        let mut paragraph = None;
        for at in first..content.pair {
            let token = self.xml.token(at)?;
            if token.kind != Kind::Start || token.space != Space::Word {
                continue;
            }
            let end = self.xml.token(token.pair)?.from;
            match self.xml.local(token) {
                "r" => return Some((end, end, Form::Element)),
                "p" if paragraph.is_none() => paragraph = Some((end, end, Form::Run)),
                _ => {}
            }
        }
        paragraph
    }

    /// Turns controls and merge fields into spots, inner ones first; one around other fields is
    /// left to them.
    fn settle(&mut self, odd: &mut Vec<Oddity>) {
        let mut around = std::mem::take(&mut self.around);
        around.sort_by_key(|a| a.to - a.from);
        // Spots are apart, so the last that begins before an end tells whether one is inside.
        let mut taken: BTreeMap<usize, usize> =
            self.spots.iter().map(|spot| (spot.from, spot.to)).collect();
        for one in around {
            let before = taken.range(..one.to).next_back();
            if before.is_some_and(|(_, to)| *to > one.from) {
                continue;
            }
            let mut fixed = one.fixed;
            let mut texts = one.texts.iter().filter_map(|at| {
                let token = self.xml.token(*at)?;
                (token.kind == Kind::Start).then(|| (*at, self.xml.inside(token)))
            });
            let (value, form, prefix) = match texts.next() {
                Some((at, inside)) => {
                    fixed.extend(keep_spaces(&self.xml, at));
                    let prefix = self.xml.token(at).map(|t| self.xml.prefix(t).to_owned());
                    (inside, Form::InText, prefix.unwrap_or(one.prefix))
                }
                None => match one.fallback {
                    Some((from, to, form)) => ((from, to), form, one.prefix),
                    None => {
                        odd.push(Oddity::NoPlaceInControl(one.name.shown, one.place));
                        continue;
                    }
                },
            };
            for (_, (from, to)) in texts {
                if from < to {
                    fixed.push(Edit::new(from, to, ""));
                }
            }
            taken.insert(one.from, one.to);
            self.spots.push(Spot {
                name: one.name,
                place: one.place,
                written: one.written,
                from: one.from,
                to: one.to,
                fixed,
                value,
                form,
                is_cdata: false,
                prefix,
            });
        }
    }

    /// Finds the row of every spot that may be of a list.
    fn into_part(mut self) -> Part {
        let mut table_rows: BTreeMap<usize, usize> = BTreeMap::new();
        for row in &self.rows {
            *table_rows.entry(row.table).or_default() += 1;
        }
        let mut homes = BTreeMap::new();
        for (index, spot) in self.spots.iter_mut().enumerate() {
            if spot.name.list.is_none() {
                continue;
            }
            // Rows stand in order: the last that begins before the spot, or one around it.
            let before = self.rows.partition_point(|row| row.from <= spot.from);
            let mut row = before.checked_sub(1);
            while let Some((at, held)) = row.and_then(|at| Some((at, self.rows.get(at)?))) {
                if spot.to <= held.to {
                    spot.place.is_in_row = true;
                    homes.insert(index, at);
                    break;
                }
                row = held.around;
            }
        }
        Part {
            name: self.part.to_owned(),
            xml: self.xml,
            spots: self.spots,
            rows: self.rows,
            homes,
            table_rows,
        }
    }
}

/// Marks and numbers that may stand once in a document.
fn unique(xml: &Xml, row: &Row) -> Vec<Edit> {
    let mut out = Vec::new();
    let mut inside_properties = 0;
    for at in row.first..row.last {
        let Some(token) = xml.token(at) else {
            break;
        };
        if !matches!(token.kind, Kind::Start | Kind::Empty) {
            continue;
        }
        if token.space == Space::Word {
            let local = xml.local(token);
            let is_mark = matches!(
                local,
                "bookmarkStart"
                    | "bookmarkEnd"
                    | "commentRangeStart"
                    | "commentRangeEnd"
                    | "commentReference"
                    | "permStart"
                    | "permEnd"
            );
            if local == "sdtPr" && token.kind == Kind::Start {
                inside_properties = inside_properties.max(token.pair);
            }
            if is_mark || (local == "id" && at < inside_properties) {
                out.push(Edit::new(token.from, xml.end_of(token), ""));
                continue;
            }
        }
        for attribute in xml.attributes(token) {
            let is_number = attribute
                .name
                .rsplit_once(':')
                .is_some_and(|(_, local)| matches!(local, "paraId" | "textId"));
            if is_number {
                out.push(Edit::new(attribute.tag_from, attribute.to + 1, ""));
            }
        }
    }
    out
}

/// The name in ` MERGEFIELD "Họ tên" \* MERGEFORMAT `.
fn merge_field(instruction: &str) -> Option<Name> {
    let rest = instruction.trim_start();
    let word = rest.get(..10)?;
    if !word.eq_ignore_ascii_case("MERGEFIELD") {
        return None;
    }
    let rest = rest.get(10..)?.trim_start();
    let name = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest
            .split(|c: char| c.is_whitespace() || c == '\\')
            .next()?,
    };
    Name::read(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_merge_field_is_read() {
        let name = |text| merge_field(text).map(|n| n.full_key());
        assert_eq!(
            name(" MERGEFIELD ho_ten \\* MERGEFORMAT ").as_deref(),
            Some("hoten")
        );
        assert_eq!(name("mergefield \"Họ và tên\"").as_deref(), Some("hovaten"));
        assert_eq!(name("MERGEFIELD ds.Ten\\b x").as_deref(), Some("ds.ten"));
        assert_eq!(name(" PAGE "), None);
        assert_eq!(name("MERGEFIELD"), None);
    }
}
