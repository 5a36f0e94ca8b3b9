//! From the blocks of a file to a [`Draft`]: head, title, provisions.
//!
//! `intake` has read the file and `citation` knows heads of papers; this decides what is a provision
//! and what is a line of one. Not here: files, rows of registers, the database.
//! The rule that surprises: numbered clauses are provisions only in a text that has no larger parts.

use crate::document::{ARTICLE, Draft, PAGE_CUT, Provision, TEXT, full_title};
use citation::Kind;
use intake::{Block, Extracted, Level, Node};

/// A heading longer than this is the text itself.
const HEADING_CHARS: usize = 220;
/// A text without parts is cut into pieces of about so many characters, so that each can be found.
const PIECE_CHARS: usize = 12_000;

/// Reads a document. `name` is the file's name without its ending, the last resort for a title.
pub(crate) fn read(extracted: &Extracted, name: &str) -> Draft {
    let text = head_text(&extracted.blocks);
    let seen = citation::describe(&text);
    let kind = seen.kind.map(Kind::code).unwrap_or_default();
    let whole = casing_text(&extracted.blocks);
    let mut draft = Draft {
        symbol: match &seen.symbol {
            Some(symbol) if !seen.incomplete => symbol.canonical(),
            _ => String::new(),
        },
        kind: kind.to_owned(),
        issuer_name: issuer(&seen, &whole),
        issued_on: seen
            .issued_on
            .filter(|day| day.is_complete())
            .map(|day| day.to_string())
            .unwrap_or_default(),
        place: match seen.place.as_deref() {
            Some(place) if is_capitals(place) => named(place.split_whitespace()),
            place => place.unwrap_or_default().to_owned(),
        },
        language: extracted
            .language
            .clone()
            .map_or_else(|| "vi".to_owned(), |tag| tag.chars().take(2).collect()),
        pages: i64::from(extracted.pages),
        ..Draft::default()
    };
    let stated = extracted.title.clone().unwrap_or_default();
    draft.title = match &seen.title {
        Some(title) => printed_title(kind, title, &whole),
        None if vietnamese::has_ink(&stated) && is_title(&stated) => full_title(kind, &stated),
        None => first_heading(&extracted.blocks).unwrap_or_else(|| name.replace(['_', '-'], " ")),
    };
    let told = draft.title.chars().filter(|c| !vietnamese::turns_text(*c));
    draft.title = told.take(500).collect();
    draft.provisions = provisions(&extracted.blocks, &draft.title);
    draft.set_anchors();
    draft
}

/// Blocks out of text that was pasted: `#` begins a heading, everything else is a paragraph.
pub(crate) fn pasted(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        let depth = line.chars().take_while(|c| *c == '#').count();
        let words = line.get(depth..).unwrap_or_default().replace("**", "");
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.is_empty() {
            continue;
        }
        let level = match u8::try_from(depth) {
            Ok(depth @ 1..=6) => Level::Heading(depth),
            _ => Level::Paragraph,
        };
        blocks.push(Block {
            level,
            text: words,
            page: None,
        });
    }
    blocks
}

/// The head of a paper lies within its first blocks.
fn head_text(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks.iter().take(80) {
        text.push_str(&block.text);
        text.push('\n');
    }
    text
}

/// The text in which words are looked for as they are written in a sentence.
fn casing_text(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks.iter().filter(|block| !is_capitals(&block.text)) {
        if text.len() > CASING_BYTES {
            break;
        }
        text.push_str(&block.text);
        text.push('\n');
    }
    text
}

/// Bytes of a text in which its own words are looked for.
const CASING_BYTES: usize = 200_000;

fn is_capitals(text: &str) -> bool {
    text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_lowercase)
}

