//! Two records of one person become one, after a second person has agreed (R8).
//!
//! What was chosen field by field is written over the record that stays; the other keeps its rows under its own id and
//! is read as the one that stays (`people_alias`). Its open placements end or go on there, its posts and rights end,
//! and rooms do what is theirs (`site::room::Merging`). What waits of the record that ends, ends as well (`waiting`).
//! Not here: comparing (`record`), the way back (`separating`). Somebody who has left comes back by a merging when the
//! status of the living record is chosen, and else is placed nowhere.
//! The rule that surprises: rights are never handed over, since nobody has given them to this record.

use crate::access::{CanMerge, Records};
use crate::fact::EventKind;
use crate::members::store::{
    self as members, NewMember, NewPlacement, correction, leaving, moving,
};
use crate::merging::pages::duplicates::{called, place as home_of};
use crate::merging::record::{self, Field, Whole};
use crate::merging::store::{self, Home};
use crate::merging::{alias, same, waiting};
use crate::posts::store as posts;
use crate::store::{Event, add_event, bump_epoch};
use crate::{actor, identity, member, number, post, unit};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Cap, Day, MemberId, UnitId, UnitPath, UnitRef};
use serde::{Deserialize, Serialize};
use site::four_eyes::{self, Approved, Change};
use site::room::{
    Again, ApprovalKind, Bound, FieldChange, KeyFate, OfKey, Pair, Sealed, SealedRow,
};
use site::{Act, Looked, Operator, Program, Site};
use std::collections::{BTreeMap, BTreeSet};
use web::Frame;

/// The word of the approval.
pub(crate) const KIND: &str = "member.merge";
/// What the records of before are sealed for.
const WAS: &str = "people_alias.was";
/// Why placements and posts end that a merging ends.
pub(crate) const REASON: &str = "merged";
/// The kind of the notice to the person.
pub(crate) const NOTICE: &str = "people.merged";
/// The kind of the notice to whoever keeps the records of a unit.
pub(crate) const UNIT_NOTICE: &str = "people.merged_unit";
/// Days for which it is carried out of the house.
const TOLD_DAYS: i64 = 7;

/// What was chosen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Merge {
    /// The record that stays.
    pub(crate) kept: MemberId,
    /// The other.
    pub(crate) old: MemberId,
    /// Fields taken from the other, by their words.
    pub(crate) takes: BTreeSet<String>,
    /// Whose own unit stays, where both have one and they differ.
    pub(crate) home: Option<MemberId>,
    /// Of which record what a person has once stays, by the room's word.
    pub(crate) stays: BTreeMap<String, MemberId>,
    /// How it is known that they are one.
    pub(crate) reason: String,
    /// The unit over both.
    pub(crate) over: UnitId,
    /// Who prepared it.
    pub(crate) by: MemberId,
}

impl Merge {
    pub(crate) fn read(json: &serde_json::Value) -> Result<Merge> {
        serde_json::from_value(json.clone()).map_err(Error::fault)
    }
    /// The record as it will stand.
    pub(crate) fn after(&self, kept: &NewMember, old: &NewMember) -> NewMember {
        let mut record = kept.clone();
        for field in Field::ALL {
            if self.takes.contains(field.word()) {
                field.take(&mut record, old);
            }
        }
        record
    }
}

/// What stood before a merging and what it did, for the way back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Was {
    pub(crate) kept: MemberId,
    pub(crate) old: MemberId,
    /// The record that stayed, before.
    pub(crate) before: NewMember,
    /// The same as the merging left it.
    pub(crate) after: NewMember,
    /// Placements that it closed, of both, with the end that they had.
    pub(crate) closed: Vec<(String, Day)>,
    /// Placements that it opened.
    pub(crate) opened: Vec<String>,
    /// Posts and rights that it ended, in words.
    pub(crate) ended: Vec<String>,
    /// Aliases that it moved.
    pub(crate) moved: Vec<String>,
    /// The leaving of the record that stays, which ended since the other is a member.
    #[serde(default)]
    pub(crate) back: Option<String>,
    /// What rooms answered.
    pub(crate) rooms: BTreeMap<String, serde_json::Value>,
}

