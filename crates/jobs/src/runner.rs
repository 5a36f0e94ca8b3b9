//! Claims what is due, runs it, renews its lease, ends it; queues what the schedule says.
//!
//! Several processes may run side by side on PostgreSQL; the claim (`store`) lets one have a job.
//! A job of a killed process comes back when its lease ends. Not here: what a job does.
//! The rule that surprises: leases are judged by the handed-in clock of each process, so the clocks
//! of several servers must agree to within a few seconds (a lease is 30).

use crate::queue::{self, Job, New, State};
use crate::running::Running;
use crate::schedule::{Every, Schedule};
use crate::store;
use db::Db;
use kernel::error::{Error, Result};
use kernel::{Clock, Dice, Moment};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

/// How long an idle runner waits between two looks: as the search index's follower does.
const POLL: Duration = Duration::from_millis(500);
/// How long the program waits at its end for handlers that were told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long a job is a runner's without a sign of life.
const LEASE_MS: i64 = 30_000;

/// What a handler answers.
pub type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What runs jobs of one kind. `C` is what every handler is handed.
pub struct Handler<C> {
    kind: &'static str,
    run: fn(C, Running) -> Later<Result<()>>,
    at_once: usize,
    attempts: i64,
    first_wait_ms: i64,
    longest_wait_ms: i64,
    lease_ms: i64,
}

impl<C> Clone for Handler<C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<C> Copy for Handler<C> {}

impl<C> Handler<C> {
    /// One at a time in a process, five attempts, 10 seconds before the second, at most an hour.
    pub const fn new(kind: &'static str, run: fn(C, Running) -> Later<Result<()>>) -> Self {
        Self {
            kind,
            run,
            at_once: 1,
            attempts: 5,
            first_wait_ms: 10_000,
            longest_wait_ms: 3_600_000,
            lease_ms: LEASE_MS,
        }
    }
    /// How many of this kind may run at once in one process.
    pub const fn at_once(mut self, count: usize) -> Self {
        self.at_once = count;
        self
    }
    /// How often a job may begin before it is given up.
    pub const fn attempts(mut self, most: i64) -> Self {
        self.attempts = most;
        self
    }
    /// Milliseconds before the second attempt, doubled each time up to the longest; each wait is
    /// moved by up to a fifth either way, so that jobs that failed together do not return together.
    pub const fn waits_ms(mut self, first: i64, longest: i64) -> Self {
        self.first_wait_ms = first;
        self.longest_wait_ms = longest;
        self
    }
    /// Milliseconds without a sign of life after which another runner takes the job.
    pub const fn lease_ms(mut self, ms: i64) -> Self {
        self.lease_ms = ms;
        self
    }
    /// The kind.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    fn wait_ms(&self, attempt: i64, dice: &Dice) -> i64 {
        let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(30);
        let wait = self
            .first_wait_ms
            .saturating_mul(1 << doublings)
            .min(self.longest_wait_ms);
        let fifth = wait / 5;
        let shift = dice.below(u64::try_from(2 * fifth + 1).unwrap_or(1));
        wait - fifth + i64::try_from(shift).unwrap_or(0)
    }
}

/// Wakes the runner of this process, so that a job begins at once. Cloning shares it.
#[derive(Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// Call after the commit that added a job.
    pub fn now(&self) {
        self.0.notify_one();
    }
}

/// Runs jobs. One in each process.
pub struct Runner<C> {
    db: Db,
    clock: Clock,
    dice: Dice,
    ctx: C,
    handlers: Vec<Handler<C>>,
    schedules: Vec<Schedule>,
    at_once: usize,
    grace: Duration,
    worker: String,
    wake: Wake,
    served: Mutex<HashMap<&'static str, Moment>>,
}

/// What a claim gave.
struct Claimed<C> {
    handler: Handler<C>,
    running: Running,
    cut: Arc<Notify>,
}

