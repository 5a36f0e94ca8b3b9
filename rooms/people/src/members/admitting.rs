//! A person who is added to a unit by hand: at once, or after a second person has agreed (R8).
//!
//! Whoever is counted changes the base of every vote, so another holder of `member_approve` over the unit
//! agrees, when there is one beside the writer: the committee above a cell. Where there is none the person is
//! added at once and the log says by whom. Not here: the form (`pages::new`), many at once (`rosters`).
//! The rule that surprises: what waits is kept sealed as a whole, since it holds numbers.

use crate::access::{CanDraft, Records};
use crate::members::outside::Arrival;
use crate::members::store::{self, NewMember, NewPlacement};
use crate::{actor, member, post, sight, unit, words};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Cap, Day, MemberId, UnitId, UnitPath};
use serde::{Deserialize, Serialize};
use site::four_eyes::{self, Approved, Change, Seconds};
use site::room::{Again, ApprovalKind, Bound, FieldChange, KeyFate, OfKey, Sealed, SealedRow};
use site::sent::{self, Sent};
use site::{Act, Operator, Proof, Site};
use web::Frame;

/// The word of the approval.
const KIND: &str = "member.admit";
/// What the record is sealed for while it waits.
const SEALED: &str = "approvals_approval.member";

/// Numbers that somebody beyond the writer's reach holds: they are written apart and nothing is said, since
/// an answer would tell that such a number is in the handbook.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Apart {
    pub(crate) card: bool,
    pub(crate) citizen: bool,
}

impl Apart {
    /// What is compared with everybody's.
    pub(crate) fn matched<'a>(&self, card: &'a str, citizen: &'a str) -> (&'a str, &'a str) {
        let pick = |is_apart: bool, text: &'a str| if is_apart { "" } else { text };
        (pick(self.card, card), pick(self.citizen, citizen))
    }
    /// What is not.
    pub(crate) fn unmatched<'a>(&self, card: &'a str, citizen: &'a str) -> (&'a str, &'a str) {
        let pick = |is_apart: bool, text: &'a str| if is_apart { text } else { "" };
        (pick(self.card, card), pick(self.citizen, citizen))
    }
}

/// Who has to agree before the records of this unit change their count; nobody: it is done at once.
pub(crate) async fn waits_for(
    site: &Site,
    unit: &UnitPath,
    by: &MemberId,
    about: &[&MemberId],
) -> Result<Seconds> {
    post::seconds(site, Cap::MemberApprove, unit, by, about).await
}

/// A person to be added to a unit.
#[derive(Debug, Clone)]
pub(crate) struct Newcomer {
    pub(crate) unit: UnitId,
    pub(crate) record: NewMember,
    pub(crate) from_on: Day,
    pub(crate) decision_no: String,
    /// From where they came, and by which paper; `None`: from no other house.
    pub(crate) arrival: Option<Arrival>,
}

impl Newcomer {
    /// All that was typed, to be compared with what the same form said before.
    pub(crate) fn content(&self) -> Result<String> {
        let whole = (
            &self.unit,
            &self.record,
            self.from_on,
            &self.decision_no,
            &self.arrival,
        );
        serde_json::to_string(&whole).map_err(Error::fault)
    }
    /// One person waits once in one unit.
    fn object(&self) -> String {
        let name = vietnamese::fold(&self.record.name);
        format!("{} {name} {}", self.unit, self.record.birth_on)
    }
}

/// Adds the person in the caller's act.
pub(crate) async fn add<P: Records>(
    act: &mut Act<P>,
    new: &Newcomer,
    apart: Apart,
) -> Result<MemberId> {
    let id = MemberId::fresh(&act.site().clock, &act.site().dice);
    add_as(act, &id, new, apart).await?;
    Ok(id)
}

/// What came of adding a person under the id that was made of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Added {
    /// They are new.
    New(MemberId),
    /// They were added by this form before: it was sent twice.
    Before(MemberId),
    /// Somebody of this name was added by this form before, with something else in it: nobody is added.
    Other(MemberId),
}

