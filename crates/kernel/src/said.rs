//! What the program says to whoever runs it: English in the source, with places for what differs.
//!
//! The English pattern is the name of the sentence, as in gettext. The log takes it as it stands, so that machines
//! and search engines find it; the command line looks its translation up and fills that (`app/src/tongue`,
//! docs/decisions/0009). Not here: sentences of pages, which have keys (`web::text`).
//! The rule that surprises: what stands in a place may be a sentence itself, or an answer of the operating system,
//! and is then said in the language of the sentence around it.

use crate::error::Error;
use std::error::Error as Cause;
use std::fmt;
use std::io::ErrorKind;

/// A sentence: an English pattern, and what stands in its places. Made by [`crate::said!`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pattern: &'static str,
    words: Vec<Word>,
}

/// What stands in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// The same in every language: a path, a number, a name.
    Plain(String),
    /// Words of another program or library: said as they are, unless a translation is known.
    Foreign(String),
    /// What the operating system answered, by its kind and in its own words.
    System(ErrorKind, String),
    /// A sentence within the sentence.
    Said(Said),
    /// Several, with this between them.
    List(Vec<Said>, &'static str),
}

/// Answers the pattern of another language, if there is one.
pub type Translate<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

impl Said {
    /// Of these parts. [`crate::said!`] also counts the places.
    pub fn new(pattern: &'static str, words: Vec<Word>) -> Self {
        Said { pattern, words }
    }
    /// Something that is the same in every language.
    pub fn verbatim(text: impl Into<String>) -> Self {
        Said::new("{}", vec![Word::Plain(text.into())])
    }
    /// Words of another program or library.
    pub fn foreign(text: impl Into<String>) -> Self {
        Said::new("{}", vec![Word::Foreign(text.into())])
    }
    /// Several sentences, with `between` between them.
    pub fn list(sentences: impl IntoIterator<Item = Said>, between: &'static str) -> Self {
        let all = sentences.into_iter().collect();
        Said::new("{}", vec![Word::List(all, between)])
    }
    /// What failed and why, the outermost first: `reading a.toml: permission denied`.
    pub fn chain(sentences: impl IntoIterator<Item = Said>) -> Self {
        Said::list(sentences, ": ")
    }
    /// One link of a chain of causes.
    pub fn of_cause(cause: &(dyn Cause + 'static)) -> Self {
        if let Some(said) = cause.downcast_ref::<Said>() {
            return said.clone();
        }
        match cause.downcast_ref::<std::io::Error>() {
            Some(system) => Said::new("{}", vec![Word::of_system(system)]),
            None => Said::foreign(cause.to_string()),
        }
    }
    /// In another language; what has no translation stays English.
    pub fn by(&self, translate: Translate<'_>) -> String {
        let pattern = match self.pattern {
            "{}" => "{}",
            pattern => translate(pattern).unwrap_or(pattern),
        };
        let words: Vec<String> = self.words.iter().map(|word| word.by(translate)).collect();
        fill(pattern, &words)
    }
}

impl Word {
    /// What the system answered; an error of our own in its clothes is what is inside.
    fn of_system(cause: &std::io::Error) -> Word {
        match cause.get_ref() {
            Some(inside) => match inside.downcast_ref::<Said>() {
                Some(said) => Word::Said(said.clone()),
                None => Word::Foreign(inside.to_string()),
            },
            None => Word::System(cause.kind(), cause.to_string()),
        }
    }
    fn by(&self, translate: Translate<'_>) -> String {
        match self {
            Word::Plain(text) => text.clone(),
            Word::Foreign(text) => translate(text).unwrap_or(text).to_owned(),
            Word::System(kind, text) => (system(*kind).and_then(translate))
                .or_else(|| translate(text))
                .unwrap_or(text)
                .to_owned(),
            Word::Said(said) => said.by(translate),
            Word::List(all, between) => {
                let all: Vec<String> = all.iter().map(|said| said.by(translate)).collect();
                all.join(between)
            }
        }
    }
}

/// The usual answers of an operating system, by name: its own words differ from one to the next. In English they
/// are said as the system says them.
pub const SYSTEM: [(ErrorKind, &str); 19] = [
    (ErrorKind::NotFound, "there is no such file or folder"),
    (ErrorKind::PermissionDenied, "this user may not do that"),
    (ErrorKind::AlreadyExists, "there is one already"),
    (ErrorKind::StorageFull, "the disk is full"),
    (
        ErrorKind::QuotaExceeded,
        "this user's share of the disk is used up",
    ),
    (ErrorKind::FileTooLarge, "the file would be too large"),
    (ErrorKind::ReadOnlyFilesystem, "this disk can only be read"),
    (ErrorKind::IsADirectory, "it is a folder"),
    (ErrorKind::NotADirectory, "it is no folder"),
    (ErrorKind::DirectoryNotEmpty, "the folder is not empty"),
    (
        ErrorKind::AddrInUse,
        "another program uses this address and port",
    ),
    (
        ErrorKind::AddrNotAvailable,
        "this machine has no such address",
    ),
    (ErrorKind::ConnectionRefused, "nobody answers there"),
    (
        ErrorKind::ConnectionReset,
        "the other side broke the connection off",
    ),
    (ErrorKind::HostUnreachable, "that machine cannot be reached"),
    (ErrorKind::TimedOut, "no answer came in time"),
    (ErrorKind::UnexpectedEof, "it ends too early"),
    (ErrorKind::InvalidData, "its content cannot be read"),
    (ErrorKind::BrokenPipe, "the reader went away"),
];

fn system(kind: ErrorKind) -> Option<&'static str> {
    let mut all = SYSTEM.iter();
    all.find(|(of, _)| *of == kind).map(|(_, text)| *text)
}

