//! Changing what a unit is called: name, code, kind, where it meets; from a day on, so that older days
//! keep what was true then. Not here: its place in the tree (`moving`), its end (`closing`).

use super::form::{self, KINDS, Typed};
use crate::access::CanShape;
use crate::fact::UnitKind;
use crate::page::{unit_id, whole_day};
use crate::saved;
use crate::sight;
use crate::store::{self, UnitChange};
use crate::unit::Unit;
use crate::units::{store as units, tree};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use kernel::{Cap, Day};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(Template)]
#[template(path = "people/unit_edit.html")]
struct Page {
    frame: Frame,
    form: FormState,
    unit: Unit,
    kinds: Vec<(String, String)>,
}

/// The unit, the town that was written for its papers, and the right to change both.
async fn may(site: &Site, who: &Member, id: &str) -> Result<(Unit, String, CanShape)> {
    let unit = sight::of_unit(site, &who.actor, &unit_id(id)?).await?.unit;
    let may = CanShape::of(&who.actor, Cap::UnitDraft, &unit, site.clock.today())?;
    let town = units::get_town(&site.db, &unit.id).await?;
    Ok((unit, town, may))
}

fn draw(frame: &Frame, unit: Unit, form: FormState) -> Answer {
    let mut kinds = form::kinds(frame);
    if unit.kind.is(UnitKind::Root) {
        let root = UnitKind::Root;
        kinds.insert(0, (root.word().to_owned(), frame.t(root.text())));
    }
    let page = Page {
        frame: frame.clone(),
        form,
        unit,
        kinds,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (unit, town, _) = may(&site, &who, &id).await?;
    let more = tree::more(&site, &unit.id).await?;
    let form = form_of(&unit, &town, more.row_version).with("from_on", frame.today().vn());
    draw(&frame, unit, form)
}

/// The form as it is opened, its day apart.
fn form_of(unit: &Unit, town: &str, row_version: i64) -> FormState {
    FormState::new()
        .with("name", unit.name.as_str())
        .with("kind", unit.kind.word())
        .with("code", unit.code.as_str())
        .with("address", unit.address.as_str())
        .with("town", town)
        .with("version", row_version.to_string())
}

/// Somebody else saved first: the unit as it is now beside what was typed.
async fn draw_changed(
    site: &Site,
    frame: &Frame,
    who: &Member,
    id: &str,
    mut state: FormState,
) -> Answer {
    let (now, town, _) = may(site, who, id).await?;
    let more = tree::more(site, &now.id).await?;
    let of = ("unit", now.id.as_str());
    let acts = ["unit.change", "unit.move"];
    let saved = saved::last(site, frame, who, of, &acts).await?;
    state.changed(&form_of(&now, &town, more.row_version), "version", &saved);
    draw(frame, now, state)
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (unit, town, may) = may(&site, &who, &id).await?;
    let mut state = FormState::typed(form.pairs);
    let read = form::read(&frame, &form.value, &mut state);
    let is_choosable = read.kind.known().is_some_and(|kind| KINDS.contains(&kind));
    if !is_choosable && read.kind != unit.kind {
        state.fail("kind", "people-unit-form-kind-missing");
    }
    // What has people or units is not converted by a form: that is a restructuring (governance, 4).
    if read.kind != unit.kind {
        if !tree::kept(&site, &unit.id, frame.today()).await?.is_empty() {
            state.fail("kind", "people-unit-form-kind-occupied");
        } else if let (Some(kind), Some(above)) = (read.kind.known(), &unit.parent_id) {
            let above = crate::unit::get(&site, above).await?.kind;
            if above.known().is_some_and(|above| !kind.fits_below(above)) {
                state.fail("kind", "people-unit-form-kind-place");
            }
        }
    }
    let more = tree::more(&site, &unit.id).await?;
    let today = frame.today();
    let first = tree::earliest(&more, today);
    let from_on: Option<Day> =
        whole_day(&form.value.from_on, today).filter(|day| *day >= first && *day <= today);
    if from_on.is_none() {
        state.fail(
            "from_on",
            frame.t1("people-unit-form-day-odd", "first", &first.vn()),
        );
    }
    let done = see_other(format!("/units/{}", unit.id)).flash("people-unit-edit-done");
    let is_same = read.name == unit.name
        && read.kind == unit.kind
        && read.code == unit.code
        && read.address == unit.address
        && read.town == town;
    if is_same {
        return Ok(done.into_response()); // nothing to change, or sent twice
    }
    let row_version: Option<i64> = form.value.version.parse().ok(); // anything else is stale
    if row_version != Some(more.row_version) {
        return draw_changed(&site, &frame, &who, &id, state).await;
    }
    form::check_code(&site, &frame, &who, &read.code, Some(&unit.id), &mut state).await?;
    let (Some(from_on), true) = (from_on, state.is_good()) else {
        return draw(&frame, unit, state);
    };
    let change = UnitChange {
        id: unit.id.clone(),
        row_version: more.row_version,
        kind: read.kind.clone(),
        code: read.code.clone(),
        external_id: more.external_id,
        name: read.name.clone(),
        cell_type: unit.cell_type.clone(),
        address: read.address.clone(),
    };
    let mut act = may.begin(&site, &frame, "unit.change").await?;
    let written = store::set_unit(&mut act, &change, from_on).await;
    if matches!(written, Err(Error::Busy { .. })) {
        drop(act);
        return draw_changed(&site, &frame, &who, &id, state).await;
    }
    written?;
    units::set_town(&mut act, &unit.id, &read.town).await?;
    act.line().diff(&serde_json::json!({
        "name": [unit.name, read.name], "kind": [unit.kind.word(), read.kind.word()], "code": [unit.code, read.code],
        "address": [unit.address, read.address], "town": [town, read.town], "from_on": from_on,
    }));
    act.end().await?;
    Ok(done.into_response())
}

#[cfg(test)]
mod tests {
    use testkit::{BINH, LAN, THU, on_both};

    const PATH: &str = "/units/cell-a/edit";
    const NEW: &[(&str, &str)] = &[
        ("name", "Chi bộ Khu phố 1"),
        ("kind", "cell"),
        ("code", "A-1"),
        ("address", "Nhà văn hóa"),
        ("from_on", "10/11/2026"),
        ("version", "1"),
    ];

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_name_holds_from_its_day_and_older_days_keep_the_old_one() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                let page = thu.get(PATH).await.expects(200);
                assert_eq!(page.attributes("[name=version]", "value"), ["1"]);
                thu.post(PATH, NEW).await.expects(303);
                thu.post(PATH, NEW).await.expects(303);
                let title = async |on: &str| thu.get(&format!("/units/cell-a?on={on}")).await.text("h1");
                assert_eq!(title("9/11/2026").await, "Chi bộ Tổ dân phố 1");
                assert_eq!(title("10/11/2026").await, "Chi bộ Khu phố 1");
                let logged = "select count(*) from audit_event where action = 'unit.change' and object_id = 'cell-a'";
                assert_eq!(app.count(logged).await, 1);
                assert_eq!(crate::check(&app.site).await.unwrap(), []);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_town_of_papers_is_that_of_the_nearest_unit_that_has_one() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                let town = async || {
                    let cell = "cell-a".parse().unwrap();
                    let path = crate::unit::get(&app.site, &cell).await.unwrap().path;
                    crate::unit::find_town(&app.site, &path).await.unwrap()
                };
                assert_eq!(town().await, None);
                let writes = async |unit: &str, name: &str, town: &str| {
                    let path = format!("/units/{unit}/edit");
                    let page = thu.get(&path).await.expects(200);
                    let version = page.attributes("[name=version]", "value").remove(0);
                    let day = page.attributes("#f-from_on", "value").remove(0);
                    let kind =
                        page.attributes("[name=kind] [selected], [name=kind][checked]", "value");
                    let code = page.attributes("#f-code", "value");
                    let form = [
                        ("name", name),
                        ("kind", &kind[0]),
                        ("code", code.first().map_or("", String::as_str)),
                        ("town", town),
                        ("from_on", &day),
                        ("version", &version),
                    ];
                    thu.post(&path, &form).await.expects(303);
                };
                writes("committee", "Đảng bộ Khu phố Thử", "  Khương   Trung ").await;
                assert_eq!(town().await.as_deref(), Some("Khương Trung"));
                writes("cell-a", "Chi bộ Tổ dân phố 1", "Nhân Chính").await;
                assert_eq!(town().await.as_deref(), Some("Nhân Chính"));
                let page = thu.get(PATH).await.expects(200);
                assert_eq!(page.attributes("#f-town", "value"), ["Nhân Chính"]);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_stale_form_an_odd_day_and_others_change_nothing() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                let with = |changed: &[(&'static str, &'static str)]| -> Vec<_> {
                    let is_kept =
                        |(name, _): &(&str, &str)| changed.iter().all(|(other, _)| other != name);
                    NEW.iter()
                        .copied()
                        .filter(is_kept)
                        .chain(changed.iter().copied())
                        .collect()
                };
                for (changed, field) in [
                    (("name", ""), "name"),
                    (("kind", "root"), "kind"),
                    (("from_on", "1/10/2026"), "from_on"),
                    (("from_on", "24/11/2026"), "from_on"),
                ] {
                    let page = thu.post(PATH, &with(&[changed])).await.expects(422);
                    assert!(page.has(&format!("#e-{field}")), "{changed:?}");
                }
                thu.post(PATH, NEW).await.expects(303);
                let page = thu
                    .post(PATH, &with(&[("name", "Chi bộ Khác")]))
                    .await
                    .expects(409);
                assert_eq!(page.text("#t-name b"), "Chi bộ Khu phố 1");
                assert!(page.text("#e-name").contains("Chính đồng chí"));
                assert_eq!(page.attributes("#f-name", "value"), ["Chi bộ Khác"]);
                assert_eq!(page.attributes("[name=version]", "value"), ["2"]);
                // Not before the newest change; and a code of another unit is refused.
                let newer = [
                    ("name", "Chi bộ Khác"),
                    ("version", "2"),
                    ("from_on", "9/11/2026"),
                ];
                assert!(
                    thu.post(PATH, &with(&newer))
                        .await
                        .expects(422)
                        .has("#e-from_on")
                );
                let other = [("name", "Chi bộ Hai"), ("code", "a 1")];
                let page = thu
                    .post("/units/cell-b/edit", &with(&other))
                    .await
                    .expects(422);
                assert!(page.has("#e-code"));
                for who in [LAN, BINH] {
                    app.as_(who).get(PATH).await.expects(404);
                    app.as_(who).post(PATH, NEW).await.expects(404);
                }
                thu.post("/units/cell-e/edit", NEW).await.expects(404);
                thu.post_forged(PATH, NEW).await.expects(403);
                assert_eq!(
                    app.count("select count(*) from people_unit where row_version > 1")
                        .await,
                    1
                );
            },
        )
        .await;
    }
}
