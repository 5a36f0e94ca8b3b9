//! Every route as everyone, compared with a committed table; every act forged.

use super::same_as_kept;
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
        for room in crate::wiring::rooms() {
            for row in room.routes.rows() {
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
        }
        same_as_kept("docs/routes-walk.txt", &table);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_sent_by_another_site_is_refused_whatever_it_carries() {
    testkit::on_sqlite(crate::wiring::rooms, async |app| {
        for room in crate::wiring::rooms() {
            for row in room.routes.rows().iter().filter(|row| row.method == "POST") {
                let reply = app
                    .as_(LAN)
                    .header("sec-fetch-site", "cross-site")
                    .post(&filled(row.path), &[])
                    .await;
                assert_eq!(reply.status.as_u16(), 403, "{}", row.path);
            }
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
        for row in crate::wiring::rooms()
            .iter()
            .flat_map(|room| room.routes.rows())
            .filter(|row| {
                // Two take files: forms of parts, each with a cap of its own.
                let takes_file = row.path.ends_with("/photo") || row.path.ends_with("/invitation");
                row.method == "POST" && !takes_file
            })
        {
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
