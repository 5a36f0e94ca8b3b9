//! The room's pages, one file an action, and what all pages of the portal share.

pub(crate) mod about;
pub(crate) mod article;
pub(crate) mod atom;
pub(crate) mod edit;
pub(crate) mod front;
pub(crate) mod media;
pub(crate) mod newsroom;
pub(crate) mod photo;
pub(crate) mod photos;
pub(crate) mod portal;
pub(crate) mod publish;
pub(crate) mod section;
pub(crate) mod show;

use crate::counting::Content;
use crate::desk::{Desk, mark};
use crate::sizes;
use crate::store::{self, Section, Story};
use kernel::Moment;
use kernel::error::Result;
use site::Site;
use std::sync::Arc;
use web::Frame;

/// What the head and foot of every portal page need.
pub(crate) struct Shell {
    sections: Vec<Section>,
    here: String,
    root: &'static str,
    online: &'static str,
    today: &'static str,
    week: &'static str,
    all: &'static str,
    no_online: &'static str,
    no_today: &'static str,
    no_week: &'static str,
    no_all: &'static str,
}

impl Shell {
    /// `here` is the slug of the present section, `/` for the front page, or anything else.
    async fn of(site: &Site, here: &str) -> Result<Shell> {
        Ok(Shell {
            sections: store::list_sections(site).await?,
            here: here.to_owned(),
            root: mark::ROOT,
            online: mark::ONLINE,
            today: mark::TODAY,
            week: mark::WEEK,
            all: mark::ALL,
            no_online: mark::NO_ONLINE,
            no_today: mark::NO_TODAY,
            no_week: mark::NO_WEEK,
            no_all: mark::NO_ALL,
        })
    }
}

/// An article in a list.
pub(crate) struct Card {
    url: String,
    title: String,
    lead: String,
    section: String,
    photo: String,
    photo_set: String,
    when: String,
    views: String,
    no_views: String,
}

/// `23/11/2026, 08:15`.
fn when(frame: &Frame, at: i64) -> String {
    let at = Moment(at);
    format!("{}, {}", frame.day(&at.day()), at.clock_text())
}

/// Articles as cards, with the contents whose views they show.
async fn cards(
    site: &Site,
    desk: &Desk,
    frame: &Frame,
    stories: Vec<Story>,
) -> Result<(Vec<Card>, Vec<Arc<Content>>)> {
    let ids: Vec<String> = stories.iter().map(|story| story.id.clone()).collect();
    let kept = store::views_of_all(site, &ids).await?;
    let shas: Vec<&str> = stories
        .iter()
        .map(|story| story.photo_sha.as_str())
        .collect();
    let sizes = store::photo::list_sizes(site, &shas).await?;
    let mut contents = Vec::new();
    let mut out = Vec::new();
    for story in stories {
        let content = desk
            .counters
            .content(&story.id, kept.get(&story.id).copied().unwrap_or(0));
        let photo = store::photo_url(&story.slug, &story.photo_sha);
        let copies = sizes.get(&story.photo_sha);
        out.push(Card {
            url: format!("/articles/{}", story.slug),
            photo_set: sizes::set(&photo, story.photo_width, copies),
            photo,
            title: story.title,
            lead: story.lead,
            section: story.section_name,
            when: story
                .published_at
                .map(|at| when(frame, at))
                .unwrap_or_default(),
            views: frame.t1("news-views", "n", &mark::views(&content)),
            no_views: mark::no_views(&content),
        });
        contents.push(content);
    }
    Ok((out, contents))
}

/// The number of a page as it was asked for; anything odd is the first.
fn page_number(text: &str) -> i64 {
    text.parse().unwrap_or(1).max(1)
}

/// `?page=2`.
#[derive(serde::Deserialize)]
pub(crate) struct Asking {
    #[serde(default)]
    page: String,
}
