//! Rule sets as files: what one office has gathered, read and loaded in one go.
//!
//! A set is TOML: sources with their rules, holidays, years. Each row has an id that its place in the
//! set decides, so loading twice adds nothing, and a row that an office has since corrected stays.
//! Every row comes in unverified: a person confirms it here, whoever confirmed it elsewhere.
//! Not here: a page for it, and writing such files.

use crate::{By, Holiday, HolidayKind, Measure, New, Rules, Trouble};
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

/// What is wrong with a file, and where. The sentence for the person is the page's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{row}: {why}")]
pub struct Wrong {
    /// The row's id, the holiday's day, or the line of the file.
    pub row: String,
    /// What it is.
    pub why: Why,
}

/// See [`Wrong`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It is no set in TOML: in the library's words.
    #[error("{0}")]
    Unread(String),
    /// Nothing is counted so.
    #[error("no such measure")]
    Measure,
    /// No such kind of day.
    #[error("no such kind")]
    Kind,
    /// The id would be none.
    #[error("the id is too long or has other letters than an id")]
    Id,
    /// A rule of the same id stands above.
    #[error("stands twice: give the second an nth")]
    Twice,
    /// The day stands above.
    #[error("stands twice")]
    DayTwice,
    /// The row could not be kept.
    #[error("{0}")]
    Row(Trouble),
}

impl Wrong {
    fn unread(text: &str, cause: &toml::de::Error) -> Wrong {
        let before = cause.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        Wrong {
            row: line.to_string(),
            why: Why::Unread(cause.message().to_owned()),
        }
    }
}

/// Reads a set; what is wrong is told with the row it is in.
///
/// # Errors
/// The first thing that is wrong.
pub fn read(text: &str) -> std::result::Result<Set, Wrong> {
    let file: File = toml::from_str(text).map_err(|cause| Wrong::unread(text, &cause))?;
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
            let wrong = |why| Wrong {
                row: id.clone(),
                why,
            };
            let new = New {
                measure: Measure::by_name(&rule.measure).ok_or_else(|| wrong(Why::Measure))?,
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
            new.check().map_err(|trouble| wrong(Why::Row(trouble)))?;
            if !kernel::id::is_id(&id) {
                return Err(wrong(Why::Id));
            }
            if rules.iter().any(|(held, _)| *held == id) {
                return Err(wrong(Why::Twice));
            }
            rules.push((id, new));
        }
    }
    let mut holidays: Vec<Holiday> = Vec::new();
    for day in file.holiday {
        let wrong = |why| Wrong {
            row: day.on.to_string(),
            why,
        };
        if holidays.iter().any(|held| held.on == day.on) {
            return Err(wrong(Why::DayTwice));
        }
        holidays.push(Holiday {
            on: day.on,
            kind: HolidayKind::by_name(&day.kind).ok_or_else(|| wrong(Why::Kind))?,
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
            let error = read(&format!("{head}{row}]\n")).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
