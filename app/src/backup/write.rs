//! Making an archive: refuses what is damaged, and reads again what it wrote.
//!
//! Nothing stands at the archive's name until it is whole on the disk. Not here: when one is made, and which
//! are thrown away (`shelf`).

use super::entries::{Hashing, walk_dry};
use super::sealed::{self, Keys, Recipients};
use super::{FORMAT, Listed, Manifest, lost, rows};
use crate::progress::Stop;
use crate::stored::{self, Named};
use db::{Snapshot, Table};
use kernel::error::{Doing, Error, Result};
use kernel::{Said, said};
use site::{May as _, Site};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

/// What archive is wanted.
pub(crate) struct Wish {
    /// Where it will stand.
    pub to: PathBuf,
    /// The settings file, if there is one: it goes in as `sotay.toml`.
    pub settings: Option<PathBuf>,
    /// Who can open it; nobody: whoever has it.
    pub recipients: Recipients,
    /// Whether to make it although files are missing or damaged; they are named in it.
    pub incomplete: bool,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// Rows of all tables.
    pub rows: u64,
    /// Stored files.
    pub files: u64,
    /// Size of the archive.
    pub bytes: u64,
    /// What was missing or damaged, when it was made all the same.
    pub left_out: Vec<String>,
}

/// One entry to be.
struct Source {
    name: String,
    path: PathBuf,
    /// The hash that its content must have.
    hash: Option<String>,
}

/// How many broken things an error names.
const NAMED: usize = 3;

/// Writes the archive.
pub(crate) async fn write(site: &Site, dir: &Path, wish: Wish, stop: &Stop) -> Result<Told> {
    let to = &wish.to;
    if to.exists() {
        return Err(Error::fault(said!(
            "{} is already there: name another file",
            to.display()
        )));
    }
    demand_whole(&site.db).await?;
    let parent =
        (to.parent().filter(|parent| !parent.as_os_str().is_empty())).unwrap_or(Path::new("."));
    let staging = tempfile::Builder::new()
        .prefix(".sotay-backup-")
        .tempdir_in(parent)
        .map_err(Error::fault)
        .doing(said!("making an archive in {}", parent.display()))?;
    let mut manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: site.clock.now().rfc3339(),
        schema: schema::version(&site.db).await?,
        steps: schema::applied(&site.db).await?,
        rows: BTreeMap::new(),
        entries: BTreeMap::new(),
        left_out: Vec::new(),
    };
    let tables = db::tables(&site.db).await?;
    let (counts, named) = moment(site, &tables, staging.path(), stop).await?;
    manifest.rows = counts;
    let mut sources: Vec<Source> = (tables.iter())
        .map(|table| Source::of(format!("tables/{}.jsonl", table.name), staging.path()))
        .collect();
    let (files, missing) = files(site, &named)?;
    demand_all(&missing, wish.incomplete)?;
    manifest.left_out = missing;
    let kept = u64::try_from(files.len()).unwrap_or(u64::MAX);
    sources.extend(files);
    sources.push(Source::of("secret.key".to_owned(), dir));
    sources.extend(wish.settings.clone().map(|path| Source {
        name: "sotay.toml".to_owned(),
        path,
        hash: None,
    }));
    let rows = manifest.rows.values().sum();
    let whole = staging.path().join("archive");
    let (goal, stop) = (whole.clone(), stop.clone());
    let (recipients, incomplete) = (wish.recipients.clone(), wish.incomplete);
    let left_out = tokio::task::spawn_blocking(move || {
        let keys = pack(&goal, sources, &mut manifest, &recipients, &named, &stop)
            .doing(said!("writing the archive {}", goal.display()))?;
        demand_all(&manifest.left_out, incomplete)?;
        let again = walk_dry(&goal, &keys).doing("reading the archive again; none was made")?;
        if again.entries == manifest.entries && again.rows == manifest.rows {
            Ok(manifest.left_out)
        } else {
            Err(Error::fault(
                "the disk gives back another archive than was written",
            ))
        }
    })
    .await
    .map_err(Error::fault)??;
    let bytes = std::fs::metadata(&whole)?.len();
    std::fs::rename(&whole, to)
        .and_then(|()| File::open(parent)?.sync_all())
        .map_err(Error::fault)
        .doing(said!("putting the archive at {}", to.display()))?;
    note(site).await?;
    Ok(Told {
        rows,
        files: kept,
        bytes,
        left_out,
    })
}

impl Source {
    fn of(name: String, below: &Path) -> Source {
        let path = below.join(&name);
        Source {
            name,
            path,
            hash: None,
        }
    }
}

/// Refuses a database that is broken in itself: its archive would not come back.
async fn demand_whole(database: &db::Db) -> Result<()> {
    let broken = database.broken().await?;
    let orphans = database.orphans().await?;
    let first = match (broken.first(), orphans.first()) {
        (Some(told), _) => Said::foreign(told),
        (None, Some(of)) => said!(
            "{} rows of {} name a row of {} that is not there",
            of.count,
            of.table,
            of.parent
        ),
        (None, None) => return Ok(()),
    };
    Err(Error::fault(said!(
        "the database is damaged, no archive was made: {}. `sotay check` says more",
        first
    )))
}

