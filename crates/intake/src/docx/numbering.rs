//! Lists of a Word document: which number the next paragraph bears.
//!
//! Not here: which list a paragraph belongs to (`docx`, `styles`). Surprise: two lists (`num`) of one pattern
//! (`abstractNum`) go on counting where the other stopped, unless the second says where it starts; and a level that
//! is told to never begins anew, so that Điều 5 follows Điều 4 over the next Chương.

use std::collections::{HashMap, HashSet};

use quick_xml::Reader;
use quick_xml::events::Event;

use super::styles::{Styles, is_on, small};
use crate::xml::attribute;

/// Levels of a list that Word knows.
const LEVELS: u8 = 9;

#[derive(Default)]
pub(super) struct Numbering {
    patterns: HashMap<String, Pattern>,
    lists: HashMap<String, List>,
    counts: HashMap<(String, u8), u64>,
    begun: HashSet<String>,
}

#[derive(Default)]
struct Pattern {
    levels: HashMap<u8, NumberLevel>,
    /// This pattern is the one of a list style …
    is_of_style: Option<String>,
    /// … or stands for the one of a list style.
    stands_for: Option<String>,
}

#[derive(Default)]
struct List {
    pattern: String,
    levels: HashMap<u8, NumberLevel>,
    starts: HashMap<u8, u64>,
}

#[derive(Clone, Default)]
struct NumberLevel {
    format: String,
    text: String,
    start: u64,
    style: Option<String>,
    /// Begins anew after a paragraph of this level (from 1) or above; 0 never; else after any above.
    restart: Option<u8>,
    is_plain: bool,
}

