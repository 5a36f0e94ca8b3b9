//! Pictures that people upload: real type, size in pixels, and nothing in them but the picture.
//!
//! A telephone writes into a photo where and when it was taken; a portal must not pass that on. So the
//! containers of JPEG, PNG and WebP are walked and such parts left out; of EXIF only the
//! orientation stays. Pixels are not touched and not decoded. SVG is refused: it can carry scripts
//! (the program's own SVGs come in through `import`).

use files::FileKind;

/// A picture fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// What it is.
    pub(crate) kind: FileKind,
    /// The bytes without what people did not mean to publish.
    pub(crate) bytes: Vec<u8>,
    /// Pixels across; 0 when unknown.
    pub(crate) width: i64,
    /// Pixels down.
    pub(crate) height: i64,
}

/// Why a picture was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// Not PNG, JPEG or WebP.
    Kind,
    /// It ends too early or contradicts itself.
    Damaged,
}

/// Most pixels along one side: more would make a phone run out of memory.
const MOST_PIXELS: i64 = 12_000;

/// Most pixels in all: a telephone holds four bytes of each while it draws.
const MOST_AREA: i64 = 50_000_000;

/// Reads an uploaded picture.
pub(crate) fn read(bytes: &[u8]) -> Result<Picture, NotTaken> {
    let kind = FileKind::of_bytes(bytes);
    let cleaned = match kind {
        FileKind::Png => png(bytes),
        FileKind::Jpeg => jpeg(bytes),
        FileKind::Webp => webp(bytes),
        _ => return Err(NotTaken::Kind),
    };
    let (bytes, width, height) = cleaned.ok_or(NotTaken::Damaged)?;
    let good = |side: i64| (1..=MOST_PIXELS).contains(&side);
    if !good(width) || !good(height) || width * height > MOST_AREA {
        return Err(NotTaken::Damaged);
    }
    Ok(Picture {
        kind,
        bytes,
        width,
        height,
    })
}

type Cleaned = Option<(Vec<u8>, i64, i64)>;

fn u16_be(bytes: &[u8], at: usize) -> Option<i64> {
    let part = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(i64::from(u16::from_be_bytes(part)))
}
fn u32_be(bytes: &[u8], at: usize) -> Option<usize> {
    let part = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(part)).ok()
}
fn u32_le(bytes: &[u8], at: usize) -> Option<usize> {
    let part = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(part)).ok()
}
fn u24_le(bytes: &[u8], at: usize) -> Option<i64> {
    let part = bytes.get(at..at + 3)?;
    Some(
        part.iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | i64::from(*byte)),
    )
}

/// Chunks `length, name, data, check`; those with words, times and places are left out.
fn png(bytes: &[u8]) -> Cleaned {
    let width = i64::try_from(u32_be(bytes, 16)?).ok()?;
    let height = i64::try_from(u32_be(bytes, 20)?).ok()?;
    let mut out = bytes.get(..8)?.to_vec();
    let mut at = 8;
    loop {
        let length = u32_be(bytes, at)?;
        let end = at.checked_add(12)?.checked_add(length)?;
        let chunk = bytes.get(at..end)?;
        let name = chunk.get(4..8)?;
        if !matches!(name, b"eXIf" | b"tEXt" | b"zTXt" | b"iTXt" | b"tIME") {
            out.extend_from_slice(chunk);
        }
        if name == b"IEND" {
            return Some((out, width, height));
        }
        at = end;
    }
}

