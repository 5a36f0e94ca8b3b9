//! Everybody and every unit at once, as imports compare them with a list.
//!
//! Read by `rosters`, which recognises people by external id, card, citizen number or name. Not
//! here: deciding who is who (`rosters`), one member's page (`member`). No right is checked.
//! The rule that surprises: numbers are compared by their keyed hashes, and a record opens only with the
//! proof that the look at it was written down: a preview shows what stands there today.

use crate::fact::{Status, UnitKind};
use crate::imports::store;
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Day, MemberId, UnitId, UnitPath};
use site::{Level, Looked, Site};

/// A living unit.
#[derive(Debug, Clone, db::FromRow)]
#[allow(missing_docs)] // the columns of `people_unit`
pub struct LivingUnit {
    #[sqlx(try_from = "String")]
    pub id: UnitId,
    #[sqlx(try_from = "String")]
    pub path: UnitPath,
    #[sqlx(try_from = "String")]
    pub kind: Kept<UnitKind>,
    pub code: String,
    pub external_id: String,
    pub name: String,
    pub name_fold: String,
    pub cell_type: String,
    pub address: String,
    /// Empty for a root.
    pub parent_id: String,
    pub row_version: i64,
}

/// Codes are compared without case, dots and spaces: `01.002.003` and `01002003` are one.
pub fn code_key(code: &str) -> String {
    code.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The living units that are called so: by our id, code, foreign id, or name without its marks. Our id
/// alone names one for certain: a code may be somebody else's name.
pub fn called<'a>(units: &'a [LivingUnit], text: &str) -> Vec<&'a LivingUnit> {
    let (key, fold) = (code_key(text), vietnamese::fold(text.trim()));
    if let Some(own) = units.iter().find(|unit| unit.id.as_str() == text.trim()) {
        return vec![own];
    }
    let has_code = |unit: &LivingUnit| {
        let mut codes = [&unit.code, &unit.external_id].into_iter();
        !key.is_empty() && codes.any(|code| code_key(code) == key)
    };
    (units.iter())
        .filter(|unit| has_code(unit) || unit.name_fold == fold)
        .collect()
}

/// Somebody whom we know: what recognises them, and a record that needs a proof.
#[derive(Debug, Clone, db::FromRow)]
#[allow(missing_docs)] // the columns of `people_member`
pub struct KnownMember {
    #[sqlx(try_from = "String")]
    pub id: MemberId,
    pub external_id: String,
    pub name: String,
    #[sqlx(try_from = "String")]
    pub status: Kept<Status>,
    pub card_mac: String,
    pub citizen_mac: String,
    pub row_version: i64,
    /// Where they are officially placed now; empty for nowhere.
    pub unit_id: String,
    /// Since when, where that day can be put right; empty where it cannot.
    pub placed_from: String,
    founded_on: String,
    placed_before: String,
    /// 1 when they hold a right now or later.
    pub holds_rights: i64,
    /// The code and the name under which they were found: their own, or those of a record that was merged into it.
    pub(super) found_code: String,
    pub(super) found_name: String,
    pub(super) found_card: String,
    pub(super) found_citizen: String,
    /// Codes of records that were merged into this one.
    #[sqlx(skip)]
    pub old_codes: Vec<String>,
    /// Their names.
    #[sqlx(skip)]
    pub old_names: Vec<String>,
    /// The hashes of their card and citizen numbers. Somebody else may hold one by now: then it is theirs.
    #[sqlx(skip)]
    pub old_macs: Vec<String>,
    #[sqlx(flatten)]
    record: KnownRecord,
}

/// The record of somebody whom we know (V2).
#[derive(Debug, Clone, db::FromRow)]
#[allow(missing_docs)] // the columns of `people_member`
pub struct KnownRecord {
    pub other_name: String,
    pub sex: String,
    pub birth_on: String,
    pub status_from_on: String,
    pub admission_decision_on: String,
    pub ceremony_on: String,
    pub recognition_decision_on: String,
    pub full_from_on: String,
    pub exempt: i64,
    pub phoneless: i64,
    pub card_sealed: String,
    pub citizen_sealed: String,
    pub phone_sealed: String,
    pub email: String,
    pub home_town: String,
    pub residence: String,
    pub source: String,
}

