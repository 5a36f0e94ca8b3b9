//! An entry of the directory, new or written over.
//!
//! The unit that it is, is typed by its name and has to lie within what the writer keeps; a body outside the house has
//! none. The last day is the last on which it holds. Not here: the list (`list`).
//! The rule that surprises: nothing is deleted; an entry that was wrong ends on the day before.

use super::super::store::{self, Body, New};
use super::super::{CanKeep, changed};
use crate::page::{Choice, whole_day};
use crate::unit::{self, Unit};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    kept_by: String,
    name: String,
    as_unit: String,
    address: String,
    phone: String,
    hours: String,
    receiver: String,
    takes: String,
    is_public: String,
    from_on: String,
    last_on: String,
    row_version: i64,
    /// Names the sending of a new entry.
    once: String,
}

#[derive(Template)]
#[template(path = "people/body_edit.html")]
struct Page {
    frame: Frame,
    form: FormState,
    /// Empty for a new one.
    id: String,
    name: String,
    keepers: Vec<Choice>,
    visibles: Vec<Choice>,
}

/// The topmost units whose office this is.
pub(crate) async fn keepers(site: &Site, who: &Actor) -> Result<Vec<Unit>> {
    let today = site.clock.today();
    let tops = unit::tops_of(site, who, today).await?;
    let keeps = |unit: &Unit| who.allow(Cap::UnitDraft, &unit.reference(), today);
    Ok(tops.into_iter().filter(keeps).collect())
}

