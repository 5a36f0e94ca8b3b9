//! Pages that a refused form was answered with, kept in memory for a while, so that Back finds them again.
//!
//! An answer to a form may stand in no cache (a shared computer of the cell must show nothing after its user is
//! gone), and what stands in no cache Back cannot show: the browser says ERR_CACHE_MISS, and what was typed is
//! lost. So a browser that sent a whole form is led on (303) to an address of its own, which is asked for anew
//! each time: while the same session lasts it gets the page as it was, afterwards whatever the address is without it.
//! Not here: forms of sessions that had ended (`left`). The rule that surprises: nothing of this is on a disk,
//! and a program that was started anew shows the page as it is saved.

use crate::left;
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::Moment;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// In the address: which page.
pub(crate) const NAME: &str = "refused";
/// How long a page is kept: as long as a form that was left.
const LASTS_MS: i64 = left::LASTS_MS;
/// How many pages, how many bytes of them, and how many of one session: the oldest goes.
const MOST: usize = 512;
const MOST_BYTES: usize = 32 * 1024 * 1024;
const MOST_OF_ONE: usize = 8;

struct Page {
    token: String,
    /// The session, or the cookie of a guest: whoever signs out or in is another one.
    whose: String,
    at: Moment,
    status: StatusCode,
    html: Bytes,
}

/// The pages of one handbook; those of guests apart, so that a flood of them drives out no member's.
#[derive(Default)]
pub struct Refused {
    members: Mutex<VecDeque<Page>>,
    guests: Mutex<VecDeque<Page>>,
}

impl std::fmt::Debug for Refused {
    /// Without what somebody typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refused").finish_non_exhaustive()
    }
}

/// Who asks: the text that names a session or a guest, and which of both it is.
#[derive(Clone, Copy)]
pub(crate) struct Whose<'a> {
    pub(crate) name: &'a str,
    pub(crate) is_member: bool,
}

/// The token in a query.
pub(crate) fn token_in(query: &str) -> Option<&str> {
    let mut parts = query.split('&').filter_map(|part| part.split_once('='));
    parts
        .find(|(name, _)| *name == NAME)
        .map(|(_, token)| token)
}

/// Whether an answer is a page that somebody has to come back to.
pub(crate) fn is_one(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    matches!(response.status().as_u16(), 409 | 410 | 422)
        && kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

impl Refused {
    fn held(&self, whose: Whose<'_>) -> MutexGuard<'_, VecDeque<Page>> {
        let pages = match whose.is_member {
            true => &self.members,
            false => &self.guests,
        };
        pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Keeps the page of this answer under `token`; the new answer leads to it at `page`.
    pub(crate) fn keep(
        &self,
        whose: Whose<'_>,
        (token, page): (String, &str),
        now: Moment,
        (mut parts, html): (axum::http::response::Parts, Bytes),
    ) -> Response {
        if html.len() > MOST_BYTES / 8 {
            return Response::from_parts(parts, Body::from(html));
        }
        let join = if page.contains('?') { '&' } else { '?' };
        let to = crate::see_other(format!("{page}{join}{NAME}={token}")).into_response();
        let mut pages = self.held(whose);
        let of_one =
            |pages: &VecDeque<Page>| pages.iter().filter(|p| p.whose == whose.name).count();
        pages.retain(|page| page.at.plus_ms(LASTS_MS) > now);
        while of_one(&pages) >= MOST_OF_ONE
            && let Some(at) = pages.iter().position(|page| page.whose == whose.name)
        {
            pages.remove(at);
        }
        pages.push_back(Page {
            token,
            whose: whose.name.to_owned(),
            at: now,
            status: parts.status,
            html,
        });
        while pages.len() > MOST
            || pages.iter().map(|page| page.html.len()).sum::<usize>() > MOST_BYTES
        {
            pages.pop_front();
        }
        drop(pages);
        // Cookies and what else the answer said go along; what says how the page is sent stays with it.
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
            parts.headers.remove(name);
        }
        let (led, body) = to.into_parts();
        parts.status = led.status;
        parts.headers.extend(led.headers);
        Response::from_parts(parts, body)
    }
    /// The page under this token, for whom it was drawn.
    pub(crate) fn find(&self, whose: Whose<'_>, token: &str, now: Moment) -> Option<Response> {
        let pages = self.held(whose);
        let page = pages.iter().find(|page| {
            page.token == token && page.whose == whose.name && page.at.plus_ms(LASTS_MS) > now
        })?;
        let mut response = (page.status, Body::from(page.html.clone())).into_response();
        let (html, none) = ("text/html; charset=utf-8", "no-store");
        for (name, value) in [(header::CONTENT_TYPE, html), (header::CACHE_CONTROL, none)] {
            response
                .headers_mut()
                .insert::<HeaderName>(name, HeaderValue::from_static(value));
        }
        Some(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAN: Whose<'_> = Whose {
        name: "lan",
        is_member: true,
    };

    fn keeps(refused: &Refused, whose: Whose<'_>, token: &str, now: i64) -> Response {
        let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
        let answer = (StatusCode::UNPROCESSABLE_ENTITY, kind).into_response();
        assert!(is_one(&answer));
        let html = Bytes::from_static("gõ dở".as_bytes());
        let to = (token.to_owned(), "/meetings/new?unit=1");
        refused.keep(whose, to, Moment(now), (answer.into_parts().0, html))
    }

    #[test]
    fn a_refused_page_is_found_by_its_own_session_alone_and_for_an_hour() {
        let refused = Refused::default();
        let led = keeps(&refused, LAN, "t1", 0);
        assert_eq!(led.status(), StatusCode::SEE_OTHER);
        assert_eq!(
            led.headers()[header::LOCATION],
            "/meetings/new?unit=1&refused=t1"
        );
        assert!(!led.headers().contains_key(header::CONTENT_TYPE));
        let found = refused.find(LAN, "t1", Moment(1)).unwrap();
        assert_eq!(found.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(found.headers()[header::CACHE_CONTROL], "no-store");
        for other in [
            Whose {
                name: "hoa",
                is_member: true,
            },
            Whose {
                name: "lan",
                is_member: false,
            },
        ] {
            assert!(refused.find(other, "t1", Moment(1)).is_none());
        }
        assert!(refused.find(LAN, "t2", Moment(1)).is_none());
        assert!(refused.find(LAN, "t1", Moment(LASTS_MS)).is_none());
    }
    #[test]
    fn of_one_session_the_newest_pages_are_kept_and_nobody_elses_goes() {
        let refused = Refused::default();
        let hoa = Whose {
            name: "hoa",
            is_member: true,
        };
        keeps(&refused, hoa, "of-hoa", 0);
        for n in 0..=MOST_OF_ONE {
            keeps(&refused, LAN, &n.to_string(), 0);
        }
        assert!(refused.find(LAN, "0", Moment(0)).is_none());
        assert!(refused.find(LAN, "1", Moment(0)).is_some());
        assert!(refused.find(hoa, "of-hoa", Moment(0)).is_some());
    }
    #[test]
    fn the_token_stands_anywhere_in_the_query() {
        assert_eq!(token_in("unit=1&refused=AB"), Some("AB"));
        assert_eq!(token_in("unit=1"), None);
    }
}
