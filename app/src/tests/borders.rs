//! Who may import whom, and who may name sqlx: the manifests and sources against ARCHITECTURE.md.

use super::root;
use std::collections::BTreeSet;

/// The crates of ours that each crate may use (dev-dependencies apart).
const MAY: &[(&str, &str)] = &[
    ("crates/kernel", ""),
    ("crates/vietnamese", ""),
    ("crates/citation", "kernel vietnamese"),
    ("crates/db", "kernel"),
    ("crates/schema", "kernel db"),
    ("crates/web", "kernel vietnamese citation"),
    ("crates/rules", "kernel vietnamese citation db"),
    ("crates/search", "kernel vietnamese db"),
    ("crates/jobs", "kernel db"),
    ("crates/notices", "kernel db"),
    ("crates/files", "kernel vietnamese"),
    ("crates/books", "kernel vietnamese files"),
    ("crates/intake", "kernel vietnamese files citation"),
    ("crates/approvals", "kernel db"),
    ("crates/fill", "kernel vietnamese files"),
    ("crates/print", "kernel vietnamese citation"),
    (
        "crates/site",
        "kernel vietnamese citation db rules web search files approvals jobs notices",
    ),
    (
        "testkit",
        "kernel vietnamese citation db schema web site search files books intake fill notices",
    ),
];

const BASE: &str = "kernel vietnamese citation db rules web site search files books intake \
    approvals jobs fill notices print";

fn ours() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["crates", "rooms"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            names.insert(entry.unwrap().file_name().to_string_lossy().into_owned());
        }
    }
    names.insert("testkit".to_owned());
    names
}

fn dependencies(folder: &str, section: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    table
        .get(section)
        .and_then(|held| held.as_table())
        .map(|held| held.keys().cloned().collect())
        .unwrap_or_default()
}

#[test]
fn crates_import_only_what_the_table_allows() {
    let ours = ours();
    let mut seen = BTreeSet::new();
    for (folder, may) in MAY {
        let may: BTreeSet<&str> = may.split_whitespace().collect();
        for name in dependencies(folder, "dependencies").intersection(&ours) {
            assert!(
                may.contains(name.as_str()),
                "{folder} may not import {name}"
            );
        }
        seen.insert((*folder).to_owned());
    }
    for entry in std::fs::read_dir(root().join("crates")).unwrap() {
        let name = format!("crates/{}", entry.unwrap().file_name().to_string_lossy());
        assert!(seen.contains(&name), "{name} does not stand in the table");
    }
    let base: BTreeSet<&str> = BASE.split_whitespace().collect();
    for entry in std::fs::read_dir(root().join("rooms")).unwrap() {
        let room = entry.unwrap().file_name().to_string_lossy().into_owned();
        for name in dependencies(&format!("rooms/{room}"), "dependencies").intersection(&ours) {
            let allowed = base.contains(name.as_str()) || (name == "people" && room != "people");
            assert!(allowed, "the room {room} may not import {name}");
        }
    }
}

#[test]
fn no_crate_but_a_test_uses_the_test_kit() {
    for folder in ["crates", "rooms"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy());
            assert!(
                !dependencies(&path, "dependencies").contains("testkit"),
                "{path}"
            );
        }
    }
}

fn sources(folder: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                out.push((
                    path.display().to_string(),
                    std::fs::read_to_string(&path).unwrap(),
                ));
            }
        }
    }
    out
}

/// The sentences of a file of texts, each with its line; "…" for what stands in braces.
fn sentences(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (nth, line) in (1..).zip(text.lines()) {
        let mut depth = 0_i32;
        let mut kept = String::new();
        for c in line.trim_start().chars() {
            depth += i32::from(c == '{');
            if depth == 0 {
                kept.push(c);
            }
            depth -= i32::from(c == '}');
            if c == '}' && depth == 0 {
                kept.push('…'); // what will stand there
            }
        }
        if !line.starts_with('#') {
            out.push((nth, kept));
        }
    }
    out
}

#[test]
fn texts_have_curly_quotation_marks_and_single_spaces() {
    // The gap on paper into which a number is written.
    const GAP: &str = "meetings-print-number";
    let mut odd = Vec::new();
    for folder in ["crates", "rooms"] {
        let folder = root().join(folder);
        for room in std::fs::read_dir(folder).unwrap() {
            for lang in ["vi", "en"] {
                let path = room
                    .as_ref()
                    .unwrap()
                    .path()
                    .join(format!("text/{lang}.ftl"));
                let Ok(text) = std::fs::read_to_string(&path) else {
                    continue;
                };
                for (line, sentence) in sentences(&text) {
                    let is_odd = sentence.contains(['"', '\'']) || sentence.contains("  ");
                    if is_odd && !sentence.starts_with(GAP) {
                        odd.push(format!("{}:{line} {sentence}", path.display()));
                    }
                }
            }
        }
    }
    assert!(odd.is_empty(), "{}", odd.join("\n"));
    let told =
        sentences("# \"no\"\na = { $n ->\n    [1] “một”\n   *[other] \"hai\"\n}\nb = {\"x\"}");
    let quoted: Vec<usize> = told
        .iter()
        .filter(|(_, text)| text.contains('"'))
        .map(|(line, _)| *line)
        .collect();
    assert_eq!(quoted, [4]);
}

