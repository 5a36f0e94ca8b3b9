//! `sotay import documents`: files, folders, JSON Lines and registers become documents.
//!
//! Files from outside are read in a child process; here the outcome is decided and written: one entry
//! a file or row, nothing in a dry run, and a rerun goes on where a stop left off because what is there
//! is `same`. Rows of JSON Lines are in `lines`, registers in `register`.
//! The rule that surprises: a second file of a document that is there replaces nothing, unless it has
//! the name of the first: two people's copies must not overwrite each other.

mod importer;
mod lines;
pub(crate) mod register;
mod sample;
mod undo;

pub(crate) use importer::IMPORTER;

use crate::access::{Writing, audience as read_audience};
use crate::document::{Draft, agrees};
use crate::reading;
use crate::store::{self, Belongs, Document, FileRow, State};
use files::{FileKind, WorkerRefusal};
use intake::{DOCUMENT_JOB, Extracted, JobArgs};
use kernel::error::{Doing as _, Error, Result};
use kernel::said;
use kernel::{Audience, UnitId};
use sha2::{Digest as _, Sha256};
use site::import::{Entry, Outcome, Progress, Report, Words, files_below};
use site::room::FieldChange;
use site::{Act, May as _, Site};
use std::collections::{BTreeMap, HashMap};
use std::io::Read as _;
use std::path::Path;
use std::time::Instant;
use web::text::Arg;

/// How documents are to be imported.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// By whose right; the operator's by default.
    pub by: Writing,
    /// Who sends it, when that is a member: what is there is renewed only where they may publish it, and a file
    /// does not say who reads it.
    pub(crate) actor: Option<std::sync::Arc<kernel::Actor>>,
    /// Who may see them. A file that names an audience of its own (front matter) keeps it.
    pub audience: Audience,
    /// The unit they belong to, whose approvers may publish and withdraw them.
    pub unit: Option<UnitId>,
    /// The upload under which what is made is remembered.
    pub run: Option<String>,
    /// Dry run, mapping of a register's columns.
    pub common: site::import::Options,
}

/// The act that tells of a whole run.
const RUN: &str = "document.import";
/// The act that writes a document anew: whoever has it open is told who it was.
const RENEW: &str = "document.renew";

/// Imports a file or every file below a folder.
///
/// # Errors
/// A path that cannot be read, a worker that cannot be started, a database that fails: what is about
/// one file only is an entry of the report.
pub async fn run(
    site: &Site,
    path: &Path,
    options: &Options,
    progress: &mut dyn Progress,
) -> Result<Report> {
    let unit = match &options.unit {
        Some(id) => Some(
            people::unit::get_ref(site, id)
                .await
                .doing("finding the unit of the documents")?,
        ),
        None => None,
    };
    let belongs = Belongs {
        audience: options.audience.clone(),
        unit_id: unit
            .as_ref()
            .map(|unit| unit.id.to_string())
            .unwrap_or_default(),
        state: State::Published,
    };
    let mut import = Import::new(site, options, belongs, progress)?;
    let files = files_below(path).doing(said!("reading {}", path.display()))?;
    import.more(files.len());
    for file in &files {
        if import.is_stopped() {
            break;
        }
        let source = match file.strip_prefix(path) {
            Ok(inside) if !inside.as_os_str().is_empty() => inside.to_string_lossy().into_owned(),
            _ => file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
        };
        import.file(file, &vietnamese::nfc(&source)).await?;
    }
    import.note().await?;
    Ok(import.report)
}

/// Why a file is no document.
struct NotTaken {
    /// The sentence.
    key: &'static str,
    /// The field of its front matter that is wrong; else empty.
    field: &'static str,
}

impl NotTaken {
    fn of(key: &'static str) -> NotTaken {
        NotTaken { key, field: "" }
    }
}

/// A file that was read for one document.
pub(crate) struct Taken {
    /// What it says.
    pub(crate) draft: Draft,
    /// What it is called and how it is found again.
    pub(crate) row: FileRow,
    /// Where it lies while [`Taken`] lives.
    pub(crate) path: std::path::PathBuf,
    /// The folder, which goes when this does.
    pub(crate) _folder: tempfile::TempDir,
}

/// Reads one file in the child, for a document that is there. The inner error is the key of why it is not
/// taken; lists and registers are not.
pub(crate) async fn take(
    site: &Site,
    name: &str,
    bytes: Vec<u8>,
) -> Result<std::result::Result<Taken, &'static str>> {
    let folder = tempfile::tempdir()?;
    let stem = Path::new(name).file_stem().unwrap_or_default();
    let ending = Path::new(name).extension().unwrap_or_default();
    let path = folder.path().join("sent").with_extension(ending);
    tokio::fs::write(&path, bytes).await?;
    let Ok(kind) = FileKind::of_path(&path) else {
        return Ok(Err("documents-refused-unreadable"));
    };
    let (sha256, bytes) = digest(&path)?;
    let options = Options::default();
    let belongs = Belongs {
        audience: Audience::default(),
        unit_id: String::new(),
        state: State::Draft,
    };
    let mut quiet = site::import::Quiet;
    let mut import = Import::new(site, &options, belongs, &mut quiet)?;
    let stem = vietnamese::nfc(&stem.to_string_lossy());
    let read = import.read(&path, name, &stem, &mut Vec::new()).await?;
    let read = read.map_err(|why| why.key);
    Ok(read.map(|(draft, _)| Taken {
        draft,
        row: FileRow {
            sha256,
            name: name.to_owned(),
            bytes,
            kind: kind.as_str(),
        },
        path,
        _folder: folder,
    }))
}

/// What is known of a document, and what a file says where that is silent. Its text is the file's.
pub(crate) fn merge_under(known: &Document, read: &Draft) -> Draft {
    let or = |held: &str, new: &str| if held.is_empty() { new } else { held }.to_owned();
    Draft {
        external_id: known.external_id.clone(),
        symbol: or(&known.symbol, &read.symbol),
        kind: or(&known.kind, &read.kind),
        issuer_name: or(&known.issuer_name, &read.issuer_name),
        title: or(&known.title, &read.title),
        topic: or(&known.topic, &read.topic),
        issued_on: or(&known.issued_on, &read.issued_on),
        effective_on: or(&known.effective_on, &read.effective_on),
        place: or(&known.place, &read.place),
        source: known.source.clone(),
        source_url: known.source_url.clone(),
        language: known.language.clone(),
        status_note: known.status_note.clone(),
        pages: if read.pages == 0 {
            known.pages
        } else {
            read.pages
        },
        provisions: Vec::new(),
    }
}

