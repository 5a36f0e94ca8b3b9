//! What a book is once it has been opened: plain data, ready to be stored.
//!
//! Not here: how it is read (`open`), how a section becomes a page (`render`).
//! Sections correspond one to one to the spine, unreadable ones included (empty), because
//! the first step of an EPUB CFI counts spine items.

use serde::{Deserialize, Serialize};

/// Names a resource within its book: `r` and a number, stable for the same file.
pub type ResourceId = String;

/// An opened book.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    /// The package's unique identifier (ISBN, UUID, address), as written; may be empty.
    pub identifier: String,
    /// Main title, NFC; never empty (the file name's stem when the book names none).
    pub title: String,
    /// Subtitle, where the book marks one.
    pub subtitle: Option<String>,
    /// Authors, editors, translators, in the book's order.
    pub creators: Vec<Creator>,
    /// Publisher.
    pub publisher: Option<String>,
    /// Language tag as declared; often wrong in the field.
    pub language: Option<String>,
    /// Language told by the letters themselves; only `vi` is recognised.
    pub detected_language: Option<String>,
    /// Date of publication as written.
    pub published: Option<String>,
    /// Description as plain text.
    pub description: Option<String>,
    /// Subjects.
    pub subjects: Vec<String>,
    /// Statement of rights.
    pub rights: Option<String>,
    /// Source of the text, such as the printed edition.
    pub source: Option<String>,
    /// The picture that serves as cover; draw one with [`crate::cover::draw`] when absent.
    pub cover: Option<ResourceId>,
    /// One for each spine item, in reading order.
    pub sections: Vec<Section>,
    /// Table of contents, flat with levels; never empty.
    pub contents: Vec<TocEntry>,
    /// Page breaks of the printed edition, where the book has them.
    pub page_list: Vec<PageEntry>,
    /// What the book says about accessibility.
    pub accessibility: Accessibility,
    /// Every file of the book but its sections and structure.
    pub resources: Vec<Resource>,
    /// Reflowable or fixed pages.
    pub layout: Layout,
    /// Direction of page turns.
    pub direction: Direction,
    /// Major version of EPUB: 2 or 3.
    pub version: u8,
    /// Words of all sections. Vietnamese counts syllables, as every counter there does.
    pub words: u64,
    /// Characters of the plain text (NFC), without white space.
    pub characters: u64,
    /// Flaws that did not stop us.
    pub warnings: Vec<Warning>,
}

/// A person or body that made the book.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creator {
    /// Name as displayed, NFC.
    pub name: String,
    /// MARC relator code such as `aut`, `edt`, `trl`, where given.
    pub role: Option<String>,
    /// Form for sorting, where given.
    pub sort: Option<String>,
}

/// One spine item, cleaned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Path inside the archive.
    pub href: String,
    /// From the table of contents, the first heading or the document's title.
    pub title: Option<String>,
    /// False for notes and the like that stand outside the reading order.
    pub linear: bool,
    /// Children of `body`, cleaned; at once well-formed XML and HTML. Links, pictures and
    /// ids stand as `{…}` placeholders: pass it through [`crate::render()`] before showing it.
    pub html: String,
    /// Plain text in NFC for search and reading time; blocks on their own lines.
    pub text: String,
    /// Words of the text.
    pub words: u64,
    /// Ids in the section, in order, as links may name them.
    pub anchors: Vec<String>,
    /// Language of the body where it is declared.
    pub language: Option<String>,
    /// Text direction of the body (`ltr`, `rtl`) where it is declared.
    pub direction: Option<String>,
}

/// A line of the table of contents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TocEntry {
    /// Text of the line, NFC.
    pub title: String,
    /// Index into [`Book::sections`]; absent for a heading that leads nowhere.
    pub section: Option<usize>,
    /// Place within the section.
    pub fragment: Option<String>,
    /// Depth, from 1.
    pub level: u8,
}

/// A page break of the printed edition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageEntry {
    /// Page number as printed.
    pub label: String,
    /// Index into [`Book::sections`].
    pub section: usize,
    /// Place within the section.
    pub fragment: Option<String>,
}

/// Accessibility metadata (schema.org terms, EPUB Accessibility 1.1), as declared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accessibility {
    /// `schema:accessMode`: textual, visual, auditory.
    pub modes: Vec<String>,
    /// `schema:accessModeSufficient`, each a list joined by commas.
    pub sufficient: Vec<String>,
    /// `schema:accessibilityFeature`.
    pub features: Vec<String>,
    /// `schema:accessibilityHazard`.
    pub hazards: Vec<String>,
    /// `schema:accessibilitySummary`.
    pub summary: Option<String>,
    /// `dcterms:conformsTo`.
    pub conforms_to: Vec<String>,
    /// `a11y:certifiedBy`.
    pub certified_by: Option<String>,
}

/// A file inside the book.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Name used in placeholders.
    pub id: ResourceId,
    /// Path inside the archive.
    pub href: String,
    /// Type found in the bytes for pictures, else the declared one.
    pub media_type: String,
    /// Size as kept (after cleaning, for SVG).
    pub bytes: u64,
    /// SHA-256 of the bytes as kept, lower-case hex.
    pub sha256: String,
    /// File name in the output folder; absent after [`crate::open`], which writes nothing.
    pub path: Option<String>,
    /// True for pictures that a page may show: real PNG, JPEG, GIF, WebP, and cleaned SVG.
    /// Fonts, styles, sound, film and everything unknown are kept but not served.
    pub served: bool,
}

/// How pages are laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Text flows into the window.
    #[default]
    Reflowable,
    /// Each section is one page of fixed size.
    Fixed,
}

/// Direction of page turns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Not said.
    #[default]
    Default,
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

/// A flaw that did not stop us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What kind, such as `section.not_well_formed`; a translation key below `books.warning.`.
    pub key: String,
    /// Where, in English or as a path.
    pub detail: String,
}
