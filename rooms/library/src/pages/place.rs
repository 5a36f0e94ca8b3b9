//! How far down a section its reader is: what the island sends while they scroll.
//! Not here: remembering which section is open, which needs no script (`section`).

use crate::place::{self, Place};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::Refusal;
use site::Site;
use web::{Answer, Form, Frame, Member};

#[derive(serde::Deserialize)]
pub(crate) struct Told {
    #[serde(default)]
    section: i64,
    #[serde(default)]
    fraction: f64,
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Told>,
) -> Answer {
    let id = super::title_id(&id)?;
    let row = super::find_title(&site, &id, &super::reach(&who, frame.today())).await?;
    let Told { section, fraction } = form.value;
    if !(1..=row.sections).contains(&section) || !(0.0..=1.0).contains(&fraction) {
        return Err(Refusal::new("web-form-unreadable").status(422).into());
    }
    // Between 0 and 1, so the number is between 0 and 10,000.
    let fraction = (fraction * 10_000.0).round() as i64;
    place::set(&site, &frame, &who, &id, Place { section, fraction }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[cfg(test)]
mod tests {
    use crate::made;
    use testkit::{BINH, HOA, LAN, THU, TUAN};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_place_is_kept_and_read_by_its_owner_alone() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let id = made::shelve(&app, "kho", &made::two_chapters("urn:a", "Chuyện kể")).await;
                let to = format!("/library/titles/{id}/place");
                app.as_(HOA)
                    .post(&to, &[("section", "2"), ("fraction", "0.4321")])
                    .await
                    .expects(204);
                let mine = app
                    .as_(HOA)
                    .get(&format!("/library/titles/{id}/sections/2"))
                    .await
                    .expects(200);
                assert_eq!(mine.attributes("[data-place]", "data-at"), ["0.4321"]);
                // Nobody sees it: not her secretary, not the committee, not whoever runs the installation.
                for other in [LAN, THU, BINH, TUAN] {
                    for path in [
                        "/library".to_owned(),
                        format!("/library/titles/{id}"),
                        "/library/shelves/kho".to_owned(),
                    ] {
                        let page = app.as_(other).get(&path).await.expects(200);
                        assert!(
                            !page.has(".reading progress") && !page.body().contains("43 %"),
                            "{path}"
                        );
                    }
                    let api = app.stranger().header(
                        "authorization",
                        &format!("Bearer {}:titles", other.session()),
                    );
                    let told = api
                        .get(&format!("/api/v1/titles/{id}"))
                        .await
                        .expects(200)
                        .body();
                    assert!(
                        !told.contains("fraction") && !told.contains("place"),
                        "{told}"
                    );
                }
                assert_eq!(
                    app.count("select count(*) from audit_event where action like 'place%'")
                        .await,
                    0
                );
                assert_eq!(
                    app.count("select count(*) from audit_event where about_member_id = 'hoa'")
                        .await,
                    0
                );
            },
        )
        .await;
    }

    #[test]
    fn no_statement_reads_places_without_their_owner() {
        let joined: Vec<String> = (crate::store::REACHING.iter())
            .map(|parts| parts.join("(null)"))
            .collect();
        for text in
            (crate::store::STATEMENTS.iter().copied()).chain(joined.iter().map(String::as_str))
        {
            let reads =
                text.contains("from library_place") && text.trim_start().starts_with("select");
            // The numbers of sections at which anybody stopped move with a new edition; they tell nobody.
            let moves = text == crate::store::PLACED_SECTIONS;
            assert!(!reads || moves || text.contains("member_id = $1"), "{text}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn odd_places_and_forged_ones_are_turned_away() {
        testkit::on_sqlite(
            || vec![crate::room()],
            async |app| {
                let id = made::shelve(&app, "kho", &made::two_chapters("urn:a", "Chuyện kể")).await;
                let to = format!("/library/titles/{id}/place");
                for (section, fraction) in [
                    ("0", "0.1"),
                    ("3", "0.1"),
                    ("1", "1.5"),
                    ("1", "NaN"),
                    ("1", "-0.1"),
                ] {
                    app.as_(HOA)
                        .post(&to, &[("section", section), ("fraction", fraction)])
                        .await
                        .expects(422);
                }
                app.as_(HOA)
                    .post_forged(&to, &[("section", "1"), ("fraction", "0.1")])
                    .await
                    .expects(403);
                assert_eq!(app.count("select count(*) from library_place").await, 0);
            },
        )
        .await;
    }
}
