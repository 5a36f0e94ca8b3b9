//! Opening the house: database, key, texts, index, files, worker, put together into a `Site`.
//!
//! Every command that needs the database comes through here. Not here: listening (`serve`).

use crate::alone::{self, AtWork};
use crate::config::Config;
use crate::{key, real, wiring};
use kernel::error::{Doing, Error, Result};
use kernel::said;
use site::{Feed, May as _, Site};
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
    /// The key file.
    pub key: key::Held,
    /// The share of the handbook that this process has.
    pub at_work: AtWork,
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
    match open_as(config, make, clock, false).await? {
        Some(house) => Ok(house),
        None => Err(Error::fault(
            "the key of this handbook is being changed (`sotay key rotate`): try again when that is done",
        )),
    }
}

/// Opens everything for this process alone; none when another is at work in it.
pub(crate) async fn open_alone(config: &Config) -> Result<Option<House>> {
    open_as(config, Make::No, real::clock(), true).await
}

async fn open_as(
    config: &Config,
    make: Make,
    clock: kernel::Clock,
    is_alone: bool,
) -> Result<Option<House>> {
    let dice = real::dice()?;
    if make == Make::New {
        crate::owner::make_private(&config.dir)?;
    }
    let database = open_database(config, make == Make::New).await?;
    if let Err(error) = demand_kept(config, &database, make).await {
        database.close().await;
        return Err(error);
    }
    let Some(at_work) = alone::enter(config, &database, is_alone).await? else {
        database.close().await;
        return Ok(None);
    };
    let migrated = if make == Make::No {
        schema::demand_current(&database).await?;
        schema::Migrated::default()
    } else {
        schema::migrate(&database, &clock).await?
    };
    if make != Make::No {
        for left in crate::owner::broken_off(&config.dir) {
            tracing::warn!(
                folder = %left.display(),
                "a restore was broken off and left this folder; nothing uses it: remove it (`sotay check` tells more)"
            );
        }
    }
    let path = config.dir.join("secret.key");
    let mut key = key::open(&database, make != Make::No, &path, &dice, clock.now()).await?;
    if make != Make::No
        && let Err(error) = key.tidy(clock.now())
    {
        tracing::warn!(
            cause = error.log_text(),
            "keys of before cannot be thrown away"
        );
    }
    let keys = key.keys.clone();
    let before = (keys.each().iter().skip(1))
        .map(|keys| keys.derive("form tokens"))
        .collect();
    let rooms = wiring::rooms();
    let doorman = account::Doorman::new(database.clone(), clock.clone());
    let org = site::settings::org(&database).await?;
    let edge = Arc::new(Edge {
        texts: site::serving::texts(&rooms)?,
        doorman: doorman.clone(),
        clock: clock.clone(),
        dice: dice.clone(),
        secret: keys.derive("form tokens"),
        secrets_before: before,
        https: config.is_https(),
        public_url: outside(&database, config).await?,
        behind_proxy: config.behind_proxy,
        places: site::Rooms::places(&rooms).into(),
        org: RwLock::new(Arc::new(org)),
        lost: Default::default(),
        refused: Default::default(),
        disk: Default::default(),
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
            .doing(said!("moving {} beside the files", old.display()))?;
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
    if key.is_first && make != Make::No {
        key::know(&site).await?;
    }
    if !migrated.applied.is_empty() {
        load_rules(&site).await.doing("loading the rule set")?;
    }
    doorman.attach(site.clone());
    let feeds = rooms
        .iter()
        .flat_map(|room| room.feeds.iter().copied())
        .collect();
    Ok(Some(House {
        site,
        rooms,
        feeds,
        migrated,
        key,
        at_work,
    }))
}

/// Refuses a database with nothing in it: whatever emptied it, a new handbook in its place would hide that. One is
/// made by `sotay init` alone, and not beside the key or the files of another.
async fn demand_kept(config: &Config, database: &db::Db, make: Make) -> Result<()> {
    if !schema::applied(database).await?.is_empty() {
        return Ok(());
    }
    let has_key = config.dir.join("secret.key").exists();
    let mut files = std::fs::read_dir(config.files()).into_iter().flatten();
    match (make, has_key || files.next().is_some()) {
        (Make::New, false) => Ok(()),
        (Make::New, true) => Err(Error::fault(said!(
            "{} holds the key or the files of a handbook whose database is empty or gone: put the database back, or \
             restore a backup into a new folder; a new handbook needs an empty one",
            config.dir.display()
        ))),
        (_, true) => Err(Error::fault(said!(
            "the database of {} is empty, though its key or files are there: put the database back, or restore a backup \
             into a new folder",
            config.dir.display()
        ))),
        (_, false) => Err(Error::fault(said!(
            "the database of {} is empty: a new handbook is made by `sotay init`",
            config.dir.display()
        ))),
    }
}

/// Opens the database alone. SQLite calls a full disk an I/O error when it opens; here it is named.
pub(crate) async fn open_database(config: &Config, create: bool) -> Result<db::Db> {
    let opened = db::Db::open(&config.database(), create, config.readers).await;
    let left = crate::owner::broken_off(&config.dir);
    if let (true, Some(left)) = (opened.is_err(), left.first()) {
        return opened.doing(said!(
            "{} was left by a restore that was broken off: remove it, then restore again",
            left.display()
        ));
    }
    match crate::owner::free_bytes(&config.dir) {
        Some(0) => opened.doing(said!("the disk of {} is full", config.dir.display())),
        _ => opened,
    }
}

/// The outside address: the settings file's, else what a page has set.
async fn outside(database: &db::Db, config: &Config) -> Result<web::PublicUrl> {
    let address = web::PublicUrl::of_file(&config.public_url);
    if let Some(set) = site::settings::find(database, site::settings::PUBLIC_URL).await? {
        address.set(&set);
    }
    Ok(address)
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
    // Where the chain goes on: heads that were kept of a later state are looked for in vain, and here stands why.
    let mut act = site::Operator::at("restore")
        .begin(site, "restore", "backup.restore")
        .await?;
    act.line()
        .diff(&serde_json::json!({ "rows": site::chain::bound(site).await? }));
    act.end().await?;
    std::fs::remove_file(&mark)
        .map_err(Error::fault)
        .doing(said!("removing {}", mark.display()))
}
