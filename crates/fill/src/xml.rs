//! XML as bytes with places, so that an edit is a splice and nothing else changes.
//!
//! `quick-xml` finds and checks the tokens; this keeps where each one stands. Not here: meaning
//! (`word`, `sheet`), writing a tree (nobody does). Surprise: a document type refuses the whole
//! part, so no entity but the five of XML is ever known.

use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};

use crate::Trouble;

/// Elements and texts of one part; an honest handbook of 700 pages has 300,000.
const MOST_TOKENS: usize = 4_000_000;
/// Nesting; Word's text boxes in tables in tables reach 60.
const DEEPEST: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Start,
    End,
    Empty,
    Text,
    CData,
    Reference,
    Other,
}

/// Which vocabulary an element is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    Word,
    Sheet,
    Other,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) space: Space,
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// For a start, the index of its end.
    pub(crate) pair: usize,
}

#[derive(Debug)]
pub(crate) struct Xml {
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
}

fn space(found: &ResolveResult<'_>) -> Space {
    match found {
        ResolveResult::Bound(Namespace(
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
            | "http://purl.oclc.org/ooxml/wordprocessingml/main",
        )) => Space::Word,
        ResolveResult::Bound(Namespace(
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            | "http://purl.oclc.org/ooxml/spreadsheetml/main",
        )) => Space::Sheet,
        _ => Space::Other,
    }
}

impl Xml {
    /// Cuts a part into tokens.
    ///
    /// # Errors
    /// Not UTF-8, not well-formed, a document type, too many or too deep.
    pub(crate) fn read(part: &str, bytes: Vec<u8>) -> Result<Xml, Trouble> {
        let broken = |at: usize| Trouble::BrokenXml {
            part: part.to_owned(),
            at,
        };
        let text = String::from_utf8(bytes).map_err(|e| broken(e.utf8_error().valid_up_to()))?;
        // The reader swallows a byte-order mark without counting it.
        let mark = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
        let body = text.get(mark..).unwrap_or("");
        let mut reader = quick_xml::NsReader::from_str(body);
        let mut tokens: Vec<Token> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut from = mark;
        loop {
            let (kind, space) = match reader.read_resolved_event() {
                Ok((found, event)) => {
                    let space = space(&found);
                    let kind = match event {
                        Event::Start(_) => Kind::Start,
                        Event::End(_) => Kind::End,
                        Event::Empty(_) => Kind::Empty,
                        Event::Text(_) => Kind::Text,
                        Event::CData(_) => Kind::CData,
                        Event::GeneralRef(_) => Kind::Reference,
                        Event::DocType(_) => return Err(Trouble::DocumentType(part.to_owned())),
                        Event::Decl(said) => {
                            let utf8 = match said.encoding() {
                                Some(Ok(name)) => name.eq_ignore_ascii_case("utf-8"),
                                Some(Err(_)) => false,
                                None => true,
                            };
                            if !utf8 {
                                return Err(broken(from));
                            }
                            Kind::Other
                        }
                        Event::Comment(_) | Event::PI(_) => Kind::Other,
                        Event::Eof => break,
                    };
                    (kind, space)
                }
                Err(_) => return Err(broken(from)),
            };
            let to = mark + usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let index = tokens.len();
            match kind {
                Kind::Start => open.push(index),
                Kind::End => {
                    let start = open.pop().ok_or_else(|| broken(from))?;
                    if let Some(token) = tokens.get_mut(start) {
                        token.pair = index;
                    }
                }
                _ => {}
            }
            if open.len() > DEEPEST || index >= MOST_TOKENS {
                return Err(Trouble::TooBig(part.to_owned()));
            }
            tokens.push(Token {
                kind,
                space,
                from,
                to,
                pair: index,
            });
            from = to;
        }
        if !open.is_empty() || from != text.len() {
            return Err(broken(from));
        }
        Ok(Xml { text, tokens })
    }

