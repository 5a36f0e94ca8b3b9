//! Writing: a new draft, and changing a text. A preview comes by sending the form; no script is needed.
//!
//! The photo is sent by itself (`photo`), so that a long upload cannot take a text with it.
//! The surprising rule: the address follows the title only until the article has been out once.

use super::article::Sheet;
use crate::access::{self, CanAdd, CanEdit, Held};
use crate::article::{self, Words, clean};
use crate::desk::Desk;
use crate::store::{self, Added, Section};
use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kernel::error::{Error, Result};
use kernel::{Cap, UnitRef};
use site::sent::{self, Sent};
use site::{May as _, Proof as _, Site};
use std::sync::Arc;
use web::{Answer, Form, FormState, Frame, Member, see_other};

/// Longest text taken, in bytes: thirty printed pages.
const BODY_MOST: usize = 200_000;
const LINE_MOST: usize = 300;
const LEAD_MOST: usize = 1_200;

#[derive(Debug, serde::Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    unit: String,
    /// Of a new article: drawn with the form, so that a form which is sent twice makes one.
    #[serde(default)]
    once: String,
    #[serde(default)]
    section: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    lead: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    photo_alt: String,
    #[serde(default)]
    photo_caption: String,
    #[serde(default)]
    photo_credit: String,
    #[serde(default)]
    edit_note: String,
    #[serde(default)]
    row_version: String,
    #[serde(default, rename = "do")]
    act: String,
}

impl Typed {
    fn words(&self) -> Words {
        Words {
            section_id: self.section.clone(),
            title: clean(&self.title),
            lead: clean(&self.lead),
            body_md: clean(&self.body),
            author: clean(&self.author),
            source: clean(&self.source),
            photo_alt: clean(&self.photo_alt),
            photo_caption: clean(&self.photo_caption),
            photo_credit: clean(&self.photo_credit),
        }
    }
}

#[derive(Template)]
#[template(path = "news/edit.html")]
struct Page {
    frame: Frame,
    form: FormState,
    action: String,
    back: String,
    is_new: bool,
    is_published: bool,
    photo: String,
    units: Vec<(String, String)>,
    sections: Vec<Section>,
    preview: Option<Sheet>,
}

async fn units(site: &Site, who: &Member, frame: &Frame) -> Result<Vec<(String, String)>> {
    let ids: Vec<String> = access::units(&who.actor, frame.today())
        .iter()
        .map(|unit| unit.id.to_string())
        .collect();
    store::unit_names(site, &ids).await
}

async fn new_page(site: &Site, who: &Member, frame: &Frame, form: FormState) -> Result<Page> {
    Ok(Page {
        frame: frame.clone(),
        form,
        action: "/news/new".into(),
        back: "/news".into(),
        is_new: true,
        is_published: false,
        photo: String::new(),
        units: units(site, who, frame).await?,
        sections: store::list_sections(site).await?,
        preview: None,
    })
}

async fn page_of(site: &Site, frame: &Frame, held: &Held, form: FormState) -> Result<Page> {
    let id = &held.article.id;
    Ok(Page {
        frame: frame.clone(),
        form,
        action: format!("/news/{id}/edit"),
        back: format!("/news/{id}"),
        is_new: false,
        is_published: held.article.is_published(),
        photo: if held.article.photo_sha.is_empty() {
            String::new()
        } else {
            format!("/news/{id}/photo")
        },
        units: Vec::new(),
        sections: store::list_sections(site).await?,
        preview: None,
    })
}

/// `GET /news/new`.
pub(crate) async fn get_new(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    may_write(&who, &frame)?;
    let form = FormState::new()
        .with("author", who.actor.name.clone())
        .with("once", site.dice.uuid(site.clock.now()));
    let page = new_page(&site, &who, &frame, form).await?;
    frame.html(&page)
}

