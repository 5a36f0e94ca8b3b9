//! Word documents.
//!
//! Paragraphs in order with the level of their style, tables row by row, list numbers where
//! they are cheap to know, text in the fonts of the 1990s converted run by run. Of headers and footers a
//! secrecy mark alone. Not here: pictures, comments, deleted text. Surprise: text boxes are read twice
//! by naive readers, because Word keeps a fallback copy; `Fallback` is skipped.

use std::collections::HashMap;
use std::path::Path;

use files::{Archive, ArchiveLimits, FileKind};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::Trouble;
use crate::blocks::{Building, Extracted, Level, Limits};
use crate::legacy_text::legacy_name;
use crate::xml::{attribute, reference};

/// One part of a document is at most so large; the largest honest one that we met has 30 MB.
const PART_BYTES: u64 = 128 << 20;

pub(crate) fn read(path: &Path, limits: &Limits) -> Result<Extracted, Trouble> {
    let mut building = Building::new(FileKind::Docx, limits);
    let archive_limits = ArchiveLimits {
        entry_bytes: PART_BYTES,
        total_bytes: 2 * PART_BYTES,
        ..ArchiveLimits::default()
    };
    crate::harm::look_at_docx(path, archive_limits)?;
    let mut archive = Archive::open(path, archive_limits).map_err(archive_trouble)?;
    for warning in archive.warnings() {
        building.warn("archive", warning.key());
    }
    let main = archive
        .entries()
        .iter()
        .map(|entry| entry.name.clone())
        .filter(|name| name.starts_with("word/document") && name.ends_with(".xml"))
        .min()
        .ok_or_else(|| Trouble::new("intake.refused.broken", "no main part"))?;
    let styles = match archive.read("word/styles.xml") {
        Ok(bytes) => Styles::read(&bytes),
        Err(_) => Styles::default(), // styles are a comfort: without them all is paragraph
    };
    let numbering = match archive.read("word/numbering.xml") {
        Ok(bytes) => Numbering::read(&bytes),
        Err(_) => Numbering::default(), // as above
    };
    if let Ok(bytes) = archive.read("docProps/core.xml") {
        read_properties(&bytes, &mut building);
    }
    if let Some(mark) = edge_mark(&mut archive, limits) {
        building.add(Level::Paragraph, mark.words(), None);
    }
    let bytes = archive.read(&main).map_err(archive_trouble)?;
    Body {
        styles,
        numbering,
        ..Body::default()
    }
    .read(&bytes, &mut building)?;
    Ok(building.finish())
}

/// Headers and footers that are looked through.
const EDGES: usize = 12;

/// The secrecy mark in a header or footer: some offices stamp there. A broken one is no header.
fn edge_mark(archive: &mut Archive, limits: &Limits) -> Option<crate::secrecy::Mark> {
    let is_edge = |name: &str| {
        (name.starts_with("word/header") || name.starts_with("word/footer"))
            && name.ends_with(".xml")
    };
    let names = archive.entries().iter().map(|entry| entry.name.clone());
    let names: Vec<String> = names.filter(|name| is_edge(name)).take(EDGES).collect();
    let mut highest = None;
    for name in names {
        let Ok(bytes) = archive.read(&name) else {
            continue; // said of the whole file where it matters
        };
        let mut aside = Building::new(FileKind::Docx, limits);
        if Body::default().read(&bytes, &mut aside).is_ok() {
            highest = highest.max(crate::secrecy::mark(&aside.finish().blocks));
        }
    }
    highest
}

pub(crate) fn archive_trouble(trouble: files::ArchiveTrouble) -> Trouble {
    Trouble::new(trouble.key(), trouble)
}

fn read_properties(bytes: &[u8], building: &mut Building<'_>) {
    let mut reader = Reader::from_reader(bytes);
    let mut name = String::new();
    let mut text = String::new();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element)) => {
                name = element.local_name().as_ref().to_owned();
                text.clear();
            }
            Ok(Event::Text(part)) => text.push_str(&part.xml10_content()),
            Ok(Event::GeneralRef(part)) => text.push_str(&reference(&part)),
            Ok(Event::End(_)) => {
                match name.as_str() {
                    "title" => building.title(&text),
                    "language" if !text.trim().is_empty() => {
                        building.done.language = Some(text.trim().to_owned());
                    }
                    _ => {}
                }
                name.clear();
            }
            Ok(Event::Eof) | Err(_) => break, // broken properties are no loss
            Ok(_) => {}
        }
    }
}

