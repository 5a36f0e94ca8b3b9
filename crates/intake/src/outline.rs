//! The outline of an official text, recognised by how its parts are numbered.
//!
//! Phần, Chương, Mục, Tiểu mục, Điều, roman numerals and khoản, also where the file has no
//! headings (PDF, plain text). Not here: references to such parts (`citation`). Surprise:
//! levels are relative: the largest kind of part that a text has is its level 1.

use serde::{Deserialize, Serialize};

use crate::{Block, Level};

/// One line of the outline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// `Chương II`, `Điều 5`, `1.2`; empty for a heading without a number.
    pub label: String,
    /// What it is about, at most 200 characters; may be empty.
    pub title: String,
    /// From 1, without gaps.
    pub level: u8,
    /// Index of the block that it begins with.
    pub block: usize,
}

const TITLE_CHARS: usize = 200;

/// Reads the outline out of the blocks of a document.
pub fn outline(blocks: &[Block]) -> Vec<Node> {
    let mut found: Vec<(u8, Node)> = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let depth = match block.level {
            Level::TableRow | Level::PageBreak(_) => continue,
            Level::Heading(depth) => Some(depth),
            Level::Paragraph | Level::ListItem => None,
        };
        let first = block.text.lines().next().unwrap_or_default();
        let part = part_of(first);
        let (rank, label, rest) = match (part, depth) {
            (Some(part), _) => part,
            (None, Some(depth)) => (depth, "", first),
            (None, None) => continue,
        };
        let mut title = rest.to_owned();
        if title.is_empty() && rank < RANK_CLAUSE {
            title = title_behind(blocks, at);
        }
        found.push((
            rank,
            Node {
                label: label.trim_end_matches(['.', ':', ' ', '-', '–']).to_owned(),
                title: cut(&title),
                level: 0,
                block: at,
            },
        ));
    }
    let mut ranks: Vec<u8> = found.iter().map(|(rank, _)| *rank).collect();
    ranks.sort_unstable();
    ranks.dedup();
    found
        .into_iter()
        .map(|(rank, node)| Node {
            level: u8::try_from(ranks.partition_point(|r| *r < rank) + 1).unwrap_or(u8::MAX),
            ..node
        })
        .collect()
}

/// Whether a line begins a numbered part or an item: such a line is never joined to the one
/// before it.
pub(crate) fn begins_item(line: &str) -> bool {
    let line = line.trim_start();
    part_of(line).is_some()
        || line.starts_with(['-', '+', '•', '–', '*', '●', '▪', '\u{f0b7}'])
        || letter_label(line)
}

/// `a)` or `đ)`.
fn letter_label(line: &str) -> bool {
    let mut chars = line.chars();
    chars.next().is_some_and(char::is_lowercase) && chars.next() == Some(')')
}

// Phần 1, Chương 2, Mục 3, Tiểu mục 4, roman 5, Điều 6, then by dots.
const RANK_CLAUSE: u8 = 7;

/// Rank, label and rest of a line that begins a part.
fn part_of(line: &str) -> Option<(u8, &str, &str)> {
    let words = [
        ("tiểu mục", 4),
        ("phần", 1),
        ("chương", 2),
        ("mục", 3),
        ("điều", 6),
    ];
    for (word, rank) in words {
        let Some(head) = prefix(line, word) else {
            continue;
        };
        let after = line.get(head..)?;
        let number = after.trim_start();
        // "Điều này", "phần lớn": a number must follow, and a capital must begin.
        if number.len() == after.len() || !line.starts_with(char::is_uppercase) {
            return None;
        }
        let length = number_length(number)?;
        let end = line.len() - number.len() + length;
        let rest = line.get(end..)?;
        // A reference inside a sentence ("Điều 5 của Luật này") is no heading.
        let is_alone = rest.trim().is_empty();
        let is_marked = rest.starts_with(['.', ':', '-', '–']) || rest.starts_with(" (");
        let in_capitals = rest
            .trim_start()
            .chars()
            .take(12)
            .all(|c| !c.is_lowercase());
        if is_alone || is_marked || (rank != 6 && in_capitals) {
            let rest = rest.trim_start_matches(['.', ':', '-', '–', ' ']);
            return Some((rank, line.get(..end)?, rest));
        }
        return None;
    }
    numbered(line)
}

/// Bytes of a prefix that is equal but for case.
fn prefix(line: &str, word: &str) -> Option<usize> {
    let mut chars = line.char_indices();
    for wanted in word.chars() {
        let (_, c) = chars.next()?;
        if !c.to_lowercase().eq(std::iter::once(wanted)) {
            return None;
        }
    }
    Some(chars.next().map_or(line.len(), |(at, _)| at))
}