#[test]
fn sqlx_is_named_only_where_sql_lives() {
    for (path, text) in sources("rooms")
        .into_iter()
        .chain(sources("crates/web"))
        .chain(sources("crates/kernel"))
    {
        if path.contains("/store") {
            continue;
        }
        for line in text.lines() {
            let code = line.split("//").next().unwrap_or("");
            // Row structs say `#[sqlx(try_from = …)]`: an attribute, not a call.
            let named = code.contains("sqlx::") || code.contains("use sqlx");
            assert!(!named, "{path} names sqlx: {line}");
        }
    }
}

#[test]
fn every_crate_and_room_has_a_readme_and_a_place_on_the_map() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for folder in ["crates", "rooms"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(
                path.join("README.md").exists(),
                "{folder}/{name} has no README.md"
            );
            assert!(
                map.contains(&format!("`{name}`")),
                "ARCHITECTURE.md does not name {name}"
            );
        }
    }
}

/// A source up to the module of its tests; what else only tests have stays.
fn without_tests(text: &str) -> &str {
    let mut marks = text.match_indices("#[cfg(test)]\n");
    let at = marks.find(|(at, mark)| {
        let line = text[at + mark.len()..].lines().next().unwrap_or("");
        let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
        line.starts_with("mod ") && line.ends_with('{')
    });
    at.map_or(text, |(at, _)| &text[..at])
}

/// Rust files of the rooms, without their tests: path from the root, room, text.
fn sources_of_rooms() -> Vec<(String, String, String)> {
    fn below(folder: &std::path::Path, out: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, out);
            } else if path.extension().is_some_and(|end| end == "rs") {
                out.push(path);
            }
        }
    }
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root().join("rooms")).unwrap() {
        let room = entry.unwrap().file_name().to_string_lossy().into_owned();
        let mut files = Vec::new();
        below(&root().join("rooms").join(&room).join("src"), &mut files);
        for path in files {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            if matches!(name.as_str(), "tests" | "stories" | "kit" | "verbs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let text = without_tests(&text).to_owned();
            all.push((path.display().to_string(), room.clone(), text));
        }
    }
    assert!(all.len() > 100, "{} files were read", all.len());
    all
}

#[test]
fn no_room_writes_without_an_act() {
    for (path, _, text) in sources_of_rooms() {
        for word in [".begin()", "db::Tx", "db.maintain(", "&mut Tx"] {
            assert!(
                !text.contains(word),
                "{path}: `{word}`: a write of a room takes an act (docs/decisions/0003-acts.md)"
            );
        }
    }
}

/// Columns of a person's record that are shown at V2 and above only (governance reference, 1).
const RECORD: &[&str] = &[
    "birth_on",
    "admission_decision_on",
    "recognition_decision_on",
    "phone_sealed",
    "card_sealed",
    "citizen_sealed",
    "home_town",
    "residence",
    "decision_no",
];

/// Tables whose rows belong to a person, a unit or a thing of a unit: a write asks whether its act was opened for
/// them.
const BOUND: &[&str] = &[
    "people_member",
    "people_name_word",
    "people_placement",
    "people_member_event",
    "people_statement",
    "people_code",
    "people_holding",
    "people_position",
    "people_grant",
    "people_handover",
    "people_unit",
    "people_unit_version",
    "people_correction",
    "people_leaving",
    "people_transfer",
    "people_outside",
    "people_letter",
    "people_body",
    "documents_document",
    "documents_provision",
    "documents_citation",
    "documents_relation",
    "documents_file",
    "documents_standing",
    "meetings_meeting",
    "meetings_item",
    "meetings_paper",
    "meetings_file",
    "meetings_postponement",
    "meetings_invitation",
    "meetings_invitation_file",
    "meetings_absence",
    "meetings_attendance",
    "meetings_numbers",
    "meetings_revision",
    "meetings_task",
    "meetings_template",
    "library_shelf",
    "library_title",
    "library_edition",
    "library_section",
    "library_resource",
    "library_contents",
    "library_place",
    "news_section",
    "news_article",
    "news_photo",
    "news_picture_size",
];

