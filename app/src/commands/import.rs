//! `import`: what the rooms take from files, with a report and an exit code that tell.
//!
//! Which imports there are, and what can be set, is what the rooms contribute (`site::room::Importer`):
//! the words of the command line are made of it. Not here: how a file is read (the room).

use super::Done;
use crate::config::Config;
use crate::house::{self, Make};
use crate::progress::{Bar, Shared, Stop};
use crate::tally::Tally;
use crate::tongue::{self, tell};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use kernel::error::{Doing, Error, Result};
use kernel::said;
use site::Site;
use site::import::{Outcome, Progress, Report};
use site::room::importer::ImportFieldKind;
use site::room::{ImportWish, Importer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What stands behind `sotay import`.
pub(crate) struct Import {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) set: BTreeMap<String, String>,
    pub(crate) dry_run: bool,
    pub(crate) report: Option<PathBuf>,
}

/// What takes the good rows of a file that has bad ones.
const SKIP_BAD: &str = "skip_bad";

fn importers() -> Vec<Importer> {
    let rooms = crate::wiring::rooms();
    rooms.into_iter().flat_map(|room| room.importers).collect()
}

/// One import as a command: its file, then what can be set.
pub(crate) fn command(importer: &Importer) -> Command {
    let mut command = Command::new(importer.name).about(importer.help).arg(
        Arg::new("path")
            .required(true)
            .value_name("PATH")
            .value_parser(clap::value_parser!(PathBuf))
            .help("A file or a folder"),
    );
    for field in importer.fields {
        // The few names live as long as the program.
        let long: &'static str = field.name.replace('_', "-").leak();
        let arg = Arg::new(field.name).long(long).help(field.help);
        command = command.arg(match field.kind {
            ImportFieldKind::Tick => arg.action(ArgAction::SetTrue),
            ImportFieldKind::Text { required } => arg.value_name("TEXT").required(required),
            ImportFieldKind::OneOf(words) => arg
                .value_parser(words.iter().map(|(word, _)| *word).collect::<Vec<_>>())
                .default_value(words.first().map_or("", |(word, _)| *word)),
            ImportFieldKind::File => arg.value_name("FILE"),
        });
    }
    command
}

impl Args for Import {
    fn augment_args(command_of: Command) -> Command {
        command_of
            .subcommand_required(true)
            .arg_required_else_help(true)
            .arg(
                Arg::new("dry_run")
                    .long("dry-run")
                    .global(true)
                    .action(ArgAction::SetTrue)
                    .help("Say what would happen, change nothing"),
            )
            .arg(
                Arg::new("report")
                    .long("report")
                    .global(true)
                    .value_name("FILE.json")
                    .value_parser(clap::value_parser!(PathBuf))
                    .help("Write the report: a summary and one entry a file or row"),
            )
            .subcommands(importers().iter().map(command))
    }
    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Import {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let missing = || clap::Error::new(clap::error::ErrorKind::MissingSubcommand);
        let (name, given) = matches.subcommand().ok_or_else(missing)?;
        let importer = importers().into_iter().find(|known| known.name == name);
        let mut set = BTreeMap::new();
        for field in importer.ok_or_else(missing)?.fields {
            let value = match field.kind {
                ImportFieldKind::Tick => given.get_flag(field.name).then(|| "yes".to_owned()),
                _ => given.get_one::<String>(field.name).cloned(),
            };
            if let Some(value) = value {
                set.insert(field.name.to_owned(), value);
            }
        }
        Ok(Import {
            name: name.to_owned(),
            path: given
                .get_one::<PathBuf>("path")
                .cloned()
                .unwrap_or_default(),
            set,
            dry_run: given.get_flag("dry_run"),
            report: given.get_one::<PathBuf>("report").cloned(),
        })
    }
    fn update_from_arg_matches(
        &mut self,
        matches: &ArgMatches,
    ) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Has it done by the room whose import it is.
pub(crate) async fn take(
    site: &Site,
    import: &Import,
    progress: Box<dyn Progress>,
) -> Result<Report> {
    let importer = (site.rooms.importers.iter())
        .find(|known| known.name == import.name)
        .ok_or(Error::NotFound)?;
    let wish = ImportWish {
        by: None,
        lang: tongue::lang(),
        operation: "import".to_owned(),
        path: import.path.clone(),
        dry_run: import.dry_run,
        set: import.set.clone(),
        decided: BTreeMap::new(),
        run: None,
    };
    (importer.run)(site.clone(), wish, progress).await
}

pub(super) async fn run(import: Import, config: &Config) -> Result<Done> {
    if !import.path.exists() {
        let path = import.path.display();
        return Ok(Done::WrongUse(said!("there is nothing at {}", path)));
    }
    let house = house::open(config, Make::No).await?;
    let site = &house.site;
    let bar = Shared::of(Bar::new(Stop::listen()));
    let dry_run = import.dry_run;
    let report = match take(site, &import, Box::new(bar.clone())).await {
        Ok(report) => report,
        Err(Error::Refused(refusal)) => {
            bar.finish();
            tongue::complain(super::sentence(&site.edge.texts, &refusal));
            return Ok(Done::Refused);
        }
        Err(error) => {
            bar.finish();
            let taken = bar.taken();
            return Err(error).doing(said!("importing, with this done before: {}", taken));
        }
    };
    bar.finish();
    if let Some(file) = &import.report {
        write_report(&report, file)?;
    }
    let mut tally = Tally::default();
    for entry in &report.entries {
        tally.add(entry);
    }
    tell(tally.said());
    let can_skip = importers().iter().any(|known| {
        let mut fields = known.fields.iter();
        known.name == import.name && fields.any(|field| field.name == SKIP_BAD)
    });
    if report.count(Outcome::Refused) > 0 && can_skip && !import.set.contains_key(SKIP_BAD) {
        tell(said!(
            "Nothing is written while rows are refused. Mend them, or take the good rows all the same: --skip-bad"
        ));
    }
    if dry_run {
        tell(said!("A dry run: nothing was written."));
    } else {
        house.index().await?;
    }
    if report.stopped {
        tell(said!(
            "Stopped, with this done: {}. Run the same command again to go on.",
            tally.taken()
        ));
    }
    let clean = report.is_clean();
    house.site.db.close().await;
    if report.stopped {
        return Ok(Done::Stopped);
    }
    Ok(if clean { Done::Good } else { Done::Refused })
}

fn write_report(report: &Report, file: &Path) -> Result<()> {
    let mut summary = serde_json::Map::new();
    for outcome in Outcome::ALL {
        summary.insert(outcome.name().to_owned(), report.count(outcome).into());
    }
    summary.insert("stopped".to_owned(), report.stopped.into());
    let entries: Vec<_> = report
        .entries
        .iter()
        .map(|entry| {
            serde_json::json!({
                "source": entry.source, "outcome": entry.outcome.name(), "id": entry.id,
                "kind": entry.kind, "message": entry.message, "warnings": entry.warnings, "ms": entry.ms,
            })
        })
        .collect();
    let whole = serde_json::json!({ "summary": summary, "entries": entries });
    let text = serde_json::to_string_pretty(&whole).map_err(Error::fault)?;
    std::fs::write(file, text + "\n")
        .map_err(Error::fault)
        .doing(said!("writing the report {}", file.display()))
}
