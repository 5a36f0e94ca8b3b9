//! What the forms of a new unit and of a changed one share: kinds, reading, a code that is taken.

use crate::fact::UnitKind;
use crate::known;
use crate::units::tree;
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Cap, UnitId};
use site::Site;
use web::{FormState, Frame, Member};

/// Kinds that a person can choose, the most frequent first. The root is made by `init` alone.
pub(crate) const KINDS: [UnitKind; 10] = [
    UnitKind::Cell,
    UnitKind::BaseCell,
    UnitKind::BaseBody,
    UnitKind::DepartmentBody,
    UnitKind::SubBaseBody,
    UnitKind::UpperBody,
    UnitKind::Province,
    UnitKind::TemporaryCell,
    UnitKind::Group,
    UnitKind::Office,
];

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) code: String,
    pub(crate) address: String,
    pub(crate) town: String,
    pub(crate) from_on: String,
    /// The true day of founding; only in the form of a change.
    pub(crate) founded_on: String,
    pub(crate) decision_no: String,
    pub(crate) version: String,
}

/// What was typed, in order.
pub(crate) struct Read {
    pub(crate) name: String,
    pub(crate) kind: Kept<UnitKind>,
    pub(crate) code: String,
    pub(crate) address: String,
    pub(crate) town: String,
}

/// Kinds with their names, for the choices.
pub(crate) fn kinds(frame: &Frame) -> Vec<(String, String)> {
    (KINDS.iter())
        .map(|kind| (kind.word().to_owned(), frame.t(kind.text())))
        .collect()
}

/// Reads the fields; what is wrong stands beside its field afterwards.
pub(crate) fn read(frame: &Frame, typed: &Typed, state: &mut FormState) -> Read {
    let mut line = |field: &'static str, text: &str, most: usize| {
        let text = vietnamese::nfc(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        if text.chars().count() > most {
            state.fail(field, frame.t1("people-unit-form-long", "n", most));
        }
        text
    };
    let read = Read {
        name: line("name", &typed.name, 200),
        code: line("code", &typed.code, 40),
        address: line("address", &typed.address, 200),
        town: line("town", &typed.town, 80),
        kind: Kept::from(typed.kind.clone()),
    };
    if read.name.is_empty() {
        state.fail("name", "people-unit-form-name-missing");
    }
    read
}

/// Says beside the field when another living unit has the code.
pub(crate) async fn check_code(
    site: &Site,
    frame: &Frame,
    who: &Member,
    code: &str,
    but: Option<&UnitId>,
    state: &mut FormState,
) -> Result<()> {
    let Some(holder) = tree::code_holder(site, code, but).await? else {
        return Ok(());
    };
    let known::LivingUnit { id, path, name, .. } = holder;
    let holder = kernel::UnitRef { id, path };
    let is_seen = who.actor.allow(Cap::UnitRead, &holder, frame.today());
    let sentence = if is_seen {
        frame.t1("people-unit-form-code-taken-by", "name", &name)
    } else {
        frame.t("people-unit-form-code-taken")
    };
    state.fail("code", sentence);
    Ok(())
}
