//! Everything this room writes: units, members, placements, posts with their grants, the ledger.
//!
//! Every function takes the act of a proof (`access::Records`); no page is drawn. Each change writes
//! its line of the ledger (`people_member_event`) in the same transaction; the log line is the
//! act's own. Locks are taken in one order: epoch, member, placement, holding, grant. Neighbours: reading lives beside what is read (`unit`, `roster`, …).
//! The rule that surprises: whatever takes a right away raises the epoch itself; adding placements
//! does not, so that an import raises it once at its end with [`bump_epoch`].

use crate::access::Records;
use crate::fact::{Basis, EventKind, Placement, Status, UnitKind};
use crate::number;
use db::sql;
use kernel::error::{Error, Refusal, Result};
use kernel::fact::Kept;
use kernel::path::MAX_DEPTH;
use kernel::{Day, GrantId, MemberId, Role, UnitId, UnitPath, UnitRef};
use site::{Act, Site};
use std::collections::BTreeSet;

const UNIT_PATH: &str = "select path from people_unit where id = $1";
const ADD_UNIT: &str = "insert into people_unit (id, parent_id, path, kind, code, external_id, name, \
    name_key, name_fold, cell_type, address, founded_on) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const ADD_UNIT_VERSION: &str = "insert into people_unit_version \
    (unit_id, from_on, parent_id, path, kind, code, name, decision_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8)";
const ADD_MEMBER: &str = "insert into people_member (id, external_id, name, name_key, name_fold, \
    other_name, sex, birth_on, status, status_from_on, admission_decision_on, ceremony_on, \
    recognition_decision_on, full_from_on, exempt, phoneless, card_sealed, card_mac, card_tail, \
    citizen_sealed, citizen_mac, citizen_tail, phone_sealed, phone_tail, email, home_town, residence, \
    source) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
    $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)";
const SET_MEMBER: &str = "update people_member set name = $3, name_key = $4, name_fold = $5, \
    other_name = $6, sex = $7, birth_on = $8, status = $9, status_from_on = $10, \
    admission_decision_on = $11, ceremony_on = $12, recognition_decision_on = $13, full_from_on = $14, \
    exempt = $15, phoneless = $16, email = $17, home_town = $18, residence = $19, \
    row_version = row_version + 1 where id = $1 and row_version = $2";
const SET_CARD: &str =
    "update people_member set card_sealed = $2, card_mac = $3, card_tail = $4 where id = $1";
const SET_CITIZEN: &str = "update people_member set citizen_sealed = $2, citizen_mac = $3, citizen_tail = $4 where id = $1";
const SET_PHONE: &str = "update people_member set phone_sealed = $2, phone_tail = $3 where id = $1";
const BY_CARD: &str = "select id from people_member where card_mac = $1";
const BY_CITIZEN: &str = "select id from people_member where citizen_mac = $1";
const ADD_WORD: &str = "insert into people_name_word (word, member_id) values ($1, $2) \
    on conflict (word, member_id) do nothing";
const REMOVE_WORDS: &str = "delete from people_name_word where member_id = $1";
const ADD_PLACEMENT: &str = "insert into people_placement (id, member_id, unit_id, kind, from_on, to_on, \
    start_reason, prev_id, opened_by_event) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const CLOSE_PLACEMENT: &str = "update people_placement set to_on = $2, end_reason = $3, \
    closed_by_event = $4 where id = $1 and from_on < $2 and to_on > $2";
const PLACEMENT_MEMBER: &str = "select member_id, unit_id from people_placement where id = $1";
const FREE_POSITION: &str = "select p.id from people_position p where p.unit_id = $1 and p.title = $2 \
    and p.role = $3 and not exists (select 1 from people_holding h \
    where h.position_id = p.id and h.to_on > $4) order by p.rank, p.id limit 1";
const ADD_POSITION: &str =
    "insert into people_position (id, unit_id, title, role, rank) values ($1, $2, $3, $4, $5)";
const ADD_HOLDING: &str = "insert into people_holding (id, position_id, member_id, term_id, basis, \
    from_on, to_on) values ($1, $2, $3, $4, $5, $6, $7)";
const ADD_GRANT: &str = "insert into people_grant (id, member_id, role, unit_id, scope, source, \
    source_id, from_on, to_on, prepared_by, approved_by, granted_at) \
    values ($1, $2, $3, $4, $5, 'position', $6, $7, $8, $9, $9, $10)";
