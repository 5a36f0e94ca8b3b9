//! `routes`, `permissions`, `config`: what the program knows of itself.

use super::Done;
use crate::config::Config;
use crate::tongue::{self, print_plain};
use crate::wiring;
use kernel::error::Result;
use kernel::said;

/// Every route as a line: method, path, who may come, room.
pub(crate) fn route_table() -> String {
    let mut out = String::new();
    for (room, row) in all_routes() {
        let (method, path, access) = (row.method, row.path, row.access.name());
        out.push_str(&format!("{method:5} {path} {access} {room}\n"));
    }
    out
}

/// Every route that is served, with the room that it is of.
pub(crate) fn all_routes() -> Vec<(&'static str, web::RouteRow)> {
    let own = site::serving::OWN_ROUTES.map(|row| ("app", row));
    let mut all = own.to_vec();
    for room in wiring::rooms() {
        all.extend(room.routes.rows().iter().map(|row| (room.name, *row)));
    }
    all
}

pub(super) fn routes() -> Result<Done> {
    print_plain(&route_table())?;
    Ok(Done::Good)
}

pub(super) fn permissions() -> Result<Done> {
    let head = [said!("capability"), said!("called"), said!("reach")].map(tongue::words);
    let texts = site::serving::texts(&wiring::rooms())?;
    let called = |role| texts.get(tongue::lang(), people::roles::name(role));
    print_plain(&kernel::cap::matrix_markdown(&head, called))?;
    Ok(Done::Good)
}

pub(super) fn config() -> Result<Done> {
    print_plain(&Config::example(tongue::lang()))?;
    Ok(Done::Good)
}
