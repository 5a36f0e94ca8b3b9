//! The edge: what wraps every route. Operation number, who asks, look, forgery check, error pages,
//! security headers, one log line and one metric a request.
//!
//! Faults are logged here, once, with their whole chain. Not here: what a member may see (rooms).
//! The rule that surprises: a request from another site that would change something is refused by
//! its headers alone, before a form's token is looked at.

use crate::fail::{Clashed, Fail, Left, SignInFirst, Trouble};
use crate::form;
use crate::frame::{Frame, Inner, Org};
use crate::left::{self, LeftForm};
use crate::look::{self, Look};
use crate::problem::Problem;
use crate::refused::{self, Whose};
use crate::text::Texts;
use crate::visitor::{Denied, Doorman, LeftBy, Visitor};
use askama::Template;
use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::{Clock, Dice, Error};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

/// What the edge needs.
pub struct Edge {
    /// All texts.
    pub texts: Texts,
    /// Finds out who asks.
    pub doorman: Arc<dyn Doorman>,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub dice: Dice,
    /// Key of form tokens.
    pub secret: [u8; 32],
    /// Keys of form tokens of before: a form that was drawn then is taken, none is drawn with them.
    pub secrets_before: Arc<[[u8; 32]]>,
    /// Whether the outside address is https: secure cookies and HSTS.
    pub https: bool,
    /// The outside address without a final stroke, for what is printed; empty: as browsers call us.
    pub public_url: crate::PublicUrl,
    /// Whether `x-forwarded-for` of a proxy in front may be believed.
    pub behind_proxy: bool,
    /// The places of the menus, in order.
    pub places: Arc<[crate::Place]>,
    /// How the organisation calls itself; the admin room may change it while running.
    pub org: RwLock<Arc<Org>>,
    /// Pages of refused forms, to which Back leads.
    pub refused: crate::refused::Refused,
    /// When a write was last refused for want of room.
    pub disk: kernel::disk::Watch,
    /// Forms that came without a session, until their person signs in with the same browser.
    pub lost: crate::lost::Lost,
}

/// The address that a request came from, for growing delays and visitor counts. Never stored.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// Name of the session cookie.
pub fn session_cookie(https: bool) -> &'static str {
    if https {
        "__Host-sotay_session"
    } else {
        "sotay_session"
    }
}

/// One cookie of a request.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(held, _)| *held == name)
        .map(|(_, value)| value)
}

/// The route of an address that no room has.
const UNMATCHED: &str = "unmatched";

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

const HEADERS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    ),
];

