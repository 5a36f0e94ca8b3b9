//! What goes into the queue, and what an operator does with it: add, look, stop, try again, trim.
//!
//! Nothing here runs a job (`runner`). The rule that surprises: while a job of the same kind and key
//! waits or runs, adding it once more is success and answers the one that is there.

use crate::store;
use db::{Db, Tx};
use kernel::error::{Doing, Error, Result};
use kernel::id::NotAnId;
use kernel::{Clock, Dice, MemberId, Moment, UnitId};

/// A job's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(String);

impl JobId {
    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl TryFrom<String> for JobId {
    type Error = NotAnId;
    fn try_from(text: String) -> std::result::Result<Self, NotAnId> {
        if kernel::id::is_id(&text) {
            Ok(Self(text))
        } else {
            Err(NotAnId)
        }
    }
}
impl std::str::FromStr for JobId {
    type Err = NotAnId;
    fn from_str(text: &str) -> std::result::Result<Self, NotAnId> {
        Self::try_from(text.to_owned())
    }
}
impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a job is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// In the queue, perhaps for later.
    Waiting,
    /// A runner has it.
    Running,
    /// A runner has it and a person asked it to stop.
    Stopping,
    /// Ended well.
    Done,
    /// Given up: it failed as often as it may.
    Failed,
    /// A person stopped it; it can go on.
    Stopped,
}

impl State {
    /// Every state, in the order of a job's life.
    pub const ALL: [State; 6] = [
        State::Waiting,
        State::Running,
        State::Stopping,
        State::Done,
        State::Failed,
        State::Stopped,
    ];
    /// The word in the database.
    pub fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Running => "running",
            State::Stopping => "stopping",
            State::Done => "done",
            State::Failed => "failed",
            State::Stopped => "stopped",
        }
    }
    /// Reads the word of the database.
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == text)
    }
    /// Whether nothing more will happen by itself.
    pub fn is_ended(self) -> bool {
        matches!(self, State::Done | State::Failed | State::Stopped)
    }
}

/// A job to be added.
#[derive(Debug, Clone)]
pub struct New {
    kind: String,
    key: String,
    subject: String,
    payload: String,
    run_at: Option<Moment>,
    unit_id: String,
    asked_by: String,
    once_ever: bool,
    trouble: Option<String>,
}

impl New {
    /// A job of this kind. `key` says what makes two requests the same request: the id of the thing
    /// that is to be worked on, or of the form that was sent.
    pub fn of(kind: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            key: key.into(),
            subject: String::new(),
            payload: "null".to_owned(),
            run_at: None,
            unit_id: String::new(),
            asked_by: String::new(),
            once_ever: false,
            trouble: None,
        }
    }
    /// Its place among those of one transaction, which all add theirs in this order.
    pub fn place(&self) -> (&str, &str) {
        (&self.kind, &self.key)
    }
    /// The id of the thing it is about, for pages that show its progress.
    pub fn subject(mut self, id: impl ToString) -> Self {
        self.subject = id.to_string();
        self
    }
    /// What the handler is told. Ids, not personal data: the operator can see the table.
    pub fn payload(mut self, payload: &impl serde::Serialize) -> Self {
        match serde_json::to_string(payload) {
            Ok(text) => self.payload = text,
            Err(cause) => self.trouble = Some(cause.to_string()),
        }
        self
    }
    pub(crate) fn payload_text(mut self, text: &str) -> Self {
        text.clone_into(&mut self.payload);
        self
    }
    /// Not before this moment; without it, at once.
    pub fn run_at(mut self, at: Moment) -> Self {
        self.run_at = Some(at);
        self
    }
    /// The unit on whose behalf it runs.
    pub fn unit(mut self, id: &UnitId) -> Self {
        self.unit_id = id.to_string();
        self
    }
    /// Who asked for it.
    pub fn asked_by(mut self, id: &MemberId) -> Self {
        self.asked_by = id.to_string();
        self
    }
    /// Never a second time with this kind and key, not even after it ended.
    pub fn once_ever(mut self) -> Self {
        self.once_ever = true;
        self
    }
}

/// What adding did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The job: the new one, or the one that was there.
    pub id: JobId,
    /// Whether it is new.
    pub is_new: bool,
}

/// Adds a job in the caller's transaction. After the commit, [`crate::Wake::now`] starts it at once;
/// without that a runner finds it within half a second.
///
/// # Errors
/// A fault when the payload is no JSON or the database fails; busy when the same key ends and begins
/// again and again meanwhile.
pub async fn add(tx: &mut Tx, clock: &Clock, dice: &Dice, new: New) -> Result<Added> {
    if let Some(cause) = new.trouble {
        return Err(Error::fault(cause)).doing("writing the payload of a job");
    }
    let now = clock.now();
    let id = JobId::try_from(dice.uuid(now)).map_err(Error::fault)?;
    let fresh = store::Fresh {
        id: &id,
        kind: &new.kind,
        key: &new.key,
        once_ever: new.once_ever,
        subject: &new.subject,
        unit_id: &new.unit_id,
        asked_by: &new.asked_by,
        payload: &new.payload,
        due_at: new.run_at.unwrap_or(now),
        created_at: now,
    };
    // The one that stood in the way may end between the two statements; then there is room.
    for _ in 0..3 {
        if store::add(tx, &fresh).await? {
            return Ok(Added { id, is_new: true });
        }
        if let Some(same) = store::find_same(tx, &new.kind, &new.key).await? {
            let id = JobId::try_from(same).map_err(Error::fault)?;
            return Ok(Added { id, is_new: false });
        }
    }
    Err(Error::Busy { retry_s: 1 })
}

