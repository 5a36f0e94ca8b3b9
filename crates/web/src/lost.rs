//! Forms that came without any session: kept in memory for the browser that sent them, until somebody signs in there.
//!
//! Where the session's cookie is gone nobody can say whose form it is, but the form's own token can: it was made of
//! a session of its person. So it waits under the browser's value (`left::COOKIE`), and whoever signs in with that
//! browser gets it when the token is of one of their own sessions; then it is kept as any form that was left (`left`).
//! Not here: what the database keeps. The rule that surprises: nothing of this is on a disk, and whoever signs in
//! there as somebody else neither gets it nor drives it out.

use crate::left::{self, LeftForm};
use kernel::Moment;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many, how many bytes of one and of all, and how many of one browser: the oldest goes.
const MOST: usize = 512;
const MOST_BYTES_OF_ONE: usize = 256 * 1024;
const MOST_BYTES: usize = 16 * 1024 * 1024;
const MOST_OF_ONE: usize = 5;

struct Waiting {
    browser: String,
    token: String,
    form: LeftForm,
    bytes: usize,
    at: Moment,
}

/// The forms of nobody known, of one handbook.
#[derive(Default)]
pub struct Lost(Mutex<VecDeque<Waiting>>);

impl std::fmt::Debug for Lost {
    /// Without what somebody typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lost").finish_non_exhaustive()
    }
}

impl Lost {
    fn held(&self, now: Moment) -> MutexGuard<'_, VecDeque<Waiting>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| one.at.plus_ms(left::LASTS_MS) > now);
        all
    }
    /// Keeps a form with its token, in place of what this browser sent to the same address before. False when it is
    /// too much.
    pub(crate) fn keep(&self, browser: &str, form: LeftForm, token: String, now: Moment) -> bool {
        let bytes = (form.pairs.iter()).fold(form.page.len() + form.action.len(), |sum, pair| {
            sum + pair.0.len() + pair.1.len()
        });
        if bytes > MOST_BYTES_OF_ONE {
            return false;
        }
        let mut all = self.held(now);
        let is_again = |one: &Waiting| {
            (one.browser.as_str(), &one.form.page, &one.form.action)
                == (browser, &form.page, &form.action)
                && one.token == token
        };
        all.retain(|one| !is_again(one));
        while all.iter().filter(|one| one.browser == browser).count() >= MOST_OF_ONE
            && let Some(at) = all.iter().position(|one| one.browser == browser)
        {
            all.remove(at);
        }
        all.push_back(Waiting {
            browser: browser.to_owned(),
            token,
            form,
            bytes,
            at: now,
        });
        while all.len() > MOST || all.iter().map(|one| one.bytes).sum::<usize>() > MOST_BYTES {
            all.pop_front();
        }
        true
    }
    /// Whether something waits for this browser.
    pub(crate) fn has(&self, browser: &str, now: Moment) -> bool {
        self.held(now).iter().any(|one| one.browser == browser)
    }
    /// Takes what this browser sent and whose token is `theirs`; the rest goes on waiting.
    pub(crate) fn take(
        &self,
        browser: &str,
        now: Moment,
        theirs: impl Fn(&str) -> bool,
    ) -> Vec<LeftForm> {
        let mut all = self.held(now);
        let (taken, rest): (VecDeque<Waiting>, VecDeque<Waiting>) =
            (all.drain(..)).partition(|one| one.browser == browser && theirs(&one.token));
        *all = rest;
        taken.into_iter().map(|one| one.form).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(page: &str, typed: &str) -> LeftForm {
        LeftForm {
            page: page.into(),
            action: page.into(),
            pairs: vec![("text".into(), typed.into())],
            is_short: false,
        }
    }

    #[test]
    fn a_form_waits_for_its_browser_and_its_person_for_an_hour() {
        let lost = Lost::default();
        assert!(lost.keep("a", form("/x", "một"), "hers".into(), Moment(0)));
        assert!(lost.keep("a", form("/x", "hai"), "hers".into(), Moment(1)));
        assert!(lost.take("a", Moment(2), |token| token == "his").is_empty());
        assert!(lost.take("b", Moment(2), |_| true).is_empty());
        assert!(lost.has("a", Moment(2)) && !lost.has("b", Moment(2)));
        let hers = lost.take("a", Moment(2), |token| token == "hers");
        assert_eq!(hers, [form("/x", "hai")], "the newer of the same form");
        assert!(!lost.has("a", Moment(2)), "it is given once");
        lost.keep("a", form("/x", "ba"), "hers".into(), Moment(3));
        assert!(!lost.has("a", Moment(3).plus_ms(left::LASTS_MS)));
    }
    #[test]
    fn neither_one_browser_nor_one_form_fills_the_memory() {
        let lost = Lost::default();
        for n in 0..9 {
            lost.keep("a", form(&format!("/{n}"), "x"), "t".into(), Moment(n));
        }
        let pages: Vec<String> = (lost.take("a", Moment(9), |_| true).into_iter())
            .map(|form| form.page)
            .collect();
        assert_eq!(pages, ["/4", "/5", "/6", "/7", "/8"]);
        let big = form("/x", &"x".repeat(MOST_BYTES_OF_ONE));
        assert!(!lost.keep("a", big, "t".into(), Moment(9)));
    }
}
