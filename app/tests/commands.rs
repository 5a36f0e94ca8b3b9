//! The program as an operator runs it: what it says, how it ends, what it leaves on the disk.

// Clippy takes only `#[test]` functions for tests, not what they share.
#![allow(clippy::unwrap_used)]

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// `sotay` with these words, in that folder; no settings of whoever runs the tests.
fn sotay(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sotay"));
    command.current_dir(dir).arg("--data").arg(dir.join("data"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SOTAY_")) {
        command.env_remove(name);
    }
    command
}

fn run(dir: &Path, words: &[&str]) -> Output {
    sotay(dir).args(words).output().unwrap()
}

/// All that it said.
fn said(output: &Output) -> String {
    let parts = [&output.stdout, &output.stderr];
    parts.map(|part| String::from_utf8_lossy(part)).join("")
}

/// Runs it and expects that exit code; answers what it said.
fn ends(dir: &Path, words: &[&str], code: i32) -> String {
    let output = run(dir, words);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(code), "{words:?}: {told}");
    told
}

/// A new handbook in a folder of its own.
fn house() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let words = ["init", "--organisation", "Đảng bộ Mới"];
    ends(
        folder.path(),
        &[&words[..], &["--administrator", "Vũ Văn Đầu"]].concat(),
        0,
    );
    folder
}

fn all_below(path: &Path) -> Vec<PathBuf> {
    let mut all = vec![path.to_path_buf()];
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            all.extend(all_below(&entry.unwrap().path()));
        }
    }
    all
}

fn open_to_others(path: &Path) -> Vec<PathBuf> {
    let mut all = all_below(path);
    all.retain(|path| std::fs::metadata(path).unwrap().mode() & 0o077 != 0);
    all
}

#[test]
fn nobody_else_on_the_machine_can_read_what_is_kept_or_brought_back() {
    let folder = house();
    let dir = folder.path();
    let data = dir.join("data");
    ends(dir, &["backup", "kept.tar.zst"], 0);
    assert_eq!(open_to_others(&data), Vec::<PathBuf>::new());
    assert_eq!(
        open_to_others(&dir.join("kept.tar.zst")),
        Vec::<PathBuf>::new()
    );
    let new = dir.join("new");
    std::fs::create_dir(&new).unwrap();
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).unwrap();
    let words = ["--data", "new/data", "restore", "kept.tar.zst"];
    let output = Command::new(env!("CARGO_BIN_EXE_sotay"))
        .current_dir(dir)
        .args(words)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(open_to_others(&new.join("data")), Vec::<PathBuf>::new());
    // Opened by other hands: named, with the way to close it.
    let told = ends(dir, &["check"], 0);
    assert!(told.contains("open to others on this machine: 0"), "{told}");
    std::fs::set_permissions(
        data.join("sotay.db"),
        std::fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    let told = ends(dir, &["check"], 3);
    assert!(
        told.contains("BAD  open to others on this machine: 1, the first")
            && told.contains("chmod -R go= '"),
        "{told}"
    );
}

#[test]
fn a_command_of_another_user_than_the_folders_is_refused_and_touches_nothing() {
    let folder = house();
    let data = folder.path().join("data");
    // Only root may give a folder away; for others the rule is tested in `owner`.
    if std::os::unix::fs::chown(&data, Some(4_000_001), None).is_err() {
        return;
    }
    let before = all_below(&data).len();
    for words in [&["reindex"][..], &["check"], &["serve"], &["backup"]] {
        let told = ends(folder.path(), words, 1);
        assert!(told.contains("sudo -u '#4000001' sotay"), "{told}");
    }
    assert_eq!(all_below(&data).len(), before);
}

#[test]
fn a_lost_or_strange_key_is_refused_by_every_command_and_never_replaced() {
    let folder = house();
    let dir = folder.path();
    let key = dir.join("data/secret.key");
    let kept = std::fs::read_to_string(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let commands = [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["migrate"],
        &["reindex"],
        &["backup"],
        &["slip", "Vũ Văn Đầu"],
        &["search", "x"],
        &["init", "--organisation", "A", "--administrator", "B"],
    ];
    for words in commands {
        let told = ends(dir, words, 1);
        assert!(
            told.contains("secret.key is missing") && told.contains("ARCHIVE secret.key"),
            "{told}"
        );
        assert!(!key.exists(), "{words:?} made a new key");
    }
    std::fs::write(&key, "00".repeat(32)).unwrap();
    for words in commands {
        let told = ends(dir, words, 1);
        assert!(told.contains("is not the key of this handbook"), "{told}");
    }
    let told = ends(dir, &["check"], 3);
    assert!(told.contains("is not the key of this handbook"), "{told}");
    std::fs::write(&key, kept).unwrap();
    ends(dir, &["migrate"], 0);
}
