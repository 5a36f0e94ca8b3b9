//! The front page: banner, the newest article large, others, documents newly published, counters.
//!
//! Kept whole in memory until something changes (`desk`).

use super::{Asking, Card, Shell, cards, page_number};
use crate::desk::{Asked, Desk, Kept, Kind};
use crate::store;
use askama::Template;
use axum::extract::{Extension, Query, State};
use kernel::Day;
use kernel::error::{Error, Result};
use site::Site;
use std::sync::Arc;
use web::paging::Paging;
use web::{Answer, Frame};

/// Articles a page.
const PAGE: i64 = 12;
/// Articles beside the large one.
const BESIDE: usize = 3;

struct PaperView {
    url: String,
    title: String,
    when: String,
}

#[derive(Template)]
#[template(path = "news/front.html")]
struct Page {
    frame: Frame,
    shell: Shell,
    banner: String,
    banner_text: String,
    lead: Option<Card>,
    beside: Vec<Card>,
    papers: Vec<PaperView>,
    left: Vec<Card>,
    right: Vec<Card>,
    paging: Paging,
}

pub(crate) async fn get(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    asked: Asked,
    Query(asking): Query<Asking>,
) -> Answer {
    let number = page_number(&asking.page);
    let kept = match desk.find(Kind::Front, &frame, &number.to_string()) {
        Some(kept) => kept,
        None => {
            let version = desk.version();
            let (number, kept) = draw(&site, &desk, &frame, number).await?;
            desk.keep(Kind::Front, &frame, number.to_string(), version, kept)
        }
    };
    Ok(desk.answer(&site, &frame, &asked, &kept))
}

async fn draw(site: &Site, desk: &Desk, frame: &Frame, number: i64) -> Result<(i64, Kept)> {
    let paging = Paging::new(number, PAGE, store::count_stories(site, None).await?, "/");
    let stories = store::list_stories(site, None, paging.size, paging.offset()).await?;
    let (all, contents) = cards(site, desk, frame, stories).await?;
    let mut all = all.into_iter();
    let is_first = paging.page == 1;
    let lead = if is_first { all.next() } else { None };
    let beside: Vec<Card> = all
        .by_ref()
        .take(if is_first { BESIDE } else { 0 })
        .collect();
    let mut left: Vec<Card> = all.collect();
    let right = left.split_off(left.len().div_ceil(2));
    let settings = store::settings(site).await?;
    let setting = |name: &str| settings.get(name).cloned().unwrap_or_default();
    let banner = setting("portal.banner")
        .get(..12)
        .map_or_else(String::new, |head| format!("/portal/banner?v={head}"));
    let papers = if is_first {
        store::list_papers(site).await?
    } else {
        Vec::new()
    };
    let page = Page {
        frame: frame.clone(),
        shell: Shell::of(site, "/").await?,
        banner,
        banner_text: setting("portal.banner_text"),
        lead,
        beside,
        papers: papers
            .into_iter()
            .map(|paper| PaperView {
                url: format!("/documents/{}", paper.document_id),
                title: paper.title,
                when: paper
                    .issued_on
                    .parse()
                    .map_or_else(|_| paper.issued_on.clone(), |day: Day| frame.day(&day)),
            })
            .collect(),
        left,
        right,
        paging,
    };
    let html = page.render().map_err(Error::fault)?;
    let number = page.paging.page;
    Ok((number, Kept::cut(&html, frame, &contents, None)))
}

#[cfg(test)]
mod tests {
    use crate::tests::{FIREFOX, article, bring, count_up};
    use testkit::{LAN, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_passer_by_reads_the_front_page() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let empty = app.stranger().get("/").await.expects(200);
                assert!(empty.has(".empty"));
                for day in 1..=15 {
                    bring(&app, &article(&format!("Bài số {day}"), day)).await;
                }
                let page = app.stranger().get("/").await.expects(200);
                assert_eq!(page.text(".lead-story h2"), "Bài số 15");
                assert_eq!(page.all(".story").len(), 12);
                assert_eq!(page.all("nav.sections a").len(), 5);
                assert!(page.has_button("Đăng nhập"));
                assert_eq!(page.attributes("a[rel=next]", "href"), ["/?page=2"]);
                let second = app.stranger().get("/?page=2").await.expects(200);
                assert_eq!(second.all(".story").len(), 3);
                assert!(!second.has(".lead-story"));
                let member = app.as_(LAN).get("/").await.expects(200);
                assert!(member.has_button("Hôm nay") && !member.has_button("Đăng nhập"));
                assert_eq!(member.header("cache-control"), "no-store");
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_new_article_is_there_at_once_and_a_look_is_not_shared() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.stranger().get("/").await.expects(200);
                bring(&app, &article("Tin mới nhất", 3)).await;
                let dark = app
                    .stranger()
                    .header("cookie", "sotay_look=en.dark.large")
                    .get("/")
                    .await
                    .expects(200);
                assert_eq!(dark.attributes("html", "data-theme"), ["dark"]);
                assert_eq!(dark.attributes("html", "lang"), ["en"]);
                let light = app.stranger().get("/").await;
                assert_eq!(light.text(".lead-story h2"), "Tin mới nhất");
                assert!(light.attributes("html", "data-theme").is_empty());
                assert!(!light.body().contains('\u{1}'));
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_unchanged_page_is_not_sent_again() {
        on_both(
            || vec![crate::room()],
            async |app| {
                bring(&app, &article("Một", 3)).await;
                count_up(&app, "/articles/mot").await;
                app.later(2_000);
                let page = app.stranger().get("/").await.expects(200);
                let tag = page.header("etag").to_owned();
                assert!(tag.starts_with("W/\""));
                app.stranger()
                    .header("if-none-match", &tag)
                    .get("/")
                    .await
                    .expects(304);
                app.stranger()
                    .header("if-none-match", &tag)
                    .header("cookie", "sotay_look=dark")
                    .get("/")
                    .await
                    .expects(200);
                app.stranger()
                    .header("user-agent", FIREFOX)
                    .header("x-who", "2")
                    .get("/articles/mot")
                    .await
                    .expects(200);
                app.later(61_000);
                count_up(&app, "/articles/mot").await;
                app.stranger()
                    .header("if-none-match", &tag)
                    .get("/")
                    .await
                    .expects(200);
            },
        )
        .await;
    }
}
