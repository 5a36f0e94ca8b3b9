//! The minutes on paper: the newest revision (or the draft) between letterhead and signatures.
//!
//! The layout follows domain reference 6.5 and is unconfirmed; the page says so. [`find`] is the one
//! door to the text on paper; the same paper as PDF goes through it too (`minutes_pdf`).
//! The rule that surprises: saved minutes are printed as they were saved, also when the record says more by now; page
//! and paper then say so, and the page offers to take it in.

use crate::access;
use crate::minutes::store::Revision;
use crate::minutes::{self, store};
use crate::paper::{self, Line};
use crate::words;
use askama::Template;
use axum::extract::{Path, State};
use kernel::error::Result;
use kernel::{Cap, Moment};
use site::Site;
use web::{Answer, Frame, Member};

#[derive(Template)]
#[template(path = "meetings/minutes_print.html")]
struct Page {
    frame: Frame,
    meeting: crate::store::Meeting,
    lines: Vec<Line>,
    /// Whether a closer setting saves the second sheet.
    is_close: bool,
    dated: String,
    /// What stands before the day; empty where nobody has written it into the unit.
    town: String,
    may_set_town: bool,
    /// What is said above the paper: whether and when its text was saved.
    standing: String,
    /// What stands on the paper itself when it is not the last word.
    mark: String,
    /// Minutes that were saved and could take in what was recorded since: what stands for the text that would be saved.
    refresh: Option<String>,
    has_questions: bool,
    upper_parent: String,
    upper_unit: String,
}

/// What the text on paper is.
pub(crate) enum Standing {
    /// Put together by the program; nobody has saved it yet.
    Draft,
    /// Saved, and the record says nothing else.
    Kept(Revision),
    /// Saved; the record says more by now.
    Behind(Revision),
}

impl Standing {
    /// When the printed text was saved; none while nobody has.
    pub(crate) fn kept_at(&self) -> Option<Moment> {
        match self {
            Standing::Draft => None,
            Standing::Kept(revision) | Standing::Behind(revision) => Some(Moment(revision.at)),
        }
    }
    /// What the paper itself says when it is not the last word; always in Vietnamese, as papers are.
    pub(crate) fn mark(&self, site: &Site) -> Option<String> {
        match self {
            Standing::Draft => Some(words::vi(site, "meetings-pdf-draft-mark", &[])),
            Standing::Kept(_) => None,
            Standing::Behind(revision) => {
                let args = [("n", revision.number.into())];
                Some(words::vi(site, "meetings-pdf-behind-mark", &args))
            }
        }
    }
}

/// The minutes as they would be printed now.
pub(crate) struct Printed {
    /// The meeting.
    pub meeting: crate::store::Meeting,
    /// The text.
    pub body: String,
    /// Whether it was saved, and whether the record has parted from it.
    pub standing: Standing,
    /// What stands before the day; none where nobody has written it into the unit or one above.
    pub town: Option<String>,
    /// Whether the record says otherwise than words somebody wrote.
    pub has_questions: bool,
    /// Stands for the minutes as they would be saved with what was recorded since.
    mark: String,
}

/// What this visitor may print of that meeting's minutes.
pub(crate) async fn find(site: &Site, who: &Member, id: &str) -> Result<Printed> {
    let may = access::find(site, who, id).await?.into_write()?;
    may.must_be_writable()?;
    let meeting = may.meeting.clone();
    let latest = store::find_revision(&site.db, &meeting.id).await?;
    let current = minutes::Current::of(site, &meeting, latest).await?;
    let (is_settled, mark) = (current.is_settled(), current.mark());
    let has_questions = !current.followed.asks.is_empty();
    let (body, standing) = match current.latest {
        None => (current.body, Standing::Draft),
        Some(kept) if is_settled => (current.body, Standing::Kept(kept)),
        Some(kept) => (kept.body.clone(), Standing::Behind(kept)),
    };
    let items = crate::plan::store::list_items(&site.db, &meeting.id).await?;
    let items = items
        .iter()
        .map(|item| format!("{}. {}", item.position, item.title));
    let bare = words::vi(site, "meetings-draft-item-bare", &[]);
    let body = paper::with_bare_items(
        &body,
        &items.collect::<Vec<_>>(),
        &minutes::end(site),
        &bare,
    );
    Ok(Printed {
        town: people::unit::find_town(site, &meeting.unit_path).await?,
        meeting,
        body,
        standing,
        has_questions,
        mark,
    })
}

/// What is said above the paper.
fn said(frame: &Frame, standing: &Standing) -> String {
    let (key, revision) = match standing {
        Standing::Draft => return frame.t("meetings-minutes-print-note"),
        Standing::Kept(revision) => ("meetings-minutes-print-kept", revision),
        Standing::Behind(revision) => ("meetings-minutes-print-behind", revision),
    };
    let at = words::hour_and_day(frame, Moment(revision.at));
    frame.tn(
        key,
        &[("n", revision.number.into()), ("when", (&at).into())],
    )
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let Printed {
        meeting,
        body,
        standing,
        town,
        has_questions,
        mark,
    } = find(&site, &who, &id).await?;
    let day = meeting.began().day();
    let month = if day.month() <= 2 {
        format!("{:02}", day.month())
    } else {
        day.month().to_string()
    };
    let dated = words::vi(
        &site,
        "meetings-print-dated",
        &[
            ("day", (&format!("{:02}", day.day())).into()),
            ("month", (&month).into()),
            ("year", (&day.year().to_string()).into()),
        ],
    );
    let lines = paper::printed(&body);
    let page = Page {
        frame: frame.clone(),
        is_close: paper::is_close(&lines),
        lines,
        may_set_town: who
            .actor
            .allow(Cap::UnitDraft, &meeting.unit(), frame.today()),
        town: town.unwrap_or_default(),
        standing: said(&frame, &standing),
        mark: standing.mark(&site).unwrap_or_default(),
        refresh: matches!(standing, Standing::Behind(_)).then_some(mark),
        has_questions,
        dated,
        upper_parent: meeting.parent_name.to_uppercase(),
        upper_unit: meeting.unit_name.to_uppercase(),
        meeting,
    };
    frame.html(&page)
}
