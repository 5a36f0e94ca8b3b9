//! Hôm nay: the book that lies open, in the second column.

use crate::place::{self, Reading};
use askama::Template;
use kernel::error::{Error, Result};
use site::{Site, TodayPart};
use std::sync::Arc;
use web::{Frame, SignedIn, Visitor};

#[derive(Template)]
#[template(path = "library/_reading.html")]
struct Panel {
    frame: Frame,
    reading: Reading,
}

/// Stands below what is to be done.
const ORDER: i64 = 50;

pub(crate) async fn part(site: Site, frame: Frame, who: Arc<SignedIn>) -> Result<TodayPart> {
    let reach = site::reach_of(
        &Visitor {
            signed_in: Some(who.clone()),
        },
        frame.today(),
    );
    let mut part = TodayPart::default();
    if let Some(reading) = place::latest(&site, &who.actor.member, &reach).await? {
        let html = Panel { frame, reading }.render().map_err(Error::fault)?;
        part.asides.push((ORDER, html));
    }
    Ok(part)
}
