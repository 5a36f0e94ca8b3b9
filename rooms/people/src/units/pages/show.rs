//! A unit: its committee, its roster as of a day, the units below, who left not long ago.
//! Not here: giving posts (`posts`), adding members (`members`).
//!
//! The roster tells V0 and V1 only; dates and contacts are one logged step away, on the person's page.

use super::transfers;
use crate::fact::{Placement, Status};
use crate::merging::pages::duplicates;
use crate::page::{term, unit_id, whole_day};
use crate::roster::{self, Person, Tally};
use crate::sight::{self, Level, UnitSight};
use crate::unit::{self, Unit};
use crate::{identity, post, standing, words};
use askama::Template;
use axum::extract::{Path, Query, State};
use kernel::fact::Kept;
use kernel::{Cap, Day, MemberId};
use site::Site;
use site::room::Part;
use site::room::importer::{self, ImportLink};
use web::{Answer, Frame, Member};

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    on: String,
}

impl Asked {
    /// The day that is asked for; today for whoever may not ask; none when it is no day.
    pub(crate) fn day(&self, sight: &UnitSight, today: Day) -> Option<Day> {
        let wanted = self.on.trim();
        if wanted.is_empty() || !sight.is_reader {
            Some(today)
        } else {
            whole_day(wanted, today)
        }
    }
}

struct Crumb {
    name: String,
    to: Option<String>,
}

/// Somebody with all their posts here: nobody is listed twice.
struct PostLine {
    member: MemberId,
    name: String,
    to: Option<String>,
    posts: Vec<Post>,
}

struct Post {
    title: String,
    term: String,
    ending: Option<String>,
}

struct Line {
    person: Person,
    status: String,
    state: &'static str,
    placement: String,
    lacks_rule: bool,
    slip: bool,
}

struct Child {
    unit: Unit,
    count: i64,
}

#[derive(Template)]
#[template(path = "people/unit_show.html")]
struct Page {
    frame: Frame,
    sight: UnitSight,
    unit: Unit,
    kind: String,
    crumbs: Vec<Crumb>,
    on: Day,
    is_today: bool,
    on_text: String,
    on_trouble: bool,
    posts: Vec<PostLine>,
    lines: Vec<Line>,
    counts: Vec<(String, usize)>,
    children: Vec<Child>,
    below: i64,
    import: Option<ImportLink>,
    /// Whether units may be made below and this one named anew.
    may_shape: bool,
    /// Whether it may be moved and closed.
    may_place: bool,
    may_export: bool,
    sees_transfers: bool,
    parts: Vec<Part>,
    former: Vec<roster::Former>,
    former_days: i32,
    /// Where that figure comes from.
    former_rule: String,
    /// Pairs of records that seem one person, and whether this visitor may look for them.
    same: usize,
    may_same: bool,
}

impl Page {
    /// "6 đảng viên: 5 chính thức, 1 dự bị": who belongs here, as every list of units counts; guests are said apart.
    fn count(&self) -> String {
        let tally = Tally::of(self.lines.iter().map(|line| &line.person));
        let mut said = self.frame.t1("people-unit-count", "n", tally.own);
        if self.shows_status() && !self.counts.is_empty() {
            said = format!("{said}: {}", self.parts());
        }
        if self.shows_status() && tally.away > 0 {
            said = format!(
                "{said}; {}",
                self.frame.t1("people-unit-count-away", "n", tally.away)
            );
        }
        if tally.guests > 0 {
            said = format!(
                "{said}. {}",
                self.frame.t1("people-unit-count-guests", "n", tally.guests)
            );
        }
        said
    }
    fn shows_status(&self) -> bool {
        self.sight.level >= Level::V1
    }
    /// Whether somebody is told apart from another of the same name, so that the page says how.
    fn has_letters(&self) -> bool {
        let mut lines = self.lines.iter();
        lines.any(|line| line.person.shown != line.person.name)
    }
    fn shows_slips(&self) -> bool {
        self.lines.iter().any(|line| line.slip)
    }
    fn founded(&self) -> String {
        self.unit.founded_on.vn()
    }
    /// `24 chính thức, 1 dự bị`.
    fn parts(&self) -> String {
        let parts: Vec<String> = self
            .counts
            .iter()
            .map(|(status, n)| format!("{n} {}", status.to_lowercase()))
            .collect();
        parts.join(", ")
    }
}

