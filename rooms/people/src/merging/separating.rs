//! Two records that were made one are taken apart again, by two people as well.
//!
//! The alias ends and stays in the table. Fields, numbers, placements and a leaving become what they were where nothing
//! has changed them since; what changed stays and is named beforehand, for a person to decide: who died meanwhile is
//! placed nowhere. From then on the two are known to be two people. Posts and rights that the
//! merging ended are not given back by themselves: they are given anew. Not here: making one of two (`joining`).
//! The rule that surprises: the last merging is taken apart first, since the records of an earlier one are no more
//! what it left.

use crate::access::CanMerge;
use crate::fact::EventKind;
use crate::members::store::{self as members, NewPlacement, leaving, moving};
use crate::merging::joining::{self, Was};
use crate::merging::record::{self, Field, Whole};
use crate::merging::store::{self, Alias, Home};
use crate::merging::waiting;
use crate::store::{Event, add_event};
use crate::{actor, number, unit};
use kernel::error::{Error, Refusal, Result};
use kernel::{Cap, Day, MemberId, UnitId};
use serde::{Deserialize, Serialize};
use site::four_eyes::{self, Approved, Change};
use site::room::{ApprovalKind, FieldChange, Pair};
use site::{Act, Site};
use web::Frame;

/// The word of the approval.
pub(crate) const KIND: &str = "member.separate";
/// Why placements end and begin.
pub(crate) const ENDED: &str = "separated";

/// What is to be taken apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Separation {
    pub(crate) alias: String,
    pub(crate) kept: MemberId,
    pub(crate) old: MemberId,
    pub(crate) reason: String,
    pub(crate) over: UnitId,
    pub(crate) by: MemberId,
}

impl Separation {
    fn read(json: &serde_json::Value) -> Result<Separation> {
        serde_json::from_value(json.clone()).map_err(Error::fault)
    }
}

/// What becomes of the fields that a merging changed.
pub(crate) struct Fields {
    /// They become again what they were.
    pub(crate) back: Vec<Field>,
    /// Something changed them since: they stay.
    pub(crate) stays: Vec<Field>,
}

/// Whether somebody has left under the record that stayed since it was merged: nobody knows which of the two it was.
fn is_gone_since(was: &Was, now: &Whole) -> bool {
    crate::fact::is_gone(&now.record.status) && !crate::fact::is_gone(&was.after.status)
}

/// Compares a record with what the merging left.
pub(crate) fn fields(was: &Was, now: &Whole) -> Fields {
    let touched =
        (Field::ALL.into_iter()).filter(|field| field.of(&was.before) != field.of(&was.after));
    let (back, stays) = touched.partition(|field| field.of(&now.record) == field.of(&was.after));
    Fields { back, stays }
}

/// The same with the rows that hang on it: whoever would have left again, and has got a post or moved since, is left
/// to a person.
async fn fields_of(site: &Site, was: &Was, now: &Whole) -> Result<Fields> {
    let mut all = fields(was, now);
    if !all.back.contains(&Field::Status) || !crate::fact::is_gone(&was.before.status) {
        return Ok(all);
    }
    let today = site.clock.today();
    let held = store::list_holdings(&site.db, &was.kept, today).await?;
    let more = store::list_other_grants(&site.db, &was.kept, today).await?;
    let homes = store::list_homes(&site.db, &was.kept, today).await?;
    // What carries on a placement of the merging goes with it.
    let has_moved = homes.iter().any(|home| {
        let is_given = was.opened.contains(&home.id) || home.start_reason == "back";
        home.is_open(today) && !is_given
    });
    if !held.is_empty() || !more.is_empty() || has_moved {
        all.back.retain(|field| *field != Field::Status);
        all.stays.push(Field::Status);
    }
    Ok(all)
}

