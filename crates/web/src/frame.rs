//! What a template knows of the request: texts, look, visitor, addresses, csrf token, flash note.
//!
//! Every page struct has a field `frame: Frame`; templates say `{{ frame.t("room-page-what") }}`.
//! The rule that surprises: a passer-by gets a cookie only if a page with a form was drawn for them.

use crate::fail::{Answer, Fail};
use crate::look::{Lang, Look};
use crate::place::{Menu, Place, PlaceLink};
use crate::text::{Arg, Texts};
use crate::visitor::{SignedIn, Visitor};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::error::Error;
use kernel::{Cap, Day, Moment};
use sha2::Sha256;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The frame of one request. Cloning shares it.
#[derive(Clone)]
pub struct Frame(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) texts: Texts,
    pub(crate) look: Look,
    pub(crate) visitor: Visitor,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) operation: String,
    pub(crate) now: Moment,
    pub(crate) org: Arc<Org>,
    pub(crate) places: Arc<[Place]>,
    pub(crate) secret: [u8; 32],
    pub(crate) secrets_before: Arc<[[u8; 32]]>,
    pub(crate) guest: String,
    pub(crate) guest_used: AtomicBool,
    pub(crate) flash: Option<String>,
    /// The form of this request as it came, for the page of a refusal, which gives back what was typed.
    pub(crate) typed: std::sync::OnceLock<axum::body::Bytes>,
}

/// How the organisation calls itself: settings of the admin room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    /// Full name: "Đảng bộ Khối Minh Họa".
    pub name: String,
    /// Short name for the portal's head: "Khối Minh Họa".
    pub short_name: String,
    /// How members are addressed: "đồng chí"; empty for none.
    pub address: String,
}

impl Default for Org {
    fn default() -> Self {
        Self {
            name: "Sổ tay".into(),
            short_name: "Sổ tay".into(),
            address: "đồng chí".into(),
        }
    }
}

