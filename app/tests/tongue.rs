//! What the program says, run as it is: all of it in one language, whichever way that was chosen.

// Clippy takes only `#[test]` functions for tests, not what they share.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

/// Runs `sotay` in a folder, with no wishes of whoever runs the tests; answers the exit code and all that it said.
fn run(dir: &Path, variables: &[(&str, &str)], words: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sotay"));
    command.current_dir(dir).args(words);
    let is_wish = |name: &str| {
        name.starts_with("SOTAY_") || name.starts_with("LC_") || name.starts_with("LANG")
    };
    for (name, _) in std::env::vars().filter(|(name, _)| is_wish(name)) {
        command.env_remove(name);
    }
    let output = command
        .envs(variables.iter().copied())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let parts = [&output.stdout, &output.stderr];
    let told = parts.map(|part| String::from_utf8_lossy(part)).join("");
    (output.status.code(), told)
}

/// Words that English sentences cannot do without, and that no Vietnamese one has.
const ENGLISH: [&str; 29] = [
    "the", "is", "are", "was", "and", "not", "with", "this", "that", "it", "which", "has", "its",
    "will", "cannot", "of", "or", "by", "for", "made", "missing", "added", "refused", "reading",
    "writing", "opening", "rows", "bytes", "usage",
];

fn english(told: &str) -> Vec<&str> {
    // Options, paths and names of files are typed the same in every language.
    let ends = |c: char| !c.is_alphanumeric() && !"-_./'".contains(c);
    let words = told.split(ends).filter(|word| {
        let word = word.trim_end_matches(['.', ':']).to_lowercase();
        ENGLISH.contains(&word.as_str())
    });
    words.collect()
}

fn vietnamese(told: &str) -> Vec<&str> {
    let words = told.split_whitespace().filter(|word| {
        let is_name = word.contains("Sổ") || *word == "→" || *word == "…";
        !is_name && word.chars().any(|c| c.is_alphabetic() && !c.is_ascii())
    });
    words.collect()
}

/// Runs it in both languages, in folders that are alike; answers what was told, and notes what is not as it should be.
fn in_both(dirs: &[&Path; 2], words: &[&str], code: i32, wrong: &mut Vec<String>) -> [String; 2] {
    let [vi, en] = [("vi", dirs[0]), ("en", dirs[1])].map(|(lang, dir)| {
        let (ended, told) = run(dir, &[("SOTAY_LANG", lang)], words);
        if ended != Some(code) {
            wrong.push(format!("{lang} {words:?} ends with {ended:?}: {told}"));
        }
        told
    });
    let strange = [english(&vi), vietnamese(&en)].concat();
    if !strange.is_empty() || vi == en || vietnamese(&vi).is_empty() {
        wrong.push(format!("{words:?} {strange:?}\n{vi}\n{en}"));
    }
    [vi, en]
}

const INIT: &[&str] = &[
    "init",
    "--organisation",
    "Ban A",
    "--administrator",
    "Do Van Hai",
];