/// The alias of that record, to be taken apart, and what it keeps.
///
/// # Errors
/// [`Error::NotFound`] when it is not one of that record; refused when a later merging has to go first.
pub(crate) async fn find(site: &Site, kept: &MemberId, alias: &str) -> Result<(Alias, Was)> {
    let alias = store::find_alias(&site.db, alias).await?;
    let alias = alias
        .filter(|alias| alias.member_id == *kept)
        .ok_or(Error::NotFound)?;
    let was = Was::open(site, &alias.was_sealed)?;
    if was.kept != alias.member_id {
        return Err(later_first(kept).into());
    }
    Ok((alias, was))
}

fn later_first(kept: &MemberId) -> Refusal {
    Refusal::new("people-separate-refused-later")
        .way_out(format!("/members/{kept}"), "people-merge-look")
}

/// Keeps the separation for the second person, within the act of the first.
///
/// # Errors
/// Refused when it waits already.
pub(crate) async fn prepare(
    act: &mut Act<CanMerge>,
    wish: &Separation,
    title: String,
) -> Result<()> {
    let change = Change {
        kind: KIND,
        object_id: wish.alias.clone(),
        title,
        versions: joining::versions(act, &wish.kept, &wish.old).await?,
        payload: serde_json::to_value(wish).map_err(Error::fault)?,
        sides: vec![approvals::Side {
            name: "one",
            unit: Some(wish.over.clone()),
        }],
    };
    four_eyes::prepare(act, change).await.map(|_| ())
}

/// The change that a second person decides.
pub(crate) const SEPARATING: ApprovalKind = ApprovalKind {
    is_later: false,
    kind: KIND,
    text: "people-separating",
    decides: Cap::MemberApprove,
    about: super::joining::about,
    show: |site, frame, payload| Box::pin(show(site, frame, payload)),
    versions: |act, payload| {
        Box::pin(async move {
            let wish = Separation::read(payload)?;
            joining::versions_alone(act, &wish.kept, &wish.old).await
        })
    },
    still: None,
    apply: |act, payload| Box::pin(apply(act, payload)),
    again: |payload| {
        let of = |name| payload.get(name).and_then(serde_json::Value::as_str);
        let (kept, alias) = (
            of("kept").unwrap_or_default(),
            of("alias").unwrap_or_default(),
        );
        format!("/members/{kept}/merges/{alias}/separation")
    },
};

/// What becomes of everything that the merging did, in words: for the page and for the second person.
pub(crate) async fn said(site: &Site, frame: &Frame, was: &Was) -> Result<Vec<FieldChange>> {
    let (now, old) = joining::both(site, &was.kept, &was.old).await?;
    let field = |label: String, old: String, new: String| FieldChange { label, old, new };
    let mut lines = vec![
        field(
            frame.t("people-merge-kept"),
            String::new(),
            joining::described(frame, &now.record.name, (&now.record, ""), &[]),
        ),
        field(
            frame.t("people-separate-alone"),
            String::new(),
            joining::described(frame, &old.record.name, (&old.record, ""), &[]),
        ),
    ];
    let Fields { back, stays } = fields_of(site, was, &now).await?;
    let before = Whole {
        record: was.before.clone(),
        closed: Vec::new(),
        ..now.clone()
    };
    for one in back {
        let to = match one.column() {
            Some(_) => frame.t("people-separate-number-back"),
            None => record::words_of(frame, &before, one, false),
        };
        let from = match one.column() {
            Some(_) => String::new(),
            None => record::words_of(frame, &now, one, false),
        };
        lines.push(field(frame.t(one.text()), from, to));
    }
    for one in stays {
        lines.push(field(
            frame.t(one.text()),
            String::new(),
            frame.t("people-separate-stays"),
        ));
    }
    if is_gone_since(was, &now) {
        lines.push(field(
            frame.t("people-fact-unit"),
            String::new(),
            frame.t("people-separate-gone"),
        ));
    }
    if !was.ended.is_empty() {
        lines.push(field(
            frame.t("people-merge-ends"),
            was.ended.join("; "),
            frame.t("people-separate-anew"),
        ));
    }
    Ok(lines)
}

