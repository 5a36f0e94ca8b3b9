//! Every command of the docs is tried as it stands there, page by page, in a folder of its own.

// Clippy takes only `#[test]` functions for tests, not what they share.
#![allow(clippy::unwrap_used)]

mod fences;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// What a page calls by its place on a server stands in the page's own folder here.
const PLACES: &[(&str, &str)] = &[
    ("/srv/", "srv/"),
    ("/kho/", "kho/"),
    ("/var/lib/", "var-lib/"),
    ("/etc/sotay.toml", "etc/sotay.toml"),
];

fn here(text: &str, dir: &Path) -> String {
    PLACES.iter().fold(text.to_owned(), |text, (from, to)| {
        text.replace(from, &dir.join(to).display().to_string())
    })
}

fn shell(dir: &Path, text: &str) -> Command {
    let mut command = Command::new("bash");
    let program = Path::new(env!("CARGO_BIN_EXE_sotay")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    command
        .args(["-euo", "pipefail", "-c", &here(text, dir)])
        .current_dir(dir)
        .env("PATH", format!("{}:{path}", program.display()))
        .stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SOTAY_")) {
        command.env_remove(name);
    }
    command
}

fn runs(dir: &Path, fence: &fences::Fence) {
    let output = shell(dir, &fence.text).output().unwrap();
    assert!(
        output.status.success(),
        "{} ends with {:?}\n{}{}",
        fence.at,
        output.status.code(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Serves on a free port until it says where, then ends it as systemd does.
fn serves(dir: &Path, fence: &fences::Fence) {
    // Whatever listens there on the machine of the tests is left alone.
    let text = fence.text.replace(":8080", ":0").replace(":8081", ":0");
    let text = format!("exec {}", text.trim());
    let mut served = shell(dir, &text)
        .env("SOTAY_SERVER_LISTEN", "127.0.0.1:0")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(served.stderr.take().unwrap()).lines();
    let mut told = String::new();
    for line in lines.map_while(Result::ok) {
        told.push_str(&line);
        told.push('\n');
        if line.starts_with("Sổ tay: http://") {
            let id = rustix::process::Pid::from_child(&served);
            rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        }
    }
    let status = served.wait().unwrap();
    assert!(
        status.success() && told.contains("Sổ tay: http://"),
        "{} ends with {status}\n{told}",
        fence.at
    );
}

#[test]
fn every_command_of_the_docs_does_what_it_says() {
    for page in fences::PAGES {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        for made in ["srv", "kho/van-ban", "kho/sach", "var-lib", "etc"] {
            std::fs::create_dir_all(dir.join(made)).unwrap();
        }
        let example = std::fs::read_to_string(fences::root().join("config/sotay.example.toml"));
        std::fs::write(dir.join("etc/sotay.toml"), example.unwrap()).unwrap();
        for fence in fences::of(page) {
            match fence.word.as_str() {
                "sh" => runs(dir, &fence),
                "sh serve" => serves(dir, &fence),
                _ => {}
            }
        }
    }
}
