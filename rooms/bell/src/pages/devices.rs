//! Devices that are told by push: added by the script of the settings page, removed by a button; and the
//! worker that shows what they are told.

use super::settings::language;
use crate::access::Own;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::Error;
use notices::{EndpointId, Subscription};
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, Nothing, see_other};

/// `POST /notices/devices`: what the browser's subscription says.
pub(crate) async fn add(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    form: Form<Subscription>,
) -> Answer {
    if !crate::out::can_push(&site) {
        return Err(Error::NotFound.into());
    }
    let (clock, dice, keys) = (site.clock.clone(), site.dice.clone(), site.keys.clone());
    let mut act = Own::of(&who.actor)
        .begin_unlogged(&site, &frame, "notice.device")
        .await?;
    let words = language(&frame);
    notices::add_push(
        act.tx(),
        &clock,
        &dice,
        &keys,
        &who.actor,
        &form.value,
        words,
    )
    .await?;
    act.end().await?;
    Ok(see_other("/notices/settings")
        .flash("bell-device-added")
        .into_response())
}

/// `POST /notices/devices/{id}/removal`. Removing twice is success.
pub(crate) async fn remove(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let id: EndpointId = id.parse().map_err(|_| Error::NotFound)?;
    let mut act = Own::of(&who.actor)
        .begin_unlogged(&site, &frame, "notice.device")
        .await?;
    notices::remove_endpoint(act.tx(), &who.actor, &id).await?;
    act.end().await?;
    Ok(see_other("/notices/settings")
        .flash("bell-device-removed")
        .into_response())
}

/// `GET /push-worker.js`: at the root, since a worker reaches only what lies below it; never kept for long,
/// since browsers ask for it under this one name.
pub(crate) async fn worker() -> Response {
    let Some(script) = web::assets::content("push-worker.js") else {
        return web::Fail(Error::NotFound).into_response();
    };
    let mut response = (StatusCode::OK, script).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/javascript; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
