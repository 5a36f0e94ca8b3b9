//! Further photos of an article: each with alternative text, caption and credit, shown below the text.
//!
//! A photo comes with its words in one form; the words can be changed later without sending it again.
//! Not here: the first photo, which also stands in lists (`photo`). What is changed counts as a change of
//! the article, so whoever did it does not publish alone (`access`).

use super::media;
use super::photo::{CHANGED, MOST_BYTES, cleaned};
use crate::access::{self, CanEdit, Held};
use crate::article::clean;
use crate::desk::{Asked, Desk};
use crate::sizes;
use crate::store::photo::{self as store, Added, Photo, PhotoWords};
use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::error::{Error, Result};
use site::{Act, May as _, Site};
use std::sync::Arc;
use web::parcel::{Parcel, Sealed, WayBack};
use web::{Answer, Form, FormState, Frame, Member, see_other};

/// Further photos of one article.
const MOST: usize = 20;
/// Letters of a sentence under a photo.
const LINE: usize = 300;

#[derive(Template)]
#[template(path = "news/photos.html")]
struct Page {
    frame: Frame,
    id: String,
    title: String,
    photos: Vec<Photo>,
    is_full: bool,
    /// The words of a photo that was not taken, and why.
    form: FormState,
    /// The words of a photo on the page that are too long, and whose.
    one: Option<(String, FormState)>,
}

impl Page {
    /// The words that stand beside a photo: as they were typed, where they were too long.
    fn words(&self, photo: &Photo) -> FormState {
        match &self.one {
            Some((id, form)) if *id == photo.id => form.clone(),
            _ => FormState::new()
                .with("alt", photo.alt.as_str())
                .with("caption", photo.caption.as_str())
                .with("credit", photo.credit.as_str()),
        }
    }
}

/// `GET /news/{id}/photos`.
pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let held = access::find_editable(&site, &who, &id).await?;
    frame.html(&page(&site, &frame, &held, FormState::new()).await?)
}

async fn page(site: &Site, frame: &Frame, held: &Held, form: FormState) -> Result<Page> {
    let photos = store::list(site, &held.article.id).await?;
    Ok(Page {
        is_full: photos.len() >= MOST,
        title: held.article.title.clone(),
        photos,
        id: held.article.id.clone(),
        form,
        one: None,
        frame: frame.clone(),
    })
}

