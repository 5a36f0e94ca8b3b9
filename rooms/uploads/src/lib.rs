//! Files from a browser, for every importer that a room contributes: send, look at what would happen,
//! decide doubtful rows, write, take back.
//!
//! The routes of the forms are those that the importers name (`Importer::at`), so this room is made of
//! the others. `upload` is what an upload is, `run` the jobs, `pages` what a person sees. Not here: what
//! a row is and how it is written (the importer's room), the command line (`sotay import`).
//! The rule that surprises: nothing is written before the person has seen it, row by row, and pressed
//! the button, and before a second one has agreed where the importer says so (`second`); what was written can be taken back while nothing was built on it.

mod access;
mod pages;
mod run;
mod second;
mod store;
mod upload;

use kernel::Cap;
use site::Site;
use site::room::{Importer, OfPerson, PersonFate};
use std::sync::Arc;
use web::{Access, Routes};

/// The room, made of what the others contribute.
pub fn room(importers: &[Importer]) -> site::Room {
    let mut room = site::Room::new(
        "uploads",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    // For whoever may take in anything anywhere.
    room.places = vec![
        web::Place::tool("/uploads", "upload", "uploads-list", 125)
            .within("/me")
            .needs(&[
                Cap::ImportPrepare,
                Cap::ContentPublish,
                Cap::ContentWrite,
                Cap::SystemConfigure,
            ]),
    ];
    room.routes = routes(importers);
    room.approvals = vec![second::LISTS, second::TAKING_BACK];
    room.handlers = vec![run::CHECK, run::APPLY, run::UNDO, run::TIDYING];
    room.schedules = vec![run::tidies_daily()];
    room.today = Some(Arc::new(|site, frame, who| {
        Box::pin(pages::list::today(site, frame, who))
    }));
    room.of_person = vec![OfPerson {
        table: "uploads_upload",
        column: "owner_id",
        fate: PersonFate::Own,
        text: "uploads-of-person",
    }];
    room.statements = store::STATEMENTS.to_vec();
    room
}

fn routes(importers: &[Importer]) -> Routes<Site> {
    use pages::{acts, decide, form, list, pieces, sample, show};
    let who = Access::Member;
    let mut routes = Routes::new();
    for importer in importers {
        let (one, two) = (importer.clone(), importer.clone());
        routes = routes
            .get(importer.at, who, move |site, frame, who, place| {
                form::get(one.clone(), site, frame, who, place)
            })
            .post_file(importer.at, who, move |site, frame, who, place, sent| {
                form::post(two.clone(), site, frame, who, place, sent)
            });
    }
    routes
        .get("/uploads", who, list::get)
        .get("/uploads/samples/{importer}", who, sample::get)
        .post("/uploads/begin", who, pieces::begin)
        .get("/uploads/{id}", who, show::get)
        .post_long("/uploads/{id}/piece", who, pieces::piece)
        .post("/uploads/{id}/sent", who, pieces::sent)
        .post("/uploads/{id}/decisions", who, decide::post)
        .post("/uploads/{id}/application", who, acts::apply)
        .post("/uploads/{id}/stop", who, acts::stop)
        .post("/uploads/{id}/again", who, acts::again)
        .post("/uploads/{id}/removal", who, acts::drop)
        .get("/uploads/{id}/undo", who, acts::ask_undo)
        .post("/uploads/{id}/undo", who, acts::undo)
}

#[cfg(test)]
mod tests;
