//! Settings: one TOML file, overridden by the environment, read once and checked.
//!
//! Every key stands in [`KEYS`] with its meaning and default; `config/sotay.example.toml` is made from
//! it and a test compares. An unknown key is refused with the nearest known one. What changes while
//! running (names, voice) is a setting of the admin room, not here.

use crate::backup::Recipients;
use crate::tongue;
use kernel::error::{Doing as _, Error, Result};
use kernel::{Said, said};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use web::Lang;

/// One key of the file.
pub(crate) struct Key {
    section: &'static str,
    name: &'static str,
    default: &'static str,
    /// Said above it in the example.
    pub(crate) meaning: &'static str,
}

/// Every key.
pub(crate) const KEYS: &[Key] = &[
    Key {
        section: "server",
        name: "listen",
        default: "\"127.0.0.1:8080\"",
        meaning: "Address and port that browsers reach.",
    },
    Key {
        section: "server",
        name: "metrics_listen",
        default: "\"\"",
        meaning: "Address and port of /metrics for Prometheus; empty: none. Keep it off the public network.",
    },
    Key {
        section: "server",
        name: "public_url",
        default: "\"\"",
        meaning: "The outside address, such as \"https://sotay.example.vn\". With https cookies are marked secure; slips and feeds carry it.",
    },
    Key {
        section: "server",
        name: "behind_proxy",
        default: "false",
        meaning: "true when a proxy of yours stands in front, on this machine or its own network, and adds x-forwarded-for; of several words the last counts.",
    },
    Key {
        section: "server",
        name: "max_body_mb",
        default: "12",
        meaning: "The largest upload, in MB; forms have limits of their own.",
    },
    Key {
        section: "database",
        name: "url",
        default: "\"\"",
        meaning: "Empty: one SQLite file in the data folder. Or \"postgres://user:password@host/database\".",
    },
    Key {
        section: "database",
        name: "readers",
        default: "4",
        meaning: "How many may read at once; on PostgreSQL, the size of the pool.",
    },
    Key {
        section: "data",
        name: "dir",
        default: "\"./sotay-data\"",
        meaning: "Folder of the database file, uploaded files, the search index and the key.",
    },
    Key {
        section: "data",
        name: "files",
        default: "\"\"",
        meaning: "Folder of uploaded files; empty: \"files\" in the data folder. Several servers name one that all reach.",
    },
    Key {
        section: "import",
        name: "seconds",
        default: "120",
        meaning: "Seconds that one file from outside may take to open.",
    },
    Key {
        section: "import",
        name: "memory_mb",
        default: "512",
        meaning: "Memory that opening one file may take, in MB.",
    },
    Key {
        section: "import",
        name: "upload_mb",
        default: "200",
        meaning: "What one upload from a browser may weigh, in MB.",
    },
    Key {
        section: "mail",
        name: "host",
        default: "\"\"",
        meaning: "The mail server; empty: no mail goes out, notices wait in the handbook.",
    },
    Key {
        section: "mail",
        name: "port",
        default: "587",
        meaning: "Its port.",
    },
    Key {
        section: "mail",
        name: "tls",
        default: "\"start\"",
        meaning: "start (587), whole (465), or none for a relay on this machine.",
    },
    Key {
        section: "mail",
        name: "authority",
        default: "\"\"",
        meaning: "A PEM file: the authority that signed the server's certificate; empty: the public ones.",
    },
    Key {
        section: "mail",
        name: "user",
        default: "\"\"",
        meaning: "Who signs in there; empty for a server that asks nobody.",
    },
    Key {
        section: "mail",
        name: "password",
        default: "\"\"",
        meaning: "With which password. Better in the environment: SOTAY_MAIL_PASSWORD.",
    },
    Key {
        section: "mail",
        name: "from",
        default: "\"\"",
        meaning: "The sender's address, such as sotay@example.vn.",
    },
    Key {
        section: "backup",
        name: "recipient",
        default: "\"\"",
        meaning: "Public key (age1…) to which archives are encrypted, several with spaces between; empty: they are not. Make one: sotay archives new-key FILE.",
    },
    Key {
        section: "log",
        name: "level",
        default: "\"info\"",
        meaning: "error, warn, info, debug; or a filter such as \"info,sqlx=warn\".",
    },
    Key {
        section: "log",
        name: "format",
        default: "\"text\"",
        meaning: "text or json.",
    },
];

