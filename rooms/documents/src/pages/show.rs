//! One document: its facts, its outline, its text with addresses and linked citations, who cites it.
//! A long one is shown in parts; the first part lists what follows under the addresses of the articles,
//! so that a link to any article arrives. Not here: the original (`file`).

use crate::document::{ARTICLE, pages_of};
use crate::show::Drawing;
use crate::standing::{self, Standing};
use crate::store::{self, Head};
use crate::{access, feed, words};
use askama::Template;
use axum::extract::{Path, Query, State};
use kernel::error::Error;
use site::room::Badge;
use site::{Linker, Site};
use web::{Answer, Frame, Visitor};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    part: String,
}

/// A line of the outline.
struct Outlined {
    url: String,
    label: String,
    heading: String,
    is_structure: bool,
    /// Address of the provision, given on the first part to what stands on later ones.
    anchor: String,
}

struct Citing {
    url: String,
    number: String,
    title: String,
    meta: String,
}

struct Fact {
    label: String,
    value: String,
    to: String,
}

#[derive(Template)]
#[template(path = "documents/show.html")]
struct Page {
    frame: Frame,
    id: String,
    browser_title: String,
    eyebrow: String,
    title: String,
    meta: String,
    facts: Vec<Fact>,
    badge: Badge,
    standing: Standing,
    is_over: bool,
    status: String,
    coming: String,
    row_version: i64,
    is_draft: bool,
    is_withdrawn: bool,
    may_publish: bool,
    may_change: bool,
    has_file: bool,
    file_label: String,
    text: String,
    outline: Vec<Outlined>,
    following: Vec<Outlined>,
    part_note: String,
    previous: Option<String>,
    next: Option<String>,
    citing: Vec<Citing>,
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let readable = access::read(&site, &visitor, &id).await?;
    let document = &readable.document;
    let heads = store::list_heads(&site, &document.id).await?;
    let weights: Vec<_> = heads.iter().map(Head::weight).collect();
    let starts = pages_of(&weights);
    let part: usize = if asked.part.is_empty() {
        1
    } else {
        asked.part.parse().map_err(|_| Error::NotFound)?
    };
    let from = *part
        .checked_sub(1)
        .and_then(|nth| starts.get(nth))
        .ok_or(Error::NotFound)?;
    let to = starts.get(part).copied().unwrap_or(heads.len());
    let position = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    let provisions = store::list_provisions(&site, &id, position(from), position(to)).await?;
    let texts = provisions
        .iter()
        .flat_map(|p| [p.heading.as_str(), p.body.as_str()]);
    let linker = Linker::gather(&site, &readable.reach, texts).await?;
    let has_pdf = document.file_kind == "pdf";
    let text = Drawing {
        frame: &frame,
        linker: &linker,
        id: &id,
        has_pdf,
    }
    .html(&provisions);

    let outlined = |(at, head): (usize, &Head)| {
        let page = starts.partition_point(|start| *start <= at);
        let here = page == part;
        let is_numbered = !head.label.is_empty() || !head.heading.is_empty();
        is_numbered.then(|| Outlined {
            url: if here {
                format!("#{}", head.anchor)
            } else {
                feed::address(&id, page, &head.anchor)
            },
            label: head.label.clone(),
            heading: if head.label.is_empty() && head.heading.is_empty() {
                head.begins.clone()
            } else {
                head.heading.clone()
            },
            is_structure: head.level < ARTICLE,
            anchor: head.anchor.clone(),
        })
    };
    let outline: Vec<Outlined> = heads.iter().enumerate().filter_map(outlined).collect();
    let following = match part {
        1 => heads
            .iter()
            .enumerate()
            .skip(to)
            .filter_map(outlined)
            .collect(),
        _ => Vec::new(),
    };
    let standing = standing::of(&site, &id, &readable.reach).await?;
    let citing = store::list_citing(&site, document, &readable.reach).await?;
    let articles = heads.iter().filter(|head| head.level == ARTICLE).count();
    let counts = [
        (
            "documents-show-articles",
            i64::try_from(articles).unwrap_or(0),
        ),
        ("documents-show-pages", document.pages),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(key, n)| frame.t1(key, "n", *n))
        .collect();
    let issued = words::day(&document.issued_on);
    let number = words::kind_and_symbol(&frame, &document.kind, &document.symbol);
    let eyebrow = match (number.is_empty(), issued.is_empty()) {
        (false, false) => frame.t2(
            "documents-show-number-day",
            "number",
            &number,
            "day",
            &issued,
        ),
        _ => format!("{number}{issued}"),
    };
    let is_coming = document
        .effective_on
        .parse::<kernel::Day>()
        .is_ok_and(|day| day > frame.today());
    let fact = |key: &str, value: String| Fact {
        label: frame.t(key),
        value,
        to: String::new(),
    };
    let mut facts = vec![
        fact("documents-show-issuer", document.issuer_name.clone()),
        fact("documents-show-issued-on", issued),
        fact(
            "documents-show-effective-on",
            words::day(&document.effective_on),
        ),
        fact("documents-show-place", document.place.clone()),
        fact("documents-show-topic", document.topic.clone()),
    ];
    facts.push(Fact {
        label: frame.t("documents-show-source"),
        value: document.source_url.chars().take(80).collect(),
        to: document.source_url.clone(),
    });
    facts.retain(|fact| !fact.value.is_empty());
    let page = Page {
        browser_title: if document.symbol.is_empty() {
            document.title.clone()
        } else {
            document.symbol.clone()
        },
        eyebrow,
        title: document.title.clone(),
        meta: counts.join(", "),
        facts,
        badge: standing.badge(&frame),
        is_over: standing.state.is_over(),
        standing,
        status: document.status_note.clone(),
        coming: if is_coming {
            frame.t1(
                "documents-show-coming",
                "day",
                &words::day(&document.effective_on),
            )
        } else {
            String::new()
        },
        row_version: document.row_version,
        is_draft: !document.is_published(),
        is_withdrawn: document.is_withdrawn(),
        may_publish: readable.may_publish,
        may_change: match &visitor.signed_in {
            Some(who) => access::can_change(&site, who, &id).await.is_ok(),
            None => false,
        },
        has_file: !document.file_sha.is_empty(),
        file_label: frame.t1(
            "documents-show-file",
            "kind",
            &document.file_kind.to_uppercase(),
        ),
        text,
        outline,
        following,
        part_note: if starts.len() > 1 {
            frame.t2("documents-show-part", "n", part, "all", starts.len())
        } else {
            String::new()
        },
        previous: (part > 1).then(|| format!("/documents/{id}?part={}", part - 1)),
        next: (part < starts.len()).then(|| format!("/documents/{id}?part={}", part + 1)),
        citing: citing
            .into_iter()
            .map(|row| Citing {
                url: format!("/documents/{}", row.id),
                number: row.symbol,
                title: row.title,
                meta: frame.t1("documents-show-times", "n", row.times),
            })
            .collect(),
        id,
        frame: frame.clone(),
    };
    frame.html(&page)
}

