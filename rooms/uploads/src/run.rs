//! The jobs of an upload: the dry run that makes the preview, the run that writes, taking it back.
//!
//! Each calls what the importer contributes, on a task of its own, while progress goes to the job and
//! a person's wish to stop comes back. Not here: what a row is (the importer's room).
//! The rule that surprises: a job may begin again after its process died. Importers bear repeating, and
//! what an earlier attempt made is known from `import_made`, so that it is told as added, not as same.

use crate::access::{self, Runs};
use crate::second;
use crate::store;
use crate::upload::{CHANGED, Counts, Doing, Stands, Upload, UploadId};
use jobs::{Handler, Running, State};
use kernel::error::{Doing as _, Error, Result};
use kernel::said;
use kernel::{MemberId, Moment};
use site::import::{Entry, Outcome, Progress, Report};
use site::room::ImportWish;
use site::{May as _, Site};
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// An attempt that failed is repeated so often.
const ATTEMPTS: i64 = 3;
/// Rows kept in one transaction.
const PART: usize = 500;
/// Days until an upload that nobody goes on with is dropped with its files. No source; two weekends.
pub(crate) const WAITS_DAYS: i64 = 14;
/// Days for which an ended upload can be looked at and taken back. No source; a month of meetings.
pub(crate) const KEPT_DAYS: i64 = 30;
const DAY_MS: i64 = 24 * 3_600_000;

pub(crate) const CHECK: Handler<Site> = handler(Doing::Check, |site, running| {
    Box::pin(run(site, running, Doing::Check))
})
// A file that takes its whole time does not make the next person wait for it.
.at_once(2);
pub(crate) const APPLY: Handler<Site> = handler(Doing::Apply, |site, running| {
    Box::pin(run(site, running, Doing::Apply))
});
pub(crate) const UNDO: Handler<Site> = handler(Doing::Undo, |site, running| {
    Box::pin(run(site, running, Doing::Undo))
});

const fn handler(doing: Doing, run: fn(Site, Running) -> jobs::Later<Result<()>>) -> Handler<Site> {
    let kind = match doing {
        Doing::Check => "uploads.check",
        Doing::Apply => "uploads.apply",
        Doing::Undo => "uploads.undo",
    };
    Handler::new(kind, run)
        .attempts(ATTEMPTS)
        .waits_ms(2_000, 20_000)
}

/// What the importer's task tells and is told.
#[derive(Debug, Default)]
struct Seen {
    total: AtomicU64,
    steps: AtomicU64,
    written: AtomicU64,
    stop: AtomicBool,
}

struct Watch(Arc<Seen>);
impl Progress for Watch {
    fn total(&mut self, total: u64) {
        self.0.total.store(total, Ordering::Relaxed);
    }
    fn step(&mut self, _entry: &Entry) {
        self.0.steps.fetch_add(1, Ordering::Relaxed);
    }
    fn written(&mut self, count: u64) {
        self.0.written.store(count, Ordering::Relaxed);
    }
    fn is_stopped(&self) -> bool {
        self.0.stop.load(Ordering::SeqCst)
    }
}

impl Seen {
    fn tell(&self, running: &Running) {
        let done = self.steps.load(Ordering::Relaxed);
        let done = done.max(self.written.load(Ordering::Relaxed));
        running.set_total(i64::try_from(self.total.load(Ordering::Relaxed)).unwrap_or(0));
        running.set_done(i64::try_from(done).unwrap_or(0));
    }
}

async fn run(site: Site, running: Running, doing: Doing) -> Result<()> {
    let id: UploadId = running.job().subject.parse().map_err(Error::fault)?;
    let Some(upload) = store::find(&site.db, &id).await? else {
        return Ok(()); // forgotten meanwhile
    };
    if upload.state != doing.during() {
        return Ok(()); // ended by an earlier attempt, or dropped
    }
    match work(&site, &running, &upload, doing).await {
        Ok(Some((report, is_other))) => {
            keep(&site, &running, &upload, doing, report, is_other).await
        }
        Ok(None) => Ok(()),
        Err(error) => {
            let is_final = matches!(error, Error::Refused(_) | Error::NotFound);
            if is_final || running.job().attempts >= ATTEMPTS {
                let trouble = match &error {
                    Error::Refused(refusal) if refusal.key == "uploads-trouble-lost" => refusal.key,
                    Error::Refused(_) | Error::NotFound => "uploads-trouble-refused",
                    _ => "uploads-trouble-fault",
                };
                fail(&site, &id, doing, trouble).await?;
            }
            Err(error)
        }
    }
}

