//! Sessions: opening one, its cookies, how long it lasts.
//!
//! Thirty days on a device of one's own; on a shared computer the cookie goes with the browser and
//! the session ends after an hour unseen (what is being typed then comes back, `web::left`). Not here: finding out who asks (`doorman`).

use crate::access::Keeps;
use crate::{device, secret, store};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use kernel::error::Result;
use kernel::{AccountId, SessionId};
use site::{Act, Site};

/// A session ends after thirty days, however often it is used.
pub(crate) const LASTS_MS: i64 = 30 * 86_400_000;
/// The cookie goes a day after its session: until then it says whose form it was that comes too late.
const COOKIE_MS: i64 = LASTS_MS + crate::doorman::ENDED_MS;
/// On a shared computer, after an hour in which nobody used it.
pub(crate) const IDLE_MS: i64 = 3_600_000;
/// Browsers keep a cookie for 400 days at most.
const DEVICE_S: i64 = 400 * 86_400;

/// Opens a session; answers the cookie's secret, which exists nowhere else.
pub(crate) async fn open<P: Keeps>(
    act: &mut Act<P>,
    account: &AccountId,
    headers: &HeaderMap,
    is_shared: bool,
) -> Result<String> {
    let (site, now) = (act.site().clone(), act.now());
    let secret = secret::session(&site.dice);
    let hash = secret::hash(&secret).unwrap_or_default();
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or(""); // not text: unknown
    store::add_session(
        act,
        &store::NewSession {
            id: &SessionId::fresh(&site.clock, &site.dice),
            account,
            hash: &hash,
            device: &device::words(agent),
            is_shared,
            now,
            expires: now.plus_ms(LASTS_MS),
        },
    )
    .await?;
    Ok(secret)
}

fn add<B>(response: &mut Response<B>, text: &str) {
    // The text is made of base64url and constants, so it is always a header.
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

fn secure(site: &Site) -> &'static str {
    if site.edge.https { "; Secure" } else { "" }
}

/// Gives the browser its session.
pub(crate) fn give<B>(response: &mut Response<B>, site: &Site, secret: &str, is_shared: bool) {
    let name = web::edge::session_cookie(site.edge.https);
    let lasts = if is_shared {
        String::new()
    } else {
        format!("; Max-Age={}", COOKIE_MS / 1000)
    };
    add(
        response,
        &format!(
            "{name}={secret}; Path=/; HttpOnly; SameSite=Lax{}{lasts}",
            secure(site)
        ),
    );
}

/// Takes the session's cookie away.
pub(crate) fn take<B>(response: &mut Response<B>, site: &Site) {
    let name = web::edge::session_cookie(site.edge.https);
    add(
        response,
        &format!(
            "{name}=; Path=/; HttpOnly; SameSite=Lax{}; Max-Age=0",
            secure(site)
        ),
    );
}

/// Lets the browser be recognised when somebody else fails to sign in to the account (see `delay`).
pub(crate) fn remember<B>(
    response: &mut Response<B>,
    site: &Site,
    account: &AccountId,
    headers: &HeaderMap,
) {
    let held = web::edge::cookie(headers, secret::DEVICE_COOKIE);
    // One that a key of before made is made anew, while that key is still known.
    let keys = site.keys.alone();
    if held.is_some_and(|held| secret::device_of(&keys, held, account).is_some()) {
        return;
    }
    let value = secret::device(&site.keys, &site.dice, account);
    add(
        response,
        &format!(
            "{}={value}; Path=/; HttpOnly; SameSite=Lax{}; Max-Age={DEVICE_S}",
            secret::DEVICE_COOKIE,
            secure(site)
        ),
    );
}

/// Ends the session of a cookie that the browser still holds when another account signs in.
pub(crate) async fn end_held<P: Keeps>(
    act: &mut Act<P>,
    who: Option<&web::SignedIn>,
) -> Result<()> {
    let now = act.now();
    if let Some(who) = who
        && let Some(session) = &who.session
    {
        store::end_session(act, &who.account, session.as_str(), now).await?;
    }
    Ok(())
}
