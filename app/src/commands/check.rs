//! `check`: what is wrong with the installation, and how to repair it.

use super::Done;
use crate::config::Config;
use crate::house::{self, Make};
use crate::owner;
use kernel::error::Result;
use site::Site;
use std::path::{Path, PathBuf};

/// One line of the answer.
struct Line {
    good: bool,
    what: String,
    repair: String,
}

/// Says what the rooms find: whether all is well, what, and how to repair it.
pub(crate) async fn ask_rooms(site: &Site, say: &mut impl FnMut(bool, String, &str)) -> Result<()> {
    for check in &site.rooms.checks {
        let found = (check.run)(site.clone()).await?;
        say(
            found.is_empty(),
            format!("{}: {} alarms", check.name, found.len()),
            "each is named below",
        );
        for finding in found {
            say(false, format!("  {}", finding.what), &finding.repair);
        }
    }
    Ok(())
}

/// Says whether the data folder and all in it are its owner's alone.
fn look_at_the_folder(dir: &Path, say: &mut impl FnMut(bool, String, &str)) {
    let loose = match owner::loose(dir) {
        Ok(loose) => loose,
        Err(error) => {
            let told = format!("data folder {}: {}", dir.display(), error.log_text());
            return say(false, told, "check --data and --config");
        }
    };
    let first = |paths: &[PathBuf]| match paths.first() {
        Some(path) => format!("{}, the first {}", paths.len(), path.display()),
        None => "0".to_owned(),
    };
    say(
        loose.open.is_empty(),
        format!("open to others on this machine: {}", first(&loose.open)),
        &format!("chmod -R go= '{}'", dir.display()),
    );
    say(
        loose.foreign.is_empty(),
        format!(
            "of another user than {}: {}",
            loose.owner,
            first(&loose.foreign)
        ),
        &format!("chown -R '{}' '{}'", loose.owner, dir.display()),
    );
}

pub(super) async fn run(config: &Config, files: bool) -> Result<Done> {
    let mut lines = Vec::new();
    let mut say = |good: bool, what: String, repair: &str| {
        lines.push(Line {
            good,
            what,
            repair: repair.to_owned(),
        })
    };
    say(
        true,
        format!(
            "settings: data in {}, database {:?}",
            config.dir.display(),
            config.database()
        ),
        "",
    );
    look_at_the_folder(&config.dir, &mut say);
    match house::open(config, Make::No).await {
        Err(error) => say(
            false,
            format!("the house does not open: {}", error.log_text()),
            "check --data and --config; `sotay init` makes a new handbook, `sotay restore FILE` brings one back",
        ),
        Ok(house) => {
            let site = &house.site;
            say(
                true,
                format!(
                    "database: {} steps applied",
                    schema::applied(&site.db).await?.len()
                ),
                "",
            );
            let mut bad = 0;
            for text in house.rooms.iter().flat_map(|room| room.statements.iter()) {
                if let Err(error) = site.db.prepare(text).await {
                    bad += 1;
                    say(
                        false,
                        error.log_text(),
                        "the database was changed by other hands: restore a backup",
                    );
                }
            }
            say(
                bad == 0,
                format!("statements: {bad} cannot be prepared"),
                "see above",
            );
            ask_rooms(site, &mut say).await?;
            let behind = site::feed::last(site).await?
                - i64::try_from(site.index.writer().last_seq()).unwrap_or(0);
            say(
                behind == 0 && !site.index.was_reset(),
                format!(
                    "search index: {} entries, {behind} changes behind",
                    site.index.entries()
                ),
                "a running server catches up by itself; otherwise `sotay reindex`",
            );
            let aside = site::feed::troubles(site).await?;
            say(
                aside.is_empty(),
                format!("search index: {} things set aside", aside.len()),
                "each is named below",
            );
            for trouble in aside {
                say(
                    false,
                    format!(
                        "  {} {}: {}",
                        trouble.kind, trouble.subject_id, trouble.told
                    ),
                    "save it again, or `sotay reindex`; if it stays, report it with this line",
                );
            }
            if files {
                let mut broken = 0;
                let mut seen = 0;
                for path in site::import::files_below(&config.dir.join("files"))? {
                    let Some(name) = path
                        .file_name()
                        .map(|name| name.to_string_lossy().into_owned())
                    else {
                        continue;
                    };
                    seen += 1;
                    if site.files.verify(&name).await.is_err() {
                        broken += 1;
                        say(
                            false,
                            format!("  file {name} is damaged"),
                            "bring it back from a backup",
                        );
                    }
                }
                say(
                    broken == 0,
                    format!("files: {seen} read, {broken} damaged"),
                    "see above",
                );
            }
            house.site.db.close().await;
        }
    }
    let good = lines.iter().all(|line| line.good);
    let mut out = String::new();
    for line in &lines {
        out.push_str(&format!(
            "{} {}\n",
            if line.good { "ok  " } else { "BAD " },
            line.what
        ));
        if !line.good && !line.repair.is_empty() {
            out.push_str(&format!("     → {}\n", line.repair));
        }
    }
    super::lists::print(&out)?;
    Ok(if good { Done::Good } else { Done::Refused })
}
