//! Forms: read strictly, checked against forgery, given back with everything that was typed.
//!
//! [`Form`] refuses a wrong token (403) and bytes that are not UTF-8 (400) before a handler runs,
//! and normalises text to NFC without signs that turn its direction. [`FormState`] keeps typed values and what is wrong with each field.

use crate::compare::{Piece, compare};
use crate::fail::Fail;
use crate::frame::Frame;
use crate::text::Arg;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use kernel::error::{Error, Refusal};
use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// Fields that one form may send: the roll of the largest unit has three a person.
const MOST_PAIRS: usize = 10_000;
/// Words from which on two texts are compared instead of read side by side.
const FEW_WORDS: usize = 10;

/// A form that was sent by our own page. Its token has been checked.
pub struct Form<T> {
    /// The fields.
    pub value: T,
    /// Every pair as typed (NFC), to be shown again.
    pub pairs: Vec<(String, String)>,
}

impl<S, T> FromRequest<S> for Form<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let Some(frame) = request.extensions().get::<Frame>().cloned() else {
            return Err(Fail(Error::fault("the edge does not wrap this route")).into_response());
        };
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| {
                let too_big = rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE;
                let (key, status) = if too_big {
                    ("web-form-too-big", 413)
                } else {
                    ("web-form-unreadable", 400)
                };
                Fail(Error::Refused(Refusal::new(key).status(status))).into_response()
            })?;
        let read = Self::of(&frame, &bytes);
        if read.is_ok() {
            // A form is read once a request; a second reading would be of the same bytes.
            let _same = frame.0.typed.set(bytes.clone());
        }
        read.map_err(|fail| {
            let is_forged =
                matches!(&fail.0, Error::Refused(refusal) if refusal.key == "web-form-forged");
            let mut response = fail.into_response();
            // Of a session of the same person that has ended, perhaps: the edge knows.
            if is_forged && frame.who().is_some() {
                response.extensions_mut().insert(crate::fail::Left(bytes));
            }
            response
        })
    }
}

impl<T: DeserializeOwned> Form<T> {
    fn of(frame: &Frame, bytes: &Bytes) -> Result<Self, Fail> {
        // The token first: what a stranger sends is neither decoded nor kept.
        let token = parts(bytes).find_map(|part| part.strip_prefix(b"csrf="));
        if !frame.csrf_matches(&decode(token.unwrap_or_default())?) {
            return Err(Fail(Error::Refused(
                Refusal::new("web-form-forged").status(403),
            )));
        }
        if parts(bytes).count() > MOST_PAIRS {
            return Err(Fail(Error::Refused(
                Refusal::new("web-form-too-big").status(413),
            )));
        }
        let pairs = read_pairs(bytes)?;
        let mut again = form_urlencoded::Serializer::new(String::new());
        again.extend_pairs(pairs.iter().filter(|(name, _)| name != "csrf"));
        let value = serde_html_form::from_str(&again.finish()).map_err(|_| {
            Fail(Error::Refused(
                Refusal::new("web-form-unreadable").status(400),
            ))
        })?;
        Ok(Form { value, pairs })
    }
}

/// The fields of a form as sent, none when it is broken or has too many.
pub(crate) fn pairs(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    if parts(bytes).count() > MOST_PAIRS {
        return None;
    }
    read_pairs(bytes).ok() // a broken form is told when it is sent again
}

/// The `name=value` parts of a form as sent.
fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|byte| *byte == b'&')
        .filter(|part| !part.is_empty())
}

/// Reads `application/x-www-form-urlencoded` strictly: half a character is refused, not guessed.
fn read_pairs(bytes: &[u8]) -> Result<Vec<(String, String)>, Fail> {
    let mut pairs = Vec::new();
    for part in parts(bytes) {
        let (name, value) = match part.iter().position(|byte| *byte == b'=') {
            Some(at) => (&part[..at], &part[at + 1..]),
            None => (part, &part[part.len()..]),
        };
        let (name, value) = (decode(name)?, decode(value)?);
        // A password is as it is typed: one that was set with such a sign still opens.
        let value = match name.contains("password") {
            true => value,
            false => seen(straight(value)),
        };
        pairs.push((name, value));
    }
    Ok(pairs)
}

