//! Who saved a thing last: for the page that tells a second writer that somebody was faster.
//!
//! Read from the log, so that every kind of thing has one answer. Not here: what differs (`web::compare`).
//! The rule that surprises: a name is said to whoever may see that person anyway, to others only the hour.

use crate::sight;
use crate::store;
use kernel::error::{Error, Result};
use kernel::{MemberId, Moment};
use site::Site;
use web::{Frame, Member, Saved, SavedBy};

/// The newest of these acts on a thing (kind and id as in the log), as far as the visitor may know of it.
///
/// # Errors
/// Database faults.
pub async fn last(
    site: &Site,
    frame: &Frame,
    who: &Member,
    (kind, id): (&str, &str),
    actions: &[&str],
) -> Result<Saved> {
    let Some(row) = store::find_last_act(&site.db, kind, id, actions).await? else {
        return Ok(Saved::default());
    };
    Ok(Saved {
        when: when(frame, Moment(row.at)),
        by: by(site, who, &row.actor_id).await?,
    })
}

/// The same of an act that a thing itself remembers: who, and when.
///
/// # Errors
/// Database faults.
pub async fn of(
    site: &Site,
    frame: &Frame,
    who: &Member,
    (actor, at): (&str, Moment),
) -> Result<Saved> {
    Ok(Saved {
        when: when(frame, at),
        by: by(site, who, actor).await?,
    })
}

/// Who it was, as far as the visitor may know.
async fn by(site: &Site, who: &Member, actor: &str) -> Result<SavedBy> {
    let Ok(actor) = actor.parse::<MemberId>() else {
        return Ok(SavedBy::Somebody); // the program, or the operator at the machine
    };
    if actor == who.actor.member {
        return Ok(SavedBy::Oneself);
    }
    match sight::of_member(site, &who.actor, &actor).await {
        Ok(_) => Ok(SavedBy::Named(
            store::get_person(&site.db, &actor).await?.name,
        )),
        Err(Error::NotFound) => Ok(SavedBy::Somebody),
        Err(error) => Err(error),
    }
}

/// "19 giờ 42 phút", with the day when it was not today.
fn when(frame: &Frame, at: Moment) -> String {
    let (hour, minute) = at.hour_minute();
    let minute = format!("{minute:02}");
    let day = at.day();
    if day == frame.today() {
        return frame.t2(
            "web-saved-at",
            "hour",
            i64::from(hour),
            "minute",
            minute.as_str(),
        );
    }
    frame.tn(
        "web-saved-on",
        &[
            ("hour", i64::from(hour).into()),
            ("minute", minute.as_str().into()),
            ("day", day.vn().as_str().into()),
        ],
    )
}
