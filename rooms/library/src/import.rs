//! Taking books in: a file or a folder of EPUBs, each parsed in the child process, kept whole or refused
//! with a sentence.
//!
//! Repeatable: a file that was taken is known by its bytes and not opened again, so an import that was
//! stopped goes on where it stopped. The same identifier and title with other bytes is a **new edition**:
//! it replaces the text, the old file stays in the store, and readers keep their place. But files that
//! lie side by side in one import never replace each other: careless identifiers are common.
//! Not here: what is inside a book (`books`), the sentences (`import::sentence`).

mod importer;
mod sentence;
mod undo;

pub(crate) use importer::IMPORTER;

use crate::access::Importing;
use crate::id::TitleId;
use crate::shelf::{self, NewShelf};
use crate::store;
use books::Book;
use db::sql;
use files::{FileKind, FileRef, WorkerRefusal};
use kernel::Audience;
use kernel::error::{Doing, Error, Result};
use kernel::said;
use sha2::{Digest, Sha256};
use site::import::{Entry, Outcome, Progress, Report, Words};
use site::room::FieldChange;
use site::{May as _, Site};
use std::collections::{HashMap, HashSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How books are to be taken.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The shelf, by its slug. It is made when it is not there.
    pub shelf: String,
    /// The name of a shelf that is made; its slug when empty.
    pub shelf_name: String,
    /// By whose right; the operator's by default.
    pub by: Importing,
    /// Who may see the titles, and a shelf that is made.
    pub audience: Audience,
    /// The upload under which what is made is remembered.
    pub run: Option<String>,
    /// What all imports share.
    pub common: site::import::Options,
}

/// Takes every book below a path. One entry for each EPUB or PDF (PDF is refused for now); in a folder
/// other files are passed over, a file that is named itself always gets its entry.
///
/// # Errors
/// A slug or audience that cannot be one is refused; a failing disk, database or worker is a fault.
/// A bad book is an entry of the report, not an error.
pub async fn run(
    site: &Site,
    path: &Path,
    options: &Options,
    progress: &mut dyn Progress,
) -> Result<Report> {
    let is_folder = std::fs::metadata(path)
        .map_err(Error::from)
        .doing(said!("looking at {}", path.display()))?
        .is_dir();
    let files: Vec<PathBuf> = site::import::files_below(path)?
        .into_iter()
        .filter(|file| !is_folder || is_book(file))
        .collect();
    progress.total(u64::try_from(files.len()).unwrap_or(0));
    let new = NewShelf {
        slug: options.shelf.clone(),
        name: options.shelf_name.clone(),
        lead: String::new(),
        audience: options.audience.clone(),
    };
    let mut report = Report::default();
    let mut taker = Taker::open(site, &options.by, &new, &options.common).await?;
    taker.run.clone_from(&options.run);
    for file in files {
        if progress.is_stopped() {
            report.stopped = true;
            break;
        }
        let began = Instant::now();
        let taken = taker
            .take(&file)
            .await
            .doing(said!("taking {}", file.display()))?;
        let entry = Entry {
            source: file.display().to_string(),
            outcome: taken.outcome,
            id: taken.id,
            kind: taken.kind.to_owned(),
            message: taken.message,
            warnings: taken.warnings,
            ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            changes: taken.changes,
            choices: Vec::new(),
            answer: "",
            way_out: String::new(),
        };
        progress.step(&entry);
        report.entries.push(entry);
    }
    Ok(report)
}

/// Puts a book that the program built itself onto a shelf (the guides of the demo): opened here, without
/// a child process. The same bytes again answer the same title.
///
/// # Errors
/// A book that cannot be read is a fault: it is ours.
pub async fn add_built(
    site: &Site,
    by: &Importing,
    shelf: &str,
    bytes: Vec<u8>,
) -> Result<TitleId> {
    let new = NewShelf {
        slug: shelf.to_owned(),
        ..NewShelf::default()
    };
    let common = site::import::Options::default();
    let taker = Taker::open(site, by, &new, &common).await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("book.epub");
    std::fs::write(&file, bytes)?;
    let out = folder.path().join("out");
    std::fs::create_dir(&out)?;
    let sha256 = hash_of(&file).await?;
    if let Known::At(id, _) = taker.known(&sha256).await? {
        return id.parse().map_err(Error::fault);
    }
    let (from, to) = (file.clone(), out.clone());
    let book =
        tokio::task::spawn_blocking(move || books::unpack(&from, &to, &books::Limits::default()))
            .await
            .map_err(Error::fault)?
            .map_err(Error::fault)
            .doing("opening a book of our own")?;
    let taken = taker.keep(&file, &out, book, "").await?;
    taken.id.parse().map_err(Error::fault)
}

