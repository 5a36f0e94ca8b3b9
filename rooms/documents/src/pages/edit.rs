//! Changing a document that is there: its facts, who may read it, and its text where that was typed.
//!
//! The text of a document that came as a file stays that of the file; a better file is taken by the
//! import. Nobody's change is written over: a form that is older than the document says so.

use super::new::{MOST, Pick, kinds, preview, read_day};
use crate::access;
use crate::document::{Draft, typed};
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
use web::{Answer, Form, FormState, Frame, Member, see_other};

#[derive(Template)]
#[template(path = "documents/edit.html")]
struct Page {
    frame: Frame,
    form: FormState,
    id: String,
    name: String,
    kinds: Vec<Pick>,
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

async fn form_of(site: &Site, document: &Document) -> Result<FormState> {
    let text = store::list_provisions(site, document.id.as_str(), 0, i64::MAX).await?;
    let audience = match &document.audience {
        Audience::Public => "public",
        Audience::Members => "members",
        Audience::Unit(_) => "unit",
    };
    Ok(FormState::new()
        .with("symbol", document.symbol.clone())
        .with("kind", document.kind.clone())
        .with("title", document.title.clone())
        .with("issued_on", crate::words::day(&document.issued_on))
        .with("effective_on", crate::words::day(&document.effective_on))
        .with("issuer", document.issuer_name.clone())
        .with("place", document.place.clone())
        .with("audience", audience)
        .with("text", typed(&text))
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
    audience: String,
    text: String,
    row_version: String,
    #[serde(rename = "do")]
    act: String,
}

/// The document as it was typed; what is wrong is told to the form.
fn draft(document: &Document, typed: &Typed, today: kernel::Day, form: &mut FormState) -> Draft {
    let symbol = typed.symbol.trim();
    let parsed = citation::parse(symbol);
    // A symbol that nobody reads may have come with an import; it stays, but none is typed anew.
    if !symbol.is_empty() && parsed.is_none() && symbol != document.symbol {
        form.fail("symbol", "documents-new-symbol-unread");
    }
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
        title: line(&typed.title).chars().take(500).collect(),
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
    if document.file_sha.is_empty() {
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
    let draft = draft(document, &typed, frame.today(), &mut state);
    if state.is_good() && typed.act == "preview" {
        let mut page = Page::of(&frame, document, state);
        page.preview = preview(&site, &frame, &who, &draft).await?;
        return frame.html(&page);
    }
    if !state.is_good() {
        let page = Page::of(&frame, document, state);
        return frame.html_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let mut act = may.begin(&site, &frame, "document.change").await?;
    let version = store::version(&mut act, &id).await?;
    if version.to_string() != typed.row_version {
        act.leave().await?;
        let (now, _) = access::can_change(&site, &who.0, &id).await?;
        let acts = [
            "document.change",
            "document.renew",
            "document.standing",
            "document.withdraw",
        ];
        let of = ("document", id.as_str());
        let saved = people::saved::last(&site, &frame, &who, of, &acts).await?;
        state.changed(&form_of(&site, &now.document).await?, "row_version", &saved);
        let page = Page::of(&frame, &now.document, state);
        return frame.html_status(page.form.status(), &page);
    }
    let has_text = document.file_sha.is_empty() && draft.text_hash() != document.text_hash;
    let text_hash = if has_text {
        draft.text_hash()
    } else {
        document.text_hash.clone()
    };
    act.line().object("document", &id);
    store::set_audience(&mut act, &id, &audience(document, &typed.audience)).await?;
    match store::set(&mut act, &id, &draft, &text_hash, has_text).await {
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
    use crate::reading;
    use testkit::{HOA, THU, TestApp, on_both};

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

    async fn publishes(app: &TestApp) -> String {
        let fields = [
            ("symbol", "21-NQ/ĐU"),
            ("title", "về nâng chất lượng sinh hoạt"),
            ("issued_on", "20/11/2026"),
            ("unit", "committee"),
            ("audience", "members"),
            ("text", TEXT),
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

    #[tokio::test(flavor = "multi_thread")]
    async fn a_published_document_is_changed_looked_at_and_withdrawn() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let id = publishes(&app).await;
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
                app.as_(THU).post(&withdraw, &[]).await.expects(303);
                app.stranger().get(&format!("/documents/{id}")).await.expects(404);
                app.as_(THU).get(&format!("/documents/{id}")).await.expects(200);
                let acts = "select count(*) from audit_event where action in ('document.change', 'document.withdraw')";
                assert_eq!(app.count(acts).await, 2);
            },
        )
        .await;
    }
}