impl Was {
    /// Opens what an alias keeps.
    pub(crate) fn open(site: &Site, sealed: &str) -> Result<Was> {
        let json = site.keys.open(WAS, sealed)?;
        serde_json::from_str(&json).map_err(Error::fault)
    }
    fn seal(&self, site: &Site) -> Result<String> {
        let json = serde_json::to_string(self).map_err(Error::fault)?;
        site.keys.seal(WAS, &json, &site.dice)
    }
}

/// What aliases keep, when the key is changed.
pub(crate) const KEYED: OfKey = OfKey {
    table: "people_alias",
    columns: &["was_sealed"],
    fate: KeyFate::Sealed {
        list: |site, after, limit| Box::pin(async move { list_sealed(&site, &after, limit).await }),
        set: |act, again| Box::pin(set_sealed(act, again)),
    },
};

async fn list_sealed(site: &Site, after: &str, limit: i64) -> Result<Vec<SealedRow>> {
    let rows = store::list_sealed(site, after, limit).await?.into_iter();
    Ok(rows
        .map(|(id, text)| SealedRow {
            id,
            parts: vec![Sealed {
                bound: Bound::Column(WAS.to_owned()),
                text,
            }],
        })
        .collect())
}

async fn set_sealed(act: &mut Act<Operator>, again: &Again<'_>) -> Result<()> {
    match again.sealed(0)? {
        Some(sealed) => store::seal_again(act, &again.row.id, &sealed).await,
        None => Ok(()),
    }
}

/// Who could agree: holders of `member_approve` over both, neither of them, nor whoever prepares.
pub(crate) async fn seconds(
    site: &Site,
    over: &UnitPath,
    (one, other, by): (&MemberId, &MemberId, &MemberId),
) -> Result<Vec<String>> {
    post::others_with(site, Cap::MemberApprove, over, &[one, other, by]).await
}

/// Whether the actor may change how both sign in (R4): of two records one account ends, and numbers and addresses of
/// one become those of the other. Who is placed nowhere and holds nothing has no identity to take.
pub(crate) async fn may_change(site: &Site, by: &Actor, both: [&MemberId; 2]) -> Result<bool> {
    let today = site.clock.today();
    for one in both {
        if by.member == *one {
            return Ok(false);
        }
        let homes = store::list_homes(&site.db, one, today).await?;
        let is_known = homes.iter().any(|home| home.is_open(today))
            || identity::holds_rights(site, one).await?;
        if is_known && !identity::may_change(site, by, one).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The unit over all that a merging or its end writes: where both are placed, where the record that ends holds
/// something, and these placements.
pub(crate) async fn over(
    site: &Site,
    kept: &MemberId,
    old: &MemberId,
    placements: &[(String, Day)],
) -> Result<Option<UnitRef>> {
    let today = site.clock.today();
    let mut paths: Vec<UnitPath> = Vec::new();
    for one in [kept, old] {
        let homes = store::list_homes(&site.db, one, today).await?;
        paths.extend(homes.into_iter().map(|home| home.path));
    }
    let held = store::list_holdings(&site.db, old, today).await?;
    let more = store::list_other_grants(&site.db, old, today).await?;
    paths.extend(held.into_iter().chain(more).map(|held| held.path));
    for (id, _) in placements {
        paths.push(store::find_placement(&site.db, id).await?.path);
    }
    Ok(same::over(&paths))
}

/// The rows that a merging is made from, and their versions: both records, both ledgers (placements and posts write
/// a line there), and what rooms have of them.
pub(crate) async fn versions<P: Records>(
    act: &mut Act<P>,
    kept: &MemberId,
    old: &MemberId,
) -> Result<Vec<(String, i64)>> {
    let mergings = act.site().rooms.mergings.clone();
    let mut all = Vec::new();
    for member in [kept, old] {
        let row = members::get_row_version(act, member).await?;
        all.push((format!("member {member}"), row));
        let lines = store::count_ledger(act, member).await?;
        all.push((format!("ledger {member}"), lines));
        for merging in &mergings {
            if let Some(one) = merging.one {
                let version = (one.version)(act.on(), member).await?;
                all.push((format!("{} {member}", merging.name), version));
            }
        }
    }
    Ok(all)
}

/// The same for whoever applies it: whoever writes people passes one by one from here on, so that what is read stays
/// so until the act ends.
pub(crate) async fn versions_alone(
    act: &mut Act<Approved>,
    kept: &MemberId,
    old: &MemberId,
) -> Result<Vec<(String, i64)>> {
    bump_epoch(act).await?;
    versions(act, kept, old).await
}

/// One pair waits once, whichever of the two is to stay.
fn object(kept: &MemberId, old: &MemberId) -> String {
    let (one, other) = (kept.as_str(), old.as_str());
    if one < other {
        format!("{one} {other}")
    } else {
        format!("{other} {one}")
    }
}

/// Keeps the merging for the second person, within the act of the first.
///
/// # Errors
/// Refused when the same two wait already.
pub(crate) async fn prepare(act: &mut Act<CanMerge>, wish: &Merge, title: String) -> Result<()> {
    let change = Change {
        kind: KIND,
        object_id: object(&wish.kept, &wish.old),
        title,
        versions: versions(act, &wish.kept, &wish.old).await?,
        payload: serde_json::to_value(wish).map_err(Error::fault)?,
        sides: vec![approvals::Side {
            name: "one",
            unit: Some(wish.over.clone()),
        }],
    };
    four_eyes::prepare(act, change).await.map(|_| ())
}

/// Both records: whoever stands in one of them is no second person.
pub(crate) fn about(payload: &serde_json::Value) -> Vec<MemberId> {
    ["kept", "old"]
        .into_iter()
        .filter_map(|name| payload.get(name).and_then(serde_json::Value::as_str))
        .filter_map(|id| id.parse().ok()) // a word that is no id names nobody
        .collect()
}

/// The change that a second person decides.
pub(crate) const MERGING: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: KIND,
    text: "people-merging",
    decides: Cap::MemberApprove,
    about,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |act, payload| {
        Box::pin(async move {
            let wish = Merge::read(payload)?;
            versions_alone(act, &wish.kept, &wish.old).await
        })
    },
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload)),
    again: |payload| {
        let of = |name| payload.get(name).and_then(serde_json::Value::as_str);
        let (kept, old) = (
            of("kept").unwrap_or_default(),
            of("old").unwrap_or_default(),
        );
        format!("/members/{kept}/merging?with={old}")
    },
};

