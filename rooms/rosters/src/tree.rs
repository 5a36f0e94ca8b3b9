//! The living units that an import may name, and finding one by what a person writes.
//!
//! Loaded once a run (some thousands of units). Not here: adding units (`units`).
//! Surprise: a name must be the only one of its kind within reach; of two cells called
//! `Chi bộ 1` neither is taken, and the message says how many there are.

use kernel::error::Result;
use kernel::{Day, Scope, UnitPath};
use people::fact::UnitKind;
use site::Site;
use std::collections::{BTreeSet, HashMap, HashSet};

pub(super) use people::known::{LivingUnit as Known, code_key};

/// Why a unit was not found by what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// None is called so; the name that looks most like it, if any does.
    None { nearest: String },
    /// Several are called so.
    Several { count: usize },
}

/// All living units within reach.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) units: Vec<Known>,
    by_id: HashMap<String, usize>,
    by_key: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
    by_fold: HashMap<String, Vec<usize>>,
    /// Codes of living units beyond reach: only that they are taken is told, as the form of a unit tells it.
    taken: HashSet<String>,
}

impl Tree {
    /// Reads the units that live on that day, within `scope` when one is given.
    pub(super) async fn load(site: &Site, on: Day, scope: Option<&Scope>) -> Result<Tree> {
        let units = people::known::living_units(site, on).await?;
        let (own, others): (Vec<Known>, Vec<Known>) =
            (units.into_iter()).partition(|unit| scope.is_none_or(|scope| scope.holds(&unit.path)));
        let mut tree = Tree::of(own);
        for unit in others {
            let keys = [code_key(&unit.code), code_key(&unit.external_id)];
            tree.taken
                .extend(keys.into_iter().filter(|key| !key.is_empty()));
        }
        Ok(tree)
    }

    fn of(units: Vec<Known>) -> Tree {
        let mut tree = Tree {
            by_id: HashMap::new(),
            by_key: HashMap::new(),
            by_name: HashMap::new(),
            by_fold: HashMap::new(),
            taken: HashSet::new(),
            units,
        };
        for (nth, unit) in tree.units.iter().enumerate() {
            tree.by_id.insert(unit.id.to_string(), nth);
            let keys: BTreeSet<String> = [code_key(&unit.code), code_key(&unit.external_id)].into();
            for key in keys.into_iter().filter(|key| !key.is_empty()) {
                tree.by_key.entry(key).or_default().push(nth);
            }
            tree.by_name.entry(exact(&unit.name)).or_default().push(nth);
            tree.by_fold
                .entry(unit.name_fold.clone())
                .or_default()
                .push(nth);
        }
        tree
    }

    /// Only the units of a subtree.
    pub(super) fn below(self, top: &UnitPath) -> Tree {
        Tree::of(
            self.units
                .into_iter()
                .filter(|unit| unit.path.is_within(top))
                .collect(),
        )
    }

    /// The unit with that place in `units`.
    pub(super) fn at(&self, nth: usize) -> Option<&Known> {
        self.units.get(nth)
    }

    /// Whether a unit beyond reach has this code.
    pub(super) fn is_taken(&self, code: &str) -> bool {
        self.taken.contains(&code_key(code))
    }

    /// By our id.
    pub(super) fn by_id(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// By our id, code, external id or name, in this order; a name with its marks before one without.
    pub(super) fn find(&self, text: &str) -> std::result::Result<usize, Trouble> {
        if let Some(nth) = self.by_id(text.trim()) {
            return Ok(nth);
        }
        let fold = vietnamese::fold(text);
        let maps = [
            (&self.by_key, code_key(text)),
            (&self.by_name, exact(text)),
            (&self.by_fold, fold.clone()),
        ];
        for (map, key) in maps {
            match map.get(&key).map(Vec::as_slice) {
                Some([one]) => return Ok(*one),
                Some(several) if !several.is_empty() => {
                    return Err(Trouble::Several {
                        count: several.len(),
                    });
                }
                _ => {}
            }
        }
        Err(Trouble::None {
            nearest: self.nearest(&fold),
        })
    }

    /// By code or external id alone; how many when several have it.
    pub(super) fn find_by_key(&self, key: &str) -> std::result::Result<Option<usize>, usize> {
        match self.by_key.get(&code_key(key)).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([one]) => Ok(Some(*one)),
            Some(several) => Err(several.len()),
        }
    }

    fn nearest(&self, fold: &str) -> String {
        if fold.chars().count() > 100 || self.units.len() > 10_000 {
            return String::new();
        }
        self.units
            .iter()
            .map(|unit| (intake::columns::likeness(&unit.name_fold, fold), unit))
            .filter(|(score, _)| *score >= 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, unit)| unit.name.clone())
            .unwrap_or_default()
    }
}

/// A name for comparing with its marks: case, spaces and tone placement count for nothing.
pub(super) fn exact(name: &str) -> String {
    vietnamese::place_tone(&name.split_whitespace().collect::<Vec<_>>().join(" ")).to_lowercase()
}

/// Whether members can be placed in such a unit: cells and groups, not committees and offices.
/// One of an unknown kind takes nobody.
pub(super) fn takes_members(unit: &Known) -> bool {
    unit.kind.known().is_some_and(UnitKind::takes_members)
}
