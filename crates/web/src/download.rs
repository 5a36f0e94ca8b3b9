//! A file as an answer: its media type, its name in every browser, and that nobody else keeps it.
//!
//! Only the words of the answer; what is in the file and who may have it is a room's business. Files of
//! the public portal and of books have caches of their own. The rule that surprises: the plain name holds
//! ASCII only, since old telephones show anything else as nonsense; the full one stands beside it.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 8187 lets stand beside letters and digits, as far as names of files have it.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// The name without marks: small letters, digits, `.`, `-` and `_`.
fn plain(name: &str) -> String {
    let folded = vietnamese::fold(name);
    folded
        .chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') => c,
            _ => '_',
        })
        .collect()
}

/// `content-disposition` for a file of that name; `place` is `inline` or `attachment`.
pub fn disposition(place: &str, name: &str) -> String {
    let whole = utf8_percent_encode(name, NAME);
    format!(
        "{place}; filename=\"{}\"; filename*=UTF-8''{whole}",
        plain(name)
    )
}

/// A name of a file out of words: marks off, words joined by `-`, not longer than file systems take.
pub fn file_name<'a>(words: impl IntoIterator<Item = &'a str>, ending: &str) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    let folded = vietnamese::fold(&words.join(" "));
    let mut name = String::new();
    for c in folded.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    name.truncate(80); // ASCII only, so between letters
    format!("{}.{ending}", name.trim_end_matches('-'))
}

/// A file that was made for this visitor: to keep, not to show; no cache in between keeps a copy.
pub fn download(name: &str, media: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media.to_owned()),
        (header::CONTENT_DISPOSITION, disposition("attachment", name)),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, Body::from(bytes)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_words_without_marks_and_never_endless() {
        assert_eq!(
            file_name(["Biên bản", "Chi bộ Tổ dân phố 1", "2026-11-27"], "pdf"),
            "bien-ban-chi-bo-to-dan-pho-1-2026-11-27.pdf"
        );
        assert_eq!(file_name(["../\"a\r\nb"], "pdf"), "a-b.pdf");
        assert!(file_name(["Đảng bộ ".repeat(90).as_str()], "xlsx").len() <= 85);
    }
    #[test]
    fn the_head_holds_nothing_that_could_end_it() {
        let said = disposition("attachment", "vườn \"rau\"\r\nx: y.html");
        assert_eq!(said.matches('"').count(), 2, "{said}");
        assert!(said.is_ascii() && !said.contains(['\r', '\n']), "{said}");
        assert!(
            said.contains("filename*=UTF-8''v%C6%B0%E1%BB%9Dn%20%22rau%22"),
            "{said}"
        );
    }
}
