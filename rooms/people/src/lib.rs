//! Units, members, posts and grants, all dated: who belongs where, who may do what, who looked.
//!
//! Four wings: `units` (the tree), `members` (persons), `posts` (and the rights they bring), `imports` (many at
//! once). Other rooms ask for actors, units, rosters, standing and names by the words below; this room asks nobody.
//! Not here: lists from files (`rosters`), signing in (`account`), meetings, the audit log's table (`site`).
//! The rule that surprises: nothing that held for a day is deleted; periods are closed, and every question names a day.

pub mod access;
pub mod actor;
mod api;
mod bodies;
pub mod check;
pub mod day;
mod demo;
pub mod fact;
mod first;
mod imports;
mod ledger;
mod members;
mod merging;
mod page;
mod posts;
mod rights;
pub mod roles;
pub mod saved;
pub mod sight;
pub mod standing;
pub mod store;
#[cfg(test)]
mod stories;
mod units;
mod words;

pub use check::{Alarm, check};
pub use imports::{back, before, bulk, known, many};
pub use members::leaving::{LEFT, has_left};
pub use members::{identity, member, number, probation, roster, search};
pub use merging::alias;
pub use posts::{appointing, giving, post};
pub use units::unit;

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
        web::Place::bar("/me", "me", "people-place-me", 50).helps("people-place-me-help"),
        web::Place::tool("/units", "unit", "people-place-units", 120)
            .needs(&[kernel::Cap::UnitRead])
            .under(&["/members", "/transfers", "/departures", "/rights"])
            .within("/me"),
        web::Place::tool("/bodies", "info", "people-bodies", 125).within("/me"),
    ];
    room.scopes = [("me", "people-scope-me"), ("units", "people-scope-units")]
        .map(|(name, text)| site::room::TokenScope { name, text })
        .to_vec();
    room.holders = Some(post::HOLDERS);
    room.approvals = vec![
        giving::GIVING,
        posts::taking::TAKING,
        rights::lending::LENDING,
        units::reshaping::RESHAPING,
        members::admitting::ADMITTING,
        members::restating::RESTATING,
        members::leaving::LEAVING,
        members::returning::RETURNING,
        members::moving::MOVING,
        members::outside::DEPARTING,
        units::pages::exporting::EXPORTING,
        merging::joining::MERGING,
        merging::separating::SEPARATING,
    ];
    room.handlers = vec![members::binding::BINDING];
    room.listens = vec![site::Listener {
        kind: alias::MERGED,
        name: "people.merged",
        hear: |site, event| {
            Box::pin(async move { merging::waiting::overtake(&site, &event.subject).await })
        },
    }];
    room.demo = Some(demo::DEMO);
    room.schedules = vec![members::binding::binds_daily()];
    room.notices = [
        (notices::OLD_ADDRESS, "people-notice-kind-contact"),
        (members::correction::NOTICE, "people-notice-kind-correction"),
        (merging::joining::NOTICE, "people-notice-kind-merged"),
        (
            merging::joining::UNIT_NOTICE,
            "people-notice-kind-merged-unit",
        ),
        (members::moving::NOTICE, "people-notice-kind-transfer"),
        (rights::NOTICE, "people-notice-kind-rights"),
    ]
    .map(|(kind, text)| site::room::NoticeKind { kind, text })
    .to_vec();
    room.today = Some(std::sync::Arc::new(first::source));
    room.of_key = vec![
        members::keyed::NUMBERS,
        members::keyed::STATED,
        members::admitting::KEYED,
        members::store::correction::KEYED,
        merging::joining::KEYED,
    ];
    room.of_unit = of_unit();
    room.of_person = of_person();
    room.checks = vec![site::room::Check {
        name: "units and members",
        run: |site| Box::pin(async move { check::findings(&site).await }),
    }];
    room.statements = statements();
    room.openapi = Some(api::Description::openapi());
    room
}

