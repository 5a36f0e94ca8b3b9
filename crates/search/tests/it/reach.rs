//! Who sees what: an entry without a shared token does not exist for the asker.

use crate::{entry, ids};
use search::{Entry, Index, Kind, Query, Reach};

fn index() -> Index {
    let index = Index::in_memory().unwrap();
    let writer = index.writer();
    for (id, tokens) in [
        ("open", vec!["public", "members"]),
        ("inside", vec!["members"]),
        ("cell", vec!["unit:/a/b/"]),
        ("nobody", vec![]),
    ] {
        let entry = Entry {
            audience: tokens.into_iter().map(str::to_owned).collect(),
            symbol: Some("7-TB/CB".to_owned()),
            ..entry(
                id,
                Kind::of("document"),
                "Thông báo họp làng",
                "Mời bà con đến nhà chung.",
            )
        };
        writer.put(&entry).unwrap();
    }
    writer.commit(1).unwrap();
    index
}

#[test]
fn what_is_out_of_reach_is_neither_shown_nor_counted() {
    let index = index();
    for text in ["họp làng", "mời bà con đến nhà chung họp", "7-TB/CB", "7"] {
        for (tokens, expected) in [
            (vec![], vec![]),
            (vec!["public"], vec!["open"]),
            (vec!["members"], vec!["inside", "open"]),
            (vec!["public", "members"], vec!["inside", "open"]),
            (vec!["unit:/a/b/"], vec!["cell"]),
            (vec!["unit:/a/"], vec![]),
            (vec!["unit:/a/b/ OR public", "*", ""], vec![]),
        ] {
            let answer = index
                .search(&Query::new(text, Reach::of(tokens.clone())))
                .unwrap();
            assert_eq!(answer.total, expected.len(), "{text} {tokens:?}");
            let mut found = ids(&answer);
            found.sort_unstable();
            assert_eq!(found, expected, "{text} {tokens:?}");
        }
    }
}

#[test]
fn a_changed_audience_takes_hold_with_the_next_commit() {
    let index = index();
    let mut closed = entry(
        "open",
        Kind::of("document"),
        "Thông báo họp làng",
        "Mời bà con.",
    );
    closed.audience = vec!["members".to_owned()];
    let writer = index.writer();
    writer.put(&closed).unwrap();
    writer.commit(2).unwrap();
    let answer = index
        .search(&Query::new("họp làng", Reach::public()))
        .unwrap();
    assert_eq!((answer.total, answer.hits.len()), (0, 0));
}
