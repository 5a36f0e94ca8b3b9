//! Two accounts of one person: one goes on, the other ends, when their records are merged.
//!
//! A closed account stays beside the record that was merged, so that taking apart opens it again. Not here: choosing
//! (`people`), posts and rights, which end with the record.
//! The rule that surprises: an account that goes on for a record with rights is looked at like one that was given a
//! post: who printed its slip must have been over those rights (`account::guard_post`).

use crate::access::Keeps;
use crate::account;
use crate::store;
use kernel::MemberId;
use kernel::error::{Error, Result};
use people::identity;
use site::four_eyes::Approved;
use site::room::{Merging, Moves, OnlyOne, Pair};
use site::{Act, Site};
use web::Frame;

/// A second person agreed to a merging: accounts are closed and handed on by that.
impl Keeps for Approved {}

/// The kind of the notice about an account that was closed.
pub(crate) const NOTICE: &str = "account.merge";
/// Days for which it is carried out of the house.
const TOLD_DAYS: i64 = 7;

pub(crate) const MERGING: Merging = Merging {
    name: "account",
    both: None,
    one: Some(OnlyOne {
        text: "account-merge-which",
        ends: "account-merge-ends",
        has: |site, frame, member| Box::pin(async move { has(&site, &frame, &member).await }),
        version: |on, member| Box::pin(async move { store::version_of(on, member).await }),
    }),
    moves: Some(Moves {
        join: |act, pair| Box::pin(join(act, pair)),
        separate: |act, pair, did| Box::pin(separate(act, pair, did)),
    }),
};

async fn has(site: &Site, frame: &Frame, member: &MemberId) -> Result<Option<String>> {
    let Some((login, is_used)) = store::find_login_of(&site.db, member).await? else {
        return Ok(None);
    };
    let key = match is_used {
        0 => "account-merge-has-new",
        _ => "account-merge-has",
    };
    Ok(Some(frame.t1(key, "login", login.as_str())))
}

/// What was done, for the way back: ids of accounts.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Did {
    /// The account that was closed, and whose it was before.
    closed: Option<(String, MemberId)>,
    /// The account that went over to the record that stays.
    moved: Option<String>,
}

async fn join(act: &mut Act<Approved>, pair: &Pair) -> Result<serde_json::Value> {
    let kept = store::find_active_of(act, &pair.kept).await?;
    let old = store::find_active_of(act, &pair.old).await?;
    let mut did = Did::default();
    let (ends, goes) = match (&kept, &old) {
        (Some(kept), Some(old)) if pair.stays.as_ref() == Some(&pair.old) => {
            (Some((kept, &pair.kept)), Some(old))
        }
        (Some(_), Some(old)) => (Some((old, &pair.old)), None),
        (None, Some(old)) => (None, Some(old)),
        (_, None) => (None, None),
    };
    if let Some((account, whose)) = ends {
        account::end_whole(act, &account.id).await?;
        store::close(act, &account.id).await?;
        act.log("account.merge").about(whose).object("account", &account.id);
        did.closed = Some((account.id.to_string(), whose.clone()));
    }
    if let Some(account) = goes {
        // Whoever sits before a device signs in anew: from here on it is another record.
        account::end_whole(act, &account.id).await?;
        store::hand_over(act, &account.id, &pair.kept).await?;
        if let Some((closed, _)) = ends {
            store::hand_over(act, &closed.id, &pair.old).await?;
        }
        did.moved = Some(account.id.to_string());
        let site = act.site().clone();
        if identity::holds_rights(&site, &pair.kept).await? {
            act.tell(people::giving::GIVEN, &pair.kept);
        }
    }
    let stays = goes.or(kept.as_ref());
    if let (Some(stays), Some(_)) = (stays, ends) {
        let login = stays.login.clone();
        let until = act.now().plus_ms(TOLD_DAYS * 86_400_000);
        let once = format!("{NOTICE}/{}/{}", pair.old, act.operation());
        let told = notices::New::of(NOTICE, once, "account-merge-told", "/me/sessions", until);
        // To both: what carries it out of the house may hang on either record.
        let whom = [pair.kept.clone(), pair.old.clone()];
        act.notify(told.arg("login", login).urgent().to(whom));
    }
    serde_json::to_value(&did).map_err(Error::fault)
}

async fn separate(act: &mut Act<Approved>, pair: &Pair, did: &serde_json::Value) -> Result<()> {
    let did: Did = serde_json::from_value(did.clone()).map_err(Error::fault)?;
    // Away from the record first, so that each has one at most at any moment.
    if let Some(moved) = &did.moved {
        let moved = moved.parse().map_err(Error::fault)?;
        account::end_whole(act, &moved).await?;
        store::hand_over(act, &moved, &pair.old).await?;
    }
    if let Some((closed, whose)) = &did.closed {
        let closed = closed.parse().map_err(Error::fault)?;
        store::hand_over(act, &closed, whose).await?;
        if store::find_active_of(act, whose).await?.is_none() {
            store::reopen(act, &closed).await?;
            act.log("account.separate").about(whose).object("account", &closed);
        }
    }
    Ok(())
}