#[derive(Default)]
struct Style {
    outline: Option<u8>,
    font: Option<String>,
    based_on: Option<String>,
}

#[derive(Default)]
struct Styles(HashMap<String, Style>);

impl Styles {
    fn read(bytes: &[u8]) -> Styles {
        let mut styles = HashMap::new();
        let mut id = String::new();
        let mut style = Style::default();
        let mut reader = Reader::from_reader(bytes);
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(element) | Event::Empty(element)) => {
                    match element.local_name().as_ref() {
                        "style" => {
                            id = attribute(&element, "styleId").unwrap_or_default();
                            style = Style::default();
                        }
                        "name" => {
                            let name = attribute(&element, "val").unwrap_or_default();
                            style.outline = style.outline.or_else(|| level_of_name(&name));
                        }
                        "basedOn" => style.based_on = attribute(&element, "val"),
                        "outlineLvl" => style.outline = outline_level(attribute(&element, "val")),
                        "rFonts" => style.font = attribute(&element, "ascii"),
                        _ => {}
                    }
                }
                Ok(Event::End(element)) if element.local_name().as_ref() == "style" => {
                    styles.insert(std::mem::take(&mut id), std::mem::take(&mut style));
                }
                Ok(Event::Eof) | Err(_) => break, // what was read so far helps all the same
                Ok(_) => {}
            }
        }
        Styles(styles)
    }

    /// Follows `basedOn`, at most ten steps: a ring is a usual kind of damage.
    fn find<T>(&self, id: &str, get: impl Fn(&Style) -> Option<T>) -> Option<T> {
        let mut style = self.0.get(id);
        for _ in 0..10 {
            let found = style?;
            if let Some(value) = get(found) {
                return Some(value);
            }
            style = self.0.get(found.based_on.as_deref()?);
        }
        None
    }
}

fn level_of_name(name: &str) -> Option<u8> {
    let name = name.to_lowercase();
    if name == "title" {
        return Some(1);
    }
    let digits = name.strip_prefix("heading ")?;
    digits.parse::<u8>().ok().map(|n| n.clamp(1, 6)) // "heading char" is no heading
}

fn outline_level(value: Option<String>) -> Option<u8> {
    let level: u8 = value?.parse().ok()?; // not a number: no level
    (level < 9).then(|| (level + 1).min(6))
}

#[derive(Default)]
struct Numbering {
    abstract_of: HashMap<String, String>,
    levels: HashMap<(String, u8), NumberLevel>,
    counts: HashMap<(String, u8), u64>,
}

#[derive(Clone, Default)]
struct NumberLevel {
    format: String,
    text: String,
    start: u64,
}

impl Numbering {
    fn read(bytes: &[u8]) -> Numbering {
        let mut numbering = Numbering::default();
        let (mut abstract_id, mut num_id, mut depth) = (String::new(), String::new(), 0_u8);
        let mut level = NumberLevel::default();
        let mut reader = Reader::from_reader(bytes);
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(element) | Event::Empty(element)) => {
                    let value = || attribute(&element, "val").unwrap_or_default();
                    match element.local_name().as_ref() {
                        "abstractNum" => {
                            abstract_id = attribute(&element, "abstractNumId").unwrap_or_default();
                        }
                        "num" => num_id = attribute(&element, "numId").unwrap_or_default(),
                        "abstractNumId" => {
                            numbering.abstract_of.insert(num_id.clone(), value());
                        }
                        "lvl" => {
                            depth = small(attribute(&element, "ilvl"));
                            level = NumberLevel {
                                start: 1,
                                ..NumberLevel::default()
                            };
                        }
                        "start" => level.start = value().parse().unwrap_or(1),
                        "numFmt" => level.format = value(),
                        "lvlText" => level.text = value(),
                        _ => {}
                    }
                }
                Ok(Event::End(element)) if element.local_name().as_ref() == "lvl" => {
                    let key = (abstract_id.clone(), depth);
                    numbering.levels.insert(key, std::mem::take(&mut level));
                }
                Ok(Event::Eof) | Err(_) => break, // what was read so far helps all the same
                Ok(_) => {}
            }
        }
        numbering
    }

    /// The number or mark of the next item of a list, with a space behind it.
    fn next(&mut self, num_id: &str, depth: u8) -> String {
        let Some(list) = self.abstract_of.get(num_id).cloned() else {
            return String::new();
        };
        let Some(level) = self.levels.get(&(list.clone(), depth)).cloned() else {
            return String::new();
        };
        for deeper in depth.saturating_add(1)..9 {
            self.counts.remove(&(num_id.to_owned(), deeper));
        }
        let count = self
            .counts
            .entry((num_id.to_owned(), depth))
            .or_insert(level.start.saturating_sub(1));
        *count = count.saturating_add(1);
        if level.format == "bullet" {
            return "- ".to_owned();
        }
        let mut text = level.text;
        for d in 0..9_u8 {
            let place = format!("%{}", d + 1);
            if text.contains(&place) {
                let key = (num_id.to_owned(), d);
                let above = self.levels.get(&(list.clone(), d));
                let start = above.map_or(1, |level| level.start);
                let number = self.counts.get(&key).copied().unwrap_or(start);
                let format = above.map_or("decimal", |level| level.format.as_str());
                text = text.replace(&place, &numeral(number, format));
            }
        }
        if text.is_empty() { text } else { text + " " }
    }
}

