//! Every statement of the queue. One text for both databases; no row is locked by a dialect's word.
//!
//! A claim is an update whose `where` repeats the condition under which the row was found: whoever
//! comes second waits for the row, finds the condition gone and touches nothing. Everything a
//! runner writes afterwards names its `lease`, so one that lost the job can no longer change it.

use crate::queue::{Job, JobId, State};
use db::{Tx, sql, sql_built};
use kernel::Moment;
use kernel::error::{Doing, Error, Result};
use kernel::said;

db::statements! {
    pub STATEMENTS;
    ADD = "insert into jobs_job \
        (id, kind, key, once_ever, subject, unit_id, asked_by, payload, state, due_at, created_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $10) \
        on conflict do nothing";
    SAME = "select id from jobs_job \
        where kind = $1 and key = $2 \
        and (state in ('waiting', 'running', 'stopping') or once_ever = 1)";
    /// What [`due`] sends for two kinds: listed, so that it is prepared like the others.
    DUE_OF_TWO = "select id, kind, state from jobs_job \
        where state in ('waiting', 'running', 'stopping') and due_at <= $1 and kind in ($2, $3) \
        order by due_at, id limit 8";
    CLAIM = "update jobs_job \
        set state = 'running', worker = $3, lease = $4, due_at = $5, attempts = attempts + 1, began_at = $2 \
        where id = $1 and state in ('waiting', 'running') and due_at <= $2 and attempts < $6 \
        returning id, kind, key, subject, unit_id, asked_by, payload, saved, state, attempts, due_at, \
        worker, error, done, total, note, note_args, created_at, began_at, ended_at";
    GIVE_UP = "update jobs_job \
        set state = 'failed', error = 'lost', ended_at = $2, worker = '', lease = '' \
        where id = $1 and state in ('waiting', 'running') and due_at <= $2 and attempts >= $3";
    STOP_LOST = "update jobs_job \
        set state = 'stopped', ended_at = $2, worker = '', lease = '' \
        where id = $1 and state = 'stopping' and due_at <= $2";
    RENEW = "update jobs_job set due_at = $3 where id = $1 and lease = $2 returning state";
    STATE_OF = "select state from jobs_job where id = $1 and lease = $2";
    PROGRESS = "update jobs_job set done = $3, total = $4, note = $5, note_args = $6 \
        where id = $1 and lease = $2 returning state";
    SAVE = "update jobs_job set saved = $3 where id = $1 and lease = $2";
    END = "update jobs_job \
        set state = $3, error = $4, ended_at = $5, worker = '', lease = '' \
        where id = $1 and lease = $2";
    PUT_BACK = "update jobs_job \
        set state = case state when 'stopping' then 'stopped' else 'waiting' end, \
        ended_at = case state when 'stopping' then $3 else ended_at end, \
        due_at = $4, error = $5, attempts = attempts - $6, worker = '', lease = '' \
        where id = $1 and lease = $2";
    STOP = "update jobs_job \
        set state = case state when 'waiting' then 'stopped' else 'stopping' end, \
        ended_at = case state when 'waiting' then $2 else ended_at end \
        where id = $1 and state in ('waiting', 'running') returning state";
    AGAIN = "update jobs_job \
        set state = 'waiting', due_at = $2, attempts = 0, error = '', ended_at = 0 \
        where id = $1 and state in ('failed', 'stopped') \
        and not exists (select 1 from jobs_job other \
        where other.kind = jobs_job.kind and other.key = jobs_job.key and other.id <> jobs_job.id \
        and other.state in ('waiting', 'running', 'stopping'))";
    GET = "select id, kind, key, subject, unit_id, asked_by, payload, saved, state, \
        attempts, due_at, worker, error, done, total, note, note_args, created_at, began_at, ended_at \
        from jobs_job where id = $1";
    LIST = "select id, kind, key, subject, unit_id, asked_by, payload, saved, state, \
        attempts, due_at, worker, error, done, total, note, note_args, created_at, began_at, ended_at \
        from jobs_job \
        where ($1 = '' or state = $1) and ($2 = '' or kind = $2) and ($3 = '' or unit_id = $3) \
        and ($4 = '' or asked_by = $4) and ($5 = '' or id < $5) \
        order by id desc limit $6";
    COUNT_BY_STATE = "select state, count(*) from jobs_job group by state";
    OLD = "select id from jobs_job where state in ('done', 'failed', 'stopped') and ended_at < $1 and once_ever = 0 \
        order by ended_at, id limit $2";
    TRIM = "delete from jobs_job where id = $1";
    SCHEDULE_NEW = "insert into jobs_schedule (name, last_at) values ($1, $2) on conflict (name) do nothing";
    SCHEDULE_ON = "update jobs_schedule set last_at = $2 where name = $1 and last_at < $2";
}

