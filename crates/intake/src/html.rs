//! HTML pages, the published mess included: Word markup, no charset, navigation around.
//!
//! Only text comes out, so nothing here cleans for showing (`books` and the rooms do).
//! Not here: tables for import (`table`). Surprise: when a page marks its content
//! (`main`, `article`, the full-text box of a legal database) only that is read, provided
//! that it holds a good part of the page's text.

use ego_tree::iter::Edge;
use files::FileKind;
use scraper::node::Element;
use scraper::{ElementRef, Html, Node, Selector};

use crate::Trouble;
use crate::blocks::{Building, Extracted, Level, Limits};
use crate::text::decoded;

pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Extracted, Trouble> {
    let mut building = Building::new(FileKind::Html, limits);
    let said = said_charset(bytes);
    let text = decoded(bytes, said.as_deref(), &mut building);
    if nests_absurdly(&text) {
        return Err(Trouble::new(
            "intake.refused.broken",
            "elements nested without end",
        ));
    }
    let page = Html::parse_document(&text);
    if let Some(title) = first(&page, "title") {
        building.title(&title.text().collect::<String>());
    }
    let root = page.root_element();
    building.done.language = root.value().attr("lang").map(str::to_owned);
    walk(content_of(&page), &mut building);
    Ok(building.finish())
}

/// Elements open at once beyond which no person's page goes. The tree takes time that grows with the square of the
/// depth: this many is read in a blink, twenty times as many hold a place of the queue for minutes.
const DEEPEST: usize = 10_000;

/// Whether more elements stand open at once than [`DEEPEST`]. Counted roughly, by what opens and closes; what is
/// mostly never closed and does not nest (paragraphs, cells, items, empty elements) is left out.
fn nests_absurdly(text: &str) -> bool {
    const FLAT: [&str; 24] = [
        "area", "base", "br", "col", "colgroup", "dd", "dt", "hr", "img", "input", "li", "link",
        "meta", "option", "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr",
        "wbr",
    ];
    let mut open = 0_usize;
    for part in text.split('<').skip(1) {
        let (closes, rest) = match part.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, part),
        };
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
        let name = rest
            .get(..end.unwrap_or(rest.len()).min(16))
            .unwrap_or_default();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic())
            || FLAT.iter().any(|flat| flat.eq_ignore_ascii_case(name))
        {
            continue;
        }
        open = if closes {
            open.saturating_sub(1)
        } else {
            open + 1
        };
        if open > DEEPEST {
            return true;
        }
    }
    false
}

/// The charset in the first bytes of a page.
fn said_charset(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(4096))?).to_lowercase();
    let after = head.split_once("charset=")?.1;
    let name: String = after
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    Some(name)
}

fn first<'a>(page: &'a Html, selector: &str) -> Option<ElementRef<'a>> {
    let selector = Selector::parse(selector).ok()?; // ours, and tested
    page.select(&selector).next()
}

fn content_of(page: &Html) -> ElementRef<'_> {
    let whole = first(page, "body").unwrap_or_else(|| page.root_element());
    let all = letters(whole);
    for marked in [
        "#toanvancontent",
        ".fulltext",
        "main",
        "[role=main]",
        "article",
    ] {
        if let Some(found) = first(page, marked)
            && letters(found) * 3 > all
        {
            return found;
        }
    }
    whole
}

fn letters(element: ElementRef<'_>) -> usize {
    element.text().map(str::len).sum()
}

const SKIPPED: [&str; 19] = [
    "script", "style", "noscript", "template", "nav", "header", "footer", "aside", "select",
    "button", "svg", "iframe", "object", "head", "title", "textarea", "canvas", "audio", "video",
];

const BLOCKS: [&str; 25] = [
    "p",
    "div",
    "section",
    "article",
    "main",
    "li",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "table",
    "tr",
    "tbody",
    "thead",
    "blockquote",
    "pre",
    "figure",
    "figcaption",
    "center",
    "hr",
    "address",
    "caption",
    "body",
    "html",
];

fn is_skipped(element: &Element) -> bool {
    if SKIPPED.contains(&element.name()) || element.attr("hidden").is_some() {
        return true;
    }
    if element.attr("style").is_some_and(|style| {
        style
            .to_ascii_lowercase()
            .replace(' ', "")
            .contains("display:none")
    }) {
        return true;
    }
    let marks = ["breadcrumb", "navbar", "sidebar", "menu", "footer"];
    element
        .classes()
        .chain(element.id())
        .any(|name| marks.contains(&name.to_ascii_lowercase().as_str()))
}

fn heading(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', depth @ b'1'..=b'6'] => Some(depth - b'0'),
        _ => None,
    }
}

