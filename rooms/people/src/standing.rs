//! Who counts, votes, stands and pays: dated rows of the rule `people.standing`, never code.
//!
//! Starting values are unconfirmed: [`Standing::signed_off`] is false until a person
//! of the organisation has confirmed a row, and pages say so. Not here: counting (`meetings`).
//! The rule that surprises: a missing combination is told apart from zero ([`Standing::is_missing`]):
//! the person is shown, not counted, may not vote, and the page says that a rule is missing.

use kernel::Day;
use kernel::error::Result;
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

/// The rules of one day.
#[derive(Debug, Clone, Default)]
pub struct Rules(Vec<(String, String, Standing)>);

impl Rules {
    /// What holds for that status (`full`, `probationary`, `exempt`, `suspended`: see
    /// `Person::standing_status`) and placement (`official`, `official_away`, `temporary`).
    pub fn find(&self, status: &str, placement: &str) -> Option<Standing> {
        let mut hits = self
            .0
            .iter()
            .filter(|(of, at, _)| of == status && at == placement);
        hits.next().map(|(_, _, standing)| *standing)
    }

    /// Like [`Rules::find`]; where no rule speaks, what is safe, marked as missing. A roll shows
    /// everybody, so one person without a rule must not take it away from the others.
    pub fn find_or_missing(&self, status: &str, placement: &str) -> Standing {
        self.find(status, placement).unwrap_or(Standing::MISSING)
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
                let full = rules.find("full", "official").unwrap();
                assert_eq!(full.counts, Counts::Always);
                assert!(full.may_vote && full.may_stand && full.pays_dues && !full.signed_off);
                let exempt = rules.find("exempt", "official").unwrap();
                assert_eq!(exempt.counts, Counts::IfPresent);
                assert!(!rules.find("full", "temporary").unwrap().may_vote);
                for status in [
                    "full",
                    "probationary",
                    "exempt",
                    "suspended",
                    "left",
                    "deceased",
                    "struck_off",
                    "expelled",
                ] {
                    for placement in ["official", "official_away", "temporary"] {
                        let found = rules.find(status, placement);
                        assert!(found.is_some(), "{status} {placement}");
                    }
                }
                let expelled = rules.find("expelled", "official").unwrap();
                assert!(expelled.counts == Counts::Never && !expelled.may_vote);
                assert_eq!(rules.find("other", "official"), None, "no rule is not zero");
                let missing = rules.find_or_missing("other", "official");
                assert!(missing.is_missing && !missing.may_vote && !missing.signed_off);
            },
        )
        .await;
    }
}