/// A text that is never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// The text itself, for the one who needs it.
    pub(crate) fn tell(&self) -> &str {
        &self.0
    }
}
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() {
            "(empty)"
        } else {
            "(secret)"
        })
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For eyes.
    Text,
    /// For machines.
    Json,
}

/// All settings, checked.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Where browsers come in.
    pub listen: SocketAddr,
    /// Where Prometheus comes in.
    pub metrics_listen: Option<SocketAddr>,
    /// The outside address; empty when it is the one listened on.
    pub public_url: String,
    /// Whether a proxy stands in front.
    pub behind_proxy: bool,
    /// The largest form.
    pub max_body_bytes: usize,
    /// The database; empty: the file in the data folder.
    pub database_url: Secret,
    /// Readers at once.
    pub readers: u32,
    /// The data folder.
    pub dir: PathBuf,
    /// The folder of stored files; empty: the one in the data folder.
    pub files_dir: PathBuf,
    /// Seconds a file from outside may take.
    pub import_s: u64,
    /// Memory a file from outside may take.
    pub import_bytes: u64,
    /// The mail server, when there is one.
    pub mail: Option<notices::Smtp>,
    /// What one upload from a browser may weigh, in bytes.
    pub upload_bytes: u64,
    /// The file that it was read from, when there was one: it goes into archives.
    pub file: Option<PathBuf>,
    /// Who can open archives.
    pub recipients: Recipients,
    /// Log filter.
    pub log_level: String,
    /// Log format.
    pub log_format: LogFormat,
}

impl Config {
    /// Whether the outside address is https.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
    /// Where stored files lie, and those on their way in.
    pub(crate) fn files(&self) -> PathBuf {
        if self.files_dir.as_os_str().is_empty() {
            return self.dir.join("files");
        }
        self.files_dir.clone()
    }
    /// The database's address.
    pub(crate) fn database(&self) -> db::Url {
        if self.database_url.tell().is_empty() {
            db::Url::File(self.dir.join("sotay.db"))
        } else {
            db::Url::read(self.database_url.tell())
        }
    }

    /// Reads the file (if one is named, or `sotay.toml` stands here), then the environment
    /// (`SOTAY_DATABASE_URL` for `url` of `[database]`).
    pub(crate) fn read(file: Option<&Path>) -> Result<Config> {
        let default = Path::new("sotay.toml");
        let text = match file {
            Some(path) => read_file(path)?,
            None if default.exists() => read_file(default)?,
            None => String::new(),
        };
        let path = file.unwrap_or(default);
        let mut config = Self::from_text(&text, &path.display().to_string(), |key| {
            std::env::var(key).ok()
        })?;
        config.file = (file.is_some() || path.exists()).then(|| path.to_path_buf());
        Ok(config)
    }

