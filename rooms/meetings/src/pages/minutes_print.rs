//! The minutes on paper: the newest revision (or the draft) between letterhead and signatures.
//!
//! The layout follows domain reference 6.5 and is unconfirmed; the page is marked as a draft until
//! the minutes are signed.

use crate::{access, minutes, store};
use askama::Template;
use axum::extract::{Path, State};
use kernel::Moment;
use site::Site;
use web::{Answer, Frame, Member};

/// A paragraph, or a heading of the text.
pub(crate) struct Part {
    pub is_heading: bool,
    pub text: String,
}

#[derive(Template)]
#[template(path = "meetings/minutes_print.html")]
struct Page {
    frame: Frame,
    meeting: store::Meeting,
    parts: Vec<Part>,
    dated: String,
    upper_parent: String,
    upper_unit: String,
}

/// Headings are numbered lines ("1. …") and lines in capitals.
pub(crate) fn parts(body: &str) -> Vec<Part> {
    body.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let numbered = line.split_once(". ").is_some_and(|(n, _)| {
                !n.is_empty() && n.len() < 3 && n.bytes().all(|b| b.is_ascii_digit())
            });
            let capitals = line.chars().any(char::is_alphabetic)
                && line.chars().count() < 80
                && line.to_uppercase() == line;
            Part {
                is_heading: numbered || capitals,
                text: line.trim().to_owned(),
            }
        })
        .collect()
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let may = access::find(&site, &who, &id).await?.into_write()?;
    may.must_be_writable()?;
    let meeting = may.meeting.clone();
    let body = match store::find_revision(&site.db, &meeting.id).await? {
        Some(revision) => revision.body,
        None => minutes::draft(&site, &meeting).await?,
    };
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
        parts: parts(&body),
        dated,
        upper_parent: meeting.parent_name.to_uppercase(),
        upper_unit: meeting.unit_name.to_uppercase(),
        meeting,
    };
    frame.html(&page)
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn numbered_lines_and_capitals_are_headings() {
        let parts = parts("NỘI DUNG\n\n1. Khai mạc\nBàn 2. việc\n2026. Năm\n- Việc");
        let marks: Vec<bool> = parts.iter().map(|part| part.is_heading).collect();
        assert_eq!(marks, [true, true, false, false, false]);
    }
}
