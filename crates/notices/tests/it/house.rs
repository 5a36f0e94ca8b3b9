//! What every story stands on: members, a seal that a test can look through, the words, an SMTP
//! server and a push service that do as they are told.

use crate::both::App;
use futures_util::future::BoxFuture;
use kernel::error::{Error, Result};
use kernel::{Actor, Dice, MemberId, Moment};
use notices::{Answer, Delivered, Delivery, Language, Mail, New, Post, PostTrouble, Push, Words};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto};

/// Seals by writing backwards: tests see that the plain text is not in a table.
pub(crate) struct Backwards;

impl notices::Seals for Backwards {
    fn seal(&self, column: &str, value: &str, dice: &Dice) -> Result<String> {
        let nth = u32::from_le_bytes(dice.bytes());
        let turned: String = value.chars().rev().collect();
        Ok(format!("{column}|{nth}|{turned}"))
    }
    fn open(&self, column: &str, sealed: &str) -> Result<String> {
        if sealed.is_empty() {
            return Ok(String::new());
        }
        let mut parts = sealed.splitn(3, '|');
        let (Some(of), Some(_), Some(turned)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::fault("damaged"));
        };
        assert_eq!(of, column);
        Ok(turned.chars().rev().collect())
    }
    fn mac(&self, column: &str, value: &str) -> String {
        let sum = value.bytes().fold(17_u64, |sum, byte| {
            sum.wrapping_mul(1_000_003).wrapping_add(u64::from(byte))
        });
        format!("{column}-{sum:x}")
    }
}

pub(crate) fn actor(id: &str) -> Actor {
    Actor {
        member: id.parse().unwrap(),
        name: id.to_owned(),
        home: None,
        grants: Vec::new(),
    }
}

pub(crate) fn words() -> Words {
    Words::read(|language, key| {
        let (vi, en) = notices::TEXTS;
        let text = if language == Language::Vi { vi } else { en };
        text.lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))
            .unwrap()
            .to_owned()
    })
    .unwrap()
}

/// The notice of these stories: its line names a person, its link a meeting.
pub(crate) fn called(app: &App, key: &str, to: &[&str]) -> New {
    New::of(
        "meetings.called",
        key,
        "meetings-notice-called",
        "/meetings/secret-meeting",
        app.clock.now().plus_ms(3 * 86_400_000),
    )
    .to(to.iter().map(|id| id.parse::<MemberId>().unwrap()))
    .arg("chair", "Nguyễn Thị Lan")
}

pub(crate) async fn tell(app: &App, new: New) -> u64 {
    let mut tx = app.db.begin().await.unwrap();
    let told = notices::add(&mut tx, &app.clock, &app.dice, new)
        .await
        .unwrap();
    app.db.commit(tx).await.unwrap();
    told
}

pub(crate) async fn email(app: &App, who: &str, address: &str) {
    let (lan, vi) = (actor(who), Language::Vi);
    let mut tx = app.db.begin().await.unwrap();
    notices::set_email(
        &mut tx,
        &app.clock,
        &app.dice,
        &Backwards,
        &lan.member,
        address,
        vi,
    )
    .await
    .unwrap();
    app.db.commit(tx).await.unwrap();
}

pub(crate) async fn deliver(app: &App, mail: Option<&Mail>, push: Option<&Push>) -> Delivered {
    try_deliver(app, mail, push).await.unwrap()
}

pub(crate) async fn try_deliver(
    app: &App,
    mail: Option<&Mail>,
    push: Option<&Push>,
) -> Result<Delivered> {
    let words = words();
    notices::deliver_due(&Delivery {
        db: &app.db,
        clock: &app.clock,
        dice: &app.dice,
        seals: &Backwards,
        words: &words,
        base_url: "https://sotay.example.vn",
        mail,
        push,
        limit: 100,
    })
    .await
}

/// What the SMTP server does with a conversation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Manner {
    /// Takes the mail.
    Take,
    /// Says this to `RCPT TO`.
    Refuse(&'static str),
    /// Says no to `AUTH`.
    RefuseSignIn,
    /// Greets and says no more.
    Hang,
    /// Closes in the middle.
    Drop,
}

/// A small SMTP server: keeps what it took, and how often it was called.
#[derive(Clone)]
pub(crate) struct Smtpd {
    pub(crate) port: u16,
    pub(crate) taken: Arc<Mutex<Vec<String>>>,
    calls: Arc<Mutex<u32>>,
    manner: Arc<Mutex<Manner>>,
}

