//! What of the chain hangs on the installation's key: the seals of its heads and of its tip (`rekey`).
//!
//! A seal that no key opens stops a change of the key, as every other value does: it was not this program that
//! wrote it. Not here: making seals (`bind`), the keyed hashes of lines, which count only until they are bound.

use super::{HEADS_TABLE, Head, SEALED, TIP_SPOT, Tip};
use crate::Act;
use crate::Operator;
use crate::room::{Again, Bound, KeyFate, OfKey, Sealed, SealedRow};
use crate::store::{HEAD_AGAIN, HEADS, TIP, TIP_AGAIN};
use db::sql;
use kernel::error::Result;

/// All of it.
pub(crate) const OF_KEY: [OfKey; 3] = [HEADS_OF_KEY, TIP_OF_KEY, LINES_OF_KEY];

/// The seals of the heads.
const HEADS_OF_KEY: OfKey = OfKey {
    table: "audit_head",
    columns: &["sealed"],
    fate: KeyFate::Own {
        list: |site, after, limit| {
            Box::pin(async move {
                let after: i64 = after.parse().unwrap_or(0);
                let heads: Vec<Head> = sql(HEADS)
                    .bind(after)
                    .bind(limit)
                    .all(site.db.read())
                    .await?;
                Ok(heads.into_iter().map(row_of_head).collect())
            })
        },
        set: |act, again| Box::pin(set_head(act, again)),
    },
};

/// The seal of the tip.
const TIP_OF_KEY: OfKey = OfKey {
    table: "audit_tip",
    columns: &["sealed"],
    fate: KeyFate::Own {
        list: |site, after, _limit| {
            Box::pin(async move {
                let tip: Option<Tip> = sql(TIP).maybe(site.db.read()).await?;
                let tip = tip.filter(|tip| after.is_empty() && !tip.sealed.is_empty());
                let row =
                    |tip: Tip| sealed_row(TIP_SPOT.table, TIP_SPOT.row.to_owned(), tip.sealed);
                Ok(tip.map(row).into_iter().collect())
            })
        },
        set: |act, again| Box::pin(set_tip(act, again)),
    },
};

/// What shows that a line is the program's: before a change of the key all that waits is bound, and the line of the
/// change itself is written under the new key, so nothing is ever compared with the old one.
const LINES_OF_KEY: OfKey = OfKey {
    table: "audit_event",
    columns: &["written_mac"],
    fate: KeyFate::Nothing,
};

fn row_of_head(head: Head) -> SealedRow {
    sealed_row(HEADS_TABLE, head.last_seq.to_string(), head.sealed)
}

fn sealed_row(table: &'static str, id: String, text: String) -> SealedRow {
    SealedRow {
        parts: vec![Sealed {
            bound: Bound::Row {
                table,
                column: SEALED,
                row: id.clone(),
            },
            text,
        }],
        id,
    }
}

async fn set_head(act: &mut Act<Operator>, again: &Again<'_>) -> Result<()> {
    let (Some(sealed), Ok(seq)) = (again.sealed(0)?, again.row.id.parse::<i64>()) else {
        return Ok(());
    };
    sql(HEAD_AGAIN).bind(seq).bind(sealed).run(act.on()).await?;
    Ok(())
}

async fn set_tip(act: &mut Act<Operator>, again: &Again<'_>) -> Result<()> {
    if let Some(sealed) = again.sealed(0)? {
        sql(TIP_AGAIN).bind(sealed).run(act.on()).await?;
    }
    Ok(())
}
