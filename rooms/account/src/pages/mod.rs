//! One file per action.

pub(crate) mod activate;
pub(crate) mod display;
pub(crate) mod password_change;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod slip_new;
pub(crate) mod tokens;
pub(crate) mod unit_slips;

use axum::http::{HeaderMap, HeaderValue, Response, header};
use kernel::Moment;
use site::Site;
use web::Frame;

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

/// The outside address, for what is printed: as configured, else as the browser called us.
fn outside(site: &Site, headers: &HeaderMap) -> String {
    if !site.edge.public_url.is_empty() {
        return site.edge.public_url.clone();
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
