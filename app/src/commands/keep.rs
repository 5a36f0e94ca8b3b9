//! `migrate`, `reindex`, `backup`, `restore`: keeping the handbook.

use super::Done;
use crate::backup::{self, Recipients};
use crate::config::Config;
use crate::house::{self, Make};
use crate::progress::{Bar, Stop};
use crate::tongue::tell;
use clap::Args;
use kernel::error::Result;
use kernel::{Said, said};
use std::path::PathBuf;

/// Options of `sotay backup`.
#[derive(Args)]
pub(super) struct Backup {
    /// The archive to write, or a folder for it (default: sotay-backup-DATE.tar.zst here).
    #[arg(value_name = "FILE")]
    to: Option<PathBuf>,
    /// Encrypt it to this public key (age1…) instead of those of the settings; may be given again.
    #[arg(long = "for", value_name = "KEY")]
    recipients: Vec<String>,
    /// Make it although stored files are missing or damaged; they are named in it.
    #[arg(long)]
    incomplete: bool,
}

/// Options of `sotay restore`.
#[derive(Args)]
pub(super) struct Restore {
    /// The archive.
    #[arg(value_name = "FILE")]
    from: PathBuf,
    /// File with the secret key of an encrypted archive.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

pub(super) async fn migrate(config: &Config) -> Result<Done> {
    let house = house::open(config, Make::Upgrade).await?;
    if house.migrated.applied.is_empty() {
        tell(said!("The database is up to date."));
    } else {
        let applied = house.migrated.applied.join(", ");
        tell(said!("The database was brought up to date: {}", applied));
    }
    super::start::tell_kept(&house.migrated);
    house.site.db.close().await;
    Ok(Done::Good)
}

pub(super) async fn reindex(config: &Config) -> Result<Done> {
    let house = house::open(config, Make::No).await?;
    let mut bar = Bar::new(Stop::listen());
    let done = site::feed::rebuild(&house.site, &house.feeds, |done| {
        bar.tick(done, said!("in the index"));
    })
    .await?;
    bar.finish();
    tell(said!(
        "{} things are in the index, {} entries.",
        done,
        house.site.index.entries()
    ));
    house.site.db.close().await;
    Ok(Done::Good)
}

pub(super) async fn backup(config: &Config, options: Backup) -> Result<Done> {
    let recipients = if options.recipients.is_empty() {
        config.recipients.clone()
    } else {
        Recipients::read(&options.recipients.join(" "))?
    };
    let is_sealed = !recipients.is_empty();
    let house = house::open(config, Make::No).await?;
    let name = backup::name(house.site.clock.now(), is_sealed);
    let to = match options.to {
        Some(folder) if folder.is_dir() => folder.join(name),
        Some(file) => file,
        None => PathBuf::from(name),
    };
    let wish = backup::Wish {
        to: to.clone(),
        settings: config.file.clone(),
        recipients,
        incomplete: options.incomplete,
    };
    let told = backup::write(&house.site, &config.dir, wish, &Stop::listen()).await?;
    tell(said!(
        "{}: {} rows, {} files, {} bytes, read again and found whole.",
        to.display(),
        told.rows,
        told.files,
        told.bytes
    ));
    if is_sealed {
        tell(said!(
            "It is encrypted: only the secret key of its recipients opens it."
        ));
    } else {
        tell(said!(
            "The archive holds the key of sealed values: keep it where only you can read it, or encrypt it (--for)."
        ));
    }
    house.site.db.close().await;
    Ok(name_lost(&told.left_out))
}

pub(super) async fn restore(config: &Config, options: &Restore) -> Result<Done> {
    let told = backup::restore(config, &options.from, options.identity.as_deref()).await?;
    tell(said!(
        "Restored {} rows and {} files. Everybody signs in anew; printed slips and tokens have ended. Building the search index…",
        told.rows,
        told.files
    ));
    reindex(config).await?;
    let is_whole = name_lost(&told.left_out);
    let missing = said!("Named by rows and not in the archive");
    match name_each(missing, &told.missing) {
        Done::Good => Ok(is_whole),
        lacking => Ok(lacking),
    }
}

/// Names what an archive lacks, or holds damaged.
pub(super) fn name_lost(left_out: &[String]) -> Done {
    let lost: Vec<Said> = left_out.iter().map(|told| backup::lost(told)).collect();
    name_each(said!("Not in it, or damaged when it was made"), &lost)
}

/// Names each of a kind that is not as it should be.
pub(super) fn name_each(what: Said, each: &[Said]) -> Done {
    if each.is_empty() {
        return Done::Good;
    }
    tell(said!("{}: {}", what, each.len()));
    for one in each {
        tell(said!("  {}", one));
    }
    Done::Refused
}
