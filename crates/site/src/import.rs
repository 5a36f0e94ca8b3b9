//! What every import shares: options, the report (one entry a file or row), doubts and decisions,
//! progress, stopping, and the list of what a run made, for taking it back.
//!
//! An import is repeatable: what is already there is `same`, so running it again after a stop goes
//! on where it stopped. Not here: reading files (`intake`, `books`), writing rows (rooms), pages
//! (`uploads`).
//! The rule that surprises: a decision holds for what the person saw; when the row would now do
//! something else, it is asked again.

use crate::room::{Again, Bound, FieldChange, KeyFate, OfKey, OfPerson, OfUnit, Sealed, SealedRow};
use crate::seal::Spot;
use crate::store::{CHANGED, MADE, OF_RUN, SEAL_AGAIN, SEALED, naming, naming_unit};
use crate::{Act, Proof, Site};
use db::{Connection, sql};
use kernel::error::{Error, Result};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use web::text::Arg;
use web::{Lang, Texts};

/// What became of one file or row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// New.
    Added,
    /// Was there, now different.
    Updated,
    /// Was there, equal.
    Same,
    /// The same content under another name.
    Duplicate,
    /// Not taken; the message says why.
    Refused,
    /// Taken back.
    Removed,
}

impl Outcome {
    /// The word of the report.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Added => "added",
            Outcome::Updated => "updated",
            Outcome::Same => "same",
            Outcome::Duplicate => "duplicate",
            Outcome::Refused => "refused",
            Outcome::Removed => "removed",
        }
    }
    /// The outcome of that word.
    pub fn read(word: &str) -> Option<Outcome> {
        let mut all = Outcome::ALL.into_iter();
        all.find(|outcome| outcome.name() == word)
    }
    /// Every outcome, in the order of the summary.
    pub const ALL: [Outcome; 6] = [
        Outcome::Added,
        Outcome::Updated,
        Outcome::Same,
        Outcome::Duplicate,
        Outcome::Refused,
        Outcome::Removed,
    ];
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// File, or file and row: `roster.xlsx:12`.
    pub source: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Our id; empty when refused.
    pub id: String,
    /// What it is: `epub`, `pdf`, `member`, …
    pub kind: String,
    /// A sentence for the person, in the wish's language; empty when all went well.
    pub message: String,
    /// Sentences about what was put right or left out.
    pub warnings: Vec<String>,
    /// Milliseconds it took.
    pub ms: u64,
    /// What it changes, field by field; for a new thing, what it gets. Sealed values are masked.
    pub changes: Vec<FieldChange>,
    /// What a person can decide about a row that cannot be taken as it is; empty for all others.
    pub choices: Vec<Choice>,
    /// The choice that holds until a person chooses another; empty for a row that waits for an answer.
    pub answer: &'static str,
    /// Where a person can do by hand what a refused row asked for: a page of ours, what could be read
    /// filled in. Never with a sealed value. Empty when there is none.
    pub way_out: String,
}

/// The kind of an entry that stands beside a row and proposes something that its sender takes or leaves: a post.
pub const PROPOSED: &str = "post";

/// One answer that a person may give for a doubtful row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The word that is kept: `take`.
    pub answer: &'static str,
    /// What it means, in the wish's language.
    pub label: String,
}

impl Entry {
    /// Stands for what a person saw of this row: a decision holds while this is the same.
    pub fn seen(&self) -> String {
        seen(&self.message, &self.changes)
    }
}

/// See [`Entry::seen`].
pub fn seen(message: &str, changes: &[FieldChange]) -> String {
    let mut hash = Sha256::new();
    hash.update(message);
    for change in changes {
        for part in [&change.label, &change.old, &change.new] {
            hash.update([0]);
            hash.update(part);
        }
    }
    data_encoding::HEXLOWER.encode(hash.finalize().get(..8).unwrap_or_default())
}

/// What a person decided for one doubtful row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The answer, one of the row's choices.
    pub answer: String,
    /// What they saw ([`Entry::seen`]).
    pub seen: String,
}