/// Calls the importer; `None` when the program ends, so that the next process goes on. Beside the report:
/// whether nothing was written, since it is not what was agreed to.
async fn work(
    site: &Site,
    running: &Running,
    upload: &Upload,
    doing: Doing,
) -> Result<Option<(Report, bool)>> {
    let importer = access::importer(site, &upload.importer)?.clone();
    access::still_may(site, upload).await?;
    if doing != Doing::Undo && !access::has_files(site, upload).await? {
        return Err(access::lost(upload));
    }
    let begun = store::count_made(&site.db, &upload.id).await? > 0;
    if (doing == Doing::Undo || !begun)
        && second::is_missing(site, &importer, upload, doing).await?
    {
        // Back to the button, which asks.
        let to = match doing {
            Doing::Undo => Stands::Done,
            _ => Stands::Ready,
        };
        let mut act = begin(site, running, doing).await?;
        let during = [doing.during()];
        let why = "uploads-trouble-second";
        store::go(&mut act, &upload.id, &during, to, None, "", why).await?;
        act.end().await?;
        return Ok(None);
    }
    let owner: MemberId = upload.owner_id.parse().map_err(Error::fault)?;
    // The rights of this moment, not those of the upload's beginning.
    let by = people::actor::load(site, &owner).await?;
    let wish = ImportWish {
        dry_run: doing == Doing::Check,
        operation: running.job().id.to_string(),
        ..wish(site, upload, &importer, by).await?
    };
    if doing == Doing::Apply
        && let Some(report) = other_by_now(site, upload, &importer, &wish).await?
    {
        return Ok(Some((report, true)));
    }
    let seen = Arc::new(Seen::default());
    let task = match doing {
        Doing::Check | Doing::Apply => {
            let progress = Box::new(Watch(seen.clone()));
            tokio::spawn((importer.run)(site.clone(), wish, progress))
        }
        Doing::Undo => {
            let undo = importer.undo.ok_or(Error::NotFound)?;
            let made = store::list_made(&site.db, &upload.id).await?;
            seen.total.store(made.len() as u64, Ordering::Relaxed);
            tokio::spawn(undo(site.clone(), wish, made))
        }
    };
    let report = drive(site, upload, running, &seen, task)
        .await
        .doing(said!("{} by {}", doing.kind(), upload.importer))?;
    if !report.stopped {
        return Ok(Some((report, false)));
    }
    let job = jobs::get(&site.db, &running.job().id).await?;
    Ok((job.state != State::Running).then_some((report, false)))
}

/// What the importer is handed.
async fn wish(
    site: &Site,
    upload: &Upload,
    importer: &site::room::Importer,
    by: Arc<kernel::Actor>,
) -> Result<ImportWish> {
    Ok(ImportWish {
        by: Some(by),
        lang: upload.lang()?,
        operation: String::new(),
        path: path(site, upload, importer.is_many)?,
        dry_run: true,
        set: upload.set()?,
        decided: store::list_decisions(&site.db, &upload.id).await?,
        run: Some(upload.id.to_string()),
    })
}

/// Whether the list would do something else by now than this plan, with the rights that its sender has now.
pub(crate) async fn is_other(site: &Site, upload: &Upload, plan: &str) -> Result<bool> {
    let importer = access::importer(site, &upload.importer)?;
    let owner: MemberId = upload.owner_id.parse().map_err(Error::fault)?;
    let by = people::actor::load(site, &owner).await?;
    let wish = wish(site, upload, importer, by).await?;
    let decided = wish.decided.clone();
    let report = (importer.run)(site.clone(), wish, Box::new(site::import::Quiet)).await?;
    Ok(second::planned(&report.entries, &decided)? != plan)
}

