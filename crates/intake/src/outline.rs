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
    let word = word.trim_end_matches(['.', ':', '-', '–', ',']);
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let parts = word
            .split('.')
            .all(|part| part.chars().all(char::is_alphanumeric) && part.chars().count() <= 6);
        return (parts && word.len() <= 40).then_some(word.len());
    }
    is_roman(word).then_some(word.len())
}

fn is_roman(word: &str) -> bool {
    !word.is_empty() && word.len() <= 7 && word.bytes().all(|byte| b"IVXLC".contains(&byte))
}

/// `1.`, `1.2.`, `1.2.3`, `II.`, `II-`.
fn numbered(line: &str) -> Option<(u8, &str, &str)> {
    let space = line.find(char::is_whitespace).unwrap_or(line.len());
    let (word, rest) = line.split_at(space);
    let bare = word.trim_end_matches(['.', '-', '–', '/']);
    let rest = rest.trim_start_matches(['-', '–', ' ', '.']);
    let begins_well = rest
        .chars()
        .next()
        .is_some_and(|c| c.is_uppercase() || "\"“(".contains(c));
    if !begins_well {
        return None;
    }
    if is_roman(bare) && bare.len() < word.len() {
        return Some((5, bare, rest));
    }
    let parts: Vec<&str> = bare.split('.').collect();
    let is_number = parts.iter().all(|part| {
        !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit())
    });
    let is_labelled = bare.len() < word.len() || parts.len() > 1;
    if is_number && is_labelled && parts.len() <= 5 {
        let deeper = u8::try_from(parts.len() - 1).unwrap_or(4);
        return Some((RANK_CLAUSE + deeper, bare, rest));
    }
    None
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
}
