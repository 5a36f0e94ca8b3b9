//! Sentences: both languages have the same keys; every key used is defined, every key defined is used.

use super::root;
use std::collections::BTreeSet;
use web::Lang;

fn files(ends: &[&str]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut open = vec![
        root().join("rooms"),
        root().join("crates"),
        root().join("app/src"),
    ];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path
                .extension()
                .is_some_and(|end| ends.contains(&end.to_string_lossy().as_ref()))
            {
                out.push((
                    path.display().to_string(),
                    std::fs::read_to_string(&path).unwrap_or_default(),
                ));
            }
        }
    }
    out
}

/// Where Vietnamese may stand in Rust, and why; everything else that a person reads is in a room's texts.
const SPOKEN: &[(&str, &str)] = &[
    ("app/src/config.rs", "the head of the file of settings"),
    ("crates/schema/src/upgrade.rs", "units of its tests"),
    ("app/src/backup/", "the handbook's name"),
    ("app/src/commands/start.rs", "the handbook's name"),
    ("app/src/demo/", "the demo's people"),
    (
        "crates/books/src/build.rs",
        "said inside a book that is built, in the book's language",
    ),
    (
        "crates/citation/",
        "how documents are named and cited: read and written as on paper",
    ),
    ("crates/intake/", "words recognised in files"),
    ("crates/print/", "fixed words of official papers, as data"),
    (
        "crates/site/src/serving.rs",
        "the handbook's name in the description of the API",
    ),
    ("crates/vietnamese/", "the language itself"),
    (
        "crates/web/src/frame.rs",
        "the handbook's name until the organisation has one",
    ),
    ("rooms/account/src/device.rs", "a browser's name"),
    ("rooms/admin/src/holidays.rs", "columns of a table"),
    (
        "rooms/documents/src/import/",
        "columns of a register, numbers of articles",
    ),
    (
        "rooms/documents/src/reading.rs",
        "words recognised in documents",
    ),
    (
        "rooms/documents/src/standing.rs",
        "words recognised in documents",
    ),
    (
        "rooms/meetings/src/plan/invitation.rs",
        "fields of an office's own file",
    ),
    (
        "rooms/meetings/src/plan/pages/new.rs",
        "the name of a day, made small",
    ),
    ("rooms/meetings/src/words.rs", "words of places, made small"),
    ("rooms/rosters/src/", "columns and words of lists"),
];

/// The quoted texts of a Rust file with the lines on which they begin, without comments and without what only
/// tests see: a block under `#[cfg(test)]` is left out.
fn quotes(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let (mut at, mut line) = (0, 1);
    let bytes = text.as_bytes();
    let ends = |from: usize, end: &str| text[from..].find(end).map_or(text.len(), |n| from + n);
    while at < bytes.len() {
        let rest = &text.as_bytes()[at..];
        let next = if rest.starts_with(b"//") {
            ends(at, "\n")
        } else if rest.starts_with(b"#[cfg(test)]") {
            let block = ends(at, "{").min(ends(at, ";"));
            if bytes.get(block) == Some(&b'{') {
                ends(block, "\n}")
            } else {
                block
            }
        } else if rest.starts_with(b"r#\"") {
            let end = ends(at + 3, "\"#");
            out.push((line, text[at + 3..end].to_owned()));
            end + 2
        } else if rest.starts_with(b"'\"'") || rest.starts_with(b"'\\\"'") {
            at + 3
        } else if rest[0] == b'"' {
            let mut end = at + 1;
            while end < bytes.len() && bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            out.push((line, text[at + 1..end.min(text.len())].to_owned()));
            end + 1
        } else {
            at + 1
        };
        let next = next.min(text.len());
        line += bytes[at..next].iter().filter(|b| **b == b'\n').count();
        at = next;
    }
    out
}

/// Letters that only Vietnamese has among the languages of this program, and its dots and hooks.
fn is_vietnamese(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(c, 'ă' | 'Ă' | 'đ' | 'Đ' | 'ơ' | 'Ơ' | 'ư' | 'Ư')
            || ('\u{1ea0}'..='\u{1ef9}').contains(&c)
    })
}

