//! What of the notices hangs on the key: addresses and keys of devices, the key of Web Push.
//!
//! Not here: their tables (`notices::sealed`). Devices go on without being asked: they hold the public half only.

use kernel::error::Result;
use notices::sealed::{ADDRESS, KEYS, VAPID_COLUMN};
use site::room::{Again, Bound, KeyFate, OfKey, Sealed, SealedRow};
use site::{Act, Operator, Site};

pub(crate) const ENDPOINTS: OfKey = OfKey {
    table: "notices_endpoint",
    columns: &["address_sealed", "address_mac", "keys_sealed"],
    fate: KeyFate::Sealed {
        list: |site, after, limit| Box::pin(async move { list(&site, &after, limit).await }),
        set: |act, again| Box::pin(set(act, again)),
    },
};

pub(crate) const PUSH: OfKey = OfKey {
    table: "notices_setting",
    columns: &[],
    fate: KeyFate::Sealed {
        list: |site, after, _| Box::pin(async move { list_push(&site, &after).await }),
        set: |act, again| Box::pin(set_push(act, again)),
    },
};

fn sealed(column: &str, text: String) -> Sealed {
    Sealed {
        bound: Bound::Column(column.to_owned()),
        text,
    }
}

async fn list(site: &Site, after: &str, limit: i64) -> Result<Vec<SealedRow>> {
    let rows = notices::sealed::list(&site.db, after, limit).await?;
    let rows = rows.into_iter().map(|(id, address, keys)| SealedRow {
        id,
        parts: vec![sealed(ADDRESS, address), sealed(KEYS, keys)],
    });
    Ok(rows.collect())
}

async fn set(act: &mut Act<Operator>, again: &Again<'_>) -> Result<()> {
    let (address, keys) = (again.sealed(0)?, again.sealed(1)?);
    let mac = again.mac(0, ADDRESS);
    notices::sealed::set(act.tx(), &again.row.id, address, mac, keys).await
}

/// The one row, before which nothing stands.
async fn list_push(site: &Site, after: &str) -> Result<Vec<SealedRow>> {
    if !after.is_empty() {
        return Ok(Vec::new());
    }
    let found = notices::sealed::find_vapid(&site.db).await?;
    let row = found.map(|text| SealedRow {
        id: VAPID_COLUMN.to_owned(),
        parts: vec![sealed(VAPID_COLUMN, text)],
    });
    Ok(row.into_iter().collect())
}

async fn set_push(act: &mut Act<Operator>, again: &Again<'_>) -> Result<()> {
    match again.sealed(0)? {
        Some(sealed) => notices::sealed::set_vapid(act.tx(), &sealed).await,
        None => Ok(()),
    }
}
