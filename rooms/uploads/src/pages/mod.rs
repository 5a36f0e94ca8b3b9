//! What a person sees of uploads.

pub(crate) mod acts;
pub(crate) mod decide;
pub(crate) mod form;
pub(crate) mod list;
pub(crate) mod pieces;
pub(crate) mod sample;
pub(crate) mod show;

use crate::access::{self, CanSend, Sender};
use crate::store;
use crate::upload::{Doing, LANG, Promised, Stands, UploadId};
use axum::extract::RawPathParams;
use kernel::error::{Error, Refusal, Result};
use site::room::Importer;
use site::room::importer::ImportFieldKind;
use site::{Act, Site};
use std::collections::BTreeMap;
use web::{FormState, Lang};

/// Uploads that one person may have open. No source; enough for an evening, little enough for a disk.
const MOST_OPEN: i64 = 20;
/// Files of one upload.
const MOST_FILES: usize = 200;
/// The tick that importers know for taking the good rows of a file that has bad ones.
pub(crate) const SKIP_BAD: &str = "skip_bad";

/// The parameter of an importer's route; empty when it has none.
pub(crate) fn place_of(params: &RawPathParams) -> String {
    let mut all = params.iter();
    all.next()
        .map_or_else(String::new, |(_, value)| value.to_owned())
}

/// What may be set on the form, of what was sent: never a path, never a word that is not offered.
pub(crate) fn settable(
    importer: &Importer,
    sent: impl Fn(&str) -> Option<String>,
) -> BTreeMap<String, String> {
    let mut set = BTreeMap::new();
    for field in importer
        .fields
        .iter()
        .filter(|field| !field.text.is_empty())
    {
        let Some(value) = sent(field.name).filter(|value| !value.is_empty()) else {
            continue;
        };
        let value = match field.kind {
            ImportFieldKind::File => continue,
            ImportFieldKind::Tick => (value == "yes").then(|| "yes".to_owned()),
            ImportFieldKind::OneOf(words) => {
                let is_offered = words.iter().any(|(word, _)| *word == value);
                is_offered.then_some(value)
            }
            ImportFieldKind::Text { .. } => Some(value),
        };
        if let Some(value) = value {
            set.insert(field.name.to_owned(), value);
        }
    }
    set
}

/// Letters of a line that is typed beside the files.
pub(crate) const TEXT_MOST: usize = 200;

/// Tells of typed lines that are longer than is kept.
pub(crate) fn fit(importer: &Importer, form: &mut FormState) {
    for field in importer.fields {
        if matches!(field.kind, ImportFieldKind::Text { .. }) {
            form.fit(field.name, TEXT_MOST);
        }
    }
}

/// Letters of the first typed line that is longer than is kept.
pub(crate) fn too_long(importer: &Importer, pairs: &[(String, String)]) -> Option<usize> {
    let mut form = FormState::typed(pairs.to_vec());
    fit(importer, &mut form);
    let bad = importer.fields.iter().find(|field| form.is_bad(field.name));
    bad.map(|field| form.value(field.name).trim().chars().count())
}

/// Whether the file's name has one of the importer's endings.
pub(crate) fn is_accepted(importer: &Importer, name: &str) -> bool {
    let name = name.to_lowercase();
    importer
        .accept
        .split(',')
        .any(|ending| name.ends_with(ending))
}

/// A new upload of these files, still to come.
pub(crate) async fn add(
    act: &mut Act<CanSend>,
    importer: &Importer,
    place: &str,
    lang: Lang,
    mut set: BTreeMap<String, String>,
    files: &[Promised],
) -> Result<UploadId> {
    let site = act.site().clone();
    let back = act.place.back.clone();
    if let Some(owner) = act.right().actor().cloned()
        && store::count_open(act.on(), &owner).await? >= MOST_OPEN
    {
        return Err(Refusal::new("uploads-refused-many")
            .arg("most", MOST_OPEN)
            .way_out("/uploads", "uploads-see-all")
            .into());
    }
    if files.len() > MOST_FILES || (files.len() > 1 && !importer.is_many) {
        return Err(too_many(
            if importer.is_many { MOST_FILES } else { 1 },
            &back,
        ));
    }
    // What the place sets cannot be set otherwise.
    set.extend(act.place.set.clone());
    set.insert(LANG.to_owned(), lang.code().to_owned());
    let id = UploadId::fresh(&site.clock, &site.dice);
    store::add(act, &id, importer.name, place, &set, files).await?;
    Ok(id)
}

/// More files than one upload takes here.
pub(crate) fn too_many(most: usize, back: &str) -> Error {
    Refusal::new("uploads-refused-files")
        .status(422)
        .arg("most", most)
        .way_out(back, "uploads-back")
        .into()
}

/// All files are here: the dry run begins.
pub(crate) async fn checks<P: access::Moves>(
    act: &mut Act<P>,
    id: &UploadId,
    files: &[Promised],
) -> Result<()> {
    let job = store::queue(act, id, Doing::Check).await?;
    store::set_files(act, id, files).await?;
    let from = [Stands::Receiving];
    if store::go(
        act,
        id,
        &from,
        Stands::Checking,
        Some(Doing::Check),
        job.as_str(),
        "",
    )
    .await?
    {
        Ok(())
    } else {
        Err(changed(id))
    }
}

/// Somebody (oneself, in another window) was faster.
pub(crate) fn changed(id: &UploadId) -> Error {
    Refusal::new("uploads-refused-changed")
        .way_out(format!("/uploads/{id}"), "uploads-see")
        .into()
}

/// The importer of an upload.
pub(crate) fn importer_of<'a>(site: &'a Site, sender: &Sender) -> Result<&'a Importer> {
    access::importer(site, &sender.upload.importer)
}