/// Functions that write such a row without asking, and why they may.
const UNBOUND: &[(&str, &str, &str)] = &[
    (
        "people/src/store.rs",
        "add_event",
        "the line is written by `write_event`, which asks",
    ),
    (
        "people/src/store.rs",
        "add_own_event",
        "the line is written by `write_event`, which asks",
    ),
    (
        "ledger/store.rs",
        "say",
        "what a write states that has asked itself: of a post its unit, of all else the person",
    ),
    (
        "library/src/store.rs",
        "inherit_places",
        "a person's own places, copied from the own old record by the program",
    ),
    (
        "members/store.rs",
        "add_words",
        "private: whoever calls it has asked",
    ),
    (
        "members/store.rs",
        "add_member_as",
        "a new person is nobody's until they are placed, which asks",
    ),
    (
        "documents/src/store.rs",
        "add_provisions",
        "private: whoever calls it has asked",
    ),
    (
        "documents/src/store.rs",
        "add_citations",
        "private: whoever calls it has asked",
    ),
    (
        "documents/src/store/before.rs",
        "write",
        "private: whoever calls it has asked",
    ),
    (
        "library/src/store.rs",
        "set_place",
        "the reader's own place: whose it is comes out of the act",
    ),
];

/// Functions that touch a record without asking for a look or an act, and why they may.
const UNASKED: &[(&str, &str, &str)] = &[
    (
        "members/store.rs",
        "find_same_here",
        "whether the unit of whoever adds somebody has that name and day of birth: what they typed themselves",
    ),
    (
        "ledger/store.rs",
        "list_some",
        "everybody, for `sotay check`, which tells no name, no number and no day of birth",
    ),
    (
        "members/store.rs",
        "list_unmatched",
        "names whose number is not compared, and no number",
    ),
    (
        "members/store.rs",
        "list_closed",
        "whether numbers open, for `sotay check`; none leaves the function",
    ),
    (
        "members/store.rs",
        "list_sealed",
        "numbers as they are sealed, for whoever changes the key",
    ),
    (
        "members/store.rs",
        "list_roster",
        "the year of birth alone, shown where two of a unit have the same name",
    ),
    (
        "members/store.rs",
        "list_birth_years",
        "the year of birth alone, shown to the operator where two have the same name",
    ),
    (
        "merging/store.rs",
        "list_namesakes",
        "days of birth are compared in the database, ids alone leave it",
    ),
    (
        "merging/store.rs",
        "list_apart",
        "numbers as they are sealed, to be compared; none leaves `same`",
    ),
    (
        "merging/store.rs",
        "find_seen",
        "the year of birth alone, to tell two of one name apart",
    ),
    (
        "merging/store.rs",
        "list_seen",
        "the year of birth alone, to tell two of one name apart",
    ),
    (
        "imports/store.rs",
        "list_by",
        "a `KnownMember` opens its record to a look only",
    ),
];

fn names_a_record(statement: &str) -> bool {
    let words: Vec<&str> = statement
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .collect();
    words.contains(&"people_member") && RECORD.iter().any(|column| words.contains(column))
}

/// The function around a place of a source: its name, and its head up to the body.
fn function_at(text: &str, at: usize) -> (&str, &str) {
    let start = text[..at].rfind("fn ").unwrap_or(0);
    let head = text[start..].split('{').next().unwrap_or("");
    let name = head.trim_start_matches("fn ").split(['(', '<']).next();
    (name.unwrap_or(""), head)
}

/// Where a statement stands, and how it is declared: its name, with who sees it. No name: it is sent where it stands.
fn declared<'a>(text: &'a str, statement: &str) -> (usize, Option<&'a str>) {
    let at = text.find(&format!("\"{statement}\"")).unwrap();
    let line = text[..at].rsplit('\n').next().unwrap_or("");
    let name = line.trim().trim_end_matches(" =");
    let is_named = line.ends_with(" = ") && !name.starts_with("let ");
    (at, is_named.then_some(name))
}

/// Where a word stands in a text, not as part of a longer one.
fn words_at(text: &str, word: &str) -> Vec<usize> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (text.match_indices(word))
        .map(|(found, _)| found)
        .filter(|found| {
            !text[..*found].ends_with(is_word) && !text[found + word.len()..].starts_with(is_word)
        })
        .collect()
}

/// Where a statement is sent: at its own place, or wherever its name is written in its file.
fn sent_at(text: &str, statement: &str) -> Vec<usize> {
    let (at, name) = declared(text, statement);
    let Some(name) = name.and_then(|name| name.rsplit(' ').next()) else {
        return vec![at];
    };
    let mut found = words_at(text, name);
    found.retain(|found| !text[found + name.len()..].starts_with(" ="));
    found
}

