//! Days as they come out of a form: as a calendar sends them, or as people type or say them.
//!
//! Not here: days of which only the year is known (`vietnamese::PartialDate`), times of day
//! (`vietnamese::read_time`), what a day means. Surprise: a year that nobody means (26, 9999) is no
//! day, so that each form says its sentence and no list is sorted by a slip.

use crate::form::FieldTrouble;
use kernel::Day;
use vietnamese::DateTrouble;

/// Years that a form may name: papers of the century before last, and plans of the next.
const YEARS: std::ops::RangeInclusive<i16> = 1800..=2199;

/// Reads a day as people type it (`5/1/2027`, `05-01-2027`, `05012027`, `mai`, `thứ Năm tới`) or as
/// programs send it (`2027-01-05`); a day without a year is none. `today` is where one counts from.
pub fn read_day(text: &str, today: Day) -> Option<Day> {
    let text = text.trim();
    let whole = vietnamese::read_date(text).or_else(|trouble| match bare(text) {
        Some(again) => vietnamese::read_date(&again),
        None => Err(trouble),
    });
    let day = match whole {
        // A month or a year alone is no day.
        Ok(read) => read.to_string().parse().ok()?,
        Err(_) => near(text, today)?, // not a date: the caller says so beside the field
    };
    let day: Day = day;
    YEARS.contains(&day.year()).then_some(day)
}

/// Days ahead within which a day without a year is taken for the next such one.
const AHEAD_DAYS: i32 = 183;

/// A day that lies ahead: all that [`read_day`] reads, and day and month alone (`5/12`), which is the next such
/// day from today on. One that passed lately is none: whether next year's was meant, or a slip, is asked
/// ([`day_trouble`]). For meetings and tasks, never for what was.
pub fn read_day_ahead(text: &str, today: Day) -> Option<Day> {
    read_day(text, today).or_else(|| {
        let (day, month) = day_and_month(text)?;
        (0..=1).find_map(|years| {
            let day = Day::of(today.year() + years, month, day)?;
            (day >= today && day <= today.plus_days(AHEAD_DAYS)).then_some(day)
        })
    })
}

/// `5/12`, `ngày 5-12`, `5 tháng 12`, `mùng 5 tháng Chạp` not.
fn day_and_month(text: &str) -> Option<(i8, i8)> {
    let folded = vietnamese::fold(text.get(..text.len().min(60))?);
    let mut text = folded.trim();
    for word in ["ngay ", "mung ", "mong "] {
        text = text.strip_prefix(word).unwrap_or(text).trim_start();
    }
    let (day, month) = (text.split_once(" thang ")).or_else(|| text.split_once(['/', '-', '.']))?;
    Some((day.trim().parse().ok()?, month.trim().parse().ok()?))
}

/// The year of a whole date that no form may name: 2206, 1700.
fn year_out_of_reach(text: &str) -> Option<i16> {
    let text = text.trim();
    let read =
        (vietnamese::read_date(text).ok()).or_else(|| vietnamese::read_date(&bare(text)?).ok())?;
    let day: Day = read.to_string().parse().ok()?; // a month or a year alone is another trouble
    (!YEARS.contains(&day.year())).then(|| day.year())
}

/// What keyboards of digits can write, with the sign that dates have: `05012027`, `5,1,2027`.
fn bare(text: &str) -> Option<String> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        let (day, rest) = text.split_at_checked(2)?;
        let (month, year) = rest.split_at_checked(2)?;
        return Some(format!("{day}/{month}/{year}"));
    }
    let is_list = |c: char| c.is_ascii_digit() || c == ',' || c == ' ';
    (text.contains(',') && text.chars().all(is_list)).then(|| text.replace(',', "/"))
}