const DUE: &str = "select id, kind, state from jobs_job \
    where state in ('waiting', 'running', 'stopping') and due_at <= $1 and kind in ";
const DUE_END: &str = " order by due_at, id limit 8";

/// A row as the database says it.
#[derive(db::FromRow)]
pub(crate) struct Row {
    id: String,
    kind: String,
    key: String,
    subject: String,
    unit_id: String,
    asked_by: String,
    payload: String,
    saved: String,
    state: String,
    attempts: i64,
    due_at: i64,
    worker: String,
    error: String,
    done: i64,
    total: i64,
    note: String,
    note_args: String,
    created_at: i64,
    began_at: i64,
    ended_at: i64,
}

fn instant(ms: i64) -> Option<Moment> {
    (ms != 0).then_some(Moment(ms))
}

impl Row {
    fn read(self) -> Result<Job> {
        let id = JobId::try_from(self.id.clone()).map_err(Error::fault)?;
        let state = State::read(&self.state)
            .ok_or_else(|| Error::fault(said!("jobs_job {} is {}", self.id, self.state)))?;
        let note_args = serde_json::from_str(&self.note_args)
            .map_err(Error::fault)
            .doing(said!("reading note_args of jobs_job {}", self.id))?;
        Ok(Job {
            id,
            kind: self.kind,
            key: self.key,
            subject: self.subject,
            unit_id: self.unit_id,
            asked_by: self.asked_by,
            payload: self.payload,
            saved: self.saved,
            state,
            attempts: self.attempts,
            due_at: Moment(self.due_at),
            worker: self.worker,
            error: self.error,
            done: self.done,
            total: self.total,
            note: self.note,
            note_args,
            created_at: Moment(self.created_at),
            began_at: instant(self.began_at),
            ended_at: instant(self.ended_at),
        })
    }
}

/// A job as it is written first.
pub(crate) struct Fresh<'a> {
    pub(crate) id: &'a JobId,
    pub(crate) kind: &'a str,
    pub(crate) key: &'a str,
    pub(crate) once_ever: bool,
    pub(crate) subject: &'a str,
    pub(crate) unit_id: &'a str,
    pub(crate) asked_by: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) due_at: Moment,
    pub(crate) created_at: Moment,
}

/// Writes it unless one of its kind and key stands in the way; answers whether it did.
pub(crate) async fn add(tx: &mut Tx, job: &Fresh<'_>) -> Result<bool> {
    let added = sql(ADD)
        .bind(job.id.as_str())
        .bind(job.kind)
        .bind(job.key)
        .bind(i64::from(job.once_ever))
        .bind(job.subject)
        .bind(job.unit_id)
        .bind(job.asked_by)
        .bind(job.payload)
        .bind(job.due_at)
        .bind(job.created_at)
        .run(&mut **tx)
        .await
        .doing("adding a job")?;
    Ok(added == 1)
}

/// The job that stands in the way of another of its kind and key.
pub(crate) async fn find_same(tx: &mut Tx, kind: &str, key: &str) -> Result<Option<String>> {
    let row: Option<(String,)> = sql(SAME).bind(kind).bind(key).maybe(&mut **tx).await?;
    Ok(row.map(|(id,)| id))
}

/// A row that somebody should look at.
#[derive(db::FromRow)]
pub(crate) struct Due {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) state: String,
}