/// Colour word of a status; most have none.
fn state(person: &Person) -> &'static str {
    match person.status.known() {
        Some(Status::Probationary | Status::Candidate) => "info",
        Some(Status::Suspended) | None => "warn",
        Some(
            Status::Full | Status::Left | Status::StruckOff | Status::Expelled | Status::Deceased,
        ) => "",
    }
}

/// How somebody belongs here; most simply do, and nothing is said.
pub(crate) fn placement(frame: &Frame, person: &Person) -> String {
    if person.placement.is(Placement::Official) {
        String::new()
    } else {
        frame.t(words::placement(&person.placement))
    }
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let sight = sight::of_unit(&site, &who.actor, &unit_id(&id)?).await?;
    let today = site.clock.today();
    let wanted = asked.on.trim();
    let read = asked.day(&sight, today);
    let mut on_trouble = read.is_none();
    let mut on = read.unwrap_or(today);
    let unit = match unit::find_on(&site, &sight.unit.id, on).await? {
        Some(unit) => unit,
        // Before its first day or after its last: say so, and show what it is now.
        None => {
            on_trouble = on != today;
            on = today;
            sight.unit.clone()
        }
    };
    let is_today = on == today;
    let here = unit.reference();

    let mut crumbs = Vec::new();
    // Taking it away from where it stands needs the right there too.
    let mut may_take = false;
    for above in unit::ancestors(&site, &unit, on).await? {
        let opens = who.actor.allow(Cap::UnitRead, &above.reference(), today);
        may_take = who
            .actor
            .allow(Cap::RestructurePrepare, &above.reference(), today);
        crumbs.push(Crumb {
            to: opens.then(|| format!("/units/{}", above.id)),
            name: above.name,
        });
    }
    let givable = if is_today && sight.may_give {
        post::givable(&who.actor, &here, today)
    } else {
        Vec::new()
    };
    let mut posts: Vec<PostLine> = Vec::new();
    for held in roster::posts(&site, &unit.id, on).await? {
        let endable = givable.iter().any(|role| role.name() == held.role);
        let post = Post {
            ending: endable
                .then(|| format!("/units/{}/positions/{}/ending", unit.id, held.holding_id)),
            term: term(&frame, &held.from_on, &held.to_on),
            title: held.title,
        };
        if let Some(line) = posts.iter_mut().find(|line| line.member == held.member_id) {
            line.posts.push(post);
            continue;
        }
        let opens = sight::of_member(&site, &who.actor, &held.member_id)
            .await
            .is_ok();
        posts.push(PostLine {
            to: opens.then(|| format!("/members/{}", held.member_id)),
            member: held.member_id,
            name: held.name,
            posts: vec![post],
        });
    }
    let mut people = if sight.shows_roster {
        roster::persons(&site, &unit.id, on).await?
    } else {
        Vec::new()
    };
    roster::call_for(&who.actor, &here, today, &mut people);
    let counts = count(&frame, &people);
    let ids: Vec<MemberId> = (people.iter())
        .filter(|_| is_today && who.actor.allow(Cap::MemberDraft, &here, today))
        .map(|person| person.member_id.clone())
        .collect();
    let slips = identity::slips(&site, &who.actor, &ids).await?;
    let may_slip = |member: &MemberId| {
        let mut all = ids.iter().zip(&slips);
        all.any(|(id, slip)| id == member && matches!(slip, identity::Slip::May(_)))
    };
    let rules = standing::of(&site, on).await?;
    let lines = people.into_iter().map(|person| Line {
        status: frame.t(words::status(&person.status)),
        state: state(&person),
        placement: placement(&frame, &person),
        lacks_rule: person.is_read() && person.standing(&rules).is_missing,
        slip: may_slip(&person.member_id),
        person,
    });
    let lines: Vec<Line> = lines.collect();
    let mut children = Vec::new();
    let mut below = 0;
    if sight.is_reader {
        for child in unit::children(&site, &unit.id, on).await? {
            let count = unit::count_below(&site, &child, on).await?;
            below += count;
            children.push(Child { unit: child, count });
        }
    }
    let import = if is_today {
        importer::link(&site, &who.0, "/units/{id}/import", unit.id.as_str()).await
    } else {
        None
    };
    let parts = if is_today {
        site.rooms.draw_unit(&site, &frame, &who.0, &here).await
    } else {
        Vec::new()
    };
    let (days, former_rule) = sight::former_words(&site, &frame).await?;
    let former = if sight.is_reader && is_today && sight.level >= Level::V1 {
        roster::former(&site, &unit.id, today, today.plus_days(-days)).await?
    } else {
        Vec::new()
    };
    let may = |cap| is_today && unit.is_living(today) && who.actor.allow(cap, &here, today);
    let may_same = may(Cap::PersonMergePrepare);
    let same = match may_same {
        true => duplicates::count(&site, &who, &unit).await?,
        false => 0,
    };
    let sees_transfers = is_today && transfers::may_see(&who, &unit, today);
    // With nobody in it nobody moves and nobody is there twice; both stay in reach once somebody came.
    let has_people = !lines.is_empty() || below > 0 || !former.is_empty() || !children.is_empty();
    let may_same = may_same && has_people;
    let sees_transfers = sees_transfers && (has_people || transfers::has_any(&site, &unit).await?);
    frame.html(&Page {
        same,
        may_same,
        may_shape: may(Cap::UnitDraft),
        may_place: may_take && may(Cap::RestructurePrepare),
        kind: frame.t(words::kind(&unit.kind)),
        on_text: if on_trouble {
            wanted.to_owned()
        } else {
            on.vn()
        },
        frame: frame.clone(),
        sight,
        unit,
        crumbs,
        on,
        is_today,
        on_trouble,
        posts,
        lines,
        counts,
        children,
        below,
        former,
        parts,
        former_days: days,
        former_rule,
        sees_transfers,
        may_export: who.actor.allow(Cap::MemberExport, &here, today),
        import,
    })
}

