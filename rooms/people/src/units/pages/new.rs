//! A new unit below this one, from its first day on.
//! Not here: units from a file (`rosters`), changing one (`edit`), the root (`init`).

use super::form::{self, KINDS, Typed};
use crate::access::CanShape;
use crate::fact::UnitKind;
use crate::page::{unit_id, whole_day};
use crate::sight;
use crate::store::{self, NewUnit};
use crate::unit::Unit;
use crate::units::{store as units, tree};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::Result;
use kernel::{Cap, Day, UnitId};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(Template)]
#[template(path = "people/unit_new.html")]
struct Page {
    frame: Frame,
    form: FormState,
    above: Unit,
    kinds: Vec<(String, String)>,
}

async fn may(site: &Site, who: &Member, id: &str) -> Result<(Unit, CanShape)> {
    let above = sight::of_unit(site, &who.actor, &unit_id(id)?).await?.unit;
    let may = CanShape::of(&who.actor, Cap::UnitDraft, &above, site.clock.today())?;
    Ok((above, may))
}

fn draw(frame: &Frame, above: Unit, form: FormState) -> Answer {
    let page = Page {
        kinds: form::kinds(frame),
        frame: frame.clone(),
        form,
        above,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (above, _) = may(&site, &who, &id).await?;
    // The day is the decision's: today would be taken for it unread.
    let form = FormState::new().with("kind", "cell");
    draw(&frame, above, form)
}

/// Says beside the field that the unit above is younger.
fn fail_day(frame: &Frame, above: &str, founded_on: Day, state: &mut FormState) {
    let day = founded_on.vn();
    let told = frame.t2("people-unit-form-from-odd", "above", above, "day", &day);
    state.fail("from_on", told);
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (above, may) = may(&site, &who, &id).await?;
    let mut state = FormState::typed(form.pairs);
    state.fit("decision_no", 80);
    let read = form::read(&frame, &form.value, &mut state);
    let kind = read.kind.known().filter(|kind| KINDS.contains(kind));
    if kind.is_none() {
        state.fail("kind", "people-unit-form-kind-missing");
    }
    let fits = |kind: UnitKind| {
        above
            .kind
            .known()
            .is_none_or(|above| kind.fits_below(above))
    };
    if kind.is_some_and(|kind| !fits(kind)) {
        state.fail("kind", "people-unit-form-kind-place");
    }
    // Left empty it begins today, as the hint says.
    let from_on: Option<Day> = match form.value.from_on.trim().is_empty() {
        true => Some(frame.today()),
        false => whole_day(&form.value.from_on, frame.today()),
    };
    let from_on = from_on.filter(|day| *day >= above.founded_on && *day <= frame.today());
    if from_on.is_none() {
        fail_day(&frame, &above.name, above.founded_on, &mut state);
    }
    let (Some(from_on), Some(kind), true) = (from_on, kind, state.is_good()) else {
        return draw(&frame, above, state);
    };
    let mut act = may.begin(&site, &frame, "unit.add").await?;
    // Raises the epoch first: the same form sent twice at once waits here for the other.
    store::bump_epoch(&mut act).await?;
    let done = |id: &UnitId| {
        see_other(format!("/units/{id}"))
            .flash("people-unit-new-done")
            .arg("name", &read.name)
            .into_response()
    };
    if let Some(there) = tree::namesake(&mut act, &above.id, &read.name).await? {
        act.leave().await?;
        let known = crate::unit::get(&site, &there).await?;
        // The same in all that is kept of it; with something else in it nothing of that may be lost behind "made".
        let town = crate::units::store::get_town(&site.db, &there).await?;
        let is_same = known.kind == read.kind
            && known.founded_on == from_on
            && known.code == read.code
            && known.address == read.address
            && town == read.town;
        if is_same {
            return Ok(done(&there));
        }
        state.fail("name", "people-unit-form-namesake");
        return draw(&frame, above, state);
    }
    // The day of the unit above may have been put right since it was read.
    let above_on = units::founded_on(act.on(), &above.id).await?;
    if from_on < above_on {
        fail_day(&frame, &above.name, above_on, &mut state);
    }
    form::check_code(&site, &frame, &who, &read.code, None, &mut state).await?;
    if !state.is_good() {
        act.leave().await?;
        return draw(&frame, above, state);
    }
    let new = NewUnit {
        code: read.code.clone(),
        address: read.address.clone(),
        decision_id: form.value.decision_no.trim().to_owned(),
        ..NewUnit::new(
            UnitId::fresh(&site.clock, &site.dice),
            Some(above.id.clone()),
            kind,
            &read.name,
            from_on,
        )
    };
    store::add_unit(&mut act, &new).await?;
    if !read.town.is_empty() {
        crate::units::store::set_town(&mut act, &new.id, &read.town).await?;
    }
    act.line().object("unit", &new.id).diff(&serde_json::json!({
        "name": read.name, "kind": kind.word(), "code": read.code, "founded_on": from_on,
    }));
    act.end().await?;
    Ok(done(&new.id))
}

#[cfg(test)]
mod tests {
    use testkit::{BINH, HOA, LAN, THU, TUAN, on_both};

    const NEW: &[(&str, &str)] = &[
        ("name", "  Chi bộ   Tổ dân phố 3 "),
        ("kind", "cell"),
        ("code", "01.003"),
        ("from_on", "20/11/2026"),
    ];
    const PATH: &str = "/units/committee/units/new";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_unit_is_made_once_and_takes_members_at_once() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                let page = thu.get("/units/committee").await.expects(200);
                assert!(page.has(&format!("#shape a[href='{PATH}']")));
                thu.get(PATH).await.expects(200);
                let first = thu.post(PATH, NEW).await.expects(303).location();
                let again = thu.post(PATH, NEW).await.expects(303).location();
                assert_eq!(first, again, "sent twice, made once");
                let mut other = NEW.to_vec();
                other.push(("address", "Nhà văn hóa tổ 3"));
                let told = thu.post(PATH, &other).await.expects(422);
                assert!(told.has("#e-name"), "not made, and not said to be");
                assert_eq!(app.count("select count(*) from people_unit").await, 7);
                assert_eq!(thu.get(&first).await.text("h1"), "Chi bộ Tổ dân phố 3");
                thu.get(&format!("{first}/members/new")).await.expects(200);
                let logged = "select count(*) from audit_event where action = 'unit.add' \
                     and actor_id = 'thu' and capability = 'unit_draft'";
                assert_eq!(app.count(logged).await, 1);
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn trouble_stands_beside_its_field_and_nobody_else_makes_one() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                thu.post(PATH, NEW).await.expects(303);
                let with = |changed: (&'static str, &'static str)| -> Vec<_> {
                    let kept = NEW.iter().copied().filter(|(name, _)| *name != changed.0);
                    kept.chain([changed]).collect()
                };
                for (changed, field) in [
                    (("name", " "), "name"),
                    (("name", "chi bộ tổ dân phố 1"), "name"),
                    (("kind", "root"), "kind"),
                    (("from_on", "1/1/1900"), "from_on"),
                    (("from_on", "24/11/2026"), "from_on"),
                ] {
                    let page = thu.post(PATH, &with(changed)).await.expects(422);
                    assert!(page.has(&format!("#e-{field}")), "{changed:?}");
                }
                let taken = [
                    ("name", "Chi bộ Tổ 4"),
                    ("kind", "cell"),
                    ("code", "01 003"),
                    ("from_on", "23/11/2026"),
                ];
                let page = thu.post(PATH, &taken).await.expects(422);
                assert!(page.text("#e-code").contains("Chi bộ Tổ dân phố 3"));
                for who in [LAN, HOA, TUAN, BINH] {
                    app.as_(who).get(PATH).await.expects(404);
                    app.as_(who).post(PATH, NEW).await.expects(404);
                }
                thu.post("/units/bloc/units/new", NEW).await.expects(404);
                thu.post_forged(PATH, NEW).await.expects(403);
                app.stranger().get(PATH).await.expects(303);
                assert_eq!(app.count("select count(*) from people_unit").await, 7);
            },
        )
        .await;
    }
}