/// Words in capitals as the paper itself writes them in a sentence ("Ban Chấp hành Trung ương"), word by
/// word from the left as far as it does; the rest in small letters. `is_name`: it begins with a capital.
fn cased(printed: &str, text: &str, is_name: bool) -> String {
    if !is_capitals(printed) {
        return printed.to_owned();
    }
    let small = text.to_lowercase();
    let words: Vec<&str> = printed.split_whitespace().collect();
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let rest = words.get(at..).unwrap_or_default();
        let run = (2..=rest.len()).rev().find_map(|count| {
            let wanted = rest.get(..count)?.join(" ").to_lowercase();
            let found = written(text, &small, &wanted)?;
            Some((count, found))
        });
        let (count, word) = run.unwrap_or_else(|| (1, proper(rest.first().unwrap_or(&""))));
        out.push(word);
        at += count;
    }
    let line = out.join(" ");
    let mut letters = line.chars();
    match letters.next() {
        Some(first) if is_name => first.to_uppercase().chain(letters).collect(),
        _ => line,
    }
}

/// How a run of words stands in the text, preferring a place where some letter is a capital.
fn written(text: &str, small: &str, wanted: &str) -> Option<String> {
    if small.len() != text.len() {
        return None; // some letter changed its length; places would not agree
    }
    let mut best: Option<&str> = None;
    for (at, _) in small.match_indices(wanted).take(50) {
        let found = text.get(at..at + wanted.len())?;
        if is_capitals(found) {
            continue;
        }
        let capitals = |text: &str| text.chars().filter(|c| c.is_uppercase()).count();
        if best.is_none_or(|held| capitals(held) < capitals(found)) {
            best = Some(found);
        }
    }
    best.map(str::to_owned)
}

/// A word that is always written with a capital, or in small letters.
fn proper(word: &str) -> String {
    let small = word.to_lowercase();
    let is_proper = ["đảng", "đoàn", "việt", "nam"].contains(&small.as_str());
    let mut letters = small.chars();
    match letters.next() {
        Some(first) if is_proper => first.to_uppercase().chain(letters).collect(),
        _ => small,
    }
}

/// `Quy định thi hành Điều lệ Đảng` of a head that says QUY ĐỊNH and then THI HÀNH ĐIỀU LỆ ĐẢNG: the abstract
/// reads on after the kind, whatever letter the printer began it with.
fn printed_title(kind: &str, printed: &str, text: &str) -> String {
    let title = cased(printed, text, false);
    let mut words = title.split_whitespace();
    let (first, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let is_name = PROPER.contains(&first) || second.starts_with(char::is_uppercase);
    let name = Kind::by_code(kind).map(Kind::name).unwrap_or_default();
    let says_kind = vietnamese::fold(&title).starts_with(&vietnamese::fold(name));
    let mut letters = title.chars();
    match letters.next() {
        Some(letter)
            if letter.is_uppercase() && !name.is_empty() && !says_kind && !second.is_empty() =>
        {
            if is_name {
                return full_title(kind, &format!("{} {title}", name.to_lowercase()));
            }
            let small: String = letter.to_lowercase().chain(letters).collect();
            full_title(kind, &small)
        }
        _ => full_title(kind, &title),
    }
}

/// First words of names that keep their capital inside a sentence.
const PROPER: [&str; 12] = [
    "Đảng", "Đoàn", "Ban", "Bộ", "Ủy", "Hội", "Quốc", "Chính", "Nhà", "Điều", "Luật", "Mặt",
];

/// The body that issued it, with the party body it serves ("Ban Tổ chức Thành ủy Hà Nội").
fn issuer(seen: &citation::Described, text: &str) -> String {
    let name = cased(seen.issuer_name.as_deref().unwrap_or_default(), text, true);
    let above = seen.superior_name.as_deref().unwrap_or_default();
    let folded = vietnamese::fold(above);
    let is_part = [
        "Ban Tổ chức",
        "Ban Tuyên giáo",
        "Ủy ban Kiểm tra",
        "Văn phòng",
        "Ban Nội chính",
    ]
    .iter()
    .any(|part| vietnamese::fold(&name) == vietnamese::fold(part));
    if is_part
        && (folded.starts_with("thanh uy")
            || folded.starts_with("tinh uy")
            || folded.starts_with("dang uy"))
    {
        return format!("{name} {}", place_named(above, text));
    }
    with_place(name)
}

/// `An Thử` of `AN THỬ`.
fn named<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words
        .map(|word| {
            let small = word.to_lowercase();
            let mut letters = small.chars();
            let first = letters.next();
            first.map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect()
            })
        })
        .collect();
    words.join(" ")
}

