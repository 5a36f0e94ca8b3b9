//! Reading an article: title, photo with caption and credit, text with linked citations, views, source.
//!
//! Drawn once for each language and kept (`desk`); a request fills in the numbers and counts a view.
//! The surprising rule: links reach only what **every** reader of the kept page may see, so a member
//! gets links to members' documents, and nobody gets links to a unit's own.

use super::{Shell, when};
use crate::desk::{Asked, Desk, Kept, Kind, mark};
use crate::markdown;
use crate::sizes;
use crate::store::photo::{Photo, Size};
use crate::store::{self, Article};
use askama::Template;
use axum::extract::{Extension, Path, State};
use kernel::error::{Error, Result};
use kernel::{Moment, Refusal};
use site::{Linker, Site};
use std::collections::HashMap;
use std::sync::Arc;
use web::{Answer, Frame};

/// A photo with its words.
pub(crate) struct Figure {
    pub(crate) url: String,
    pub(crate) set: String,
    pub(crate) alt: String,
    pub(crate) caption: String,
    pub(crate) credit: String,
    pub(crate) width: i64,
    pub(crate) height: i64,
}

impl Figure {
    fn of(frame: &Frame, photo: &Photo, url: String, sizes: &HashMap<String, Vec<Size>>) -> Figure {
        // Only an address that names its hash has copies; a draft's photos are seen by few.
        let copies = sizes.get(&photo.sha).filter(|_| url.contains("?v="));
        Figure {
            set: sizes::set(&url, photo.width, copies),
            url,
            alt: photo.alt.clone(),
            caption: photo.caption.clone(),
            credit: credit(frame, &photo.credit),
            width: photo.width,
            height: photo.height,
        }
    }
}

/// The article as its template shows it; the newsroom shows it the same way.
pub(crate) struct Sheet {
    pub(crate) title: String,
    pub(crate) lead: String,
    pub(crate) section: String,
    pub(crate) section_url: String,
    pub(crate) when: String,
    pub(crate) author: String,
    pub(crate) views: String,
    /// `hidden` while there are none.
    pub(crate) no_views: String,
    pub(crate) photo: Option<Figure>,
    pub(crate) further: Vec<Figure>,
    pub(crate) body: String,
    pub(crate) source: String,
    pub(crate) edited: String,
}

impl Sheet {
    /// Draws the text with its citations linked as far as `reach` goes. `photo` is the address of the
    /// first photo, `views` the sentence about views; both may be empty. Further photos lie beside the
    /// first.
    pub(crate) async fn of(
        site: &Site,
        frame: &Frame,
        article: &Article,
        reach: &[String],
        photo: String,
        views: String,
    ) -> Result<Sheet> {
        let linker = Linker::gather(site, reach, [article.body_md.as_str()]).await?;
        let photos = store::photo::list(site, &article.id).await?;
        let first = article.photo();
        let shas: Vec<&str> = photos
            .iter()
            .chain([&first])
            .map(|photo| photo.sha.as_str())
            .collect();
        let sizes = store::photo::list_sizes(site, &shas).await?;
        let further = photos
            .iter()
            .map(|one| Figure::of(frame, one, further_url(article, one, &photo), &sizes))
            .collect();
        let at = article.published_at;
        let edited = match article.edited_at {
            None => String::new(),
            Some(at) if article.edit_note.is_empty() => {
                frame.t1("news-article-edited", "when", &when(frame, at))
            }
            Some(at) => frame.t2(
                "news-article-edited-note",
                "when",
                &when(frame, at),
                "note",
                &article.edit_note,
            ),
        };
        Ok(Sheet {
            title: article.title.clone(),
            lead: article.lead.clone(),
            section: article.section_name.clone(),
            section_url: format!("/sections/{}", article.section_slug),
            when: at.map_or_else(String::new, |at| {
                format!(
                    "{}, {}",
                    frame.long_day(&Moment(at).day()),
                    Moment(at).clock_text()
                )
            }),
            author: article.author.clone(),
            views,
            no_views: String::new(),
            photo: (!photo.is_empty()).then(|| Figure::of(frame, &first, photo, &sizes)),
            further,
            body: markdown::html(&article.body_md, |text| linker.html(text, "")),
            source: article.source.clone(),
            edited,
        })
    }
}

/// Where a further photo is: on the portal, or in the newsroom for an article seen there.
fn further_url(article: &Article, photo: &Photo, first: &str) -> String {
    let head = photo.sha.get(..12).unwrap_or("");
    if article.is_published() && !first.starts_with("/news/") {
        return format!("/articles/{}/photos/{}?v={head}", article.slug, photo.id);
    }
    format!("/news/{}/photos/{}", article.id, photo.id)
}

