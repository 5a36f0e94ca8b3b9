//! The people of the tests and their small tree:
//!
//! ```text
//! bloc ── committee ── cell-a   Lan (secretary), Minh (deputy), Hoa (member)
//!      │            └─ cell-b   Tuấn (member)
//!      └─ other ────── cell-e   (nobody: the cell beside)
//! ```
//! Thu is on the committee above (committee lead and officer), Bình runs the installation.

use kernel::{Actor, Grant, GrantScope, Role, UnitPath, UnitRef};

/// The root body.
pub const UNIT_BLOC: &str = "bloc";
/// The committee above cells A and B.
pub const UNIT_COMMITTEE: &str = "committee";
/// Lan's cell.
pub const UNIT_CELL_A: &str = "cell-a";
/// Tuấn's cell.
pub const UNIT_CELL_B: &str = "cell-b";
/// Another committee.
pub const UNIT_OTHER: &str = "other";
/// A cell below the other committee.
pub const UNIT_CELL_E: &str = "cell-e";

/// Units with parent, kind and name.
pub(crate) const UNITS: &[(&str, &str, &str, &str)] = &[
    (UNIT_BLOC, "", "upper_body", "Đảng bộ Khối Thử Nghiệm"),
    (
        UNIT_COMMITTEE,
        UNIT_BLOC,
        "base_body",
        "Đảng bộ Khu phố Thử",
    ),
    (UNIT_CELL_A, UNIT_COMMITTEE, "cell", "Chi bộ Tổ dân phố 1"),
    (UNIT_CELL_B, UNIT_COMMITTEE, "cell", "Chi bộ Tổ dân phố 2"),
    (UNIT_OTHER, UNIT_BLOC, "base_body", "Đảng bộ Trường Thử"),
    (UNIT_CELL_E, UNIT_OTHER, "cell", "Chi bộ Tổ Toán"),
];

/// The path of a unit of the test tree.
pub fn path_of(unit: &str) -> UnitPath {
    let mut ids = vec![unit.to_owned()];
    let mut at = unit;
    while let Some((_, parent, _, _)) = UNITS
        .iter()
        .find(|(id, parent, _, _)| *id == at && !parent.is_empty())
    {
        ids.push((*parent).to_owned());
        at = parent;
    }
    ids.reverse();
    UnitPath::try_from(format!("/{}/", ids.join("/"))).unwrap()
}

/// One of the people.
#[derive(Debug, Clone, Copy)]
pub struct Character {
    /// Member id, also the session's.
    pub id: &'static str,
    /// Full name.
    pub name: &'static str,
    /// Where they are placed.
    pub unit: &'static str,
    /// Their post's title; empty for none.
    pub post: &'static str,
    /// Roles beside `member`, each with the unit it stands on.
    pub roles: &'static [(Role, &'static str)],
}

/// Secretary of cell A.
pub const LAN: Character = Character {
    id: "lan",
    name: "Nguyễn Thị Lan",
    unit: UNIT_CELL_A,
    post: "Bí thư",
    roles: &[(Role::CellLead, UNIT_CELL_A)],
};
/// Her deputy.
pub const MINH: Character = Character {
    id: "minh",
    name: "Trần Văn Minh",
    unit: UNIT_CELL_A,
    post: "Phó bí thư",
    roles: &[(Role::CellCommittee, UNIT_CELL_A)],
};
/// A member of cell A, 72 years old.
pub const HOA: Character = Character {
    id: "hoa",
    name: "Lương Thị Hoa",
    unit: UNIT_CELL_A,
    post: "",
    roles: &[],
};
/// A member of cell B.
pub const TUAN: Character = Character {
    id: "tuan",
    name: "Đỗ Anh Tuấn",
    unit: UNIT_CELL_B,
    post: "",
    roles: &[],
};
/// On the committee above; keeps its units and members, and its content.
pub const THU: Character = Character {
    id: "thu",
    name: "Phạm Minh Thu",
    unit: UNIT_CELL_B,
    post: "Phó bí thư đảng ủy",
    roles: &[
        (Role::CommitteeLead, UNIT_COMMITTEE),
        (Role::OrgOfficer, UNIT_COMMITTEE),
        (Role::ContentEditor, UNIT_COMMITTEE),
        (Role::ContentApprover, UNIT_COMMITTEE),
    ],
};
/// Runs the installation.
pub const BINH: Character = Character {
    id: "binh",
    name: "Lê Thanh Bình",
    unit: UNIT_CELL_B,
    post: "Quản trị",
    roles: &[(Role::SysAdmin, UNIT_BLOC)],
};

/// Everyone, for walks over all routes.
pub const ALL: &[Character] = &[LAN, MINH, HOA, TUAN, THU, BINH];

impl Character {
    /// The session cookie's secret in tests.
    pub fn session(&self) -> String {
        format!("test-{}", self.id)
    }
    /// The actor that the people room would build from the rows.
    pub fn actor(&self) -> Actor {
        self.actor_in(path_of)
    }
    /// The same in a tree in which units may have moved.
    pub(crate) fn actor_in(&self, path_of: impl Fn(&str) -> UnitPath) -> Actor {
        let unit_ref = |unit: &str| UnitRef {
            id: unit.parse().unwrap(),
            path: path_of(unit),
        };
        let from_on = "2020-01-01".parse().unwrap();
        let mut grants = vec![Grant {
            id: format!("g-{}-member", self.id).parse().unwrap(),
            role: Role::Member,
            scope: GrantScope::Unit(unit_ref(self.unit)),
            from_on,
            to_on: kernel::Day::OPEN,
            subset: None,
        }];
        for (role, unit) in self.roles {
            grants.push(Grant {
                id: format!("g-{}-{}", self.id, role.name()).parse().unwrap(),
                role: *role,
                scope: match role.reach() {
                    kernel::cap::Reach::Unit => GrantScope::Unit(unit_ref(unit)),
                    kernel::cap::Reach::Subtree => GrantScope::Subtree(unit_ref(unit)),
                    kernel::cap::Reach::Instance => GrantScope::Instance,
                },
                from_on,
                to_on: kernel::Day::OPEN,
                subset: None,
            });
        }
        Actor {
            member: self.id.parse().unwrap(),
            name: self.name.to_owned(),
            home: Some(unit_ref(self.unit)),
            grants,
        }
    }
}
