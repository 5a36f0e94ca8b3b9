//! What is put into a template: named values, and named lists for repeated rows.
//!
//! Values are data, never evaluated: a value that contains `{{x}}` shows just that. Not here:
//! how a value is written into a file (`runs`, `sheet`). Surprise: `stt` of a list is the running
//! number of the item unless the item brings its own.

use std::collections::BTreeMap;

use crate::name::key;

/// One value.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Value {
    /// Text; a line break becomes a line break of the document.
    Text(String),
    /// A whole number: a number in a spreadsheet cell of its own, `1.234.567` elsewhere.
    Whole(i64),
    /// A number: a number in a spreadsheet cell of its own, `1.234,5` elsewhere.
    Number(f64),
    /// A day: a date in a spreadsheet cell whose format is one, `31/01/2026` elsewhere.
    Day(jiff::civil::Date),
}

impl Value {
    /// How the value reads in a sentence.
    pub fn text(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::Whole(number) => vietnamese::group(*number),
            Value::Number(number) => decimal(*number),
            Value::Day(day) => format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year()),
        }
    }
}

/// `1.234,5`: at most six decimals, none that are nought.
fn decimal(number: f64) -> String {
    if !number.is_finite() {
        return String::new();
    }
    let plain = format!("{:.6}", number.abs());
    let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
    let rest = rest.trim_end_matches('0');
    // Past 9·10^18 the digits are shown without dots rather than wrongly.
    let mut out = whole
        .parse()
        .map_or_else(|_| whole.to_owned(), vietnamese::group);
    if !rest.is_empty() {
        out.push(',');
        out.push_str(rest);
    }
    if number < 0.0 && out.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.insert(0, '-');
    }
    out
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Whole(number)
    }
}
impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Value::Number(number)
    }
}
impl From<jiff::civil::Date> for Value {
    fn from(day: jiff::civil::Date) -> Value {
        Value::Day(day)
    }
}

/// Values by name: one item of a list, or the values of the whole paper.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Record {
    values: BTreeMap<String, (String, Value)>,
}

impl Record {
    /// Nothing yet.
    pub fn new() -> Record {
        Record::default()
    }
    /// With a value; the last one of a name wins.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Record {
        self.set(name, value);
        self
    }
    /// Sets a value; the last one of a name wins.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.values
            .insert(key(name), (name.to_owned(), value.into()));
    }
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key).map(|(_, value)| value)
    }
    /// Keys, and names as they were given.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(key, (name, _))| (key.as_str(), name.as_str()))
    }
}

/// The running number that every list has.
pub(crate) const ORDINAL: &str = "stt";

/// Everything that one filling puts in.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Data {
    values: Record,
    lists: BTreeMap<String, (String, Vec<Record>)>,
}

impl Data {
    /// Nothing yet.
    pub fn new() -> Data {
        Data::default()
    }
    /// With a value.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Data {
        self.values.set(name, value);
        self
    }
    /// With a list; an empty one is a list too, and its row goes.
    pub fn with_list(mut self, name: &str, items: Vec<Record>) -> Data {
        self.lists.insert(key(name), (name.to_owned(), items));
        self
    }
    pub(crate) fn values(&self) -> &Record {
        &self.values
    }
    pub(crate) fn list(&self, key: &str) -> Option<&[Record]> {
        self.lists.get(key).map(|(_, items)| items.as_slice())
    }
    pub(crate) fn lists(&self) -> impl Iterator<Item = (&str, &str, &[Record])> {
        self.lists
            .iter()
            .map(|(key, (name, items))| (key.as_str(), name.as_str(), items.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_vietnamese_papers_print_them() {
        for (number, text) in [
            (1_234_567.5, "1.234.567,5"),
            (-0.25, "-0,25"),
            (0.0, "0"),
            (-0.000_000_1, "0"),
            (12.0, "12"),
        ] {
            assert_eq!(Value::Number(number).text(), text);
        }
        assert_eq!(Value::Whole(-1000).text(), "-1.000");
        assert_eq!(
            Value::Day(jiff::civil::date(2026, 1, 31)).text(),
            "31/01/2026"
        );
    }
}
