//! `check`: what is wrong with the installation, and how to repair it.

use super::Done;
use crate::config::Config;
use crate::house::{self, House, Make};
use crate::stored::{self, Wrong};
use crate::{owner, tongue, wiring};
use db::{Db, Engine, Snapshot};
use files::Store;
use kernel::error::{Error, Result};
use kernel::{Said, said};
use site::Site;
use std::path::{Path, PathBuf};

/// One line of the answer.
struct Line {
    good: bool,
    what: Said,
    repair: Option<Said>,
}

/// The answer.
#[derive(Default)]
struct Answer(Vec<Line>);

/// Things of one kind that are named; of more, the number is told.
const NAMED_AT_MOST: usize = 20;

impl Answer {
    /// Says what is well, or needs nothing done.
    fn say_good(&mut self, what: Said) {
        self.add(true, what, None);
    }
    /// Says what was looked at and how to repair it when it is not good.
    fn say(&mut self, good: bool, what: Said, repair: Said) {
        self.add(good, what, Some(repair));
    }
    fn add(&mut self, good: bool, what: Said, repair: Option<Said>) {
        self.0.push(Line { good, what, repair });
    }
    /// Says how many of a kind are wrong, and names the first of them.
    fn say_each(&mut self, what: Said, wrong: &[Said], repair: Said) {
        self.say(wrong.is_empty(), what, repair);
        for one in wrong.iter().take(NAMED_AT_MOST) {
            self.add(false, said!("  {}", one), None);
        }
        if wrong.len() > NAMED_AT_MOST {
            let more = wrong.len() - NAMED_AT_MOST;
            self.add(false, said!("  … and {} more", more), None);
        }
    }
    fn is_good(&self) -> bool {
        self.0.iter().all(|line| line.good)
    }
    fn said(&self) -> Said {
        let mut out = Vec::new();
        for line in &self.0 {
            out.push(match line.good {
                true => said!("ok   {}", line.what),
                false => said!("BAD  {}", line.what),
            });
            if let Some(repair) = line.repair.as_ref().filter(|_| !line.good) {
                out.push(said!("     → {}", repair));
            }
        }
        Said::list(out, "\n")
    }
}

/// Says what the rooms find: whether all is well, what, and how to repair it.
pub(crate) async fn ask_rooms(site: &Site, say: &mut impl FnMut(bool, Said, Said)) -> Result<()> {
    for check in &site.rooms.checks {
        let found = (check.run)(site.clone()).await?;
        say(
            found.is_empty(),
            said!("{}: {} alarms", Said::from(check.name), found.len()),
            said!("each is named below"),
        );
        for finding in found {
            say(false, said!("  {}", finding.what), finding.repair);
        }
    }
    Ok(())
}

/// Says whether the data folder and all in it are its owner's alone.
fn look_at_the_folder(dir: &Path, say: &mut impl FnMut(bool, Said, Said)) {
    let loose = match owner::loose(dir) {
        Ok(loose) => loose,
        Err(error) => {
            let told = said!("data folder {}: {}", dir.display(), error);
            return say(false, told, said!("check --data and --config"));
        }
    };
    let first = |paths: &[PathBuf]| match paths.first() {
        Some(path) => said!("{}, the first {}", paths.len(), path.display()),
        None => said!("0"),
    };
    say(
        loose.open.is_empty(),
        said!("open to others on this machine: {}", first(&loose.open)),
        Said::verbatim(format!("chmod -R go= '{}'", dir.display())),
    );
    say(
        loose.foreign.is_empty(),
        said!(
            "of another user than {}: {}",
            loose.owner,
            first(&loose.foreign)
        ),
        Said::verbatim(format!("chown -R '{}' '{}'", loose.owner, dir.display())),
    );
}

/// What to do about a database that is broken in itself.
fn restore() -> Said {
    said!(
        "stop the server, keep this data folder as it is, and bring the newest archive back into another one: \
         `sotay restore FILE --data NEW`"
    )
}

