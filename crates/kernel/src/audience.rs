//! Who a thing is for: everybody, all members, or the people of one unit and of all below it.
//!
//! Kept as the **id** of a unit, never as its path: a unit that moves takes its readers with it. Who
//! is reached is worked out when reading, from where the reader's units stand that day.
//! Not here: who may write or publish ([`crate::Cap`]). The rule that surprises: a unit above is not
//! reached by what is addressed below it; those who must look into units below hold a capability.

use crate::id::{NotAnId, UnitId};
use serde::{Deserialize, Serialize};

/// Who may see a thing. As text: `public`, `members`, `unit:ID`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(try_from = "String", into = "String")]
pub enum Audience {
    /// Anyone.
    Public,
    /// Everybody who is signed in.
    #[default]
    Members,
    /// People who hold a place or a post in that unit or below it.
    Unit(UnitId),
}

impl Audience {
    /// The unit, for an audience of one.
    pub fn unit(&self) -> Option<&UnitId> {
        match self {
            Audience::Unit(id) => Some(id),
            Audience::Public | Audience::Members => None,
        }
    }
}

impl TryFrom<String> for Audience {
    type Error = NotAnId;
    fn try_from(text: String) -> Result<Self, NotAnId> {
        match text.as_str() {
            "public" => Ok(Audience::Public),
            "members" => Ok(Audience::Members),
            other => match other.strip_prefix("unit:") {
                Some(id) => id.parse().map(Audience::Unit),
                None => Err(NotAnId),
            },
        }
    }
}
impl std::str::FromStr for Audience {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        Audience::try_from(text.to_owned())
    }
}
impl std::fmt::Display for Audience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Audience::Public => f.write_str("public"),
            Audience::Members => f.write_str("members"),
            Audience::Unit(id) => write!(f, "unit:{id}"),
        }
    }
}
impl From<Audience> for String {
    fn from(audience: Audience) -> String {
        audience.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_one_of_three_shapes_and_names_a_unit_by_its_id() {
        for text in ["public", "members", "unit:cell-a"] {
            let read: Audience = text.parse().unwrap();
            assert_eq!(read.to_string(), text);
        }
        for bad in ["", "everyone", "unit:", "unit:/bloc/cell-a/", "unit:a b"] {
            assert!(bad.parse::<Audience>().is_err(), "{bad}");
        }
    }
}
