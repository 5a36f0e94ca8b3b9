//! Reading the line in a language: its help, and what is said of a wrong one.
//!
//! What stands in the help is English in the commands' own doc comments and is looked up like every other sentence;
//! the few words that the library adds by itself are replaced in what it drew. Not here: what the commands do.

use super::{lang, print_plain, vietnamese, words};
use clap::builder::{Str, StyledStr};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory, Error, FromArgMatches};
use kernel::{Said, said};
use std::ffi::OsString;
use std::process::ExitCode;
use web::Lang;

/// Words that the library puts into a help by itself, as it writes them.
pub(crate) const ADDED: [&str; 8] = [
    "Usage:",
    "Commands:",
    "Arguments:",
    "Options:",
    "[possible values: ",
    "[default: ",
    "[OPTIONS]",
    "<COMMAND>",
];

/// Reads a line; what cannot be read, or asks for help, is answered here, with the code to end with.
pub(crate) fn read<Line: CommandFactory + FromArgMatches>(
    line: impl Iterator<Item = OsString>,
) -> Result<Line, ExitCode> {
    let mut command = tree(Line::command(), lang());
    let line = without_help_of_help(&command, line.collect());
    let read = command.try_get_matches_from_mut(line);
    let read = read.and_then(|matches| Line::from_arg_matches(&matches));
    read.map_err(|error| answer(&error))
}

/// `sotay help --help` asks for help, which the library would take for a command of that name.
pub(crate) fn without_help_of_help(command: &Command, line: Vec<OsString>) -> Vec<OsString> {
    let is_asked = |word: &OsString| word == "--help" || word == "-h";
    let mut here = command;
    for (nth, word) in line.iter().enumerate().skip(1) {
        if word == "help" && here.has_subcommands() {
            let (before, after) = line.split_at(nth + 1);
            let rest = after.iter().filter(|word| !is_asked(word));
            return before.iter().chain(rest).cloned().collect();
        }
        match here.find_subcommand(word) {
            Some(below) => here = below,
            None => break,
        }
    }
    line
}

/// The tree of commands, its texts in that language.
pub(crate) fn tree(mut command: Command, lang: Lang) -> Command {
    command.build();
    match lang {
        Lang::En => command,
        Lang::Vi => translated(command),
    }
}

fn translated(command: Command) -> Command {
    let about = command.get_about().map(of_help);
    let long = command.get_long_about().map(of_help);
    let command = match (about, long) {
        (Some(about), Some(long)) => command.about(about).long_about(long),
        (Some(about), None) => command.about(about),
        (None, _) => command,
    };
    let command = command.mut_args(translated_argument);
    command.mut_subcommands(translated)
}

fn translated_argument(argument: Arg) -> Arg {
    let help = argument.get_help().map(of_help);
    let long = argument.get_long_help().map(of_help);
    let names = argument.get_value_names().map(|names| {
        let named = |name: &Str| vietnamese(name).map_or(name.clone(), Str::from);
        names.iter().map(named).collect::<Vec<_>>()
    });
    let argument = match (help, long) {
        (Some(help), Some(long)) => argument.help(help).long_help(long),
        (Some(help), None) => argument.help(help),
        (None, _) => argument,
    };
    match names {
        Some(names) if argument.get_action().takes_values() => argument.value_names(names),
        _ => argument,
    }
}

fn known(english: &str) -> String {
    vietnamese(english).unwrap_or(english).to_owned()
}

fn of_help(text: &StyledStr) -> String {
    known(&text.to_string())
}

/// What the library drew, with its own words put into that language.
pub(crate) fn drawn(text: &str, lang: Lang) -> String {
    match lang {
        Lang::En => text.to_owned(),
        Lang::Vi => ADDED.iter().fold(text.to_owned(), |text, word| {
            text.replace(word, &known(word))
        }),
    }
}

/// Answers a line that was not read.
fn answer(error: &Error) -> ExitCode {
    let rendered = || drawn(&error.render().to_string(), lang());
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match print_plain(&rendered()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(1), // nobody is there to be told
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            eprint!("{}", rendered());
            ExitCode::from(2)
        }
        _ => {
            super::complain(trouble(error));
            if let Some(usage) = error.get(ContextKind::Usage) {
                eprintln!("\n{}", drawn(&usage.to_string(), lang()).trim_end());
            }
            eprintln!("\n{}", words(said!("More is said by --help.")));
            ExitCode::from(2)
        }
    }
}

/// What is wrong with a line, in a sentence.
fn trouble(error: &Error) -> Said {
    let get = |kind| error.get(kind).map(ContextValue::to_string);
    let of = |kind| get(kind).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    let value = of(ContextKind::InvalidValue);
    let told = match error.kind() {
        ErrorKind::UnknownArgument => said!("there is no option or word \"{}\" here", argument),
        ErrorKind::InvalidSubcommand => {
            said!(
                "there is no command \"{}\"",
                of(ContextKind::InvalidSubcommand)
            )
        }
        ErrorKind::MissingSubcommand => said!("a command is missing"),
        ErrorKind::MissingRequiredArgument => said!("this is missing: {}", argument),
        ErrorKind::InvalidValue if value.is_empty() => said!("{} needs a value", argument),
        ErrorKind::InvalidValue => said!("\"{}\" is no value for {}", value, argument),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(ToString::to_string);
            let why = Said::foreign(why.unwrap_or_default());
            said!("\"{}\" is no value for {}: {}", value, argument, why)
        }
        ErrorKind::TooManyValues => said!("\"{}\" is one value too many for {}", value, argument),
        ErrorKind::ArgumentConflict => match get(ContextKind::PriorArg) {
            Some(prior) if prior != argument => {
                said!("{} and {} do not go together", argument, prior)
            }
            _ => said!("{} can be given once only", argument),
        },
        _ => Said::foreign(error.to_string()),
    };
    let valid = [ContextKind::ValidValue, ContextKind::ValidSubcommand];
    let valid = valid.into_iter().find_map(get);
    let near = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let near = near.into_iter().find_map(get);
    match (near, valid) {
        (Some(near), _) => said!("{}; did you mean {}?", told, near),
        (None, Some(valid)) => said!("{}; there are: {}", told, valid),
        (None, None) => told,
    }
}