/// A name that ends in a place: `Đảng bộ xã An Thử`.
fn with_place(name: String) -> String {
    let small = name.to_lowercase();
    let at = [
        " xã ",
        " phường ",
        " thị trấn ",
        " quận ",
        " huyện ",
        " tỉnh ",
    ]
    .into_iter()
    .filter_map(|word| Some(small.find(word)? + word.len()))
    .min();
    match at.and_then(|at| Some((name.get(..at)?, name.get(at..)?))) {
        Some((head, place)) if !place.chars().any(char::is_uppercase) => {
            format!("{head}{}", named(place.split_whitespace()))
        }
        _ => name,
    }
}

/// `Thành ủy Hà Nội`: what follows the kind of body is a place.
fn place_named(printed: &str, text: &str) -> String {
    let mut words = printed.split_whitespace();
    let kind: Vec<&str> = words.by_ref().take(2).collect();
    let kind = cased(&kind.join(" "), "", true);
    let place = named(words);
    if place.is_empty() {
        return cased(printed, text, true);
    }
    format!("{kind} {place}")
}

/// Whether a stated title was given by a person and not by a program.
fn is_title(text: &str) -> bool {
    let folded = vietnamese::fold(text);
    text.contains(' ')
        && ![
            ".doc",
            ".pdf",
            ".tmp",
            "microsoft word",
            "untitled",
            "document",
            "http",
        ]
        .iter()
        .any(|sign| folded.contains(sign))
}

fn first_heading(blocks: &[Block]) -> Option<String> {
    let heading = blocks
        .iter()
        .find(|block| matches!(block.level, Level::Heading(_)))?;
    let text = heading.text.replace('\n', " ");
    Some(text.chars().take(300).collect())
}

/// The provisions of a text, without addresses.
pub(crate) fn provisions(blocks: &[Block], title: &str) -> Vec<Provision> {
    let nodes = intake::outline(blocks);
    let mut starts: Vec<Option<&Node>> = vec![None; blocks.len()];
    let mut has_parts = false;
    for node in &nodes {
        if is_part(node, blocks) {
            has_parts = true;
            mark(&mut starts, node);
        }
    }
    if !has_parts {
        // Nothing larger: the outermost numbers are the parts.
        for node in nodes.iter().filter(|node| node.level == 1) {
            mark(&mut starts, node);
        }
    }
    let mut building = Building {
        done: Vec::new(),
        page: 0,
    };
    let mut skip = usize::MAX;
    let title_fold = vietnamese::fold(title);
    for (at, block) in blocks.iter().enumerate() {
        if let Level::PageBreak(page) = block.level {
            building.page_cut(page);
            continue;
        }
        if at == skip {
            continue;
        }
        let Some(node) = starts.get(at).copied().flatten() else {
            building.lines(block);
            continue;
        };
        let is_own_title = building.done.is_empty()
            && node.label.is_empty()
            && title_fold.contains(&vietnamese::fold(&node.title));
        if is_own_title {
            continue;
        }
        let next = blocks.get(at + 1);
        if building.begin(node, block, next) {
            skip = at + 1;
        }
    }
    building.done.retain(|p| {
        !(p.label.is_empty()
            && p.heading.is_empty()
            && crate::document::plain(&p.body).trim().is_empty())
    });
    split_long(building.done)
}

fn mark<'a>(starts: &mut [Option<&'a Node>], node: &'a Node) {
    if let Some(start) = starts.get_mut(node.block) {
        *start = Some(node);
    }
}

/// Structure, articles, headings: everything but numbered clauses of running text.
fn is_part(node: &Node, blocks: &[Block]) -> bool {
    let is_heading = blocks
        .get(node.block)
        .is_some_and(|block| matches!(block.level, Level::Heading(_)));
    let is_roman = !node.label.is_empty() && node.label.bytes().all(|b| b"IVXLC".contains(&b));
    is_heading || is_roman || word_level(&node.label).is_some()
}

