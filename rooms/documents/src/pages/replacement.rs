//! A better file for a document that is there: its text is read anew, its facts stay, and the file before is
//! kept.
//!
//! The form is multipart, so its token is checked before a byte of the file is read. What the file says of
//! itself is compared: another number or day is asked about once. Not here: new documents (`new`, the import),
//! facts (`edit`).

use super::edit::{last_saved, name};
use crate::access::{self, Readable};
use crate::document::{Draft, agrees};
use crate::import::{self, Taken};
use crate::store::{self, Document, FileRow};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use site::{May as _, Site};
use web::parcel::{Parcel, Sealed, WayBack};
use web::{Answer, FormState, Frame, Member, see_other};

/// Largest file taken by hand: 32 MB. Larger ones come by the import, piece by piece.
pub(crate) const MOST_BYTES: usize = 32 * 1024 * 1024;
/// What `accept` of the file field says.
const ACCEPT: &str = ".pdf,.docx,.html,.htm,.md,.txt";

#[derive(Template)]
#[template(path = "documents/replacement.html")]
struct Page {
    frame: Frame,
    form: FormState,
    id: String,
    name: String,
    title: String,
    file_name: String,
    is_published: bool,
    accept: &'static str,
    /// What the file says of itself and the document does not; the form asks whether it is right so.
    other: Vec<String>,
}

impl Page {
    fn of(frame: &Frame, document: &Document, form: FormState) -> Page {
        Page {
            id: document.id.to_string(),
            name: name(document),
            title: document.title.clone(),
            file_name: document.file_name.clone(),
            is_published: document.is_published(),
            accept: ACCEPT,
            other: Vec::new(),
            form,
            frame: frame.clone(),
        }
    }
}

fn form_of(document: &Document) -> FormState {
    FormState::new().with("row_version", document.row_version.to_string())
}

pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let (readable, _) = access::can_change(&site, &who.0, &id).await?;
    let form = form_of(&readable.document);
    frame.html(&Page::of(&frame, &readable.document, form))
}

/// What was sent.
#[derive(Default)]
struct Sent {
    row_version: String,
    /// The file is right although it says another number or day.
    is_sure: bool,
    name: String,
    bytes: Vec<u8>,
}

async fn read(mut parcel: Parcel) -> Result<Sent> {
    let mut sent = Sent::default();
    while let Some(part) = parcel.next().await? {
        match part.name() {
            "row_version" => sent.row_version = part.word().await?,
            "sure" => sent.is_sure = part.word().await? == "1",
            "file" => {
                sent.name = files::inbox::name_of(part.file_name().unwrap_or_default());
                let too_big = part.too_big();
                sent.bytes = part.bytes(MOST_BYTES).await?.ok_or(too_big)?;
            }
            _ => {}
        }
    }
    Ok(sent)
}

/// What the file says of itself beside what the document says: "số 12-QĐ/ĐU".
fn contradictions(document: &Document, read: &Draft) -> Vec<String> {
    let mut other = Vec::new();
    if !agrees(&document.symbol_key, &read.symbol_key()) {
        other.push(read.symbol.clone());
    }
    if !agrees(&document.issued_on, &read.issued_on) {
        other.push(crate::words::day(&read.issued_on));
    }
    other
}

