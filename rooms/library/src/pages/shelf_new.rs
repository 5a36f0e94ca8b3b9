//! Making a shelf: name, what stands on it, for whom.

use crate::access;
use crate::shelf::{self, NewShelf};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::error::Result;
use kernel::{Audience, Error};
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(serde::Deserialize)]
pub(crate) struct New {
    #[serde(default)]
    name: String,
    #[serde(default)]
    lead: String,
    #[serde(default)]
    audience: String,
}

struct Choice {
    token: String,
    label: String,
}

#[derive(Template)]
#[template(path = "library/shelf_new.html")]
struct Page {
    frame: Frame,
    form: FormState,
    audiences: Vec<Choice>,
}

/// For whom this member may make a shelf; nothing when they may not at all.
fn audiences(frame: &Frame, who: &Member) -> Result<Vec<Choice>> {
    let home = who.actor.home.as_ref().map(|home| &home.path);
    let out: Vec<Choice> = access::shelvable(&who.actor, frame.today())
        .into_iter()
        .map(|(audience, path)| {
            let key = match &audience {
                Audience::Members => "library-audience-members",
                Audience::Public => "library-audience-public",
                Audience::Unit(_) if home == Some(&path) => "library-audience-home",
                Audience::Unit(_) => "library-audience-unit",
            };
            Choice {
                token: audience.to_string(),
                label: frame.t(key),
            }
        })
        .collect();
    if out.is_empty() {
        Err(Error::NotFound)
    } else {
        Ok(out)
    }
}

pub(crate) async fn get(frame: Frame, who: Member) -> Answer {
    let audiences = audiences(&frame, &who)?;
    let first = audiences.first().map_or("", |one| one.token.as_str());
    let form = FormState::new().with("audience", first);
    frame.html(&Page {
        frame: frame.clone(),
        form,
        audiences,
    })
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    form: Form<New>,
) -> Answer {
    let audiences = audiences(&frame, &who)?;
    let mut state = FormState::typed(form.pairs);
    let New {
        name,
        lead,
        audience,
    } = form.value;
    let slug = shelf::slug_of(&name);
    if !shelf::is_slug(&slug) {
        state.fail("name", "library-shelf-name-missing");
    }
    if !audiences.iter().any(|one| one.token == audience) {
        state.fail("audience", "library-shelf-audience-missing");
    }
    if state.is_good() {
        let audience: Audience = audience.parse().map_err(Error::fault)?;
        let may = access::can_shelve(&site, &who, &audience).await?;
        let new = NewShelf {
            slug: slug.clone(),
            name,
            lead,
            audience,
        };
        let act = may.begin(&site, &frame, "shelf.add").await?;
        if shelf::ensure_in(act, &new).await?.1 {
            return Ok(see_other(format!("/library/shelves/{slug}"))
                .flash("library-shelf-made")
                .into_response());
        }
        state.fail("name", "library-shelf-name-taken");
    }
    frame.html_status(
        StatusCode::UNPROCESSABLE_ENTITY,
        &Page {
            frame: frame.clone(),
            form: state,
            audiences,
        },
    )
}

#[cfg(test)]
mod tests {
    use testkit::{HOA, LAN, THU, UNIT_COMMITTEE};

    #[tokio::test(flavor = "multi_thread")]
    async fn an_editor_makes_a_shelf_for_their_units_and_nobody_else_does() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let audience = format!("unit:{UNIT_COMMITTEE}");
                let good = [
                    ("name", "Sách hay"),
                    ("lead", "Đọc dần."),
                    ("audience", audience.as_str()),
                ];
                app.as_(HOA).get("/library/shelves/new").await.expects(404);
                app.as_(HOA)
                    .post("/library/shelves", &good)
                    .await
                    .expects(404);
                assert!(
                    app.as_(THU)
                        .get("/library/shelves/new")
                        .await
                        .expects(200)
                        .has("input[name=audience]")
                );
                app.as_(THU)
                    .post_forged("/library/shelves", &good)
                    .await
                    .expects(403);
                // She edits for her committee, not for all members.
                let wide = [("name", "Sách hay"), ("audience", "members")];
                let page = app
                    .as_(THU)
                    .post("/library/shelves", &wide)
                    .await
                    .expects(422);
                assert_eq!(page.attributes("input[name=name]", "value"), ["Sách hay"]);
                let page = app
                    .as_(THU)
                    .post_and_follow("/library/shelves", &good)
                    .await
                    .expects(200);
                assert_eq!(page.text("h1"), "Sách hay");
                app.as_(LAN)
                    .get("/library/shelves/sach-hay")
                    .await
                    .expects(200);
                app.as_(THU)
                    .post("/library/shelves", &good)
                    .await
                    .expects(422);
                assert_eq!(
                    app.count("select count(*) from audit_event where action = 'shelf.add'")
                        .await,
                    1
                );
            },
        )
        .await;
    }
}
