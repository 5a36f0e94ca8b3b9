//! "Có thể trùng": where two records of a tree seem one person, and where somebody said that they are two.
//!
//! For whoever may prepare a merging over the unit. Names and places only; the records are one logged step away.
//! Not here: comparing (`merging`), saying that they are two (`distinct`).

use crate::access::CanMerge;
use crate::merging::same::{self, Why};
use crate::merging::store::{self, Seen};
use crate::page::unit_id;
use crate::roster::told_apart;
use crate::sight;
use crate::unit::Unit;
use askama::Template;
use axum::extract::{Path, State};
use kernel::error::Result;
use kernel::{MemberId, Moment};
use site::Site;
use web::{Answer, Frame, Member};

struct Line {
    one: String,
    other: String,
    /// What they are called, told apart where they can be.
    names: [String; 2],
    places: [String; 2],
    why: String,
    /// When and by whom it was said that they are two; empty: nobody said so.
    said: String,
}

#[derive(Template)]
#[template(path = "people/duplicates.html")]
struct Page {
    frame: Frame,
    unit: Unit,
    lines: Vec<Line>,
    distinct: Vec<Line>,
}

/// How many pairs there are below a unit; none for whoever may prepare nothing there.
pub(crate) async fn count(site: &Site, who: &Member, unit: &Unit) -> Result<usize> {
    let today = site.clock.today();
    if CanMerge::of(&who.actor, &unit.reference(), &who.actor.member, today).is_err() {
        return Ok(0);
    }
    Ok(same::pairs(site, &unit.path).await?.len())
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let unit = sight::of_unit(&site, &who.actor, &unit_id(&id)?)
        .await?
        .unit;
    let today = site.clock.today();
    CanMerge::of(&who.actor, &unit.reference(), &who.actor.member, today)?;
    let pairs = same::pairs(&site, &unit.path).await?;
    let mut ids: Vec<String> = (pairs.keys())
        .flat_map(|(one, other)| [one.clone(), other.clone()])
        .collect();
    ids.sort();
    ids.dedup();
    let mut seen: Vec<Seen> = Vec::new();
    for some in ids.chunks(200) {
        seen.extend(store::list_seen(&site.db, some).await?);
    }
    let mut lines = Vec::new();
    for ((one, other), why) in pairs {
        let find = |id: &str| seen.iter().find(|held| held.id.as_str() == id);
        let (Some(a), Some(b)) = (find(&one), find(&other)) else {
            continue;
        };
        let places = [place(&site, &a.id).await?, place(&site, &b.id).await?];
        lines.push(Line {
            names: called(a, b, &places),
            places,
            why: reasons(&frame, &why),
            said: String::new(),
            one,
            other,
        });
    }
    let mut distinct = Vec::new();
    for held in store::list_distincts(&site.db, &unit.path, today).await? {
        let on = Moment(held.said_at).day().vn();
        distinct.push(Line {
            places: [String::new(), String::new()],
            names: [held.one_name, held.other_name],
            why: String::new(),
            said: frame.t2(
                "people-distinct-said",
                "name",
                held.said_by.as_str(),
                "day",
                &on,
            ),
            one: held.one_id,
            other: held.other_id,
        });
    }
    frame.html(&Page {
        frame: frame.clone(),
        unit,
        lines,
        distinct,
    })
}

/// Why they seem one, in a sentence.
fn reasons(frame: &Frame, why: &[Why]) -> String {
    let all: Vec<String> = why.iter().map(|why| frame.t(why.text())).collect();
    all.join(", ")
}

/// Where somebody is placed, or was last.
pub(crate) async fn place(site: &Site, member: &MemberId) -> Result<String> {
    let homes = store::list_homes(&site.db, member, site.clock.today()).await?;
    let names: Vec<String> = homes.into_iter().map(|home| home.name).collect();
    Ok(names.join(", "))
}

/// What two of the same name are called: by code, year of birth or place. Where all of that is the
/// same, "A" is the record whose id sorts first, on every page and in what the second person reads.
pub(crate) fn called(one: &Seen, other: &Seen, places: &[String; 2]) -> [String; 2] {
    let letters = match one.id.as_str() < other.id.as_str() {
        true => ["A", "B"],
        false => ["B", "A"],
    };
    let marks = |seen: &Seen, place: &String, letter: &str| {
        [
            seen.external_id.clone(),
            seen.birth_year.clone(),
            place.clone(),
            letter.to_owned(),
        ]
    };
    let both = [
        (one.name.as_str(), marks(one, &places[0], letters[0])),
        (other.name.as_str(), marks(other, &places[1], letters[1])),
    ];
    let mut named = told_apart(&both).into_iter();
    [
        named.next().unwrap_or_default(),
        named.next().unwrap_or_default(),
    ]
}
