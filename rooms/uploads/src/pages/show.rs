//! The page of one upload: how it stands, what would happen or has happened, row by row.
//!
//! While a job is at work the page asks anew every few seconds by a header, so it needs no script.
//! Not here: what the buttons do (`acts`, `decide`).

use super::form::day;
use super::list::state_key;
use super::pieces::{missing, progress};
use super::{SKIP_BAD, importer_of};
use crate::access::{Sender, own, sender};
use crate::upload::{Counts, DOUBTFUL, Doing, PROPOSED, Stands, Upload};
use crate::{second, store};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderValue;
use axum::response::IntoResponse as _;
use jobs::{Job, State as JobState};
use kernel::error::{Error, Result};
use site::Site;
use site::room::FieldChange;
use site::room::importer::route;
use web::paging::Paging;
use web::{Answer, FormState, Frame, Member};

/// Rows on one page.
const ROWS: i64 = 50;
/// Seconds until the page asks again while something is going on.
const AGAIN_S: u8 = 2;

/// A pile of rows as a tab.
struct Pile {
    to: String,
    label: String,
    count: i64,
    is_here: bool,
}

/// A row of the preview or of the result.
struct Line {
    nth: i64,
    source: String,
    message: String,
    warnings: Vec<String>,
    changes: Vec<FieldChange>,
    choices: Vec<(String, String)>,
    answer: String,
    /// Where what the file proposes is done by hand.
    way_out: String,
}

impl Line {
    /// A yes or a no is one tick: its yes.
    fn tick(&self) -> Option<&(String, String)> {
        match self.choices.as_slice() {
            [yes, no] if yes.0 == "take" && no.0 == "leave" => Some(yes),
            _ => None,
        }
    }
}

/// Rows that are refused for one reason.
struct Refusal {
    message: String,
    count: i64,
    lines: String,
    /// Whom a person can add by hand: name, and the form with what could be read.
    ways: Vec<(String, String)>,
}

/// One answer for all rows of a kind.
struct ForAll {
    choices: String,
    answers: Vec<(String, String)>,
}

/// A file that is not whole yet.
struct Part {
    name: String,
    here_kb: i64,
    whole_kb: i64,
}

#[derive(Template)]
#[template(path = "uploads/show.html")]
struct Page {
    frame: Frame,
    form: FormState,
    id: String,
    heading: String,
    title: String,
    place: String,
    back: String,
    again_at: String,
    day: String,
    stands: Stands,
    sum_key: &'static str,
    state: &'static str,
    word: String,
    trouble: String,
    accept: &'static str,
    is_many: bool,
    parts: Vec<Part>,
    here: i64,
    whole: i64,
    done: i64,
    total: i64,
    tallies: Vec<(String, i64)>,
    notes: Vec<String>,
    skipped: i64,
    undecided: i64,
    columns: Vec<(String, String)>,
    piles: Vec<Pile>,
    rows: Vec<Line>,
    refusals: Vec<Refusal>,
    for_all: Vec<ForAll>,
    show: String,
    paging: Paging,
    may_apply: bool,
    /// Who must agree first, in one line; empty: it is written at once.
    seconds: String,
    /// What happens when it is written; empty when the button's word says it.
    warns: String,
    /// Whether it waits for them already.
    is_waiting: bool,
    /// Whether what this importer writes can be taken back at all.
    can_undo: bool,
    asks_skip: bool,
    may_undo: bool,
    made: i64,
    may_drop: bool,
    may_stop: bool,
    may_again: bool,
}

/// The piles in the order of their tabs: what a person must look at first.
const PILES: &[&str] = &[
    DOUBTFUL,
    PROPOSED,
    "refused",
    "updated",
    "added",
    "removed",
    "duplicate",
    "warned",
];

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    show: String,
    page: i64,
}

/// How an upload really stands: a job that ended without a word has failed or was stopped.
pub(crate) async fn stands(site: &Site, upload: &Upload) -> Result<(Stands, Option<Job>)> {
    let Ok(job) = upload.job_id.parse() else {
        return Ok((upload.state, None));
    };
    let job = jobs::find(&site.db, &job).await?;
    if Doing::of(upload.state).is_none() {
        return Ok((upload.state, job));
    }
    Ok(match &job {
        Some(held) if held.state == JobState::Stopped => (Stands::Stopped, job),
        Some(held) if held.state.is_ended() => {
            // Ended between our two reads: then the upload has moved on as well.
            let now = store::find(&site.db, &upload.id).await?;
            let now = now.map_or(upload.state, |upload| upload.state);
            let is_over = Doing::of(now).is_none();
            (if is_over { now } else { Stands::Failed }, job)
        }
        Some(_) => (upload.state, job),
        None => (Stands::Failed, None),
    })
}

