//! Another place in the tree for a unit and all below it, from a day on.
//!
//! It takes the right over the unit, over where it stands and over where it goes. Where a second
//! person may approve changes of the tree, it waits for them (`reshaping`). Not here: merging.

use crate::access::CanShape;
use crate::page::{second, unit_id, whole_day};
use crate::unit::{self, Unit};
use crate::units::reshaping::{self, Reshape};
use crate::units::tree;
use crate::{known, sight};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use kernel::{Cap, Day, UnitId};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

/// Places shown at once; with more, the box narrows them.
const MOST: usize = 60;

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    parent: String,
    from_on: String,
    decision_no: String,
    version: String,
}

#[derive(Template)]
#[template(path = "people/unit_move.html")]
struct Page {
    frame: Frame,
    form: FormState,
    unit: Unit,
    above: String,
    places: Vec<(String, String)>,
    is_cut: bool,
    q: String,
    seconds: String,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<(Unit, Unit, CanShape)> {
    let unit = sight::of_unit(site, &who.actor, &unit_id(id)?).await?.unit;
    let today = site.clock.today();
    let may = CanShape::of(&who.actor, Cap::RestructurePrepare, &unit, today)?;
    let parent = unit.parent_id.as_ref().ok_or(Error::NotFound)?; // the root stays
    let above = unit::get(site, parent).await?;
    CanShape::of(&who.actor, Cap::RestructurePrepare, &above, today)?;
    Ok((unit, above, may))
}

async fn draw(
    site: &Site,
    frame: &Frame,
    who: &Member,
    (unit, above): (Unit, Unit),
    form: FormState,
    q: &str,
) -> Answer {
    let today = frame.today();
    let q: String = q.trim().chars().take(80).collect();
    let fold = vietnamese::fold(&q);
    let scope = who.actor.scope(Cap::RestructurePrepare, today);
    let mut places: Vec<(String, String)> = known::living_units(site, today)
        .await?
        .into_iter()
        .filter(|place| {
            scope.holds(&place.path)
                && !place.path.is_within(&unit.path)
                && place.id != above.id
                && match (unit.kind.known(), place.kind.known()) {
                    (Some(kind), Some(place)) => kind.fits_below(place),
                    _ => true,
                }
                && place.name_fold.contains(fold.as_str())
        })
        .map(|place| (place.id.to_string(), place.name))
        .collect();
    let is_cut = places.len() > MOST;
    places.truncate(MOST);
    let seconds = reshaping::waits_for(site, &above.path, &who.actor.member).await?;
    let page = Page {
        frame: frame.clone(),
        form,
        unit,
        above: above.name,
        places,
        is_cut,
        q,
        seconds: second(frame, &seconds),
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
    let (unit, above, _) = may(&site, &who, &id).await?;
    let more = tree::more(&site, &unit.id).await?;
    let form = FormState::new()
        .with("from_on", frame.today().vn())
        .with("version", more.row_version.to_string());
    draw(&site, &frame, &who, (unit, above), form, &asked.q).await
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (unit, above, may) = may(&site, &who, &id).await?;
    let today = frame.today();
    let mut state = FormState::typed(form.pairs);
    state.fit("decision_no", 80);
    let typed = &form.value;
    let wanted: Option<UnitId> = typed.parent.parse().ok(); // told below, beside the field
    let done = see_other(format!("/units/{}", unit.id)).flash("people-move-done");
    if wanted.as_ref() == Some(&above.id) {
        return Ok(done.into_response()); // sent twice
    }
    let mut below = None;
    if let Some(id) = &wanted
        && let Some(place) = unit::find_on(&site, id, today).await?
        && CanShape::of(&who.actor, Cap::RestructurePrepare, &place, today).is_ok()
    {
        below = Some(place);
    }
    match &below {
        None => state.fail("parent", "people-move-parent-missing"),
        Some(place) if place.path.is_within(&unit.path) => {
            state.fail("parent", "people-refused-below-itself");
        }
        Some(_) => {}
    }
    let mut first = tree::earliest_move(&site, &unit, today).await?;
    if let Some(place) = &below {
        first = first.max(place.founded_on);
    }
    let from_on: Option<Day> =
        whole_day(&typed.from_on, today).filter(|day| *day >= first && *day <= today);
    if from_on.is_none() {
        state.fail(
            "from_on",
            frame.t1("people-unit-form-day-odd", "first", &first.vn()),
        );
    }
    let (Some(place), Some(on), true) = (below, from_on, state.is_good()) else {
        return draw(&site, &frame, &who, (unit, above), state, "").await;
    };
    let row_version: i64 = typed.version.parse().unwrap_or(0); // anything else is stale
    let common = reshaping::common(&above.path, &place.path);
    let wish = Reshape {
        unit: unit.id.clone(),
        row_version,
        to: Some(place.id.clone()),
        on,
        reason: typed.decision_no.trim().to_owned(),
        by: who.actor.member.clone(),
    };
    let waits = reshaping::waits_for(&site, &common, &who.actor.member).await?;
    if !waits.is_empty() {
        let title = frame.t2("people-move-line", "name", &unit.name, "place", &place.name);
        let mut act = may.begin(&site, &frame, "unit.prepare").await?;
        reshaping::prepare(&mut act, &wish, title, &common).await?;
        act.end().await?;
        return Ok(see_other(format!("/units/{}", unit.id))
            .flash("people-reshape-waits")
            .arg("names", &second(&frame, &waits))
            .into_response());
    }
    let mut act = may.begin(&site, &frame, "unit.move").await?;
    tree::move_unit(&mut act, &unit, row_version, &place, on).await?;
    act.line()
        .reason(wish.reason)
        .diff(&serde_json::json!({ "parent": [above.id, place.id], "from_on": on }));
    act.end().await?;
    Ok(done.into_response())
}

#[cfg(test)]
mod tests {
    use kernel::{Cap, Role};
    use testkit::{BINH, HOA, LAN, THU, TestApp, on_both};

    /// A committee of Thu's with a group below cell A, so that there is somewhere to go.
    async fn grown(app: &TestApp) {
        let mut act = app.act().await;
        let day = "2020-01-01".parse().unwrap();
        for (id, above, kind) in [
            ("part", "committee", "department_body"),
            ("group", "cell-a", "group"),
        ] {
            let new = crate::store::NewUnit::new(
                id.parse().unwrap(),
                Some(above.parse().unwrap()),
                kind.parse().unwrap(),
                id,
                day,
            );
            crate::store::add_unit(&mut act, &new).await.unwrap();
        }
        act.end().await.unwrap();
    }
    fn to(parent: &'static str, version: &'static str) -> Vec<(&'static str, &'static str)> {
        vec![
            ("parent", parent),
            ("from_on", "20/11/2026"),
            ("version", version),
        ]
    }
    const PATH: &str = "/units/cell-a/parent";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_unit_moves_with_all_below_it_and_the_old_days_keep_its_old_place() {
        on_both(
            || vec![crate::room()],
            async |app| {
                grown(&app).await;
                let thu = app.as_(THU);
                let page = thu.get(PATH).await.expects(200);
                assert_eq!(page.attributes("[name=parent]", "value"), ["part"]);
                thu.post(PATH, &to("part", "1")).await.expects(303);
                thu.post(PATH, &to("part", "1")).await.expects(303);
                let children = async |unit: &str, on: &str| {
                    let page = thu.get(&format!("/units/{unit}?on={on}")).await.expects(200);
                    page.attributes("#children a", "href")
                };
                assert_eq!(children("part", "20/11/2026").await, ["/units/cell-a"]);
                assert!(children("committee", "19/11/2026").await.contains(&"/units/cell-a".to_owned()));
                let group = crate::unit::get(&app.site, &"group".parse().unwrap()).await.unwrap();
                assert_eq!(group.path.as_str(), "/bloc/committee/part/cell-a/group/");
                // Rights go along: Lan still leads her cell, and Thu still reaches it.
                let lan = crate::actor::load(&app.site, &"lan".parse().unwrap()).await.unwrap();
                let cell = crate::unit::get_ref(&app.site, &"cell-a".parse().unwrap()).await.unwrap();
                assert!(lan.allow(Cap::MeetingPrepare, &cell, app.today()));
                let logged = "select count(*) from audit_event where action = 'unit.move' and capability = 'restructure_prepare'";
                assert_eq!(app.count(logged).await, 1);
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_unit_moves_below_itself_or_out_of_reach_or_by_others() {
        on_both(
            || vec![crate::room()],
            async |app| {
                grown(&app).await;
                let thu = app.as_(THU);
                for parent in ["group", "cell-a", "other", "bloc", "nowhere", ""] {
                    let page = thu.post(PATH, &to(parent, "1")).await.expects(422);
                    assert!(page.has("#e-parent"), "{parent}");
                }
                thu.post(PATH, &to("part", "7")).await.expects(409);
                // Where it stands is out of her reach, so she may not take it away from there.
                thu.get("/units/committee/parent").await.expects(404);
                let page = thu.get("/units/committee").await.expects(200);
                assert!(page.has("#shape") && !page.has("a[href='/units/committee/parent']"));
                assert!(
                    thu.get("/units/cell-a")
                        .await
                        .has("a[href='/units/cell-a/parent']")
                );
                thu.post("/units/committee/parent", &to("part", "1"))
                    .await
                    .expects(404);
                for who in [LAN, HOA, BINH] {
                    app.as_(who).get(PATH).await.expects(404);
                    app.as_(who).post(PATH, &to("part", "1")).await.expects(404);
                }
                thu.post_forged(PATH, &to("part", "1")).await.expects(403);
                let moved = "select count(*) from people_unit where row_version > 1";
                assert_eq!(app.count(moved).await, 0);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn with_a_second_lead_a_move_waits_and_is_done_by_their_yes() {
        use approvals::Decision;
        use site::four_eyes::{decide, list_open};
        on_both(
            || vec![crate::room()],
            async |app| {
                grown(&app).await;
                let mut act = app.act().await;
                let lead = crate::store::NewHolding::new(
                    &"committee".parse().unwrap(),
                    "Bí thư",
                    Role::CommitteeLead,
                    10,
                    &"minh".parse().unwrap(),
                    app.today(),
                );
                crate::store::add_position_holding(&mut act, &lead).await.unwrap();
                act.end().await.unwrap();
                let thu = app.as_(THU);
                assert!(thu.get(PATH).await.expects(200).text("#second").contains("Trần Văn Minh"));
                thu.post(PATH, &to("part", "3")).await.expects(409);
                thu.post(PATH, &to("part", "1")).await.expects(303);
                thu.post(PATH, &to("part", "1")).await.expects(303);
                let waiting = "select count(*) from approvals_approval where state = 'waiting'";
                assert_eq!(app.count(waiting).await, 1, "pressed twice it waits once");
                let path = "select count(*) from people_unit where id = 'group' and path = '/bloc/committee/part/cell-a/group/'";
                assert_eq!(app.count(path).await, 0);
                let minh = crate::actor::load(&app.site, &"minh".parse().unwrap()).await.unwrap();
                let open = list_open(&app.site, &minh).await.unwrap();
                let (id, hash) = (&open[0].id, open[0].payload_hash.as_str());
                decide(&app.site, "test", &minh, id, hash, Decision::Approved, "").await.unwrap();
                assert_eq!(app.count(path).await, 1);
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
            },
        )
        .await;
    }
}
