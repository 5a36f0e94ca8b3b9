//! What to press: one short page for members.
//!
//! Places and what they are good for come from the rooms. Not here: rules of the organisation.

use askama::Template;
use web::{Answer, Frame, PlaceLink};

#[derive(Template)]
#[template(path = "front/help.html")]
struct Page {
    frame: Frame,
    places: Vec<PlaceLink>,
}

pub(crate) async fn get(frame: Frame) -> Answer {
    let mut places = frame.places();
    places.extend(frame.tools());
    places.retain(|place| !place.help.is_empty());
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
                assert_eq!(
                    page.attributes("main .ruled a", "href"),
                    ["/today", "/search"]
                );
                assert_eq!(page.all("main h1").len(), 1);
                assert!(!page.body().contains('⟦'), "every sentence is there");
                let gone = app.stranger().get("/help").await.expects(303);
                assert_eq!(gone.location(), "/sign-in?next=%2Fhelp");
            },
        )
        .await;
    }
}
