//! Hôm nay: the newest documents that the member may read, for a month after their date.

use crate::store;
use crate::words;
use kernel::error::Result;
use site::room::Later;
use site::{Site, TodayNotice, TodayPart};
use std::sync::Arc;
use web::{Frame, SignedIn, Visitor};

/// Days for which a document is news.
const DAYS: i32 = 30;
/// Lines at most: the rest is in the list.
const LINES: i64 = 3;

pub(crate) fn part(
    site: Site,
    frame: Frame,
    who: Arc<SignedIn>,
) -> Later<'static, Result<TodayPart>> {
    Box::pin(async move {
        let today = site.clock.today();
        let reach = site::reach_of(
            &Visitor {
                signed_in: Some(who),
            },
            today,
        );
        let newest =
            store::list_issued(&site, today.plus_days(-DAYS), today, &reach, LINES).await?;
        let notices = newest.into_iter().filter_map(|row| {
            let day: kernel::Day = row.issued_on.parse().ok()?; // stored days are days; another is no news
            Some(TodayNotice {
                at: day.start().0,
                margin: day.vn_short(),
                title: row.title.clone(),
                meta: words::kind_and_symbol(&frame, &row.kind, &row.symbol),
                to: format!("/documents/{}", row.id),
            })
        });
        Ok(TodayPart {
            notices: notices.collect(),
            ..TodayPart::default()
        })
    })
}
