//! Walking all that hangs on the installation's key: to count it, and to put it under another key.
//!
//! What there is say the rooms ([`crate::room::OfKey`]). All of a change is one transaction, so that the database
//! is wholly under one key at each moment, whichever its fingerprint names. Not here: the key file and who may
//! be at work meanwhile (`app`).
//! The rule that surprises: rows are read beside the transaction; the caller has seen to it that nobody else writes.

use crate::room::{Again, KeyFate, OfKey, SealedRow, Waiting};
use crate::{Act, Keys, Operator, Site};
use kernel::Moment;
use kernel::error::{Doing as _, Result};

/// Rows that are read together.
const AT_ONCE: i64 = 500;

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Rows with sealed values, or with hashes of some.
    pub rows: u64,
    /// Sealed values that a key opens.
    pub values: u64,
    /// Of these, those that only a key of before opens.
    pub before: u64,
    /// Values that no key opens: table and row.
    pub closed: Vec<String>,
    /// Things that only the key of before finds again, such as printed slips.
    pub waiting: u64,
    /// When the last of them ends.
    pub until: Moment,
}

impl Default for Found {
    fn default() -> Self {
        Found {
            rows: 0,
            values: 0,
            before: 0,
            closed: Vec::new(),
            waiting: 0,
            until: Moment(0),
        }
    }
}

/// Called with the number of rows done so far.
pub type Tick<'a> = &'a mut (dyn FnMut(u64) + Send);

/// Opens every sealed value, and changes nothing.
///
/// # Errors
/// Database faults.
pub async fn look(site: &Site, keys: &Keys, tick: Tick<'_>) -> Result<Found> {
    let mut found = Found::default();
    for of in &site.rooms.of_key {
        match of.fate {
            KeyFate::Sealed { list, .. } | KeyFate::Own { list, .. } => {
                let mut after = String::new();
                loop {
                    let rows = list(site.clone(), after, AT_ONCE).await.doing(of.table)?;
                    let Some(last) = rows.last() else { break };
                    after = last.id.clone();
                    for row in &rows {
                        found.open(of, row, keys);
                    }
                    tick(found.rows);
                }
            }
            KeyFate::Waits { waits, .. } => {
                found.wait(waits(site.clone()).await.doing(of.table)?);
            }
            KeyFate::Begins(_) | KeyFate::Stays(_) | KeyFate::Nothing => {}
        }
    }
    Ok(found)
}

/// Puts everything under the key `to`, within the act. With `is_leaked` what only the key of before finds ends.
///
/// The act's own lines are written under it too; those of before have been bound (`chain::bind`).
///
/// # Errors
/// Database faults; then the act must not end.
pub async fn change(
    act: &mut Act<Operator>,
    from: &Keys,
    to: &Keys,
    is_leaked: bool,
    tick: Tick<'_>,
) -> Result<Found> {
    let site = act.site().clone();
    act.signs(to.alone());
    let mut found = Found::default();
    for of in &site.rooms.of_key {
        match of.fate {
            KeyFate::Sealed { list, set } | KeyFate::Own { list, set } => {
                let mut after = String::new();
                loop {
                    let rows = list(site.clone(), after, AT_ONCE).await.doing(of.table)?;
                    let Some(last) = rows.last() else { break };
                    after = last.id.clone();
                    for row in &rows {
                        let plain = found.open(of, row, from);
                        let again = Again {
                            row,
                            plain,
                            from,
                            to,
                            dice: &site.dice,
                        };
                        set(act, &again).await.doing(of.table)?;
                    }
                    tick(found.rows);
                }
            }
            KeyFate::Waits { waits, end } => {
                if is_leaked {
                    found.waiting += end(act).await.doing(of.table)?;
                } else {
                    found.wait(waits(site.clone()).await.doing(of.table)?);
                }
            }
            KeyFate::Begins(drop) => {
                drop(act).await.doing(of.table)?;
            }
            KeyFate::Stays(keep) => keep(act).await.doing(of.table)?,
            KeyFate::Nothing => {}
        }
    }
    Ok(found)
}

impl Found {
    fn wait(&mut self, waiting: Waiting) {
        self.waiting += u64::try_from(waiting.count).unwrap_or(0);
        self.until = self.until.max(waiting.until);
    }
    /// Opens what a row holds, and counts it.
    fn open(&mut self, of: &OfKey, row: &SealedRow, keys: &Keys) -> Vec<Option<String>> {
        let counts = !matches!(of.fate, KeyFate::Own { .. });
        self.rows += u64::from(counts);
        let present = keys.alone();
        let mut plain = Vec::with_capacity(row.parts.len());
        for part in &row.parts {
            if part.text.is_empty() {
                plain.push(Some(String::new()));
                continue;
            }
            let opened = match part.open(&present) {
                Ok(text) => Some(text),
                Err(_) => (part.open(keys).ok()).inspect(|_| self.before += u64::from(counts)),
            };
            match &opened {
                Some(_) => self.values += u64::from(counts),
                None => self.closed.push(format!("{} {}", of.table, row.id)),
            }
            plain.push(opened);
        }
        plain
    }
}