/// The middleware: `axum::middleware::from_fn_with_state(edge, edge::wrap)`.
pub async fn wrap(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    without_zero(&mut request);
    let headers = request.headers();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or("").to_owned();
    let is_api = path.starts_with("/api/");
    let has_zero = path.contains("%00");
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(
        || UNMATCHED.to_owned(),
        |matched| matched.as_str().to_owned(),
    );
    let address = client_address(&edge, &request);
    let bearer = bearer(headers).map(str::to_owned);
    let session = cookie(headers, session_cookie(edge.https)).map(str::to_owned);
    let cookie_look = cookie(headers, look::COOKIE).map(Look::read);
    let flash = cookie(headers, "sotay_flash").map(str::to_owned);
    let had_flash = flash.is_some();
    let browser = cookie(headers, left::COOKIE)
        .filter(|text| is_ours(text))
        .map(str::to_owned);
    // What a script sends is a part of a form: filled in as a whole it would clear the rest.
    let mode = text_of(headers, HeaderName::from_static("sec-fetch-mode"));
    let is_whole = matches!(mode, "" | "navigate");
    let from_page = left::page_of(
        text_of(headers, header::REFERER),
        text_of(headers, header::HOST),
        request
            .uri()
            .path_and_query()
            .map_or("", |all| all.as_str()),
    );
    // With every form a browser says where it is from; another site's was refused.
    let says_origin = headers.contains_key(header::ORIGIN);
    // Programs and old browsers say no mode: they are answered at once.
    let goes_back = mode == "navigate" && !is_api;
    let old_guest = cookie(headers, "sotay_guest")
        .filter(|text| is_ours(text))
        .map(str::to_owned);
    let forged = changes_something(&method) && bearer.is_none() && comes_from_elsewhere(headers);

    // Islands that keep a page new say so; a person who reads sends none.
    let is_aside = !changes_something(&method) && headers.contains_key("x-fragment");
    let mut entry_error = None;
    let mut visitor = Visitor::default();
    let is_static = path.starts_with("/assets/");
    let found = match (&bearer, &session) {
        _ if is_static => Ok(None),
        (Some(token), _) if is_api => match edge.doorman.by_token(token).await {
            // A token that is not ours is an error, not a passer-by.
            Ok(None) => Err(Error::SignInFirst),
            other => other,
        },
        (_, Some(secret)) if is_aside => edge.doorman.by_session_aside(secret).await,
        (_, Some(secret)) => edge.doorman.by_session(secret).await,
        _ => Ok(None),
    };
    match found {
        Ok(who) => visitor.signed_in = who.map(Arc::new),
        Err(error) => entry_error = Some(error),
    }
    let kept_look = visitor.signed_in.as_ref().and_then(|who| who.look);
    let frame = Frame(Arc::new(Inner {
        texts: edge.texts.clone(),
        look: cookie_look.or(kept_look).unwrap_or_default(),
        visitor: visitor.clone(),
        path,
        query,
        operation: data_encoding::BASE32_NOPAD.encode(&edge.dice.bytes::<5>()),
        now: edge.clock.now(),
        places: edge.places.clone(),
        org: edge
            .org
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone(),
        secret: edge.secret,
        secrets_before: edge.secrets_before.clone(),
        guest: old_guest
            .clone()
            .unwrap_or_else(|| data_encoding::BASE32_NOPAD.encode(&edge.dice.bytes::<15>())),
        guest_used: AtomicBool::new(false),
        flash,
        typed: std::sync::OnceLock::new(),
    }));
    let signed_in = visitor.signed_in.is_some();
    request.extensions_mut().insert(visitor.clone());
    request.extensions_mut().insert(frame.clone());
    request.extensions_mut().insert(ClientAddress(address));

    let whose = Whose {
        name: match (&session, signed_in) {
            (Some(session), true) => session,
            _ => &frame.0.guest,
        },
        is_member: signed_in,
    };
    let again = refused::token_in(&frame.0.query).filter(|_| method == Method::GET);
    let actor = visitor.signed_in.as_ref().map(|who| who.actor.clone());
    let again = again.and_then(|token| {
        let at = (token, left::page_at(&frame.here()));
        let at = (at.0, at.1.as_str());
        edge.refused.find(whose, at, actor.as_deref(), frame.0.now)
    });
    let mut is_again = false;
    let mut response = if let Some(error) = entry_error {
        Fail(error).into_response()
    } else if forged {
        Fail(Error::Refused(
            kernel::Refusal::new("web-form-forged").status(403),
        ))
        .into_response()
    } else if has_zero {
        Fail(Error::NotFound).into_response()
    } else {
        // The page itself first: who may not see it any more gets what it answers, and who may leaves a line in the log.
        let fresh = run(request, next).await;
        match again.filter(|_| refused::is_given(&fresh)) {
            Some(kept) => {
                is_again = true;
                kept.instead_of(fresh).await
            }
            None => fresh,
        }
    };

    let mut is_left = is_again; // it holds already what was typed
    let left = response.extensions_mut().remove::<Left>();
    if let Some(Left(bytes)) = left.filter(|_| is_whole) {
        let kept = match &session {
            Some(secret) => keep_left(&edge, &frame, secret, &bytes, &from_page, &browser).await,
            None => None,
        };
        is_left |= kept.is_some();
        let shown = || lost(&edge, &frame, &bytes, &from_page, &browser);
        let shown = || (says_origin && !signed_in).then(shown).flatten();
        if let Some(back) = kept.or_else(shown) {
            response = back;
        }
    }
    if is_denied(&route, response.status())
        && let Some(who) = frame.who()
    {
        let denied = Denied {
            operation: frame.operation(),
            route: &route,
            path: &frame.0.path,
        };
        beside(edge.doorman.denied(who, denied).await);
    }
    if let Some(Trouble::Full(_)) = response.extensions().get::<Trouble>() {
        edge.disk.note(edge.clock.now());
    }
    log_fault(&frame, &route, &response);
    if let Some(drawn) = draw_trouble(&frame, is_api, &mut response) {
        response = drawn;
    }
    // After errors are drawn: a page that is gone meanwhile gives back what was typed there as text.
    if let (Some(browser), Some(who), false) = (&browser, frame.who(), is_left) {
        let theirs = LeftBy {
            account: &who.account,
            browser,
        };
        claim(&edge, &frame, theirs).await;
        response = give_back(&edge, &frame, theirs, &method, &from_page, response).await;
    }
    let is_slip = left::is_of_slip(&frame.0.path) || left::is_of_slip(&from_page);
    if goes_back && method == Method::POST && refused::is_one(&response) && !is_slip {
        response = keep_refused(&edge, &frame, whose, &from_page, actor, response).await;
    } else if method == Method::POST && response.status() == StatusCode::SEE_OTHER {
        edge.refused.forget(whose, &from_page, &frame.0.path);
    }
    // Whoever signs in or out is somebody else for what is kept, and so is the guest who was here before.
    let is_other = sets_session(&edge, &response);
    let forgets = response.extensions().get::<refused::ForgetRefused>();
    if is_other || forgets.is_some() {
        edge.refused.forget_all(whose);
        edge.refused.forget_all(Whose {
            name: &frame.0.guest,
            is_member: false,
        });
    }
    finish(
        &edge,
        &frame,
        &mut response,
        signed_in,
        had_flash,
        Guest {
            is_new: old_guest.is_none(),
            is_over: is_other,
        },
    );
    let took = began.elapsed();
    let status = response.status().as_u16();
    metrics::counter!("http_requests_total", "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("http_request_seconds", "route" => route.clone())
        .record(took.as_secs_f64());
    tracing::info!(
        operation = frame.operation(),
        http.method = %method,
        http.route = route,
        http.status = status,
        took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    response
}

/// No word has a zero byte, and PostgreSQL takes none: it is left out of what is asked for. A path with one is
/// nowhere.
fn without_zero(request: &mut Request) {
    let uri = request.uri();
    let Some(query) = uri.query().filter(|query| query.contains("%00")) else {
        return;
    };
    let mut query = query.to_owned();
    while query.contains("%00") {
        query = query.replace("%00", ""); // "%%0000" hides another
    }
    let bare = format!("{}?{query}", uri.path());
    if let Ok(bare) = bare.parse() {
        *request.uri_mut() = bare;
    }
}

/// Runs the handler; once more when its transaction met another and was undone. Only an ordinary form
/// can be sent anew, since it is held here meanwhile: nothing larger, nothing of unknown length.
async fn run(request: Request, next: Next) -> Response {
    let is_small = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: usize| length <= crate::routes::FORM_BYTES);
    if request.method() != Method::POST || !is_small {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, crate::routes::FORM_BYTES).await else {
        // Broken off: there is nobody to answer.
        return StatusCode::BAD_REQUEST.into_response();
    };
    let again = Request::from_parts(parts.clone(), Body::from(body.clone()));
    let first = next
        .clone()
        .run(Request::from_parts(parts, Body::from(body)))
        .await;
    if first.extensions().get::<Clashed>().is_none() {
        return first;
    }
    next.run(again).await
}

fn client_address(edge: &Edge, request: &Request) -> IpAddr {
    let unknown = IpAddr::from([0, 0, 0, 0]);
    let direct = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(unknown, |ConnectInfo(address)| address.ip());
    if !edge.behind_proxy || !is_near(direct) {
        return direct;
    }
    forwarded(request.headers()).unwrap_or(direct)
}

/// Whether an address is of this machine or its own network: there alone stands a proxy of ours, and
/// only its word about others is taken. In tests nobody is connected, which is the address of all zeros.
fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => {
            four.is_loopback() || four.is_private() || four.is_link_local() || four.is_unspecified()
        }
        IpAddr::V6(six) => {
            six.is_loopback() || six.is_unique_local() || six.is_unicast_link_local()
        }
    }
}

