//! The library's first page: what one is reading, then each shelf as a strip of covers.
//! Not here: a whole shelf (`shelf`).

use crate::place::{self, Reading};
use crate::store::{self, ShelfRow, reaching};
use crate::wall::{self, STRIP, Sort, Wall, Walls};
use askama::Template;
use axum::extract::{Extension, State};
use site::Site;
use std::sync::Arc;
use web::{Answer, Frame, Member};

struct Strip {
    shelf: ShelfRow,
    count: i64,
    wall: Arc<Wall>,
}

#[derive(Template)]
#[template(path = "library/library.html")]
struct Page {
    frame: Frame,
    reading: Option<Reading>,
    patterns: String,
    strips: Vec<Strip>,
    may_add: bool,
}

pub(crate) async fn get(
    State(site): State<Site>,
    Extension(walls): Extension<Arc<Walls>>,
    frame: Frame,
    who: Member,
) -> Answer {
    let reach = super::reach(&who, frame.today());
    let reading = place::latest(&site, &who.actor.member, &reach).await?;
    let shelves: Vec<ShelfRow> = reaching(store::SHELVES, &reach)
        .within()
        .all(site.db.read())
        .await?;
    let mut strips = Vec::with_capacity(shelves.len());
    for shelf in shelves {
        let view = wall::view(&walls, &site, &shelf, &reach).await?;
        let (count, wall) = (view.count().await?, view.wall(Sort::Title, 0, STRIP).await?);
        strips.push(Strip { shelf, count, wall });
    }
    let patterns = wall::patterns(strips.iter().map(|strip| &strip.wall));
    let may_add = !crate::access::shelvable(&who.actor, frame.today()).is_empty();
    frame.html(&Page {
        frame: frame.clone(),
        reading,
        patterns,
        strips,
        may_add,
    })
}

#[cfg(test)]
mod tests {
    use crate::made;
    use testkit::{HOA, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn shelves_stand_with_their_covers_and_an_empty_library_says_so() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let page = app.as_(HOA).get("/library").await.expects(200);
                assert_eq!(page.text("h1"), "Tủ sách");
                assert!(
                    page.has(".empty"),
                    "an empty library says what will stand here"
                );
                made::shelve(
                    &app,
                    "tu-sach",
                    &made::plain("urn:a", "Sổ việc tốt", "Một hai ba."),
                )
                .await;
                let page = app.as_(HOA).get("/library").await.expects(200);
                assert_eq!(page.all(".wall .ttl"), ["Sổ việc tốt"]);
                assert!(page.has(".wall svg.cover, .wall img.cover"));
                assert_eq!(page.attributes("form[role=search]", "action"), ["/search"]);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_i_read_stands_on_my_page_and_on_nobody_elses() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let id =
                    made::shelve(&app, "tu-sach", &made::two_chapters("urn:a", "Chuyện kể")).await;
                app.as_(HOA)
                    .get(&format!("/library/titles/{id}/sections/2"))
                    .await
                    .expects(200);
                let mine = app.as_(HOA).get("/library").await.expects(200);
                let tab = mine.attributes("form.searchbox input[name=kind]", "value");
                assert_eq!(
                    tab,
                    [crate::room().finds[0].group],
                    "a tab that search knows"
                );
                assert_eq!(mine.text(".reading h3"), "Chuyện kể");
                assert_eq!(
                    mine.attributes(".reading a.btn", "href"),
                    [format!("/library/titles/{id}/sections/2")]
                );
                assert!(
                    !app.as_(TUAN)
                        .get("/library")
                        .await
                        .expects(200)
                        .has(".reading")
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_stranger_is_asked_to_sign_in() {
        testkit::on_sqlite(
            || vec![crate::room()],
            async |app| {
                for path in [
                    "/library",
                    "/library/shelves/x",
                    "/library/titles/x",
                    "/library/titles/x/sections/1",
                ] {
                    let reply = app.stranger().get(path).await.expects(303);
                    assert!(reply.location().starts_with("/sign-in?next="), "{path}");
                }
            },
        )
        .await;
    }
}
