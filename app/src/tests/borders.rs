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
            let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
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
    "phone_tail",
    "card_sealed",
    "card_tail",
    "citizen_sealed",
    "citizen_tail",
    "home_town",
    "residence",
];

#[test]
fn a_record_is_read_only_where_a_look_or_an_act_is_asked_for() {
    // Each file with what its readers ask for, or why none reads.
    let readers = [
        ("people/src/member.rs", "&Looked"),
        ("people/src/known.rs", "&Looked"),
        ("people/src/identity.rs", "Act<P>"),
        ("people/src/store.rs", "Act<P>"),
        ("people/src/many.rs", "Act<"),
        ("people/src/bulk.rs", "Act<"),
    ];
    let mut read = BTreeSet::new();
    for (path, _, text) in sources_of_rooms() {
        let literals = text.split('"').skip(1).step_by(2);
        let mut statements = literals.filter(|text| {
            let words: Vec<&str> = text
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .collect();
            words.contains(&"people_member") && RECORD.iter().any(|column| words.contains(column))
        });
        if statements.next().is_none() {
            continue;
        }
        let known = readers.iter().find(|(file, _)| path.ends_with(file));
        let (file, asks) = known.unwrap_or_else(|| panic!("{path} reads records"));
        assert!(text.contains(asks), "{file} does not ask for {asks}");
        read.insert(*file);
    }
    assert!(
        read.contains("people/src/member.rs") && read.len() > 2,
        "{read:?}"
    );
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