/// The same, with the other files of its room that send it by its name (`super::NAME`, `store::NAME`).
fn sent_in<'a>(
    sources: &'a [(String, String, String)],
    (path, room, text): &'a (String, String, String),
    statement: &str,
) -> Vec<(&'a str, &'a str, usize)> {
    let mut out: Vec<_> = (sent_at(text, statement).into_iter())
        .map(|at| (path.as_str(), text.as_str(), at))
        .collect();
    let name = declared(text, statement).1;
    let Some(name) = name.and_then(|name| name.rsplit(' ').next()) else {
        return out;
    };
    for (other, of, text) in sources {
        if of == room && other != path {
            let named = words_at(text, name);
            let named = (named.into_iter()).filter(|at| {
                let before = &text[..*at];
                before.ends_with("super::") || before.ends_with("store::")
            });
            out.extend(named.map(|at| (other.as_str(), text.as_str(), at)));
        }
    }
    out
}

#[test]
fn a_record_is_read_only_where_a_look_or_an_act_is_asked_for() {
    let mut asked = BTreeSet::new();
    let mut unasked = BTreeSet::new();
    for (path, _, text) in sources_of_rooms() {
        for statement in literals(&text).iter().filter(|text| names_a_record(text)) {
            let name = declared(&text, statement).1.unwrap_or("");
            assert!(!name.contains(' '), "{path}: {name} is seen outside");
            for at in sent_at(&text, statement) {
                let (name, head) = function_at(&text, at);
                if head.contains("&Looked") || head.contains("&mut Act<") {
                    asked.insert(name.to_owned());
                    continue;
                }
                let known = UNASKED
                    .iter()
                    .find(|(file, function, _)| path.ends_with(file) && *function == name);
                let known = known
                    .unwrap_or_else(|| panic!("{path}: {name} asks for neither a look nor an act"));
                unasked.insert(known.1);
            }
        }
    }
    assert!(
        asked.contains("get_record") && asked.contains("add_member_as"),
        "{asked:?}"
    );
    assert_eq!(unasked.len(), UNASKED.len(), "only {unasked:?} are there");
}

/// The whole function around a place of a source.
fn body_at(text: &str, at: usize) -> &str {
    let start = text[..at].rfind("fn ").unwrap_or(0);
    text[start..]
        .split(
            "
}
",
        )
        .next()
        .unwrap_or("")
}

#[test]
fn a_row_of_a_person_or_unit_is_written_only_where_the_act_is_asked_whether_it_was_opened_for_it() {
    let mut asked = BTreeSet::new();
    let mut unasked = BTreeSet::new();
    let sources = sources_of_rooms();
    for source in &sources {
        let written = |statement: &&String| {
            let takes = db::order::takes(statement);
            takes
                .iter()
                .any(|take| BOUND.contains(&take.table.as_str()))
        };
        for statement in literals(&source.2).iter().filter(written) {
            for (path, text, at) in sent_in(&sources, source, statement) {
                let (name, head) = function_at(text, at);
                let body = body_at(text, at);
                let asks = [
                    "holds(act,",
                    "holds_unit(act,",
                    "holds_shelf(act,",
                    "holds_audience(act,",
                    "act.over_all()?",
                ];
                if head.contains("&mut Act<") && asks.iter().any(|ask| body.contains(ask)) {
                    asked.insert(name.to_owned());
                    continue;
                }
                let known = UNBOUND
                    .iter()
                    .find(|(file, function, _)| path.ends_with(file) && *function == name);
                let known = known.unwrap_or_else(|| {
                    panic!("{path}: {name} writes a row and asks nothing of its act")
                });
                unasked.insert(known.1);
            }
        }
    }
    for name in [
        "set_member",
        "add_placements",
        "move_paths",
        "end_holding",
        "mark",
        "add_revision",
        "set_task",
        "withdraw_file",
        "put_template",
        "ensure_shelf",
        "correct",
        "set_edition",
        "write_parts",
        "take_back",
        "set_section_name",
        "set_words",
        "begin_change",
        "remove",
    ] {
        assert!(asked.contains(name), "{name} is not among {asked:?}");
    }
    assert_eq!(unasked.len(), UNBOUND.len(), "only {unasked:?} are there");
}

