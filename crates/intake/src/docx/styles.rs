//! Styles of a Word document: what they say of levels, fonts, lists and hidden text.
//!
//! Not here: how anything looks. Surprise: a property may stand in the style on which a style is based, in any depth,
//! and rings are a usual kind of damage.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::xml::attribute;

#[derive(Default)]
pub(super) struct Style {
    pub(super) outline: Option<u8>,
    pub(super) font: Option<String>,
    /// The list whose numbers its paragraphs bear; "0" takes them away again.
    pub(super) list: Option<String>,
    pub(super) depth: Option<u8>,
    pub(super) is_hidden: Option<bool>,
    based_on: Option<String>,
}

#[derive(Default)]
pub(super) struct Styles(HashMap<String, Style>);

impl Styles {
    pub(super) fn read(bytes: &[u8]) -> Styles {
        let mut styles = HashMap::new();
        let mut id = String::new();
        let mut style = Style::default();
        // The mark at the end of a paragraph has properties of its own, which say nothing of its text.
        let (mut in_paragraph, mut in_mark) = (false, false);
        let mut reader = Reader::from_reader(bytes);
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let event = reader.read_event_into(&mut buffer);
            let opens = matches!(event, Ok(Event::Start(_)));
            match event {
                Ok(Event::Start(element) | Event::Empty(element)) => {
                    match element.local_name().as_ref() {
                        "style" => {
                            id = attribute(&element, "styleId").unwrap_or_default();
                            style = Style::default();
                        }
                        "name" => {
                            let name = attribute(&element, "val").unwrap_or_default();
                            style.outline = style.outline.or_else(|| level_of_name(&name));
                        }
                        "basedOn" => style.based_on = attribute(&element, "val"),
                        "outlineLvl" => style.outline = outline_level(attribute(&element, "val")),
                        "rFonts" => style.font = attribute(&element, "ascii"),
                        "numId" => style.list = attribute(&element, "val"),
                        "ilvl" => style.depth = Some(small(attribute(&element, "val"))),
                        "vanish" if !in_mark => style.is_hidden = Some(is_on(&element)),
                        "pPr" if opens => in_paragraph = true,
                        "rPr" if opens && in_paragraph => in_mark = true,
                        _ => {}
                    }
                }
                Ok(Event::End(element)) => match element.local_name().as_ref() {
                    "style" => {
                        styles.insert(std::mem::take(&mut id), std::mem::take(&mut style));
                    }
                    "pPr" => in_paragraph = false,
                    "rPr" => in_mark = false,
                    _ => {}
                },
                Ok(Event::Eof) | Err(_) => break, // what was read so far helps all the same
                Ok(_) => {}
            }
        }
        Styles(styles)
    }

    /// Follows `basedOn`, at most ten steps: a ring is a usual kind of damage.
    pub(super) fn find<T>(&self, id: &str, get: impl Fn(&Style) -> Option<T>) -> Option<T> {
        self.find_in(id, get).map(|(_, value)| value)
    }

    /// As [`Styles::find`], with the name of the style that says it.
    pub(super) fn find_in<T>(
        &self,
        id: &str,
        get: impl Fn(&Style) -> Option<T>,
    ) -> Option<(&str, T)> {
        let mut at = self.0.get_key_value(id);
        for _ in 0..10 {
            let (name, style) = at?;
            if let Some(value) = get(style) {
                return Some((name, value));
            }
            at = self.0.get_key_value(style.based_on.as_deref()?);
        }
        None
    }
}

fn level_of_name(name: &str) -> Option<u8> {
    let name = name.to_lowercase();
    if name == "title" {
        return Some(1);
    }
    let digits = name.strip_prefix("heading ")?;
    digits.parse::<u8>().ok().map(|n| n.clamp(1, 6)) // "heading char" is no heading
}

pub(super) fn outline_level(value: Option<String>) -> Option<u8> {
    let level: u8 = value?.parse().ok()?; // not a number: no level
    (level < 9).then(|| (level + 1).min(6))
}

pub(super) fn small(value: Option<String>) -> u8 {
    value
        .and_then(|value| value.parse().ok()) // not a number: the outermost level
        .unwrap_or(0)
}

/// Whether a property that is yes by being there is not taken back by its value.
pub(super) fn is_on(element: &quick_xml::events::BytesStart<'_>) -> bool {
    !matches!(
        attribute(element, "val").as_deref(),
        Some("0" | "false" | "off")
    )
}