impl<C: Clone + Send + Sync + 'static> Runner<C> {
    /// A runner without handlers; two jobs at once.
    pub fn new(ctx: C, db: Db, clock: Clock, dice: Dice) -> Self {
        let worker = format!("{}-{}", std::process::id(), dice.below(1 << 32));
        Self {
            db,
            clock,
            dice,
            ctx,
            handlers: Vec::new(),
            schedules: Vec::new(),
            at_once: 2,
            grace: GRACE,
            worker,
            wake: Wake::default(),
            served: Mutex::default(),
        }
    }
    /// With these handlers; a kind stands once.
    pub fn handlers(mut self, handlers: impl IntoIterator<Item = Handler<C>>) -> Self {
        self.handlers.extend(handlers);
        self
    }
    /// With this scheduled work.
    pub fn schedules(mut self, schedules: impl IntoIterator<Item = Schedule>) -> Self {
        self.schedules.extend(schedules);
        self
    }
    /// With so many jobs at once in this process.
    pub fn at_once(mut self, count: usize) -> Self {
        self.at_once = count.max(1);
        self
    }
    /// With so long a wait at the end for handlers that were told to stop.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }
    /// Woken by this.
    pub fn wake(mut self, wake: Wake) -> Self {
        self.wake = wake;
        self
    }

    /// Runs until told to stop. At the end running handlers are told and given the grace; those that
    /// return, and those that are cut off, go back into the queue without losing an attempt.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let this = Arc::new(self);
        let mut tasks: JoinSet<String> = JoinSet::new();
        let mut live: HashMap<String, (&'static str, Running, Arc<Notify>)> = HashMap::new();
        while !*stop.borrow() {
            if let Err(error) = this.tick().await {
                tracing::error!(cause = error.log_text(), "scheduled work was not queued");
            }
            while live.len() < this.at_once {
                let busy =
                    |kind: &'static str| live.values().filter(|(of, ..)| *of == kind).count();
                let open = this.open(busy);
                match this.claim(&open).await {
                    Ok(Some(claimed)) => {
                        let id = claimed.running.job().id.to_string();
                        let running = claimed.running.clone();
                        live.insert(
                            id.clone(),
                            (claimed.handler.kind, running, claimed.cut.clone()),
                        );
                        let this = this.clone();
                        tasks.spawn(async move {
                            this.execute(claimed).await;
                            id
                        });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(cause = error.log_text(), "no job could be claimed");
                        break;
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(POLL) => {}
                () = this.wake.0.notified() => {}
                Some(ended) = tasks.join_next(), if !tasks.is_empty() => forget(&mut live, ended),
                changed = stop.changed() => if changed.is_err() { break },
            }
            while let Some(ended) = tasks.try_join_next() {
                forget(&mut live, ended);
            }
        }
        for (_, running, _) in live.values() {
            running.ask_to_stop();
        }
        let end = tokio::time::sleep(this.grace);
        tokio::pin!(end);
        loop {
            tokio::select! {
                ended = tasks.join_next() => match ended {
                    Some(ended) => forget(&mut live, ended),
                    None => return,
                },
                () = &mut end => break,
            }
        }
        for (_, _, cut) in live.values() {
            cut.notify_one();
        }
        while tasks.join_next().await.is_some() {}
    }

    /// Runs what is due now, one after another, until nothing is due: for tests and commands.
    /// Answers how many attempts there were.
    ///
    /// # Errors
    /// When the database fails; a handler that fails is put back as always.
    pub async fn run_due_once(&self) -> Result<u64> {
        let mut attempts = 0;
        loop {
            self.tick().await?;
            let Some(claimed) = self.claim(&self.open(|_| 0)).await? else {
                return Ok(attempts);
            };
            self.execute(claimed).await;
            attempts += 1;
        }
    }

    fn open(&self, busy: impl Fn(&'static str) -> usize) -> Vec<&'static str> {
        self.handlers
            .iter()
            .filter(|handler| busy(handler.kind) < handler.at_once)
            .map(|handler| handler.kind)
            .collect()
    }

    /// Queues what the schedule says. Costs nothing while no moment has passed.
    async fn tick(&self) -> Result<()> {
        let now = self.clock.now();
        for schedule in &self.schedules {
            let at = schedule.every.latest(now);
            {
                let served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
                if served.get(schedule.name).is_some_and(|last| *last >= at) {
                    continue;
                }
            }
            let mut tx = self.db.begin().await?;
            if store::schedule_on(&mut tx, schedule.name, at).await? {
                let new = New::of(schedule.kind, schedule.name).payload_text(&schedule.payload);
                queue::add(&mut tx, &self.clock, &self.dice, new).await?;
            }
            self.db.commit(tx).await?;
            self.served
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(schedule.name, at);
        }
        Ok(())
    }

    /// Takes the first due job of these kinds, if there is one.
    async fn claim(&self, open: &[&'static str]) -> Result<Option<Claimed<C>>> {
        if open.is_empty() {
            return Ok(None);
        }
        loop {
            let now = self.clock.now();
            let due = store::list_due(&self.db, now, open).await?;
            if due.is_empty() {
                return Ok(None);
            }
            for row in due {
                let Some(handler) = self.handlers.iter().find(|one| one.kind == row.kind) else {
                    continue;
                };
                if let Some(claimed) = self.take(*handler, &row, now).await? {
                    return Ok(Some(claimed));
                }
            }
            // Others were quicker with all of these: look again.
        }
    }

    async fn take(
        &self,
        handler: Handler<C>,
        row: &store::Due,
        now: Moment,
    ) -> Result<Option<Claimed<C>>> {
        let mut tx = self.db.begin().await?;
        if row.state == State::Stopping.name() {
            store::stop_lost(&mut tx, &row.id, now).await?;
            self.db.commit(tx).await?;
            return Ok(None);
        }
        let lease = self.dice.uuid(now);
        let claim = store::Claim {
            now,
            worker: &self.worker,
            lease: &lease,
            until: now.plus_ms(handler.lease_ms),
            attempts: handler.attempts,
        };
        let job = store::claim(&mut tx, &row.id, &claim).await?;
        let gave_up =
            job.is_none() && store::give_up(&mut tx, &row.id, now, handler.attempts).await?;
        self.db.commit(tx).await?;
        if gave_up {
            tracing::error!(
                job.id = row.id,
                job.kind = row.kind,
                "a job began too often without ending and was given up"
            );
        }
        Ok(job.map(|job| Claimed {
            handler,
            running: Running::new(self.db.clone(), self.clock.clone(), job, lease),
            cut: Arc::default(),
        }))
    }

    /// Runs one job to the end of this attempt.
    async fn execute(&self, claimed: Claimed<C>) {
        let Claimed {
            handler,
            running,
            cut,
        } = claimed;
        // The handler is called inside the task, so that a panic before its first await is caught.
        let (run, ctx, held) = (handler.run, self.ctx.clone(), running.clone());
        // A set, because it cuts its task off when it is dropped: no handler outlives its keeper.
        let mut work = JoinSet::new();
        work.spawn(async move { run(ctx, held).await });
        let mut renewed_at = tokio::time::Instant::now();
        let third = Duration::from_millis(u64::try_from(handler.lease_ms / 3).unwrap_or(10_000));
        let look = POLL.min(third);
        let outcome = loop {
            tokio::select! {
                ended = work.join_next() => break ended,
                () = cut.notified() => { work.abort_all(); break None; }
                () = tokio::time::sleep(look) => {
                    let is_due = renewed_at.elapsed() >= third;
                    match self.watch(&handler, &running, is_due).await {
                        Ok(()) if is_due => renewed_at = tokio::time::Instant::now(),
                        Ok(()) => {}
                        Err(error) => tracing::warn!(
                            job.id = running.job().id.as_str(),
                            cause = error.log_text(),
                            "the lease of a job was not renewed"
                        ),
                    }
                    if running.is_lost() {
                        work.abort_all();
                        break None;
                    }
                }
            }
        };
        // An aborted task has ended only when it says so; before that the job is not given back.
        let result = match outcome {
            Some(Ok(result)) => Some(result),
            Some(Err(_)) => Some(Err(Error::fault(Panicked))),
            None => work.join_next().await.and_then(std::result::Result::ok),
        };
        if running.is_lost() {
            tracing::warn!(
                job.id = running.job().id.as_str(),
                "a job was lost to another runner"
            );
            return;
        }
        if let Err(error) = self.conclude(&handler, &running, result).await {
            // Its lease runs out and it begins again: at least once.
            tracing::error!(
                job.id = running.job().id.as_str(),
                cause = error.log_text(),
                "the end of a job was not kept"
            );
        }
    }

    async fn watch(&self, handler: &Handler<C>, running: &Running, renew: bool) -> Result<()> {
        let held = running.held();
        let state = if renew {
            let until = self.clock.now().plus_ms(handler.lease_ms);
            let mut tx = self.db.begin().await?;
            let state = store::renew(&mut tx, &held.job.id, &held.lease, until).await?;
            self.db.commit(tx).await?;
            state
        } else {
            store::state_of(&self.db, &held.job.id, &held.lease).await?
        };
        running.heard(state);
        Ok(())
    }

    /// Writes how an attempt ended; `None` is one that was cut off.
    async fn conclude(
        &self,
        handler: &Handler<C>,
        running: &Running,
        result: Option<Result<()>>,
    ) -> Result<()> {
        running.write(true).await?;
        let job: &Job = running.job();
        let now = self.clock.now();
        let (id, lease) = (&job.id, running.held().lease.as_str());
        let mut tx = self.db.begin().await?;
        match result {
            Some(Ok(())) if !running.was_told() => {
                store::end(&mut tx, id, lease, State::Done, "", now).await?;
            }
            Some(Ok(())) | None => {
                let back = store::Back {
                    now,
                    due_at: now,
                    error: "",
                    counts: false,
                };
                store::put_back(&mut tx, id, lease, &back).await?;
            }
            Some(Err(error)) => {
                let (class, is_final) = class_of(&error);
                let gives_up = is_final || job.attempts >= handler.attempts;
                tracing::warn!(
                    job.id = id.as_str(),
                    job.kind = job.kind,
                    job.attempts = job.attempts,
                    cause = error.log_text(),
                    gives_up,
                    "a job failed"
                );
                if gives_up {
                    store::end(&mut tx, id, lease, State::Failed, &class, now).await?;
                } else {
                    let back = store::Back {
                        now,
                        due_at: now.plus_ms(handler.wait_ms(job.attempts, &self.dice)),
                        error: &class,
                        counts: true,
                    };
                    store::put_back(&mut tx, id, lease, &back).await?;
                }
            }
        }
        self.db.commit(tx).await
    }
}

/// The cause of a fault whose handler panicked; the panic itself is in the log already.
#[derive(Debug)]
struct Panicked;
impl std::fmt::Display for Panicked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the handler panicked")
    }
}
impl std::error::Error for Panicked {}

/// The class of an error for the operator's list, and whether another attempt is useless. The cause
/// itself goes to the log alone: it may name a person.
fn class_of(error: &Error) -> (String, bool) {
    match error {
        Error::NotFound => ("not-found".to_owned(), true),
        Error::SignInFirst => ("refused:sign-in".to_owned(), true),
        Error::Refused(refusal) => (format!("refused:{}", refusal.key), true),
        Error::Busy { .. } | Error::Clash => ("busy".to_owned(), false),
        Error::Fault(fault) if fault.cause().is::<Panicked>() => ("panic".to_owned(), false),
        Error::Fault(_) => ("fault".to_owned(), false),
    }
}

fn forget(
    live: &mut HashMap<String, (&'static str, Running, Arc<Notify>)>,
    ended: std::result::Result<String, tokio::task::JoinError>,
) {
    match ended {
        Ok(id) => {
            live.remove(&id);
        }
        // `execute` does not panic; should it ever, its place is freed when the process restarts.
        Err(cause) => tracing::error!(%cause, "a job's keeper ended badly"),
    }
}

/// The kind of the job that trims the queue.
pub const TRIM_KIND: &str = "jobs.trim";
/// Rows deleted in one transaction while trimming: keeps the writer free for others.
const TRIM_ROWS: i64 = 500;

/// The handler that deletes ended jobs older than the days its payload says.
pub const fn trimming<C: Send + 'static>() -> Handler<C> {
    Handler::new(TRIM_KIND, |_: C, running| Box::pin(trim_old(running)))
}

async fn trim_old(running: Running) -> Result<()> {
    let days: i64 = running.payload()?;
    let held = running.held();
    let before = held.clock.now().plus_ms(-days.saturating_mul(86_400_000));
    loop {
        let mut tx = held.db.begin().await?;
        let gone = queue::trim(&mut tx, before, TRIM_ROWS).await?;
        held.db.commit(tx).await?;
        let gone = i64::try_from(gone).unwrap_or(TRIM_ROWS);
        if !running.steps(gone).await? || gone < TRIM_ROWS {
            return Ok(());
        }
    }
}

/// Trims the queue each night at 03:10, keeping ended jobs for so many days.
pub fn trim_daily(days: u32) -> Schedule {
    Schedule {
        payload: days.to_string(),
        ..Schedule::new(
            "jobs.trim",
            Every::Daily {
                hour: 3,
                minute: 10,
            },
            TRIM_KIND,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: (), _: Running) -> Later<Result<()>> {
        Box::pin(async { Ok(()) })
    }

    #[test]
    fn waits_double_up_to_the_longest_and_are_moved_by_a_fifth() {
        let handler: Handler<()> = Handler::new("t", nothing).waits_ms(1_000, 10_000);
        let dice = Dice::seeded(1);
        for (attempt, wait) in [
            (1, 1_000),
            (2, 2_000),
            (3, 4_000),
            (4, 8_000),
            (5, 10_000),
            (60, 10_000),
        ] {
            for _ in 0..50 {
                let got = handler.wait_ms(attempt, &dice);
                assert!(
                    (wait * 4 / 5..=wait * 6 / 5).contains(&got),
                    "{attempt}: {got}"
                );
            }
        }
        let many: std::collections::HashSet<i64> =
            (0..50).map(|_| handler.wait_ms(3, &dice)).collect();
        assert!(many.len() > 30, "jitter moves");
    }
}