fn own() -> Refusal {
    Refusal::new("people-merge-refused-own").way_out("/approvals", "approvals-see-all")
}

/// Reads both records for the program: what is read here is handed to nobody but in words.
pub(crate) async fn both(site: &Site, kept: &MemberId, old: &MemberId) -> Result<(Whole, Whole)> {
    let looked = Looked::by_program(&Program::part("merging"), [kept.clone(), old.clone()]);
    Ok((
        record::whole(site, &looked, kept).await?,
        record::whole(site, &looked, old).await?,
    ))
}

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let wish = Merge::read(&payload)?;
    let today = site.clock.today();
    let (kept, old) = both(&site, &wish.kept, &wish.old).await?;
    let field = |label: String, old: String, new: String| FieldChange { label, old, new };
    let mut fields = Vec::new();
    let places = [
        home_of(&site, &kept.id).await?,
        home_of(&site, &old.id).await?,
    ];
    let seen = (
        store::find_seen(&site.db, kept.id.as_str()).await?,
        store::find_seen(&site.db, old.id.as_str()).await?,
    );
    let names = match &seen {
        (Some(one), Some(other)) => called(one, other, &places),
        _ => [kept.record.name.clone(), old.record.name.clone()],
    };
    for (nth, (key, whole)) in [("people-merge-kept", &kept), ("people-merge-old", &old)]
        .into_iter()
        .enumerate()
    {
        let mut has = Vec::new();
        for only in site.rooms.mergings.iter().filter_map(|one| one.one) {
            has.extend((only.has)(site.clone(), frame.clone(), whole.id.clone()).await?);
        }
        let told = described(&frame, &names[nth], (&whole.record, &places[nth]), &has);
        fields.push(field(frame.t(key), String::new(), told));
    }
    fields.push(field(
        frame.t("people-merge-reason"),
        String::new(),
        wish.reason.clone(),
    ));
    for one in record::compare(&frame, &kept, &old, false) {
        let is_taken = wish.takes.contains(one.field.word());
        if one.is_same {
            continue;
        }
        let new = match (is_taken, one.field.column()) {
            // Of numbers only whose stays: the figures are V3.
            (true, Some(_)) => frame.t("people-merge-number-old"),
            (false, Some(_)) => frame.t("people-merge-number-kept"),
            (true, None) => one.other.clone(),
            // What stays is no change: what the other record says is told beside it.
            (false, None) => frame.t2(
                "people-merge-stays",
                "value",
                one.one.as_str(),
                "other",
                one.other.as_str(),
            ),
        };
        let was = match is_taken && one.field.column().is_none() {
            true => one.one,
            false => String::new(),
        };
        fields.push(field(frame.t(one.field.text()), was, new));
    }
    if let Some(home) = wish.home.as_ref().filter(|_| !is_gone(&wish, &kept, &old)) {
        let homes = store::list_homes(&site.db, home, today).await?;
        let place = homes.into_iter().find(|home| home.is_official());
        let place = place.map_or(String::new(), |home| home.name);
        fields.push(field(frame.t("people-fact-unit"), String::new(), place));
    }
    for merging in &site.rooms.mergings {
        let (Some(one), Some(stays)) = (merging.one, wish.stays.get(merging.name)) else {
            continue;
        };
        let other = if *stays == wish.kept {
            &wish.old
        } else {
            &wish.kept
        };
        let has = (one.has)(site.clone(), frame.clone(), stays.clone()).await?;
        let ends = (one.has)(site.clone(), frame.clone(), other.clone()).await?;
        fields.push(field(
            frame.t(one.text),
            String::new(),
            has.unwrap_or_default(),
        ));
        if let Some(ends) = ends {
            fields.push(field(frame.t("people-merge-one-ends"), String::new(), ends));
        }
    }
    if let Some(after) = leaves(&site, &frame, &wish, (&kept, &old)).await? {
        fields.push(field(frame.t("people-merge-place"), String::new(), after));
    }
    let waiting = waiting::said(&site, &frame, &wish.old).await?;
    if !waiting.is_empty() {
        fields.push(field(
            frame.t("people-merge-waiting"),
            String::new(),
            waiting.join("; "),
        ));
    }
    let ends = ends(&site, &wish.old, today).await?;
    if !ends.is_empty() {
        fields.push(field(
            frame.t("people-merge-ends"),
            ends.join("; "),
            frame.t("people-merge-ends-anew"),
        ));
    }
    Ok(fields)
}

