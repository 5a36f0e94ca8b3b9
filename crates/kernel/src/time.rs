//! Time as a parameter: [`Clock`] is handed in, [`Moment`] is an instant, [`Day`] a day in Vietnam.
//!
//! Instants are milliseconds UTC in the database (`…_at bigint`), days are `YYYY-MM-DD` text
//! (`…_on text`) in the organisation's zone. Not here: deadlines and working days, which are rules.
//! Vietnam keeps UTC+7 all year, so a day is computed without a time-zone table.

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Milliseconds in a day.
const DAY_MS: i64 = 86_400_000;
/// `Asia/Ho_Chi_Minh`: seven hours ahead of UTC since 1975, no summer time.
const ZONE_MS: i64 = 7 * 3_600_000;

/// An instant: milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// The instant that lies `ms` milliseconds later (or earlier, when negative).
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
    /// The day in Vietnam on which this instant falls.
    pub fn day(self) -> Day {
        Day::from_epoch_days((self.0 + ZONE_MS).div_euclid(DAY_MS))
    }
    /// Hour and minute in Vietnam.
    pub fn hour_minute(self) -> (u8, u8) {
        let minutes = (self.0 + ZONE_MS).rem_euclid(DAY_MS) / 60_000;
        ((minutes / 60) as u8, (minutes % 60) as u8)
    }
    /// `14:30`, local time.
    pub fn clock_text(self) -> String {
        let (hour, minute) = self.hour_minute();
        format!("{hour:02}:{minute:02}")
    }
    /// RFC 3339 in UTC, for feeds and the API.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0)
            .map_or_else(|_| String::new(), |stamp| stamp.to_string())
    }
    /// Reads RFC 3339.
    pub fn read(text: &str) -> Option<Self> {
        let stamp: jiff::Timestamp = text.trim().parse().ok()?;
        Some(Self(stamp.as_millisecond()))
    }
}

/// A day in the organisation's zone. Text form `YYYY-MM-DD`; `9999-12-31` means "open".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(jiff::civil::Date);

/// Why a text is not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day")]
pub struct NotADay;

impl Day {
    /// The end of a period that is still open.
    pub const OPEN: Day = Day(jiff::civil::date(9999, 12, 31));

