//! What the tables say held against what follows from the ledger: `sotay check` asks, a few hundred people at once.
//!
//! Reads everything, writes nothing. Not here: mending, which is a person's decision; what follows (`fold`).
//! The rule that surprises: a person is named by code or id, and of what differs only days, units and standings are
//! told, never a name, an address or a number; sealed numbers are opened, since one number has many seals.

use crate::check::Alarm;
use crate::ledger::fold::{Fields, Statement, fold};
use crate::ledger::store::{self, Facts};
use crate::number;
use kernel::error::Result;
use kernel::{MemberId, pattern};
use site::Site;
use std::collections::BTreeMap;

/// People who are compared together: what is in memory is theirs.
const AT_ONCE: i64 = 500;
/// Differences that are told; of more, how many there are.
const MOST: usize = 1_000;

/// Fields that may be told of anybody: standings, units and days that say nothing of a life outside.
const TOLD: [&str; 8] = [
    "status",
    "exempt",
    "phoneless",
    "merged_on",
    "unit",
    "kind",
    "from_on",
    "to_on",
];

/// Everybody's record, placements and posts against the ledger.
pub(crate) async fn differences(site: &Site) -> Result<Vec<Alarm>> {
    let mut alarms = Vec::new();
    let (mut after, mut more) = (String::new(), 0_usize);
    loop {
        let part = store::list_some(&site.db, &after, AT_ONCE).await?;
        let Some(last) = part.facts.last() else { break };
        after.clone_from(&last.id);
        let mut stated: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
        for (member, one) in part.stated {
            stated.entry(member).or_default().push(one);
        }
        let mut places: BTreeMap<String, BTreeMap<String, Fields>> = BTreeMap::new();
        for row in part.places {
            let of = places.entry(row.member_id.clone()).or_default();
            of.insert(row.id.clone(), row.fields());
        }
        let mut posts: BTreeMap<String, BTreeMap<String, Fields>> = BTreeMap::new();
        for row in part.posts {
            let of = posts.entry(row.member_id.clone()).or_default();
            of.insert(row.id.clone(), row.fields());
        }
        let mut codes: BTreeMap<String, Periods> = BTreeMap::new();
        for row in part.codes {
            let of = codes.entry(row.member_id.clone()).or_default();
            of.insert(row.id.clone(), row.fields());
        }
        for facts in &part.facts {
            let told = stated.remove(&facts.id).unwrap_or_default();
            let here = (
                places.remove(&facts.id).unwrap_or_default(),
                posts.remove(&facts.id).unwrap_or_default(),
                codes.remove(&facts.id).unwrap_or_default(),
            );
            for alarm in of_one(site, facts, &told, &here) {
                if alarms.len() < MOST {
                    alarms.push(alarm);
                } else {
                    more += 1;
                }
            }
        }
    }
    if more > 0 {
        alarms.push(Alarm {
            what: pattern!("more differences between the ledger and the records than are listed"),
            id: String::new(),
            found: more.to_string(),
        });
    }
    Ok(alarms)
}

type Periods = BTreeMap<String, Fields>;

fn of_one(
    site: &Site,
    facts: &Facts,
    stated: &[Statement],
    (places, posts, codes): &(Periods, Periods, Periods),
) -> Vec<Alarm> {
    let who = match facts.external_id.as_str() {
        "" => facts.id.clone(),
        code => format!("{code}, {}", facts.id),
    };
    let mut alarms = Vec::new();
    let mut tell = |what: &'static str, found: String| {
        alarms.push(Alarm {
            what,
            id: who.clone(),
            found,
        });
    };
    let gap = stated.iter().zip(1..).find(|(one, nth)| one.seq != *nth);
    if let Some((_, nth)) = gap {
        tell(
            pattern!("the ledger of a member lacks a statement"),
            nth.to_string(),
        );
    }
    let state = fold(stated).now();
    for (field, value) in facts.open() {
        let value = match (field, value.as_str()) {
            ("exempt" | "phoneless", "0") => "",
            (_, value) => value,
        };
        let said = state.record.get(field).map_or("", String::as_str);
        let said = match (field, said) {
            ("exempt" | "phoneless", "0") => "",
            (_, said) => said,
        };
        if said != value {
            tell(DIFFERS, differs(field, said, value));
        }
    }
    for (field, sealed) in facts.sealed() {
        let said = state.record.get(field).map_or("", String::as_str);
        if said != sealed && !is_same(site, &facts.id, field, said, sealed) {
            tell(DIFFERS, field.to_owned());
        }
    }
    for (name, said, here) in [
        ("placement", &state.placements, places),
        ("post", &state.holdings, posts),
        ("code", &state.codes, codes),
    ] {
        for (id, fields) in said {
            let Some(row) = here.get(id) else {
                tell(
                    pattern!("the ledger knows a placement, a post or a code that is not there"),
                    format!("{name} {id}"),
                );
                continue;
            };
            let names = fields.keys().chain(row.keys());
            let names: std::collections::BTreeSet<&String> = names.collect();
            for field in names {
                let (said, value) = (text(fields, field), text(row, field));
                if said != value {
                    tell(
                        DIFFERS,
                        format!("{name} {id}, {}", differs(field, said, value)),
                    );
                }
            }
        }
        for id in here.keys().filter(|id| !said.contains_key(*id)) {
            tell(
                pattern!(
                    "a placement, a post or a code is there of which the ledger knows nothing"
                ),
                format!("{name} {id}"),
            );
        }
    }
    alarms
}

const DIFFERS: &str = pattern!("a record is not what the ledger says");

fn text<'a>(fields: &'a Fields, field: &str) -> &'a str {
    fields.get(field).map_or("", String::as_str)
}

/// `status: full / suspended`: the ledger first; of what is nobody else's business the field alone.
fn differs(field: &str, said: &str, value: &str) -> String {
    match TOLD.contains(&field) {
        true => format!("{field}: {said} / {value}"),
        false => field.to_owned(),
    }
}

fn is_same(site: &Site, id: &str, field: &str, said: &str, sealed: &str) -> bool {
    let Ok(member) = id.parse::<MemberId>() else {
        return false; // an id that is none opens nothing
    };
    let open = |sealed: &str| site.keys.open_at(number::spot(field, &member), sealed);
    match (open(said), open(sealed)) {
        (Ok(said), Ok(sealed)) => said == sealed,
        // What opens with no key is told by its own question; here it is as good as gone.
        (_, _) => false,
    }
}
