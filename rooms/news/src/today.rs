//! The portal's part of Hôm nay: the two newest articles of the last fortnight, as news.

use crate::desk::Desk;
use crate::store;
use kernel::Moment;
use kernel::error::Result;
use site::room::Later;
use site::{Site, TodayNotice, TodayPart};
use std::sync::Arc;
use web::{Frame, SignedIn};

/// Older news is none.
const FRESH_MS: i64 = 14 * 86_400_000;

/// The room's source.
pub(crate) fn part(
    site: Site,
    desk: Arc<Desk>,
    frame: Frame,
    _who: Arc<SignedIn>,
) -> Later<'static, Result<TodayPart>> {
    Box::pin(async move {
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
            ..TodayPart::default()
        })
    })
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
