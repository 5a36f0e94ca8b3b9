//! The press: our template and one paper's data in, PDF out. The only module that names the typesetter.
//!
//! The world that a template sees holds three files of ours, one `paper.json` and four faces; there is no
//! network, no package, no folder, and "today" is the moment that was handed in. Surprising rules: the
//! typesetter remembers what it computed for the whole process, so its memory is emptied after each paper
//! (also because papers are nobody else's business); what it warns of counts as an error, since a warning means
//! that a paper looks otherwise than planned.

use crate::{Error, Result, fonts, text};
use kernel::Moment;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// What every PDF of ours conforms to; the library refuses to write one that does not.
pub const STANDARDS: &str = "PDF/A-2a, PDF/UA-1";

/// Most bytes of text in one paper.
const MOST_TEXT_BYTES: usize = 4 << 20;

/// Minutes that Vietnam's clocks are ahead of UTC.
const ZONE_MINUTES: i32 = 7 * 60;

/// A finished PDF.
#[derive(Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many pages it has.
    pub pages: usize,
    /// Letters that no font of ours has: an empty box stands for them. The page that prints should say so.
    pub unprintable: Vec<char>,
}

impl std::fmt::Debug for Pdf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pdf")
            .field("bytes", &self.bytes.len())
            .field("pages", &self.pages)
            .field("unprintable", &self.unprintable)
            .finish()
    }
}

/// Which template to set.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Template {
    /// An official paper.
    Official,
    /// A roll to sign.
    Roll,
}

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// The files of ours, by name.
struct Files {
    common: Source,
    official: Source,
    roll: Source,
    paper: FileId,
}

// The names are constants of ours, so a wrong one is met by every test.
static FILES: LazyLock<std::result::Result<Files, String>> = LazyLock::new(|| {
    let id = |name: &str| {
        VirtualPath::new(name)
            .map(|path| RootedPath::new(VirtualRoot::Project, path).intern())
            .map_err(|error| format!("{name}: {error}"))
    };
    let source = |name: &str, text: &str| Ok::<_, String>(Source::new(id(name)?, text.to_owned()));
    Ok(Files {
        common: source("common.typ", include_str!("../template/common.typ"))?,
        official: source("official.typ", include_str!("../template/official.typ"))?,
        roll: source("roll.typ", include_str!("../template/roll.typ"))?,
        paper: id("paper.json")?,
    })
});

/// All that a template can see.
struct Room<'a> {
    files: &'a Files,
    template: Template,
    paper: Bytes,
    today: Option<Datetime>,
}

impl World for Room<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &fonts::BOOK
    }
    fn main(&self) -> FileId {
        match self.template {
            Template::Official => self.files.official.id(),
            Template::Roll => self.files.roll.id(),
        }
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        [&self.files.common, &self.files.official, &self.files.roll]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.files.paper {
            Ok(self.paper.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }
    fn font(&self, index: usize) -> Option<Font> {
        fonts::FONTS.get(index).cloned()
    }
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

/// The moment as Vietnam's clocks show it.
fn local(moment: Moment) -> Option<Datetime> {
    let day = moment.day();
    let (hour, minute) = moment.hour_minute();
    let second = (moment.0.div_euclid(1000)).rem_euclid(60);
    Datetime::from_ymd_hms(
        i32::from(day.year()),
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
        hour,
        minute,
        u8::try_from(second).ok()?,
    )
}

/// Makes every text in the paper printable; counts its bytes.
fn clean(value: &mut serde_json::Value, bytes: &mut usize, unprintable: &mut BTreeSet<char>) {
    match value {
        serde_json::Value::String(held) => {
            *bytes += held.len();
            *held = text::printable(held, unprintable);
        }
        serde_json::Value::Array(held) => {
            for one in held {
                clean(one, bytes, unprintable);
            }
        }
        // The names of fields are ours.
        serde_json::Value::Object(held) => {
            for one in held.values_mut() {
                clean(one, bytes, unprintable);
            }
        }
        _ => {}
    }
}

fn said(diagnostics: &[SourceDiagnostic]) -> String {
    diagnostics
        .iter()
        .map(|one| {
            let hints: Vec<&str> = one.hints.iter().map(|hint| hint.v.as_str()).collect();
            format!("{} {}", one.message, hints.join(" "))
        })
        .collect::<Vec<_>>()
        .join("; ")
}

/// Sets a paper and writes it as PDF.
pub(crate) fn run(template: Template, paper: &impl Serialize, moment: Moment) -> Result<Pdf> {
    let mut paper =
        serde_json::to_value(paper).map_err(|error| Error::Typeset(error.to_string()))?;
    let mut bytes = 0;
    let mut unprintable = BTreeSet::new();
    clean(&mut paper, &mut bytes, &mut unprintable);
    if bytes > MOST_TEXT_BYTES {
        return Err(Error::TooMuch {
            what: "text",
            count: bytes,
            most: MOST_TEXT_BYTES,
        });
    }
    let today = local(moment);
    let room = Room {
        files: FILES
            .as_ref()
            .map_err(|error| Error::Typeset(error.clone()))?,
        template,
        paper: Bytes::new(paper.to_string().into_bytes()),
        today,
    };
    let made = set(&room, today);
    // Results of this paper are of no use to the next one.
    comemo::evict(0);
    let (bytes, pages) = made?;
    Ok(Pdf {
        bytes,
        pages,
        unprintable: unprintable.into_iter().collect(),
    })
}

fn set(room: &Room<'_>, today: Option<Datetime>) -> Result<(Vec<u8>, usize)> {
    let done = typst::compile::<PagedDocument>(room);
    let document = done
        .output
        .map_err(|errors| Error::Typeset(said(&errors)))?;
    if !done.warnings.is_empty() {
        return Err(Error::Typeset(said(&done.warnings)));
    }
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|error| Error::Pdf(error.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Auto,
        creator: Smart::Custom(Some("Sổ tay".to_owned())),
        timestamp: today.and_then(|at| Timestamp::new_local(at, ZONE_MINUTES)),
        page_ranges: None,
        standards,
        tagged: true,
        pretty: false,
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(|errors| Error::Pdf(said(&errors)))?;
    Ok((bytes, document.pages().len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_reaches_our_files_and_no_other() {
        let room = Room {
            files: FILES.as_ref().unwrap(),
            template: Template::Official,
            paper: Bytes::new(b"{}".to_vec()),
            today: None,
        };
        let id = |name: &str| {
            RootedPath::new(VirtualRoot::Project, VirtualPath::new(name).unwrap()).intern()
        };
        assert!(room.file(id("paper.json")).is_ok());
        assert!(room.source(id("common.typ")).is_ok());
        for name in [
            "etc/passwd",
            "Cargo.toml",
            "template/common.typ",
            "roll.json",
        ] {
            assert_eq!(room.file(id(name)), Err(FileError::AccessDenied), "{name}");
            assert!(room.source(id(name)).is_err(), "{name}");
        }
    }
}
