//! Opening the house: database, key, texts, index, files, worker, put together into a `Site`.
//!
//! Every command that needs the database comes through here. Not here: listening (`serve`).

use crate::config::Config;
use crate::{real, wiring};
use kernel::error::{Doing, Error, Result};
use site::{Feed, Keys, May as _, Site};
use std::path::Path;
use std::sync::{Arc, RwLock};
use web::Edge;

/// The opened house.
pub(crate) struct House {
    /// What handlers are handed.
    pub site: Site,
    /// The rooms' routes, not yet wrapped.
    pub rooms: Vec<site::Room>,
    /// What feeds the search index.
    pub feeds: Vec<Feed>,
    /// What was migrated on the way in.
    pub migrated: schema::Migrated,
}

/// What opening may do to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Make {
    /// Make a new, empty house, or bring the one that is there up to date.
    New,
    /// Bring it up to date; a missing database is an error.
    Upgrade,
    /// Nothing: a missing database or one that is not up to date is an error.
    No,
}

/// Opens everything.
pub(crate) async fn open(config: &Config, make: Make) -> Result<House> {
    open_with(config, make, real::clock()).await
}

/// Opens everything with a clock of the caller's: generated data is dated.
pub(crate) async fn open_with(config: &Config, make: Make, clock: kernel::Clock) -> Result<House> {
    let dice = real::dice()?;
    if make == Make::New {
        crate::owner::make_private(&config.dir)?;
    }
    let database = open_database(config, make == Make::New).await?;
    let migrated = if make == Make::No {
        schema::demand_current(&database).await?;
        schema::Migrated::default()
    } else {
        schema::migrate(&database, &clock).await?
    };
    let (keys, is_first) = keys(&database, make, &config.dir.join("secret.key"), &dice).await?;
    let rooms = wiring::rooms();
    let doorman = account::Doorman::new(database.clone(), clock.clone());
    let org = site::settings::org(&database).await?;
    let edge = Arc::new(Edge {
        texts: site::serving::texts(&rooms)?,
        doorman: doorman.clone(),
        clock: clock.clone(),
        dice: dice.clone(),
        secret: keys.derive("form tokens"),
        https: config.is_https(),
        public_url: config.public_url.trim_end_matches('/').to_owned(),
        behind_proxy: config.behind_proxy,
        places: site::Rooms::places(&rooms).into(),
        org: RwLock::new(Arc::new(org)),
    });
    let exe = std::env::current_exe()?;
    let limits = files::Limits {
        wall_s: config.import_s,
        memory_bytes: config.import_bytes,
        ..files::Limits::default()
    };
    let files = files::Store::open(config.files()).map_err(Error::fault)?;
    let inbox = files.inbox(config.upload_bytes).map_err(Error::fault)?;
    if make != Make::No {
        // An older program kept it beside the database.
        let old = config.dir.join("inbox");
        inbox
            .adopt(&old)
            .doing(format!("moving {} beside the files", old.display()))?;
    }
    let site = Site::new(site::Made {
        db: database,
        clock,
        dice,
        edge,
        files,
        mail: mail(config)?,
        inbox,
        index: search::Index::open(&config.dir.join("index"))
            .map_err(Error::fault)
            .doing("opening the search index")?,
        worker: files::Worker::child(exe, limits),
        keys,
        rooms: site::Rooms::of(&rooms),
    });
    end_what_was_restored(&site, &config.dir).await?;
    if is_first && make != Make::No {
        let mut act = site::Program::part("keys")
            .begin_unlogged(&site, "start", "key.fingerprint")
            .await?;
        site::settings::set(&mut act, FINGERPRINT, &site.keys.fingerprint()).await?;
        act.end().await?;
    }
    if !migrated.applied.is_empty() {
        load_rules(&site).await.doing("loading the rule set")?;
    }
    doorman.attach(site.clone());
    let feeds = rooms
        .iter()
        .flat_map(|room| room.feeds.iter().copied())
        .collect();
    Ok(House {
        site,
        rooms,
        feeds,
        migrated,
    })
}

/// Opens the database alone. SQLite calls a full disk an I/O error when it opens; here it is named.
pub(crate) async fn open_database(config: &Config, create: bool) -> Result<db::Db> {
    let opened = db::Db::open(&config.database(), create, config.readers).await;
    match crate::owner::free_bytes(&config.dir) {
        Some(0) => opened.doing(format!("the disk of {} is full", config.dir.display())),
        _ => opened,
    }
}

