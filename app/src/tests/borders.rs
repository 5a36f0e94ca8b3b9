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
    ("crates/search", "kernel vietnamese db"),
    ("crates/files", "kernel vietnamese"),
    ("crates/books", "kernel vietnamese files"),
    ("crates/intake", "kernel vietnamese files citation"),
    ("crates/print", "kernel vietnamese citation"),
    (
        "crates/site",
        "kernel vietnamese citation db web search files",
    ),
    (
        "testkit",
        "kernel vietnamese citation db schema web site search files books intake",
    ),
];

const BASE: &str = "kernel vietnamese citation db web site search files books intake print";

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