/// What to do about a database that does not open. Where one is, a new one is never the way.
fn unopened(why: &str, is_there: bool, free: Option<u64>) -> Said {
    // SQLite's words for a file that is broken at its very beginning.
    let is_broken = ["malformed", "is not a database"];
    if is_broken.iter().any(|word| why.contains(word)) {
        restore()
    } else if free.is_some_and(|free| free < FULL_BYTES) {
        room()
    } else if is_there {
        said!(
            "there is a handbook here: look whether this user may read and write it, and whether --config is the one \
             of the server"
        )
    } else {
        said!(
            "check --data and --config; `sotay init` makes a new handbook, `sotay restore FILE` brings one back"
        )
    }
}

/// What to do about a disk that is full.
fn room() -> Said {
    said!("make room: old archives (`sotay archives prune`), logs, other programs' files")
}

/// What a killed restore left beside the handbook, or instead of it.
fn look_at_what_was_left(dir: &Path, answer: &mut Answer) {
    let left = owner::broken_off(dir);
    let each: Vec<Said> = left
        .iter()
        .map(|path| said!("{}", path.display()))
        .collect();
    answer.say_each(
        said!("restores that were broken off: {}", each.len()),
        &each,
        said!("when no restore is running, remove these folders; if there is no handbook here yet, restore again"),
    );
}

/// Opens the database by itself and looks whether its file and its keys are whole.
async fn look_at_the_database(config: &Config, answer: &mut Answer) -> Option<Db> {
    let database = match house::open_database(config, false).await {
        Ok(database) => database,
        Err(error) => {
            let told = said!("the database does not open: {}", error);
            // SQLite's words for a file that is broken at its very beginning.
            let is_there = match config.database() {
                db::Url::File(path) => path.is_file(),
                db::Url::Server(_) => true,
            };
            let free = owner::free_bytes(&config.dir);
            answer.say(false, told, unopened(&error.log_text(), is_there, free));
            return None;
        }
    };
    if database.engine() == Engine::Postgres {
        answer.say_good(said!(
            "database: a server, which looks after its files itself"
        ));
        return Some(database);
    }
    match database.broken().await {
        Ok(told) => {
            let what = said!("database file: {} things are broken in it", told.len());
            let told: Vec<Said> = told.into_iter().map(Said::foreign).collect();
            answer.say_each(what, &told, restore());
        }
        Err(error) => {
            let what = said!("database file: it is broken: {}", error);
            answer.say(false, what, restore());
            return None;
        }
    }
    match database.orphans().await {
        Ok(found) => {
            let told: Vec<Said> = (found.iter())
                .map(|of| match of.first {
                    // Tables that are kept by their key have no number of rows.
                    0 => said!(
                        "{} rows of {} name a row of {} that is not there",
                        of.count,
                        of.table,
                        of.parent
                    ),
                    number => said!(
                        "{} rows of {} name a row of {} that is not there, the first is rowid {}",
                        of.count,
                        of.table,
                        of.parent,
                        number
                    ),
                })
                .collect();
            let rows: i64 = found.iter().map(|of| of.count).sum();
            let what = said!("rows that name others which are not there: {}", rows);
            let repair = said!(
                "another program changed the database: bring an archive back, or add the missing rows"
            );
            answer.say_each(what, &told, repair);
        }
        Err(error) => {
            let what = said!("rows cannot be compared: {}", error);
            answer.say(false, what, restore());
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
            Some(Wrong::Missing) => missing.push(said!("{} of {}", hash, by)),
            Some(wrong) => broken.push(wrong.of(said!("{} of {}", hash, by))),
        }
    }
    let back = || {
        said!(
            "bring them back from an archive: `sotay restore FILE --data NEW` puts them below NEW/files; copy that \
             folder over this one"
        )
    };
    answer.say_each(
        said!(
            "files: {} named by rows, {} missing",
            named.len(),
            missing.len()
        ),
        &missing,
        back(),
    );
    if read {
        let lying = store.hashes().map_err(Error::fault)?;
        for hash in lying.iter().filter(|hash| !named.contains_key(*hash)) {
            if let Some(wrong) = stored::look(&store, hash, true).await {
                broken.push(wrong.of(said!("{} that no row names", hash)));
            }
        }
        let what = said!("files: {} read, {} damaged", lying.len(), broken.len());
        answer.say_each(what, &broken, back());
    } else if !broken.is_empty() {
        let what = said!("files: {} not read", broken.len());
        answer.say_each(what, &broken, back());
    }
    Ok(())
}

