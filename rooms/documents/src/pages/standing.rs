//! Saying by hand whether a document still counts; `read` lets texts and days decide again.
//!
//! What is said here goes before everything that the program reads (`standing`), and the log says who.

use crate::standing::{self, State as Standing};
use crate::store::standing::{Said, say};
use crate::{access, document, store};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

/// Texts and days decide.
const READ: &str = "read";
/// What can be said; that something will count is told by its day.
const SAYABLE: [Standing; 5] = [
    Standing::InForce,
    Standing::Partly,
    Standing::Replaced,
    Standing::Repealed,
    Standing::Ended,
];
/// Letters of the reason.
const LINE: usize = 300;

#[derive(Template)]
#[template(path = "documents/standing.html")]
struct Page {
    frame: Frame,
    form: FormState,
    id: String,
    name: String,
    now: String,
    states: Vec<(&'static str, String)>,
}

fn page(
    frame: &Frame,
    id: &str,
    document: &crate::store::Document,
    now: String,
    form: FormState,
) -> Page {
    let mut states = vec![(READ, frame.t("documents-say-by-texts"))];
    states.extend(SAYABLE.map(|state| (state.word(), frame.t(state.text()))));
    Page {
        name: super::edit::name(document),
        id: id.to_owned(),
        now,
        states,
        form,
        frame: frame.clone(),
    }
}

fn form_of(document: &crate::store::Document, held: &standing::Standing) -> FormState {
    let state = if held.is_said {
        held.state.word()
    } else {
        READ
    };
    let symbol = if held.is_said {
        &held.said_symbol
    } else {
        &held.newer_symbol
    };
    FormState::new()
        .with("state", state)
        .with("newer_symbol", symbol.clone())
        .with("note", held.said_note.clone())
        .with("row_version", document.row_version.to_string())
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (readable, _) = access::can_rule(&site, &who.0, &id).await?;
    let held = standing::of(&site, &id, &readable.reach).await?;
    let form = form_of(&readable.document, &held);
    frame.html(&page(
        &frame,
        &id,
        &readable.document,
        held.words(&frame),
        form,
    ))
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    state: String,
    newer_symbol: String,
    note: String,
    row_version: String,
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (readable, may) = access::can_rule(&site, &who.0, &id).await?;
    let typed = form.value;
    let mut state = FormState::typed(form.pairs);
    let wanted = SAYABLE.into_iter().find(|one| one.word() == typed.state);
    if wanted.is_none() && typed.state != READ {
        state.fail("state", "documents-say-state-missing");
    }
    let symbol = typed.newer_symbol.trim();
    let is_replaced = wanted == Some(Standing::Replaced);
    if is_replaced
        && (symbol.is_empty() || document::symbol_key(symbol) == readable.document.symbol_key)
    {
        state.fail("newer_symbol", "documents-say-by-missing");
    }
    state.fit("note", LINE);
    if !state.is_good() {
        let held = standing::of(&site, &id, &readable.reach).await?;
        let page = page(&frame, &id, &readable.document, held.words(&frame), state);
        return frame.html_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let newer_symbol =
        citation::parse(symbol).map_or_else(|| symbol.to_owned(), |read| read.canonical());
    let note = vietnamese::nfc(typed.note.trim());
    let said = wanted.map(|state| Said {
        state,
        newer_symbol: if is_replaced { &newer_symbol } else { "" },
        note: &note,
    });
    let mut act = may.begin(&site, &frame, "document.standing").await?;
    if !store::begin_change(&mut act, &id, &typed.row_version).await? {
        act.leave().await?;
        let (now, _) = access::can_rule(&site, &who.0, &id).await?;
        let held = standing::of(&site, &id, &now.reach).await?;
        let saved = super::edit::last_saved(&site, &frame, &who, &id).await?;
        state.changed(&form_of(&now.document, &held), "row_version", &saved);
        let page = page(&frame, &id, &now.document, held.words(&frame), state);
        return frame.html_status(page.form.status(), &page);
    }
    act.line().reason(&note);
    say(&mut act, &id, said).await?;
    act.end().await?;
    Ok(see_other(format!("/documents/{id}"))
        .flash("documents-say-done")
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::sample::{both, import};
    use crate::standing::State as Standing;
    use testkit::{HOA, THU, on_both};

    /// A regulation of 2026 that says it replaces the one of 2021.
    fn newer(symbol: &str, issuer: &str) -> String {
        format!(
            "+++\nsymbol = \"{symbol}\"\ntype = \"Quy định\"\n{issuer}issued_on = \"2026-06-20\"\ntitle = \"về chế độ mới\"\naudience = \"members\"\n+++\nĐiều 1. Mới\n1. Quy định này thay thế Quy định số 05-QĐ/ĐU, ngày 03/3/2021.\n"
        )
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_cell_that_names_itself_like_the_body_above_does_not_replace_its_papers() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let issuer = "issuer = \"Đảng ủy Khối Thử Nghiệm\"\n";
                let old =
                    |issuer: &str| newer("05-QĐ/ĐU", issuer).replace("2026-06-20", "2021-03-03");
                let import = async |name: &str, text: String, unit: &str| {
                    let folder = crate::sample::folder(&app, name, &[("a.md", &text)]);
                    let options = crate::import::Options {
                        audience: "members".parse().unwrap(),
                        unit: (!unit.is_empty()).then(|| unit.parse().unwrap()),
                        ..Default::default()
                    };
                    let mut quiet = site::import::Quiet;
                    let report = crate::import::run(&app.site, &folder, &options, &mut quiet);
                    report.await.unwrap().entries[0].id.clone()
                };
                let state = async |id: &str| {
                    crate::standing::of(&app.site, id, &["members".to_owned()])
                        .await
                        .unwrap()
                        .state
                };
                let id = import("old", old(issuer), "committee").await;
                import("cell", newer("31-QĐ/ĐU", issuer), "cell-a").await;
                assert_eq!(state(&id).await, Standing::InForce);
                import("own", newer("32-QĐ/ĐU", issuer), "committee").await;
                assert_eq!(state(&id).await, Standing::Replaced);
                // What no body issued is replaced by nobody.
                let nobody =
                    import("none", old("").replace("05-QĐ/ĐU", "06-QĐ/ĐU"), "committee").await;
                let text = newer("33-QĐ/ĐU", "").replace("05-QĐ/ĐU", "06-QĐ/ĐU");
                import("none-too", text, "committee").await;
                assert_eq!(state(&nobody).await, Standing::InForce);
                // The body above speaks for the unit below, and the whole installation for all.
                for (at, unit) in [(7, "committee"), (8, "")] {
                    let symbol = format!("0{at}-QĐ/ĐU");
                    let id = import(
                        &format!("{at}-old"),
                        old(issuer).replace("05-QĐ/ĐU", &symbol),
                        "cell-a",
                    )
                    .await;
                    assert_eq!(state(&id).await, Standing::InForce);
                    let text = newer(&format!("4{at}-QĐ/ĐU"), issuer).replace("05-QĐ/ĐU", &symbol);
                    import(&format!("{at}-new"), text, unit).await;
                    assert_eq!(state(&id).await, Standing::Replaced, "{unit}");
                }
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_another_replaced_looks_replaced_wherever_it_is_listed() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                both(&app).await;
                let old = "+++\nsymbol = \"05-QĐ/ĐU\"\ntype = \"Quy định\"\nissuer = \"Đảng ủy Khối Thử Nghiệm\"\nissued_on = \"2021-03-03\"\ntitle = \"về chế độ sinh hoạt\"\naudience = \"members\"\n+++\nĐiều 1. Cũ\n1. Như trước.\n";
                let new = "+++\nsymbol = \"13-QĐ/ĐU\"\ntype = \"Quy định\"\nissuer = \"Đảng ủy Khối Thử Nghiệm\"\nissued_on = \"2026-06-20\"\ntitle = \"về chế độ mới\"\naudience = \"members\"\n+++\nĐiều 1. Mới\n1. Quy định này thay thế Quy định số 05-QĐ/ĐU, ngày 03/3/2021 về chế độ sinh hoạt.\n";
                let other = "+++\nsymbol = \"14-QĐ/CB\"\ntype = \"Quy định\"\nissuer = \"Chi bộ khác\"\nissued_on = \"2026-06-21\"\ntitle = \"của nơi khác\"\naudience = \"members\"\n+++\nĐiều 1. Khác\n1. Quy định này thay thế Quy định số 12-QĐ/ĐU, ngày 15/6/2026.\n";
                let report = import(&app, "chain", &[("05.md", old), ("13.md", new), ("14.md", other)], "members").await;
                let id = report.entries[0].id.clone();
                app.catch_up().await;
                let badge = async |path: &str| app.as_(HOA).get(path).await.expects(200).all(".state");
                let listed = badge("/documents").await;
                assert_eq!(listed.iter().filter(|words| *words == "Đã được thay bằng 13-QĐ/ĐU").count(), 1, "{listed:?}");
                assert_eq!(listed.len(), 5, "every one says its state");
                let page = app.as_(HOA).get(&format!("/documents/{id}")).await.expects(200);
                assert_eq!(page.all(".state"), ["Đã được thay bằng 13-QĐ/ĐU"]);
                assert!(page.has_button("Mở 13-QĐ/ĐU") || page.all("a").iter().any(|a| a == "Mở 13-QĐ/ĐU"));
                // Who publishes may say otherwise, and take it back.
                let fields = [
                    ("symbol", "30-NQ/ĐU"),
                    ("title", "về việc chung"),
                    ("issued_on", "20/11/2026"),
                    ("unit", "committee"),
                    ("audience", "members"),
                    ("text", "Điều 1. Việc\n1. Làm."),
                    ("do", "publish"),
                ];
                let made = app.as_(THU).post("/documents/new", &fields).await.expects(303);
                let id = made.location().strip_prefix("/documents/").unwrap().to_owned();
                let at = format!("/documents/{id}/standing");
                app.as_(HOA).get(&at).await.expects(404);
                app.as_(HOA).post(&at, &[("state", "in_force")]).await.expects(404);
                app.as_(THU).post(&at, &[("state", "replaced")]).await.expects(422);
                app.as_(THU).post(&at, &[("state", "")]).await.expects(422);
                let version = async || {
                    let page = app.as_(THU).get(&at).await.expects(200);
                    page.attributes("input[name=row_version]", "value").remove(0)
                };
                let seen = version().await;
                let said = [
                    ("state", "replaced"),
                    ("newer_symbol", "12-QĐ/ĐU"),
                    ("note", "Theo Điều 9."),
                    ("row_version", &seen),
                ];
                app.as_(THU).post(&at, &said).await.expects(303);
                // Whoever had it open meanwhile is asked again, and keeps their words.
                let late = [("state", "repealed"), ("note", "Đã bỏ."), ("row_version", &seen)];
                let late = app.as_(THU).post(&at, &late).await.expects(409);
                assert_eq!(late.attributes("input[name=note]", "value"), ["Đã bỏ."]);
                assert_eq!(late.attributes("input[name=state][checked]", "value"), ["repealed"]);
                assert!(late.body().contains("Theo Điều 9."), "what stands there is said beside it");
                let page = app.as_(HOA).get(&format!("/documents/{id}")).await.expects(200);
                assert_eq!(page.all(".state"), ["Đã được thay bằng 12-QĐ/ĐU"]);
                assert!(page.text(".note").contains("Theo Điều 9."));
                let seen = version().await;
                app.as_(THU).post(&at, &[("state", "read"), ("row_version", &seen)]).await.expects(303);
                let page = app.as_(HOA).get(&format!("/documents/{id}")).await.expects(200);
                assert_eq!(page.all(".state"), ["Còn hiệu lực"]);
            },
        )
        .await;
    }
}
