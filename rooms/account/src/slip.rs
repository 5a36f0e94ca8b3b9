//! Activation slips: the one-time code, how it is read back, its square code.
//!
//! Twelve characters of an alphabet in which no two are mistaken for each other on paper: 54 bits.
//! Stored under a keyed hash, so a copy of the database alone cannot be searched for codes.
//! Not here: who may issue one (`access`), keeping it (`store`).

use kernel::{Dice, Moment};
use qrcode::{Color, EcLevel, QrCode};
use site::Keys;

/// No 0 O, 1 I L, 2 Z, 5 S, 8 B, G, U: 23 characters.
const ALPHABET: &[u8; 23] = b"34679ACDEFHJKMNPQRTVWXY";
const LENGTH: usize = 12;
rules::names! {
    /// Days for which a slip can be used, to the end of the last one.
    pub(crate) SLIP_DAYS: "account.slip_days", Days;
    /// Days for which whoever gave a slip and whoever used it are not counted as two (R8).
    pub(crate) SLIP_DOUBT_DAYS: "account.slip_doubt_days", Days;
    /// The same where nobody else is free to agree.
    pub(crate) SLIP_DOUBT_ALONE_DAYS: "account.slip_doubt_alone_days", Days;
}

/// A fresh code.
pub(crate) fn code(dice: &Dice) -> String {
    let drawn = (0..LENGTH).map(|_| {
        let at = usize::try_from(dice.below(ALPHABET.len() as u64)).unwrap_or(0);
        ALPHABET.get(at).map_or('3', |byte| char::from(*byte))
    });
    drawn.collect()
}

/// Reads a code as people type it: any case, with spaces, dots or dashes.
pub(crate) fn read(text: &str) -> Option<String> {
    let code: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '_'))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    (code.len() == LENGTH && code.bytes().all(|b| ALPHABET.contains(&b))).then_some(code)
}

/// `K7MD 4QPX 93TV`, as it is printed.
pub(crate) fn grouped(code: &str) -> String {
    let chars: Vec<char> = code.chars().collect();
    let groups: Vec<String> = chars
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}

/// What the database keeps of a code.
pub(crate) fn hash(keys: &Keys, code: &str) -> String {
    keys.mac("account_slip.code_hash", code)
}

/// When a slip issued now ends: the last instant of the `days`-th day after today.
pub(crate) fn expires(now: Moment, days: i32) -> Moment {
    now.day().plus_days(days.saturating_add(1)).start()
}

/// The square code of a text as an SVG without size and script; empty when the text is too long.
pub(crate) fn square(text: &str, label: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return String::new();
    };
    let width = code.width();
    let mut path = String::new();
    for (row, line) in code.to_colors().chunks(width.max(1)).enumerate() {
        let mut at = 0;
        while at < line.len() {
            let run = line
                .iter()
                .skip(at)
                .take_while(|c| **c == Color::Dark)
                .count();
            if run > 0 {
                path.push_str(&format!("M{at} {row}h{run}v1h-{run}z"));
            }
            at += run.max(1);
        }
    }
    let mut said = String::new();
    web::link::escape(label, &mut said);
    // The quiet zone of four modules is part of the standard: without it phones do not see the code.
    let outer = width + 8;
    format!(
        "<svg class=\"qr\" viewBox=\"-4 -4 {outer} {outer}\" width=\"160\" height=\"160\" role=\"img\" \
         aria-label=\"{said}\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M-4 -4h{outer}v{outer}h-{outer}z\"/>\
         <path fill=\"#000\" d=\"{path}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Day;

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let code = code(&Dice::seeded(5));
        assert_eq!(code.len(), 12);
        let typed = grouped(&code).to_lowercase().replace(' ', " - ");
        assert_eq!(read(&typed), Some(code));
        for bad in [
            "",
            "K7MD",
            "0000 0000 0000",
            "ắK7MD4QPX93T",
            "K7MD4QPX93TVV",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
    #[test]
    fn a_slip_lasts_to_the_end_of_its_last_day() {
        let issued = Day::of(2026, 11, 23).unwrap().at(19, 0);
        let last = Day::of(2026, 12, 7).unwrap();
        assert_eq!(expires(issued, 14).plus_ms(-1).day(), last);
        assert_eq!(expires(issued, 14), last.plus_days(1).start());
    }
    #[test]
    fn a_square_code_has_its_quiet_zone_and_says_what_it_is() {
        let svg = square("https://sotay.example/activate/K7MD4QPX93TV", "Mã <vuông>");
        assert!(svg.contains("viewBox=\"-4 -4 "), "{svg}");
        assert!(svg.contains("Mã &lt;vuông&gt;"));
        assert_eq!(square(&"x".repeat(5000), ""), "");
    }
}
