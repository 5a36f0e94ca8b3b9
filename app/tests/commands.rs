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
    // What is told in Vietnamese: `tongue.rs`.
    command.env("SOTAY_LANG", "en");
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

#[test]
fn an_emptied_database_beside_a_key_is_refused_and_never_replaced() {
    let folder = house();
    let dir = folder.path();
    let database = dir.join("data/sotay.db");
    let key = std::fs::read(dir.join("data/secret.key")).unwrap();
    for is_there in [true, false] {
        for end in ["", "-wal", "-shm"] {
            let _gone = std::fs::remove_file(dir.join(format!("data/sotay.db{end}"))); // not each is there
        }
        if is_there {
            std::fs::write(&database, "").unwrap();
        }
        for words in [&["serve"][..], &["migrate"], &["check"], &["search", "x"]] {
            let output = run(dir, words);
            let told = said(&output);
            assert!(!output.status.success(), "{words:?}: {told}");
            assert!(
                told.contains("is empty") || told.contains("there is no database"),
                "{told}"
            );
        }
        let new = [
            "init",
            "--organisation",
            "Khác",
            "--administrator",
            "Ai Khác",
        ];
        let output = run(dir, &new);
        assert!(!output.status.success(), "{}", said(&output));
        assert!(
            said(&output).contains("the key or the files"),
            "{}",
            said(&output)
        );
    }
    assert_eq!(std::fs::read(dir.join("data/secret.key")).unwrap(), key);
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
        let line = words.join(" ");
        let dir = data.display();
        let whole = format!("sudo -u '#4000001' sotay --data {dir} {line}");
        assert!(told.contains(&whole), "{told}");
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

/// A handbook into which one document was imported, so that its rows name a stored file.
fn house_with_a_document() -> tempfile::TempDir {
    let folder = house();
    let text = "# Nghị quyết\n\nĐiều 1. Giữ gìn hồ sơ.\n";
    std::fs::write(folder.path().join("mot.md"), text).unwrap();
    ends(folder.path(), &["import", "documents", "mot.md"], 0);
    folder
}

fn stored_file(data: &Path) -> PathBuf {
    let mut files = all_below(&data.join("files"));
    files.retain(|path| path.is_file());
    files.first().unwrap().clone()
}

/// Changes the database as a person with another program would: without regard for keys.
fn by_other_hands(data: &Path, text: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let url = db::Url::File(data.join("sotay.db"));
        let database = db::Db::open(&url, false, 1).await.unwrap();
        let text = format!("pragma foreign_keys = off; {text}");
        database.maintain(text).await.unwrap();
        database.close().await;
    });
}

#[test]
fn a_missing_or_damaged_file_is_found_and_no_archive_is_made_of_it() {
    let folder = house_with_a_document();
    let dir = folder.path();
    let told = ends(dir, &["check", "--files"], 0);
    assert!(
        told.contains("files: 1 named by rows, 0 missing") && told.contains("1 read, 0 damaged"),
        "{told}"
    );
    let file = stored_file(&dir.join("data"));
    let hash = file.file_name().unwrap().to_string_lossy().into_owned();
    let kept = std::fs::read(&file).unwrap();
    std::fs::write(&file, "another text").unwrap();
    let told = ends(dir, &["check", "--files"], 3);
    assert!(
        told.contains("BAD  files: 1 read, 1 damaged") && told.contains(&hash),
        "{told}"
    );
    let told = ends(dir, &["backup", "a.tar.zst"], 1);
    assert!(
        told.contains(&hash) && told.contains("no archive was made"),
        "{told}"
    );
    std::fs::remove_file(&file).unwrap();
    let told = ends(dir, &["check"], 3);
    assert!(
        told.contains("BAD  files: 1 named by rows, 1 missing")
            && told.contains(&format!("{hash} of documents_document.file_sha"))
            && told.contains("sotay restore FILE"),
        "{told}"
    );
    ends(dir, &["backup", "a.tar.zst"], 1);
    assert!(!dir.join("a.tar.zst").exists());
    let told = ends(dir, &["backup", "a.tar.zst", "--incomplete"], 3);
    assert!(told.contains(&hash), "{told}");
    let told = ends(dir, &["archives", "check", "a.tar.zst"], 3);
    assert!(told.contains(&hash), "{told}");
    std::fs::write(&file, kept).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    ends(dir, &["check", "--files"], 0);
}

