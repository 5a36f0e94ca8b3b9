//! The file that a document came as, unchanged: a PDF to look at, everything else to keep.
//!
//! The rule that surprises: only a PDF opens in the browser, and under a policy that lets it load
//! nothing. A sandbox would keep Chromium's viewer from opening it, so the sandbox is for the others.

use crate::access;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kernel::error::{Doing as _, Error};
use site::Site;
use web::{Answer, Visitor};

const PDF_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const OTHER_POLICY: &str =
    "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

pub(crate) async fn get(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Answer {
    let document = access::read(&site, &visitor, &id).await?.document;
    if document.file_sha.is_empty() {
        return Err(Error::NotFound.into());
    }
    let tag = format!("\"{}\"", document.file_sha);
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|held| held == tag);
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let file = site
        .files
        .open_file(&document.file_sha)
        .await
        .map_err(Error::fault)
        .doing("opening a document's file")?;
    let is_pdf = document.file_kind == "pdf";
    let media = match document.file_kind.as_str() {
        "pdf" => "application/pdf",
        "docx" => files::FileKind::Docx.media_type(),
        // Never as what a browser would run or draw.
        _ => "application/octet-stream",
    };
    let place = if is_pdf { "inline" } else { "attachment" };
    let response: Response = (
        [
            (header::CONTENT_TYPE, media.to_owned()),
            (header::CONTENT_LENGTH, document.file_bytes.to_string()),
            (
                header::CONTENT_DISPOSITION,
                web::download::disposition(place, &document.file_name),
            ),
            (
                header::CONTENT_SECURITY_POLICY,
                if is_pdf { PDF_POLICY } else { OTHER_POLICY }.to_owned(),
            ),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (header::CACHE_CONTROL, "private, no-cache".to_owned()),
            (header::ETAG, tag),
        ],
        Body::from_stream(tokio_util::io::ReaderStream::new(file)),
    )
        .into_response();
    Ok(response)
}

#[cfg(test)]
mod tests {
    use crate::sample::import;
    use testkit::{HOA, on_sqlite};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_page_from_outside_is_handed_over_and_never_run() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let text = "<!doctype html><html><head><title>Hướng dẫn làm vườn sạch</title></head><body><p>Chữ.</p><script>alert(1)</script></body></html>";
                let report = import(&app, "html", &[("vườn rau.html", text)], "members").await;
                let path = format!("/documents/{}/file", report.entries[0].id);
                let file = app.as_(HOA).get(&path).await.expects(200);
                assert_eq!(file.body(), text, "unchanged");
                assert_eq!(file.header("content-type"), "application/octet-stream");
                assert_eq!(file.header("x-content-type-options"), "nosniff");
                assert!(file.header("content-disposition").starts_with("attachment; filename=\"vuon_rau.html\"; filename*=UTF-8''v"));
                assert!(file.header("content-security-policy").contains("sandbox"));
                let tag = file.header("etag").to_owned();
                app.as_(HOA).header("if-none-match", &tag).get(&path).await.expects(304);
            },
        )
        .await;
    }
}