/// Whether somebody has left by the record that stays, as it will stand.
fn is_gone(wish: &Merge, kept: &Whole, old: &Whole) -> bool {
    crate::fact::is_gone(&wish.after(&kept.record, &old.record).status)
}

/// Whether the status would be that of the record that ends, by which somebody has left: with it stands how and by
/// which decision, so that record is the one to keep.
pub(crate) fn takes_a_leaving(takes: &BTreeSet<String>, old: &NewMember) -> bool {
    takes.contains(Field::Status.word()) && crate::fact::is_gone(&old.status)
}

/// What a merging does to a leaving, in a sentence; `None` where nobody has left.
async fn leaves(
    site: &Site,
    frame: &Frame,
    wish: &Merge,
    (kept, old): (&Whole, &Whole),
) -> Result<Option<String>> {
    if is_gone(wish, kept, old) {
        return Ok(Some(frame.t("people-merge-place-none")));
    }
    let gone = leaving::find(&site.db, &wish.kept).await?;
    Ok(gone.map(|_| frame.t("people-merge-place-back")))
}

/// A record in one line: what it is called among the two, code, place, and what there is one of (an account).
pub(crate) fn described(
    frame: &Frame,
    called: &str,
    (record, place): (&NewMember, &str),
    has: &[String],
) -> String {
    let mut parts = vec![called.to_owned()];
    if !record.external_id.is_empty() && !called.contains(&record.external_id) {
        parts.push(frame.t1("people-merge-coded", "code", record.external_id.as_str()));
    }
    if !place.is_empty() && !called.contains(place) {
        parts.push(place.to_owned());
    }
    parts.extend(has.iter().cloned());
    parts.join(", ")
}

