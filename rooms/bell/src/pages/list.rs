//! One's own notices: the list, opening one, and the newest unread on Hôm nay.
//!
//! The sentence is made when it is drawn, in the reader's language; a text that is not there any more (a room
//! was taken out) reads as the kind's neutral line.

use crate::access::Own;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse as _;
use kernel::Error;
use notices::{Notice, NoticeId};
use site::{May as _, Site, TodayNotice, TodayPart};
use std::sync::Arc;
use web::text::Arg;
use web::{Answer, Form, Frame, Member, SignedIn, see_other};

/// Notices on a page.
const ROWS: i64 = 40;
/// Unread ones on Hôm nay.
const ON_TODAY: i64 = 3;

struct Row {
    to: String,
    margin: String,
    text: String,
    is_new: bool,
}

#[derive(Template)]
#[template(path = "bell/list.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    newest: String,
    older: Option<String>,
    unread: i64,
}

fn text(frame: &Frame, notice: &Notice) -> String {
    if !frame.has_text(&notice.text_key) {
        return frame.t("notices-out-body");
    }
    // Hours are kept as `19:30` and said as everywhere else in the reader's language.
    let hour = (notice.args.get("hour")).map(|kept| in_words(frame, kept));
    let args: Vec<(&str, Arg<'_>)> = (notice.args.iter())
        .map(|(name, value)| match &hour {
            Some(said) if name == "hour" => ("hour", Arg::Text(said)),
            _ => (name.as_str(), Arg::Text(value)),
        })
        .collect();
    frame.tn(&notice.text_key, &args)
}

/// `19:30` as "19 giờ 30 phút"; what is no hour stays as it is.
fn in_words(frame: &Frame, kept: &str) -> String {
    let parts = kept.split_once(':');
    let hour = parts.and_then(|(hour, minute)| Some((hour.parse::<i64>().ok()?, minute)));
    match hour {
        Some((hour, minute)) => frame.t2("web-saved-at", "hour", hour, "minute", minute),
        None => kept.to_owned(),
    }
}

fn margin(notice: &Notice) -> String {
    let day = notice.created_at.day().vn();
    day.rsplit_once('/')
        .map_or(day.clone(), |(short, _)| short.to_owned())
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    after: String,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Query(asked): Query<Asked>,
) -> Answer {
    let after: Option<NoticeId> = asked.after.parse().ok(); // odd: from the newest
    let found = notices::list(&site.db, &who.actor, after.as_ref(), ROWS).await?;
    let full = i64::try_from(found.len()).is_ok_and(|count| count == ROWS);
    frame.html(&Page {
        newest: found
            .first()
            .map(|one| one.id.to_string())
            .unwrap_or_default(),
        older: found
            .last()
            .filter(|_| full)
            .map(|last| format!("/notices?after={}", last.id)),
        unread: notices::count_unread(&site.db, &who.actor).await?,
        rows: found
            .iter()
            .map(|notice| Row {
                to: format!("/notices/{}", notice.id),
                margin: margin(notice),
                text: text(&frame, notice),
                is_new: notice.read_at.is_none() && notice.expires_at > frame.now(),
            })
            .collect(),
        frame: frame.clone(),
    })
}

/// `GET /notices/{id}`: the address that goes out. Marks it read and leads on; again is the same.
pub(crate) async fn open(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let id: NoticeId = id.parse().map_err(|_| Error::NotFound)?;
    let clock = site.clock.clone();
    let mut act = Own::of(&who.actor)
        .begin_unlogged(&site, &frame, "notice.read")
        .await?;
    let to = notices::read_one(act.tx(), &clock, &who.actor, &id).await?;
    act.end().await?;
    Ok(see_other(to).into_response())
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Newest {
    newest: String,
}

/// `POST /notices/read`: all that the page showed, none that came meanwhile.
pub(crate) async fn read_all(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    form: Form<Newest>,
) -> Answer {
    let newest: NoticeId = form.value.newest.parse().map_err(|_| Error::NotFound)?;
    let clock = site.clock.clone();
    let mut act = Own::of(&who.actor)
        .begin_unlogged(&site, &frame, "notice.read")
        .await?;
    notices::read_all(act.tx(), &clock, &who.actor, &newest).await?;
    act.end().await?;
    Ok(see_other("/notices")
        .flash("bell-read-done")
        .into_response())
}

/// The newest unread ones.
pub(crate) async fn today(
    site: Site,
    frame: Frame,
    who: Arc<SignedIn>,
) -> kernel::Result<TodayPart> {
    let mut part = TodayPart::default();
    // Hôm nay is the page that is opened most: what the session already knows is not asked again.
    if who.unread == 0 {
        return Ok(part);
    }
    for notice in notices::list_unread(&site.db, &site.clock, &who.actor, ON_TODAY).await? {
        part.notices.push(TodayNotice {
            at: notice.created_at.0,
            margin: margin(&notice),
            title: text(&frame, &notice),
            meta: String::new(),
            to: format!("/notices/{}", notice.id),
        });
    }
    Ok(part)
}
