//! Files in pieces, for the script of the form: begin, send each piece, say that all are here.
//!
//! A piece says where it begins; when the line was lost, the answer says where to go on. The page of
//! the upload takes the same file again and goes on from there, days later too.

use super::{add, changed, checks, is_accepted, settable};
use crate::access::{self, can_send, sender};
use crate::upload::{Promised, Stands, UploadId};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse as _;
use files::Piece;
use files::inbox::name_of;
use kernel::error::{Refusal, Result};
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, Nothing, see_other};

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Begin {
    importer: String,
    place: String,
    name: Vec<String>,
    size: Vec<u64>,
}

/// `POST /uploads/begin`: answers the number of the upload.
pub(crate) async fn begin(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    form: Form<Begin>,
) -> Answer {
    let importer = access::importer(&site, &form.value.importer)?.clone();
    // A route without a parameter has one place; what else was sent is not kept.
    let has_place = importer.at.contains('{');
    let place = if has_place {
        form.value.place.as_str()
    } else {
        ""
    };
    let may = can_send(&site, &who, &importer, place).await?;
    let mut files: Vec<Promised> = Vec::new();
    for (name, bytes) in form.value.name.iter().zip(&form.value.size) {
        let name = name_of(name);
        if !is_accepted(&importer, &name) {
            return Err(Refusal::new("uploads-file-odd")
                .status(422)
                .arg("name", name)
                .arg("accept", importer.accept.replace(',', ", "))
                .into());
        }
        if files.iter().all(|held| held.name != name) {
            files.push(Promised {
                name,
                bytes: *bytes,
            });
        }
    }
    let total: u64 = files
        .iter()
        .fold(0, |sum, file| sum.saturating_add(file.bytes));
    if files.is_empty() || total == 0 {
        return Err(Refusal::new("uploads-file-none").status(422).into());
    }
    if total > site.inbox.most_bytes() {
        return Err(Refusal::new("uploads-refused-big").status(413).into());
    }
    let pairs = form.pairs;
    if let Some(count) = super::too_long(&importer, &pairs) {
        return Err(Refusal::new("web-form-too-long")
            .status(422)
            .arg("count", count)
            .arg("most", super::TEXT_MOST)
            .into());
    }
    let set = settable(&importer, |name| {
        let mut all = pairs.iter();
        all.find(|(field, _)| field == name)
            .map(|(_, value)| value.clone())
    });
    let mut act = may.begin(&site, &frame, "upload.send").await?;
    let id = add(&mut act, &importer, place, frame.lang(), set, &files).await?;
    act.line().object("upload", &id);
    act.end().await?;
    Ok(Json(serde_json::json!({ "id": id.to_string() })).into_response())
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct At {
    name: String,
    at: String,
}

/// `POST /uploads/{id}/piece?name=…&at=…`: the bytes are the body, the token stands in `x-csrf`.
pub(crate) async fn piece(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(at): Query<At>,
    headers: HeaderMap,
    bytes: std::result::Result<Bytes, BytesRejection>,
) -> Answer {
    let bytes = bytes.map_err(|_| Refusal::new("uploads-refused-big").status(413))?;
    let token = headers.get("x-csrf").and_then(|token| token.to_str().ok());
    if !frame.csrf_matches(token.unwrap_or_default()) {
        return Err(Refusal::new("web-form-forged").status(403).into());
    }
    let sender = sender(&site, &who, &id).await?;
    let upload = &sender.upload;
    if upload.state != Stands::Receiving {
        return Err(changed(&upload.id).into());
    }
    let files = upload.files()?;
    let promised = files.iter().find(|file| file.name == name_of(&at.name));
    let promised = promised.ok_or(kernel::Error::NotFound)?;
    let at: u64 = (at.at.parse()).map_err(|_| Refusal::new("web-form-unreadable").status(400))?;
    let fits = at.saturating_add(bytes.len() as u64) <= promised.bytes;
    if !fits {
        return Err(Refusal::new("uploads-refused-other-file").into());
    }
    let name = upload.id.as_str();
    match site.inbox.add(name, &promised.name, at, &bytes).await? {
        Piece::Taken(size) | Piece::GoOnAt(size) => {
            Ok(Json(serde_json::json!({ "at": size })).into_response())
        }
        Piece::TooBig => Err(Refusal::new("uploads-refused-big").status(413).into()),
    }
}

/// Names of promised files that are not whole yet, with what is here.
pub(crate) async fn missing(
    site: &Site,
    id: &UploadId,
    files: &[Promised],
) -> Result<Vec<(Promised, u64)>> {
    let mut missing = Vec::new();
    for file in files {
        let size = site.inbox.size(id.as_str(), &file.name).await?;
        if size < file.bytes {
            missing.push((file.clone(), size));
        }
    }
    Ok(missing)
}

/// `POST /uploads/{id}/sent`: all files are here. Sent twice, it leads on.
pub(crate) async fn sent(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let sender = sender(&site, &who, &id).await?;
    let upload = sender.upload.clone();
    let to = format!("/uploads/{}", upload.id);
    if upload.state != Stands::Receiving {
        return Ok(see_other(to).into_response());
    }
    let files = upload.files()?;
    if let Some((file, _)) = missing(&site, &upload.id, &files).await?.first() {
        return Err(Refusal::new("uploads-refused-missing")
            .arg("name", &file.name)
            .way_out(to, "uploads-see")
            .into());
    }
    let mut act = sender.begin_unlogged(&site, &frame, "upload.sent").await?;
    checks(&mut act, &upload.id, &files).await?;
    act.end().await?;
    site.wake.now();
    Ok(see_other(to).into_response())
}

/// How many bytes of an upload are here, of how many.
pub(crate) async fn progress(site: &Site, id: &UploadId, files: &[Promised]) -> Result<(u64, u64)> {
    let mut here = 0;
    for file in files {
        here += site.inbox.size(id.as_str(), &file.name).await?;
    }
    Ok((here, files.iter().map(|file| file.bytes).sum()))
}