/// Posts and rights of a record that have not ended, in words.
pub(crate) async fn ends(site: &Site, old: &MemberId, today: Day) -> Result<Vec<String>> {
    let held = store::list_holdings(&site.db, old, today).await?;
    let more = store::list_other_grants(&site.db, old, today).await?;
    let said = |held: store::Held| format!("{}, {}", held.title, held.name);
    Ok(held.into_iter().chain(more).map(said).collect())
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value) -> Result<()> {
    let wish = Merge::read(payload)?;
    let site = act.site().clone();
    let today = act.now().day();
    let refused =
        |key| Refusal::new(key).way_out(format!("/members/{}", wish.kept), "people-merge-look");
    if [Some(&wish.kept), Some(&wish.old)].contains(&act.right().actor()) {
        return Err(own().into());
    }
    let by = actor::load(&site, &wish.by).await?;
    let over = unit::get_ref(&site, &wish.over).await?;
    let is_over = over_of(&site, &wish).await?;
    if CanMerge::of(&by, &over, &wish.kept, today).is_err()
        || !is_over
        || !may_change(&site, &by, [&wish.kept, &wish.old]).await?
    {
        return Err(refused("people-merge-refused-by").into());
    }
    let (kept, old) = both(&site, &wish.kept, &wish.old).await?;
    if takes_a_leaving(&wish.takes, &old.record) {
        return Err(refused("people-merge-refused-left").into());
    }
    let after = wish.after(&kept.record, &old.record);
    let is_gone = crate::fact::is_gone(&after.status);
    let units = units_of(act, (&wish.kept, &wish.old)).await?;
    // Its numbers keep nobody out from here on, so that they can be the other's.
    store::mark(act, &wish.old, Some(today)).await?;
    let numbers = numbers_of(act, &kept, &old, &wish).await?;
    write(act, &kept, &after, &numbers).await?;
    let mut was = Was {
        kept: wish.kept.clone(),
        old: wish.old.clone(),
        before: kept.record,
        after,
        closed: Vec::new(),
        opened: Vec::new(),
        ended: ends(&site, &wish.old, today).await?,
        moved: Vec::new(),
        back: None,
        rooms: BTreeMap::new(),
    };
    correction::carry(act, &wish.old, &wish.kept).await?;
    waiting::end(act, &wish.old, &wish.kept).await?;
    place(act, &wish, is_gone, &mut was).await?;
    waiting::end_homeless(act, &wish.kept).await?;
    for held in store::list_holdings(&site.db, &wish.old, today).await? {
        posts::end_holding(act, &held.id, today, REASON).await?;
    }
    store::end_other_grants(act, &wish.old).await?;
    was.moved = store::move_aliases(act, &wish.old, &wish.kept).await?;
    let id = crate::store::fresh(act);
    let approval = act.approval().to_string();
    let fields: Vec<&String> = wish.takes.iter().collect();
    let mut events = Vec::new();
    for (member, kind, other) in [
        (&wish.kept, EventKind::MergedFrom, &wish.old),
        (&wish.old, EventKind::MergedInto, &wish.kept),
    ] {
        let event = Event::new(member, kind, today).payload(serde_json::json!({
            "alias": id, "other": other, "fields": fields, "approval": approval,
        }));
        events.push(add_event(act, &event).await?);
        act.log(KIND)
            .about(member)
            .object("member", other)
            .reason(wish.reason.clone())
            .diff(&serde_json::json!({ "fields": fields, "agreed": true }));
    }
    // Who is a member under the other record has not left: what was written here ends with it.
    let left = leaving::find_gone(act.on(), &wish.kept).await?;
    if let (Some(left), Some(event), false) = (left, events.first(), is_gone) {
        leaving::set_back(act, &left, event).await?;
        was.back = Some(left.id);
    }
    for merging in &site.rooms.mergings {
        let Some(moves) = merging.moves else { continue };
        let pair = Pair {
            kept: wish.kept.clone(),
            old: wish.old.clone(),
            stays: wish.stays.get(merging.name).cloned(),
        };
        let did = (moves.join)(act, &pair).await?;
        was.rooms.insert(merging.name.to_owned(), did);
    }
    let sealed = was.seal(&site)?;
    store::add_alias(act, (&id, &approval), (&wish.old, &wish.kept), &sealed).await?;
    act.tell(alias::MERGED, format!("{} {}", wish.kept, wish.old));
    if is_gone {
        act.tell(crate::LEFT, &wish.kept);
        act.tell(crate::LEFT, &wish.old);
    }
    tell(act, &wish.kept, &id, "people-merge-told");
    let both = (&wish.kept, &wish.old);
    tell_units(act, both, (&id, &units), "people-merge-told-unit").await
}

