//! What a cell means: names, dates, sexes, statuses and numbers as people type them in lists.
//!
//! Pure. Each function answers the value as it is kept, or the [`Note`] that says why it is none;
//! what was put right on the way is a warning. Not here: which column is which (`roster`), whose
//! number it is (`plan`). Surprise: nothing is guessed that a paper must say; only what a
//! spreadsheet is known to do (zeros lost before a number) is put right, and told.

use super::Note;
use intake::Cell;
use intake::columns::Field;
use kernel::Day;
use people::fact::Status;
use people::number;
use vietnamese::{DateTrouble, PartialDate, fold};

/// Longest text of one field, in characters.
const LONGEST: usize = 300;

/// Whether a cell only says that there is nothing: `-`, `x`, `không có`.
pub(super) fn says_nothing(text: &str) -> bool {
    let folded = fold(text);
    !vietnamese::has_ink(text)
        || !folded.chars().any(char::is_alphanumeric)
        || matches!(
            folded.as_str(),
            "khong"
                | "khong co"
                | "khong ro"
                | "chua co"
                | "chua ro"
                | "n/a"
                | "na"
                | "null"
                | "none"
        )
}

/// A text as it is kept: NFC, spaces folded. Whole: what is too long is refused with its row ([`too_long`]), never cut.
pub(super) fn plain(text: &str) -> String {
    let text = text.replace(vietnamese::turns_text, "");
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    vietnamese::nfc(&joined)
}

/// The first cell of a row that is longer than a place of the handbook holds, as the sentence that refuses the row.
pub(super) fn too_long(fields: &[Field], text: impl Fn(&str) -> String) -> Option<Note> {
    fields.iter().find_map(|field| {
        let letters = plain(&text(field.name)).chars().count();
        let word = field.words.first().copied().unwrap_or(field.name);
        (letters > LONGEST).then(|| {
            Note::new("rosters-text-long")
                .arg("field", word)
                .arg("count", letters)
                .arg("most", LONGEST)
        })
    })
}

/// A text as an example of its column: short, long numbers but for their end.
pub(super) fn veiled(text: &str) -> String {
    let shown: String = plain(text).chars().take(40).collect();
    let digits = shown.chars().filter(char::is_ascii_digit).count();
    if digits < 8 || vietnamese::read_date(&shown).is_ok() {
        return shown;
    }
    let mut left = digits;
    let veil = |c: char| {
        if !c.is_ascii_digit() {
            return c;
        }
        left -= 1;
        if left < 4 { c } else { '•' }
    };
    shown.chars().map(veil).collect()
}

/// A person's name. Capitals alone (or small letters alone) become a title-case name with a warning.
pub(super) fn name(text: &str, warnings: &mut Vec<Note>) -> Result<String, Note> {
    let mut name = plain(text);
    let folded = fold(&name);
    for title in ["đồng chí ", "đ/c ", "đ/c. ", "đc. ", "ông ", "bà "] {
        if folded.starts_with(&fold(title)) && name.to_lowercase().starts_with(title) {
            name = name
                .chars()
                .skip(title.chars().count())
                .collect::<String>()
                .trim()
                .to_owned();
            warnings.push(Note::new("rosters-name-title").arg("name", &name));
            break;
        }
    }
    let is_name = name
        .chars()
        .all(|c| c.is_alphabetic() || matches!(c, ' ' | '\'' | '’' | '-' | '.' | '(' | ')'))
        && name.chars().filter(|c| c.is_alphabetic()).count() >= 2
        && name.chars().count() <= 80;
    if !is_name {
        return Err(Note::new("rosters-name-bad").arg("text", &name));
    }
    let has_upper = name.chars().any(char::is_uppercase);
    let has_lower = name.chars().any(char::is_lowercase);
    if has_upper != has_lower {
        name = title_case(&name);
        warnings.push(Note::new("rosters-name-case").arg("name", &name));
    }
    if !name.contains(' ') {
        warnings.push(Note::new("rosters-name-one-word").arg("name", &name));
    }
    Ok(name)
}