fn small(value: Option<String>) -> u8 {
    value
        .and_then(|value| value.parse().ok()) // not a number: the outermost level
        .unwrap_or(0)
}

fn numeral(number: u64, format: &str) -> String {
    match format {
        "lowerLetter" | "upperLetter" => {
            let at = u8::try_from(number.saturating_sub(1) % 26).unwrap_or(0);
            let letter = char::from(b'a' + at);
            if format == "upperLetter" {
                letter.to_ascii_uppercase().to_string()
            } else {
                letter.to_string()
            }
        }
        "lowerRoman" => roman(number).to_lowercase(),
        "upperRoman" => roman(number),
        "none" => String::new(),
        _ => number.to_string(),
    }
}

fn roman(number: u64) -> String {
    let mut rest = number.min(3999);
    let mut text = String::new();
    for (value, sign) in [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ] {
        while rest >= value {
            text.push_str(sign);
            rest -= value;
        }
    }
    text
}

/// Walks the main part.
#[derive(Default)]
struct Body {
    styles: Styles,
    numbering: Numbering,
    paragraph: String,
    style: String,
    outline: Option<u8>,
    list: Option<(String, u8)>,
    run: String,
    run_font: Option<String>,
    in_run: bool,
    in_text: bool,
    skipped: usize,
    tables: usize,
    row: String,
}

