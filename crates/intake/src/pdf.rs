//! PDF with a text layer.
//!
//! `pdf-extract` gives every letter with its place; the lines, words and paragraphs are
//! made here. Not here: pictures of text (a scan is accepted and warned of), showing pages.
//! Surprise: the parser panics on many broken files; each page is caught for itself, so a
//! bad page costs itself, and the worker stands behind all of it. A table of objects that is broken is made anew
//! (`rebuilt`). Lines may run in any direction: places are turned so that each is read from left to right.

mod rebuilt;
mod widths;

use std::panic::AssertUnwindSafe;
use std::path::Path;

use files::FileKind;
use pdf_extract::{Document, MediaBox, Object, OutputDev, OutputError, Transform};

use crate::Trouble;
use crate::blocks::{Building, Extracted, Level, Limits, tidy};
use crate::outline::begins_item;

pub(crate) fn read(path: &Path, limits: &Limits) -> Result<Extracted, Trouble> {
    let mut building = Building::new(FileKind::Pdf, limits);
    let mut document = load_or_rebuild(path, limits, &mut building)?;
    crate::harm::look_at_pdf(path, &document)?;
    widths::spread(&mut document);
    if let Some(title) = property(&document, b"Title") {
        building.title(&title);
    }
    building.done.language = catalog_language(&document);
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    if count == 0 {
        return Err(Trouble::new("intake.refused.no_pages", "0 pages"));
    }
    let mut read = Vec::new();
    let mut silent = 0_u32;
    for page in pages {
        if page > limits.pages {
            building.warn("cut", format!("{}/{count}", limits.pages));
            break;
        }
        let mut letters = Letters::default();
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| {
            pdf_extract::output_doc_page(&document, &mut letters, page)
        }));
        match outcome {
            Ok(Ok(())) => {}
            // The detail is read by a person in either language, so it is the page alone.
            Ok(Err(_)) | Err(_) => building.warn("page_unreadable", page),
        }
        let lines = lines_of(letters.0);
        if lines.is_empty() {
            silent += 1;
        }
        read.push((page, lines));
    }
    if usize::try_from(silent).is_ok_and(|silent| silent == read.len()) {
        building.warn("no_text_layer", format!("{count} pages"));
    } else if silent > 0 {
        building.warn("pages_without_text", silent);
    }
    repair(&mut read, &mut building);
    join(read, &mut building);
    building.done.pages = count;
    Ok(building.finish())
}

/// The document, with its table of objects made anew where it cannot be read or leads to no page.
fn load_or_rebuild(
    path: &Path,
    limits: &Limits,
    building: &mut Building<'_>,
) -> Result<Document, Trouble> {
    let first = load(|| Document::load(path));
    let is_whole = match &first {
        Ok(document) => !document.get_pages().is_empty(),
        Err(trouble) => trouble.key == "intake.refused.encrypted",
    };
    let is_small = std::fs::metadata(path).is_ok_and(|it| it.len() <= limits.input_bytes);
    if is_whole || !is_small {
        return first;
    }
    let again = std::fs::read(path)
        .ok() // what cannot be read was refused for that already
        .and_then(|bytes| rebuilt::rebuilt(&bytes))
        .and_then(|bytes| load(|| Document::load_mem(&bytes)).ok()) // the first trouble is told
        .filter(|document| !document.get_pages().is_empty());
    match again {
        Some(document) => {
            building.warn("rebuilt", "table of objects");
            Ok(document)
        }
        None => first,
    }
}

fn load(
    from: impl FnOnce() -> Result<Document, pdf_extract::Error> + std::panic::UnwindSafe,
) -> Result<Document, Trouble> {
    let loaded = std::panic::catch_unwind(from);
    let mut document = match loaded {
        Ok(Ok(document)) => document,
        Ok(Err(e)) => {
            let text = e.to_string();
            let is_locked =
                text.to_lowercase().contains("password") || text.to_lowercase().contains("decrypt");
            let key = if is_locked {
                "intake.refused.encrypted"
            } else {
                "intake.refused.broken"
            };
            return Err(Trouble::new(key, text));
        }
        Err(_) => return Err(Trouble::new("intake.refused.broken", "parser panic")),
    };
    if document.is_encrypted() {
        // Many files are locked with an empty password, against changes only.
        let opened = std::panic::catch_unwind(AssertUnwindSafe(|| document.decrypt("")));
        match opened {
            Ok(Ok(())) => {}
            Ok(Err(e)) => return Err(Trouble::new("intake.refused.encrypted", e)),
            Err(_) => return Err(Trouble::new("intake.refused.encrypted", "parser panic")),
        }
    }
    Ok(document)
}

