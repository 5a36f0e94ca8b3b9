//! Walls of covers: drawn once for each version of a shelf, kept in memory, put into pages as they are.
//!
//! A wall depends on the shelf's version, the order, the page, and on which audiences of its titles
//! the visitor reaches; nearly always that is one wall for all members. It holds no words of ours,
//! so it serves both languages. Not here: who may see the shelf (`pages`).
//! The surprising part: patterns of drawn covers stand once in a page and are reused, which makes
//! a wall of sixty covers a third as large.

use crate::store::{self, CardRow, ShelfRow, reaching};
use askama::Template;
use db::sql;
use kernel::error::{Error, Result};
use moka::sync::Cache;
use site::Site;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a shelf is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Sort {
    /// By title, the Vietnamese way.
    #[default]
    Title,
    /// Newest first.
    Newest,
}

/// Covers on a page.
pub(crate) const PAGE: i64 = 60;
/// Covers on a strip of the library's first page.
pub(crate) const STRIP: i64 = 12;

/// A drawn wall.
#[derive(Debug, Default)]
pub(crate) struct Wall {
    /// The list's items.
    pub(crate) html: String,
    /// Patterns that the drawn covers use, by id.
    pub(crate) patterns: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    shelf: String,
    version: i64,
    sort: Sort,
    offset: i64,
    limit: i64,
    reach: Vec<String>,
}

/// What the walls remember; one for each process.
pub(crate) struct Walls {
    audiences: Cache<(String, i64), Arc<Vec<String>>>,
    counts: Cache<(String, i64, Vec<String>), i64>,
    walls: Cache<Key, Arc<Wall>>,
}

/// Bytes of drawn walls that are kept: some two hundred full pages.
const KEPT_BYTES: u64 = 8 << 20;

impl Default for Walls {
    fn default() -> Self {
        Walls {
            audiences: Cache::new(500),
            counts: Cache::new(2_000),
            walls: Cache::builder()
                .max_capacity(KEPT_BYTES)
                .weigher(|_: &Key, wall: &Arc<Wall>| {
                    u32::try_from(wall.html.len() + 500).unwrap_or(u32::MAX)
                })
                .build(),
        }
    }
}

/// What one visitor sees of one shelf.
pub(crate) struct View<'a> {
    site: &'a Site,
    shelf: &'a ShelfRow,
    walls: Arc<Walls>,
    reach: Vec<String>,
}

/// Opens a shelf to a visitor. The shelf itself must have been found within their reach.
pub(crate) async fn view<'a>(
    walls: &Arc<Walls>,
    site: &'a Site,
    shelf: &'a ShelfRow,
    reach: &[String],
) -> Result<View<'a>> {
    let walls = walls.clone();
    let key = (shelf.id.clone(), shelf.version);
    let audiences = match walls.audiences.get(&key) {
        Some(known) => known,
        None => {
            let rows: Vec<(String,)> = sql(store::AUDIENCES)
                .bind(&shelf.id)
                .all(site.db.read())
                .await?;
            let fresh = Arc::new(rows.into_iter().map(|row| row.0).collect::<Vec<_>>());
            walls.audiences.insert(key, fresh.clone());
            fresh
        }
    };
    let reach = audiences
        .iter()
        .filter(|token| reach.contains(token))
        .cloned()
        .collect();
    Ok(View {
        site,
        shelf,
        walls,
        reach,
    })
}

impl View<'_> {
    /// How many titles the visitor may see there.
    pub(crate) async fn count(&self) -> Result<i64> {
        let key = (
            self.shelf.id.clone(),
            self.shelf.version,
            self.reach.clone(),
        );
        if let Some(known) = self.walls.counts.get(&key) {
            return Ok(known);
        }
        let count = reaching(store::CARD_COUNT, &self.reach)
            .bind(&self.shelf.id)
            .within()
            .count(self.site.db.read())
            .await?;
        self.walls.counts.insert(key, count);
        Ok(count)
    }

    /// A piece of the wall.
    pub(crate) async fn wall(&self, sort: Sort, offset: i64, limit: i64) -> Result<Arc<Wall>> {
        let key = Key {
            shelf: self.shelf.id.clone(),
            version: self.shelf.version,
            sort,
            offset,
            limit,
            reach: self.reach.clone(),
        };
        if let Some(known) = self.walls.walls.get(&key) {
            return Ok(known);
        }
        let text = match sort {
            Sort::Title => store::CARDS_BY_TITLE,
            Sort::Newest => store::CARDS_BY_AGE,
        };
        let rows: Vec<CardRow> = reaching(text, &self.reach)
            .bind(&self.shelf.id)
            .bind(limit)
            .bind(offset)
            .within()
            .all(self.site.db.read())
            .await?;
        let wall = Arc::new(draw(rows, &self.shelf.slug)?);
        self.walls.walls.insert(key, wall.clone());
        Ok(wall)
    }
}

