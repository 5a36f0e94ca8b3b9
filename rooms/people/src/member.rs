//! One person: the record, and what of it a visitor is shown.
//!
//! Templates get a [`MemberView`] of a level (V0 to V3, governance reference 1.5), never the row.
//! Not here: who has which level (`sight`), writing (`store`).
//! The rule that surprises: a missing historical date stays missing; party age is computed only from
//! a complete date of the admission decision, else the page says "cần xác minh".

use crate::fact::{EventKind, Placement, Status};
use crate::number;
use crate::standing;
use crate::store::NewMember;
use db::sql;
use kernel::error::{Error, Result};
use kernel::fact::Kept;
use kernel::{Day, MemberId, Moment, UnitId};
use site::{Level, Looked, Site};
use vietnamese::PartialDate;

const ANYBODY: &str = "select count(*) from people_member";
const NAME: &str = "select name from people_member where id = $1";
const EMAIL: &str = "select email from people_member where id = $1";
const ROW: &str = "select id, external_id, name, other_name, sex, birth_on, status, status_from_on, \
    admission_decision_on, ceremony_on, recognition_decision_on, full_from_on, exempt, phoneless, \
    card_sealed, citizen_sealed, phone_sealed, email, home_town, \
    residence, source, row_version from people_member where id = $1";
const PLACEMENTS: &str = "select p.unit_id, u.name as unit_name, p.kind, p.from_on, p.to_on \
    from people_placement p join people_unit u on u.id = p.unit_id where p.member_id = $1 \
    order by p.to_on desc, p.kind, p.from_on desc, p.id";
const POSTS: &str = "select h.id, s.title, s.role, s.unit_id, u.name as unit_name, h.from_on, h.to_on \
    from people_holding h join people_position s on s.id = h.position_id \
    join people_unit u on u.id = s.unit_id where h.member_id = $1 and h.from_on < h.to_on \
    order by h.to_on desc, s.rank, h.id";
const EVENTS: &str = "select e.kind, e.effective_on, e.recorded_at, e.decision_no, \
    coalesce(u.name, '') as unit_name, coalesce(m.name, '') as recorder \
    from people_member_event e left join people_unit u on u.id = e.unit_id \
    left join people_member m on m.id = e.recorded_by \
    where e.member_id = $1 order by e.effective_on desc, e.recorded_at desc, e.id desc limit 200";
const LOOKS: &str = "select a.actor_id, a.actor_label, a.hour_at, a.level, a.purpose, a.reads, \
    coalesce((select s.title from people_holding h join people_position s on s.id = h.position_id \
      where h.member_id = a.actor_id and h.from_on <= $2 and h.to_on > $2 \
      order by s.rank, s.id limit 1), '') as post \
    from audit_access a where a.about_member_id = $1 and a.hour_at >= $3 \
    order by a.hour_at desc, a.actor_label, a.level desc limit $4";

/// Every statement of this module.
pub const STATEMENTS: &[&str] = &[ANYBODY, NAME, EMAIL, ROW, PLACEMENTS, POSTS, EVENTS, LOOKS];

/// The name of a member.
pub async fn name(site: &Site, id: &MemberId) -> Result<String> {
    let row: (String,) = sql(NAME).bind(id).one(site.db.read()).await?;
    Ok(row.0)
}

/// The e-mail address of a member, for their own pages; empty without one.
pub async fn email(site: &Site, id: &MemberId) -> Result<String> {
    let row: (String,) = sql(EMAIL).bind(id).one(site.db.read()).await?;
    Ok(row.0)
}

#[derive(db::FromRow)]
pub(crate) struct Row {
    #[sqlx(try_from = "String")]
    id: MemberId,
    external_id: String,
    name: String,
    other_name: String,
    sex: String,
    birth_on: String,
    #[sqlx(try_from = "String")]
    status: Kept<Status>,
    status_from_on: String,
    admission_decision_on: String,
    ceremony_on: String,
    recognition_decision_on: String,
    full_from_on: String,
    exempt: i64,
    phoneless: i64,
    card_sealed: String,
    citizen_sealed: String,
    phone_sealed: String,
    email: String,
    home_town: String,
    residence: String,
    source: String,
    row_version: i64,
}

/// Whether the handbook knows anybody yet: before there is a site.
pub async fn is_anybody(db: &db::Db) -> Result<bool> {
    Ok(sql(ANYBODY).count(db.read()).await? > 0)
}

async fn row(site: &Site, id: &MemberId) -> Result<Row> {
    sql(ROW).bind(id).one(site.db.read()).await
}

