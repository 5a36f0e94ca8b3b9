//! One line of a table in an archive: a JSON list of the columns' names, then one of values for each row.
//!
//! A line is read into no more than a row of the table: no list in it, no object but `{"real": …}` and
//! `{"bytes": …}`, no more cells than columns. Not here: databases (`db::Snapshot`).

use db::{Column, Table, Value};
use kernel::error::{Error, Result};
use kernel::{Said, said};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use std::fmt;
use std::io::{BufRead, Read as _};

/// The longest line. A section of a book is one value, and one is at most a few megabytes.
const LINE_BYTES: u64 = 64 << 20;

/// The next line, without its end; nothing at the end of the file.
pub(super) fn next_line(from: &mut impl BufRead) -> Result<Option<String>> {
    let mut line = String::new();
    let mut bounded = from.take(LINE_BYTES);
    if bounded.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    if line.pop() != Some('\n') {
        return Err(Error::fault("a row is too long, or cut off"));
    }
    Ok(Some(line))
}

/// The first line of a table.
pub(super) fn head(table: &Table) -> serde_json::Value {
    table
        .columns
        .iter()
        .map(|(name, _)| serde_json::Value::from(name.clone()))
        .collect()
}

/// A row's line.
pub(super) fn row(row: &[Value]) -> serde_json::Value {
    row.iter()
        .map(|value| match value {
            Value::Null => serde_json::Value::Null,
            Value::Text(text) => text.clone().into(),
            Value::Integer(number) => (*number).into(),
            Value::Real(number) => serde_json::json!({ "real": number }),
            Value::Bytes(bytes) => {
                serde_json::json!({ "bytes": data_encoding::BASE64.encode(bytes) })
            }
        })
        .collect()
}

/// The archive's columns of a table, with the kinds that this database gives them.
pub(super) fn read_head(line: &str, table: &Table) -> Result<Table> {
    let names = cells(line, table.columns.len())?;
    let mut columns: Vec<(String, Column)> = Vec::new();
    for name in names {
        let found = (table.columns.iter())
            .find(|(held, _)| matches!(&name, Value::Text(name) if name == held));
        let (name, kind) = found.ok_or_else(|| {
            Error::fault(said!(
                "the table {} has no column {}",
                table.name,
                format!("{name:?}")
            ))
        })?;
        columns.push((name.clone(), *kind));
    }
    Ok(Table {
        name: table.name.clone(),
        columns,
    })
}

/// A row of that table.
pub(super) fn read_row(line: &str, table: &Table) -> Result<Vec<Value>> {
    let wrong = |why: Said| Error::fault(said!("a row of {}: {}", table.name, why));
    let row = cells(line, table.columns.len()).map_err(|error| wrong(error.said()))?;
    if row.len() == table.columns.len() {
        Ok(row)
    } else {
        Err(wrong(said!("it has the wrong width")))
    }
}

fn cells(line: &str, most: usize) -> Result<Vec<Value>> {
    let mut reader = serde_json::Deserializer::from_str(line);
    let row = Row(most).deserialize(&mut reader).map_err(Error::fault)?;
    reader.end().map_err(Error::fault)?;
    Ok(row)
}

/// A row of at most so many cells.
struct Row(usize);

impl<'de> DeserializeSeed<'de> for Row {
    type Value = Vec<Value>;
    fn deserialize<D: Deserializer<'de>>(
        self,
        from: D,
    ) -> std::result::Result<Vec<Value>, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Row {
    type Value = Vec<Value>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {} values", self.0)
    }
    fn visit_seq<A: SeqAccess<'de>>(
        self,
        mut list: A,
    ) -> std::result::Result<Vec<Value>, A::Error> {
        let mut row = Vec::with_capacity(self.0);
        while let Some(Cell(value)) = list.next_element()? {
            if row.len() == self.0 {
                return Err(A::Error::custom("it has the wrong width"));
            }
            row.push(value);
        }
        Ok(row)
    }
}

struct Cell(Value);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Cell, D::Error> {
        from.deserialize_any(CellVisitor).map(Cell)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Value;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a row")
    }
    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_str<E>(self, text: &str) -> std::result::Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> std::result::Result<Value, E> {
        Ok(Value::Text(text))
    }
    fn visit_i64<E>(self, number: i64) -> std::result::Result<Value, E> {
        Ok(Value::Integer(number))
    }
    fn visit_u64<E: serde::de::Error>(self, number: u64) -> std::result::Result<Value, E> {
        let number = i64::try_from(number).map_err(|_| E::custom("a number is too large"))?;
        Ok(Value::Integer(number))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Value, A::Error> {
        let value = match map.next_key::<String>()?.as_deref() {
            Some("real") => Value::Real(map.next_value()?),
            Some("bytes") => {
                let text: String = map.next_value()?;
                let bytes = data_encoding::BASE64.decode(text.as_bytes());
                Value::Bytes(bytes.map_err(|_| A::Error::custom("bytes are damaged"))?)
            }
            _ => return Err(A::Error::custom("an unknown kind of value")),
        };
        match map.next_key::<String>()? {
            None => Ok(value),
            Some(_) => Err(A::Error::custom("an unknown kind of value")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let columns = [("a", Column::Text), ("b", Column::Integer)];
        Table {
            name: "made_up".into(),
            columns: columns.map(|(name, kind)| (name.to_owned(), kind)).into(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let rows = [
            vec![Value::Text("đ\n\"".into()), Value::Integer(i64::MIN)],
            vec![Value::Null, Value::Real(0.5)],
            vec![Value::Bytes(vec![0, 255]), Value::Integer(i64::MAX)],
        ];
        for told in rows {
            assert_eq!(read_row(&row(&told).to_string(), &table()).unwrap(), told);
        }
        let read = read_head(&head(&table()).to_string(), &table()).unwrap();
        assert_eq!(read, table());
    }

    #[test]
    fn a_line_that_is_no_row_is_refused_before_it_is_held() {
        for line in [
            "[1]",
            "[1,2,3]",
            "[[1,2],3]",
            r#"[{"real":1,"real":2},3]"#,
            r#"[{"other":[1]},3]"#,
            "[18446744073709551615,1]",
            "[1,2] 3",
            "{}",
        ] {
            assert!(read_row(line, &table()).is_err(), "{line}");
        }
        let long = std::iter::repeat_n("0,", 1 << 20).collect::<String>();
        assert!(read_row(&format!("[{long}0]"), &table()).is_err());
        assert!(next_line(&mut &b"cut off"[..]).is_err());
    }
}
