//! Smaller copies of pictures: made once by a job, named in `srcset`, sent by `?w=`.
//!
//! Until the job has run a page names the picture alone, and so it stays for pictures that are small,
//! drawn (SVG) or cannot be opened. Not here: making a picture smaller (`files::sizes`).

use crate::store::photo::{self, Size};
use files::FileKind;
use files::sizes::{SIZES_JOB, Smaller};
use jobs::Handler;
use kernel::error::{Doing as _, Error, Result};
use site::{May as _, Program, Site};
use std::fmt::Write as _;

/// Widths in which a photo is kept beside its own: a telephone, a large telephone or half a screen.
const WIDTHS: [u32; 2] = [480, 960];
/// The kind of the job; its subject is the picture's hash.
const KIND: &str = "news.sizes";

/// Makes the copies of one picture.
pub(crate) const MAKING: Handler<Site> = Handler::new(KIND, |site: Site, running| {
    Box::pin(async move { make(&site, &running.job().subject).await })
});

/// The work that a new picture asks for; none for a drawing, which has every size.
pub(crate) fn wanted(sha: &str, kind: &str) -> Option<jobs::New> {
    let is_drawn = kind == FileKind::Svg.as_str();
    (!sha.is_empty() && !is_drawn).then(|| jobs::New::of(KIND, sha).subject(sha))
}

async fn make(site: &Site, sha: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = site.files.path(sha).map_err(Error::fault)?;
    let widths = serde_json::json!(WIDTHS);
    let answer = site
        .worker
        .run(SIZES_JOB, &path, folder.path(), widths)
        .await;
    let made: Vec<Smaller> = match answer {
        Ok(value) => serde_json::from_value(value).map_err(Error::fault)?,
        Err(files::WorkerRefusal::Unavailable { detail }) => return Err(Error::fault(detail)),
        Err(refusal) => {
            // The picture is shown as it came; a telephone may still draw what this could not.
            tracing::info!(detail = refusal.detail(), "a picture has no smaller copies");
            return Ok(());
        }
    };
    let mut sizes = Vec::new();
    for copy in made {
        let bytes = tokio::fs::read(folder.path().join(&copy.name)).await?;
        let file = site.files.put_bytes(bytes).await.map_err(Error::fault)?;
        sizes.push(Size {
            sha: sha.to_owned(),
            width: i64::from(copy.width),
            height: i64::from(copy.height),
            sized_sha: file.sha256,
            kind: copy.kind,
        });
    }
    keep(site, &sizes).await.doing("keeping smaller copies")
}

/// A page that was drawn before is drawn anew: the desk looks at the number of the feed.
async fn keep(site: &Site, sizes: &[Size]) -> Result<()> {
    let Some(first) = sizes.first() else {
        return Ok(());
    };
    let shown_by = photo::articles_with(site, &first.sha).await?;
    let program = Program::part("portal pictures");
    let mut act = program
        .begin_unlogged(site, "pictures", "pictures.size")
        .await?;
    for size in sizes {
        photo::add_size(&mut act, size).await?;
    }
    for article in shown_by {
        act.changed(crate::feed::KIND, article);
    }
    act.end().await?;
    Ok(())
}

/// The value of `srcset`: each copy, then the picture itself; empty without copies. `url` has a
/// `?v=` already.
pub(crate) fn set(url: &str, width: i64, sizes: Option<&Vec<Size>>) -> String {
    let mut out = String::new();
    for size in sizes.into_iter().flatten() {
        // Writing to a text cannot fail.
        let _written = write!(out, "{url}&w={} {}w, ", size.width, size.width);
    }
    if !out.is_empty() {
        let _written = write!(out, "{url} {width}w");
    }
    out
}
