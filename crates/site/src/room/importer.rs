//! What a room takes from files: one description serves the command line and the browser.
//!
//! `sotay import NAME PATH` and the upload page of the importer both call [`Importer::run`]: first as
//! a dry run, whose report is the preview, then for good. Not here: reading files (`intake`, `books`),
//! the report (`site::import`), pages of uploads.
//! The rule that surprises: running again what was taken is `same`, so a stopped import is resumed by
//! running it again.

use crate::import::{Decisions, Made, Progress, Report, Words};
use crate::{Later, Site};
use kernel::error::Result;
use kernel::{Actor, Cap, Day, UnitRef};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use web::{Lang, SignedIn};

/// A kind of import.
#[derive(Clone)]
pub struct Importer {
    /// The word of the command: `roster`.
    pub name: &'static str,
    /// What it takes, for the command line's help: English, translated there (`app/text`).
    pub help: &'static str,
    /// Key of the page's heading: "Nhận danh sách đảng viên từ tệp".
    pub text: &'static str,
    /// Endings of the files that can be chosen: `.xlsx,.csv`.
    pub accept: &'static str,
    /// Key of the sentence that says what a good file has in it.
    pub hint: &'static str,
    /// The columns of the table that it reads, as its own code reads them; none where it takes no table (books).
    pub table: Option<fn() -> Vec<ImportColumn>>,
    /// The sample of what is no table: its ending, its media type, its bytes.
    pub example: Option<Example>,
    /// Key of what is said above the button that writes, where its word alone does not say what happens then
    /// ("are published at once"); empty where it does.
    pub warns: &'static str,
    /// Whether several files can be taken at once.
    pub is_many: bool,
    /// Who holds none of these anywhere is not asked further: [`Importer::may`] would say no.
    pub needs: &'static [Cap],
    /// What can be set.
    pub fields: &'static [ImportField],
    /// The route of its upload page, with at most one parameter: `/units/{id}/import`.
    pub at: &'static str,
    /// Whether this member may, and where: given the route's parameter. Hidden is not found.
    pub may: fn(Site, Arc<SignedIn>, String) -> Later<'static, Result<ImportPlace>>,
    /// Does it; a dry run changes nothing.
    pub run: RunImport,
    /// Takes back what one run added, while nothing was built on it; `None` when it cannot be.
    pub undo: Option<UndoImport>,
    /// Whether a list sent from a browser waits for somebody beside its sender who holds this over the
    /// place's unit (four eyes); `None` when it never does. The operator never waits.
    pub decides: Option<Cap>,
}

impl Importer {
    /// Whether this member may take in anything anywhere by it: a cheap question before the real one.
    pub fn may_somewhere(&self, actor: &Actor, on: Day) -> bool {
        self.needs.iter().any(|cap| actor.may_somewhere(*cap, on))
    }
}

/// A sample file that is no table: its ending, its media type, and how it is made.
pub type Example = (&'static str, &'static str, fn() -> Result<Vec<u8>>);
/// Runs an import and reports one entry a row or file.
pub type RunImport = fn(Site, ImportWish, Box<dyn Progress>) -> Later<'static, Result<Report>>;
/// Takes back what a run made, last made first; what something was built on stays and is told.
pub type UndoImport = fn(Site, ImportWish, Vec<Made>) -> Later<'static, Result<Report>>;

/// Where an import is done, as the upload page shows it.
#[derive(Debug, Clone)]
pub struct ImportPlace {
    /// The place's name: the unit's, the shelf's.
    pub name: String,
    /// Where to go back to.
    pub back: String,
    /// The unit concerned, for the log and for four eyes.
    pub unit: Option<UnitRef>,
    /// Values that the place sets: `unit`, `shelf`.
    pub set: BTreeMap<String, String>,
}

