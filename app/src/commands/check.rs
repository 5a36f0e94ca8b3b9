//! `check`: what is wrong with the installation, and how to repair it.

use super::Done;
use crate::config::Config;
use crate::house::{self, House, Make};
use crate::stored::{self, Wrong};
use crate::{owner, wiring};
use db::{Db, Engine, Snapshot};
use files::Store;
use kernel::error::{Error, Result};
use site::Site;
use std::path::{Path, PathBuf};

/// One line of the answer.
struct Line {
    good: bool,
    what: String,
    repair: String,
}

/// The answer.
#[derive(Default)]
struct Answer(Vec<Line>);

/// Things of one kind that are named; of more, the number is told.
const NAMED_AT_MOST: usize = 20;

impl Answer {
    fn say(&mut self, good: bool, what: String, repair: &str) {
        let repair = repair.to_owned();
        self.0.push(Line { good, what, repair });
    }
    /// Says how many of a kind are wrong, and names the first of them.
    fn say_each(&mut self, what: String, wrong: &[String], repair: &str) {
        self.say(wrong.is_empty(), what, repair);
        for one in wrong.iter().take(NAMED_AT_MOST) {
            self.say(false, format!("  {one}"), "");
        }
        if wrong.len() > NAMED_AT_MOST {
            let more = wrong.len() - NAMED_AT_MOST;
            self.say(false, format!("  … and {more} more"), "");
        }
    }
    fn is_good(&self) -> bool {
        self.0.iter().all(|line| line.good)
    }
    fn text(&self) -> String {
        let mut out = String::new();
        for line in &self.0 {
            let mark = if line.good { "ok  " } else { "BAD " };
            out.push_str(&format!("{mark} {}\n", line.what));
            if !line.good && !line.repair.is_empty() {
                out.push_str(&format!("     → {}\n", line.repair));
            }
        }
        out
    }
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

/// What to do about a database that is broken in itself.
const RESTORE: &str = "stop the server, keep this data folder as it is, and bring the newest archive back \
    into another one: `sotay restore FILE --data NEW`";

/// Opens the database by itself and looks whether its file and its keys are whole.
async fn look_at_the_database(config: &Config, answer: &mut Answer) -> Option<Db> {
    let database = match house::open_database(config, false).await {
        Ok(database) => database,
        Err(error) => {
            let told = format!("the database does not open: {}", error.log_text());
            // SQLite's words for a file that is broken at its very beginning.
            let is_broken = ["malformed", "is not a database"];
            if is_broken.iter().any(|word| told.contains(word)) {
                answer.say(false, told, RESTORE);
                return None;
            }
            let repair = "check --data and --config; `sotay init` makes a new handbook, `sotay restore FILE` \
                brings one back";
            answer.say(false, told, repair);
            return None;
        }
    };
    if database.engine() == Engine::Postgres {
        answer.say(
            true,
            "database: a server, which looks after its files itself".to_owned(),
            "",
        );
        return Some(database);
    }
    match database.broken().await {
        Ok(told) => {
            let what = format!("database file: {} things are broken in it", told.len());
            answer.say_each(what, &told, RESTORE);
        }
        Err(error) => {
            let what = format!("database file: it is broken: {}", error.log_text());
            answer.say(false, what, RESTORE);
            return None;
        }
    }
    match database.orphans().await {
        Ok(found) => {
            let told: Vec<String> = (found.iter())
                .map(|of| {
                    // Tables that are kept by their key have no number of rows.
                    let first = match of.first {
                        0 => String::new(),
                        number => format!(", the first is rowid {number}"),
                    };
                    format!(
                        "{}: {} rows name a row of {} that is not there{first}",
                        of.table, of.count, of.parent
                    )
                })
                .collect();
            let rows: i64 = found.iter().map(|of| of.count).sum();
            let what = format!("rows that name others which are not there: {rows}");
            let repair = "another program changed the database: bring an archive back, or add the missing rows";
            answer.say_each(what, &told, repair);
        }
        Err(error) => {
            let what = format!("rows cannot be compared: {}", error.log_text());
            answer.say(false, what, RESTORE);
        }
    }
    Some(database)
}

/// Looks for every file that a row names; with `read`, also whether each stored file is what it was.
async fn look_at_the_files(
    config: &Config,
    database: &Db,
    read: bool,
    answer: &mut Answer,
) -> Result<()> {
    let rooms = site::Rooms::of(&wiring::rooms());
    let mut moment = Snapshot::take(database).await?;
    let named = stored::named(&mut moment, &rooms.of_file).await?;
    drop(moment);
    let store = Store::open(config.files()).map_err(Error::fault)?;
    let mut missing = Vec::new();
    let mut broken = Vec::new();
    for (hash, by) in &named {
        match stored::look(&store, hash, read).await {
            None => {}
            Some(Wrong::Missing) => missing.push(format!("{hash} of {by}")),
            Some(wrong) => broken.push(format!("{hash} of {by} {wrong}")),
        }
    }
    let back = "bring them back from an archive: `sotay restore FILE --data NEW` puts them below NEW/files; \
        copy that folder over this one";
    answer.say_each(
        format!(
            "files: {} named by rows, {} missing",
            named.len(),
            missing.len()
        ),
        &missing,
        back,
    );
    if read {
        let lying = store.hashes().map_err(Error::fault)?;
        for hash in lying.iter().filter(|hash| !named.contains_key(*hash)) {
            if let Some(wrong) = stored::look(&store, hash, true).await {
                broken.push(format!("{hash} that no row names {wrong}"));
            }
        }
        let what = format!("files: {} read, {} damaged", lying.len(), broken.len());
        answer.say_each(what, &broken, back);
    } else if !broken.is_empty() {
        answer.say_each(format!("files: {} not read", broken.len()), &broken, back);
    }
    Ok(())
}

/// Whether every statement of the rooms fits the tables.
async fn look_at_the_statements(house: &House, answer: &mut Answer) {
    let mut bad = Vec::new();
    for text in house.rooms.iter().flat_map(|room| room.statements.iter()) {
        if let Err(error) = house.site.db.prepare(text).await {
            bad.push(error.log_text());
        }
    }
    let what = format!("statements: {} cannot be prepared", bad.len());
    let repair = "the database was changed by other hands: bring an archive back";
    answer.say_each(what, &bad, repair);
}

/// Whether everything is sealed with the key in force.
async fn look_at_the_key(house: &House, answer: &mut Answer) -> Result<()> {
    let found = crate::key::look(&house.site, &house.key, &mut |_| {}).await?;
    answer.say(
        found.before == 0,
        format!(
            "key: {} sealed values, {} under a key of before",
            found.values, found.before
        ),
        "stop the server and run `sotay key rotate`: it seals them anew",
    );
    answer.say_each(
        format!("key: {} values open with no key", found.closed.len()),
        &found.closed,
        "write those numbers again, or bring back the key that they were sealed with",
    );
    if house.key.is_broken_off() {
        answer.say(
            false,
            "key: a change of it was broken off".to_owned(),
            "stop the server and run `sotay key rotate` again: it goes on where it ended",
        );
    }
    if let Some(until) = house.key.believed_until(house.site.clock.now()) {
        let day = until.plus_ms(-1).day().vn();
        answer.say(
            true,
            format!("key: the one of before is kept until {day}"),
            "",
        );
    }
    Ok(())
}

/// Whether the search index has everything that was announced.
async fn look_at_the_index(site: &Site, answer: &mut Answer) -> Result<()> {
    let last = site::feed::last(site).await?;
    let behind = last - i64::try_from(site.index.writer().last_seq()).unwrap_or(0);
    answer.say(
        behind == 0 && !site.index.was_reset(),
        format!(
            "search index: {} entries, {behind} changes behind",
            site.index.entries()
        ),
        "a running server catches up by itself; otherwise `sotay reindex`",
    );
    let aside: Vec<String> = (site::feed::troubles(site).await?.into_iter())
        .map(|trouble| format!("{} {}: {}", trouble.kind, trouble.subject_id, trouble.told))
        .collect();
    answer.say_each(
        format!("search index: {} things set aside", aside.len()),
        &aside,
        "save each again, or `sotay reindex`; if one stays, report it with its line",
    );
    Ok(())
}

/// Whether files from outside can be opened, and behind which walls. An old kernel is no alarm.
async fn look_at_the_child(site: &Site, answer: &mut Answer) {
    let head = "files from outside: a child process opens them";
    match site.worker.missing_walls().await {
        Ok(missing) if missing.is_empty() => answer.say(true, head.to_owned(), ""),
        Ok(missing) => answer.say(true, format!("{head}, without {}", missing.join("; ")), ""),
        Err(error) => answer.say(
            false,
            format!("files from outside cannot be opened: {}", error.detail()),
            "the program must be able to start itself once more, and to write into the folder for temporary files",
        ),
    }
}

/// Below this the next import or archive may be the one that fails.
const SCARCE_BYTES: u64 = 100 << 20;

/// How much room the disk of the data folder has.
fn look_at_the_disk(dir: &Path, answer: &mut Answer) {
    if let Some(free) = owner::free_bytes(dir) {
        answer.say(
            free >= SCARCE_BYTES,
            format!("disk of the data folder: {} MB free", free >> 20),
            "make room: old archives (`sotay archives prune`), logs, other programs' files",
        );
    }
}

pub(super) async fn run(config: &Config, files: bool) -> Result<Done> {
    let mut answer = Answer::default();
    answer.say(
        true,
        format!(
            "settings: data in {}, database {:?}",
            config.dir.display(),
            config.database()
        ),
        "",
    );
    look_at_the_folder(&config.dir, &mut |good, what, repair| {
        answer.say(good, what, repair);
    });
    look_at_the_disk(&config.dir, &mut answer);
    if let Some(database) = look_at_the_database(config, &mut answer).await {
        // An old or strange database may lack the columns; the house says below what it is.
        if let Err(error) = look_at_the_files(config, &database, files, &mut answer).await {
            let what = format!("files: {}", error.log_text());
            answer.say(false, what, "see what is said of the database");
        }
        database.close().await;
        look_at_the_house(config, &mut answer).await?;
    }
    super::lists::print(&answer.text())?;
    Ok(if answer.is_good() {
        Done::Good
    } else {
        Done::Refused
    })
}

/// Opens the house as a server does, and asks all in it.
async fn look_at_the_house(config: &Config, answer: &mut Answer) -> Result<()> {
    let house = match house::open(config, Make::No).await {
        Ok(house) => house,
        Err(error) => {
            let told = format!("the house does not open: {}", error.log_text());
            answer.say(false, told, "what is said there must be put right first");
            return Ok(());
        }
    };
    let steps = schema::applied(&house.site.db).await?.len();
    answer.say(true, format!("database: {steps} steps applied"), "");
    look_at_the_statements(&house, answer).await;
    look_at_the_key(&house, answer).await?;
    let mut say = |good, what, repair: &str| answer.say(good, what, repair);
    ask_rooms(&house.site, &mut say).await?;
    look_at_the_index(&house.site, answer).await?;
    look_at_the_child(&house.site, answer).await;
    house.site.db.close().await;
    Ok(())
}