/// Where both belong or belonged last, with the name of the unit.
pub(crate) async fn units_of(
    act: &mut Act<Approved>,
    (kept, old): (&MemberId, &MemberId),
) -> Result<Vec<Home>> {
    let mut all: Vec<Home> = Vec::new();
    for one in [kept, old] {
        for home in store::homes(act, one).await? {
            if all.iter().all(|held| held.unit_id != home.unit_id) {
                all.push(home);
            }
        }
    }
    Ok(all)
}

/// Who keeps the records of these units hears it, but for the two who did it and the person.
pub(crate) async fn tell_units(
    act: &mut Act<Approved>,
    (kept, old): (&MemberId, &MemberId),
    (alias, units): (&str, &[Home]),
    text: &'static str,
) -> Result<()> {
    let (site, today) = (act.site().clone(), act.now().day());
    let name = members::get_name(&site.db, kept).await?;
    let until = act.now().plus_ms(TOLD_DAYS * 86_400_000);
    let mut without = vec![kept.clone(), old.clone(), act.prepared_by().clone()];
    without.extend(act.right().actor().cloned());
    for home in units {
        let mut keepers = store::list_keepers(&site.db, &home.unit_id, today).await?;
        keepers.retain(|one| !without.contains(one));
        let once = format!("{UNIT_NOTICE}/{}/{alias}/{text}", home.unit_id);
        let to = format!("/units/{}", home.unit_id);
        let told = notices::New::of(UNIT_NOTICE, once, text, to, until);
        let told = told.arg("name", &name).arg("unit", &home.name);
        act.notify(told.to(keepers.iter().cloned()));
        without.extend(keepers); // once is enough
    }
    Ok(())
}

/// The person hears that two records of theirs became one, or two again.
pub(crate) fn tell(act: &mut Act<Approved>, kept: &MemberId, id: &str, text: &'static str) {
    let until = act.now().plus_ms(TOLD_DAYS * 86_400_000);
    let once = format!("{NOTICE}/{id}/{text}");
    let told = notices::New::of(NOTICE, once, text, "/me", until);
    act.notify(told.urgent().to([kept.clone()]));
}

/// Whether all that is written still lies below the unit for which it was agreed.
async fn over_of(site: &Site, wish: &Merge) -> Result<bool> {
    let top = unit::get_ref(site, &wish.over).await?;
    let now = over(site, &wish.kept, &wish.old, &[]).await?;
    Ok(now.is_some_and(|now| now.path.is_within(&top.path)))
}

