//! Articles and the banner of the made-up organisation, written by us in `demo/articles`.

use crate::counting::{Counters, Due, Tally};
use crate::import::{NewArticle, NewPhoto, import_article, import_banner};
use crate::store;
use kernel::error::{Doing, Error, Result};
use kernel::said;
use kernel::{Day, Moment};
use site::room::{Demo, Stage};
use site::{May as _, Operator, Program, Site};
use std::collections::BTreeMap;
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
    /// Key of the unit in whose name it is; empty for the bloc.
    #[serde(default)]
    unit: String,
    /// Waits for somebody who publishes.
    #[serde(default)]
    draft: bool,
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
            front_matter(&stage.text(&path)?).doing(said!("reading {}", path))?;
        let picture = (stage.read)(&format!("articles/{}", story.photo))
            .ok_or_else(|| Error::fault(said!("{} names a picture that is not there", path)))?;
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
            unit_id: (!story.unit.is_empty())
                .then(|| story.unit.parse())
                .transpose()
                .map_err(Error::fault)?,
            is_draft: story.draft,
        };
        import_article(&site, &by, &new)
            .await
            .doing(said!("publishing {}", path))?;
    }
    count_readers(&site).await?;
    if let Some(banner) = (stage.read)("banner.svg") {
        import_banner(&site, &by, &banner, "Một việc chỉ ghi một lần").await?;
    }
    Ok(())
}

/// Days for which readers of the past are made up.
const READ_DAYS: i32 = 14;

/// Readers of the days before, so that the counters show what they are for. The same numbers each time:
/// more on the day an article came out, fewer after, none today (real readers come by themselves).
async fn count_readers(site: &Site) -> Result<()> {
    let counters = Counters::default();
    let today = site.clock.today();
    let yesterday = store::written(site, today.plus_days(-1)).await?;
    if yesterday.today > 0 {
        return Ok(());
    }
    let stories = store::list_stories(site, None, 100, 0).await?;
    let mut due = Due::default();
    let mut days: BTreeMap<Day, Tally> = BTreeMap::new();
    for (nth, story) in (1_i64..).zip(&stories) {
        let content = counters.content(&story.id, 0);
        let out = Moment(story.published_at.unwrap_or(0)).day();
        for back in 1..=READ_DAYS {
            let day = today.plus_days(-back);
            let age = out.days_until(day);
            if age < 0 {
                continue;
            }
            let views = 3 + (nth * 7 + i64::from(back) * 5) % 9 + (24 / (age + 1));
            let tally = Tally {
                views,
                visitors: views * 4 / 5,
            };
            due.hours.push((content.clone(), day.at(19, 0).0, tally));
            let all = days.entry(day).or_default();
            all.views += tally.views;
            all.visitors = all.visitors.max(tally.visitors) + 2;
        }
    }
    due.days = days.into_iter().collect();
    let program = Program::part("demo");
    let mut act = program
        .begin_unlogged(site, "demo", "counters.write")
        .await?;
    store::add_counts(&mut act, &due).await?;
    act.end().await?;
    Ok(())
}