struct Import<'a> {
    site: &'a Site,
    options: &'a Options,
    belongs: Belongs,
    session: files::worker::Session,
    folder: tempfile::TempDir,
    report: Report,
    progress: &'a mut dyn Progress,
    total: u64,
    /// Files of this run by hash, and documents by identity: who came second is told of the first.
    seen_files: HashMap<String, String>,
    seen_documents: HashMap<String, String>,
}

/// What is there of a document that comes.
enum Found {
    /// Nothing.
    New,
    /// It, and whoever imports may renew it.
    Known(Box<Document>),
    /// It, and it is somebody else's matter: nothing of it is told.
    Theirs,
}

/// What is known of an entry while it is made.
#[derive(Clone)]
struct Note {
    outcome: Outcome,
    id: String,
    message: String,
    changes: Vec<FieldChange>,
}

impl Note {
    fn of(outcome: Outcome, id: impl Into<String>) -> Note {
        Note {
            outcome,
            id: id.into(),
            message: String::new(),
            changes: Vec::new(),
        }
    }
    fn showing(mut self, changes: Vec<FieldChange>) -> Note {
        self.changes = changes;
        self
    }
    fn saying(mut self, message: String) -> Note {
        self.message = message;
        self
    }
}

/// What a file of ours says of itself between two lines `+++`.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Front {
    symbol: String,
    #[serde(rename = "type")]
    kind: String,
    issuer: String,
    place: String,
    issued_on: String,
    effective_on: String,
    title: String,
    audience: String,
}

impl<'a> Import<'a> {
    fn new(
        site: &'a Site,
        options: &'a Options,
        belongs: Belongs,
        progress: &'a mut dyn Progress,
    ) -> Result<Import<'a>> {
        Ok(Import {
            site,
            options,
            belongs,
            session: site.worker.session(),
            folder: tempfile::tempdir()?,
            report: Report::default(),
            progress,
            total: 0,
            seen_files: HashMap::new(),
            seen_documents: HashMap::new(),
        })
    }
}