/// Decisions by the source of their row.
pub type Decisions = BTreeMap<String, Decision>;

/// A thing that an import made or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What it is: `member`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What it was before, when the import changed it; none when it was added.
    pub was: Option<Was>,
}

/// What a thing was before a run changed it and what the run left, sealed: both hold what records hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Was {
    sealed: String,
    /// The row that it was sealed for.
    of: String,
}

/// The row of `import_made` that an image is sealed for.
fn row(run: &str, kind: &str, id: &str) -> String {
    format!("{run} {kind} {id}")
}

fn spot(of: &str) -> Spot<'_> {
    Spot {
        table: "import_made",
        column: WAS,
        row: of,
    }
}

impl Was {
    /// As the database keeps it for that run, kind and id: none for what was added.
    pub fn kept((run, kind, id): (&str, &str, &str), sealed: String) -> Option<Was> {
        (!sealed.is_empty()).then(|| Was {
            sealed,
            of: row(run, kind, id),
        })
    }
    /// Opens the two images: before, and as the run left it.
    ///
    /// # Errors
    /// A fault when the key is another one.
    pub fn open<T: serde::de::DeserializeOwned>(&self, site: &Site) -> Result<(T, T)> {
        let text = site.keys.open_at(spot(&self.of), &self.sealed)?;
        serde_json::from_str(&text).map_err(Error::fault)
    }
}

/// The images that runs have kept, when the key is changed.
pub(crate) const OF_KEY: OfKey = OfKey {
    table: "import_made",
    columns: &["was_sealed"],
    fate: KeyFate::Sealed {
        list: |site, after, limit| Box::pin(async move { list_sealed(&site, &after, limit).await }),
        set: |act, again| Box::pin(set_sealed(act, again)),
    },
};

async fn list_sealed(site: &Site, after: &str, limit: i64) -> Result<Vec<SealedRow>> {
    let rows: Vec<(String, String)> = sql(SEALED)
        .bind(after)
        .bind(limit)
        .all(site.db.read())
        .await?;
    let rows = rows.into_iter().map(|(id, text)| SealedRow {
        parts: vec![Sealed {
            bound: Bound::Row {
                table: "import_made",
                column: WAS,
                row: id.clone(),
            },
            text,
        }],
        id,
    });
    Ok(rows.collect())
}

async fn set_sealed(act: &mut Act<crate::Operator>, again: &Again<'_>) -> Result<()> {
    let mut of = again.row.id.splitn(3, ' ');
    let Some(sealed) = again.sealed(0)? else {
        return Ok(());
    };
    sql(SEAL_AGAIN)
        .bind(of.next().unwrap_or_default())
        .bind(of.next().unwrap_or_default())
        .bind(of.next().unwrap_or_default())
        .bind(sealed)
        .run(act.on())
        .await?;
    Ok(())
}

/// What the images are sealed for.
const WAS: &str = "import_made.was";

/// What became of a thing that was to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// It is as if it had never been added.
    Removed,
    /// It is what it was before.
    Restored,
    /// It was changed since, something was built on it, or the actor may not there.
    Kept,
    /// It was not there any more.
    Gone,
}

impl Back {
    /// The entry that tells of it; `name` is what the thing is called.
    pub fn entry(self, site: &Site, lang: Lang, made: Made, name: String) -> Entry {
        let (outcome, key) = match self {
            Back::Removed => (Outcome::Removed, "web-import-removed"),
            Back::Restored => (Outcome::Removed, "web-import-restored"),
            Back::Kept => (Outcome::Refused, "web-import-kept"),
            Back::Gone => (Outcome::Same, "web-import-gone"),
        };
        Entry {
            source: name,
            outcome,
            id: made.id,
            kind: made.kind,
            message: site.edge.texts.get(lang, key),
            warnings: Vec::new(),
            ms: 0,
            changes: Vec::new(),
            choices: Vec::new(),
            answer: "",
            way_out: String::new(),
        }
    }
}

