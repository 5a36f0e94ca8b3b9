//! Times of day as people type them: `19:30`, `19h30`, `7:30 PM`, `7h30 tối`, `8 giờ kém 15`.
//!
//! Not here: days (`date`), instants and zones (`kernel`). Surprising rule: a word that is not known
//! refuses the whole text, because half of it (`7:30` out of `7:30 PM`) would be another hour.

use crate::fold::fold;

/// Longer texts are sentences, not times.
const LONGEST: usize = 60;

/// Hour and minute of a text, or `None` when it is no time of a day. A part of the day that does not
/// go with its hour (`13 giờ sáng`) is none either.
pub fn read_time(text: &str) -> Option<(u8, u8)> {
    let folded = fold(text);
    if folded.len() > LONGEST {
        return None;
    }
    // The dots of `a.m.` part nothing.
    let folded = folded.replace("a.m", "am").replace("p.m", "pm");
    let mut read = Spoken::default();
    let words = words(&folded)?;
    let mut rest = words.as_slice();
    while let [word, after @ ..] = rest {
        rest = after;
        match *word {
            "luc" | "vao" | "khoang" | "dung" | "buoi" => {}
            ":" | "." | "," | "h" | "g" | "gio" | "phut" | "ph" | "p" | "m" | "s" | "giay" => {}
            "ruoi" if read.numbers.len() == 1 => read.is_half = true,
            "kem" if read.numbers.len() == 1 => read.is_less = true,
            word => match part(word) {
                Some(part) if read.part.is_none() => read.part = Some(part),
                Some(_) => return None,
                None => rest = read.number(word, rest)?,
            },
        }
    }
    read.time()
}

/// Which part of the day a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// AM, SA: the first half of the day, its twelve is midnight.
    First,
    /// PM, CH: the second half, its twelve is noon.
    Second,
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
}

fn part(word: &str) -> Option<Part> {
    Some(match word {
        "am" | "sa" => Part::First,
        "pm" | "ch" => Part::Second,
        "sang" => Part::Morning,
        "trua" => Part::Noon,
        "chieu" => Part::Afternoon,
        "toi" => Part::Evening,
        "dem" | "khuya" => Part::Night,
        _ => return None,
    })
}

impl Part {
    /// Hours to be added to a spoken one; `None` when nobody says so.
    fn ahead(self, hour: i32) -> Option<i32> {
        Some(match (self, hour) {
            (Part::First, 12) | (Part::Night, 12) => -12,
            (Part::Second | Part::Noon, 12) | (Part::Afternoon, 12..=19) => 0,
            (Part::First | Part::Morning, 0..=11) => 0,
            (Part::Second, 13..) | (Part::Noon, 10..=14) => 0,
            (Part::Evening, 17..) | (Part::Night, 20.. | 0..=4) => 0,
            (Part::Second, 1..=11) | (Part::Noon, 1..=2) => 12,
            (Part::Afternoon, 1..=7) | (Part::Evening, 5..=11) | (Part::Night, 8..=11) => 12,
            _ => return None,
        })
    }
}

/// What was said, before it is an hour.
#[derive(Debug, Default)]
struct Spoken {
    numbers: Vec<i32>,
    is_half: bool,
    is_less: bool,
    part: Option<Part>,
}

impl Spoken {
    /// Takes a number in digits or words; answers what stands behind it.
    fn number<'w>(&mut self, word: &'w str, rest: &'w [&'w str]) -> Option<&'w [&'w str]> {
        if word.bytes().all(|b| b.is_ascii_digit()) {
            match word.len() {
                1 | 2 => self.numbers.push(word.parse().ok()?),
                // `0730`, as soldiers write it.
                4 if self.numbers.is_empty() => {
                    self.numbers.push(word.get(..2)?.parse().ok()?);
                    self.numbers.push(word.get(2..)?.parse().ok()?);
                }
                _ => return None,
            }
            return Some(rest);
        }
        let (number, rest) = match (digit(word), rest) {
            (Some(tens), ["muoi", one, rest @ ..]) if digit(one).is_some() => {
                (10 * tens + digit(one)?, rest)
            }
            (Some(tens), ["muoi", rest @ ..]) => (10 * tens, rest),
            (Some(one), rest) => (one, rest),
            (None, [one, rest @ ..]) if word == "muoi" && digit(one).is_some() => {
                (10 + digit(one)?, rest)
            }
            (None, rest) if word == "muoi" => (10, rest),
            _ => return None,
        };
        self.numbers.push(number);
        Some(rest)
    }

    fn time(&self) -> Option<(u8, u8)> {
        let (hour, minute) = match (self.numbers.as_slice(), self.is_half, self.is_less) {
            ([hour], true, false) => (*hour, 30),
            ([hour], false, false) => (*hour, 0),
            // A picker may send seconds; others are no time of an appointment.
            ([hour, minute] | [hour, minute, 0], false, false) => (*hour, *minute),
            ([hour, less @ 1..=59], false, true) => (*hour, -*less),
            _ => return None,
        };
        if !(0..24).contains(&hour) || minute > 59 {
            return None;
        }
        let ahead = self.part.map_or(Some(0), |part| part.ahead(hour))?;
        let minutes = ((hour + ahead) * 60 + minute).rem_euclid(24 * 60);
        let small = |number: i32| u8::try_from(number).ok(); // below 60
        Some((small(minutes / 60)?, small(minutes % 60)?))
    }
}

