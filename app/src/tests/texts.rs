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
        .filter(|key| !built.iter().any(|head| key.starts_with(head.as_str())))
        .collect();
    assert!(idle.is_empty(), "defined and not used: {idle:?}");
}
