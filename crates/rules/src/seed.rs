//! Rule sets as files: what one office has gathered, read and loaded in one go.
//!
//! A set is TOML: sources with their rules, holidays, years. Each row has an id that its place in the
//! set decides, so loading twice adds nothing, and a row that an office has since corrected stays.
//! Every row comes in unverified: a person confirms it here, whoever confirmed it elsewhere.
//! Not here: a page for it, and writing such files.

use crate::{By, Holiday, HolidayKind, Measure, New, Rules};
use db::Tx;
use kernel::Day;
use kernel::error::{Error, Result};
use kernel::said;

/// The set that the program brings: figures of the model case, none of them confirmed.
pub const SHIPPED: &str = include_str!("../seeds/2026.toml");

/// A rule set, read.
#[derive(Debug, Clone)]
pub struct Set {
    /// Its name, which becomes the origin of its rows.
    pub name: String,
    /// Its rows with their ids.
    pub rules: Vec<(String, New)>,
    /// Days of the table of holidays.
    pub holidays: Vec<Holiday>,
}

/// What loading did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// Rows added.
    pub added: usize,
    /// Rows that were there.
    pub there: usize,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    key: String,
    #[serde(default)]
    source: Vec<Source>,
    #[serde(default)]
    holiday: Vec<FileHoliday>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    #[serde(default)]
    document: String,
    dated: Option<Day>,
    from: Day,
    #[serde(default)]
    note: String,
    rules: Vec<FileRule>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    name: String,
    #[serde(default)]
    variant: String,
    measure: String,
    value: String,
    #[serde(default)]
    clause: String,
    from: Option<Day>,
    to: Option<Day>,
    note: Option<String>,
    /// Tells rows apart that contradict each other under one name and day.
    #[serde(default)]
    nth: String,
    #[serde(default)]
    preferred: bool,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct FileHoliday {
    on: Day,
    kind: String,
    name: String,
    #[serde(default)]
    document: String,
}

/// Reads a set; what is wrong is told with the row it is in.
pub fn read(text: &str) -> std::result::Result<Set, String> {
    let file: File = toml::from_str(text).map_err(|cause| cause.to_string())?;
    let mut rules = Vec::new();
    for source in file.source {
        for rule in source.rules {
            let from_on = rule.from.unwrap_or(source.from);
            let parts = [&rule.name, &rule.variant, &from_on.to_string(), &rule.nth];
            let mut id = file.key.clone();
            for part in parts.into_iter().filter(|part| !part.is_empty()) {
                id.push('-');
                id.push_str(&part.replace(['.', '/'], "-"));
            }
            let wrong = |what: &str| format!("{id}: {what}");
            let new = New {
                measure: Measure::by_name(&rule.measure).ok_or_else(|| wrong("no such measure"))?,
                name: rule.name,
                variant: rule.variant,
                value: rule.value,
                from_on,
                to_on: rule.to.unwrap_or(Day::OPEN),
                document: source.document.clone(),
                document_on: source.dated,
                clause: rule.clause,
                origin: file.name.clone(),
                note: rule.note.unwrap_or_else(|| source.note.clone()),
                is_preferred: rule.preferred,
            };
            new.check().map_err(|trouble| wrong(&trouble.to_string()))?;
            if !kernel::id::is_id(&id) {
                return Err(wrong("the id is too long or has other letters than an id"));
            }
            if rules.iter().any(|(held, _)| *held == id) {
                return Err(wrong("stands twice: give the second an nth"));
            }
            rules.push((id, new));
        }
    }
    let mut holidays: Vec<Holiday> = Vec::new();
    for day in file.holiday {
        let wrong = |what: &str| format!("holiday {}: {what}", day.on);
        if holidays.iter().any(|held| held.on == day.on) {
            return Err(wrong("stands twice"));
        }
        holidays.push(Holiday {
            on: day.on,
            kind: HolidayKind::by_name(&day.kind).ok_or_else(|| wrong("no such kind"))?,
            name: day.name,
            document: day.document,
            origin: file.name.clone(),
        });
    }
    Ok(Set {
        name: file.name,
        rules,
        holidays,
    })
}

/// Loads a set. What an office corrected, withdrew or took back since stays so.
pub async fn load(rules: &Rules, tx: &mut Tx, set: &Set, by: By<'_>) -> Result<Loaded> {
    let mut done = Loaded { added: 0, there: 0 };
    for (id, new) in &set.rules {
        let added = rules
            .add_as(tx, id, new, "", by)
            .await?
            .map_err(|trouble| Error::fault(said!("{}: {}", id, trouble)))?;
        if added {
            done.added += 1;
        } else {
            done.there += 1;
        }
    }
    for day in &set.holidays {
        if crate::store::has_holiday(tx, day.on).await? {
            done.there += 1;
        } else {
            rules.set_holiday(tx, day, by).await?;
            done.added += 1;
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_set_can_be_read_and_every_row_says_its_source() {
        let set = read(SHIPPED).unwrap();
        assert!(set.rules.len() > 100, "{}", set.rules.len());
        for (id, new) in &set.rules {
            let has_source = !new.document.is_empty() || !new.note.is_empty();
            assert!(has_source, "{id} has neither document nor note");
            assert!(
                new.document.is_empty() || citation::parse(&new.document).is_some(),
                "{id}: {}",
                new.document
            );
        }
        for (_, new) in &set.rules {
            let measures: std::collections::BTreeSet<&str> = set
                .rules
                .iter()
                .filter(|(_, other)| other.name == new.name)
                .map(|(_, other)| other.measure.name())
                .collect();
            assert_eq!(measures.len(), 1, "{}: {measures:?}", new.name);
        }
    }
    #[test]
    fn a_wrong_file_is_told_by_its_row() {
        let head = "name = \"a\"\nkey = \"k\"\n[[source]]\nfrom = \"2026-01-01\"\nrules = [\n";
        for (row, told) in [
            (
                "{ name = \"a.b\", measure = \"weeks\", value = \"1\" }",
                "no such measure",
            ),
            (
                "{ name = \"a.b\", measure = \"days\", value = \"x\" }",
                "k-a-b-2026-01-01: the value",
            ),
            (
                "{ name = \"a.b\", measure = \"days\", value = \"1\" }, { name = \"a.b\", measure = \"days\", value = \"2\" }",
                "stands twice",
            ),
            (
                "{ name = \"a.b\", measure = \"days\", value = \"1\", colour = \"red\" }",
                "colour",
            ),
        ] {
            let error = read(&format!("{head}{row}]\n")).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
