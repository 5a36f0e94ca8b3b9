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
    let mut open = Open::default();
    let mut level = Level::Paragraph;
    let mut skip_depth = 0_usize;
    let mut row_depth = 0_usize;
    let mut lists: Vec<List> = Vec::new();
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
                        if matches!(name, "br" | "p" | "div" | "li")
                            && !open.text.ends_with(['\t', ' '])
                        {
                            open.text.push(' ');
                        }
                        match name {
                            "ol" | "ul" => lists.push(list_of(element, node)),
                            "li" => open.text.push_str(&next_label(&mut lists, element)),
                            _ => {}
                        }
                        continue;
                    }
                    if let Some(depth) = heading(name) {
                        flush(building, level, &mut open);
                        level = Level::Heading(depth);
                    } else if name == "br" {
                        open.text.push('\n');
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
                            "ol" | "ul" => lists.push(list_of(element, node)),
                            "li" => open.label = next_label(&mut lists, element),
                            _ => {}
                        }
                    }
                }
                Node::Text(text) if skip_depth == 0 => {
                    // Line ends in the source are only spaces.
                    open.text.extend(
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
                        open.text.push('\t');
                        continue;
                    }
                    "ol" | "ul" => {
                        lists.pop();
                    }
                    _ => {}
                }
                if row_depth > 0 {
                    continue;
                }
                if heading(name).is_some() || BLOCKS.contains(&name) {
                    flush(building, level, &mut open);
                    level = Level::Paragraph;
                }
                if name == "li" {
                    open.label.clear(); // a mark with nothing behind it
                }
            }
        }
        if building.is_full {
            break;
        }
    }
    flush(building, level, &mut open);
}

/// A list that is open: what its next item bears.
struct List {
    next: i64,
    step: i64,
    mark: Mark,
}

/// How the items of a list are marked.
#[derive(Clone, Copy)]
enum Mark {
    Dash,
    Nothing,
    Number,
    /// `01.`
    TwoDigits,
    Letter {
        is_upper: bool,
    },
    Roman {
        is_upper: bool,
    },
}

/// What `type` or the style of a list or an item says; None where neither says anything that is known.
fn said_mark(element: &Element) -> Option<Mark> {
    let style = element.attr("style").unwrap_or_default();
    let styled = style.split(';').find_map(|rule| {
        let (name, value) = rule.split_once(':')?;
        let name = name.trim();
        (name.eq_ignore_ascii_case("list-style-type") || name.eq_ignore_ascii_case("list-style"))
            .then_some(value)
    });
    for word in styled.unwrap_or_default().split_whitespace() {
        let mark = match word.to_ascii_lowercase().as_str() {
            "none" => Mark::Nothing,
            "decimal" => Mark::Number,
            "decimal-leading-zero" => Mark::TwoDigits,
            "lower-alpha" | "lower-latin" => Mark::Letter { is_upper: false },
            "upper-alpha" | "upper-latin" => Mark::Letter { is_upper: true },
            "lower-roman" => Mark::Roman { is_upper: false },
            "upper-roman" => Mark::Roman { is_upper: true },
            "disc" | "circle" | "square" => Mark::Dash,
            _ => continue,
        };
        return Some(mark);
    }
    match element.attr("type")?.trim() {
        "1" => Some(Mark::Number),
        "a" => Some(Mark::Letter { is_upper: false }),
        "A" => Some(Mark::Letter { is_upper: true }),
        "i" => Some(Mark::Roman { is_upper: false }),
        "I" => Some(Mark::Roman { is_upper: true }),
        _ => None,
    }
}

fn whole(element: &Element, name: &str) -> Option<i64> {
    element.attr(name)?.trim().parse().ok() // not a number: as if it were absent
}

