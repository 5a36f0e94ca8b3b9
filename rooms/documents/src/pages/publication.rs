//! Publishing a draft: from then on its audience finds it.

use crate::{access, store};
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::Cap;
use kernel::error::Error;
use site::{Audit, Site};
use web::{Answer, Form, Frame, Member, Visitor, see_other};

#[derive(serde::Deserialize)]
pub(crate) struct Nothing {}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let visitor = Visitor {
        signed_in: Some(who.0.clone()),
    };
    let readable = access::read(&site, &visitor, &id).await?;
    if !readable.may_publish {
        return Err(Error::NotFound.into());
    }
    let mut tx = site.db.begin().await?;
    // Publishing what is published is success: somebody was quicker.
    if store::publish(&mut tx, &readable.document.id, site.clock.now()).await? {
        let mut audit = Audit::by(&who.actor, "document.publish")
            .object("document", &id)
            .operation(frame.operation());
        if let Some(unit) = access::unit_of(&readable.document) {
            audit = audit.right(&who.actor, Cap::ContentPublish, &unit, site.clock.today());
        }
        audit.write(&mut tx, &site.clock, &site.dice).await?;
    }
    site.db.commit(tx).await?;
    Ok(see_other(format!("/documents/{id}"))
        .flash("documents-publication-done")
        .into_response())
}
