//! The language of the command line: one for the whole run, chosen before the line is read.
//!
//! Everything that a command prints goes through here. A sentence is English in the source (`kernel::said!`), and
//! `app/text/commands.vi.toml` has it in Vietnamese; tests see to it that none is missing there and none too many
//! (`app/src/tests/tongue.rs`, docs/decisions/0009). Not here: the log, which is English; texts of pages and of
//! import reports, which have keys (`web::text`).
//! The rule that surprises: the choice is of the process, like its `umask`, since half of those who print are far
//! from the line.

pub(crate) mod line;

use kernel::Said;
use kernel::error::Result;
use std::collections::HashMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::sync::OnceLock;
use web::Lang;

/// The Vietnamese of every English sentence.
pub(crate) const VI: &str = include_str!("../../text/commands.vi.toml");

/// What asks for a language, the first that is set and not empty.
const VARIABLES: [&str; 4] = ["SOTAY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];

static CHOSEN: OnceLock<Lang> = OnceLock::new();

/// Chooses the language of this process: `--lang`, else the environment, else Vietnamese.
pub(crate) fn choose() {
    let arguments = std::env::args_os().skip(1);
    let lang = wanted(arguments, |name| std::env::var(name).ok());
    let _once = CHOSEN.set(lang); // main alone calls this
}

/// The language of this process.
pub(crate) fn lang() -> Lang {
    CHOSEN.get().copied().unwrap_or_default()
}

/// What the line and the environment ask for.
fn wanted(
    arguments: impl Iterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<String>,
) -> Lang {
    if let Some(lang) = in_line(arguments) {
        return lang;
    }
    let mut asked = VARIABLES.iter().filter_map(|name| variable(name));
    let locale = asked.find(|text| !text.trim().is_empty());
    let is_english = |text: &str| text.trim().to_lowercase().starts_with("en");
    match locale {
        Some(text) if is_english(&text) => Lang::En,
        _ => Lang::Vi,
    }
}

/// What `--lang` says, read before anything else of the line is; a word that is no language is refused later.
fn in_line(arguments: impl Iterator<Item = OsString>) -> Option<Lang> {
    let mut words = arguments
        .map(|word| word.to_string_lossy().into_owned())
        .take_while(|word| word != "--");
    while let Some(word) = words.next() {
        let asked = match word.strip_prefix("--lang") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        match asked.as_deref() {
            Some("vi") => return Some(Lang::Vi),
            Some("en") => return Some(Lang::En),
            _ => {}
        }
    }
    None
}

/// The catalogue: English to Vietnamese.
fn catalogue() -> &'static HashMap<String, String> {
    static READ: OnceLock<HashMap<String, String>> = OnceLock::new();
    READ.get_or_init(|| toml::from_str(VI).unwrap_or_default()) // a test reads it
}

/// Words of libraries, databases and systems, wherever they stand in what those say; longer ones first.
pub(crate) const FOREIGN: &[&str] = &[
    "database disk image is malformed",
    "file is not a database",
    "unable to open database file",
    "database or disk is full",
    "disk I/O error",
    "database is locked",
    "attempt to write a readonly database",
    "password authentication failed",
    "does not exist",
    "Operation not permitted",
    "File name too long",
    "Too many levels of symbolic links",
    "Input/output error",
    "Disk quota exceeded",
    "Network is unreachable",
    "No route to host",
    "Cannot allocate memory",
    "Device or resource busy",
    "Invalid cross-device link",
    "Stale file handle",
    "File too large",
    "Text file busy",
    "Resource temporarily unavailable",
    "Invalid argument",
    "Connection refused",
    "Address already in use",
    "Cannot assign requested address",
    "Connection reset by peer",
    "Connection timed out",
    "Too many open files",
    "Is a directory",
    "Not a directory",
    "File exists",
    "Directory not empty",
    "Read-only file system",
    "Broken pipe",
    "Name or service not known",
    "Unknown frame descriptor",
    "incomplete frame",
    "stream did not contain valid UTF-8",
    "unexpected end of file",
    "failed to fill whole buffer",
    "invalid utf-8 sequence",
    "failed to lookup address information",
    "invalid digit found in string",
    "invalid socket address syntax",
    "is not in ",
    "No such file or directory",
    "Permission denied",
    "No space left on device",
    "no such file in the store",
    "stored file is damaged",
    "the search index is being written by another process",
    "the search index is damaged",
    "folder of the search index",
    "search index",
    "a process of its own",
    "folders: none were named",
    "Landlock and system call filters: this system has none",
    "Landlock: this kernel has none",
    "no_new_privs: refused by the system",
    "system call filter",
    "Landlock",
    "not an id",
];

/// The Vietnamese of an English sentence, or of what is known in it.
fn vietnamese(english: &str) -> Option<&'static str> {
    let all = catalogue();
    let known = |text: &str| all.get(text).map(String::as_str);
    known(english).or_else(|| {
        let within = FOREIGN.iter().find(|words| english.contains(*words));
        within.and_then(|words| known(words))
    })
}