fn word_level(label: &str) -> Option<i64> {
    let folded = vietnamese::fold(label);
    let levels = [
        ("phan ", 1),
        ("chuong ", 2),
        ("muc ", 3),
        ("tieu muc ", 4),
        ("dieu ", ARTICLE),
    ];
    levels
        .iter()
        .find(|(word, _)| folded.starts_with(word))
        .map(|(_, level)| *level)
}

struct Building {
    done: Vec<Provision>,
    page: i64,
}

impl Building {
    fn current(&mut self) -> &mut Provision {
        if self.done.is_empty() {
            self.done.push(Provision {
                level: TEXT,
                page: self.page,
                ..Provision::default()
            });
        }
        let last = self.done.len() - 1;
        &mut self.done[last]
    }
    fn line(&mut self, line: &str) {
        let body = &mut self.current().body;
        if !body.is_empty() {
            body.push('\n');
        }
        body.push_str(line);
    }
    fn lines(&mut self, block: &Block) {
        if block.level == Level::TableRow {
            return self.line(&block.text.replace('\n', " "));
        }
        for line in block.text.lines().filter(|line| !line.trim().is_empty()) {
            self.line(line);
        }
    }
    fn page_cut(&mut self, page: u32) {
        self.page = i64::from(page);
        if !self.done.is_empty() {
            self.line(&format!("{PAGE_CUT}{page}"));
        }
    }
    /// Begins a provision; answers whether the next block was its heading.
    fn begin(&mut self, node: &Node, block: &Block, next: Option<&Block>) -> bool {
        let mut own = block.text.lines();
        let first = own.next().unwrap_or_default();
        let rest = first.get(node.label.len()..).unwrap_or(first);
        let rest = if node.label.is_empty() {
            first
        } else {
            rest.trim_start_matches(['.', ':', '-', '–', '/', ')', ' '])
        };
        // A page cut right before a heading belongs to what follows.
        let mut cut = None;
        if let Some(last) = self.done.last_mut() {
            let trailing = last
                .body
                .lines()
                .last()
                .filter(|line| line.starts_with(PAGE_CUT))
                .map(str::to_owned);
            if let Some(line) = trailing {
                last.body.truncate(last.body.len() - line.len());
                last.body = last.body.trim_end_matches('\n').to_owned();
                cut = Some(line);
            }
        }
        let level = word_level(&node.label).unwrap_or(if node.label.is_empty() {
            i64::from(node.level).min(5)
        } else {
            3
        });
        let mut provision = Provision {
            level,
            label: node.label.clone(),
            page: self.page,
            ..Provision::default()
        };
        let mut took_next = false;
        let is_heading_block = matches!(block.level, Level::Heading(_));
        if rest.is_empty() {
            // The heading stands in the next line.
            if let Some(next) = next
                && !node.title.is_empty()
                && !matches!(next.level, Level::PageBreak(_) | Level::TableRow)
                && next.text.chars().count() <= HEADING_CHARS
                && next.text.starts_with(&node.title)
            {
                provision.heading = next
                    .text
                    .replace('\n', " ")
                    .trim_end_matches('.')
                    .to_owned();
                took_next = true;
            }
        } else if level == ARTICLE
            && matches!(
                crate::document::line(rest),
                crate::document::Line::Clause(..)
            )
        {
            // "Điều 4. 1. …": an article without a heading, whose first clause follows at once.
            provision.body = rest.to_owned();
        } else if is_heading_block || is_heading(rest) {
            provision.heading = rest.trim_end_matches('.').to_owned();
        } else {
            provision.body = rest.to_owned();
        }
        self.done.push(provision);
        if let Some(line) = cut {
            self.line(&line);
        }
        for line in own.filter(|line| !line.trim().is_empty()) {
            self.line(line);
        }
        took_next
    }
}

fn is_heading(rest: &str) -> bool {
    rest.chars().count() <= HEADING_CHARS
        && !rest.ends_with([':', ';'])
        && !(rest.ends_with('.') && rest.split_whitespace().count() > 16)
}

