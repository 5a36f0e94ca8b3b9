//! Official documents: import, list, reading, citations, the original file.
//!
//! Gives search its documents and provisions, `site::Linker` its view `v_documents_cited`, Hôm nay the
//! newest. Says whether each still counts. Not here: the search page (`front`), meetings that have papers.
//! The rule that surprises: a symbol is no identity; number, kind, issuer and date together are.

mod access;
mod agenda;
mod anew;
mod api;
mod demo;
mod document;
mod feed;
pub mod id;
pub mod import;
mod pages;
mod reading;
#[cfg(test)]
mod sample;
mod show;
mod standing;
mod store;
mod today;
mod words;

pub use access::Writing;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler as _;
use site::room::{OfFile, OfPerson, OfUnit, PersonFate, UnitFate};
use utoipa::OpenApi as _;
use web::{Access, Routes};

/// The columns of a register of documents as the code reads them. For the documentation.
pub fn columns() -> &'static [intake::columns::Field] {
    import::register::FIELDS
}

/// The room, as `app` and tests see it.
pub fn room() -> site::Room {
    let mut room = site::Room::new(
        "documents",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    room.routes = Routes::new()
        .get("/documents", Access::Public, pages::list::get)
        .get("/documents/new", Access::Member, pages::new::get)
        .post_long("/documents/new", Access::Member, pages::new::post)
        .get("/documents/{id}", Access::Public, pages::show::get)
        .get("/documents/{id}/edit", Access::Member, pages::edit::get)
        .post_long("/documents/{id}/edit", Access::Member, pages::edit::post)
        .get(
            "/documents/{id}/standing",
            Access::Member,
            pages::standing::get,
        )
        .post(
            "/documents/{id}/standing",
            Access::Member,
            pages::standing::post,
        )
        .get(
            "/documents/{id}/withdrawal",
            Access::Member,
            pages::withdrawal::get,
        )
        .post(
            "/documents/{id}/withdrawal",
            Access::Member,
            pages::withdrawal::post,
        )
        .get(
            "/documents/{id}/replacement",
            Access::Member,
            pages::replacement::get,
        )
        .post_file(
            "/documents/{id}/replacement",
            Access::Member,
            pages::replacement::post.layer(DefaultBodyLimit::max(
                pages::replacement::MOST_BYTES + 64 * 1024,
            )),
        )
        .get("/documents/{id}/file", Access::Public, pages::file::get)
        .post(
            "/documents/{id}/publication",
            Access::Member,
            pages::publication::post,
        )
        .get("/api/v1/documents", Access::Token("documents"), api::list)
        .get(
            "/api/v1/documents/{id}",
            Access::Token("documents"),
            api::show,
        );
    room.places = vec![
        web::Place::bar("/documents", "doc", "documents-place", 30).helps("documents-place-help"),
    ];
    room.scopes = vec![site::room::TokenScope {
        name: "documents",
        text: "documents-scope",
    }];
    room.finds = [
        (feed::KIND, "documents-find-document"),
        (feed::PROVISION, "documents-find-provision"),
    ]
    .map(|(kind, text)| site::room::Find {
        kind,
        icon: "doc",
        text,
        group: "documents",
        group_text: "documents-find",
        order: 10,
        is_for_members: false,
    })
    .to_vec();
    room.importers = vec![import::IMPORTER];
    room.agenda = vec![agenda::KIND];
    room.demo = Some(demo::DEMO);
    room.of_unit = ["unit_id", "audience", "withdrawn_audience"]
        .map(|column| OfUnit {
            table: "documents_document",
            column,
            fate: UnitFate::Follows,
        })
        .to_vec();
    room.of_file = vec![
        OfFile::of("documents_document", "file_sha"),
        OfFile::of("documents_file", "sha256"),
    ];
    room.of_person = [
        ("documents_document", "created_by"),
        ("documents_standing", "set_by"),
    ]
    .map(|(table, column)| OfPerson {
        table,
        column,
        fate: PersonFate::Deed,
        text: "",
    })
    .to_vec();
    room.statements = [
        store::STATEMENTS,
        store::anew::STATEMENTS,
        store::before::STATEMENTS,
        store::standing::STATEMENTS,
    ]
    .concat();
    room.badges = vec![site::room::Badges {
        kind: feed::KIND,
        of: |site, frame, reach, ids| Box::pin(show::badges(site, frame, reach, ids)),
    }];
    room.feeds = vec![feed::FEED];
    room.handlers = vec![anew::READING];
    room.schedules = vec![anew::reads_daily()];
    room.today = Some(std::sync::Arc::new(today::part));
    room.openapi = Some(api::Api::openapi());
    room
}
