//! Word documents.
//!
//! Paragraphs in order with the level of their style, tables row by row, list numbers as Word counts them,
//! footnotes behind the paragraph that refers to them, text in the fonts of the 1990s converted run by run. Of headers
//! and footers a secrecy mark alone. Not here: pictures, comments, deleted and hidden text. Surprise: a text box stands
//! inside a run of a paragraph, and naive readers read it twice, because Word keeps a fallback copy; `Fallback` is
//! skipped, and what the box holds comes behind the paragraph.

mod numbering;
mod styles;
mod symbols;

use std::collections::HashMap;
use std::path::Path;

use files::{Archive, ArchiveLimits, FileKind};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::Trouble;
use crate::blocks::{Building, Extracted, Level, Limits};
use crate::legacy_text::legacy_name;
use crate::xml::{attribute, reference};
use numbering::Numbering;
pub(crate) use numbering::roman;
use styles::{Styles, is_on, outline_level, small};

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
    let mut body = Body {
        styles,
        numbering,
        ..Body::default()
    };
    for (name, kind) in [
        ("word/footnotes.xml", NoteKind::Foot),
        ("word/endnotes.xml", NoteKind::End),
    ] {
        // A paper without notes has no such part.
        if let Ok(bytes) = archive.read(name) {
            body = body.read_notes(&bytes, kind, &mut building);
        }
    }
    body.read(&bytes, &mut building)?;
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

/// Where a note stands in the printed paper; each kind is counted for itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum NoteKind {
    Foot,
    End,
}

/// Note and kind → its paragraphs.
type Notes = HashMap<(NoteKind, String), Vec<String>>;

/// What is being read of one paragraph. A text box opens another inside it, which has a table of its own or none.
#[derive(Default)]
struct Frame {
    paragraph: String,
    style: String,
    outline: Option<u8>,
    list: Option<String>,
    depth: Option<u8>,
    /// The mark at the paragraph's end was deleted or is hidden: without text there is no such paragraph.
    is_mark_gone: bool,
    in_properties: bool,
    run: String,
    run_font: Option<String>,
    run_style: String,
    is_hidden: Option<bool>,
    in_run: bool,
    in_text: bool,
    tables: usize,
    row: String,
}

/// Walks one part: the main one, the notes, a header.
#[derive(Default)]
struct Body {
    styles: Styles,
    numbering: Numbering,
    notes: Notes,
    now: Frame,
    /// Paragraphs around the text box that is being read.
    around: Vec<Frame>,
    /// What text boxes hold, until the paragraph around them ends.
    boxed: Vec<(Level, String)>,
    /// Labels and texts of notes that wait for the end of a paragraph.
    waiting: Vec<(String, Vec<String>)>,
    counts: (u64, u64),
    skipped: usize,
    /// While the part of the notes is read: which kind, and the note that is open with its paragraphs.
    reads_notes: Option<NoteKind>,
    note: Option<(String, Vec<String>)>,
}

impl Body {
    fn read(mut self, bytes: &[u8], building: &mut Building<'_>) -> Result<(), Trouble> {
        match self.walk(bytes, building) {
            Some(e) if building.done.blocks.is_empty() => {
                return Err(Trouble::new("intake.refused.broken", e));
            }
            Some(e) => building.warn("broken_at", e),
            None => {}
        }
        self.end_all(building);
        Ok(())
    }

    /// Reads the part of the footnotes or endnotes; a broken one is told and gives what it has.
    fn read_notes(mut self, bytes: &[u8], kind: NoteKind, building: &mut Building<'_>) -> Body {
        self.reads_notes = Some(kind);
        if let Some(e) = self.walk(bytes, building) {
            building.warn("broken_at", e);
        }
        Body {
            styles: self.styles,
            numbering: self.numbering,
            notes: self.notes,
            ..Body::default()
        }
    }

