//! Whole numbers as Vietnamese papers print them: grouped, in words, and the letters of points.
//!
//! For money on receipts and counts in minutes. Not here: decimals and units, which are the page's.
//! Surprising rule: in words 1, 4 and 5 change with their place (`mốt`, `tư`, `lăm`), and the letters of
//! points contain đ but no f, j, w, z.

/// Thousands separated by dots: `1.234.567`.
pub fn group(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

const UNITS: [&str; 10] = [
    "không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín",
];

fn unit(digit: u64) -> &'static str {
    UNITS.get(digit as usize).copied().unwrap_or_default()
}

/// The number in words: `một triệu hai trăm ba mươi tư nghìn năm trăm linh một`. Northern usage
/// (`nghìn`, `linh`); the unit (`đồng`) is the caller's.
pub fn in_words(number: i64) -> String {
    let mut words = Vec::new();
    if number < 0 {
        words.push("âm");
    }
    match number.unsigned_abs() {
        0 => words.push(unit(0)),
        n => say(n, false, &mut words),
    }
    words.join(" ")
}

/// `padded`: something stood before, so missing hundreds are spoken ("không trăm linh năm").
fn say(n: u64, padded: bool, words: &mut Vec<&'static str>) {
    for (size, name) in [
        (1_000_000_000, "tỷ"),
        (1_000_000, "triệu"),
        (1_000, "nghìn"),
    ] {
        if n >= size {
            say(n / size, padded, words);
            words.push(name);
            if !n.is_multiple_of(size) {
                say(n % size, true, words);
            }
            return;
        }
    }
    let (hundreds, tens, ones) = (n / 100, n / 10 % 10, n % 10);
    if hundreds > 0 || padded {
        words.push(unit(hundreds));
        words.push("trăm");
    }
    match tens {
        0 => {
            if ones > 0 && (hundreds > 0 || padded) {
                words.push("linh");
            }
        }
        1 => words.push("mười"),
        _ => {
            words.push(unit(tens));
            words.push("mươi");
        }
    }
    match (tens, ones) {
        (_, 0) => {}
        (2.., 1) => words.push("mốt"),
        (2.., 4) => words.push("tư"),
        (1.., 5) => words.push("lăm"),
        _ => words.push(unit(ones)),
    }
}

const POINTS: [char; 23] = [
    'a', 'b', 'c', 'd', 'đ', 'e', 'g', 'h', 'i', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't',
    'u', 'v', 'x', 'y',
];

/// The letters that number points in Vietnamese papers, in order: a b c d đ e g h i k l … y.
pub fn ordinal_letters() -> impl Iterator<Item = char> {
    POINTS.into_iter()
}

/// The letter of the point at `index`, counted from 0; none after `y`.
pub fn ordinal_letter(index: usize) -> Option<char> {
    POINTS.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated_by_dots() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1.000"),
            (1_234_567, "1.234.567"),
            (-12_345, "-12.345"),
            (-100, "-100"),
            (i64::MIN, "-9.223.372.036.854.775.808"),
        ] {
            assert_eq!(group(n), text);
        }
    }

    #[test]
    fn one_four_and_five_change_with_their_place() {
        for (n, text) in [
            (0, "không"),
            (1, "một"),
            (4, "bốn"),
            (5, "năm"),
            (10, "mười"),
            (11, "mười một"),
            (14, "mười bốn"),
            (15, "mười lăm"),
            (20, "hai mươi"),
            (21, "hai mươi mốt"),
            (24, "hai mươi tư"),
            (25, "hai mươi lăm"),
            (55, "năm mươi lăm"),
            (100, "một trăm"),
            (101, "một trăm linh một"),
            (105, "một trăm linh năm"),
            (115, "một trăm mười lăm"),
            (1_000, "một nghìn"),
            (1_005, "một nghìn không trăm linh năm"),
            (-21, "âm hai mươi mốt"),
        ] {
            assert_eq!(in_words(n), text);
        }
    }

    #[test]
    fn large_sums_are_spoken_in_groups() {
        assert_eq!(
            in_words(1_234_501),
            "một triệu hai trăm ba mươi tư nghìn năm trăm linh một"
        );
        assert_eq!(in_words(1_200_000), "một triệu hai trăm nghìn");
        assert_eq!(in_words(2_000_005), "hai triệu không trăm linh năm");
        assert_eq!(in_words(1_000_000_000), "một tỷ");
        assert_eq!(in_words(1_000_050_000), "một tỷ không trăm năm mươi nghìn");
        assert_eq!(in_words(1_000_000_000_000), "một nghìn tỷ");
        assert!(in_words(i64::MIN).starts_with("âm chín tỷ hai trăm hai mươi ba triệu"));
    }

    #[test]
    fn points_follow_the_vietnamese_alphabet() {
        let letters: String = ordinal_letters().take(10).collect();
        assert_eq!(letters, "abcdđeghik");
        assert!(!ordinal_letters().any(|c| "fjwz".contains(c)));
        assert_eq!(ordinal_letter(4), Some('đ'));
        assert_eq!(ordinal_letter(23), None);
    }
}