/// Whether every statement of the rooms fits the tables.
async fn look_at_the_statements(house: &House, answer: &mut Answer) {
    let mut bad = Vec::new();
    for text in house.rooms.iter().flat_map(|room| room.statements.iter()) {
        if let Err(error) = house.site.db.prepare(text).await {
            bad.push(error.said());
        }
    }
    let what = said!("statements: {} cannot be prepared", bad.len());
    let repair = said!("the database was changed by other hands: bring an archive back");
    answer.say_each(what, &bad, repair);
}

/// Whether everything is sealed with the key in force.
async fn look_at_the_key(house: &House, answer: &mut Answer) -> Result<()> {
    let found = crate::key::look(&house.site, &house.key, &mut |_| {}).await?;
    answer.say(
        found.before == 0,
        said!(
            "key: {} sealed values, {} under a key of before",
            found.values,
            found.before
        ),
        said!("stop the server and run `sotay key rotate`: it seals them anew"),
    );
    let closed: Vec<Said> = found.closed.iter().map(Said::verbatim).collect();
    answer.say_each(
        said!("key: {} values open with no key", closed.len()),
        &closed,
        said!("write those numbers again, or bring back the key that they were sealed with"),
    );
    if house.key.is_broken_off() {
        answer.say(
            false,
            said!("key: a change of it was broken off"),
            said!("stop the server and run `sotay key rotate` again: it goes on where it ended"),
        );
    }
    if let Some(until) = house.key.believed_until(house.site.clock.now()) {
        let day = until.plus_ms(-1).day().vn();
        answer.say_good(said!("key: the one of before is kept until {}", day));
    }
    Ok(())
}

/// Whether the end of the log is as it was left, and what guards it is there.
async fn look_at_the_log(site: &Site, answer: &mut Answer) -> Result<()> {
    let glance = site::chain::glance(site).await?;
    answer.say_each(
        said!(
            "log: {} heads and the last {} rows recomputed, {} things are wrong",
            glance.heads,
            glance.found.links,
            glance.found.wrong
        ),
        &glance.found.flaws,
        said!(
            "keep the database as it is and run `sotay audit verify` with the heads that were kept elsewhere: it \
             says what was done to which row"
        ),
    );
    let missing: Vec<Said> = (glance.unguarded.iter())
        .map(|name| Said::verbatim(*name))
        .collect();
    answer.say_each(
        said!("log: {} of its guards are missing", missing.len()),
        &missing,
        said!("somebody took them out of the database: find out who, and bring an archive back"),
    );
    if glance.found.waiting > 0 {
        answer.say_good(said!("log: {} rows wait to be bound", glance.found.waiting));
    }
    Ok(())
}

/// Whether the search index has everything that was announced.
async fn look_at_the_index(site: &Site, answer: &mut Answer) -> Result<()> {
    let last = site::feed::last(site).await?;
    let behind = last - i64::try_from(site.index.writer().last_seq()).unwrap_or(0);
    answer.say(
        behind == 0 && !site.index.was_reset(),
        said!(
            "search index: {} entries, {} changes behind",
            site.index.entries(),
            behind
        ),
        said!("a running server catches up by itself; otherwise `sotay reindex`"),
    );
    let aside: Vec<Said> = (site::feed::troubles(site).await?.into_iter())
        .map(|trouble| {
            // Kept as the log had it.
            let told = Said::foreign(trouble.told);
            said!("{} {}: {}", trouble.kind, trouble.subject_id, told)
        })
        .collect();
    answer.say_each(
        said!("search index: {} things set aside", aside.len()),
        &aside,
        said!("save each again, or `sotay reindex`; if one stays, report it with its line"),
    );
    Ok(())
}

