//! Bringing an archive back, into an empty data folder and an empty database.
//!
//! All is unpacked, compared and loaded in a folder of its own inside the data folder; only what is whole is
//! moved to its place, so a failed restore leaves the data folder as it was. Not here: the search index,
//! which is built anew afterwards (`commands`).

use super::entries::{copy, goal, walk};
use super::{Manifest, rows, sealed};
use crate::config::Config;
use crate::{owner, stored};
use db::{Db, Snapshot, Url};
use kernel::error::{Doing, Error, Result};
use kernel::{Said, said};
use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};

/// What was brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Restored {
    /// Rows of all tables.
    pub rows: u64,
    /// Stored files.
    pub files: u64,
    /// What the archive itself says is missing or damaged in it.
    pub left_out: Vec<String>,
    /// Files that rows name and that it does not hold.
    pub missing: Vec<Said>,
}

/// Rows are handed to the database in such portions.
const PORTION_BYTES: usize = 4 << 20;

/// Puts an archive back and lets nobody in by what it held: sessions, tokens and slips that had ended
/// since would live again. Everybody shows their password once more.
pub(crate) async fn restore(
    config: &Config,
    from: &Path,
    identity: Option<&Path>,
) -> Result<Restored> {
    let told = read(config, from, identity).await?;
    // Opening it ends what the archive held (`house::end_what_was_restored`).
    let house = crate::house::open(config, crate::house::Make::No).await?;
    house.site.db.close().await;
    Ok(told)
}

/// Puts an archive back. The data folder and the database must be empty.
pub(crate) async fn read(
    config: &Config,
    from: &Path,
    identity: Option<&Path>,
) -> Result<Restored> {
    let dir = &config.dir;
    demand_empty(dir)?;
    let keys = sealed::Keys::read(identity)?;
    if !from.is_file() {
        return Err(Error::fault(said!("{} is no file", from.display())));
    }
    // What it makes itself goes again when it fails; a folder that was there stays, empty as it was.
    let made = Made::before(dir);
    owner::make_private(dir)?;
    let staging = tempfile::Builder::new()
        .prefix(owner::RESTORING)
        .tempdir_in(dir)
        .map_err(Error::fault)
        .doing(said!("writing into {}", dir.display()))?;
    let (source, place) = (from.to_path_buf(), staging.path().to_path_buf());
    let manifest = tokio::task::spawn_blocking(move || unpack(&source, &keys, &place))
        .await
        .map_err(Error::fault)?
        .doing(said!("reading {}; nothing was restored", from.display()))?;
    let steps = steps(&manifest)?;
    let url = match config.database() {
        Url::File(path) if path.parent() == Some(dir.as_path()) => {
            Url::File(staging.path().join(path.file_name().unwrap_or_default()))
        }
        other => other,
    };
    let database = Db::open(&url, true, 2).await?;
    if !db::tables(&database).await?.is_empty() {
        return Err(Error::fault(
            "the database is not empty: restore writes only into an empty one",
        ));
    }
    let clock = crate::real::clock();
    let loaded = async {
        schema::migrate_to(&database, &clock, &steps).await?;
        let rows = load_all(&database, staging.path(), &manifest).await?;
        Ok::<_, Error>((rows, schema::migrate(&database, &clock).await?))
    };
    let into = format!("{url:?}");
    let told = match url {
        Url::File(_) => said!("loading the rows into {}; nothing was restored", into),
        Url::Server(_) => said!(
            "loading the rows into {}; nothing was restored, and its tables must be emptied before the next try",
            into
        ),
    };
    let (rows, migrated) = loaded.await.doing(told)?;
    let missing = missing(&database, &manifest).await?;
    database.close().await;
    put_in_place(staging.path(), dir)?;
    made.stay();
    drop(staging);
    share_files(config).await?;
    if !migrated.applied.is_empty() {
        // A newer program brings newer rules, also to what was kept by an older one.
        let house = crate::house::open(config, crate::house::Make::No).await?;
        crate::house::load_rules(&house.site).await?;
        house.site.db.close().await;
    }
    Ok(Restored {
        rows,
        files: manifest.files(),
        left_out: manifest.left_out,
        missing,
    })
}

/// The folders that are not there yet, the innermost first: removed again unless they are to stay, as far as they
/// are empty.
struct Made(Vec<PathBuf>);

