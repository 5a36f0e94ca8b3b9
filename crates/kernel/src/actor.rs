//! Who acts and how far they may reach: the grants of one member on one day.
//!
//! Rule R1 (governance reference): allowed if and only if a grant in force has the capability and
//! its unit is the target or, for a subtree, stands above it. A [`Scope`] is the same answer for
//! lists: only an [`Actor`] can build one, so a list without rights does not compile (R10).
//! Not here: reading grants from tables (`people`), what a dissolved unit still allows (R2).

use crate::cap::Caps;
use crate::{Audience, Cap, Day, GrantId, MemberId, Role, UnitPath, UnitRef};

/// How far one grant reaches, with the unit it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantScope {
    /// That unit alone.
    Unit(UnitRef),
    /// That unit and all below.
    Subtree(UnitRef),
    /// Everything.
    Instance,
}

/// One dated right: in force when `from_on <= day < to_on`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id, named in the audit log.
    pub id: GrantId,
    /// The post.
    pub role: Role,
    /// How far it reaches.
    pub scope: GrantScope,
    /// First day.
    pub from_on: Day,
    /// First day on which it no longer holds.
    pub to_on: Day,
    /// For a delegation: the part of the role's capabilities handed on. `None`: all of them.
    pub subset: Option<Caps>,
}

impl Grant {
    /// What this grant allows.
    pub fn caps(&self) -> Caps {
        match self.subset {
            None => self.role.caps(),
            Some(subset) => {
                let held: Vec<Cap> = (self.role.cap_list().iter().copied())
                    .filter(|cap| subset.has(*cap))
                    .collect();
                Caps::of(&held)
            }
        }
    }
    /// Whether it holds on that day.
    pub fn is_in_force(&self, on: Day) -> bool {
        self.from_on <= on && on < self.to_on
    }
    /// Whether it was lent by somebody who holds it.
    pub fn is_lent(&self) -> bool {
        self.subset.is_some()
    }
    /// Whether it reaches that unit.
    pub fn covers(&self, unit: &UnitRef) -> bool {
        match &self.scope {
            GrantScope::Unit(own) => own.id == unit.id,
            GrantScope::Subtree(top) => unit.path.is_within(&top.path),
            GrantScope::Instance => true,
        }
    }
}

/// A member with the grants that were read for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub member: MemberId,
    /// Their name, for the audit log and the side bar.
    pub name: String,
    /// Where they are officially placed today; `None` for an officer without a cell.
    pub home: Option<UnitRef>,
    /// Every grant that may be in force, the derived `member` one included.
    pub grants: Vec<Grant>,
}

