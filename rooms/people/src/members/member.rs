//! One person: the record, and what of it a visitor is shown.
//!
//! Templates get a [`MemberView`] of a level (V0 to V3, governance reference 1.5), never the row.
//! Rows come from the wing's store, a record only with the look that `site` wrote down. Not here: who has
//! which level (`sight`), writing (`members::store`), rosters (`roster`).
//! The rule that surprises: a missing historical date stays missing; party age is computed only from
//! a complete date of the admission decision, else the page says "cần xác minh".

use crate::fact::{EventKind, Placement, Status};
use crate::members::store::code::CodeView;
use crate::members::store::{self, NewMember, RecordRow};
use crate::{number, posts, standing};
use kernel::error::Result;
use kernel::fact::Kept;
use kernel::{Day, MemberId, Moment, UnitId};
use site::{Level, Looked, Site};
use vietnamese::PartialDate;

/// The name of a member.
pub async fn name(site: &Site, id: &MemberId) -> Result<String> {
    store::get_name(&site.db, id).await
}

/// The e-mail address of a member, for their own pages; empty without one.
pub async fn email(site: &Site, id: &MemberId) -> Result<String> {
    store::get_email(&site.db, id).await
}

/// Whether the handbook knows anybody yet: before there is a site.
pub async fn is_anybody(db: &db::Db) -> Result<bool> {
    store::is_anybody(db).await
}

/// The record with its version, to be corrected: numbers are left out, they are written anew or
/// not at all.
pub(crate) async fn to_correct(
    site: &Site,
    looked: &Looked,
    id: &MemberId,
) -> Result<(NewMember, i64)> {
    let row = store::get_record(&site.db, looked, id, Level::V2).await?;
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
    /// 1: it stands under a record that was merged into this one.
    pub is_old: i64,
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
    /// Codes in lists of others.
    pub codes: Vec<CodeView>,
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
    /// Whether they died or left: nobody calls them a member then, at whatever level.
    pub is_gone: bool,
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
    /// Numbers that are kept and do not open (another key, a damaged row), by their column: they are drawn
    /// as such, never as missing.
    pub closed: Vec<&'static str>,
}

impl MemberView {
    /// Whether a number is kept and does not open.
    pub fn is_closed(&self, column: &str) -> bool {
        self.closed.contains(&column)
    }
}

/// A person at a level. From V2 on only what was written down as looked at is read.
///
/// # Errors
/// [`kernel::Error::NotFound`] when the look does not cover the person at that level.
pub async fn view(site: &Site, looked: &Looked, id: &MemberId, level: Level) -> Result<MemberView> {
    let today = site.clock.today();
    let row = store::get_record(&site.db, looked, id, level).await?;
    let mut units = placements(site, id).await?;
    units.retain(|place| place.from_on <= today && today < place.to_on);
    let mut posts = posts(site, id).await?;
    posts.retain(|post| post.from_on <= today && today < post.to_on);
    let lacks_rule = lacks_rule(site, &row, &units).await?;
    let is_gone = row.status.known().is_some_and(Status::is_gone);
    let standing = (level >= Level::V1).then(|| Standing {
        status: row.status.clone(),
        lacks_rule,
        is_exempt: row.exempt == 1,
        is_phoneless: row.phoneless == 1,
    });
    let mut closed = Vec::new();
    let numbers = (level >= Level::V3).then(|| Numbers {
        card: opened(site, id, number::CARD, &row.card_sealed, &mut closed),
        citizen: opened(site, id, number::CITIZEN, &row.citizen_sealed, &mut closed),
    });
    let record = if level >= Level::V2 {
        Some(Record {
            party_age: party_age(&row.admission_decision_on, &row.status, today),
            phone: opened(site, id, number::PHONE, &row.phone_sealed, &mut closed),
            has_card: !row.card_sealed.is_empty(),
            has_citizen: !row.citizen_sealed.is_empty(),
            codes: store::code::list(&site.db, looked, id).await?,
            events: store::list_events(&site.db, looked, id).await?,
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
        is_gone,
        level,
        units,
        posts,
        standing,
        record,
        numbers,
        closed,
    })
}

/// What is sealed, open. What does not open closes no page: the operator's log and `sotay check` name it.
fn opened(
    site: &Site,
    id: &MemberId,
    column: &'static str,
    sealed: &str,
    closed: &mut Vec<&'static str>,
) -> String {
    match site.keys.open_at(number::spot(column, id), sealed) {
        Ok(number) => number,
        Err(error) => {
            tracing::error!(member.id = %id, cause = error.log_text(), "a number does not open");
            closed.push(column);
            String::new()
        }
    }
}

async fn lacks_rule(site: &Site, row: &RecordRow, units: &[PlacementView]) -> Result<bool> {
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
    store::list_placements(&site.db, id).await
}

/// Every post, newest first.
pub async fn posts(site: &Site, id: &MemberId) -> Result<Vec<PostView>> {
    posts::store::list_of_member(&site.db, id).await
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
    /// Numbers that do not open, by their column.
    pub closed: Vec<&'static str>,
}

/// The tails of the own numbers.
pub async fn tails(site: &Site, looked: &Looked, id: &MemberId) -> Result<Tails> {
    let (card, citizen, phone) = store::get_own_numbers(&site.db, looked, id).await?;
    let mut closed = Vec::new();
    let mut tail =
        |column, sealed: &str| site::seal::tail(&opened(site, id, column, sealed, &mut closed));
    Ok(Tails {
        card: tail(number::CARD, &card),
        citizen: tail(number::CITIZEN, &citizen),
        phone: tail(number::PHONE, &phone),
        closed,
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
    /// Who looked, for people: whoever ran a command on the server has no name here.
    pub(crate) fn who(&self, frame: &web::Frame) -> String {
        match self.actor_label.starts_with("sotay ") {
            true => frame.t("people-by-operator"),
            false => self.actor_label.clone(),
        }
    }
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
    store::list_looks(&site.db, id, today, since, limit).await
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
