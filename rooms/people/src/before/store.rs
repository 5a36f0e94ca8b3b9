//! Reading images and putting them back.

use crate::access::Records;
use crate::fact::EventKind;
use crate::store::{Event, UnitChange, add_event, bump_epoch, set_unit, set_words};
use db::sql;
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{MemberId, UnitId};
use serde::{Deserialize, Serialize};
use site::Act;
use site::import::{Back, Was};

db::statements! {
    IMAGE = "select external_id, name, name_key, name_fold, other_name, sex, birth_on, status, \
        status_from_on, admission_decision_on, ceremony_on, recognition_decision_on, full_from_on, \
        card_sealed, card_mac, card_tail, citizen_sealed, citizen_mac, citizen_tail, phone_sealed, \
        phone_tail, email, home_town, residence, exempt, phoneless, \
        coalesce((select min(unit_id) from people_placement p where p.member_id = people_member.id \
        and p.kind = 'official' and p.to_on = '9999-12-31'), '') as home from people_member where id = $1";
    RESTORE = "update people_member set external_id = $2, name = $3, name_key = $4, name_fold = $5, \
        other_name = $6, sex = $7, birth_on = $8, status = $9, status_from_on = $10, admission_decision_on = \
        $11, ceremony_on = $12, recognition_decision_on = $13, full_from_on = $14, card_sealed = $15, \
        card_mac = $16, card_tail = $17, citizen_sealed = $18, citizen_mac = $19, citizen_tail = $20, \
        phone_sealed = $21, phone_tail = $22, email = $23, home_town = $24, residence = $25, exempt = $26, \
        phoneless = $27, row_version = row_version + 1 where id = $1";
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
    card_tail: String,
    citizen_sealed: String,
    citizen_mac: String,
    citizen_tail: String,
    phone_sealed: String,
    phone_tail: String,
    email: String,
    home_town: String,
    residence: String,
    exempt: i64,
    phoneless: i64,
    home: String,
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
/// holds its numbers meanwhile, and when the actor reaches where they are placed. Raises the epoch.
///
/// # Errors
/// When the database fails, or the image was sealed with another key.
pub async fn restore<P: Records>(
    act: &mut Act<P>,
    id: &MemberId,
    images: &Was,
    reaches: &(dyn Fn(&str) -> bool + Sync),
) -> Result<Back> {
    let (was, left): (Image, Image) = images.open(act.site())?;
    let here: Option<Image> = sql(IMAGE).bind(id).maybe(act.on()).await?;
    let Some(here) = here else {
        return Ok(Back::Gone);
    };
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
        return Ok(Back::Kept);
    }
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
        .bind(&was.card_tail)
        .bind(&was.citizen_sealed)
        .bind(&was.citizen_mac)
        .bind(&was.citizen_tail)
        .bind(&was.phone_sealed)
        .bind(&was.phone_tail)
        .bind(&was.email)
        .bind(&was.home_town)
        .bind(&was.residence)
        .bind(was.exempt)
        .bind(was.phoneless)
        .run(act.on())
        .await?;
    set_words(act, id, &was.name).await?;
    let today = act.now().day();
    let payload = serde_json::json!({ "source": "undo" });
    add_event(
        act,
        &Event::new(id, EventKind::MemberRestored, today).payload(payload),
    )
    .await?;
    bump_epoch(act).await?;
    Ok(Back::Restored)
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
