//! Two short pages: what the portal does with its readers' traces, and whom to write to.
//!
//! The texts are the settings `portal.privacy` and `portal.contact` (Markdown); until somebody sets
//! them, a text of ours stands there.

use super::Shell;
use crate::desk::{Asked, Desk, Kept, Kind};
use crate::{markdown, store};
use askama::Template;
use axum::extract::{Extension, State};
use kernel::error::Error;
use site::Site;
use std::sync::Arc;
use web::{Answer, Frame};

#[derive(Template)]
#[template(path = "news/about.html")]
struct Page {
    frame: Frame,
    shell: Shell,
    title: String,
    body: String,
}

/// `GET /privacy`.
pub(crate) async fn privacy(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    asked: Asked,
) -> Answer {
    let (title, text) = (frame.t("news-privacy-title"), frame.t("news-privacy-text"));
    show(&site, &desk, &frame, &asked, "portal.privacy", title, text).await
}

/// `GET /contact`.
pub(crate) async fn contact(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    frame: Frame,
    asked: Asked,
) -> Answer {
    let (title, text) = (
        frame.t("news-contact-title"),
        frame.t1("news-contact-text", "org", &frame.org().name),
    );
    show(&site, &desk, &frame, &asked, "portal.contact", title, text).await
}

async fn show(
    site: &Site,
    desk: &Desk,
    frame: &Frame,
    asked: &Asked,
    setting: &str,
    title: String,
    ours: String,
) -> Answer {
    let kept = match desk.find(Kind::About, frame, setting) {
        Some(kept) => kept,
        None => {
            let version = desk.version();
            let set = store::settings(site)
                .await?
                .remove(setting)
                .filter(|text| !text.trim().is_empty());
            let body = markdown::html(&set.unwrap_or(ours), |text| {
                let mut out = String::new();
                web::link::escape(text, &mut out);
                out
            });
            let page = Page {
                frame: frame.clone(),
                shell: Shell::of(site, setting).await?,
                title,
                body,
            };
            let html = page.render().map_err(Error::fault)?;
            desk.keep(
                Kind::About,
                frame,
                setting.to_owned(),
                version,
                Kept::cut(&html, frame, &[], None),
            )
        }
    };
    Ok(desk.answer(site, frame, asked, &kept))
}

#[cfg(test)]
mod tests {
    use testkit::on_both;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_short_pages_hold_our_text_until_somebody_sets_one() {
        on_both(
            || vec![crate::room()],
            async |app| {
                let page = app.stranger().get("/privacy").await.expects(200);
                assert_eq!(page.text("h1"), "Quyền riêng tư");
                let here = page.attributes("[aria-current=page]", "href");
                assert_eq!(here, ["/privacy"], "where the visitor is, is marked");
                assert!(page.text(".prose").contains("không lưu địa chỉ"));
                let mut act = app.act().await;
                let text = "Gọi **số trực**.";
                site::settings::set(&mut act, "portal.contact", text)
                    .await
                    .unwrap();
                act.end().await.unwrap();
                let page = app.stranger().get("/contact").await.expects(200);
                assert_eq!(page.text(".prose strong"), "số trực");
            },
        )
        .await;
    }
}
