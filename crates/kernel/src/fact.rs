//! Facts as enums: a closed set of words that a column may hold, read and written by one list.
//!
//! [`crate::facts!`] makes the enum, its words and the way back; `#[sqlx(try_from = "String")]` on a row then
//! refuses a word that nobody knows, and `db` says in which row it stood. Not here: what people read
//! for a word (each room's texts).

/// Why a text is none of the words of a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is no {fact}")]
pub struct UnknownWord {
    /// The enum.
    pub fact: &'static str,
    /// What stood there.
    pub word: String,
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
