//! `GET /api/v1/me` and `GET /api/v1/units`: who I am, and the units that I may know.
//!
//! Names of other people never leave through the API. Not here: giving tokens (`account`).

use crate::member;
use crate::sight::Level;
use crate::units;
use axum::Json;
use axum::extract::{Query, State};
use axum::response::IntoResponse as _;
use kernel::Cap;
use site::{Looked, Site};
use utoipa::{OpenApi, ToSchema};
use web::{Answer, Member};

/// This room's part of the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(get_me, get_units),
    components(schemas(Me, MePlace, MePost, Units, UnitRow))
)]
pub(crate) struct Description;

/// The owner of the token.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct Me {
    /// Member id.
    id: String,
    /// Full name.
    name: String,
    /// `full`, `probationary`, …
    status: String,
    /// Units of today.
    units: Vec<MePlace>,
    /// Posts of today.
    posts: Vec<MePost>,
}

/// A membership.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct MePlace {
    /// Unit id.
    unit_id: String,
    /// Unit name.
    name: String,
    /// `official` or `temporary`.
    kind: String,
    /// First day, `YYYY-MM-DD`.
    from_on: String,
}

/// A post.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct MePost {
    /// What it is called.
    title: String,
    /// What it brings.
    role: String,
    /// Its unit.
    unit_id: String,
    /// First day, `YYYY-MM-DD`.
    from_on: String,
}

/// Who the token's owner is.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "people",
    responses(
        (status = 200, description = "The owner of the token", body = Me),
        (status = 401, description = "No valid access token", content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope `me`", content_type = "application/problem+json")
    )
)]
pub(crate) async fn get_me(State(site): State<Site>, who: Member) -> Answer {
    let me = member::view(
        &site,
        &Looked::own(&who.actor),
        &who.actor.member,
        Level::V1,
    )
    .await?;
    let place = |place: member::PlacementView| MePlace {
        unit_id: place.unit_id.to_string(),
        name: place.unit_name,
        kind: place.kind.to_string(),
        from_on: place.from_on.to_string(),
    };
    let post = |post: member::PostView| MePost {
        title: post.title,
        role: post.role,
        unit_id: post.unit_id.to_string(),
        from_on: post.from_on.to_string(),
    };
    let answer = Me {
        id: me.id.to_string(),
        name: me.name,
        status: me
            .standing
            .map(|standing| standing.status.to_string())
            .unwrap_or_default(),
        units: me.units.into_iter().map(place).collect(),
        posts: me.posts.into_iter().map(post).collect(),
    };
    Ok(Json(answer).into_response())
}

/// Units in the order of the tree.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct Units {
    /// The units.
    units: Vec<UnitRow>,
    /// Hand this back as `after` for the next ones; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A unit.
#[derive(serde::Serialize, ToSchema, db::FromRow)]
pub(crate) struct UnitRow {
    /// Unit id.
    id: String,
    /// The unit above; empty for a root.
    parent_id: String,
    /// `/root/committee/cell/`, ids from the root down.
    path: String,
    /// `upper_body`, `base_body`, `cell`, …
    kind: String,
    /// Official code; may be empty and may change.
    code: String,
    /// Its name.
    name: String,
}

#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    after: String,
    limit: Option<i64>,
}

/// The units that the token's owner may know, in the order of the tree.
#[utoipa::path(
    get,
    path = "/api/v1/units",
    tag = "people",
    params(
        ("after" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "How many; 100 when left out")
    ),
    responses(
        (status = 200, description = "Units by right", body = Units),
        (status = 401, description = "No valid access token", content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope `units`", content_type = "application/problem+json")
    )
)]
pub(crate) async fn get_units(
    State(site): State<Site>,
    who: Member,
    Query(asked): Query<Asked>,
) -> Answer {
    let on = site.clock.today();
    let limit = asked.limit.unwrap_or(100).clamp(1, 500);
    let read = who.actor.scope(Cap::UnitRead, on);
    let own = who.actor.scope(Cap::UnitPublishedRead, on);
    let scopes = [&read, &own];
    let mut units =
        units::store::list_within(&site.db, scopes, &asked.after, on, limit + 1).await?;
    let shown = usize::try_from(limit).unwrap_or(100);
    let more = units.len() > shown;
    units.truncate(shown);
    let next = if more {
        units.last().map(|unit| unit.path.clone())
    } else {
        None
    };
    Ok(Json(Units { units, next }).into_response())
}

#[cfg(test)]
mod tests {
    use testkit::{HOA, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_token_tells_who_i_am_and_the_units_that_i_may_know() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let bearer = async |token: &str, path: &str| {
                    app.stranger()
                        .header("authorization", &format!("Bearer {token}"))
                        .get(path)
                        .await
                };
                let me = bearer("test-lan:me", "/api/v1/me")
                    .await
                    .expects(200)
                    .json();
                assert_eq!(me["name"], "Nguyễn Thị Lan");
                assert_eq!(me["posts"][0]["role"], "cell_lead");
                assert_eq!(me["units"][0]["unit_id"], "cell-a");
                let units = bearer("test-thu:units", "/api/v1/units")
                    .await
                    .expects(200)
                    .json();
                let ids: Vec<_> = units["units"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|unit| unit["id"].as_str().unwrap())
                    .collect();
                assert_eq!(ids, ["committee", "cell-a", "cell-b"]);
                let first = bearer("test-thu:units", "/api/v1/units?limit=2")
                    .await
                    .json();
                let next = first["next"].as_str().unwrap();
                let rest = bearer(
                    "test-thu:units",
                    &format!("/api/v1/units?limit=2&after={next}"),
                )
                .await
                .json();
                assert_eq!(rest["units"][0]["id"], "cell-b");
                assert!(rest["next"].is_null());
                let own = bearer("test-hoa:units", "/api/v1/units").await.json();
                assert_eq!(own["units"].as_array().unwrap().len(), 1);
                bearer("test-hoa:search", "/api/v1/units")
                    .await
                    .expects(403);
                bearer("nobody:units", "/api/v1/units").await.expects(401);
                app.stranger().get("/api/v1/me").await.expects(401);
                bearer("test-hoa:me", "/me").await.expects(303); // a token opens only the API
                app.as_(HOA).get("/api/v1/me").await.expects(200);
            },
        )
        .await;
    }
}
