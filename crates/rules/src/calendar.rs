//! Days reckoned with the table of holidays: working days after a day, between two days, periods.
//!
//! Pure: the table is handed in, loaded by `handle`. Holidays, days off in exchange and working days in
//! exchange are announced year by year, so they are data; Saturday and Sunday are not (STYLE: a rule that
//! never changed is code). Not here: lunar days, reading announcements.
//! The rule that surprises: a year without a complete table still gives an answer, and names the year
//! in [`Reckoned::years_without_table`]; the page that shows the day must say so.

use crate::{Found, Measure};
use kernel::Day;
use kernel::error::{Error, Result};
use kernel::said;
use std::collections::{BTreeMap, BTreeSet};

/// Why a day of the table is special.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HolidayKind {
    /// A holiday.
    Holiday,
    /// A working day that is free, worked on another day.
    SwappedOff,
    /// A Saturday or Sunday that is worked.
    SwappedWork,
}

impl HolidayKind {
    /// Every kind.
    pub const ALL: [HolidayKind; 3] = [
        HolidayKind::Holiday,
        HolidayKind::SwappedOff,
        HolidayKind::SwappedWork,
    ];
    /// The word in the table and in files.
    pub fn name(self) -> &'static str {
        match self {
            HolidayKind::Holiday => "holiday",
            HolidayKind::SwappedOff => "swapped_off",
            HolidayKind::SwappedWork => "swapped_work",
        }
    }
    /// The kind of that word.
    pub fn by_name(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }
}

/// A day of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// The day.
    pub on: Day,
    /// Free or worked.
    pub kind: HolidayKind,
    /// What it is called.
    pub name: String,
    /// The announcement.
    pub document: String,
    /// The rule set, office or person that brings it.
    pub origin: String,
}

/// Whether the day on which a period is set off is its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstDay {
    /// The period begins on the next (working) day.
    After,
    /// The day itself counts, if it is a day that counts.
    Same,
}

/// A way of counting with its table.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    days: BTreeMap<Day, Holiday>,
    complete: BTreeSet<i16>,
}

/// Why a day was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Saturday or Sunday.
    Weekend,
    /// A free day of the table, by its name.
    Free(String),
}

/// A day that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The day.
    pub on: Day,
    /// Why.
    pub why: Why,
}

/// A result with the arithmetic that a page can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reckoned<T> {
    /// The result.
    pub value: T,
    /// Days passed over, in order. Empty where calendar days or months were counted.
    pub skipped: Vec<Skipped>,
    /// Years of which no complete table was there: the result may be wrong by their holidays.
    pub years_without_table: Vec<i16>,
}

/// A day that follows from a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reckoning {
    /// Where the period began.
    pub start: Day,
    /// Whether that day counted.
    pub first: FirstDay,
    /// The last day of the period, and how it was counted.
    pub due: Reckoned<Day>,
    /// The rule: its length, clause and document.
    pub found: Found,
}

/// No period of working days is longer: some forty years.
const MOST: u32 = 10_000;