#[test]
fn rows_that_lead_nowhere_are_found_and_no_archive_is_made_of_them() {
    let folder = house_with_a_document();
    let dir = folder.path();
    by_other_hands(&dir.join("data"), "delete from documents_document");
    let told = ends(dir, &["check"], 3);
    assert!(
        told.contains("BAD  rows that name others which are not there")
            && told.contains("documents_document that is not there"),
        "{told}"
    );
    let told = ends(dir, &["backup", "a.tar.zst"], 1);
    assert!(told.contains("the database is damaged"), "{told}");
}

#[test]
fn a_broken_database_is_told_at_once_with_the_way_out() {
    let folder = house_with_a_document();
    let dir = folder.path();
    let path = dir.join("data/sotay.db");
    let good = std::fs::read(&path).unwrap();
    // Every page of the second half is scribbled over; then the very beginning.
    let mut bad = good.clone();
    let half = bad.len() / 2;
    bad[half..].fill(0x5a);
    for bad in [bad, vec![0x5a; good.len()]] {
        std::fs::write(&path, bad).unwrap();
        let began = std::time::Instant::now();
        let told = ends(dir, &["check"], 3);
        assert!(
            told.contains("BAD  database file") || told.contains("BAD  the database does not open"),
            "{told}"
        );
        assert!(told.contains("sotay restore FILE --data NEW"), "{told}");
        let told = ends(dir, &["backup", "a.tar.zst"], 1);
        assert!(!dir.join("a.tar.zst").exists(), "{told}");
        assert!(began.elapsed().as_secs() < 20, "{told}");
    }
}

#[test]
fn an_index_that_is_behind_is_found() {
    let folder = house_with_a_document();
    let dir = folder.path();
    assert!(ends(dir, &["check"], 0).contains(" 0 changes behind"));
    std::fs::remove_dir_all(dir.join("data/index")).unwrap();
    let told = ends(dir, &["check"], 3);
    assert!(
        told.contains("BAD  search index: 0 entries") && told.contains("sotay reindex"),
        "{told}"
    );
    ends(dir, &["reindex"], 0);
    ends(dir, &["check"], 0);
}

#[test]
fn what_cannot_be_opened_is_told_at_once_by_its_cause() {
    let folder = house();
    let dir = folder.path();
    let began = std::time::Instant::now();
    let with = |url: &str| {
        let output = sotay(dir)
            .arg("migrate")
            .env("SOTAY_DATABASE_URL", url)
            .output()
            .unwrap();
        assert!(!output.status.success());
        said(&output)
    };
    let told = with("postgres://someone:secret@127.0.0.1:1/handbook");
    assert!(
        told.contains("127.0.0.1:1/handbook") && told.contains("refused"),
        "{told}"
    );
    assert!(!told.contains("secret"), "{told}");
    let told = with("mysql://127.0.0.1/handbook");
    assert!(told.contains("mysql:// is not known"), "{told}");
    // Not a database at all.
    std::fs::write(
        dir.join("data/sotay.db"),
        "no database, but a text of some length",
    )
    .unwrap();
    let told = ends(dir, &["migrate"], 1);
    assert!(
        told.contains("sotay.db") && told.contains("not a database"),
        "{told}"
    );
    assert!(began.elapsed().as_secs() < 20);
}

