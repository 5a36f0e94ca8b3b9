//! What goes into the index: one [`Entry`] a thing that can be found.
//!
//! Rooms fill entries in their `feed.rs`; nothing here knows rooms or SQL. An article of
//! a law is one entry (`Provision`), not one entry a clause: clauses are found again at
//! query time. The surprising rule: an entry without an audience is seen by nobody.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What sort of thing an entry is: a word that the room which feeds it has chosen (`document`,
/// `section`). Persons are not here: they are searched in SQL, by right.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kind(Cow<'static, str>);

impl Kind {
    /// The kind of that word.
    #[must_use]
    pub const fn of(word: &'static str) -> Kind {
        Kind(Cow::Borrowed(word))
    }
    /// The word used in the index and in the API.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Kind {
    fn from(word: String) -> Kind {
        Kind(Cow::Owned(word))
    }
}

/// One thing that can be found, as the rooms hand it over. Texts are plain (no HTML).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Unique key over all kinds; a second `put` with it replaces the first.
    pub id: String,
    /// What sort of thing it is.
    pub kind: Kind,
    /// The thing it belongs to (document of a provision, book of a section), for
    /// removing all parts at once.
    pub parent_id: Option<String>,
    /// The id it had where it was imported from, given back unchanged.
    pub external_id: Option<String>,
    /// The line a person reads first: `Điều 7. Phạm vi điều chỉnh`, a book's or news title.
    pub title: String,
    /// The larger thing's name: law, book; empty when there is none.
    pub context: String,
    /// The heading without its number; may be empty (then it is read off the title).
    pub heading: String,
    /// The text, one clause or paragraph a line.
    pub body: String,
    /// Number and letters of a document: `12-QĐ/ĐU`.
    pub symbol: Option<String>,
    /// Where the hit leads, a path of our own.
    pub url: String,
    /// Who may find it: audiences such as `public`, `members`, `unit:ID`. Empty: nobody.
    pub audience: Vec<String>,
    /// Who else they must be: the audiences of what holds the thing (the shelf of a book). Empty: no
    /// further condition. Both are asked when somebody searches, so a unit that moves changes nothing here.
    pub also: Vec<String>,
    /// The day shown beside the hit, `YYYY-MM-DD`.
    pub shown_on: Option<String>,
    /// Language of the text, `vi` or `en`.
    pub language: String,
}

/// Splits a text whose first line may be a heading into (heading, rest).
///
/// The first line is a heading when it has at most 40 syllables, does not start with a
/// number or bullet, does not end with a colon and something follows it; else the heading
/// is empty and the rest is the whole text.
#[must_use]
pub fn split_heading(text: &str) -> (&str, &str) {
    let text = text.trim();
    let Some((first, rest)) = text.split_once('\n') else {
        return ("", text);
    };
    let first = first.trim();
    let starts_badly = first
        .chars()
        .next()
        .is_none_or(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '*' | '•' | '–'));
    let is_point = crate::clause::is_point(first);
    if starts_badly
        || is_point
        || first.ends_with(':')
        || first.ends_with(';')
        || first.split_whitespace().count() > 40
        || rest.trim().is_empty()
    {
        return ("", text);
    }
    (first, rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_is_a_heading_only_when_it_looks_like_one() {
        assert_eq!(
            split_heading("Tưới nước\n\n1. Mỗi ngày."),
            ("Tưới nước", "1. Mỗi ngày.")
        );
        for text in [
            "1. Mỗi ngày.\n2. Mỗi tuần.",
            "Gồm có:\n- gàu",
            "a) sáng\nb) chiều",
            "- gàu\n- cuốc",
            "Một dòng thôi",
            "",
        ] {
            assert_eq!(split_heading(text), ("", text));
        }
        let long = format!("{}\nrest", "dài ".repeat(41).trim());
        assert_eq!(split_heading(&long), ("", long.as_str()));
    }
}