/// Full members first, as one counts them aloud; then the others as they are declared.
fn in_order() -> impl Iterator<Item = Status> {
    let first = [Status::Full, Status::Probationary];
    let others = Status::ALL.iter().copied();
    (first.into_iter()).chain(others.filter(move |status| !first.contains(status)))
}

fn count(frame: &Frame, people: &[Person]) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let mut add = |key: &str, n: usize| {
        if n > 0 {
            counts.push((frame.t(key), n));
        }
    };
    for status in in_order() {
        let own = people.iter().filter(|person| person.is_own());
        let with = own.filter(|person| person.status.is(status));
        add(status.text(), with.count());
    }
    let is_odd = |person: &&Person| person.is_own() && matches!(person.status, Kept::Odd(_));
    add("people-word-unread", people.iter().filter(is_odd).count());
    counts
}

#[cfg(test)]
mod tests {
    use crate::store;
    use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_has_two_posts_is_listed_once_with_both() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let role = kernel::Role::CellLead;
                app.has_post(MINH, "Tổ trưởng tổ đảng", role, "cell-a")
                    .await;
                let page = app.as_(LAN).get("/units/cell-a").await.expects(200);
                let mut named = page.all(".people a");
                named.sort();
                assert_eq!(named, ["Nguyễn Thị Lan", "Trần Văn Minh"]);
                let lines = page.all("section[aria-labelledby=h-posts] li");
                let minh = lines.iter().find(|line| line.contains("Trần Văn Minh"));
                assert!(minh.unwrap().contains("Tổ trưởng tổ đảng"), "{lines:?}");
                assert_eq!(
                    page.all("section[aria-labelledby=h-posts] li > small")
                        .len(),
                    3
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_roster_is_sorted_by_given_name_and_told_by_level() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let page = app.as_(LAN).get("/units/cell-a").await.expects(200);
                assert_eq!(page.text("h1"), "Chi bộ Tổ dân phố 1");
                assert_eq!(
                    page.all(".roster tbody th"),
                    ["Lương Thị Hoa", "Nguyễn Thị Lan", "Trần Văn Minh"]
                );
                assert_eq!(page.all(".people a"), ["Nguyễn Thị Lan", "Trần Văn Minh"]);
                assert!(page.all(".roster td").contains(&"Chính thức".to_owned()));
                assert_eq!(
                    page.attributes(".roster form", "action"),
                    ["/members/hoa/slips"],
                    "not herself, not her deputy"
                );
                let page = app.as_(HOA).get("/units/cell-a").await.expects(200);
                assert!(
                    !page.all(".roster td").contains(&"Chính thức".to_owned()),
                    "V0 tells no status"
                );
                assert!(!page.has("form[action$=slips]") && !page.has("a[href$=new]"));
                let page = app.as_(MINH).get("/units/cell-a").await.expects(200);
                assert!(page.all(".roster td").contains(&"Chính thức".to_owned()));
                let page = app.as_(THU).get("/units/committee").await.expects(200);
                assert_eq!(
                    page.all("#children a"),
                    ["Chi bộ Tổ dân phố 1", "Chi bộ Tổ dân phố 2"]
                );
                assert!(page.has("a[href='/units/committee/positions/new']"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_unit_that_is_not_theirs_is_not_there() {
        on_both(
            || vec![crate::room()],
            async |app| {
                for (who, unit) in [
                    (TUAN, "cell-a"),
                    (LAN, "cell-b"),
                    (LAN, "committee"),
                    (BINH, "committee"),
                    (THU, "cell-e"),
                ] {
                    app.as_(who)
                        .get(&format!("/units/{unit}"))
                        .await
                        .expects(404);
                }
                app.as_(LAN).get("/units/no-such").await.expects(404);
                app.as_(LAN).get("/units/%2E%2E").await.expects(404);
                app.stranger().get("/units/cell-a").await.expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_roster_of_an_earlier_day_is_the_one_of_that_day() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let mut act = app.act().await;
                store::close_placement(
                    &mut act,
                    "p-hoa",
                    "2026-11-01".parse().unwrap(),
                    "transfer",
                )
                .await
                .unwrap();
                act.end().await.unwrap();
                let lan = app.as_(LAN);
                let names = async |on: &str| {
                    lan.get(&format!("/units/cell-a?on={on}"))
                        .await
                        .expects(200)
                        .all(".roster tbody th")
                };
                assert_eq!(names("").await.len(), 2);
                assert_eq!(names("31/10/2026").await.len(), 3);
                assert_eq!(names("01/11/2026").await.len(), 2);
                let page = lan.get("/units/cell-a").await;
                assert_eq!(page.all("#former a"), ["Lương Thị Hoa"]);
                assert!(
                    page.text("#former-rule").contains("Sổ tay"),
                    "where the days come from"
                );
                let page = lan.get("/units/cell-a?on=31/02/2026").await.expects(200);
                assert!(page.has("#on-trouble"), "an impossible day is told");
                let page = lan.get("/units/cell-a?on=1/1/1999").await.expects(200);
                assert!(page.has("#on-trouble"), "before it was founded");
                // A plain member asks for another day and gets today.
                assert_eq!(
                    app.as_(MINH)
                        .get("/units/cell-a?on=31/10/2026")
                        .await
                        .all(".roster tbody th")
                        .len(),
                    2
                );
            },
        )
        .await;
    }
}
