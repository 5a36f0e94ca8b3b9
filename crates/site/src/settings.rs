//! Settings that change while running: the organisation's names and how members are addressed.

use crate::{Act, Proof, Site};
use db::{Db, sql};
use kernel::error::Result;
use std::sync::{Arc, PoisonError};
use web::frame::Org;

const GET: &str = "select name, value from admin_setting";
const FIND: &str = "select value from admin_setting where name = $1";
const SET: &str = "insert into admin_setting (name, value, changed_at, changed_by) values ($1, $2, $3, $4) \
    on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at, \
    changed_by = excluded.changed_by";

/// Every statement of this module.
pub const STATEMENTS: &[&str] = &[GET, FIND, SET];

/// Reads the organisation's names; what was never set stays as by default.
pub async fn org(db: &Db) -> Result<Org> {
    let rows: Vec<(String, String)> = sql(GET).all(db.read()).await?;
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
    let row: Option<(String,)> = sql(FIND).bind(name).maybe(db.read()).await?;
    Ok(row.map(|(value,)| value))
}

/// Keeps one setting.
pub async fn set<P: Proof>(act: &mut Act<P>, name: &str, value: &str) -> Result<()> {
    let (now, by) = (act.now(), act.by().to_owned());
    sql(SET)
        .bind(name)
        .bind(value)
        .bind(now)
        .bind(by)
        .run(act.on())
        .await?;
    Ok(())
}

/// Reads the names again and shows them from the next page on.
pub async fn refresh(site: &Site) -> Result<()> {
    let org = Arc::new(org(&site.db).await?);
    *site
        .edge
        .org
        .write()
        .unwrap_or_else(PoisonError::into_inner) = org;
    Ok(())
}