pub(crate) async fn post(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    sealed: Sealed,
) -> Answer {
    let (readable, may) = access::can_change(&site, &who.0, &id).await?;
    let document = &readable.document;
    let back = WayBack {
        to: format!("/documents/{id}/replacement"),
        label: "documents-replace-back",
        too_big: "documents-replace-too-big",
    };
    let sent = read(sealed.open(&frame, back).await?).await?;
    let mut state = FormState::new().with("row_version", sent.row_version.clone());
    if sent.bytes.is_empty() {
        state.fail("file", "documents-replace-none");
        let page = Page::of(&frame, document, state);
        return frame.html_status(page.form.status(), &page);
    }
    let taken = match import::take(&site, &sent.name, sent.bytes).await? {
        Ok(taken) => taken,
        Err(key) => {
            state.fail("file", key);
            let page = Page::of(&frame, document, state);
            return frame.html_status(page.form.status(), &page);
        }
    };
    let Taken { draft, row, .. } = &taken;
    if row.sha256 == document.file_sha {
        return Ok(done(&id)); // sent twice, or the same file as before
    }
    let visitor = web::Visitor {
        signed_in: Some(who.0.clone()),
    };
    if let Some((other, _)) = store::find_by_file(&site, &row.sha256).await?
        && other != id
        && access::read(&site, &visitor, &other).await.is_ok()
    {
        state.fail("file", "documents-replace-elsewhere");
        let page = Page::of(&frame, document, state);
        return frame.html_status(page.form.status(), &page);
    }
    let other = contradictions(document, draft);
    if !other.is_empty() && !sent.is_sure {
        state.fail("file", "documents-replace-other");
        let mut page = Page::of(&frame, document, state);
        page.other = other;
        return frame.html_status(page.form.status(), &page);
    }
    // Nothing slow between begin and commit: the file is kept and its citations are found before.
    site.files
        .put_path(&taken.path)
        .await
        .map_err(Error::fault)?;
    let (merged, cited) = merged(&site, document, draft.clone()).await?;
    let text_hash = match cited {
        Some(_) => merged.text_hash(),
        None => document.text_hash.clone(),
    };
    let mut act = may.begin(&site, &frame, "document.renew").await?;
    if !store::begin_change(&mut act, &id, &sent.row_version).await? {
        act.leave().await?;
        return changed(&site, &frame, &who, &id, state, row).await;
    }
    match store::set(&mut act, &id, &merged, &text_hash, cited.as_deref()).await {
        Err(error) if store::is_taken(&error) => {
            drop(act);
            state.fail("file", "documents-new-is-there");
            let page = Page::of(&frame, document, state);
            return frame.html_status(page.form.status(), &page);
        }
        other => other?,
    }
    store::set_file(&mut act, &id, row).await?;
    act.end().await?;
    Ok(done(&id))
}

fn done(id: &str) -> axum::response::Response {
    see_other(format!("/documents/{id}"))
        .flash("documents-replace-done")
        .into_response()
}

/// The document with the file's text; a scan, of which nothing can be read, leaves the text as it is.
async fn merged(
    site: &Site,
    document: &Document,
    read: Draft,
) -> Result<(Draft, Option<Vec<crate::document::Cited>>)> {
    let mut merged = import::merge_under(document, &read);
    if read.provisions.is_empty() {
        merged.provisions = store::list_provisions(site, document.id.as_str(), 0, i64::MAX).await?;
        return Ok((merged, None));
    }
    merged.provisions = read.provisions;
    let cited = merged.citations();
    Ok((merged, Some(cited)))
}

/// Somebody else saved first: it is said who, and the file is chosen once more.
async fn changed(
    site: &Site,
    frame: &Frame,
    who: &Member,
    id: &str,
    mut state: FormState,
    row: &FileRow,
) -> Answer {
    let (Readable { document, .. }, _) = access::can_change(site, &who.0, id).await?;
    if document.file_sha == row.sha256 {
        return Ok(done(id));
    }
    let saved = last_saved(site, frame, who, id).await?;
    state.changed(&form_of(&document), "row_version", &saved);
    let page = Page::of(frame, &document, state);
    frame.html_status(page.form.status(), &page)
}

#[cfg(test)]
mod tests {
    use testkit::{HOA, MINH, THU, TestApp, on_both};

    const TEXT: &str = "Điều 1. Phạm vi\n1. Bản đúng của quy định.\n2. Quy định này thay thế Quy định số 05-QĐ/ĐU, ngày 03/3/2021.\n";

    /// The regulation of the samples, as the committee's own.
    async fn rules(app: &TestApp) -> String {
        let path = crate::sample::folder(app, "own", &[("12.md", crate::sample::RULES)]);
        let options = crate::import::Options {
            unit: Some("committee".parse().unwrap()),
            ..crate::import::Options::default()
        };
        let mut quiet = site::import::Quiet;
        let report = crate::import::run(&app.site, &path, &options, &mut quiet).await;
        report.unwrap().entries[0].id.clone()
    }