/// Remembers, in the same transaction, what a run made, so that it can be taken back. `run` is `None`
/// at the command line, where nothing is remembered.
///
/// # Errors
/// When the database fails.
pub async fn note_made<P: Proof>(
    act: &mut Act<P>,
    run: Option<&str>,
    kind: &str,
    ids: &[String],
) -> Result<()> {
    let Some(run) = run else { return Ok(()) };
    for id in ids {
        sql(MADE)
            .bind(run)
            .bind(kind)
            .bind(id)
            .run(act.on())
            .await?;
    }
    Ok(())
}

/// Remembers, in the same transaction, what a thing was before this run changed it and what the change
/// left: it is taken back only while it is as it was left. `run` as in [`note_made`].
///
/// # Errors
/// When the database fails.
pub async fn note_changed<P: Proof, T: serde::Serialize>(
    act: &mut Act<P>,
    run: Option<&str>,
    (kind, id): (&str, &str),
    was: &T,
    left: &T,
) -> Result<()> {
    keep_images(act, CHANGED, run, (kind, id), was, left).await
}

/// The same of what this run has changed before: its first image stays what it was before, and what it is left as
/// is new. For importers that come back to a thing ([`find_made`]).
///
/// # Errors
/// When the database fails.
pub async fn note_changed_again<P: Proof, T: serde::Serialize>(
    act: &mut Act<P>,
    run: Option<&str>,
    thing: (&str, &str),
    was: &T,
    left: &T,
) -> Result<()> {
    keep_images(act, SEAL_AGAIN, run, thing, was, left).await
}

/// What this run has made of a thing so far; none: nothing.
///
/// # Errors
/// When the database fails.
pub async fn find_made<P: Proof>(
    act: &mut Act<P>,
    run: Option<&str>,
    (kind, id): (&str, &str),
) -> Result<Option<Made>> {
    let Some(run) = run else { return Ok(None) };
    let row: Option<(String,)> = sql(OF_RUN)
        .bind(run)
        .bind(kind)
        .bind(id)
        .maybe(act.on())
        .await?;
    Ok(row.map(|(sealed,)| Made {
        kind: kind.to_owned(),
        id: id.to_owned(),
        was: Was::kept((run, kind, id), sealed),
    }))
}

async fn keep_images<P: Proof, T: serde::Serialize>(
    act: &mut Act<P>,
    statement: &'static str,
    run: Option<&str>,
    (kind, id): (&str, &str),
    was: &T,
    left: &T,
) -> Result<()> {
    let Some(run) = run else { return Ok(()) };
    let text = serde_json::to_string(&(was, left)).map_err(Error::fault)?;
    let of = row(run, kind, id);
    let keys = &act.site().keys;
    let sealed = keys.seal_at(spot(&of), &text, &act.site().dice)?;
    sql(statement)
        .bind(run)
        .bind(kind)
        .bind(id)
        .bind(sealed)
        .run(act.on())
        .await?;
    Ok(())
}

/// Where rows of rooms name this person: table, column, how many. What an import made itself is among
/// them.
///
/// # Errors
/// When the database fails.
pub async fn count_of_person(
    on: &mut Connection,
    claims: &[OfPerson],
    id: &str,
) -> Result<Vec<(&'static str, &'static str, i64)>> {
    let mut found = Vec::new();
    for of in claims {
        let stmt = naming(of.table, of.column, id);
        let count = stmt.count(&mut *on).await?;
        if count > 0 {
            found.push((of.table, of.column, count));
        }
    }
    Ok(found)
}

/// Where rows of rooms name this unit, by its id or as an audience; as [`count_of_person`].
///
/// # Errors
/// When the database fails.
pub async fn count_of_unit(
    on: &mut Connection,
    claims: &[OfUnit],
    id: &str,
) -> Result<Vec<(&'static str, &'static str, i64)>> {
    let mut found = Vec::new();
    for of in claims {
        let stmt = naming_unit(of.table, of.column, id);
        let count = stmt.count(&mut *on).await?;
        if count > 0 {
            found.push((of.table, of.column, count));
        }
    }
    Ok(found)
}