    /// A day of the calendar; `None` when there is no such day.
    pub fn of(year: i16, month: i8, day: i8) -> Option<Self> {
        jiff::civil::Date::new(year, month, day).ok().map(Self)
    }
    fn from_epoch_days(days: i64) -> Self {
        let epoch = jiff::civil::date(1970, 1, 1);
        let span = jiff::Span::new().try_days(days.clamp(-700_000, 2_900_000));
        Self(
            span.and_then(|span| epoch.checked_add(span))
                .unwrap_or(epoch),
        )
    }
    /// `days` later (or earlier, when negative); stays put at the ends of the calendar.
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }
    /// `months` later, clamped to the month's end.
    pub fn plus_months(self, months: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().months(months)))
    }
    /// Days from `self` to `later`.
    pub fn days_until(self, later: Day) -> i64 {
        i64::from((later.0 - self.0).get_days())
    }
    /// The first day of the month.
    pub fn month_start(self) -> Self {
        Self(self.0.first_of_month())
    }
    /// The last day of the month.
    pub fn month_end(self) -> Self {
        Self(self.0.last_of_month())
    }
    /// Monday of this day's week.
    pub fn week_start(self) -> Self {
        self.plus_days(-i32::from(self.0.weekday().to_monday_zero_offset()))
    }
    /// 0 is Monday, 6 is Sunday.
    pub fn weekday(self) -> u8 {
        self.0.weekday().to_monday_zero_offset().unsigned_abs()
    }
    /// Year, such as 2026.
    pub fn year(self) -> i16 {
        self.0.year()
    }
    /// Month, 1 to 12.
    pub fn month(self) -> i8 {
        self.0.month()
    }
    /// Day of the month, 1 to 31.
    pub fn day(self) -> i8 {
        self.0.day()
    }
    /// `05/3/2026`: day below ten padded, months 1 and 2 padded (domain reference 6.5).
    pub fn vn(self) -> String {
        let month = self.0.month();
        if month <= 2 {
            format!("{:02}/{month:02}/{}", self.0.day(), self.0.year())
        } else {
            format!("{:02}/{month}/{}", self.0.day(), self.0.year())
        }
    }
    /// `27/11`: day and month.
    pub fn vn_short(self) -> String {
        format!("{:02}/{:02}", self.0.day(), self.0.month())
    }
    /// The instant at which `hour:minute` of this day begins in Vietnam.
    pub fn at(self, hour: u8, minute: u8) -> Moment {
        let epoch = jiff::civil::date(1970, 1, 1);
        let days = i64::from((self.0 - epoch).get_days());
        let ms = (i64::from(hour) * 60 + i64::from(minute)) * 60_000;
        Moment(days * DAY_MS - ZONE_MS + ms)
    }
    /// The instant at which the day begins.
    pub fn start(self) -> Moment {
        self.at(0, 0)
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
impl std::str::FromStr for Day {
    type Err = NotADay;
    fn from_str(text: &str) -> Result<Self, NotADay> {
        let bytes = text.as_bytes();
        let shaped =
            bytes.len() == 10 && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
        if !shaped {
            return Err(NotADay);
        }
        text.parse().map(Day).map_err(|_| NotADay)
    }
}
impl TryFrom<String> for Day {
    type Error = NotADay;
    fn try_from(text: String) -> Result<Self, NotADay> {
        text.parse()
    }
}
impl From<Day> for String {
    fn from(day: Day) -> String {
        day.to_string()
    }
}

/// Where the time comes from. Cloning shares the source.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    Real(fn() -> i64),
    Hand(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that asks `read` for milliseconds since 1970 UTC; only `app` makes the real one.
    pub fn real(read: fn() -> i64) -> Self {
        Self(Source::Real(read))
    }
    /// A clock that stands still until it is moved: for tests and for generated data.
    pub fn by_hand(start: Moment) -> Self {
        Self(Source::Hand(Arc::new(AtomicI64::new(start.0))))
    }
    /// The present instant.
    pub fn now(&self) -> Moment {
        match &self.0 {
            Source::Real(read) => Moment(read()),
            Source::Hand(ms) => Moment(ms.load(Ordering::SeqCst)),
        }
    }
    /// The present day in Vietnam.
    pub fn today(&self) -> Day {
        self.now().day()
    }
    /// Moves a clock that is set by hand; a real clock does not obey.
    pub fn advance_ms(&self, ms: i64) {
        if let Source::Hand(now) = &self.0 {
            now.fetch_add(ms, Ordering::SeqCst);
        }
    }
    /// Sets a clock that is set by hand; a real clock does not obey.
    pub fn set(&self, moment: Moment) {
        if let Source::Hand(now) = &self.0 {
            now.store(moment.0, Ordering::SeqCst);
        }
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_seventeen_hours_utc_of_the_day_before() {
        let day: Day = "2026-11-23".parse().unwrap();
        assert_eq!(day.start().rfc3339(), "2026-11-22T17:00:00Z");
        assert_eq!(day.start().day(), day);
        assert_eq!(day.start().plus_ms(-1).day(), day.plus_days(-1));
        assert_eq!(day.at(19, 30).clock_text(), "19:30");
    }
    #[test]
    fn weeks_start_on_monday_and_months_clamp() {
        let day: Day = "2026-11-23".parse().unwrap();
        assert_eq!(day.weekday(), 0);
        assert_eq!(day.plus_days(6).week_start(), day);
        let end: Day = "2026-01-31".parse().unwrap();
        assert_eq!(end.plus_months(1).to_string(), "2026-02-28");
        assert_eq!(end.days_until(day), 296);
    }
    #[test]
    fn only_full_days_are_days() {
        for bad in ["2026-1-1", "20260101", "2026-02-30", "", "1/1/2026"] {
            assert!(bad.parse::<Day>().is_err(), "{bad}");
        }
        assert_eq!(Day::of(2026, 3, 5).unwrap().vn(), "05/3/2026");
        assert_eq!(Day::of(2026, 2, 5).unwrap().vn(), "05/02/2026");
    }
    #[test]
    fn the_clock_moves_by_hand() {
        let clock = Clock::by_hand(Moment(0));
        let twin = clock.clone();
        clock.advance_ms(5);
        assert_eq!(twin.now(), Moment(5));
    }
}
