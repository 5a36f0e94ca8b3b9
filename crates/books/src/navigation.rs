//! Table of contents and page list: from the navigation document, the NCX, or neither.
//!
//! Only reading; paths are resolved to sections by the caller. A book without any contents
//! gets them from its headings in `open`.

use crate::dom::{Dom, NodeId, Step};
use crate::names::{Address, address, tidy};

/// A line as written: title, depth from 1, path and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) title: String,
    pub(crate) level: u8,
    pub(crate) place: Option<(String, Option<String>)>,
}

/// Contents and pages of an EPUB 3 navigation document that stands at `path`.
pub(crate) fn from_nav(dom: &Dom, path: &str) -> (Vec<Line>, Vec<Line>) {
    let mut contents = Vec::new();
    let mut pages = Vec::new();
    for nav in dom.find_all(Dom::ROOT, "nav") {
        let kind = dom.attr(nav, "epub:type").unwrap_or_default();
        let mut words = kind.split_whitespace();
        let role = dom.attr(nav, "role");
        if words.clone().any(|word| word == "toc") || role == Some("doc-toc") {
            if contents.is_empty() {
                contents = list(dom, nav, path);
            }
        } else if words.any(|word| word == "page-list") || role == Some("doc-pagelist") {
            pages = list(dom, nav, path);
        }
    }
    (contents, pages)
}

fn list(dom: &Dom, nav: NodeId, path: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut level = 0_u8;
    // The `a` or `span` that titles a line, while we are inside it.
    let mut label: Option<NodeId> = None;
    for step in dom.walk(nav) {
        match step {
            Step::Enter(id) => match dom.name(id) {
                "ol" | "ul" => level = level.saturating_add(1),
                "a" | "span" if level > 0 && label.is_none() => {
                    label = Some(id);
                    let text = tidy(&crate::text::plain(dom, id));
                    let title = if text.is_empty() {
                        alternative(dom, id)
                    } else {
                        text
                    };
                    lines.push(Line {
                        title,
                        level,
                        place: dom.attr(id, "href").and_then(|href| place(path, href)),
                    });
                }
                _ => {}
            },
            Step::Leave(id) => match dom.name(id) {
                "ol" | "ul" => level = level.saturating_sub(1),
                _ if label == Some(id) => label = None,
                _ => {}
            },
        }
    }
    lines.retain(|line| !line.title.is_empty() || line.place.is_some());
    lines
}

/// A line that is only a picture is named by its description.
fn alternative(dom: &Dom, node: NodeId) -> String {
    let image = dom.find(node, "img").and_then(|img| dom.attr(img, "alt"));
    tidy(
        image
            .or_else(|| dom.attr(node, "title"))
            .unwrap_or_default(),
    )
}

/// Contents and pages of an NCX that stands at `path`.
pub(crate) fn from_ncx(dom: &Dom, path: &str) -> (Vec<Line>, Vec<Line>) {
    let line = |node: NodeId, level: u8| {
        let label = dom
            .named(node, "navLabel")
            .next()
            .and_then(|label| dom.named(label, "text").next());
        let source = dom.named(node, "content").next();
        Line {
            title: label.map(|text| tidy(&dom.text(text))).unwrap_or_default(),
            level,
            place: source
                .and_then(|node| dom.attr(node, "src"))
                .and_then(|src| place(path, src)),
        }
    };
    let mut contents = Vec::new();
    let mut level = 0_u8;
    for step in dom.walk(Dom::ROOT) {
        match step {
            Step::Enter(id) if dom.name(id) == "navPoint" => {
                level = level.saturating_add(1);
                contents.push(line(id, level));
            }
            Step::Leave(id) if dom.name(id) == "navPoint" => level = level.saturating_sub(1),
            _ => {}
        }
    }
    let pages = dom
        .find_all(Dom::ROOT, "pageTarget")
        .map(|node| line(node, 1))
        .collect();
    (contents, pages)
}

fn place(base: &str, href: &str) -> Option<(String, Option<String>)> {
    match address(base, href) {
        Address::Inside(path, fragment) => Some((path, fragment)),
        _ => None,
    }
}
