//! The form of a person's record, shared by adding and correcting: fields, reading, troubles.
//! Not here: saving (`new`, `edit`).
//!
//! Dates keep the precision that was typed: a year, a month, a day. Nothing is guessed.

use crate::day::JoinAge;
use crate::fact::Status;
use crate::page::Choice;
use crate::store::NewMember;
use crate::{number, words};
use kernel::fact::Kept;
use site::Site;
use vietnamese::{DateTrouble, PartialDate};
use web::{FieldTrouble, FormState, Frame};

/// What was typed.
#[derive(serde::Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    name: String,
    #[serde(default)]
    other_name: String,
    #[serde(default)]
    sex: String,
    #[serde(default)]
    birth_on: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    status_from_on: String,
    #[serde(default)]
    admission_decision_on: String,
    #[serde(default)]
    ceremony_on: String,
    #[serde(default)]
    recognition_decision_on: String,
    #[serde(default)]
    full_from_on: String,
    #[serde(default)]
    exempt: String,
    #[serde(default)]
    phoneless: String,
    #[serde(default)]
    pub(crate) card: String,
    #[serde(default)]
    pub(crate) citizen: String,
    #[serde(default)]
    pub(crate) phone: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    home_town: String,
    #[serde(default)]
    residence: String,
    #[serde(default)]
    pub(crate) from_on: String,
    /// Of a new person: drawn with the form, so that a form which is sent twice adds one.
    #[serde(default)]
    pub(crate) once: String,
    /// Of a new person with the name and day of birth of another of the unit: that they are two.
    #[serde(default)]
    pub(crate) sure: String,
    #[serde(default)]
    pub(crate) decision_no: String,
    /// The other house from which somebody comes, and the paper that they bring.
    #[serde(default)]
    pub(crate) came_from: String,
    #[serde(default)]
    pub(crate) came_no: String,
    #[serde(default)]
    pub(crate) came_on: String,
    /// Why the record is corrected.
    #[serde(default)]
    pub(crate) reason: String,
    /// The correction that the member asked for and this form answers.
    #[serde(default)]
    pub(crate) correction: String,
    #[serde(default)]
    pub(crate) row_version: i64,
    /// Ticked by whoever has checked a birth that makes somebody too young.
    #[serde(default)]
    sure_age: String,
}

/// Statuses that are set by hand. Leaving and death end posts and placements, so they are acts of
/// their own, not a field.
pub(crate) const STATUSES: [Status; 4] = [
    Status::Full,
    Status::Probationary,
    Status::Candidate,
    Status::Suspended,
];

/// The statuses to choose from; the present one is always among them.
pub(crate) fn statuses(frame: &Frame, present: Option<&Kept<Status>>) -> Vec<Choice> {
    let mut all = STATUSES.map(Kept::Known).to_vec();
    all.extend(present.filter(|present| !all.contains(present)).cloned());
    all.iter()
        .map(|status| (status.to_string(), frame.t(words::status(status))))
        .collect()
}

/// The sexes to choose from.
pub(crate) fn sexes(frame: &Frame) -> Vec<Choice> {
    let all = ["female", "male", ""];
    all.iter()
        .map(|word| ((*word).to_owned(), frame.t(words::sex(word))))
        .collect()
}

/// Longest line that is kept.
const LONGEST: usize = 300;

/// Typed lines that are kept as they are.
const LINES: [&str; 4] = ["other_name", "home_town", "residence", "reason"];

/// Letters of the longest name that is taken; the longest of the country has some forty.
const LONGEST_NAME: usize = 120;