async fn draw(
    site: &Site,
    frame: &Frame,
    who: &Member,
    body: Option<&Body>,
    form: FormState,
) -> Answer {
    let keepers = match body {
        Some(_) => Vec::new(),
        None => keepers(site, &who.actor).await?,
    };
    let keepers = keepers
        .into_iter()
        .map(|unit| (unit.id.to_string(), unit.name));
    let visibles = [
        ("0", "people-bodies-internal"),
        ("1", "people-bodies-public"),
    ];
    let page = Page {
        keepers: keepers.collect(),
        visibles: visibles
            .map(|(value, key)| (value.to_owned(), frame.t(key)))
            .to_vec(),
        id: body.map_or_else(String::new, |body| body.id.clone()),
        name: body.map_or_else(String::new, |body| body.name.clone()),
        frame: frame.clone(),
        form,
    };
    frame.html_status(page.form.status(), &page)
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<(Body, CanKeep)> {
    if !kernel::id::is_id(id) {
        return Err(Error::NotFound);
    }
    let body = store::find(&site.db, id).await?.ok_or(Error::NotFound)?;
    let proof = CanKeep::of(&who.actor, &body.kept(), id, site.clock.today())?;
    Ok((body, proof))
}

pub(crate) async fn get_new(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let keepers = keepers(&site, &who.actor).await?;
    let Some(first) = keepers.first() else {
        return Err(Error::NotFound.into());
    };
    let form = FormState::new()
        .with("once", site.dice.uuid(site.clock.now()))
        .with("kept_by", first.id.to_string())
        .with("is_public", "0")
        .with("from_on", frame.today().vn());
    draw(&site, &frame, &who, None, form).await
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (body, _) = may(&site, &who, &id).await?;
    let last = match body.to_on {
        Day::OPEN => String::new(),
        day => day.plus_days(-1).vn(),
    };
    let form = FormState::new()
        .with("name", &body.name)
        .with("as_unit", &body.unit_name)
        .with("address", &body.address)
        .with("phone", &body.phone)
        .with("hours", &body.hours)
        .with("receiver", &body.receiver)
        .with("takes", &body.takes)
        .with("is_public", if body.is_public() { "1" } else { "0" })
        .with("from_on", body.from_on.vn())
        .with("last_on", last)
        .with("row_version", body.row_version.to_string());
    draw(&site, &frame, &who, Some(&body), form).await
}

/// Letters of a line.
const LINE: usize = 200;

/// What was typed, for whoever keeps it at `top`.
async fn read(
    site: &Site,
    frame: &Frame,
    top: &kernel::UnitRef,
    typed: &Typed,
    state: &mut FormState,
) -> Result<Option<New>> {
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for field in ["name", "address", "phone", "hours", "receiver", "takes"] {
        state.fit(field, LINE);
    }
    let name = line(&typed.name);
    if name.is_empty() {
        state.fail("name", "people-bodies-name-missing");
    }
    let phone = line(&typed.phone);
    let figures = phone.chars().filter(char::is_ascii_digit).count();
    let is_odd = |c: char| !c.is_ascii_digit() && !" +.-()".contains(c);
    if !phone.is_empty() && (!(3..=15).contains(&figures) || phone.contains(is_odd)) {
        state.fail("phone", "people-bodies-phone-odd");
    }
    let today = frame.today();
    let from_on = whole_day(&typed.from_on, today);
    if from_on.is_none() {
        state.fail("from_on", "people-bodies-from-odd");
    }
    let last = match typed.last_on.trim() {
        "" => Some(Day::OPEN),
        text => whole_day(text, today).map(|day| day.plus_days(1)),
    };
    let to_on = last.filter(|to_on| from_on.is_none_or(|from_on| *to_on > from_on));
    if to_on.is_none() {
        state.fail("last_on", "people-bodies-last-odd");
    }
    let unit = line(&typed.as_unit);
    let mut unit_id = String::new();
    if !unit.is_empty() {
        let named = store::list_named(site.db.read(), &unit, today).await?;
        let mut within = named
            .into_iter()
            .filter(|unit| unit.path.is_within(&top.path));
        match (within.next(), within.next()) {
            (Some(one), None) => unit_id = one.id.to_string(),
            (Some(_), Some(_)) => state.fail("as_unit", "people-bodies-unit-many"),
            (None, _) => state.fail("as_unit", "people-bodies-unit-none"),
        }
    }
    let (Some(from_on), Some(to_on), true) = (from_on, to_on, state.is_good()) else {
        return Ok(None);
    };
    Ok(Some(New {
        name,
        unit_id,
        phone,
        from_on,
        to_on,
        address: line(&typed.address),
        hours: line(&typed.hours),
        receiver: line(&typed.receiver),
        takes: line(&typed.takes),
        is_public: typed.is_public == "1",
    }))
}

fn diff(new: &New) -> serde_json::Value {
    serde_json::json!({
        "name": new.name, "unit": new.unit_id, "public": new.is_public,
        "from_on": new.from_on, "to_on": new.to_on,
    })
}

pub(crate) async fn post_new(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    form: Form<Typed>,
) -> Answer {
    let keepers = keepers(&site, &who.actor).await?;
    if keepers.is_empty() {
        return Err(Error::NotFound.into());
    }
    // Of one office alone nothing is asked.
    let kept = match keepers.as_slice() {
        [only] => Some(only),
        all => all
            .iter()
            .find(|unit| unit.id.as_str() == form.value.kept_by),
    };
    let kept = kept.map(Unit::reference).ok_or(Error::NotFound)?;
    let proof = CanKeep::of(&who.actor, &kept, "", frame.today())?;
    let mut state = FormState::typed(form.pairs);
    let Some(new) = read(&site, &frame, &kept, &form.value, &mut state).await? else {
        return draw(&site, &frame, &who, None, state).await;
    };
    let mut act = proof.begin(&site, &frame, "body.add").await?;
    let by = who.actor.member.as_str();
    let once = Some(form.value.once.as_str()).filter(|once| kernel::id::is_made(once));
    let once = once.map(|once| site.keys.id_of_form("people_body", by, once));
    let added = match once {
        Some(once) => store::add_once(&mut act, &once, &kept.id, &new).await?,
        None => Some(store::add(&mut act, &kept.id, &new).await?),
    };
    match added {
        Some(id) => {
            act.line().object("body", &id).diff(&diff(&new));
            act.end().await?;
        }
        // The same form again: it is there.
        None => {
            act.leave().await?;
        }
    }
    Ok(see_other("/bodies")
        .flash("people-bodies-done")
        .arg("name", &new.name)
        .into_response())
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (body, proof) = may(&site, &who, &id).await?;
    let mut state = FormState::typed(form.pairs);
    let kept = body.kept();
    let Some(new) = read(&site, &frame, &kept, &form.value, &mut state).await? else {
        return draw(&site, &frame, &who, Some(&body), state).await;
    };
    let mut act = proof.begin(&site, &frame, "body.set").await?;
    if !store::set(&mut act, &body, form.value.row_version, &new).await? {
        return Err(changed(&id).into());
    }
    act.line().diff(&diff(&new));
    act.end().await?;
    Ok(see_other("/bodies")
        .flash("people-bodies-done")
        .arg("name", &new.name)
        .into_response())
}
