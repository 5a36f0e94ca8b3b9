//! The chain over the log: whoever changes, removes, adds or swaps a row of it is found out.
//!
//! An act writes its lines with a keyed hash of their content and waits for nobody. A moment later [`bind()`] gives
//! what is committed its place in one gap-free order: a link holds the hash of the row and, through its own hash, all
//! links before it. Each day that is over leaves a head, to be kept elsewhere; [`verify()`] recomputes everything.
//! Not here: writing lines and looks (`audit`, `look`), the commands (`app`).
//! The rule that surprises: the day of a link is that on which it was bound, not that of its row, so a row that comes
//! late never opens a day that is over. Why it is so: docs/decisions/0011-log-chain.md.
//!
//! # What is hashed
//! SHA-256, written as 64 hexadecimal letters, over a list of texts in UTF-8. Before each text stands its length in
//! bytes as eight bytes, the highest first; whole numbers are written in decimal. The first text says what it is:
//!
//! | what | texts |
//! |---|---|
//! | a line | `sotay line 1`, then the columns of `audit_event` from `id` to `request_id` in the order of step 0003 |
//! | a look | `sotay look 1`, reader, person, `hour_at`, level, purpose, reads, name of the reader |
//! | a doubt | `sotay doubt 1`, what was found |
//! | a link | `sotay link 1`, hash of the link before (empty before the first), number, day, what, id, hash of the row |

mod bind;
mod keyed;
mod verify;

pub use bind::{bind, bind_with, follow};
pub(crate) use keyed::OF_KEY;
pub use verify::{Asked, Glance, Kept, Tick, Verified, bound, glance, heads, newest_heads, verify};

use crate::seal::{Keys, Spot};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// The hash of these texts.
fn digest(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(text.as_bytes());
    }
    HEXLOWER.encode(&hash.finalize())
}

/// A line of the log as it is hashed.
#[derive(Debug, Clone, Default, db::FromRow)]
pub(crate) struct LineRow {
    pub id: String,
    pub at: i64,
    pub actor_id: String,
    pub actor_label: String,
    pub on_behalf_of: String,
    pub capability: String,
    pub grant_id: String,
    pub unit_id: String,
    pub unit_path_then: String,
    pub about_member_id: String,
    pub object_type: String,
    pub object_id: String,
    pub action: String,
    pub reason: String,
    pub diff_json: String,
    pub request_id: String,
}

/// The purpose of the key under which lines are written.
const WRITTEN: &str = "audit_event.written";

impl LineRow {
    /// The hash of its content.
    pub(crate) fn hash(&self) -> String {
        digest(&[
            "sotay line 1",
            &self.id,
            &self.at.to_string(),
            &self.actor_id,
            &self.actor_label,
            &self.on_behalf_of,
            &self.capability,
            &self.grant_id,
            &self.unit_id,
            &self.unit_path_then,
            &self.about_member_id,
            &self.object_type,
            &self.object_id,
            &self.action,
            &self.reason,
            &self.diff_json,
            &self.request_id,
        ])
    }
    /// What shows, until it is bound, that the program wrote it.
    pub(crate) fn mac(&self, keys: &Keys) -> String {
        keys.mac(WRITTEN, &self.hash())
    }
}

/// A look as it is hashed, once its hour is over.
#[derive(Debug, Clone, db::FromRow)]
struct LookRow {
    actor_id: String,
    about_member_id: String,
    hour_at: i64,
    level: String,
    purpose: String,
    reads: i64,
    actor_label: String,
}

impl LookRow {
    fn hash(&self) -> String {
        digest(&[
            "sotay look 1",
            &self.actor_id,
            &self.about_member_id,
            &self.hour_at.to_string(),
            &self.level,
            &self.purpose,
            &self.reads.to_string(),
            &self.actor_label,
        ])
    }
    /// What a link calls it: who, whom, which hour, how much; the purpose is in the hash alone.
    fn id(&self) -> String {
        let LookRow {
            actor_id,
            about_member_id,
            hour_at,
            level,
            ..
        } = self;
        format!("{actor_id} {about_member_id} {hour_at} {level}")
    }
}

