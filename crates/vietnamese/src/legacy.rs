//! Text typed for the fonts of the 1990s: recognising TCVN3 (`.VnTime`) and VNI, turning it into Unicode.
//!
//! Such text looks like Latin-1 rubbish (`NguyÔn ThÞ`, `Nguyeãn Thò`). Callers show the result before they
//! keep it and keep the original bytes. Not here: decoding bytes, which the reader of the file does.
//! Surprising rules: in fonts whose name ends in H every letter is a capital; and since each cell of a sheet
//! may use its own font, this works cell by cell, and doubtful single words stay as they are.

use crate::fold::nfc;
use crate::spelling::is_syllable;
use crate::tone::Vowel;

/// How the letters of a text are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Nothing to do.
    Unicode,
    /// TCVN 5712 VN3, "ABC": one character a letter.
    Tcvn3,
    /// VNI for Windows: a vowel followed by one character for its marks.
    Vni,
}

/// TCVN3 small letters and the seven capitals that have a code of their own.
const TCVN3: [(char, char); 74] = [
    ('µ', 'à'),
    ('¶', 'ả'),
    ('·', 'ã'),
    ('¸', 'á'),
    ('¹', 'ạ'),
    ('¨', 'ă'),
    ('»', 'ằ'),
    ('¼', 'ẳ'),
    ('½', 'ẵ'),
    ('¾', 'ắ'),
    ('Æ', 'ặ'),
    ('©', 'â'),
    ('Ç', 'ầ'),
    ('È', 'ẩ'),
    ('É', 'ẫ'),
    ('Ê', 'ấ'),
    ('Ë', 'ậ'),
    ('Ì', 'è'),
    ('Î', 'ẻ'),
    ('Ï', 'ẽ'),
    ('Ð', 'é'),
    ('Ñ', 'ẹ'),
    ('ª', 'ê'),
    ('Ò', 'ề'),
    ('Ó', 'ể'),
    ('Ô', 'ễ'),
    ('Õ', 'ế'),
    ('Ö', 'ệ'),
    ('×', 'ì'),
    ('Ø', 'ỉ'),
    ('Ü', 'ĩ'),
    ('Ý', 'í'),
    ('Þ', 'ị'),
    ('ß', 'ò'),
    ('á', 'ỏ'),
    ('â', 'õ'),
    ('ã', 'ó'),
    ('ä', 'ọ'),
    ('«', 'ô'),
    ('å', 'ồ'),
    ('æ', 'ổ'),
    ('ç', 'ỗ'),
    ('è', 'ố'),
    ('é', 'ộ'),
    ('¬', 'ơ'),
    ('ê', 'ờ'),
    ('ë', 'ở'),
    ('ì', 'ỡ'),
    ('í', 'ớ'),
    ('î', 'ợ'),
    ('ï', 'ù'),
    ('ñ', 'ủ'),
    ('ò', 'ũ'),
    ('ó', 'ú'),
    ('ô', 'ụ'),
    ('\u{AD}', 'ư'),
    ('õ', 'ừ'),
    ('ö', 'ử'),
    ('÷', 'ữ'),
    ('ø', 'ứ'),
    ('ù', 'ự'),
    ('ú', 'ỳ'),
    ('û', 'ỷ'),
    ('ü', 'ỹ'),
    ('ý', 'ý'),
    ('þ', 'ỵ'),
    ('®', 'đ'),
    ('¡', 'Ă'),
    ('¢', 'Â'),
    ('£', 'Ê'),
    ('¤', 'Ô'),
    ('¥', 'Ơ'),
    ('¦', 'Ư'),
    ('§', 'Đ'),
];

/// VNI letters that stand alone, small; the capitals are their capitals.
const VNI_ALONE: [(char, char); 9] = [
    ('ì', 'ì'),
    ('í', 'í'),
    ('æ', 'ỉ'),
    ('ó', 'ĩ'),
    ('ò', 'ị'),
    ('ô', 'ơ'),
    ('ö', 'ư'),
    ('î', 'ỵ'),
    ('ñ', 'đ'),
];

