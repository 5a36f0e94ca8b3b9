//! Units, members, posts and grants, all dated: who belongs where, who may do what, who looked.
//!
//! Other rooms ask here for actors, units, rosters, standing and names; this room asks nobody.
//! Not here: signing in (`account`), meetings, the audit log's table (`site`).
//! The rule that surprises: nothing is deleted; periods are closed, and every question names a day.

pub mod actor;
pub mod member;
pub mod number;
pub mod roster;
pub mod search;
pub mod standing;
pub mod store;
pub mod unit;

/// The room, as `app` and tests see it.
pub fn room() -> site::Room {
    let mut room = site::Room::new(
        "people",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    room.statements = statements();
    room
}

fn statements() -> Vec<&'static str> {
    [
        actor::STATEMENTS,
        member::STATEMENTS,
        roster::STATEMENTS,
        standing::STATEMENTS,
        store::STATEMENTS,
        unit::STATEMENTS,
    ]
    .concat()
}