/// Reads the form; troubles stand beside their fields. `present` is the status that may stay though
/// it is not among those set by hand.
pub(crate) fn read(
    frame: &Frame,
    typed: &Typed,
    state: &mut FormState,
    present: Option<&Kept<Status>>,
) -> NewMember {
    for field in LINES {
        state.fit(field, LONGEST);
    }
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = line(&typed.name);
    if name.chars().filter(|c| c.is_alphabetic()).count() < 2
        || name.chars().any(|c| c.is_ascii_digit())
    {
        state.fail("name", "people-form-name-missing");
    } else if name.chars().count() > LONGEST_NAME {
        state.fail("name", "people-form-name-long");
    }
    let status = Kept::<Status>::from(typed.status.clone());
    let is_settable = status
        .known()
        .is_some_and(|known| STATUSES.contains(&known));
    if !is_settable && present != Some(&status) {
        state.fail("status", "people-form-status-missing");
    }
    let phone = number::phone(&typed.phone);
    if !typed.phone.trim().is_empty() && !(9..=11).contains(&phone.len()) {
        state.fail("phone", "people-form-phone-odd");
    }
    for (field, text) in [("card", &typed.card), ("citizen", &typed.citizen)] {
        let digits = number::digits(text);
        if !text.trim().is_empty() && !(6..=20).contains(&digits.len()) {
            state.fail(field, frame.t("people-form-number-odd"));
        }
    }
    if !typed.email.trim().is_empty() && !looks_like_email(typed.email.trim()) {
        state.fail("email", "people-form-email-odd");
    }
    let mut date = |field: &str, text: &str| date(frame, state, field, text);
    let sex = if matches!(typed.sex.as_str(), "female" | "male") {
        typed.sex.clone()
    } else {
        String::new()
    };
    NewMember {
        other_name: line(&typed.other_name),
        sex,
        birth_on: date("birth_on", &typed.birth_on),
        status,
        status_from_on: date("status_from_on", &typed.status_from_on),
        admission_decision_on: date("admission_decision_on", &typed.admission_decision_on),
        ceremony_on: date("ceremony_on", &typed.ceremony_on),
        recognition_decision_on: date("recognition_decision_on", &typed.recognition_decision_on),
        full_from_on: date("full_from_on", &typed.full_from_on),
        exempt: typed.exempt == "1",
        phoneless: typed.phoneless == "1",
        card: typed.card.clone(),
        citizen: typed.citizen.clone(),
        phone: typed.phone.clone(),
        email: typed.email.trim().to_owned(),
        home_town: line(&typed.home_town),
        residence: line(&typed.residence),
        name,
        ..NewMember::default()
    }
}

/// Asks about a birth by which somebody would have joined too young: what is odd is not refused, and is taken when it
/// was checked. What stood in the record before, and is not touched, is not asked about.
pub(crate) async fn ask_age(
    site: &Site,
    (typed, state): (&Typed, &mut FormState),
    (was, now): (Option<&NewMember>, &NewMember),
) -> kernel::Result<()> {
    let days = |one: &NewMember| {
        [
            one.birth_on.clone(),
            one.status.to_string(),
            one.admission_decision_on.clone(),
            one.ceremony_on.clone(),
            one.full_from_on.clone(),
        ]
    };
    if typed.sure_age == "1" || was.is_some_and(|was| days(was) == days(now)) {
        return Ok(());
    }
    let joined = [
        now.admission_decision_on.as_str(),
        now.ceremony_on.as_str(),
        now.full_from_on.as_str(),
    ];
    let today = site.clock.today();
    if let Some(age) = JoinAge::of(site).await?
        && age.is_young(&now.birth_on, &now.status, &joined, today)
    {
        let trouble = FieldTrouble::of("people-form-young");
        let trouble = trouble.arg("least", age.least).arg("basis", age.basis);
        state.fail("sure_age", trouble);
    }
    Ok(())
}

/// Whether a text may be an e-mail address: something, one `@`, a domain with a point.
fn looks_like_email(text: &str) -> bool {
    let Some((user, domain)) = text.split_once('@') else {
        return false;
    };
    !user.is_empty()
        && domain.contains('.')
        && !domain.contains('@')
        && !text.contains(char::is_whitespace)
        && text.len() <= 200
}

/// A day of that field as it was typed; what it cannot be stands beside `place`.
pub(crate) fn date_at(
    frame: &Frame,
    state: &mut FormState,
    (place, field): (&str, &str),
    text: &str,
) -> String {
    let today = frame.today().to_string();
    match text.trim().parse::<PartialDate>() {
        // A partial date compares as text: the year or month must not lie ahead.
        Ok(date) if date.to_string() > today => {
            state.fail(place, frame.t("people-form-date-ahead"));
            String::new()
        }
        Ok(date) => {
            let date = date.to_string();
            if let Some(year) = crate::day::too_early(field, &date) {
                let trouble = FieldTrouble::of("people-form-date-early").arg("year", year);
                state.fail(place, trouble);
                return String::new();
            }
            date
        }
        Err(DateTrouble::Empty) => String::new(),
        Err(DateTrouble::TwoDigitYear) => {
            state.fail(place, frame.t("people-form-date-two-digits"));
            String::new()
        }
        Err(DateTrouble::NoSuchDay { .. } | DateTrouble::NoSuchMonth { .. }) => {
            state.fail(place, frame.t("people-form-date-no-such"));
            String::new()
        }
        Err(DateTrouble::NotADate) => {
            state.fail(place, frame.t("people-form-date-odd"));
            String::new()
        }
    }
}

fn date(frame: &Frame, state: &mut FormState, field: &str, text: &str) -> String {
    date_at(frame, state, (field, field), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_user_and_a_domain() {
        assert!(looks_like_email("lan.nguyen@khoi.example"));
        for bad in [
            "lan",
            "@khoi.vn",
            "lan@",
            "lan@khoi",
            "a b@khoi.vn",
            "a@b@c.vn",
        ] {
            assert!(!looks_like_email(bad), "{bad}");
        }
    }
}
