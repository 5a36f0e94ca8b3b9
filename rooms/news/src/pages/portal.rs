//! The portal's own settings: line on the banner, contact, privacy, names of the sections; and the
//! banner's picture, in a form of its own. For whoever runs the installation.
//!
//! Not here: the organisation's names (`admin`), articles. The outside address stands in the settings
//! file, because mail and feeds need it before anybody signs in; the page only says what it is.

use super::photo::{self, Sent};
use crate::access::CanKeep;
use crate::article::clean;
use crate::desk::Desk;
use crate::picture::{self, NotTaken};
use crate::store::{self, Section};
use askama::Template;
use axum::extract::{Extension, State};
use axum::response::IntoResponse as _;
use kernel::error::{Error, Result};
use sha2::{Digest as _, Sha256};
use site::{May as _, Site, settings};
use std::collections::HashMap;
use std::sync::Arc;
use web::parcel::{Sealed, WayBack};
use web::{Answer, Form, FormState, Frame, Member, see_other};

const PAGE: &str = "/admin/portal";
/// Characters of the line on the banner and of a section's name.
const LINE: usize = 120;
/// Characters of a text.
const TEXT: usize = 8_000;

#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(crate) struct Typed {
    version: String,
    banner_text: String,
    contact: String,
    privacy: String,
    section_id: Vec<String>,
    section: Vec<String>,
    new_section: String,
}

#[derive(Template)]
#[template(path = "news/portal_settings.html")]
struct Page {
    frame: Frame,
    form: FormState,
    /// Id, name as typed, and what is wrong with it.
    sections: Vec<(String, String, bool)>,
    banner: String,
    address: String,
}

/// What is set now, by name of the field.
struct Now {
    settings: HashMap<String, String>,
    sections: Vec<Section>,
}

