//! By what right something is done: checked once, carried by the act, written into the log.
//!
//! A [`Right`] can only be made by finding the grant that allows it, so a log line can never name a
//! capability that its actor does not hold. Not here: what the act does ([`crate::Act`]), reading
//! ([`crate::Looked`]).
//! A right knows what it was checked for; a row of another unit or person is refused as [`Beyond`].
//! The rule that surprises: what belongs to the person alone ([`Right::own`]) needs no grant, and a
//! right that lives with one object, such as the clerk of a meeting, is named as such.

use kernel::error::{Error, Result};
use kernel::{Actor, Cap, Day, GrantId, GrantScope, MemberId, Scope, UnitRef};

/// A checked right: who, by which capability and grant, over which unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    pub(crate) actor: Option<MemberId>,
    pub(crate) label: String,
    pub(crate) capability: &'static str,
    pub(crate) grant: Option<GrantId>,
    pub(crate) unit: Option<UnitRef>,
    over: Over,
}

/// What a right was checked for. Rows beyond it are refused by the act ([`crate::Act::over`]).
#[derive(Debug, Clone, PartialEq, Eq)]
enum Over {
    /// Everything: the operator, the program, rights over the installation.
    All,
    /// These units.
    Units(Scope),
    /// What is the person's own.
    Own(MemberId),
}

impl Right {
    /// The actor may do `cap` to `unit` on that day.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no grant in force allows it (rule R1): forbidden is as absent.
    pub fn of(actor: &Actor, cap: Cap, unit: &UnitRef, on: Day) -> Result<Right> {
        let grant = actor.by_grant(cap, unit, on).ok_or(Error::NotFound)?;
        let over = match &grant.scope {
            GrantScope::Unit(_) => Scope::only(unit),
            GrantScope::Subtree(_) | GrantScope::Instance => Scope::below(&unit.path),
        };
        Ok(Right {
            actor: Some(actor.member.clone()),
            label: actor.name.clone(),
            capability: cap.name(),
            grant: Some(grant.id.clone()),
            unit: Some(unit.clone()),
            over: Over::Units(over),
        })
    }

    /// The actor may do `cap` to the whole installation on that day.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no grant of the whole installation allows it.
    pub fn of_instance(actor: &Actor, cap: Cap, on: Day) -> Result<Right> {
        let grant = actor.by_instance_grant(cap, on).ok_or(Error::NotFound)?;
        Ok(Right {
            actor: Some(actor.member.clone()),
            label: actor.name.clone(),
            capability: cap.name(),
            grant: Some(grant.id.clone()),
            unit: None,
            over: Over::All,
        })
    }

    /// The actor may do `cap` somewhere: for things that belong to no unit.
    ///
    /// # Errors
    /// [`Error::NotFound`] when no grant in force has the capability.
    pub fn somewhere(actor: &Actor, cap: Cap, on: Day) -> Result<Right> {
        let grant = (actor.grants.iter())
            .find(|grant| grant.is_in_force(on) && grant.caps().has(cap))
            .ok_or(Error::NotFound)?;
        Ok(Right {
            actor: Some(actor.member.clone()),
            label: actor.name.clone(),
            capability: cap.name(),
            grant: Some(grant.id.clone()),
            unit: None,
            over: Over::Units(actor.scope(cap, on)),
        })
    }

    /// The actor does something to what is theirs alone: own password, own place in a book, own answer.
    pub fn own(actor: &Actor) -> Right {
        Right {
            actor: Some(actor.member.clone()),
            label: actor.name.clone(),
            capability: "own",
            grant: None,
            unit: None,
            over: Over::Own(actor.member.clone()),
        }
    }

    /// The actor holds a role that lives with one object (`meeting_clerk`, `poll_teller`, `task_owner`;
    /// governance reference, 1). The caller has looked at the object.
    pub fn by_object(actor: &Actor, role: &'static str, unit: &UnitRef) -> Right {
        Right {
            actor: Some(actor.member.clone()),
            label: actor.name.clone(),
            capability: role,
            grant: None,
            unit: Some(unit.clone()),
            over: Over::Units(Scope::only(unit)),
        }
    }