/// A sentence in that language.
pub(crate) fn in_words(said: &Said, lang: Lang) -> String {
    match lang {
        Lang::En => said.to_string(),
        Lang::Vi => without_numbers(&said.by(&vietnamese)),
    }
}

/// Without the system's numbers of its errors, "(os error 98)": the words before it say what they mean.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once(" (os error ") {
        out.push_str(before);
        match tail.split_once(')') {
            Some((number, tail)) if number.bytes().all(|b| b.is_ascii_digit()) => rest = tail,
            _ => {
                out.push_str(" (os error ");
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

/// A sentence in the language of this process.
pub(crate) fn words(said: impl Into<Said>) -> String {
    in_words(&said.into(), lang())
}

/// Says a sentence on the error stream, as a line.
pub(crate) fn tell(said: impl Into<Said>) {
    eprintln!("{}", words(said));
}

/// The same, without ending the line.
pub(crate) fn ask(said: impl Into<Said>) {
    eprint!("{}", words(said));
}

/// Says what went wrong, as programs do: after the program's name.
pub(crate) fn complain(said: impl Into<Said>) {
    eprintln!("sotay: {}", words(said));
}

/// Says a sentence on the output, as a line.
pub(crate) fn print(said: impl Into<Said>) -> Result<()> {
    print_plain(&(words(said) + "\n"))
}

/// Writes what is the same in every language to the output: tables, JSON, keys, what was put into words before. A
/// reader that went away (`| head`) is no fault.
pub(crate) fn print_plain(text: &str) -> Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(cause) if cause.kind() != std::io::ErrorKind::BrokenPipe => Err(cause.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::said;

    fn of(line: &str, variables: &[(&str, &str)]) -> Lang {
        wanted(line.split_whitespace().map(OsString::from), |asked| {
            let found = variables.iter().find(|(name, _)| *name == asked);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_line_goes_before_the_environment_and_its_first_set_word_counts() {
        use Lang::{En, Vi};
        for (line, variables, lang) in [
            ("check", &[][..], Vi),
            ("check", &[("LANG", "en_US.UTF-8")], En),
            ("check", &[("LANG", "en")], En),
            ("check", &[("LANG", "vi_VN.UTF-8")], Vi),
            ("check", &[("LANG", "C")], Vi),
            ("check", &[("LANG", "C.UTF-8")], Vi),
            ("check", &[("LANG", "POSIX")], Vi),
            ("check", &[("LANG", "de_DE.UTF-8")], Vi),
            ("check", &[("LANG", "")], Vi),
            ("check", &[("LC_MESSAGES", "en_GB"), ("LANG", "vi_VN")], En),
            ("check", &[("LC_MESSAGES", "vi_VN"), ("LANG", "en_GB")], Vi),
            ("check", &[("LC_MESSAGES", ""), ("LANG", "en_GB")], En),
            (
                "check",
                &[("LC_ALL", "C"), ("LC_MESSAGES", "en_GB"), ("LANG", "en_GB")],
                Vi,
            ),
            (
                "check",
                &[
                    ("LC_ALL", "en_GB"),
                    ("LC_MESSAGES", "vi_VN"),
                    ("LANG", "vi_VN"),
                ],
                En,
            ),
            ("check", &[("SOTAY_LANG", "vi"), ("LC_ALL", "en_GB")], Vi),
            ("check", &[("SOTAY_LANG", "en"), ("LC_ALL", "vi_VN")], En),
            ("check", &[("SOTAY_LANG", " "), ("LC_ALL", "en_GB")], En),
            (
                "check --lang en",
                &[("SOTAY_LANG", "vi"), ("LC_ALL", "vi_VN")],
                En,
            ),
            (
                "--lang=vi check",
                &[("SOTAY_LANG", "en"), ("LANG", "en_GB")],
                Vi,
            ),
            ("check --lang fr", &[("SOTAY_LANG", "en")], En),
            ("check --language en", &[], Vi),
            ("check -- --lang en", &[], Vi),
        ] {
            assert_eq!(of(line, variables), lang, "{line} {variables:?}");
        }
    }

    #[test]
    fn a_vietnamese_line_has_no_words_of_a_library() {
        for told in [
            "Address already in use (os error 98)",
            "Unknown frame descriptor",
            "Too many open files (os error 24)",
        ] {
            let told = said!("reading {}", Said::foreign(told));
            let vi = in_words(&told, Lang::Vi);
            for english in ["os error", "Address", "frame", "files"] {
                assert!(!vi.contains(english), "{vi}");
            }
        }
        let odd = said!("reading {}", Said::foreign("what (os error x) is"));
        assert!(
            in_words(&odd, Lang::Vi).contains("(os error x)"),
            "nothing else is cut"
        );
    }

    #[test]
    fn words_of_a_database_are_known_wherever_they_stand() {
        let told = "error returned from database: (code: 26) file is not a database";
        let told = said!("reading {}", Said::foreign(told));
        assert_eq!(in_words(&told, Lang::En), told.to_string());
        let vi = in_words(&told, Lang::Vi);
        assert!(
            vi.ends_with("không phải là cơ sở dữ liệu") && !vi.contains("file"),
            "{vi}"
        );
    }
}