impl Calendar {
    /// A calendar of those days; `complete` are the years of which everything was announced.
    pub fn new(
        days: impl IntoIterator<Item = Holiday>,
        complete: impl IntoIterator<Item = i16>,
    ) -> Self {
        Calendar {
            days: days.into_iter().map(|day| (day.on, day)).collect(),
            complete: complete.into_iter().collect(),
        }
    }
    /// What the table says of a day.
    pub fn find(&self, on: Day) -> Option<&Holiday> {
        self.days.get(&on)
    }
    /// The days of a year, in order.
    pub fn year(&self, year: i16) -> impl Iterator<Item = &Holiday> {
        self.days.values().filter(move |day| day.on.year() == year)
    }
    /// Whether everything was announced for that year.
    pub fn is_complete(&self, year: i16) -> bool {
        self.complete.contains(&year)
    }
    /// Whether people work on that day.
    pub fn is_working(&self, on: Day) -> bool {
        self.why_free(on).is_none()
    }
    fn why_free(&self, on: Day) -> Option<Why> {
        match self.days.get(&on) {
            Some(day) if day.kind == HolidayKind::SwappedWork => None,
            Some(day) => Some(Why::Free(day.name.clone())),
            None if on.weekday() >= 5 => Some(Why::Weekend),
            None => None,
        }
    }
    /// The `count`-th working day of a period that `start` sets off; 0 answers `start` itself, worked
    /// or not. More than 10,000 are refused as a fault.
    pub fn working_days_after(
        &self,
        start: Day,
        count: u32,
        first: FirstDay,
    ) -> Result<Reckoned<Day>> {
        if count > MOST {
            return Err(Error::fault(said!(
                "{} working days after {}",
                count,
                start
            )));
        }
        let mut steps = Steps::new(self);
        let (mut on, mut left) = (start, count);
        if left > 0 && first == FirstDay::Same && steps.is_working(on) {
            left -= 1;
        }
        while left > 0 {
            on = next(on)?;
            if steps.is_working(on) {
                left -= 1;
            }
        }
        Ok(steps.end(start, on, on))
    }
    /// The working day that lies `count` working days before `day`: papers are out two working days
    /// before. 0 answers `day` itself.
    pub fn working_days_before(&self, day: Day, count: u32) -> Result<Reckoned<Day>> {
        if count > MOST {
            return Err(Error::fault(said!("{} working days before {}", count, day)));
        }
        let mut steps = Steps::new(self);
        let (mut on, mut left) = (day, count);
        while left > 0 {
            on = on.plus_days(-1);
            if steps.is_working(on) {
                left -= 1;
            }
        }
        let mut out = steps.end(on, day, on);
        out.skipped.reverse();
        Ok(out)
    }
    /// How many working days lie from `from` to `to`, `to` included, `from` only when it counts; 0 when
    /// `to` is earlier.
    pub fn working_days_between(
        &self,
        from: Day,
        to: Day,
        first: FirstDay,
    ) -> Result<Reckoned<u32>> {
        let mut steps = Steps::new(self);
        let mut count = 0;
        let mut on = from;
        if first == FirstDay::Same && on <= to && steps.is_working(on) {
            count += 1;
        }
        while on < to {
            on = next(on)?;
            if steps.is_working(on) {
                count += 1;
            }
            if count > MOST {
                return Err(Error::fault(said!("working days from {} to {}", from, to)));
            }
        }
        Ok(steps.end(from, to.max(from), count))
    }
    /// The last day of the period that `start` sets off and whose length is the rule's: days, working
    /// days, months (clamped to the month's end) or years. Other measures are a fault.
    pub fn reckon(&self, start: Day, found: Found, first: FirstDay) -> Result<Reckoning> {
        let span = found.span()?;
        let back = i32::from(first == FirstDay::Same && span > 0);
        let plain = |value: Day| Reckoned {
            value,
            skipped: Vec::new(),
            years_without_table: Vec::new(),
        };
        let due = match found.trace.rule.measure {
            Measure::WorkingDays => self.working_days_after(start, span.unsigned_abs(), first)?,
            Measure::Days => plain(start.plus_days(span - back)),
            Measure::Months => plain(start.plus_months(span).plus_days(-back)),
            Measure::Years => plain(start.plus_months(span.saturating_mul(12)).plus_days(-back)),
            other => {
                return Err(Error::fault(said!(
                    "rule {} is measured in {}, which is no period of days",
                    found.trace.rule.id,
                    other.name()
                )));
            }
        };
        Ok(Reckoning {
            start,
            first,
            due,
            found,
        })
    }
}

fn next(on: Day) -> Result<Day> {
    let next = on.plus_days(1);
    if next == on {
        return Err(Error::fault("the calendar ends"));
    }
    Ok(next)
}

/// Days asked for one after the other; remembers what was passed over.
struct Steps<'a> {
    calendar: &'a Calendar,
    skipped: Vec<Skipped>,
}

