//! Paths inside the archive, addresses inside a book, and bytes that become text.
//!
//! An address in a book is a URL reference: percent-encoded, relative to the file that holds
//! it. Paths compare in NFC. Climbing above the root stops at the root, as in a browser.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Composes marks; cheap when there is nothing to do.
pub(crate) fn nfc(text: &str) -> String {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text.to_owned()
    } else {
        text.nfc().collect()
    }
}

/// White space runs become one space, ends are trimmed, marks composed; signs that turn the text around go.
pub(crate) fn tidy(text: &str) -> String {
    if !vietnamese::has_ink(text) {
        return String::new();
    }
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    nfc(&words.replace(vietnamese::turns_text, ""))
}

/// Where an address in a book points.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A place in the archive: path in NFC without leading slash, and fragment.
    Inside(String, Option<String>),
    /// `http`, `https`, `mailto` or `tel`.
    Outside(String),
    /// A `data:` address, whole.
    Data(String),
    /// Any other scheme, or nothing that can be read.
    Forbidden,
}

/// Reads an address found in the file `base`.
pub(crate) fn address(base: &str, raw: &str) -> Address {
    // Browsers drop these wherever they stand, so "java\nscript:" is a scheme to them.
    let clean: String = raw
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r' | '\0'))
        .collect();
    let clean = clean.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    if let Some((scheme, _)) = clean.split_once(':')
        && !scheme.contains(['/', '?', '#'])
    {
        return match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" | "mailto" | "tel" => Address::Outside(clean.to_owned()),
            "data" => Address::Data(clean.to_owned()),
            _ => Address::Forbidden,
        };
    }
    let forward = clean.split(['#', '?']).next().unwrap_or_default();
    if forward.replace('\\', "/").starts_with("//") {
        return Address::Forbidden;
    }
    let (path, fragment) = match clean.split_once('#') {
        Some((path, fragment)) => (path, Some(percent_decoded(fragment).into_owned())),
        None => (clean, None),
    };
    let path = path.split('?').next().unwrap_or_default();
    let fragment = fragment.filter(|fragment| !fragment.is_empty());
    if path.is_empty() {
        return Address::Inside(base.to_owned(), fragment);
    }
    Address::Inside(joined(base, &percent_decoded(path)), fragment)
}

