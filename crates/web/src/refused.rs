//! Pages that a refused form was answered with, kept in memory for a while, so that Back finds them again.
//!
//! An answer to a form may stand in no cache (a shared computer of the cell must show nothing after its user is
//! gone), and what stands in no cache Back cannot show: the browser says ERR_CACHE_MISS, and what was typed is
//! lost. So a browser that sent a whole form is led on (303) to an address of its own, which is asked for anew
//! each time: while the same session lasts it gets the page as it was, afterwards whatever the address is without it.
//! The page itself is asked for first, with its guards and its line in the access log: only where it would be given now
//! the kept one stands in its place. Not here: forms of sessions that had ended (`left`), which fields are never kept
//! (`left` as well). The rule that surprises: nothing of this is on a disk, and a program that was started anew shows
//! the page as it is saved.

use crate::left::{self, Bare};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Actor, Grant, Moment};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// The address to which it belongs, and where its form was sent.
    page: String,
    action: String,
    /// With which rights it was drawn.
    actor: Option<Arc<Actor>>,
    at: Moment,
    status: StatusCode,
    bare: Arc<Bare>,
}

/// Put into an answer: nothing that this person was refused is kept any longer (their password is another).
#[derive(Debug, Clone, Copy)]
pub struct ForgetRefused;

/// A page that is to be kept.
pub(crate) struct New<'a> {
    pub(crate) token: String,
    /// The page that holds the form.
    pub(crate) page: &'a str,
    /// Where the form was sent.
    pub(crate) action: &'a str,
    pub(crate) actor: Option<Arc<Actor>>,
    pub(crate) bare: Bare,
}

/// A page that was kept.
pub(crate) struct Found {
    status: StatusCode,
    bare: Arc<Bare>,
}

impl Found {
    /// In place of the page as it is now; what that one says beside its text stays.
    pub(crate) async fn instead_of(self, fresh: Response) -> Response {
        let (mut parts, body) = fresh.into_parts();
        let Ok(now) = axum::body::to_bytes(body, usize::MAX).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response(); // a page of ours is in memory already
        };
        let html = left::with_those_of(&self.bare, &String::from_utf8_lossy(&now));
        parts.status = self.status;
        for name in [header::CONTENT_LENGTH, header::ETAG, header::LAST_MODIFIED] {
            parts.headers.remove(name);
        }
        let none = HeaderValue::from_static("no-store");
        parts.headers.insert(header::CACHE_CONTROL, none);
        Response::from_parts(parts, Body::from(html))
    }
}

