//! Signing in: accounts, passwords, sessions, activation slips, tokens, and how the page looks.
//!
//! `app` makes a [`Doorman`] before the site and attaches the site to it; commands use
//! [`init_administrator`], [`set_password`] and [`add_accounts`]. Not here: members and their rights
//! (`people`), the API (each room's own part).
//! The rule that surprises: nothing secret is stored; passwords, sessions, tokens and codes stand in
//! the database only as hashes, and what is shown once cannot be shown again.

mod access;
mod account;
mod attempt;
mod delay;
mod device;
mod doorman;
mod login;
mod pages;
pub mod password;
mod secret;
mod session;
mod slip;
mod store;
#[cfg(test)]
mod stories;

pub use account::{Issued, NewAccount, add_accounts, init_administrator, set_password};
pub use doorman::Doorman;
pub use pages::tokens::SCOPES;

use kernel::error::Result;
use site::{Room, Site};
use std::sync::OnceLock;
use web::{Access, Routes};

/// The outside address for slips, set once by `app`.
#[derive(Default)]
struct PublicUrl(OnceLock<String>);

/// Says under which address browsers reach us (`https://sotay.example.vn`), for what is printed.
/// Without it the address is taken from the request. An empty text changes nothing.
pub fn set_public_url(site: &Site, url: &str) {
    let url = url.trim_end_matches('/');
    if !url.is_empty() {
        // Said twice, the first one stays.
        let _ = site.shared::<PublicUrl>().0.set(url.to_owned());
    }
}

/// Forgets failures of yesterday and sessions that ended long ago. Harmless to repeat.
pub async fn tidy(site: &Site) -> Result<()> {
    let now = site.clock.now();
    let mut tx = site.db.begin().await?;
    store::tidy_failures(&mut tx, now.plus_ms(-delay::FORGET_MS)).await?;
    store::tidy_sessions(&mut tx, now.plus_ms(-session::LASTS_MS)).await?;
    site.db.commit(tx).await
}

async fn tidy_hourly(site: Site, mut stop: tokio::sync::watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(std::time::Duration::from_secs(3600)) => {}
            _ = stop.changed() => return,
        }
        if let Err(error) = tidy(&site).await {
            tracing::warn!(
                cause = error.log_text(),
                "could not tidy old sessions and failures"
            );
        }
    }
}

/// The room, as `app` and tests see it.
pub fn room() -> Room {
    use pages::{
        activate, display, password_change, sessions, sign_in, sign_out, slip_new, tokens,
        unit_slips,
    };
    let mut room = Room::new(
        "account",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    room.places = vec![
        web::Place::tool("/display", "aa", "web-display", 150)
            .helps("account-place-display-help")
            .within("/me"),
    ];
    room.statements = store::STATEMENTS.to_vec();
    room.background = vec![std::sync::Arc::new(|site, stop| {
        Box::pin(tidy_hourly(site, stop))
    })];
    room.routes = Routes::new()
        .get("/sign-in", Access::Public, sign_in::get)
        .post("/sign-in", Access::Public, sign_in::post)
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
        .post("/units/{id}/slips", Access::Member, unit_slips::post);
    room
}
