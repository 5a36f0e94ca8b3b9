//! A cover set in type, for books that bring none.
//!
//! Six dyes, six patterns, a double line along the spine, the title in Literata between 18
//! and 29 units. The server cannot measure text, so widths are estimated from a table of
//! glyph classes, a little too wide rather than too narrow; a title that does not fit is
//! broken, made smaller, and at last ends in "…". Same seed, same cover, everywhere.

/// A cover for a page: colours by class (`g1` to `g6`, `p`, `q`, `r`, `t`, `a`), so that
/// themes apply. `seed` chooses dye and pattern: the title's id. Marked `aria-hidden`,
/// because the page repeats the title as text.
pub fn draw(title: &str, author: &str, seed: &str) -> String {
    svg(title, author, seed, false)
}

/// The same cover as a file of its own, with literal colours, for feeds and downloads.
pub fn standalone(title: &str, author: &str, seed: &str) -> String {
    svg(title, author, seed, true)
}

const WIDTH: f32 = 240.0;
/// Left edge of the text, right of the double line.
const LEFT: f32 = 36.0;
/// Right margin.
const RIGHT: f32 = 16.0;
/// The pattern begins below this line.
const TEXT_END: f32 = 218.0;
const DYES: [&str; 6] = [
    "#1F3F5E", "#2F5D62", "#5A4632", "#6B5B2A", "#3E5138", "#4A3A55",
];

fn svg(title: &str, author: &str, seed: &str, literal: bool) -> String {
    let hash = hash(seed);
    let dye = (hash % 6) as usize;
    let title = crate::names::tidy(title);
    let author = crate::names::tidy(author);
    let (size, lines) = fitted(&title, !author.is_empty());
    let paint = |class: &str| match (literal, class) {
        (false, class) => format!("class=\"{class}\""),
        (true, "p") => {
            "fill=\"none\" stroke=\"#fff\" stroke-opacity=\".34\" stroke-width=\"1.4\"".to_owned()
        }
        (true, "q") => "fill=\"#fff\" fill-opacity=\".16\"".to_owned(),
        (true, "r") => "stroke=\"#fff\" stroke-opacity=\".5\"".to_owned(),
        (true, "t") => {
            "fill=\"#fff\" font-family=\"Literata, Georgia, serif\" font-weight=\"600\"".to_owned()
        }
        (true, _) => {
            "fill=\"#fff\" font-family=\"Be Vietnam Pro, sans-serif\" font-size=\"16\"".to_owned()
        }
    };
    let ground = match DYES.get(dye) {
        Some(colour) if literal => format!("fill=\"{colour}\""),
        _ => format!("class=\"g{}\"", dye + 1),
    };
    let mut out = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\" ");
    out.push_str(if literal {
        "width=\"480\" height=\"680\" "
    } else {
        "class=\"cover\" aria-hidden=\"true\" "
    });
    out.push_str(&format!(
        "viewBox=\"0 0 240 340\"><rect {ground} width=\"240\" height=\"340\"/>"
    ));
    pattern(&mut out, (hash / 6) % 6, &paint("p"), &paint("q"));
    out.push_str(&format!(
        "<path {} d=\"M22 0v340M25.5 0v340\"/>",
        paint("r")
    ));
    let mut y = 32.0 + size * 0.92;
    for line in &lines {
        out.push_str(&format!(
            "<text {} x=\"36\" y=\"{y:.1}\" font-size=\"{size}\">{}</text>",
            paint("t"),
            escaped(line)
        ));
        y += size * 1.3;
    }
    if !author.is_empty() {
        let author = cut(&author, 16.0, false);
        out.push_str(&format!(
            "<text {} x=\"36\" y=\"{:.1}\">{}</text>",
            paint("a"),
            y + 4.0,
            escaped(&author)
        ));
    }
    out.push_str("</svg>");
    out
}

/// The largest size at which the title fits, and its lines.
fn fitted(title: &str, with_author: bool) -> (f32, Vec<String>) {
    let foot = if with_author { 22.0 } else { 0.0 };
    let mut last = (18.0, Vec::new());
    for size in (18..=29_u8).rev().map(f32::from) {
        let (lines, broken) = wrapped(title, size);
        let room = ((TEXT_END - 32.0 - foot) / (size * 1.3)).floor() as usize;
        if lines.len() <= room && (!broken || size <= 18.0) {
            return (size, lines);
        }
        last = (size, lines);
        last.1.truncate(room);
    }
    if let Some(line) = last.1.pop() {
        last.1.push(cut(&format!("{line} …"), last.0, true));
    }
    last
}

