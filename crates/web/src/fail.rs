//! From an error to a response: status and headers here, the page at the edge.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::error::{Error, Fault, Refusal};
use std::sync::Arc;

/// What a handler answers.
pub type Answer<T = Response> = Result<T, Fail>;

/// An error on its way out.
#[derive(Debug)]
pub struct Fail(pub Error);

impl<E: Into<Error>> From<E> for Fail {
    fn from(error: E) -> Self {
        Fail(error.into())
    }
}

/// What went wrong, carried to the edge in the response's extensions.
#[derive(Clone)]
pub(crate) enum Trouble {
    NotFound,
    Refused(Refusal),
    Busy(u64),
    Fault(Arc<Fault>),
    /// There was no room to write: the log has the fault, the page asks to come again.
    Full(Arc<Fault>),
    /// A plain status that axum answered: wrong method, body too large.
    Status(StatusCode),
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        let (status, trouble) = match self.0 {
            Error::NotFound => (StatusCode::NOT_FOUND, Trouble::NotFound),
            Error::SignInFirst => {
                let mut response = StatusCode::UNAUTHORIZED.into_response();
                response.extensions_mut().insert(SignInFirst);
                return response;
            }
            Error::Refused(refusal) => {
                let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::CONFLICT);
                (status, Trouble::Refused(refusal))
            }
            Error::Busy { retry_s } => (StatusCode::SERVICE_UNAVAILABLE, Trouble::Busy(retry_s)),
            Error::Clash => {
                let mut response = Fail(Error::Busy { retry_s: 2 }).into_response();
                response.extensions_mut().insert(Clashed);
                return response;
            }
            Error::Fault(fault) if kernel::disk::is_full(&fault.chain()) => (
                StatusCode::SERVICE_UNAVAILABLE,
                Trouble::Full(Arc::new(fault)),
            ),
            Error::Fault(fault) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                Trouble::Fault(Arc::new(fault)),
            ),
        };
        let mut response = status.into_response();
        if let Trouble::Busy(seconds) = &trouble
            && let Ok(value) = HeaderValue::from_str(&seconds.to_string())
        {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response.extensions_mut().insert(trouble);
        response
    }
}

/// Marks a response of a request that clashed with another and may be done once more at once.
#[derive(Clone)]
pub(crate) struct Clashed;

/// Marks a response that asks the visitor to sign in; the edge makes it a redirect or a problem.
#[derive(Clone)]
pub(crate) struct SignInFirst;

/// What a form carried that came from an ended session, on its way to the edge.
#[derive(Clone)]
pub(crate) struct Left(pub(crate) axum::body::Bytes);
