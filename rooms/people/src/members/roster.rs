//! Who belongs to a unit on a day, sorted the Vietnamese way: given name, middle names, family name.
//!
//! Checks no right: the caller has. Carries what roll calls and votes need, nothing sealed. Not here: what a
//! status means at a meeting (`standing`), giving the posts it shows (the wing `posts`).
//! The rule that surprises: `official_away` is derived, an official placement while a temporary one
//! is open elsewhere on that day.

use crate::fact::{Basis, Placement, Status};
use crate::member::status_on;
use crate::members::store::{self, RosterRow};
use crate::posts;
use crate::standing::{Rules, Standing};
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Day, MemberId, UnitId};
use site::Site;

/// One line of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub member_id: MemberId,
    /// Full name.
    pub name: String,
    /// Sorts by name, bytewise.
    pub name_key: String,
    /// On that day as far as the dates tell.
    pub status: Kept<Status>,
    /// How they belong here on that day.
    pub placement: Kept<Placement>,
    /// Exempt from meetings.
    pub is_exempt: bool,
    /// Has no telephone: paper and word of mouth.
    pub is_phoneless: bool,
    /// First post in this unit; empty for none.
    pub post: String,
    /// Since when in this unit.
    pub since: Day,
}

impl Person {
    /// What the rules of the day say of them.
    pub fn standing(&self, rules: &Rules) -> Standing {
        rules.find_or_missing(&self.status, self.is_exempt, &self.placement)
    }
    /// Whether status and placement can be read.
    pub fn is_read(&self) -> bool {
        self.status.known().is_some() && self.placement.known().is_some()
    }
}

/// The roster of a unit on a day.
pub async fn list(site: &Site, unit: &UnitId, on: Day) -> Result<Vec<Person>> {
    let rows = store::list_roster(&site.db, unit, on).await?;
    let person = |row: RosterRow| Person {
        status: status_on(
            &row.status,
            &row.status_from_on,
            &row.ceremony_on,
            &row.full_from_on,
            on,
        ),
        member_id: row.id,
        name: row.name,
        name_key: row.name_key,
        placement: if row.away == 1 {
            Kept::Known(Placement::OfficialAway)
        } else {
            row.kind
        },
        is_exempt: row.exempt == 1,
        is_phoneless: row.phoneless == 1,
        post: row.post,
        since: row.from_on,
    };
    Ok(rows.into_iter().map(person).collect())
}

/// Somebody's post in a unit.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
pub struct Post {
    /// The holding.
    #[sqlx(rename = "id")]
    pub holding_id: String,
    /// Who.
    #[sqlx(try_from = "String")]
    pub member_id: MemberId,
    /// Their name.
    pub name: String,
    /// What the post is called.
    pub title: String,
    /// What it brings.
    pub role: String,
    /// Sorts the committee.
    pub rank: i64,
    /// How it was come by.
    #[sqlx(try_from = "String")]
    pub basis: Kept<Basis>,
    /// First day.
    #[sqlx(try_from = "String")]
    pub from_on: Day,
    /// First day on which it no longer holds.
    #[sqlx(try_from = "String")]
    pub to_on: Day,
}

/// The posts of a unit on a day, the secretary first.
pub async fn posts(site: &Site, unit: &UnitId, on: Day) -> Result<Vec<Post>> {
    let mut held = posts::store::list_of_unit(&site.db, unit, on).await?;
    held.sort_by_key(|post| precedence(&post.title));
    Ok(held)
}

/// The head before the deputy before all others, whatever order they were given in: posts of one right
/// have one rank, and "Phó bí thư" comes before "Bí thư" by letter.
fn precedence(title: &str) -> u8 {
    let folded = vietnamese::fold(title);
    match folded.as_str() {
        title if title.starts_with("bi thu") || title.starts_with("truong ") => 0,
        title if title.starts_with("pho ") => 1,
        _ => 2,
    }
}

/// Somebody who left a unit not long ago.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
pub struct Former {
    /// Who.
    #[sqlx(rename = "id", try_from = "String")]
    pub member_id: MemberId,
    /// Their name.
    pub name: String,
    /// First day on which they were gone.
    #[sqlx(rename = "to_on", try_from = "String")]
    pub gone_on: Day,
}

/// Who left a unit after `since` and by `on`, newest first.
pub async fn former(site: &Site, unit: &UnitId, on: Day, since: Day) -> Result<Vec<Former>> {
    store::list_former(&site.db, unit, on, since).await
}
