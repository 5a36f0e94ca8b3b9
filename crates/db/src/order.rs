//! In which order transactions take rows, noted while tests run: what a kernel calls lockdep.
//!
//! Two transactions that take the same rows in opposite order wait for each other until PostgreSQL undoes
//! one. Each write notes what it takes; for every pair "this was held, then that was taken" the process
//! keeps one example. Whether a pair is in order is asked by the tests (`testkit`, by `schema::ORDER`).
//! Only builds with debug assertions note anything: in a release `Taken` is empty.
//! The rule that surprises: pairs are of tables, not of rows; a loop over several rows takes a table again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// How a statement takes rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// New rows, which nobody else sees; somebody with the same key waits.
    Insert,
    /// New rows, or those that are there already with the same key, which are changed.
    Upsert,
    /// Rows that are there.
    Update,
    /// Rows that go.
    Delete,
}

/// What one statement takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Take {
    /// Of which table.
    pub table: String,
    /// How.
    pub verb: Verb,
    /// The columns that it sets or fills.
    pub columns: Vec<String>,
}

/// What was held, and what was taken then: each with a statement that did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What was held.
    pub held: Take,
    /// By which statement.
    pub held_by: String,
    /// What was taken then.
    pub then: Take,
    /// By which statement.
    pub then_by: String,
    /// Whether the transaction had taken that table before it took the held one.
    pub is_again: bool,
    /// The tables that every transaction that did so had taken before.
    pub before: BTreeSet<String>,
    /// Those of them to which it had added rows before it took any that was there.
    pub made: BTreeSet<String>,
}

/// What was taken: with a statement that did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What.
    pub take: Take,
    /// By which statement.
    pub by: String,
    /// The tables that every transaction that did so had taken before.
    pub before: BTreeSet<String>,
}

type Pairs = BTreeMap<(Take, Take, bool), Pair>;
type Takes = BTreeMap<Take, Seen>;
static SEEN: Mutex<(Pairs, Takes)> = Mutex::new((BTreeMap::new(), BTreeMap::new()));

/// All that this process has seen taken so far.
pub fn takes_seen() -> Vec<Seen> {
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    seen.1.values().cloned().collect()
}

/// The pairs that this process has seen so far.
pub fn pairs_seen() -> Vec<Pair> {
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    seen.0.values().cloned().collect()
}

/// What a transaction has taken so far.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) is_unwatched: bool,
    #[cfg(debug_assertions)]
    takes: Vec<(Take, String)>,
    #[cfg(debug_assertions)]
    pairs: BTreeSet<(usize, usize)>,
}

#[cfg(debug_assertions)]
impl Taken {
    /// Notes a statement, before it is sent.
    pub(crate) fn note(&mut self, text: &str) {
        if self.is_unwatched {
            return;
        }
        for take in takes(text) {
            let known = self.takes.iter().position(|(one, _)| *one == take);
            let at = known.unwrap_or(self.takes.len());
            self.pairs
                .extend((0..self.takes.len()).map(|held| (held, at)));
            if known.is_none() {
                self.takes.push((take, text.to_owned()));
            }
        }
    }
    /// The tables taken before that take; `made`: only those whose first rows were new ones.
    fn before(&self, at: usize, made: bool) -> BTreeSet<String> {
        let mut first = BTreeMap::new();
        for (take, _) in self.takes.iter().take(at) {
            first.entry(&take.table).or_insert(take.verb);
        }
        let kept = first.into_iter();
        let kept = kept.filter(|(_, verb)| !made || *verb == Verb::Insert);
        kept.map(|(table, _)| table.clone()).collect()
    }
    fn first(&self, table: &str) -> usize {
        let mut takes = self.takes.iter();
        takes.position(|(take, _)| take.table == table).unwrap_or(0)
    }
    fn seen(&self, at: usize) -> Seen {
        let (take, by) = &self.takes[at];
        Seen {
            take: take.clone(),
            by: by.clone(),
            before: self.before(at, false),
        }
    }
    fn pair(&self, held: usize, then: usize) -> Pair {
        let (one, other) = (&self.takes[held], &self.takes[then]);
        // A statement that comes again comes after what is held by now.
        let at = held.max(then);
        Pair {
            is_again: self.first(&other.0.table) < self.first(&one.0.table),
            held: one.0.clone(),
            held_by: one.1.clone(),
            then: other.0.clone(),
            then_by: other.1.clone(),
            before: self.before(at, false),
            made: self.before(at, true),
        }
    }
}

