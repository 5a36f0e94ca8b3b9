//! An upload: files of one person on their way into one place, and what is known of them.
//!
//! Pure. Not here: tables (`store`), files (`files::Inbox`), doing it (`run`).

use kernel::Moment;
use kernel::error::{Error, Result};
use std::collections::BTreeMap;
use web::Lang;

/// Where, beside what was set, an upload keeps the language of its page; no importer has such a field.
pub(crate) const LANG: &str = "lang";

/// Why an upload is shown again: what was seen is not what would be done by now.
pub(crate) const CHANGED: &str = "uploads-trouble-changed";

db::ids! {
    /// An upload.
    UploadId;
}

kernel::facts! {
    /// Where an upload is on its way.
    pub(crate) enum Stands {
        /// Files are still coming.
        Receiving = "receiving",
        /// A dry run looks at them.
        Checking = "checking",
        /// The person looks at what would happen and decides.
        Ready = "ready",
        /// It is being written.
        Applying = "applying",
        /// Written.
        Done = "done",
        /// The person stopped it; it can go on.
        Stopped = "stopped",
        /// It could not be finished; it can be tried again.
        Failed = "failed",
        /// What was made is being taken back.
        Undoing = "undoing",
        /// Taken back, as far as nothing was built on it.
        Undone = "undone",
        /// Given up before it was written.
        Dropped = "dropped",
    }
}

kernel::facts! {
    /// What a job does with an upload.
    pub(crate) enum Doing {
        /// Says what would happen.
        Check = "check",
        /// Writes it.
        Apply = "apply",
        /// Takes it back.
        Undo = "undo",
    }
}

/// Whether what a run did may be taken back; what stayed the first time may be free the second.
pub(crate) fn is_undoable(stands: Stands) -> bool {
    matches!(
        stands,
        Stands::Done | Stands::Stopped | Stands::Failed | Stands::Undone
    )
}

impl Stands {
    /// Whether work on it was broken off and can go on.
    pub(crate) fn is_halted(self) -> bool {
        matches!(self, Stands::Stopped | Stands::Failed)
    }
}

impl Doing {
    /// Where an upload stands that this may begin with.
    pub(crate) fn begins_at(self) -> &'static [Stands] {
        match self {
            Doing::Check => &[Stands::Receiving],
            Doing::Apply => &[Stands::Ready],
            Doing::Undo => &[
                Stands::Done,
                Stands::Stopped,
                Stands::Failed,
                Stands::Undone,
            ],
        }
    }
    /// The kind of its job.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Doing::Check => "uploads.check",
            Doing::Apply => "uploads.apply",
            Doing::Undo => "uploads.undo",
        }
    }
    /// How an upload stands while it goes on.
    pub(crate) fn during(self) -> Stands {
        match self {
            Doing::Check => Stands::Checking,
            Doing::Apply => Stands::Applying,
            Doing::Undo => Stands::Undoing,
        }
    }
    /// How it stands afterwards.
    pub(crate) fn after(self) -> Stands {
        match self {
            Doing::Check => Stands::Ready,
            Doing::Apply => Stands::Done,
            Doing::Undo => Stands::Undone,
        }
    }
    /// What is going on in an upload that stands so.
    pub(crate) fn of(stands: Stands) -> Option<Doing> {
        let mut all = Doing::ALL.iter().copied();
        all.find(|doing| doing.during() == stands)
    }
}

/// A file that the browser promised.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Promised {
    /// Its name, made harmless.
    pub(crate) name: String,
    /// Its size in bytes.
    pub(crate) bytes: u64,
}

/// A row of `uploads_upload`.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Upload {
    #[sqlx(try_from = "String")]
    pub(crate) id: UploadId,
    pub(crate) importer: String,
    pub(crate) place: String,
    pub(crate) place_name: String,
    pub(crate) owner_id: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: Stands,
    pub(crate) set_json: String,
    pub(crate) files_json: String,
    pub(crate) counts_json: String,
    pub(crate) columns_json: String,
    pub(crate) notes_json: String,
    pub(crate) doing: String,
    pub(crate) job_id: String,
    pub(crate) trouble: String,
    pub(crate) made_at: i64,
    pub(crate) changed_at: i64,
}

impl Upload {
    /// What was set.
    pub(crate) fn set(&self) -> Result<BTreeMap<String, String>> {
        serde_json::from_str(&self.set_json).map_err(Error::fault)
    }
    /// In which language its report speaks: that of the page from which it was sent.
    pub(crate) fn lang(&self) -> Result<Lang> {
        let set = self.set()?;
        let is_english = set.get(LANG).is_some_and(|code| code == Lang::En.code());
        Ok(if is_english { Lang::En } else { Lang::Vi })
    }
    /// The files that were promised.
    pub(crate) fn files(&self) -> Result<Vec<Promised>> {
        serde_json::from_str(&self.files_json).map_err(Error::fault)
    }
    /// How many rows had each outcome.
    pub(crate) fn counts(&self) -> Counts {
        serde_json::from_str(&self.counts_json).unwrap_or_default()
    }
    /// Which header was read as what.
    pub(crate) fn columns(&self) -> Vec<(String, String)> {
        serde_json::from_str(&self.columns_json).unwrap_or_default()
    }
    /// What holds for the whole file.
    pub(crate) fn notes(&self) -> Vec<String> {
        serde_json::from_str(&self.notes_json).unwrap_or_default()
    }
    /// When it was last touched.
    pub(crate) fn changed(&self) -> Moment {
        Moment(self.changed_at)
    }
    /// The names of its files, for a heading.
    pub(crate) fn title(&self) -> String {
        let files = self.files().unwrap_or_default();
        let names: Vec<String> = files.into_iter().map(|file| file.name).collect();
        match names.as_slice() {
            [first, second, rest @ ..] if !rest.is_empty() => {
                format!("{first}, {second} +{}", rest.len())
            }
            names => names.join(", "),
        }
    }
}

/// How many rows had each outcome, by its word; `doubtful` are those that a person decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Counts(pub(crate) BTreeMap<String, i64>);

/// The pile of rows that a person decides.
pub(crate) const DOUBTFUL: &str = "doubtful";

/// The pile of what stands beside rows and is taken or left by its sender: posts.
pub(crate) const PROPOSED: &str = "proposed";

impl Counts {
    pub(crate) fn of(&self, pile: &str) -> i64 {
        self.0.get(pile).copied().unwrap_or(0)
    }
    pub(crate) fn add(&mut self, pile: &str) {
        *self.0.entry(pile.to_owned()).or_default() += 1;
    }
}

/// A row of `uploads_entry`.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Row {
    pub(crate) nth: i64,
    pub(crate) source: String,
    pub(crate) message: String,
    pub(crate) warnings_json: String,
    pub(crate) changes_json: String,
    pub(crate) choices_json: String,
    pub(crate) answer: String,
    pub(crate) way_out: String,
}