/// Whether a page is given to whoever asks, so that a kept one may stand in its place.
pub(crate) fn is_given(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    response.status() == StatusCode::OK
        && kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Whether all that somebody could do then they can do still.
fn can_still(then: Option<&Actor>, now: Option<&Actor>, on: kernel::Day) -> bool {
    let same =
        |a: &Grant, b: &Grant| (a.role, &a.scope, &a.subset) == (b.role, &b.scope, &b.subset);
    match (then, now) {
        (None, None) => true,
        (Some(then), Some(now)) => (then.grants.iter()).all(|held| {
            now.grants
                .iter()
                .any(|has| same(held, has) && has.is_in_force(on))
        }),
        _ => false,
    }
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
    /// Keeps the page of this answer under its token; the new answer leads to it at its address.
    pub(crate) fn keep(
        &self,
        whose: Whose<'_>,
        new: New<'_>,
        now: Moment,
        mut parts: axum::http::response::Parts,
    ) -> Response {
        let join = if new.page.contains('?') { '&' } else { '?' };
        let to = format!("{}{join}{NAME}={}", new.page, new.token);
        let to = crate::see_other(to).into_response();
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
            token: new.token,
            whose: whose.name.to_owned(),
            page: new.page.to_owned(),
            action: new.action.to_owned(),
            actor: new.actor,
            at: now,
            status: parts.status,
            bare: Arc::new(new.bare),
        });
        let bytes = |pages: &VecDeque<Page>| -> usize {
            pages.iter().map(|page| page.bare.html.len()).sum()
        };
        while pages.len() > MOST || bytes(&pages) > MOST_BYTES {
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
    /// The page under this token of this address, for whom it was drawn and who can do still what they could then.
    pub(crate) fn find(
        &self,
        whose: Whose<'_>,
        (token, page): (&str, &str),
        actor: Option<&Actor>,
        now: Moment,
    ) -> Option<Found> {
        let pages = self.held(whose);
        let kept = pages.iter().find(|kept| {
            kept.token == token
                && kept.whose == whose.name
                && kept.page == page
                && kept.at.plus_ms(LASTS_MS) > now
        })?;
        can_still(kept.actor.as_deref(), actor, now.day()).then(|| Found {
            status: kept.status,
            bare: kept.bare.clone(),
        })
    }
    /// The form of this page was taken: what was refused of it before is kept no longer.
    pub(crate) fn forget(&self, whose: Whose<'_>, page: &str, action: &str) {
        let is_it =
            |kept: &Page| kept.whose == whose.name && kept.page == page && kept.action == action;
        self.held(whose).retain(|kept| !is_it(kept));
    }
    /// Nothing of theirs is kept any longer.
    pub(crate) fn forget_all(&self, whose: Whose<'_>) {
        self.held(whose).retain(|kept| kept.whose != whose.name);
    }
    /// Whether a page is too large to be kept.
    pub(crate) fn is_too_large(html: &str) -> bool {
        html.len() > MOST_BYTES / 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAN: Whose<'_> = Whose {
        name: "lan",
        is_member: true,
    };

    const PAGE: &str = "/meetings/new?unit=1";

    fn keeps(refused: &Refused, whose: Whose<'_>, token: &str, now: i64) -> Response {
        let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
        let answer = (StatusCode::UNPROCESSABLE_ENTITY, kind).into_response();
        assert!(is_one(&answer));
        let new = New {
            token: token.to_owned(),
            page: PAGE,
            action: "/meetings/new",
            actor: None,
            bare: Bare {
                html: "gõ dở".to_owned(),
                names: Vec::new(),
            },
        };
        refused.keep(whose, new, Moment(now), answer.into_parts().0)
    }
    fn finds(refused: &Refused, whose: Whose<'_>, token: &str, now: i64) -> bool {
        let found = refused.find(whose, (token, PAGE), None, Moment(now));
        found.is_some()
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
        assert!(finds(&refused, LAN, "t1", 1));
        let elsewhere = refused.find(LAN, ("t1", "/meetings"), None, Moment(1));
        assert!(elsewhere.is_none(), "at its own address alone");
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
            assert!(!finds(&refused, other, "t1", 1));
        }
        assert!(!finds(&refused, LAN, "t2", 1));
        assert!(!finds(&refused, LAN, "t1", LASTS_MS));
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
        assert!(!finds(&refused, LAN, "0", 0));
        assert!(finds(&refused, LAN, "1", 0));
        assert!(finds(&refused, hoa, "of-hoa", 0));
    }
    #[test]
    fn a_form_that_is_taken_and_a_session_that_is_over_take_their_pages_along() {
        let refused = Refused::default();
        keeps(&refused, LAN, "t1", 0);
        refused.forget(LAN, PAGE, "/other");
        assert!(finds(&refused, LAN, "t1", 1));
        refused.forget(LAN, PAGE, "/meetings/new");
        assert!(!finds(&refused, LAN, "t1", 1));
        keeps(&refused, LAN, "t2", 0);
        refused.forget_all(LAN);
        assert!(!finds(&refused, LAN, "t2", 1));
    }
    #[test]
    fn the_token_stands_anywhere_in_the_query() {
        assert_eq!(token_in("unit=1&refused=AB"), Some("AB"));
        assert_eq!(token_in("unit=1"), None);
    }
}
