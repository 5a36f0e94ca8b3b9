//! That somebody died, left, was struck off or expelled: what follows first, then what happened and since when.
//!
//! The rules are in `members::leaving`; taking it back has a page of its own (`leaving_back`).

use super::sent::{May, NOTE, NUMBER, line, may};
use crate::members::beginning;
use crate::members::deciding;
use crate::members::leaving::{self, Ends, How, Leaving, Way};
use crate::page::{Choice, either, second, whole_day};
use crate::posts::post;
use crate::{access::CanDraft, unit};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::Result;
use kernel::{Day, MemberId};
use site::room::InHand;
use site::{May as _, Site};
use web::{Answer, FieldTrouble, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    how: String,
    on: String,
    decision_no: String,
    decision_on: String,
    note: String,
    row_version: i64,
    read: String,
}

#[derive(Template)]
#[template(path = "people/member_leaving.html")]
struct Page {
    frame: Frame,
    form: FormState,
    id: MemberId,
    name: String,
    hows: Vec<Choice>,
    ends: Ends,
    /// Title and unit of each post.
    posts: Vec<(String, String)>,
    /// That the first day in the own unit goes back with an earlier day; empty where it cannot.
    begins: String,
    /// Posts that reach further than this writer does, and who could agree that they end.
    wide: Vec<Wide>,
    in_hand: Vec<InHand>,
    /// Who agrees to what is decided, in one line; empty: it is done at once.
    seconds: String,
    /// The same of a death.
    seconds_death: String,
    /// What is ticked before it is recorded.
    read: String,
}

/// A post that this writer does not end alone.
struct Wide {
    title: String,
    unit: String,
    /// Who could, in one line; empty where nobody of the handbook can.
    names: String,
}

impl Wide {
    fn said(&self, frame: &Frame) -> String {
        let (title, unit) = (self.title.as_str(), self.unit.as_str());
        let key = match self.names.is_empty() {
            true => "people-leaving-wide-nobody",
            false => "people-leaving-wide-post",
        };
        let names = self.names.as_str();
        frame.tn(
            key,
            &[
                ("title", title.into()),
                ("unit", unit.into()),
                ("names", names.into()),
            ],
        )
    }
}

impl Page {
    fn word_placement(&self, place: &crate::members::store::leaving::Place) -> String {
        self.frame.t(crate::words::placement(&place.kind))
    }
}

fn names(frame: &Frame, way: Way) -> String {
    match way {
        Way::Waits(names) => second(frame, &names),
        Way::AtOnce | Way::NotTheirs => String::new(),
    }
}