    async fn replaces(
        app: &TestApp,
        id: &str,
        version: &str,
        name: &str,
        text: &str,
        sure: bool,
    ) -> testkit::Reply {
        let sure: &[u8] = if sure { b"1" } else { b"" };
        let parts: &[(&str, &str, &[u8])] = &[
            ("row_version", "", version.as_bytes()),
            ("sure", "", sure),
            ("file", name, text.as_bytes()),
        ];
        app.as_(THU)
            .post_files(&format!("/documents/{id}/replacement"), parts)
            .await
    }

    async fn version(app: &TestApp, id: &str) -> String {
        let page = app
            .as_(THU)
            .get(&format!("/documents/{id}/replacement"))
            .await
            .expects(200);
        page.attributes("#f-row_version", "value")[0].clone()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_better_file_gives_its_text_and_the_facts_and_the_file_before_stay() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let id = rules(&app).await;
                let seen = version(&app, &id).await;
                replaces(&app, &id, &seen, "ban-dung.md", TEXT, false).await.expects(303);
                let page = app.as_(HOA).get(&format!("/documents/{id}")).await.expects(200);
                assert!(page.body().contains("Bản đúng của quy định"), "{}", page.text("main"));
                assert!(page.body().contains("12-QĐ/ĐU"), "its number stays");
                assert_eq!(app.count("select count(*) from documents_file where document_id = (select id from documents_document where symbol = '12-QĐ/ĐU')").await, 2, "the file before is kept");
                assert_eq!(app.count("select count(*) from documents_citation where relation = 'replaces'").await, 1);
                // Sent twice it is done; from an older look it is asked about.
                replaces(&app, &id, &seen, "ban-dung.md", TEXT, false).await.expects(303);
                let late = replaces(&app, &id, &seen, "khac.md", "Điều 1. Khác\n1. Chữ khác.\n", false).await;
                late.expects(409);
                assert!(!app.as_(HOA).get(&format!("/documents/{id}")).await.body().contains("Chữ khác"));
                let renewals = "select count(*) from audit_event where action = 'document.renew'";
                assert_eq!(app.count(renewals).await, 1);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn another_paper_is_asked_about_and_a_secret_or_broken_one_is_not_taken() {
        on_both(
            || vec![crate::room(), people::room()],
            async |app| {
                let id = rules(&app).await;
                let seen = version(&app, &id).await;
                let other = "+++\nsymbol = \"31-KH/ĐU\"\n+++\nĐiều 1. Khác\n1. Một kế hoạch.\n";
                let page = replaces(&app, &id, &seen, "31.md", other, false)
                    .await
                    .expects(422);
                assert!(
                    page.text("#other").contains("31-KH/ĐU"),
                    "{}",
                    page.text("main")
                );
                for (name, text) in [
                    ("mat.md", "TỐI MẬT\nĐiều 1. Kín\n1. Việc kín.\n"),
                    ("trong.md", ""),
                    ("hong.pdf", "%PDF-1.7 hỏng"),
                ] {
                    let page = replaces(&app, &id, &seen, name, text, true)
                        .await
                        .expects(422);
                    assert!(page.has("#e-file"), "{name}");
                }
                assert_eq!(version(&app, &id).await, seen, "nothing was written");
                replaces(&app, &id, &seen, "31.md", other, true)
                    .await
                    .expects(303);
                let page = app
                    .as_(HOA)
                    .get(&format!("/documents/{id}"))
                    .await
                    .expects(200);
                assert!(page.body().contains("Một kế hoạch") && page.body().contains("12-QĐ/ĐU"));
                for who in [HOA, MINH] {
                    app.as_(who)
                        .get(&format!("/documents/{id}/replacement"))
                        .await
                        .expects(404);
                }
            },
        )
        .await;
    }
}
