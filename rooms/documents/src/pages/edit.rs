//! Changing a document that is there: its facts, who may read it, and its text where that was typed.
//!
//! The text of a document that came as a file stays that of the file; a better one is taken by `replacement`
//! or the import. Nobody's change is written over: a form that is older than the document says so.

use super::new::{MOST, NO_RELATION, Pick, RELATIONS, kinds, older, preview, read_day};
use crate::access;
use crate::document::{self, Draft, Provision};
use crate::reading;
use crate::store::{self, Document};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use citation::Kind;
use kernel::Audience;
use kernel::error::Result;
use site::{May as _, Site};
use web::{Answer, Form, FormState, Frame, Member, Saved, see_other};

#[derive(Template)]
#[template(path = "documents/edit.html")]
struct Page {
    frame: Frame,
    form: FormState,
    id: String,
    name: String,
    kinds: Vec<Pick>,
    /// What it can do with older papers, each with what follows.
    relations: Vec<(&'static str, String)>,
    is_published: bool,
    has_file: bool,
    has_unit: bool,
    preview: String,
}

impl Page {
    fn of(frame: &Frame, document: &Document, form: FormState) -> Page {
        Page {
            id: document.id.to_string(),
            name: name(document),
            kinds: kinds(frame, &form),
            relations: RELATIONS.map(|(word, key)| (word, frame.t(key))).to_vec(),
            is_published: document.is_published(),
            has_file: !document.file_sha.is_empty(),
            has_unit: document.unit().is_some(),
            preview: String::new(),
            form,
            frame: frame.clone(),
        }
    }
}

/// What a way back calls a document: its symbol, else the beginning of its title.
pub(super) fn name(document: &Document) -> String {
    if document.symbol.is_empty() {
        crate::document::first_words(&document.title, 60)
    } else {
        document.symbol.clone()
    }
}

/// What it says of older papers: the relation, and their symbols.
async fn related(site: &Site, document: &Document) -> Result<(String, Vec<String>)> {
    let all = store::standing::list_related(site, document.id.as_str()).await?;
    let relation = all.first().map_or(NO_RELATION, |(_, word)| word.as_str());
    let relation = relation.to_owned();
    Ok((
        relation,
        all.into_iter().map(|(symbol, _)| symbol).collect(),
    ))
}

async fn form_of(site: &Site, document: &Document) -> Result<FormState> {
    let text = store::list_provisions(site, document.id.as_str(), 0, i64::MAX).await?;
    let audience = match &document.audience {
        Audience::Public => "public",
        Audience::Members => "members",
        Audience::Unit(_) => "unit",
    };
    let (relation, symbols) = related(site, document).await?;
    Ok(FormState::new()
        .with("relation", relation)
        .with("older", symbols.join(", "))
        .with("symbol", document.symbol.clone())
        .with("kind", document.kind.clone())
        .with("title", document.title.clone())
        .with("issued_on", crate::words::day(&document.issued_on))
        .with("effective_on", crate::words::day(&document.effective_on))
        .with("issuer", document.issuer_name.clone())
        .with("place", document.place.clone())
        .with("audience", audience)
        .with("text", document::typed(&text))
        .with("row_version", document.row_version.to_string()))
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (readable, _) = access::can_change(&site, &who.0, &id).await?;
    let form = form_of(&site, &readable.document).await?;
    frame.html(&Page::of(&frame, &readable.document, form))
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    symbol: String,
    kind: String,
    title: String,
    issued_on: String,
    effective_on: String,
    issuer: String,
    place: String,
    /// What it does with older papers: nothing, or a relation.
    relation: String,
    /// Their symbols, with commas between.
    older: String,
    audience: String,
    text: String,
    row_version: String,
    #[serde(rename = "do")]
    act: String,
}

/// Whether the text came back as the page gave it out. Such a text is left alone: read once more it
/// need not be the same (numbers become headings, ids of an import get lost).
fn is_as_given(text: &str, kept: &[Provision]) -> bool {
    let plain = |text: &str| {
        let lines = text.replace("\r\n", "\n").replace('\r', "\n");
        lines.trim().to_owned()
    };
    plain(text) == plain(&document::typed(kept))
}

/// The document as it was typed; what is wrong is told to the form. `kept`: its text, where that stays.
fn draft(
    document: &Document,
    typed: &Typed,
    kept: Option<Vec<Provision>>,
    today: kernel::Day,
    form: &mut FormState,
) -> Draft {
    let symbol = typed.symbol.trim();
    let parsed = citation::parse(symbol);
    // A symbol that nobody reads may have come with an import; it stays, but none is typed anew.
    if !symbol.is_empty() && parsed.is_none() && symbol != document.symbol {
        form.fail("symbol", "documents-new-symbol-unread");
    }
    form.fit("title", super::TITLE_MOST);
    if typed.title.trim().is_empty() {
        form.fail("title", "documents-new-title-missing");
    }
    let mut day = |field: &'static str, text: &str| {
        read_day(text, today).unwrap_or_else(|()| {
            form.fail(field, "documents-new-day-unread");
            String::new()
        })
    };
    let issued_on = day("issued_on", &typed.issued_on);
    let effective_on = day("effective_on", &typed.effective_on);
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut draft = Draft {
        external_id: document.external_id.clone(),
        symbol: parsed.map_or_else(|| symbol.to_owned(), |read| read.canonical()),
        kind: Kind::by_code(&typed.kind)
            .map(Kind::code)
            .unwrap_or_default()
            .to_owned(),
        issuer_name: line(&typed.issuer),
        title: line(&typed.title),
        topic: document.topic.clone(),
        issued_on,
        effective_on,
        place: line(&typed.place),
        source: document.source.clone(),
        source_url: document.source_url.clone(),
        language: document.language.clone(),
        status_note: document.status_note.clone(),
        pages: document.pages,
        provisions: Vec::new(),
    };
    if let Some(kept) = kept {
        draft.provisions = kept;
    } else {
        let blocks = reading::pasted(&typed.text);
        if blocks.is_empty() && !document.text_hash.is_empty() {
            form.fail("text", "documents-new-text-missing");
        } else if typed.text.chars().count() > MOST {
            form.fail("text", "documents-new-text-long");
        }
        if intake::secrecy::mark(&blocks).is_some() {
            form.fail("text", "documents-refused-secret");
        }
        draft.provisions = reading::provisions(&blocks, &draft.title);
        draft.set_anchors();
    }
    draft
}

