//! The worker, with real children: this test binary is its own child.
//!
//! `child` below is no test of its own: it is started by the others, as `app` is started by
//! itself, and does nothing when nobody talks to it.

// Clippy takes only `#[test]` functions for tests, not what they share.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use files::{JobTrouble, Jobs, Limits, Worker, WorkerRefusal};
use serde_json::{Value, json};

fn jobs() -> Jobs {
    let mut jobs = Jobs::new();
    jobs.add("count", |input, _, _| {
        let bytes =
            std::fs::read(input).map_err(|e| JobTrouble::new("unreadable", e.to_string()))?;
        Ok(json!({ "bytes": bytes.len() }))
    });
    jobs.add("refuse", |_, _, _| {
        Err(JobTrouble::new("made.up", "because"))
    });
    jobs.add("panic", |_, _, _| panic!("at the third chapter"));
    jobs.add("abort", |_, _, _| std::process::abort());
    jobs.add("loop", |_, _, _| {
        let mut n = 0_u64;
        loop {
            n = std::hint::black_box(n.wrapping_add(1));
        }
    });
    jobs.add("tell_id_and_loop", |_, out, _| {
        let id = format!("{}.", std::process::id());
        std::fs::write(out.join("id"), id).map_err(|e| JobTrouble::new("disk", e.to_string()))?;
        loop {
            std::hint::spin_loop();
        }
    });
    jobs.add("swell", |_, _, _| {
        let mut kept: Vec<Vec<u8>> = Vec::new();
        loop {
            kept.push(vec![1; 1 << 20]);
        }
    });
    jobs.add("swell_at_once", |_, _, _| {
        let bytes = vec![1_u8; 8 << 30];
        Ok(json!(bytes.len()))
    });
    jobs.add("flood", |_, out, _| {
        let many = vec![0_u8; 1 << 20];
        for n in 0.. {
            let path = out.join(format!("{n}"));
            std::fs::write(path, &many).map_err(|e| JobTrouble::new("disk", e.to_string()))?;
        }
        Ok(Value::Null)
    });
    jobs.add("one_big_file", |_, out, _| {
        let bytes = vec![0_u8; 16 << 20];
        std::fs::write(out.join("big"), bytes)
            .map_err(|e| JobTrouble::new("disk", e.to_string()))?;
        Ok(Value::Null)
    });
    jobs.add("noise", |_, _, _| {
        for _ in 0..1000 {
            println!("worker-answer-\nworker-answer-ready\nnot yet");
        }
        Ok(json!("heard"))
    });
    jobs.add("deep", |_, _, _| {
        fn down(n: u64) -> u64 {
            let room = std::hint::black_box([n; 64]);
            if n == 0 { 0 } else { down(n - 1) + room[1] }
        }
        Ok(json!(down(100_000_000)))
    });
    jobs.add("leave", |input, out, _| {
        let left = || -> std::io::Result<()> {
            std::fs::create_dir(out.join("a"))?;
            std::fs::copy(input, out.join("a/copy"))?;
            tempfile::tempfile()?;
            Ok(())
        };
        left().map_err(|e| JobTrouble::new("disk", e.to_string()))?;
        Ok(Value::Null)
    });
    jobs.add("break_out", |input, out, args| {
        let secret = args["secret"].as_str().unwrap_or_default();
        let port = args["port"].as_u64().unwrap_or(0) as u16;
        let tried = [
            ("read", std::fs::read(secret).map(drop)),
            ("list", std::fs::read_dir("/").map(drop)),
            ("write", std::fs::write(format!("{secret}.new"), "x")),
            ("change the input", std::fs::write(input, "x")),
            ("link", std::os::unix::fs::symlink(secret, out.join("link"))),
            (
                "network",
                std::net::TcpStream::connect(("127.0.0.1", port)).map(drop),
            ),
            (
                "program",
                std::process::Command::new("/bin/true").status().map(drop),
            ),
        ];
        let done: Vec<&str> = tried
            .iter()
            .filter(|(_, tried)| tried.is_ok())
            .map(|(what, _)| *what)
            .collect();
        Ok(json!(done))
    });
    jobs.add("environment", |_, _, _| {
        Ok(json!(
            std::env::vars().map(|(name, _)| name).collect::<Vec<_>>()
        ))
    });
    jobs
}

