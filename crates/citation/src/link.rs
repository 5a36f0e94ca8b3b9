//! From citations to what a page draws: pieces of text, and the address part of a symbol.
//!
//! Not here: HTML, and the question which document is meant. Surprising rule: only a certain citation is a
//! piece of its own; candidates and blanks stay text, so that a guess never looks like a link.

use crate::find::Citation;
use crate::symbol::Symbol;

/// A piece of a text, in order; all pieces together are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words without a reference.
    Text(&'a str),
    /// A reference that may be drawn as a link.
    Cited(&'a str, &'a Citation),
}

/// Cuts a text at the certain citations found in it. Citations must come from [`crate::find()`] on the same text.
pub fn pieces<'a>(text: &'a str, citations: &'a [Citation]) -> Vec<Piece<'a>> {
    let mut found = Vec::new();
    let mut done = 0;
    for citation in citations.iter().filter(|c| c.is_certain()) {
        if citation.span.start < done {
            continue;
        }
        let (Some(before), Some(cited)) = (
            text.get(done..citation.span.start),
            text.get(citation.span.clone()),
        ) else {
            continue;
        };
        if !before.is_empty() {
            found.push(Piece::Text(before));
        }
        found.push(Piece::Cited(cited, citation));
        done = citation.span.end;
    }
    match text.get(done..) {
        Some(rest) if !rest.is_empty() => found.push(Piece::Text(rest)),
        _ => {}
    }
    found
}

/// The symbol for an address: `05-nq-du`, `91-2025-qh15`. Letters, digits and dashes only.
pub fn slug(symbol: &Symbol) -> String {
    let mut out = String::new();
    for c in vietnamese::fold(&symbol.canonical()).chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_put_together_are_the_text() {
        let text = "Theo Quy định số 339-QĐ/TW và 12-KH/XYZ, Nghị định 356/2025/NĐ-CP.";
        let citations = crate::find(text);
        let parts = pieces(text, &citations);
        let whole: String = parts
            .iter()
            .map(|p| match p {
                Piece::Text(t) | Piece::Cited(t, _) => *t,
            })
            .collect();
        assert_eq!(whole, text);
        let cited: Vec<_> = parts
            .iter()
            .filter_map(|p| match p {
                Piece::Cited(t, _) => Some(*t),
                Piece::Text(_) => None,
            })
            .collect();
        assert_eq!(cited, ["Quy định số 339-QĐ/TW", "Nghị định 356/2025/NĐ-CP"]);
    }

    #[test]
    fn a_slug_is_plain() {
        let slug_of = |text| slug(&crate::parse(text).expect("a symbol"));
        assert_eq!(slug_of("5-NQ/ĐU"), "05-nq-du");
        assert_eq!(slug_of("91/2025/QH15"), "91-2025-qh15");
    }
}