impl Made {
    fn before(dir: &Path) -> Made {
        let missing = dir.ancestors();
        let missing =
            missing.take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        Made(missing.map(Path::to_path_buf).collect())
    }
    fn stay(mut self) {
        self.0.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for folder in &self.0 {
            // Somebody else's file in it keeps it, which is right.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

fn demand_empty(dir: &Path) -> Result<()> {
    let inside = match std::fs::read_dir(dir) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        inside => inside
            .map_err(Error::fault)
            .doing(said!("reading the folder {}", dir.display()))?,
    };
    if let Some(left) = owner::broken_off(dir).first() {
        return Err(Error::fault(said!(
            "{} is what a restore left that was broken off, or belongs to one at work: when none is, remove it and \
             restore again",
            left.display()
        )));
    }
    match inside.flatten().next() {
        None => Ok(()),
        Some(entry) => Err(Error::fault(said!(
            "{} is not empty (it holds {}): restore writes only into a new folder (--data DIR)",
            dir.display(),
            entry.file_name().to_string_lossy()
        ))),
    }
}

/// The steps that the archive's database had had.
fn steps(manifest: &Manifest) -> Result<Vec<String>> {
    if !manifest.steps.is_empty() {
        schema::demand_known(&manifest.steps)?;
        return Ok(manifest.steps.clone());
    }
    if manifest.schema > schema::newest() {
        return Err(Error::fault(said!(
            "the archive is at step {}, this program knows only {}: use a newer program",
            manifest.schema,
            schema::newest()
        )));
    }
    Ok(schema::steps_to(manifest.schema))
}

/// Unpacks all of an archive below `place`.
fn unpack(from: &Path, keys: &sealed::Keys, place: &Path) -> Result<Manifest> {
    walk(from, keys, |name, content| {
        let goal = goal(place, name)?;
        let doing = || said!("writing {}", goal.display());
        let mut out = make(&goal).map_err(Error::fault).doing(doing())?;
        copy(name, content, |part| {
            out.write_all(part).map_err(Error::fault).doing(doing())
        })?;
        out.sync_all().map_err(Error::fault).doing(doing())
    })
}

/// A new file: what is there already is never written over.
fn make(goal: &Path) -> std::io::Result<File> {
    if let Some(folder) = goal.parent() {
        std::fs::create_dir_all(folder)?;
    }
    File::create_new(goal)
}

async fn load_all(database: &Db, place: &Path, manifest: &Manifest) -> Result<u64> {
    let tables = db::tables(database).await?;
    let mut tx = database.begin().await?;
    // Into an empty database nobody else writes.
    tx.unwatched();
    // Migrations seed some tables; the archive's rows take their place.
    for table in tables.iter().rev() {
        db::empty(&mut tx, table).await?;
    }
    let mut rows = 0;
    for table in &tables {
        let path = place.join(format!("tables/{}.jsonl", table.name));
        if !path.exists() {
            continue;
        }
        rows += load(&mut tx, table, &path)
            .await
            .doing(said!("table {}", table.name))?;
    }
    let wanted: u64 = manifest.rows.values().sum();
    if rows != wanted {
        return Err(Error::fault(said!(
            "the archive lists {} rows and holds {}",
            wanted,
            rows
        )));
    }
    database.commit(tx).await?;
    Ok(rows)
}

async fn load(tx: &mut db::Tx, table: &db::Table, path: &Path) -> Result<u64> {
    let mut lines = BufReader::new(File::open(path)?);
    let head = rows::next_line(&mut lines)?.unwrap_or_default();
    let named = rows::read_head(&head, table)?;
    // Both databases take 32,766 parameters at once.
    let most = (32_000 / named.columns.len().max(1)).clamp(1, 500);
    let (mut batch, mut bytes, mut count) = (Vec::new(), 0, 0);
    while let Some(line) = rows::next_line(&mut lines)? {
        bytes += line.len();
        batch.push(rows::read_row(&line, &named)?);
        count += 1;
        if batch.len() == most || bytes > PORTION_BYTES {
            db::load(tx, &named, std::mem::take(&mut batch)).await?;
            bytes = 0;
        }
    }
    db::load(tx, &named, batch).await?;
    Ok(count)
}

/// Files that rows name and that the archive does not hold.
async fn missing(database: &Db, manifest: &Manifest) -> Result<Vec<Said>> {
    let rooms = site::Rooms::of(&crate::wiring::rooms());
    let mut moment = Snapshot::take(database).await?;
    let named = stored::named(&mut moment, &rooms.of_file).await?;
    let held = |hash: &str| {
        let (first, second) = (hash.get(..2).unwrap_or(""), hash.get(2..4).unwrap_or(""));
        let name = format!("files/{first}/{second}/{hash}");
        manifest.entries.contains_key(&name)
    };
    let lacking = named.iter().filter(|(hash, _)| !held(hash));
    Ok(lacking
        .map(|(hash, by)| said!("{} of {}", hash, by))
        .collect())
}

/// Brings the files to the folder that several servers share, when there is one.
async fn share_files(config: &Config) -> Result<()> {
    let (here, shared) = (config.dir.join("files"), config.files());
    if here == shared || !here.exists() {
        return Ok(());
    }
    let from = files::Store::open(&here).map_err(Error::fault)?;
    let to = files::Store::open(&shared).map_err(Error::fault)?;
    for hash in from.hashes().map_err(Error::fault)? {
        let path = from.path(&hash).map_err(Error::fault)?;
        to.put_path(&path)
            .await
            .map_err(Error::fault)
            .doing(said!("writing into {}", shared.display()))?;
    }
    std::fs::remove_dir_all(&here)?;
    Ok(())
}

/// Moves what was restored from the folder inside the data folder to its place. The rows were read and
/// stay behind.
fn put_in_place(staging: &Path, dir: &Path) -> Result<()> {
    // First of all: whoever opens the folder from here on ends what the archive held.
    let mark = dir.join(crate::house::RESTORED);
    std::fs::File::create(&mark)
        .and_then(|file| file.sync_all())
        .map_err(Error::fault)
        .doing(said!("marking {} as restored", dir.display()))?;
    for entry in std::fs::read_dir(staging)? {
        let entry = entry?;
        let name = entry.file_name();
        let goal = match name.to_string_lossy().as_ref() {
            "tables" => continue,
            "sotay.toml" => dir.join("sotay.toml.from-backup"),
            _ => dir.join(&name),
        };
        std::fs::rename(entry.path(), &goal)
            .map_err(Error::fault)
            .doing(said!("putting {} in its place", goal.display()))?;
    }
    Ok(())
}
