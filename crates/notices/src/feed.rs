//! Notices inside the handbook: added once, listed for their member alone, marked as read.
//!
//! Reading takes the [`Actor`], never an id from an address, so nobody lists for another.
//! The rule that surprises: a member and a once-key are told once, whoever announces again.

use crate::endpoint::{self, Seals};
use crate::store;
use db::{Db, Tx};
use kernel::error::{Doing, Error, Result};
use kernel::said;
use kernel::{Actor, Clock, Dice, MemberId, Moment};
use std::collections::{BTreeMap, BTreeSet};

db::ids! {
    /// A notice to one member.
    NoticeId;
}

/// How much it hurries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Importance {
    /// Can wait for the morning.
    Normal,
    /// Passes quiet hours of a member who allows that.
    Urgent,
}

impl Importance {
    /// The word in the database.
    pub fn name(self) -> &'static str {
        match self {
            Importance::Normal => "normal",
            Importance::Urgent => "urgent",
        }
    }
    pub(crate) fn read(text: &str) -> Option<Self> {
        [Importance::Normal, Importance::Urgent]
            .into_iter()
            .find(|one| one.name() == text)
    }
}

/// A notice to be added.
#[derive(Debug, Clone)]
pub struct New {
    pub(crate) to: Vec<MemberId>,
    pub(crate) kind: String,
    pub(crate) once_key: String,
    pub(crate) text_key: String,
    pub(crate) args: BTreeMap<String, String>,
    pub(crate) link: String,
    pub(crate) importance: Importance,
    pub(crate) expires_at: Moment,
    pub(crate) replaces: bool,
    pub(crate) is_security: bool,
    /// Keyed hash and seal of the address that security mail goes to.
    pub(crate) address: Option<(String, String)>,
}

impl New {
    /// A notice of this kind, such as `meetings.called`. `once_key` says what is told only once,
    /// such as `meetings.called/ID`; `text_key` is the translation key of the line in the feed;
    /// `link` is a path of ours. After `expires_at` it is no longer sent out; the feed keeps it.
    pub fn of(
        kind: impl Into<String>,
        once_key: impl Into<String>,
        text_key: impl Into<String>,
        link: impl Into<String>,
        expires_at: Moment,
    ) -> Self {
        Self {
            to: Vec::new(),
            kind: kind.into(),
            once_key: once_key.into(),
            text_key: text_key.into(),
            args: BTreeMap::new(),
            link: link.into(),
            importance: Importance::Normal,
            expires_at,
            replaces: false,
            is_security: false,
            address: None,
        }
    }
    /// Its place among those of one transaction, which all write theirs in this order.
    pub fn place(&self) -> (&str, &str) {
        (&self.link, &self.once_key)
    }
    /// Whom to tell. A member named twice is told once.
    pub fn to(mut self, members: impl IntoIterator<Item = MemberId>) -> Self {
        self.to.extend(members);
        self
    }
    /// A named argument of the line in the feed. It never leaves the house.
    pub fn arg(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
    /// What was said before with the same link no longer holds: it counts as read and is not sent out
    /// any more.
    pub fn replacing(mut self) -> Self {
        self.replaces = true;
        self
    }
    /// It is about how its one member signs in: mail goes out whatever they chose, read or unread, at any hour. To
    /// whom never asked for mail it goes to `address`, the record's as it was before what is told of; empty: none.
    ///
    /// # Errors
    /// A fault when the address cannot be sealed.
    pub fn security(mut self, seals: &dyn Seals, dice: &Dice, address: &str) -> Result<Self> {
        self.is_security = true;
        let address = address.trim();
        if endpoint::is_address(address) {
            let sealed = seals.seal(endpoint::ADDRESS, address, dice)?;
            self.address = Some((seals.mac(endpoint::ADDRESS, address), sealed));
        }
        Ok(self)
    }
    /// It hurries.
    pub fn urgent(mut self) -> Self {
        self.importance = Importance::Urgent;
        self
    }
}

/// Whether a link stays within the handbook.
fn is_ours(link: &str) -> bool {
    link.starts_with('/')
        && !link.starts_with("//")
        && !link.contains(['\\', '\n', '\r', '\t'])
        && link.len() <= 500
}

/// Writes the addresses that security mail goes to, before the first of these notices is added, in one order.
///
/// # Errors
/// A fault when the database fails.
pub async fn hold_addresses(tx: &mut Tx, clock: &Clock, dice: &Dice, all: &[New]) -> Result<()> {
    let mut held: Vec<(&MemberId, &(String, String))> = (all.iter())
        .filter_map(|new| Some((new.to.first()?, new.address.as_ref()?)))
        .collect();
    held.sort();
    for (member, (mac, address)) in held {
        let fresh = store::FreshEndpoint {
            id: &endpoint::EndpointId::fresh(clock, dice),
            member,
            mac,
            address,
            keys: "",
            language: endpoint::Language::Vi,
            now: clock.now(),
        };
        store::hold_address(tx, &fresh).await?;
    }
    Ok(())
}

/// Takes, in one order, what these notices replace, before the first of them is added: who tells several members
/// several things and who reads all of their own then wait for one another, and never crosswise.
///
/// # Errors
/// A fault when the database fails.
pub async fn hold_replaced(tx: &mut Tx, all: &[New]) -> Result<()> {
    let replacing = || all.iter().filter(|new| new.replaces);
    let members: BTreeSet<&MemberId> = replacing().flat_map(|new| &new.to).collect();
    let links: BTreeSet<&str> = replacing().map(|new| new.link.as_str()).collect();
    if members.is_empty() {
        return Ok(());
    }
    let (members, links): (Vec<_>, Vec<_>) =
        (members.into_iter().collect(), links.into_iter().collect());
    store::hold_of_links(tx, &members, &links).await
}

/// Tells each member in the caller's transaction and lays ready what goes out to them. Answers how
/// many had not been told before.
///
/// # Errors
/// A fault when the kind or a key is empty, the link leads out of the handbook, or the database fails.
pub async fn add(tx: &mut Tx, clock: &Clock, dice: &Dice, new: New) -> Result<u64> {
    if new.kind.is_empty() || new.once_key.is_empty() || new.text_key.is_empty() {
        return Err(Error::fault("a notice needs a kind, a once-key and a text"));
    }
    if !is_ours(&new.link) {
        return Err(Error::fault(said!(
            "the link of a notice of kind {} leads out of the handbook",
            new.kind
        )));
    }
    let args = serde_json::to_string(&new.args).map_err(Error::fault)?;
    hold_addresses(tx, clock, dice, std::slice::from_ref(&new)).await?;
    hold_replaced(tx, std::slice::from_ref(&new)).await?;
    let settings = store::settings(&mut **tx).await?;
    let mut told = 0;
    // In one order, so that two transactions that tell the same members wait and never lock up.
    let mut members = new.to.clone();
    members.sort();
    members.dedup();
    for member in &members {
        let id = NoticeId::fresh(clock, dice);
        if new.replaces {
            store::read_of_link(tx, member, &new.link, clock.now()).await?;
        }
        if store::add_notice(tx, &id, member, &new, &args, clock.now()).await? {
            store::add_out(tx, &id, member, &new, &settings, clock.now()).await?;
            told += 1;
        }
    }
    Ok(told)
}

/// A notice as its member sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id: `/notices/ID` is the address that goes out.
    pub id: NoticeId,
    /// What it is about.
    pub kind: String,
    /// Translation key of the line.
    pub text_key: String,
    /// Arguments of the line.
    pub args: BTreeMap<String, String>,
    /// Where it leads: a path of ours.
    pub link: String,
    /// How much it hurries.
    pub importance: Importance,
    /// When it was told.
    pub created_at: Moment,
    /// Until when it matters.
    pub expires_at: Moment,
    /// When it was read, if it was.
    pub read_at: Option<Moment>,
}

