//! Taking a published document back: it asks first, saying what readers lose.
//!
//! For what should never have been out. A document that another replaces stays (`standing`).

use crate::{access, store};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, Nothing, see_other};

#[derive(Template)]
#[template(path = "documents/withdrawal.html")]
struct Page {
    frame: Frame,
    id: String,
    name: String,
    title: String,
    cited: usize,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (readable, _) = access::can_change(&site, &who.0, &id).await?;
    let document = &readable.document;
    if !document.is_published() {
        return Ok(see_other(format!("/documents/{id}")).into_response());
    }
    let cited = store::list_citing(&site, document, &readable.reach).await?;
    let page = Page {
        name: super::edit::name(document),
        title: document.title.clone(),
        cited: cited.len(),
        id,
        frame: frame.clone(),
    };
    frame.html(&page)
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let (_, may) = access::can_change(&site, &who.0, &id).await?;
    let mut act = may.begin(&site, &frame, "document.withdraw").await?;
    act.line().object("document", &id);
    // Withdrawing what is withdrawn is success: somebody was quicker.
    if store::withdraw(&mut act, &id).await? {
        act.end().await?;
    } else {
        act.leave().await?;
    }
    Ok(see_other("/documents")
        .flash("documents-withdraw-done")
        .into_response())
}
