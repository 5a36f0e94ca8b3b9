//! Who belongs to a unit on a day, sorted the Vietnamese way: given name, middle names, family name.
//!
//! Checks no right: the caller has. Carries what roll calls and votes need, nothing sealed. Not here: what a
//! status means at a meeting (`standing`), giving the posts it shows (the wing `posts`).
//! Two of one name are told apart by what all may read: the post, else a letter, A for whoever came first. The year of
//! birth stands in a name only before those who may read it. The rule that surprises: `official_away` is derived, an
//! official placement while a temporary one is open elsewhere on that day.

use crate::fact::{Basis, Placement, Status};
use crate::member::status_on;
use crate::members::store::{self, RosterRow};
use crate::posts;
use crate::standing::{Rules, Standing};
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Actor, Cap, Day, MemberId, UnitId, UnitRef};
use site::Site;

/// One line of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub member_id: MemberId,
    /// Full name.
    pub name: String,
    /// The name, with what tells them apart when another of the list has the same: what everybody may read.
    pub shown: String,
    /// The same with the year of birth, for whoever may read when somebody was born ([`may_read_births`]).
    pub dated: String,
    birth_year: String,
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

/// The people of a unit on a day, each counted once: everywhere the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Who belongs here; those who take part elsewhere for a time belong here too.
    pub own: usize,
    /// Of them, who takes part elsewhere for a time.
    pub away: usize,
    /// Who belongs elsewhere and takes part here for a time.
    pub guests: usize,
}

impl Tally {
    /// Counts a roster.
    pub fn of<'a>(people: impl IntoIterator<Item = &'a Person>) -> Tally {
        let mut tally = Tally::default();
        for person in people {
            match person.is_own() {
                true => tally.own += 1,
                false => tally.guests += 1,
            }
            tally.away += usize::from(person.placement.is(Placement::OfficialAway));
        }
        tally
    }
}

impl Person {
    /// Whether they belong here, and are not here for a time alone.
    pub fn is_own(&self) -> bool {
        !self.placement.is(Placement::Temporary)
    }
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
        status: {
            let (status, from_on) = row.stood();
            status_on(&status, from_on, &row.ceremony_on, &row.full_from_on, on)
        },
        member_id: row.id,
        shown: row.name.clone(),
        dated: row.name.clone(),
        birth_year: row.birth_year,
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
    tell_apart(&mut people);
    Ok(people)
}

/// Gives each the name that tells them apart in this list.
fn tell_apart(people: &mut [Person]) {
    let letters = letters(people);
    let with_letters = || people.iter().zip(&letters);
    let open: Vec<(&str, [String; 2])> = with_letters()
        .map(|(one, letter)| (one.name.as_str(), [one.post.clone(), letter.clone()]))
        .collect();
    let open = told_apart(&open);
    let dated: Vec<(&str, [String; 3])> = with_letters()
        .map(|(one, letter)| {
            let marks = [one.birth_year.clone(), one.post.clone(), letter.clone()];
            (one.name.as_str(), marks)
        })
        .collect();
    let dated = told_apart(&dated);
    for (one, (shown, dated)) in people.iter_mut().zip(open.into_iter().zip(dated)) {
        (one.shown, one.dated) = (shown, dated);
    }
}

/// A letter for each among those of their name: A for whoever belongs here longest, so that who comes later takes
/// nobody's letter.
fn letters(people: &[Person]) -> Vec<String> {
    let before = |one: &Person| {
        let same = people.iter().filter(|other| other.name == one.name);
        let key = |person: &Person| (person.since, person.member_id.clone());
        same.filter(|other| key(other) < key(one)).count()
    };
    let letter = |nth: usize| match u8::try_from(nth) {
        Ok(nth) if nth < 26 => char::from(b'A' + nth).to_string(),
        _ => (nth + 1).to_string(),
    };
    people.iter().map(|one| letter(before(one))).collect()
}

/// Whether this visitor may read when the people of a unit were born: then a year may stand in their names.
pub fn may_read_births(actor: &Actor, unit: &UnitRef, on: Day) -> bool {
    actor.allow(Cap::MemberRead, unit, on)
}

/// Calls the people of a roster as this visitor may read them.
pub(crate) fn call_for(actor: &Actor, unit: &UnitRef, on: Day, people: &mut [Person]) {
    if may_read_births(actor, unit, on) {
        for one in people {
            one.shown.clone_from(&one.dated);
        }
    }
}

/// The same with each person once: of two records that were merged since, the one that stays, where both stood in
/// the unit on that day. For reading; rolls of meetings stay as they were drawn and counted.
pub async fn persons(site: &Site, unit: &UnitId, on: Day) -> Result<Vec<Person>> {
    let mut people = list(site, unit, on).await?;
    let ids: Vec<&MemberId> = people.iter().map(|one| &one.member_id).collect();
    let merged = crate::merging::store::list_read_as(&site.db, &ids).await?;
    let both: Vec<String> = (merged.into_iter())
        .filter(|(_, kept)| ids.iter().any(|id| id.as_str() == kept))
        .map(|(old, _)| old)
        .collect();
    people.retain(|one| !both.iter().any(|old| old == one.member_id.as_str()));
    tell_apart(&mut people);
    Ok(people)
}