/// The page once more, with the words of a photo that was not taken and why.
async fn again(
    (site, frame, held): (&Site, &Frame, &Held),
    words: PhotoWords,
    (key, status): (&'static str, StatusCode),
) -> Answer {
    let mut form = typed(&words);
    form.fail("photo", frame.t1(key, "most", MOST));
    let page = page(site, frame, held, form).await?;
    frame.html_status(status, &page)
}

/// `GET /news/{id}/photos/{photo}`: also of a draft, for those who may see it.
pub(crate) async fn get_one(
    State(site): State<Site>,
    asked: Asked,
    who: Member,
    Path((id, photo)): Path<(String, String)>,
) -> Answer {
    access::find(&site, &who, &id).await?;
    let photos = store::list(&site, &id).await?;
    let photo = photos.into_iter().find(|held| held.id == photo);
    let photo = photo.ok_or(Error::NotFound)?;
    Ok(media::send(&site, &asked, &photo.sha, &photo.kind, "private, no-cache").await?)
}

fn back(id: &str) -> WayBack {
    WayBack {
        to: format!("/news/{id}/photos"),
        label: "news-photos-back",
        too_big: "news-photo-too-big",
    }
}

fn line(text: &str) -> String {
    clean(text)
}

/// Words as somebody typed them, in a form that says which are too long.
fn typed(words: &PhotoWords) -> FormState {
    let mut form = FormState::new()
        .with("alt", words.alt.as_str())
        .with("caption", words.caption.as_str())
        .with("credit", words.credit.as_str());
    for name in ["alt", "caption", "credit"] {
        form.fit(name, LINE);
    }
    form
}

/// The bytes and the words that were sent; no bytes: they were too many.
async fn read(mut parcel: Parcel) -> Result<(Option<Vec<u8>>, PhotoWords)> {
    let (mut picture, mut words) = (Some(Vec::new()), PhotoWords::default());
    while let Some(part) = parcel.next().await? {
        match part.name() {
            "photo" => picture = part.bytes(MOST_BYTES).await?,
            "alt" => words.alt = line(&part.word().await?),
            "caption" => words.caption = line(&part.word().await?),
            "credit" => words.credit = line(&part.word().await?),
            _ => {}
        }
    }
    Ok((picture, words))
}

/// `POST /news/{id}/photos`: one more.
pub(crate) async fn post(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    sealed: Sealed,
) -> Answer {
    let held = access::find_editable(&site, &who, &id).await?;
    let (bytes, words) = read(sealed.open(&frame, back(&id)).await?).await?;
    let form = typed(&words);
    if !form.is_good() {
        let page = page(&site, &frame, &held, form).await?;
        return frame.html_status(page.form.status(), &page);
    }
    let picture = match bytes {
        Some(bytes) => cleaned(bytes).await?,
        None => Err("news-photo-too-big"),
    };
    let picture = match picture {
        Ok(picture) => picture,
        Err(key) => {
            let refused = (key, StatusCode::UNPROCESSABLE_ENTITY);
            return again((&site, &frame, &held), words, refused).await;
        }
    };
    let file = site
        .files
        .put_bytes(picture.bytes)
        .await
        .map_err(Error::fault)?;
    let photo = Photo {
        id: site.dice.uuid(site.clock.now()),
        article_id: id.clone(),
        sha: file.sha256,
        kind: picture.kind.as_str().to_owned(),
        width: picture.width,
        height: picture.height,
        alt: words.alt.clone(),
        caption: words.caption.clone(),
        credit: words.credit.clone(),
    };
    let mut act = held.begin(&site, &frame, "article.photo").await?;
    let is_as_seen = store::begin_change(&mut act).await?;
    let added = store::add(&mut act, &photo, MOST).await?;
    if !is_as_seen || added != Added::New {
        act.leave().await?;
        let now = access::find_editable(&site, &who, &id).await?;
        let refused = match added {
            Added::Again => None, // sent twice, kept once
            Added::Full => Some(("news-photos-full", StatusCode::UNPROCESSABLE_ENTITY)),
            Added::New => Some((CHANGED, StatusCode::CONFLICT)),
        };
        if let Some(refused) = refused {
            return again((&site, &frame, &now), words, refused).await;
        }
        return Ok(see_other(format!("/news/{id}/photos"))
            .flash("news-photo-done")
            .into_response());
    }
    if let Some(job) = sizes::wanted(&photo.sha, &photo.kind) {
        act.queue(job);
    }
    end(act, &desk).await?;
    Ok(see_other(format!("/news/{id}/photos"))
        .flash("news-photo-done")
        .into_response())
}

/// What stands under a photo, or that it goes.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    alt: String,
    #[serde(default)]
    caption: String,
    #[serde(default)]
    credit: String,
    #[serde(default, rename = "do")]
    act: String,
}

