//! Publishing a draft: from then on its audience finds it.

use crate::{access, store};
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, Nothing, Visitor, see_other};

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
    let may = access::can_publish(&site, &visitor, &id).await?;
    let mut act = may.begin(&site, &frame, "document.publish").await?;
    // Publishing what is published is success: somebody was quicker.
    if store::publish(&mut act).await? {
        act.end().await?;
    } else {
        act.leave().await?;
    }
    Ok(see_other(format!("/documents/{id}"))
        .flash("documents-publication-done")
        .into_response())
}
