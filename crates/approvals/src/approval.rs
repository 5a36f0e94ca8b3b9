//! The thing itself: a payload with its hash, its sides, and what became of it. Pure.

use crate::ApprovalId;
use kernel::error::{Error, Refusal, Result};
use kernel::said;
use kernel::{MemberId, Moment, UnitId};
use sha2::{Digest as _, Sha256};

kernel::facts! {
    /// What became of an approval.
    pub enum State {
        /// Somebody must decide.
        Waiting = "waiting",
        /// Approved by every side and done.
        Applied = "applied",
        /// A side refused.
        Refused = "refused",
        /// The preparer took it back.
        Withdrawn = "withdrawn",
        /// Nobody decided in time.
        Expired = "expired",
        /// What it would change was changed meanwhile; it must be prepared anew.
        Stale = "stale",
    }
}

kernel::facts! {
    /// What a side says.
    pub enum Decision {
        /// Nothing yet.
        Open = "open",
        /// Yes.
        Approved = "approved",
        /// No.
        Refused = "refused",
    }
}

/// One who must agree: `one`, or `sender` and `receiver`, with the unit in which the right is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The side's name.
    pub name: &'static str,
    /// The unit; `None` for the whole installation.
    pub unit: Option<UnitId>,
}

/// What is prepared.
#[derive(Debug, Clone)]
pub struct New {
    /// The kind, as a room's `ApprovalKind` names it: `position.give`.
    pub kind: &'static str,
    /// What it is about; while one waits, a second of the same kind and object is refused. Empty when the
    /// thing does not exist yet.
    pub object_id: String,
    /// A line for lists, without sealed values: "Bổ nhiệm bà Lan làm bí thư Đảng ủy".
    pub title: String,
    /// What will be done.
    pub payload: serde_json::Value,
    /// Rows that the payload was made from: a name of the row and its version.
    pub versions: Vec<(String, i64)>,
    /// Who must agree.
    pub sides: Vec<Side>,
    /// Who prepared it.
    pub prepared_by: MemberId,
    /// Their name then.
    pub prepared_label: String,
    /// Until when it may be decided.
    pub expires_at: Moment,
}

/// An approval as kept.
#[derive(Debug, Clone, db::FromRow)]
pub struct Approval {
    /// Its id.
    #[sqlx(try_from = "String")]
    pub id: ApprovalId,
    /// The kind.
    pub kind: String,
    /// What it is about; may be empty.
    pub object_id: String,
    /// A line for lists.
    pub title: String,
    payload_json: String,
    /// Fingerprint of the payload, sent back by the page on which it was read.
    pub payload_hash: String,
    versions_json: String,
    /// What became of it.
    #[sqlx(try_from = "String")]
    pub state: State,
    /// Why it ended so, as said.
    pub reason: String,
    /// Who prepared it.
    #[sqlx(try_from = "String")]
    pub prepared_by: MemberId,
    /// Their name then.
    pub prepared_label: String,
    /// When.
    pub prepared_at: i64,
    /// Until when it may be decided.
    pub expires_at: i64,
}

impl Approval {
    /// The payload, after its hash was compared.
    ///
    /// # Errors
    /// A fault when the row was changed by other hands.
    pub fn payload(&self) -> Result<serde_json::Value> {
        if hash_of(&self.payload_json, &self.versions_json) != self.payload_hash {
            return Err(Error::fault(said!(
                "the payload of approval {} is not the one that was prepared",
                self.id
            )));
        }
        serde_json::from_str(&self.payload_json).map_err(Error::fault)
    }
    /// The rows and versions that it was made from.
    ///
    /// # Errors
    /// A fault when the column cannot be read.
    pub fn versions(&self) -> Result<Vec<(String, i64)>> {
        serde_json::from_str(&self.versions_json).map_err(Error::fault)
    }
    pub(crate) fn must_wait(&self, now: Moment) -> Result<()> {
        if self.state != State::Waiting {
            return Err(refusal("approvals-refused-ended").into());
        }
        if self.expires_at <= now.0 {
            return Err(refusal("approvals-refused-expired").into());
        }
        Ok(())
    }
}

pub(crate) fn refusal(key: &'static str) -> Refusal {
    Refusal::new(key).way_out("/approvals", "approvals-see-all")
}

/// A side of an approval as kept.
#[derive(Debug, Clone, db::FromRow)]
pub struct Step {
    /// The side: `one`, `sender`, `receiver`.
    pub side: String,
    /// Its unit; empty for the whole installation.
    pub unit_id: String,
    /// What it says.
    #[sqlx(try_from = "String")]
    pub decision: Decision,
    /// Who said it; empty while open.
    pub by_member: String,
    /// Their name then.
    pub by_label: String,
    /// Why, as said.
    pub reason: String,
}

/// The fingerprint of a payload and the versions it was made from.
pub fn hash_of(payload_json: &str, versions_json: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(payload_json.as_bytes());
    hash.update([0]);
    hash.update(versions_json.as_bytes());
    data_encoding::BASE64URL_NOPAD.encode(&hash.finalize())
}
