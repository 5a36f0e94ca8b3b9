//! Plain text: paragraphs between blank lines, or one a line.
//!
//! Not here: Markdown. Surprise: a text with blank lines between its paragraphs and short
//! lines inside them was wrapped by a mail program; its lines are joined again.

use files::FileKind;

use crate::blocks::{Building, Extracted, Level, Limits};
use crate::legacy_text::decode;
use crate::outline::begins_item;
use crate::{Trouble, legacy_text};

/// Letters of a line that was broken for want of room, at least.
const FULL: usize = 60;

pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Extracted, Trouble> {
    let mut building = Building::new(FileKind::Text, limits);
    let text = decoded(bytes, None, &mut building);
    let has_gaps = text.contains("\n\n");
    let width = text.lines().map(|line| line.chars().count()).max();
    let width = width.unwrap_or(0).max(FULL);
    let is_wrapped = has_gaps && text.lines().all(|line| line.chars().count() <= 100);
    let mut open = String::new();
    let mut above = "";
    for line in text.lines() {
        let line = line.trim();
        // Wrapped is only what was full; the short lines of a paper's head stand for themselves.
        let is_small = line.starts_with(char::is_lowercase);
        let length = above.chars().count();
        let is_short = length < width / 2 && (!is_small || is_capitals(above));
        // "An Bình, ngày 05 tháng 9 năm 2026" is no full line, and what a paper is called begins below it.
        let is_name = length < width * 4 / 5 && is_capitals(line) && !is_capitals(above);
        above = line;
        if line.is_empty() || !is_wrapped || is_short || is_name || begins_item(line) {
            add(&mut building, &mut open);
        }
        if !open.is_empty() {
            open.push(' ');
        }
        open.push_str(line);
    }
    add(&mut building, &mut open);
    Ok(building.finish())
}

fn is_capitals(line: &str) -> bool {
    line.chars().any(char::is_alphabetic) && !line.chars().any(char::is_lowercase)
}

fn add(building: &mut Building<'_>, open: &mut String) {
    let level = if open.starts_with(['-', '+', '•', '*']) {
        Level::ListItem
    } else {
        Level::Paragraph
    };
    building.add(level, open, None);
    open.clear();
}

/// Decodes and says what was odd about it. Line ends become `\n`.
pub(crate) fn decoded(bytes: &[u8], said: Option<&str>, building: &mut Building<'_>) -> String {
    let decoded = decode(bytes, said);
    if decoded.broken > 0 {
        building.warn("broken_characters", decoded.broken);
    }
    let mut text = decoded.text;
    if matches!(decoded.encoding, "tcvn3" | "vni") {
        building.warn("legacy_encoding", decoded.encoding);
    } else if let Some((repaired, encoding)) = vietnamese::repair(&text) {
        building.warn("legacy_encoding", legacy_text::legacy_name(encoding));
        text = repaired;
    }
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_lines_of_a_head_stay_apart() {
        let text = "ĐẢNG BỘ XÃ AN THỬ\nSố 203-TB/ĐU\nAn Thử, ngày 12 tháng 3 năm 2026\nTHÔNG BÁO\nvề tệp chữ\n\nNội dung họp.";
        let done = read(text.as_bytes(), &Limits::default()).unwrap();
        let texts: Vec<_> = done.blocks.iter().map(|b| b.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "ĐẢNG BỘ XÃ AN THỬ",
                "Số 203-TB/ĐU",
                "An Thử, ngày 12 tháng 3 năm 2026",
                "THÔNG BÁO",
                "về tệp chữ",
                "Nội dung họp."
            ]
        );
    }

    #[test]
    fn wrapped_lines_are_joined_and_items_are_not() {
        let text = "Chi bộ họp\nthường kỳ.\n\n- Một\n- Hai\nvà ba";
        let done = read(text.as_bytes(), &Limits::default()).unwrap();
        let texts: Vec<_> = done.blocks.iter().map(|b| b.text.as_str()).collect();
        assert_eq!(texts, ["Chi bộ họp thường kỳ.", "- Một", "- Hai và ba"]);
        assert_eq!(done.blocks[1].level, Level::ListItem);
    }
}
