//! Which value a field gets, and which names nobody asked for.
//!
//! The one place that knows about items, running numbers and blanks; shared by documents and
//! spreadsheets. Not here: how the value is written.

use std::collections::BTreeSet;

use crate::Options;
use crate::data::{Data, ORDINAL, Value};
use crate::name::Name;
use crate::report::{Field, Report, note};

/// What a field becomes.
pub(crate) enum Becomes<'a> {
    /// A value of the data.
    Value(&'a Value),
    /// The running number of an item.
    Ordinal(i64),
    /// Nothing: its item has none, its list is empty, or unknown fields are wanted blank.
    Blank,
}

/// What the field becomes, in the copy of the row for `item`; none when it stays as it stands.
pub(crate) fn becomes<'a>(
    name: &Name,
    data: &'a Data,
    item: Option<usize>,
    options: &Options,
) -> Option<Becomes<'a>> {
    if !is_known(name, data) {
        return options.blank_unknown.then_some(Becomes::Blank);
    }
    let Some(list) = &name.list else {
        return data.values().get(&name.key).map(Becomes::Value);
    };
    // A kept row of an empty list has no item.
    let Some(item) = item else {
        return Some(Becomes::Blank);
    };
    let record = data.list(list).and_then(|items| items.get(item));
    match record.and_then(|record| record.get(&name.key)) {
        Some(value) => Some(Becomes::Value(value)),
        None if name.key == ORDINAL => i64::try_from(item + 1).ok().map(Becomes::Ordinal),
        None => Some(Becomes::Blank),
    }
}

/// The same as text.
pub(crate) fn of(
    name: &Name,
    data: &Data,
    item: Option<usize>,
    options: &Options,
) -> Option<String> {
    becomes(name, data, item, options).map(|what| match what {
        Becomes::Value(value) => value.text(),
        Becomes::Ordinal(number) => number.to_string(),
        Becomes::Blank => String::new(),
    })
}

/// Whether the data has the name: for a list, whether any item has (an empty list knows all).
fn is_known(name: &Name, data: &Data) -> bool {
    match &name.list {
        None => data.values().get(&name.key).is_some(),
        Some(list) => data.list(list).is_some_and(|items| {
            name.key == ORDINAL
                || items.is_empty()
                || items.iter().any(|item| item.get(&name.key).is_some())
        }),
    }
}

/// Sorts the template's fields into filled and unknown, and finds names nobody asked for.
pub(crate) fn compare(fields: &[Field], data: &Data, report: &mut Report) {
    let mut asked = BTreeSet::new();
    for field in fields {
        asked.insert(field.name.full_key());
        let into = if is_known(&field.name, data) {
            &mut report.filled
        } else {
            &mut report.unknown
        };
        note(into, &field.name, field.written, field.places.clone());
    }
    for (key, name) in data.values().names() {
        if !asked.contains(key) {
            report.missing.push(name.to_owned());
        }
    }
    for (key, name, items) in data.lists() {
        let prefix = format!("{key}.");
        if !asked.iter().any(|asked| asked.starts_with(&prefix)) {
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
