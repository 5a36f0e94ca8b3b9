//! Sending a member to another unit of the handbook: where to, for good or for a time, by which paper.
//!
//! The rules are in `members::moving`, what answers to a word in `members::target`. Units are offered by name, as anybody
//! of the house may know them; no people of theirs. The rule that surprises: the box is part of the form, so that looking
//! for a unit loses nothing of what was typed; with nothing in it the likely units are offered, since a house has thousands.

use super::sent::{self, May, NOTE, NUMBER, line};
use crate::access::CanDraft;
use crate::fact::Placement;
use crate::members::deciding;
use crate::members::leaving;
use crate::members::moving::{self, Wish};
use crate::members::store::moving::{self as store, Target};
use crate::members::store::outside;
use crate::members::target;
use crate::page::{Choice, second, whole_day};
use crate::unit;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use kernel::{Day, MemberId, UnitId};
use site::{May as _, Site};
use web::form::FieldTrouble;
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    q: String,
    to: String,
    kind: String,
    letter_no: String,
    letter_on: String,
    until_on: String,
    note: String,
    row_version: i64,
    /// Which button was pressed.
    r#do: String,
}

#[derive(Template)]
#[template(path = "people/member_transfer.html")]
struct Page {
    frame: Frame,
    form: FormState,
    id: MemberId,
    name: String,
    from: String,
    q: String,
    targets: Vec<Choice>,
    is_cut: bool,
    /// Whether nothing answers to what was typed.
    is_none: bool,
    kinds: Vec<Choice>,
    posts: Vec<String>,
    seconds: String,
    /// Which lengths the rules have for a stay for a time.
    length_hint: String,
}

/// Whoever has left is sent nowhere.
async fn may(site: &Site, who: &Member, id: &str) -> Result<May> {
    let may = sent::may(site, who, id).await?;
    if may.is_gone {
        return Err(Error::NotFound);
    }
    Ok(may)
}

/// Units shown at once; with more, the box narrows them.
const MOST: usize = 60;

/// Units to choose from: with nothing in the box the likely ones, else those that answer to it, the best first.
async fn targets(site: &Site, home: &UnitId, q: &str) -> Result<Vec<Target>> {
    let today = site.clock.today();
    let all = store::list_targets(&site.db, today, home).await?;
    let wanted = target::words(q);
    if wanted.is_empty() {
        let likely = store::list_likely(&site.db, home, today).await?;
        let place = |one: &Target| likely.iter().position(|id| *id == one.id);
        let mut found: Vec<(usize, Target)> = (all.into_iter())
            .filter_map(|one| place(&one).map(|nth| (nth, one)))
            .collect();
        found.sort_by_key(|(nth, _)| *nth);
        return Ok(found.into_iter().map(|(_, one)| one).collect());
    }
    let rank = |one: &Target| target::rank(&wanted, &one.code, &one.name, &one.above);
    let mut found: Vec<(u8, Target)> = (all.into_iter())
        .filter_map(|one| rank(&one).map(|rank| (rank, one)))
        .collect();
    found.sort_by_key(|(rank, _)| *rank); // stable: names stay in order
    Ok(found.into_iter().map(|(_, one)| one).collect())
}

fn label(one: &Target) -> String {
    let parts = [&one.name, &one.code, &one.above];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let parts: Vec<&str> = parts.map(String::as_str).collect();
    parts.join(", ")
}