fn property(document: &Document, name: &[u8]) -> Option<String> {
    let info = document.trailer.get(b"Info").ok()?; // a file without properties
    let info = match info {
        Object::Reference(id) => document.get_object(*id).ok()?, // a dangling reference
        other => other,
    };
    let text = info.as_dict().ok()?.get(name).ok()?.as_str().ok()?; // absent or not text
    Some(text_of(text))
}

fn catalog_language(document: &Document) -> Option<String> {
    let language = document.catalog().ok()?.get(b"Lang").ok()?.as_str().ok()?; // absent
    let language = text_of(language);
    let language = language.trim();
    let is_tag = !language.is_empty()
        && language.len() <= 35
        && language
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_tag.then(|| language.to_owned())
}

/// Text strings outside of pages: UTF-16 or UTF-8 with a mark, else nearly Latin-1.
fn text_of(bytes: &[u8]) -> String {
    crate::legacy_text::decode(bytes, Some("windows-1252")).text
}

/// One letter (or ligature) where it stands on the page; y grows upwards.
#[derive(Debug, Clone)]
struct Letter {
    x: f64,
    y: f64,
    width: f64,
    size: f64,
    /// In which direction its line runs, in degrees; x and y are turned back by it.
    turn: i32,
    text: String,
}

/// So many letters of one page are kept; a page of a newspaper has some 30,000.
const PAGE_LETTERS: usize = 400_000;

#[derive(Default)]
struct Letters(Vec<Letter>);

impl OutputDev for Letters {
    fn begin_page(
        &mut self,
        _page: u32,
        _media: &MediaBox,
        _art: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        place: &Transform,
        width: f64,
        spacing: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        // Width and height of one em on the page, whatever the page is turned or stretched.
        let stretch = place.m11.hypot(place.m12);
        let across = (stretch * font_size).abs();
        let up = (place.m21.hypot(place.m22) * font_size).abs();
        let angle = (place.m12 * font_size.signum()).atan2(place.m11 * font_size.signum());
        // Slightly skewed lines are level, as ever; only what is truly turned is turned back.
        let angle = if angle.abs() < 0.05 { 0.0 } else { angle };
        let (sin, cos) = angle.sin_cos();
        // Letters that are set wide apart have their room as a part of themselves.
        let room = if text.trim().is_empty() {
            0.0
        } else {
            spacing.max(0.0) * stretch
        };
        let letter = Letter {
            x: place.m31 * cos + place.m32 * sin,
            y: place.m32 * cos - place.m31 * sin,
            width: width * across + room,
            size: up,
            turn: degrees(angle),
            text: text.to_owned(),
        };
        let is_sane = [letter.x, letter.y, letter.width, letter.size]
            .iter()
            .all(|figure| figure.is_finite() && figure.abs() < 1e6);
        if is_sane && self.0.len() < PAGE_LETTERS {
            self.0.push(letter);
        }
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        Ok(())
    }
}

/// Whole degrees; between -180 and 180, so nothing is lost.
#[expect(clippy::cast_possible_truncation, reason = "between -180 and 180")]
fn degrees(angle: f64) -> i32 {
    angle.to_degrees().round() as i32
}

/// A line of text in the order of the file, which is the reading order in what word
/// processors write.
#[derive(Debug, Clone)]
struct Line {
    left: f64,
    right: f64,
    y: f64,
    size: f64,
    turn: i32,
    text: String,
    /// Letters with the gap before each, in letter sizes.
    letters: Vec<(f64, String)>,
}

/// A gap wider than this part of a letter's size parts words.
const WORD_GAP: f64 = 0.15;

