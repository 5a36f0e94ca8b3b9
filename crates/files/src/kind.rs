//! What a file really is, told by its content.
//!
//! Never by its name: a name is a wish. Used before a file is stored and again by the
//! parsers, so that a renamed file meets the right one. Not here: whether the content is
//! sound. Surprise: zipped formats are told apart by the list at the end of the archive,
//! read within fixed bounds, so this is safe to call outside the worker.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A file's real type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Portable Document Format.
    Pdf,
    /// EPUB book.
    Epub,
    /// Word document (Office Open XML).
    Docx,
    /// Excel workbook (Office Open XML).
    Xlsx,
    /// Excel workbook with macros.
    Xlsm,
    /// Excel workbook, binary parts.
    Xlsb,
    /// Excel 97-2003 workbook.
    Xls,
    /// Word 97-2003 document: recognised in order to be refused clearly.
    Doc,
    /// OpenDocument spreadsheet.
    Ods,
    /// Office file with a password: recognised in order to be refused clearly.
    OfficeEncrypted,
    /// Rich Text Format: recognised in order to be refused clearly.
    Rtf,
    /// Any other ZIP archive.
    Zip,
    /// HTML or XHTML page.
    Html,
    /// Other XML.
    Xml,
    /// Text in any encoding, Markdown, CSV and JSON among it.
    Text,
    /// PNG picture.
    Png,
    /// JPEG picture.
    Jpeg,
    /// GIF picture.
    Gif,
    /// WebP picture.
    Webp,
    /// SVG picture: may carry scripts, must be cleaned before it is shown.
    Svg,
    /// Nothing at all.
    Empty,
    /// Anything else.
    Unknown,
}

impl FileKind {
    /// The word in the database and in reports; the same as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            FileKind::Pdf => "pdf",
            FileKind::Epub => "epub",
            FileKind::Docx => "docx",
            FileKind::Xlsx => "xlsx",
            FileKind::Xlsm => "xlsm",
            FileKind::Xlsb => "xlsb",
            FileKind::Xls => "xls",
            FileKind::Doc => "doc",
            FileKind::Ods => "ods",
            FileKind::OfficeEncrypted => "office_encrypted",
            FileKind::Rtf => "rtf",
            FileKind::Zip => "zip",
            FileKind::Html => "html",
            FileKind::Xml => "xml",
            FileKind::Text => "text",
            FileKind::Png => "png",
            FileKind::Jpeg => "jpeg",
            FileKind::Gif => "gif",
            FileKind::Webp => "webp",
            FileKind::Svg => "svg",
            FileKind::Empty => "empty",
            FileKind::Unknown => "unknown",
        }
    }

    /// The media type to send with the bytes. What a browser might run (HTML, SVG, XML) is
    /// named truthfully: the route decides whether to send it at all.
    pub fn media_type(self) -> &'static str {
        match self {
            FileKind::Pdf => "application/pdf",
            FileKind::Epub => "application/epub+zip",
            FileKind::Docx => {
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            }
            FileKind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            FileKind::Xlsm => "application/vnd.ms-excel.sheet.macroEnabled.12",
            FileKind::Xlsb => "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
            FileKind::Xls => "application/vnd.ms-excel",
            FileKind::Doc => "application/msword",
            FileKind::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            FileKind::Rtf => "application/rtf",
            FileKind::Zip => "application/zip",
            FileKind::Html => "text/html",
            FileKind::Xml => "application/xml",
            FileKind::Text => "text/plain",
            FileKind::Png => "image/png",
            FileKind::Jpeg => "image/jpeg",
            FileKind::Gif => "image/gif",
            FileKind::Webp => "image/webp",
            FileKind::Svg => "image/svg+xml",
            FileKind::OfficeEncrypted | FileKind::Empty | FileKind::Unknown => {
                "application/octet-stream"
            }
        }
    }

    /// The kind of a file on disk.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of_path(path: &Path) -> std::io::Result<FileKind> {
        of_reader(&mut File::open(path)?)
    }

    /// The kind of bytes in memory.
    pub fn of_bytes(bytes: &[u8]) -> FileKind {
        // Reading from memory does not fail; if it did, the kind would be unknown.
        of_reader(&mut std::io::Cursor::new(bytes)).unwrap_or(FileKind::Unknown)
    }
}

/// The beginning that is looked at.
const HEAD_BYTES: u64 = 64 << 10;
/// The list of a ZIP archive is looked at so far and no further.
const LIST_BYTES: u64 = 1 << 20;
/// End record of a ZIP archive: 22 bytes and a comment of at most 65,535.
const END_BYTES: u64 = 22 + 0xffff;

fn of_reader(file: &mut (impl Read + Seek)) -> std::io::Result<FileKind> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    if head.is_empty() {
        return Ok(FileKind::Empty);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return of_zip(file, &head);
    }
    if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return of_ole(file);
    }
    Ok(of_head(&head))
}

