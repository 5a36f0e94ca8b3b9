//! Reading the head of an official paper: symbol, kind, issuer, date, place, abstract, marks.
//!
//! Takes the text of the first page, also when a PDF program flattened the two columns of the head in any
//! order. What it gives are proposals for a form that a person confirms. Surprising rules: a blank number is
//! reported, never guessed; a secrecy mark counts only where it stands alone, not in a sentence on secrets.

use crate::find::find;
use crate::kind::Kind;
use crate::symbol::{Symbol, System};
use serde::{Deserialize, Serialize};
use vietnamese::{PartialDate, fold, nfc};

/// The mark of secrecy on a paper. Such papers are refused everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secrecy {
    /// MẬT
    Secret,
    /// TỐI MẬT
    HighlySecret,
    /// TUYỆT MẬT
    TopSecret,
}

/// The mark of urgency on a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// KHẨN
    Urgent,
    /// THƯỢNG KHẨN
    VeryUrgent,
    /// HỎA TỐC
    Express,
}

/// What the head of a paper says; every field may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described {
    /// The symbol; its number is 0 when `incomplete`.
    pub symbol: Option<Symbol>,
    /// The number is blank on the paper.
    pub incomplete: bool,
    /// The kind: the word in capitals, else what the symbol says.
    pub kind: Option<Kind>,
    /// The issuing body as printed (`BAN TỔ CHỨC`).
    pub issuer_name: Option<String>,
    /// The body above it, when two are printed (`THÀNH ỦY HÀ NỘI`).
    pub superior_name: Option<String>,
    /// The date; without a day when that is blank.
    pub issued_on: Option<PartialDate>,
    /// The place before the date.
    pub place: Option<String>,
    /// The abstract (trích yếu) as printed, in one line.
    pub title: Option<String>,
    /// KHẨN, THƯỢNG KHẨN, HỎA TỐC.
    pub urgency: Option<Urgency>,
    /// MẬT, TỐI MẬT, TUYỆT MẬT.
    pub secrecy: Option<Secrecy>,
}

/// The head lies within so many bytes and pieces of lines.
const HEAD_BYTES: usize = 6_000;
const HEAD_PIECES: usize = 60;
/// An abstract is not longer than this.
const TITLE_PIECES: usize = 10;
const TITLE_BYTES: usize = 900;

fn head(text: &str) -> String {
    let mut end = text.len().min(HEAD_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    nfc(text.get(..end).unwrap_or_default())
}

/// The lines of the head, cut where three blanks part two columns, without rules and stars.
fn pieces_of(head: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in head.lines() {
        for part in line.replace('\t', "    ").split("   ") {
            let part = part
                .trim()
                .trim_matches(|c: char| matches!(c, '*' | '_' | '=' | '—'));
            // A rule printed in front of a text ("-----Hà Nội") is cut off; a rule alone is kept as a mark.
            let bare = part.trim_start_matches('-').trim();
            let is_rule = part.starts_with("---");
            if is_rule {
                found.push("-----".to_owned());
            }
            let part = if is_rule { bare } else { part.trim() };
            if part.is_empty() {
                continue;
            }
            let folded = fold(part);
            // Blanks left for a number or a day part what belongs together.
            let joins = match found.last().map(|last| fold(last)) {
                Some(last) => {
                    (matches!(last.as_str(), "so" | "so:")
                        && part.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '/')))
                        || (last.ends_with("ngay")
                            && (folded.starts_with("thang")
                                || part.starts_with(|c: char| c.is_ascii_digit())))
                        || (last.contains("ngay")
                            && last.ends_with("thang")
                            && folded.starts_with("nam"))
                }
                None => false,
            };
            match found.last_mut() {
                Some(last) if joins => {
                    last.push(' ');
                    last.push_str(part);
                }
                _ => found.push(part.to_owned()),
            }
            if found.len() >= HEAD_PIECES * 2 {
                return found;
            }
        }
    }
    found
}

/// The place without what a flattened head puts before it: a motto in capitals, the number of the paper.
fn place_alone(printed: &str) -> &str {
    let numbered = find(printed).into_iter().next().map(|found| found.span.end);
    let mut rest = printed.get(numbered.unwrap_or(0)..).unwrap_or_default();
    let words = || rest.split_whitespace();
    if words().any(|word| word.chars().any(char::is_lowercase)) {
        while let Some((word, after)) = rest.trim_start().split_once(' ')
            && word.chars().count() > 1
            && !word.ends_with('.')
            && is_capitals(word)
        {
            rest = after;
        }
    }
    rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '*' | ','))
}