impl Actor {
    /// Whether the actor may do `cap` to `unit` on that day (R1).
    pub fn allow(&self, cap: Cap, unit: &UnitRef, on: Day) -> bool {
        self.by_grant(cap, unit, on).is_some()
    }
    /// The grant by which the actor may do it, for the audit log.
    pub fn by_grant(&self, cap: Cap, unit: &UnitRef, on: Day) -> Option<&Grant> {
        self.grants
            .iter()
            .find(|grant| grant.is_in_force(on) && grant.caps().has(cap) && grant.covers(unit))
    }
    /// Whether the actor may do `cap` anywhere at all: for menus, never as the check of an act.
    pub fn may_somewhere(&self, cap: Cap, on: Day) -> bool {
        self.grants
            .iter()
            .any(|grant| grant.is_in_force(on) && grant.caps().has(cap))
    }
    /// Whether an installation-wide grant allows `cap`.
    pub fn allow_instance(&self, cap: Cap, on: Day) -> bool {
        self.by_instance_grant(cap, on).is_some()
    }
    /// The installation-wide grant that allows `cap`, for the audit log.
    pub fn by_instance_grant(&self, cap: Cap, on: Day) -> Option<&Grant> {
        self.grants.iter().find(|grant| {
            grant.is_in_force(on) && grant.caps().has(cap) && grant.scope == GrantScope::Instance
        })
    }
    /// All units in which the actor may do `cap` on that day.
    pub fn scope(&self, cap: Cap, on: Day) -> Scope {
        let mut ranges: Vec<UnitPath> = Vec::new();
        let mut units: Vec<UnitRef> = Vec::new();
        let mut whole = false;
        for grant in &self.grants {
            if !grant.is_in_force(on) || !grant.caps().has(cap) {
                continue;
            }
            match &grant.scope {
                GrantScope::Instance => whole = true,
                GrantScope::Subtree(top) => ranges.push(top.path.clone()),
                GrantScope::Unit(own) => units.push(own.clone()),
            }
        }
        Scope::settle(whole, ranges, units)
    }
    /// The units whose content reaches the actor that day: every unit in which they hold a place or a
    /// post, and all units above it, from above.
    pub fn reached_units(&self, on: Day) -> Vec<UnitRef> {
        let mut paths: Vec<UnitPath> = Vec::new();
        for grant in self.grants.iter().filter(|grant| grant.is_in_force(on)) {
            if let GrantScope::Unit(unit) | GrantScope::Subtree(unit) = &grant.scope {
                paths.extend(unit.path.ancestry());
            }
        }
        paths.sort();
        paths.dedup();
        let of = |path: UnitPath| {
            let id = path.ids().last()?.parse().ok()?; // a path is made of ids
            Some(UnitRef { id, path })
        };
        paths.into_iter().filter_map(of).collect()
    }
    /// Whom the actor belongs to that day: everybody, the members, and the people of every unit of
    /// [`Actor::reached_units`]. What is addressed to one of these reaches them.
    pub fn audiences(&self, on: Day) -> Vec<Audience> {
        let units = self.reached_units(on).into_iter();
        let mut out = vec![Audience::Public, Audience::Members];
        out.extend(units.map(|unit| Audience::Unit(unit.id)));
        out
    }
}

/// The units over which a list may range, or a right was checked. Nobody writes one down (R10):
///
/// ```compile_fail
/// let everything = kernel::Scope { whole: true, ranges: Vec::new(), units: Vec::new() };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    whole: bool,
    ranges: Vec<UnitPath>,
    units: Vec<UnitRef>,
}