fn title_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut at_start = true;
    for c in name.chars() {
        if at_start {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        at_start = !c.is_alphabetic();
    }
    out
}

/// From this hour on the day after may be meant: a program of another time zone writes midnight as an
/// hour of the evening before.
const LATE_S: u32 = 12 * 3600;

/// A date with the precision that was written; `None` for an empty cell.
pub(super) fn date(cell: &Cell, label: &'static str) -> Result<Option<PartialDate>, Note> {
    let text = cell.date.as_deref().unwrap_or(&cell.text);
    if says_nothing(text) {
        return Ok(None);
    }
    let read = vietnamese::read_date_and_time(text).or_else(|trouble| {
        // `00/00/1954`, `../../1954`, `__/5/1954`: what is not known, written as zeros or dots.
        let known: Vec<&str> = text
            .split(['/', '-', '.', ' '])
            .filter(|part| part.chars().any(|c| matches!(c, '1'..='9')))
            .collect();
        let blank = text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '/' | '-' | '.' | ' ' | '_' | 'x' | '…'));
        if blank && known.len() < 3 {
            vietnamese::read_date_and_time(&known.join("/"))
        } else {
            Err(trouble)
        }
    });
    match read {
        Ok((date, Some(LATE_S..))) => {
            let next = (date.to_string().parse::<Day>()).map(|day| day.plus_days(1).vn());
            Err(Note::new("rosters-date-hour")
                .key("field", label)
                .arg("text", plain(text).replace('T', " "))
                .arg("day", date.to_vn())
                .arg("next", next.unwrap_or_default()))
        }
        Ok((date, _)) => Ok(Some(date)),
        Err(DateTrouble::Empty) => Ok(None),
        Err(trouble) => {
            let key = match trouble {
                DateTrouble::TwoDigitYear => "rosters-date-two-digits",
                DateTrouble::NoSuchMonth { .. } => "rosters-date-no-month",
                DateTrouble::NoSuchDay { .. } => "rosters-date-no-day",
                DateTrouble::NotADate | DateTrouble::Empty => "rosters-date-bad",
            };
            Err(Note::new(key)
                .key("field", label)
                .arg("text", plain(text).chars().take(40).collect::<String>()))
        }
    }
}

/// Whether a cell of the column of posts names one: `Đảng viên` is none.
pub(super) fn is_post(text: &str) -> bool {
    let folded = fold(text);
    let is_plain = matches!(
        folded.trim_matches(['.', ' ']),
        "dang vien" | "dv" | "x" | "dang vien chinh thuc" | "dang vien du bi" | "chi bo"
    );
    !says_nothing(text) && !is_plain && folded.chars().any(char::is_alphabetic)
}

/// `female`, `male`, or `None` when it is neither word.
pub(super) fn sex(text: &str) -> Option<&'static str> {
    match fold(text).trim_matches('.') {
        "nam" | "male" | "m" | "trai" | "ong" => Some("male"),
        "nu" | "female" | "f" | "gai" | "ba" => Some("female"),
        _ => None,
    }
}

/// Whether a cell of a column such as `Nữ` or `Miễn sinh hoạt` is ticked.
pub(super) fn is_tick(text: &str) -> bool {
    matches!(
        fold(text).as_str(),
        "x" | "co" | "1" | "v" | "✓" | "✔" | "true" | "yes" | "+" | "roi"
    )
}

/// What a cell of the status column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusWord {
    /// A status that is kept.
    Is(Status),
    /// A full member who is exempt from meetings.
    Exempt,
    /// Nothing about the status: `đang sinh hoạt`.
    Nothing,
    /// Away or exempt for a time: has its own procedure.
    ForATime,
    /// Here for a time only; the home cell is elsewhere.
    Guest,
    /// No member any more, or not yet.
    NotAMember,
}