/// Whom the proxy names: the last word of the last line, which it added itself. Earlier ones are the
/// visitor's own.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    let last = last.to_str().ok()?.rsplit(',').next()?;
    last.trim().parse().ok()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    text.strip_prefix("Bearer ").map(str::trim)
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether the browser says that another site sent this. Old browsers say nothing: the form's token
/// decides there.
fn comes_from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else {
        return false;
    };
    let host = text(header::HOST).unwrap_or("");
    let origin_host = origin.split_once("://").map_or("", |(_, host)| host);
    origin_host != host
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> &str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or("") // not text: none of ours
}

/// Whether a random value of a cookie has the shape that we give it.
fn is_ours(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Whether a route of ours gave nothing: "forbidden" and "absent" are one answer, so both count.
fn is_denied(route: &str, status: StatusCode) -> bool {
    route != UNMATCHED && matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN)
}

/// Something beside the answer did not work: told in the log, and the visitor gets the answer without it.
fn beside<T>(done: kernel::Result<T>) -> Option<T> {
    done.inspect_err(|error| {
        tracing::warn!(
            cause = error.log_text(),
            "something beside the answer failed"
        );
    })
    .ok()
}

/// Keeps what was sent from an ended session; the answer leads to the door and back to the page, or straight
/// to the page when the same person has signed in anew meanwhile. None when it is not theirs.
async fn keep_left(
    edge: &Edge,
    frame: &Frame,
    secret: &str,
    bytes: &[u8],
    page: &str,
    browser: &Option<String>,
) -> Option<Response> {
    let (account, sessions) = match frame.who() {
        Some(who) => {
            let ended = beside(edge.doorman.ended_of(&who.account).await)?;
            (who.account.clone(), ended)
        }
        None => {
            let (account, session) = beside(edge.doorman.ended(secret).await)??;
            (account, vec![session])
        }
    };
    let (form, token) = LeftForm::read(bytes, page.to_owned(), frame.here())?;
    if !(sessions.iter()).any(|session| frame.csrf_was(session.as_str(), &token)) {
        return None;
    }
    let browser = (browser.clone())
        .unwrap_or_else(|| data_encoding::BASE32_NOPAD.encode(&edge.dice.bytes::<15>()));
    let by = LeftBy {
        account: &account,
        browser: &browser,
    };
    if !beside(edge.doorman.keep(by, &form).await)? {
        return None;
    }
    let back: String = form_urlencoded::byte_serialize(form.page.as_bytes()).collect();
    let to = match frame.who() {
        Some(_) => form.page,
        None => format!("/sign-in?left=1&next={back}"),
    };
    let mut response = crate::see_other(to).into_response();
    set_left(&mut response, &browser, left::LASTS_MS / 1000);
    Some(response)
}