const HOLDING: &str = "select h.member_id, h.from_on, p.unit_id, p.title from people_holding h \
    join people_position p on p.id = h.position_id where h.id = $1";
const END_HOLDING: &str =
    "update people_holding set to_on = $2, end_reason = $3 where id = $1 and to_on > $2";
const END_GRANTS: &str = "update people_grant set to_on = $2 \
    where source = 'position' and source_id = $1 and to_on > $2";
const ADD_EVENT: &str = "insert into people_member_event (id, member_id, kind, effective_on, recorded_at, \
    recorded_by, unit_id, decision_no, decision_on, payload_json, corrects_id) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const BUMP: &str = "update people_epoch set value = value + 1 where name = 'grants'";
const EPOCH: &str = "select value from people_epoch where name = 'grants'";
const SET_EXTERNAL: &str = "update people_member set external_id = $2 where id = $1";
const SET_UNIT: &str = "update people_unit set kind = $3, code = $4, external_id = $5, name = $6, name_key = $7, \
    name_fold = $8, cell_type = $9, address = $10, row_version = row_version + 1 where id = $1 and row_version = $2";
const SET_VERSION: &str = "update people_unit_version set kind = $3, code = $4, name = $5 \
    where unit_id = $1 and from_on = $2 and to_on = '9999-12-31'";
const CLOSE_VERSION: &str = "update people_unit_version set to_on = $2 \
    where unit_id = $1 and from_on < $2 and to_on = '9999-12-31'";
const REPEAT_VERSION: &str = "insert into people_unit_version (unit_id, from_on, parent_id, path, kind, code, name) \
    select id, $2, parent_id, path, kind, code, name from people_unit where id = $1";

/// Key of the sentence for whoever was slower.
const CHANGED: &str = "people-refused-changed-meanwhile";

/// Every statement of this module.
pub const STATEMENTS: &[&str] = &[
    UNIT_PATH,
    ADD_UNIT,
    ADD_UNIT_VERSION,
    ADD_MEMBER,
    SET_MEMBER,
    SET_CARD,
    SET_CITIZEN,
    SET_PHONE,
    BY_CARD,
    BY_CITIZEN,
    ADD_WORD,
    REMOVE_WORDS,
    ADD_PLACEMENT,
    CLOSE_PLACEMENT,
    PLACEMENT_MEMBER,
    FREE_POSITION,
    ADD_POSITION,
    ADD_HOLDING,
    ADD_GRANT,
    HOLDING,
    END_HOLDING,
    END_GRANTS,
    ADD_EVENT,
    BUMP,
    EPOCH,
    SET_EXTERNAL,
    SET_UNIT,
    SET_VERSION,
    CLOSE_VERSION,
    REPEAT_VERSION,
];

fn fresh<P: Records>(act: &Act<P>) -> String {
    act.site().dice.uuid(act.now())
}

fn seal(site: &Site, column: &str, value: &str) -> Result<String> {
    site.keys.seal(column, value, &site.dice)
}

/// A unit to be added.
#[derive(Debug, Clone)]
pub struct NewUnit {
    /// Its id, fresh or (for generated data) chosen.
    pub id: UnitId,
    /// The unit above; `None` for a root.
    pub parent: Option<UnitId>,
    /// What it is.
    pub kind: UnitKind,
    /// Official code; changes over time, never a key.
    pub code: String,
    /// Its id in the system that it came from.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Kind of cell, such as "thôn"; may be empty.
    pub cell_type: String,
    /// Where it meets; may be empty.
    pub address: String,
    /// First day.
    pub founded_on: Day,
    /// The decision; may be empty.
    pub decision_id: String,
}

impl NewUnit {
    /// A unit with the rest empty.
    pub fn new(
        id: UnitId,
        parent: Option<UnitId>,
        kind: UnitKind,
        name: &str,
        founded_on: Day,
    ) -> Self {
        NewUnit {
            id,
            parent,
            kind,
            code: String::new(),
            external_id: String::new(),
            name: name.to_owned(),
            cell_type: String::new(),
            address: String::new(),
            founded_on,
            decision_id: String::new(),
        }
    }
}