/// Functions that send one statement over several rows of a table without taking them in an order before it, and
/// why two of them do not meet crosswise.
const AT_ONCE: &[(&str, &str, &str)] = &[
    (
        "notices/src/store.rs",
        "read_of_link",
        "`hold_replaced` has taken them",
    ),
    (
        "uploads/src/store.rs",
        "drop_entries",
        "by the job, while it runs nobody decides on rows",
    ),
    (
        "uploads/src/store.rs",
        "decide_all",
        "the row of the upload is taken before",
    ),
    (
        "uploads/src/store.rs",
        "forget",
        "the row of the upload is taken before, and what its own job wrote is nobody else's",
    ),
    (
        "account/src/store.rs",
        "forget_left_form",
        "one form of one browser",
    ),
    (
        "account/src/store.rs",
        "end_everything",
        "after a restore, alone with the handbook",
    ),
    (
        "account/src/store.rs",
        "end_slips",
        "when the key is changed, alone with the handbook",
    ),
    (
        "account/src/store.rs",
        "forget_failures",
        "when the key is changed, alone with the handbook",
    ),
    (
        "account/src/store.rs",
        "forget_all_left",
        "when the key is changed, alone with the handbook",
    ),
    (
        "plan/store.rs",
        "postpone",
        "the row of the meeting is taken before; a member answers with one row of each",
    ),
    (
        "plan/store.rs",
        "set_meeting",
        "the row of the meeting is taken before",
    ),
    (
        "plan/store.rs",
        "publish_papers",
        "the row of the meeting is taken before",
    ),
    (
        "store/edition.rs",
        "move_places",
        "the row of the title is taken before; a reader writes one place",
    ),
];

/// Whether the rows that a statement changes are found by a whole key, and so one at most.
fn is_of_one_row(statement: &str, keys: &[BTreeSet<String>]) -> bool {
    let mut depth = 0_i32;
    let mut outside = String::new();
    for c in statement.chars() {
        depth += i32::from(c == '(');
        if depth == 0 {
            outside.push(c);
        }
        depth -= i32::from(c == ')');
    }
    let asked = outside.split(" where ").nth(1).unwrap_or("");
    let named: BTreeSet<String> = (asked.split(" and "))
        .filter_map(|part| part.split_once(" = $"))
        .map(|(column, _)| column.trim().to_owned())
        .collect();
    keys.iter().any(|key| key.is_subset(&named))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_over_several_rows_is_sent_when_they_are_held() {
    let keys =
        std::sync::Mutex::new(std::collections::BTreeMap::<String, Vec<BTreeSet<String>>>::new());
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let rows: Vec<(String, String, String)> = db::sql(
            "select m.name, i.name, c.name from sqlite_master m, pragma_index_list(m.name) i, \
             pragma_index_info(i.name) c where m.type = 'table' and i.\"unique\" = 1 order by m.name, i.name",
        )
        .all(app.site.db.read())
        .await
        .unwrap();
        let mut all = std::collections::BTreeMap::<(String, String), BTreeSet<String>>::new();
        for (table, index, column) in rows {
            all.entry((table, index)).or_default().insert(column);
        }
        let mut keys = keys.lock().unwrap();
        for ((table, _), columns) in all {
            keys.entry(table).or_default().push(columns);
        }
    })
    .await;
    let keys = keys.into_inner().unwrap();
    let crate_of = |path: &str| path.split("/src/").next().unwrap_or("").to_owned();
    let sources: Vec<(String, String, String)> = (sources_of_the_program().into_iter())
        .map(|(path, text)| (path.clone(), crate_of(&path), text))
        .collect();
    let (mut held, mut apart) = (BTreeSet::new(), BTreeSet::new());
    for source in sources.iter().filter(|(path, _, _)| is_store(path)) {
        for statement in literals(&source.2) {
            let plain = statement.split_whitespace().filter(|word| *word != "\\");
            let plain = plain.collect::<Vec<_>>().join(" ");
            let takes = db::order::takes(&plain);
            let Some(take) = takes.first().filter(|take| {
                matches!(take.verb, db::order::Verb::Update | db::order::Verb::Delete)
            }) else {
                continue;
            };
            let none = Vec::new();
            let of_table = keys.get(&take.table).unwrap_or(&none);
            let is_gated =
                (schema::order::GATES.iter()).any(|(_, behind)| take.table.starts_with(behind));
            if !is_statement(&plain) || is_gated || is_of_one_row(&plain, of_table) {
                continue;
            }
            for (path, text, at) in sent_in(&sources, source, &statement) {
                let (name, _) = function_at(text, at);
                let body = body_at(text, at);
                let holds = ["hold_to_set(", "hold_to_remove(", "hold_idle("];
                if holds.iter().any(|hold| body.contains(hold)) {
                    held.insert(name.to_owned());
                    continue;
                }
                let known = AT_ONCE
                    .iter()
                    .find(|(file, function, _)| path.ends_with(file) && *function == name);
                let known = known.unwrap_or_else(|| {
                    panic!("{path}: {name}: hold the rows before, or say why not: {plain}")
                });
                apart.insert(known.1);
            }
        }
    }
    for name in ["end_sessions", "read_all", "expire_due", "drop_endpoint"] {
        assert!(held.contains(name), "{name} is not among {held:?}");
    }
    assert_eq!(apart.len(), AT_ONCE.len(), "only {apart:?} are there");
}