async fn draw(
    site: &Site,
    frame: &Frame,
    who: &Member,
    may: May,
    q: &str,
    form: FormState,
) -> Answer {
    let found = targets(site, &may.home.id, q).await?;
    let is_cut = found.len() > MOST;
    let is_none = found.is_empty() && !q.is_empty();
    let mut shown: Vec<Choice> = vec![(String::new(), frame.t("people-moving-to-choose"))];
    let some = found.iter().take(MOST);
    shown.extend(some.map(|one| (one.id.clone(), label(one))));
    // What was chosen before the box narrowed the list stays in it.
    let chosen: Option<UnitId> = form.value("to").parse().ok(); // nothing chosen
    if let Some(id) = chosen.filter(|id| shown.iter().all(|(one, _)| one != id.as_str()))
        && let Some(unit) = unit::find_on(site, &id, frame.today()).await?
    {
        shown.push((id.to_string(), unit.name));
    }
    let ends = leaving::ends(site, &may.id).await?;
    let held = ends
        .posts
        .iter()
        .filter(|held| held.unit().id == may.home.id);
    let kinds = Placement::KEPT.map(|kind| {
        let key = moving::word_of_kind(kind.word());
        (kind.word().to_owned(), frame.t(key))
    });
    let seconds = moving::waits_for(site, &may.home, &who.actor.member, &may.id).await?;
    let page = Page {
        targets: shown,
        is_none,
        posts: held.map(|held| held.title.clone()).collect(),
        from: unit::get(site, &may.home.id).await?.name,
        kinds: kinds.to_vec(),
        seconds: second(frame, &seconds),
        length_hint: moving::length_hint(site, frame).await?,
        frame: frame.clone(),
        id: may.id,
        name: may.name,
        q: q.to_owned(),
        form,
        is_cut,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    if let Some(open) = store::find_open(site.db.read(), &may.id).await? {
        return Ok(see_other(format!("/transfers/{open}")).into_response());
    }
    if let Some(open) = outside::find_open(site.db.read(), &may.id).await? {
        return Ok(see_other(format!("/departures/{open}")).into_response());
    }
    let form = FormState::new()
        .with("row_version", may.row_version.to_string())
        .with("kind", Placement::Official.word())
        .with("letter_on", frame.today().vn());
    draw(&site, &frame, &who, may, asked.q.trim(), form).await
}

/// How many days old a paper may be: what is older is begun anew.
const PAPER_DAYS: i32 = 180;
/// The longest stay for a time, in days: two years of study.
const STAY_DAYS: i32 = 731;

async fn read(
    site: &Site,
    frame: &Frame,
    may: &May,
    typed: &Typed,
    state: &mut FormState,
) -> Result<Option<Wish>> {
    let today = frame.today();
    let there = match typed.to.parse::<UnitId>() {
        Ok(to) if to != may.home.id => unit::find_on(site, &to, today).await?,
        _ => None, // nothing chosen, or where they are
    };
    let takes = |unit: &unit::Unit| unit.kind.known().is_some_and(|kind| kind.takes_members());
    let there = there.filter(takes);
    if there.is_none() {
        state.fail("to", "people-moving-to-missing");
    }
    if may.is_suspended {
        state.fail("to", "people-moving-refused-suspended");
    }
    let kind: Option<Placement> = typed.kind.parse().ok(); // nothing chosen
    let kind = kind.filter(|kind| Placement::KEPT.contains(kind));
    if kind.is_none() {
        state.fail("kind", "people-moving-kind-missing");
    }
    state.fit("letter_no", NUMBER);
    state.fit("note", NOTE);
    let letter_on = whole_day(&typed.letter_on, today)
        .filter(|day| *day <= today && *day >= today.plus_days(-PAPER_DAYS));
    if letter_on.is_none() {
        state.fail("letter_on", "people-moving-letter-on-odd");
    }
    if let Some(on) = letter_on {
        let (unit, typed) = (&may.home.id, line(&typed.letter_no));
        if let Some(name) = moving::holder(site, unit, &may.id, &typed, on).await? {
            let taken = FieldTrouble::of("people-moving-number-taken");
            state.fail("letter_no", taken.arg("name", name));
        }
    }
    let until: Option<Day> = whole_day(&typed.until_on, today)
        .filter(|day| *day > today && *day <= today.plus_days(STAY_DAYS));
    let is_temporary = kind == Some(Placement::Temporary);
    if is_temporary && until.is_none() {
        state.fail("until_on", "people-moving-until-odd");
    }
    let (Some(there), Some(kind), Some(letter_on), true) =
        (there, kind, letter_on, state.is_good())
    else {
        return Ok(None);
    };
    let until = until.filter(|_| is_temporary);
    Ok(Some(Wish {
        member: may.id.clone(),
        from: may.home.id.clone(),
        to: there.id,
        kind: kind.word().to_owned(),
        letter_no: line(&typed.letter_no),
        letter_on,
        until_on: until.map_or_else(String::new, |day| day.to_string()),
        note: line(&typed.note),
        row_version: typed.row_version,
        by: may.id.clone(),
    }))
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let mut state = FormState::typed(form.pairs);
    if form.value.r#do == "find" {
        // What was typed stays; nothing is checked yet.
        return draw(&site, &frame, &who, may, form.value.q.trim(), state).await;
    }
    let wish = read(&site, &frame, &may, &form.value, &mut state).await?;
    let Some(mut wish) = wish else {
        return draw(&site, &frame, &who, may, form.value.q.trim(), state).await;
    };
    wish.by = who.actor.member.clone();
    let proof = CanDraft::of_member(&who.actor, &may.home, &may.id, frame.today())?;
    let seconds = moving::waits_for(&site, &may.home, &who.actor.member, &may.id).await?;
    if seconds.is_empty() {
        let mut act = proof.begin(&site, &frame, "transfer.send").await?;
        let id = moving::send(&mut act, &wish).await?;
        act.line()
            .about(&may.id)
            .object("transfer", &id)
            .diff(&wish.diff());
        act.end().await?;
        return Ok(see_other(format!("/transfers/{id}"))
            .flash("people-moving-done")
            .into_response());
    }
    let there = unit::get(&site, &wish.to).await?.name;
    let title = frame.t2("people-moving-line", "name", &may.name, "unit", &there);
    let mut act = proof.begin(&site, &frame, "member.prepare").await?;
    deciding::prepare(&mut act, &wish, title, wish.row_version).await?;
    act.line().about(&may.id).diff(&wish.diff());
    act.end().await?;
    Ok(see_other(format!("/members/{}", may.id))
        .flash("people-leaving-waits")
        .arg("names", &second(&frame, &seconds))
        .into_response())
}