async fn show(site: Site, frame: Frame, payload: serde_json::Value) -> Result<Vec<FieldChange>> {
    let wish = Separation::read(&payload)?;
    let Some(alias) = store::find_alias(&site.db, &wish.alias).await? else {
        return Ok(Vec::new()); // it has ended; the page says how
    };
    let was = Was::open(&site, &alias.was_sealed)?;
    let mut lines = said(&site, &frame, &was).await?;
    lines.insert(
        0,
        FieldChange {
            label: frame.t("people-separate-reason"),
            old: String::new(),
            new: wish.reason,
        },
    );
    Ok(lines)
}

async fn apply(act: &mut Act<Approved>, payload: &serde_json::Value) -> Result<()> {
    let wish = Separation::read(payload)?;
    let site = act.site().clone();
    let today = act.now().day();
    let refused =
        |key| Refusal::new(key).way_out(format!("/members/{}", wish.kept), "people-merge-look");
    if [Some(&wish.kept), Some(&wish.old)].contains(&act.right().actor()) {
        return Err(refused("people-merge-refused-own").into());
    }
    let by = actor::load(&site, &wish.by).await?;
    let over = unit::get_ref(&site, &wish.over).await?;
    if CanMerge::of(&by, &over, &wish.kept, today).is_err()
        || !joining::may_change(&site, &by, [&wish.kept, &wish.old]).await?
    {
        return Err(refused("people-merge-refused-by").into());
    }
    let Some(alias) = store::find_alias_in(act, &wish.alias).await? else {
        return Err(refused("people-separate-refused-ended").into());
    };
    if alias.member_id != wish.kept {
        return Err(later_first(&wish.kept).into());
    }
    let was = Was::open(&site, &alias.was_sealed)?;
    let now = joining::over(&site, &wish.kept, &wish.old, &was.closed).await?;
    if !now.is_some_and(|now| now.path.is_within(&over.path)) {
        return Err(refused("people-merge-refused-by").into());
    }
    let approval = act.approval().to_string();
    store::end_alias(act, &alias, &approval).await?;
    let (now, _) = joining::both(&site, &wish.kept, &wish.old).await?;
    let Fields { back, stays } = fields_of(&site, &was, &now).await?;
    let mut record = now.record.clone();
    let mut numbers = Vec::new();
    for field in &back {
        field.take(&mut record, &was.before);
        if let Some(column) = field.column() {
            // What it was before nobody else holds but, perhaps, somebody new: then it is kept and not compared.
            let value = field.of(&was.before);
            let is_free =
                column == number::PHONE || is_free(act, &wish.kept, column, &value).await?;
            numbers.push((column, value, is_free));
        }
    }
    joining::write(act, &now, &record, &numbers).await?;
    // Only now: the number that it gave is its own again.
    store::mark(act, &wish.old, None).await?;
    let units = joining::units_of(act, (&wish.kept, &wish.old)).await?;
    place(act, &was, crate::fact::is_gone(&record.status)).await?;
    if let (Some(left), true) = (&was.back, back.contains(&Field::Status)) {
        leaving::holds_again(act, &wish.kept, left).await?;
    }
    waiting::end_homeless(act, &wish.kept).await?;
    store::say_distinct(act, &wish.kept, &wish.old).await?;
    for moved in &was.moved {
        store::move_back(act, moved, &wish.kept, &wish.old).await?;
    }
    let words = |fields: &[Field]| -> Vec<&'static str> {
        fields.iter().map(|field| field.word()).collect()
    };
    for (member, other) in [(&wish.kept, &wish.old), (&wish.old, &wish.kept)] {
        let event = Event::new(member, EventKind::Separated, today).payload(serde_json::json!({
            "alias": alias.id, "other": other, "fields": words(&back), "stays": words(&stays),
            "approval": approval,
        }));
        add_event(act, &event).await?;
        act.log(KIND)
            .about(member)
            .object("member", other)
            .reason(wish.reason.clone())
            .diff(&serde_json::json!({ "fields": words(&back) }));
    }
    for merging in &site.rooms.mergings {
        let (Some(moves), Some(did)) = (merging.moves, was.rooms.get(merging.name)) else {
            continue;
        };
        let pair = Pair {
            kept: wish.kept.clone(),
            old: wish.old.clone(),
            stays: None,
        };
        (moves.separate)(act, &pair, did).await?;
    }
    joining::tell(act, &wish.kept, &alias.id, "people-separate-told");
    let both = (&wish.kept, &wish.old);
    joining::tell_units(act, both, (&alias.id, &units), "people-separate-told-unit").await
}

