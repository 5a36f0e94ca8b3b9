//! What of signing in hangs on the key, and what becomes of it when that is changed.
//!
//! A printed slip is a hash of a code that stands on paper alone: the key of before finds it until it ends. The
//! same holds for the browser that left a form. Sessions and tokens hang on no key.
//! The rule that surprises: whoever has the old key and a copy of the database can search for codes of slips, so
//! a change because the key was lost to somebody ends them.

use crate::{account, store};
use kernel::error::{Error, Result};
use kernel::{MemberId, Moment};
use site::room::{Again, Bound, KeyFate, OfKey, Sealed, SealedRow, Waiting};
use site::{Act, Operator, Site};

pub(crate) fn of_key() -> Vec<OfKey> {
    vec![
        OfKey {
            table: "account_slip",
            columns: &["code_hash"],
            fate: KeyFate::Waits {
                waits: |site| Box::pin(async move { slips(&site).await }),
                end: |act| Box::pin(store::end_slips(act)),
            },
        },
        // Its id is made of the press of a button, and is compared while that press is sent twice.
        OfKey {
            table: "account_slip",
            columns: &["id"],
            fate: KeyFate::Nothing,
        },
        OfKey {
            table: "account_left",
            columns: &["sealed"],
            fate: KeyFate::Sealed {
                list: |site, after, limit| {
                    Box::pin(async move { list_left(&site, &after, limit).await })
                },
                set: |act, again| Box::pin(set_left(act, again)),
            },
        },
        OfKey {
            table: "account_left",
            columns: &["browser", "page", "action"],
            fate: KeyFate::Waits {
                waits: |site| Box::pin(async move { left(&site).await }),
                end: |act| Box::pin(store::forget_all_left(act)),
            },
        },
        OfKey {
            table: "account_account",
            columns: &["phone_mac"],
            fate: KeyFate::Sealed {
                list: |site, after, limit| {
                    Box::pin(async move { list_phoned(&site, &after, limit).await })
                },
                set: |act, again| Box::pin(set_phoned(act, again)),
            },
        },
        OfKey {
            table: "account_failure",
            columns: &["key_mac"],
            fate: KeyFate::Begins(|act| Box::pin(store::forget_failures(act))),
        },
    ]
}

async fn slips(site: &Site) -> Result<Waiting> {
    let (count, until) = store::open_slips(&site.db, site.clock.now()).await?;
    Ok(Waiting {
        count,
        until: Moment(until),
    })
}

async fn left(site: &Site) -> Result<Waiting> {
    let (count, until) = store::left_waits(&site.db, site.clock.now()).await?;
    Ok(Waiting {
        count,
        until: Moment(until),
    })
}

async fn list_left(site: &Site, after: &str, limit: i64) -> Result<Vec<SealedRow>> {
    let rows = store::list_left_sealed(&site.db, after, limit).await?;
    let rows = rows.into_iter().map(|(id, text)| {
        let account = id.split(' ').next().unwrap_or_default().parse();
        let column = crate::doorman::left_column(&account.map_err(Error::fault)?);
        Ok(SealedRow {
            id,
            parts: vec![Sealed {
                bound: Bound::Column(column),
                text,
            }],
        })
    });
    rows.collect()
}

async fn set_left(act: &mut Act<Operator>, again: &Again<'_>) -> Result<()> {
    let Some(sealed) = again.sealed(0)? else {
        return Ok(());
    };
    let mut keys = again.row.id.splitn(4, ' ');
    let keys = [(); 4].map(|()| keys.next().unwrap_or_default());
    store::seal_left_again(act, keys, &sealed).await
}

/// The number itself stands in the member's record: here there is nothing to open.
async fn list_phoned(site: &Site, after: &str, limit: i64) -> Result<Vec<SealedRow>> {
    let rows = store::list_phoned(&site.db, after, limit).await?;
    let rows = rows.into_iter().map(|(id, ..)| SealedRow {
        id,
        parts: Vec::new(),
    });
    Ok(rows.collect())
}

/// Finds the account by the telephone of the record. One that was changed there since the last sign-in is taken
/// over, as a sign-in would do it, and stands in the account's history.
async fn set_phoned(act: &mut Act<Operator>, again: &Again<'_>) -> Result<()> {
    let id = &again.row.id;
    let (member, held) = store::get_phone_mac(act, id).await?;
    let member: MemberId = member.parse().map_err(Error::fault)?;
    let Some(phone) = account::phone_of(act, &member, again.to).await? else {
        return Ok(()); // it does not open: told by whoever walks the numbers
    };
    let is_same = (again.from.each().iter()).any(|keys| account::phone_mac(keys, &phone) == held);
    store::set_phone_mac(act, id, &account::phone_mac(again.to, &phone)).await?;
    if !is_same {
        act.log("account.contacts")
            .about(&member)
            .object("account", id);
    }
    Ok(())
}