/// What the people of a unit are called on a day, by id.
#[derive(Debug, Clone)]
pub struct Names(std::collections::HashMap<String, String>);

impl Names {
    /// What that member is called; whoever is not on the roster keeps the name.
    pub fn call(&self, member: &str, name: &mut String) {
        if let Some(shown) = self.0.get(member) {
            name.clone_from(shown);
        }
    }
    /// What tells that member of that name apart there; empty where nothing has to.
    pub fn mark(&self, member: &str, name: &str) -> &str {
        let shown = self
            .0
            .get(member)
            .and_then(|shown| shown.strip_prefix(name));
        let mark = shown.and_then(|mark| mark.strip_prefix(" (")?.strip_suffix(')'));
        mark.unwrap_or_default()
    }
}

/// What the people of a unit are called on that day, two of the same name told apart: for pages that have
/// names from elsewhere than [`list`].
pub async fn names(site: &Site, unit: &UnitId, on: Day) -> Result<Names> {
    let roster = list(site, unit, on).await?;
    let call = |one: Person| (one.member_id.to_string(), one.shown);
    Ok(Names(roster.into_iter().map(call).collect()))
}

/// The same as this visitor may read them, with the years of birth where they may.
pub async fn names_for(site: &Site, actor: &Actor, unit: &UnitRef, on: Day) -> Result<Names> {
    let roster = list(site, &unit.id, on).await?;
    let is_dated = may_read_births(actor, unit, on);
    let call = |one: Person| {
        let name = if is_dated { one.dated } else { one.shown };
        (one.member_id.to_string(), name)
    };
    Ok(Names(roster.into_iter().map(call).collect()))
}

/// How people of one list are called, so that two of the same name are told apart: by the first of their
/// marks that is theirs alone among those of their name. Whose marks are all shared keeps the bare name.
pub fn told_apart<const N: usize>(people: &[(&str, [String; N])]) -> Vec<String> {
    let called = |nth: usize, name: &str, marks: &[String; N]| {
        let others: Vec<&[String; N]> = (people.iter().enumerate())
            .filter(|(other, (same, _))| *other != nth && *same == name)
            .map(|(_, (_, marks))| marks)
            .collect();
        let is_own = |at: usize, mark: &String| {
            !mark.is_empty() && others.iter().all(|theirs| theirs.get(at) != Some(mark))
        };
        let mut own = marks.iter().enumerate();
        match own.find(|(at, mark)| is_own(*at, mark)) {
            Some((_, mark)) if !others.is_empty() => format!("{name} ({mark})"),
            _ => name.to_owned(),
        }
    };
    let people = people.iter().enumerate();
    people
        .map(|(nth, (name, marks))| called(nth, name, marks))
        .collect()
}

/// Somebody of a list over several units.
pub(crate) struct Somebody<'a> {
    pub(crate) member: &'a str,
    pub(crate) name: &'a str,
    /// Where they belong; empty for nowhere.
    pub(crate) unit: &'a str,
    pub(crate) unit_name: &'a str,
}

