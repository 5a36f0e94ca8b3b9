//! Web Push: the neutral sentence, encrypted for one device (RFC 8291), signed by us (RFC 8292).
//!
//! Encrypting is `web-push-native`'s; signing is here, on the same curve crate, because its own
//! signing reads the system's clock and brings a whole JWT library. The network is a [`Post`].
//! The rule that surprises: addresses come from browsers, so from anybody: only https, no port, a
//! name and no number ([`endpoint_uri`]); `https` then refuses names that lead into the house.

use crate::endpoint::{Seals, read_keys};
use crate::out::{Message, Outcome};
use crate::store;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use db::Db;
use futures_util::future::BoxFuture;
use kernel::error::{Doing, Error, Result};
use kernel::{Dice, Moment};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use std::sync::Arc;
use std::time::Duration;

/// The key by which push services know this installation. Made once: with another, every device
/// must subscribe again.
#[derive(Clone)]
pub struct Vapid(SigningKey);

impl std::fmt::Debug for Vapid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vapid")
    }
}

impl Vapid {
    /// A fresh key.
    pub fn fresh(dice: &Dice) -> Self {
        loop {
            // All but one in 2^32 numbers of 32 bytes are keys of this curve.
            if let Ok(key) = SigningKey::from_slice(&dice.bytes::<32>()) {
                return Self(key);
            }
        }
    }
    /// The key of 32 bytes.
    ///
    /// # Errors
    /// A fault when they are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        SigningKey::from_slice(bytes)
            .map(Self)
            .map_err(|_| Error::fault("the key of Web Push is damaged"))
    }
    /// The 32 bytes: secret.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes().into()
    }
    /// What the browser wants as `applicationServerKey`, base64url.
    pub fn public_key(&self) -> String {
        BASE64URL_NOPAD.encode(self.0.verifying_key().to_encoded_point(false).as_bytes())
    }
    /// The header `Authorization` for one push service, good for twelve hours.
    fn authorization(&self, host: &str, contact: &str, now: Moment) -> String {
        let claims = serde_json::json!({
            "aud": format!("https://{host}"),
            "exp": now.0 / 1000 + 12 * 3600,
            "sub": contact,
        });
        let signed = format!(
            "{}.{}",
            BASE64URL_NOPAD.encode(br#"{"typ":"JWT","alg":"ES256"}"#),
            BASE64URL_NOPAD.encode(claims.to_string().as_bytes())
        );
        let signature: Signature = self.0.sign(signed.as_bytes());
        let signature = BASE64URL_NOPAD.encode(&signature.to_bytes());
        format!("vapid t={signed}.{signature}, k={}", self.public_key())
    }
}

pub(crate) const VAPID: &str = "vapid_sealed";
/// What the key of Web Push is sealed for.
pub const VAPID_COLUMN: &str = "notices_setting.vapid";

/// The installation's key, made at the first call and kept sealed; two processes get the same.
///
/// # Errors
/// A fault when the database fails or the kept one does not open.
pub async fn get_vapid(db: &Db, dice: &Dice, seals: &dyn Seals) -> Result<Vapid> {
    let sealed = match store::find_setting(db.read(), VAPID).await? {
        Some(sealed) => sealed,
        None => {
            let fresh = BASE64.encode(&Vapid::fresh(dice).to_bytes());
            let fresh = seals.seal(VAPID_COLUMN, &fresh, dice)?;
            let mut tx = db.begin().await?;
            let kept = store::first_setting(&mut tx, VAPID, &fresh).await?;
            db.commit(tx).await?;
            kept
        }
    };
    let bytes = BASE64
        .decode(seals.open(VAPID_COLUMN, &sealed)?.as_bytes())
        .map_err(Error::fault)
        .doing("reading the key of Web Push")?;
    Vapid::from_bytes(&bytes)
}

