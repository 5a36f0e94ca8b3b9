//! Where the own transfer stands, on the member's page: what is done, whose turn it is and by which day, and where the
//! letter is handed in.
//!
//! Read for oneself alone. Not here: what either side does (`transfer`, `departure`).
//! The rule that surprises: what waits for a second person of the own side stands here too, before anything was sent.

use crate::bodies::{self, Body};
use crate::member::vn;
use crate::members::deciding::{self, Prepared as _};
use crate::members::moving::{self, Wish};
use crate::members::outside::Departure;
use crate::members::store::{moving as store, outside};
use crate::page::either;
use crate::unit;
use kernel::MemberId;
use kernel::error::Result;
use site::Site;
use web::{Frame, Member};

/// A step of the way.
pub(crate) struct Step {
    /// `done`, `now`, `wait`.
    pub(crate) is: &'static str,
    pub(crate) what: String,
    pub(crate) more: String,
}

/// A transfer of the visitor.
#[derive(Default)]
pub(crate) struct Own {
    pub(crate) head: String,
    /// Until which day a stay for a time lasts.
    pub(crate) until: String,
    pub(crate) track: Vec<Step>,
    /// Who takes the letter.
    pub(crate) hand: String,
    /// Where the new unit is.
    pub(crate) address: String,
    pub(crate) desks: Vec<Body>,
}

/// Those that are on the way, or by which the visitor is elsewhere for a time.
pub(crate) async fn own(site: &Site, frame: &Frame, who: &Member) -> Result<Vec<Own>> {
    let me = &who.actor.member;
    let mut all = Vec::new();
    if let Some(own) = prepared(site, frame, me).await? {
        all.push(own);
    }
    let today = site.clock.today();
    if let Some(id) = store::find_last(&site.db, me, today).await? {
        let one = store::get(site.db.read(), &id).await?;
        let hosts = moving::hosts(site, &one.to(), me).await?;
        let waits = one.is_waiting();
        let head = match waits {
            true => "people-moving-own-waits",
            false => "people-moving-own-stays",
        };
        let hand = either(frame, &hosts);
        all.push(Own {
            head: frame.t1(head, "unit", one.to_name.as_str()),
            until: one.until().map_or_else(String::new, |last| {
                frame.t1("people-moving-until-day", "day", &last.vn())
            }),
            track: match waits {
                true => steps(
                    frame,
                    &one.letter_no,
                    [&one.show_due.vn(), &one.start_due.vn()],
                    &hand,
                ),
                false => Vec::new(),
            },
            hand,
            address: one.to_address.clone(),
            desks: match waits {
                true => bodies::of_unit(site, &one.to()).await?,
                false => Vec::new(),
            },
        });
    }
    if let Some(id) = outside::find_open(site.db.read(), me).await? {
        let one = outside::get(site.db.read(), &id).await?;
        let desk = match one.body_id.as_str() {
            "" => None,
            id => bodies::store::find(&site.db, id).await?,
        };
        let due = [&vn(&one.show_due), &vn(&one.start_due)];
        all.push(Own {
            head: frame.t1("people-moving-own-waits", "unit", one.body_name.as_str()),
            track: steps(frame, &one.letter_no, due, &one.body_name),
            desks: desk.into_iter().collect(),
            ..Own::default()
        });
    }
    Ok(all)
}

/// A transfer of a member, for whoever keeps their record: in short, whose turn it is, and where it is read.
pub(crate) struct Way {
    pub(crate) head: String,
    pub(crate) turn: String,
    /// Its page; empty where this visitor has no part in it.
    pub(crate) to: String,
}