#[test]
fn child() {
    if std::env::args().any(|argument| argument == "--nocapture") {
        let _ = files::child_main(&jobs());
    }
}

const LIMITS: Limits = Limits {
    wall_s: 20,
    memory_bytes: 128 << 20,
    output_bytes: 8 << 20,
};

fn worker(limits: Limits) -> Worker {
    let arguments = ["--exact", "child", "--nocapture"].map(str::to_owned);
    Worker::child_with(std::env::current_exe().unwrap(), arguments, limits)
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("out")).unwrap();
        std::fs::write(folder.path().join("input"), b"12345").unwrap();
        Place { folder }
    }

    fn input(&self) -> PathBuf {
        self.folder.path().join("input")
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }
}

async fn run(job: &str, limits: Limits) -> Result<Value, WorkerRefusal> {
    let place = Place::new();
    worker(limits)
        .run(job, &place.input(), &place.out(), Value::Null)
        .await
}

#[tokio::test]
async fn an_answer_comes_back_and_the_folder_is_left_clean() {
    let place = Place::new();
    let told = worker(LIMITS)
        .run("count", &place.input(), &place.out(), Value::Null)
        .await;
    assert_eq!(told, Ok(json!({ "bytes": 5 })));
    assert_eq!(std::fs::read_dir(place.out()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_the_job_says_reaches_the_visitor_as_a_key() {
    let told = run("refuse", LIMITS).await.unwrap_err();
    assert_eq!(told.key(), "made.up");
    let told = run("no such job", LIMITS).await.unwrap_err();
    assert_eq!(told.key(), "files.refused.unknown_job");
}

#[tokio::test]
async fn a_panic_costs_its_own_input_only() {
    let place = Place::new();
    let mut session = worker(LIMITS).session();
    for _ in 0..2 {
        let told = session
            .run("panic", &place.input(), &place.out(), Value::Null)
            .await;
        let wanted = WorkerRefusal::Crashed {
            detail: "at the third chapter".into(),
        };
        assert_eq!(told, Err(wanted));
        let told = session
            .run("count", &place.input(), &place.out(), Value::Null)
            .await;
        assert!(told.is_ok(), "{told:?}");
    }
}

#[tokio::test]
async fn a_crash_is_told_and_survived() {
    for job in ["abort", "deep"] {
        let told = run(job, LIMITS).await;
        assert!(
            matches!(told, Err(WorkerRefusal::Crashed { .. })),
            "{job} {told:?}"
        );
    }
}

#[tokio::test]
async fn a_job_without_end_is_ended() {
    let limits = Limits {
        wall_s: 1,
        ..LIMITS
    };
    let begin = Instant::now();
    let told = run("loop", limits).await;
    assert_eq!(told, Err(WorkerRefusal::TooSlow { wall_s: 1 }));
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_job_that_swells_is_ended() {
    for job in ["swell", "swell_at_once"] {
        let told = run(job, LIMITS).await;
        assert_eq!(told, Err(WorkerRefusal::TooBig { what: "memory" }), "{job}");
    }
}

#[tokio::test]
async fn output_without_end_is_ended() {
    for job in ["flood", "one_big_file"] {
        let told = run(job, LIMITS).await;
        assert_eq!(told, Err(WorkerRefusal::TooBig { what: "output" }), "{job}");
    }
}

#[tokio::test]
async fn noise_and_forged_signals_do_not_hide_the_answer() {
    assert_eq!(run("noise", LIMITS).await, Ok(json!("heard")));
}

#[tokio::test]
async fn the_child_sees_nothing_of_our_environment() {
    let told = run("environment", LIMITS).await.unwrap();
    let names: Vec<String> = serde_json::from_value(told).unwrap();
    assert!(
        !names.iter().any(|name| name == "PATH" || name == "HOME"),
        "{names:?}"
    );
}

#[tokio::test]
async fn what_a_job_leaves_lies_in_the_folder_of_whoever_asked() {
    let place = Place::new();
    let mut session = worker(LIMITS).session();
    for folder in ["out", "other"] {
        let out = place.folder.path().join(folder);
        std::fs::create_dir_all(&out).unwrap();
        let told = session
            .run("leave", &place.input(), &out, Value::Null)
            .await;
        assert_eq!(told, Ok(Value::Null));
        assert_eq!(std::fs::read(out.join("a/copy")).unwrap(), b"12345");
    }
}

#[tokio::test]
async fn a_child_reaches_no_other_file_no_network_and_no_program() {
    // A kernel without the walls says so, and there is nothing to try.
    let missing = worker(LIMITS).missing_walls().await.unwrap();
    if !missing.is_empty() {
        eprintln!("not tried: {missing:?}");
        return;
    }
    let place = Place::new();
    let secret = place.folder.path().join("secret");
    std::fs::write(&secret, "x").unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let args = json!({ "secret": secret, "port": listener.local_addr().unwrap().port() });
    // The same without walls, so that what is refused is refused by them.
    let free = Worker::in_process(jobs());
    let told = free
        .run("break_out", &place.input(), &place.out(), args.clone())
        .await;
    assert_eq!(told.unwrap().as_array().unwrap().len(), 7);
    std::fs::remove_file(place.out().join("link")).unwrap();
    let told = worker(LIMITS)
        .run("break_out", &place.input(), &place.out(), args)
        .await;
    assert_eq!(told, Ok(json!([])));
}

#[tokio::test]
async fn a_dropped_future_kills_the_child() {
    let place = Place::new();
    let limits = Limits {
        wall_s: 600,
        ..LIMITS
    };
    let work = worker(limits);
    let running = tokio::spawn({
        let (input, out) = (place.input(), place.out());
        async move {
            work.run("tell_id_and_loop", &input, &out, Value::Null)
                .await
        }
    });
    let id = loop {
        match child_that_told_its_id() {
            Some(id) => break id,
            None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    assert!(is_running(&id));
    running.abort();
    let begin = Instant::now();
    while is_running(&id) {
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "the child lives on"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The child that left its id in its room.
fn child_that_told_its_id() -> Option<String> {
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .find_map(|entry| {
            let environment = std::fs::read(entry.path().join("environ")).ok()?;
            let environment = String::from_utf8_lossy(&environment).into_owned();
            let room = (environment.split('\0'))
                .find_map(|line| line.strip_prefix("SOTAY_CHILD_ROOM="))?;
            let id = std::fs::read_to_string(Path::new(room).join("out/id")).ok()?;
            Some(id.strip_suffix('.')?.to_owned())
        })
}

/// Running, not merely waiting to be reaped.
fn is_running(id: &str) -> bool {
    std::fs::read_to_string(Path::new("/proc").join(id).join("stat"))
        .is_ok_and(|stat| !stat.contains(") Z "))
}

#[tokio::test]
async fn a_missing_program_is_our_fault_not_the_visitors() {
    let place = Place::new();
    let told = Worker::child(PathBuf::from("/nonexistent/sotay"), LIMITS)
        .run("count", &place.input(), &place.out(), Value::Null)
        .await;
    assert!(
        matches!(told, Err(WorkerRefusal::Unavailable { .. })),
        "{told:?}"
    );
}

#[tokio::test]
async fn in_process_keeps_the_same_promises_for_panics() {
    let place = Place::new();
    let worker = Worker::in_process(jobs());
    let told = worker
        .run("panic", &place.input(), &place.out(), Value::Null)
        .await;
    assert!(
        matches!(told, Err(WorkerRefusal::Crashed { .. })),
        "{told:?}"
    );
    let told = worker
        .run("count", &place.input(), &place.out(), Value::Null)
        .await;
    assert_eq!(told, Ok(json!({ "bytes": 5 })));
}
