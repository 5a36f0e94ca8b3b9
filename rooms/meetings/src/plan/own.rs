//! A paper of one's own: what is taken as one, and what becomes of it before it is kept.
//!
//! It comes from people, so only the child process opens it: a photo is drawn anew, upright, smaller and
//! without where it was taken; of PDF and Word the text is read, because no paper with a secrecy mark may
//! lie in the handbook. The rule that surprises: a PDF that is a picture has no text, so its mark is not
//! seen; the page says that nothing secret is sent. Not here: who may (`access`), the pages (`pages::files`).

use files::FileKind;
use files::sizes::{PHOTO_JOB, Smaller};
use intake::{DOCUMENT_JOB, Extracted, JobArgs};
use kernel::error::{Doing as _, Error, Result};
use serde_json::Value;
use site::Site;
use std::path::Path;

/// A scanned paper of some pages, below what a server takes of itself; larger ones belong among the documents.
pub(crate) const MOST_BYTES: usize = 10 << 20;
/// Points of a photo along its longer side: a page of small print stays readable.
const MOST_POINTS: u32 = 2_000;
/// What is taken.
const KINDS: [FileKind; 5] = [
    FileKind::Pdf,
    FileKind::Docx,
    FileKind::Jpeg,
    FileKind::Png,
    FileKind::Webp,
];

/// A paper fit to be kept.
pub(crate) struct Own {
    /// Its name, with the ending of what it is.
    pub(crate) name: String,
    pub(crate) kind: FileKind,
    pub(crate) bytes: Vec<u8>,
}

/// The kind of that word, if it is one that is taken.
pub(crate) fn kind_of(word: &str) -> Option<FileKind> {
    KINDS.into_iter().find(|kind| kind.as_str() == word)
}

/// Looks a sent file through. The inner error is the key of why it is not taken.
pub(crate) async fn look(
    site: &Site,
    name: &str,
    bytes: Vec<u8>,
) -> Result<std::result::Result<Own, &'static str>> {
    let kind = FileKind::of_bytes(&bytes);
    let is_taken = KINDS.contains(&kind);
    if !is_taken {
        return Ok(Err(match kind {
            FileKind::Empty => "meetings-files-none",
            FileKind::OfficeEncrypted => "meetings-files-locked",
            _ => "meetings-files-kind",
        }));
    }
    let folder = tempfile::tempdir()?;
    let (path, out) = (folder.path().join("sent"), folder.path().join("out"));
    tokio::fs::write(&path, &bytes).await?;
    tokio::fs::create_dir(&out).await?;
    let own = if matches!(kind, FileKind::Pdf | FileKind::Docx) {
        let args = JobArgs {
            name: name.to_owned(),
            ..JobArgs::default()
        };
        let args = serde_json::to_value(args).map_err(Error::fault)?;
        let read: Extracted = match ask(site, DOCUMENT_JOB, &path, &out, args).await? {
            Ok(read) => serde_json::from_value(read).map_err(Error::fault)?,
            Err(key) => return Ok(Err(key)),
        };
        if intake::secrecy::mark(&read.blocks).is_some() {
            return Ok(Err("meetings-files-secret"));
        }
        Own {
            name: ending(name, kind),
            kind,
            bytes,
        }
    } else {
        let made: Smaller = match ask(site, PHOTO_JOB, &path, &out, MOST_POINTS.into()).await? {
            Ok(made) => serde_json::from_value(made).map_err(Error::fault)?,
            Err(key) => return Ok(Err(key)),
        };
        let kind = kind_of(&made.kind).ok_or_else(|| Error::fault(made.kind.clone()))?;
        let drawn = tokio::fs::read(out.join(&made.name)).await;
        Own {
            name: ending(name, kind),
            kind,
            bytes: drawn.doing("reading a photo drawn anew")?,
        }
    };
    Ok(Ok(own))
}

async fn ask(
    site: &Site,
    job: &str,
    path: &Path,
    out: &Path,
    args: Value,
) -> Result<std::result::Result<Value, &'static str>> {
    let refusal = match site.worker.run(job, path, out, args).await {
        Ok(answer) => return Ok(Ok(answer)),
        Err(refusal) => refusal,
    };
    let key = match refusal.key() {
        "files.refused.unavailable" | "files.refused.unknown_job" => {
            return Err(Error::fault(refusal.detail()));
        }
        "intake.refused.encrypted" => "meetings-files-locked",
        "intake.refused.macros" => "meetings-files-macros",
        "intake.refused.outside" => "meetings-files-outside",
        "intake.refused.active" => "meetings-files-active",
        "intake.refused.embedded" => "meetings-files-embedded",
        "files.archive.bomb"
        | "files.archive.too_big"
        | "files.archive.too_many_entries"
        | "files.refused.too_big" => "meetings-files-bomb",
        _ => "meetings-files-broken",
    };
    tracing::info!(
        detail = refusal.detail(),
        "a paper of a meeting was not taken"
    );
    Ok(Err(key))
}

/// The name with the ending of what the file is: a reader's program goes by it.
fn ending(name: &str, kind: FileKind) -> String {
    let (own, also): (&str, &[&str]) = match kind {
        FileKind::Pdf => ("pdf", &[]),
        FileKind::Docx => ("docx", &[]),
        FileKind::Png => ("png", &[]),
        _ => ("jpg", &["jpeg"]),
    };
    let (stem, said) = name.rsplit_once('.').unwrap_or((name, ""));
    let said = said.to_lowercase();
    if said == own || also.contains(&said.as_str()) {
        return name.to_owned();
    }
    // What stands behind a full stop may be a word of the name.
    let is_ending = said.len() <= 4 && said.chars().all(|c| c.is_ascii_alphanumeric());
    let stem = if is_ending { stem } else { name };
    format!("{stem}.{own}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_in_what_the_file_is() {
        for (sent, kind, name) in [
            ("Đơn.pdf", FileKind::Pdf, "Đơn.pdf"),
            ("Đơn.PDF", FileKind::Pdf, "Đơn.PDF"),
            ("Đơn.exe", FileKind::Pdf, "Đơn.pdf"),
            ("ảnh.webp", FileKind::Jpeg, "ảnh.jpg"),
            ("ảnh.jpeg", FileKind::Jpeg, "ảnh.jpeg"),
            ("tep", FileKind::Png, "tep.png"),
            (
                "Kế hoạch tuần 3. Phân công",
                FileKind::Docx,
                "Kế hoạch tuần 3. Phân công.docx",
            ),
        ] {
            assert_eq!(ending(sent, kind), name);
        }
    }
}
