//! One question over documents, books, news and people.
//!
//! Everything but people comes from the index, within the asker's reach; people come from SQL, by
//! right. Not here: HTML (`pages::search`), JSON (`pages::api_search`), judging (`search`).
//! What a person searches for is kept nowhere: no log, no table, no counter.

use kernel::error::{Doing, Error, Result};
use search::{Answer, Hit, Kind, Query, Reach};
use site::{Feed, Site};
use std::collections::{BTreeMap, HashSet};

/// Characters of a question that the page takes; the rest is cut off, and said so.
pub(crate) const LONGEST: usize = 500;

/// Answers a question with the best `limit` hits (at most 100) of every kind that `reach` may see;
/// each hit names its `external_id`. For the command line; the pages ask through the same door.
///
/// # Errors
/// A fault when the index cannot be read.
pub async fn answer(site: &Site, reach: Reach, text: &str, limit: usize) -> Result<Answer> {
    find(
        site,
        Query {
            limit,
            ..Query::new(text, reach)
        },
    )
    .await
}

pub(crate) async fn find(site: &Site, query: Query) -> Result<Answer> {
    let reach = query.reach.tokens.clone();
    let found = site.index.find(query).await;
    let mut answer = found.map_err(Error::fault).doing("searching")?;
    keep_what_is_seen(site, reach, &mut answer).await?;
    Ok(answer)
}

/// Leaves out what the asker may not see any more: the index comes a moment after the database. A kind that no
/// room speaks for is left out as well.
async fn keep_what_is_seen(site: &Site, reach: Vec<String>, answer: &mut Answer) -> Result<()> {
    let mut by_kind: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for hit in &answer.hits {
        if let Some(feed) = feed_of(site, hit) {
            by_kind.entry(feed.kind).or_default().push(subject(hit));
        }
    }
    let mut seen: BTreeMap<&'static str, HashSet<String>> = BTreeMap::new();
    for feed in &site.rooms.feeds {
        if let Some(mut ids) = by_kind.remove(feed.kind) {
            ids.sort();
            ids.dedup();
            let now = (feed.seen)(site.clone(), reach.clone(), ids).await?;
            seen.insert(feed.kind, now);
        }
    }
    let before = answer.hits.len();
    answer.hits.retain(|hit| {
        feed_of(site, hit)
            .and_then(|feed| seen.get(feed.kind))
            .is_some_and(|now| now.contains(&subject(hit)))
    });
    answer.total = answer.total.saturating_sub(before - answer.hits.len());
    Ok(())
}

/// The whole to which a hit belongs.
fn subject(hit: &Hit) -> String {
    hit.parent_id.clone().unwrap_or_else(|| hit.id.clone())
}

/// Who brought it into the index.
fn feed_of<'a>(site: &'a Site, hit: &Hit) -> Option<&'a Feed> {
    let kind = hit.kind.as_str();
    site.rooms
        .feeds
        .iter()
        .find(|feed| feed.finds.contains(&kind))
}

/// The parts of the result page: everything, one group of kinds that a room lets be found, people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    All,
    /// A group, by its word in the address.
    Group(&'static str),
    People,
}

