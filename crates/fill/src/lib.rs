//! Fills the DOCX and XLSX files that an office supplies, in place.
//!
//! Bytes in, bytes out: [`Template::open`] checks a file and finds its fields, [`Template::fill`]
//! puts values in and tells what it did. Not here: papers of our own making (`print`), reading
//! texts out of files (`intake`), storage. Surprise: nothing is parsed into a tree and written
//! again; the bytes where a field stood are spliced, and every other part is copied as packed.

mod book;
mod data;
mod formula;
mod job;
mod moves;
mod name;
mod package;
mod report;
mod runs;
mod sheet;
mod trouble;
mod values;
mod word;
mod xml;

use std::collections::BTreeSet;

pub use data::{Data, Record, Value};
pub use job::{Asked, FILLED, JOB, Told, register};
pub use name::{Name, key};
pub use package::Limits;
pub use report::{Area, Field, Oddity, Place, Report, Written};
pub use trouble::Trouble;

/// What a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Kind {
    /// A Word document (DOCX).
    Document,
    /// A spreadsheet (XLSX).
    Spreadsheet,
}

/// How to fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Options {
    /// The row of an empty list stays, emptied, instead of going.
    pub keep_empty_rows: bool,
    /// Fields that the data does not know become nothing, instead of staying as they stand.
    pub blank_unknown: bool,
}

/// A filled file, and what was done.
#[derive(Debug, Clone)]
pub struct Filled {
    /// The file.
    pub bytes: Vec<u8>,
    /// What was filled, and what was not.
    pub report: Report,
}

/// A file that was checked and can be filled any number of times.
#[derive(Debug)]
pub struct Template {
    package: package::Package,
    inner: Inner,
    fields: Vec<Field>,
}

#[derive(Debug)]
enum Inner {
    Document(word::Document),
    Spreadsheet(Box<book::Book>),
}

impl Template {
    /// Checks a file and finds its fields.
    ///
    /// # Errors
    /// Whatever is not a DOCX or XLSX, is broken, or could harm who opens it: see [`Trouble`].
    pub fn open(bytes: Vec<u8>, limits: Limits) -> Result<Template, Trouble> {
        let package = package::Package::open(bytes, limits)?;
        let is = |ending: &str| !package.of_kind(ending).is_empty();
        let inner = if is("wordprocessingml.document.main+xml") {
            Inner::Document(word::Document::read(&package)?)
        } else if is("spreadsheetml.sheet.main+xml") {
            Inner::Spreadsheet(Box::new(book::Book::read(&package)?))
        } else {
            let what = if is("template.main+xml") {
                "a DOTX or XLTX"
            } else {
                "another archive"
            };
            return Err(Trouble::WrongKind(what.to_owned()));
        };
        let fields = match &inner {
            Inner::Document(document) => document.fields(),
            Inner::Spreadsheet(book) => book.fields(),
        };
        Ok(Template {
            package,
            inner,
            fields,
        })
    }

    /// What the template is.
    pub fn kind(&self) -> Kind {
        match self.inner {
            Inner::Document(_) => Kind::Document,
            Inner::Spreadsheet(_) => Kind::Spreadsheet,
        }
    }

    /// The fields, in the order in which they stand.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// What a person should look at before the template is used.
    pub fn odd(&self) -> &[Oddity] {
        match &self.inner {
            Inner::Document(document) => &document.odd,
            Inner::Spreadsheet(book) => &book.odd,
        }
    }

    /// Fills the template.
    ///
    /// # Errors
    /// Rows that cannot move, a text too long for its cell, a result past the limits.
    pub fn fill(&self, data: &Data, options: &Options) -> Result<Filled, Trouble> {
        let mut report = Report {
            odd: self.odd().to_vec(),
            ..Report::default()
        };
        values::compare(&self.fields, data, &mut report);
        let most = self.package.limits.total_bytes;
        let (changed, dropped) = match &self.inner {
            Inner::Document(document) => (
                document.fill(data, options, most, &mut report)?,
                BTreeSet::new(),
            ),
            Inner::Spreadsheet(book) => book.fill(&self.package, data, options, &mut report)?,
        };
        let bytes = self.package.write(&changed, &dropped)?;
        Ok(Filled { bytes, report })
    }
}

/// The fields of a file, for a page that shows them.
///
/// # Errors
/// As [`Template::open`].
pub fn fields(bytes: Vec<u8>) -> Result<Vec<Field>, Trouble> {
    Ok(Template::open(bytes, Limits::default())?.fields)
}