/// A column that an importer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportColumn {
    /// Words that head it; the first is the one to write.
    pub words: &'static [&'static str],
    /// Whether a table without it cannot be used.
    pub is_required: bool,
    /// What stands in it in the two rows of the sample file; `None` where the sample goes without it.
    pub sample: Option<[&'static str; 2]>,
}

impl ImportColumn {
    /// What to write at its head: the first word, with a capital.
    pub fn head(&self) -> String {
        let word = self.words.first().copied().unwrap_or_default();
        let mut letters = word.chars();
        let first = letters.next().map(char::to_uppercase);
        first.into_iter().flatten().chain(letters).collect()
    }
    /// What else heads it, a few of them.
    pub fn others(&self) -> String {
        let others = self.words.iter().skip(1).take(OTHERS).copied();
        others.collect::<Vec<_>>().join(", ")
    }
}

/// Further words of a column that are shown.
const OTHERS: usize = 3;

/// Something that can be set for an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportField {
    /// The word: `--skip-bad` on the command line, `skip_bad` in the form.
    pub name: &'static str,
    /// For the command line's help: English, translated there.
    pub help: &'static str,
    /// Key of the label on the page; empty for what only the command line may set.
    pub text: &'static str,
    /// What it takes.
    pub kind: ImportFieldKind,
}

/// What a field of an import takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFieldKind {
    /// Yes or no.
    Tick,
    /// Words; may be required.
    Text {
        /// Whether it must be given.
        required: bool,
    },
    /// One of these, each with the key of its label; the first is the default.
    OneOf(&'static [(&'static str, &'static str)]),
    /// A file beside, such as a mapping of columns.
    File,
}

/// One import that is wanted.
#[derive(Debug, Clone)]
pub struct ImportWish {
    /// Who wants it; `None` for the operator at the command line.
    pub by: Option<Arc<Actor>>,
    /// In which language its report speaks. What is kept (titles, names) is Vietnamese all the same.
    pub lang: Lang,
    /// The operation number, for the log.
    pub operation: String,
    /// The file or folder.
    pub path: PathBuf,
    /// Only say what would happen.
    pub dry_run: bool,
    /// What was set: fields by name; a tick is `yes`.
    pub set: BTreeMap<String, String>,
    /// What a person decided for doubtful rows, by the row's source.
    pub decided: Decisions,
    /// The upload whose run it is, under which what it makes is remembered; `None` for the operator.
    pub run: Option<String>,
}

impl ImportWish {
    /// What the report takes its sentences from.
    pub fn words(&self, site: &Site) -> Words {
        Words::of(site, self.lang)
    }
    /// What stands in a field; empty when nothing does.
    pub fn get(&self, name: &str) -> &str {
        self.set.get(name).map_or("", String::as_str)
    }
    /// Whether a tick is set.
    pub fn is_set(&self, name: &str) -> bool {
        self.get(name) == "yes"
    }
}

/// A link to the upload page of an importer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportLink {
    /// The page.
    pub to: String,
    /// Key of what it says.
    pub text: &'static str,
}

/// The link to the upload page whose route is `at`, for a page that stands at `place` (the route's
/// parameter, or empty); `None` when no room takes anything there or this member may not.
pub async fn link(site: &Site, who: &Arc<SignedIn>, at: &str, place: &str) -> Option<ImportLink> {
    let mut all = site.rooms.importers.iter();
    let importer = all.find(|importer| importer.at == at)?;
    if !importer.may_somewhere(&who.actor, site.clock.today()) {
        return None;
    }
    let may = (importer.may)(site.clone(), who.clone(), place.to_owned());
    may.await.ok()?;
    Some(ImportLink {
        to: route(at, place),
        text: importer.text,
    })
}

/// An importer's route with its parameter filled in.
pub fn route(at: &str, place: &str) -> String {
    let head = at.split('{').next().unwrap_or_default();
    match at.split_once('}') {
        Some((_, tail)) => format!("{head}{place}{tail}"),
        None => at.to_owned(),
    }
}
