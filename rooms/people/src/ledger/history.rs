//! The history of a record, to be read: each line with who, when, why and by which paper, and what it changed.
//!
//! Old values are those that stood before in the ledger itself. Not here: who may read it (the page), the state of a
//! day (`fold`). The rule that surprises: sealed values are never opened here; that they changed is all that is told.

use crate::fact::{Basis, EventKind, Placement, Scheme, Status};
use crate::ledger::fold::{About, Fields, GONE, State, Statement, known};
use crate::ledger::store::{self, LineRow};
use crate::member::vn;
use crate::{number, words};
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Day, MemberId, Moment};
use site::{Looked, Site};
use std::collections::{BTreeMap, BTreeSet};
use web::Frame;

/// Lines that a page shows at most.
pub(crate) const MOST: i64 = 400;

/// What one line changed of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// What the place is called.
    pub(crate) label: String,
    /// What stood there; empty where nothing did, or where it is sealed.
    pub(crate) old: String,
    /// What stands there since; empty where nothing does.
    pub(crate) new: String,
    /// Whether it is sealed: it changed, and no more is told.
    pub(crate) is_sealed: bool,
}

/// One line of the history.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// What happened.
    pub(crate) what: String,
    /// When it was recorded.
    pub(crate) recorded: Moment,
    /// By whom; empty for the program.
    pub(crate) recorder: String,
    /// Since when it holds, where that is another day than the one on which it was recorded.
    pub(crate) effective: String,
    /// The unit that it is about; may be empty.
    pub(crate) unit: String,
    /// Number of the paper, with its day; may be empty.
    pub(crate) paper: String,
    /// Why; may be empty.
    pub(crate) reason: String,
    /// The day of the line that it puts right; empty for none.
    pub(crate) corrects: String,
    /// Whether a later line puts it right.
    pub(crate) is_corrected: bool,
    /// Whether it belongs to a record that was merged into this one.
    pub(crate) is_old: bool,
    /// What it changed.
    pub(crate) changes: Vec<Change>,
}

/// All of a member, to be drawn.
pub(crate) struct History {
    /// What was recorded last first.
    pub(crate) lines: Vec<Line>,
    stated: Vec<Statement>,
    /// What is stated of the codes of records that were merged into this one, each record apart.
    codes: BTreeMap<String, Vec<Statement>>,
    names: BTreeMap<String, String>,
}

/// Reads it, for whoever has the look at the record written down.
pub(crate) async fn read(
    site: &Site,
    frame: &Frame,
    looked: &Looked,
    id: &MemberId,
) -> Result<History> {
    let rows = store::list_lines(&site.db, looked, id, MOST).await?;
    let stated = store::list_stated(site.db.read(), looked, id).await?;
    let all = |field: &str| -> Vec<String> {
        let values = stated.iter().filter_map(|(_, one)| one.said.get(field));
        let distinct: BTreeSet<&String> = values.collect();
        distinct.into_iter().cloned().collect()
    };
    let names = store::list_names(&site.db, &all("unit"), &all("position")).await?;
    let words = Words {
        frame,
        names: &names,
    };
    let mut changes: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    let mut found: BTreeMap<i64, (bool, Vec<Change>)> = BTreeMap::new();
    let mut stood: BTreeMap<(String, About, String), Fields> = BTreeMap::new();
    for (member, one) in &stated {
        let place = (member.clone(), one.about, one.subject.clone());
        let before = stood.entry(place).or_default();
        let changed = words.changes(one, before);
        before.extend(one.said.clone());
        before.extend(one.sealed.clone());
        match one.event.is_empty() {
            true => {
                let of = found.entry(one.recorded_at.0).or_default();
                of.0 = *member != id.as_str();
                of.1.extend(changed);
            }
            false => changes
                .entry(one.event.clone())
                .or_default()
                .extend(changed),
        }
    }
    let mut lines: Vec<Line> = (rows.iter())
        .map(|row| {
            let changes = changes.remove(&row.id).unwrap_or_default();
            words.line(row, &rows, changes, id)
        })
        .collect();
    // As found when the ledger began: below all that was recorded since, above what was recorded before.
    for (at, (is_old, changes)) in found {
        let line = Line {
            what: frame.t("people-history-found"),
            recorded: Moment(at),
            recorder: String::new(),
            effective: String::new(),
            unit: String::new(),
            paper: String::new(),
            reason: String::new(),
            corrects: String::new(),
            is_corrected: false,
            is_old,
            changes,
        };
        let place = lines.iter().position(|other| other.recorded.0 < at);
        lines.insert(place.unwrap_or(lines.len()), line);
    }
    let mut own = Vec::new();
    let mut codes: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
    for (member, one) in stated {
        if member == id.as_str() {
            own.push(one);
        } else if one.about == About::Code {
            codes.entry(member).or_default().push(one);
        }
    }
    Ok(History {
        lines,
        stated: own,
        codes,
        names,
    })
}