fn routes() -> Routes<site::Site> {
    let who = Access::Member;
    Routes::new()
        .get("/units", who, units::pages::list::get)
        .get("/members", who, units::pages::list::get)
        .get("/units/{id}", who, units::pages::show::get)
        .get("/units/{id}/units/new", who, units::pages::new::get)
        .post("/units/{id}/units/new", who, units::pages::new::post)
        .get("/units/{id}/edit", who, units::pages::edit::get)
        .post("/units/{id}/edit", who, units::pages::edit::post)
        .get("/units/{id}/parent", who, units::pages::moving::get)
        .post("/units/{id}/parent", who, units::pages::moving::post)
        .get("/units/{id}/closing", who, units::pages::closing::get)
        .post("/units/{id}/closing", who, units::pages::closing::post)
        .get(
            "/units/{id}/members.xlsx",
            who,
            units::pages::members_xlsx::get,
        )
        .get("/units/{id}/export", who, units::pages::exporting::get)
        .post("/units/{id}/export", who, units::pages::exporting::post)
        .get("/units/{id}/members/new", who, members::pages::new::get)
        .post("/units/{id}/members/new", who, members::pages::new::post)
        .get("/units/{id}/positions/new", who, posts::pages::new::get)
        .post("/units/{id}/positions/new", who, posts::pages::new::post)
        .get(
            "/units/{id}/positions/{holding}/ending",
            who,
            posts::pages::ending::get,
        )
        .post(
            "/units/{id}/positions/{holding}/ending",
            who,
            posts::pages::ending::post,
        )
        .get("/members/{id}", who, members::pages::show::get)
        .post(
            "/members/{id}/numbers",
            who,
            members::pages::show::post_numbers,
        )
        .get(
            "/members/{id}/beginning",
            who,
            members::pages::beginning::get,
        )
        .post(
            "/members/{id}/beginning",
            who,
            members::pages::beginning::post,
        )
        .get("/members/{id}/codes", who, members::pages::codes::get)
        .post("/members/{id}/codes", who, members::pages::codes::post)
        .get("/members/{id}/history", who, ledger::pages::history::get)
        .get("/me/history", who, ledger::pages::history::get_own)
        .get("/members/{id}/edit", who, members::pages::edit::get)
        .post("/members/{id}/edit", who, members::pages::edit::post)
        .get(
            "/members/{id}/transfer",
            who,
            members::pages::transfer_new::get,
        )
        .post(
            "/members/{id}/transfer",
            who,
            members::pages::transfer_new::post,
        )
        .get("/transfers/{id}", who, members::pages::transfer::get)
        .post(
            "/transfers/{id}/acceptance",
            who,
            members::pages::transfer::post_acceptance,
        )
        .post(
            "/transfers/{id}/refusal",
            who,
            members::pages::transfer::post_refusal,
        )
        .post(
            "/transfers/{id}/cancellation",
            who,
            members::pages::transfer::post_cancellation,
        )
        .post(
            "/transfers/{id}/term",
            who,
            members::pages::transfer::post_term,
        )
        .get(
            "/transfers/{id}/letter.pdf",
            who,
            members::pages::transfer_pdf::get,
        )
        .post(
            "/transfers/{id}/lateness",
            who,
            members::pages::transfer::post_lateness,
        )
        .get(
            "/members/{id}/departure",
            who,
            members::pages::departure_new::get,
        )
        .post(
            "/members/{id}/departure",
            who,
            members::pages::departure_new::post,
        )
        .get("/departures/{id}", who, members::pages::departure::get)
        .get(
            "/departures/{id}/letter.pdf",
            who,
            members::pages::transfer_pdf::get_departure,
        )
        .post(
            "/departures/{id}/arrival",
            who,
            members::pages::departure::post_arrival,
        )
        .post(
            "/departures/{id}/refusal",
            who,
            members::pages::departure::post_refusal,
        )
        .post(
            "/departures/{id}/cancellation",
            who,
            members::pages::departure::post_cancellation,
        )
        .post(
            "/departures/{id}/lateness",
            who,
            members::pages::departure::post_lateness,
        )
        .get("/units/{id}/transfers", who, units::pages::transfers::get)
        .get(
            "/units/{id}/transfers.xlsx",
            who,
            units::pages::transfers::get_xlsx,
        )
        .get("/bodies", Access::Public, bodies::pages::list::get)
        .get("/bodies/new", who, bodies::pages::edit::get_new)
        .post("/bodies/new", who, bodies::pages::edit::post_new)
        .get("/bodies/{id}/edit", who, bodies::pages::edit::get)
        .post("/bodies/{id}/edit", who, bodies::pages::edit::post)
        .get("/members/{id}/leaving", who, members::pages::leaving::get)
        .post("/members/{id}/leaving", who, members::pages::leaving::post)
        .get(
            "/members/{id}/leaving/back",
            who,
            members::pages::leaving_back::get,
        )
        .post(
            "/members/{id}/leaving/back",
            who,
            members::pages::leaving_back::post,
        )
        .get(
            "/members/{id}/corrections/{correction}/refusal",
            who,
            members::pages::correction_answer::get,
        )
        .post(
            "/members/{id}/corrections/{correction}/refusal",
            who,
            members::pages::correction_answer::post,
        )
        .post(
            "/members/{id}/corrections/{correction}/acceptance",
            who,
            members::pages::correction_answer::post_acceptance,
        )
        .get(
            "/me/corrections/new",
            who,
            members::pages::correction_new::get,
        )
        .post(
            "/me/corrections/new",
            who,
            members::pages::correction_new::post,
        )
        .post(
            "/me/corrections/{id}/withdrawal",
            who,
            members::pages::correction_new::post_withdrawal,
        )
        .get(
            "/units/{id}/duplicates",
            who,
            merging::pages::duplicates::get,
        )
        .get("/members/{id}/merging", who, merging::pages::merging::get)
        .post("/members/{id}/merging", who, merging::pages::merging::post)
        .post(
            "/members/{id}/distinct/{other}",
            who,
            merging::pages::distinct::post,
        )
        .post(
            "/members/{id}/distinct/{other}/withdrawal",
            who,
            merging::pages::distinct::post_withdrawal,
        )
        .get(
            "/members/{id}/merges/{alias}/separation",
            who,
            merging::pages::separation::get,
        )
        .post(
            "/members/{id}/merges/{alias}/separation",
            who,
            merging::pages::separation::post,
        )
        .get("/members/{id}/rights", who, rights::pages::rights::get)
        .get("/rights", who, rights::pages::holders::get)
        .get("/units/{id}/terms", who, rights::pages::terms::get)
        .get(
            "/units/{id}/positions/{holding}/handover",
            who,
            rights::pages::handover::get,
        )
        .post(
            "/units/{id}/positions/{holding}/handover",
            who,
            rights::pages::handover::post,
        )
        .get(
            "/units/{id}/positions/{holding}/handover.pdf",
            who,
            rights::pages::handover::get_pdf,
        )
        .get("/me/delegations", who, rights::pages::delegations::get)
        .post(
            "/me/delegations/{id}/ending",
            who,
            rights::pages::delegations::post_ending,
        )
        .get(
            "/me/delegations/new",
            who,
            rights::pages::delegation_new::get,
        )
        .post(
            "/me/delegations/new",
            who,
            rights::pages::delegation_new::post,
        )
        .get("/me/rights", who, rights::pages::rights::get_own)
        .get("/me/seers", who, rights::pages::seers::get)
        .get("/me", who, members::pages::me::get)
        .post("/me/numbers", who, members::pages::me::post_numbers)
        .get("/me/record.json", who, members::pages::me::get_json)
        .get("/me/record.pdf", who, members::pages::record_pdf::get)
        .get("/api/v1/me", Access::Token("me"), api::get_me)
        .get("/api/v1/units", Access::Token("units"), api::get_units)
}

