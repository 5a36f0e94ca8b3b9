//! Facts as enums: a closed set of words that a column may hold, read and written by one list.
//!
//! [`crate::facts!`] makes the enum, its words and the way back. A row that is read alone takes the enum:
//! `#[sqlx(try_from = "String")]` refuses a word that nobody knows, and `db` says in which row it stood. A
//! row of a list takes [`Kept`], so that one odd row does not hide the others: it is shown as unread, and
//! `sotay check` names it. Not here: what people read for a word (each room's texts).

/// Why a text is none of the words of a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is no {fact}")]
pub struct UnknownWord {
    /// The enum.
    pub fact: &'static str,
    /// What stood there.
    pub word: String,
}

/// What [`crate::facts!`] makes: a closed set of words.
pub trait Fact: Copy + Eq + TryFrom<String, Error = UnknownWord> + 'static {
    /// Every one, in the order of declaration.
    const EVERY: &'static [Self];
    /// The word kept in tables.
    fn word(self) -> &'static str;
}

/// What a column holds: a word of the fact, or one that nobody knows and that gives its bearer nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept<F> {
    /// One of the words.
    Known(F),
    /// None of them, as it stands.
    Odd(String),
}

impl<F: Fact> Kept<F> {
    /// The fact, when the word is one.
    pub fn known(&self) -> Option<F> {
        match self {
            Kept::Known(fact) => Some(*fact),
            Kept::Odd(_) => None,
        }
    }
    /// Whether it is that one.
    pub fn is(&self, fact: F) -> bool {
        self.known() == Some(fact)
    }
    /// The word as it stands.
    pub fn word(&self) -> &str {
        match self {
            Kept::Known(fact) => fact.word(),
            Kept::Odd(word) => word,
        }
    }
}
impl<F: Fact> From<String> for Kept<F> {
    fn from(word: String) -> Self {
        F::try_from(word).map_or_else(|unknown| Kept::Odd(unknown.word), Kept::Known)
    }
}
impl<F: Fact> std::fmt::Display for Kept<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// Reads a fact from a file: `#[serde(deserialize_with = "kernel::fact::from_file")]`.
///
/// # Errors
/// The word is none of the fact's.
pub fn from_file<'de, D: serde::Deserializer<'de>, F: Fact>(from: D) -> Result<F, D::Error> {
    let word = <String as serde::Deserialize>::deserialize(from)?;
    F::try_from(word).map_err(serde::de::Error::custom)
}

/// Makes an enum whose variants are words of a column.
///
/// ```
/// kernel::facts! {
///     /// Where a meeting stands.
///     pub enum State {
///         /// Being planned.
///         Draft = "draft",
///         /// Everybody was told.
///         Called = "called",
///     }
/// }
/// assert_eq!(State::Called.word(), "called");
/// assert_eq!("draft".parse(), Ok(State::Draft));
/// assert!("dratf".parse::<State>().is_err());
/// let odd = kernel::fact::Kept::<State>::from("dratf".to_owned());
/// assert_eq!((odd.known(), odd.word()), (None, "dratf"));
/// ```
#[macro_export]
macro_rules! facts {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $($(#[$inner])* $variant),*
        }
        #[allow(dead_code)] // not every fact is listed or compared by its word
        impl $name {
            /// Every one, in the order of declaration.
            $vis const ALL: &'static [$name] = &[$($name::$variant),*];
            /// The word kept in tables.
            $vis fn word(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }
        }
        impl $crate::fact::Fact for $name {
            const EVERY: &'static [$name] = $name::ALL;
            fn word(self) -> &'static str {
                $name::word(self)
            }
        }
        impl TryFrom<String> for $name {
            type Error = $crate::fact::UnknownWord;
            fn try_from(word: String) -> ::std::result::Result<Self, $crate::fact::UnknownWord> {
                match word.as_str() {
                    $($word => ::std::result::Result::Ok($name::$variant),)*
                    _ => ::std::result::Result::Err($crate::fact::UnknownWord { fact: stringify!($name), word }),
                }
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::fact::UnknownWord;
            fn from_str(word: &str) -> ::std::result::Result<Self, $crate::fact::UnknownWord> {
                Self::try_from(word.to_owned())
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
