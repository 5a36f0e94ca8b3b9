//! The API of the library: titles that the token's owner may see, and nothing about reading.

use crate::outline::{self, Outlines};
use crate::pages;
use crate::store::{self, reaching};
use crate::title;
use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::response::IntoResponse;
use serde::Serialize;
use site::Site;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};
use web::paging::Paging;
use web::{Access, Answer, Frame, Member, Routes};

/// The scope that a token needs.
const SCOPE: Access = Access::Token("titles");

pub(crate) fn routes() -> Routes<Site> {
    Routes::new()
        .get("/api/v1/titles", SCOPE, list)
        .get("/api/v1/titles/{id}", SCOPE, show)
}

#[derive(OpenApi)]
#[openapi(
    paths(list, show),
    components(schemas(Titles, Title, TitleAlone, ContentsLine))
)]
struct Description;

pub(crate) fn description() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// A page of titles.
#[derive(Serialize, ToSchema)]
struct Titles {
    /// Titles of this page, by title the Vietnamese way.
    items: Vec<Title>,
    /// Titles in all.
    total: i64,
    /// Address of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A title.
#[derive(Serialize, ToSchema)]
struct Title {
    /// Its id.
    id: String,
    /// Slug of its shelf.
    shelf: String,
    /// Identifier that the file gives itself.
    identifier: String,
    /// Title.
    title: String,
    /// Subtitle; may be empty.
    subtitle: String,
    /// Authors, joined by commas.
    creators: String,
    /// Publisher; may be empty.
    publisher: String,
    /// Language of the text, as far as it is known.
    language: String,
    /// Day of publication as the file writes it.
    published: String,
    /// Words of the text.
    words: i64,
    /// Number of sections.
    sections: i64,
    /// When it was added, milliseconds UTC.
    added_at: i64,
    /// Its page.
    url: String,
}

/// A title with its contents.
#[derive(Serialize, ToSchema)]
struct TitleAlone {
    #[serde(flatten)]
    title: Title,
    /// Description as plain text.
    description: String,
    /// Statement of rights.
    rights: String,
    /// Table of contents.
    contents: Vec<ContentsLine>,
}

/// A line of the table of contents.
#[derive(Serialize, ToSchema)]
struct ContentsLine {
    /// What it says.
    title: String,
    /// Number of its section, from 1; 0 for a heading that leads nowhere.
    section: i64,
    /// Where it leads.
    url: String,
}

#[derive(serde::Deserialize)]
struct Asked {
    #[serde(default)]
    shelf: String,
    #[serde(default)]
    page: i64,
}

#[derive(db::FromRow)]
struct Row {
    id: String,
    shelf_slug: String,
    identifier: String,
    title: String,
    subtitle: String,
    creators: String,
    publisher: String,
    language: String,
    detected_language: String,
    published: String,
    words: i64,
    sections: i64,
    added_at: i64,
}

impl From<Row> for Title {
    fn from(row: Row) -> Self {
        Title {
            url: format!("/library/titles/{}", row.id),
            language: title::language(&row.language, &row.detected_language),
            id: row.id,
            shelf: row.shelf_slug,
            identifier: row.identifier,
            title: row.title,
            subtitle: row.subtitle,
            creators: row.creators,
            publisher: row.publisher,
            published: row.published,
            words: row.words,
            sections: row.sections,
            added_at: row.added_at,
        }
    }
}

const PAGE: i64 = 100;

#[utoipa::path(
    get,
    path = "/api/v1/titles",
    tag = "titles",
    params(("shelf" = Option<String>, Query, description = "Slug of a shelf"), ("page" = Option<i64>, Query, description = "Page, from 1")),
    responses((status = 200, description = "Titles, a hundred a page", body = Titles), (status = 401, description = "No token"))
)]
async fn list(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Query(asked): Query<Asked>,
) -> Answer {
    let reach = pages::reach(&who, frame.today());
    let total = reaching(store::API_COUNT, &reach)
        .bind(&asked.shelf)
        .within()
        .count(site.db.read())
        .await?;
    let base = if crate::shelf::is_slug(&asked.shelf) {
        format!("/api/v1/titles?shelf={}", asked.shelf)
    } else {
        "/api/v1/titles".to_owned()
    };
    let paging = Paging::new(asked.page, PAGE, total, base);
    let rows: Vec<Row> = reaching(store::API_TITLES, &reach)
        .bind(&asked.shelf)
        .bind(PAGE)
        .bind(paging.offset())
        .within()
        .all(site.db.read())
        .await?;
    Ok(Json(Titles {
        items: rows.into_iter().map(Title::from).collect(),
        total,
        next: paging.next(),
    })
    .into_response())
}

#[utoipa::path(
    get,
    path = "/api/v1/titles/{id}",
    tag = "titles",
    params(("id" = String, Path, description = "Id of the title")),
    responses((status = 200, description = "The title", body = TitleAlone), (status = 404, description = "Not there, or not for you"))
)]
async fn show(
    State(site): State<Site>,
    Extension(outlines): Extension<Arc<Outlines>>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let id = pages::title_id(&id)?;
    let row = pages::find_title(&site, &id, &pages::reach(&who, frame.today())).await?;
    let outline = outline::of(&outlines, &site, id.as_str(), row.row_version).await?;
    let contents = outline
        .lines
        .iter()
        .map(|line| ContentsLine {
            title: line.title.clone(),
            section: line.section,
            url: line.url.clone(),
        })
        .collect();
    let title = Title {
        url: format!("/library/titles/{}", row.id),
        language: title::language(&row.language, &row.detected_language),
        id: row.id,
        shelf: row.shelf_slug,
        identifier: row.identifier,
        title: row.title,
        subtitle: row.subtitle,
        creators: row.creators,
        publisher: row.publisher,
        published: row.published,
        words: row.words,
        sections: row.sections,
        added_at: row.added_at,
    };
    Ok(Json(TitleAlone {
        title,
        description: row.description,
        rights: row.rights,
        contents,
    })
    .into_response())
}

#[cfg(test)]
mod tests {
    use crate::made;

    #[tokio::test(flavor = "multi_thread")]
    async fn titles_are_listed_for_a_token_of_that_scope_alone() {
        testkit::on_both(
            || vec![crate::room()],
            async |app| {
                let id = made::shelve(&app, "kho", &made::two_chapters("urn:a", "Chuyện kể")).await;
                let with = |scope: &str| {
                    app.stranger()
                        .header("authorization", &format!("Bearer test-hoa:{scope}"))
                };
                let all = with("titles")
                    .get("/api/v1/titles?shelf=kho")
                    .await
                    .expects(200)
                    .json();
                assert_eq!(
                    (all["total"].as_i64(), all["items"][0]["id"].as_str()),
                    (Some(1), Some(id.as_str()))
                );
                assert!(all.get("next").is_none());
                let one = with("titles")
                    .get(&format!("/api/v1/titles/{id}"))
                    .await
                    .expects(200)
                    .json();
                assert_eq!(one["contents"][1]["title"], "Chương hai");
                with("search").get("/api/v1/titles").await.expects(403);
                app.stranger().get("/api/v1/titles").await.expects(401);
                let none = with("titles")
                    .get("/api/v1/titles?shelf=no")
                    .await
                    .expects(200)
                    .json();
                assert_eq!(none["total"], 0);
            },
        )
        .await;
    }
}