#[test]
fn no_room_names_a_table_of_another() {
    let sources = sources_of_rooms();
    let rooms: BTreeSet<&str> = sources.iter().map(|(_, room, _)| room.as_str()).collect();
    for (path, room, text) in &sources {
        let words: Vec<&str> = text
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .filter(|word| !word.is_empty())
            .collect();
        for pair in words.windows(2) {
            let is_named = matches!(pair[0], "from" | "join" | "into" | "update");
            let owner = pair[1].split('_').next().unwrap_or("");
            let is_table = pair[1].contains('_') && rooms.contains(owner);
            assert!(
                !(is_named && is_table && owner != room),
                "{path} names {}: read its view v_{}",
                pair[1],
                pair[1]
            );
        }
    }
}

/// Writes of a room's test into a table of another room that no verb can make: file, table, why.
const RAW: &[(&str, &str, &str)] = &[(
    "meetings/src/hall/roster.rs",
    "people_member",
    "a status that is no status: a damaged row",
)];

/// Tables that a text writes by statements.
fn written(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    let written = words.windows(3).filter(|at| {
        matches!(
            (at[0], at[1]),
            ("insert", "into") | ("delete", "from") | (_, "update")
        )
    });
    written.map(|at| at[2]).collect()
}

#[test]
fn no_test_of_a_room_writes_a_table_of_another() {
    let mut raw = BTreeSet::new();
    for (path, text) in sources("rooms") {
        let path = path[root().display().to_string().len() + 1..].replace('\\', "/");
        let room = path.split('/').nth(1).unwrap_or("");
        for table in written(&text) {
            let owner = table.split('_').next().unwrap_or("");
            let is_of_a_room = root().join("rooms").join(owner).is_dir();
            if !table.contains('_') || !is_of_a_room || owner == room {
                continue;
            }
            let known = RAW
                .iter()
                .find(|(file, of, _)| path.ends_with(file) && *of == table);
            let known = known.unwrap_or_else(|| {
                panic!("{path} writes {table}: use a verb of its room, or of `testkit`")
            });
            raw.insert(known.0);
        }
    }
    assert_eq!(raw.len(), RAW.len(), "only {raw:?} are there");
}

/// Whose SQL is not looked at: the database's own crates.
const APART: &[&str] = &["crates/db/", "crates/schema/"];

/// Every source of the program that is neither a test nor the demo nor `sotay check`, without the tests
/// at its end: path from the root, text.
fn sources_of_the_program() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (path, text) in ["app", "crates", "rooms"].into_iter().flat_map(sources) {
        let from = root().display().to_string().len() + 1;
        let path = path[from..].replace('\\', "/");
        let name = path.rsplit('/').next().unwrap().trim_end_matches(".rs");
        let is_apart = APART.iter().any(|start| path.starts_with(start))
            || path.split('/').any(|part| matches!(part, "tests" | "demo"))
            || matches!(
                name,
                "tests" | "stories" | "kit" | "verbs" | "demo" | "check"
            );
        if !is_apart {
            let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            all.push((path, text.to_owned()));
        }
    }
    assert!(all.len() > 200, "{} files were read", all.len());
    all
}

fn is_store(path: &str) -> bool {
    path.ends_with("/store.rs") || path.contains("/store/")
}

/// The string literals of a source; comments and single characters are stepped over.
fn literals(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '/']) {
        let here = &rest[at..];
        rest = &here[1..];
        if here.starts_with("//") {
            rest = &here[here.find('\n').unwrap_or(here.len())..];
        } else if let Some(after) = here.strip_prefix("'\"'") {
            rest = after;
        } else if here.starts_with('"') {
            let mut is_escaped = false;
            let end = rest.find(|c| {
                let ends = c == '"' && !is_escaped;
                is_escaped = c == '\\' && !is_escaped;
                ends
            });
            let end = end.unwrap_or(rest.len());
            out.push(rest[..end].to_owned());
            rest = rest.get(end + 1..).unwrap_or("");
        }
    }
    out
}

/// Whether a literal is a statement: its verb, and a table (or the place where its name is put in).
fn is_statement(text: &str) -> bool {
    let words: Vec<&str> = text
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '{' | '}')))
        .filter(|word| !word.is_empty())
        .collect();
    let verb = words.first().copied().unwrap_or("");
    matches!(verb, "select" | "insert" | "update" | "delete" | "with")
        && words.windows(2).any(|pair| {
            matches!(pair[0], "from" | "into" | "join" | "update") && pair[1].contains(['_', '{'])
        })
}