#[test]
fn no_sentence_that_a_person_reads_stands_in_rust() {
    let top = format!("{}/", root().display());
    let mut found = Vec::new();
    let mut idle: BTreeSet<&str> = SPOKEN.iter().map(|(path, _)| *path).collect();
    for (path, text) in files(&["rs"]) {
        let path = path.strip_prefix(&top).unwrap_or(&path).to_owned();
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_for_tests = path.contains("/tests/") || path.contains("/examples/");
        let is_made_up = matches!(
            name,
            "tests.rs"
                | "demo.rs"
                | "made.rs"
                | "sample.rs"
                | "stories.rs"
                | "verbs.rs"
                | "kit.rs"
                | "finding.rs"
        );
        if is_for_tests || is_made_up {
            continue;
        }
        for (line, quote) in quotes(&text) {
            if !is_vietnamese(&quote) {
                continue;
            }
            match SPOKEN.iter().find(|(at, _)| path.starts_with(at)) {
                Some((at, _)) => _ = idle.remove(at),
                None => found.push(format!("{path}:{line}: {quote}")),
            }
        }
    }
    assert!(
        found.is_empty(),
        "belongs to a room's texts:\n{}",
        found.join("\n")
    );
    assert!(
        idle.is_empty(),
        "nothing Vietnamese stands there any more: {idle:?}"
    );
    for (path, text) in files(&["html"]) {
        assert!(
            !is_vietnamese(&text),
            "{path}: words belong to a room's texts"
        );
    }
}

#[test]
fn both_languages_say_everything() {
    let texts = site::serving::texts(&crate::wiring::rooms())
        .map_err(|e| e.log_text())
        .unwrap();
    let vi: BTreeSet<_> = texts.keys(Lang::Vi).iter().collect();
    let en: BTreeSet<_> = texts.keys(Lang::En).iter().collect();
    assert_eq!(
        vi.difference(&en).collect::<Vec<_>>(),
        Vec::<&&String>::new(),
        "not in English"
    );
    assert_eq!(
        en.difference(&vi).collect::<Vec<_>>(),
        Vec::<&&String>::new(),
        "not in Vietnamese"
    );
}

/// Every quoted text that looks like a key of a room.
fn quoted(text: &str, rooms: &BTreeSet<String>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for part in text.split('"') {
        let head = part.split('-').next().unwrap_or("");
        let plain = part.len() < 80
            && part.contains('-')
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if plain && rooms.contains(head) {
            out.insert(part.to_owned());
        }
    }
    out
}

#[test]
fn keys_used_and_keys_defined_are_the_same() {
    let texts = site::serving::texts(&crate::wiring::rooms())
        .map_err(|e| e.log_text())
        .unwrap();
    let rooms: BTreeSet<String> = texts
        .keys(Lang::Vi)
        .iter()
        .filter_map(|key| key.split('-').next())
        .map(str::to_owned)
        .collect();
    let mut used = BTreeSet::new();
    let mut missing = Vec::new();
    for (path, text) in files(&["rs", "html"]) {
        for key in quoted(&text, &rooms) {
            let called = text.contains(&format!("t(\"{key}\""))
                || text.contains(&format!("t1(\"{key}\""))
                || text.contains(&format!("t2(\"{key}\""))
                || text.contains(&format!("tn(\"{key}\""));
            if called && !texts.has(&key) {
                missing.push(format!("{path}: {key}"));
            }
            used.insert(key);
        }
    }
    assert!(
        missing.is_empty(),
        "used and not defined:\n{}",
        missing.join("\n")
    );
    let unused: Vec<&String> = texts
        .keys(Lang::Vi)
        .iter()
        .filter(|key| !used.contains(*key))
        .collect();
    // Keys put together from a part (a status, a month) are listed by their room as a prefix.
    let built: Vec<String> = files(&["rs"])
        .iter()
        .flat_map(|(_, text)| text.split('"').map(str::to_owned).collect::<Vec<_>>())
        .filter(|part| {
            part.len() > 6
                && part.contains("-{")
                && rooms.contains(part.split('-').next().unwrap_or(""))
        })
        .map(|part| part.split('{').next().unwrap_or("").to_owned())
        .collect();
    let idle: Vec<&&String> = unused
        .iter()
        // Words of the log have a test of their own.
        .filter(|key| {
            !["did-", "thing-", "field-", "by-"]
                .iter()
                .any(|head| key.starts_with(head))
        })
        .filter(|key| !built.iter().any(|head| key.starts_with(head.as_str())))
        .collect();
    assert!(idle.is_empty(), "defined and not used: {idle:?}");
}

/// Texts of notices that an earlier program told: they lie in databases and are read there still.
const TOLD_BEFORE: &[&str] = &[
    "approvals-told-refused",
    "people-moving-told-returned",
    "people-moving-told-cancelled",
];

#[test]
fn what_an_earlier_program_told_can_still_be_read() {
    let texts = site::serving::texts(&crate::wiring::rooms()).unwrap();
    for key in TOLD_BEFORE {
        assert!(texts.has(key), "{key}");
    }
}

