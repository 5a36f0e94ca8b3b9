//! Searching: which kinds of things a room lets be found, how they are shown, how they reach the index.
//!
//! `front` draws hits with the [`Find`] of their kind; the follower of [`crate::feed`] calls a [`Feed`].
//! Persons are not here: they are searched in SQL, by right.

use crate::{Later, Site};
use kernel::error::Result;
use std::collections::HashSet;

/// A kind of thing that the search box finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Find {
    /// The word in the index and in the API: `document`, `provision`.
    pub kind: &'static str,
    /// Its icon in the sprite.
    pub icon: &'static str,
    /// Key of its name, said beside a hit; one that takes `context` says with it where the hit stands.
    pub text: &'static str,
    /// The tab of the result page under which it stands, the word in the address: `documents`.
    pub group: &'static str,
    /// Key of the tab's name; the same for all kinds of one group.
    pub group_text: &'static str,
    /// Sorts the tabs.
    pub order: i64,
    /// Nothing of it is ever for a passer-by, who therefore is not offered its tab.
    pub is_for_members: bool,
}

/// What stands beside a thing wherever it is listed: a document's "Đã được thay bằng 12-QĐ/ĐU".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// Its icon in the sprite.
    pub icon: &'static str,
    /// `ok`, `warn`, `info`, `gone` (dashed) or `plain`.
    pub tone: &'static str,
    /// Its words.
    pub words: String,
}

/// Who says what stands beside the things of one kind that a search found.
#[derive(Clone, Copy)]
pub struct Badges {
    /// The kind of the things: `document`; its parts have the badge of the whole.
    pub kind: &'static str,
    /// The badges of these, by id, as far as the reach goes (the third argument).
    pub of: BadgesOf,
}

/// Finds badges: whose page, the reach, the ids.
pub type BadgesOf = fn(
    Site,
    web::Frame,
    Vec<String>,
    Vec<String>,
) -> Later<'static, Result<std::collections::HashMap<String, Badge>>>;

/// The audiences of a room's own to which somebody belongs on a day, where `unit:ID` would be too wide.
pub type ReachOf = fn(&kernel::Actor, kernel::Day) -> Vec<String>;

/// How the things of one kind come into the search index.
#[derive(Clone, Copy)]
pub struct Feed {
    /// The kind named when an act says what changed: `document`, `title`, `article`.
    pub kind: &'static str,
    /// The kinds under which its entries are found: `document`, `provision`.
    pub finds: &'static [&'static str],
    /// The entries of these subjects; a subject that is gone yields an item without entries.
    pub load: Load,
    /// Ids of all subjects after the given one, in order, at most `limit`: for a rebuild.
    pub list: fn(Site, String, i64) -> Later<'static, Result<Vec<String>>>,
    /// Which of these subjects a reach sees now. The index is a copy that comes a moment later: what was hidden
    /// meanwhile is asked of the database before a hit is shown.
    pub seen: Seen,
}

/// Asks which subjects are seen: the reach, the ids.
pub type Seen = fn(Site, Vec<String>, Vec<String>) -> Later<'static, Result<HashSet<String>>>;

/// Loads the entries of some subjects.
pub type Load = fn(Site, Vec<String>) -> Later<'static, Result<Vec<FeedItem>>>;

/// One subject with all that the index should know of it.
#[derive(Debug, Clone)]
pub struct FeedItem {
    /// The subject; every entry names it as its parent, or is it.
    pub subject_id: String,
    /// Its entries; none removes it.
    pub entries: Vec<search::Entry>,
}
