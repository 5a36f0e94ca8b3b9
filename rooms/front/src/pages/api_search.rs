//! `GET /api/v1/search`: the same question for programs, answered in JSON.
//!
//! Finds what the token's owner may find, without people: names go out only through pages.
//! Mistakes are answered with 422 and problem details. Not here: giving tokens (account).

use crate::search::{self as asking, parameter};
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use search::{Kind, Query, Reach};
use site::Site;
use utoipa::{OpenApi, ToSchema};
use web::{Answer, Frame, Problem, Visitor};

/// This page's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(get), components(schemas(Found, FoundHit, FoundPiece)))]
pub(crate) struct Description;

/// What was found.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct Found {
    /// How many entries within reach the question touches at all.
    total: usize,
    /// The best of them, best first.
    hits: Vec<FoundHit>,
}

/// One hit.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct FoundHit {
    /// Its id.
    id: String,
    /// The id it had where it was imported from.
    external_id: Option<String>,
    /// What sort of thing it is, in the word of the room that offers it.
    kind: String,
    /// What a person reads first.
    title: String,
    /// The larger thing it belongs to: law, book; may be empty.
    context: String,
    /// Number and letters of a document.
    symbol: Option<String>,
    /// Where it leads: a path of this installation.
    url: String,
    /// Larger is better; comparable only within one answer.
    score: f32,
    /// The best passage in pieces, found words marked.
    extract: Vec<FoundPiece>,
}

/// A run of text.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct FoundPiece {
    /// The text.
    text: String,
    /// Whether it is a found word.
    marked: bool,
}

/// Finds documents, their articles, books, their sections and news. Marks may be left out.
#[utoipa::path(
    get,
    path = "/api/v1/search",
    tag = "search",
    params(
        ("q" = String, Query, description = "The question, as a person types it"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many hits; 10 when left out"),
        ("kind" = Option<String>, Query, description = "Only these kinds, joined by commas: words that hits carry as their kind")
    ),
    responses(
        (status = 200, description = "What was found", body = Found),
        (status = 401, description = "No valid access token", content_type = "application/problem+json"),
        (status = 403, description = "The token lacks the scope `search`", content_type = "application/problem+json"),
        (status = 422, description = "A parameter is missing or out of range", content_type = "application/problem+json")
    )
)]
pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Answer {
    let asked = match read(&query.unwrap_or_default(), |word| {
        site.rooms.find(word).is_some()
    }) {
        Ok(asked) => asked,
        Err(key) => return Ok(refuse(&site, &frame, key)),
    };
    let reach = Reach::of(site::reach_of(&visitor, site.clock.today()));
    let query = Query {
        limit: asked.limit,
        kinds: asked.kinds,
        ..Query::new(asked.q, reach)
    };
    let answer = asking::find(&site, query).await?;
    let hits = answer.hits.into_iter().map(|hit| FoundHit {
        id: hit.id,
        external_id: hit.external_id,
        kind: hit.kind.as_str().to_owned(),
        title: hit.title,
        context: hit.context,
        symbol: hit.symbol,
        url: hit.url,
        score: hit.score,
        extract: (hit.extract.into_iter())
            .map(|piece| FoundPiece {
                text: piece.text,
                marked: piece.marked,
            })
            .collect(),
    });
    Ok(Json(Found {
        total: answer.total,
        hits: hits.collect(),
    })
    .into_response())
}

#[derive(Debug, PartialEq, Eq)]
struct Asked {
    q: String,
    limit: usize,
    kinds: Option<Vec<Kind>>,
}

/// Reads the parameters; an error is the key of the sentence that says what is wrong.
fn read(query: &str, is_kind: impl Fn(&str) -> bool) -> Result<Asked, &'static str> {
    let q = parameter(query, "q").unwrap_or_default();
    if q.trim().is_empty() {
        return Err("front-api-q-missing");
    }
    // The index reads no more than 4,096 bytes; a program should hear that, not get half an answer.
    if q.len() > 4_096 {
        return Err("front-api-q-long");
    }
    let limit = match parameter(query, "limit") {
        None => 10,
        Some(text) => match text.parse() {
            Ok(limit) if (1..=Query::LIMIT_MAX).contains(&limit) => limit,
            _ => return Err("front-api-limit"),
        },
    };
    let kinds = match parameter(query, "kind") {
        None => None,
        Some(text) => {
            let words: Vec<&str> = text.split(',').map(str::trim).collect();
            if !words.iter().all(|word| is_kind(word)) {
                return Err("front-api-kind");
            }
            Some(
                words
                    .iter()
                    .map(|word| Kind::from((*word).to_owned()))
                    .collect(),
            )
        }
    };
    Ok(Asked { q, limit, kinds })
}

