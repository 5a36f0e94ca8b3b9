//! The four faces that papers are set in: Liberation Serif, metric-compatible with Times New Roman.
//!
//! They lie in `fonts/` beside their licence (SIL OFL 1.1), unmodified, and in the binary; the computer's own
//! fonts are never looked at, so that a paper looks alike everywhere. Surprising rule: a letter counts as known
//! only when all four faces have it.

use std::sync::LazyLock;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

const FACES: [&[u8]; 4] = [
    include_bytes!("../fonts/LiberationSerif-Regular.ttf"),
    include_bytes!("../fonts/LiberationSerif-Bold.ttf"),
    include_bytes!("../fonts/LiberationSerif-Italic.ttf"),
    include_bytes!("../fonts/LiberationSerif-BoldItalic.ttf"),
];

/// The faces, read once.
pub(crate) static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    FACES
        .iter()
        .filter_map(|face| Font::new(Bytes::new(*face), 0))
        .collect()
});

/// The index that the typesetter asks.
pub(crate) static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

/// Whether all faces have this letter, or it needs no glyph of its own.
pub(crate) fn has(c: char) -> bool {
    !c.is_control()
        && FONTS
            .iter()
            .all(|font| font.info().coverage.contains(u32::from(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vietnamese_letter_with_every_mark_has_a_glyph_in_all_four_faces() {
        assert_eq!(FONTS.len(), 4);
        let mut letters: Vec<String> = "bcdđghklmnpqrstvxfjwz0123456789"
            .chars()
            .map(String::from)
            .collect();
        for vowel in "aăâeêioôơuưy".chars() {
            for tone in ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"] {
                letters.push(vietnamese::nfc(&format!("{vowel}{tone}")));
            }
        }
        for letter in &letters {
            for one in [letter.to_lowercase(), letter.to_uppercase()] {
                let mut chars = one.chars();
                let c = chars.next().unwrap();
                assert_eq!(chars.next(), None, "{one} is one letter in NFC");
                for font in FONTS.iter() {
                    assert!(
                        font.info().coverage.contains(u32::from(c)),
                        "{c} in {:?}",
                        font.info().variant
                    );
                }
            }
        }
        assert_eq!(letters.len() * 2, 2 * (31 + 72));
    }

    #[test]
    fn the_signs_of_papers_have_a_glyph() {
        for c in "–—“”‘’…•§°²½×−«»\u{a0}₫□#$@\\*`_~^<>{}[]|\"'+=/%&".chars()
        {
            assert!(has(c), "{c}");
        }
        assert!(!has('\u{1f600}') && !has('中') && !has('\0'));
    }
}
