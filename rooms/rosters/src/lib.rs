//! Lists from outside: `import roster` and `import units`, from XLSX, XLS, ODS and CSV.
//!
//! A run reads the file in a child process, plans every row, then writes it in short transactions, or
//! nothing when a row is bad. `table` finds the columns, `values` reads cells, `roster` and `units`
//! plan, `people` writes. Not here: what the command line prints (`app`), files of books or papers.
//! The rule that surprises: a value that is there is never overwritten; a row that says otherwise
//! is refused with both values, unless changes were accepted beforehand.

mod importer;
mod matching;
mod note;
mod posts;
mod roster;
mod rows;
mod sample;
mod table;
mod tree;
mod undo;
mod units;
mod values;

use kernel::Actor;
use kernel::error::Result;
use note::Note;
use site::Site;
use site::import::{Choice, Decisions, Entry, Options, Outcome, Progress, Report, Words};
use site::room::FieldChange;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The room, as `app` and tests see it.
pub fn room() -> site::Room {
    let mut room = site::Room::new(
        "rosters",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    room.importers = vec![importer::ROSTER, importer::UNITS];
    room
}

/// The columns of the two lists as the code reads them: what a field is called in a mapping file, whether a
/// list needs it, the words that head it. For the documentation.
pub fn columns() -> [(&'static str, &'static [intake::columns::Field]); 2] {
    [("roster", rows::FIELDS), ("units", units::FIELDS)]
}

/// How a list of members is to be imported.
#[derive(Debug, Clone, Default)]
pub struct RosterOptions {
    /// Id, code, external id or name of a unit. A cell: everyone goes there. A committee: names in
    /// the unit column are looked for below it.
    pub unit: Option<String>,
    /// Take what the file says where it differs from what is there.
    pub accept_changes: bool,
    /// Who imports: bounds the units to those in which they may prepare imports, and keeps logins
    /// of office holders out of reach (R4). `None`: the operator, at the command line.
    pub by: Option<Arc<Actor>>,
    /// What a person decided for doubtful rows.
    pub decided: Decisions,
    /// The upload under which what is made is remembered.
    pub run: Option<String>,
    /// Dry run, skipping bad rows, mapping file.
    pub common: Options,
}

/// How a list of units is to be imported.
#[derive(Debug, Clone, Default)]
pub struct UnitsOptions {
    /// Id, code, external id or name of the unit above those that name none.
    pub under: Option<String>,
    /// Take names, kinds, codes and addresses from the file where they differ.
    pub accept_changes: bool,
    /// Who imports; `None` for the operator.
    pub by: Option<Arc<Actor>>,
    /// What a person decided for doubtful rows.
    pub decided: Decisions,
    /// The upload under which what is made is remembered.
    pub run: Option<String>,
    /// Dry run, skipping bad rows, mapping file.
    pub common: Options,
}

/// What becomes of one row.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    line: usize,
    outcome: Outcome,
    id: String,
    message: Option<Note>,
    warnings: Vec<Note>,
    changes: Vec<FieldChange>,
    choices: Vec<Choice>,
    /// See [`Entry::way_out`].
    way_out: String,
    /// The post that the row proposes.
    post: Option<posts::Proposal>,
}

/// What becomes of a file.
#[derive(Debug, Default)]
pub(crate) struct Told {
    file: String,
    kind: &'static str,
    refusal: Option<Note>,
    notes: Vec<Note>,
    columns: Vec<(String, Note)>,
    lines: Vec<Line>,
    is_stopped: bool,
}

impl Told {
    fn refused(&self) -> usize {
        self.lines
            .iter()
            .filter(|line| line.outcome == Outcome::Refused)
            .count()
    }

    /// Nothing was written because of bad rows: says so in every good one.
    fn hold_back(&mut self) {
        let count = self.refused();
        for line in &mut self.lines {
            line.post = None;
            if matches!(line.outcome, Outcome::Added | Outcome::Updated) {
                line.outcome = Outcome::Refused;
                line.id = String::new();
                line.message = Some(Note::new("rosters-held-back").arg("count", count));
                line.changes.clear();
            }
        }
    }

