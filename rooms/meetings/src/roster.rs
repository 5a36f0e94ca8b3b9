//! The roll of one meeting: the roster of its day with marks and standing.
//!
//! Joins what the people room publishes with the room's own marks; counting itself is `roll`.
//! The rule that surprises: who has a status and placement without a rule is shown, not counted and
//! may not vote, and the roll counts as unconfirmed.

use crate::roll::{Counted, Counts, Mark};
use crate::store::Meeting;
use kernel::error::Result;
use kernel::{Day, UnitId};
use people::roster::Person;
use site::Site;
use std::collections::HashMap;

/// One name with all that the page and the count need.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub person: Person,
    pub counted: Counted,
    /// Whether a person of the organisation confirmed the rule that was used.
    pub is_signed_off: bool,
}

/// The roll of a unit on a day without any mark, sorted the Vietnamese way, those away at the end.
pub(crate) async fn of(site: &Site, unit: &UnitId, on: Day) -> Result<Vec<Name>> {
    let people = people::roster::list(site, unit, on).await?;
    let rules = people::standing::of(site, on).await?;
    let mut roll = Vec::with_capacity(people.len());
    for person in people {
        let (status, placement) = (person.standing_status(), person.placement_kind.as_str());
        let standing = rules.find_or_missing(status, placement);
        let is_official = placement != "temporary";
        let counted = Counted {
            is_full: is_official && person.status == "full",
            is_probationary: is_official && person.status == "probationary",
            is_exempt: person.is_exempt,
            is_away: placement == "official_away",
            counts: match standing.counts {
                people::standing::Counts::Always => Counts::Always,
                people::standing::Counts::IfPresent => Counts::IfPresent,
                people::standing::Counts::Never => Counts::Never,
            },
            may_vote: standing.may_vote,
            mark: None,
        };
        roll.push(Name {
            person,
            counted,
            is_signed_off: standing.signed_off,
        });
    }
    roll.sort_by_key(|name| name.counted.is_away); // stable: the order of names stays
    Ok(roll)
}

/// Puts the marks beside the names; `marks` are pairs of member and word.
pub(crate) fn mark(roll: &mut [Name], marks: Vec<(String, String)>) {
    let marks: HashMap<String, String> = marks.into_iter().collect();
    for name in roll {
        name.counted.mark = marks
            .get(name.person.member_id.as_str())
            .and_then(|word| Mark::by_name(word));
    }
}

/// The roll of a meeting with its marks.
pub(crate) async fn marked(site: &Site, meeting: &Meeting) -> Result<Vec<Name>> {
    let mut roll = of(site, &meeting.unit_id, meeting.starts().day()).await?;
    mark(
        &mut roll,
        crate::store::list_marks(&site.db, &meeting.id).await?,
    );
    Ok(roll)
}

/// Only what is counted.
pub(crate) fn counted(roll: &[Name]) -> Vec<Counted> {
    roll.iter().map(|name| name.counted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn one_person_without_a_rule_does_not_take_the_roll_away() {
        testkit::on_both(
            || vec![people::room(), crate::room()],
            async |app| {
                let unit: UnitId = "cell-a".parse().unwrap();
                let before = of(&app.site, &unit, app.today()).await.unwrap();
                let mut act = app.act().await;
                db::sql("update people_member set status = 'candidate' where id = 'hoa'")
                    .run(act.on())
                    .await
                    .unwrap();
                act.end().await.unwrap();
                let after = of(&app.site, &unit, app.today()).await.unwrap();
                assert_eq!(after.len(), before.len());
                let odd = after
                    .iter()
                    .find(|name| name.person.status == "candidate")
                    .unwrap();
                assert_eq!(odd.counted.counts, Counts::Never);
                assert!(!odd.counted.may_vote && !odd.is_signed_off);
            },
        )
        .await;
    }
}