/// Reads a status. `None` for words that we do not know.
pub(super) fn status(text: &str) -> Option<StatusWord> {
    use StatusWord::{Exempt, ForATime, Guest, Is, NotAMember, Nothing};
    let folded = fold(text);
    let words = folded
        .trim_start_matches("dang vien ")
        .trim_matches(['.', ' ']);
    Some(match words {
        "chinh thuc" | "ct" | "dvct" | "full" | "da chinh thuc" => Is(Status::Full),
        "du bi" | "db" | "dvdb" | "probationary" => Is(Status::Probationary),
        "dinh chi"
        | "dinh chi sinh hoat"
        | "dinh chi sinh hoat dang"
        | "bi dinh chi sinh hoat"
        | "suspended" => Is(Status::Suspended),
        "dang sinh hoat" | "dang hoat dong" | "hoat dong" | "binh thuong" | "dang cong tac"
        | "active" | "huu" | "nghi huu" => Nothing,
        _ if words.starts_with("tam mien")
            || words.starts_with("duoc tam mien")
            || words.contains("di tam thoi") =>
        {
            ForATime
        }
        _ if words.starts_with("mien") || words.starts_with("duoc mien") || words == "exempt" => {
            Exempt
        }
        _ if words.contains("tam thoi") => Guest,
        _ if [
            "xoa ten",
            "khai tru",
            "xin ra",
            "da mat",
            "tu tran",
            "qua doi",
            "da chet",
            "cam tinh",
            "quan chung",
            "chuyen di",
            "da chuyen",
            "ra khoi",
        ]
        .iter()
        .any(|gone| words.contains(gone)) =>
        {
            NotAMember
        }
        _ => return None,
    })
}

/// A card or citizen number of twelve digits. Zeros that a spreadsheet took away are put back with a
/// warning; an old party card of eight digits is taken with one, an old identity card of nine digits
/// is left out with one (`Ok(None)`).
pub(super) fn twelve_digits(
    text: &str,
    label: &'static str,
    warnings: &mut Vec<Note>,
) -> Result<Option<String>, Note> {
    if says_nothing(text) {
        return Ok(None);
    }
    let number = number::digits(text);
    let only_digits = number.bytes().all(|b| b.is_ascii_digit());
    let length = number.len();
    let bad = || {
        Err(Note::new("rosters-number-bad")
            .key("field", label)
            .arg("count", number.len()))
    };
    if !only_digits {
        return bad();
    }
    match length {
        12 => Ok(Some(number)),
        10 | 11 => {
            warnings.push(
                Note::new("rosters-number-zeros")
                    .key("field", label)
                    .arg("tail", site::seal::tail(&number)),
            );
            Ok(Some(format!("{number:0>12}")))
        }
        9 if label == "rosters-field-citizen" => {
            warnings.push(Note::new("rosters-number-old-citizen"));
            Ok(None)
        }
        // Cards before the number became that of the person.
        8 if label == "rosters-field-card" => {
            warnings.push(Note::new("rosters-number-old-card"));
            Ok(Some(number))
        }
        _ => bad(),
    }
}