fn is_book(file: &Path) -> bool {
    let ending = file
        .extension()
        .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    matches!(ending.as_deref(), Some("epub" | "pdf"))
        || matches!(FileKind::of_path(file), Ok(FileKind::Epub | FileKind::Pdf))
}

async fn hash_of(file: &Path) -> Result<String> {
    let file = file.to_owned();
    tokio::task::spawn_blocking(move || {
        let mut from = std::fs::File::open(file)?;
        let mut hash = Sha256::new();
        let mut piece = vec![0; 1 << 16];
        loop {
            match from.read(&mut piece)? {
                0 => return Ok(data_encoding::HEXLOWER.encode(&hash.finalize())),
                n => hash.update(piece.get(..n).unwrap_or_default()),
            }
        }
    })
    .await
    .map_err(Error::fault)?
}

/// What became of one file.
pub(crate) struct Taken {
    outcome: Outcome,
    id: String,
    kind: &'static str,
    message: String,
    warnings: Vec<String>,
    changes: Vec<FieldChange>,
}

/// Whether a file is known already.
enum Known {
    /// On this shelf: title, and whether it is an edition that was replaced since.
    At(String, bool),
    /// On another shelf: the title.
    Elsewhere(String),
    No,
}

/// Puts books onto one shelf.
struct Taker<'a> {
    site: &'a Site,
    words: Words,
    by: Importing,
    shelf: NewShelf,
    /// `None` while the shelf is not there (a dry run does not make it).
    shelf_id: Option<String>,
    says_made: bool,
    dry_run: bool,
    /// The upload under which what is made is remembered.
    run: Option<String>,
    /// Titles whose file this import has met: another file of it does not replace them.
    met: HashSet<String>,
    /// Files that this dry run would have added, by their bytes and by their text: it writes nothing, so the table does
    /// not know them when an equal one comes.
    seen: HashMap<String, String>,
    session: files::Session,
}