impl History {
    /// What held on a day by what had been recorded at the end of another: label and value.
    pub(crate) fn on(&self, frame: &Frame, day: Day, by: Day) -> Vec<(String, String)> {
        let end = Moment(by.plus_days(1).start().0 - 1);
        let mut state = known(&self.stated, end).on(day);
        for merged in self.codes.values() {
            state.codes.extend(known(merged, end).on(day).codes);
        }
        let words = Words {
            frame,
            names: &self.names,
        };
        words.state(&state)
    }
}

struct Words<'a> {
    frame: &'a Frame,
    names: &'a BTreeMap<String, String>,
}

/// The fields in the order in which people read them, with the keys of their names.
const LABELS: [(&str, &str); 28] = [
    ("name", "people-fact-name"),
    ("other_name", "people-fact-other-name"),
    ("birth_on", "people-fact-birth"),
    ("sex", "people-fact-sex"),
    ("status", "people-fact-status"),
    ("status_from_on", "people-form-status-from"),
    ("exempt", "people-exempt"),
    ("phoneless", "people-phoneless"),
    ("admission_decision_on", "people-fact-admission"),
    ("ceremony_on", "people-fact-ceremony"),
    ("recognition_decision_on", "people-fact-recognition"),
    ("full_from_on", "people-fact-full"),
    ("unit", "people-fact-unit"),
    ("kind", "people-history-kind"),
    ("position", "people-fact-post"),
    ("basis", "people-history-basis"),
    ("scheme", "people-code-scheme"),
    ("code", "people-code-code"),
    ("from_on", "people-history-from"),
    ("to_on", "people-history-to"),
    (GONE, "people-history-gone"),
    ("card", "people-fact-card"),
    ("citizen", "people-fact-citizen"),
    ("phone", "people-fact-phone"),
    ("email", "people-fact-email"),
    ("home_town", "people-fact-home-town"),
    ("residence", "people-fact-residence"),
    ("external_id", "people-history-code"),
];

/// Sealed fields.
const SEALED: [&str; 3] = [number::CARD, number::CITIZEN, number::PHONE];

