//! Hôm nay: what a room has for one member today, as tasks, notices and panels.
//!
//! Not here: gathering and drawing (`front`), what is due (each room).

use crate::{Later, Site};
use kernel::error::Result;
use std::sync::Arc;
use web::{Frame, SignedIn};

/// What a room contributes to one member's Hôm nay.
pub type TodaySource =
    Arc<dyn Fn(Site, Frame, Arc<SignedIn>) -> Later<'static, Result<TodayPart>> + Send + Sync>;

/// A room's part of Hôm nay.
#[derive(Debug, Clone, Default)]
pub struct TodayPart {
    /// Things that are the member's to do.
    pub tasks: Vec<TodayTask>,
    /// News for the member.
    pub notices: Vec<TodayNotice>,
    /// Panels of the second column: sort order and HTML drawn by the room's own template.
    pub asides: Vec<(i64, String)>,
}

/// A thing to do, drawn as look.md's "Next thing".
#[derive(Debug, Clone)]
pub struct TodayTask {
    /// Sorts the tasks: the due instant in milliseconds.
    pub due_at: i64,
    /// Minutes it takes, for the margin.
    pub minutes: i64,
    /// Verb and object.
    pub title: String,
    /// The due badge: "Hạn thứ Năm 26/11".
    pub due: String,
    /// `warn` when soon, `bad` when late, empty otherwise.
    pub due_state: &'static str,
    /// "còn 3 ngày".
    pub left: String,
    /// Why: the rule.
    pub why: String,
    /// How: what is ready, what is missing.
    pub how: String,
    /// The button's label.
    pub action: String,
    /// Where the button leads: the very step.
    pub to: String,
}

/// A line of news for the member.
#[derive(Debug, Clone)]
pub struct TodayNotice {
    /// Sorts the notices, newest first: milliseconds.
    pub at: i64,
    /// The margin: "20/11".
    pub margin: String,
    /// What it says.
    pub title: String,
    /// A quiet second line; may be empty.
    pub meta: String,
    /// Where it leads.
    pub to: String,
}