/// Those of a member that this visitor may follow: what waits for a second person of the own side, what was sent, where
/// they are for a time, and what goes to another house.
pub(crate) async fn of_member(
    site: &Site,
    frame: &Frame,
    who: &Member,
    member: &MemberId,
) -> Result<Vec<Way>> {
    let (mut all, today) = (Vec::new(), site.clock.today());
    let turn = |names: &str, day: &str| match day.is_empty() {
        true => frame.t1("people-way-turn", "names", names),
        false => frame.t2("people-way-turn-by", "names", names, "day", day),
    };
    if crate::sight::of_member(site, &who.actor, member)
        .await?
        .may_draft
        && let Some(own) = prepared(site, frame, member).await?
    {
        let step = own.track.iter().find(|step| step.is == "now");
        all.push(Way {
            head: own.head,
            turn: step.map_or_else(String::new, |step| format!("{}. {}", step.what, step.more)),
            to: String::new(),
        });
    }
    if let Some(id) = store::find_last(&site.db, member, today).await?
        && let Ok(seen) = moving::see(site, &who.actor, &id).await
    // no part in it: nothing is said
    {
        let one = &seen.transfer;
        let hosts = moving::hosts(site, &one.to(), member).await?;
        let hosts = match hosts.is_empty() {
            true => one.to_name.clone(),
            false => either(frame, &hosts),
        };
        let until = one.until().map_or_else(String::new, |last| last.vn());
        all.push(match one.is_waiting() {
            true => Way {
                head: frame.t1("people-way-waits", "unit", one.to_name.as_str()),
                turn: turn(&hosts, &one.start_due.vn()),
                to: format!("/transfers/{id}"),
            },
            false => Way {
                head: frame.t1("people-way-stays", "unit", one.to_name.as_str()),
                turn: frame.t1("people-moving-until-day", "day", &until),
                to: format!("/transfers/{id}"),
            },
        });
    }
    if let Some(id) = outside::find_open(site.db.read(), member).await?
        && let Ok((one, _)) = crate::members::outside::see(site, &who.actor, &id).await
    // as above
    {
        let body = one.body_name.as_str();
        all.push(Way {
            head: frame.t1("people-way-waits", "unit", body),
            turn: frame.t2(
                "people-way-outside",
                "unit",
                body,
                "day",
                &vn(&one.start_due),
            ),
            to: format!("/departures/{id}"),
        });
    }
    Ok(all)
}

/// What waits for a second person of the own side.
async fn prepared(site: &Site, frame: &Frame, me: &MemberId) -> Result<Option<Own>> {
    let now = site.clock.now();
    for kind in [Wish::KIND, Departure::KIND] {
        for one in approvals::list_waiting(&site.db, kind, now).await? {
            if one.object_id != me.as_str() {
                continue;
            }
            let payload = one.payload()?;
            let to = match kind {
                Wish::KIND => {
                    let wish: Wish = deciding::read(&payload)?;
                    unit::get(site, &wish.to).await?.name
                }
                _ => deciding::read::<Departure>(&payload)?.body_name,
            };
            let step = |is, key: &str, more: String| Step {
                is,
                what: frame.t(key),
                more,
            };
            let due = kernel::Moment(one.expires_at).day().vn();
            return Ok(Some(Own {
                head: frame.t1("people-track-prepared", "unit", to.as_str()),
                track: vec![
                    step("done", "people-track-wrote", one.prepared_label.clone()),
                    step(
                        "now",
                        "people-track-agrees",
                        frame.t1("people-track-by", "day", &due),
                    ),
                    step("wait", "people-track-hand", String::new()),
                    step("wait", "people-track-takes", String::new()),
                ],
                ..Own::default()
            }));
        }
    }
    Ok(None)
}

/// The steps of one that was sent.
fn steps(frame: &Frame, letter: &str, [show, start]: [&String; 2], takes: &str) -> Vec<Step> {
    let by = |day: &str| match day.is_empty() {
        true => String::new(),
        false => frame.t1("people-track-by", "day", day),
    };
    let step = |is, key: &str, more: String| Step {
        is,
        what: frame.t(key),
        more,
    };
    vec![
        step("done", "people-track-sent", letter.to_owned()),
        step("now", "people-track-hand", by(show)),
        step("wait", "people-track-takes", takes.to_owned()),
        step("wait", "people-track-starts", by(start)),
    ]
}