fn list_of(list: &Element, node: ego_tree::NodeRef<'_, Node>) -> List {
    let is_ordered = list.name() == "ol";
    let is_reversed = is_ordered && list.attr("reversed").is_some();
    let items = || {
        let is_item = |node: &Node| node.as_element().is_some_and(|item| item.name() == "li");
        let count = node
            .children()
            .filter(|child| is_item(child.value()))
            .count();
        i64::try_from(count).unwrap_or(i64::MAX)
    };
    List {
        next: whole(list, "start").unwrap_or_else(|| if is_reversed { items() } else { 1 }),
        step: if is_reversed { -1 } else { 1 },
        mark: said_mark(list).unwrap_or(if is_ordered { Mark::Number } else { Mark::Dash }),
    }
}

fn next_label(lists: &mut [List], item: &Element) -> String {
    let Some(list) = lists.last_mut() else {
        return "- ".to_owned();
    };
    let number = whole(item, "value").unwrap_or(list.next);
    list.next = number.saturating_add(list.step);
    let positive = u64::try_from(number).unwrap_or(0);
    // Letters and roman numerals begin at one; a browser writes other numbers as they are.
    match said_mark(item).unwrap_or(list.mark) {
        Mark::Dash => "- ".to_owned(),
        Mark::Nothing => String::new(),
        Mark::TwoDigits => format!("{number:02}. "),
        Mark::Letter { is_upper } if positive > 0 => {
            let letters = in_letters(positive);
            let letters = if is_upper {
                letters.to_uppercase()
            } else {
                letters
            };
            format!("{letters}) ")
        }
        Mark::Roman { is_upper } if (1..=3999).contains(&positive) => {
            let roman = crate::docx::roman(positive);
            let roman = if is_upper {
                roman
            } else {
                roman.to_lowercase()
            };
            format!("{roman}. ")
        }
        Mark::Number | Mark::Letter { .. } | Mark::Roman { .. } => format!("{number}. "),
    }
}

/// `a` to `z`, then `aa`, `ab`, as a browser writes it.
fn in_letters(number: u64) -> String {
    let mut rest = number;
    let mut out = Vec::new();
    while rest > 0 {
        rest -= 1;
        out.push(char::from(b'a' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    out.iter().rev().collect()
}

/// The block that is being gathered; the mark of a list item waits for the first text behind it.
#[derive(Default)]
struct Open {
    label: String,
    text: String,
}

fn flush(building: &mut Building<'_>, level: Level, open: &mut Open) {
    let text = open.text.trim_matches(['\t', ' ']);
    if text.trim().is_empty() {
        open.text.clear();
        return;
    }
    if open.label.is_empty() {
        building.add(level, text, None);
    } else {
        building.add(Level::ListItem, &format!("{}{text}", open.label), None);
    }
    open.label.clear();
    open.text.clear();
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
    fn the_items_of_a_list_bear_what_the_page_shows_before_them() {
        let texts =
            |page: &str| -> Vec<String> { told(page).into_iter().map(|(_, text)| text).collect() };
        let page = "<ol type=a><li>x<li>y</ol><ol type=I start=3><li>z</ol>\
            <ol><li value=10>m<li>n</ol><ol reversed><li>hai<li>một</ol>\
            <ol style='margin: 0; list-style-type: lower-roman' start=4><li>iv</ol>\
            <ol style='list-style: none'><li>trơn</ol><ol type=a start=27><li>q</ol>\
            <ol><li type=A>lớn<li>nhỏ</ol><ol type=a start=0><li>không</ol>";
        assert_eq!(
            texts(page),
            [
                "a) x",
                "b) y",
                "III. z",
                "10. m",
                "11. n",
                "2. hai",
                "1. một",
                "iv. iv",
                "trơn",
                "aa) q",
                "A) lớn",
                "2. nhỏ",
                "0. không"
            ]
        );
        assert_eq!(
            texts(
                "<ol type=a><li>ngoài<ol><li><p>trong</p><p>nữa</p></li></ol><li></li><li>sau</ol>"
            ),
            ["a) ngoài", "1. trong", "nữa", "c) sau"],
            "a mark stays with its text, and an empty item is counted"
        );
        assert_eq!(
            texts("<table><tr><td>a<ol type=a><li>x<li>y</ol></td><td>b</td></tr></table>"),
            ["a a) x b) y\tb"]
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
