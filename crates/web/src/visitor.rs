//! Who asks: a passer-by or a signed-in member. How that is found out is the account room's matter.

use crate::fail::Fail;
use crate::left::LeftForm;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kernel::{AccountId, Actor, Error, SessionId};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A signed-in member, by session or by personal access token.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who, and what they may do.
    pub actor: Arc<Actor>,
    /// The account.
    pub account: AccountId,
    /// The session; `None` when a token was used.
    pub session: Option<SessionId>,
    /// The scopes of a token; `None` for a session, which may do all that the member may.
    pub token_scopes: Option<Vec<String>>,
    /// Shown in the side bar: first post, or empty.
    pub post: String,
    /// Shown in the side bar: the unit's name, or empty.
    pub unit_name: String,
    /// What they were told and have not read yet.
    pub unread: i64,
    /// The look kept with the account, when the member chose one.
    pub look: Option<crate::Look>,
}

/// Whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    /// The member; `None` for a passer-by.
    pub signed_in: Option<Arc<SignedIn>>,
}

/// What the doorman answers.
pub type Found<'a> = Pin<Box<dyn Future<Output = Result<Option<SignedIn>, Error>> + Send + 'a>>;

/// What somebody did not get.
#[derive(Debug, Clone, Copy)]
pub struct Denied<'a> {
    /// The operation number.
    pub operation: &'a str,
    /// The route with its `{parameters}`.
    pub route: &'a str,
    /// The path as asked.
    pub path: &'a str,
}

/// Whose form was left, and the random value of the browser that left it.
#[derive(Debug, Clone, Copy)]
pub struct LeftBy<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// The value of that browser's cookie: given back to it alone.
    pub browser: &'a str,
}

/// What comes later, or an error.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Finds out who asks. The account room implements it; `app` hands it to the edge.
pub trait Doorman: Send + Sync {
    /// The member of a session cookie's secret.
    fn by_session<'a>(&'a self, secret: &'a str) -> Found<'a>;
    /// The same of what a page asks for by itself while it lies open: that is no use of the session, which ends as
    /// if the page were closed.
    fn by_session_aside<'a>(&'a self, secret: &'a str) -> Found<'a> {
        self.by_session(secret)
    }
    /// The member of a personal access token.
    fn by_token<'a>(&'a self, token: &'a str) -> Found<'a>;
    /// Somebody who is signed in asked for what they may not see, or what is not there: for the log.
    fn denied<'a>(&'a self, _who: &'a SignedIn, _denied: Denied<'a>) -> Later<'a, ()> {
        Box::pin(async { Ok(()) })
    }
    /// Whose session it was that has ended, and its id.
    fn ended<'a>(&'a self, _secret: &'a str) -> Later<'a, Option<(AccountId, SessionId)>> {
        Box::pin(async { Ok(None) })
    }
    /// The sessions of this account that ended lately.
    fn ended_of<'a>(&'a self, _account: &'a AccountId) -> Later<'a, Vec<SessionId>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    /// The sessions of this account, those that ended lately too: whose pages were drawn for it.
    fn sessions_of<'a>(&'a self, _account: &'a AccountId) -> Later<'a, Vec<SessionId>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    /// Keeps what somebody had typed, in place of what the same browser left of the same form. False when
    /// enough is kept for this account.
    fn keep<'a>(&'a self, _by: LeftBy<'a>, _form: &'a LeftForm) -> Later<'a, bool> {
        Box::pin(async { Ok(false) })
    }
    /// What is kept of this page.
    fn kept<'a>(&'a self, _by: LeftBy<'a>, _page: &'a str) -> Later<'a, Vec<LeftForm>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    /// Forgets what was left on a page: the form that was sent to `action`, or all of it. Answers how much this
    /// browser has left still, whosever it is.
    fn forget<'a>(
        &'a self,
        _by: LeftBy<'a>,
        _page: &'a str,
        _action: Option<&'a str>,
    ) -> Later<'a, i64> {
        Box::pin(async { Ok(0) })
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Fail;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fail> {
        Ok(parts
            .extensions
            .get::<Visitor>()
            .cloned()
            .unwrap_or_default())
    }
}

/// Extractor: the signed-in member, or "sign in first and come back".
#[derive(Debug, Clone)]
pub struct Member(pub Arc<SignedIn>);

impl std::ops::Deref for Member {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Member {
    type Rejection = Fail;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fail> {
        let signed_in = parts
            .extensions
            .get::<Visitor>()
            .and_then(|v| v.signed_in.clone());
        signed_in.map(Member).ok_or(Fail(Error::SignInFirst))
    }
}