impl<'a> Steps<'a> {
    fn new(calendar: &'a Calendar) -> Self {
        Steps {
            calendar,
            skipped: Vec::new(),
        }
    }
    fn is_working(&mut self, on: Day) -> bool {
        let why = self.calendar.why_free(on);
        let works = why.is_none();
        self.skipped.extend(why.map(|why| Skipped { on, why }));
        works
    }
    fn end<T>(self, from: Day, to: Day, value: T) -> Reckoned<T> {
        let years = from.year()..=to.year();
        Reckoned {
            value,
            skipped: self.skipped,
            years_without_table: years
                .filter(|year| !self.calendar.is_complete(*year))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::choose;
    use crate::choice::tests::row;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }
    fn holiday(on: &str, kind: HolidayKind) -> Holiday {
        Holiday {
            on: day(on),
            kind,
            name: format!("ngày {on}"),
            document: String::new(),
            origin: "thử".into(),
        }
    }
    /// Wednesday 2 September is free, Tuesday 1 as well; Monday 31 August is exchanged for Saturday 22.
    fn september() -> Calendar {
        Calendar::new(
            [
                holiday("2026-09-01", HolidayKind::Holiday),
                holiday("2026-09-02", HolidayKind::Holiday),
                holiday("2026-08-31", HolidayKind::SwappedOff),
                holiday("2026-08-22", HolidayKind::SwappedWork),
            ],
            [2026],
        )
    }

    #[test]
    fn five_working_days_pass_over_weekends_holidays_and_exchanges() {
        let calendar = september();
        let after = |start, count, first| {
            let found = calendar
                .working_days_after(day(start), count, first)
                .unwrap();
            (found.value.to_string(), found.skipped.len())
        };
        let friday = "2026-08-28";
        assert_eq!(after(friday, 1, FirstDay::After), ("2026-09-03".into(), 5));
        assert_eq!(after(friday, 2, FirstDay::Same), ("2026-09-03".into(), 5));
        assert_eq!(after(friday, 1, FirstDay::Same), (friday.into(), 0));
        assert_eq!(after(friday, 0, FirstDay::After), (friday.into(), 0));
        assert_eq!(
            after("2026-08-21", 1, FirstDay::After),
            ("2026-08-22".into(), 0),
            "the Saturday is worked"
        );
        let before = calendar.working_days_before(day("2026-09-03"), 1).unwrap();
        assert_eq!(before.value, day(friday));
        assert_eq!(
            before.skipped[0].on,
            day("2026-08-29"),
            "in the order of days"
        );
    }
    #[test]
    fn a_year_without_a_table_answers_and_warns() {
        let calendar = september();
        let found = calendar
            .working_days_after(day("2026-12-30"), 3, FirstDay::After)
            .unwrap();
        assert_eq!(
            found.value,
            day("2027-01-04"),
            "1 January is not known to be free"
        );
        assert_eq!(found.years_without_table, [2027]);
        let within = calendar
            .working_days_between(day("2026-08-28"), day("2026-09-04"), FirstDay::After)
            .unwrap();
        assert_eq!((within.value, within.years_without_table.len()), (2, 0));
        let backwards = calendar
            .working_days_between(day("2026-09-04"), day("2026-08-28"), FirstDay::Same)
            .unwrap();
        assert_eq!(backwards.value, 0);
    }
    #[test]
    fn a_period_is_reckoned_as_its_rule_is_measured() {
        let due = |measure, value: &str, start: &str, first| {
            let mut rule = row("a", value);
            rule.measure = measure;
            let found = choose(&[Arc::new(rule)], day("2026-09-01"), None).unwrap();
            let reckoned = september().reckon(day(start), found, first);
            reckoned.map(|it| it.due.value.to_string())
        };
        let due_after =
            |measure, value, start| due(measure, value, start, FirstDay::After).unwrap();
        assert_eq!(due_after(Measure::Days, "2", "2026-02-27"), "2026-03-01");
        assert_eq!(due_after(Measure::Months, "12", "2024-02-29"), "2025-02-28");
        assert_eq!(due_after(Measure::Months, "1", "2026-01-31"), "2026-02-28");
        assert_eq!(due_after(Measure::Years, "5", "2026-03-05"), "2031-03-05");
        assert_eq!(
            due_after(Measure::WorkingDays, "1", "2026-08-28"),
            "2026-09-03"
        );
        let same = |measure, value| due(measure, value, "2026-03-05", FirstDay::Same).unwrap();
        assert_eq!(same(Measure::Days, "1"), "2026-03-05");
        assert_eq!(same(Measure::Days, "0"), "2026-03-05");
        assert_eq!(same(Measure::Months, "12"), "2027-03-04");
        assert!(due(Measure::Minutes, "90", "2026-03-05", FirstDay::After).is_err());
    }
    #[test]
    fn the_end_of_the_calendar_is_a_fault_and_no_endless_loop() {
        let calendar = Calendar::default();
        let late = day("9999-12-30");
        assert!(
            calendar
                .working_days_after(late, 5, FirstDay::After)
                .is_err()
        );
        assert!(
            calendar
                .working_days_after(late, 10_001, FirstDay::After)
                .is_err()
        );
        assert!(
            calendar
                .working_days_between(day("1900-01-01"), late, FirstDay::After)
                .is_err()
        );
    }

    /// The naive way: write down every day of the window with its number, then look it up.
    fn working(table: &[(i32, u8)], base: Day, length: i32) -> Vec<(Day, bool)> {
        (-1_100..length)
            .map(|offset| {
                let on = base.plus_days(offset);
                // 23 November 2026 is a Monday; sevens from there give the weekday without the crate.
                let monday = Day::of(2026, 11, 23).unwrap();
                let is_weekend = monday.days_until(on).rem_euclid(7) >= 5;
                let said = table.iter().rev().find(|(at, _)| *at == offset);
                let works = match said {
                    Some((_, 2)) => true,
                    Some(_) => false,
                    None => !is_weekend,
                };
                (on, works)
            })
            .collect()
    }

    proptest! {
        #[test]
        fn working_days_are_those_of_a_naive_list(
            shift in 0..20_000i32,
            table in prop::collection::vec((-60..400i32, 0..3u8), 0..40),
            count in 0..250u32,
            span in -20..400i32,
        ) {
            let base = Day::of(1990, 1, 1).unwrap().plus_days(shift);
            let days = table.iter().map(|(offset, kind)| Holiday {
                on: base.plus_days(*offset),
                kind: HolidayKind::ALL[usize::from(*kind)],
                name: String::new(),
                document: String::new(),
                origin: String::new(),
            });
            let calendar = Calendar::new(days, []);
            let list = working(&table, base, 1_100);
            let later: Vec<Day> = list.iter().filter(|(on, works)| *works && *on > base).map(|(on, _)| *on).collect();
            let nth = |days: &[Day], n: u32| if n == 0 { base } else { days[n as usize - 1] };

            let after = calendar.working_days_after(base, count, FirstDay::After).unwrap();
            prop_assert_eq!(after.value, nth(&later, count));
            let mut with_base = later.clone();
            if calendar.is_working(base) { with_base.insert(0, base); }
            let same = calendar.working_days_after(base, count, FirstDay::Same).unwrap();
            prop_assert_eq!(same.value, nth(&with_base, count));

            // There and back again.
            if count > 0 {
                let between = calendar.working_days_between(base, after.value, FirstDay::After).unwrap();
                prop_assert_eq!(between.value, count);
                let passed = i64::from(count) + i64::try_from(after.skipped.len()).unwrap();
                prop_assert_eq!(base.days_until(after.value), passed);
            }
            let earlier: Vec<Day> = list.iter().rev().filter(|(on, works)| *works && *on < base).map(|(on, _)| *on).collect();
            let before = calendar.working_days_before(base, count).unwrap();
            prop_assert_eq!(before.value, nth(&earlier, count));

            let to = base.plus_days(span);
            let naive = later.iter().filter(|on| **on <= to).count();
            let counted = calendar.working_days_between(base, to, FirstDay::After).unwrap();
            prop_assert_eq!(counted.value as usize, naive);
            let both = calendar.working_days_between(base, to, FirstDay::Same).unwrap();
            let extra = usize::from(span >= 0 && calendar.is_working(base));
            prop_assert_eq!(both.value as usize, naive + extra);
        }

        #[test]
        fn months_keep_the_day_or_end_with_the_month(shift in 0..40_000i32, months in 0..600i32) {
            let start = Day::of(1950, 1, 1).unwrap().plus_days(shift);
            let due = start.plus_months(months);
            let index = i32::from(start.year()) * 12 + i32::from(start.month()) - 1 + months;
            prop_assert_eq!(i32::from(due.year()), index.div_euclid(12));
            prop_assert_eq!(i32::from(due.month()), index.rem_euclid(12) + 1);
            let last = due.month_end().day();
            prop_assert_eq!(due.day(), start.day().min(last));
        }
    }
}
