//! Where a member can be reached: e-mail addresses and the push subscriptions of their devices.
//!
//! Addresses and keys are sealed; the caller lends the keys ([`Seals`], in the handbook `site::Keys`).
//! Not here: proving that an e-mail address is the member's; hand in confirmed ones only.
//! The rule that surprises: a device belongs to who signed in last, since its browser has one
//! subscription; the row of an earlier member goes.

use crate::out::Channel;
use crate::push::endpoint_uri;
use crate::store;
use data_encoding::BASE64URL_NOPAD;
use db::{Db, Tx};
use kernel::error::{Error, Refusal, Result};
use kernel::{Actor, Clock, Dice, MemberId, Moment};

db::ids! {
    /// An e-mail address or a device of a member.
    EndpointId;
}

/// Sealing and finding again, lent by the caller.
pub trait Seals: Send + Sync {
    /// Seals a value for the named column.
    ///
    /// # Errors
    /// A fault when it cannot.
    fn seal(&self, column: &str, value: &str, dice: &Dice) -> Result<String>;
    /// Opens a value of the named column.
    ///
    /// # Errors
    /// A fault when it is damaged or sealed by another key.
    fn open(&self, column: &str, sealed: &str) -> Result<String>;
    /// A keyed hash by which equal values of a column are found.
    fn mac(&self, column: &str, value: &str) -> String;
}

/// What an address is sealed and found for.
pub const ADDRESS: &str = "notices_endpoint.address";
/// What the keys of a device are sealed for.
pub const KEYS: &str = "notices_endpoint.keys";

/// The language of outside messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Language {
    /// `vi` or `en`.
    pub fn name(self) -> &'static str {
        match self {
            Language::Vi => "vi",
            Language::En => "en",
        }
    }
    pub(crate) fn read(text: &str) -> Self {
        if text == "en" {
            Language::En
        } else {
            Language::Vi
        }
    }
    pub(crate) fn other(self) -> Self {
        match self {
            Language::Vi => Language::En,
            Language::En => Language::Vi,
        }
    }
}

/// Whether an endpoint is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointState {
    /// Used.
    Live,
    /// Given up: gone, or it refused too often. Registering it again brings it back.
    Dropped,
}

/// What a browser's `PushSubscription` says.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Subscription {
    /// Address of the push service: secret, who knows it can disturb the device.
    pub endpoint: String,
    /// `keys.p256dh`, base64url.
    pub p256dh: String,
    /// `keys.auth`, base64url.
    pub auth: String,
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscription")
    }
}

/// The two keys of a device, as they are sealed: base64url, with a space between.
pub(crate) fn read_keys(
    p256dh: &str,
    auth: &str,
) -> Option<(web_push_native::p256::PublicKey, web_push_native::Auth)> {
    let plain = |text: &str| {
        BASE64URL_NOPAD
            .decode(text.trim_end_matches('=').as_bytes())
            .ok()
    };
    let public = web_push_native::p256::PublicKey::from_sec1_bytes(&plain(p256dh)?).ok()?;
    let auth: [u8; 16] = plain(auth)?.try_into().ok()?;
    Some((public, auth.into()))
}

/// Registers a device of the member, or brings it back.
///
/// # Errors
/// Refused when the address is not one of a public push service or the keys are none.
pub async fn add_push(
    tx: &mut Tx,
    clock: &Clock,
    dice: &Dice,
    seals: &dyn Seals,
    who: &Actor,
    device: &Subscription,
    language: Language,
) -> Result<EndpointId> {
    let refused = || Error::from(Refusal::new("notices-refused-endpoint").status(422));
    endpoint_uri(&device.endpoint).ok_or_else(refused)?;
    read_keys(&device.p256dh, &device.auth).ok_or_else(refused)?;
    let mac = seals.mac(ADDRESS, &device.endpoint);
    let address = seals.seal(ADDRESS, &device.endpoint, dice)?;
    let keys = seals.seal(KEYS, &format!("{} {}", device.p256dh, device.auth), dice)?;
    let fresh = store::FreshEndpoint {
        id: &EndpointId::fresh(clock, dice),
        member: &who.member,
        mac: &mac,
        address: &address,
        keys: &keys,
        language,
        now: clock.now(),
    };
    store::add_device(tx, &fresh).await
}

/// Whether mail can be sent to that.
pub(crate) fn is_address(text: &str) -> bool {
    !text.is_empty() && text.len() <= 254 && text.parse::<lettre::Address>().is_ok()
}

/// Sets the member's e-mail address, in place of any other; an empty one removes it. What waits to
/// be sent goes to the new one.
///
/// # Errors
/// Refused when it is no address.
pub async fn set_email(
    tx: &mut Tx,
    clock: &Clock,
    dice: &Dice,
    seals: &dyn Seals,
    member: &MemberId,
    address: &str,
    language: Language,
) -> Result<()> {
    let address = address.trim();
    if !address.is_empty() && !is_address(address) {
        return Err(Refusal::new("notices-refused-email").status(422).into());
    }
    if address.is_empty() {
        return store::remove_email(tx, member).await;
    }
    let mac = seals.mac(ADDRESS, address);
    let sealed = seals.seal(ADDRESS, address, dice)?;
    let fresh = store::FreshEndpoint {
        id: &EndpointId::fresh(clock, dice),
        member,
        mac: &mac,
        address: &sealed,
        keys: "",
        language,
        now: clock.now(),
    };
    store::set_email(tx, &fresh, false).await
}

