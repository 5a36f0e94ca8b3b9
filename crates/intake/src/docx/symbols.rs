//! Letters of the fonts that are pictures: Symbol and Wingdings, whose places say nothing by themselves.
//!
//! Not here: other fonts of pictures (Webdings and what offices buy). Surprise: Word writes the place as
//! U+F000 + n, other programs as n alone; both mean the same.

/// Symbol from 0x21 to 0x7E.
const SYMBOL_LOW: &str = "!∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼";
/// Symbol from 0xA0 to 0xFE; the place of the apple is a dot.
const SYMBOL_HIGH: &str = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪·〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭";

/// What offices use of Wingdings: boxes, ticks, hands, arrows, dots.
const WINGDINGS: [(u32, char); 63] = [
    (0x21, '✏'),
    (0x22, '✂'),
    (0x28, '☎'),
    (0x29, '✆'),
    (0x2A, '✉'),
    (0x36, '⌛'),
    (0x3F, '✍'),
    (0x45, '☜'),
    (0x46, '☞'),
    (0x47, '☝'),
    (0x48, '☟'),
    (0x4A, '☺'),
    (0x4C, '☹'),
    (0x6C, '●'),
    (0x6D, '❍'),
    (0x6E, '■'),
    (0x6F, '□'),
    (0x70, '❐'),
    (0x71, '❑'),
    (0x72, '❒'),
    (0x73, '⬧'),
    (0x74, '⧫'),
    (0x75, '◆'),
    (0x76, '❖'),
    (0x77, '⬥'),
    (0x78, '⌧'),
    (0x7B, '❀'),
    (0x7D, '❝'),
    (0x7E, '❞'),
    (0x81, '①'),
    (0x82, '②'),
    (0x83, '③'),
    (0x84, '④'),
    (0x85, '⑤'),
    (0x86, '⑥'),
    (0x87, '⑦'),
    (0x88, '⑧'),
    (0x89, '⑨'),
    (0x8A, '⑩'),
    (0x9E, '·'),
    (0x9F, '•'),
    (0xA1, '○'),
    (0xA4, '◉'),
    (0xA7, '▪'),
    (0xA8, '◻'),
    (0xAB, '★'),
    (0xAF, '✵'),
    (0xD5, '⌫'),
    (0xD8, '➢'),
    (0xDC, '➲'),
    (0xDF, '←'),
    (0xE0, '→'),
    (0xE1, '↑'),
    (0xE2, '↓'),
    (0xE8, '➔'),
    (0xEF, '⇦'),
    (0xF0, '⇨'),
    (0xF1, '⇧'),
    (0xF2, '⇩'),
    (0xFB, '✗'),
    (0xFC, '✓'),
    (0xFD, '☒'),
    (0xFE, '☑'),
];

/// What those two fonts show at a place; None where that is not known.
pub(super) fn shown(font: &str, place: u32) -> Option<char> {
    let place = if (0xF000..=0xF0FF).contains(&place) {
        place - 0xF000
    } else {
        place
    };
    let nth = |row: &str, from: u32| row.chars().nth(usize::try_from(place - from).ok()?);
    match (kind(font)?, place) {
        (_, 0x20) => Some(' '),
        (Kind::Symbol, 0x21..=0x7E) => nth(SYMBOL_LOW, 0x21),
        (Kind::Symbol, 0xA0..=0xFE) => nth(SYMBOL_HIGH, 0xA0),
        (Kind::Wingdings, _) => WINGDINGS
            .iter()
            .find(|(at, _)| *at == place)
            .map(|(_, shown)| *shown),
        (Kind::Symbol, _) => None,
    }
}

/// Whether a font is one of pictures that are read here.
pub(super) fn is_pictures(font: &str) -> bool {
    kind(font).is_some()
}

#[derive(Clone, Copy)]
enum Kind {
    Symbol,
    Wingdings,
}

fn kind(font: &str) -> Option<Kind> {
    match font.trim().to_ascii_lowercase().as_str() {
        "symbol" | "symbol mt" | "symbolmt" => Some(Kind::Symbol),
        "wingdings" => Some(Kind::Wingdings),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_shows_the_same_letter_with_and_without_the_private_range() {
        for place in [0xF0B3, 0xB3] {
            assert_eq!(shown("Symbol", place), Some('≥'));
        }
        assert_eq!(shown("Symbol", 0xF061), Some('α'));
        assert_eq!(shown("Symbol", 0xF0FE), Some('⎭'));
        assert_eq!(shown("Wingdings", 0xF0FE), Some('☑'));
        assert_eq!(shown("Wingdings", 0xF0A8), Some('◻'));
        assert_eq!(shown("Wingdings", 0xF001), None);
        assert_eq!(shown("Times New Roman", 0xF0B3), None);
    }
}
