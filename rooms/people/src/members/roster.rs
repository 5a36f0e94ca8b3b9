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
    /// The name, with what tells them apart when another of the list has the same.
    pub shown: String,
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
    let years: Vec<String> = rows.iter().map(|row| row.birth_year.clone()).collect();
    let person = |row: RosterRow| Person {
        status: status_on(
            &row.status,
            &row.status_from_on,
            &row.ceremony_on,
            &row.full_from_on,
            on,
        ),
        member_id: row.id,
        shown: row.name.clone(),
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
    let mut people: Vec<Person> = rows.into_iter().map(person).collect();
    tell_apart(&mut people, &years);
    Ok(people)
}

/// How the people of one list are called, so that two of the same name are told apart: by the year of
/// birth, else by the post, else by the day since when they belong to the unit.
fn tell_apart(people: &mut [Person], years: &[String]) {
    let marks: Vec<[String; 3]> = (people.iter().zip(years))
        .map(|(one, year)| [year.clone(), one.post.clone(), one.since.vn()])
        .collect();
    let names: Vec<String> = people.iter().map(|one| one.name.clone()).collect();
    for (nth, one) in people.iter_mut().enumerate() {
        let others: Vec<usize> = (0..names.len())
            .filter(|other| *other != nth && names.get(*other) == Some(&one.name))
            .collect();
        let own = marks.get(nth).cloned().unwrap_or_default();
        let tells = |at: &usize| {
            let mark = own.get(*at).filter(|mark| !mark.is_empty());
            mark.is_some_and(|mark| {
                let theirs = others
                    .iter()
                    .filter_map(|other| marks.get(*other)?.get(*at));
                theirs.into_iter().all(|theirs| theirs != mark)
            })
        };
        if !others.is_empty()
            && let Some(mark) = (0..3).find(tells).and_then(|at| own.get(at))
        {
            one.shown = format!("{} ({mark})", one.name);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, post: &str, since: &str) -> Person {
        Person {
            member_id: "lan".parse().unwrap(),
            name: name.to_owned(),
            shown: name.to_owned(),
            name_key: String::new(),
            status: Kept::Known(Status::Full),
            placement: Kept::Known(Placement::Official),
            is_exempt: false,
            is_phoneless: false,
            post: post.to_owned(),
            since: since.parse().unwrap(),
        }
    }

    #[test]
    fn two_of_one_name_are_told_apart_and_nobody_else_is_marked() {
        let shown = |people: &[(&str, &str, &str, &str)]| {
            let mut list: Vec<Person> = (people.iter())
                .map(|(name, _, post, since)| person(name, post, since))
                .collect();
            let years: Vec<String> = people.iter().map(|one| one.1.to_owned()).collect();
            tell_apart(&mut list, &years);
            list.into_iter().map(|one| one.shown).collect::<Vec<_>>()
        };
        let day = "2020-01-05";
        assert_eq!(
            shown(&[
                ("Hoa", "1954", "", day),
                ("Hoa", "1987", "", day),
                ("Lan", "1960", "", day)
            ]),
            ["Hoa (1954)", "Hoa (1987)", "Lan"]
        );
        assert_eq!(
            shown(&[
                ("Hoa", "1954", "Bí thư", day),
                ("Hoa", "1954", "", "2021-02-06")
            ]),
            ["Hoa (Bí thư)", "Hoa (06/02/2021)"]
        );
        assert_eq!(
            shown(&[("Hoa", "", "", day), ("Hoa", "", "", day)]),
            ["Hoa", "Hoa"]
        );
    }
}