/// Adds a unit with its first version. A parent that is not there is [`Error::NotFound`]; deeper
/// than sixteen levels is refused.
pub async fn add_unit<P: Records>(act: &mut Act<P>, new: &NewUnit) -> Result<UnitRef> {
    let path = match &new.parent {
        None => UnitPath::root(&new.id),
        Some(parent) => {
            let above: (String,) = sql(UNIT_PATH).bind(parent).one(act.on()).await?;
            let above = UnitPath::try_from(above.0).map_err(Error::fault)?;
            if above.depth() >= MAX_DEPTH {
                return Err(Refusal::new("people-refused-too-deep").into());
            }
            above.child(&new.id)
        }
    };
    let name = vietnamese::nfc(new.name.trim());
    sql(ADD_UNIT)
        .bind(&new.id)
        .bind(new.parent.as_ref())
        .bind(&path)
        .bind(new.kind.word())
        .bind(&new.code)
        .bind(&new.external_id)
        .bind(&name)
        .bind(vietnamese::sort_key(&name))
        .bind(vietnamese::fold(&name))
        .bind(&new.cell_type)
        .bind(&new.address)
        .bind(new.founded_on)
        .run(act.on())
        .await?;
    sql(ADD_UNIT_VERSION)
        .bind(&new.id)
        .bind(new.founded_on)
        .bind(new.parent.as_ref())
        .bind(&path)
        .bind(new.kind.word())
        .bind(&new.code)
        .bind(&name)
        .bind(&new.decision_id)
        .run(act.on())
        .await?;
    Ok(UnitRef {
        id: new.id.clone(),
        path,
    })
}

/// What a unit is to say from now on; its place in the tree stays.
#[derive(Debug, Clone)]
pub struct UnitChange {
    /// Which unit.
    pub id: UnitId,
    /// What was read before deciding: when somebody was faster, nothing is written.
    pub row_version: i64,
    /// What it is; a word that nobody knows may stay as it stands.
    pub kind: Kept<UnitKind>,
    /// Official code.
    pub code: String,
    /// Its id in the system that it came from.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Kind of cell; may be empty.
    pub cell_type: String,
    /// Where it meets; may be empty.
    pub address: String,
}

/// Writes what a unit says as of `today`; name, code and kind of earlier days stay in its versions.
///
/// # Errors
/// [`Error::Busy`] when somebody changed the unit since it was read.
pub async fn set_unit<P: Records>(act: &mut Act<P>, now: &UnitChange, today: Day) -> Result<()> {
    let touched = sql(SET_UNIT)
        .bind(&now.id)
        .bind(now.row_version)
        .bind(now.kind.word())
        .bind(&now.code)
        .bind(&now.external_id)
        .bind(&now.name)
        .bind(vietnamese::sort_key(&now.name))
        .bind(vietnamese::fold(&now.name))
        .bind(&now.cell_type)
        .bind(&now.address)
        .run(act.on())
        .await?;
    if touched != 1 {
        return Err(Error::Busy { retry_s: 5 });
    }
    // A version that began today is overwritten: `[today, today)` would be empty.
    let same_day = sql(SET_VERSION)
        .bind(&now.id)
        .bind(today)
        .bind(now.kind.word())
        .bind(&now.code)
        .bind(&now.name)
        .run(act.on())
        .await?;
    if same_day == 0 {
        sql(CLOSE_VERSION)
            .bind(&now.id)
            .bind(today)
            .run(act.on())
            .await?;
        sql(REPEAT_VERSION)
            .bind(&now.id)
            .bind(today)
            .run(act.on())
            .await?;
    }
    Ok(())
}

/// What is kept of a person. Days are ISO and may be a year or a month only; numbers are plain here
/// and sealed on their way into the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// Their id in the system that they came from; also a member code to sign in with.
    pub external_id: String,
    /// Full name.
    pub name: String,
    /// Other or former name.
    pub other_name: String,
    /// `female`, `male` or empty.
    pub sex: String,
    /// Birth.
    pub birth_on: String,
    /// What they are to the organisation; a word that nobody knows may stay as it stands.
    pub status: Kept<Status>,
    /// Since when they have the status.
    pub status_from_on: String,
    /// The admission decision: party age counts from it.
    pub admission_decision_on: String,
    /// The ceremony: printed on the card.
    pub ceremony_on: String,
    /// The decision that recognised full membership.
    pub recognition_decision_on: String,
    /// Since when they are a full member, however late the paper.
    pub full_from_on: String,
    /// Exempt from meetings.
    pub exempt: bool,
    /// Has no telephone.
    pub phoneless: bool,
    /// Card number.
    pub card: String,
    /// Citizen id.
    pub citizen: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Home town.
    pub home_town: String,
    /// Residence.
    pub residence: String,
    /// Where this came from: a file and row, or empty when typed.
    pub source: String,
}