/// A job as a page or an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Its kind, such as `people.roster_import`.
    pub kind: String,
    /// What makes two requests the same.
    pub key: String,
    /// The thing it is about, or empty.
    pub subject: String,
    /// The unit on whose behalf it runs, or empty.
    pub unit_id: String,
    /// The member who asked, or empty.
    pub asked_by: String,
    /// JSON for the handler.
    pub payload: String,
    /// JSON that the handler kept for itself, or empty.
    pub saved: String,
    /// Where it is.
    pub state: State,
    /// How often it has begun since it was added or tried again.
    pub attempts: i64,
    /// When it may begin; for a running one, the end of its lease.
    pub due_at: Moment,
    /// The runner that has it, or empty.
    pub worker: String,
    /// Why the last attempt failed, as a class: `fault`, `busy`, `panic`, `lost`, `not-found`, or
    /// `refused:KEY`. The cause stands in the log beside `job.id`, since it may name a person.
    pub error: String,
    /// Steps done.
    pub done: i64,
    /// Steps in all; 0 when unknown.
    pub total: i64,
    /// Text key of what it is doing, or empty.
    pub note: String,
    /// Arguments of the note.
    pub note_args: Vec<(String, String)>,
    /// When it was added.
    pub created_at: Moment,
    /// When it last began.
    pub began_at: Option<Moment>,
    /// When it ended.
    pub ended_at: Option<Moment>,
}

/// Which jobs to list; empty fields do not narrow.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
    /// Of this kind.
    pub kind: String,
    /// Of this unit.
    pub unit_id: String,
    /// Asked for by this member.
    pub asked_by: String,
}

/// Jobs from the newest on, at most `limit`, older than `after` (the last of the page before).
/// Who may see them is the caller's to prove.
pub async fn list(db: &Db, filter: &Filter, after: Option<&JobId>, limit: i64) -> Result<Vec<Job>> {
    store::list(db, filter, after, limit).await
}

/// One job, if it is there.
pub async fn find(db: &Db, id: &JobId) -> Result<Option<Job>> {
    store::find(db.read(), id).await
}

/// One job, or [`Error::NotFound`].
pub async fn get(db: &Db, id: &JobId) -> Result<Job> {
    find(db, id).await?.ok_or(Error::NotFound)
}

/// How many jobs there are in each state, in the order of [`State::ALL`].
pub async fn count_by_state(db: &Db) -> Result<Vec<(State, i64)>> {
    let rows = store::count_by_state(db).await?;
    Ok(State::ALL
        .into_iter()
        .map(|state| {
            let count = rows.iter().find(|(name, _)| name == state.name());
            (state, count.map_or(0, |(_, count)| *count))
        })
        .collect())
}

/// What asking to stop did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It had not begun and will not.
    Stopped,
    /// Its handler is told and ends at its next step.
    Stopping,
    /// It had ended already.
    Ended,
}

/// Asks a job to stop. Asking twice is success.
///
/// # Errors
/// [`Error::NotFound`] for a job that is not there.
pub async fn stop(tx: &mut Tx, clock: &Clock, id: &JobId) -> Result<Stop> {
    let state = match store::stop(tx, id, clock.now()).await? {
        Some(state) => state,
        None => {
            store::find(&mut **tx, id)
                .await?
                .ok_or(Error::NotFound)?
                .state
        }
    };
    Ok(match state {
        State::Stopping => Stop::Stopping,
        State::Stopped => Stop::Stopped,
        _ => Stop::Ended,
    })
}

/// Puts a failed or stopped job into the queue again, with all its attempts and with what it saved.
/// `false` when it has not ended so, or another of its kind and key waits or runs.
///
/// # Errors
/// [`Error::NotFound`] for a job that is not there.
pub async fn again(tx: &mut Tx, clock: &Clock, id: &JobId) -> Result<bool> {
    if store::again(tx, id, clock.now()).await? {
        return Ok(true);
    }
    match store::find(&mut **tx, id).await? {
        Some(_) => Ok(false),
        None => Err(Error::NotFound),
    }
}

/// Deletes at most `limit` jobs that ended before; answers how many. Those that may come once ever
/// stay, because they are the memory of it.
pub async fn trim(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64> {
    store::trim(tx, before, limit).await
}
