//! Dates as people write them, complete or not: a day, a month or only a year.
//!
//! Old papers often know just the year; a missing part stays missing and is never filled in. Not here:
//! instants and zones (`jiff`, in `kernel`), spreadsheet serial numbers (the reader of the sheet).
//! Surprising rule: a two-digit year is refused, because `3/4/26` may be a birth in 1926.

use crate::fold::fold;
use std::fmt;

/// A day in the calendar whose day, or day and month, may be unknown. Ordered by time, unknown first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    /// Four digits, 1000 to 9999.
    pub year: i16,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to 31, only beside a month.
    pub day: Option<u8>,
}

/// Why a text is not a date. The sentence for the person is the page's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateTrouble {
    /// Nothing was written.
    Empty,
    /// No usual form of a date.
    NotADate,
    /// The year has two digits: it could be of two centuries.
    TwoDigitYear,
    /// The month is not 1 to 12; perhaps day and month are exchanged.
    NoSuchMonth {
        /// What was written.
        month: u32,
    },
    /// The month has no such day (30/02).
    NoSuchDay {
        /// What was written.
        day: u32,
        /// The last day of that month in that year.
        last: u8,
    },
}

fn last_day(year: i16, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl PartialDate {
    /// Checks the parts against the calendar. A day without a month is `NotADate`.
    pub fn new(year: u32, month: Option<u32>, day: Option<u32>) -> Result<Self, DateTrouble> {
        let year = match i16::try_from(year) {
            Ok(y) if (1000..=9999).contains(&y) => y,
            _ => return Err(DateTrouble::NotADate),
        };
        let Some(month) = month else {
            return match day {
                Some(_) => Err(DateTrouble::NotADate),
                None => Ok(PartialDate {
                    year,
                    month: None,
                    day: None,
                }),
            };
        };
        let month = match u8::try_from(month) {
            Ok(m) if (1..=12).contains(&m) => m,
            _ => return Err(DateTrouble::NoSuchMonth { month }),
        };
        let last = last_day(year, month);
        let day = match day {
            None => None,
            Some(d) => match u8::try_from(d) {
                Ok(small) if (1..=last).contains(&small) => Some(small),
                _ => return Err(DateTrouble::NoSuchDay { day: d, last }),
            },
        };
        Ok(PartialDate {
            year,
            month: Some(month),
            day,
        })
    }

    /// Are day and month known?
    pub fn is_complete(&self) -> bool {
        self.day.is_some()
    }

    /// The first and the last complete date it may mean, for searching by range.
    pub fn span(&self) -> (PartialDate, PartialDate) {
        let (first_month, last_month) = match self.month {
            Some(m) => (m, m),
            None => (1, 12),
        };
        let end = |month: u8, day: u8| PartialDate {
            year: self.year,
            month: Some(month),
            day: Some(self.day.unwrap_or(day)),
        };
        (
            end(first_month, 1),
            end(last_month, last_day(self.year, last_month)),
        )
    }

    /// As people write it: `05/3/2026`, `3/2026`, `1975`. The day always has two digits, January and
    /// February too, as on official papers (a 1 cannot be made an 11).
    pub fn to_vn(&self) -> String {
        match (self.month, self.day) {
            (Some(m), Some(d)) => format!("{d:02}/{}/{}", PaddedMonth(m), self.year),
            (Some(m), None) => format!("{}/{}", PaddedMonth(m), self.year),
            _ => self.year.to_string(),
        }
    }

    /// As the head of a paper has it: `ngày 05 tháng 3 năm 2026`, `tháng 3 năm 2026`, `năm 1975`.
    pub fn to_vn_long(&self) -> String {
        match (self.month, self.day) {
            (Some(m), Some(d)) => {
                format!("ngày {d:02} tháng {} năm {}", PaddedMonth(m), self.year)
            }
            (Some(m), None) => format!("tháng {} năm {}", PaddedMonth(m), self.year),
            _ => format!("năm {}", self.year),
        }
    }
}

struct PaddedMonth(u8);

impl fmt::Display for PaddedMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 | 2 => write!(f, "0{}", self.0),
            month => write!(f, "{month}"),
        }
    }
}