/// Words of computing, and second words for what has one (docs/words.md), each with the better one.
const UNWANTED: &[(&str, &str)] = &[
    ("thí dụ", "ví dụ"),
    ("chẳng hạn", "ví dụ"),
    ("số căn cước", "số định danh"),
    ("người giữ máy chủ", "người vận hành máy chủ"),
    ("quản trị viên", "người quản trị"),
    ("giao diện", "trang"),
    ("người dùng (", "đảng viên"),
    ("trường bắt buộc", "ghi …"),
    ("vui lòng", "(nói thẳng việc cần làm)"),
];

#[test]
fn sentences_are_set_as_in_print_and_say_one_thing_with_one_word() {
    let mut found = Vec::new();
    for (path, text) in files(&["ftl"]) {
        for (nth, line) in text.lines().enumerate() {
            if line.starts_with('#') {
                continue;
            }
            // What stands in braces is put in later.
            let mut said = String::new();
            let mut depth = 0;
            for c in line.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ if depth == 0 => said.push(c),
                    _ => {}
                }
            }
            let low = said.to_lowercase();
            let unwanted = UNWANTED.iter().find(|(word, _)| low.contains(word));
            if let Some((word, better)) = unwanted {
                found.push(format!("{path}:{}: “{word}”, better “{better}”", nth + 1));
            }
            if said.contains(['"', '!']) || said.contains("...") {
                found.push(format!("{path}:{}: {line}", nth + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every action that the code writes into the log: the third argument of `begin`, what `log` is given, the constants
/// that stand there by name, and what a `let action =` chooses from. The demo's too: its log is read on the screen.
fn actions() -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (path, text) in files(&["rs"]) {
        let name = path.rsplit('/').next().unwrap_or_default();
        // What only tests do is in nobody's log.
        if path.contains("/tests/") || matches!(name, "stories.rs" | "tests.rs" | "kit.rs") {
            continue;
        }
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for (call, ends) in [(".begin(", ")"), (".log(", ")")] {
            for part in text.split(call).skip(1) {
                let given = part.split(ends).next().unwrap_or_default();
                let quoted = given.rsplit('"').nth(1).filter(|_| given.contains('"'));
                let is_word = |name: &&str| name.contains('.') && !name.starts_with("self.");
                out.extend(quoted.filter(is_word).map(str::to_owned));
                let names = given.split(',').map(str::trim);
                for name in names.filter(|name| name.chars().all(|c| c.is_ascii_uppercase())) {
                    let constant = text.split(&format!("const {name}: &str = \"")).nth(1);
                    let value = constant.and_then(|rest| rest.split('"').next());
                    out.extend(value.filter(|name| name.contains('.')).map(str::to_owned));
                }
            }
        }
        for part in text.split("let action = ").skip(1) {
            let chosen = part.split("\n    };").next().unwrap_or_default();
            let chosen = if part.starts_with("match") {
                chosen
            } else {
                part.split(';').next().unwrap_or_default()
            };
            let is_action = |name: &&str| {
                let parts: Vec<&str> = name.split('.').collect();
                let is_word = |part: &&str| {
                    !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                };
                // A place of the program is no name of an act.
                parts.len() == 2 && parts[0] != "self" && parts.iter().all(is_word)
            };
            out.extend(chosen.split('"').filter(is_action).map(str::to_owned));
        }
    }
    out
}

#[test]
fn the_log_says_in_words_what_was_done_and_to_what() {
    let texts = site::serving::texts(&crate::wiring::rooms())
        .map_err(|e| e.log_text())
        .unwrap();
    let key = |head: &str, name: &str| format!("{head}-{}", name.replace(['.', '_'], "-"));
    let actions = actions();
    assert!(actions.len() > 50, "the code is read: {actions:?}");
    let silent: Vec<&String> = (actions.iter())
        .filter(|name| !texts.has(&key("did", name)))
        .collect();
    assert!(silent.is_empty(), "no words for {silent:?}");
    let code: String = (files(&["rs"]).into_iter())
        .filter(|(path, _)| !path.contains("/tests/"))
        .map(|(_, text)| text)
        .collect();
    let mut things = BTreeSet::new();
    for part in code.split(".object(").skip(1) {
        let name = part
            .trim_start()
            .strip_prefix('"')
            .and_then(|rest| rest.split('"').next());
        things.extend(name.filter(|name| *name != "test").map(str::to_owned));
    }
    let nameless: Vec<&String> = (things.iter())
        .filter(|name| !texts.has(&key("thing", name)))
        .collect();
    assert!(nameless.is_empty(), "no words for {nameless:?}");
    // What has words is done somewhere.
    let known: BTreeSet<String> = (code.split('"'))
        .filter(|part| part.contains('.') && part.len() < 40)
        .map(|part| key("did", part))
        .collect();
    let idle: Vec<&String> = (texts.keys(Lang::Vi).iter())
        .filter(|held| held.starts_with("did-") && !known.contains(*held))
        .collect();
    assert!(idle.is_empty(), "words for what nobody does: {idle:?}");
}

/// Files of a folder and below that end so.
fn below(at: std::path::PathBuf, end: &str) -> Vec<(String, String)> {
    let (mut open, mut out) = (vec![at], Vec::new());
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|held| held == end) {
                let text = std::fs::read_to_string(&path).unwrap();
                out.push((path.display().to_string(), text));
            }
        }
    }
    out
}

