//! One's own uploads, and those that wait for one on Hôm nay.

use super::form::{Earlier, day};
use crate::upload::{Stands, Upload};
use crate::{second, store};
use askama::Template;
use axum::extract::State;
use site::{Site, TodayPart, TodayTask};
use std::sync::Arc;
use web::{Answer, Frame, Member, SignedIn};

/// How many are listed.
const MOST: i64 = 50;

/// The colour and the key of the word for how an upload stands.
pub(crate) fn state_key(state: Stands) -> (&'static str, &'static str) {
    match state {
        Stands::Receiving => ("warn", "uploads-state-receiving"),
        Stands::Checking => ("", "uploads-state-checking"),
        Stands::Ready => ("warn", "uploads-state-ready"),
        Stands::Applying => ("", "uploads-state-applying"),
        Stands::Done => ("ok", "uploads-state-done"),
        Stands::Stopped => ("warn", "uploads-state-stopped"),
        Stands::Failed => ("bad", "uploads-state-failed"),
        Stands::Undoing => ("", "uploads-state-undoing"),
        Stands::Undone => ("", "uploads-state-undone"),
        Stands::Dropped => ("", "uploads-state-dropped"),
    }
}

/// A line of a list of uploads.
pub(crate) fn line(frame: &Frame, upload: &Upload) -> Earlier {
    let (state, word) = state_key(upload.state);
    Earlier {
        to: format!("/uploads/{}", upload.id),
        title: upload.title(),
        day: day(upload.made_at),
        state,
        word: frame.t(word),
    }
}

#[derive(Template)]
#[template(path = "uploads/list.html")]
struct Page {
    frame: Frame,
    rows: Vec<Earlier>,
}

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let own = store::list_own(&site.db, &who.actor.member, MOST).await?;
    let rows = own.iter().map(|upload| line(&frame, upload)).collect();
    frame.html(&Page {
        frame: frame.clone(),
        rows,
    })
}

/// Uploads that wait for this person's decision.
pub(crate) async fn today(
    site: Site,
    frame: Frame,
    who: Arc<SignedIn>,
) -> kernel::Result<TodayPart> {
    let mut part = TodayPart::default();
    let today = site.clock.today();
    let mut importers = site.rooms.importers.iter();
    if !importers.any(|importer| importer.may_somewhere(&who.actor, today)) {
        return Ok(part); // nothing can wait for them
    }
    for upload in store::list_waiting(&site.db, &who.actor.member).await? {
        if second::is_waiting(&site, &upload.id).await? {
            continue; // it is somebody else's turn
        }
        let until = upload
            .changed()
            .plus_ms(crate::run::WAITS_DAYS * 24 * 3_600_000);
        part.tasks.push(TodayTask {
            due_at: until.0,
            minutes: 5,
            title: frame.t1("uploads-today-title", "name", upload.title().as_str()),
            due: frame.t1("uploads-today-due", "day", &until.day().vn()),
            due_state: "",
            left: String::new(),
            why: frame.t(state_key(upload.state).1),
            how: frame.t("uploads-today-how"),
            action: frame.t("uploads-today-go"),
            to: format!("/uploads/{}", upload.id),
        });
    }
    Ok(part)
}