/// A form of nobody we know: its session's cookie is gone. What was typed goes back to the very browser that sent
/// it, to be copied; and it waits there for the person of its token (`crate::lost`).
#[derive(Template)]
#[template(path = "lost.html")]
struct LostPage {
    frame: Frame,
    typed: String,
    is_short: bool,
    /// Whether it comes back to who signs in with this browser.
    is_kept: bool,
    /// Where to sign in: it leads to the page of the form.
    to: String,
}

fn lost(
    edge: &Edge,
    frame: &Frame,
    bytes: &[u8],
    page: &str,
    browser: &Option<String>,
) -> Option<Response> {
    let (form, token) = LeftForm::read(bytes, page.to_owned(), frame.here())?;
    let browser = (browser.clone())
        .unwrap_or_else(|| data_encoding::BASE32_NOPAD.encode(&edge.dice.bytes::<15>()));
    let typed = form.told().join("\n\n");
    let is_short = form.is_short;
    let back: String = form_urlencoded::byte_serialize(form.page.as_bytes()).collect();
    let is_kept = edge.lost.keep(&browser, form, token, frame.0.now);
    if typed.is_empty() {
        // Ticks alone are no words to copy: signing in leads back to them.
        let mut led = crate::see_other(format!("/sign-in?left=1&next={back}")).into_response();
        set_left(&mut led, &browser, left::LASTS_MS / 1000);
        return is_kept.then_some(led);
    }
    let page = LostPage {
        frame: frame.clone(),
        typed,
        is_short,
        is_kept,
        to: format!("/sign-in?next={back}"),
    };
    // Drawing fails with the templates only; then signing in is asked for as ever.
    let mut page = frame.html_status(StatusCode::UNAUTHORIZED, &page).ok()?;
    // What was typed stays in no cache, nor under the way back of a shared computer.
    let none = HeaderValue::from_static("no-store");
    page.headers_mut().insert(header::CACHE_CONTROL, none);
    if is_kept {
        set_left(&mut page, &browser, left::LASTS_MS / 1000);
    }
    Some(page)
}

