//! One POST over https to a name given by a stranger: resolved, checked, connected to that address.
//!
//! Not a client for anything else: no redirects, no proxy, no pool, no body read. `hyper` speaks
//! HTTP over `tokio-rustls`; larger clients resolve names themselves, so what was checked would not
//! be what is connected to.
//! The rule that surprises: a name is asked once, and the connection goes to an address from that
//! very answer; a name that changes its mind afterwards gains nothing.

use crate::push::{Answer, Post, PostTrouble};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use kernel::error::{Doing, Error, Result};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// How long all of one request may take; below the lease of a sending.
const WHOLE: Duration = Duration::from_secs(20);

/// Asks push services.
pub struct Https {
    tls: TlsConnector,
    whole: Duration,
    /// Where names lead, when it is not the system that is asked: tests only.
    fixed: Option<SocketAddr>,
}

impl Https {
    /// Trusts the public certificate authorities.
    ///
    /// # Errors
    /// A fault when the cryptography of this program lacks TLS, which a build decides.
    pub fn new() -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        Self::trusting(roots)
    }
    fn trusting(roots: RootCertStore) -> Result<Self> {
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Error::fault)
            .doing("preparing TLS for push services")?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            tls: TlsConnector::from(Arc::new(config)),
            whole: WHOLE,
            fixed: None,
        })
    }
    /// Public addresses of a name.
    async fn addresses(&self, host: &str) -> std::result::Result<Vec<SocketAddr>, PostTrouble> {
        if let Some(fixed) = self.fixed {
            return Ok(vec![fixed]);
        }
        let found = tokio::net::lookup_host((host, 443))
            .await
            .map_err(|_| PostTrouble::Unreachable)?;
        only_public(found)
    }
    async fn ask(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> std::result::Result<Answer, PostTrouble> {
        let unreachable = |_| PostTrouble::Unreachable;
        let host = request.uri().host().unwrap_or_default().to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| PostTrouble::Unsafe)?;
        let mut stream = Err(PostTrouble::Unreachable);
        for address in self.addresses(&host).await?.into_iter().take(4) {
            let connecting = tokio::time::timeout(self.whole / 4, TcpStream::connect(address));
            if let Ok(Ok(connected)) = connecting.await {
                stream = Ok(connected);
                break;
            }
        }
        let stream = (self.tls.connect(name, stream?).await).map_err(unreachable)?;
        exchange(TokioIo::new(stream), request, &host).await
    }
}

/// The public ones of a name's addresses; none is [`PostTrouble::Unsafe`].
fn only_public(
    found: impl Iterator<Item = SocketAddr>,
) -> std::result::Result<Vec<SocketAddr>, PostTrouble> {
    let public: Vec<SocketAddr> = found.filter(|one| is_public(one.ip())).collect();
    if public.is_empty() {
        return Err(PostTrouble::Unsafe);
    }
    Ok(public)
}

/// One request and the head of its answer.
async fn exchange<S>(
    io: S,
    request: http::Request<Vec<u8>>,
    host: &str,
) -> std::result::Result<Answer, PostTrouble>
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let (mut head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    head.uri = path.parse().map_err(|_| PostTrouble::Unsafe)?;
    let host = http::HeaderValue::from_str(host).map_err(|_| PostTrouble::Unsafe)?;
    head.headers.insert(http::header::HOST, host);
    let request = http::Request::from_parts(head, Full::new(Bytes::from(body)));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io)
        .await
        .map_err(|_| PostTrouble::Unreachable)?;
    // The connection works only while it is polled; when it ends first, the answer is there already
    // or `send_request` says that there will be none.
    let working = async {
        connection.await.ok(); // its trouble is told to `send_request` too
        std::future::pending::<()>().await;
    };
    let answer = tokio::select! {
        answer = sender.send_request(request) => answer,
        () = working => return Err(PostTrouble::Unreachable),
    };
    let answer = answer.map_err(|_| PostTrouble::Unreachable)?;
    let retry_after = answer
        .headers()
        .get(http::header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    Ok(Answer {
        status: answer.status().as_u16(),
        retry_after,
    })
}

impl Post for Https {
    fn post(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> BoxFuture<'_, std::result::Result<Answer, PostTrouble>> {
        Box::pin(async move {
            tokio::time::timeout(self.whole, self.ask(request))
                .await
                .unwrap_or(Err(PostTrouble::Unreachable))
        })
    }
}

