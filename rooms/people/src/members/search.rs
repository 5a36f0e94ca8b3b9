//! Finding people by name, without marks, in any order, the last word unfinished; or by their whole code.
//!
//! By right (R10): only people whose current unit lies in the actor's `member_name_read` scope; by code
//! in that of `member_read`, because people sign in with it.
//! Not here: the search of documents and books (`search` crate); names are never put into that index.
//! A name with a year of birth behind it ("Hùng 1972") is looked for among those alone whose records the actor may read:
//! to anybody else no year is confirmed, right or wrong.
//! The rule that surprises: a query typed with marks still finds names without them, but names whose
//! marks agree stand first.

use crate::fact::Status;
use crate::members::store::{self, Sought};
use crate::roster::{self, Somebody};
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Actor, Cap, Day, MemberId, UnitRef};
use site::Site;

/// Somebody found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonHit {
    /// Who.
    pub member_id: MemberId,
    /// Full name, with what tells them apart when another who was found has the same.
    pub name: String,
    /// Where they are placed.
    pub unit: UnitRef,
    /// Its name.
    pub unit_name: String,
    /// First post; empty for none.
    pub post: String,
    /// Their page.
    pub url: String,
    /// Key of the mark beside a name that is no member any more; empty for a member.
    pub gone: &'static str,
}

/// Key of the mark of somebody who is no member any more.
fn mark_of(status: &Kept<Status>) -> &'static str {
    match status.known() {
        Some(Status::Deceased) => "people-search-died",
        Some(status) if status.is_gone() => "people-search-left",
        _ => "",
    }
}

/// Words of a query that are looked at; the rest is ignored.
const MOST_WORDS: usize = 8;

/// A name with the year of birth behind it: "Hùng 1972", "Hùng (1972)".
fn with_year(text: &str) -> Option<(&str, &str)> {
    let (name, year) = text.trim().rsplit_once(char::is_whitespace)?;
    let year = year.trim_start_matches('(').trim_end_matches(')');
    let is_year = year.len() == 4
        && (year.starts_with("19") || year.starts_with("20"))
        && year.bytes().all(|b| b.is_ascii_digit());
    let is_name =
        name.contains(char::is_alphabetic) && !name.contains(|c: char| c.is_ascii_digit());
    (is_year && is_name).then_some((name.trim(), year))
}

/// Whether it is a name with a year of birth behind it.
pub fn has_year(text: &str) -> bool {
    with_year(text).is_some()
}

/// One line for each person.
fn hits(rows: Vec<store::NamedRow>) -> Vec<PersonHit> {
    let mut hits: Vec<PersonHit> = Vec::new();
    for row in rows {
        // A name may match by two words, a person may have two placements: one line each.
        if hits.iter().all(|hit| hit.member_id != row.id) {
            let url = format!("/members/{}", row.id);
            hits.push(PersonHit {
                member_id: row.id,
                name: row.name,
                unit: UnitRef {
                    id: row.unit_id,
                    path: row.unit_path,
                },
                unit_name: row.unit_name,
                post: row.post,
                gone: mark_of(&row.status),
                url,
            });
        }
    }
    hits
}

/// People of that name whom the actor may know by name, at most `limit` (1 to 100); or of that code,
/// when it looks like one and the actor may read their records.
pub async fn by_name(site: &Site, actor: &Actor, text: &str, limit: i64) -> Result<Vec<PersonHit>> {
    let here = Sought::Here(site.clock.today());
    find(site, actor, text, here, limit).await
}

/// The same of people who died or left, for whoever reads their records, as long as a former unit does.
pub async fn gone_by_name(
    site: &Site,
    actor: &Actor,
    text: &str,
    limit: i64,
) -> Result<Vec<PersonHit>> {
    let today = site.clock.today();
    let since = today.plus_days(-crate::sight::former_days(site).await?);
    find(site, actor, text, Sought::Gone(today, since), limit).await
}

