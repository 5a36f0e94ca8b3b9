//! The act: the one way to write.
//!
//! `may.begin(&site, &frame, "meeting.close")` opens a transaction that carries the proof, the actor,
//! the capability, the grant, the unit and the operation number. Store functions take it
//! (`act: &mut Act<CanChair>`), so a write without a right does not compile: nothing else hands out a
//! connection that can write. [`Act::end`] writes the log lines, announces what changed to the search
//! index, tells other rooms, queues jobs, and commits. Not here: who may (`access.rs` of a room).
//! The rule that surprises: an act that is dropped, by `?` or by a panic, never happened.

use crate::audit::Line;
use crate::right::{Beyond, Proof, Right};
use crate::seal::Keys;
use crate::{Event, Site, feed};
use db::{Connection, Tx};
use kernel::error::{Doing as _, Error, Result};
use kernel::{MemberId, Moment, UnitRef};
use std::collections::{BTreeMap, BTreeSet};

/// Where an act comes from: a request, a job or a command, by its operation number.
pub trait Source {
    /// The number that stands in the logs.
    fn operation(&self) -> &str;
}
impl Source for web::Frame {
    fn operation(&self) -> &str {
        web::Frame::operation(self)
    }
}
impl Source for str {
    fn operation(&self) -> &str {
        self
    }
}
impl Source for String {
    fn operation(&self) -> &str {
        self
    }
}

/// What every proof can do: begin an act.
pub trait May: Proof + Sized {
    /// Begins an act named as noun.verb (`meeting.close`); it will be logged.
    fn begin<S: Source + ?Sized + Sync>(
        self,
        site: &Site,
        from: &S,
        action: &'static str,
    ) -> impl Future<Output = Result<Act<Self>>> + Send {
        Act::open(self, site, from.operation().to_owned(), action, true)
    }
    /// Begins an act of which no log may speak: where a person stopped reading, what they noted for
    /// themselves, how their page looks, counters without names (governance reference, 8).
    fn begin_unlogged<S: Source + ?Sized + Sync>(
        self,
        site: &Site,
        from: &S,
        action: &'static str,
    ) -> impl Future<Output = Result<Act<Self>>> + Send {
        Act::open(self, site, from.operation().to_owned(), action, false)
    }
}
impl<P: Proof> May for P {}