fn decode(bytes: &[u8]) -> Result<String, Fail> {
    let spaced: Vec<u8> = bytes
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let text = percent_encoding::percent_decode(&spaced)
        .decode_utf8()
        .map_err(|_| {
            Fail(Error::Refused(
                Refusal::new("web-form-not-utf8").status(400),
            ))
        })?;
    let clean: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
        .collect();
    Ok(vietnamese::nfc(&clean))
}

/// The text without signs that turn its direction: what is read is what is stored.
pub(crate) fn straight(text: String) -> String {
    if text.contains(vietnamese::turns_text) {
        text.replace(vietnamese::turns_text, "")
    } else {
        text
    }
}

/// An empty text for one that shows nothing, so that no name or title is made of white alone.
fn seen(text: String) -> String {
    if text.is_empty() || vietnamese::has_ink(&text) {
        text
    } else {
        String::new()
    }
}

/// The fields of a form that sends nothing but its token.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize)]
pub struct Nothing {}

/// What is wrong with a field: the key of a sentence and its arguments. A form is read and judged
/// without a [`Frame`]; the sentence is made when the page is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldTrouble {
    key: Cow<'static, str>,
    args: Vec<(&'static str, String)>,
    is_said: bool,
}

impl FieldTrouble {
    /// The sentence of that key.
    pub fn of(key: &'static str) -> Self {
        FieldTrouble {
            key: Cow::Borrowed(key),
            args: Vec::new(),
            is_said: false,
        }
    }
    /// With a named argument.
    pub fn arg(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
    /// The sentence, in the visitor's language.
    pub fn sentence(&self, frame: &Frame) -> String {
        if self.is_said {
            return self.key.to_string();
        }
        let args: Vec<(&str, Arg<'_>)> = self
            .args
            .iter()
            .map(|(name, value)| match value.parse::<i64>() {
                // A number chooses the plural; a text that looks like one reads the same.
                Ok(number) if number.to_string() == *value => (*name, Arg::Number(number)),
                _ => (*name, Arg::Text(value)),
            })
            .collect();
        frame.tn(&self.key, &args)
    }
}

impl From<&'static str> for FieldTrouble {
    fn from(key: &'static str) -> Self {
        FieldTrouble::of(key)
    }
}
/// A sentence that a room has made already.
impl From<String> for FieldTrouble {
    fn from(sentence: String) -> Self {
        FieldTrouble {
            key: Cow::Owned(sentence),
            args: Vec::new(),
            is_said: true,
        }
    }
}

/// A day as a field shows it: day, month and year with all their figures; what is no day stays as typed.
pub fn day_field(typed: &str, today: kernel::Day) -> String {
    match crate::read_day(typed, today) {
        Some(day) => format!("{:02}/{:02}/{}", day.day(), day.month(), day.year()),
        None => typed.to_owned(),
    }
}

/// Whether what was typed says what stands there now: line ends apart, and a day or an hour in any of the
/// forms that people write.
fn says(typed: &str, now: &str) -> bool {
    let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    let (typed, now) = (plain(typed), plain(now));
    let day = |text: &str| vietnamese::read_date(text).ok();
    let hour = |text: &str| match text.as_bytes() {
        [_, _, b':', _, _] => vietnamese::read_time(text),
        _ => None,
    };
    typed == now
        || day(&now).is_some_and(|there| day(&typed) == Some(there))
        || hour(&now).is_some_and(|there| vietnamese::read_time(&typed) == Some(there))
}

/// A form on its way back to the visitor: typed values kept, what is wrong per field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormState {
    values: Vec<(String, String)>,
    errors: Vec<(String, FieldTrouble)>,
    theirs: Vec<(String, String)>,
    is_stale: bool,
    /// What came of this form when it was sent with something else in it.
    before: String,
}

/// Who saved before, and when, as far as the visitor may know it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    /// Who.
    pub by: SavedBy,
    /// When, in words ("19 giờ 42 phút"); empty when it is not known.
    pub when: String,
}