impl Now {
    async fn read(site: &Site) -> Result<Now> {
        Ok(Now {
            settings: store::settings(site).await?,
            sections: store::list_sections(site).await?,
        })
    }
    fn get(&self, name: &str) -> &str {
        self.settings.get(name).map_or("", String::as_str)
    }
    /// A fingerprint: a form that was drawn from something else is stale.
    fn version(&self) -> String {
        let mut hash = Sha256::new();
        for name in TEXTS {
            hash.update(self.get(name).as_bytes());
            hash.update([0]);
        }
        for section in &self.sections {
            hash.update(section.name.as_bytes());
            hash.update([0]);
        }
        (hash.finalize().iter().take(12))
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

const TEXTS: [&str; 3] = ["portal.banner_text", "portal.contact", "portal.privacy"];

fn may(who: &Member, frame: &Frame) -> Result<CanKeep> {
    CanKeep::of(&who.actor, frame.today())
}

fn draw(
    frame: &Frame,
    now: &Now,
    form: FormState,
    sections: Vec<(String, String, bool)>,
) -> Answer {
    let status = form.status();
    let banner = now.get("portal.banner").get(..12);
    let page = Page {
        frame: frame.clone(),
        form,
        sections,
        banner: banner.map_or_else(String::new, |head| format!("/portal/banner?v={head}")),
        address: now.get("portal.public_url").to_owned(),
    };
    frame.html_status(status, &page)
}

/// `GET /admin/portal`.
pub(crate) async fn get(State(site): State<Site>, frame: Frame, who: Member) -> Answer {
    may(&who, &frame)?;
    let now = Now::read(&site).await?;
    let form = form_of(&now);
    let sections = (now.sections.iter())
        .map(|section| (section.id.clone(), section.name.clone(), false))
        .collect();
    draw(&frame, &now, form, sections)
}

/// The form as it is opened, its sections apart.
fn form_of(now: &Now) -> FormState {
    FormState::new()
        .with("banner_text", now.get("portal.banner_text"))
        .with("contact", now.get("portal.contact"))
        .with("privacy", now.get("portal.privacy"))
        .with("version", now.version())
}

fn one_line(text: &str) -> String {
    clean(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// `POST /admin/portal`.
pub(crate) async fn post(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    who: Member,
    form: Form<Typed>,
) -> Answer {
    let may = may(&who, &frame)?;
    let now = Now::read(&site).await?;
    let typed = form.value;
    let mut state = FormState::typed(form.pairs);
    let texts = [
        ("banner_text", one_line(&typed.banner_text), LINE),
        ("contact", clean(&typed.contact), TEXT),
        ("privacy", clean(&typed.privacy), TEXT),
    ];
    for (field, text, most) in &texts {
        if text.chars().count() > *most {
            state.fail(field, frame.t1("news-portal-long", "n", *most));
        }
    }
    let mut sections = Vec::new();
    for (id, name) in typed.section_id.iter().zip(&typed.section) {
        let name = one_line(name);
        let is_bad = name.is_empty() || name.chars().count() > LINE;
        if is_bad {
            state.fail("section", "news-portal-section-odd");
        }
        sections.push((id.clone(), name, is_bad));
    }
    let new_section = one_line(&typed.new_section);
    let names = sections.iter().map(|(_, name, _)| name);
    if new_section.chars().count() > LINE {
        state.fail("new_section", frame.t1("news-portal-long", "n", LINE));
    }
    let mut seen: Vec<String> = names.map(|name| vietnamese::fold(name)).collect();
    seen.sort();
    if seen.windows(2).any(|pair| pair[0] == pair[1]) {
        state.fail("section", "news-portal-section-twice");
    }
    seen.extend(now.sections.iter().map(|held| vietnamese::fold(&held.name)));
    // One that is there already was added by the same form before.
    let is_new = !new_section.is_empty() && !seen.contains(&vietnamese::fold(&new_section));
    if !state.is_good() {
        return draw(&frame, &now, state, sections);
    }
    let mut diff = serde_json::Map::new();
    let mut set = Vec::new();
    for (name, (_, text, _)) in TEXTS.iter().zip(&texts) {
        if now.get(name) != text {
            diff.insert((*name).to_owned(), serde_json::json!([now.get(name), text]));
            set.push((*name, text.clone()));
        }
    }
    let mut renamed = Vec::new();
    for (id, name, _) in &sections {
        let known = now.sections.iter().find(|section| section.id == *id);
        if let Some(known) = known.filter(|known| known.name != *name) {
            diff.insert(
                format!("section {}", known.slug),
                serde_json::json!([known.name, name]),
            );
            renamed.push((id.clone(), name.clone()));
        }
    }
    if is_new {
        diff.insert("new section".into(), serde_json::json!(["", new_section]));
    }
    if diff.is_empty() {
        return Ok(see_other(PAGE).flash("news-portal-same").into_response()); // or sent twice
    }
    let mut act = may.begin(&site, &frame, "setting.change").await?;
    // Two who save at once wait here for one another; then it is seen whether somebody was faster.
    let operation = act.operation().to_owned();
    settings::set(&mut act, "portal.edited", &operation).await?;
    let newest = Now::read(&site).await?;
    if typed.version != newest.version() {
        act.leave().await?;
        let of = ("setting", "portal");
        let saved = people::saved::last(&site, &frame, &who, of, &["setting.change"]).await?;
        state.changed(&form_of(&newest), "version", &saved);
        return draw(&frame, &newest, state, sections);
    }
    for (name, text) in &set {
        settings::set(&mut act, name, text).await?;
    }
    for (id, name) in &renamed {
        store::set_section_name(&mut act, id, name).await?;
    }
    if is_new {
        store::section_named(&mut act, &new_section).await?;
    }
    act.line().diff(&serde_json::Value::Object(diff));
    act.end().await?;
    desk.bump();
    Ok(see_other(PAGE).flash("news-portal-done").into_response())
}

/// `POST /admin/portal/banner`: a picture, cleaned like a photo; or none any more.
pub(crate) async fn post_banner(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    who: Member,
    sealed: Sealed,
) -> Answer {
    let may = may(&who, &frame)?;
    let back = WayBack {
        to: PAGE.to_owned(),
        label: "news-portal-again",
        too_big: "news-photo-too-big",
    };
    let parcel = sealed.open(&frame, back.clone()).await?;
    let (value, done) = match photo::read(parcel, &back).await? {
        Sent::Remove => (String::new(), "news-portal-banner-removed"),
        Sent::Picture(bytes) if bytes.is_empty() => {
            return Err(back.refuse("news-photo-none", 422).into());
        }
        Sent::Picture(bytes) => {
            let read = tokio::task::spawn_blocking(move || picture::read(&bytes))
                .await
                .map_err(Error::fault)?;
            let picture = read.map_err(|why| match why {
                NotTaken::Kind => back.refuse("news-photo-kind", 422),
                NotTaken::Damaged => back.refuse("news-photo-damaged", 422),
            })?;
            let kind = picture.kind.as_str();
            let file = (site.files.put_bytes(picture.bytes).await).map_err(Error::fault)?;
            (format!("{}.{kind}", file.sha256), "news-portal-banner-done")
        }
    };
    let mut act = may.begin(&site, &frame, "setting.change").await?;
    settings::set(&mut act, "portal.banner", &value).await?;
    act.line()
        .object("setting", "portal.banner")
        .diff(&serde_json::json!({ "portal.banner": value }));
    act.end().await?;
    desk.bump();
    Ok(see_other(PAGE).flash(done).into_response())
}

#[cfg(test)]
mod tests {
    use super::PAGE;
    use crate::picture::tests::small_png;
    use crate::tests::send_file;
    use testkit::{BINH, HOA, LAN, THU, TestApp, on_both};

    async fn version(app: &TestApp) -> String {
        let page = app.as_(BINH).get(PAGE).await.expects(200);
        page.attributes("[name=version]", "value")[0].clone()
    }
    fn typed<'a>(version: &'a str, contact: &'a str, first: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("version", version),
            ("banner_text", "Gần dân"),
            ("contact", contact),
            ("privacy", ""),
            ("section_id", "section-study"),
            ("section", first),
            ("new_section", "Thông báo"),
        ]
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_portal_says_what_was_set_from_the_next_page_on() {
        on_both(
            || vec![crate::room()],
            async |app| {
                app.stranger().get("/contact").await.expects(200);
                let at = version(&app).await;
                let form = typed(&at, "Gọi **số trực**.", "Học tập");
                app.as_(BINH).post(PAGE, &form).await.expects(303);
                app.as_(BINH).post(PAGE, &form).await.expects(303);
                let page = app.stranger().get("/contact").await.expects(200);
                assert_eq!(page.text(".prose strong"), "số trực");
                let front = app.stranger().get("/").await.expects(200);
                assert!(front.body().contains("Thông báo") && front.body().contains("Học tập<"));
                let logged = "select count(*) from audit_event where action = 'setting.change' \
                     and actor_id = 'binh' and object_id = 'portal'";
                assert_eq!(app.count(logged).await, 1);
                // Drawn before that change: nothing is written over it.
                let stale = typed(&at, "Gọi ai khác.", "Học tập");
                app.as_(BINH).post(PAGE, &stale).await.expects(409);
                assert_eq!(app.count("select count(*) from news_section").await, 5);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn trouble_and_others_change_nothing() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let at = version(&app).await;
                let long = "x".repeat(8_001);
                for (form, field) in [
                    (typed(&at, &long, "Học tập"), "contact"),
                    (typed(&at, "", " "), "section"),
                ] {
                    let page = app.as_(BINH).post(PAGE, &form).await.expects(422);
                    assert!(page.has(&format!("#e-{field}")), "{field}");
                }
                let form = typed(&at, "x", "Học tập");
                for who in [HOA, LAN, THU] {
                    app.as_(who).get(PAGE).await.expects(404);
                    app.as_(who).post(PAGE, &form).await.expects(404);
                }
                app.as_(BINH).post_forged(PAGE, &form).await.expects(403);
                app.stranger().get(PAGE).await.expects(303);
                assert_eq!(app.count("select count(*) from admin_setting").await, 0);
            },
        )
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_banner_is_sent_shown_and_taken_away_by_who_runs_the_house() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let path = "/admin/portal/banner";
                let page = app.as_(BINH).get(PAGE).await;
                let token = page.attributes("[name=csrf]", "value")[0].clone();
                let png = small_png();
                assert_eq!(send_file(&app, BINH, path, None, &png).await, 403);
                assert_eq!(send_file(&app, THU, path, Some(&token), &png).await, 404);
                assert_eq!(send_file(&app, BINH, path, Some(&token), b"x").await, 422);
                assert_eq!(app.count("select count(*) from admin_setting").await, 0);
                assert_eq!(send_file(&app, BINH, path, Some(&token), &png).await, 303);
                app.stranger().get("/portal/banner").await.expects(200);
                assert!(
                    app.as_(BINH)
                        .get(PAGE)
                        .await
                        .has("img[src^='/portal/banner']")
                );
                assert_eq!(send_file(&app, BINH, path, Some(&token), b"").await, 422);
            },
        )
        .await;
    }
}