    /// The same right, said of a unit: for what is one's own and yet concerns a unit.
    pub fn in_unit(mut self, unit: &UnitRef) -> Right {
        self.unit = Some(unit.clone());
        self
    }

    /// Whether a row of that unit lies within what was checked.
    pub fn is_over(&self, unit: &UnitRef) -> bool {
        match &self.over {
            Over::All => true,
            Over::Units(scope) => scope.holds(&unit.path),
            Over::Own(_) => false,
        }
    }
    /// Whether it was checked for everything, rows of no unit among it.
    pub fn is_over_all(&self) -> bool {
        self.over == Over::All
    }
    /// Whether a row of that person does, who is placed in these units. Who is placed nowhere is in nobody's
    /// scope; the room's own rule decides.
    pub fn is_over_person(&self, member: &MemberId, placed: &[UnitRef]) -> bool {
        match &self.over {
            Over::Own(own) => own == member,
            _ => placed.is_empty() || placed.iter().any(|unit| self.is_over(unit)),
        }
    }
    /// Who acts; `None` for the program and its operator.
    pub fn actor(&self) -> Option<&MemberId> {
        self.actor.as_ref()
    }
    /// The actor's name, or what the program is called.
    pub fn label(&self) -> &str {
        &self.label
    }
    /// The same for a sentence that a member reads: whoever runs a command is `operator` there, which the sentence
    /// has a word for.
    pub fn told(&self) -> &str {
        match self.capability {
            "operator" => "operator",
            _ => &self.label,
        }
    }
    /// The unit over which it holds.
    pub fn unit(&self) -> Option<&UnitRef> {
        self.unit.as_ref()
    }
}

/// A row that lies beyond what its act was opened for: the cause of a fault, since no page offers such a thing.
/// Nothing of the act is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// What was being done.
    pub action: &'static str,
    /// By which capability.
    pub capability: &'static str,
    /// The row: a person or a unit.
    pub row: String,
}

impl std::fmt::Display for Beyond {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Beyond {
            action,
            capability,
            row,
        } = self;
        write!(
            f,
            "{action} by {capability} was not opened for {row}: nothing was written"
        )
    }
}
impl std::error::Error for Beyond {}

impl Beyond {
    /// Whether that is why something failed.
    pub fn is(error: &Error) -> bool {
        matches!(error, Error::Fault(fault) if fault.cause().downcast_ref::<Beyond>().is_some())
    }
}

/// A proof that something may be done. Rooms make theirs in `access.rs`; whoever holds one can begin
/// an act ([`crate::May::begin`]).
pub trait Proof: Send + Sync {
    /// The right that was checked.
    fn right(&self) -> &Right;
    /// What it will be done to: kind and id, for the log; empty when the act makes the thing.
    fn object(&self) -> (&'static str, String) {
        ("", String::new())
    }
}

impl Proof for Right {
    fn right(&self) -> &Right {
        self
    }
}

/// Whoever runs a command of the program on its machine.
#[derive(Debug, Clone)]
pub struct Operator(Right);

impl Operator {
    /// The operator at that command (`import roster`). Only a command may make one: the person at
    /// the machine owns the database file, so there is nothing left to check.
    pub fn at(command: &str) -> Operator {
        Operator(Right {
            actor: None,
            label: format!("sotay {command}"),
            capability: "operator",
            grant: None,
            unit: None,
            over: Over::All,
        })
    }
}
impl Proof for Operator {
    fn right(&self) -> &Right {
        &self.0
    }
}

/// The program itself: a job, the doorman, a counter.
#[derive(Debug, Clone)]
pub struct Program(Right);

impl Program {
    /// The part of the program that acts: `sign-in`, `job notices.deliver`.
    pub fn part(name: &str) -> Program {
        Program(Right {
            actor: None,
            label: name.to_owned(),
            capability: "program",
            grant: None,
            unit: None,
            over: Over::All,
        })
    }
}
impl Proof for Program {
    fn right(&self) -> &Right {
        &self.0
    }
}