fn lines_of(letters: Vec<Letter>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut last: Option<Letter> = None;
    for letter in letters {
        let is_blank = letter.text.trim().is_empty();
        let joined = match (&mut last, lines.last_mut()) {
            (Some(before), Some(line)) => {
                let size = line.size.max(letter.size).max(1.0);
                let end = before.x + before.width;
                let is_same_line = letter.turn == line.turn
                    && (letter.y - line.y).abs() < size * 0.5
                    && letter.x > before.x - size * 0.5
                    && letter.x - end < size * 20.0;
                // Bold made by printing twice.
                let is_echo = letter.text == before.text
                    && (letter.x - before.x).abs() < size * 0.1
                    && (letter.y - before.y).abs() < size * 0.1
                    && !is_blank;
                if is_echo {
                    continue;
                }
                // A mark is set over its letter, wherever its own place is, and the next letter follows that one.
                let is_mark = letter.text.chars().all(is_combining)
                    && letter.turn == line.turn
                    && (letter.y - line.y).abs() < size
                    && letter.x > before.x - size
                    && letter.x < end + size * 0.5;
                if is_mark && !is_blank {
                    line.letters.push((0.0, letter.text));
                    before.width = before.width.max(letter.x + letter.width - before.x);
                    continue;
                }
                if is_same_line {
                    if !is_blank {
                        line.right = line.right.max(letter.x + letter.width);
                        line.size = line.size.max(letter.size);
                    }
                    line.letters
                        .push(((letter.x - end) / size, letter.text.clone()));
                }
                is_same_line
            }
            _ => false,
        };
        if !joined && !is_blank {
            lines.push(Line {
                left: letter.x,
                right: letter.x + letter.width,
                y: letter.y,
                size: letter.size,
                turn: letter.turn,
                text: String::new(),
                letters: vec![(0.0, letter.text.clone())],
            });
        }
        if joined || !is_blank {
            last = Some(letter);
        }
    }
    for line in &mut lines {
        let text = words_of(&std::mem::take(&mut line.letters));
        line.text = tidy(&text).replace(['\n', '\t'], " ");
    }
    lines.retain(|line| !line.text.is_empty());
    lines
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

/// Letters to words: where the gap is wider than between the letters of a word.
fn words_of(letters: &[(f64, String)]) -> String {
    let usual = usual_gap(letters);
    let mut text = String::new();
    for (at, (gap, letter)) in letters.iter().enumerate() {
        if at > 0 && *gap > usual + WORD_GAP && !letter.trim().is_empty() {
            text.push(' ');
        }
        text.push_str(letter);
    }
    text
}

/// The gap between the letters of one word where a line is set wide apart, letter by letter; else none. Cells of a
/// table stand further apart than that, and figures of a form are no words.
fn usual_gap(letters: &[(f64, String)]) -> f64 {
    let mut gaps = Vec::new();
    let mut is_word = false;
    for pair in letters.windows(2) {
        let [(_, before), (gap, after)] = pair else {
            continue;
        };
        if before.trim().is_empty() || after.trim().is_empty() {
            continue;
        }
        if after.chars().all(is_combining) {
            continue;
        }
        is_word |= before.chars().chain(after.chars()).all(char::is_alphabetic);
        gaps.push(*gap);
    }
    gaps.sort_by(f64::total_cmp);
    let usual = gaps.get(gaps.len() / 2).copied().unwrap_or(0.0);
    let alike = gaps
        .iter()
        .filter(|gap| (**gap - usual).abs() < 0.1)
        .count();
    let is_spaced =
        is_word && gaps.len() >= 3 && usual > WORD_GAP && usual < 1.0 && alike * 2 > gaps.len();
    if is_spaced { usual } else { 0.0 }
}

/// Text set in the fonts of the 1990s comes out in their codes.
fn repair(pages: &mut [(u32, Vec<Line>)], building: &mut Building<'_>) {
    let sample: String = pages
        .iter()
        .flat_map(|(_, lines)| lines)
        .take(400)
        .flat_map(|line| [line.text.as_str(), "\n"])
        .collect();
    let encoding = vietnamese::detect(&sample, None);
    if encoding == vietnamese::Encoding::Unicode {
        return;
    }
    building.warn("legacy_encoding", crate::legacy_text::legacy_name(encoding));
    for line in pages.iter_mut().flat_map(|(_, lines)| lines) {
        line.text = vietnamese::to_unicode(&line.text, encoding, None);
    }
}

/// Lines to paragraphs, over page ends too.
fn join(pages: Vec<(u32, Vec<Line>)>, building: &mut Building<'_>) {
    let mut open: Option<(String, u32, Line)> = None;
    let mut breaks: Vec<u32> = Vec::new();
    for (page, mut lines) in pages {
        drop_page_number(&mut lines);
        let ends: Vec<(i32, f64)> = lines.iter().map(|line| (line.turn, line.right)).collect();
        breaks.push(page);
        for (at, line) in lines.into_iter().enumerate() {
            // The end of a full line, among those that run the same way.
            let right = ends
                .iter()
                .filter(|(turn, _)| *turn == line.turn)
                .map(|(_, right)| *right)
                .fold(f64::MIN, f64::max);
            let goes_on = open
                .as_ref()
                .is_some_and(|(text, _, last)| continues(text, last, &line, right, at == 0));
            match &mut open {
                Some((text, _, last)) if goes_on => {
                    text.push(' ');
                    text.push_str(&line.text);
                    *last = line;
                }
                _ => {
                    end(&mut open, building);
                    for page in breaks.drain(..) {
                        building.page_break(page);
                    }
                    open = Some((line.text.clone(), page, line));
                }
            }
        }
    }
    end(&mut open, building);
    for page in breaks {
        building.page_break(page);
    }
}

fn end(open: &mut Option<(String, u32, Line)>, building: &mut Building<'_>) {
    if let Some((text, page, _)) = open.take() {
        let level = if text.starts_with(['-', '+', '•', '–', '*', '●', '▪', '\u{f0b7}']) {
            Level::ListItem
        } else {
            Level::Paragraph
        };
        building.add(level, &text, Some(page));
    }
}

/// Whether a line goes on with the paragraph before it.
fn continues(text: &str, last: &Line, line: &Line, right: f64, is_new_page: bool) -> bool {
    if line.turn != last.turn || begins_item(&line.text) && !is_torn_number(text) {
        return false;
    }
    // What a paper is called begins below the line of its day, also where that line is the widest.
    if is_name(&line.text) && !is_name(&last.text) {
        return false;
    }
    let size = last.size.max(1.0);
    // The line broke because the next word had no room.
    let word = line
        .text
        .split(' ')
        .next()
        .unwrap_or_default()
        .chars()
        .count();
    let word_width = size * 0.5 * f64::from(u32::try_from(word).unwrap_or(1));
    let was_full = last.right + word_width + size * 0.3 > right;
    if is_new_page {
        let has_ended = text.ends_with(['.', ';', ':', '!', '?', '”', '"', '/']);
        return was_full && !has_ended && line.text.starts_with(char::is_lowercase);
    }
    let step = last.y - line.y;
    let is_below = step > size * 0.3 && step < size * 2.3;
    let is_same_size = (line.size - last.size).abs() < size * 0.2;
    let is_indented = line.left > last.left + size * 1.2;
    was_full && is_below && is_same_size && !is_indented
}

/// Words in capitals alone.
fn is_name(line: &str) -> bool {
    line.contains(' ')
        && line.chars().any(char::is_alphabetic)
        && !line.chars().any(char::is_lowercase)
}

/// "… theo Điều" / "5. Quy định": the number belongs to the line before.
fn is_torn_number(text: &str) -> bool {
    let last = text.rsplit(' ').next().unwrap_or_default().to_lowercase();
    matches!(
        last.as_str(),
        "điều" | "khoản" | "điểm" | "mục" | "chương" | "phần" | "số" | "ngày" | "tháng" | "năm"
    )
}

/// A number alone at the top or the foot of a page is its page number.
fn drop_page_number(lines: &mut Vec<Line>) {
    let is_number = |line: Option<&Line>| {
        line.is_some_and(|line| {
            let bare = line.text.trim_matches(['-', '–', ' ', '/']);
            !bare.is_empty() && bare.len() <= 4 && bare.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    if is_number(lines.first()) {
        lines.remove(0);
    } else if is_number(lines.last()) {
        lines.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pdf_extract::content::{Content, Operation};
    use pdf_extract::{Stream, dictionary};

    /// A document of pages, each a list of lines, in a font that every reader has.
    fn pdf(pages: &[&[&str]]) -> tempfile::NamedTempFile {
        let drawn = pages.iter().map(|lines| {
            let mut operations = vec![
                Operation::new("BT", vec![]),
                Operation::new("Tf", vec!["F1".into(), 12.into()]),
                Operation::new("Td", vec![50.into(), 700.into()]),
            ];
            for line in *lines {
                operations.push(Operation::new("Tj", vec![Object::string_literal(*line)]));
                operations.push(Operation::new("Td", vec![0.into(), (-14).into()]));
            }
            operations.push(Operation::new("ET", vec![]));
            operations
        });
        drawn_pdf(drawn.collect())
    }

    fn drawn_pdf(pages: Vec<Vec<Operation>>) -> tempfile::NamedTempFile {
        let mut document = Document::with_version("1.5");
        let root = document.new_object_id();
        let font = document.add_object(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier",
            "Encoding" => "WinAnsiEncoding",
        });
        let kids: Vec<Object> = pages
            .into_iter()
            .map(|operations| {
                let content = Content { operations }.encode().unwrap();
                let content = document.add_object(Stream::new(dictionary! {}, content));
                let page = document.add_object(dictionary! {
                    "Type" => "Page", "Parent" => root, "Contents" => content,
                    "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
                    "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
                });
                page.into()
            })
            .collect();
        let count = i64::try_from(kids.len()).unwrap();
        let tree = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
        document.objects.insert(root, Object::Dictionary(tree));
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => root });
        document.trailer.set("Root", catalog);
        let file = tempfile::NamedTempFile::new().unwrap();
        document.save(file.path()).unwrap();
        file
    }

    fn told(file: &tempfile::NamedTempFile) -> Extracted {
        crate::read_document(file.path(), "x.pdf", &Limits::default()).unwrap()
    }

    #[test]
    fn lines_become_paragraphs_and_pages_keep_their_numbers() {
        let file = pdf(&[
            &[
                "1. Chi bo hop thuong ky moi thang mot lan",
                "vao ngay dau.",
                "a) Noi dung ngan",
            ],
            &["2"],
            &["2. Trang ba"],
        ]);
        let done = told(&file);
        let texts: Vec<_> = done
            .blocks
            .iter()
            .filter(|block| !block.text.is_empty())
            .map(|block| (block.page, block.text.as_str()))
            .collect();
        assert_eq!(
            texts,
            [
                (
                    Some(1),
                    "1. Chi bo hop thuong ky moi thang mot lan vao ngay dau."
                ),
                (Some(1), "a) Noi dung ngan"),
                (Some(3), "2. Trang ba"),
            ]
        );
        assert_eq!(done.pages, 3);
    }

    #[test]
    fn a_scan_is_accepted_and_warned_of() {
        let done = told(&pdf(&[&[], &[]]));
        assert!(done.is_scan());
        assert_eq!(done.pages, 2);
    }

    #[test]
    fn rubbish_is_broken_and_nothing_worse() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"%PDF-1.7\n1 0 obj << /Type /Catalog").unwrap();
        let told = crate::read_document(file.path(), "", &Limits::default());
        assert_eq!(told.unwrap_err().key, "intake.refused.broken");
    }

    fn texts(file: &tempfile::NamedTempFile) -> Vec<String> {
        let done = read(file.path(), &Limits::default()).unwrap();
        let texts = done.blocks.into_iter().map(|block| block.text);
        texts.filter(|text| !text.is_empty()).collect()
    }

    fn say(text: &str) -> Operation {
        Operation::new("Tj", vec![Object::string_literal(text)])
    }

    fn place(figures: [i64; 6]) -> Operation {
        Operation::new("Tm", figures.map(Object::Integer).to_vec())
    }

    #[test]
    fn a_line_is_read_along_its_own_direction() {
        let mut operations = vec![
            Operation::new("BT", vec![]),
            Operation::new("Tf", vec!["F1".into(), 12.into()]),
        ];
        for (matrix, text) in [
            ([0, 1, -1, 0, 100, 50], "Ben trai"),
            ([0, 1, -1, 0, 114, 50], "dong hai"),
            ([0, -1, 1, 0, 500, 700], "Ben phai"),
            ([-1, 0, 0, -1, 400, 300], "Lon nguoc"),
            ([1, 1, -1, 1, 200, 200], "Cheo"),
            ([1, 0, 0, 1, 50, 100], "Thang"),
        ] {
            operations.push(place(matrix));
            operations.push(say(text));
        }
        operations.push(Operation::new("ET", vec![]));
        let told = texts(&drawn_pdf(vec![operations])).join("|");
        assert_eq!(told, "Ben trai dong hai|Ben phai|Lon nguoc|Cheo|Thang");
    }

    #[test]
    fn words_that_are_set_wide_apart_stay_words() {
        let mut operations = vec![
            Operation::new("BT", vec![]),
            Operation::new("Tf", vec!["F1".into(), 12.into()]),
            place([1, 0, 0, 1, 50, 700]),
            Operation::new("Tc", vec![3.into()]),
            say("gian deu tung chu"),
            Operation::new("Tc", vec![0.into()]),
            place([1, 0, 0, 1, 50, 600]),
        ];
        // The same made by steps between the letters, as other programs write it.
        let mut steps = Vec::new();
        for c in "cach deu nhau".chars() {
            steps.push(Object::string_literal(c.to_string()));
            steps.push((-300).into());
        }
        operations.push(Operation::new("TJ", vec![Object::Array(steps)]));
        operations.push(place([1, 0, 0, 1, 50, 500]));
        // Cells of a table stand further apart.
        let cells = vec![
            Object::string_literal("A"),
            (-3000).into(),
            Object::string_literal("B"),
            (-3000).into(),
            Object::string_literal("C"),
            (-3000).into(),
            Object::string_literal("D"),
        ];
        operations.push(Operation::new("TJ", vec![Object::Array(cells)]));
        operations.push(Operation::new("ET", vec![]));
        assert_eq!(
            texts(&drawn_pdf(vec![operations])),
            ["gian deu tung chu", "cach deu nhau", "A B C D"]
        );
    }

    #[test]
    fn a_mark_that_is_drawn_for_itself_parts_no_word() {
        let letter = |x: f64, y: f64, width: f64, text: &str| Letter {
            x,
            y,
            width,
            size: 12.0,
            turn: 0,
            text: text.to_owned(),
        };
        let line = lines_of(vec![
            letter(10.0, 100.0, 6.0, "t"),
            letter(16.0, 100.0, 3.0, "i"),
            letter(19.0, 100.0, 6.0, "ê"),
            letter(22.0, 103.0, 0.0, "\u{301}"),
            letter(25.0, 100.0, 6.0, "n"),
            letter(31.0, 100.0, 6.0, "g"),
            letter(41.0, 100.0, 6.0, "ơ"),
            letter(44.0, 100.0, 0.0, "\u{300}"),
            letter(47.0, 100.0, 3.0, "i"),
        ]);
        assert_eq!(line[0].text, "tiếng ời");
    }

    #[test]
    fn a_broken_table_of_objects_is_made_anew() {
        let whole = std::fs::read(pdf(&[&["Trang mot"], &["Trang hai"]]).path()).unwrap();
        let place = |bytes: &[u8], word: &[u8]| {
            let found = bytes.windows(word.len()).rposition(|at| at == word);
            found.unwrap_or_else(|| panic!("{word:?}"))
        };
        let end = place(&whole, b"\nstartxref\n");
        let table: usize = String::from_utf8_lossy(&whole[end + 11..])
            .lines()
            .next()
            .and_then(|figure| figure.parse().ok())
            .unwrap();
        let cut = whole[..table].to_vec();
        // A table as older programs write it, without the line that says what it counts.
        let mut without_head = rebuilt::rebuilt(&whole).unwrap();
        let head = place(&without_head, b"\nxref\n0 1\n") + 6;
        without_head.drain(head..head + 4);
        let mut shifted = b"%PDF-1.5\n% mot dong them vao\n".to_vec();
        shifted.extend_from_slice(&whole[9..]);
        for (name, bytes) in [
            ("no head", &without_head),
            ("cut off", &cut),
            ("shifted", &shifted),
        ] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), bytes).unwrap();
            let done = read(file.path(), &Limits::default());
            let done = done.unwrap_or_else(|e| panic!("{name}: {e:?}"));
            let text = done.plain_text();
            assert!(
                text.contains("Trang mot") && text.contains("Trang hai"),
                "{name}: {text}"
            );
            let keys: Vec<_> = done.warnings.iter().map(|w| w.key.as_str()).collect();
            assert_eq!(keys, ["intake.warning.rebuilt"], "{name}");
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"%PDF-1.5\nkhong co gi\n%%EOF").unwrap();
        let trouble = read(file.path(), &Limits::default()).unwrap_err();
        assert_eq!(trouble.key, "intake.refused.broken");
    }
}
