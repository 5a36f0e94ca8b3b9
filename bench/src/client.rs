//! A small HTTP/1.1 client for load: one connection, one request after the other, no copies kept.

use std::io::{Error, Result};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer.
pub(crate) struct Reply {
    /// Status code.
    pub(crate) status: u16,
    /// Header block, as sent.
    pub(crate) head: String,
    /// Body.
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The value of every header of that name.
    pub(crate) fn headers(&self, name: &str) -> Vec<String> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .filter(|(held, _)| held.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
            .collect()
    }
}

/// One connection.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    /// Connects.
    pub(crate) async fn connect(address: &str) -> Result<Client> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Client {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }
    /// Sends a request and reads its answer.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<Reply> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head_end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(Error::other("the server hung up"));
            }
        };
        let head =
            String::from_utf8_lossy(self.buffer.get(..head_end).unwrap_or_default()).into_owned();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0);
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse::<usize>().ok())
            .unwrap_or(0);
        while self.buffer.len() < head_end + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(Error::other("the server hung up"));
            }
        }
        let body = self
            .buffer
            .get(head_end..head_end + length)
            .unwrap_or_default()
            .to_vec();
        Ok(Reply { status, head, body })
    }
}

/// A GET request.
pub(crate) fn get(host: &str, path: &str, cookie: &str) -> Vec<u8> {
    let cookie = if cookie.is_empty() {
        String::new()
    } else {
        format!("Cookie: {cookie}\r\n")
    };
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0 (bench)\r\n{cookie}\r\n"
    )
    .into_bytes()
}

/// What a load came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Requests a second.
    pub(crate) per_second: f64,
    /// Half of the answers came within this.
    pub(crate) p50: Duration,
    /// All but one in a hundred.
    pub(crate) p99: Duration,
    /// Answers that were not 200.
    pub(crate) bad: usize,
}

/// Sends these requests in turn over `connections` connections for `seconds`.
pub(crate) async fn load(
    address: &str,
    requests: &[Vec<u8>],
    connections: usize,
    seconds: u64,
) -> Result<Load> {
    let mut tasks = Vec::new();
    let until = Instant::now() + Duration::from_secs(seconds);
    let began = Instant::now();
    for nth in 0..connections {
        let (address, requests) = (address.to_owned(), requests.to_vec());
        tasks.push(tokio::spawn(async move {
            let mut client = Client::connect(&address).await?;
            let (mut took, mut bad, mut at) = (Vec::new(), 0_usize, nth);
            while Instant::now() < until {
                let Some(request) = requests.get(at % requests.len().max(1)) else {
                    break;
                };
                at += 1;
                let sent = Instant::now();
                let reply = client.send(request).await?;
                took.push(sent.elapsed());
                if reply.status != 200 {
                    bad += 1;
                }
            }
            Ok::<_, Error>((took, bad))
        }));
    }
    let (mut all, mut bad) = (Vec::new(), 0);
    for task in tasks {
        let (took, wrong) = task.await.map_err(Error::other)??;
        all.extend(took);
        bad += wrong;
    }
    let elapsed = began.elapsed().as_secs_f64();
    all.sort_unstable();
    let part = |share: f64| {
        all.get((all.len() as f64 * share) as usize)
            .copied()
            .unwrap_or_default()
    };
    Ok(Load {
        per_second: all.len() as f64 / elapsed,
        p50: part(0.5),
        p99: part(0.99),
        bad,
    })
}
