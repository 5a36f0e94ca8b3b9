//! Whether all that wrote so far kept to the one order (`schema::order`): asked after every story.
//!
//! Reads from the database which keys writers may share and which tables others refer to. Not here: what is
//! noted (`db::order`), which only builds with debug assertions do.
//! The rule that surprises: what one test did wrong is told at the end of every story of that process.

use db::order::{Pair, Seen, Take, Verb};
use schema::order::{APART, GATES, GOES, MADE, ORDER};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What the schema says of its tables.
#[derive(Default)]
struct Tables {
    /// Keys that two writers may share, of every table: all unique ones but an id of its own.
    keys: BTreeMap<String, Vec<Vec<String>>>,
    /// Tables that others refer to.
    parents: BTreeSet<String>,
}

impl Tables {
    async fn read(file: &Path) -> Tables {
        // A copy: others copy the template meanwhile.
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("tables.db");
        std::fs::copy(file, &own).unwrap();
        let db = db::Db::open(&db::Url::File(own), false, 1).await.unwrap();
        let mut tables = Tables::default();
        let names: Vec<(String,)> = db::sql("select name from sqlite_master where type = 'table'")
            .all(db.read())
            .await
            .unwrap();
        for (name,) in names {
            tables.keys.insert(name, Vec::new());
        }
        let keys: Vec<(String, String, String)> = db::sql(
            "select m.name, l.name, i.name from sqlite_master m, pragma_index_list(m.name) l, \
             pragma_index_info(l.name) i where m.type = 'table' and l.\"unique\" = 1 order by 1, 2, i.seqno",
        )
        .all(db.read())
        .await
        .unwrap();
        let mut by_index: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for (table, index, column) in keys {
            by_index.entry((table, index)).or_default().push(column);
        }
        for ((table, _), columns) in by_index {
            if columns != ["id"] {
                tables.keys.entry(table).or_default().push(columns);
            }
        }
        let parents: Vec<(String,)> = db::sql(
            "select distinct f.\"table\" from sqlite_master m, pragma_foreign_key_list(m.name) f \
             where m.type = 'table'",
        )
        .all(db.read())
        .await
        .unwrap();
        tables.parents = parents.into_iter().map(|(name,)| name).collect();
        db.close().await;
        tables
    }

    /// Whether somebody may wait for what is taken so.
    fn blocks(&self, take: &Take) -> bool {
        let keys = self.keys.get(&take.table);
        match take.verb {
            Verb::Insert => keys.is_some_and(|keys| !keys.is_empty()),
            Verb::Upsert | Verb::Update | Verb::Delete => keys.is_some(),
        }
    }
}

fn gate_of(table: &str) -> Option<&'static str> {
    let gate = GATES.iter().find(|(_, start)| table.starts_with(start));
    gate.map(|(gate, _)| *gate)
}

/// A table behind a gate that somebody took without the gate.
fn past_the_gate(tables: &Tables, seen: &Seen) -> Option<String> {
    let Seen { take, by, before } = seen;
    let gate = gate_of(&take.table)?;
    let is_in_order = take.table == gate || !tables.blocks(take) || before.contains(gate);
    (!is_in_order).then(|| format!("{} is taken without {gate}, by: {by}", take.table))
}

fn goes(tables: &Tables, seen: &Seen) -> Option<String> {
    let Take { table, verb, .. } = &seen.take;
    let is_told = GOES.iter().any(|(known, _)| known == table);
    (*verb == Verb::Delete && tables.parents.contains(table) && !is_told).then(|| {
        format!(
            "rows of {table} go, and others refer to them, by: {}",
            seen.by
        )
    })
}

/// Whether one of the two belongs to a thing that the same transaction has made: nobody waits for it, and
/// nobody has it.
fn is_of_a_new_thing(pair: &Pair) -> bool {
    MADE.iter().any(|(root, start)| {
        let is_of = |take: &Take| take.table.starts_with(start);
        pair.made.contains(*root) && (is_of(&pair.held) || is_of(&pair.then))
    })
}

fn crosswise(tables: &Tables, pair: &Pair) -> Option<String> {
    let (held, then) = (&pair.held, &pair.then);
    if held.table == then.table || !tables.blocks(held) || !tables.blocks(then) {
        return None;
    }
    let node = |take: &Take| gate_of(&take.table).map_or(take.table.clone(), str::to_owned);
    let place = |node: &str| ORDER.iter().position(|table| *table == node);
    let (from, to) = (node(held), node(then));
    // Behind its gate nobody waits: whoever would be in the way waits at the gate.
    let gate = gate_of(&then.table);
    let is_behind = gate.is_some_and(|gate| pair.before.contains(gate));
    let is_apart = pair.is_again
        && APART
            .iter()
            .any(|(a, b, _)| *a == held.table && *b == then.table);
    if from == to || is_behind || is_apart || is_of_a_new_thing(pair) {
        return None;
    }
    match (place(&from), place(&to)) {
        (Some(from), Some(to)) if from < to => None,
        (Some(_), Some(_)) => Some(format!(
            "{} is held, then {} is taken{}:\n    {}\n    {}",
            held.table,
            then.table,
            if pair.is_again { " again" } else { "" },
            pair.held_by,
            pair.then_by
        )),
        (None, _) => Some(format!("{from} has no place (before {to})")),
        (_, None) => Some(format!("{to} has no place (after {from})")),
    }
}

/// Fails when anybody took rows against the one order.
pub(crate) async fn demand(template: &Path) {
    static TABLES: tokio::sync::OnceCell<Tables> = tokio::sync::OnceCell::const_new();
    let tables = TABLES.get_or_init(|| Tables::read(template)).await;
    let takes = db::order::takes_seen();
    let pairs = db::order::pairs_seen();
    let mut told: BTreeSet<String> = BTreeSet::new();
    told.extend(takes.iter().filter_map(|seen| past_the_gate(tables, seen)));
    told.extend(takes.iter().filter_map(|seen| goes(tables, seen)));
    told.extend(pairs.iter().filter_map(|pair| crosswise(tables, pair)));
    assert!(
        told.is_empty(),
        "rows are taken against the one order (crates/schema/src/order.rs):\n{}",
        told.into_iter().collect::<Vec<_>>().join("\n")
    );
}
