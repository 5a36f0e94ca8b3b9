//! What a room hands to `app`: routes, texts, statements, what it feeds to search and to Hôm nay.

use crate::Site;
use kernel::error::Result;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use web::text::TextSource;
use web::{Frame, Routes, SignedIn};

/// A boxed future, for functions that stand in a list.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A room, as `app` and the tests see it.
pub struct Room {
    /// Its name, as in `rooms/`.
    pub name: &'static str,
    /// Its routes.
    pub routes: Routes<Site>,
    /// Its sentences.
    pub texts: TextSource,
    /// Every SQL statement, so that one test prepares all of them on both databases.
    pub statements: Vec<&'static str>,
    /// What it feeds to the search index.
    pub feeds: Vec<Feed>,
    /// What it puts on Hôm nay.
    pub today: Option<TodaySource>,
    /// Its part of the API's description.
    pub openapi: Option<utoipa::openapi::OpenApi>,
    /// What runs beside the requests until the program stops.
    pub background: Vec<Background>,
}

impl Room {
    /// A room of that name with its texts and nothing else yet.
    pub fn new(name: &'static str, vi: &'static str, en: &'static str) -> Self {
        Room {
            name,
            routes: Routes::new(),
            texts: TextSource { of: name, vi, en },
            statements: Vec::new(),
            feeds: Vec::new(),
            today: None,
            openapi: None,
            background: Vec::new(),
        }
    }
}

/// Work beside the requests: starts with the server, ends when the receiver says `true`.
pub type Background = fn(Site, tokio::sync::watch::Receiver<bool>) -> Later<'static, ()>;

/// How the things of one kind come into the search index.
#[derive(Clone, Copy)]
pub struct Feed {
    /// The kind named in [`crate::feed::announce`]: `document`, `title`, `article`.
    pub kind: &'static str,
    /// The entries of these subjects; a subject that is gone yields an item without entries.
    pub load: Load,
    /// Ids of all subjects after the given one, in order, at most `limit`: for a rebuild.
    pub list: fn(Site, String, i64) -> Later<'static, Result<Vec<String>>>,
}

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

/// What a room contributes to one member's Hôm nay.
pub type TodaySource = fn(Site, Frame, Arc<SignedIn>) -> Later<'static, Result<TodayPart>>;

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