/// Bytes of `12`, `12a`, `42.1.NĐ.3`, `IV` or `thứ nhất`.
fn number_length(text: &str) -> Option<usize> {
    if let Some(head) = prefix(text, "thứ ") {
        let word = text
            .get(head..)?
            .split(|c: char| !c.is_alphabetic())
            .next()?;
        return (!word.is_empty()).then(|| head + word.len());
    }
    let word = text.split(char::is_whitespace).next()?;
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let length = dotted_length(word);
        let rest = word.get(length..)?;
        let ends = rest.is_empty() || rest.starts_with(['.', ':', '-', '–', ',']);
        return (ends && length <= 40).then_some(length);
    }
    let end = word.find(['.', ':', '-', '–', ',']).unwrap_or(word.len());
    is_roman(word.get(..end)?).then_some(end)
}

/// Bytes of the parts of a number between dots: each begins with a digit (`12a`), or is a code between two of them
/// (`42.1.NĐ.3`). What follows the last dot without a space is text: `2.Không dấu cách`.
fn dotted_length(word: &str) -> usize {
    let mut length = 0;
    let mut parts = word
        .split_inclusive('.')
        .map(|part| (part.trim_end_matches('.'), part.len()))
        .peekable();
    let mut at = 0;
    while let Some((part, whole)) = parts.next() {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let letters = part.get(digits..).unwrap_or_default();
        let plain = letters.trim_end_matches([':', '-', '–', ',']);
        let is_number =
            digits > 0 && plain.chars().count() <= 3 && plain.chars().all(char::is_alphabetic);
        let goes_on = parts
            .peek()
            .is_some_and(|(next, _)| next.starts_with(|c: char| c.is_ascii_digit()));
        let is_code = digits == 0
            && at > 0
            && goes_on
            && (1..=6).contains(&part.chars().count())
            && part.chars().all(char::is_uppercase);
        if is_number && part.chars().count() <= 6 {
            length = at + digits + plain.len();
        } else if is_number_with_mark(part) {
            return at + digits;
        } else if !is_code {
            break;
        }
        at += whole;
    }
    length
}

/// `3:Dùng`, `3-Dùng`: a number, a mark and text without a space between them.
fn is_number_with_mark(part: &str) -> bool {
    let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < part.len() && rest.starts_with([':', '-', '–', ','])
}

fn is_roman(word: &str) -> bool {
    !word.is_empty() && word.len() <= 7 && word.bytes().all(|byte| b"IVXLC".contains(&byte))
}

/// `1.`, `2a.`, `1.2.`, `1.2.3`, `II.`, `II-`, also when no space follows: `1.Không`.
fn numbered(line: &str) -> Option<(u8, &str, &str)> {
    let space = line.find(char::is_whitespace).unwrap_or(line.len());
    let word = line.get(..space)?;
    let end = label_end(word);
    let (label, rest) = line.split_at(end);
    let is_tight = end < space;
    let bare = label.trim_end_matches(['.', '-', '–', '/']);
    let rest = rest.trim_start_matches(['-', '–', ' ', '\u{a0}', '\t', '.']);
    let begins_well = rest
        .chars()
        .next()
        .is_some_and(|c| c.is_uppercase() || "\"“(".contains(c));
    // "V.I.Lênin", "C.Mác": initials of a name.
    let is_initial = is_tight
        && (bare.len() == 1 && !"IVX".contains(bare)
            || rest.chars().nth(1).is_some_and(|c| !c.is_alphabetic()));
    if !begins_well {
        return None;
    }
    if is_roman(bare) && bare.len() < label.len() && !is_initial {
        return Some((5, bare, rest));
    }
    let parts: Vec<&str> = bare.split('.').collect();
    let is_number = parts.iter().enumerate().all(|(at, part)| {
        // A letter behind the last number: a clause that was put in later (`2a.`).
        let digits = if at + 1 == parts.len() {
            part.trim_end_matches(|c: char| c.is_lowercase())
        } else {
            part
        };
        !digits.is_empty()
            && digits.len() <= 3
            && part.chars().count() <= digits.len() + 1
            && digits.bytes().all(|b| b.is_ascii_digit())
    });
    let is_labelled = bare.len() < label.len() || parts.len() > 1;
    if is_number && is_labelled && parts.len() <= 5 {
        let deeper = u8::try_from(parts.len() - 1).unwrap_or(4);
        return Some((RANK_CLAUSE + deeper, bare, rest));
    }
    None
}

/// Where the label of a word ends: the whole word, or the mark after which text follows without a space.
fn label_end(word: &str) -> usize {
    let mut after_mark = false;
    for (at, c) in word.char_indices() {
        if after_mark && !c.is_ascii_digit() && !".-–/".contains(c) {
            // `1.Không`; an initial in a number (`1.A.2`) is left to the whole word.
            let head = word.get(..at).unwrap_or_default();
            let bare = head.trim_end_matches(['.', '-', '–', '/']);
            let is_head = is_roman(bare) || bare.starts_with(|c: char| c.is_ascii_digit());
            return if is_head && c.is_uppercase() {
                at
            } else {
                word.len()
            };
        }
        after_mark = ".-–/".contains(c);
    }
    word.len()
}