/// Who saved before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SavedBy {
    /// Not known, or not for this visitor.
    #[default]
    Somebody,
    /// The visitor, on another page or device.
    Oneself,
    /// Somebody whose name the visitor may see.
    Named(String),
}

impl Saved {
    fn trouble(&self) -> FieldTrouble {
        let when = |trouble: FieldTrouble| trouble.arg("when", &self.when);
        match &self.by {
            _ if self.when.is_empty() => FieldTrouble::of("web-form-changed"),
            SavedBy::Somebody => when(FieldTrouble::of("web-form-changed-at")),
            SavedBy::Oneself => when(FieldTrouble::of("web-form-changed-own")),
            SavedBy::Named(name) => when(FieldTrouble::of("web-form-changed-by")).arg("name", name),
        }
    }
}

impl FormState {
    /// An empty form.
    pub fn new() -> Self {
        Self::default()
    }
    /// With what was typed.
    pub fn typed(pairs: Vec<(String, String)>) -> Self {
        Self {
            values: pairs,
            ..Self::default()
        }
    }
    /// Sets a starting value.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.push((name.to_owned(), value.into()));
        self
    }
    /// Adds a value that the page says itself.
    pub fn put(&mut self, name: &str, value: &str) {
        self.values.push((name.to_owned(), value.to_owned()));
    }
    /// What stands in a field; empty when nothing does.
    pub fn value(&self, name: &str) -> &str {
        self.values
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value)
    }
    /// What stands in a field for a day, as it was understood: `2026-11-03`, `3.11.2026` and `mai` become
    /// `03/11/2026`; what is no day stays as typed.
    pub fn day(&self, name: &str, today: kernel::Day) -> String {
        day_field(self.value(name), today)
    }
    /// What stands in a field for a time of day, as it was understood: `7h30 tối` becomes `19:30`; what
    /// is no time stays as typed.
    pub fn time(&self, name: &str) -> String {
        let typed = self.value(name);
        match vietnamese::read_time(typed) {
            Some((hour, minute)) => format!("{hour:02}:{minute:02}"),
            None => typed.to_owned(),
        }
    }
    /// Every value of a repeated field.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let same = self.values.iter().filter(|(field, _)| field == name);
        same.map(|(_, value)| value.as_str()).collect()
    }
    /// Whether a field has that value, for radios and check boxes.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.values
            .iter()
            .any(|(field, held)| field == name && held == value)
    }
    /// Says what is wrong with a field: a key, or a [`FieldTrouble`] with arguments.
    pub fn fail(&mut self, name: &str, trouble: impl Into<FieldTrouble>) {
        self.errors.push((name.to_owned(), trouble.into()));
    }
    /// The key of the form was taken with something else in it, and `to` is what came of that. What is typed now stays,
    /// under a new key: who sends it once more makes another one, knowing it.
    pub fn sent_before(&mut self, to: &str, once: &str) {
        self.fail("before", "web-form-before");
        self.before = to.to_owned();
        self.values.retain(|(name, _)| name != "once");
        self.put("once", once);
    }
    /// Where a line of the summary leads: to its field, or to what was saved before.
    pub fn leads_to(&self, field: &str) -> String {
        match field {
            "before" if !self.before.is_empty() => self.before.clone(),
            field => format!("#f-{field}"),
        }
    }
    /// Refuses a field of more letters than are kept, and says how many it has: what a person typed is never cut.
    pub fn fit(&mut self, name: &str, most: usize) {
        let count = self.value(name).trim().chars().count();
        if count > most {
            let long = FieldTrouble::of("web-form-too-long");
            self.fail(name, long.arg("count", count).arg("most", most));
        }
    }
    /// Whether something is wrong with a field.
    pub fn is_bad(&self, name: &str) -> bool {
        self.errors.iter().any(|(field, _)| field == name)
    }
    /// The key of what is wrong with a field; empty when nothing is.
    pub fn error(&self, name: &str) -> &str {
        self.errors
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, trouble)| &trouble.key)
    }
    /// The sentence beside a field; empty when nothing is wrong.
    pub fn sentence(&self, frame: &Frame, name: &str) -> String {
        self.errors
            .iter()
            .find(|(field, _)| field == name)
            .map_or_else(String::new, |(_, trouble)| trouble.sentence(frame))
    }
    /// Field and sentence of everything in trouble, for the summary on top.
    pub fn errors(&self, frame: &Frame) -> Vec<(&str, String)> {
        self.errors
            .iter()
            .map(|(field, trouble)| (field.as_str(), trouble.sentence(frame)))
            .collect()
    }
    /// Somebody else saved meanwhile. What was typed stays, what stands there now (`present`, the form as
    /// it would be opened) is said beside each field that differs, and the field `version` takes theirs: who
    /// saves once more does so knowing it, and knowing whose it was (`saved`).
    pub fn changed(&mut self, present: &FormState, version: &str, saved: &Saved) {
        let differ =
            |(name, now): &&(String, String)| name != version && !says(self.value(name), now);
        self.theirs = present.values.iter().filter(differ).cloned().collect();
        let first = self.theirs.first().map(|(name, _)| name.clone());
        let first = first.or_else(|| present.values.first().map(|(name, _)| name.clone()));
        self.fail(&first.unwrap_or_default(), saved.trouble());
        self.is_stale = true;
        self.values.retain(|(name, _)| name != version);
        self.values
            .push((version.to_owned(), present.value(version).to_owned()));
    }
    /// The two texts of a field word by word, where both are more than a few words; else nothing, and both
    /// are read as they stand.
    pub fn differences(&self, name: &str) -> Vec<Piece> {
        let theirs = self.theirs(name).unwrap_or_default();
        let typed = self.value(name);
        let is_short = |text: &str| text.split_whitespace().take(FEW_WORDS).count() < FEW_WORDS;
        if is_short(theirs) || typed.trim().is_empty() {
            return Vec::new();
        }
        compare(theirs, typed)
    }
    /// What somebody else saved in a field meanwhile, where it differs.
    pub fn theirs(&self, name: &str) -> Option<&str> {
        let mut held = self.theirs.iter();
        held.find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }
    /// Whether somebody else chose that value meanwhile.
    pub fn is_theirs(&self, name: &str, value: &str) -> bool {
        self.theirs(name) == Some(value)
    }
    /// The status of the page that draws it: 200, 422 with something in trouble, 409 when somebody else
    /// saved meanwhile.
    pub fn status(&self) -> StatusCode {
        match (self.is_good(), self.is_stale) {
            (true, _) => StatusCode::OK,
            (false, true) => StatusCode::CONFLICT,
            (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
    /// Whether nothing is in trouble.
    pub fn is_good(&self) -> bool {
        self.errors.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_turn_the_direction_of_a_text_are_taken_out() {
        let sent = "name=Lan%E2%80%AEgnas+h%E2%81%A6o%E2%81%A9&new_password=a%E2%80%8Eb";
        let read = pairs(sent.as_bytes()).unwrap();
        assert_eq!(read[0].1, "Langnas ho");
        assert_eq!(read[1].1, "a\u{200e}b", "a password is as it is typed");
    }
    #[test]
    fn what_shows_nothing_is_an_empty_field() {
        for nothing in [
            "\u{200b}",
            "\u{3164}",
            "\u{2800}",
            "\u{a0}",
            "\u{ad}",
            "\u{202e}\u{200f}",
            " \u{feff} ",
            "\u{115f}",
            "\u{fe0f}",
            "\u{2060}\n",
            "\u{301}",
            "\u{e0020}",
        ] {
            let sent: String = form_urlencoded::byte_serialize(nothing.as_bytes()).collect();
            let read = pairs(format!("name={sent}&password={sent}").as_bytes()).unwrap();
            assert_eq!(read[0].1, "", "{nothing:?}");
            assert_eq!(
                read[1].1.is_empty(),
                nothing.is_empty(),
                "a password is as it is typed"
            );
        }
        for ink in ["a", "1", "…", "Ê", "東", "🙂", "a\u{200b}b", "."] {
            let sent: String = form_urlencoded::byte_serialize(ink.as_bytes()).collect();
            assert_eq!(pairs(format!("name={sent}").as_bytes()).unwrap()[0].1, ink);
        }
    }
    #[test]
    fn half_a_character_is_refused() {
        assert!(read_pairs(b"name=%E1%BA%A1").is_ok());
        assert!(read_pairs(b"name=%E1%BA").is_err());
        assert!(read_pairs(b"name=\xff").is_err());
    }
    #[test]
    fn text_becomes_nfc_and_loses_control_characters() {
        let pairs = read_pairs("a=e%CC%A3%00x&b=1+2&c".as_bytes())
            .map_err(|_| ())
            .unwrap();
        assert_eq!(pairs[0].1, "ẹx");
        assert_eq!(pairs[1].1, "1 2");
        assert_eq!(pairs[2], ("c".to_owned(), String::new()));
    }
    #[test]
    fn days_and_hours_are_shown_as_they_were_understood() {
        let today: kernel::Day = "2026-11-23".parse().unwrap();
        for (typed, shown) in [
            ("2027-01-05", "05/01/2027"),
            ("5.3.2027", "05/03/2027"),
            ("mai", "24/11/2026"),
            ("5.1.27", "5.1.27"),
            ("1975", "1975"),
            ("", ""),
        ] {
            assert_eq!(FormState::new().with("on", typed).day("on", today), shown);
        }
        for (typed, shown) in [("7h30 tối", "19:30"), ("19:05", "19:05"), ("tối", "tối")] {
            assert_eq!(FormState::new().with("at", typed).time("at"), shown);
        }
    }
    #[test]
    fn a_form_keeps_what_was_typed() {
        let mut form = FormState::typed(vec![("place".into(), "Nhà văn hóa".into())]);
        form.fail("date", "meetings-plan-date-missing");
        assert_eq!(form.value("place"), "Nhà văn hóa");
        assert_eq!(form.error("date"), "meetings-plan-date-missing");
        assert!(form.is_bad("date") && !form.is_bad("place"));
        assert!(!form.is_good());
    }
    #[test]
    fn who_was_faster_is_named_and_long_texts_are_compared() {
        let long = "Chi bộ bàn việc sửa mái hiên nhà văn hóa trong tháng này";
        let typed = |body: &str| FormState::typed(vec![("body".into(), body.into())]);
        let present = FormState::new().with("body", long).with("version", "4");
        let mut form = typed(&format!("{long} và tháng sau"));
        let saved = Saved {
            by: SavedBy::Named("Nguyễn Văn An".into()),
            when: "19 giờ 42".into(),
        };
        form.changed(&present, "version", &saved);
        assert_eq!(form.error("body"), "web-form-changed-by");
        assert_eq!(form.status(), StatusCode::CONFLICT);
        assert_eq!(form.value("version"), "4");
        let mine = Piece::Mine("và tháng sau".into());
        assert_eq!(form.differences("body").last(), Some(&mine));
        for (body, theirs) in [("ngắn", "ngắn thôi"), ("", long)] {
            let mut form = typed(body);
            let present = FormState::new().with("body", theirs);
            form.changed(&present, "version", &Saved::default());
            assert!(form.differences("body").is_empty());
            assert_eq!(form.error("body"), "web-form-changed");
        }
    }
    #[test]
    fn a_day_typed_in_another_form_is_not_told_as_somebody_elses() {
        for (typed, now, is_same) in [
            ("2026-11-27", "27/11/2026", true),
            ("27.11.2026", "27/11/2026", true),
            ("28/11/2026", "27/11/2026", false),
            ("mai", "27/11/2026", false),
            ("7h30 tối", "19:30", true),
            ("7h30", "19:30", false),
            ("Họp 19:30", "Họp 19 giờ 30", false),
            ("", "27/11/2026", false),
        ] {
            let mut form = FormState::typed(vec![("when".into(), typed.into())]);
            let present = FormState::new().with("when", now);
            form.changed(&present, "", &Saved::default());
            assert_eq!(form.theirs("when").is_none(), is_same, "{typed} {now}");
        }
    }
}