/// Whether nobody else holds that number by now.
async fn is_free(
    act: &mut Act<Approved>,
    kept: &MemberId,
    column: &str,
    value: &str,
) -> Result<bool> {
    let mac = act.site().keys.mac(column, &number::digits(value));
    Ok(mac.is_empty() || !store::is_taken(act, kept, (column, &mac)).await?)
}

/// Placements that the merging opened end; those that it closed go on, where the person has no other of their own and
/// is a member still. On the day of the merging itself it is as if it had not been.
async fn place(act: &mut Act<Approved>, was: &Was, is_gone: bool) -> Result<()> {
    let today = act.now().day();
    // A leaving that was taken back carried it on under another row.
    let mut last: Vec<(String, Home)> = Vec::new();
    for id in &was.opened {
        let mut chain: Vec<Home> = Vec::new();
        let mut next = Some(id.clone());
        while let Some(id) = next {
            next = store::find_returned(act, &id).await?;
            chain.extend(store::find_placement_in(act, &id).await?);
        }
        let first = chain.first().map(|home| home.prev_id.clone());
        last.extend(first.zip(chain.last().cloned()));
        for home in chain.iter().rev() {
            // Stays for a time are theirs again whose they were.
            moving::goes_on(act, &was.kept, (&home.id, &home.prev_id)).await?;
            let on = today.max(home.from_on.plus_days(1));
            if !store::withdraw(act, &was.kept, home).await? && home.to_on > on {
                members::close_placement(act, &home.id, on, ENDED).await?;
            }
        }
    }
    for (id, end) in &was.closed {
        let (member, home) = store::get_placement_of(act, id).await?;
        if member == was.kept && is_gone {
            continue; // nobody is placed who has died or left since
        }
        // A stay that was ended or prolonged meanwhile ends so.
        let now = last.iter().find(|(from, _)| from == id);
        let now = now.filter(|(_, last)| !last.is_official());
        let end = now.map_or(*end, |(_, last)| last.to_on);
        give_back(act, member, &home, end).await?;
    }
    Ok(())
}

async fn give_back(act: &mut Act<Approved>, member: MemberId, home: &Home, end: Day) -> Result<()> {
    let today = act.now().day();
    let mut open: Vec<Home> = store::homes(act, &member).await?;
    open.retain(|held| held.is_official() == home.is_official());
    let has_own = |held: &Home| held.is_open(today) && held.to_on == Day::OPEN;
    if home.is_official() && open.iter().any(has_own) {
        return Ok(()); // they belong somewhere else since
    }
    let last = (open.iter().map(|held| held.to_on))
        .filter(|to| *to != Day::OPEN)
        .max();
    let first = today.max(home.to_on).max(last.unwrap_or(today));
    let lives = home.dissolved_on > first.max(today) && today < end;
    let is_free = open
        .iter()
        .all(|held| held.id == home.id || held.to_on <= home.to_on);
    if !lives || (is_free && store::reopen(act, &member, home, end).await?) {
        return Ok(());
    }
    let (Some(kind), true) = (home.kind.known(), first < end) else {
        return Ok(());
    };
    let again = NewPlacement {
        member,
        unit: home.unit_id.clone(),
        kind,
        from_on: first,
        to_on: end,
        start_reason: ENDED.to_owned(),
        prev_id: home.id.clone(),
    };
    let id = members::add_placement(act, &again).await?;
    moving::goes_on(act, &again.member, (&home.id, &id)).await
}
