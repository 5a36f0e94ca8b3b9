//! Ids as types: a member's id cannot be handed in where a unit's is wanted.
//!
//! An id is text of `[0-9A-Za-z_-]`, at most 64 characters; ours are UUIDv7 made by [`crate::Dice`].
//! An id shows its age: it is never a secret, and never stands on an anonymous ballot.

use serde::{Deserialize, Serialize};

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

/// Whether a text has the shape of an id.
pub fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// A fresh id: UUIDv7 of the given clock and dice.
            pub fn fresh(clock: &crate::Clock, dice: &crate::Dice) -> Self {
                Self(dice.uuid(clock.now()))
            }
            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                if is_id(&text) { Ok(Self(text)) } else { Err(NotAnId) }
            }
        }
        impl std::str::FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Self::try_from(text.to_owned())
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String { id.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A unit of the organisation: body, committee's area, cell, group.
    UnitId;
    /// A member. The person, not the account.
    MemberId;
    /// An account that can sign in.
    AccountId;
    /// One signed-in device.
    SessionId;
    /// A dated right given to a member.
    GrantId;
    /// A meeting of a unit.
    MeetingId;
    /// One line of a meeting's agenda.
    ItemId;
    /// An official document.
    DocumentId;
    /// A shelf of books.
    ShelfId;
    /// A title on a shelf.
    TitleId;
    /// An article of the portal.
    ArticleId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_plain() {
        assert!("abc-DEF_09".parse::<UnitId>().is_ok());
        for bad in ["", "a/b", "a b", "é", "../x", &"x".repeat(65)] {
            assert!(bad.parse::<UnitId>().is_err(), "{bad}");
        }
    }
}
