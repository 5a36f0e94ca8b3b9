//! The front of the house: Hôm nay, the one search box, and the page that says what to press.
//!
//! Composes what other rooms feed (`site.today`, `site.index`, `people::search`); owns no table and
//! sends no SQL of its own. Not here: what is a task (each room), how a question is judged (`search`).
//! The rule that surprises: a source that fails loses only its own part of Hôm nay, and while a part
//! is missing the page never says that there is nothing to do.

pub mod search;

#[cfg(test)]
mod finding;
mod pages;
mod today;

use utoipa::OpenApi as _;
use web::{Access, Routes};

/// The room, as `app` and the tests see it.
pub fn room() -> site::Room {
    let mut room = site::Room::new(
        "front",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    room.places = vec![
        web::Place::bar("/today", "today", "front-place-today", 10)
            .helps("front-help-today")
            .under(&["/approvals"]),
        web::Place::tool("/search", "search", "web-search", 110).helps("front-help-search"),
        web::Place::tool("/help", "info", "front-place-help", 160).within("/me"),
    ];
    room.today = Some(std::sync::Arc::new(|site, frame, who| {
        Box::pin(pages::approvals::today(site, frame, who))
    }));
    room.notices = vec![site::room::NoticeKind {
        kind: site::four_eyes::REFUSED,
        text: "approvals-notice-kind",
    }];
    room.checks = vec![pages::approvals::CHECK];
    room.handlers = vec![site::four_eyes::EXPIRING];
    room.schedules = vec![site::four_eyes::expires_hourly()];
    room.scopes = vec![site::room::TokenScope {
        name: "search",
        text: "front-scope",
    }];
    room.routes = Routes::new()
        .get("/today", Access::Member, pages::today::get)
        .get("/help", Access::Member, pages::help::get)
        .get("/approvals", Access::Member, pages::approvals::list)
        .get("/approvals/{id}", Access::Member, pages::approvals::show)
        .post(
            "/approvals/{id}/decision",
            Access::Member,
            pages::approvals::decide,
        )
        .post(
            "/approvals/{id}/withdrawal",
            Access::Member,
            pages::approvals::withdraw,
        )
        .get("/search", Access::Public, pages::search::get)
        .get(
            "/api/v1/search",
            Access::Token("search"),
            pages::api_search::get,
        );
    room.openapi = Some(pages::api_search::Description::openapi());
    room
}

#[cfg(test)]
mod tests {
    use web::Lang;
    use web::text::{TEXTS, Texts};

    #[test]
    fn both_languages_say_the_same_things() {
        let texts = Texts::build(&[TEXTS, crate::room().texts])
            .map_err(|trouble| trouble.join("\n"))
            .unwrap();
        assert_eq!(texts.keys(Lang::Vi), texts.keys(Lang::En));
    }
}