/// What the list would do by now, when that is something else than a second person agreed to and
/// nothing of it is written yet.
async fn other_by_now(
    site: &Site,
    upload: &Upload,
    importer: &site::room::Importer,
    wish: &ImportWish,
) -> Result<Option<Report>> {
    let owner: MemberId = upload.owner_id.parse().map_err(Error::fault)?;
    let Some(plan) = second::agreed(site, upload, &owner).await? else {
        return Ok(None);
    };
    if store::count_made(&site.db, &upload.id).await? > 0 {
        return Ok(None);
    }
    let dry = ImportWish {
        dry_run: true,
        ..wish.clone()
    };
    let report = (importer.run)(site.clone(), dry, Box::new(site::import::Quiet)).await?;
    let is_same = second::planned(&report.entries, &wish.decided)? == plan;
    Ok((!is_same).then_some(report))
}

/// Where the importer finds the files.
fn path(site: &Site, upload: &Upload, is_many: bool) -> Result<PathBuf> {
    let folder = site.inbox.folder(upload.id.as_str());
    if is_many {
        return Ok(folder);
    }
    let files = upload.files()?;
    let first = files.first().ok_or(Error::NotFound)?;
    Ok(site.inbox.path(upload.id.as_str(), &first.name))
}

/// Looks between two looks whether the sender still may.
const RIGHT_LOOKS: u32 = 4;

/// Waits for the importer's task, hands progress on, tells it to stop: when a person did, and when the sender's
/// right ended meanwhile.
async fn drive(
    site: &Site,
    upload: &Upload,
    running: &Running,
    seen: &Seen,
    mut task: tokio::task::JoinHandle<Result<Report>>,
) -> Result<Report> {
    let mut looks = 0_u32;
    loop {
        tokio::select! {
            ended = &mut task => {
                seen.tell(running);
                return ended.map_err(Error::fault)?;
            }
            () = tokio::time::sleep(Duration::from_millis(300)) => {
                seen.tell(running);
                looks += 1;
                if looks.is_multiple_of(RIGHT_LOOKS)
                    && matches!(access::still_may(site, upload).await, Err(Error::NotFound))
                {
                    seen.stop.store(true, Ordering::SeqCst);
                }
                // A writer that is busy for long (the importer itself) is no trouble: told later.
                if matches!(running.steps(0).await, Ok(false)) || running.is_stopped() {
                    seen.stop.store(true, Ordering::SeqCst);
                }
            }
        }
    }
}

/// Keeps what the run says, and takes the upload one step on.
async fn keep(
    site: &Site,
    running: &Running,
    upload: &Upload,
    doing: Doing,
    mut report: Report,
    is_other: bool,
) -> Result<()> {
    let id = &upload.id;
    if doing == Doing::Apply {
        let made = store::list_made(&site.db, id).await?;
        let made: HashMap<String, Outcome> = (made.into_iter())
            .map(|made| {
                let did = if made.was.is_some() {
                    Outcome::Updated
                } else {
                    Outcome::Added
                };
                (made.id, did)
            })
            .collect();
        for entry in &mut report.entries {
            if entry.outcome == Outcome::Same
                && let Some(did) = made.get(&entry.id)
            {
                entry.outcome = *did;
            }
        }
    }
    // What holds for the whole file is told once, above the rows.
    if let Some(first) = report.entries.first_mut() {
        let notes = &report.notes;
        first.warnings.retain(|warning| !notes.contains(warning));
    }
    let mut counts = Counts::default();
    for entry in &report.entries {
        counts.add(store::pile(entry));
    }
    // Equal rows are counted, not listed; after a stop the preview's rows are still the better list.
    let listed: Vec<(i64, &Entry)> = (1..)
        .zip(&report.entries)
        .filter(|(_, entry)| {
            entry.outcome != Outcome::Same
                || !entry.warnings.is_empty()
                || entry.kind == site::import::PROPOSED
        })
        .collect();
    let is_stopped = report.stopped;
    if !(is_stopped && doing != Doing::Undo) {
        let mut act = begin(site, running, doing).await?;
        store::drop_entries(&mut act, id).await?;
        act.end().await?;
        for part in listed.chunks(PART) {
            let mut act = begin(site, running, doing).await?;
            store::add_entries(&mut act, id, part).await?;
            act.end().await?;
        }
    }
    if doing == Doing::Undo {
        for part in report.entries.chunks(PART) {
            let mut act = begin(site, running, doing).await?;
            for entry in part {
                store::forget_made(&mut act, id, entry).await?;
            }
            act.end().await?;
        }
    }
    let mut act = begin(site, running, doing).await?;
    // Nothing was written because rows are bad that the preview did not show so: it is shown again.
    let is_held_back = is_other
        || doing == Doing::Apply
            && !is_stopped
            && counts.of("added") + counts.of("updated") + counts.of("same") == 0
            && counts.of("refused") + counts.of(crate::upload::DOUBTFUL) > 0;
    let (to, trouble) = match (is_stopped, is_held_back) {
        (true, _) => (Stands::Stopped, ""),
        (_, true) => (Stands::Ready, CHANGED),
        // Looked at anew because somebody was about to agree: its sender reads why.
        _ if doing == Doing::Check && upload.trouble == CHANGED => (doing.after(), CHANGED),
        _ => (doing.after(), ""),
    };
    if !is_stopped {
        store::set_counts(&mut act, id, &counts, &report).await?;
    }
    let going = (is_stopped || is_held_back).then_some(doing);
    store::go(
        &mut act,
        id,
        &[doing.during()],
        to,
        going,
        running.job().id.as_str(),
        trouble,
    )
    .await?;
    act.end().await?;
    if matches!(to, Stands::Done | Stands::Undone) {
        site.inbox.remove(id.as_str()).await?;
    }
    Ok(())
}