fn statements() -> Vec<&'static str> {
    [
        store::STATEMENTS,
        units::store::STATEMENTS,
        members::store::STATEMENTS,
        members::store::beginning::STATEMENTS,
        members::store::code::STATEMENTS,
        members::store::correction::STATEMENTS,
        members::store::leaving::STATEMENTS,
        members::store::moving::STATEMENTS,
        members::store::outside::STATEMENTS,
        members::store::transfers::STATEMENTS,
        bodies::store::STATEMENTS,
        posts::store::STATEMENTS,
        rights::store::STATEMENTS,
        imports::store::STATEMENTS,
        imports::before::STATEMENTS,
        merging::store::STATEMENTS,
        check::STATEMENTS,
        ledger::store::STATEMENTS,
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
        ("people_leaving", "unit_id"),
        ("people_transfer", "from_unit"),
        ("people_transfer", "to_unit"),
        ("people_outside", "unit_id"),
        ("people_letter", "unit_id"),
        ("people_handover", "unit_id"),
        ("people_body", "keeper_id"),
        ("people_body", "unit_id"),
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
        ("people_member", "id", Record, ""),
        ("people_name_word", "member_id", Record, ""),
        (
            "people_placement",
            "member_id",
            Record,
            "people-of-placements",
        ),
        ("people_holding", "member_id", Record, "people-of-posts"),
        ("people_grant", "member_id", Record, ""),
        ("people_grant", "prepared_by", Deed, ""),
        ("people_grant", "approved_by", Deed, ""),
        (
            "people_member_event",
            "member_id",
            Record,
            "people-of-events",
        ),
        ("people_member_event", "recorded_by", Deed, ""),
        ("people_statement", "member_id", Record, ""),
        ("people_code", "member_id", Record, ""),
        (
            "people_correction",
            "member_id",
            Record,
            "people-of-corrections",
        ),
        ("people_correction", "ended_by", Deed, ""),
        ("people_alias", "old_id", Record, ""),
        ("people_alias", "member_id", Record, ""),
        ("people_alias", "merged_by", Deed, ""),
        ("people_alias", "ended_by", Deed, ""),
        ("people_distinct", "one_id", Record, ""),
        ("people_distinct", "other_id", Record, ""),
        ("people_distinct", "said_by", Deed, ""),
        ("people_distinct", "taken_by", Deed, ""),
        ("people_leaving", "member_id", Record, ""),
        ("people_leaving", "recorded_by", Deed, ""),
        ("people_leaving", "back_by", Deed, ""),
        (
            "people_transfer",
            "member_id",
            Record,
            "people-of-transfers",
        ),
        ("people_transfer", "prepared_by", Deed, ""),
        ("people_transfer", "sent_by", Deed, ""),
        ("people_transfer", "ended_by", Deed, ""),
        ("people_transfer", "late_by", Deed, ""),
        ("people_outside", "member_id", Record, "people-of-outside"),
        ("people_outside", "prepared_by", Deed, ""),
        ("people_outside", "sent_by", Deed, ""),
        ("people_outside", "ended_by", Deed, ""),
        ("people_outside", "late_by", Deed, ""),
        ("people_handover", "from_id", Record, ""),
        ("people_handover", "to_id", Record, ""),
        ("people_handover", "handed_by", Deed, ""),
        ("people_body", "changed_by", Deed, ""),
    ]
    .map(|(table, column, fate, text)| OfPerson {
        table,
        column,
        fate,
        text,
    })
    .to_vec()
}