/// "Ảnh: Cao Thị Vui"; a credit that says itself what it is ("Tranh: …") stays as it is.
fn credit(frame: &Frame, who: &str) -> String {
    if who.is_empty() || who.contains(':') {
        return who.to_owned();
    }
    frame.t1("news-article-credit", "who", who)
}

#[derive(Template)]
#[template(path = "news/article.html")]
struct Page {
    frame: Frame,
    shell: Shell,
    sheet: Sheet,
}

pub(crate) async fn get(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    asked: Asked,
    Path(slug): Path<String>,
) -> Answer {
    let kept = match desk.find(Kind::Article, &frame, &slug) {
        Some(kept) => kept,
        None => {
            let version = desk.version();
            let Some(article) = store::find_published(&site, &slug).await? else {
                return Err(nothing(&site, &slug).await?.into());
            };
            let kept = draw(&site, &desk, &frame, &article).await?;
            desk.keep(Kind::Article, &frame, slug, version, kept)
        }
    };
    Ok(desk.answer(&site, &frame, &asked, &kept))
}

/// Why there is nothing to read: taken off the portal, as searching machines should know, or never there.
async fn nothing(site: &Site, slug: &str) -> Result<Error> {
    if !store::is_gone(site, slug).await? {
        return Ok(Error::NotFound);
    }
    let gone = Refusal::new("news-gone").status(410);
    Ok(gone.way_out("/", "news-section-empty-go").into())
}

async fn draw(site: &Site, desk: &Desk, frame: &Frame, article: &Article) -> Result<Kept> {
    let content = desk
        .counters
        .content(&article.id, store::count_views(site, &article.id).await?);
    let mut reach = vec!["public".to_owned()];
    if frame.is_signed_in() {
        reach.push("members".to_owned());
    }
    let views = frame.t1("news-views", "n", &mark::views(&content));
    let mut sheet = Sheet::of(site, frame, article, &reach, article.photo_url(), views).await?;
    sheet.no_views = mark::no_views(&content);
    let page = Page {
        frame: frame.clone(),
        shell: Shell::of(site, &article.section_slug).await?,
        sheet,
    };
    let html = page.render().map_err(Error::fault)?;
    Ok(Kept::cut(
        &html,
        frame,
        std::slice::from_ref(&content),
        Some(content.clone()),
    ))
}

#[cfg(test)]
mod tests {
    use crate::tests::{
        FIREFOX, article, bring, count_up, database_bytes, document, flush, photo, stats_text,
    };
    use testkit::{LAN, TestApp, on_both};

