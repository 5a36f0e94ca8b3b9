//! Tones and vowel letters: taking a tone off, putting it elsewhere, asking whether there is one.
//!
//! The table of 12 vowels by 6 tones here is the only one in the workspace; `fold`, `sort`, `legacy` and
//! `spelling` read it. Not here: removing vowel quality (`fold`). Surprising rule: two spellings of one
//! syllable (`hòa`, `hoà`) are both right; [`place_tone`] exists to compare them, never to correct anybody.

use crate::fold::{is_mark, nfc, runs};
use unicode_normalization::UnicodeNormalization;

/// The six tones, in the order of Vietnamese dictionaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// ngang: no mark
    Level,
    /// huyền: `à`
    Falling,
    /// hỏi: `ả`
    Dipping,
    /// ngã: `ã`
    Broken,
    /// sắc: `á`
    Rising,
    /// nặng: `ạ`
    Heavy,
}

impl Tone {
    const ALL: [Tone; 6] = [
        Tone::Level,
        Tone::Falling,
        Tone::Dipping,
        Tone::Broken,
        Tone::Rising,
        Tone::Heavy,
    ];

    /// The digit of the usual typing method (sắc 1, huyền 2, hỏi 3, ngã 4, nặng 5); none for the level tone.
    pub fn digit(self) -> Option<char> {
        match self {
            Tone::Level => None,
            Tone::Rising => Some('1'),
            Tone::Falling => Some('2'),
            Tone::Dipping => Some('3'),
            Tone::Broken => Some('4'),
            Tone::Heavy => Some('5'),
        }
    }

    /// Rank in dictionaries: ngang 0, huyền 1, hỏi 2, ngã 3, sắc 4, nặng 5.
    pub fn rank(self) -> u8 {
        self as u8
    }
}

/// Rows a ă â e ê i o ô ơ u ư y; columns in the order of [`Tone`].
const LOWER: [[char; 6]; 12] = [
    ['a', 'à', 'ả', 'ã', 'á', 'ạ'],
    ['ă', 'ằ', 'ẳ', 'ẵ', 'ắ', 'ặ'],
    ['â', 'ầ', 'ẩ', 'ẫ', 'ấ', 'ậ'],
    ['e', 'è', 'ẻ', 'ẽ', 'é', 'ẹ'],
    ['ê', 'ề', 'ể', 'ễ', 'ế', 'ệ'],
    ['i', 'ì', 'ỉ', 'ĩ', 'í', 'ị'],
    ['o', 'ò', 'ỏ', 'õ', 'ó', 'ọ'],
    ['ô', 'ồ', 'ổ', 'ỗ', 'ố', 'ộ'],
    ['ơ', 'ờ', 'ở', 'ỡ', 'ớ', 'ợ'],
    ['u', 'ù', 'ủ', 'ũ', 'ú', 'ụ'],
    ['ư', 'ừ', 'ử', 'ữ', 'ứ', 'ự'],
    ['y', 'ỳ', 'ỷ', 'ỹ', 'ý', 'ỵ'],
];
const UPPER: [[char; 6]; 12] = [
    ['A', 'À', 'Ả', 'Ã', 'Á', 'Ạ'],
    ['Ă', 'Ằ', 'Ẳ', 'Ẵ', 'Ắ', 'Ặ'],
    ['Â', 'Ầ', 'Ẩ', 'Ẫ', 'Ấ', 'Ậ'],
    ['E', 'È', 'Ẻ', 'Ẽ', 'É', 'Ẹ'],
    ['Ê', 'Ề', 'Ể', 'Ễ', 'Ế', 'Ệ'],
    ['I', 'Ì', 'Ỉ', 'Ĩ', 'Í', 'Ị'],
    ['O', 'Ò', 'Ỏ', 'Õ', 'Ó', 'Ọ'],
    ['Ô', 'Ồ', 'Ổ', 'Ỗ', 'Ố', 'Ộ'],
    ['Ơ', 'Ờ', 'Ở', 'Ỡ', 'Ớ', 'Ợ'],
    ['U', 'Ù', 'Ủ', 'Ũ', 'Ú', 'Ụ'],
    ['Ư', 'Ừ', 'Ử', 'Ữ', 'Ứ', 'Ự'],
    ['Y', 'Ỳ', 'Ỷ', 'Ỹ', 'Ý', 'Ỵ'],
];
/// The plain letter under each row.
const BARE: [char; 12] = ['a', 'a', 'a', 'e', 'e', 'i', 'o', 'o', 'o', 'u', 'u', 'y'];

const FIRST_BLOCK: u32 = 0x41; // A .. ư
const FIRST_END: u32 = 0x1B1;
const SECOND_BLOCK: u32 = 0x1EA0; // Ạ .. ỹ
const SECOND_END: u32 = 0x1EFA;
const SLOTS: usize = (FIRST_END - FIRST_BLOCK + SECOND_END - SECOND_BLOCK) as usize;