impl Numbering {
    pub(super) fn read(bytes: &[u8]) -> Numbering {
        let mut numbering = Numbering::default();
        let (mut pattern_id, mut list_id, mut depth) = (String::new(), String::new(), 0_u8);
        let (mut pattern, mut list) = (Pattern::default(), List::default());
        let mut level = NumberLevel::default();
        let mut is_list = false;
        let mut reader = Reader::from_reader(bytes);
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(element) | Event::Empty(element)) => {
                    let value = || attribute(&element, "val").unwrap_or_default();
                    match element.local_name().as_ref() {
                        "abstractNum" => {
                            is_list = false;
                            pattern_id = attribute(&element, "abstractNumId").unwrap_or_default();
                            pattern = Pattern::default();
                        }
                        "styleLink" => pattern.is_of_style = Some(value()),
                        "numStyleLink" => pattern.stands_for = Some(value()),
                        "num" => {
                            is_list = true;
                            list_id = attribute(&element, "numId").unwrap_or_default();
                            list = List::default();
                        }
                        "abstractNumId" => list.pattern = value(),
                        "lvlOverride" => depth = small(attribute(&element, "ilvl")),
                        "startOverride" => {
                            list.starts.insert(depth, value().parse().unwrap_or(1));
                        }
                        "lvl" => {
                            depth = small(attribute(&element, "ilvl"));
                            level = NumberLevel {
                                start: 1,
                                ..NumberLevel::default()
                            };
                        }
                        "start" => level.start = value().parse().unwrap_or(1),
                        "numFmt" => level.format = value(),
                        "lvlText" => level.text = value(),
                        "pStyle" => level.style = Some(value()),
                        "lvlRestart" => level.restart = Some(small(Some(value()))),
                        "isLgl" => level.is_plain = is_on(&element),
                        _ => {}
                    }
                }
                Ok(Event::End(element)) => match element.local_name().as_ref() {
                    "lvl" => {
                        let level = std::mem::take(&mut level);
                        let levels = if is_list {
                            &mut list.levels
                        } else {
                            &mut pattern.levels
                        };
                        levels.insert(depth, level);
                    }
                    "abstractNum" => {
                        let pattern = std::mem::take(&mut pattern);
                        numbering.patterns.insert(pattern_id.clone(), pattern);
                    }
                    "num" => {
                        numbering
                            .lists
                            .insert(list_id.clone(), std::mem::take(&mut list));
                    }
                    _ => {}
                },
                Ok(Event::Eof) | Err(_) => break, // what was read so far helps all the same
                Ok(_) => {}
            }
        }
        numbering
    }

    /// The pattern of a list, also where it only names a style that has one.
    fn pattern_of(&self, list: &str, styles: &Styles) -> Option<&str> {
        let mut id = self.lists.get(list)?.pattern.as_str();
        for _ in 0..4 {
            let Some(style) = self.patterns.get(id)?.stands_for.as_deref() else {
                break;
            };
            let mut owners = self.patterns.iter();
            let owner = owners.find(|(_, pattern)| pattern.is_of_style.as_deref() == Some(style));
            id = match owner {
                Some((owner, _)) => owner,
                None => {
                    let list = styles.find(style, |style| style.list.clone())?;
                    self.lists.get(&list)?.pattern.as_str()
                }
            };
        }
        self.patterns.get_key_value(id).map(|(id, _)| id.as_str())
    }

    fn level(&self, list: &str, pattern: &str, depth: u8) -> Option<&NumberLevel> {
        let own = self
            .lists
            .get(list)
            .and_then(|list| list.levels.get(&depth));
        own.or_else(|| self.patterns.get(pattern)?.levels.get(&depth))
    }

    /// The level of a list that a style takes when it does not say which.
    pub(super) fn depth_of_style(&self, list: &str, style: &str, styles: &Styles) -> Option<u8> {
        let pattern = self.pattern_of(list, styles)?;
        (0..LEVELS).find(|depth| {
            self.level(list, pattern, *depth)
                .is_some_and(|level| level.style.as_deref() == Some(style))
        })
    }

    /// The number or mark of the next item of a list, with a space behind it.
    pub(super) fn next(&mut self, list: &str, depth: u8, styles: &Styles) -> String {
        let Some(pattern) = self.pattern_of(list, styles).map(str::to_owned) else {
            return String::new();
        };
        let Some(level) = self.level(list, &pattern, depth).cloned() else {
            return String::new();
        };
        if self.begun.insert(list.to_owned()) {
            let starts = self.lists.get(list).map(|list| list.starts.clone());
            for (depth, start) in starts.unwrap_or_default() {
                let before = start.saturating_sub(1);
                self.counts.insert((pattern.clone(), depth), before);
            }
        }
        for deeper in depth.saturating_add(1)..LEVELS {
            let restart = self
                .level(list, &pattern, deeper)
                .and_then(|level| level.restart);
            if restart.is_none_or(|restart| depth < restart) {
                self.counts.remove(&(pattern.clone(), deeper));
            }
        }
        let count = self
            .counts
            .entry((pattern.clone(), depth))
            .or_insert(level.start.saturating_sub(1));
        *count = count.saturating_add(1);
        if level.format == "bullet" {
            return "- ".to_owned();
        }
        let mut text = level.text;
        for d in 0..LEVELS {
            let place = format!("%{}", d + 1);
            if text.contains(&place) {
                let above = self.level(list, &pattern, d);
                let start = above.map_or(1, |level| level.start);
                let key = (pattern.clone(), d);
                let number = self.counts.get(&key).copied().unwrap_or(start);
                let format = match above {
                    Some(_) if level.is_plain && d != depth => "decimal",
                    Some(above) => above.format.as_str(),
                    None => "decimal",
                };
                text = text.replace(&place, &numeral(number, format));
            }
        }
        if text.is_empty() { text } else { text + " " }
    }
}

fn numeral(number: u64, format: &str) -> String {
    match format {
        "lowerLetter" => letters(number),
        "upperLetter" => letters(number).to_uppercase(),
        "lowerRoman" => roman(number).to_lowercase(),
        "upperRoman" => roman(number),
        "decimalZero" => format!("{number:02}"),
        "numberInDash" => format!("- {number} -"),
        "vietnameseCounting" => {
            vietnamese::in_words(i64::try_from(number).unwrap_or(i64::MAX)) // no list is so long
        }
        "none" => String::new(),
        _ => number.to_string(),
    }
}

/// `z` is followed by `aa`, `bb`: the letter as often as the alphabet has been gone through, as Word writes it.
fn letters(number: u64) -> String {
    let at = number.saturating_sub(1);
    let letter = char::from(b'a' + u8::try_from(at % 26).unwrap_or(0));
    let times = usize::try_from(at / 26 + 1).unwrap_or(1).min(30);
    std::iter::repeat_n(letter, times).collect()
}

pub(crate) fn roman(number: u64) -> String {
    let mut rest = number.min(3999);
    let mut text = String::new();
    for (value, sign) in [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ] {
        while rest >= value {
            text.push_str(sign);
            rest -= value;
        }
    }
    text
}
