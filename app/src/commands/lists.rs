//! `routes`, `permissions`, `config`: what the program knows of itself.

use super::Done;
use crate::config::Config;
use crate::wiring;
use kernel::error::Result;
use std::io::Write as _;

/// Writes to standard output; a reader that went away (`| head`) is no fault.
pub(super) fn print(text: &str) -> Result<Done> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(cause) if cause.kind() != std::io::ErrorKind::BrokenPipe => Err(cause.into()),
        _ => Ok(Done::Good),
    }
}

/// Every route as a line: method, path, who may come, room.
pub(crate) fn route_table() -> String {
    let mut out = String::new();
    for (method, path) in wiring::OWN_ROUTES {
        out.push_str(&format!("{method:5} {path} public app\n"));
    }
    for room in wiring::rooms() {
        for row in room.routes.rows() {
            out.push_str(&format!(
                "{:5} {} {} {}\n",
                row.method,
                row.path,
                row.access.name(),
                room.name
            ));
        }
    }
    out
}

pub(super) fn routes() -> Result<Done> {
    print(&route_table())
}

pub(super) fn permissions() -> Result<Done> {
    print(&kernel::cap::matrix_markdown())
}

pub(super) fn config() -> Result<Done> {
    print(&Config::example())
}
