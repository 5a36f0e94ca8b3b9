//! The form of an importer: choose files, say how, send. Works as one ordinary form; with a script the
//! files go in pieces (`pieces`), so that a lost line costs little.
//!
//! The rule that surprises: the token is the first part and is checked before a byte of a file is kept.

use super::{add, checks, is_accepted, place_of, settable};
use crate::access::{CanSend, can_send};
use crate::store;
use crate::upload::{Promised, UploadId};
use askama::Template;
use axum::extract::{RawPathParams, State};
use axum::response::IntoResponse as _;
use files::Piece;
use files::inbox::name_of;
use kernel::Moment;
use kernel::error::{Error, Refusal, Result};
use site::room::importer::ImportFieldKind;
use site::room::{ImportColumn, Importer};
use site::{May as _, Site};
use std::collections::BTreeMap;
use web::parcel::{Parcel, Part, Sealed, WayBack};
use web::{Answer, FormState, Frame, Member, see_other};

/// A field of the form.
struct Field_ {
    name: &'static str,
    label: String,
    /// `tick`, `text`, `choice`.
    kind: &'static str,
    options: Vec<(&'static str, String)>,
}

/// A line of one's earlier uploads.
pub(crate) struct Earlier {
    pub(crate) to: String,
    pub(crate) title: String,
    pub(crate) day: String,
    pub(crate) state: &'static str,
    pub(crate) word: String,
}

#[derive(Template)]
#[template(path = "uploads/form.html")]
struct Page {
    frame: Frame,
    form: FormState,
    heading: String,
    place: String,
    back: String,
    hint: String,
    accept: &'static str,
    is_many: bool,
    files_key: &'static str,
    most_mb: i64,
    importer: &'static str,
    param: String,
    fields: Vec<Field_>,
    /// The columns of the table that is read; empty where none is.
    columns: Vec<ImportColumn>,
    /// The ending of the sample file; empty where there is none.
    sample_ending: &'static str,
    earlier: Vec<Earlier>,
}

/// How many earlier uploads the form lists.
const EARLIER: usize = 5;

async fn draw(
    site: &Site,
    frame: &Frame,
    who: &Member,
    importer: &Importer,
    param: String,
    may: &CanSend,
    form: FormState,
) -> Answer {
    let fields = importer
        .fields
        .iter()
        .filter(|field| !field.text.is_empty())
        .filter_map(|field| {
            let (kind, options) = match field.kind {
                ImportFieldKind::Tick => ("tick", Vec::new()),
                ImportFieldKind::Text { .. } => ("text", Vec::new()),
                ImportFieldKind::OneOf(words) => (
                    "choice",
                    words
                        .iter()
                        .map(|(word, label)| (*word, frame.t(label)))
                        .collect(),
                ),
                ImportFieldKind::File => return None,
            };
            Some(Field_ {
                name: field.name,
                label: frame.t(field.text),
                kind,
                options,
            })
        })
        .collect();
    let own = store::list_own(&site.db, &who.actor.member, 100).await?;
    let earlier = own
        .iter()
        .filter(|upload| upload.importer == importer.name && upload.place == param)
        .take(EARLIER)
        .map(|upload| super::list::line(frame, upload))
        .collect();
    let status = form.status();
    frame.html_status(
        status,
        &Page {
            frame: frame.clone(),
            heading: frame.t(importer.text),
            place: may.place.name.clone(),
            back: may.place.back.clone(),
            hint: frame.t(importer.hint),
            accept: importer.accept,
            is_many: importer.is_many,
            files_key: if importer.is_many {
                "uploads-files"
            } else {
                "uploads-file"
            },
            most_mb: i64::try_from(site.inbox.most_bytes() >> 20).unwrap_or(i64::MAX),
            importer: importer.name,
            param,
            fields,
            sample_ending: match (importer.example, importer.table) {
                (Some((ending, _, _)), _) => ending,
                (None, Some(_)) => "xlsx",
                (None, None) => "",
            },
            columns: importer.table.map_or_else(Vec::new, |table| table()),
            earlier,
            form,
        },
    )
}

pub(crate) async fn get(
    importer: Importer,
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    params: RawPathParams,
) -> Answer {
    let param = place_of(&params);
    let may = can_send(&site, &who, &importer, &param).await?;
    let mut form = FormState::new();
    for field in importer.fields {
        if let ImportFieldKind::OneOf([(first, _), ..]) = field.kind {
            form = form.with(field.name, *first);
        }
    }
    draw(&site, &frame, &who, &importer, param, &may, form).await
}

/// What a form brought: its words, and the files that lie in the inbox now.
struct Sent {
    words: BTreeMap<String, String>,
    files: Vec<Promised>,
    is_odd: Option<String>,
}

/// Reads the form; files go straight to the inbox under the number of the upload to be.
async fn read(
    site: &Site,
    importer: &Importer,
    id: &UploadId,
    mut parcel: Parcel,
    back: &str,
) -> Result<Sent> {
    let mut sent = Sent {
        words: BTreeMap::new(),
        files: Vec::new(),
        is_odd: None,
    };
    while let Some(part) = parcel.next().await? {
        let name = part.name().to_owned();
        match part.file_name().map(name_of) {
            None => {
                if sent.words.len() > 50 {
                    return Err(Refusal::new("web-form-too-big").status(413).into());
                }
                sent.words.insert(name, part.word().await?);
            }
            // A field without a chosen file comes as an empty file without a name.
            Some(_) if part.file_name() == Some("") => {}
            Some(file) => {
                if !is_accepted(importer, &file) {
                    sent.is_odd = Some(file);
                    continue;
                }
                // Before anything is kept: each further file costs a look through the others.
                let most = if importer.is_many {
                    super::MOST_FILES
                } else {
                    1
                };
                if sent.files.len() >= most {
                    return Err(super::too_many(most, back));
                }
                // Two files of one name: the second gets a number.
                let file = (1..)
                    .map(|nth| {
                        if nth == 1 {
                            file.clone()
                        } else {
                            format!("{nth}-{file}")
                        }
                    })
                    .find(|name| sent.files.iter().all(|held| held.name != *name))
                    .unwrap_or(file);
                let bytes = keep(site, id, &file, part).await?;
                sent.files.push(Promised { name: file, bytes });
            }
        }
    }
    Ok(sent)
}

async fn keep(site: &Site, id: &UploadId, file: &str, mut part: Part<'_>) -> Result<u64> {
    let mut at = 0;
    while let Some(chunk) = part.chunk().await? {
        match (site.inbox.add(id.as_str(), file, at, chunk.as_ref())).await? {
            Piece::Taken(size) => at = size,
            Piece::GoOnAt(_) => return Err(Error::fault("a new file that is not empty")),
            Piece::TooBig => return Err(part.too_big()),
        }
    }
    Ok(at)
}

pub(crate) async fn post(
    importer: Importer,
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    params: RawPathParams,
    sealed: Sealed,
) -> Answer {
    let param = place_of(&params);
    let may = can_send(&site, &who, &importer, &param).await?;
    let back = WayBack {
        to: frame.path().to_owned(),
        label: "uploads-back",
        too_big: "uploads-refused-big",
    };
    let parcel = sealed.open(&frame, back).await?;
    // The files are read before there is a row: a form that breaks off leaves none, and neither does
    // somebody who leaves while they are read.
    let folder = UploadId::fresh(&site.clock, &site.dice);
    let _swept = Swept(site.inbox.folder(folder.as_str()));
    let read = read(&site, &importer, &folder, parcel, frame.path()).await;
    let sent = match read {
        Ok(sent) => sent,
        Err(error) => {
            site.inbox.remove(folder.as_str()).await?;
            return Err(error.into());
        }
    };
    let trouble = match (&sent.is_odd, sent.files.as_slice()) {
        // One of several: the others are taken, and it is said.
        (Some(_), [_, ..]) if importer.is_many => None,
        (Some(name), _) => Some(
            web::FieldTrouble::of("uploads-file-odd")
                .arg("name", name)
                .arg("accept", importer.accept.replace(',', ", ")),
        ),
        (None, []) => Some("uploads-file-none".into()),
        (None, files) if files.iter().all(|file| file.bytes == 0) => {
            Some("uploads-file-empty".into())
        }
        _ => None,
    };
    let mut form = FormState::typed(sent.words.clone().into_iter().collect());
    super::fit(&importer, &mut form);
    if let Some(trouble) = trouble {
        form.fail("files", trouble);
    }
    if !form.is_good() {
        site.inbox.remove(folder.as_str()).await?;
        return draw(&site, &frame, &who, &importer, param, &may, form).await;
    }
    let set = settable(&importer, |name| sent.words.get(name).cloned());
    let done = async {
        let mut act = may.begin(&site, &frame, "upload.send").await?;
        let id = add(&mut act, &importer, &param, frame.lang(), set, &sent.files).await?;
        tokio::fs::rename(
            site.inbox.folder(folder.as_str()),
            site.inbox.folder(id.as_str()),
        )
        .await?;
        checks(&mut act, &id, &sent.files).await?;
        act.line().object("upload", &id);
        act.end().await?;
        Ok::<UploadId, Error>(id)
    }
    .await;
    let id = match done {
        Ok(id) => id,
        Err(error) => {
            site.inbox.remove(folder.as_str()).await?;
            return Err(error.into());
        }
    };
    site.wake.now();
    let to = see_other(format!("/uploads/{id}"));
    Ok(match sent.is_odd {
        Some(name) => to.flash("uploads-left-odd").arg("name", &name),
        None => to,
    }
    .into_response())
}

/// A folder that goes when the request that filled it goes, whatever ended it. What was taken over was
/// renamed before.
struct Swept(std::path::PathBuf);
impl Drop for Swept {
    fn drop(&mut self) {
        if let Err(cause) = std::fs::remove_dir_all(&self.0)
            && cause.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%cause, "an abandoned upload stays until it is tidied");
        }
    }
}

/// When an upload was made, for lists.
pub(crate) fn day(moment: i64) -> String {
    Moment(moment).day().vn()
}
