//! What search knows of meetings: conclusions and tasks of those that were held, for those who read them.
//!
//! Conclusions are for whoever belongs to the unit or prepares its meetings, as on the meeting's page; a task is
//! for whoever writes the minutes and for whose it is. Not here: summaries and the text of the minutes, which their
//! writers alone read. The rule that surprises: the audience `unit:ID` of other rooms would be too wide, since
//! it also takes in whoever holds any post of the unit; hence words of our own ([`reach`]).

use crate::fact::TaskState;
use crate::id::MeetingId;
use crate::store::{self, Meeting};
use crate::{access, hall, plan};
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day};
use search::{Entry, Kind};
use site::room::{Find, Later};
use site::{Feed, FeedItem, Site};
use std::collections::HashSet;

/// The word under which meetings are announced.
pub(crate) const KIND: &str = "meeting";

/// The words under which they are found.
const CONCLUSION: &str = "conclusion";
const TASK: &str = "task";

/// The room's feed.
pub(crate) const FEED: Feed = Feed {
    kind: KIND,
    finds: &[CONCLUSION, TASK],
    load,
    list,
    seen: |site, reach, ids| Box::pin(seen(site, reach, ids)),
};

/// What the search box finds.
pub(crate) const FINDS: [Find; 2] = [
    Find {
        kind: CONCLUSION,
        icon: "ok",
        text: "meetings-find-conclusion",
        group: "meetings",
        group_text: "meetings-find",
        order: 40,
        is_for_members: true,
    },
    Find {
        kind: TASK,
        icon: "list",
        text: "meetings-find-task",
        group: "meetings",
        group_text: "meetings-find",
        order: 40,
        is_for_members: true,
    },
];

/// Whoever belongs to that unit or prepares its meetings.
fn of_unit(unit: &str) -> String {
    format!("meetings-unit:{unit}")
}
/// Whoever writes the minutes of that unit.
fn of_writers(unit: &str) -> String {
    format!("meetings-minutes:{unit}")
}
/// One person: whose a task is, who is the clerk.
fn of_member(member: &str) -> String {
    format!("meetings-member:{member}")
}

/// To which of these somebody belongs.
pub(crate) fn reach(actor: &Actor, on: Day) -> Vec<String> {
    let own = |cap| access::own_units(actor, cap, on);
    let mut out = vec![of_member(actor.member.as_str())];
    for unit in (own(Cap::CheckinSelf).iter()).chain(&own(Cap::MeetingPrepare)) {
        out.push(of_unit(unit.as_str()));
    }
    let prepares = own(Cap::MeetingPrepare);
    let writes = own(Cap::MinutesDraftRead).into_iter();
    let writes = writes.filter(|unit| prepares.contains(unit));
    out.extend(writes.map(|unit| of_writers(unit.as_str())));
    out.sort();
    out.dedup();
    out
}

fn load(site: Site, ids: Vec<String>) -> Later<'static, Result<Vec<FeedItem>>> {
    Box::pin(async move {
        let mut items = Vec::with_capacity(ids.len());
        for id in ids {
            let entries = match id.parse::<MeetingId>() {
                Ok(meeting) => entries(&site, &meeting).await?,
                Err(_) => Vec::new(), // no meeting has such an id
            };
            items.push(FeedItem {
                subject_id: id,
                entries,
            });
        }
        Ok(items)
    })
}

async fn entries(site: &Site, id: &MeetingId) -> Result<Vec<Entry>> {
    let meeting = match store::get_meeting(&site.db, id).await {
        Ok(meeting) if meeting.state.is_held() => meeting,
        Ok(_) | Err(Error::NotFound) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let unit = meeting.unit_id.as_str();
    let mut out = Vec::new();
    for item in plan::store::list_items(&site.db, id).await? {
        if !item.conclusion.trim().is_empty() {
            let mut entry = entry(&meeting, CONCLUSION, item.id.as_str(), &item.title);
            entry.body = item.conclusion;
            entry.audience = vec![of_unit(unit)];
            entry.url = format!("/meetings/{id}#concluded");
            out.push(entry);
        }
    }
    for task in hall::store::list_tasks(&site.db, id).await? {
        if task.state.is(TaskState::Dropped) {
            continue;
        }
        let mut entry = entry(&meeting, TASK, &task.id, &task.title);
        entry.audience = vec![of_writers(unit), of_member(&meeting.clerk_id)];
        if !task.owner_id.is_empty() {
            entry.audience.push(of_member(&task.owner_id));
        }
        // Whoever left the unit no longer opens its meetings.
        entry.also = vec![of_unit(unit)];
        entry.url = format!("/meetings/{id}#given");
        out.push(entry);
    }
    Ok(out)
}

fn entry(meeting: &Meeting, kind: &'static str, id: &str, title: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        kind: Kind::of(kind),
        parent_id: Some(meeting.id.to_string()),
        external_id: None,
        title: title.to_owned(),
        context: meeting.title.clone(),
        heading: title.to_owned(),
        body: title.to_owned(),
        symbol: None,
        url: String::new(),
        audience: Vec::new(),
        also: Vec::new(),
        shown_on: Some(meeting.starts().day().to_string()),
        language: "vi".to_owned(),
    }
}