/// Adds the person under the id that was made of the form and its sender; who has it already is that person, or somebody
/// of another name, and then an id that is made of the content too is taken.
pub(crate) async fn add_once<P: Records>(
    act: &mut Act<P>,
    once: Option<&MemberId>,
    new: &Newcomer,
    apart: Apart,
) -> Result<Added> {
    let Some(once) = once else {
        return add(act, new, apart).await.map(Added::New);
    };
    // Raises the epoch first: the same form sent twice at once waits here for the other.
    crate::store::bump_epoch(act).await?;
    let content = new.content()?;
    let is_here = store::find_placed(act, once).await?;
    let id = match (sent::get(act, once.as_str(), &content).await?, is_here) {
        (Sent::Same(_), Some(_)) => return Ok(Added::Before(once.clone())),
        (_, None) => once.clone(),
        (_, Some((known, _))) if vietnamese::fold(&known) == vietnamese::fold(&new.record.name) => {
            return Ok(Added::Other(once.clone()));
        }
        // Somebody of another name is another person.
        _ => {
            let keys = act.site().keys.clone();
            let id = keys.id_of_form("people_member", once.as_str(), &content);
            id.parse().map_err(Error::fault)?
        }
    };
    if id != *once && store::find_placed(act, &id).await?.is_some() {
        return Ok(Added::Before(id));
    }
    add_as(act, &id, new, apart).await?;
    sent::note(act, id.as_str(), &content, id.as_str()).await?;
    Ok(Added::New(id))
}

async fn add_as<P: Records>(
    act: &mut Act<P>,
    member: &MemberId,
    new: &Newcomer,
    apart: Apart,
) -> Result<()> {
    let (card, citizen) = apart.matched(&new.record.card, &new.record.citizen);
    let matched = NewMember {
        card: card.to_owned(),
        citizen: citizen.to_owned(),
        ..new.record.clone()
    };
    store::add_member_as(act, member, &matched).await?;
    let (card, citizen) = apart.unmatched(&new.record.card, &new.record.citizen);
    store::set_unmatched(act, member, card, citizen).await?;
    let place = NewPlacement {
        start_reason: match &new.arrival {
            Some(from) if new.decision_no.is_empty() => from.letter_no.clone(),
            _ => new.decision_no.clone(),
        },
        ..NewPlacement::official(member, &new.unit, new.from_on)
    };
    store::add_placement(act, &place).await?;
    if let Some(from) = &new.arrival {
        store::outside::add_came(act, member, &new.unit, from, new.from_on).await?;
    }
    Ok(())
}

/// What a second person is shown, and what is then done.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Payload {
    unit: UnitId,
    /// The record, sealed.
    record: String,
    from_on: Day,
    decision_no: String,
    by: MemberId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arrival: Option<Arrival>,
}

impl Payload {
    fn read(json: &serde_json::Value) -> Result<Payload> {
        serde_json::from_value(json.clone()).map_err(Error::fault)
    }
    fn newcomer(&self, site: &Site) -> Result<Newcomer> {
        let record = site.keys.open(SEALED, &self.record)?;
        Ok(Newcomer {
            unit: self.unit.clone(),
            record: serde_json::from_str(&record).map_err(Error::fault)?,
            from_on: self.from_on,
            decision_no: self.decision_no.clone(),
            arrival: self.arrival.clone(),
        })
    }
}

/// The records of those who wait, or waited, when the key is changed.
pub(crate) const KEYED: OfKey = OfKey {
    table: "approvals_approval",
    columns: &["payload_json"],
    fate: KeyFate::Sealed {
        list: |site, after, limit| Box::pin(async move { list_sealed(&site, &after, limit).await }),
        set: |act, again| Box::pin(set_sealed(act, again)),
    },
};

