//! E-mail: one plain message in both languages, by the installation's own SMTP server.
//!
//! Not here: receiving bounces. Our own code: reading which refusals concern the address.
//! The rule that surprises: a refusal counts against an address only when the server says so by an
//! enhanced status code (RFC 3463: 5.1.1, 5.1.2, 5.1.3, 5.1.6, 5.1.10). Any other one may be our
//! configuration, so the mail waits and is tried again until it expires.

use crate::out::{Message, Outcome};
use kernel::error::{Doing, Error, Result};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls as LettreTls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use std::error::Error as _;
use std::time::{Duration, SystemTime};

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Keeps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte (port 465).
    Whole,
    /// Begun in clear, then required (port 587).
    Start,
    /// Not at all: for a relay on the same machine only.
    None,
}

/// Where the mail server is and how to speak to it.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// A certificate in PEM that is trusted beside the public ones: for a house with its own.
    pub root_pem: Option<Vec<u8>>,
    /// Who signs in; empty for a server that asks nobody.
    pub user: String,
    /// With which password.
    pub password: Secret,
    /// The sender's address.
    pub from: String,
    /// How long each step of the conversation may take, in milliseconds.
    pub timeout_ms: u64,
}

/// The way to the mail server. Opens one connection a mail.
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: lettre::Address,
    timeout: Duration,
}

impl Mail {
    /// Prepares the way; connects to nothing. `hello` is the host name of the handbook.
    ///
    /// # Errors
    /// A fault when the sender is no address, a certificate cannot be read, or a password would
    /// travel in clear to another machine.
    pub fn new(smtp: &Smtp, hello: &str) -> Result<Self> {
        let from = smtp
            .from
            .parse()
            .map_err(|_| Error::fault("the sender of mails is not an e-mail address"))?;
        let is_here = matches!(smtp.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        if smtp.tls == Tls::None && !smtp.user.is_empty() && !is_here {
            return Err(Error::fault(
                "the password of the mail server would travel in clear; choose TLS",
            ));
        }
        let tls = match smtp.tls {
            Tls::None => LettreTls::None,
            Tls::Start => LettreTls::Required(parameters(smtp)?),
            Tls::Whole => LettreTls::Wrapper(parameters(smtp)?),
        };
        let timeout = Duration::from_millis(smtp.timeout_ms);
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.host.clone())
                .port(smtp.port)
                .tls(tls)
                .timeout(Some(timeout))
                .hello_name(ClientId::Domain(hello.to_owned()));
        if !smtp.user.is_empty() {
            let password = smtp.password.0.clone();
            transport = transport.credentials(Credentials::new(smtp.user.clone(), password));
        }
        Ok(Self {
            transport: transport.build(),
            from,
            timeout,
        })
    }

    /// Sends the neutral message to one address.
    pub(crate) async fn send(&self, message: &Message<'_>, to: &str) -> Result<Outcome> {
        let Ok(to) = to.parse() else {
            return Ok(Outcome::Refused("address".to_owned()));
        };
        let mail = self.mail(message, to)?;
        // lettre limits each step; a server that dribbles is limited as a whole, below the lease.
        let whole = (self.timeout * 6).min(Duration::from_secs(240));
        match tokio::time::timeout(whole, self.transport.send(mail)).await {
            Ok(Ok(_)) => Ok(Outcome::Taken),
            Ok(Err(error)) => Ok(judge(&error)),
            Err(_) => Ok(Outcome::Down("timeout".to_owned())),
        }
    }

    fn mail(&self, message: &Message<'_>, to: lettre::Address) -> Result<lettre::Message> {
        let said = message.words.of(message.language);
        let link = format!("{}{}", message.base_url, message.path);
        let settings = format!("{}/notices/settings", message.base_url);
        let mut body = String::new();
        for language in [message.language, message.language.other()] {
            let said = message.words.of(language);
            body.push_str(&format!(
                "{}\n{link}\n\n{}\n{settings}\n\n",
                said.body, said.settings
            ));
        }
        let since_1970 = Duration::from_millis(u64::try_from(message.now.0).unwrap_or(0));
        MessageBuilder::new()
            .from(Mailbox::new(Some(said.title.clone()), self.from.clone()))
            .to(Mailbox::new(None, to))
            .subject(said.title.clone())
            .date(SystemTime::UNIX_EPOCH + since_1970)
            // The same at every attempt, so that a mailbox can know a mail sent twice.
            .message_id(Some(format!(
                "<{}@{}>",
                message.notice_id,
                self.from.domain()
            )))
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("List-Unsubscribe", &format!("<{settings}>")))
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map_err(Error::fault)
            .doing("writing a mail")
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn parameters(smtp: &Smtp) -> Result<TlsParameters> {
    let mut parameters = TlsParameters::builder(smtp.host.clone());
    if let Some(pem) = &smtp.root_pem {
        let root = Certificate::from_pem(pem)
            .map_err(Error::fault)
            .doing("reading the certificate of the mail server")?;
        parameters = parameters.add_root_certificate(root);
    }
    parameters
        .build()
        .map_err(Error::fault)
        .doing("preparing TLS for the mail server")
}

/// Status codes that say: this address does not exist (RFC 3463, 3.2).
const NO_SUCH_ADDRESS: [&str; 5] = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"];

fn judge(error: &lettre::transport::smtp::Error) -> Outcome {
    let Some(code) = error.status() else {
        // No connection, no TLS, no answer, or one that is not SMTP: the server, not the message.
        return Outcome::Down(if error.is_tls() { "tls" } else { "server" }.to_owned());
    };
    let code = code.to_string();
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    let first = said.split_whitespace().next().unwrap_or("");
    if NO_SUCH_ADDRESS.contains(&first) {
        return Outcome::Refused("address".to_owned());
    }
    match code.as_str() {
        // Service closing, or signing in is wanted, refused or unsafe (RFC 4954): every mail alike.
        "421" | "454" | "530" | "534" | "535" | "538" => Outcome::Down(code),
        _ => Outcome::Later {
            after_ms: None,
            reason: code,
        },
    }
}
