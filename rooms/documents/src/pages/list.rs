//! The list of documents: newest first, narrowed by kind, year and issuer; the box leads to search.
//! Above it, for whoever writes or publishes, what is not out: drafts and what was withdrawn, since no search
//! and no filter finds those. Not here: searching (`front`).

use super::unpublished::{self, Group};
use crate::store::{self, Choice, Filter, Narrow};
use crate::words;
use askama::Template;
use axum::extract::{Query, State};
use site::Site;
use site::room::Badge;
use site::room::importer::{self, ImportLink};
use web::paging::Paging;
use web::{Answer, Frame, Visitor};

/// Rows of a page.
const SIZE: i64 = 20;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    kind: String,
    year: String,
    issuer: String,
    /// `draft` or `withdrawn`: that list instead of what is out.
    state: String,
    page: String,
}

struct Row {
    url: String,
    sign: String,
    year: String,
    number: String,
    title: String,
    meta: String,
    badge: Option<Badge>,
}

struct Option_ {
    value: String,
    label: String,
    count: String,
    is_chosen: bool,
}

/// A filter in use, and the address without it.
struct Chip {
    label: String,
    without: String,
}

#[derive(Template)]
#[template(path = "documents/list.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    kinds: Vec<Option_>,
    years: Vec<Option_>,
    issuers: Vec<Option_>,
    chips: Vec<Chip>,
    /// Nothing is here for this reader, whatever is asked.
    is_bare: bool,
    /// What is not out, for those who see it.
    groups: Vec<Group>,
    paging: Paging,
    may_write: bool,
    import: Option<ImportLink>,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Answer {
    if !asked.state.is_empty() {
        return unpublished::get(&site, frame, &visitor, &asked.state, &asked.page).await;
    }
    let groups = match &visitor.signed_in {
        Some(who) => unpublished::groups(&site, &frame, who).await?,
        None => Vec::new(),
    };
    let reach = site::reach_of(&visitor, site.clock.today());
    let filter = Filter {
        kind: asked.kind.clone(),
        year: asked.year.clone(),
        issuer_fold: asked.issuer.clone(),
    };
    let total = store::count(&site, &filter, &reach).await?;
    let paging = Paging::new(
        asked.page.parse().unwrap_or(1),
        SIZE,
        total,
        address(&asked, ""),
    );
    let listed = store::list(&site, &filter, &reach, paging.size, paging.offset()).await?;
    let kinds = store::list_choices(&site, Narrow::Kind, &filter, &reach).await?;
    let years = store::list_choices(&site, Narrow::Year, &filter, &reach).await?;
    let issuers = store::list_choices(&site, Narrow::Issuer, &filter, &reach).await?;
    let mut chips = Vec::new();
    for (name, value, choices) in [
        ("kind", &asked.kind, &kinds),
        ("year", &asked.year, &years),
        ("issuer", &asked.issuer, &issuers),
    ] {
        if !value.is_empty() {
            let label = choices
                .iter()
                .find(|choice| choice.value == *value)
                .map(|choice| choice.label.as_str());
            let label = if name == "kind" {
                words::kind_name(value)
            } else {
                label.unwrap_or(value)
            };
            chips.push(Chip {
                label: label.to_owned(),
                without: address(&asked, name),
            });
        }
    }
    let ids: Vec<String> = listed.iter().map(|row| row.id.clone()).collect();
    let standing = crate::standing::of_all(&site, &ids, &reach).await?;
    let rows = listed
        .into_iter()
        .map(|row| Row {
            url: format!("/documents/{}", row.id),
            sign: words::sign(&row.kind, &row.symbol),
            year: row.issued_on.get(..4).unwrap_or_default().to_owned(),
            number: row.symbol,
            title: row.title,
            meta: match (row.issuer_name.is_empty(), row.issued_on.is_empty()) {
                (false, false) => frame.t2(
                    "documents-list-meta",
                    "issuer",
                    &row.issuer_name,
                    "day",
                    &words::day(&row.issued_on),
                ),
                (true, false) => frame.t1("documents-list-day", "day", &words::day(&row.issued_on)),
                (_, true) => row.issuer_name,
            },
            badge: standing.get(&row.id).map(|standing| standing.badge(&frame)),
        })
        .collect();
    let import = match &visitor.signed_in {
        Some(who) => importer::link(&site, who, "/documents/import", "").await,
        None => None,
    };
    let page = Page {
        groups,
        is_bare: total == 0 && chips.is_empty(),
        import,
        rows,
        kinds: options(&frame, kinds, &asked.kind, true),
        years: options(&frame, years, &asked.year, false),
        issuers: options(&frame, issuers, &asked.issuer, false),
        chips,
        paging,
        may_write: frame.may("content_write"),
        frame: frame.clone(),
    };
    frame.html(&page)
}