    /// Reads settings from text; `env` answers for the environment.
    pub(crate) fn from_text(
        text: &str,
        name: &str,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Config> {
        let mut table: toml::Table = text
            .parse()
            .map_err(|cause| Error::fault(no_toml(text, &cause)))
            .doing(said!("reading {}", name))?;
        refuse_unknown(&table, name)?;
        for key in KEYS {
            let variable = format!("SOTAY_{}_{}", key.section, key.name).to_uppercase();
            let Some(value) = env(&variable) else {
                continue;
            };
            let is_text = key.default.starts_with('"');
            let value = if is_text {
                toml::Value::String(value)
            } else {
                let line: toml::Table = format!("v = {value}").parse().map_err(|_| {
                    Error::fault(said!(
                        "{} should look like {}, not \"{}\"",
                        variable,
                        key.default,
                        value
                    ))
                })?;
                line.get("v")
                    .cloned()
                    .unwrap_or(toml::Value::Boolean(false))
            };
            let section = table
                .entry(key.section)
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(section) = section {
                section.insert(key.name.to_owned(), value);
            }
        }
        let read = Reader {
            table: &table,
            name,
        };
        let log_format = match read.text("log", "format")?.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            other => {
                return Err(read.wrong(
                    "log",
                    "format",
                    said!("\"{}\" is neither text nor json", other),
                ));
            }
        };
        let public_url = read
            .text("server", "public_url")?
            .trim_end_matches('/')
            .to_owned();
        if !public_url.is_empty()
            && !public_url.starts_with("http://")
            && !public_url.starts_with("https://")
        {
            return Err(read.wrong(
                "server",
                "public_url",
                said!("it starts with neither http:// nor https://"),
            ));
        }
        let metrics = read.text("server", "metrics_listen")?;
        Ok(Config {
            listen: read.address("server", "listen")?,
            metrics_listen: if metrics.is_empty() {
                None
            } else {
                Some(read.address("server", "metrics_listen")?)
            },
            public_url,
            behind_proxy: read.flag("server", "behind_proxy")?,
            max_body_bytes: usize::try_from(read.number("server", "max_body_mb", 1, 64)?)
                .unwrap_or(12)
                << 20,
            database_url: Secret(database_url(&read)?),
            readers: u32::try_from(read.number("database", "readers", 1, 64)?).unwrap_or(4),
            dir: PathBuf::from(read.text("data", "dir")?),
            files_dir: PathBuf::from(read.text("data", "files")?),
            import_s: read.number("import", "seconds", 1, 3600)?,
            import_bytes: read.number("import", "memory_mb", 64, 16_384)? << 20,
            upload_bytes: read.number("import", "upload_mb", 1, 100_000)? << 20,
            mail: mail(&read)?,
            file: None,
            recipients: recipients(&read)?,
            log_level: log_level(&read)?,
            log_format,
        })
    }

    /// The example file: every key with its meaning and default.
    pub(crate) fn example(lang: Lang) -> String {
        let words = |said: &Said| tongue::in_words(said, lang);
        let head = said!(
            "# Settings of Sổ tay. Every key may be left out; these are the defaults.\n\
             # The environment overrides: SOTAY_DATABASE_URL for url of [database].\n"
        );
        let mut out = words(&head);
        let mut section = "";
        for key in KEYS {
            if key.section != section {
                section = key.section;
                out.push_str(&format!("\n[{section}]\n"));
            }
            out.push_str(&format!(
                "# {}\n{} = {}\n",
                words(&key.meaning.into()),
                key.name,
                key.default
            ));
        }
        out
    }
}

/// What is wrong with a file of settings, by its line.
fn no_toml(text: &str, cause: &toml::de::Error) -> Said {
    let before = cause.span().and_then(|span| text.get(..span.start));
    let number = before.map_or(1, |before| before.matches('\n').count() + 1);
    let line = text.lines().nth(number - 1).unwrap_or_default().trim();
    match cause.message().contains("duplicate") {
        true => said!("line {} is there twice: {}", number, line),
        false => said!("line {} cannot be read: {}", number, line),
    }
}

fn read_file(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path);
    text.map_err(Error::fault)
        .doing(said!("reading {}", path.display()))
}

/// The database's address, of a kind that is known; said without what may be a password.
fn database_url(read: &Reader<'_>) -> Result<String> {
    let url = read.text("database", "url")?;
    match url.split_once("://") {
        Some((scheme, _)) if !["postgres", "postgresql", "sqlite"].contains(&scheme.trim()) => {
            let why = said!(
                "{}:// is not known: postgres://… or empty for SQLite",
                scheme
            );
            Err(read.wrong("database", "url", why))
        }
        _ => Ok(url),
    }
}

