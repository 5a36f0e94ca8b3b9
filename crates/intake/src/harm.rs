//! What a paper must not do to whoever opens it: run something, fetch something, carry other files.
//!
//! Asked of every DOCX and PDF before it is read, for all rooms: papers are served as they were sent. Not here:
//! what they say (`docx`, `pdf`), files that are made anew (photos), forms that an office fills (`fill`).
//! The rule that surprises: of a PDF the bytes are looked through beside its objects, since another reader may
//! find objects where ours finds none.

use std::io::Read as _;
use std::path::Path;

use files::archive::ArchiveWarning;
use files::office::reaches_out;
use files::{Archive, ArchiveLimits};
use pdf_extract::{Dictionary, Document, Object};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::Trouble;
use crate::docx::archive_trouble;
use crate::xml::{attribute, reference};

const MACROS: &str = "intake.refused.macros";
const OUTSIDE: &str = "intake.refused.outside";
const ACTIVE: &str = "intake.refused.active";
const EMBEDDED: &str = "intake.refused.embedded";

/// Refuses a Word file that holds macros, reaches outside, or unpacks to more than the limits.
///
/// # Errors
/// Why it is refused.
pub(crate) fn look_at_docx(path: &Path, limits: ArchiveLimits) -> Result<(), Trouble> {
    let mut archive = Archive::open(path, limits).map_err(archive_trouble)?;
    // Of two parts with one name, two readers could see two papers.
    if (archive.warnings().iter()).any(|one| matches!(one, ArchiveWarning::Repeated(_))) {
        return Err(Trouble::new("intake.refused.broken", "a name stands twice"));
    }
    let names = archive.entries().iter().map(|entry| entry.name.clone());
    for name in names.collect::<Vec<String>>() {
        let lower = name.to_lowercase();
        if lower.ends_with("vbaproject.bin") || lower.contains("activex/") {
            return Err(Trouble::new(MACROS, name));
        }
        // Every part is unpacked, read or not: what is too much is too much.
        if !lower.ends_with(".xml") && !lower.ends_with(".rels") {
            archive
                .copy(&name, &mut std::io::sink())
                .map_err(archive_trouble)?;
            continue;
        }
        let bytes = archive.read(&name).map_err(archive_trouble)?;
        if lower == "[content_types].xml" || lower.ends_with(".rels") {
            look_at_list(&name, &bytes)?;
        } else {
            look_at_fields(&name, &bytes)?;
        }
    }
    Ok(())
}

/// Types and relationships: what is a macro, what lies elsewhere.
fn look_at_list(name: &str, bytes: &[u8]) -> Result<(), Trouble> {
    let is_text = std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'));
    if !is_text {
        return Err(Trouble::new("intake.refused.broken", name));
    }
    let mut reader = Reader::from_reader(bytes);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let element = match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element)) => element,
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => continue,
            Err(e) => {
                return Err(Trouble::new(
                    "intake.refused.broken",
                    format!("{name}: {e}"),
                ));
            }
        };
        let of = |key: &str| attribute(&element, key).unwrap_or_default();
        let kind = of("ContentType").to_lowercase();
        if ["macroenabled", "vbaproject", "activex"]
            .iter()
            .any(|word| kind.contains(word))
        {
            return Err(Trouble::new(MACROS, kind));
        }
        let (target, kind) = (of("Target"), of("Type"));
        if kind.ends_with("/vbaProject") {
            return Err(Trouble::new(MACROS, name));
        }
        let is_outside = of("TargetMode").eq_ignore_ascii_case("external");
        if is_outside && !kind.ends_with("/hyperlink") && reaches_out(&target) {
            return Err(Trouble::new(OUTSIDE, format!("{name}: {target}")));
        }
    }
}

