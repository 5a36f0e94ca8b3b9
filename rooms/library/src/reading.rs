//! How a reader likes the text: size, ground, face, lines. Kept in a cookie of the library, so that it
//! holds without a script and nobody else learns it.

use axum::http::HeaderMap;

/// The cookie's name.
pub(crate) const COOKIE: &str = "sotay_reader";

/// A way of reading. Each field is one of the words that the style sheet knows; `auto` means none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) size: &'static str,
    pub(crate) ground: &'static str,
    pub(crate) face: &'static str,
    pub(crate) lines: &'static str,
}

pub(crate) const SIZES: &[&str] = &["m", "l", "xl"];
pub(crate) const GROUNDS: &[&str] = &["auto", "light", "sepia", "dark"];
pub(crate) const FACES: &[&str] = &["serif", "sans"];
pub(crate) const LINES: &[&str] = &["tight", "mid", "wide"];

impl Default for Reading {
    fn default() -> Self {
        Reading {
            size: "m",
            ground: "auto",
            face: "serif",
            lines: "mid",
        }
    }
}

impl Reading {
    /// From four words; a word that is not known leaves what is usual.
    pub(crate) fn of(size: &str, ground: &str, face: &str, lines: &str) -> Self {
        let pick = |known: &'static [&'static str], word: &str, usual: &'static str| {
            known
                .iter()
                .copied()
                .find(|held| *held == word)
                .unwrap_or(usual)
        };
        let usual = Reading::default();
        Reading {
            size: pick(SIZES, size, usual.size),
            ground: pick(GROUNDS, ground, usual.ground),
            face: pick(FACES, face, usual.face),
            lines: pick(LINES, lines, usual.lines),
        }
    }
    /// From the request's cookie.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let text = web::edge::cookie(headers, COOKIE).unwrap_or("");
        let mut parts = text.split('.');
        let mut next = || parts.next().unwrap_or("");
        Reading::of(next(), next(), next(), next())
    }
    /// What the cookie holds.
    pub(crate) fn text(self) -> String {
        format!("{}.{}.{}.{}", self.size, self.ground, self.face, self.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_of_reading_survives_its_cookie_and_nothing_else_does() {
        let wanted = Reading::of("xl", "sepia", "sans", "wide");
        let mut headers = HeaderMap::new();
        headers.insert(
            "cookie",
            format!("a=b; {COOKIE}={}", wanted.text()).parse().unwrap(),
        );
        assert_eq!(Reading::read(&headers), wanted);
        assert_eq!(Reading::of("\"><script>", "", "x", "y"), Reading::default());
    }
}