/// Who can open archives.
fn recipients(read: &Reader<'_>) -> Result<Recipients> {
    let text = read.text("backup", "recipient")?;
    Recipients::read(&text).map_err(|error| read.wrong("backup", "recipient", error.said()))
}

/// The log's filter. A word alone must be a level: the library would take it for a part of the program.
fn log_level(read: &Reader<'_>) -> Result<String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let level = read.text("log", "level")?;
    let is_good =
        |part: &str| part.contains('=') || LEVELS.contains(&part.trim().to_lowercase().as_str());
    if level.split(',').all(is_good) && tracing_subscriber::EnvFilter::try_new(&level).is_ok() {
        return Ok(level);
    }
    let why = said!(
        "\"{}\" is neither error, warn, info, debug nor a filter such as \"info,sqlx=warn\"",
        level
    );
    Err(read.wrong("log", "level", why))
}

/// The section `[mail]`.
fn mail(read: &Reader<'_>) -> Result<Option<notices::Smtp>> {
    let host = read.text("mail", "host")?;
    if host.is_empty() {
        return Ok(None);
    }
    let tls = match read.text("mail", "tls")?.as_str() {
        "start" => notices::Tls::Start,
        "whole" => notices::Tls::Whole,
        "none" => notices::Tls::None,
        other => {
            let why = said!("\"{}\" is none of start, whole, none", other);
            return Err(read.wrong("mail", "tls", why));
        }
    };
    let authority = read.text("mail", "authority")?;
    let root_pem = match authority.as_str() {
        "" => None,
        file => Some(
            std::fs::read(file)
                .map_err(|cause| read.wrong("mail", "authority", said!("{}: {}", file, cause)))?,
        ),
    };
    Ok(Some(notices::Smtp {
        host,
        port: u16::try_from(read.number("mail", "port", 1, 65_535)?).unwrap_or(587),
        tls,
        root_pem,
        user: read.text("mail", "user")?,
        password: notices::Secret::new(read.text("mail", "password")?),
        from: read.text("mail", "from")?,
        timeout_ms: 15_000,
    }))
}

fn refuse_unknown(table: &toml::Table, name: &str) -> Result<()> {
    let nearest = |wrong: &str, known: Vec<&'static str>| {
        let best = known.into_iter().max_by(|a, b| {
            strsim::jaro_winkler(a, wrong).total_cmp(&strsim::jaro_winkler(b, wrong))
        });
        best.unwrap_or("").to_owned()
    };
    for (section, value) in table {
        if !KEYS.iter().any(|key| key.section == section) {
            let near = nearest(section, KEYS.iter().map(|key| key.section).collect());
            return Err(Error::fault(said!(
                "{}: there is no section [{}]; did you mean [{}]?",
                name,
                section,
                near
            )));
        }
        let toml::Value::Table(keys) = value else {
            return Err(Error::fault(said!(
                "{}: {} is a section: write [{}]",
                name,
                section,
                section
            )));
        };
        for key in keys.keys() {
            let known: Vec<&'static str> = KEYS
                .iter()
                .filter(|held| held.section == section)
                .map(|held| held.name)
                .collect();
            if !known.contains(&key.as_str()) {
                let near = nearest(key, known);
                return Err(Error::fault(said!(
                    "{}: [{}] has no key {}; did you mean {}?",
                    name,
                    section,
                    key,
                    near
                )));
            }
        }
    }
    Ok(())
}

struct Reader<'a> {
    table: &'a toml::Table,
    name: &'a str,
}

