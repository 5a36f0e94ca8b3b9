//! The log as it was written before acts; goes when the last room has acts.

use db::{Tx, sql};
use kernel::error::Result;
use kernel::{Actor, Cap, Clock, Dice, MemberId, UnitRef};

const ADD: &str = "insert into audit_event (id, at, actor_id, actor_label, capability, grant_id, \
    unit_id, unit_path_then, about_member_id, object_type, object_id, action, reason, diff_json, request_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
const SEEN: &str = "insert into audit_access \
    (actor_id, about_member_id, hour_at, level, purpose, reads, actor_label) \
    values ($1, $2, $3, $4, $5, 1, $6) \
    on conflict (actor_id, about_member_id, hour_at, level, purpose) \
    do update set reads = audit_access.reads + 1";

/// One line of the log, being filled.
#[derive(Debug, Clone, Default)]
pub struct Audit {
    action: &'static str,
    actor_id: String,
    actor_label: String,
    capability: String,
    grant_id: String,
    unit_id: String,
    unit_path: String,
    about: String,
    object_type: &'static str,
    object_id: String,
    reason: String,
    diff_json: String,
    operation: String,
}

impl Audit {
    /// Somebody did `action` (noun.verb, such as `meeting.close`).
    pub fn by(actor: &Actor, action: &'static str) -> Self {
        Audit {
            action,
            actor_id: actor.member.to_string(),
            actor_label: actor.name.clone(),
            ..Audit::default()
        }
    }
    /// The program or its operator did it.
    pub fn by_program(action: &'static str) -> Self {
        Audit {
            action,
            actor_label: "sotay".into(),
            ..Audit::default()
        }
    }
    /// By which right, in which unit.
    pub fn right(mut self, actor: &Actor, cap: Cap, unit: &UnitRef, on: kernel::Day) -> Self {
        self.capability = cap.name().to_owned();
        self.unit_id = unit.id.to_string();
        self.unit_path = unit.path.to_string();
        if let Some(grant) = actor.by_grant(cap, unit, on) {
            self.grant_id = grant.id.to_string();
        }
        self
    }
    /// Whom it is about.
    pub fn about(mut self, member: &MemberId) -> Self {
        self.about = member.to_string();
        self
    }
    /// What it was done to.
    pub fn object(mut self, object_type: &'static str, id: impl ToString) -> Self {
        self.object_type = object_type;
        self.object_id = id.to_string();
        self
    }
    /// Why, as given.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }
    /// What changed, as JSON; never sealed values.
    pub fn diff(mut self, json: impl Into<String>) -> Self {
        self.diff_json = json.into();
        self
    }
    /// The operation number of the request.
    pub fn operation(mut self, operation: &str) -> Self {
        self.operation = operation.to_owned();
        self
    }
    /// Writes the line.
    pub async fn write(self, tx: &mut Tx, clock: &Clock, dice: &Dice) -> Result<()> {
        let now = clock.now();
        sql(ADD)
            .bind(dice.uuid(now))
            .bind(now)
            .bind(self.actor_id)
            .bind(self.actor_label)
            .bind(self.capability)
            .bind(self.grant_id)
            .bind(self.unit_id)
            .bind(self.unit_path)
            .bind(self.about)
            .bind(self.object_type)
            .bind(self.object_id)
            .bind(self.action)
            .bind(self.reason)
            .bind(self.diff_json)
            .bind(self.operation)
            .run(&mut **tx)
            .await?;
        Ok(())
    }
}

/// Notes that `actor` looked at a member's record at `level` (`V2`, `V3`); shown to that member.
/// Looking at one's own record is not noted.
pub async fn seen(
    tx: &mut Tx,
    actor: &Actor,
    about: &MemberId,
    level: &str,
    purpose: &str,
    clock: &Clock,
) -> Result<()> {
    if actor.member == *about {
        return Ok(());
    }
    let hour = clock.now().0.div_euclid(3_600_000) * 3_600_000;
    sql(SEEN)
        .bind(&actor.member)
        .bind(about)
        .bind(hour)
        .bind(level)
        .bind(purpose)
        .bind(&actor.name)
        .run(&mut **tx)
        .await?;
    Ok(())
}
