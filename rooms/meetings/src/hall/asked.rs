//! Who is asked whether they come: everybody who was invited, but those who need not come.
//!
//! Whoever is exempt from meetings, or takes part elsewhere for a time, is invited and told, may answer, and is
//! waited for by nobody. Not here: the answers themselves (`pages::answer`), the telephones (`unanswered`).

use crate::fact::Reply;
use crate::hall::roll::Class;
use crate::hall::{roster, store};
use crate::store::Meeting;
use kernel::error::Result;
use kernel::{Day, UnitId};
use site::Site;
use std::collections::HashSet;

/// Who need not come to a meeting of the unit on that day.
pub(crate) async fn list_free(site: &Site, unit: &UnitId, on: Day) -> Result<HashSet<String>> {
    let roll = roster::of(site, unit, on).await?;
    let free = (roll.into_iter())
        .filter(|name| matches!(name.counted.class(), Class::Exempt | Class::Away));
    Ok(free.map(|name| name.person.member_id.to_string()).collect())
}

/// How many answered what; whoever chairs comes, and is asked nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub yes: i64,
    pub no: i64,
    pub open: i64,
}

/// Counts the answers to a meeting.
pub(crate) async fn count(site: &Site, meeting: &Meeting) -> Result<Counted> {
    let free = list_free(site, &meeting.unit_id, meeting.starts().day()).await?;
    let mut counted = Counted::default();
    for answer in store::list_answers(&site.db, &meeting.id).await? {
        let is_chair = answer.member_id == meeting.chair_id;
        match answer.answer.known() {
            Some(Reply::Yes) => counted.yes += 1,
            Some(Reply::No) => counted.no += 1,
            Some(Reply::Open) if is_chair => counted.yes += 1,
            Some(Reply::Open) if free.contains(&answer.member_id) => {}
            Some(Reply::Open) | None => counted.open += 1,
        }
    }
    Ok(counted)
}
