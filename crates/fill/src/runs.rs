//! Fields in text that an office program has cut into runs.
//!
//! Word splits `{{ho_ten}}` wherever it was edited or spell-checked. A line here is the text of a
//! paragraph or cell with the place of every piece; a field found in it becomes splices: the value
//! goes into the first piece, so the first run's formatting wins, and the rest of the braces goes.
//! Not here: where lines come from (`word`, `sheet`). Surprise: what stands between the pieces
//! (bookmarks, proofing marks) is never touched.

use crate::name::Name;
use crate::report::{Oddity, Place, Written, near};
use crate::xml::{Edit, Kind, Token, Xml, escape, plain};

/// A piece of a line and where it stands in the part.
#[derive(Debug)]
struct Piece {
    at: usize,
    length: usize,
    from: usize,
    to: usize,
    /// A reference such as `&#123;`, which is one character and many bytes.
    is_reference: bool,
    is_cdata: bool,
    /// The token of the text element it stands in.
    element: usize,
}

/// The text of a paragraph or a cell.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) text: String,
    pieces: Vec<Piece>,
}

impl Line {
    /// Something that no field reaches over, such as a tab or a line break.
    pub(crate) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Adds a text token that stands in the text element `element`.
    pub(crate) fn add(&mut self, xml: &Xml, token: Token, element: usize) {
        let (from, to) = match token.kind {
            Kind::CData => (token.from + 9, token.to.saturating_sub(3)),
            _ => (token.from, token.to),
        };
        let raw = xml.slice(from, to);
        let is_reference = token.kind == Kind::Reference;
        let at = self.text.len();
        if is_reference {
            self.text.push_str(&plain(raw));
        } else {
            self.text.push_str(raw);
        }
        self.pieces.push(Piece {
            at,
            length: self.text.len() - at,
            from,
            to,
            is_reference,
            is_cdata: token.kind == Kind::CData,
            element,
        });
    }

    /// Fields in the line, as places in its text; what only looks like one goes to `odd`.
    pub(crate) fn fields(
        &self,
        place: &dyn Fn(String) -> Place,
        odd: &mut Vec<Oddity>,
    ) -> Vec<(usize, usize, Name)> {
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(found) = self.text.get(at..).and_then(|t| t.find("{{")) {
            let start = at + found;
            let here = || place(near(&self.text, start));
            let rest = self.text.get(start + 2..).unwrap_or("");
            let Some(length) = rest.find("}}") else {
                odd.push(Oddity::Unclosed(here()));
                break;
            };
            let inner = rest.get(..length).unwrap_or("");
            // `{{a {{b}}`: the first pair was never closed.
            if let Some(again) = inner.rfind("{{") {
                odd.push(Oddity::Unclosed(here()));
                at = start + 2 + again;
                continue;
            }
            let end = start + 2 + length + 2;
            match Name::read(inner) {
                Some(name) if !inner.contains('\n') => out.push((start, end, name)),
                _ => odd.push(Oddity::NotAName(near(inner, 0), here())),
            }
            at = end;
        }
        out
    }

    /// The splices for a field that stands at `start..end` of the text.
    pub(crate) fn spot(
        &self,
        xml: &Xml,
        (start, end): (usize, usize),
        name: Name,
        place: Place,
    ) -> Option<Spot> {
        let first = self
            .pieces
            .partition_point(|piece| piece.at + piece.length <= start);
        let mut ranges = self
            .pieces
            .get(first..)?
            .iter()
            .take_while(|piece| piece.at < end)
            .filter(|piece| piece.length > 0)
            .map(|piece| {
                let (from, to) = if piece.is_reference {
                    (piece.from, piece.to)
                } else {
                    (
                        piece.from + start.saturating_sub(piece.at),
                        piece.from + (end - piece.at).min(piece.length),
                    )
                };
                (piece, from, to)
            });
        let (first, from, to) = ranges.next()?;
        let mut fixed: Vec<Edit> = keep_spaces(xml, first.element).into_iter().collect();
        let mut last = to;
        for (piece, from, to) in ranges {
            fixed.push(Edit::new(from, to, ""));
            fixed.extend(keep_spaces(xml, piece.element));
            last = to;
        }
        let element = xml.token(first.element)?;
        Some(Spot {
            name,
            place,
            written: Written::Braces,
            from,
            to: last,
            fixed,
            value: (from, to),
            form: Form::InText,
            is_cdata: first.is_cdata,
            prefix: xml.prefix(element).to_owned(),
        })
    }
}

