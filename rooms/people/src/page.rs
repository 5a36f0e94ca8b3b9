//! What pages of several wings share: ids of an address, a day as typed, a term in words, a choice.
//!
//! Not here: pages. Each wing has its own, one file an action.

use kernel::{Day, Error, MemberId, UnitId};
use site::four_eyes::Seconds;
use web::Frame;

/// Value and label of a choice.
pub(crate) type Choice = (String, String);

/// A member id of an address; anything else is not found.
pub(crate) fn member_id(text: &str) -> Result<MemberId, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

/// A unit id of an address; anything else is not found.
pub(crate) fn unit_id(text: &str) -> Result<UnitId, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

/// A whole day as people write it; `None` when it is not one.
pub(crate) fn whole_day(text: &str, today: Day) -> Option<Day> {
    web::read_day(text, today)
}

/// Names of whom one is enough: `A, B hoặc C`.
pub(crate) fn either(frame: &Frame, names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [some @ .., last] => frame.t2("people-either", "some", &some.join(", "), "last", last),
    }
}

/// Whose agreement is waited for, in one line; empty where nobody's is. Who is no second person is not named.
pub(crate) fn second(frame: &Frame, seconds: &Seconds) -> String {
    match seconds.names.is_empty() && !seconds.is_empty() {
        true => frame.t("people-second-nobody"),
        false => either(frame, &seconds.names),
    }
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
            &to.plus_days(-1).max(*from).vn(),
        )
    }
}