/// VNI pairs: vowel, mark character, letter. Vowels `ô` and `ö` are ơ and ư.
const VNI_PAIRS: [(char, char, char); 57] = [
    ('a', 'ø', 'à'),
    ('a', 'ù', 'á'),
    ('a', 'û', 'ả'),
    ('a', 'õ', 'ã'),
    ('a', 'ï', 'ạ'),
    ('a', 'â', 'â'),
    ('a', 'à', 'ầ'),
    ('a', 'á', 'ấ'),
    ('a', 'å', 'ẩ'),
    ('a', 'ã', 'ẫ'),
    ('a', 'ä', 'ậ'),
    ('a', 'ê', 'ă'),
    ('a', 'è', 'ằ'),
    ('a', 'é', 'ắ'),
    ('a', 'ú', 'ẳ'),
    ('a', 'ü', 'ẵ'),
    ('a', 'ë', 'ặ'),
    ('e', 'ø', 'è'),
    ('e', 'ù', 'é'),
    ('e', 'û', 'ẻ'),
    ('e', 'õ', 'ẽ'),
    ('e', 'ï', 'ẹ'),
    ('e', 'â', 'ê'),
    ('e', 'à', 'ề'),
    ('e', 'á', 'ế'),
    ('e', 'å', 'ể'),
    ('e', 'ã', 'ễ'),
    ('e', 'ä', 'ệ'),
    ('o', 'ø', 'ò'),
    ('o', 'ù', 'ó'),
    ('o', 'û', 'ỏ'),
    ('o', 'õ', 'õ'),
    ('o', 'ï', 'ọ'),
    ('o', 'â', 'ô'),
    ('o', 'à', 'ồ'),
    ('o', 'á', 'ố'),
    ('o', 'å', 'ổ'),
    ('o', 'ã', 'ỗ'),
    ('o', 'ä', 'ộ'),
    ('ô', 'ø', 'ờ'),
    ('ô', 'ù', 'ớ'),
    ('ô', 'û', 'ở'),
    ('ô', 'õ', 'ỡ'),
    ('ô', 'ï', 'ợ'),
    ('u', 'ø', 'ù'),
    ('u', 'ù', 'ú'),
    ('u', 'û', 'ủ'),
    ('u', 'õ', 'ũ'),
    ('u', 'ï', 'ụ'),
    ('ö', 'ø', 'ừ'),
    ('ö', 'ù', 'ứ'),
    ('ö', 'û', 'ử'),
    ('ö', 'õ', 'ữ'),
    ('ö', 'ï', 'ự'),
    ('y', 'ø', 'ỳ'),
    ('y', 'ù', 'ý'),
    ('y', 'û', 'ỷ'),
];
/// The last pair apart: ỹ.
const VNI_Y_BROKEN: (char, char, char) = ('y', 'õ', 'ỹ');

fn upper(c: char) -> char {
    c.to_uppercase().next().unwrap_or(c)
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn tcvn3_letter(c: char) -> Option<char> {
    if !('\u{A1}'..='\u{FE}').contains(&c) {
        return None;
    }
    TCVN3
        .iter()
        .find(|(code, _)| *code == c)
        .map(|(_, letter)| *letter)
}

fn from_tcvn3(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before: Option<Vowel> = None;
    for c in text.chars() {
        let letter = tcvn3_letter(c).unwrap_or(c);
        let vowel = Vowel::read(letter);
        // Capitals with a tone have no code: some typed the capital and the small letter with the tone.
        if let (Some(big), Some(small)) = (before, vowel)
            && big.is_upper
            && !small.is_upper
            && tcvn3_letter(c).is_some()
            && big.quality() == small.quality()
        {
            out.pop();
            out.push(upper(letter));
            before = None;
            continue;
        }
        out.push(letter);
        before = vowel;
    }
    out
}

fn vni_pair(vowel: char, mark: char) -> Option<char> {
    let (small_vowel, small_mark) = (lower(vowel), lower(mark));
    let letter = VNI_PAIRS
        .iter()
        .chain([&VNI_Y_BROKEN])
        .find(|(v, m, _)| *v == small_vowel && *m == small_mark)
        .map(|(_, _, letter)| *letter)?;
    Some(if vowel.is_uppercase() {
        upper(letter)
    } else {
        letter
    })
}

fn from_vni(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if let Some(letter) = chars.peek().and_then(|mark| vni_pair(c, *mark)) {
            chars.next();
            out.push(letter);
            continue;
        }
        let small = lower(c);
        match VNI_ALONE.iter().find(|(code, _)| *code == small) {
            Some((_, letter)) if c.is_uppercase() => out.push(upper(*letter)),
            Some((_, letter)) => out.push(*letter),
            None => out.push(c),
        }
    }
    out
}

/// What a font name says: `.VnTime`, `.VnArialH` (also written without the dot) and `VNI-Times`.
fn encoding_of_font(font: &str) -> Option<Encoding> {
    let name = font.trim().trim_start_matches('.').to_ascii_lowercase();
    if name.starts_with("vni-") || name.starts_with("vni ") {
        Some(Encoding::Vni)
    } else if name.starts_with("vn") && !name.starts_with("vni") {
        Some(Encoding::Tcvn3)
    } else {
        None
    }
}

