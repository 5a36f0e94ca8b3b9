//! Text and rows out of files from outside.
//!
//! Pure functions that take a path and give blocks of text (`document`) or sheets of cells
//! (`table`), all NFC, all within limits. They are meant to run inside `files::Worker`,
//! where a crash costs one file; [`register`] adds them there. Not here: what a document or
//! a roster *means* (`citation`, the rooms), books (`books`).
//! Surprise: nothing is ever cut in silence; every limit that was met is a warning.

mod blocks;
pub mod columns;
mod docx;
mod harm;
mod html;
pub mod legacy_text;
mod markdown;
pub mod outline;
mod pdf;
pub mod secrecy;
mod separated;
mod shown;
pub mod table;
mod text;
mod xml;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use blocks::{Block, Extracted, Level, Limits, Warning};
pub use outline::{Node, outline};
pub use table::{Cell, Lost, Sheet, TableLimits, read_table};

use files::{FileKind, JobTrouble, Jobs};

/// Why a file cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {detail}")]
pub struct Trouble {
    /// Key of the translated sentence, `intake.refused.…`.
    pub key: &'static str,
    /// For the log and the import report, in English.
    pub detail: String,
}

impl Trouble {
    pub(crate) fn new(key: &'static str, detail: impl std::fmt::Display) -> Self {
        Trouble {
            key,
            detail: detail.to_string(),
        }
    }
}

impl From<Trouble> for JobTrouble {
    fn from(trouble: Trouble) -> Self {
        JobTrouble::new(trouble.key, trouble.detail)
    }
}

/// Name of the job that answers with an [`Extracted`].
pub const DOCUMENT_JOB: &str = "intake.document";
/// Name of the job that answers with a list of [`Sheet`]s.
pub const TABLE_JOB: &str = "intake.table";

/// Where the sheets lie when [`JobArgs::to_file`] was asked for; [`read_sheets`] reads it.
pub const TABLE_FILE: &str = "tables.json";

/// What both jobs take as arguments, all optional.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct JobArgs {
    /// The name that the file came with; tells Markdown from plain text, nothing else.
    pub name: String,
    /// Limits for documents.
    pub limits: Limits,
    /// Limits for tables.
    pub table_limits: TableLimits,
    /// Tables only: leave the sheets in the output folder as [`TABLE_FILE`] and answer `null`.
    /// For large ones: a million cells as one answer cost both sides ten times their size.
    pub to_file: bool,
}

/// Adds `intake.document` and `intake.table`. Both take [`JobArgs`] as JSON.
pub fn register(jobs: &mut Jobs) {
    jobs.add(DOCUMENT_JOB, |input, _out, args| {
        let args = job_args(args)?;
        let extracted = read_document(input, &args.name, &args.limits)?;
        to_json(&extracted)
    });
    jobs.add(TABLE_JOB, |input, out, args| {
        let args = job_args(args)?;
        let sheets = read_table(input, &args.table_limits)?;
        if args.to_file {
            write_sheets(&out.join(TABLE_FILE), &sheets)?;
            return Ok(serde_json::Value::Null);
        }
        to_json(&sheets)
    });
}

fn write_sheets(path: &Path, sheets: &[Sheet]) -> Result<(), JobTrouble> {
    use std::io::Write as _;
    let bad =
        |e: &dyn std::fmt::Display| JobTrouble::new("intake.refused.bad_answer", e.to_string());
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).map_err(|e| bad(&e))?);
    serde_json::to_writer(&mut out, sheets).map_err(|e| bad(&e))?;
    out.flush().map_err(|e| bad(&e))
}

/// The sheets that a job left in its output folder.
///
/// # Errors
/// The file is not there or was not written by the job.
pub fn read_sheets(out_dir: &Path) -> std::io::Result<Vec<Sheet>> {
    let file = std::fs::File::open(out_dir.join(TABLE_FILE))?;
    Ok(serde_json::from_reader(std::io::BufReader::new(file))?)
}

fn job_args(args: &serde_json::Value) -> Result<JobArgs, JobTrouble> {
    if args.is_null() {
        return Ok(JobArgs::default());
    }
    JobArgs::deserialize(args)
        .map_err(|e| JobTrouble::new("intake.refused.bad_request", e.to_string()))
}

fn to_json(value: &impl Serialize) -> Result<serde_json::Value, JobTrouble> {
    serde_json::to_value(value)
        .map_err(|e| JobTrouble::new("intake.refused.bad_answer", e.to_string()))
}

/// Reads a document of any kind we know: PDF with a text layer, DOCX, HTML, Markdown, text.
/// `hint_name` is the name that it came with; the content decides, the name only tells
/// Markdown from plain text.
///
/// # Errors
/// A kind that we do not read, a broken file, a password.
pub fn read_document(path: &Path, hint_name: &str, limits: &Limits) -> Result<Extracted, Trouble> {
    let kind = FileKind::of_path(path).map_err(|e| Trouble::new("intake.refused.unreadable", e))?;
    let read = match kind {
        FileKind::Pdf => pdf::read(path, limits),
        FileKind::Docx => docx::read(path, limits),
        FileKind::Html => html::read(&bytes_of(path, limits)?, limits),
        FileKind::Text => {
            let name = hint_name.to_lowercase();
            let bytes = bytes_of(path, limits)?;
            if name.ends_with(".md") || name.ends_with(".markdown") {
                markdown::read(&bytes, limits)
            } else {
                text::read(&bytes, limits)
            }
        }
        FileKind::Empty => Err(Trouble::new("intake.refused.empty", "0 bytes")),
        FileKind::OfficeEncrypted => Err(Trouble::new("intake.refused.encrypted", "Office file")),
        FileKind::Doc => Err(Trouble::new("intake.refused.old_word", "save it as DOCX")),
        other => Err(Trouble::new("intake.refused.kind", other.as_str())),
    };
    let mut read = read?;
    if read.warnings.is_empty() && read.plain_text().is_empty() {
        read.warnings.push(Warning {
            key: "intake.warning.no_text".to_owned(),
            detail: String::new(),
        });
    }
    Ok(read)
}

/// The bytes of a file that is read whole, bounded by the limits.
fn bytes_of(path: &Path, limits: &Limits) -> Result<Vec<u8>, Trouble> {
    use std::io::Read;
    let unreadable = |e| Trouble::new("intake.refused.unreadable", e);
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let read = file
        .take(limits.input_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if u64::try_from(read).unwrap_or(u64::MAX) > limits.input_bytes {
        return Err(Trouble::new("intake.refused.too_long", limits.input_bytes));
    }
    Ok(bytes)
}
