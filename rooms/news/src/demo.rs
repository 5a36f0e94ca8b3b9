//! Articles and the banner of the made-up organisation, written by us in `demo/articles`.

use crate::import::{NewArticle, NewPhoto, import_article, import_banner};
use kernel::error::{Doing, Error, Result};
use site::room::{Demo, Stage};
use site::{Operator, Site};
use std::sync::Arc;

/// The room's step.
pub(crate) const DEMO: Demo = Demo {
    order: 70,
    make: |site, stage| Box::pin(make(site, stage)),
};

#[derive(serde::Deserialize)]
struct Story {
    slug: String,
    title: String,
    lead: String,
    section: String,
    author: String,
    source: String,
    photo: String,
    photo_alt: String,
    caption: String,
    credit: String,
    days_ago: i32,
    time: String,
}

/// Splits `+++` front matter from its body.
fn front_matter(text: &str) -> Result<(Story, String)> {
    let parts = text.strip_prefix("+++\n");
    let (head, body) = (parts.and_then(|rest| rest.split_once("\n+++\n")))
        .ok_or_else(|| Error::fault("no front matter between lines of +++"))?;
    let head = toml::from_str(head).map_err(Error::fault)?;
    Ok((head, body.trim_start().to_owned()))
}

async fn make(site: Site, stage: Arc<Stage>) -> Result<()> {
    let by = Operator::at("demo");
    for path in (stage.below)("articles/")
        .into_iter()
        .filter(|path| path.ends_with(".md"))
    {
        let (story, body_md) =
            front_matter(&stage.text(&path)?).doing(format!("reading {path}"))?;
        let picture = (stage.read)(&format!("articles/{}", story.photo))
            .ok_or_else(|| Error::fault(format!("{path} names a picture that is not there")))?;
        let (hour, minute) = story.time.split_once(':').unwrap_or(("8", "0"));
        let new = NewArticle {
            slug: story.slug,
            title: story.title,
            lead: story.lead,
            body_md,
            section: story.section,
            author: story.author,
            source: story.source,
            photo: Some(NewPhoto {
                bytes: picture,
                alt: story.photo_alt,
                caption: story.caption,
                credit: story.credit,
            }),
            published_at: site
                .clock
                .today()
                .plus_days(-story.days_ago)
                .at(hour.parse().unwrap_or(8), minute.parse().unwrap_or(0)),
            unit_id: None,
        };
        import_article(&site, &by, &new)
            .await
            .doing(format!("publishing {path}"))?;
    }
    if let Some(banner) = (stage.read)("banner.svg") {
        import_banner(&site, &by, &banner, "Một việc chỉ ghi một lần").await?;
    }
    Ok(())
}