impl Body {
    fn read(mut self, bytes: &[u8], building: &mut Building<'_>) -> Result<(), Trouble> {
        let mut reader = Reader::from_reader(bytes);
        reader.config_mut().check_end_names = false;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(element)) => {
                    let name = element.local_name();
                    if self.skipped > 0 || is_skipped(name.as_ref()) {
                        self.skipped += 1;
                        continue;
                    }
                    self.opened(&element);
                }
                Ok(Event::Empty(element)) if self.skipped == 0 => {
                    self.opened(&element);
                    if element.local_name().as_ref() == "p" {
                        self.closed("p", building);
                    }
                }
                Ok(Event::End(_)) if self.skipped > 0 => self.skipped -= 1,
                Ok(Event::End(element)) => self.closed(element.local_name().as_ref(), building),
                Ok(Event::Text(text)) if self.in_text => self.run.push_str(&text.xml10_content()),
                Ok(Event::CData(text)) if self.in_text => self.run.push_str(&text.xml10_content()),
                Ok(Event::GeneralRef(text)) if self.in_text => self.run.push_str(&reference(&text)),
                Ok(Event::Eof) => break,
                Ok(_) => {}
                Err(e) if building.done.blocks.is_empty() => {
                    return Err(Trouble::new("intake.refused.broken", e));
                }
                Err(e) => {
                    building.warn("broken_at", e);
                    break;
                }
            }
            if building.is_full {
                break;
            }
        }
        Ok(())
    }

    fn opened(&mut self, element: &quick_xml::events::BytesStart<'_>) {
        let value = || attribute(element, "val");
        match element.local_name().as_ref() {
            "p" if self.tables == 0 => {
                self.paragraph.clear();
                self.forget_paragraph();
            }
            "p" => {
                self.forget_paragraph();
                if !self.row.is_empty() && !self.row.ends_with('\t') {
                    self.row.push(' ');
                }
            }
            "pStyle" => self.style = value().unwrap_or_default(),
            "outlineLvl" => self.outline = outline_level(value()),
            "ilvl" => {
                let depth = small(value());
                let list = self.list.take().map_or(String::new(), |(list, _)| list);
                self.list = Some((list, depth));
            }
            "numId" => {
                let depth = self.list.as_ref().map_or(0, |(_, depth)| *depth);
                self.list = value().filter(|id| id != "0").map(|id| (id, depth));
            }
            "r" => {
                self.in_run = true;
                self.run_font = None;
            }
            "rFonts" if self.in_run => self.run_font = attribute(element, "ascii"),
            "t" => self.in_text = true,
            "tab" if self.in_run => self.run.push(' '),
            "br" | "cr" if self.in_run => self.run.push('\n'),
            "noBreakHyphen" if self.in_run => self.run.push('-'),
            "tbl" => {
                self.tables += 1;
                if self.tables == 1 {
                    self.row.clear();
                }
            }
            _ => {}
        }
    }

    fn forget_paragraph(&mut self) {
        self.style.clear();
        self.outline = None;
        self.list = None;
    }

    fn closed(&mut self, name: &str, building: &mut Building<'_>) {
        match name {
            "t" => self.in_text = false,
            "r" => {
                self.in_run = false;
                self.end_run(building);
            }
            "p" => self.end_paragraph(building),
            "tc" if self.tables == 1 => self.row.push('\t'),
            "tr" if self.tables == 1 => {
                let row = std::mem::take(&mut self.row);
                building.add(Level::TableRow, row.trim_end_matches(['\t', ' ']), None);
            }
            "tbl" => self.tables = self.tables.saturating_sub(1),
            _ => {}
        }
    }

    fn end_run(&mut self, building: &mut Building<'_>) {
        let run = std::mem::take(&mut self.run);
        let font = self
            .run_font
            .take()
            .or_else(|| self.styles.find(&self.style, |style| style.font.clone()));
        // Only a font name tells here: single runs are too short for letter statistics.
        let encoding = match &font {
            Some(_) => vietnamese::detect(&run, font.as_deref()),
            None => vietnamese::Encoding::Unicode,
        };
        if encoding == vietnamese::Encoding::Unicode {
            self.paragraph.push_str(&run);
        } else {
            building.warn("legacy_encoding", legacy_name(encoding));
            let text = vietnamese::to_unicode(&run, encoding, font.as_deref());
            self.paragraph.push_str(&text);
        }
    }

    fn end_paragraph(&mut self, building: &mut Building<'_>) {
        let mut text = std::mem::take(&mut self.paragraph);
        let mut label = String::new();
        if let Some((list, depth)) = self.list.take()
            && !text.trim().is_empty()
        {
            label = self.numbering.next(&list, depth);
        }
        let is_item = !label.is_empty();
        text.insert_str(0, &label);
        if self.tables > 0 {
            self.row.push_str(&text.replace(['\n', '\t'], " "));
            return;
        }
        let outline = self
            .outline
            .or_else(|| self.styles.find(&self.style, |style| style.outline));
        let level = match outline {
            Some(depth) => Level::Heading(depth),
            None if is_item || text.trim_start().starts_with("- ") => Level::ListItem,
            None => Level::Paragraph,
        };
        building.add(level, &text, None);
    }
}

