//! The minutes on paper: the newest revision (or the draft) between letterhead and signatures.
//!
//! The layout follows domain reference 6.5 and is unconfirmed; the page says so. [`find`] is the one
//! door to the text on paper; the same paper as PDF goes through it too (`minutes_pdf`).

use crate::access;
use crate::minutes::{self, store};
use crate::paper::{self, Line};
use askama::Template;
use axum::extract::{Path, State};
use kernel::Moment;
use kernel::error::Result;
use site::Site;
use web::{Answer, Frame, Member};

#[derive(Template)]
#[template(path = "meetings/minutes_print.html")]
struct Page {
    frame: Frame,
    meeting: crate::store::Meeting,
    lines: Vec<Line>,
    dated: String,
    is_draft: bool,
    has_questions: bool,
    upper_parent: String,
    upper_unit: String,
}

/// The minutes as they would be printed now.
pub(crate) struct Printed {
    /// The meeting.
    pub meeting: crate::store::Meeting,
    /// The text.
    pub body: String,
    /// When the text was kept; none while nobody has saved all of it as it reads now.
    pub kept_at: Option<Moment>,
    /// Whether the record says otherwise than words somebody wrote.
    pub has_questions: bool,
}

/// What this visitor may print of that meeting's minutes.
pub(crate) async fn find(site: &Site, who: &Member, id: &str) -> Result<Printed> {
    let may = access::find(site, who, id).await?.into_write()?;
    may.must_be_writable()?;
    let meeting = may.meeting.clone();
    let latest = store::find_revision(&site.db, &meeting.id).await?;
    let current = minutes::Current::of(site, &meeting, latest).await?;
    let is_settled = current.is_settled();
    let kept = current.latest.filter(|_| is_settled);
    Ok(Printed {
        meeting,
        body: current.body,
        kept_at: kept.map(|revision| Moment(revision.at)),
        has_questions: !current.followed.asks.is_empty(),
    })
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
        kept_at,
        has_questions,
    } = find(&site, &who, &id).await?;
    let day = Moment(meeting.started_at.unwrap_or(meeting.starts_at)).day();
    let month = if day.month() <= 2 {
        format!("{:02}", day.month())
    } else {
        day.month().to_string()
    };
    let dated = crate::words::vi(
        &site,
        "meetings-print-dated",
        &[
            ("day", (&format!("{:02}", day.day())).into()),
            ("month", (&month).into()),
            ("year", (&day.year().to_string()).into()),
        ],
    );
    let page = Page {
        frame: frame.clone(),
        lines: paper::printed(&body),
        is_draft: kept_at.is_none(),
        has_questions,
        dated,
        upper_parent: meeting.parent_name.to_uppercase(),
        upper_unit: meeting.unit_name.to_uppercase(),
        meeting,
    };
    frame.html(&page)
}
