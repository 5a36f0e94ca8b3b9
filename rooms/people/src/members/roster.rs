//! Who belongs to a unit on a day, sorted the Vietnamese way: given name, middle names, family name.
//!
//! Checks no right: the caller has. Carries what roll calls and votes need, nothing sealed.
//! The rule that surprises: `official_away` is derived, an official placement while a temporary one
//! is open elsewhere on that day.

use crate::fact::{Basis, Placement, Status};
use crate::member::status_on;
use crate::standing::{Rules, Standing};
use db::sql;
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Day, MemberId, UnitId};
use site::Site;

const LIST: &str = "select m.id, m.name, m.name_key, m.status, m.status_from_on, m.ceremony_on, \
    m.full_from_on, m.exempt, m.phoneless, p.kind, p.from_on, \
    case when p.kind = 'official' and exists (select 1 from people_placement away \
      where away.member_id = m.id and away.kind = 'temporary' and away.unit_id <> p.unit_id \
      and away.from_on <= $2 and away.to_on > $2) then 1 else 0 end as away, \
    coalesce((select s.title from people_holding h join people_position s on s.id = h.position_id \
      where h.member_id = m.id and s.unit_id = p.unit_id and h.from_on <= $2 and h.to_on > $2 \
      order by s.rank, s.id limit 1), '') as post \
    from people_placement p join people_member m on m.id = p.member_id \
    where p.unit_id = $1 and p.from_on <= $2 and p.to_on > $2 order by m.name_key, m.id";
const POSTS: &str = "select h.id, h.member_id, m.name, s.title, s.role, s.rank, h.basis, h.from_on, h.to_on \
    from people_position s join people_holding h on h.position_id = s.id \
    join people_member m on m.id = h.member_id \
    where s.unit_id = $1 and h.from_on <= $2 and h.to_on > $2 order by s.rank, m.name_key, h.id";
const LEFT: &str = "select m.id, m.name, p.to_on from people_placement p \
    join people_member m on m.id = p.member_id \
    where p.unit_id = $1 and p.to_on <= $2 and p.to_on > $3 \
    and not exists (select 1 from people_placement again where again.member_id = m.id \
      and again.unit_id = p.unit_id and again.from_on <= $2 and again.to_on > $2) \
    order by p.to_on desc, m.name_key, m.id";

/// Every statement of this module.
pub const STATEMENTS: &[&str] = &[LIST, POSTS, LEFT];

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

#[derive(db::FromRow)]
struct Row {
    #[sqlx(try_from = "String")]
    id: MemberId,
    name: String,
    name_key: String,
    #[sqlx(try_from = "String")]
    status: Kept<Status>,
    status_from_on: String,
    ceremony_on: String,
    full_from_on: String,
    exempt: i64,
    phoneless: i64,
    #[sqlx(try_from = "String")]
    kind: Kept<Placement>,
    #[sqlx(try_from = "String")]
    from_on: Day,
    away: i64,
    post: String,
}

/// The roster of a unit on a day.
pub async fn list(site: &Site, unit: &UnitId, on: Day) -> Result<Vec<Person>> {
    let rows: Vec<Row> = sql(LIST).bind(unit).bind(on).all(site.db.read()).await?;
    let person = |row: Row| Person {
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
    sql(POSTS).bind(unit).bind(on).all(site.db.read()).await
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
    sql(LEFT)
        .bind(unit)
        .bind(on)
        .bind(since)
        .all(site.db.read())
        .await
}
