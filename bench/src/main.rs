//! Measures the release program from outside: start, memory, pages, portal against a bare handler,
//! sign-in against argon2 alone, import and search of a corpus.
//!
//! Nothing here decides whether a build is good; the figures are for people to compare.

mod client;

use client::{Client, Load, get, load};
use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Connections of every load, as in the project's aims.
const CONNECTIONS: usize = 16;
/// Seconds of every load.
const SECONDS: u64 = 5;

/// A running program.
struct House {
    child: Child,
    address: String,
    first_answer: Duration,
}

impl House {
    async fn start(sotay: &Path, data: &Path, port: u16) -> Result<House> {
        let address = format!("127.0.0.1:{port}");
        let began = Instant::now();
        let child = Command::new(sotay)
            .args(["serve", "--listen", &address, "--data"])
            .arg(data)
            .env("SOTAY_LOG_LEVEL", "warn")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        loop {
            if let Ok(mut client) = Client::connect(&address).await
                && client
                    .send(&get(&address, "/sign-in", ""))
                    .await
                    .is_ok_and(|reply| reply.status == 200)
            {
                return Ok(House {
                    child,
                    address,
                    first_answer: began.elapsed(),
                });
            }
            if began.elapsed() > Duration::from_secs(30) {
                return Err(Error::other("the program did not answer in 30 seconds"));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    /// Memory in MB: resident now, resident at its highest, and what of it is the program's own, beside
    /// pages of its file that the system can drop.
    fn memory(&self) -> (f64, f64, f64) {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .unwrap_or_default();
        let read = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let kb = line
                .and_then(|line| line.split_whitespace().next())
                .and_then(|kb| kb.parse::<f64>().ok());
            kb.unwrap_or(0.0) / 1024.0
        };
        (read("VmRSS:"), read("VmHWM:"), read("RssAnon:"))
    }
    async fn sign_in(&self, login: &str, password: &str) -> Result<String> {
        let mut client = Client::connect(&self.address).await?;
        let page = client.send(&get(&self.address, "/sign-in", "")).await?;
        let guest = page
            .headers("set-cookie")
            .into_iter()
            .find(|line| line.starts_with("sotay_guest"))
            .unwrap_or_default();
        let guest = guest.split(';').next().unwrap_or("").to_owned();
        let text = String::from_utf8_lossy(&page.body).into_owned();
        let token = text
            .split("name=\"csrf\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap_or("");
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", token)
            .append_pair("login", login)
            .append_pair("password", password)
            .finish();
        let request = format!(
            "POST /sign-in HTTP/1.1\r\nHost: {}\r\nCookie: {guest}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let reply = client.send(request.as_bytes()).await?;
        let session = reply
            .headers("set-cookie")
            .into_iter()
            .find(|line| line.starts_with("sotay_session"));
        let session =
            session.ok_or_else(|| Error::other(format!("sign-in answered {}", reply.status)))?;
        Ok(session.split(';').next().unwrap_or("").to_owned())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing more to do here.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn make_demo(sotay: &Path, data: &Path, scale: &str) -> Result<(Duration, String, String)> {
    let began = Instant::now();
    let output = Command::new(sotay)
        .args(["demo", "--make-only", "--scale", scale, "--data"])
        .arg(data)
        .output()?;
    if !output.status.success() {
        return Err(Error::other(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ));
    }
    let took = began.elapsed();
    let signs = std::fs::read_to_string(data.join("demo-sign-ins.txt"))?;
    let mut words = signs.lines().nth(1).unwrap_or("").split_whitespace();
    Ok((
        took,
        words.next().unwrap_or("").to_owned(),
        words.next().unwrap_or("").to_owned(),
    ))
}

fn say(what: &str, load: Load) {
    println!(
        "{what:44} {:8.0} requests/s   p50 {:6.2} ms   p99 {:6.2} ms{}",
        load.per_second,
        load.p50.as_secs_f64() * 1e3,
        load.p99.as_secs_f64() * 1e3,
        if load.bad > 0 {
            format!("   {} NOT 200", load.bad)
        } else {
            String::new()
        }
    );
}

/// The rival of a page: an axum handler that sends the same bytes.
async fn bare(bytes: Vec<u8>) -> Result<String> {
    let body = axum::body::Bytes::from(bytes);
    let page =
        move || async move { ([("content-type", "text/html; charset=utf-8")], body.clone()) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let router = axum::Router::new().route("/", axum::routing::get(page));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn page(house: &House, path: &str, cookie: &str) -> Result<client::Reply> {
    Client::connect(&house.address)
        .await?
        .send(&get(&house.address, path, cookie))
        .await
}

/// The first link on a page that starts so.
async fn link(house: &House, from: &str, start: &str, cookie: &str) -> Result<String> {
    let reply = page(house, from, cookie).await?;
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    text.split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|found| found.starts_with(start) && found.len() > start.len())
        .map(str::to_owned)
        .ok_or_else(|| Error::other(format!("{from} has no link to {start}")))
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let sotay = PathBuf::from(
        args.next()
            .ok_or_else(|| Error::other("usage: bench SOTAY [CORPUS QUERIES]"))?,
    );
    let corpus = args.next().map(PathBuf::from);
    let queries = args.next().map(PathBuf::from);
    let folder = tempfile::tempdir()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{cores} cores, {CONNECTIONS} connections, {SECONDS} s a load; client on the same machine\n"
    );

    println!("— the small demo");
    let small = folder.path().join("small");
    let (took, login, password) = make_demo(&sotay, &small, "small")?;
    println!("{:44} {:8.1} s", "made in", took.as_secs_f64());
    let house = House::start(&sotay, &small, 18_311).await?;
    drop(house);
    let house = House::start(&sotay, &small, 18_312).await?;
    println!(
        "{:44} {:8.0} ms",
        "second start to first answer",
        house.first_answer.as_secs_f64() * 1e3
    );
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (resident, _, own) = house.memory();
    println!(
        "{:44} {resident:8.1} MB, of it {own:.1} MB its own",
        "resident, idle"
    );
    let article = link(&house, "/", "/articles/", "").await?;
    let bytes = page(&house, &article, "").await?.body;
    let rival = bare(bytes.clone()).await?;
    let ours = load(
        &house.address,
        &[get(&house.address, &article, "")],
        CONNECTIONS,
        SECONDS,
    )
    .await?;
    let theirs = load(&rival, &[get(&rival, "/", "")], CONNECTIONS, SECONDS).await?;
    say(&format!("portal article, {} bytes", bytes.len()), ours);
    say("bare axum handler, same bytes", theirs);
    println!("{:44} {:8.2}", "ratio", ours.per_second / theirs.per_second);

    let alone = {
        let began = Instant::now();
        let mut out = [0_u8; 32];
        let kdf = argon2::Argon2::default();
        for _ in 0..10 {
            kdf.hash_password_into(b"a password of usual length", b"sixteen bytes of", &mut out)
                .map_err(|e| Error::other(e.to_string()))?;
        }
        began.elapsed() / 10
    };
    let began = Instant::now();
    for _ in 0..10 {
        house.sign_in(&login, &password).await?;
    }
    let whole = began.elapsed() / 10;
    println!(
        "{:44} {:8.1} ms, argon2 alone {:.1} ms, ratio {:.2}",
        "sign-in, one after the other",
        whole.as_secs_f64() * 1e3,
        alone.as_secs_f64() * 1e3,
        whole.as_secs_f64() / alone.as_secs_f64()
    );
    drop(house);

    println!("\n— the bloc: 61 committees, 5,800 cells, 77,000 members, 200 titles");
    let bloc = folder.path().join("bloc");
    let (took, login, password) = make_demo(&sotay, &bloc, "bloc")?;
    println!("{:44} {:8.1} s", "made in", took.as_secs_f64());
    if let Some(corpus) = &corpus {
        let bytes = std::fs::metadata(corpus)?.len();
        let lines = std::fs::read_to_string(corpus)?.lines().count();
        let began = Instant::now();
        let output = Command::new(&sotay)
            .args(["import", "documents"])
            .arg(corpus)
            .arg("--data")
            .arg(&bloc)
            .output()?;
        let took = began.elapsed().as_secs_f64();
        println!(
            "{:44} {took:8.1} s, {:.1} MB/s, {:.0} articles/s, exit {:?}",
            "corpus imported and indexed",
            bytes as f64 / 1e6 / took,
            lines as f64 / took,
            output.status.code()
        );
    }
    let house = House::start(&sotay, &bloc, 18_313).await?;
    println!(
        "{:44} {:8.0} ms",
        "start to first answer",
        house.first_answer.as_secs_f64() * 1e3
    );
    let cookie = house.sign_in(&login, &password).await?;
    let shelf = link(&house, "/library", "/library/shelves/", &cookie).await?;
    for (what, path) in [
        ("Hôm nay, signed in", "/today"),
        ("shelf page, signed in", shelf.as_str()),
    ] {
        let load = load(
            &house.address,
            &[get(&house.address, path, &cookie)],
            CONNECTIONS,
            SECONDS,
        )
        .await?;
        say(what, load);
    }
    if let Some(queries) = &queries {
        let text = std::fs::read_to_string(queries)?;
        let requests: Vec<Vec<u8>> = text
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter_map(|line| {
                line.get("query")
                    .and_then(|query| query.as_str())
                    .map(str::to_owned)
            })
            .map(|query| {
                let query = form_urlencoded::Serializer::new(String::new())
                    .append_pair("q", &query)
                    .finish();
                get(&house.address, &format!("/api/v1/search?{query}"), &cookie)
            })
            .collect();
        say(
            &format!("search, {} questions, one at a time", requests.len()),
            load(&house.address, &requests, 1, SECONDS).await?,
        );
        say(
            "search, two at a time",
            load(&house.address, &requests, 2, SECONDS).await?,
        );
    }
    let (now, highest, _) = house.memory();
    println!(
        "{:44} {now:8.1} MB, highest {highest:.1} MB",
        "resident after the loads"
    );
    Ok(())
}