/// Segments `FF, name, length, data` up to the scan; then everything as it is.
fn jpeg(bytes: &[u8]) -> Cleaned {
    let mut out = bytes.get(..2)?.to_vec();
    let mut size = None;
    let mut turned = 1;
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let name = *bytes.get(at + 1)?;
        if name == 0xff {
            at += 1; // filling
            continue;
        }
        let length = usize::try_from(u16_be(bytes, at + 2)?).ok()?;
        if length < 2 {
            return None;
        }
        let end = at + 2 + length;
        let segment = bytes.get(at..end)?;
        let is_frame = matches!(name, 0xc0..=0xcf) && !matches!(name, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            size = Some((u16_be(segment, 7)?, u16_be(segment, 5)?));
        }
        match name {
            0xe1 => {
                if let Some(found) = segment.get(4..).and_then(orientation) {
                    turned = found;
                }
            }
            // Colour profile and Adobe's transform belong to the picture; the rest are remarks.
            0xe3..=0xed | 0xef | 0xfe => {}
            0xda => {
                let (mut width, mut height) = size?;
                if turned >= 5 {
                    (width, height) = (height, width);
                }
                let mut whole = out;
                if turned != 1 {
                    let tag = oriented(turned);
                    whole.splice(2..2, tag);
                }
                whole.extend_from_slice(bytes.get(at..)?);
                return Some((whole, width, height));
            }
            _ => out.extend_from_slice(segment),
        }
        at = end;
    }
}

/// The orientation of an EXIF segment, 1 to 8.
fn orientation(exif: &[u8]) -> Option<u8> {
    let tiff = exif.strip_prefix(b"Exif\0\0")?;
    let is_little = tiff.starts_with(b"II");
    let u16_at = |at: usize| -> Option<u16> {
        let part = tiff.get(at..at + 2)?.try_into().ok()?;
        Some(if is_little {
            u16::from_le_bytes(part)
        } else {
            u16::from_be_bytes(part)
        })
    };
    let first = if is_little {
        u32_le(tiff, 4)?
    } else {
        u32_be(tiff, 4)?
    };
    let entries = usize::from(u16_at(first)?);
    for nth in 0..entries.min(200) {
        let at = first.checked_add(2)?.checked_add(nth * 12)?;
        if u16_at(at)? == 0x0112 {
            let value = u8::try_from(u16_at(at + 8)?).ok()?;
            return (1..=8).contains(&value).then_some(value);
        }
    }
    None
}

