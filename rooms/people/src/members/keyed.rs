//! What of a member hangs on the key: numbers as they are sealed, and the hashes by which they are found.
//!
//! Not here: the change of the key (`site::rekey`), records that wait for a second person (`admitting`).

use crate::ledger::store as ledger;
use crate::members::store;
use crate::number::{CARD, CITIZEN, PHONE};
use kernel::error::{Error, Result};
use site::room::{Again, Bound, KeyFate, OfKey, Sealed, SealedRow};
use site::{Act, Operator, Site};

pub(crate) const NUMBERS: OfKey = OfKey {
    table: "people_member",
    columns: &[
        "card_sealed",
        "card_mac",
        "citizen_sealed",
        "citizen_mac",
        "phone_sealed",
    ],
    fate: KeyFate::Sealed {
        list: |site, after, limit| Box::pin(async move { list(&site, &after, limit).await }),
        set: |act, again| Box::pin(set(act, again)),
    },
};

async fn list(site: &Site, after: &str, limit: i64) -> Result<Vec<SealedRow>> {
    let rows = store::list_sealed(site, after, limit).await?;
    let rows = rows.into_iter().map(|(id, card, citizen, phone)| {
        let all = [(CARD, card), (CITIZEN, citizen), (PHONE, phone)];
        let parts = all.map(|(column, text)| Sealed {
            bound: Bound::Row {
                table: "people_member",
                column,
                row: id.clone(),
            },
            text,
        });
        SealedRow {
            id,
            parts: parts.to_vec(),
        }
    });
    Ok(rows.collect())
}

async fn set(act: &mut Act<Operator>, again: &Again<'_>) -> Result<()> {
    let id = again.row.id.parse().map_err(Error::fault)?;
    let card = (again.sealed(0)?, again.mac(0, CARD));
    let citizen = (again.sealed(1)?, again.mac(1, CITIZEN));
    store::seal_again(act, &id, card, citizen, again.sealed(2)?).await
}

/// The same numbers as the ledger states them: bound to their member as the record's own.
pub(crate) const STATED: OfKey = OfKey {
    table: "people_statement",
    columns: &["sealed_json"],
    fate: KeyFate::Sealed {
        list: |site, after, limit| Box::pin(async move { list_stated(&site, &after, limit).await }),
        set: |act, again| Box::pin(set_stated(act, again)),
    },
};

async fn list_stated(site: &Site, after: &str, limit: i64) -> Result<Vec<SealedRow>> {
    let rows = ledger::list_sealed(&site.db, after, limit).await?;
    let rows = rows.into_iter().map(|(id, member, mut fields)| {
        let parts = [CARD, CITIZEN, PHONE].map(|column| Sealed {
            bound: Bound::Row {
                table: "people_member",
                column,
                row: member.clone(),
            },
            text: fields.remove(column).unwrap_or_default(),
        });
        SealedRow {
            id,
            parts: parts.to_vec(),
        }
    });
    Ok(rows.collect())
}

async fn set_stated(act: &mut Act<Operator>, again: &Again<'_>) -> Result<()> {
    let anew = [
        (CARD, again.sealed(0)?),
        (CITIZEN, again.sealed(1)?),
        (PHONE, again.sealed(2)?),
    ];
    ledger::seal_again(act, &again.row.id, anew).await
}
