//! Sending what lies ready: claimed, judged once more, sent, noted.
//!
//! [`deliver_due`] is shallow and bears being called again: by a job, a timer, two processes at once.
//! Not here: how a mail or a push is made (`mail`, `push`).
//! The rule that surprises: whether a member wants it and whether it is quiet is asked now, not when
//! it was told; and a process that dies between sending and noting sends that one again.

use crate::endpoint::{ADDRESS, KEYS, Language, Seals};
use crate::mail::Mail;
use crate::push::Push;
use crate::quiet::Hours;
use crate::store::{self, Claimed, Pair};
use crate::wish::{Settings, Words};
use db::Db;
use futures_util::StreamExt as _;
use kernel::error::{Error, Result};
use kernel::{Clock, Dice, Moment};

/// A way out of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// A mail.
    Email,
    /// Web Push.
    Push,
}

impl Channel {
    /// The word in the database.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Push => "push",
        }
    }
    /// Reads the word of the database or of a form.
    pub fn read(text: &str) -> Option<Self> {
        [Channel::Email, Channel::Push]
            .into_iter()
            .find(|one| one.name() == text)
    }
}

/// Where a sending is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sending {
    /// For its time, for a server, or for another attempt.
    Waiting,
    /// The server took it.
    Sent,
    /// The other side refused it for good.
    Failed,
    /// Not needed any more: expired, read, unwanted, or the endpoint is gone.
    Dropped,
}

impl Sending {
    /// The word in the database.
    pub fn name(self) -> &'static str {
        match self {
            Sending::Waiting => "waiting",
            Sending::Sent => "sent",
            Sending::Failed => "failed",
            Sending::Dropped => "dropped",
        }
    }
    pub(crate) fn read(text: &str) -> Option<Self> {
        [
            Sending::Waiting,
            Sending::Sent,
            Sending::Failed,
            Sending::Dropped,
        ]
        .into_iter()
        .find(|one| one.name() == text)
    }
}

/// What sending works with.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    /// The database.
    pub db: &'a Db,
    /// The time.
    pub clock: &'a Clock,
    /// The chance.
    pub dice: &'a Dice,
    /// Opens addresses and keys.
    pub seals: &'a dyn Seals,
    /// What the messages say.
    pub words: &'a Words,
    /// Where the handbook is, such as `https://sotay.example.vn`, without a slash at the end.
    pub base_url: &'a str,
    /// The mail server; without one, mails wait.
    pub mail: Option<&'a Mail>,
    /// Web Push; without it, pushes wait.
    pub push: Option<&'a Push>,
    /// How many are looked at in one call.
    pub limit: i64,
}

/// What one call did, as counts of sendings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// Taken by the other side.
    pub sent: u64,
    /// Put back for another attempt.
    pub again: u64,
    /// Put back until quiet hours end.
    pub quiet: u64,
    /// Refused for good.
    pub failed: u64,
    /// Not needed any more: read, unwanted, endpoint gone.
    pub dropped: u64,
    /// Too old, whether or not a server was there.
    pub expired: u64,
}

impl std::ops::AddAssign for Delivered {
    fn add_assign(&mut self, more: Self) {
        self.sent += more.sent;
        self.again += more.again;
        self.quiet += more.quiet;
        self.failed += more.failed;
        self.dropped += more.dropped;
        self.expired += more.expired;
    }
}

/// How one attempt ended. Reasons are classes; none names a person or an address.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The other side took it.
    Taken,
    /// The endpoint exists no more.
    Gone,
    /// The other side refuses this message for good.
    Refused(String),
    /// Try again, not before so many milliseconds if it said so.
    Later {
        after_ms: Option<i64>,
        reason: String,
    },
    /// The server itself cannot be used now: nothing else to it in this call.
    Down(String),
}

/// What is sent, whatever the channel.
pub(crate) struct Message<'a> {
    pub(crate) words: &'a Words,
    pub(crate) language: Language,
    /// Path of the notice.
    pub(crate) path: String,
    pub(crate) base_url: &'a str,
    pub(crate) notice_id: &'a str,
    pub(crate) now: Moment,
    pub(crate) expires_at: Moment,
    pub(crate) is_urgent: bool,
}

/// How long a claimed sending is nobody else's: longer than any attempt may take.
const LEASE_MS: i64 = 5 * 60_000;
const FIRST_WAIT_MS: i64 = 60_000;
const LONGEST_WAIT_MS: i64 = 6 * 3_600_000;
/// How long a row waits that met a server that is down.
const DOWN_WAIT_MS: i64 = 5 * 60_000;
/// Pushes under way at once: services are many and each may be slow.
const PUSHES_AT_ONCE: usize = 8;
/// Refusals in a row after which an endpoint is given up.
const REFUSALS: i64 = 3;