impl Import<'_> {
    fn words(&self) -> Words {
        self.options.common.words(self.site)
    }
    fn say(&self, key: &str) -> String {
        self.words().get(key)
    }
    fn say1(&self, key: &str, name: &str, value: &str) -> String {
        self.words().with(key, &[(name, Arg::Text(value))])
    }
    fn is_dry(&self) -> bool {
        self.options.common.dry_run
    }
    fn more(&mut self, count: usize) {
        self.total += u64::try_from(count).unwrap_or(0);
        self.progress.total(self.total);
    }
    fn is_stopped(&mut self) -> bool {
        self.report.stopped |= self.progress.is_stopped();
        self.report.stopped
    }
    fn refused(&self, key: &str) -> Note {
        Note::of(Outcome::Refused, "").saying(self.say(key))
    }
    fn enter(
        &mut self,
        source: &str,
        kind: &str,
        note: Note,
        warnings: Vec<String>,
        began: Instant,
    ) {
        let entry = Entry {
            source: source.to_owned(),
            outcome: note.outcome,
            id: note.id,
            kind: kind.to_owned(),
            message: note.message,
            warnings,
            ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            changes: note.changes,
            choices: Vec::new(),
            answer: "",
            way_out: String::new(),
        };
        self.progress.step(&entry);
        self.report.entries.push(entry);
    }
    /// The log of acts: one line a run that changed something.
    async fn note(&self) -> Result<()> {
        let changed = self.report.count(Outcome::Added) + self.report.count(Outcome::Updated);
        if self.is_dry() || changed == 0 {
            return Ok(());
        }
        let counts = Outcome::ALL.map(|outcome| (outcome.name(), self.report.count(outcome)));
        let mut act = self.begin(RUN, None).await?;
        let counts: serde_json::Value = counts.into_iter().collect();
        act.line().diff(&counts);
        act.end().await?;
        Ok(())
    }
    /// An act of this import, over what is there (`known`) or is to be. Acts that add files are told of by the
    /// one line of the run.
    async fn begin(&self, action: &'static str, known: Option<&Document>) -> Result<Act<Writing>> {
        let today = self.site.clock.today();
        let by = match (&self.options.actor, known) {
            (Some(actor), Some(known)) => crate::access::renewing(actor, known, today)?,
            _ => self.options.by.clone(),
        };
        if action == RUN || action == RENEW {
            by.begin(self.site, "import", action).await
        } else {
            by.begin_unlogged(self.site, "import", action).await
        }
    }

    async fn file(&mut self, path: &Path, source: &str) -> Result<()> {
        let began = Instant::now();
        let ending = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        let kind = match FileKind::of_path(path) {
            Ok(kind) => kind,
            Err(_) => {
                let note = self.refused("documents-refused-unreadable");
                self.enter(source, "", note, Vec::new(), began);
                return Ok(());
            }
        };
        match (kind, ending.as_str()) {
            (FileKind::Text, "jsonl" | "ndjson") => lines::read(self, path, source).await,
            (FileKind::Text, "csv" | "tsv")
            | (
                FileKind::Xlsx | FileKind::Xlsm | FileKind::Xlsb | FileKind::Xls | FileKind::Ods,
                _,
            ) => register::read(self, path, source).await,
            (FileKind::Text, "json" | "toml" | "xml" | "css" | "js" | "svg" | "sql") => {
                let note = self.refused("documents-refused-kind");
                self.enter(source, kind.as_str(), note, Vec::new(), began);
                Ok(())
            }
            _ => {
                let mut warnings = Vec::new();
                let note = self.document(path, kind, source, &mut warnings).await?;
                self.enter(source, kind.as_str(), note, warnings, began);
                Ok(())
            }
        }
    }

    async fn document(
        &mut self,
        path: &Path,
        kind: FileKind,
        source: &str,
        warnings: &mut Vec<String>,
    ) -> Result<Note> {
        let name = vietnamese::nfc(&path.file_name().unwrap_or_default().to_string_lossy());
        let Ok((sha256, bytes)) = digest(path) else {
            return Ok(self.refused("documents-refused-unreadable"));
        };
        if let Some(first) = self.seen_files.get(&sha256) {
            return Ok(Note::of(Outcome::Duplicate, "").saying(self.say1(
                "documents-import-same-file",
                "first",
                first,
            )));
        }
        self.seen_files.insert(sha256.clone(), source.to_owned());
        if let Some((id, known)) = store::find_by_file(self.site, &sha256).await? {
            let document = store::find(self.site, &id.parse().map_err(Error::fault)?).await?;
            // The file of a document that the sender does not find is read like any other.
            match document {
                Some(document) if self.may_renew(&document) => {
                    return Ok(if known == name {
                        Note::of(Outcome::Same, id)
                    } else {
                        Note::of(Outcome::Duplicate, id).saying(self.say1(
                            "documents-import-same-file",
                            "first",
                            &known,
                        ))
                    });
                }
                Some(document) if self.finds(&document) => return Ok(self.theirs()),
                _ => {}
            }
        }
        let stem = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let (mut draft, audience) = match self
            .read(path, &name, &vietnamese::nfc(&stem), warnings)
            .await?
        {
            Ok(read) => read,
            Err(NotTaken { key, field: "" }) => return Ok(self.refused(key)),
            Err(NotTaken { field, .. }) => {
                let told = self.say1("documents-refused-front-field", "field", field);
                return Ok(Note::of(Outcome::Refused, "").saying(told));
            }
        };
        draft.source = source.to_owned();
        // On a page the sender chooses who reads it, and sees that; a file would say it in silence.
        let audience = audience.filter(|_| self.options.actor.is_none());
        let belongs = Belongs {
            audience: audience.unwrap_or_else(|| self.belongs.audience.clone()),
            ..self.belongs.clone()
        };
        let file = FileRow {
            sha256,
            name,
            bytes,
            kind: kind.as_str(),
        };
        let bare = self.bare(&draft);
        let note = self
            .settle(draft, belongs, Some((path, file)), source)
            .await?;
        if note.outcome == Outcome::Added {
            warnings.extend(bare);
        }
        Ok(note)
    }

    /// What is said of a document that comes without its number or its day: it is found by neither, and stands in
    /// the list under the name of its file. `None` when it has both.
    fn bare(&self, draft: &Draft) -> Option<String> {
        let key = match (draft.symbol.is_empty(), draft.issued_on.is_empty()) {
            (false, false) => return None,
            (true, true) => "documents-warning-bare",
            (true, false) => "documents-warning-no-symbol",
            (false, true) => "documents-warning-no-day",
        };
        Some(self.say1(key, "title", &draft.title))
    }

    /// Reads a file in the child. The inner error is why it is not taken.
    async fn read(
        &mut self,
        path: &Path,
        name: &str,
        stem: &str,
        warnings: &mut Vec<String>,
    ) -> Result<std::result::Result<(Draft, Option<Audience>), NotTaken>> {
        let mut input = path.to_path_buf();
        let mut front = Front::default();
        if name.to_lowercase().ends_with(".md")
            && let Some((head, body)) = split_front(path)
        {
            front = match toml::from_str(&head) {
                Ok(front) => front,
                Err(_) => return Ok(Err(NotTaken::of("documents-refused-front"))),
            };
            input = self.folder.path().join("body.md");
            std::fs::write(&input, body)?;
        }
        let args = serde_json::to_value(JobArgs {
            name: name.to_owned(),
            ..JobArgs::default()
        })
        .map_err(Error::fault)?;
        let out = self.folder.path().join("out");
        std::fs::create_dir_all(&out)?;
        let answer = match self.session.run(DOCUMENT_JOB, &input, &out, args).await {
            Ok(answer) => answer,
            Err(WorkerRefusal::Unavailable { detail }) => return Err(Error::fault(detail)),
            Err(refusal) => return Ok(Err(NotTaken::of(refusal_key(refusal.key())))),
        };
        let extracted: Extracted = serde_json::from_value(answer).map_err(Error::fault)?;
        if intake::secrecy::mark(&extracted.blocks).is_some() {
            return Ok(Err(NotTaken::of("documents-refused-secret")));
        }
        for warning in &extracted.warnings {
            let sentence = self.say1(warning_key(&warning.key), "detail", &warning.detail);
            if !warnings.contains(&sentence) {
                warnings.push(sentence);
            }
        }
        let mut draft = reading::read(&extracted, stem);
        if draft.provisions.is_empty() && !extracted.is_scan() {
            return Ok(Err(NotTaken::of("documents-refused-no-text")));
        }
        let audience = match apply(front, &mut draft) {
            Ok(audience) => audience,
            Err(field) => {
                return Ok(Err(NotTaken {
                    key: "documents-refused-front",
                    field,
                }));
            }
        };
        Ok(Ok((draft, audience)))
    }

    /// The document that a draft is, as whoever imports meets it.
    async fn meets(&self, draft: &Draft) -> Result<Found> {
        Ok(match self.find(draft).await? {
            None => Found::New,
            Some(known) if self.may_renew(&known) => Found::Known(Box::new(known)),
            Some(_) => Found::Theirs,
        })
    }

    fn may_renew(&self, known: &Document) -> bool {
        let today = self.site.clock.today();
        let actor = self.options.actor.as_deref();
        actor.is_none_or(|actor| crate::access::may_renew(actor, known, today))
    }

    /// Whether whoever imports finds it: of others nothing is told, not even that they are there.
    fn finds(&self, known: &Document) -> bool {
        let today = self.site.clock.today();
        let actor = self.options.actor.as_deref();
        actor.is_none_or(|actor| crate::access::finds(actor, known, today))
    }

    /// The entry of something that changed between reading and writing it.
    fn moved_on(&self) -> Note {
        self.refused("documents-import-moved-on")
    }

    /// The entry of something that somebody else added between reading and writing it.
    fn meanwhile(&self) -> Note {
        Note::of(Outcome::Duplicate, "").saying(self.say("documents-import-meanwhile"))
    }

    /// The entry of something that is somebody else's.
    fn theirs(&self) -> Note {
        Note::of(Outcome::Duplicate, "").saying(self.say("documents-import-theirs"))
    }

    /// The document that a draft is, if it is there: same symbol, and nothing known contradicts. One that may be
    /// renewed goes before others; one that whoever imports does not find counts only when it is the very same
    /// paper, which cannot stand twice.
    async fn find(&self, draft: &Draft) -> Result<Option<Document>> {
        let key = draft.symbol_key();
        let same = draft.identity_key();
        if key.is_empty() {
            return store::find_by_identity(self.site, &same).await;
        }
        let issuer = vietnamese::fold(&draft.issuer_name);
        let known = store::list_by_symbol(self.site, &key).await?;
        let mut fitting: Vec<Document> = known
            .into_iter()
            .filter(|one| {
                agrees(&one.issued_on, &draft.issued_on)
                    && agrees(&one.kind, &draft.kind)
                    && agrees(&one.issuer_fold, &issuer)
                    && self.finds(one)
            })
            .collect();
        fitting.sort_by_key(|one| (one.issued_on != draft.issued_on, !self.may_renew(one)));
        match fitting.into_iter().next() {
            Some(found) => Ok(Some(found)),
            None => store::find_by_identity(self.site, &same).await,
        }
    }

    /// Decides what becomes of a document that came whole, and writes it.
    async fn settle(
        &mut self,
        draft: Draft,
        belongs: Belongs,
        file: Option<(&Path, FileRow)>,
        source: &str,
    ) -> Result<Note> {
        let identity = draft.identity_key();
        if let Some(first) = self.seen_documents.get(&identity) {
            return Ok(Note::of(Outcome::Duplicate, "").saying(self.say1(
                "documents-import-same-document",
                "first",
                first,
            )));
        }
        let known = match self.meets(&draft).await? {
            Found::Theirs => return Ok(self.theirs()),
            Found::Known(known) => Some(*known),
            Found::New => None,
        };
        let Some(known) = known else {
            self.seen_documents.insert(identity, source.to_owned());
            let shown = self.shown(&draft, None);
            if self.is_dry() {
                return Ok(Note::of(Outcome::Added, "").showing(shown));
            }
            if let Some((path, _)) = &file {
                self.site
                    .files
                    .put_path(path)
                    .await
                    .map_err(Error::fault)
                    .doing("keeping a file")?;
            }
            let cited = draft.citations();
            let mut act = self.begin("document.add", None).await?;
            let added = store::add(&mut act, &draft, &cited, &belongs).await;
            let Some(id) = added.doing("adding a document")? else {
                act.leave().await?;
                return Ok(self.meanwhile());
            };
            if let Some((_, file)) = &file {
                store::set_file(&mut act, &id, file).await?;
            }
            let run = self.options.run.as_deref();
            site::import::note_made(&mut act, run, "document", std::slice::from_ref(&id)).await?;
            act.end().await?;
            return Ok(Note::of(Outcome::Added, id).showing(shown));
        };
        let id = known.id.to_string();
        let is_first_of_run = self
            .seen_documents
            .insert(id.clone(), source.to_owned())
            .is_none();
        let text_hash = draft.text_hash();
        let brings_text = known.text_hash.is_empty() && !draft.provisions.is_empty();
        let is_new_version = file
            .as_ref()
            .is_some_and(|(_, file)| file.name == known.file_name)
            && text_hash != known.text_hash;
        if !is_first_of_run || !(brings_text || is_new_version) {
            let outcome = if file.is_none() && text_hash == known.text_hash {
                Outcome::Same
            } else {
                Outcome::Duplicate
            };
            let first = if known.file_name.is_empty() {
                known.title.clone()
            } else {
                known.file_name.clone()
            };
            return Ok(Note::of(outcome, id).saying(self.say1(
                "documents-import-same-document",
                "first",
                &first,
            )));
        }
        let merged = merge(&known, draft);
        let shown = self.shown(&merged, Some(&known));
        if self.is_dry() {
            return Ok(Note::of(Outcome::Updated, id).showing(shown));
        }
        if let Some((path, _)) = &file {
            self.site
                .files
                .put_path(path)
                .await
                .map_err(Error::fault)
                .doing("keeping a file")?;
        }
        let cited = merged.citations();
        let mut act = self.begin(RENEW, Some(&known)).await?;
        act.line().object("document", &id);
        if !store::stands(&mut act, &id, known.row_version).await? {
            act.leave().await?;
            return Ok(self.moved_on());
        }
        let was = store::before::image(&mut act, &id).await?;
        store::set(&mut act, &id, &merged, &text_hash, Some(&cited))
            .await
            .doing("renewing a document")?;
        if let Some((_, file)) = &file {
            store::set_file(&mut act, &id, file).await?;
        }
        self.note_renewed(&mut act, &id, &was).await?;
        act.end().await?;
        Ok(Note::of(Outcome::Updated, id).showing(shown))
    }

    /// Remembers what a document was before this run renewed it, and what the run left.
    pub(super) async fn note_renewed(
        &self,
        act: &mut Act<Writing>,
        id: &str,
        was: &store::before::Image,
    ) -> Result<()> {
        let (run, thing) = (self.options.run.as_deref(), ("document", id));
        match site::import::find_made(act, run, thing).await? {
            None => {
                let left = store::before::left(act, id).await?;
                site::import::note_changed(act, run, thing, was, &left).await
            }
            // Rows of one document come in several batches. What the run added itself goes as a whole, unless
            // somebody wrote in between.
            Some(site::import::Made { was: None, .. }) => {
                store::before::stays_bare(act, id, was).await
            }
            Some(site::import::Made {
                was: Some(before), ..
            }) => {
                let (first, so_far): (store::before::Image, store::before::Image) =
                    before.open(self.site)?;
                if !was.is_as(&so_far) {
                    return Ok(());
                }
                let left = store::before::left(act, id).await?;
                site::import::note_changed_again(act, run, thing, &first, &left).await
            }
        }
    }

    /// What was read of a document, field by field; beside it what stands there now.
    fn shown(&self, draft: &Draft, known: Option<&Document>) -> Vec<FieldChange> {
        let kind = |code: &str| crate::words::kind_name(code).to_owned();
        let day = |day: &str| crate::words::day(day);
        let none = String::new();
        let old = |of: fn(&Document) -> &String| known.map_or(&none, of).clone();
        let fields = [
            (
                "documents-new-symbol",
                old(|d| &d.symbol),
                draft.symbol.clone(),
            ),
            (
                "documents-new-kind",
                kind(&old(|d| &d.kind)),
                kind(&draft.kind),
            ),
            (
                "documents-show-issuer",
                old(|d| &d.issuer_name),
                draft.issuer_name.clone(),
            ),
            (
                "documents-show-issued-on",
                day(&old(|d| &d.issued_on)),
                day(&draft.issued_on),
            ),
            (
                "documents-show-effective-on",
                day(&old(|d| &d.effective_on)),
                day(&draft.effective_on),
            ),
            (
                "documents-import-abstract",
                old(|d| &d.title),
                draft.title.clone(),
            ),
        ];
        let changed = fields.into_iter().filter(|(_, old, new)| old != new);
        changed
            .map(|(key, old, new)| FieldChange {
                label: self.say(key),
                old,
                new,
            })
            .collect()
    }
}