/// What is written, and what is left out, in words with numbers.
fn tallies(frame: &Frame, counts: &Counts, skipped: i64) -> Vec<(String, i64)> {
    let words = ["added", "updated", "same", "duplicate"];
    let mut all: Vec<(String, i64)> = words
        .iter()
        .map(|word| (frame.t(&format!("uploads-pile-{word}")), counts.of(word)))
        .collect();
    all.push((frame.t("uploads-skipped"), skipped));
    all.retain(|(_, count)| *count > 0);
    all
}

/// Which row of the file, or which file.
fn place(source: String) -> String {
    match source.rsplit_once(':') {
        Some((_, line)) if line.parse::<u64>().is_ok() => line.to_owned(),
        _ => short(&source),
    }
}

fn row(frame: &Frame, row: crate::upload::Row) -> Result<Line> {
    let changes = store::read_changes(&row.changes_json)?;
    let choices = store::read_choices(&row.choices_json)?;
    // What stands below field by field is not said a second time in a sentence.
    let differs = changes.iter().any(|change| !change.old.is_empty());
    let message = match (differs, choices.is_empty()) {
        (true, false) => frame.t("uploads-differs"),
        (true, true) => String::new(),
        (false, _) => row.message,
    };
    Ok(Line {
        nth: row.nth,
        // The file is named above; beside each row stands its line.
        source: place(row.source),
        warnings: serde_json::from_str(&row.warnings_json).map_err(Error::fault)?,
        changes,
        choices,
        message,
        answer: row.answer,
        way_out: row.way_out,
    })
}

/// The name of a file without the folder in which it lies here.
fn short(source: &str) -> String {
    let last = source.rsplit('/').next();
    last.unwrap_or(source).to_owned()
}

fn piles(
    frame: &Frame,
    id: &str,
    counts: &Counts,
    warned: i64,
    show: &str,
    stands: Stands,
    undecided: i64,
) -> Vec<Pile> {
    let mut piles = Vec::new();
    for pile in PILES {
        let count = if *pile == "warned" {
            warned
        } else {
            counts.of(pile)
        };
        if count > 0 {
            piles.push(Pile {
                to: format!("/uploads/{id}?show={pile}#rows"),
                label: match (*pile, stands) {
                    // What stays when a run is taken back is no failure.
                    ("refused", Stands::Undone) => frame.t("uploads-pile-kept"),
                    (DOUBTFUL, Stands::Ready) if undecided == 0 => frame.t("uploads-pile-decided"),
                    _ => frame.t(&format!("uploads-pile-{pile}")),
                },
                count: match (*pile, stands) {
                    (DOUBTFUL, Stands::Ready) if undecided > 0 => undecided,
                    _ => count,
                },
                is_here: *pile == show,
            });
        }
    }
    piles
}

