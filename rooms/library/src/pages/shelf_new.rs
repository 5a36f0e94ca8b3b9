//! Making a shelf: name, what stands on it, for whom.

use crate::shelf::{self, NewShelf};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::Error;
use kernel::error::Result;
use site::{Audit, Site};
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

struct Audience {
    token: String,
    label: String,
}

#[derive(Template)]
#[template(path = "library/shelf_new.html")]
struct Page {
    frame: Frame,
    form: FormState,
    audiences: Vec<Audience>,
}

/// For whom this member may make a shelf; nothing when they may not at all.
fn audiences(frame: &Frame, who: &Member) -> Result<Vec<Audience>> {
    let mut out = Vec::new();
    if super::may_write(who, "members", frame.today()) {
        out.push(Audience {
            token: "members".into(),
            label: frame.t("library-audience-members"),
        });
        out.push(Audience {
            token: "public".into(),
            label: frame.t("library-audience-public"),
        });
    }
    for path in who.actor.audience_paths(frame.today()) {
        let token = format!("unit:{path}");
        if super::may_write(who, &token, frame.today()) {
            let is_home = who
                .actor
                .home
                .as_ref()
                .is_some_and(|home| home.path == path);
            let key = if is_home {
                "library-audience-home"
            } else {
                "library-audience-unit"
            };
            out.push(Audience {
                token,
                label: frame.t(key),
            });
        }
    }
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
        state.fail("name", frame.t("library-shelf-name-missing"));
    }
    if !audiences.iter().any(|one| one.token == audience) {
        state.fail("audience", frame.t("library-shelf-audience-missing"));
    }
    if state.is_good() {
        let new = NewShelf {
            slug: slug.clone(),
            name,
            lead,
            audience,
        };
        let mut tx = site.db.begin().await?;
        let (id, made) = shelf::ensure_in(&site, &mut tx, &new).await?;
        if made {
            Audit::by(&who.actor, "shelf.add")
                .object("shelf", &id)
                .operation(frame.operation())
                .write(&mut tx, &site.clock, &site.dice)
                .await?;
            site.db.commit(tx).await?;
            return Ok(see_other(format!("/library/shelves/{slug}"))
                .flash("library-shelf-made")
                .into_response());
        }
        state.fail("name", frame.t("library-shelf-name-taken"));
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
    use testkit::{HOA, LAN, THU, UNIT_COMMITTEE, path_of};

    #[tokio::test(flavor = "multi_thread")]
    async fn an_editor_makes_a_shelf_for_their_units_and_nobody_else_does() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let audience = format!("unit:{}", path_of(UNIT_COMMITTEE));
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
