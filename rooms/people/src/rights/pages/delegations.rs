//! What I have lent and what was lent to me; taking it back, and handing it back.
//!
//! Ends by itself on its day. Not here: lending (`delegation_new`), what was lent to others (`rights`).

use crate::access::Own;
use crate::rights::lending;
use crate::rights::store::{self, Lent};
use crate::{actor, page, roles};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::Error;
use kernel::{MemberId, Role};
use site::{May as _, Site};
use web::{Answer, Form, Frame, Member, Nothing, see_other};

/// A right that I may lend a part of.
struct Mine {
    grant: String,
    what: String,
}

struct Line {
    id: String,
    name: String,
    what: String,
    caps: String,
    term: String,
    is_dead: bool,
}

#[derive(Template)]
#[template(path = "people/delegations.html")]
struct Page {
    frame: Frame,
    lent: Vec<Line>,
    borrowed: Vec<Line>,
    mine: Vec<Mine>,
    days: i32,
}

fn line(frame: &Frame, one: Lent, is_mine: bool) -> Line {
    let caps: Vec<String> = serde_json::from_str(&one.caps_json).unwrap_or_default();
    let role = Role::by_name(&one.role).map_or_else(String::new, |role| frame.t(roles::name(role)));
    Line {
        caps: lending::words(frame, &caps),
        what: format!("{role}, {}", one.unit_name),
        term: page::term(frame, &one.from_on, &one.to_on),
        name: if is_mine { one.name } else { one.lender },
        is_dead: one.is_dead == 1,
        id: one.id,
    }
}

pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    let today = frame.today();
    let me = &who.actor.member;
    let (mut lent, mut borrowed) = (Vec::new(), Vec::new());
    for one in store::list_lent(&site.db, me, today).await? {
        match one.lender_id == me.as_str() {
            true => lent.push(line(&frame, one, true)),
            false => borrowed.push(line(&frame, one, false)),
        }
    }
    let own = actor::read(&site, me, today).await?;
    let lendable = lending::lendable(&own, today);
    let ids: Vec<String> = lendable
        .iter()
        .map(|(grant, _)| grant.id.to_string())
        .collect();
    let behind = store::list_behind(&site.db, &ids).await?;
    let mine = lendable.iter().filter_map(|(grant, _)| {
        let back = behind.iter().find(|one| one.id == grant.id.as_str())?;
        let role = frame.t(roles::name(grant.role));
        let called = match back.title.as_str() {
            "" => role,
            title => format!("{title} ({role})"),
        };
        Some(Mine {
            what: format!("{called}, {}", back.unit_name),
            grant: grant.id.to_string(),
        })
    });
    frame.html(&Page {
        mine: mine.collect(),
        days: lending::most_days(&site).await?,
        frame: frame.clone(),
        lent,
        borrowed,
    })
}

/// Ends it now; pressed twice it is ended once.
pub(crate) async fn post_ending(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    _form: Form<Nothing>,
) -> Answer {
    let all = store::list_lent(&site.db, &who.actor.member, frame.today()).await?;
    let back = see_other("/me/delegations");
    let Some(one) = all.into_iter().find(|one| one.id == id) else {
        return Err(Error::NotFound.into());
    };
    let mut act = Own::of(&who.actor)
        .begin(&site, &frame, "delegation.end")
        .await?;
    store::take_back(&mut act, &id).await?;
    let (other, other_name) = match one.lender_id == who.actor.member.as_str() {
        true => (one.member_id, one.name),
        false => (one.lender_id, one.lender),
    };
    let other: MemberId = other.parse().map_err(Error::fault)?;
    let by = who.actor.name.clone();
    lending::tell(
        &mut act,
        &other,
        "people-notice-lent-ended",
        "/me/delegations",
        &by,
    );
    act.line().about(&other).object("delegation", &id);
    act.end().await?;
    Ok(back
        .flash("people-lending-ended")
        .arg("name", &other_name)
        .into_response())
}
