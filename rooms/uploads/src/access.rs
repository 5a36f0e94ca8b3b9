//! Who may send files into a place, and whose an upload is.
//!
//! The importer says who may take in at a place, each time anew; an upload is seen by its sender alone.
//! Not here: the right over each row, which the run of the importer asks.
//! The rule that surprises: who lost the right to the place, as with a record that was merged, sees of their own upload
//! only how it ended, and nobody in it.

use crate::store;
use crate::upload::{Upload, UploadId};
use kernel::MemberId;
use kernel::error::{Error, Refusal, Result};
use site::four_eyes::Approved;
use site::room::Importer;
use site::room::importer::ImportPlace;
use site::{Program, Proof, Right, Site};
use web::Member;

/// The proof of a member who may take in at a place.
#[derive(Debug, Clone)]
pub(crate) struct CanSend {
    right: Right,
    pub(crate) place: ImportPlace,
}
impl Proof for CanSend {
    fn right(&self) -> &Right {
        &self.right
    }
}

/// The proof, if they may. Hidden is not found.
pub(crate) async fn can_send(
    site: &Site,
    who: &Member,
    importer: &Importer,
    place: &str,
) -> Result<CanSend> {
    let place = (importer.may)(site.clone(), who.0.clone(), place.to_owned()).await?;
    let mut right = Right::own(&who.actor);
    if let Some(unit) = &place.unit {
        right = right.in_unit(unit);
    }
    Ok(CanSend { right, place })
}

/// The importer of that name.
pub(crate) fn importer<'a>(site: &'a Site, name: &str) -> Result<&'a Importer> {
    let mut all = site.rooms.importers.iter();
    all.find(|held| held.name == name).ok_or(Error::NotFound)
}

/// The proof of an upload's sender who may still take in there.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    right: Right,
    pub(crate) upload: Upload,
    pub(crate) place: ImportPlace,
}
impl Sender {
    /// Who sent it.
    pub(crate) fn owner(&self) -> Result<MemberId> {
        self.upload.owner_id.parse().map_err(Error::fault)
    }
}
impl Proof for Sender {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("upload", self.upload.id.to_string())
    }
}

/// One's own upload, whether or not one may still take in there: under a record that was merged it is theirs too.
pub(crate) async fn own(site: &Site, who: &Member, id: &str) -> Result<Upload> {
    let id: UploadId = id.parse().map_err(|_| Error::NotFound)?;
    let upload = store::find(&site.db, &id).await?.ok_or(Error::NotFound)?;
    match upload.owner_id == who.actor.member.as_str() {
        true => Ok(upload),
        false => Err(Error::NotFound),
    }
}

/// One's own upload, by whoever may still take in there.
pub(crate) async fn sender(site: &Site, who: &Member, id: &str) -> Result<Sender> {
    let upload = own(site, who, id).await?;
    let importer = importer(site, &upload.importer)?;
    let CanSend { right, place } = can_send(site, who, importer, &upload.place).await?;
    Ok(Sender {
        right,
        upload,
        place,
    })
}

/// Whether the sender may still take in there, asked at this moment and not when the upload began: a job and whoever
/// agrees ask it, who are not the sender.
///
/// # Errors
/// [`Error::NotFound`] when the right ended or the place is gone.
pub(crate) async fn still_may(site: &Site, upload: &Upload) -> Result<()> {
    place_of(site, upload).await.map(|_| ())
}

/// Where the sender takes it in, by the rights of this moment; as [`still_may`].
pub(crate) async fn place_of(site: &Site, upload: &Upload) -> Result<ImportPlace> {
    let owner: MemberId = upload.owner_id.parse().map_err(Error::fault)?;
    let actor = people::actor::load(site, &owner).await?;
    let who = web::SignedIn {
        actor,
        account: "job".parse().map_err(Error::fault)?,
        session: None,
        token_scopes: None,
        post: String::new(),
        unit_name: String::new(),
        unread: 0,
        look: None,
    };
    let importer = importer(site, &upload.importer)?;
    let place = upload.place.clone();
    (importer.may)(site.clone(), std::sync::Arc::new(who), place).await
}

/// Whether every file that came still lies in the inbox: an archive carries the upload and not its files.
pub(crate) async fn has_files(site: &Site, upload: &Upload) -> Result<bool> {
    for file in upload.files()? {
        let path = site.inbox.path(upload.id.as_str(), &file.name);
        if !tokio::fs::try_exists(&path).await.map_err(Error::fault)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Says that the files are gone, and how to go on.
pub(crate) fn lost(upload: &Upload) -> Error {
    Refusal::new("uploads-trouble-lost")
        .way_out(format!("/uploads/{}", upload.id), "uploads-see")
        .into()
}

/// The proof of the job that works on an upload.
#[derive(Debug, Clone)]
pub(crate) struct Runs {
    program: Program,
}
impl Runs {
    pub(crate) fn job(kind: &str) -> Runs {
        Runs {
            program: Program::part(kind),
        }
    }
}
impl Proof for Runs {
    fn right(&self) -> &Right {
        self.program.right()
    }
}

/// Proofs that may change how an upload stands.
pub(crate) trait Moves: Proof {}
impl Moves for CanSend {}
impl Moves for Sender {}
impl Moves for Runs {}
/// A list that waited for a second person.
impl Moves for Approved {}
