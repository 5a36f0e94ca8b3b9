//! Where two records seem one person: an equal card or citizen number, or an equal name and day of birth.
//!
//! Computed for the tree at a unit, for whoever may prepare a merging over it, so nobody learns of a person beyond
//! their reach: two equal numbers in two trees show to the office over both alone. What somebody said to be two
//! people is left out and listed apart. Not here: comparing (`record`).
//! The rule that surprises: equal numbers are found among those that are kept without being compared, since of two
//! that are compared one would have been refused (README "Numbers").

use crate::access::CanMerge;
use crate::merging::store::{self, Home, Seen};
use crate::number::{self, CARD, CITIZEN};
use kernel::error::{Error, Result};
use kernel::{Actor, MemberId, UnitPath, UnitRef};
use site::Site;
use std::collections::{BTreeMap, HashMap};

/// Why two records seem one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// The same citizen id.
    Citizen,
    /// The same card number.
    Card,
    /// The same name and day of birth.
    Name,
}

impl Why {
    /// Key of the sentence that says so.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Why::Citizen => "people-same-citizen",
            Why::Card => "people-same-card",
            Why::Name => "people-same-name",
        }
    }
}

/// Pairs that seem one person each, by the two ids in order, with all reasons.
pub(crate) type Pairs = BTreeMap<(String, String), Vec<Why>>;

fn add(pairs: &mut Pairs, one: String, other: String, why: Why) {
    if one == other {
        return;
    }
    let ids = if one < other {
        (one, other)
    } else {
        (other, one)
    };
    let reasons = pairs.entry(ids).or_default();
    if !reasons.contains(&why) {
        reasons.push(why);
        reasons.sort();
    }
}

/// Pairs within the tree at that path. The caller has asked for the right over it.
pub(crate) async fn pairs(site: &Site, path: &UnitPath) -> Result<Pairs> {
    let today = site.clock.today();
    let mut pairs = Pairs::new();
    for (one, other) in store::list_namesakes(&site.db, path, today).await? {
        add(&mut pairs, one, other, Why::Name);
    }
    let mut apart: HashMap<(&str, String), String> = HashMap::new();
    for (id, card, citizen) in store::list_apart(&site.db, path, today).await? {
        let member = MemberId::try_from(id.clone()).map_err(Error::fault)?;
        for (column, sealed, why) in [(CARD, card, Why::Card), (CITIZEN, citizen, Why::Citizen)] {
            let opened = site.keys.open_at(number::spot(column, &member), &sealed);
            let mac = site.keys.mac(column, &opened.unwrap_or_default()); // one that is shut equals nothing
            if sealed.is_empty() || mac.is_empty() {
                continue;
            }
            let holder = store::find_holder(&site.db, path, today, (column, &mac)).await?;
            let before = apart.insert((column, mac), id.clone());
            for other in holder.into_iter().chain(before) {
                if !store::is_distinct(&site.db, &id, &other).await? {
                    add(&mut pairs, id.clone(), other, why);
                }
            }
        }
    }
    Ok(pairs)
}

/// The least unit over all of these; none when they have no unit in common.
pub(crate) fn over(paths: &[UnitPath]) -> Option<UnitRef> {
    let (first, rest) = paths.split_first()?;
    let all = first.ancestry();
    let path = (all.into_iter().rev()).find(|path| rest.iter().all(|one| one.is_within(path)))?;
    let id = path.ids().last()?.parse().ok()?;
    Some(UnitRef { id, path })
}

/// One of two records, as far as it is seen before anybody looks at it.
#[derive(Debug, Clone)]
pub(crate) struct One {
    pub(crate) seen: Seen,
    pub(crate) homes: Vec<Home>,
}

/// Two records that this actor may make one, and the unit over both of them.
pub(crate) struct Two {
    pub(crate) one: One,
    pub(crate) other: One,
    pub(crate) over: UnitRef,
    pub(crate) may: CanMerge,
}

/// Looks two records up with the right to prepare that they become one; else they are not there. Whoever was merged
/// already is not there either.
pub(crate) async fn two(
    site: &Site,
    actor: &Actor,
    one: &MemberId,
    other: &MemberId,
) -> Result<Two> {
    let today = site.clock.today();
    let mut both = Vec::new();
    for id in [one, other] {
        let seen = store::find_seen(&site.db, id.as_str()).await?;
        let seen = seen
            .filter(|seen| seen.merged_on.is_empty())
            .ok_or(Error::NotFound)?;
        let homes = store::list_homes(&site.db, id, today).await?;
        both.push(One { seen, homes });
    }
    let (Some(other), Some(one), true) = (both.pop(), both.pop(), one != other) else {
        return Err(Error::NotFound);
    };
    // Each of them must be somewhere, or nobody's reach would be asked.
    if one.homes.is_empty() || other.homes.is_empty() {
        return Err(Error::NotFound);
    }
    let paths: Vec<UnitPath> = (one.homes.iter().chain(&other.homes))
        .map(|home| home.path.clone())
        .collect();
    let over = over(&paths).ok_or(Error::NotFound)?;
    let may = CanMerge::of(actor, &over, &one.seen.id, today)?;
    Ok(Two {
        one,
        other,
        over,
        may,
    })
}