impl Frame {
    /// The sentence of that key.
    pub fn t(&self, key: &str) -> String {
        self.0.texts.get(self.lang(), key)
    }
    /// Whether there is a sentence of that key: for keys made from a name that a room gave.
    pub fn knows(&self, key: &str) -> bool {
        self.0.texts.has(key)
    }
    /// The sentence of that key with one named argument.
    pub fn t1<'a>(&self, key: &str, name: &str, value: impl Into<Arg<'a>>) -> String {
        self.0.texts.with(self.lang(), key, &[(name, value.into())])
    }
    /// The sentence of that key with two named arguments.
    pub fn t2<'a, 'b>(
        &self,
        key: &str,
        one: &str,
        first: impl Into<Arg<'a>>,
        two: &str,
        second: impl Into<Arg<'b>>,
    ) -> String {
        self.0.texts.with(
            self.lang(),
            key,
            &[(one, first.into()), (two, second.into())],
        )
    }
    /// The sentence of that key with any named arguments.
    pub fn tn(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.0.texts.with(self.lang(), key, args)
    }
    /// Whether a sentence of that key exists.
    pub fn has_text(&self, key: &str) -> bool {
        self.0.texts.has(key)
    }
    /// The page's language.
    pub fn lang(&self) -> Lang {
        self.0.look.lang
    }
    /// Language, theme and size.
    pub fn look(&self) -> Look {
        self.0.look
    }
    /// Attributes of the root element, ready to print.
    pub fn root_attributes(&self) -> String {
        self.0.look.attributes()
    }
    /// The organisation's names.
    pub fn org(&self) -> &Org {
        &self.0.org
    }
    /// The signed-in member.
    pub fn who(&self) -> Option<&SignedIn> {
        self.0.visitor.signed_in.as_deref()
    }
    /// Whether somebody is signed in.
    pub fn is_signed_in(&self) -> bool {
        self.who().is_some()
    }
    /// Whether the visitor may do something somewhere: for menus only. `cap` by its table name.
    pub fn may(&self, cap: &str) -> bool {
        match (self.who(), Cap::by_name(cap)) {
            (Some(who), Some(cap)) => who.actor.may_somewhere(cap, self.today()),
            _ => false,
        }
    }
    /// The present day.
    pub fn today(&self) -> Day {
        self.0.now.day()
    }
    /// The instant at which the request came.
    pub fn now(&self) -> Moment {
        self.0.now
    }
    /// The path asked for.
    pub fn path(&self) -> &str {
        &self.0.path
    }
    /// Path and query, to come back to.
    pub fn here(&self) -> String {
        if self.0.query.is_empty() {
            self.0.path.clone()
        } else {
            format!("{}?{}", self.0.path, self.0.query)
        }
    }
    /// The operation number, to be read aloud when something failed.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }
    /// The main places; a tool marks the place it belongs to.
    pub fn places(&self) -> Vec<PlaceLink> {
        let within: Vec<&str> = (self.0.places.iter())
            .filter(|place| place.menu == Menu::Tools && place.holds(&self.0.path))
            .map(|place| place.within)
            .collect();
        self.menu(Menu::Bar, |place| within.contains(&place.to))
    }
    /// The main places beside the tools: where a tool shows that the visitor is there, no main place does.
    pub fn side_places(&self) -> Vec<PlaceLink> {
        let is_marked = self.tools().iter().any(|tool| tool.here);
        let mut places = self.places();
        for place in &mut places {
            let own = self.0.places.iter().find(|own| own.to == place.to);
            place.here &= !is_marked || own.is_some_and(|own| own.holds(&self.0.path));
        }
        places
    }
    /// The tools that the visitor may use.
    pub fn tools(&self) -> Vec<PlaceLink> {
        self.menu(Menu::Tools, |_| false)
    }
    fn menu(&self, menu: Menu, also_here: impl Fn(&Place) -> bool) -> Vec<PlaceLink> {
        let today = self.today();
        let may = |place: &Place| {
            place.needs.is_empty()
                || self.who().is_some_and(|who| {
                    let mut needs = place.needs.iter();
                    needs.any(|cap| who.actor.may_somewhere(*cap, today))
                })
        };
        (self.0.places.iter())
            .filter(|place| place.menu == menu && may(place))
            .map(|place| PlaceLink {
                to: place.to,
                icon: place.icon,
                label: self.t(place.text),
                help: if place.help.is_empty() {
                    String::new()
                } else {
                    self.t(place.help)
                },
                here: place.holds(&self.0.path) || also_here(place),
                unread: match self.who() {
                    Some(who) if place.counts => who.unread,
                    _ => 0,
                },
            })
            .collect()
    }
    /// A number that needs no more than two digits to be understood: `7`, `99+`.
    pub fn many(&self, count: &i64) -> String {
        if *count > 99 {
            "99+".to_owned()
        } else {
            count.to_string()
        }
    }
    /// The place that says what is unread, for the top of a telephone; none for a passer-by.
    pub fn bell(&self) -> Option<PlaceLink> {
        let counts: Vec<&str> = (self.0.places.iter())
            .filter(|place| place.counts)
            .map(|place| place.to)
            .collect();
        let mut tools = self.who().map(|_| self.tools())?.into_iter();
        tools.find(|place| counts.contains(&place.to))
    }
    /// The address of an asset by its logical name.
    pub fn asset(&self, name: &str) -> &'static str {
        crate::assets::address(name)
    }
    /// Fonts to load early.
    pub fn preload(&self) -> &'static [String] {
        crate::assets::preload()
    }
    /// The address of an icon in the sprite.
    pub fn icon(&self, name: &str) -> String {
        format!("{}#i-{name}", crate::assets::address("icons.svg"))
    }
    /// The token that a form must send back.
    pub fn csrf(&self) -> String {
        token(&self.0.secret, self.csrf_subject())
    }
    fn csrf_subject(&self) -> &str {
        match self.who().and_then(|who| who.session.as_ref()) {
            Some(session) => session.as_str(),
            None => {
                self.0.guest_used.store(true, Ordering::Relaxed);
                &self.0.guest
            }
        }
    }
    /// Whether a form's token is the one that was given to this visitor.
    pub fn csrf_matches(&self, given: &str) -> bool {
        self.csrf_was(self.csrf_subject(), given)
    }
    /// Whether a form's token was given to that session, which may have ended since.
    pub(crate) fn csrf_was(&self, session: &str, given: &str) -> bool {
        use subtle::ConstantTimeEq as _;
        let mut secrets = std::iter::once(&self.0.secret).chain(self.0.secrets_before.iter());
        secrets.any(|secret| {
            let wanted = token(secret, session);
            bool::from(wanted.as_bytes().ct_eq(given.as_bytes()))
        })
    }
    /// The note left by the page before, as a sentence.
    pub fn flash(&self) -> Option<String> {
        let text = self.0.flash.as_deref()?;
        let mut parts = text.split('~');
        let key = parts.next()?;
        if !self.0.texts.has(key) {
            return None;
        }
        let pairs: Vec<(String, String)> = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| {
                let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
                (name.to_owned(), value.into_owned())
            })
            .collect();
        let args: Vec<(&str, Arg<'_>)> = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), Arg::Text(value)))
            .collect();
        Some(self.0.texts.with(self.lang(), key, &args))
    }
    /// Draws a page with status 200.
    pub fn html(&self, page: &impl askama::Template) -> Answer {
        self.html_status(StatusCode::OK, page)
    }
    /// Draws a page with another status, such as 422 for a form with trouble.
    pub fn html_status(&self, status: StatusCode, page: &impl askama::Template) -> Answer {
        let body = page.render().map_err(|cause| Fail(Error::fault(cause)))?;
        let mut response = (status, body).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        Ok(response)
    }
    /// `23/11/2026`.
    pub fn day(&self, day: &Day) -> String {
        day.vn()
    }
    /// `Thứ Hai, 23/11/2026`.
    pub fn long_day(&self, day: &Day) -> String {
        let weekday = self.t(WEEKDAYS[usize::from(day.weekday()).min(6)]);
        format!("{weekday}, {}", day.vn())
    }
    /// `1.234.567`.
    pub fn number(&self, number: &i64) -> String {
        group(*number)
    }
}

