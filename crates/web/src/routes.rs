//! A room's routes, each with who may come: one list makes the router, `sotay routes`, and the walk
//! that tries every route as everyone.
//!
//! [`Access::Member`] is guarded here, so a handler that forgets to ask is still closed. What a
//! member may see of a thing is decided in the room.

use crate::fail::Fail;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use kernel::Error;
use std::any::Any;
use std::sync::Arc;

/// What an ordinary form may weigh, in bytes as sent: a Vietnamese letter takes up to nine.
pub const FORM_BYTES: usize = 64 * 1024;
/// What a form with long texts or many rows may weigh, in bytes as sent: the minutes of a meeting are at
/// most 100,000 letters.
pub const LONG_FORM_BYTES: usize = 2 * 1024 * 1024;

/// Who may come to a route at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Signed-in members.
    Member,
    /// Holders of a personal access token (or a session) with that scope.
    Token(&'static str),
}

impl Access {
    /// `public`, `member` or `token:scope`.
    pub fn name(self) -> String {
        match self {
            Access::Public => "public".into(),
            Access::Member => "member".into(),
            Access::Token(scope) => format!("token:{scope}"),
        }
    }
}

/// One line of the list of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteRow {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path with its `{parameters}`.
    pub path: &'static str,
    /// Who may come.
    pub access: Access,
}

/// A room's routes while they are being listed.
pub struct Routes<S> {
    router: Router<S>,
    rows: Vec<RouteRow>,
    known: Vec<Arc<dyn Any + Send + Sync>>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self {
            router: Router::new(),
            rows: Vec::new(),
            known: Vec::new(),
        }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }
    fn add<H, T>(
        mut self,
        filter: MethodFilter,
        method: &'static str,
        path: &'static str,
        access: Access,
        limit: Option<usize>,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let mut route: MethodRouter<S> =
            on(filter, handler).layer(axum::middleware::from_fn(move |request, next| {
                guard(access, request, next)
            }));
        if let Some(limit) = limit {
            route = route.layer(DefaultBodyLimit::max(limit));
        }
        self.router = self.router.route(path, route);
        self.rows.push(RouteRow {
            method,
            path,
            access,
        });
        self
    }
    /// A page.
    pub fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let limit = Some(FORM_BYTES);
        self.add(MethodFilter::GET, "GET", path, access, limit, handler)
    }
    /// An act: an ordinary form, of at most [`FORM_BYTES`].
    pub fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let limit = Some(FORM_BYTES);
        self.add(MethodFilter::POST, "POST", path, access, limit, handler)
    }
    /// An act with long texts or many rows: a form of at most [`LONG_FORM_BYTES`].
    pub fn post_long<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let limit = Some(LONG_FORM_BYTES);
        self.add(MethodFilter::POST, "POST", path, access, limit, handler)
    }
    /// An act with a file: as large as the settings allow (`server.max_body_mb`).
    pub fn post_file<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(MethodFilter::POST, "POST", path, access, None, handler)
    }
    /// Both lists together.
    pub fn and(mut self, other: Routes<S>) -> Self {
        self.router = self.router.merge(other.router);
        self.rows.extend(other.rows);
        self.known.extend(other.known);
        self
    }
    /// Hands what the room keeps in memory (a cache, a gate) to every handler listed so far, which takes
    /// it as `Extension<Arc<T>>`. Made in `room()`, so that each handbook has its own.
    pub fn knowing<T: Send + Sync + 'static>(mut self, held: &Arc<T>) -> Self {
        self.router = self.router.layer(axum::Extension(held.clone()));
        self.known.push(held.clone());
        self
    }
    /// What [`Routes::knowing`] was given.
    pub fn known(&self) -> &[Arc<dyn Any + Send + Sync>] {
        &self.known
    }
    /// The list.
    pub fn rows(&self) -> &[RouteRow] {
        &self.rows
    }
    /// The router and the list.
    pub fn into_parts(self) -> (Router<S>, Vec<RouteRow>) {
        (self.router, self.rows)
    }
}

async fn guard(access: Access, request: Request, next: Next) -> Response {
    let visitor = request.extensions().get::<crate::Visitor>();
    let signed_in = visitor.and_then(|visitor| visitor.signed_in.as_ref());
    let refused = match (access, signed_in) {
        (Access::Public, _) => None,
        (_, None) => Some(Error::SignInFirst),
        // A token opens only the API: pages belong to sessions.
        (Access::Member, Some(who)) => who.token_scopes.is_some().then_some(Error::NotFound),
        (Access::Token(scope), Some(who)) => match &who.token_scopes {
            None => None,
            Some(scopes) => (!scopes.iter().any(|held| held == scope)).then(|| {
                Error::Refused(
                    kernel::Refusal::new("web-api-scope")
                        .status(403)
                        .arg("scope", scope),
                )
            }),
        },
    };
    match refused {
        Some(Error::SignInFirst) => sign_in_first(request).await,
        Some(error) => Fail(error).into_response(),
        None => next.run(request).await,
    }
}

/// Sign in first; what a form brought goes along to the edge, which knows whose it may be.
async fn sign_in_first(request: Request) -> Response {
    let mut response = Fail(Error::SignInFirst).into_response();
    let kind = request.headers().get(axum::http::header::CONTENT_TYPE);
    let is_form = kind.is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    // A browser whose cookies are gone says at least where its form came from.
    let names = [axum::http::header::COOKIE, axum::http::header::ORIGIN];
    let may_be_ours = (names.iter()).any(|name| request.headers().contains_key(name));
    if request.method() == axum::http::Method::POST
        && is_form
        && may_be_ours
        && let Ok(bytes) = axum::body::to_bytes(request.into_body(), LONG_FORM_BYTES).await
    {
        response.extensions_mut().insert(crate::fail::Left(bytes));
    }
    response
}