impl Scope {
    fn settle(whole: bool, mut ranges: Vec<UnitPath>, mut units: Vec<UnitRef>) -> Self {
        ranges.sort();
        ranges.dedup();
        let mut tops: Vec<UnitPath> = Vec::new();
        for path in ranges {
            // Sorted, so a range that holds this one stands before it.
            if !tops.iter().any(|top| path.is_within(top)) {
                tops.push(path);
            }
        }
        units.sort_by(|a, b| a.path.cmp(&b.path));
        units.dedup();
        units.retain(|unit| !tops.iter().any(|top| unit.path.is_within(top)));
        if whole {
            tops.clear();
            units.clear();
        }
        Self {
            whole,
            ranges: tops,
            units,
        }
    }
    /// That unit alone.
    pub fn only(unit: &UnitRef) -> Self {
        Self::settle(false, Vec::new(), vec![unit.clone()])
    }
    /// The unit of that path and all below it.
    pub fn below(path: &UnitPath) -> Self {
        Self::settle(false, vec![path.clone()], Vec::new())
    }
    /// Whether nothing is in reach: the list is empty.
    pub fn is_empty(&self) -> bool {
        !self.whole && self.ranges.is_empty() && self.units.is_empty()
    }
    /// Byte ranges of paths, nested ones removed; single units are ranges of one path.
    /// Instance scope is `('/', '0')`. Every pair is meant for `path >= low and path < high`.
    pub fn ranges(&self) -> Vec<(String, String)> {
        if self.whole {
            return vec![("/".to_owned(), "0".to_owned())];
        }
        let mut out: Vec<(String, String)> = self.ranges.iter().map(UnitPath::range).collect();
        for unit in &self.units {
            // `/a/b/` followed by any further id starts with `/a/b/` and a byte above 0x00.
            let low = unit.path.as_str().to_owned();
            let high = format!("{low}\u{1}");
            out.push((low, high));
        }
        out
    }
    /// Whether a unit at this path is in reach.
    pub fn holds(&self, path: &UnitPath) -> bool {
        self.whole
            || self.ranges.iter().any(|top| path.is_within(top))
            || self.units.iter().any(|unit| unit.path == *path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UnitId;

    fn unit(path: &str) -> UnitRef {
        let path = UnitPath::try_from(path.to_owned()).unwrap();
        let id: UnitId = path.ids().last().unwrap().parse().unwrap();
        UnitRef { id, path }
    }
    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }
    fn grant(role: Role, scope: GrantScope) -> Grant {
        Grant {
            id: "g".parse().unwrap(),
            role,
            scope,
            from_on: day("2026-01-01"),
            to_on: day("2026-12-31"),
            subset: None,
        }
    }
    fn actor(grants: Vec<Grant>) -> Actor {
        Actor {
            member: "m".parse().unwrap(),
            name: "Lan".into(),
            home: None,
            grants,
        }
    }

    #[test]
    fn a_grant_holds_from_its_first_day_to_the_day_before_its_end() {
        let lan = actor(vec![grant(
            Role::CellLead,
            GrantScope::Unit(unit("/r/c/a/")),
        )]);
        let cell = unit("/r/c/a/");
        for (on, may) in [
            ("2025-12-31", false),
            ("2026-01-01", true),
            ("2026-12-30", true),
            ("2026-12-31", false),
        ] {
            assert_eq!(lan.allow(Cap::MeetingPrepare, &cell, day(on)), may, "{on}");
        }
    }
    #[test]
    fn a_unit_grant_stops_at_the_unit_and_a_subtree_grant_goes_down_only() {
        let on = day("2026-06-01");
        let lan = actor(vec![grant(Role::CellLead, GrantScope::Unit(unit("/r/c/")))]);
        assert!(!lan.allow(Cap::MemberRead, &unit("/r/c/a/"), on));
        let thu = actor(vec![grant(
            Role::OrgOfficer,
            GrantScope::Subtree(unit("/r/c/")),
        )]);
        assert!(thu.allow(Cap::MemberRead, &unit("/r/c/a/"), on));
        assert!(!thu.allow(Cap::MemberRead, &unit("/r/"), on));
        assert!(!thu.allow(Cap::MemberRead, &unit("/r/cc/"), on));
    }
    #[test]
    fn a_scope_lists_exactly_what_allow_allows() {
        let on = day("2026-06-01");
        let paths = [
            "/r/",
            "/r/a/",
            "/r/a/x/",
            "/r/a/y/",
            "/r/ab/",
            "/r/b/",
            "/r/b/x1/",
            "/r/b/x1/q/",
        ];
        let dice = crate::Dice::seeded(3);
        for _ in 0..300 {
            let mut grants = Vec::new();
            for _ in 0..dice.below(4) {
                let at = unit(paths[dice.below(paths.len() as u64) as usize]);
                let scope = match dice.below(8) {
                    0 => GrantScope::Instance,
                    1..=4 => GrantScope::Unit(at),
                    _ => GrantScope::Subtree(at),
                };
                grants.push(grant(Role::OrgOfficer, scope));
            }
            let who = actor(grants);
            let scope = who.scope(Cap::MemberRead, on);
            for path in paths {
                let target = unit(path);
                let listed = scope
                    .ranges()
                    .iter()
                    .any(|(low, high)| path >= low.as_str() && path < high.as_str());
                assert_eq!(
                    listed,
                    who.allow(Cap::MemberRead, &target, on),
                    "{path} {who:?}"
                );
                assert_eq!(scope.holds(&target.path), listed);
            }
        }
    }
    #[test]
    fn a_delegation_hands_on_a_part_only() {
        let mut part = grant(Role::CellLead, GrantScope::Unit(unit("/r/a/")));
        part.subset = Some(Caps::of(&[Cap::AttendanceMark, Cap::MemberSealedRead]));
        let minh = actor(vec![part]);
        let on = day("2026-06-01");
        assert!(minh.allow(Cap::AttendanceMark, &unit("/r/a/"), on));
        assert!(!minh.allow(Cap::MinutesSign, &unit("/r/a/"), on));
        assert!(
            !minh.allow(Cap::MemberSealedRead, &unit("/r/a/"), on),
            "never more than the role"
        );
    }
}