/// The title of a part whose first line is only its number: the next block, when it is
/// short or in capitals and begins no part of its own.
fn title_behind(blocks: &[Block], at: usize) -> String {
    let lines = blocks.get(at).map(|block| block.text.lines().skip(1));
    if let Some(line) = lines.and_then(|mut lines| lines.next()) {
        return line.to_owned();
    }
    let next = blocks
        .iter()
        .skip(at + 1)
        .find(|block| !matches!(block.level, Level::PageBreak(_)));
    match next {
        Some(block)
            if block.level != Level::TableRow
                && part_of(&block.text).is_none()
                && (!block.text.chars().any(char::is_lowercase)
                    || matches!(block.level, Level::Heading(_))) =>
        {
            block.text.replace('\n', " ")
        }
        _ => String::new(),
    }
}

fn cut(title: &str) -> String {
    if title.chars().count() <= TITLE_CHARS {
        return title.to_owned();
    }
    let head: String = title.chars().take(TITLE_CHARS - 1).collect();
    let end = head.rfind(' ').unwrap_or(head.len());
    format!("{}…", head.get(..end).unwrap_or(&head))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[&str]) -> Vec<Block> {
        text.iter()
            .map(|line| Block {
                level: Level::Paragraph,
                text: (*line).to_owned(),
                page: None,
            })
            .collect()
    }

    fn told(text: &[&str]) -> Vec<(u8, String, String)> {
        outline(&lines(text))
            .into_iter()
            .map(|node| (node.level, node.label, node.title))
            .collect()
    }

    fn line(level: u8, label: &str, title: &str) -> (u8, String, String) {
        (level, label.to_owned(), title.to_owned())
    }

    #[test]
    fn a_law_without_headings_has_its_chapters_articles_and_clauses() {
        assert_eq!(
            told(&[
                "Chương I",
                "QUY ĐỊNH CHUNG",
                "Điều 1. Phạm vi điều chỉnh",
                "1. Nghị định này quy định về công tác văn thư.",
                "Điều này áp dụng cho mọi cơ quan.",
                "a) Công văn;",
                "Điều 5 của Luật này được sửa đổi.",
            ]),
            [
                line(1, "Chương I", "QUY ĐỊNH CHUNG"),
                line(2, "Điều 1", "Phạm vi điều chỉnh"),
                line(3, "1", "Nghị định này quy định về công tác văn thư."),
            ]
        );
    }

    #[test]
    fn a_guidance_by_numbers_has_levels_without_gaps() {
        assert_eq!(
            told(&[
                "PHẦN THỨ NHẤT",
                "VỀ CÔNG TÁC TỔ CHỨC ĐẢNG",
                "I. THÀNH LẬP TỔ CHỨC ĐẢNG",
                "1. Căn cứ và nguyên tắc",
                "1.1. Căn cứ",
                "2025 là năm đại hội.",
            ]),
            [
                line(1, "PHẦN THỨ NHẤT", "VỀ CÔNG TÁC TỔ CHỨC ĐẢNG"),
                line(2, "I", "THÀNH LẬP TỔ CHỨC ĐẢNG"),
                line(3, "1", "Căn cứ và nguyên tắc"),
                line(4, "1.1", "Căn cứ"),
            ]
        );
    }

    #[test]
    fn what_was_put_in_later_or_typed_without_a_space_begins_a_part_too() {
        assert_eq!(
            told(&[
                "Chương I.QUY ĐỊNH CHUNG",
                "Điều 1. Phạm vi",
                "1.Khoản liền sau chấm.",
                "2a. Khoản chèn thêm.",
                "Điều 1a. Điều chèn thêm",
                "Điều 2.Không có dấu cách",
                "Điều 3:Liền hai chấm",
                "Điều 42.1.NĐ.3.7. Theo bộ pháp điển",
                "II.Nhiệm vụ",
                "V.I.Lênin đã viết như thế.",
                "C.Mác cũng vậy.",
                "1.5 triệu đồng.",
            ]),
            [
                line(1, "Chương I", "QUY ĐỊNH CHUNG"),
                line(3, "Điều 1", "Phạm vi"),
                line(4, "1", "Khoản liền sau chấm."),
                line(4, "2a", "Khoản chèn thêm."),
                line(3, "Điều 1a", "Điều chèn thêm"),
                line(3, "Điều 2", "Không có dấu cách"),
                line(3, "Điều 3", "Liền hai chấm"),
                line(3, "Điều 42.1.NĐ.3.7", "Theo bộ pháp điển"),
                line(2, "II", "Nhiệm vụ"),
            ]
        );
    }
}