/// Fills `{}` in order and `{0}`, `{1}` by number; `{{` and `}}` are braces.
fn fill(pattern: &str, words: &[String]) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut next = 0;
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let inside = (tail.strip_prefix('{'))
            .and_then(|tail| tail.split_once('}'))
            .filter(|(inside, _)| inside.bytes().all(|byte| byte.is_ascii_digit()));
        rest = match inside {
            Some((number, tail)) => {
                let place = number.parse().unwrap_or(next);
                next += usize::from(number.is_empty());
                out.push_str(words.get(place).map_or("", String::as_str));
                tail
            }
            None => {
                let brace = tail.get(..1).unwrap_or_default();
                out.push_str(brace);
                let tail = tail.get(1..).unwrap_or_default();
                tail.strip_prefix(brace).unwrap_or(tail)
            }
        };
    }
    out.push_str(rest);
    out
}

/// How many places a pattern has: the highest number in it, or so many `{}`.
pub const fn places(pattern: &str) -> usize {
    let text = pattern.as_bytes();
    let (mut at, mut plain, mut highest) = (0, 0, 0);
    while at < text.len() {
        if text[at] == b'{' && at + 1 < text.len() {
            let mut end = at + 1;
            let mut number = 0;
            while end < text.len() && text[end].is_ascii_digit() {
                number = number * 10 + (text[end] - b'0') as usize;
                end += 1;
            }
            if end < text.len() && text[end] == b'}' {
                if end == at + 1 {
                    plain += 1;
                } else if number + 1 > highest {
                    highest = number + 1;
                }
            }
            at = if text[at + 1] == b'{' {
                at + 1
            } else {
                end - 1
            };
        }
        at += 1;
    }
    if plain > highest { plain } else { highest }
}

/// In English, for the log.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.by(&|_| None))
    }
}
/// A sentence can be the cause of a fault.
impl Cause for Said {}

/// A text without places.
impl From<&'static str> for Said {
    fn from(text: &'static str) -> Self {
        Said::new(text, Vec::new())
    }
}