/// Cuts texts that are too long to be found as one: a register of a hundred pages without numbers.
fn split_long(provisions: Vec<Provision>) -> Vec<Provision> {
    let mut out = Vec::with_capacity(provisions.len());
    for provision in provisions {
        if provision.body.len() <= 4 * PIECE_CHARS {
            out.push(provision);
            continue;
        }
        let mut piece = Provision {
            body: String::new(),
            ..provision.clone()
        };
        for line in provision.body.lines() {
            if piece.body.len() > PIECE_CHARS {
                out.push(piece);
                piece = Provision {
                    level: TEXT,
                    page: provision.page,
                    ..Provision::default()
                };
            }
            if !piece.body.is_empty() {
                piece.body.push('\n');
            }
            piece.body.push_str(line);
        }
        out.push(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(text: &str) -> Block {
        Block {
            level: Level::Paragraph,
            text: text.into(),
            page: None,
        }
    }

    #[test]
    fn a_head_in_capitals_is_read_as_the_paper_writes_it() {
        let body = "Quy định của Ban Chấp hành Trung ương nói về thi hành Điều lệ Đảng. Ban Tổ chức Trung ương.";
        assert_eq!(
            printed_title("regulation", "THI HÀNH ĐIỀU LỆ ĐẢNG", body),
            "Quy định thi hành Điều lệ Đảng"
        );
        assert_eq!(
            cased("BAN CHẤP HÀNH TRUNG ƯƠNG", body, true),
            "Ban Chấp hành Trung ương"
        );
        assert_eq!(cased("BAN TỔ CHỨC", body, true), "Ban Tổ chức");
        assert_eq!(
            printed_title(
                "guidance",
                "Nghiệp vụ công tác tổ chức đảng và đảng viên",
                body
            ),
            "Hướng dẫn nghiệp vụ công tác tổ chức đảng và đảng viên"
        );
        assert_eq!(
            printed_title("regulation", "Đảng viên đi làm ăn xa", ""),
            "Quy định Đảng viên đi làm ăn xa"
        );
        assert_eq!(printed_title("law", "Luật Đất đai", ""), "Luật Đất đai");
        assert_eq!(
            printed_title("notice", "về lịch họp", ""),
            "Thông báo về lịch họp"
        );
        assert_eq!(with_place("Đảng bộ xã an thử".into()), "Đảng bộ xã An Thử");
        assert_eq!(place_named("THÀNH ỦY HÀ NỘI", ""), "Thành ủy Hà Nội");
    }

    #[test]
    fn articles_hold_their_clauses_and_chapters_their_names() {
        let blocks: Vec<Block> = [
            "Để có nền nếp chung, Đảng ủy quy định như sau.",
            "Chương I. Quy định chung",
            "Điều 1. Phạm vi",
            "1. Việc thứ nhất.",
            "a) chuẩn bị;",
            "Điều 2",
            "YÊU CẦU",
            "1. Đúng kỳ.",
        ]
        .iter()
        .map(|text| paragraph(text))
        .collect();
        let found = provisions(&blocks, "Quy định thử");
        let told: Vec<_> = found
            .iter()
            .map(|p| (p.level, p.title(), p.body.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (
                    TEXT,
                    "Để có nền nếp chung, Đảng ủy quy định như sau".into(),
                    "Để có nền nếp chung, Đảng ủy quy định như sau."
                ),
                (2, "Chương I. Quy định chung".into(), ""),
                (
                    ARTICLE,
                    "Điều 1. Phạm vi".into(),
                    "1. Việc thứ nhất.\na) chuẩn bị;"
                ),
                (ARTICLE, "Điều 2. YÊU CẦU".into(), "1. Đúng kỳ."),
            ]
        );
    }
    #[test]
    fn an_article_that_is_one_sentence_keeps_it_as_text() {
        let sentence = "Cơ quan nhà nước có thẩm quyền chịu trách nhiệm thi hành quy định này kể từ ngày ký và báo cáo hằng năm.";
        let found = provisions(&[paragraph(&format!("Điều 9. {sentence}"))], "");
        assert_eq!(
            (found[0].title().as_str(), found[0].body.as_str()),
            ("Điều 9", sentence)
        );
    }
    #[test]
    fn a_clause_right_behind_the_number_of_its_article_is_a_clause() {
        let blocks: Vec<Block> = [
            "Điều 2.Không có dấu cách",
            "Nội dung.",
            "Điều 4. 1. Khoản đứng ngay sau số điều.",
            "2. Khoản hai.",
            "2a. Khoản chèn thêm.",
        ]
        .iter()
        .map(|text| paragraph(text))
        .collect();
        let found = provisions(&blocks, "Quy định thử");
        let told: Vec<_> = found
            .iter()
            .map(|p| (p.level, p.title(), p.body.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (ARTICLE, "Điều 2. Không có dấu cách".into(), "Nội dung."),
                (
                    ARTICLE,
                    "Điều 4".into(),
                    "1. Khoản đứng ngay sau số điều.\n2. Khoản hai.\n2a. Khoản chèn thêm."
                ),
            ]
        );
    }

    #[test]
    fn numbers_are_provisions_where_nothing_is_larger() {
        let found = provisions(
            &[
                paragraph("Kính gửi: Các chi bộ"),
                paragraph("1. Hỏi từng người."),
                paragraph("2. Ghi ba điều."),
            ],
            "",
        );
        assert_eq!(found.len(), 3);
        assert_eq!(found[1].label, "1");
    }
    #[test]
    fn a_page_cut_before_a_heading_goes_with_the_heading() {
        let cut = Block {
            level: Level::PageBreak(2),
            text: String::new(),
            page: Some(2),
        };
        let blocks = [
            paragraph("Điều 1. Một"),
            paragraph("1. Chữ."),
            cut,
            paragraph("Điều 2. Hai"),
            paragraph("1. Chữ."),
        ];
        let found = provisions(&blocks, "");
        assert_eq!(found[0].body, "1. Chữ.");
        assert_eq!(found[1].body, "\u{c}2\n1. Chữ.");
        assert_eq!(found[1].page, 2);
    }
    #[test]
    fn the_title_is_not_repeated_as_a_provision() {
        let blocks =
            pasted("# Quy định về nền nếp\n\nMở đầu.\n\n### Điều 1. Phạm vi\n1. Chữ **đậm**.");
        let found = provisions(&blocks, "Quy định về nền nếp trong Khối");
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].body, "1. Chữ đậm.");
    }
    #[test]
    fn no_line_is_lost_in_cutting_a_long_text() {
        let text = (0..9_000)
            .map(|n| format!("dòng {n}"))
            .collect::<Vec<_>>()
            .join("\n");
        let pieces = split_long(vec![Provision {
            body: text.clone(),
            ..Provision::default()
        }]);
        assert!(pieces.len() > 3);
        assert_eq!(
            pieces
                .iter()
                .map(|p| p.body.as_str())
                .collect::<Vec<_>>()
                .join("\n"),
            text
        );
    }
    #[test]
    fn a_printed_head_gives_symbol_kind_day_and_title() {
        let head = "ĐẢNG BỘ XÃ AN BÌNH\nBAN CHẤP HÀNH\n*\nSố 05-NQ/ĐU\n\nĐẢNG CỘNG SẢN VIỆT NAM\nAn Bình, ngày 05 tháng 9 năm 2026\n\nNGHỊ QUYẾT\nvề thu, nộp đảng phí\n-----\nĐiều 1. Phạm vi";
        let extracted = Extracted {
            kind: files::FileKind::Text,
            title: None,
            language: None,
            blocks: head
                .lines()
                .filter(|line| !line.is_empty())
                .map(paragraph)
                .collect(),
            pages: 0,
            properties: Vec::new(),
            warnings: Vec::new(),
        };
        let draft = read(&extracted, "scan_01");
        assert_eq!(
            (
                draft.symbol.as_str(),
                draft.kind.as_str(),
                draft.issued_on.as_str()
            ),
            ("05-NQ/ĐU", "resolution", "2026-09-05")
        );
        assert_eq!(draft.title, "Nghị quyết về thu, nộp đảng phí");
        assert_eq!(draft.issuer_name, "Ban chấp hành");
    }
}
