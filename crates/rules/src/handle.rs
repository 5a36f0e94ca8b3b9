//! The handle that a room is given: the book in memory, look-ups as of a day, writes.
//!
//! The book is read again when the epoch row has moved; the row is asked at most once a second, and at
//! every look-up for half a minute after a write of this process, so that who changes a rule sees it at
//! once. Another process shows the change within a second. Writes take the caller's transaction: the
//! caller holds the right and writes the log.
//! The rule that surprises: a correction never touches what a row said; see [`Rules::supersede`].

use crate::book::missing;
use crate::choice::measured;
use crate::{Book, Calendar, Found, Holiday, Measure, New, Rule, RuleName, Trouble, store};
use db::{Db, Tx};
use kernel::error::{Error, Result};
use kernel::said;
use kernel::{Clock, Day, Dice, Moment};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long the epoch is trusted.
const TRUST_MS: i64 = 1_000;
/// How long after a write of this process it is not. Longer than any write takes to commit.
const WATCH_MS: i64 = 30_000;

/// The rules of one database. Cloning shares the book.
#[derive(Clone)]
pub struct Rules(Arc<Parts>);

struct Parts {
    db: Db,
    clock: Clock,
    dice: Dice,
    held: Mutex<Held>,
}

struct Held {
    book: Option<Arc<Book>>,
    epoch: i64,
    asked_at: Moment,
    watch_until: Moment,
}

/// Who writes, and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// The member's id; the program's name for what no person does.
    pub who: &'a str,
    /// The moment from which the change is known.
    pub at: Moment,
}

impl Rules {
    /// A handle; nothing is read yet.
    pub fn new(db: Db, clock: Clock, dice: Dice) -> Self {
        Rules(Arc::new(Parts {
            db,
            clock,
            dice,
            held: Mutex::new(Held {
                book: None,
                epoch: 0,
                asked_at: Moment(0),
                watch_until: Moment(0),
            }),
        }))
    }
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn trusted(&self, now: Moment) -> Option<Arc<Book>> {
        let held = self.held();
        let age = now.0 - held.asked_at.0;
        // A clock that was set back makes the age negative: ask again.
        let is_trusted = (0..TRUST_MS).contains(&age) && now >= held.watch_until;
        held.book.clone().filter(|_| is_trusted)
    }
    /// All that is known now.
    pub async fn book(&self) -> Result<Arc<Book>> {
        let now = self.0.clock.now();
        if let Some(book) = self.trusted(now) {
            return Ok(book);
        }
        // The epoch first: a change between the two statements is newer than the epoch kept, and read again.
        let epoch = store::epoch(&self.0.db).await?;
        {
            let mut held = self.held();
            if held.epoch == epoch
                && let Some(book) = held.book.clone()
            {
                held.asked_at = now;
                return Ok(book);
            }
        }
        let rows = store::list_known(&self.0.db, None).await?;
        let calendar = store::calendar(&self.0.db, None).await?;
        let book = Arc::new(Book::new(rows, calendar, None));
        let mut held = self.held();
        if held.book.is_none() || held.epoch <= epoch {
            held.book = Some(book.clone());
            held.epoch = epoch;
            held.asked_at = now;
        }
        Ok(book)
    }
    /// The value on a day, as known now; a missing rule is a fault that names it.
    pub async fn get(&self, name: RuleName, on: Day) -> Result<Found> {
        self.book().await?.get(name, on)
    }

