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