async fn begin(site: &Site, running: &Running, doing: Doing) -> Result<site::Act<Runs>> {
    // The rows of a preview are no change of anything; what is written is logged by the importer.
    Runs::job(doing.kind())
        .begin_unlogged(site, running.job().id.as_str(), doing.kind())
        .await
}

async fn fail(site: &Site, id: &UploadId, doing: Doing, trouble: &str) -> Result<()> {
    let mut act = Runs::job(doing.kind())
        .begin_unlogged(site, doing.kind(), doing.kind())
        .await?;
    let during = [doing.during()];
    store::go(
        &mut act,
        id,
        &during,
        Stands::Failed,
        Some(doing),
        "",
        trouble,
    )
    .await?;
    act.end().await.map(|_| ())
}

/// The kind of the job that clears up.
const TIDY: &str = "uploads.tidy";
pub(crate) const TIDYING: Handler<Site> =
    Handler::new(TIDY, |site, _| Box::pin(async move { tidy(&site).await }));

/// When that is done.
pub(crate) fn tidies_daily() -> jobs::Schedule {
    jobs::Schedule::new(TIDY, jobs::Every::Hours(24), TIDY)
}

/// Drops uploads that nobody goes on with, forgets those that ended long ago, removes their files.
pub(crate) async fn tidy(site: &Site) -> Result<()> {
    let now = site.clock.now();
    let mut act = Runs::job(TIDY).begin_unlogged(site, TIDY, TIDY).await?;
    let before = Moment(now.0 - WAITS_DAYS * DAY_MS);
    let waiting = [
        Stands::Receiving,
        Stands::Ready,
        Stands::Stopped,
        Stands::Failed,
    ];
    let stale = store::list_stale(act.on(), before).await?;
    for id in &stale {
        crate::second::give_up(&mut act, id).await?;
    }
    for id in stale {
        store::go(
            &mut act,
            &id,
            &waiting,
            Stands::Dropped,
            None,
            "",
            "uploads-trouble-forgotten",
        )
        .await?;
    }
    let before = Moment(now.0 - KEPT_DAYS * DAY_MS);
    for id in store::list_old(act.on(), before).await? {
        store::forget(&mut act, &id).await?;
    }
    act.end().await?;
    let folders: BTreeSet<String> = site.inbox.list_uploads().await?.into_iter().collect();
    for id in folders {
        if !store::is_needed(&site.db, &id).await? {
            site.inbox.remove(&id).await?;
        }
    }
    Ok(())
}