/// An EXIF segment that says the orientation and nothing else.
fn oriented(value: u8) -> Vec<u8> {
    let mut out = vec![0xff, 0xe1, 0, 34];
    out.extend_from_slice(b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    out.extend_from_slice(&[value, 0, 0, 0, 0, 0, 0]);
    out
}

/// RIFF chunks `name, length, data, filling`; EXIF and XMP are left out.
fn webp(bytes: &[u8]) -> Cleaned {
    let mut out = bytes.get(..12)?.to_vec();
    let mut size = None;
    let mut at = 12;
    while at < bytes.len() {
        let length = u32_le(bytes, at + 4)?;
        let end = at.checked_add(8)?.checked_add(length)?;
        let data = bytes.get(at + 8..end)?;
        let filled = end.checked_add(length % 2)?.min(bytes.len());
        let name = bytes.get(at..at + 4)?;
        let start = out.len();
        if !matches!(name, b"EXIF" | b"XMP ") {
            out.extend_from_slice(bytes.get(at..filled)?);
        }
        match name {
            b"VP8X" => {
                size = Some((u24_le(data, 4)? + 1, u24_le(data, 7)? + 1));
                // The flags that promise EXIF and XMP.
                if let Some(flags) = out.get_mut(start + 8) {
                    *flags &= !0b0000_1100;
                }
            }
            b"VP8 " if size.is_none() => {
                let side = |at: usize| {
                    Some(i64::from(*data.get(at)?) | i64::from(*data.get(at + 1)? & 0x3f) << 8)
                };
                size = Some((side(6)?, side(8)?));
            }
            b"VP8L" if size.is_none() => {
                let bits = i64::try_from(u32_le(data, 1)?).ok()?;
                size = Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1));
            }
            _ => {}
        }
        at = filled;
    }
    let (width, height) = size?;
    let length = u32::try_from(out.len().checked_sub(8)?).ok()?;
    out.splice(4..8, length.to_le_bytes());
    Some((out, width, height))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
        let mut out = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
        out.extend_from_slice(name);
        out.extend_from_slice(data);
        out.extend_from_slice(&[0; 4]);
        out
    }
    /// A picture in shape only: 40 by 25, with a remark that must go.
    pub(crate) fn small_png() -> Vec<u8> {
        let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut head = vec![0, 0, 0, 40, 0, 0, 0, 25];
        head.extend_from_slice(&[8, 2, 0, 0, 0]);
        out.extend(chunk(b"IHDR", &head));
        out.extend(chunk(b"tEXt", b"GPS 21.03 105.85"));
        out.extend(chunk(b"IDAT", b"pixels"));
        out.extend(chunk(b"IEND", b""));
        out
    }
    fn small_jpeg(turned: u8) -> Vec<u8> {
        let mut out = vec![0xff, 0xd8];
        let mut exif = oriented(turned);
        exif.extend_from_slice(b"GPS 21.03 105.85");
        exif[3] = u8::try_from(exif.len() - 2).unwrap();
        out.extend(exif);
        out.extend_from_slice(&[0xff, 0xfe, 0, 8]);
        out.extend_from_slice(b"remark");
        out.extend_from_slice(&[0xff, 0xc0, 0, 11, 8, 0, 25, 0, 40, 1, 1, 0x11, 0]);
        out.extend_from_slice(&[0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9]);
        out
    }
    fn holds(bytes: &[u8], words: &[u8]) -> bool {
        bytes.windows(words.len()).any(|part| part == words)
    }

    #[test]
    fn places_and_remarks_are_left_out_and_pixels_kept() {
        let picture = read(&small_png()).unwrap();
        assert_eq!(
            (picture.kind, picture.width, picture.height),
            (FileKind::Png, 40, 25)
        );
        assert!(!holds(&picture.bytes, b"GPS") && holds(&picture.bytes, b"pixels"));
        let picture = read(&small_jpeg(1)).unwrap();
        assert_eq!((picture.width, picture.height), (40, 25));
        assert!(!holds(&picture.bytes, b"GPS") && !holds(&picture.bytes, b"remark"));
        assert!(!holds(&picture.bytes, b"Exif"));
    }
    #[test]
    fn a_photo_taken_upright_stays_upright() {
        let picture = read(&small_jpeg(6)).unwrap();
        assert_eq!((picture.width, picture.height), (25, 40));
        assert_eq!(orientation(picture.bytes.get(6..).unwrap()), Some(6));
        assert!(!holds(&picture.bytes, b"GPS"));
        assert_eq!(read(&picture.bytes).unwrap(), picture);
    }
    #[test]
    fn webp_loses_its_exif_and_the_promise_of_it() {
        let mut body = b"WEBPVP8X\x0a\0\0\0\x08\0\0\0".to_vec();
        body.extend_from_slice(&[39, 0, 0, 24, 0, 0]);
        body.extend_from_slice(b"EXIF\x04\0\0\0GPS!");
        let mut bytes = b"RIFF".to_vec();
        bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
        bytes.extend(body);
        let picture = read(&bytes).unwrap();
        assert_eq!((picture.width, picture.height), (40, 25));
        assert!(!holds(&picture.bytes, b"GPS"));
        assert_eq!(picture.bytes[20], 0);
        assert_eq!(u32_le(&picture.bytes, 4).unwrap(), picture.bytes.len() - 8);
    }
    #[test]
    fn what_is_no_picture_or_stops_midway_is_refused() {
        assert_eq!(
            read(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            Err(NotTaken::Kind)
        );
        assert_eq!(read(b"<script>1</script>"), Err(NotTaken::Kind));
        for whole in [small_png(), small_jpeg(6)] {
            for cut in 0..whole.len() - 8 {
                // Never a panic; a JPEG cut inside its pixels still opens.
                let _outcome = read(&whole[..cut]);
            }
            assert!(read(&whole[..30]).is_err());
        }
    }
}