/// The first few due rows of these kinds: the one read of a poll.
pub(crate) async fn list_due(db: &db::Db, now: Moment, kinds: &[&str]) -> Result<Vec<Due>> {
    sql_built(format!("{DUE}{}{DUE_END}", db::in_list(2, kinds.len())))
        .bind(now)
        .bind_all(kinds.iter().copied())
        .all(db.read())
        .await
}

/// Who claims, until when, and how often a job may begin.
pub(crate) struct Claim<'a> {
    pub(crate) now: Moment,
    pub(crate) worker: &'a str,
    pub(crate) lease: &'a str,
    pub(crate) until: Moment,
    pub(crate) attempts: i64,
}

/// Takes a due row; `None` when another was quicker or it has begun too often.
pub(crate) async fn claim(tx: &mut Tx, id: &str, claim: &Claim<'_>) -> Result<Option<Job>> {
    let row: Option<Row> = sql(CLAIM)
        .bind(id)
        .bind(claim.now)
        .bind(claim.worker)
        .bind(claim.lease)
        .bind(claim.until)
        .bind(claim.attempts)
        .maybe(&mut **tx)
        .await
        .doing("claiming a job")?;
    row.map(Row::read).transpose()
}

/// Fails a due row that has begun too often and never ended.
pub(crate) async fn give_up(tx: &mut Tx, id: &str, now: Moment, attempts: i64) -> Result<bool> {
    let touched = sql(GIVE_UP)
        .bind(id)
        .bind(now)
        .bind(attempts)
        .run(&mut **tx)
        .await?;
    Ok(touched == 1)
}

/// Ends a row that was to stop and whose runner is gone.
pub(crate) async fn stop_lost(tx: &mut Tx, id: &str, now: Moment) -> Result<()> {
    sql(STOP_LOST).bind(id).bind(now).run(&mut **tx).await?;
    Ok(())
}

fn state(row: Option<(String,)>) -> Result<Option<State>> {
    let Some((text,)) = row else {
        return Ok(None);
    };
    State::read(&text)
        .map(Some)
        .ok_or_else(|| Error::fault(said!("a job is {}", text)))
}

/// Moves the end of the lease; the state, or `None` when the lease is another's.
pub(crate) async fn renew(
    tx: &mut Tx,
    id: &JobId,
    lease: &str,
    until: Moment,
) -> Result<Option<State>> {
    let row = sql(RENEW)
        .bind(id.as_str())
        .bind(lease)
        .bind(until)
        .maybe(&mut **tx)
        .await?;
    state(row)
}

/// The state, or `None` when the lease is another's.
pub(crate) async fn state_of(db: &db::Db, id: &JobId, lease: &str) -> Result<Option<State>> {
    let row = sql(STATE_OF)
        .bind(id.as_str())
        .bind(lease)
        .maybe(db.read())
        .await?;
    state(row)
}

/// How far a job is.
#[derive(Clone)]
pub(crate) struct Progress {
    pub(crate) done: i64,
    pub(crate) total: i64,
    pub(crate) note: String,
    pub(crate) note_args: String,
}

/// Writes how far it is; the state, or `None` when the lease is another's.
pub(crate) async fn set_progress(
    tx: &mut Tx,
    id: &JobId,
    lease: &str,
    progress: &Progress,
) -> Result<Option<State>> {
    let row = sql(PROGRESS)
        .bind(id.as_str())
        .bind(lease)
        .bind(progress.done)
        .bind(progress.total)
        .bind(&progress.note)
        .bind(&progress.note_args)
        .maybe(&mut **tx)
        .await?;
    state(row)
}

/// Keeps what a handler wants to find again; `false` when the lease is another's.
pub(crate) async fn save(tx: &mut Tx, id: &JobId, lease: &str, saved: &str) -> Result<bool> {
    let touched = sql(SAVE)
        .bind(id.as_str())
        .bind(lease)
        .bind(saved)
        .run(&mut **tx)
        .await?;
    Ok(touched == 1)
}

