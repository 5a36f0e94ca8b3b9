//! What a page should never have, whatever it is about: read off its HTML, for walks over all pages.
//!
//! Not here: what a browser must say (widths, colours, names by axe: `e2e/walk.test.mjs`).
//! The rule that surprises: texts of people (`.law`, `.prose`, `.rtext`) are theirs, empty headings too.

use crate::Reply;
use scraper::{ElementRef, Html, Node, Selector};
use std::collections::{BTreeMap, BTreeSet};

/// Texts that people wrote.
const THEIRS: [&str; 3] = ["law", "prose", "rtext"];
/// Letters from which on a line is a sentence.
const SENTENCE: usize = 30;

fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).unwrap();
    page.select(&selector).collect()
}

fn words(of: &ElementRef) -> String {
    let text: String = of.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn has_class(of: &ElementRef, classes: &[&str]) -> bool {
    of.value().classes().any(|class| classes.contains(&class))
}

fn within(of: &ElementRef, is: impl Fn(&ElementRef) -> bool) -> bool {
    of.ancestors()
        .filter_map(ElementRef::wrap)
        .any(|above| is(&above))
}

impl Reply {
    /// What is wrong with the page, in words; nothing for what is no page.
    pub fn flaws(&self) -> Vec<String> {
        if !self.header("content-type").starts_with("text/html") {
            return Vec::new();
        }
        let page = Html::parse_document(&self.body());
        let mut flaws = marked(&page);
        flaws.extend(empty_headings(&page));
        flaws.extend(nameless_fields(&page));
        flaws.extend(said_twice(&page));
        flaws.extend(holes(&page));
        flaws
    }
    /// Places that the side of the page marks as where the visitor is; `None` where it has no side.
    pub fn marked_places(&self) -> Option<usize> {
        self.has(".side")
            .then(|| self.all(".side a[aria-current]").len())
    }
}

fn marked(page: &Html) -> Vec<String> {
    [".side a[aria-current]", "nav.bar a[aria-current]"]
        .into_iter()
        .filter(|menu| select(page, menu).len() > 1)
        .map(|menu| format!("two places are marked: {menu}"))
        .collect()
}

/// A heading after which nothing comes before the next of its level or above.
fn empty_headings(page: &Html) -> Vec<String> {
    let Some(main) = select(page, "main").into_iter().next() else {
        return Vec::new();
    };
    let mut flaws = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for node in main.descendants() {
        let above = node.ancestors().filter_map(ElementRef::wrap);
        let in_heading = above.clone().any(|one| level(&one).is_some());
        let is_theirs = above.clone().any(|one| has_class(&one, &THEIRS));
        match node.value() {
            Node::Element(_) => {
                let Some(element) = ElementRef::wrap(node) else {
                    continue;
                };
                // The heading of a row of a list may be all that the row says.
                let is_row = above.clone().any(|one| one.value().name() == "li");
                if let Some(level) = level(&element).filter(|_| !is_theirs && !is_row) {
                    if let Some((held, text)) = open.take().filter(|(held, _)| *held >= level) {
                        flaws.push(format!(
                            "nothing under the heading of level {held} “{text}”"
                        ));
                    }
                    open = Some((level, words(&element)));
                } else if !in_heading
                    && (matches!(element.value().name(), "img" | "input" | "svg" | "canvas")
                        // Lines to write on.
                        || has_class(&element, &["lines"]))
                {
                    open = None;
                }
            }
            Node::Text(text) if !text.trim().is_empty() && !in_heading => open = None,
            _ => {}
        }
    }
    if let Some((level, text)) = open.filter(|(level, _)| *level > 1) {
        flaws.push(format!(
            "nothing under the heading of level {level} “{text}”"
        ));
    }
    flaws
}

fn level(of: &ElementRef) -> Option<usize> {
    match of.value().name() {
        "h1" => Some(1),
        "h2" => Some(2),
        "h3" => Some(3),
        "h4" => Some(4),
        _ => None,
    }
}

/// Fields without a name that is seen. Alike fields of a row or a group may have theirs said for ears alone, since
/// the head of the row or the legend of the group names them for eyes.
fn nameless_fields(page: &Html) -> Vec<String> {
    let labels = select(page, "label[for]");
    let named = |is_seen: bool| -> BTreeSet<&str> {
        (labels.iter())
            .filter(|label| !words(label).is_empty())
            .filter(|label| !is_seen || !has_class(label, &["vh"]))
            .filter_map(|label| label.value().attr("for"))
            .collect()
    };
    let (seen, heard) = (named(true), named(false));
    let mut flaws = Vec::new();
    for field in select(page, "input, select, textarea") {
        let kind = field.value().attr("type").unwrap_or_default();
        if matches!(kind, "hidden" | "submit" | "button") || field.value().attr("hidden").is_some()
        {
            continue;
        }
        let id = field.value().id();
        let is_in_group = within(&field, |above| {
            matches!(above.value().name(), "td" | "li" | "fieldset")
        });
        let is_named = id.is_some_and(|id| seen.contains(id))
            || within(&field, |above| {
                above.value().name() == "label" && !words(above).is_empty()
            })
            || field.value().attr("aria-labelledby").is_some()
            || (is_in_group
                && (field.value().attr("aria-label").is_some()
                    || id.is_some_and(|id| heard.contains(id))));
        if !is_named {
            let name = field.value().attr("name").unwrap_or_default();
            flaws.push(format!("the field “{name}” has no name that is seen"));
        }
    }
    flaws
}

/// Boxes and lists with nothing in them.
fn holes(page: &Html) -> Vec<String> {
    let thing = Selector::parse("img, input, svg, canvas").unwrap();
    select(
        page,
        "main .actions, main .panel, main ul, main ol, main dl",
    )
    .into_iter()
    .filter(|held| words(held).is_empty() && held.select(&thing).next().is_none())
    .filter(|held| !within(held, |above| has_class(above, &THEIRS)))
    .map(|held| {
        format!(
            "nothing in {}",
            held.value().attr("class").unwrap_or(held.value().name())
        )
    })
    .collect()
}

/// The same sentence in two paragraphs that are no rows of a list.
fn said_twice(page: &Html) -> Vec<String> {
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for line in select(page, "main p, main .hint") {
        let is_row = within(&line, |above| {
            matches!(
                above.value().name(),
                "li" | "tr" | "fieldset" | "form" | "template"
            ) || has_class(above, &THEIRS)
        });
        let text = words(&line);
        if !is_row && !has_class(&line, &["margin"]) && text.chars().count() >= SENTENCE {
            *said.entry(text).or_default() += 1;
        }
    }
    said.into_iter()
        .filter(|(_, times)| *times > 1)
        .map(|(text, _)| format!("said twice: “{text}”"))
        .collect()
}
