//! What a handler holds while its job runs: payload, progress, stop, and a place to go on from.
//!
//! Cloning shares it. Progress is written at most once a second, in a transaction of its own.
//! The rule that surprises: SQLite has one writer, so never call [`Running::step`],
//! [`Running::checkpoint`] or [`Running::say`] while holding a transaction of your own; inside one
//! use [`Running::checkpoint_in`].

use crate::queue::{Job, State};
use crate::store::{self, Progress};
use db::{Db, Tx};
use kernel::error::{Doing, Error, Result};
use kernel::said;
use kernel::{Clock, Moment};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Progress is written at most once in this time.
const PROGRESS_MS: i64 = 1_000;

/// The job that a handler is running.
#[derive(Clone)]
pub struct Running(Arc<Held>);

pub(crate) struct Held {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) job: Job,
    pub(crate) lease: String,
    /// Stop, for whatever reason.
    stop: AtomicBool,
    /// The handler has seen that it is to stop.
    told: AtomicBool,
    /// Another runner has the job, or may have it.
    lost: AtomicBool,
    now: Mutex<Now>,
}

struct Now {
    progress: Progress,
    written_at: Option<Moment>,
    is_written: bool,
}

impl Running {
    pub(crate) fn new(db: Db, clock: Clock, job: Job, lease: String) -> Self {
        let note_args = serde_json::to_string(&job.note_args).unwrap_or_else(|_| "[]".to_owned());
        let progress = Progress {
            done: job.done,
            total: job.total,
            note: job.note.clone(),
            note_args,
        };
        Self(Arc::new(Held {
            db,
            clock,
            job,
            lease,
            stop: AtomicBool::new(false),
            told: AtomicBool::new(false),
            lost: AtomicBool::new(false),
            now: Mutex::new(Now {
                progress,
                written_at: None,
                is_written: true,
            }),
        }))
    }
    pub(crate) fn held(&self) -> &Held {
        &self.0
    }
    pub(crate) fn ask_to_stop(&self) {
        self.0.stop.store(true, Ordering::SeqCst);
    }
    pub(crate) fn was_told(&self) -> bool {
        self.0.told.load(Ordering::SeqCst)
    }
    pub(crate) fn is_lost(&self) -> bool {
        self.0.lost.load(Ordering::SeqCst)
    }
    /// Takes in what the database says about this lease.
    pub(crate) fn heard(&self, state: Option<State>) {
        match state {
            Some(State::Running) => {}
            Some(_) => self.ask_to_stop(),
            None => {
                self.0.lost.store(true, Ordering::SeqCst);
                self.ask_to_stop();
            }
        }
    }

    /// The job as it was when it began.
    pub fn job(&self) -> &Job {
        &self.0.job
    }
    /// What it was given.
    ///
    /// # Errors
    /// A fault when the payload has another shape.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.0.job.payload)
            .map_err(Error::fault)
            .doing(said!("reading the payload of a job {}", self.0.job.kind))
    }
    /// What an earlier attempt saved; `None` when there is none.
    ///
    /// # Errors
    /// A fault when it has another shape.
    pub fn resumed<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        if self.0.job.saved.is_empty() {
            return Ok(None);
        }
        serde_json::from_str(&self.0.job.saved)
            .map(Some)
            .map_err(Error::fault)
            .doing(said!("reading what a job {} saved", self.0.job.kind))
    }
    /// Whether a person stopped the job or the program is ending. Save the place and return `Ok`:
    /// a handler that has seen `true` counts as stopped, never as done.
    pub fn is_stopped(&self) -> bool {
        let stop = self.0.stop.load(Ordering::SeqCst);
        if stop {
            self.0.told.store(true, Ordering::SeqCst);
        }
        stop
    }
    /// How many steps there are in all.
    pub fn set_total(&self, total: i64) {
        self.change(|progress| progress.total = total);
    }
    /// How many steps are done: where an attempt that resumes begins to count.
    pub fn set_done(&self, done: i64) {
        self.change(|progress| progress.done = done);
    }
    /// One step more. Answers whether to go on: `false` is [`Running::is_stopped`].
    ///
    /// # Errors
    /// When progress was due to be written and the database failed, or the job is another's now.
    pub async fn step(&self) -> Result<bool> {
        self.steps(1).await
    }
    /// So many steps more; see [`Running::step`].
    ///
    /// # Errors
    /// As [`Running::step`].
    pub async fn steps(&self, count: i64) -> Result<bool> {
        self.change(|progress| progress.done += count);
        self.write(false).await?;
        Ok(!self.is_stopped())
    }
    /// What it is doing: a text key of the room and its arguments.
    ///
    /// # Errors
    /// As [`Running::step`].
    pub async fn say(&self, key: &str, args: &[(&str, String)]) -> Result<()> {
        let args = serde_json::to_string(args).map_err(Error::fault)?;
        self.change(|progress| {
            key.clone_into(&mut progress.note);
            progress.note_args = args;
        });
        self.write(false).await
    }
    /// Keeps what the next attempt will find through [`Running::resumed`].
    ///
    /// # Errors
    /// When the database fails, or the job is another's now.
    pub async fn checkpoint(&self, place: &impl Serialize) -> Result<()> {
        let mut tx = self.0.db.begin().await?;
        self.checkpoint_in(&mut tx, place).await?;
        self.0.db.commit(tx).await
    }
    /// Keeps it in the transaction of the work itself, so that work and place commit together or
    /// not at all. A runner that lost the job cannot commit this: its work is undone.
    ///
    /// # Errors
    /// When the database fails, or the job is another's now; then drop the transaction.
    pub async fn checkpoint_in(&self, tx: &mut Tx, place: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string(place).map_err(Error::fault)?;
        if store::save(tx, &self.0.job.id, &self.0.lease, &text).await? {
            return Ok(());
        }
        self.heard(None);
        Err(lost())
    }

    fn change(&self, how: impl FnOnce(&mut Progress)) {
        let mut now = self.0.now.lock().unwrap_or_else(PoisonError::into_inner);
        how(&mut now.progress);
        now.is_written = false;
    }
    /// Writes progress when it is due, or in any case at the end.
    pub(crate) async fn write(&self, at_the_end: bool) -> Result<()> {
        let at = self.0.clock.now();
        let progress = {
            let mut now = self.0.now.lock().unwrap_or_else(PoisonError::into_inner);
            let is_early = now
                .written_at
                .is_some_and(|last| at.0 - last.0 < PROGRESS_MS);
            if now.is_written || (is_early && !at_the_end) {
                return Ok(());
            }
            now.is_written = true;
            now.written_at = Some(at);
            now.progress.clone()
        };
        let mut tx = self.0.db.begin().await?;
        let state = store::set_progress(&mut tx, &self.0.job.id, &self.0.lease, &progress).await?;
        self.0.db.commit(tx).await?;
        self.heard(state);
        if self.is_lost() { Err(lost()) } else { Ok(()) }
    }
}

fn lost() -> Error {
    Error::fault("the lease of this job ran out and another runner may have it")
}
