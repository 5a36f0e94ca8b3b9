//! A whole shelf as a wall of covers, sixty a page, by title or newest first.

use crate::store::{self, ShelfRow, reaching};
use crate::wall::{self, PAGE, Sort, Wall};
use askama::Template;
use axum::extract::{Path, Query, State};
use site::Site;
use std::sync::Arc;
use web::paging::Paging;
use web::{Answer, Frame, Member};

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    sort: String,
    #[serde(default)]
    page: String,
}

#[derive(Template)]
#[template(path = "library/shelf.html")]
struct Page {
    frame: Frame,
    shelf: ShelfRow,
    paging: Paging,
    newest: bool,
    patterns: String,
    wall: Arc<Wall>,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let reach = super::reach(&who, frame.today());
    let shelf: ShelfRow = reaching(store::SHELF, &reach)
        .bind(&slug)
        .within()
        .one(site.db.read())
        .await?;
    let newest = asked.sort == "new";
    let base = if newest {
        format!("/library/shelves/{slug}?sort=new")
    } else {
        format!("/library/shelves/{slug}")
    };
    let view = wall::view(&site, &shelf, &reach).await?;
    let paging = Paging::new(
        asked.page.parse().unwrap_or(1),
        PAGE,
        view.count().await?,
        base,
    );
    let sort = if newest { Sort::Newest } else { Sort::Title };
    let wall = view.wall(sort, paging.offset(), PAGE).await?;
    let patterns = wall::patterns([&wall]);
    frame.html(&Page {
        frame: frame.clone(),
        shelf,
        paging,
        newest,
        patterns,
        wall,
    })
}

#[cfg(test)]
mod tests {
    use crate::made;
    use testkit::{HOA, LAN, TUAN, UNIT_CELL_B, path_of};

    #[tokio::test(flavor = "multi_thread")]
    async fn titles_stand_the_vietnamese_way_even_when_their_marks_are_apart() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                // "Ăn" and "Đi" with their marks apart, as many files store them.
                for (nth, title) in [
                    "Zích zắc",
                    "A\u{306}n no\u{302}i",
                    "Đi bộ",
                    "Dạy con",
                    "An toàn",
                ]
                .iter()
                .enumerate()
                {
                    app.later(1_000);
                    made::shelve(
                        &app,
                        "kho",
                        &made::plain(&format!("urn:{nth}"), title, &format!("Chữ số {nth}.")),
                    )
                    .await;
                }
                let page = app.as_(LAN).get("/library/shelves/kho").await.expects(200);
                assert_eq!(
                    page.all(".wall .ttl"),
                    ["An toàn", "Ăn nôi", "Dạy con", "Đi bộ", "Zích zắc"]
                );
                let newest = app
                    .as_(LAN)
                    .get("/library/shelves/kho?sort=new")
                    .await
                    .expects(200);
                assert_eq!(newest.all(".wall .ttl")[0], "An toàn");
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_shelf_of_another_unit_is_not_there_in_any_way() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let audience = format!("unit:{}", path_of(UNIT_CELL_B));
                let book = made::pictured("urn:hidden", "Sách của chi bộ kia");
                let id = made::shelve_for(&app, "rieng", &audience, &book).await;
                let here = |path: &str| format!("/library/titles/{id}{path}");
                let ways = ["", "/sections/1", "/cover", "/resources/r2", "/edit"];
                for path in ways.iter().take(4) {
                    app.as_(TUAN).get(&here(path)).await.expects(200);
                }
                app.as_(TUAN)
                    .get("/library/shelves/rieng")
                    .await
                    .expects(200);
                app.as_(LAN)
                    .get("/library/shelves/rieng")
                    .await
                    .expects(404);
                for path in ways {
                    app.as_(LAN).get(&here(path)).await.expects(404);
                }
                app.as_(LAN)
                    .post(&here("/place"), &[("section", "1"), ("fraction", "0.5")])
                    .await
                    .expects(404);
                assert!(
                    !app.as_(LAN)
                        .get("/library")
                        .await
                        .expects(200)
                        .body()
                        .contains("chi bộ kia")
                );
                let token = app
                    .stranger()
                    .header("authorization", "Bearer test-lan:titles");
                token
                    .get(&format!("/api/v1/titles/{id}"))
                    .await
                    .expects(404);
                // The search index has it under that unit's token alone.
                let feed = crate::feed::FEED;
                let items = (feed.load)(app.site.clone(), vec![id.clone()])
                    .await
                    .unwrap();
                assert!(
                    items[0]
                        .entries
                        .iter()
                        .all(|entry| entry.audience == [audience.clone()])
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_wall_is_paged_and_a_new_title_shows_at_once() {
        testkit::on_sqlite(
            || vec![crate::room()],
            async |app| {
                for nth in 0..61 {
                    made::shelve(
                        &app,
                        "kho",
                        &made::plain(
                            &format!("urn:{nth}"),
                            &format!("Tập {nth}"),
                            &format!("Chữ {nth}."),
                        ),
                    )
                    .await;
                }
                let page = app.as_(HOA).get("/library/shelves/kho").await.expects(200);
                assert_eq!(page.all(".wall .ttl").len(), 60);
                assert_eq!(page.all(".wall .ttl")[2], "Tập 2", "numbers as numbers");
                let last = app
                    .as_(HOA)
                    .get("/library/shelves/kho?page=2")
                    .await
                    .expects(200);
                assert_eq!(last.all(".wall .ttl"), ["Tập 60"]);
                made::shelve(&app, "kho", &made::plain("urn:z", "Tập 99", "Chữ cuối.")).await;
                let last = app
                    .as_(HOA)
                    .get("/library/shelves/kho?page=2")
                    .await
                    .expects(200);
                assert_eq!(last.all(".wall .ttl").len(), 2);
            },
        )
        .await;
    }
}
