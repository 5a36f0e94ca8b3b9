//! Pictures of books, and covers. Only what `books` found to be a picture is served; an SVG, cleaned as
//! it is, still gets a policy under which nothing in it could run.

use crate::id::TitleId;
use crate::store::{self, ResourceRow, reaching};
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use files::StoreError;
use kernel::error::{Doing, Error, Result};
use site::Site;
use tokio_util::io::ReaderStream;
use web::{Answer, Frame, Member};

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    /// The edition that the address was made for: then the answer can be kept for a year.
    #[serde(default)]
    v: String,
}

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// Types that are served; what a table says beyond them is a mistake and not found.
const SERVED: &[&str] = &[
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/svg+xml",
];

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path((id, rid)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Answer {
    let id = super::title_id(&id)?;
    let reach = super::reach(&who, frame.today());
    Ok(picture(&site, &id, &rid, &reach, &asked, &headers).await?)
}

pub(crate) async fn cover(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Answer {
    let id = super::title_id(&id)?;
    let reach = super::reach(&who, frame.today());
    let row = super::find_title(&site, &id, &reach).await?;
    if !row.cover_rid.is_empty() {
        return Ok(picture(&site, &id, &row.cover_rid, &reach, &asked, &headers).await?);
    }
    let tag = format!("\"drawn-{}-{}\"", row.id, row.row_version);
    let svg = || books::cover::standalone(&row.title, &row.creators, &row.id, &row.shelf_slug);
    let mut response = if is_same(&headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(svg()).into_response()
    };
    dress(
        &mut response,
        "image/svg+xml",
        &tag,
        asked.v == row.row_version.to_string(),
    );
    Ok(response)
}

async fn picture(
    site: &Site,
    id: &TitleId,
    rid: &str,
    reach: &[String],
    asked: &Asked,
    headers: &HeaderMap,
) -> Result<Response> {
    let row: ResourceRow = reaching(store::RESOURCE, reach)
        .bind(id)
        .bind(rid)
        .within()
        .one(site.db.read())
        .await?;
    let Some(kind) = SERVED.iter().copied().find(|kind| *kind == row.media_type) else {
        return Err(Error::NotFound);
    };
    let tag = format!("\"{}\"", row.sha256);
    let mut response = if is_same(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let file = match site.files.open_file(&row.sha256).await {
            Ok(file) => file,
            Err(StoreError::NotThere) => {
                return Err(Error::fault(
                    "a picture of a book is missing in the file store",
                ));
            }
            Err(other) => return Err(Error::fault(other)).doing("opening a picture of a book"),
        };
        let mut response = Body::from_stream(ReaderStream::new(file)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, HeaderValue::from(row.file_bytes));
        response
    };
    dress(
        &mut response,
        kind,
        &tag,
        asked.v == row.row_version.to_string(),
    );
    Ok(response)
}

fn is_same(headers: &HeaderMap, tag: &str) -> bool {
    let given = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    given
        .split(',')
        .any(|one| one.trim().trim_start_matches("W/") == tag)
}

fn dress(response: &mut Response, kind: &'static str, tag: &str, is_this_edition: bool) {
    let cache = if is_this_edition {
        "private, max-age=31536000, immutable"
    } else {
        "private, no-cache"
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        HeaderName::from_static("content-disposition"),
        HeaderValue::from_static("inline"),
    );
    if let Ok(value) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, value);
    }
}

#[cfg(test)]
mod tests {
    use crate::made;
    use testkit::HOA;

    #[tokio::test(flavor = "multi_thread")]
    async fn pictures_are_served_under_a_policy_of_their_own() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let id = made::shelve(&app, "kho", &made::pictured("urn:p", "Sách có ảnh")).await;
                let page = app
                    .as_(HOA)
                    .get(&format!("/library/titles/{id}/sections/1"))
                    .await
                    .expects(200);
                let sources = page.attributes(".rtext img", "src");
                assert_eq!(sources.len(), 1, "{sources:?}");
                let picture = app.as_(HOA).get(&sources[0]).await.expects(200);
                assert_eq!(picture.bytes, made::DOT, "byte for byte");
                assert_eq!(picture.header("content-type"), "image/png");
                assert_eq!(picture.header("x-content-type-options"), "nosniff");
                assert!(
                    picture
                        .header("content-security-policy")
                        .contains("default-src 'none'")
                );
                assert!(
                    picture
                        .header("content-security-policy")
                        .contains("sandbox")
                );
                assert!(picture.header("cache-control").contains("immutable"));
                let plain = sources[0].split('?').next().unwrap_or("");
                assert!(
                    app.as_(HOA)
                        .get(plain)
                        .await
                        .header("cache-control")
                        .contains("no-cache")
                );
                let tag = picture.header("etag").to_owned();
                app.as_(HOA)
                    .header("if-none-match", &tag)
                    .get(plain)
                    .await
                    .expects(304);
                app.stranger().get(plain).await.expects(303);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_no_picture_is_not_served() {
        testkit::on_sqlite(
            || vec![crate::room()],
            async |app| {
                let id = made::shelve(&app, "kho", &made::hostile()).await;
                let rows: Vec<(String,)> =
                    db::sql("select rid from library_resource where is_served = 0")
                        .all(app.site.db.read())
                        .await
                        .unwrap();
                assert!(!rows.is_empty());
                for (rid,) in rows {
                    app.as_(HOA)
                        .get(&format!("/library/titles/{id}/resources/{rid}"))
                        .await
                        .expects(404);
                }
                app.as_(HOA)
                    .get(&format!(
                        "/library/titles/{id}/resources/..%2f..%2fsotay.db"
                    ))
                    .await
                    .expects(404);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_title_always_has_a_cover() {
        testkit::on_sqlite(
            || vec![crate::room()],
            async |app| {
                let id = made::shelve(&app, "kho", &made::hostile()).await;
                let cover = app
                    .as_(HOA)
                    .get(&format!("/library/titles/{id}/cover"))
                    .await
                    .expects(200);
                assert_eq!(cover.header("content-type"), "image/svg+xml");
                assert!(!cover.body().contains("<script"));
                let tag = cover.header("etag").to_owned();
                app.as_(HOA)
                    .header("if-none-match", &tag)
                    .get(&format!("/library/titles/{id}/cover"))
                    .await
                    .expects(304);
            },
        )
        .await;
    }
}