    /// Goes through a part; answers what was broken.
    fn walk(&mut self, bytes: &[u8], building: &mut Building<'_>) -> Option<quick_xml::Error> {
        let mut reader = Reader::from_reader(bytes);
        reader.config_mut().check_end_names = false;
        let mut buffer = Vec::new();
        while !building.is_full {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(element)) => {
                    let name = element.local_name();
                    if self.skipped > 0 || is_skipped(name.as_ref()) {
                        self.skipped += 1;
                        continue;
                    }
                    self.opened(&element, building);
                    match name.as_ref() {
                        "pPr" => self.now.in_properties = true,
                        "txbxContent" | "txBody" => {
                            let outer = std::mem::take(&mut self.now);
                            self.around.push(outer);
                        }
                        _ => {}
                    }
                }
                Ok(Event::Empty(element)) if self.skipped == 0 => {
                    self.opened(&element, building);
                    match element.local_name().as_ref() {
                        name @ ("p" | "r" | "t" | "tc" | "tr" | "tbl") => {
                            self.closed(name, building);
                        }
                        "del" | "moveFrom" if self.now.in_properties => {
                            self.now.is_mark_gone = true;
                        }
                        _ => {}
                    }
                }
                Ok(Event::End(_)) if self.skipped > 0 => self.skipped -= 1,
                Ok(Event::End(element)) => self.closed(element.local_name().as_ref(), building),
                Ok(Event::Text(text)) if self.now.in_text => {
                    self.now.run.push_str(&text.xml10_content());
                }
                Ok(Event::CData(text)) if self.now.in_text => {
                    self.now.run.push_str(&text.xml10_content());
                }
                Ok(Event::GeneralRef(text)) if self.now.in_text => {
                    self.now.run.push_str(&reference(&text));
                }
                Ok(Event::Eof) => break,
                Ok(_) => {}
                Err(e) => return Some(e),
            }
        }
        None
    }

    fn opened(&mut self, element: &quick_xml::events::BytesStart<'_>, building: &mut Building<'_>) {
        let value = || attribute(element, "val");
        let now = &mut self.now;
        match element.local_name().as_ref() {
            "p" => {
                if now.tables == 0 {
                    now.paragraph.clear();
                } else if !now.row.is_empty() && !now.row.ends_with('\t') {
                    now.row.push(' ');
                }
                now.style.clear();
                now.outline = None;
                now.list = None;
                now.depth = None;
                now.is_mark_gone = false;
                now.in_properties = false;
            }
            "pStyle" => now.style = value().unwrap_or_default(),
            "outlineLvl" => now.outline = outline_level(value()),
            "ilvl" => now.depth = Some(small(value())),
            "numId" => now.list = value(),
            "vanish" if now.in_properties => now.is_mark_gone = is_on(element),
            "vanish" if now.in_run => now.is_hidden = Some(is_on(element)),
            "r" => {
                now.in_run = true;
                now.run_font = None;
                now.run_style.clear();
                now.is_hidden = None;
            }
            "rStyle" if now.in_run => now.run_style = value().unwrap_or_default(),
            "rFonts" if now.in_run => now.run_font = attribute(element, "ascii"),
            "t" => now.in_text = true,
            "tab" | "ptab" if now.in_run => now.run.push(' '),
            "br" | "cr" if now.in_run => now.run.push('\n'),
            "noBreakHyphen" if now.in_run => now.run.push('-'),
            "sym" if now.in_run => {
                let font = attribute(element, "font").unwrap_or_default();
                let place = attribute(element, "char").unwrap_or_default();
                match symbol(&font, &place) {
                    Some(shown) => now.run.push(shown),
                    None => building.warn("symbol_unknown", format!("{font} {place}")),
                }
            }
            // Words that are bent into a shape (WordArt of older programs).
            "textpath" => {
                if let Some(text) = attribute(element, "string") {
                    self.boxed.push((Level::Paragraph, text));
                }
            }
            "tbl" => {
                now.tables += 1;
                if now.tables == 1 {
                    now.row.clear();
                }
            }
            "footnoteReference" => self.refer(NoteKind::Foot, element),
            "endnoteReference" => self.refer(NoteKind::End, element),
            "footnote" | "endnote" if self.reads_notes.is_some() => {
                // The lines that part notes from the text have a type; notes have none.
                self.note = match attribute(element, "type").as_deref() {
                    None | Some("normal") => {
                        Some((attribute(element, "id").unwrap_or_default(), Vec::new()))
                    }
                    Some(_) => None,
                };
            }
            _ => {}
        }
    }

    /// A note is referred to: its mark goes into the text, what it says waits for the end of the paragraph.
    fn refer(&mut self, kind: NoteKind, element: &quick_xml::events::BytesStart<'_>) {
        let id = attribute(element, "id").unwrap_or_default();
        let Some(text) = self.notes.get(&(kind, id)) else {
            return; // a reference to nothing
        };
        let label = match kind {
            NoteKind::Foot => {
                self.counts.0 += 1;
                format!("[{}]", self.counts.0)
            }
            NoteKind::End => {
                self.counts.1 += 1;
                format!("[{}]", roman(self.counts.1).to_lowercase())
            }
        };
        self.now.run.push_str(&label);
        self.waiting.push((label, text.clone()));
    }

    fn closed(&mut self, name: &str, building: &mut Building<'_>) {
        match name {
            "t" => self.now.in_text = false,
            "r" => {
                self.now.in_run = false;
                self.end_run(building);
            }
            "pPr" => self.now.in_properties = false,
            "p" => self.end_paragraph(building),
            "tc" if self.now.tables == 1 => self.now.row.push('\t'),
            "tr" if self.now.tables == 1 => {
                let row = std::mem::take(&mut self.now.row);
                let row = row.trim_end_matches(['\t', ' ']);
                self.give(Level::TableRow, row, building);
            }
            "tbl" => {
                self.now.tables = self.now.tables.saturating_sub(1);
                self.end_notes(building);
            }
            "txbxContent" | "txBody" => {
                if let Some(outer) = self.around.pop() {
                    self.now = outer;
                }
            }
            "footnote" | "endnote" => {
                if let (Some((id, text)), Some(kind)) = (self.note.take(), self.reads_notes) {
                    self.notes.insert((kind, id), text);
                }
            }
            _ => {}
        }
    }

    fn end_run(&mut self, building: &mut Building<'_>) {
        let now = &mut self.now;
        let run = std::mem::take(&mut now.run);
        let styles = &self.styles;
        let is_hidden = now
            .is_hidden
            .take()
            .or_else(|| styles.find(&now.run_style, |style| style.is_hidden))
            .or_else(|| styles.find(&now.style, |style| style.is_hidden));
        if is_hidden == Some(true) {
            return;
        }
        let font = now
            .run_font
            .take()
            .or_else(|| styles.find(&now.run_style, |style| style.font.clone()))
            .or_else(|| styles.find(&now.style, |style| style.font.clone()));
        if let Some(font) = font.as_deref().filter(|font| symbols::is_pictures(font)) {
            for c in run.chars() {
                // Letters that Word put into the private range are of the font, others were typed into it since.
                let is_place = ('\u{f020}'..='\u{f0ff}').contains(&c);
                match symbols::shown(font, u32::from(c)) {
                    Some(shown) if is_place => now.paragraph.push(shown),
                    None if is_place => building.warn("symbol_unknown", font),
                    _ => now.paragraph.push(c),
                }
            }
            return;
        }
        // Only a font name tells here: single runs are too short for letter statistics.
        let encoding = match &font {
            Some(_) => vietnamese::detect(&run, font.as_deref()),
            None => vietnamese::Encoding::Unicode,
        };
        if encoding == vietnamese::Encoding::Unicode {
            now.paragraph.push_str(&run);
        } else {
            building.warn("legacy_encoding", legacy_name(encoding));
            let text = vietnamese::to_unicode(&run, encoding, font.as_deref());
            now.paragraph.push_str(&text);
        }
    }

    /// The list and the level whose number the paragraph bears: its own word, else that of its style.
    fn list_of_paragraph(&self) -> Option<(String, u8)> {
        let (style, styles) = (&self.now.style, &self.styles);
        let of_style = || styles.find_in(style, |style| style.list.clone());
        let (owner, list) = match &self.now.list {
            Some(list) => (style.as_str(), list.clone()),
            None => of_style()?,
        };
        let depth = self
            .now
            .depth
            .or_else(|| self.numbering.depth_of_style(&list, owner, styles))
            .or_else(|| styles.find(style, |style| style.depth))
            .unwrap_or(0);
        (list != "0").then_some((list, depth))
    }

    fn end_paragraph(&mut self, building: &mut Building<'_>) {
        let mut text = std::mem::take(&mut self.now.paragraph);
        let is_empty = text.trim().is_empty();
        let mut label = String::new();
        // Word counts an empty item too; one whose end was taken away is none.
        if !(is_empty && self.now.is_mark_gone)
            && let Some((list, depth)) = self.list_of_paragraph()
        {
            label = self.numbering.next(&list, depth, &self.styles);
        }
        if is_empty {
            label.clear();
        }
        let is_item = !label.is_empty();
        text.insert_str(0, &label);
        if self.now.tables > 0 {
            let row = &mut self.now.row;
            row.push_str(&text.replace(['\n', '\t'], " "));
            if self.around.is_empty() {
                for (_, text) in self.boxed.drain(..) {
                    row.push(' ');
                    row.push_str(&text.replace(['\n', '\t'], " "));
                }
            }
            return;
        }
        let outline = self
            .now
            .outline
            .or_else(|| self.styles.find(&self.now.style, |style| style.outline));
        let level = match outline {
            Some(depth) => Level::Heading(depth),
            None if is_item || text.trim_start().starts_with("- ") => Level::ListItem,
            None => Level::Paragraph,
        };
        self.give(level, &text, building);
        if self.around.is_empty() {
            for (level, text) in std::mem::take(&mut self.boxed) {
                self.give(level, &text, building);
            }
            // What a heading in capitals refers to waits for the text below it: the lines of a head belong together.
            if is_empty || text.chars().any(char::is_lowercase) {
                self.end_notes(building);
            }
        }
    }

    /// Gives a finished block to whom it belongs: the note that is read, the box that is open, the document.
    fn give(&mut self, level: Level, text: &str, building: &mut Building<'_>) {
        if self.reads_notes.is_some() {
            if let Some((_, note)) = &mut self.note
                && !text.trim().is_empty()
            {
                note.push(text.trim().to_owned());
            }
        } else if self.around.is_empty() {
            building.add(level, text, None);
        } else if !text.trim().is_empty() {
            self.boxed.push((level, text.to_owned()));
        }
    }

    /// The notes that were referred to, each with its label.
    fn end_notes(&mut self, building: &mut Building<'_>) {
        if self.now.tables > 0 || !self.around.is_empty() {
            return;
        }
        for (label, texts) in std::mem::take(&mut self.waiting) {
            for (at, text) in texts.iter().enumerate() {
                let text = match at {
                    0 => format!("{label} {text}"),
                    _ => text.clone(),
                };
                self.give(Level::Paragraph, &text, building);
            }
        }
    }

    /// A part that ends too early still gives what it holds.
    fn end_all(&mut self, building: &mut Building<'_>) {
        while let Some(outer) = self.around.pop() {
            self.end_run(building);
            self.end_paragraph(building);
            self.now = outer;
        }
        self.end_run(building);
        self.now.tables = 0;
        let row = std::mem::take(&mut self.now.row);
        self.give(Level::TableRow, row.trim(), building);
        self.end_paragraph(building);
        self.end_notes(building);
    }
}

