//! Citations become links when the document is there; values become parts of an address.
//!
//! `citation` finds, the documents room knows what is there, this draws. A symbol that is cited but
//! not there stays plain text; a symbol never breaks across lines.

use citation::Citation;

/// A document that a citation leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its page.
    pub url: String,
    /// Its title, shown as a tool tip and read by screen readers.
    pub title: String,
}

/// `name=value` for the query of an address, the value encoded.
pub fn query(name: &str, value: &str) -> String {
    let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    format!("{name}={value}")
}

/// Text as HTML with its citations linked. `known` answers for each citation that was found.
pub fn html(text: &str, mut known: impl FnMut(&Citation) -> Option<Target>) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for found in citation::find(text) {
        let Some(target) = known(&found) else {
            continue;
        };
        let (Some(before), Some(cited)) =
            (text.get(at..found.span.start), text.get(found.span.clone()))
        else {
            continue;
        };
        escape(before, &mut out);
        out.push_str("<a class=\"cite\" href=\"");
        escape(&target.url, &mut out);
        out.push_str("\" title=\"");
        escape(&target.title, &mut out);
        out.push_str("\">");
        escape(cited, &mut out);
        out.push_str("</a>");
        at = found.span.end;
    }
    escape(text.get(at..).unwrap_or(""), &mut out);
    out
}

/// Writes text so that HTML reads it as text, also inside a quoted attribute.
pub fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}
