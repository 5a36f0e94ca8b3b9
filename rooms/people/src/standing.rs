//! Who counts, votes, stands and pays: dated rows of `people_standing_rule`, never code.
//!
//! Starting values of the migration are unconfirmed: [`Standing::signed_off`] is false until a person
//! of the organisation has confirmed a row, and pages say so. Not here: counting (`meetings`).
//! The rule that surprises: a missing combination is `None`, which callers treat as a fault of the
//! rules, never as zero.

use db::sql;
use kernel::Day;
use kernel::error::{Error, Result};
use site::Site;

const RULES: &str = "select status, placement, counts, may_vote, may_stand, pays_dues, signed_off_on \
    from people_standing_rule where from_on <= $1 and to_on > $1 order by status, placement, from_on";

/// Every statement of this module.
pub const STATEMENTS: &[&str] = &[RULES];

/// Whether a person counts in the base of a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

#[derive(db::FromRow)]
struct Row {
    status: String,
    placement: String,
    counts: String,
    may_vote: i64,
    may_stand: i64,
    pays_dues: i64,
    signed_off_on: String,
}

/// The rules of a day.
pub async fn of(site: &Site, on: Day) -> Result<Rules> {
    let rows: Vec<Row> = sql(RULES).bind(on).all(site.db.read()).await?;
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        let counts = [Counts::Always, Counts::IfPresent, Counts::Never]
            .into_iter()
            .find(|counts| counts.name() == row.counts)
            .ok_or_else(|| Error::fault(format!("standing rule counts {:?}", row.counts)))?;
        let standing = Standing {
            counts,
            may_vote: row.may_vote == 1,
            may_stand: row.may_stand == 1,
            pays_dues: row.pays_dues == 1,
            signed_off: !row.signed_off_on.is_empty(),
        };
        out.push((row.status, row.placement, standing));
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
                assert_eq!(rules.find("left", "official"), None, "no rule is not zero");
            },
        )
        .await;
    }
}
