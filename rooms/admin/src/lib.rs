//! Running the installation: names, its state, the log, the rules that people confirm, who may what.
//!
//! Shows no record of a person: the one who runs the machine reads none (governance reference, 1).
//! Not here: accounts (`account`), grants of members (`people`), writing the log (`site::audit`).
//! The rule that surprises: whoever may not come gets "not found", like for a page that is not there.

mod access;
mod holidays;
mod import;
mod pages;
mod sample;
mod store;
mod today;

#[cfg(test)]
mod kit;

use web::{Access, Routes};

/// The room, as `app` and the tests see it.
pub fn room() -> site::Room {
    let mut room = site::Room::new(
        "admin",
        include_str!("../text/vi.ftl"),
        include_str!("../text/en.ftl"),
    );
    room.routes = Routes::new()
        .get("/admin", Access::Member, pages::home::get)
        .get(
            "/admin/organisation",
            Access::Member,
            pages::organisation::get,
        )
        .post(
            "/admin/organisation",
            Access::Member,
            pages::organisation::post,
        )
        .get("/admin/audit", Access::Member, pages::audit::get)
        .get("/admin/standing", Access::Member, pages::standing::get)
        .post(
            "/admin/standing/sign-offs",
            Access::Member,
            pages::standing::post,
        )
        .get(
            "/admin/permissions",
            Access::Member,
            pages::permissions::get,
        );
    room.places = vec![
        web::Place::tool("/admin", "lock", "admin-place", 140)
            .needs(&[kernel::Cap::SystemConfigure, kernel::Cap::AuditRead])
            .within("/me"),
    ];
    room.statements = store::STATEMENTS.to_vec();
    room.importers = vec![import::RULES];
    room.of_person = vec![site::room::OfPerson {
        table: "admin_setting",
        column: "changed_by",
        fate: site::room::PersonFate::Deed,
        text: "",
    }];
    room.today = Some(std::sync::Arc::new(today::source));
    room
}

/// The columns of a list of holidays as the code reads them. For the documentation.
pub fn holiday_columns() -> &'static [intake::columns::Field] {
    holidays::FIELDS
}

#[cfg(test)]
mod tests {
    use testkit::{ALL, BINH, on_sqlite};
    use web::Lang;
    use web::text::{TEXTS, Texts};

    #[test]
    fn both_languages_say_the_same_things() {
        let texts = Texts::build(&[TEXTS, crate::room().texts])
            .map_err(|trouble| trouble.join("\n"))
            .unwrap();
        assert_eq!(texts.keys(Lang::Vi), texts.keys(Lang::En));
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn who_has_no_right_here_finds_no_such_page() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let pages = [
                    "/admin",
                    "/admin/organisation",
                    "/admin/audit",
                    "/admin/standing",
                    "/admin/permissions",
                ];
                for who in ALL.iter().filter(|who| who.id != BINH.id) {
                    for page in pages {
                        app.as_(*who).get(page).await.expects(404);
                    }
                    app.as_(*who)
                        .post("/admin/organisation", &[("name", "x")])
                        .await
                        .expects(404);
                    app.as_(*who)
                        .post("/admin/standing/sign-offs", &[("basis", "x")])
                        .await
                        .expects(404);
                }
                for page in pages {
                    app.stranger().get(page).await.expects(303);
                }
            },
        )
        .await;
    }
}
