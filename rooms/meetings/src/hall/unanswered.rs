//! Who has not answered yet: their names, and their telephone for whoever may see it and asks.
//!
//! An answer given on the telephone is recorded by `pages::answer`. Not here: what members answer themselves.
//! The rule that surprises: numbers are shown only when asked for, because each look is written down and
//! can be read by the person (V2 of the governance reference).

use crate::access::Seen;
use crate::hall::asked::Roll;
use crate::hall::store;
use kernel::error::{Error, Result};
use kernel::{Cap, MemberId};
use site::Site;
use web::Member;

/// Somebody to ring up.
pub(crate) struct Silent {
    pub member_id: String,
    pub name: String,
    /// As it is written; empty when there is none or it was not asked for.
    pub phone: String,
    /// As it is dialled.
    pub dial: String,
}

/// Those who have not answered, and whether their numbers may be shown.
pub(crate) struct Unanswered {
    pub people: Vec<Silent>,
    pub may_ring: bool,
    pub has_numbers: bool,
}

/// Those of that meeting: whoever left the unit since it was called is not rung up, whoever came is.
pub(crate) async fn of(site: &Site, who: &Member, seen: &Seen) -> Result<Unanswered> {
    let meeting = &seen.meeting;
    let mut people = Vec::new();
    if seen.may_mark && meeting.state.is_coming() {
        let roll = Roll::of(site, meeting).await?;
        let mut asked = store::list_unanswered(&site.db, &meeting.id).await?;
        asked.retain(|(member, _)| roll.has(member));
        let invited = store::list_answers(&site.db, &meeting.id).await?;
        let new = roll.without(invited.iter().map(|one| one.member_id.as_str()).collect());
        asked.extend(new.map(|one| (one.person.member_id.to_string(), one.person.name.clone())));
        let on = meeting.starts().day();
        let free = super::asked::list_free(site, &meeting.unit_id, on).await?;
        // Whoever chairs is there anyway; whoever need not come is not waited for.
        let others = (asked.into_iter())
            .filter(|(member, _)| *member != meeting.chair_id && !free.contains(member));
        let names = people::roster::names(site, &meeting.unit_id, on).await?;
        for (member_id, mut name) in others {
            names.call(&member_id, &mut name);
            people.push(Silent {
                member_id,
                name,
                phone: String::new(),
                dial: String::new(),
            });
        }
    }
    let today = site.clock.today();
    let may_ring = who.actor.allow(Cap::MemberRead, &meeting.unit(), today);
    let has_numbers = may_ring && seen.shows_phones && !people.is_empty();
    if has_numbers {
        number(site, who, &mut people).await?;
    }
    Ok(Unanswered {
        people,
        may_ring,
        has_numbers,
    })
}

/// Writes the looks down, then the numbers beside the names.
async fn number(site: &Site, who: &Member, people: &mut [Silent]) -> Result<()> {
    let mut ids = Vec::new();
    for one in people.iter() {
        let id: MemberId = one.member_id.parse().map_err(Error::fault)?;
        match people::sight::of_member(site, &who.actor, &id).await {
            Ok(sight) if sight.level >= site::Level::V2 => ids.push(id),
            Ok(_) | Err(Error::NotFound) => {} // placed elsewhere by now
            Err(error) => return Err(error),
        }
    }
    let looked = site::look(site, &who.actor, &ids, site::Level::V2, "").await?;
    for id in ids {
        let view = people::member::view(site, &looked, &id, site::Level::V2).await?;
        let phone = view.record.map(|record| record.phone).unwrap_or_default();
        let dial = |c: &char| c.is_ascii_digit() || *c == '+';
        if let Some(one) = people.iter_mut().find(|one| one.member_id == id.as_str()) {
            one.dial = phone.chars().filter(dial).collect();
            one.phone = phone;
        }
    }
    Ok(())
}