    pub(crate) fn token(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).copied()
    }

    pub(crate) fn slice(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or("")
    }

    /// The whole name of a start, end or empty tag.
    pub(crate) fn name(&self, token: Token) -> &str {
        let tag = self.slice(token.from, token.to);
        let tag = tag.trim_start_matches('<').trim_start_matches('/');
        let end = tag
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
            .unwrap_or(tag.len());
        tag.get(..end).unwrap_or("")
    }

    /// The name without its prefix.
    pub(crate) fn local(&self, token: Token) -> &str {
        let name = self.name(token);
        name.rsplit_once(':').map_or(name, |(_, local)| local)
    }

    /// The prefix with its colon, or nothing.
    pub(crate) fn prefix(&self, token: Token) -> &str {
        let name = self.name(token);
        name.find(':')
            .and_then(|at| name.get(..=at))
            .unwrap_or_default()
    }

    /// A start or empty tag of that space and local name.
    pub(crate) fn opens(&self, token: Token, space: Space, local: &str) -> bool {
        matches!(token.kind, Kind::Start | Kind::Empty)
            && token.space == space
            && self.local(token) == local
    }

    /// Where the element that starts at this token ends.
    pub(crate) fn end_of(&self, token: Token) -> usize {
        self.token(token.pair).map_or(token.to, |end| end.to)
    }

    /// The bytes between start and end tag.
    pub(crate) fn inside(&self, token: Token) -> (usize, usize) {
        match (token.kind, self.token(token.pair)) {
            (Kind::Start, Some(end)) => (token.to, end.from),
            _ => (token.to, token.to),
        }
    }

    /// Attributes with their whole names and the place of their values. The reader has already
    /// checked the tag's ends, and a malformed attribute ends the list.
    pub(crate) fn attributes(&self, token: Token) -> Vec<Attribute<'_>> {
        let mut out = Vec::new();
        let mut at = token.from + 1 + self.name(token).len();
        while let Some(rest) = self.text.get(at..token.to) {
            let Some(start) = rest.find(|c: char| !c.is_ascii_whitespace()) else {
                break;
            };
            let rest = rest.get(start..).unwrap_or("");
            let Some(equals) = rest.find('=') else { break };
            let name = rest.get(..equals).unwrap_or("").trim_end();
            let after = rest.get(equals + 1..).unwrap_or("");
            let quoted = after.trim_start();
            let Some(quote) = quoted.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
                break;
            };
            let from = at + start + equals + 1 + (after.len() - quoted.len()) + 1;
            let Some(length) = self.text.get(from..token.to).and_then(|v| v.find(quote)) else {
                break;
            };
            out.push(Attribute {
                name,
                tag_from: at,
                from,
                to: from + length,
            });
            at = from + length + 1;
        }
        out
    }

    /// The value of an attribute by its local name, references resolved.
    pub(crate) fn value(&self, token: Token, local: &str) -> Option<String> {
        let found = self
            .attributes(token)
            .into_iter()
            .find(|a| a.name.rsplit_once(':').map_or(a.name, |(_, l)| l) == local)?;
        Some(plain(self.slice(found.from, found.to)))
    }

    /// All text between start and end, references resolved.
    pub(crate) fn text_of(&self, index: usize) -> String {
        let Some(start) = self.token(index) else {
            return String::new();
        };
        let mut out = String::new();
        for token in self.tokens.get(index..start.pair).unwrap_or_default() {
            match token.kind {
                Kind::Text => out.push_str(self.slice(token.from, token.to)),
                Kind::CData => out.push_str(self.slice(token.from + 9, token.to - 3)),
                Kind::Reference => out.push_str(&plain(self.slice(token.from, token.to))),
                _ => {}
            }
        }
        out
    }
}

/// One attribute, and where it stands in the part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attribute<'a> {
    pub(crate) name: &'a str,
    /// Where the white space before it begins.
    pub(crate) tag_from: usize,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// Resolves the five references of XML and those by number; others stay as they are.
pub(crate) fn plain(raw: &str) -> String {
    match quick_xml::escape::unescape(raw) {
        Ok(text) => text.into_owned(),
        Err(_) => raw.to_owned(),
    }
}

/// May stand in an XML 1.0 document and in a paper: no control characters but tab and line
/// break, no surrogates or non-characters.
fn may_stand(c: char) -> bool {
    matches!(c, '\t' | '\n') || !(c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}'))
}

/// The text made safe between tags and in attributes; every kind of line break is `\n`.
pub(crate) fn escape(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| may_stand(*c)) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// One splice: these bytes become that text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edit {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) text: String,
}

impl Edit {
    pub(crate) fn new(from: usize, to: usize, text: impl Into<String>) -> Edit {
        Edit {
            from,
            to,
            text: text.into(),
        }
    }
}

/// The bytes `from..to` with the edits inside them applied; none when two edits overlap.
pub(crate) fn apply(text: &str, from: usize, to: usize, mut edits: Vec<Edit>) -> Option<String> {
    edits.sort();
    // Two fields of one text both ask to keep its spaces: once is enough.
    edits.dedup();
    let mut out = String::with_capacity(to - from);
    let mut at = from;
    for edit in edits {
        if edit.from < at || edit.to > to {
            return None;
        }
        out.push_str(text.get(at..edit.from)?);
        out.push_str(&edit.text);
        at = edit.to;
    }
    out.push_str(text.get(at..to)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Xml, Trouble> {
        Xml::read("x", text.as_bytes().to_vec())
    }

    #[test]
    fn tokens_cover_every_byte_in_order() {
        let text = "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<a b = 'c'> x &amp; <![CDATA[y]]><!-- z --><e/></a>\n";
        let xml = read(text).unwrap();
        let mut at = 3;
        for token in &xml.tokens {
            assert_eq!(token.from, at);
            at = token.to;
        }
        assert_eq!(at, text.len());
        let a = xml.tokens[2];
        assert_eq!(xml.local(a), "a");
        assert_eq!(xml.value(a, "b").as_deref(), Some("c"));
        assert_eq!(xml.text_of(2), " x & y");
    }

    #[test]
    fn entities_other_encodings_and_half_parts_are_refused() {
        let told = read("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>");
        assert!(matches!(told, Err(Trouble::DocumentType(_))));
        for bad in [
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><",
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>",
        ] {
            assert!(
                matches!(read(bad), Err(Trouble::BrokenXml { .. })),
                "{bad} {:?}",
                read(bad)
            );
        }
        let deep = format!("{}{}", "<a>".repeat(1200), "</a>".repeat(1200));
        assert!(matches!(read(&deep), Err(Trouble::TooBig(_))));
    }

    #[test]
    fn control_characters_are_dropped_and_marks_escaped() {
        assert_eq!(
            escape("a\0\u{1b}<b>&\"\r\nc\u{FFFF}"),
            "a&lt;b&gt;&amp;&quot;\nc"
        );
    }

    #[test]
    fn overlapping_edits_are_not_applied() {
        let edits = vec![Edit::new(0, 3, "x"), Edit::new(2, 4, "y")];
        assert_eq!(apply("abcdef", 0, 6, edits), None);
        let edits = vec![
            Edit::new(4, 5, ""),
            Edit::new(1, 1, "-"),
            Edit::new(1, 1, "-"),
        ];
        assert_eq!(apply("abcdef", 0, 6, edits).as_deref(), Some("a-bcdf"));
    }
}