impl Reader<'_> {
    fn wrong(&self, section: &str, key: &str, why: impl Into<Said>) -> Error {
        let why = why.into();
        Error::fault(said!("{}: {} of [{}]: {}", self.name, key, section, why))
    }
    fn value(&self, section: &str, key: &str) -> Result<toml::Value> {
        if let Some(value) = self.table.get(section).and_then(|held| held.get(key)) {
            return Ok(value.clone());
        }
        let found = KEYS
            .iter()
            .find(|held| held.section == section && held.name == key);
        let default = found.map_or("", |held| held.default);
        let line: toml::Table = format!("v = {default}")
            .parse()
            .map_err(|_| self.wrong(section, key, said!("has no default")))?;
        line.get("v")
            .cloned()
            .ok_or_else(|| self.wrong(section, key, said!("has no default")))
    }
    fn text(&self, section: &str, key: &str) -> Result<String> {
        match self.value(section, key)? {
            toml::Value::String(text) => Ok(text),
            _ => Err(self.wrong(section, key, said!("should be a text in quotation marks"))),
        }
    }
    fn flag(&self, section: &str, key: &str) -> Result<bool> {
        self.value(section, key)?
            .as_bool()
            .ok_or_else(|| self.wrong(section, key, said!("should be true or false")))
    }
    fn number(&self, section: &str, key: &str, least: u64, most: u64) -> Result<u64> {
        let number = self
            .value(section, key)?
            .as_integer()
            .and_then(|n| u64::try_from(n).ok());
        number
            .filter(|n| (least..=most).contains(n))
            .ok_or_else(|| {
                self.wrong(
                    section,
                    key,
                    said!("should be a number from {} to {}", least, most),
                )
            })
    }
    fn address(&self, section: &str, key: &str) -> Result<SocketAddr> {
        let text = self.text(section, key)?;
        text.parse().map_err(|_| {
            self.wrong(
                section,
                key,
                said!("\"{}\" is no address and port such as 127.0.0.1:8080", text),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config> {
        Config::from_text(text, "sotay.toml", |_| None)
    }

    #[test]
    fn the_example_file_is_the_one_in_the_repository() {
        let kept = include_str!("../../config/sotay.example.toml");
        assert_eq!(
            kept,
            Config::example(Lang::En),
            "write it anew: sotay config --lang en > config/sotay.example.toml"
        );
        assert!(read(kept).is_ok());
        let vi = Config::example(Lang::Vi);
        assert!(
            read(&vi).is_ok() && vi.lines().count() == kept.lines().count(),
            "{vi}"
        );
    }
    #[test]
    fn an_unknown_key_is_refused_with_the_nearest() {
        let told = read("[server]\nlissten = \"127.0.0.1:1\"\n")
            .unwrap_err()
            .log_text();
        assert!(told.contains("did you mean listen?"), "{told}");
        let told = read("[databse]\nurl = \"\"\n").unwrap_err().log_text();
        assert!(told.contains("[database]"), "{told}");
    }
    #[test]
    fn the_environment_overrides_and_secrets_are_not_printed() {
        let config = Config::from_text("[database]\nreaders = 2\n", "x", |key| match key {
            "SOTAY_DATABASE_URL" => Some("postgres://a:geheim@b/c".into()),
            "SOTAY_DATABASE_READERS" => Some("9".into()),
            _ => None,
        })
        .unwrap();
        assert_eq!(config.readers, 9);
        assert!(!format!("{config:?} {:?}", config.database()).contains("geheim"));
    }
    #[test]
    fn wrong_values_say_where_and_how() {
        for (text, word) in [
            ("[server]\nlisten = \"8080\"", "address and port"),
            ("[database]\nreaders = 0", "from 1 to 64"),
            ("[server]\npublic_url = \"sotay.vn\"", "http://"),
            ("[log]\nformat = \"xml\"", "neither text nor json"),
            ("[log]\nlevel = \"blah\"", "neither error, warn"),
            (
                "[database]\nurl = \"mysql://a:geheim@b/c\"",
                "mysql:// is not known",
            ),
        ] {
            let told = read(text).unwrap_err().log_text();
            assert!(told.contains(word), "{told}");
        }
    }
}
