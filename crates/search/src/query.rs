//! What is asked and what is answered: [`Query`], [`Answer`], [`Hit`].
//!
//! Plain data, no tantivy. The text of a query is only ever cut into syllables; there is
//! no query language, so nothing a person types can be an operator or a syntax error.
//! The reach is part of the question: without a shared audience token an entry does not
//! exist, neither in `hits` nor in `total`.

use crate::Kind;
use serde::{Deserialize, Serialize};

/// Whose eyes the search looks with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Audience tokens that the asker holds; an entry is found when it has one of them.
    pub tokens: Vec<String>,
}

impl Reach {
    /// The reach of a passer-by: only what is `public`.
    #[must_use]
    pub fn public() -> Reach {
        Reach {
            tokens: vec!["public".to_owned()],
        }
    }

    /// A reach of these tokens.
    #[must_use]
    pub fn of<S: Into<String>>(tokens: impl IntoIterator<Item = S>) -> Reach {
        Reach {
            tokens: tokens.into_iter().map(Into::into).collect(),
        }
    }
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What the person typed, raw.
    pub text: String,
    /// How many hits to give back; held to [`Query::LIMIT_MAX`].
    pub limit: usize,
    /// How many hits to leave out first; held to [`Query::OFFSET_MAX`].
    pub offset: usize,
    /// Only these kinds; `None` for all.
    pub kinds: Option<Vec<Kind>>,
    /// At most so many hits of one whole (a document and its articles) before hits of others; further
    /// ones come behind. `None`: nothing but how well each answers.
    pub of_one: Option<usize>,
    /// Whether only entries that have every word of a short question are given: what merely shares a word with it is left out.
    pub every_word: bool,
    /// Whose eyes to look with.
    pub reach: Reach,
}

impl Query {
    /// The largest page.
    pub const LIMIT_MAX: usize = 100;
    /// The deepest page start; nobody reads hit 1,001.
    pub const OFFSET_MAX: usize = 1_000;

    /// A question for the first ten hits of every kind.
    #[must_use]
    pub fn new(text: impl Into<String>, reach: Reach) -> Query {
        Query {
            text: text.into(),
            limit: 10,
            offset: 0,
            kinds: None,
            of_one: None,
            every_word: false,
            reach,
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// How many entries within reach the question touches at all; a long question touches
    /// many, of which only the first pages are worth reading.
    pub total: usize,
    /// Whether no entry within reach has all the words of a short question, so that these have only some of them.
    #[serde(default)]
    pub is_loose: bool,
    /// One page of hits, best first.
    pub hits: Vec<Hit>,
    /// Time spent, in microseconds.
    pub took_us: u64,
}

/// One found entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// [`crate::Entry::id`].
    pub id: String,
    /// [`crate::Entry::external_id`].
    pub external_id: Option<String>,
    /// [`crate::Entry::kind`].
    pub kind: Kind,
    /// [`crate::Entry::title`].
    pub title: String,
    /// [`crate::Entry::context`].
    pub context: String,
    /// [`crate::Entry::heading`].
    pub heading: String,
    /// [`crate::Entry::symbol`].
    pub symbol: Option<String>,
    /// [`crate::Entry::url`].
    pub url: String,
    /// [`crate::Entry::parent_id`].
    pub parent_id: Option<String>,
    /// [`crate::Entry::shown_on`].
    pub shown_on: Option<String>,
    /// [`crate::Entry::language`], for the `lang` of what is shown.
    pub language: String,
    /// Larger is better; comparable only within one answer.
    pub score: f32,
    /// The best clause, about 240 characters, found words marked; empty without a body.
    pub extract: Vec<Piece>,
}

/// A run of text in an extract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The text as it stands in the entry.
    pub text: String,
    /// Whether it is a found word.
    pub marked: bool,
}
