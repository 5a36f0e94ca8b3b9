//! Figures of the rules: dated rows of `meetings_rule`, read once a minute for Hôm nay.
//!
//! Not here: who counts and votes (`people::standing`). A missing row falls back to "no such rule":
//! the task that would rest on it is not shown.

use crate::store;
use kernel::Day;
use kernel::error::Result;
use site::Site;
use std::sync::{Arc, Mutex, PoisonError};

/// The figures of one day.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules(Vec<Rule>);

/// One figure.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    name: String,
    /// Days, day of the month, numerator …, as the name says.
    pub value: i64,
    /// The paper it comes from; empty for a default of ours.
    pub basis: String,
    /// A person of the organisation has checked it.
    pub is_verified: bool,
}

impl Rules {
    /// The figure of that name; of two rows in force the later one.
    pub(crate) fn find(&self, name: &str) -> Option<&Rule> {
        self.0.iter().rev().find(|rule| rule.name == name)
    }
    /// Its value, or the given one where no rule says anything.
    pub(crate) fn value(&self, name: &str, otherwise: i64) -> i64 {
        self.find(name).map_or(otherwise, |rule| rule.value)
    }
}

#[derive(Default)]
struct Held(Mutex<Option<(i64, Day, Arc<Rules>)>>);

/// The figures in force on a day; a change in the table shows within a minute.
pub(crate) async fn of(site: &Site, on: Day) -> Result<Arc<Rules>> {
    let minute = site.clock.now().0.div_euclid(60_000);
    let held = site.shared::<Held>();
    if let Some((at, day, rules)) = held
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .as_ref()
        && *at == minute
        && *day == on
    {
        return Ok(rules.clone());
    }
    let rows = store::list_rules(&site.db, on).await?;
    let rules = Arc::new(Rules(
        rows.into_iter()
            .map(|(name, value, basis, verified)| Rule {
                name,
                value,
                basis,
                is_verified: verified == 1,
            })
            .collect(),
    ));
    *held.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((minute, on, rules.clone()));
    Ok(rules)
}