#[test]
fn a_statement_is_known_by_its_verb_and_its_table() {
    let source = "// \"select a from not_me\"\nlet c = '\"'; f(\"a \\\" b\", \"delete from {}\")";
    assert_eq!(literals(source), ["a \\\" b", "delete from {}"]);
    assert!(is_statement("delete from {}") && is_statement("select 1 from news_article"));
    assert!(is_statement(
        "with recursive a as (select b from c_d) select 1"
    ));
    assert!(!is_statement("select a file from the list") && !is_statement("from news_article"));
}

#[test]
fn sql_stands_in_stores_only() {
    let mut stores = 0;
    for (path, text) in sources_of_the_program() {
        let found = literals(&text).into_iter().find(|text| is_statement(text));
        if is_store(&path) {
            stores += usize::from(found.is_some());
        } else {
            assert_eq!(found, None, "{path}: SQL belongs into a store");
        }
    }
    assert!(stores > 10, "{stores} stores were found");
}

#[test]
fn no_statement_is_made_by_replacing_text() {
    for (path, text) in sources_of_the_program() {
        for word in [".replace(", ".replacen("] {
            for (at, _) in text.match_indices(word) {
                let of = text[..at].trim_end();
                let name = of.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                let name = name.into_iter().next().unwrap_or("");
                let is_constant = name.len() > 1 && name == name.to_ascii_uppercase();
                // An escape (`"\\u0000"`) is taken out of a value, not out of a statement.
                let what = &text[at + word.len()..];
                let is_text = is_store(&path) && what.starts_with('"') && !what.starts_with("\"\\");
                assert!(
                    !is_constant && !is_text,
                    "{path}: {name}{word}…): a statement is written out, or built of lists"
                );
            }
        }
    }
}

