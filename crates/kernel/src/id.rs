//! Ids as types: a member's id cannot be handed in where a unit's is wanted.
//!
//! An id is text of `[0-9A-Za-z_-]`, at most 64 characters; ours are UUIDv7 made by [`crate::Dice`].
//! An id shows its age: it is never a secret, and never stands on an anonymous ballot.

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

/// Whether a text is an id as [`crate::Dice::uuid`] writes one: small hex figures, strokes in their places. What a form
/// carries back is such a one, or was made by hand: strokes alone, or the same in capitals.
pub fn is_made(text: &str) -> bool {
    let stroke = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match stroke(at) {
            true => b == b'-',
            false => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// Makes id types: `kernel::ids! { /// A meeting of a unit. MeetingId; }`. A room makes the ids of its
/// own things with `db::ids!`, which also lets them be bound to a statement; the few that the frame
/// itself speaks of stand here.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, $crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "kernel::serde", try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// A fresh id: UUIDv7 of the given clock and dice.
            pub fn fresh(clock: &$crate::Clock, dice: &$crate::Dice) -> Self {
                Self(dice.uuid(clock.now()))
            }
            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = $crate::id::NotAnId;
            fn try_from(text: String) -> ::std::result::Result<Self, $crate::id::NotAnId> {
                if $crate::id::is_id(&text) { ::std::result::Result::Ok(Self(text)) } else { ::std::result::Result::Err($crate::id::NotAnId) }
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::id::NotAnId;
            fn from_str(text: &str) -> ::std::result::Result<Self, $crate::id::NotAnId> {
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

crate::ids! {
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

    #[test]
    fn what_a_form_carries_is_an_id_of_ours_to_the_letter() {
        let ours = crate::Dice::seeded(1).uuid(crate::Moment(1_000));
        assert!(is_made(&ours));
        for bad in [
            "",
            "new",
            &"-".repeat(36),
            &ours.to_uppercase(),
            &ours.replace('-', "0"),
            &ours[1..],
        ] {
            assert!(!is_made(bad), "{bad}");
        }
    }
}
