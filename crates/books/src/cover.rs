//! A cover set in type, for books that bring none.
//!
//! Six dyes, six patterns, a double line along the spine, the title in Literata between 18
//! and 29 units, the author in Be Vietnam Pro. A series (a shelf) has one dye, so its books belong
//! together; the pattern tells them apart. A title that does not fit is broken, made smaller, and at
//! last ends in "…". Same seed, same cover, everywhere.
//! The rule that surprises: a picture cannot load a font, so [`standalone`] draws the letters' outlines
//! (`letters`); [`draw`] stands in a page that has the fonts, and writes text.

use crate::letters::{AUTHOR, Letters, TITLE};

/// A cover for a page: colours by class (`g1` to `g6`, `p`, `q`, `r`, `t`, `a`), so that
/// themes apply. `seed` chooses the pattern: the title's id; `series` the dye: its shelf, or nothing.
/// Marked `aria-hidden`, because the page repeats the title as text.
pub fn draw(title: &str, author: &str, seed: &str, series: &str) -> String {
    svg(title, author, (seed, series), false)
}

/// The same cover as a file of its own, with literal colours and the letters as shapes, for books,
/// feeds and downloads.
pub fn standalone(title: &str, author: &str, seed: &str, series: &str) -> String {
    svg(title, author, (seed, series), true)
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

fn svg(title: &str, author: &str, (seed, series): (&str, &str), literal: bool) -> String {
    let hash = hash(seed);
    let dye = match series {
        "" => hash % 6,
        series => self::hash(series) / 4 % 6,
    } as usize;
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
        match TITLE.outline(line).filter(|_| literal) {
            Some(shape) => out.push_str(&outlined(&shape, y, size)),
            None => out.push_str(&format!(
                "<text {} x=\"36\" y=\"{y:.1}\" font-size=\"{size}\">{}</text>",
                paint("t"),
                escaped(line)
            )),
        }
        y += size * 1.3;
    }
    if !author.is_empty() {
        let author = cut(&author, 16.0, false);
        match AUTHOR.outline(&author).filter(|_| literal) {
            Some(shape) => out.push_str(&outlined(&shape, y + 4.0, 16.0)),
            None => out.push_str(&format!(
                "<text {} x=\"36\" y=\"{:.1}\">{}</text>",
                paint("a"),
                y + 4.0,
                escaped(&author)
            )),
        }
    }
    out.push_str("</svg>");
    out
}

/// A line as shapes, its left end on the margin.
fn outlined(shape: &str, y: f32, size: f32) -> String {
    let scale = size / 1_000.0;
    format!("<path fill=\"#fff\" transform=\"translate(36 {y:.1}) scale({scale})\" d=\"{shape}\"/>")
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

/// Width of a line.
fn width(text: &str, size: f32, serif: bool) -> f32 {
    let letters: &Letters = if serif { &TITLE } else { &AUTHOR };
    text.chars().map(|c| letters.advance(c)).sum::<f32>() * size / 1_000.0
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
        assert_eq!(draw("A", "B", "7", ""), draw("A", "B", "7", ""));
        let drawn = draw("<script>&\"", "<b>", "x", "");
        assert!(!drawn.contains("<script") && !drawn.contains("<b>"));
        assert!(!drawn.contains("style="));
        assert!(!standalone("A", "B", "7", "").contains("class="));
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
            for drawn in [
                draw(LONG, "Nguyễn Văn A", seed, ""),
                standalone(LONG, "Nguyễn Văn A", seed, "tu-sach"),
            ] {
                assert!(crate::xml::parse(&drawn, &crate::Limits::default()).is_ok());
            }
        }
    }

    #[test]
    fn a_picture_carries_its_letters_as_shapes() {
        let drawn = standalone(LONG, "Đỗ Thị Ửng", "7", "tu-sach");
        assert!(!drawn.contains("<text") && !drawn.contains("font-family"));
        // A letter that our faces lack is written, so that nothing of the title is lost.
        assert!(standalone("Sách 東京", "", "7", "").contains("<text"));
        assert!(drawn.len() < 60_000, "{}", drawn.len());
    }

    #[test]
    fn books_of_one_series_share_a_dye_and_not_all_a_pattern() {
        let ground = |seed: &str| {
            let drawn = draw("A", "B", seed, "chi-bo-dien-tu");
            let (at, end) = (drawn.find("<rect").unwrap(), drawn.find("/>").unwrap());
            (drawn[at..end].to_owned(), drawn.len())
        };
        let grounds: Vec<_> = ["a", "b", "c", "d", "e"].map(ground).to_vec();
        assert!(grounds.iter().all(|(dye, _)| *dye == grounds[0].0));
        assert!(grounds.iter().any(|(_, length)| *length != grounds[0].1));
    }
}