fn audience(document: &Document, word: &str) -> Audience {
    match (word, document.unit()) {
        ("public", _) => Audience::Public,
        ("unit", Some(unit)) => match &document.audience {
            held @ Audience::Unit(_) => held.clone(),
            _ => Audience::Unit(unit.id),
        },
        _ => Audience::Members,
    }
}

/// Who changed a document last, whatever they changed of it.
pub(super) async fn last_saved(
    site: &Site,
    frame: &Frame,
    who: &Member,
    id: &str,
) -> Result<Saved> {
    let acts = [
        "document.change",
        "document.renew",
        "document.rows",
        "document.standing",
        "document.publish",
        "document.withdraw",
    ];
    people::saved::last(site, frame, who, ("document", id), &acts).await
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let (readable, may) = access::can_change(&site, &who.0, &id).await?;
    let document = &readable.document;
    let typed = form.value;
    let mut state = FormState::typed(form.pairs);
    let kept = store::list_provisions(&site, &id, 0, i64::MAX).await?;
    let keeps_text = !document.file_sha.is_empty() || is_as_given(&typed.text, &kept);
    let kept = keeps_text.then_some(kept);
    let draft = draft(document, &typed, kept, frame.today(), &mut state);
    let relation = RELATIONS.iter().find(|(word, _)| *word == typed.relation);
    let relation = relation.map_or(NO_RELATION, |(word, _)| *word);
    let older = older(&typed.older, relation, &draft.symbol).unwrap_or_else(|trouble| {
        state.fail("older", trouble);
        Vec::new()
    });
    let said = related(&site, document).await?;
    if state.is_good() && typed.act == "preview" {
        let mut page = Page::of(&frame, document, state);
        page.preview = preview(&site, &frame, &who, &draft).await?;
        return frame.html(&page);
    }
    if !state.is_good() {
        let page = Page::of(&frame, document, state);
        return frame.html_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    // Nothing slow between begin and commit: a long text cites much.
    let has_text = !keeps_text && draft.text_hash() != document.text_hash;
    let cited = has_text.then(|| draft.citations());
    let mut act = may.begin(&site, &frame, "document.change").await?;
    if !store::begin_change(&mut act, &id, &typed.row_version).await? {
        act.leave().await?;
        let (now, _) = access::can_change(&site, &who.0, &id).await?;
        let saved = last_saved(&site, &frame, &who, &id).await?;
        state.changed(&form_of(&site, &now.document).await?, "row_version", &saved);
        let page = Page::of(&frame, &now.document, state);
        return frame.html_status(page.form.status(), &page);
    }
    let text_hash = if has_text {
        draft.text_hash()
    } else {
        document.text_hash.clone()
    };
    // A form of before the question was on it says nothing of it.
    let is_asked = !typed.relation.is_empty() || !typed.older.is_empty();
    if is_asked && said != (relation.to_owned(), older.clone()) {
        store::standing::relate_anew(&mut act, &id, relation, &older).await?;
    }
    store::set_audience(&mut act, &id, &audience(document, &typed.audience)).await?;
    match store::set(&mut act, &id, &draft, &text_hash, cited.as_deref()).await {
        Err(error) if store::is_taken(&error) => {
            drop(act);
            state.fail("symbol", "documents-new-is-there");
            let page = Page::of(&frame, document, state);
            return frame.html_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        other => other?,
    }
    act.end().await?;
    Ok(see_other(format!("/documents/{id}"))
        .flash("documents-edit-done")
        .into_response())
}

#[cfg(test)]
mod tests {
    use crate::document::typed;
    use crate::{reading, store};
    use site::May as _;
    use testkit::{Character, HOA, THU, TestApp, on_both};

    const TEXT: &str = "Chương I. Chung\nĐiều 1. Mục tiêu\n1. Mỗi tháng một kỳ.\n2. Ai vắng thì báo.\na) qua điện thoại;\nĐiều 2. Cách làm\n1. Ngắn gọn.";

    #[test]
    fn a_text_that_is_opened_and_sent_back_stays_the_same() {
        for text in [
            TEXT,
            "Lời mở đầu.\nHai dòng.",
            "# Phần một\nChữ.\n# Phần hai\nChữ khác.",
        ] {
            let once = reading::provisions(&reading::pasted(text), "Tên");
            let again = reading::provisions(&reading::pasted(&typed(&once)), "Tên");
            assert_eq!(once, again, "{text}");
        }
    }

    async fn publishes(app: &TestApp, text: &str) -> String {
        let fields = [
            ("symbol", "21-NQ/ĐU"),
            ("title", "về nâng chất lượng sinh hoạt"),
            ("issued_on", "20/11/2026"),
            ("unit", "committee"),
            ("audience", "members"),
            ("text", text),
            ("do", "publish"),
        ];
        let reply = app
            .as_(THU)
            .post("/documents/new", &fields)
            .await
            .expects(303);
        reply
            .location()
            .strip_prefix("/documents/")
            .unwrap()
            .to_owned()
    }

    /// Sends the form back as it was opened, but for the title.
    async fn renames(app: &TestApp, who: Character, id: &str) {
        let at = format!("/documents/{id}/edit");
        let page = app.as_(who).get(&at).await.expects(200);
        let value = |name: &str| {
            page.attributes(&format!("[name={name}]"), "value")
                .remove(0)
        };
        let (symbol, version) = (value("symbol"), value("row_version"));
        let kept = store::list_provisions(&app.site, id, 0, 99).await.unwrap();
        let text = typed(&kept).replace('\n', "\r\n");
        let fields = [
            ("symbol", symbol.as_str()),
            ("title", "Tên mới"),
            ("audience", "members"),
            ("text", &text),
            ("row_version", &version),
            ("do", "keep"),
        ];
        app.as_(who).post(&at, &fields).await.expects(303);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_becomes_of_older_papers_is_answered_anew_on_the_form() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let id = publishes(&app, TEXT).await;
                let at = format!("/documents/{id}/edit");
                let said = async || store::standing::list_related(&app.site, &id).await.unwrap();
                let sends = async |relation: &str, older: &str, status: u16| {
                    let page = app.as_(THU).get(&at).await.expects(200);
                    let value = |name: &str| {
                        page.attributes(&format!("[name={name}]"), "value")
                            .remove(0)
                    };
                    let (symbol, version) = (value("symbol"), value("row_version"));
                    let kept = store::list_provisions(&app.site, &id, 0, 99).await.unwrap();
                    let text = typed(&kept);
                    let fields = [
                        ("symbol", symbol.as_str()),
                        ("title", "Nghị quyết"),
                        ("audience", "members"),
                        ("text", &text),
                        ("relation", relation),
                        ("older", older),
                        ("row_version", &version),
                        ("do", "keep"),
                    ];
                    app.as_(THU).post(&at, &fields).await.expects(status)
                };
                sends("replaces", "05-NQ/ĐU; 06-NQ/ĐU", 303).await;
                assert_eq!(said().await.len(), 2);
                let page = app.as_(THU).get(&at).await.expects(200);
                assert_eq!(
                    page.attributes("input[name=relation][checked]", "value"),
                    ["replaces"]
                );
                assert_eq!(page.attributes("#f-older", "value"), ["05-NQ/ĐU, 06-NQ/ĐU"]);
                sends("repeals", "06-NQ/ĐU", 303).await;
                assert_eq!(
                    said().await,
                    [("06-NQ/ĐU".to_owned(), "repeals".to_owned())]
                );
                assert!(sends("replaces", "", 422).await.has("#e-older"));
                assert!(sends("none", "06-NQ/ĐU", 422).await.has("#e-older"));
                assert_eq!(said().await.len(), 1, "a refused form says nothing");
                // A form of before the question was on it leaves the answer alone.
                renames(&app, THU, &id).await;
                assert_eq!(said().await.len(), 1);
                sends("none", "", 303).await;
                assert_eq!(said().await, []);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_changed_fact_leaves_a_text_that_would_be_read_otherwise() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let long = "1. Mỗi chi bộ trong khối họp một tháng một kỳ, ai vắng thì báo trước một ngày cho bí thư của mình.";
                let text = format!("{long}\n{long}");
                let once = reading::provisions(&reading::pasted(&text), "Tên");
                let again = reading::provisions(&reading::pasted(&typed(&once)), "Tên");
                assert_ne!(once, again, "a text that is read otherwise the second time");
                let id = publishes(&app, &text).await;
                let before = store::list_provisions(&app.site, &id, 0, 99).await.unwrap();
                renames(&app, THU, &id).await;
                let after = store::list_provisions(&app.site, &id, 0, 99).await.unwrap();
                assert_eq!(before, after);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_changed_fact_leaves_imported_rows_their_ids_however_long_they_are() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let long = "chữ dài ".repeat(60_000);
                let rows = format!(
                    "{{\"id\": \"a@1\", \"law\": \"Luật Rau sạch\", \"symbol\": \"31/2018/QH14\", \"article\": \"1\", \"text\": \"Phạm vi. {long}\"}}\n\
                     {{\"id\": \"a@2\", \"law\": \"Luật Rau sạch\", \"symbol\": \"31/2018/QH14\", \"article\": \"2\", \"text\": \"Bình tưới.\"}}\n"
                );
                let folder = crate::sample::folder(&app, "rows", &[("luat.jsonl", &rows)]);
                let options = crate::import::Options {
                    audience: "members".parse().unwrap(),
                    unit: Some("committee".parse().unwrap()),
                    ..Default::default()
                };
                let import = async || {
                    crate::import::run(&app.site, &folder, &options, &mut site::import::Quiet).await.unwrap()
                };
                let id = import().await.entries[0].id.clone();
                renames(&app, THU, &id).await;
                let kept = store::list_provisions(&app.site, &id, 0, 99).await.unwrap();
                let ids: Vec<_> = kept.iter().map(|one| one.external_id.as_str()).collect();
                assert_eq!(ids, ["a@1", "a@2"]);
                import().await;
                assert_eq!(app.count("select count(*) from documents_provision").await, 2);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_two_who_save_at_the_same_moment_the_second_is_asked() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let id = publishes(&app, TEXT).await;
                let at = format!("/documents/{id}/edit");
                let fields = [
                    ("symbol", "21-NQ/ĐU"),
                    ("title", "Tên của người sau"),
                    ("text", TEXT),
                    ("row_version", "1"),
                ];
                let writer = crate::Writing::default();
                let mut act = writer
                    .begin(&app.site, "test", "document.change")
                    .await
                    .unwrap();
                assert!(store::begin_change(&mut act, &id, "1").await.unwrap());
                let first = async {
                    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                    store::standing::say(&mut act, &id, None).await.unwrap();
                    act.end().await.unwrap();
                };
                let thu = app.as_(THU);
                let (second, ()) = tokio::join!(thu.post(&at, &fields), first);
                second.expects(409);
                assert_eq!(
                    app.count("select row_version from documents_document")
                        .await,
                    2
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_published_document_is_changed_looked_at_and_withdrawn() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let id = publishes(&app, TEXT).await;
                let at = format!("/documents/{id}/edit");
                app.as_(HOA).get(&at).await.expects(404);
                app.as_(HOA).post(&at, &[("title", "x")]).await.expects(404);
                let page = app.as_(THU).get(&at).await.expects(200);
                let version = page.attributes("input[name=row_version]", "value").remove(0);
                assert!(page.text("#f-text").contains("2. Ai vắng thì báo. a) qua điện thoại;"));
                let text = TEXT.replace("Ngắn gọn.", "Gọn và đủ.");
                let sent = |act: &'static str, day: &'static str| {
                    vec![
                        ("symbol", "21-NQ/ĐU".to_owned()),
                        ("kind", "resolution".to_owned()),
                        ("title", "Nghị quyết về sinh hoạt".to_owned()),
                        ("issued_on", day.to_owned()),
                        ("issuer", "Đảng ủy".to_owned()),
                        ("place", "Minh Họa".to_owned()),
                        ("audience", "public".to_owned()),
                        ("text", text.clone()),
                        ("row_version", version.clone()),
                        ("do", act.to_owned()),
                    ]
                };
                let post = async |fields: Vec<(&'static str, String)>| {
                    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    app.as_(THU).post(&at, &fields).await
                };
                let look = post(sent("preview", "20/11/2026")).await.expects(200);
                assert!(look.text(".law").contains("Gọn và đủ."));
                let bad = post(sent("keep", "ngày nào đó")).await.expects(422);
                assert!(bad.has("#e-issued_on") && bad.text("#f-text").contains("Gọn và đủ."));
                post(sent("keep", "21/11/2026")).await.expects(303);
                let shown = app.stranger().get(&format!("/documents/{id}")).await.expects(200);
                assert_eq!(shown.text("h1"), "Nghị quyết về sinh hoạt");
                assert!(shown.text(".law").contains("Gọn và đủ."));
                assert!(shown.text(".facts").contains("Minh Họa"));
                // The same form again is older than the document now.
                let stale = post(sent("keep", "22/11/2026")).await;
                stale.expects(409);

                let withdraw = format!("/documents/{id}/withdrawal");
                app.as_(HOA).post(&withdraw, &[]).await.expects(404);
                let asks = app.as_(THU).get(&withdraw).await.expects(200);
                assert!(asks.has_button("Rút văn bản"));
                app.stranger().get(&format!("/documents/{id}")).await.expects(200);
                // Nobody withdraws what they have not seen; what is withdrawn is withdrawn.
                let late = app.as_(THU).post(&withdraw, &[("row_version", &version)]).await.expects(409);
                let seen = late.attributes("input[name=row_version]", "value").remove(0);
                app.stranger().get(&format!("/documents/{id}")).await.expects(200);
                app.as_(THU).post(&withdraw, &[("row_version", &seen)]).await.expects(303);
                app.as_(THU).post(&withdraw, &[("row_version", &seen)]).await.expects(303);
                app.stranger().get(&format!("/documents/{id}")).await.expects(410);
                app.as_(THU).get(&format!("/documents/{id}")).await.expects(200);
                let acts = "select count(*) from audit_event where action in ('document.change', 'document.withdraw')";
                assert_eq!(app.count(acts).await, 2);
            },
        )
        .await;
    }
}
