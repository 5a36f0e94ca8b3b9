//! The command line: what `sotay` can be told. One file a command; this one reads the line.

mod archives;
mod audit;
pub(crate) mod check;
pub(crate) mod import;
mod keep;
mod key;
pub(crate) mod lists;
pub(crate) mod rescue;
mod search;
mod start;

pub(crate) use start::Scale;

use crate::config::Config;
use crate::tongue;
use clap::{Parser, Subcommand};
use kernel::Said;
use kernel::error::{Error, Refusal, Result};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Sổ tay: an electronic handbook for an organisation of many small cells.
#[derive(Parser)]
#[command(name = "sotay", version, about, propagate_version = true)]
pub(crate) struct Line {
    #[command(subcommand)]
    command: Command,
    /// Settings file (default: ./sotay.toml if it is there).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Data folder: database file, uploaded files, search index, key.
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// What the command speaks (default: SOTAY_LANG, then the system's language; otherwise Vietnamese).
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = ["vi", "en"])]
    lang: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the handbook.
    Serve {
        /// Address and port.
        #[arg(long, value_name = "ADDR:PORT")]
        listen: Option<SocketAddr>,
    },
    /// Make a demo organisation (if the data folder is empty) and serve it.
    Demo(start::Demo),
    /// Set up a new handbook: first unit, first administrator, a printed activation slip.
    Init(start::Init),
    /// Give a member a post of a unit, as the operator: for a new house, and for a locked one.
    Grant(rescue::Grant),
    /// Print an activation slip for a member.
    Slip(rescue::Whom),
    /// Set a member's password (asked for at the terminal, or the first line of what is piped in).
    Password(rescue::Whom),
    /// Take books, documents, a roster or units from files.
    Import(import::Import),
    /// Search from the command line.
    Search(search::Search),
    /// Check the installation and say how to repair it.
    Check {
        /// Read every stored file and compare it with its name.
        #[arg(long)]
        files: bool,
    },
    /// Bring the database up to date (serving does it too; every other command refuses an old one).
    Migrate,
    /// Build the search index anew from the database.
    Reindex,
    /// Make one archive of everything, also while the server runs.
    Backup(keep::Backup),
    /// Put an archive back into an empty data folder and an empty database.
    Restore(keep::Restore),
    /// Look after archives: list a folder of them, throw old ones away, check one, make a key.
    #[command(subcommand)]
    Archives(archives::Archives),
    /// Look after the key of sealed values.
    #[command(subcommand)]
    Key(key::Key),
    /// Look after the log: print the heads of its days, find what was changed, removed or added.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// List every route and who may come.
    Routes,
    /// Print the matrix of roles and capabilities.
    Permissions {
        /// As a Markdown table (the default, and the only form yet).
        #[arg(long)]
        markdown: bool,
    },
    /// Print an example settings file with every key.
    Config,
}

/// What a command came to.
pub(crate) enum Done {
    /// All well.
    Good,
    /// Some input was refused, or something was found wrong; it was told.
    Refused,
    /// Ctrl-C came before the end; what was done stays.
    Stopped,
    /// Wrong use of the command.
    WrongUse(Said),
}

/// Runs the line.
pub(crate) async fn run(line: Line) -> ExitCode {
    // It was looked for before the line was read (`tongue::choose`).
    let _spoken = line.lang.as_deref();
    let outcome = match read_config(&line) {
        Ok(config) => act(line.command, config).await,
        Err(error) => {
            tongue::complain(error.said());
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(Done::Good) => ExitCode::SUCCESS,
        Ok(Done::Refused) => ExitCode::from(3),
        Ok(Done::Stopped) => ExitCode::from(4),
        Ok(Done::WrongUse(why)) => {
            tongue::complain(why);
            ExitCode::from(2)
        }
        Err(error) => {
            tongue::complain(told(&error));
            ExitCode::from(1)
        }
    }
}

/// What went wrong; a refusal by its sentence, not by its key.
fn told(error: &Error) -> Said {
    match error {
        Error::Refused(refusal) => match site::serving::texts(&crate::wiring::rooms()) {
            Ok(texts) => sentence(&texts, refusal),
            Err(_) => error.said(), // the texts are damaged: a test would have said so
        },
        _ => error.said(),
    }
}

/// What a refusal says, in the language of this line.
fn sentence(texts: &web::Texts, refusal: &Refusal) -> Said {
    let args: Vec<(&str, web::text::Arg<'_>)> = (refusal.args.iter())
        .map(|(name, text)| (*name, web::text::Arg::Text(text)))
        .collect();
    Said::verbatim(texts.with(tongue::lang(), refusal.key, &args))
}

fn read_config(line: &Line) -> Result<Config> {
    let mut config = Config::read(line.config.as_deref())?;
    if let Some(dir) = &line.data {
        config.dir.clone_from(dir);
    }
    Ok(config)
}

impl Command {
    /// Whether it opens the data folder.
    fn needs_the_folder(&self) -> bool {
        !matches!(
            self,
            Command::Routes | Command::Permissions { .. } | Command::Config | Command::Archives(_)
        )
    }
}

async fn act(command: Command, mut config: Config) -> Result<Done> {
    if command.needs_the_folder() {
        crate::owner::demand_ours(&config.dir)?;
    }
    match command {
        Command::Serve { listen } => {
            if let Some(listen) = listen {
                config.listen = listen;
            }
            start::serve(config).await
        }
        Command::Demo(demo) => start::demo(demo, config).await,
        Command::Init(init) => start::init(init, &config).await,
        Command::Grant(grant) => rescue::grant(grant, &config).await,
        Command::Slip(whom) => rescue::slip(whom, &config).await,
        Command::Password(whom) => rescue::password(whom, &config).await,
        Command::Import(import) => import::run(import, &config).await,
        Command::Search(search) => search::run(search, &config).await,
        Command::Check { files } => check::run(&config, files).await,
        Command::Migrate => keep::migrate(&config).await,
        Command::Reindex => keep::reindex(&config).await,
        Command::Backup(backup) => keep::backup(&config, backup).await,
        Command::Restore(restore) => keep::restore(&config, &restore).await,
        Command::Archives(archives) => archives::run(archives).await,
        Command::Key(key) => key::run(key, &config).await,
        Command::Audit(audit) => audit::run(audit, &config).await,
        Command::Routes => lists::routes(),
        Command::Permissions { markdown: _ } => lists::permissions(),
        Command::Config => lists::config(),
    }
}
