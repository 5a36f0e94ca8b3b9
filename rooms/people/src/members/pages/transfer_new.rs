//! Sending a member to another unit of the handbook: where to, for good or for a time, by which paper.
//!
//! The rules are in `members::moving`. Units are offered by name, as anybody of the house may know them; no people
//! of theirs. The rule that surprises: with nothing typed in the box nothing is offered, since a house has thousands.

use super::sent::{self, May, NOTE, NUMBER, line};
use crate::access::CanDraft;
use crate::fact::Placement;
use crate::members::deciding;
use crate::members::leaving;
use crate::members::moving::{self, Wish};
use crate::members::store::moving::{self as store, Target};
use crate::members::store::outside;
use crate::page::{Choice, second, whole_day};
use crate::unit;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use kernel::{Day, MemberId, UnitId};
use site::{May as _, Site};
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

async fn targets(site: &Site, home: &UnitId, q: &str) -> Result<Vec<Target>> {
    let folded: String = vietnamese::fold(q)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect();
    if folded.trim().is_empty() {
        return Ok(Vec::new());
    }
    store::list_targets(&site.db, folded.trim(), site.clock.today(), home).await
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
    let shown = found.into_iter().take(MOST).map(|one| {
        let label = match one.above.is_empty() {
            true => one.name,
            false => format!("{}, {}", one.name, one.above),
        };
        (one.id, label)
    });
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
        targets: shown.collect(),
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