async fn find(
    site: &Site,
    actor: &Actor,
    text: &str,
    sought: Sought,
    limit: i64,
) -> Result<Vec<PersonHit>> {
    let on = site.clock.today();
    let with_year = with_year(text);
    // No name has a figure in it.
    if with_year.is_none() && text.contains(|c: char| c.is_ascii_digit()) {
        let scope = actor.scope(Cap::MemberRead, on);
        let mut hits = hits(store::list_coded(&site.db, &scope, text.trim(), sought).await?);
        hits.truncate(usize::try_from(limit).unwrap_or(100));
        tell_apart(site, actor, &mut hits, on).await?;
        return Ok(hits);
    }
    let (text, year) = with_year.map_or((text, None), |(name, year)| (name, Some(year)));
    let folded = vietnamese::fold(text);
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .collect();
    let Some((last, whole)) = words.split_last() else {
        return Ok(Vec::new());
    };
    let limit = limit.clamp(1, 100);
    let marked = vietnamese::has_marks(text);
    // Names that agree in marks stand first, so more rows are read than shown.
    let read = if marked { limit * 10 } else { limit * 3 };
    // A year of birth stands in the record: it is asked of those records alone that the actor may read.
    let scope = match (year, sought) {
        (None, Sought::Here(_)) => actor.scope(Cap::MemberNameRead, on),
        _ => actor.scope(Cap::MemberRead, on),
    };
    let found = store::list_named(&site.db, &scope, (whole, last), year, sought, read).await?;
    let mut hits = hits(found);
    if marked {
        let wanted = exact(text);
        hits.sort_by_key(|hit| !agrees(&wanted, &exact(&hit.name)));
    }
    hits.truncate(usize::try_from(limit).unwrap_or(100));
    tell_apart(site, actor, &mut hits, on).await?;
    Ok(hits)
}

/// Two of one name among those found are told apart: by their cell, else as that cell's own lists do, as this visitor
/// may read them.
async fn tell_apart(site: &Site, actor: &Actor, hits: &mut [PersonHit], on: Day) -> Result<()> {
    let people: Vec<Somebody<'_>> = (hits.iter())
        .map(|hit| Somebody {
            member: hit.member_id.as_str(),
            name: &hit.name,
            unit: hit.unit.id.as_str(),
            unit_name: &hit.unit_name,
        })
        .collect();
    let shown = roster::told_apart_over(site, actor, on, &people).await?;
    for (hit, shown) in hits.iter_mut().zip(shown) {
        hit.name = shown;
    }
    Ok(())
}

fn exact(text: &str) -> Vec<String> {
    text.split_whitespace().map(vietnamese::exact).collect()
}

