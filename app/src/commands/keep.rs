//! `migrate`, `reindex`, `backup`, `restore`: keeping the handbook.

use super::Done;
use crate::backup;
use crate::config::Config;
use crate::house::{self, Make};
use crate::progress::{Bar, Stop};
use kernel::error::Result;
use std::path::{Path, PathBuf};

pub(super) async fn migrate(config: &Config) -> Result<Done> {
    let house = house::open(config, Make::Upgrade).await?;
    if house.migrated.applied.is_empty() {
        eprintln!("The database is up to date.");
    } else {
        eprintln!("Applied: {}", house.migrated.applied.join(", "));
    }
    if let Some(kept) = &house.migrated.kept {
        eprintln!("A copy from before is kept at {}", kept.display());
    }
    house.site.db.close().await;
    Ok(Done::Good)
}

pub(super) async fn reindex(config: &Config) -> Result<Done> {
    let house = house::open(config, Make::No).await?;
    let mut bar = Bar::new(Stop::listen());
    let done = site::feed::rebuild(&house.site, &house.feeds, |done| {
        bar.tick(done, "in the index")
    })
    .await?;
    bar.finish();
    eprintln!(
        "{done} things are in the index, {} entries.",
        house.site.index.entries()
    );
    house.site.db.close().await;
    Ok(Done::Good)
}

pub(super) async fn backup(config: &Config, to: Option<PathBuf>) -> Result<Done> {
    let house = house::open(config, Make::No).await?;
    let to = to.unwrap_or_else(|| {
        PathBuf::from(format!(
            "sotay-backup-{}.tar.zst",
            house.site.clock.now().rfc3339().replace(':', "-")
        ))
    });
    let told = backup::write(&house.site, &config.dir, &to, &Stop::listen()).await?;
    eprintln!(
        "{}: {} rows, {} files, {} bytes.",
        to.display(),
        told.rows,
        told.files,
        told.bytes
    );
    eprintln!("The archive holds the key of sealed values: keep it where only you can read it.");
    house.site.db.close().await;
    Ok(Done::Good)
}

pub(super) async fn restore(config: &Config, from: &Path) -> Result<Done> {
    let told = backup::restore(config, from).await?;
    eprintln!(
        "Restored {} rows and {} files. Everybody signs in anew; printed slips and tokens have ended. Building the search index…",
        told.rows, told.files
    );
    reindex(config).await
}