    async fn views(app: &TestApp) -> String {
        app.later(1_000);
        app.stranger()
            .get("/articles/mot")
            .await
            .text(".meta .views")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_article_says_who_when_whose_and_how_often_read() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let mut new = article("Một", 3);
                new.body_md =
                    "Mở đầu **đậm**.\n\n<script>alert(1)</script>\n\n# Phần hai\n\n- a\n- b".into();
                new.photo = Some(photo());
                bring(&app, &new).await;
                let page = app.stranger().get("/articles/mot").await.expects(200);
                assert_eq!(page.text("h1"), "Một");
                assert_eq!(page.text(".sapo"), "Câu mở đầu của bài.");
                assert_eq!(page.text(".source"), "Nguồn: Chi bộ Tổ 4");
                assert_eq!(page.text("figcaption"), "Ngõ Giếng. Ảnh: Cao Thị Vui");
                assert_eq!(page.attributes("figure img", "width"), ["40"]);
                assert_eq!(page.text(".prose h2"), "Phần hai");
                assert_eq!(page.all(".prose script").len(), 0);
                assert_eq!(page.all("h1").len(), 1);
                let at = page.attributes("figure img", "src").remove(0);
                let picture = app.stranger().get(&at).await.expects(200);
                assert_eq!(picture.header("content-type"), "image/png");
                assert!(picture.header("cache-control").contains("immutable"));
                let tag = picture.header("etag").to_owned();
                app.stranger()
                    .header("if-none-match", &tag)
                    .get(&at)
                    .await
                    .expects(304);
                app.stranger().get("/articles/khong-co").await.expects(404);
                app.stranger()
                    .get("/articles/khong-co/photo")
                    .await
                    .expects(404);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_nobody_has_read_yet_shows_no_nought() {
        on_both(
            || vec![crate::room()],
            async |app| {
                bring(&app, &article("Một", 3)).await;
                let robot = app.stranger().header("user-agent", "Googlebot/2.1");
                for path in ["/", "/articles/mot"] {
                    let page = robot.get(path).await.expects(200);
                    assert_eq!(page.all(".counters > [hidden]").len(), 4, "{path}");
                    assert_eq!(page.all(".meta > [hidden]").len(), 1, "{path}");
                }
                count_up(&app, "/articles/mot").await;
                app.later(1_000); // who is there is counted once a second
                for path in ["/", "/articles/mot"] {
                    let page = robot.get(path).await.expects(200);
                    assert!(!page.has(".counters > [hidden]"), "{path}");
                    assert!(!page.has(".meta > [hidden]"), "{path}");
                }
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_view_is_counted_for_people_only() {
        on_both(
            || vec![crate::room()],
            async |app| {
                bring(&app, &article("Một", 3)).await;
                count_up(&app, "/articles/mot").await;
                assert_eq!(views(&app).await, "1 lượt xem");
                // A reload, a machine, a fetch ahead of time, a page that is not there.
                count_up(&app, "/articles/mot").await;
                app.stranger()
                    .header("user-agent", "Googlebot/2.1")
                    .get("/articles/mot")
                    .await
                    .expects(200);
                for (name, told) in [
                    ("sec-purpose", "prefetch;prerender"),
                    ("sec-purpose", "Prefetch"),
                    ("purpose", "preview"),
                    ("x-purpose", "Preview"),
                    ("x-purpose", "instant-preview"),
                    ("x-moz", "PREFETCH"),
                ] {
                    let ahead = app
                        .stranger()
                        .header("user-agent", "Mozilla/5.0 other")
                        .header(name, told);
                    ahead.get("/articles/mot").await.expects(200);
                }
                count_up(&app, "/articles/hai").await;
                assert_eq!(views(&app).await, "1 lượt xem");
                app.as_(LAN)
                    .header("user-agent", FIREFOX)
                    .get("/articles/mot")
                    .await
                    .expects(200);
                assert_eq!(views(&app).await, "2 lượt xem");
                let foot = app.stranger().get("/").await.all(".counters dd");
                assert_eq!(foot, ["2", "2", "2", "2"]);
                flush(&app).await;
                assert_eq!(app.count("select views from stats_hour").await, 2);
                assert_eq!(app.count("select visitors from stats_hour").await, 2);
                assert_eq!(app.count("select visitors from stats_site_day").await, 2);
                assert_eq!(views(&app).await, "2 lượt xem");
                // Tuesday: nobody yet, and the week goes on.
                app.later(24 * 3_600_000);
                assert_eq!(
                    app.stranger().get("/").await.all(".counters dd"),
                    ["0", "0", "2", "2"]
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_about_a_reader_reaches_the_database() {
        on_both(
            || vec![crate::room()],
            async |app| {
                bring(&app, &article("Một", 3)).await;
                let agent = "Mozilla/5.0 (unmistakable-browser-name)";
                app.stranger()
                    .header("user-agent", agent)
                    .get("/articles/mot")
                    .await
                    .expects(200);
                app.as_(LAN)
                    .header("user-agent", agent)
                    .get("/articles/mot")
                    .await
                    .expects(200);
                flush(&app).await;
                assert_eq!(app.count("select visitors from stats_site_day").await, 2);
                let kept = stats_text(&app).await;
                assert!(kept.contains("views:"));
                for told in ["unmistakable", "0.0.0.0", "lan"] {
                    assert!(!kept.contains(told), "{told} stands in {kept}");
                }
                for file in ["sotay.db", "sotay.db-wal"] {
                    let bytes = database_bytes(&app, file);
                    assert!(!bytes.windows(12).any(|part| part == b"unmistakable"));
                }
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn counting_goes_on_after_a_restart_and_the_day_says_so() {
        on_both(
            || vec![crate::room()],
            async |app| {
                bring(&app, &article("Một", 3)).await;
                count_up(&app, "/articles/mot").await;
                flush(&app).await;
                let fresh = crate::desk::Desk::default();
                crate::background::begin(&app.site, &fresh).await.unwrap();
                let figures = fresh.counters.figures(app.site.clock.now(), &app.site.dice);
                assert_eq!((figures.today, figures.week, figures.all), (1, 1, 1));
                assert_eq!(app.count("select restarts from stats_site_day").await, 1);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_citation_leads_to_what_everyone_may_read() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let mut new = article("Một", 3);
                new.body_md =
                    "Theo Quy định số 12-QĐ/ĐU, ngày 15/6/2026 và Kế hoạch số 31-KH/ĐU.".into();
                document(&app, "d1", "12-QĐ/ĐU", "public").await;
                document(&app, "d2", "31-KH/ĐU", "members").await;
                document(&app, "d3", "31-KH/ĐU", "unit:/bloc/").await;
                bring(&app, &new).await;
                let links = |page: &testkit::Reply| page.attributes(".prose a.cite", "href");
                assert_eq!(
                    links(&app.stranger().get("/articles/mot").await),
                    ["/documents/d1"]
                );
                assert_eq!(
                    links(&app.as_(LAN).get("/articles/mot").await),
                    ["/documents/d1", "/documents/d2"]
                );
                assert_eq!(
                    app.stranger().get("/").await.attributes(".files a", "href"),
                    ["/documents/d1"]
                );
            },
        )
        .await;
    }
}