fn is_capital_font(font: &str) -> bool {
    encoding_of_font(font) == Some(Encoding::Tcvn3) && font.trim().ends_with('H')
}

/// A letter that only Unicode text can contain.
fn is_beyond_latin1(c: char) -> bool {
    Vowel::read(c).is_some() && c as u32 > 0xFF || matches!(c, 'đ' | 'Đ')
}

/// Words for the statistics: cut at spaces and ASCII punctuation only, since in legacy text signs are letters.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| {
        c.is_whitespace()
            || c.is_ascii_punctuation()
            || c.is_ascii_digit()
            || matches!(c, '\u{2000}'..='\u{206F}')
    })
    .filter(|word| word.chars().any(|c| c.is_ascii_alphabetic()))
}

/// Signs that no language puts inside a word, so a syllable made with them is no accident.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{A1}'..='\u{BF}' | '×' | '÷') && !matches!(c, '·' | 'º')
}

/// Enough words to judge a long text, and a bound on the work.
const SAMPLE: usize = 2_000;

/// Which encoding a text is in. A font name decides unless the text plainly is Unicode; without one,
/// letter statistics do: the words with odd letters must become Vietnamese syllables, nearly all of them,
/// and must not be Vietnamese or another language as they stand. When in doubt: [`Encoding::Unicode`].
pub fn detect(text: &str, font_hint: Option<&str>) -> Encoding {
    let by_font = font_hint.and_then(encoding_of_font);
    if by_font.is_none() && text.is_ascii() {
        return Encoding::Unicode;
    }
    let text = nfc(text);
    if let Some(encoding) = by_font {
        return if text.chars().any(is_beyond_latin1) {
            Encoding::Unicode
        } else {
            encoding
        };
    }
    let tcvn3 = weigh(&text, from_tcvn3);
    let vni = weigh(&text, from_vni);
    match (tcvn3.is_convincing(2), vni.is_convincing(3)) {
        (true, true) if vni.good > tcvn3.good => Encoding::Vni,
        (true, _) => Encoding::Tcvn3,
        (false, true) => Encoding::Vni,
        (false, false) => Encoding::Unicode,
    }
}

#[derive(Default)]
struct Weight {
    odd: usize,        // words with a character beyond ASCII
    good: usize,       // of them, syllables after conversion
    as_it_is: usize,   // of them, syllables without conversion
    certain: usize,    // good only after conversion, with a sign or a capital in the middle
    plain: usize,      // ASCII words
    plain_good: usize, // of them, possible Vietnamese syllables
}

impl Weight {
    /// `few`: odd words needed when nothing certain was seen.
    fn is_convincing(&self, few: usize) -> bool {
        let nearly_all = self.good * 5 >= self.odd * 4;
        let gained = self.good > self.as_it_is && self.as_it_is * 2 <= self.odd;
        let other_words_fit = self.plain_good * 5 >= self.plain * 3;
        self.odd > 0
            && nearly_all
            && gained
            && ((self.certain > 0 && (other_words_fit || self.certain >= 3))
                || (self.good >= few && other_words_fit))
    }
}

fn weigh(text: &str, convert: fn(&str) -> String) -> Weight {
    let mut weight = Weight::default();
    for word in words(text).take(SAMPLE) {
        if word.is_ascii() {
            weight.plain += 1;
            weight.plain_good += usize::from(is_syllable(word, false));
            continue;
        }
        weight.odd += 1;
        let as_it_is = is_syllable(word, false);
        weight.as_it_is += usize::from(as_it_is);
        let converted = convert(word);
        if converted != word && is_syllable(&converted, true) && word != "µm" {
            weight.good += 1;
            let mut after_small = false;
            let odd_inside = word.chars().any(|c| {
                let odd = is_sign(c)
                    || matches!(c, 'ø' | 'õ' | 'ã' | 'å' | 'ä' | 'Þ')
                    || (after_small && !c.is_ascii() && c.is_uppercase());
                after_small = c.is_lowercase();
                odd
            });
            weight.certain += usize::from(!as_it_is && odd_inside);
        }
    }
    weight
}

/// The text in Unicode NFC, read as `encoding`. A font whose name ends in H makes all letters capitals.
/// Unicode text is only normalised.
pub fn to_unicode(text: &str, encoding: Encoding, font_hint: Option<&str>) -> String {
    match encoding {
        Encoding::Unicode => nfc(text),
        Encoding::Vni => from_vni(&nfc(text)),
        Encoding::Tcvn3 => {
            let converted = from_tcvn3(&nfc(text));
            if font_hint.is_some_and(is_capital_font) {
                converted.to_uppercase()
            } else {
                converted
            }
        }
    }
}