    async fn changed(&self, tx: &mut Tx) -> Result<()> {
        store::set_next_epoch(tx).await?;
        self.held().watch_until = self.0.clock.now().plus_ms(WATCH_MS);
        Ok(())
    }
    /// Adds a row; others of its name stay. Answers its id, or why it cannot be kept.
    pub async fn add(
        &self,
        tx: &mut Tx,
        new: &New,
        by: By<'_>,
    ) -> Result<std::result::Result<String, Trouble>> {
        let id = self.0.dice.uuid(by.at);
        Ok(self.add_as(tx, &id, new, "", by).await?.map(|_| id))
    }
    /// Adds a row with that id; answers false when it is there already.
    pub(crate) async fn add_as(
        &self,
        tx: &mut Tx,
        id: &str,
        new: &New,
        replaces: &str,
        by: By<'_>,
    ) -> Result<std::result::Result<bool, Trouble>> {
        if let Err(trouble) = new.check() {
            return Ok(Err(trouble));
        }
        self.changed(tx).await?;
        if let Some(trouble) = other_measure(tx, new).await? {
            return Ok(Err(trouble));
        }
        Ok(Ok(
            store::add_rule(tx, id, new, replaces, by.who, by.at).await?
        ))
    }
    /// A person confirms a row, naming the paper that says it is right. The first confirmation stays:
    /// answers false when there was one, or when the row is not known (any more).
    pub async fn verify(
        &self,
        tx: &mut Tx,
        id: &str,
        on: Day,
        basis: &str,
        by: By<'_>,
    ) -> Result<bool> {
        self.changed(tx).await?;
        store::set_verified(tx, id, on, by.who, basis).await
    }
    /// Learnt: the rule is no longer in force from `end_on` on. The row stays as it was known until now;
    /// a copy with the end takes its place, confirmed if it was. Answers the copy's id; `None` when the
    /// row is not known (any more) or would end before it begins.
    pub async fn close(
        &self,
        tx: &mut Tx,
        id: &str,
        end_on: Day,
        by: By<'_>,
    ) -> Result<Option<String>> {
        self.changed(tx).await?;
        let Some(old) = store::end_rule(tx, id, end_on, by.who, by.at).await? else {
            return Ok(None);
        };
        let new = New {
            to_on: end_on,
            ..New::like(&old)
        };
        let copy = self.0.dice.uuid(by.at);
        let at = by.at.max(old.known_from_at);
        store::add_rule(tx, &copy, &new, id, by.who, at).await?;
        if let Some(day) = old.verified_on {
            store::set_verified(tx, &copy, day, &old.verified_by, &old.verified_basis).await?;
        }
        Ok(Some(copy))
    }
    /// Learnt: the row was wrong, and this is right. The old row stays as what was known until now; the
    /// new one is unverified. Answers its id; `None` when the old one is not known (any more), because
    /// somebody else was first.
    pub async fn supersede(
        &self,
        tx: &mut Tx,
        id: &str,
        new: &New,
        by: By<'_>,
    ) -> Result<std::result::Result<Option<String>, Trouble>> {
        if let Err(trouble) = new.check() {
            return Ok(Err(trouble));
        }
        self.changed(tx).await?;
        if let Some(trouble) = other_measure(tx, new).await? {
            return Ok(Err(trouble));
        }
        let Some(old) = store::end_rule(tx, id, Day::OPEN, by.who, by.at).await? else {
            return Ok(Ok(None));
        };
        let copy = self.0.dice.uuid(by.at);
        let at = by.at.max(old.known_from_at);
        store::add_rule(tx, &copy, new, id, by.who, at).await?;
        Ok(Ok(Some(copy)))
    }
    /// Learnt: the row never held, and nothing takes its place. Answers false when it is not known.
    pub async fn withdraw(&self, tx: &mut Tx, id: &str, by: By<'_>) -> Result<bool> {
        self.changed(tx).await?;
        let ended = store::end_rule(tx, id, Day::OPEN, by.who, by.at).await?;
        Ok(ended.is_some())
    }
    /// Says what a day is; what was said of it before stays as what was known until now.
    pub async fn set_holiday(&self, tx: &mut Tx, day: &Holiday, by: By<'_>) -> Result<()> {
        self.changed(tx).await?;
        store::end_holiday(tx, day.on, by.who, by.at).await?;
        let id = self.0.dice.uuid(by.at);
        store::add_holiday(tx, &id, day, by.who, by.at).await
    }
    /// The day is one like others after all. Answers false when nothing was said of it.
    pub async fn remove_holiday(&self, tx: &mut Tx, on: Day, by: By<'_>) -> Result<bool> {
        self.changed(tx).await?;
        store::end_holiday(tx, on, by.who, by.at).await
    }
    /// States whether everything was announced for a year, and where.
    pub async fn set_year(
        &self,
        tx: &mut Tx,
        year: i16,
        is_complete: bool,
        document: &str,
        by: By<'_>,
    ) -> Result<()> {
        self.changed(tx).await?;
        store::set_year(tx, year, is_complete, document, by.who, by.at).await
    }
}

/// Rows of one name are measured alike, or its reader could not be told one.
async fn other_measure(tx: &mut Tx, new: &New) -> Result<Option<Trouble>> {
    let other = store::find_other_measure(tx, new).await?;
    other
        .map(|word| {
            Measure::by_name(&word)
                .map(Trouble::Measure)
                .ok_or_else(|| {
                    Error::fault(said!("rule {}: measure {}", new.name, format!("{word:?}")))
                })
        })
        .transpose()
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rules")
    }
}

/// The value on a day, as it was known at that moment (`None`: now), read from the database. A missing
/// rule is a fault that names it. For today's knowledge [`Rules::book`] is quicker.
pub async fn as_of(db: &Db, name: RuleName, on: Day, known_at: Option<Moment>) -> Result<Found> {
    let mut found = several(db, &[name], on, known_at).await?;
    found
        .pop()
        .ok_or_else(|| missing(name.as_str(), "", on, known_at))
}

/// Several rules in one query, in the order of the names; one that is missing is a fault that names it.
pub async fn several(
    db: &Db,
    names: &[RuleName],
    on: Day,
    known_at: Option<Moment>,
) -> Result<Vec<Found>> {
    let words: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    let rows = store::list_in_force(db, &words, on, known_at).await?;
    let book = Book::new(rows, Calendar::default(), known_at);
    names
        .iter()
        .map(|name| measured(book.get(*name, on)?, name.measure()))
        .collect()
}

/// The calendar as it was known at that moment (`None`: now).
pub async fn calendar_as_of(db: &Db, known_at: Option<Moment>) -> Result<Calendar> {
    store::calendar(db, known_at).await
}

/// Every row that ever stood under a name and variant, corrected ones too, in the order of learning.
pub async fn history(db: &Db, name: RuleName, variant: &str) -> Result<Vec<Rule>> {
    store::list_history(db, name.as_str(), variant).await
}
