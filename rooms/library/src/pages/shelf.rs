//! A whole shelf as a wall of covers, sixty a page, by title or newest first.

use crate::store::{self, ShelfRow, reaching};
use crate::wall::{self, PAGE, Sort, Wall, Walls};
use askama::Template;
use axum::extract::{Extension, Path, Query, State};
use site::Site;
use site::room::importer::{self, ImportLink};
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
    import: Option<ImportLink>,
}

pub(crate) async fn get(
    State(site): State<Site>,
    Extension(walls): Extension<Arc<Walls>>,
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
    let view = wall::view(&walls, &site, &shelf, &reach).await?;
    let paging = Paging::new(
        asked.page.parse().unwrap_or(1),
        PAGE,
        view.count().await?,
        base,
    );
    let sort = if newest { Sort::Newest } else { Sort::Title };
    let wall = view.wall(sort, paging.offset(), PAGE).await?;
    let patterns = wall::patterns([&wall]);
    let import = importer::link(&site, &who.0, "/library/shelves/{slug}/import", &slug).await;
    frame.html(&Page {
        import,
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
    use testkit::{HOA, LAN, TUAN, UNIT_CELL_B};

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
                let audience = format!("unit:{UNIT_CELL_B}");
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
                        .all(|entry| entry.also == [audience.clone()])
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

    #[tokio::test(flavor = "multi_thread")]
    async fn a_unit_that_moves_keeps_what_is_its_own_and_loses_the_shelf_above() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                use testkit::{UNIT_BLOC, UNIT_CELL_A, UNIT_COMMITTEE};
                // A shelf of the committee with a title for cell A alone, and a shelf of the cell.
                let above = format!("unit:{UNIT_COMMITTEE}");
                let own = format!("unit:{UNIT_CELL_A}");
                let id = made::shelve_for(
                    &app,
                    "chung",
                    &above,
                    &made::two_chapters("urn:uuid:0001", "Chuyện kể"),
                )
                .await;
                app.sets("update library_title set audience = 'unit:cell-a'")
                    .await;
                let mine = made::shelve_for(
                    &app,
                    "rieng",
                    &own,
                    &made::two_chapters("urn:uuid:0002", "Việc nhà"),
                )
                .await;
                app.catch_up().await;
                let sees = async |who: testkit::Character, title: &str, may: bool| {
                    let status = if may { 200 } else { 404 };
                    let page = app.as_(who).get(&format!("/library/titles/{title}")).await;
                    page.expects(status);
                    let visitor = web::Visitor {
                        signed_in: Some(std::sync::Arc::new(app.signed_in(who))),
                    };
                    let reach = search::Reach::of(site::reach_of(&visitor, app.today()));
                    let hits = app
                        .site
                        .index
                        .find(search::Query::new("cả xóm ra vườn", reach));
                    let found = hits.await.unwrap().hits;
                    let found = found.iter().any(|hit| hit.url.contains(title));
                    assert_eq!(found, may, "{} {title}", who.name);
                };
                for (who, title, may) in [
                    (LAN, &id, true),
                    (LAN, &mine, true),
                    (TUAN, &id, false),
                    (TUAN, &mine, false),
                ] {
                    sees(who, title, may).await;
                }
                app.moves(UNIT_CELL_A, UNIT_BLOC).await;
                sees(LAN, &id, false).await;
                sees(LAN, &mine, true).await;
                sees(TUAN, &id, false).await;
            },
        )
        .await;
    }
}