#[test]
fn every_command_says_all_of_it_in_the_language_that_was_asked_for() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let dirs = [folders[0].path(), folders[1].path()];
    let wrong = std::cell::RefCell::new(Vec::new());
    let both = |words: &[&str], code| in_both(&dirs, words, code, &mut wrong.borrow_mut());
    let lay =
        |name: &str, text: &str| dirs.map(|dir| std::fs::write(dir.join(name), text).unwrap());

    // Before there is a handbook.
    lay("file", "");
    both(&["serve"], 1);
    both(&["check"], 3);
    both(&[INIT, &["--data", "file/data"]].concat(), 1);
    both(&["init", "--organisation", " ", "--administrator", "A"], 2);
    let [vi, en] = both(INIT, 0);
    assert!(
        vi.contains("Mã kích hoạt:") && en.contains("Activation code:"),
        "{vi}{en}"
    );
    let [vi, en] = both(INIT, 2);
    assert!(vi.contains("đã có sổ tay") && en.contains("holds a handbook already"));

    // Lines that cannot be read.
    both(&["--nope"], 2);
    both(&["chekc"], 2);
    both(&["import", "roster"], 2);
    both(&["import"], 2);
    both(&["search", "x", "--limit", "0"], 2);
    both(&["search", "x", "--limit", "many"], 2);
    both(&["serve", "--listen", "8080"], 2);
    both(&["check", "--files", "--files"], 2);
    both(&["search", "x", "--batch", "y"], 2);
    both(&["import", "books", "file", "--audience", "public"], 2);
    both(&["help", "archives"], 0);
    both(&["import", "books", "--help"], 0);

    // Settings.
    lay("odd.toml", "[server]\nlissten = 1\n");
    both(&["--config", "odd.toml", "check"], 2);
    lay("odd.toml", "[server\n");
    both(&["--config", "odd.toml", "check"], 2);
    lay("odd.toml", "[server]\nbehind_proxy = 3\n");
    both(&["--config", "odd.toml", "check"], 2);
    both(&["--config", "none.toml", "check"], 2);
    both(&["config"], 0);
    both(&["permissions"], 0);

    // Posts and slips.
    both(&["slip", "Ai Do"], 2);
    both(&["grant", "Do Van Hai", "boss", "Ban A"], 2);
    both(&["grant", "Do Van Hai", "cell_lead", "Ban B"], 2);
    both(&["slip", "Do Van Hai"], 0);

    // Imports, with refusals and without.
    let table = "Ho va ten,Ngay sinh,So the\nLe Van An,1/2/1970,100000000001\n,1/2/1970,\nLe Van Binh,31/2/1970,\n";
    lay("roster.csv", table);
    lay("units.csv", "Ten to chuc,Ma\nChi bo Mot,CB1\n");
    both(
        &[
            "import",
            "units",
            "units.csv",
            "--under",
            "Ban A",
            "--dry-run",
        ],
        0,
    );
    let [vi, _] = both(&["import", "units", "units.csv", "--under", "Ban A"], 0);
    assert!(vi.contains("1 thêm mới"), "{vi}");
    let report = &["--report", "report.json"];
    let words = ["import", "roster", "roster.csv", "--unit", "CB1"];
    let [vi, en] = both(&[&words[..], report].concat(), 3);
    assert!(
        vi.contains("Không nhận:") && en.contains("Refused:"),
        "{vi}{en}"
    );
    let read = |dir: &Path| std::fs::read_to_string(dir.join("report.json")).unwrap();
    for dir in dirs {
        // Machines read the same words, whatever the person speaks.
        assert!(
            read(dir).contains("\"outcome\": \"refused\""),
            "{}",
            read(dir)
        );
    }
    assert_eq!(vietnamese(&read(dirs[1])), [""; 0]);
    both(&[&words[..], &["--skip-bad"]].concat(), 3);
    both(&["import", "roster", "nowhere.csv", "--unit", "CB1"], 2);
    lay("a.epub", "no book");
    both(&["import", "books", "a.epub", "--shelf", "Ke Thu"], 3);
    both(&["import", "books", "a.epub", "--shelf", "ke"], 3);
    lay(
        "set.toml",
        "name = \"x\"\nkey = \"k\"\n[[holiday]]\non = \"2027-01-01\"\nkind = \"odd\"\nname = \"Tet\"\n",
    );
    both(&["import", "rules", "set.toml"], 3);
    lay("mot.md", "# Nghi quyet\n\nDieu 1. Giu gin ho so.\n");
    both(&["import", "documents", "mot.md"], 0);

    // Keeping it.
    both(&["migrate"], 0);
    both(&["reindex"], 0);
    both(&["search", "qqqq"], 0);
    both(&["check", "--files"], 0);
    both(&["backup", "kept.tar.zst"], 0);
    let [vi, en] = both(&["backup", "kept.tar.zst"], 1);
    assert!(vi.contains("đã có kept.tar.zst") && en.contains("is already there"));
    both(&["backup", "nowhere/kept.tar.zst"], 1);
    both(&["restore", "kept.tar.zst"], 1);
    both(&["restore", "file", "--data", "new"], 1);
    both(&["restore", "kept.tar.zst", "--data", "new"], 0);
    both(&["archives", "list"], 0);
    both(&["archives", "list", "nowhere"], 1);
    both(&["archives", "check", "kept.tar.zst"], 0);
    both(&["archives", "check", "file"], 1);
    both(&["archives", "prune", ".", "--dry-run"], 0);
    both(&["archives", "new-key", "secret.age"], 0);
    both(&["archives", "new-key", "secret.age"], 1);
    both(&["backup", "--for", "age1", "x.age"], 1);
    both(&["key", "rotate", "--dry-run"], 0);
    both(&["key", "rotate"], 0);

    // What is wrong.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let [vi, en] = both(&["serve", "--listen", &address], 1);
    assert!(vi.contains("đang dùng địa chỉ và cổng này"), "{vi}");
    assert!(en.contains("Address already in use"), "{en}");
    for dir in dirs {
        use std::os::unix::fs::PermissionsExt as _;
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(dir.join("sotay-data/sotay.db"), open).unwrap();
    }
    let [vi, en] = both(&["check"], 3);
    assert!(
        vi.contains("LỖI  người khác") && en.contains("BAD  open to others"),
        "{vi}{en}"
    );
    lay(
        "sotay-data/sotay.db",
        "no database, but a text of some length that is none",
    );
    both(&["check"], 3);
    both(&["migrate"], 1);
    both(&["--data", "new", "key", "rotate"], 0);
    for dir in dirs {
        std::fs::remove_file(dir.join("new/secret.key")).unwrap();
    }
    let [vi, _] = both(&["--data", "new", "migrate"], 1);
    assert!(vi.contains("tar --zstd -xf"), "{vi}");
    let wrong = wrong.into_inner();
    assert!(wrong.is_empty(), "{}", wrong.join("\n---\n"));
}