/// Makes the forms that this browser sent without a session those of the one who signed in: such as carry the token of
/// a page that was drawn for them, and no other.
async fn claim(edge: &Edge, frame: &Frame, by: LeftBy<'_>) {
    if !edge.lost.has(by.browser, frame.0.now) {
        return;
    }
    let sessions = beside(edge.doorman.sessions_of(by.account).await).unwrap_or_default();
    let is_theirs =
        |token: &str| (sessions.iter()).any(|session| frame.csrf_was(session.as_str(), token));
    for form in edge.lost.take(by.browser, frame.0.now, is_theirs) {
        beside(edge.doorman.keep(by, &form).await);
    }
}

/// Only from our own pages: another site can neither ask for what was left nor have it thrown away.
fn set_left(response: &mut Response, browser: &str, seconds: i64) {
    let text = format!(
        "{}={browser}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}",
        left::COOKIE
    );
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Fills the forms that this person had left on this page with this browser; forgets what was sent and taken,
/// and what they throw away.
async fn give_back(
    edge: &Edge,
    frame: &Frame,
    by: LeftBy<'_>,
    method: &Method,
    from_page: &str,
    mut response: Response,
) -> Response {
    let is_page = !response.status().is_redirection() && *method == Method::GET;
    let is_taken = response.status() == StatusCode::SEE_OTHER && *method == Method::POST;
    let here = frame.here();
    let page = left::page_at(&here);
    let gone = if is_taken {
        Some(edge.doorman.forget(by, from_page, Some(&here)).await)
    } else if *method == Method::GET && left::is_thrown_away(&frame.0.query) {
        Some(edge.doorman.forget(by, &page, None).await)
    } else {
        None
    };
    if let Some(gone) = gone {
        if beside(gone) == Some(0) && !edge.lost.has(by.browser, frame.0.now) {
            set_left(&mut response, "", 0);
        }
        return response;
    }
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_html = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page || !is_html {
        return response;
    }
    let forms = beside(edge.doorman.kept(by, &page).await).unwrap_or_default();
    if forms.is_empty() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response(); // a page of ours is in memory already
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    let html = String::from_utf8_lossy(&bytes);
    Response::from_parts(parts, Body::from(left::fill(frame, &html, &forms)))
}

fn log_fault(frame: &Frame, route: &str, response: &Response) {
    match response.extensions().get::<Trouble>() {
        Some(Trouble::Fault(fault) | Trouble::Full(fault)) => {
            tracing::error!(
                operation = frame.operation(),
                http.route = route,
                cause = fault.chain(),
                "fault"
            );
        }
        Some(_) => {}
        None if response.status().is_server_error() => {
            tracing::error!(
                operation = frame.operation(),
                http.route = route,
                "a handler died"
            );
        }
        None => {}
    }
}

/// The page of an error.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    title: String,
    sentence: String,
    calm: String,
    way_out: Option<(String, String)>,
    shows_operation: bool,
    shows_search: bool,
    /// What was typed into the form that is refused here, to be copied.
    typed: String,
}

