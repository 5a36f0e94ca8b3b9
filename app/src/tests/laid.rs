//! Papers of a meeting with the rooms as they are: a title of the library stands on an agenda.

use super::plan;
use books::build::{Chapter, Spec, epub};
use testkit::{HOA, LAN, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn a_title_of_the_library_stands_on_an_agenda_and_is_named_only_to_whom_it_is_for() {
    on_both(crate::wiring::rooms, async |app| {
        let by = library::Importing::default();
        let new = library::shelf::NewShelf {
            slug: "kho".into(),
            name: "Tủ sách thử".into(),
            audience: "members".parse().unwrap(),
            ..Default::default()
        };
        library::shelf::ensure(&app.site, &by, &new).await.unwrap();
        let book = epub(&Spec {
            identifier: "urn:uuid:0001".into(),
            title: "Chuyện kể ở tổ".into(),
            language: "vi".into(),
            modified: "2026-11-01T00:00:00Z".into(),
            chapters: vec![Chapter {
                name: "mot".into(),
                title: "Chương một".into(),
                markdown: "# Chương một\n\nCả xóm ra vườn.\n".into(),
            }],
            ..Spec::default()
        })
        .unwrap();
        let id = (library::import::add_built(&app.site, &by, "kho", book).await)
            .unwrap()
            .to_string();
        app.catch_up().await;
        let word = format!("title:{id}");
        let sends = async |last: &[(&'static str, String)]| {
            let last: Vec<(&str, &str)> = last.iter().map(|(n, v)| (*n, v.as_str())).collect();
            app.as_(LAN).post("/meetings/new", &plan(&last)).await
        };
        let form = sends(&[("q", "chuyện kể".into()), ("do", "find".into())]).await;
        let offered = form.expects(200).attributes("input[name=paper]", "value");
        assert_eq!(offered, std::slice::from_ref(&word));
        let to = sends(&[("paper", word), ("do", "call".into())])
            .await
            .expects(303)
            .location();
        app.as_(LAN).post(&to, &[]).await.expects(303);
        let to = to.replace("/calling", "");
        let page = app.as_(HOA).get(&to).await.expects(200);
        let shown = page.attributes(".files a", "href");
        assert_eq!(shown, [format!("/library/titles/{id}")]);

        app.sets("update library_shelf set audience = 'unit:cell-b'")
            .await;
        let page = app.as_(HOA).get(&to).await.expects(200);
        assert!(!page.body().contains("Chuyện kể ở tổ") && !page.body().contains(&id));
        let paper = app.as_(HOA).get(&format!("{to}/print")).await;
        assert!(!paper.body().contains("Chuyện kể ở tổ"));

        let mine = app
            .as_(HOA)
            .get("/me/record.json")
            .await
            .expects(200)
            .json();
        assert!(mine["rooms"].get("library").is_some(), "{mine}");
        assert!(mine["rooms"].get("meetings").is_some(), "{mine}");
    })
    .await;
}