impl Tab {
    /// Every tab that a visitor is offered, in the order that the rooms give their groups.
    pub(crate) fn every(site: &Site, is_signed_in: bool) -> Vec<Tab> {
        let mut tabs = vec![Tab::All];
        for find in &site.rooms.finds {
            if find.is_for_members && !is_signed_in {
                continue;
            }
            if !tabs.contains(&Tab::Group(find.group)) {
                tabs.push(Tab::Group(find.group));
            }
        }
        if is_signed_in {
            tabs.push(Tab::People);
        }
        tabs
    }
    /// The tab of that word; any other word is all of them.
    pub(crate) fn of(site: &Site, word: &str, is_signed_in: bool) -> Tab {
        Tab::every(site, is_signed_in)
            .into_iter()
            .find(|tab| tab.word() == word)
            .unwrap_or(Tab::All)
    }
    /// The word in the address.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Tab::All => "",
            Tab::Group(word) => word,
            Tab::People => "people",
        }
    }
    pub(crate) fn text_key(self, site: &Site) -> &'static str {
        match self {
            Tab::All => "front-search-all",
            Tab::Group(word) => (site.rooms.finds.iter())
                .find(|find| find.group == word)
                .map_or("front-search-all", |find| find.group_text),
            Tab::People => "front-search-people",
        }
    }
    /// The kinds of the index that it shows; `None` for all.
    pub(crate) fn kinds(self, site: &Site) -> Option<Vec<Kind>> {
        match self {
            Tab::All => None,
            Tab::Group(word) => {
                let finds = site.rooms.finds.iter().filter(|find| find.group == word);
                Some(finds.map(|find| Kind::of(find.kind)).collect())
            }
            Tab::People => Some(Vec::new()),
        }
    }
    pub(crate) fn has_people(self) -> bool {
        matches!(self, Tab::All | Tab::People)
    }
}

/// A question made clean: NFC, no control characters, at most [`LONGEST`] characters. Also whether
/// something was cut off.
pub(crate) fn tidy(raw: &str) -> (String, bool) {
    let spaced: String = raw
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let whole = vietnamese::nfc(spaced.trim());
    let cut: String = whole.chars().take(LONGEST).collect();
    let was_cut = cut.len() < whole.len();
    (cut, was_cut)
}

/// Whether somebody may be meant by their code: one word of letters and figures, with a figure in it.
/// Symbols of documents have a stroke.
fn looks_like_a_code(text: &str) -> bool {
    (2..=64).contains(&text.chars().count())
        && text.contains(|c: char| c.is_ascii_digit())
        && (text.chars()).all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_'))
}

/// Whether somebody may be meant: one to six words of letters alone, two letters at least, perhaps a year of birth behind
/// them; or a code.
pub(crate) fn looks_like_a_person(text: &str) -> bool {
    looks_like_a_name(text) || looks_like_a_code(text.trim()) || people::search::has_year(text)
}

fn looks_like_a_name(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let plain = text
        .chars()
        .all(|c| c.is_alphabetic() || c.is_whitespace() || matches!(c, '\'' | '.' | '-'));
    (1..=6).contains(&words) && letters >= 2 && plain
}

/// The first value of a parameter in a query string; empty when there is none.
pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(held, _)| held == name)
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_question_is_cut_between_letters() {
        let (text, was_cut) = tidy(&"ệ".repeat(600));
        assert_eq!(text.chars().count(), LONGEST);
        assert!(was_cut);
        assert_eq!(
            tidy("  e\u{0323}\u{0302}\u{0}x "),
            ("ệ x".to_owned(), false)
        );
    }
    #[test]
    fn people_are_looked_for_only_by_something_like_a_name() {
        for name in ["Lan", "nguyen thi lan", "Đỗ Anh Tuấn", "H'Hen Niê"] {
            assert!(looks_like_a_name(name), "{name}");
        }
        for code in ["MH0004", "T-0012", "01.002.003", "0012", "Hùng 1972"] {
            assert!(looks_like_a_person(code), "{code}");
        }
        for other in ["12-QĐ/ĐU", "Điều 7", "7", "lan <b>7"] {
            assert!(!looks_like_a_person(other), "{other}");
        }
        for other in [
            "",
            "a",
            "12-QĐ/ĐU",
            "Điều 7",
            "đảng viên vắng mặt không có lý do",
            "lan <b>",
        ] {
            assert!(!looks_like_a_name(other), "{other}");
        }
    }
    #[test]
    fn the_first_of_repeated_parameters_counts() {
        assert_eq!(
            parameter("q=a+b&q=c&kind=%E1%BB%87", "q").as_deref(),
            Some("a b")
        );
        assert_eq!(parameter("q=a", "kind"), None);
    }
}