/// Fields: a word of theirs can run a program or fetch a file.
fn look_at_fields(name: &str, bytes: &[u8]) -> Result<(), Trouble> {
    let mut reader = Reader::from_reader(bytes);
    let (mut buffer, mut told) = (Vec::new(), String::new());
    let mut is_field = false;
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                let local = element.local_name();
                is_field = local.as_ref() == "instrText";
                if local.as_ref() == "fldSimple" {
                    told.push('\n');
                    told.push_str(&attribute(&element, "instr").unwrap_or_default());
                }
                // A field begins; what its parts say stands together.
                if local.as_ref() == "fldChar" {
                    told.push('\n');
                }
            }
            Ok(Event::Text(part)) if is_field => told.push_str(&part.xml10_content()),
            Ok(Event::GeneralRef(part)) if is_field => told.push_str(&reference(&part)),
            Ok(Event::End(_)) => is_field = false,
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => break, // the reading of the part itself says so
        }
    }
    for field in told.to_uppercase().lines() {
        let mut words = field.split_whitespace();
        match words.next() {
            Some("DDE" | "DDEAUTO") => return Err(Trouble::new(MACROS, name)),
            Some(
                "INCLUDEPICTURE" | "INCLUDETEXT" | "INCLUDE" | "IMPORT" | "LINK" | "DATABASE"
                | "RD",
            ) if words.any(|word| reaches_out(&word.replace("\\\\", "\\").replace('"', ""))) => {
                return Err(Trouble::new(OUTSIDE, name));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Refuses a PDF that runs something when it is opened or pressed, or carries other files.
///
/// # Errors
/// Why it is refused.
pub(crate) fn look_at_pdf(path: &Path, document: &Document) -> Result<(), Trouble> {
    let mut rest: Vec<&Object> = document.objects.values().collect();
    while let Some(object) = rest.pop() {
        let held = match object {
            Object::Array(all) => {
                rest.extend(all);
                continue;
            }
            Object::Dictionary(held) => held,
            Object::Stream(stream) => &stream.dict,
            _ => continue,
        };
        if let Some(key) = harm_of(held) {
            return Err(Trouble::new(key, "an object of the file"));
        }
        rest.extend(held.iter().map(|(_, value)| value));
    }
    look_at_bytes(path)
}

/// What is wrong with one dictionary of a PDF.
fn harm_of(held: &Dictionary) -> Option<&'static str> {
    let is = |key: &[u8], words: &[&str]| match held.get(key) {
        Ok(Object::Name(name)) => words.iter().any(|word| word.as_bytes() == name.as_slice()),
        _ => false, // absent, or of another kind
    };
    let acts = ["JavaScript", "Launch", "ImportData", "GoToE", "Rendition"];
    if is(b"S", &acts) || held.has(b"JS") || held.has(b"JavaScript") || held.has(b"XFA") {
        return Some(ACTIVE);
    }
    let carries = held.has(b"EmbeddedFiles") || held.has(b"EF");
    if carries || is(b"Type", &["EmbeddedFile"]) || is(b"Subtype", &["FileAttachment", "RichMedia"])
    {
        return Some(EMBEDDED);
    }
    None
}

/// Names that are long enough to stand nowhere by chance.
const NAMES: [(&[u8], &str); 4] = [
    (b"/JavaScript", ACTIVE),
    (b"/Launch", ACTIVE),
    (b"/EmbeddedFile", EMBEDDED),
    (b"/EmbeddedFiles", EMBEDDED),
];
/// Longer than each of them with what follows.
const OVERLAP: usize = 32;

fn look_at_bytes(path: &Path) -> Result<(), Trouble> {
    let unreadable = |e| Trouble::new("intake.refused.unreadable", e);
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let (mut piece, mut held) = (vec![0_u8; 1 << 20], Vec::new());
    loop {
        let n = file.read(&mut piece).map_err(unreadable)?;
        held.extend_from_slice(piece.get(..n).unwrap_or_default());
        let is_end = n == 0;
        for at in (held.iter().enumerate()).filter(|(_, byte)| **byte == b'/') {
            let Some(text) = held.get(at.0..) else {
                continue;
            };
            // What begins near the end of a piece is judged with the next one.
            if !is_end && text.len() < OVERLAP {
                break;
            }
            for (name, key) in NAMES {
                let next = text.get(name.len()).copied().unwrap_or(b' ');
                let is_over = next.is_ascii_whitespace() || b"()<>[]{}/%\0".contains(&next);
                if text.starts_with(name) && is_over {
                    return Err(Trouble::new(key, "the bytes of the file"));
                }
            }
        }
        if is_end {
            return Ok(());
        }
        held.drain(..held.len().saturating_sub(OVERLAP));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, read_document};
    use std::io::Write as _;

    const MAIN: &str = "<w:document xmlns:w=\"w\"><w:body><w:p><w:r><w:t>Kính gửi</w:t></w:r></w:p></w:body></w:document>";

    fn kept(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }
    fn docx(parts: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut zip = zip::ZipWriter::new(file.reopen().unwrap());
        let own: [(&str, &[u8]); 2] = [
            ("[Content_Types].xml", b"<Types/>"),
            ("word/document.xml", MAIN.as_bytes()),
        ];
        let own = (own.iter()).filter(|(name, _)| !parts.iter().any(|(other, _)| name == other));
        for (name, bytes) in own.chain(parts) {
            let options = zip::write::SimpleFileOptions::default();
            zip.start_file(*name, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        file
    }
    fn said(file: &tempfile::NamedTempFile) -> &'static str {
        match read_document(file.path(), "", &Limits::default()) {
            Ok(_) => "",
            Err(trouble) => trouble.key,
        }
    }
    fn link(kind: &str, target: &str) -> String {
        format!(
            "<Relationships><Relationship Id=\"r\" Type=\"http://x/{kind}\" Target=\"{target}\" TargetMode=\"External\"/></Relationships>"
        )
    }

    #[test]
    fn a_word_file_with_macros_or_that_reaches_outside_is_refused_and_an_honest_one_is_read() {
        let rels = "word/_rels/document.xml.rels";
        let field = |words: &str| {
            let (head, tail) = words.split_at(3);
            format!(
                "<w:document xmlns:w=\"w\"><w:body><w:p><w:r><w:fldChar/><w:instrText>{head}</w:instrText></w:r>\
                 <w:r><w:instrText>{tail}</w:instrText></w:r></w:p></w:body></w:document>"
            )
        };
        let types = "<Types><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.ms-word.document.macroEnabled.main+xml\"/></Types>";
        let main = "word/document.xml";
        for (name, text, key) in [
            ("word/vbaProject.bin", "x".to_owned(), MACROS),
            ("[Content_Types].xml", types.to_owned(), MACROS),
            ("word/activeX/activeX1.xml", "<a/>".to_owned(), MACROS),
            (
                main,
                field("DDEAUTO c:\\\\windows\\\\cmd.exe \"/k x\""),
                MACROS,
            ),
            (
                main,
                field("INCLUDEPICTURE \"http://x/a.png\" \\d"),
                OUTSIDE,
            ),
            (rels, link("attachedTemplate", "http://x/a.dotm"), OUTSIDE),
            (rels, link("image", "\\\\server\\share\\a.png"), OUTSIDE),
            (rels, link("hyperlink", "https://chinhphu.vn"), ""),
            (
                rels,
                link("attachedTemplate", "file:///C:\\Users\\a\\Normal.dotm"),
                "",
            ),
            (main, field("PAGE \\* MERGEFORMAT"), ""),
            ("docProps/core.xml", "<a/>".to_owned(), ""),
        ] {
            assert_eq!(
                said(&docx(&[(name, text.as_bytes())])),
                key,
                "{name} {text}"
            );
        }
        // In another encoding than ours reads, Word would follow it all the same.
        let wide: Vec<u8> = (link("attachedTemplate", "http://x/a.dotm").encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(said(&docx(&[(rels, &wide)])), "intake.refused.broken");
    }

    #[test]
    fn a_bomb_in_a_part_that_nobody_reads_is_refused_too() {
        let zeros = vec![0_u8; 32 << 20];
        let file = docx(&[("word/media/image1.png", &zeros)]);
        assert_eq!(said(&file), "files.archive.bomb");
    }

    fn pdf(more: &str) -> Vec<u8> {
        let objects = [
            format!(
                "<</Type/Catalog/Pages 2 0 R{}>>",
                more.split('|').next().unwrap_or("")
            ),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>".to_owned(),
            more.split('|').nth(1).unwrap_or("<<>>").to_owned(),
        ];
        let mut out = b"%PDF-1.4\n".to_vec();
        let mut places = Vec::new();
        for (n, object) in objects.iter().enumerate() {
            places.push(out.len());
            out.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", n + 1).as_bytes());
        }
        let start = out.len();
        out.extend_from_slice(
            format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes(),
        );
        for place in places {
            out.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes());
        }
        let tail = format!(
            "trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        );
        out.extend_from_slice(tail.as_bytes());
        out
    }

    #[test]
    fn a_pdf_that_runs_something_or_carries_files_is_refused_and_an_honest_one_is_read() {
        for (more, key) in [
            ("", ""),
            ("/OpenAction 4 0 R|<</S/GoTo/D[3 0 R/Fit]>>", ""),
            ("|<</S/URI/URI(https://chinhphu.vn)>>", ""),
            (
                "/OpenAction 4 0 R|<</S/JavaScript/JS(app.alert\\(1\\))>>",
                ACTIVE,
            ),
            ("/OpenAction 4 0 R|<</S/J#61vaScript/J#53(x)>>", ACTIVE),
            ("/AA<</WC 4 0 R>>|<</S/Launch/F(cmd.exe)>>", ACTIVE),
            ("/AcroForm<</XFA(x)>>", ACTIVE),
            ("/Names<</EmbeddedFiles 4 0 R>>|<</Names[]>>", EMBEDDED),
            ("|<</Type/Filespec/F(a.exe)/E#46<</F 4 0 R>>>>", EMBEDDED),
        ] {
            assert_eq!(said(&kept(&pdf(more))), key, "{more}");
        }
        // Where our reader does not look: behind the list of objects.
        let mut hidden = pdf("");
        hidden.extend_from_slice(b"9 0 obj<</S /Launch /F(cmd.exe)>>endobj");
        assert_eq!(said(&kept(&hidden)), ACTIVE);
        // Across two pieces of the reading.
        let mut long = vec![b' '; (1 << 20) - 5];
        long.extend_from_slice(b"/JavaScript (x)");
        let told = look_at_bytes(kept(&long).path());
        assert_eq!(told.unwrap_err().key, ACTIVE);
    }
}
