//! The door: takes connections and hands them to the router.
//!
//! One that sends its headers too slowly is shut, no more are held than the system has room for, and
//! the end waits for what was begun, but not for ever. Not here: limits of bodies and forms
//! (`web::routes`), the doorman (`account`).
//! The rule that surprises: at the cap new connections wait in the system's queue; none is refused, and
//! a slow one gives way within [`HEADERS`].
//! By hand, because `axum::serve` has neither a time-out for headers nor a cap.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;
use tower_http::timeout::TimeoutBody;

/// For the headers of a request, and for the silence between two requests.
pub(crate) const HEADERS: Duration = Duration::from_secs(10);
/// For the next piece of a body: a telephone under a tin roof is slow, but it sends.
const BODY: Duration = Duration::from_secs(30);
/// For requests that are going on when the program is asked to stop.
const LAST: Duration = Duration::from_secs(10);
/// Connections at once when the system does not say how many files may be open.
const UNKNOWN: usize = 512;
/// Connections at once at most.
const MOST: usize = 4_096;

/// Serves until `stop` comes, then lets what was begun end.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let limits = Limits {
        most: room(),
        headers: HEADERS,
        body: BODY,
    };
    serve_within(listener, router, stop, limits).await;
}

#[derive(Clone, Copy)]
struct Limits {
    most: usize,
    headers: Duration,
    body: Duration,
}

async fn serve_within(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
    limits: Limits,
) {
    let places = Arc::new(Semaphore::new(limits.most));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let place = tokio::select! {
            () = &mut stop => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let (stream, address) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(cause) => {
                    tracing::warn!(%cause, "a connection was not taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        // Small answers leave at once.
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "no delay was not set");
        }
        let router = router.clone();
        let service = hyper::service::service_fn(move |request: hyper::Request<_>| {
            let mut request = request.map(|body| Body::new(TimeoutBody::new(limits.body, body)));
            request
                .extensions_mut()
                .insert(ConnectInfo::<SocketAddr>(address));
            router.clone().oneshot(request)
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.headers)
            .max_buf_size(64 * 1024)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Who went away in the middle is no news.
            let _ended = connection.await;
            drop(place);
        });
    }
    if tokio::time::timeout(LAST, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests that did not end in time were cut");
    }
}

/// How many connections this process has room for: half of the files it may open, since the
/// database, the index and files of books need theirs.
fn room() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits
        .lines()
        .find(|line| line.starts_with("Max open files"))
        .and_then(|line| line.split_whitespace().nth(3))
        .and_then(|word| word.parse::<usize>().ok());
    files.map_or(UNKNOWN, |files| files / 2).clamp(16, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    #[tokio::test]
    async fn half_sent_headers_give_way_and_the_end_is_bounded() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route(
            "/",
            axum::routing::get(async || "here").post(async |_: axum::body::Bytes| "all"),
        );
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let limits = Limits {
            most: 4,
            headers: Duration::from_millis(300),
            body: Duration::from_millis(300),
        };
        let door = tokio::spawn(serve_within(
            listener,
            router,
            async {
                stopped.await.unwrap();
            },
            limits,
        ));
        let mut slow = Vec::new();
        for _ in 0..4 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream
                .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n")
                .await
                .unwrap();
            slow.push(stream);
        }
        // Every place is taken by somebody who never ends: the fifth is served all the same.
        let mut fifth = TcpStream::connect(address).await.unwrap();
        fifth
            .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut told = String::new();
        tokio::time::timeout(HEADERS, fifth.read_to_string(&mut told))
            .await
            .expect("the door is not held shut")
            .unwrap();
        assert!(told.starts_with("HTTP/1.1 200") && told.ends_with("here"));
        let mut half = TcpStream::connect(address).await.unwrap();
        half.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
            .await
            .unwrap();
        told.clear();
        tokio::time::timeout(HEADERS, half.read_to_string(&mut told))
            .await
            .expect("a body that stops coming is given up")
            .unwrap();
        assert!(told.starts_with("HTTP/1.1 4"), "{told}");
        stop.send(()).unwrap();
        tokio::time::timeout(LAST * 2, door).await.unwrap().unwrap();
    }
}
