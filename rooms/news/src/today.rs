//! The portal's part of Hôm nay: the two newest articles of the last fortnight, as news; and drafts of
//! others for whoever publishes.

use crate::desk::Desk;
use crate::store;
use kernel::error::Result;
use kernel::{Cap, Day, Moment};
use site::room::Later;
use site::{Site, TodayNotice, TodayPart, TodayTask};
use std::sync::Arc;
use web::{Frame, SignedIn};

/// Older news is none.
const FRESH_MS: i64 = 14 * 86_400_000;

/// The room's source.
pub(crate) fn part(
    site: Site,
    desk: Arc<Desk>,
    frame: Frame,
    who: Arc<SignedIn>,
) -> Later<'static, Result<TodayPart>> {
    Box::pin(async move {
        let waiting = drafts(&site, who, frame.today()).await?;
        let stories = desk.newest(&site).await?;
        let fresh = stories.iter().filter_map(|story| {
            let at = Moment(story.published_at?);
            (frame.now().0 - at.0 < FRESH_MS).then(|| TodayNotice {
                at: at.0,
                margin: at.day().vn_short(),
                title: story.title.clone(),
                meta: story.section_name.clone(),
                to: format!("/articles/{}", story.slug),
            })
        });
        Ok(TodayPart {
            notices: fresh.collect(),
            tasks: waiting.iter().map(|line| task(&frame, line)).collect(),
            ..TodayPart::default()
        })
    })
}

/// Drafts shown to whoever publishes.
const LOOKED: i64 = 6;
/// Minutes it takes to read an article with care.
const MINUTES: i64 = 5;

/// Drafts of others that this member may publish now; what was withdrawn waits for its writer.
pub(crate) async fn drafts(
    site: &Site,
    who: Arc<SignedIn>,
    today: Day,
) -> Result<Vec<store::Line>> {
    if !who.actor.may_somewhere(Cap::ContentPublish, today) {
        return Ok(Vec::new());
    }
    store::list_waiting(site, &who.actor, today, LOOKED).await
}

fn task(frame: &Frame, line: &store::Line) -> TodayTask {
    TodayTask {
        // News grow stale and nothing breaks meanwhile: after what has a day of this week.
        due_at: frame.today().plus_days(7).start().0,
        minutes: MINUTES,
        title: frame.t1("news-today-approve", "title", &line.title),
        due: String::new(),
        due_state: "",
        left: String::new(),
        why: frame.t("news-today-why"),
        how: frame.t("news-today-how"),
        action: frame.t("news-today-go"),
        to: format!("/news/{}", line.id),
    }
}

/// How many are shown.
pub(crate) const SHOWN: i64 = 2;

impl Desk {
    /// The newest articles, from memory while nothing has changed.
    async fn newest(&self, site: &Site) -> Result<Arc<Vec<store::Story>>> {
        let version = self.version();
        if let Some(held) = self.newest_at(version) {
            return Ok(held);
        }
        let stories = Arc::new(store::list_stories(site, None, SHOWN, 0).await?);
        self.keep_newest(version, stories.clone());
        Ok(stories)
    }
}