impl Words<'_> {
    fn value(&self, field: &str, value: &str) -> String {
        let frame = self.frame;
        let named = || self.names.get(value).cloned();
        match (field, value) {
            (_, "") | ("to_on", "9999-12-31") => String::new(),
            ("exempt" | "phoneless" | GONE, "1") => frame.t("people-restating-yes"),
            ("exempt" | "phoneless", _) => frame.t("people-restating-no"),
            ("status", word) => frame.t(words::status(&Kept::<Status>::from(word.to_owned()))),
            ("kind", word) => frame.t(words::placement(&Kept::<Placement>::from(word.to_owned()))),
            ("basis", word) => match Kept::<Basis>::from(word.to_owned()).known() {
                Some(basis) => frame.t(basis.text()),
                None => frame.t("people-word-unread"),
            },
            ("scheme", word) => frame.t(words::scheme(&Kept::<Scheme>::from(word.to_owned()))),
            ("sex", word) => frame.t(words::sex(word)),
            ("unit" | "position", id) => named().unwrap_or_else(|| id.to_owned()),
            // The day kept is the first one without; people name the last one with.
            ("to_on", day) => match day.parse::<Day>() {
                Ok(day) => day.plus_days(-1).vn(),
                Err(_) => day.to_owned(), // shown as it stands
            },
            (field, day) if field.ends_with("_on") => vn(day),
            (_, text) => text.to_owned(),
        }
    }

    fn changes(&self, one: &Statement, stood: &Fields) -> Vec<Change> {
        let mut changes = Vec::new();
        for (field, label) in LABELS {
            let is_sealed = SEALED.contains(&field);
            let said = if is_sealed { &one.sealed } else { &one.said };
            let Some(new) = said.get(field) else { continue };
            let old = stood.get(field).map_or("", String::as_str);
            if new == old {
                continue;
            }
            let change = Change {
                label: self.frame.t(label),
                old: if is_sealed {
                    String::new()
                } else {
                    self.value(field, old)
                },
                new: if is_sealed {
                    String::new()
                } else {
                    self.value(field, new)
                },
                is_sealed,
            };
            // What never was said, and is said to be nothing, is no change.
            if is_sealed || !change.old.is_empty() || !change.new.is_empty() {
                changes.push(change);
            }
        }
        // Which placement or post ends is said too.
        if one.about != About::Record && !one.said.contains_key("from_on") {
            for field in ["unit", "position", "code"] {
                if let (Some(which), false) = (stood.get(field), one.said.contains_key(field)) {
                    let label = match field {
                        "unit" => "people-fact-unit",
                        "position" => "people-fact-post",
                        _ => "people-code-code",
                    };
                    let name = self.value(field, which);
                    changes.insert(
                        0,
                        Change {
                            label: self.frame.t(label),
                            old: String::new(),
                            new: name,
                            is_sealed: false,
                        },
                    );
                }
            }
        }
        changes
    }

    fn line(&self, row: &LineRow, all: &[LineRow], changes: Vec<Change>, id: &MemberId) -> Line {
        let frame = self.frame;
        let recorded = Moment(row.recorded_at);
        let corrected = all
            .iter()
            .find(|other| !row.corrects_id.is_empty() && other.id == row.corrects_id);
        let paper = match (row.decision_no.as_str(), row.decision_on.as_str()) {
            ("", "") => String::new(),
            (no, "") => no.to_owned(),
            ("", on) => vn(on),
            (no, on) => frame.t2("people-history-paper-of", "no", no, "day", &vn(on)),
        };
        let reason = match (row.reason.as_str(), row.kind.known()) {
            ("", Some(EventKind::MemberReturned)) => reason_of(&row.payload_json),
            (reason, _) => reason.to_owned(),
        };
        Line {
            what: frame.t(words::event(&row.kind)),
            recorded,
            recorder: row.recorder.clone(),
            effective: match row.effective_on == recorded.day().to_string() {
                true => String::new(),
                false => vn(&row.effective_on),
            },
            unit: row.unit_name.clone(),
            paper,
            reason,
            corrects: corrected.map_or(String::new(), |line| Moment(line.recorded_at).day().vn()),
            is_corrected: all.iter().any(|other| other.corrects_id == row.id),
            is_old: row.member_id != id.as_str(),
            changes,
        }
    }

    fn state(&self, state: &State) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (field, label) in LABELS {
            let Some(value) = state.record.get(field) else {
                continue;
            };
            let value = match SEALED.contains(&field) {
                true => self.frame.t("people-history-sealed-kept"),
                false => self.value(field, value),
            };
            all.push((self.frame.t(label), value));
        }
        for (fields, label, what) in (state.placements.values())
            .map(|fields| (fields, "people-fact-unit", "unit"))
            .chain(
                state
                    .holdings
                    .values()
                    .map(|fields| (fields, "people-fact-post", "position")),
            )
        {
            let get = |field: &str| fields.get(field).map_or("", String::as_str);
            let since = self
                .frame
                .t1("people-term-since", "from", &vn(get("from_on")));
            let which = self.value(what, get(what));
            all.push((self.frame.t(label), format!("{which} ({since})")));
        }
        for fields in state.codes.values() {
            let get = |field: &str| self.value(field, fields.get(field).map_or("", String::as_str));
            all.push((get("scheme"), get("code")));
        }
        all
    }
}

/// The reason that older lines keep beside.
fn reason_of(payload: &str) -> String {
    let read: Option<serde_json::Value> = serde_json::from_str(payload).ok(); // without one, none is shown
    let reason = read.as_ref().and_then(|payload| payload.get("reason"));
    let reason = reason.and_then(serde_json::Value::as_str);
    reason.unwrap_or_default().to_owned()
}