/// Days named from today: `hôm nay`, `mai`, `thứ Năm tới`, `Chủ nhật tuần sau`.
fn near(text: &str, today: Day) -> Option<Day> {
    // A whole sentence is no day, and is not folded for nothing.
    let folded = vietnamese::fold(text.get(..60.min(text.len()))?);
    let words: Vec<&str> = folded
        .split(|c: char| c.is_whitespace() || c == ',' || c == '.')
        .filter(|word| !word.is_empty())
        .collect();
    let ahead = match words.as_slice() {
        ["hom", "nay"] | ["nay"] | ["ngay", "hom", "nay"] | ["today"] => 0,
        ["mai"] | ["ngay" | "hom", "mai"] | ["tomorrow"] => 1,
        ["ngay", "kia" | "mot"] => 2,
        ["hom", "qua"] | ["qua"] => -1,
        ["hom", "kia"] => -2,
        words => return of_a_week(words, today),
    };
    Some(today.plus_days(ahead))
}

/// `thứ Năm`, `thứ 5 này`, `thứ Năm tới`: the next one after today; `… tuần này|sau|tới` says the week.
fn of_a_week(words: &[&str], today: Day) -> Option<Day> {
    let (weekday, rest) = match words {
        ["chu", "nhat", rest @ ..] | ["cn", rest @ ..] => (6, rest),
        ["thu", name, rest @ ..] => (
            match *name {
                "hai" | "2" => 0,
                "ba" | "3" => 1,
                "tu" | "bon" | "4" => 2,
                "nam" | "5" => 3,
                "sau" | "6" => 4,
                "bay" | "7" => 5,
                _ => return None,
            },
            rest,
        ),
        _ => return None,
    };
    let weeks = match rest {
        [] | ["nay" | "toi"] => {
            let ahead = (weekday - i32::from(today.weekday()) - 1).rem_euclid(7) + 1;
            return Some(today.plus_days(ahead));
        }
        ["tuan", "nay"] => 0,
        ["tuan", "sau" | "toi"] => 1,
        _ => return None,
    };
    Some(today.week_start().plus_days(7 * weeks + weekday))
}