/// The way to the mail server, when the settings name one.
fn mail(config: &Config) -> Result<Option<Arc<notices::Mail>>> {
    let Some(smtp) = &config.mail else {
        return Ok(None);
    };
    // The name by which a mail server is greeted; our own address if there is one.
    let hello = (config.public_url.split("://").nth(1))
        .and_then(|rest| rest.split(['/', ':']).next())
        .filter(|host| !host.is_empty())
        .unwrap_or("localhost");
    let mail = notices::Mail::new(smtp, hello).doing("reading the section [mail]")?;
    Ok(Some(Arc::new(mail)))
}

/// Loads the rule set that this program brings: after a migration, since only then it may be newer.
pub(crate) async fn load_rules(site: &Site) -> Result<()> {
    let set = rules::seed::read(rules::seed::SHIPPED).map_err(Error::fault)?;
    let mut act = site::Program::part("rules")
        .begin(site, "migrate", "rules.load")
        .await?;
    let by = rules::By {
        who: "sotay",
        at: act.now(),
    };
    rules::seed::load(&site.rules, act.tx(), &set, by).await?;
    act.end().await?;
    Ok(())
}

impl House {
    /// Brings the search index up to date, unless a running server holds it and does so itself.
    pub(crate) async fn index(&self) -> Result<()> {
        match site::feed::catch_up(&self.site, &self.feeds).await {
            Ok(_) => Ok(()),
            // The server that holds the index follows the same feed.
            Err(error) if error.log_text().contains("writing") => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Lies in a data folder whose sessions, tokens and slips are those of an archive.
pub(crate) const RESTORED: &str = ".restored";

/// Ends every session, token and slip that an archive brought, also when `restore` was ended halfway: what
/// had been ended since the backup would otherwise live again.
async fn end_what_was_restored(site: &Site, dir: &std::path::Path) -> Result<()> {
    let mark = dir.join(RESTORED);
    if !mark.exists() {
        return Ok(());
    }
    account::end_everything(site, &site::Operator::at("restore")).await?;
    std::fs::remove_file(&mark)
        .map_err(Error::fault)
        .doing(format!("removing {}", mark.display()))
}

/// The setting by which a handbook knows its key again.
const FINGERPRINT: &str = "key.fingerprint";

/// The keys of this handbook, and whether it does not know them by a fingerprint yet. A key is made for
/// a new handbook alone: in any other, numbers that were sealed would never open again.
async fn keys(
    database: &db::Db,
    make: Make,
    path: &Path,
    dice: &kernel::Dice,
) -> Result<(Keys, bool)> {
    const WAY_OUT: &str = "Put back the one of your backup: every archive of `sotay backup` holds it \
        (tar --zstd -xf ARCHIVE secret.key; of an encrypted one: age --decrypt -i SECRETKEY ARCHIVE | \
        tar --zstd -x secret.key), readable by the owner alone";
    let known = site::settings::find(database, FINGERPRINT).await?;
    match (find_secret(path)?.map(Keys::new), known) {
        (Some(keys), Some(known)) if keys.fingerprint() != known => Err(Error::fault(format!(
            "{} is not the key of this handbook: the numbers that it sealed would not open. {WAY_OUT}",
            path.display()
        ))),
        (Some(keys), known) => Ok((keys, known.is_none())),
        (None, None) if make != Make::No && !people::member::is_anybody(database).await? => {
            Ok((Keys::new(make_secret(path, dice)?), true))
        }
        (None, _) => Err(Error::fault(format!(
            "{} is missing, and this handbook is not new. {WAY_OUT}",
            path.display()
        ))),
    }
}

/// Reads the installation's key.
fn find_secret(path: &Path) -> Result<Option<[u8; 32]>> {
    let text = match std::fs::read_to_string(path) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        text => text
            .map_err(Error::fault)
            .doing(format!("reading {}", path.display()))?,
    };
    let bytes = data_encoding::HEXLOWER.decode(text.trim().as_bytes());
    match bytes
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
    {
        Some(secret) => Ok(Some(secret)),
        None => Err(Error::fault(format!(
            "{} is damaged: put back the one of your backup",
            path.display()
        ))),
    }
}

/// Makes the installation's key; readable by the owner alone.
fn make_secret(path: &Path, dice: &kernel::Dice) -> Result<[u8; 32]> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let secret: [u8; 32] = dice.bytes();
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(Error::fault)
        .doing(format!("making {}", path.display()))?;
    writeln!(file, "{}", data_encoding::HEXLOWER.encode(&secret))?;
    file.sync_all()?;
    Ok(secret)
}
