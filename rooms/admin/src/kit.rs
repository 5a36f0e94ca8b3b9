//! Two more people for this room's tests: an auditor and the lead of the root.

use kernel::Role;
use site::Site;
use std::sync::Arc;
use testkit::{Character, TestApp, UNIT_BLOC, UNIT_CELL_B};
use web::visitor::Found;
use web::{Doorman, Edge, Routes, SignedIn};

/// Reads the log.
pub(crate) const HUE: Character = Character {
    id: "hue",
    name: "Võ Thị Huệ",
    unit: UNIT_CELL_B,
    post: "",
    roles: &[(Role::SecurityAuditor, UNIT_BLOC)],
};
/// Leads the root.
pub(crate) const SON: Character = Character {
    id: "son",
    name: "Hồ Ngọc Sơn",
    unit: UNIT_CELL_B,
    post: "Bí thư",
    roles: &[(Role::CommitteeLead, UNIT_BLOC)],
};

struct Wider;

impl Doorman for Wider {
    fn by_session<'a>(&'a self, secret: &'a str) -> Found<'a> {
        let known = testkit::ALL
            .iter()
            .chain([&HUE, &SON])
            .find(|who| who.session() == secret);
        Box::pin(async move {
            Ok(known.map(|who| SignedIn {
                actor: Arc::new(who.actor()),
                account: who.id.parse().unwrap(),
                session: Some(who.id.parse().unwrap()),
                token_scopes: None,
                post: who.post.to_owned(),
                unit_name: String::new(),
                unread: 0,
                look: None,
            }))
        })
    }
    fn by_token<'a>(&'a self, _: &'a str) -> Found<'a> {
        Box::pin(async { Ok(None) })
    }
}

/// The same app with these routes beside the room's own, and the two let in.
pub(crate) fn with_more_people(mut app: TestApp, more: Routes<Site>) -> TestApp {
    let old = &app.site.edge;
    let edge = Arc::new(Edge {
        texts: old.texts.clone(),
        doorman: Arc::new(Wider),
        clock: old.clock.clone(),
        dice: old.dice.clone(),
        secret: old.secret,
        secrets_before: old.secrets_before.clone(),
        https: false,
        public_url: web::PublicUrl::default(),
        behind_proxy: false,
        places: Arc::from([]),
        org: std::sync::RwLock::default(),
        refused: Default::default(),
        disk: Default::default(),
        lost: Default::default(),
    });
    app.router = crate::room()
        .routes
        .and(more)
        .into_parts()
        .0
        .with_state(app.site.clone())
        .layer(axum::middleware::from_fn_with_state(edge, web::edge::wrap));
    app
}
