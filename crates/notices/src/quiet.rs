//! Quiet hours: from and to as minutes of the day in Vietnam. Pure.
//!
//! The rule that surprises: hours may pass midnight (21:00 to 07:00), and equal ones mean none.

use kernel::Moment;

/// Hours in which nothing goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: u16,
    to: u16,
}

fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two(hour) || !two(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

impl Hours {
    /// Reads two clock times such as `21:00` and `07:00`.
    pub fn read(from: &str, to: &str) -> Option<Self> {
        Some(Self {
            from: minutes(from)?,
            to: minutes(to)?,
        })
    }
    /// Both ends as `21:00`.
    pub fn texts(self) -> (String, String) {
        let text = |at: u16| format!("{:02}:{:02}", at / 60, at % 60);
        (text(self.from), text(self.to))
    }
    /// When the quiet that reigns at `now` ends; `None` when it is not quiet.
    pub fn end(self, now: Moment) -> Option<Moment> {
        let (hour, minute) = now.hour_minute();
        let at = u16::from(hour) * 60 + u16::from(minute);
        let quiet = if self.from <= self.to {
            self.from <= at && at < self.to
        } else {
            at >= self.from || at < self.to
        };
        let day = if at < self.to {
            now.day()
        } else {
            now.day().plus_days(1)
        };
        let (hour, minute) = ((self.to / 60) as u8, (self.to % 60) as u8);
        quiet.then(|| day.at(hour, minute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Day;

    #[test]
    fn the_night_ends_in_the_morning_whichever_side_of_midnight_it_is() {
        let night = Hours::read("21:00", "07:00").unwrap();
        let day = Day::of(2026, 11, 23).unwrap();
        let morning = day.plus_days(1).at(7, 0);
        assert_eq!(night.end(day.at(20, 59)), None);
        assert_eq!(night.end(day.at(21, 0)), Some(morning));
        assert_eq!(night.end(day.at(23, 59)), Some(morning));
        assert_eq!(night.end(day.plus_days(1).at(6, 59)), Some(morning));
        assert_eq!(night.end(morning), None);
    }
    #[test]
    fn hours_within_a_day_and_none_at_all() {
        let day = Day::of(2026, 11, 23).unwrap();
        let noon = Hours::read("11:30", "13:30").unwrap();
        assert_eq!(noon.end(day.at(12, 0)), Some(day.at(13, 30)));
        assert_eq!(noon.end(day.at(13, 30)), None);
        assert_eq!(
            Hours::read("07:00", "07:00").unwrap().end(day.at(7, 0)),
            None
        );
    }
    #[test]
    fn only_clock_times_are_read() {
        for bad in ["24:00", "7:00", "07:60", "", "+7:00", "07:00:00", "７:00"] {
            assert_eq!(Hours::read(bad, "07:00"), None, "{bad}");
        }
        let (from, to) = Hours::read("21:05", "07:00").unwrap().texts();
        assert_eq!((from.as_str(), to.as_str()), ("21:05", "07:00"));
    }
}
