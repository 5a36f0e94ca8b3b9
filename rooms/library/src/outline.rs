//! The contents of a title and the order of its sections, read once and kept for its present edition.
//!
//! Not here: the text of a section (`pages::section`).

use crate::store::{self, SpineRow};
use books::TocEntry;
use db::sql;
use kernel::error::{Error, Result};
use moka::sync::Cache;
use site::Site;
use std::sync::Arc;

/// A line of the contents.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// What it says.
    pub(crate) title: String,
    /// Where it leads; empty for a heading that leads nowhere.
    pub(crate) url: String,
    /// Number of its section; 0 for none.
    pub(crate) section: i64,
    /// Whether it names the section itself, not a place within.
    pub(crate) is_whole: bool,
    /// Whether a list of its own begins here, inside the line before.
    pub(crate) opens: bool,
    /// How many lists end before it.
    pub(crate) closes: usize,
}

/// Contents and spine of a title.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    /// The table of contents.
    pub(crate) lines: Vec<Line>,
    /// Lists that are still open after the last line.
    pub(crate) open: usize,
    /// The sections, in order.
    pub(crate) spine: Vec<SpineRow>,
}

/// What is remembered; one for each process.
pub(crate) struct Outlines(Cache<(String, i64), Arc<Outline>>);

impl Default for Outlines {
    fn default() -> Self {
        // By lines: a large book has thousands.
        let weigher = |_: &(String, i64), outline: &Arc<Outline>| {
            u32::try_from(outline.lines.len() + outline.spine.len() + 10).unwrap_or(u32::MAX)
        };
        Outlines(
            Cache::builder()
                .max_capacity(40_000)
                .weigher(weigher)
                .build(),
        )
    }
}

/// The outline of a title that was found within the visitor's reach.
pub(crate) async fn of(
    outlines: &Outlines,
    site: &Site,
    title: &str,
    version: i64,
) -> Result<Arc<Outline>> {
    let key = (title.to_owned(), version);
    if let Some(known) = outlines.0.get(&key) {
        return Ok(known);
    }
    let spine: Vec<SpineRow> = sql(store::SPINE).bind(title).all(site.db.read()).await?;
    let toc: Option<(String,)> = sql(store::CONTENTS)
        .bind(title)
        .maybe(site.db.read())
        .await?;
    let entries: Vec<TocEntry> = match toc {
        Some((json,)) => serde_json::from_str(&json).map_err(Error::fault)?,
        None => Vec::new(),
    };
    let (lines, open) = lines(title, entries);
    let outline = Arc::new(Outline { lines, open, spine });
    outlines.0.insert(key, outline.clone());
    Ok(outline)
}

/// Flat entries with levels as lines of nested lists. A level that jumps is put right: a list opens one
/// step at a time.
fn lines(title: &str, entries: Vec<TocEntry>) -> (Vec<Line>, usize) {
    // The levels that stand open, as written.
    let mut stack: Vec<u8> = Vec::new();
    let mut out: Vec<Line> = Vec::with_capacity(entries.len());
    for entry in entries {
        let level = entry.level.clamp(1, 6);
        let before = stack.len();
        while stack.last().is_some_and(|top| *top > level) {
            stack.pop();
        }
        if stack.last().is_none_or(|top| *top < level) {
            stack.push(level);
        }
        let depth = stack.len();
        let section = entry
            .section
            .and_then(|index| i64::try_from(index + 1).ok())
            .unwrap_or(0);
        let mut url = String::new();
        if section > 0 {
            url = format!("/library/titles/{title}/sections/{section}");
            if let Some(fragment) = &entry.fragment {
                url.push_str("#b-");
                url.push_str(fragment);
            }
        }
        out.push(Line {
            title: vietnamese::nfc(&entry.title),
            url,
            section,
            is_whole: entry.fragment.is_none(),
            opens: depth > before,
            closes: before.saturating_sub(depth),
        });
    }
    let open = stack.len();
    (out, open)
}

impl Outline {
    fn readable(&self) -> impl DoubleEndedIterator<Item = &SpineRow> {
        self.spine
            .iter()
            .filter(|row| row.is_linear == 1 && row.is_filled == 1)
    }
    /// Number of the section at which reading begins.
    pub(crate) fn first(&self) -> i64 {
        self.readable()
            .next()
            .or(self.spine.first())
            .map_or(1, |row| row.number)
    }
    /// Number of the section before, in reading order.
    pub(crate) fn previous(&self, number: i64) -> Option<i64> {
        self.readable()
            .rev()
            .find(|row| row.number < number)
            .map(|row| row.number)
    }
    /// Number of the section after, in reading order.
    pub(crate) fn next(&self, number: i64) -> Option<i64> {
        self.readable()
            .find(|row| row.number > number)
            .map(|row| row.number)
    }
    /// Which line of the contents the reader of a section is at: the last one that does not lie
    /// behind it.
    pub(crate) fn here(&self, number: i64) -> Option<usize> {
        let exact = self
            .lines
            .iter()
            .position(|line| line.section == number && line.is_whole);
        exact
            .or_else(|| self.lines.iter().position(|line| line.section == number))
            .or_else(|| {
                let before = self
                    .lines
                    .iter()
                    .enumerate()
                    .filter(|(_, line)| line.section > 0 && line.section < number);
                before.map(|(at, _)| at).next_back()
            })
    }
    /// The line of that section.
    pub(crate) fn row(&self, number: i64) -> Option<&SpineRow> {
        self.spine.iter().find(|row| row.number == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_become_nested_lists_that_close() {
        let entry = |level, section| TocEntry {
            title: "x".into(),
            section: Some(section),
            fragment: None,
            level,
        };
        let (lines, open) = lines(
            "t",
            vec![entry(1, 0), entry(3, 1), entry(3, 2), entry(1, 3)],
        );
        let opened = lines.iter().filter(|line| line.opens).count();
        let closed: usize = lines.iter().map(|line| line.closes).sum();
        assert_eq!(opened, closed + open);
        assert_eq!(lines[1].url, "/library/titles/t/sections/2");
        // The second of level 3 stands beside the first: both one step below, not two.
        assert!(lines[1].opens && !lines[2].opens, "{lines:?}");
    }
    #[test]
    fn reading_order_passes_over_notes_and_empty_sections() {
        let row = |number, is_linear, is_filled| SpineRow {
            number,
            title: String::new(),
            words: 1,
            words_before: 0,
            is_linear,
            is_filled,
        };
        let outline = Outline {
            spine: vec![row(1, 1, 0), row(2, 1, 1), row(3, 0, 1), row(4, 1, 1)],
            ..Outline::default()
        };
        assert_eq!(
            (
                outline.first(),
                outline.next(2),
                outline.previous(4),
                outline.next(4)
            ),
            (2, Some(4), Some(2), None)
        );
    }
}