#[cfg(debug_assertions)]
impl Drop for Taken {
    fn drop(&mut self) {
        if self.takes.is_empty() {
            return;
        }
        let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        let (pairs, takes) = &mut *seen;
        for at in 0..self.takes.len() {
            let here = self.seen(at);
            match takes.get_mut(&here.take) {
                Some(known) => known.before.retain(|table| here.before.contains(table)),
                None => {
                    takes.insert(here.take.clone(), here);
                }
            }
        }
        for (held, then) in &self.pairs {
            let here = self.pair(*held, *then);
            let key = (here.held.clone(), here.then.clone(), here.is_again);
            match pairs.get_mut(&key) {
                Some(known) => {
                    known.before.retain(|table| here.before.contains(table));
                    known.made.retain(|table| here.made.contains(table));
                }
                None => {
                    pairs.insert(key, here);
                }
            }
        }
    }
}

#[cfg(not(debug_assertions))]
#[allow(clippy::unused_self)] // as the others
impl Taken {
    pub(crate) fn note(&mut self, _text: &str) {}
}

/// What a statement takes: nothing for a question.
pub fn takes(text: &str) -> Vec<Take> {
    let text = text.to_ascii_lowercase();
    if !["insert", "update", "delete"]
        .iter()
        .any(|verb| text.contains(verb))
    {
        return Vec::new();
    }
    let mut spaced = String::with_capacity(text.len() + text.len() / 2);
    for c in text.chars() {
        if matches!(c, '(' | ')' | ',' | '=' | ';') {
            spaced.extend([' ', c, ' ']);
        } else {
            spaced.push(c);
        }
    }
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut out = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map_or("", |before| words[before]);
        let next = |nth: usize| words.get(at + nth).copied().unwrap_or("");
        let take = match (*word, next(1)) {
            ("insert", "into") => inserted(&words[at + 2..]),
            ("delete", "from") => Take {
                table: next(2).to_owned(),
                verb: Verb::Delete,
                columns: Vec::new(),
            },
            // `select … for update` takes what it finds, in its order (`Stmt::hold_to_set` and its like).
            ("update", _) if matches!(before, "for" | "key") => Take {
                table: table_of(&words),
                verb: if before == "key" {
                    Verb::Update
                } else {
                    Verb::Delete
                },
                columns: Vec::new(),
            },
            // `do update` belongs to its insert.
            ("update", table) if before != "do" => Take {
                table: table.to_owned(),
                verb: Verb::Update,
                columns: set(&words[at + 2..]),
            },
            _ => continue,
        };
        out.push(take);
    }
    out
}

/// The first table that a question names.
fn table_of(words: &[&str]) -> String {
    let from = words.iter().position(|word| *word == "from");
    let table = from.and_then(|at| words.get(at + 1));
    table.copied().unwrap_or("").to_owned()
}

fn inserted(words: &[&str]) -> Take {
    let table = words.first().copied().unwrap_or("").to_owned();
    let columns = (words.iter().skip(2))
        .take_while(|word| **word != ")")
        .filter(|word| **word != ",")
        .map(|word| (*word).to_owned());
    let is_upsert = words.windows(2).any(|at| at == ["do", "update"]);
    Take {
        table,
        verb: if is_upsert {
            Verb::Upsert
        } else {
            Verb::Insert
        },
        columns: columns.collect(),
    }
}

/// The columns of `set a = …, b = …`: the words before an `=` that stand outside of brackets.
fn set(words: &[&str]) -> Vec<String> {
    let mut depth = 0_usize;
    let mut columns = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match *word {
            "(" => depth += 1,
            ")" if depth == 0 => break,
            ")" => depth -= 1,
            "where" | "returning" | "from" if depth == 0 => break,
            "=" if depth == 0 && at > 1 && matches!(words[at - 2], "set" | ",") => {
                columns.push(words[at - 1].to_owned());
            }
            _ => {}
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let told =
            |take: Take| format!("{:?} {} {}", take.verb, take.table, take.columns.join("+"));
        takes(text).into_iter().map(told).collect()
    }

    #[test]
    fn what_a_statement_takes_is_read_from_its_words() {
        for (text, expected) in [
            ("select id from a where b = $1", ""),
            ("insert into a (id, b) values ($1, $2)", "Insert a id+b"),
            (
                "insert into a (id, b) values ($1, 2) on conflict (id) do update set b = excluded.b",
                "Upsert a id+b",
            ),
            (
                "update a set b = coalesce(nullif($1, ''), b), c = c + 1 where id = $2 and d = 3",
                "Update a b+c",
            ),
            ("delete from a where id = $1", "Delete a "),
            (
                "select id from a where b = $1 order by id for no key update",
                "Update a ",
            ),
            (
                "select id from a order by id limit $1 for update skip locked",
                "Delete a ",
            ),
            (
                "with x as (delete from a where b = 1 returning id) insert into c (id) select id from x",
                "Delete a ; Insert c id",
            ),
        ] {
            assert_eq!(told(text).join("; "), expected, "{text}");
        }
    }
}