/// Where a document stands in the order in which one act takes several: two imports of the same papers, in
/// whichever order their files name them, wait for each other and never crosswise.
fn lock_key(known: Option<&Document>, draft: &Draft) -> (bool, String) {
    match known {
        Some(known) => (false, known.id.to_string()),
        None => (true, draft.identity_key()),
    }
}

/// Cuts what is due into pieces of one unit each, since an act is over one; what is new comes by itself. The order
/// within a piece stays.
fn by_unit<T>(due: Vec<T>, known: impl Fn(&T) -> Option<&Document>) -> Vec<Vec<T>> {
    let mut pieces: BTreeMap<Option<String>, Vec<T>> = BTreeMap::new();
    for one in due {
        let unit = known(&one).map(|document| document.unit_id.clone());
        pieces.entry(unit).or_default().push(one);
    }
    pieces.into_values().collect()
}

/// What a newer reading says, and what was known where it says nothing.
fn merge(known: &Document, mut draft: Draft) -> Draft {
    let keep = |new: &mut String, old: &str| {
        if new.is_empty() {
            new.push_str(old);
        }
    };
    keep(&mut draft.external_id, &known.external_id);
    keep(&mut draft.symbol, &known.symbol);
    keep(&mut draft.kind, &known.kind);
    keep(&mut draft.issuer_name, &known.issuer_name);
    keep(&mut draft.title, &known.title);
    keep(&mut draft.topic, &known.topic);
    keep(&mut draft.issued_on, &known.issued_on);
    keep(&mut draft.effective_on, &known.effective_on);
    keep(&mut draft.place, &known.place);
    keep(&mut draft.source, &known.source);
    keep(&mut draft.source_url, &known.source_url);
    keep(&mut draft.status_note, &known.status_note);
    if draft.pages == 0 {
        draft.pages = known.pages;
    }
    draft
}

