//! Units, members, posts and grants, all dated: who belongs where, who may do what, who looked.
//!
//! Other rooms ask here for actors, units, rosters, standing and names; this room asks nobody.
//! Not here: lists from files (`rosters`), signing in (`account`), meetings, the audit log's table (`site`).
//! The rule that surprises: nothing is deleted; periods are closed, and every question names a day.

pub mod access;
pub mod actor;
pub mod back;
pub mod before;
pub mod bulk;
pub mod check;
pub mod fact;
mod first;
pub mod giving;
pub mod identity;
pub mod known;
pub mod many;
pub mod member;
pub mod number;
mod pages;
pub mod post;
pub mod probation;
mod reshaping;
pub mod roster;
pub mod search;
pub mod sight;
pub mod standing;
pub mod store;
#[cfg(test)]
mod stories;
mod taking;
mod tree;
pub mod unit;
mod words;

pub use check::{Alarm, check};

use site::room::{OfPerson, OfUnit, PersonFate, UnitFate};
use utoipa::OpenApi as _;
use web::{Access, Routes};

/// The room, as `app` and tests see it.
pub fn room() -> site::Room {
    let mut room = site::Room::new(
        "people",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    room.routes = routes();
    room.places = vec![
        web::Place::bar("/me", "me", "people-place-me", 50)
            .helps("people-place-me-help")
            .under(&["/members"]),
        web::Place::tool("/units", "unit", "people-place-units", 120)
            .needs(&[kernel::Cap::UnitRead])
            .within("/me"),
    ];
    room.scopes = [("me", "people-scope-me"), ("units", "people-scope-units")]
        .map(|(name, text)| site::room::TokenScope { name, text })
        .to_vec();
    room.approvals = vec![giving::GIVING, taking::TAKING, reshaping::RESHAPING];
    room.today = Some(std::sync::Arc::new(first::source));
    room.of_unit = of_unit();
    room.of_person = of_person();
    room.checks = vec![site::room::Check {
        name: "units and members",
        run: |site| Box::pin(async move { check::findings(&site).await }),
    }];
    room.statements = statements();
    room.openapi = Some(pages::api::Description::openapi());
    room
}

fn routes() -> Routes<site::Site> {
    use pages::{
        api, me, member_edit, member_new, member_show, members_xlsx, position_ending, position_new,
        unit_closing, unit_edit, unit_move, unit_new, unit_show, units,
    };
    let who = Access::Member;
    Routes::new()
        .get("/units", who, units::get)
        .get("/members", who, units::get)
        .get("/units/{id}", who, unit_show::get)
        .get("/units/{id}/units/new", who, unit_new::get)
        .post("/units/{id}/units/new", who, unit_new::post)
        .get("/units/{id}/edit", who, unit_edit::get)
        .post("/units/{id}/edit", who, unit_edit::post)
        .get("/units/{id}/parent", who, unit_move::get)
        .post("/units/{id}/parent", who, unit_move::post)
        .get("/units/{id}/closing", who, unit_closing::get)
        .post("/units/{id}/closing", who, unit_closing::post)
        .get("/units/{id}/members.xlsx", who, members_xlsx::get)
        .get("/units/{id}/members/new", who, member_new::get)
        .post("/units/{id}/members/new", who, member_new::post)
        .get("/units/{id}/positions/new", who, position_new::get)
        .post("/units/{id}/positions/new", who, position_new::post)
        .get(
            "/units/{id}/positions/{holding}/ending",
            who,
            position_ending::get,
        )
        .post(
            "/units/{id}/positions/{holding}/ending",
            who,
            position_ending::post,
        )
        .get("/members/{id}", who, member_show::get)
        .post("/members/{id}/numbers", who, member_show::post_numbers)
        .get("/members/{id}/edit", who, member_edit::get)
        .post("/members/{id}/edit", who, member_edit::post)
        .get("/me", who, me::get)
        .post("/me/numbers", who, me::post_numbers)
        .get("/me/record.json", who, me::get_json)
        .get("/api/v1/me", Access::Token("me"), api::get_me)
        .get("/api/v1/units", Access::Token("units"), api::get_units)
}

fn statements() -> Vec<&'static str> {
    [
        actor::STATEMENTS,
        back::STATEMENTS,
        before::STATEMENTS,
        check::STATEMENTS,
        first::STATEMENTS,
        giving::STATEMENTS,
        identity::STATEMENTS,
        known::STATEMENTS,
        member::STATEMENTS,
        pages::position_new::STATEMENTS,
        pages::units::STATEMENTS,
        post::STATEMENTS,
        reshaping::STATEMENTS,
        roster::STATEMENTS,
        sight::STATEMENTS,
        store::STATEMENTS,
        tree::STATEMENTS,
        unit::STATEMENTS,
    ]
    .concat()
}

/// Columns that name a unit. What is dated stays and is read through the lineage (R13).
fn of_unit() -> Vec<OfUnit> {
    [
        ("people_unit", "id"),
        ("people_unit", "parent_id"),
        ("people_unit_version", "unit_id"),
        ("people_unit_version", "parent_id"),
        ("people_unit_lineage", "from_unit"),
        ("people_unit_lineage", "to_unit"),
        ("people_placement", "unit_id"),
        ("people_term", "unit_id"),
        ("people_position", "unit_id"),
        ("people_grant", "unit_id"),
        ("people_member_event", "unit_id"),
    ]
    .map(|(table, column)| OfUnit {
        table,
        column,
        fate: UnitFate::Stays,
    })
    .to_vec()
}

/// Columns that name a person.
fn of_person() -> Vec<OfPerson> {
    use PersonFate::{Deed, Record};
    [
        ("people_member", "id", Record),
        ("people_name_word", "member_id", Record),
        ("people_placement", "member_id", Record),
        ("people_holding", "member_id", Record),
        ("people_grant", "member_id", Record),
        ("people_grant", "prepared_by", Deed),
        ("people_grant", "approved_by", Deed),
        ("people_member_event", "member_id", Record),
        ("people_member_event", "recorded_by", Deed),
    ]
    .map(|(table, column, fate)| OfPerson {
        table,
        column,
        fate,
    })
    .to_vec()
}
