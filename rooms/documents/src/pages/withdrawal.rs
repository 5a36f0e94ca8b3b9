//! Taking a published document back: it asks first, saying what readers lose.
//!
//! For what should never have been out. A document that another replaces stays (`standing`).

use crate::{access, store};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(Template)]
#[template(path = "documents/withdrawal.html")]
struct Page {
    frame: Frame,
    id: String,
    name: String,
    title: String,
    cited: usize,
    form: FormState,
}

async fn page(
    site: &Site,
    frame: &Frame,
    readable: &access::Readable,
    form: FormState,
) -> kernel::Result<Page> {
    let document = &readable.document;
    let cited = store::list_citing(site, document, &readable.reach).await?;
    Ok(Page {
        id: document.id.to_string(),
        name: super::edit::name(document),
        title: document.title.clone(),
        cited: cited.len(),
        form,
        frame: frame.clone(),
    })
}

fn form_of(document: &store::Document) -> FormState {
    FormState::new().with("row_version", document.row_version.to_string())
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (readable, _) = access::can_rule(&site, &who.0, &id).await?;
    if !readable.document.is_published() {
        return Ok(see_other(format!("/documents/{id}")).into_response());
    }
    let form = form_of(&readable.document);
    frame.html(&page(&site, &frame, &readable, form).await?)
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    row_version: String,
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (_, may) = access::can_rule(&site, &who.0, &id).await?;
    let mut act = may.begin(&site, &frame, "document.withdraw").await?;
    let is_as_seen = store::begin_change(&mut act, &id, &form.value.row_version).await?;
    if is_as_seen && store::withdraw(&mut act, &id).await? {
        act.end().await?;
    } else {
        act.leave().await?;
        let (now, _) = access::can_rule(&site, &who.0, &id).await?;
        // Withdrawing what is withdrawn is success: somebody was quicker. What is out in another text is
        // looked at once more.
        if now.document.is_published() {
            let mut state = FormState::typed(form.pairs);
            let saved = super::edit::last_saved(&site, &frame, &who, &id).await?;
            state.changed(&form_of(&now.document), "row_version", &saved);
            let page = page(&site, &frame, &now, state).await?;
            return frame.html_status(page.form.status(), &page);
        }
    }
    Ok(see_other("/documents")
        .flash("documents-withdraw-done")
        .into_response())
}

#[cfg(test)]
mod tests {
    use testkit::{HOA, LAN, THU, TUAN, TestApp, on_both};

    async fn version(app: &TestApp, at: &str) -> String {
        let page = app.as_(THU).get(at).await.expects(200);
        page.attributes("input[name=row_version]", "value")
            .remove(0)
    }

