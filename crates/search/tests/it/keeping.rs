//! What the index keeps: replacing, removing, reopening, and starting anew when damaged.

use crate::{ask, entries, entry, ids, shelf};
use search::{Error, Index, Kind};
use std::path::Path;

fn filled(dir: &Path, seq: u64) -> Index {
    let index = Index::open(dir).unwrap();
    let writer = index.writer();
    for entry in entries() {
        writer.put(&entry).unwrap();
    }
    writer.commit(seq).unwrap();
    index
}

#[test]
fn putting_twice_replaces() {
    let index = shelf();
    let writer = index.writer();
    let before = index.entries();
    writer
        .put(&entry(
            "n1",
            Kind::of("article"),
            "Làng mở hội thả diều",
            "Diều bay cao.",
        ))
        .unwrap();
    writer
        .put(&entry(
            "n1",
            Kind::of("article"),
            "Làng mở hội vật",
            "Sới vật ở sân đình.",
        ))
        .unwrap();
    assert_eq!(
        ids(&ask(&index, "đua thuyền")),
        ["n1"],
        "not before the commit"
    );
    writer.commit(2).unwrap();
    assert_eq!(index.entries(), before);
    assert_eq!(ask(&index, "đua thuyền").total, 0);
    assert!(!ids(&ask(&index, "thả diều")).contains(&"n1"));
    assert_eq!(ids(&ask(&index, "sới vật")), ["n1"]);
}

#[test]
fn removing_takes_one_entry_or_all_parts_of_a_parent() {
    let index = shelf();
    let writer = index.writer();
    writer.remove("n1").unwrap();
    writer.remove("never there").unwrap();
    writer.remove_parent("t1").unwrap();
    writer.commit(2).unwrap();
    assert_eq!(ask(&index, "đua thuyền").total, 0);
    assert_eq!(ask(&index, "hạt giống").total, 0);
    assert_eq!(
        ids(&ask(&index, "sổ tay")),
        ["t1"],
        "the parent itself stays"
    );
}

#[test]
fn reopening_keeps_entries_and_the_last_number() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), 41));
    let index = Index::open(dir.path()).unwrap();
    assert!(!index.was_reset());
    assert_eq!(index.writer().last_seq(), 41);
    assert_eq!(ids(&ask(&index, "đua thuyền")), ["n1"]);
    index.writer().commit(42).unwrap();
    drop(index);
    let index = Index::open(dir.path()).unwrap();
    assert_eq!(
        index.writer().last_seq(),
        42,
        "a commit without changes keeps its number"
    );
    assert_eq!(index.entries(), entries().len() as u64);
}

#[test]
fn a_new_index_starts_at_nought() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path()).unwrap();
    assert_eq!((index.writer().last_seq(), index.was_reset()), (0, false));
    drop(index);
    let index = Index::open(dir.path()).unwrap();
    assert!(!index.was_reset(), "an empty index is not a damaged one");
}

#[test]
fn changes_that_were_abandoned_are_not_there() {
    let index = shelf();
    let writer = index.writer();
    writer.remove("n1").unwrap();
    writer.abandon().unwrap();
    writer.commit(2).unwrap();
    assert_eq!(ids(&ask(&index, "đua thuyền")), ["n1"]);
}

#[test]
fn clearing_empties_and_starts_the_numbers_again() {
    let index = shelf();
    index.writer().clear().unwrap();
    assert_eq!((index.entries(), index.writer().last_seq()), (0, 0));
    assert_eq!(ask(&index, "vườn").total, 0);
}

#[test]
fn two_writers_of_two_processes_do_not_mix() {
    let dir = tempfile::tempdir().unwrap();
    let first = filled(dir.path(), 1);
    let second = Index::open(dir.path()).unwrap();
    first.writer().remove("n1").unwrap();
    assert!(matches!(second.writer().remove("t1"), Err(Error::Busy)));
    first.writer().commit(2).unwrap();
    // Between commits the lock is free, and what the other wrote is seen after a refresh.
    second.refresh().unwrap();
    assert_eq!(second.writer().last_seq(), 2);
    assert_eq!(ask(&second, "đua thuyền").total, 0);
    second.writer().remove("t1").unwrap();
    second.writer().commit(3).unwrap();
}

#[test]
fn a_damaged_index_starts_empty_and_says_so() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 5] = [
        ("meta.json is no JSON", |dir| {
            std::fs::write(dir.join("meta.json"), b"{").unwrap()
        }),
        ("a file is missing", |dir| {
            std::fs::remove_file(a_file(dir, "store")).unwrap()
        }),
        ("a file is short", |dir| {
            let file = a_file(dir, "term");
            let bytes = std::fs::read(&file).unwrap();
            std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("a byte has changed", |dir| {
            let file = a_file(dir, "idx");
            let mut bytes = std::fs::read(&file).unwrap();
            let middle = bytes.len() / 3;
            bytes[middle] ^= 0xFF;
            std::fs::write(&file, bytes).unwrap();
        }),
        ("another version wrote it", |dir| {
            let meta = dir.join("meta.json");
            let text = std::fs::read_to_string(&meta).unwrap();
            let other = text.replace("\\\"version\\\":", "\\\"version\\\":99");
            assert_ne!(text, other);
            std::fs::write(&meta, other).unwrap();
        }),
    ];
    for (name, damage) in damages {
        let dir = tempfile::tempdir().unwrap();
        drop(filled(dir.path(), 5));
        std::fs::write(dir.path().join("notes.txt"), "not ours").unwrap();
        damage(dir.path());
        let index = Index::open(dir.path()).unwrap();
        assert!(index.was_reset(), "{name}");
        assert_eq!(
            (index.writer().last_seq(), index.entries()),
            (0, 0),
            "{name}"
        );
        drop(index);
        let index = filled(dir.path(), 6);
        assert!(!index.was_reset(), "{name}");
        assert_eq!(ids(&ask(&index, "đua thuyền")), ["n1"], "{name}");
        assert!(
            dir.path().join("notes.txt").exists(),
            "only our own files go"
        );
    }
}

fn a_file(dir: &Path, ending: &str) -> std::path::PathBuf {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().path())
        .find(|path| path.extension().is_some_and(|own| own == ending))
        .unwrap()
}
