//! How facts of a document are said on pages: kind, number, day, who may see it.

use citation::Kind;
use kernel::Day;
use web::Frame;

/// `Quy định số 12-QĐ/ĐU`; the parts that are known.
pub(crate) fn kind_and_symbol(frame: &Frame, kind: &str, symbol: &str) -> String {
    let name = kind_name(kind);
    match (name.is_empty(), symbol.is_empty()) {
        (false, false) => frame.t2("documents-kind-number", "kind", name, "symbol", symbol),
        (true, false) => frame.t1("documents-number", "symbol", symbol),
        (_, true) => name.to_owned(),
    }
}

/// The Vietnamese name of a kind: documents are Vietnamese in every language of the page.
pub(crate) fn kind_name(kind: &str) -> &'static str {
    Kind::by_code(kind).map(Kind::name).unwrap_or_default()
}

/// Words that stand alone, as they stand inside a sentence: their first letter becomes small.
pub(crate) fn inside(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().collect::<String>() + letters.as_str(),
        None => String::new(),
    }
}

/// The sign of the margin: that of the kind, else of the symbol.
pub(crate) fn sign(kind: &str, symbol: &str) -> String {
    if let Some(kind) = Kind::by_code(kind).filter(|kind| !kind.sign().is_empty()) {
        return kind.sign().to_owned();
    }
    let sign = citation::parse(symbol)
        .map(|symbol| symbol.sign)
        .unwrap_or_default();
    if !sign.is_empty() && sign.chars().count() <= 5 {
        return sign;
    }
    match kind {
        "law" => "L".into(),
        "constitution" => "HP".into(),
        _ => "VB".into(),
    }
}

/// `15/6/2026` of a stored day; empty for none.
pub(crate) fn day(text: &str) -> String {
    text.parse::<Day>().map(Day::vn).unwrap_or_default()
}

/// Whether a register's words say that the document is no longer in force.
pub(crate) fn says_expired(status: &str) -> bool {
    let folded = vietnamese::fold(status);
    ["het hieu luc", "bai bo", "thay the", "huy bo"]
        .iter()
        .any(|words| folded.contains(words))
        && !folded.contains("mot phan")
}