/// A telephone number of ten or eleven digits; the first one when there are two. What is none is
/// left out with a warning: nobody is refused for it.
pub(super) fn phone(text: &str, warnings: &mut Vec<Note>) -> String {
    if says_nothing(text) {
        return String::new();
    }
    let numbers: Vec<&str> = text
        .split(['/', ';', ',', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let first = numbers.first().copied().unwrap_or_default();
    let mut phone = number::phone(first);
    if phone.len() == 9 && !phone.starts_with('0') {
        phone.insert(0, '0');
        warnings.push(
            Note::new("rosters-number-zeros")
                .key("field", "rosters-field-phone")
                .arg("tail", site::seal::tail(&phone)),
        );
    }
    let has_letters = first.chars().any(char::is_alphabetic);
    if has_letters || !phone.starts_with('0') || !(10..=11).contains(&phone.len()) {
        warnings.push(Note::new("rosters-phone-bad"));
        return String::new();
    }
    if numbers.len() > 1 {
        warnings.push(Note::new("rosters-phone-two"));
    }
    phone
}

/// An e-mail address that looks like one; left out with a warning otherwise.
pub(super) fn email(text: &str, warnings: &mut Vec<Note>) -> String {
    let email = plain(text).to_lowercase();
    if says_nothing(&email) {
        return String::new();
    }
    let is_email = email.split_once('@').is_some_and(|(who, host)| {
        !who.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
    }) && !email.contains([' ', ',', ';', '<', '>']);
    if !is_email {
        warnings.push(Note::new("rosters-email-bad").arg("text", &email));
        return String::new();
    }
    email
}

/// What is odd about a citizen id beside sex and year of birth: the fourth digit tells the century and
/// the sex, the next two the year.
pub(super) fn citizen_contradicts(citizen: &str, sex: &str, birth_on: &str) -> bool {
    let digits: Vec<u32> = citizen.chars().filter_map(|c| c.to_digit(10)).collect();
    let (Some(mark), Some(tens), Some(ones)) = (digits.get(3), digits.get(4), digits.get(5)) else {
        return false;
    };
    let is_female = mark % 2 == 1;
    let year = 1900 + (mark / 2) * 100 + tens * 10 + ones;
    let other_sex = !sex.is_empty() && (sex == "female") != is_female;
    let other_year = birth_on
        .get(..4)
        .is_some_and(|born| born != year.to_string());
    other_sex || other_year
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> Cell {
        Cell {
            text: text.to_owned(),
            ..Cell::default()
        }
    }
    fn day(text: &str) -> String {
        match date(&cell(text), "rosters-field-birth") {
            Ok(Some(date)) => date.to_string(),
            Ok(None) => String::new(),
            Err(note) => note.key.to_owned(),
        }
    }

    #[test]
    fn names_are_put_in_title_case_and_told() {
        let read = |text: &str| {
            let mut warnings = Vec::new();
            let name = name(text, &mut warnings);
            (
                name.unwrap_or_else(|note| note.key.to_owned()),
                warnings.len(),
            )
        };
        assert_eq!(read("  NGUYỄN   VĂN AN "), ("Nguyễn Văn An".to_owned(), 1));
        assert_eq!(read("đặng thị ủ"), ("Đặng Thị Ủ".to_owned(), 1));
        assert_eq!(read("Nguyễn Văn An"), ("Nguyễn Văn An".to_owned(), 0));
        assert_eq!(
            read("Đ/c Trần Thị Bé (A)"),
            ("Trần Thị Bé (A)".to_owned(), 1)
        );
        assert_eq!(read("H'Hen Niê").1, 0);
        assert_eq!(read("Bà Triệu"), ("Triệu".to_owned(), 2));
        for bad in [
            "=cmd|' /C calc'!A0",
            "0912345678",
            "A",
            "a@b.vn",
            "<b>An</b>",
        ] {
            assert_eq!(read(bad).0, "rosters-name-bad", "{bad}");
        }
    }
    #[test]
    fn dates_keep_the_precision_that_was_written() {
        for (text, want) in [
            ("19/5/1954", "1954-05-19"),
            ("5/1954", "1954-05"),
            ("1954", "1954"),
            ("00/00/1954", "1954"),
            ("../../1954", "1954"),
            ("00/5/1954", "1954-05"),
            ("-", ""),
            ("không rõ", ""),
            ("19/5/54", "rosters-date-two-digits"),
            ("30/02/1954", "rosters-date-no-day"),
            ("05/19/1954", "rosters-date-no-month"),
            ("hôm qua", "rosters-date-bad"),
        ] {
            assert_eq!(day(text), want, "{text}");
        }
        let real = Cell {
            date: Some("1954-05-19T00:00:00".into()),
            ..cell("19-May-54")
        };
        assert_eq!(date(&real, "x").unwrap().unwrap().to_string(), "1954-05-19");
    }
    #[test]
    fn an_hour_of_the_evening_before_is_asked_about() {
        for (text, want) in [
            ("19/05/1954 00:00:00", "1954-05-19"),
            ("'19/05/1954", "1954-05-19"),
            ("19-May-1954", "1954-05-19"),
            ("1954-05-19T07:00:00Z", "1954-05-19"),
            ("1954-05-18T17:00:00.000Z", "rosters-date-hour"),
            ("18/05/1954 23:59:17", "rosters-date-hour"),
        ] {
            assert_eq!(day(text), want, "{text}");
        }
    }
    #[test]
    fn examples_of_a_column_veil_long_numbers() {
        assert_eq!(veiled("miễn  sinh hoạt"), "miễn sinh hoạt");
        assert_eq!(veiled("Vợ: 001054012345"), "Vợ: ••••••••2345");
        assert_eq!(veiled("19/05/1954"), "19/05/1954");
    }
    #[test]
    fn numbers_get_their_zeros_back_and_nothing_else() {
        let read = |text: &str| {
            let mut warnings = Vec::new();
            let number = twelve_digits(text, "rosters-field-citizen", &mut warnings);
            (number.map_err(|note| note.key), warnings.len())
        };
        assert_eq!(
            read("001 054 012 345"),
            (Ok(Some("001054012345".into())), 0)
        );
        assert_eq!(read("1054012345"), (Ok(Some("001054012345".into())), 1));
        assert_eq!(read("123456789"), (Ok(None), 1));
        assert_eq!(read(""), (Ok(None), 0));
        assert_eq!(read("1.05E+11").0, Err("rosters-number-bad"));
        assert_eq!(read("12345").0, Err("rosters-number-bad"));
        assert_eq!(read("12.345678").0, Err("rosters-number-bad"));
        let mut warnings = Vec::new();
        let card = twelve_digits("12.345678", "rosters-field-card", &mut warnings);
        assert_eq!((card, warnings.len()), (Ok(Some("12345678".into())), 1));
        assert!(citizen_contradicts("001054012345", "female", ""));
        assert!(citizen_contradicts("001054012345", "", "1955-01"));
        assert!(!citizen_contradicts("001154012345", "female", "1954"));
        assert!(!citizen_contradicts("001301012345", "female", "2001"));
    }
    #[test]
    fn telephones_and_addresses_that_are_none_are_left_out_and_told() {
        let mut warnings = Vec::new();
        assert_eq!(phone("+84 912 345 678", &mut warnings), "0912345678");
        assert_eq!(warnings.len(), 0);
        assert_eq!(phone("912345678", &mut warnings), "0912345678");
        assert_eq!(
            phone("0912345678 / 0987654321", &mut warnings),
            "0912345678"
        );
        assert_eq!(phone("hỏi con gái", &mut warnings), "");
        assert_eq!(email("An@Example.VN", &mut warnings), "an@example.vn");
        assert_eq!(email("an@", &mut warnings), "");
        assert_eq!(warnings.len(), 4);
    }
    #[test]
    fn words_of_status_are_known() {
        use StatusWord::*;
        assert_eq!(status("Đảng viên chính thức"), Some(Is(Status::Full)));
        assert_eq!(status("Dự bị"), Some(Is(Status::Probationary)));
        assert_eq!(status("Miễn sinh hoạt"), Some(Exempt));
        assert_eq!(status("Tạm miễn sinh hoạt"), Some(ForATime));
        assert_eq!(status("Sinh hoạt tạm thời"), Some(Guest));
        assert_eq!(status("Đã từ trần"), Some(NotAMember));
        assert_eq!(status("Đang sinh hoạt"), Some(Nothing));
        assert_eq!(status("lạ"), None);
        assert_eq!(sex("Nữ"), Some("female"));
        assert_eq!(sex("?"), None);
    }
}