async fn draw(site: &Site, frame: &Frame, who: &Member, may: May, form: FormState) -> Answer {
    let ends = leaving::ends(site, &may.id).await?;
    let (mut posts, mut wide) = (Vec::new(), Vec::new());
    for held in &ends.posts {
        let at = held.unit();
        let there = unit::get(site, &at.id).await?.name;
        posts.push((held.title.clone(), there.clone()));
        if !leaving::is_wide(held)
            || post::givable(&who.actor, &at, frame.today())
                .iter()
                .any(|role| Some(*role) == held.role())
        {
            continue;
        }
        let without = [&who.actor.member, &may.id];
        let names = post::others_with(site, kernel::Cap::GrantGive, &at.path, &without).await?;
        wide.push(Wide {
            title: held.title.clone(),
            unit: there,
            names: either(frame, &names),
        });
    }
    let begins = beginning::find(site, &may.id).await?;
    let begins = begins.filter(|begun| begun.first() < begun.from_on);
    let at = &may.home;
    let decided = leaving::way(site, &who.actor, at, &may.id, How::StruckOff).await?;
    let death = leaving::way(site, &who.actor, at, &may.id, How::Died).await?;
    let hows = How::ALL
        .iter()
        .map(|how| (how.word().to_owned(), frame.t(how.text())));
    let page = Page {
        hows: hows.collect(),
        in_hand: (site.rooms.list_in_hand(site, frame, &who.0, &may.id)).await?,
        seconds: names(frame, decided),
        seconds_death: names(frame, death),
        read: frame.t1("people-leaving-read", "name", may.name.as_str()),
        frame: frame.clone(),
        id: may.id,
        name: may.name,
        form,
        begins: begins.map_or_else(String::new, |begun| {
            let (unit, day) = (begun.unit_name.as_str(), begun.from_on.vn());
            frame.t2("people-leaving-begins", "unit", unit, "day", &day)
        }),
        ends,
        posts,
        wide,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let may = may(&site, &who, &id).await?;
    let form = FormState::new().with("row_version", may.row_version.to_string());
    draw(&site, &frame, &who, may, form).await
}

/// What was typed, or what is wrong with it in the form.
async fn read(
    site: &Site,
    frame: &Frame,
    may: &May,
    typed: &Typed,
    state: &mut FormState,
) -> Result<Option<(How, Leaving)>> {
    let today = frame.today();
    let first = leaving::earliest_leaving(site, &may.id).await?;
    let how: Option<How> = typed.how.parse().ok(); // nothing chosen
    if how.is_none() {
        state.fail("how", "people-leaving-how-missing");
    }
    let on = whole_day(&typed.on, today).filter(|day| *day >= first && *day <= today);
    if on.is_none() {
        state.fail(
            "on",
            FieldTrouble::of("people-leaving-on-odd").arg("first", first.vn()),
        );
    }
    state.fit("decision_no", NUMBER);
    state.fit("note", NOTE);
    let number = line(&typed.decision_no);
    let decided: Option<Day> = whole_day(&typed.decision_on, today).filter(|day| *day <= today);
    let is_decided = how.is_some_and(How::is_decided);
    if is_decided && number.is_empty() {
        state.fail("decision_no", "people-leaving-decision-missing");
    }
    if is_decided && decided.is_none() {
        state.fail("decision_on", "people-leaving-decision-on-odd");
    }
    if typed.read.is_empty() {
        state.fail("read", "people-leaving-read-missing");
    }
    let (Some(how), Some(on), true) = (how, on, state.is_good()) else {
        return Ok(None);
    };
    let paper = |text: String| if is_decided { text } else { String::new() };
    let wish = Leaving {
        member: may.id.clone(),
        unit: may.home.id.clone(),
        how: how.word().to_owned(),
        on,
        decision_no: paper(number),
        decision_on: paper(decided.map_or_else(String::new, |day| day.to_string())),
        note: line(&typed.note),
        row_version: typed.row_version,
        by: may.id.clone(),
    };
    Ok(Some((how, wish)))
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
    let read = read(&site, &frame, &may, &form.value, &mut state).await?;
    let Some((how, mut wish)) = read else {
        return draw(&site, &frame, &who, may, state).await;
    };
    wish.by = who.actor.member.clone();
    let at = &may.home;
    let proof = CanDraft::of_member(&who.actor, at, &may.id, frame.today())?;
    let back = see_other(format!("/units/{}", at.id));
    match leaving::way(&site, &who.actor, at, &may.id, how).await? {
        Way::NotTheirs => {
            state.fail("how", "people-leaving-refused-rights");
            draw(&site, &frame, &who, may, state).await
        }
        Way::Waits(seconds) => {
            let mut act = proof.begin(&site, &frame, "member.prepare").await?;
            let what = frame.t(how.text());
            let title = frame.t2("people-restating-line", "name", &may.name, "status", &what);
            deciding::prepare(&mut act, &wish, title, wish.row_version).await?;
            act.line().about(&may.id).diff(&leaving::diff(&wish));
            act.end().await?;
            Ok(see_other(format!("/members/{}", may.id))
                .flash("people-leaving-waits")
                .arg("names", &second(&frame, &seconds))
                .into_response())
        }
        Way::AtOnce => {
            let mut act = proof.begin(&site, &frame, "member.leave").await?;
            leaving::leave(&mut act, &wish).await?;
            act.line().about(&may.id).diff(&leaving::diff(&wish));
            act.end().await?;
            Ok(back
                .flash("people-leaving-done")
                .arg("name", &may.name)
                .into_response())
        }
    }
}
