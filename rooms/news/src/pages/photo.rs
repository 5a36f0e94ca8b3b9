//! The photo of an article: sent by its own form, cleaned of what a telephone writes into it.
//!
//! The form is multipart, so its token is the first part and is checked before a byte of the picture is
//! read. SVG is refused from people. Removing is the same form with `do=remove`.

use super::media;
use crate::access::{self, CanEdit};
use crate::desk::{Asked, Desk};
use crate::picture::{self, NotTaken, Picture};
use crate::sizes;
use crate::store;
use axum::extract::{Extension, Path, State};
use axum::response::IntoResponse;
use kernel::error::{Error, Result};
use site::{May as _, Site};
use std::sync::Arc;
use web::parcel::{Parcel, Sealed, WayBack};
use web::{Answer, Frame, Member, see_other};

/// Largest picture taken: 8 MB.
pub(crate) const MOST_BYTES: usize = 8 * 1024 * 1024;
/// What is said when the article was changed or published while the photo came in.
pub(crate) const CHANGED: &str = "news-refused-changed";

/// `GET /news/{id}/photo`: also of a draft, for those who may see it.
pub(crate) async fn get(
    State(site): State<Site>,
    asked: Asked,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let held = access::find(&site, &who, &id).await?;
    Ok(media::send(
        &site,
        &asked,
        &held.article.photo_sha,
        &held.article.photo_kind,
        "private, no-cache",
    )
    .await?)
}

fn back(id: &str) -> WayBack {
    WayBack {
        to: format!("/news/{id}/edit"),
        label: "news-back-to-edit",
        too_big: "news-photo-too-big",
    }
}

/// What was sent.
pub(crate) enum Sent {
    Picture(Vec<u8>),
    Remove,
}

/// Reads the form: a picture or the word that it goes.
pub(crate) async fn read(mut parcel: Parcel, back: &WayBack) -> Result<Sent> {
    let mut picture = Vec::new();
    while let Some(part) = parcel.next().await? {
        match part.name() {
            "do" => {
                let word = part.word().await?;
                if word == "remove" {
                    return Ok(Sent::Remove);
                }
            }
            "photo" => {
                let sent = part.bytes(MOST_BYTES).await?;
                picture = sent.ok_or_else(|| back.too_big())?;
            }
            _ => {}
        }
    }
    Ok(Sent::Picture(picture))
}

/// `POST /news/{id}/photo`.
pub(crate) async fn post(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    sealed: Sealed,
) -> Answer {
    let held = access::find_editable(&site, &who, &id).await?;
    let back = back(&id);
    match read(sealed.open(&frame, back.clone()).await?, &back).await? {
        Sent::Remove => {
            keep(&site, &frame, &desk, held, "", "", (0, 0)).await?;
            Ok(see_other(format!("/news/{id}"))
                .flash("news-photo-removed")
                .into_response())
        }
        Sent::Picture(bytes) => {
            let picture = cleaned(bytes).await?;
            let picture = picture.map_err(|key| back.refuse(key, 422))?;
            let size = (picture.width, picture.height);
            let file = site
                .files
                .put_bytes(picture.bytes)
                .await
                .map_err(Error::fault)?;
            keep(
                &site,
                &frame,
                &desk,
                held,
                &file.sha256,
                picture.kind.as_str(),
                size,
            )
            .await?;
            Ok(see_other(format!("/news/{id}"))
                .flash("news-photo-done")
                .into_response())
        }
    }
}

/// The picture without what a telephone wrote into it, or the key of why it is not taken. Eight
/// megabytes are walked in a few milliseconds, yet not on the async threads.
pub(crate) async fn cleaned(bytes: Vec<u8>) -> Result<std::result::Result<Picture, &'static str>> {
    if bytes.is_empty() {
        return Ok(Err("news-photo-none"));
    }
    let read = tokio::task::spawn_blocking(move || picture::read(&bytes))
        .await
        .map_err(Error::fault)?;
    Ok(read.map_err(|why| match why {
        NotTaken::Kind => "news-photo-kind",
        NotTaken::Damaged => "news-photo-damaged",
    }))
}

async fn keep(
    site: &Site,
    frame: &Frame,
    desk: &Desk,
    may: CanEdit,
    sha: &str,
    kind: &str,
    size: (i64, i64),
) -> Result<()> {
    let mut act = may.begin(site, frame, "article.photo").await?;
    let id = act.article.id.clone();
    if !store::photo::begin_change(&mut act).await? {
        act.leave().await?;
        let now = store::find(site, &id).await?.ok_or(Error::NotFound)?;
        // A form that was sent twice is done.
        if now.photo_sha == sha {
            return Ok(());
        }
        return Err(back(&id).refuse(CHANGED, 409));
    }
    store::set_photo(&mut act, &id, sha, kind, size).await?;
    if let Some(job) = sizes::wanted(sha, kind) {
        act.queue(job);
    }
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
    use crate::tests::{draft, send_photo};
    use testkit::{HOA, THU, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_photo_is_cleaned_kept_and_taken_away() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let id = draft(&app, "Một").await;
                assert_eq!(
                    send_photo(&app, THU, &id, Some(&app.as_(THU).csrf()), &small_png()).await,
                    303
                );
                let photo = app
                    .as_(THU)
                    .get(&format!("/news/{id}/photo"))
                    .await
                    .expects(200);
                assert_eq!(photo.header("content-type"), "image/png");
                assert!(!photo.bytes.windows(3).any(|part| part == b"GPS"));
                assert_eq!(app.count("select photo_width from news_article").await, 40);
                // A draft's photo is not public, and not for members either.
                app.stranger().get("/articles/mot/photo").await.expects(404);
                app.as_(HOA)
                    .get(&format!("/news/{id}/photo"))
                    .await
                    .expects(404);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn drawings_with_scripts_huge_files_and_forgeries_are_refused() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let id = draft(&app, "Một").await;
                let token = app.as_(THU).csrf();
                let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>";
                assert_eq!(send_photo(&app, THU, &id, Some(&token), svg).await, 422);
                assert_eq!(send_photo(&app, THU, &id, Some(&token), b"").await, 422);
                assert_eq!(
                    send_photo(&app, THU, &id, Some(&token), &small_png()[..40]).await,
                    422
                );
                assert_eq!(
                    send_photo(
                        &app,
                        THU,
                        &id,
                        Some(&token),
                        &vec![0; super::MOST_BYTES + 1]
                    )
                    .await,
                    413
                );
                assert_eq!(send_photo(&app, THU, &id, None, &small_png()).await, 403);
                assert_eq!(
                    send_photo(&app, THU, &id, Some("wrong"), &small_png()).await,
                    403
                );
                assert_eq!(
                    send_photo(&app, HOA, &id, Some(&app.as_(HOA).csrf()), &small_png()).await,
                    404
                );
                assert_eq!(
                    app.count("select count(*) from news_article where photo_sha <> ''")
                        .await,
                    0
                );
            },
        )
        .await;
    }
}
