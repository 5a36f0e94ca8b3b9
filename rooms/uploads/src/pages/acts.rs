//! The buttons of an upload: write it, stop, go on, give up, take back.

use super::show::{self, Asked};
use super::{SKIP_BAD, changed, importer_of};
use crate::access::{self, Sender, sender};
use crate::upload::{Doing, Stands, Upload, UploadId};
use crate::{second, store};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use kernel::UnitRef;
use kernel::error::{Error, Result};
use site::{Act, May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, Nothing, see_other};

fn back_to(id: &UploadId) -> Response {
    see_other(format!("/uploads/{id}")).into_response()
}

/// Queues the job and moves the upload on from where its sender was answered for; a second press of the same
/// button leads on. The rule that surprises: an upload that moved between the look and the press is not begun,
/// even when it now stands where one may begin, since what has to be asked first was asked for where it stood.
async fn start(
    site: &Site,
    frame: &Frame,
    held: Sender,
    from: &[Stands],
    doing: Doing,
    action: &'static str,
    skips: Option<bool>,
) -> Answer {
    let upload = held.upload.clone();
    let id = upload.id.clone();
    let is_done = upload.state == doing.after() && !from.contains(&upload.state);
    if is_done || upload.state == doing.during() {
        return Ok(back_to(&id));
    }
    let mut act = held.begin(site, frame, action).await?;
    let job = store::queue(&mut act, &id, doing).await?;
    if let Some(skips) = skips {
        set_skip(&mut act, &upload, skips).await?;
    }
    let during = doing.during();
    let seen = as_seen(from, upload.state, during);
    let is_begun = match seen.is_empty() {
        true => false,
        false => store::go(&mut act, &id, &seen, during, Some(doing), job.as_str(), "").await?,
    };
    if !is_begun {
        act.leave().await?;
        // The same button a moment earlier.
        let now = store::find(&site.db, &id).await?;
        let is_same = now.is_some_and(|now| [during, doing.after()].contains(&now.state));
        return match is_same && from.contains(&upload.state) {
            true => Ok(back_to(&id)),
            false => Err(changed(&id).into()),
        };
    }
    act.end().await?;
    site.wake.now();
    Ok(back_to(&id))
}

