//! Tags of a page that our own templates wrote: read, changed, written again. No parser for pages of others.

use crate::link::escape;

/// One tag: its name in lower case and its attributes, values as they stand.
pub(crate) struct Tag {
    pub(crate) name: String,
    attributes: Vec<(String, Option<String>)>,
}

impl Tag {
    /// Reads what stands between `<` and `>`.
    pub(crate) fn read(text: &str) -> Tag {
        let end = text.find(|c: char| c.is_whitespace() || c == '/');
        let (name, mut rest) = text.split_at(end.unwrap_or(text.len()));
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                break;
            }
            let end = rest.find(|c: char| c.is_whitespace() || c == '=' || c == '/');
            let (key, after) = rest.split_at(end.unwrap_or(rest.len()).max(1));
            rest = after;
            let mut value = None;
            if let Some(after) = rest.trim_start().strip_prefix('=') {
                let after = after.trim_start();
                let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
                let (held, left) = match quote {
                    Some(quote) => {
                        let inner = &after[1..];
                        inner.split_once(quote).unwrap_or((inner, ""))
                    }
                    None => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
                };
                value = Some(held.replace('"', "&quot;"));
                rest = left;
            }
            attributes.push((key.to_ascii_lowercase(), value));
        }
        Tag {
            name: name.to_ascii_lowercase(),
            attributes,
        }
    }
    pub(crate) fn get(&self, name: &str) -> String {
        let held = self.attributes.iter().find(|(held, _)| held == name);
        held.and_then(|(_, value)| value.as_deref())
            .map_or_else(String::new, unescape)
    }
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>) {
        self.remove(name);
        let escaped = value.map(|value| {
            let mut out = String::new();
            escape(value, &mut out);
            out
        });
        self.attributes.push((name.to_owned(), escaped));
    }
    pub(crate) fn remove(&mut self, name: &str) {
        self.attributes.retain(|(held, _)| held != name);
    }
    pub(crate) fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            if let Some(value) = value {
                out.push_str("=\"");
                out.push_str(value);
                out.push('"');
            }
        }
        out.push('>');
    }
}

/// The text of an attribute as our templates write it.
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end < 10);
        let read = end.and_then(|end| {
            let code = &rest[1..end];
            let number =
                code.strip_prefix('#')
                    .and_then(|digits| match digits.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok(),
                        None => digits.parse().ok(),
                    });
            match code {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                _ => number.and_then(char::from_u32),
            }
            .map(|c| (c, end))
        });
        match read {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The end of a tag that begins at the start of `text`: its `>` outside quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(held), c) if held == c => quote = None,
            (None, '>') => return Some(at),
            _ => {}
        }
    }
    None
}

/// Tags of a page one after the other: where each begins and ends.
pub(crate) fn tags(html: &str) -> impl Iterator<Item = (usize, usize, Tag)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + html.get(from..)?.find('<')?;
            let end = start + end_of_tag(&html[start..])? + 1;
            from = end;
            let inner = &html[start + 1..end - 1];
            if inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
                return Some((start, end, Tag::read(inner)));
            }
        }
    })
}
