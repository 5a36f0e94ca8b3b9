//! What a room lets be decided by a second person: who may, how it is shown, how it is done.
//!
//! The room prepares with [`crate::four_eyes::prepare`]; `front` shows "Chờ duyệt"; the last approval
//! applies the payload within its own act. Not here: keeping it (`approvals`).

use crate::four_eyes::Approved;
use crate::{Act, Later, Site};
use kernel::error::Result;
use kernel::{Cap, MemberId, UnitPath};
use web::Frame;

/// A kind of change that needs four eyes.
#[derive(Clone, Copy)]
pub struct ApprovalKind {
    /// Its word: `position.give`.
    pub kind: &'static str,
    /// Key of its name: "Bổ nhiệm ở cấp ủy".
    pub text: &'static str,
    /// Whether a job does it some minutes after the last yes, and not that yes itself.
    pub is_later: bool,
    /// Who may decide: holders of this in the side's unit.
    pub decides: Cap,
    /// What it would change, field by field, in the reader's language.
    pub show: ShowChange,
    /// The rows that the payload was made from and their versions now, in the order of preparing.
    pub versions: VersionsNow,
    /// Whether it would still do what was prepared, where rows alone do not tell: asked before a yes is kept, in
    /// no transaction. What would not goes back to who prepared it.
    pub still: Option<StillSame>,
    /// Does it.
    pub apply: ApplyChange,
    /// Where the preparer makes it anew when the rows have changed.
    pub again: fn(&serde_json::Value) -> String,
    /// Whom it is about, beside who prepared it: they do not decide it, so nobody is sent to them.
    pub about: fn(&serde_json::Value) -> Vec<MemberId>,
}

/// For [`ApprovalKind::about`]: the field `member` of the payload.
pub fn about_member(payload: &serde_json::Value) -> Vec<MemberId> {
    let member = payload.get("member").and_then(serde_json::Value::as_str);
    // A word that is no id names nobody.
    member.and_then(|id| id.parse().ok()).into_iter().collect()
}

/// Who holds a capability over a unit today (none: over the whole installation), without some: the room that
/// keeps posts tells it. At most fifty, by name.
pub type Holders = fn(
    Site,
    Cap,
    Option<UnitPath>,
    Vec<MemberId>,
) -> Later<'static, Result<Vec<(MemberId, String)>>>;

/// One field that a change would touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field's name, translated.
    pub label: String,
    /// What stands there; empty for nothing.
    pub old: String,
    /// What would stand there.
    pub new: String,
}

/// Shows a payload.
pub type ShowChange =
    fn(Site, Frame, serde_json::Value) -> Later<'static, Result<Vec<FieldChange>>>;
/// Reads the versions of the rows that a payload was made from, within the deciding act.
pub type VersionsNow = for<'a> fn(
    &'a mut Act<Approved>,
    &'a serde_json::Value,
) -> Later<'a, Result<Vec<(String, i64)>>>;
/// Looks at a payload once more before it is agreed to.
pub type StillSame = fn(Site, serde_json::Value) -> Later<'static, Result<bool>>;
/// Applies a payload within the deciding act.
pub type ApplyChange =
    for<'a> fn(&'a mut Act<Approved>, &'a serde_json::Value) -> Later<'a, Result<()>>;
