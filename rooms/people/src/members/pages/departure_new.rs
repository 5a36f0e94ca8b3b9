//! Sending a member to a body of another house: where to, by which paper.
//!
//! The rules are in `members::outside`. Bodies are offered out of the directory, by name; one that does not stand there
//! is typed. Not here: another unit of this house (`transfer_new`).

use super::sent::{self, May, NOTE, NUMBER, line};
use crate::access::CanDraft;
use crate::bodies::store as bodies;
use crate::members::deciding;
use crate::members::leaving::{self, How, Way};
use crate::members::outside::{self, Departure};
use crate::members::store::{moving, outside as store};
use crate::page::{Choice, second, whole_day};
use crate::unit;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::MemberId;
use kernel::error::{Error, Result};
use site::{May as _, Site};
use web::form::FieldTrouble;
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    q: String,
    to_body: String,
    body_name: String,
    letter_no: String,
    letter_on: String,
    note: String,
    row_version: i64,
}

#[derive(Template)]
#[template(path = "people/member_departure.html")]
struct Page {
    frame: Frame,
    form: FormState,
    id: MemberId,
    name: String,
    from: String,
    q: String,
    bodies: Vec<Choice>,
    /// Posts that end with it, with their units.
    posts: Vec<String>,
    seconds: String,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<May> {
    let may = sent::may(site, who, id).await?;
    if may.is_gone {
        return Err(Error::NotFound);
    }
    Ok(may)
}

/// Entries outside the house, by name.
async fn offered(site: &Site, frame: &Frame, q: &str) -> Result<Vec<Choice>> {
    let folded: String = vietnamese::fold(q)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect();
    let found = bodies::list(&site.db, folded.trim(), frame.today(), false).await?;
    let outside = found.into_iter().filter(|body| body.unit_id.is_empty());
    Ok(outside.take(60).map(|body| (body.id, body.name)).collect())
}

async fn draw(
    site: &Site,
    frame: &Frame,
    who: &Member,
    may: May,
    q: &str,
    form: FormState,
) -> Answer {
    let ends = leaving::ends(site, &may.id).await?;
    let mut posts = Vec::new();
    for held in &ends.posts {
        let there = unit::get(site, &held.unit().id).await?.name;
        posts.push(format!("{}, {there}", held.title));
    }
    let way = leaving::way(site, &who.actor, &may.home, &may.id, How::Resigned).await?;
    let mut all = vec![(String::new(), frame.t("people-outside-other"))];
    all.extend(offered(site, frame, q).await?);
    let page = Page {
        bodies: all,
        from: unit::get(site, &may.home.id).await?.name,
        seconds: match &way {
            Way::Waits(seconds) => second(frame, seconds),
            Way::AtOnce | Way::NotTheirs => String::new(),
        },
        frame: frame.clone(),
        id: may.id,
        name: may.name,
        q: q.to_owned(),
        form,
        posts,
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
    if let Some(open) = moving::find_open(site.db.read(), &may.id).await? {
        return Ok(see_other(format!("/transfers/{open}")).into_response());
    }
    if let Some(open) = store::find_open(site.db.read(), &may.id).await? {
        return Ok(see_other(format!("/departures/{open}")).into_response());
    }
    let form = FormState::new()
        .with("row_version", may.row_version.to_string())
        .with("letter_on", frame.today().vn());
    draw(&site, &frame, &who, may, asked.q.trim(), form).await
}

/// How many days old a paper may be: what is older is begun anew.
const PAPER_DAYS: i32 = 180;

async fn read(
    site: &Site,
    frame: &Frame,
    may: &May,
    typed: &Typed,
    state: &mut FormState,
) -> Result<Option<Departure>> {
    let today = frame.today();
    let chosen = match typed.to_body.as_str() {
        id if kernel::id::is_id(id) => bodies::find(&site.db, id).await?,
        _ => None, // nothing chosen: it is typed
    };
    let chosen = chosen
        .filter(|body| body.unit_id.is_empty() && body.from_on <= today && body.to_on > today);
    let (body, body_name) = match chosen {
        Some(body) => (body.id, body.name),
        None => (String::new(), line(&typed.body_name)),
    };
    state.fit("body_name", 200);
    if body_name.is_empty() {
        state.fail("body_name", "people-outside-to-missing");
    }
    if may.is_suspended {
        state.fail("body_name", "people-moving-refused-suspended");
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
        if let Some(name) = crate::members::moving::holder(site, unit, &may.id, &typed, on).await? {
            let taken = FieldTrouble::of("people-moving-number-taken");
            state.fail("letter_no", taken.arg("name", name));
        }
    }
    let (Some(letter_on), true) = (letter_on, state.is_good()) else {
        return Ok(None);
    };
    Ok(Some(Departure {
        member: may.id.clone(),
        from: may.home.id.clone(),
        body,
        body_name,
        letter_no: line(&typed.letter_no),
        letter_on,
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
    // Every right of theirs ends with it, as with a decision.
    match leaving::way(&site, &who.actor, &may.home, &may.id, How::Resigned).await? {
        Way::NotTheirs => {
            state.fail("body_name", "people-leaving-refused-rights");
            draw(&site, &frame, &who, may, form.value.q.trim(), state).await
        }
        Way::AtOnce => {
            let mut act = proof.begin(&site, &frame, "departure.send").await?;
            let id = outside::send(&mut act, &wish).await?;
            act.line()
                .about(&may.id)
                .object("departure", &id)
                .diff(&wish.diff());
            act.end().await?;
            Ok(see_other(format!("/departures/{id}"))
                .flash("people-outside-done")
                .into_response())
        }
        Way::Waits(seconds) => {
            let (name, to) = (may.name.as_str(), wish.body_name.as_str());
            let title = frame.t2("people-moving-line", "name", name, "unit", to);
            let mut act = proof.begin(&site, &frame, "member.prepare").await?;
            deciding::prepare(&mut act, &wish, title, wish.row_version).await?;
            act.line().about(&may.id).diff(&wish.diff());
            act.end().await?;
            Ok(see_other(format!("/members/{}", may.id))
                .flash("people-leaving-waits")
                .arg("names", &second(&frame, &seconds))
                .into_response())
        }
    }
}
