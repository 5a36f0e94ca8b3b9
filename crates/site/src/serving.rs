//! The whole router: every room's routes, the frame's own, wrapped by the edge.
//!
//! The program serves this one and the tests walk over it, so that a table of answers is the table of what
//! is served. Not here: listening (`app`), what an answer needs (`web::edge`).
//! The rule that surprises: layers run from the last one down, so what is squeezed has been through the edge.

use crate::ready::Ready;
use crate::{Room, Site};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use kernel::error::{Error, Result};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use web::{Access, RouteRow};

/// The routes that no room serves.
pub const OWN_ROUTES: [RouteRow; 5] = [
    own("/assets/{*path}"),
    own("/favicon.ico"),
    own("/healthz"),
    own("/readyz"),
    own("/api/v1/openapi.json"),
];

const fn own(path: &'static str) -> RouteRow {
    RouteRow {
        method: "GET",
        path,
        access: Access::Public,
    }
}

/// The whole router of these rooms; a request's body has at most `max_body_bytes` bytes where its route
/// says nothing else.
pub fn router(site: &Site, rooms: Vec<Room>, max_body_bytes: usize) -> Result<axum::Router> {
    let api = serde_json::to_string_pretty(&openapi(&rooms)).map_err(Error::fault)?;
    let ready = std::sync::Arc::new(Ready::default());
    let mut router = axum::Router::new()
        .route("/assets/{*path}", get(web::assets::get))
        .route("/favicon.ico", get(web::assets::get_icon))
        .route("/healthz", get(async || "ok"))
        .route(
            "/api/v1/openapi.json",
            get(async move || ([(header::CONTENT_TYPE, "application/json")], api.clone())),
        );
    let mut pages = Vec::new();
    for room in rooms {
        let (routes, rows) = room.routes.into_parts();
        router = router.merge(routes);
        pages.extend(
            rows.iter()
                .filter(|row| row.method == "GET")
                .map(|row| row.path),
        );
    }
    let opened_later =
        move |method: Method, uri: Uri| std::future::ready(opened_later(&pages, method, &uri));
    let squeeze = CompressionLayer::new()
        .quality(tower_http::CompressionLevel::Fastest)
        .compress_when(
            SizeAbove::new(512)
                .and(NotForContentType::const_new("font/"))
                .and(NotForContentType::const_new("image/png"))
                .and(NotForContentType::const_new("image/jpeg"))
                .and(NotForContentType::const_new("image/webp")),
        );
    Ok(router
        .fallback(async || web::Fail(Error::NotFound))
        .method_not_allowed_fallback(opened_later)
        .layer(DefaultBodyLimit::max(max_body_bytes))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(|_| {
            // The edge draws the page and logs it.
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }))
        .layer(axum::middleware::from_fn_with_state(
            site.edge.clone(),
            web::edge::wrap,
        ))
        .layer(squeeze)
        // Outside the edge: whoever watches wants a word, no page, and no line in the log each time.
        .route(
            "/readyz",
            get(async move |State(site): State<Site>| ready.answer(&site).await),
        )
        .with_state(site.clone()))
}

/// An address that was an act (`/meetings/{id}/absences/{absence}`) and is opened later, from the history or by
/// Back, leads on to the nearest page that it belongs to. Programs and other methods are told that it is not allowed.
fn opened_later(pages: &[&str], method: Method, uri: &Uri) -> Response {
    let path = uri.path();
    if method != Method::GET || path.starts_with("/api/") {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let above = path.match_indices('/').rev().map(|(at, _)| &path[..at]);
    let mut above = above.filter(|above| !above.is_empty());
    match above.find(|above| pages.iter().any(|page| is_at(page, above))) {
        Some(page) => web::see_other(page).into_response(),
        None => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// Whether a path is one of this route.
fn is_at(route: &str, path: &str) -> bool {
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(_)) if part.starts_with("{*") => return true,
            (Some(part), Some(held))
                if part == held || (part.starts_with('{') && !held.is_empty()) => {}
            _ => return false,
        }
    }
}

/// Texts of the frame and of every room; the error names every key that is missing or said twice.
pub fn texts(rooms: &[Room]) -> Result<web::Texts> {
    let (vi, en) = notices::TEXTS;
    let of = "notices";
    let mut sources = vec![web::text::TEXTS, web::text::TextSource { of, vi, en }];
    sources.extend(rooms.iter().map(|room| room.texts));
    web::Texts::build(&sources).map_err(|trouble| Error::fault(trouble.join("; ")))
}

/// The API's description, put together from the rooms.
pub fn openapi(rooms: &[Room]) -> utoipa::openapi::OpenApi {
    use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
    let mut info = utoipa::openapi::Info::new("Sổ tay", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Personal access tokens (Tôi, Mã truy cập) in `Authorization: Bearer …`. Errors are RFC 9457 problem details."
            .to_owned(),
    );
    let mut whole = utoipa::openapi::OpenApi::new(info, utoipa::openapi::Paths::new());
    for room in rooms {
        if let Some(part) = &room.openapi {
            whole.merge(part.clone());
        }
    }
    let mut components = whole.components.take().unwrap_or_default();
    components.add_security_scheme(
        "token",
        SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
    );
    whole.components = Some(components);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_was_an_act_leads_to_the_nearest_page_above_it() {
        let pages = [
            "/meetings",
            "/meetings/{id}",
            "/me/sessions",
            "/media/{*path}",
        ];
        let leads = |path: &str| {
            let answer = opened_later(&pages, Method::GET, &path.parse().unwrap());
            let to = answer.headers().get(header::LOCATION);
            to.map_or_else(
                || answer.status().to_string(),
                |to| to.to_str().unwrap().to_owned(),
            )
        };
        assert_eq!(leads("/meetings/7/answer"), "/meetings/7");
        assert_eq!(leads("/meetings/7/absences/9"), "/meetings/7");
        assert_eq!(leads("/me/sessions/5/endings"), "/me/sessions");
        assert_eq!(leads("/sign-out"), "405 Method Not Allowed");
        assert_eq!(leads("/api/v1/things/1/acts"), "405 Method Not Allowed");
        let sent = opened_later(&pages, Method::PUT, &"/meetings/7/answer".parse().unwrap());
        assert_eq!(sent.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
