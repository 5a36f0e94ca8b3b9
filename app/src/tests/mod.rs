//! What only the whole program can prove: borders between crates, texts, statements, every route as
//! everyone, backup and restore, hostile files through a real child process.

mod borders;
mod clash;
mod columns;
mod docs;
mod founding;
mod guestbook;
mod keeping;
mod laid;
mod merging;
mod rotating;
mod routes;
mod texts;
mod tongue;

use std::path::PathBuf;

/// The repository's root.
fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Compares with a committed file. `SOTAY_WRITE=1` writes it anew: read the diff before you commit it.
fn same_as_kept(path: &str, text: &str) {
    let file = root().join(path);
    if std::env::var_os("SOTAY_WRITE").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    if kept != text {
        for (nth, (old, new)) in kept.lines().zip(text.lines()).enumerate() {
            assert_eq!(
                old,
                new,
                "{path} line {}; SOTAY_WRITE=1 cargo test -p sotay writes it anew",
                nth + 1
            );
        }
        panic!("{path} has another length; SOTAY_WRITE=1 cargo test -p sotay writes it anew");
    }
}

#[test]
fn the_permission_matrix_is_the_approved_one() {
    let never = "never lent to anybody (R7)";
    let head = ["capability", "called", "reach", never].map(str::to_owned);
    let texts = site::serving::texts(&crate::wiring::rooms()).unwrap();
    let called = |role| {
        let key = people::roles::name(role);
        let [vi, en] = [web::Lang::Vi, web::Lang::En].map(|lang| texts.get(lang, key).to_owned());
        format!("{vi} / {en}")
    };
    same_as_kept(
        "docs/permissions.md",
        &kernel::cap::matrix_markdown(&head, called),
    );
}

/// docs/rights.md names for each rule of the reference the tests that show it; they are there.
#[test]
fn each_rule_of_the_reference_names_tests_that_exist() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/rights.md")).unwrap();
    let mut sources = String::new();
    let mut folders = ["crates", "rooms", "app"]
        .map(|name| root.join(name))
        .to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    for rule in 1..=13 {
        let head = format!("| R{rule} |");
        let line = page.lines().find(|line| line.starts_with(&head));
        let line = line.unwrap_or_else(|| panic!("docs/rights.md says nothing of R{rule}"));
        let last = line.rsplit('|').nth(1).unwrap_or_default();
        let tests: Vec<&str> = last.split('`').skip(1).step_by(2).collect();
        assert!(
            !tests.is_empty() || line.contains("not yet"),
            "R{rule} names no test"
        );
        for test in tests {
            assert!(
                sources.contains(&format!("fn {test}(")),
                "R{rule}: no test is called {test}"
            );
        }
    }
}

#[test]
fn who_asks_for_the_permissions_reads_words_with_the_codes_behind_them() {
    let vi = crate::commands::lists::permission_table(web::Lang::Vi).unwrap();
    for words in [
        "Biên tập (`content_editor`)",
        "đọc hồ sơ đảng viên (`member_read`)",
        "*tổ chức ấy và mọi nơi bên dưới*",
    ] {
        assert!(vi.contains(words), "{words} is not in {vi}");
    }
    let en = crate::commands::lists::permission_table(web::Lang::En).unwrap();
    for (line, said) in vi.lines().zip(en.lines()).skip(3) {
        let first = |line: &str| line.split(" (`").next().map(str::to_owned);
        assert_ne!(first(line), first(said), "each is said in Vietnamese");
    }
    assert_eq!(vi.lines().count(), 3 + kernel::Cap::ALL.len());
}