/// The character of a `sym` element.
fn symbol(font: &str, place: &str) -> Option<char> {
    let place = u32::from_str_radix(place, 16).ok()?; // not a number: no symbol
    symbols::shown(font, place).or_else(|| {
        let is_private = (0xE000..=0xF8FF).contains(&place);
        char::from_u32(place).filter(|_| !is_private && !symbols::is_pictures(font))
    })
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

    fn body_of(inner: &str) -> String {
        format!("<w:document xmlns:w='w'><w:body>{inner}</w:body></w:document>")
    }

    fn texts(parts: &[(&str, &str)]) -> Vec<String> {
        told(parts).into_iter().map(|(_, text)| text).collect()
    }

    fn items(count: usize) -> String {
        let item = "<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr>\
            <w:r><w:t>x</w:t></w:r></w:p>";
        item.repeat(count)
    }

    fn numbering(format: &str, text: &str) -> String {
        format!(
            "<w:numbering><w:abstractNum w:abstractNumId='0'><w:lvl w:ilvl='0'><w:start w:val='1'/>\
             <w:numFmt w:val='{format}'/><w:lvlText w:val='{text}'/></w:lvl></w:abstractNum>\
             <w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num></w:numbering>"
        )
    }

    #[test]
    fn a_text_box_takes_nothing_from_the_paragraph_around_it() {
        let boxed = |inner: &str| {
            format!(
                "<w:r><w:pict><v:textbox><w:txbxContent>{inner}</w:txbxContent></v:textbox></w:pict></w:r>"
            )
        };
        let inner = "<w:p><w:r><w:t>trong khung</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r>\
            <w:t>ô</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
        let body = body_of(&format!(
            "<w:p><w:pPr><w:outlineLvl w:val='0'/></w:pPr><w:r><w:t>trước </w:t></w:r>{}<w:r><w:t>sau</w:t></w:r></w:p>",
            boxed(inner)
        ));
        assert_eq!(
            told(&[("word/document.xml", &body)]),
            [
                (Level::Heading(1), "trước sau".to_owned()),
                (Level::Paragraph, "trong khung".to_owned()),
                (Level::TableRow, "ô".to_owned()),
            ]
        );
        let nested = boxed(&format!(
            "<w:p>{}<w:r><w:t>vỏ</w:t></w:r></w:p>",
            boxed(inner)
        ));
        let body = body_of(&format!(
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r>{nested}<w:r><w:t>b</w:t></w:r></w:p></w:tc>\
             <w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        ));
        let row = texts(&[("word/document.xml", &body)]).join("|");
        for word in ["ab", "trong khung", "ô", "vỏ", "\tc"] {
            assert!(row.contains(word), "{row}");
        }
        let body = body_of(
            "<w:p><w:r><w:pict><v:shape><v:textpath string='CHÀO MỪNG'/></v:shape></w:pict></w:r></w:p>",
        );
        assert_eq!(texts(&[("word/document.xml", &body)]), ["CHÀO MỪNG"]);
    }

    #[test]
    fn numbers_that_come_from_styles_are_read() {
        let styles = "<w:styles><w:style w:styleId='D'><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr></w:style>\
            <w:style w:styleId='K'><w:basedOn w:val='D'/><w:pPr><w:numPr><w:ilvl w:val='1'/><w:numId w:val='1'/></w:numPr></w:pPr></w:style>\
            <w:style w:styleId='L'><w:basedOn w:val='D'/></w:style></w:styles>";
        let numbering = "<w:numbering><w:abstractNum w:abstractNumId='0'>\
            <w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='decimal'/><w:pStyle w:val='D'/><w:lvlText w:val='Điều %1.'/></w:lvl>\
            <w:lvl w:ilvl='1'><w:start w:val='1'/><w:numFmt w:val='decimal'/><w:pStyle w:val='K'/><w:lvlText w:val='%2.'/></w:lvl>\
            </w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num></w:numbering>";
        let p = |style: &str, own: &str, text: &str| {
            format!(
                "<w:p><w:pPr><w:pStyle w:val='{style}'/>{own}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
            )
        };
        let off = "<w:numPr><w:numId w:val='0'/></w:numPr>";
        let body = body_of(
            &[
                p("D", "", "Phạm vi"),
                p("K", "", "Một"),
                p("K", "", "Hai"),
                p("D", off, "Không số"),
                p("L", "", "Đối tượng"),
                p("K", "", "Lại một"),
            ]
            .concat(),
        );
        assert_eq!(
            texts(&[
                ("word/document.xml", &body),
                ("word/styles.xml", styles),
                ("word/numbering.xml", numbering)
            ]),
            [
                "Điều 1. Phạm vi",
                "1. Một",
                "2. Hai",
                "Không số",
                "Điều 2. Đối tượng",
                "1. Lại một"
            ]
        );
    }

    #[test]
    fn after_z_the_letters_are_doubled_and_words_count_too() {
        let body = body_of(&items(53));
        let parts = |numbering: &str| {
            texts(&[
                ("word/document.xml", &body),
                ("word/numbering.xml", numbering),
            ])
        };
        let letters = parts(&numbering("lowerLetter", "%1)"));
        assert_eq!(
            [25, 26, 27, 52].map(|at| letters[at].as_str()),
            ["z) x", "aa) x", "bb) x", "aaa) x"]
        );
        assert_eq!(parts(&numbering("upperLetter", "%1."))[26], "AA. x");
        assert_eq!(parts(&numbering("decimalZero", "%1."))[6], "07. x");
        assert_eq!(
            parts(&numbering("vietnameseCounting", "Phần %1"))[4],
            "Phần năm x"
        );
    }

    #[test]
    fn lists_of_one_pattern_go_on_and_a_level_may_never_begin_anew() {
        let numbering = "<w:numbering><w:abstractNum w:abstractNumId='0'>\
            <w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='upperRoman'/><w:lvlText w:val='Chương %1'/></w:lvl>\
            <w:lvl w:ilvl='1'><w:start w:val='1'/><w:numFmt w:val='decimal'/><w:lvlRestart w:val='0'/><w:lvlText w:val='Điều %2.'/></w:lvl>\
            <w:lvl w:ilvl='2'><w:start w:val='1'/><w:numFmt w:val='decimal'/><w:isLgl/><w:lvlText w:val='%1.%3'/></w:lvl>\
            </w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num>\
            <w:num w:numId='2'><w:abstractNumId w:val='0'/></w:num>\
            <w:num w:numId='3'><w:abstractNumId w:val='0'/><w:lvlOverride w:ilvl='1'><w:startOverride w:val='9'/></w:lvlOverride></w:num></w:numbering>";
        let item = |list: u8, depth: u8, text: &str| {
            format!(
                "<w:p><w:pPr><w:numPr><w:ilvl w:val='{depth}'/><w:numId w:val='{list}'/></w:numPr></w:pPr>\
                 <w:r><w:t>{text}</w:t></w:r></w:p>"
            )
        };
        let body = body_of(
            &[
                item(1, 0, "a"),
                item(1, 1, "b"),
                item(1, 2, "b1"),
                item(1, 0, "c"),
                item(2, 1, "d"),
                item(2, 1, ""),
                item(2, 1, "e"),
                item(2, 2, "e1"),
                item(3, 1, "f"),
            ]
            .concat(),
        );
        assert_eq!(
            texts(&[
                ("word/document.xml", &body),
                ("word/numbering.xml", numbering)
            ]),
            [
                "Chương I a",
                "Điều 1. b",
                "1.1 b1",
                "Chương II c",
                "Điều 2. d",
                "Điều 4. e",
                "2.1 e1",
                "Điều 9. f"
            ]
        );
    }

    #[test]
    fn notes_stand_behind_their_paragraph_and_a_head_is_not_torn() {
        let body = body_of(
            "<w:p><w:r><w:t>THÔNG BÁO</w:t></w:r><w:r><w:footnoteReference w:id='2'/></w:r></w:p>\
             <w:p><w:r><w:t>về việc họp</w:t></w:r></w:p>\
             <w:p><w:r><w:t>Theo quy định</w:t></w:r><w:r><w:footnoteReference w:id='3'/></w:r>\
             <w:r><w:t> thì làm</w:t></w:r><w:r><w:endnoteReference w:id='2'/></w:r><w:r><w:t>.</w:t></w:r></w:p>\
             <w:tbl><w:tr><w:tc><w:p><w:r><w:t>ô</w:t><w:footnoteReference w:id='4'/></w:r></w:p></w:tc></w:tr></w:tbl>\
             <w:p><w:r><w:t>Hết.</w:t></w:r></w:p>",
        );
        let foot = "<w:footnotes><w:footnote w:type='separator' w:id='0'><w:p><w:r><w:t>kẻ</w:t></w:r></w:p></w:footnote>\
            <w:footnote w:id='2'><w:p><w:r><w:t>của đầu đề</w:t></w:r></w:p></w:footnote>\
            <w:footnote w:id='3'><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>hiện</w:t></w:r>\
            <w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r></w:p><w:p><w:r><w:t>đoạn hai</w:t></w:r></w:p></w:footnote>\
            <w:footnote w:id='4'><w:p><w:r><w:t>của ô</w:t></w:r></w:p></w:footnote></w:footnotes>";
        let end = "<w:endnotes><w:endnote w:id='2'><w:p><w:r><w:t>ở cuối</w:t></w:r></w:p></w:endnote></w:endnotes>";
        assert_eq!(
            texts(&[
                ("word/document.xml", &body),
                ("word/footnotes.xml", foot),
                ("word/endnotes.xml", end)
            ]),
            [
                "THÔNG BÁO[1]",
                "về việc họp",
                "[1] của đầu đề",
                "Theo quy định[2] thì làm[i].",
                "[2] hiện",
                "đoạn hai",
                "[i] ở cuối",
                "ô[3]",
                "[3] của ô",
                "Hết."
            ]
        );
    }

    #[test]
    fn hidden_text_stays_hidden_wherever_it_is_said() {
        let styles = "<w:styles><w:style w:styleId='An'><w:rPr><w:vanish/></w:rPr></w:style>\
            <w:style w:styleId='Con'><w:basedOn w:val='An'/></w:style>\
            <w:style w:styleId='Mark'><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr></w:style></w:styles>";
        let body = body_of(
            "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>hiện</w:t></w:r></w:p>\
             <w:p><w:r><w:rPr><w:rStyle w:val='Con'/></w:rPr><w:t>ẩn</w:t></w:r><w:r><w:t>rõ</w:t></w:r></w:p>\
             <w:p><w:pPr><w:pStyle w:val='An'/></w:pPr><w:r><w:t>ẩn</w:t></w:r></w:p>\
             <w:p><w:pPr><w:pStyle w:val='Mark'/><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>còn</w:t></w:r></w:p>",
        );
        assert_eq!(
            texts(&[("word/document.xml", &body), ("word/styles.xml", styles)]),
            ["hiện", "rõ", "còn"]
        );
    }

    #[test]
    fn symbols_are_letters_and_what_is_unknown_is_told() {
        let body = body_of(
            "<w:p><w:r><w:t>Số dư </w:t></w:r><w:r><w:sym w:font='Symbol' w:char='F0B3'/></w:r><w:r><w:t> 50 </w:t></w:r>\
             <w:r><w:sym w:font='Wingdings' w:char='F0FE'/></w:r><w:r><w:rPr><w:rFonts w:ascii='Symbol'/></w:rPr><w:t>\u{f0a3}</w:t></w:r>\
             <w:r><w:sym w:font='Segoe UI Symbol' w:char='2610'/></w:r><w:r><w:sym w:font='Webdings' w:char='F061'/></w:r></w:p>",
        );
        let file = docx(&[("word/document.xml", &body)]);
        let done = crate::read_document(file.path(), "x.docx", &Limits::default()).unwrap();
        assert_eq!(done.blocks[0].text, "Số dư ≥ 50 ☑≤☐");
        let keys: Vec<_> = done.warnings.iter().map(|w| w.key.as_str()).collect();
        assert_eq!(keys, ["intake.warning.symbol_unknown"]);
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