impl Default for NewMember {
    fn default() -> Self {
        let empty = String::new;
        NewMember {
            external_id: empty(),
            name: empty(),
            other_name: empty(),
            sex: empty(),
            birth_on: empty(),
            status: Kept::Known(Status::default()),
            status_from_on: empty(),
            admission_decision_on: empty(),
            ceremony_on: empty(),
            recognition_decision_on: empty(),
            full_from_on: empty(),
            exempt: false,
            phoneless: false,
            card: empty(),
            citizen: empty(),
            phone: empty(),
            email: empty(),
            home_town: empty(),
            residence: empty(),
            source: empty(),
        }
    }
}

/// The member who holds this card number.
pub async fn find_by_card(site: &Site, card: &str) -> Result<Option<MemberId>> {
    find_by_mac(
        site,
        BY_CARD,
        site.keys.mac(number::CARD, &number::digits(card)),
    )
    .await
}

/// The member who has this citizen id.
pub async fn find_by_citizen(site: &Site, citizen: &str) -> Result<Option<MemberId>> {
    find_by_mac(
        site,
        BY_CITIZEN,
        site.keys.mac(number::CITIZEN, &number::digits(citizen)),
    )
    .await
}

async fn find_by_mac(site: &Site, text: &'static str, mac: String) -> Result<Option<MemberId>> {
    if mac.is_empty() {
        return Ok(None);
    }
    let row: Option<(String,)> = sql(text).bind(mac).maybe(site.db.read()).await?;
    row.map(|(id,)| MemberId::try_from(id))
        .transpose()
        .map_err(Error::fault)
}

/// Adds a person. A card or citizen number that another member holds breaks the constraint
/// `people_member_card_mac` or `people_member_citizen_mac`: see `db::broke`.
pub async fn add_member<P: Records>(act: &mut Act<P>, new: &NewMember) -> Result<MemberId> {
    let id = MemberId::fresh(&act.site().clock, &act.site().dice);
    add_member_as(act, &id, new).await?;
    Ok(id)
}

/// Adds a person under a chosen id: generated data and `init`.
pub async fn add_member_as<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    new: &NewMember,
) -> Result<()> {
    let name = vietnamese::nfc(new.name.trim());
    let (card, citizen) = (number::digits(&new.card), number::digits(&new.citizen));
    let phone = number::phone(&new.phone);
    sql(ADD_MEMBER)
        .bind(id)
        .bind(&new.external_id)
        .bind(&name)
        .bind(vietnamese::name_key(&name))
        .bind(vietnamese::fold(&name))
        .bind(&new.other_name)
        .bind(&new.sex)
        .bind(&new.birth_on)
        .bind(new.status.word())
        .bind(&new.status_from_on)
        .bind(&new.admission_decision_on)
        .bind(&new.ceremony_on)
        .bind(&new.recognition_decision_on)
        .bind(&new.full_from_on)
        .bind(i64::from(new.exempt))
        .bind(i64::from(new.phoneless))
        .bind(seal(act.site(), number::CARD, &card)?)
        .bind(act.site().keys.mac(number::CARD, &card))
        .bind(site::seal::tail(&card))
        .bind(seal(act.site(), number::CITIZEN, &citizen)?)
        .bind(act.site().keys.mac(number::CITIZEN, &citizen))
        .bind(site::seal::tail(&citizen))
        .bind(seal(act.site(), number::PHONE, &phone)?)
        .bind(site::seal::tail(&phone))
        .bind(&new.email)
        .bind(&new.home_town)
        .bind(&new.residence)
        .bind(&new.source)
        .run(act.on())
        .await?;
    add_words(act, id, &name).await?;
    let day = act.now().day();
    add_event(
        act,
        &Event::new(id, EventKind::MemberAdded, day)
            .payload(serde_json::json!({ "source": new.source })),
    )
    .await?;
    Ok(())
}