/// Ends a job; `false` when the lease is another's.
pub(crate) async fn end(
    tx: &mut Tx,
    id: &JobId,
    lease: &str,
    to: State,
    error: &str,
    now: Moment,
) -> Result<bool> {
    let touched = sql(END)
        .bind(id.as_str())
        .bind(lease)
        .bind(to.name())
        .bind(error)
        .bind(now)
        .run(&mut **tx)
        .await?;
    Ok(touched == 1)
}

/// Why and until when a job goes back into the queue.
pub(crate) struct Back<'a> {
    pub(crate) now: Moment,
    pub(crate) due_at: Moment,
    pub(crate) error: &'a str,
    /// Whether this beginning counts towards the most there may be.
    pub(crate) counts: bool,
}

/// Puts a job back; one that was to stop is stopped. `false` when the lease is another's.
pub(crate) async fn put_back(
    tx: &mut Tx,
    id: &JobId,
    lease: &str,
    back: &Back<'_>,
) -> Result<bool> {
    let touched = sql(PUT_BACK)
        .bind(id.as_str())
        .bind(lease)
        .bind(back.now)
        .bind(back.due_at)
        .bind(back.error)
        .bind(i64::from(!back.counts))
        .run(&mut **tx)
        .await?;
    Ok(touched == 1)
}

/// Asks a job to stop; the state it has now, or `None` when there was nothing to stop.
pub(crate) async fn stop(tx: &mut Tx, id: &JobId, now: Moment) -> Result<Option<State>> {
    let row = sql(STOP)
        .bind(id.as_str())
        .bind(now)
        .maybe(&mut **tx)
        .await
        .doing("stopping a job")?;
    state(row)
}

/// Puts an ended job into the queue again; `false` when it may not.
pub(crate) async fn again(tx: &mut Tx, id: &JobId, now: Moment) -> Result<bool> {
    let touched = sql(AGAIN)
        .bind(id.as_str())
        .bind(now)
        .run(&mut **tx)
        .await
        .doing("trying a job again")?;
    Ok(touched == 1)
}

/// One job.
pub(crate) async fn find<'c>(on: impl db::On<'c>, id: &JobId) -> Result<Option<Job>> {
    let row: Option<Row> = sql(GET).bind(id.as_str()).maybe(on).await?;
    row.map(Row::read).transpose()
}

/// Jobs from the newest on.
pub(crate) async fn list(
    db: &db::Db,
    filter: &crate::Filter,
    after: Option<&JobId>,
    limit: i64,
) -> Result<Vec<Job>> {
    let rows: Vec<Row> = sql(LIST)
        .bind(filter.state.map_or("", State::name))
        .bind(&filter.kind)
        .bind(&filter.unit_id)
        .bind(&filter.asked_by)
        .bind(after.map_or("", JobId::as_str))
        .bind(limit)
        .all(db.read())
        .await
        .doing("listing jobs")?;
    rows.into_iter().map(Row::read).collect()
}

/// How many there are in each state that occurs.
pub(crate) async fn count_by_state(db: &db::Db) -> Result<Vec<(String, i64)>> {
    sql(COUNT_BY_STATE).all(db.read()).await
}

/// Deletes at most `limit` jobs that ended before; answers how many.
pub(crate) async fn trim(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64> {
    // What somebody has in hand (it is asked for again) is not waited for.
    let old = sql(OLD).bind(before).bind(limit);
    let old: Vec<(String,)> = old.hold_idle(tx).await.doing("finding old jobs")?;
    let mut gone = 0;
    for (id,) in old {
        let trimmed = sql(TRIM).bind(id).run(&mut **tx).await;
        gone += trimmed.doing("trimming jobs")?;
    }
    Ok(gone)
}

/// Moves a schedule on to this moment. `true` for the one process that may queue its job; a new
/// schedule is only noted, so it begins with its next moment.
pub(crate) async fn schedule_on(tx: &mut Tx, name: &str, to: Moment) -> Result<bool> {
    let new = sql(SCHEDULE_NEW).bind(name).bind(to).run(&mut **tx).await?;
    if new == 1 {
        return Ok(false);
    }
    let moved = sql(SCHEDULE_ON).bind(name).bind(to).run(&mut **tx).await?;
    Ok(moved == 1)
}