/// Whether every word typed stands in the name, marks included; the last may be unfinished.
fn agrees(wanted: &[String], name: &[String]) -> bool {
    let Some((last, whole)) = wanted.split_last() else {
        return true;
    };
    whole.iter().all(|word| name.contains(word))
        && name.iter().any(|word| word.starts_with(last.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::{HOA, LAN, THU, TUAN};

    async fn names(site: &Site, who: testkit::Character, text: &str) -> Vec<String> {
        let hits = by_name(site, &who.actor(), text, 20).await.unwrap();
        hits.into_iter().map(|hit| hit.name).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_name_is_found_without_marks_in_any_order_and_unfinished() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                assert_eq!(
                    names(&app.site, THU, "nguyen lan").await,
                    ["Nguyễn Thị Lan"]
                );
                assert_eq!(
                    names(&app.site, THU, "LAN nguyễn").await,
                    ["Nguyễn Thị Lan"]
                );
                assert_eq!(names(&app.site, THU, "luong ho").await, ["Lương Thị Hoa"]);
                assert!(names(&app.site, THU, "luong ho x").await.is_empty());
                assert!(names(&app.site, THU, "  %_' ").await.is_empty());
                let hit = &by_name(&app.site, &THU.actor(), "lan", 5).await.unwrap()[0];
                assert_eq!(
                    (hit.post.as_str(), hit.unit_name.as_str()),
                    ("Bí thư", "Chi bộ Tổ dân phố 1")
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn who_died_or_left_is_found_with_a_mark_by_whoever_reads_records_and_by_nobody_else() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let died = [
                    ("how", "died"),
                    ("on", "20/11/2026"),
                    ("read", "1"),
                    ("row_version", "1"),
                ];
                let lan = app.as_(LAN);
                lan.post("/members/hoa/leaving", &died).await.expects(303);
                assert!(names(&app.site, LAN, "luong hoa").await.is_empty());
                let gone = async |who: testkit::Character, text: &str| {
                    gone_by_name(&app.site, &who.actor(), text, 9)
                        .await
                        .unwrap()
                };
                for (text, who) in [("luong hoa", LAN), ("hoa 1954", THU)] {
                    let found = gone(who, text).await;
                    assert_eq!(found.len(), 1, "{text}");
                    assert_eq!(found[0].gone, "people-search-died");
                }
                for who in [testkit::MINH, TUAN, testkit::BINH] {
                    assert!(gone(who, "luong hoa").await.is_empty(), "{}", who.id);
                }
                assert!(gone(LAN, "minh").await.is_empty(), "a member is not gone");
                let page = lan.get("/units?q=luong+hoa").await.expects(200);
                assert_eq!(page.attributes("#gone a", "href"), ["/members/hoa"]);
                assert!(page.text("#gone").contains("Đã mất"));
                lan.get("/members/hoa").await.expects(200);
                let page = app.as_(testkit::MINH).get("/units?q=luong+hoa").await;
                assert!(!page.expects(200).has("#gone"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_member_finds_only_people_of_the_own_unit() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                assert_eq!(names(&app.site, HOA, "lan").await, ["Nguyễn Thị Lan"]);
                assert!(names(&app.site, TUAN, "lan").await.is_empty());
                assert!(names(&app.site, LAN, "tuan").await.is_empty());
                assert_eq!(names(&app.site, THU, "tuan").await, ["Đỗ Anh Tuấn"]);
                let mut nobody = LAN.actor();
                nobody.grants.clear();
                assert!(
                    by_name(&app.site, &nobody, "lan", 5)
                        .await
                        .unwrap()
                        .is_empty()
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_code_finds_its_member_for_who_may_read_the_record() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                app.sets("update people_member set external_id = 'T-0012' where id = 'hoa'")
                    .await;
                for code in ["T-0012", " t-0012 "] {
                    assert_eq!(names(&app.site, LAN, code).await, ["Lương Thị Hoa"]);
                }
                for part in ["T-001", "0012", "%0012"] {
                    assert!(names(&app.site, LAN, part).await.is_empty(), "{part}");
                }
                assert!(
                    names(&app.site, TUAN, "T-0012").await.is_empty(),
                    "another cell"
                );
                let mut plain = HOA.actor();
                plain.grants.clear();
                assert!(
                    by_name(&app.site, &plain, "T-0012", 5)
                        .await
                        .unwrap()
                        .is_empty()
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_year_of_birth_finds_whom_the_reader_of_records_means_and_is_confirmed_to_nobody_else()
     {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                app.sets("update people_member set birth_on = '1954-05-19' where id = 'hoa'")
                    .await;
                for text in ["hoa 1954", "Lương Thị Hoa 1954", "luong hoa (1954)"] {
                    assert_eq!(
                        names(&app.site, LAN, text).await,
                        ["Lương Thị Hoa"],
                        "{text}"
                    );
                }
                assert!(names(&app.site, LAN, "hoa 1955").await.is_empty());
                // Minh knows her by name and reads no record: right and wrong years look alike.
                assert_eq!(names(&app.site, testkit::MINH, "hoa").await.len(), 1);
                for who in [testkit::MINH, TUAN, testkit::BINH] {
                    for text in ["hoa 1954", "hoa 1955", "hoa (1954)"] {
                        assert!(
                            names(&app.site, who, text).await.is_empty(),
                            "{} {text}",
                            who.id
                        );
                    }
                }
            },
        )
        .await;
    }
    #[test]
    fn a_year_stands_behind_a_name_alone() {
        for text in ["Hùng 1972", "nguyen van hung (1972)"] {
            assert!(has_year(text), "{text}");
        }
        for text in ["1972", "Hùng 72", "Điều 7 1972", "Hùng 1872", "Hùng"] {
            assert!(!has_year(text), "{text}");
        }
    }
    #[test]
    fn marks_typed_put_agreeing_names_first() {
        assert!(agrees(&exact("Hòa"), &exact("Trần Thị Hoà")));
        assert!(!agrees(&exact("Hòa"), &exact("Trần Thị Hoa")));
        assert!(agrees(&exact("thị ho"), &exact("Trần Thị Hoa")));
    }
}