/// Whether an address belongs to the public internet: none of the special-purpose blocks of IANA
/// (RFC 6890 and its registries), nor an IPv6 form that carries such an IPv4 address.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_v4(four),
        IpAddr::V6(six) => is_public_v6(six),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0
        || a == 10
        || a == 127
        || (a == 100 && (64..128).contains(&b)) // shared by carriers
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 192 && b == 168)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        || a >= 224;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(four) = address.to_ipv4_mapped() {
        return is_public_v4(four);
    }
    let [a, b, c, d, e, f, g, h] = address.segments();
    let four = |high: u16, low: u16| {
        let ([p, q], [r, s]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(p, q, r, s)
    };
    // 64:ff9b::/96: an IPv4 address behind a translator.
    if (a, b, c, d, e, f) == (0x64, 0xff9b, 0, 0, 0, 0) {
        return is_public_v4(four(g, h));
    }
    // 2002::/16: 6to4.
    if a == 0x2002 {
        return is_public_v4(four(b, c));
    }
    // Protocol assignments (Teredo among them) and documentation.
    let special = matches!((a, b), (0x2001, 0..0x200 | 0xdb8) | (0x3fff, 0..0x1000));
    // Only 2000::/3 is given out; loopback, link-local, unique-local, multicast lie outside.
    a & 0xe000 == 0x2000 && !special
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;

    /// What the service writes after it has read a request; nothing: it stays silent.
    async fn service(
        name: &str,
        answer: Option<&'static str>,
    ) -> (Https, tokio::task::JoinHandle<String>) {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else {
                return "no tls".to_owned();
            };
            let mut read = vec![0; 4096];
            let count = stream.read(&mut read).await.unwrap();
            match answer {
                Some(answer) => {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    stream.shutdown().await.ok(); // the client may be gone already
                }
                None => std::future::pending().await,
            }
            String::from_utf8_lossy(&read[..count]).into_owned()
        });
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let mut https = Https::trusting(roots).unwrap();
        https.fixed = Some(at);
        (https, serving)
    }
    fn request() -> http::Request<Vec<u8>> {
        http::Request::post("https://push.example.org/send/1?x=2")
            .header("ttl", "60")
            .body(b"sealed".to_vec())
            .unwrap()
    }

    #[tokio::test]
    async fn one_post_and_its_status_over_tls() {
        let said =
            "HTTP/1.1 429 Too Many\r\nRetry-After: 120\r\nContent-Length: 900000\r\n\r\nendless";
        let (https, serving) = service("push.example.org", Some(said)).await;
        let answer = https.post(request()).await.unwrap();
        assert_eq!(answer.status, 429);
        assert_eq!(answer.retry_after.as_deref(), Some("120"));
        let asked = serving.await.unwrap();
        assert!(
            asked.starts_with("POST /send/1?x=2 HTTP/1.1\r\n"),
            "{asked}"
        );
        assert!(asked.contains("host: push.example.org\r\n"), "{asked}");
    }
    #[tokio::test]
    async fn a_redirect_is_an_answer_and_not_followed() {
        let said =
            "HTTP/1.1 302 Found\r\nLocation: https://169.254.169.254/\r\nContent-Length: 0\r\n\r\n";
        let (https, _serving) = service("push.example.org", Some(said)).await;
        assert_eq!(https.post(request()).await.unwrap().status, 302);
    }
    #[tokio::test]
    async fn a_certificate_of_another_name_is_not_spoken_to() {
        let (https, serving) = service("other.example.org", Some("")).await;
        assert_eq!(https.post(request()).await, Err(PostTrouble::Unreachable));
        assert_eq!(serving.await.unwrap(), "no tls");
    }
    #[tokio::test]
    async fn a_service_that_is_silent_or_talks_nonsense_costs_a_moment_only() {
        let (mut https, _serving) = service("push.example.org", None).await;
        https.whole = Duration::from_millis(500);
        assert_eq!(https.post(request()).await, Err(PostTrouble::Unreachable));
        let (https, _serving) = service("push.example.org", Some("220 smtp\r\n")).await;
        assert_eq!(https.post(request()).await, Err(PostTrouble::Unreachable));
        let (https, _serving) = service("push.example.org", Some("")).await;
        assert_eq!(https.post(request()).await, Err(PostTrouble::Unreachable));
    }
    #[tokio::test]
    async fn a_name_that_leads_into_the_house_is_not_asked() {
        let https = Https::new().unwrap();
        let request = http::Request::post("https://localhost/")
            .body(Vec::new())
            .unwrap();
        assert_eq!(https.post(request).await, Err(PostTrouble::Unsafe));
    }
    #[test]
    fn only_public_addresses_are_connected_to() {
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "142.250.1.1",
            "2a00:1450::1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "2002:101:101::",
        ] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
        let mixed = ["10.0.0.1:443", "1.1.1.1:443"].map(|text| text.parse().unwrap());
        assert_eq!(only_public(mixed.into_iter()), Ok(vec![mixed[1]]));
        assert_eq!(
            only_public(mixed.into_iter().take(1)),
            Err(PostTrouble::Unsafe)
        );
    }
}