/// A number of the record that stays: what it says, and whether it is compared with everybody's.
type Number = (&'static str, String, bool);

/// What becomes of card, citizen number and telephone; those that stay as they are, are left out. A number is compared
/// when it was in either record: of two that hold the same only one could be.
async fn numbers_of(
    act: &mut Act<Approved>,
    kept: &Whole,
    old: &Whole,
    wish: &Merge,
) -> Result<Vec<Number>> {
    let (mine, theirs) = (
        store::macs(act, &kept.id).await?,
        store::macs(act, &old.id).await?,
    );
    let mut all = Vec::new();
    for (nth, field) in [Field::Card, Field::Citizen].into_iter().enumerate() {
        let column = field.column().unwrap_or_default();
        let is_taken = wish.takes.contains(field.word());
        let is_same = field.of(&kept.record) == field.of(&old.record);
        if old.closed.contains(&column) && is_taken {
            return Err(Error::fault(
                "a number that does not open cannot be taken over",
            ));
        }
        let compared = |macs: &[(String, String); 2]| !macs[nth].1.is_empty();
        if is_taken || (is_same && !compared(&mine) && compared(&theirs)) {
            all.push((column, field.of(&old.record), compared(&theirs)));
        }
    }
    if wish.takes.contains(Field::Phone.word()) {
        all.push((number::PHONE, old.record.phone.clone(), false));
    }
    Ok(all)
}

/// Writes a record over the one that stays, numbers too.
pub(crate) async fn write<P: Records>(
    act: &mut Act<P>,
    kept: &Whole,
    after: &NewMember,
    numbers: &[Number],
) -> Result<()> {
    members::set_member(act, &kept.id, kept.row_version, after).await?;
    if after.external_id != kept.record.external_id {
        members::set_external_id(act, &kept.id, &after.external_id).await?;
    }
    for (column, value, is_compared) in numbers {
        let value = value.as_str();
        match (*column, *is_compared || value.is_empty()) {
            (number::CARD, true) => {
                members::set_numbers(act, &kept.id, Some(value), None, None).await?;
            }
            (number::CARD, false) => members::set_unmatched(act, &kept.id, value, "").await?,
            (number::CITIZEN, true) => {
                members::set_numbers(act, &kept.id, None, Some(value), None).await?;
            }
            (number::CITIZEN, false) => members::set_unmatched(act, &kept.id, "", value).await?,
            (_, _) => members::set_numbers(act, &kept.id, None, None, Some(value)).await?,
        }
    }
    Ok(())
}

/// Closes a placement today; one that begins today or later on the first day on which it can.
async fn close(act: &mut Act<Approved>, home: &Home, was: &mut Was) -> Result<Day> {
    let on = act.now().day().max(home.from_on.plus_days(1));
    if members::close_placement(act, &home.id, on, REASON).await? {
        was.closed.push((home.id.clone(), home.to_on));
    }
    Ok(on)
}

/// Opens for the record that stays what the other had open.
async fn go_on(
    act: &mut Act<Approved>,
    kept: &MemberId,
    home: &Home,
    first: Day,
    was: &mut Was,
) -> Result<()> {
    let Some(kind) = home.kind.known() else {
        return Ok(()); // a word that nobody knows is not written anew
    };
    let place = NewPlacement {
        member: kept.clone(),
        unit: home.unit_id.clone(),
        kind,
        from_on: first.max(home.from_on),
        to_on: home.to_on,
        start_reason: REASON.to_owned(),
        prev_id: home.id.clone(),
    };
    if place.from_on >= place.to_on {
        return Ok(());
    }
    let id = members::add_placement(act, &place).await?;
    moving::goes_on(act, kept, (&home.id, &id)).await?;
    was.opened.push(id);
    Ok(())
}

/// Placements of the record that ends go on with the one that stays, or end; all of them end where that one has left.
async fn place(act: &mut Act<Approved>, wish: &Merge, is_gone: bool, was: &mut Was) -> Result<()> {
    let today = act.now().day();
    let open = |homes: Vec<Home>| -> Vec<Home> {
        homes
            .into_iter()
            .filter(|home| home.is_open(today))
            .collect()
    };
    let mine = open(store::homes(act, &wish.kept).await?);
    let theirs = open(store::homes(act, &wish.old).await?);
    let own = mine.iter().find(|home| home.is_official());
    let moves_to = wish.home.as_ref() == Some(&wish.old);
    for home in &theirs {
        close(act, home, was).await?;
        let mut first = today;
        let goes_on = match own {
            _ if is_gone => false,
            _ if !home.is_official() => mine.iter().all(|held| held.unit_id != home.unit_id),
            None => true,
            Some(own) if own.unit_id == home.unit_id => false,
            Some(own) if moves_to => {
                first = close(act, own, was).await?;
                true
            }
            Some(_) => false,
        };
        if goes_on {
            go_on(act, &wish.kept, home, first, was).await?;
        }
    }
    // Nobody is a guest where they belong.
    let now = open(store::homes(act, &wish.kept).await?);
    let own = now.iter().find(|home| home.is_official());
    for guest in now.iter().filter(|home| !home.is_official()) {
        if own.is_some_and(|own| own.unit_id == guest.unit_id) {
            close(act, guest, was).await?;
        }
    }
    Ok(())
}

/// The name of a record, for lines of lists.
pub(crate) async fn title(site: &Site, frame: &Frame, kept: &MemberId) -> Result<String> {
    let name = member::name(site, kept).await?;
    Ok(frame.t1("people-merge-line", "name", name.as_str()))
}
