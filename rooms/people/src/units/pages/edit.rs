//! Changing what a unit is called: name, code, kind, where it meets; from a day on, so that older days
//! keep what was true then. And the true day of its founding, which is a correction and holds for all days. Not here: its place in the tree (`moving`), its end (`closing`).

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
        .with("founded_on", unit.founded_on.vn())
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
    // A form opened before the field was there has none: the day stays.
    let founded_on = match form.value.founded_on.trim().is_empty() {
        true => Some(unit.founded_on),
        false => whole_day(&form.value.founded_on, today),
    };
    if founded_on.is_none() {
        state.fail("founded_on", "people-unit-form-founded-unread");
    }
    let is_founded_anew = founded_on.is_some_and(|day| day != unit.founded_on);
    let done = |text: &'static str| {
        see_other(format!("/units/{}", unit.id))
            .flash(text)
            .into_response()
    };
    let is_named_anew = read.name != unit.name
        || read.kind != unit.kind
        || read.code != unit.code
        || read.address != unit.address
        || read.town != town;
    let is_opened_since = || form.value.version == more.row_version.to_string();
    if !is_named_anew && !is_founded_anew && founded_on.is_some() {
        // Sent twice it says again what the first said; a day alone changes nothing, and is told so.
        let text = match from_on == Some(today) || !is_opened_since() {
            true => "people-unit-edit-done",
            false => {
                // The day says since when a change holds: alone it asks for nothing that could be done.
                state.fail("from_on", "people-unit-edit-same");
                return draw(&frame, unit, state);
            }
        };
        return Ok(done(text));
    }
    let row_version: Option<i64> = form.value.version.parse().ok(); // anything else is stale
    if row_version != Some(more.row_version) {
        return draw_changed(&site, &frame, &who, &id, state).await;
    }
    form::check_code(&site, &frame, &who, &read.code, Some(&unit.id), &mut state).await?;
    let (Some(from_on), Some(founded_on), true) = (from_on, founded_on, state.is_good()) else {
        return draw(&frame, unit, state);
    };
    let change = UnitChange {
        id: unit.id.clone(),
        row_version: more.row_version + i64::from(is_founded_anew),
        kind: read.kind.clone(),
        code: read.code.clone(),
        external_id: more.external_id,
        name: read.name.clone(),
        cell_type: unit.cell_type.clone(),
        address: read.address.clone(),
    };
    let mut act = may.begin(&site, &frame, "unit.change").await?;
    if is_founded_anew {
        let (first, last) = tree::founding(&mut act, &unit, today).await?;
        let last = if is_named_anew {
            last.min(from_on)
        } else {
            last
        };
        if !(first..=last).contains(&founded_on) {
            act.leave().await?;
            let days = [("first", first.vn()), ("last", last.vn())];
            let days: Vec<_> = (days.iter())
                .map(|(name, day)| (*name, day.as_str().into()))
                .collect();
            state.fail(
                "founded_on",
                frame.tn("people-unit-form-founded-odd", &days),
            );
            return draw(&frame, unit, state);
        }
    }
    let written = async {
        if is_founded_anew {
            crate::units::store::set_founded(&mut act, &unit, more.row_version, founded_on).await?;
        }
        match is_named_anew {
            true => store::set_unit(&mut act, &change, from_on).await,
            false => Ok(()),
        }
    }
    .await;
    if matches!(written, Err(Error::Busy { .. })) {
        drop(act);
        return draw_changed(&site, &frame, &who, &id, state).await;
    }
    written?;
    units::set_town(&mut act, &unit.id, &read.town).await?;
    let mut diff = serde_json::Map::new();
    for (name, was, now) in [
        ("name", unit.name.as_str(), read.name.as_str()),
        ("kind", unit.kind.word(), read.kind.word()),
        ("code", &unit.code, &read.code),
        ("address", &unit.address, &read.address),
        ("town", &town, &read.town),
        (
            "founded_on",
            &unit.founded_on.to_string(),
            &founded_on.to_string(),
        ),
    ] {
        if was != now {
            diff.insert(name.to_owned(), serde_json::json!([was, now]));
        }
    }
    if is_named_anew {
        diff.insert("from_on".to_owned(), serde_json::json!(from_on));
    }
    act.line().diff(&serde_json::Value::Object(diff));
    act.end().await?;
    Ok(done("people-unit-edit-done"))
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
    async fn a_day_alone_is_refused_with_what_it_is_for() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                thu.post(PATH, NEW).await.expects(303);
                let later = [&NEW[..4], &[("from_on", "15/11/2026"), ("version", "2")]].concat();
                let page = thu.post(PATH, &later).await.expects(422);
                let said = page.text("#e-from_on");
                assert!(said.contains("ô “Ngày thành lập”"), "{said}");
                assert_eq!(page.attributes("#f-from_on", "value"), ["15/11/2026"]);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_true_day_of_founding_is_put_right_within_what_is_kept() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                let path = "/units/cell-a/edit";
                let page = thu.get(path).await.expects(200);
                let was = page.attributes("#f-founded_on", "value")[0].clone();
                let sends = async |day: &str, version: &str| {
                    let name = page.attributes("#f-name", "value")[0].clone();
                    let form = [
                        ("name", name.as_str()),
                        ("kind", "cell"),
                        ("from_on", "23/11/2026"),
                        ("founded_on", day),
                        ("version", version),
                    ];
                    thu.post(path, &form).await
                };
                // Before the unit above there was no place for it; after its first member neither.
                for day in ["01/01/1900", "23/11/2026", "ngày nào đó"] {
                    let refused = sends(day, "1").await.expects(422);
                    assert!(refused.has("#e-founded_on"), "{day}");
                    assert_eq!(refused.attributes("#f-founded_on", "value"), [day]);
                }
                assert_eq!(app.count("select count(*) from people_unit where row_version > 1").await, 0);
                // The unit above first, then the cell.
                app.sets("update people_unit set founded_on = '1930-02-03' where id in ('bloc', 'committee')")
                    .await;
                app.sets("update people_unit_version set from_on = '1930-02-03' where unit_id in ('bloc', 'committee')")
                    .await;
                sends("19/5/1998", "1").await.expects(303);
                sends("19/5/1998", "1").await.expects(303);
                assert_ne!(was, "19/05/1998");
                let shown = thu.get(path).await.expects(200);
                assert_eq!(shown.attributes("#f-founded_on", "value"), ["19/05/1998"]);
                thu.get("/units/cell-a?on=19/5/1998").await.expects(200);
                assert!(thu.get("/units/cell-a?on=18/5/1998").await.expects(200).has("#on-trouble"));
                // Two at once: the later one sees the other's.
                sends("20/5/1998", "1").await.expects(409);
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
