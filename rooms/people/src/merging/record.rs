//! Two records side by side: which fields differ, what each says, and the record that comes of the choices.
//!
//! Pure but for reading a record whole. Numbers are compared here and shown by their last figures alone, to whoever
//! may see them. Not here: placements, posts, accounts (`joining`).
//! The rule that surprises: status and its day are one field, since a day of one status says nothing of another.

use crate::members::store::{self, NewMember};
use crate::{member, number, words};
use kernel::MemberId;
use kernel::error::Result;
use site::{Level, Looked, Site};
use web::Frame;

/// A place of the record that is chosen by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Name,
    OtherName,
    Sex,
    Birth,
    Code,
    Status,
    Exempt,
    Phoneless,
    Admission,
    Ceremony,
    Recognition,
    Full,
    Phone,
    Email,
    Residence,
    HomeTown,
    Card,
    Citizen,
}

impl Field {
    /// All of them, as they are shown.
    pub(crate) const ALL: [Field; 18] = [
        Field::Name,
        Field::OtherName,
        Field::Birth,
        Field::Sex,
        Field::Code,
        Field::Citizen,
        Field::Card,
        Field::Status,
        Field::Exempt,
        Field::Admission,
        Field::Ceremony,
        Field::Recognition,
        Field::Full,
        Field::Phone,
        Field::Phoneless,
        Field::Email,
        Field::Residence,
        Field::HomeTown,
    ];
    /// Its word in forms, payloads and the log.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::OtherName => "other_name",
            Field::Sex => "sex",
            Field::Birth => "birth_on",
            Field::Code => "external_id",
            Field::Status => "status",
            Field::Exempt => "exempt",
            Field::Phoneless => "phoneless",
            Field::Admission => "admission_decision_on",
            Field::Ceremony => "ceremony_on",
            Field::Recognition => "recognition_decision_on",
            Field::Full => "full_from_on",
            Field::Phone => "phone",
            Field::Email => "email",
            Field::Residence => "residence",
            Field::HomeTown => "home_town",
            Field::Card => "card",
            Field::Citizen => "citizen",
        }
    }
    /// Key of its name.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Field::Name => "people-fact-name",
            Field::OtherName => "people-fact-other-name",
            Field::Sex => "people-fact-sex",
            Field::Birth => "people-fact-birth",
            Field::Code => "people-merge-code",
            Field::Status => "people-fact-status",
            Field::Exempt => "people-exempt",
            Field::Phoneless => "people-phoneless",
            Field::Admission => "people-fact-admission",
            Field::Ceremony => "people-fact-ceremony",
            Field::Recognition => "people-fact-recognition",
            Field::Full => "people-fact-full",
            Field::Phone => "people-fact-phone",
            Field::Email => "people-fact-email",
            Field::Residence => "people-fact-residence",
            Field::HomeTown => "people-fact-home-town",
            Field::Card => "people-fact-card",
            Field::Citizen => "people-fact-citizen",
        }
    }
    /// The column of a sealed number.
    pub(crate) fn column(self) -> Option<&'static str> {
        match self {
            Field::Phone => Some(number::PHONE),
            Field::Card => Some(number::CARD),
            Field::Citizen => Some(number::CITIZEN),
            _ => None,
        }
    }
    /// What a record says there, to be compared.
    pub(crate) fn of(self, record: &NewMember) -> String {
        let tick = |is: bool| (if is { "1" } else { "" }).to_owned();
        match self {
            Field::Name => record.name.clone(),
            Field::OtherName => record.other_name.clone(),
            Field::Sex => record.sex.clone(),
            Field::Birth => record.birth_on.clone(),
            Field::Code => record.external_id.clone(),
            Field::Status => format!("{} {}", record.status.word(), record.status_from_on),
            Field::Exempt => tick(record.exempt),
            Field::Phoneless => tick(record.phoneless),
            Field::Admission => record.admission_decision_on.clone(),
            Field::Ceremony => record.ceremony_on.clone(),
            Field::Recognition => record.recognition_decision_on.clone(),
            Field::Full => record.full_from_on.clone(),
            Field::Phone => record.phone.clone(),
            Field::Email => record.email.clone(),
            Field::Residence => record.residence.clone(),
            Field::HomeTown => record.home_town.clone(),
            Field::Card => record.card.clone(),
            Field::Citizen => record.citizen.clone(),
        }
    }
    /// Takes what another record says there.
    pub(crate) fn take(self, record: &mut NewMember, from: &NewMember) {
        match self {
            Field::Name => record.name.clone_from(&from.name),
            Field::OtherName => record.other_name.clone_from(&from.other_name),
            Field::Sex => record.sex.clone_from(&from.sex),
            Field::Birth => record.birth_on.clone_from(&from.birth_on),
            Field::Code => record.external_id.clone_from(&from.external_id),
            Field::Status => {
                record.status = from.status.clone();
                record.status_from_on.clone_from(&from.status_from_on);
            }
            Field::Exempt => record.exempt = from.exempt,
            Field::Phoneless => record.phoneless = from.phoneless,
            Field::Admission => {
                (record.admission_decision_on).clone_from(&from.admission_decision_on)
            }
            Field::Ceremony => record.ceremony_on.clone_from(&from.ceremony_on),
            Field::Recognition => {
                (record.recognition_decision_on).clone_from(&from.recognition_decision_on);
            }
            Field::Full => record.full_from_on.clone_from(&from.full_from_on),
            Field::Phone => record.phone.clone_from(&from.phone),
            Field::Email => record.email.clone_from(&from.email),
            Field::Residence => record.residence.clone_from(&from.residence),
            Field::HomeTown => record.home_town.clone_from(&from.home_town),
            Field::Card => record.card.clone_from(&from.card),
            Field::Citizen => record.citizen.clone_from(&from.citizen),
        }
    }
    /// Whether nothing stands there: then the other's word is offered first.
    fn is_empty(self, record: &NewMember) -> bool {
        match self {
            Field::Exempt | Field::Phoneless | Field::Status => false,
            _ => self.of(record).trim().is_empty(),
        }
    }
}

