//! Days as they come out of a form: from the picker, or as people type them.
//!
//! Not here: days of which only the year is known (`vietnamese::PartialDate`), times of day
//! (`vietnamese::read_time`), what a day means. Surprise: a year that nobody means (26, 9999) is no
//! day, so that each form says its sentence and no list is sorted by a slip.

use kernel::Day;

/// Years that a form may name: papers of the century before last, and plans of the next.
const YEARS: std::ops::RangeInclusive<i16> = 1800..=2199;

/// Reads a day as the picker sends it or as people type it; a day without a year is none.
pub fn read_day(text: &str) -> Option<Day> {
    let read = vietnamese::read_date(text).ok()?; // not a date: the caller says so beside the field
    let day: Day = read.to_string().parse().ok()?; // a month or a year alone, likewise
    YEARS.contains(&day.year()).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_from_the_picker_and_from_the_pen() {
        let day = |text: &str| read_day(text).map(|day| day.to_string());
        for text in [
            "2026-12-25",
            "25/12/2026",
            " 25-12-2026 ",
            "ngày 25 tháng 12 năm 2026",
        ] {
            assert_eq!(day(text).as_deref(), Some("2026-12-25"), "{text}");
        }
        for text in [
            "",
            "12/2026",
            "2026",
            "25/12/26",
            "0026-12-30",
            "9999-12-31",
            "30/12/9998",
            "2026-02-30",
            "😀",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