/// Of the places where one may begin those in which it was seen: where it stood, and for what was broken off
/// without a word also where its work went on.
fn as_seen(from: &[Stands], seen: Stands, during: Stands) -> Vec<Stands> {
    let of = |stands: &Stands| *stands == seen || (seen.is_halted() && *stands == during);
    from.iter().copied().filter(of).collect()
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Fields {
    skip: String,
}

/// `POST /uploads/{id}/application`: writes what the preview showed.
pub(crate) async fn apply(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Answer {
    let held = sender(&site, &who, &id).await?;
    let importer = importer_of(&site, &held)?;
    if held.upload.state == Stands::Ready && !access::has_files(&site, &held.upload).await? {
        return Err(access::lost(&held.upload).into());
    }
    let has_skip = importer.fields.iter().any(|field| field.name == SKIP_BAD);
    let skips = form.value.skip == "yes";
    if held.upload.state == Stands::Ready && has_skip && !skips {
        let refused = held.upload.counts().of("refused");
        if refused + store::count_undecided(&site.db, &held.upload.id).await? > 0 {
            let mut form = FormState::typed(form.pairs);
            form.fail("skip", "uploads-skip-missing");
            return show::draw(&site, &frame, &held, &Asked::default(), form).await;
        }
    }
    if held.upload.state == Stands::Ready && writes(&site, &held.upload).await? == 0 {
        let mut form = FormState::typed(form.pairs);
        form.fail("skip", "uploads-skip-nothing");
        return show::draw(&site, &frame, &held, &Asked::default(), form).await;
    }
    let me = &who.actor.member;
    let unit = held.place.unit.clone();
    let names = second::waits_for(&site, importer, unit.as_ref(), me).await?;
    if let (Stands::Ready, Some(unit), false) = (held.upload.state, unit, names.is_empty()) {
        let names = second::either(&frame, &names);
        let doing = Doing::Apply;
        return ask(&site, &frame, held, &unit, doing, Some(skips), &names).await;
    }
    let ready = [Stands::Ready];
    start(
        &site,
        &frame,
        held,
        &ready,
        Doing::Apply,
        "upload.apply",
        Some(skips),
    )
    .await
}

/// How many rows would be written: rows that still wait for an answer would not.
async fn writes(site: &Site, upload: &Upload) -> Result<i64> {
    let counts = upload.counts();
    let decided =
        counts.of(crate::upload::DOUBTFUL) - store::count_undecided(&site.db, &upload.id).await?;
    let taken = store::count_taken(&site.db, &upload.id).await?;
    Ok(counts.of("added") + counts.of("updated") + decided + taken)
}

/// Keeps what is to be done with the list for a second person; pressed twice it leads on.
async fn ask(
    site: &Site,
    frame: &Frame,
    held: Sender,
    unit: &UnitRef,
    doing: Doing,
    skips: Option<bool>,
    names: &str,
) -> Answer {
    let upload = held.upload.clone();
    let told = match doing {
        Doing::Undo => "uploads-second-back-asked",
        _ => "uploads-second-asked",
    };
    let back = see_other(format!("/uploads/{}", upload.id))
        .flash(told)
        .arg("names", names);
    if second::is_waiting(site, &upload.id).await? {
        return Ok(back.into_response());
    }
    let title = format!("{}: {}", upload.place_name, upload.title());
    let mut act = held.begin(site, frame, "upload.prepare").await?;
    second::prepare(&mut act, unit, title, doing).await?;
    if let Some(skips) = skips {
        set_skip(&mut act, &upload, skips).await?;
    }
    act.end().await?;
    Ok(back.into_response())
}

async fn set_skip(act: &mut Act<Sender>, upload: &Upload, skips: bool) -> Result<()> {
    let mut set = upload.set()?;
    set.remove(SKIP_BAD);
    if skips {
        set.insert(SKIP_BAD.to_owned(), "yes".to_owned());
    }
    store::set_set(act, &set).await
}

/// `POST /uploads/{id}/stop`: after the row that is being done.
pub(crate) async fn stop(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let held = sender(&site, &who, &id).await?;
    let upload = held.upload.clone();
    let doing = Doing::of(upload.state).filter(|doing| *doing != Doing::Undo);
    let (Some(doing), Ok(job)) = (doing, upload.job_id.parse()) else {
        return Ok(back_to(&upload.id));
    };
    let clock = site.clock.clone();
    let mut act = held.begin(&site, &frame, "upload.stop").await?;
    let stopped = jobs::stop(act.tx(), &clock, &job).await?;
    // One that had not begun is stopped at once; one that runs says so itself.
    if stopped == jobs::Stop::Stopped {
        let during = [doing.during()];
        store::go(
            &mut act,
            &upload.id,
            &during,
            Stands::Stopped,
            Some(doing),
            job.as_str(),
            "",
        )
        .await?;
    }
    act.end().await?;
    Ok(back_to(&upload.id))
}

/// `POST /uploads/{id}/again`: goes on with what was stopped or failed.
pub(crate) async fn again(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let held = sender(&site, &who, &id).await?;
    let (stands, _) = show::stands(&site, &held.upload).await?;
    let doing: Result<Doing> = held.upload.doing.parse().map_err(|_| Error::NotFound);
    let (Stands::Stopped | Stands::Failed, Ok(doing)) = (stands, doing) else {
        return Ok(back_to(&held.upload.id));
    };
    let mut held = held;
    held.upload.state = stands;
    let from = [Stands::Stopped, Stands::Failed, doing.during()];
    start(&site, &frame, held, &from, doing, "upload.again", None).await
}

/// `POST /uploads/{id}/removal`: gives up what was not written.
pub(crate) async fn drop(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let held = sender(&site, &who, &id).await?;
    let (id, back) = (held.upload.id.clone(), held.place.back.clone());
    let is_dropped = held.upload.state == Stands::Dropped;
    if store::count_made(&site.db, &id).await? > 0 {
        return Err(changed(&id).into());
    }
    let mut act = held.begin(&site, &frame, "upload.drop").await?;
    second::give_up(&mut act, &id).await?;
    let from = [
        Stands::Receiving,
        Stands::Ready,
        Stands::Stopped,
        Stands::Failed,
    ];
    let gone = store::go(&mut act, &id, &from, Stands::Dropped, None, "", "").await?;
    if !gone && !is_dropped {
        act.leave().await?;
        // Given up at the same moment by a second press; else it moved on, and is not told as given up.
        let now = store::find(&site.db, &id).await?;
        if now.is_some_and(|now| now.state == Stands::Dropped) {
            return Ok(see_other(back).flash("uploads-dropped").into_response());
        }
        return Err(changed(&id).into());
    }
    act.end().await?;
    site.inbox.remove(id.as_str()).await?;
    Ok(see_other(back).flash("uploads-dropped").into_response())
}

#[derive(Template)]
#[template(path = "uploads/undo.html")]
struct UndoPage {
    frame: Frame,
    id: String,
    title: String,
    made: i64,
    /// Who must agree first, in one line; empty: it is done at once.
    seconds: String,
}

/// `GET /uploads/{id}/undo`: asks first.
pub(crate) async fn ask_undo(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let held = sender(&site, &who, &id).await?;
    let made = store::count_made(&site.db, &held.upload.id).await?;
    let may = crate::upload::is_undoable(held.upload.state);
    let importer = importer_of(&site, &held)?;
    if made == 0 || !may || importer.undo.is_none() {
        return Err(changed(&held.upload.id).into());
    }
    let (me, unit) = (&who.actor.member, held.place.unit.as_ref());
    let names = second::waits_for(&site, importer, unit, me).await?;
    frame.html(&UndoPage {
        seconds: second::either(&frame, &names),
        id: held.upload.id.to_string(),
        title: held.upload.title(),
        made,
        frame: frame.clone(),
    })
}

/// `POST /uploads/{id}/undo`: takes back what was made, where nothing was built on it.
pub(crate) async fn undo(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let held = sender(&site, &who, &id).await?;
    let importer = importer_of(&site, &held)?;
    if importer.undo.is_none() {
        return Err(Error::NotFound.into());
    }
    let made = store::count_made(&site.db, &held.upload.id).await?;
    // Nothing to take back is not told as taken back.
    let is_done = matches!(held.upload.state, Stands::Undoing | Stands::Undone);
    if !is_done && made == 0 {
        return Err(changed(&held.upload.id).into());
    }
    let unit = held.place.unit.clone();
    let names = second::waits_for(&site, importer, unit.as_ref(), &who.actor.member).await?;
    let may = made > 0 && crate::upload::is_undoable(held.upload.state);
    if let (true, Some(unit), false) = (may, unit, names.is_empty()) {
        let names = second::either(&frame, &names);
        return ask(&site, &frame, held, &unit, Doing::Undo, None, &names).await;
    }
    // What stayed may be free by now: a later list was taken back.
    let from: Vec<Stands> = (Doing::Undo.begins_at().iter().copied())
        .filter(|stands| made > 0 || *stands != Stands::Undone)
        .collect();
    start(&site, &frame, held, &from, Doing::Undo, "upload.undo", None).await
}

#[cfg(test)]
mod tests {
    use super::as_seen;
    use crate::upload::Stands::*;

    #[test]
    fn an_upload_that_moved_since_it_was_looked_at_is_not_begun() {
        // Looked at while it was checked, ready by the time of the write: nobody was asked who has to be.
        assert_eq!(as_seen(&[Ready], Checking, Applying), []);
        assert_eq!(as_seen(&[Ready], Ready, Applying), [Ready]);
        assert_eq!(as_seen(&[Done, Stopped, Failed], Applying, Undoing), []);
        assert_eq!(
            as_seen(&[Stopped, Failed, Applying], Failed, Applying),
            [Failed, Applying]
        );
    }
}