/// What a guide of the demo tells to press, open or look for, in curly marks, is written so on a screen.
#[test]
fn a_guide_calls_what_is_to_be_pressed_as_the_screen_does() {
    let texts = site::serving::texts(&crate::wiring::rooms())
        .map_err(|e| e.log_text())
        .unwrap();
    let said: Vec<String> = (texts.keys(Lang::Vi).iter())
        .map(|key| texts.get(Lang::Vi, key))
        .collect();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (path, text) in below(root().join("demo/guides"), "md") {
        let mut parts = text.split('“');
        let mut before = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('”').unwrap_or((part, ""));
            let verb = before
                .split_whitespace()
                .last()
                .unwrap_or_default()
                .to_lowercase();
            if ["bấm", "vào", "mở", "tìm", "mục", "nút", "chọn"].contains(&verb.as_str())
            {
                seen += 1;
                if !said.iter().any(|said| said.contains(name)) {
                    wrong.push(format!("{path}: “{name}”"));
                }
            }
            before = rest.to_owned();
        }
    }
    assert!(seen > 4, "the guides are read");
    assert!(wrong.is_empty(), "no screen says {wrong:?}");
}

/// Controls of the templates: what they are, and their names (the name of a macro's argument counts too).
fn controls() -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    for (_, text) in files(&["html"]) {
        for part in text.split('<').skip(1) {
            let tag = part.split(['\n', ' ', '>']).next().unwrap_or("");
            let of = |name: &str| {
                let (_, rest) = part.split_once(&format!(" {name}=\""))?;
                rest.split('"').next().map(str::to_owned)
            };
            let kind = match (tag, of("type").as_deref()) {
                ("select" | "button", _) => "chosen",
                ("input", Some("hidden" | "radio" | "checkbox")) => "chosen",
                ("input" | "textarea", _) => "typed",
                _ => continue,
            };
            out.extend(of("name").map(|name| (kind, name)));
        }
        // A call of a macro of `forms`, or of one that the file makes for itself.
        let calls = text.split("::").skip(1);
        for call in calls.chain(text.split("{{ ").skip(1)) {
            let kind = match call.split('(').next() {
                Some("select" | "choices" | "tick" | "flag") => "chosen",
                Some("text" | "area" | "date" | "time") => "typed",
                _ => continue,
            };
            let name = call
                .split("form, \"")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            out.extend(name.map(|name| (kind, name.to_owned())));
        }
    }
    // A name that is put together begins with what all of them have; one that is an argument is known by its call.
    let begins = |name: &String| name.split("{{").next().unwrap_or("").to_owned();
    out.into_iter()
        .map(|(kind, name)| (kind, begins(&name)))
        .filter(|(_, name)| !name.is_empty())
        .collect()
}

/// What is shown to be copied, of a form that could not be kept, is what somebody typed: a word of our own in a box,
/// a list, a button or a hidden field is left out by its name.
#[test]
fn every_field_is_known_as_typed_or_chosen() {
    let controls = controls();
    assert!(controls.len() > 200, "{}", controls.len());
    let is = |kind: &str, name: &String| {
        controls
            .iter()
            .any(|(of, held)| *of == kind && held == name)
    };
    let mut odd = std::collections::BTreeSet::new();
    for (_, name) in &controls {
        let known = (web::left::is_chosen(name), web::left::is_either(name));
        let wanted = match (is("chosen", name), is("typed", name)) {
            (true, true) => (false, true),
            (true, false) => (true, false),
            _ => (false, false),
        };
        if known != wanted {
            odd.insert((name.clone(), wanted));
        }
    }
    assert!(
        odd.is_empty(),
        "see CHOSEN and EITHER of crates/web/src/left.rs: {odd:?}"
    );
}

/// A part that folds is a place among the keys: with `tabindex="-1"` on it none of its fields would be.
#[test]
fn no_part_that_folds_is_out_of_reach_of_the_keys() {
    for (path, text) in files(&["html"]) {
        for part in text.split("<details").skip(1) {
            let tag = part.split("<summary").next().unwrap_or("");
            assert!(!tag.contains("tabindex"), "{path}");
        }
    }
}
