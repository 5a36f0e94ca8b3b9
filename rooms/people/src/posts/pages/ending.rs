//! Ending somebody's post: a page of its own, since rights go with it at once.
//! The rules are in `post`; the last governing post of a subtree stays (R3).

use crate::access::CanGive;
use crate::page::{second, term, unit_id, whole_day};
use crate::post::{self, Held};
use crate::posts::taking;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Refusal, Result};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    on: String,
    #[serde(default)]
    reason: String,
}

#[derive(Template)]
#[template(path = "people/position_ending.html")]
struct Page {
    frame: Frame,
    form: FormState,
    unit_name: String,
    unit_url: String,
    term: String,
    held: Held,
}

async fn may(site: &Site, who: &Member, unit: &str, holding: &str) -> Result<Held> {
    if !kernel::id::is_id(holding) {
        return Err(Error::NotFound);
    }
    let sight = crate::sight::of_unit(site, &who.actor, &unit_id(unit)?).await?;
    if !sight.may_give {
        return Err(Error::NotFound);
    }
    post::find_endable(site, &who.actor, &sight.unit.id, holding).await
}

/// Whether it is ended already, just so: the form was sent twice.
async fn is_again(
    site: &Site,
    frame: &Frame,
    who: &Member,
    (unit, holding): (&str, &str),
    typed: &Typed,
) -> Result<bool> {
    let Some(on) = whole_day(&typed.on, frame.today()) else {
        return Ok(false);
    };
    let sight = crate::sight::of_unit(site, &who.actor, &unit_id(unit)?).await?;
    if !sight.may_give || !kernel::id::is_id(holding) {
        return Ok(false);
    }
    let of = (&sight.unit.id, holding);
    post::is_ended_so(site, &who.actor, of, (on, typed.reason.trim())).await
}

