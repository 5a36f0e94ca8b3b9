//! When scheduled work is due, in the organisation's time zone (`kernel::time`).
//!
//! Pure: from the present moment to the latest moment that should have been. The table keeps the
//! last moment served, so whatever was missed meanwhile runs once, not once for each time missed.

use kernel::Moment;

const MINUTE_MS: i64 = 60_000;

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// Every so many minutes, counted from midnight.
    Minutes(u16),
    /// Every so many hours, counted from midnight.
    Hours(u8),
    /// Each day.
    Daily {
        /// 0 to 23.
        hour: u8,
        /// 0 to 59.
        minute: u8,
    },
    /// Each week.
    Weekly {
        /// 0 is Monday, 6 is Sunday.
        weekday: u8,
        /// 0 to 23.
        hour: u8,
        /// 0 to 59.
        minute: u8,
    },
    /// Each month; a day the month does not have is its last.
    Monthly {
        /// 1 to 31.
        day: u8,
        /// 0 to 23.
        hour: u8,
        /// 0 to 59.
        minute: u8,
    },
}

impl Every {
    /// The latest moment of this rhythm that is not after `now`.
    pub fn latest(self, now: Moment) -> Moment {
        let today = now.day();
        match self {
            Every::Minutes(minutes) => {
                let step = i64::from(minutes.max(1)) * MINUTE_MS;
                let midnight = today.start();
                midnight.plus_ms((now.0 - midnight.0) / step * step)
            }
            Every::Hours(hours) => Every::Minutes(u16::from(hours.max(1)) * 60).latest(now),
            Every::Daily { hour, minute } => {
                let at = today.at(hour, minute);
                if at <= now {
                    at
                } else {
                    today.plus_days(-1).at(hour, minute)
                }
            }
            Every::Weekly {
                weekday,
                hour,
                minute,
            } => {
                let day = today.week_start().plus_days(i32::from(weekday.min(6)));
                let at = day.at(hour, minute);
                if at <= now {
                    at
                } else {
                    day.plus_days(-7).at(hour, minute)
                }
            }
            Every::Monthly { day, hour, minute } => {
                let of = |first: kernel::Day| {
                    let wanted = first.plus_days(i32::from(day.max(1)) - 1);
                    wanted.min(first.month_end()).at(hour, minute)
                };
                let at = of(today.month_start());
                if at <= now {
                    at
                } else {
                    of(today.month_start().plus_months(-1))
                }
            }
        }
    }
}

/// Work that comes by itself.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its name, unique in the program; also the key of its jobs, so one that still runs is not
    /// joined by a second.
    pub name: &'static str,
    /// How often.
    pub every: Every,
    /// The kind of job it puts into the queue.
    pub kind: &'static str,
    /// JSON for the handler.
    pub payload: String,
}

impl Schedule {
    /// Work without a payload.
    pub fn new(name: &'static str, every: Every, kind: &'static str) -> Self {
        Self {
            name,
            every,
            kind,
            payload: "null".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Day;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_turns_at_the_hour_in_vietnam() {
        let every = Every::Daily {
            hour: 6,
            minute: 30,
        };
        let at = day("2026-11-23").at(6, 30);
        assert_eq!(every.latest(at), at);
        assert_eq!(every.latest(at.plus_ms(-1)), day("2026-11-22").at(6, 30));
        assert_eq!(every.latest(day("2026-11-23").at(23, 59)), at);
    }
    #[test]
    fn minutes_and_hours_count_from_midnight() {
        let now = day("2026-11-23").at(13, 47);
        assert_eq!(Every::Minutes(15).latest(now), day("2026-11-23").at(13, 45));
        assert_eq!(Every::Hours(6).latest(now), day("2026-11-23").at(12, 0));
        let midnight = day("2026-11-23").start();
        assert_eq!(Every::Hours(5).latest(midnight), midnight);
    }
    #[test]
    fn weeks_and_months_reach_back() {
        let sunday = Every::Weekly {
            weekday: 6,
            hour: 2,
            minute: 0,
        };
        let now = day("2026-11-23").at(9, 0);
        assert_eq!(sunday.latest(now), day("2026-11-22").at(2, 0));
        let last = Every::Monthly {
            day: 31,
            hour: 0,
            minute: 0,
        };
        assert_eq!(last.latest(now), day("2026-10-31").at(0, 0));
        assert_eq!(
            last.latest(day("2026-03-01").at(0, 0)),
            day("2026-02-28").at(0, 0)
        );
    }
}
