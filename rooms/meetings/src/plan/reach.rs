//! Whom a message about a meeting reaches, by which way, and who has to be told by mouth.
//!
//! One answer for calling, moving, another place and calling off, before it is done and after. Not here: the
//! messages themselves (`told`). The rule that surprises: whoever does it is not told, so not counted.

use crate::hall::asked::{self, Free};
use crate::plan::store;
use crate::store::Meeting;
use kernel::error::Result;
use notices::Channel;
use site::Site;
use std::collections::BTreeSet;
use web::text::Arg;
use web::{Frame, Member};

/// Whom it reaches.
pub(crate) struct Reach {
    /// All who see it in the handbook, whoever does it among them, in words: "15 người: 13 được mời, 2 miễn".
    pub whole: String,
    /// Of them those whom a message reaches.
    pub told: usize,
    pub by_mail: i64,
    pub by_app: i64,
    /// Whom no message reaches though they are asked to come: name, and what helps.
    pub apart: Vec<(String, String)>,
    /// Whom no message reaches and who need not come: name, and why. Not among those who must be told.
    pub free: Vec<(String, String)>,
}

/// Somebody who is to know: id, name, whether they have no telephone.
type Person = (String, String, bool);

/// Of those who will be invited to a draft: the roster of its day.
pub(crate) async fn of_roster(
    site: &Site,
    frame: &Frame,
    who: &Member,
    (meeting, kind): (&Meeting, &str),
) -> Result<Reach> {
    let roster = people::roster::list(site, &meeting.unit_id, meeting.starts().day()).await?;
    let people = roster.into_iter();
    let people = people.map(|one| (one.member_id.to_string(), one.shown, one.is_phoneless));
    of(site, frame, who, (meeting, kind), people.collect()).await
}

/// Of those who were invited and still belong to the unit on that day; the whole is counted as the meeting's own page does.
pub(crate) async fn of_invited(
    site: &Site,
    frame: &Frame,
    who: &Member,
    (meeting, kind): (&Meeting, &str),
) -> Result<Reach> {
    let roster = people::roster::list(site, &meeting.unit_id, meeting.starts().day()).await?;
    let invited = store::list_invited_names(&site.db, &meeting.id).await?;
    let people = invited.into_iter().filter_map(|(member, _)| {
        let mut known = roster.iter();
        let one = known.find(|one| one.member_id.as_str() == member)?; // else moved, left or died since
        Some((member, one.shown.clone(), one.is_phoneless))
    });
    let reach = of(site, frame, who, (meeting, kind), people.collect()).await?;
    if !meeting.state.is_coming() {
        return Ok(reach);
    }
    let whole = asked::count(site, meeting).await?.whole.said(frame);
    Ok(Reach { whole, ..reach })
}

async fn of(
    site: &Site,
    frame: &Frame,
    who: &Member,
    (meeting, kind): (&Meeting, &str),
    people: Vec<Person>,
) -> Result<Reach> {
    let me = who.actor.member.as_str();
    let free = Free::of(site, &meeting.unit_id, meeting.starts().day()).await?;
    let whole = free.count(people.iter().map(|(id, ..)| id.as_str()));
    let others: Vec<Person> = (people.into_iter()).filter(|(id, ..)| id != me).collect();
    let ids: Vec<String> = others.iter().map(|(id, ..)| id.clone()).collect();
    let works = |channel: &Channel| match channel {
        Channel::Email => site.can_mail(),
        Channel::Push => site.can_push(),
    };
    let mut reached = notices::list_reached(&site.db, kind, &ids).await?;
    reached.retain(|(_, channel)| works(channel));
    let by = |wanted: Channel| -> i64 {
        let of = reached.iter().filter(|(_, channel)| *channel == wanted);
        let people: BTreeSet<&str> = of.map(|(id, _)| id.as_str()).collect();
        i64::try_from(people.len()).unwrap_or(i64::MAX)
    };
    let (mut apart, mut need_not) = (Vec::new(), Vec::new());
    let unreached = |(id, ..): &&Person| !reached.iter().any(|(member, _)| member == id);
    for (id, name, is_phoneless) in others.iter().filter(unreached) {
        let note = |key: &str| (name.clone(), frame.t(key));
        match free.why(id) {
            Some(why) => need_not.push(note(why)),
            None if *is_phoneless => apart.push(note("meetings-calling-visit")),
            None => apart.push((name.clone(), String::new())),
        }
    }
    Ok(Reach {
        whole: whole.said(frame),
        told: others.len() - apart.len() - need_not.len(),
        by_mail: by(Channel::Email),
        by_app: by(Channel::Push),
        apart,
        free: need_not,
    })
}

impl Reach {
    /// What was sent to whom, in a sentence: for the line after it is done.
    pub(crate) fn said(&self, frame: &Frame) -> String {
        if self.told == 0 {
            return match self.apart.is_empty() && self.free.is_empty() {
                true => String::new(), // there is nobody else
                false => frame.t("meetings-reach-nobody"),
            };
        }
        let apart = i64::try_from(self.apart.len()).unwrap_or(i64::MAX);
        let key = match apart {
            0 => "meetings-reach-all",
            _ => "meetings-reach-some",
        };
        let args = [
            ("mail", Arg::from(self.by_mail)),
            ("app", Arg::from(self.by_app)),
            ("n", Arg::from(apart)),
        ];
        frame.tn(key, &args)
    }
    /// What was done, and who hears of it.
    pub(crate) fn after(&self, frame: &Frame, done: &str) -> String {
        format!("{} {}", frame.t(done), self.said(frame))
            .trim()
            .to_owned()
    }
}