fn draw_trouble(frame: &Frame, is_api: bool, response: &mut Response) -> Option<Response> {
    let status = response.status();
    if response.extensions().get::<SignInFirst>().is_some() {
        if is_api {
            let mut problem = problem(
                frame,
                StatusCode::UNAUTHORIZED,
                "web-api-sign-in",
                String::new(),
            );
            problem
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            return Some(problem);
        }
        let back: String = form_urlencoded::byte_serialize(frame.here().as_bytes()).collect();
        return Some(crate::see_other(format!("/sign-in?next={back}")).into_response());
    }
    let trouble = match response.extensions_mut().remove::<Trouble>() {
        Some(trouble) => trouble,
        None => {
            let silent = status.is_client_error() || status.is_server_error();
            let has_page = response
                .headers()
                .get(header::CONTENT_TYPE)
                .is_some_and(|kind| {
                    kind.as_bytes().starts_with(b"text/html")
                        || kind.as_bytes().starts_with(b"application/")
                });
            if !silent || has_page {
                return None;
            }
            Trouble::Status(status)
        }
    };
    let mut page = ErrorPage {
        frame: frame.clone(),
        title: String::new(),
        sentence: String::new(),
        calm: String::new(),
        way_out: None,
        shows_operation: true,
        shows_search: false,
        typed: String::new(),
    };
    let mut key = "web-error-status";
    match &trouble {
        Trouble::NotFound => {
            key = "web-error-not-found";
            page.calm = frame.t("web-error-not-found-calm");
            page.shows_operation = false;
            page.shows_search = true;
        }
        Trouble::Refused(refusal) => {
            key = refusal.key;
            let args: Vec<_> = refusal
                .args
                .iter()
                .map(|(name, value)| (*name, value.into()))
                .collect();
            page.sentence = frame.tn(refusal.key, &args);
            page.way_out = refusal
                .way_out
                .as_ref()
                .map(|(to, label)| (to.clone(), frame.t(label)));
            page.shows_operation = false;
        }
        Trouble::Busy(_) => key = "web-error-busy",
        Trouble::Full(_) => key = "web-error-full",
        Trouble::Fault(_) => {
            key = "web-error-fault";
            page.calm = frame.t("web-error-fault-calm");
        }
        Trouble::Status(StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_FOUND) => {
            key = "web-error-not-found";
            page.shows_search = true;
        }
        Trouble::Status(StatusCode::PAYLOAD_TOO_LARGE) => key = "web-form-too-big",
        Trouble::Status(status) if status.is_server_error() => {
            key = "web-error-fault";
            page.calm = frame.t("web-error-fault-calm");
        }
        Trouble::Status(_) => {}
    }
    if page.sentence.is_empty() {
        page.sentence = frame.t(key);
    }
    if is_api {
        let mut out = problem(frame, status, key, page.sentence);
        if let Some(after) = response.headers().get(header::RETRY_AFTER) {
            out.headers_mut().insert(header::RETRY_AFTER, after.clone());
        }
        return Some(out);
    }
    page.title = match &trouble {
        Trouble::NotFound => frame.t("web-error-not-found-title"),
        Trouble::Refused(refusal) if refusal.status == 410 => frame.t("web-error-gone-title"),
        Trouble::Refused(_) => frame.t("web-error-refused-title"),
        Trouble::Busy(_) => frame.t("web-error-busy-title"),
        Trouble::Full(_) => frame.t("web-error-full-title"),
        Trouble::Status(StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) => {
            frame.t("web-error-not-found-title")
        }
        Trouble::Status(status) if status.is_client_error() => frame.t("web-error-refused-title"),
        _ => frame.t("web-error-fault-title"),
    };
    let bytes = frame.0.typed.get();
    let left = bytes.and_then(|bytes| LeftForm::read(bytes, frame.here(), frame.here()));
    page.typed = left.map_or_else(String::new, |(form, _)| form.told().join("\n\n"));
    let headers = response.headers().clone();
    match frame.html_status(status, &page) {
        Ok(mut drawn) => {
            if !page.typed.is_empty() {
                // It stays in no cache, nor under the way back of a shared computer.
                let none = HeaderValue::from_static("no-store");
                drawn.headers_mut().insert(header::CACHE_CONTROL, none);
            }
            for name in [header::RETRY_AFTER, header::ALLOW] {
                if let Some(value) = headers.get(&name) {
                    drawn.headers_mut().insert(name, value.clone());
                }
            }
            Some(drawn)
        }
        Err(_) => Some((status, Body::from(page.sentence)).into_response()),
    }
}