/// A stand-alone date line gives the bytes of its place and the date.
fn place_and_date(piece: &str) -> Option<(String, PartialDate)> {
    let at = piece.find("ngày").or_else(|| piece.find("Ngày"))?;
    let (place, date) = (piece.get(..at)?, piece.get(at..)?);
    let place = place_alone(place.trim().trim_end_matches(',').trim());
    if place.len() > 80 || !(place.is_empty() || place.starts_with(char::is_uppercase)) {
        return None;
    }
    let date = vietnamese::read_date(date).ok()?; // not a date: an ordinary sentence
    (fold(piece).contains("thang")).then(|| (place.to_owned(), date))
}

fn is_capitals(piece: &str) -> bool {
    piece.chars().any(char::is_alphabetic) && !piece.chars().any(char::is_lowercase)
}

/// Names and mottos that stand in every head and say nothing about the paper.
fn is_motto(folded: &str) -> bool {
    folded.starts_with("dang cong san viet nam")
        || folded.starts_with("cong hoa xa hoi chu nghia")
        || folded.starts_with("doc lap - tu do")
        || folded.starts_with("doc lap – tu do")
}

fn starts_body(piece: &str) -> bool {
    let folded = fold(piece);
    let folded = folded.trim_start_matches(['-', '–', '+', ' ']);
    [
        "can cu",
        "kinh gui",
        "thuc hien ",
        "xet ",
        "theo de nghi",
        "chuong i",
        "phan i",
        "phan thu nhat",
        "dieu 1",
        "i. ",
        "i- ",
        "1. ",
        "a. ",
        "de ",
        "ngay ",
        "quyet dinh:",
        "quyet nghi",
    ]
    .iter()
    .any(|start| folded.starts_with(start))
        || piece.starts_with("- ")
        || is_item(folded)
}

/// `5. năm`, `12) …`: an item of the body.
fn is_item(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < text.len() && (rest.starts_with(". ") || rest.starts_with(") "))
}

/// An abstract in small letters goes on in small letters. A line that begins with a capital is its rest
/// only where the line above was full, or broke before a name; a whole sentence is the body.
fn begins_a_sentence(title: &str, above: &str, piece: &str) -> bool {
    let is_small = !is_capitals(title) && !title.is_empty();
    let begins = piece.starts_with(char::is_uppercase) && !is_capitals(piece);
    is_small && begins && (piece.ends_with('.') || above.chars().count() < FULL_LINE)
}

/// Letters of a line that may have been broken for want of room.
const FULL_LINE: usize = 36;

