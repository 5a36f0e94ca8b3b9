//! What to press: one short page for members.
//!
//! Says it in the words of the buttons. Not here: rules of the organisation (documents).

use askama::Template;
use web::{Answer, Frame};

#[derive(Template)]
#[template(path = "front/help.html")]
struct Page {
    frame: Frame,
    places: Vec<Place>,
}

/// A place of the frame and what it is good for.
struct Place {
    icon: &'static str,
    to: &'static str,
    name: String,
    what: String,
}

pub(crate) async fn get(frame: Frame) -> Answer {
    let place = |icon, to, name: &str, what: &str| Place {
        icon,
        to,
        name: frame.t(name),
        what: frame.t(what),
    };
    let places = vec![
        place("today", "/today", "web-nav-today", "front-help-today"),
        place(
            "meet",
            "/meetings",
            "web-nav-meetings",
            "front-help-meetings",
        ),
        place(
            "doc",
            "/documents",
            "web-nav-documents",
            "front-help-documents",
        ),
        place("shelf", "/library", "web-nav-library", "front-help-library"),
        place("me", "/me", "web-nav-me", "front-help-me"),
        place("search", "/search", "web-search", "front-help-search"),
        place("aa", "/display", "web-display", "front-help-display"),
    ];
    frame.html(&Page {
        frame: frame.clone(),
        places,
    })
}

#[cfg(test)]
mod tests {
    use testkit::{HOA, on_sqlite};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_member_reads_what_to_press_and_a_stranger_signs_in_first() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let page = app.as_(HOA).get("/help").await.expects(200);
                assert_eq!(page.attributes("main .ruled a", "href").len(), 7);
                assert_eq!(page.all("main h1").len(), 1);
                assert!(!page.body().contains('⟦'), "every sentence is there");
                let gone = app.stranger().get("/help").await.expects(303);
                assert_eq!(gone.location(), "/sign-in?next=%2Fhelp");
            },
        )
        .await;
    }
}