impl Smtpd {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            taken: Arc::default(),
            calls: Arc::default(),
            manner: Arc::new(Mutex::new(Manner::Take)),
        };
        let mine = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mine = mine.clone();
                // A client that goes away is part of the stories.
                tokio::spawn(async move { mine.talk(stream).await.ok() });
            }
        });
        server
    }
    pub(crate) fn be(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }
    pub(crate) fn count(&self) -> usize {
        self.taken.lock().unwrap().len()
    }
    pub(crate) fn calls(&self) -> u32 {
        *self.calls.lock().unwrap()
    }
    pub(crate) fn way(&self, user: &str) -> Mail {
        let smtp = notices::Smtp {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            tls: notices::Tls::None,
            root_pem: None,
            user: user.to_owned(),
            password: notices::Secret::new("open sesame"),
            from: "sotay@example.vn".to_owned(),
            timeout_ms: 2_000,
        };
        assert!(!format!("{smtp:?}").contains("sesame"));
        Mail::new(&smtp, "sotay.example.vn").unwrap()
    }
    /// Speaks TLS from the first byte; also its own certificate, in PEM.
    pub(crate) async fn start_tls() -> (Self, Vec<u8>) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = made.signing_key.serialize_der();
        let config =
            ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![made.cert.der().clone()], key.try_into().unwrap())
                .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let mut server = Self::start().await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        server.port = listener.local_addr().unwrap().port();
        let mine = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(stream) = acceptor.accept(stream).await {
                    mine.talk(stream).await.ok(); // as above
                }
            }
        });
        let der = data_encoding::BASE64.encode(made.cert.der());
        let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
        (server, pem.into_bytes())
    }
    async fn talk(&self, stream: impl AsyncRead + AsyncWrite) -> std::io::Result<()> {
        *self.calls.lock().unwrap() += 1;
        let manner = *self.manner.lock().unwrap();
        let (read, mut write) = tokio::io::split(Box::pin(stream));
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 test\r\n").await?;
        let mut seen = String::new();
        while let Some(line) = lines.next_line().await? {
            if matches!(manner, Manner::Hang) {
                continue;
            }
            let word = line.get(..4).unwrap_or("").to_ascii_uppercase();
            let answer = match (word.as_str(), manner) {
                ("EHLO", _) => "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN",
                ("AUTH", Manner::RefuseSignIn) => "535 5.7.8 no",
                ("AUTH", _) => "235 2.7.0 yes",
                ("RCPT", Manner::Refuse(with)) => with,
                ("RCPT", Manner::Drop) => return Ok(()),
                ("DATA", _) => {
                    write.write_all(b"354 go on\r\n").await?;
                    while let Some(line) = lines.next_line().await? {
                        if line == "." {
                            break;
                        }
                        seen.push_str(&line);
                        seen.push('\n');
                    }
                    self.taken.lock().unwrap().push(seen.clone());
                    "250 2.0.0 taken"
                }
                ("QUIT", _) => {
                    write.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => {
                    if word == "RCPT" {
                        seen.push_str(&line);
                        seen.push('\n');
                    }
                    "250 2.1.0 yes"
                }
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}

type Said = std::result::Result<Answer, PostTrouble>;

/// A push service: keeps what was posted, answers what it was told, then 201.
#[derive(Default, Clone)]
pub(crate) struct Service {
    pub(crate) posted: Arc<Mutex<Vec<http::Request<Vec<u8>>>>>,
    pub(crate) answers: Arc<Mutex<VecDeque<Said>>>,
}

impl Service {
    pub(crate) fn say(&self, status: u16, retry_after: Option<&str>) {
        self.answers.lock().unwrap().push_back(Ok(Answer {
            status,
            retry_after: retry_after.map(str::to_owned),
        }));
    }
    pub(crate) fn count(&self) -> usize {
        self.posted.lock().unwrap().len()
    }
    pub(crate) fn way(&self) -> Push {
        let vapid = notices::Vapid::fresh(&Dice::seeded(5));
        Push::new(vapid, "mailto:quantri@example.vn", Arc::new(self.clone())).unwrap()
    }
}

impl Post for Service {
    fn post(&self, request: http::Request<Vec<u8>>) -> BoxFuture<'_, Said> {
        self.posted.lock().unwrap().push(request);
        let said = self.answers.lock().unwrap().pop_front();
        Box::pin(std::future::ready(said.unwrap_or(Ok(Answer {
            status: 201,
            retry_after: None,
        }))))
    }
}

/// A device with the private half that only it has.
pub(crate) struct Device {
    pub(crate) key: web_push_native::p256::SecretKey,
    pub(crate) auth: [u8; 16],
    pub(crate) subscription: notices::Subscription,
}

pub(crate) fn device(nth: u64) -> Device {
    use data_encoding::BASE64URL_NOPAD;
    let dice = Dice::seeded(nth);
    let key = web_push_native::p256::SecretKey::from_slice(&dice.bytes::<32>()).unwrap();
    let auth: [u8; 16] = dice.bytes();
    let public = key.public_key().to_sec1_bytes();
    Device {
        subscription: notices::Subscription {
            endpoint: format!("https://push.example.org/send/{nth}"),
            p256dh: BASE64URL_NOPAD.encode(&public),
            auth: BASE64URL_NOPAD.encode(&auth),
        },
        key,
        auth,
    }
}

pub(crate) async fn register(app: &App, who: &str, device: &Device) -> notices::EndpointId {
    try_register(app, who, &device.subscription).await.unwrap()
}

pub(crate) async fn try_register(
    app: &App,
    who: &str,
    device: &notices::Subscription,
) -> Result<notices::EndpointId> {
    let (who, vi) = (actor(who), Language::Vi);
    let mut tx = app.db.begin().await.unwrap();
    let id =
        notices::add_push(&mut tx, &app.clock, &app.dice, &Backwards, &who, device, vi).await?;
    app.db.commit(tx).await.unwrap();
    Ok(id)
}

pub(crate) fn at(app: &App, hour: u8, minute: u8) -> Moment {
    app.clock.now().day().at(hour, minute)
}