async fn list_sealed(site: &Site, after: &str, limit: i64) -> Result<Vec<SealedRow>> {
    let rows = approvals::list_payloads(&site.db, KIND, after, limit).await?;
    let rows = rows.into_iter().map(|(id, json)| {
        let json: serde_json::Value = serde_json::from_str(&json).map_err(Error::fault)?;
        let text = Payload::read(&json)?.record;
        Ok(SealedRow {
            id,
            parts: vec![Sealed {
                bound: Bound::Column(SEALED.to_owned()),
                text,
            }],
        })
    });
    rows.collect()
}

async fn set_sealed(act: &mut Act<Operator>, again: &Again<'_>) -> Result<()> {
    let Some(record) = again.sealed(0)? else {
        return Ok(());
    };
    let before = approvals::get_payload(act.tx(), &again.row.id).await?;
    let mut payload = Payload::read(&serde_json::from_str(&before).map_err(Error::fault)?)?;
    payload.record = record;
    let json = serde_json::to_value(&payload).map_err(Error::fault)?;
    approvals::set_payload(act.tx(), &again.row.id, &json.to_string()).await
}

async fn versions<P: Proof>(act: &mut Act<P>, unit: &UnitId) -> Result<Vec<(String, i64)>> {
    let version = crate::units::store::row_version(act.on(), unit).await?;
    Ok(vec![(format!("unit {unit}"), version)])
}

/// Whether the same person waits for this unit already.
pub(crate) async fn is_waiting(site: &Site, new: &Newcomer) -> Result<bool> {
    let all = approvals::list_waiting(&site.db, KIND, site.clock.now()).await?;
    let object = new.object();
    Ok(all.iter().any(|one| one.object_id == object))
}

/// Keeps the person for the second one, within the writer's act.
///
/// # Errors
/// Refused when the same person waits already.
pub(crate) async fn prepare<P: Records>(
    act: &mut Act<P>,
    new: &Newcomer,
    title: String,
) -> Result<()> {
    let by = act.right().actor().cloned();
    let record = serde_json::to_string(&new.record).map_err(Error::fault)?;
    let payload = Payload {
        unit: new.unit.clone(),
        record: act.site().keys.seal(SEALED, &record, &act.site().dice)?,
        from_on: new.from_on,
        decision_no: new.decision_no.clone(),
        by: by.ok_or_else(|| Error::fault("a person prepares an admission"))?,
        arrival: new.arrival.clone(),
    };
    let change = Change {
        kind: KIND,
        object_id: new.object(),
        title,
        versions: versions(act, &new.unit).await?,
        payload: serde_json::to_value(&payload).map_err(Error::fault)?,
        sides: vec![approvals::Side {
            name: "one",
            unit: Some(new.unit.clone()),
        }],
    };
    four_eyes::prepare(act, change).await.map(|_| ())
}

