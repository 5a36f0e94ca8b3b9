//! Planning: the next date, the agenda while it is being written.
//!
//! Pure. `pages::plan_form` draws it, `store` keeps it. Not here: templates' rows (`template`).
//! The rule that surprises: the day follows the weekday of the month ("the second Friday"), and the
//! fifth one falls back to the last.

use kernel::{Day, Moment};

/// Most lines of an agenda.
pub(crate) const MOST_ITEMS: usize = 60;
/// Longest title of a line, in characters.
pub(crate) const LONGEST_TITLE: usize = 300;
/// Longest free text, in characters.
pub(crate) const LONGEST_TEXT: usize = 4_000;

/// The day of `month` that is the same weekday of the month as `model`.
pub(crate) fn same_weekday(model: Day, month: Day) -> Day {
    let nth = (model.day() - 1) / 7;
    let start = month.month_start();
    let ahead = (i32::from(model.weekday()) - i32::from(start.weekday())).rem_euclid(7);
    let day = start.plus_days(ahead + 7 * i32::from(nth));
    if day.month() == start.month() {
        day
    } else {
        day.plus_days(-7)
    }
}

/// One line of an agenda being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// The item's id; empty for a new one.
    pub id: String,
    /// What is dealt with.
    pub title: String,
    /// Minutes, as typed.
    pub minutes: String,
    /// Who presents.
    pub presenter: String,
}

impl Row {
    /// Minutes as a number; nothing typed is zero.
    pub(crate) fn length(&self) -> i64 {
        self.minutes
            .trim()
            .parse::<i64>()
            .map_or(0, |minutes| minutes.clamp(0, 600))
    }
    /// Whether nothing is written here.
    pub(crate) fn is_empty(&self) -> bool {
        self.title.trim().is_empty() && self.presenter.trim().is_empty()
    }
}

/// What a button beside the agenda does, as the form says it: `add`, `up:2`, `down:2`, `remove:2`.
pub(crate) fn act(rows: &mut Vec<Row>, word: &str) -> bool {
    if word == "add" {
        if rows.len() < MOST_ITEMS {
            rows.push(Row::default());
        }
        return true;
    }
    let Some((verb, number)) = word.split_once(':') else {
        return false;
    };
    let Some(at) = number
        .parse::<usize>()
        .ok()
        .and_then(|n| n.checked_sub(1))
        .filter(|at| *at < rows.len())
    else {
        return matches!(verb, "up" | "down" | "remove");
    };
    match verb {
        "up" if at > 0 => rows.swap(at, at - 1),
        "down" if at + 1 < rows.len() => rows.swap(at, at + 1),
        "remove" if rows.len() > 1 => {
            rows.remove(at);
        }
        "remove" => rows.iter_mut().for_each(|row| *row = Row::default()),
        "up" | "down" => {}
        _ => return false,
    }
    true
}

/// The clock time at which each line begins.
pub(crate) fn clock_times(starts: Moment, minutes: impl IntoIterator<Item = i64>) -> Vec<String> {
    let mut at = starts;
    minutes
        .into_iter()
        .map(|length| {
            let text = at.clock_text();
            at = at.plus_ms(length.max(0) * 60_000);
            text
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn the_second_friday_stays_the_second_friday() {
        assert_eq!(
            same_weekday(day("2026-11-13"), day("2026-12-01")),
            day("2026-12-11")
        );
        assert_eq!(
            same_weekday(day("2026-11-27"), day("2026-12-15")),
            day("2026-12-25")
        );
        assert_eq!(
            same_weekday(day("2026-10-31"), day("2026-11-01")),
            day("2026-11-28"),
            "a fifth becomes the last"
        );
    }
    #[test]
    fn buttons_move_add_and_remove_and_never_pass_an_end() {
        let row = |title: &str| Row {
            title: title.into(),
            ..Row::default()
        };
        let names = |rows: &[Row]| rows.iter().map(|row| row.title.clone()).collect::<String>();
        let mut rows = vec![row("a"), row("b"), row("c")];
        assert!(act(&mut rows, "up:2"));
        assert_eq!(names(&rows), "bac");
        assert!(act(&mut rows, "up:1") && act(&mut rows, "down:3") && act(&mut rows, "down:99"));
        assert_eq!(names(&rows), "bac");
        assert!(act(&mut rows, "remove:2"));
        assert_eq!(names(&rows), "bc");
        assert!(act(&mut rows, "remove:1") && act(&mut rows, "remove:1"));
        assert_eq!(rows.len(), 1, "the last line is emptied, not removed");
        assert!(!act(&mut rows, "save") && !act(&mut rows, "paint:1"));
        for _ in 0..100 {
            act(&mut rows, "add");
        }
        assert_eq!(rows.len(), MOST_ITEMS);
    }
    #[test]
    fn the_clock_runs_down_the_margin() {
        let start = day("2026-11-27").at(19, 30);
        assert_eq!(
            clock_times(start, [10, 15, -5, 20]),
            ["19:30", "19:40", "19:55", "19:55"]
        );
    }
}
