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
                "Chưa nhận sách PDF. Nếu có bản EPUB của sách này, đưa bản đó lên."
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
