//! Separated values cut into records: every line end, quotes over several lines, wrong quotes told.
//!
//! Not here: encodings, what a cell means (`table`). Surprise: a record whose quotes stand wrongly is
//! still given, marked as torn, because its row must be named; a quote that is never closed has
//! swallowed the rest of the file and is told apart.

/// One record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// Line on which it begins, from 1.
    pub(crate) line: usize,
    /// Line on which it ends.
    pub(crate) last_line: usize,
    /// Its cells, quotes taken off.
    pub(crate) fields: Vec<String>,
    /// Whether a quote stands where none may: behind a closed one, or after a space.
    pub(crate) is_torn: bool,
}

/// A whole text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Records {
    pub(crate) records: Vec<Record>,
    /// Line of a quote that nothing closes.
    pub(crate) open_quote: Option<usize>,
}

/// Cuts at most `most` records out of a text. Line ends are `\n`, `\r\n` and `\r` alone; blank lines
/// are counted and give no record.
pub(crate) fn split(text: &str, delimiter: char, most: usize) -> Records {
    let mut cutter = Cutter {
        rest: text,
        delimiter,
        line: 1,
    };
    let mut out = Records::default();
    while !cutter.rest.is_empty() && out.records.len() < most {
        let record = cutter.record(&mut out.open_quote);
        if record.fields.iter().any(|field| !field.trim().is_empty()) {
            out.records.push(record);
        }
    }
    out
}

struct Cutter<'t> {
    rest: &'t str,
    delimiter: char,
    line: usize,
}

impl Cutter<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '\r' {
            self.rest = self.rest.strip_prefix('\n').unwrap_or(self.rest);
        }
        if matches!(c, '\r' | '\n') {
            self.line += 1;
            return Some('\n');
        }
        Some(c)
    }

    fn record(&mut self, open_quote: &mut Option<usize>) -> Record {
        let mut record = Record {
            line: self.line,
            ..Record::default()
        };
        loop {
            let (field, end) = match self.rest.strip_prefix('"') {
                Some(rest) => {
                    self.rest = rest;
                    self.quoted(&mut record, open_quote)
                }
                None => self.bare(&mut record),
            };
            record.fields.push(field);
            if end != Some(self.delimiter) {
                record.last_line = self.line - usize::from(end == Some('\n'));
                return record;
            }
        }
    }

    /// Up to the next separator; answers what ended it.
    fn bare(&mut self, record: &mut Record) -> (String, Option<char>) {
        let mut field = String::new();
        let end = loop {
            match self.next() {
                Some(c) if c == self.delimiter || c == '\n' => break Some(c),
                Some(c) => field.push(c),
                None => break None,
            }
        };
        record.is_torn |= field.trim_start().starts_with('"');
        (field, end)
    }

    fn quoted(
        &mut self,
        record: &mut Record,
        open_quote: &mut Option<usize>,
    ) -> (String, Option<char>) {
        let began = self.line;
        let mut field = String::new();
        loop {
            match self.next() {
                Some('"') => match self.rest.strip_prefix('"') {
                    Some(rest) => {
                        self.rest = rest;
                        field.push('"');
                    }
                    None => break,
                },
                Some(c) => field.push(c),
                None => {
                    open_quote.get_or_insert(began);
                    return (field, None);
                }
            }
        }
        let (after, end) = self.bare(record);
        if !after.trim().is_empty() {
            record.is_torn = true;
            field.push_str(&after);
        }
        (field, end)
    }
}

/// The separator that gives the first records the most even width.
pub(crate) fn delimiter_of(text: &str) -> char {
    let score = |delimiter: char| {
        let records = split(text, delimiter, 60).records;
        let mut widths: Vec<usize> = (records.iter())
            .filter(|record| !record.is_torn)
            .map(|record| record.fields.len())
            .collect();
        widths.sort_unstable();
        let middle = widths.get(widths.len() / 2).copied().unwrap_or(0);
        let even = widths.iter().filter(|width| **width == middle).count();
        if middle < 2 {
            0
        } else {
            // Out of a thousand records, then by width: line breaks inside cells count for nothing.
            even * 1000 / records.len() * 1000 + middle.min(999)
        }
    };
    [',', ';', '\t', '|']
        .into_iter()
        .rev()
        .max_by_key(|delimiter| score(*delimiter))
        .unwrap_or(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<(usize, Vec<String>, bool)> {
        (split(text, ',', 100).records.into_iter())
            .map(|record| (record.line, record.fields, record.is_torn))
            .collect()
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "\"c", "d\",e", "f,g"].join(end);
            let records = split(&text, ',', 100).records;
            let places: Vec<_> = (records.iter()).map(|r| (r.line, r.last_line)).collect();
            assert_eq!(places, [(1, 1), (3, 4), (5, 5)], "{end:?}");
            assert_eq!(records[1].fields, ["c\nd", "e"]);
            let open = split(&text.replace("\"c", "c"), ',', 100).records;
            assert_eq!(open.last().map(|r| (r.line, r.last_line)), Some((5, 5)));
        }
    }

    #[test]
    fn quotes_in_the_wrong_place_tear_a_record() {
        assert_eq!(
            cut("\"a\"\"b\" ,\"\",c \"d\"\n"),
            [(
                1,
                vec!["a\"b".into(), String::new(), "c \"d\"".into()],
                false
            )]
        );
        for torn in ["\"a\" b,c\n", "a, \"b, c\"\n"] {
            assert!(cut(torn)[0].2, "{torn}");
        }
        assert_eq!(cut("a, \"b, c\"\n")[0].1.len(), 3);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_told() {
        assert_eq!(split("a,b\n1,\"x\n2,y\n", ',', 100).open_quote, Some(2));
        assert_eq!(split("a,b\n1,\"x\"\n2,y\n", ',', 100).open_quote, None);
    }

    #[test]
    fn the_separator_is_the_one_that_cuts_evenly() {
        assert_eq!(delimiter_of("a;b;c\n1;2;\"x,\ny,\nz,\nt\"\n"), ';');
        assert_eq!(delimiter_of("a,b\n\"1;2\",3\n4,5\n"), ',');
        assert_eq!(delimiter_of("DANH SÁCH\na|b|c\n1|2|3\n"), '|');
        assert_eq!(delimiter_of("một\nhai\n"), ',');
    }
}