struct Card {
    id: String,
    title: String,
    creators: String,
    cover: String,
}

#[derive(Template)]
#[template(path = "library/_wall.html")]
struct Cards {
    cards: Vec<Card>,
}

fn draw(rows: Vec<CardRow>, series: &str) -> Result<Wall> {
    let mut patterns = BTreeMap::new();
    let mut cards = Vec::with_capacity(rows.len());
    for row in rows {
        let mut cover = cover(
            &row.id,
            &row.title,
            &row.creators,
            &row.cover_rid,
            row.row_version,
            series,
        );
        if let Some((short, id, pattern)) = without_pattern(&cover) {
            cover = short;
            patterns.insert(id, pattern);
        }
        cards.push(Card {
            id: row.id,
            title: row.title,
            creators: row.creators,
            cover,
        });
    }
    let html = Cards { cards }.render().map_err(Error::fault)?;
    Ok(Wall { html, patterns })
}

/// A cover in a page: the book's own picture, or one set in type, of the colour of its `series` (the
/// shelf's address). Decorative: the title stands beside it.
pub(crate) fn cover(
    id: &str,
    title: &str,
    creators: &str,
    cover_rid: &str,
    version: i64,
    series: &str,
) -> String {
    if cover_rid.is_empty() {
        books::cover::draw(title, creators, id, series)
    } else {
        format!(
            "<img class=\"cover\" src=\"/library/titles/{id}/cover?v={version}\" alt=\"\" width=\"240\" height=\"340\" loading=\"lazy\" decoding=\"async\">"
        )
    }
}

/// Takes the pattern out of a drawn cover: the cover that refers to it, its id, the pattern itself.
fn without_pattern(svg: &str) -> Option<(String, String, String)> {
    let ground_at = svg.find("<rect class=\"g")?;
    let start = ground_at + svg.get(ground_at..)?.find("/>")? + 2;
    let end = start + svg.get(start..)?.find("<path class=\"r\"")?;
    let pattern = svg.get(start..end)?;
    // FNV-1a: names a pattern by its drawing, the same in every wall.
    let hash = pattern.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let id = format!("cover-{hash:08x}");
    let short = format!(
        "{}<use href=\"#{id}\"/>{}",
        svg.get(..start)?,
        svg.get(end..)?
    );
    Some((short, id, pattern.to_owned()))
}

/// The patterns of several walls, to stand once in the page.
pub(crate) fn patterns<'a>(walls: impl IntoIterator<Item = &'a Arc<Wall>>) -> String {
    let mut all: BTreeMap<&str, &str> = BTreeMap::new();
    for wall in walls {
        all.extend(
            wall.patterns
                .iter()
                .map(|(id, pattern)| (id.as_str(), pattern.as_str())),
        );
    }
    if all.is_empty() {
        return String::new();
    }
    let mut out = String::from("<div hidden><svg aria-hidden=\"true\">");
    for (id, pattern) in all {
        // The class stands on the group too, because rules of a reused drawing do not look outside it.
        out.push_str(&format!("<g class=\"cover\" id=\"{id}\">{pattern}</g>"));
    }
    out.push_str("</svg></div>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_cover_shares_its_pattern() {
        let ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let rows = ids.map(|id| CardRow {
            id: id.into(),
            title: "Sổ việc tốt".into(),
            creators: "Lê Thị Ngát".into(),
            cover_rid: String::new(),
            row_version: 1,
        });
        let wall = draw(rows.to_vec(), "tu-sach").unwrap();
        assert!(
            !wall.patterns.is_empty() && wall.patterns.len() <= 6,
            "six patterns at most"
        );
        for id in wall.patterns.keys() {
            assert!(wall.html.contains(&format!("href=\"#{id}\"")));
        }
        let plain: usize = ids
            .iter()
            .map(|id| cover(id, "Sổ việc tốt", "Lê Thị Ngát", "", 1, "").len())
            .sum();
        assert!(wall.html.len() < plain, "{} {plain}", wall.html.len());
    }
    #[test]
    fn a_title_cannot_leave_its_card() {
        let row = CardRow {
            id: "x".into(),
            title: "<script>alert(1)</script>".into(),
            creators: "\"><img src=x>".into(),
            cover_rid: String::new(),
            row_version: 1,
        };
        let wall = draw(vec![row], "").unwrap();
        assert!(
            !wall.html.contains("<script") && !wall.html.contains("<img src=x"),
            "{}",
            wall.html
        );
    }
}
