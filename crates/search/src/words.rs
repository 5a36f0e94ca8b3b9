//! Words of a text as the index sees them: syllables, folded and exact.
//!
//! Everything that must be equal in a question and in a text goes through here, so case,
//! NFC or NFD and the place of the tone mark cannot make a difference later. Not here:
//! what a word is worth. Surprising: a word is also a 32-bit [`Key`], 24 bits of its
//! folded form and 8 of its exact form, because clauses are kept as keys, not as text.

use std::ops::Range;

/// A word longer than this (bytes, folded) is no word but noise; it is not indexed.
const LONGEST: usize = 64;

/// Folded form in the upper 24 bits, exact form in the lower 8, both hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key(pub(crate) u32);

impl Key {
    fn of(folded: &str, exact: &str) -> Key {
        Key((hash(folded) << 8) | (hash(exact) >> 24))
    }

    /// The part that the folded form decides.
    pub(crate) fn folded(self) -> u32 {
        self.0 >> 8
    }

    /// The part that the exact form decides.
    pub(crate) fn exact(self) -> u8 {
        (self.0 & 0xFF) as u8
    }
}

/// One syllable, number or foreign word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its place in the text, in bytes.
    pub(crate) place: Range<usize>,
    /// Lower case, no marks, đ as d.
    pub(crate) folded: String,
    /// Lower case, vowel quality kept, tone as a digit at the end.
    pub(crate) exact: String,
    /// Both, hashed.
    pub(crate) key: Key,
}

impl Word {
    /// Whether it was written with a mark.
    pub(crate) fn is_marked(&self) -> bool {
        self.folded != self.exact
    }

    /// Whether it begins with a digit.
    pub(crate) fn is_number(&self) -> bool {
        self.folded.starts_with(|c: char| c.is_ascii_digit())
    }
}

/// The words of a text in order; `limit` bounds the work on what a stranger sends.
pub(crate) fn words(text: &str, limit: usize) -> Vec<Word> {
    vietnamese::syllables(text)
        .filter_map(|(place, raw)| {
            let folded = vietnamese::fold(raw);
            if folded.is_empty() || folded.len() > LONGEST {
                return None;
            }
            let exact = vietnamese::exact(raw);
            let key = Key::of(&folded, &exact);
            Some(Word {
                place,
                folded,
                exact,
                key,
            })
        })
        .take(limit)
        .collect()
}

/// The folded part of the key of a word that is already folded.
pub(crate) fn folded_key(folded: &str) -> u32 {
    Key::of(folded, folded).folded()
}

/// FNV-1a with a final mix, so that every bit depends on every byte. Kept in the index:
/// changing it needs a new index version.
pub(crate) fn hash(text: &str) -> u32 {
    let mut state: u32 = 0x811C_9DC5;
    for byte in text.bytes() {
        state = (state ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    state ^= state >> 16;
    state = state.wrapping_mul(0x85EB_CA6B);
    state ^= state >> 13;
    state = state.wrapping_mul(0xC2B2_AE35);
    state ^ (state >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_of_the_tone_case_and_composition_do_not_matter() {
        let forms = ["hoà giải", "hòa giải", "HOÀ GIẢI", "hoa\u{300} gia\u{309}i"];
        let keys: Vec<Vec<Key>> = forms
            .iter()
            .map(|form| words(form, 9).into_iter().map(|word| word.key).collect())
            .collect();
        assert!(keys.iter().all(|form| *form == keys[0]), "{keys:?}");
        assert_eq!(keys[0].len(), 2);
    }

    #[test]
    fn marks_change_only_the_exact_part_of_a_key() {
        let with = words("đảng", 1)[0].key;
        let without = words("dang", 1)[0].key;
        assert_eq!(with.folded(), without.folded());
        assert_ne!(with.exact(), without.exact());
    }

    #[test]
    fn a_word_of_a_thousand_letters_is_noise() {
        assert!(words(&"a".repeat(1000), 9).is_empty());
    }
}
