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
