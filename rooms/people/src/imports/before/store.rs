//! Reading images and putting them back.

use crate::access::Records;
use crate::fact::EventKind;
use crate::identity;
use crate::ledger::store as ledger;
use crate::members::beginning::set_first_day;
use crate::members::store::set_words;
use crate::store::{Event, UnitChange, add_event, bump_epoch, holds, set_unit};
use db::sql;
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Actor, MemberId, UnitId};
use serde::{Deserialize, Serialize};
use site::Act;
use site::import::{Back, Was};

db::statements! {
    IMAGE = "select external_id, name, name_key, name_fold, other_name, sex, birth_on, status, \
        status_from_on, admission_decision_on, ceremony_on, recognition_decision_on, full_from_on, \
        card_sealed, card_mac, citizen_sealed, citizen_mac, phone_sealed, email, home_town, residence, \
        exempt, phoneless, coalesce((select min(unit_id) from people_placement p where p.member_id = \
        people_member.id and p.kind = 'official' and p.to_on = '9999-12-31'), '') as home, \
        coalesce((select min(from_on) from people_placement p where p.member_id = people_member.id \
        and p.kind = 'official' and p.to_on = '9999-12-31'), '') as placed_from from people_member \
        where id = $1";
    RESTORE = "update people_member set external_id = $2, name = $3, name_key = $4, name_fold = $5, \
        other_name = $6, sex = $7, birth_on = $8, status = $9, status_from_on = $10, admission_decision_on = \
        $11, ceremony_on = $12, recognition_decision_on = $13, full_from_on = $14, card_sealed = $15, \
        card_mac = $16, citizen_sealed = $17, citizen_mac = $18, phone_sealed = $19, email = $20, home_town \
        = $21, residence = $22, exempt = $23, phoneless = $24, row_version = row_version + 1 where id = $1";
    HELD_ELSEWHERE = "select count(*) from people_member where id <> $1 \
        and ((card_mac <> '' and card_mac = $2) or (citizen_mac <> '' and citizen_mac = $3))";
    UNIT_IMAGE = "select kind, code, external_id, name, cell_type, address from people_unit where id = $1";
    UNIT_VERSION = "select row_version from people_unit where id = $1";
}

/// A record, its numbers as they are kept (sealed).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, db::FromRow)]
#[allow(missing_docs)] // the columns of `people_member`
pub struct Image {
    external_id: String,
    name: String,
    name_key: String,
    name_fold: String,
    other_name: String,
    sex: String,
    birth_on: String,
    status: String,
    status_from_on: String,
    admission_decision_on: String,
    ceremony_on: String,
    recognition_decision_on: String,
    full_from_on: String,
    card_sealed: String,
    card_mac: String,
    citizen_sealed: String,
    citizen_mac: String,
    phone_sealed: String,
    email: String,
    home_town: String,
    residence: String,
    exempt: i64,
    phoneless: i64,
    home: String,
    /// Since when they are placed there; empty in an image of before that was kept.
    #[serde(default)]
    placed_from: String,
}

/// What somebody signs in with, or proves by that it is them (R4).
const IDENTITY: &[&str] = &["external_id", "card", "citizen", "phone", "email"];

impl Image {
    /// The unit in which they are placed; empty for none.
    pub fn home(&self) -> &str {
        &self.home
    }

    /// Names of the fields that differ, never what stands in them.
    fn differs(&self, other: &Image) -> Vec<&'static str> {
        let words = |image: &Image| {
            [
                ("external_id", image.external_id.clone()),
                ("name", image.name.clone()),
                ("other_name", image.other_name.clone()),
                ("sex", image.sex.clone()),
                ("birth_on", image.birth_on.clone()),
                ("status", image.status.clone()),
                ("status_from_on", image.status_from_on.clone()),
                ("admission_decision_on", image.admission_decision_on.clone()),
                ("ceremony_on", image.ceremony_on.clone()),
                (
                    "recognition_decision_on",
                    image.recognition_decision_on.clone(),
                ),
                ("full_from_on", image.full_from_on.clone()),
                ("card", format!("{} {}", image.card_sealed, image.card_mac)),
                (
                    "citizen",
                    format!("{} {}", image.citizen_sealed, image.citizen_mac),
                ),
                ("phone", image.phone_sealed.clone()),
                ("email", image.email.clone()),
                ("home_town", image.home_town.clone()),
                ("residence", image.residence.clone()),
                ("exempt", image.exempt.to_string()),
                ("phoneless", image.phoneless.to_string()),
                ("placed_on", image.placed_from.clone()),
            ]
        };
        let pairs = words(self).into_iter().zip(words(other));
        let differing = pairs.filter(|(mine, theirs)| mine != theirs);
        differing.map(|((field, _), _)| field).collect()
    }
}

/// What a unit says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, db::FromRow)]
#[allow(missing_docs)] // the columns of `people_unit`
pub struct UnitImage {
    kind: String,
    code: String,
    external_id: String,
    name: String,
    cell_type: String,
    address: String,
}

