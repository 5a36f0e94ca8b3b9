//! Forms: read strictly, checked against forgery, given back with everything that was typed.
//!
//! [`Form`] refuses a wrong token (403) and bytes that are not UTF-8 (400) before a handler runs,
//! and normalises text to NFC. [`FormState`] keeps typed values and the sentence for each field.

use crate::fail::Fail;
use crate::frame::Frame;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use kernel::error::{Error, Refusal};
use serde::de::DeserializeOwned;

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
    type Rejection = Fail;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fail> {
        let frame = request.extensions().get::<Frame>().cloned();
        let frame = frame.ok_or_else(|| Fail(Error::fault("the edge does not wrap this route")))?;
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| {
                let too_big = rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE;
                let (key, status) = if too_big {
                    ("web-form-too-big", 413)
                } else {
                    ("web-form-unreadable", 400)
                };
                Fail(Error::Refused(Refusal::new(key).status(status)))
            })?;
        let pairs = read_pairs(&bytes)?;
        let given = pairs
            .iter()
            .find(|(name, _)| name == "csrf")
            .map_or("", |(_, value)| value);
        if !frame.csrf_matches(given) {
            return Err(Fail(Error::Refused(
                Refusal::new("web-form-forged").status(403),
            )));
        }
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

/// Reads `application/x-www-form-urlencoded` strictly: half a character is refused, not guessed.
fn read_pairs(bytes: &[u8]) -> Result<Vec<(String, String)>, Fail> {
    let mut pairs = Vec::new();
    for part in bytes
        .split(|byte| *byte == b'&')
        .filter(|part| !part.is_empty())
    {
        let (name, value) = match part.iter().position(|byte| *byte == b'=') {
            Some(at) => (&part[..at], &part[at + 1..]),
            None => (part, &part[part.len()..]),
        };
        pairs.push((decode(name)?, decode(value)?));
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

/// A form on its way back to the visitor: typed values kept, a sentence per field in trouble.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormState {
    values: Vec<(String, String)>,
    errors: Vec<(String, String)>,
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
            errors: Vec::new(),
        }
    }
    /// Sets a starting value.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.push((name.to_owned(), value.into()));
        self
    }
    /// What stands in a field; empty when nothing does.
    pub fn value(&self, name: &str) -> &str {
        self.values
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value)
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
    /// Puts a translated sentence beside a field.
    pub fn fail(&mut self, name: &str, sentence: impl Into<String>) {
        self.errors.push((name.to_owned(), sentence.into()));
    }
    /// The sentence beside a field; empty when there is none.
    pub fn error(&self, name: &str) -> &str {
        self.errors
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, sentence)| sentence)
    }
    /// Field and sentence of everything in trouble, for the summary on top.
    pub fn errors(&self) -> &[(String, String)] {
        &self.errors
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
    fn a_form_keeps_what_was_typed() {
        let mut form = FormState::typed(vec![("place".into(), "Nhà văn hóa".into())]);
        form.fail("date", "Ghi ngày họp.");
        assert_eq!(form.value("place"), "Nhà văn hóa");
        assert_eq!(form.error("date"), "Ghi ngày họp.");
        assert!(!form.is_good());
    }
}
