//! One archive of everything (database, files, key, settings), made while the server runs; and back.
//!
//! A `.tar.zst`: `tables/NAME.jsonl` (first line the columns, then one row a line), `files/…`,
//! `secret.key`, `sotay.toml` if there is one, `manifest.json` last, with SHA-256 and size of every
//! entry. The rows are of one moment; files only grow, so every file that a row names is there.
//! The rule that surprises: an archive fits both databases: SQLite moves to PostgreSQL this way.

use crate::config::Config;
use crate::progress::Stop;
use db::{Column, Snapshot, Table, Value};
use kernel::error::{Doing, Error, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use site::{May as _, Site};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read, Write};
use std::path::{Component, Path, PathBuf};

/// What an archive holds.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    version: String,
    made_at: String,
    /// The newest step's number: all that an archive told before it told the names.
    #[serde(default)]
    schema: i64,
    /// Names of the steps that the database had had.
    #[serde(default)]
    steps: Vec<String>,
    rows: BTreeMap<String, u64>,
    entries: BTreeMap<String, Listed>,
}

#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Listed {
    bytes: u64,
    sha256: String,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    /// Rows of all tables.
    pub rows: u64,
    /// Stored files.
    pub files: u64,
    /// Size of the archive.
    pub bytes: u64,
}

const FORMAT: u32 = 1;

/// Writes the archive; nothing stands at `to` until it is whole.
pub(crate) async fn write(site: &Site, dir: &Path, to: &Path, stop: &Stop) -> Result<Told> {
    if to.exists() {
        return Err(Error::fault(format!(
            "{} is already there: name another file",
            to.display()
        )));
    }
    let parent = to
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let staging = tempfile::Builder::new()
        .prefix(".sotay-backup-")
        .tempdir_in(parent)?;
    let mut manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: site.clock.now().rfc3339(),
        schema: schema::version(&site.db).await?,
        steps: schema::applied(&site.db).await?,
        rows: BTreeMap::new(),
        entries: BTreeMap::new(),
    };
    let tables = db::tables(&site.db).await?;
    std::fs::create_dir(staging.path().join("tables"))?;
    let mut moment = Snapshot::take(&site.db).await?;
    for table in &tables {
        if stop.is_set() {
            return Err(Error::fault("stopped; no archive was made"));
        }
        let mut out = BufWriter::new(File::create(
            staging.path().join(format!("tables/{}.jsonl", table.name)),
        )?);
        writeln!(out, "{}", head_json(table))?;
        let count = moment
            .rows(table, |row| Ok(writeln!(out, "{}", row_json(&row))?))
            .await?;
        out.flush()?;
        manifest.rows.insert(table.name.clone(), count);
    }
    drop(moment);
    let mut sources: Vec<(String, PathBuf)> = tables
        .iter()
        .map(|table| {
            let name = format!("tables/{}.jsonl", table.name);
            let path = staging.path().join(&name);
            (name, path)
        })
        .collect();
    let files = dir.join("files");
    let mut kept = 0;
    if files.exists() {
        for path in site::import::files_below(&files)? {
            let Ok(inside) = path.strip_prefix(&files) else {
                continue;
            };
            sources.push((format!("files/{}", inside.to_string_lossy()), path));
            kept += 1;
        }
    }
    sources.push(("secret.key".to_owned(), dir.join("secret.key")));
    if Path::new("sotay.toml").exists() {
        sources.push(("sotay.toml".to_owned(), PathBuf::from("sotay.toml")));
    }
    let rows = manifest.rows.values().sum();
    let whole = staging.path().join("archive.tar.zst");
    let goal = whole.clone();
    let stop = stop.clone();
    tokio::task::spawn_blocking(move || pack(&goal, sources, manifest, &stop))
        .await
        .map_err(Error::fault)??;
    let bytes = std::fs::metadata(&whole)?.len();
    std::fs::rename(&whole, to)?;
    // The administrator's page says when the last one was made.
    let now = site.clock.now();
    let by = site::Operator::at("backup");
    let mut act = by.begin(site, "backup", "backup.done").await?;
    site::settings::set(&mut act, "backup.last_at", &now.0.to_string()).await?;
    act.end().await?;
    Ok(Told {
        rows,
        files: kept,
        bytes,
    })
}

/// Reads while hashing and counting.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(into)?;
        if let Some(part) = into.get(..count) {
            self.hash.update(part);
        }
        Ok(count)
    }
}