/// Facts that a row shares with the sample before it is taken for it, the first of them always.
const ALIKE: usize = 3;

/// Whether a row is one of the sample's, left as it came or nearly so: its first fact is that of the sample, and so
/// are two more. Told by what stands in it, so that a file renamed or saved by another program is known too.
/// `text` answers for a field of the row.
pub fn is_sample(sample: &[(&str, [&'static str; 2])], text: impl Fn(&str) -> String) -> bool {
    (0..2).any(|nth| {
        let is_alike = |(field, both): &&(&str, [&'static str; 2])| {
            let wanted = both.get(nth).copied().unwrap_or_default();
            !wanted.is_empty() && text(field).trim() == wanted
        };
        sample.first().is_some_and(|first| is_alike(&first))
            && sample.iter().filter(is_alike).count() >= ALIKE
    })
}

/// How an import is to be done.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only say what would happen.
    pub dry_run: bool,
    /// Take the good rows of a file that has bad ones.
    pub skip_bad: bool,
    /// A mapping of columns (TOML: `field = "header words"`).
    pub mapping: Option<PathBuf>,
    /// In which language the report speaks.
    pub lang: Lang,
}

impl Options {
    /// What the report takes its sentences from.
    pub fn words(&self, site: &Site) -> Words {
        Words::of(site, self.lang)
    }
}

/// What a report takes its sentences from: the rooms' texts in its language.
#[derive(Clone)]
pub struct Words {
    texts: Texts,
    lang: Lang,
}

impl Words {
    /// In that language.
    pub fn of(site: &Site, lang: Lang) -> Words {
        let texts = site.edge.texts.clone();
        Words { texts, lang }
    }
    /// The sentence of that key.
    pub fn get(&self, key: &str) -> String {
        self.texts.get(self.lang, key)
    }
    /// The sentence of that key with named arguments.
    pub fn with(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.texts.with(self.lang, key, args)
    }
}

/// All that happened.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// One entry a file or row.
    pub entries: Vec<Entry>,
    /// Whether it was stopped before the end.
    pub stopped: bool,
    /// Which header of a table was read as what: the file's words, ours.
    pub columns: Vec<(String, String)>,
    /// What holds for the whole of it; stands among the warnings of the first entry as well.
    pub notes: Vec<String>,
}

impl Report {
    /// How many had that outcome.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.outcome == outcome)
            .count()
    }
    /// Whether nothing was refused.
    pub fn is_clean(&self) -> bool {
        self.count(Outcome::Refused) == 0
    }
}

/// Told of what happens, asked whether to stop. The command line draws a bar; tests listen.
pub trait Progress: Send + Sync {
    /// How many files or rows there are, once it is known.
    fn total(&mut self, _total: u64) {}
    /// One more is done.
    fn step(&mut self, _entry: &Entry) {}
    /// So many are written so far, while the entries are still to come.
    fn written(&mut self, _count: u64) {}
    /// Whether to stop after the present one.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Progress that nobody watches.
pub struct Quiet;
impl Progress for Quiet {}

/// Every file below a path (or the file itself), in the order of names; hidden ones left out.
/// Links are not followed, so a folder cannot lead out of itself.
pub fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut open = vec![path.to_path_buf()];
    while let Some(at) = open.pop() {
        let about = std::fs::symlink_metadata(&at)?;
        if about.is_dir() {
            let mut inside: Vec<PathBuf> = std::fs::read_dir(&at)?
                .map(|entry| entry.map(|e| e.path()))
                .collect::<std::io::Result<_>>()?;
            inside.retain(|path| {
                path.file_name()
                    .is_some_and(|name| !name.to_string_lossy().starts_with('.'))
            });
            inside.sort();
            open.extend(inside.into_iter().rev());
        } else if about.is_file() {
            out.push(at);
        }
    }
    Ok(out)
}