#[test]
fn a_statement_that_is_sent_as_it_stands_is_declared_with_the_list() {
    let sources = sources_of_the_program();
    let crate_of = |path: &str| path.split("/src/").next().unwrap_or("").to_owned();
    let mut listed = BTreeSet::new();
    for (path, text) in &sources {
        for block in text.split("statements! {\n").skip(1) {
            for line in block.split("\n}").next().unwrap_or("").lines() {
                let line = line.trim_start().trim_start_matches("pub(crate) ");
                let name = line.split(" = ").next().unwrap_or("");
                listed.insert((crate_of(path), name.to_owned()));
            }
        }
    }
    for (path, text) in &sources {
        for (at, _) in text.match_indices("sql(") {
            let is_named = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let inside = text[at + 4..].split([')', '(']).next().unwrap_or("");
            let name = inside.rsplit("::").next().unwrap_or("");
            let is_constant = name.len() > 1
                && name
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
            assert!(
                is_named || !is_constant || listed.contains(&(crate_of(path), name.to_owned())),
                "{path}: {name} does not stand in `db::statements!`"
            );
        }
    }
    assert!(listed.len() > 200, "{} statements are listed", listed.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_names_a_stored_file_is_claimed_by_its_room() {
    // Of a book's text, to know it again under another file.
    const NO_FILE: [&str; 1] = ["library_title.text_sha256"];
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let columns: Vec<(String, String)> = db::sql(
            "select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c \
             where m.type = 'table' and c.name like '%sha%' and c.name not like '%share%'",
        )
        .all(app.site.db.read())
        .await
        .unwrap();
        let named: BTreeSet<String> = (columns.iter().map(|(t, c)| format!("{t}.{c}")))
            .filter(|name| !NO_FILE.contains(&name.as_str()))
            .collect();
        let of_file = app.site.rooms.of_file.iter();
        let claimed: BTreeSet<String> = of_file
            .map(|of| format!("{}.{}", of.table, of.column))
            .collect();
        assert_eq!(named, claimed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_hangs_on_the_key_is_claimed_by_its_room() {
    // Hashes of secrets that are random themselves: no key is in them.
    const NO_KEY: [&str; 2] = ["account_session.secret_hash", "account_token.secret_hash"];
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let columns: Vec<(String, String)> = db::sql(
            "select m.name, c.name from sqlite_master m, pragma_table_info(m.name) c \
             where m.type = 'table' and (c.name like '%sealed' or c.name like '%\\_mac' escape '\\' \
             or (c.name like '%\\_hash' escape '\\' and m.name like 'account%' and c.name not like 'password%'))",
        )
        .all(app.site.db.read())
        .await
        .unwrap();
        let named: BTreeSet<String> = (columns.iter().map(|(t, c)| format!("{t}.{c}")))
            .filter(|name| !NO_KEY.contains(&name.as_str()))
            .collect();
        let claimed: BTreeSet<String> = (app.site.rooms.of_key.iter())
            .flat_map(|of| of.columns.iter().map(move |column| format!("{}.{column}", of.table)))
            .collect();
        assert!(named.len() > 10, "{named:?}");
        let unclaimed: Vec<_> = named.difference(&claimed).collect();
        assert!(unclaimed.is_empty(), "{unclaimed:?}");
    })
    .await;
}

/// Purposes for which the key is asked, each in a source: a new one is thought of when the key is changed
/// (docs/decisions/0008-key-rotation.md).
const PURPOSES: &[&str] = &[
    "account.device",
    "account_failure.account",
    "account_failure.address",
    "account_failure.guess",
    "account_failure.pair",
    "account_left.address",
    "account_left.browser",
    "account_slip.code_hash",
    "account_slip.id",
    "atom feed",
];

#[test]
fn every_purpose_of_the_key_stands_in_the_note_on_changing_it() {
    let note = std::fs::read_to_string(super::root().join("docs/decisions/0008-key-rotation.md"));
    let note = note.unwrap();
    for (path, _, text) in sources_of_rooms() {
        for call in [".mac(\"", ".derive(\""] {
            for (at, _) in text.match_indices(call) {
                let purpose = text[at + call.len()..].split('"').next().unwrap_or("");
                assert!(
                    PURPOSES.contains(&purpose)
                        || path.contains("/tests")
                        || matches!(purpose, "card" | "phone"),
                    "{path}: {purpose} is not in PURPOSES"
                );
            }
        }
    }
    for purpose in PURPOSES {
        assert!(
            note.contains(purpose),
            "the note does not tell of {purpose}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_names_a_unit_or_a_person_is_claimed_by_its_room() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let columns: Vec<(String, String, String)> = db::sql(
            "select m.name, c.name, coalesce((select f.\"table\" \
             from pragma_foreign_key_list(m.name) f where f.\"from\" = c.name), '') \
             from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table'",
        )
        .all(app.site.db.read())
        .await
        .unwrap();
        let rooms = &app.site.rooms;
        let mut idle = Vec::new();
        for (table, column, names) in &columns {
            if !rooms.names.contains(&table.split('_').next().unwrap_or("")) {
                continue; // of the frame: the log, the feed, jobs, rules, approvals
            }
            // What the schema says, and what was only named so.
            let of_unit =
                names == "people_unit" || matches!(column.as_str(), "unit_id" | "audience");
            let mut words = column.split('_').peekable();
            let of_person = names == "people_member"
                || words.any(|word| matches!(word, "by" | "member"))
                    && words.peek() != Some(&"event")
                || matches!(
                    column.as_str(),
                    "owner_id" | "chair_id" | "clerk_id" | "author_id"
                );
            let units = rooms.of_unit.iter();
            let claims_unit = units
                .filter(|of| of.table == table && of.column == column)
                .count();
            let persons = rooms.of_person.iter();
            let claims_person = persons
                .filter(|of| of.table == table && of.column == column)
                .count();
            if (of_unit && claims_unit != 1) || (of_person && claims_person != 1) {
                idle.push(format!("{table}.{column}"));
            }
        }
        assert!(idle.is_empty(), "not claimed exactly once: {idle:?}");
        let stands =
            |table: &str, column: &str| columns.iter().any(|(t, c, _)| t == table && c == column);
        for of in &rooms.of_unit {
            assert!(stands(of.table, of.column), "{}.{}", of.table, of.column);
        }
        for of in &rooms.of_person {
            assert!(stands(of.table, of.column), "{}.{}", of.table, of.column);
        }
    })
    .await;
}

#[test]
fn no_page_uses_the_browsers_field_for_a_day_or_an_hour() {
    // A device set to English shows 01/05/2027 for the fifth of January, and 07:30 PM.
    let kinds = ["date", "time", "datetime-local", "month", "week"];
    let mut open = vec![root().join("crates"), root().join("rooms")];
    let mut seen = 0;
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "html") {
                let text = std::fs::read_to_string(&path).unwrap();
                seen += text.matches("type=\"text\"").count();
                for kind in kinds {
                    // As an attribute, and as the kind handed to the macro of a text field.
                    let attribute = format!("type=\"{kind}\"");
                    let handed = format!(", \"{kind}\", \"");
                    let is_free = !text.contains(&attribute) && !text.contains(&handed);
                    assert!(is_free, "{}: {kind}", path.display());
                }
            }
        }
    }
    assert!(seen > 0, "the templates are where this test looks");
}