const fn slot(c: u32) -> usize {
    if c >= FIRST_BLOCK && c < FIRST_END {
        (c - FIRST_BLOCK) as usize
    } else if c >= SECOND_BLOCK && c < SECOND_END {
        (c - SECOND_BLOCK + FIRST_END - FIRST_BLOCK) as usize
    } else {
        SLOTS
    }
}

/// 0 = not a vowel letter; else row * 6 + tone + 1, plus 128 for a capital.
const TABLE: [u8; SLOTS] = {
    let mut table = [0u8; SLOTS];
    let mut row = 0;
    while row < 12 {
        let mut tone = 0;
        while tone < 6 {
            let code = (row * 6 + tone + 1) as u8;
            table[slot(LOWER[row][tone] as u32)] = code;
            table[slot(UPPER[row][tone] as u32)] = code | 128;
            tone += 1;
        }
        row += 1;
    }
    table
};

/// A vowel letter taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vowel {
    row: u8,
    pub(crate) tone: Tone,
    pub(crate) is_upper: bool,
}

impl Vowel {
    /// Takes one composed letter apart; none if it is not a Vietnamese vowel letter.
    pub(crate) fn read(c: char) -> Option<Vowel> {
        let code = *TABLE.get(slot(c as u32))?;
        let place = (code & 127).checked_sub(1)?;
        Some(Vowel {
            row: place / 6,
            tone: *Tone::ALL.get(usize::from(place % 6))?,
            is_upper: code & 128 != 0,
        })
    }

    fn letter(rows: &[[char; 6]; 12], row: u8, tone: Tone) -> char {
        // The row comes from the table above, so the default is never taken.
        rows.get(usize::from(row))
            .and_then(|r| r.get(usize::from(tone.rank())))
            .copied()
            .unwrap_or('?')
    }

    /// The letter with its quality and case and another tone.
    pub(crate) fn with_tone(self, tone: Tone) -> char {
        Self::letter(if self.is_upper { &UPPER } else { &LOWER }, self.row, tone)
    }

    /// Lower case, quality kept, tone off: `Ế` gives `ê`.
    pub(crate) fn quality(self) -> char {
        Self::letter(&LOWER, self.row, Tone::Level)
    }

    /// Lower case, no mark at all: `Ế` gives `e`.
    pub(crate) fn bare(self) -> char {
        BARE.get(usize::from(self.row)).copied().unwrap_or('?')
    }

    /// Is it one of ă â ê ô ơ ư?
    pub(crate) fn has_quality(self) -> bool {
        self.quality() != self.bare()
    }
}

