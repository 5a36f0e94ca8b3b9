//! One file an action; what several of them share stands here.

pub(crate) mod library;
pub(crate) mod place;
pub(crate) mod reading;
pub(crate) mod resource;
pub(crate) mod section;
pub(crate) mod shelf;
pub(crate) mod shelf_new;
pub(crate) mod title;
pub(crate) mod title_edit;

pub(crate) use crate::access::find_title;
use crate::id::TitleId;
use kernel::Day;
use kernel::error::{Error, Result};
use web::{Member, Visitor};

/// The member's audience tokens.
pub(crate) fn reach(who: &Member, on: Day) -> Vec<String> {
    site::reach_of(
        &Visitor {
            signed_in: Some(who.0.clone()),
        },
        on,
    )
}

/// An id of an address; anything else is not found.
pub(crate) fn title_id(text: &str) -> Result<TitleId> {
    text.parse().map_err(|_| Error::NotFound)
}
