//! Publishing a draft: from then on its audience finds it. What was seen is what is published: a draft that changed
//! meanwhile, its text or who may read it, is refused.

use crate::{access, store};
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::Refusal;
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, Visitor, see_other};

/// Which text was seen.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Seen {
    row_version: String,
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Seen>,
) -> Answer {
    let visitor = Visitor {
        signed_in: Some(who.0.clone()),
    };
    let may = access::can_publish(&site, &visitor, &id).await?;
    let mut act = may.begin(&site, &frame, "document.publish").await?;
    let seen = form.value.row_version.parse().unwrap_or_default();
    let is_seen = store::stands(&mut act, &id, seen).await?;
    // Publishing what is published is success: somebody was quicker.
    if !is_seen && store::is_draft(&mut act).await? {
        act.leave().await?;
        return Err(Refusal::new("documents-refused-moved")
            .way_out(format!("/documents/{id}"), "documents-refused-moved-go")
            .into());
    }
    if store::publish(&mut act).await? {
        store::standing::tell_related(&mut act, &id).await?;
        act.end().await?;
    } else {
        act.leave().await?;
    }
    Ok(see_other(format!("/documents/{id}"))
        .flash("documents-publication-done")
        .into_response())
}