async fn add_words<P: Records>(act: &mut Act<P>, id: &MemberId, name: &str) -> Result<()> {
    for word in name_words(name) {
        sql(ADD_WORD).bind(word).bind(id).run(act.on()).await?;
    }
    Ok(())
}

/// Makes a person found by the syllables of this name alone.
pub(crate) async fn set_words<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    name: &str,
) -> Result<()> {
    sql(REMOVE_WORDS).bind(id).run(act.on()).await?;
    add_words(act, id, name).await
}

/// The syllables by which a name is found: lower case, without marks.
pub fn name_words(name: &str) -> BTreeSet<String> {
    vietnamese::fold(name)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Writes a corrected record over the old one. `row_version` is what the form was drawn with: when
/// somebody else was faster, nothing is written and the answer is a refusal. Numbers are set with
/// [`set_numbers`]. The ledger line is the caller's, who knows what changed.
pub async fn set_member<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    row_version: i64,
    now: &NewMember,
) -> Result<()> {
    let name = vietnamese::nfc(now.name.trim());
    let touched = sql(SET_MEMBER)
        .bind(id)
        .bind(row_version)
        .bind(&name)
        .bind(vietnamese::name_key(&name))
        .bind(vietnamese::fold(&name))
        .bind(&now.other_name)
        .bind(&now.sex)
        .bind(&now.birth_on)
        .bind(now.status.word())
        .bind(&now.status_from_on)
        .bind(&now.admission_decision_on)
        .bind(&now.ceremony_on)
        .bind(&now.recognition_decision_on)
        .bind(&now.full_from_on)
        .bind(i64::from(now.exempt))
        .bind(i64::from(now.phoneless))
        .bind(&now.email)
        .bind(&now.home_town)
        .bind(&now.residence)
        .run(act.on())
        .await?;
    if touched != 1 {
        return Err(Refusal::new(CHANGED)
            .way_out(format!("/members/{id}"), "people-refused-changed-look")
            .into());
    }
    set_words(act, id, &name).await?;
    // The actor carries the name, and a status may take every right away.
    bump_epoch(act).await
}

/// Whether somebody else was faster.
pub(crate) fn is_changed(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.key == CHANGED)
}

/// Sets sealed numbers; `None` leaves one as it is, an empty text removes it.
pub async fn set_numbers<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    card: Option<&str>,
    citizen: Option<&str>,
    phone: Option<&str>,
) -> Result<()> {
    if let Some(card) = card.map(number::digits) {
        sql(SET_CARD)
            .bind(id)
            .bind(seal(act.site(), number::CARD, &card)?)
            .bind(act.site().keys.mac(number::CARD, &card))
            .bind(site::seal::tail(&card))
            .run(act.on())
            .await?;
    }
    if let Some(citizen) = citizen.map(number::digits) {
        sql(SET_CITIZEN)
            .bind(id)
            .bind(seal(act.site(), number::CITIZEN, &citizen)?)
            .bind(act.site().keys.mac(number::CITIZEN, &citizen))
            .bind(site::seal::tail(&citizen))
            .run(act.on())
            .await?;
    }
    if let Some(phone) = phone.map(number::phone) {
        sql(SET_PHONE)
            .bind(id)
            .bind(seal(act.site(), number::PHONE, &phone)?)
            .bind(site::seal::tail(&phone))
            .run(act.on())
            .await?;
    }
    Ok(())
}

/// A placement to be opened.
#[derive(Debug, Clone)]
pub struct NewPlacement {
    /// Who.
    pub member: MemberId,
    /// Where.
    pub unit: UnitId,
    /// One of [`Placement::KEPT`].
    pub kind: Placement,
    /// First day.
    pub from_on: Day,
    /// First day on which it no longer holds; [`Day::OPEN`] for none.
    pub to_on: Day,
    /// Why it begins; may be empty.
    pub start_reason: String,
    /// The placement that it follows; may be empty.
    pub prev_id: String,
}

impl NewPlacement {
    /// An open official placement.
    pub fn official(member: &MemberId, unit: &UnitId, from_on: Day) -> Self {
        NewPlacement {
            member: member.clone(),
            unit: unit.clone(),
            kind: Placement::Official,
            from_on,
            to_on: Day::OPEN,
            start_reason: String::new(),
            prev_id: String::new(),
        }
    }
}