fn hex(hash: Sha256) -> String {
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

fn pack(
    goal: &Path,
    sources: Vec<(String, PathBuf)>,
    mut manifest: Manifest,
    stop: &Stop,
) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // The archive holds the key: readable by its owner alone.
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(goal)?;
    let squeezed = zstd::Encoder::new(BufWriter::new(file), 3)?;
    let mut archive = tar::Builder::new(squeezed);
    for (name, path) in sources {
        if stop.is_set() {
            return Err(Error::fault("stopped; no archive was made"));
        }
        let file = File::open(&path)
            .map_err(Error::fault)
            .doing(format!("reading {}", path.display()))?;
        let bytes = file.metadata()?.len();
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        let mut reader = Hashing {
            inner: file.take(bytes),
            hash: Sha256::new(),
        };
        archive.append_data(&mut header, &name, &mut reader)?;
        manifest.entries.insert(
            name,
            Listed {
                bytes,
                sha256: hex(reader.hash),
            },
        );
    }
    let text = serde_json::to_vec_pretty(&manifest).map_err(Error::fault)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(u64::try_from(text.len()).unwrap_or(0));
    header.set_mode(0o600);
    archive.append_data(&mut header, "manifest.json", text.as_slice())?;
    let file = archive
        .into_inner()?
        .finish()?
        .into_inner()
        .map_err(|cause| Error::fault(cause.into_error()))?;
    file.sync_all()?;
    Ok(())
}

/// Puts an archive back. The data folder and the database must be empty.
pub(crate) async fn read(config: &Config, from: &Path) -> Result<Told> {
    let dir = config.dir.clone();
    if dir.exists() && std::fs::read_dir(&dir)?.next().is_some() {
        return Err(Error::fault(format!(
            "{} is not empty: restore writes only into a new folder (--data DIR)",
            dir.display()
        )));
    }
    let parent = dir
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
        .to_path_buf();
    std::fs::create_dir_all(&parent)?;
    let staging = tempfile::Builder::new()
        .prefix(".sotay-restore-")
        .tempdir_in(&parent)?;
    let (source, place) = (from.to_path_buf(), staging.path().to_path_buf());
    let manifest = tokio::task::spawn_blocking(move || unpack(&source, &place))
        .await
        .map_err(Error::fault)?
        .doing(format!("reading {}", from.display()))?;
    let steps = if manifest.steps.is_empty() {
        if manifest.schema > schema::newest() {
            return Err(Error::fault(format!(
                "the archive is at step {}, this program knows only {}: use a newer program",
                manifest.schema,
                schema::newest()
            )));
        }
        schema::steps_to(manifest.schema)
    } else {
        schema::demand_known(&manifest.steps)?;
        manifest.steps.clone()
    };
    std::fs::create_dir_all(&dir)?;
    let database = db::Db::open(&config.database(), true, 2).await?;
    if !db::tables(&database).await?.is_empty() {
        return Err(Error::fault(
            "the database is not empty: restore writes only into an empty one",
        ));
    }
    let clock = crate::real::clock();
    schema::migrate_to(&database, &clock, &steps).await?;
    let rows = load_all(&database, staging.path(), &manifest).await?;
    let migrated = schema::migrate(&database, &clock).await?;
    database.close().await;
    let mut kept = 0;
    for name in manifest.entries.keys() {
        let inside = staging.path().join(name);
        let goal = match name.as_str() {
            "secret.key" => dir.join(name),
            "sotay.toml" => dir.join("sotay.toml.from-backup"),
            _ if name.starts_with("files/") => {
                kept += 1;
                dir.join(name)
            }
            _ => continue,
        };
        if let Some(folder) = goal.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::rename(&inside, &goal)?;
    }
    if !migrated.applied.is_empty() {
        // A newer program brings newer rules, also to what was kept by an older one.
        let house = crate::house::open(config, crate::house::Make::No).await?;
        crate::house::load_rules(&house.site).await?;
        house.site.db.close().await;
    }
    Ok(Told {
        rows,
        files: kept,
        bytes: std::fs::metadata(from)?.len(),
    })
}

/// Puts an archive back and lets nobody in by what it held: sessions, tokens and slips that had ended
/// since would live again. Everybody shows their password once more.
pub(crate) async fn restore(config: &Config, from: &Path) -> Result<Told> {
    let told = read(config, from).await?;
    let house = crate::house::open(config, crate::house::Make::No).await?;
    account::end_everything(&house.site, &site::Operator::at("restore")).await?;
    house.site.db.close().await;
    Ok(told)
}