    /// What a spreadsheet did to many rows alike is told once, with how many.
    fn fold(&mut self) {
        let mut counts: BTreeMap<(&'static str, &'static str), usize> = BTreeMap::new();
        let alike = |note: &Note| match note.key {
            "rosters-number-zeros" => Some((
                "rosters-number-zeros-many",
                note.keyed("field").unwrap_or_default(),
            )),
            "rosters-row-legacy" => Some(("rosters-row-legacy-many", "")),
            _ => None,
        };
        for note in self.lines.iter().flat_map(|line| &line.warnings) {
            if let Some(kind) = alike(note) {
                *counts.entry(kind).or_default() += 1;
            }
        }
        counts.retain(|_, count| *count > 1);
        for line in &mut self.lines {
            let is_told = |note: &Note| alike(note).is_some_and(|kind| counts.contains_key(&kind));
            line.warnings.retain(|note| !is_told(note));
        }
        for ((key, field), count) in counts {
            let note = Note::new(key).arg("count", count);
            self.notes.push(match field {
                "" => note,
                field => note.key("field", field),
            });
        }
    }

    fn report(mut self, words: &Words, progress: &mut dyn Progress) -> Report {
        self.fold();
        let mut report = Report {
            stopped: self.is_stopped,
            columns: (self.columns.iter())
                .map(|(header, field)| (header.clone(), field.said(words)))
                .collect(),
            ..Report::default()
        };
        let mut notes: Vec<String> = self.notes.iter().map(|note| note.said(words)).collect();
        report.notes.clone_from(&notes);
        if let Some(refusal) = &self.refusal {
            let entry = Entry {
                source: self.file.clone(),
                outcome: Outcome::Refused,
                id: String::new(),
                kind: "table".to_owned(),
                message: refusal.said(words),
                warnings: std::mem::take(&mut notes),
                ms: 0,
                changes: Vec::new(),
                choices: Vec::new(),
                answer: "",
                way_out: String::new(),
            };
            progress.step(&entry);
            report.entries.push(entry);
        }
        for line in self.lines {
            // What holds for the whole file stands with its first row: entries are rows.
            let mut warnings = std::mem::take(&mut notes);
            warnings.extend(line.warnings.iter().map(|note| note.said(words)));
            let entry = Entry {
                source: format!("{}:{}", self.file, line.line),
                outcome: line.outcome,
                id: line.id,
                kind: self.kind.to_owned(),
                message: line
                    .message
                    .map(|note| note.said(words))
                    .unwrap_or_default(),
                warnings,
                ms: 0,
                changes: line.changes,
                choices: line.choices,
                answer: "",
                way_out: line.way_out,
            };
            progress.step(&entry);
            report.entries.push(entry);
            if let Some(post) = &line.post {
                report
                    .entries
                    .push(post.entry(words, &self.file, line.line));
            }
        }
        report
    }
}

/// Imports a list of members.
///
/// Nothing is written in a dry run, when the file is refused, and when a row is refused unless
/// `skip_bad`. Running the same file again changes nothing.
///
/// # Errors
/// Faults of the database only; a file that cannot be taken is an entry of the report.
pub async fn roster(
    site: &Site,
    path: &Path,
    options: &RosterOptions,
    progress: &mut dyn Progress,
) -> Result<Report> {
    let told = roster::run(site, path, options, progress).await?;
    Ok(told.report(&options.common.words(site), progress))
}

/// Imports a list of units: parents by code, external id or name, levels in any order.
///
/// # Errors
/// Faults of the database only; a file that cannot be taken is an entry of the report.
pub async fn units(
    site: &Site,
    path: &Path,
    options: &UnitsOptions,
    progress: &mut dyn Progress,
) -> Result<Report> {
    let told = units::run(site, path, options, progress).await?;
    Ok(told.report(&options.common.words(site), progress))
}

#[cfg(test)]
mod tests;
