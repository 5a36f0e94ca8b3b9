//! What is sealed here, for whoever changes the key: addresses and keys of devices, the key of Web Push.
//!
//! Not here: sealing ([`crate::Seals`]), the order in which a change goes (`site::rekey`).

use crate::store;
use db::{Db, Tx};
use kernel::error::Result;

pub use crate::endpoint::{ADDRESS, KEYS};
pub use crate::push::VAPID_COLUMN;

/// Endpoints behind that id that have an address: id, address and keys as they are sealed.
///
/// # Errors
/// Database faults.
pub async fn list(db: &Db, after: &str, limit: i64) -> Result<Vec<(String, String, String)>> {
    store::list_sealed(db, after, limit).await
}

/// Keeps an endpoint's values again; none leaves one as it is.
///
/// # Errors
/// Database faults.
pub async fn set(
    tx: &mut Tx,
    id: &str,
    address: Option<String>,
    mac: Option<String>,
    keys: Option<String>,
) -> Result<()> {
    store::seal_again(tx, id, address, mac, keys).await
}

/// The key of Web Push as it is sealed, once there is one.
///
/// # Errors
/// Database faults.
pub async fn find_vapid(db: &Db) -> Result<Option<String>> {
    store::find_setting(db.read(), crate::push::VAPID).await
}

/// Keeps it again.
///
/// # Errors
/// Database faults.
pub async fn set_vapid(tx: &mut Tx, sealed: &str) -> Result<()> {
    store::set_again(tx, crate::push::VAPID, sealed).await
}
