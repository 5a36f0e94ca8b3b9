//! The pages of this room, one file an action, and the few things that several of them share.

pub(crate) mod api;
pub(crate) mod me;
pub(crate) mod member_edit;
pub(crate) mod member_new;
pub(crate) mod member_show;
pub(crate) mod members_xlsx;
pub(crate) mod position_ending;
pub(crate) mod position_new;
pub(crate) mod record_form;
pub(crate) mod unit_closing;
pub(crate) mod unit_edit;
pub(crate) mod unit_form;
pub(crate) mod unit_move;
pub(crate) mod unit_new;
pub(crate) mod unit_show;
pub(crate) mod units;

use kernel::{Day, Error, MemberId, UnitId};
use web::Frame;

/// A member id of an address; anything else is not found.
pub(crate) fn member_id(text: &str) -> Result<MemberId, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

/// A unit id of an address; anything else is not found.
pub(crate) fn unit_id(text: &str) -> Result<UnitId, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

/// A whole day as people write it; `None` when it is not one.
pub(crate) fn whole_day(text: &str) -> Option<Day> {
    web::read_day(text)
}

/// A term: from, or from and to.
pub(crate) fn term(frame: &Frame, from: &Day, to: &Day) -> String {
    if *to == Day::OPEN {
        frame.t1("people-term-since", "from", &from.vn())
    } else {
        // The day kept is the first one without; people name the last one with.
        frame.t2(
            "people-term-from-to",
            "from",
            &from.vn(),
            "to",
            &to.plus_days(-1).vn(),
        )
    }
}