fn options(frame: &Frame, choices: Vec<Choice>, chosen: &str, are_kinds: bool) -> Vec<Option_> {
    choices
        .into_iter()
        .map(|choice| Option_ {
            label: if are_kinds {
                words::kind_name(&choice.value).to_owned()
            } else {
                choice.label
            },
            is_chosen: choice.value == chosen,
            count: frame.number(&choice.count),
            value: choice.value,
        })
        .filter(|option| !option.label.is_empty())
        .collect()
}

/// The list's address with its filters, one of them left out.
fn address(asked: &Asked, without: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("kind", &asked.kind),
        ("year", &asked.year),
        ("issuer", &asked.issuer),
    ] {
        if !value.is_empty() && name != without {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() {
        "/documents".to_owned()
    } else {
        format!("/documents?{query}")
    }
}

#[cfg(test)]
mod tests {
    use crate::sample::both;
    use testkit::{HOA, THU, on_both};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_list_without_documents_says_what_will_come_and_leads_on() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let page = app.as_(HOA).get("/documents").await.expects(200);
                assert!(page.text("main").contains("Chưa có văn bản nào"));
                assert!(page.has(".panel a.btn") && !page.has("#filter") && !page.has("#q"));
                let narrowed = app.as_(HOA).get("/documents?year=2020").await.expects(200);
                assert!(
                    narrowed.has("#filter") && narrowed.has(".chip"),
                    "a filter can be dropped"
                );
                both(&app).await;
                assert!(
                    app.as_(HOA)
                        .get("/documents")
                        .await
                        .expects(200)
                        .has("#filter")
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_zero_byte_in_an_address_troubles_nobody() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                for asked in ["kind=%00", "year=%%0000", "issuer=a%00b", "q=%00"] {
                    let to = format!("/documents?{asked}");
                    app.as_(HOA).get(&to).await.expects(200);
                }
                app.as_(HOA).get("/documents/%00").await.expects(404);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn the_list_is_newest_first_and_narrows() {
        on_both(
            || vec![crate::room()],
            async |app| {
                both(&app).await;
                let page = app.as_(HOA).get("/documents").await.expects(200);
                assert_eq!(page.all(".margin"), ["HD2026", "QĐ2026"]);
                assert_eq!(page.attributes("form.searchbox", "action"), ["/search"]);
                let tab = page.attributes("form.searchbox input[name=kind]", "value");
                assert_eq!(
                    tab,
                    [crate::room().finds[0].group],
                    "a tab that search knows"
                );
                let page = app
                    .as_(HOA)
                    .get("/documents?kind=regulation&year=2026")
                    .await
                    .expects(200);
                assert_eq!(page.all(".sym"), ["12-QĐ/ĐU"]);
                assert_eq!(
                    page.attributes(".chip", "href"),
                    ["/documents?year=2026", "/documents?kind=regulation"]
                );
                // What a choice says is what it shows, beside the filters in use.
                let page = app
                    .as_(HOA)
                    .get("/documents?kind=guidance")
                    .await
                    .expects(200);
                let counts = page.all("#f-issuer option");
                assert_eq!(
                    counts.len(),
                    2,
                    "all, and the one issuer of that kind: {counts:?}"
                );
                let page = app.as_(HOA).get("/documents?year=1999").await.expects(200);
                assert!(page.text(".panel").starts_with("Không thấy văn bản nào."));
                assert!(!page.has_button("Thêm văn bản"));
                assert!(
                    app.as_(THU)
                        .get("/documents")
                        .await
                        .has_button("Thêm văn bản")
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn today_tells_members_of_what_came_in_the_last_month() {
        on_both(
            || vec![crate::room()],
            async |app| {
                both(&app).await;
                let who = std::sync::Arc::new(HOA.actor());
                let signed_in = web::SignedIn {
                    actor: who,
                    account: "hoa".parse().unwrap(),
                    session: None,
                    token_scopes: None,
                    post: String::new(),
                    unit_name: String::new(),
                    unread: 0,
                    look: None,
                };
                let reach = site::reach_of(
                    &web::Visitor {
                        signed_in: Some(std::sync::Arc::new(signed_in)),
                    },
                    app.today(),
                );
                let newest = crate::store::list_issued(
                    &app.site,
                    app.today().plus_days(-30),
                    app.today(),
                    &reach,
                    3,
                )
                .await
                .unwrap();
                assert_eq!(
                    newest.len(),
                    1,
                    "the regulation of June is no news in November"
                );
                assert_eq!(newest[0].symbol, "07-HD/ĐU");
            },
        )
        .await;
    }
}