/// Resolves a decoded relative path against the folder of `base`.
pub(crate) fn joined(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    if !path.starts_with('/') {
        parts.extend(base.split('/'));
        parts.pop();
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    nfc(&parts.join("/"))
}

/// Undoes percent-encoding where it yields UTF-8; otherwise leaves the text alone.
pub(crate) fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%'
            && let Some((&[high, low], after)) = tail.split_first_chunk::<2>()
            && let (Some(high), Some(low)) = (hex(high), hex(low))
        {
            bytes.push(high * 16 + low);
            rest = after;
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Whether a file is named as a cover: the word alone or joined with what covers are called,
/// not inside another (`discovery`).
pub(crate) fn says_cover(name: &str) -> bool {
    let name = name.to_lowercase();
    name.split(|c: char| !c.is_alphabetic()).any(|word| {
        let before = word.strip_suffix("cover");
        let after = word.strip_prefix("cover");
        let joined = ["front", "book", "ebook", "epub", "my", "the", "title"];
        let named = ["image", "img", "pic", "page", "art", "front", "photo"];
        before.is_some_and(|word| word.is_empty() || joined.contains(&word))
            || after.is_some_and(|word| named.contains(&word))
    })
}

/// The markup with `&amp;` for each `&` that begins no entity; `None` when there is none such.
pub(crate) fn with_whole_entities(markup: &str) -> Option<String> {
    let mut out = String::with_capacity(markup.len() + 64);
    let mut changed = false;
    let mut pieces = markup.split('&');
    out.push_str(pieces.next()?);
    for piece in pieces {
        let end = piece.find(|c: char| !c.is_ascii_alphanumeric() && c != '#');
        let is_whole = end.is_some_and(|end| {
            end > 0 && piece.get(end..).is_some_and(|rest| rest.starts_with(';'))
        });
        out.push_str(if is_whole { "&" } else { "&amp;" });
        changed |= !is_whole;
        out.push_str(piece);
    }
    changed.then_some(out)
}

/// Decodes a text file: byte order mark, then the XML declaration, then UTF-8 where the bytes are,
/// then what a `meta` claims. The flag says that some bytes could not be read and stand as U+FFFD.
pub(crate) fn decoded(bytes: &[u8]) -> (String, bool) {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, broken) =
            encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return (text.into_owned(), broken);
    }
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(1024)).unwrap_or_default());
    let label_behind = |head: &str, key: &str| {
        let (_, after) = head.split_once(key)?;
        let after = after.trim_start().strip_prefix('=')?;
        let label: String = after
            .trim_start_matches(['"', '\'', ' ', '\t', '\n', '\r'])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
            .collect();
        encoding_rs::Encoding::for_label(label.as_bytes())
    };
    let declaration =
        (head.trim_start().strip_prefix("<?xml")).and_then(|rest| rest.split_once("?>"));
    let declared = declaration.and_then(|(inside, _)| label_behind(inside, "encoding"));
    // XHTML without a declaration is UTF-8; a `meta` counts only where the bytes say that it is not.
    let is_utf8 = || std::str::from_utf8(bytes).is_ok();
    let named = match declared {
        Some(declared) => Some(declared),
        None if is_utf8() => None,
        None => label_behind(&head, "charset"),
    };
    // A file whose declaration could be read as ASCII is not UTF-16, whatever it says.
    let encoding = match named {
        Some(e) if e != encoding_rs::UTF_16LE && e != encoding_rs::UTF_16BE => e,
        _ => encoding_rs::UTF_8,
    };
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    (text.into_owned(), broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(path: &str, fragment: Option<&str>) -> Address {
        Address::Inside(path.to_owned(), fragment.map(str::to_owned))
    }

    #[test]
    fn a_title_keeps_no_sign_that_turns_it_around() {
        assert_eq!(
            tidy(" Truyện \u{202e}hcás\u{202c}  \u{2066}kể\u{2069}"),
            "Truyện hcás kể"
        );
    }

    #[test]
    fn addresses_are_relative_to_the_file_that_holds_them() {
        assert_eq!(
            address("OEBPS/text/a.xhtml", "../img/b%20c.png#x"),
            inside("OEBPS/img/b c.png", Some("x"))
        );
        assert_eq!(
            address("OEBPS/a.xhtml", "#n1"),
            inside("OEBPS/a.xhtml", Some("n1"))
        );
        assert_eq!(
            address("a.xhtml", "../../../etc/passwd"),
            inside("etc/passwd", None)
        );
    }

    #[test]
    fn a_name_in_nfd_and_its_link_in_nfc_meet() {
        assert_eq!(
            address("a.xhtml", "chu\u{031b}\u{01a1}ng.xhtml"),
            address("a.xhtml", "chư%C6%A1ng.xhtml")
        );
    }

    #[test]
    fn hidden_schemes_are_seen() {
        for raw in [
            "javascript:alert(1)",
            " \u{1}java\nscript:alert(1)",
            "JaVaScRiPt:x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:x",
            "//evil.example/x",
            "\\\\evil.example\\x",
            "/\\evil.example",
        ] {
            assert_eq!(address("a.xhtml", raw), Address::Forbidden, "{raw:?}");
        }
    }

    #[test]
    fn old_encodings_and_byte_order_marks_are_read() {
        assert_eq!(decoded(b"\xff\xfea\x00").0, "a");
        assert_eq!(
            decoded(b"<?xml version='1.0' encoding='windows-1258'?>\xd0").0,
            "<?xml version='1.0' encoding='windows-1258'?>\u{110}"
        );
        assert!(decoded(b"\xff\x00").1);
    }
}