/// Makes the text element keep the spaces at its ends, which are next to a value now.
pub(crate) fn keep_spaces(xml: &Xml, element: usize) -> Option<Edit> {
    let token = xml.token(element)?;
    let says = xml
        .attributes(token)
        .iter()
        .any(|attribute| attribute.name == "xml:space");
    (token.kind == Kind::Start && !says)
        .then(|| Edit::new(token.to - 1, token.to - 1, " xml:space=\"preserve\""))
}

/// How a value is put where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Into a text element that is there.
    InText,
    /// With a text element of its own.
    Element,
    /// With a run and a text element of its own.
    Run,
}

/// One place of one field, and the splices that fill it.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub(crate) name: Name,
    pub(crate) place: Place,
    pub(crate) written: Written,
    /// From the first to behind the last byte that belongs to it.
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Splices whatever the value is.
    pub(crate) fixed: Vec<Edit>,
    pub(crate) value: (usize, usize),
    pub(crate) form: Form,
    pub(crate) is_cdata: bool,
    /// The prefix of the vocabulary with its colon.
    pub(crate) prefix: String,
}

impl Spot {
    /// All splices of a value in a Word document: line breaks and tabs become elements.
    pub(crate) fn word_edits(&self, value: &str) -> Vec<Edit> {
        let p = &self.prefix;
        let reopened = format!("<{p}t xml:space=\"preserve\">");
        let inner = escape(value)
            .replace('\n', &format!("</{p}t><{p}br/>{reopened}"))
            .replace('\t', &format!("</{p}t><{p}tab/>{reopened}"));
        let text = match self.form {
            Form::InText if self.is_cdata => format!("]]>{inner}<![CDATA["),
            Form::InText => inner,
            Form::Element => format!("{reopened}{inner}</{p}t>"),
            Form::Run => format!("<{p}r>{reopened}{inner}</{p}t></{p}r>"),
        };
        self.edits(text)
    }

    /// All splices of a value inside the string of a spreadsheet cell.
    pub(crate) fn cell_edits(&self, value: &str) -> Vec<Edit> {
        let inner = escape(&keep_underscores(value));
        self.edits(if self.is_cdata {
            format!("]]>{inner}<![CDATA[")
        } else {
            inner
        })
    }

    fn edits(&self, text: String) -> Vec<Edit> {
        let mut edits = self.fixed.clone();
        edits.push(Edit::new(self.value.0, self.value.1, text));
        edits
    }
}

/// Spreadsheets read `_x000D_` in a string as a character by its number; a value that contains
/// such letters keeps them by writing the underscore that way.
pub(crate) fn keep_underscores(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let escapes = bytes.get(at..at + 7).is_some_and(|seven| {
            seven.starts_with(b"_x")
                && seven.ends_with(b"_")
                && seven
                    .get(2..6)
                    .is_some_and(|four| four.iter().all(u8::is_ascii_hexdigit))
        });
        if escapes {
            out.push_str("_x005F_");
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_look_like_an_escape_stay_letters() {
        assert_eq!(keep_underscores("a_x000D_b_x_"), "a_x005F_x000D_b_x_");
        assert_eq!(
            keep_underscores("_x00zz_ đ_x0041_"),
            "_x00zz_ đ_x005F_x0041_"
        );
    }
}