fn refuse(site: &Site, frame: &Frame, key: &str) -> Response {
    let kinds: Vec<&str> = site.rooms.finds.iter().map(|find| find.kind).collect();
    let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "Unprocessable Content");
    problem.detail = frame.t1(key, "kinds", &kinds.join(", "));
    problem.operation = frame.operation().to_owned();
    problem.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use search::Entry;
    use testkit::{TestApp, on_both, on_sqlite};

    fn fill(app: &TestApp) {
        let writer = app.site.index.writer();
        for (id, kind, audience) in [
            ("open", Kind::of("article"), "public"),
            ("ours", Kind::of("provision"), "members"),
            ("theirs", Kind::of("document"), "unit:elsewhere"),
        ] {
            let entry = Entry {
                id: id.into(),
                kind,
                parent_id: None,
                external_id: Some(format!("out-{id}")),
                title: "Tưới nước".into(),
                context: "Luật vườn".into(),
                heading: String::new(),
                body: "Tưới nước buổi sáng.".into(),
                symbol: None,
                url: format!("/things/{id}"),
                audience: vec![audience.into()],
                also: Vec::new(),
                shown_on: None,
                language: "vi".into(),
            };
            writer.put(&entry).unwrap();
        }
        writer.commit(1).unwrap();
        app.site.index.refresh().unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_program_finds_what_its_owner_may_find() {
        on_both(crate::finding::rooms, async |app| {
            fill(&app);
            let reply = app
                .stranger()
                .header("authorization", "Bearer test-lan:search")
                .get("/api/v1/search?q=tuoi%20nuoc&limit=5")
                .await
                .expects(200);
            let found = reply.json();
            assert_eq!(found["total"], 2);
            let mut ids: Vec<_> = found["hits"]
                .as_array()
                .unwrap()
                .iter()
                .map(|hit| hit["external_id"].as_str().unwrap())
                .collect();
            ids.sort_unstable();
            assert_eq!(ids, ["out-open", "out-ours"]);
            let reply = app
                .stranger()
                .header("authorization", "Bearer test-lan:search")
                .get("/api/v1/search?q=tuoi+nuoc&limit=1&kind=provision,section")
                .await
                .expects(200);
            let hit = &reply.json()["hits"][0];
            assert_eq!(hit["kind"], "provision");
            assert_eq!(hit["context"], "Luật vườn");
            assert!(
                hit["extract"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|piece| piece["marked"] == true)
            );
            let sane = answer_ids(&app).await;
            assert_eq!(
                sane,
                ["out-open"],
                "the command line asks through the same door"
            );
        })
        .await;
    }
    async fn answer_ids(app: &TestApp) -> Vec<String> {
        let answer = asking::answer(&app.site, Reach::public(), "tưới nước", 10)
            .await
            .unwrap();
        answer
            .hits
            .into_iter()
            .filter_map(|hit| hit.external_id)
            .collect()
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_wrong_parameter_is_told_as_a_problem() {
        on_sqlite(crate::finding::rooms, async |app| {
            for query in [
                "q=a&limit=0",
                "q=a&limit=101",
                "q=a&limit=ten",
                "q=a&kind=person",
                "q=+",
                "limit=5",
            ] {
                let reply = app
                    .stranger()
                    .header("authorization", "Bearer test-lan:search")
                    .get(&format!("/api/v1/search?{query}"))
                    .await
                    .expects(422);
                assert_eq!(reply.header("content-type"), "application/problem+json");
                let problem = reply.json();
                assert_eq!(problem["status"], 422, "{query}");
                assert!(
                    !problem["detail"].as_str().unwrap().contains('⟦'),
                    "{query}"
                );
            }
        })
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_token_without_the_scope_is_refused_and_none_at_all_too() {
        on_sqlite(crate::finding::rooms, async |app| {
            let path = "/api/v1/search?q=a";
            app.stranger()
                .header("authorization", "Bearer test-lan:me")
                .get(path)
                .await
                .expects(403);
            app.stranger()
                .header("authorization", "Bearer nobody")
                .get(path)
                .await
                .expects(401);
            app.stranger().get(path).await.expects(401);
        })
        .await;
    }
    #[test]
    fn the_description_names_the_route_and_its_answer() {
        let text = Description::openapi().to_json().unwrap();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(read["paths"]["/api/v1/search"]["get"]["responses"]["422"].is_object());
        assert!(read["components"]["schemas"]["FoundHit"].is_object());
    }
}