#[test]
fn an_archive_can_be_encrypted_listed_checked_and_pruned() {
    let folder = house_with_a_document();
    let dir = folder.path();
    let public = ends(dir, &["archives", "new-key", "secret.age"], 0);
    let public = public.lines().next().unwrap();
    assert!(public.starts_with("age1"), "{public}");
    std::fs::create_dir(dir.join("kept")).unwrap();
    // Wherever the settings lie, they come back under their own name, beside what they say.
    let settings = format!("[backup]\nrecipient = {public:?}\n");
    std::fs::write(dir.join("elsewhere.toml"), &settings).unwrap();
    ends(dir, &["--config", "elsewhere.toml", "backup", "kept"], 0);
    ends(dir, &["backup", "kept"], 0);
    let listed = ends(dir, &["archives", "list", "kept"], 0);
    assert!(
        listed.contains("Archives: 2.") && listed.contains(".tar.zst.age"),
        "{listed}"
    );
    let sealed = all_below(&dir.join("kept"));
    let sealed = sealed
        .iter()
        .find(|path| path.extension().is_some_and(|end| end == "age"));
    let sealed = sealed.unwrap().to_str().unwrap();
    let told = ends(dir, &["archives", "check", sealed], 1);
    assert!(told.contains("--identity FILE"), "{told}");
    let told = ends(
        dir,
        &["archives", "check", sealed, "--identity", "secret.age"],
        0,
    );
    assert!(told.contains("whole"), "{told}");
    let output = Command::new(env!("CARGO_BIN_EXE_sotay"))
        .current_dir(dir)
        .args([
            "--data",
            "new",
            "restore",
            sealed,
            "--identity",
            "secret.age",
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(stored_file(&dir.join("new")).exists());
    let brought = std::fs::read_to_string(dir.join("new/sotay.toml.from-backup")).unwrap();
    assert_eq!(brought, settings);
    // For one archive, the line alone will do.
    ends(dir, &["backup", "one.age", "--for", public], 0);
    ends(dir, &["archives", "check", "one.age"], 1);
    // Both are of one day: the newest stays, and what is no archive is never touched.
    std::fs::write(dir.join("kept/note.txt"), "x").unwrap();
    let told = ends(dir, &["archives", "prune", "kept", "--dry-run"], 0);
    assert!(told.contains("To be removed: 1"), "{told}");
    assert_eq!(all_below(&dir.join("kept")).len(), 4);
    ends(dir, &["archives", "prune", "kept", "--yes"], 0);
    assert_eq!(all_below(&dir.join("kept")).len(), 3);
    assert!(dir.join("kept/note.txt").exists());
    // An empty file that is named as a later one is told, takes no place, and stays to be looked at.
    let empty = "sotay-backup-2099-01-01T00-00-00Z.tar.zst";
    std::fs::write(dir.join("kept").join(empty), "").unwrap();
    let told = ends(
        dir,
        &["archives", "prune", "kept", "--days", "1", "--yes"],
        3,
    );
    assert!(told.contains("NOT WHOLE") && told.contains(empty), "{told}");
    assert!(told.contains("Nothing has to go"), "{told}");
    assert_eq!(all_below(&dir.join("kept")).len(), 4);
}

#[test]
fn a_thousand_equal_refusals_are_one_line_with_a_count() {
    let folder = house();
    let dir = folder.path();
    let mut table = String::from("Họ và tên,Ngày sinh,Ngày vào Đảng\n");
    for _ in 0..1000 {
        table.push_str(",01/01/1970,01/01/2000\n");
    }
    std::fs::write(dir.join("ds.csv"), table).unwrap();
    let told = ends(dir, &["import", "roster", "ds.csv"], 3);
    assert!(told.contains("1000 refused"), "{told}");
    assert!(told.lines().count() < 12, "{told}");
}

#[test]
fn what_an_import_refuses_is_said_in_a_sentence() {
    let folder = house();
    let dir = folder.path();
    std::fs::write(dir.join("a.epub"), "no book").unwrap();
    let told = ends(dir, &["import", "books", "a.epub", "--shelf", "Kệ thử"], 3);
    assert!(
        told.contains("Kệ thử") && told.contains("small letters without marks"),
        "{told}"
    );
    assert!(!told.contains("library-refused"), "{told}");
}

#[test]
fn an_import_that_is_stopped_says_what_was_taken_and_ends_in_its_own_way() {
    use rustix::process::Signal;
    // By a person, and by what ends services.
    for signal in [Signal::INT, Signal::TERM] {
        stops(signal);
    }
}

fn stops(signal: rustix::process::Signal) {
    let folder = house();
    let dir = folder.path();
    std::fs::create_dir(dir.join("docs")).unwrap();
    for nth in 0..300 {
        let text = format!("# Nghị quyết {nth}\n\nĐiều 1. Giữ gìn hồ sơ {nth}.\n");
        std::fs::write(dir.join(format!("docs/{nth}.md")), text).unwrap();
    }
    let running = sotay(dir)
        .args(["import", "documents", "docs"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let began = std::time::Instant::now();
    let is_begun = || all_below(&dir.join("data/files")).len() > 6;
    while !is_begun() && began.elapsed().as_secs() < 60 {
        std::thread::yield_now();
    }
    let id = rustix::process::Pid::from_raw(i32::try_from(running.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, signal).unwrap();
    let output = running.wait_with_output().unwrap();
    let told = said(&output);
    assert_eq!(output.status.code(), Some(4), "{told}");
    assert!(
        told.contains("Stopped, with this done: ") && told.contains(" added"),
        "{told}"
    );
    // The next one goes on.
    let told = ends(dir, &["import", "documents", "docs"], 0);
    assert!(told.contains(" same"), "{told}");
}

/// The status of a page, and its words.
fn get(address: &str, path: &str) -> (u16, String) {
    use std::io::{Read as _, Write as _};
    let mut to = std::net::TcpStream::connect(address).unwrap();
    write!(
        to,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    to.read_to_string(&mut answer).unwrap();
    let code = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (code, answer)
}

/// Asks until that status comes; it holds for seconds.
fn waits_for(address: &str, code: u16) -> String {
    let began = std::time::Instant::now();
    loop {
        let (there, words) = get(address, "/readyz");
        if there == code {
            return words;
        }
        assert!(began.elapsed().as_secs() < 30, "still {there}: {words}");
    }
}

#[test]
fn a_disk_that_takes_nothing_is_not_ready_told_once_and_over_when_it_takes_again() {
    use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
    use std::io::{BufRead as _, BufReader, Read as _};
    let folder = house();
    let program = sotay(folder.path());
    // A limit on the size of files stands for the full disk; its signal would end the program.
    let mut serving = Command::new("sh")
        .current_dir(folder.path())
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let id = Pid::from_raw(i32::try_from(serving.id()).unwrap()).unwrap();
    let mut log = BufReader::new(serving.stderr.take().unwrap());
    let mut first = String::new();
    log.read_line(&mut first).unwrap();
    let address = first.trim().rsplit("http://").next().unwrap().to_owned();
    assert!(waits_for(&address, 200).contains("ready"));
    let set = |bytes| {
        let current = Rlimit {
            current: bytes,
            maximum: None,
        };
        prlimit(Some(id), Resource::Fsize, current).unwrap();
    };
    set(Some(0));
    let told = waits_for(&address, 503);
    assert!(told.contains("takes no writes"), "{told}");
    assert_eq!(get(&address, "/sign-in").0, 200, "pages are still read");
    set(None);
    waits_for(&address, 200);
    kill_process(id, Signal::TERM).unwrap();
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert!(serving.wait().unwrap().success(), "{rest}");
    let told = rest.lines().filter(|line| line.contains("disk"));
    assert_eq!(told.count(), 1, "{rest}");
    assert!(!rest.contains('\u{1b}'), "{rest}");
}

#[test]
fn what_an_archive_brought_is_ended_by_the_next_command_when_restore_was_killed() {
    let folder = house();
    let dir = folder.path();
    ends(dir, &["backup", "kept.tar.zst"], 0);
    let restore = |to: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_sotay"))
            .env("SOTAY_LANG", "en")
            .current_dir(dir)
            .args(["--data", to, "restore", "kept.tar.zst"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
    };
    restore("new");
    let mark = dir.join("new/.restored");
    assert!(!mark.exists(), "all was ended");
    // As it lies there when restore is killed between the files and the end of the sessions.
    std::fs::write(&mark, "").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sotay"))
        .current_dir(dir)
        .args(["--data", "new", "reindex"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(!mark.exists());
}

/// The key file of a handbook.
fn key_of(dir: &Path) -> String {
    std::fs::read_to_string(dir.join("data/secret.key")).unwrap()
}

/// A file of so many members, each with a card number and a telephone.
fn roster(dir: &Path, count: usize) {
    const PARTS: [&str; 10] = [
        "An", "Bình", "Chi", "Dung", "Giang", "Hà", "Lan", "Mai", "Nga", "Thu",
    ];
    let mut text = String::from("Họ và tên,Ngày sinh,Số thẻ,Điện thoại\n");
    for nth in 0..count {
        let name = format!(
            "Lê {} {} {}",
            PARTS[nth % 10],
            PARTS[nth / 10 % 10],
            PARTS[nth / 100 % 10]
        );
        let (card, phone) = (100_000_000_000 + nth, 901_000_000 + nth);
        text.push_str(&format!(
            "{name},19/5/{},{card},0{phone}\n",
            1940 + nth % 60
        ));
    }
    std::fs::write(dir.join("ds.csv"), text).unwrap();
    std::fs::write(dir.join("to.csv"), "Tên tổ chức,Mã\nChi bộ Một,CB1\n").unwrap();
}

const UNITS: &[&str] = &["import", "units", "to.csv", "--under", "Đảng bộ Mới"];
const MEMBERS: &[&str] = &["import", "roster", "ds.csv", "--unit", "CB1"];

#[test]
fn a_new_key_is_made_while_nobody_is_at_work_and_archives_of_before_still_open() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::{BufRead as _, BufReader, Read as _};
    let folder = house();
    let dir = folder.path();
    roster(dir, 1);
    ends(dir, UNITS, 0);
    ends(dir, MEMBERS, 0);
    ends(dir, &["backup", "before.tar.zst"], 0);
    let old = key_of(dir);

    // Beside a server only the dry run works, and it changes nothing.
    let mut serving = sotay(dir)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(serving.stderr.take().unwrap());
    let mut first = String::new();
    log.read_line(&mut first).unwrap();
    assert!(first.contains("http://"), "{first}");
    let told = ends(dir, &["key", "rotate"], 2);
    assert!(told.contains("Nothing was changed"), "{told}");
    let told = ends(dir, &["key", "rotate", "--dry-run"], 0);
    assert!(
        told.contains("Sealed values: 4, in 2 rows, 0 of them")
            && told.contains("Nothing was changed"),
        "{told}"
    );
    assert_eq!(key_of(dir), old);
    let id = Pid::from_raw(i32::try_from(serving.id()).unwrap()).unwrap();
    kill_process(id, Signal::TERM).unwrap();
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert!(serving.wait().unwrap().success(), "{rest}");

    let told = ends(dir, &["key", "rotate"], 0);
    assert!(
        told.contains("Sealed with a new key: 4 values in 2 rows")
            && told.contains("for their person: 1. They go on"),
        "{told}"
    );
    assert!(!key_of(dir).starts_with(old.trim()));
    assert!(key_of(dir).ends_with(&format!("before {old}")));
    let told = ends(dir, &["check"], 0);
    assert!(
        told.contains("4 sealed values, 0 under a key of before") && told.contains("is kept until"),
        "{told}"
    );
    // The archive of before holds its own key; one of now holds the new one.
    ends(dir, &["backup", "after.tar.zst"], 0);
    for (archive, key) in [("before.tar.zst", old), ("after.tar.zst", key_of(dir))] {
        let to = archive.replace(".tar.zst", "");
        for words in [&["restore", archive][..], &["check"]] {
            let output = Command::new(env!("CARGO_BIN_EXE_sotay"))
                .env("SOTAY_LANG", "en")
                .current_dir(dir)
                .args(["--data", &to])
                .args(words)
                .output()
                .unwrap();
            let told = said(&output);
            assert!(output.status.success(), "{words:?} {told}");
            assert!(
                words != ["check"] || told.contains("4 sealed values, 0 under"),
                "{told}"
            );
        }
        let kept = std::fs::read_to_string(dir.join(&to).join("secret.key")).unwrap();
        assert_eq!(kept, key);
    }
    // The key of before alone does not open it any more, and none is made.
    std::fs::copy(dir.join("before/secret.key"), dir.join("data/secret.key")).unwrap();
    let told = ends(dir, &["key", "rotate"], 1);
    assert!(told.contains("is not the key of this handbook"), "{told}");
    std::fs::remove_file(dir.join("data/secret.key")).unwrap();
    let told = ends(dir, &["key", "rotate"], 1);
    assert!(told.contains("secret.key is missing"), "{told}");
}

#[allow(clippy::disallowed_methods)] // another process is killed in its midst: no clock of ours is in it
fn lets_it_work(time: std::time::Duration) {
    std::thread::sleep(time);
}

/// Kills a change after more and more of its time, looks each time, and brings it to its end.
fn is_killed_and_done_again(dir: &Path, run: &dyn Fn(&[&str]) -> Command, count: usize) {
    let ends = |words: &[&str], code: i32| {
        let output = run(words).output().unwrap();
        let told = said(&output);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {told}");
        told
    };
    let first = ["init", "--organisation", "Đảng bộ Mới"];
    ends(
        &[&first[..], &["--administrator", "Vũ Văn Đầu"]].concat(),
        0,
    );
    ends(UNITS, 0);
    ends(MEMBERS, 0);
    // Two of each record, and the same two in what its ledger states.
    let wanted = format!("{} sealed values, 0 under a key of before", 4 * count);
    let began = std::time::Instant::now();
    ends(&["key", "rotate"], 0);
    let whole = began.elapsed();
    let mut broken_off = 0;
    for nth in 1..=10 {
        let mut changing = run(&["key", "rotate"])
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        lets_it_work(whole * nth / 10);
        // A change that had ended by then is one more that was not killed.
        changing.kill().unwrap();
        changing.wait().unwrap();
        let output = run(&["check"]).output().unwrap();
        let told = said(&output);
        if told.contains("was broken off") {
            broken_off += 1;
            // An archive of that moment holds both keys, and comes back.
            let (archive, to) = (format!("{nth}.tar.zst"), format!("back-{nth}"));
            ends(&["backup", &archive], 0);
            for words in [&["restore", archive.as_str()][..], &["check"]] {
                let mut command = Command::new(env!("CARGO_BIN_EXE_sotay"));
                let command = command
                    .env("SOTAY_LANG", "en")
                    .current_dir(dir)
                    .args(["--data", &to])
                    .args(words);
                let told = said(&command.output().unwrap());
                assert!(words != ["check"] || told.contains(&wanted), "{told}");
            }
        }
        let is_well = output.status.code() == Some(0) || told.contains("was broken off");
        let all_opens = told.contains(&wanted) && told.contains("0 values open with no key");
        assert!(is_well && all_opens, "{told}");
    }
    assert!(broken_off > 0, "none was met in its midst, of {whole:?}");
    ends(&["key", "rotate"], 0);
    ends(&["key", "rotate"], 0);
    let told = ends(&["check"], 0);
    assert!(told.contains(&wanted), "{told}");
}

#[test]
fn a_change_of_the_key_that_is_killed_at_any_moment_is_done_by_running_it_again() {
    const COUNT: usize = 600;
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    roster(dir, COUNT);
    let run = |words: &[&str]| {
        let mut command = sotay(dir);
        command.args(words);
        command
    };
    is_killed_and_done_again(dir, &run, COUNT);
}

#[test]
fn the_same_on_postgresql() {
    const COUNT: usize = 300;
    let server = std::env::var("SOTAY_TEST_POSTGRES").unwrap();
    let (head, _) = server.rsplit_once('/').unwrap();
    let name = format!("sotay_key_{}", std::process::id());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let by_hand = |text: String| {
        runtime.block_on(async {
            let url = db::Url::Server(server.clone());
            let database = db::Db::open(&url, false, 1).await.unwrap();
            database.maintain(text).await.unwrap();
            database.close().await;
        });
    };
    by_hand(format!("create database {name}"));
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    roster(dir, COUNT);
    let run = |words: &[&str]| {
        let mut command = sotay(dir);
        command
            .env("SOTAY_DATABASE_URL", format!("{head}/{name}"))
            .args(words);
        command
    };
    is_killed_and_done_again(dir, &run, COUNT);
    by_hand(format!("drop database {name} with (force)"));
}

/// Statements past the program, as whoever owns the database may send them.
fn owner_runs(dir: &Path, texts: &[&'static str]) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let url = db::Url::File(dir.join("data/sotay.db"));
        let database = db::Db::open(&url, false, 1).await.unwrap();
        let mut tx = database.begin().await.unwrap();
        for text in texts {
            db::sql(text).run(&mut *tx).await.unwrap();
        }
        database.commit(tx).await.unwrap();
        database.close().await;
    });
}

#[test]
fn heads_of_the_log_are_printed_and_kept_and_a_row_that_the_owner_of_the_database_changed_is_named()
{
    let folder = house();
    let dir = folder.path();
    let printed = run(dir, &["audit", "heads"]);
    let printed = String::from_utf8(printed.stdout).unwrap();
    let words: Vec<&str> = printed.split_whitespace().collect();
    assert!(
        words.len() == 4 && words[2].len() == 64 && words[3] == "open",
        "{printed}"
    );
    std::fs::write(dir.join("kept.txt"), format!("# by hand\n\n{printed}")).unwrap();
    let told = ends(dir, &["audit", "verify", "--heads", "kept.txt"], 0);
    assert!(told.contains("nothing is wrong"), "{told}");
    let told = ends(dir, &["check"], 0);
    assert!(
        told.contains("0 things are wrong") && told.contains("0 of its guards are missing"),
        "{told}"
    );
    let told = ends(dir, &["audit", "verify", "--from", "23/11/2026"], 2);
    assert!(told.contains("write it as 2026-11-23"), "{told}");
    std::fs::write(dir.join("odd.txt"), "2026-11-23 7 abc").unwrap();
    let told = ends(dir, &["audit", "verify", "--heads", "odd.txt"], 2);
    assert!(told.contains("odd.txt, line 1"), "{told}");

    owner_runs(
        dir,
        &[
            "drop trigger audit_event_no_update",
            "update audit_event set actor_label = 'x' where bound_seq = 1",
        ],
    );
    let told = ends(dir, &["audit", "verify"], 3);
    assert!(
        told.contains(", row 1: ") && told.contains("was changed"),
        "{told}"
    );
    let told = ends(dir, &["check"], 3);
    assert!(
        told.contains("was changed") && told.contains("  audit_event_no_update"),
        "{told}"
    );
    // Nothing of the log is left, and it looks new: the kept line alone tells.
    owner_runs(
        dir,
        &[
            "drop trigger audit_event_no_delete",
            "drop trigger audit_link_no_delete",
            "drop trigger audit_tip_no_update",
            "delete from audit_event",
            "delete from audit_link",
            "update audit_tip set seq = 0, day_on = '', first_seq = 1, hash = '', sealed = ''",
        ],
    );
    ends(dir, &["audit", "verify"], 0);
    let told = ends(dir, &["audit", "verify", "--heads", "kept.txt"], 3);
    assert!(told.contains("the head that was kept elsewhere"), "{told}");
}
