//! Documents in the API: a list in pages, and one with its text.
//!
//! The same reach as on pages; a token needs the scope `documents`. Drafts are not here.

use crate::standing::{self, Standing};
use crate::store::{self, Filter, Listed};
use crate::{access, words};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use site::Site;
use utoipa::{IntoParams, OpenApi, ToSchema};
use web::paging::Paging;
use web::{Answer, Visitor};

/// The room's part of the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(list, show),
    components(schemas(DocumentPage, DocumentLine, DocumentFull, DocumentProvision))
)]
pub(crate) struct Api;

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Code of a kind: `decision`, `regulation`, …
    kind: String,
    /// Year of issue, four digits.
    year: String,
    /// Page, from 1.
    page: i64,
    /// Documents a page, at most 100.
    size: i64,
}

impl Default for Asked {
    fn default() -> Self {
        Asked {
            kind: String::new(),
            year: String::new(),
            page: 1,
            size: 20,
        }
    }
}

/// A page of documents, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentPage {
    /// Documents in all.
    total: i64,
    /// This page, from 1.
    page: i64,
    /// The last page.
    last_page: i64,
    /// The documents.
    documents: Vec<DocumentLine>,
}

/// A document without its text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentLine {
    /// Our id.
    id: String,
    /// Number and letters; empty when it has none.
    symbol: String,
    /// Code of the kind; empty when unknown.
    kind: String,
    /// Kind in words.
    kind_name: String,
    /// What it is about.
    title: String,
    /// Who issued it.
    issuer: String,
    /// `YYYY-MM-DD`; empty when unknown.
    issued_on: String,
    /// Whether it counts: `in_force`, `coming`, `partly`, `replaced`, `repealed`, `ended`, `unclear`.
    standing: String,
    /// Symbol of what stands in its place; empty for none known.
    replaced_by: String,
    /// Page of the document.
    url: String,
}

/// A document with its text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentFull {
    /// What the list says of it.
    #[serde(flatten)]
    line: DocumentLine,
    /// The id it had where it came from; empty for none.
    external_id: String,
    /// First day in force, `YYYY-MM-DD`; empty when unknown.
    effective_on: String,
    /// What a register says of its state, as written there.
    status_note: String,
    /// Where it came from on the web; empty for none.
    source_url: String,
    /// Address of the original file; empty for none.
    file_url: String,
    /// Its text in reading order.
    provisions: Vec<DocumentProvision>,
}

/// An article, a heading of structure, or text between.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentProvision {
    /// `Điều 4`; may be empty.
    label: String,
    /// What it is about; may be empty.
    heading: String,
    /// Its address inside the page.
    anchor: String,
    /// The id it had where it came from; empty for none.
    external_id: String,
    /// Text, a clause or paragraph a line.
    text: String,
}

fn line(row: Listed, standing: Option<&Standing>) -> DocumentLine {
    DocumentLine {
        standing: standing
            .map_or("unclear", |held| held.state.word())
            .to_owned(),
        replaced_by: standing.map_or_else(String::new, |held| held.newer_symbol.clone()),
        url: format!("/documents/{}", row.id),
        kind_name: words::kind_name(&row.kind).to_owned(),
        id: row.id,
        symbol: row.symbol,
        kind: row.kind,
        title: row.title,
        issuer: row.issuer_name,
        issued_on: row.issued_on,
    }
}

/// Lists documents that the holder may read.
#[utoipa::path(get, path = "/api/v1/documents", params(Asked), tag = "documents",
    responses((status = 200, body = DocumentPage), (status = 401, description = "No valid token"), (status = 403, description = "The token lacks the scope documents")))]
pub(crate) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Answer<Json<DocumentPage>> {
    let reach = site::reach_of(&visitor, site.clock.today());
    let filter = Filter {
        kind: asked.kind,
        year: asked.year,
        issuer_fold: String::new(),
    };
    let total = store::count(&site, &filter, &reach).await?;
    let paging = Paging::new(asked.page, asked.size.clamp(1, 100), total, "");
    let rows = store::list(&site, &filter, &reach, paging.size, paging.offset()).await?;
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let standing = standing::of_all(&site, &ids, &reach).await?;
    let documents = rows.into_iter().map(|row| {
        let held = standing.get(&row.id);
        line(row, held)
    });
    Ok(Json(DocumentPage {
        total,
        page: paging.page,
        last_page: paging.last(),
        documents: documents.collect(),
    }))
}

/// One document with its text.
#[utoipa::path(get, path = "/api/v1/documents/{id}", params(("id" = String, Path, description = "Our id")), tag = "documents",
    responses((status = 200, body = DocumentFull), (status = 404, description = "Absent, or not for the holder")))]
pub(crate) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer<Json<DocumentFull>> {
    let readable = access::read(&site, &visitor, &id).await?;
    let standing = standing::of(&site, &id, &readable.reach).await?;
    let document = readable.document;
    let provisions = store::list_provisions(&site, &id, 0, i64::MAX).await?;
    let file_url = if document.file_sha.is_empty() {
        String::new()
    } else {
        format!("/documents/{id}/file")
    };
    let listed = Listed {
        id,
        symbol: document.symbol,
        kind: document.kind,
        title: document.title,
        issued_on: document.issued_on,
        issuer_name: document.issuer_name,
        times: 0,
    };
    Ok(Json(DocumentFull {
        line: line(listed, Some(&standing)),
        external_id: document.external_id,
        effective_on: document.effective_on,
        status_note: document.status_note,
        source_url: document.source_url,
        file_url,
        provisions: provisions
            .into_iter()
            .map(|p| DocumentProvision {
                text: crate::document::plain(&p.body),
                label: p.label,
                heading: p.heading,
                anchor: p.anchor,
                external_id: p.external_id,
            })
            .collect(),
    }))
}

#[cfg(test)]
mod tests {
    use crate::sample::both;
    use testkit::{HOA, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_token_with_the_scope_reads_what_its_holder_may() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let (rules, _) = both(&app).await;
                let ask = async |scope: &str, path: &str| {
                    let token = format!("Bearer {}:{scope}", HOA.session());
                    app.stranger()
                        .header("authorization", &token)
                        .get(path)
                        .await
                };
                let list = ask("documents", "/api/v1/documents?size=1")
                    .await
                    .expects(200)
                    .json();
                assert_eq!(
                    (list["total"].as_i64(), list["last_page"].as_i64()),
                    (Some(2), Some(2))
                );
                assert_eq!(list["documents"][0]["symbol"], "07-HD/ĐU");
                let one = ask("documents", &format!("/api/v1/documents/{rules}"))
                    .await
                    .expects(200)
                    .json();
                assert_eq!(one["kind_name"], "Quy định");
                assert_eq!(one["provisions"][2]["anchor"], "dieu-1");
                ask("me", "/api/v1/documents").await.expects(403);
                let missing = ask("documents", "/api/v1/documents/none")
                    .await
                    .expects(404);
                assert_eq!(missing.header("content-type"), "application/problem+json");
                let text = crate::room().openapi.unwrap().to_json().unwrap();
                assert!(text.contains("/api/v1/documents/{id}"));
            },
        )
        .await;
    }
}