fn mark_of(piece: &str) -> String {
    piece
        .trim_matches(|c: char| !c.is_alphabetic())
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn secrecy_of(piece: &str) -> Option<Secrecy> {
    let mark = mark_of(piece);
    let mark = mark
        .strip_prefix("Độ mật: ")
        .or_else(|| mark.strip_prefix("ĐỘ MẬT: "))
        .or_else(|| mark.strip_prefix("Mức độ mật: "))
        .unwrap_or(&mark);
    match mark {
        "MẬT" => Some(Secrecy::Secret),
        "TỐI MẬT" => Some(Secrecy::HighlySecret),
        "TUYỆT MẬT" => Some(Secrecy::TopSecret),
        _ => None,
    }
}

/// The highest secrecy mark standing alone in the head of a paper. The words "bí mật" in a sentence or a
/// title are none.
pub fn secrecy_mark(text: &str) -> Option<Secrecy> {
    pieces_of(&head(text))
        .iter()
        .take(HEAD_PIECES)
        .filter_map(|p| secrecy_of(p))
        .max()
}

fn urgency_of(piece: &str) -> Option<Urgency> {
    match mark_of(piece).as_str() {
        "KHẨN" => Some(Urgency::Urgent),
        "THƯỢNG KHẨN" => Some(Urgency::VeryUrgent),
        "HỎA TỐC" | "HOẢ TỐC" => Some(Urgency::Express),
        _ => None,
    }
}

/// Reads the head of a paper from its first text. Nothing found is `None`, field by field.
pub fn describe(first_text: &str) -> Described {
    let pieces = pieces_of(&head(first_text));
    let mut seen = Described::default();
    let mut symbol_at = None;
    let mut type_at = None;
    for (i, piece) in pieces.iter().enumerate().take(HEAD_PIECES) {
        seen.urgency = seen.urgency.max(urgency_of(piece));
        seen.secrecy = seen.secrecy.max(secrecy_of(piece));
        if type_at.is_some() {
            continue; // below the kind word stands the body, which may name other papers and days
        }
        let folded = fold(piece);
        let is_number_line = folded
            .strip_prefix("so")
            .is_some_and(|rest| !rest.starts_with(char::is_alphabetic));
        if symbol_at.is_none()
            && is_number_line
            && let Some(citation) = find(piece).into_iter().next()
        {
            seen.incomplete = citation.incomplete;
            seen.symbol = Some(citation.symbol);
            symbol_at = Some(i);
        }
        if seen.issued_on.is_none()
            && let Some((place, date)) = place_and_date(piece)
        {
            seen.issued_on = Some(date);
            seen.place = (!place.is_empty()).then_some(place);
        }
        if is_capitals(piece)
            && let Some(kind) = Kind::by_name(&mark_of(piece))
        {
            seen.kind = Some(kind);
            type_at = Some(i);
        }
    }
    settle_kind(&mut seen);
    let head_end = type_at.or(symbol_at).unwrap_or(0);
    read_issuer(&mut seen, pieces.get(..head_end).unwrap_or_default());
    seen.title = match type_at {
        Some(at) => abstract_from(pieces.get(at + 1..).unwrap_or_default()),
        None => letter_subject(&pieces),
    };
    if type_at.is_none() && seen.kind.is_none() && seen.title.is_some() && seen.symbol.is_some() {
        seen.kind = Kind::by_code("letter");
    }
    seen
}

/// The word and the symbol together: a `TT` of the state is a Thông tư, a `QĐ` headed QUY ĐỊNH a regulation.
fn settle_kind(seen: &mut Described) {
    let Some(symbol) = &mut seen.symbol else {
        return;
    };
    match seen.kind {
        None => seen.kind = symbol.kind,
        Some(kind) if kind.system().is_none_or(|s| s == symbol.system) => {
            let agree = symbol.sign.is_empty() || fold(kind.sign()) == fold(&symbol.sign);
            if agree {
                symbol.kind = Some(kind);
            }
        }
        Some(_) => {}
    }
    if symbol.system == System::State && symbol.sign == "CV" && seen.kind.is_none() {
        seen.kind = Kind::by_code("letter");
    }
}

fn read_issuer(seen: &mut Described, pieces: &[String]) {
    let mut names: Vec<String> = Vec::new();
    for piece in pieces {
        let folded = fold(piece);
        let is_name = is_capitals(piece)
            && piece.chars().filter(|c| c.is_alphabetic()).count() > 3
            && !is_motto(&folded)
            && secrecy_of(piece).is_none()
            && urgency_of(piece).is_none()
            && !folded.starts_with("so ")
            && !folded.starts_with("so:");
        if !is_name {
            continue;
        }
        // A long name goes on in the next line: ỦY BAN NHÂN DÂN / THÀNH PHỐ HÀ NỘI.
        let goes_on = names.last().is_some_and(|last| {
            let last = fold(last);
            [
                "uy ban nhan dan",
                "hoi dong nhan dan",
                "ban chap hanh dang bo",
            ]
            .contains(&last.as_str())
                || last.ends_with(" va")
                || last.ends_with(',')
        });
        match names.last_mut() {
            Some(last) if goes_on => {
                last.push(' ');
                last.push_str(piece.trim());
            }
            _ => names.push(piece.trim().to_owned()),
        }
    }
    seen.issuer_name = names.pop();
    seen.superior_name = names.pop();
}

fn abstract_from(pieces: &[String]) -> Option<String> {
    let mut title = String::new();
    let mut above = "";
    for piece in pieces.iter().take(TITLE_PIECES) {
        let at_rule = piece == "-----";
        let head_of_other_column = place_and_date(piece).is_some()
            || is_motto(&fold(piece))
            || secrecy_of(piece).is_some()
            || urgency_of(piece).is_some();
        if head_of_other_column || (at_rule && title.is_empty()) {
            continue;
        }
        let is_over = begins_a_sentence(&title, above, piece);
        above = piece;
        if at_rule || is_over || starts_body(piece) || title.len() + piece.len() > TITLE_BYTES {
            break;
        }
        if !title.is_empty() {
            title.push(' ');
        }
        title.push_str(piece.trim_end_matches('-').trim());
    }
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then_some(title)
}

/// A letter has no kind word; its subject follows "V/v".
fn letter_subject(pieces: &[String]) -> Option<String> {
    let at = pieces.iter().take(HEAD_PIECES).position(|p| {
        let folded = fold(p);
        folded.starts_with("v/v") || folded.starts_with("ve viec")
    })?;
    let mut subject = String::new();
    for piece in pieces.get(at..)?.iter().take(4) {
        if !subject.is_empty()
            && (place_and_date(piece).is_some()
                || is_capitals(piece)
                || starts_body(piece)
                || piece == "-----")
        {
            break;
        }
        if !subject.is_empty() {
            subject.push(' ');
        }
        subject.push_str(piece);
    }
    Some(subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_flattened_one_after_the_other_are_read() {
        let seen = describe(
            "ĐẢNG BỘ XÃ AN BÌNH\nBAN CHẤP HÀNH\n*\nSố 05-NQ/ĐU\n\nĐẢNG CỘNG SẢN VIỆT NAM\n\
             -----------An Bình, ngày 05 tháng 9 năm 2026\n\nNGHỊ QUYẾT\nvề lãnh đạo công tác thu, nộp\n\
             đảng phí năm 2027\n-----\n- Căn cứ Điều lệ Đảng;\n- Căn cứ Quy định số 294-QĐ/TW, ngày 26/5/2025",
        );
        assert_eq!(
            seen.symbol.as_ref().map(|s| s.canonical()).as_deref(),
            Some("05-NQ/ĐU")
        );
        assert_eq!(seen.kind.map(Kind::code), Some("resolution"));
        assert_eq!(seen.issuer_name.as_deref(), Some("BAN CHẤP HÀNH"));
        assert_eq!(seen.superior_name.as_deref(), Some("ĐẢNG BỘ XÃ AN BÌNH"));
        assert_eq!(
            seen.issued_on.map(|d| d.to_string()).as_deref(),
            Some("2026-09-05")
        );
        assert_eq!(seen.place.as_deref(), Some("An Bình"));
        assert_eq!(
            seen.title.as_deref(),
            Some("về lãnh đạo công tác thu, nộp đảng phí năm 2027")
        );
        assert!(!seen.incomplete && seen.secrecy.is_none() && seen.urgency.is_none());
    }

    #[test]
    fn columns_side_by_side_are_read() {
        let seen = describe(
            "        BỘ NỘI VỤ              CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n\
             \x20      -------                 Độc lập - Tự do - Hạnh phúc\n\
             \x20   Số: 12/2024/TT-BNV            Hà Nội, ngày 09 tháng 10 năm 2024\n\n\
             \x20                     THÔNG TƯ\n      Quy định chế độ báo cáo\n\nCăn cứ Nghị định số 63/2022/NĐ-CP",
        );
        assert_eq!(
            seen.symbol.as_ref().map(|s| s.canonical()).as_deref(),
            Some("12/2024/TT-BNV")
        );
        assert_eq!(seen.kind.map(Kind::code), Some("state_circular"));
        assert_eq!(seen.issuer_name.as_deref(), Some("BỘ NỘI VỤ"));
        assert_eq!(
            seen.issued_on.map(|d| d.to_string()).as_deref(),
            Some("2024-10-09")
        );
        assert_eq!(seen.title.as_deref(), Some("Quy định chế độ báo cáo"));
    }

    #[test]
    fn a_blank_number_and_a_blank_day_stay_blank() {
        for text in [
            "THÀNH ỦY A\nBAN TỔ CHỨC\n*\nSố\n- HD/BTCTU\n\nĐẢNG CỘNG SẢN VIỆT NAM\nHà Nội, ngày\n\ntháng 11 năm 2025\n\nHƯỚNG DẪN\nNghiệp vụ\n----- Căn cứ",
            "   THÀNH ỦY A          ĐẢNG CỘNG SẢN VIỆT NAM\n   BAN TỔ CHỨC\n       *         Hà Nội, ngày        tháng 11 năm 2025\n   Số     - HD/BTCTU\n\n   HƯỚNG DẪN\n   Nghiệp vụ\n   -----\n",
        ] {
            let seen = describe(text);
            assert!(seen.incomplete, "{seen:?}");
            assert_eq!(
                seen.symbol.as_ref().map(|s| s.issuer.as_str()),
                Some("BTCTU")
            );
            assert_eq!(
                seen.issued_on.map(|d| d.to_string()).as_deref(),
                Some("2025-11")
            );
            assert_eq!(seen.issuer_name.as_deref(), Some("BAN TỔ CHỨC"));
            assert_eq!(seen.title.as_deref(), Some("Nghiệp vụ"));
        }
    }

    #[test]
    fn the_word_in_capitals_decides_what_qd_is() {
        let seen = describe(
            "BAN BÍ THƯ\n*\nSố 339-QĐ/TW\nHà Nội, ngày 10 tháng 7 năm 2025\nQUY ĐỊNH\nvề sổ tay\n-----",
        );
        assert_eq!(seen.kind.map(Kind::code), Some("regulation"));
        assert_eq!(
            seen.symbol.and_then(|s| s.kind).map(Kind::code),
            Some("regulation")
        );
    }

    #[test]
    fn a_letter_is_known_by_its_subject() {
        let seen = describe(
            "ĐẢNG ỦY XÃ A\n*\nSố 12-CV/ĐU\nV/v chuẩn bị đại hội\nA, ngày 02 tháng 02 năm 2026\nKính gửi: Các chi bộ",
        );
        assert_eq!(seen.kind.map(Kind::code), Some("letter"));
        assert_eq!(seen.title.as_deref(), Some("V/v chuẩn bị đại hội"));
    }

    #[test]
    fn secrecy_counts_only_as_a_mark() {
        assert_eq!(
            secrecy_mark("ĐẢNG ỦY A\nTỐI MẬT\nSố 01-BC/ĐU"),
            Some(Secrecy::HighlySecret)
        );
        assert_eq!(secrecy_mark("A      [ MẬT ]      B"), Some(Secrecy::Secret));
        assert_eq!(secrecy_mark("Độ mật: TUYỆT MẬT"), Some(Secrecy::TopSecret));
        let decomposed = "TUYE\u{323}\u{302}T MA\u{323}\u{302}T";
        assert_eq!(secrecy_mark(decomposed), Some(Secrecy::TopSecret));
        for text in [
            "LUẬT\nBẢO VỆ BÍ MẬT NHÀ NƯỚC",
            "tài liệu mật, tối mật",
            "Mật ong",
            "BÍ MẬT",
        ] {
            assert_eq!(secrecy_mark(text), None, "{text}");
        }
        assert_eq!(
            describe("HỎA TỐC\nSố 1-CV/ĐU").urgency,
            Some(Urgency::Express)
        );
    }

    #[test]
    fn the_place_is_read_alone_however_the_columns_were_flattened() {
        for (line, place) in [
            (
                "ĐẢNG CỘNG SẢN VIỆT NAM Hà Nội, ngày tháng 11 năm 2025",
                "Hà Nội",
            ),
            ("Số 06-HD/TW Hà Nội, ngày 09 tháng 6 năm 2025", "Hà Nội"),
            (
                "Số: 12/2024/TT-BNV Bắc Ninh, ngày 09 tháng 10 năm 2024",
                "Bắc Ninh",
            ),
            (
                "TP. Hồ Chí Minh, ngày 09 tháng 10 năm 2024",
                "TP. Hồ Chí Minh",
            ),
            ("HÀ NỘI, ngày 09 tháng 10 năm 2024", "HÀ NỘI"),
        ] {
            let read = place_and_date(line).map(|(place, _)| place);
            assert_eq!(read.as_deref(), Some(place), "{line}");
        }
    }

    #[test]
    fn an_abstract_ends_where_the_body_begins() {
        let title = |body: &str| {
            let seen = describe(&format!(
                "ĐẢNG BỘ XÃ AN THỬ\nSố 104-TB/ĐU\nTHÔNG BÁO\n{body}"
            ));
            seen.title.unwrap_or_default()
        };
        assert_eq!(
            title("về thử chú thích\nTheo quy định thì làm."),
            "về thử chú thích"
        );
        assert_eq!(title("về danh sách\n5. năm\n6. sáu"), "về danh sách");
        assert_eq!(
            title(
                "về việc thực hiện nghị quyết của Ban Thường vụ\nĐảng ủy Khối về sinh hoạt\n-----"
            ),
            "về việc thực hiện nghị quyết của Ban Thường vụ Đảng ủy Khối về sinh hoạt"
        );
        assert_eq!(
            title("VỀ VIỆC LỚN\nCỦA TỔ CHỨC\nCăn cứ"),
            "VỀ VIỆC LỚN CỦA TỔ CHỨC"
        );
    }

    #[test]
    fn a_text_without_a_head_gives_nothing() {
        assert_eq!(describe(""), Described::default());
        let seen = describe("Hôm nay chi bộ họp. Căn cứ Quy định số 294-QĐ/TW, ngày 26/5/2025.");
        assert_eq!(seen, Described::default());
    }
}