/// `POST /news/{id}/photos/{photo}`.
pub(crate) async fn post_one(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    who: Member,
    Path((id, photo)): Path<(String, String)>,
    form: Form<Typed>,
) -> Answer {
    let held = access::find_editable(&site, &who, &id).await?;
    let typed = form.value;
    let words = PhotoWords {
        alt: line(&typed.alt),
        caption: line(&typed.caption),
        credit: line(&typed.credit),
    };
    let form = self::typed(&words);
    if typed.act != "remove" && !form.is_good() {
        let status = form.status();
        let mut page = page(&site, &frame, &held, FormState::new()).await?;
        page.one = Some((photo, form));
        return frame.html_status(status, &page);
    }
    let mut act = held.begin(&site, &frame, "article.photo").await?;
    if !store::begin_change(&mut act).await? {
        act.leave().await?;
        // A form that was sent twice is done.
        let now = store::list(&site, &id).await?;
        let now = now.into_iter().find(|held| held.id == photo);
        let is_done = match (typed.act.as_str(), now) {
            ("remove", now) => now.is_none(),
            (_, Some(now)) => {
                now.alt == words.alt && now.caption == words.caption && now.credit == words.credit
            }
            (_, None) => false,
        };
        if is_done {
            return Ok(see_other(format!("/news/{id}/photos")).into_response());
        }
        return Err(back(&id).refuse(CHANGED, 409).into());
    }
    let done = if typed.act == "remove" {
        store::remove(&mut act, &id, &photo).await?;
        "news-photo-removed"
    } else {
        if !store::set(&mut act, &id, &photo, &words).await? {
            act.leave().await?;
            return Err(Error::NotFound.into());
        }
        "news-photos-kept"
    };
    end(act, &desk).await?;
    Ok(see_other(format!("/news/{id}/photos"))
        .flash(done)
        .into_response())
}

