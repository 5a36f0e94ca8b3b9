//! Articles and the banner that come from outside the newsroom: the demonstration, an older portal.
//!
//! Repeatable: the address is the key; what is there and equal is `same`. The pictures are the
//! program's or the operator's own, so SVG is taken here (it is sent in a sandbox).

use crate::article::{self, Words, clean};
use crate::id::ArticleId;
use crate::picture;
use crate::sizes;
use crate::store;
use files::FileKind;
use kernel::error::{Doing, Error, Result};
use kernel::said;
use kernel::{Moment, UnitId};
use site::import::Outcome;
use site::{May as _, Operator, Site};

/// A photo on its way in.
#[derive(Debug, Clone)]
pub struct NewPhoto {
    /// PNG, JPEG, WebP or SVG.
    pub bytes: Vec<u8>,
    /// What it shows, for those who do not see it.
    pub alt: String,
    /// The sentence under it.
    pub caption: String,
    /// Who made it: "Ảnh: Cao Thị Vui" is drawn from "Cao Thị Vui".
    pub credit: String,
}

/// A published article on its way in.
#[derive(Debug, Clone)]
pub struct NewArticle {
    /// Its address; empty: made from the title.
    pub slug: String,
    /// The title.
    pub title: String,
    /// The bold sentence under it.
    pub lead: String,
    /// The text, Markdown.
    pub body_md: String,
    /// The section's name; a new name makes a new section.
    pub section: String,
    /// Who wrote it.
    pub author: String,
    /// Whose news it is ("Nguồn: …").
    pub source: String,
    /// Its photo.
    pub photo: Option<NewPhoto>,
    /// When it came out.
    pub published_at: Moment,
    /// In whose name; `None`: the unit above all others.
    pub unit_id: Option<UnitId>,
    /// Waits in the newsroom for somebody who publishes.
    pub is_draft: bool,
}

/// A picture brought to the store.
struct Stored {
    sha: String,
    kind: FileKind,
    size: (i64, i64),
}

async fn keep(site: &Site, bytes: &[u8]) -> Result<Stored> {
    let kind = FileKind::of_bytes(bytes);
    if kind == FileKind::Svg {
        let file = site
            .files
            .put_bytes(bytes.to_vec())
            .await
            .map_err(Error::fault)?;
        return Ok(Stored {
            sha: file.sha256,
            kind,
            size: (0, 0),
        });
    }
    let picture = picture::read(bytes)
        .map_err(|_| Error::fault("this is not a picture that can be shown"))?;
    let file = site
        .files
        .put_bytes(picture.bytes)
        .await
        .map_err(Error::fault)?;
    Ok(Stored {
        sha: file.sha256,
        kind: picture.kind,
        size: (picture.width, picture.height),
    })
}

/// Brings one published article in, or brings the one of that address up to date.
///
/// # Errors
/// A fault when the picture is none or the database refuses.
pub async fn import_article(
    site: &Site,
    by: &Operator,
    new: &NewArticle,
) -> Result<(ArticleId, Outcome)> {
    let slug = if new.slug.is_empty() {
        article::slug(&new.title)
    } else {
        article::slug(&new.slug)
    };
    let photo = match &new.photo {
        Some(photo) => Some(
            keep(site, &photo.bytes)
                .await
                .doing(said!("keeping the photo of {}", slug))?,
        ),
        None => None,
    };
    let unit = match &new.unit_id {
        Some(unit) => Some(unit.clone()),
        None => store::find_top_unit(site).await?,
    };
    let held = store::find_slug(site, &slug).await?;
    let mut act = by.clone().begin(site, "import", "article.import").await?;
    let section = store::section_named(&mut act, &clean(&new.section)).await?;
    let told = |pick: fn(&NewPhoto) -> &String| {
        new.photo
            .as_ref()
            .map_or_else(String::new, |photo| clean(pick(photo)))
    };
    let words = Words {
        section_id: section.id,
        title: clean(&new.title),
        lead: clean(&new.lead),
        body_md: clean(&new.body_md),
        author: clean(&new.author),
        source: clean(&new.source),
        photo_alt: told(|photo| &photo.alt),
        photo_caption: told(|photo| &photo.caption),
        photo_credit: told(|photo| &photo.credit),
    };
    let (id, outcome) = match held {
        Some(held) => {
            let sha = photo.as_ref().map_or("", |photo| photo.sha.as_str());
            if held.words() == words && held.photo_sha == sha {
                return Ok((held.id.parse().map_err(Error::fault)?, Outcome::Same));
            }
            let edit = store::Edit {
                at: Some(site.clock.now()),
                note: "",
            };
            store::set_words(&mut act, &held, &slug, &words, &edit).await?;
            (held.id, Outcome::Updated)
        }
        None => {
            // The id is as old as the article, so that newer ones sort behind it.
            let id = site.dice.uuid(new.published_at);
            store::add(
                &mut act,
                &id,
                &slug,
                unit.as_ref().map(UnitId::as_str),
                &words,
                new.published_at,
            )
            .await?;
            (id, Outcome::Added)
        }
    };
    match &photo {
        Some(photo) => {
            store::set_photo(&mut act, &id, &photo.sha, photo.kind.as_str(), photo.size).await?;
            if let Some(job) = sizes::wanted(&photo.sha, photo.kind.as_str()) {
                act.queue(job);
            }
        }
        None => store::set_photo(&mut act, &id, "", "", (0, 0)).await?,
    }
    if outcome == Outcome::Added && !new.is_draft {
        store::publish_new(&mut act, &id, new.published_at).await?;
    }
    act.line().object("article", &id);
    act.changed(crate::feed::KIND, &id);
    act.end().await?;
    Ok((id.parse().map_err(Error::fault)?, outcome))
}

/// Sets the banner of the front page and the line on it (empty for none).
///
/// # Errors
/// A fault when the bytes are no picture.
pub async fn import_banner(site: &Site, by: &Operator, bytes: &[u8], text: &str) -> Result<()> {
    let stored = keep(site, bytes).await.doing("keeping the banner")?;
    let mut act = by.clone().begin(site, "import", "setting.change").await?;
    let value = format!("{}.{}", stored.sha, stored.kind.as_str());
    site::settings::set(&mut act, "portal.banner", &value).await?;
    site::settings::set(&mut act, "portal.banner_text", &clean(text)).await?;
    act.end().await?;
    Ok(())
}