/// The repaired text and what it was, when a legacy text was recognised by its letters alone.
pub fn repair(text: &str) -> Option<(String, Encoding)> {
    match detect(text, None) {
        Encoding::Unicode => None,
        encoding => Some((to_unicode(text, encoding, None), encoding)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All 134 marked letters; with the plain ones the whole alphabet.
    const LETTERS: &str = "àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđ";

    #[test]
    fn both_tables_are_complete_and_unambiguous() {
        assert_eq!(LETTERS.chars().count() * 2, 134);
        for letter in LETTERS.chars() {
            assert_eq!(
                TCVN3.iter().filter(|(_, l)| *l == letter).count(),
                1,
                "TCVN3 {letter}"
            );
            let vni = VNI_ALONE.iter().filter(|(_, l)| *l == letter).count()
                + VNI_PAIRS
                    .iter()
                    .chain([&VNI_Y_BROKEN])
                    .filter(|(_, _, l)| *l == letter)
                    .count();
            assert_eq!(vni, 1, "VNI {letter}");
        }
        let mut codes: Vec<char> = TCVN3.iter().map(|(code, _)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), TCVN3.len());
    }

    #[test]
    fn capitals_come_from_the_font_from_their_code_or_from_doubling() {
        let hint = Some(".VnTimeH");
        assert_eq!(
            to_unicode("§¶ng bé", detect("§¶ng bé", hint), hint),
            "ĐẢNG BỘ"
        );
        assert_eq!(to_unicode("§¡¢£¤¥¦", Encoding::Tcvn3, None), "ĐĂÂÊÔƠƯ");
        assert_eq!(to_unicode("Uñy ban", Encoding::Tcvn3, None), "Ủy ban");
        assert_eq!(to_unicode("ÑAÛNG BOÄ", Encoding::Vni, None), "ĐẢNG BỘ");
        assert_eq!(to_unicode("ÖÙng, ÔÛ", Encoding::Vni, None), "Ứng, Ở");
    }

    #[test]
    fn a_font_name_decides_unless_the_text_is_unicode() {
        assert_eq!(detect("Hµ", Some(".VnTime")), Encoding::Tcvn3);
        assert_eq!(detect("Vò", Some("VnTime")), Encoding::Tcvn3);
        assert_eq!(detect("Haø", Some("VNI-Times")), Encoding::Vni);
        assert_eq!(detect("Đảng", Some(".VnTime")), Encoding::Unicode);
        assert_eq!(detect("Hà", Some("Times New Roman")), Encoding::Unicode);
    }

    #[test]
    fn legacy_text_is_recognised_by_its_letters() {
        for (typed, meant, encoding) in [
            ("NguyÔn ThÞ Lan", "Nguyễn Thị Lan", Encoding::Tcvn3),
            ("Hµ", "Hà", Encoding::Tcvn3),
            ("D\u{AD}¬ng", "Dương", Encoding::Tcvn3),
            (
                "Chi bé th«n §«ng häp bÊt th\u{AD}êng",
                "Chi bộ thôn Đông họp bất thường",
                Encoding::Tcvn3,
            ),
            ("Nguyeãn Thò Lan", "Nguyễn Thị Lan", Encoding::Vni),
            (
                "Chi boä thoân Ñoâng hoïp baát thöôøng",
                "Chi bộ thôn Đông họp bất thường",
                Encoding::Vni,
            ),
            ("Baø", "Bà", Encoding::Vni),
        ] {
            assert_eq!(repair(typed), Some((meant.to_owned(), encoding)), "{typed}");
        }
    }

    #[test]
    fn correct_text_is_left_alone() {
        for text in [
            "",
            "Chi bo 2, 15/3/2026",
            "Nguyễn Thị Huyền",
            "Hà",
            "Vò",
            "bà và má",
            "Nghị quyết số 05-NQ/ĐU, ngày 05/9/2026",
            "Où est la bibliothèque ? Le garçon a été très tôt à l'école.",
            "où",
            "tôt",
            "Noël à Genève, déjà vu, naïveté et maïs",
            "«Bonjour», dit-il",
            "El niño está en la montaña",
            "Mädchen, Straße, schön über Öl",
            "© 2026, § 5, 10 µm, 20 °C, ½ kg",
            "§5 và §7",
            "Windows® là nhãn hiệu",
        ] {
            assert_eq!(repair(text), None, "{text}");
            assert_eq!(detect(text, None), Encoding::Unicode);
        }
    }

    #[test]
    fn repairing_twice_changes_nothing_more() {
        let (once, _) = repair("§ång chÝ bÝ th\u{AD} ®¶ng ñy").expect("recognised");
        assert_eq!(once, "Đồng chí bí thư đảng ủy");
        assert_eq!(repair(&once), None);
    }
}
