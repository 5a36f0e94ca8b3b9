//! Closing a unit: a page that first says what is still there, then asks for the day and why.
//!
//! Nothing is deleted; older days still show the unit. Posts and rights of the unit end with it. Where
//! a second person may approve changes of the tree, it waits for them (`reshaping`).

use crate::access::CanShape;
use crate::page::{second, unit_id, whole_day};
use crate::sight;
use crate::unit::{self, Unit};
use crate::units::reshaping::{self, Reshape};
use crate::units::tree::{self, Kept};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use kernel::{Cap, Day};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    on: String,
    reason: String,
    version: String,
}

#[derive(Template)]
#[template(path = "people/unit_closing.html")]
struct Page {
    frame: Frame,
    form: FormState,
    unit: Unit,
    kept: Kept,
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
    kept: Kept,
    form: FormState,
) -> Answer {
    let seconds = reshaping::waits_for(site, &above.path, &who.actor.member).await?;
    let page = Page {
        frame: frame.clone(),
        form,
        unit,
        kept,
        seconds: second(frame, &seconds),
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (unit, above, _) = may(&site, &who, &id).await?;
    let more = tree::more(&site, &unit.id).await?;
    let kept = tree::kept(&site, &unit.id, frame.today()).await?;
    let form = FormState::new()
        .with("on", frame.today().vn())
        .with("version", more.row_version.to_string());
    draw(&site, &frame, &who, (unit, above), kept, form).await
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
    let first = tree::earliest_closing(&site, &unit, today).await?;
    let on: Option<Day> =
        whole_day(&form.value.on, today).filter(|day| *day >= first && *day <= today);
    if on.is_none() {
        state.fail(
            "on",
            frame.t1("people-unit-form-day-odd", "first", &first.vn()),
        );
    }
    let reason = form.value.reason.trim().to_owned();
    state.fit("reason", 300);
    if reason.is_empty() {
        state.fail("reason", "people-closing-reason-missing");
    }
    let kept = tree::kept(&site, &unit.id, on.unwrap_or(today)).await?;
    if !kept.is_empty() {
        state.fail("on", "people-refused-not-empty");
    }
    let (Some(on), true) = (on, state.is_good()) else {
        return draw(&site, &frame, &who, (unit, above), kept, state).await;
    };
    let wish = Reshape {
        unit: unit.id.clone(),
        row_version: form.value.version.parse().unwrap_or(0), // anything else is stale
        to: None,
        on,
        reason,
        by: who.actor.member.clone(),
    };
    let up = format!("/units/{}", above.id);
    let waits = reshaping::waits_for(&site, &above.path, &who.actor.member).await?;
    if !waits.is_empty() {
        let title = frame.t1("people-closing-line", "name", &unit.name);
        let mut act = may.begin(&site, &frame, "unit.prepare").await?;
        reshaping::prepare(&mut act, &wish, title, &above.path).await?;
        act.end().await?;
        return Ok(see_other(format!("/units/{}", unit.id))
            .flash("people-reshape-waits")
            .arg("names", &second(&frame, &waits))
            .into_response());
    }
    let mut act = may.begin(&site, &frame, "unit.close").await?;
    tree::close_unit(&mut act, &unit, wish.row_version, on, &wish.reason).await?;
    act.line()
        .reason(wish.reason)
        .diff(&serde_json::json!({ "dissolved_on": on }));
    act.end().await?;
    Ok(see_other(up)
        .flash("people-closing-done")
        .arg("name", &unit.name)
        .into_response())
}

#[cfg(test)]
mod tests {
    use testkit::{BINH, HOA, LAN, THU, on_both};

    const CLOSE: &[(&str, &str)] = &[
        ("on", "23/11/2026"),
        ("reason", "Sáp nhập"),
        ("version", "1"),
    ];

    #[tokio::test(flavor = "multi_thread")]
    async fn a_unit_with_people_or_units_says_who_and_stays() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                let path = "/units/cell-a/closing";
                let page = thu.get(path).await.expects(200);
                let there = ["/members/hoa", "/members/lan", "/members/minh"];
                assert_eq!(page.attributes("#kept-members a", "href"), there);
                let page = thu.post(path, CLOSE).await.expects(422);
                assert_eq!(page.attributes("#kept-members a", "href"), there);
                // The top of her reach is not hers to close: it stands below another.
                thu.get("/units/committee/closing").await.expects(404);
                let gone = "select count(*) from people_unit where dissolved_on <> '9999-12-31'";
                assert_eq!(app.count(gone).await, 0);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_empty_unit_closes_once_with_its_posts_and_old_days_still_show_it() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let site = &app.site;
                let mut act = app.act().await;
                let (old, unit) = ("2020-01-01".parse().unwrap(), "empty".parse().unwrap());
                let committee = Some("committee".parse().unwrap());
                let new = crate::store::NewUnit::new(unit, committee, crate::fact::UnitKind::Cell, "Chi bộ Trống", old);
                crate::store::add_unit(&mut act, &new).await.unwrap();
                let lead = crate::store::NewHolding::new(
                    &new.id,
                    "Bí thư",
                    kernel::Role::CellLead,
                    10,
                    &"hoa".parse().unwrap(),
                    old,
                );
                crate::store::add_position_holding(&mut act, &lead).await.unwrap();
                act.end().await.unwrap();
                let thu = app.as_(THU);
                let path = "/units/empty/closing";
                thu.get(path).await.expects(200);
                for (name, value) in [("on", "24/11/2026"), ("on", "1/1/2026"), ("reason", " ")] {
                    let changed: Vec<_> = (CLOSE.iter().copied())
                        .map(|(field, typed)| (field, if field == name { value } else { typed }))
                        .collect();
                    let page = thu.post(path, &changed).await.expects(422);
                    assert!(page.has(&format!("#e-{name}")), "{value}");
                }
                let stale = [CLOSE[0], CLOSE[1], ("version", "9")];
                thu.post(path, &stale).await.expects(409);
                for who in [LAN, HOA, BINH] {
                    app.as_(who).post(path, CLOSE).await.expects(404);
                }
                thu.post_forged(path, CLOSE).await.expects(403);
                thu.post(path, CLOSE).await.expects(303);
                thu.post(path, CLOSE).await.expects(404);
                thu.get("/units/empty/edit").await.expects(404);
                let children = thu.get("/units/committee").await.attributes("#children a", "href");
                assert!(!children.contains(&"/units/empty".to_owned()));
                let before = thu.get("/units/committee?on=22/11/2026").await;
                assert!(before.attributes("#children a", "href").contains(&"/units/empty".to_owned()));
                let open = "select count(*) from people_grant where unit_id = 'empty' and to_on > '2026-11-23'";
                assert_eq!(app.count(open).await, 0);
                let logged = "select count(*) from audit_event where action = 'unit.close' and object_id = 'empty' and reason = 'given'";
                assert_eq!(app.count(logged).await, 1);
                assert_eq!(crate::check(site).await.unwrap(), []);
            },
        )
        .await;
    }
}
