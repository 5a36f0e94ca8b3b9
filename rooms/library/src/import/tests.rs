use super::*;
use crate::made;
use site::import::Quiet;
use testkit::{HOA, TestApp};

async fn bring(app: &TestApp, folder: &Path) -> Report {
    let options = Options {
        shelf: "kho".into(),
        shelf_name: "Kho sách".into(),
        ..Options::default()
    };
    run(&app.site, folder, &options, &mut Quiet).await.unwrap()
}

fn outcomes(report: &Report) -> Vec<&'static str> {
    report
        .entries
        .iter()
        .map(|entry| entry.outcome.name())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_taken_once_and_bad_files_are_told_one_by_one() {
    testkit::on_both(
        || vec![crate::room()],
        async |app| {
            let folder = tempfile::tempdir().unwrap();
            let put =
                |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
            put(
                "1-good.epub",
                &made::two_chapters("urn:uuid:0001", "Chuyện kể"),
            );
            put("2-hostile.epub", &made::hostile());
            put("3-broken.epub", b"not an archive at all");
            put(
                "4-leaving.epub",
                &made::zipped(&[("mimetype", "application/epub+zip"), ("../../evil", "x")]),
            );
            put("5-paper.pdf", b"%PDF-1.7\n");
            put(
                "6-again.epub",
                &made::two_chapters("urn:uuid:0001", "Chuyện kể"),
            );
            put("notes.txt", b"not a book, so passed over");
            // Tried first, the second of two equal books is told as the same, and by the name of the first.
            let dry = Options {
                shelf: "kho".into(),
                shelf_name: "Kho sách".into(),
                common: site::import::Options {
                    dry_run: true,
                    ..Default::default()
                },
                ..Options::default()
            };
            let dry = run(&app.site, folder.path(), &dry, &mut Quiet)
                .await
                .unwrap();
            assert_eq!(
                outcomes(&dry),
                ["added", "added", "refused", "refused", "refused", "same"]
            );
            assert!(dry.entries[5].message.contains("1-good.epub"));
            let report = bring(&app, folder.path()).await;
            assert_eq!(
                outcomes(&report),
                ["added", "added", "refused", "refused", "refused", "same"]
            );
            let sentence = |at: usize| report.entries[at].message.clone();
            assert!(
                sentence(2).contains("không phải sách EPUB"),
                "{}",
                sentence(2)
            );
            assert!(sentence(3).contains("ngoài"), "{}", sentence(3));
            assert_eq!(
                sentence(4),
                "Chưa nhận sách PDF. Nếu có bản EPUB của sách này, đưa bản đó vào."
            );
            let warned = report.entries[1].warnings.join(" ");
            assert!(
                warned.contains("mã chạy") && warned.contains("bên ngoài"),
                "{warned}"
            );
            assert!(
                !report
                    .entries
                    .iter()
                    .flat_map(|e| &e.warnings)
                    .any(|w| w.contains('⟦'))
            );
            assert!(
                report.entries[0].warnings[0].contains("kho"),
                "says that the shelf was made"
            );
            // Running it again changes nothing and opens nothing.
            let again = bring(&app, folder.path()).await;
            assert_eq!(
                outcomes(&again),
                ["same", "same", "refused", "refused", "refused", "same"]
            );
            assert_eq!(app.count("select count(*) from library_title").await, 2);
            assert_eq!(
                app.count("select count(*) from audit_event where action = 'title.add'")
                    .await,
                2
            );
            // What was taken is found by search, sections with their book's name.
            app.catch_up().await;
            let feed = crate::feed::FEED;
            let items = (feed.load)(app.site.clone(), vec![report.entries[0].id.clone()])
                .await
                .unwrap();
            let entries = &items[0].entries;
            assert_eq!(entries.len(), 3);
            assert_eq!(
                (entries[2].title.as_str(), entries[2].context.as_str()),
                ("Chương hai", "Chuyện kể")
            );
            assert!(entries[2].url.ends_with("/sections/2"));
            let all = (feed.list)(app.site.clone(), String::new(), 1)
                .await
                .unwrap();
            assert_eq!(all.len(), 1);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_happen_and_leaves_nothing() {
    testkit::on_both(
        || vec![crate::room()],
        async |app| {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(
                folder.path().join("a.epub"),
                made::two_chapters("urn:uuid:0001", "Chuyện kể"),
            )
            .unwrap();
            let mut options = Options {
                shelf: "kho".into(),
                ..Options::default()
            };
            options.common.dry_run = true;
            let report = run(&app.site, folder.path(), &options, &mut Quiet)
                .await
                .unwrap();
            assert_eq!(outcomes(&report), ["added"]);
            assert_eq!(app.count("select count(*) from library_title").await, 0);
            assert_eq!(app.count("select count(*) from library_shelf").await, 0);
            assert_eq!(app.count("select count(*) from feed_change").await, 0);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_edition_replaces_the_text_and_readers_keep_their_place() {
    testkit::on_both(
        || vec![crate::room()],
        async |app| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("a.epub");
            std::fs::write(&file, made::two_chapters("urn:uuid:0001", "Chuyện kể")).unwrap();
            let id = bring(&app, &file).await.entries[0].id.clone();
            let place = format!("/library/titles/{id}/place");
            app.as_(HOA)
                .post(&place, &[("section", "1"), ("fraction", "0.5")])
                .await
                .expects(204);
            std::fs::write(&file, made::three_chapters("urn:uuid:0001", "Chuyện kể")).unwrap();
            let report = bring(&app, &file).await;
            assert_eq!(
                (outcomes(&report), &report.entries[0].id),
                (vec!["updated"], &id)
            );
            // Chapter one stands third now; she is still in it.
            let page = app.as_(HOA).get("/library").await.expects(200);
            assert_eq!(
                page.attributes(".reading a.btn", "href"),
                [format!("/library/titles/{id}/sections/3")]
            );
            assert_eq!(app.count("select fraction from library_place").await, 5_000);
            // The older file is still there, and known when it comes again.
            let hashes: Vec<(String,)> = db::sql("select file_sha256 from library_edition")
                .all(app.site.db.read())
                .await
                .unwrap();
            assert_eq!(hashes.len(), 2);
            for (sha256,) in hashes {
                assert!(app.site.files.exists(&sha256).await.unwrap());
            }
            std::fs::write(&file, made::two_chapters("urn:uuid:0001", "Chuyện kể")).unwrap();
            let report = bring(&app, &file).await;
            assert_eq!(outcomes(&report), ["same"]);
            assert!(
                report.entries[0].message.contains("bản mới hơn"),
                "{}",
                report.entries[0].message
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_stays_in_the_text_although_its_file_has_another_name() {
    testkit::on_both(
        || vec![crate::room()],
        async |app| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("a.epub");
            let put = |chapters: &[&str]| {
                let chapters: Vec<(String, String)> = (chapters.iter().enumerate())
                    .map(|(nth, title)| {
                        (
                            format!("c{}", nth + 1),
                            format!("# {title}\n\nLời của {title}.\n"),
                        )
                    })
                    .collect();
                let chapters: Vec<(&str, &str)> = chapters
                    .iter()
                    .map(|(name, text)| (name.as_str(), text.as_str()))
                    .collect();
                std::fs::write(
                    &file,
                    made::chapters("urn:uuid:0004", "Sách đánh lại số", &chapters),
                )
                .unwrap();
            };
            put(&["Một", "Hai", "Ba"]);
            let id = bring(&app, &file).await.entries[0].id.clone();
            let place = format!("/library/titles/{id}/place");
            let fields = [("section", "3"), ("fraction", "0.9")];
            app.as_(HOA).post(&place, &fields).await.expects(204);
            put(&["Lời nói đầu", "Một", "Hai", "Ba", "Bốn"]);
            assert_eq!(outcomes(&bring(&app, &file).await), ["updated"]);
            assert_eq!(app.count("select section from library_place").await, 4);
            assert_eq!(app.count("select fraction from library_place").await, 9_000);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_identifier_for_two_books_does_not_lose_either() {
    testkit::on_sqlite(
        || vec![crate::room()],
        async |app| {
            let folder = tempfile::tempdir().unwrap();
            let put = |name: &str, bytes: Vec<u8>| {
                std::fs::write(folder.path().join(name), bytes).unwrap();
            };
            let (greens, hens) = ("Trồng rau. ".repeat(120), "Nuôi gà. ".repeat(120));
            put(
                "1.epub",
                made::plain("urn:uuid:0002", "Sách trồng rau", &greens),
            );
            put(
                "2.epub",
                made::plain("urn:uuid:0002", "Sách nuôi gà", &hens),
            );
            // Another wrapping and another identifier, but the same words: one book.
            put(
                "3.epub",
                made::plain("urn:uuid:0003", "Sách nuôi gà", &hens),
            );
            // Side by side, equal in identifier and title, unlike in text: both are kept.
            put(
                "4.epub",
                made::plain("urn:uuid:0002", "Sách nuôi gà", "Nuôi vịt."),
            );
            // An identifier that tells nothing.
            put("5.epub", made::plain("NOID", "Title", "Một."));
            put("6.epub", made::plain("NOID", "Title", "Hai."));
            let report = bring(&app, folder.path()).await;
            let wanted = ["added", "added", "duplicate", "added", "added", "added"];
            assert_eq!(outcomes(&report), wanted);
            assert!(
                !report.entries[1].warnings.is_empty() && !report.entries[3].warnings.is_empty()
            );
            let again = bring(&app, folder.path()).await;
            let wanted = ["same", "same", "duplicate", "same", "same", "same"];
            assert_eq!(outcomes(&again), wanted);
            assert_eq!(report.entries[2].id, report.entries[1].id);
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_shelf_is_told_and_a_stopped_import_goes_on() {
    struct StopAfter(usize);
    impl Progress for StopAfter {
        fn step(&mut self, _: &Entry) {
            self.0 -= 1;
        }
        fn is_stopped(&self) -> bool {
            self.0 == 0
        }
    }
    testkit::on_sqlite(
        || vec![crate::room()],
        async |app| {
            let folder = tempfile::tempdir().unwrap();
            for (name, title) in [("a.epub", "Tập một"), ("b.epub", "Tập hai")] {
                std::fs::write(folder.path().join(name), made::plain(name, title, title)).unwrap();
            }
            let options = Options {
                shelf: "kho".into(),
                ..Options::default()
            };
            let first = run(&app.site, folder.path(), &options, &mut StopAfter(1))
                .await
                .unwrap();
            assert!(first.stopped && first.entries.len() == 1);
            assert_eq!(
                outcomes(&bring(&app, folder.path()).await),
                ["same", "added"]
            );
            let other = Options {
                shelf: "khac".into(),
                ..Options::default()
            };
            let report = run(&app.site, folder.path(), &other, &mut Quiet)
                .await
                .unwrap();
            assert_eq!(outcomes(&report), ["duplicate", "duplicate"]);
            let odd = Options {
                shelf: "../x".into(),
                ..Options::default()
            };
            assert!(
                run(&app.site, folder.path(), &odd, &mut Quiet)
                    .await
                    .is_err()
            );
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_that_nobody_opened_is_taken_back_and_one_with_a_place_stays() {
    testkit::on_both(
        || vec![crate::room()],
        async |app| {
            made::shelve(&app, "kho", &made::two_chapters("urn:x", "Có từ trước")).await;
            let folder = tempfile::tempdir().unwrap();
            for (name, title) in [("1.epub", "Chuyện kể"), ("2.epub", "Chuyện khác")] {
                let bytes = made::two_chapters(&format!("urn:{name}"), title);
                std::fs::write(folder.path().join(name), bytes).unwrap();
            }
            let wish = site::room::ImportWish {
                by: None,
                lang: web::Lang::Vi,
                operation: "test".to_owned(),
                path: folder.path().to_owned(),
                dry_run: false,
                set: [("shelf".to_owned(), "kho".to_owned())].into(),
                decided: Default::default(),
                run: Some("run".to_owned()),
            };
            let run = (IMPORTER.run)(app.site.clone(), wish.clone(), Box::new(Quiet)).await;
            let report = run.unwrap();
            assert_eq!(outcomes(&report), ["added", "added"]);
            assert_eq!(report.entries[0].changes[0].new, "Chuyện kể");
            assert_eq!(app.count("select count(*) from import_made").await, 2);
            let read = format!("/library/titles/{}/place", report.entries[1].id);
            app.as_(HOA)
                .post(&read, &[("section", "1"), ("fraction", "0.5")])
                .await;
            let made = report.entries.iter().map(|entry| site::import::Made {
                kind: "title".to_owned(),
                id: entry.id.clone(),
                was: None,
            });
            let undo = IMPORTER.undo.unwrap();
            let report = undo(app.site.clone(), wish, made.collect()).await.unwrap();
            assert_eq!(outcomes(&report), ["removed", "refused"]);
            assert_eq!(report.entries[1].source, "Chuyện khác");
            assert_eq!(app.count("select count(*) from library_title").await, 2);
            assert_eq!(app.count("select count(*) from library_place").await, 1);
            assert_eq!(app.count("select count(*) from library_section where title_id not in (select id from library_title)").await, 0);
        },
    )
    .await;
}

/// What a run made, as the upload page hands it back.
async fn made_by(app: &TestApp, run: &str) -> Vec<site::import::Made> {
    let rows: Vec<(String, String, String)> =
        db::sql("select kind, thing_id, was_sealed from import_made where run_id = $1")
            .bind(run)
            .all(app.site.db.read())
            .await
            .unwrap();
    let made = rows.into_iter().map(|(kind, id, was)| site::import::Made {
        was: site::import::Was::kept((run, &kind, &id), was),
        kind,
        id,
    });
    made.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_that_a_later_file_replaced_becomes_what_it_was_and_readers_stay() {
    testkit::on_both(
        || vec![crate::room()],
        async |app| {
            made::shelve(&app, "kho", &made::two_chapters("urn:x", "Có từ trước")).await;
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("a.epub");
            let wish = |run: &str| site::room::ImportWish {
                by: None,
                lang: web::Lang::Vi,
                operation: "test".to_owned(),
                path: file.clone(),
                dry_run: false,
                set: [("shelf".to_owned(), "kho".to_owned())].into(),
                decided: Default::default(),
                run: Some(run.to_owned()),
            };
            let brings = async |run: &str, book: Vec<u8>| {
                std::fs::write(&file, book).unwrap();
                let done = (IMPORTER.run)(app.site.clone(), wish(run), Box::new(Quiet));
                outcomes(&done.await.unwrap()).join(" ")
            };
            let undoes = async |run: &str| {
                let undo = IMPORTER.undo.unwrap();
                let made = made_by(&app, run).await;
                outcomes(&undo(app.site.clone(), wish(run), made).await.unwrap()).join(" ")
            };
            let sections = "select count(*) from library_section s join library_title t on t.id = s.title_id \
                where t.identifier = 'urn:uuid:0001'";
            let one = || made::two_chapters("urn:uuid:0001", "Chuyện kể");
            let two = || made::three_chapters("urn:uuid:0001", "Chuyện kể");
            assert_eq!(brings("r1", one()).await, "added");
            assert_eq!(brings("r2", two()).await, "updated");
            assert_eq!(app.count(sections).await, 3);
            assert_eq!(undoes("r1").await, "refused", "not while the later one stands");
            let id = made_by(&app, "r1").await[0].id.clone();
            let place = format!("/library/titles/{id}/place");
            app.as_(HOA)
                .post(&place, &[("section", "1"), ("fraction", "0.5")])
                .await
                .expects(204);
            assert_eq!(undoes("r2").await, "removed");
            assert_eq!(app.count(sections).await, 2);
            assert_eq!(app.count("select count(*) from library_place").await, 1);
            let text = app.as_(HOA).get(&format!("/library/titles/{id}/sections/2")).await;
            assert!(text.expects(200).body().contains("tưới rau"));
            // A place in it holds the book itself, and the file is new again.
            assert_eq!(undoes("r1").await, "refused");
            assert_eq!(brings("r3", two()).await, "updated");
            app.sets("update library_title set title = 'Sửa tay', is_edited = 1 where identifier = 'urn:uuid:0001'")
                .await;
            assert_eq!(undoes("r3").await, "refused", "somebody corrected it since");
            app.sets("delete from library_place").await;
            app.sets("update library_title set title = 'Chuyện kể', is_edited = 0 where identifier = 'urn:uuid:0001'")
                .await;
            assert_eq!(undoes("r3").await, "removed");
            assert_eq!(undoes("r1").await, "removed", "bare again, so it goes");
        },
    )
    .await;
}