/// The record with its version, to be corrected: numbers are left out, they are written anew or
/// not at all.
pub(crate) async fn to_correct(
    site: &Site,
    looked: &Looked,
    id: &MemberId,
) -> Result<(NewMember, i64)> {
    if !looked.covers(id, Level::V2) {
        return Err(Error::NotFound);
    }
    let row = row(site, id).await?;
    let version = row.row_version;
    let record = NewMember {
        external_id: row.external_id,
        name: row.name,
        other_name: row.other_name,
        sex: row.sex,
        birth_on: row.birth_on,
        status: row.status,
        status_from_on: row.status_from_on,
        admission_decision_on: row.admission_decision_on,
        ceremony_on: row.ceremony_on,
        recognition_decision_on: row.recognition_decision_on,
        full_from_on: row.full_from_on,
        exempt: row.exempt == 1,
        phoneless: row.phoneless == 1,
        card: String::new(),
        citizen: String::new(),
        phone: String::new(),
        email: row.email,
        home_town: row.home_town,
        residence: row.residence,
        source: row.source,
    };
    Ok((record, version))
}

/// A membership in a unit.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
pub struct PlacementView {
    /// The unit.
    #[sqlx(try_from = "String")]
    pub unit_id: UnitId,
    /// Its name.
    pub unit_name: String,
    /// How they belong to it.
    #[sqlx(try_from = "String")]
    pub kind: Kept<Placement>,
    /// First day.
    #[sqlx(try_from = "String")]
    pub from_on: Day,
    /// First day on which it no longer holds.
    #[sqlx(try_from = "String")]
    pub to_on: Day,
}

/// A post, held now or earlier.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
pub struct PostView {
    /// The holding.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What it brings.
    pub role: String,
    /// Its unit.
    #[sqlx(try_from = "String")]
    pub unit_id: UnitId,
    /// The unit's name.
    pub unit_name: String,
    /// First day.
    #[sqlx(try_from = "String")]
    pub from_on: Day,
    /// First day on which it no longer holds.
    #[sqlx(try_from = "String")]
    pub to_on: Day,
}

/// A line of the ledger, to be read.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
pub struct EventView {
    /// What it says.
    #[sqlx(try_from = "String")]
    pub kind: Kept<EventKind>,
    /// When it became true.
    #[sqlx(try_from = "String")]
    pub effective_on: Day,
    /// When it was learnt, in milliseconds.
    pub recorded_at: i64,
    /// Decision number; may be empty.
    pub decision_no: String,
    /// Unit; may be empty.
    pub unit_name: String,
    /// Who recorded it; empty for the program.
    pub recorder: String,
}

/// What is shown from V1 on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What they are to the organisation.
    pub status: Kept<Status>,
    /// Some place of the day has no rule for that status, or cannot be read: not counted, no vote.
    pub lacks_rule: bool,
    /// Exempt from meetings.
    pub is_exempt: bool,
    /// Has no telephone.
    pub is_phoneless: bool,
}

/// What is shown from V2 on. Dates are ISO and may be partial; `vn` writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Other or former name.
    pub other_name: String,
    /// `female`, `male` or empty.
    pub sex: String,
    /// Birth.
    pub birth_on: String,
    /// Since when they have the status.
    pub status_from_on: String,
    /// The admission decision.
    pub admission_decision_on: String,
    /// The ceremony.
    pub ceremony_on: String,
    /// The decision that recognised full membership.
    pub recognition_decision_on: String,
    /// Since when they are a full member.
    pub full_from_on: String,
    /// Whole years; `None` when the date is missing or partial, or before recognition.
    pub party_age: Option<i64>,
    /// Telephone, opened.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Home town.
    pub home_town: String,
    /// Residence.
    pub residence: String,
    /// Whether a card number is kept.
    pub has_card: bool,
    /// Whether a citizen id is kept.
    pub has_citizen: bool,
    /// The ledger.
    pub events: Vec<EventView>,
}

/// What is shown at V3.
#[derive(Clone, PartialEq, Eq)]
pub struct Numbers {
    /// Card number; may be empty.
    pub card: String,
    /// Citizen id; may be empty.
    pub citizen: String,
}

impl std::fmt::Debug for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Numbers")
    }
}

/// A person as somebody with a level may see them: what lies above the level is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    /// Who.
    pub id: MemberId,
    /// Full name.
    pub name: String,
    /// The level it was made for.
    pub level: Level,
    /// Units of the day.
    pub units: Vec<PlacementView>,
    /// Posts of the day.
    pub posts: Vec<PostView>,
    /// From V1 on.
    pub standing: Option<Standing>,
    /// From V2 on.
    pub record: Option<Record>,
    /// At V3.
    pub numbers: Option<Numbers>,
}