/// One to nine in words, `lăm` and `tư` as they stand behind tens.
fn digit(word: &str) -> Option<i32> {
    Some(match word {
        "mot" => 1,
        "hai" => 2,
        "ba" => 3,
        "bon" | "tu" => 4,
        "nam" | "lam" => 5,
        "sau" => 6,
        "bay" => 7,
        "tam" => 8,
        "chin" => 9,
        _ => return None,
    })
}

/// Digits, words and separators apart; `None` when another sign stands there.
fn words(text: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while let Some(c) = rest.chars().next() {
        let is_same: fn(char) -> bool = match c {
            ' ' => |c| c == ' ',
            ':' | '.' | ',' => |c| matches!(c, ':' | '.' | ','),
            c if c.is_ascii_digit() => |c| c.is_ascii_digit(),
            c if c.is_alphabetic() => char::is_alphabetic,
            _ => return None,
        };
        let end = rest.find(|c| !is_same(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end)?;
        match word.bytes().next() {
            Some(b' ') => {}
            Some(b':' | b'.' | b',') => found.push(word.get(..1)?),
            _ => found.push(word),
        }
        rest = after;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        for text in [
            "19:30",
            "19h30",
            "19 giờ 30",
            "19 giờ 30 phút",
            "19.30",
            "19:30:00",
            "1930",
            "lúc 19h30.",
            "7:30 PM",
            "7:30 p.m.",
            "7h30 tối",
            "7 giờ rưỡi tối",
            "tối 7h30",
            "7h30 buổi tối",
            "19h30 tối",
            "bảy giờ rưỡi tối",
            "07:30 CH",
        ] {
            assert_eq!(read_time(text), Some((19, 30)), "{text}");
        }
        for (text, hour, minute) in [
            ("7h30", 7, 30),
            ("0730", 7, 30),
            ("7 giờ rưỡi", 7, 30),
            ("8 giờ kém 15", 7, 45),
            ("8 giờ kém 15 phút", 7, 45),
            ("tám giờ kém mười lăm", 7, 45),
            ("chín giờ kém hai mươi lăm", 8, 35),
            ("8 giờ kém 15 tối", 19, 45),
            ("1 giờ kém 10 chiều", 12, 50),
            ("8 giờ", 8, 0),
            ("7", 7, 0),
            ("12 giờ trưa", 12, 0),
            ("1 giờ trưa", 13, 0),
            ("2 giờ chiều", 14, 0),
            ("12 giờ đêm", 0, 0),
            ("12:15 AM", 0, 15),
            ("12:15 PM", 12, 15),
            ("12:15:00 SA", 0, 15),
            ("7 giờ sáng", 7, 0),
            ("10 giờ đêm", 22, 0),
            ("hai mươi giờ", 20, 0),
        ] {
            assert_eq!(read_time(text), Some((hour, minute)), "{text}");
        }
    }

    #[test]
    fn half_understood_is_not_understood() {
        for text in [
            "",
            "25:00",
            "19:75",
            "tối",
            "999999",
            "1:2:3",
            "730",
            "13 giờ sáng",
            "13:30 AM",
            "0:30 PM",
            "12 giờ tối",
            "7h30 sáng tối",
            "7:30 GMT",
            "19h30 - 21h",
            "-7:30",
            "kém 15",
            "8 giờ rưỡi kém 15",
            "8 giờ kém 75",
            "mai",
            "7h30 hoặc 8h",
        ] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }
}