/// Breaks between syllables; a word wider than the cover is broken inside, which the flag
/// tells.
fn wrapped(title: &str, size: f32) -> (Vec<String>, bool) {
    let room = WIDTH - LEFT - RIGHT;
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut broken = false;
    for word in title.split(' ') {
        let joined = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if width(&joined, size, true) <= room {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            line.push(c);
            if width(&line, size, true) > room {
                line.pop();
                broken = true;
                lines.push(std::mem::replace(&mut line, c.to_string()));
            }
        }
        if lines.len() > 40 {
            break;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    (lines, broken)
}

/// Shortens to one line, ending in "…" when something is lost.
fn cut(text: &str, size: f32, serif: bool) -> String {
    let room = WIDTH - LEFT - RIGHT;
    if width(text, size, serif) <= room {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(80).collect();
    while !out.is_empty() && width(&out, size, serif) + size > room {
        out.pop();
    }
    format!("{}…", out.trim_end_matches(['…', ' ']))
}

/// Estimated width: Vietnamese letters are as wide as their base, horned ones a bit wider.
fn width(text: &str, size: f32, serif: bool) -> f32 {
    let em: f32 = text.chars().map(em).sum();
    // The sans for authors runs a little narrower than the semibold serif.
    em * size * if serif { 1.0 } else { 0.97 }
}

/// Width of a glyph in em, for a semibold text serif.
fn em(c: char) -> f32 {
    use unicode_normalization::UnicodeNormalization;
    let mut parts = std::iter::once(c).nfd();
    let base = parts.next().unwrap_or(c);
    let horn = if parts.any(|mark| mark == '\u{31b}') {
        0.07
    } else {
        0.0
    };
    horn + match base {
        ' ' => 0.26,
        'i' | 'j' | 'l' | '\'' | '.' | ',' | ':' | ';' | '!' | '|' | 'I' => 0.33,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | '"' => 0.44,
        's' | 'c' | 'z' | 'e' => 0.52,
        'a' | 'g' | 'o' | 'k' | 'v' | 'x' | 'y' | 'p' | 'q' | 'b' | 'd' | 'đ' | '0'..='9' => 0.6,
        'h' | 'n' | 'u' => 0.65,
        'm' | 'w' | 'W' | 'M' | '…' | '—' => 0.98,
        'E' | 'F' | 'J' | 'L' | 'P' | 'S' | 'B' | 'Z' => 0.64,
        'A' | 'C' | 'D' | 'Đ' | 'G' | 'H' | 'K' | 'N' | 'O' | 'Q' | 'R' | 'T' | 'U' | 'V' | 'X'
        | 'Y' => 0.78,
        c if c.is_ascii() => 0.62,
        '\u{300}'..='\u{36f}' => 0.0,
        '\u{2e80}'.. => 1.0,
        _ => 0.72,
    }
}

fn pattern(out: &mut String, kind: u64, line: &str, fill: &str) {
    match kind {
        // Waves.
        0 => {
            for y in (240..340).step_by(18) {
                out.push_str(&format!("<path {line} d=\"M-10 {y}"));
                for _ in 0..5 {
                    out.push_str("q14 -15 28 0t28 0");
                }
                out.push_str("\"/>");
            }
        }
        // Lozenges.
        1 => {
            for y in (240..350).step_by(36) {
                for x in (24..260).step_by(42) {
                    out.push_str(&format!("<path {line} d=\"M{x} {y}l18 15-18 15-18-15z\"/>"));
                    out.push_str(&format!("<path {fill} d=\"M{x} {}l7 6-7 6-7-6z\"/>", y + 9));
                }
            }
        }
        // Rising suns.
        2 => {
            for x in [36, 204] {
                for r in (22..90).step_by(20) {
                    out.push_str(&format!("<circle {line} cx=\"{x}\" cy=\"342\" r=\"{r}\"/>"));
                }
            }
            out.push_str(&format!("<circle {fill} cx=\"120\" cy=\"342\" r=\"50\"/>"));
            out.push_str(&format!("<circle {line} cx=\"120\" cy=\"342\" r=\"70\"/>"));
        }
        // Woven mat.
        3 => {
            for (row, y) in (236..340).step_by(22).enumerate() {
                for (column, x) in (0..240).step_by(24).enumerate() {
                    let d = if (row + column) % 2 == 0 {
                        "h16"
                    } else {
                        "v14"
                    };
                    out.push_str(&format!("<path {line} d=\"M{} {}{d}\"/>", x + 6, y + 4));
                }
            }
        }
        // Hills.
        4 => {
            for step in 0..6 {
                let y = 246 + step * 18;
                out.push_str(&format!(
                    "<path {line} d=\"M0 {y}C58 {} 108 {} 168 {}S228 {} 244 {}\"/>",
                    y - 32,
                    y + 26,
                    y - 9,
                    y - 10,
                    y - 20
                ));
            }
        }
        // Rice rows.
        _ => {
            for x in (18..240).step_by(30) {
                out.push_str(&format!(
                    "<path {line} d=\"M{x} 340v-86M{x} 282q-12 -4 -12 -18M{x} 282q12 -4 12 -18M{x} 310q-12 -4 -12 -18M{x} 310q12 -4 12 -18\"/>"
                ));
                out.push_str(&format!("<circle {fill} cx=\"{x}\" cy=\"248\" r=\"5\"/>"));
            }
        }
    }
}

/// FNV-1a: small, and the same on every machine and in every release.
fn hash(seed: &str) -> u64 {
    let raw = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The low bits alone mix badly for ids that differ in one digit.
    (raw ^ (raw >> 32)) & 0xffff_ffff
}

fn escaped(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .flat_map(|c| match c {
            '&' => "&amp;".chars().collect::<Vec<_>>(),
            '<' => "&lt;".chars().collect(),
            '>' => "&gt;".chars().collect(),
            '"' => "&quot;".chars().collect(),
            c => vec![c],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh trong các \
        chi bộ, đảng bộ cơ sở thuộc Đảng bộ Khối các cơ quan và doanh nghiệp tỉnh giai đoạn mới";

    #[test]
    fn every_line_of_every_title_fits_the_cover() {
        for title in [
            "Sen",
            LONG,
            "Nghiêngnghiêngnghiêngnghiêngnghiêng",
            "MWMWMWMWMW MWMWMWMW",
            "",
        ] {
            let (size, lines) = fitted(title, true);
            assert!((18.0..=29.0).contains(&size), "{title}");
            assert!(
                32.0 + size * 1.3 * lines.len() as f32 <= TEXT_END,
                "{title}"
            );
            for line in lines {
                assert!(
                    width(&line, size, true) <= WIDTH - LEFT - RIGHT + 0.1,
                    "{line}"
                );
            }
        }
        assert_eq!(fitted("Sen", true).0, 29.0);
        assert!(
            fitted(LONG, true)
                .1
                .last()
                .is_some_and(|line| line.ends_with('…'))
        );
    }

    #[test]
    fn a_cover_is_the_same_for_the_same_seed_and_escapes_its_title() {
        assert_eq!(draw("A", "B", "7"), draw("A", "B", "7"));
        let drawn = draw("<script>&\"", "<b>", "x");
        assert!(!drawn.contains("<script") && !drawn.contains("<b>"));
        assert!(!drawn.contains("style="));
        assert!(!standalone("A", "B", "7").contains("class="));
    }

    #[test]
    fn all_dyes_and_patterns_come_up() {
        let mut seen = std::collections::HashSet::new();
        for seed in 0..400 {
            let hash = hash(&format!("0198c2a0-0000-7000-8000-{seed:012}"));
            seen.insert((hash % 6, hash / 6 % 6));
        }
        assert_eq!(seen.len(), 36);
    }

    #[test]
    fn drawn_covers_are_well_formed() {
        for seed in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"] {
            for drawn in [draw(LONG, "Nguyễn Văn A", seed), standalone(LONG, "", seed)] {
                assert!(crate::xml::parse(&drawn, &crate::Limits::default()).is_ok());
            }
        }
    }
}
