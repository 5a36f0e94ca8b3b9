//! Correcting what a file says of itself: title, authors, publisher, description. Audited.
//! What a person corrected, a new edition of the file leaves alone.

use crate::access;
use crate::store;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize)]
pub(crate) struct Edited {
    #[serde(default)]
    title: String,
    #[serde(default)]
    subtitle: String,
    #[serde(default)]
    creators: String,
    #[serde(default)]
    publisher: String,
    #[serde(default)]
    published: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    version: i64,
}

#[derive(Template)]
#[template(path = "library/title_edit.html")]
struct Page {
    frame: Frame,
    id: String,
    form: FormState,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let may = access::can_edit(&site, &who, &id).await?;
    draw(&frame, &id, form_of(&may.row))
}

/// The form as it is opened.
fn form_of(row: &store::TitleRow) -> FormState {
    FormState::new()
        .with("title", row.title.clone())
        .with("subtitle", row.subtitle.clone())
        .with("creators", row.creators.clone())
        .with("publisher", row.publisher.clone())
        .with("published", row.published.clone())
        .with("description", row.description.clone())
        .with("version", row.row_version.to_string())
}

fn draw(frame: &Frame, id: &str, form: FormState) -> Answer {
    let page = Page {
        frame: frame.clone(),
        id: id.to_owned(),
        form,
    };
    frame.html_status(page.form.status(), &page)
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Edited>,
) -> Answer {
    let may = access::can_edit(&site, &who, &id).await?;
    let id = may.id.clone();
    let new = form.value;
    let title = new.title.trim();
    if title.is_empty() {
        let mut state = FormState::typed(form.pairs);
        state.fail("title", "library-edit-title-missing");
        return draw(&frame, id.as_str(), state);
    }
    let correction = store::Correction {
        title,
        subtitle: new.subtitle.trim(),
        creators: new.creators.trim(),
        publisher: new.publisher.trim(),
        published: new.published.trim(),
        description: new.description.trim(),
        version: new.version,
    };
    let mut act = may.begin(&site, &frame, "title.edit").await?;
    if !store::correct(&mut act, &correction).await? {
        drop(act);
        let now = access::can_edit(&site, &who, id.as_str()).await?;
        let mut state = FormState::typed(form.pairs);
        let of = ("title", now.id.as_str());
        let saved = people::saved::last(&site, &frame, &who, of, &["title.edit"]).await?;
        state.changed(&form_of(&now.row), "version", &saved);
        return draw(&frame, id.as_str(), state);
    }
    let diff = serde_json::json!({
        "before": { "title": act.row.title, "creators": act.row.creators },
        "after": { "title": title, "creators": correction.creators },
    });
    act.line().diff(&diff);
    act.end().await?;
    Ok(see_other(format!("/library/titles/{id}"))
        .flash("library-edit-done")
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::made;
    use testkit::{HOA, THU, UNIT_COMMITTEE};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_correction_shows_everywhere_and_outlives_a_new_edition() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let audience = format!("unit:{UNIT_COMMITTEE}");
                let id = made::shelve_for(
                    &app,
                    "kho",
                    &audience,
                    &made::two_chapters("urn:uuid:0001", "Chuyen ke"),
                )
                .await;
                let to = format!("/library/titles/{id}");
                let new = [
                    ("title", "Chuyện kể đúng tên"),
                    ("creators", "Lê Thị Ngát"),
                    ("version", "1"),
                ];
                app.as_(HOA).get(&format!("{to}/edit")).await.expects(404);
                app.as_(HOA).post(&to, &new).await.expects(404);
                app.as_(THU).post_forged(&to, &new).await.expects(403);
                let form = app.as_(THU).get(&format!("{to}/edit")).await.expects(200);
                assert_eq!(form.attributes("input[name=title]", "value"), ["Chuyen ke"]);
                let empty = app
                    .as_(THU)
                    .post(
                        &to,
                        &[("title", " "), ("publisher", "Nhà in"), ("version", "1")],
                    )
                    .await
                    .expects(422);
                assert_eq!(
                    empty.attributes("input[name=publisher]", "value"),
                    ["Nhà in"]
                );
                app.as_(HOA).get("/library/shelves/kho").await.expects(200);
                app.as_(THU).post(&to, &new).await.expects(303);
                assert_eq!(
                    app.as_(HOA)
                        .get("/library/shelves/kho")
                        .await
                        .all(".wall .ttl"),
                    ["Chuyện kể đúng tên"]
                );
                // Somebody else had the old form open: told, nothing overwritten.
                let late = app.as_(THU).post(&to, &new).await.expects(409);
                assert_eq!(
                    late.attributes("input[name=title]", "value"),
                    ["Chuyện kể đúng tên"]
                );
                assert!(!late.has("#t-title") && !late.has("#t-creators"));
                let mine = [
                    ("title", "Chuyện kể"),
                    ("creators", "Lê Thị Ngát"),
                    ("version", "1"),
                ];
                let late = app.as_(THU).post(&to, &mine).await.expects(409);
                assert_eq!(late.attributes("input[name=title]", "value"), ["Chuyện kể"]);
                assert_eq!(late.text("#t-title b"), "Chuyện kể đúng tên");
                let version = late.attributes("input[name=version]", "value");
                assert_ne!(version, ["1"], "who saves again does so knowing it");
                assert_eq!(
                    app.count("select count(*) from audit_event where action = 'title.edit'")
                        .await,
                    1
                );
                made::shelve_for(
                    &app,
                    "kho",
                    &audience,
                    &made::three_chapters("urn:uuid:0001", "Chuyen ke"),
                )
                .await;
                let page = app.as_(HOA).get(&to).await.expects(200);
                assert_eq!(page.text("h1"), "Chuyện kể đúng tên");
                assert_eq!(page.all("nav.outline a").len(), 3, "the new text is there");
            },
        )
        .await;
    }
}