/// The address of a push service, if it may be one: https, a public name, no port, no user.
pub fn endpoint_uri(text: &str) -> Option<http::Uri> {
    if text.len() > 1000 || !text.is_ascii() || text.contains('#') {
        return None;
    }
    let uri: http::Uri = text.parse().ok()?;
    let authority = uri.authority()?.as_str().to_ascii_lowercase();
    let named = authority
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    let labels: Vec<&str> = authority.split('.').collect();
    let last = *labels.last()?;
    let shaped = labels.len() >= 2 && labels.iter().all(|label| !label.is_empty());
    // A last label of letters: no number in any of its forms (127.1, 0x7f.1).
    let public = last.bytes().all(|byte| byte.is_ascii_alphabetic())
        && ![
            "local",
            "localhost",
            "internal",
            "lan",
            "home",
            "corp",
            "arpa",
            "onion",
        ]
        .contains(&last);
    (uri.scheme_str() == Some("https") && named && shaped && public).then_some(uri)
}

/// What a push service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The header `Retry-After`, as it came.
    pub retry_after: Option<String>,
}

/// Why a push service could not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostTrouble {
    /// Its name leads to no public address: it is not asked.
    Unsafe,
    /// No address, no connection, no TLS, or no answer in time.
    Unreachable,
}

/// Sends one request to the outside.
pub trait Post: Send + Sync {
    /// Sends it and answers the status; never follows a redirect.
    fn post(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> BoxFuture<'_, std::result::Result<Answer, PostTrouble>>;
}

/// The way to push services.
#[derive(Clone)]
pub struct Push {
    vapid: Vapid,
    contact: String,
    post: Arc<dyn Post>,
}

/// The longest that a push service keeps a push for a device that is away.
const LONGEST_TTL_S: i64 = 24 * 3600;
/// The longest wait that a push service may ask for.
const LONGEST_RETRY_MS: i64 = 24 * 3_600_000;

impl Push {
    /// `contact` is a `mailto:` or `https:` address of the operator, as push services demand.
    ///
    /// # Errors
    /// A fault when it is neither.
    pub fn new(vapid: Vapid, contact: &str, post: Arc<dyn Post>) -> Result<Self> {
        let is_mail = contact
            .strip_prefix("mailto:")
            .is_some_and(|address| address.parse::<lettre::Address>().is_ok());
        if !is_mail && endpoint_uri(contact).is_none() {
            return Err(Error::fault(
                "the contact for push services must be a real mailto: or https: address",
            ));
        }
        Ok(Self {
            vapid,
            contact: contact.to_owned(),
            post,
        })
    }

