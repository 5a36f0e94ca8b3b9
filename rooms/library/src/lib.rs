//! The library: shelves, titles, a plain page for every section of a book, and the reader's own place.
//!
//! A book is opened once, at import, in a child process ([`import`]); pages only show what the tables
//! hold. Not here: what is inside an EPUB (`books`), the box for searching (`search`, `front`).
//! The rule that surprises: what somebody reads is theirs alone. No page, count, log line or API
//! answer tells it to anyone else.

mod access;
mod agenda;
mod api;
mod demo;
mod feed;
pub mod id;
pub mod import;
mod outline;
mod pages;
mod place;
mod reading;
mod sample;
pub mod shelf;
mod store;
pub mod title;
mod today;
mod wall;

#[cfg(test)]
mod made;

pub use access::Importing;

use site::Room;
use site::room::{MemberPart, OfFile, OfPerson, OfUnit, PersonFate, UnitFate};
use std::sync::Arc;
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
        .and(api::routes())
        .knowing(&Arc::new(wall::Walls::default()))
        .knowing(&Arc::new(outline::Outlines::default()));
    room.places =
        vec![web::Place::bar("/library", "shelf", "library-place", 40).helps("library-place-help")];
    room.scopes = vec![site::room::TokenScope {
        name: "titles",
        text: "library-scope",
    }];
    room.finds = [
        (feed::KIND, "library-find-title"),
        (feed::SECTION, "library-find-section"),
    ]
    .map(|(kind, text)| site::room::Find {
        kind,
        icon: "book",
        text,
        group: "books",
        group_text: "library-find",
        order: 20,
        is_for_members: false,
    })
    .to_vec();
    room.importers = vec![import::IMPORTER];
    room.agenda = vec![agenda::KIND];
    room.demo = Some(demo::DEMO);
    room.of_unit = ["library_shelf", "library_title"]
        .map(|table| OfUnit {
            table,
            column: "audience",
            fate: UnitFate::Follows,
        })
        .to_vec();
    room.of_file = vec![
        OfFile::of("library_title", "file_sha256"),
        OfFile::of("library_edition", "file_sha256"),
        OfFile {
            only: "is_served = 1",
            ..OfFile::of("library_resource", "sha256")
        },
    ];
    room.of_person = vec![OfPerson {
        table: "library_place",
        column: "member_id",
        fate: PersonFate::Own,
        text: "", // what a person reads is told to nobody
    }];
    room.listens = vec![site::Listener {
        kind: people::alias::MERGED,
        name: "library.merged",
        hear: |site, event| Box::pin(async move { place::inherit(&site, &event.subject).await }),
    }];
    room.member_parts = vec![MemberPart {
        name: "library",
        draw: None,
        export: Some(|site, frame, member| Box::pin(place::export(site, frame, member))),
    }];
    room.statements = [store::STATEMENTS, store::before::STATEMENTS].concat();
    room.feeds = vec![feed::FEED];
    room.today = Some(std::sync::Arc::new(|site, frame, who| {
        Box::pin(today::part(site, frame, who))
    }));
    room.openapi = Some(api::description());
    room
}
