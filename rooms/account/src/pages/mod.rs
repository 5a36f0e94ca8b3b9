//! One file per action.

pub(crate) mod activate;
pub(crate) mod display;
pub(crate) mod forgotten;
pub(crate) mod password_change;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod slip_new;
pub(crate) mod tokens;
pub(crate) mod unit_slips;

use crate::password::{Gate, Place};
use crate::{attempt, store};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use kernel::Moment;
use kernel::error::Result;
use site::Site;
use std::net::IpAddr;
use web::{Frame, SignedIn};

/// What became of a password that was asked for once more.
enum Confirmed {
    Right(attempt::Attempt),
    Wrong,
    /// Not yet: so many milliseconds.
    Wait(i64),
}

/// Whether whoever is signed in knows the password of their account. Their session answers for itself, not
/// for others at the same address.
async fn confirmed(
    site: &Site,
    gate: &Gate,
    frame: &Frame,
    who: &SignedIn,
    address: IpAddr,
    account: &store::Account,
    password: &str,
) -> Result<Confirmed> {
    let session = who.session.as_ref().map(|session| session.as_str());
    let begun = attempt::begin(site, account.id.as_str(), address, session).await?;
    let attempt = match begun {
        Ok(attempt) => attempt,
        Err(ms) => return Ok(Confirmed::Wait(ms)),
    };
    let compared = gate.compare(password, &account.password_hash, Place::Known);
    match compared.await?.is_right {
        true => Ok(Confirmed::Right(attempt)),
        false => {
            attempt::tell_operator(address);
            attempt::failed(site, frame, Some(account)).await?;
            Ok(Confirmed::Wrong)
        }
    }
}

/// "Chờ 4 giây …" or minutes, rounded up.
fn wait_sentence(frame: &Frame, ms: i64) -> String {
    let seconds = wait_s(ms);
    if seconds < 60 {
        frame.t1("account-wait-seconds", "n", seconds)
    } else {
        frame.t1("account-wait-minutes", "n", (seconds + 59) / 60)
    }
}

fn wait_s(ms: i64) -> i64 {
    (ms + 999).div_euclid(1000).max(1)
}

fn retry_after<B>(response: &mut Response<B>, ms: i64) {
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(wait_s(ms)));
}

/// `23/11/2026, 19:00`.
fn when(at: i64) -> String {
    let at = Moment(at);
    format!("{}, {}", at.day().vn(), at.clock_text())
}

/// What is said before slips are printed: nothing where the outside address is set, else how the handbook was
/// called just now, which may be good on this one computer alone.
fn address_trouble(site: &Site, frame: &Frame, headers: &HeaderMap) -> String {
    if !site.edge.public_url.is_empty() {
        return String::new();
    }
    let called = outside(site, headers);
    let host = called.split_once("://").map_or("", |(_, host)| host);
    let is_own = ["localhost", "127.", "0.0.0.0", "[::1]"]
        .iter()
        .any(|own| host.starts_with(own));
    let key = match is_own {
        true => "account-slip-address-own",
        false => "account-slip-address-unset",
    };
    frame.t1(key, "address", &called)
}

/// The outside address, for what is printed: as configured, else as the browser called us.
fn outside(site: &Site, headers: &HeaderMap) -> String {
    if !site.edge.public_url.is_empty() {
        return site.edge.public_url.get();
    }
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or(""); // not text: no host
    let is_host = !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'));
    let host = if is_host { host } else { "localhost" };
    let scheme = if site.edge.https { "https" } else { "http" };
    format!("{scheme}://{host}")
}