fn problem(frame: &Frame, status: StatusCode, key: &str, sentence: String) -> Response {
    let mut problem = Problem::new(status, status.canonical_reason().unwrap_or("Error"));
    problem.detail = if sentence.is_empty() {
        frame.t(key)
    } else {
        sentence
    };
    problem.operation = frame.operation().to_owned();
    problem.into_response()
}

/// Keeps the page of a refused form and leads to it; one that cannot be kept is the answer as it is.
async fn keep_refused(
    edge: &Edge,
    frame: &Frame,
    whose: Whose<'_>,
    page: &str,
    actor: Option<Arc<kernel::Actor>>,
    response: Response,
) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(html) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response(); // a page of ours is in memory already
    };
    let pairs = frame.0.typed.get().and_then(|bytes| form::pairs(bytes));
    let text = String::from_utf8_lossy(&html);
    let bare = left::bare(frame, &text, &pairs.unwrap_or_default());
    let Some(bare) = bare.filter(|bare| !refused::Refused::is_too_large(&bare.html)) else {
        return Response::from_parts(parts, Body::from(html));
    };
    let new = refused::New {
        token: data_encoding::BASE32_NOPAD.encode(&edge.dice.bytes::<15>()),
        page,
        action: &frame.0.path,
        actor,
        bare,
    };
    edge.refused.keep(whose, new, frame.0.now, parts)
}

/// Whether an answer gives or takes a session.
fn sets_session(edge: &Edge, response: &Response) -> bool {
    let name = session_cookie(edge.https);
    let all = response.headers().get_all(header::SET_COOKIE);
    all.iter().any(|value| {
        let rest = value.as_bytes().strip_prefix(name.as_bytes());
        rest.is_some_and(|rest| rest.starts_with(b"="))
    })
}

/// The cookie of a guest.
struct Guest {
    /// The browser has none yet.
    is_new: bool,
    /// Whoever it was has signed in or out.
    is_over: bool,
}

