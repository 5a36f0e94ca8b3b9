//! Every route as everyone, compared with a committed table; every act forged.

use super::{plan, same_as_kept};
use crate::commands::lists::all_routes;
use testkit::{BINH, HOA, LAN, MINH, THU, TUAN, on_both};

/// Puts a real id where the path names a unit or a member, and an unknown one elsewhere.
fn filled(path: &str) -> String {
    let mut out = Vec::new();
    let mut before = "";
    for part in path.split('/') {
        if part.starts_with('{') {
            out.push(match before {
                "units" => "cell-a",
                "members" => "hoa",
                _ => "nothing",
            });
        } else {
            out.push(part);
        }
        before = part;
    }
    out.join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_everyone_as_the_table_says() {
    on_both(crate::wiring::rooms, async |app| {
        let people = [
            ("hoa", HOA),
            ("lan", LAN),
            ("minh", MINH),
            ("tuan", TUAN),
            ("thu", THU),
            ("binh", BINH),
        ];
        let mut table = String::from(
            "# method path: stranger hoa lan minh tuan thu binh (units: cell-a, members: hoa)\n",
        );
        for (_, row) in all_routes() {
            let path = filled(row.path);
            let mut line = format!("{} {}:", row.method, row.path);
            let mut answers = Vec::new();
            if row.method == "GET" {
                answers.push(app.stranger().get(&path).await);
                for (_, who) in people {
                    answers.push(app.as_(who).get(&path).await);
                }
            } else {
                answers.push(app.stranger().post_forged(&path, &[]).await);
                for (_, who) in people {
                    answers.push(app.as_(who).post_forged(&path, &[]).await);
                }
            }
            for reply in answers {
                let status = reply.status.as_u16();
                assert!(
                    status < 500,
                    "{} {}: {status}\n{}",
                    row.method,
                    row.path,
                    reply.body()
                );
                if row.method == "POST" {
                    assert!(
                        !(200..300).contains(&status),
                        "{} took a forged form",
                        row.path
                    );
                    let onward = reply.location();
                    assert!(
                        status != 303 || onward.starts_with("/sign-in"),
                        "{} took a forged form",
                        row.path
                    );
                }
                line.push_str(&format!(" {status}"));
            }
            table.push_str(&line);
            table.push('\n');
        }
        same_as_kept("docs/routes-walk.txt", &table);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_sent_by_another_site_is_refused_whatever_it_carries() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        for (_, row) in (all_routes().iter()).filter(|(_, row)| row.method == "POST") {
            let reply = app
                .as_(LAN)
                .header("sec-fetch-site", "cross-site")
                .post(&filled(row.path), &[])
                .await;
            assert_eq!(reply.status.as_u16(), 403, "{}", row.path);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_form_is_small_and_a_form_of_long_texts_is_not_endless() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        let long = "a".repeat(web::routes::FORM_BYTES);
        let endless = "a".repeat(web::routes::LONG_FORM_BYTES);
        let many: Vec<(&str, &str)> = (0..10_001).map(|_| ("x", "")).collect();
        let lan = app.as_(LAN);
        for path in ["/me/password", "/sign-in", "/display"] {
            lan.post(path, &[("x", &long)]).await.expects(413);
        }
        for (_, row) in all_routes() {
            if row.method != "POST" {
                continue;
            }
            let reply = lan.post(&filled(row.path), &[("x", &endless)]).await;
            let status = reply.status.as_u16();
            // A form of files that comes as an ordinary one has no token.
            let is_refused = matches!(status, 403 | 404 | 413);
            assert!(is_refused, "{}: {status}", row.path);
        }
        let reply = lan.post("/meetings/new", &[("place", &long)]).await;
        assert_eq!(reply.status.as_u16(), 422, "long texts have room");
        lan.post("/meetings/new", &many).await.expects(413);
        // Whoever has no token is told so before anything is read.
        lan.post_forged("/meetings/new", &many).await.expects(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_says_what_browsers_must_not_do() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        for path in ["/", "/sign-in", "/today", "/nothing-here"] {
            let reply = app.as_(LAN).get(path).await;
            assert!(
                reply
                    .header("content-security-policy")
                    .contains("default-src 'none'"),
                "{path}"
            );
            assert!(
                !reply.header("content-security-policy").contains("unsafe"),
                "{path}"
            );
            assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
            assert!(!reply.header("x-operation").is_empty(), "{path}");
            assert!(
                !reply.has("script:not([src])"),
                "{path} has a script in the page"
            );
            assert!(!reply.has("[style]"), "{path} has a style in the page");
        }
    })
    .await;
}

/// What stands in the handbook of the walk over real things: the value of a parameter by its route.
struct Things(Vec<(&'static str, String)>);

impl Things {
    fn fill(&self, path: &str) -> String {
        let found = (self.0.iter())
            .filter(|(head, _)| path.starts_with(head))
            .max_by_key(|(head, _)| head.len());
        let value = found.map_or("nothing", |(_, value)| value);
        let first = path.split('/').find(|part| part.starts_with('{'));
        let filled = first.map_or(path.to_owned(), |part| path.replacen(part, value, 1));
        let rest = [
            ("{absence}", "absence"),
            ("{correction}", "correction"),
            ("{number}", "1"),
            ("{rid}", "cover"),
            ("{holding}", "hold-minh-0"),
        ];
        rest.into_iter().fold(filled, |path, (name, value)| {
            let value = match name {
                "{absence}" | "{correction}" => self.of(value),
                _ => value,
            };
            path.replace(name, value)
        })
    }
    fn of(&self, head: &str) -> &str {
        let mut all = self.0.iter();
        all.find(|(held, _)| *held == head)
            .map_or("nothing", |(_, value)| value)
    }
}

/// Makes one of each thing by the pages that make it.
async fn things(app: &testkit::TestApp) -> Things {
    let last = |path: String| path.rsplit('/').next().unwrap_or_default().to_owned();
    let lan = app.as_(LAN);
    let fields = plan(&[("do", "call")]);
    let asks = lan.post("/meetings/new", &fields).await.expects(303);
    let asks = asks.location();
    lan.post(&asks, &[]).await.expects(303);
    let meeting = last(asks.replace("/calling", ""));
    app.as_(HOA)
        .post(&format!("/meetings/{meeting}/answer"), &[("answer", "no")])
        .await
        .expects(303);
    let page = lan.get(&format!("/meetings/{meeting}")).await.expects(200);
    let absence = last(page.attributes("#absences form", "action").remove(0));
    let said = [
        ("field", "birth_on"),
        ("value", "20/5/1954"),
        ("reason", "theo giấy khai sinh"),
    ];
    let hoa = app.as_(HOA);
    hoa.post("/me/corrections/new", &said).await.expects(303);
    let article = [
        ("section", "section-study"),
        ("title", "Tin một"),
        ("body", "Nội dung."),
        ("lead", "Mở đầu."),
    ];
    let thu = app.as_(THU);
    let moves = [
        ("to", "cell-a"),
        ("kind", "official"),
        ("letter_on", "20/11/2026"),
        ("row_version", "1"),
    ];
    let moves = thu.post("/members/tuan/transfer", &moves).await;
    moves.expects(303);
    let goes = [
        ("body_name", "Đảng ủy phường Xa"),
        ("letter_on", "20/11/2026"),
        ("row_version", "1"),
    ];
    let goes = thu.post("/members/minh/departure", &goes).await;
    goes.expects(303);
    let body = [("name", "Văn phòng"), ("from_on", "01/01/2026")];
    thu.post("/bodies/new", &body).await.expects(303);
    let article = last(
        thu.post("/news/new", &article)
            .await
            .expects(303)
            .location(),
    );
    thu.press(
        &format!("/news/{article}"),
        &format!("/news/{article}/publishing"),
    )
    .await
    .expects(303);
    let list: &[(&str, &str, &[u8])] =
        &[("files", "ds.csv", "Họ và tên\nĐinh Văn Một\n".as_bytes())];
    let upload = last(
        thu.post_files("/units/cell-a/import", list)
            .await
            .expects(303)
            .location(),
    );
    let text: &[(&str, &str, &[u8])] = &[(
        "files",
        "mot.md",
        "# Quy định về họp\n\nMỗi tháng một kỳ.\n".as_bytes(),
    )];
    let sent = thu
        .post_files("/documents/import", text)
        .await
        .expects(303)
        .location();
    app.works().await;
    thu.post(&format!("{sent}/application"), &[])
        .await
        .expects(303);
    app.works().await;
    let one = async |text: &'static str| -> String {
        let row: (String,) = db::sql(text).one(app.site.db.read()).await.unwrap();
        row.0
    };
    let spec = books::build::Spec {
        title: "Chuyện kể".to_owned(),
        chapters: vec![books::build::Chapter {
            title: "Một".to_owned(),
            name: "mot".to_owned(),
            markdown: "# Một\n\nNgày xưa.\n".to_owned(),
        }],
        identifier: "urn:test:1".to_owned(),
        language: "vi".to_owned(),
        modified: "2026-01-01T00:00:00Z".to_owned(),
        ..Default::default()
    };
    let by = library::Importing::by(site::Operator::at("test"));
    let bytes = books::build::epub(&spec).unwrap();
    let title = library::import::add_built(&app.site, &by, "kho", bytes)
        .await
        .unwrap();
    app.works().await;
    Things(vec![
        ("/meetings/", meeting),
        ("absence", absence),
        ("correction", one("select id from people_correction").await),
        (
            "/me/corrections/{",
            one("select id from people_correction").await,
        ),
        ("/news/", article),
        ("/articles/", one("select slug from news_article").await),
        (
            "/sections/",
            one("select slug from news_section order by slug limit 1").await,
        ),
        ("/uploads/", upload),
        (
            "/documents/",
            one("select id from documents_document").await,
        ),
        (
            "/api/v1/documents/",
            one("select id from documents_document").await,
        ),
        ("/library/shelves/", "kho".to_owned()),
        ("/library/titles/", title.to_string()),
        ("/api/v1/titles/", title.to_string()),
        (
            "/notices/",
            one("select id from notices_notice where member_id = 'hoa'").await,
        ),
        ("/units/", "cell-a".to_owned()),
        ("/members/", "hoa".to_owned()),
        ("/transfers/", one("select id from people_transfer").await),
        ("/departures/", one("select id from people_outside").await),
        ("/bodies/", one("select id from people_body").await),
    ])
}

/// The statuses of one route for everyone, from who may least to who may most.
async fn answers(app: &testkit::TestApp, method: &str, path: &str) -> String {
    let mut line = String::new();
    let people = [HOA, TUAN, MINH, LAN, THU, BINH];
    for who in std::iter::once(None).chain(people.into_iter().map(Some)) {
        let browser = who.map_or_else(|| app.stranger(), |who| app.as_(who));
        let reply = if method == "GET" {
            browser.get(path).await
        } else {
            browser.post(path, &[]).await
        };
        let status = reply.status.as_u16();
        assert!(status < 500, "{method} {path}: {status}\n{}", reply.body());
        line.push_str(&format!(" {status}"));
    }
    line
}

/// A valid token, no field: what each may do with real things, told by its status. Acts are tried on a
/// handbook of their own each.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_over_real_things_answers_everyone_for_a_reason() {
    testkit::on_both(crate::wiring::rooms, async |app| {
        let things = things(&app).await;
        let routes = all_routes();
        let mut told = std::collections::BTreeMap::new();
        // Pages first: the first copy closes the handbook that it was made from.
        for (nth, (_, row)) in routes.iter().enumerate() {
            if row.method == "GET" {
                told.insert(nth, answers(&app, row.method, &things.fill(row.path)).await);
            }
        }
        for (nth, (_, row)) in routes.iter().enumerate() {
            if row.method != "GET" {
                let own = app.again(crate::wiring::rooms()).await;
                told.insert(nth, answers(&own, row.method, &things.fill(row.path)).await);
                own.ends().await;
            }
        }
        let mut table = String::from(
            "# method path: stranger hoa tuan minh lan thu binh (cell-a and what its secretary, the office and hoa made; acts with a valid token and no field)\n",
        );
        for (nth, (_, row)) in routes.iter().enumerate() {
            table.push_str(&format!("{} {}:{}\n", row.method, row.path, told[&nth]));
        }
        same_as_kept("docs/routes-real.txt", &table);
    })
    .await;
}

/// What is wrong with the pages that these people may open, one line a page and flaw.
async fn flaws(app: &testkit::TestApp, things: &Things) -> Vec<String> {
    let mut found = std::collections::BTreeSet::new();
    for (_, row) in all_routes() {
        // Files, feeds and addresses for programs are no pages.
        if row.method != "GET" || row.path.starts_with("/api") || row.path.starts_with("/assets") {
            continue;
        }
        let path = things.fill(row.path);
        for who in [
            None,
            Some(HOA),
            Some(TUAN),
            Some(MINH),
            Some(LAN),
            Some(THU),
            Some(BINH),
        ] {
            let browser = who.map_or_else(|| app.stranger(), |who| app.as_(who));
            let page = browser.get(&path).await;
            if page.status.as_u16() != 200 {
                continue;
            }
            for flaw in page.flaws() {
                found.insert(format!("{}: {flaw}", row.path));
            }
            if who.is_some() && page.marked_places() == Some(0) {
                found.insert(format!("{}: no place of the menu is marked", row.path));
            }
        }
    }
    found.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_marks_one_place_names_its_fields_and_has_something_under_each_heading() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        // A house in which nothing was made yet, then one with one of each.
        let bare = Things(vec![
            ("/units/", "cell-a".to_owned()),
            ("/members/", "hoa".to_owned()),
        ]);
        assert_eq!(
            flaws(&app, &bare).await,
            Vec::<String>::new(),
            "in a bare house"
        );
        let things = things(&app).await;
        assert_eq!(
            flaws(&app, &things).await,
            Vec::<String>::new(),
            "with one of each"
        );
    })
    .await;
}
