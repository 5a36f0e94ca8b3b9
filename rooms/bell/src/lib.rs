//! What a member is told, as pages: the list, one's own settings, and the job that carries it out of the
//! house by e-mail and push.
//!
//! Rooms tell (`act.notify`) and name their kinds (`Room::notices`); `notices` keeps, sends and drops.
//! Not here: whom to tell of what (the rooms), the words of outside messages (`notices`).
//! The rule that surprises: opening a notice marks it read and leads on; what was to be sent about it
//! is then not sent any more.

mod access;
mod keyed;
mod out;
mod pages;

use site::room::{OfPerson, PersonFate};
use std::sync::Arc;
use web::{Access, Place, Routes};

/// The room, as `app` and tests see it.
pub fn room() -> site::Room {
    let mut room = site::Room::new(
        "bell",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    let who = Access::Member;
    room.places = vec![
        Place::tool("/notices", "bell", "bell-place", 105)
            .helps("bell-place-help")
            .within("/me")
            .counts(),
    ];
    room.routes = Routes::new()
        .get("/notices", who, pages::list::get)
        .post("/notices/read", who, pages::list::read_all)
        .get("/notices/settings", who, pages::settings::get)
        .post("/notices/settings", who, pages::settings::post)
        .post("/notices/devices", who, pages::devices::add)
        .post("/notices/devices/{id}/removal", who, pages::devices::remove)
        .get("/notices/{id}", who, pages::list::open)
        .get("/push-worker.js", Access::Public, pages::devices::worker);
    room.today = Some(Arc::new(|site, frame, who| {
        Box::pin(pages::list::today(site, frame, who))
    }));
    room.handlers = vec![out::DELIVERING, out::TRIMMING];
    room.schedules = vec![out::delivers(), out::trims()];
    room.listens = vec![
        site::Listener {
            kind: people::LEFT,
            name: "bell.left",
            hear: |site, event| Box::pin(async move { out::end_of(&site, &event.subject).await }),
        },
        site::Listener {
            kind: people::alias::MERGED,
            name: "bell.merged",
            hear: |site, event| Box::pin(async move { out::merged(&site, &event.subject).await }),
        },
    ];
    room.of_key = vec![keyed::ENDPOINTS, keyed::PUSH];
    room.of_person = [
        ("notices_notice", "member_id", PersonFate::Own),
        ("notices_endpoint", "member_id", PersonFate::Own),
        ("notices_preference", "member_id", PersonFate::Own),
        ("notices_quiet", "member_id", PersonFate::Own),
    ]
    .map(|(table, column, fate)| OfPerson {
        table,
        column,
        fate,
        text: "",
    })
    .to_vec();
    room
}

#[cfg(test)]
mod tests;