pub(crate) async fn draw(
    site: &Site,
    frame: &Frame,
    held: &Sender,
    asked: &Asked,
    form: FormState,
) -> Answer {
    let upload = &held.upload;
    let id = &upload.id;
    let importer = importer_of(site, held)?;
    let (stands, job) = stands(site, upload).await?;
    let (state, word) = state_key(stands);
    let counts = upload.counts();
    let warned = store::count_warned(&site.db, id).await?;
    let show = PILES
        .iter()
        .find(|pile| **pile == asked.show)
        .or_else(|| PILES.iter().find(|pile| counts.of(pile) > 0))
        .copied()
        .unwrap_or_default();
    let in_pile = if show == "warned" {
        warned
    } else {
        counts.of(show)
    };
    let base = format!("/uploads/{id}?show={show}");
    let paging = Paging::new(asked.page.max(1), ROWS, in_pile, base);
    let has_rows = matches!(
        stands,
        Stands::Ready | Stands::Done | Stands::Undone | Stands::Stopped | Stands::Failed
    );
    let mut rows = Vec::new();
    let mut for_all = Vec::new();
    let mut refusals = Vec::new();
    if has_rows && in_pile > 0 && show == "refused" {
        for (message, count, sources) in store::list_refusals(&site.db, id).await? {
            let more = if count > 20 { ", …" } else { "" };
            let is_numbered = (sources.first())
                .is_some_and(|about| place(about.source.clone()).parse::<u64>().is_ok());
            let ways = (sources.iter())
                .filter(|about| !about.way_out.is_empty())
                .map(|about| (about.name.clone(), about.way_out.clone()))
                .collect();
            let lines: Vec<String> = (sources.into_iter())
                .map(|about| match about.name.is_empty() {
                    true => place(about.source),
                    false => format!("{} ({})", place(about.source), about.name),
                })
                .collect();
            refusals.push(Refusal {
                message,
                count,
                ways,
                lines: if is_numbered {
                    frame.t1("uploads-lines", "lines", &(lines.join(", ") + more))
                } else {
                    lines.join(", ") + more
                },
            });
        }
    } else if has_rows && in_pile > 0 {
        for found in store::list_entries(&site.db, id, show, ROWS, paging.offset()).await? {
            rows.push(row(frame, found)?);
        }
    }
    let mut undecided = 0;
    if stands == Stands::Ready && counts.of(DOUBTFUL) > 0 {
        undecided = store::count_undecided(&site.db, id).await?;
        if show == DOUBTFUL && undecided > 1 {
            for choices in store::list_choices(&site.db, id).await? {
                for_all.push(ForAll {
                    answers: store::read_choices(&choices)?,
                    choices,
                });
            }
        }
    }
    let files = upload.files()?;
    let (here, whole) = progress(site, id, &files).await?;
    let kb = |bytes: u64| i64::try_from(bytes.div_ceil(1024)).unwrap_or(i64::MAX);
    let parts = if stands == Stands::Receiving {
        let missing = missing(site, id, &files).await?.into_iter();
        missing
            .map(|(file, size)| Part {
                name: file.name,
                here_kb: kb(size),
                whole_kb: kb(file.bytes),
            })
            .collect()
    } else {
        Vec::new()
    };
    let made = store::count_made(&site.db, id).await?;
    let refused = counts.of("refused");
    let writes =
        counts.of("added") + counts.of("updated") + counts.of(DOUBTFUL) + counts.of(PROPOSED);
    let going = Doing::of(stands);
    let has_skip = importer.fields.iter().any(|field| field.name == SKIP_BAD);
    let status = form.status();
    let (by, unit) = (held.owner()?, held.place.unit.as_ref());
    let seconds = second::waits_for(site, importer, unit, &by).await?;
    let is_waiting = (stands == Stands::Ready || crate::upload::is_undoable(stands))
        && second::is_waiting(site, id).await?;
    let page = Page {
        frame: frame.clone(),
        form,
        id: id.to_string(),
        heading: frame.t(importer.text),
        title: upload.title(),
        place: upload.place_name.clone(),
        back: held.place.back.clone(),
        again_at: route(importer.at, &upload.place),
        day: day(upload.made_at),
        stands,
        sum_key: if stands == Stands::Ready {
            "uploads-would"
        } else {
            "uploads-did"
        },
        state,
        word: match is_waiting {
            true => frame.t("uploads-second-state"),
            false => frame.t(word),
        },
        trouble: if upload.trouble.is_empty() {
            String::new()
        } else {
            frame.t(&upload.trouble)
        },
        accept: importer.accept,
        is_many: importer.is_many,
        parts,
        here: kb(here),
        whole: kb(whole),
        done: job.as_ref().map_or(0, |job| job.done),
        total: job.as_ref().map_or(0, |job| job.total),
        tallies: tallies(frame, &counts, refused + undecided),
        notes: upload.notes(),
        skipped: refused + undecided,
        undecided,
        columns: if stands == Stands::Ready {
            upload.columns()
        } else {
            Vec::new()
        },
        piles: piles(frame, id.as_str(), &counts, warned, show, stands, undecided),
        rows,
        refusals,
        for_all,
        show: show.to_owned(),
        paging,
        may_apply: stands == Stands::Ready && writes > 0,
        seconds: second::either(frame, &seconds),
        warns: match importer.warns {
            "" => String::new(),
            key => frame.t(key),
        },
        is_waiting,
        can_undo: importer.undo.is_some(),
        asks_skip: has_skip && refused + undecided > 0,
        may_undo: crate::upload::is_undoable(stands)
            && !is_waiting
            && made > 0
            && importer.undo.is_some(),
        made,
        may_drop: matches!(
            stands,
            Stands::Receiving | Stands::Ready | Stands::Stopped | Stands::Failed
        ) && made == 0,
        may_stop: going.is_some_and(|doing| doing != Doing::Undo),
        may_again: matches!(stands, Stands::Stopped | Stands::Failed),
    };
    let mut answer = frame.html_status(status, &page)?.into_response();
    if going.is_some() {
        let headers = answer.headers_mut();
        headers.insert("refresh", HeaderValue::from(u16::from(AGAIN_S)));
    }
    Ok(answer)
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    match sender(&site, &who, &id).await {
        Ok(held) => draw(&site, &frame, &held, &asked, FormState::new()).await,
        Err(Error::NotFound) => past(&site, &frame, &who, &id).await,
        Err(error) => Err(error.into()),
    }
}

/// An upload of one's own where one may take in nothing any more: how it stands, in numbers, and nobody of it.
#[derive(Template)]
#[template(path = "uploads/past.html")]
struct Past {
    frame: Frame,
    title: String,
    place: String,
    day: String,
    state: &'static str,
    word: String,
    tallies: Vec<(String, i64)>,
}

async fn past(site: &Site, frame: &Frame, who: &Member, id: &str) -> Answer {
    let upload = own(site, who, id).await?;
    let (stands, _) = stands(site, &upload).await?;
    let (state, word) = state_key(stands);
    frame.html(&Past {
        frame: frame.clone(),
        title: upload.title(),
        place: upload.place_name.clone(),
        day: day(upload.made_at),
        state,
        word: frame.t(word),
        tallies: tallies(frame, &upload.counts(), 0),
    })
}
