//! Who counts, votes, stands and pays: dated rows of the rule `people.standing`, never code.
//!
//! Starting values are unconfirmed: [`Standing::signed_off`] is false until a person
//! of the organisation has confirmed a row, and pages say so. Not here: counting (`meetings`).
//! The rule that surprises: a missing combination is told apart from zero ([`Standing::is_missing`]):
//! the person is shown, not counted, may not vote, and the page says that a rule is missing.

use crate::fact::{Placement, Status};
use kernel::Day;
use kernel::error::Result;
use kernel::fact::Kept;
use site::Site;

rules::names! {
    /// What status and placement mean; its variants are `status/placement`, its value a [`Means`].
    pub STANDING: "people.standing", Table;
}

/// Whether a person counts in the base of a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// Present or not.
    Always,
    /// Only when present.
    IfPresent,
    /// Not at all.
    Never,
}

impl Counts {
    /// The word used in the table.
    pub fn name(self) -> &'static str {
        match self {
            Counts::Always => "always",
            Counts::IfPresent => "if_present",
            Counts::Never => "never",
        }
    }
}

/// What one combination of status and placement means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// In the base of a meeting.
    pub counts: Counts,
    /// May vote.
    pub may_vote: bool,
    /// May be elected.
    pub may_stand: bool,
    /// Pays dues here.
    pub pays_dues: bool,
    /// A person has confirmed this row.
    pub signed_off: bool,
    /// No row says anything: the rest is what is safe, and is to be shown as unknown.
    pub is_missing: bool,
}

impl Standing {
    /// What is safe where no rule speaks: not counted, may not vote, unconfirmed.
    const MISSING: Standing = Standing {
        counts: Counts::Never,
        may_vote: false,
        may_stand: false,
        pays_dues: false,
        signed_off: false,
        is_missing: true,
    };
}

/// The word of an exempt full member in the rule.
pub const EXEMPT: &str = "exempt";

/// By which word a status is found in the rule: a full member who is exempt has a row of their own.
fn word(status: Status, is_exempt: bool) -> &'static str {
    if is_exempt && status == Status::Full {
        EXEMPT
    } else {
        status.word()
    }
}

/// The rules of one day.
#[derive(Debug, Clone, Default)]
pub struct Rules(Vec<(String, String, Standing)>);

impl Rules {
    /// What holds for that status and placement.
    pub fn find(&self, status: Status, is_exempt: bool, placement: Placement) -> Option<Standing> {
        let (status, placement) = (word(status, is_exempt), placement.word());
        let mut hits = self
            .0
            .iter()
            .filter(|(of, at, _)| of == status && at == placement);
        hits.next().map(|(_, _, standing)| *standing)
    }

    /// Like [`Rules::find`]; where no rule speaks, or the record cannot be read, what is safe, marked as
    /// missing. A roll shows everybody, so one person without a rule must not take it away from the others.
    pub fn find_or_missing(
        &self,
        status: &Kept<Status>,
        is_exempt: bool,
        placement: &Kept<Placement>,
    ) -> Standing {
        match (status.known(), placement.known()) {
            (Some(status), Some(placement)) => self.find(status, is_exempt, placement),
            _ => None,
        }
        .unwrap_or(Standing::MISSING)
    }
}

/// The value of one row of the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Means {
    /// In the base of a meeting.
    pub counts: Counts,
    /// May vote.
    pub may_vote: bool,
    /// May be elected.
    pub may_stand: bool,
    /// Pays dues here.
    pub pays_dues: bool,
}

/// The rules of a day.
pub async fn of(site: &Site, on: Day) -> Result<Rules> {
    let mut out = Vec::new();
    for (variant, found) in site.rules.book().await?.variants(STANDING, on)? {
        let means: Means = found.table()?;
        let Some((status, placement)) = variant.split_once('/') else {
            continue; // no combination: nobody asks for it
        };
        let standing = Standing {
            counts: means.counts,
            may_vote: means.may_vote,
            may_stand: means.may_stand,
            pays_dues: means.pays_dues,
            signed_off: found.trace.is_verified,
            is_missing: false,
        };
        out.push((status.to_owned(), placement.to_owned(), standing));
    }
    Ok(Rules(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_starting_rules_are_those_of_the_reference_and_unconfirmed() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let rules = of(&app.site, app.today()).await.unwrap();
                let find = |status, is_exempt| rules.find(status, is_exempt, Placement::Official);
                let full = find(Status::Full, false).unwrap();
                assert_eq!(full.counts, Counts::Always);
                assert!(full.may_vote && full.may_stand && full.pays_dues && !full.signed_off);
                let exempt = find(Status::Full, true).unwrap();
                assert_eq!(exempt.counts, Counts::IfPresent);
                let guest = rules.find(Status::Full, false, Placement::Temporary);
                assert!(!guest.unwrap().may_vote);
                for gone in [Status::Expelled, Status::Candidate] {
                    let none = find(gone, false).unwrap();
                    assert!(none.counts == Counts::Never && !none.may_vote && !none.pays_dues);
                }
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_pair_of_status_and_placement_has_a_rule() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let rules = of(&app.site, app.today()).await.unwrap();
                for status in Status::ALL.iter().copied() {
                    for placement in Placement::ALL.iter().copied() {
                        for is_exempt in [false, true] {
                            let found = rules.find(status, is_exempt, placement);
                            assert!(found.is_some(), "{status} {placement} {is_exempt}");
                        }
                    }
                }
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn no_rule_and_an_odd_word_are_told_apart_from_zero() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                app.sets("delete from rules_rule where variant = 'suspended/official'")
                    .await;
                let rules = of(&app.site, app.today()).await.unwrap();
                let official = Kept::Known(Placement::Official);
                for status in [Kept::Known(Status::Suspended), Kept::Odd("fulll".into())] {
                    let missing = rules.find_or_missing(&status, false, &official);
                    assert!(missing.is_missing && !missing.may_vote && !missing.signed_off);
                }
            },
        )
        .await;
    }
}