fn finish(
    edge: &Edge,
    frame: &Frame,
    response: &mut Response,
    signed_in: bool,
    had_flash: bool,
    guest: Guest,
) {
    let guest_used = frame.0.guest_used.load(Ordering::Relaxed);
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(CSP));
    if edge.https {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static(
                "max-age=31536000; includeSubDomains",
            ));
    }
    // A page of a member may stand on a shared computer of the cell: nothing stays behind.
    let cache = if signed_in || guest_used {
        "no-store"
    } else {
        "no-cache"
    };
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static(cache));
    if let Ok(value) = HeaderValue::from_str(frame.operation()) {
        headers.insert(HeaderName::from_static("x-operation"), value);
    }
    let secure = if edge.https { "; Secure" } else { "" };
    if guest.is_over && !guest.is_new {
        // The next page that needs one gives another.
        let text = format!("sotay_guest=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}");
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.append(header::SET_COOKIE, value);
        }
    } else if guest_used && guest.is_new {
        let text = format!(
            "sotay_guest={}; Path=/; HttpOnly; SameSite=Lax{secure}",
            frame.0.guest
        );
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.append(header::SET_COOKIE, value);
        }
    }
    // Cookies of handlers say what they are; that they travel only over https is said here, once.
    if edge.https {
        let cookies: Vec<HeaderValue> = headers
            .get_all(header::SET_COOKIE)
            .iter()
            .cloned()
            .collect();
        headers.remove(header::SET_COOKIE);
        for cookie in cookies {
            let text = cookie.to_str().unwrap_or("");
            let is_marked = text.to_ascii_lowercase().contains("; secure");
            let secured = if is_marked {
                None
            } else {
                HeaderValue::from_str(&format!("{text}; Secure")).ok()
            };
            headers.append(header::SET_COOKIE, secured.unwrap_or(cookie));
        }
    }
    if had_flash && is_page {
        headers.append(
            header::SET_COOKIE,
            HeaderValue::from_static("sotay_flash=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        pairs.collect()
    }

    #[test]
    fn another_site_is_recognised_by_its_headers() {
        assert!(comes_from_elsewhere(&headers(&[(
            "sec-fetch-site",
            "cross-site"
        )])));
        assert!(comes_from_elsewhere(&headers(&[(
            "sec-fetch-site",
            "same-site"
        )])));
        assert!(!comes_from_elsewhere(&headers(&[(
            "sec-fetch-site",
            "same-origin"
        )])));
        assert!(comes_from_elsewhere(&headers(&[
            ("origin", "https://evil.example"),
            ("host", "a.vn")
        ])));
        assert!(comes_from_elsewhere(&headers(&[
            ("origin", "null"),
            ("host", "a.vn")
        ])));
        assert!(!comes_from_elsewhere(&headers(&[
            ("origin", "https://a.vn"),
            ("host", "a.vn")
        ])));
        assert!(!comes_from_elsewhere(&headers(&[])));
    }
    #[test]
    fn a_visitor_cannot_name_an_address_before_the_proxy_does() {
        let address = |pairs: &[(&'static str, &'static str)]| {
            let mut all = HeaderMap::new();
            for (name, value) in pairs {
                all.append(*name, HeaderValue::from_static(value));
            }
            forwarded(&all).map(|address| address.to_string())
        };
        let name = "x-forwarded-for";
        assert_eq!(
            address(&[(name, "192.0.2.1, 198.51.100.7")]).as_deref(),
            Some("198.51.100.7")
        );
        let lines = [(name, "192.0.2.1"), (name, "192.0.2.2, 198.51.100.7")];
        assert_eq!(address(&lines).as_deref(), Some("198.51.100.7"));
        assert_eq!(address(&[(name, "192.0.2.1, unknown")]), None);
        assert_eq!(address(&[]), None);
        for (near, expected) in [
            ("127.0.0.1", true),
            ("::ffff:10.1.2.3", true),
            ("fd00::1", true),
            ("203.0.113.9", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_near(near.parse().unwrap()), expected, "{near}");
        }
    }
    #[test]
    fn a_cookie_is_found_among_others() {
        let all = headers(&[("cookie", "a=1; sotay_look=vi.dark.large;b=2")]);
        assert_eq!(cookie(&all, "sotay_look"), Some("vi.dark.large"));
        assert_eq!(cookie(&all, "look"), None);
    }
}