async fn end(mut act: Act<CanEdit>, desk: &Desk) -> Result<()> {
    let id = act.article.id.clone();
    if act.article.is_published() {
        act.changed(crate::feed::KIND, &id);
    }
    act.end().await?;
    desk.bump();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::picture::tests::small_png;
    use crate::store::photo as store;
    use crate::tests::{draft, publish, send_file};
    use site::May as _;
    use std::sync::Arc;
    use testkit::{HOA, THU, TestApp, on_both};

    /// A photo of a telephone: wide enough to be made smaller.
    fn wide_png() -> Vec<u8> {
        let mut out = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(1_200, 600)
            .write_to(&mut out, image::ImageFormat::Png)
            .unwrap();
        out.into_inner()
    }

    async fn add(app: &TestApp, id: &str, bytes: &[u8]) -> u16 {
        let token = app.as_(THU).csrf();
        send_file(app, THU, &format!("/news/{id}/photos"), Some(&token), bytes).await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_article_has_several_photos_each_with_its_words() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let id = draft(&app, "Một").await;
                let at = format!("/news/{id}/photos");
                assert_eq!(add(&app, &id, &small_png()).await, 303);
                assert_eq!(add(&app, &id, &wide_png()).await, 303);
                assert_eq!(add(&app, &id, b"<svg/>").await, 422);
                assert_eq!(add(&app, &id, b"").await, 422);
                let page = app.as_(THU).get(&at).await.expects(200);
                assert_eq!(page.all("section img").len(), 2);
                let first = page.attributes("section img", "src").remove(0);
                let words = [
                    ("alt", "Ba nếp nhà"),
                    ("caption", "Ngõ Giếng."),
                    ("credit", "Cao Thị Vui"),
                ];
                // Too long is said beside the field, and stays as it was typed.
                let long = "Ngõ Giếng ".repeat(40);
                let too_long = [words[0], ("caption", long.as_str()), words[2]];
                let asked = app.as_(THU).post(&first, &too_long).await.expects(422);
                assert!(asked.text("#e-caption").contains("399"));
                assert_eq!(asked.attributes("#c-1", "value"), [long.trim()]);
                assert_eq!(asked.attributes("#a-1", "value"), ["Ba nếp nhà"]);
                app.as_(THU).post(&first, &words).await.expects(303);
                app.as_(HOA).get(&first).await.expects(404);
                publish(&app, &id).await;
                let read = app.stranger().get("/articles/mot").await.expects(200);
                assert_eq!(read.all(".article figure").len(), 2);
                assert_eq!(read.text("figcaption"), "Ngõ Giếng. Ảnh: Cao Thị Vui");
                assert_eq!(read.attributes("figure img", "alt")[0], "Ba nếp nhà");
                let sent = read.attributes("figure img", "src").remove(0);
                let sent = app.stranger().get(&sent).await.expects(200);
                assert_eq!(sent.header("content-type"), "image/png");
                app.as_(THU)
                    .post(&first, &[("do", "remove")])
                    .await
                    .expects(303);
                let read = app.stranger().get("/articles/mot").await.expects(200);
                assert_eq!(read.all(".article figure").len(), 1);
                app.as_(THU).post(&first, &words).await.expects(404);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_photo_that_comes_in_slowly_does_not_reach_what_was_published_meanwhile() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let id = draft(&app, "Một").await;
                let who = web::Member(Arc::new(app.signed_in(THU)));
                let asked = async || {
                    crate::access::find_editable(&app.site, &who, &id)
                        .await
                        .unwrap()
                };
                let held = asked().await;
                publish(&app, &id).await;
                let mut act = held
                    .begin(&app.site, "test", "article.photo")
                    .await
                    .unwrap();
                assert!(!store::begin_change(&mut act).await.unwrap());
                act.leave().await.unwrap();
                let mut act = asked()
                    .await
                    .begin(&app.site, "test", "article.photo")
                    .await
                    .unwrap();
                assert!(store::begin_change(&mut act).await.unwrap());
                act.leave().await.unwrap();
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_photo_sent_twice_is_one_and_a_refused_one_keeps_its_words() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let id = draft(&app, "Một").await;
                let at = format!("/news/{id}/photos");
                let count = "select count(*) from news_photo";
                for _ in 0..2 {
                    assert_eq!(add(&app, &id, &small_png()).await, 303);
                }
                assert_eq!(app.count(count).await, 1);
                let heavy = vec![0; super::MOST_BYTES + 1];
                for bytes in [&b"<svg/>"[..], b"", &heavy] {
                    let parts = [
                        ("photo", "a.png", bytes),
                        ("alt", "", "Ba nếp nhà".as_bytes()),
                        ("caption", "", "Ngõ Giếng.".as_bytes()),
                    ];
                    let page = app.as_(THU).post_files(&at, &parts).await.expects(422);
                    assert_eq!(page.attributes("#f-alt", "value"), ["Ba nếp nhà"]);
                    assert_eq!(page.attributes("#f-caption", "value"), ["Ngõ Giếng."]);
                    assert!(page.has("#e-photo"));
                }
                for width in 1..super::MOST {
                    let mut out = std::io::Cursor::new(Vec::new());
                    let picture = image::DynamicImage::new_rgb8(u32::try_from(width).unwrap(), 1);
                    picture.write_to(&mut out, image::ImageFormat::Png).unwrap();
                    assert_eq!(add(&app, &id, &out.into_inner()).await, 303);
                }
                assert_eq!(add(&app, &id, &wide_png()).await, 422);
                assert_eq!(app.count(count).await, 20);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_large_photo_is_sent_in_the_size_that_is_asked_for() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let id = draft(&app, "Một").await;
                assert_eq!(add(&app, &id, &wide_png()).await, 303);
                publish(&app, &id).await;
                let before = app.stranger().get("/articles/mot").await.expects(200);
                assert!(before.attributes("figure img", "srcset").is_empty());
                app.works().await;
                let state = crate::store::feed_state(&app.site).await.unwrap();
                app.known::<crate::desk::Desk>().look_at_feed(state);
                let page = app.stranger().get("/articles/mot").await.expects(200);
                let set = page.attributes("figure img", "srcset").remove(0);
                assert!(
                    set.contains(" 480w, ") && set.contains(" 960w, ") && set.ends_with(" 1200w")
                );
                let small = set.split(' ').next().unwrap().to_owned();
                let sent = app.stranger().get(&small).await.expects(200);
                let drawn = image::load_from_memory(&sent.bytes).unwrap();
                assert_eq!((drawn.width(), drawn.height()), (480, 240));
                // The work is done once, and a width that nobody made is the picture itself.
                app.works().await;
                assert_eq!(app.count("select count(*) from news_picture_size").await, 2);
                let odd = small.replace("w=480", "w=7");
                let whole = app.stranger().get(&odd).await.expects(200);
                assert_eq!(
                    image::load_from_memory(&whole.bytes).unwrap().width(),
                    1_200
                );
            },
        )
        .await;
    }
}
