//! The proofs of those who write units, members and posts.
//!
//! Pages look up with `sight` and make the proof here; the stores of the wings write for nobody else. Not here: what
//! may be seen (`sight`), the rules of giving posts (`post`), how identity changes (`identity`).

use crate::unit::Unit;
use kernel::error::Result;
use kernel::{Actor, Cap, Day, MemberId, UnitRef};
use site::four_eyes::Approved;
use site::room::HandingOver;
use site::{Operator, Program, Proof, Right};

/// Whoever may write units, members, placements, posts and the ledger. Each proof is made by asking for
/// the right that the act names; a room above implements it for a proof of its own only when that
/// proof asked for no less.
pub trait Records: Proof {
    /// Who prepared what a second person now does; `None` where one person did both.
    fn preparer(&self) -> Option<&MemberId> {
        None
    }
}
impl Records for CanDraft {}
impl Records for CanGive {}
impl Records for Own {}
impl Records for CanShape {}
impl Records for CanLend {}
impl Records for CanMerge {}
impl Records for HandingOver {}
impl Records for Importing {}
impl Records for Operator {}
impl Records for Program {}
/// What was prepared with one of these proofs, decided by a second person.
impl Records for Approved {
    fn preparer(&self) -> Option<&MemberId> {
        Some(self.prepared_by())
    }
}

/// Proof that members of a unit may be added and corrected (`member_draft`).
#[derive(Debug, Clone)]
pub struct CanDraft {
    right: Right,
    member: Option<MemberId>,
}

impl CanDraft {
    /// For a new member of that unit.
    ///
    /// # Errors
    /// [`kernel::Error::NotFound`] without the right.
    pub fn of(actor: &Actor, unit: &UnitRef, on: Day) -> Result<CanDraft> {
        Ok(CanDraft {
            right: Right::of(actor, Cap::MemberDraft, unit, on)?,
            member: None,
        })
    }
    /// For the record of that member of that unit.
    ///
    /// # Errors
    /// [`kernel::Error::NotFound`] without the right.
    pub fn of_member(
        actor: &Actor,
        unit: &UnitRef,
        member: &MemberId,
        on: Day,
    ) -> Result<CanDraft> {
        Ok(CanDraft {
            member: Some(member.clone()),
            ..CanDraft::of(actor, unit, on)?
        })
    }
}

impl Proof for CanDraft {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        let id = self.member.as_ref().map_or("", MemberId::as_str);
        ("member", id.to_owned())
    }
}

/// Proof of whoever says something of the own record; it reaches nobody else's.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    right: Right,
}

impl Own {
    /// Of that member.
    pub(crate) fn of(actor: &Actor) -> Own {
        Own {
            right: Right::own(actor),
        }
    }
}

impl Proof for Own {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("correction", String::new())
    }
}

/// Proof that posts of a unit may be given and ended (`grant_give`).
#[derive(Debug, Clone)]
pub struct CanGive {
    right: Right,
}

impl CanGive {
    /// For that unit.
    ///
    /// # Errors
    /// [`kernel::Error::NotFound`] without the right.
    pub fn of(actor: &Actor, unit: &UnitRef, on: Day) -> Result<CanGive> {
        Ok(CanGive {
            right: Right::of(actor, Cap::GrantGive, unit, on)?,
        })
    }
}

impl Proof for CanGive {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("holding", String::new())
    }
}

/// Proof of whoever lends a part of a right: they hold that part themselves over the unit. Which grant it is lent of,
/// and that this one is not lent itself, is asked by `rights::lending`.
#[derive(Debug, Clone)]
pub(crate) struct CanLend {
    right: Right,
}

impl CanLend {
    /// One of the rights that are lent, over that unit.
    pub(crate) fn of(actor: &Actor, cap: Cap, unit: &UnitRef, on: Day) -> Result<CanLend> {
        Ok(CanLend {
            right: Right::of(actor, cap, unit, on)?,
        })
    }
}

impl Proof for CanLend {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("delegation", String::new())
    }
}

/// Proof that the tree may be changed at a unit: made and named (`unit_draft`), moved and closed
/// (`restructure_prepare`). Only a living unit is changed (R1).
#[derive(Debug, Clone)]
pub struct CanShape {
    right: Right,
    unit: String,
}

impl CanShape {
    /// For that unit, by that capability.
    ///
    /// # Errors
    /// [`kernel::Error::NotFound`] without the right, or when the unit is closed.
    pub fn of(actor: &Actor, cap: Cap, unit: &Unit, on: Day) -> Result<CanShape> {
        if !unit.is_living(on) {
            return Err(kernel::Error::NotFound);
        }
        Ok(CanShape {
            right: Right::of(actor, cap, &unit.reference(), on)?,
            unit: unit.id.to_string(),
        })
    }
}

impl Proof for CanShape {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("unit", self.unit.clone())
    }
}

/// Proof that two records over which that unit stands may be prepared to become one, or two again
/// (`person_merge_prepare`); they are read for it (`member_read`).
#[derive(Debug, Clone)]
pub struct CanMerge {
    right: Right,
    member: String,
}

impl CanMerge {
    /// For records below that unit; `member` is one of them, for the log.
    ///
    /// # Errors
    /// [`kernel::Error::NotFound`] without both rights.
    pub fn of(actor: &Actor, over: &UnitRef, member: &MemberId, on: Day) -> Result<CanMerge> {
        Right::of(actor, Cap::MemberRead, over, on)?;
        Ok(CanMerge {
            right: Right::of(actor, Cap::PersonMergePrepare, over, on)?,
            member: member.to_string(),
        })
    }
}

impl Proof for CanMerge {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("member", self.member.clone())
    }
}

/// Proof that the list of a unit's members may be taken along (`member_export`). It writes nothing but
/// the line that says so.
#[derive(Debug, Clone)]
pub(crate) struct CanExport {
    right: Right,
    unit: String,
}

impl CanExport {
    /// For that unit.
    pub(crate) fn of(actor: &Actor, unit: &Unit, on: Day) -> Result<CanExport> {
        Ok(CanExport {
            right: Right::of(actor, Cap::MemberExport, &unit.reference(), on)?,
            unit: unit.id.to_string(),
        })
    }
}

impl Proof for CanExport {
    fn right(&self) -> &Right {
        &self.right
    }
    fn object(&self) -> (&'static str, String) {
        ("unit", self.unit.clone())
    }
}

/// Proof of whoever brings in lists of units or members: the operator, or somebody who may prepare
/// imports (`import_prepare`); which units they reach is asked row by row.
#[derive(Debug, Clone)]
pub enum Importing {
    /// At the command line.
    Operator(Operator),
    /// In the browser.
    Member(Right),
}

impl Importing {
    /// The operator, or that member.
    ///
    /// # Errors
    /// [`kernel::Error::NotFound`] when the member may prepare no imports.
    pub fn by(actor: Option<&Actor>, command: &str, on: Day) -> Result<Importing> {
        match actor {
            None => Ok(Importing::Operator(Operator::at(command))),
            Some(actor) => Right::somewhere(actor, Cap::ImportPrepare, on).map(Importing::Member),
        }
    }
}

impl Proof for Importing {
    fn right(&self) -> &Right {
        match self {
            Importing::Operator(operator) => operator.right(),
            Importing::Member(right) => right,
        }
    }
    fn object(&self) -> (&'static str, String) {
        ("file", String::new())
    }
}