/// Something on its way into a place; see [`crate::said!`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Given<'a, T: ?Sized>(pub &'a T);

/// What is shown the same way in every language.
#[doc(hidden)]
pub trait Shown {
    /// The word that stands in the place.
    fn word(&self) -> Word;
}
impl<T: fmt::Display + ?Sized> Shown for Given<'_, T> {
    fn word(&self) -> Word {
        Word::Plain(self.0.to_string())
    }
}
// What a type has itself goes before what a trait gives it: these are said in the sentence's language.
macro_rules! spoken {
    ($($of:ty: $word:expr),* $(,)?) => {$(
        impl Given<'_, $of> {
            #[doc(hidden)]
            pub fn word(&self) -> Word {
                $word(self.0)
            }
        }
        impl Given<'_, &$of> {
            #[doc(hidden)]
            pub fn word(&self) -> Word {
                $word(*self.0)
            }
        }
    )*};
}
spoken! {
    Said: |said: &Said| Word::Said(said.clone()),
    Error: |error: &Error| Word::Said(error.said()),
    std::io::Error: Word::of_system,
}

/// A sentence with places: `said!("removing {}", path.display())`. As many words as places, or it does not compile.
/// A [`Said`](crate::said::Said), an [`Error`](crate::Error) or an answer of the system is said in the language of
/// the whole; everything else as it shows itself.
#[macro_export]
macro_rules! said {
    ($pattern:literal $(, $word:expr)* $(,)?) => {{
        const {
            let words: &[&str] = &[$(stringify!($word)),*];
            assert!($crate::said::places($pattern) == words.len(), "as many words as places");
        }
        #[allow(unused_imports)]
        use $crate::said::Shown as _;
        $crate::said::Said::new($pattern, vec![$($crate::said::Given(&$word).word()),*])
    }};
}

/// A pattern that is kept for later: says that the literal is one, so that the catalogue's test finds it.
#[macro_export]
macro_rules! pattern {
    ($pattern:literal) => {
        $pattern
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Doing as _;

    fn other(text: &str) -> Option<&'static str> {
        Some(match text {
            "removing {}" => "xóa {}",
            "{} of {}" => "trong {1} có {0}",
            "there is no such file or folder" => "không có tệp ấy",
            "it is damaged" => "nó hỏng",
            _ => return None,
        })
    }

    #[test]
    fn a_sentence_is_english_or_filled_into_the_other_pattern_in_its_order() {
        let told = said!("{} of {}", 3, "b");
        assert_eq!(told.to_string(), "3 of b");
        assert_eq!(told.by(&other), "trong b có 3");
        assert_eq!(said!("with {{}} {}", 1).to_string(), "with {} 1");
        assert_eq!(
            said!("nobody knows it: {}", "{}").by(&other),
            "nobody knows it: {}"
        );
    }

    #[test]
    fn a_chain_is_said_in_one_language_from_end_to_end() {
        let gone = || std::io::Error::from_raw_os_error(2);
        let error = Err::<(), _>(gone())
            .doing(said!("removing {}", "a"))
            .unwrap_err();
        assert_eq!(error.said().by(&other), "xóa a: không có tệp ấy");
        assert_eq!(error.log_text(), format!("removing a: {}", gone()));
        let inner = std::io::Error::other(said!("removing {}", "b"));
        let error = Error::fault("it is damaged");
        let told = said!("{} of {}", error, inner);
        assert_eq!(told.by(&other), "trong xóa b có nó hỏng");
    }

    #[test]
    fn places_are_counted() {
        for (pattern, count) in [
            ("", 0),
            ("{}", 1),
            ("{{}} {}", 1),
            ("{1} {0}", 2),
            ("{0} {0}", 1),
            ("{ } {", 0),
        ] {
            assert_eq!(places(pattern), count, "{pattern}");
        }
    }
}