/// A person at a level. From V2 on only what was written down as looked at is read.
///
/// # Errors
/// [`Error::NotFound`] when the look does not cover the person at that level.
pub async fn view(site: &Site, looked: &Looked, id: &MemberId, level: Level) -> Result<MemberView> {
    if !looked.covers(id, level) {
        return Err(Error::NotFound);
    }
    let today = site.clock.today();
    let row = row(site, id).await?;
    let mut units = placements(site, id).await?;
    units.retain(|place| place.from_on <= today && today < place.to_on);
    let mut posts = posts(site, id).await?;
    posts.retain(|post| post.from_on <= today && today < post.to_on);
    let lacks_rule = lacks_rule(site, &row, &units).await?;
    let standing = (level >= Level::V1).then(|| Standing {
        status: row.status.clone(),
        lacks_rule,
        is_exempt: row.exempt == 1,
        is_phoneless: row.phoneless == 1,
    });
    let numbers = if level >= Level::V3 {
        Some(Numbers {
            card: site.keys.open(number::CARD, &row.card_sealed)?,
            citizen: site.keys.open(number::CITIZEN, &row.citizen_sealed)?,
        })
    } else {
        None
    };
    let record = if level >= Level::V2 {
        Some(Record {
            party_age: party_age(&row.admission_decision_on, &row.status, today),
            phone: site.keys.open(number::PHONE, &row.phone_sealed)?,
            has_card: !row.card_sealed.is_empty(),
            has_citizen: !row.citizen_sealed.is_empty(),
            events: sql(EVENTS).bind(id).all(site.db.read()).await?,
            other_name: row.other_name,
            sex: row.sex,
            birth_on: row.birth_on,
            status_from_on: row.status_from_on,
            admission_decision_on: row.admission_decision_on,
            ceremony_on: row.ceremony_on,
            recognition_decision_on: row.recognition_decision_on,
            full_from_on: row.full_from_on,
            email: row.email,
            home_town: row.home_town,
            residence: row.residence,
        })
    } else {
        None
    };
    Ok(MemberView {
        id: row.id,
        name: row.name,
        level,
        units,
        posts,
        standing,
        record,
        numbers,
    })
}

async fn lacks_rule(site: &Site, row: &Row, units: &[PlacementView]) -> Result<bool> {
    let rules = standing::of(site, site.clock.today()).await?;
    let is_elsewhere = units
        .iter()
        .any(|place| place.kind.is(Placement::Temporary));
    Ok(units.iter().any(|place| {
        let kind = match place.kind {
            Kept::Known(Placement::Official) if is_elsewhere => {
                Kept::Known(Placement::OfficialAway)
            }
            ref kind => kind.clone(),
        };
        rules
            .find_or_missing(&row.status, row.exempt == 1, &kind)
            .is_missing
    }))
}

/// Every placement, newest first.
pub async fn placements(site: &Site, id: &MemberId) -> Result<Vec<PlacementView>> {
    sql(PLACEMENTS).bind(id).all(site.db.read()).await
}

/// Every post, newest first.
pub async fn posts(site: &Site, id: &MemberId) -> Result<Vec<PostView>> {
    sql(POSTS).bind(id).all(site.db.read()).await
}

/// The last four characters of the own numbers, to stand beside dots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tails {
    /// Of the card number.
    pub card: String,
    /// Of the citizen id.
    pub citizen: String,
    /// Of the telephone.
    pub phone: String,
}

/// The tails of the own numbers.
pub async fn tails(site: &Site, id: &MemberId) -> Result<Tails> {
    let row = row(site, id).await?;
    let tail = |column, sealed: &str| {
        let number = site.keys.open(column, sealed)?;
        Ok::<String, kernel::Error>(site::seal::tail(&number))
    };
    Ok(Tails {
        card: tail(number::CARD, &row.card_sealed)?,
        citizen: tail(number::CITIZEN, &row.citizen_sealed)?,
        phone: tail(number::PHONE, &row.phone_sealed)?,
    })
}

/// Somebody looked at the record.
#[derive(Debug, Clone, PartialEq, Eq, db::FromRow)]
pub struct Look {
    /// Who.
    pub actor_id: String,
    /// Their name then.
    pub actor_label: String,
    /// The hour, in milliseconds.
    pub hour_at: i64,
    /// `V2` or `V3`.
    pub level: String,
    /// As typed; may be empty.
    pub purpose: String,
    /// How often in that hour.
    pub reads: i64,
    /// Their first post today; may be empty.
    pub post: String,
}