fn of_head(head: &[u8]) -> FileKind {
    let starts = |magic: &[u8]| head.starts_with(magic);
    // Some makers put a few bytes before the mark; readers accept it within 1,024 bytes.
    let early = head.get(..head.len().min(1024)).unwrap_or(head);
    if starts(b"\x89PNG\r\n\x1a\n") {
        FileKind::Png
    } else if starts(b"\xff\xd8\xff") {
        FileKind::Jpeg
    } else if starts(b"GIF87a") || starts(b"GIF89a") {
        FileKind::Gif
    } else if starts(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        FileKind::Webp
    } else if starts(b"{\\rtf") {
        FileKind::Rtf
    } else if contains(early, b"%PDF-") {
        FileKind::Pdf
    } else if [0x00, 0x02, 0x04, 0x08].iter().any(|v| starts(&[0x09, *v]))
        && head.get(3) == Some(&0)
    {
        FileKind::Xls // a bare stream of Excel 2 to 5
    } else {
        of_text(head)
    }
}

fn of_text(head: &[u8]) -> FileKind {
    let is_wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let nuls = head.iter().filter(|byte| **byte == 0).count();
    if !is_wide && nuls * 20 > head.len() * 3 && looks_wide(head) {
        return of_markup(&narrow(head));
    }
    if is_wide {
        return of_markup(&narrow(head));
    }
    // Control characters that no text has; legacy Vietnamese text does use 0x80-0xFF, and
    // TCVN3 nothing below 0x20.
    let odd = head
        .iter()
        .filter(|byte| matches!(**byte, 0..=8 | 14..=26 | 28..=31 | 127))
        .count();
    if odd * 50 > head.len() {
        return FileKind::Unknown;
    }
    of_markup(head)
}

/// UTF-16 without a mark: nearly every other byte of a page's markup is zero.
fn looks_wide(head: &[u8]) -> bool {
    let (pairs, _) = head.as_chunks::<2>();
    let high = pairs.iter().filter(|pair| pair[1] < 0x20).count();
    let low = pairs.iter().filter(|pair| pair[0] < 0x20).count();
    high * 10 > pairs.len() * 9 || low * 10 > pairs.len() * 9
}

fn narrow(head: &[u8]) -> Vec<u8> {
    head.iter()
        .copied()
        .filter(|b| (9..128).contains(b))
        .collect()
}

fn of_markup(head: &[u8]) -> FileKind {
    let text: Vec<u8> = head.iter().take(4096).map(u8::to_ascii_lowercase).collect();
    let mut rest: &[u8] = &text;
    if let Some(after) = rest.strip_prefix(b"\xef\xbb\xbf") {
        rest = after;
    }
    rest = rest.trim_ascii_start();
    if !rest.starts_with(b"<") {
        return FileKind::Text;
    }
    let is_xml = rest.starts_with(b"<?xml");
    if contains(rest, b"<svg") && !contains(rest, b"<html") && !contains(rest, b"<body") {
        return FileKind::Svg;
    }
    let marks: [&[u8]; 16] = [
        b"<!doctype html",
        b"<html",
        b"<head",
        b"<body",
        b"<title",
        b"<table",
        b"<div",
        b"<p>",
        b"<p ",
        b"<h1",
        b"<meta",
        b"<script",
        b"<span",
        b"<link",
        b"<h2",
        b"<h3",
    ];
    if marks.iter().any(|mark| contains(rest, mark)) && (!is_xml || contains(rest, b"<html")) {
        FileKind::Html
    } else if is_xml {
        FileKind::Xml
    } else {
        FileKind::Text
    }
}

fn of_zip(file: &mut (impl Read + Seek), head: &[u8]) -> std::io::Result<FileKind> {
    // The first entry of EPUB and OpenDocument is a stored file that says the type.
    if head.get(30..38) == Some(b"mimetype") {
        let said = head.get(38..120).unwrap_or_default();
        if contains(said, b"application/epub+zip") {
            return Ok(FileKind::Epub);
        }
        if contains(said, b"opendocument.spreadsheet") {
            return Ok(FileKind::Ods);
        }
    }
    let mut kind = FileKind::Zip;
    let mut has_word = false;
    for mut name in zip_names(file)? {
        // Some makers write backslashes and other capitals; their files are still that kind.
        name.make_ascii_lowercase();
        name.iter_mut()
            .filter(|b| **b == b'\\')
            .for_each(|b| *b = b'/');
        match name.as_slice() {
            b"meta-inf/container.xml" => return Ok(FileKind::Epub),
            b"word/document.xml" => return Ok(FileKind::Docx),
            b"xl/vbaproject.bin" => return Ok(FileKind::Xlsm),
            b"xl/workbook.bin" => return Ok(FileKind::Xlsb),
            b"encryptedpackage" => return Ok(FileKind::OfficeEncrypted),
            other => {
                has_word |= other.starts_with(b"word/document");
                if other == b"xl/workbook.xml" || other.starts_with(b"xl/worksheets/") {
                    kind = FileKind::Xlsx;
                }
            }
        }
    }
    if kind == FileKind::Zip && has_word {
        kind = FileKind::Docx;
    }
    Ok(kind)
}

