//! From bytes to NFC text, whatever the file was saved with.
//!
//! Byte order marks, UTF-8, UTF-16 with and without a mark, windows-1258, and the font
//! encodings of the 1990s, which `vietnamese` converts. Used by text, HTML and CSV. Not
//! here: fonts named inside a file (`docx`). Surprise: text with a few broken characters is
//! still UTF-8; the broken ones are shown as � and counted, nothing else changes.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1258};

/// Canonical composition of a text.
pub fn nfc(text: &str) -> String {
    vietnamese::nfc(text)
}

/// Decoded text and how it was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, not yet NFC.
    pub text: String,
    /// `utf-8`, `utf-16le`, `windows-1258`, `tcvn3`, `vni` and so on.
    pub encoding: &'static str,
    /// Characters that could not be read.
    pub broken: usize,
}

/// Decodes bytes. `said` is the encoding that the file claims, believed only when the bytes
/// do not say otherwise.
pub fn decode(bytes: &[u8], said: Option<&str>) -> Decoded {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return read_as(encoding, bytes.get(mark..).unwrap_or_default());
    }
    if let Some(encoding) = wide_without_mark(bytes) {
        return read_as(encoding, bytes);
    }
    if is_mostly_utf8(bytes) {
        return read_as(UTF_8, bytes);
    }
    match said.and_then(|label| Encoding::for_label(label.trim().as_bytes())) {
        Some(encoding) if encoding != UTF_8 && encoding != WINDOWS_1252 => read_as(encoding, bytes),
        _ => by_letters(bytes),
    }
}

fn read_as(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Decoded {
        broken: text.matches('\u{fffd}').count(),
        text: text.into_owned(),
        encoding: match encoding.name() {
            "UTF-8" => "utf-8",
            "UTF-16LE" => "utf-16le",
            "UTF-16BE" => "utf-16be",
            name => name,
        },
    }
}

/// One byte a character: legacy fonts look like Western European, windows-1258 does not.
fn by_letters(bytes: &[u8]) -> Decoded {
    let western = read_as(WINDOWS_1252, bytes);
    match vietnamese::detect(&western.text, None) {
        vietnamese::Encoding::Unicode => {}
        legacy => {
            return Decoded {
                text: vietnamese::to_unicode(&western.text, legacy, None),
                encoding: legacy_name(legacy),
                broken: western.broken,
            };
        }
    }
    let vietnamese = read_as(WINDOWS_1258, bytes);
    // The five tone marks of windows-1258 follow their letter.
    let marks = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];
    if vietnamese.text.chars().any(|c| marks.contains(&c)) {
        vietnamese
    } else {
        western
    }
}

/// The name of a legacy font encoding for reports.
pub fn legacy_name(encoding: vietnamese::Encoding) -> &'static str {
    match encoding {
        vietnamese::Encoding::Unicode => "unicode",
        vietnamese::Encoding::Tcvn3 => "tcvn3",
        vietnamese::Encoding::Vni => "vni",
    }
}

/// Valid, or with few broken places among many good ones (a file cut in half, a bad edit).
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let mut good = 0_usize;
    let mut bad = 0_usize;
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad == 0 || good > bad * 8 || (good > 0 && bad == 1)
}

/// UTF-16 whose mark is missing: every second byte is small.
fn wide_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = bytes.get(..bytes.len().min(4096))?.as_chunks::<2>();
    // Vietnamese letters live in blocks 0x00, 0x01 and 0x1E, so the high byte is small.
    if pairs.len() < 4 || !bytes.iter().take(4096).any(|byte| *byte == 0) {
        return None;
    }
    let is_high = |byte: u8| byte == 0 || byte == 1 || byte == 0x1e || byte == 0x20;
    let little = pairs.iter().filter(|pair| is_high(pair[1])).count();
    let big = pairs.iter().filter(|pair| is_high(pair[0])).count();
    let nearly_all = |count: usize| count * 20 > pairs.len() * 19;
    match (nearly_all(little), nearly_all(big)) {
        (true, _) if little >= big => Some(UTF_16LE),
        (_, true) => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "Điều 1. Phạm vi điều chỉnh của quy định";

    #[test]
    fn utf16_is_read_with_and_without_its_mark() {
        let little: Vec<u8> = SAID.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = SAID.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&little, None).text, SAID);
        assert_eq!(decode(&big, None).text, SAID);
        assert_eq!(
            decode(&[b"\xff\xfe", &little[..]].concat(), None).text,
            SAID
        );
    }

    #[test]
    fn windows_1258_is_recognised_by_its_tone_marks() {
        // "Việt Nam" and "tiếng": letters with a circumflex, then the tone.
        let bytes = b"Vi\xea\xf2t Nam, ti\xea\xecng Vi\xea\xf2t";
        let decoded = decode(bytes, None);
        assert_eq!(nfc(&decoded.text), "Việt Nam, tiếng Việt");
        assert_eq!(decoded.encoding, "windows-1258");
    }

    #[test]
    fn half_a_character_at_the_end_spoils_nothing_else() {
        let mut bytes = "Đảng bộ cơ sở".as_bytes().to_vec();
        bytes.pop();
        let decoded = decode(&bytes, None);
        assert_eq!(decoded.text, "Đảng bộ cơ s\u{fffd}");
        assert_eq!(decoded.broken, 1);
    }
}
