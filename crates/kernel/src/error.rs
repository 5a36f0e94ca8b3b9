//! How things fail: three readers, three kinds.
//!
//! A **refusal** is for the visitor, who can act: it carries a translation key and a way out.
//! A **fault** is for the operator: a private cause with context, logged once at `web`'s edge; the
//! visitor sees only an operation number. Form trouble lives in `web::form`.
//! [`Fault`] has no `Display`, so its text cannot reach a page by accident.

use crate::said;
use crate::said::Said;

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something did not happen.
#[derive(Debug)]
pub enum Error {
    /// Absent, or you may not know that it exists.
    NotFound,
    /// Sign in and come back.
    SignInFirst,
    /// Not now, and here is what you can do.
    Refused(Refusal),
    /// Too much at once: try again in so many seconds.
    Busy {
        /// Seconds to wait.
        retry_s: u64,
    },
    /// Two that write met, and the database let the other go first: doing it anew at once helps.
    Clash,
    /// Our fault: we must act.
    Fault(Fault),
}

/// A refusal: a sentence for the visitor and a way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Translation key of the sentence, such as `meetings-refused-closed`.
    pub key: &'static str,
    /// Named arguments of the sentence.
    pub args: Vec<(&'static str, String)>,
    /// HTTP status.
    pub status: u16,
    /// Where to go on: an address of ours and the key of its label.
    pub way_out: Option<(String, &'static str)>,
}

impl Refusal {
    /// A refusal with status 409.
    pub fn new(key: &'static str) -> Self {
        Self {
            key,
            args: Vec::new(),
            status: 409,
            way_out: None,
        }
    }
    /// With another status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
    /// With a named argument for the sentence.
    pub fn arg(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
    /// With a way out.
    pub fn way_out(mut self, to: impl Into<String>, label: &'static str) -> Self {
        self.way_out = Some((to.into(), label));
        self
    }
}

/// A cause that only the log and the command line may show, with what was being done.
pub struct Fault {
    doing: Vec<Said>,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

impl Fault {
    /// A fault of that cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            doing: Vec::new(),
            cause: cause.into(),
        }
    }
    /// Adds what was being done, innermost first.
    pub fn doing(mut self, what: impl Into<Said>) -> Self {
        self.doing.push(what.into());
        self
    }
    /// The innermost cause, for the crate that made it to recognise.
    pub fn cause(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self.cause.as_ref()
    }
    /// The whole chain, to be said in a language.
    pub fn said(&self) -> Said {
        let mut chain: Vec<Said> = self.doing.iter().rev().cloned().collect();
        chain.push(Said::of_cause(self.cause.as_ref()));
        let mut source = self.cause.source();
        while let Some(inner) = source {
            chain.push(Said::of_cause(inner));
            source = inner.source();
        }
        Said::chain(chain)
    }
    /// The whole chain, for the log.
    pub fn chain(&self) -> String {
        self.said().to_string()
    }
}

impl std::fmt::Debug for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fault({})", self.chain())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(refusal)
    }
}
impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::Fault(fault)
    }
}

impl Error {
    /// A fault of that cause.
    pub fn fault(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Error::Fault(Fault::new(cause))
    }
    /// The chain of a fault, or the kind of another error: for the command line, in its language.
    pub fn said(&self) -> Said {
        match self {
            Error::NotFound => said!("not found"),
            Error::SignInFirst => said!("sign in first"),
            Error::Refused(refusal) => said!("refused: {}", refusal.key),
            Error::Busy { .. } | Error::Clash => said!("busy"),
            Error::Fault(fault) => fault.said(),
        }
    }
    /// The same in English: for logs.
    pub fn log_text(&self) -> String {
        self.said().to_string()
    }
}

/// Adds what was being done to whatever went wrong.
pub trait Doing<T> {
    /// Turns the error into a fault (unless it is one of ours already) and names the step.
    fn doing(self, what: impl Into<Said>) -> Result<T>;
}

impl<T, E: Into<Error>> Doing<T> for std::result::Result<T, E> {
    fn doing(self, what: impl Into<Said>) -> Result<T> {
        self.map_err(|error| match error.into() {
            Error::Fault(fault) => Error::Fault(fault.doing(what)),
            other => other,
        })
    }
}

/// Faults from the operating system.
impl From<std::io::Error> for Error {
    fn from(cause: std::io::Error) -> Self {
        Error::fault(cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_tells_the_log_what_was_being_done() {
        let failed: std::result::Result<(), std::io::Error> =
            Err(std::io::Error::other("disk full"));
        let error = failed
            .doing("saving the check-in")
            .doing("closing the meeting")
            .unwrap_err();
        assert_eq!(
            error.log_text(),
            "closing the meeting: saving the check-in: disk full"
        );
    }
}
