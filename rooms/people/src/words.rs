//! From the words of the tables to the keys of the texts: kinds, statuses, roles, ledger.
//!
//! Keys stand here whole, so that used and defined keys can be compared. Not here: the sentences
//! (`text/`). A fact that cannot be read is said to be unread; another unknown word is shown as "khác".

use crate::fact::{EventKind, Placement, Scheme, Status, UnitKind};
use kernel::fact::Kept;

/// Key for a fact whose word nobody knows.
const UNREAD: &str = "people-word-unread";

/// Key of a unit's kind.
pub(crate) fn kind(kind: &Kept<UnitKind>) -> &'static str {
    kind.known().map_or(UNREAD, UnitKind::text)
}

/// Key of a member's status.
pub(crate) fn status(status: &Kept<Status>) -> &'static str {
    status.known().map_or(UNREAD, Status::text)
}

/// Key of how somebody belongs to a unit.
pub(crate) fn placement(placement: &Kept<Placement>) -> &'static str {
    placement.known().map_or(UNREAD, Placement::text)
}

/// Key of a sex.
pub(crate) fn sex(word: &str) -> &'static str {
    match word {
        "female" => "people-sex-female",
        "male" => "people-sex-male",
        _ => "people-unknown",
    }
}

/// Key of the list in which a code stands.
pub(crate) fn scheme(scheme: &Kept<Scheme>) -> &'static str {
    scheme.known().map_or(UNREAD, Scheme::text)
}

/// Key of a line of the ledger.
pub(crate) fn event(kind: &Kept<EventKind>) -> &'static str {
    kind.known().map_or(UNREAD, EventKind::text)
}