#[test]
fn the_list_of_routes_is_the_approved_one() {
    same_as_kept("docs/routes.txt", &crate::commands::lists::route_table());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_prepares_on_both_databases() {
    testkit::on_both(crate::wiring::rooms, async |app| {
        for room in crate::wiring::rooms() {
            if !room.statements.is_empty() {
                app.prepares(&room.statements).await;
            }
        }
        app.prepares(site::STATEMENTS).await;
        app.prepares(jobs::STATEMENTS).await;
        app.prepares(approvals::STATEMENTS).await;
        app.prepares(notices::STATEMENTS).await;
    })
    .await;
}

/// A room of which one thing cannot be loaded, until it is mended.
fn room_with_a_broken_thing() -> site::Room {
    let mut room = site::Room::new("odd", "", "");
    room.feeds = vec![site::Feed {
        kind: "odd",
        finds: &["odd"],
        load: |_, ids| {
            Box::pin(async move {
                if ids.iter().any(|id| id == "broken") {
                    return Err(kernel::Error::fault("this one cannot be read"));
                }
                let items = ids.into_iter().map(|id| site::room::FeedItem {
                    entries: vec![search::Entry {
                        id: format!("odd-{id}"),
                        kind: search::Kind::of("odd"),
                        parent_id: Some(id.clone()),
                        external_id: None,
                        title: id.clone(),
                        context: String::new(),
                        heading: String::new(),
                        body: String::new(),
                        symbol: None,
                        url: "/".into(),
                        audience: vec!["members".into()],
                        also: Vec::new(),
                        shown_on: None,
                        language: "vi".into(),
                    }],
                    subject_id: id,
                });
                Ok(items.collect())
            })
        },
        list: |_, after, _| {
            Box::pin(async move {
                let all = ["broken", "good", "whole"].map(str::to_owned);
                Ok(all.into_iter().filter(|id| *id > after).collect())
            })
        },
        seen: |_, _, ids| Box::pin(async move { Ok(ids.into_iter().collect()) }),
    }];
    room
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thing_that_cannot_be_searched_stops_no_other_and_is_named() {
    testkit::on_both(
        || vec![room_with_a_broken_thing()],
        async |app| {
            let feeds = room_with_a_broken_thing().feeds;
            let mut act = app.act().await;
            for id in ["good", "broken", "whole"] {
                act.changed("odd", id);
            }
            act.end().await.unwrap();
            site::feed::catch_up(&app.site, &feeds).await.unwrap();
            assert_eq!(app.site.index.entries(), 2);
            let named = site::feed::troubles(&app.site).await.unwrap();
            assert_eq!(named.len(), 1);
            assert_eq!(named[0].subject_id, "broken");
            assert!(named[0].told.contains("cannot be read"), "{:?}", named[0]);
            // Building anew meets it again, names it once, and ends.
            site::feed::rebuild(&app.site, &feeds, |_| {})
                .await
                .unwrap();
            assert_eq!(app.site.index.entries(), 2);
            assert_eq!(app.count("select count(*) from feed_trouble").await, 1);
            // Mended: whatever loads is named no longer.
            let mended = site::Feed {
                load: |_, ids| {
                    Box::pin(async move {
                        Ok((ids.into_iter())
                            .map(|subject_id| site::room::FeedItem {
                                subject_id,
                                entries: Vec::new(),
                            })
                            .collect())
                    })
                },
                ..feeds[0]
            };
            site::feed::rebuild(&app.site, &[mended], |_| {})
                .await
                .unwrap();
            assert_eq!(app.count("select count(*) from feed_trouble").await, 0);
        },
    )
    .await;
}

#[test]
fn the_api_describes_itself() {
    let api = site::serving::openapi(&crate::wiring::rooms());
    let paths: Vec<&str> = api.paths.paths.keys().map(String::as_str).collect();
    for wanted in [
        "/api/v1/me",
        "/api/v1/search",
        "/api/v1/documents",
        "/api/v1/titles",
        "/api/v1/units",
    ] {
        assert!(
            paths.contains(&wanted),
            "{wanted} is not described: {paths:?}"
        );
    }
    for room in crate::wiring::rooms() {
        for row in room
            .routes
            .rows()
            .iter()
            .filter(|row| row.path.starts_with("/api/"))
        {
            assert!(
                paths.contains(&row.path),
                "{} of {} is not described",
                row.path,
                room.name
            );
        }
    }
}

/// The form of a meeting of cell A on Friday 27 November, 19:30, with these fields behind it.
fn plan<'a>(last: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let plan = [
        ("unit", "cell-a"),
        ("kind", "regular"),
        ("date", "2026-11-27"),
        ("time", "19:30"),
        ("place", "Nhà văn hóa"),
        ("chair", "lan"),
        ("clerk", "minh"),
        ("item", ""),
        ("title", "Khai mạc"),
        ("minutes", "10"),
        ("presenter", ""),
    ];
    plan.into_iter().chain(last.iter().copied()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passer_by_is_offered_no_tab_of_what_only_members_find() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let page = app.stranger().get("/search?q=nuoc").await.expects(200);
        assert!(
            !page.has(".chips a[href*='kind=meetings']") && page.has(".chips a[href*='kind=news']")
        );
        let page = app
            .as_(testkit::HOA)
            .get("/search?q=nuoc")
            .await
            .expects(200);
        assert!(
            page.has(".chips a[href*='kind=meetings']")
                && page.has(".chips a[href*='kind=people']")
        );
    })
    .await;
}
