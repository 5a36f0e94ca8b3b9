//! The minutes as they read now: the newest revision, following what was recorded since; or the draft.
//!
//! The one door to the text for the page, the print and the PDF. Not here: how it follows (`follow`).
//! The rule that surprises: reading saves nothing, and minutes of an earlier program, which did not keep what
//! they began with, stand as they are until they are saved again.

use crate::minutes::follow::{Followed, follow};
use crate::minutes::sections::{self, Section};
use crate::minutes::store::Revision;
use crate::minutes::{draft, hash, settle};
use crate::store::Meeting;
use crate::words;
use kernel::error::Result;
use site::Site;
use web::text::Arg;

/// The minutes of a meeting now.
pub(crate) struct Current {
    /// The newest revision, when one was saved.
    pub latest: Option<Revision>,
    /// What would be written from the record now.
    pub recorded: String,
    /// How the saved text follows it; empty while nothing is saved.
    pub followed: Followed,
    /// The text as it is read.
    pub body: String,
    /// The same in its sections.
    pub sections: Vec<Section>,
}

/// What would be written from the record now.
pub(crate) async fn recorded(site: &Site, meeting: &Meeting) -> Result<String> {
    Ok(settle(&draft(site, meeting).await?))
}

impl Current {
    /// The minutes of that meeting.
    pub(crate) async fn of(
        site: &Site,
        meeting: &Meeting,
        latest: Option<Revision>,
    ) -> Result<Current> {
        let recorded = recorded(site, meeting).await?;
        Ok(Current::with(site, latest, recorded))
    }
    /// The same of what was read already. Takes its time on long texts: never between begin and end of an act.
    pub(crate) fn with(site: &Site, latest: Option<Revision>, recorded: String) -> Current {
        let followed = match &latest {
            Some(kept) if kept.knows_record() => follow(&kept.recorded, &kept.body, &recorded),
            _ => Followed::default(),
        };
        let body = match &latest {
            None => recorded.clone(),
            Some(kept) if followed.refreshed == 0 => kept.body.clone(),
            Some(_) => followed.body(),
        };
        Current {
            sections: sections::split(&body, &end(site)),
            latest,
            recorded,
            followed,
            body,
        }
    }
    /// The sections of a text of the minutes.
    pub(crate) fn sections_of(site: &Site, body: &str) -> Vec<Section> {
        sections::split(body, &end(site))
    }
    /// What a save of this text is compared with later: no question is answered by it.
    pub(crate) fn base(&self) -> String {
        match &self.latest {
            Some(kept) if kept.knows_record() => self.followed.base(),
            _ => self.recorded.clone(),
        }
    }
    /// Stands for the text.
    pub(crate) fn text_mark(&self) -> String {
        hash(&self.body)
    }
    /// Stands for all that is read: the revision, the text, and the record that is shown beside it.
    pub(crate) fn mark(&self) -> String {
        let number = self.latest.as_ref().map_or(0, |kept| kept.number);
        hash(&format!(
            "{number}\n{}\n{}",
            self.text_mark(),
            self.recorded
        ))
    }
    /// Whether somebody has saved all that is read, and no question is open.
    pub(crate) fn is_settled(&self) -> bool {
        self.latest.is_some() && self.followed.refreshed == 0 && self.followed.asks.is_empty()
    }
}

/// How the line begins that says when the meeting ended.
pub(crate) fn end(site: &Site) -> String {
    let line = words::vi(site, "meetings-draft-end", &[("time", Arg::Text("|"))]);
    before(&line)
}

fn before(line: &str) -> String {
    line.split('|').next().unwrap_or_default().to_owned()
}

/// First words by which the lines of the minutes are found with the eye: "Kết luận:", "Chủ trì:".
pub(crate) fn leads(site: &Site) -> Vec<String> {
    [
        ("meetings-draft-conclusion", "text"),
        ("meetings-draft-chair", "name"),
        ("meetings-draft-clerk", "name"),
    ]
    .into_iter()
    .map(|(key, arg)| before(&words::vi(site, key, &[(arg, Arg::Text("|"))])))
    .filter(|lead| !lead.trim().is_empty())
    .collect()
}
