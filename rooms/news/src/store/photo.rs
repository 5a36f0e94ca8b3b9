//! Further photos of an article, and the smaller copies of every picture of the portal.
//!
//! A picture is known by its hash, so that the first photo, a further one and the banner find their copies
//! in one table. A change of photos counts as a change of the article (four eyes).

use super::holds;
use crate::access::CanEdit;
use db::{in_list, sql, sql_built};
use kernel::error::Result;
use site::{Act, Program, Site};
use std::collections::HashMap;

db::statements! {
    OF_ARTICLE = "select id, article_id, sha, kind, width, height, alt, caption, credit from news_photo \
        where article_id = $1 order by position, id";
    OF_SLUG = "select p.id, p.article_id, p.sha, p.kind, p.width, p.height, p.alt, p.caption, p.credit \
        from news_photo p join news_article a on a.id = p.article_id \
        where a.slug = $1 and p.id = $2 and a.state = 'published'";
    ADD = "insert into news_photo (id, article_id, position, sha, kind, width, height, alt, caption, credit) \
        values ($1, $2, (select coalesce(max(position), 0) + 10 from news_photo where article_id = $2), \
        $3, $4, $5, $6, $7, $8, $9)";
    SHAS = "select sha from news_photo where article_id = $1 order by position";
    SET = "update news_photo set alt = $1, caption = $2, credit = $3 where id = $4 and article_id = $5";
    REMOVE = "delete from news_photo where id = $1 and article_id = $2";
    TOUCH = "update news_article set changed_by = $1, row_version = row_version + 1 \
        where id = $2 and row_version = $3 and state = $4";
    ADD_SIZE = "insert into news_picture_size (sha, width, height, sized_sha, kind) values ($1, $2, $3, $4, $5) \
        on conflict (sha, width) do nothing";
    USERS = "select id from news_article where photo_sha = $1 union select article_id from news_photo where sha = $1";
    SIZE = "select sha, width, height, sized_sha, kind from news_picture_size where sha = $1 and width = $2";
}

/// A further photo of an article.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Photo {
    pub(crate) id: String,
    pub(crate) article_id: String,
    pub(crate) sha: String,
    pub(crate) kind: String,
    pub(crate) width: i64,
    pub(crate) height: i64,
    pub(crate) alt: String,
    pub(crate) caption: String,
    pub(crate) credit: String,
}

/// A smaller copy of the picture `sha`.
#[derive(Debug, Clone, db::FromRow)]
pub(crate) struct Size {
    pub(crate) sha: String,
    pub(crate) width: i64,
    pub(crate) height: i64,
    pub(crate) sized_sha: String,
    pub(crate) kind: String,
}

/// The words of a photo.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PhotoWords {
    pub(crate) alt: String,
    pub(crate) caption: String,
    pub(crate) credit: String,
}

/// The further photos of an article, in their order.
pub(crate) async fn list(site: &Site, article: &str) -> Result<Vec<Photo>> {
    sql(OF_ARTICLE).bind(article).all(site.db.read()).await
}

/// A further photo of a published article.
pub(crate) async fn find_published(site: &Site, slug: &str, id: &str) -> Result<Option<Photo>> {
    sql(OF_SLUG).bind(slug).bind(id).maybe(site.db.read()).await
}

/// What became of a photo that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// It stands behind the others.
    New,
    /// The same picture is there already.
    Again,
    /// So many are there that no more is taken.
    Full,
}

/// Begins a change of the photos of an article as it was when the right to change it was asked; `false`:
/// it was changed or published since, as may be while a photo comes in slowly. The first statement of an
/// act; whoever comes second waits for the row, then finds it newer.
pub(crate) async fn begin_change(act: &mut Act<CanEdit>) -> Result<bool> {
    let by = act.by().to_owned();
    let seen = act.article.clone();
    holds(act, &seen.id).await?;
    let touched = sql(TOUCH)
        .bind(by)
        .bind(seen.id)
        .bind(seen.row_version)
        .bind(seen.state.word())
        .run(act.on())
        .await?;
    Ok(touched == 1)
}

/// Adds a photo behind the others, of which there are `most` at most; the same picture twice is one.
pub(crate) async fn add(act: &mut Act<CanEdit>, photo: &Photo, most: usize) -> Result<Added> {
    holds(act, &photo.article_id).await?;
    let held: Vec<(String,)> = sql(SHAS).bind(&photo.article_id).all(act.on()).await?;
    if held.iter().any(|(sha,)| *sha == photo.sha) {
        return Ok(Added::Again);
    }
    if held.len() >= most {
        return Ok(Added::Full);
    }
    sql(ADD)
        .bind(&photo.id)
        .bind(&photo.article_id)
        .bind(&photo.sha)
        .bind(&photo.kind)
        .bind(photo.width)
        .bind(photo.height)
        .bind(&photo.alt)
        .bind(&photo.caption)
        .bind(&photo.credit)
        .run(act.on())
        .await?;
    Ok(Added::New)
}

/// Changes what stands under a photo; `false` when it is gone.
pub(crate) async fn set(
    act: &mut Act<CanEdit>,
    article: &str,
    id: &str,
    words: &PhotoWords,
) -> Result<bool> {
    holds(act, article).await?;
    let touched = sql(SET)
        .bind(&words.alt)
        .bind(&words.caption)
        .bind(&words.credit)
        .bind(id)
        .bind(article)
        .run(act.on())
        .await?;
    Ok(touched == 1)
}

/// Takes a photo away; its file stays with the others.
pub(crate) async fn remove(act: &mut Act<CanEdit>, article: &str, id: &str) -> Result<()> {
    holds(act, article).await?;
    sql(REMOVE).bind(id).bind(article).run(act.on()).await?;
    Ok(())
}

/// Keeps that a copy was made: by the program alone, for whoever shows the picture.
pub(crate) async fn add_size(act: &mut Act<Program>, size: &Size) -> Result<()> {
    act.over_all()?;
    sql(ADD_SIZE)
        .bind(&size.sha)
        .bind(size.width)
        .bind(size.height)
        .bind(&size.sized_sha)
        .bind(&size.kind)
        .run(act.on())
        .await?;
    Ok(())
}

/// The articles that show a picture.
pub(crate) async fn articles_with(site: &Site, sha: &str) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = sql(USERS).bind(sha).all(site.db.read()).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The copy of that width.
pub(crate) async fn find_size(site: &Site, sha: &str, width: i64) -> Result<Option<Size>> {
    sql(SIZE).bind(sha).bind(width).maybe(site.db.read()).await
}

/// The copies of several pictures, the narrowest first.
pub(crate) async fn list_sizes(site: &Site, shas: &[&str]) -> Result<HashMap<String, Vec<Size>>> {
    let text = format!(
        "select sha, width, height, sized_sha, kind from news_picture_size where sha in {} order by width",
        in_list(1, shas.len())
    );
    let rows: Vec<Size> = sql_built(text)
        .bind_all(shas.iter().copied())
        .all(site.db.read())
        .await?;
    let mut out: HashMap<String, Vec<Size>> = HashMap::new();
    for row in rows {
        out.entry(row.sha.clone()).or_default().push(row);
    }
    Ok(out)
}