    /// Sends the neutral message to one device. `keys` is as it was sealed: two, with a space.
    pub(crate) async fn send(
        &self,
        message: &Message<'_>,
        address: &str,
        keys: &str,
    ) -> Result<Outcome> {
        let keys = keys
            .split_once(' ')
            .and_then(|(public, auth)| read_keys(public, auth));
        let (Some(uri), Some((public, auth))) = (endpoint_uri(address), keys) else {
            return Ok(Outcome::Refused("address".to_owned()));
        };
        let said = message.words.of(message.language);
        let payload = serde_json::json!({
            "title": said.title,
            "body": said.body,
            "link": message.path,
        });
        let ttl_s = ((message.expires_at.0 - message.now.0) / 1000).clamp(0, LONGEST_TTL_S);
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let authorization = self.vapid.authorization(&host, &self.contact, message.now);
        let mut request = web_push_native::WebPushBuilder::new(uri, public, auth)
            .with_valid_duration(Duration::from_secs(ttl_s.unsigned_abs()))
            .build(payload.to_string())
            .map_err(Error::fault)
            .doing("encrypting a push")?;
        // At most 32 characters of base64url (RFC 8030, 5.4): sent twice, it is shown once.
        let topic: String = message
            .notice_id
            .chars()
            .filter(|c| *c != '-')
            .take(32)
            .collect();
        let urgency = if message.is_urgent { "high" } else { "normal" };
        for (name, value) in [
            ("authorization", authorization.as_str()),
            ("topic", &topic),
            ("urgency", urgency),
        ] {
            let value = http::HeaderValue::from_str(value).map_err(Error::fault)?;
            request.headers_mut().insert(name, value);
        }
        Ok(match self.post.post(request).await {
            Ok(answer) => judge(&answer, message.now),
            Err(PostTrouble::Unsafe) => Outcome::Refused("unsafe".to_owned()),
            Err(PostTrouble::Unreachable) => Outcome::Later {
                after_ms: None,
                reason: "unreachable".to_owned(),
            },
        })
    }
}

fn judge(answer: &Answer, now: Moment) -> Outcome {
    let reason = answer.status.to_string();
    match answer.status {
        200..=299 => Outcome::Taken,
        404 | 410 => Outcome::Gone,
        // Too much, their trouble, or our key or clock: none of it is the device's fault.
        401 | 403 | 408 | 425 | 429 | 500..=599 => Outcome::Later {
            after_ms: answer
                .retry_after
                .as_deref()
                .and_then(|text| retry_ms(text, now)),
            reason,
        },
        _ => Outcome::Refused(reason),
    }
}

/// `Retry-After`: seconds or a date (RFC 9110, 10.2.3).
fn retry_ms(text: &str, now: Moment) -> Option<i64> {
    let text = text.trim();
    let ms = match text.parse::<u32>() {
        Ok(seconds) => i64::from(seconds) * 1000,
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(text).ok()?;
            at.timestamp().as_millisecond() - now.0
        }
    };
    (ms > 0).then(|| ms.min(LONGEST_RETRY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Day;
    use p256::ecdsa::signature::Verifier as _;

    #[test]
    fn only_public_names_over_https_are_endpoints() {
        for good in [
            "https://fcm.googleapis.com/fcm/send/abc:def",
            "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
            "https://web.push.apple.com/QK?x=1",
        ] {
            assert!(endpoint_uri(good).is_some(), "{good}");
        }
        for bad in [
            "http://fcm.googleapis.com/x",
            "https://fcm.googleapis.com:8443/x",
            "https://user@fcm.googleapis.com/x",
            "https://localhost/x",
            "https://printer/x",
            "https://db.internal/x",
            "https://nas.local/x",
            "https://127.0.0.1/x",
            "https://127.1/x",
            "https://0x7f.1/x",
            "https://2130706433/x",
            "https://[::1]/x",
            "https://a..b/x",
            "https://example.com./x",
            "/x",
            "",
        ] {
            assert!(endpoint_uri(bad).is_none(), "{bad}");
        }
    }
    #[test]
    fn the_signature_is_one_and_names_the_service_the_time_and_the_contact() {
        let vapid = Vapid::fresh(&Dice::seeded(3));
        let again = Vapid::from_bytes(&vapid.to_bytes()).unwrap();
        assert_eq!(again.public_key(), vapid.public_key());
        let header = vapid.authorization("push.example.org", "mailto:a@b.vn", Moment(1_000_000));
        let (token, key) = header
            .strip_prefix("vapid t=")
            .unwrap()
            .split_once(", k=")
            .unwrap();
        assert_eq!(key, vapid.public_key());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        let signature = Signature::from_slice(&signature).unwrap();
        vapid
            .0
            .verifying_key()
            .verify(signed.as_bytes(), &signature)
            .unwrap();
        let claims = signed.split_once('.').unwrap().1;
        let claims = BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], "https://push.example.org");
        assert_eq!(claims["exp"], 1000 + 12 * 3600);
        assert_eq!(claims["sub"], "mailto:a@b.vn");
    }
    #[test]
    fn a_service_says_when_to_come_back_in_seconds_or_by_a_date() {
        let now = Day::of(2026, 11, 23).unwrap().at(7, 0); // midnight UTC
        assert_eq!(retry_ms("120", now), Some(120_000));
        assert_eq!(
            retry_ms("Mon, 23 Nov 2026 00:10:00 GMT", now),
            Some(600_000)
        );
        assert_eq!(retry_ms("Mon, 23 Nov 2026 00:00:00 GMT", now), None);
        assert_eq!(retry_ms("4000000000", now), Some(LONGEST_RETRY_MS));
        assert_eq!(retry_ms("soon", now), None);
    }
}