/// The entry names in the list of an archive, within bounds; none when it is broken.
fn zip_names(file: &mut (impl Read + Seek)) -> std::io::Result<Vec<Vec<u8>>> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(END_BYTES);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.by_ref().take(END_BYTES).read_to_end(&mut tail)?;
    let Some(end) = tail.windows(4).rposition(|w| w == b"PK\x05\x06") else {
        return Ok(Vec::new());
    };
    let (Some(size), Some(offset)) = (u32_at(&tail, end + 12), u32_at(&tail, end + 16)) else {
        return Ok(Vec::new());
    };
    // Bytes put before the archive shift it; the list ends where the end record begins.
    let end_at = from + u64::try_from(end).unwrap_or(0);
    let start = end_at
        .checked_sub(u64::from(size))
        .unwrap_or(u64::from(offset));
    file.seek(SeekFrom::Start(start))?;
    let mut list = Vec::new();
    file.by_ref().take(LIST_BYTES).read_to_end(&mut list)?;
    let mut names = Vec::new();
    let mut at = 0;
    while list.get(at..at + 4) == Some(b"PK\x01\x02") {
        let (Some(name), Some(extra), Some(comment)) = (
            u16_at(&list, at + 28),
            u16_at(&list, at + 30),
            u16_at(&list, at + 32),
        ) else {
            break;
        };
        let Some(bytes) = list.get(at + 46..at + 46 + usize::from(name)) else {
            break;
        };
        names.push(bytes.to_vec());
        at += 46 + usize::from(name) + usize::from(extra) + usize::from(comment);
    }
    Ok(names)
}

/// Old Office files: the directory names their streams in UTF-16.
fn of_ole(file: &mut (impl Read + Seek)) -> std::io::Result<FileKind> {
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    file.by_ref().take(64 << 20).read_to_end(&mut bytes)?;
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        // A directory entry is 128 bytes long and begins with its name, padded by zeros.
        bytes.as_chunks::<128>().0.iter().any(|entry| {
            entry.starts_with(&wide) && entry.get(wide.len()..wide.len() + 2) == Some(&[0, 0])
        })
    };
    Ok(if has("EncryptedPackage") {
        FileKind::OfficeEncrypted
    } else if has("WordDocument") {
        FileKind::Doc
    } else if has("Workbook") || has("Book") {
        FileKind::Xls
    } else {
        FileKind::Unknown
    })
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at + 2)?;
    Some(u16::from_le_bytes(pair.try_into().ok()?)) // two bytes by the line above
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes(four.try_into().ok()?)) // four bytes by the line above
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn zipped(names: &[&str]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in names {
            zip.start_file(*name, zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(b"x").unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_zipped_format_is_told_by_what_it_holds() {
        for (names, kind) in [
            (
                vec!["[Content_Types].xml", "word/document.xml"],
                FileKind::Docx,
            ),
            (
                vec!["[Content_Types].xml", "xl/workbook.xml"],
                FileKind::Xlsx,
            ),
            (vec!["xl/workbook.xml", "xl/vbaProject.bin"], FileKind::Xlsm),
            (vec!["xl/workbook.bin"], FileKind::Xlsb),
            (vec!["META-INF/container.xml"], FileKind::Epub),
            (vec!["readme.txt"], FileKind::Zip),
        ] {
            assert_eq!(FileKind::of_bytes(&zipped(&names)), kind, "{names:?}");
        }
    }

    #[test]
    fn pictures_pages_and_text_are_told_apart() {
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], FileKind::Png),
            (b"\xff\xd8\xff\xe0", FileKind::Jpeg),
            (b"GIF89a..", FileKind::Gif),
            (b"RIFF\0\0\0\0WEBPVP8 ", FileKind::Webp),
            (b"<?xml version='1.0'?><svg xmlns='x'/>", FileKind::Svg),
            (b"\xef\xbb\xbf<!DOCTYPE html><p>a", FileKind::Html),
            (b"\xff\xfe<\0h\0t\0m\0l\0>\0", FileKind::Html),
            (b"<?xml version='1.0'?><a/>", FileKind::Xml),
            ("Điều 1. Phạm vi".as_bytes(), FileKind::Text),
            (b"%PDF-1.7", FileKind::Pdf),
            (b"", FileKind::Empty),
            (b"\0\x01\x02\x03\x04\x05\x06\x07", FileKind::Unknown),
        ] {
            assert_eq!(FileKind::of_bytes(bytes), kind, "{bytes:?}");
        }
    }

    #[test]
    fn every_piece_of_an_archive_is_read_without_a_panic() {
        let whole = zipped(&["[Content_Types].xml", "word/document.xml"]);
        for cut in 0..whole.len() {
            FileKind::of_bytes(&whole[..cut]);
            FileKind::of_bytes(&whole[cut..]);
        }
    }
}
