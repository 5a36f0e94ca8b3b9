//! Being written.
use std::path::Path;
use crate::{Book, Limits, Refused};
/// Opens without writing.
///
/// # Errors
/// See [`Refused`].
pub fn open(path: &Path, limits: &Limits) -> Result<Book, Refused> { read(path, None, limits) }
/// Opens and writes resources into `out_dir`.
///
/// # Errors
/// See [`Refused`].
pub fn unpack(path: &Path, out_dir: &Path, limits: &Limits) -> Result<Book, Refused> { read(path, Some(out_dir), limits) }
fn read(path: &Path, _out: Option<&Path>, limits: &Limits) -> Result<Book, Refused> {
    let mut warnings = Vec::new();
    crate::archive::Archive::open(path, limits, &mut warnings)?;
    Err(Refused::NothingToRead)
}
/// Adds the job `books.open`: unpacks `input` into `out_dir` and returns the [`Book`] as JSON.
pub fn register(jobs: &mut files::Jobs) {
    jobs.add("books.open", |input, out, _| {
        let book = unpack(input, out, &Limits::default()).map_err(|r| files::JobTrouble::new(r.key(), r.to_string()))?;
        serde_json::to_value(book).map_err(|e| files::JobTrouble::new("books.refused.unreadable", e.to_string()))
    });
}