/// A write that is going on. Reads as its proof: `act.meeting.id`.
#[must_use = "an act that is not ended never happened"]
pub struct Act<P> {
    may: P,
    site: Site,
    tx: Tx,
    operation: String,
    action: &'static str,
    now: Moment,
    is_logged: bool,
    lines: Vec<Line>,
    changed: Vec<(&'static str, String)>,
    events: Vec<Event>,
    jobs: Vec<jobs::New>,
    notices: Vec<notices::New>,
    begun: BTreeSet<&'static str>,
    reached: BTreeSet<String>,
    memory: BTreeMap<(&'static str, String), String>,
    signs: Option<Keys>,
}

impl<P> std::ops::Deref for Act<P> {
    type Target = P;
    fn deref(&self) -> &P {
        &self.may
    }
}

impl<P: Proof> Act<P> {
    async fn open(
        may: P,
        site: &Site,
        operation: String,
        action: &'static str,
        is_logged: bool,
    ) -> Result<Act<P>> {
        Ok(Act {
            tx: site.db.begin().await.doing(action)?,
            now: site.clock.now(),
            site: site.clone(),
            may,
            operation,
            action,
            is_logged,
            lines: Vec::new(),
            changed: Vec::new(),
            events: Vec::new(),
            jobs: Vec::new(),
            notices: Vec::new(),
            begun: BTreeSet::new(),
            reached: BTreeSet::new(),
            memory: BTreeMap::new(),
            signs: None,
        })
    }

    /// The connection of the transaction, for `store.rs`: `.run(act.on())`.
    pub fn on(&mut self) -> &mut Connection {
        &mut self.tx
    }
    /// The transaction, for base crates that write within somebody's act (`jobs`, `notices`, `rules`).
    pub fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }
    /// The instant at which the act began; every row it writes is dated so.
    pub fn now(&self) -> Moment {
        self.now
    }
    /// What handlers are handed.
    pub fn site(&self) -> &Site {
        &self.site
    }
    /// The right by which it is done.
    pub fn right(&self) -> &Right {
        self.may.right()
    }
    /// Who acts, for columns such as `changed_by`; empty for the program and its operator.
    pub fn by(&self) -> &str {
        self.may.right().actor().map_or("", MemberId::as_str)
    }
    /// The operation number.
    pub fn operation(&self) -> &str {
        &self.operation
    }
    /// Whether this is the first time that the act asks so: for what is done once, before all else.
    pub fn is_first(&mut self, what: &'static str) -> bool {
        self.begun.insert(what)
    }
    /// Keeps a word about a thing until the act ends, for stores whose writes belong together.
    pub fn remember(&mut self, what: &'static str, of: impl ToString, word: String) {
        self.memory.insert((what, of.to_string()), word);
    }
    /// That word.
    pub fn remembers(&self, what: &'static str, of: impl ToString) -> Option<&str> {
        let found = self.memory.get(&(what, of.to_string()));
        found.map(String::as_str)
    }
    /// That word, which the act then keeps no longer.
    pub fn forget(&mut self, what: &'static str, of: impl ToString) -> Option<String> {
        self.memory.remove(&(what, of.to_string()))
    }
    /// Refuses a row of a unit for which the act was not opened.
    ///
    /// # Errors
    /// A fault whose cause is [`Beyond`]: it is logged, and nothing of the act is kept.
    pub fn over(&mut self, unit: &UnitRef) -> Result<()> {
        self.within(self.right().is_over(unit), || format!("unit {}", unit.id))?;
        self.reaches(&unit.id);
        Ok(())
    }
    /// Refuses a row of a person for whom the act was not opened; `placed` are the units where they are.
    ///
    /// # Errors
    /// As [`Act::over`].
    pub fn over_person(&mut self, member: &MemberId, placed: &[UnitRef]) -> Result<()> {
        let is_over = self.right().is_over_person(member, placed);
        self.within(is_over, || format!("person {member}"))?;
        self.reaches(member);
        Ok(())
    }
    /// Refuses a row that belongs to no unit, unless the act was opened for everything.
    ///
    /// # Errors
    /// As [`Act::over`].
    pub fn over_all(&self) -> Result<()> {
        self.within(self.right().is_over_all(), || "no unit".to_owned())
    }
    /// Refuses a thing other than the one that the proof is about. A proof that names a kind and no thing was opened
    /// to make one: what it made is its own ([`Act::reaches`]). One that names no kind is over all.
    ///
    /// # Errors
    /// As [`Act::over`].
    pub fn over_object(&self, kind: &'static str, id: &str) -> Result<()> {
        let (own_kind, own) = self.may.object();
        let is_over = own_kind.is_empty() || (own_kind == kind && own == id);
        self.within(is_over, || format!("{kind} {id}"))
    }
    fn within(&self, is_over: bool, row: impl FnOnce() -> String) -> Result<()> {
        if is_over {
            return Ok(());
        }
        Err(Error::fault(Beyond {
            action: self.action,
            capability: self.right().capability,
            row: row(),
        }))
    }
    /// Says that a unit or person is the act's own to write until its end: it has just made them.
    pub fn reaches(&mut self, id: impl ToString) {
        self.reached.insert(id.to_string());
    }
    /// Whether a unit or person was found to lie within what the act was opened for, or made in it.
    pub fn has_reached(&self, id: &str) -> bool {
        self.reached.contains(id)
    }
    /// The proof.
    pub fn may(&self) -> &P {
        &self.may
    }

    /// A further line of the log, by the same right: an act that touches several people has one each.
    /// The first call makes the line; fill it in place: `act.log("attendance.mark").about(&id);`.
    /// When an act logs nothing of its own, [`Act::end`] writes one line of its name.
    pub fn log(&mut self, action: &'static str) -> &mut Line {
        let (object_type, object_id) = self.may.object();
        let mut line = Line::of(self.may.right(), action);
        line.object(object_type, object_id);
        self.lines.push(line);
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }
    /// The line of the act itself, to add to whom it is about, why, and what changed.
    pub fn line(&mut self) -> &mut Line {
        let action = self.action;
        match self.lines.iter().position(|line| line.action() == action) {
            Some(at) => &mut self.lines[at],
            None => self.log(action),
        }
    }
    /// Its lines are written under that key: the act is the one that changes it.
    pub(crate) fn signs(&mut self, keys: Keys) {
        self.signs = Some(keys);
    }
    /// Something searchable changed or is gone: kind (as in the room's `Find`) and id.
    pub fn changed(&mut self, kind: &'static str, id: impl ToString) {
        self.changed.push((kind, id.to_string()));
    }
    /// Tells the rooms that listen. They hear it after the commit, at least once.
    pub fn tell(&mut self, kind: &'static str, subject: impl ToString) {
        self.events.push(Event {
            kind: kind.to_owned(),
            subject: subject.to_string(),
            actor: self.may.right().actor.clone(),
            unit: self.may.right().unit.as_ref().map(|unit| unit.id.clone()),
            at: self.now,
        });
    }

    /// Puts work into the queue: it begins after the commit, and does not if there is none.
    pub fn queue(&mut self, job: jobs::New) {
        self.jobs.push(job);
    }

    /// Tells members, in the handbook and by the ways they chose: they see it after the commit, once for
    /// each once-key. Outside messages hold the address only (`notices`).
    pub fn notify(&mut self, notice: notices::New) {
        self.notices.push(notice);
    }

    /// Ends the act: log, notices, jobs, what other rooms hear, announcements; then it is kept. Answers the proof.
    pub async fn end(self) -> Result<P> {
        let mut act = self;
        if act.is_logged && act.lines.is_empty() {
            act.line();
        }
        if act.is_logged {
            for line in std::mem::take(&mut act.lines) {
                let keys = act.signs.as_ref().unwrap_or(&act.site.keys);
                let dice = &act.site.dice;
                line.write(&mut act.tx, &act.operation, act.now, dice, keys)
                    .await
                    .doing("writing the log")?;
            }
        }
        // In one order, so that two acts that tell the same members wait and never lock up.
        let mut notices = std::mem::take(&mut act.notices);
        notices.sort_by(|one, other| one.place().cmp(&other.place()));
        let (clock, dice) = (act.site.clock.clone(), act.site.dice.clone());
        notices::hold_addresses(&mut act.tx, &clock, &dice, &notices)
            .await
            .doing("keeping addresses for security mail")?;
        notices::hold_replaced(&mut act.tx, &notices)
            .await
            .doing("taking what notices replace")?;
        for notice in notices {
            let (clock, dice) = (act.site.clock.clone(), act.site.dice.clone());
            notices::add(&mut act.tx, &clock, &dice, notice)
                .await
                .doing("telling members")?;
        }
        for event in std::mem::take(&mut act.events) {
            let number = act.site.dice.uuid(act.now);
            act.jobs
                .extend(crate::event::heard_by(&act.site, &event, &number));
        }
        let has_jobs = !act.jobs.is_empty();
        // The same of jobs: two that ask for the same ones wait at the first.
        let mut queued = std::mem::take(&mut act.jobs);
        queued.sort_by(|one, other| one.place().cmp(&other.place()));
        for job in queued {
            jobs::add(&mut act.tx, &act.site.clock, &act.site.dice, job)
                .await
                .doing("queueing a job")?;
        }
        // The counter row is locked until the commit, so announcements come last.
        for (kind, id) in std::mem::take(&mut act.changed) {
            feed::announce(&mut act.tx, kind, &id)
                .await
                .doing("announcing to the search index")?;
        }
        let Act { may, site, tx, .. } = act;
        site.db.commit(tx).await?;
        if has_jobs {
            site.wake.now();
        }
        Ok(may)
    }
    /// Ends the act without a change: nothing is written, nothing is logged.
    pub async fn leave(self) -> Result<P> {
        let Act { may, tx, .. } = self;
        tx.rollback().await?;
        Ok(may)
    }
}
