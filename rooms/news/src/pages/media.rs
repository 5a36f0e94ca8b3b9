//! Pictures of the portal from the file store: an article's photo, the banner.
//!
//! Sent with a policy that lets an SVG do nothing. An address that names the picture's hash may be kept
//! for a year; without it, for five minutes.

use crate::desk::Asked;
use crate::store;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use files::{FileKind, StoreError};
use kernel::error::{Error, Result};
use site::Site;
use tokio_util::io::ReaderStream;
use web::Answer;

/// `?v=` names the beginning of the hash, `&w=` a width.
#[derive(serde::Deserialize)]
pub(crate) struct Version {
    #[serde(default)]
    v: String,
    #[serde(default)]
    w: String,
}

/// The photo of a published article.
pub(crate) async fn photo(
    State(site): State<Site>,
    asked: Asked,
    Path(slug): Path<String>,
    Query(version): Query<Version>,
) -> Answer {
    let article = store::find_published(&site, &slug)
        .await?
        .ok_or(Error::NotFound)?;
    sized(
        &site,
        &asked,
        &article.photo_sha,
        &article.photo_kind,
        &version,
    )
    .await
}
/// A further photo of a published article.
pub(crate) async fn further(
    State(site): State<Site>,
    asked: Asked,
    Path((slug, id)): Path<(String, String)>,
    Query(version): Query<Version>,
) -> Answer {
    let found = store::photo::find_published(&site, &slug, &id).await?;
    let photo = found.ok_or(Error::NotFound)?;
    sized(&site, &asked, &photo.sha, &photo.kind, &version).await
}
/// The copy of the width that is asked for, or the picture itself when there is none.
async fn sized(site: &Site, asked: &Asked, sha: &str, kind: &str, version: &Version) -> Answer {
    let cache = keep_for(sha, &version.v);
    if let Ok(width) = version.w.parse()
        && let Some(copy) = store::photo::find_size(site, sha, width).await?
    {
        return Ok(send(site, asked, &copy.sized_sha, &copy.kind, cache).await?);
    }
    Ok(send(site, asked, sha, kind, cache).await?)
}

/// The banner of the front page.
pub(crate) async fn banner(
    State(site): State<Site>,
    asked: Asked,
    Query(version): Query<Version>,
) -> Answer {
    let settings = store::settings(&site).await?;
    let held = settings
        .get("portal.banner")
        .and_then(|text| text.split_once('.'));
    let (sha, kind) = held.ok_or(Error::NotFound)?;
    Ok(send(&site, &asked, sha, kind, keep_for(sha, &version.v)).await?)
}

fn keep_for(sha: &str, version: &str) -> &'static str {
    if version.len() >= 12 && sha.starts_with(version) {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=300"
    }
}

/// The media type of a kept picture's word; anything else is not sent as a picture.
fn media_type(kind: &str) -> Option<&'static str> {
    let known = [FileKind::Png, FileKind::Jpeg, FileKind::Webp, FileKind::Svg];
    known
        .into_iter()
        .find(|held| held.as_str() == kind)
        .map(FileKind::media_type)
}

/// Sends a picture, or says that the browser holds it already.
pub(crate) async fn send(
    site: &Site,
    asked: &Asked,
    sha: &str,
    kind: &str,
    cache: &'static str,
) -> Result<Response> {
    let kind = media_type(kind).ok_or(Error::NotFound)?;
    let tag = format!("\"{}\"", sha.get(..24).ok_or(Error::NotFound)?);
    let mut response = if asked.has(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let file = site
            .files
            .open_file(sha)
            .await
            .map_err(|cause| match cause {
                StoreError::NotThere => Error::NotFound,
                other => Error::fault(other),
            })?;
        let length = file.metadata().await?.len();
        let mut whole = Body::from_stream(ReaderStream::new(file)).into_response();
        whole
            .headers_mut()
            .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        whole
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    );
    if let Ok(value) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use testkit::on_both;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_drawn_banner_is_sent_where_it_can_do_nothing() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.stranger().get("/portal/banner").await.expects(404);
                let svg =
                    b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
                crate::import_banner(
                    &app.site,
                    &site::Operator::at("test"),
                    svg,
                    "Một năm làm đường",
                )
                .await
                .unwrap();
                let page = app.stranger().get("/").await.expects(200);
                assert_eq!(page.text(".banner p"), "Một năm làm đường");
                let at = page.attributes(".banner img", "src").remove(0);
                let picture = app.stranger().get(&at).await.expects(200);
                assert_eq!(picture.header("content-type"), "image/svg+xml");
                assert!(
                    picture
                        .header("content-security-policy")
                        .contains("sandbox")
                );
                assert!(picture.header("cache-control").starts_with("public"));
                assert!(
                    crate::import_banner(&app.site, &site::Operator::at("test"), b"<html>", "")
                        .await
                        .is_err()
                );
            },
        )
        .await;
    }
}