/// Sends what is due. Quick to return when nothing is.
///
/// # Errors
/// A fault when the database fails or an address does not open; what was sent before stays noted.
pub async fn deliver_due(on: &Delivery<'_>) -> Result<Delivered> {
    let mut all = Delivered::default();
    let mut tx = on.db.begin().await?;
    all.expired = store::expire(&mut tx, on.clock.now()).await?;
    let settings = store::settings(&mut *tx).await?;
    on.db.commit(tx).await?;
    let (mails, pushes) = tokio::join!(send_mails(on, &settings), send_pushes(on, &settings));
    for part in [mails, pushes] {
        all += part?;
    }
    Ok(all)
}

/// One after the other: a server that is down is asked once a call.
async fn send_mails(on: &Delivery<'_>, settings: &Settings) -> Result<Delivered> {
    let mut all = Delivered::default();
    if on.mail.is_none() {
        return Ok(all);
    }
    let due = list_due(on, Channel::Email).await?;
    for pair in due {
        let (told, is_down) = send_one(on, settings, &pair).await?;
        all += told;
        if is_down {
            break;
        }
    }
    Ok(all)
}

async fn send_pushes(on: &Delivery<'_>, settings: &Settings) -> Result<Delivered> {
    let mut all = Delivered::default();
    if on.push.is_none() {
        return Ok(all);
    }
    let due = list_due(on, Channel::Push).await?;
    let mut under_way = futures_util::stream::iter(due)
        .map(async |pair| send_one(on, settings, &pair).await)
        .buffer_unordered(PUSHES_AT_ONCE);
    let mut trouble = None;
    while let Some(told) = under_way.next().await {
        match told {
            Ok((told, _)) => all += told,
            Err(error) => trouble = Some(error),
        }
    }
    trouble.map_or(Ok(all), Err)
}

async fn list_due(on: &Delivery<'_>, channel: Channel) -> Result<Vec<Pair>> {
    store::list_due(on.db, on.clock.now(), channel.name(), on.limit).await
}

