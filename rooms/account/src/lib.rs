//! Signing in: accounts, passwords, sessions, activation slips, tokens, and how the page looks.
//!
//! `app` makes a [`Doorman`] before the site and attaches the site to it; commands use
//! [`init_administrator`], [`set_password`], [`add_accounts`] and [`rescue`]. Not here: members and their rights
//! (`people`), the API (each room's own part).
//! The rule that surprises: nothing secret is stored; passwords, sessions, tokens and codes stand in
//! the database only as hashes, and what is shown once cannot be shown again.

mod access;
mod account;
mod attempt;
mod delay;
mod device;
mod doorman;
mod keyed;
mod login;
mod merging;
mod pages;
pub mod password;
pub mod rescue;
mod secret;
mod session;
mod slip;
mod store;
#[cfg(test)]
mod stories;

pub use account::{
    Issued, NewAccount, add_accounts, end_everything, init_administrator, set_password,
};
pub use doorman::Doorman;

use kernel::error::Result;
use site::room::{OfPerson, PersonFate};
use site::{May as _, Room, Site};
use std::sync::Arc;
use web::{Access, Routes};

/// Forgets failures of yesterday, sessions that ended long ago and what was left of forms. Harmless to repeat.
pub async fn tidy(site: &Site) -> Result<()> {
    let mut act = access::door().begin_unlogged(site, TIDY, TIDY).await?;
    let now = act.now();
    store::tidy_failures(&mut act, now.plus_ms(-delay::FORGET_MS)).await?;
    store::tidy_sessions(&mut act, now.plus_ms(-session::LASTS_MS)).await?;
    store::tidy_left(&mut act).await?;
    act.end().await.map(|_| ())
}

/// The kind of job that does it.
const TIDY: &str = "account.tidy";

/// The room, as `app` and tests see it.
pub fn room() -> Room {
    use pages::{
        activate, display, forgotten, password_change, sessions, sign_in, sign_out, slip_new,
        tokens, unit_slips,
    };
    let mut room = Room::new(
        "account",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    room.guards = access::TWO_ARE_TWO.to_vec();
    room.mergings = vec![merging::MERGING];
    room.places = vec![
        web::Place::tool("/display", "aa", "web-display", 150)
            .helps("account-place-display-help")
            .within("/me"),
    ];
    room.statements = store::STATEMENTS.to_vec();
    room.handlers = vec![jobs::Handler::new(TIDY, |site: Site, _| {
        Box::pin(async move { tidy(&site).await })
    })];
    room.listens = vec![site::Listener {
        kind: people::giving::GIVEN,
        name: "account.given",
        hear: |site, event| {
            Box::pin(async move { account::guard_post(&site, &event.subject).await })
        },
    }];
    room.listens.push(site::Listener {
        kind: people::LEFT,
        name: "account.left",
        hear: |site, event| {
            Box::pin(async move { account::close_left(&site, &event.subject).await })
        },
    });
    room.notices = [
        (account::SLIP_NOTICE, "account-notice-kind-slip"),
        (account::PASSWORD_NOTICE, "account-notice-kind-password"),
        (merging::NOTICE, "account-notice-kind-merge"),
    ]
    .map(|(kind, text)| site::room::NoticeKind { kind, text })
    .to_vec();
    room.unit_parts = vec![site::room::UnitPart {
        name: "account",
        draw: |site, frame, who, unit| Box::pin(unit_slips::on_unit(site, frame, who, unit)),
    }];
    room.schedules = vec![jobs::Schedule::new(TIDY, jobs::Every::Hours(1), TIDY)];
    room.of_key = keyed::of_key();
    room.of_person = vec![
        OfPerson {
            table: "account_account",
            column: "member_id",
            fate: PersonFate::Own,
            text: "",
        },
        OfPerson {
            table: "account_slip",
            column: "issued_by",
            fate: PersonFate::Deed,
            text: "",
        },
    ];
    room.routes = Routes::new()
        .get("/sign-in", Access::Public, sign_in::get)
        .post("/sign-in", Access::Public, sign_in::post)
        .get("/sign-in/forgotten", Access::Public, forgotten::get)
        .post("/sign-out", Access::Member, sign_out::post)
        .get("/activate", Access::Public, activate::get)
        .post("/activate", Access::Public, activate::post)
        .get("/activate/{code}", Access::Public, activate::get_code)
        .post("/activate/{code}", Access::Public, activate::post_code)
        .get("/display", Access::Public, display::get)
        .post("/display", Access::Public, display::post)
        .get("/me/password", Access::Member, password_change::get)
        .post("/me/password", Access::Member, password_change::post)
        .get("/me/sessions", Access::Member, sessions::get)
        .post(
            "/me/sessions/endings",
            Access::Member,
            sessions::post_end_others,
        )
        .post(
            "/me/sessions/{id}/endings",
            Access::Member,
            sessions::post_end,
        )
        .get("/me/tokens", Access::Member, tokens::get)
        .post("/me/tokens", Access::Member, tokens::post)
        .post(
            "/me/tokens/{id}/revocations",
            Access::Member,
            tokens::post_revoke,
        )
        .post("/members/{id}/slips", Access::Member, slip_new::post)
        .get("/units/{id}/slips", Access::Member, unit_slips::get)
        .post("/units/{id}/slips", Access::Member, unit_slips::post)
        .knowing(&Arc::new(password::Gate::default()));
    room
}