#[cfg(test)]
mod tests {
    use crate::sample::{both, import};
    use testkit::{BINH, HOA, LAN, THU, TUAN, on_both, on_sqlite};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_document_shows_its_facts_its_articles_and_who_cites_it() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let (rules, guidance) = both(&app).await;
                let page = app
                    .as_(HOA)
                    .get(&format!("/documents/{rules}"))
                    .await
                    .expects(200);
                assert_eq!(page.text("h1"), "Quy định về nền nếp sinh hoạt chi bộ");
                assert_eq!(
                    page.text(".eyebrow"),
                    "Quy định số 12-QĐ/ĐU, ngày 15/6/2026"
                );
                assert!(page.has("#dieu-1-khoan-2 #dieu-1-khoan-2-diem-a, #dieu-1-khoan-2-diem-a"));
                assert!(
                    page.all(".outline a")
                        .iter()
                        .any(|text| text.contains("Báo vắng"))
                );
                assert!(
                    page.all("section a")
                        .iter()
                        .any(|text| text.contains("07-HD/ĐU") && text.contains("dẫn 2 lần"))
                );
                assert!(!page.has(".law script"), "text is text");
                let page = app
                    .as_(HOA)
                    .get(&format!("/documents/{guidance}"))
                    .await
                    .expects(200);
                let links = page.attributes(".law a.cite", "href");
                assert!(
                    links.contains(&format!("/documents/{rules}#dieu-2")),
                    "{links:?}"
                );
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_not_yours_is_not_found_anywhere() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let (rules, guidance) = both(&app).await;
                let own = "1. Chi bộ bàn riêng theo Hướng dẫn số 07-HD/ĐU, ngày 20/11/2026; đối chiếu Quy định số 12-QĐ/ĐU, ngày 15/6/2026.";
                let front = "+++\nsymbol = \"03-NQ/CB\"\nissued_on = \"2026-11-21\"\ntitle = \"riêng của chi bộ A\"\naudience = \"unit:cell-a\"\n+++\n";
                let report = import(&app, "own", &[("nq.md", &format!("{front}{own}"))], "members").await;
                let secret = &report.entries[0].id;
                app.catch_up().await;
                for (who, may) in [(LAN, true), (HOA, true), (TUAN, false), (THU, false), (BINH, false)] {
                    let browser = app.as_(who);
                    let status = if may { 200 } else { 404 };
                    browser.get(&format!("/documents/{secret}")).await.expects(status);
                    browser.get(&format!("/documents/{secret}/file")).await.expects(status);
                    browser.get(&format!("/api/v1/documents/{secret}")).await.expects(status);
                    let list = browser.get("/documents").await.expects(200);
                    assert_eq!(list.all("h3").iter().any(|title| title.contains("riêng của chi bộ A")), may, "{}", who.name);
                    let api = browser.get("/api/v1/documents").await.expects(200).json();
                    assert_eq!(api["total"], if may { 3 } else { 2 });
                    let cited = browser.get(&format!("/documents/{rules}")).await.expects(200);
                    assert_eq!(cited.all("section a").iter().any(|text| text.contains("03-NQ/CB")), may);
                    assert_eq!(list.attributes("option", "value").iter().any(|value| value == "resolution"), may, "filters tell nothing");
                }
                let stranger = app.stranger();
                stranger.get(&format!("/documents/{rules}")).await.expects(200);
                for hidden in [&guidance, secret] {
                    stranger.get(&format!("/documents/{hidden}")).await.expects(404);
                    stranger.get(&format!("/documents/{hidden}/file")).await.expects(404);
                }
                stranger.get("/api/v1/documents").await.expects(401);
                stranger.get("/documents/khong-co").await.expects(404);
                stranger.get("/documents/..%2fx").await.expects(404);
                let public = stranger.get("/documents").await.expects(200);
                assert_eq!(public.all(".hit").len(), 1);
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_unit_that_moves_takes_its_readers_with_it() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let front = "+++\nsymbol = \"03-NQ/CB\"\nissued_on = \"2026-11-21\"\ntitle = \"riêng của đảng ủy\"\naudience = \"unit:committee\"\n+++\nĐiều 1. Chung\nViệc của các chi bộ.\n";
                let report = import(&app, "own", &[("nq.md", front)], "members").await;
                app.catch_up().await;
                let path = format!("/documents/{}", report.entries[0].id);
                let reads = async |who: testkit::Character, may: bool| {
                    app.as_(who).get(&path).await.expects(if may { 200 } else { 404 });
                    let list = app.as_(who).get("/documents").await.expects(200);
                    assert_eq!(list.all(".hit").len(), usize::from(may), "{}", who.name);
                    let reach = site::reach_of(
                        &web::Visitor { signed_in: Some(std::sync::Arc::new(app.signed_in(who))) },
                        app.today(),
                    );
                    let found = app.site.index.find(search::Query::new("việc của các chi bộ", search::Reach::of(reach)));
                    assert_eq!(found.await.unwrap().hits.is_empty(), !may, "{}", who.name);
                };
                for (who, may) in [(LAN, true), (TUAN, true), (THU, true)] {
                    reads(who, may).await;
                }
                // The cell of Lan moves out from under the committee: neither document nor index is touched.
                app.moves(testkit::UNIT_CELL_A, testkit::UNIT_BLOC).await;
                for (who, may) in [(LAN, false), (TUAN, true), (THU, true)] {
                    reads(who, may).await;
                }
                // The committee moves with all that is below it: whoever is still below still reads.
                app.moves(testkit::UNIT_COMMITTEE, "cell-e").await;
                for (who, may) in [(LAN, false), (TUAN, true), (THU, true)] {
                    reads(who, may).await;
                }
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_citation_of_what_the_reader_may_not_see_stays_text() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let (_, guidance) = both(&app).await;
                let front = "+++\nsymbol = \"09-TB/ĐU\"\nissued_on = \"2026-11-21\"\ntitle = \"mời xem\"\naudience = \"public\"\n+++\n";
                let body = "Xem Hướng dẫn số 07-HD/ĐU, ngày 20/11/2026 để biết cách làm.";
                let report = import(&app, "cite", &[("tb.md", &format!("{front}{body}"))], "members").await;
                let path = format!("/documents/{}", report.entries[0].id);
                let seen = app.as_(HOA).get(&path).await.expects(200);
                assert_eq!(seen.attributes(".law a.cite", "href"), [format!("/documents/{guidance}")]);
                let page = app.stranger().get(&path).await.expects(200);
                assert!(page.text(".law").contains("07-HD/ĐU"));
                assert!(!page.has(".law a.cite"));
            },
        )
        .await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn a_long_code_comes_in_parts_and_every_article_has_an_address_on_the_first() {
        on_sqlite(
            || vec![crate::room()],
            async |app| {
                let rows: String = (1..=150)
                    .map(|n| format!("{{\"id\": \"c@{n}\", \"law\": \"Bộ luật Thử\", \"article\": \"{n}\", \"text\": \"Việc thứ {n}\\n\\n1. Làm việc số {n}.\"}}\n"))
                    .collect();
                let report = import(&app, "code", &[("code.jsonl", &rows)], "public").await;
                app.catch_up().await;
                let id = &report.entries[0].id;
                let first = app.stranger().get(&format!("/documents/{id}")).await.expects(200);
                assert!(first.has("h3#dieu-1") && !first.has("h3#dieu-120"));
                let line = first.attributes("li#dieu-120 a", "href");
                assert_eq!(line.len(), 1, "the address of a later article arrives somewhere");
                let there = app.stranger().get(line[0].split('#').next().unwrap()).await.expects(200);
                assert!(there.has("h3#dieu-120"));
                let hits = app.site.index.find(search::Query::new("việc thứ 120", search::Reach::public())).await.unwrap().hits;
                assert!(hits.iter().any(|hit| hit.url == line[0]), "search leads to the same place");
                app.stranger().get(&format!("/documents/{id}?part=99")).await.expects(404);
                app.stranger().get(&format!("/documents/{id}?part=0")).await.expects(404);
                app.stranger().get(&format!("/documents/{id}?part=x")).await.expects(404);
            },
        )
        .await;
    }
}