/// How people of several units are called: two of one name by their unit, else as that unit's own lists tell them
/// apart, as this visitor may read them.
pub(crate) async fn told_apart_over(
    site: &Site,
    actor: &Actor,
    on: Day,
    people: &[Somebody<'_>],
) -> Result<Vec<String>> {
    let mut names: std::collections::BTreeMap<&str, Names> = std::collections::BTreeMap::new();
    let mut marks = Vec::with_capacity(people.len());
    for one in people {
        let is_shared = people.iter().filter(|other| other.name == one.name).count() > 1;
        if is_shared && !names.contains_key(one.unit) && !one.unit.is_empty() {
            let unit = one.unit.parse().map_err(kernel::Error::fault)?;
            let unit = crate::unit::get_ref(site, &unit).await?;
            names.insert(one.unit, names_for(site, actor, &unit, on).await?);
        }
        let of_unit = names.get(one.unit).filter(|_| is_shared);
        let mark = of_unit.map_or("", |names| names.mark(one.member, one.name));
        let both = match mark {
            "" => String::new(),
            mark => format!("{mark}, {}", one.unit_name),
        };
        marks.push((one.name, [one.unit_name.to_owned(), mark.to_owned(), both]));
    }
    Ok(told_apart(&marks))
}

/// The same for people from anywhere, by the year of birth alone: for whoever runs the machine, who names them all.
pub async fn told_apart_anywhere(site: &Site, people: &[(MemberId, &str)]) -> Result<Vec<String>> {
    let ids: Vec<MemberId> = people.iter().map(|(id, _)| id.clone()).collect();
    let years = store::list_birth_years(&site.db, &ids).await?;
    let year = |member: &MemberId| {
        let found = years.iter().find(|(id, _)| id.as_str() == member.as_str());
        found.map_or_else(String::new, |(_, year)| year.clone())
    };
    let marks: Vec<(&str, [String; 1])> = (people.iter())
        .map(|(id, name)| (*name, [year(id)]))
        .collect();
    Ok(told_apart(&marks))
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

    #[test]
    fn two_of_one_name_are_told_apart_and_nobody_else_is_marked() {
        let shown = |people: &[(&str, &str, &str, &str)]| {
            let list: Vec<(&str, [String; 3])> = (people.iter())
                .map(|(name, year, post, since)| {
                    (*name, [year, post, since].map(|mark| (*mark).to_owned()))
                })
                .collect();
            told_apart(&list)
        };
        let day = "05/01/2020";
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
                ("Hoa", "1954", "", "06/02/2021")
            ]),
            ["Hoa (Bí thư)", "Hoa (06/02/2021)"]
        );
        assert_eq!(
            shown(&[("Hoa", "", "", day), ("Hoa", "", "", day)]),
            ["Hoa", "Hoa"]
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_year_of_birth_stands_in_a_name_before_whoever_may_not_read_it() {
        use testkit::{HOA, LAN, MINH, THU};
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                app.is_called(HOA, "Trần Văn Minh", "1987-01-02").await;
                let unit = "/units/cell-a";
                for who in [HOA, MINH] {
                    let page = app.as_(who).get(unit).await.expects(200);
                    let rows = page.text("#roster-rows");
                    assert!(!rows.contains("19"), "{}: {rows}", who.id);
                    for name in ["Trần Văn Minh (A)", "Trần Văn Minh (Phó bí thư)"] {
                        assert!(rows.contains(name), "{}: {rows}", who.id);
                    }
                    assert!(page.has("#letters"), "what the letter says is told");
                }
                let page = app.as_(LAN).get(unit).await.expects(200);
                assert!(page.text("#roster-rows").contains("Trần Văn Minh (1987)"));
                // Whom the lists call so is told.
                let own = app.as_(HOA).get("/me").await.expects(200);
                assert!(own.text(".called").contains("“Trần Văn Minh (A)”"));
                assert!(!app.as_(LAN).get("/me").await.has(".called"));
                // Found side by side they are two.
                app.sets("insert into people_name_word (member_id, word) values ('hoa', 'minh'), ('tuan', 'lan')").await;
                let found = async |who| {
                    let page = app.as_(who).get("/units?q=minh").await.expects(200);
                    page.all("#people a")
                };
                let both = ["Trần Văn Minh (A)", "Trần Văn Minh (Phó bí thư)"];
                let mut seen = found(HOA).await;
                seen.sort();
                assert_eq!(seen, both);
                let mut seen = found(LAN).await;
                seen.sort();
                assert_eq!(seen, ["Trần Văn Minh (1954)", "Trần Văn Minh (1987)"]);
                // In two cells the cell tells them apart.
                app.is_called(testkit::TUAN, "Nguyễn Thị Lan", "1970-01-02")
                    .await;
                let page = app.as_(THU).get("/units?q=lan").await.expects(200);
                let mut seen = page.all("#people a");
                seen.sort();
                assert_eq!(
                    seen,
                    [
                        "Nguyễn Thị Lan (Chi bộ Tổ dân phố 1)",
                        "Nguyễn Thị Lan (Chi bộ Tổ dân phố 2)"
                    ]
                );
            },
        )
        .await;
    }

    #[test]
    fn a_letter_goes_to_whoever_came_first_and_stays_when_another_comes() {
        let person = |id: &str, since: &str| Person {
            member_id: id.parse().unwrap(),
            name: "Hoa".into(),
            shown: String::new(),
            dated: String::new(),
            birth_year: "1954".into(),
            name_key: String::new(),
            status: Kept::Known(Status::Full),
            placement: Kept::Known(Placement::Official),
            is_exempt: false,
            is_phoneless: false,
            post: String::new(),
            since: since.parse().unwrap(),
        };
        let mut people = vec![person("a", "2021-02-06"), person("b", "2020-01-05")];
        let shown = |people: &mut Vec<Person>| -> Vec<String> {
            tell_apart(people);
            people.iter().map(|one| one.shown.clone()).collect()
        };
        assert_eq!(shown(&mut people), ["Hoa (B)", "Hoa (A)"]);
        people.push(person("c", "2026-01-01"));
        assert_eq!(shown(&mut people), ["Hoa (B)", "Hoa (A)", "Hoa (C)"]);
        assert_eq!(
            people[0].dated, "Hoa (B)",
            "a year that all share says nothing"
        );
    }
}
