//! The shapes and widths of the letters that covers are set in.
//!
//! Taken out of our own fonts by `scripts/cover-glyphs.mjs`; 1000 units to the em, all letters of
//! Vietnamese, Latin-1 and the usual signs. Without kerning: a title of a few words does not miss it.
//! The rule that surprises: only precomposed letters have a shape; hand in NFC.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Literata SemiBold, for titles.
pub(crate) static TITLE: LazyLock<Letters> =
    LazyLock::new(|| Letters::read(include_str!("../glyphs/title.txt")));
/// Be Vietnam Pro, for authors.
pub(crate) static AUTHOR: LazyLock<Letters> =
    LazyLock::new(|| Letters::read(include_str!("../glyphs/author.txt")));

/// How wide an unknown letter is taken to be: that of an East Asian one.
const UNKNOWN: f32 = 1_000.0;

/// The letters of one face.
pub(crate) struct Letters(HashMap<char, Letter>);

struct Letter {
    advance: f32,
    /// A relative SVG path; empty for a space.
    shape: &'static str,
}

impl Letters {
    /// Reads `code advance shape` a line.
    fn read(text: &'static str) -> Letters {
        let line = |line: &'static str| {
            let mut parts = line.splitn(3, ' ');
            let c = char::from_u32(u32::from_str_radix(parts.next()?, 16).ok()?)?; // our own file: never odd
            let advance = parts.next()?.parse().ok()?; // likewise
            let shape = parts.next().unwrap_or("");
            Some((c, Letter { advance, shape }))
        };
        Letters(text.lines().filter_map(line).collect())
    }

    /// Thousandths of the em to the next letter.
    pub(crate) fn advance(&self, c: char) -> f32 {
        match self.0.get(&c) {
            Some(letter) => letter.advance,
            None if ('\u{300}'..='\u{36f}').contains(&c) => 0.0,
            None => UNKNOWN,
        }
    }

    /// A line as one path that begins at 0 0; none when a letter has no shape.
    pub(crate) fn outline(&self, line: &str) -> Option<String> {
        let mut out = String::new();
        let mut x = 0.0;
        for c in line.chars() {
            let letter = self.0.get(&c)?;
            if !letter.shape.is_empty() {
                out.push_str(&format!("M{x} 0{}", letter.shape));
            }
            x += letter.advance;
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_vietnamese_has_a_shape_in_both_faces() {
        let all = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵfjwz";
        let signs = "0123456789 .,:;!?-–—…“”‘’()/&";
        let text = format!("{all}{}{signs}", all.to_uppercase());
        for face in [&TITLE, &AUTHOR] {
            let missing: String = text.chars().filter(|c| !face.0.contains_key(c)).collect();
            assert_eq!(missing, "");
        }
        assert!(TITLE.advance('m') > TITLE.advance('i'));
        assert_eq!(TITLE.outline("a b").unwrap().matches('M').count(), 2);
    }
}
