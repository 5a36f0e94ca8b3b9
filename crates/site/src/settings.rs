//! Settings that change while running: the organisation's names and how members are addressed.

use crate::store::{ALL_SETTINGS, FIND_SETTING, SET_SETTING};
use crate::{Act, Proof, Site};
use db::{Db, sql};
use kernel::error::Result;
use std::sync::{Arc, PoisonError};
use web::frame::Org;

/// The outside address, where the settings file has none.
pub const PUBLIC_URL: &str = "portal.public_url";

/// Reads the organisation's names; what was never set stays as by default.
pub async fn org(db: &Db) -> Result<Org> {
    let rows: Vec<(String, String)> = sql(ALL_SETTINGS).all(db.read()).await?;
    let mut org = Org::default();
    for (name, value) in rows {
        match name.as_str() {
            "org.name" => org.name = value,
            "org.short_name" => org.short_name = value,
            "org.address" => org.address = value,
            _ => {}
        }
    }
    Ok(org)
}

/// One setting, when it was ever set.
pub async fn find(db: &Db, name: &str) -> Result<Option<String>> {
    let row: Option<(String,)> = sql(FIND_SETTING).bind(name).maybe(db.read()).await?;
    Ok(row.map(|(value,)| value))
}

/// Keeps one setting. It is of no unit, so the act must have been opened for everything.
///
/// # Errors
/// A fault whose cause is [`crate::Beyond`] when it was not; database faults.
pub async fn set<P: Proof>(act: &mut Act<P>, name: &str, value: &str) -> Result<()> {
    act.over_all()?;
    let (now, by) = (act.now(), act.by().to_owned());
    sql(SET_SETTING)
        .bind(name)
        .bind(value)
        .bind(now)
        .bind(by)
        .run(act.on())
        .await?;
    Ok(())
}

/// Reads the names and the outside address again and shows them from the next page on.
pub async fn refresh(site: &Site) -> Result<()> {
    let address = find(&site.db, PUBLIC_URL).await?;
    site.edge.public_url.set(&address.unwrap_or_default());
    let org = Arc::new(org(&site.db).await?);
    *site
        .edge
        .org
        .write()
        .unwrap_or_else(PoisonError::into_inner) = org;
    Ok(())
}
