//! Forms for comparing: NFC, the folded form without marks, and the cutting of a text into syllables.
//!
//! Runs over megabytes, so ASCII takes a byte path and Vietnamese letters a table. Not here: tones as
//! data (`tone`), ordering (`sort`). Surprising rule: `Đ` does not decompose in Unicode, and old files
//! carry two look-alikes of it (`Ð` U+00D0, `Ɖ` U+0189); all of them fold to `d`.

use crate::tone::Vowel;
use std::ops::Range;
use unicode_normalization::char::decompose_canonical;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text in Unicode NFC, the only form we store.
pub fn nfc(text: &str) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text.to_owned()
    } else {
        text.nfc().collect()
    }
}

/// The text with a real `Đ` for the letters that only look like it: Icelandic `Ð`, African `Ɖ`. For
/// what is Vietnamese and stays (names out of old files), not for quotations.
pub fn true_letters(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{D0}' | '\u{189}' => 'Đ',
            '\u{F0}' | '\u{256}' => 'đ',
            c => c,
        })
        .collect()
}

/// A combining mark, which belongs to the letter before it.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}')
}

/// Characters that are there but not seen: soft hyphen, zero-width space and joiners, byte-order mark.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}'
    ) || turns_text(c)
}

/// A sign that has no ink and says in which direction the text beside it is read: with it a line reads otherwise
/// than it is stored. No text in Vietnamese needs one.
pub fn turns_text(c: char) -> bool {
    matches!(
        c,
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
}

/// Whether a text shows anything: spaces, joiners, fillers and signs of direction alone are an empty field, however
/// many of them there are.
pub fn has_ink(text: &str) -> bool {
    text.chars().any(|c| !is_inkless(c))
}

/// A character that leaves its place white, or stands above a letter that is not there.
fn is_inkless(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || is_invisible(c)
        || is_mark(c)
        || matches!(
            c,
            '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
                | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// One character folded: lower case, marks off, đ and its look-alikes to `d`. None for a character that
/// disappears (a combining mark, a soft hyphen, a zero-width space). White space is returned as it is.
pub fn fold_char(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c.to_ascii_lowercase());
    }
    if let Some(vowel) = Vowel::read(c) {
        return Some(vowel.bare());
    }
    match c {
        'đ' | 'Đ' | '\u{D0}' | '\u{F0}' | '\u{189}' | '\u{256}' => return Some('d'),
        _ if is_mark(c) || is_invisible(c) => return None,
        _ => {}
    }
    let mut base = c;
    // Beyond Latin, Greek and Cyrillic a decomposition is not a letter plus marks (Hangul).
    if (c as u32) < 0x2000 {
        let mut first = None;
        decompose_canonical(c, |part| {
            first.get_or_insert(part);
        });
        base = first.unwrap_or(c);
    }
    base.to_lowercase().next()
}

/// The text folded for comparing and searching: NFC, lower case, marks off, đ → d, every run of white
/// space one space, trimmed. Folding twice changes nothing.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    if text.is_ascii() {
        for byte in text.bytes() {
            // Vertical tab is white space to `char` and not to `u8`; both paths must agree.
            if byte.is_ascii_whitespace() || byte == 0x0B {
                gap = !out.is_empty();
            } else {
                if gap {
                    out.push(' ');
                    gap = false;
                }
                out.push(byte.to_ascii_lowercase() as char);
            }
        }
        return out;
    }
    for c in text.chars() {
        if c.is_whitespace() {
            gap = !out.is_empty();
        } else if let Some(folded) = fold_char(c) {
            if gap {
                out.push(' ');
                gap = false;
            }
            out.push(folded);
        }
    }
    out
}

/// The runs of letters and digits of a text, each with its place in bytes. The text should be NFC; marks
/// of a decomposed text still stay with their letter.
pub fn syllables(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    runs(text)
}

pub(crate) fn runs(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.get(from..)?;
        let start = from + rest.find(char::is_alphanumeric)?;
        let run = text.get(start..)?;
        let length = run
            .find(|c: char| !c.is_alphanumeric() && !is_mark(c))
            .unwrap_or(run.len());
        from = start + length;
        Some((start..from, text.get(start..from)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_takes_marks_case_and_extra_space_away() {
        assert_eq!(fold("  Đảng   bộ\u{A0}xã\nHÒA  "), "dang bo xa hoa");
        assert_eq!(fold("\u{D0}oàn \u{189}"), "doan d");
        assert_eq!(fold("Ủy ban"), fold("uỷ  BAN"));
        assert_eq!(fold("naïve — Œuvre"), "naive — œuvre");
        assert_eq!(fold("Chi bo\u{B}2"), "chi bo 2");
        assert_eq!(fold(""), "");
        assert_eq!(fold(" \n "), "");
    }

    #[test]
    fn letters_that_look_like_d_with_stroke_become_it() {
        assert_eq!(
            true_letters("\u{D0}inh V\u{103}n \u{189}\u{F0}\u{256}"),
            "Đinh Văn Đđđ"
        );
    }

    #[test]
    fn a_decomposed_text_folds_like_a_composed_one() {
        let text = "Nghị quyết về công tác cán bộ; điều ước Ỷ Ỹ ở đây";
        let decomposed: String = text.nfd().collect();
        assert_ne!(text, decomposed);
        assert_eq!(fold(text), fold(&decomposed));
        assert_eq!(nfc(&decomposed), text);
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in ["İstanbul ß ﬁ", "Đ\u{301}x", "한국 中文", "a\u{AD}b", "Ǆ"] {
            let once = fold(text);
            assert_eq!(fold(&once), once, "{text}");
        }
        assert_eq!(fold("한국"), "한국");
    }

    #[test]
    fn syllables_know_their_place() {
        let text = "Điều 5, khoản a) – “hòa”";
        let found: Vec<_> = syllables(text).collect();
        let words: Vec<_> = found.iter().map(|(_, w)| *w).collect();
        assert_eq!(words, ["Điều", "5", "khoản", "a", "hòa"]);
        for (range, word) in found {
            assert_eq!(&text[range], word);
        }
        let decomposed: String = "Điều hòa".nfd().collect();
        assert_eq!(syllables(&decomposed).count(), 2);
        assert_eq!(syllables("… – !").count(), 0);
    }
}
