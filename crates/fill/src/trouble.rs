//! Why a template is not taken, or not filled.
//!
//! Each kind has a key for the sentence that a person reads; the rooms own the sentences. Not
//! here: what is odd but does not stop the filling (`report::Oddity`).

/// Why a template is not taken, or not filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Not an archive, or a broken one.
    #[error("broken archive: {0}")]
    Broken(String),
    /// A DOC or XLS of old, or a file behind a password: both look alike from outside.
    #[error("an old or locked office file")]
    OldOrLocked,
    /// An archive, but neither DOCX nor XLSX.
    #[error("neither DOCX nor XLSX: {0}")]
    WrongKind(String),
    /// The file can carry macros (DOCM, XLSM, or a part of that kind inside).
    #[error("macros: {0}")]
    Macros(String),
    /// Something that opening the paper would fetch from elsewhere, or a command.
    #[error("{part} reaches for {target}")]
    ExternalLink {
        /// The part that says so.
        part: String,
        /// What it reaches for.
        target: String,
    },
    /// More entries, bytes or elements than allowed.
    #[error("{0} is too big")]
    TooBig(String),
    /// Packed too well to be honest.
    #[error("{0} inflates too far")]
    Bomb(String),
    /// A name in the archive that leads outside, or stands twice.
    #[error("unsafe name {0:?}")]
    UnsafeName(String),
    /// A part declares entities of its own.
    #[error("{0} declares a document type")]
    DocumentType(String),
    /// A part is not well-formed, or not in UTF-8.
    #[error("{part} is not well-formed at byte {at}")]
    BrokenXml {
        /// The part.
        part: String,
        /// Where, in bytes from its start.
        at: usize,
    },
    /// One row names two lists of the data.
    #[error("one row names the lists {one:?} and {other:?}")]
    TwoLists {
        /// One list.
        one: String,
        /// The other.
        other: String,
    },
    /// A repeated row inside a repeated row.
    #[error("the rows of {0:?} stand inside a repeated row")]
    NestedRows(String),
    /// Fields that overlap, such as a control half inside another.
    #[error("fields overlap in {0}")]
    Tangled(String),
    /// Rows of this sheet cannot move, because something on it would not follow.
    #[error("rows of {sheet:?} cannot move: {why}")]
    CannotMove {
        /// The sheet.
        sheet: String,
        /// `merge`, `comments`, `pivot`, `control`, `data_table` or `array`.
        why: &'static str,
    },
    /// More than a spreadsheet cell can hold (32,767 characters).
    #[error("{cell} of {sheet:?} would be too long")]
    TooLong {
        /// The sheet.
        sheet: String,
        /// The cell, such as `B7`.
        cell: String,
    },
}

impl Trouble {
    /// Key of the translated sentence.
    pub fn key(&self) -> &'static str {
        match self {
            Trouble::Broken(_) => "fill.refused.broken",
            Trouble::OldOrLocked => "fill.refused.old_or_locked",
            Trouble::WrongKind(_) => "fill.refused.kind",
            Trouble::Macros(_) => "fill.refused.macros",
            Trouble::ExternalLink { .. } => "fill.refused.external_link",
            Trouble::TooBig(_) => "fill.refused.too_big",
            Trouble::Bomb(_) => "fill.refused.bomb",
            Trouble::UnsafeName(_) => "fill.refused.unsafe_name",
            Trouble::DocumentType(_) => "fill.refused.document_type",
            Trouble::BrokenXml { .. } => "fill.refused.broken_xml",
            Trouble::TwoLists { .. } => "fill.refused.two_lists",
            Trouble::NestedRows(_) => "fill.refused.nested_rows",
            Trouble::Tangled(_) => "fill.refused.tangled",
            Trouble::CannotMove { .. } => "fill.refused.cannot_move",
            Trouble::TooLong { .. } => "fill.refused.too_long",
        }
    }
}
