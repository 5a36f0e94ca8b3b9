//! Hôm nay: the newest documents that the member may read, for a month after their date; drafts of others for
//! whoever may publish them.

use crate::store;
use crate::words;
use kernel::Cap;
use kernel::error::Result;
use site::room::Later;
use site::{Site, TodayNotice, TodayPart, TodayTask};
use std::sync::Arc;
use web::{Frame, SignedIn, Visitor};

/// Days for which a document is news.
const DAYS: i32 = 30;
/// Lines at most: the rest is in the list.
const LINES: i64 = 3;
/// Minutes it takes to read a draft with care.
const MINUTES: i64 = 5;

pub(crate) fn part(
    site: Site,
    frame: Frame,
    who: Arc<SignedIn>,
) -> Later<'static, Result<TodayPart>> {
    Box::pin(async move {
        let today = site.clock.today();
        let waiting = if who.actor.may_somewhere(Cap::ContentPublish, today) {
            store::list_waiting(&site, &who.actor, today, LINES).await?
        } else {
            Vec::new()
        };
        let reach = site::reach_of(
            &Visitor {
                signed_in: Some(who),
            },
            today,
        );
        let newest =
            store::list_issued(&site, today.plus_days(-DAYS), today, &reach, LINES).await?;
        let tasks = waiting.iter().map(|draft| task(&frame, draft)).collect();
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
            tasks,
            notices: notices.collect(),
            ..TodayPart::default()
        })
    })
}

fn task(frame: &Frame, draft: &store::Hidden) -> TodayTask {
    TodayTask {
        // Nothing breaks meanwhile: after what has a day of this week.
        due_at: frame.today().plus_days(7).start().0,
        minutes: MINUTES,
        title: frame.t1("documents-today-title", "title", &draft.title),
        due: String::new(),
        due_state: "",
        left: String::new(),
        why: frame.t("documents-today-why"),
        how: if draft.writer.is_empty() {
            frame.t("documents-today-how-plain")
        } else {
            frame.t1("documents-today-how", "who", &draft.writer)
        },
        action: frame.t("documents-today-go"),
        to: format!("/documents/{}", draft.id),
    }
}