impl<'a> Taker<'a> {
    async fn open(
        site: &'a Site,
        by: &Importing,
        shelf: &NewShelf,
        common: &site::import::Options,
    ) -> Result<Taker<'a>> {
        let dry_run = common.dry_run;
        let (shelf_id, says_made) = if dry_run {
            shelf::check(shelf)?;
            let row: Option<store::ShelfRow> = sql(store::ANY_SHELF)
                .bind(&shelf.slug)
                .maybe(site.db.read())
                .await?;
            let missing = row.is_none();
            (row.map(|row| row.id), missing)
        } else {
            let (id, made) = shelf::ensure(site, by, shelf).await?;
            (Some(id.to_string()), made)
        };
        Ok(Taker {
            site,
            words: common.words(site),
            by: by.clone(),
            shelf: shelf.clone(),
            shelf_id,
            says_made,
            dry_run,
            run: None,
            met: HashSet::new(),
            seen: HashMap::new(),
            session: site.worker.session(),
        })
    }

    fn say(&self, key: &str) -> String {
        self.words.get(key)
    }

    fn refused(&self, kind: &'static str, message: String) -> Taken {
        Taken {
            outcome: Outcome::Refused,
            id: String::new(),
            kind,
            message,
            warnings: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// What was read of a book, field by field.
    fn shown(&self, book: &Book) -> Vec<FieldChange> {
        let creators: Vec<&str> = (book.creators.iter())
            .map(|creator| creator.name.as_str())
            .collect();
        let fields = [
            ("library-edit-title", book.title.clone()),
            ("library-import-creators", creators.join(", ")),
            (
                "library-import-publisher",
                book.publisher.clone().unwrap_or_default(),
            ),
        ];
        let told = fields.into_iter().filter(|(_, new)| !new.is_empty());
        told.map(|(key, new)| FieldChange {
            label: self.say(key),
            old: String::new(),
            new,
        })
        .collect()
    }

    async fn known(&self, sha256: &str) -> Result<Known> {
        let rows: Vec<(String, String, String, String)> = sql(store::BY_FILE)
            .bind(sha256)
            .all(self.site.db.read())
            .await?;
        let here = rows
            .iter()
            .find(|row| Some(&row.1) == self.shelf_id.as_ref());
        Ok(match (here, rows.first()) {
            (Some(row), _) => Known::At(row.0.clone(), row.3 != sha256),
            (None, Some(row)) => Known::Elsewhere(row.0.clone()),
            (None, None) => Known::No,
        })
    }

    async fn take(&mut self, file: &Path) -> Result<Taken> {
        match FileKind::of_path(file) {
            Ok(FileKind::Pdf) => return Ok(self.refused("pdf", self.say("library-refused-pdf"))),
            Ok(_) => {}
            // Gone or locked since the folder was listed: this file's trouble alone.
            Err(_) => return Ok(self.refused("epub", self.say("library-refused-unreadable"))),
        }
        let sha256 = hash_of(file).await?;
        let same = |outcome, id, message| Taken {
            outcome,
            id,
            kind: "epub",
            message,
            warnings: Vec::new(),
            changes: Vec::new(),
        };
        let known = self.known(&sha256).await?;
        if let Known::At(id, _) = &known {
            self.met.insert(id.clone());
        }
        match known {
            Known::At(id, false) => return Ok(same(Outcome::Same, id, String::new())),
            Known::At(id, true) => {
                return Ok(same(Outcome::Same, id, self.say("library-import-older")));
            }
            Known::Elsewhere(id) => {
                return Ok(same(
                    Outcome::Duplicate,
                    id,
                    self.say("library-import-elsewhere"),
                ));
            }
            Known::No => {}
        }
        let name = file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if let Some(message) = self.said_of(&sha256) {
            return Ok(same(Outcome::Same, String::new(), message));
        }
        let out = tempfile::tempdir()?;
        let answer = self
            .session
            .run("books.open", file, out.path(), serde_json::Value::Null)
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(WorkerRefusal::Unavailable { detail }) => return Err(Error::fault(detail)),
            Err(refusal) => {
                let message = sentence::refused(&self.words, refusal.key());
                return Ok(self.refused("epub", message));
            }
        };
        let mut book: Book = serde_json::from_value(answer)
            .map_err(Error::fault)
            .doing("reading the worker's answer")?;
        if crate::sample::is_left(&book) {
            return Ok(self.refused("epub", self.say("library-refused-sample")));
        }
        let warnings = sentence::warnings(&self.words, &book.warnings);
        book.warnings.clear();
        let text = text_hash(&book);
        if let Some(message) = self.said_of(&text) {
            return Ok(same(Outcome::Duplicate, String::new(), message));
        }
        let mut taken = self.keep(file, out.path(), book, &name).await?;
        if self.dry_run && taken.outcome == Outcome::Added {
            let told = [sha256, text].into_iter().filter(|hash| !hash.is_empty());
            self.seen.extend(told.map(|hash| (hash, name.clone())));
        }
        self.met.insert(taken.id.clone());
        taken.warnings.extend(warnings);
        if std::mem::take(&mut self.says_made) {
            let said = self.words.with(
                "library-import-shelf-made",
                &[("slug", (&self.shelf.slug).into())],
            );
            taken.warnings.insert(0, said);
        }
        Ok(taken)
    }

    /// That a file of this dry run has the same bytes or the same text.
    fn said_of(&self, hash: &str) -> Option<String> {
        let name = self.seen.get(hash).filter(|_| self.dry_run)?;
        let said = [("file", name.as_str().into())];
        Some(self.words.with("library-import-same-file", &said))
    }

    /// Decides what an opened book is to this shelf, and keeps it.
    async fn keep(&self, file: &Path, out: &Path, book: Book, name: &str) -> Result<Taken> {
        let text_sha256 = text_hash(&book);
        let mut taken = Taken {
            outcome: Outcome::Added,
            id: String::new(),
            kind: "epub",
            message: String::new(),
            warnings: Vec::new(),
            changes: self.shown(&book),
        };
        let mut replaces = None;
        if let Some(shelf) = &self.shelf_id {
            match self.edition_of(shelf, &book).await? {
                Edition::Of(id) => {
                    taken.outcome = Outcome::Updated;
                    replaces = Some(id);
                }
                Edition::Doubtful => taken
                    .warnings
                    .push(self.say("library-import-identifier-shared")),
                Edition::None => {}
            }
            if replaces.is_none() && !text_sha256.is_empty() {
                let twin: Option<(String, String)> = sql(store::BY_TEXT)
                    .bind(shelf)
                    .bind(&text_sha256)
                    .maybe(self.site.db.read())
                    .await?;
                if let Some((id, title)) = twin {
                    taken.outcome = Outcome::Duplicate;
                    taken.message = self
                        .words
                        .with("library-import-same-text", &[("title", (&title).into())]);
                    taken.id = id;
                    return Ok(taken);
                }
            }
        }
        taken.id = replaces.clone().unwrap_or_default();
        let (false, Some(shelf)) = (self.dry_run, &self.shelf_id) else {
            return Ok(taken);
        };
        let mut served: HashMap<String, FileRef> = HashMap::new();
        let mut running = tokio::task::JoinSet::new();
        for resource in book.resources.iter().filter(|resource| resource.served) {
            // The child names files of its own folder only; anything else is not followed.
            let Some(name) = resource.path.as_deref().filter(|name| is_plain_name(name)) else {
                continue;
            };
            let path = out.join(name);
            if !std::fs::symlink_metadata(&path).is_ok_and(|about| about.is_file()) {
                continue;
            }
            let (files, id) = (self.site.files.clone(), resource.id.clone());
            running.spawn(async move { files.put_path(&path).await.map(|kept| (id, kept)) });
            if running.len() >= AT_ONCE
                && let Some(done) = running.join_next().await
            {
                served.extend([done.map_err(Error::fault)?.map_err(Error::fault)?]);
            }
        }
        while let Some(done) = running.join_next().await {
            served.extend([done.map_err(Error::fault)?.map_err(Error::fault)?]);
        }
        let kept = self
            .site
            .files
            .put_path(file)
            .await
            .map_err(Error::fault)
            .doing("keeping a book's file")?;
        let prepared = store::Prepared {
            book,
            file: kept,
            file_name: name.to_owned(),
            text_sha256,
            served,
        };
        let action = if replaces.is_some() {
            "title.replace"
        } else {
            "title.add"
        };
        let mut act = self.by.clone().begin(self.site, "import", action).await?;
        let audience = &self.shelf.audience;
        let was = match &replaces {
            Some(id) => Some(store::before::image(&mut act, id).await?),
            None => None,
        };
        match store::write(&mut act, shelf, replaces.as_deref(), audience, &prepared).await {
            Ok(id) => {
                let run = self.run.as_deref();
                match &was {
                    Some(was) => {
                        let left = store::before::left(&mut act, &id).await?;
                        let what = ("title", id.as_str());
                        site::import::note_changed(&mut act, run, what, was, &left).await?;
                    }
                    None => {
                        let made = std::slice::from_ref(&id);
                        site::import::note_made(&mut act, run, "title", made).await?;
                    }
                }
                act.end().await?;
                taken.id = id;
            }
            // Another import put it there in the meantime.
            Err(error) if db::broke(&error, "library_title_shelf_id_file_sha256") => {
                drop(act);
                taken.outcome = Outcome::Same;
                if let Known::At(id, _) = self.known(&prepared.file.sha256).await? {
                    taken.id = id;
                }
            }
            Err(error) => return Err(error),
        }
        Ok(taken)
    }

    async fn edition_of(&self, shelf: &str, book: &Book) -> Result<Edition> {
        let identifier = store::plain(&book.identifier);
        if !is_telling(&identifier) {
            return Ok(Edition::None);
        }
        let rows: Vec<(String, String, i64)> = sql(store::BY_IDENTIFIER)
            .bind(shelf)
            .bind(&identifier)
            .all(self.site.db.read())
            .await?;
        let fold = vietnamese::fold(&store::plain(&book.title));
        // A corrected title no longer tells: then the identifier alone decides.
        let same = rows
            .iter()
            .find(|row| row.1 == fold)
            .or(rows.iter().find(|row| row.2 == 1));
        Ok(match (same, rows.is_empty()) {
            (Some(row), _) if self.met.contains(&row.0) => Edition::Doubtful,
            (Some(row), _) => Edition::Of(row.0.clone()),
            (None, false) => Edition::Doubtful,
            (None, true) => Edition::None,
        })
    }
}

/// Pictures that are written to disk at the same time.
const AT_ONCE: usize = 8;

enum Edition {
    /// Of that title.
    Of(String),
    /// The identifier is there, but under another title or on a file of this same import: some
    /// converters give every book the same one.
    Doubtful,
    None,
}

/// Whether an identifier can tell one book from others: `NOID` and `0` cannot.
fn is_telling(identifier: &str) -> bool {
    identifier.chars().filter(|c| c.is_alphanumeric()).count() >= 6
        && identifier.chars().any(|c| c.is_ascii_digit())
}

/// Fewer words than these do not tell a book by its text: its pictures may be the point.
const TELLING_WORDS: u64 = 200;

fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\'])
}

/// Names a book by its words, so that the same text in another wrapping is recognised. Empty for a
/// book of pictures, which has no words to tell it by.
fn text_hash(book: &Book) -> String {
    if book.words < TELLING_WORDS {
        return String::new();
    }
    let mut hash = Sha256::new();
    for section in &book.sections {
        for word in section.text.split_whitespace() {
            hash.update(word);
            hash.update(" ");
        }
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

#[cfg(test)]
mod tests;