fn unpack(from: &Path, place: &Path) -> Result<Manifest> {
    let file = File::open(from)?;
    let mut archive = tar::Archive::new(zstd::Decoder::new(BufReader::new(file))?);
    let mut seen: BTreeMap<String, Listed> = BTreeMap::new();
    let mut manifest: Option<Manifest> = None;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let plain = path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        let name = path.to_string_lossy().into_owned();
        let known = ["manifest.json", "secret.key", "sotay.toml"].contains(&name.as_str())
            || name.starts_with("tables/")
            || name.starts_with("files/");
        if !plain || !known || !entry.header().entry_type().is_file() {
            return Err(Error::fault(format!(
                "this is no archive of Sổ tay: it holds {name}"
            )));
        }
        if name == "manifest.json" {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            manifest = Some(serde_json::from_str(&text).map_err(Error::fault)?);
            continue;
        }
        let goal = place.join(&path);
        if let Some(folder) = goal.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut out = BufWriter::new(File::create(&goal)?);
        let mut reader = Hashing {
            inner: &mut entry,
            hash: Sha256::new(),
        };
        let bytes = std::io::copy(&mut reader, &mut out)?;
        let sha256 = hex(reader.hash);
        out.flush()?;
        seen.insert(name, Listed { bytes, sha256 });
    }
    let manifest =
        manifest.ok_or_else(|| Error::fault("the archive is cut off: it has no manifest"))?;
    if manifest.format != FORMAT {
        return Err(Error::fault(format!(
            "format {} of archives is not known here",
            manifest.format
        )));
    }
    if manifest.entries != seen {
        let wrong = manifest
            .entries
            .iter()
            .find(|(name, listed)| seen.get(*name) != Some(listed));
        let name = wrong.map_or("an unlisted entry", |(name, _)| name.as_str());
        return Err(Error::fault(format!(
            "the archive is damaged at {name}; nothing was restored"
        )));
    }
    Ok(manifest)
}

async fn load_all(database: &db::Db, place: &Path, manifest: &Manifest) -> Result<u64> {
    let tables = db::tables(database).await?;
    let mut tx = database.begin().await?;
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
        let mut lines = BufReader::new(File::open(&path)?).lines();
        let head = lines.next().transpose()?.unwrap_or_default();
        let named = read_head(&head, table)?;
        // Both databases take 32,766 parameters at once.
        let most = (32_000 / named.columns.len().max(1)).clamp(1, 500);
        let mut batch = Vec::new();
        for line in lines {
            batch.push(read_row(&line?, &named)?);
            rows += 1;
            if batch.len() == most {
                db::load(&mut tx, &named, std::mem::take(&mut batch)).await?;
            }
        }
        db::load(&mut tx, &named, batch).await?;
    }
    let wanted: u64 = manifest.rows.values().sum();
    if rows != wanted {
        return Err(Error::fault(format!(
            "the archive lists {wanted} rows and holds {rows}"
        )));
    }
    database.commit(tx).await?;
    Ok(rows)
}

fn head_json(table: &Table) -> serde_json::Value {
    table
        .columns
        .iter()
        .map(|(name, _)| serde_json::Value::from(name.clone()))
        .collect()
}

fn row_json(row: &[Value]) -> serde_json::Value {
    row.iter()
        .map(|value| match value {
            Value::Null => serde_json::Value::Null,
            Value::Text(text) => text.clone().into(),
            Value::Integer(number) => (*number).into(),
            Value::Real(number) => serde_json::json!({ "real": number }),
            Value::Bytes(bytes) => {
                serde_json::json!({ "bytes": data_encoding::BASE64.encode(bytes) })
            }
        })
        .collect()
}

/// The archive's columns of a table, with the kinds that this database gives them.
fn read_head(line: &str, table: &Table) -> Result<Table> {
    let names: Vec<String> = serde_json::from_str(line).map_err(Error::fault)?;
    let mut columns: Vec<(String, Column)> = Vec::new();
    for name in names {
        let found = table.columns.iter().find(|(held, _)| *held == name);
        let (_, kind) = found.ok_or_else(|| {
            Error::fault(format!("the table {} has no column {name}", table.name))
        })?;
        columns.push((name, *kind));
    }
    Ok(Table {
        name: table.name.clone(),
        columns,
    })
}

fn read_row(line: &str, table: &Table) -> Result<Vec<Value>> {
    let cells: Vec<serde_json::Value> = serde_json::from_str(line).map_err(Error::fault)?;
    if cells.len() != table.columns.len() {
        return Err(Error::fault(format!(
            "a row of {} has the wrong width",
            table.name
        )));
    }
    cells
        .into_iter()
        .map(|cell| match cell {
            serde_json::Value::Null => Ok(Value::Null),
            serde_json::Value::String(text) => Ok(Value::Text(text)),
            serde_json::Value::Number(number) => number
                .as_i64()
                .map(Value::Integer)
                .ok_or_else(|| Error::fault("a number is too large")),
            serde_json::Value::Object(held) => {
                if let Some(number) = held.get("real").and_then(serde_json::Value::as_f64) {
                    return Ok(Value::Real(number));
                }
                let text = held
                    .get("bytes")
                    .and_then(serde_json::Value::as_str)
                    .unwrap_or("");
                data_encoding::BASE64
                    .decode(text.as_bytes())
                    .map(Value::Bytes)
                    .map_err(|_| Error::fault("bytes are damaged"))
            }
            _ => Err(Error::fault(format!("a row of {} is damaged", table.name))),
        })
        .collect()
}