impl KnownMember {
    /// Keeps under which old code and name they were found.
    pub(super) fn under_old(mut self) -> KnownMember {
        let (code, name) = (
            std::mem::take(&mut self.found_code),
            std::mem::take(&mut self.found_name),
        );
        if !code.is_empty() && code != self.external_id {
            self.old_codes.push(code);
        }
        if name != self.name {
            self.old_names.push(name);
        }
        for (found, own) in [
            (std::mem::take(&mut self.found_card), &self.card_mac),
            (std::mem::take(&mut self.found_citizen), &self.citizen_mac),
        ] {
            if !found.is_empty() && found != *own {
                self.old_macs.push(found);
            }
        }
        self
    }
    /// Their record, for whoever has the look at it written down.
    ///
    /// # Errors
    /// A look at somebody else opens nothing.
    pub fn record(&self, looked: &Looked) -> Result<&KnownRecord> {
        if looked.covers(&self.id, Level::V2) {
            return Ok(&self.record);
        }
        Err(Error::fault("a record was read without a look at it"))
    }
    /// Whether they may have belonged there from that day: the unit was there, and they belonged nowhere else.
    pub fn may_begin_on(&self, day: Day) -> bool {
        let day = day.to_string();
        !self.placed_from.is_empty() && day >= self.founded_on && day >= self.placed_before
    }
    /// Whether that is their code, or was that of a record which was merged into theirs.
    pub fn is_coded(&self, code: &str) -> bool {
        self.external_id == code || self.old_codes.iter().any(|old| old == code)
    }
    /// Takes what else the same person was found by.
    pub fn also(&mut self, other: &KnownMember) {
        for code in &other.old_codes {
            if !self.is_coded(code) {
                self.old_codes.push(code.clone());
            }
        }
        for name in &other.old_names {
            if !self.old_names.contains(name) {
                self.old_names.push(name.clone());
            }
        }
        for mac in &other.old_macs {
            if !self.old_macs.contains(mac) {
                self.old_macs.push(mac.clone());
            }
        }
    }
    /// Whether they were born on that very day.
    pub fn is_born_on(&self, day: &str) -> bool {
        day.len() == 10 && self.record.birth_on == day
    }
    /// Whether a birth is known here and there, and neither contradicts the other.
    pub fn is_born_as(&self, date: &str) -> bool {
        !date.is_empty() && !self.record.birth_on.is_empty() && self.may_be_born_on(date)
    }
    /// Whether what is known of the birth does not contradict `date`, a day, month, year or nothing.
    pub fn may_be_born_on(&self, date: &str) -> bool {
        let own = self.record.birth_on.as_str();
        own.starts_with(date) || date.starts_with(own)
    }
}

/// By what somebody may be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clue {
    /// Their id in the system that they came from.
    ExternalId,
    /// The keyed hash of the card number.
    CardMac,
    /// The keyed hash of the citizen number.
    CitizenMac,
    /// The sort key of the name.
    NameKey,
}

/// The units that live on that day, parents first.
pub async fn living_units(site: &Site, on: Day) -> Result<Vec<LivingUnit>> {
    store::list_living(&site.db, on).await
}

/// Everybody of whom one of the values is true. By code, name and numbers of a record that was merged the one is found
/// that stays.
pub async fn members(site: &Site, clue: Clue, values: &[String]) -> Result<Vec<KnownMember>> {
    store::list_known(&site.db, clue, values, site.clock.today()).await
}

/// How many are officially placed in these units now.
pub async fn count_placed(site: &Site, units: &[UnitId]) -> Result<i64> {
    store::count_placed(&site.db, units).await
}
