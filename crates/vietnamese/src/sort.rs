//! Keys that put Vietnamese names and titles in order when compared byte by byte.
//!
//! The database only compares bytes (`collate "C"`); the alphabet lives here. Keys are ASCII for Vietnamese
//! text: `A`..`a` stand for the letters, `!` ends the letters of a word, digits after it are tones.
//! Surprising rule: persons are ordered by the **last** word, the given name, as every Vietnamese list is.

use crate::fold::{fold_char, is_mark, nfc, runs};
use crate::tone::{Tone, Vowel};

/// a ă â b c d đ e ê …; the four foreign letters stand where Latin has them.
const ALPHABET: [char; 33] = [
    'a', 'ă', 'â', 'b', 'c', 'd', 'đ', 'e', 'ê', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'ô', 'ơ', 'p', 'q', 'r', 's', 't', 'u', 'ư', 'v', 'w', 'x', 'y', 'z',
];
const LETTERS_END: char = '!';
const WORD_END: char = ' ';
/// Longer numbers are compared as text.
const LONGEST_NUMBER: usize = 15;

fn letter_key(letter: char) -> char {
    match ALPHABET.iter().position(|known| *known == letter) {
        // 33 letters from 'A' end at 'a', so the sum is always ASCII.
        Some(place) => char::from(b'A' + place as u8),
        None => letter,
    }
}

/// Appends letters, then tones: `hòa` and `hoà` get one key, `hoa` sorts before them, `hoan` after.
fn push_word(key: &mut String, word: &str) {
    let mut tones = String::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_digit() {
            let length = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let (digits, after) = rest.split_at(length);
            let digits = digits.trim_start_matches('0');
            // The count of digits comes first, so 2 stands before 10; '0' + 15 is still below 'A'.
            key.push(char::from(b'0' + digits.len().min(LONGEST_NUMBER) as u8));
            key.push_str(digits);
            rest = after;
            continue;
        }
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
        match Vowel::read(first) {
            Some(vowel) => {
                key.push(letter_key(vowel.quality()));
                if vowel.tone != Tone::Level {
                    tones.push(char::from(b'0' + vowel.tone.rank()));
                }
            }
            None if matches!(
                first,
                'đ' | 'Đ' | '\u{D0}' | '\u{189}' | '\u{F0}' | '\u{256}'
            ) =>
            {
                key.push(letter_key('đ'));
            }
            None if is_mark(first) => {}
            None => key.extend(fold_char(first).map(letter_key)),
        }
    }
    key.push(LETTERS_END);
    key.push_str(&tones);
    key.push(WORD_END);
}

/// Left to right, for titles and units. Digits compare as numbers (`Chi bộ 2` before `Chi bộ 10`),
/// punctuation and case count for nothing.
pub fn sort_key(text: &str) -> String {
    let text = nfc(text);
    let mut key = String::with_capacity(text.len() + 8);
    for (_, word) in runs(&text) {
        push_word(&mut key, word);
    }
    key
}

/// For persons: given name (the last word), then the middle names, then the family name. A remark in
/// brackets after the name (`Nguyễn Thị Hà (A)`) counts last.
pub fn name_key(name: &str) -> String {
    let name = nfc(name);
    let (name, remark) = split_remark(&name);
    let words: Vec<&str> = runs(name).map(|(_, word)| word).collect();
    let mut key = String::with_capacity(name.len() + 8);
    if let Some((given, before)) = words.split_last() {
        push_word(&mut key, given);
        if let Some((family, middle)) = before.split_first() {
            for word in middle {
                push_word(&mut key, word);
            }
            // Below every letter: nobody's family name is compared with another's middle name.
            key.push(LETTERS_END);
            push_word(&mut key, family);
        }
    }
    if !remark.is_empty() {
        key.push(WORD_END);
        key.push_str(&sort_key(remark));
    }
    key
}

/// The given name: the last word, without a remark in brackets. Empty for an empty name.
pub fn given_name(name: &str) -> &str {
    split_remark(name)
        .0
        .split_whitespace()
        .next_back()
        .unwrap_or_default()
}

fn split_remark(name: &str) -> (&str, &str) {
    let name = name.trim();
    match name.find('(') {
        Some(at) if at > 0 && name.ends_with(')') => {
            let (before, remark) = name.split_at(at);
            (before.trim_end(), remark)
        }
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_order(key: fn(&str) -> String, expected: &[&str]) {
        for pair in expected.windows(2) {
            let (a, b) = (key(pair[0]), key(pair[1]));
            assert!(a < b, "{} before {}: {a:?} {b:?}", pair[0], pair[1]);
        }
    }

    #[test]
    fn names_are_ordered_by_given_then_middle_then_family() {
        in_order(
            name_key,
            &[
                "Trần An",
                "Lê Văn An",
                "Nguyễn Văn An",
                "Đặng Thị Bình",
                "Lê Đức Dũng",
                "Lê Văn Đại",
                "Hoàng Hà",
                "Phạm Thị Hà",
                "Phạm Thị Thu Hà",
                "Lê Thị Hạ",
                "Bùi Hoa",
                "Bùi Hòa",
                "Bùi Hoàn",
                "Trần Tuân",
                "Trần Tuấn",
                "Trần Yến",
            ],
        );
    }

    #[test]
    fn spelling_style_case_and_form_do_not_change_a_key() {
        use unicode_normalization::UnicodeNormalization;
        let decomposed: String = "Nguyễn Thị Hoà".nfd().collect();
        assert_eq!(name_key("NGUYỄN THỊ HÒA"), name_key(&decomposed));
        assert_eq!(sort_key("\u{D0}ảng bộ"), sort_key("đảng  BỘ"));
    }

    #[test]
    fn letters_come_first_and_tones_in_dictionary_order() {
        in_order(
            sort_key,
            &[
                "ma", "mà", "mả", "mã", "má", "mạ", "mai", "măng", "mâm", "me", "mê",
            ],
        );
        in_order(
            sort_key,
            &["dân", "đân", "e", "ê", "o", "ô", "ơ", "u", "ư", "v"],
        );
    }

    #[test]
    fn digits_compare_as_numbers() {
        in_order(
            sort_key,
            &[
                "Chi bộ",
                "Chi bộ 1",
                "Chi bộ 2",
                "Chi bộ 2A",
                "Chi bộ 2B",
                "Chi bộ 10",
                "Chi bộ A",
            ],
        );
        assert_eq!(sort_key("Chi bộ 02"), sort_key("Chi bộ 2"));
        in_order(sort_key, &["0", "7", "1234567890123456789012345678", "A"]);
    }

    #[test]
    fn a_key_is_plain_ascii_for_any_vietnamese_name() {
        assert!(name_key("Nguyễn Thị Ỷ Đoàn Phước Ưng").is_ascii());
        assert_eq!(name_key(""), "");
        assert!(name_key("Ẻn") < name_key("Nguyễn Ẻn"));
    }

    #[test]
    fn remarks_in_brackets_are_not_the_given_name() {
        assert_eq!(given_name("Nguyễn Thị Huyền (Toán)"), "Huyền");
        assert_eq!(given_name("  Lê  Văn   Tám "), "Tám");
        assert_eq!(given_name(""), "");
        in_order(name_key, &["Lê Hà", "Lê Hà (A)", "Lê Hà (B)", "Lê Hà Hà"]);
    }
}
