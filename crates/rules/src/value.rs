//! The value of a rule: read from its text as its measure says, kept as a person wrote it.
//!
//! A share is two whole numbers and never a floating one: `2/3` of 9 votes is 6, exactly.

use crate::Measure;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Days, months, minutes, persons, đồng …: never negative.
    Number(i64),
    /// A part, a multiple or a percentage, as the fraction `num / den`.
    Ratio {
        /// Above the line; never negative.
        num: i64,
        /// Below the line; at least 1.
        den: i64,
    },
    /// Yes or no.
    Flag(bool),
    /// Words.
    Text(String),
    /// JSON.
    Table(String),
}

/// Why a text is not a value of that measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a value of that measure")]
pub struct NotAValue;

/// The largest whole number of a value: far above every sum of money, far below the limits of `i64`,
/// so that products of two fit.
const MOST: i64 = 1_000_000_000_000;

impl Value {
    /// Reads a value as its measure says: `14`, `2/3`, `0.5` (a comma is taken as well), `yes`, `no`,
    /// words, JSON.
    pub fn read(measure: Measure, text: &str) -> Result<Value, NotAValue> {
        let text = text.trim();
        match measure {
            Measure::Ratio => ratio(text, 1),
            Measure::Percent => ratio(text, 100),
            Measure::Flag => match text {
                "yes" => Ok(Value::Flag(true)),
                "no" => Ok(Value::Flag(false)),
                _ => Err(NotAValue),
            },
            Measure::Text if !text.is_empty() => Ok(Value::Text(text.to_owned())),
            Measure::Text => Err(NotAValue),
            Measure::Table => match serde_json::from_str::<serde_json::Value>(text) {
                Ok(held) if held.is_object() || held.is_array() => {
                    Ok(Value::Table(text.to_owned()))
                }
                _ => Err(NotAValue),
            },
            Measure::DayOfMonth => match whole(text)? {
                day @ 1..=31 => Ok(Value::Number(day)),
                _ => Err(NotAValue),
            },
            _ => whole(text).map(Value::Number),
        }
    }
    /// As it is shown to people, without its measure: `1.234.567`, `2/3`, `0,5`. `kept` is its text in
    /// the table.
    pub fn to_vn(&self, kept: &str) -> String {
        match self {
            Value::Number(number) => vietnamese::group(*number),
            Value::Ratio { .. } => kept.trim().replace('.', ","),
            _ => kept.trim().to_owned(),
        }
    }
}

fn whole(text: &str) -> Result<i64, NotAValue> {
    if text.is_empty() || text.len() > 13 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotAValue);
    }
    let number: i64 = text.parse().map_err(|_| NotAValue)?;
    if number <= MOST {
        Ok(number)
    } else {
        Err(NotAValue)
    }
}

/// `2/3`, `1.5`, `1,5` or `2`, with the denominator made `per` times larger.
fn ratio(text: &str, per: i64) -> Result<Value, NotAValue> {
    let (num, den) = if let Some((num, den)) = text.split_once('/') {
        (whole(num.trim())?, whole(den.trim())?)
    } else if let Some((head, tail)) = text.split_once(['.', ',']) {
        if tail.is_empty() || tail.len() > 6 {
            return Err(NotAValue);
        }
        let scale = 10_i64.pow(u32::try_from(tail.len()).map_err(|_| NotAValue)?);
        let head = whole(head)?.checked_mul(scale).ok_or(NotAValue)?;
        (head.checked_add(whole(tail)?).ok_or(NotAValue)?, scale)
    } else {
        (whole(text)?, 1)
    };
    let den = den.checked_mul(per).filter(|den| *den > 0);
    let den = den.ok_or(NotAValue)?;
    let by = greatest_common(num, den);
    Ok(Value::Ratio {
        num: num / by,
        den: den / by,
    })
}

fn greatest_common(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_its_measure_says() {
        let read = Value::read;
        assert_eq!(read(Measure::Days, " 14 "), Ok(Value::Number(14)));
        assert_eq!(
            read(Measure::Ratio, "2/3"),
            Ok(Value::Ratio { num: 2, den: 3 })
        );
        assert_eq!(
            read(Measure::Ratio, "1.5"),
            Ok(Value::Ratio { num: 3, den: 2 })
        );
        assert_eq!(
            read(Measure::Percent, "0,5"),
            Ok(Value::Ratio { num: 1, den: 200 })
        );
        assert_eq!(read(Measure::Flag, "no"), Ok(Value::Flag(false)));
        assert!(read(Measure::Table, "{\"a\": 1}").is_ok());
    }
    #[test]
    fn what_could_mean_two_things_is_refused() {
        for (measure, text) in [
            (Measure::Days, "-1"),
            (Measure::Days, "1.5"),
            (Measure::Days, ""),
            (Measure::Days, "99999999999999"),
            (Measure::DayOfMonth, "0"),
            (Measure::DayOfMonth, "32"),
            (Measure::Ratio, "1/0"),
            (Measure::Ratio, "1/2/3"),
            (Measure::Percent, "."),
            (Measure::Flag, "true"),
            (Measure::Text, " "),
            (Measure::Table, "7"),
            (Measure::Table, "{"),
        ] {
            assert_eq!(Value::read(measure, text), Err(NotAValue), "{text:?}");
        }
    }
    #[test]
    fn people_read_dots_between_thousands_and_a_comma_before_parts() {
        let shown = |measure, text: &str| Value::read(measure, text).unwrap().to_vn(text);
        assert_eq!(shown(Measure::Money, "5310000"), "5.310.000");
        assert_eq!(shown(Measure::Percent, "0.5"), "0,5");
        assert_eq!(shown(Measure::Ratio, "2/3"), "2/3");
    }
}