    async fn withdraws(app: &TestApp, id: &str) {
        let at = format!("/documents/{id}/withdrawal");
        let seen = version(app, &at).await;
        let fields = [("row_version", seen.as_str())];
        app.as_(THU).post(&at, &fields).await.expects(303);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_stands_in_its_place_is_named_only_to_who_may_read_that() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                app.moves(testkit::UNIT_CELL_A, testkit::UNIT_BLOC).await;
                let kept = |symbol: &str, audience: &str| {
                    format!("+++\nsymbol = \"{symbol}\"\nissued_on = \"2026-11-21\"\ntitle = \"văn bản {audience}\"\naudience = \"{audience}\"\n+++\nĐiều 1. Việc\nLàm.\n")
                };
                let (old, new) = (kept("03-NQ/CB", "members"), kept("04-NQ/CB", "unit:committee"));
                let folder = crate::sample::folder(&app, "own", &[("03.md", &old), ("04.md", &new)]);
                let options = crate::import::Options {
                    unit: Some("committee".parse().unwrap()),
                    ..Default::default()
                };
                let report = crate::import::run(&app.site, &folder, &options, &mut site::import::Quiet).await;
                let id = report.unwrap().entries[0].id.clone();
                let at = format!("/documents/{id}");
                let says = async |symbol: &str| {
                    let seen = version(&app, &format!("{at}/standing")).await;
                    let note = format!("Xem Nghị quyết số {symbol} và 99-NQ/CB");
                    let says = [("state", "replaced"), ("newer_symbol", symbol), ("note", note.as_str()), ("row_version", seen.as_str())];
                    app.as_(THU).post(&format!("{at}/standing"), &says).await.expects(303);
                };
                says("04-NQ/CB").await;
                // Hoa's cell is not of the committee, Tuấn's is.
                let everywhere = [at.clone(), "/documents".to_owned(), "/api/v1/documents".to_owned(), format!("/api/v1/documents/{id}")];
                for path in &everywhere {
                    assert!(!app.as_(HOA).get(path).await.expects(200).body().contains("04-NQ/CB"), "{path}");
                    assert!(app.as_(TUAN).get(path).await.expects(200).body().contains("04-NQ/CB"), "{path}");
                }
                let own = app.as_(HOA).get(&at).await.expects(200).body();
                assert!(own.contains("99-NQ/CB"), "of the note only what is held and hidden is left out");
                // So on the agenda of a meeting.
                for (who, is_named) in [(HOA, false), (TUAN, true)] {
                    let who = std::sync::Arc::new(app.signed_in(who));
                    let shown = (crate::agenda::KIND.show)(app.site.clone(), who, web::Lang::Vi, vec![id.clone()]).await.unwrap();
                    assert_eq!(shown[0].meta.contains("04-NQ/CB"), is_named);
                }
                let form = app.as_(THU).get(&format!("{at}/standing")).await.expects(200);
                assert_eq!(form.attributes("input[name=newer_symbol]", "value"), ["04-NQ/CB"]);
                withdraws(&app, &id).await;
                assert!(!app.as_(HOA).get(&at).await.expects(410).body().contains("04-NQ/CB"));
                assert!(app.as_(TUAN).get(&at).await.expects(410).body().contains("04-NQ/CB"));
                // A paper that is not kept here is named as it was typed.
                says("99-QĐ/TW").await;
                assert!(app.as_(HOA).get(&at).await.expects(410).body().contains("99-QĐ/TW"));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_withdrawn_document_says_so_to_its_readers_and_is_unknown_to_everybody_else() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                crate::sample::both(&app).await;
                // The cell of Lan and Hoa is not of the committee.
                app.moves(testkit::UNIT_CELL_A, testkit::UNIT_BLOC).await;
                let own = "+++\nsymbol = \"03-NQ/CB\"\nissued_on = \"2026-11-21\"\ntitle = \"riêng của đảng ủy\"\naudience = \"unit:committee\"\n+++\nĐiều 1. Kín\nViệc của các chi bộ.\n";
                let folder = crate::sample::folder(&app, "own", &[("03.md", own)]);
                let options = crate::import::Options {
                    unit: Some("committee".parse().unwrap()),
                    ..Default::default()
                };
                let report = crate::import::run(&app.site, &folder, &options, &mut site::import::Quiet).await;
                let id = report.unwrap().entries[0].id.clone();
                let at = format!("/documents/{id}");
                let listed = async |reach: &[&str]| {
                    let reach = reach.iter().map(|&token| token.to_owned()).collect();
                    let seen = (crate::feed::FEED.seen)(app.site.clone(), reach, vec![id.clone()]);
                    seen.await.unwrap().len()
                };
                assert_eq!((listed(&["members", "unit:committee"]).await, listed(&["members"]).await), (1, 0));
                withdraws(&app, &id).await;
                assert_eq!(listed(&["members", "unit:committee"]).await, 0, "no search lists it, though the index is older");
                let paths = [at.clone(), format!("{at}/file"), format!("/api/v1/documents/{id}")];
                for (who, status) in [(TUAN, 410), (LAN, 404), (HOA, 404), (THU, 200)] {
                    for path in &paths[..2] {
                        app.as_(who).get(path).await.expects(status);
                    }
                }
                app.as_(TUAN).get(&paths[2]).await.expects(410);
                app.as_(LAN).get(&paths[2]).await.expects(404);
                app.as_(TUAN).get(&format!("{at}/edit")).await.expects(404);
                app.stranger().get(&at).await.expects(404);
                let said = app.as_(TUAN).get(&at).await;
                assert!(said.body().contains("đã được rút"));
                assert!(!said.body().contains("riêng của đảng ủy"), "its text is withdrawn as well");
                assert!(said.attributes("a", "href").contains(&"/documents".to_owned()));

                // What stands in its place is named, and leads there.
                let seen = version(&app, &format!("{at}/edit")).await;
                let says = [("state", "replaced"), ("newer_symbol", "12-QĐ/ĐU"), ("note", "Theo Điều 2."), ("row_version", seen.as_str())];
                app.as_(THU).post(&format!("{at}/standing"), &says).await.expects(303);
                let said = app.as_(TUAN).get(&at).await.expects(410);
                assert_eq!(said.text("h1"), "Không còn ở đây");
                assert!(said.body().contains("Thay vào đó là 12-QĐ/ĐU"));
                let there = said.attributes("a", "href");
                let there = there.into_iter().find(|to| to.starts_with("/documents/")).unwrap();
                app.as_(TUAN).get(&there).await.expects(200);

                // Those to whom a draft is opened meanwhile never had it.
                let seen = version(&app, &format!("{at}/edit")).await;
                let edits = [("symbol", "03-NQ/CB"), ("title", "cho mọi người"), ("audience", "public"), ("issued_on", "21/11/2026"), ("row_version", seen.as_str()), ("do", "keep")];
                app.as_(THU).post(&format!("{at}/edit"), &edits).await.expects(303);
                app.stranger().get(&at).await.expects(404);
                app.as_(LAN).get(&at).await.expects(404);
                app.as_(TUAN).get(&at).await.expects(410);

                // Changed since it was seen it does not go out.
                let seen = app.as_(THU).get(&at).await.expects(200);
                let seen = seen.attributes("form[action$=publication] input[name=row_version]", "value").remove(0);
                app.sets("update documents_document set row_version = row_version + 1").await;
                for version in [seen.as_str(), ""] {
                    let stale = [("row_version", version)];
                    app.as_(THU).post(&format!("{at}/publication"), &stale).await.expects(409);
                }
                app.as_(TUAN).get(&at).await.expects(410);
                // Out again it is read again; withdrawn again all who could read it are told.
                app.as_(THU).press(&at, &format!("{at}/publication")).await.expects(303);
                app.stranger().get(&at).await.expects(200);
                // Whoever published it for others, not being one of them, still sees it and takes it back.
                app.sets("update documents_document set audience = 'unit:elsewhere' where symbol = '03-NQ/CB'").await;
                app.as_(LAN).get(&at).await.expects(404);
                app.as_(THU).get(&at).await.expects(200);
                app.sets("update documents_document set audience = 'public' where symbol = '03-NQ/CB'").await;
                withdraws(&app, &id).await;
                app.stranger().get(&at).await.expects(410);
                // A draft that never was out is unknown.
                assert!(app.count("select count(*) from documents_document where withdrawn_audience <> ''").await == 1);
            },
        )
        .await;
    }
}
