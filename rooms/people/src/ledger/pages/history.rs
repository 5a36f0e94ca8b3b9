//! The history of a record: all that was ever recorded of a member, and the record as it held on a day.
//!
//! Read by whoever reads the record at V2, which is written down, and by the member. Not here: the record of today
//! (`members::pages`), who looked (`me`). The rule that surprises: a record that was merged into this one is read here
//! too, line by line; the record of a day is this one's alone, but for the codes of both.

use crate::ledger::history::{self, Change, Line};
use crate::member;
use crate::merging::alias;
use crate::page::{member_id, whole_day};
use crate::sight::{self, Level};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::MemberId;
use site::{Looked, Site};
use web::{Answer, FormState, Frame, Member, see_other};

#[derive(Template)]
#[template(path = "people/history.html")]
struct Page {
    frame: Frame,
    form: FormState,
    name: String,
    /// The record.
    back: String,
    is_own: bool,
    lines: Vec<Line>,
    /// Whether there may be older lines than are shown.
    is_cut: bool,
    /// The record of the day that was asked for, with the day and the day by whose end it was known.
    then: Option<Then>,
}

struct Then {
    on: String,
    known: String,
    facts: Vec<(String, String)>,
}

impl Page {
    fn day(&self, line: &Line) -> String {
        line.recorded.day().vn_short()
    }
    fn year(&self, line: &Line) -> String {
        line.recorded.day().year().to_string()
    }
    /// `Nguyễn Thị Lan ghi lúc 19:30`
    fn by(&self, line: &Line) -> String {
        let clock = line.recorded.clock_text();
        match line.recorder.as_str() {
            "" => self.frame.t1("people-history-by-program", "clock", &clock),
            name => self
                .frame
                .t2("people-history-by", "name", name, "clock", &clock),
        }
    }
    /// `Hà Nội → Huế`, or that it was taken away.
    fn becomes(&self, change: &Change) -> String {
        match (change.old.as_str(), change.new.as_str()) {
            (_, _) if change.is_sealed => self.frame.t("people-history-sealed"),
            ("", new) => new.to_owned(),
            (old, "") => self.frame.t1("people-history-removed", "old", old),
            (old, new) => self
                .frame
                .t2("people-history-becomes", "old", old, "new", new),
        }
    }
}

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    on: String,
    #[serde(default)]
    known: String,
}

/// Of another member.
pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let id = member_id(&id)?;
    if id == who.actor.member {
        return Ok(see_other("/me/history").into_response());
    }
    if let Some(kept) = alias::leads_to(&site, &who.actor, &id).await? {
        return Ok(see_other(format!("/members/{kept}/history")).into_response());
    }
    let sight = sight::of_member(&site, &who.actor, &id).await?;
    if sight.level < Level::V2 {
        return Err(kernel::Error::NotFound.into());
    }
    let one = std::slice::from_ref(&id);
    let looked = site::look(&site, &who.actor, one, Level::V2, "").await?;
    draw(&site, &frame, &looked, &id, asked, false).await
}

/// One's own.
pub(crate) async fn get_own(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Query(asked): Query<Asked>,
) -> Answer {
    let looked = Looked::own(&who.actor);
    draw(&site, &frame, &looked, &who.actor.member, asked, true).await
}

async fn draw(
    site: &Site,
    frame: &Frame,
    looked: &Looked,
    id: &MemberId,
    asked: Asked,
    is_own: bool,
) -> Answer {
    let read = history::read(site, frame, looked, id).await?;
    let today = frame.today();
    let pairs = [("on", &asked.on), ("known", &asked.known)];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    let mut form = FormState::typed(pairs.to_vec());
    let mut day = |name: &'static str, text: &str| match (text.trim(), whole_day(text, today)) {
        ("", _) => Some(today),
        (_, Some(day)) => Some(day),
        (_, None) => {
            form.fail(name, "people-history-day-odd");
            None
        }
    };
    let (on, by) = (day("on", &asked.on), day("known", &asked.known));
    let is_asked = !asked.on.trim().is_empty() || !asked.known.trim().is_empty();
    let then = match (on, by, is_asked) {
        (Some(on), Some(by), true) => Some(Then {
            on: on.vn(),
            known: by.vn(),
            facts: read.on(frame, on, by),
        }),
        (_, _, _) => None,
    };
    frame.html_status(
        form.status(),
        &Page {
            frame: frame.clone(),
            name: member::name(site, id).await?,
            back: if is_own {
                "/me".to_owned()
            } else {
                format!("/members/{id}")
            },
            is_own,
            is_cut: i64::try_from(read.lines.len()).unwrap_or(i64::MAX) >= history::MOST,
            lines: read.lines,
            form,
            then,
        },
    )
}