/// What to say beside a field that [`read_day`] does not read: what is wrong with the text where that
/// is known, else the sentence of `key`.
pub fn day_trouble(text: &str, key: &'static str) -> FieldTrouble {
    if let Some(year) = year_out_of_reach(text) {
        return FieldTrouble::of("web-date-reach")
            .arg("year", i64::from(year).to_string())
            .arg("from", YEARS.start().to_string())
            .arg("to", YEARS.end().to_string());
    }
    match vietnamese::read_date(text) {
        Err(DateTrouble::TwoDigitYear) => FieldTrouble::of("web-date-year"),
        Err(DateTrouble::NoSuchMonth { month }) => {
            FieldTrouble::of("web-date-month").arg("month", month)
        }
        Err(DateTrouble::NoSuchDay { day, last }) => FieldTrouble::of("web-date-day")
            .arg("day", day)
            .arg("last", last),
        Ok(_) | Err(DateTrouble::Empty | DateTrouble::NotADate) => {
            let is_day = |(day, month): (i8, i8)| Day::of(2024, month, day).is_some(); // a leap year
            match day_and_month(text).is_some_and(is_day) {
                true => FieldTrouble::of("web-date-no-year"),
                false => FieldTrouble::of(key),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str, today: &str) -> Option<String> {
        read_day(text, today.parse().unwrap()).map(|day| day.to_string())
    }

    #[test]
    fn days_are_read_from_the_picker_and_from_the_pen() {
        for text in [
            "2026-12-25",
            "25/12/2026",
            " 25-12-2026 ",
            "25.12.2026",
            "25,12,2026",
            "25122026",
            "ngày 25 tháng 12 năm 2026",
        ] {
            let day = on(text, "2026-11-23");
            assert_eq!(day.as_deref(), Some("2026-12-25"), "{text}");
        }
        assert_eq!(on("5/1/2027", "2026-11-23").as_deref(), Some("2027-01-05"));
        assert_eq!(on("05012027", "2026-11-23").as_deref(), Some("2027-01-05"));
        for text in [
            "",
            "12/2026",
            "2026",
            "25/12/26",
            "5.1.27",
            "0026-12-30",
            "9999-12-31",
            "30/12/9998",
            "2026-02-30",
            "99122026",
            "7,5",
            "😀",
            "thứ Năm tuần trước",
            "thứ Mười",
            "mai mốt",
        ] {
            assert_eq!(on(text, "2026-11-23"), None, "{text}");
        }
        assert_eq!(on(&"ngày mai ".repeat(200), "2026-11-23"), None);
    }
    #[test]
    fn a_day_that_lies_ahead_needs_no_year() {
        let on = |text: &str| {
            let day = read_day_ahead(text, "2026-11-23".parse().unwrap());
            day.map(|day| day.to_string())
        };
        for (text, day) in [
            ("5/12", Some("2026-12-05")),
            ("05-12", Some("2026-12-05")),
            ("ngày 5/12", Some("2026-12-05")),
            ("23/11", Some("2026-11-23")),
            ("20/1", Some("2027-01-20")),
            // Passed lately: next year's, or a slip? That is asked.
            ("22/11", None),
            ("29/2", None),
            ("mai", Some("2026-11-24")),
            ("5/12/2027", Some("2027-12-05")),
            ("31/2", None),
            ("2026", None),
            ("12/2026", None),
            ("5/12/26", None),
        ] {
            assert_eq!(on(text).as_deref(), day, "{text}");
        }
    }
    #[test]
    fn days_are_named_from_today() {
        // A Monday.
        for (text, day) in [
            ("hôm nay", "2026-11-23"),
            ("Hôm nay", "2026-11-23"),
            ("mai", "2026-11-24"),
            ("ngày mai", "2026-11-24"),
            ("ngày kia", "2026-11-25"),
            ("hôm qua", "2026-11-22"),
            ("thứ Năm tới", "2026-11-26"),
            ("thứ 5", "2026-11-26"),
            ("thứ Hai tới", "2026-11-30"),
            ("Chủ nhật", "2026-11-29"),
            ("thứ Hai tuần này", "2026-11-23"),
            ("thứ Năm tuần sau", "2026-12-03"),
            ("CN tuần tới", "2026-12-06"),
        ] {
            assert_eq!(on(text, "2026-11-23").as_deref(), Some(day), "{text}");
        }
    }
    #[test]
    fn what_is_wrong_with_a_day_is_said() {
        let trouble = |text: &str| day_trouble(text, "x");
        assert_eq!(trouble("5.1.27"), FieldTrouble::of("web-date-year"));
        let reach = |year: &str| {
            (FieldTrouble::of("web-date-reach").arg("year", year))
                .arg("from", "1800")
                .arg("to", "2199")
        };
        for text in [
            "5/4/2206",
            "05042206",
            "ngày 5 tháng 4 năm 2206",
            "2206-04-05",
        ] {
            assert_eq!(trouble(text), reach("2206"), "{text}");
        }
        assert_eq!(trouble("5/4/1026"), reach("1026"));
        for text in ["5/4", "5 tháng 4", "ngày 5 tháng 4", "Mùng 5  tháng 4"] {
            assert_eq!(
                trouble(text),
                FieldTrouble::of("web-date-no-year"),
                "{text}"
            );
            let read = read_day_ahead(text, "2027-03-01".parse().unwrap());
            assert_eq!(
                read.map(|day| day.to_string()).as_deref(),
                Some("2027-04-05"),
                "{text}"
            );
        }
        assert_eq!(trouble("5 tháng 14"), FieldTrouble::of("x"));
        assert_eq!(trouble(""), FieldTrouble::of("x"));
        assert_eq!(
            trouble("30/2/2027"),
            FieldTrouble::of("web-date-day")
                .arg("day", 30)
                .arg("last", 28)
        );
        assert_eq!(
            trouble("12/31/2026"),
            FieldTrouble::of("web-date-month").arg("month", 31)
        );
    }
}