/// What a link binds, as the table says it.
mod what {
    /// A line that the program wrote.
    pub(super) const LINE: &str = "line";
    /// A line from before there was a chain, bound as it was found.
    pub(super) const OLD: &str = "old";
    /// A line that the program did not write.
    pub(super) const FOREIGN: &str = "foreign";
    /// A look.
    pub(super) const LOOK: &str = "look";
    /// The end of the chain was not what the program had left.
    pub(super) const DOUBT: &str = "doubt";
}

/// A link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
struct Link {
    seq: i64,
    day_on: String,
    what: String,
    row_id: String,
    row_hash: String,
    hash: String,
}

impl Link {
    /// Its hash behind that link.
    fn hash_after(&self, before: &str) -> String {
        digest(&[
            "sotay link 1",
            before,
            &self.seq.to_string(),
            &self.day_on,
            &self.what,
            &self.row_id,
            &self.row_hash,
        ])
    }
}

/// The head of a day that is over.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
pub struct Head {
    /// The number of its last link.
    pub last_seq: i64,
    /// The day.
    pub day_on: String,
    /// The number of its first link.
    pub first_seq: i64,
    /// The hash of its last link.
    pub hash: String,
    sealed: String,
}

/// The word of sealed columns of the chain.
const SEALED: &str = "chain";

impl Head {
    /// How many rows were bound on that day.
    pub fn count(&self) -> i64 {
        self.last_seq - self.first_seq + 1
    }
    fn plain(&self) -> String {
        let Head {
            last_seq,
            day_on,
            first_seq,
            hash,
            ..
        } = self;
        format!("{day_on} {first_seq} {last_seq} {hash}")
    }
    fn is_ours(&self, keys: &Keys) -> bool {
        let row = self.last_seq.to_string();
        let opened = keys.open_at(head_spot(&row), &self.sealed);
        opened.is_ok_and(|text| text == self.plain())
    }
}

/// The table of heads.
const HEADS_TABLE: &str = "audit_head";

fn head_spot(row: &str) -> Spot<'_> {
    Spot {
        table: HEADS_TABLE,
        column: SEALED,
        row,
    }
}

const TIP_SPOT: Spot<'static> = Spot {
    table: "audit_tip",
    column: SEALED,
    row: "log",
};

/// The end of the chain: the row that whoever binds takes first.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
struct Tip {
    seq: i64,
    day_on: String,
    /// The first number of its day.
    first_seq: i64,
    hash: String,
    bound_at: i64,
    /// Lines from before the chain that are still to be bound.
    old: i64,
    sealed: String,
}

impl Tip {
    fn plain(&self) -> String {
        let Tip {
            seq,
            day_on,
            first_seq,
            hash,
            bound_at,
            old,
            sealed: _,
        } = self;
        format!("{seq} {day_on} {first_seq} {old} {bound_at} {hash}")
    }
    /// Whether it is as the program left it, and the last link with it.
    fn is_ours(&self, keys: &Keys, last: Option<&Link>) -> bool {
        let Some(last) = last else {
            return self.seq == 0 && self.sealed.is_empty();
        };
        let is_sealed = || {
            let opened = keys.open_at(TIP_SPOT, &self.sealed);
            opened.is_ok_and(|text| text == self.plain())
        };
        last.seq == self.seq && last.hash == self.hash && !self.sealed.is_empty() && is_sealed()
    }
    /// The day that is not over yet, as a head; none before its first row.
    fn open_day(&self) -> Option<Head> {
        (self.seq >= self.first_seq).then(|| Head {
            last_seq: self.seq,
            day_on: self.day_on.clone(),
            first_seq: self.first_seq,
            hash: self.hash.clone(),
            sealed: String::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another program must come to the same: the expected text is from Python's hashlib.
    #[test]
    fn the_format_is_the_one_that_is_written_down() {
        assert_eq!(
            digest(&["a", "", "bé"]),
            "abb42636a19fe75188f4598199ef2070f91ac076499151542d99d9c0e29d61fa"
        );
        let line = LineRow {
            id: "x".into(),
            at: -5,
            action: "meeting.close".into(),
            ..LineRow::default()
        };
        assert_eq!(
            line.hash(),
            "5d07a641198070a84cc855913376a8cf678fa22a05e51ffe2586ec2cf4e780f7"
        );
    }
    #[test]
    fn what_moves_from_one_field_to_the_next_is_another_row() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_ne!(digest(&["ab"]), digest(&["ab", ""]));
    }
}
