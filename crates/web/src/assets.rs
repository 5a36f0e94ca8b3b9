//! Style, fonts, icons and islands: built by `assets/`, carried inside the binary, cached for a year
//! under hashed names. Not built? Every page still works, only plain.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "../../assets/dist"]
#[allow_missing = true]
struct Dist;

/// Logical names and the hashed files behind them.
struct Manifest {
    files: HashMap<String, String>,
    preload: Vec<String>,
}

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| {
    let mut manifest = Manifest {
        files: HashMap::new(),
        preload: Vec::new(),
    };
    let Some(file) = Dist::get("manifest.json") else {
        return manifest;
    };
    let Ok(serde_json::Value::Object(map)) = serde_json::from_slice(&file.data) else {
        return manifest;
    };
    for (name, value) in map {
        match value {
            serde_json::Value::String(hashed) => {
                manifest.files.insert(name, format!("/assets/{hashed}"));
            }
            serde_json::Value::Array(list) => {
                let names = list.iter().filter_map(|entry| entry.as_str());
                manifest.preload = names.map(|name| format!("/assets/{name}")).collect();
            }
            _ => {}
        }
    }
    manifest
});

/// The address of an asset by its logical name, such as `app.css`; empty when it was not built.
pub fn address(name: &str) -> &'static str {
    MANIFEST.files.get(name).map_or("", String::as_str)
}

/// The content of an asset by its logical name; `None` when it was not built.
pub fn content(name: &str) -> Option<Vec<u8>> {
    let hashed = address(name).strip_prefix("/assets/")?;
    Dist::get(hashed).map(|file| file.data.into_owned())
}

/// Fonts worth loading before the style sheet asks.
pub fn preload() -> &'static [String] {
    &MANIFEST.preload
}

/// `GET /assets/{*path}`.
pub async fn get(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(file) = Dist::get(&path) else {
        return crate::Fail(kernel::Error::NotFound).into_response();
    };
    let kind = mime_guess::from_path(&path).first_or_octet_stream();
    let mut tag = String::from("\"");
    for byte in file.metadata.sha256_hash().iter().take(12) {
        tag.push_str(&format!("{byte:02x}"));
    }
    tag.push('"');
    let same = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.data.into_owned().into_response()
    };
    let out = response.headers_mut();
    out.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    if let Ok(value) = HeaderValue::from_str(kind.as_ref()) {
        out.insert(header::CONTENT_TYPE, value);
    }
    if let Ok(value) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, value);
    }
    response
}

/// `GET /favicon.ico`: a browser that opens a file of ours (a PDF) asks for it by this name, whatever pages say.
pub async fn get_icon() -> Response {
    let head = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    let icon = include_bytes!("../../../assets/src/img/favicon.svg");
    (head, icon.as_slice()).into_response()
}
