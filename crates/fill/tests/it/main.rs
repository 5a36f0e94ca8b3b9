//! Templates filled and looked at byte by byte, and read back by other readers.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../build/mod.rs"]
mod build;

mod book;
mod document;
mod hostile;
mod sizes;

use fill::{Data, Filled, Limits, Options, Template, Trouble};

fn open(bytes: &[u8]) -> Result<Template, Trouble> {
    Template::open(bytes.to_vec(), Limits::default())
}

fn filled(bytes: &[u8], data: &Data) -> Filled {
    open(bytes)
        .unwrap()
        .fill(data, &Options::default())
        .unwrap()
}

fn names(fields: &[fill::Field]) -> Vec<String> {
    fields.iter().map(|f| f.name.full_key()).collect()
}

/// Every XML part is well-formed, every relationship inside leads to a part, and every listed
/// part is there.
fn is_whole(bytes: &[u8]) {
    let entries = build::entries(bytes);
    let has = |name: &str| entries.iter().any(|(own, _)| own == name);
    for (name, bytes) in &entries {
        if !(name.ends_with(".xml") || name.ends_with(".rels") || name.ends_with(".vml")) {
            continue;
        }
        let text = std::str::from_utf8(bytes).unwrap();
        let mut reader = quick_xml::NsReader::from_str(text);
        let mut depth = 0_i32;
        loop {
            use quick_xml::events::Event;
            let event = reader
                .read_event()
                .unwrap_or_else(|e| panic!("{name}: {e}\n{text}"));
            let tag = match event {
                Event::Eof => break,
                Event::Start(tag) => {
                    depth += 1;
                    tag
                }
                Event::Empty(tag) => tag,
                Event::End(_) => {
                    depth -= 1;
                    continue;
                }
                _ => continue,
            };
            let value = |wanted: &str| {
                tag.attributes()
                    .map(|a| a.unwrap_or_else(|e| panic!("{name}: {e}")))
                    .find(|a| a.key.as_ref() == wanted)
                    .map(|a| a.value.clone().into_owned())
            };
            if let Some(part) = value("PartName") {
                assert!(
                    has(part.trim_start_matches('/')),
                    "{part} is listed and gone"
                );
            }
            if let (Some(target), None) = (value("Target"), value("TargetMode")) {
                let folder = name.replace("_rels/", "");
                let folder = folder.rsplit_once('/').map_or("", |(f, _)| f).to_owned();
                let mut at: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
                if target.starts_with('/') {
                    at.clear();
                }
                for step in target.split('/').filter(|p| !p.is_empty()) {
                    match step {
                        ".." => drop(at.pop()),
                        step => at.push(step),
                    }
                }
                assert!(
                    has(&at.join("/")),
                    "{name} leads to {target}, which is gone"
                );
            }
        }
        assert_eq!(depth, 0, "{name}");
    }
}

/// Names, order and packed bytes of all parts but these are the same.
fn only_changed(before: &[u8], after: &[u8], changed: &[&str]) {
    let packed = |bytes: &[u8]| {
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut out = Vec::new();
        for index in 0..zip.len() {
            use std::io::Read;
            let mut file = zip.by_index_raw(index).unwrap();
            let name = file.name().unwrap().into_owned();
            let told = (file.compression(), file.crc32(), file.last_modified());
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            out.push((name, told, bytes));
        }
        out
    };
    let (before, after) = (packed(before), packed(after));
    assert_eq!(before.len(), after.len());
    for (old, new) in before.iter().zip(&after) {
        assert_eq!(old.0, new.0);
        if changed.contains(&old.0.as_str()) {
            assert_ne!(old.2, new.2, "{} should have changed", old.0);
        } else {
            assert_eq!(old, new, "{}", old.0);
        }
    }
}