/// Puts what the file says of itself above what was recognised. `Err` names a field that is wrong.
fn apply(front: Front, draft: &mut Draft) -> std::result::Result<Option<Audience>, &'static str> {
    for (day, field) in [
        (&front.issued_on, "issued_on"),
        (&front.effective_on, "effective_on"),
    ] {
        if !day.is_empty() && day.parse::<kernel::Day>().is_err() {
            return Err(field);
        }
    }
    let audience = match front.audience.as_str() {
        "" => None,
        told => Some(read_audience(told).ok_or("audience")?),
    };
    if !front.kind.is_empty() {
        draft.kind = citation::Kind::by_name(&front.kind)
            .ok_or("type")?
            .code()
            .to_owned();
    }
    let set = |held: &mut String, told: String| {
        if vietnamese::has_ink(&told) {
            *held = vietnamese::nfc(&told.replace(vietnamese::turns_text, ""));
        }
    };
    set(&mut draft.symbol, front.symbol);
    if draft.kind.is_empty()
        && let Some(symbol) = citation::parse(&draft.symbol)
        && let [kind] = symbol.kinds().as_slice()
    {
        draft.kind = kind.code().to_owned();
    }
    set(&mut draft.issuer_name, front.issuer);
    set(&mut draft.place, front.place);
    set(&mut draft.issued_on, front.issued_on);
    set(&mut draft.effective_on, front.effective_on);
    if vietnamese::has_ink(&front.title) {
        draft.title = crate::document::full_title(
            &draft.kind,
            &vietnamese::nfc(&front.title.replace(vietnamese::turns_text, "")),
        );
        // The first heading repeats the title that was not known while reading.
        let title = vietnamese::fold(&draft.title);
        let repeats = |p: &crate::document::Provision| {
            p.label.is_empty() && !p.heading.is_empty() && {
                let heading = vietnamese::fold(&p.heading);
                title.contains(&heading) || heading.contains(&title)
            }
        };
        if let Some(first) = draft.provisions.first_mut()
            && repeats(first)
        {
            first.heading.clear();
            first.level = crate::document::TEXT;
            if first.body.is_empty() {
                draft.provisions.remove(0);
            }
            draft.set_anchors();
        }
    }
    Ok(audience)
}

/// Front matter between two lines `+++`, and the rest. Files of many megabytes are no such files.
fn split_front(path: &Path) -> Option<(String, String)> {
    let mut text = String::new();
    let file = std::fs::File::open(path).ok()?; // unreadable: the child says so properly
    file.take(8 << 20).read_to_string(&mut text).ok()?; // not UTF-8: no front matter of ours
    let text = text
        .strip_prefix('\u{feff}')
        .unwrap_or(&text)
        .replace("\r\n", "\n");
    let (head, body) = text.strip_prefix("+++\n")?.split_once("\n+++\n")?;
    Some((head.to_owned(), body.to_owned()))
}

fn digest(path: &Path) -> std::io::Result<(String, i64)> {
    let mut file = std::fs::File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut bytes = 0_i64;
    loop {
        let read = file.read(&mut buffer)?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else {
            break;
        };
        digest.update(piece);
        bytes += i64::try_from(read).unwrap_or(0);
    }
    Ok((data_encoding::HEXLOWER.encode(&digest.finalize()), bytes))
}

/// The sentence for a refusal of the child.
fn refusal_key(key: &str) -> &'static str {
    match key {
        "intake.refused.unreadable" => "documents-refused-unreadable",
        "intake.refused.empty" => "documents-refused-empty",
        "intake.refused.kind" => "documents-refused-kind",
        "intake.refused.encrypted" => "documents-refused-encrypted",
        "intake.refused.macros" => "documents-refused-macros",
        "intake.refused.outside" => "documents-refused-outside",
        "intake.refused.active" => "documents-refused-active",
        "intake.refused.embedded" => "documents-refused-embedded",
        "intake.refused.old_word" => "documents-refused-old-word",
        "intake.refused.no_pages" => "documents-refused-no-pages",
        "intake.refused.too_long" => "documents-refused-too-long",
        "intake.refused.not_a_workbook" => "documents-refused-not-a-workbook",
        "files.refused.too_slow" => "documents-refused-too-slow",
        "files.refused.too_big" => "documents-refused-too-big",
        "files.refused.crashed" => "documents-refused-crashed",
        "files.archive.bomb" | "files.archive.too_big" | "files.archive.too_many_entries" => {
            "documents-refused-bomb"
        }
        "files.archive.unsafe_name" => "documents-refused-unsafe-name",
        _ => "documents-refused-broken",
    }
}