/// ISO: `2026-03-05`, `2026-03`, `1975`.
impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
            if let Some(day) = self.day {
                write!(f, "-{day:02}")?;
            }
        }
        Ok(())
    }
}

impl std::str::FromStr for PartialDate {
    type Err = DateTrouble;

    /// Any form that [`read_date`] takes, ISO among them.
    fn from_str(text: &str) -> Result<Self, DateTrouble> {
        read_date(text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Number(&'a str),
    Word(&'a str),
    Separator,
    Comma,
}

/// Longer texts are sentences, not dates.
const LONGEST: usize = 80;

/// Reads every usual Vietnamese form: `05/3/2026`, `5-3-2026`, `05.03.2026`, `3/2026`, `1975`,
/// `ngày 05 tháng 3 năm 2026`, `tháng 3 năm 2026`, `5-Mar-2026`, ISO; with or without a time of day,
/// which says nothing about the date. The day stands first. Errors name what is wrong; nothing is guessed.
pub fn read_date(text: &str) -> Result<PartialDate, DateTrouble> {
    read_date_and_time(text).map(|(date, _)| date)
}

/// As [`read_date`], with the seconds since midnight when a time of day stands behind the date.
pub fn read_date_and_time(text: &str) -> Result<(PartialDate, Option<u32>), DateTrouble> {
    let folded = fold(text.get(..text.len().min(4 * LONGEST)).unwrap_or(text));
    // A spreadsheet's apostrophe before a text, brackets and full stops around it.
    let around = [' ', '.', ',', ';', '(', ')', '\'', '’', '‘', '`'];
    let folded = folded.trim_matches(around);
    if folded.is_empty() {
        return Err(DateTrouble::Empty);
    }
    if folded.len() > LONGEST {
        return Err(DateTrouble::NotADate);
    }
    let (day, time) = without_time(folded);
    let seconds = match time {
        Some(time) => Some(seconds(time).ok_or(DateTrouble::NotADate)?),
        None => None,
    };
    let tokens = tokens(day).ok_or(DateTrouble::NotADate)?;
    Ok((read_tokens(&tokens)?, seconds))
}

/// The date, and the time of day that stands behind it after a space or a `T`.
fn without_time(text: &str) -> (&str, Option<&str>) {
    let begins = text.find(':').and_then(|colon| {
        let before = text.get(..colon)?;
        let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let at = colon.checked_sub(digits).filter(|_| digits > 0)?;
        let day = text.get(..at)?;
        let day = day.strip_suffix([' ', 't'])?.trim_end();
        day.ends_with(|c: char| c.is_ascii_digit())
            .then_some((day, at))
    });
    match begins {
        Some((day, at)) => (day, text.get(at..)),
        None => (text, None),
    }
}

/// `00:00:00`, `7:30`, `12:00:00 SA`, `17:00:00.000Z`, `00:00:00+07:00` as seconds since midnight.
fn seconds(text: &str) -> Option<u32> {
    let text = text.split(['+', 'z']).next()?.trim();
    let (text, half) = match text.rsplit_once(' ') {
        Some((time, half @ ("am" | "sa" | "pm" | "ch"))) => (time, half),
        _ => (text, ""),
    };
    let mut numbers = [0_u32; 3];
    let mut parts = text.split(':');
    for (nth, slot) in numbers.iter_mut().enumerate() {
        let Some(part) = parts.next() else { break };
        // Parts of a second behind a dot.
        let whole = if nth == 2 {
            part.split('.').next()?
        } else {
            part
        };
        *slot = whole.trim().parse().ok()?;
    }
    let [hour, minute, second] = numbers;
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let hour = match (half, hour) {
        ("am" | "sa", 12) => 0,
        ("pm" | "ch", 1..=11) => hour + 12,
        _ => hour,
    };
    Some(hour * 3600 + minute * 60 + second)
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if c.is_ascii_digit() {
            let n = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            found.push(Token::Number(rest.get(..n)?));
            n
        } else if c.is_alphabetic() {
            let n = rest
                .find(|c: char| !c.is_alphabetic())
                .unwrap_or(rest.len());
            found.push(Token::Word(rest.get(..n)?));
            n
        } else {
            match c {
                '/' | '-' | '.' | '‐' | '‑' | '–' | '—' | '−' => {
                    found.push(Token::Separator)
                }
                ',' => found.push(Token::Comma),
                ' ' | ':' => {}
                _ => return None,
            }
            c.len_utf8()
        };
        rest = rest.get(length..)?;
    }
    Some(found)
}

fn read_tokens(tokens: &[Token<'_>]) -> Result<PartialDate, DateTrouble> {
    use Token::{Comma, Number, Separator, Word};
    let mut tokens = tokens;
    while let [Word("ngay" | "mong" | "mung" | "hom"), rest @ ..] = tokens {
        tokens = rest;
    }
    match tokens {
        [Number(y)] if y.len() != 4 => Err(DateTrouble::NotADate),
        [Number(y)] | [Word("nam"), Number(y)] => PartialDate::new(year(y)?, None, None),
        [Number(y), Separator, Number(m)] if y.len() == 4 => {
            PartialDate::new(year(y)?, Some(small(m)?), None)
        }
        [Number(m), Separator, Number(y)] => PartialDate::new(year(y)?, Some(small(m)?), None),
        [Number(y), Separator, Number(m), Separator, Number(d)] if y.len() == 4 => {
            PartialDate::new(year(y)?, Some(small(m)?), Some(small(d)?))
        }
        [Number(d), Separator, Number(m), Separator, Number(y)] => {
            PartialDate::new(year(y)?, Some(small(m)?), Some(small(d)?))
        }
        [Number(d), Word("thang"), rest @ ..] => {
            let (month, year) = month_and_year(rest)?;
            PartialDate::new(year, Some(month), Some(small(d)?))
        }
        [Number(d), Comma, Word("thang"), rest @ ..] => {
            let (month, year) = month_and_year(rest)?;
            PartialDate::new(year, Some(month), Some(small(d)?))
        }
        [Word("thang"), rest @ ..] => {
            let (month, year) = month_and_year(rest)?;
            PartialDate::new(year, Some(month), None)
        }
        [
            Number(d),
            Separator,
            Word("thang" | "thg"),
            Number(m),
            Separator,
            Number(y),
        ] => PartialDate::new(year(y)?, Some(small(m)?), Some(small(d)?)),
        [Number(d), Separator, Word(m), Separator, Number(y)]
        | [Number(d), Word(m), Number(y)]
        | [Word(m), Number(d), Comma, Number(y)] => {
            let month = english_month(m).ok_or(DateTrouble::NotADate)?;
            PartialDate::new(year(y)?, Some(month), Some(small(d)?))
        }
        [Word(m), Separator, Number(y)] => {
            let month = english_month(m).ok_or(DateTrouble::NotADate)?;
            PartialDate::new(year(y)?, Some(month), None)
        }
        _ => Err(DateTrouble::NotADate),
    }
}

/// `May`, `Sept`: how spreadsheets show a month.
fn english_month(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let is_month = |month: &&str| word.len() >= 3 && month.starts_with(word);
    let nth = MONTHS.iter().position(is_month)?;
    u32::try_from(nth + 1).ok() // twelve at most
}

fn month_and_year(tokens: &[Token<'_>]) -> Result<(u32, u32), DateTrouble> {
    use Token::{Comma, Number, Separator, Word};
    let (month, rest) = match tokens {
        [Number(m), rest @ ..] => (small(m)?, rest),
        [Word("muoi"), Word("mot"), rest @ ..] => (11, rest),
        [Word("muoi"), Word("hai"), rest @ ..] => (12, rest),
        // "tháng năm 2026" may be a form with the month left blank; "tháng năm năm 2026" is May.
        [Word("nam"), Word("nam"), Number(y)] => return Ok((5, year(y)?)),
        [Word(name), rest @ ..] => {
            let month = match *name {
                "gieng" | "mot" => 1,
                "hai" => 2,
                "ba" => 3,
                "tu" => 4,
                "sau" => 6,
                "bay" => 7,
                "tam" => 8,
                "chin" => 9,
                "muoi" => 10,
                "chap" => 12,
                _ => return Err(DateTrouble::NotADate),
            };
            (month, rest)
        }
        _ => return Err(DateTrouble::NotADate),
    };
    match rest {
        [Word("nam"), Number(y)]
        | [Comma, Word("nam"), Number(y)]
        | [Comma | Separator, Number(y)]
        | [Number(y)] => Ok((month, year(y)?)),
        _ => Err(DateTrouble::NotADate),
    }
}

fn year(digits: &str) -> Result<u32, DateTrouble> {
    match digits.len() {
        4 => digits.parse().map_err(|_| DateTrouble::NotADate),
        2 => Err(DateTrouble::TwoDigitYear),
        _ => Err(DateTrouble::NotADate),
    }
}

fn small(digits: &str) -> Result<u32, DateTrouble> {
    if digits.len() > 2 {
        return Err(DateTrouble::NotADate);
    }
    digits.parse().map_err(|_| DateTrouble::NotADate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str) -> String {
        match read_date(text) {
            Ok(date) => date.to_string(),
            Err(trouble) => format!("{trouble:?}"),
        }
    }

    #[test]
    fn every_usual_form_of_one_day_reads_alike() {
        for text in [
            "05/3/2026",
            "5/3/2026",
            "05/03/2026",
            "5-3-2026",
            "05.03.2026",
            "05 / 3 / 2026",
            "5–3–2026",
            "ngày 05 tháng 3 năm 2026",
            "Ngày 5 tháng 03 năm 2026.",
            "05 tháng 3 năm 2026",
            "ngày 5 tháng ba năm 2026",
            "mồng 5 tháng 3, 2026",
            "NGÀY 05 THÁNG 3 NĂM 2026",
            "ngày 5/3/2026",
            "2026-03-05",
            "2026/3/5",
            "2026-03-05T07:30:00",
            "2026-03-05 00:00:00",
            "(05/3/2026)",
            "'05/3/2026",
            "’5/3/2026",
            "05/03/2026 00:00:00",
            "05/03/2026 12:00:00 SA",
            "2026-03-05T00:00:00.000Z",
            "2026-03-05T00:00:00+07:00",
            "5-Mar-2026",
            "05 March 2026",
            "March 5, 2026",
            "05-thg3-2026",
        ] {
            assert_eq!(iso(text), "2026-03-05", "{text}");
        }
    }

    #[test]
    fn a_time_of_day_is_told_beside_its_date() {
        let seconds = |text: &str| read_date_and_time(text).map(|(_, seconds)| seconds);
        assert_eq!(seconds("05/3/2026"), Ok(None));
        assert_eq!(seconds("05/3/2026 00:00:00"), Ok(Some(0)));
        assert_eq!(seconds("05/3/2026 12:00:00 SA"), Ok(Some(0)));
        assert_eq!(seconds("2026-03-04T17:00:00.000Z"), Ok(Some(17 * 3600)));
        assert_eq!(seconds("05/3/2026 7:30"), Ok(Some(27_000)));
        for bad in ["05/3/2026 25:00", "05/3/2026 1:2:3:4", "05/3/2026 7:x"] {
            assert_eq!(seconds(bad), Err(DateTrouble::NotADate), "{bad}");
        }
    }

    #[test]
    fn an_unknown_part_stays_unknown() {
        assert_eq!(iso("3/2026"), "2026-03");
        assert_eq!(iso("tháng 3 năm 2026"), "2026-03");
        assert_eq!(iso("tháng 03/2026"), "2026-03");
        assert_eq!(iso("2026-03"), "2026-03");
        assert_eq!(iso("ngày      tháng 11 năm 2025"), "2025-11");
        assert_eq!(iso("Sep-1975"), "1975-09");
        assert_eq!(iso("1975"), "1975");
        assert_eq!(iso("năm 1975"), "1975");
        assert_eq!(iso("tháng Chạp năm 1975"), "1975-12");
        assert_eq!(iso("tháng mười một năm 1975"), "1975-11");
    }

    #[test]
    fn the_calendar_is_checked() {
        let day = |text: &str| read_date(text).unwrap_err();
        assert_eq!(
            day("30/02/2024"),
            DateTrouble::NoSuchDay { day: 30, last: 29 }
        );
        assert_eq!(
            day("29/2/1900"),
            DateTrouble::NoSuchDay { day: 29, last: 28 }
        );
        assert_eq!(
            day("31/4/2026"),
            DateTrouble::NoSuchDay { day: 31, last: 30 }
        );
        assert_eq!(day("0/4/2026"), DateTrouble::NoSuchDay { day: 0, last: 30 });
        assert_eq!(day("12/31/2026"), DateTrouble::NoSuchMonth { month: 31 });
        assert_eq!(iso("29/2/2000"), "2000-02-29");
    }

    #[test]
    fn two_digit_years_and_blanks_are_refused() {
        assert_eq!(read_date("5/3/26"), Err(DateTrouble::TwoDigitYear));
        assert_eq!(read_date("3/75"), Err(DateTrouble::TwoDigitYear));
        assert_eq!(read_date("19-May-54"), Err(DateTrouble::TwoDigitYear));
        assert_eq!(read_date("tháng     năm 2026"), Err(DateTrouble::NotADate));
        assert_eq!(read_date("  "), Err(DateTrouble::Empty));
        for text in [
            "hôm qua",
            "45678",
            "12",
            "5/3",
            "5/3/2026/7",
            "05-NQ/ĐU",
            "5+3+2026",
            "0999",
        ] {
            assert_eq!(read_date(text), Err(DateTrouble::NotADate), "{text}");
        }
        assert_eq!(read_date(&"ngày ".repeat(1000)), Err(DateTrouble::NotADate));
    }

    #[test]
    fn printing_follows_official_papers() {
        let date = |text: &str| read_date(text).unwrap();
        assert_eq!(date("5/3/2026").to_vn(), "05/3/2026");
        assert_eq!(date("5/1/2026").to_vn(), "05/01/2026");
        assert_eq!(date("3/2026").to_vn(), "3/2026");
        assert_eq!(date("1975").to_vn(), "1975");
        assert_eq!(date("5/3/2026").to_vn_long(), "ngày 05 tháng 3 năm 2026");
        assert_eq!(date("3/2026").to_vn_long(), "tháng 3 năm 2026");
        for text in ["5/3/2026", "3/2026", "1975"] {
            let day = date(text);
            assert_eq!(date(&day.to_vn()), day);
            assert_eq!(date(&day.to_string()), day);
            assert_eq!(date(&day.to_vn_long()), day);
        }
    }

    #[test]
    fn dates_are_ordered_and_know_their_span() {
        let date = |text: &str| read_date(text).unwrap();
        assert!(date("1975") < date("1/1975") && date("1/1975") < date("1/1/1975"));
        let (first, last) = date("2/2024").span();
        assert_eq!(
            (first.to_string(), last.to_string()),
            ("2024-02-01".into(), "2024-02-29".into())
        );
        let (first, last) = date("1975").span();
        assert_eq!(
            (first.to_string(), last.to_string()),
            ("1975-01-01".into(), "1975-12-31".into())
        );
    }
}