const WEEKDAYS: [&str; 7] = [
    "web-weekday-mon",
    "web-weekday-tue",
    "web-weekday-wed",
    "web-weekday-thu",
    "web-weekday-fri",
    "web-weekday-sat",
    "web-weekday-sun",
];

/// `1.234.567`, the way numbers are written here in both languages of the page.
pub fn group(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    if number < 0 { format!("-{out}") } else { out }
}

/// The form token of a subject (session id or guest cookie).
pub fn token(secret: &[u8; 32], subject: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(b"csrf\0");
    mac.update(subject.as_bytes());
    data_encoding::BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()[..18])
}

impl<S: Sync> FromRequestParts<S> for Frame {
    type Rejection = Fail;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fail> {
        parts
            .extensions
            .get::<Frame>()
            .cloned()
            .ok_or_else(|| Fail(Error::fault("the edge does not wrap this route")))
    }
}

/// A redirect after an act: `303`, with a flash note if wanted.
pub struct Redirect {
    to: String,
    flash: String,
}

/// Sends the browser on with `303`. Only our own paths: anything else goes to `/today`.
pub fn see_other(to: impl Into<String>) -> Redirect {
    Redirect {
        to: own_path(&to.into()).unwrap_or("/today").to_owned(),
        flash: String::new(),
    }
}

/// The text, if it is a path of ours and nothing that a browser could read as another host.
pub fn own_path(text: &str) -> Option<&str> {
    let good = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains('\\')
        && !text.chars().any(char::is_control);
    good.then_some(text)
}

impl Redirect {
    /// With a note on the next page.
    pub fn flash(mut self, key: &str) -> Self {
        self.flash = key.to_owned();
        self
    }
    /// With an argument for the note.
    pub fn arg(mut self, name: &str, value: &str) -> Self {
        let value =
            percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
        self.flash.push_str(&format!("~{name}={value}"));
        self
    }
}

impl IntoResponse for Redirect {
    fn into_response(self) -> Response {
        let mut response = StatusCode::SEE_OTHER.into_response();
        let to: String = self
            .to
            .chars()
            .flat_map(|c| {
                let mut buffer = [0; 4];
                let bytes = c.encode_utf8(&mut buffer).as_bytes().to_vec();
                if c.is_ascii() {
                    vec![c.to_string()]
                } else {
                    bytes.iter().map(|b| format!("%{b:02X}")).collect()
                }
            })
            .collect();
        if let Ok(value) = HeaderValue::from_str(&to) {
            response.headers_mut().insert(header::LOCATION, value);
        }
        if !self.flash.is_empty()
            && let Ok(value) = HeaderValue::from_str(&format!(
                "sotay_flash={}; Path=/; HttpOnly; SameSite=Lax; Max-Age=60",
                self.flash
            ))
        {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_paths_are_followed() {
        assert_eq!(own_path("/today?x=1"), Some("/today?x=1"));
        for bad in [
            "//evil.example",
            "https://evil.example",
            "/\\evil",
            "javascript:1",
            "",
            "/a\r\nb",
        ] {
            assert_eq!(own_path(bad), None, "{bad}");
        }
    }
    #[test]
    fn numbers_are_grouped_with_points() {
        assert_eq!(group(1_234_567), "1.234.567");
        assert_eq!(group(-1000), "-1.000");
        assert_eq!(group(12), "12");
    }
    #[test]
    fn a_token_belongs_to_one_subject() {
        let secret = [7; 32];
        assert_eq!(token(&secret, "a"), token(&secret, "a"));
        assert_ne!(token(&secret, "a"), token(&secret, "b"));
    }
}