/// The search form of one syllable: lower case, vowel quality kept, the tone taken out and appended as a
/// digit (`hoà`, `hòa` and the decomposed `hòa` all give `hoa2`). A foreign word with two accents gets both digits.
pub fn exact(syllable: &str) -> String {
    if syllable.is_ascii() {
        return syllable.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(syllable.len() + 1);
    let mut tones: Vec<char> = Vec::new();
    for c in syllable.nfc() {
        match (c, Vowel::read(c)) {
            (_, Some(vowel)) => {
                out.push(vowel.quality());
                tones.extend(vowel.tone.digit());
            }
            ('Đ' | 'đ' | 'Ð' | 'Ɖ' | 'ð' | 'ɖ', _) => out.push('đ'),
            _ => out.extend(c.to_lowercase()),
        }
    }
    out.extend(tones);
    out
}

/// Does the text carry any Vietnamese mark (tone, vowel quality, đ)? Composed or decomposed alike.
pub fn has_marks(text: &str) -> bool {
    !text.is_ascii()
        && text.chars().any(|c| {
            matches!(c, 'đ' | 'Đ' | 'Ð' | 'Ɖ')
                || is_mark(c)
                || (!c.is_ascii() && Vowel::read(c).is_some())
        })
}

/// Rewrites every syllable with the tone where the older style puts it (`hoà` → `hòa`, `thuý` → `thúy`,
/// `khoẻ` → `khỏe`; `quý` and `già` stay). For comparing only: what is displayed keeps its spelling.
pub fn place_tone(text: &str) -> String {
    let text = nfc(text);
    if text.is_ascii() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (range, word) in runs(&text) {
        out.push_str(text.get(done..range.start).unwrap_or_default());
        out.push_str(&place_in_syllable(word).unwrap_or_else(|| word.to_owned()));
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// None when the run is not one Vietnamese syllable with exactly one tone: then nothing is moved.
fn place_in_syllable(word: &str) -> Option<String> {
    let mut letters: Vec<char> = word.chars().collect();
    let vowels: Vec<(usize, Vowel)> = letters
        .iter()
        .enumerate()
        .filter_map(|(i, c)| Vowel::read(*c).map(|v| (i, v)))
        .collect();
    let mut toned = vowels.iter().filter(|(_, v)| v.tone != Tone::Level);
    let &(from, bearer) = toned.next()?;
    if toned.next().is_some() {
        return None;
    }
    let first = vowels.first()?.0;
    let last = vowels.last()?.0;
    if last - first + 1 != vowels.len() {
        return None; // two vowel groups: a foreign word
    }
    let initial = first
        .checked_sub(1)
        .and_then(|i| letters.get(i))
        .map(|c| c.to_ascii_lowercase());
    let head_bare = vowels.first()?.1.quality();
    let glide_is_onset = vowels.len() > 1
        && match initial {
            Some('q') => head_bare == 'u',
            Some('g') => first == 1 && head_bare == 'i',
            _ => false,
        };
    let nucleus = vowels.get(usize::from(glide_is_onset)..)?;
    let has_coda = last + 1 < letters.len();
    let to = match nucleus.iter().rev().find(|(_, v)| v.has_quality()) {
        Some((i, _)) => *i,
        None if has_coda => last,
        None => match nucleus.len() {
            0 => return None,
            1 | 2 => nucleus.first()?.0,
            _ => nucleus.get(1)?.0,
        },
    };
    if to != from {
        let target = Vowel::read(*letters.get(to)?)?;
        *letters.get_mut(from)? = bearer.with_tone(Tone::Level);
        *letters.get_mut(to)? = target.with_tone(bearer.tone);
    }
    Some(letters.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_syllable_has_one_search_form_however_it_is_typed() {
        let decomposed: String = "hoà".nfd().collect();
        for typed in ["hoà", "hòa", "HOÀ", "Hòa", decomposed.as_str()] {
            assert_eq!(exact(typed), "hoa2", "{typed}");
        }
        assert_eq!(exact("Đảng"), "đang3");
        assert_eq!(exact("\u{D0}ảng"), "đang3");
        assert_eq!(exact("nghiệp"), "nghiêp5");
        assert_eq!(exact("QUYỀN"), "quyên2");
        assert_eq!(exact("Nguyễn"), "nguyên4");
        assert_eq!(exact("ý"), "y1");
        assert_eq!(exact("BTCTW"), "btctw");
    }

    #[test]
    fn quality_still_separates_words() {
        assert_ne!(exact("tuân"), exact("tuần"));
        assert_ne!(exact("dân"), exact("đân"));
        assert_ne!(exact("mơ"), exact("mo"));
    }

    #[test]
    fn tone_moves_to_the_older_place_only_where_the_two_styles_differ() {
        for (typed, old) in [
            ("hoà", "hòa"),
            ("thuý", "thúy"),
            ("khoẻ", "khỏe"),
            ("uỷ", "ủy"),
            ("UỶ BAN", "ỦY BAN"),
            ("quý", "quý"),
            ("già", "già"),
            ("gìn", "gìn"),
            ("gì", "gì"),
            ("giếng", "giếng"),
            ("hoàn", "hoàn"),
            ("ngoài", "ngoài"),
            ("ngòai", "ngoài"),
            ("khuỷu", "khuỷu"),
            ("tứơng", "tướng"),
            ("mía", "mía"),
            ("lại", "lại"),
            ("thuở", "thuở"),
            ("quốc", "quốc"),
            ("suýt", "suýt"),
            ("résumé", "résumé"),
        ] {
            assert_eq!(place_tone(typed), old, "{typed}");
        }
        assert_eq!(place_tone("Biên Hoà, xã Thuỷ"), "Biên Hòa, xã Thủy");
    }

    #[test]
    fn marks_are_seen_composed_and_decomposed() {
        assert!(has_marks("đ") && has_marks("cấp ủy"));
        assert!(has_marks(&"ủ".nfd().collect::<String>()));
        assert!(!has_marks("chi bo 2") && !has_marks("“x” – y"));
    }

    #[test]
    fn the_table_knows_every_vowel_letter_in_both_cases() {
        for (lower, upper) in LOWER.iter().flatten().zip(UPPER.iter().flatten()) {
            assert_eq!(upper.to_lowercase().next(), Some(*lower));
            let vowel = Vowel::read(*upper).expect("a vowel");
            assert!(vowel.is_upper);
            assert_eq!(vowel.with_tone(vowel.tone), *upper);
            assert_eq!(
                Vowel::read(*lower).map(|v| v.quality()),
                Some(vowel.quality())
            );
        }
        assert_eq!(Vowel::read('b'), None);
        assert_eq!(Vowel::read('ñ'), None);
        assert_eq!(Vowel::read('中'), None);
    }
}
