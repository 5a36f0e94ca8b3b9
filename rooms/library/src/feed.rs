//! What search knows of a title: one entry for the book, one for each section (long ones in parts).
//!
//! The texts are those of the tables; the index can always be rebuilt. An entry is for whom both the
//! title and its shelf are.

use crate::store;
use crate::title;
use db::sql;
use kernel::Audience;
use kernel::error::Result;
use search::{Entry, Kind};
use site::{Feed, FeedItem, Site};

/// Words of one entry at most: a chapter of fifty pages found as a whole helps nobody.
const PART_WORDS: usize = 4_000;

/// The word under which titles are announced and found.
pub(crate) const KIND: &str = "title";
/// The word of one section of a title.
pub(crate) const SECTION: &str = "section";

/// The feed of titles.
pub(crate) const FEED: Feed = Feed {
    kind: KIND,
    finds: &[KIND, SECTION],
    load: |site, ids| Box::pin(load(site, ids)),
    list: |site, after, limit| Box::pin(list(site, after, limit)),
    seen: |site, reach, ids| Box::pin(async move { store::seen(&site, &reach, &ids).await }),
};

async fn list(site: Site, after: String, limit: i64) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = sql(store::FEED_IDS)
        .bind(after)
        .bind(limit)
        .all(site.db.read())
        .await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

#[derive(db::FromRow)]
struct Row {
    id: String,
    title: String,
    subtitle: String,
    creators: String,
    subjects: String,
    description: String,
    identifier: String,
    published: String,
    language: String,
    detected_language: String,
    #[sqlx(try_from = "String")]
    audience: Audience,
    #[sqlx(try_from = "String")]
    shelf_audience: Audience,
}

async fn load(site: Site, ids: Vec<String>) -> Result<Vec<FeedItem>> {
    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        let row: Option<Row> = sql(store::FEED_TITLES)
            .bind(&id)
            .maybe(site.db.read())
            .await?;
        let entries = match row {
            Some(row) => {
                let sections: Vec<(i64, String, String)> = sql(store::FEED_SECTIONS)
                    .bind(&id)
                    .all(site.db.read())
                    .await?;
                entries(&row, sections)
            }
            None => Vec::new(),
        };
        items.push(FeedItem {
            subject_id: id,
            entries,
        });
    }
    Ok(items)
}

fn entries(row: &Row, sections: Vec<(i64, String, String)>) -> Vec<Entry> {
    let language = title::language(&row.language, &row.detected_language);
    let lines = [
        &row.subtitle,
        &row.creators,
        &row.subjects,
        &row.description,
    ];
    let body: Vec<&str> = lines
        .iter()
        .map(|line| line.as_str())
        .filter(|line| !line.is_empty())
        .collect();
    let book = Entry {
        id: row.id.clone(),
        kind: Kind::of(KIND),
        parent_id: None,
        external_id: (!row.identifier.is_empty()).then(|| row.identifier.clone()),
        title: row.title.clone(),
        context: String::new(),
        heading: String::new(),
        body: body.join("\n"),
        symbol: None,
        url: format!("/library/titles/{}", row.id),
        audience: vec![row.audience.to_string()],
        also: vec![row.shelf_audience.to_string()],
        shown_on: row
            .published
            .get(..10)
            .and_then(|day| day.parse::<kernel::Day>().ok())
            .map(|day| day.to_string()),
        language: title::primary(&language).to_owned(),
    };
    let mut out = vec![book.clone()];
    for (number, name, text) in sections {
        let url = format!("/library/titles/{}/sections/{number}", row.id);
        for (nth, part) in parts(&text).into_iter().enumerate() {
            let id = if nth == 0 {
                format!("{}.{number}", row.id)
            } else {
                format!("{}.{number}.{}", row.id, nth + 1)
            };
            out.push(Entry {
                id,
                kind: Kind::of(SECTION),
                parent_id: Some(row.id.clone()),
                external_id: None,
                title: if name.is_empty() {
                    row.title.clone()
                } else {
                    name.clone()
                },
                context: row.title.clone(),
                body: part,
                url: url.clone(),
                ..book.clone()
            });
        }
    }
    out
}

/// Pieces of at most [`PART_WORDS`] words, cut between lines where there are any.
fn parts(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut part = String::new();
    let mut held = 0;
    let mut push = |part: &mut String, held: &mut usize| {
        if *held > 0 {
            out.push(std::mem::take(part));
            *held = 0;
        }
    };
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if held + words.len() > PART_WORDS {
            push(&mut part, &mut held);
        }
        for piece in words.chunks(PART_WORDS) {
            if held + piece.len() > PART_WORDS {
                push(&mut part, &mut held);
            }
            if !part.is_empty() {
                part.push('\n');
            }
            part.push_str(&piece.join(" "));
            held += piece.len();
        }
    }
    push(&mut part, &mut held);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_section_is_cut_between_its_lines() {
        let line = "chữ ".repeat(1_500);
        let text = [line.trim(), line.trim(), line.trim()].join("\n");
        let cut = parts(&text);
        assert_eq!(cut.len(), 2);
        assert_eq!(cut[0].split_whitespace().count(), 3_000);
        let one_line = "chữ ".repeat(9_000);
        let sizes: Vec<usize> = parts(&one_line)
            .iter()
            .map(|part| part.split_whitespace().count())
            .collect();
        assert_eq!(sizes, [4_000, 4_000, 1_000]);
        assert!(parts("  \n ").is_empty());
    }
}
