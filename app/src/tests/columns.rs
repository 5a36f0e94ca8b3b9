//! The table of column names in the docs is the one that the program reads by.

use super::same_as_kept;
use intake::columns::Field;
use site::import::Report;
use site::room::{ImportWish, Importer};

fn table(out: &mut String, heading: &str, command: &str, fields: &[Field]) {
    out.push_str(&format!(
        "\n## {heading}\n\n`{command}`\n\n| field | words that head its column |\n|---|---|\n"
    ));
    for field in fields {
        let must = if field.is_required { " (needed)" } else { "" };
        let words = field.words.join(" · ");
        out.push_str(&format!("| `{}`{must} | {words} |\n", field.name));
    }
}

fn page() -> String {
    let mut out = String::from(
        "# Names of columns\n\nMade from the code that reads them; a test compares. The header row is found by these words wherever it \
         stands; marks, case and\npunctuation count for nothing, and words are compared whole. A list that says it otherwise takes a \
         mapping file\n(`--mapping FILE.toml`, a line each: `field = \"header words\"`, `field = \"C\"` or `field = 3`). Books have \
         no table: an EPUB says who it is.\n",
    );
    let [(_, roster), (_, units)] = rosters::columns();
    table(&mut out, "Members", "sotay import roster FILE", roster);
    table(&mut out, "Units", "sotay import units FILE", units);
    table(
        &mut out,
        "Registers of documents",
        "sotay import documents FILE",
        documents::columns(),
    );
    table(
        &mut out,
        "Holidays",
        "sotay import rules FILE",
        admin::holiday_columns(),
    );
    out
}

#[test]
fn the_names_of_columns_in_the_docs_are_those_that_are_read() {
    same_as_kept("docs/columns.md", &page());
}

/// The rows that a list would take, and what it says of those that it would not.
async fn tried(app: &testkit::TestApp, importer: &Importer, path: &std::path::Path) -> Report {
    let mut set = std::collections::BTreeMap::new();
    match importer.name {
        "roster" => set.insert("unit".to_owned(), "cell-a".to_owned()),
        // The page asks under which unit those stand that name none.
        "units" => set.insert("under".to_owned(), "bloc".to_owned()),
        _ => None,
    };
    let wish = ImportWish {
        by: None,
        lang: web::Lang::Vi,
        operation: "test".to_owned(),
        path: path.to_owned(),
        dry_run: true,
        set,
        decided: Default::default(),
        run: None,
    };
    (importer.run)(app.site.clone(), wish, Box::new(site::import::Quiet))
        .await
        .unwrap()
}

/// The sample with somebody's own words in it, as CSV.
fn written_over(importer: &site::room::Importer) -> String {
    let columns = importer.table.unwrap()();
    let shown = columns.iter().filter(|one| one.sample.is_some());
    let shown: Vec<_> = shown.collect();
    let quoted = |text: &str| format!("\"{text}\"");
    let heads: Vec<String> = shown.iter().map(|one| quoted(&one.head())).collect();
    let mut lines = vec![heads.join(",")];
    for nth in 0..2 {
        let cells = shown.iter().map(|one| {
            let text = one.sample.unwrap()[nth];
            let own = [
                ("Mẫu", "Mây"),
                ("MAU", "MAY"),
                ("Thử", "Thư"),
                ("12-QĐ", "21-QĐ"),
            ];
            let own = own
                .iter()
                .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
            quoted(
                &own.replace("13-KH", "14-KH")
                    .replace("02/2030", "03/2030")
                    .replace("02/09/2030", "01/09/2030"),
            )
        });
        lines.push(cells.collect::<Vec<_>>().join(","));
    }
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_is_known_as_it_came_and_taken_whole_once_it_was_written_over() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let folder = tempfile::tempdir().unwrap();
        let importers = app.site.rooms.importers.clone();
        let mut seen = Vec::new();
        for importer in importers.iter().filter(|importer| importer.table.is_some()) {
            let path = format!("/uploads/samples/{}", importer.name);
            // Each is taken by somebody who may import by it; who may nowhere finds no file.
            let who = match importer.name {
                "rules" => testkit::BINH,
                _ => testkit::THU,
            };
            app.as_(testkit::HOA).get(&path).await.expects(404);
            let file = app.as_(who).get(&path).await.expects(200);
            let kept = folder.path().join(format!("{}.xlsx", importer.name));
            std::fs::write(&kept, &file.bytes).unwrap();
            let left = tried(&app, importer, &kept).await;
            assert!(left.entries.len() >= 2, "{}: {left:?}", importer.name);
            for entry in &left.entries {
                let is_told = entry.outcome.name() == "refused" && entry.message.contains("mẫu");
                assert!(is_told, "{}: {entry:?}", importer.name);
            }
            // Written over by another program: other names, codes and symbols.
            let kept = folder.path().join(format!("{}.csv", importer.name));
            std::fs::write(&kept, written_over(importer)).unwrap();
            let report = tried(&app, importer, &kept).await;
            // A holiday of two days is two entries.
            assert!(report.entries.len() >= 2, "{}: {report:?}", importer.name);
            for entry in &report.entries {
                assert_eq!(
                    entry.outcome.name(),
                    "added",
                    "{}: {entry:?}",
                    importer.name
                );
                // Who is there and not in the sample is counted, as with every list.
                let is_known = |warning: &String| warning.contains("không có trong tệp");
                let is_clean = entry.warnings.iter().all(is_known);
                assert!(is_clean, "{}: {entry:?}", importer.name);
            }
            seen.push(importer.name);
        }
        seen.sort_unstable();
        assert_eq!(seen, ["documents", "roster", "rules", "units"]);
        // Books have no table: their sample is a book.
        let books = "/uploads/samples/books";
        app.as_(testkit::HOA).get(books).await.expects(404);
        let file = app.as_(testkit::THU).get(books).await.expects(200);
        assert_eq!(file.header("content-type"), "application/epub+zip");
        assert!(file.bytes.starts_with(b"PK"));
        let page = app
            .as_(testkit::THU)
            .get("/units/cell-a/import")
            .await
            .expects(200);
        let columns = page.text("#columns");
        for words in ["Số điện thoại", "Miễn sinh hoạt", "Họ và tên (cần có)"] {
            assert!(columns.contains(words), "{words} is not in {columns}");
        }
    })
    .await;
}