/// Walks without recursion: a deeply nested page is only long. (Building its tree takes time
/// that grows with the square of the depth, so the absurd ones are not begun.)
fn walk(root: ElementRef<'_>, building: &mut Building<'_>) {
    let mut open = String::new();
    let mut level = Level::Paragraph;
    let mut skip_depth = 0_usize;
    let mut row_depth = 0_usize;
    let mut lists: Vec<Option<u64>> = Vec::new();
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) => {
                    let name = element.name();
                    if skip_depth > 0 {
                        skip_depth += 1;
                        continue;
                    }
                    if is_skipped(element) {
                        skip_depth = 1;
                        continue;
                    }
                    if row_depth > 0 && name != "tr" {
                        if matches!(name, "br" | "p" | "div") && !open.ends_with(['\t', ' ']) {
                            open.push(' ');
                        }
                        continue;
                    }
                    if let Some(depth) = heading(name) {
                        flush(building, level, &mut open);
                        level = Level::Heading(depth);
                    } else if name == "br" {
                        open.push('\n');
                    } else if BLOCKS.contains(&name) {
                        flush(building, level, &mut open);
                        level = match name {
                            "tr" => Level::TableRow,
                            "li" | "dt" | "dd" => Level::ListItem,
                            _ => match level {
                                Level::ListItem if name == "p" => Level::ListItem,
                                _ => Level::Paragraph,
                            },
                        };
                        match name {
                            "tr" => row_depth += 1,
                            "ol" => lists.push(Some(start_of(element))),
                            "ul" => lists.push(None),
                            "li" => open.push_str(&next_label(&mut lists)),
                            _ => {}
                        }
                    }
                }
                Node::Text(text) if skip_depth == 0 => {
                    // Line ends in the source are only spaces.
                    open.extend(
                        text.chars()
                            .map(|c| if c == '\n' || c == '\t' { ' ' } else { c }),
                    );
                }
                _ => {}
            },
            Edge::Close(node) => {
                let Node::Element(element) = node.value() else {
                    continue;
                };
                if skip_depth > 0 {
                    skip_depth -= 1;
                    continue;
                }
                let name = element.name();
                match name {
                    "tr" => {
                        row_depth = row_depth.saturating_sub(1);
                        flush(building, level, &mut open);
                        level = Level::Paragraph;
                        continue;
                    }
                    "td" | "th" if row_depth > 0 => {
                        open.push('\t');
                        continue;
                    }
                    _ if row_depth > 0 => continue,
                    "ol" | "ul" => {
                        lists.pop();
                    }
                    _ => {}
                }
                if heading(name).is_some() || BLOCKS.contains(&name) {
                    flush(building, level, &mut open);
                    level = Level::Paragraph;
                }
            }
        }
        if building.is_full {
            break;
        }
    }
    flush(building, level, &mut open);
}

fn start_of(list: &Element) -> u64 {
    list.attr("start")
        .and_then(|start| start.parse().ok()) // not a number: as if it were absent
        .unwrap_or(1)
}

fn next_label(lists: &mut [Option<u64>]) -> String {
    match lists.last_mut() {
        Some(Some(number)) => {
            let label = format!("{number}. ");
            *number = number.saturating_add(1);
            label
        }
        _ => "- ".to_owned(),
    }
}

fn flush(building: &mut Building<'_>, level: Level, open: &mut String) {
    let text = open.trim_matches(['\t', ' ']);
    // A list mark with nothing behind it.
    if !matches!(text, "-") {
        building.add(level, text, None);
    }
    open.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(page: &str) -> Vec<(Level, String)> {
        let done = read(page.as_bytes(), &Limits::default()).unwrap();
        done.blocks.into_iter().map(|b| (b.level, b.text)).collect()
    }

    #[test]
    fn scripts_and_navigation_leave_no_text() {
        let page = "<html lang=vi><title>Tên</title><nav>Trang chủ</nav><script>alert(1)</script>\
            <h2>Chương I</h2><p>Một <b>hai</b>\nba<p style='display: none'>ẩn</p><footer>x</footer>";
        assert_eq!(
            told(page),
            [
                (Level::Heading(2), "Chương I".to_owned()),
                (Level::Paragraph, "Một hai ba".to_owned()),
            ]
        );
    }

    #[test]
    fn a_table_is_read_row_by_row_and_a_list_keeps_its_numbers() {
        let page = "<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table><ol><li>x<li>y</ol>";
        assert_eq!(
            told(page),
            [
                (Level::TableRow, "a b\tc".to_owned()),
                (Level::ListItem, "1. x".to_owned()),
                (Level::ListItem, "2. y".to_owned()),
            ]
        );
    }

    #[test]
    fn a_page_nested_deeply_is_only_long() {
        let page = format!("{}đáy", "<div>".repeat(3_000));
        assert_eq!(told(&page).len(), 1);
        let page = format!("{}đáy", "<div>".repeat(200_000));
        assert!(
            read(page.as_bytes(), &Limits::default()).is_err(),
            "it ends nobody's evening"
        );
        let page = "<p>ba<br>".repeat(20_000);
        assert!(
            told(&page).len() > 10_000,
            "what is never closed is only long"
        );
    }

    #[test]
    fn an_old_page_is_read_by_the_charset_that_it_says() {
        let page = b"<meta charset=windows-1258><p>Vi\xea\xf2t Nam</p>";
        let done = read(page, &Limits::default()).unwrap();
        assert_eq!(done.blocks[0].text, "Việt Nam");
    }
}
