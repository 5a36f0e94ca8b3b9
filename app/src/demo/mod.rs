//! The demo: a made-up bloc with people, books, documents, meetings and articles.
//!
//! Its content lies in `demo/` and is carried inside the binary. Passwords are thrown fresh for each
//! demo and kept in one file of its data folder; they exist nowhere else. Made in steps that can be
//! repeated, so a demo that was stopped half way is finished at the next start.

mod names;
mod organisation;

use crate::commands::Scale;
use crate::config::Config;
use crate::house::{self, Make};
use crate::tongue::tell;
use kernel::error::{Doing, Error, Result};
use kernel::{Said, said};
use rust_embed::RustEmbed;
use site::Site;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(RustEmbed)]
#[folder = "../demo"]
struct Content;

/// A text of `demo/`.
fn text_of(path: &str) -> Result<String> {
    let file = Content::get(path).ok_or_else(|| Error::fault(said!("the demo has no {}", path)))?;
    String::from_utf8(file.data.into_owned()).map_err(Error::fault)
}

/// The paths of `demo/` below a folder, in order.
fn paths_below(folder: &str) -> Vec<String> {
    let mut paths: Vec<String> = Content::iter()
        .filter(|path| path.starts_with(folder))
        .map(|path| path.to_string())
        .collect();
    paths.sort();
    paths
}

/// What the rooms' steps are handed.
fn stage(scale: Scale) -> site::room::Stage {
    site::room::Stage {
        scale: match scale {
            Scale::Small => site::room::Scale::Small,
            Scale::Bloc => site::room::Scale::Bloc,
        },
        read: |path| Content::get(path).map(|file| file.data.into_owned()),
        below: paths_below,
    }
}

/// What the rooms contribute, in order; what is there already stays as it is.
pub(crate) async fn rooms(site: &Site, scale: Scale) -> Result<()> {
    let stage = Arc::new(stage(scale));
    for demo in &site.rooms.demos {
        (demo.make)(site.clone(), stage.clone()).await?;
    }
    Ok(())
}

fn sign_ins_file(config: &Config) -> PathBuf {
    config.dir.join("demo-sign-ins.txt")
}

/// Makes the demo if the data folder is empty, finishes one that was stopped, refuses a real
/// handbook. Answers the sign-ins as text.
pub(crate) async fn make_or_open(config: &Config, scale: Scale) -> Result<Said> {
    let file = sign_ins_file(config);
    let done = config.dir.join("demo-done");
    if done.exists() {
        return read_signs(&file);
    }
    if config.dir.join("sotay.db").exists() && !file.exists() {
        return Err(Error::fault(said!(
            "{} holds a real handbook: give the demo a folder of its own with --data DIR",
            config.dir.display()
        )));
    }
    let house = house::open(config, Make::New).await?;
    let site = &house.site;
    tell(said!("Making the demo organisation…"));
    let began = std::time::Instant::now();
    if db::sql("select count(*) from people_unit")
        .count(site.db.read())
        .await?
        == 0
    {
        let signs = organisation::make(site, scale).await?;
        keep_private(&file, &signs)?;
        organisation::open_accounts(site, &signs, scale).await?;
        let slips = organisation::give_slips(site).await?;
        keep_private(&file, &format!("{signs}{slips}"))?;
    } else if !file.exists() {
        return Err(Error::fault(
            "this database holds a real organisation: give the demo an empty one",
        ));
    } else {
        let signs = std::fs::read_to_string(&file)?;
        organisation::open_accounts(site, &signs, scale).await?;
    }
    rooms(site, scale).await?;
    tell(said!("Building the search index…"));
    house.index().await?;
    site.db.close().await;
    std::fs::write(&done, "")?;
    let seconds = format!("{:.1}", began.elapsed().as_secs_f64());
    tell(said!("Done in {} seconds.", seconds));
    read_signs(&file)
}

/// The sign-ins that a file keeps, their headings in the language of this line.
fn read_signs(file: &Path) -> Result<Said> {
    let text = std::fs::read_to_string(file)
        .map_err(Error::fault)
        .doing(said!("reading {}", file.display()))?;
    Ok(organisation::signs(&text))
}

/// Writes a file that only its owner can read.
fn keep_private(path: &std::path::Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(())
}
