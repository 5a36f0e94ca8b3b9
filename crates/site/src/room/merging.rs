//! What a room does when two records of one person become one, and when they are taken apart again.
//!
//! Rows that name a person keep the id under which they were written, and are read through `v_people_as`. What
//! cannot be read so is a [`Merging`]: an account, of which a person has one; what is the person's own.
//! Not here: the record itself, who may, what is shown (`people`).
//! The rule that surprises: it runs within the act of whoever agreed, after the record was written, so a room
//! that fails undoes the whole merging.

use crate::four_eyes::Approved;
use crate::{Act, Later, Site};
use db::Connection;
use kernel::MemberId;
use kernel::error::Result;
use web::Frame;

/// Two records of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The record that goes on.
    pub kept: MemberId,
    /// The record that is read as the other one from now on.
    pub old: MemberId,
    /// Of which record goes on what only one can have ([`OnlyOne`]); `None` when nothing was asked.
    pub stays: Option<MemberId>,
}

/// What a room does when two records become one.
#[derive(Clone, Copy)]
pub struct Merging {
    /// The room's word; names the choice in forms and payloads.
    pub name: &'static str,
    /// In what both records stand at once (a meeting), in words; it is listed and stays as it is.
    pub both: Option<InBoth>,
    /// Of what each person has one only, and both records may have it.
    pub one: Option<OnlyOne>,
    /// What does not stay under the old id.
    pub moves: Option<Moves>,
}

/// How a room makes what belongs to two records that of one, and takes it apart.
#[derive(Clone, Copy)]
pub struct Moves {
    /// Does it; answers what [`Moves::separate`] needs to know, never anything sealed or secret.
    pub join: Join,
    /// Takes it apart again, told what `join` answered.
    pub separate: Separate,
}

/// Something of which a person has one.
#[derive(Clone, Copy)]
pub struct OnlyOne {
    /// Key of the question which of the two stays.
    pub text: &'static str,
    /// Key of the sentence that says what becomes of the other.
    pub ends: &'static str,
    /// What that record has, in words to choose by; `None`: nothing.
    pub has: HasOne,
    /// Its version: 0 for none. A change sends back to the preview.
    pub version: VersionOfOne,
}

/// Says in what both stand.
pub type InBoth = fn(Site, Frame, MemberId, MemberId) -> Later<'static, Result<Vec<String>>>;
/// Says what a record has.
pub type HasOne = fn(Site, Frame, MemberId) -> Later<'static, Result<Option<String>>>;
/// The version of what a record has.
pub type VersionOfOne = for<'a> fn(&'a mut Connection, &'a MemberId) -> Later<'a, Result<i64>>;
/// Makes what belongs to two records that of one.
pub type Join = for<'a> fn(&'a mut Act<Approved>, &'a Pair) -> Later<'a, Result<serde_json::Value>>;
/// Takes it apart.
pub type Separate =
    for<'a> fn(&'a mut Act<Approved>, &'a Pair, &'a serde_json::Value) -> Later<'a, Result<()>>;