fn may_write(who: &Member, frame: &Frame) -> Result<()> {
    if who.actor.may_somewhere(Cap::ContentWrite, frame.today()) {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

/// The sentences beside the fields.
fn judge(frame: &Frame, words: &Words, sections: &[Section], form: &mut FormState) {
    if words.title.is_empty() {
        form.fail("title", frame.t("news-edit-title-missing"));
    }
    if words.body_md.is_empty() {
        form.fail("body", frame.t("news-edit-body-missing"));
    }
    if !sections
        .iter()
        .any(|section| section.id == words.section_id)
    {
        form.fail("section", frame.t("news-edit-section-missing"));
    }
    let lines = [
        ("title", &words.title),
        ("author", &words.author),
        ("source", &words.source),
        ("photo_alt", &words.photo_alt),
        ("photo_caption", &words.photo_caption),
        ("photo_credit", &words.photo_credit),
    ];
    for (field, text) in lines {
        if text.chars().count() > LINE_MOST {
            form.fail(field, frame.t1("news-edit-too-long", "most", LINE_MOST));
        }
    }
    if words.lead.chars().count() > LEAD_MOST {
        form.fail("lead", frame.t1("news-edit-too-long", "most", LEAD_MOST));
    }
    if words.body_md.len() > BODY_MOST {
        form.fail("body", frame.t("news-edit-body-too-long"));
    }
}

/// The text as readers will see it.
async fn preview(
    site: &Site,
    frame: &Frame,
    words: &Words,
    sections: &[Section],
    held: Option<&Held>,
) -> Result<Sheet> {
    let section = sections
        .iter()
        .find(|section| section.id == words.section_id);
    let article = store::Article {
        id: held.map_or_else(String::new, |held| held.article.id.clone()),
        slug: String::new(),
        unit_id: None,
        unit_path: String::new(),
        unit_name: String::new(),
        section_id: words.section_id.clone(),
        section_slug: section
            .map(|section| section.slug.clone())
            .unwrap_or_default(),
        section_name: section
            .map(|section| section.name.clone())
            .unwrap_or_default(),
        title: words.title.clone(),
        lead: words.lead.clone(),
        body_md: words.body_md.clone(),
        author: words.author.clone(),
        source: words.source.clone(),
        photo_sha: String::new(),
        photo_kind: String::new(),
        photo_width: held.map_or(0, |held| held.article.photo_width),
        photo_height: held.map_or(0, |held| held.article.photo_height),
        photo_alt: words.photo_alt.clone(),
        photo_caption: words.photo_caption.clone(),
        photo_credit: words.photo_credit.clone(),
        state: store::State::Draft,
        published_at: held.and_then(|held| held.article.published_at),
        edited_at: None,
        edit_note: String::new(),
        created_by: String::new(),
        changed_by: String::new(),
        row_version: 0,
    };
    let photo = match held {
        Some(held) if !held.article.photo_sha.is_empty() => {
            format!("/news/{}/photo", held.article.id)
        }
        _ => String::new(),
    };
    Sheet::of(
        site,
        frame,
        &article,
        &["public".to_owned()],
        photo,
        String::new(),
    )
    .await
}

/// `POST /news/new`.
pub(crate) async fn post_new(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    form: Form<Typed>,
) -> Answer {
    may_write(&who, &frame)?;
    let typed = form.value;
    let words = typed.words();
    let mut page = new_page(&site, &who, &frame, FormState::typed(form.pairs)).await?;
    judge(&frame, &words, &page.sections, &mut page.form);
    let allowed = access::units(&who.actor, frame.today());
    let unit = match allowed.as_slice() {
        [] => None,
        [only] => Some(only),
        several => several.iter().find(|unit| unit.id.as_str() == typed.unit),
    };
    if unit.is_none() && !allowed.is_empty() {
        page.form.fail("unit", frame.t("news-edit-unit-missing"));
    }
    if !page.form.is_good() {
        return frame.html_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    if typed.act == "preview" {
        page.preview = Some(preview(&site, &frame, &words, &page.sections, None).await?);
        return frame.html(&page);
    }
    let may = CanAdd::of(&who.actor, unit, frame.today())?;
    let id = match add(&site, &frame, may, unit, &typed.once, &words).await? {
        Kept::At(id) => id,
        Kept::Other(id) => {
            let once = site.dice.uuid(site.clock.now());
            page.form.sent_before(&format!("/news/{id}"), &once);
            return frame.html_status(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    Ok(see_other(format!("/news/{id}"))
        .flash("news-edit-saved")
        .into_response())
}

/// How many addresses are tried for one title.
const TRIES: usize = 4;

/// What came of a new article.
enum Kept {
    /// It is kept.
    At(String),
    /// The form made this one with other words before; these are not kept.
    Other(String),
}

/// Adds the article under the id that is made of the form: the same form again, by the same person, is answered with
/// the article that it made.
async fn add(
    site: &Site,
    frame: &Frame,
    may: CanAdd,
    unit: Option<&UnitRef>,
    once: &str,
    words: &Words,
) -> Result<Kept> {
    let now = site.clock.now();
    let content = format!("{:?} {words:?}", unit.map(|unit| &unit.id));
    // Made of the form and whoever sends it: nobody chooses the address of an article.
    let mut id = if kernel::id::is_made(once) {
        let by = may.right().actor().map_or("", kernel::MemberId::as_str);
        site.keys.id_of_form("news_article", by, once)
    } else {
        site.dice.uuid(now)
    };
    // What another person has under that id is no answer to this one.
    let form = id.clone();
    if let Sent::Other(known) = sent::find(site, &form, &content).await? {
        return Ok(Kept::Other(known));
    }
    let plain = article::slug(&words.title);
    let mut slug = plain.clone();
    for _ in 0..TRIES {
        let mut act = may.clone().begin(site, frame, "article.write").await?;
        let unit_id = unit.map(|unit| unit.id.as_str());
        match store::add(&mut act, &id, &slug, unit_id, words, now).await {
            Err(error) if store::is_slug_taken(&error) => {
                slug = article::slug_again(&plain, &site.dice)
            }
            Err(error) => return Err(error),
            Ok(Added::New) => {
                sent::note(&mut act, &form, &content, &id).await?;
                act.line().object("article", &id);
                act.end().await?;
                return Ok(Kept::At(id));
            }
            Ok(Added::Before) => {
                let known = sent::get(&mut act, &form, &content).await?;
                act.leave().await?;
                return Ok(match known {
                    Sent::Same(_) => Kept::At(id),
                    _ => Kept::Other(id),
                });
            }
            Ok(Added::Taken) => {
                act.leave().await?;
                id = site.dice.uuid(now);
            }
        }
    }
    Err(Error::Busy { retry_s: 2 })
}

/// `GET /news/{id}/edit`.
pub(crate) async fn get(
    State(site): State<Site>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
) -> Answer {
    let held = access::find_editable(&site, &who, &id).await?;
    let page = page_of(&site, &frame, &held, form_of(&held.article)).await?;
    frame.html(&page)
}

/// The form as it is opened.
fn form_of(row: &store::Article) -> FormState {
    FormState::new()
        .with("section", row.section_id.clone())
        .with("title", row.title.clone())
        .with("lead", row.lead.clone())
        .with("body", row.body_md.clone())
        .with("author", row.author.clone())
        .with("source", row.source.clone())
        .with("photo_alt", row.photo_alt.clone())
        .with("photo_caption", row.photo_caption.clone())
        .with("photo_credit", row.photo_credit.clone())
        .with("row_version", row.row_version.to_string())
}

/// `POST /news/{id}/edit`.
pub(crate) async fn post(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    who: Member,
    Path(id): Path<String>,
    form: Form<Typed>,
) -> Answer {
    let held = access::find_editable(&site, &who, &id).await?;
    let typed = form.value;
    let words = typed.words();
    let note = clean(&typed.edit_note);
    let mut page = page_of(&site, &frame, &held, FormState::typed(form.pairs)).await?;
    judge(&frame, &words, &page.sections, &mut page.form);
    if held.article.is_published() && note.is_empty() {
        page.form
            .fail("edit_note", frame.t("news-edit-note-missing"));
    }
    if page.form.is_good() && typed.act == "preview" {
        page.preview = Some(preview(&site, &frame, &words, &page.sections, Some(&held)).await?);
        return frame.html(&page);
    }
    let is_stale = typed.row_version != held.article.row_version.to_string();
    if page.form.is_good() && (is_stale || !change(&site, &frame, &held, &words, &note).await?) {
        let now = access::find_editable(&site, &who, &id).await?;
        let acts = [
            "article.change",
            "article.photo",
            "article.publish",
            "article.withdraw",
        ];
        let saved = people::saved::last(&site, &frame, &who, ("article", &id), &acts).await?;
        page.form
            .changed(&form_of(&now.article), "row_version", &saved);
    }
    if !page.form.is_good() {
        return frame.html_status(page.form.status(), &page);
    }
    desk.bump();
    Ok(see_other(format!("/news/{id}"))
        .flash("news-edit-saved")
        .into_response())
}

/// Keeps a changed text; `false` when somebody else was faster.
async fn change(
    site: &Site,
    frame: &Frame,
    may: &CanEdit,
    words: &Words,
    note: &str,
) -> Result<bool> {
    let row = &may.article;
    let follows_title = row.published_at.is_none() && row.title != words.title;
    let plain = if follows_title {
        article::slug(&words.title)
    } else {
        row.slug.clone()
    };
    let mut slug = plain.clone();
    let edit = store::Edit {
        at: row.is_published().then(|| site.clock.now()),
        note,
    };
    for _ in 0..TRIES {
        let mut act = may.clone().begin(site, frame, "article.change").await?;
        match store::set_words(&mut act, row, &slug, words, &edit).await {
            Err(error) if store::is_slug_taken(&error) => {
                slug = article::slug_again(&plain, &site.dice);
                continue;
            }
            Err(error) => return Err(error),
            Ok(false) => return Ok(false),
            Ok(true) => {}
        }
        act.line().reason(note);
        if row.is_published() {
            act.changed(crate::feed::KIND, &row.id);
        }
        act.end().await?;
        return Ok(true);
    }
    Err(Error::Busy { retry_s: 2 })
}

#[cfg(test)]
mod tests {
    use crate::tests::{draft, publish};
    use testkit::{THU, on_both};

    const GOOD: &[(&str, &str)] = &[
        ("section", "section-study"),
        ("title", "Lớp dạy dùng điện thoại"),
        ("lead", "Hai mươi bác trên 60 tuổi."),
        ("body", "Đoạn **một**.\n\nĐoạn hai."),
        ("author", "Phạm Minh Thu"),
    ];

    #[tokio::test(flavor = "multi_thread")]
    async fn a_draft_is_previewed_saved_and_not_yet_public() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                let mut fields = GOOD.to_vec();
                fields.push(("do", "preview"));
                let preview = thu.post("/news/new", &fields).await.expects(200);
                assert_eq!(preview.text(".prose strong"), "một");
                assert_eq!(
                    preview.attributes("input[name=title]", "value"),
                    ["Lớp dạy dùng điện thoại"]
                );
                assert_eq!(app.count("select count(*) from news_article").await, 0);
                let saved = thu.post_and_follow("/news/new", GOOD).await.expects(200);
                assert_eq!(saved.text("h1"), "Lớp dạy dùng điện thoại");
                app.stranger()
                    .get("/articles/lop-day-dung-dien-thoai")
                    .await
                    .expects(404);
                assert!(!app.stranger().get("/").await.has(".story"));
                // The same title again gets another address.
                thu.post("/news/new", GOOD).await.expects(303);
                assert_eq!(app.count("select count(*) from news_article").await, 2);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn another_text_under_the_key_of_a_form_that_was_taken_is_asked_about_and_never_lost() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                let drawn = thu.get("/news/new").await;
                let once = drawn.attributes("input[name=once]", "value").remove(0);
                let mut fields = GOOD.to_vec();
                fields.push(("once", &once));
                let at = thu.post("/news/new", &fields).await.expects(303).location();
                // Back, and on with the text: the same key, another content.
                let mut other = fields.clone();
                other[3].1 = "Đoạn khác hẳn.";
                let asked = thu.post("/news/new", &other).await.expects(422);
                assert_eq!(asked.all("textarea[name=body]"), ["Đoạn khác hẳn."]);
                assert_eq!(asked.attributes("#errors a", "href"), [at.as_str()]);
                let fresh = asked.attributes("input[name=once]", "value").remove(0);
                assert_ne!(fresh, once);
                assert_eq!(app.count("select count(*) from news_article").await, 1);
                // Sent once more it is another one; the first form again is the first.
                other.retain(|(name, _)| *name != "once");
                other.push(("once", &fresh));
                let second = thu.post("/news/new", &other).await.expects(303).location();
                assert_ne!(second, at);
                let again = thu.post("/news/new", &fields).await.expects(303).location();
                assert_eq!(again, at);
                assert_eq!(app.count("select count(*) from news_article").await, 2);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_form_that_is_sent_twice_makes_one_article() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                let once = thu
                    .get("/news/new")
                    .await
                    .attributes("input[name=once]", "value")
                    .remove(0);
                let mut fields = GOOD.to_vec();
                fields.push(("once", &once));
                // What was looked at first, or refused, is still the same form.
                let mut looked = fields.clone();
                looked.push(("do", "preview"));
                let preview = thu.post("/news/new", &looked).await.expects(200);
                assert_eq!(
                    preview.attributes("input[name=once]", "value"),
                    [once.as_str()]
                );
                let (one, two) = tokio::join!(
                    thu.post("/news/new", &fields),
                    thu.post("/news/new", &fields)
                );
                let at = one.expects(303).location();
                assert_ne!(at, format!("/news/{once}"), "no form names an id");
                assert_eq!(two.expects(303).location(), at);
                assert_eq!(app.count("select count(*) from news_article").await, 1);
                let written = "select count(*) from audit_event where action = 'article.write'";
                assert_eq!(app.count(written).await, 1);
                // Another person's form is never answered with hers.
                app.sets("update news_article set created_by = 'other'")
                    .await;
                let third = thu.post("/news/new", &fields).await.expects(303);
                assert_ne!(third.location(), at);
                assert_eq!(app.count("select count(*) from news_article").await, 2);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn trouble_keeps_what_was_typed_and_forgery_is_refused() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let thu = app.as_(THU);
                let reply = thu
                    .post(
                        "/news/new",
                        &[("title", " "), ("body", "Chữ đã gõ"), ("section", "x")],
                    )
                    .await
                    .expects(422);
                assert_eq!(reply.all(".err").len(), 2);
                assert_eq!(reply.text("textarea[name=body]"), "Chữ đã gõ");
                thu.post_forged("/news/new", GOOD).await.expects(403);
                assert_eq!(app.count("select count(*) from news_article").await, 0);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_is_slower_does_not_write_over_the_faster() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let id = draft(&app, "Một").await;
                let path = format!("/news/{id}/edit");
                let thu = app.as_(THU);
                let version = thu
                    .get(&path)
                    .await
                    .attributes("input[name=row_version]", "value")
                    .remove(0);
                let mut fields = GOOD.to_vec();
                fields.push(("row_version", &version));
                thu.post(&path, &fields).await.expects(303);
                let late = thu.post(&path, &fields).await.expects(409);
                assert_eq!(
                    late.text("textarea[name=lead]"),
                    "Hai mươi bác trên 60 tuổi."
                );
                assert_eq!(
                    app.count(
                        "select count(*) from news_article where slug = 'lop-day-dung-dien-thoai'"
                    )
                    .await,
                    1
                );
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_published_text_says_that_it_was_changed_and_why() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let id = draft(&app, "Một").await;
                publish(&app, &id).await;
                let path = format!("/news/{id}/edit");
                let thu = app.as_(THU);
                let version = thu
                    .get(&path)
                    .await
                    .attributes("input[name=row_version]", "value")
                    .remove(0);
                let mut fields = GOOD.to_vec();
                fields.push(("row_version", &version));
                let silent = thu.post(&path, &fields).await.expects(422);
                assert!(silent.has("#e-edit_note"));
                fields.push(("edit_note", "đã sửa số hộ"));
                thu.post(&path, &fields).await.expects(303);
                // The address stays: others link to it.
                let page = app.stranger().get("/articles/mot").await.expects(200);
                assert_eq!(page.text("h1"), "Lớp dạy dùng điện thoại");
                assert!(
                    page.text(".source")
                        .ends_with("Sửa lần cuối 23/11/2026, 19:00: đã sửa số hộ")
                );
            },
        )
        .await;
    }
}
