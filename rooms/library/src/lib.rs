//! The library: shelves, titles, a plain page for every section of a book, and the reader's own place.
//!
//! A book is opened once, at import, in a child process ([`import`]); pages only show what the tables
//! hold. Not here: what is inside an EPUB (`books`), the box for searching (`search`, `front`).
//! The rule that surprises: what somebody reads is theirs alone. No page, count, log line or API
//! answer tells it to anyone else.

mod api;
mod feed;
pub mod id;
pub mod import;
mod outline;
mod pages;
mod place;
mod reading;
pub mod shelf;
mod store;
pub mod title;
mod today;
mod wall;

#[cfg(test)]
mod made;

use site::Room;
use web::{Access, Routes};

/// The room, for `app` and tests.
pub fn room() -> Room {
    let mut room = Room::new(
        "library",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    room.routes = Routes::new()
        .get("/library", Access::Member, pages::library::get)
        .get(
            "/library/shelves/new",
            Access::Member,
            pages::shelf_new::get,
        )
        .post("/library/shelves", Access::Member, pages::shelf_new::post)
        .get("/library/shelves/{slug}", Access::Member, pages::shelf::get)
        .get("/library/titles/{id}", Access::Member, pages::title::get)
        .get(
            "/library/titles/{id}/cover",
            Access::Member,
            pages::resource::cover,
        )
        .get(
            "/library/titles/{id}/resources/{rid}",
            Access::Member,
            pages::resource::get,
        )
        .get(
            "/library/titles/{id}/sections/{number}",
            Access::Member,
            pages::section::get,
        )
        .post(
            "/library/titles/{id}/place",
            Access::Member,
            pages::place::post,
        )
        .get(
            "/library/titles/{id}/edit",
            Access::Member,
            pages::title_edit::get,
        )
        .post(
            "/library/titles/{id}",
            Access::Member,
            pages::title_edit::post,
        )
        .post("/library/reading", Access::Member, pages::reading::post)
        .and(api::routes());
    room.places = vec![web::Place::bar("/library", "shelf", "web-nav-library", 40)];
    room.scopes = vec![site::room::TokenScope {
        name: "titles",
        text: "library-scope",
    }];
    room.finds = ["title", "section"]
        .map(|kind| site::room::Find {
            kind,
            icon: "book",
            text: if kind == "title" {
                "library-find-title"
            } else {
                "library-find-section"
            },
            group: "books",
            group_text: "library-find",
            order: 20,
        })
        .to_vec();
    room.statements = store::STATEMENTS.to_vec();
    room.feeds = vec![feed::FEED];
    room.today = Some(std::sync::Arc::new(|site, frame, who| {
        Box::pin(today::part(site, frame, who))
    }));
    room.openapi = Some(api::description());
    room
}