/// Opens a placement; answers its id. A second open official one breaks the constraint
/// `people_placement_one`, said as `people_placement_member_id` by `db::broke` on SQLite.
pub async fn add_placement<P: Records>(act: &mut Act<P>, new: &NewPlacement) -> Result<String> {
    let id = fresh(act);
    let event = Event::new(&new.member, EventKind::PlacementOpened, new.from_on)
        .unit(&new.unit)
        .payload(
            serde_json::json!({ "placement": id, "kind": new.kind.word(), "reason": new.start_reason }),
        );
    let event = add_event(act, &event).await?;
    sql(ADD_PLACEMENT)
        .bind(&id)
        .bind(&new.member)
        .bind(&new.unit)
        .bind(new.kind.word())
        .bind(new.from_on)
        .bind(new.to_on)
        .bind(&new.start_reason)
        .bind(&new.prev_id)
        .bind(event)
        .run(act.on())
        .await?;
    Ok(id)
}

/// Closes a placement on `on` (its first day without it). Answers whether anything changed.
pub async fn close_placement<P: Records>(
    act: &mut Act<P>,
    id: &str,
    on: Day,
    reason: &str,
) -> Result<bool> {
    let (member, unit): (String, String) = sql(PLACEMENT_MEMBER).bind(id).one(act.on()).await?;
    let member = MemberId::try_from(member).map_err(Error::fault)?;
    let unit = UnitId::try_from(unit).map_err(Error::fault)?;
    let event = Event::new(&member, EventKind::PlacementClosed, on)
        .unit(&unit)
        .payload(serde_json::json!({ "placement": id, "reason": reason }));
    let event = add_event(act, &event).await?;
    let touched = sql(CLOSE_PLACEMENT)
        .bind(id)
        .bind(on)
        .bind(reason)
        .bind(event)
        .run(act.on())
        .await?;
    bump_epoch(act).await?;
    Ok(touched == 1)
}

/// A post to be given.
#[derive(Debug, Clone)]
pub struct NewHolding {
    /// The unit of the post.
    pub unit: UnitId,
    /// What the post is called.
    pub title: String,
    /// What it brings; [`Role::Member`] for a title without rights.
    pub role: Role,
    /// Sorts the committee: the secretary has the lowest.
    pub rank: i64,
    /// Who holds it.
    pub member: MemberId,
    /// How it was come by.
    pub basis: Basis,
    /// First day.
    pub from_on: Day,
    /// First day on which it no longer holds; [`Day::OPEN`] for none.
    pub to_on: Day,
    /// Number of the decision; may be empty.
    pub decision_no: String,
}

impl NewHolding {
    /// An open, elected post.
    pub fn new(
        unit: &UnitId,
        title: &str,
        role: Role,
        rank: i64,
        member: &MemberId,
        from_on: Day,
    ) -> Self {
        NewHolding {
            unit: unit.clone(),
            title: title.to_owned(),
            role,
            rank,
            member: member.clone(),
            basis: Basis::Elected,
            from_on,
            to_on: Day::OPEN,
            decision_no: String::new(),
        }
    }
}

/// Gives a post with its grant (R6): both have the same days. Answers the holding's id. A vacant
/// position of the same title and role is taken before a new one is made.
pub async fn add_position_holding<P: Records>(
    act: &mut Act<P>,
    new: &NewHolding,
) -> Result<String> {
    let free: Option<(String,)> = sql(FREE_POSITION)
        .bind(&new.unit)
        .bind(&new.title)
        .bind(new.role.name())
        .bind(new.from_on)
        .maybe(act.on())
        .await?;
    let position = match free {
        Some((id,)) => id,
        None => {
            let id = fresh(act);
            sql(ADD_POSITION)
                .bind(&id)
                .bind(&new.unit)
                .bind(&new.title)
                .bind(new.role.name())
                .bind(new.rank)
                .run(act.on())
                .await?;
            id
        }
    };
    let holding = fresh(act);
    sql(ADD_HOLDING)
        .bind(&holding)
        .bind(&position)
        .bind(&new.member)
        .bind("")
        .bind(new.basis.word())
        .bind(new.from_on)
        .bind(new.to_on)
        .run(act.on())
        .await?;
    if new.role != Role::Member {
        sql(ADD_GRANT)
            .bind(GrantId::fresh(&act.site().clock, &act.site().dice))
            .bind(&new.member)
            .bind(new.role.name())
            .bind(&new.unit)
            .bind(new.role.reach().name())
            .bind(&holding)
            .bind(new.from_on)
            .bind(new.to_on)
            .bind(act.by())
            .bind(act.now())
            .run(act.on())
            .await?;
    }
    let event = Event::new(&new.member, EventKind::PositionGiven, new.from_on)
        .unit(&new.unit)
        .decision(&new.decision_no)
        .payload(serde_json::json!({
            "holding": holding, "title": new.title, "role": new.role.name(), "to_on": new.to_on,
        }));
    add_event(act, &event).await?;
    bump_epoch(act).await?;
    Ok(holding)
}