impl Look {
    /// The hour as an instant.
    pub fn at(&self) -> Moment {
        Moment(self.hour_at)
    }
}

/// Months for which looks are shown.
const LOOKS_MONTHS: i32 = 24;

/// Who looked at a member's record in the last 24 months, newest first, at most `limit` lines.
pub async fn looks(site: &Site, id: &MemberId, limit: i64) -> Result<Vec<Look>> {
    let today = site.clock.today();
    let since = today.plus_months(-LOOKS_MONTHS).start();
    sql(LOOKS)
        .bind(id)
        .bind(today)
        .bind(since)
        .bind(limit)
        .all(site.db.read())
        .await
}

/// An ISO date that may be partial, as people write it: `05/3/2026`, `3/2026`, `1975`. Empty stays
/// empty; what is not a date is shown as it stands.
pub fn vn(date: &str) -> String {
    match vietnamese::read_date(date) {
        Ok(date) => date.to_vn(),
        Err(_) => date.to_owned(), // nothing is lost by showing what is kept
    }
}

/// Whole years since the admission decision, once the member is recognised. `None` without a
/// complete date: a missing historical date is never made up.
pub fn party_age(admission_decision_on: &str, status: &Kept<Status>, today: Day) -> Option<i64> {
    match status.known()? {
        Status::Candidate | Status::Probationary => return None,
        Status::Full
        | Status::Suspended
        | Status::Left
        | Status::StruckOff
        | Status::Expelled
        | Status::Deceased => {}
    }
    let from: PartialDate = admission_decision_on.parse().ok()?; // not a date: no age
    let (Some(month), Some(day)) = (from.month, from.day) else {
        return None;
    };
    let had_the_day = (today.month().unsigned_abs(), today.day().unsigned_abs()) >= (month, day);
    let years = i64::from(today.year()) - i64::from(from.year) - i64::from(!had_the_day);
    (years >= 0).then_some(years)
}

/// The status on a day. Before the day on which the present status began, it is told from the
/// ceremony and the day of full membership, as far as they are known.
pub(crate) fn status_on(
    status: &Kept<Status>,
    from_on: &str,
    ceremony_on: &str,
    full_from_on: &str,
    on: Day,
) -> Kept<Status> {
    let on = on.to_string();
    // Partial dates compare as text: `1980` stands before every day of 1980.
    if from_on.is_empty() || from_on <= on.as_str() {
        return status.clone();
    }
    if !full_from_on.is_empty() && full_from_on <= on.as_str() {
        return Kept::Known(Status::Full);
    }
    if !ceremony_on.is_empty() {
        return Kept::Known(if ceremony_on <= on.as_str() {
            Status::Probationary
        } else {
            Status::Candidate
        });
    }
    status.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Kept<Status> = Kept::Known(Status::Full);
    const PROBATIONARY: Kept<Status> = Kept::Known(Status::Probationary);

    #[test]
    fn a_status_of_an_earlier_day_is_told_from_the_dates() {
        let on = |day: &str| {
            status_on(
                &FULL,
                "2025-06-01",
                "2024-06-01",
                "2025-06-01",
                day.parse().unwrap(),
            )
        };
        assert_eq!(on("2026-01-01"), FULL);
        assert_eq!(on("2025-05-31"), PROBATIONARY);
        assert_eq!(on("2024-05-31"), Kept::Known(Status::Candidate));
        assert_eq!(
            status_on(&FULL, "", "", "", "2020-01-01".parse().unwrap()),
            FULL
        );
        assert_eq!(
            status_on(
                &Kept::Known(Status::Suspended),
                "2026-01",
                "1980",
                "1981",
                "2025-01-01".parse().unwrap()
            ),
            FULL
        );
    }
    #[test]
    fn party_age_needs_a_whole_date_and_recognition() {
        let today: Day = "2026-11-23".parse().unwrap();
        assert_eq!(party_age("1985-02-03", &FULL, today), Some(41));
        assert_eq!(party_age("1985-11-23", &FULL, today), Some(41));
        assert_eq!(party_age("1985-11-24", &FULL, today), Some(40));
        assert_eq!(party_age("1985-11", &FULL, today), None);
        assert_eq!(party_age("1985", &FULL, today), None);
        assert_eq!(party_age("", &FULL, today), None);
        assert_eq!(party_age("2026-01-01", &PROBATIONARY, today), None);
    }
    #[test]
    fn dates_are_written_as_precisely_as_they_are_known() {
        assert_eq!(vn("1954-05-19"), "19/5/1954");
        assert_eq!(vn("1954-05"), "5/1954");
        assert_eq!(vn("1954"), "1954");
        assert_eq!(vn(""), "");
    }
}
