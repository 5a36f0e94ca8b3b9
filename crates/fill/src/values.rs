//! Which value a field gets, and which names nobody asked for.
//!
//! The one place that knows about items, running numbers and blanks; shared by documents and
//! spreadsheets. Not here: how the value is written.

use std::collections::BTreeSet;

use crate::Options;
use crate::data::{Data, ORDINAL, Value};
use crate::name::Name;
use crate::report::{Field, Notes, Oddity, Report};

/// What a field becomes.
pub(crate) enum Becomes<'a> {
    /// A value of the data.
    Value(&'a Value),
    /// The running number of an item.
    Ordinal(i64),
    /// Nothing: its item has none, its list is empty, or unknown fields are wanted blank.
    Blank,
}

/// Where a field is being filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spell {
    /// In no repeated row.
    Once,
    /// In the copy of the row for an item.
    Item(usize),
    /// In the kept row of an empty list.
    Emptied,
}

/// What the field becomes; none when it stays as it stands.
pub(crate) fn becomes<'a>(
    name: &Name,
    data: &'a Data,
    spell: Spell,
    options: &Options,
) -> Option<Becomes<'a>> {
    if let Some(value) = plain(name, data) {
        return Some(Becomes::Value(value));
    }
    if !is_known(name, data) {
        return options.blank_unknown.then_some(Becomes::Blank);
    }
    let item = match spell {
        // A list outside a row: told, and left.
        Spell::Once => return None,
        Spell::Emptied => return Some(Becomes::Blank),
        Spell::Item(item) => item,
    };
    let record = name
        .list
        .as_ref()
        .and_then(|list| data.list(list)?.get(item));
    match record.and_then(|record| record.get(&name.key)) {
        Some(value) => Some(Becomes::Value(value)),
        None if name.key == ORDINAL => i64::try_from(item + 1).ok().map(Becomes::Ordinal),
        None => Some(Becomes::Blank),
    }
}

/// The same as text.
pub(crate) fn of(name: &Name, data: &Data, spell: Spell, options: &Options) -> Option<String> {
    becomes(name, data, spell, options).map(|what| what.text())
}

impl Becomes<'_> {
    /// How it reads in a sentence.
    pub(crate) fn text(&self) -> String {
        match self {
            Becomes::Value(value) => value.text(),
            Becomes::Ordinal(number) => number.to_string(),
            Becomes::Blank => String::new(),
        }
    }
}

/// Whether the data has this list: only then is a dotted name of it a field of a row.
fn is_list(name: &Name, data: &Data) -> bool {
    name.list
        .as_ref()
        .is_some_and(|list| data.list(list).is_some())
}

/// The value of a name that is of no list; `{{co_quan.ten}}` may be one.
fn plain<'a>(name: &Name, data: &'a Data) -> Option<&'a Value> {
    if is_list(name, data) {
        return None;
    }
    data.values().get(&name.full_key())
}

/// Whether the data has the name: for a list, whether any item has (an empty list knows all).
fn is_known(name: &Name, data: &Data) -> bool {
    let Some(items) = name.list.as_ref().and_then(|list| data.list(list)) else {
        return plain(name, data).is_some();
    };
    name.key == ORDINAL
        || items.is_empty()
        || items.iter().any(|item| item.get(&name.key).is_some())
}

/// Sorts the template's fields into filled and unknown, and finds names nobody asked for.
pub(crate) fn compare(fields: &[Field], data: &Data, report: &mut Report) {
    let mut asked = BTreeSet::new();
    let mut filled = Notes::default();
    for field in fields {
        asked.insert(field.name.full_key());
        if !is_known(&field.name, data) {
            report.unknown.push(field.clone());
            continue;
        }
        let needs_row = is_list(&field.name, data);
        for place in &field.places {
            if needs_row && !place.is_in_row {
                let outside = Oddity::OutsideARow(field.name.clone(), place.clone());
                report.odd.push(outside);
            } else {
                filled.add(&field.name, field.written, place.clone());
            }
        }
    }
    report.filled = filled.into_fields();
    for (key, name) in data.values().names() {
        if !asked.contains(key) {
            report.missing.push(name.to_owned());
        }
    }
    for (key, name, items) in data.lists() {
        let prefix = format!("{key}.");
        let next = asked.range(prefix.clone()..).next();
        if !next.is_some_and(|asked| asked.starts_with(&prefix)) {
            report.missing.push(name.to_owned());
            continue;
        }
        let mut seen = BTreeSet::new();
        for (own, shown) in items.iter().flat_map(|item| item.names()) {
            if !asked.contains(&format!("{key}.{own}")) && seen.insert(own) {
                report.missing.push(format!("{name}.{shown}"));
            }
        }
    }
}
