//! Who did what to whom: one line of the log, written by the act that did it.
//!
//! Only an act makes a [`Line`], from its checked right. Never written here: passwords, codes,
//! tokens, sealed values (only "changed"), search terms, what a person reads. Who looked at whom is
//! in [`crate::look()`]; the chain of hashes over these rows in [`crate::chain`].

use crate::chain::LineRow;
use crate::right::Right;
use crate::seal::Keys;
use crate::store::ADD_LINE;
use db::{Tx, sql};
use kernel::error::Result;
use kernel::{Dice, MemberId, Moment};

/// One line of the log, being filled.
#[derive(Debug, Clone)]
pub struct Line {
    action: &'static str,
    right: Right,
    about: String,
    object_type: &'static str,
    object_id: String,
    reason: &'static str,
    diff_json: String,
}

/// What stands for a reason that was given.
pub const GIVEN: &str = "given";

impl Line {
    pub(crate) fn of(right: &Right, action: &'static str) -> Line {
        Line {
            action,
            right: right.clone(),
            about: String::new(),
            object_type: "",
            object_id: String::new(),
            reason: "",
            diff_json: String::new(),
        }
    }
    pub(crate) fn action(&self) -> &'static str {
        self.action
    }
    /// Whom it is about.
    pub fn about(&mut self, member: &MemberId) -> &mut Line {
        self.about = member.to_string();
        self
    }
    /// What it was done to, when the proof does not say.
    pub fn object(&mut self, object_type: &'static str, id: impl ToString) -> &mut Line {
        self.object_type = object_type;
        self.object_id = id.to_string();
        self
    }
    /// By another right of the same person than the act began with: who plans and calls in one go.
    pub fn under(&mut self, right: &Right) -> &mut Line {
        self.right = right.clone();
        self
    }
    /// That somebody said why. What they wrote stays with the thing itself, where who may read that reads it: words
    /// that a person types may be of anybody, and nothing is ever taken out of the log.
    pub fn reason(&mut self, reason: impl AsRef<str>) -> &mut Line {
        self.reason = match reason.as_ref().trim().is_empty() {
            true => "",
            false => GIVEN,
        };
        self
    }
    /// What changed, as JSON; never sealed values.
    pub fn diff(&mut self, json: &serde_json::Value) -> &mut Line {
        self.diff_json = json.to_string();
        self
    }
    /// Writes it, with what shows that the program did. It is bound into the chain a moment after the commit.
    pub(crate) async fn write(
        self,
        tx: &mut Tx,
        operation: &str,
        now: Moment,
        dice: &Dice,
        keys: &Keys,
    ) -> Result<()> {
        let right = self.right;
        let (unit_id, unit_path_then) = match &right.unit {
            Some(unit) => (unit.id.to_string(), unit.path.to_string()),
            None => (String::new(), String::new()),
        };
        let row = LineRow {
            id: dice.uuid(now),
            at: now.0,
            actor_id: right.actor.map(String::from).unwrap_or_default(),
            actor_label: right.label,
            on_behalf_of: String::new(),
            capability: right.capability.to_owned(),
            grant_id: right.grant.map(String::from).unwrap_or_default(),
            unit_id,
            unit_path_then,
            about_member_id: self.about,
            object_type: self.object_type.to_owned(),
            object_id: self.object_id,
            action: self.action.to_owned(),
            reason: self.reason.to_owned(),
            diff_json: self.diff_json,
            request_id: operation.to_owned(),
        };
        let mac = row.mac(keys);
        sql(ADD_LINE)
            .bind(row.id)
            .bind(row.at)
            .bind(row.actor_id)
            .bind(row.actor_label)
            .bind(row.capability)
            .bind(row.grant_id)
            .bind(row.unit_id)
            .bind(row.unit_path_then)
            .bind(row.about_member_id)
            .bind(row.object_type)
            .bind(row.object_id)
            .bind(row.action)
            .bind(row.reason)
            .bind(row.diff_json)
            .bind(row.request_id)
            .bind(mac)
            .run(&mut **tx)
            .await?;
        Ok(())
    }
}