/// The change that a second person decides.
pub(crate) const ADMITTING: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: KIND,
    text: "people-admitting",
    decides: Cap::MemberApprove,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |act, payload| {
        Box::pin(async move { versions(act, &Payload::read(payload)?.unit).await })
    },
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload)),
    again: |payload| {
        let unit = payload.get("unit").and_then(serde_json::Value::as_str);
        format!("/units/{}/members/new", unit.unwrap_or_default())
    },
    about: |_| Vec::new(),
};

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let new = Payload::read(&payload)?.newcomer(&site)?;
    let place = unit::get(&site, &new.unit).await?.name;
    let record = &new.record;
    // Numbers are V3: only whether they were written.
    let number = |text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            frame.t("people-admitting-number")
        }
    };
    let sex = match record.sex.as_str() {
        "" => String::new(),
        word => frame.t(words::sex(word)),
    };
    let tick = |is: bool| match is {
        true => frame.t("people-restating-yes"),
        false => String::new(),
    };
    let from = new.arrival.as_ref();
    let fields = [
        ("people-admitting-who", record.name.clone()),
        (
            "people-outside-from",
            from.map_or_else(String::new, |from| from.body.clone()),
        ),
        (
            "people-moving-letter-no",
            from.map_or_else(String::new, |from| {
                format!("{}, {}", from.letter_no, from.letter_on.vn())
            }),
        ),
        ("people-fact-other-name", record.other_name.clone()),
        ("people-giving-unit", place),
        ("people-fact-status", frame.t(words::status(&record.status))),
        (
            "people-form-status-from",
            member::vn(&record.status_from_on),
        ),
        ("people-exempt", tick(record.exempt)),
        ("people-phoneless", tick(record.phoneless)),
        ("people-member-new-from", new.from_on.vn()),
        ("people-fact-birth", member::vn(&record.birth_on)),
        ("people-fact-sex", sex),
        (
            "people-fact-admission",
            member::vn(&record.admission_decision_on),
        ),
        ("people-fact-ceremony", member::vn(&record.ceremony_on)),
        (
            "people-fact-recognition",
            member::vn(&record.recognition_decision_on),
        ),
        ("people-fact-full", member::vn(&record.full_from_on)),
        ("people-fact-card", number(&record.card)),
        ("people-fact-citizen", number(&record.citizen)),
        ("people-fact-phone", number(&record.phone)),
        ("people-fact-email", record.email.clone()),
        ("people-fact-residence", record.residence.clone()),
        ("people-fact-home-town", record.home_town.clone()),
        ("people-form-decision", new.decision_no.clone()),
    ];
    let shown = fields.into_iter().filter(|(_, text)| !text.is_empty());
    Ok(shown
        .map(|(key, new)| FieldChange {
            label: frame.t(key),
            old: String::new(),
            new,
        })
        .collect())
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value) -> Result<()> {
    let wish = Payload::read(payload)?;
    let site = act.site().clone();
    let new = wish.newcomer(&site)?;
    let here = unit::get(&site, &wish.unit).await?;
    let today = act.now().day();
    let by = actor::load(&site, &wish.by).await?;
    let may = CanDraft::of(&by, &here.reference(), today);
    if may.is_err() || !here.is_living(today) {
        return Err(refused(&wish.unit, "people-admitting-refused-by").into());
    }
    let apart = apart_of(&site, &by, &new).await?;
    let member = add(act, &new, apart).await?;
    act.log("member.add")
        .about(&member)
        .object("member", &member);
    Ok(())
}

fn refused(unit: &UnitId, key: &'static str) -> Refusal {
    Refusal::new(key).way_out(format!("/units/{unit}"), "people-giving-refused-way")
}

/// Whose number is taken by now: out of the preparer's reach it is written apart, within it that is told.
async fn apart_of(site: &Site, by: &Actor, new: &Newcomer) -> Result<Apart> {
    let holders = [
        store::find_by_card(site, &new.record.card).await?,
        store::find_by_citizen(site, &new.record.citizen).await?,
    ];
    for holder in holders.iter().flatten() {
        if sight::of_member(site, by, holder).await.is_ok() {
            return Err(refused(&new.unit, "people-admitting-refused-number").into());
        }
    }
    let [card, citizen] = holders;
    Ok(Apart {
        card: card.is_some(),
        citizen: citizen.is_some(),
    })
}

/// Somebody says yes to all that waits for them.
#[cfg(test)]
pub(crate) async fn agrees(app: &testkit::TestApp, who: &str) -> usize {
    use site::four_eyes::{decide, list_open};
    let site = &app.site;
    let actor = actor::load(site, &who.parse().unwrap()).await.unwrap();
    let open = list_open(site, &actor).await.unwrap();
    for one in &open {
        let (id, hash) = (&one.id, one.payload_hash.as_str());
        let yes = approvals::Decision::Approved;
        decide(site, "test", &actor, id, hash, yes, "")
            .await
            .unwrap();
    }
    open.len()
}