/// What Word keeps beside the text: fallback copies, deleted text, field instructions,
/// properties before a change.
fn is_skipped(name: &str) -> bool {
    matches!(
        name,
        "Fallback" | "del" | "moveFrom" | "instrText" | "pPrChange" | "rPrChange" | "delText"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn docx(parts: &[(&str, &str)]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut zip = zip::ZipWriter::new(file.reopen().unwrap());
        for (name, text) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        file
    }

    #[test]
    fn a_stamp_in_a_header_is_a_stamp() {
        let body =
            "<w:document><w:body><w:p><w:r><w:t>Báo cáo</w:t></w:r></w:p></w:body></w:document>";
        let header = "<w:hdr><w:p><w:r><w:t>TUYỆT MẬT</w:t></w:r></w:p></w:hdr>";
        let file = docx(&[("word/document.xml", body), ("word/header1.xml", header)]);
        let done = crate::read_document(file.path(), "x.docx", &Limits::default()).unwrap();
        assert_eq!(
            crate::secrecy::mark(&done.blocks),
            Some(crate::secrecy::Mark::TopSecret)
        );
        let plain = "<w:hdr><w:p><w:r><w:t>Đảng ủy</w:t></w:r></w:p></w:hdr>";
        let told = told(&[("word/document.xml", body), ("word/header1.xml", plain)]);
        assert_eq!(told, [(Level::Paragraph, "Báo cáo".to_owned())]);
    }

    fn told(parts: &[(&str, &str)]) -> Vec<(Level, String)> {
        let file = docx(parts);
        let done = crate::read_document(file.path(), "x.docx", &Limits::default()).unwrap();
        done.blocks.into_iter().map(|b| (b.level, b.text)).collect()
    }

    #[test]
    fn styles_give_levels_and_tables_give_rows() {
        let styles = "<w:styles xmlns:w='w'><w:style w:styleId='A'><w:name w:val='heading 2'/>\
            </w:style><w:style w:styleId='B'><w:basedOn w:val='A'/></w:style></w:styles>";
        let body = "<w:document xmlns:w='w'><w:body>\
            <w:p><w:pPr><w:pStyle w:val='B'/></w:pPr><w:r><w:t>Chương &amp; mục</w:t></w:r></w:p>\
            <w:p><w:r><w:t>Một </w:t></w:r><w:r><w:t>hai</w:t></w:r></w:p>\
            <w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>b</w:t></w:r></w:p>\
            </w:tc><w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl>\
            </w:body></w:document>";
        assert_eq!(
            told(&[("word/document.xml", body), ("word/styles.xml", styles)]),
            [
                (Level::Heading(2), "Chương & mục".to_owned()),
                (Level::Paragraph, "Một hai".to_owned()),
                (Level::TableRow, "a b\tc".to_owned()),
            ]
        );
    }

    #[test]
    fn list_numbers_are_counted() {
        let numbering = "<w:numbering xmlns:w='w'><w:abstractNum w:abstractNumId='7'>\
            <w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='upperRoman'/><w:lvlText w:val='%1.'/></w:lvl>\
            <w:lvl w:ilvl='1'><w:start w:val='1'/><w:numFmt w:val='decimal'/><w:lvlText w:val='%2)'/></w:lvl>\
            </w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num></w:numbering>";
        let item = |depth: u8, text: &str| {
            format!(
                "<w:p><w:pPr><w:numPr><w:ilvl w:val='{depth}'/><w:numId w:val='1'/></w:numPr></w:pPr>\
                 <w:r><w:t>{text}</w:t></w:r></w:p>"
            )
        };
        let body = format!(
            "<w:document xmlns:w='w'><w:body>{}{}{}{}</w:body></w:document>",
            item(0, "a"),
            item(1, "b"),
            item(0, "c"),
            item(1, "d")
        );
        let told = told(&[
            ("word/document.xml", &body),
            ("word/numbering.xml", numbering),
        ]);
        let texts: Vec<_> = told.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["I. a", "1) b", "II. c", "1) d"]);
    }

    #[test]
    fn a_run_in_an_old_font_is_converted() {
        let body = "<w:document xmlns:w='w'><w:body><w:p><w:r><w:rPr><w:rFonts w:ascii='.VnTime'/>\
            </w:rPr><w:t>NguyÔn ThÞ</w:t></w:r></w:p></w:body></w:document>";
        assert_eq!(told(&[("word/document.xml", body)])[0].1, "Nguyễn Thị");
    }

    #[test]
    fn a_bomb_inside_is_refused_with_its_own_key() {
        let body = format!("<w:document>{}", " ".repeat(16 << 20));
        let file = docx(&[("word/document.xml", &body)]);
        let told = crate::read_document(file.path(), "", &Limits::default());
        assert_eq!(told.unwrap_err().key, "files.archive.bomb");
    }
}