/// Ends a post and its grant on `on` (its first day without it), never before it began.
/// Answers whether anything changed: ending twice is no error.
pub async fn end_holding<P: Records>(
    act: &mut Act<P>,
    holding: &str,
    on: Day,
    reason: &str,
) -> Result<bool> {
    let (member, from_on, unit, title): (String, String, String, String) =
        sql(HOLDING).bind(holding).one(act.on()).await?;
    let member = MemberId::try_from(member).map_err(Error::fault)?;
    let unit = UnitId::try_from(unit).map_err(Error::fault)?;
    let on = on.max(from_on.parse().map_err(Error::fault)?);
    let touched = sql(END_HOLDING)
        .bind(holding)
        .bind(on)
        .bind(reason)
        .run(act.on())
        .await?;
    sql(END_GRANTS).bind(holding).bind(on).run(act.on()).await?;
    if touched == 1 {
        let event = Event::new(&member, EventKind::PositionEnded, on)
            .unit(&unit)
            .payload(serde_json::json!({ "holding": holding, "title": title, "reason": reason }));
        add_event(act, &event).await?;
    }
    bump_epoch(act).await?;
    Ok(touched == 1)
}

/// A line of the ledger, being filled.
#[derive(Debug, Clone)]
pub struct Event {
    member: MemberId,
    kind: EventKind,
    effective_on: Day,
    unit: String,
    decision_no: String,
    payload: String,
}

impl Event {
    /// Something that is true of a member from that day on.
    pub fn new(member: &MemberId, kind: EventKind, effective_on: Day) -> Self {
        Event {
            member: member.clone(),
            kind,
            effective_on,
            unit: String::new(),
            decision_no: String::new(),
            payload: String::new(),
        }
    }
    /// In which unit.
    pub fn unit(mut self, unit: &UnitId) -> Self {
        self.unit = unit.to_string();
        self
    }
    /// By which decision.
    pub fn decision(mut self, number: &str) -> Self {
        self.decision_no = number.to_owned();
        self
    }
    /// What else is to be kept; never sealed values.
    pub fn payload(mut self, json: serde_json::Value) -> Self {
        self.payload = json.to_string();
        self
    }
}

/// Writes a line of the ledger; answers its id.
pub async fn add_event<P: Records>(act: &mut Act<P>, event: &Event) -> Result<String> {
    let id = fresh(act);
    sql(ADD_EVENT)
        .bind(&id)
        .bind(&event.member)
        .bind(event.kind.word())
        .bind(event.effective_on)
        .bind(act.now())
        .bind(act.by())
        .bind(&event.unit)
        .bind(&event.decision_no)
        .bind("")
        .bind(&event.payload)
        .bind("")
        .run(act.on())
        .await?;
    Ok(id)
}

/// Says that rights may have changed: every actor is read again at its next request.
pub async fn bump_epoch<P: Records>(act: &mut Act<P>) -> Result<()> {
    sql(BUMP).run(act.on()).await?;
    Ok(())
}

/// The number that rises with every change of rights, placements or units.
pub async fn epoch(on: impl db::On<'_>) -> Result<i64> {
    sql(EPOCH).count(on).await
}

/// Sets the id that a person has in the system that they came from.
pub async fn set_external_id<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    external: &str,
) -> Result<()> {
    sql(SET_EXTERNAL)
        .bind(id)
        .bind(external)
        .run(act.on())
        .await?;
    Ok(())
}