/// What to do with a claimed sending before anything leaves.
enum Judged {
    Send,
    Drop(&'static str),
    Wait(Moment),
}

fn judge(sending: &Claimed, channel: Channel, settings: &Settings, now: Moment) -> Judged {
    let by_default = match channel {
        Channel::Email => settings.email_wanted,
        Channel::Push => settings.push_wanted,
    };
    if sending.expires_at <= now.0 {
        return Judged::Drop("expired");
    }
    if sending.state != "live" {
        return Judged::Drop("gone");
    }
    // Read by whom? Whoever took an account over reads what it is told.
    if sending.is_security == 1 && matches!(channel, Channel::Email) {
        return Judged::Send;
    }
    if sending.read_at != 0 {
        return Judged::Drop("read");
    }
    if sending.wanted == 0 || (sending.wanted < 0 && !by_default) {
        return Judged::Drop("unwanted");
    }
    let hours = Hours::read(&sending.quiet_from, &sending.quiet_to).unwrap_or(settings.quiet);
    let passes = sending.importance == "urgent" && sending.urgent_passes == 1;
    match hours.end(now) {
        Some(end) if !passes => Judged::Wait(end),
        _ => Judged::Send,
    }
}

async fn attempt(on: &Delivery<'_>, pair: &Pair, sending: &Claimed) -> Result<Outcome> {
    let message = Message {
        words: on.words,
        language: Language::read(&sending.language),
        path: format!("/notices/{}", pair.notice_id),
        base_url: on.base_url,
        notice_id: &pair.notice_id,
        now: on.clock.now(),
        expires_at: Moment(sending.expires_at),
        is_urgent: sending.importance == "urgent",
    };
    let address = on.seals.open(ADDRESS, &sending.address_sealed)?;
    match (Channel::read(&sending.channel), on.mail, on.push) {
        (Some(Channel::Email), Some(mail), _) => mail.send(&message, &address).await,
        (Some(Channel::Push), _, Some(push)) => {
            let keys = on.seals.open(KEYS, &sending.keys_sealed)?;
            push.send(&message, &address, &keys).await
        }
        _ => Err(Error::fault(
            "a sending has a channel that was not asked for",
        )),
    }
}

fn wait_ms(attempts: i64, dice: &Dice) -> i64 {
    let doubled = u32::try_from((attempts - 1).clamp(0, 16)).unwrap_or(0);
    let wait = (FIRST_WAIT_MS << doubled).min(LONGEST_WAIT_MS);
    // Up to a fifth more, so that what failed together does not come back together.
    wait + i64::try_from(dice.below(wait.unsigned_abs() / 5)).unwrap_or(0)
}

/// Claims, judges, sends and notes one; also whether the server is down.
async fn send_one(
    on: &Delivery<'_>,
    settings: &Settings,
    pair: &Pair,
) -> Result<(Delivered, bool)> {
    let mut told = Delivered::default();
    let now = on.clock.now();
    let lease = on.dice.uuid(now);
    let mut tx = on.db.begin().await?;
    let claimed = store::claim(&mut tx, pair, &lease, now, now.plus_ms(LEASE_MS)).await?;
    let Some(sending) = claimed else {
        return Ok((told, false)); // another was quicker; nothing was written
    };
    let channel = Channel::read(&sending.channel)
        .ok_or_else(|| Error::fault("a sending has no known channel"))?;
    let judged = judge(&sending, channel, settings, now);
    match &judged {
        Judged::Send => {}
        Judged::Drop(reason) => {
            store::end(&mut tx, pair, &lease, Sending::Dropped, reason, now).await?;
            told.dropped = 1;
        }
        Judged::Wait(until) => {
            store::put_back(&mut tx, pair, &lease, *until, "quiet", false).await?;
            told.quiet = 1;
        }
    }
    on.db.commit(tx).await?;
    if !matches!(judged, Judged::Send) {
        return Ok((told, false));
    }
    // Nothing is held while the network is waited for.
    let outcome = match attempt(on, pair, &sending).await {
        Ok(outcome) => outcome,
        Err(error) => {
            // A wrong key file, say: every row would fail alike. Put back, then tell the operator.
            let next = on.clock.now().plus_ms(DOWN_WAIT_MS);
            let mut tx = on.db.begin().await?;
            store::put_back(&mut tx, pair, &lease, next, "fault", false).await?;
            on.db.commit(tx).await?;
            return Err(error);
        }
    };
    let is_down = matches!(outcome, Outcome::Down(_));
    note(on, pair, &lease, &sending, outcome, &mut told).await?;
    Ok((told, is_down))
}

/// Writes down how an attempt ended.
async fn note(
    on: &Delivery<'_>,
    pair: &Pair,
    lease: &str,
    sending: &Claimed,
    outcome: Outcome,
    told: &mut Delivered,
) -> Result<()> {
    let now = on.clock.now();
    let mut tx = on.db.begin().await?;
    match outcome {
        Outcome::Taken => {
            store::end(&mut tx, pair, lease, Sending::Sent, "", now).await?;
            store::taken(&mut tx, &pair.endpoint_id, now).await?;
            told.sent = 1;
        }
        Outcome::Gone => {
            store::end(&mut tx, pair, lease, Sending::Dropped, "gone", now).await?;
            let sealed = &sending.address_sealed;
            let also =
                store::drop_endpoint(&mut tx, &pair.endpoint_id, sealed, "gone", now).await?;
            told.dropped = 1 + also;
        }
        Outcome::Refused(reason) => {
            tracing::warn!(
                channel = sending.channel,
                reason,
                "an outside message was refused"
            );
            store::end(&mut tx, pair, lease, Sending::Failed, &reason, now).await?;
            told.failed = 1;
            if store::refused(&mut tx, &pair.endpoint_id).await? >= REFUSALS {
                let sealed = &sending.address_sealed;
                told.dropped =
                    store::drop_endpoint(&mut tx, &pair.endpoint_id, sealed, "refused", now)
                        .await?;
            }
        }
        Outcome::Later { after_ms, reason } => {
            let wait = wait_ms(sending.attempts, on.dice).max(after_ms.unwrap_or(0));
            store::put_back(&mut tx, pair, lease, now.plus_ms(wait), &reason, true).await?;
            told.again = 1;
        }
        Outcome::Down(reason) => {
            tracing::warn!(channel = sending.channel, reason, "outside messages wait");
            let next = now.plus_ms(DOWN_WAIT_MS);
            store::put_back(&mut tx, pair, lease, next, &reason, false).await?;
            told.again = 1;
        }
    }
    on.db.commit(tx).await
}

/// Sendings of each channel, state and reason, for the operator.
///
/// # Errors
/// A fault when the database fails.
pub async fn count_out(db: &Db) -> Result<Vec<(Channel, Sending, String, i64)>> {
    store::count_out(db).await
}

/// What waits on one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub count: i64,
    /// When the next of them is due.
    pub next_at: Option<Moment>,
    /// When the first of them will be dropped as too old.
    pub first_expires_at: Option<Moment>,
}

/// What waits on one channel: without a mail server, this is what the operator must see.
///
/// # Errors
/// A fault when the database fails.
pub async fn count_waiting(db: &Db, channel: Channel) -> Result<Waiting> {
    store::count_waiting(db, channel).await
}