/// Has an address follow the member's record, and nothing else: one that is kept for security mail alone stays so.
/// An empty one removes it.
///
/// # Errors
/// A fault when it cannot be sealed or the database fails.
pub async fn follow(
    tx: &mut Tx,
    clock: &Clock,
    dice: &Dice,
    seals: &dyn Seals,
    outdated: &Outdated,
) -> Result<()> {
    let address = outdated.address.trim();
    if !is_address(address) {
        return store::remove_email(tx, &outdated.member).await;
    }
    let fresh = store::FreshEndpoint {
        id: &EndpointId::fresh(clock, dice),
        member: &outdated.member,
        mac: &seals.mac(ADDRESS, address),
        address: &seals.seal(ADDRESS, address, dice)?,
        keys: "",
        language: outdated.language,
        now: clock.now(),
    };
    store::set_email(tx, &fresh, true).await
}

/// Removes every endpoint of somebody who is a member no more.
///
/// # Errors
/// A fault when the database fails.
pub async fn remove_all(tx: &mut Tx, member: &MemberId) -> Result<()> {
    store::remove_all(tx, member).await
}

/// Members to whom an e-mail waits whose address of the record is another one now, as `current` tells.
/// At most `limit` members are looked at.
///
/// # Errors
/// A fault when the database fails or a row cannot be read.
pub async fn list_outdated<F>(
    db: &Db,
    seals: &dyn Seals,
    limit: i64,
    current: impl Fn(MemberId) -> F,
) -> Result<Vec<Outdated>>
where
    F: Future<Output = Result<String>>,
{
    let mut out = Vec::new();
    for (member, mac, language) in store::list_waiting_emails(db, limit).await? {
        let member = MemberId::try_from(member).map_err(Error::fault)?;
        let address = current(member.clone()).await?;
        if seals.mac(ADDRESS, address.trim()) != mac {
            let language = Language::read(&language);
            out.push(Outdated {
                member,
                address,
                language,
            });
        }
    }
    Ok(out)
}

/// The kind that goes to the address as it stood when it was told: that the record's contact was changed.
/// Until it has gone, or expired, the endpoint does not follow the record.
pub const OLD_ADDRESS: &str = "contact.changed";

/// An e-mail endpoint that does not agree with the member's record any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outdated {
    /// Whose.
    pub member: MemberId,
    /// The address of the record; empty when it has none now.
    pub address: String,
    /// In which language mails are written to them.
    pub language: Language,
}

/// Removes one of the member's own endpoints; what waits for it goes with it.
///
/// # Errors
/// A fault when the database fails. Removing what is not there is success.
pub async fn remove_endpoint(tx: &mut Tx, who: &Actor, id: &EndpointId) -> Result<()> {
    store::remove_endpoint(tx, &who.member, id).await
}

/// An endpoint as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// The way out.
    pub channel: Channel,
    /// The e-mail address, or the host of the push service; empty when it was dropped.
    pub shown: String,
    /// Whether it is used.
    pub state: EndpointState,
    /// Why it was dropped: `gone`, `refused` or `unsafe`; empty while it is live.
    pub reason: String,
    /// When it was registered first.
    pub created_at: Moment,
    /// When a message to it was last taken, if ever.
    pub sent_at: Option<Moment>,
}

/// Which of these members a notice of that kind goes out to, and by which channels, as far as they and
/// the operator wish it now. Whether a channel works here is the caller's to know.
///
/// # Errors
/// A fault when the database fails.
pub async fn list_reached(
    db: &Db,
    kind: &str,
    members: &[String],
) -> Result<Vec<(String, Channel)>> {
    let all = crate::get_settings(db).await?;
    let wanted = (all.email_wanted, all.push_wanted);
    let rows = store::list_reached(db, kind, wanted, members).await?;
    let known = |(member, word): (String, String)| {
        let channel = [Channel::Email, Channel::Push]
            .into_iter()
            .find(|channel| channel.name() == word)?;
        Some((member, channel))
    };
    Ok(rows.into_iter().filter_map(known).collect())
}

/// The member's own endpoints, oldest first.
///
/// # Errors
/// A fault when the database fails or an address does not open.
pub async fn list_endpoints(db: &Db, seals: &dyn Seals, who: &Actor) -> Result<Vec<Endpoint>> {
    let mut out = Vec::new();
    for (mut endpoint, sealed) in store::list_endpoints(db, &who.member).await? {
        let address = seals.open(ADDRESS, &sealed)?;
        endpoint.shown = match endpoint.channel {
            Channel::Email => address,
            Channel::Push => endpoint_uri(&address)
                .and_then(|uri| uri.host().map(str::to_owned))
                .unwrap_or_default(),
        };
        out.push(endpoint);
    }
    Ok(out)
}