/// Of which of these meetings the reach finds anything as they stand now.
async fn seen(site: Site, reach: Vec<String>, ids: Vec<String>) -> Result<HashSet<String>> {
    let has = |token: &String| reach.contains(token);
    let is_seen = |entry: &Entry| {
        entry.audience.iter().any(has) && (entry.also.is_empty() || entry.also.iter().any(has))
    };
    let mut out = HashSet::new();
    for id in ids {
        if let Ok(meeting) = id.parse::<MeetingId>()
            && entries(&site, &meeting).await?.iter().any(is_seen)
        {
            out.insert(id);
        }
    }
    Ok(out)
}

fn list(site: Site, after: String, limit: i64) -> Later<'static, Result<Vec<String>>> {
    Box::pin(async move { store::list_held_ids(&site.db, &after, limit).await })
}

#[cfg(test)]
mod tests {
    use crate::verbs::*;
    use search::{Query, Reach};
    use testkit::{BINH, Character, HOA, LAN, MINH, THU, TUAN, TestApp};

    /// The titles that somebody finds.
    async fn finds(app: &TestApp, who: Character, text: &str) -> Vec<String> {
        app.catch_up().await;
        let visitor = web::Visitor {
            signed_in: Some(std::sync::Arc::new(app.signed_in(who))),
        };
        let reach = Reach::of(site::search_reach_of(&app.site, &visitor, app.today()));
        let found = app.site.index.find(Query::new(text, reach)).await.unwrap();
        found.hits.into_iter().map(|hit| hit.title).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_concluded_and_given_to_do_is_found_by_those_who_read_it_and_by_nobody_else() {
        testkit::on_both(rooms, async |app| {
            let id = opened(&app).await;
            let path = format!("/meetings/{id}/notes");
            let page = app.as_(LAN).get(&path).await.expects(200);
            let items = page.attributes("input[name=item]", "value");
            let once = page.attributes("input[name=task_once]", "value");
            let notes = [
                ("item", items[0].as_str()),
                ("summary", "Bàn bạc kín đáo"),
                ("conclusion", "Thống nhất sửa mương thủy lợi"),
                ("summary_was", ""),
                ("conclusion_was", ""),
                ("task_once", once[0].as_str()),
                ("task_title", "Mượn xe ủi đất"),
                ("task_owner", "hoa"),
                ("task_due", "2026-12-05"),
            ];
            app.as_(LAN).post(&path, &notes).await.expects(303);
            assert!(
                finds(&app, LAN, "mương thủy lợi").await.is_empty(),
                "it is not over yet"
            );
            closes(&app, &id).await;
            for (who, reads, given) in [
                (LAN, true, true),
                (MINH, true, true),
                (HOA, true, true),
                (TUAN, false, false),
                (THU, false, false),
                (BINH, false, false),
            ] {
                let found = !finds(&app, who, "mương thủy lợi").await.is_empty();
                assert_eq!(found, reads, "{} finds the conclusion", who.name);
                let found = !finds(&app, who, "xe ủi đất").await.is_empty();
                assert_eq!(found, given, "{} finds the task", who.name);
                assert!(
                    finds(&app, who, "kín đáo").await.is_empty(),
                    "a summary is nobody's"
                );
            }
            // Given to somebody else, it is no longer Hoa's to find; taken back, nobody's.
            let page = app.as_(LAN).get(&path).await.expects(200);
            let of = |name: &str| {
                page.attributes(&format!("#given input[name={name}]"), "value")
                    .remove(0)
            };
            let (task, was) = (of("edit"), of("edit_was"));
            let change = [
                ("edit", task.as_str()),
                ("edit_was", was.as_str()),
                ("edit_title", "Mượn xe ủi đất"),
                ("edit_owner", "minh"),
                ("edit_due", "5/12/2026"),
            ];
            app.as_(LAN).post(&path, &change).await.expects(303);
            assert!(finds(&app, HOA, "xe ủi đất").await.is_empty());
            assert_eq!(finds(&app, MINH, "xe ủi đất").await.len(), 1);
            app.as_(LAN)
                .post(&path, &[("dropped", task.as_str())])
                .await
                .expects(303);
            assert!(finds(&app, LAN, "xe ủi đất").await.is_empty());
            // Other words of the conclusion take the place of the first.
            let was = page
                .attributes("input[name=conclusion_was]", "value")
                .remove(0);
            let summary_was = page
                .attributes("input[name=summary_was]", "value")
                .remove(0);
            let notes = [
                ("item", items[0].as_str()),
                ("summary", "Bàn bạc kín đáo"),
                ("conclusion", "Chưa làm năm nay"),
                ("summary_was", summary_was.as_str()),
                ("conclusion_was", was.as_str()),
            ];
            app.as_(LAN).post(&path, &notes).await.expects(303);
            assert!(finds(&app, HOA, "mương thủy lợi").await.is_empty());
            assert_eq!(finds(&app, HOA, "chưa làm năm nay").await.len(), 1);
        })
        .await;
    }
}