/// Writes the rows of one moment, and says what files they name.
async fn moment(
    site: &Site,
    tables: &[Table],
    staging: &Path,
    stop: &Stop,
) -> Result<(BTreeMap<String, u64>, Named)> {
    let mut counts = BTreeMap::new();
    std::fs::create_dir(staging.join("tables"))?;
    let mut moment = Snapshot::take(&site.db).await?;
    for table in tables {
        demand_going(stop)?;
        let path = staging.join(format!("tables/{}.jsonl", table.name));
        let doing = || said!("writing {}", path.display());
        let mut out = BufWriter::new(File::create(&path).map_err(Error::fault).doing(doing())?);
        writeln!(out, "{}", rows::head(table))?;
        let count = moment
            .rows(table, |row| Ok(writeln!(out, "{}", rows::row(&row))?))
            .await
            .doing(doing())?;
        out.flush().map_err(Error::fault).doing(doing())?;
        counts.insert(table.name.clone(), count);
    }
    let named = stored::named(&mut moment, &site.rooms.of_file).await?;
    Ok((counts, named))
}

fn demand_going(stop: &Stop) -> Result<()> {
    if stop.is_set() {
        return Err(Error::fault("stopped; no archive was made"));
    }
    Ok(())
}

/// Every stored file, and those that rows name and that are missing.
fn files(site: &Site, named: &Named) -> Result<(Vec<Source>, Vec<String>)> {
    let lying = site.files.hashes().map_err(Error::fault)?;
    let missing = (named.iter())
        .filter(|(hash, _)| lying.binary_search(hash).is_err())
        .map(|(hash, by)| format!("file {hash} of {by} is missing"))
        .collect();
    let sources = lying.into_iter().map(|hash| {
        let path = site.files.path(&hash).map_err(Error::fault)?;
        let (first, second) = (hash.get(..2).unwrap_or(""), hash.get(2..4).unwrap_or(""));
        Ok(Source {
            name: format!("files/{first}/{second}/{hash}"),
            path,
            hash: Some(hash),
        })
    });
    Ok((sources.collect::<Result<_>>()?, missing))
}

/// Refuses an archive that would lack what rows name.
fn demand_all(left_out: &[String], incomplete: bool) -> Result<()> {
    if left_out.is_empty() || incomplete {
        return Ok(());
    }
    let first = left_out.iter().take(NAMED).map(|told| lost(told));
    Err(Error::fault(said!(
        "{} stored files are not whole, no archive was made: {}. `sotay check --files` names them all: bring \
         them back from an older archive, or make this one without them: --incomplete",
        left_out.len(),
        Said::list(first, "; ")
    )))
}

/// Writes all entries and the manifest; answers the key with which this run reads the archive again. A file
/// that rows name and whose content is another goes in as it is and is named.
fn pack(
    goal: &Path,
    sources: Vec<Source>,
    manifest: &mut Manifest,
    recipients: &Recipients,
    named: &Named,
    stop: &Stop,
) -> Result<Keys> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // The archive holds the key: readable by its owner alone.
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(goal)?;
    let (out, keys) = sealed::begin(BufWriter::new(file), recipients)?;
    let mut archive = tar::Builder::new(zstd::Encoder::new(out, 3)?);
    for source in sources {
        demand_going(stop)?;
        let listed =
            append(&mut archive, &source).doing(said!("packing {}", source.path.display()))?;
        if let Some(hash) = source.hash.filter(|hash| *hash != listed.sha256) {
            let by = named.get(&hash).map_or("no row", String::as_str);
            let told = format!("file {hash} of {by} is damaged");
            manifest.left_out.push(told);
        }
        manifest.entries.insert(source.name, listed);
    }
    let text = serde_json::to_vec_pretty(&manifest).map_err(Error::fault)?;
    let size = u64::try_from(text.len()).unwrap_or(0);
    archive.append_data(&mut header(size), "manifest.json", text.as_slice())?;
    let file = archive.into_inner()?.finish()?.finish()?;
    let file = file
        .into_inner()
        .map_err(|cause| Error::fault(cause.into_error()))?;
    file.sync_all()?;
    Ok(keys)
}

fn header(bytes: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header
}

fn append(archive: &mut tar::Builder<impl Write>, source: &Source) -> Result<Listed> {
    let file = File::open(&source.path)?;
    let bytes = file.metadata()?.len();
    let mut reader = Hashing::of(file.take(bytes));
    archive.append_data(&mut header(bytes), &source.name, &mut reader)?;
    Ok(reader.listed())
}

/// The administrator's page says when the last one was made.
async fn note(site: &Site) -> Result<()> {
    let now = site.clock.now();
    let by = site::Operator::at("backup");
    let mut act = by.begin(site, "backup", "backup.done").await?;
    site::settings::set(&mut act, "backup.last_at", &now.0.to_string()).await?;
    act.end().await.map(|_| ())
}