/// The member's own notices, newest first, at most `limit` after `after`.
///
/// # Errors
/// A fault when the database fails or a row cannot be read.
pub async fn list(
    db: &Db,
    who: &Actor,
    after: Option<&NoticeId>,
    limit: i64,
) -> Result<Vec<Notice>> {
    store::list(db, &who.member, after, limit)
        .await
        .doing("listing notices")
}

/// The member's own notices that are unread and have not expired, newest first, at most `limit`.
///
/// # Errors
/// A fault when the database fails or a row cannot be read.
pub async fn list_unread(db: &Db, clock: &Clock, who: &Actor, limit: i64) -> Result<Vec<Notice>> {
    store::list_unread(db, &who.member, clock.now(), limit)
        .await
        .doing("listing unread notices")
}

/// How many the member has not read.
///
/// # Errors
/// A fault when the database fails.
pub async fn count_unread(db: &Db, who: &Actor) -> Result<i64> {
    store::count_unread(db, &who.member).await
}

/// Marks one of the member's own notices as read and answers where it leads. Reading again keeps
/// the first time; what still waits to go out about it is not sent any more.
///
/// # Errors
/// Not found when it is absent or another's.
pub async fn read_one(tx: &mut Tx, clock: &Clock, who: &Actor, id: &NoticeId) -> Result<String> {
    store::read_one(tx, &who.member, id, clock.now()).await
}

/// Marks the member's notices up to `newest`, the newest one they saw, as read; answers how many.
///
/// # Errors
/// A fault when the database fails.
pub async fn read_all(tx: &mut Tx, clock: &Clock, who: &Actor, newest: &NoticeId) -> Result<u64> {
    store::read_all(tx, &who.member, newest, clock.now()).await
}

/// Deletes at most `limit` notices that expired before `before`, with the memory of their once-keys:
/// choose a moment so long ago that nobody announces them again. Answers how many.
///
/// # Errors
/// A fault when the database fails.
pub async fn trim(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64> {
    store::trim(tx, before, limit).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_links() {
        assert!(is_ours("/meetings/1?tab=roll"));
        for bad in [
            "",
            "meetings",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a\nb",
        ] {
            assert!(!is_ours(bad), "{bad:?}");
        }
    }
}