/// Whether files from outside can be opened, and behind which walls. An old kernel is no alarm.
async fn look_at_the_child(site: &Site, answer: &mut Answer) {
    match site.worker.missing_walls().await {
        Ok(missing) if missing.is_empty() => {
            answer.say_good(said!("files from outside: a child process opens them"));
        }
        Ok(missing) => {
            let missing = missing.into_iter().map(Said::foreign);
            answer.say_good(said!(
                "files from outside: a child process opens them, without {}",
                Said::list(missing, "; ")
            ));
        }
        Err(error) => answer.say(
            false,
            said!(
                "files from outside cannot be opened: {}",
                Said::foreign(error.detail())
            ),
            said!(
                "the program must be able to start itself once more, and to write into the folder for temporary files"
            ),
        ),
    }
}

/// Below this SQLite cannot even open: it writes beside its file.
const FULL_BYTES: u64 = 1 << 20;
/// Below this the next import or archive may be the one that fails.
const SCARCE_BYTES: u64 = 100 << 20;

/// How much room the disk of the data folder has.
fn look_at_the_disk(dir: &Path, answer: &mut Answer) {
    if let Some(free) = owner::free_bytes(dir) {
        answer.say(
            free >= SCARCE_BYTES,
            said!("disk of the data folder: {} MB free", free >> 20),
            room(),
        );
    }
}

pub(super) async fn run(config: &Config, files: bool) -> Result<Done> {
    let mut answer = Answer::default();
    answer.say_good(said!(
        "settings: data in {}, database {}",
        config.dir.display(),
        format!("{:?}", config.database())
    ));
    look_at_the_folder(&config.dir, &mut |good, what, repair| {
        answer.say(good, what, repair);
    });
    look_at_the_disk(&config.dir, &mut answer);
    look_at_what_was_left(&config.dir, &mut answer);
    if let Some(database) = look_at_the_database(config, &mut answer).await {
        // An old or strange database may lack the columns; the house says below what it is.
        if let Err(error) = look_at_the_files(config, &database, files, &mut answer).await {
            let what = said!("files: {}", error);
            answer.say(false, what, said!("see what is said of the database"));
        }
        database.close().await;
        look_at_the_house(config, &mut answer).await?;
    }
    tongue::print(answer.said())?;
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
            let told = said!("the house does not open: {}", error);
            answer.say(
                false,
                told,
                said!("what is said there must be put right first"),
            );
            return Ok(());
        }
    };
    let steps = schema::applied(&house.site.db).await?.len();
    answer.say_good(said!("database: {} steps applied", steps));
    look_at_the_statements(&house, answer).await;
    look_at_the_key(&house, answer).await?;
    let mut say = |good, what, repair| answer.say(good, what, repair);
    ask_rooms(&house.site, &mut say).await?;
    look_at_the_log(&house.site, answer).await?;
    look_at_the_index(&house.site, answer).await?;
    look_at_the_child(&house.site, answer).await;
    house.site.db.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_handbook_is_a_new_one_is_never_advised() {
        let says = |why: &str, is_there, free| unopened(why, is_there, free).to_string();
        let io = "disk I/O error";
        assert!(says(io, true, Some(0)).contains("make room"));
        assert!(says("no such file", false, Some(0)).contains("make room"));
        assert!(!says(io, true, Some(1 << 30)).contains("init"));
        assert!(says("file is not a database", true, Some(0)).contains("archive"));
        assert!(says("no such file", false, Some(1 << 30)).contains("sotay init"));
    }

    #[test]
    fn what_a_killed_restore_left_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let mut answer = Answer::default();
        look_at_what_was_left(dir.path(), &mut answer);
        assert!(answer.is_good());
        let left = dir.path().join(".restoring-Ab12");
        std::fs::create_dir(&left).unwrap();
        look_at_what_was_left(dir.path(), &mut answer);
        let said = answer.said().to_string();
        assert!(
            !answer.is_good() && said.contains(".restoring-Ab12") && said.contains("remove"),
            "{said}"
        );
    }
}
