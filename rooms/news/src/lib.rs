//! The portal: the public front page, articles with their newsroom, and counters that know nobody.
//!
//! Anyone reads; content editors write; content approvers publish. Pages for the public are kept in
//! memory (`desk`) and only their numbers are filled in per request.
//! Not here: official documents (`documents`), the search page. Published for others:
//! [`import_article`], [`import_banner`], [`may_enter`].

mod access;
mod article;
mod background;
mod counting;
mod demo;
mod desk;
mod feed;
pub mod id;
mod import;
mod markdown;
mod pages;
mod picture;
mod sizes;
mod store;
mod today;

pub use import::{NewArticle, NewPhoto, import_article, import_banner};

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler as _;
use kernel::{Actor, Cap, Day};
use site::Room;
use site::room::{OfFile, OfPerson, OfUnit, PersonFate, UnitFate};
use std::sync::Arc;
use web::{Access, Routes};

/// Whether the newsroom (`/news`) has anything for this member: for menus.
pub fn may_enter(actor: &Actor, on: Day) -> bool {
    actor.may_somewhere(Cap::ContentWrite, on) || actor.may_somewhere(Cap::ContentPublish, on)
}

/// The room, for `app` and for tests.
pub fn room() -> Room {
    let desk = Arc::new(desk::Desk::default());
    let mut room = Room::new(
        "news",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    room.routes = Routes::new()
        .get("/", Access::Public, pages::front::get)
        .get("/sections/{slug}", Access::Public, pages::section::get)
        .get("/articles/{slug}", Access::Public, pages::article::get)
        .get(
            "/articles/{slug}/photo",
            Access::Public,
            pages::media::photo,
        )
        .get(
            "/articles/{slug}/photos/{photo}",
            Access::Public,
            pages::media::further,
        )
        .get("/portal/banner", Access::Public, pages::media::banner)
        .get("/feed.atom", Access::Public, pages::atom::get)
        .get("/privacy", Access::Public, pages::about::privacy)
        .get("/contact", Access::Public, pages::about::contact)
        .get("/admin/portal", Access::Member, pages::portal::get)
        .post_long("/admin/portal", Access::Member, pages::portal::post)
        .post_file(
            "/admin/portal/banner",
            Access::Member,
            pages::portal::post_banner
                .layer(DefaultBodyLimit::max(pages::photo::MOST_BYTES + 64 * 1024)),
        )
        .get("/news", Access::Member, pages::newsroom::get)
        .get("/news/new", Access::Member, pages::edit::get_new)
        .post_long("/news/new", Access::Member, pages::edit::post_new)
        .get("/news/{id}", Access::Member, pages::show::get)
        .get("/news/{id}/edit", Access::Member, pages::edit::get)
        .post_long("/news/{id}/edit", Access::Member, pages::edit::post)
        .get("/news/{id}/photo", Access::Member, pages::photo::get)
        .post_file(
            "/news/{id}/photo",
            Access::Member,
            pages::photo::post.layer(DefaultBodyLimit::max(pages::photo::MOST_BYTES + 64 * 1024)),
        )
        .get("/news/{id}/photos", Access::Member, pages::photos::get)
        .post_file(
            "/news/{id}/photos",
            Access::Member,
            pages::photos::post.layer(DefaultBodyLimit::max(pages::photo::MOST_BYTES + 64 * 1024)),
        )
        .get(
            "/news/{id}/photos/{photo}",
            Access::Member,
            pages::photos::get_one,
        )
        .post(
            "/news/{id}/photos/{photo}",
            Access::Member,
            pages::photos::post_one,
        )
        .post(
            "/news/{id}/publishing",
            Access::Member,
            pages::publish::post,
        )
        .get(
            "/news/{id}/withdrawal",
            Access::Member,
            pages::publish::get_withdrawal,
        )
        .post(
            "/news/{id}/withdrawal",
            Access::Member,
            pages::publish::post_withdrawal,
        )
        .knowing(&desk);
    room.places = vec![
        web::Place::tool("/news", "edit", "news-place-newsroom", 130)
            .within("/me")
            .needs(&[kernel::Cap::ContentWrite]),
        web::Place::tool("/", "news", "news-place-portal", 170),
    ];
    room.finds = vec![site::room::Find {
        kind: feed::KIND,
        icon: "news",
        text: "news-find-article",
        group: "news",
        group_text: "news-find",
        order: 30,
        is_for_members: false,
    }];
    room.statements = [store::STATEMENTS, store::photo::STATEMENTS].concat();
    room.handlers = vec![sizes::MAKING];
    room.feeds = vec![feed::FEED];
    room.demo = Some(demo::DEMO);
    room.of_key = vec![pages::atom::KEYED];
    room.of_file = vec![
        OfFile::of("news_article", "photo_sha"),
        OfFile::of("news_photo", "sha"),
        OfFile::of("news_picture_size", "sha"),
        OfFile::of("news_picture_size", "sized_sha"),
    ];
    room.of_unit = vec![OfUnit {
        table: "news_article",
        column: "unit_id",
        fate: UnitFate::Follows,
    }];
    room.of_person = ["created_by", "changed_by", "approved_by"]
        .map(|column| OfPerson {
            table: "news_article",
            column,
            fate: PersonFate::Deed,
            text: "",
        })
        .to_vec();
    let at = desk.clone();
    room.today = Some(Arc::new(move |site, frame, who| {
        today::part(site, at.clone(), frame, who)
    }));
    room.background = vec![Arc::new(move |site, stop| {
        background::run(site, desk.clone(), stop)
    })];
    room
}

#[cfg(test)]
mod tests {
    //! What the tests of this room share.

    use super::*;
    use crate::id::ArticleId;
    use axum::body::Body;
    use axum::http::Request;
    use site::Operator;
    use testkit::{Character, THU, TestApp};
    use tower::ServiceExt as _;

    pub(crate) const FIREFOX: &str =
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    /// An article that came out on that day of November 2026, at 08:15.
    pub(crate) fn article(title: &str, day: i8) -> NewArticle {
        NewArticle {
            slug: String::new(),
            title: title.into(),
            lead: "Câu mở đầu của bài.".into(),
            body_md: "Nội dung của bài.".into(),
            section: "Xây dựng tổ chức".into(),
            author: "Hà Văn Nghĩa".into(),
            source: "Chi bộ Tổ 4".into(),
            photo: None,
            published_at: Day::of(2026, 11, day).unwrap().at(8, 15),
            unit_id: None,
            is_draft: false,
        }
    }
    pub(crate) fn photo() -> NewPhoto {
        NewPhoto {
            bytes: picture::tests::small_png(),
            alt: "Ba nếp nhà bên sông".into(),
            caption: "Ngõ Giếng.".into(),
            credit: "Cao Thị Vui".into(),
        }
    }
    pub(crate) async fn bring(app: &TestApp, new: &NewArticle) -> ArticleId {
        let brought = import_article(&app.site, &Operator::at("test"), new).await;
        // What the background does each second: the portal sees what a command brought.
        let state = store::feed_state(&app.site).await.unwrap();
        app.known::<desk::Desk>().look_at_feed(state);
        brought.unwrap().0
    }
    /// Thu writes a draft.
    pub(crate) async fn draft(app: &TestApp, title: &str) -> String {
        let fields = [
            ("section", "section-study"),
            ("title", title),
            ("body", "Nội dung."),
            ("lead", "Mở đầu."),
        ];
        let reply = app.as_(THU).post("/news/new", &fields).await.expects(303);
        reply.location().strip_prefix("/news/").unwrap().to_owned()
    }
    pub(crate) async fn publish(app: &TestApp, id: &str) {
        app.as_(THU)
            .press(&format!("/news/{id}"), &format!("/news/{id}/publishing"))
            .await
            .expects(303);
    }
    /// A passer-by with an ordinary browser.
    pub(crate) async fn count_up(app: &TestApp, path: &str) {
        app.stranger().header("user-agent", FIREFOX).get(path).await;
    }
    pub(crate) async fn flush(app: &TestApp) {
        background::flush(&app.site, &app.known::<desk::Desk>())
            .await
            .unwrap();
    }
    pub(crate) async fn document(app: &TestApp, id: &str, symbol: &str, audience: &str) {
        let found = citation::find(&format!("Quyết định số {symbol}, ngày 15/6/2026"));
        let key = found[0].symbol.key();
        app.keeps_document(id, (symbol, &key), audience).await;
    }
    /// Everything that the counters have written, as one text.
    pub(crate) async fn stats_text(app: &TestApp) -> String {
        let mut out = String::new();
        for text in [
            "select content_id || ' ' || hour_at || ' ' || views || ' ' || visitors from stats_hour",
            "select day_on || ' ' || views || ' ' || visitors || ' ' || restarts from stats_site_day",
            "select name || ' ' || value from stats_total",
        ] {
            let rows: Vec<(String,)> = db::sql(text).all(app.site.db.read()).await.unwrap();
            out.extend(rows.into_iter().map(|(line,)| line + "\n"));
        }
        out
    }
    /// The bytes of a SQLite file of this app; empty on PostgreSQL.
    pub(crate) fn database_bytes(app: &TestApp, name: &str) -> Vec<u8> {
        match app.site.db.url() {
            db::Url::File(path) => std::fs::read(path.with_file_name(name)).unwrap(),
            db::Url::Server(_) => Vec::new(),
        }
    }
    /// Sends the photo form; answers the status.
    pub(crate) async fn send_photo(
        app: &TestApp,
        who: Character,
        id: &str,
        token: Option<&str>,
        bytes: &[u8],
    ) -> u16 {
        send_file(app, who, &format!("/news/{id}/photo"), token, bytes).await
    }

    /// The same to another address.
    pub(crate) async fn send_file(
        app: &TestApp,
        who: Character,
        path: &str,
        token: Option<&str>,
        bytes: &[u8],
    ) -> u16 {
        let mut body = Vec::new();
        if let Some(token) = token {
            body.extend(
                format!("--xx\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n")
                    .into_bytes(),
            );
        }
        body.extend_from_slice(
            b"--xx\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\n\r\n",
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--xx--\r\n");
        let request = Request::post(path)
            .header("content-type", "multipart/form-data; boundary=xx")
            .header("cookie", format!("sotay_session={}", who.session()))
            .body(Body::from(body))
            .unwrap();
        app.router
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .status()
            .as_u16()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_import_is_repeatable() {
        use site::import::Outcome;
        testkit::on_both(
            || vec![room()],
            async |app| {
                let mut new = article("Một", 3);
                new.photo = Some(photo());
                let (id, outcome) = import_article(&app.site, &Operator::at("test"), &new)
                    .await
                    .unwrap();
                assert_eq!(outcome, Outcome::Added);
                assert_eq!(
                    import_article(&app.site, &Operator::at("test"), &new)
                        .await
                        .unwrap(),
                    (id.clone(), Outcome::Same)
                );
                new.body_md.push_str("\n\nThêm.");
                assert_eq!(
                    import_article(&app.site, &Operator::at("test"), &new)
                        .await
                        .unwrap(),
                    (id, Outcome::Updated)
                );
                assert_eq!(app.count("select count(*) from news_article").await, 1);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_newest_stand_on_every_members_day() {
        testkit::on_both(
            || vec![room()],
            async |app| {
                for (title, day) in [("Cũ", 1), ("Vừa", 20), ("Mới", 22)] {
                    bring(&app, &article(title, day)).await;
                }
                let stories = store::list_stories(&app.site, None, today::SHOWN, 0)
                    .await
                    .unwrap();
                let titles: Vec<&str> = stories.iter().map(|story| story.title.as_str()).collect();
                assert_eq!(titles, ["Mới", "Vừa"]);
                assert_eq!(app.site.rooms.today.len(), 1);
            },
        )
        .await;
    }

    #[test]
    fn both_languages_have_the_same_sentences_and_every_one_is_used() {
        let texts = web::Texts::build(&[web::text::TEXTS, room().texts]).unwrap();
        assert_eq!(texts.keys(web::Lang::Vi), texts.keys(web::Lang::En));
        let mut source = String::new();
        let mut open = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
        while let Some(at) = open.pop() {
            for entry in std::fs::read_dir(at).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else if path
                    .extension()
                    .is_some_and(|end| end == "rs" || end == "html")
                {
                    source.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        for key in texts
            .keys(web::Lang::Vi)
            .iter()
            .filter(|key| key.starts_with("news-"))
        {
            assert!(source.contains(&format!("\"{key}\"")), "{key} is not used");
        }
        for (at, _) in source.match_indices("\"news-") {
            let key = source[at + 1..].split('"').next().unwrap();
            assert!(
                texts.has(key) || key.ends_with('-'),
                "{key} has no sentence"
            );
        }
    }
}