/// A record as it stands, within the act that changes it.
///
/// # Errors
/// [`Error::NotFound`] when there is no such person.
pub async fn image<P: Records>(act: &mut Act<P>, id: &MemberId) -> Result<Image> {
    (sql(IMAGE).bind(id).maybe(act.on()).await?).ok_or(Error::NotFound)
}

/// A unit as it stands, within the act that changes it.
///
/// # Errors
/// [`Error::NotFound`] when there is no such unit.
pub async fn image_of_unit<P: Records>(act: &mut Act<P>, id: &UnitId) -> Result<UnitImage> {
    (sql(UNIT_IMAGE).bind(id).maybe(act.on()).await?).ok_or(Error::NotFound)
}

/// Makes a record what it was before a run changed it, when it is still as the run left it, when nobody
/// holds its numbers meanwhile, and when the actor reaches where they are placed. What they sign in with goes
/// back only by whom R4 allows to change it, and they are told; `by` is `None` for the operator. Answers also
/// the names of the fields that changed.
///
/// # Errors
/// When the database fails, or the image was sealed with another key.
pub async fn restore<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    images: &Was,
    reaches: &(dyn Fn(&str) -> bool + Sync),
    by: Option<&Actor>,
) -> Result<(Back, Vec<&'static str>)> {
    let (was, left): (Image, Image) = images.open(act.site())?;
    let here: Option<Image> = sql(IMAGE).bind(id).maybe(act.on()).await?;
    let Some(mut here) = here else {
        return Ok((Back::Gone, Vec::new()));
    };
    if left.placed_from.is_empty() {
        here.placed_from.clear(); // an image of before that was kept
    }
    let fields = here.differs(&was);
    let is_identity = fields.iter().any(|field| IDENTITY.contains(field));
    let is_held = sql(HELD_ELSEWHERE)
        .bind(id)
        .bind(&was.card_mac)
        .bind(&was.citizen_mac)
        .count(act.on())
        .await?
        > 0;
    // Where they were placed by the run is history by now.
    let was_placed = was.home != left.home;
    let reached = here.home.is_empty() || reaches(&here.home);
    if here != left || is_held || was_placed || !reached {
        return Ok((Back::Kept, Vec::new()));
    }
    if let (true, Some(actor)) = (is_identity, by) {
        let site = act.site().clone();
        if !identity::may_change(&site, actor, id).await? {
            return Ok((Back::Kept, Vec::new()));
        }
    }
    bump_epoch(act).await?;
    holds(act, id).await?;
    let stood = ledger::before(act, id).await?;
    sql(RESTORE)
        .bind(id)
        .bind(&was.external_id)
        .bind(&was.name)
        .bind(&was.name_key)
        .bind(&was.name_fold)
        .bind(&was.other_name)
        .bind(&was.sex)
        .bind(&was.birth_on)
        .bind(&was.status)
        .bind(&was.status_from_on)
        .bind(&was.admission_decision_on)
        .bind(&was.ceremony_on)
        .bind(&was.recognition_decision_on)
        .bind(&was.full_from_on)
        .bind(&was.card_sealed)
        .bind(&was.card_mac)
        .bind(&was.citizen_sealed)
        .bind(&was.citizen_mac)
        .bind(&was.phone_sealed)
        .bind(&was.email)
        .bind(&was.home_town)
        .bind(&was.residence)
        .bind(was.exempt)
        .bind(was.phoneless)
        .run(act.on())
        .await?;
    set_words(act, id, &was.name).await?;
    ledger::after(act, stood).await?;
    if was.placed_from != here.placed_from {
        let first = was.placed_from.parse().map_err(Error::fault)?;
        set_first_day(act, id, first, "undo").await?;
    }
    let today = act.now().day();
    let payload = serde_json::json!({ "source": "undo" });
    add_event(
        act,
        &Event::new(id, EventKind::MemberRestored, today).payload(payload),
    )
    .await?;
    if is_identity {
        identity::tell_owner(act, id, &fields, &here.email)?;
    }
    Ok((Back::Restored, fields))
}

/// Makes a unit say again what it said before a run changed it; as [`restore`].
///
/// # Errors
/// When the database fails, or the image was sealed with another key.
pub async fn restore_unit<P: Records>(
    act: &mut Act<P>,
    id: &UnitId,
    images: &Was,
    reaches: &(dyn Fn(&str) -> bool + Sync),
) -> Result<Back> {
    let (was, left): (UnitImage, UnitImage) = images.open(act.site())?;
    let here: Option<UnitImage> = sql(UNIT_IMAGE).bind(id).maybe(act.on()).await?;
    let Some(here) = here else {
        return Ok(Back::Gone);
    };
    if here != left || !reaches(id.as_str()) {
        return Ok(Back::Kept);
    }
    let change = UnitChange {
        id: id.clone(),
        row_version: sql(UNIT_VERSION).bind(id).count(act.on()).await?,
        kind: Kept::from(was.kind),
        code: was.code,
        external_id: was.external_id,
        name: was.name,
        cell_type: was.cell_type,
        address: was.address,
    };
    let today = act.now().day();
    set_unit(act, &change, today).await?;
    Ok(Back::Restored)
}
