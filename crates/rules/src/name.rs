//! Names of rules and what their values are measured in. A name is declared by the room that reads it.
//!
//! `measure` and never "unit": a unit is a node of the organisation.

/// What a value is measured in; it also says how its text is read ([`crate::Value::read`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Days of the calendar.
    Days,
    /// Days without weekends and holidays ([`crate::Calendar`]).
    WorkingDays,
    /// Months, clamped to the month's end.
    Months,
    /// Years of twelve months.
    Years,
    /// Hours.
    Hours,
    /// Minutes.
    Minutes,
    /// A day of the month, 1 to 31; 31 is the last one of every month.
    DayOfMonth,
    /// A number of persons, times, seats, points …
    Count,
    /// Whole đồng.
    Money,
    /// A part or a multiple, `2/3` or `1.5`.
    Ratio,
    /// Parts of a hundred, `0.5` is half a percent.
    Percent,
    /// Yes or no.
    Flag,
    /// Words.
    Text,
    /// JSON that the room reads into a type of its own.
    Table,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Measure; 14] = [
        Measure::Days,
        Measure::WorkingDays,
        Measure::Months,
        Measure::Years,
        Measure::Hours,
        Measure::Minutes,
        Measure::DayOfMonth,
        Measure::Count,
        Measure::Money,
        Measure::Ratio,
        Measure::Percent,
        Measure::Flag,
        Measure::Text,
        Measure::Table,
    ];

    /// The word in the table and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Measure::Days => "days",
            Measure::WorkingDays => "working_days",
            Measure::Months => "months",
            Measure::Years => "years",
            Measure::Hours => "hours",
            Measure::Minutes => "minutes",
            Measure::DayOfMonth => "day_of_month",
            Measure::Count => "count",
            Measure::Money => "money",
            Measure::Ratio => "ratio",
            Measure::Percent => "percent",
            Measure::Flag => "flag",
            Measure::Text => "text",
            Measure::Table => "table",
        }
    }
    /// The measure of that word.
    pub fn by_name(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == word)
    }
}

/// The name of a rule, `room.what`, and what its value is measured in. Made by [`crate::names!`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RuleName {
    name: &'static str,
    measure: Measure,
}

impl RuleName {
    /// For [`crate::names!`]; a name is declared once, in the room that reads it.
    #[doc(hidden)]
    pub const fn declared(name: &'static str, measure: Measure) -> Self {
        Self { name, measure }
    }
    /// `room.what`.
    pub const fn as_str(self) -> &'static str {
        self.name
    }
    /// What its value is measured in.
    pub const fn measure(self) -> Measure {
        self.measure
    }
}

impl std::fmt::Display for RuleName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Whether a text has the shape of a rule's name: two words of `a-z`, digits and `_` with a dot between.
pub(crate) fn is_name(text: &str) -> bool {
    let good = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    text.len() <= 80
        && text
            .split_once('.')
            .is_some_and(|(room, what)| good(room) && good(what))
}

/// Declares the rules that a room reads: a constant for each, and all of them as `NAMES`.
///
/// ```
/// rules::names! {
///     /// Days for which a slip can be used.
///     pub(crate) SLIP_DAYS: "account.slip_days", Days;
/// }
/// fn main() {
///     assert_eq!(NAMES[0], SLIP_DAYS);
///     assert_eq!(SLIP_DAYS.as_str(), "account.slip_days");
/// }
/// ```
#[macro_export]
macro_rules! names {
    ($($(#[$doc:meta])* $vis:vis $constant:ident: $name:literal, $measure:ident;)+) => {
        $($(#[$doc])* $vis const $constant: $crate::RuleName =
            $crate::RuleName::declared($name, $crate::Measure::$measure);)+
        /// Every rule that is read here.
        #[allow(dead_code, unreachable_pub)] // a room may hand only its own out
        pub const NAMES: &[$crate::RuleName] = &[$($constant),+];
    };
}
