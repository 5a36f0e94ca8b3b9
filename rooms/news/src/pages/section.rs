//! One section of the portal: its articles, newest first.

use super::{Asking, Card, Shell, cards, page_number};
use crate::desk::{Asked, Desk, Kept, Kind};
use crate::store::{self, Section};
use askama::Template;
use axum::extract::{Extension, Path, Query, State};
use kernel::error::{Error, Result};
use site::Site;
use std::sync::Arc;
use web::paging::Paging;
use web::{Answer, Frame};

/// Articles a page.
const PAGE: i64 = 20;

#[derive(Template)]
#[template(path = "news/section.html")]
struct Page {
    frame: Frame,
    shell: Shell,
    name: String,
    left: Vec<Card>,
    right: Vec<Card>,
    paging: Paging,
}

pub(crate) async fn get(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    asked: Asked,
    Path(slug): Path<String>,
    Query(asking): Query<Asking>,
) -> Answer {
    let number = page_number(&asking.page);
    let kept = match desk.find(Kind::Section, &frame, &format!("{slug} {number}")) {
        Some(kept) => kept,
        None => {
            let version = desk.version();
            let section = store::list_sections(&site)
                .await?
                .into_iter()
                .find(|held| held.slug == slug);
            let (number, kept) = draw(
                &site,
                &desk,
                &frame,
                &section.ok_or(Error::NotFound)?,
                number,
            )
            .await?;
            desk.keep(
                Kind::Section,
                &frame,
                format!("{slug} {number}"),
                version,
                kept,
            )
        }
    };
    Ok(desk.answer(&site, &frame, &asked, &kept))
}

async fn draw(
    site: &Site,
    desk: &Desk,
    frame: &Frame,
    section: &Section,
    number: i64,
) -> Result<(i64, Kept)> {
    let total = store::count_stories(site, Some(&section.id)).await?;
    let paging = Paging::new(number, PAGE, total, format!("/sections/{}", section.slug));
    let stories =
        store::list_stories(site, Some(&section.id), paging.size, paging.offset()).await?;
    let (mut left, contents) = cards(site, desk, frame, stories).await?;
    let right = left.split_off(left.len().div_ceil(2));
    let page = Page {
        frame: frame.clone(),
        shell: Shell::of(site, &section.slug).await?,
        name: section.name.clone(),
        left,
        right,
        paging,
    };
    let html = page.render().map_err(Error::fault)?;
    Ok((page.paging.page, Kept::cut(&html, frame, &contents, None)))
}

#[cfg(test)]
mod tests {
    use crate::tests::{article, bring};
    use testkit::on_both;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_section_holds_only_its_own() {
        on_both(
            || vec![crate::room()],
            async |app| {
                bring(&app, &article("Bài này", 3)).await;
                let mut other = article("Bài kia", 4);
                other.section = "Gương sáng".into();
                bring(&app, &other).await;
                let page = app
                    .stranger()
                    .get("/sections/guong-sang")
                    .await
                    .expects(200);
                assert_eq!(page.text("h1"), "Gương sáng");
                assert_eq!(page.all(".story h3"), ["Bài kia"]);
                assert_eq!(page.all("nav.sections a[aria-current]"), ["Gương sáng"]);
                assert!(
                    app.stranger()
                        .get("/sections/hoi-dap")
                        .await
                        .expects(200)
                        .has(".empty")
                );
                app.stranger().get("/sections/khong-co").await.expects(404);
            },
        )
        .await;
    }
}