/// A record whole, its numbers opened.
#[derive(Debug, Clone)]
pub(crate) struct Whole {
    pub(crate) id: MemberId,
    pub(crate) record: NewMember,
    pub(crate) row_version: i64,
    /// Numbers that do not open, by their column.
    pub(crate) closed: Vec<&'static str>,
}

/// Reads a record whole, for whoever has the look at it written down at V3, or for the program.
pub(crate) async fn whole(site: &Site, looked: &Looked, id: &MemberId) -> Result<Whole> {
    let row = store::get_record(&site.db, looked, id, Level::V3).await?;
    let mut closed = Vec::new();
    let mut open = |column: &'static str, sealed: &str| {
        match site.keys.open_at(number::spot(column, id), sealed) {
            Ok(plain) => plain,
            Err(_) => {
                closed.push(column); // told on the page, and by `sotay check`
                String::new()
            }
        }
    };
    let (card, citizen) = (
        open(number::CARD, &row.card_sealed),
        open(number::CITIZEN, &row.citizen_sealed),
    );
    let phone = open(number::PHONE, &row.phone_sealed);
    Ok(Whole {
        id: id.clone(),
        row_version: row.row_version,
        record: NewMember {
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
            card,
            citizen,
            phone,
            email: row.email,
            home_town: row.home_town,
            residence: row.residence,
            source: row.source,
        },
        closed,
    })
}

/// A field of two records.
#[derive(Debug, Clone)]
pub(crate) struct Compared {
    pub(crate) field: Field,
    /// What the first says, in words.
    pub(crate) one: String,
    /// What the second says.
    pub(crate) other: String,
    /// Whether they say the same.
    pub(crate) is_same: bool,
    /// Whose word is offered first: the only one that says anything. `None`: whoever compares chooses.
    pub(crate) offered: Option<MemberId>,
}

/// The records side by side. `shows_numbers`: the reader may see the last figures of card and citizen numbers.
pub(crate) fn compare(
    frame: &Frame,
    one: &Whole,
    other: &Whole,
    shows_numbers: bool,
) -> Vec<Compared> {
    let compared = |field: Field| {
        let is_closed = (field.column())
            .is_some_and(|column| one.closed.contains(&column) || other.closed.contains(&column));
        let (a, b) = (&one.record, &other.record);
        let offered = match (field.is_empty(a), field.is_empty(b)) {
            (false, true) => Some(one.id.clone()),
            (true, false) => Some(other.id.clone()),
            _ => None,
        };
        Compared {
            field,
            one: words_of(frame, one, field, shows_numbers),
            other: words_of(frame, other, field, shows_numbers),
            is_same: !is_closed && field.of(a) == field.of(b),
            offered: offered.filter(|_| !is_closed),
        }
    };
    Field::ALL.into_iter().map(compared).collect()
}

/// What a record says in one place, in words.
pub(crate) fn words_of(frame: &Frame, whole: &Whole, field: Field, shows_numbers: bool) -> String {
    let record = &whole.record;
    let yes_no = |is: bool| {
        frame.t(if is {
            "people-restating-yes"
        } else {
            "people-restating-no"
        })
    };
    let said = match field {
        Field::Sex if record.sex.is_empty() => String::new(),
        Field::Sex => frame.t(words::sex(&record.sex)),
        Field::Status => {
            let word = frame.t(words::status(&record.status));
            match record.status_from_on.as_str() {
                "" => word,
                day => frame.t2("people-merge-since", "what", &word, "day", &member::vn(day)),
            }
        }
        Field::Exempt => yes_no(record.exempt),
        Field::Phoneless => yes_no(record.phoneless),
        Field::Birth | Field::Admission | Field::Ceremony | Field::Recognition | Field::Full => {
            member::vn(&field.of(record))
        }
        Field::Card | Field::Citizen | Field::Phone => {
            number_words(frame, whole, field, shows_numbers)
        }
        _ => field.of(record),
    };
    if said.is_empty() {
        return frame.t("people-merge-empty");
    }
    said
}

fn number_words(frame: &Frame, whole: &Whole, field: Field, shows_numbers: bool) -> String {
    if (field.column()).is_some_and(|column| whole.closed.contains(&column)) {
        return frame.t("people-number-closed");
    }
    let plain = field.of(&whole.record);
    if plain.is_empty() {
        return String::new();
    }
    // Telephones are V2, as on the record's page; card and citizen numbers V3, by their end alone.
    match (field, shows_numbers) {
        (Field::Phone, _) => number::grouped(&plain),
        (_, true) => format!("•••• •••• {}", site::seal::tail(&plain)),
        (_, false) => frame.t("people-admitting-number"),
    }
}