async fn draw(site: &Site, frame: &Frame, held: Held, form: FormState) -> Answer {
    let unit = crate::unit::get(site, &held.unit().id).await?;
    let page = Page {
        term: term(frame, &held.from_on, &held.to_on),
        unit_url: format!("/units/{}", unit.id),
        unit_name: unit.name,
        frame: frame.clone(),
        form,
        held,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path((unit, holding)): Path<(String, String)>,
) -> Answer {
    let held = may(&site, &who, &unit, &holding).await?;
    let form = FormState::new().with("on", frame.today().vn());
    draw(&site, &frame, held, form).await
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path((unit, holding)): Path<(String, String)>,
    form: Form<Typed>,
) -> Answer {
    let held = match may(&site, &who, &unit, &holding).await {
        Err(Error::NotFound)
            if is_again(&site, &frame, &who, (&unit, &holding), &form.value).await? =>
        {
            return Ok(see_other(format!("/units/{unit}")).into_response());
        }
        held => held?,
    };
    let mut state = FormState::typed(form.pairs);
    let on = whole_day(&form.value.on, frame.today())
        .filter(|day| *day >= held.from_on && *day <= held.to_on);
    let reason = form.value.reason.trim().to_owned();
    state.fit("reason", 300);
    if on.is_none() {
        state.fail(
            "on",
            frame.t1("people-ending-day-odd", "from", &held.from_on.vn()),
        );
    }
    if reason.is_empty() {
        state.fail("reason", "people-ending-reason-missing");
    }
    let (Some(on), true) = (on, state.is_good()) else {
        return draw(&site, &frame, held, state).await;
    };
    let may = CanGive::of(&who.actor, &held.unit(), frame.today())?;
    let to = format!("/units/{}", held.unit().id);
    let seconds = taking::waits_for(&site, &held, &who.actor.member).await?;
    if !seconds.is_empty() {
        let mut act = may.begin(&site, &frame, "position.prepare").await?;
        taking::prepare(&mut act, &held, on, &reason).await?;
        act.line()
            .about(&held.member_id)
            .object("holding", &held.id)
            .reason(reason)
            .diff(&serde_json::json!({ "title": held.title, "to_on": on }));
        act.end().await?;
        return Ok(see_other(to)
            .flash("people-ending-waits")
            .arg("names", &second(&frame, &seconds))
            .into_response());
    }
    let mut act = may.begin(&site, &frame, "position.end").await?;
    if !taking::end(&mut act, &held, on, &reason).await? {
        return Err(Refusal::new("people-refused-last-lead")
            .way_out(
                format!("/units/{}/positions/new", held.unit().id),
                "people-refused-last-lead-way",
            )
            .into());
    }
    act.end().await?;
    Ok(see_other(format!("/units/{}", held.unit().id))
        .flash("people-ending-done")
        .arg("name", &held.name)
        .into_response())
}

#[cfg(test)]
mod tests {
    use testkit::{BINH, HOA, LAN, MINH, THU, on_both};

    const END: &[(&str, &str)] = &[("on", "23/11/2026"), ("reason", "Chuyển công tác")];

    #[tokio::test(flavor = "multi_thread")]
    async fn a_post_that_ends_takes_its_rights_away_at_the_next_request() {
        on_both(|| vec![crate::room()], async |app| {
            let site = &app.site;
            let (lan, cell) = ("lan".parse().unwrap(), crate::unit::get_ref(site, &"cell-a".parse().unwrap()).await.unwrap());
            let may = async || crate::actor::load(site, &lan).await.unwrap().allow(kernel::Cap::MeetingPrepare, &cell, app.today());
            assert!(may().await);
            let path = "/units/cell-a/positions/h-lan-0/ending";
            assert!(app.as_(THU).get("/units/cell-a").await.has(&format!("a[href='{path}']")));
            app.as_(THU).get(path).await.expects(200);
            let page = app.as_(THU).post(path, &[("on", "1/1/2000"), ("reason", "")]).await.expects(422);
            assert!(page.has("#e-on") && page.has("#e-reason"));
            let long = "Thôi ".repeat(70);
            let page = app.as_(THU).post(path, &[END[0], ("reason", &long)]).await.expects(422);
            assert!(page.text("#e-reason").contains("349"), "how long it is");
            assert!(page.text("#f-reason").contains(long.trim()) || page.attributes("#f-reason", "value") == [long.as_str()]);
            assert!(may().await);
            app.as_(THU).post(path, END).await.expects(303);
            assert!(!may().await, "no new sign-in was needed");
            assert_eq!(app.count("select count(*) from audit_event where action = 'position.end' and about_member_id = 'lan'").await, 1);
            // Pressed twice it lands where it did; said otherwise it is gone.
            let again = app.as_(THU).post(path, END).await.expects(303);
            assert_eq!(again.location(), "/units/cell-a");
            app.as_(THU).post(path, &[END[0], ("reason", "Lý do khác")]).await.expects(404);
            app.as_(HOA).post(path, END).await.expects(404);
            assert_eq!(crate::check(site).await.unwrap(), []);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_last_lead_of_a_subtree_stays() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let path = "/units/committee/positions/h-thu-0/ending";
                let page = app.as_(THU).post(path, END).await.expects(409);
                assert!(page.has("a[href='/units/committee/positions/new']"));
                assert_eq!(
                    app.count("select count(*) from people_holding where to_on <> '9999-12-31'")
                        .await,
                    0
                );
                // With a second lead it may end.
                let second = [
                    ("title", "Bí thư đảng ủy"),
                    ("role", "committee_lead"),
                    ("member", "tuan"),
                    ("basis", "elected"),
                    ("from_on", "23/11/2026"),
                ];
                app.as_(THU)
                    .post("/units/committee/positions/new", &second)
                    .await
                    .expects(303);
                app.as_(THU).post(path, END).await.expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_else_ends_a_post() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let path = "/units/cell-a/positions/h-lan-0/ending";
                for who in [LAN, MINH, HOA, BINH] {
                    app.as_(who).get(path).await.expects(404);
                    app.as_(who).post(path, END).await.expects(404);
                }
                // A post of another unit through the address of one's own; and one that is wider than the giver.
                app.as_(THU)
                    .post("/units/cell-b/positions/h-lan-0/ending", END)
                    .await
                    .expects(404);
                app.as_(THU)
                    .post("/units/bloc/positions/h-binh-0/ending", END)
                    .await
                    .expects(404);
                app.as_(THU).post_forged(path, END).await.expects(403);
                app.stranger().get(path).await.expects(303);
            },
        )
        .await;
    }
}