#[test]
fn the_language_comes_from_the_line_then_from_the_environment_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let says = |variables: &[(&str, &str)], words: &[&str]| {
        let (_, told) = run(folder.path(), variables, words);
        match (
            told.contains("there is no database"),
            told.contains("không có cơ sở dữ liệu"),
        ) {
            (true, false) => "en",
            (false, true) => "vi",
            _ => panic!("{told}"),
        }
    };
    for (variables, words, lang) in [
        (&[][..], &["migrate"][..], "vi"),
        (&[("LANG", "en_US.UTF-8")], &["migrate"], "en"),
        (&[("LANG", "vi_VN.UTF-8")], &["migrate"], "vi"),
        (&[("LANG", "C.UTF-8")], &["migrate"], "vi"),
        (&[("LANG", "fr_FR.UTF-8")], &["migrate"], "vi"),
        (
            &[("LC_MESSAGES", "en_GB"), ("LANG", "vi_VN")],
            &["migrate"],
            "en",
        ),
        (
            &[("LC_ALL", "vi_VN"), ("LC_MESSAGES", "en_GB")],
            &["migrate"],
            "vi",
        ),
        (
            &[("SOTAY_LANG", "en"), ("LC_ALL", "vi_VN")],
            &["migrate"],
            "en",
        ),
        (
            &[("SOTAY_LANG", ""), ("LC_ALL", "en_GB")],
            &["migrate"],
            "en",
        ),
        (&[("SOTAY_LANG", "en")], &["--lang", "vi", "migrate"], "vi"),
        (&[("SOTAY_LANG", "vi")], &["migrate", "--lang=en"], "en"),
    ] {
        assert_eq!(says(variables, words), lang, "{variables:?} {words:?}");
    }
}
