//! From a stored section to HTML for a page.
//!
//! A stored section is our own canonical markup: in text and attributes every `{`, `<` and
//! `>` is written as a reference, so a brace can only open a placeholder and `<` only a
//! tag. That is why scanning is exact here and no parser is needed again.
//! Placeholders: `{id:X}` an id, `{section:N}` and `{section:N#X}` a place in the book,
//! `{resource:R}` a file of the book.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Decides addresses; the library room knows its routes, this crate does not.
pub trait LinkMap {
    /// Address of a section without fragment, such as `/library/titles/7/sections/3`.
    fn section(&self, index: usize) -> String;
    /// Address of a resource, such as `/library/titles/7/resources/r12`.
    fn resource(&self, id: &str) -> String;
}

/// How a section is turned into HTML.
#[derive(Debug, Clone)]
pub struct RenderOptions {
    /// Put before every id and fragment, so that a book's `main` cannot be mistaken for the
    /// page's. The reader, which shows a section in a document of its own, passes "".
    pub id_prefix: String,
    /// The highest heading becomes at least this level (1 leaves all as they are); the
    /// others move along and stop at `h6`.
    pub top_heading: u8,
    /// Compose marks (NFC), which our fonts need. The reader turns it off, because a CFI
    /// counts characters of the original text.
    pub compose: bool,
}

impl Default for RenderOptions {
    /// For a page of ours: ids begin with `b-`, headings start at `h2`, composed.
    fn default() -> Self {
        RenderOptions {
            id_prefix: "b-".to_owned(),
            top_heading: 2,
            compose: true,
        }
    }
}

impl RenderOptions {
    /// For the reader: ids, headings and characters exactly as in the original.
    pub fn exact() -> Self {
        RenderOptions {
            id_prefix: String::new(),
            top_heading: 1,
            compose: false,
        }
    }
}

/// Turns the stored HTML of a section into HTML that can stand in a page.
pub fn render(html: &str, links: &dyn LinkMap, options: &RenderOptions) -> String {
    let shift = match highest_heading(html) {
        Some(top) if top < options.top_heading => options.top_heading - top,
        _ => 0,
    };
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some(at) = rest.find(['{', '<']) {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        rest = if let Some(level) = heading_level(tail) {
            let close = tail.starts_with("</");
            out.push_str(if close { "</h" } else { "<h" });
            out.push(char::from(b'0' + (level + shift).min(6)));
            tail.get(if close { 4 } else { 3 }..).unwrap_or_default()
        } else if let Some((inner, after)) = tail.strip_prefix('{').and_then(|t| t.split_once('}'))
        {
            placeholder(&mut out, inner, links, options);
            after
        } else {
            let mut chars = tail.chars();
            out.extend(chars.next());
            chars.as_str()
        };
    }
    out.push_str(rest);
    if options.compose && is_nfc_quick(out.chars()) != IsNormalized::Yes {
        return out.nfc().collect();
    }
    out
}

fn placeholder(out: &mut String, inner: &str, links: &dyn LinkMap, options: &RenderOptions) {
    if let Some(id) = inner.strip_prefix("id:") {
        out.push_str(&options.id_prefix);
        out.push_str(id);
    } else if let Some(place) = inner.strip_prefix("section:") {
        let (number, fragment) = match place.split_once('#') {
            Some((number, fragment)) => (number, Some(fragment)),
            None => (place, None),
        };
        if let Ok(index) = number.parse() {
            out.push_str(&attribute(&links.section(index)));
        }
        if let Some(fragment) = fragment {
            out.push('#');
            out.push_str(&options.id_prefix);
            out.push_str(fragment);
        }
    } else if let Some(id) = inner.strip_prefix("resource:") {
        out.push_str(&attribute(&links.resource(id)));
    }
}

/// Level of the heading tag that `tail` begins with.
fn heading_level(tail: &str) -> Option<u8> {
    let name = tail.strip_prefix("</").or_else(|| tail.strip_prefix('<'))?;
    let &[b'h', digit @ b'1'..=b'6', b' ' | b'>' | b'/', ..] = name.as_bytes() else {
        return None;
    };
    Some(digit - b'0')
}

fn highest_heading(html: &str) -> Option<u8> {
    html.match_indices("<h")
        .filter_map(|(at, _)| heading_level(html.get(at..)?))
        .min()
}

fn attribute(address: &str) -> Cow<'_, str> {
    if address.contains(['&', '"', '<', '>']) {
        Cow::Owned(
            address
                .replace('&', "&amp;")
                .replace('"', "&quot;")
                .replace('<', "&lt;")
                .replace('>', "&gt;"),
        )
    } else {
        Cow::Borrowed(address)
    }
}