/// The sentence for a warning of the child; `detail` is an argument of each, which most leave unsaid: it may be
/// English.
fn warning_key(key: &str) -> &'static str {
    match key {
        "intake.warning.cut" => "documents-warning-cut",
        "intake.warning.no_text" | "intake.warning.no_text_layer" => "documents-warning-no-text",
        "intake.warning.pages_without_text" => "documents-warning-pages-without-text",
        "intake.warning.page_unreadable" => "documents-warning-page-unreadable",
        "intake.warning.broken_characters" => "documents-warning-broken-characters",
        "intake.warning.legacy_encoding" => "documents-warning-legacy-encoding",
        "intake.warning.broken_at" => "documents-warning-broken-at",
        "intake.warning.rows_cut"
        | "intake.warning.columns_cut"
        | "intake.warning.cells_cut"
        | "intake.warning.cell_cut" => "documents-warning-table-cut",
        _ => "documents-warning-other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{GUIDANCE, RULES, StopAfter, folder, import};
    use search::{Query, Reach};
    use site::import::Quiet;
    use testkit::{TestApp, on_both, on_sqlite};

    fn outcomes(report: &Report) -> Vec<&'static str> {
        report
            .entries
            .iter()
            .map(|entry| entry.outcome.name())
            .collect()
    }
    const ROWS: &str = r#"{"id": "a@1", "law": "Luật Thử nghiệm", "article": "1", "symbol": null, "text": "Phạm vi điều chỉnh\n\n1. Luật này quy định về việc thử.\n\na) thử lần đầu;"}
{"id": "a@10", "law": "Luật Thử nghiệm", "article": "10", "symbol": null, "text": "Hiệu lực thi hành\n\nLuật này có hiệu lực ngay."}
{"id": "a@2", "law": "Luật Thử nghiệm", "article": 2, "text": "Giải thích từ ngữ\n\n1. Bình tưới là vật để tưới cây."}
{"id": "q#1", "law": null, "article": null, "symbol": "47/2010/QH12", "text": "Luật này quy định về hợp tác trồng rau sạch.\n\n1. Hợp tác là việc chung."}
{"id": "q#1", "law": null, "article": null, "symbol": "47/2010/QH12", "text": "Lặp lại."}
không phải JSON
{"id": "e", "law": "Luật Thử nghiệm", "article": "3", "text": "  "}
"#;

    async fn first(app: &TestApp, words: &str) -> (Option<String>, String, String) {
        let answer = app
            .site
            .index
            .find(Query::new(words, Reach::of(["members"])))
            .await
            .unwrap();
        let hit = answer.hits.into_iter().next().unwrap();
        (hit.external_id, hit.title, hit.url)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_member_renews_only_what_they_may_publish_and_chooses_who_reads_it() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let (rules, _) = crate::sample::both(&app).await;
                // What another unit keeps to itself: its like is added, nothing tells of it; the very same is not.
                let hidden = "+++\nsymbol = \"99-TB/ĐU\"\ntype = \"Thông báo\"\nissuer = \"Chi bộ E\"\nissued_on = \"2026-03-01\"\naudience = \"unit:cell-e\"\n+++\nĐiều 1. Riêng\n1. Việc riêng.\n";
                import(&app, "hidden", &[("e.md", hidden)], "members").await;
                let guessed = "+++\nsymbol = \"99-TB/ĐU\"\n+++\nĐiều 1. Đoán\n1. Chữ đoán.\n";
                let who = app.signed_in(testkit::THU);
                let unit = kernel::UnitRef {
                    id: "committee".parse().unwrap(),
                    path: testkit::path_of("committee"),
                };
                let cap = kernel::Cap::ContentPublish;
                let options = Options {
                    by: Writing::of(&who.actor, cap, &unit, app.today()).unwrap(),
                    actor: Some(who.actor.clone()),
                    audience: Audience::Unit(unit.id.clone()),
                    unit: Some(unit.id.clone()),
                    ..Options::default()
                };
                let other = "+++\nsymbol = \"12-QĐ/ĐU\"\n+++\nĐiều 1. Bản giả\n1. Chữ giả.\n";
                let own = "+++\nsymbol = \"40-KH/ĐU\"\naudience = \"public\"\ntitle = \"của mình\"\n+++\nĐiều 1. Việc\n1. Một việc.\n";
                let line = "{\"id\":\"h1\",\"law\":\"Quy định\",\"symbol\":\"12-QĐ/ĐU\",\"text\":\"Điều 9. Dòng giả\"}\n";
                let list = "Số ký hiệu,Trích yếu,Nơi ban hành\n12-QĐ/ĐU,Tên giả,Đảng ủy Khối Thử Nghiệm\n";
                let files = [("12.md", other), ("40.md", own), ("r.jsonl", line), ("so.csv", list), ("y.md", crate::sample::RULES), ("99.md", guessed), ("11.md", hidden)];
                let path = crate::sample::folder(&app, "theirs", &files);
                let report = run(&app.site, &path, &options, &mut Quiet).await.unwrap();
                let outcome = |source: &str| {
                    let mut all = report.entries.iter();
                    let entry = all.find(|one| one.source.starts_with(source)).unwrap();
                    (entry.outcome, entry.id.as_str(), entry.message.contains("12.md"))
                };
                for source in ["12.md", "r.jsonl", "so.csv", "y.md", "11.md"] {
                    assert_eq!(outcome(source), (Outcome::Duplicate, "", false), "{source}");
                }
                let page = app.as_(testkit::HOA).get(&format!("/documents/{rules}")).await.expects(200);
                let text = page.text("main");
                assert!(!text.contains("giả") && text.contains("chuẩn bị sinh hoạt"), "{text}");
                for source in ["40.md", "99.md"] {
                    assert_eq!(outcome(source).0, Outcome::Added, "{source}");
                }
                let wide = "select count(*) from documents_document where symbol = '40-KH/ĐU' and audience = 'public'";
                assert_eq!(app.count(wide).await, 0, "the choice of the sender stands");
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn rows_of_one_law_that_came_in_several_batches_are_taken_back_as_a_whole() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let row = |law: &str, n: usize, text: &str| {
                    format!("{{\"id\": \"{law}@{n}\", \"law\": \"Luật {law}\", \"article\": \"{n}\", \"text\": \"Điều ấy\\n\\n{text}\"}}\n")
                };
                let first = row("cũ", 1, "Chữ cũ một.") + &row("cũ", 2, "Chữ cũ hai.");
                import(&app, "rows", &[("cu.jsonl", &first)], "members").await;
                let mut all = row("cũ", 1, "Chữ mới một.");
                for n in 1..2_100 {
                    all += &row("thêm", n, "Việc thêm.");
                }
                all += &row("cũ", 2, "Chữ mới hai.");
                let path = crate::sample::folder(&app, "many", &[("nhieu.jsonl", &all)]);
                let options = Options { run: Some("run-1".into()), ..Options::default() };
                let report = run(&app.site, &path, &options, &mut Quiet).await.unwrap();
                assert_eq!((report.count(Outcome::Added), report.count(Outcome::Updated)), (2_099, 2));
                let ids: std::collections::BTreeSet<String> = report.entries.iter().map(|one| one.id.clone()).collect();
                let mut made = Vec::new();
                let mut act = app.act().await;
                for id in &ids {
                    let found = site::import::find_made(&mut act, Some("run-1"), ("document", id)).await;
                    made.extend(found.unwrap());
                }
                act.leave().await.unwrap();
                assert_eq!(made.len(), 2);
                let wish = site::room::ImportWish {
                    by: None,
                    lang: web::Lang::Vi,
                    operation: "test".into(),
                    path,
                    dry_run: false,
                    set: BTreeMap::new(),
                    decided: site::import::Decisions::new(),
                    run: Some("run-1".into()),
                };
                let back = undo::undo(app.site.clone(), wish, made).await.unwrap();
                assert_eq!(back.count(Outcome::Removed), 2, "{back:?}");
                assert_eq!(app.count("select count(*) from documents_document").await, 1);
                let text = "select count(*) from documents_provision where body like '%Chữ cũ%'";
                assert_eq!(app.count(text).await, 2);
                assert_eq!(app.count("select count(*) from documents_provision").await, 2);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn what_comes_without_number_or_day_is_told_before_and_after() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let files = [
                    ("vb1.txt", "Họp tổ\nBàn việc nước sạch."),
                    ("vb2.md", "+++\nsymbol = \"40-KH/ĐU\"\n+++\nĐiều 1. Việc\n1. Một việc.\n"),
                    ("vb3.md", "+++\nissued_on = \"2026-11-20\"\n+++\nĐiều 1. Việc\n1. Hai việc.\n"),
                    ("12.md", crate::sample::RULES),
                    ("so.csv", "Số ký hiệu,Trích yếu,Nơi ban hành\n41-KH/ĐU,Kế hoạch nước sạch,Đảng ủy Khối\n"),
                ];
                let path = crate::sample::folder(&app, "bare", &files);
                for dry_run in [true, false] {
                    let options = Options {
                        common: site::import::Options { dry_run, ..Default::default() },
                        ..Options::default()
                    };
                    let report = run(&app.site, &path, &options, &mut Quiet).await.unwrap();
                    let warned = |source: &str| {
                        let mut all = report.entries.iter();
                        let entry = all.find(|one| one.source.starts_with(source)).unwrap();
                        assert_eq!(entry.outcome, Outcome::Added, "{source}");
                        entry.warnings.join(" ")
                    };
                    assert!(warned("vb1.txt").contains("số ký hiệu và ngày"), "{}", warned("vb1.txt"));
                    assert!(warned("vb2.md").contains("Không thấy ngày"), "{}", warned("vb2.md"));
                    assert!(warned("vb3.md").contains("Không thấy số ký hiệu"), "{}", warned("vb3.md"));
                    assert_eq!(warned("12.md"), "");
                    assert!(warned("so.csv").contains("Không thấy ngày"), "{}", warned("so.csv"));
                }
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn rows_become_laws_and_search_gives_their_ids_back() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let report = import(&app, "rows", &[("luat.jsonl", ROWS)], "members").await;
                assert_eq!(
                    outcomes(&report),
                    [
                        "duplicate",
                        "refused",
                        "refused",
                        "added",
                        "added",
                        "added",
                        "added"
                    ]
                );
                assert_eq!(report.entries[3].source, "luat.jsonl:1");
                assert_eq!(
                    app.count("select count(*) from documents_document").await,
                    2
                );
                app.catch_up().await;
                let (external, title, url) = first(&app, "binh tuoi la gi").await;
                assert_eq!(
                    (external.as_deref(), title.as_str()),
                    (Some("a@2"), "Điều 2. Giải thích từ ngữ")
                );
                assert!(url.ends_with("#dieu-2"), "{url}");
                assert_eq!(
                    first(&app, "hợp tác trồng rau sạch").await.0.as_deref(),
                    Some("q#1")
                );
                let labels: Vec<_> =
                    crate::store::list_provisions(&app.site, &report.entries[3].id, 0, 9)
                        .await
                        .unwrap();
                let labels: Vec<_> = labels.iter().map(|p| p.label.as_str()).collect();
                assert_eq!(labels, ["Điều 1", "Điều 2", "Điều 10"]);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_there_is_the_same_and_one_changed_row_is_updated() {
        on_both(
            || vec![crate::room()],
            async |app| {
                import(&app, "rows", &[("luat.jsonl", ROWS)], "members").await;
                let again = import(&app, "rows", &[("luat.jsonl", ROWS)], "members").await;
                assert_eq!(again.count(Outcome::Same), 4);
                assert_eq!(
                    again.count(Outcome::Added) + again.count(Outcome::Updated),
                    0
                );
                let changed = ROWS.replace("Bình tưới là vật", "Bình tưới là đồ");
                let third = import(&app, "rows", &[("luat.jsonl", &changed)], "members").await;
                assert_eq!(
                    (third.count(Outcome::Updated), third.count(Outcome::Same)),
                    (1, 3)
                );
                assert_eq!(
                    app.count("select count(*) from documents_provision").await,
                    4
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_file_twice_is_one_document_and_a_new_version_keeps_its_name() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let report = import(
                    &app,
                    "one",
                    &[("12.md", RULES), ("copy.md", RULES)],
                    "members",
                )
                .await;
                assert_eq!(outcomes(&report), ["added", "duplicate"]);
                assert_eq!(
                    outcomes(&import(&app, "one", &[], "members").await),
                    ["same", "duplicate"]
                );
                let changed = RULES.replace("nói về việc", "bàn về việc");
                let report = import(&app, "two", &[("12.md", &changed)], "members").await;
                assert_eq!(outcomes(&report), ["updated"]);
                let other = RULES.replace("nói về việc", "kể về việc");
                let report = import(&app, "three", &[("ban-khac.md", &other)], "members").await;
                assert_eq!(
                    outcomes(&report),
                    ["duplicate"],
                    "another name replaces nothing"
                );
                let other_day = RULES.replace("2026-06-15", "2021-03-03");
                let report = import(&app, "four", &[("cu.md", &other_day)], "members").await;
                assert_eq!(
                    outcomes(&report),
                    ["added"],
                    "the same symbol of another day"
                );
                assert_eq!(
                    app.count("select count(*) from documents_document").await,
                    2
                );
                assert_eq!(app.count("select count(*) from documents_file").await, 3);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_dry_run_tells_and_writes_nothing() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let path = folder(
                    &app,
                    "dry",
                    &[("12.md", RULES), ("luat.jsonl", ROWS), ("so.csv", REGISTER)],
                );
                let common = site::import::Options {
                    dry_run: true,
                    ..Default::default()
                };
                let options = Options {
                    common,
                    ..Options::default()
                };
                let report = run(&app.site, &path, &options, &mut Quiet).await.unwrap();
                assert_eq!(
                    report.count(Outcome::Added),
                    1 + 4 + 2,
                    "{:?}",
                    report.entries
                );
                for table in [
                    "select count(*) from documents_document",
                    "select count(*) from feed_change",
                    "select count(*) from audit_event",
                ] {
                    assert_eq!(app.count(table).await, 0);
                }
                let kept = site::import::files_below(&app.folder.path().join("files")).unwrap();
                assert!(kept.is_empty(), "{kept:?}");
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_stopped_import_goes_on_where_it_stopped() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let path = folder(&app, "stop", &[("07.md", GUIDANCE), ("12.md", RULES)]);
                let report = run(&app.site, &path, &Options::default(), &mut StopAfter(1))
                    .await
                    .unwrap();
                assert!(report.stopped);
                assert_eq!(outcomes(&report), ["added"]);
                let report = run(&app.site, &path, &Options::default(), &mut Quiet)
                    .await
                    .unwrap();
                assert_eq!(outcomes(&report), ["same", "added"]);
            },
        )
        .await;
    }
    const REGISTER: &str = "so_ky_hieu,ngay_ban_hanh,trich_yeu,hieu_luc,pdf\n\
        12-QĐ/ĐU,15/06/2026,về nền nếp sinh hoạt,Văn bản hết hiệu lực,https://example.org/12.pdf\n\
        3637/UBND-VX,20/07/2022,triển khai một số việc,Văn bản đang có hiệu lực,javascript:alert(1)\n\
        3637/UBND-VX,20/07/2022,triển khai một số việc,Văn bản đang có hiệu lực,\n\
        ,,,,\n\
        ,hôm qua,,x,\n";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_register_fills_and_a_file_that_comes_later_brings_the_text() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let report = import(&app, "register", &[("so.csv", REGISTER)], "members").await;
                let mut told = outcomes(&report);
                told.sort_unstable();
                assert_eq!(told, ["added", "added", "duplicate", "refused"], "{:?}", report.entries);
                assert_eq!(app.count("select count(*) from documents_document where source_url = ''").await, 1, "only web addresses are kept");
                let again = import(&app, "register", &[], "members").await;
                assert_eq!(again.count(Outcome::Same), 2, "{:?}", again.entries);
                let same = again.entries.iter().find(|one| one.outcome == Outcome::Same).unwrap();
                assert!(same.changes[0].new.contains("/U") || same.changes[0].new.contains("QĐ"), "a row is named");
                // Another title for the same paper is no identical row: both are shown, and what is here stays.
                let other = REGISTER.replace("về nền nếp sinh hoạt", "về học tập hằng tháng");
                let other = import(&app, "other", &[("so.csv", &other)], "members").await;
                assert_eq!(other.count(Outcome::Same), 1, "{:?}", other.entries);
                let differs = other.entries.iter().flat_map(|one| &one.warnings);
                let differs: Vec<&String> = differs.filter(|said| said.contains("học tập")).collect();
                assert!(differs[0].contains("nền nếp"), "{differs:?}");
                assert_eq!(app.count("select count(*) from documents_document where title like '%học tập%'").await, 0);
                let file = import(&app, "file", &[("12.md", RULES)], "members").await;
                assert_eq!(outcomes(&file), ["updated"]);
                assert_eq!(
                    app.count("select count(*) from documents_document where status_note <> '' and text_hash <> '' and file_sha <> ''").await,
                    1
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn classified_and_unreadable_files_are_refused_with_a_sentence() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let report = import(
                    &app,
                    "bad",
                    &[
                        (
                            "a-mat.txt",
                            "ĐẢNG BỘ THỬ\nMẬT\nSố 05-BC/ĐU\nBÁO CÁO\nvề một việc kín\n1. Nội dung.",
                        ),
                        ("b-empty.pdf", ""),
                        ("c-data.json", "{\"a\": 1}"),
                        ("d-broken.pdf", "%PDF-1.7\nkhông phải PDF"),
                        ("e-front.md", "+++\nsymbol = \n+++\nchữ"),
                        ("f-audience.md", "+++\naudience = \"unit:../\"\n+++\nchữ"),
                        ("g-no-header.csv", "một,hai\nba,bốn\n"),
                    ],
                    "members",
                )
                .await;
                assert_eq!(report.count(Outcome::Refused), 7, "{:?}", report.entries);
                for entry in &report.entries {
                    assert!(
                        entry.message.contains(' ') && !entry.message.contains('⟦'),
                        "{entry:?}"
                    );
                }
                assert!(report.entries[0].message.contains("mật"));
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn an_audience_that_is_none_stops_the_import_before_it_begins() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let wish = |audience: &str| site::room::ImportWish {
                    by: None,
                    lang: web::Lang::Vi,
                    operation: "test".into(),
                    path: folder(&app, "x", &[("12.md", RULES)]),
                    dry_run: false,
                    set: [("audience".to_owned(), audience.to_owned())].into(),
                    decided: Default::default(),
                    run: None,
                };
                let take = async |audience: &str| {
                    (IMPORTER.run)(app.site.clone(), wish(audience), Box::new(Quiet)).await
                };
                assert!(take("everyone").await.is_err());
                let count = "select count(*) from documents_document";
                assert_eq!(app.count(count).await, 0);
                assert!(take("public").await.is_ok());
                assert_eq!(app.count(count).await, 1);
            },
        )
        .await;
    }
    #[test]
    fn every_key_of_the_readers_has_a_sentence() {
        let texts = web::Texts::build(&[crate::room().texts])
            .map_err(|trouble| trouble.join("\n"))
            .unwrap();
        assert_eq!(texts.keys(web::Lang::Vi), texts.keys(web::Lang::En));
        for key in [
            "intake.refused.encrypted",
            "files.refused.crashed",
            "files.archive.bomb",
            "unheard.of",
        ] {
            assert!(texts.has(refusal_key(key)), "{key}");
        }
        for key in [
            "intake.warning.cut",
            "intake.warning.cell_cut",
            "unheard.of",
        ] {
            assert!(texts.has(warning_key(key)), "{key}");
        }
    }
    /// Keys written in this room's code and templates are those of its texts, no more and no less.
    #[test]
    fn texts_used_are_texts_defined() {
        let texts = web::Texts::build(&[crate::room().texts])
            .map_err(|trouble| trouble.join("\n"))
            .unwrap();
        let mut used = std::collections::BTreeSet::new();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in [
            files_below(&here.join("src")).unwrap(),
            files_below(&here.join("templates")).unwrap(),
        ]
        .concat()
        {
            let text = std::fs::read_to_string(file).unwrap();
            for piece in text
                .split('"')
                .filter(|piece| piece.len() > 12 && piece.starts_with("documents-"))
            {
                used.insert(piece.to_owned());
            }
        }
        let defined: std::collections::BTreeSet<String> = (texts.keys(web::Lang::Vi).iter())
            // Words of the log (`did-…`) have a test of their own.
            .filter(|key| key.starts_with("documents-"))
            .cloned()
            .collect();
        assert_eq!(used, defined);
    }
}
