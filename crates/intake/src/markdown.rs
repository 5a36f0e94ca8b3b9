//! Markdown with front matter.
//!
//! `key: value` lines between two `---` lines become properties; `title` and `language`
//! (or `lang`) are taken from them, else the first heading is the title. Not here: turning
//! Markdown into a page (the rooms render and clean it). Surprise: raw HTML inside is
//! dropped, not read.

use files::FileKind;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::Trouble;
use crate::blocks::{Building, Extracted, Level, Limits, tidy};
use crate::text::decoded;

pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Extracted, Trouble> {
    let mut building = Building::new(FileKind::Text, limits);
    let text = decoded(bytes, None, &mut building);
    let (front, body) = split_front(&text);
    for line in front.lines() {
        if let Some((name, value)) = line.split_once(':') {
            let name = tidy(name).to_lowercase();
            let value = tidy(value);
            let value = value.trim_matches(['"', '\'']).to_owned();
            match name.as_str() {
                "title" => building.title(&value),
                "language" | "lang" => building.done.language = Some(value.clone()),
                _ => {}
            }
            building.done.properties.push((name, value));
        }
    }
    read_body(body, &mut building);
    if building.done.title.is_none() {
        let first = building
            .done
            .blocks
            .iter()
            .find(|block| matches!(block.level, Level::Heading(_)))
            .map(|block| block.text.clone());
        if let Some(first) = first {
            building.title(&first);
        }
    }
    Ok(building.finish())
}

/// Front matter and the rest; no front matter without its closing line.
fn split_front(text: &str) -> (&str, &str) {
    let Some(after) = text.strip_prefix("---\n") else {
        return ("", text);
    };
    match after.split_once("\n---\n") {
        Some((front, body)) => (front, body),
        None => match after.strip_suffix("\n---") {
            Some(front) => (front, ""),
            None => ("", text),
        },
    }
}

fn read_body(body: &str, building: &mut Building<'_>) {
    // Lines become one paragraph; a stamp stands alone in its line.
    if let Some(mark) = crate::secrecy::of_text(body) {
        building.add(Level::Paragraph, mark.words(), None);
    }
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut open = String::new();
    let mut lists: Vec<Option<u64>> = Vec::new();
    let mut level = Level::Paragraph;
    for event in Parser::new_ext(body, options) {
        match event {
            Event::Start(Tag::Heading { level: depth, .. }) => {
                flush(building, level, &mut open);
                level = Level::Heading(depth_of(depth));
            }
            Event::Start(Tag::List(first)) => {
                flush(building, level, &mut open);
                lists.push(first);
            }
            Event::End(TagEnd::List(_)) => {
                flush(building, level, &mut open);
                lists.pop();
                level = Level::Paragraph;
            }
            Event::Start(Tag::Item) => {
                flush(building, level, &mut open);
                level = Level::ListItem;
                match lists.last_mut() {
                    Some(Some(number)) => {
                        open.push_str(&format!("{number}. "));
                        *number = number.saturating_add(1);
                    }
                    _ => open.push_str("- "),
                }
            }
            Event::Start(Tag::TableRow | Tag::TableHead) => {
                flush(building, level, &mut open);
                level = Level::TableRow;
            }
            Event::End(TagEnd::TableCell) => open.push('\t'),
            Event::End(
                TagEnd::Heading(_)
                | TagEnd::Paragraph
                | TagEnd::Item
                | TagEnd::TableRow
                | TagEnd::TableHead
                | TagEnd::CodeBlock,
            ) => {
                flush(building, level, &mut open);
                level = Level::Paragraph;
            }
            Event::Text(text) | Event::Code(text) => open.push_str(&text),
            Event::SoftBreak => open.push(' '),
            Event::HardBreak => open.push('\n'),
            Event::TaskListMarker(is_done) => open.push_str(if is_done { "[x] " } else { "[ ] " }),
            _ => {}
        }
    }
    flush(building, level, &mut open);
}

fn flush(building: &mut Building<'_>, level: Level, open: &mut String) {
    building.add(level, open.trim_end_matches('\t'), None);
    open.clear();
}

fn depth_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_headings_lists_and_tables_are_read() {
        let text = "---\ntitle: Hướng dẫn\nlang: vi\nsymbol: 05-HD/MH\n---\n# Mở đầu\n\nMột\nhai.\n\n1. a\n2. b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n";
        let done = read(text.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(done.title.as_deref(), Some("Hướng dẫn"));
        assert_eq!(done.language.as_deref(), Some("vi"));
        assert_eq!(done.properties[2], ("symbol".into(), "05-HD/MH".into()));
        let told: Vec<_> = done
            .blocks
            .iter()
            .map(|b| (b.level, b.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (Level::Heading(1), "Mở đầu"),
                (Level::Paragraph, "Một hai."),
                (Level::ListItem, "1. a"),
                (Level::ListItem, "2. b"),
                (Level::TableRow, "x\ty"),
                (Level::TableRow, "1\t2"),
            ]
        );
    }
}
